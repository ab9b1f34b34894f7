//! Color: gray, hue and saturation.
//!
//! All of it is whole-number arithmetic that happens to be exact in single precision, which is what baseline
//! x86-64 has vectors of; the bounds are noted where it matters. Images of one channel have no color and
//! stay as they are.

use super::rgb::{self, pack, pack_rounded, unpack};
use crate::base::{Image, ImageMut};

/// Below this (and above one minus this) [`grayscale`] takes one of the two images as it is.
const GRAYSCALE_EPS: f32 = 0.001;

/// Blends the image with its gray version, `alpha` (0..=1) of gray.
///
/// Gray is (9798 R + 19235 G + 3735 B + 16384) >> 15, the BT.601 weights in 15 bits. The blend is
/// v + alpha (gray - v) in single precision, rounded half to even; up to an alpha of 0.001 nothing changes,
/// from 0.999 the result is gray.
pub fn grayscale(image: ImageMut<'_>, alpha: f32) {
    let ImageMut { shape, data } = image;
    if shape.channels() != 3 || alpha <= GRAYSCALE_EPS {
        return;
    }
    if alpha >= 1.0 - GRAYSCALE_EPS {
        rgb::map(
            data,
            #[inline(always)]
            |pixel| {
                let gray = gray(unpack(pixel));
                pack([gray; 3])
            },
        );
    } else {
        rgb::map(
            data,
            #[inline(always)]
            |pixel| {
                let rgb = unpack(pixel);
                let gray = gray(rgb) as f32;
                pack_rounded(rgb.map(|v| v + alpha * (gray - v)))
            },
        );
    }
}

