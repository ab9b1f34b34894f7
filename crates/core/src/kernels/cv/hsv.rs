//! RGB to 8-bit hue (0..180), saturation and value, and back.

use super::fma;
use crate::base::{ImageMut, math};

/// Hue in steps of 2 degrees, saturation and value.
///
/// Whole numbers: with the maximum V and the range D of the three, S = (D rhe(255 4096 / V) + 2048) >> 12 and H likewise with
/// rhe(180 4096 / 6 D), of G - B, B - R + 2 D or R - G + 4 D for a maximal R, else G, else B; negative ones count from 180.
#[inline]
#[must_use]
pub fn hsv_of_rgb(rgb: [u8; 3]) -> [u8; 3] {
    let [r, g, b] = rgb.map(i32::from);
    let v = r.max(g).max(b);
    let range = v - r.min(g).min(b);
    let part = |top: f64, k: i32| math::rhe64(top / f64::from(k.max(1)));
    let s = (range * part(255.0 * 4096.0, v) + 2048) >> 12;
    let h = if v == r {
        g - b
    } else if v == g {
        b - r + 2 * range
    } else {
        r - g + 4 * range
    };
    let h = (h * part(30.0 * 4096.0, range) + 2048) >> 12;
    [if h < 0 { h + 180 } else { h } as u8, s as u8, v as u8]
}

/// The color of a hue (taken modulo 180), a saturation and a value, in 0..=255 before rounding.
///
/// In single precision: h = H (6 / 180), s = S (1 / 255), v = V (1 / 255) and the fraction f of h; p = v (1 - s), q = v (1 - s f),
/// t = v (1 - s (1 - f)), with products in parentheses fused; times 255.
#[inline]
fn levels([h, s, v]: [u8; 3]) -> [f32; 3] {
    let h = f32::from(h % 180) * (6.0 / 180.0);
    let (s, v) = (f32::from(s) * (1.0 / 255.0), f32::from(v) * (1.0 / 255.0));
    let sector = h.floor();
    let f = h - sector;
    let (p, q, t) = (v * (1.0 - s), v * fma(-s, f, 1.0), v * fma(-s, 1.0 - f, 1.0));
    let rgb = match sector as u8 {
        0 => [v, t, p],
        1 => [q, v, p],
        2 => [p, v, t],
        3 => [p, q, v],
        4 => [t, p, v],
        _ => [v, p, q],
    };
    rgb.map(|x| x * 255.0)
}

/// The color of a hue, a saturation and a value, rounded half to even.
#[inline]
#[must_use]
pub fn rgb_of_hsv(hsv: [u8; 3]) -> [u8; 3] {
    levels(hsv).map(math::round_u8)
}

/// How many pixels of a row OpenCV's vector code takes at a time.
const LANES: usize = 32;

/// Changes hue, saturation and value of every pixel of a colored image; an image of one channel stays as it is.
///
/// On the way back to RGB, OpenCV's vector code cuts fractions off where its plain code rounds: whole runs of 32 pixels of a row are darker by
/// half a level than what is left of it, so that 28 columns are all rounded.
pub fn map_hsv(image: ImageMut<'_>, change: impl Fn([u8; 3]) -> [u8; 3]) {
    let ImageMut { shape, data } = image;
    if shape.channels() != 3 || data.is_empty() {
        return;
    }
    let whole = shape.width - shape.width % LANES;
    for row in data.chunks_exact_mut(shape.stride()) {
        for (x, pixel) in row.as_chunks_mut::<3>().0.iter_mut().enumerate() {
            let levels = levels(change(hsv_of_rgb(*pixel)));
            *pixel = if x < whole { levels.map(|v| v as u8) } else { levels.map(math::round_u8) };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pure_colors() {
        for (rgb, hsv) in [
            ([255, 0, 0], [0, 255, 255]),
            ([0, 255, 0], [60, 255, 255]),
            ([0, 0, 200], [120, 255, 200]),
            ([90, 90, 90], [0, 0, 90]),
            ([255, 0, 128], [165, 255, 255]),
        ] {
            assert_eq!(hsv_of_rgb(rgb), hsv);
        }
        assert_eq!(rgb_of_hsv([120, 255, 200]), [0, 0, 200]);
        assert_eq!(rgb_of_hsv([33, 0, 77]), [77; 3]);
    }

    #[test]
    fn whole_runs_of_pixels_are_cut_off() {
        let mut data = [10, 20, 31].repeat(35);
        map_hsv(ImageMut::new(crate::base::Shape::rgb(1, 35), &mut data), |[h, s, v]| [h + 30, s, v]);
        assert_eq!((&data[..3], &data[93..96], &data[96..99]), (&data[..3], &data[..3], &data[102..105]));
        let (cut, rounded) = (&data[..3], &data[96..99]);
        assert!(cut != rounded && cut.iter().zip(rounded).all(|(a, b)| b - a <= 1), "{cut:?} {rounded:?}");
    }

    #[test]
    fn grays_stay_and_values_are_kept() {
        for v in 0..=255 {
            assert_eq!(rgb_of_hsv(hsv_of_rgb([v; 3])), [v; 3]);
            assert_eq!(rgb_of_hsv([100, 77, v]).into_iter().max(), Some(v));
        }
    }
}
