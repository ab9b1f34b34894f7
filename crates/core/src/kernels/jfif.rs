//! What remains of an image that Pillow (libjpeg) stored as baseline JPEG and read again, without the file in between:
//! entropy coding loses nothing, so that colors, subsampling, cosine transforms and quantization are all there is.
//!
//! Colors are subsampled 2 x 2 and smoothed on the way back, which is what libjpeg does unless told otherwise; transforms are
//! its accurate ones in whole numbers, with 13-bit constants. ITU-T T.81; C. Loeffler, A. Ligtenberg, G. Moschytz,
//! "Practical Fast 1-D DCT Algorithms with 11 Multiplications", ICASSP (1989).

use super::approx::floor;
use super::rgb::{self, LANES, pack, unpack};
use crate::base::math::sat;
use crate::base::{ImageMut, Scratch};

const SIDE: usize = 8;
type Block = [[i32; SIDE]; SIDE];

/// The example tables of T.81, annex K, for luma and color, by row.
const LUMA: [u16; 64] = [
    16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17,
    22, 29, 51, 87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78,
    87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
];
const COLOR: [u16; 64] = [
    17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99, 24, 26, 56, 99, 99, 99, 99, 99, 47, 66,
    99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
    99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
];

/// A table for a quality of 1..=100.
fn quantizer(base: &[u16; 64], quality: u8) -> [i32; 64] {
    let quality = i32::from(quality.clamp(1, 100));
    let percent = if quality < 50 { 5000 / quality } else { 200 - 2 * quality };
    base.map(|step| ((i32::from(step) * percent + 50) / 100).clamp(1, 255))
}

/// Stores the image as JPEG of `quality` (1..=100; what is outside counts as the nearest) and reads it again.
pub fn recompress(image: ImageMut<'_>, quality: u8, scratch: &mut Scratch) {
    let ImageMut { shape, data } = image;
    let (height, width) = (shape.height, shape.width);
    if shape.pixels() == 0 {
        return;
    }
    let whole = |side: usize| side.next_multiple_of(SIDE);
    let luma_table = quantizer(&LUMA, quality);
    if shape.channels() == 1 {
        let stride = whole(width);
        let mut plane = scratch.take_u8(stride * whole(height));
        for (to, from) in plane.chunks_exact_mut(stride).zip(data.chunks_exact(width)) {
            to[..width].copy_from_slice(from);
        }
        extend(&mut plane, stride, height, width);
        transform(&mut plane, stride, &luma_table);
        for (to, from) in data.chunks_exact_mut(width).zip(plane.chunks_exact(stride)) {
            to.copy_from_slice(&from[..width]);
        }
        scratch.give_u8(plane);
        return;
    }
    let color_table = quantizer(&COLOR, quality);
    // One color for four pixels; blocks of it cover twice as many pixels.
    let (color_height, color_width) = (height.div_ceil(2), width.div_ceil(2));
    let stride = 2 * whole(color_width);
    let rows = 2 * whole(color_height);
    let mut planes = [0; 3].map(|_| scratch.take_u8(stride * rows));
    // Without margins first, so that no vector is left half full.
    let mut plain = [0; 3].map(|_| scratch.take_u8(shape.pixels().next_multiple_of(LANES)));
    for first in (0..shape.pixels()).step_by(LANES) {
        let pixels = rgb::block_at(data, first);
        let [luma, blue, red] = plain.each_mut().map(|plane| &mut plane[first..first + LANES]);
        for i in 0..LANES {
            [luma[i], blue[i], red[i]] = ycc_of_rgb(unpack(pixels[i]));
        }
    }
    for (plane, plain) in planes.iter_mut().zip(&plain) {
        for (to, from) in plane.chunks_exact_mut(stride).zip(plain.chunks_exact(width)).take(height) {
            to[..width].copy_from_slice(from);
        }
    }
    let [luma, blue, red] = &mut planes;
    extend(luma, stride, height, width);
    transform(luma, stride, &luma_table);
    let color_stride = stride / 2;
    let mut small = scratch.take_u8(color_stride * rows / 2);
    for plane in [blue, red] {
        extend(plane, stride, height, width);
        for y in 0..color_height {
            let (upper, lower) = plane[2 * y * stride..][..2 * stride].split_at(stride);
            for (x, out) in small[y * color_stride..][..color_stride].iter_mut().enumerate() {
                let sum: u16 = [upper[2 * x], upper[2 * x + 1], lower[2 * x], lower[2 * x + 1]]
                    .map(u16::from)
                    .iter()
                    .sum();
                // Half up and half down in turn.
                *out = ((sum + 1 + (x as u16 & 1)) >> 2) as u8;
            }
        }
        extend(&mut small, color_stride, color_height, color_stride);
        transform(&mut small, color_stride, &color_table);
        upsample(&small, (color_height, color_width, color_stride), plane, stride);
    }
    for (plain, plane) in plain.iter_mut().zip(&planes) {
        for (to, from) in plain.chunks_exact_mut(width).zip(plane.chunks_exact(stride)).take(height) {
            to.copy_from_slice(&from[..width]);
        }
    }
    rgb::map_blocks(
        data,
        #[inline(always)]
        |first, pixels| {
            let [luma, blue, red] = plain.each_ref().map(|plane| &plane[first..first + LANES]);
            for i in 0..LANES {
                pixels[i] = rgb_of_ycc([luma[i], blue[i], red[i]]);
            }
        },
    );
    scratch.give_u8(small);
    for plane in plain.into_iter().chain(planes) {
        scratch.give_u8(plane);
    }
}

