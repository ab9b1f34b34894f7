//! `keras.random_rotation`: turns the image, as Keras' `RandomRotation` does.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::common::{Factor, Filled, bilinear, check_fill, moved, placed, reflect};
use crate::base::{Canvas, Shape, Stream};
use crate::kernels::keras_layers::warp::{self, Fill, Interpolation, Matrix};
use crate::ops::{Doc, Op, Placement, Problem, ShapeOut};

/// Turns the image, as Keras' `RandomRotation` does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KerasRandomRotation {
    /// Full turns to either side, or from the smaller of two to the larger; positive ones are counter-clockwise.
    pub factor: Factor,
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

/// How one image is turned.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// Degrees counter-clockwise.
    pub angle: f32,
    /// How the image is read.
    pub filled: Filled,
}

impl Drawn {
    fn matrix(&self, on: Shape) -> Matrix {
        warp::rotation(self.angle, on)
    }
}

impl Op for KerasRandomRotation {
    type Drawn = Drawn;

    const DOC: Doc = Doc {
        summary: "Turns the image, as Keras' RandomRotation does.",
        notes: "A factor of 0.1 is 36 degrees to either side. Floats are rounded half to even and clipped.",
        short: Some("factor"),
        examples: &[
            "keras.random_rotation: 0.1",
            "keras.random_rotation: { factor: [0.2, -0.1], fill_mode: constant, fill_value: 37 }",
            "keras.random_rotation: { factor: 0.5, fill_mode: nearest, interpolation: nearest }",
        ],
    };

    fn check(&self) -> Result<(), Problem> {
        self.factor.check("factor", -10_000.0..=10_000.0)?;
        check_fill(self.fill_value)
    }

    fn shape_out(&self, _: Shape) -> ShapeOut {
        ShapeOut::Same
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Drawn {
        let [low, high] = self.factor.around().map(|turns| turns * 360.0);
        let angle = rng.uniform(low, high) as f32;
        let filled = Filled {
            fill_mode: self.fill_mode,
            interpolation: self.interpolation,
            fill_value: self.fill_value as f32,
        };
        Drawn { angle, filled }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        moved(canvas, &drawn.matrix(canvas.shape()), drawn.filled);
    }

    fn place(drawn: &Drawn, on: Shape) -> Placement {
        placed(&drawn.matrix(on), on)
    }
}
