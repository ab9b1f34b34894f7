//! Resizing tensors of bytes, antialiased, in fixed point: Pillow's rule with as many bits as weights of 16 have room for.

use crate::base::math::{cos, sin};
use crate::base::{Image, ImageMut, Scratch, Shape};
use crate::kernels::entry::{drawable, for_channels};
use crate::kernels::pil::resample::Filter;

/// Resizes `src` to the size of `dst`: columns first, then rows. A side whose length stays is not touched.
///
/// # Panics
/// If the channels differ.
pub fn resize(src: Image<'_>, dst: ImageMut<'_>, filter: Filter, scratch: &mut Scratch) {
    if !drawable(src, &dst) {
        return;
    }
    for_channels!(src.shape, C => {
        if filter == Filter::Nearest {
            return nearest::<C>(src, dst);
        }
        let between = Shape { width: dst.shape.width, ..src.shape };
        let mut data = scratch.take_u8(between.bytes());
        let middle = ImageMut::new(between, &mut data);
        pass(src, middle, filter, Side::Columns, scratch);
        pass(Image::new(between, &data), dst, filter, Side::Rows, scratch);
        scratch.give_u8(data);
    });
}

/// The pixel at the index times the ratio of sizes, in single precision.
fn nearest<const C: usize>(src: Image<'_>, mut dst: ImageMut<'_>) {
    let (to, from) = (dst.shape, src.shape);
    let pick = |i: usize, n: usize, m: usize| ((i as f32 * (n as f32 / m as f32)) as usize).min(n - 1);
    for y in 0..to.height {
        let row = src.row(pick(y, from.height, to.height)).as_chunks::<C>().0;
        for (x, pixel) in dst.row_mut(y).as_chunks_mut::<C>().0.iter_mut().enumerate() {
            *pixel = row[pick(x, from.width, to.width)];
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Columns,
    Rows,
}

fn pass(src: Image<'_>, mut dst: ImageMut<'_>, filter: Filter, side: Side, scratch: &mut Scratch) {
    let (n, m) = match side {
        Side::Columns => (src.shape.width, dst.shape.width),
        Side::Rows => (src.shape.height, dst.shape.height),
    };
    if n == m {
        dst.data.copy_from_slice(src.data);
        return;
    }
    let scale = n as f64 / m as f64;
    let stretch = scale.max(1.0);
    let support = reach(filter) * stretch;
    let taps = support.ceil() as usize * 2 + 1;
    let mut shares = scratch.take_f64(m * taps);
    let mut starts = scratch.take_i32(2 * m);
    shares.fill(0.0);
    let mut most = 0.0_f64;
    for j in 0..m {
        let center = (j as f64 + 0.5) * scale;
        let low = ((center - support + 0.5) as i64).max(0);
        let high = ((center + support + 0.5) as i64).min(n as i64);
        let own = &mut shares[j * taps..][..(high - low).max(0) as usize];
        for (i, share) in own.iter_mut().enumerate() {
            *share = kernel(filter, (i as f64 + low as f64 - center + 0.5) / stretch);
        }
        let total: f64 = own.iter().sum();
        for share in own.iter_mut() {
            *share /= total;
            most = most.max(*share);
        }
        (starts[2 * j], starts[2 * j + 1]) = (low as i32, own.len() as i32);
    }
    let bits = precision(most);
    let half = 1_i64 << (bits - 1);
    let mut weights = scratch.take_i32(shares.len());
    for (weight, share) in weights.iter_mut().zip(&shares) {
        *weight = (share * (1_i64 << bits) as f64 + if *share < 0.0 { -0.5 } else { 0.5 }) as i32;
    }
    let channels = src.shape.channels();
    for y in 0..dst.shape.height {
        for x in 0..dst.shape.width {
            let j = if side == Side::Columns { x } else { y };
            let (low, count) = (starts[2 * j] as usize, starts[2 * j + 1] as usize);
            for c in 0..channels {
                let mut sum = half;
                for (i, weight) in weights[j * taps..][..count].iter().enumerate() {
                    let (row, column) = if side == Side::Columns { (y, low + i) } else { (low + i, x) };
                    sum += i64::from(*weight) * i64::from(src.row(row)[column * channels + c]);
                }
                dst.row_mut(y)[x * channels + c] = (sum >> bits).clamp(0, 255) as u8;
            }
        }
    }
    scratch.give_f64(shares);
    scratch.give_i32(starts);
    scratch.give_i32(weights);
}

/// The most bits with which the greatest weight has room in 15, at most 22.
fn precision(most: f64) -> u32 {
    let mut bits = 0;
    while bits < 22 && ((0.5 + most * (1_i64 << (bits + 1)) as f64) as i64) < 1 << 15 {
        bits += 1;
    }
    bits.max(1)
}

/// How far a filter reaches, in pixels of the smaller image.
fn reach(filter: Filter) -> f64 {
    match filter {
        Filter::Nearest | Filter::Box => 0.5,
        Filter::Bilinear | Filter::Hamming => 1.0,
        Filter::Bicubic => 2.0,
        Filter::Lanczos => 3.0,
    }
}

fn sinc(x: f64) -> f64 {
    let x = x * std::f64::consts::PI;
    if x == 0.0 { 1.0 } else { sin(x) / x }
}

fn kernel(filter: Filter, x: f64) -> f64 {
    /// Of the cubic filter.
    const A: f64 = -0.5;
    let far = x.abs();
    match filter {
        Filter::Nearest | Filter::Box => f64::from(u8::from(x > -0.5 && x <= 0.5)),
        Filter::Bilinear => (1.0 - far).max(0.0),
        Filter::Bicubic if far < 1.0 => ((A + 2.0) * far - (A + 3.0)) * far * far + 1.0,
        Filter::Bicubic if far < 2.0 => (((far - 5.0) * far + 8.0) * far - 4.0) * A,
        Filter::Lanczos if far < 3.0 => sinc(x) * sinc(x / 3.0),
        Filter::Hamming if far < 1.0 => sinc(x) * (0.54 + 0.46 * cos(x * std::f64::consts::PI)),
        Filter::Bicubic | Filter::Lanczos | Filter::Hamming => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_and_picks() {
        let src = [0, 10, 20, 30, 40, 50];
        let from = Image::new(Shape::gray(1, 6), &src);
        let mut out = [0; 3];
        resize(from, ImageMut::new(Shape::gray(1, 3), &mut out), Filter::Box, &mut Scratch::default());
        assert_eq!(out, [5, 25, 45]);
        resize(from, ImageMut::new(Shape::gray(1, 3), &mut out), Filter::Nearest, &mut Scratch::default());
        assert_eq!(out, [0, 20, 40]);
        assert_eq!((precision(1.0), precision(0.5), precision(0.001)), (14, 15, 22));
    }
}
