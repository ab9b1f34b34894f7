//! `keras.random_shear`: shears the image about its upper left pixel, as Keras' `RandomShear` does.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::common::{Factor, Filled, bilinear, check_fill, moved, placed, reflect};
use crate::base::{Canvas, Shape, Stream};
use crate::kernels::keras_layers::warp::{self, Fill, Interpolation, Matrix};
use crate::ops::{Doc, Op, Placement, Problem, ShapeOut};

/// Shears the image about its upper left pixel, as Keras' `RandomShear` does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KerasRandomShear {
    /// Columns for each row, to either side, or from the smaller of two to the larger with a random sign; 0..1.
    #[serde(default = "none")]
    pub x_factor: Factor,
    /// Rows for each column; one sign for both axes.
    #[serde(default = "none")]
    pub y_factor: Factor,
    /// What is read beyond the image: `reflect` (the border pixel repeated), `wrap`, `nearest` or `constant`.
    #[serde(default = "reflect")]
    pub fill_mode: Fill,
    /// `bilinear` or `nearest`.
    #[serde(default = "bilinear")]
    pub interpolation: Interpolation,
    /// The value of fill mode constant, 0..255; the border blends with it.
    #[serde(default)]
    pub fill_value: f64,
}

fn none() -> Factor {
    Factor::One(0.0)
}

/// How one image is sheared.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// Columns for each row.
    pub x: f32,
    /// Rows for each column.
    pub y: f32,
    /// How the image is read.
    pub filled: Filled,
}

impl Drawn {
    fn matrix(&self, _: Shape) -> Matrix {
        warp::shear(self.x, self.y)
    }
}

impl Op for KerasRandomShear {
    type Drawn = Drawn;

    const DOC: Doc = Doc {
        summary: "Shears the image about its upper left pixel, as Keras' RandomShear does.",
        notes: "A pair has one random sign for both axes. Floats are rounded half to even and clipped.",
        short: None,
        examples: &[
            "keras.random_shear: { x_factor: 0.2, y_factor: 0.1 }",
            "keras.random_shear: { x_factor: [0.1, 0.3], fill_mode: constant }",
        ],
    };

    fn check(&self) -> Result<(), Problem> {
        self.x_factor.check("x_factor", 0.0..=1.0)?;
        self.y_factor.check("y_factor", 0.0..=1.0)?;
        check_fill(self.fill_value)
    }

    fn shape_out(&self, _: Shape) -> ShapeOut {
        ShapeOut::Same
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Drawn {
        let sign = if rng.bernoulli(0.5) { 1.0 } else { -1.0 };
        let mut along = |factor: Factor| {
            let [low, high] = factor.around();
            (sign * rng.uniform(low, high)) as f32 + 0.0
        };
        let (x, y) = (along(self.x_factor), along(self.y_factor));
        let filled = Filled {
            fill_mode: self.fill_mode,
            interpolation: self.interpolation,
            fill_value: self.fill_value as f32,
        };
        Drawn { x, y, filled }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        moved(canvas, &drawn.matrix(canvas.shape()), drawn.filled);
    }

    fn place(drawn: &Drawn, on: Shape) -> Placement {
        placed(&drawn.matrix(on), on)
    }
}
