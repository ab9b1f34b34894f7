//! `albumentations.grid_dropout`: covers rectangles in a grid.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::pixels::{Compat, Fill, two, unmoved};
use crate::base::{Canvas, Shape, Stream};
use crate::kernels::albumentations::cover;
use crate::ops::range::{ordered, within};
use crate::ops::{Doc, Op, Problem};

/// Covers rectangles in a grid, as Albumentations' `GridDropout` does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GridDropout {
    /// A hole's sides as a share of its cell's, above 0 and at most 1; at least a pixel, and at least one less than the cell has.
    #[serde(default = "half")]
    pub ratio: f64,
    /// Rows and columns of a cell in pixels, `[lo, hi]`, at least 2. Version 1 may take `hi` + 1, version 2 takes less than `hi`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit_size: Option<[u16; 2]>,
    /// How many cells there are along x and along y, instead of `unit_size`. (Version 2 takes the first for y.) Without either, cells
    /// have a tenth of the image's sides, and at least 2 pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holes_number: Option<[u16; 2]>,
    /// Where in its cell a hole begins, `[x, y]` in pixels.
    #[serde(default)]
    pub shift: [u16; 2],
    /// Holes begin anywhere in their cells instead: all at the same place in version 1, each by itself in version 2.
    #[serde(default)]
    pub random_offset: bool,
    /// What covers them.
    #[serde(default)]
    pub fill: Fill,
    /// The version of Albumentations, 1 or 2.
    #[serde(default = "two")]
    pub compat: Compat,
}

fn half() -> f64 {
    0.5
}

/// The grid of one image.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// A hole's sides as a share of its cell's.
    pub ratio: f64,
    /// Version 1: columns and rows of a cell in pixels. Version 2: how many cells there are along x and along y.
    pub cells: [u16; 2],
    /// Where in its cell a hole begins; none for anywhere.
    pub shift: Option<[u16; 2]>,
    /// What covers them.
    pub fill: Fill,
    /// The version.
    pub compat: Compat,
    /// What random places and fills are expanded from.
    pub key: u64,
}

/// The most cells along one side, which two pixels are the fewest for.
const MOST_CELLS: usize = 2048;

/// The holes along one axis with cells of `unit` pixels: where one begins after the last, and its length.
fn every(side: usize, unit: usize, ratio: f64, shift: usize) -> (usize, usize) {
    let hole = ((unit as f64 * ratio) as usize).clamp(1, (unit - 1).max(1));
    (shift.min(unit - hole.min(unit)).min(side), hole)
}

/// Where the `n`th of `cells` cells begins that share `side` pixels, of which the first `extra` in the order `key` says are longer by 1.
fn begins(side: usize, cells: usize, n: usize, order: &[u16]) -> usize {
    let (length, extra) = (side / cells, side % cells);
    n * length + order[..n].iter().filter(|place| usize::from(**place) < extra).count()
}

impl Drawn {
    /// Version 1: cells of one size from the top left on, the last ones cut off.
    fn in_units(&self, on: Shape, rng: &mut Stream, mut cover: impl FnMut([usize; 4], &mut Stream)) {
        let [unit_x, unit_y] = self.cells.map(|unit| usize::from(unit.max(2)));
        let shift = self.shift.map(|shift| shift.map(usize::from));
        let mut axis = |side: usize, unit: usize, shift: Option<usize>| {
            let (_, hole) = every(side, unit, self.ratio, 0);
            let shift = shift.unwrap_or_else(|| rng.index(unit - hole + 1));
            every(side, unit, self.ratio, shift)
        };
        let (left, columns) = axis(on.width, unit_x, shift.map(|[x, _]| x));
        let (top, rows) = axis(on.height, unit_y, shift.map(|[_, y]| y));
        for x in (left..on.width).step_by(unit_x) {
            for y in (top..on.height).step_by(unit_y) {
                cover([x, y, x + columns, y + rows], rng);
            }
        }
    }

    /// Version 2: so many cells, whose lengths differ by 1 at most and are shuffled.
    fn in_cells(&self, on: Shape, rng: &mut Stream, mut cover: impl FnMut([usize; 4], &mut Stream)) {
        let mut orders = [[0_u16; MOST_CELLS]; 2];
        let counts = self.cells.map(|n| usize::from(n).clamp(1, MOST_CELLS));
        for (order, count) in orders.iter_mut().zip(counts) {
            for (i, place) in order.iter_mut().enumerate() {
                *place = i as u16;
            }
            rng.shuffle(&mut order[..count]);
        }
        let [columns, rows] = counts;
        let hole = |cell: usize| ((cell as f64 * self.ratio) as usize).max(1).min(cell.saturating_sub(1));
        for row in 0..rows {
            for column in 0..columns {
                let at = |axis: usize, side: usize, count: usize, n: usize, rng: &mut Stream| {
                    let first = begins(side, count, n, &orders[axis]);
                    let cell = begins(side, count, n + 1, &orders[axis]) - first;
                    let length = hole(cell);
                    let offset = match self.shift {
                        Some(shift) => usize::from(shift[axis]),
                        None => rng.index(cell - length + 1),
                    };
                    let from = (first + offset).min(side - length.min(side));
                    [from, from + length]
                };
                let [left, right] = at(0, on.width, columns, column, rng);
                let [top, bottom] = at(1, on.height, rows, row, rng);
                cover([left, top, right, bottom], rng);
            }
        }
    }
}

