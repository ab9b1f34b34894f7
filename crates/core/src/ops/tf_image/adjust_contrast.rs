//! `adjust_contrast`: stretches values about their mean, as tf.image does.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::base::{Canvas, Shape, Stream};
use crate::kernels::tf_image;
use crate::ops::{Doc, Op, Param, Placement, Problem, ShapeOut};

/// Stretches values about their mean, as tf.image does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AdjustContrast {
    /// Factor of the distance to each channel's mean over the image; 1 changes nothing.
    pub contrast_factor: Param,
}

/// What one image gets.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// Factor of the distance to the mean.
    pub contrast_factor: f32,
}

impl Op for AdjustContrast {
    type Drawn = Drawn;

    const DOC: Doc = Doc {
        summary: "Stretches values about their mean, as tf.image does.",
        notes: "tf.image's rule for 8-bit images: floats in 0..1, and back by cutting off x * 255.5.",
        short: Some("contrast_factor"),
        examples: &["adjust_contrast: 1.5", "adjust_contrast: [0.5, 2]"],
    };

    fn check(&self) -> Result<(), Problem> {
        self.contrast_factor.check("contrast_factor", -100.0..=100.0)
    }

    fn shape_out(&self, _: Shape) -> ShapeOut {
        ShapeOut::Same
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Drawn {
        Drawn { contrast_factor: self.contrast_factor.draw32(rng) }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        canvas.in_place(|image, _| tf_image::adjust_contrast(image, drawn.contrast_factor));
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
    fn a_factor_of_nothing_leaves_the_mean() {
        assert_eq!(painted::<AdjustContrast>(&Drawn { contrast_factor: 0.0 }, &[0, 100]), [50, 50]);
    }
}
