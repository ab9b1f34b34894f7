//! The transform of Keras' `ImageDataGenerator`: a matrix from output to input coordinates, linear interpolation in
//! double precision, flips, and the shift of channels and brightness that may follow.

use fearless_simd::Simd;

use super::affine::{Matrix, Order};
use super::entry::for_channels;
use super::vectors::dispatch;
use crate::base::math::{cos, rhe64, round_u8, sin};
use crate::base::{Image, ImageMut, Scratch, Shape};

/// Which published behavior the matrix has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compat {
    /// Keras 3: the matrix acts on (column, row), about (H/2 - 0.5, W/2 - 0.5).
    Keras3,
    /// Keras-Preprocessing 1.0.1 to 1.1.2: it acts on (row, column), about (H/2 + 0.5, W/2 + 0.5).
    KerasPreprocessing,
}

/// What is read where there is no pixel.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fill {
    /// The nearest border pixel.
    Nearest,
    /// This value wherever a coordinate is outside 0..=n-1, without blending.
    Constant(f32),
    /// Mirrored, the border pixel repeated.
    Reflect,
    /// The coordinate modulo n - 1.
    Wrap,
}

/// The parameters of the matrix, as `apply_affine_transform` takes them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Parts {
    /// Degrees.
    pub theta: f64,
    /// Pixels along the matrix' first axis.
    pub tx: f64,
    /// Pixels along its second axis.
    pub ty: f64,
    /// Degrees.
    pub shear: f64,
    /// Factor of the first axis; above 1 shrinks the content.
    pub zx: f64,
    /// Factor of the second axis.
    pub zy: f64,
}

/// A transform, ready to be applied.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Transform {
    /// From output to input coordinates (x, y); none where pixels are not resampled.
    pub inverse: Option<Matrix>,
    /// How a source pixel is read.
    pub order: Order,
    /// What lies beyond the border.
    pub fill: Fill,
    /// Mirror the columns of the result.
    pub flip_horizontal: bool,
    /// Mirror the rows of the result.
    pub flip_vertical: bool,
}

/// The matrix R(theta) T(tx, ty) Sh(shear) Z(zx, zy) about the center that `compat` says, from output to input
/// (x, y) of an image of shape `on`; none if no part is active.
///
/// R = [[cos, -sin], [sin, cos]], Sh = [[1, -sin], [0, cos]], Z = diag(zx, zy).
#[must_use]
pub fn inverse(parts: &Parts, on: Shape, compat: Compat) -> Option<Matrix> {
    let Parts { theta, tx, ty, shear, zx, zy } = *parts;
    if [theta, tx, ty, shear] == [0.0; 4] && [zx, zy] == [1.0; 2] {
        return None;
    }
    let radians = |degrees: f64| degrees * (std::f64::consts::PI / 180.0);
    let (sin_r, cos_r) = (sin(radians(theta)), cos(radians(theta)));
    let (sin_k, cos_k) = (sin(radians(shear)), cos(radians(shear)));
    let (a, b) = (cos_r * zx, (-cos_r * sin_k - sin_r * cos_k) * zy);
    let (c, d) = (sin_r * zx, (-sin_r * sin_k + cos_r * cos_k) * zy);
    let half = match compat {
        Compat::Keras3 => -0.5,
        Compat::KerasPreprocessing => 0.5,
    };
    let (ox, oy) = (on.height as f64 / 2.0 + half, on.width as f64 / 2.0 + half);
    let first = cos_r * tx - sin_r * ty + ox - (a * ox + b * oy);
    let second = sin_r * tx + cos_r * ty + oy - (c * ox + d * oy);
    Some(match compat {
        Compat::Keras3 => [[a, b, first], [c, d, second]],
        Compat::KerasPreprocessing => [[d, c, second], [b, a, first]],
    })
}

/// Writes the float result of `transform` to `out`, values in the range of the input's.
///
/// # Panics
/// If `out` is not as long as `src`, or the channels are neither 1 nor 3.
pub fn apply(src: Image<'_>, out: &mut [f32], transform: &Transform, scratch: &mut Scratch) {
    assert_eq!(out.len(), src.shape.bytes(), "the result has the shape of the source");
    if src.shape.pixels() == 0 {
        return;
    }
    let Some(inverse) = transform.inverse else { return mirrored(src, out, transform) };
    for_channels!(src.shape, C => match transform.order {
        Order::Linear => filled::<C, true>(src, out, &inverse, transform, scratch),
        Order::Nearest => filled::<C, false>(src, out, &inverse, transform, scratch),
    });
}

