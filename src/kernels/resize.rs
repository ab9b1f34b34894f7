//! Resizing by imgaug's rules.
//!
//! The weights of an axis depend on its two lengths only. Values are weighted with 11 bits per axis.

use super::sampling::cubic_weights;
use crate::base::math::{rhe, round_u8};
use crate::base::{Image, ImageMut, Scratch};

/// How the value between source pixels is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interpolation {
    /// The pixel at floor(d * n_in / n_out).
    Nearest,
    /// Bilinear about pixel centres.
    Linear,
    /// Bilinear where an output pixel straddles two source pixels, else the pixel it lies in.
    AreaLinear,
    /// Cubic convolution with a = -0.75 about pixel centres; beyond the border the border pixel.
    Cubic,
}

impl Interpolation {
    /// What keeps an image's size after it was cropped, padded or warped: [`AreaLinear`](Self::AreaLinear)
    /// if any axis grows, else [`Linear`](Self::Linear).
    #[must_use]
    pub fn automatic(from: (usize, usize), to: (usize, usize)) -> Self {
        if to.0 > from.0 || to.1 > from.1 { Self::AreaLinear } else { Self::Linear }
    }
}

/// Resizes `src` to the size of `dst` as imgaug does to keep an image's size; equal sizes are copied.
///
/// # Panics
/// If the channels differ.
pub fn resize_auto(src: Image<'_>, dst: ImageMut<'_>, scratch: &mut Scratch) {
    let from = (src.shape.height, src.shape.width);
    let to = (dst.shape.height, dst.shape.width);
    resize(src, dst, Interpolation::automatic(from, to), scratch);
}

/// Resizes `src` to the size of `dst`; equal sizes are copied.
///
/// # Panics
/// If the channels differ.
pub fn resize(src: Image<'_>, dst: ImageMut<'_>, interpolation: Interpolation, scratch: &mut Scratch) {
    assert_eq!(src.shape.channels, dst.shape.channels, "resizing keeps the channels");
    if src.shape == dst.shape {
        dst.data.copy_from_slice(src.data);
        return;
    }
    if src.shape.pixels() == 0 || dst.shape.pixels() == 0 {
        return;
    }
    match (interpolation, src.shape.channels) {
        (Interpolation::Nearest, 1) => nearest::<1>(src, dst),
        (Interpolation::Nearest, _) => nearest::<3>(src, dst),
        (Interpolation::Cubic, 1) => cubic::<1>(src, dst, scratch),
        (Interpolation::Cubic, _) => cubic::<3>(src, dst, scratch),
        (Interpolation::Linear, 1) => linear::<1, false>(src, dst, scratch),
        (Interpolation::Linear, _) => linear::<3, false>(src, dst, scratch),
        (Interpolation::AreaLinear, 1) => linear::<1, true>(src, dst, scratch),
        (Interpolation::AreaLinear, _) => linear::<3, true>(src, dst, scratch),
    }
}

fn nearest<const C: usize>(src: Image<'_>, mut dst: ImageMut<'_>) {
    let (height, width) = (dst.shape.height, dst.shape.width);
    let pick = |d: usize, n_in: usize, n_out: usize| {
        ((d as f64 * (1.0 / (n_out as f64 / n_in as f64))) as usize).min(n_in - 1)
    };
    for y in 0..height {
        let from = src.row(pick(y, src.shape.height, height)).as_chunks::<C>().0;
        for (x, pixel) in dst.row_mut(y).as_chunks_mut::<C>().0.iter_mut().enumerate() {
            *pixel = from[pick(x, src.shape.width, width)];
        }
    }
}

/// The first source index and the weights (of 2048) of it and of the next one, for output index `d`.
///
/// `inverse` is n_out / n_in and `step` is 1 / inverse, computed in this order: where d * step is whole in
/// theory, the rounding of `step` decides between two neighbours.
#[inline]
fn linear_tap<const AREA: bool>(d: usize, inverse: f64, step: f64) -> (i32, [i32; 2]) {
    let d = d as f64;
    let (index, fraction) = if AREA {
        let i = (d * step) as i32;
        let f = ((d + 1.0) - (f64::from(i) + 1.0) * inverse) as f32;
        (i, if f <= 0.0 { 0.0 } else { f - (f as i32) as f32 })
    } else {
        let p = ((d + 0.5) * step - 0.5) as f32;
        // Above -1, so that adding 1 makes truncation a floor.
        let i = (p + 1.0) as i32 - 1;
        (i, p - i as f32)
    };
    (index, [rhe((1.0 - fraction) * 2048.0), rhe(fraction * 2048.0)])
}