/// Repeats the last column and the last row of the upper left part.
fn extend(plane: &mut [u8], stride: usize, height: usize, width: usize) {
    for row in plane.chunks_exact_mut(stride).take(height) {
        let last = row[width - 1];
        row[width..].fill(last);
    }
    let last = (height - 1) * stride;
    for y in height..plane.len() / stride {
        plane.copy_within(last..last + stride, y * stride);
    }
}

/// 16 bits of fraction.
const fn fix16(x: f64) -> f32 {
    (x * 65_536.0 + 0.5) as i32 as f32
}

/// The whole part, or the one below, of a number of 16 bits of fraction. All sums here are whole numbers of up to 24 bits, which single
/// precision holds, and of which there are vectors.
#[inline]
fn down(sum: f32) -> i32 {
    floor(sum * (1.0 / 65_536.0))
}

#[inline]
fn ycc_of_rgb([r, g, b]: [f32; 3]) -> [u8; 3] {
    let middle = ((128 << 16) + (1 << 15) - 1) as f32;
    [
        fix16(0.299) * r + fix16(0.587) * g + fix16(0.114) * b + 32_768.0,
        fix16(0.5) * b - fix16(0.168_74) * r - fix16(0.331_26) * g + middle,
        fix16(0.5) * r - fix16(0.418_69) * g - fix16(0.081_31) * b + middle,
    ]
    .map(|sum| down(sum) as u8)
}

#[inline]
fn rgb_of_ycc(ycc: [u8; 3]) -> u32 {
    let [y, cb, cr] = ycc.map(i32::from);
    let (blue, red, half) = ((cb - 128) as f32, (cr - 128) as f32, 32_768.0);
    pack(
        [
            y + down(fix16(1.402) * red + half),
            y + down(-fix16(0.344_14) * blue - fix16(0.714_14) * red + half),
            y + down(fix16(1.772) * blue + half),
        ]
        .map(|v| v.clamp(0, 255)),
    )
}

/// Makes each pixel of two by two: three quarters of the nearest and a quarter of the next, along both axes.
fn upsample(
    small: &[u8],
    (height, width, small_stride): (usize, usize, usize),
    plane: &mut [u8],
    stride: usize,
) {
    for y in 0..2 * height {
        let near = &small[y / 2 * small_stride..][..width];
        let next = if y % 2 == 0 { (y / 2).saturating_sub(1) } else { (y / 2 + 1).min(height - 1) };
        let next = &small[next * small_stride..][..width];
        let sum = |x: usize| 3 * u16::from(near[x]) + u16::from(next[x]);
        let out = &mut plane[y * stride..][..2 * width];
        for x in 0..width {
            let own = sum(x);
            let before = if x == 0 { own } else { sum(x - 1) };
            let after = if x + 1 == width { own } else { sum(x + 1) };
            // Very narrow images are not smoothed.
            if width <= 2 {
                out[2 * x..2 * x + 2].fill(near[x]);
                continue;
            }
            out[2 * x] = ((3 * own + before + 8) >> 4) as u8;
            out[2 * x + 1] = ((3 * own + after + 7) >> 4) as u8;
        }
    }
}

