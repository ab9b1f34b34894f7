//! Median filter.
//!
//! Windows of up to 9 x 9 pixels go through networks of minima and maxima, sixteen windows at a time; from 7 x 7 on sorted columns are
//! merged by two and by four first, which neighboring windows share. Larger windows
//! count: every column of the image keeps a histogram of the window's rows, and a window adds them up.
//! (S. Perreault and P. Hebert, "Median Filtering in Constant Time", IEEE Transactions on Image Processing 16, 2007.)

/// Orders entries of an array by exchanges: after `a b`, entry `a` is not above entry `b`.
macro_rules! exchange {
    ($values:ident: $($a:literal $b:literal),*) => {$(
        ($values[$a], $values[$b]) = ($values[$a].min($values[$b]), $values[$a].max($values[$b]));
    )*};
}

mod networks;

use super::border::{Border, edge};
use super::pad::{BLOCK, Margin, Padded, blocks, whole_blocks};
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
        3 => network::<3, Of3>(from, &mut to, scratch),
        5 => network::<5, Of5>(from, &mut to, scratch),
        7 => ladder::<7, 14, 22, Of7>(from, &mut to, scratch),
        9 => ladder::<9, 18, 36, Of9>(from, &mut to, scratch),
        11 => counting::<11>(from, &mut to, scratch),
        _ => large(from, &mut to, k, scratch),
    }
}

/// What a network needs to know; everything is on single values, and the loop around it becomes vectors.
trait Network<const K: usize> {
    /// Sorts a column.
    fn sort(column: [u8; K]) -> [u8; K];
    /// Median of a window of sorted columns.
    fn median(columns: [[u8; K]; K]) -> u8;
}

struct Of3;

impl Network<3> for Of3 {
    #[inline]
    fn sort(mut column: [u8; 3]) -> [u8; 3] {
        exchange!(column: 0 1, 1 2, 0 1);
        column
    }

    /// The median of the largest minimum, the median median and the smallest maximum.
    #[inline]
    fn median([a, b, c]: [[u8; 3]; 3]) -> u8 {
        let low = a[0].max(b[0]).max(c[0]);
        let high = a[2].min(b[2]).min(c[2]);
        median_of_3(low, median_of_3(a[1], b[1], c[1]), high)
    }
}

#[inline]
fn median_of_3(a: u8, b: u8, c: u8) -> u8 {
    a.min(b).max(a.max(b).min(c))
}

struct Of5;

impl Network<5> for Of5 {
    #[inline]
    fn sort(mut column: [u8; 5]) -> [u8; 5] {
        exchange!(column: 0 3, 1 4, 0 2, 1 3, 0 1, 2 4, 1 2, 3 4, 2 3);
        column
    }

    /// Sorting each rank across the columns too leaves, of 25 values, 6 that are too small and 6 that are too large
    /// for the median whatever they are; it is the median of the other 13.
    ///
    /// Of 8 among the 13, neither the smallest nor the largest is the median. Nor are those of the 6 left over and one
    /// more, and so on.
    #[inline]
    fn median([p, q, r, s, t]: [[u8; 5]; 5]) -> u8 {
        let [_, _, _, a, b] = Self::sort([p[0], q[0], r[0], s[0], t[0]]);
        let [_, _, c, d, e] = Self::sort([p[1], q[1], r[1], s[1], t[1]]);
        let [_, f, g, h, _] = Self::sort([p[2], q[2], r[2], s[2], t[2]]);
        let [i, j, k, _, _] = Self::sort([p[3], q[3], r[3], s[3], t[3]]);
        let [l, m, _, _, _] = Self::sort([p[4], q[4], r[4], s[4], t[4]]);
        let mut v = [a, b, c, d, e, f, g, h];
        exchange!(v: 0 7, 1 6, 2 5, 3 4, 0 1, 2 3, 0 2, 4 5, 6 7, 5 7);
        v[7] = i;
        exchange!(v: 1 7, 2 6, 3 5, 1 2, 3 4, 1 3, 4 5, 6 7, 5 7);
        v[7] = j;
        exchange!(v: 2 7, 3 6, 4 5, 2 3, 2 4, 5 6, 6 7);
        v[7] = k;
        exchange!(v: 3 7, 4 6, 3 4, 3 5, 5 6, 6 7);
        v[7] = l;
        exchange!(v: 4 7, 5 6, 4 5, 6 7);
        median_of_3(v[5], v[6], m)
    }
}

