//! Edges as scikit-image's `canny` finds them.
//!
//! J. Canny, "A Computational Approach to Edge Detection", PAMI 8 (1986).

use super::gauss::{Taps, along, down};
use super::load;
use crate::base::{ImageMut, Scratch};
use crate::kernels::border::{Border, edge};

/// Standard deviation of the blur, and the two thresholds of the gradient.
const SIGMA: f64 = 1.0;
const LOW: f64 = 0.1;
const HIGH: f64 = 0.2;

/// Replaces each channel by its edges, 255 on 0.
pub fn edges(image: ImageMut<'_>, scratch: &mut Scratch) {
    let ImageMut { shape, data } = image;
    let (pixels, channels) = (shape.pixels(), shape.channels());
    if pixels == 0 {
        return;
    }
    let mut plane = scratch.take_f64(pixels);
    let mut found = scratch.take_u8(pixels);
    for channel in 0..channels {
        load(data, channels, channel, &mut plane);
        edges_of(&mut plane, shape.width, &mut found, scratch);
        for (v, found) in data.iter_mut().skip(channel).step_by(channels).zip(&found) {
            *v = *found;
        }
    }
    scratch.give_u8(found);
    scratch.give_f64(plane);
}

/// Blurs with zeros outside, divided by what a blur of ones gives.
fn smooth(plane: &mut [f64], width: usize, scratch: &mut Scratch) {
    let taps = Taps::new(SIGMA, 4.0, scratch);
    let mut middle = scratch.take_f64(plane.len());
    down(plane, &mut middle, width, &taps, Border::Constant);
    along(&middle, plane, width, &taps, Border::Constant, scratch);
    let mut ones = scratch.take_f64(plane.len());
    let mut bled = scratch.take_f64(plane.len());
    ones.fill(1.0);
    down(&ones, &mut bled, width, &taps, Border::Constant);
    along(&bled, &mut ones, width, &taps, Border::Constant, scratch);
    for (v, bled) in plane.iter_mut().zip(&ones) {
        *v /= bled + f64::EPSILON;
    }
    scratch.give_f64(bled);
    scratch.give_f64(ones);
    scratch.give_f64(middle);
    taps.give(scratch);
}

fn edges_of(plane: &mut [f64], width: usize, found: &mut [u8], scratch: &mut Scratch) {
    let height = plane.len() / width;
    smooth(plane, width, scratch);
    let mut rows = scratch.take_f64(plane.len());
    let mut columns = scratch.take_f64(plane.len());
    let mut size = scratch.take_f64(plane.len());
    // Sobel's differences, mirrored at the border with the pixel repeated, which for one pixel is the nearest one.
    let mut steps = scratch.take_f64(plane.len());
    for y in 0..height {
        let (above, below) = (edge(y as i32 - 1, height) * width, edge(y as i32 + 1, height) * width);
        for x in 0..width {
            let (left, right) = (edge(x as i32 - 1, width), edge(x as i32 + 1, width));
            columns[y * width + x] = plane[y * width + right] - plane[y * width + left];
            rows[y * width + x] = plane[below + x] - plane[above + x];
        }
    }
    steps.copy_from_slice(&columns);
    for y in 0..height {
        let (above, below) = (edge(y as i32 - 1, height) * width, edge(y as i32 + 1, height) * width);
        for x in 0..width {
            columns[y * width + x] = steps[y * width + x] * 2.0 + (steps[above + x] + steps[below + x]);
        }
    }
    steps.copy_from_slice(&rows);
    for y in 0..height {
        let line = &steps[y * width..][..width];
        for x in 0..width {
            let (left, right) = (edge(x as i32 - 1, width), edge(x as i32 + 1, width));
            rows[y * width + x] = line[x] * 2.0 + (line[left] + line[right]);
        }
    }
    for ((size, a), b) in size.iter_mut().zip(&rows).zip(&columns) {
        *size = (a * a + b * b).sqrt();
    }
    found.fill(0);
    for y in 1..height.saturating_sub(1) {
        for x in 1..width.saturating_sub(1) {
            let at = y * width + x;
            if size[at] >= LOW && is_ridge(&size, width, at, rows[at], columns[at]) {
                found[at] = if size[at] >= HIGH { STRONG } else { WEAK };
            }
        }
    }
    scratch.give_f64(steps);
    scratch.give_f64(size);
    scratch.give_f64(columns);
    scratch.give_f64(rows);
    connect(found, width, scratch);
}

/// Whether the gradient at `at` is as large as those before and behind it in its direction.
fn is_ridge(size: &[f64], width: usize, at: usize, down: f64, across: f64) -> bool {
    let (steep, flat) = (down.abs(), across.abs());
    let same = (down >= 0.0 && across >= 0.0) || (down <= 0.0 && across <= 0.0);
    let (straight, diagonal) = match (same, steep >= flat) {
        (true, true) => (width as i32, width as i32 + 1),
        (true, false) => (1, width as i32 + 1),
        (false, true) => (-(width as i32), -(width as i32) + 1),
        (false, false) => (1, -(width as i32) + 1),
    };
    let w = if steep >= flat { flat / steep } else { steep / flat };
    let near = |straight: i32, diagonal: i32| {
        let v = |by: i32| size[at.saturating_add_signed(by as isize)];
        v(diagonal) * w + v(straight) * (1.0 - w)
    };
    near(straight, diagonal) <= size[at] && near(-straight, -diagonal) <= size[at]
}

const WEAK: u8 = 1;
const STRONG: u8 = 255;

/// Makes weak pixels strong that hang together with strong ones, corners included, and takes the others away.
pub(super) fn connect(found: &mut [u8], width: usize, scratch: &mut Scratch) {
    let height = found.len() / width;
    let mut open = scratch.take_i32(found.len());
    let mut count = 0;
    for (at, v) in found.iter().enumerate() {
        if *v == STRONG {
            open[count] = at as i32;
            count += 1;
        }
    }
    while count > 0 {
        count -= 1;
        let at = open[count] as usize;
        let (y, x) = (at / width, at % width);
        for y in y.saturating_sub(1)..=(y + 1).min(height - 1) {
            for x in x.saturating_sub(1)..=(x + 1).min(width - 1) {
                let other = y * width + x;
                if found[other] == WEAK {
                    found[other] = STRONG;
                    open[count] = other as i32;
                    count += 1;
                }
            }
        }
    }
    scratch.give_i32(open);
    for v in found {
        *v = if *v == STRONG { STRONG } else { 0 };
    }
}
