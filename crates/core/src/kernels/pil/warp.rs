//! Pillow's `Image.transform` and `rotate`.

use fearless_simd::Simd;

use crate::base::math::{cos, rhe64, sin};
use crate::base::{Image, ImageMut, Scratch};
use crate::kernels::entry::{drawable, for_channels};
use crate::kernels::texels::{Beyond, LANES, MARGIN, RUN, Run, Texels};
use crate::kernels::vectors::dispatch;

/// How a value between pixels is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filter {
    /// The pixel that the place lies in.
    Nearest,
    /// Linear in both directions; the fraction is cut off.
    Bilinear,
    /// Cubic convolution with a = -1 over 4 x 4 pixels; the fraction is cut off.
    Bicubic,
}

/// From a place in the result (x, y) to one in the source: `[a, b, c, d, e, f]`, where X = ax + by + c and
/// Y = dx + ey + f.
pub type Matrix = [f64; 6];

/// A full turn.
const DEGREES: f64 = std::f64::consts::PI / 180.0;

/// 15 decimals of a number from -1 to 1, as Pillow rounds sines and cosines. Python's `round` knows the number to its last digit, which a product
/// of floats does not: for the sine of 45 degrees it would be another one.
fn decimals(x: f64) -> f64 {
    if x.abs() < 1e-16 {
        return 0.0;
    }
    let bits = x.abs().to_bits();
    // x is the mantissa, divided by 2 to the power of `shift`, which is from 52 to 106.
    let mantissa = (bits & ((1 << 52) - 1)) | (1 << 52);
    let shift = (1075 - (bits >> 52)).min(120);
    let product = u128::from(mantissa) * 1_000_000_000_000_000;
    let (whole, rest, half) = (product >> shift, product & ((1 << shift) - 1), 1_u128 << (shift - 1));
    let up = rest > half || (rest == half && whole & 1 == 1);
    ((whole as u64 + u64::from(up)) as f64 / 1e15).copysign(x)
}

/// The matrix of a turn by `angle` degrees counter-clockwise about (x, y), and the size of what it makes of an image of
/// `height` x `width`: its own, or with `expand` that of all corners.
#[must_use]
pub fn rotation(
    angle: f64,
    center: Option<[f64; 2]>,
    expand: bool,
    height: usize,
    width: usize,
) -> (Matrix, [usize; 2]) {
    let (w, h) = (width as f64, height as f64);
    let [cx, cy] = center.unwrap_or([w / 2.0, h / 2.0]);
    let turn = -(angle.rem_euclid(360.0) * DEGREES);
    let (a, b) = (decimals(cos(turn)), decimals(sin(turn)));
    let (d, e) = (decimals(-sin(turn)), decimals(cos(turn)));
    let (c, f) = (a * -cx + b * -cy + cx, d * -cx + e * -cy + cy);
    let matrix = [a, b, c, d, e, f];
    if !expand {
        return (matrix, [height, width]);
    }
    let corners = [[0.0, 0.0], [w, 0.0], [w, h], [0.0, h]].map(|[x, y]| at(&matrix, x, y));
    let extent = |i: usize| {
        let (lo, hi) = corners.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(lo, hi), corner| {
            (if corner[i] < lo { corner[i] } else { lo }, if corner[i] > hi { corner[i] } else { hi })
        });
        (hi.ceil() - lo.floor()).max(1.0)
    };
    // Quarter turns exchange the sides and need no room.
    let (nw, nh) = match angle.rem_euclid(180.0) {
        0.0 => (w, h),
        90.0 => (h, w),
        _ => (extent(0), extent(1)),
    };
    let [c, f] = at(&matrix, -(nw - w) / 2.0, -(nh - h) / 2.0);
    ([a, b, c, d, e, f], [nh as usize, nw as usize])
}

