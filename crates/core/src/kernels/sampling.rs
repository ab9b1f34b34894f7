//! What all warps share: what lies beyond the border, and the bilinear value between four pixels.
//!
//! Source coordinates are whole numbers of 1/32 pixel, pixel centers at multiples of 32. A pixel is
//! packed into one `u64` with a lane of 21 bits per channel, so that one multiplication weighs all
//! channels: the weights of a bilinear value sum to 1024, and 255 * 1024 + 512 fits in 18 bits.

use fearless_simd::Simd;

use super::border::{Border, Cval};
use super::vectors::dispatch;
use crate::base::math::rhe;
use crate::base::{Image, Scratch};

/// One pixel with a lane of 21 bits per channel.
#[inline(always)]
#[must_use]
pub fn pack<const C: usize>(pixel: [u8; C]) -> u64 {
    let mut word = 0;
    for (c, value) in pixel.into_iter().enumerate() {
        word |= u64::from(value) << (21 * c);
    }
    word
}

/// The bytes of a word whose lanes hold values of 0..256 with `BITS` bits of fraction; rounds down.
#[inline(always)]
#[must_use]
pub fn unpack<const C: usize, const BITS: usize>(word: u64) -> [u8; C] {
    std::array::from_fn(|c| (word >> (21 * c + BITS)) as u8)
}

/// The bilinear value at (fx, fy) / 32 between four packed pixels, times 1024, plus a half.
///
/// The differences may be negative; modulo 2^64 the sum is right all the same, because the true value
/// of each lane is non-negative and below 2^21.
#[inline(always)]
#[must_use]
pub fn bilinear(p00: u64, p01: u64, p10: u64, p11: u64, fx: i32, fy: i32) -> u64 {
    const HALF: u64 = 512 | 512 << 21 | 512 << 42;
    let top = (p00 << 5).wrapping_add(p01.wrapping_sub(p00).wrapping_mul(fx as u64));
    let bottom = (p10 << 5).wrapping_add(p11.wrapping_sub(p10).wrapping_mul(fx as u64));
    let value = (top << 5).wrapping_add(bottom.wrapping_sub(top).wrapping_mul(fy as u64));
    value.wrapping_add(HALF)
}

/// How far an image is extended beyond each border: enough for the four taps of the cubic
/// interpolation to lie wholly outside.
const PAD: usize = 4;

/// Brings coordinates into the part of the plane that an extended image holds.
///
/// Where far outside nothing changes any more, coordinates are clamped, best while they still are
/// floating point numbers; else they are folded by the period.
#[derive(Clone, Copy, Debug)]
pub struct Fold {
    clamps: bool,
    period: [i32; 2],
    /// Smallest and largest x, smallest and largest y, in pixels: clamp to these before rounding.
    pub bounds: [[f32; 2]; 2],
}

impl Fold {
    /// Columns and rows of the extended image, and the fold that belongs to it.
    fn new(height: usize, width: usize, border: Border) -> (usize, usize, Self) {
        let period = [border.period(width), border.period(height)];
        let clamps = border.clamps();
        // Far enough for any picture, near enough for 1/32 pixels to be exact in single precision.
        let far = [-130_000.0, 130_000.0];
        let near = period.map(|n| [1.0 - PAD as f32, n as f32 + 1.0]);
        let fold = Self { clamps, period, bounds: if clamps { near } else { [far; 2] } };
        (period[0] as usize + 2 * PAD, period[1] as usize + 2 * PAD, fold)
    }

    /// Folds coordinates of `unit` steps per pixel that were clamped to the bounds.
    #[inline]
    pub fn apply(&self, line: &mut Coordinates, unit: i32) {
        if !self.clamps {
            let (xs, ys, _) = line.parts();
            for (line, period) in [(xs, self.period[0]), (ys, self.period[1])] {
                let period = period * unit;
                // One period to either side needs no division.
                let mut outside = 0;
                for v in line.iter_mut() {
                    *v += period & (*v >> 31);
                    *v -= period & !((*v - period) >> 31);
                    outside |= *v | (period - 1 - *v);
                }
                if outside < 0 {
                    for v in line {
                        *v = v.rem_euclid(period);
                    }
                }
            }
        }
    }
}

/// The source coordinates of one output row, and room for intermediate values.
///
/// Lines are filled up to a multiple of 8 so that vector code needs no remainder; what fills them has to
/// be clamped like the rest.
#[derive(Debug)]
pub struct Coordinates {
    values: Vec<i32>,
    padded: usize,
}

