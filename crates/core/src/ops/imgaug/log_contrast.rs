//! `log_contrast`: bends values by a logarithmic curve.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::common::still;
use crate::base::{Canvas, Shape, Stream};
use crate::kernels::tables;
use crate::ops::counterpart::{Class, Form};
use crate::ops::{Doc, Op, Param, PerChannel, Problem};

/// Bends values by a logarithmic curve.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LogContrast {
    /// Factor, -100..100.
    pub gain: Param,
    /// Probability of values for each channel of its own instead of one for all.
    pub per_channel: PerChannel,
}

impl Default for LogContrast {
    fn default() -> Self {
        Self { gain: Param::Range(0.4, 1.6), per_channel: PerChannel::default() }
    }
}

/// The curve of one image.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// One for each channel; a gray image uses the first.
    pub gain: [f32; 3],
}

impl Op for LogContrast {
    type Drawn = Drawn;

    const IMGAUG: &'static [Class] = &[Class {
        name: "LogContrast",
        params: &[("gain", "gain", Form::Number), ("per_channel", "per_channel", Form::Chance)],
    }];

    const DOC: Doc = Doc {
        summary: "Bends values by a logarithmic curve.",
        notes: "A value of share x becomes 255 gain log2(1 + x), cut off and clipped.",
        short: Some("gain"),
        examples: &["log_contrast: 1", "log_contrast: { gain: [0.6, 1.4], per_channel: 0.5 }"],
    };

    still!();

    fn check(&self) -> Result<(), Problem> {
        self.gain.check("gain", -100.0..=100.0)?;
        self.per_channel.check("per_channel")
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Drawn {
        let per_channel = self.per_channel.draw(rng);
        Drawn { gain: self.gain.draw_channels(per_channel, rng) }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        let numbers = [0, 1, 2].map(|c: usize| [drawn.gain[c], 0.0]);
        canvas.in_place(|image, _| tables::apply_each(image, numbers, |[gain, _]| tables::logarithm(gain)));
    }
}
