//! Noise: additive normal noise, dropout, coarse dropout.
//!
//! Kernels make no random numbers; they are given uniform random bytes and say how many they need.

use std::sync::LazyLock;

use fearless_simd::Simd;

use super::rgb::{self, LANES};
use super::vectors::dispatch;
use crate::base::math::{self, rhe, sat};
use crate::base::{ImageMut, Shape};

/// Random bytes for each independent value of [`add_gaussian`] and [`dropout`].
pub const BYTES_PER_VALUE: usize = 2;

/// Random bytes that [`add_gaussian`] and [`dropout`] take for an image of `shape`: two for each pixel, or for
/// each value if channels are independent.
#[must_use]
pub fn random_bytes(shape: Shape, per_channel: bool) -> usize {
    BYTES_PER_VALUE * if per_channel { shape.bytes() } else { shape.pixels() }
}

/// Adds given noise: rhe(noise) to each value, clipped to 0..=255. `noise` has a number for each pixel, shared
/// by its channels, or one for each value.
///
/// # Panics
/// If `noise` has any other length.
pub fn add(image: ImageMut<'_>, noise: &[f32]) {
    let ImageMut { shape, data } = image;
    let rounded = |n: f32| rhe(n.clamp(-256.0, 256.0));
    if noise.len() == data.len() {
        for (v, n) in data.iter_mut().zip(noise) {
            *v = sat(i32::from(*v) + rounded(*n));
        }
    } else {
        assert_eq!(noise.len(), shape.pixels(), "noise for each pixel or for each value");
        for (pixel, n) in data.chunks_exact_mut(shape.channels()).zip(noise) {
            for v in pixel {
                *v = sat(i32::from(*v) + rounded(*n));
            }
        }
    }
}

/// Adds normal noise of mean `loc` and standard deviation `scale`, both in gray levels, rounded half to even; the sum is
/// clipped to 0..=255. Channels share one plane of noise unless `per_channel`.
///
/// Each number takes 16 random bits, a sign and one of 32,768 quantiles of |N(0,1)|: the tails end at
/// 4.32 standard deviations, beyond which a normal number falls three times in 200,000.
///
/// # Panics
/// If `random` is shorter than [`random_bytes`].
pub fn add_gaussian(image: ImageMut<'_>, loc: f32, scale: f32, per_channel: bool, random: &[u8]) {
    dispatch!(simd => add_gaussian_with(simd, image, loc, scale, per_channel, random));
}

#[inline(always)]
fn add_gaussian_with<S: Simd>(
    _: S,
    image: ImageMut<'_>,
    loc: f32,
    scale: f32,
    per_channel: bool,
    random: &[u8],
) {
    let ImageMut { shape, data } = image;
    let table: &[u16; QUANTILES] = &HALF_NORMAL;
    let scale = scale * (1.0 / QUANTILE_UNIT);
    // A noise value, of a quantile with its sign. Beyond 256 gray levels it makes no difference.
    let level = |z: i16| {
        let noise = f32::from(z) * scale + loc;
        let noise = if noise > -256.0 { noise } else { -256.0 };
        rhe(if noise < 256.0 { noise } else { 256.0 })
    };
    let random = &random[..random_bytes(shape, per_channel)];
    if per_channel || shape.channels() == 1 {
        const RUN: usize = 3 * LANES;
        let (runs, rest) = data.as_chunks_mut::<RUN>();
        let (bits, last) = random.as_chunks::<{ BYTES_PER_VALUE * RUN }>();
        let paint = |values: &mut [u8; RUN], bits: &[u8; BYTES_PER_VALUE * RUN]| {
            let normal = normals::<RUN>(table, bits.as_chunks().0);
            for i in 0..RUN {
                values[i] = sat(i32::from(values[i]) + level(normal[i]));
            }
        };
        for (values, bits) in runs.iter_mut().zip(bits) {
            paint(values, bits);
        }
        if !rest.is_empty() {
            let (mut values, mut bits) = ([0; RUN], [0; BYTES_PER_VALUE * RUN]);
            values[..rest.len()].copy_from_slice(rest);
            bits[..last.len()].copy_from_slice(last);
            paint(&mut values, &bits);
            rest.copy_from_slice(&values[..rest.len()]);
        }
    } else {
        let bits = random.as_chunks::<BYTES_PER_VALUE>().0;
        rgb::add_plane(
            data,
            #[inline(always)]
            |first| normals::<LANES>(table, &rgb::lanes_at(bits, first)).map(level),
        );
    }
}

