//! The arithmetic of `tf.image` on 8-bit images: values become floats in 0..=1 by the factor 1/255, and whole numbers
//! again by cutting off the fraction of x * 255.5, clipped to 0..=255.

use std::sync::LazyLock;

use super::approx::exp2;
use super::entry::for_channels;
use super::point;
use super::rgb::{self, pack, unpack};
use crate::base::math::log;
use crate::base::{Image, ImageMut};

/// From 0..=255 to 0..=1.
const UNIT: f32 = 1.0 / 255.0;

/// The weights of red, green and blue in gray.
const GRAY: [f32; 3] = [0.2989, 0.5870, 0.1140];

/// A float in 0..=1 as a byte; what is outside is clipped.
#[inline]
#[must_use]
pub fn to_byte(x: f32) -> u8 {
    level(x) as u8
}

/// As [`to_byte`], in the width of the color kernels.
#[inline]
fn level(x: f32) -> i32 {
    /// 1.5 * 2^23: adding it rounds to a whole number, half to even.
    const MAGIC: f32 = 12_582_912.0;
    let x = clip(x * 255.5, 255.0);
    let shifted = x + MAGIC;
    let over = i32::from(shifted - MAGIC > x);
    shifted.to_bits().cast_signed() - MAGIC.to_bits().cast_signed() - over
}

/// Clips to 0..=`top` by comparisons that vector code has.
#[inline]
fn clip(x: f32, top: f32) -> f32 {
    let x = if x > 0.0 { x } else { 0.0 };
    if x < top { x } else { top }
}

/// Adds `delta`, in units of the full range.
pub fn adjust_brightness(image: ImageMut<'_>, delta: f32) {
    let ImageMut { data, .. } = image;
    for v in data {
        *v = to_byte(f32::from(*v) * UNIT + delta);
    }
}

/// Stretches the distance of each channel's values to their mean by `factor`.
pub fn adjust_contrast(image: ImageMut<'_>, factor: f32) {
    for_channels!(image.shape, C => contrast::<C>(image, factor));
}

fn contrast<const C: usize>(image: ImageMut<'_>, factor: f32) {
    let ImageMut { shape, data } = image;
    let pixels = data.as_chunks::<C>().0;
    let mut sums = [0_u64; C];
    for pixel in pixels {
        for (sum, &v) in sums.iter_mut().zip(pixel) {
            *sum += u64::from(v);
        }
    }
    let count = pixels.len().max(1) as f64;
    let means = sums.map(|sum| (sum as f64 / count / 255.0) as f32);
    let means = point::spread(shape.kind, std::array::from_fn(|c| means[c % C]));
    point::map(
        data,
        #[inline(always)]
        |v, i| to_byte((f32::from(v) * UNIT - means[i]) * factor + means[i]),
    );
}

/// Logarithms to base 2 of the levels 1..=255 as floats; that of 0 is a number whose powers are 0.
static LOGARITHMS: LazyLock<[f32; 256]> =
    LazyLock::new(|| {
        std::array::from_fn(|v| {
            if v == 0 { -1e30 } else { (log(v as f64 / 255.0) / std::f64::consts::LN_2) as f32 }
        })
    });

/// `gain` times the power `gamma` (0 or more), powers to a relative error of 2e-6.
pub fn adjust_gamma(image: ImageMut<'_>, gamma: f32, gain: f32) {
    let levels = LOGARITHMS.map(|log| to_byte(gain * exp2(gamma * log)));
    let ImageMut { data, .. } = image;
    for v in data {
        *v = levels[usize::from(*v)];
    }
}

/// Multiplies the saturation of HSV by `factor` and clips it to 0..=1. Gray images have none and stay as they are.
pub fn adjust_saturation(image: ImageMut<'_>, factor: f32) {
    let ImageMut { shape, data } = image;
    if shape.channels() != 3 {
        return;
    }
    rgb::map(
        data,
        #[inline(always)]
        |pixel| {
            let rgb = saturated(unpack(pixel).map(|v| v * UNIT), factor);
            pack(rgb.map(level))
        },
    );
}

