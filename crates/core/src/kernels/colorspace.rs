//! Color spaces of 8 bits as OpenCV has them: RGB, BGR, gray, HSV, HLS, YCrCb, YUV, Lab and Luv, with the names and the
//! order of channels that imgaug gives them.
//!
//! Hue has 180 steps, all else 256. Formulas and constants are those of OpenCV's documentation and of the standards
//! (BT.601, sRGB, CIE 1976); where its code is whole-number arithmetic, so is this. HLS and Luv are single precision
//! and may differ from it by 1.

use std::sync::LazyLock;

use crate::base::ImageMut;
use crate::base::math::{self, sat};

/// A color space.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Space {
    /// Red, green, blue.
    Rgb,
    /// Blue, green, red.
    Bgr,
    /// Three equal channels.
    Gray,
    /// Hue, saturation, value.
    Hsv,
    /// Hue, lightness, saturation.
    Hls,
    /// Luma and differences of red and blue.
    YCrCb,
    /// Luma and differences of blue and red.
    Yuv,
    /// CIE 1976 L*a*b*.
    Lab,
    /// CIE 1976 L*u*v*.
    Luv,
}

impl Space {
    /// The channel that says how bright a pixel is; none for RGB and its like.
    #[must_use]
    pub fn brightness(self) -> Option<usize> {
        match self {
            Self::Hsv => Some(2),
            Self::Hls => Some(1),
            Self::YCrCb | Self::Yuv | Self::Lab | Self::Luv => Some(0),
            Self::Rgb | Self::Bgr | Self::Gray => None,
        }
    }
}

/// Brings an image of three channels from one space to another, through RGB; an image of one channel stays.
pub fn convert(image: ImageMut<'_>, from: Space, to: Space) {
    let ImageMut { shape, data } = image;
    if shape.channels() != 3 || from == to {
        return;
    }
    let pixels = data.as_chunks_mut::<3>().0;
    for pixel in pixels {
        *pixel = of_rgb(to_rgb(*pixel, from), to);
    }
}

/// Multiplies hue (where 255 is once around) and saturation, each where there is a factor.
///
/// As in imgaug with 16-bit hues: hue * 255 / 180 is cut off, the product rounded half to even and taken modulo 255, and the way back
/// cut off again.
pub fn multiply_hue_and_saturation(image: ImageMut<'_>, hue: Option<f32>, saturation: Option<f32>) {
    let ImageMut { shape, data } = image;
    if shape.channels() != 3 {
        return;
    }
    let times = |v: i32, factor: Option<f32>| match factor {
        Some(factor) => math::rhe((v as f32 * factor).clamp(-32_768.0, 32_767.0)),
        None => v,
    };
    let hues: [u8; 256] = std::array::from_fn(|h| {
        let wide = (h as f32 / 180.0 * 255.0) as i32;
        (times(wide, hue).rem_euclid(255) as f32 / 255.0 * 180.0) as u8
    });
    let saturations: [u8; 256] = std::array::from_fn(|s| sat(times(s as i32, saturation)));
    for pixel in data.as_chunks_mut::<3>().0 {
        let [h, s, v] = of_rgb(*pixel, Space::Hsv);
        *pixel = to_rgb([hues[usize::from(h)], saturations[usize::from(s)], v], Space::Hsv);
    }
}

