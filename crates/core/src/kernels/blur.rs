//! Blurs whose weights sum to one: Gaussian and box, both in the fixed point of imgaug's back end.

use super::border::Border;
use super::pad::{BLOCK, Margin, Padded, blocks, whole_blocks};
use crate::base::{Image, ImageMut, Scratch, math};

/// Number of taps that imgaug, for blurs and elastic transformations alike, gives a Gaussian of `sigma` pixels: odd, at least 5.
#[must_use]
pub fn gaussian_size(sigma: f64) -> usize {
    let factor = if sigma < 3.0 {
        3.3
    } else if sigma < 5.0 {
        2.9
    } else {
        2.6
    };
    (factor * sigma).max(5.0) as usize | 1
}

/// Fills `weights` with one half of a Gaussian kernel of `2 * weights.len() - 1` taps, the center first.
///
/// The taps are exp(-i^2 / 2 sigma^2), normalized, in units of 1/256; each takes over the rounding error of the
/// one outside it, and the center takes what is left of 256.
fn gaussian_weights(sigma: f64, weights: &mut [i32]) {
    let tap = |i: usize| math::exp(-0.5 / (sigma * sigma) * (i * i) as f64);
    let scale = 1.0 / (2.0 * (1..weights.len()).rev().map(tap).sum::<f64>() + 1.0);
    let (mut error, mut sum) = (0.0, 0);
    for i in (1..weights.len()).rev() {
        let exact = tap(i) * scale * 256.0 + error;
        weights[i] = math::rhe64(exact);
        error = exact - f64::from(weights[i]);
        sum += weights[i];
    }
    weights[0] = 256 - 2 * sum;
}

/// Blurs by a Gaussian of standard deviation `sigma` in pixels; up to 0.001 the image stays as it is.
///
/// Taps as [`gaussian_size`], border reflected without repeating the edge. The two-dimensional sum is kept in full
/// (16 fractional bits) and rounded once, half up.
///
/// # Panics
/// If the two images differ in shape.
pub fn gaussian_blur(from: Image<'_>, to: ImageMut<'_>, sigma: f64, scratch: &mut Scratch) {
    if sigma <= 0.001 {
        assert_eq!(from.shape, to.shape);
        to.data.copy_from_slice(from.data);
    } else {
        gaussian_blur_sized(from, to, gaussian_size(sigma), sigma, scratch);
    }
}

/// As [`gaussian_blur`], with `size` taps, an odd number. A `sigma` of 0 is that which OpenCV has for the size: binomial
/// weights or nearly so up to 7 taps, from there on 0.3 ((size - 1) / 2 - 1) + 0.8.
///
/// # Panics
/// If the two images differ in shape, or `size` is even.
pub fn gaussian_blur_sized(
    from: Image<'_>,
    mut to: ImageMut<'_>,
    size: usize,
    sigma: f64,
    scratch: &mut Scratch,
) {
    let shape = from.shape;
    assert_eq!(shape, to.shape);
    assert!(size % 2 == 1, "a kernel has a middle, {size} taps have none");
    if size == 1 || shape.bytes() == 0 {
        to.data.copy_from_slice(from.data);
        return;
    }
    let radius = size / 2;
    let mut weights = scratch.take_i32(radius + 1);
    match (size, sigma > 0.0) {
        (3, false) => weights.copy_from_slice(&[128, 64]),
        (5, false) => weights.copy_from_slice(&[96, 64, 16]),
        (7, false) => weights.copy_from_slice(&[72, 56, 28, 8]),
        (_, false) => gaussian_weights(0.3 * (radius as f64 - 1.0) + 0.8, &mut weights),
        (_, true) => gaussian_weights(sigma, &mut weights),
    }
    let padded = Padded::new(from, Margin::all(radius), Border::Reflect, scratch);
    match radius {
        2 => separable::<3>(&padded, &mut to, &weights, scratch),
        3 => separable::<4>(&padded, &mut to, &weights, scratch),
        4 => separable::<5>(&padded, &mut to, &weights, scratch),
        _ => wide_separable(&padded, &mut to, &weights, scratch),
    }
    padded.give(scratch);
    scratch.give_i32(weights);
}

