//! Affine transforms: the matrix, and the warp that follows it.
//!
//! The warp works in whole numbers of 1/1024 pixel, of which the bilinear value uses 1/32.

use super::border::{Border, Cval};
use super::entry::{drawable, for_channels};
use super::sampling::{Coordinates, Extended, Floats, Fold};
use crate::base::math::{cos, rhe64, sin};
use crate::base::{Image, ImageMut, Scratch, Shape};

/// The upper two rows of a 3x3 matrix: `x' = m[0][0] x + m[0][1] y + m[0][2]`, `y'` alike.
///
/// Pixel centers have whole coordinates, x to the right and y downwards.
pub type Matrix = [[f64; 3]; 2];

/// How a source pixel is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// The nearest pixel (order 0).
    Nearest,
    /// Bilinear (order 1).
    Linear,
}

/// How a source pixel is read, by a warp that knows more ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sampling {
    /// The nearest pixel (order 0).
    Nearest,
    /// Bilinear (order 1).
    Linear,
    /// Cubic convolution, a = -0.75 (order 3).
    Cubic,
}

/// The parameters of an affine transform; each part is about the image's center.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Parts {
    /// Factors of x and y; above 1 enlarges the content.
    pub scale: [f64; 2],
    /// Pixels of the output to the right and downwards; applied last.
    pub translate: [f64; 2],
    /// Degrees, clockwise on the screen.
    pub rotate: f64,
    /// Degrees by which the y axis (shear x) and the x axis (shear y) are turned.
    pub shear: [f64; 2],
}

/// The matrix from input to output coordinates of an image of shape `on`.
///
/// The form of scikit-image up to 0.20, where a shear turns one axis without stretching it, with the
/// shear in y applied first: `p' = c + t + A B (p - c)`, c = (W/2 - 0.5, H/2 - 0.5).
#[must_use]
pub fn forward(parts: &Parts, on: Shape) -> Matrix {
    let [sx, sy] = parts.scale;
    let radians = |degrees: f64| degrees * (std::f64::consts::PI / 180.0);
    let (r, kx, ky) = (radians(parts.rotate), radians(parts.shear[0]), radians(parts.shear[1]));
    let a = [[sx * cos(r), -sy * sin(r + kx)], [sx * sin(r), sy * cos(r + kx)]];
    let (cos_ky, sin_ky) = (cos(ky), sin(ky));
    let turn =
        [[a[0][0] * cos_ky + a[0][1] * sin_ky, a[0][1]], [a[1][0] * cos_ky + a[1][1] * sin_ky, a[1][1]]];
    let center = [on.width as f64 / 2.0 - 0.5, on.height as f64 / 2.0 - 0.5];
    let [tx, ty] = parts.translate;
    [
        [turn[0][0], turn[0][1], center[0] + tx - (turn[0][0] * center[0] + turn[0][1] * center[1])],
        [turn[1][0], turn[1][1], center[1] + ty - (turn[1][0] * center[0] + turn[1][1] * center[1])],
    ]
}

/// Whether the matrix is so close to the identity that the image is left alone:
/// the mean deviation of the nine entries is at most 1e-4.
#[must_use]
pub fn is_identity(m: &Matrix) -> bool {
    let identity = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]];
    let total: f64 =
        m.as_flattened().iter().zip(identity.as_flattened()).map(|(a, b): (&f64, &f64)| (a - b).abs()).sum();
    total / 9.0 <= 1e-4
}

/// The inverse of a matrix. A singular one gives a matrix of zeros.
#[must_use]
pub fn invert(m: &Matrix) -> Matrix {
    let determinant = m[0][0] * m[1][1] - m[0][1] * m[1][0];
    let d = if determinant == 0.0 { 0.0 } else { 1.0 / determinant };
    let (a, b, c, e) = (m[1][1] * d, -m[0][1] * d, -m[1][0] * d, m[0][0] * d);
    [[a, b, -a * m[0][2] - b * m[1][2]], [c, e, -c * m[0][2] - e * m[1][2]]]
}

/// The matrix moved so that all of an image of shape `on` is seen, and the shape that shows it: corners are the centers of
/// the corner pixels.
#[must_use]
pub fn fitted(mut m: Matrix, on: Shape) -> (Matrix, Shape) {
    let (right, bottom) = (on.width as f64 - 1.0, on.height as f64 - 1.0);
    let corners = [(0.0, 0.0), (0.0, bottom), (right, bottom), (right, 0.0)];
    let size = [0, 1].map(|axis: usize| {
        let row = &mut m[axis];
        let along = corners.map(|(x, y)| row[0] * x + row[1] * y + row[2]);
        let least = along.into_iter().fold(f64::INFINITY, f64::min);
        let most = along.into_iter().fold(f64::NEG_INFINITY, f64::max);
        row[2] -= least;
        (most - least + 1.0).ceil().clamp(1.0, MOST_FITTED) as usize
    });
    (m, Shape::new(size[1], size[0], on.kind))
}

