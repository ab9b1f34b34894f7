//! `flipud`: mirrors the image top to bottom; as tf.image calls it, `flip_up_down` and `random_flip_up_down`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::fliplr::{Drawn, always};
use crate::base::{Canvas, Shape, Stream};
use crate::kernels::flip;
use crate::ops::counterpart::{Argument, Class, Form, Takes, Transform};
use crate::ops::{Doc, Op, Placement, Probability, Problem, ShapeOut};

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

    const TORCHVISION: Option<Transform> = Some(Transform {
        name: "RandomVerticalFlip",
        arguments: &[Argument::Plain("p", "p")],
        takes: Takes::Either,
    });

    const IMGAUG: &'static [Class] = &[
        Class { name: "Flipud", params: &[("p", "p", Form::Chance)] },
        Class { name: "VerticalFlip", params: &[("p", "p", Form::Chance)] },
    ];

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
