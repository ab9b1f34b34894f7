//! `grayscale_to_rgb`: makes images of three channels of gray ones, as tf.image does.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::base::{Canvas, Shape, Stream};
use crate::kernels::tf_image;
use crate::ops::counterpart::{Argument, Takes, Transform};
use crate::ops::{Doc, Op, Placement, Problem, ShapeOut};

/// Makes images of three channels of gray ones, as tf.image does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GrayscaleToRgb {}

/// Nothing is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {}

impl Op for GrayscaleToRgb {
    type Drawn = Drawn;

    const TORCHVISION: Option<Transform> = Some(Transform {
        name: "Lambda",
        arguments: &[Argument::Code("lambda image: image.convert('RGB')")],
        takes: Takes::Pictures,
    });

    const DOC: Doc = Doc {
        summary: "Makes images of three channels of gray ones, as tf.image does.",
        notes: "An image of three channels stays as it is.",
        short: None,
        examples: &["grayscale_to_rgb: {}"],
    };

    fn check(&self) -> Result<(), Problem> {
        Ok(())
    }

    fn shape_out(&self, on: Shape) -> ShapeOut {
        ShapeOut::Fixed(on.as_rgb())
    }

    fn draw(&self, _: Shape, _: &mut Stream) -> Drawn {
        Drawn {}
    }

    fn paint(_: &Drawn, canvas: &mut Canvas) {
        let on = canvas.shape();
        if on.channels() == 1 {
            canvas.redraw(on.as_rgb(), |src, dst, _| tf_image::grayscale_to_rgb(src, dst));
        }
    }

    fn place(_: &Drawn, on: Shape) -> Placement {
        Placement::Affine { forward: [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]], to: on.as_rgb() }
    }
}
