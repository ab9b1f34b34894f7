//! What remains of an image that Pillow (libjpeg) stored as baseline JPEG and read again, without the file in between:
//! entropy coding loses nothing, so that colors, subsampling, cosine transforms and quantization are all there is.
//!
//! Colors are subsampled 2 x 2 and smoothed on the way back, which is what libjpeg does unless told otherwise; transforms are
//! its accurate ones in whole numbers, with 13-bit constants. ITU-T T.81; C. Loeffler, A. Ligtenberg, G. Moschytz,
//! "Practical Fast 1-D DCT Algorithms with 11 Multiplications", ICASSP (1989).

use crate::base::math::sat;
use crate::base::{ImageMut, Scratch};

const SIDE: usize = 8;
type Block = [i32; SIDE * SIDE];

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
    for (y, row) in data.chunks_exact(shape.stride()).enumerate() {
        for (x, pixel) in row.as_chunks::<3>().0.iter().enumerate() {
            for (plane, value) in planes.iter_mut().zip(ycc_of_rgb(*pixel)) {
                plane[y * stride + x] = value;
            }
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
    for (y, row) in data.chunks_exact_mut(shape.stride()).enumerate() {
        for (x, pixel) in row.as_chunks_mut::<3>().0.iter_mut().enumerate() {
            *pixel = rgb_of_ycc([0, 1, 2].map(|c: usize| planes[c][y * stride + x]));
        }
    }
    scratch.give_u8(small);
    for plane in planes {
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
const fn fix16(x: f64) -> i32 {
    (x * 65_536.0 + 0.5) as i32
}

fn ycc_of_rgb(rgb: [u8; 3]) -> [u8; 3] {
    let [r, g, b] = rgb.map(i32::from);
    let middle = (128 << 16) + (1 << 15) - 1;
    [
        (fix16(0.299) * r + fix16(0.587) * g + fix16(0.114) * b + (1 << 15)) >> 16,
        (-fix16(0.168_74) * r - fix16(0.331_26) * g + fix16(0.5) * b + middle) >> 16,
        (fix16(0.5) * r - fix16(0.418_69) * g - fix16(0.081_31) * b + middle) >> 16,
    ]
    .map(|v| v as u8)
}

fn rgb_of_ycc(ycc: [u8; 3]) -> [u8; 3] {
    let [y, cb, cr] = ycc.map(i32::from);
    let (cb, cr, half) = (cb - 128, cr - 128, 1 << 15);
    [
        y + ((fix16(1.402) * cr + half) >> 16),
        y + ((-fix16(0.344_14) * cb - fix16(0.714_14) * cr + half) >> 16),
        y + ((fix16(1.772) * cb + half) >> 16),
    ]
    .map(sat)
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
    for top in (0..plane.len() / stride).step_by(SIDE) {
        for left in (0..stride).step_by(SIDE) {
            let mut block: Block =
                std::array::from_fn(|i| i32::from(plane[(top + i / SIDE) * stride + left + i % SIDE]) - 128);
            forward(&mut block);
            for (value, step) in block.iter_mut().zip(table) {
                // The transform leaves a factor of 8; quotients are rounded half away from zero.
                let unit = step << 3;
                let quotient = (value.abs() + unit / 2) / unit;
                *value = step * if *value < 0 { -quotient } else { quotient };
            }
            backward(&mut block);
            for (i, value) in block.iter().enumerate() {
                plane[(top + i / SIDE) * stride + left + i % SIDE] = sat(value + 128);
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

/// The cosine transform, times 8.
fn forward(block: &mut Block) {
    for (step, line, plain, wide) in
        [(1, SIDE, -PASS_BITS, CONST_BITS - PASS_BITS), (SIDE, 1, PASS_BITS, CONST_BITS + PASS_BITS)]
    {
        for start in (0..SIDE).map(|i| i * line) {
            let at = |i: usize| start + i * step;
            let v: [i32; SIDE] = std::array::from_fn(|i| block[at(i)]);
            let sums = [v[0] + v[7], v[1] + v[6], v[2] + v[5], v[3] + v[4]];
            let differences = [v[3] - v[4], v[2] - v[5], v[1] - v[6], v[0] - v[7]];
            let (even0, even1) = (sums[0] + sums[3], sums[1] + sums[2]);
            let scaled = |x: i32| if plain < 0 { x << -plain } else { descale(x, plain) };
            block[at(0)] = scaled(even0 + even1);
            block[at(4)] = scaled(even0 - even1);
            let [two, six] = turned(sums[0] - sums[3], sums[1] - sums[2]);
            block[at(2)] = descale(two, wide);
            block[at(6)] = descale(six, wide);
            for (i, value) in odd(differences).into_iter().enumerate() {
                block[at(7 - 2 * i)] = descale(value, wide);
            }
        }
    }
}

/// The inverse of the cosine transform.
fn backward(block: &mut Block) {
    for (step, line, bits) in [(SIDE, 1, CONST_BITS - PASS_BITS), (1, SIDE, CONST_BITS + PASS_BITS + 3)] {
        for start in (0..SIDE).map(|i| i * line) {
            let at = |i: usize| start + i * step;
            let v: [i32; SIDE] = std::array::from_fn(|i| block[at(i)]);
            let [two, six] = turned(v[2], v[6]);
            let (zero, four) = ((v[0] + v[4]) << CONST_BITS, (v[0] - v[4]) << CONST_BITS);
            let even = [zero + two, four + six, four - six, zero - two];
            let odd = odd([v[7], v[5], v[3], v[1]]);
            for i in 0..4 {
                block[at(i)] = descale(even[i] + odd[3 - i], bits);
                block[at(7 - i)] = descale(even[i] - odd[3 - i], bits);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Channels, Shape};

    #[test]
    fn a_flat_block_has_one_frequency() {
        let mut block = [50; 64];
        forward(&mut block);
        assert_eq!((block[0], block[1..].iter().all(|v| *v == 0)), (50 * 64, true));
        block[0] /= 8;
        backward(&mut block);
        assert_eq!(block, [50; 64]);
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