/// The matrix of torchvision's `affine`: clockwise `angle` and the shears in degrees, `scale`, then the translation in
/// pixels, all about (x, y).
#[must_use]
pub fn affine(angle: f64, translate: [f64; 2], scale: f64, shear: [f64; 2], [cx, cy]: [f64; 2]) -> Matrix {
    let (turn, kx, ky) = (angle * DEGREES, shear[0] * DEGREES, shear[1] * DEGREES);
    let tan = |x: f64| sin(x) / cos(x);
    let a = cos(turn - ky) / cos(ky);
    let b = -cos(turn - ky) * tan(kx) / cos(ky) - sin(turn);
    let c = sin(turn - ky) / cos(ky);
    let d = -sin(turn - ky) * tan(kx) / cos(ky) + cos(turn);
    let [m0, m1, m3, m4] = [d / scale, -b / scale, -c / scale, a / scale];
    let [tx, ty] = translate;
    [m0, m1, m0 * (-cx - tx) + m1 * (-cy - ty) + cx, m3, m4, m3 * (-cx - tx) + m4 * (-cy - ty) + cy]
}

/// Where (x, y) comes from.
#[must_use]
pub fn at(matrix: &Matrix, x: f64, y: f64) -> [f64; 2] {
    let [a, b, c, d, e, f] = *matrix;
    [a * x + b * y + c, d * x + e * y + f]
}

/// Draws `src` through `matrix`; what lies outside is `fill`.
pub fn transform(
    src: Image<'_>,
    dst: ImageMut<'_>,
    matrix: &Matrix,
    filter: Filter,
    fill: [u8; 3],
    scratch: &mut Scratch,
) {
    if !drawable(src, &dst) {
        return;
    }
    for_channels!(src.shape, C => match filter {
        Filter::Nearest if matrix[1] == 0.0 && matrix[3] == 0.0 => scaled::<C>(src, dst, matrix, fill),
        Filter::Nearest => nearest::<C>(src, dst, matrix, fill),
        Filter::Bilinear | Filter::Bicubic => {
            let [a, b, c, d, e, f] = *matrix;
            smooth::<C>(
                src,
                dst,
                filter,
                fill,
                scratch,
                #[inline(always)]
                |x, y| {
                    let (x, y) = (x + 0.5, y + 0.5);
                    [a * x + b * y + c, d * x + e * y + f]
                },
            );
        }
    });
}

/// Draws `src` through a change of perspective: X = (k0 x + k1 y + k2) / (k6 x + k7 y + 1), Y likewise with k3, k4, k5.
pub fn perspective(
    src: Image<'_>,
    dst: ImageMut<'_>,
    k: &[f64; 8],
    filter: Filter,
    fill: [u8; 3],
    scratch: &mut Scratch,
) {
    if !drawable(src, &dst) {
        return;
    }
    let from = |x: f64, y: f64| {
        let (x, y) = (x + 0.5, y + 0.5);
        let below = k[6] * x + k[7] * y + 1.0;
        [(k[0] * x + k[1] * y + k[2]) / below, (k[3] * x + k[4] * y + k[5]) / below]
    };
    for_channels!(src.shape, C => match filter {
        Filter::Nearest => picked::<C>(src, dst, fill, |x, y| from(x as f64, y as f64).map(whole)),
        Filter::Bilinear | Filter::Bicubic => smooth::<C>(src, dst, filter, fill, scratch, from),
    });
}

/// A coordinate's whole part; below 0 it lies outside.
fn whole(v: f64) -> i64 {
    if v < 0.0 { -1 } else { v as i64 }
}

