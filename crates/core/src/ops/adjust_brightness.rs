//! `adjust_brightness`: adds to the brightness, as tf.image does.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Doc, Op, Param, Placement, Problem, ShapeOut};
use crate::base::{Canvas, Shape, Stream};
use crate::kernels::tf_image;

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

impl Op for AdjustBrightness {
    type Drawn = Drawn;

    const DOC: Doc = Doc {
        summary: "Adds to the brightness, as tf.image does.",
        notes: "tf.image's rule for 8-bit images: floats in 0..1, and back by cutting off x * 255.5.",
        short: Some("delta"),
        examples: &["adjust_brightness: 0.2", "adjust_brightness: [-0.3, 0.3]"],
    };

    fn check(&self) -> Result<(), Problem> {
        self.delta.check("delta", -1.0..=1.0)
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