/// Quantiles of |N(0,1)| in the table.
const QUANTILES: usize = 1 << 15;
/// The table is in units of 1/4096 standard deviation.
const QUANTILE_UNIT: f32 = 4096.0;

/// Entry i is the quantile of |N(0,1)| at (i + 1/2) / 32768.
static HALF_NORMAL: LazyLock<Box<[u16; QUANTILES]>> = LazyLock::new(|| {
    let mut table = Box::new([0; QUANTILES]);
    for (i, z) in table.iter_mut().enumerate() {
        let p = 0.5 + (i as f64 + 0.5) / (2 * QUANTILES) as f64;
        *z = math::rhe64(normal_quantile(p) * f64::from(QUANTILE_UNIT)) as u16;
    }
    table
});

/// Fills `out` with standard normal numbers, of two random bytes each; as those of [`add_gaussian`].
///
/// # Panics
/// If `random` is not twice as long as `out`.
pub fn fill_normal(random: &[u8], out: &mut [f32]) {
    let table: &[u16; QUANTILES] = &HALF_NORMAL;
    let bits = random.as_chunks::<BYTES_PER_VALUE>().0;
    assert_eq!(bits.len(), out.len(), "two random bytes for each number");
    for (out, bits) in out.iter_mut().zip(bits) {
        let [z] = normals::<1>(table, std::slice::from_ref(bits));
        *out = f32::from(z) * (1.0 / QUANTILE_UNIT);
    }
}

/// Normal numbers in units of 1/4096 of 16 random bits each: the high bit is the sign.
#[inline(always)]
fn normals<const N: usize>(table: &[u16; QUANTILES], bits: &[[u8; BYTES_PER_VALUE]]) -> [i16; N] {
    let mut random = [0; N];
    let mut normal = [0; N];
    for i in 0..N {
        random[i] = i16::from_le_bytes(bits[i]);
        normal[i] = table[usize::from(random[i].cast_unsigned()) % QUANTILES].cast_signed();
    }
    for i in 0..N {
        let sign = random[i] >> 15;
        normal[i] = (normal[i] ^ sign) - sign;
    }
    normal
}

/// The standard normal quantile at `p` in 1/2..1 - 1e-10, to 16 digits.
///
/// M. J. Wichura, "Algorithm AS 241: The Percentage Points of the Normal Distribution", Applied Statistics 37 (1988).
pub(super) fn normal_quantile(p: f64) -> f64 {
    const CENTER: [[f64; 8]; 2] = [
        [
            3.387_132_872_796_366_6,
            133.141_667_891_784_38,
            1_971.590_950_306_551_4,
            13_731.693_765_509_46,
            45_921.953_931_549_87,
            67_265.770_927_008_7,
            33_430.575_583_588_13,
            2_509.080_928_730_122_7,
        ],
        [
            1.0,
            42.313_330_701_600_91,
            687.187_007_492_057_9,
            5_394.196_021_424_751,
            21_213.794_301_586_597,
            39_307.895_800_092_71,
            28_729.085_735_721_943,
            5_226.495_278_852_854,
        ],
    ];
    const TAIL: [[f64; 8]; 2] = [
        [
            1.423_437_110_749_683_5,
            4.630_337_846_156_546,
            5.769_497_221_460_691,
            3.647_848_324_763_204_5,
            1.270_458_252_452_368_4,
            0.241_780_725_177_450_6,
            0.022_723_844_989_269_184,
            7.745_450_142_783_414e-4,
        ],
        [
            1.0,
            2.053_191_626_637_759,
            1.676_384_830_183_803_8,
            0.689_767_334_985_1,
            0.148_103_976_427_480_08,
            0.015_198_666_563_616_457,
            5.475_938_084_995_345e-4,
            1.050_750_071_644_416_9e-9,
        ],
    ];
    let ratio = |[over, under]: [[f64; 8]; 2], x: f64| {
        let horner = |k: [f64; 8]| k.iter().rev().fold(0.0, |sum, k| sum * x + k);
        horner(over) / horner(under)
    };
    let q = p - 0.5;
    if q <= 0.425 {
        q * ratio(CENTER, 0.425 * 0.425 - q * q)
    } else {
        ratio(TAIL, (-math::log(1.0 - p)).sqrt() - 1.6)
    }
}

