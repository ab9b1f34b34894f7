//! The elastic transformation: every pixel is read at a place moved by smoothed noise.

use super::blur::gaussian_size;
use super::border::{Border, Cval};
use super::entry::{drawable, for_channels};
use super::sampling::{Coordinates, Extended, Floats, Fold, clamp};
use crate::base::math::{exp, rhe};
use crate::base::{Image, ImageMut, Scratch, Shape};

/// How the value between pixels is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interpolation {
    /// The nearest pixel (order 0).
    Nearest,
    /// Bilinear (order 1).
    Linear,
    /// Cubic convolution, a = -0.75 (orders 2 and above).
    Cubic,
}

/// How many values beyond the image's border a smoothed value depends on noticeably; at most
/// [`gaussian_size`]`(sigma) / 2`.
#[must_use]
pub fn reach(sigma: f64) -> usize {
    (0..=gaussian_size(sigma) / 2).rev().find(|&i| gauss(i, sigma) >= NEGLIGIBLE).unwrap_or(0)
}

/// Weights below this (the center weighs 1) change no bit of a single precision sum of order 1.
const NEGLIGIBLE: f64 = 1e-9;

fn gauss(i: usize, sigma: f64) -> f64 {
    if i == 0 { 1.0 } else { exp(-((i * i) as f64) / (2.0 * sigma * sigma)) }
}

/// The displacements of an image of `on.height` x `on.width` pixels, in pixels.
///
/// `uniform` holds numbers of [0, 1), two floats (dx, then dy) of `height + 2 * pad` rows and
/// `width + 2 * pad` columns, `pad` at least [`reach`]`(sigma)`. They are stretched to [-1, 1), smoothed by a
/// Gaussian and multiplied by `alpha`. `field` receives dx, then dy, of `height * width` values each.
///
/// Simard, Steinkraus, Platt, "Best Practices for Convolutional Neural Networks Applied to Visual
/// Document Analysis", ICDAR (2003).
///
/// # Panics
/// If the lengths do not fit or the pad is too small.
pub fn displacements(
    uniform: &[f32],
    field: &mut [f32],
    on: Shape,
    pad: usize,
    (alpha, sigma): (f64, f64),
    scratch: &mut Scratch,
) {
    let (height, width) = (on.height, on.width);
    let (rows, columns) = (height + 2 * pad, width + 2 * pad);
    assert_eq!(uniform.len(), 2 * rows * columns, "two floats of noise");
    assert_eq!(field.len(), 2 * height * width, "two floats of displacements");
    let reach = reach(sigma);
    assert!(pad >= reach, "the noise extends {pad} beyond the image, and {reach} are needed");
    if height * width == 0 {
        return;
    }
    let total: f64 =
        (0..=gaussian_size(sigma) / 2).map(|i| gauss(i, sigma) * if i == 0 { 1.0 } else { 2.0 }).sum();
    let mut weights = scratch.take_f32(reach + 1);
    for (i, weight) in weights.iter_mut().enumerate() {
        *weight = (gauss(i, sigma) / total) as f32;
    }
    let alpha = alpha as f32;
    let mut smooth = scratch.take_f32((height + 2 * reach) * width);
    for (noise, out) in uniform.chunks_exact(rows * columns).zip(field.chunks_exact_mut(height * width)) {
        for (y, line) in smooth.chunks_exact_mut(width).enumerate() {
            let row = &noise[(y + pad - reach) * columns + pad - reach..][..width + 2 * reach];
            blend(line, &weights, |i| &row[reach + i..], |i| &row[reach - i..], |u| u * 2.0 - 1.0, 1.0);
        }
        for (y, line) in out.chunks_exact_mut(width).enumerate() {
            let at = |row: usize| &smooth[row * width..][..width];
            blend(line, &weights, |i| at(y + reach + i), |i| at(y + reach - i), |v| v, alpha);
        }
    }
    scratch.give_f32(smooth);
    scratch.give_f32(weights);
}

