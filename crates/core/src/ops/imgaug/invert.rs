//! `invert`: turns pixels into their negative.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::base::{Canvas, Shape, Stream};
use crate::kernels::point;
use crate::ops::counterpart::{Argument, Class, Fixed, Form, NONE, Takes, Transform};
use crate::ops::{Doc, Op, PerChannel, Placement, Probability, Problem, ShapeOut};

/// Turns images or single channels into their negative.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Invert {
    /// Probability that an image, or a channel of it, is inverted.
    pub p: Probability,
    /// Probability that each channel is decided on by itself instead of all together.
    pub per_channel: PerChannel,
}

impl Default for Invert {
    fn default() -> Self {
        Self { p: Probability(1.0), per_channel: PerChannel::default() }
    }
}

/// What is inverted of one image.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// Whether to invert, for each channel; a gray image uses the first.
    pub invert: [bool; 3],
}

impl Op for Invert {
    type Drawn = Drawn;

    const TORCHVISION: Option<Transform> = Some(Transform {
        name: "RandomInvert",
        arguments: &[Argument::Plain("p", "p"), Argument::Zero("per_channel")],
        takes: Takes::Either,
    });

    const IMGAUG: &'static [Class] = &[Class {
        name: "Invert",
        params: &[
            ("p", "p", Form::Chance),
            ("per_channel", "per_channel", Form::Chance),
            ("min_value", "", NONE),
            ("max_value", "", NONE),
            ("threshold", "", NONE),
            ("invert_above_threshold", "", Form::Fixed(Fixed::Number(0.5))),
        ],
    }];

    const DOC: Doc = Doc {
        summary: "Turns images or single channels into their negative.",
        notes: "Replaces v by 255 - v.",
        short: Some("p"),
        examples: &["invert: 0.05", "invert: { p: 0.05, per_channel: true }"],
    };

    fn check(&self) -> Result<(), Problem> {
        self.p.check("p")?;
        self.per_channel.check("per_channel")
    }

    fn shape_out(&self, _: Shape) -> ShapeOut {
        ShapeOut::Same
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Drawn {
        let invert = if self.per_channel.draw(rng) {
            std::array::from_fn(|_| self.p.draw(rng))
        } else {
            [self.p.draw(rng); 3]
        };
        Drawn { invert }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        if drawn.invert.contains(&true) {
            canvas.in_place(|image, _| point::invert(image, drawn.invert));
        }
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
    fn channels_are_decided_on_one_by_one() {
        let op = Invert { p: Probability(0.3), per_channel: PerChannel(1.0) };
        let mut inverted = [0; 4];
        for drawn in draws(&op, 4000) {
            let count = painted::<Invert>(&drawn, &[10, 20, 30]).iter().filter(|v| **v > 128).count();
            inverted[count] += 1;
        }
        // Binomial(3, 0.3): 0.343, 0.441, 0.189, 0.027.
        for (found, expected) in inverted.into_iter().zip([1372_i32, 1764, 756, 108]) {
            assert!((found - expected).abs() < 160, "{inverted:?}");
        }
    }

    #[test]
    fn without_per_channel_all_or_none() {
        let op = Invert { p: Probability(0.5), ..Invert::default() };
        assert!(draws(&op, 200).all(|d| d.invert == [d.invert[0]; 3]));
        assert_eq!(painted::<Invert>(&Drawn { invert: [true; 3] }, &[0, 255, 7]), [255, 0, 248]);
    }
}
