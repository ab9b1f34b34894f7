//! The clustering of SLIC: k-means over place and color.
//!
//! What a round assigns depends on the centers alone, and most of them come to rest early. So the image is cut into tiles,
//! and a tile is assigned anew only if a center that moved may matter to it; of the centers that reach it, those
//! whose mere distance in place is above all of its present distances are passed over. Both tests compare numbers
//! that are rounded the same way as the distances themselves, and rounding keeps order; the result is
//! bit for bit that of trying everything every time.

use super::grid::Grid;
use crate::base::{Scratch, Shape};
use crate::kernels::entry::for_channels;

/// Rounds of assignment.
const ROUNDS: usize = 10;

/// Pixels along a side of a tile.
const SIDE: usize = 4;

/// Pixels of a tile.
const TILE: usize = SIDE * SIDE;

/// A cluster's mean: row, column, color (one or three values). Not a number once the cluster is empty.
type Center = [f64; 5];

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
    let (down, across) = (shape.height.div_ceil(SIDE), shape.width.div_ceil(SIDE));
    let tiles = down * across;

    let mut colors = scratch.take_f64(tiles * TILE * C);
    let mut spans = scratch.take_f64(tiles * C * 2);
    let mut distances = scratch.take_f64(tiles * TILE);
    let mut nearest = scratch.take_i32(tiles * TILE);
    let mut centers = scratch.take_f64(count * 5);
    let mut windows = scratch.take_i32(count * 4);
    let mut ranges = scratch.take_i32(count * 4);
    ranges.fill(-1);
    let mut moved = scratch.take_u8(count);
    let mut touched = scratch.take_u8(count);
    let mut sizes = scratch.take_i32(count);
    let mut sums = scratch.take_f64(count * 5);
    let mut starts = scratch.take_i32(tiles + 1);
    let mut reaching = scratch.take_i32(0);

    let mut state = Clustering::<C> {
        shape,
        across,
        weight: 1.0 / (step * step),
        reach: [2 * reach.rows.step, 2 * reach.columns.step].map(|reach| reach as f64),
        colors: colors.as_chunks_mut().0.as_chunks_mut().0,
        spans: spans.as_chunks_mut().0.as_chunks_mut().0,
        distances: distances.as_chunks_mut().0,
        nearest: nearest.as_chunks_mut().0,
        centers: centers.as_chunks_mut().0,
        windows: windows.as_chunks_mut().0,
        tiles: ranges.as_chunks_mut().0,
        moved: &mut moved,
        touched: &mut touched,
        sizes: &mut sizes,
        sums: sums.as_chunks_mut().0,
        starts: &mut starts,
        reaching: &mut reaching,
    };
    state.start(grid, features);
    for round in 0..ROUNDS {
        state.find_reaching();
        if !state.assign(round == 0) && round > 0 {
            break;
        }
        state.move_centers();
    }
    state.write(clusters);

    scratch.give_f64(colors);
    scratch.give_f64(spans);
    scratch.give_f64(distances);
    scratch.give_i32(nearest);
    scratch.give_f64(centers);
    scratch.give_i32(windows);
    scratch.give_i32(ranges);
    scratch.give_u8(moved);
    scratch.give_u8(touched);
    scratch.give_i32(sizes);
    scratch.give_f64(sums);
    scratch.give_i32(starts);
    scratch.give_i32(reaching);
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
    /// Per tile, the lowest and highest color in each channel.
    spans: &'a mut [[[f64; 2]; C]],
    /// Per tile, distance and number of each pixel's cluster.
    distances: &'a mut [[f64; TILE]],
    nearest: &'a mut [[i32; TILE]],
    /// Per cluster.
    centers: &'a mut [Center],
    windows: &'a mut [Window],
    /// Per cluster, the tiles that its window touches.
    tiles: &'a mut [Window],
    /// Per cluster, whether its center is not where it was in the last round.
    moved: &'a mut [u8],
    /// Per cluster, whether it gained or lost pixels in this round.
    touched: &'a mut [u8],
    /// Per cluster, the number and the sums of its pixels.
    sizes: &'a mut [i32],
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
        for (spans, colors) in self.spans.iter_mut().zip(&*self.colors) {
            *spans = colors.map(|plane| {
                plane.iter().fold([plane[0]; 2], |[low, high], &value| [value.min(low), value.max(high)])
            });
        }
        for (k, center) in self.centers.iter_mut().enumerate() {
            let (row, column) = (k / grid.columns.points, k % grid.columns.points);
            let y = grid.rows.start + row * grid.rows.step;
            let x = grid.columns.start + column * grid.columns.step;
            *center = [y as f64, x as f64, 0.0, 0.0, 0.0];
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
    fn assign(&mut self, first: bool) -> bool {
        let mut changed = false;
        for tile in 0..self.nearest.len() {
            let corner = (tile / self.across * SIDE, tile % self.across * SIDE);
            let place = [corner.0, corner.0 + SIDE - 1, corner.1, corner.1 + SIDE - 1].map(|i| i as f64);
            let mut nearest = self.nearest[tile];
            let stale = nearest.iter().any(|&k| self.moved[k as usize] != 0);
            let bound = if first {
                self.first_bound(tile, corner)
            } else if stale {
                self.bound(tile, corner)
            } else {
                let larger = |bound: f64, &distance: &f64| if distance > bound { distance } else { bound };
                self.distances[tile].iter().fold(0.0, larger)
            };
            let candidates = &self.reaching[self.starts[tile] as usize..self.starts[tile + 1] as usize];
            let matters = |k: usize| self.may_be_within(bound, k, tile, place, first);
            if !stale && !candidates.iter().any(|&k| self.moved[k as usize] != 0 && matters(k as usize)) {
                continue;
            }
            let colors = self.colors[tile];
            let mut best = Best {
                ys: places(corner.0),
                xs: places(corner.1),
                distances: [f64::MAX; TILE],
                nearest: [nearest.map(f64::from); 2],
                current: 0,
            };
            for &k in candidates {
                let k = k as usize;
                if matters(k) {
                    best.offer(
                        f64::from(k as i32),
                        &self.centers[k],
                        self.windows[k],
                        corner,
                        self.weight,
                        &colors,
                    );
                }
            }
            self.distances[tile] = best.distances;
            for (own, best) in nearest.iter_mut().zip(best.nearest[best.current]) {
                let now = best as i32;
                let before = std::mem::replace(own, now);
                if now != before {
                    self.touched[before as usize] = 1;
                    self.touched[now as usize] = 1;
                    changed = true;
                }
            }
            self.nearest[tile] = nearest;
        }
        changed
    }

    /// Whether any pixel of a tile of rows and columns `place` may be as near to center `k` as `bound`; before colors
    /// are known, whether it may be in place.
    fn may_be_within(
        &self,
        bound: f64,
        k: usize,
        tile: usize,
        [top, bottom, left, right]: [f64; 4],
        first: bool,
    ) -> bool {
        let [y, x, color @ ..] = &self.centers[k];
        let outside = |low: f64, value: f64, high: f64| {
            // Cheaper than `f64::max`, which looks out for what is not a number.
            let distance = if low - value > value - high { low - value } else { value - high };
            if distance > 0.0 { distance } else { 0.0 }
        };
        let (dy, dx) = (outside(top, *y, bottom), outside(left, *x, right));
        let place = (dy * dy + dx * dx) * self.weight;
        if first || place > bound {
            return place <= bound;
        }
        let mut apart = 0.0;
        for ([low, high], color) in self.spans[tile].iter().zip(color) {
            let difference = outside(*low, *color, *high);
            apart += difference * difference;
        }
        place + apart <= bound
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

    /// The largest distance of a tile's pixels from the centers that they are assigned to, or infinity where one
    /// of these may not reach so far any more.
    fn bound(&self, tile: usize, (top, left): (usize, usize)) -> f64 {
        let larger = |a: f64, b: f64| if b > a { b } else { a };
        let [reach_y, reach_x] = self.reach.map(|reach| reach * reach);
        let (ys, xs) = (places(top), places(left));
        let colors = &self.colors[tile];
        let (mut bound, mut farthest) = (0.0, [0.0; 2]);
        for (i, &k) in self.nearest[tile].iter().enumerate() {
            let [y, x, color @ ..] = &self.centers[k as usize];
            let (dy, dx) = (y - ys[i / SIDE], x - xs[i % SIDE]);
            let (dy, dx) = (dy * dy, dx * dx);
            let mut apart = 0.0;
            for channel in 0..C {
                let difference = colors[channel][i] - color[channel];
                apart += difference * difference;
            }
            farthest = [larger(farthest[0], dy), larger(farthest[1], dx)];
            bound = larger(bound, (dy + dx) * self.weight + apart);
        }
        // The clusters of pixels outside the image may be empty and their centers not numbers, which are not larger than
        // anything; such pixels do not matter.
        if farthest[0] < reach_y && farthest[1] < reach_x { bound } else { f64::INFINITY }
    }

    /// Makes every center that was touched the mean of its pixels, added up row by row.
    fn move_centers(&mut self) {
        self.sums.fill([0.0; 5]);
        self.sizes.fill(0);
        let Shape { height, width, .. } = self.shape;
        for y in 0..height {
            for (across, left) in (0..width).step_by(SIDE).enumerate() {
                let tile = y / SIDE * self.across + across;
                let colors = &self.colors[tile];
                for (column, x) in (left..width.min(left + SIDE)).enumerate() {
                    let i = y % SIDE * SIDE + column;
                    let k = self.nearest[tile][i] as usize;
                    if self.touched[k] != 0 {
                        self.sizes[k] += 1;
                        let sum = &mut self.sums[k];
                        sum[0] += y as f64;
                        sum[1] += x as f64;
                        for channel in 0..C {
                            sum[2 + channel] += colors[channel][i];
                        }
                    }
                }
            }
        }
        self.moved.fill(0);
        for k in 0..self.centers.len() {
            if std::mem::take(&mut self.touched[k]) != 0 {
                let size = f64::from(self.sizes[k]);
                let mean = self.sums[k].map(|sum| sum / size);
                let before = std::mem::replace(&mut self.centers[k], mean);
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

/// Rows or columns of a tile from `start` on.
fn places(start: usize) -> [f64; SIDE] {
    std::array::from_fn(|i| (start + i) as f64)
}

/// The best distances so far of the pixels of a tile, and whose they are.
struct Best {
    /// Rows and columns of the tile.
    ys: [f64; SIDE],
    xs: [f64; SIDE],
    distances: [f64; TILE],
    /// Twice, of which the `current` one holds: a choice goes from the one to the other, because where it stays in
    /// place the compiler makes it a branch.
    nearest: [[f64; TILE]; 2],
    current: usize,
}

impl Best {
    /// Assigns the pixels that are nearer to `center` of cluster `k` to it; (`top`, `left`) is the tile's corner.
    fn offer<const C: usize>(
        &mut self,
        k: f64,
        center: &Center,
        window: Window,
        (top, left): (usize, usize),
        weight: f64,
        colors: &[[f64; TILE]; C],
    ) {
        let [y, x, color @ ..] = center;
        let [first, last, start, end] = window;
        let (top, left) = (top as i32, left as i32);
        let (ys, xs) = (self.ys, self.xs);
        let mut down = ys.map(|place| (y - place) * (y - place));
        let mut along = xs.map(|place| (x - place) * (x - place));
        let side = SIDE as i32;
        if first > top || last < top + side || start > left || end < left + side {
            // Beyond the window everything is infinitely far away, which is not nearer than anything.
            for (i, (down, along)) in (0..side).zip(down.iter_mut().zip(&mut along)) {
                if !(first..last).contains(&(top + i)) {
                    *down = f64::INFINITY;
                }
                if !(start..end).contains(&(left + i)) {
                    *along = f64::INFINITY;
                }
            }
        }
        let mut distances = [0.0; TILE];
        for (row, down) in distances.as_chunks_mut::<SIDE>().0.iter_mut().zip(down) {
            for (distance, along) in row.iter_mut().zip(along) {
                *distance = (down + along) * weight;
            }
        }
        let [one, other] = &mut self.nearest;
        let (before, after) = if self.current == 0 { (one, other) } else { (other, one) };
        choose(k, &distances, colors, color, &mut self.distances, before, after);
        self.current = 1 - self.current;
    }
}

/// Chooses cluster `k` where its distance, of which `place` is a part, is below the best so far.
///
/// The compiler makes vectors of a loop, but branches of sixteen steps in a row; so it is not told that the
/// loop has sixteen steps.
#[inline(never)]
fn choose<const C: usize>(
    k: f64,
    place: &[f64; TILE],
    colors: &[[f64; TILE]; C],
    center: &[f64],
    best: &mut [f64; TILE],
    before: &[f64; TILE],
    after: &mut [f64; TILE],
) {
    let length = std::hint::black_box(TILE);
    let color: [f64; C] = std::array::from_fn(|channel| center[channel]);
    let place = &place[..length];
    let (best, before, after) = (&mut best[..length], &before[..length], &mut after[..length]);
    let planes: [&[f64]; C] = std::array::from_fn(|channel| &colors[channel][..length]);
    for i in 0..length {
        let mut apart = 0.0;
        for channel in 0..C {
            let difference = planes[channel][i] - color[channel];
            apart += difference * difference;
        }
        let distance = place[i] + apart;
        let nearer = distance < best[i];
        after[i] = if nearer { k } else { before[i] };
        best[i] = if nearer { distance } else { best[i] };
    }
}
