//! `random_hue`: turns the hue by a random amount, as tf.image does.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::adjust_hue::{AdjustHue, Drawn};
use crate::base::{Canvas, Shape, Stream};
use crate::ops::range::within;
use crate::ops::{Doc, Op, Placement, Problem, ShapeOut};

/// Turns the hue by a random amount, as tf.image does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RandomHue {
    /// At most so many turns of the color circle, 0..0.5.
    pub max_delta: f64,
}

impl Op for RandomHue {
    type Drawn = Drawn;

    const DOC: Doc = Doc {
        summary: "Turns the hue by a random amount, as tf.image does.",
        notes: "The amount is uniform in -max_delta..max_delta; the rest is adjust_hue.",
        short: Some("max_delta"),
        examples: &["random_hue: 0.2"],
    };

    fn check(&self) -> Result<(), Problem> {
        within("max_delta", &self.max_delta, &(0.0..=0.5))
    }

    fn shape_out(&self, _: Shape) -> ShapeOut {
        ShapeOut::Same
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Drawn {
        Drawn { delta: rng.uniform(-self.max_delta, self.max_delta) as f32 }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        AdjustHue::paint(drawn, canvas);
    }

    fn place(drawn: &Drawn, on: Shape) -> Placement {
        AdjustHue::place(drawn, on)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::draws;

    #[test]
    fn amounts_are_uniform_on_both_sides() {
        let op = RandomHue { max_delta: 0.4 };
        let found: Vec<f32> = draws(&op, 4000).map(|d| d.delta).collect();
        let mean = found.iter().map(|v| f64::from(v.abs())).sum::<f64>() / 4000.0;
        let above = found.iter().filter(|v| **v > 0.0).count();
        assert!((mean - 0.2).abs() < 0.01 && (1850..2150).contains(&above), "{mean} {above}");
        assert!(RandomHue { max_delta: -0.1 }.check().is_err());
    }
}
