//! Bilinear values of four numbers to a pixel, in single precision, and which of them are too near to where a byte changes.
//!
//! Pillow weighs in double precision, torch with fused multiplications. Both agree with plain single precision, which vectors
//! are made of, up to much less than [`OFF`]: bytes are the same unless a value is that near to a whole number (where fractions
//! are cut off) or to a half (where they are rounded). Callers compute those few pixels as the library does.

use fearless_simd::Simd;

use super::vectors::dispatch;
use crate::base::{Image, Scratch};

/// Pixels that are worked on together.
pub const RUN: usize = 32;

/// Numbers to a pixel: the channels, and last one that tells pixels from what is beyond them.
pub const LANES: usize = 4;

/// What single precision may be off by, in gray levels: five roundings of numbers up to 255 would be 1/13000.
pub const OFF: f32 = 1.0 / 2048.0;

/// Columns and rows beyond each border.
pub const MARGIN: usize = 2;

/// What lies beyond the image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beyond {
    /// The nearest pixel. The last number is a half everywhere.
    Edge,
    /// Zeros. The last number is 1 in the image.
    Zeros,
}

/// An image with a margin, four numbers to a pixel.
#[derive(Debug)]
pub struct Texels {
    values: Vec<f32>,
    /// Pixels from one row to the next.
    pub stride: usize,
}

impl Texels {
    /// Writes `src` out; give it back with [`give`](Self::give).
    pub fn new<const C: usize>(src: Image<'_>, beyond: Beyond, scratch: &mut Scratch) -> Self {
        let (height, width) = (src.shape.height, src.shape.width);
        let stride = width + 2 * MARGIN;
        let mut values = scratch.take_f32(LANES * stride * (height + 2 * MARGIN));
        let last = match beyond {
            Beyond::Edge => 0.5,
            Beyond::Zeros => 1.0,
        };
        for (y, line) in values.as_chunks_mut::<LANES>().0.chunks_exact_mut(stride).enumerate() {
            let inside = y.saturating_sub(MARGIN).min(height - 1);
            if beyond == Beyond::Zeros && inside + MARGIN != y {
                line.fill([0.0; LANES]);
                continue;
            }
            for (texel, pixel) in line[MARGIN..].iter_mut().zip(src.row(inside).as_chunks::<C>().0) {
                *texel = [0.5, 0.5, 0.5, last];
                for c in 0..C {
                    texel[c] = f32::from(pixel[c]);
                }
            }
            let (left, right) = match beyond {
                Beyond::Edge => (line[MARGIN], line[MARGIN + width - 1]),
                Beyond::Zeros => ([0.0; LANES], [0.0; LANES]),
            };
            line[..MARGIN].fill(left);
            line[MARGIN + width..].fill(right);
        }
        Self { values, stride }
    }

    /// The upper left, upper right, lower left and lower right of four pixels, by the number of the first.
    #[must_use]
    pub fn quads(&self) -> [&[[f32; LANES]]; 4] {
        let texels = self.values.as_chunks::<LANES>().0;
        let n = texels.len() - self.stride - 1;
        [0, 1, self.stride, self.stride + 1].map(|from| &texels[from..][..n])
    }

    /// Gives the buffer back.
    pub fn give(self, scratch: &mut Scratch) {
        scratch.give_f32(self.values);
    }
}

/// The values of a run, and what becomes of them.
pub struct Run {
    /// By pixel and channel, from -1 to 256.
    pub values: [[f32; LANES]; RUN],
    /// The values as bytes.
    pub bytes: [[u8; LANES]; RUN],
    /// Not 0 where a value is too near to the next byte.
    pub unsure: [[u8; LANES]; RUN],
}

impl Default for Run {
    fn default() -> Self {
        // What is not written is sure.
        Self { values: [[0.25; LANES]; RUN], bytes: [[0; LANES]; RUN], unsure: [[0; LANES]; RUN] }
    }
}