/// Transforms, quantizes and transforms back every block.
fn transform(plane: &mut [u8], stride: usize, table: &[i32; 64]) {
    for band in plane.chunks_exact_mut(SIDE * stride) {
        for left in (0..stride).step_by(SIDE) {
            let mut block = [[0; SIDE]; SIDE];
            for (row, line) in block.iter_mut().zip(band.chunks_exact(stride)) {
                for (value, &v) in row.iter_mut().zip(&line[left..]) {
                    *value = i32::from(v) - 128;
                }
            }
            forward(&mut block);
            for (value, step) in block.as_flattened_mut().iter_mut().zip(table) {
                // The transform leaves a factor of 8; quotients are rounded half away from zero. Numbers of 24 bits are divided in single
                // precision: a quotient that is no whole number is farther from one than that rounds.
                let unit = step << 3;
                let quotient = floor((value.abs() + unit / 2) as f32 / unit as f32);
                *value = step * if *value < 0 { -quotient } else { quotient };
            }
            backward(&mut block);
            for (row, line) in block.iter().zip(band.chunks_exact_mut(stride)) {
                for (v, value) in line[left..].iter_mut().zip(row) {
                    *v = sat(value + 128);
                }
            }
        }
    }
}

/// Bits of fraction of the constants, and of the values between the two passes.
const CONST_BITS: i32 = 13;
const PASS_BITS: i32 = 2;

const fn fix(x: f64) -> i32 {
    (x * 8192.0 + 0.5) as i32
}

const C_0_298: i32 = fix(0.298_631_336);
const C_0_390: i32 = fix(0.390_180_644);
const C_0_541: i32 = fix(0.541_196_1);
const C_0_765: i32 = fix(0.765_366_865);
const C_0_899: i32 = fix(0.899_976_223);
const C_1_175: i32 = fix(1.175_875_602);
const C_1_501: i32 = fix(1.501_321_11);
const C_1_847: i32 = fix(1.847_759_065);
const C_1_961: i32 = fix(1.961_570_56);
const C_2_053: i32 = fix(2.053_119_869);
const C_2_562: i32 = fix(2.562_915_447);
const C_3_072: i32 = fix(3.072_711_026);

/// Takes bits of fraction off, half up.
fn descale(x: i32, bits: i32) -> i32 {
    (x + (1 << (bits - 1))) >> bits
}

/// The odd half of both transforms: what the four values weigh in the four others.
fn odd([a, b, c, d]: [i32; 4]) -> [i32; 4] {
    let (z1, z2, z3, z4) = (a + d, b + c, a + c, b + d);
    let z5 = (z3 + z4) * C_1_175;
    let (z1, z2) = (-z1 * C_0_899, -z2 * C_2_562);
    let (z3, z4) = (z5 - z3 * C_1_961, z5 - z4 * C_0_390);
    [a * C_0_298 + z1 + z3, b * C_2_053 + z2 + z4, c * C_3_072 + z2 + z3, d * C_1_501 + z1 + z4]
}

/// The even half of the frequencies 2 and 6.
fn turned(a: i32, b: i32) -> [i32; 2] {
    let z = (a + b) * C_0_541;
    [z + a * C_0_765, z - b * C_1_847]
}

/// Columns for rows.
fn transpose(block: &mut Block) {
    *block = std::array::from_fn(|y| std::array::from_fn(|x| block[x][y]));
}

/// The cosine transform, times 8: of the rows, then of the columns.
fn forward(block: &mut Block) {
    transpose(block);
    forward_columns::<true>(block);
    transpose(block);
    forward_columns::<false>(block);
}

/// Transforms the columns, all at once. The first pass leaves bits of fraction, which the second takes off.
#[expect(clippy::needless_range_loop, reason = "columns of many rows at once are what vectors are made of")]
fn forward_columns<const FIRST: bool>(block: &mut Block) {
    let bits = if FIRST { CONST_BITS - PASS_BITS } else { CONST_BITS + PASS_BITS };
    for x in 0..SIDE {
        let v: [i32; SIDE] = std::array::from_fn(|y| block[y][x]);
        let sums = [v[0] + v[7], v[1] + v[6], v[2] + v[5], v[3] + v[4]];
        let differences = [v[3] - v[4], v[2] - v[5], v[1] - v[6], v[0] - v[7]];
        let (even0, even1) = (sums[0] + sums[3], sums[1] + sums[2]);
        let scaled = |x: i32| if FIRST { x << PASS_BITS } else { descale(x, PASS_BITS) };
        block[0][x] = scaled(even0 + even1);
        block[4][x] = scaled(even0 - even1);
        let [two, six] = turned(sums[0] - sums[3], sums[1] - sums[2]);
        block[2][x] = descale(two, bits);
        block[6][x] = descale(six, bits);
        let [seven, five, three, one] = odd(differences);
        block[7][x] = descale(seven, bits);
        block[5][x] = descale(five, bits);
        block[3][x] = descale(three, bits);
        block[1][x] = descale(one, bits);
    }
}