fn picked<const C: usize>(
    src: Image<'_>,
    mut dst: ImageMut<'_>,
    fill: [u8; 3],
    mut from: impl FnMut(usize, usize) -> [i64; 2],
) {
    let fill: [u8; C] = std::array::from_fn(|c| fill[c]);
    let (rows, columns) = (0..src.shape.height as i64, 0..src.shape.width as i64);
    for y in 0..dst.shape.height {
        for (x, pixel) in dst.row_mut(y).as_chunks_mut::<C>().0.iter_mut().enumerate() {
            let [sx, sy] = from(x, y);
            *pixel = if rows.contains(&sy) && columns.contains(&sx) {
                src.row(sy as usize).as_chunks::<C>().0[sx as usize]
            } else {
                fill
            };
        }
    }
}

/// Nothing but scale and shift: sums that run along.
fn scaled<const C: usize>(src: Image<'_>, dst: ImageMut<'_>, matrix: &Matrix, fill: [u8; 3]) {
    let [a, _, c, _, e, f] = *matrix;
    let (mut sx, mut sy, mut row) = (0.0, f + e * 0.5, 0);
    picked::<C>(src, dst, fill, |x, y| {
        if y != row {
            row = y;
            sy += e;
        }
        sx = if x == 0 { c + a * 0.5 } else { sx + a };
        [whole(sx), whole(sy)]
    });
}

/// Fixed point of 16 bits behind the point.
fn nearest<const C: usize>(src: Image<'_>, dst: ImageMut<'_>, matrix: &Matrix, fill: [u8; 3]) {
    let fixed = |v: f64| (v * 65536.0 + 0.5).floor() as i64;
    let [a, b, c, d, e, f] = *matrix;
    let (fa, fb, fd, fe) = (fixed(a), fixed(b), fixed(d), fixed(e));
    let (fx, fy) = (fixed(c + a * 0.5 + b * 0.5), fixed(f + d * 0.5 + e * 0.5));
    picked::<C>(src, dst, fill, |x, y| {
        let (x, y) = (x as i64, y as i64);
        let along = |start: i64, dx: i64, dy: i64| {
            start.wrapping_add(dx.wrapping_mul(x)).wrapping_add(dy.wrapping_mul(y)) >> 16
        };
        [along(fx, fa, fb), along(fy, fd, fe)]
    });
}

fn smooth<const C: usize>(
    src: Image<'_>,
    dst: ImageMut<'_>,
    filter: Filter,
    fill: [u8; 3],
    scratch: &mut Scratch,
    from: impl Fn(f64, f64) -> [f64; 2],
) {
    match filter {
        Filter::Nearest | Filter::Bilinear => {
            dispatch!(simd => linear::<_, _, C>(simd, src, dst, fill, scratch, &from));
        }
        Filter::Bicubic => bicubic::<C>(src, dst, fill, from),
    }
}

/// The whole number up to a coordinate, and the distance from it; for those from -2^31 to 2^31.
#[inline(always)]
fn split(v: f64) -> (f64, f64) {
    const MAGIC: f64 = 6_755_399_441_055_744.0;
    let near = (v + MAGIC) - MAGIC;
    let whole = near - if near > v { 1.0 } else { 0.0 };
    (whole, v - whole)
}

