//! `adjust_brightness`: adds to the brightness, as tf.image does.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::base::{Canvas, Shape, Stream};
use crate::kernels::tf_image;
use crate::ops::{Doc, Op, Param, Placement, Problem, ShapeOut};

/// Adds to the brightness, as tf.image does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AdjustBrightness {
    /// What is added, in units of the full range, -1..1.
    pub delta: Param,
}

/// What one image gets.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// What is added, in units of the full range.
    pub delta: f32,
}

/// Whether an amount is a fraction of the full range from `least` to 1. Whoever writes more means levels, and is told what they are.
pub(super) fn check_delta(field: &str, delta: &Param, least: f64) -> Result<(), Problem> {
    delta.check(field, least..=1.0).map_err(|problem| {
        let levels = match delta {
            Param::Constant(value) => value.abs(),
            Param::Range(lo, hi) => lo.abs().max(hi.abs()),
            Param::Choice(values) => values.iter().fold(0.0, |most: f64, value| most.max(value.abs())),
            Param::Law(law) => law.bounds().into_iter().fold(0.0, |most: f64, value| most.max(value.abs())),
        };
        if levels <= 1.0 || levels > 255.0 {
            return problem;
        }
        let fraction = (levels / 255.0 * 1e4).round() / 1e4;
        let message =
            format!("{}, fractions of the full range; write {fraction} for {levels} levels", problem.message);
        Problem { message, ..problem }
    })
}

impl Op for AdjustBrightness {
    type Drawn = Drawn;

    const DOC: Doc = Doc {
        summary: "Adds to the brightness, as tf.image does.",
        notes: "tf.image's rule for 8-bit images: floats in 0..1, and back by cutting off x * 255.5.",
        short: Some("delta"),
        examples: &["adjust_brightness: 0.2", "adjust_brightness: [-0.3, 0.3]"],
    };

    fn check(&self) -> Result<(), Problem> {
        check_delta("delta", &self.delta, -1.0)
    }

    fn shape_out(&self, _: Shape) -> ShapeOut {
        ShapeOut::Same
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Drawn {
        Drawn { delta: self.delta.draw32(rng) }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        canvas.in_place(|image, _| tf_image::adjust_brightness(image, drawn.delta));
    }

    fn place(_: &Drawn, _: Shape) -> Placement {
        Placement::Unmoved
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::painted;

    #[test]
    fn a_tenth_is_a_tenth_of_the_range() {
        assert_eq!(painted::<AdjustBrightness>(&Drawn { delta: 0.1 }, &[0, 100, 250]), [25, 125, 255]);
    }
}
