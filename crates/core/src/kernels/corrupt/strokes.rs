//! Lines that are drawn over digits: straight, dotted, in zigzag; and stripes.

use super::{Finish, UNITS};
use crate::base::math::log;
use crate::base::{ImageMut, Scratch};

/// How far a stroke reaches to either side.
const REACH: f64 = 2.3;

/// Adds the values of a line from `from` to `to`, (x, y), to a plane. Columns before the start and from the end on get nothing.
fn add_line(plane: &mut [f64], width: usize, from: [f64; 2], to: [f64; 2]) {
    let height = plane.len() / width;
    let slope = (to[1] - from[1]) / (to[0] - from[0]);
    let first = from[0].floor().max(0.0) as usize;
    let end = (to[0].ceil().max(0.0) as usize).min(width);
    for x in first..end {
        let middle = from[1] + slope * (x as f64 - from[0]);
        // Farther away the logarithm is below -1.
        let (top, bottom) = ((middle - REACH).floor(), (middle + REACH).ceil());
        for y in top.clamp(0.0, height as f64) as usize..(bottom + 1.0).clamp(0.0, height as f64) as usize {
            let distance = (y as f64 - middle).abs().min(REACH - 1e-10);
            if distance < 1.6 {
                plane[y * width + x] += (log(1.0 - distance / REACH) + 1.0).clamp(0.0, 1.0);
            }
        }
    }
}

/// Adds a plane to all channels.
fn add(image: ImageMut<'_>, plane: &[f64], finish: Finish) {
    let ImageMut { shape, data } = image;
    for (pixel, ink) in data.chunks_exact_mut(shape.channels()).zip(plane) {
        if *ink > 0.0 {
            for v in pixel {
                *v = finish.byte(UNITS[usize::from(*v)] + ink);
            }
        }
    }
}

/// Draws a line from `from` to `to`, (x, y), from the left to the right. With `dotted`, every other pair of columns is left out.
pub fn line(
    image: ImageMut<'_>,
    from: [f64; 2],
    to: [f64; 2],
    dotted: bool,
    finish: Finish,
    scratch: &mut Scratch,
) {
    let (pixels, width) = (image.shape.pixels(), image.shape.width);
    if pixels == 0 {
        return;
    }
    let mut plane = scratch.take_f64(pixels);
    plane.fill(0.0);
    add_line(&mut plane, width, from, to);
    if dotted {
        for row in plane.chunks_exact_mut(width) {
            for (x, v) in row.iter_mut().enumerate() {
                *v = if x / 2 % 2 == 0 { 0.0 } else { *v };
            }
        }
    }
    add(image, &plane, finish);
    scratch.give_f64(plane);
}

/// Draws a zigzag about the line from `from` to `to`, (x, y): corners 4 pixels apart, 2 to one side and to the other in turn.
pub fn zigzag(image: ImageMut<'_>, from: [f64; 2], to: [f64; 2], finish: Finish, scratch: &mut Scratch) {
    const HALF: f64 = 2.0;
    const WHOLE: f64 = 4.0;
    let (pixels, width) = (image.shape.pixels(), image.shape.width);
    let (run, rise) = (to[0] - from[0], to[1] - from[1]);
    if pixels == 0 || run <= 0.0 {
        return;
    }
    let length = (run * run + rise * rise).sqrt();
    let turn = [run / length, rise / length];
    let placed = |along: f64, off: f64| {
        [turn[0] * along - turn[1] * off + from[0], turn[1] * along + turn[0] * off + from[1]]
    };
    let mut plane = scratch.take_f64(pixels);
    plane.fill(0.0);
    let mut at = from;
    let mut off = 0.0;
    let mut stroke = |to: [f64; 2]| {
        add_line(&mut plane, width, at, to);
        for v in &mut plane {
            *v = if *v > 1.0 { 1.0 } else { *v };
        }
        at = to;
    };
    if length >= HALF {
        for i in 0..=((length - HALF) / WHOLE).floor() as usize {
            off = if i % 2 == 0 { HALF } else { -HALF };
            stroke(placed(HALF * (2 * i + 1) as f64, off));
        }
    }
    let whole = (length / WHOLE).floor() * WHOLE;
    if length != whole {
        stroke(placed(length, off / (2.0 * (length - whole))));
    }
    add(image, &plane, finish);
    scratch.give_f64(plane);
}

/// Inverts the first and the last quarter of the columns.
pub fn stripe(image: ImageMut<'_>) {
    let ImageMut { shape, data } = image;
    let (width, channels) = (shape.width, shape.channels());
    if shape.pixels() == 0 {
        return;
    }
    for row in data.chunks_exact_mut(shape.stride()) {
        for (x, pixel) in row.chunks_exact_mut(channels).enumerate() {
            if 4 * x < width || 4 * x >= 3 * width {
                for v in pixel {
                    *v = 255 - *v;
                }
            }
        }
    }
}