/// The inverse of the cosine transform: of the columns, then of the rows.
fn backward(block: &mut Block) {
    backward_columns::<{ CONST_BITS - PASS_BITS }>(block);
    transpose(block);
    backward_columns::<{ CONST_BITS + PASS_BITS + 3 }>(block);
    transpose(block);
}

#[expect(clippy::needless_range_loop, reason = "columns of many rows at once are what vectors are made of")]
fn backward_columns<const BITS: i32>(block: &mut Block) {
    for x in 0..SIDE {
        let v: [i32; SIDE] = std::array::from_fn(|y| block[y][x]);
        let [two, six] = turned(v[2], v[6]);
        let (zero, four) = ((v[0] + v[4]) << CONST_BITS, (v[0] - v[4]) << CONST_BITS);
        let even = [zero + two, four + six, four - six, zero - two];
        let odd = odd([v[7], v[5], v[3], v[1]]);
        for y in 0..4 {
            block[y][x] = descale(even[y] + odd[3 - y], BITS);
            block[7 - y][x] = descale(even[y] - odd[3 - y], BITS);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Channels, Shape};

    #[test]
    fn colors_and_quotients_are_those_of_whole_numbers() {
        let fix = |x: f64| (x * 65_536.0 + 0.5) as i32;
        let middle = (128 << 16) + (1 << 15) - 1;
        for (a, b, c) in (0..256).flat_map(|a| (0..256).map(move |b| (a, b, (a * 7 + b * 13) % 256))) {
            let expected = [
                (fix(0.299) * a + fix(0.587) * b + fix(0.114) * c + (1 << 15)) >> 16,
                (-fix(0.168_74) * a - fix(0.331_26) * b + fix(0.5) * c + middle) >> 16,
                (fix(0.5) * a - fix(0.418_69) * b - fix(0.081_31) * c + middle) >> 16,
            ];
            assert_eq!(ycc_of_rgb([a, b, c].map(|v| v as f32)), expected.map(|v| v as u8), "{a} {b} {c}");
            let (blue, red) = (b - 128, c - 128);
            let expected = [
                a + ((fix(1.402) * red + (1 << 15)) >> 16),
                a + ((-fix(0.344_14) * blue - fix(0.714_14) * red + (1 << 15)) >> 16),
                a + ((fix(1.772) * blue + (1 << 15)) >> 16),
            ];
            assert_eq!(rgb_of_ycc([a, b, c].map(|v| v as u8)), pack(expected.map(|v| v.clamp(0, 255))));
        }
        for unit in (8..=2040).step_by(8) {
            for value in 0..20_000 {
                assert_eq!(floor(value as f32 / unit as f32), value / unit);
            }
        }
    }

    #[test]
    fn a_flat_block_has_one_frequency() {
        let mut block = [[50; SIDE]; SIDE];
        forward(&mut block);
        assert_eq!((block[0][0], block.as_flattened()[1..].iter().all(|v| *v == 0)), (50 * 64, true));
        block[0][0] /= 8;
        backward(&mut block);
        assert_eq!(block, [[50; SIDE]; SIDE]);
    }

    #[test]
    fn a_high_quality_keeps_more_than_a_low_one() {
        for channels in [1, 3] {
            let shape = Shape::new(23, 19, Channels::colored(channels == 3));
            let before: Vec<u8> = (0..shape.bytes())
                .map(|i| if (i / channels / 7).is_multiple_of(2) { 200 } else { 30 + (i % 20) as u8 })
                .collect();
            let lost = |quality| {
                let mut data = before.clone();
                recompress(ImageMut::new(shape, &mut data), quality, &mut Scratch::default());
                data.iter().zip(&before).map(|(a, b)| u32::from(a.abs_diff(*b))).sum::<u32>()
            };
            let (best, worst) = (lost(100), lost(5));
            assert!(best < worst / 2 && worst > 0, "{best} {worst}");
        }
    }
}