impl Coordinates {
    /// Coordinates for rows of `width` pixels; give them back with [`recycle`](Self::recycle).
    pub fn new(width: usize, scratch: &mut Scratch) -> Self {
        let padded = Self::padded(width);
        Self { values: scratch.take_i32(3 * padded), padded }
    }

    /// The length of a line for `width` pixels.
    #[must_use]
    pub fn padded(width: usize) -> usize {
        width.next_multiple_of(8)
    }

    /// Gives the buffer back.
    pub fn recycle(self, scratch: &mut Scratch) {
        scratch.give_i32(self.values);
    }

    /// The line of x coordinates and that of y coordinates.
    pub fn axes(&mut self) -> [&mut [i32]; 2] {
        let (xs, ys, _) = self.parts();
        [xs, ys]
    }

    #[inline(always)]
    fn parts(&mut self) -> (&mut [i32], &mut [i32], &mut [i32]) {
        let (xs, rest) = self.values.split_at_mut(self.padded);
        let (ys, rest) = rest.split_at_mut(self.padded);
        (xs, ys, &mut rest[..self.padded])
    }
}

/// Clamps; NaN becomes the lower bound. In this form it is two vector instructions.
#[inline(always)]
#[must_use]
pub fn clamp(v: f32, [low, high]: [f32; 2]) -> f32 {
    let v = if v > low { v } else { low };
    if high < v { high } else { v }
}

/// Writes `src` with what lies beyond its border, one value per pixel.
fn extend<const C: usize, T: Copy>(
    src: Image<'_>,
    border: Border,
    outside: T,
    columns: usize,
    out: &mut [T],
    value: impl Fn([u8; C]) -> T,
) {
    let (height, width) = (src.shape.height, src.shape.width);
    let (above, inner) = (PAD * columns, height * columns);
    let beyond = |n: usize, len: usize| (0..PAD).chain(PAD + n..len);
    let from = |i: usize, n: usize| border.index(i as i32 - PAD as i32, n).map(|i| i + PAD);

    let middle = &mut out[above..above + inner];
    for (y, line) in middle.chunks_exact_mut(columns).enumerate() {
        let row = src.row(y).as_chunks::<C>().0;
        for (out, &pixel) in line[PAD..PAD + width].iter_mut().zip(row) {
            *out = value(pixel);
        }
        if border == Border::Constant {
            line[..PAD].fill(outside);
            line[PAD + width..].fill(outside);
        }
    }
    if border != Border::Constant {
        for x in beyond(width, columns) {
            if let Some(other) = from(x, width) {
                for line in middle.chunks_exact_mut(columns) {
                    line[x] = line[other];
                }
            }
        }
    }
    for y in beyond(height, out.len() / columns) {
        match from(y, height) {
            Some(other) => out.copy_within(other * columns..(other + 1) * columns, y * columns),
            None => out[y * columns..(y + 1) * columns].fill(outside),
        }
    }
}

/// An image with what lies beyond its border written out, as packed pixels.
#[derive(Debug)]
pub struct Extended {
    /// Gray images use `pairs`: a pixel, and the next one 16 bits above it.
    words: Vec<u64>,
    pairs: Vec<i32>,
    stride: usize,
    /// Coordinates have to go through this before they are looked up.
    pub fold: Fold,
}

impl Extended {
    /// Extends `src`; give it back with [`recycle`](Self::recycle).
    pub fn new<const C: usize>(src: Image<'_>, border: Border, cval: Cval, scratch: &mut Scratch) -> Self {
        let (columns, rows, fold) = Fold::new(src.shape.height, src.shape.width, border);
        let (mut words, mut pairs) = if C == 1 {
            (scratch.take_u64(0), scratch.take_i32(columns * rows))
        } else {
            (scratch.take_u64(columns * rows), scratch.take_i32(0))
        };
        if C == 1 {
            extend::<C, i32>(src, border, i32::from(cval[0]), columns, &mut pairs, |p| i32::from(p[0]));
            for line in pairs.chunks_exact_mut(columns) {
                // The last column is never the left one of two taps.
                for x in 0..columns - 1 {
                    line[x] |= line[x + 1] << 16;
                }
            }
        } else {
            let outside = pack::<C>(std::array::from_fn(|c| cval[c]));
            extend::<C, u64>(src, border, outside, columns, &mut words, pack);
        }
        Self { words, pairs, stride: columns, fold }
    }

    /// Gives the buffers back.
    pub fn recycle(self, scratch: &mut Scratch) {
        scratch.give_u64(self.words);
        scratch.give_i32(self.pairs);
    }

