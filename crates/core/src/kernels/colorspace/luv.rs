//! CIELUV, in double precision.
//!
//! Powers and cube roots are what takes time. Linear light has a table; of the way back only bytes are wanted, of which a table knows
//! where they change; and a cube root that is good enough tells the byte, unless it is too near to the next.

use std::sync::LazyLock;

use super::rgb::{LANES, map_blocks, pack};
use super::{RGB, WHITE, XYZ};
use crate::base::math;

/// Linear light of an sRGB value in 0..=1.
pub(super) fn linear(x: f64) -> f64 {
    if x <= 0.040_45 { x / 12.92 } else { math::pow((x + 0.055) / 1.055, 2.4) }
}

/// The sRGB value of linear light in 0..=1.
pub(super) fn companded(x: f64) -> f64 {
    if x <= 0.003_130_8 { x * 12.92 } else { 1.055 * math::pow(x, 1.0 / 2.4) - 0.055 }
}

/// u' and v' of white.
fn white_uv() -> [f64; 2] {
    let sum = WHITE[0] + 15.0 * WHITE[1] + 3.0 * WHITE[2];
    [4.0 * WHITE[0] / sum, 9.0 * WHITE[1] / sum]
}

/// Linear light of each byte.
static LINEAR: LazyLock<[f64; 256]> =
    LazyLock::new(|| std::array::from_fn(|v| linear(f64::from(v as u8) / 255.0)));

/// The byte of linear light in 0..=1.
fn byte(light: f64) -> u8 {
    math::round_u8((companded(light) * 255.0) as f32)
}

/// How many parts the table of [`Bytes`] has.
const PARTS: usize = 4096;

/// Where [`byte`] changes.
struct Bytes {
    /// The least light of each byte, and of one more.
    least: [f64; 257],
    /// The byte at the start of each part of 0..=1.
    start: [u8; PARTS + 1],
}

static BYTES: LazyLock<Box<Bytes>> = LazyLock::new(|| {
    let mut bytes = Box::new(Bytes { least: [2.0; 257], start: [0; PARTS + 1] });
    bytes.least[0] = -1.0;
    for (value, least) in (1..=255_u8).zip(&mut bytes.least[1..]) {
        let (mut below, mut above) = (0.0_f64, 1.0_f64);
        // Until nothing is left between them.
        loop {
            let middle = f64::midpoint(below, above);
            if middle <= below || middle >= above {
                break;
            }
            if byte(middle) < value { below = middle } else { above = middle }
        }
        *least = above;
    }
    for (i, start) in bytes.start.iter_mut().enumerate() {
        *start = byte(i as f64 / PARTS as f64);
    }
    bytes
});

impl Bytes {
    /// [`byte`] of linear light in 0..=1.
    #[inline(always)]
    fn of(&self, light: f64) -> u8 {
        // Farther from a change than the error of a power.
        const NEAR: f64 = 1e-12;
        let mut value = usize::from(self.start[(light * PARTS as f64) as usize]);
        while light >= self.least[value + 1] {
            value += 1;
        }
        if light - self.least[value] < NEAR || self.least[value + 1] - light < NEAR {
            return byte(light);
        }
        value as u8
    }
}

/// The cube root of a number above 0.008, to a relative error below 1e-9.
#[inline(always)]
fn root(x: f64) -> f64 {
    // A third of the exponent and, nearly, of the logarithm of the rest.
    let guess = (x as f32).to_bits().cast_signed() as f32 * (1.0 / 3.0) + 709_921_077.0;
    let mut root = f64::from(f32::from_bits(guess as i32 as u32));
    // Halley's rule, which triples the digits.
    for _ in 0..2 {
        let cube = root * root * root;
        root *= (cube + 2.0 * x) / (2.0 * cube + x);
    }
    root
}

