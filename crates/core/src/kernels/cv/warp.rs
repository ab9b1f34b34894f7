//! Warps: by an affine matrix, by a homography, by a map of every pixel.
//!
//! Source coordinates are rounded to 1/32 pixel (whole pixels for the nearest one), and the border rule holds for
//! each tap, as in all warps that OpenCV computes in whole numbers.

use crate::base::math::{rhe, rhe64};
use crate::base::{Image, ImageMut, Scratch};
use crate::kernels::affine::{self, Matrix, Sampling};
use crate::kernels::border::{Border, Cval};
use crate::kernels::cv::homography::Homography;
use crate::kernels::entry::{drawable, for_channels};
use crate::kernels::sampling::{Coordinates, Extended, Floats, Fold, clamp};

/// How the value between pixels is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interpolation {
    /// The nearest pixel.
    Nearest,
    /// Bilinear.
    Linear,
    /// Cubic convolution, a = -0.75.
    Cubic,
}

impl Interpolation {
    /// Steps per pixel to which coordinates are rounded.
    fn unit(self) -> i32 {
        if self == Self::Nearest { 1 } else { 32 }
    }
}

/// What is read where there is no pixel.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outside {
    /// The rule.
    pub border: Border,
    /// The color, where the rule is a constant.
    pub cval: Cval,
}

/// Writes the source coordinates of one row, in steps of the unit and clamped to the bounds.
type Row<'a> = &'a mut dyn FnMut(usize, &Fold, [&mut [i32]; 2]);

/// Draws `dst` row by row.
fn draw<const C: usize>(
    src: Image<'_>,
    mut dst: ImageMut<'_>,
    how: Interpolation,
    outside: Outside,
    scratch: &mut Scratch,
    row: Row<'_>,
) {
    let unit = how.unit();
    let mut line = Coordinates::new(dst.shape.width, scratch);
    if how == Interpolation::Cubic {
        let floats = Floats::new::<C>(src, outside.border, outside.cval, scratch);
        for y in 0..dst.shape.height {
            row(y, &floats.fold, line.axes());
            floats.fold.apply(&mut line, unit);
            floats.cubic_row::<C>(&mut line, dst.row_mut(y));
        }
        floats.recycle(scratch);
    } else {
        let extended = Extended::new::<C>(src, outside.border, outside.cval, scratch);
        for y in 0..dst.shape.height {
            row(y, &extended.fold, line.axes());
            extended.fold.apply(&mut line, unit);
            if how == Interpolation::Linear {
                extended.linear_row::<C>(&mut line, dst.row_mut(y));
            } else {
                extended.nearest_row::<C>(&mut line, dst.row_mut(y));
            }
        }
        extended.recycle(scratch);
    }
    line.recycle(scratch);
}

/// Draws `dst` by reading `src` at `inverse` of each output pixel.
///
/// # Panics
/// If the channels of the two images differ.
pub fn warp_affine(
    src: Image<'_>,
    dst: ImageMut<'_>,
    inverse: &Matrix,
    how: Interpolation,
    outside: Outside,
    scratch: &mut Scratch,
) {
    let order = match how {
        Interpolation::Nearest => Sampling::Nearest,
        Interpolation::Linear => Sampling::Linear,
        Interpolation::Cubic => Sampling::Cubic,
    };
    affine::warp_affine(src, dst, inverse, order, outside.border, outside.cval, scratch);
}

/// Draws `dst` by reading `src` at `m` of each output pixel.
///
/// # Panics
/// If the channels of the two images differ.
pub fn warp_perspective(
    src: Image<'_>,
    dst: ImageMut<'_>,
    m: &Homography,
    how: Interpolation,
    outside: Outside,
    scratch: &mut Scratch,
) {
    if drawable(src, &dst) {
        for_channels!(src.shape, C => perspective::<C>(src, dst, m, how, outside, scratch));
    }
}

