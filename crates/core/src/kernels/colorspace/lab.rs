//! CIELAB in whole numbers.

use std::sync::LazyLock;

use super::luv::{companded, linear};
use super::rgb::{LANES, Lanes, map_blocks, pack};
use super::{RGB, WHITE, XYZ};
use crate::base::math::{self, sat};

/// The unit of whole-number Lab on the way back.
const BASE: i32 = 1 << 14;

/// Entries of the table of roots, a power of two above all that is looked up.
const ROOTS: usize = 2048;

/// What Lab is looked up in.
struct LabTables {
    /// Linear light of each value, times 2040; whole numbers.
    linear: [f32; 256],
    /// 32768 f(i / 2040), f the cube root with its straight foot.
    root: Box<[i32; ROOTS]>,
    /// The matrices over and times white, times 4096; whole numbers.
    forward: [[f32; 3]; 3],
    back: [[i32; 3]; 3],
    /// The value of linear light j / 4096.
    companded: Box<[u8; 4096]>,
    /// fy and y of each L.
    light: [[i32; 2]; 256],
    /// What each a adds to fy, and what each b takes off it.
    apart: [[i32; 2]; 256],
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
    let mut roots = Box::new([0; ROOTS]);
    for (i, value) in roots.iter_mut().enumerate() {
        *value = math::rhe64(32_768.0 * root(i as f64 / 2040.0));
    }
    LabTables {
        linear: std::array::from_fn(|v| math::rhe64(2040.0 * linear(v as f64 / 255.0)) as f32),
        root: roots,
        forward: std::array::from_fn(|k| XYZ[k].map(|m| math::rhe64(4096.0 * m / WHITE[k]) as f32)),
        back: RGB.map(|row| std::array::from_fn(|k| math::rhe64(4096.0 * row[k] * WHITE[k]))),
        companded: companding,
        light,
        apart: std::array::from_fn(|v| {
            let v = v as i32;
            [
                ((5 * v * 53_687 + (1 << 7)) >> 13) - 128 * BASE / 500,
                ((v * 41_943 + (1 << 4)) >> 9) - 128 * BASE / 200 + 1,
            ]
        }),
    }
});

/// Brings pixels from RGB to Lab.
pub(super) fn of_rgb(data: &mut [u8]) {
    // 16 * 255 * 2^15 / 100, rounded half up.
    const FOOT: i32 = (16 * 255 * 32_768 + 50) / 100;
    const HALF: i32 = 16_384;
    let tables = &*LAB;
    map_blocks(
        data,
        #[inline(always)]
        |_, pixels| {
            let light =
                [0, 8, 16].map(|shift| pixels.map(|pixel| tables.linear[(pixel >> shift & 255) as usize]));
            let sums: [Lanes<u32>; 3] = tables.forward.map(|[a, b, c]| {
                std::array::from_fn(|i| {
                    // The weights of a row sum to 4096, so that no sum is above 4096 * 2040 + 2048 < 2^23: exact, and the mantissa of
                    // the sum with 2^23 is the whole number.
                    const MAGIC: f32 = 8_388_608.0;
                    let sum = a * light[0][i] + b * light[1][i] + c * light[2][i] + 2048.0;
                    ((sum + MAGIC).to_bits() - MAGIC.to_bits()) >> 12
                })
            });
            let [x, y, z] = sums.map(|plane| plane.map(|i| tables.root[i as usize % ROOTS]));
            for i in 0..LANES {
                let (x, y, z) = (x[i], y[i], z[i]);
                pixels[i] = pack(
                    [
                        (296 * y - FOOT + HALF) >> 15,
                        (500 * (x - y) + 128 * 32_768 + HALF) >> 15,
                        (200 * (y - z) + 128 * 32_768 + HALF) >> 15,
                    ]
                    .map(|v| v.clamp(0, 255)),
                );
            }
        },
    );
}

/// The inverse of the cube root with its straight foot, in units of [`BASE`]; up to 1.7 of them.
#[inline(always)]
fn cube(i: i32) -> i32 {
    // Above the foot all is positive, and 1.7^3 2^28 is below 2^31.
    let steep = (((i * i) >> 14) * i) >> 14;
    let foot = i * 108 / 841 - BASE * 16 / 116 * 108 / 841;
    if i <= 3390 { foot } else { steep }
}

/// Brings pixels from Lab to RGB.
pub(super) fn to_rgb(data: &mut [u8]) {
    let tables = &*LAB;
    map_blocks(
        data,
        #[inline(always)]
        |_, pixels| {
            let (mut x, mut y, mut z) = ([0; LANES], [0; LANES], [0; LANES]);
            for (i, pixel) in pixels.iter().enumerate() {
                let [l, a, b, _] = pixel.to_le_bytes().map(usize::from);
                let [root, light] = tables.light[l];
                (x[i], y[i], z[i]) = (root + tables.apart[a][0], light, root - tables.apart[b][1]);
            }
            let xyz = [x.map(cube), y, z.map(cube)];
            let rgb: [Lanes<i32>; 3] = tables.back.map(|[a, b, c]| {
                std::array::from_fn(|i| {
                    let sum = a * xyz[0][i] + b * xyz[1][i] + c * xyz[2][i];
                    ((sum + (1 << 13)) >> 14).clamp(0, 4095)
                })
            });
            for (i, pixel) in pixels.iter_mut().enumerate() {
                *pixel =
                    pack([0, 1, 2].map(|c: usize| i32::from(tables.companded[rgb[c][i] as usize % 4096])));
            }
        },
    );
}

/// A pixel at a time.
#[cfg(test)]
pub(super) mod plain {
    use super::*;

    pub(in super::super) fn lab_of_rgb(rgb: [u8; 3]) -> [u8; 3] {
        // 16 * 255 * 2^15 / 100, rounded half up.
        const FOOT: i32 = (16 * 255 * 32_768 + 50) / 100;
        const HALF: i32 = 16_384;
        let tables = &*LAB;
        let light = rgb.map(|v| tables.linear[usize::from(v)]);
        let [x, y, z] = tables.forward.map(|row| {
            let sum = row[0] * light[0] + row[1] * light[1] + row[2] * light[2];
            tables.root[(sum as usize + 2048) >> 12]
        });
        [
            (296 * y - FOOT + HALF) >> 15,
            (500 * (x - y) + 128 * 32_768 + HALF) >> 15,
            (200 * (y - z) + 128 * 32_768 + HALF) >> 15,
        ]
        .map(sat)
    }

    fn cube(i: i32) -> i32 {
        if i <= 3390 {
            i * 108 / 841 - BASE * 16 / 116 * 108 / 841
        } else {
            let i = i64::from(i);
            (i * i / i64::from(BASE) * i / i64::from(BASE)) as i32
        }
    }

    pub(in super::super) fn rgb_of_lab(lab: [u8; 3]) -> [u8; 3] {
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

    #[test]
    fn cubes_fit_in_32_bits() {
        let tables = &*LAB;
        for [root, _] in tables.light {
            for [a, b] in tables.apart {
                for i in [root + a, root - b] {
                    assert_eq!(super::cube(i), cube(i), "{i}");
                }
            }
        }
    }
}