/// Turns the hue of HSV by `delta` turns. Gray images have none and stay as they are.
pub fn adjust_hue(image: ImageMut<'_>, delta: f32) {
    let ImageMut { shape, data } = image;
    if shape.channels() != 3 {
        return;
    }
    rgb::map(
        data,
        #[inline(always)]
        |pixel| {
            let rgb = turned(unpack(pixel).map(|v| v * UNIT), delta);
            pack(rgb.map(level))
        },
    );
}

/// A color of values 0..=1 with its saturation multiplied by `factor` and clipped to 0..=1.
#[inline]
#[must_use]
pub fn saturated(rgb: [f32; 3], factor: f32) -> [f32; 3] {
    let (hue, saturation, value) = hsv(rgb);
    rgb_of(hue, clip(saturation * factor, 1.0), value)
}

/// A color of values 0..=1 with its hue turned by `delta` turns, -1..=1.
#[inline]
#[must_use]
pub fn turned(rgb: [f32; 3], delta: f32) -> [f32; 3] {
    let (hue, saturation, value) = hsv(rgb);
    let hue = hue + delta;
    let hue = if hue < 0.0 { hue + 1.0 } else { hue };
    let hue = if hue >= 1.0 { hue - 1.0 } else { hue };
    rgb_of(hue, saturation, value)
}

/// Hue (in turns), saturation and value of a color of values 0..=1.
#[inline]
pub(super) fn hsv([r, g, b]: [f32; 3]) -> (f32, f32, f32) {
    let max = |a: f32, b: f32| if a > b { a } else { b };
    let min = |a: f32, b: f32| if a < b { a } else { b };
    let value = max(max(r, g), b);
    let range = value - min(min(r, g), b);
    // Where the divisor is replaced, what it divides is 0.
    let saturation = range / if value > 0.0 { value } else { 1.0 };
    let norm = 1.0 / (6.0 * if range > 0.0 { range } else { 1.0 });
    let hue = if value == g { norm * (b - r) + 2.0 / 6.0 } else { norm * (r - g) + 4.0 / 6.0 };
    let hue = if value == r { norm * (g - b) } else { hue };
    (if hue < 0.0 { hue + 1.0 } else { hue }, saturation, value)
}

/// The color of a hue (0..=1 turn), saturation and value.
///
/// Around the circle each channel's share of the chroma is a ramp from 0 to 1, a plateau, and a ramp back.
#[inline]
pub(super) fn rgb_of(hue: f32, saturation: f32, value: f32) -> [f32; 3] {
    let chroma = saturation * value;
    let rest = value - chroma;
    let sixths = hue * 6.0;
    [(sixths - 3.0).abs() - 1.0, 2.0 - (sixths - 2.0).abs(), 2.0 - (sixths - 4.0).abs()]
        .map(|share| chroma * clip(share, 1.0) + rest)
}

/// 0.2989 R + 0.5870 G + 0.1140 B of a color.
#[inline]
#[must_use]
pub fn gray([r, g, b]: [f32; 3]) -> f32 {
    r * GRAY[0] + g * GRAY[1] + b * GRAY[2]
}

/// Makes a gray image of one channel of an RGB image.
///
/// # Panics
/// If the channels are not 3 and 1, or the sizes differ.
pub fn rgb_to_grayscale(src: Image<'_>, dst: ImageMut<'_>) {
    assert_eq!((src.shape.channels(), dst.shape), (3, src.shape.as_gray()), "from RGB to gray");
    let ImageMut { data, .. } = dst;
    for (to, from) in data.iter_mut().zip(src.data.as_chunks::<3>().0) {
        *to = to_byte(gray(from.map(|v| f32::from(v) * UNIT)));
    }
}

/// Repeats the values of a gray image in three channels.
///
/// # Panics
/// If the channels are not 1 and 3, or the sizes differ.
pub fn grayscale_to_rgb(src: Image<'_>, dst: ImageMut<'_>) {
    assert_eq!((src.shape.channels(), dst.shape), (1, src.shape.as_rgb()), "from gray to RGB");
    let ImageMut { data, .. } = dst;
    for (to, &from) in data.as_chunks_mut::<3>().0.iter_mut().zip(src.data) {
        *to = [from; 3];
    }
}

