//! `blend_alpha`: two branches, blended by one number.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Argument, Blend, Branches, Combinator, Counterpart, Doc, FIRST_AND_SECOND};
use crate::base::{Scratch, Shape, Stream};
use crate::ops::counterpart::Form;
use crate::ops::{Param, PerChannel, Problem};

/// How much of the first branch is seen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct BlendAlpha {
    /// How much of the first branch is seen, 0..1; up to 0.01 nothing of it, from 0.99 on nothing else.
    pub factor: Param,
    /// Probability of a number for each channel of its own instead of one for all.
    pub per_channel: PerChannel,
}

impl Default for BlendAlpha {
    fn default() -> Self {
        Self { factor: Param::Range(0.0, 1.0), per_channel: PerChannel::default() }
    }
}

/// The numbers of one image.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mask {
    /// One for each channel; a gray image uses the first.
    pub factor: [f32; 3],
}

impl Combinator for BlendAlpha {
    const DOC: Doc = Doc {
        summary: "Blends two branches by one number, drawn for each image.",
        short: None,
        branches: FIRST_AND_SECOND,
        examples: &[
            "blend_alpha: { factor: [0.2, 0.8], first: [invert: 1.0] }",
            "blend_alpha: { factor: [0, 1], per_channel: 0.5, first: [multiply: 0.5], second: [add: 10] }",
        ],
        imgaug: Some(Counterpart {
            names: &[("BlendAlpha", ["foreground", "background"]), ("Alpha", ["first", "second"])],
            positional: 0,
            arguments: &[
                Argument::Param("factor", "factor", Form::Number),
                Argument::Steps(0),
                Argument::Steps(1),
                Argument::Param("per_channel", "per_channel", Form::Chance),
            ],
        }),
    };

    fn check(&self, _: &Branches) -> Result<(), Problem> {
        self.factor.check("factor", 0.0..=1.0)?;
        self.per_channel.check("per_channel")
    }
}

impl Blend for BlendAlpha {
    type Mask = Mask;

    fn draw(&self, _: Shape, rng: &mut Stream) -> Mask {
        let per_channel = self.per_channel.draw(rng);
        Mask { factor: self.factor.draw_channels(per_channel, rng) }
    }

    fn render(mask: &Mask, on: Shape, out: &mut [f32], _: &mut Scratch) {
        let channels = if Self::per_channel(mask) { on.channels() } else { 1 };
        for values in out.chunks_exact_mut(channels) {
            values.copy_from_slice(&mask.factor[..channels]);
        }
    }

    fn per_channel(mask: &Mask) -> bool {
        mask.factor != [mask.factor[0]; 3]
    }
}
