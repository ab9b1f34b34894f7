//! `flip_up_down`: mirrors the image top to bottom, as tf.image does.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::flipud::{Drawn, Flipud};
use super::{Doc, Op, Placement, Problem, ShapeOut};
use crate::base::{Canvas, Shape, Stream};

/// Mirrors the image top to bottom, as tf.image does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FlipUpDown {}

impl Op for FlipUpDown {
    type Drawn = Drawn;

    const DOC: Doc = Doc {
        summary: "Mirrors the image top to bottom, as tf.image does.",
        notes: "The same as flipud: 1.0.",
        short: None,
        examples: &["flip_up_down: {}"],
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
        Flipud::paint(drawn, canvas);
    }

    fn place(drawn: &Drawn, on: Shape) -> Placement {
        Flipud::place(drawn, on)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::draws;

    #[test]
    fn all_images_are_flipped() {
        assert!(draws(&FlipUpDown {}, 100).all(|d| d.flip));
    }
}
