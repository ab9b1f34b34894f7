//! What Albumentations' transforms of pixel values share: the versions, what fills holes, and an image that stays where it is.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::base::Stream;
use crate::kernels::albumentations::Cut;

pub(super) use super::common::{Compat, two};

impl Compat {
    /// How numbers are added to bytes.
    pub(super) fn cut(self) -> Cut {
        match self {
            Self::One => Cut::Sum,
            Self::Two => Cut::Number,
        }
    }
}

crate::named! {
    /// A fill that is drawn.
    pub enum RandomFill {
        /// Each pixel has a color of its own.
        Pixels = "random",
        /// Each hole has one color.
        Holes = "random_uniform",
    }
}

/// What fills holes: one value for all channels, `[red, green, blue]`, `random` or `random_uniform`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "a value of 0..255, one for each of three channels, \"random\" or \"random_uniform\""
)]
pub enum Fill {
    /// All channels.
    One(u8),
    /// Each.
    Each([u8; 3]),
    /// Drawn: a color for each pixel, or for each hole.
    Random(RandomFill),
}

impl Default for Fill {
    fn default() -> Self {
        Self::One(0)
    }
}

impl Fill {
    /// The colors of one hole, pixel by pixel; what is drawn comes from `rng`.
    pub(super) fn colors(self, rng: &mut Stream) -> impl FnMut() -> [u8; 3] {
        fn drawn(rng: &mut Stream) -> [u8; 3] {
            let mut color = [0; 3];
            rng.fill(&mut color);
            color
        }
        let hole = match self {
            Self::One(value) => [value; 3],
            Self::Each(values) => values,
            Self::Random(RandomFill::Holes) => drawn(rng),
            Self::Random(RandomFill::Pixels) => [0; 3],
        };
        move || if self == Self::Random(RandomFill::Pixels) { drawn(rng) } else { hole }
    }
}

/// What all operations that leave the image's size and its pixels' places alone answer.
macro_rules! unmoved {
    () => {
        fn shape_out(&self, _: crate::base::Shape) -> crate::ops::ShapeOut {
            crate::ops::ShapeOut::Same
        }

        fn place(_: &Self::Drawn, _: crate::base::Shape) -> crate::ops::Placement {
            crate::ops::Placement::Unmoved
        }
    };
}

pub(super) use unmoved;
