//! `sigmoid_contrast`: bends values by a sigmoid curve.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::common::still;
use crate::base::{Canvas, Shape, Stream};
use crate::kernels::tables;
use crate::ops::counterpart::{Class, Form};
use crate::ops::{Doc, Op, Param, PerChannel, Problem};

/// Bends values by a sigmoid curve.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SigmoidContrast {
    /// Steepness, 0..1000.
    pub gain: Param,
    /// The share of 255 that becomes middle gray, -10..10.
    pub cutoff: Param,
    /// Probability of values for each channel of its own instead of one for all.
    pub per_channel: PerChannel,
}

impl Default for SigmoidContrast {
    fn default() -> Self {
        Self {
            gain: Param::Range(5.0, 6.0),
            cutoff: Param::Range(0.3, 0.6),
            per_channel: PerChannel::default(),
        }
    }
}

/// The curve of one image.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// One for each channel; a gray image uses the first.
    pub gain: [f32; 3],
    /// One for each channel; a gray image uses the first.
    pub cutoff: [f32; 3],
}

impl Op for SigmoidContrast {
    type Drawn = Drawn;

    const IMGAUG: &'static [Class] = &[Class {
        name: "SigmoidContrast",
        params: &[
            ("gain", "gain", Form::Number),
            ("cutoff", "cutoff", Form::Number),
            ("per_channel", "per_channel", Form::Chance),
        ],
    }];

    const DOC: Doc = Doc {
        summary: "Bends values by a sigmoid curve.",
        notes: "A value of share x becomes 255 / (1 + e^(gain (cutoff - x))), cut off.",
        short: Some("gain"),
        examples: &[
            "sigmoid_contrast: 10",
            "sigmoid_contrast: { gain: [5, 20], cutoff: [0.25, 0.75], per_channel: true }",
        ],
    };

    still!();

    fn check(&self) -> Result<(), Problem> {
        self.gain.check("gain", 0.0..=1000.0)?;
        self.cutoff.check("cutoff", -10.0..=10.0)?;
        self.per_channel.check("per_channel")
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Drawn {
        let per_channel = self.per_channel.draw(rng);
        Drawn {
            gain: self.gain.draw_channels(per_channel, rng),
            cutoff: self.cutoff.draw_channels(per_channel, rng),
        }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        let numbers = [0, 1, 2].map(|c: usize| [drawn.gain[c], drawn.cutoff[c]]);
        canvas.in_place(|image, _| {
            tables::apply_each(image, numbers, |[gain, cutoff]| tables::sigmoid(gain, cutoff));
        });
    }
}