/// Sets to 0 what `keep` marks with 0. `keep` has a byte for each pixel, shared by its channels, or one for
/// each value.
///
/// # Panics
/// If `keep` has any other length.
pub fn drop_unkept(image: ImageMut<'_>, keep: &[u8]) {
    let ImageMut { shape, data } = image;
    let mask = |keep: u8| if keep == 0 { 0 } else { 255 };
    if keep.len() == data.len() {
        for (v, keep) in data.iter_mut().zip(keep) {
            *v &= mask(*keep);
        }
    } else {
        assert_eq!(shape.channels(), 3, "a byte for each pixel or for each value");
        rgb::map_with(
            data,
            keep,
            #[inline(always)]
            |pixel, keep| if keep == 0 { 0 } else { pixel & 0x00ff_ffff },
        );
    }
}

/// Sets each pixel, or with `per_channel` each value, to 0 with probability `p`, as a multiple of 2^-16.
///
/// # Panics
/// If `random` is shorter than [`random_bytes`].
pub fn dropout(image: ImageMut<'_>, p: f32, per_channel: bool, random: &[u8]) {
    let ImageMut { shape, data } = image;
    let threshold = rhe(p.clamp(0.0, 1.0) * 65536.0);
    let random = &random[..random_bytes(shape, per_channel)];
    let Ok(threshold) = u16::try_from(threshold) else { return data.fill(0) };
    let bits = random.as_chunks::<BYTES_PER_VALUE>().0;
    let drops = |bits: [u8; 2]| u16::from_le_bytes(bits) < threshold;
    if per_channel || shape.channels() == 1 {
        for (v, bits) in data.iter_mut().zip(bits) {
            *v = if drops(*bits) { 0 } else { *v };
        }
    } else {
        rgb::map_with(
            data,
            bits,
            #[inline(always)]
            |pixel, bits| if drops(bits) { 0 } else { pixel & 0x00ff_ffff },
        );
    }
}

/// Fills `keep` with 0 with probability `p`, as a multiple of 2^-16, else 1; two random bytes for each.
///
/// # Panics
/// If `random` is not twice as long as `keep`.
pub fn keep_mask(p: f32, random: &[u8], keep: &mut [u8]) {
    let threshold = rhe(p.clamp(0.0, 1.0) * 65536.0);
    let words = random.as_chunks::<BYTES_PER_VALUE>().0;
    assert_eq!(words.len(), keep.len(), "two random bytes for each value");
    for (keep, word) in keep.iter_mut().zip(words) {
        *keep = u8::from(i32::from(u16::from_le_bytes(*word)) >= threshold);
    }
}

