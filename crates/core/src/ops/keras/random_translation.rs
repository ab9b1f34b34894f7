//! `keras.random_translation`: shifts the image, as Keras' `RandomTranslation` does.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::common::{Factor, Filled, bilinear, check_fill, moved, placed, reflect};
use crate::base::{Canvas, Shape, Stream};
use crate::kernels::keras_layers::warp::{self, Fill, Interpolation, Matrix};
use crate::ops::{Doc, Op, Placement, Problem, ShapeOut};

/// Shifts the image, as Keras' `RandomTranslation` does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KerasRandomTranslation {
    /// Fraction of the height, to either side, or from the smaller of two to the larger; positive ones move down.
    pub height_factor: Factor,
    /// Fraction of the width; positive ones move to the right.
    pub width_factor: Factor,
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

/// How one image is shifted, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// To the right.
    pub right: f32,
    /// Down.
    pub down: f32,
    /// How the image is read.
    pub filled: Filled,
}

impl Drawn {
    fn matrix(&self, _: Shape) -> Matrix {
        warp::translation(self.right, self.down)
    }
}

impl Op for KerasRandomTranslation {
    type Drawn = Drawn;

    const DOC: Doc = Doc {
        summary: "Shifts the image, as Keras' RandomTranslation does.",
        notes: "Shifts are not rounded to whole pixels. Floats are rounded half to even and clipped.",
        short: None,
        examples: &[
            "keras.random_translation: { height_factor: 0.1, width_factor: 0.2 }",
            "keras.random_translation: { height_factor: [-0.2, 0.3], width_factor: 0, fill_mode: wrap }",
        ],
    };

    fn check(&self) -> Result<(), Problem> {
        self.height_factor.check("height_factor", -1.0..=1.0)?;
        self.width_factor.check("width_factor", -1.0..=1.0)?;
        check_fill(self.fill_value)
    }

    fn shape_out(&self, _: Shape) -> ShapeOut {
        ShapeOut::Same
    }

    fn draw(&self, on: Shape, rng: &mut Stream) -> Drawn {
        let ([top, bottom], [left, right]) = (self.height_factor.around(), self.width_factor.around());
        let down = (rng.uniform(top, bottom) * on.height as f64) as f32;
        let right = (rng.uniform(left, right) * on.width as f64) as f32;
        let filled = Filled {
            fill_mode: self.fill_mode,
            interpolation: self.interpolation,
            fill_value: self.fill_value as f32,
        };
        Drawn { right, down, filled }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        moved(canvas, &drawn.matrix(canvas.shape()), drawn.filled);
    }

    fn place(drawn: &Drawn, on: Shape) -> Placement {
        placed(&drawn.matrix(on), on)
    }
}
