//! The clustering of SLIC: k-means over place and color.
//!
//! What a round assigns depends on the centers alone, and most of them come to rest early. So the image is cut into tiles,
//! and a tile is assigned anew only if a center that moved may matter to it; of the centers that reach it, those
//! whose mere distance in place is above all of its present distances are passed over. Both tests compare numbers
//! that are rounded the same way as the distances themselves, and rounding keeps order; the result is
//! bit for bit that of trying everything every time.

use fearless_simd::prelude::*;
use fearless_simd::{f32x8, f64x8};

use super::grid::Grid;
use crate::base::{Scratch, Shape};
use crate::kernels::entry::for_channels;
use crate::kernels::vectors::dispatch;

/// Rounds of assignment.
const ROUNDS: usize = 10;

/// Pixels along a side of a tile.
const SIDE: usize = 4;

/// Pixels of a tile.
const TILE: usize = SIDE * SIDE;

/// Vectors of eight pixels in a tile.
const HALVES: usize = TILE / 8;

/// Row, column, color (one or three values), a one at [`COUNT`], zeros: a pixel, or a cluster's mean, which is not a number once the cluster is empty.
type Center = [f64; 8];

/// Where a sum of pixels has their number.
const COUNT: usize = 5;

/// Rows and columns that a center reaches: top, bottom, left, right, half-open.
type Window = [i32; 4];

/// Puts every pixel into one of the clusters, numbered into `clusters`; returns the number of clusters, some of which may
/// have run empty. `features` is one plane of colors per channel; `n` is at least 1.
pub(super) fn cluster(
    shape: Shape,
    features: &[f64],
    n: usize,
    clusters: &mut [i32],
    scratch: &mut Scratch,
) -> usize {
    for_channels!(shape, C => run::<C>(shape, features, n, clusters, scratch))
}

fn run<const C: usize>(
    shape: Shape,
    features: &[f64],
    n: usize,
    clusters: &mut [i32],
    scratch: &mut Scratch,
) -> usize {
    let grid = Grid::new(shape, n);
    let count = grid.points();
    // How far a center reaches follows from the number of centers that there really are.
    let reach = Grid::new(shape, count);
    let step = grid.rows.step.max(grid.columns.step) as f64;
    // A difference in single precision may be off by e, a few ten-millionths of the numbers themselves, and a square by a thousandth of itself and a
    // thousand times the square of e; there are five.
    let off = 3e-7 * shape.height.max(shape.width).max(128) as f64;
    let slack = 5005.0 * off * off;
    let (down, across) = (shape.height.div_ceil(SIDE), shape.width.div_ceil(SIDE));
    let tiles = down * across;

    let mut colors = scratch.take_f64(tiles * TILE * C);
    let mut bounds = scratch.take_f32(tiles * 16);
    let mut farthest = scratch.take_f64(tiles);
    let mut nearest = scratch.take_i32(tiles * TILE);
    let mut centers = scratch.take_f64(count * 8);
    let mut singles = scratch.take_f32(count * 8);
    let mut list = scratch.take_i32(count + TILE);
    let mut offered = scratch.take_i32(count);
    offered.fill(0);
    let mut windows = scratch.take_i32(count * 4);
    let mut ranges = scratch.take_i32(count * 4);
    ranges.fill(-1);
    let mut moved = scratch.take_u8(count);
    let mut touched = scratch.take_u8(count);
    let mut pixels = scratch.take_f64(shape.pixels() * 8);
    let mut sums = scratch.take_f64(count * 8);
    let mut starts = scratch.take_i32(tiles + 1);
    let mut reaching = scratch.take_i32(0);

    let mut state = Clustering::<C> {
        shape,
        across,
        weight: 1.0 / (step * step),
        reach: [2 * reach.rows.step, 2 * reach.columns.step].map(|reach| reach as f64),
        colors: colors.as_chunks_mut().0.as_chunks_mut().0,
        slack,
        bounds: bounds.as_chunks_mut().0.as_chunks_mut().0,
        farthest: &mut farthest,
        nearest: nearest.as_chunks_mut().0,
        centers: centers.as_chunks_mut().0,
        singles: singles.as_chunks_mut().0,
        list: &mut list,
        offered: &mut offered,
        turn: 0,
        windows: windows.as_chunks_mut().0,
        tiles: ranges.as_chunks_mut().0,
        moved: &mut moved,
        touched: &mut touched,
        pixels: pixels.as_chunks_mut().0,
        sums: sums.as_chunks_mut().0,
        starts: &mut starts,
        reaching: &mut reaching,
    };
    state.start(grid, features);
    for round in 0..ROUNDS {
        state.find_reaching();
        if !dispatch!(simd => state.assign(simd, round == 0)) && round > 0 {
            break;
        }
        dispatch!(simd => state.move_centers(simd));
    }
    state.write(clusters);

    scratch.give_i32(reaching);
    scratch.give_i32(starts);
    scratch.give_f64(sums);
    scratch.give_f64(pixels);
    scratch.give_u8(touched);
    scratch.give_u8(moved);
    scratch.give_i32(ranges);
    scratch.give_i32(windows);
    scratch.give_i32(offered);
    scratch.give_i32(list);
    scratch.give_f32(singles);
    scratch.give_f64(centers);
    scratch.give_i32(nearest);
    scratch.give_f64(farthest);
    scratch.give_f32(bounds);
    scratch.give_f64(colors);
    count
}