    /// Where a pixel lies in the extended image.
    #[inline]
    fn place(&self, x: i32, y: i32) -> usize {
        ((y + PAD as i32) as usize).wrapping_mul(self.stride).wrapping_add((x + PAD as i32) as usize)
    }

    /// Bilinear values at the folded coordinates of `line` (1/32 pixel) into the pixels of `out`.
    ///
    /// The coordinates are used up: what can be computed for many pixels at once is computed in place.
    pub fn linear_row<const C: usize>(&self, line: &mut Coordinates, out: &mut [u8]) {
        dispatch!(simd => self.linear_row_with::<_, C>(simd, line, out));
    }

    #[inline(always)]
    fn linear_row_with<S: Simd, const C: usize>(&self, _: S, line: &mut Coordinates, out: &mut [u8]) {
        let next = self.stride;
        let origin = (PAD * self.stride + PAD) as i32;
        let (xs, ys, rest) = line.parts();
        for (x, y) in xs.iter_mut().zip(ys.iter_mut()) {
            let place = (*y >> 5) * next as i32 + (*x >> 5) + origin;
            (*x, *y) = (place, (*x & 31) << 8 | (*y & 31));
        }
        if C == 1 {
            let upper = &self.pairs[..self.pairs.len() - next];
            let lower = &self.pairs[next..][..upper.len()];
            for (place, low) in xs.iter_mut().zip(rest.iter_mut()) {
                let at = *place as u32 as usize;
                (*place, *low) = (upper[at], lower[at]);
            }
            for ((up, low), f) in xs.iter_mut().zip(rest).zip(ys) {
                let both = (*up << 5) + (*low - *up) * (*f & 31);
                let (left, right) = (both & 0xffff, both >> 16);
                *up = ((left << 5) + (right - left) * (*f >> 8) + 512) >> 10;
            }
            for (value, &wide) in out.iter_mut().zip(&*xs) {
                *value = wide as u8;
            }
        } else {
            let n = self.words.len() - next - 1;
            let [p00, p01, p10, p11] = [0, 1, next, next + 1].map(|from| &self.words[from..from + n]);
            for ((&at, &f), pixel) in xs.iter().zip(&*ys).zip(out.as_chunks_mut::<C>().0) {
                let at = at as u32 as usize;
                let value = bilinear(p00[at], p01[at], p10[at], p11[at], f >> 8, f & 31);
                *pixel = unpack::<C, 10>(value);
            }
        }
    }

    /// Nearest values at the folded coordinates of `line` (whole pixels) into the pixels of `out`.
    #[inline]
    pub fn nearest_row<const C: usize>(&self, line: &mut Coordinates, out: &mut [u8]) {
        let (xs, ys, _) = line.parts();
        for ((&x, &y), pixel) in xs.iter().zip(&*ys).zip(out.as_chunks_mut::<C>().0) {
            let place = self.place(x, y);
            *pixel = if C == 1 { [self.pairs[place] as u8; C] } else { unpack::<C, 0>(self.words[place]) };
        }
    }
}

/// An image with what lies beyond its border written out, in single precision: for gray images one number
/// per pixel, else four, of which the last is 0.
///
/// Weights are multiples of 2^-15, and no partial sum of a bicubic value exceeds 369, so that 24 bits hold
/// all of them: the arithmetic is exact, in whatever order.
#[derive(Debug)]
pub struct Floats {
    values: Vec<f32>,
    stride: usize,
    /// Coordinates have to go through this before they are looked up.
    pub fold: Fold,
}

impl Floats {
    /// Extends `src`; give it back with [`recycle`](Self::recycle).
    pub fn new<const C: usize>(src: Image<'_>, border: Border, cval: Cval, scratch: &mut Scratch) -> Self {
        let (columns, rows, fold) = Fold::new(src.shape.height, src.shape.width, border);
        let outside = cval.map(f32::from);
        let mut values;
        if C == 1 {
            values = scratch.take_f32(columns * rows);
            extend::<C, f32>(src, border, outside[0], columns, &mut values, |p| f32::from(p[0]));
        } else {
            values = scratch.take_f32(4 * columns * rows);
            let outside = [outside[0], outside[1], outside[2], 0.0];
            let texels = values.as_chunks_mut::<4>().0;
            extend::<C, [f32; 4]>(src, border, outside, columns, texels, |p| {
                std::array::from_fn(|c| if c < C { f32::from(p[c]) } else { 0.0 })
            });
        }
        Self { values, stride: columns, fold }
    }

    /// Gives the buffer back.
    pub fn recycle(self, scratch: &mut Scratch) {
        scratch.give_f32(self.values);
    }