/// Makes a gray image of one channel of an RGB image: (9798 R + 19235 G + 3735 B + 16384) >> 15, exactly.
///
/// # Panics
/// If the channels are not 3 and 1, or the sizes differ.
pub fn to_gray(src: Image<'_>, dst: ImageMut<'_>) {
    assert_eq!((src.shape.channels(), dst.shape), (3, src.shape.as_gray()), "from RGB to gray");
    let ImageMut { data, .. } = dst;
    for (to, from) in data.iter_mut().zip(src.data.as_chunks::<3>().0) {
        *to = gray(from.map(f32::from)) as u8;
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
pub fn shift_hue_and_saturation(image: ImageMut<'_>, hue: i32, saturation: i32) {
    let ImageMut { shape, data } = image;
    if shape.channels() != 3 {
        return;
    }
    // The hue comes as -30..=150, so that with 30..210 added one comparison does.
    let hue = 30 + (hue - 30).rem_euclid(180);
    let (hue, saturation) = (hue as f32, saturation.clamp(-255, 255) as f32);
    rgb::map(
        data,
        #[inline(always)]
        |pixel| {
            let [h, s, v] = hsv_of_rgb(unpack(pixel));
            let h = h + hue;
            let h = h - if h >= 180.0 { 180.0 } else { 0.0 };
            rgb_of_hsv([h, clip(s + saturation, 255.0), v])
        },
    );
}

/// 8-bit hue (-30..=150), saturation and value (0..=255) of 8-bit red, green and blue; whole numbers throughout.
///
/// With the maximum V and the range D of the three, sdiv = rhe(255 * 4096 / V) and
/// hdiv = rhe(180 * 4096 / (6 D)): S = (D sdiv + 2048) >> 12 and H = (h0 hdiv + 2048) >> 12, where h0 is G - B,
/// B - R + 2 D or R - G + 4 D for a maximal R, else G, else B. (What is
/// negative counts from 180; the caller sees to it.)
#[inline(always)]
pub(super) fn hsv_of_rgb([r, g, b]: [f32; 3]) -> [f32; 3] {
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
    [half_up(h0 * hdiv), s, v]
}

/// The packed pixel of 8-bit hue (0..180), saturation and value.
#[inline(always)]
fn rgb_of_hsv([h, s, v]: [f32; 3]) -> u32 {
    rgb_of_sixths([h * (6.0 / 180.0), s, v], |s, w| 1.0 - s * w)
}

/// The packed pixel of a hue in sixths (0..6), an 8-bit saturation and value. `rest` gives 1 - s w.
///
/// In single precision with s = S / 255 and v = V / 255, each channel is v (1 - s w) times 255, rounded
/// half to even. Its w goes around the circle from 0 to 1 and back along ramps that are h's fraction f or
/// 1 - f: the textbook's v, v (1 - s), v (1 - s f) and v (1 - s (1 - f)), to the last bit.
#[inline(always)]
pub(super) fn rgb_of_sixths([h, s, v]: [f32; 3], rest: impl Fn(f32, f32) -> f32) -> u32 {
    let (s, v) = (s * (1.0 / 255.0), v * (1.0 / 255.0));
    let (up, down) = (h - 1.0, 5.0 - h);
    let red = if up < down { up } else { down };
    let (down, up) = (1.0 - h, h - 3.0);
    let green = if up > down { up } else { down };
    let (down, up) = (3.0 - h, h - 5.0);
    let blue = if up > down { up } else { down };
    pack_rounded([red, green, blue].map(|w| v * rest(s, clip(w, 1.0)) * 255.0))
}

/// Clips to 0..=`top`.
#[inline(always)]
fn clip(x: f32, top: f32) -> f32 {
    let x = if x > 0.0 { x } else { 0.0 };
    if x < top { x } else { top }
}

/// Rounds half to even and stays a float; |x| < 2^22.
#[inline(always)]
fn rounded(x: f32) -> f32 {
    const MAGIC: f32 = 12_582_912.0;
    (x + MAGIC) - MAGIC
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Shape;
    use crate::kernels::testing::pictures;
    use proptest::prelude::*;

    /// The whole-number recipe, with tables.
    fn reference_hsv([r, g, b]: [i32; 3]) -> [i32; 3] {
        let table = |top: f64, k: i32| if k == 0 { 0 } else { (top / f64::from(k)).round_ties_even() as i32 };
        let v = r.max(g).max(b);
        let range = v - r.min(g).min(b);
        let s = (range * table(255.0 * 4096.0, v) + 2048) >> 12;
        let h0 = if v == r {
            g - b
        } else if v == g {
            b - r + 2 * range
        } else {
            r - g + 4 * range
        };
        let h = (h0 * table(180.0 * 4096.0 / 6.0, range) + 2048) >> 12;
        [if h < 0 { h + 180 } else { h }, s, v]
    }

    /// The textbook formula, in single precision.
    fn reference_rgb([h, s, v]: [i32; 3]) -> [i32; 3] {
        let (h, s, v) = (h as f32 * (6.0 / 180.0), s as f32 * (1.0 / 255.0), v as f32 * (1.0 / 255.0));
        let f = h - h.floor();
        let (p, q, t) = (v * (1.0 - s), v * (1.0 - s * f), v * (1.0 - s * (1.0 - f)));
        let rgb = match h.floor() as i32 {
            0 => [v, t, p],
            1 => [q, v, p],
            2 => [p, v, t],
            3 => [p, q, v],
            4 => [t, p, v],
            _ => [v, p, q],
        };
        rgb.map(|x| (x * 255.0).round_ties_even() as i32)
    }

    #[test]
    fn every_color_has_the_hue_and_saturation_of_the_recipe() {
        // All V and D (which is all there is to S), with the middle channel at both ends and between.
        for v in 0..256_i32 {
            for low in 0..=v {
                for mid in [low, i32::midpoint(low, v), (low * 2 + v) / 3, v] {
                    for rgb in [
                        [v, mid, low],
                        [v, low, mid],
                        [mid, v, low],
                        [low, v, mid],
                        [mid, low, v],
                        [low, mid, v],
                    ] {
                        let hsv = hsv_of_rgb(rgb.map(|x| x as f32));
                        let [h, s, v] = hsv.map(|x| x as i32);
                        assert_eq!([h.rem_euclid(180), s, v], reference_hsv(rgb), "{rgb:?}");
                        assert!(hsv[0].fract() == 0.0 && (-30..=150).contains(&h), "{rgb:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn every_hue_saturation_and_value_has_the_color_of_the_formula() {
        for h in 0..180 {
            for s in 0..256 {
                for v in (0..256).step_by(3) {
                    let hsv = [h, s, v];
                    assert_eq!(rgb_of_hsv(hsv.map(|x| x as f32)), pack(reference_rgb(hsv)), "{hsv:?}");
                }
            }
        }
    }

    #[test]
    fn pure_colors() {
        let turned = |rgb: [u8; 3], hue, saturation| {
            let mut data = rgb;
            shift_hue_and_saturation(ImageMut::new(Shape::rgb(1, 1), &mut data), hue, saturation);
            data
        };
        assert_eq!(turned([255, 0, 0], 60, 0), [0, 255, 0]);
        assert_eq!(turned([255, 0, 0], -60, 0), [0, 0, 255]);
        assert_eq!(turned([0, 0, 255], 60 + 180, 0), [255, 0, 0]);
        assert_eq!(turned([200, 0, 0], 0, -1000), [200; 3]);
        assert_eq!(turned([90; 3], 17, 0), [90; 3]);
        assert_eq!(turned([90; 3], 0, 255), [90, 0, 0]);
    }

    #[test]
    fn gray_has_15_bit_weights() {
        let grayed = |rgb: [u8; 3], alpha| {
            let mut data = rgb;
            grayscale(ImageMut::new(Shape::rgb(1, 1), &mut data), alpha);
            data
        };
        assert_eq!(grayed([255, 0, 0], 1.0), [76; 3]);
        assert_eq!(grayed([0, 255, 0], 1.0), [150; 3]);
        assert_eq!(grayed([0, 0, 255], 0.9995), [29; 3]);
        assert_eq!(grayed([255, 255, 255], 1.0), [255; 3]);
        // 255 + (76 - 255) / 2 = 165.5 is rounded to the even 166.
        assert_eq!(grayed([255, 0, 0], 0.5), [166, 38, 38]);
        assert_eq!(grayed([255, 0, 0], 0.001), [255, 0, 0]);
        let mut one = [0; 2];
        let rgb = [0, 255, 0, 255, 255, 255];
        to_gray(Image::new(Shape::rgb(1, 2), &rgb), ImageMut::new(Shape::gray(1, 2), &mut one));
        assert_eq!(one, [150, 255]);
    }

    proptest! {
        #[test]
        fn kernels_agree_with_their_formulas(
            picture in pictures(),
            alpha in 0.0_f32..1.0,
            hue in -400_i32..400,
            saturation in -300_i32..300,
        ) {
            let (mut gray, mut turned) = (picture.data.clone(), picture.data.clone());
            if picture.shape.channels() == 3 {
                for (gray, turned) in gray.as_chunks_mut::<3>().0.iter_mut().zip(turned.as_chunks_mut::<3>().0) {
                    let [r, g, b] = gray.map(i32::from);
                    let level = ((9798 * r + 19235 * g + 3735 * b + 16384) >> 15) as f32;
                    *gray = gray.map(|v| {
                        let v = f32::from(v);
                        if alpha <= 0.001 {
                            v as u8
                        } else if alpha >= 0.999 {
                            level as u8
                        } else {
                            (v + alpha * (level - v)).round_ties_even() as u8
                        }
                    });
                    let [h, s, v] = reference_hsv([r, g, b]);
                    let hsv = [(h + hue).rem_euclid(180), (s + saturation).clamp(0, 255), v];
                    *turned = reference_rgb(hsv).map(|v| v as u8);
                }
            }
            prop_assert_eq!(picture.painted(|i| grayscale(i, alpha)), gray);
            prop_assert_eq!(picture.painted(|i| shift_hue_and_saturation(i, hue, saturation)), turned);
        }
    }
}