/// `line = factor * (w0 * map(after(0)) + sum of wi * (map(after(i)) + map(before(i))))`.
#[inline]
fn blend<'a>(
    line: &mut [f32],
    weights: &[f32],
    after: impl Fn(usize) -> &'a [f32],
    before: impl Fn(usize) -> &'a [f32],
    map: impl Fn(f32) -> f32,
    factor: f32,
) {
    for (out, &v) in line.iter_mut().zip(after(0)) {
        *out = map(v) * weights[0];
    }
    for (i, &weight) in weights.iter().enumerate().skip(1) {
        for ((out, &p), &q) in line.iter_mut().zip(after(i)).zip(before(i)) {
            *out += (map(p) + map(q)) * weight;
        }
    }
    if factor != 1.0 {
        for out in line {
            *out *= factor;
        }
    }
}

/// Draws `dst` by reading `src` at (x - dx, y - dy); `field` holds dx, then dy, as
/// [`displacements`] gives them. Coordinates are rounded to 1/32 pixel (whole pixels for nearest).
///
/// # Panics
/// If the shapes differ, the channels are neither 1 nor 3, or the field has another size.
pub fn remap(
    src: Image<'_>,
    dst: ImageMut<'_>,
    field: &[f32],
    interpolation: Interpolation,
    border: Border,
    cval: Cval,
    scratch: &mut Scratch,
) {
    assert_eq!(src.shape, dst.shape, "an elastic transformation keeps the shape");
    assert_eq!(field.len(), 2 * src.shape.pixels(), "two floats of displacements");
    if !drawable(src, &dst) {
        return;
    }
    for_channels!(src.shape, C => warp::<C>(src, dst, field, interpolation, border, cval, scratch));
}