/// Bilinear values by way of single precision; those that are too near to a whole number are computed as Pillow does.
#[inline(always)]
fn linear<S: Simd, F: Fn(f64, f64) -> [f64; 2], const C: usize>(
    _: S,
    src: Image<'_>,
    mut dst: ImageMut<'_>,
    fill: [u8; 3],
    scratch: &mut Scratch,
    from: &F,
) {
    let texels = Texels::new::<C>(src, Beyond::Edge, scratch);
    let [p, q, r, s] = texels.quads();
    let [height, width] = [src.shape.height, src.shape.width].map(|n| n as f64);
    let stride = texels.stride as f64;
    let origin = (MARGIN * texels.stride + MARGIN) as f64;
    // A half is far from whole numbers.
    let outside: [f32; LANES] = std::array::from_fn(|c| if c < C { f32::from(fill[c]) + 0.5 } else { 0.5 });
    let mut run = Run::default();
    let (mut places, mut right, mut down) = ([0_i32; RUN], [0.0_f32; RUN], [0.0_f32; RUN]);
    for y in 0..dst.shape.height {
        for (number, out) in dst.row_mut(y).chunks_mut(RUN * C).enumerate() {
            let place = |i: usize| from(f64::from((number * RUN + i) as i32), y as f64);
            for i in 0..RUN {
                let [sx, sy] = place(i);
                let inside = sx >= 0.0 && sx < width && sy >= 0.0 && sy < height;
                let ((ix, dx), (iy, dy)) = (split(sx - 0.5), split(sy - 0.5));
                places[i] = rhe64(if inside { iy * stride + ix + origin } else { -1.0 });
                (right[i], down[i]) = (dx as f32, dy as f32);
            }
            let out = out.as_chunks_mut::<C>().0;
            for (i, value) in run.values[..out.len()].iter_mut().enumerate() {
                let Ok(at) = usize::try_from(places[i]) else {
                    *value = outside;
                    continue;
                };
                let (p, q, r, s) = (&p[at], &q[at], &r[at], &s[at]);
                for c in 0..LANES {
                    let upper = p[c] + (q[c] - p[c]) * right[i];
                    let lower = r[c] + (s[c] - r[c]) * right[i];
                    value[c] = upper + (lower - upper) * down[i];
                }
            }
            let unsure = run.cut();
            for (pixel, bytes) in out.iter_mut().zip(&run.bytes) {
                *pixel = std::array::from_fn(|c| bytes[c]);
            }
            if !unsure {
                continue;
            }
            for (i, pixel) in out.iter_mut().enumerate() {
                if !run.is_unsure(i) {
                    continue;
                }
                let Ok(at) = usize::try_from(places[i]) else { continue };
                let corners = [p[at], q[at], r[at], s[at]];
                // Between equal values there is no doubt.
                let flat = |c: usize| corners.iter().all(|corner| corner[c] == corners[0][c]);
                if (0..C).any(|c| run.unsure[i][c] != 0 && !flat(c)) {
                    let [(_, dx), (_, dy)] = place(i).map(|v| split(v - 0.5));
                    *pixel = between::<C>(corners, dx, dy);
                }
            }
        }
    }
    texels.give(scratch);
}

/// The value at (`dx`, `dy`) between the corners, the fraction cut off, as Pillow computes it.
fn between<const C: usize>(corners: [[f32; LANES]; 4], dx: f64, dy: f64) -> [u8; C] {
    let [p, q, r, s] = corners.map(|corner| corner.map(f64::from));
    std::array::from_fn(|c| {
        let upper = p[c] + (q[c] - p[c]) * dx;
        let lower = r[c] + (s[c] - r[c]) * dx;
        (upper + (lower - upper) * dy).clamp(0.0, 255.0) as u8
    })
}

fn bicubic<const C: usize>(
    src: Image<'_>,
    mut dst: ImageMut<'_>,
    fill: [u8; 3],
    from: impl Fn(f64, f64) -> [f64; 2],
) {
    let fill: [u8; C] = std::array::from_fn(|c| fill[c]);
    let [height, width] = [src.shape.height, src.shape.width].map(|n| n as f64);
    let [bottom, end] = [src.shape.height, src.shape.width].map(|n| n as isize - 1);
    let pixel = |y: isize, x: isize| {
        let (y, x) = (y.clamp(0, bottom) as usize, x.clamp(0, end) as usize);
        src.data.as_chunks::<C>().0[y * src.shape.width + x].map(f64::from)
    };
    for y in 0..dst.shape.height {
        for (x, out) in dst.row_mut(y).as_chunks_mut::<C>().0.iter_mut().enumerate() {
            let [sx, sy] = from(x as f64, y as f64);
            if !(sx >= 0.0 && sx < width && sy >= 0.0 && sy < height) {
                *out = fill;
                continue;
            }
            let ((ix, dx), (iy, dy)) = (split(sx - 0.5), split(sy - 0.5));
            let (ix, iy) = (ix as isize, iy as isize);
            let rows: [[[f64; C]; 4]; 4] = std::array::from_fn(|j| {
                std::array::from_fn(|i| pixel(iy - 1 + j as isize, ix - 1 + i as isize))
            });
            *out = std::array::from_fn(|c| {
                let value = cubic(rows.map(|row| cubic(row.map(|pixel| pixel[c]), dx)), dy);
                value.clamp(0.0, 255.0) as i32 as u8
            });
        }
    }
}

