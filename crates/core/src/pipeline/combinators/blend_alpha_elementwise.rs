//! `blend_alpha_elementwise`: two branches, blended by a number for each pixel.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Argument, Blend, Branches, Combinator, Counterpart, Doc, FIRST_AND_SECOND};
use crate::base::{Scratch, Shape, Stream};
use crate::ops::counterpart::Form;
use crate::ops::imgaug::elementwise::{Each, Numbers};
use crate::ops::{Param, PerChannel, Problem};

/// How much of the first branch is seen of each pixel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct BlendAlphaElementwise {
    /// How much of the first branch is seen, 0..1, drawn for each pixel.
    pub factor: Param,
    /// Probability that each channel has numbers of its own instead of all the same.
    pub per_channel: PerChannel,
}

impl Default for BlendAlphaElementwise {
    fn default() -> Self {
        Self { factor: Param::Range(0.0, 1.0), per_channel: PerChannel::default() }
    }
}

/// The numbers of one image.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mask {
    /// What each pixel draws from.
    pub each: Each,
    /// Whether each channel has numbers of its own.
    pub per_channel: bool,
    /// What the random numbers are expanded from.
    pub key: u64,
}

impl Combinator for BlendAlphaElementwise {
    const DOC: Doc = Doc {
        summary: "Blends two branches by a number for each pixel.",
        short: None,
        branches: FIRST_AND_SECOND,
        examples: &[
            "blend_alpha_elementwise: { first: [invert: 1.0] }",
            "blend_alpha_elementwise: { factor: { choice: [0, 1] }, per_channel: 0.5, first: [multiply: 0.5], second: [add: 10] }",
        ],
        imgaug: Some(Counterpart {
            names: &[
                ("BlendAlphaElementwise", ["foreground", "background"]),
                ("AlphaElementwise", ["first", "second"]),
            ],
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
        Each::of(&self.factor, "factor")?;
        self.per_channel.check("per_channel")
    }
}

impl Blend for BlendAlphaElementwise {
    type Mask = Mask;

    fn draw(&self, _: Shape, rng: &mut Stream) -> Mask {
        // What was found legal is one; else nothing of the first branch is seen.
        let each = Each::of(&self.factor, "").unwrap_or(Each { of: Numbers::Uniform([0.0; 2]), clip: None });
        Mask { each, per_channel: self.per_channel.draw(rng), key: rng.u64() }
    }

    fn render(mask: &Mask, _: Shape, out: &mut [f32], scratch: &mut Scratch) {
        mask.each.fill(&mut Stream::of_key(mask.key), out, scratch);
    }

    fn per_channel(mask: &Mask) -> bool {
        mask.per_channel
    }
}
