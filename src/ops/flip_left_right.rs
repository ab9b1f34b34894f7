//! `flip_left_right`: mirrors the image left to right, as tf.image does.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::fliplr::{Drawn, Fliplr};
use super::{Doc, Op, Placement, Problem, ShapeOut};
use crate::base::{Canvas, Shape, Stream};

/// Mirrors the image left to right, as tf.image does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FlipLeftRight {}

impl Op for FlipLeftRight {
    type Drawn = Drawn;

    const DOC: Doc = Doc {
        summary: "Mirrors the image left to right, as tf.image does.",
        notes: "The same as fliplr: 1.0.",
        short: None,
        examples: &["flip_left_right: {}"],
    };

    fn check(&self) -> Result<(), Problem> {
        Ok(())
    }

    fn shape_out(&self, _: Shape) -> ShapeOut {
        ShapeOut::Same
    }

    fn draw(&self, _: Shape, _: &mut Stream) -> Drawn {
        Drawn { flip: true }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        Fliplr::paint(drawn, canvas);
    }

    fn place(drawn: &Drawn, on: Shape) -> Placement {
        Fliplr::place(drawn, on)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::draws;

    #[test]
    fn all_images_are_flipped() {
        assert!(draws(&FlipLeftRight {}, 100).all(|d| d.flip));
    }
}
