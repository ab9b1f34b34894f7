//! `adjust_saturation`: multiplies the saturation, as tf.image does.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::base::{Canvas, Shape, Stream};
use crate::kernels::tf_image;
use crate::ops::{Doc, Op, Param, Placement, Problem, ShapeOut};

/// Multiplies the saturation, as tf.image does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AdjustSaturation {
    /// Factor of HSV's saturation, 0 or more; the product is clipped to 0..1.
    pub saturation_factor: Param,
}

/// What one image gets.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// Factor of the saturation.
    pub saturation_factor: f32,
}

impl Op for AdjustSaturation {
    type Drawn = Drawn;

    const DOC: Doc = Doc {
        summary: "Multiplies the saturation, as tf.image does.",
        notes: "A gray image stays as it is. tf.image's rule for 8-bit images: floats in 0..1, and back by cutting off x * 255.5.",
        short: Some("saturation_factor"),
        examples: &["adjust_saturation: 1.7", "adjust_saturation: [0, 3]"],
    };

    fn check(&self) -> Result<(), Problem> {
        self.saturation_factor.check("saturation_factor", 0.0..=1000.0)
    }

    fn shape_out(&self, _: Shape) -> ShapeOut {
        ShapeOut::Same
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Drawn {
        Drawn { saturation_factor: self.saturation_factor.draw32(rng) }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        canvas.in_place(|image, _| tf_image::adjust_saturation(image, drawn.saturation_factor));
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
    fn without_saturation_all_is_gray() {
        assert_eq!(painted::<AdjustSaturation>(&Drawn { saturation_factor: 0.0 }, &[10, 20, 30]), [30; 3]);
    }
}
