//! `keras.center_crop` and `keras.random_crop`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::common::redrawn;
use crate::base::{Canvas, Shape, Stream};
use crate::kernels::keras_layers::resize::{Part, resize};
use crate::kernels::keras_layers::warp::Interpolation;
use crate::ops::range::within;
use crate::ops::{Doc, Op, Placement, Problem, ShapeOut};

/// Cuts out the middle of the image, as Keras' `CenterCrop` does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KerasCenterCrop {
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
}

/// Cuts out a part at a random place, as Keras' `RandomCrop` does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KerasRandomCrop {
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
}

/// The part of one image that is kept, and the size that it is brought to.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cropped {
    /// First row.
    pub top: i64,
    /// First column.
    pub left: i64,
    /// Rows and columns of the part.
    pub part: [usize; 2],
    /// Rows and columns of the result.
    pub size: [usize; 2],
}

pub(super) fn check_size(height: usize, width: usize) -> Result<(), Problem> {
    within("height", &height, &(1..=4096))?;
    within("width", &width, &(1..=4096))
}

impl Cropped {
    pub(super) fn new(part: Part, size: [usize; 2]) -> Self {
        Self { top: part.top, left: part.left, part: [part.height, part.width], size }
    }

    fn part(&self) -> Part {
        let [height, width] = self.part;
        Part { top: self.top, left: self.left, height, width }
    }

    pub(super) fn paint(&self, canvas: &mut Canvas, how: Interpolation, beyond: f32) {
        let on = canvas.shape();
        let to = Shape::new(self.size[0], self.size[1], on.kind);
        redrawn(canvas, to, |values, out, _| resize(values, on, self.part(), out, to, how, beyond));
    }

    pub(super) fn place(&self, on: Shape) -> Placement {
        let to = Shape::new(self.size[0], self.size[1], on.kind);
        let along = |start: i64, from: usize, to: usize| {
            let scale = to as f64 / from.max(1) as f64;
            (scale, (0.5 - start as f64) * scale - 0.5)
        };
        let (y, top) = along(self.top, self.part[0], to.height);
        let (x, left) = along(self.left, self.part[1], to.width);
        Placement::Affine { forward: [[x, 0.0, left], [0.0, y, top]], to }
    }
}

impl Op for KerasCenterCrop {
    type Drawn = Cropped;

    const DOC: Doc = Doc {
        summary: "Cuts out the middle of the image, as Keras' CenterCrop does.",
        notes: "If the image is smaller in either direction, the largest part of the same ratio of sides is resized.",
        short: None,
        examples: &["keras.center_crop: { height: 20, width: 24 }"],
    };

    fn check(&self) -> Result<(), Problem> {
        check_size(self.height, self.width)
    }

    fn shape_out(&self, on: Shape) -> ShapeOut {
        ShapeOut::Fixed(Shape::new(self.height, self.width, on.kind))
    }

    fn draw(&self, on: Shape, _: &mut Stream) -> Cropped {
        let size @ [height, width] = [self.height, self.width];
        if on.height >= height && on.width >= width {
            let (top, left) = ((on.height - height) / 2, (on.width - width) / 2);
            return Cropped::new(Part { top: top as i64, left: left as i64, height, width }, size);
        }
        Cropped::new(Part::cropped(on, size), size)
    }

    fn paint(drawn: &Cropped, canvas: &mut Canvas) {
        drawn.paint(canvas, Interpolation::Bilinear, 0.0);
    }

    fn place(drawn: &Cropped, on: Shape) -> Placement {
        drawn.place(on)
    }
}

impl Op for KerasRandomCrop {
    type Drawn = Cropped;

    const DOC: Doc = Doc {
        summary: "Cuts out a part at a random place, as Keras' RandomCrop does.",
        notes: "Only images that are larger in both directions are cut at random; of others the middle is cut and, where it is too \
                small, resized. Keras draws one place for a batch, this one for each image.",
        short: None,
        examples: &[
            "keras.random_crop: { height: 24, width: 20 }",
            "keras.random_crop: { height: 28, width: 24 }",
        ],
    };

    fn check(&self) -> Result<(), Problem> {
        check_size(self.height, self.width)
    }

    fn shape_out(&self, on: Shape) -> ShapeOut {
        ShapeOut::Fixed(Shape::new(self.height, self.width, on.kind))
    }

    fn draw(&self, on: Shape, rng: &mut Stream) -> Cropped {
        let size @ [height, width] = [self.height, self.width];
        let (top, left) = if on.height > height && on.width > width {
            (rng.integer(0, (on.height - height) as i64), rng.integer(0, (on.width - width) as i64))
        } else {
            let Part { top, left, .. } = Part::cropped(on, size);
            (top, left)
        };
        // The part is as large as asked for as far as the image goes.
        let (height, width) = (height.min(on.height - top as usize), width.min(on.width - left as usize));
        Cropped::new(Part { top, left, height, width }, size)
    }

    fn paint(drawn: &Cropped, canvas: &mut Canvas) {
        drawn.paint(canvas, Interpolation::Bilinear, 0.0);
    }

    fn place(drawn: &Cropped, on: Shape) -> Placement {
        drawn.place(on)
    }
}
