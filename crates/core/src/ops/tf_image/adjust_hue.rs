//! `adjust_hue`: turns the hue, as tf.image does.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::base::{Canvas, Shape, Stream};
use crate::kernels::tf_image;
use crate::ops::{Doc, Op, Param, Placement, Problem, ShapeOut};

/// Turns the hue, as tf.image does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AdjustHue {
    /// Turns of the color circle, -1..1.
    pub delta: Param,
}

/// What one image gets.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// Turns of the color circle.
    pub delta: f32,
}

impl Op for AdjustHue {
    type Drawn = Drawn;

    const DOC: Doc = Doc {
        summary: "Turns the hue, as tf.image does.",
        notes: "A gray image stays as it is. tf.image's rule for 8-bit images: floats in 0..1, and back by cutting off x * 255.5.",
        short: Some("delta"),
        examples: &["adjust_hue: 0.1", "adjust_hue: [-0.2, 0.2]"],
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
        canvas.in_place(|image, _| tf_image::adjust_hue(image, drawn.delta));
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
    fn half_a_turn_gives_the_complement() {
        assert_eq!(painted::<AdjustHue>(&Drawn { delta: 0.5 }, &[200, 0, 0]), [0, 200, 200]);
    }
}