/// Adds `intensity` and clips to the smallest and largest value that there were (`apply_channel_shift`).
pub fn channel_shift(values: &mut [f32], intensity: f32) {
    let (low, high) = values.iter().fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), &v| {
        (if v < low { v } else { low }, if v > high { v } else { high })
    });
    for v in values {
        let shifted = *v + intensity;
        let shifted = if shifted > low { shifted } else { low };
        *v = if shifted < high { shifted } else { high };
    }
}

/// Cuts values of 0..=255 to whole ones, multiplies them by `factor`, cuts the fraction off again and clips
/// (`apply_brightness_shift`, which goes through 8-bit pictures).
pub fn brightness_shift(values: &mut [f32], factor: f32) {
    for v in values {
        let product = f32::from(*v as u8) * factor;
        *v = f32::from(product as u8);
    }
}

/// Rounds half to even and clips to 0..=255.
///
/// # Panics
/// If the lengths differ.
pub fn quantize(values: &[f32], dst: &mut ImageMut<'_>) {
    assert_eq!(values.len(), dst.data.len(), "one value for each of the image's");
    for (byte, &v) in dst.data.iter_mut().zip(values) {
        *byte = round_u8(v);
    }
}

/// The image as floats, with nothing but flips.
fn mirrored(src: Image<'_>, out: &mut [f32], transform: &Transform) {
    let (height, channels) = (src.shape.height, src.shape.channels());
    for (y, line) in out.chunks_exact_mut(src.shape.stride()).enumerate() {
        let row = src.row(if transform.flip_vertical { height - 1 - y } else { y });
        if transform.flip_horizontal {
            let pixels = row.chunks_exact(channels).rev();
            for (to, from) in line.chunks_exact_mut(channels).zip(pixels) {
                to.iter_mut().zip(from).for_each(|(to, from)| *to = f32::from(*from));
            }
        } else {
            line.iter_mut().zip(row).for_each(|(to, from)| *to = f32::from(*from));
        }
    }
}

fn filled<const C: usize, const LINEAR: bool>(
    src: Image<'_>,
    out: &mut [f32],
    inverse: &Matrix,
    transform: &Transform,
    scratch: &mut Scratch,
) {
    match transform.fill {
        Fill::Nearest | Fill::Constant(_) => {
            dispatch!(simd => warp::<_, _, C, LINEAR>(simd, src, out, inverse, transform, clamp, scratch));
        }
        Fill::Reflect => {
            let fold = |v: f64, last: f64| if (0.0..=last).contains(&v) { v } else { reflect(v, last) };
            dispatch!(simd => warp::<_, _, C, LINEAR>(simd, src, out, inverse, transform, fold, scratch));
        }
        Fill::Wrap => {
            let fold = |v: f64, last: f64| if (0.0..=last).contains(&v) { v } else { wrap(v, last) };
            dispatch!(simd => warp::<_, _, C, LINEAR>(simd, src, out, inverse, transform, fold, scratch));
        }
    }
}

/// The coordinate brought into 0..=last; compares that vector code has.
#[inline(always)]
fn clamp(v: f64, last: f64) -> f64 {
    let v = if v > 0.0 { v } else { 0.0 };
    if v < last { v } else { last }
}

/// Between the last pixel and its mirror image the value does not change: folding about the image's edges,
/// half a pixel outside, and clamping then is the same as folding each tap.
fn reflect(v: f64, last: f64) -> f64 {
    let n = last + 1.0;
    let u = v + 0.5;
    let u = u - 2.0 * n * (u / (2.0 * n)).floor();
    clamp(if u > n { 2.0 * n - u } else { u } - 0.5, last)
}

fn wrap(v: f64, last: f64) -> f64 {
    if last > 0.0 { clamp(v - last * (v / last).floor(), last) } else { 0.0 }
}

