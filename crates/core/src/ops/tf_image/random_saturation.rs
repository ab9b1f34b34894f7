//! `random_saturation`: multiplies the saturation by a random factor, as tf.image does.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::adjust_saturation::{AdjustSaturation, Drawn};
use super::random_contrast::check_factors;
use crate::base::{Canvas, Shape, Stream};
use crate::ops::{Doc, Op, Placement, Problem, ShapeOut};

/// Multiplies the saturation by a random factor, as tf.image does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RandomSaturation {
    /// Smallest factor, 0 or more.
    pub lower: f64,
    /// Largest factor, above `lower`.
    pub upper: f64,
}

impl Op for RandomSaturation {
    type Drawn = Drawn;

    const DOC: Doc = Doc {
        summary: "Multiplies the saturation by a random factor, as tf.image does.",
        notes: "The factor is uniform in lower..upper; the rest is adjust_saturation.",
        short: None,
        examples: &["random_saturation: { lower: 0.5, upper: 1.5 }"],
    };

    fn check(&self) -> Result<(), Problem> {
        check_factors(self.lower, self.upper)
    }

    fn shape_out(&self, _: Shape) -> ShapeOut {
        ShapeOut::Same
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Drawn {
        Drawn { saturation_factor: rng.uniform(self.lower, self.upper) as f32 }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        AdjustSaturation::paint(drawn, canvas);
    }

    fn place(drawn: &Drawn, on: Shape) -> Placement {
        AdjustSaturation::place(drawn, on)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::draws;

    #[test]
    fn factors_are_uniform() {
        let op = RandomSaturation { lower: 0.5, upper: 1.5 };
        let mean = draws(&op, 4000).map(|d| f64::from(d.saturation_factor)).sum::<f64>() / 4000.0;
        assert!((mean - 1.0).abs() < 0.025, "{mean}");
        assert!(RandomSaturation { lower: 0.5, upper: 0.5 }.check().is_err());
        assert!(RandomSaturation { lower: -0.5, upper: 0.5 }.check().is_err());
    }
}
