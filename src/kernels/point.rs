//! Kernels that look at one value at a time: add, multiply, linear contrast, invert.
//!
//! Each takes one number per channel; an image of one channel uses the first. Computing beats looking up in
//! a 256-entry table here: the arithmetic vectorises and a table has to be made for every image.

use crate::base::ImageMut;
use crate::base::math::{rhe64, sat};

/// A multiple of both the channel count (1 or 3) and the vector width.
const PERIOD: usize = 48;

/// Adds `rhe(value)` of its channel to each value and clips to 0..=255.
pub fn add(image: &mut ImageMut<'_>, values: [f32; 3]) {
    let rounded = values.map(|v| rhe64(f64::from(v.clamp(-256.0, 256.0))).clamp(-255, 255));
    let more = spread(image, rounded.map(|v| v.max(0) as u8));
    let less = spread(image, rounded.map(|v| v.min(0).unsigned_abs() as u8));
    // One of the two is zero.
    map(image, |v, i| v.saturating_add(more[i]).saturating_sub(less[i]));
}

/// Multiplies each value by its channel's factor in single precision, cuts the fraction off, clips to 0..=255.
pub fn multiply(image: &mut ImageMut<'_>, factors: [f32; 3]) {
    let factors = spread(image, factors.map(|f| f.clamp(0.0, STEEPEST)));
    map(image, |v, i| floor_clipped(f32::from(v) * factors[i]));
}

/// Stretches the distance to 127 by its channel's `alpha`: 127 + alpha (v - 127), in single precision; the
/// fraction is cut off after clipping to 0..=255.
pub fn linear_contrast(image: &mut ImageMut<'_>, alphas: [f32; 3]) {
    let alphas = spread(image, alphas.map(|a| a.clamp(-STEEPEST, STEEPEST)));
    map(image, |v, i| floor_clipped(127.0 + alphas[i] * (f32::from(v) - 127.0)));
}

/// Replaces v by 255 - v in the channels marked.
pub fn invert(image: &mut ImageMut<'_>, channels: [bool; 3]) {
    let flip = spread(image, channels.map(|on| if on { 255 } else { 0 }));
    map(image, |v, i| v ^ flip[i]);
}

/// From here on a factor takes every value but its fixed point to 0 or 255; a larger one does the same.
const STEEPEST: f32 = 4096.0;

/// The largest whole number up to `x`, clipped to 0..=255; |x| < 2^22. (What is left of 0 is clipped, so that this
/// also cuts fractions off.)
#[inline(always)]
fn floor_clipped(x: f32) -> u8 {
    // Adding 1.5 * 2^23 rounds to a whole number; where that rounded up, take one off. Unlike `as u8` this
    // stays within vector registers on baseline x86-64.
    const MAGIC: f32 = 12_582_912.0;
    let shifted = x + MAGIC;
    let over = i32::from(shifted - MAGIC > x);
    sat(shifted.to_bits().cast_signed() - MAGIC.to_bits().cast_signed() - over)
}

/// The channels' numbers, repeated as they lie in memory.
fn spread<T: Copy>(image: &ImageMut<'_>, values: [T; 3]) -> [T; PERIOD] {
    match image.shape.channels {
        1 => [values[0]; PERIOD],
        3 => std::array::from_fn(|i| values[i % 3]),
        channels => panic!("images have 1 or 3 channels, not {channels}"),
    }
}

/// Replaces each value by `paint` of it and of its place within the period.
#[inline(always)]
fn map(image: &mut ImageMut<'_>, paint: impl Fn(u8, usize) -> u8) {
    let (blocks, rest) = image.data.as_chunks_mut::<PERIOD>();
    for block in blocks {
        for i in 0..PERIOD {
            block[i] = paint(block[i], i);
        }
    }
    for (i, v) in rest.iter_mut().enumerate() {
        *v = paint(*v, i);
    }
}