/// Runs a network over the whole image.
fn network<const K: usize, N: Network<K>>(from: Image<'_>, to: &mut ImageMut<'_>, scratch: &mut Scratch) {
    let shape = from.shape;
    let padded = Padded::new(from, Margin::all(K / 2), Border::Edge, scratch);
    let (stride, width, length) =
        (padded.stride(), whole_blocks(padded.stride()), whole_blocks(shape.stride()));
    let plane = width + BLOCK;
    let mut sorted = scratch.take_u8(K * plane);
    let mut row = scratch.take_u8(length);
    for y in 0..shape.height {
        let rows = padded.from_row(y);
        for start in (0..width).step_by(BLOCK) {
            let ranks = sort_columns::<K, N>(blocks(rows, |row| start + row * stride));
            for (rank, values) in ranks.iter().enumerate() {
                sorted[start + rank * plane..][..BLOCK].copy_from_slice(values);
            }
        }
        for (block, out) in row.as_chunks_mut().0.iter_mut().enumerate() {
            let start = block * BLOCK;
            *out = medians::<K, N>(std::array::from_fn(|column| {
                blocks(&sorted[start + column * shape.channels()..], |rank| rank * plane)
            }));
        }
        to.row_mut(y).copy_from_slice(&row[..shape.stride()]);
    }
    scratch.give_u8(row);
    scratch.give_u8(sorted);
    padded.give(scratch);
}

/// Sorts the values of every column; the smallest come first.
#[inline]
fn sort_columns<const K: usize, N: Network<K>>(rows: [&[u8; BLOCK]; K]) -> [[u8; BLOCK]; K] {
    let mut sorted = [[0; BLOCK]; K];
    for x in 0..BLOCK {
        let mut column = [0; K];
        for row in 0..K {
            column[row] = rows[row][x];
        }
        column = N::sort(column);
        for rank in 0..K {
            sorted[rank][x] = column[rank];
        }
    }
    sorted
}

/// Medians of the windows that `sorted` holds by column and rank.
#[inline]
fn medians<const K: usize, N: Network<K>>(sorted: [[&[u8; BLOCK]; K]; K]) -> [u8; BLOCK] {
    let mut out = [0; BLOCK];
    for (x, out) in out.iter_mut().enumerate() {
        let mut window = [[0; K]; K];
        for column in 0..K {
            for rank in 0..K {
                window[column][rank] = sorted[column][rank][x];
            }
        }
        *out = N::median(window);
    }
    out
}

/// Reads the values of a sorted row by their ranks. (As a function, because arrays of so many values would not stay in registers.)
macro_rules! row {
    () => { impl Fn(usize) -> u8 };
}

/// Networks for windows of `K` columns, of which `TWO` and `FOUR` values are kept of two and of four of them.
trait Ladder<const K: usize, const TWO: usize, const FOUR: usize> {
    /// Sorts a column.
    fn sort(column: [u8; K]) -> [u8; K];
    /// Merges two sorted columns.
    fn two(left: row!(), right: row!()) -> [u8; TWO];
    /// Merges two of these, without what is too small or too large for the median whatever the others are.
    fn four(left: row!(), right: row!()) -> [u8; FOUR];
    /// The median, of the columns from the first on, from the fifth on, from the fifth (of nine, the ninth) on, and of the last.
    fn median(first: row!(), next: row!(), two: row!(), last: row!()) -> u8;
}

struct Of7;

impl Ladder<7, 14, 22> for Of7 {
    #[inline]
    fn sort(column: [u8; 7]) -> [u8; 7] {
        networks::sort_7(column)
    }

    #[inline]
    fn two(left: row!(), right: row!()) -> [u8; 14] {
        networks::merge_7_7(left, right)
    }

    #[inline]
    fn four(left: row!(), right: row!()) -> [u8; 22] {
        networks::merge_14_14(left, right)
    }

    #[inline]
    fn median(first: row!(), _: row!(), two: row!(), last: row!()) -> u8 {
        middle::<21>(first, networks::merge_14_7(two, last))
    }
}

struct Of9;

impl Ladder<9, 18, 36> for Of9 {
    #[inline]
    fn sort(column: [u8; 9]) -> [u8; 9] {
        networks::sort_9(column)
    }

