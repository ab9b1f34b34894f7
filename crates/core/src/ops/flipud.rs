//! `flipud`: mirrors the image top to bottom; as tf.image calls it, `flip_up_down` and `random_flip_up_down`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::alias::alias;
use super::fliplr::{Drawn, always};
use super::{Doc, Op, Placement, Probability, Problem, ShapeOut};
use crate::base::{Canvas, Shape, Stream};
use crate::kernels::flip;

/// Mirrors the image top to bottom.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Flipud {
    /// Probability that an image is mirrored.
    #[serde(default = "always")]
    pub p: Probability,
}

impl Op for Flipud {
    type Drawn = Drawn;

    const DOC: Doc = Doc {
        summary: "Mirrors the image top to bottom.",
        notes: "",
        short: Some("p"),
        examples: &["flipud: 0.5", "flipud: {}"],
    };

    fn check(&self) -> Result<(), Problem> {
        self.p.check("p")
    }

    fn shape_out(&self, _: Shape) -> ShapeOut {
        ShapeOut::Same
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Drawn {
        Drawn { flip: self.p.draw(rng) }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        if drawn.flip {
            canvas.in_place(|image, _| flip::flipud(image));
        }
    }

    fn place(drawn: &Drawn, on: Shape) -> Placement {
        if !drawn.flip {
            return Placement::Unmoved;
        }
        Placement::Affine { forward: [[1.0, 0.0, 0.0], [0.0, -1.0, on.height as f64 - 1.0]], to: on }
    }
}

alias! {
    FlipUpDown = Flipud { p: Probability(1.0) },
    summary: "Mirrors the image top to bottom, as tf.image does.",
    notes: "The same as flipud: 1.0.",
    example: "flip_up_down: {}",
}

alias! {
    RandomFlipUpDown = Flipud { p: Probability(0.5) },
    summary: "Mirrors half of the images top to bottom, as tf.image does.",
    notes: "The same as flipud: 0.5.",
    example: "random_flip_up_down: {}",
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::draws;

    #[test]
    fn other_names_draw_what_they_stand_for() {
        assert!(draws(&FlipUpDown {}, 100).all(|d| d.flip));
        assert!(draws(&RandomFlipUpDown {}, 2000).eq(draws(&Flipud { p: Probability(0.5) }, 2000)));
        let hits = draws(&RandomFlipUpDown {}, 2000).filter(|d| d.flip).count();
        assert!((900..1100).contains(&hits), "{hits}");
    }
}
