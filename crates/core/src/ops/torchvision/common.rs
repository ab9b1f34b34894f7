//! What torchvision's transforms share: filters, fills, paddings, ranges. They act as on PIL images: Pillow's
//! arithmetic, torchvision's draws.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::base::{Shape, Stream};
use crate::kernels::pil::{self, resample, warp};
use crate::ops::{Problem, range};

crate::named! {
    for warp::Filter {
        Nearest = "nearest",
        Bilinear = "bilinear",
        Bicubic = "bicubic",
    }
}

crate::named! {
    for resample::Filter {
        Nearest = "nearest",
        Bilinear = "bilinear",
        Bicubic = "bicubic",
        Lanczos = "lanczos",
        Box = "box",
        Hamming = "hamming",
    }
}

crate::named! {
    /// What lies around an image.
    pub enum PaddingMode {
        /// The fill.
        Constant = "constant",
        /// The border pixel.
        Edge = "edge",
        /// Mirrored, the border pixel not repeated.
        Reflect = "reflect",
        /// Mirrored, the border pixel repeated.
        Symmetric = "symmetric",
    }
}

crate::named! {
    /// Whose arithmetic torchvision runs.
    #[derive(Default)]
    pub enum Arithmetic {
        /// Pillow's, on pictures.
        #[default]
        Pil = "pil",
        /// Its own, on tensors of bytes.
        Tensor = "tensor",
    }
}

impl Arithmetic {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde asks")]
    pub(super) fn is_pil(&self) -> bool {
        *self == Self::Pil
    }

    /// Whether a filter is one of its samplers.
    pub(super) fn check(self, filter: warp::Filter) -> Result<(), Problem> {
        if self == Self::Tensor && filter == warp::Filter::Bicubic {
            return Err(Problem::new("interpolation", "tensors are sampled nearest or bilinear"));
        }
        Ok(())
    }
}

/// The value of what lies outside: one for all channels, or `[red, green, blue]`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "a value of 0..255, or one for each of three channels")]
pub enum Fill {
    /// All channels.
    One(u8),
    /// Each.
    Each([u8; 3]),
}

impl Default for Fill {
    fn default() -> Self {
        Self::One(0)
    }
}

impl Fill {
    pub(super) fn channels(self) -> [u8; 3] {
        match self {
            Self::One(value) => [value; 3],
            Self::Each(values) => values,
        }
    }
}

impl PaddingMode {
    pub(super) fn margin(self, fill: [u8; 3]) -> pil::Margin {
        match self {
            Self::Constant => pil::Margin::Constant(fill),
            Self::Edge => pil::Margin::Edge,
            Self::Reflect => pil::Margin::Reflect,
            Self::Symmetric => pil::Margin::Symmetric,
        }
    }
}

/// A number that is drawn uniformly between two.
pub(super) fn between([lo, hi]: [f64; 2], rng: &mut Stream) -> f64 {
    if lo == hi { lo } else { rng.uniform(lo, hi) }
}

/// Whether a range is one, and within limits.
pub(super) fn check_range(
    field: &str,
    [lo, hi]: [f64; 2],
    within: std::ops::RangeInclusive<f64>,
) -> Result<(), Problem> {
    for end in [lo, hi] {
        range::within(field, &end, &within)?;
    }
    range::ordered(field, &lo, &hi)
}

/// Whether a size is one that images may have.
pub(super) fn check_size(field: &str, size: [usize; 2]) -> Result<(), Problem> {
    size.iter().try_for_each(|side| range::within(field, side, &(1..=4096)))
}

/// The shape of an image of another height and width.
pub(super) fn sized(on: Shape, [height, width]: [usize; 2]) -> Shape {
    Shape::new(height, width, on.kind)
}
