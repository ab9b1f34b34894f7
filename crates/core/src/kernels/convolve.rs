//! Filters of 3 x 3 weights: sharpening, embossing and edges, as imgaug builds them.

use fearless_simd::Simd;

use super::border::Border;
use super::pad::{BLOCK, Margin, Padded, blocks, whole_blocks};
use super::vectors::dispatch;
use crate::base::{Image, ImageMut, Scratch, math};

/// Weights of a pixel's neighborhood by row and column; the middle one is the pixel's own.
pub type Kernel = [[f32; 3]; 3];

/// The identity and `effect`, mixed by `alpha` in 0..=1.
fn mixed(alpha: f32, effect: Kernel) -> Kernel {
    std::array::from_fn(|row| {
        std::array::from_fn(|column| {
            let own = if row == 1 && column == 1 { 1.0 } else { 0.0 };
            (1.0 - alpha) * own + alpha * effect[row][column]
        })
    })
}

/// Sharpens: eight neighbors at -1 and the pixel at 8 + `lightness`, mixed into the image by `alpha`.
///
/// Brightness stays with `lightness` 1.
#[must_use]
pub fn sharpen(alpha: f32, lightness: f32) -> Kernel {
    mixed(alpha, [[-1.0, -1.0, -1.0], [-1.0, 8.0 + lightness, -1.0], [-1.0, -1.0, -1.0]])
}

/// Embosses: light from the lower right, of the given `strength`, mixed into the image by `alpha`.
#[must_use]
pub fn emboss(alpha: f32, strength: f32) -> Kernel {
    let s = strength;
    mixed(alpha, [[-1.0 - s, -s, 0.0], [-s, 1.0, s], [0.0, s, 1.0 + s]])
}

/// Finds edges by the Laplacian of four neighbors, the pixel negative, mixed into the image by `alpha`.
#[must_use]
pub fn edge_detect(alpha: f32) -> Kernel {
    mixed(alpha, [[0.0, 1.0, 0.0], [1.0, -4.0, 1.0], [0.0, 1.0, 0.0]])
}

/// Finds edges that face `direction`, mixed into the image by `alpha`.
///
/// `direction` is in turns: 0 is up, 0.25 right, 0.5 down; it is cut to whole degrees. A neighbor at the angle a
/// (degrees) from it weighs in with (1 - a / 180)^4; the neighbors sum to -1 and the pixel is 1.
#[must_use]
pub fn directed_edge_detect(alpha: f32, direction: f32) -> Kernel {
    let degrees = ((direction * 360.0) as i32).rem_euclid(360);
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
    let mut effect = effect.map(|row| row.map(|weight| (-weight / sum) as f32));
    effect[1][1] = 1.0;
    mixed(alpha, effect)
}

/// Replaces every value by the sum of its neighborhood times `kernel` (not flipped), in each channel.
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
    let padded = Padded::new(from, Margin::all(1), Border::Reflect, scratch);
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
        dispatch!(simd => row_with(simd, kernel, rows, stride, shape.channels(), &mut row));
        to.row_mut(y).copy_from_slice(&row[..shape.stride()]);
    }
    scratch.give_u8(row);
    scratch.give_f32(values);
}

/// One row of sums, of the padded rows from there on.
#[inline(always)]
fn row_with<S: Simd>(_: S, kernel: &Kernel, rows: &[f32], stride: usize, channels: usize, out: &mut [u8]) {
    for (block, out) in out.as_chunks_mut().0.iter_mut().enumerate() {
        let start = block * BLOCK;
        *out = correlate(kernel, blocks(rows, |tap| start + tap / 3 * stride + tap % 3 * channels));
    }
}