/// Copies the part of `src` of the size of `dst` whose first row and column are `top` and `left`.
///
/// # Panics
/// If it is not within `src`, or the channels differ.
pub fn crop(src: Image<'_>, mut dst: ImageMut<'_>, top: usize, left: usize) {
    let (channels, stride) = (src.shape.channels(), dst.shape.stride());
    assert_eq!(channels, dst.shape.channels(), "a crop keeps the channels");
    for y in 0..dst.shape.height {
        dst.row_mut(y).copy_from_slice(&src.row(top + y)[left * channels..][..stride]);
    }
}

/// How many rows or columns of `n` a central crop of `fraction` (0..=1, above 0) takes off at each end:
/// (n - n * fraction) / 2, cut to a whole number.
#[must_use]
pub fn central_offset(n: usize, fraction: f64) -> usize {
    let n = n as f64;
    ((n - n * fraction) / 2.0) as usize
}

/// Turns the image by `quarters` quarter turns counter-clockwise; `dst` has its sides swapped if they are odd.
///
/// # Panics
/// If the shape of `dst` does not fit.
pub fn rot90(src: Image<'_>, dst: ImageMut<'_>, quarters: u8) {
    for_channels!(src.shape, C => turn::<C>(src, dst, quarters));
}

fn turn<const C: usize>(src: Image<'_>, mut dst: ImageMut<'_>, quarters: u8) {
    let (h, w) = (src.shape.height, src.shape.width);
    let sides = if quarters % 2 == 1 { (w, h) } else { (h, w) };
    assert_eq!(
        (dst.shape.height, dst.shape.width, dst.shape.channels()),
        (sides.0, sides.1, C),
        "a quarter turn"
    );
    let from = src.data.as_chunks::<C>().0;
    for y in 0..sides.0 {
        for (x, pixel) in dst.row_mut(y).as_chunks_mut::<C>().0.iter_mut().enumerate() {
            let (row, column) = match quarters % 4 {
                0 => (y, x),
                1 => (x, w - 1 - y),
                2 => (h - 1 - y, w - 1 - x),
                _ => (h - 1 - x, y),
            };
            *pixel = from[row * w + column];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Channels, Shape};
    use proptest::prelude::*;

    fn on(values: &[u8], paint: impl FnOnce(ImageMut<'_>)) -> Vec<u8> {
        let channels = if values.len().is_multiple_of(3) { 3 } else { 1 };
        let mut data = values.to_vec();
        paint(ImageMut::new(
            Shape::new(1, values.len() / channels, Channels::colored(channels == 3)),
            &mut data,
        ));
        data
    }

    #[test]
    fn bytes_come_back_as_they_were() {
        for v in 0..=255 {
            assert_eq!(to_byte(f32::from(v) * UNIT), v);
        }
        // 0.5 * 255.5 = 127.75.
        assert_eq!([to_byte(0.5), to_byte(-1.0), to_byte(1e9)], [127, 0, 255]);
    }

    #[test]
    fn brightness_is_in_units_of_the_full_range() {
        // 100/255 + 0.2 = 0.59216, times 255.5 is 151.3.
        assert_eq!(on(&[100, 0, 255, 240], |i| adjust_brightness(i, 0.2)), [151, 51, 255, 255]);
        assert_eq!(on(&[100, 0, 255, 20], |i| adjust_brightness(i, -0.2)), [49, 0, 204, 0]);
    }

    #[test]
    fn contrast_is_about_each_channels_mean() {
        // Mean 100: 20 becomes 60 and 180 becomes 140, times 255.5/255.
        assert_eq!(on(&[20, 180], |i| adjust_contrast(i, 0.5)), [60, 140]);
        assert_eq!(on(&[20, 0, 9, 180, 100, 9], |i| adjust_contrast(i, 2.0)), [0, 0, 9, 255, 150, 9]);
    }

    #[test]
    fn gamma_is_a_power() {
        // (51/255)^2 = 0.04, times 255.5 is 10.2.
        assert_eq!(on(&[51, 0, 255, 51], |i| adjust_gamma(i, 2.0, 1.0)), [10, 0, 255, 10]);
        assert_eq!(on(&[51, 0, 255, 51], |i| adjust_gamma(i, 1.0, 0.5)), [25, 0, 127, 25]);
    }

    #[test]
    fn saturation_and_hue_are_those_of_hsv() {
        // V 200, S 0.5: S 0.25 lifts the others to 150; S 1 (clipped) takes them to 0.
        assert_eq!(on(&[200, 100, 100], |i| adjust_saturation(i, 0.5)), [200, 150, 150]);
        assert_eq!(on(&[200, 100, 100], |i| adjust_saturation(i, 3.0)), [200, 0, 0]);
        assert_eq!(on(&[10, 90, 40, 7, 7, 7], |i| adjust_saturation(i, 0.0)), [90, 90, 90, 7, 7, 7]);
        for (delta, expected) in [(1.0 / 3.0, [0, 200, 0]), (-1.0 / 3.0, [0, 0, 200]), (1.0, [200, 0, 0])] {
            assert_eq!(on(&[200, 0, 0], |i| adjust_hue(i, delta)), expected, "{delta}");
        }
        assert_eq!(on(&[5, 200], |i| adjust_hue(i, 0.5)), [5, 200]);
    }

    #[test]
    fn gray_has_one_channel_and_color_three() {
        let (rgb, mut one, mut three) = ([255, 255, 255, 255, 0, 0], [0; 2], [0; 6]);
        rgb_to_grayscale(Image::new(Shape::rgb(1, 2), &rgb), ImageMut::new(Shape::gray(1, 2), &mut one));
        // 0.9999 * 255.5 = 255.47, 0.2989 * 255.5 = 76.4.
        assert_eq!(one, [255, 76]);
        grayscale_to_rgb(Image::new(Shape::gray(1, 2), &one), ImageMut::new(Shape::rgb(1, 2), &mut three));
        assert_eq!(three, [255, 255, 255, 76, 76, 76]);
    }

    #[test]
    fn central_crops_cut_the_offset_not_the_size() {
        let offsets = [0.1, 0.25, 0.5, 0.75, 1.0].map(|fraction| central_offset(28, fraction));
        assert_eq!(offsets, [12, 10, 7, 3, 0]);
        assert_eq!(central_offset(1, 0.001), 0);
    }

    #[test]
    fn a_quarter_turn_brings_the_last_column_to_the_top() {
        let (src, shape) = ([1, 2, 3, 4, 5, 6], Shape::gray(2, 3));
        let turned = |quarters, to| {
            let mut data = [0; 6];
            rot90(Image::new(shape, &src), ImageMut::new(to, &mut data), quarters);
            data
        };
        assert_eq!(turned(1, Shape::gray(3, 2)), [3, 6, 2, 5, 1, 4]);
        assert_eq!(turned(2, shape), [6, 5, 4, 3, 2, 1]);
        assert_eq!(turned(3, Shape::gray(3, 2)), [4, 1, 5, 2, 6, 3]);
    }

    proptest! {
        #[test]
        fn a_color_is_that_of_its_hue(rgb: [u8; 3], turns in -3_i8..=3) {
            let unit = rgb.map(|v| f32::from(v) * UNIT);
            let same = saturated(unit, 1.0);
            prop_assert!(same.iter().zip(unit).all(|(a, b)| (a - b).abs() < 1e-5), "{same:?} of {unit:?}");
            // Thirds of a turn exchange the channels.
            let other = turned(unit, f32::from(turns) / 3.0);
            for c in 0..3 {
                let from = (3 + c as i32 - i32::from(turns)).rem_euclid(3) as usize;
                prop_assert!((other[c] - unit[from]).abs() < 1e-5, "{other:?} of {unit:?}");
            }
        }
    }
}