fn cubic([a, b, c, d]: [f64; 4], t: f64) -> f64 {
    let (p1, p2, p3, p4) = (b, -a + c, 2.0 * (a - b) + c - d, -a + b - c + d);
    p1 + t * (p2 + t * (p3 + t * p4))
}

/// The coefficients of a change of perspective that brings `end` to `start`, rounded to single precision; none if the
/// corners do not span an area.
#[must_use]
pub fn coefficients(start: [[f64; 2]; 4], end: [[f64; 2]; 4]) -> Option<[f64; 8]> {
    let mut rows = [[0.0; 9]; 8];
    for (i, ([sx, sy], [x, y])) in start.into_iter().zip(end).enumerate() {
        rows[2 * i] = [x, y, 1.0, 0.0, 0.0, 0.0, -sx * x, -sx * y, sx];
        rows[2 * i + 1] = [0.0, 0.0, 0.0, x, y, 1.0, -sy * x, -sy * y, sy];
    }
    for column in 0..8 {
        let pivot = (column..8).max_by(|a, b| rows[*a][column].abs().total_cmp(&rows[*b][column].abs()))?;
        rows.swap(column, pivot);
        if rows[column][column].abs() < 1e-12 {
            return None;
        }
        let own = rows[column];
        for (i, row) in rows.iter_mut().enumerate() {
            if i != column {
                let factor = row[column] / own[column];
                for (value, from) in row.iter_mut().zip(own) {
                    *value -= factor * from;
                }
            }
        }
    }
    Some(std::array::from_fn(|i| f64::from((rows[i][8] / rows[i][i]) as f32)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::base::Shape;
    use crate::kernels::testing::{Picture, pictures};

    /// Printed by Python's `round(x, 15)`.
    #[test]
    #[expect(clippy::approx_constant, reason = "its last digits are what is tested")]
    fn decimals_are_pythons() {
        // The sine and the cosine of 45 degrees, which are neighbors.
        assert_eq!(decimals(0.707_106_781_186_547_5), 0.707_106_781_186_547);
        assert_eq!(decimals(0.707_106_781_186_547_6), 0.707_106_781_186_548);
        assert_eq!(decimals(-0.707_106_781_186_547_5), -0.707_106_781_186_547);
        assert_eq!(
            [decimals(1.0), decimals(-1.0), decimals(6.1e-17), decimals(0.25)],
            [1.0, -1.0, 0.0, 0.25]
        );
    }

    /// A pixel at a time, in double precision.
    fn plain(from: &Picture, to: Shape, fill: [u8; 3], place: impl Fn(f64, f64) -> [f64; 2]) -> Vec<u8> {
        let Shape { height, width, .. } = from.shape;
        let channels = from.shape.channels();
        let mut out = Vec::new();
        for (y, x) in (0..to.height).flat_map(|y| (0..to.width).map(move |x| (y, x))) {
            let [sx, sy] = place(x as f64 + 0.5, y as f64 + 0.5);
            if !(sx >= 0.0 && sx < width as f64 && sy >= 0.0 && sy < height as f64) {
                out.extend(&fill[..channels]);
                continue;
            }
            let (left, top) = ((sx - 0.5).floor(), (sy - 0.5).floor());
            let (dx, dy) = (sx - 0.5 - left, sy - 0.5 - top);
            for c in 0..channels {
                let at = |dy: f64, dx: f64| {
                    let (y, x) = ((top + dy).max(0.0) as usize, (left + dx).max(0.0) as usize);
                    let (y, x) = (y.min(height - 1), x.min(width - 1));
                    f64::from(from.data[(y * width + x) * channels + c])
                };
                let upper = at(0.0, 0.0) + (at(0.0, 1.0) - at(0.0, 0.0)) * dx;
                let lower = at(1.0, 0.0) + (at(1.0, 1.0) - at(1.0, 0.0)) * dx;
                out.push((upper + (lower - upper) * dy) as u8);
            }
        }
        out
    }

    proptest! {
        #[test]
        fn bilinear_values_are_those_of_double_precision(
            picture in pictures(), angle in -180_i32..180, scale in 1_u32..9, shift in -9.0..9.0, tilt in -0.02..0.02,
            height in 1_usize..40, width in 1_usize..70, fill: [u8; 3],
        ) {
            // Quarters and halves of pixels too, where values are whole numbers.
            let (angle, scale) = (f64::from(angle / 45 * 45) + f64::from(angle % 3), f64::from(scale) / 4.0);
            let to = Shape::new(height, width, picture.shape.kind);
            let matrix = affine(angle, [shift, -shift], scale, [tilt * 100.0, 0.0], [3.5, 2.0]);
            let mut found = vec![0; to.bytes()];
            let (dst, mut scratch) = (ImageMut::new(to, &mut found), Scratch::default());
            transform(picture.image(), dst, &matrix, Filter::Bilinear, fill, &mut scratch);
            prop_assert_eq!(&found, &plain(&picture, to, fill, |x, y| at(&matrix, x, y)));
            let k = [scale, 0.1, shift, -0.1, scale, shift, tilt, -tilt];
            let dst = ImageMut::new(to, &mut found);
            perspective(picture.image(), dst, &k, Filter::Bilinear, fill, &mut scratch);
            let from = |x: f64, y: f64| {
                let below = k[6] * x + k[7] * y + 1.0;
                [(k[0] * x + k[1] * y + k[2]) / below, (k[3] * x + k[4] * y + k[5]) / below]
            };
            prop_assert_eq!(&found, &plain(&picture, to, fill, from));
        }
    }

    #[test]
    fn nothing_changes_by_the_identity() {
        let data: Vec<u8> = (0..15).map(|i| i * 17).collect();
        let shape = Shape::gray(5, 3);
        for filter in [Filter::Nearest, Filter::Bilinear, Filter::Bicubic] {
            let mut out = [0; 15];
            transform(
                Image::new(shape, &data),
                ImageMut::new(shape, &mut out),
                &[1.0, 0.0, 0.0, 0.0, 1.0, 0.0],
                filter,
                [9; 3],
                &mut Scratch::default(),
            );
            assert_eq!(out, *data, "{filter:?}");
        }
    }

    #[test]
    fn a_quarter_turn_goes_counter_clockwise() {
        let src = Image::new(Shape::gray(2, 2), &[1, 2, 3, 4]);
        let (matrix, to) = rotation(90.0, None, false, 2, 2);
        let mut out = [0; 4];
        let dst = ImageMut::new(Shape::gray(to[0], to[1]), &mut out);
        transform(src, dst, &matrix, Filter::Nearest, [9; 3], &mut Scratch::default());
        assert_eq!(out, [2, 4, 1, 3]);
        assert_eq!(rotation(90.0, None, true, 2, 5).1, [5, 2]);
    }

    #[test]
    fn corners_that_stay_change_nothing() {
        let corners = [[0.0, 0.0], [4.0, 0.0], [4.0, 2.0], [0.0, 2.0]];
        assert_eq!(coefficients(corners, corners), Some([1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0]));
        assert_eq!(coefficients([[0.0; 2]; 4], [[0.0; 2]; 4]), None);
    }
}
