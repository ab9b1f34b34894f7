//! RGB to 8-bit hue (0..180), saturation and value, and back.

use super::fma;
use crate::base::math;

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

/// The color of a hue (taken modulo 180), a saturation and a value.
///
/// In single precision: h = H (6 / 180), s = S (1 / 255), v = V (1 / 255) and the fraction f of h; p = v (1 - s), q = v (1 - s f),
/// t = v (1 - s (1 - f)), with products in parentheses fused; times 255, rounded half to even.
#[inline]
#[must_use]
pub fn rgb_of_hsv([h, s, v]: [u8; 3]) -> [u8; 3] {
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
    rgb.map(|x| math::round_u8(x * 255.0))
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
    fn grays_stay_and_values_are_kept() {
        for v in 0..=255 {
            assert_eq!(rgb_of_hsv(hsv_of_rgb([v; 3])), [v; 3]);
            assert_eq!(rgb_of_hsv([100, 77, v]).into_iter().max(), Some(v));
        }
    }
}
