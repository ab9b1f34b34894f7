//! Rotation, shift, zoom and shear: `ImageProjectiveTransformV3` with affine matrices.

use std::f32::consts::PI;

use crate::base::Shape;
use crate::base::math::{cosf, sinf};
use crate::kernels::entry::for_channels;

/// Where the pixel (x, y) of the result comes from: `X = m[0] x + m[1] y + m[2]`, `Y = m[3] x + m[4] y + m[5]`; centers of
/// pixels are whole numbers.
pub type Matrix = [f32; 6];

/// What is read beyond the image. All but the last bring the coordinate into the image before anything is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fill {
    /// Mirrored, the border pixel repeated: `dcba|abcd|dcba`.
    Reflect,
    /// The other side: `abcd|abcd|abcd`. There is no blending across the seam, and more than two images away the pixel is
    /// the one beside; both are TensorFlow's.
    Wrap,
    /// The border pixel: `aaaa|abcd|dddd`.
    Nearest,
    /// One value, blended with the border where interpolation is bilinear.
    Constant,
}

/// How values between pixels are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interpolation {
    /// The nearest pixel, halves away from zero.
    Nearest,
    /// Between the four pixels around.
    Bilinear,
}

/// How an image is read at any place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sampling {
    /// What is read beyond the image.
    pub fill: Fill,
    /// The value of [`Fill::Constant`].
    pub value: f32,
    /// How values between pixels are found.
    pub interpolation: Interpolation,
}

/// Turns by `degrees` counter-clockwise about the middle of an image of shape `on`.
#[must_use]
pub fn rotation(degrees: f32, on: Shape) -> Matrix {
    let radians = degrees * (PI / 180.0);
    let (sin, cos) = (sinf(radians), cosf(radians));
    let (cx, cy) = (0.5 * (on.width as f32 - 1.0), 0.5 * (on.height as f32 - 1.0));
    [cos, -sin, cx - cx * cos - cy * -sin, sin, cos, cy - cx * sin - cy * cos]
}

/// Moves the content by pixels to the right and down.
#[must_use]
pub fn translation(right: f32, down: f32) -> Matrix {
    [1.0, 0.0, -right, 0.0, 1.0, -down]
}

/// Shows `height` and `width` times as much of an image of shape `on`, about its middle: above 1 the content shrinks.
#[must_use]
pub fn zoom(height: f32, width: f32, on: Shape) -> Matrix {
    let offset = |n: usize, zoom: f32| (n as f32 - 1.0) / 2.0 * (1.0 - zoom);
    [width, 0.0, offset(on.width, width), 0.0, height, offset(on.height, height)]
}

/// Shears about the upper left pixel: X = x + `along_x` y, Y = y + `along_y` x.
#[must_use]
pub fn shear(along_x: f32, along_y: f32) -> Matrix {
    [1.0, along_x, 0.0, along_y, 1.0, 0.0]
}

/// Reads `src`, an image of shape `on`, where `matrix` says.
///
/// # Panics
/// If either slice is not as long as the shape says.
pub fn warp(src: &[f32], on: Shape, out: &mut [f32], matrix: &Matrix, how: Sampling) {
    assert_eq!((src.len(), out.len()), (on.bytes(), on.bytes()), "both have the shape {on}");
    if on.pixels() == 0 {
        return;
    }
    for_channels!(on, C => match how.interpolation {
        Interpolation::Nearest => rows::<C, false>(src, on, out, matrix, how),
        Interpolation::Bilinear => rows::<C, true>(src, on, out, matrix, how),
    });
}

