//! `coarse_dropout`: blackens rectangles.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::base::{Canvas, Channels, Shape, Stream};
use crate::kernels::noise;
use crate::ops::counterpart::{Class, Form};
use crate::ops::range::within;
use crate::ops::{Doc, Int, Op, Param, PerChannel, Placement, Problem, ShapeOut};

/// Sets rectangular cells of images to zero.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CoarseDropout {
    /// Probability of each cell to be dropped, drawn for each image, 0..1.
    pub p: Param,
    /// Rows and columns of cells, drawn separately, 1..1024. Left out together with `size_percent`: [3, 8].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size_px: Option<Int>,
    /// Rows and columns of cells as a share of the image's, drawn separately, 0..1; instead of `size_px`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size_percent: Option<Param>,
    /// Probability that each channel has cells of its own to drop instead of all the same.
    pub per_channel: PerChannel,
    /// The fewest rows and columns of cells, 1..1024.
    pub min_size: u16,
}

impl Default for CoarseDropout {
    fn default() -> Self {
        Self {
            p: Param::Range(0.02, 0.1),
            size_px: None,
            size_percent: None,
            per_channel: PerChannel::default(),
            min_size: 3,
        }
    }
}

/// The most rows or columns of cells that may be asked for.
const MOST_CELLS: i64 = 1024;

/// What is dropped from one image.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// Probability of each cell, counted in steps of 2^-16.
    pub p: f32,
    /// Rows of cells.
    pub rows: u32,
    /// Columns of cells.
    pub columns: u32,
    /// Whether each channel has cells of its own.
    pub per_channel: bool,
    /// What the random numbers are expanded from.
    pub key: u64,
}

impl Op for CoarseDropout {
    type Drawn = Drawn;

    const IMGAUG: &'static [Class] = &[Class {
        name: "CoarseDropout",
        params: &[
            ("p", "p", Form::Dropped),
            ("size_px", "size_px", Form::Whole),
            ("size_percent", "size_percent", Form::Number),
            ("per_channel", "per_channel", Form::Chance),
            ("min_size", "min_size", Form::Count),
        ],
    }];

    const DOC: Doc = Doc {
        summary: "Sets rectangular cells of images to zero.",
        notes: "A coarse grid is laid over the image and each of its cells dropped with probability p. On small images \
                min_size decides: with a size_percent of 0.05, 28 x 28 pixels have 3 x 3 cells, and each \
                dropped one removes a ninth of the image.",
        short: Some("p"),
        examples: &[
            "coarse_dropout: 0.1",
            "coarse_dropout: { p: [0.03, 0.15], size_percent: [0.02, 0.05], per_channel: 0.2 }",
            "coarse_dropout: { p: 0.2, size_px: [4, 9], min_size: 1 }",
        ],
    };

    fn check(&self) -> Result<(), Problem> {
        self.p.check("p", 0.0..=1.0)?;
        if let Some(size) = &self.size_px {
            size.check("size_px", 1..=MOST_CELLS)?;
            if self.size_percent.is_some() {
                return Err(Problem::new("size_px", "give size_px or size_percent, not both"));
            }
        }
        if let Some(size) = &self.size_percent {
            size.check("size_percent", 0.0..=1.0)?;
        }
        within("min_size", &i64::from(self.min_size), &(1..=MOST_CELLS))?;
        self.per_channel.check("per_channel")
    }

    fn shape_out(&self, _: Shape) -> ShapeOut {
        ShapeOut::Same
    }

    fn draw(&self, on: Shape, rng: &mut Stream) -> Drawn {
        let mut cells = |side: usize| {
            let cells = match (&self.size_percent, &self.size_px) {
                (Some(share), _) => (share.draw32(rng) * side as f32) as u32,
                (None, Some(size)) => size.draw(rng) as u32,
                (None, None) => Int::Range(3, 8).draw(rng) as u32,
            };
            cells.max(u32::from(self.min_size))
        };
        let (rows, columns) = (cells(on.height), cells(on.width));
        Drawn {
            per_channel: self.per_channel.draw(rng),
            p: self.p.draw32(rng),
            rows,
            columns,
            key: rng.u64(),
        }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        canvas.in_place(|image, scratch| {
            let grid = Shape::new(
                drawn.rows as usize,
                drawn.columns as usize,
                if drawn.per_channel { image.shape.kind } else { Channels::Gray },
            );
            let mut random = scratch.take_u8(noise::random_bytes(grid, true));
            let mut keep = scratch.take_u8(grid.bytes());
            Stream::of_key(drawn.key).fill(&mut random);
            noise::keep_mask(drawn.p, &random, &mut keep);
            noise::coarse_dropout(image, &keep, grid.height, grid.width);
            scratch.give_u8(random);
            scratch.give_u8(keep);
        });
    }

    fn place(_: &Drawn, _: Shape) -> Placement {
        Placement::Unmoved
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::ImageMut;
    use crate::ops::testing::draws;

    #[test]
    fn small_images_have_nine_cells() {
        let op = CoarseDropout {
            p: Param::Range(0.03, 0.15),
            size_percent: Some(Param::Range(0.02, 0.05)),
            per_channel: PerChannel(0.2),
            ..CoarseDropout::default()
        };
        let shape = Shape::rgb(28, 28);
        let mut canvas = Canvas::default();
        let mut dropped = [0_usize; 10];
        let mut channels_differ = 0;
        for drawn in draws(&op, 2000) {
            assert_eq!((drawn.rows, drawn.columns), (3, 3));
            canvas.reset(shape).fill(255);
            CoarseDropout::paint(&drawn, &mut canvas);
            // One pixel of each cell.
            let cells = [0, 14, 27].into_iter().flat_map(|y| [0, 14, 27].map(|x| (y * 28 + x) * 3));
            let black =
                |channel: usize| cells.clone().filter(|at| canvas.pixels()[at + channel] == 0).count();
            dropped[black(0)] += 1;
            channels_differ += usize::from(canvas.pixels().chunks_exact(3).any(|p| p != [p[0]; 3]));
        }
        // As measured on imgaug: 0.453, 0.351, 0.148 of images have 0, 1, 2 cells dropped; five standard errors.
        for (found, expected) in dropped.into_iter().zip([906, 702, 296]) {
            assert!(found.abs_diff(expected) < 112, "{dropped:?}");
        }
        assert!(channels_differ.abs_diff(354) < 90, "{channels_differ}");
    }

    #[test]
    fn the_whole_image_may_be_one_cell() {
        let drawn = Drawn { p: 1.0, rows: 1, columns: 1, per_channel: false, key: 1 };
        let mut canvas = Canvas::default();
        canvas.load(ImageMut::new(Shape::gray(2, 2), &mut [9; 4]).as_image());
        CoarseDropout::paint(&drawn, &mut canvas);
        assert_eq!(canvas.pixels(), [0; 4]);
    }
}
