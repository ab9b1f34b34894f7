//! Pillow's `resize`: weights of each axis in fixed point with 22 bits, one axis after the other, bytes between them.

use fearless_simd::Simd;

use crate::base::math::{cos, sat, sin};
use crate::base::{Image, ImageMut, Scratch, Shape};
use crate::kernels::entry::{drawable, for_channels};
use crate::kernels::vectors::dispatch;

/// How the value of a new pixel is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filter {
    /// The pixel at the new one's center.
    Nearest,
    /// A triangle, as wide as a new pixel where the image shrinks.
    Bilinear,
    /// Cubic convolution with a = -0.5.
    Bicubic,
    /// A windowed sine of three lobes.
    Lanczos,
    /// The mean of the area.
    Box,
    /// A windowed sine of one lobe.
    Hamming,
}

impl Filter {
    fn support(self) -> f64 {
        match self {
            Self::Nearest => 0.0,
            Self::Bilinear | Self::Hamming => 1.0,
            Self::Bicubic => 2.0,
            Self::Lanczos => 3.0,
            Self::Box => 0.5,
        }
    }

    fn weight(self, x: f64) -> f64 {
        let sinc =
            |x: f64| if x == 0.0 { 1.0 } else { sin(x * std::f64::consts::PI) / (x * std::f64::consts::PI) };
        let far = x.abs();
        match self {
            Self::Nearest => 1.0,
            Self::Bilinear if far < 1.0 => 1.0 - far,
            Self::Bicubic if far < 1.0 => ((1.5 * far - 2.5) * far) * far + 1.0,
            Self::Bicubic if far < 2.0 => (((far - 5.0) * far + 8.0) * far - 4.0) * -0.5,
            Self::Lanczos if far < 3.0 => sinc(x) * sinc(x / 3.0),
            Self::Box if x > -0.5 && x <= 0.5 => 1.0,
            Self::Hamming if far == 0.0 => 1.0,
            Self::Hamming if far < 1.0 => sinc(far) * (0.54 + 0.46 * cos(far * std::f64::consts::PI)),
            Self::Bilinear | Self::Bicubic | Self::Lanczos | Self::Box | Self::Hamming => 0.0,
        }
    }
}

/// Behind the point of weights.
const BITS: u32 = 22;

/// Resizes `src` to the size of `dst`; equal sizes are copied. Which axis comes first is Pillow 13's choice.
pub fn resize(src: Image<'_>, mut dst: ImageMut<'_>, filter: Filter, scratch: &mut Scratch) {
    if !drawable(src, &dst) {
        return;
    }
    let (from, to) = (src.shape, dst.shape);
    if from == to {
        dst.data.copy_from_slice(src.data);
        return;
    }
    if filter == Filter::Nearest {
        for_channels!(from, C => nearest::<C>(src, dst));
        return;
    }
    let vertical_first = to.height < from.height
        && from.height as i64 - to.height as i64 > 2 * (from.width as i64 - to.width as i64);
    let between = if vertical_first {
        Shape::new(to.height, from.width, from.kind)
    } else {
        Shape::new(from.height, to.width, from.kind)
    };
    if between == from || between == to {
        if to.width == from.width {
            rows(src, &mut dst, filter, scratch);
        } else {
            columns(src, &mut dst, filter, scratch);
        }
        return;
    }
    let mut room = scratch.take_u8(between.bytes());
    let mut middle = ImageMut::new(between, &mut room);
    if vertical_first {
        rows(src, &mut middle, filter, scratch);
        columns(middle.as_image(), &mut dst, filter, scratch);
    } else {
        columns(src, &mut middle, filter, scratch);
        rows(middle.as_image(), &mut dst, filter, scratch);
    }
    scratch.give_u8(room);
}