fn warp<const C: usize>(
    src: Image<'_>,
    mut dst: ImageMut<'_>,
    field: &[f32],
    interpolation: Interpolation,
    border: Border,
    cval: Cval,
    scratch: &mut Scratch,
) {
    let (height, width) = (src.shape.height, src.shape.width);
    let (dx, dy) = field.split_at(height * width);
    let mut coordinates = Coordinates::new(width, scratch);
    let unit = if interpolation == Interpolation::Nearest { 1 } else { 32 };
    let mut each_row = |fold: Fold, draw: &dyn Fn(&mut Coordinates, &mut [u8])| {
        let fixed = |v: f32, axis: usize| rhe(clamp(v, fold.bounds[axis]) * unit as f32);
        for y in 0..height {
            let row = y * width..(y + 1) * width;
            let [xs, ys] = coordinates.axes();
            for (i, (x, &d)) in xs.iter_mut().zip(&dx[row.clone()]).enumerate() {
                *x = fixed(i as i32 as f32 - d, 0);
            }
            for (out, &d) in ys.iter_mut().zip(&dy[row]) {
                *out = fixed(y as f32 - d, 1);
            }
            for axis in [xs, ys] {
                axis[width..].fill(0);
            }
            fold.apply(&mut coordinates, unit);
            draw(&mut coordinates, dst.row_mut(y));
        }
    };
    if interpolation == Interpolation::Cubic {
        let floats = Floats::new::<C>(src, border, cval, scratch);
        each_row(floats.fold, &|line, out| floats.cubic_row::<C>(line, out));
        floats.recycle(scratch);
    } else {
        let extended = Extended::new::<C>(src, border, cval, scratch);
        if interpolation == Interpolation::Linear {
            each_row(extended.fold, &|line, out| extended.linear_row::<C>(line, out));
        } else {
            each_row(extended.fold, &|line, out| extended.nearest_row::<C>(line, out));
        }
        extended.recycle(scratch);
    }
    coordinates.recycle(scratch);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Channels, Stream};
    use proptest::prelude::*;

    #[test]
    fn taps_without_weight_need_no_noise() {
        // The second neighbor of a very narrow Gaussian weighs 1e-14.
        assert_eq!([0.25, 4.0].map(reach), [1, 5]);
    }

    #[test]
    fn noise_is_smoothed_by_the_gaussian() {
        let on = Shape::gray(3, 3);
        let pad = 2;
        let mut uniform = vec![0.5; 2 * 7 * 7];
        uniform[3 * 7 + 3] = 1.0;
        let mut field = vec![0.0; 18];
        displacements(&uniform, &mut field, on, pad, (10.0, 1.0), &mut Scratch::default());
        let total: f64 = [0.0_f64, 1.0, 1.0, 2.0, 2.0].iter().map(|d| exp(-d * d / 2.0)).sum();
        for (i, &dx) in field[..9].iter().enumerate() {
            let (y, x) = ((i / 3) as f64, (i % 3) as f64);
            let distance = (y - 1.0) * (y - 1.0) + (x - 1.0) * (x - 1.0);
            let want = 10.0 * exp(-distance / 2.0) / total / total;
            assert!((f64::from(dx) - want).abs() < 1e-5, "{i}: {dx} {want}");
        }
        assert_eq!(field[9..], [0.0; 9]);
    }

    fn moved(on: Shape, data: &[u8], field: &[f32], how: Interpolation, border: Border) -> Vec<u8> {
        let mut got = vec![0; on.bytes()];
        let (src, dst) = (Image::new(on, data), ImageMut::new(on, &mut got));
        remap(src, dst, field, how, border, [9, 8, 7], &mut Scratch::default());
        got
    }

    #[test]
    fn half_a_pixel_is_interpolated() {
        let on = Shape::gray(1, 6);
        let data = [0, 0, 64, 128, 128, 128];
        let mut field = [0.0; 12];
        field[..6].fill(0.5);
        let row = |how| moved(on, &data, &field, how, Border::Edge);
        assert_eq!(row(Interpolation::Linear), [0, 0, 32, 96, 128, 128]);
        assert_eq!(row(Interpolation::Cubic), [0, 0, 26, 102, 134, 128]);
        // Half a pixel is rounded to the even one.
        assert_eq!(row(Interpolation::Nearest), [0, 0, 64, 64, 128, 128]);
    }

    proptest! {
        #[test]
        fn whole_displacements_move_pixels(
            h in 1_usize..7, w in 1_usize..7, rgb: bool, dx in -20_i32..20, dy in -20_i32..20, how in 0_usize..3,
            mode in 0_usize..5, seed: u64,
        ) {
            let how = [Interpolation::Nearest, Interpolation::Linear, Interpolation::Cubic][how];
            let border =
                [Border::Constant, Border::Edge, Border::Symmetric, Border::Reflect, Border::Wrap][mode];
            let on = Shape::new(h, w, Channels::colored(rgb));
            let mut data = vec![0; on.bytes()];
            Stream::of_key(seed).fill(&mut data);
            let mut field = vec![dx as f32; 2 * on.pixels()];
            field[on.pixels()..].fill(dy as f32);
            let got = moved(on, &data, &field, how, border);
            for (i, &value) in got.iter().enumerate() {
                let (y, x, c) = (i / on.stride(), i / on.channels() % w, i % on.channels());
                let want = match (border.index(y as i32 - dy, h), border.index(x as i32 - dx, w)) {
                    (Some(y), Some(x)) => data[(y * w + x) * on.channels() + c],
                    _ => [9, 8, 7][c],
                };
                prop_assert_eq!(value, want);
            }
        }

        #[test]
        fn absurd_displacements_are_survived(values in prop::collection::vec(prop::num::f32::ANY, 32), mode in 0_usize..5) {
            let border =
                [Border::Constant, Border::Edge, Border::Symmetric, Border::Reflect, Border::Wrap][mode];
            let on = Shape::gray(4, 4);
            for how in [Interpolation::Nearest, Interpolation::Linear, Interpolation::Cubic] {
                let got = moved(on, &[9; 16], &values, how, border);
                prop_assert_eq!(got, vec![9; 16]);
            }
        }
    }
}