/// Sums of a block; tap `n` of `taps` belongs to weight `n`.
#[inline(always)]
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::base::Shape;
    use crate::kernels::testing::{Picture, pictures};

    fn convolved(picture: &Picture, kernel: &Kernel) -> Vec<u8> {
        let mut out = vec![0; picture.data.len()];
        convolve_3x3(
            picture.image(),
            ImageMut::new(picture.shape, &mut out),
            kernel,
            &mut Scratch::default(),
        );
        out
    }

    #[test]
    fn kernels_are_as_written_down() {
        assert_eq!(sharpen(0.5, 2.0), [[-0.5; 3], [-0.5, 5.5, -0.5], [-0.5; 3]]);
        assert_eq!(emboss(1.0, 0.5), [[-1.5, -0.5, 0.0], [-0.5, 1.0, 0.5], [0.0, 0.5, 1.5]]);
        assert_eq!(edge_detect(0.25), [[0.0, 0.25, 0.0], [0.25, -0.25, 0.25], [0.0, 0.25, 0.0]]);
    }

    #[test]
    fn directed_edges_weigh_what_lies_in_their_direction() {
        // Angles of 0, 45, 90, 135 and 180 degrees: (1 - a / 180)^4 is 1, 0.3164, 0.0625, 0.0039 and 0.
        let sum = 1.0 + 2.0 * (0.316_406_25 + 0.0625 + 0.003_906_25);
        let at = |direction, row: usize, column: usize| {
            -f64::from(directed_edge_detect(1.0, direction)[row][column]) * sum
        };
        for (direction, [row, column]) in
            [(0.0, [0, 1]), (0.25, [1, 2]), (0.5, [2, 1]), (0.75, [1, 0]), (1.0, [0, 1])]
        {
            assert!((at(direction, row, column) - 1.0).abs() < 1e-6, "{direction}");
            assert!(at(direction, 2 - row, 2 - column).abs() < 1e-6, "{direction}");
        }
        assert!((at(0.0, 0, 0) - 0.316_406_25).abs() < 1e-6);
        assert!((at(0.0, 1, 2) - 0.0625).abs() < 1e-6);
        for direction in [0.1, 0.37, 0.999] {
            let kernel = directed_edge_detect(1.0, direction);
            assert!(kernel.as_flattened().iter().sum::<f32>().abs() < 1e-6);
            assert_eq!(kernel[1][1], 1.0);
        }
    }

    #[test]
    fn kernels_are_not_flipped_and_results_are_clipped() {
        let picture = Picture { shape: Shape::gray(1, 4), data: vec![10, 20, 250, 3] };
        let right = [[0.0; 3], [0.0, 0.0, 1.0], [0.0; 3]];
        assert_eq!(convolved(&picture, &right), [20, 250, 3, 250]);
        let up_and_down = [[0.0, 1.0, 0.0], [0.0, -1.0, 0.0], [0.0, 1.0, 0.0]];
        assert_eq!(convolved(&picture, &up_and_down), [10, 20, 250, 3]);
        let twice = [[0.0; 3], [0.0, 2.5, 0.0], [0.0; 3]];
        // 7.5 is rounded to the even 8.
        assert_eq!(convolved(&picture, &twice), [25, 50, 255, 8]);
        assert_eq!(convolved(&picture, &[[0.0; 3], [0.0, -1.0, 0.0], [0.0; 3]]), [0; 4]);
    }

    proptest! {
            #[test]
            fn values_are_the_rounded_sums(picture in pictures(), kernel: [[i8; 3]; 3]) {
                // Multiples of 1/64, so that sums are exact in any order.
                let kernel = kernel.map(|row| row.map(|weight| f32::from(weight) / 64.0));
                let Shape { height, width, kind } = picture.shape;
    let channels = kind.count();
                let mut expected = Vec::new();
                for i in 0..picture.data.len() {
                    let (y, x, channel) = (i / channels / width, i / channels % width, i % channels);
                    let mut sum = 0.0;
                    for (row, weights) in kernel.iter().enumerate() {
                        for (column, weight) in weights.iter().enumerate() {
                            let from_y = Border::Reflect.index((y + row) as i32 - 1, height).unwrap();
                            let from_x = Border::Reflect.index((x + column) as i32 - 1, width).unwrap();
                            let from = picture.data[(from_y * width + from_x) * channels + channel];
                            sum += f64::from(*weight) * f64::from(from);
                        }
                    }
                    expected.push(sum.round_ties_even().clamp(0.0, 255.0) as u8);
                }
                prop_assert_eq!(convolved(&picture, &kernel), expected);
            }
        }
}
