//! Enlargements of the middle of a plane, as SciPy's `zoom` of order 1 makes them.

use crate::base::Scratch;

/// Which part of an enlargement that is too large is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// The middle: MNIST-C.
    Middle,
    /// The upper left: ImageNet-C.
    Start,
}

/// Where the numbers of one axis are read: for each of them the first of two neighbors and how near the second is, or none.
struct Axis {
    first: Vec<i32>,
    part: Vec<f64>,
}

/// How many numbers of `n` are enlarged by `factor`, and to how many.
fn sizes(n: usize, factor: f64) -> (usize, usize) {
    let crop = ((n as f64 / factor).ceil() as usize).clamp(1, n);
    (crop, (crop as f64 * factor).round_ties_even() as usize)
}

/// How many numbers an enlargement of the middle of `n` has.
#[must_use]
pub fn enlarged(n: usize, factor: f64) -> usize {
    if n == 0 { 0 } else { sizes(n, factor.clamp(1.0, 100.0)).1 }
}

impl Axis {
    /// `count` of the numbers that `n` are enlarged to by `factor`, from `start` on.
    fn new(n: usize, factor: f64, start: usize, count: usize, scratch: &mut Scratch) -> Self {
        let (crop, to) = sizes(n, factor);
        let top = (n - crop) / 2;
        let step = if to > 1 { (crop - 1) as f64 / (to - 1) as f64 } else { 1.0 };
        let (mut first, mut part) = (scratch.take_i32(count), scratch.take_f64(count));
        for (i, (first, part)) in first.iter_mut().zip(&mut part).enumerate() {
            let at = (i + start) as f64 * step;
            // What lies beyond the last number by no more than rounding is nothing, too.
            let inside = at <= (crop - 1) as f64;
            *first = if inside { (top + at as usize) as i32 } else { -1 };
            *part = at - at.floor();
        }
        Self { first, part }
    }

    fn taps(&self) -> impl Iterator<Item = (i32, f64)> {
        self.first.iter().copied().zip(self.part.iter().copied())
    }

    fn give(self, scratch: &mut Scratch) {
        scratch.give_f64(self.part);
        scratch.give_i32(self.first);
    }
}

/// A plane of rows of `width` numbers, and where it is written.
#[derive(Clone, Copy, Debug)]
pub struct Part {
    /// Rows of the source.
    pub height: usize,
    /// Columns of the source.
    pub width: usize,
    /// By how much the middle is enlarged, 1..100.
    pub factor: f64,
    /// What is kept.
    pub keep: Keep,
    /// Rows and columns that are kept, as many as the source's or all ([`enlarged`]).
    pub size: [usize; 2],
}

/// Hands out each number of the enlargement with its place in a plane of `part.size`.
///
/// # Panics
/// If `from` has another size than `part` says.
pub fn clipped(from: &[f64], part: Part, scratch: &mut Scratch, mut each: impl FnMut(usize, f64)) {
    let Part { height, width, factor, keep, size } = part;
    assert_eq!(from.len(), height * width, "a plane of {height} x {width}");
    if from.is_empty() {
        return;
    }
    let factor = factor.clamp(1.0, 100.0);
    let mut axis = |n: usize, size: usize| {
        let to = sizes(n, factor).1;
        let start = if keep == Keep::Middle { to.saturating_sub(size) / 2 } else { 0 };
        Axis::new(n, factor, start, size.min(to), scratch)
    };
    let (rows, columns) = (axis(height, size[0]), axis(width, size[1]));
    for (y, (row, down)) in rows.taps().enumerate() {
        let line = |y: i32| &from[(y.max(0) as usize).min(height - 1) * width..][..width];
        let (upper, lower) = (line(row), line(row + 1));
        for (x, (column, across)) in columns.taps().enumerate() {
            let value = if row < 0 || column < 0 {
                0.0
            } else {
                let (a, b) = (column as usize, (column as usize + 1).min(width - 1));
                let (above, left) = (1.0 - down, 1.0 - across);
                upper[a] * above * left
                    + upper[b] * above * across
                    + lower[a] * down * left
                    + lower[b] * down * across
            };
            each(y * size[1] + x, value);
        }
    }
    columns.give(scratch);
    rows.give(scratch);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zoomed(from: &[f64], height: usize, width: usize, factor: f64, keep: Keep) -> Vec<f64> {
        let mut out = vec![f64::NAN; from.len()];
        let part = Part { height, width, factor, keep, size: [height, width] };
        clipped(from, part, &mut Scratch::default(), |at, v| out[at] = v);
        out
    }

    #[test]
    fn a_factor_of_1_changes_nothing_and_2_shows_the_middle() {
        let from: Vec<f64> = (0..24).map(f64::from).collect();
        assert_eq!(zoomed(&from, 4, 6, 1.0, Keep::Middle), from);
        let out = zoomed(&from, 4, 6, 2.0, Keep::Middle);
        // Rows 1 and 2, columns 1 to 3.
        assert_eq!((out[0], out[5], out[18], out[23]), (7.0, 9.0, 13.0, 15.0));
        assert_eq!(zoomed(&[5.0], 1, 1, 3.0, Keep::Start), [5.0]);
    }

    #[test]
    fn what_is_too_large_is_cut_at_both_ends_or_at_one() {
        // Ten of 28 become 30.
        assert_eq!((sizes(28, 3.0), enlarged(28, 3.0)), ((10, 30), 30));
        let from: Vec<f64> = (0..28).map(f64::from).collect();
        let (middle, start) =
            (zoomed(&from, 1, 28, 3.0, Keep::Middle), zoomed(&from, 1, 28, 3.0, Keep::Start));
        assert_eq!(start[0], 9.0);
        assert_eq!(middle[..27], start[1..]);
    }
}
