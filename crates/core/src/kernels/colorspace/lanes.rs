//! Spaces that are plain arithmetic: from packed pixel to packed pixel, without branches, so that loops become vectors.

use super::color;
use super::rgb::{pack, pack_rounded, unpack};
use crate::base::math::sat;

/// The three bytes of a packed pixel.
#[inline(always)]
fn bytes(pixel: u32) -> [i32; 3] {
    [pixel & 255, (pixel >> 8) & 255, (pixel >> 16) & 255].map(u32::cast_signed)
}

/// Three equal channels.
#[inline(always)]
pub(super) fn gray_of_rgb(pixel: u32) -> u32 {
    let [r, g, b] = bytes(pixel);
    pack([(9798 * r + 19_235 * g + 3735 * b + 16_384) >> 15; 3])
}

/// 128 in 14 bits of fraction.
const MIDDLE: i32 = 128 << 14;

/// Takes 14 bits of fraction off, half up.
#[inline(always)]
fn down(x: i32) -> i32 {
    (x + 8192) >> 14
}

/// Y; the mask changes nothing but tells the compiler that it is a byte.
#[inline(always)]
fn luma([r, g, b]: [i32; 3]) -> i32 {
    down(4899 * r + 9617 * g + 1868 * b) & 255
}

/// Y, Cr and Cb.
#[inline(always)]
pub(super) fn ycrcb_of_rgb(pixel: u32) -> u32 {
    let [r, g, b] = bytes(pixel);
    let y = luma([r, g, b]);
    pack([y, sat32(down(11_682 * (r - y) + MIDDLE)), sat32(down(9241 * (b - y) + MIDDLE))])
}

/// The color of Y, Cr and Cb.
#[inline(always)]
pub(super) fn rgb_of_ycrcb(pixel: u32) -> u32 {
    let [y, cr, cb] = bytes(pixel);
    let (cr, cb) = (cr - 128, cb - 128);
    pack([y + down(22_987 * cr), y + down(-11_698 * cr - 5636 * cb), y + down(29_049 * cb)].map(sat32))
}

/// Y, U and V.
#[inline(always)]
pub(super) fn yuv_of_rgb(pixel: u32) -> u32 {
    let [r, g, b] = bytes(pixel);
    let y = luma([r, g, b]);
    pack([y, sat32(down(8061 * (b - y) + MIDDLE)), sat32(down(14_369 * (r - y) + MIDDLE))])
}

/// The color of Y, U and V.
#[inline(always)]
pub(super) fn rgb_of_yuv(pixel: u32) -> u32 {
    let [y, u, v] = bytes(pixel);
    let (u, v) = (u - 128, v - 128);
    // 33292 has no place in 16 bits.
    pack([y + down(18_678 * v), y + down(-9519 * v - 6472 * u), y + down(16_646 * u * 2)].map(sat32))
}

#[inline(always)]
fn sat32(x: i32) -> i32 {
    i32::from(sat(x))
}

/// Hue, saturation and value.
#[inline(always)]
pub(super) fn hsv_of_rgb(pixel: u32) -> u32 {
    let [h, s, v] = color::hsv_of_rgb(unpack(pixel));
    pack_rounded([h + if h < 0.0 { 180.0 } else { 0.0 }, s, v])
}

/// The color of any hue, saturation and value. What is 1 - s w in `color` is rounded once here.
#[inline(always)]
pub(super) fn rgb_of_hsv(pixel: u32) -> u32 {
    let [h, s, v] = unpack(pixel);
    // Hues from 180 on begin anew. In sixths, because that is exact.
    let h = h * (6.0 / 180.0);
    let h = h - if h >= 6.0 { 6.0 } else { 0.0 };
    color::rgb_of_sixths([h, s, v], |s, w| (1.0 - f64::from(s) * f64::from(w)) as f32)
}

/// Hue, lightness and saturation.
#[inline(always)]
pub(super) fn hls_of_rgb(pixel: u32) -> u32 {
    let [r, g, b] = unpack(pixel).map(|v| v * (1.0 / 255.0));
    let max = |a: f32, b: f32| if a > b { a } else { b };
    let min = |a: f32, b: f32| if a < b { a } else { b };
    let (most, least) = (max(max(r, g), b), min(min(r, g), b));
    let (range, sum) = (most - least, most + least);
    let light = sum * 0.5;
    let colored = range > f32::EPSILON;
    // Of grays hue and saturation are 0 whatever these are.
    let span = if colored { range } else { 1.0 };
    let whole = if light < 0.5 { sum } else { 2.0 - most - least };
    let saturation = if colored { range / if colored { whole } else { 1.0 } } else { 0.0 };
    let step = 60.0 / span;
    let (apart, start) = if most == g { (b - r, 120.0) } else { (r - g, 240.0) };
    let (apart, start) = if most == r { (g - b, 0.0) } else { (apart, start) };
    let hue = apart * step + start;
    let hue = hue + if hue < 0.0 { 360.0 } else { 0.0 };
    let hue = if colored { hue } else { 0.0 };
    pack_rounded([hue * 0.5, light * 255.0, saturation * 255.0])
}

/// The color of any hue, lightness and saturation.
///
/// Around the circle each channel is the highest value for a third, falls for a sixth, is the lowest for a third and rises.
#[inline(always)]
pub(super) fn rgb_of_hls(pixel: u32) -> u32 {
    let [h, l, s] = unpack(pixel);
    let (h, l, s) = (h * (6.0 / 180.0), l * (1.0 / 255.0), s * (1.0 / 255.0));
    let h = h - if h >= 6.0 { 6.0 } else { 0.0 };
    let high = if l <= 0.5 { l * (1.0 + s) } else { l + s - l * s };
    let low = 2.0 * l - high;
    let range = high - low;
    let level = |top: bool, w: f32| {
        let w = if w > 0.0 { w } else { 0.0 };
        let level = low + range * w;
        (if top { high } else { level }) * 255.0
    };
    let (falls, rises) = (2.0 - h, h - 4.0);
    let red = level(!(1.0..5.0).contains(&h), if falls > rises { falls } else { rises });
    let (rises, falls) = (h, 4.0 - h);
    let green = level((1.0..3.0).contains(&h), if falls < rises { falls } else { rises });
    let (rises, falls) = (h - 2.0, 6.0 - h);
    let blue = level((3.0..5.0).contains(&h), if falls < rises { falls } else { rises });
    pack_rounded([red, green, blue])
}
