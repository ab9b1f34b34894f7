//! Filters of 3 x 3 weights: sharpening, embossing and edges, as imgaug builds them.

use super::pad::{BLOCK, Border, Margin, Padded, blocks, whole_blocks};
use crate::base::{Image, ImageMut, Scratch, math};

/// Weights of a pixel's neighbourhood by row and column; the middle one is the pixel's own.
pub type Kernel = [[f32; 3]; 3];

/// The identity and `effect`, mixed by `alpha` in 0..=1.
fn mixed(alpha: f64, effect: [[f64; 3]; 3]) -> Kernel {
    std::array::from_fn(|row| {
        std::array::from_fn(|column| {
            let own = if row == 1 && column == 1 { 1.0 } else { 0.0 };
            ((1.0 - alpha) * own + alpha * effect[row][column]) as f32
        })
    })
}

/// Sharpens: eight neighbours at -1 and the pixel at 8 + `lightness`, mixed into the image by `alpha`.
///
/// Brightness stays with `lightness` 1.
#[must_use]
pub fn sharpen(alpha: f64, lightness: f64) -> Kernel {
    mixed(alpha, [[-1.0, -1.0, -1.0], [-1.0, 8.0 + lightness, -1.0], [-1.0, -1.0, -1.0]])
}

/// Embosses: light from the lower right, of the given `strength`, mixed into the image by `alpha`.
#[must_use]
pub fn emboss(alpha: f64, strength: f64) -> Kernel {
    let s = strength;
    mixed(alpha, [[-1.0 - s, -s, 0.0], [-s, 1.0, s], [0.0, s, 1.0 + s]])
}

/// Finds edges by the Laplacian of four neighbours, the pixel negative, mixed into the image by `alpha`.
#[must_use]
pub fn edge_detect(alpha: f64) -> Kernel {
    mixed(alpha, [[0.0, 1.0, 0.0], [1.0, -4.0, 1.0], [0.0, 1.0, 0.0]])
}

/// Finds edges that face `direction`, mixed into the image by `alpha`.
///
/// `direction` is in turns: 0 is up, 0.25 right, 0.5 down; it is cut to whole degrees. A neighbour at the angle a
/// (degrees) from it weighs in with (1 - a / 180)^4; the neighbours sum to -1 and the pixel is 1.
#[must_use]
pub fn directed_edge_detect(alpha: f64, direction: f64) -> Kernel {
    let degrees = (direction as f32 * 360.0) as i32 % 360;
    let radians = f64::from(degrees - 90) * (std::f64::consts::PI / 180.0);
    let facing = (math::cos(radians), math::sin(radians));
    let mut effect = [[0.0; 3]; 3];
    let mut sum = 0.0;
    for (row, weights) in effect.iter_mut().enumerate() {
        for (column, weight) in weights.iter_mut().enumerate() {
            let (x, y) = (column as f64 - 1.0, row as f64 - 1.0);
            let distance = (x * x + y * y).sqrt();
            if distance > 0.0 {
                let cosine = (x * facing.0 + y * facing.1) / distance;
                let near = 1.0 - math::acos(cosine.clamp(-1.0, 1.0)) / std::f64::consts::PI;
                *weight = near * near * near * near;
                sum += *weight;
            }
        }
    }
    for weight in effect.as_flattened_mut() {
        *weight /= -sum;
    }
    effect[1][1] = 1.0;
    mixed(alpha, effect)
}

/// Replaces every value by the sum of its neighbourhood times `kernel` (not flipped), in each channel.
///
/// Border reflected without repeating the edge. Sums are taken row by row in single precision, rounded half to
/// even and clipped.
///
/// # Panics
/// If the two images differ in shape.
pub fn convolve_3x3(from: Image<'_>, mut to: ImageMut<'_>, kernel: &Kernel, scratch: &mut Scratch) {
    let shape = from.shape;
    assert_eq!(shape, to.shape);
    if shape.bytes() == 0 {
        return;
    }
    let padded = Padded::new(from, Margin::all(1), Border::Reflect101, scratch);
    let stride = padded.stride();
    let mut values = scratch.take_f32(stride * (shape.height + 2) + BLOCK);
    for (value, &pixel) in values.iter_mut().zip(padded.from_row(0)) {
        *value = f32::from(pixel);
    }
    padded.give(scratch);
    let length = whole_blocks(shape.stride());
    let mut row = scratch.take_u8(length);
    for y in 0..shape.height {
        let rows = &values[y * stride..];
        for (block, out) in row.as_chunks_mut().0.iter_mut().enumerate() {
            let start = block * BLOCK;
            *out = correlate(kernel, blocks(rows, |tap| start + tap / 3 * stride + tap % 3 * shape.channels));
        }
        to.row_mut(y).copy_from_slice(&row[..shape.stride()]);
    }
    scratch.give_u8(row);
    scratch.give_f32(values);
}

/// Sums of a block; tap `n` of `taps` belongs to weight `n`.
#[inline]
fn correlate(kernel: &Kernel, taps: [&[f32; BLOCK]; 9]) -> [u8; BLOCK] {
    let weights = kernel.as_flattened();
    let mut out = [0; BLOCK];
    for (x, out) in out.iter_mut().enumerate() {
        let mut sum = 0.0;
        for (tap, weight) in taps.iter().zip(weights) {
            sum += tap[x] * weight;
        }
        *out = math::round_u8(sum);
    }
    out
}
