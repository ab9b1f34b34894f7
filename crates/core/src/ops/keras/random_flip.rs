//! `keras.random_flip`: mirrors half of the images, as Keras' `RandomFlip` does.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::common::Version;
use crate::base::{Canvas, Shape, Stream};
use crate::kernels::flip;
use crate::ops::{Doc, Op, Placement, Problem, ShapeOut};

crate::named! {
    /// Which way images are mirrored.
    pub enum Mode {
        /// Left to right.
        Horizontal = "horizontal",
        /// Top to bottom.
        Vertical = "vertical",
        /// Both.
        Both = "horizontal_and_vertical",
    }
}

/// Mirrors half of the images, as Keras' `RandomFlip` does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KerasRandomFlip {
    /// `horizontal`, `vertical` or `horizontal_and_vertical`.
    #[serde(default = "both")]
    pub mode: Mode,
    /// `keras3.6`: one coin decides both ways, so that half of the images are turned by 180 degrees. `keras3.5`, and
    /// earlier: each way has its own coin.
    #[serde(default = "Version::now")]
    pub compat: Version,
}

fn both() -> Mode {
    Mode::Both
}

/// How one image is mirrored.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// Left to right.
    pub horizontal: bool,
    /// Top to bottom.
    pub vertical: bool,
}

impl Op for KerasRandomFlip {
    type Drawn = Drawn;

    const DOC: Doc = Doc {
        summary: "Mirrors half of the images, as Keras' RandomFlip does.",
        notes: "Since Keras 3.6 horizontal_and_vertical turns half of the images by 180 degrees and mirrors none.",
        short: Some("mode"),
        examples: &[
            "keras.random_flip: horizontal",
            "keras.random_flip: {}",
            "keras.random_flip: { mode: horizontal_and_vertical, compat: keras3.5 }",
        ],
    };

    fn check(&self) -> Result<(), Problem> {
        Ok(())
    }

    fn shape_out(&self, _: Shape) -> ShapeOut {
        ShapeOut::Same
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Drawn {
        let first = rng.bernoulli(0.5);
        let (horizontal, vertical) = match (self.mode, self.compat) {
            (Mode::Horizontal, _) => (first, false),
            (Mode::Vertical, _) => (false, first),
            (Mode::Both, Version::Now) => (first, first),
            (Mode::Both, Version::Before) => (first, rng.bernoulli(0.5)),
        };
        Drawn { horizontal, vertical }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        if drawn.horizontal {
            canvas.in_place(|image, _| flip::fliplr(image));
        }
        if drawn.vertical {
            canvas.in_place(|image, _| flip::flipud(image));
        }
    }

    fn place(drawn: &Drawn, on: Shape) -> Placement {
        if !drawn.horizontal && !drawn.vertical {
            return Placement::Unmoved;
        }
        let mirrored = |flip: bool, n: usize| if flip { (-1.0, n as f64 - 1.0) } else { (1.0, 0.0) };
        let (x, left) = mirrored(drawn.horizontal, on.width);
        let (y, top) = mirrored(drawn.vertical, on.height);
        Placement::Affine { forward: [[x, 0.0, left], [0.0, y, top]], to: on }
    }
}