    #[inline]
    fn two(left: row!(), right: row!()) -> [u8; 18] {
        networks::merge_9_9(left, right)
    }

    #[inline]
    fn four(left: row!(), right: row!()) -> [u8; 36] {
        networks::merge_18_18(left, right)
    }

    #[inline]
    fn median(first: row!(), next: row!(), _: row!(), last: row!()) -> u8 {
        let eight = networks::merge_36_36(first, next);
        let last = std::array::from_fn(last);
        middle::<9>(|rank| eight[rank], last)
    }
}

/// The median of two sorted rows, of which the first has one value more: the least of what is not below so many of both.
#[inline]
fn middle<const M: usize>(a: row!(), b: [u8; M]) -> u8 {
    let mut least = a(M);
    for i in 0..M {
        least = least.min(a(i).max(b[M - 1 - i]));
    }
    least
}

/// Values of a row that are worked on together.
const TILE: usize = 6 * BLOCK;

/// Those, ten pixels more, and room for blocks that begin there.
const PLANE: usize = TILE + 4 * BLOCK;

/// Rows of values by rank.
type Ranks<const N: usize> = [[u8; PLANE]; N];

/// Runs the networks of a ladder over the whole image.
fn ladder<const K: usize, const TWO: usize, const FOUR: usize, L: Ladder<K, TWO, FOUR>>(
    from: Image<'_>,
    to: &mut ImageMut<'_>,
    scratch: &mut Scratch,
) {
    let (shape, channels) = (from.shape, from.shape.channels());
    let padded = Padded::new(from, Margin::all(K / 2), Border::Edge, scratch);
    let stride = padded.stride();
    let (mut rows, mut columns) = ([[0; PLANE]; K], [[0; PLANE]; K]);
    let (mut twos, mut fours) = ([[0; PLANE]; TWO], [[0; PLANE]; FOUR]);
    for y in 0..shape.height {
        for (tile, out) in to.row_mut(y).chunks_mut(TILE).enumerate() {
            // Up to so many columns further right are read.
            let count = |more: usize| whole_blocks(out.len() + more * channels);
            let read = count(K - 1).min(stride - tile * TILE);
            for (row, to) in rows.iter_mut().enumerate() {
                to[..read].copy_from_slice(&padded.from_row(y + row)[tile * TILE..][..read]);
            }
            for start in (0..count(K - 1)).step_by(BLOCK) {
                let rows = block(&rows, start);
                each(&mut columns, start, |x| L::sort(std::array::from_fn(|row| rows[row][x])));
            }
            for start in (0..count(K - 3)).step_by(BLOCK) {
                let (left, right) = (block(&columns, start), block(&columns, start + channels));
                each(&mut twos, start, |x| L::two(|i| left[i][x], |i| right[i][x]));
            }
            for start in (0..count(4)).step_by(BLOCK) {
                let (left, right) = (block(&twos, start), block(&twos, start + 2 * channels));
                each(&mut fours, start, |x| L::four(|i| left[i][x], |i| right[i][x]));
            }
            for start in (0..out.len()).step_by(BLOCK) {
                let (first, next) = (block(&fours, start), block(&fours, start + 4 * channels));
                let two = block(&twos, start + K / 4 * 4 * channels);
                let last = block(&columns, start + (K - 1) * channels);
                let mut medians = [0; BLOCK];
                for (x, median) in medians.iter_mut().enumerate() {
                    *median = L::median(|i| first[i][x], |i| next[i][x], |i| two[i][x], |i| last[i][x]);
                }
                let rest = (out.len() - start).min(BLOCK);
                out[start..start + rest].copy_from_slice(&medians[..rest]);
            }
        }
    }
    padded.give(scratch);
}

/// A block of each rank. (As a copy, of which is known that what is written is none of it.)
#[inline]
fn block<const N: usize>(ranks: &Ranks<N>, start: usize) -> [[u8; BLOCK]; N] {
    let mut blocks = [[0; BLOCK]; N];
    for (block, values) in blocks.iter_mut().zip(ranks) {
        block.copy_from_slice(&values[start..start + BLOCK]);
    }
    blocks
}

