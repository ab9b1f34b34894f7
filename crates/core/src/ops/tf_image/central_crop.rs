//! `central_crop`: keeps the middle of the image.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::base::{Canvas, Shape, Stream};
use crate::kernels::tf_image;
use crate::ops::{Doc, Op, Param, Placement, Problem, ShapeOut};

/// Keeps the middle of the image, as tf.image does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CentralCrop {
    /// The fraction of height and width that is kept, above 0 and up to 1. A range may begin at 0.
    pub central_fraction: Param,
}

/// The least fraction that is kept.
const LEAST: f64 = 0.001;

/// How much of one image is kept.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// The fraction of height and width.
    pub central_fraction: f64,
}

impl Drawn {
    /// First row and column, and the shape of what is kept.
    fn part(self, on: Shape) -> (usize, usize, Shape) {
        let [top, left] = [on.height, on.width].map(|n| tf_image::central_offset(n, self.central_fraction));
        (top, left, Shape::new(on.height - 2 * top, on.width - 2 * left, on.kind))
    }
}

impl Op for CentralCrop {
    type Drawn = Drawn;

    const DOC: Doc = Doc {
        summary: "Keeps the middle of the image, as tf.image does.",
        notes: "Each side loses (n - n * fraction) / 2 pixels, cut to a whole number, so that an image of 28 x 28 keeps 22 x 22 \
                of a fraction of 0.75. The result is smaller; a range makes images of different sizes, which a resize \
                brings to one.",
        short: Some("central_fraction"),
        examples: &["central_crop: 0.75", "central_crop: [0.5, 1]"],
    };

    fn check(&self) -> Result<(), Problem> {
        match self.central_fraction {
            // As in `tf.image.central_crop(image, np.random.uniform(0, 1))`: the end itself is never drawn.
            Param::Range(0.0, hi) if hi >= LEAST => {
                Param::Constant(hi).check("central_fraction", LEAST..=1.0)
            }
            Param::Constant(_) | Param::Range(..) | Param::Choice(_) | Param::Law(_) => {
                self.central_fraction.check("central_fraction", LEAST..=1.0)
            }
        }
    }

    fn shape_out(&self, on: Shape) -> ShapeOut {
        match self.central_fraction {
            Param::Constant(central_fraction) => ShapeOut::Fixed(Drawn { central_fraction }.part(on).2),
            Param::Range(..) | Param::Choice(_) | Param::Law(_) => ShapeOut::Varies,
        }
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Drawn {
        // Something of the image is left.
        Drawn { central_fraction: self.central_fraction.draw(rng).max(LEAST) }
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
    fn the_middle_remains() {
        let drawn = Drawn { central_fraction: 0.5 };
        assert_eq!(painted::<CentralCrop>(&drawn, &[1, 2, 3, 4, 5, 6, 7, 8]), [3, 4, 5, 6]);
        let check = |central_fraction| CentralCrop { central_fraction }.check();
        assert!(check(Param::Constant(0.0)).is_err() && check(Param::Range(0.0, 0.0)).is_err());
        assert!(check(Param::Range(0.0, 1.5)).is_err());
    }

    #[test]
    fn a_range_may_begin_at_zero_and_leaves_something() {
        let op = CentralCrop { central_fraction: Param::Range(0.0, 1.0) };
        op.check().unwrap();
        for on in [Shape::gray(28, 28), Shape::gray(2, 7), Shape::gray(1, 1)] {
            for drawn in draws(&op, 500).chain([Drawn { central_fraction: LEAST }]) {
                let (.., to) = drawn.part(on);
                assert!(to.height > 0 && to.width > 0, "{drawn:?} {on}");
            }
        }
    }
}