/// The longest side of an image that grows with its content.
const MOST_FITTED: f64 = 16_384.0;

/// Draws `dst` by reading `src` at `inverse` of each output pixel.
///
/// # Panics
/// If the channels of the two images differ or are neither 1 nor 3.
pub fn warp_affine(
    src: Image<'_>,
    dst: ImageMut<'_>,
    inverse: &Matrix,
    order: Sampling,
    border: Border,
    cval: Cval,
    scratch: &mut Scratch,
) {
    if !drawable(src, &dst) {
        return;
    }
    for_channels!(src.shape, C => match order {
        Sampling::Nearest => {
            let extended = Extended::new::<C>(src, border, cval, scratch);
            each_row(dst, inverse, extended.fold, NEAREST, scratch, |line, out| extended.nearest_row::<C>(line, out));
            extended.recycle(scratch);
        }
        Sampling::Linear => {
            let extended = Extended::new::<C>(src, border, cval, scratch);
            each_row(dst, inverse, extended.fold, PARTS, scratch, |line, out| extended.linear_row::<C>(line, out));
            extended.recycle(scratch);
        }
        Sampling::Cubic => {
            let floats = Floats::new::<C>(src, border, cval, scratch);
            each_row(dst, inverse, floats.fold, PARTS, scratch, |line, out| floats.cubic_row::<C>(line, out));
            floats.recycle(scratch);
        }
    });
}

/// What is added before 1/1024 pixels are cut, by how many bits, and how many units a pixel has then.
const NEAREST: (i32, i32, i32) = (512, 10, 1);
const PARTS: (i32, i32, i32) = (16, 5, 32);

/// 1/1024 pixels, kept below 2^30 so that a sum of two fits.
fn fixed(x: f64) -> i32 {
    rhe64((x * 1024.0).clamp(-1e9, 1e9))
}

