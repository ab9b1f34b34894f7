//! Height maps that wrap around, by squares and diamonds: fog.
//!
//! A. Fournier, D. Fussell, L. Carpenter, "Computer Rendering of Stochastic Models", CACM 25 (1982).

use fearless_simd::Simd;

use crate::base::Scratch;
use crate::kernels::vectors::dispatch;

/// What is known of a map at one of its levels, every `step`-th point, and what is seen of the whole.
struct Level<'a> {
    /// Points on each side, corners of the squares.
    n: usize,
    corners: &'a [f64],
    /// The middles of the squares.
    centers: &'a mut [f64],
}

/// How many heights are compared at a time.
const LANES: usize = 16;

/// The smallest and the largest height, of every sixteenth one.
struct Span {
    least: [f64; LANES],
    most: [f64; LANES],
}

impl Span {
    #[inline(always)]
    fn see(&mut self, heights: &[f64]) {
        let (mut least, mut most) = (self.least, self.most);
        let (runs, rest) = heights.as_chunks::<LANES>();
        for run in runs {
            for i in 0..LANES {
                least[i] = if run[i] < least[i] { run[i] } else { least[i] };
                most[i] = if run[i] > most[i] { run[i] } else { most[i] };
            }
        }
        for (i, v) in rest.iter().enumerate() {
            least[i] = if *v < least[i] { *v } else { least[i] };
            most[i] = if *v > most[i] { *v } else { most[i] };
        }
        (self.least, self.most) = (least, most);
    }
}

impl Level<'_> {
    #[inline(always)]
    fn corners(&self, y: usize) -> &[f64] {
        &self.corners[(y & (self.n - 1)) * self.n..][..self.n]
    }

    #[inline(always)]
    fn centers(&self, y: usize) -> &[f64] {
        &self.centers[(y & (self.n - 1)) * self.n..][..self.n]
    }

    /// Turns random parts into the heights of the middles of a row of squares.
    #[inline(always)]
    fn middle(&self, y: usize, wibble: f64, row: &mut [f64]) {
        let (a, b) = (self.corners(y), self.corners(y + 1));
        let n = self.n;
        let (inner, last) = row.split_at_mut(n - 1);
        for (x, v) in inner.iter_mut().enumerate() {
            *v = ((a[x] + b[x]) + (a[x + 1] + b[x + 1])) / 4.0 + wibble * *v;
        }
        last[0] = ((a[n - 1] + b[n - 1]) + (a[0] + b[0])) / 4.0 + wibble * last[0];
    }

    /// Those of the points to the right of a row of corners.
    #[inline(always)]
    fn right(&self, y: usize, wibble: f64, row: &mut [f64]) {
        let (corners, below, above) = (self.corners(y), self.centers(y), self.centers(y + self.n - 1));
        let n = self.n;
        let (inner, last) = row.split_at_mut(n - 1);
        for (x, v) in inner.iter_mut().enumerate() {
            *v = ((below[x] + above[x]) + (corners[x] + corners[x + 1])) / 4.0 + wibble * *v;
        }
        last[0] = ((below[n - 1] + above[n - 1]) + (corners[n - 1] + corners[0])) / 4.0 + wibble * last[0];
    }

    /// Those of the points below a row of corners.
    #[inline(always)]
    fn below(&self, y: usize, wibble: f64, row: &mut [f64]) {
        let (upper, lower, centers) = (self.corners(y), self.corners(y + 1), self.centers(y));
        let n = self.n;
        row[0] = ((centers[0] + centers[n - 1]) + (upper[0] + lower[0])) / 4.0 + wibble * row[0];
        for x in 1..n {
            row[x] = ((centers[x] + centers[x - 1]) + (upper[x] + lower[x])) / 4.0 + wibble * row[x];
        }
    }
}

/// The upper left of a height map: how much of it is wanted.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    /// Rows, no more than the map's side.
    pub rows: usize,
    /// Columns, no more than the map's side.
    pub columns: usize,
}

/// Fills the upper left of a square map of `side` points, a power of two, with heights that are 0 to 1 in the whole map.
///
/// Heights are those of the four points around, and a random part, which `draw(w, row)` draws within -w..w. It is multiplied by w once more,
/// so that it decays with the square of `decay` from one halving to the next. All rows of middles of squares are drawn first, then the rows
/// of points to the right of corners, then those below.
///
/// # Panics
/// If the side is no power of two, or the window larger than the map or than `out`.
pub fn fill(
    out: &mut [f64],
    window: Window,
    side: usize,
    decay: f64,
    scratch: &mut Scratch,
    draw: impl FnMut(f64, &mut [f64]),
) {
    dispatch!(simd => fill_of(simd, out, window, side, decay, scratch, draw));
}

