//! Median filter.
//!
//! Windows of 3 x 3 and 5 x 5 pixels go through networks of minima and maxima, sixteen windows at a time. Larger ones
//! count: every column of the image keeps a histogram of the window's rows, and a window adds them up.
//! (S. Perreault and P. Hebert, "Median Filtering in Constant Time", IEEE Transactions on Image Processing 16, 2007.)

use super::pad::{BLOCK, Border, Margin, Padded, block, fill_blocks};
use crate::base::{Image, ImageMut, Scratch};

/// Replaces every value by the median of the `k` x `k` values around it, in each channel; border replicated.
///
/// `k` is odd; 1 leaves the image as it is.
///
/// # Panics
/// If the two images differ in shape, or `k` is even.
pub fn median_blur(from: Image<'_>, mut to: ImageMut<'_>, k: usize, scratch: &mut Scratch) {
    assert_eq!(from.shape, to.shape);
    assert!(k % 2 == 1, "a median is in the middle of an odd number of values, not of {k} x {k}");
    if k == 1 || from.shape.bytes() == 0 {
        to.data.copy_from_slice(from.data);
        return;
    }
    match k {
        3 => network(from, &mut to, median_3x3, scratch),
        5 => network(from, &mut to, median_5x5, scratch),
        _ if k <= 11 => counting(from, &mut to, k, scratch),
        _ => large(from, &mut to, k, scratch),
    }
}

/// Sixteen values side by side.
type Lanes = [u8; BLOCK];

/// Puts the smaller values into `a` and the larger ones into `b`.
#[inline]
fn order(a: &mut Lanes, b: &mut Lanes) {
    for (a, b) in a.iter_mut().zip(b) {
        (*a, *b) = ((*a).min(*b), (*a).max(*b));
    }
}

/// Runs a network that takes a window, column by column, over the whole image.
fn network<const K: usize>(
    from: Image<'_>,
    to: &mut ImageMut<'_>,
    median: impl Fn([[Lanes; K]; K]) -> Lanes,
    scratch: &mut Scratch,
) {
    let shape = from.shape;
    let padded = Padded::new(from, Margin::all(K / 2), Border::Replicate, scratch);
    let stride = padded.stride();
    let plane = stride + BLOCK;
    let mut sorted = scratch.take_u8(K * plane);
    for y in 0..shape.height {
        sort_columns::<K>(padded.from_row(y), stride, &mut sorted);
        fill_blocks(to.row_mut(y), |x| {
            median(std::array::from_fn(|column| {
                std::array::from_fn(|rank| *block(&sorted[rank * plane..], x + column * shape.channels))
            }))
        });
    }
    scratch.give_u8(sorted);
    padded.give(scratch);
}

/// Sorts the `K` values of every column; value `rank` goes into plane `rank` of `sorted`.
fn sort_columns<const K: usize>(rows: &[u8], stride: usize, sorted: &mut [u8]) {
    let plane = stride + BLOCK;
    for x in (0..stride).step_by(BLOCK) {
        let mut column: [Lanes; K] = std::array::from_fn(|row| *block(rows, row * stride + x));
        sort(&mut column);
        for (rank, lanes) in column.iter().enumerate() {
            sorted[rank * plane + x..][..BLOCK].copy_from_slice(lanes);
        }
    }
}

/// Sorts 3 or 5 lane by lane, with the fewest exchanges there are.
#[inline]
fn sort<const K: usize>(values: &mut [Lanes; K]) {
    let exchanges: &[(usize, usize)] = match K {
        3 => &[(0, 1), (1, 2), (0, 1)],
        5 => &[(0, 3), (1, 4), (0, 2), (1, 3), (0, 1), (2, 4), (1, 2), (3, 4), (2, 3)],
        _ => unreachable!("networks are written down for 3 and 5"),
    };
    for &(a, b) in exchanges {
        exchange(values, a, b);
    }
}

/// Orders entries `a` < `b` of `values`.
#[inline]
fn exchange<const N: usize>(values: &mut [Lanes; N], a: usize, b: usize) {
    let (head, tail) = values.split_at_mut(b);
    order(&mut head[a], &mut tail[0]);
}

/// Median of three sorted columns: of the largest minimum, the median median and the smallest maximum.
#[inline]
fn median_3x3(columns: [[Lanes; 3]; 3]) -> Lanes {
    let [[a0, a1, a2], [b0, b1, b2], [c0, c1, c2]] = columns;
    let low = max(max(a0, b0), c0);
    let high = min(min(a2, b2), c2);
    median_of_3(low, median_of_3(a1, b1, c1), high)
}

