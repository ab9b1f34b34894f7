//! `keras.random_saturation`: multiplies saturations, as Keras' `RandomSaturation` does.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::common::{Factor, recolored, unmoved};
use crate::base::{Canvas, Shape, Stream};
use crate::kernels::keras_layers::color;
use crate::ops::{Doc, Op, Problem};

/// Multiplies saturations, as Keras' `RandomSaturation` does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KerasRandomSaturation {
    /// A number f is from -f to f (half of the images become gray), or two numbers; within -1..1. A drawn u multiplies by
    /// u / (1 - u).
    pub factor: Factor,
    /// `[0, 255]` or `[0, 1]`: the range that images have in Keras, and to which it clips saturations. With the first,
    /// the default there, saturations are in fact not clipped at 1.
    #[serde(default = "bytes")]
    pub value_range: [u8; 2],
}

pub(super) fn bytes() -> [u8; 2] {
    [0, 255]
}

/// How the saturations of one image are changed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// What they are multiplied by.
    pub factor: f32,
    /// What they are at most.
    pub limit: f32,
}

impl Drawn {
    /// Draws a multiplier.
    pub(super) fn of(factor: Factor, value_range: [u8; 2], rng: &mut Stream) -> Self {
        let [low, high] = factor.around();
        let u = rng.uniform(low, high);
        Self { factor: (u / (1.0 - u + 1e-7)) as f32, limit: f32::from(value_range[1]) }
    }
}

/// Whether a range is one of those that images have.
pub(super) fn check_range(range: [u8; 2]) -> Result<(), Problem> {
    match range {
        [0, 1 | 255] => Ok(()),
        _ => Err(Problem::new("value_range", format!("{range:?} is neither [0, 255] nor [0, 1]"))),
    }
}

impl Op for KerasRandomSaturation {
    type Drawn = Drawn;

    const DOC: Doc = Doc {
        summary: "Multiplies saturations, as Keras' RandomSaturation does.",
        notes: "A factor of 0.5 changes nothing, and what is not above 0 makes gray. Gray images stay as they are.",
        short: Some("factor"),
        examples: &[
            "keras.random_saturation: 0.5",
            "keras.random_saturation: { factor: [0.4, 0.8], value_range: [0, 1] }",
        ],
    };

    unmoved! {}

    fn check(&self) -> Result<(), Problem> {
        check_range(self.value_range)?;
        self.factor.check("factor", -1.0..=1.0)
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Drawn {
        Drawn::of(self.factor, self.value_range, rng)
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        recolored(canvas, |values, on, _| color::saturation(values, on, drawn.factor, drawn.limit));
    }
}
