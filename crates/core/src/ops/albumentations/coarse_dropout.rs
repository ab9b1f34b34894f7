//! `albumentations.coarse_dropout`: covers rectangles.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::pixels::{Fill, unmoved};
use crate::base::{Canvas, Shape, Stream};
use crate::kernels::albumentations::cover;
use crate::ops::range::{ordered, within};
use crate::ops::{Doc, Int, Op, Problem};

crate::named! {
    /// Where holes lie.
    pub enum At {
        /// Wholly within the image.
        Inside = "inside",
        /// About a point of the image, its right and lower border included; what is beyond the image is cut off.
        Anywhere = "anywhere",
    }
}

/// Covers rectangles, as Albumentations' `CoarseDropout` does, and `Cutout`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AlbumentationsCoarseDropout {
    /// How many holes, 1..10000.
    #[serde(default = "one_or_two")]
    pub num_holes: Int,
    /// Rows of a hole, `[lo, hi]`: as a fraction of the image's if `hi` is below 1, else in pixels, both included.
    #[serde(default = "tenth_to_fifth")]
    pub hole_height: [f64; 2],
    /// Columns of a hole; fractions if the rows are.
    #[serde(default = "tenth_to_fifth")]
    pub hole_width: [f64; 2],
    /// What covers them.
    #[serde(default)]
    pub fill: Fill,
    /// `inside`, or `anywhere` as in `Cutout`.
    #[serde(default = "inside")]
    pub at: At,
}

fn one_or_two() -> Int {
    Int::Range(1, 2)
}

fn tenth_to_fifth() -> [f64; 2] {
    [0.1, 0.2]
}

fn inside() -> At {
    At::Inside
}

/// The holes of one image.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// How many.
    pub holes: u16,
    /// Rows of each, `[lo, hi]`.
    pub hole_height: [f64; 2],
    /// Columns of each.
    pub hole_width: [f64; 2],
    /// What covers them.
    pub fill: Fill,
    /// Where they lie.
    pub at: At,
    /// What sizes, places and random fills are expanded from.
    pub key: u64,
}

impl Drawn {
    /// The next hole of an image of shape `on`: `[left, top, right, bottom]`.
    fn hole(&self, on: Shape, rng: &mut Stream) -> [usize; 4] {
        let pixels = self.hole_height[1] >= 1.0;
        let mut side = |[lo, hi]: [f64; 2], n: usize| {
            if pixels {
                let most = (hi as i64).min(n as i64);
                rng.integer((lo as i64).min(most), most) as usize
            } else {
                (n as f64 * rng.uniform(lo, hi)) as usize
            }
        };
        let (rows, columns) = (side(self.hole_height, on.height), side(self.hole_width, on.width));
        let mut start = |size: usize, n: usize| match self.at {
            At::Inside => rng.index(n - size.min(n) + 1),
            At::Anywhere => rng.index(n + 1).saturating_sub(size / 2),
        };
        let (top, left) = (start(rows, on.height), start(columns, on.width));
        [left, top, left + columns, top + rows]
    }
}

impl Op for AlbumentationsCoarseDropout {
    type Drawn = Drawn;

    const DOC: Doc = Doc {
        summary: "Covers rectangles, as Albumentations' CoarseDropout does, and Cutout.",
        notes: "Version 1's own default is 8 holes of 8 x 8 pixels, which is most of a small image.",
        short: Some("num_holes"),
        examples: &[
            "albumentations.coarse_dropout: {}",
            "albumentations.coarse_dropout: { num_holes: 8, hole_height: [8, 8], hole_width: [8, 8] }",
            "albumentations.coarse_dropout: { num_holes: [1, 3], hole_height: [2, 4], hole_width: [1, 9], fill: random, at: anywhere }",
            "albumentations.coarse_dropout: { hole_height: [0.2, 0.5], fill: random_uniform }",
            "albumentations.coarse_dropout: { fill: [9, 200, 77] }",
        ],
    };

    fn check(&self) -> Result<(), Problem> {
        self.num_holes.check("num_holes", 1..=10_000)?;
        for (field, [lo, hi]) in [("hole_height", self.hole_height), ("hole_width", self.hole_width)] {
            within(field, &lo, &(0.0..=4096.0))?;
            within(field, &hi, &(0.0..=4096.0))?;
            ordered(field, &lo, &hi)?;
        }
        if (self.hole_height[1] >= 1.0) == (self.hole_width[1] >= 1.0) {
            Ok(())
        } else {
            Err(Problem::new("hole_width", "rows and columns are both fractions, or both pixels"))
        }
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Drawn {
        Drawn {
            holes: self.num_holes.draw(rng) as u16,
            hole_height: self.hole_height,
            hole_width: self.hole_width,
            fill: self.fill,
            at: self.at,
            key: rng.u64(),
        }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        let on = canvas.shape();
        let mut rng = Stream::of_key(drawn.key);
        for _ in 0..drawn.holes {
            let hole = drawn.hole(on, &mut rng);
            canvas.in_place(|image, _| cover(image, hole, drawn.fill.colors(&mut rng)));
        }
    }

    unmoved!();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::draws;

    fn op() -> AlbumentationsCoarseDropout {
        AlbumentationsCoarseDropout {
            num_holes: one_or_two(),
            hole_height: tenth_to_fifth(),
            hole_width: tenth_to_fifth(),
            fill: Fill::default(),
            at: inside(),
        }
    }

    /// Sizes and places on 28 x 28, as measured on the library.
    #[test]
    fn holes_are_as_large_as_in_the_library() {
        let on = Shape::rgb(28, 28);
        let (mut sizes, mut tops) = ([0.0_f64; 6], 0.0_f64);
        for drawn in draws(&op(), 4000) {
            let [_, top, _, bottom] = drawn.hole(on, &mut Stream::of_key(drawn.key));
            sizes[bottom - top] += 1.0 / 4000.0;
            tops += top as f64 / 4000.0;
        }
        let expected = [0.0, 0.0, 0.069, 0.362, 0.358, 0.211];
        assert!(sizes.iter().zip(expected).all(|(a, b)| (a - b).abs() < 0.045), "{sizes:?}");
        assert!((tops - 11.99).abs() < 0.7, "{tops}");
        let one = AlbumentationsCoarseDropout {
            num_holes: Int::Constant(8),
            hole_height: [8.0; 2],
            hole_width: [8.0; 2],
            ..op()
        };
        for drawn in draws(&one, 50) {
            let [left, top, right, bottom] = drawn.hole(on, &mut Stream::of_key(drawn.key));
            assert!(
                drawn.holes == 8 && right - left == 8 && bottom - top == 8 && right <= 28 && bottom <= 28
            );
        }
    }

    #[test]
    fn holes_anywhere_may_be_cut_off_but_not_moved() {
        let cut = AlbumentationsCoarseDropout {
            at: At::Anywhere,
            hole_height: [8.0; 2],
            hole_width: [8.0; 2],
            ..op()
        };
        let tops: Vec<usize> =
            draws(&cut, 3000).map(|d| d.hole(Shape::rgb(28, 28), &mut Stream::of_key(d.key))[1]).collect();
        assert_eq!((tops.iter().min(), tops.iter().max()), (Some(&0), Some(&24)));
        // Points 0 to 4 of 29 have their hole at the border.
        let at_border = tops.iter().filter(|top| **top == 0).count();
        assert!(at_border.abs_diff(517) < 110, "{at_border}");
        assert!(AlbumentationsCoarseDropout { hole_height: [3.0; 2], ..op() }.check().is_err());
    }
}