fn perspective<const C: usize>(
    src: Image<'_>,
    dst: ImageMut<'_>,
    m: &Homography,
    how: Interpolation,
    outside: Outside,
    scratch: &mut Scratch,
) {
    let unit = f64::from(how.unit());
    draw::<C>(src, dst, how, outside, scratch, &mut |y, fold, [xs, ys]| {
        let base = m.map(|row| row[1] * y as f64 + row[2]);
        let bounds = fold.bounds.map(|axis| axis.map(|v| f64::from(v) * unit));
        let limit = |v: f64, [low, high]: [f64; 2]| {
            let v = if v > low { v } else { low };
            if high < v { high } else { v }
        };
        for (i, (x, y)) in xs.iter_mut().zip(ys).enumerate() {
            let u = i as f64;
            let w = base[2] + m[2][0] * u;
            let scale = if w == 0.0 { 0.0 } else { unit / w };
            *x = rhe64(limit((base[0] + m[0][0] * u) * scale, bounds[0]));
            *y = rhe64(limit((base[1] + m[1][0] * u) * scale, bounds[1]));
        }
    });
}

/// Draws `dst` by reading `src` at a place for each output pixel: `map` holds the x of all pixels, then the y.
///
/// # Panics
/// If the channels of the two images differ, or the map has another size.
pub fn remap(
    src: Image<'_>,
    dst: ImageMut<'_>,
    map: &[f32],
    how: Interpolation,
    outside: Outside,
    scratch: &mut Scratch,
) {
    assert_eq!(map.len(), 2 * dst.shape.pixels(), "two maps");
    if drawable(src, &dst) {
        for_channels!(src.shape, C => mapped::<C>(src, dst, map, how, outside, scratch));
    }
}

fn mapped<const C: usize>(
    src: Image<'_>,
    dst: ImageMut<'_>,
    map: &[f32],
    how: Interpolation,
    outside: Outside,
    scratch: &mut Scratch,
) {
    let (pixels, width) = (dst.shape.pixels(), dst.shape.width);
    let unit = how.unit() as f32;
    draw::<C>(src, dst, how, outside, scratch, &mut |y, fold, axes| {
        for ((line, plane), bounds) in axes.into_iter().zip(map.chunks_exact(pixels)).zip(fold.bounds) {
            for (out, &v) in line.iter_mut().zip(&plane[y * width..][..width]) {
                *out = rhe(clamp(v, bounds) * unit);
            }
            line[width..].fill(0);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Shape;

    const OUTSIDE: Outside = Outside { border: Border::Constant, cval: [9; 3] };

    fn image(shape: Shape) -> Vec<u8> {
        (0..shape.bytes()).map(|i| (i as u8).wrapping_mul(83) ^ (i >> 3) as u8).collect()
    }

    #[test]
    fn all_three_read_the_same_places() {
        let (from, to) = (Shape::rgb(7, 9), Shape::rgb(6, 8));
        let data = image(from);
        for how in [Interpolation::Nearest, Interpolation::Linear, Interpolation::Cubic] {
            let mut got = [(); 3].map(|()| vec![0; to.bytes()]);
            let mut scratch = Scratch::default();
            let src = Image::new(from, &data);
            let map: Vec<f32> = [0.75, -1.25]
                .into_iter()
                .enumerate()
                .flat_map(|(axis, by)| {
                    (0..48).map(move |i| if axis == 0 { (i % 8) as f32 + by } else { (i / 8) as f32 + by })
                })
                .collect();
            let [first, second, third] = &mut got;
            let matrix = [[1.0, 0.0, 0.75], [0.0, 1.0, -1.25]];
            warp_affine(src, ImageMut::new(to, first), &matrix, how, OUTSIDE, &mut scratch);
            let m = [matrix[0], matrix[1], [0.0, 0.0, 1.0]];
            warp_perspective(src, ImageMut::new(to, second), &m, how, OUTSIDE, &mut scratch);
            remap(src, ImageMut::new(to, third), &map, how, OUTSIDE, &mut scratch);
            assert_eq!(got[0], got[1], "{how:?}");
            assert_eq!(got[0], got[2], "{how:?}");
            // A cubic value of the first row sees a little of the image.
            assert!(how == Interpolation::Cubic || got[0].contains(&9));
        }
    }
}