    /// Bicubic values at the folded coordinates of `line` (1/32 pixel) into the pixels of `out`.
    pub fn cubic_row<const C: usize>(&self, line: &mut Coordinates, out: &mut [u8]) {
        dispatch!(simd => self.cubic_row_with::<_, C>(simd, line, out));
    }

    #[inline(always)]
    fn cubic_row_with<S: Simd, const C: usize>(&self, _: S, line: &mut Coordinates, out: &mut [u8]) {
        // Half up; a value is a multiple of 2^-15, so that no tie is left.
        let round = |v: f32| rhe(clamp(v, [0.0, 255.0]) + 1.0 / 65536.0) as u8;
        let stride = self.stride;
        let (xs, ys, rest) = line.parts();
        let weights_at = |x: i32, y: i32| &CUBIC[((y & 31) << 5 | (x & 31)) as usize];
        let corner_at = |x: i32, y: i32| {
            (((y >> 5) + PAD as i32 - 1) as usize)
                .wrapping_mul(stride)
                .wrapping_add(((x >> 5) + PAD as i32 - 1) as usize)
        };
        let pixels = out.as_chunks_mut::<C>().0;
        if C == 1 {
            let rows = four_rows(&self.values, stride);
            for ((&x, &y), pixel) in xs.iter().zip(&*ys).zip(pixels) {
                let corner = corner_at(x, y);
                let mut sums = [0.0_f32; 4];
                for (row, line) in rows.iter().zip(weights_at(x, y)) {
                    let tap = &row[corner..corner.wrapping_add(4)];
                    for k in 0..4 {
                        sums[k] += tap[k] * line[k];
                    }
                }
                pixel[0] = round(sums[0] + sums[1] + sums[2] + sums[3]);
            }
        } else {
            let rows = four_rows(self.values.as_chunks::<4>().0, stride);
            // All four lanes are kept, so that they stay one vector; the fourth is dropped at the end.
            let wide = &mut rest[..pixels.len()];
            for ((&x, &y), wide) in xs.iter().zip(&*ys).zip(&mut *wide) {
                let corner = corner_at(x, y);
                let mut sums = [0.0_f32; 4];
                for (row, line) in rows.iter().zip(weights_at(x, y)) {
                    let tap = &row[corner..corner.wrapping_add(4)];
                    for k in 0..4 {
                        for c in 0..4 {
                            sums[c] += tap[k][c] * line[k];
                        }
                    }
                }
                *wide = i32::from_le_bytes(sums.map(round));
            }
            for (pixel, wide) in pixels.iter_mut().zip(wide) {
                let bytes = wide.to_le_bytes();
                *pixel = std::array::from_fn(|c| bytes[c]);
            }
        }
    }
}

/// The same image from its first four rows on, cut to one length so that one check serves all.
#[inline(always)]
fn four_rows<T>(texels: &[T], stride: usize) -> [&[T]; 4] {
    let n = texels.len() - 3 * stride;
    std::array::from_fn(|r| &texels[r * stride..][..n])
}

/// Weights of the cubic convolution with a = -0.75 for the taps at -1, 0, 1, 2 and a fraction `t`.
///
/// R. Keys, "Cubic Convolution Interpolation for Digital Image Processing", IEEE Trans. ASSP 29 (1981).
#[must_use]
pub const fn cubic_weights(t: f32) -> [f32; 4] {
    const A: f32 = -0.75;
    let s = 1.0 - t;
    let before = ((A * (t + 1.0) - 5.0 * A) * (t + 1.0) + 8.0 * A) * (t + 1.0) - 4.0 * A;
    let left = ((A + 2.0) * t - (A + 3.0)) * t * t + 1.0;
    let right = ((A + 2.0) * s - (A + 3.0)) * s * s + 1.0;
    [before, left, right, 1.0 - before - left - right]
}

/// Bicubic weights, multiples of 2^-15, for each pair of fractions (row fy * 32 + fx).
static CUBIC: [[[f32; 4]; 4]; 1024] = cubic_table();

