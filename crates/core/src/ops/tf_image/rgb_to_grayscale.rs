//! `rgb_to_grayscale`: makes gray images of one channel, as tf.image does.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::base::{Canvas, Shape, Stream};
use crate::kernels::tf_image;
use crate::ops::{Doc, Op, Placement, Problem, ShapeOut};

/// Makes gray images of one channel, as tf.image does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RgbToGrayscale {}

/// Nothing is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {}

impl Op for RgbToGrayscale {
    type Drawn = Drawn;

    const DOC: Doc = Doc {
        summary: "Makes gray images of one channel, as tf.image does.",
        notes: "0.2989 R + 0.5870 G + 0.1140 B, which sums to 0.9999, and back to bytes by cutting off x * 255.5. An image of one channel stays as it is; grayscale keeps three channels.",
        short: None,
        examples: &["rgb_to_grayscale: {}"],
    };

    fn check(&self) -> Result<(), Problem> {
        Ok(())
    }

    fn shape_out(&self, on: Shape) -> ShapeOut {
        ShapeOut::Fixed(on.as_gray())
    }

    fn draw(&self, _: Shape, _: &mut Stream) -> Drawn {
        Drawn {}
    }

    fn paint(_: &Drawn, canvas: &mut Canvas) {
        let on = canvas.shape();
        if on.channels() == 3 {
            canvas.redraw(on.as_gray(), |src, dst, _| tf_image::rgb_to_grayscale(src, dst));
        }
    }

    fn place(_: &Drawn, on: Shape) -> Placement {
        Placement::Affine { forward: [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]], to: on.as_gray() }
    }
}