#[inline]
fn median_of_3(mut a: Lanes, mut b: Lanes, c: Lanes) -> Lanes {
    order(&mut a, &mut b);
    max(a, min(b, c))
}

#[inline]
fn min(a: Lanes, b: Lanes) -> Lanes {
    std::array::from_fn(|i| a[i].min(b[i]))
}

#[inline]
fn max(a: Lanes, b: Lanes) -> Lanes {
    std::array::from_fn(|i| a[i].max(b[i]))
}

/// Median of five sorted columns.
///
/// Sorting each rank across the columns too leaves, of 25 values, 6 that are too small and 6 that are too large for the
/// median whatever they are; it is the median of the other 13.
#[inline]
fn median_5x5(columns: [[Lanes; 5]; 5]) -> Lanes {
    let ranks: [[Lanes; 5]; 5] = std::array::from_fn(|rank| {
        let mut values = std::array::from_fn(|column| columns[column][rank]);
        sort(&mut values);
        values
    });
    let mut left = [
        ranks[0][3],
        ranks[0][4],
        ranks[1][2],
        ranks[1][3],
        ranks[1][4],
        ranks[2][1],
        ranks[2][2],
        ranks[2][3],
        ranks[3][0],
        ranks[3][1],
        ranks[3][2],
        ranks[4][0],
        ranks[4][1],
    ];
    // Neither the smallest nor the largest of 8 among the 13 is the median; nor are those of the 6 left over and one more,
    // and so on.
    for start in 0..5 {
        extremes(&mut left, start, 8);
        left[7] = left[8 + start];
    }
    median_of_3(left[5], left[6], left[7])
}

/// Moves the smallest of entries `start..end` to the front of them and the largest to the end.
#[inline]
fn extremes<const N: usize>(values: &mut [Lanes; N], start: usize, end: usize) {
    let count = end - start;
    for i in 0..count / 2 {
        exchange(values, start + i, end - 1 - i);
    }
    let middle = start + count.div_ceil(2);
    for i in start + 1..middle {
        exchange(values, start, i);
    }
    for i in start + count / 2..end - 1 {
        exchange(values, i, end - 1);
    }
}

/// The lowest bit of each of the eight bytes of a word.
const ONES: u64 = 0x0101_0101_0101_0101;

/// Words of a column's histogram: sixteen counts of sixteen values each, then 256 counts; a count is a byte.
const COLUMN: usize = 2 + 32;

/// Sixteen counts, eight to a word.
type Counts = [u64; 2];

/// Windows of up to 11 x 11 pixels.
fn counting(from: Image<'_>, to: &mut ImageMut<'_>, k: usize, scratch: &mut Scratch) {
    let Image { shape, .. } = from;
    let (radius, channels, stride) = (k as isize / 2, shape.channels, shape.stride());
    let row = |y: isize| from.row(Border::Replicate.index(y, shape.height));
    let mut memory = scratch.take_u64(COLUMN * stride);
    memory.fill(0);
    let columns = memory.as_chunks_mut::<COLUMN>().0;
    for y in -radius..radius {
        for (column, &value) in columns.iter_mut().zip(row(y)) {
            count(column, value, 1);
        }
    }
    for y in 0..shape.height {
        let y_in = y as isize;
        for (column, &entering) in columns.iter_mut().zip(row(y_in + radius)) {
            count(column, entering, 1);
        }
        for channel in 0..channels {
            let column = |x: isize| &columns[Border::Replicate.index(x, shape.width) * channels + channel];
            let mut window = [0; 2];
            for x in -radius..=radius {
                add(&mut window, column(x), 0);
            }
            let out = to.row_mut(y)[channel..].iter_mut().step_by(channels);
            for (x, out) in (0_isize..).zip(out) {
                let (coarse, below) = rank(window, (k * k / 2) as u64);
                let mut fine = [0; 2];
                for x in x - radius..=x + radius {
                    add(&mut fine, column(x), 1 + coarse);
                }
                let (value, _) = rank(fine, (k * k / 2) as u64 - below);
                *out = (coarse * 16 + value) as u8;
                add(&mut window, column(x + radius + 1), 0);
                subtract(&mut window, column(x - radius), 0);
            }
        }
        for (column, &leaving) in columns.iter_mut().zip(row(y_in - radius)) {
            count(column, leaving, 1_u64.wrapping_neg());
        }
    }
    scratch.give_u64(memory);
}

