//! Kernels that look at one value at a time: add, multiply, linear contrast, invert.
//!
//! Each takes one number per channel; an image of one channel uses the first. Computing beats looking up in
//! a 256-entry table here: the arithmetic vectorizes and a table has to be made for every image.

use fearless_simd::Simd;

use super::approx::floor_u8;
use super::vectors::dispatch;
use crate::base::math::rhe64;
use crate::base::{Channels, ImageMut};

/// A multiple of both the channel count (1 or 3) and the vector width.
pub(super) const PERIOD: usize = 48;

/// Adds `rhe(value)` of its channel to each value and clips to 0..=255.
pub fn add(image: ImageMut<'_>, values: [f32; 3]) {
    let ImageMut { shape, data } = image;
    let rounded = values.map(|v| rhe64(f64::from(v.clamp(-256.0, 256.0))).clamp(-255, 255));
    let more = spread(shape.kind, rounded.map(|v| v.max(0) as u8));
    let less = spread(shape.kind, rounded.map(|v| v.min(0).unsigned_abs() as u8));
    // One of the two is zero.
    map(
        data,
        #[inline(always)]
        |v, i| v.saturating_add(more[i]).saturating_sub(less[i]),
    );
}

/// Multiplies each value by its channel's factor in single precision, cuts the fraction off, clips to 0..=255.
pub fn multiply(image: ImageMut<'_>, factors: [f32; 3]) {
    let ImageMut { shape, data } = image;
    let factors = spread(shape.kind, factors.map(|f| f.clamp(0.0, STEEPEST)));
    map(
        data,
        #[inline(always)]
        |v, i| floor_u8(f32::from(v) * factors[i]),
    );
}

/// Stretches the distance to 127 by its channel's `alpha`: 127 + alpha (v - 127), in single precision; the
/// fraction is cut off after clipping to 0..=255.
pub fn linear_contrast(image: ImageMut<'_>, alphas: [f32; 3]) {
    let ImageMut { shape, data } = image;
    let alphas = spread(shape.kind, alphas.map(|a| a.clamp(-STEEPEST, STEEPEST)));
    map(
        data,
        #[inline(always)]
        |v, i| floor_u8(127.0 + alphas[i] * (f32::from(v) - 127.0)),
    );
}

/// Replaces v by 255 - v in the channels marked.
pub fn invert(image: ImageMut<'_>, channels: [bool; 3]) {
    let ImageMut { shape, data } = image;
    let flip = spread(shape.kind, channels.map(|on| if on { 255 } else { 0 }));
    map(
        data,
        #[inline(always)]
        |v, i| v ^ flip[i],
    );
}

/// From here on a factor takes every value but its fixed point to 0 or 255; a larger one does the same.
const STEEPEST: f32 = 4096.0;

/// The channels' numbers, repeated as they lie in memory.
pub(super) fn spread<T: Copy>(kind: Channels, values: [T; 3]) -> [T; PERIOD] {
    match kind {
        Channels::Gray => [values[0]; PERIOD],
        Channels::Rgb => std::array::from_fn(|i| values[i % 3]),
    }
}

/// Replaces each value by `paint` of it and of its place within the period.
#[inline]
pub(super) fn map(data: &mut [u8], paint: impl Fn(u8, usize) -> u8) {
    dispatch!(simd => map_with(simd, data, &paint));
}

#[inline(always)]
fn map_with<S: Simd>(_: S, data: &mut [u8], paint: &impl Fn(u8, usize) -> u8) {
    let (blocks, rest) = data.as_chunks_mut::<PERIOD>();
    for block in blocks {
        // Into an array of its own, which is none that `paint` may be looking at.
        let mut painted = [0; PERIOD];
        for (i, (painted, v)) in painted.iter_mut().zip(&*block).enumerate() {
            *painted = paint(*v, i);
        }
        *block = painted;
    }
    for (i, v) in rest.iter_mut().enumerate() {
        *v = paint(*v, i);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::testing::{Picture, pictures};
    use proptest::prelude::*;

    fn on(values: &[u8], paint: impl FnOnce(ImageMut<'_>)) -> Vec<u8> {
        let mut data = values.to_vec();
        paint(ImageMut::new(crate::base::Shape::rgb(1, values.len() / 3), &mut data));
        data
    }

    #[test]
    fn add_rounds_the_number_half_to_even_and_clips() {
        assert_eq!(on(&[0, 100, 255], |i| add(i, [2.5, 3.5, -0.5])), [2, 104, 255]);
        assert_eq!(on(&[9, 250, 40], |i| add(i, [-9.7, 7.1, -1e9])), [0, 255, 0]);
        assert_eq!(on(&[9, 250, 40], |i| add(i, [1e9, f32::INFINITY, -300.0])), [255, 255, 0]);
    }

    #[test]
    fn products_are_cut_off_not_rounded() {
        assert_eq!(on(&[3, 200, 255], |i| multiply(i, [0.6, 1.5, 0.999])), [1, 255, 254]);
        assert_eq!(on(&[1, 1, 0], |i| multiply(i, [1e30, -2.0, f32::INFINITY])), [255, 0, 0]);
    }

    #[test]
    fn contrast_is_about_127() {
        assert_eq!(on(&[127, 0, 255], |i| linear_contrast(i, [9.0, 0.5, 0.5])), [127, 63, 191]);
        assert_eq!(on(&[126, 127, 128], |i| linear_contrast(i, [1e30, 1e30, 1e30])), [0, 127, 255]);
        // 127 - 127.9 is just below 0; what is cut off towards 0 and what is clipped are the same.
        assert_eq!(on(&[0, 0, 0], |i| linear_contrast(i, [1.007, 1.0, 0.0])), [0, 0, 127]);
    }

    #[test]
    fn only_marked_channels_are_inverted() {
        assert_eq!(
            on(&[0, 100, 255, 1, 2, 3], |i| invert(i, [true, false, true])),
            [255, 100, 0, 254, 2, 252]
        );
    }

    /// Each value by itself, with what IEEE 754 and Rust's saturating cast say.
    fn reference(picture: &Picture, paint: impl Fn(u8, usize) -> u8) -> Vec<u8> {
        let channels = picture.shape.channels();
        picture.data.iter().enumerate().map(|(i, v)| paint(*v, i % channels)).collect()
    }

    proptest! {
        #[test]
        fn kernels_agree_with_their_formulas(
            picture in pictures(),
            adds in prop::array::uniform3(-300.0_f32..300.0),
            factors in prop::array::uniform3(-0.5_f32..4.0),
            flips: [bool; 3],
        ) {
            prop_assert_eq!(
                picture.painted(|i| add(i, adds)),
                reference(&picture, |v, c| (f32::from(v) + adds[c].round_ties_even()) as u8)
            );
            prop_assert_eq!(
                picture.painted(|i| multiply(i, factors)),
                reference(&picture, |v, c| (f32::from(v) * factors[c]) as u8)
            );
            prop_assert_eq!(
                picture.painted(|i| linear_contrast(i, factors)),
                reference(&picture, |v, c| (127.0 + factors[c] * (f32::from(v) - 127.0)) as u8)
            );
            prop_assert_eq!(
                picture.painted(|i| invert(i, flips)),
                reference(&picture, |v, c| if flips[c] { 255 - v } else { v })
            );
        }
    }
}
