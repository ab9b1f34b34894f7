//! `random_flip_up_down`: mirrors half of the images top to bottom, as tf.image does.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::flipud::{Drawn, Flipud};
use super::{Doc, Op, Placement, Problem, ShapeOut};
use crate::base::{Canvas, Shape, Stream};

/// Mirrors half of the images top to bottom, as tf.image does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RandomFlipUpDown {}

impl Op for RandomFlipUpDown {
    type Drawn = Drawn;

    const DOC: Doc = Doc {
        summary: "Mirrors half of the images top to bottom, as tf.image does.",
        notes: "The same as flipud: 0.5.",
        short: None,
        examples: &["random_flip_up_down: {}"],
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
    fn half_of_the_images_are_flipped() {
        let hits = draws(&RandomFlipUpDown {}, 2000).filter(|d| d.flip).count();
        assert!((900..1100).contains(&hits), "{hits}");
    }
}
