//! The plain form of all conversions, a pixel at a time, which tests compare with.

use super::Space;
use super::lab::plain::{lab_of_rgb, rgb_of_lab};
use super::luv::{luv_of_rgb, rgb_of_luv};
use crate::base::math::{self, sat};
use std::sync::LazyLock;

/// A pixel of `space` in RGB.
pub(super) fn to_rgb(pixel: [u8; 3], space: Space) -> [u8; 3] {
    match space {
        Space::Rgb | Space::Gray => pixel,
        Space::Bgr => [pixel[2], pixel[1], pixel[0]],
        Space::Hsv => rgb_of_hsv(pixel),
        Space::Hls => rgb_of_hls(pixel),
        Space::YCrCb => {
            let [y, cr, cb] = pixel.map(i32::from);
            let (cr, cb) = (cr - 128, cb - 128);
            [y + down(22_987 * cr), y + down(-11_698 * cr - 5636 * cb), y + down(29_049 * cb)].map(sat)
        }
        Space::Yuv => {
            let [y, u, v] = pixel.map(i32::from);
            let (u, v) = (u - 128, v - 128);
            [y + down(18_678 * v), y + down(-9519 * v - 6472 * u), y + down(33_292 * u)].map(sat)
        }
        Space::Lab => rgb_of_lab(pixel),
        Space::Luv => rgb_of_luv(pixel),
    }
}

/// A pixel of RGB in `space`.
pub(super) fn of_rgb(rgb: [u8; 3], space: Space) -> [u8; 3] {
    let [r, g, b] = rgb.map(i32::from);
    let luma = || down(4899 * r + 9617 * g + 1868 * b);
    match space {
        Space::Rgb => rgb,
        Space::Bgr => [rgb[2], rgb[1], rgb[0]],
        Space::Gray => [((9798 * r + 19_235 * g + 3735 * b + 16_384) >> 15) as u8; 3],
        Space::Hsv => hsv_of_rgb([r, g, b]),
        Space::Hls => hls_of_rgb(rgb),
        Space::YCrCb => {
            let y = luma();
            [y, down(11_682 * (r - y) + MIDDLE), down(9241 * (b - y) + MIDDLE)].map(sat)
        }
        Space::Yuv => {
            let y = luma();
            [y, down(8061 * (b - y) + MIDDLE), down(14_369 * (r - y) + MIDDLE)].map(sat)
        }
        Space::Lab => lab_of_rgb(rgb),
        Space::Luv => luv_of_rgb(rgb),
    }
}

/// 128 in 14 bits of fraction.
const MIDDLE: i32 = 128 << 14;

/// Takes 14 bits of fraction off, half up.
fn down(x: i32) -> i32 {
    (x + 8192) >> 14
}

/// `rhe(top / k)` of each k, 0 for 0.
fn quotients(top: f64) -> [i32; 256] {
    std::array::from_fn(|k| if k == 0 { 0 } else { math::rhe64(top / k as f64) })
}

/// What saturation and hue are divided by: rhe(255 * 4096 / V) and rhe(180 * 4096 / 6 D).
static DIVISORS: LazyLock<[[i32; 256]; 2]> =
    LazyLock::new(|| [quotients(255.0 * 4096.0), quotients(180.0 * 4096.0 / 6.0)]);

fn hsv_of_rgb([r, g, b]: [i32; 3]) -> [u8; 3] {
    let [by_value, by_range] = &*DIVISORS;
    let value = r.max(g).max(b);
    let range = value - r.min(g).min(b);
    let saturation = (range * by_value[value as usize] + 2048) >> 12;
    let sector = if value == r {
        g - b
    } else if value == g {
        b - r + 2 * range
    } else {
        r - g + 4 * range
    };
    let hue = (sector * by_range[range as usize] + 2048) >> 12;
    [if hue < 0 { hue + 180 } else { hue }, saturation, value].map(|v| v as u8)
}

/// `a * b + c`, rounded once. Products of two single precision numbers are exact in double precision.
fn fused(a: f32, b: f32, c: f32) -> f32 {
    (f64::from(a) * f64::from(b) + f64::from(c)) as f32
}

/// The three values in the order that the sixth of the circle has, of falling, rising, lowest and highest.
fn sextant(sector: i32, [p, q, t, v]: [f32; 4]) -> [f32; 3] {
    match sector.rem_euclid(6) {
        0 => [v, t, p],
        1 => [q, v, p],
        2 => [p, v, t],
        3 => [p, q, v],
        4 => [t, p, v],
        _ => [v, p, q],
    }
}

fn rgb_of_hsv(hsv: [u8; 3]) -> [u8; 3] {
    let [h, s, v] = hsv.map(f32::from);
    let (h, s, v) = (h * (6.0 / 180.0), s * (1.0 / 255.0), v * (1.0 / 255.0));
    let sector = h.floor();
    let f = h - sector;
    let p = v * (1.0 - s);
    let q = v * fused(-s, f, 1.0);
    let t = v * fused(-s, 1.0 - f, 1.0);
    sextant(sector as i32, [p, q, t, v]).map(|x| math::round_u8(x * 255.0))
}

fn hls_of_rgb(rgb: [u8; 3]) -> [u8; 3] {
    let [r, g, b] = rgb.map(|x| f32::from(x) * (1.0 / 255.0));
    let (most, least) = (r.max(g).max(b), r.min(g).min(b));
    let (range, sum) = (most - least, most + least);
    let light = sum * 0.5;
    let (mut hue, mut saturation) = (0.0, 0.0);
    if range > f32::EPSILON {
        saturation = if light < 0.5 { range / sum } else { range / (2.0 - most - least) };
        let step = 60.0 / range;
        hue = if most == r {
            (g - b) * step
        } else if most == g {
            (b - r) * step + 120.0
        } else {
            (r - g) * step + 240.0
        };
        if hue < 0.0 {
            hue += 360.0;
        }
    }
    [math::round_u8(hue * 0.5), math::round_u8(light * 255.0), math::round_u8(saturation * 255.0)]
}

fn rgb_of_hls(hls: [u8; 3]) -> [u8; 3] {
    let [h, l, s] = hls.map(f32::from);
    let (h, l, s) = (h * (6.0 / 180.0), l * (1.0 / 255.0), s * (1.0 / 255.0));
    let high = if l <= 0.5 { l * (1.0 + s) } else { l + s - l * s };
    let low = 2.0 * l - high;
    let sector = h.floor();
    let f = h - sector;
    let falling = low + (high - low) * (1.0 - f);
    let rising = low + (high - low) * f;
    sextant(sector as i32, [low, falling, rising, high]).map(|x| math::round_u8(x * 255.0))
}
