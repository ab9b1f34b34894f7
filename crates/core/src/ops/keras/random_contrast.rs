//! `keras.random_contrast`: stretches values about the mean of each channel, as Keras' `RandomContrast` does.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::common::{Factor, Version, recolored, unmoved};
use crate::base::{Canvas, Shape, Stream};
use crate::kernels::keras_layers::color;
use crate::ops::{Doc, Op, Problem};

/// Stretches values about the mean of each channel, as Keras' `RandomContrast` does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KerasRandomContrast {
    /// A number f, which stands for 1 to 1 + f (with `compat: keras3.5` 1 - f to 1 + f), or two numbers: from 1 minus
    /// the smaller to 1 plus the larger. The first is within 0..1.
    pub factor: Factor,
    /// `keras3.6`, or the rule up to `keras3.5`.
    #[serde(default = "Version::now")]
    pub compat: Version,
}

/// How one image is stretched.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// 1 changes nothing.
    pub factor: f32,
}

impl KerasRandomContrast {
    /// The range of factors.
    fn bounds(&self) -> [f64; 2] {
        let [less, more] = self.factor.range(|f| match self.compat {
            Version::Now => [0.0, f],
            Version::Before => [f, f],
        });
        [1.0 - less, 1.0 + more]
    }
}

/// Draws the factor that a RandomContrast of `factor` draws since Keras 3.6.
pub(super) fn drawn(factor: Factor, rng: &mut Stream) -> f32 {
    let [low, high] = KerasRandomContrast { factor, compat: Version::Now }.bounds();
    rng.uniform(low, high) as f32
}

impl Op for KerasRandomContrast {
    type Drawn = Drawn;

    const DOC: Doc = Doc {
        summary: "Stretches values about the mean of each channel, as Keras' RandomContrast does.",
        notes: "Since Keras 3.6 a single number only adds contrast, other than its documentation says. The float result is \
                rounded half to even and clipped.",
        short: Some("factor"),
        examples: &[
            "keras.random_contrast: 0.2",
            "keras.random_contrast: { factor: [0.1, 0.4] }",
            "keras.random_contrast: { factor: 0.5, compat: keras3.5 }",
        ],
    };

    unmoved! {}

    fn check(&self) -> Result<(), Problem> {
        match self.factor {
            Factor::One(_) => self.factor.check("factor", 0.0..=1.0),
            Factor::Two([a, b]) => {
                Factor::One(a.min(b)).check("factor", 0.0..=1.0)?;
                Factor::One(a.max(b)).check("factor", 0.0..=1000.0)
            }
        }
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Drawn {
        let [low, high] = self.bounds();
        Drawn { factor: rng.uniform(low, high) as f32 }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        recolored(canvas, |values, on, _| color::contrast(values, on, drawn.factor));
    }
}
