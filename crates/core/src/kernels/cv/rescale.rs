//! `resize` to a fraction of an image's sides: places go by the fraction itself, not by the rounded sizes.

use crate::base::{Image, ImageMut, Scratch, math};
use crate::kernels::entry::drawable;

/// Each value of `to` from the four nearest of `from`, whose sides are those of `to` over `scale`, in weights of 11 bits.
///
/// Beyond the border, columns count with their whole weight and rows are repeated.
///
/// # Panics
/// If the channels differ.
pub fn linear(from: Image<'_>, mut to: ImageMut<'_>, scale: f64) {
    if !drawable(from, &to) {
        return;
    }
    let (channels, step) = (from.shape.channels(), 1.0 / scale);
    // The first of two places, and the weight of the second.
    let place = |at: usize| {
        let at = ((at as f64 + 0.5) * step - 0.5) as f32;
        let first = at.floor();
        (first as i64, at - first)
    };
    let weights = |fraction: f32| [1.0 - fraction, fraction].map(|w| math::rhe(w * 2048.0));
    let last = |side: usize| side as i64 - 1;
    for y in 0..to.shape.height {
        let (first, fraction) = place(y);
        let down = weights(fraction);
        let rows = [first, first + 1].map(|y| from.row(y.clamp(0, last(from.shape.height)) as usize));
        for (x, pixel) in to.row_mut(y).chunks_exact_mut(channels).enumerate() {
            let (first, fraction) = place(x);
            let inside = (0..last(from.shape.width)).contains(&first);
            let across = weights(if inside { fraction } else { 0.0 });
            let left = first.clamp(0, last(from.shape.width)) as usize;
            let right = left + usize::from(inside);
            for (channel, v) in pixel.iter_mut().enumerate() {
                let sums = rows.map(|row| {
                    let at = |column: usize| i32::from(row[column * channels + channel]);
                    at(left) * across[0] + at(right) * across[1]
                });
                let part = |i: usize| (down[i] * (sums[i] >> 4)) >> 16;
                *v = math::sat((part(0) + part(1) + 2) >> 2);
            }
        }
    }
}

/// Calls `part` with each source place that place `at` of an axis covers, and its share.
fn covered(at: usize, side: usize, step: f64, mut part: impl FnMut(usize, f32)) {
    let from = at as f64 * step;
    let to = from + step;
    let whole = step.min(side as f64 - from);
    let last = (to.floor() as usize).min(side - 1);
    let first = (from.ceil() as usize).min(last);
    if first as f64 - from > 1e-3 {
        part(first - 1, ((first as f64 - from) / whole) as f32);
    }
    for place in first..last {
        part(place, (1.0 / whole) as f32);
    }
    if to - last as f64 > 1e-3 {
        part(last, ((to - last as f64).min(1.0).min(whole) / whole) as f32);
    }
}

/// Each value of `to` as the mean over what it covers of `from`, whose sides are those of `to` over `scale`; single precision,
/// rounded half to even.
///
/// # Panics
/// If the channels differ.
pub fn area(from: Image<'_>, mut to: ImageMut<'_>, scale: f64, scratch: &mut Scratch) {
    if !drawable(from, &to) {
        return;
    }
    let (channels, step) = (from.shape.channels(), 1.0 / scale);
    let (width, stride) = (to.shape.width, to.shape.stride());
    let mut sums = scratch.take_f32(stride);
    let mut along = scratch.take_f32(stride);
    for y in 0..to.shape.height {
        sums.fill(0.0);
        covered(y, from.shape.height, step, |row, share| {
            along.fill(0.0);
            for x in 0..width {
                covered(x, from.shape.width, step, |column, share| {
                    for channel in 0..channels {
                        let v = from.row(row)[column * channels + channel];
                        along[x * channels + channel] += f32::from(v) * share;
                    }
                });
            }
            for (sum, value) in sums.iter_mut().zip(&along) {
                *sum += value * share;
            }
        });
        for (v, sum) in to.row_mut(y).iter_mut().zip(&sums) {
            *v = math::round_u8(*sum);
        }
    }
    scratch.give_f32(along);
    scratch.give_f32(sums);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Shape;

    /// As OpenCV 4.11 makes them.
    #[test]
    fn small_images_are_those_of_the_library() {
        let data: Vec<u8> = (0..60).map(|i| (i * 37 % 251) as u8).collect();
        let image = Image::new(Shape::gray(6, 10), &data);
        for (scale, height, width, by_area, expected) in [
            (0.37, 2, 4, false, &[133, 114, 109, 182, 85, 102, 152, 113][..]),
            (
                0.61,
                4,
                6,
                false,
                &[
                    50, 110, 123, 152, 62, 102, 168, 65, 119, 176, 237, 57, 141, 99, 100, 120, 180, 91, 105,
                    165, 226, 36, 96, 157,
                ],
            ),
            (0.37, 2, 4, true, &[98, 124, 138, 105, 120, 120, 137, 107]),
            (
                0.61,
                4,
                6,
                true,
                &[
                    61, 119, 123, 144, 90, 110, 144, 108, 113, 134, 173, 100, 132, 104, 102, 117, 158, 96,
                    110, 156, 216, 59, 103, 148,
                ],
            ),
        ] {
            let mut out = vec![0; height * width];
            let to = ImageMut::new(Shape::gray(height, width), &mut out);
            if by_area {
                area(image, to, scale, &mut Scratch::default());
            } else {
                linear(image, to, scale);
            }
            assert_eq!(out, expected, "{scale} {by_area}");
        }
    }
}
