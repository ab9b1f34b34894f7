//! `keras.random_brightness`: adds one number to all values, as Keras' `RandomBrightness` does.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::common::{Factor, recolored, unmoved};
use crate::base::{Canvas, Shape, Stream};
use crate::kernels::keras_layers::color;
use crate::ops::{Doc, Op, Problem};

/// Adds one number to all values, as Keras' `RandomBrightness` does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KerasRandomBrightness {
    /// Fraction of the full range, to either side, or from the smaller of two to the larger; within -1..1.
    pub factor: Factor,
}

/// What is added to one image.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// In gray levels, not whole ones.
    pub delta: f32,
}

impl Op for KerasRandomBrightness {
    type Drawn = Drawn;

    const DOC: Doc = Doc {
        summary: "Adds one number to all values, as Keras' RandomBrightness does.",
        notes: "All channels get the same. The float result is rounded half to even and clipped.",
        short: Some("factor"),
        examples: &["keras.random_brightness: 0.2", "keras.random_brightness: { factor: [0.3, -0.1] }"],
    };

    unmoved! {}

    fn check(&self) -> Result<(), Problem> {
        self.factor.check("factor", -1.0..=1.0)
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Drawn {
        let [low, high] = self.factor.around();
        Drawn { delta: (255.0 * rng.uniform(low, high)) as f32 }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        recolored(canvas, |values, _, _| color::brightness(values, drawn.delta));
    }
}
