//! `albumentations.clahe`: equalizes the histogram tile by tile, with limited contrast.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::pixels::unmoved;
use crate::base::{Canvas, Shape, Stream};
use crate::kernels::cv::clahe::{self, MOST_TILES};
use crate::ops::range::within;
use crate::ops::{Doc, Op, Param, Problem};

/// Equalizes the histogram tile by tile, with limited contrast, as Albumentations' `CLAHE` does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AlbumentationsClahe {
    /// How many times its fair share of pixels a value may count for, at least 0; 0 is no limit.
    pub clip_limit: Param,
    /// How many tiles there are, `[columns, rows]`, 1..256.
    pub tile_grid_size: [usize; 2],
}

impl Default for AlbumentationsClahe {
    fn default() -> Self {
        Self { clip_limit: Param::Range(1.0, 4.0), tile_grid_size: [8, 8] }
    }
}

/// How one image is equalized.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// The limit.
    pub clip_limit: f64,
    /// Tiles, `[columns, rows]`.
    pub tile_grid_size: [usize; 2],
}

impl Op for AlbumentationsClahe {
    type Drawn = Drawn;

    const DOC: Doc = Doc {
        summary: "Equalizes the histogram tile by tile, with limited contrast, as Albumentations' CLAHE does.",
        notes: "Colored images: the lightness of CIELAB.",
        short: Some("clip_limit"),
        examples: &[
            "albumentations.clahe: 4",
            "albumentations.clahe: { clip_limit: [1, 2], tile_grid_size: [4, 5] }",
        ],
    };

    fn check(&self) -> Result<(), Problem> {
        self.clip_limit.check("clip_limit", 0.0..=1e6)?;
        self.tile_grid_size.iter().try_for_each(|n| within("tile_grid_size", n, &(1..=MOST_TILES)))
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Drawn {
        Drawn { clip_limit: self.clip_limit.draw(rng), tile_grid_size: self.tile_grid_size }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        let [columns, rows] = drawn.tile_grid_size.map(|n| n.clamp(1, MOST_TILES));
        canvas.in_place(|image, scratch| {
            clahe::clahe_lightness(image, drawn.clip_limit, (columns, rows), scratch);
        });
    }

    unmoved!();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::{draws, painted};

    #[test]
    fn limits_are_uniform_and_contrast_grows() {
        let op = AlbumentationsClahe { clip_limit: Param::Range(1.0, 4.0), ..AlbumentationsClahe::default() };
        let mean = draws(&op, 2000).map(|d| d.clip_limit).sum::<f64>() / 2000.0;
        assert!((mean - 2.5).abs() < 0.1, "{mean}");
        let drawn = Drawn { clip_limit: 40.0, tile_grid_size: [1, 1] };
        let row = painted::<AlbumentationsClahe>(&drawn, &[100, 101, 102, 103, 104]);
        assert!(row.is_sorted() && row[4] - row[0] > 100, "{row:?}");
    }
}
