//! `random_crop`: keeps a part of given size from a random place.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::base::{Canvas, Shape, Stream};
use crate::kernels::tf_image;
use crate::ops::{Doc, Op, Placement, Problem, ShapeOut};

/// Keeps a part of given size from a random place, as tf.image does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RandomCrop {
    /// Rows and columns that are kept, `[height, width]`.
    pub size: [usize; 2],
}

/// Which part of one image is kept.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// First row.
    pub offset_y: usize,
    /// First column.
    pub offset_x: usize,
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
}

impl Drawn {
    /// First row and column, and the shape of what is kept; always within the image.
    fn part(self, on: Shape) -> (usize, usize, Shape) {
        let to = Shape::new(self.height.min(on.height), self.width.min(on.width), on.kind);
        (self.offset_y.min(on.height - to.height), self.offset_x.min(on.width - to.width), to)
    }
}

impl RandomCrop {
    fn size(&self, on: Shape) -> (usize, usize) {
        (self.size[0].min(on.height), self.size[1].min(on.width))
    }
}

impl Op for RandomCrop {
    type Drawn = Drawn;

    const DOC: Doc = Doc {
        summary: "Keeps a part of given size from a random place, as tf.image does.",
        notes: "All places are equally likely. A side that is shorter than the size stays whole.",
        short: Some("size"),
        examples: &["random_crop: [24, 20]", "random_crop: { size: [3, 3] }"],
    };

    fn check(&self) -> Result<(), Problem> {
        match self.size.iter().find(|side| **side == 0) {
            Some(_) => Err(Problem::new("size", "at least one row and one column are kept")),
            None => Ok(()),
        }
    }

    fn shape_out(&self, on: Shape) -> ShapeOut {
        let (height, width) = self.size(on);
        ShapeOut::Fixed(Shape::new(height, width, on.kind))
    }

    fn draw(&self, on: Shape, rng: &mut Stream) -> Drawn {
        let (height, width) = self.size(on);
        Drawn {
            offset_y: rng.index(on.height - height + 1),
            offset_x: rng.index(on.width - width + 1),
            height,
            width,
        }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        let (top, left, to) = drawn.part(canvas.shape());
        if to != canvas.shape() {
            canvas.redraw(to, |src, dst, _| tf_image::crop(src, dst, top, left));
        }
    }

    fn place(drawn: &Drawn, on: Shape) -> Placement {
        let (top, left, to) = drawn.part(on);
        Placement::Affine { forward: [[1.0, 0.0, -(left as f64)], [0.0, 1.0, -(top as f64)]], to }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::{draws, painted};

    #[test]
    fn all_places_occur() {
        let mut seen = [0; 3];
        for drawn in draws(&RandomCrop { size: [28, 26] }, 300) {
            assert_eq!(drawn.offset_y, 0);
            seen[drawn.offset_x] += 1;
        }
        assert!(seen.iter().all(|n| *n > 70), "{seen:?}");
        let drawn = Drawn { offset_y: 0, offset_x: 1, height: 1, width: 2 };
        assert_eq!(painted::<RandomCrop>(&drawn, &[1, 2, 3, 4]), [2, 3]);
    }
}
