//! `noop`: leaves the image as it is.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::base::{Canvas, Shape, Stream};
use crate::ops::counterpart::{Argument, Class, Takes, Transform};
use crate::ops::{Doc, Op, Placement, Problem, ShapeOut};

/// Leaves the image as it is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Noop {}

/// Nothing is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {}

impl Op for Noop {
    type Drawn = Drawn;

    const TORCHVISION: Option<Transform> = Some(Transform {
        name: "Lambda",
        arguments: &[Argument::Code("lambda image: image")],
        takes: Takes::Either,
    });

    const IMGAUG: &'static [Class] =
        &[Class { name: "Identity", params: &[] }, Class { name: "Noop", params: &[] }];

    const DOC: Doc = Doc {
        summary: "Leaves the image as it is.",
        notes: "A place holder among alternatives, such as one child of `one_of`.",
        short: None,
        examples: &["noop: {}"],
    };

    fn check(&self) -> Result<(), Problem> {
        Ok(())
    }

    fn shape_out(&self, _: Shape) -> ShapeOut {
        ShapeOut::Same
    }

    fn draw(&self, _: Shape, _: &mut Stream) -> Drawn {
        Drawn {}
    }

    fn paint(_: &Drawn, _: &mut Canvas) {}

    fn place(_: &Drawn, _: Shape) -> Placement {
        Placement::Unmoved
    }
}
