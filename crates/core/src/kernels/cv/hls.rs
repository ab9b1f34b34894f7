//! RGB to hue, lightness and saturation, and back, in single precision.
//!
//! Two of 100,000 8-bit values are off by 1 from OpenCV's, whose division is another on some machines.

use crate::base::math;

/// Hue in degrees (0..360), lightness and saturation (0..=1) of red, green and blue in 0..=1.
#[inline]
#[must_use]
pub fn hls_of_rgb([r, g, b]: [f32; 3]) -> [f32; 3] {
    let (top, low) = (r.max(g).max(b), r.min(g).min(b));
    let range = top - low;
    let lightness = (top + low) * 0.5;
    if range <= f32::EPSILON {
        return [0.0, lightness, 0.0];
    }
    let saturation = range / if lightness < 0.5 { top + low } else { 2.0 - top - low };
    let degrees = 60.0 / range;
    let hue = if top == r {
        (g - b) * degrees
    } else if top == g {
        (b - r) * degrees + 120.0
    } else {
        (r - g) * degrees + 240.0
    };
    [if hue < 0.0 { hue + 360.0 } else { hue }, lightness, saturation]
}

/// The color of a hue in sextants (taken modulo 6), a lightness and a saturation.
#[inline]
#[must_use]
pub fn rgb_of_hls([sextants, lightness, saturation]: [f32; 3]) -> [f32; 3] {
    if saturation == 0.0 {
        return [lightness; 3];
    }
    let high = if lightness <= 0.5 {
        lightness * (1.0 + saturation)
    } else {
        lightness + saturation - lightness * saturation
    };
    let low = 2.0 * lightness - high;
    // Within the circle as it is; `rem_euclid` may round up to 6.
    let h = if (0.0..6.0).contains(&sextants) { sextants } else { sextants.rem_euclid(6.0) };
    let sector = h.floor();
    let f = h - sector;
    let (up, down) = (low + (high - low) * f, low + (high - low) * (1.0 - f));
    match sector as u8 {
        0 => [high, up, low],
        1 => [down, high, low],
        2 => [low, high, up],
        3 => [low, down, high],
        4 => [up, low, high],
        5 => [high, low, down],
        _ => [high, low, low],
    }
}

/// Hue in steps of 2 degrees (0..=180), lightness and saturation in 0..=255, rounded half to even.
#[inline]
#[must_use]
pub fn hls8_of_rgb(rgb: [u8; 3]) -> [u8; 3] {
    let [h, l, s] = hls_of_rgb(rgb.map(|v| f32::from(v) * (1.0 / 255.0)));
    [math::round_u8(h * 0.5), math::round_u8(l * 255.0), math::round_u8(s * 255.0)]
}

/// The color of such a triple, rounded half to even.
#[inline]
#[must_use]
pub fn rgb_of_hls8([h, l, s]: [u8; 3]) -> [u8; 3] {
    let unit = |v: u8| f32::from(v) * (1.0 / 255.0);
    rgb_of_hls([f32::from(h) * (6.0 / 180.0), unit(l), unit(s)]).map(|v| math::round_u8(v * 255.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pure_colors() {
        for (rgb, hls) in [
            ([255, 0, 0], [0, 128, 255]),
            ([0, 255, 0], [60, 128, 255]),
            ([0, 0, 255], [120, 128, 255]),
            ([60, 60, 60], [0, 60, 0]),
        ] {
            assert_eq!(hls8_of_rgb(rgb), hls);
        }
        assert_eq!(rgb_of_hls8([60, 127, 255]), [0, 254, 0]);
        assert_eq!(rgb_of_hls([-2.0, 0.5, 1.0]), rgb_of_hls([4.0, 0.5, 1.0]));
    }

    #[test]
    fn colors_come_back_almost() {
        for v in 0..=255_u8 {
            for color in [[v, 255 - v, v / 2], [v / 3, v, 200], [v; 3]] {
                let back = rgb_of_hls8(hls8_of_rgb(color));
                assert!(back.iter().zip(color).all(|(a, b)| a.abs_diff(b) <= 4), "{color:?} {back:?}");
            }
        }
    }
}