/// Runs a network for each place of a block.
#[expect(clippy::needless_range_loop, reason = "columns of many rows at once are what vectors are made of")]
#[inline]
fn each<const M: usize>(to: &mut Ranks<M>, start: usize, network: impl Fn(usize) -> [u8; M]) {
    let mut found = [[0; BLOCK]; M];
    for x in 0..BLOCK {
        let values = network(x);
        for rank in 0..M {
            found[rank][x] = values[rank];
        }
    }
    for (to, found) in to.iter_mut().zip(&found) {
        to[start..start + BLOCK].copy_from_slice(found);
    }
}

/// The lowest bit of each of the eight bytes of a word.
const ONES: u64 = 0x0101_0101_0101_0101;

/// Words of a column's histogram: sixteen counts of sixteen values each, then 256 counts; a count is a byte.
const COLUMN: usize = 2 + 32;

/// Sixteen counts, eight to a word.
type Counts = [u64; 2];

/// Windows of up to 11 x 11 pixels, channel by channel; worth it for those that networks are too large for.
fn counting<const K: usize>(from: Image<'_>, to: &mut ImageMut<'_>, scratch: &mut Scratch) {
    let Image { shape, .. } = from;
    let (radius, channels) = (K / 2, shape.channels());
    let mut memory = scratch.take_u64(COLUMN * shape.width);
    for channel in 0..channels {
        memory.fill(0);
        let columns = memory.as_chunks_mut::<COLUMN>().0;
        let count_row = |columns: &mut [[u64; COLUMN]], y: i32, times: u64| {
            let row = from.row(edge(y, shape.height));
            for (column, &value) in columns.iter_mut().zip(row[channel..].iter().step_by(channels)) {
                count(column, value, times);
            }
        };
        for y in -(radius as i32)..radius as i32 {
            count_row(columns, y, 1);
        }
        for y in 0..shape.height {
            count_row(columns, y as i32 + radius as i32, 1);
            let out = to.row_mut(y)[channel..].iter_mut().step_by(channels);
            counting_row::<K>(columns, out);
            count_row(columns, y as i32 - radius as i32, 1_u64.wrapping_neg());
        }
    }
    scratch.give_u64(memory);
}

/// Medians along one row, from the histograms of the columns.
fn counting_row<'a, const K: usize>(columns: &[[u64; COLUMN]], out: impl Iterator<Item = &'a mut u8>) {
    let (radius, last) = (K / 2, columns.len() - 1);
    let middle = (K * K / 2) as u64;
    let mut window = window_sum::<K>(columns, 0, 0);
    for (x, out) in out.enumerate() {
        let (coarse, below) = rank(window, middle);
        let (value, _) = rank(window_sum::<K>(columns, x, 1 + coarse), middle - below);
        *out = (coarse * 16 + value) as u8;
        add(&mut window, &columns[(x + radius + 1).min(last)], 0, 1);
        add(&mut window, &columns[x.saturating_sub(radius)], 0, 1_u64.wrapping_neg());
    }
}