fn rows<const C: usize, const LINEAR: bool>(
    src: &[f32],
    on: Shape,
    out: &mut [f32],
    matrix: &Matrix,
    how: Sampling,
) {
    let Shape { height, width, .. } = on;
    let source = src.as_chunks::<C>().0;
    let beyond = [how.value; C];
    let (w, h) = (width as f32, height as f32);
    let read = |x: f32, y: f32| {
        let inside = x >= 0.0 && y >= 0.0 && x < w && y < h;
        if inside { source[y as usize * width + x as usize] } else { beyond }
    };
    let [a0, a1, a2, b0, b1, b2] = *matrix;
    let pixels = out.as_chunks_mut::<C>().0;
    for (y, line) in pixels.chunks_exact_mut(width).enumerate() {
        let y = y as f32;
        for (x, pixel) in line.iter_mut().enumerate() {
            let x = x as f32;
            let u = folded(a0 * x + a1 * y + a2, width, how.fill);
            let v = folded(b0 * x + b1 * y + b2, height, how.fill);
            *pixel = if LINEAR {
                let (left, top) = (u.floor(), v.floor());
                let (right, bottom) = (left + 1.0, top + 1.0);
                let (p, q, r, s) =
                    (read(left, top), read(right, top), read(left, bottom), read(right, bottom));
                std::array::from_fn(|c| {
                    let upper = (right - u) * p[c] + (u - left) * q[c];
                    let lower = (right - u) * r[c] + (u - left) * s[c];
                    (bottom - v) * upper + (v - top) * lower
                })
            } else {
                read(u.round(), v.round())
            };
        }
    }
}

/// A coordinate along a side of `n` pixels as `fill` brings it into the image.
fn folded(v: f32, n: usize, fill: Fill) -> f32 {
    let (side, last) = (n as f32, n as f32 - 1.0);
    let inside = |v: f32| v.max(0.0).min(last);
    match fill {
        Fill::Constant => v,
        Fill::Reflect | Fill::Wrap if n <= 1 => 0.0,
        Fill::Reflect if v < 0.0 => {
            let period = 2.0 * side;
            let v = period * (-v / period).trunc() + v;
            inside(if v < -side { v + period } else { -v - 1.0 })
        }
        Fill::Reflect if v > last => {
            let period = 2.0 * side;
            let v = v - period * (v / period).trunc();
            inside(if v >= side { period - v - 1.0 } else { v })
        }
        Fill::Wrap if v < 0.0 => inside(v + side * ((-v / last).trunc() + 1.0)),
        Fill::Wrap if v > last => inside(v - side * (v / last).trunc()),
        Fill::Nearest | Fill::Reflect | Fill::Wrap => inside(v),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(values: &[f32], right: f32, fill: Fill) -> Vec<f32> {
        let how = Sampling { fill, value: 7.0, interpolation: Interpolation::Bilinear };
        let mut out = vec![0.0; values.len()];
        warp(values, Shape::gray(1, values.len()), &mut out, &translation(right, 0.0), how);
        out
    }

    #[test]
    fn what_lies_beyond_is_as_the_fill_says() {
        let values = [0.0, 100.0, 200.0, 40.0];
        assert_eq!(row(&values, -1.5, Fill::Nearest), [150.0, 120.0, 40.0, 40.0]);
        assert_eq!(row(&values, -2.5, Fill::Reflect), [120.0, 40.0, 120.0, 150.0]);
        // One tap is beyond: 0.5 * 40 + 0.5 * 7.
        assert_eq!(row(&values, -1.5, Fill::Constant), [150.0, 120.0, 23.5, 7.0]);
        // 3.5 - 4 is before the first pixel, which it is brought to.
        assert_eq!(row(&values, -2.5, Fill::Wrap), [120.0, 0.0, 50.0, 150.0]);
        for fill in [Fill::Nearest, Fill::Reflect, Fill::Wrap] {
            assert_eq!(row(&[9.0], 3.25, fill), [9.0]);
        }
    }

    #[test]
    fn a_quarter_turn_is_counter_clockwise_and_a_zoom_shows_more() {
        let on = Shape::gray(3, 3);
        let values = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0];
        let how = Sampling { fill: Fill::Constant, value: 0.0, interpolation: Interpolation::Nearest };
        let mut out = [0.0; 9];
        warp(&values, on, &mut out, &rotation(90.0, on), how);
        assert_eq!(out, [3.0, 6.0, 9.0, 2.0, 5.0, 8.0, 1.0, 4.0, 7.0]);
        warp(&values, on, &mut out, &zoom(3.0, 1.0, on), how);
        assert_eq!(out, [0.0, 0.0, 0.0, 4.0, 5.0, 6.0, 0.0, 0.0, 0.0]);
        warp(&values, on, &mut out, &shear(1.0, 0.0), how);
        assert_eq!(out, [1.0, 2.0, 3.0, 5.0, 6.0, 0.0, 9.0, 0.0, 0.0]);
    }
}
