//! `random_brightness`: adds a random amount to the brightness, as tf.image does.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::adjust_brightness::{AdjustBrightness, Drawn, check_delta};
use crate::base::{Canvas, Shape, Stream};
use crate::ops::{Doc, Op, Param, Placement, Problem, ShapeOut};

/// Adds a random amount to the brightness, as tf.image does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RandomBrightness {
    /// At most this is added or taken off, in units of the full range, 0..1.
    pub max_delta: f64,
}

impl Op for RandomBrightness {
    type Drawn = Drawn;

    const DOC: Doc = Doc {
        summary: "Adds a random amount to the brightness, as tf.image does.",
        notes: "The amount is uniform in -max_delta..max_delta; the rest is adjust_brightness.",
        short: Some("max_delta"),
        examples: &["random_brightness: 0.2"],
    };

    fn check(&self) -> Result<(), Problem> {
        check_delta("max_delta", &Param::Constant(self.max_delta), 0.0)
    }

    fn shape_out(&self, _: Shape) -> ShapeOut {
        ShapeOut::Same
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Drawn {
        Drawn { delta: rng.uniform(-self.max_delta, self.max_delta) as f32 }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        AdjustBrightness::paint(drawn, canvas);
    }

    fn place(drawn: &Drawn, on: Shape) -> Placement {
        AdjustBrightness::place(drawn, on)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::draws;

    #[test]
    fn amounts_are_uniform_on_both_sides() {
        let op = RandomBrightness { max_delta: 0.4 };
        let found: Vec<f32> = draws(&op, 4000).map(|d| d.delta).collect();
        let mean = found.iter().map(|v| f64::from(v.abs())).sum::<f64>() / 4000.0;
        let above = found.iter().filter(|v| **v > 0.0).count();
        assert!((mean - 0.2).abs() < 0.01 && (1850..2150).contains(&above), "{mean} {above}");
        assert!(RandomBrightness { max_delta: -0.1 }.check().is_err());
        // As somebody writes it who thinks of levels.
        let problem = RandomBrightness { max_delta: 255.0 }.check().unwrap_err().to_string();
        assert!(problem.contains("write 1 for 255 levels"), "{problem}");
        let problem = RandomBrightness { max_delta: 32.0 }.check().unwrap_err().to_string();
        assert!(problem.contains("write 0.1255 for 32 levels"), "{problem}");
    }
}
