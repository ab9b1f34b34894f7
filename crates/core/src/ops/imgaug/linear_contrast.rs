//! `linear_contrast`: stretches the distance to middle gray.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::base::{Canvas, Shape, Stream};
use crate::kernels::point;
use crate::ops::counterpart::{Class, Form};
use crate::ops::{Doc, Op, Param, PerChannel, Placement, Problem, ShapeOut};

/// Stretches the distance of all pixels to middle gray.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LinearContrast {
    /// Factor of the distance: below 1 lessens contrast, above 1 strengthens it, below 0 inverts as well.
    pub alpha: Param,
    /// Probability of a value for each channel of its own instead of one for all.
    pub per_channel: PerChannel,
}

impl Default for LinearContrast {
    fn default() -> Self {
        Self { alpha: Param::Range(0.6, 1.4), per_channel: PerChannel::default() }
    }
}

/// How the contrast of one image changes.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// Factors, one for each channel; a gray image uses the first.
    pub alpha: [f32; 3],
}

impl Op for LinearContrast {
    type Drawn = Drawn;

    const IMGAUG: &'static [Class] = &[
        Class {
            name: "LinearContrast",
            params: &[("alpha", "alpha", Form::Number), ("per_channel", "per_channel", Form::Chance)],
        },
        Class {
            name: "ContrastNormalization",
            params: &[("alpha", "alpha", Form::Number), ("per_channel", "per_channel", Form::Chance)],
        },
    ];

    const DOC: Doc = Doc {
        summary: "Stretches the distance of all pixels to middle gray.",
        notes: "Computes 127 + alpha (v - 127), clipped to 0..255 and cut off, not rounded.",
        short: Some("alpha"),
        examples: &[
            "linear_contrast: 0.75",
            "linear_contrast: [0.5, 2.0]",
            "linear_contrast: { alpha: [0.5, 2.0], per_channel: 0.5 }",
        ],
    };

    fn check(&self) -> Result<(), Problem> {
        self.alpha.check("alpha", f64::NEG_INFINITY..=f64::INFINITY)?;
        self.per_channel.check("per_channel")
    }

    fn shape_out(&self, _: Shape) -> ShapeOut {
        ShapeOut::Same
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Drawn {
        let per_channel = self.per_channel.draw(rng);
        Drawn { alpha: self.alpha.draw_channels(per_channel, rng) }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        canvas.in_place(|image, _| point::linear_contrast(image, drawn.alpha));
    }

    fn place(_: &Drawn, _: Shape) -> Placement {
        Placement::Unmoved
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::{draws, painted};

    #[test]
    fn middle_gray_stays_and_dark_is_spread() {
        let op = LinearContrast { alpha: Param::Range(0.5, 2.0), per_channel: PerChannel(1.0) };
        let values: Vec<Vec<u8>> =
            draws(&op, 4000).map(|drawn| painted::<LinearContrast>(&drawn, &[64, 127, 64])).collect();
        assert!(values.iter().all(|v| v[1] == 127));
        let dark = || values.iter().map(|v| v[0]);
        assert_eq!((dark().min(), dark().max()), (Some(1), Some(95)));
        assert!(values.iter().filter(|v| v[0] != v[2]).count() > 3800);
    }
}