/// What is known between two rounds. Pixels are kept tile by tile; tiles reach beyond the image on the right and below,
/// and what is there takes part but is in no mean.
struct Clustering<'a, const C: usize> {
    shape: Shape,
    /// Tiles in a row of tiles.
    across: usize,
    /// One over the square of the grid's step.
    weight: f64,
    /// How many rows and columns a center reaches.
    reach: [f64; 2],
    /// Per tile, a plane of colors per channel.
    colors: &'a mut [[[f64; TILE]; C]],
    /// What is added to bounds in single precision.
    slack: f64,
    /// Per tile, the lowest and highest row, column and colors of its pixels.
    bounds: &'a mut [[[f32; 8]; 2]],
    /// Per tile, the largest distance of a pixel from its cluster.
    farthest: &'a mut [f64],
    /// Per tile, the number of each pixel's cluster.
    nearest: &'a mut [[i32; TILE]],
    /// Per cluster.
    centers: &'a mut [Center],
    /// The same in single precision.
    singles: &'a mut [[f32; 8]],
    /// Room for numbers of clusters that matter to a tile.
    list: &'a mut [i32],
    /// Per cluster, the last turn in which it was offered to a tile before others; and the number of the turn.
    offered: &'a mut [i32],
    turn: i32,
    windows: &'a mut [Window],
    /// Per cluster, the tiles that its window touches.
    tiles: &'a mut [Window],
    /// Per cluster, whether its center is not where it was in the last round.
    moved: &'a mut [u8],
    /// Per cluster, whether it gained or lost pixels in this round.
    touched: &'a mut [u8],
    /// The pixels, row by row.
    pixels: &'a mut [Center],
    /// Per cluster, the sum of its pixels.
    sums: &'a mut [Center],
    /// The clusters whose centers reach a tile, ascending, tile after tile, and where those of each begin.
    reaching: &'a mut Vec<i32>,
    starts: &'a mut [i32],
}

