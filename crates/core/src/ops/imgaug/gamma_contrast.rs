//! `gamma_contrast`: raises values, as shares of 255, to a power.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::common::still;
use crate::base::{Canvas, Shape, Stream};
use crate::kernels::tables;
use crate::ops::counterpart::{Class, Form};
use crate::ops::{Doc, Op, Param, PerChannel, Problem};

/// Raises values, as shares of 255, to a power.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct GammaContrast {
    /// The power, 0..100.
    pub gamma: Param,
    /// Probability of values for each channel of its own instead of one for all.
    pub per_channel: PerChannel,
}

impl Default for GammaContrast {
    fn default() -> Self {
        Self { gamma: Param::Range(0.7, 1.7), per_channel: PerChannel::default() }
    }
}

/// The curve of one image.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// One for each channel; a gray image uses the first.
    pub gamma: [f32; 3],
}

impl Op for GammaContrast {
    type Drawn = Drawn;

    const IMGAUG: &'static [Class] = &[Class {
        name: "GammaContrast",
        params: &[("gamma", "gamma", Form::Number), ("per_channel", "per_channel", Form::Chance)],
    }];

    const DOC: Doc = Doc {
        summary: "Raises values, as shares of 255, to a power.",
        notes: "Results are cut off, not rounded. Below 1 images become brighter, above 1 darker; black and white stay.",
        short: Some("gamma"),
        examples: &["gamma_contrast: 0.5", "gamma_contrast: { gamma: [0.5, 2.0], per_channel: 0.5 }"],
    };

    still!();

    fn check(&self) -> Result<(), Problem> {
        self.gamma.check("gamma", 0.0..=100.0)?;
        self.per_channel.check("per_channel")
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Drawn {
        let per_channel = self.per_channel.draw(rng);
        Drawn { gamma: self.gamma.draw_channels(per_channel, rng) }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        let numbers = [0, 1, 2].map(|c: usize| [drawn.gamma[c], 0.0]);
        canvas.in_place(|image, _| tables::apply_each(image, numbers, |[gamma, _]| tables::gamma(gamma)));
    }
}
