//! `random_flip_left_right`: mirrors half of the images left to right, as tf.image does.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::fliplr::{Drawn, Fliplr};
use super::{Doc, Op, Placement, Problem, ShapeOut};
use crate::base::{Canvas, Shape, Stream};

/// Mirrors half of the images left to right, as tf.image does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RandomFlipLeftRight {}

impl Op for RandomFlipLeftRight {
    type Drawn = Drawn;

    const DOC: Doc = Doc {
        summary: "Mirrors half of the images left to right, as tf.image does.",
        notes: "The same as fliplr: 0.5.",
        short: None,
        examples: &["random_flip_left_right: {}"],
    };

    fn check(&self) -> Result<(), Problem> {
        Ok(())
    }

    fn shape_out(&self, _: Shape) -> ShapeOut {
        ShapeOut::Same
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Drawn {
        Drawn { flip: rng.bernoulli(0.5) }
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
    fn half_of_the_images_are_flipped() {
        let hits = draws(&RandomFlipLeftRight {}, 2000).filter(|d| d.flip).count();
        assert!((900..1100).contains(&hits), "{hits}");
    }
}
