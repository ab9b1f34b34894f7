//! Colour: gray, hue and saturation.
//!
//! All of it is whole-number arithmetic that happens to be exact in single precision, which is what baseline
//! x86-64 has vectors of; the bounds are noted where it matters. Images of one channel have no colour and
//! stay as they are.

use super::rgb::{self, pack, unpack};
use crate::base::ImageMut;
use crate::base::math::rhe;

/// Below this (and above one minus this) [`grayscale`] takes one of the two images as it is.
const GRAYSCALE_EPS: f32 = 0.001;

/// Blends the image with its gray version, `alpha` (0..=1) of gray.
///
/// Gray is (9798 R + 19235 G + 3735 B + 16384) >> 15, the BT.601 weights in 15 bits. The blend is
/// v + alpha (gray - v) in single precision, rounded half to even; up to an alpha of 0.001 nothing changes,
/// from 0.999 the result is gray.
pub fn grayscale(image: &mut ImageMut<'_>, alpha: f32) {
    if image.shape.channels != 3 || alpha <= GRAYSCALE_EPS {
        return;
    }
    if alpha >= 1.0 - GRAYSCALE_EPS {
        rgb::map(image.data, |pixel| {
            let gray = gray(unpack(pixel));
            pack([gray; 3])
        });
    } else {
        rgb::map(image.data, |pixel| {
            let rgb = unpack(pixel);
            let gray = gray(rgb) as f32;
            pack(rgb.map(|v| rhe(v + alpha * (gray - v))))
        });
    }
}

#[inline(always)]
fn gray([r, g, b]: [f32; 3]) -> i32 {
    // At most 255 * 32768 + 16384 < 2^23: exact, and the mantissa of the sum with 2^23 is the integer.
    const MAGIC: f32 = 8_388_608.0;
    let sum = 9798.0 * r + 19235.0 * g + 3735.0 * b + 16384.0;
    ((sum + MAGIC).to_bits() - MAGIC.to_bits()).cast_signed() >> 15
}

/// Turns the hue by `hue` steps of 2 degrees and adds `saturation` (-255..=255) to the 8-bit saturation.
///
/// RGB becomes 8-bit HSV (H in 0..180, S and V in 0..=255) and RGB again, with the rounding of OpenCV's scalar
/// code. Both ways round, so that even a shift of nothing changes pixels slightly.
pub fn shift_hue_and_saturation(image: &mut ImageMut<'_>, hue: i32, saturation: i32) {
    if image.shape.channels != 3 {
        return;
    }
    let hue = hue.rem_euclid(180) as f32;
    let saturation = saturation.clamp(-255, 255) as f32;
    rgb::map(image.data, |pixel| {
        let [h, s, v] = hsv_of_rgb(unpack(pixel));
        let h = h + hue;
        let h = if h >= 180.0 { h - 180.0 } else { h };
        let s = s + saturation;
        let s = if s > 0.0 { s } else { 0.0 };
        let s = if s < 255.0 { s } else { 255.0 };
        pack(rgb_of_hsv([h, s, v]))
    });
}

/// 8-bit hue (0..180), saturation and value (0..=255) of 8-bit red, green and blue; whole numbers throughout.
///
/// With the maximum V and the range D of the three, sdiv = rhe(255 * 4096 / V) and
/// hdiv = rhe(180 * 4096 / (6 D)): S = (D sdiv + 2048) >> 12 and H = (h0 hdiv + 2048) >> 12, where h0 is G - B,
/// B - R + 2 D or R - G + 4 D for a maximal R, else G, else B; 180 is added to a negative H.
#[inline(always)]
fn hsv_of_rgb([r, g, b]: [f32; 3]) -> [f32; 3] {
    let max = |a: f32, b: f32| if a > b { a } else { b };
    let min = |a: f32, b: f32| if a < b { a } else { b };
    let v = max(max(r, g), b);
    let range = v - min(min(r, g), b);
    // Where V or D is 0 so is what the quotient is multiplied with.
    let sdiv = rounded(255.0 * 4096.0 / max(v, 1.0));
    let hdiv = rounded(30.0 * 4096.0 / max(range, 1.0));
    // Both products are below 2^20. Half up, as the shift does: the addend breaks ties and moves nothing else.
    let half_up = |x: f32| rounded(x * (1.0 / 4096.0) + 1.0 / 16384.0);
    let s = half_up(range * sdiv);
    let h0 = if v == g { b - r + 2.0 * range } else { r - g + 4.0 * range };
    let h0 = if v == r { g - b } else { h0 };
    let h = half_up(h0 * hdiv);
    [if h < 0.0 { h + 180.0 } else { h }, s, v]
}

/// 8-bit red, green and blue of 8-bit hue (0..180), saturation and value.
///
/// In single precision with h = 6 H / 180, s = S / 255, v = V / 255 and f the fraction of h: the channels are
/// v, v (1 - s) and, rising, v (1 - s (1 - f)) or, falling, v (1 - s f), times 255, rounded half to even.
#[inline(always)]
fn rgb_of_hsv([h, s, v]: [f32; 3]) -> [i32; 3] {
    let h = h * (6.0 / 180.0);
    // Sextants are 30 steps wide, so that h is a whole number or at least 1/30 away from one.
    let sextant = rounded(h - 0.49);
    let f = h - sextant;
    let (s, unit) = (s * (1.0 / 255.0), v * (1.0 / 255.0));
    let rising = sextant == 0.0 || sextant == 2.0 || sextant == 4.0;
    let f = if rising { 1.0 - f } else { f };
    let top = rhe(v);
    let low = rhe(unit * (1.0 - s) * 255.0);
    let mid = rhe(unit * (1.0 - s * f) * 255.0);
    let pick = |tops: [f32; 2], mids: [f32; 2]| {
        let x = if sextant == mids[0] || sextant == mids[1] { mid } else { low };
        if sextant == tops[0] || sextant == tops[1] { top } else { x }
    };
    [pick([0.0, 5.0], [1.0, 4.0]), pick([1.0, 2.0], [0.0, 3.0]), pick([3.0, 4.0], [2.0, 5.0])]
}

/// Rounds half to even and stays a float; |x| < 2^22.
#[inline(always)]
fn rounded(x: f32) -> f32 {
    const MAGIC: f32 = 12_582_912.0;
    (x + MAGIC) - MAGIC
}
