//! `albumentations.center_crop`: keeps the middle of the image.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::base::{Canvas, Shape, Stream};
use crate::kernels::pil;
use crate::ops::{Doc, Op, Placement, Problem, ShapeOut};

/// Keeps the middle of the image, as Albumentations' `CenterCrop` does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AlbumentationsCenterCrop {
    /// Rows and columns that are kept, `[height, width]`.
    pub size: [usize; 2],
}

/// What is kept of one image.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// First row.
    pub top: usize,
    /// First column.
    pub left: usize,
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
}

impl Drawn {
    fn to(self, on: Shape) -> Shape {
        Shape::new(self.height.min(on.height), self.width.min(on.width), on.kind)
    }
}

impl AlbumentationsCenterCrop {
    fn part(&self, on: Shape) -> Drawn {
        let [height, width] = [self.size[0].min(on.height), self.size[1].min(on.width)];
        Drawn { top: (on.height - height) / 2, left: (on.width - width) / 2, height, width }
    }
}

impl Op for AlbumentationsCenterCrop {
    type Drawn = Drawn;

    const DOC: Doc = Doc {
        summary: "Keeps the middle of the image, as Albumentations' CenterCrop does.",
        notes: "Half a pixel more is left out below and right than above and left. A side that is shorter stays whole, where \
                Albumentations stops with an error.",
        short: Some("size"),
        examples: &["albumentations.center_crop: [20, 15]"],
    };

    fn check(&self) -> Result<(), Problem> {
        self.size.iter().try_for_each(|side| crate::ops::range::within("size", side, &(1..=4096)))
    }

    fn shape_out(&self, on: Shape) -> ShapeOut {
        ShapeOut::Fixed(self.part(on).to(on))
    }

    fn draw(&self, on: Shape, _: &mut Stream) -> Drawn {
        self.part(on)
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        let to = drawn.to(canvas.shape());
        canvas.redraw(to, |src, dst, _| pil::crop(src, dst, drawn.top as i64, drawn.left as i64));
    }

    fn place(drawn: &Drawn, on: Shape) -> Placement {
        let forward = [[1.0, 0.0, -(drawn.left as f64)], [0.0, 1.0, -(drawn.top as f64)]];
        Placement::Affine { forward, to: drawn.to(on) }
    }
}
