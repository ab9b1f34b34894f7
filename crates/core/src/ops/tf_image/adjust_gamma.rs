//! `adjust_gamma`: takes values to a power, as tf.image does.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::base::{Canvas, Shape, Stream};
use crate::kernels::tf_image;
use crate::ops::{Doc, Op, Param, Placement, Problem, ShapeOut};

/// Takes values to a power, as tf.image does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AdjustGamma {
    /// The power of values in 0..1, 0 or more; below 1 brightens.
    #[serde(default = "one")]
    pub gamma: Param,
    /// Factor of the result.
    #[serde(default = "one")]
    pub gain: Param,
}

fn one() -> Param {
    Param::Constant(1.0)
}

/// What one image gets.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// The power of values in 0..1.
    pub gamma: f32,
    /// Factor of the result.
    pub gain: f32,
}

impl Op for AdjustGamma {
    type Drawn = Drawn;

    const DOC: Doc = Doc {
        summary: "Takes values to a power, as tf.image does.",
        notes: "gain * x ^ gamma. tf.image has no random_gamma; a range draws one value for each image. tf.image's rule for \
                8-bit images: floats in 0..1, and back by cutting off x * 255.5.",
        short: Some("gamma"),
        examples: &["adjust_gamma: 0.5", "adjust_gamma: { gamma: [0.5, 2], gain: 0.9 }"],
    };

    fn check(&self) -> Result<(), Problem> {
        self.gamma.check("gamma", 0.0..=100.0)?;
        self.gain.check("gain", 0.0..=100.0)
    }

    fn shape_out(&self, _: Shape) -> ShapeOut {
        ShapeOut::Same
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Drawn {
        Drawn { gamma: self.gamma.draw32(rng), gain: self.gain.draw32(rng) }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        canvas.in_place(|image, _| tf_image::adjust_gamma(image, drawn.gamma, drawn.gain));
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
    fn a_root_brightens() {
        // sqrt(51 / 255) * 255.5 = 114.3.
        assert_eq!(painted::<AdjustGamma>(&Drawn { gamma: 0.5, gain: 1.0 }, &[0, 51, 255]), [0, 114, 255]);
    }
}