/// Each row in two passes: coordinates, which vectorize, then the pixels at them. The source stands in doubles
/// with its last row and column repeated, so that each pixel has a next one.
#[inline(always)]
fn warp<S: Simd, F: Fn(f64, f64) -> f64, const C: usize, const LINEAR: bool>(
    _: S,
    src: Image<'_>,
    out: &mut [f32],
    inverse: &Matrix,
    transform: &Transform,
    fold: F,
    scratch: &mut Scratch,
) {
    /// Adding 1.5 * 2^52 and taking it off again rounds half to even.
    const MAGIC: f64 = 6_755_399_441_055_744.0;
    let Shape { height, width, .. } = src.shape;
    let pitch = width + 1;
    let mut source = scratch.take_f64((height + 1) * pitch * C);
    for (y, line) in source.chunks_exact_mut(pitch * C).enumerate() {
        let row = src.row(y.min(height - 1));
        let (inner, last) = line.split_at_mut(width * C);
        inner.iter_mut().zip(row).for_each(|(to, from)| *to = f64::from(*from));
        last.copy_from_slice(&inner[(width - 1) * C..]);
    }
    let mut lines = scratch.take_f64(4 * width);
    let (steps, fractions) = lines.split_at_mut(2 * width);
    let (x_steps, y_steps) = steps.split_at_mut(width);
    let (x_fractions, y_fractions) = fractions.split_at_mut(width);
    let mut offsets = scratch.take_i32(width);
    let [[xx, xy, x1], [yx, yy, y1]] = *inverse;
    for x in 0..width {
        let column = if transform.flip_horizontal { width - 1 - x } else { x } as f64;
        x_steps[x] = xx * column;
        y_steps[x] = yx * column;
    }
    let (x_last, y_last) = (width as f64 - 1.0, height as f64 - 1.0);
    let stride = pitch as f64;
    for (y, line) in out.chunks_exact_mut(width * C).enumerate() {
        let row = if transform.flip_vertical { height - 1 - y } else { y } as f64;
        let (x_base, y_base) = (x1 + xy * row, y1 + yy * row);
        let steps = x_steps.iter().zip(&*y_steps);
        let places = offsets.iter_mut().zip(x_fractions.iter_mut().zip(y_fractions.iter_mut()));
        for ((x_step, y_step), (offset, (fx, fy))) in steps.zip(places) {
            let (u, v) = (fold(x_base + x_step, x_last), fold(y_base + y_step, y_last));
            // Rounding u - 0.5 finds the pixel at or before u; where u is whole it may be the one before,
            // whose share is then nothing.
            let whole = |u: f64| {
                if LINEAR {
                    (u - 0.5 + MAGIC) - MAGIC
                } else {
                    // Half up.
                    let near = (u + MAGIC) - MAGIC;
                    if u - near >= 0.5 { near + 1.0 } else { near }
                }
            };
            let (left, top) = (whole(u), whole(v));
            *fx = u - left;
            *fy = v - top;
            *offset = rhe64(top * stride + left);
        }
        let pixels = line.as_chunks_mut::<C>().0;
        let places = offsets.iter().zip(x_fractions.iter().zip(&*y_fractions));
        for (pixel, (&offset, (&fx, &fy))) in pixels.iter_mut().zip(places) {
            let at = offset as usize * C;
            if LINEAR {
                let top = &source[at..at + 2 * C];
                let bottom = &source[at + pitch * C..at + (pitch + 2) * C];
                for c in 0..C {
                    let upper = top[c] + (top[c + C] - top[c]) * fx;
                    let lower = bottom[c] + (bottom[c + C] - bottom[c]) * fx;
                    pixel[c] = (upper + (lower - upper) * fy) as f32;
                }
            } else {
                let from = &source[at..at + C];
                *pixel = std::array::from_fn(|c| from[c] as f32);
            }
        }
        if let Fill::Constant(value) = transform.fill {
            for (pixel, (x_step, y_step)) in pixels.iter_mut().zip(x_steps.iter().zip(&*y_steps)) {
                let (u, v) = (x_base + x_step, y_base + y_step);
                if !((0.0..=x_last).contains(&u) && (0.0..=y_last).contains(&v)) {
                    *pixel = [value; C];
                }
            }
        }
    }
    scratch.give_f64(source);
    scratch.give_f64(lines);
    scratch.give_i32(offsets);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::border::Border;
    use crate::kernels::testing::pictures;
    use proptest::prelude::*;

    const STILL: Parts = Parts { theta: 0.0, tx: 0.0, ty: 0.0, shear: 0.0, zx: 1.0, zy: 1.0 };

    fn transform(parts: Parts, fill: Fill, on: Shape) -> Transform {
        Transform {
            inverse: inverse(&parts, on, Compat::Keras3),
            order: Order::Linear,
            fill,
            flip_horizontal: false,
            flip_vertical: false,
        }
    }

    fn row(values: &[u8], tx: f64, fill: Fill) -> Vec<f32> {
        let shape = Shape::gray(1, values.len());
        let mut out = vec![0.0; values.len()];
        let transform = transform(Parts { tx, ..STILL }, fill, shape);
        apply(Image::new(shape, values), &mut out, &transform, &mut Scratch::default());
        out
    }

    #[test]
    fn a_shift_reads_to_the_right_and_fills() {
        let values = [0, 100, 200, 40];
        assert_eq!(row(&values, 0.5, Fill::Nearest), [50.0, 150.0, 120.0, 40.0]);
        assert_eq!(row(&values, 1.5, Fill::Constant(7.0)), [150.0, 120.0, 7.0, 7.0]);
        assert_eq!(row(&values, 2.5, Fill::Reflect), [120.0, 40.0, 120.0, 150.0]);
        // Beyond 3 begins 0 again.
        assert_eq!(row(&values, 2.5, Fill::Wrap), [120.0, 50.0, 150.0, 120.0]);
    }

    #[test]
    fn a_quarter_turn_is_counter_clockwise_and_the_older_one_is_clockwise_about_another_center() {
        let shape = Shape::gray(3, 3);
        let values = [1, 2, 3, 4, 5, 6, 7, 8, 9];
        let parts = Parts { theta: 90.0, ..STILL };
        let mut out = vec![0.0; 9];
        let now = transform(parts, Fill::Nearest, shape);
        apply(Image::new(shape, &values), &mut out, &now, &mut Scratch::default());
        let mut bytes = [0; 9];
        quantize(&out, &mut ImageMut::new(shape, &mut bytes));
        assert_eq!(bytes, [3, 6, 9, 2, 5, 8, 1, 4, 7]);
        let [[a, b, c], [d, e, f]] = inverse(&parts, shape, Compat::KerasPreprocessing).unwrap();
        let to = [a * 2.0 + b * 2.0 + c, d * 2.0 + e * 2.0 + f];
        // The pivot (2, 2) stays; what is right of it comes from above.
        assert!((to[0] - 2.0).abs() < 1e-12 && (to[1] - 2.0).abs() < 1e-12, "{to:?}");
        assert!((a * 3.0 + b * 2.0 + c - 2.0).abs() < 1e-12 && (d * 3.0 + e * 2.0 + f - 1.0).abs() < 1e-12);
    }

    #[test]
    fn shifts_of_channels_and_brightness_are_clipped() {
        let mut values = [10.0, 20.5, 200.0];
        channel_shift(&mut values, 15.0);
        assert_eq!(values, [25.0, 35.5, 200.0]);
        brightness_shift(&mut values, 1.5);
        assert_eq!(values, [37.0, 52.0, 255.0]);
    }

    proptest! {
            /// Every tap by itself, with the border's rule for each.
            #[test]
            fn values_are_the_bilinear_ones(
                picture in pictures(),
                theta in -40.0..40.0, tx in -6.0..6.0, ty in -6.0..6.0, shear in -30.0..30.0, zx in 0.5..2.0, zy in 0.5..2.0,
                flips: [bool; 2],
                reflected: bool,
            ) {
                let on = picture.shape;
                let Shape { height, width, kind } = on;
    let channels = kind.count();
                let (fill, border) = if reflected {
                    (Fill::Reflect, Border::Symmetric)
                } else {
                    (Fill::Nearest, Border::Edge)
                };
                let parts = Parts { theta, tx, ty, shear, zx, zy };
                let transform = Transform {
                    flip_horizontal: flips[0],
                    flip_vertical: flips[1],
                    ..transform(parts, fill, on)
                };
                let mut out = vec![0.0; on.bytes()];
                apply(picture.image(), &mut out, &transform, &mut Scratch::default());
                let [[a, b, c], [d, e, f]] = transform.inverse.unwrap();
                for y in 0..height {
                    for x in 0..width {
                        let (col, row) = (
                            if flips[0] { width - 1 - x } else { x } as f64,
                            if flips[1] { height - 1 - y } else { y } as f64,
                        );
                        let (u, v) = (a * col + b * row + c, d * col + e * row + f);
                        let (i, j) = (u.floor(), v.floor());
                        for channel in 0..channels {
                            let tap = |i: f64, j: f64| {
                                let at = |v: f64, n| border.index(v as i32, n).unwrap();
                                let pixel = at(j, height) * width + at(i, width);
                                f64::from(picture.data[pixel * channels + channel])
                            };
                            let mix = |p: f64, q: f64, f: f64| p * (1.0 - f) + q * f;
                            let expected = mix(
                                mix(tap(i, j), tap(i + 1.0, j), u - i),
                                mix(tap(i, j + 1.0), tap(i + 1.0, j + 1.0), u - i),
                                v - j,
                            );
                            let found = f64::from(out[(y * width + x) * channels + channel]);
                            prop_assert!((found - expected).abs() < 1e-4, "({x}, {y}): {found}, not {expected}");
                        }
                    }
                }
            }
        }
}