fn nearest<const C: usize>(src: Image<'_>, mut dst: ImageMut<'_>) {
    // Sums that run along, as in Pillow's scaling transform.
    let (sy, sx) =
        (src.shape.height as f64 / dst.shape.height as f64, src.shape.width as f64 / dst.shape.width as f64);
    let mut y0 = sy * 0.5;
    for y in 0..dst.shape.height {
        let from = src.row((y0 as usize).min(src.shape.height - 1)).as_chunks::<C>().0;
        let mut x0 = sx * 0.5;
        for pixel in dst.row_mut(y).as_chunks_mut::<C>().0 {
            *pixel = from[(x0 as usize).min(from.len() - 1)];
            x0 += sx;
        }
        y0 += sy;
    }
}

/// The weights of one axis: for each new index the first old one and how many weigh in, `stride` weights apart.
struct Axis {
    bounds: Vec<i32>,
    weights: Vec<i32>,
    stride: usize,
}

impl Axis {
    fn new(n: usize, m: usize, filter: Filter, scratch: &mut Scratch) -> Self {
        let scale = n as f64 / m as f64;
        let wide = if scale > 1.0 { scale } else { 1.0 };
        let support = filter.support() * wide;
        let stride = support.ceil() as usize * 2 + 1;
        let mut own = Self { bounds: scratch.take_i32(2 * m), weights: scratch.take_i32(stride * m), stride };
        let mut parts = scratch.take_f64(stride);
        for j in 0..m {
            let center = (j as f64 + 0.5) * scale;
            let low = ((center - support + 0.5) as i64).max(0) as usize;
            let high = ((center + support + 0.5) as usize).min(n);
            let count = high.saturating_sub(low).min(stride);
            let mut total = 0.0;
            for (i, part) in parts.iter_mut().take(count).enumerate() {
                *part = filter.weight(((i + low) as f64 - center + 0.5) * (1.0 / wide));
                total += *part;
            }
            for (i, part) in parts.iter().take(count).enumerate() {
                let share = if total == 0.0 { *part } else { part / total };
                let fixed = share * f64::from(1_u32 << BITS);
                own.weights[j * stride + i] = (if share < 0.0 { fixed - 0.5 } else { fixed + 0.5 }) as i32;
            }
            own.bounds[2 * j] = low as i32;
            own.bounds[2 * j + 1] = count as i32;
        }
        scratch.give_f64(parts);
        own
    }

    fn of(&self, j: usize) -> (usize, &[i32]) {
        let (low, count) = (self.bounds[2 * j] as usize, self.bounds[2 * j + 1] as usize);
        (low, &self.weights[j * self.stride..j * self.stride + count])
    }

    fn give(self, scratch: &mut Scratch) {
        scratch.give_i32(self.bounds);
        scratch.give_i32(self.weights);
    }
}

/// Half of one, which rounds.
const HALF: i32 = 1 << (BITS - 1);

fn columns(src: Image<'_>, dst: &mut ImageMut<'_>, filter: Filter, scratch: &mut Scratch) {
    let axis = Axis::new(src.shape.width, dst.shape.width, filter, scratch);
    for_channels!(src.shape, C => dispatch!(simd => columns_of::<_, C>(simd, src, dst, &axis)));
    axis.give(scratch);
}

#[inline(always)]
fn columns_of<S: Simd, const C: usize>(_: S, src: Image<'_>, dst: &mut ImageMut<'_>, axis: &Axis) {
    for y in 0..dst.shape.height {
        let from = src.row(y).as_chunks::<C>().0;
        for (j, pixel) in dst.row_mut(y).as_chunks_mut::<C>().0.iter_mut().enumerate() {
            let (low, weights) = axis.of(j);
            let mut sums = [HALF; C];
            for (tap, &w) in from[low..].iter().zip(weights) {
                for c in 0..C {
                    sums[c] = sums[c].wrapping_add(w.wrapping_mul(i32::from(tap[c])));
                }
            }
            for (value, sum) in pixel.iter_mut().zip(sums) {
                *value = sat(sum >> BITS);
            }
        }
    }
}

fn rows(src: Image<'_>, dst: &mut ImageMut<'_>, filter: Filter, scratch: &mut Scratch) {
    let axis = Axis::new(src.shape.height, dst.shape.height, filter, scratch);
    let (mut high, mut low) = (scratch.take_i32(src.shape.stride()), scratch.take_i32(src.shape.stride()));
    dispatch!(simd => rows_of(simd, src, dst, &axis, [&mut high, &mut low]));
    scratch.give_i32(low);
    scratch.give_i32(high);
    axis.give(scratch);
}

