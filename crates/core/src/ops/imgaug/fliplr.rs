//! `fliplr`: mirrors the image left to right; as tf.image calls it, `flip_left_right` and `random_flip_left_right`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::base::{Canvas, Shape, Stream};
use crate::kernels::flip;
use crate::ops::counterpart::{Argument, Class, Form, Takes, Transform};
use crate::ops::{Doc, Op, Placement, Probability, Problem, ShapeOut};

/// Mirrors the image left to right.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Fliplr {
    /// Probability that an image is mirrored.
    #[serde(default = "always")]
    pub p: Probability,
}

/// Whether one image is mirrored.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// Mirror it.
    pub flip: bool,
}

pub(super) fn always() -> Probability {
    Probability(1.0)
}

impl Op for Fliplr {
    type Drawn = Drawn;

    const TORCHVISION: Option<Transform> = Some(Transform {
        name: "RandomHorizontalFlip",
        arguments: &[Argument::Plain("p", "p")],
        takes: Takes::Either,
    });

    const IMGAUG: &'static [Class] = &[
        Class { name: "Fliplr", params: &[("p", "p", Form::Chance)] },
        Class { name: "HorizontalFlip", params: &[("p", "p", Form::Chance)] },
    ];

    const DOC: Doc = Doc {
        summary: "Mirrors the image left to right.",
        notes: "",
        short: Some("p"),
        examples: &["fliplr: 0.5", "fliplr: {}"],
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
            canvas.in_place(|image, _| flip::fliplr(image));
        }
    }

    fn place(drawn: &Drawn, on: Shape) -> Placement {
        if !drawn.flip {
            return Placement::Unmoved;
        }
        Placement::Affine { forward: [[-1.0, 0.0, on.width as f64 - 1.0], [0.0, 1.0, 0.0]], to: on }
    }
}