#[expect(clippy::large_stack_arrays, reason = "it runs in the compiler")]
const fn cubic_table() -> [[[f32; 4]; 4]; 1024] {
    const ONE: i32 = 1 << 15;
    let mut table = [[[0.0; 4]; 4]; 1024];
    let mut entry = 0;
    while entry < 1024 {
        let wy = cubic_weights((entry / 32) as f32 / 32.0);
        let wx = cubic_weights((entry % 32) as f32 / 32.0);
        let mut weights = [[0_i32; 4]; 4];
        let mut sum = 0;
        let mut k = 0;
        while k < 16 {
            // Half to even by the mantissa's own rounding, as in base::math::rhe; 2^15 itself saturates.
            let scaled = wy[k / 4] * wx[k % 4] * ONE as f32 + 12_582_912.0;
            let mut weight = scaled.to_bits().cast_signed() - 12_582_912.0_f32.to_bits().cast_signed();
            if weight > i16::MAX as i32 {
                weight = i16::MAX as i32;
            }
            weights[k / 4][k % 4] = weight;
            sum += weight;
            k += 1;
        }
        // What rounding left over goes to the largest (or, if too much, comes off the smallest) weight
        // among the four taps at and after the lower right one.
        let (mut least, mut most) = ([2, 2], [2, 2]);
        k = 0;
        while k < 4 {
            let (r, c) = (2 + k / 2, 2 + k % 2);
            if weights[r][c] < weights[least[0]][least[1]] {
                least = [r, c];
            } else if weights[r][c] > weights[most[0]][most[1]] {
                most = [r, c];
            }
            k += 1;
        }
        let at = if sum < ONE { most } else { least };
        weights[at[0]][at[1]] += ONE - sum;
        k = 0;
        while k < 16 {
            table[entry][k / 4][k % 4] = weights[k / 4][k % 4] as f32 / ONE as f32;
            k += 1;
        }
        entry += 1;
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Shape;
    use proptest::prelude::*;

    #[test]
    fn cubic_weights_sum_to_one() {
        for entry in &CUBIC {
            assert_eq!(entry.as_flattened().iter().sum::<f32>(), 1.0);
            // What the exactness of `Floats` rests on.
            assert!(entry.as_flattened().iter().filter(|w| **w > 0.0).sum::<f32>() * 255.0 < 369.0);
        }
        // No fraction: the pixel itself, but for the one unit that 16 bits cannot hold.
        assert_eq!(CUBIC[0][1][1], 1.0 - 1.0 / 32768.0);
    }

    fn image(shape: Shape, seed: u8) -> Vec<u8> {
        (0..shape.bytes()).map(|i| (i as u8).wrapping_mul(83) ^ (i >> 3) as u8 ^ seed).collect()
    }

    proptest! {
        #[test]
        fn packed_lanes_do_not_leak(pixels: [[u8; 3]; 4], fx in 0_i32..32, fy in 0_i32..32) {
            let words = pixels.map(pack);
            let got = unpack::<3, 10>(bilinear(words[0], words[1], words[2], words[3], fx, fy));
            for c in 0..3 {
                let p = pixels.map(|p| i32::from(p[c]));
                let want = (p[0] * (32 - fx) * (32 - fy) + p[1] * fx * (32 - fy)
                    + p[2] * (32 - fx) * fy + p[3] * fx * fy + 512) >> 10;
                prop_assert_eq!(i32::from(got[c]), want);
            }
        }

        #[test]
        fn whole_coordinates_read_the_border_rule(
            h in 1_usize..6, w in 1_usize..6, x in -40_i32..40, y in -40_i32..40, mode in 0_usize..5, seed: u8,
        ) {
            let border = [Border::Constant, Border::Edge, Border::Symmetric, Border::Reflect, Border::Wrap][mode];
            let shape = Shape::rgb(h, w);
            let data = image(shape, seed);
            let src = Image::new(shape, &data);
            let mut scratch = Scratch::default();
            let want: [u8; 3] = match (border.index(y, h), border.index(x, w)) {
                (Some(y), Some(x)) => std::array::from_fn(|c| data[(y * w + x) * 3 + c]),
                _ => [9, 8, 7],
            };
            let extended = Extended::new::<3>(src, border, [9, 8, 7], &mut scratch);
            let floats = Floats::new::<3>(src, border, [9, 8, 7], &mut scratch);
            let mut got = [0; 3];
            let mut line = Coordinates::new(1, &mut scratch);
            let folded = |line: &mut Coordinates, unit: i32| {
                for (axis, (coordinates, v)) in line.axes().into_iter().zip([x, y]).enumerate() {
                    coordinates.fill(clamp(v as f32, extended.fold.bounds[axis]) as i32 * unit);
                }
                extended.fold.apply(line, unit);
            };
            folded(&mut line, 1);
            extended.nearest_row::<3>(&mut line, &mut got);
            prop_assert_eq!(got, want);
            folded(&mut line, 32);
            floats.cubic_row::<3>(&mut line, &mut got);
            prop_assert_eq!(got, want);
            extended.linear_row::<3>(&mut line, &mut got);
            prop_assert_eq!(got, want);
        }
    }
}