/// Hands out each output row with the source coordinates of its pixels.
#[inline]
fn each_row(
    mut dst: ImageMut<'_>,
    inverse: &Matrix,
    fold: Fold,
    (half, shift, unit): (i32, i32, i32),
    scratch: &mut Scratch,
    draw: impl Fn(&mut Coordinates, &mut [u8]),
) {
    let (height, width) = (dst.shape.height, dst.shape.width);
    let bounds = fold.bounds.map(|axis| axis.map(|v| v as i32 * unit));

    let [[a, b, b1], [c, d, b2]] = *inverse;
    let padded = Coordinates::padded(width);
    let mut coordinates = Coordinates::new(width, scratch);
    let mut along = scratch.take_i32(2 * padded);
    let (ad, bd) = along.split_at_mut(padded);
    for (x, (ad, bd)) in ad.iter_mut().zip(bd.iter_mut()).enumerate() {
        *ad = fixed(a * x as f64);
        *bd = fixed(c * x as f64);
    }
    for y in 0..height {
        let x0 = fixed(b * y as f64 + b1) + half;
        let y0 = fixed(d * y as f64 + b2) + half;
        let lines = coordinates.axes().into_iter().zip([(&*ad, x0, bounds[0]), (&*bd, y0, bounds[1])]);
        for (line, (along, start, [low, high])) in lines {
            for (out, &step) in line.iter_mut().zip(along) {
                *out = ((start + step) >> shift).max(low).min(high);
            }
        }
        fold.apply(&mut coordinates, unit);
        draw(&mut coordinates, dst.row_mut(y));
    }
    scratch.give_i32(along);
    coordinates.recycle(scratch);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Channels, Stream};
    use proptest::prelude::*;

    const PLAIN: Parts = Parts { scale: [1.0; 2], translate: [0.0; 2], rotate: 0.0, shear: [0.0; 2] };
    const BORDERS: [Border; 5] =
        [Border::Constant, Border::Edge, Border::Symmetric, Border::Reflect, Border::Wrap];

    fn warped(shape: Shape, data: &[u8], parts: &Parts, order: Sampling, border: Border) -> Vec<u8> {
        let mut got = vec![0; shape.bytes()];
        let inverse = invert(&forward(parts, shape));
        let (src, dst) = (Image::new(shape, data), ImageMut::new(shape, &mut got));
        warp_affine(src, dst, &inverse, order, border, [9, 8, 7], &mut Scratch::default());
        got
    }

    fn moved(m: &Matrix, x: f64, y: f64) -> [f64; 2] {
        m.map(|row| row[0] * x + row[1] * y + row[2])
    }

    #[test]
    fn angles_turn_clockwise_and_shears_as_documented() {
        let on = Shape::gray(29, 29);
        let near = |got: [f64; 2], want: [f64; 2]| {
            assert!((got[0] - want[0]).abs() < 1e-9 && (got[1] - want[1]).abs() < 1e-9, "{got:?} {want:?}");
        };
        let quarter = forward(&Parts { rotate: 90.0, ..PLAIN }, on);
        near(moved(&quarter, 24.0, 14.0), [14.0, 24.0]);
        let (sin, cos) = (sin(0.3), cos(0.3));
        let degrees = 0.3 * 180.0 / std::f64::consts::PI;
        let in_x = forward(&Parts { shear: [degrees, 0.0], ..PLAIN }, on);
        near(moved(&in_x, 14.0, 4.0), [14.0 + 10.0 * sin, 14.0 - 10.0 * cos]);
        let in_y = forward(&Parts { shear: [0.0, degrees], ..PLAIN }, on);
        near(moved(&in_y, 24.0, 14.0), [14.0 + 10.0 * cos, 14.0 + 10.0 * sin]);
        let all = forward(&Parts { scale: [2.0, 3.0], translate: [1.0, -1.0], ..PLAIN }, on);
        near(moved(&all, 15.0, 15.0), [17.0, 16.0]);
    }

    #[test]
    fn half_a_pixel_blends_with_the_border() {
        let shape = Shape::gray(1, 4);
        let data = [10, 20, 40, 80];
        let half = Parts { translate: [0.5, 0.0], ..PLAIN };
        assert_eq!(warped(shape, &data, &half, Sampling::Linear, Border::Constant), [10, 15, 30, 60]);
        assert_eq!(warped(shape, &data, &half, Sampling::Linear, Border::Wrap), [45, 15, 30, 60]);
        let far = Parts { translate: [3.0, 0.0], ..PLAIN };
        assert_eq!(warped(shape, &data, &far, Sampling::Nearest, Border::Reflect), [80, 40, 20, 10]);
    }

    #[test]
    fn a_matrix_near_the_identity_counts_as_such() {
        let on = Shape::gray(28, 28);
        assert!(is_identity(&forward(&PLAIN, on)));
        assert!(is_identity(&forward(&Parts { translate: [0.0008, 0.0], ..PLAIN }, on)));
        assert!(!is_identity(&forward(&Parts { translate: [0.001, 0.0], ..PLAIN }, on)));
    }

    proptest! {
        #[test]
        fn whole_pixels_are_moved_by_the_border_rule(
            h in 1_usize..9, w in 1_usize..9, rgb: bool, dx in -30_i32..30, dy in -30_i32..30,
            which in 0_usize..5, linear: bool, seed: u64,
        ) {
            let shape = Shape::new(h, w, Channels::colored(rgb));
            let mut data = vec![0; shape.bytes()];
            Stream::of_key(seed).fill(&mut data);
            let parts = Parts { translate: [f64::from(dx), f64::from(dy)], ..PLAIN };
            let order = if linear { Sampling::Linear } else { Sampling::Nearest };
            let got = warped(shape, &data, &parts, order, BORDERS[which]);
            for y in 0..h {
                for x in 0..w {
                    let from = (
                        BORDERS[which].index(y as i32 - dy, h),
                        BORDERS[which].index(x as i32 - dx, w),
                    );
                    for c in 0..shape.channels() {
                        let want = match from {
                            (Some(y), Some(x)) => data[(y * w + x) * shape.channels() + c],
                            _ => [9, 8, 7][c],
                        };
                        prop_assert_eq!(got[(y * w + x) * shape.channels() + c], want);
                    }
                }
            }
        }

        #[test]
        fn four_quarter_turns_are_none(n in 1_usize..20, rgb: bool, seed: u64) {
            let shape = Shape::new(n, n, Channels::colored(rgb));
            let mut data = vec![0; shape.bytes()];
            Stream::of_key(seed).fill(&mut data);
            let quarter = Parts { rotate: 90.0, ..PLAIN };
            let mut turned = data.clone();
            for _ in 0..4 {
                turned = warped(shape, &turned, &quarter, Sampling::Linear, Border::Constant);
            }
            prop_assert_eq!(turned, data);
        }

        #[test]
        fn the_inverse_undoes_the_matrix(
            sx in 0.2_f64..3.0, sy in 0.2_f64..3.0, rotate in -180_f64..180.0, shear in -40_f64..40.0,
            x in -50_f64..50.0, y in -50_f64..50.0,
        ) {
            let parts = Parts { scale: [sx, sy], translate: [3.0, -4.5], rotate, shear: [shear, shear / 2.0] };
            let m = forward(&parts, Shape::rgb(40, 56));
            let [u, v] = moved(&m, x, y);
            let [back_x, back_y] = moved(&invert(&m), u, v);
            prop_assert!((back_x - x).abs() < 1e-6 && (back_y - y).abs() < 1e-6);
        }
    }
}