impl<const C: usize> Clustering<'_, C> {
    /// Sorts colors into tiles, puts the centers, which have no color yet, on the grid, and assigns pixels to
    /// near ones for a start.
    fn start(&mut self, grid: Grid, features: &[f64]) {
        let Shape { height, width, .. } = self.shape;
        for tile in 0..self.nearest.len() {
            let (top, left) = (tile / self.across * SIDE, tile % self.across * SIDE);
            let ys: [usize; SIDE] = std::array::from_fn(|i| (top + i).min(height - 1));
            let xs: [usize; SIDE] = std::array::from_fn(|i| (left + i).min(width - 1));
            let columns = xs.map(|x| grid.columns.near(x));
            for (row, y) in ys.into_iter().enumerate() {
                let first = grid.rows.near(y) * grid.columns.points;
                for (column, x) in xs.into_iter().enumerate() {
                    let i = row * SIDE + column;
                    self.nearest[tile][i] = (first + columns[column]) as i32;
                    for channel in 0..C {
                        self.colors[tile][channel][i] = features[(channel * height + y) * width + x];
                    }
                }
            }
        }
        for (i, pixel) in self.pixels.iter_mut().enumerate() {
            *pixel = [(i / width) as f64, (i % width) as f64, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0];
            for channel in 0..C {
                pixel[2 + channel] = features[channel * height * width + i];
            }
        }
        for (tile, ([low, high], colors)) in self.bounds.iter_mut().zip(&*self.colors).enumerate() {
            let (top, left) = (tile / self.across * SIDE, tile % self.across * SIDE);
            (*low, *high) = ([0.0; 8], [0.0; 8]);
            (low[0], low[1]) = (top as f32, left as f32);
            (high[0], high[1]) = ((top + SIDE - 1) as f32, (left + SIDE - 1) as f32);
            for (channel, plane) in colors.iter().enumerate() {
                let [least, most] =
                    plane.iter().fold([plane[0]; 2], |[low, high], &value| [value.min(low), value.max(high)]);
                (low[2 + channel], high[2 + channel]) = (least as f32, most as f32);
            }
        }
        for (k, center) in self.centers.iter_mut().enumerate() {
            let (row, column) = (k / grid.columns.points, k % grid.columns.points);
            let y = grid.rows.start + row * grid.rows.step;
            let x = grid.columns.start + column * grid.columns.step;
            *center = [y as f64, x as f64, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0];
            self.singles[k] = center.map(|value| value as f32);
        }
        self.moved.fill(1);
        self.touched.fill(1);
    }

    /// Lists the centers that reach each tile.
    fn find_reaching(&mut self) {
        let [reach_y, reach_x] = self.reach;
        let (across, down) = (self.across, self.nearest.len() / self.across);
        let side = SIDE as i32;
        let mut as_before = true;
        for (k, [y, x, ..]) in self.centers.iter().enumerate().filter(|(k, _)| self.moved[*k] != 0) {
            // Not a number gives an empty window.
            let (top, bottom) = ((y - reach_y).max(0.0) as i32, (y + reach_y + 1.0) as i32);
            let (left, right) = ((x - reach_x).max(0.0) as i32, (x + reach_x + 1.0) as i32);
            self.windows[k] = [top, bottom, left, right];
            let end = |place: i32, tiles: usize| ((place + side - 1) / side).min(tiles as i32);
            let tiles = [top / side, end(bottom, down), left / side, end(right, across)];
            as_before &= std::mem::replace(&mut self.tiles[k], tiles) == tiles;
        }
        if as_before {
            return;
        }
        let ranges = |&[top, bottom, left, right]: &Window| {
            (top as usize..bottom as usize, left as usize..right as usize)
        };
        self.starts.fill(0);
        for tiles in &*self.tiles {
            let (rows, columns) = ranges(tiles);
            for row in rows {
                for start in &mut self.starts[row * across..][columns.clone()] {
                    *start += 1;
                }
            }
        }
        // Where each tile's list ends; filling it from its end makes that where it begins.
        let mut end = 0;
        for start in &mut *self.starts {
            end += *start;
            *start = end;
        }
        self.reaching.resize(end as usize, 0);
        for (k, tiles) in self.tiles.iter().enumerate().rev() {
            let (rows, columns) = ranges(tiles);
            for row in rows {
                for start in &mut self.starts[row * across..][columns.clone()] {
                    *start -= 1;
                    self.reaching[*start as usize] = k as i32;
                }
            }
        }
    }

    /// Assigns pixels to the centers where that may have changed; returns whether it has. In the first round no center
    /// has a color yet.
    #[inline(always)]
    fn assign<S: Simd>(&mut self, simd: S, first: bool) -> bool {
        let mut changed = false;
        let color_weight = if first { 0.0 } else { 1.0 };
        let place_weight = self.weight as f32;
        let weights = [place_weight, place_weight, color_weight, color_weight, color_weight, 0.0, 0.0, 0.0];
        let weights = f32x8::load_array(simd, weights);
        for tile in 0..self.nearest.len() {
            let corner = (tile / self.across * SIDE, tile % self.across * SIDE);
            let before = self.nearest[tile];
            let stale = before.iter().any(|&k| self.moved[k as usize] != 0);
            let candidates = &self.reaching[self.starts[tile] as usize..self.starts[tile + 1] as usize];
            let bounds = Bounds::new(simd, &self.bounds[tile]);
            // Closures would not be inlined, and what is not is compiled for the least machine.
            if !stale {
                let bound = self.above(self.farthest[tile]);
                let mut any = false;
                for &k in candidates {
                    if self.moved[k as usize] != 0 {
                        any |= bounds.may_be_within(simd, &self.singles[k as usize], weights, bound);
                    }
                }
                if !any {
                    continue;
                }
            }
            let first_bound = if first { self.first_bound(tile, corner) } else { f64::INFINITY };
            let mut best = Best::new(simd, corner, &before);
            let colors = &self.colors[tile];
            // Those that it has are mostly those that it will have, and bound all others. Lists are made without branches, which would be guessed wrong.
            self.turn += 1;
            let mut own = 0;
            for &k in &before {
                self.list[own] = k;
                own += usize::from(std::mem::replace(&mut self.offered[k as usize], self.turn) != self.turn);
            }
            for &k in &self.list[..own] {
                let k = k as usize;
                best.offer(simd, k, &self.centers[k], self.windows[k], self.weight, colors);
            }
            let bound = self.above(if first { first_bound } else { best.farthest() });
            let mut others = 0;
            for &k in candidates {
                self.list[others] = k;
                let (own, single) = (self.offered[k as usize], &self.singles[k as usize]);
                let near = bounds.may_be_within(simd, single, weights, bound);
                others += usize::from((own != self.turn) & near);
            }
            for &k in &self.list[..others] {
                let k = k as usize;
                best.offer(simd, k, &self.centers[k], self.windows[k], self.weight, colors);
            }
            self.farthest[tile] = best.farthest();
            let after = best.nearest();
            if after != before {
                for (before, after) in before.into_iter().zip(after) {
                    if before != after {
                        self.touched[before as usize] = 1;
                        self.touched[after as usize] = 1;
                    }
                }
                self.nearest[tile] = after;
                changed = true;
            }
        }
        changed
    }

    /// What single-precision tests compare with for this bound: above it by more than rounding takes from either side.
    fn above(&self, bound: f64) -> f32 {
        (bound * 1.002 + self.slack) as f32
    }

    /// What the distance in place must be above for a center not to matter to a tile in the first round.
    ///
    /// A pixel is then equally far in color from all centers, up to some hundred. A difference in place that is not
    /// lost in rounding the sum decides.
    fn first_bound(&self, tile: usize, (top, left): (usize, usize)) -> f64 {
        let mut bound = 0.0_f64;
        for (i, &k) in self.nearest[tile].iter().enumerate() {
            let [y, x, ..] = self.centers[k as usize];
            let (dy, dx) = (y - (top + i / SIDE) as f64, x - (left + i % SIDE) as f64);
            bound = bound.max((dy * dy + dx * dx) * self.weight);
        }
        bound + 1e-6
    }

    /// Makes every center that was touched the mean of its pixels, added up row by row.
    #[inline(always)]
    fn move_centers<S: Simd>(&mut self, simd: S) {
        self.sums.fill([0.0; 8]);
        let Shape { height, width, .. } = self.shape;
        let rows = self.pixels.chunks_exact(width).zip(0..height);
        for (pixels, y) in rows {
            let tiles = &self.nearest[y / SIDE * self.across..][..self.across];
            for (pixels, nearest) in pixels.chunks(SIDE).zip(tiles) {
                let nearest = nearest.as_chunks::<SIDE>().0[y % SIDE];
                for (pixel, k) in pixels.iter().zip(nearest) {
                    let k = k as usize;
                    if self.touched[k] != 0 {
                        let sum = &mut self.sums[k];
                        (f64x8::load_array_ref(simd, sum) + f64x8::load_array_ref(simd, pixel))
                            .store_array(sum);
                    }
                }
            }
        }
        self.moved.fill(0);
        for k in 0..self.centers.len() {
            if std::mem::take(&mut self.touched[k]) != 0 {
                let sum = f64x8::load_array_ref(simd, &self.sums[k]);
                let mean = (sum / sum[COUNT]).to_array();
                let before = std::mem::replace(&mut self.centers[k], mean);
                self.singles[k] = mean.map(|value| value as f32);
                // Nothing is equal to what is not a number; an empty cluster just stays where it is not.
                let stays = mean == before || (mean[0].is_nan() && before[0].is_nan());
                self.moved[k] = u8::from(!stays);
            }
        }
    }

    /// Writes the clusters of all pixels, row by row.
    fn write(&self, clusters: &mut [i32]) {
        let Shape { height, width, .. } = self.shape;
        for (y, row) in (0..height).zip(clusters.chunks_exact_mut(width)) {
            for (across, run) in row.chunks_mut(SIDE).enumerate() {
                let tile = &self.nearest[y / SIDE * self.across + across];
                run.copy_from_slice(&tile[y % SIDE * SIDE..][..run.len()]);
            }
        }
    }
}

