//! `random_contrast`: stretches values about their mean by a random factor, as tf.image does.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::adjust_contrast::{AdjustContrast, Drawn};
use crate::base::{Canvas, Shape, Stream};
use crate::ops::range::within;
use crate::ops::{Doc, Op, Placement, Problem, ShapeOut};

/// Stretches values about their mean by a random factor, as tf.image does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RandomContrast {
    /// Smallest factor, 0 or more.
    pub lower: f64,
    /// Largest factor, above `lower`.
    pub upper: f64,
}

/// Whether factors may be drawn from `lower..upper`.
pub(super) fn check_factors(lower: f64, upper: f64) -> Result<(), Problem> {
    within("lower", &lower, &(0.0..=100.0))?;
    if upper > lower && upper <= 100.0 {
        Ok(())
    } else {
        Err(Problem::new("upper", format!("{upper} is not above lower ({lower}) and at most 100")))
    }
}

impl Op for RandomContrast {
    type Drawn = Drawn;

    const DOC: Doc = Doc {
        summary: "Stretches values about their mean by a random factor, as tf.image does.",
        notes: "The factor is uniform in lower..upper; the rest is adjust_contrast.",
        short: None,
        examples: &["random_contrast: { lower: 0.5, upper: 1.5 }"],
    };

    fn check(&self) -> Result<(), Problem> {
        check_factors(self.lower, self.upper)
    }

    fn shape_out(&self, _: Shape) -> ShapeOut {
        ShapeOut::Same
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Drawn {
        Drawn { contrast_factor: rng.uniform(self.lower, self.upper) as f32 }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        AdjustContrast::paint(drawn, canvas);
    }

    fn place(drawn: &Drawn, on: Shape) -> Placement {
        AdjustContrast::place(drawn, on)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::draws;

    #[test]
    fn factors_are_uniform() {
        let op = RandomContrast { lower: 0.5, upper: 1.5 };
        let mean = draws(&op, 4000).map(|d| f64::from(d.contrast_factor)).sum::<f64>() / 4000.0;
        assert!((mean - 1.0).abs() < 0.025, "{mean}");
        assert!(RandomContrast { lower: 0.5, upper: 0.5 }.check().is_err());
        assert!(RandomContrast { lower: -0.5, upper: 0.5 }.check().is_err());
    }
}