impl Op for GridDropout {
    type Drawn = Drawn;

    const DOC: Doc = Doc {
        summary: "Covers rectangles in a grid, as Albumentations' GridDropout does.",
        notes: "random_offset is true by default in version 2 of the library.",
        short: Some("ratio"),
        examples: &[
            "albumentations.grid_dropout: {}",
            "albumentations.grid_dropout: { ratio: 0.4, unit_size: [4, 9], random_offset: true }",
            "albumentations.grid_dropout: { holes_number: [4, 3], shift: [1, 2], fill: 128 }",
            "albumentations.grid_dropout: { holes_number: [4, 3], random_offset: true, compat: 1 }",
            "albumentations.grid_dropout: { unit_size: [3, 6], compat: 1, fill: random }",
        ],
    };

    fn check(&self) -> Result<(), Problem> {
        within("ratio", &self.ratio, &(0.001..=1.0))?;
        if let Some([lo, hi]) = self.unit_size {
            within("unit_size", &lo, &(2..=4096))?;
            within("unit_size", &hi, &(2..=4096))?;
            ordered("unit_size", &lo, &hi)?;
            if self.holes_number.is_some() {
                return Err(Problem::new("holes_number", "give unit_size or holes_number, not both"));
            }
            if self.compat == Compat::Two && lo == hi {
                return Err(Problem::new("unit_size", "version 2 takes less than the second number"));
            }
        }
        self.holes_number.iter().flatten().try_for_each(|n| within("holes_number", n, &(1..=256)))
    }

    fn draw(&self, on: Shape, rng: &mut Stream) -> Drawn {
        let sides = [on.width, on.height];
        let tenth = |side: usize| (side / 10).max(2);
        let cells = match (self.compat, self.unit_size, self.holes_number) {
            (Compat::One, Some([lo, hi]), _) => [rng.integer(lo.into(), i64::from(hi) + 1) as usize; 2],
            (Compat::One, None, Some(counts)) => {
                std::array::from_fn(|i| (sides[i] / usize::from(counts[i]).max(1)).max(2))
            }
            (Compat::One, None, None) => {
                let unit = tenth(on.width);
                [unit, unit.min(on.height).max(2)]
            }
            (Compat::Two, Some([lo, hi]), _) => {
                let unit = rng.integer(lo.into(), i64::from(hi) - 1) as usize;
                sides.map(|side| side / unit)
            }
            (Compat::Two, None, Some([first, second])) => [second, first].map(usize::from),
            (Compat::Two, None, None) => sides.map(|side| side / tenth(side)),
        };
        Drawn {
            ratio: self.ratio,
            cells: cells.map(|n| n.clamp(1, 4096) as u16),
            shift: if self.random_offset { None } else { Some(self.shift) },
            fill: self.fill,
            compat: self.compat,
            key: rng.u64(),
        }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        let on = canvas.shape();
        let mut rng = Stream::of_key(drawn.key);
        let covers = |hole: [usize; 4], rng: &mut Stream| {
            canvas.in_place(|image, _| cover(image, hole, drawn.fill.colors(rng)));
        };
        match drawn.compat {
            Compat::One => drawn.in_units(on, &mut rng, covers),
            Compat::Two => drawn.in_cells(on, &mut rng, covers),
        }
    }

    unmoved!();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::painted;

    #[test]
    fn holes_of_version_1_are_at_equal_steps() {
        let drawn = Drawn {
            ratio: 0.5,
            cells: [4, 2],
            shift: Some([1, 0]),
            fill: Fill::One(0),
            compat: Compat::One,
            key: 1,
        };
        assert_eq!(painted::<GridDropout>(&drawn, &[9; 10]), [9, 0, 0, 9, 9, 0, 0, 9, 9, 0]);
        let shifted = painted::<GridDropout>(&Drawn { shift: None, ..drawn }, &[9; 40]);
        assert!(shifted.chunks(4).all(|cell| cell == &shifted[..4]), "{shifted:?}");
    }

    #[test]
    fn cells_of_version_2_share_the_image() {
        let drawn = Drawn {
            ratio: 0.5,
            cells: [3, 1],
            shift: Some([0, 0]),
            fill: Fill::One(0),
            compat: Compat::Two,
            key: 1,
        };
        // Cells of 4, 3 and 3 columns in some order and of 6 rows: holes of 2, 1 and 1 columns and 3 rows.
        let mut canvas = Canvas::default();
        canvas.reset(Shape::gray(6, 10)).fill(9);
        GridDropout::paint(&drawn, &mut canvas);
        let covered =
            |row: usize| canvas.pixels()[row * 10..][..10].iter().map(|v| u8::from(*v == 0)).sum::<u8>();
        assert_eq!([0, 2, 3, 5].map(covered), [4, 4, 0, 0]);
        assert_eq!(canvas.pixels()[0], 0);
        // A cell of one row has no hole.
        assert_eq!(painted::<GridDropout>(&drawn, &[9; 10]), [9; 10]);
        assert_eq!([0, 1, 2, 3].map(|n| begins(10, 3, n, &[2, 0, 1])), [0, 3, 7, 10]);
    }
}
