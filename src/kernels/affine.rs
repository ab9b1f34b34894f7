//! Affine transforms: the matrix, and the warp that follows it.
//!
//! The warp works in whole numbers of 1/1024 pixel, of which the bilinear value uses 1/32.

use super::sampling::{Border, Coordinates, Cval, Extended};
use crate::base::math::{cos, rhe64, sin};
use crate::base::{Image, ImageMut, Scratch, Shape};

/// The upper two rows of a 3x3 matrix: `x' = m[0][0] x + m[0][1] y + m[0][2]`, `y'` alike.
///
/// Pixel centres have whole coordinates, x to the right and y downwards.
pub type Matrix = [[f64; 3]; 2];

/// How a source pixel is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// The nearest pixel (order 0).
    Nearest,
    /// Bilinear (order 1).
    Linear,
}

/// The parameters of an affine transform; each part is about the image's centre.
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
    let centre = [on.width as f64 / 2.0 - 0.5, on.height as f64 / 2.0 - 0.5];
    let [tx, ty] = parts.translate;
    [
        [turn[0][0], turn[0][1], centre[0] + tx - (turn[0][0] * centre[0] + turn[0][1] * centre[1])],
        [turn[1][0], turn[1][1], centre[1] + ty - (turn[1][0] * centre[0] + turn[1][1] * centre[1])],
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

/// Draws `dst` by reading `src` at `inverse` of each output pixel.
///
/// # Panics
/// If the channels of the two images differ or are neither 1 nor 3.
pub fn warp_affine(
    src: Image<'_>,
    dst: ImageMut<'_>,
    inverse: &Matrix,
    order: Order,
    border: Border,
    cval: Cval,
    scratch: &mut Scratch,
) {
    assert_eq!(src.shape.channels, dst.shape.channels, "a warp keeps the channels");
    if src.shape.pixels() == 0 || dst.shape.pixels() == 0 {
        return;
    }
    match (src.shape.channels, order) {
        (1, Order::Nearest) => warp::<1, false>(src, dst, inverse, border, cval, scratch),
        (1, Order::Linear) => warp::<1, true>(src, dst, inverse, border, cval, scratch),
        (3, Order::Nearest) => warp::<3, false>(src, dst, inverse, border, cval, scratch),
        (3, Order::Linear) => warp::<3, true>(src, dst, inverse, border, cval, scratch),
        (channels, _) => panic!("an image has 1 or 3 channels, not {channels}"),
    }
}

/// 1/1024 pixels, kept below 2^30 so that a sum of two fits.
fn fixed(x: f64) -> i32 {
    rhe64((x * 1024.0).clamp(-1e9, 1e9))
}

fn warp<const C: usize, const LINEAR: bool>(
    src: Image<'_>,
    mut dst: ImageMut<'_>,
    inverse: &Matrix,
    border: Border,
    cval: Cval,
    scratch: &mut Scratch,
) {
    let extended = Extended::new::<C>(src, border, cval, scratch);
    let fold = extended.fold;
    let (height, width) = (dst.shape.height, dst.shape.width);
    let (half, shift, unit) = if LINEAR { (16, 5, 32) } else { (512, 10, 1) };
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
        let out = dst.row_mut(y);
        if LINEAR {
            extended.linear_row::<C>(&mut coordinates, out);
        } else {
            extended.nearest_row::<C>(&mut coordinates, out);
        }
    }
    scratch.give_i32(along);
    coordinates.recycle(scratch);
    extended.recycle(scratch);
}
