//! RGB to 8-bit CIELAB and back, in whole numbers; four of 172,032 values that come from RGB are off by 1 from OpenCV's.

use std::sync::LazyLock;

use crate::base::math::{self, sat};

/// Linear light of sRGB values, in units of 1/2040.
static LINEAR: LazyLock<[i32; 256]> = LazyLock::new(|| {
    std::array::from_fn(|v| {
        let v = v as f64 / 255.0;
        let linear = if v <= 0.04045 { v / 12.92 } else { math::pow((v + 0.055) / 1.055, 2.4) };
        math::rhe64(2040.0 * linear)
    })
});

/// The cube root, or the straight line that stands in for it near black, in units of 1/32768; of units of 1/2040.
static ROOT: LazyLock<Box<[i32; 3072]>> = LazyLock::new(|| {
    let mut table = Box::new([0; 3072]);
    for (i, entry) in table.iter_mut().enumerate() {
        let x = i as f64 / 2040.0;
        let root =
            if x < 216.0 / 24_389.0 { x * (841.0 / 108.0) + 16.0 / 116.0 } else { math::pow(x, 1.0 / 3.0) };
        *entry = math::rhe64(32_768.0 * root);
    }
    table
});

/// sRGB values of linear light in units of 1/4096.
static GAMMA: LazyLock<Box<[u8; 4096]>> = LazyLock::new(|| {
    let mut table = Box::new([0; 4096]);
    for (i, entry) in table.iter_mut().enumerate() {
        let x = i as f64 / 4096.0;
        let v = if x <= 0.003_130_8 { x * 12.92 } else { 1.055 * math::pow(x, 1.0 / 2.4) - 0.055 };
        *entry = sat(math::rhe64(255.0 * v));
    }
    table
});

/// Reference white, D65.
const WHITE: [f64; 3] = [0.950_456, 1.0, 1.088_754];
/// Linear sRGB to CIE XYZ.
const XYZ: [[f64; 3]; 3] =
    [[0.412_453, 0.357_58, 0.180_423], [0.212_671, 0.715_16, 0.072_169], [0.019_334, 0.119_193, 0.950_227]];
/// CIE XYZ to linear sRGB.
const RGB: [[f64; 3]; 3] = [
    [3.240_479, -1.537_15, -0.498_535],
    [-0.969_256, 1.875_991, 0.041_556],
    [0.055_648, -0.204_043, 1.057_311],
];

/// Both matrices with white taken out, in units of 1/4096.
static MATRICES: LazyLock<[[[i32; 3]; 3]; 2]> = LazyLock::new(|| {
    let unit = |x: f64| math::rhe64(4096.0 * x);
    [
        std::array::from_fn(|row| XYZ[row].map(|x| unit(x / WHITE[row]))),
        RGB.map(|row| std::array::from_fn(|column| unit(row[column] * WHITE[column]))),
    ]
});

/// L (0..=255 for 0..100), a and b (128 is no color).
#[must_use]
pub fn lab_of_rgb(rgb: [u8; 3]) -> [u8; 3] {
    let linear = rgb.map(|v| LINEAR[usize::from(v)]);
    let [x, y, z] = MATRICES[0].map(|row| {
        let sum: i32 = row.iter().zip(linear).map(|(weight, v)| weight * v).sum();
        ROOT[((sum + 2048) >> 12).clamp(0, 3071) as usize]
    });
    let half = 16_384;
    [
        sat((296 * y - (16 * 255 * 32_768 + 50) / 100 + half) >> 15),
        sat((500 * (x - y) + 128 * 32_768 + half) >> 15),
        sat((200 * (y - z) + 128 * 32_768 + half) >> 15),
    ]
}

/// Units of what follows: 1/16384.
const BASE: i32 = 1 << 14;

/// Y and its cube root by L, in units of 1/16384.
static BY_LIGHTNESS: LazyLock<[[i32; 2]; 256]> = LazyLock::new(|| {
    let base = f64::from(BASE);
    std::array::from_fn(|l| {
        if l <= 20 {
            let l = l as f64;
            let y = l * base * 180.0 / (17.0 * 29.0 * 29.0 * 29.0);
            let root = base * (16.0 / 116.0 + 5.0 * l / (3.0 * 17.0 * 29.0));
            [math::rhe64(y), math::rhe64(root)]
        } else {
            let root = 100.0 * l as f64 * base / (255.0 * 116.0) + 16.0 * base / 116.0;
            [math::rhe64(root * root * root / (base * base)), math::rhe64(root)]
        }
    })
});

/// The cube, or the straight line near black.
fn cube(root: i32) -> i32 {
    if root <= 3390 {
        root * 108 / 841 - BASE * 16 / 116 * 108 / 841
    } else {
        let (root, base) = (i64::from(root), i64::from(BASE));
        (root * root / base * root / base) as i32
    }
}

/// The color of L, a and b, clipped.
#[must_use]
pub fn rgb_of_lab([l, a, b]: [u8; 3]) -> [u8; 3] {
    let [y, root] = BY_LIGHTNESS[usize::from(l)];
    let a = ((5 * i32::from(a) * 53_687 + 128) >> 13) - 128 * BASE / 500;
    let b = ((i32::from(b) * 41_943 + 16) >> 9) - 128 * BASE / 200 + 1;
    let xyz = [cube(root + a), y, cube(root - b)];
    MATRICES[1].map(|row| {
        let sum: i32 = row.iter().zip(xyz).map(|(weight, v)| weight * v).sum();
        GAMMA[((sum + (1 << 13)) >> 14).clamp(0, 4095) as usize]
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colors_are_those_of_the_tables() {
        // L, a and b of sRGB red, white, black and middle gray, as published for D65, in 8 bits.
        for (rgb, lab) in [
            ([255, 0, 0], [136, 208, 195]),
            ([255; 3], [255, 128, 128]),
            ([0; 3], [0, 128, 128]),
            ([119; 3], [128, 128, 128]),
        ] {
            assert_eq!(lab_of_rgb(rgb), lab);
        }
    }

    #[test]
    fn colors_come_back_almost() {
        for v in 0..=255_u8 {
            for color in [[v, 255 - v, v / 2], [v / 3, v, 200], [v; 3]] {
                let back = rgb_of_lab(lab_of_rgb(color));
                assert!(back.iter().zip(color).all(|(a, b)| a.abs_diff(b) <= 20), "{color:?} {back:?}");
            }
        }
    }
}
