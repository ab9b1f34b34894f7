//! `multiply`: multiplies all pixels by a value.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::base::{Canvas, Shape, Stream};
use crate::kernels::point;
use crate::ops::counterpart::{Class, Form};
use crate::ops::{Doc, Op, Param, PerChannel, Placement, Problem, ShapeOut};

/// Multiplies all pixels by a value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Multiply {
    /// What to multiply by, at least 0.
    pub mul: Param,
    /// Probability of a value for each channel of its own instead of one for all.
    pub per_channel: PerChannel,
}

impl Default for Multiply {
    fn default() -> Self {
        Self { mul: Param::Range(0.8, 1.2), per_channel: PerChannel::default() }
    }
}

/// What one image is multiplied by.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// Factors, one for each channel; a gray image uses the first.
    pub mul: [f32; 3],
}

impl Op for Multiply {
    type Drawn = Drawn;

    const IMGAUG: &'static [Class] = &[Class {
        name: "Multiply",
        params: &[("mul", "mul", Form::Number), ("per_channel", "per_channel", Form::Chance)],
    }];

    const DOC: Doc = Doc {
        summary: "Multiplies all pixels by a value.",
        notes: "Products are cut off, not rounded, and clipped to 0..255.",
        short: Some("mul"),
        examples: &[
            "multiply: 1.5",
            "multiply: [0.5, 1.5]",
            "multiply: { mul: [0.5, 1.5], per_channel: 0.5 }",
        ],
    };

    fn check(&self) -> Result<(), Problem> {
        self.mul.check("mul", 0.0..=f64::INFINITY)?;
        self.per_channel.check("per_channel")
    }

    fn shape_out(&self, _: Shape) -> ShapeOut {
        ShapeOut::Same
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Drawn {
        let per_channel = self.per_channel.draw(rng);
        Drawn { mul: self.mul.draw_channels(per_channel, rng) }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        canvas.in_place(|image, _| point::multiply(image, drawn.mul));
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
    fn results_are_uniform_up_to_the_open_end() {
        let op = Multiply { mul: Param::Range(0.5, 1.5), ..Multiply::default() };
        let values: Vec<u8> =
            draws(&op, 4000).map(|drawn| painted::<Multiply>(&drawn, &[100; 3])[2]).collect();
        assert_eq!((values.iter().min(), values.iter().max()), (Some(&50), Some(&149)));
        let mean = values.iter().map(|v| f64::from(*v)).sum::<f64>() / values.len() as f64;
        assert!((mean - 99.5).abs() < 2.3, "{mean}");
    }
}