/// Two source rows, weighted along x, wait in a ring for the output rows that lie between them.
fn linear<const C: usize, const AREA: bool>(src: Image<'_>, mut dst: ImageMut<'_>, scratch: &mut Scratch) {
    let (rows, columns) = (src.shape.height, src.shape.width);
    let (height, width) = (dst.shape.height, dst.shape.width);
    let mut taps = scratch.take_i32(3 * width);
    let inverse = width as f64 / columns as f64;
    let step = 1.0 / inverse;
    for (x, tap) in taps.as_chunks_mut::<3>().0.iter_mut().enumerate() {
        let (index, [a, b]) = linear_tap::<AREA>(x, inverse, step);
        *tap = if index < 0 {
            [0, 2048, 0]
        } else if index >= columns as i32 - 1 {
            [columns as i32 - 1, 2048, 0]
        } else {
            [index, a, b]
        };
    }
    let mut lines = scratch.take_i16(2 * width * C);
    let (mut upper, mut lower) = lines.split_at_mut(width * C);
    let (mut upper_is, mut lower_is) = (usize::MAX, usize::MAX);
    let weigh = |y: usize, line: &mut [i16]| {
        let row = src.row(y).as_chunks::<C>().0;
        for (out, &[index, a, b]) in line.as_chunks_mut::<C>().0.iter_mut().zip(taps.as_chunks::<3>().0) {
            let left = row[index as usize];
            let right = row[(index as usize + 1).min(columns - 1)];
            for c in 0..C {
                let (l, r) = (i32::from(left[c]), i32::from(right[c]));
                out[c] = ((l * a + r * b) >> 4) as i16;
            }
        }
    };
    let inverse = height as f64 / rows as f64;
    let step = 1.0 / inverse;
    for y in 0..height {
        // Beyond the first and last row both taps are that row, each with its own share and rounding.
        let (first, weights) = linear_tap::<AREA>(y, inverse, step);
        let [index, next] = [first, first + 1].map(|i| i.clamp(0, rows as i32 - 1) as usize);
        if lower_is == index {
            std::mem::swap(&mut upper, &mut lower);
            std::mem::swap(&mut upper_is, &mut lower_is);
        } else if upper_is != index {
            weigh(index, upper);
            upper_is = index;
        }
        let [a, b] = weights.map(|w| w as i16);
        let out = dst.row_mut(y);
        if b == 0 {
            for (value, &s) in out.iter_mut().zip(&*upper) {
                let high = (i32::from(s) * i32::from(a)) >> 16;
                *value = ((high as i16 + 2) >> 2) as u8;
            }
            continue;
        }
        if next != index && lower_is != next {
            weigh(next, lower);
            lower_is = next;
        }
        let second = if next == index { &*upper } else { &*lower };
        for ((value, &s), &t) in out.iter_mut().zip(&*upper).zip(second) {
            let (p, q) =
                ((i32::from(s) * i32::from(a)) >> 16, (i32::from(t) * i32::from(b)) >> 16);
            *value = ((p as i16 + q as i16 + 2) >> 2) as u8;
        }
    }
    scratch.give_i32(taps);
    scratch.give_i16(lines);
}

/// The index of the first of four taps and their weights for output index `d`.
fn cubic_tap(d: usize, step: f64, coarse: bool) -> (i32, [f32; 4]) {
    let p = ((d as f64 + 0.5) * step - 0.5) as f32;
    let index = (p + 1.0) as i32 - 1;
    let weights = cubic_weights(p - index as f32);
    (index - 1, if coarse { weights.map(|w| rhe(w * 2048.0) as f32 / 2048.0) } else { weights })
}

/// The peer weighs in single precision, but with 11 bits where an axis has fewer pixels than the four taps.
fn cubic<const C: usize>(src: Image<'_>, mut dst: ImageMut<'_>, scratch: &mut Scratch) {
    let (rows, columns) = (src.shape.height, src.shape.width);
    let (height, width) = (dst.shape.height, dst.shape.width);
    let coarse = rows.min(columns) < 4;
    let stride = width * C;
    let mut along = scratch.take_f32(rows * stride);
    let step = 1.0 / (width as f64 / columns as f64);
    for x in 0..width {
        let (first, weights) = cubic_tap(x, step, coarse);
        let taps = [0, 1, 2, 3].map(|k| (first + k).clamp(0, columns as i32 - 1) as usize);
        for (y, line) in along.chunks_exact_mut(stride).enumerate() {
            let row = src.row(y).as_chunks::<C>().0;
            let pixels = taps.map(|tap| row[tap]);
            for (c, out) in line[x * C..][..C].iter_mut().enumerate() {
                let [p, q, r, s] = pixels.map(|pixel| f32::from(pixel[c]));
                *out = p * weights[0] + q * weights[1] + r * weights[2] + s * weights[3];
            }
        }
    }
    let step = 1.0 / (height as f64 / rows as f64);
    for y in 0..height {
        let (first, weights) = cubic_tap(y, step, coarse);
        let [p, q, r, s] = [0, 1, 2, 3].map(|k| {
            let row = (first + k).clamp(0, rows as i32 - 1) as usize;
            &along[row * stride..][..stride]
        });
        for (i, value) in dst.row_mut(y).iter_mut().enumerate() {
            *value = round_u8(p[i] * weights[0] + q[i] * weights[1] + r[i] * weights[2] + s[i] * weights[3]);
        }
    }
    scratch.give_f32(along);
}
