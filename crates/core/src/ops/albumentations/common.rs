//! What Albumentations' geometric transforms share: versions, interpolations, what lies beyond the border.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::base::{Canvas, Shape};
use crate::kernels::affine::{self, Matrix};
use crate::kernels::border::Border;
use crate::kernels::cv::area;
use crate::kernels::cv::warp::{self, Outside};
use crate::ops::{Mesh, Placement, Problem, range};

crate::named! {
    for warp::Interpolation {
        Nearest = "nearest",
        Linear = "linear",
        Cubic = "cubic",
    }
}

crate::named! {
    for area::Interpolation {
        Nearest = "nearest",
        Linear = "linear",
        Cubic = "cubic",
        Area = "area",
    }
}

crate::named! {
    /// The version of Albumentations whose arithmetic and draws an operation has.
    pub enum Compat {
        /// 1.x, as 1.3.1 has them.
        One = "1",
        /// 2.x, as 2.0.8 has them.
        Two = "2",
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

pub(super) fn two() -> Compat {
    Compat::Two
}

pub(super) fn linear() -> warp::Interpolation {
    warp::Interpolation::Linear
}

pub(super) fn plain() -> area::Interpolation {
    area::Interpolation::Linear
}

pub(super) fn constant() -> Border {
    Border::Constant
}

pub(super) fn outside(border: Border, fill: Fill) -> Outside {
    Outside { border, cval: fill.channels() }
}

/// No image may become larger than this on a side.
pub(super) const MOST: usize = 8192;

/// A side of an image that is drawn.
pub(super) fn side(n: f64) -> usize {
    if n >= MOST as f64 { MOST } else { (n as usize).max(1) }
}

/// The shape of an image of another height and width.
pub(super) fn sized(on: Shape, [height, width]: [usize; 2]) -> Shape {
    Shape::new(height, width, on.kind)
}

/// Whether a size is one that images may have.
pub(super) fn check_size(field: &str, size: [usize; 2]) -> Result<(), Problem> {
    size.iter().try_for_each(|side| range::within(field, side, &(1..=4096)))
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

const IDENTITY: Matrix = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]];

/// Draws an image of shape `to`, to whose coordinates `forward` leads.
pub(super) fn paint_affine(
    canvas: &mut Canvas,
    forward: &Matrix,
    to: Shape,
    how: warp::Interpolation,
    outside: Outside,
) {
    if *forward == IDENTITY && to == canvas.shape() {
        return;
    }
    let inverse = affine::invert(forward);
    canvas.redraw(to, |src, dst, scratch| warp::warp_affine(src, dst, &inverse, how, outside, scratch));
}

/// Lines of nodes that tell how points move.
const NODES: usize = 8;

/// The placement of a warp that reads each pixel (column, row) of an image of shape `on` at a place of the old one.
pub(super) fn field(on: Shape, source: impl Fn(usize, usize) -> [f64; 2]) -> Placement {
    if on.pixels() == 0 {
        return Placement::Unmoved;
    }
    Placement::Field(Mesh::new(NODES, NODES, |row, column| {
        let x = column * (on.width - 1) / (NODES - 1);
        let y = row * (on.height - 1) / (NODES - 1);
        (source(x, y), [x as f64, y as f64])
    }))
}
