//! Elastic transforms: OpenCV's affine warp of values, then SciPy's `map_coordinates` along smoothed fields.

use super::gauss::{Taps, along, down};
use super::{Finish, load};
use crate::base::math::rhe64;
use crate::base::{Image, ImageMut, Scratch, Shape};
use crate::kernels::affine::{Matrix, invert};
use crate::kernels::border::Border;

/// The matrix that moves three points of an image by `offsets`, (x, y): a third of the smaller side to the lower right of the middle, to the
/// upper right of it (as (x, y) count), and to the upper left.
#[must_use]
pub fn moved_corners(offsets: &[[f32; 2]; 3], on: Shape) -> Matrix {
    // The original takes rows for x here, which shows on images that are not square.
    let middle = [on.height as f32, on.width as f32].map(|n| (n / 2.0).floor());
    let side = (on.height.min(on.width) / 3) as f32;
    let from = [
        [middle[0] + side, middle[1] + side],
        [middle[0] + side, middle[1] - side],
        [middle[0] - side, middle[1] - side],
    ];
    let to: [[f32; 2]; 3] = std::array::from_fn(|i| std::array::from_fn(|k| from[i][k] + offsets[i][k]));
    let side = f64::from(2.0 * side);
    if side == 0.0 {
        // One point: a translation.
        let by = |k: usize| f64::from(offsets[0][k]);
        return [[1.0, 0.0, by(0)], [0.0, 1.0, by(1)]];
    }
    // Points 0 and 1 differ in y alone, points 1 and 2 in x alone.
    [0, 1].map(|k| {
        let [p, q, r] = to.map(|point| f64::from(point[k]));
        let (a, b) = ((q - r) / side, (p - q) / side);
        [a, b, q - a * f64::from(from[1][0]) - b * f64::from(from[1][1])]
    })
}

/// What lies beyond the border, of the affine warp and of the fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beyond {
    /// Zeros: MNIST-C.
    Zero,
    /// Mirrored, in the affine warp without the border pixel and along fields with it: ImageNet-C.
    Mirror,
}

/// Warps a plane by `matrix` in steps of 1/32 pixel.
fn affine(from: &[f32], to: &mut [f32], width: usize, matrix: &Matrix, beyond: Beyond) {
    let height = from.len() / width;
    let fixed = |x: f64| rhe64((x * 1024.0).clamp(-1e9, 1e9));
    let [[a, b, c], [d, e, f]] = invert(matrix);
    let read = |y: i32, x: i32| {
        let border = if beyond == Beyond::Zero { Border::Constant } else { Border::Reflect };
        match (border.index(y, height), border.index(x, width)) {
            (Some(y), Some(x)) => from[y * width + x],
            _ => 0.0,
        }
    };
    for (y, row) in to.chunks_exact_mut(width).enumerate() {
        let (x0, y0) = (fixed(b * y as f64 + c) + 16, fixed(e * y as f64 + f) + 16);
        for (x, to) in row.iter_mut().enumerate() {
            let (at_x, at_y) = ((x0 + fixed(a * x as f64)) >> 5, (y0 + fixed(d * x as f64)) >> 5);
            let (left, top) = (at_x >> 5, at_y >> 5);
            let (dx, dy) = ((at_x & 31) as f32 / 32.0, (at_y & 31) as f32 / 32.0);
            let (ex, ey) = (1.0 - dx, 1.0 - dy);
            *to = read(top, left) * (ey * ex)
                + read(top, left + 1) * (ey * dx)
                + read(top + 1, left) * (dy * ex)
                + read(top + 1, left + 1) * (dy * dx);
        }
    }
}

/// Smooths the two planes of a field of uniform numbers, x and then y, and multiplies them by `alpha`, to single precision.
///
/// # Panics
/// If the field has another size.
pub fn smooth(field: &mut [f64], on: Shape, sigma: [f64; 2], alpha: f64, scratch: &mut Scratch) {
    assert_eq!(field.len(), 2 * on.pixels(), "a field of two planes");
    if field.is_empty() {
        return;
    }
    let [rows, columns] = sigma.map(|sigma| Taps::new(sigma, 3.0, scratch));
    let mut middle = scratch.take_f64(on.pixels());
    for plane in field.chunks_exact_mut(on.pixels()) {
        down(plane, &mut middle, on.width, &rows, Border::Symmetric);
        along(&middle, plane, on.width, &columns, Border::Symmetric, scratch);
        for v in plane {
            *v = f64::from((*v * alpha) as f32);
        }
    }
    scratch.give_f64(middle);
    columns.give(scratch);
    rows.give(scratch);
}

/// Draws `dst` from `src`, moved by a matrix if there is one, by reading it `field` pixels away from each pixel.
///
/// # Panics
/// If the shapes differ, or the field has another size.
pub fn warp(
    src: Image<'_>,
    dst: ImageMut<'_>,
    matrix: Option<&Matrix>,
    field: &[f64],
    beyond: Beyond,
    finish: Finish,
    scratch: &mut Scratch,
) {
    let ImageMut { shape, data } = dst;
    assert_eq!(
        (shape, 2 * shape.pixels()),
        (src.shape, field.len()),
        "images of one shape, and a field for it"
    );
    if shape.pixels() == 0 {
        return;
    }
    let (height, width, channels) = (shape.height, shape.width, shape.channels());
    let mut values = scratch.take_f64(shape.pixels());
    let mut planes = [(); 2].map(|()| scratch.take_f32(shape.pixels()));
    let (across, along) = field.split_at(shape.pixels());
    for channel in 0..channels {
        load(src.data, channels, channel, &mut values);
        let [plane, moved] = &mut planes;
        for (to, v) in plane.iter_mut().zip(&values) {
            *to = *v as f32;
        }
        let plane = match matrix {
            Some(matrix) => {
                affine(plane, moved, width, matrix, beyond);
                &*moved
            }
            None => &*plane,
        };
        for (at, to) in data.iter_mut().skip(channel).step_by(channels).enumerate() {
            let (y, x) = ((at / width) as f64 + along[at], (at % width) as f64 + across[at]);
            *to = finish.byte32(read(plane, [height, width], [y, x], beyond));
        }
    }
    for plane in planes {
        scratch.give_f32(plane);
    }
    scratch.give_f64(values);
}

/// The bilinear value at a place.
fn read(plane: &[f32], size: [usize; 2], at: [f64; 2], beyond: Beyond) -> f32 {
    if beyond == Beyond::Zero && (0..2).any(|k| at[k] < 0.0 || at[k] > (size[k] - 1) as f64) {
        return 0.0;
    }
    let taps: [[(usize, f64); 2]; 2] = std::array::from_fn(|k| {
        let first = at[k].floor();
        let part = at[k] - first;
        let index = |i: i32| Border::Symmetric.index(i, size[k]).unwrap_or(0);
        let first = first as i32;
        [(index(first), 1.0 - part), (index(first.saturating_add(1)), part)]
    });
    let mut sum = 0.0;
    for (y, down) in taps[0] {
        for (x, across) in taps[1] {
            sum += f64::from(plane[y * size[1] + x]) * down * across;
        }
    }
    sum as f32
}