/// Runs the half kernel of `N` weights down and along.
///
/// A column sum is at most 255 * 256, and a weight off the center at most 128, so that sixteen bits hold the sum of two
/// pixels times their weight. With each column sum as 256 h + l, the sum of the products along the row is 256 H + L,
/// where H and L fit as well.
fn separable<const N: usize>(padded: &Padded, to: &mut ImageMut<'_>, weights: &[i32], scratch: &mut Scratch) {
    let weights: [u16; N] = std::array::from_fn(|i| weights[i] as u16);
    let shape = to.shape;
    let (stride, width, length) =
        (padded.stride(), whole_blocks(padded.stride()), whole_blocks(shape.stride()));
    let mut sums = scratch.take_u16(width + BLOCK);
    let mut row = scratch.take_u8(length);
    for y in 0..shape.height {
        let rows = padded.from_row(y);
        for (block, out) in sums[..width].as_chunks_mut().0.iter_mut().enumerate() {
            let middle = block * BLOCK + (N - 1) * stride;
            *out = column_sums(
                &weights,
                blocks(rows, |i| middle - i * stride),
                blocks(rows, |i| middle + i * stride),
            );
        }
        for (block, out) in row.as_chunks_mut().0.iter_mut().enumerate() {
            let middle = block * BLOCK + (N - 1) * shape.channels();
            *out = row_sums(
                &weights,
                blocks(&sums, |i| middle - i * shape.channels()),
                blocks(&sums, |i| middle + i * shape.channels()),
            );
        }
        to.row_mut(y).copy_from_slice(&row[..shape.stride()]);
    }
    scratch.give_u8(row);
    scratch.give_u16(sums);
}

#[inline]
fn column_sums<const N: usize>(
    weights: &[u16; N],
    above: [&[u8; BLOCK]; N],
    below: [&[u8; BLOCK]; N],
) -> [u16; BLOCK] {
    let mut sums = [0; BLOCK];
    for (x, sum) in sums.iter_mut().enumerate() {
        *sum = u16::from(above[0][x]) * weights[0];
        for i in 1..N {
            *sum += (u16::from(above[i][x]) + u16::from(below[i][x])) * weights[i];
        }
    }
    sums
}

#[inline]
fn row_sums<const N: usize>(
    weights: &[u16; N],
    left: [&[u16; BLOCK]; N],
    right: [&[u16; BLOCK]; N],
) -> [u8; BLOCK] {
    let mut out = [0; BLOCK];
    for (x, out) in out.iter_mut().enumerate() {
        let mut high = (left[0][x] >> 8) * weights[0];
        let mut low = (left[0][x] & 255) * weights[0];
        for i in 1..N {
            high += ((left[i][x] >> 8) + (right[i][x] >> 8)) * weights[i];
            low += ((left[i][x] & 255) + (right[i][x] & 255)) * weights[i];
        }
        *out = rounded(high, low);
    }
    out
}

/// 256 `high` + `low` + a half, without the lower 16 bits. The sum is at most 255.5 * 65536.
#[inline]
fn rounded(high: u16, low: u16) -> u8 {
    ((high + (low >> 8) + 128) >> 8) as u8
}

/// As [`separable`], tap by tap, for any number of weights.
fn wide_separable(padded: &Padded, to: &mut ImageMut<'_>, weights: &[i32], scratch: &mut Scratch) {
    let shape = to.shape;
    let (stride, length, radius) = (padded.stride(), shape.stride(), weights.len() - 1);
    let mut sums = scratch.take_u16(stride);
    let mut high = scratch.take_u16(length);
    let mut low = scratch.take_u16(length);
    for y in 0..shape.height {
        let rows = padded.from_row(y);
        sums.fill(0);
        for tap in 0..=2 * radius {
            let weight = weights[tap.abs_diff(radius)] as u16;
            for (sum, &value) in sums.iter_mut().zip(&rows[tap * stride..]) {
                *sum += u16::from(value) * weight;
            }
        }
        high.fill(0);
        low.fill(0);
        for tap in 0..=2 * radius {
            let weight = weights[tap.abs_diff(radius)] as u16;
            for ((high, low), &sum) in high.iter_mut().zip(&mut low).zip(&sums[tap * shape.channels()..]) {
                *high += (sum >> 8) * weight;
                *low += (sum & 255) * weight;
            }
        }
        for ((out, &high), &low) in to.row_mut(y).iter_mut().zip(&high).zip(&low) {
            *out = rounded(high, low);
        }
    }
    scratch.give_u16(sums);
    scratch.give_u16(high);
    scratch.give_u16(low);
}