#[inline(always)]
fn fill_of<S: Simd>(
    _: S,
    out: &mut [f64],
    window: Window,
    side: usize,
    decay: f64,
    scratch: &mut Scratch,
    mut draw: impl FnMut(f64, &mut [f64]),
) {
    let Window { rows, columns } = window;
    assert!(side.is_power_of_two() && rows <= side && columns <= side, "a part of a map of a power of two");
    assert_eq!(out.len(), rows * columns, "a height for each point");
    let mut span = Span { least: [0.0; LANES], most: [0.0; LANES] };
    let mut wibble = 100.0;
    let most = side * side / 4;
    let [mut corners, mut finer, mut centers] = [(); 3].map(|()| scratch.take_f64(most.max(1)));
    let mut row = scratch.take_f64((side / 2).max(1));
    corners[0] = 0.0;
    if let Some(first) = out.first_mut() {
        *first = 0.0;
    }
    let mut n = 1;
    while n < side {
        let last = 2 * n == side;
        let level = Level { n, corners: &corners[..n * n], centers: &mut centers[..n * n] };
        // Where the four points of a square go: into the next level, or what the window shows of the last one.
        let (to, height, width) =
            if last { (&mut *out, rows, columns) } else { (&mut finer[..], 2 * n, 2 * n) };
        let mut place = |y: usize, odd: usize, values: &[f64]| {
            if y < height {
                let row = &mut to[y * width..(y + 1) * width];
                for (to, v) in row.iter_mut().skip(odd).step_by(2).zip(values) {
                    *to = *v;
                }
            }
        };
        let row = &mut row[..n];
        for y in 0..n {
            draw(wibble, row);
            level.middle(y, wibble, row);
            level.centers[y * n..(y + 1) * n].copy_from_slice(row);
            span.see(row);
            place(2 * y + 1, 1, row);
            place(2 * y, 0, level.corners(y));
        }
        for y in 0..n {
            draw(wibble, row);
            level.right(y, wibble, row);
            span.see(row);
            place(2 * y, 1, row);
        }
        for y in 0..n {
            draw(wibble, row);
            level.below(y, wibble, row);
            span.see(row);
            place(2 * y + 1, 0, row);
        }
        if !last {
            std::mem::swap(&mut corners, &mut finer);
        }
        n *= 2;
        wibble /= decay;
    }
    let least = span.least.iter().fold(f64::INFINITY, |a, b| if *b < a { *b } else { a });
    let most = span.most.iter().fold(f64::NEG_INFINITY, |a, b| if *b > a { *b } else { a }) - least;
    for v in out {
        *v = if most > 0.0 { (*v - least) / most } else { 0.0 };
    }
    scratch.give_f64(row);
    for buffer in [centers, finer, corners] {
        scratch.give_f64(buffer);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(side: usize, window: Window) -> (Vec<f64>, usize) {
        let mut out = vec![f64::NAN; window.rows * window.columns];
        let mut drawn = 0;
        fill(&mut out, window, side, 1.5, &mut Scratch::default(), |w, row| {
            for v in row {
                drawn += 1;
                *v = w * ((drawn * 37 % 101) as f64 / 50.0 - 1.0);
            }
        });
        (out, drawn)
    }

    #[test]
    fn every_point_is_drawn_once_and_heights_are_from_0_to_1() {
        for side in [1, 2, 8, 32] {
            let (map, drawn) = map(side, Window { rows: side, columns: side });
            assert_eq!(drawn, side * side - 1);
            assert!(map.iter().all(|v| (0.0..=1.0).contains(v)));
            assert_eq!(map.contains(&1.0) && map.contains(&0.0), side > 1);
        }
    }

    #[test]
    fn a_window_is_a_part_of_the_whole() {
        let (all, _) = map(32, Window { rows: 32, columns: 32 });
        for (rows, columns) in [(28, 28), (1, 5), (31, 2), (0, 3)] {
            let (part, drawn) = map(32, Window { rows, columns });
            assert_eq!(drawn, 1023);
            for (part, all) in part.chunks_exact(columns).zip(all.chunks_exact(32)) {
                assert_eq!(part, &all[..columns]);
            }
        }
    }
}
