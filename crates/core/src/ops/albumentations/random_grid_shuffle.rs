//! `albumentations.random_grid_shuffle`: the tiles of a grid change places.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::common::{Compat, two};
use crate::base::{Canvas, Scratch, Shape, Stream};
use crate::ops::range::within;
use crate::ops::{Doc, Op, Placement, Problem, ShapeOut};

/// The tiles of a grid change places, as in Albumentations' `RandomGridShuffle`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RandomGridShuffle {
    /// Rows and columns of the grid, 1..64 each; at most one for each two pixels.
    #[serde(default = "three")]
    pub grid: [usize; 2],
    /// Version of Albumentations, 1 or 2: in 2 it is random where the larger tiles lie.
    #[serde(default = "two")]
    pub compat: Compat,
}

fn three() -> [usize; 2] {
    [3, 3]
}

/// How the tiles of one image are shuffled.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// Rows and columns of the grid.
    pub grid: [usize; 2],
    /// Gives the sizes of tiles and their order.
    pub key: u64,
    /// The version's rule.
    pub compat: Compat,
}

/// Where the tiles of an axis of `n` pixels begin, and where the last one ends.
fn edges(n: usize, count: usize, compat: Compat, rng: &mut Stream, edges: &mut [i32]) {
    match compat {
        Compat::One => {
            for (i, edge) in edges.iter_mut().enumerate() {
                *edge = (i * n / count) as i32;
            }
        }
        Compat::Two => {
            edges[0] = 0;
            for (i, size) in edges[1..].iter_mut().enumerate() {
                *size = (n / count + usize::from(i < n % count)) as i32;
            }
            rng.shuffle(&mut edges[1..]);
            for i in 1..edges.len() {
                edges[i] += edges[i - 1];
            }
        }
    }
}

/// Which tile comes to the place of each: those of one size change places among themselves.
fn order(rows: &[i32], columns: &[i32], rng: &mut Stream, order: &mut [i32], group: &mut [i32]) {
    let across = columns.len() - 1;
    let size = |tile: usize| {
        let (row, column) = (tile / across, tile % across);
        (rows[row + 1] - rows[row], columns[column + 1] - columns[column])
    };
    order.fill(-1);
    for first in 0..order.len() {
        if order[first] >= 0 {
            continue;
        }
        let mut len = 0;
        for tile in first..order.len() {
            if size(tile) == size(first) {
                group[len] = tile as i32;
                len += 1;
            }
        }
        rng.shuffle(&mut group[..len]);
        let places = (first..order.len()).filter(|tile| size(*tile) == size(first));
        let mut next = group[..len].iter();
        for tile in places {
            order[tile] = *next.next().unwrap_or(&(tile as i32));
        }
    }
}

impl Drawn {
    fn shuffle(&self, canvas: &mut Canvas) {
        let on = canvas.shape();
        let limit = |count: usize, n: usize| count.clamp(1, n.max(1));
        let [down, across] = [limit(self.grid[0], on.height), limit(self.grid[1], on.width)];
        let mut rng = Stream::of_key(self.key);
        let tiles = down * across;
        canvas.redraw(on, |src, mut dst, scratch: &mut Scratch| {
            let mut numbers = scratch.take_i32(down + 1 + across + 1 + 2 * tiles);
            let (rows, rest) = numbers.split_at_mut(down + 1);
            let (columns, rest) = rest.split_at_mut(across + 1);
            let (sources, group) = rest.split_at_mut(tiles);
            edges(on.height, down, self.compat, &mut rng, rows);
            edges(on.width, across, self.compat, &mut rng, columns);
            order(rows, columns, &mut rng, sources, group);
            let channels = on.channels();
            for (tile, &source) in sources.iter().enumerate() {
                let at = |tile: usize| (rows[tile / across] as usize, columns[tile % across] as usize);
                let ((top, left), (from_top, from_left)) = (at(tile), at(source as usize));
                let height = rows[tile / across + 1] as usize - top;
                let width = (columns[tile % across + 1] as usize - left) * channels;
                for y in 0..height {
                    let row = &src.row(from_top + y)[from_left * channels..][..width];
                    dst.row_mut(top + y)[left * channels..][..width].copy_from_slice(row);
                }
            }
            scratch.give_i32(numbers);
        });
    }
}

impl Op for RandomGridShuffle {
    type Drawn = Drawn;

    const DOC: Doc = Doc {
        summary: "The tiles of a grid change places, as in Albumentations' RandomGridShuffle.",
        notes: "Tiles of different sizes do not change places. Boxes stay, because their content is scattered.",
        short: Some("grid"),
        examples: &[
            "albumentations.random_grid_shuffle: [3, 3]",
            "albumentations.random_grid_shuffle: { grid: [2, 5], compat: 1 }",
        ],
    };

    fn check(&self) -> Result<(), Problem> {
        self.grid.iter().try_for_each(|count| within("grid", count, &(1..=64)))
    }

    fn shape_out(&self, _: Shape) -> ShapeOut {
        ShapeOut::Same
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Drawn {
        Drawn { grid: self.grid, key: rng.u64(), compat: self.compat }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        if canvas.shape().pixels() > 0 {
            drawn.shuffle(canvas);
        }
    }

    fn place(_: &Drawn, _: Shape) -> Placement {
        Placement::Unmoved
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pixel_is_there_once() {
        for (compat, seed) in [(Compat::One, 1), (Compat::Two, 2), (Compat::Two, 3)] {
            let mut canvas = Canvas::default();
            let shape = Shape::gray(11, 13);
            canvas.reset(shape).iter_mut().enumerate().for_each(|(i, v)| *v = i as u8);
            Drawn { grid: [3, 4], key: seed, compat }.shuffle(&mut canvas);
            let mut got = canvas.pixels().to_vec();
            assert_ne!(got, (0..143).collect::<Vec<u8>>());
            got.sort_unstable();
            assert_eq!(got, (0..143).collect::<Vec<u8>>());
        }
    }
}