/// A pixel of `space` in RGB.
#[must_use]
pub fn to_rgb(pixel: [u8; 3], space: Space) -> [u8; 3] {
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
#[must_use]
pub fn of_rgb(rgb: [u8; 3], space: Space) -> [u8; 3] {
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

/// sRGB (D65) to XYZ.
const XYZ: [[f64; 3]; 3] =
    [[0.412_453, 0.357_58, 0.180_423], [0.212_671, 0.715_16, 0.072_169], [0.019_334, 0.119_193, 0.950_227]];

/// XYZ to sRGB (D65).
const RGB: [[f64; 3]; 3] = [
    [3.240_479, -1.537_15, -0.498_535],
    [-0.969_256, 1.875_991, 0.041_556],
    [0.055_648, -0.204_043, 1.057_311],
];

/// X, Y and Z of white.
const WHITE: [f64; 3] = [0.950_456, 1.0, 1.088_754];

/// Linear light of an sRGB value in 0..=1.
fn linear(x: f64) -> f64 {
    if x <= 0.040_45 { x / 12.92 } else { math::pow((x + 0.055) / 1.055, 2.4) }
}

/// The sRGB value of linear light in 0..=1.
fn companded(x: f64) -> f64 {
    if x <= 0.003_130_8 { x * 12.92 } else { 1.055 * math::pow(x, 1.0 / 2.4) - 0.055 }
}

/// The unit of whole-number Lab on the way back.
const BASE: i32 = 1 << 14;

/// What Lab is looked up in.
struct LabTables {
    /// Linear light of each value, times 2040.
    linear: [i32; 256],
    /// 32768 f(i / 2040), f the cube root with its straight foot.
    root: Box<[i32; 3072]>,
    /// The matrices over and times white, times 4096.
    forward: [[i32; 3]; 3],
    back: [[i32; 3]; 3],
    /// The value of linear light j / 4096.
    companded: Box<[u8; 4096]>,
    /// fy and y of each L.
    light: [[i32; 2]; 256],
}

static LAB: LazyLock<LabTables> = LazyLock::new(|| {
    let root = |x: f64| {
        if x < 216.0 / 24_389.0 { x * (841.0 / 108.0) + 16.0 / 116.0 } else { math::cbrt(x) }
    };
    let base = f64::from(BASE);
    let light = std::array::from_fn(|l| {
        let l = l as f64;
        if l <= 20.0 {
            let y = math::rhe64(l * base * 20.0 * 9.0 / (17.0 * 29.0 * 29.0 * 29.0));
            let fy = math::rhe64(base * (16.0 / 116.0 + l * 5.0 / (3.0 * 17.0 * 29.0)));
            [fy, y]
        } else {
            let fy = l * 100.0 * base / (255.0 * 116.0) + 16.0 * base / 116.0;
            [math::rhe64(fy), math::rhe64(fy * fy / base * fy / base)]
        }
    });
    let mut companding = Box::new([0; 4096]);
    for (j, value) in companding.iter_mut().enumerate() {
        *value = sat(math::rhe64(255.0 * companded(j as f64 / 4096.0)));
    }
    let mut roots = Box::new([0; 3072]);
    for (i, value) in roots.iter_mut().enumerate() {
        *value = math::rhe64(32_768.0 * root(i as f64 / 2040.0));
    }
    LabTables {
        linear: std::array::from_fn(|v| math::rhe64(2040.0 * linear(v as f64 / 255.0))),
        root: roots,
        forward: std::array::from_fn(|k| XYZ[k].map(|m| math::rhe64(4096.0 * m / WHITE[k]))),
        back: RGB.map(|row| std::array::from_fn(|k| math::rhe64(4096.0 * row[k] * WHITE[k]))),
        companded: companding,
        light,
    }
});

fn lab_of_rgb(rgb: [u8; 3]) -> [u8; 3] {
    // 16 * 255 * 2^15 / 100, rounded half up.
    const FOOT: i32 = (16 * 255 * 32_768 + 50) / 100;
    const HALF: i32 = 16_384;
    let tables = &*LAB;
    let light = rgb.map(|v| tables.linear[usize::from(v)]);
    let [x, y, z] = tables.forward.map(|row| {
        let sum = row[0] * light[0] + row[1] * light[1] + row[2] * light[2];
        tables.root[(((sum + 2048) >> 12).clamp(0, 3071)) as usize]
    });
    [
        (296 * y - FOOT + HALF) >> 15,
        (500 * (x - y) + 128 * 32_768 + HALF) >> 15,
        (200 * (y - z) + 128 * 32_768 + HALF) >> 15,
    ]
    .map(sat)
}

/// The inverse of the cube root with its straight foot, in units of [`BASE`].
fn cube(i: i32) -> i32 {
    if i <= 3390 {
        i * 108 / 841 - BASE * 16 / 116 * 108 / 841
    } else {
        // Above 2^31 for the most vivid colors.
        let i = i64::from(i);
        (i * i / i64::from(BASE) * i / i64::from(BASE)) as i32
    }
}

fn rgb_of_lab(lab: [u8; 3]) -> [u8; 3] {
    let tables = &*LAB;
    let [fy, y] = tables.light[usize::from(lab[0])];
    let (a, b) = (i32::from(lab[1]), i32::from(lab[2]));
    let da = ((5 * a * 53_687 + (1 << 7)) >> 13) - 128 * BASE / 500;
    let db = ((b * 41_943 + (1 << 4)) >> 9) - 128 * BASE / 200 + 1;
    let xyz = [cube(fy + da), y, cube(fy - db)];
    tables.back.map(|row| {
        let sum = row[0] * xyz[0] + row[1] * xyz[1] + row[2] * xyz[2];
        tables.companded[((sum + (1 << 13)) >> 14).clamp(0, 4095) as usize]
    })
}

/// u' and v' of white.
fn white_uv() -> [f64; 2] {
    let sum = WHITE[0] + 15.0 * WHITE[1] + 3.0 * WHITE[2];
    [4.0 * WHITE[0] / sum, 9.0 * WHITE[1] / sum]
}

fn luv_of_rgb(rgb: [u8; 3]) -> [u8; 3] {
    let light = rgb.map(|v| linear(f64::from(v) / 255.0));
    let [x, y, z] = XYZ.map(|row| row[0] * light[0] + row[1] * light[1] + row[2] * light[2]);
    let l = if y > 216.0 / 24_389.0 { 116.0 * math::cbrt(y) - 16.0 } else { y * 24_389.0 / 27.0 };
    let sum = (x + 15.0 * y + 3.0 * z).max(f64::from(f32::EPSILON));
    let [un, vn] = white_uv();
    let u = 13.0 * l * (4.0 * x / sum - un);
    let v = 13.0 * l * (9.0 * y / sum - vn);
    [l * 255.0 / 100.0, (u + 134.0) * 255.0 / 354.0, (v + 140.0) * 255.0 / 262.0]
        .map(|x| math::round_u8(x as f32))
}

fn rgb_of_luv(luv: [u8; 3]) -> [u8; 3] {
    let [l, u, v] = luv.map(f64::from);
    let (l, u, v) = (l * 100.0 / 255.0, u * 354.0 / 255.0 - 134.0, v * 262.0 / 255.0 - 140.0);
    let y = if l > 8.0 {
        let root = (l + 16.0) / 116.0;
        root * root * root
    } else {
        l * 27.0 / 24_389.0
    };
    let [un, vn] = white_uv();
    // With L = 0 all is black, whatever u and v.
    let thirteen = 13.0 * l.max(1e-6);
    let (u, v) = (u / thirteen + un, (v / thirteen + vn).max(1e-6));
    let x = 9.0 * u * y / (4.0 * v);
    let z = (12.0 - 3.0 * u - 20.0 * v) * y / (4.0 * v);
    RGB.map(|row| {
        let light = (row[0] * x + row[1] * y + row[2] * z).clamp(0.0, 1.0);
        math::round_u8((companded(light) * 255.0) as f32)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Space; 9] = [
        Space::Rgb,
        Space::Bgr,
        Space::Gray,
        Space::Hsv,
        Space::Hls,
        Space::YCrCb,
        Space::Yuv,
        Space::Lab,
        Space::Luv,
    ];

    #[test]
    fn known_colors() {
        assert_eq!(of_rgb([255, 0, 0], Space::Hsv), [0, 255, 255]);
        assert_eq!(of_rgb([0, 255, 0], Space::Hls), [60, 128, 255]);
        assert_eq!(of_rgb([255; 3], Space::Lab), [255, 128, 128]);
        assert_eq!(of_rgb([0; 3], Space::Luv), [0, 97, 136]);
        assert_eq!(of_rgb([255, 0, 0], Space::Luv), [136, 223, 173]);
        assert_eq!(of_rgb([255, 255, 255], Space::YCrCb), [255, 128, 128]);
        assert_eq!(of_rgb([1, 2, 3], Space::Bgr), [3, 2, 1]);
    }

    #[test]
    fn there_and_back_is_near() {
        for space in ALL.into_iter().filter(|space| *space != Space::Gray) {
            let mut total = 0;
            for i in 0..1000_u32 {
                let rgb = [i * 7 % 256, i * 31 % 256, i * 57 % 256].map(|v| v as u8);
                let again = to_rgb(of_rgb(rgb, space), space);
                let off = rgb.iter().zip(again).map(|(a, b)| a.abs_diff(b)).max().unwrap();
                assert!(off <= 20, "{space:?}: {rgb:?} {again:?}");
                total += u32::from(off);
            }
            assert!(total <= 3000, "{space:?}: {total}");
        }
    }
}