/// Counts `value` `times` times; -1 takes one away.
#[inline]
fn count(column: &mut [u64; COLUMN], value: u8, times: u64) {
    let value = usize::from(value);
    let coarse = &mut column[value >> 7];
    *coarse = coarse.wrapping_add(times << (value >> 4 << 3 & 63));
    let fine = &mut column[2 + (value >> 3)];
    *fine = fine.wrapping_add(times << (value << 3 & 63));
}

/// Adds the counts of one part of a column: 0 the coarse ones, 1 + n the fine ones of coarse count n.
#[inline]
fn add(counts: &mut Counts, column: &[u64; COLUMN], part: usize) {
    counts[0] += column[part * 2];
    counts[1] += column[part * 2 + 1];
}

/// Takes away what [`add`] adds.
#[inline]
fn subtract(counts: &mut Counts, column: &[u64; COLUMN], part: usize) {
    counts[0] -= column[part * 2];
    counts[1] -= column[part * 2 + 1];
}

/// Which of sixteen counts element number `target` (from 0) falls into, and the sum of those before it.
///
/// The counts sum to at most 121, and `target` is below their sum.
#[inline]
fn rank(counts: Counts, target: u64) -> (usize, u64) {
    // The product's byte n is the sum of bytes 0..=n.
    let first = counts[0].wrapping_mul(ONES) >> 56;
    let (word, before) = if first > target { (0, 0) } else { (1, first) };
    let sums = counts[word].wrapping_mul(ONES);
    // A sum above the target, and only such a one, reaches the sign bit of its byte; none overflows.
    let beyond = (sums + (127 - (target - before)) * ONES) & (ONES << 7);
    let shift = beyond.trailing_zeros() & 56;
    (word * 8 + shift as usize / 8, before + (sums << 8 >> shift & 255))
}

/// Counts of a column of the histograms of [`large`]: sixteen coarse ones, 256 fine ones.
const LARGE: usize = 16 + 256;

/// Windows of any size, as [`counting`] with wider counts.
fn large(from: Image<'_>, to: &mut ImageMut<'_>, k: usize, scratch: &mut Scratch) {
    let Image { shape, .. } = from;
    let (radius, channels, stride) = (k as isize / 2, shape.channels, shape.stride());
    let row = |y: isize| from.row(Border::Replicate.index(y, shape.height));
    let mut memory = scratch.take_i32(LARGE * stride);
    memory.fill(0);
    let columns = memory.as_chunks_mut::<LARGE>().0;
    let count = |columns: &mut [[i32; LARGE]], y: isize, times: i32| {
        for (column, &value) in columns.iter_mut().zip(row(y)) {
            column[usize::from(value >> 4)] += times;
            column[16 + usize::from(value)] += times;
        }
    };
    for y in -radius..radius {
        count(columns, y, 1);
    }
    for y in 0..shape.height {
        count(columns, y as isize + radius, 1);
        for channel in 0..channels {
            let part = |x: isize, part: usize| -> &[i32; 16] {
                let x = Border::Replicate.index(x, shape.width) * channels + channel;
                &columns[x].as_chunks().0[part]
            };
            let mut window = [0; 16];
            for x in -radius..=radius {
                add_counts(&mut window, part(x, 0), 1);
            }
            let out = to.row_mut(y)[channel..].iter_mut().step_by(channels);
            for (x, out) in (0_isize..).zip(out) {
                let mut target = (k * k / 2) as i32;
                let coarse = rank_of_16(&window, &mut target);
                let mut fine = [0; 16];
                for x in x - radius..=x + radius {
                    add_counts(&mut fine, part(x, 1 + coarse), 1);
                }
                *out = (coarse * 16 + rank_of_16(&fine, &mut target)) as u8;
                add_counts(&mut window, part(x + radius + 1, 0), 1);
                add_counts(&mut window, part(x - radius, 0), -1);
            }
        }
        count(columns, y as isize - radius, -1);
    }
    scratch.give_i32(memory);
}

fn add_counts(counts: &mut [i32; 16], column: &[i32; 16], times: i32) {
    for (count, &more) in counts.iter_mut().zip(column) {
        *count += more * times;
    }
}

/// Which of sixteen counts element number `target` falls into; leaves its number within that one in `target`.
fn rank_of_16(counts: &[i32; 16], target: &mut i32) -> usize {
    for (index, &count) in counts.iter().enumerate() {
        if *target < count {
            return index;
        }
        *target -= count;
    }
    unreachable!("the counts sum to more than the target")
}