/// Rows, columns and colors of a tile's pixels in single precision, for tests that may err on the safe side.
struct Bounds<S: Simd> {
    low: f32x8<S>,
    high: f32x8<S>,
}

impl<S: Simd> Bounds<S> {
    #[inline(always)]
    fn new(simd: S, [low, high]: &[[f32; 8]; 2]) -> Self {
        Self { low: f32x8::load_array_ref(simd, low), high: f32x8::load_array_ref(simd, high) }
    }

    /// Whether any pixel of the tile may be as near to `center` as `bound`. Not so for a center that is not a number.
    #[inline(always)]
    fn may_be_within(&self, simd: S, center: &[f32; 8], weights: f32x8<S>, bound: f32) -> bool {
        let center = f32x8::load_array_ref(simd, center);
        let outside = (self.low - center).max(center - self.high).max(0.0);
        (outside * outside * weights).reduce_sum() <= bound
    }
}

/// The best distances so far of the pixels of a tile, and whose they are.
struct Best<S: Simd> {
    /// Rows and columns of the pixels.
    ys: [f64x8<S>; HALVES],
    xs: f64x8<S>,
    distances: [f64x8<S>; HALVES],
    nearest: [f64x8<S>; HALVES],
    corner: (i32, i32),
}

impl<S: Simd> Best<S> {
    #[inline(always)]
    fn new(simd: S, (top, left): (usize, usize), nearest: &[i32; TILE]) -> Self {
        let add = |start: usize, steps: [f64; 8]| f64x8::load_array(simd, steps) + start as f64;
        Self {
            ys: std::array::from_fn(|half| {
                add(top + half * (8 / SIDE), [0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0])
            }),
            xs: add(left, [0.0, 1.0, 2.0, 3.0, 0.0, 1.0, 2.0, 3.0]),
            distances: [f64x8::splat(simd, f64::MAX); HALVES],
            nearest: std::array::from_fn(|half| {
                f64x8::load_array(simd, std::array::from_fn(|i| f64::from(nearest[half * 8 + i])))
            }),
            corner: (top as i32, left as i32),
        }
    }