/// Sets the cells of a coarse grid to 0 that `keep` marks with 0.
///
/// `keep` is `rows` x `columns` or, with independent channels, `rows` x `columns` x channels; row y of the image
/// is in row floor(y * rows / height) of the grid, and columns alike.
///
/// # Panics
/// If `keep` has another length, or `rows` or `columns` is 0.
pub fn coarse_dropout(mut image: ImageMut<'_>, keep: &[u8], rows: usize, columns: usize) {
    let Shape { height, width, kind } = image.shape;
    let channels = kind.count();
    assert!(rows > 0 && columns > 0, "a grid has cells");
    let depth = keep.len() / (rows * columns);
    assert_eq!(keep.len(), rows * columns * depth, "a byte for each cell");
    assert!(depth == 1 || depth == channels, "one mask, or one for each channel");
    for y in 0..height {
        let row = image.row_mut(y);
        let cells = &keep[y * rows / height * columns * depth..][..columns * depth];
        for (cell, keep) in cells.chunks_exact(depth).enumerate() {
            // The columns x with floor(x * columns / width) = cell.
            let (from, to) = ((cell * width).div_ceil(columns), ((cell + 1) * width).div_ceil(columns));
            let part = &mut row[from * channels..to * channels];
            if keep.iter().all(|k| *k == 0) {
                part.fill(0);
            } else if keep.contains(&0) {
                for pixel in part.chunks_exact_mut(channels) {
                    for (v, keep) in pixel.iter_mut().zip(keep) {
                        *v = if *keep == 0 { 0 } else { *v };
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Stream;
    use crate::kernels::testing::{Picture, pictures};
    use proptest::prelude::*;

    #[test]
    fn quantiles_are_those_of_the_normal_distribution() {
        // Known digits: the quartile, and two points of any table.
        for (p, z) in [
            (0.5, 0.0),
            (0.75, 0.674_489_750_196_081_7),
            (0.975, 1.959_963_984_540_054),
            (0.9999, 3.719_016_485_455_709),
        ] {
            assert!((normal_quantile(p) - z).abs() < 1e-13, "{p}");
        }
        let square = |x: f64| x * x;
        let squares: f64 = HALF_NORMAL.iter().map(|z| square(f64::from(*z) / 4096.0)).sum();
        assert!((squares / QUANTILES as f64 - 1.0).abs() < 1e-4);
        assert!(HALF_NORMAL.is_sorted());
        assert_eq!((HALF_NORMAL[0], HALF_NORMAL[QUANTILES - 1]), (0, 17_715));
    }

    #[test]
    fn sixteen_bits_are_a_sign_and_a_quantile() {
        let mut data = [100; 4];
        let bits = [0_u16, 0x7fff, 0xffff, 0x4000].map(u16::to_le_bytes);
        add_gaussian(ImageMut::new(Shape::gray(1, 4), &mut data), 0.0, 10.0, false, bits.as_flattened());
        // The quantiles are 0, 4.32, -4.32 and 0.674.
        assert_eq!(data, [100, 143, 57, 107]);
    }

    #[test]
    fn noise_has_the_asked_mean_and_deviation() {
        let shape = Shape::rgb(100, 100);
        let mut random = vec![0; random_bytes(shape, true)];
        Stream::of_key(1).fill(&mut random);
        let mut data = vec![128; shape.bytes()];
        add_gaussian(ImageMut::new(shape, &mut data), 2.0, 9.0, true, &random);
        let n = data.len() as f64;
        let mean = data.iter().map(|v| f64::from(*v)).sum::<f64>() / n;
        let variance = data.iter().map(|v| (f64::from(*v) - mean) * (f64::from(*v) - mean)).sum::<f64>() / n;
        assert!((mean - 130.0).abs() < 0.2, "{mean}");
        assert!((variance.sqrt() - 9.0).abs() < 0.15, "{variance}");
    }

    #[test]
    fn dropout_of_none_and_of_all() {
        let random = [0, 0, 255, 255, 7, 7];
        let dropped = |p| {
            let mut data = [9, 8, 7];
            dropout(ImageMut::new(Shape::gray(1, 3), &mut data), p, false, &random);
            data
        };
        assert_eq!(dropped(0.0), [9, 8, 7]);
        assert_eq!(dropped(1.0), [0, 0, 0]);
        assert_eq!(dropped(0.5), [0, 8, 0]);
    }

    #[test]
    fn coarse_cells_of_28_in_3_are_10_9_and_9_wide() {
        let mut data = [1; 28];
        coarse_dropout(ImageMut::new(Shape::gray(1, 28), &mut data), &[1, 0, 1], 1, 3);
        let widths = [&data[..10], &data[10..19], &data[19..]].map(|part| part.iter().sum::<u8>());
        assert_eq!(widths, [10, 0, 9]);
    }

    /// The index of what value `i` of the image has in a plane or, if there are as many, in a volume.
    fn at(picture: &Picture, i: usize, per_channel: bool) -> usize {
        if per_channel { i } else { i / picture.shape.channels() }
    }

    fn reference(picture: &Picture, per_channel: bool, paint: impl Fn(u8, usize) -> u8) -> Vec<u8> {
        picture.data.iter().enumerate().map(|(i, v)| paint(*v, at(picture, i, per_channel))).collect()
    }

    proptest! {
            #[test]
            fn kernels_agree_with_their_formulas(
                picture in pictures(),
                key: u64,
                per_channel: bool,
                loc in -20.0_f32..20.0,
                scale in 0.0_f32..100.0,
                p in 0.0_f32..1.0,
            ) {
                let mut random = vec![0; random_bytes(picture.shape, per_channel)];
                Stream::of_key(key).fill(&mut random);
                let word = |i: usize| u16::from_le_bytes([random[2 * i], random[2 * i + 1]]);
                let noise: Vec<f32> = (0..random.len() / 2)
                    .map(|i| {
                        let z = f32::from(HALF_NORMAL[usize::from(word(i) & 0x7fff)]);
                        (if word(i) >> 15 == 1 { -z } else { z }) * (scale / 4096.0) + loc
                    })
                    .collect();
                let keep: Vec<u8> =
                    (0..random.len() / 2).map(|i| u8::from(f32::from(word(i)) >= (p * 65536.0).round_ties_even())).collect();
                let noisy =
                    reference(&picture, per_channel, |v, i| (f32::from(v) + noise[i].round_ties_even()) as u8);
                prop_assert_eq!(&picture.painted(|i| add(i, &noise)), &noisy);
                prop_assert_eq!(&picture.painted(|i| add_gaussian(i, loc, scale, per_channel, &random)), &noisy);
                let dropped = reference(&picture, per_channel, |v, i| v * keep[i]);
                prop_assert_eq!(&picture.painted(|i| drop_unkept(i, &keep)), &dropped);
                prop_assert_eq!(&picture.painted(|i| dropout(i, p, per_channel, &random)), &dropped);
            }

            #[test]
            fn coarse_dropout_is_dropout_by_the_enlarged_mask(
                picture in pictures(), rows in 1_usize..9, columns in 1_usize..9, per_channel: bool, key: u64,
            ) {
                let Shape { height, width, kind } = picture.shape;
    let channels = kind.count();
                let depth = if per_channel { channels } else { 1 };
                let mut keep = vec![0; rows * columns * depth];
                Stream::of_key(key).fill(&mut keep);
                for k in &mut keep {
                    *k &= 1;
                }
                let large: Vec<u8> = (0..height * width * depth)
                    .map(|i| {
                        let (y, x, c) = (i / depth / width, i / depth % width, i % depth);
                        keep[(y * rows / height * columns + x * columns / width) * depth + c]
                    })
                    .collect();
                prop_assert_eq!(
                    picture.painted(|i| coarse_dropout(i, &keep, rows, columns)),
                    picture.painted(|i| drop_unkept(i, &large))
                );
            }
        }
}