/// Replaces every pixel by the mean over `rows` x `columns` pixels; a size of 0 or 1 pixel in all leaves the
/// image as it is.
///
/// The window of an even size reaches one pixel further up and left. Border reflected without repeating the edge.
/// Up to 256 pixels the sum is rounded half up, except where their number is a power of two: there 1 / `pixels`
/// less than a half is enough. Beyond 256 pixels it is rounded half to even in single precision.
///
/// # Panics
/// If the two images differ in shape.
pub fn average_blur(
    from: Image<'_>,
    mut to: ImageMut<'_>,
    (rows, columns): (usize, usize),
    scratch: &mut Scratch,
) {
    let shape = from.shape;
    assert_eq!(shape, to.shape);
    let pixels = rows * columns;
    if pixels <= 1 || shape.bytes() == 0 {
        to.data.copy_from_slice(from.data);
        return;
    }
    let margin = Margin {
        top: rows / 2,
        bottom: rows - 1 - rows / 2,
        left: columns / 2,
        right: columns - 1 - columns / 2,
    };
    let padded = Padded::new(from, margin, Border::Reflect, scratch);
    if pixels > 256 {
        large_average(&padded, &mut to, (rows, columns), scratch);
    } else {
        let mut sums = scratch.take_u16(padded.stride());
        let mut total = scratch.take_u16(shape.stride());
        for y in 0..shape.height {
            move_sums(&padded, y, rows, &mut sums, u16::from);
            let window = Window { sums: &sums, columns, channels: shape.channels() };
            if let Some((factor, shift)) = reciprocal(pixels) {
                let half = half_of(pixels) as u16;
                window.mean(&mut total, to.row_mut(y), |sum| {
                    ((u32::from(sum + half) * u32::from(factor)) >> 16) as u16 >> shift
                });
            } else {
                let exact = f64::from(1 << 23) / pixels as f64;
                let down = exact.fract() < 0.5;
                let factor = exact as u32 + u32::from(!down);
                let half = pixels as u32 / 2 + u32::from(down);
                window
                    .mean(&mut total, to.row_mut(y), |sum| (((u32::from(sum) + half) * factor) >> 23) as u16);
            }
        }
        scratch.give_u16(sums);
        scratch.give_u16(total);
    }
    padded.give(scratch);
}

/// What is added to a sum over `pixels` before it is divided, rounding down.
const fn half_of(pixels: usize) -> usize {
    pixels / 2 + pixels.is_power_of_two() as usize
}

/// A factor m and a shift s such that (t m >> 16) >> s is t / `pixels`, rounded down, for every t that a sum plus
/// its half can be; `None` where 16 bits do not suffice. `pixels` is 2..=256.
fn reciprocal(pixels: usize) -> Option<(u16, u32)> {
    let shift = pixels.ilog2() - u32::from(pixels.is_power_of_two());
    let scale = 1_usize << (16 + shift);
    let factor = scale.div_ceil(pixels);
    // The factor is too large by less than 1 in the last place; the quotient must not notice.
    let excess = factor * pixels - scale;
    let largest = 255 * pixels + half_of(pixels);
    (largest * excess < scale).then_some((factor as u16, shift))
}

/// Makes `sums` the sums over `rows` rows from padded row `y` on, given those from row `y - 1` on.
fn move_sums<T>(padded: &Padded, y: usize, rows: usize, sums: &mut [T], widen: impl Fn(u8) -> T)
where
    T: Copy + Default + std::ops::AddAssign + std::ops::SubAssign,
{
    let stride = padded.stride();
    let sums = &mut sums[..stride];
    if y == 0 {
        sums.fill(T::default());
        for row in 0..rows {
            for (sum, &value) in sums.iter_mut().zip(padded.from_row(row)) {
                *sum += widen(value);
            }
        }
    } else {
        let (old, new) = (&padded.from_row(y - 1)[..stride], &padded.from_row(y + rows - 1)[..stride]);
        for ((sum, &new), &old) in sums.iter_mut().zip(new).zip(old) {
            *sum += widen(new);
            *sum -= widen(old);
        }
    }
}