    /// Assigns the pixels that are nearer to `center` of cluster `k` to it, or as near where its number is lower. Beyond its window nothing is near.
    #[inline(always)]
    fn offer<const C: usize>(
        &mut self,
        simd: S,
        k: usize,
        center: &Center,
        [first, last, start, end]: Window,
        weight: f64,
        colors: &[[f64; TILE]; C],
    ) {
        let (top, left) = self.corner;
        let side = SIDE as i32;
        let cut = first > top || last < top + side || start > left || end < left + side;
        let number = f64x8::splat(simd, k as f64);
        for half in 0..HALVES {
            let (ys, xs) = (self.ys[half], self.xs);
            let (dy, dx) = (f64x8::splat(simd, center[0]) - ys, f64x8::splat(simd, center[1]) - xs);
            let mut apart = f64x8::splat(simd, 0.0);
            for channel in 0..C {
                let color = f64x8::from_slice(simd, &colors[channel][half * 8..][..8]);
                let difference = color - center[2 + channel];
                apart += difference * difference;
            }
            let distance = (dy * dy + dx * dx) * weight + apart;
            let best = self.distances[half];
            let mut nearer =
                distance.simd_lt(best) | (distance.simd_eq(best) & number.simd_lt(self.nearest[half]));
            if cut {
                nearer &= ys.simd_ge(f64::from(first)) & ys.simd_lt(f64::from(last));
                nearer &= xs.simd_ge(f64::from(start)) & xs.simd_lt(f64::from(end));
            }
            self.distances[half] = nearer.select(distance, best);
            self.nearest[half] = nearer.select(number, self.nearest[half]);
        }
    }

    /// The largest of the distances.
    #[inline(always)]
    fn farthest(&self) -> f64 {
        self.distances[0].max(self.distances[1]).reduce_max()
    }

    /// The numbers of the clusters.
    #[inline(always)]
    fn nearest(&self) -> [i32; TILE] {
        // Whole numbers stand in the low bits of what is so large; a cast of each would look out for what cannot be.
        let halves = self.nearest.map(|half| (half + 4_503_599_627_370_496.0).to_bits().to_array());
        std::array::from_fn(|i| halves[i / 8][i % 8] as i32)
    }
}