/// The counts of part `part` in the `K` columns around `x`; the first and last column stand for those beyond.
#[inline]
fn window_sum<const K: usize>(columns: &[[u64; COLUMN]], x: usize, part: usize) -> Counts {
    let (radius, last) = (K / 2, columns.len() - 1);
    let mut sum = [0; 2];
    if let Some(inside) = x.checked_sub(radius).and_then(|start| columns[start..].first_chunk::<K>()) {
        for column in inside {
            add(&mut sum, column, part, 1);
        }
    } else {
        let (start, end) = (x.saturating_sub(radius), (x + radius).min(last));
        for column in &columns[start..=end] {
            add(&mut sum, column, part, 1);
        }
        add(&mut sum, &columns[0], part, radius.saturating_sub(x) as u64);
        add(&mut sum, &columns[last], part, (x + radius).saturating_sub(last) as u64);
    }
    sum
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

/// Adds the counts of one part of a column `times` times: 0 the coarse ones, 1 + n the fine ones of coarse count n.
#[inline]
fn add(counts: &mut Counts, column: &[u64; COLUMN], part: usize, times: u64) {
    let part = column.as_chunks::<2>().0[part];
    for (count, more) in counts.iter_mut().zip(part) {
        *count = count.wrapping_add(more.wrapping_mul(times));
    }
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
    let shift = beyond.trailing_zeros() & !7;
    (word * 8 + shift as usize / 8, before + (sums << 8 >> shift & 255))
}

/// Counts of a column of the histograms of [`large`]: sixteen coarse ones, 256 fine ones.
const LARGE: usize = 16 + 256;

/// Windows of any size, as [`counting`] with wider counts.
fn large(from: Image<'_>, to: &mut ImageMut<'_>, k: usize, scratch: &mut Scratch) {
    let Image { shape, .. } = from;
    let (radius, channels, stride) = (k as i32 / 2, shape.channels(), shape.stride());
    let row = |y: i32| from.row(edge(y, shape.height));
    let mut memory = scratch.take_i32(LARGE * stride);
    memory.fill(0);
    let columns = memory.as_chunks_mut::<LARGE>().0;
    let count = |columns: &mut [[i32; LARGE]], y: i32, times: i32| {
        for (column, &value) in columns.iter_mut().zip(row(y)) {
            column[usize::from(value >> 4)] += times;
            column[16 + usize::from(value)] += times;
        }
    };
    for y in -radius..radius {
        count(columns, y, 1);
    }
    for y in 0..shape.height {
        count(columns, y as i32 + radius, 1);
        for channel in 0..channels {
            let part = |x: i32, part: usize| -> &[i32; 16] {
                let x = edge(x, shape.width) * channels + channel;
                &columns[x].as_chunks().0[part]
            };
            let mut window = [0; 16];
            for x in -radius..=radius {
                add_counts(&mut window, part(x, 0), 1);
            }
            let out = to.row_mut(y)[channel..].iter_mut().step_by(channels);
            for (x, out) in (0_i32..).zip(out) {
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
        count(columns, y as i32 - radius, -1);
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::base::Shape;
    use crate::kernels::testing::{Picture, pictures};

    fn median(picture: &Picture, k: usize) -> Vec<u8> {
        let mut out = vec![0; picture.data.len()];
        median_blur(picture.image(), ImageMut::new(picture.shape, &mut out), k, &mut Scratch::default());
        out
    }

    /// By sorting.
    fn slowly(picture: &Picture, k: usize) -> Vec<u8> {
        let Shape { height, width, kind } = picture.shape;
        let channels = kind.count();
        let mut out = Vec::new();
        for i in 0..picture.data.len() {
            let (y, x, channel) = (i / channels / width, i / channels % width, i % channels);
            let mut window = Vec::new();
            for row in 0..k {
                for column in 0..k {
                    let from_y = edge((y + row) as i32 - (k / 2) as i32, height);
                    let from_x = edge((x + column) as i32 - (k / 2) as i32, width);
                    window.push(picture.data[(from_y * width + from_x) * channels + channel]);
                }
            }
            window.sort_unstable();
            out.push(window[k * k / 2]);
        }
        out
    }

    #[test]
    fn a_speck_goes_and_an_edge_stays() {
        let picture = Picture { shape: Shape::gray(3, 4), data: vec![0, 0, 9, 9, 0, 7, 9, 9, 0, 0, 9, 9] };
        assert_eq!(median(&picture, 3), [0, 0, 9, 9, 0, 0, 9, 9, 0, 0, 9, 9]);
    }

    #[test]
    fn the_number_that_is_searched_is_found() {
        // 3 of count 0, none of 1 to 6, 118 of 7.
        let counts = [3 | 118 << 56, 0];
        assert_eq!([0, 2, 3, 120].map(|target| rank(counts, target)), [(0, 0), (0, 0), (7, 3), (7, 3)]);
        let counts = [60 << 8, 1 | 60 << 56];
        assert_eq!([0, 59, 60, 61, 120].map(|target| rank(counts, target).0), [1, 1, 8, 15, 15]);
    }

    proptest! {
        #[test]
        fn networks_and_counts_find_the_median(picture in pictures(), k in 0_usize..7) {
            let k = 2 * k + 1;
            prop_assert_eq!(median(&picture, k), slowly(&picture, k), "k = {}", k);
        }

        #[test]
        fn large_windows_have_a_median_too(picture in pictures(), k in 7_usize..15) {
            // Larger than many of the pictures.
            let k = 2 * k + 1;
            let Shape { height, width, kind } = picture.shape;
            let shape = Shape::new(height.min(9), width.min(9), kind);
            let picture = Picture { shape, data: picture.data[..shape.bytes()].to_vec() };
            prop_assert_eq!(median(&picture, k), slowly(&picture, k), "k = {}", k);
        }
    }
}