/// Column sums of up to 256 pixels in all, about to be added along a row.
struct Window<'a> {
    sums: &'a [u16],
    columns: usize,
    channels: usize,
}

impl Window<'_> {
    /// Adds `columns` column sums for each value of `out` and divides by `divide`; `total` is room to work in.
    #[inline]
    fn mean(&self, total: &mut [u16], out: &mut [u8], divide: impl Fn(u16) -> u16) {
        total.copy_from_slice(&self.sums[..total.len()]);
        for column in 1..self.columns {
            for (total, &sum) in total.iter_mut().zip(&self.sums[column * self.channels..]) {
                *total += sum;
            }
        }
        for (out, &total) in out.iter_mut().zip(&*total) {
            *out = divide(total) as u8;
        }
    }
}

/// [`average_blur`] over more than 256 pixels, by running sums both ways.
fn large_average(
    padded: &Padded,
    to: &mut ImageMut<'_>,
    (rows, columns): (usize, usize),
    scratch: &mut Scratch,
) {
    let channels = to.shape.channels();
    let scale = 1.0 / (rows * columns) as f32;
    let mut sums = scratch.take_i32(padded.stride());
    for y in 0..to.shape.height {
        move_sums(padded, y, rows, &mut sums, i32::from);
        for (channel, first) in (0..channels).map(|c| (c, &sums[c..])) {
            let mut sum: i32 = first.iter().step_by(channels).take(columns).sum();
            let leaving = first.iter().step_by(channels);
            let entering = first.iter().step_by(channels).skip(columns).chain([&0]);
            let out = to.row_mut(y)[channel..].iter_mut().step_by(channels);
            for ((out, &leaving), &entering) in out.zip(leaving).zip(entering) {
                *out = math::round_u8(sum as f32 * scale);
                sum += entering - leaving;
            }
        }
    }
    scratch.give_i32(sums);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::base::Shape;
    use crate::kernels::testing::{Picture, pictures};

    fn gaussian(picture: &Picture, sigma: f64) -> Vec<u8> {
        let mut out = vec![0; picture.data.len()];
        let to = ImageMut::new(picture.shape, &mut out);
        gaussian_blur(picture.image(), to, sigma, &mut Scratch::default());
        out
    }

    fn average(picture: &Picture, window: (usize, usize)) -> Vec<u8> {
        let mut out = vec![0; picture.data.len()];
        let to = ImageMut::new(picture.shape, &mut out);
        average_blur(picture.image(), to, window, &mut Scratch::default());
        out
    }

    /// Each value of `picture` made of the values around it: `value(offset y, offset x, value)` summed over the window
    /// `rows` x `columns`, with its middle where an even size has it, and finished by `finish`.
    fn slowly(
        picture: &Picture,
        (rows, columns): (usize, usize),
        value: impl Fn(usize, usize, u64) -> u64,
        finish: impl Fn(u64) -> u8,
    ) -> Vec<u8> {
        let Shape { height, width, kind } = picture.shape;
        let channels = kind.count();
        let mut out = Vec::new();
        for i in 0..picture.data.len() {
            let (y, x, channel) = (i / channels / width, i / channels % width, i % channels);
            let mut sum = 0;
            for row in 0..rows {
                for column in 0..columns {
                    let from_y = (y + row) as i32 - (rows / 2) as i32;
                    let from_x = (x + column) as i32 - (columns / 2) as i32;
                    let from_y = Border::Reflect.index(from_y, height).unwrap();
                    let from_x = Border::Reflect.index(from_x, width).unwrap();
                    let from = picture.data[(from_y * width + from_x) * channels + channel];
                    sum += value(row, column, u64::from(from));
                }
            }
            out.push(finish(sum));
        }
        out
    }

    #[test]
    fn kernel_sizes_are_imgaugs() {
        let sizes = [0.2, 1.8, 1.82, 2.4, 2.43, 2.99, 3.0, 4.2, 4.9, 5.0, 10.0].map(gaussian_size);
        assert_eq!(sizes, [5, 5, 7, 7, 9, 9, 9, 13, 15, 13, 27]);
    }

    #[test]
    fn gaussian_weights_are_as_worked_out_by_hand() {
        // sigma 1: 256 times 0.0545, 0.2442, 0.4026 is 13.95, 62.51 and the rest, 102.
        let mut weights = [0; 3];
        gaussian_weights(1.0, &mut weights);
        assert_eq!(weights, [104, 62, 14]);
        gaussian_weights(0.2, &mut weights);
        assert_eq!(weights, [256, 0, 0]);
    }

    #[test]
    fn means_of_two_by_two_are_rounded_up_from_a_quarter() {
        let picture = |data: [u8; 4]| Picture { shape: Shape::gray(2, 2), data: data.to_vec() };
        // The window reaches up and left; the last pixel's holds each of the four.
        for (data, mean) in [([1, 0, 0, 0], 1), ([0, 0, 0, 0], 0), ([4, 4, 4, 5], 5), ([255; 4], 255)] {
            assert_eq!(average(&picture(data), (2, 2))[3], mean, "{data:?}");
        }
    }

    #[test]
    fn every_mean_is_rounded_as_opencv_rounds_it() {
        for pixels in 2..=256_usize {
            let exact = f64::from(1 << 23) / pixels as f64;
            let down = exact.fract() < 0.5;
            let factor = exact as u64 + u64::from(!down);
            let half = pixels as u64 / 2 + u64::from(down);
            for sum in 0..=255 * pixels as u64 {
                let mean = ((sum + half) * factor) >> 23;
                assert_eq!((sum + half_of(pixels) as u64) / pixels as u64, mean, "{sum} / {pixels}");
                if let Some((factor, shift)) = reciprocal(pixels) {
                    let fast = ((sum + half_of(pixels) as u64) * u64::from(factor)) >> 16 >> shift;
                    assert_eq!(fast, mean, "{sum} / {pixels}");
                }
            }
        }
        // All sizes that are in use.
        assert!([2, 3, 4, 5, 6, 7, 11].into_iter().all(|k| reciprocal(k * k).is_some()));
    }

    proptest! {
        #[test]
        fn gaussian_blur_is_one_rounded_sum(picture in pictures(), sigma in 0.002..6.0) {
            let size = gaussian_size(sigma);
            let mut weights = vec![0; size / 2 + 1];
            gaussian_weights(sigma, &mut weights);
            prop_assert!(weights.iter().all(|weight| *weight >= 0), "{weights:?}");
            prop_assert_eq!(weights[0] + 2 * weights[1..].iter().sum::<i32>(), 256);
            let weight = |row: usize| weights[row.abs_diff(size / 2)] as u64;
            let expected = slowly(
                &picture,
                (size, size),
                |row, column, value| weight(row) * weight(column) * value,
                |sum| ((sum + 32768) >> 16) as u8,
            );
            prop_assert_eq!(gaussian(&picture, sigma), expected);
        }

        #[test]
        fn average_blur_is_a_rounded_mean(picture in pictures(), rows in 1_usize..8, columns in 1_usize..8) {
            let pixels = rows * columns;
            let finish = |sum| ((sum + half_of(pixels) as u64) / pixels as u64) as u8;
            let expected = if pixels == 1 {
                picture.data.clone()
            } else {
                slowly(&picture, (rows, columns), |_, _, value| value, finish)
            };
            prop_assert_eq!(average(&picture, (rows, columns)), expected);
        }

        #[test]
        fn large_windows_average_too(picture in pictures(), rows in 8_usize..24, columns in 1_usize..40) {
            let pixels = rows * columns;
            let finish = |sum| if pixels <= 256 {
                ((sum + half_of(pixels) as u64) / pixels as u64) as u8
            } else {
                (sum as f32 * (1.0 / pixels as f32)).round_ties_even() as u8
            };
            let expected = slowly(&picture, (rows, columns), |_, _, value| value, finish);
            prop_assert_eq!(average(&picture, (rows, columns)), expected);
        }

        #[test]
        fn nothing_to_blur_changes_nothing(picture in pictures(), sigma in 0.0..0.001) {
            prop_assert_eq!(&gaussian(&picture, sigma), &picture.data);
            for window in [(0, 3), (3, 0), (1, 1)] {
                prop_assert_eq!(&average(&picture, window), &picture.data);
            }
        }
    }
}
