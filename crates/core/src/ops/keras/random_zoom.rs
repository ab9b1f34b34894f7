//! `keras.random_zoom`: zooms the image, as Keras' `RandomZoom` does.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::common::{Factor, Filled, bilinear, check_fill, moved, placed, reflect};
use crate::base::{Canvas, Shape, Stream};
use crate::kernels::keras_layers::warp::{self, Fill, Interpolation, Matrix};
use crate::ops::{Doc, Op, Placement, Problem, ShapeOut};

/// Zooms the image, as Keras' `RandomZoom` does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KerasRandomZoom {
    /// How much more of the height is shown, to either side, or from the smaller of two to the larger: 0.2 shows
    /// 1.2 times as much, so that the content shrinks.
    pub height_factor: Factor,
    /// The same of the width; without it both axes zoom alike.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width_factor: Option<Factor>,
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

/// How much of one image is shown.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// Of the height; above 1 the content shrinks.
    pub height: f32,
    /// Of the width.
    pub width: f32,
    /// How the image is read.
    pub filled: Filled,
}

impl Drawn {
    fn matrix(&self, on: Shape) -> Matrix {
        warp::zoom(self.height, self.width, on)
    }
}

impl Op for KerasRandomZoom {
    type Drawn = Drawn;

    const DOC: Doc = Doc {
        summary: "Zooms the image, as Keras' RandomZoom does.",
        notes: "Uniform in how much is shown, not in the scale of the content. Floats are rounded half to even and clipped.",
        short: Some("height_factor"),
        examples: &[
            "keras.random_zoom: 0.2",
            "keras.random_zoom: { height_factor: [-0.3, -0.1], width_factor: [0.1, 0.2], fill_mode: nearest }",
            "keras.random_zoom: { height_factor: [0.1, 0.5], fill_mode: constant, fill_value: 9, interpolation: nearest }",
        ],
    };

    fn check(&self) -> Result<(), Problem> {
        self.height_factor.check("height_factor", -1.0..=1.0)?;
        if let Some(factor) = self.width_factor {
            factor.check("width_factor", -1.0..=1.0)?;
        }
        check_fill(self.fill_value)
    }

    fn shape_out(&self, _: Shape) -> ShapeOut {
        ShapeOut::Same
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Drawn {
        let mut zoom = |factor: Factor| {
            let [low, high] = factor.around();
            rng.uniform(1.0 + low, 1.0 + high) as f32
        };
        let height = zoom(self.height_factor);
        let width = self.width_factor.map_or(height, zoom);
        let filled = Filled {
            fill_mode: self.fill_mode,
            interpolation: self.interpolation,
            fill_value: self.fill_value as f32,
        };
        Drawn { height, width, filled }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        moved(canvas, &drawn.matrix(canvas.shape()), drawn.filled);
    }

    fn place(drawn: &Drawn, on: Shape) -> Placement {
        placed(&drawn.matrix(on), on)
    }
}
