//! Affine warps as scikit-image's `warp` of order 1 computes them: bilinear, zeros outside for each tap, clipped to the values that an
//! image has.

use super::{Finish, load};
use crate::base::math::{cos, sin};
use crate::base::{Image, ImageMut, Scratch, Shape};
use crate::kernels::affine::Matrix;

/// The matrix from output to input coordinates that shears by `angle` in radians, as scikit-image up to version 0.20 has it: the y axis is
/// turned, its length kept.
#[must_use]
pub fn shear(angle: f64, on: Shape) -> Matrix {
    centered([[1.0, -sin(angle)], [0.0, cos(angle)]], on)
}

/// The matrix from output to input coordinates that turns by `angle` in radians.
#[must_use]
pub fn rotation(angle: f64, on: Shape) -> Matrix {
    centered([[cos(angle), -sin(angle)], [sin(angle), cos(angle)]], on)
}

/// The matrix from output to input coordinates that shrinks by `factor`.
#[must_use]
pub fn scaling(factor: f64, on: Shape) -> Matrix {
    centered([[factor, 0.0], [0.0, factor]], on)
}

/// The matrix that leaves the middle of the image where it is.
fn centered([[a, b], [c, d]]: [[f64; 2]; 2], on: Shape) -> Matrix {
    let [x, y] = [on.width, on.height].map(|n| (n as f64 - 1.0) / 2.0);
    // The sums of the original, whose images are square.
    let rest = |own: f64, by: f64, other: f64, across: f64| {
        if own == 0.0 { -across * other } else { own * (1.0 - by - across * (other / own)) }
    };
    let top = if x == y { x * (1.0 - a - b) } else { rest(x, a, y, b) };
    let bottom = if x == y { y * (1.0 - c - d) } else { rest(y, d, x, c) };
    [[a, b, top], [c, d, bottom]]
}

/// Draws `dst` by reading `src` at `inverse` of each output pixel, channel by channel.
///
/// # Panics
/// If the shapes differ.
pub fn warp(src: Image<'_>, dst: ImageMut<'_>, inverse: &Matrix, finish: Finish, scratch: &mut Scratch) {
    let ImageMut { shape, data } = dst;
    assert_eq!(src.shape, shape, "images of one shape");
    let (height, width, channels) = (shape.height, shape.width, shape.channels());
    // With a frame of zeros, every tap of a place that is not wholly outside is there.
    let wide = width + 3;
    let mut plane = scratch.take_f64(wide * (height + 3));
    let mut values = scratch.take_f64(shape.pixels());
    for channel in 0..channels {
        load(src.data, channels, channel, &mut values);
        let least = values.iter().fold(1.0_f64, |a, b| a.min(*b));
        let most = values.iter().fold(0.0_f64, |a, b| a.max(*b));
        plane.fill(0.0);
        for (to, from) in plane.chunks_exact_mut(wide).skip(1).zip(values.chunks_exact(width.max(1))) {
            to[1..=width].copy_from_slice(from);
        }
        let mut out = data.iter_mut().skip(channel).step_by(channels);
        for y in 0..height {
            for (x, v) in (0..width).zip(&mut out) {
                let [at_x, at_y] = inverse.map(|[a, b, c]| a * x as f64 + b * y as f64 + c);
                let (left, top) = (at_x.floor(), at_y.floor());
                let value = if left < -1.0 || top < -1.0 || left > width as f64 || top > height as f64 {
                    0.0
                } else {
                    let (dx, dy) = (at_x - left, at_y - top);
                    let at = (top as i32 + 1) as usize * wide + (left as i32 + 1) as usize;
                    let (upper, lower) = (&plane[at..at + 2], &plane[at + wide..at + wide + 2]);
                    let between = |line: &[f64]| (1.0 - dx) * line[0] + dx * line[1];
                    (1.0 - dy) * between(upper) + dy * between(lower)
                };
                // Nothing is brighter or darker than before, but for what comes in from outside.
                *v = finish.byte(if value == 0.0 { 0.0 } else { value.max(least).min(most) });
            }
        }
    }
    scratch.give_f64(values);
    scratch.give_f64(plane);
}

/// Moves pixels by whole columns and rows; zeros enter.
///
/// # Panics
/// If the shapes differ.
pub fn translate(src: Image<'_>, mut dst: ImageMut<'_>, [right, down]: [i32; 2]) {
    assert_eq!(src.shape, dst.shape, "images of one shape");
    let (height, width, channels) = (src.shape.height as i32, src.shape.width as i32, src.shape.channels());
    let (from, to) = (right.clamp(0, width), (width + right).clamp(0, width));
    for y in 0..height {
        let out = dst.row_mut(y as usize);
        out.fill(0);
        let source = y - down;
        if (0..height).contains(&source) && from < to {
            let row = src.row(source as usize);
            let part = (from - right) as usize * channels..(to - right) as usize * channels;
            out[from as usize * channels..to as usize * channels].copy_from_slice(&row[part]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_stays_and_zeros_enter() {
        let shape = Shape::gray(9, 5);
        let mut data = vec![0; 45];
        data[22] = 200;
        for matrix in [shear(0.7, shape), rotation(-0.4, shape), scaling(1.5, shape)] {
            let mut out = vec![9; 45];
            warp(
                Image::new(shape, &data),
                ImageMut::new(shape, &mut out),
                &matrix,
                Finish::Round,
                &mut Scratch::default(),
            );
            assert_eq!((out[22], out[0]), (200, 0), "{matrix:?}");
        }
        let white = vec![255; 45];
        let mut out = vec![9; 45];
        warp(
            Image::new(shape, &white),
            ImageMut::new(shape, &mut out),
            &scaling(2.0, shape),
            Finish::Round,
            &mut Scratch::default(),
        );
        assert_eq!((out[0], out[22]), (0, 255));
    }

    #[test]
    fn pixels_move_by_whole_steps() {
        let shape = Shape::rgb(2, 3);
        let data: Vec<u8> = (1..=18).collect();
        let mut out = vec![99; 18];
        translate(Image::new(shape, &data), ImageMut::new(shape, &mut out), [1, -1]);
        assert_eq!(out, [0, 0, 0, 10, 11, 12, 13, 14, 15, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        translate(Image::new(shape, &data), ImageMut::new(shape, &mut out), [-7, 0]);
        assert_eq!(out, [0; 18]);
    }
}