#[inline(always)]
fn rows_of<S: Simd>(_: S, src: Image<'_>, dst: &mut ImageMut<'_>, axis: &Axis, [high, low]: [&mut [i32]; 2]) {
    // In two parts a weight has no more than 16 bits, which baseline vectors can multiply.
    const PART: u32 = 12;
    for j in 0..dst.shape.height {
        let (first, weights) = axis.of(j);
        high.fill(0);
        low.fill(HALF);
        for (i, w) in weights.iter().enumerate() {
            let (upper, lower) = ((w >> PART) as i16, (w & ((1 << PART) - 1)) as i16);
            for ((high, low), &v) in high.iter_mut().zip(&mut *low).zip(src.row(first + i)) {
                // Of thousands of rows the lower part may wrap; the whole does not.
                *high = high.wrapping_add(i32::from(upper) * i32::from(v));
                *low = low.wrapping_add(i32::from(lower) * i32::from(v));
            }
        }
        for ((value, high), low) in dst.row_mut(j).iter_mut().zip(&*high).zip(&*low) {
            *value = sat((*high << PART).wrapping_add(*low) >> BITS);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::kernels::testing::pictures;

    proptest! {
        #[test]
        fn each_axis_is_a_sum_with_its_weights(
            picture in pictures(), to in 1_usize..80, which in 0_usize..5, across: bool,
        ) {
            let filter =
                [Filter::Bilinear, Filter::Bicubic, Filter::Lanczos, Filter::Box, Filter::Hamming][which];
            let (shape, mut scratch) = (picture.shape, Scratch::default());
            let (height, width) = if across { (shape.height, to) } else { (to, shape.width) };
            let new = Shape::new(height, width, shape.kind);
            let mut found = vec![0; new.bytes()];
            resize(picture.image(), ImageMut::new(new, &mut found), filter, &mut scratch);
            let side = if across { shape.width } else { shape.height };
            prop_assume!(side != to);
            let axis = Axis::new(side, to, filter, &mut scratch);
            let channels = shape.channels();
            for (at, found) in found.iter().enumerate() {
                let (y, x, c) = (at / new.stride(), at / channels % width, at % channels);
                let (low, weights) = axis.of(if across { x } else { y });
                let sum = weights.iter().enumerate().fold(i64::from(HALF), |sum, (i, w)| {
                    let (y, x) = if across { (y, low + i) } else { (low + i, x) };
                    sum + i64::from(*w) * i64::from(picture.image().row(y)[x * channels + c])
                });
                prop_assert_eq!(*found, sat((sum >> BITS) as i32), "{}", at);
            }
        }
    }

    #[test]
    fn thousands_of_rows_do_not_overflow() {
        let (from, to) = (Shape::gray(4000, 1), Shape::gray(1, 1));
        let mut out = [0];
        let src = vec![255; 4000];
        let dst = ImageMut::new(to, &mut out);
        resize(Image::new(from, &src), dst, Filter::Bilinear, &mut Scratch::default());
        assert_eq!(out, [255]);
    }

    #[test]
    fn a_constant_stays_one_and_one_pixel_fills_all() {
        for filter in [
            Filter::Nearest,
            Filter::Bilinear,
            Filter::Bicubic,
            Filter::Lanczos,
            Filter::Box,
            Filter::Hamming,
        ] {
            for (from, to) in [((1, 1), (3, 2)), ((5, 7), (1, 1)), ((5, 7), (9, 4)), ((9, 2), (3, 5))] {
                let (from, to) = (Shape::rgb(from.0, from.1), Shape::rgb(to.0, to.1));
                let data = vec![77; from.bytes()];
                let mut out = vec![0; to.bytes()];
                resize(Image::new(from, &data), ImageMut::new(to, &mut out), filter, &mut Scratch::default());
                assert_eq!(out, vec![77; to.bytes()], "{filter:?} {from} {to}");
            }
        }
    }
}