/// Brings pixels from RGB to Luv.
pub(super) fn of_rgb(data: &mut [u8]) {
    let table = &*LINEAR;
    let [un, vn] = white_uv();
    map_blocks(
        data,
        #[inline(always)]
        |_, pixels| {
            let light = [0, 8, 16].map(|shift| pixels.map(|pixel| table[(pixel >> shift & 255) as usize]));
            let mut values = [[0.0_f32; LANES]; 3];
            for i in 0..LANES {
                let [x, y, z] = XYZ.map(|[r, g, b]| r * light[0][i] + g * light[1][i] + b * light[2][i]);
                let high = y > 216.0 / 24_389.0;
                let l =
                    if high { 116.0 * root(if high { y } else { 1.0 }) - 16.0 } else { y * 24_389.0 / 27.0 };
                let sum = x + 15.0 * y + 3.0 * z;
                let sum = if sum > f64::from(f32::EPSILON) { sum } else { f64::from(f32::EPSILON) };
                let u = 13.0 * l * (4.0 * x / sum - un);
                let v = 13.0 * l * (9.0 * y / sum - vn);
                values[0][i] = (l * 255.0 / 100.0) as f32;
                values[1][i] = ((u + 134.0) * 255.0 / 354.0) as f32;
                values[2][i] = ((v + 140.0) * 255.0 / 262.0) as f32;
            }
            let mut unsure = [0_u8; LANES];
            for i in 0..LANES {
                // 1.5 * 2^23: adding it rounds. Single precision is off by less than 2^-15 here.
                const MAGIC: f32 = 12_582_912.0;
                const OFF: f32 = 1.0 / 4096.0;
                for plane in &values {
                    let off = plane[i] - ((plane[i] + MAGIC) - MAGIC);
                    unsure[i] |= u8::from(off.abs() > 0.5 - OFF);
                }
            }
            for (i, pixel) in pixels.iter_mut().enumerate() {
                let bytes = if unsure[i] == 0 {
                    [0, 1, 2].map(|c: usize| math::round_u8(values[c][i]))
                } else {
                    let [r, g, b, _] = pixel.to_le_bytes();
                    luv_of_rgb([r, g, b])
                };
                *pixel = pack(bytes.map(i32::from));
            }
        },
    );
}

/// Brings pixels from Luv to RGB.
pub(super) fn to_rgb(data: &mut [u8]) {
    let bytes = &**BYTES;
    map_blocks(
        data,
        #[inline(always)]
        |_, pixels| {
            let mut light = [[0.0_f64; LANES]; 3];
            for i in 0..LANES {
                let luv = [0, 8, 16].map(|shift| f64::from((pixels[i] >> shift & 255).cast_signed()));
                let rgb = light_of_luv(luv);
                for c in 0..3 {
                    light[c][i] = rgb[c];
                }
            }
            for (i, pixel) in pixels.iter_mut().enumerate() {
                *pixel = pack([0, 1, 2].map(|c: usize| i32::from(bytes.of(light[c][i]))));
            }
        },
    );
}

/// L, u and v of a pixel, the plain way.
pub(super) fn luv_of_rgb(rgb: [u8; 3]) -> [u8; 3] {
    let light = rgb.map(|v| LINEAR[usize::from(v)]);
    let [x, y, z] = XYZ.map(|row| row[0] * light[0] + row[1] * light[1] + row[2] * light[2]);
    let l = if y > 216.0 / 24_389.0 { 116.0 * math::cbrt(y) - 16.0 } else { y * 24_389.0 / 27.0 };
    let sum = (x + 15.0 * y + 3.0 * z).max(f64::from(f32::EPSILON));
    let [un, vn] = white_uv();
    let u = 13.0 * l * (4.0 * x / sum - un);
    let v = 13.0 * l * (9.0 * y / sum - vn);
    [l * 255.0 / 100.0, (u + 134.0) * 255.0 / 354.0, (v + 140.0) * 255.0 / 262.0]
        .map(|x| math::round_u8(x as f32))
}

/// Linear red, green and blue of 8-bit L, u and v.
#[inline(always)]
fn light_of_luv([l, u, v]: [f64; 3]) -> [f64; 3] {
    let (l, u, v) = (l * 100.0 / 255.0, u * 354.0 / 255.0 - 134.0, v * 262.0 / 255.0 - 140.0);
    let root = (l + 16.0) / 116.0;
    let y = if l > 8.0 { root * root * root } else { l * 27.0 / 24_389.0 };
    let [un, vn] = white_uv();
    // With L = 0 all is black, whatever u and v.
    let thirteen = 13.0 * if l > 1e-6 { l } else { 1e-6 };
    let (u, v) = (u / thirteen + un, v / thirteen + vn);
    let v = if v > 1e-6 { v } else { 1e-6 };
    let x = 9.0 * u * y / (4.0 * v);
    let z = (12.0 - 3.0 * u - 20.0 * v) * y / (4.0 * v);
    RGB.map(|row| {
        let light = row[0] * x + row[1] * y + row[2] * z;
        let light = if light > 0.0 { light } else { 0.0 };
        if light < 1.0 { light } else { 1.0 }
    })
}

/// The color of L, u and v, the plain way.
#[cfg(test)]
pub(super) fn rgb_of_luv(luv: [u8; 3]) -> [u8; 3] {
    light_of_luv(luv.map(f64::from)).map(byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_change_where_the_power_says() {
        let bytes = &**BYTES;
        for least in &bytes.least[1..256] {
            for light in [least - 1e-9, least - 1e-15, *least, least + 1e-15, least + 1e-9] {
                assert_eq!(bytes.of(light), byte(light), "{light}");
            }
        }
        for i in 0..=50_000 {
            let light = f64::from(i) / 50_000.0;
            assert_eq!(bytes.of(light), byte(light), "{light}");
            let root = root(light + 0.008);
            assert!((root * root * root / (light + 0.008) - 1.0).abs() < 1e-9, "{light}");
        }
    }
}
