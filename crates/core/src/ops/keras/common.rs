//! What Keras' layers share: factors, fills, versions, and painting by way of floats.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::base::{Canvas, Scratch, Shape};
use crate::kernels::affine;
use crate::kernels::keras::quantize;
use crate::kernels::keras_layers::load;
use crate::kernels::keras_layers::warp::{Fill, Interpolation, Matrix, Sampling, warp};
use crate::ops::range::within;
use crate::ops::{Placement, Problem};

crate::named! {
    for Fill {
        Reflect = "reflect",
        Wrap = "wrap",
        Nearest = "nearest",
        Constant = "constant",
    }
}

crate::named! {
    for Interpolation {
        Nearest = "nearest",
        Bilinear = "bilinear",
    }
}

crate::named! {
    /// Whose rules apply where those of Keras changed.
    pub enum Version {
        /// Those since Keras 3.6.
        Now = "keras3.6",
        /// Those up to Keras 3.5, of Keras 2 as well.
        Before = "keras3.5",
    }
}

impl Version {
    pub(super) fn now() -> Self {
        Self::Now
    }
}

/// A factor as Keras takes it: a number, which stands for a range that the layer says, or two numbers in any order.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "a number or two numbers")]
pub enum Factor {
    /// A number.
    One(f64),
    /// From the smaller to the larger.
    Two([f64; 2]),
}

impl Factor {
    /// A number f is from -f to f, whatever its sign.
    pub(super) fn around(self) -> [f64; 2] {
        self.range(|f| [0.0 - f.abs(), f.abs()])
    }

    /// A number f is from 0 to f.
    pub(super) fn upwards(self) -> [f64; 2] {
        self.range(|f| [0.0, f])
    }

    /// The ends in their order.
    pub(super) fn range(self, of_one: impl FnOnce(f64) -> [f64; 2]) -> [f64; 2] {
        match self {
            Self::One(f) => of_one(f),
            Self::Two([a, b]) => [a.min(b), a.max(b)],
        }
    }

    pub(super) fn check(self, field: &str, legal: std::ops::RangeInclusive<f64>) -> Result<(), Problem> {
        match self {
            Self::One(f) => within(field, &f, &legal),
            Self::Two(ends) => ends.iter().try_for_each(|end| within(field, end, &legal)),
        }
    }
}

/// The fields of layers that move pixels.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Filled {
    /// What is read beyond the image.
    pub fill_mode: Fill,
    /// How values between pixels are found.
    pub interpolation: Interpolation,
    /// The value of fill mode constant.
    pub fill_value: f32,
}

impl Filled {
    pub(super) fn sampling(self) -> Sampling {
        Sampling { fill: self.fill_mode, value: self.fill_value, interpolation: self.interpolation }
    }
}

pub(super) fn reflect() -> Fill {
    Fill::Reflect
}

pub(super) fn bilinear() -> Interpolation {
    Interpolation::Bilinear
}

/// Whether a fill value is one of bytes.
pub(super) fn check_fill(value: f64) -> Result<(), Problem> {
    within("fill_value", &value, &(0.0..=255.0))
}

/// Moves pixels as `matrix` says for the canvas' shape.
pub(super) fn moved(canvas: &mut Canvas, matrix: &Matrix, filled: Filled) {
    let on = canvas.shape();
    redrawn(canvas, on, |values, out, _| warp(values, on, out, matrix, filled.sampling()));
}

/// Where points go that a matrix from output to input moves; nowhere if there is no way back.
pub(super) fn placed(matrix: &Matrix, on: Shape) -> Placement {
    let [a, b, c, d, e, f] = matrix.map(f64::from);
    if (a * e - b * d).abs() < 1e-9 {
        return Placement::Unmoved;
    }
    Placement::Affine { forward: affine::invert(&[[a, b, c], [d, e, f]]), to: on }
}

/// Changes the values of an image as floats; the result is rounded half to even and clipped.
pub(super) fn recolored(canvas: &mut Canvas, change: impl FnOnce(&mut [f32], Shape, &mut Scratch)) {
    canvas.in_place(|mut image, scratch| {
        let mut values = scratch.take_f32(image.data.len());
        load(image.as_image(), &mut values);
        change(&mut values, image.shape, scratch);
        quantize(&values, &mut image);
        scratch.give_f32(values);
    });
}

/// Makes an image of shape `to` of the values of another; rounded as those of [`recolored`].
pub(super) fn redrawn(canvas: &mut Canvas, to: Shape, draw: impl FnOnce(&[f32], &mut [f32], &mut Scratch)) {
    canvas.redraw(to, |src, mut dst, scratch| {
        let mut values = scratch.take_f32(src.data.len());
        load(src, &mut values);
        let mut out = scratch.take_f32(dst.data.len());
        draw(&values, &mut out, scratch);
        quantize(&out, &mut dst);
        scratch.give_f32(values);
        scratch.give_f32(out);
    });
}

/// The methods of an operation that moves nothing.
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