/// 1.5 * 2^23: adding it rounds to a whole number.
const MAGIC: f32 = 12_582_912.0;

impl Run {
    /// Cuts fractions off. Whether any value is unsure.
    pub fn cut(&mut self) -> bool {
        dispatch!(simd => self.judge(
            simd,
            #[inline(always)]
            |near, off| (near - if off < 0.0 { 1.0 } else { 0.0 }, off.abs() < OFF),
        ))
    }

    /// Rounds half to even. Whether any value is unsure.
    pub fn round(&mut self) -> bool {
        dispatch!(simd => self.judge(
            simd,
            #[inline(always)]
            |near, off| (near, off.abs() > 0.5 - OFF),
        ))
    }

    /// Whether pixel `i` has an unsure value.
    #[inline]
    #[must_use]
    pub fn is_unsure(&self, i: usize) -> bool {
        u32::from_le_bytes(self.unsure[i]) != 0
    }

    #[inline(always)]
    fn judge<S: Simd>(&mut self, _: S, by: impl Fn(f32, f32) -> (f32, bool)) -> bool {
        let (bytes, unsure) = (self.bytes.as_flattened_mut(), self.unsure.as_flattened_mut());
        for ((v, byte), unsure) in self.values.as_flattened().iter().zip(bytes).zip(&mut *unsure) {
            let near = (v + MAGIC) - MAGIC;
            let (whole, close) = by(near, v - near);
            // Whole numbers are the low bits of what they are with the constant.
            let whole = if whole > 0.0 { whole } else { 0.0 };
            let whole = if whole < 255.0 { whole } else { 255.0 };
            *byte = (whole + MAGIC).to_bits() as u8;
            *unsure = u8::from(close);
        }
        unsure.as_chunks::<8>().0.iter().fold(0, |any, eight| any | u64::from_le_bytes(*eight)) != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Shape;

    #[test]
    fn margins_are_the_edge_or_nothing() {
        let (src, mut scratch) = (Image::new(Shape::gray(1, 2), &[7, 9]), Scratch::default());
        for (beyond, left, right) in
            [(Beyond::Edge, [7.0, 0.5], [9.0, 0.5]), (Beyond::Zeros, [0.0, 0.0], [0.0, 0.0])]
        {
            let texels = Texels::new::<1>(src, beyond, &mut scratch);
            let row: Vec<[f32; 2]> = texels.quads()[0][2 * texels.stride..][..6]
                .iter()
                .map(|texel| [texel[0], texel[3]])
                .collect();
            let last = if beyond == Beyond::Edge { 0.5 } else { 1.0 };
            assert_eq!(row, [left, left, [7.0, last], [9.0, last], right, right]);
            assert_eq!(texels.quads()[0][1][0], left[0]);
            texels.give(&mut scratch);
        }
    }

    #[test]
    fn values_near_a_step_are_told() {
        let mut run = Run::default();
        run.values.fill([0.5; LANES]);
        run.values[0] = [7.75, 254.0 + OFF / 2.0, 8.0 - OFF / 2.0, -0.1];
        run.values[31] = [7.25, 7.5 - OFF / 2.0, 7.5 + OFF / 2.0, 255.75];
        assert!(run.cut() && run.is_unsure(0) && !run.is_unsure(31));
        assert_eq!((run.bytes[0], run.unsure[0]), ([7, 254, 7, 0], [0, 1, 1, 0]));
        assert_eq!((run.bytes[31], run.unsure[31]), ([7, 7, 7, 255], [0; 4]));
        assert!(run.round());
        assert_eq!((run.bytes[0], run.unsure[0]), ([8, 254, 8, 0], [0; 4]));
        assert_eq!((run.bytes[31], run.unsure[31]), ([7, 7, 8, 255], [0, 1, 1, 0]));
        run.values.fill([3.25; LANES]);
        assert!(!run.cut() && !run.round());
        assert!(!run.is_unsure(31));
    }
}
