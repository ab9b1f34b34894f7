//! `filter2D` and `sepFilter2D`: any kernel, in single precision with fused sums, rounded half to even.

use super::fma;
use crate::base::{Image, ImageMut, Scratch, math};
use crate::kernels::border::Border;
use crate::kernels::pad::{Margin, Padded};

/// Replaces every value by the sum of its neighborhood times `kernel` (rows of `side` weights, not flipped), in each
/// channel; the weight in row and column `side / 2` is the pixel's own.
///
/// Border reflected without repeating the edge. Weights of 0 are left out, the others added row by row. From 130 weights on OpenCV
/// goes through a Fourier transform, so that a value in a thousand may be off by 1.
///
/// # Panics
/// If the two images differ in shape, or `kernel` is not square.
pub fn filter_2d(from: Image<'_>, mut to: ImageMut<'_>, kernel: &[f32], side: usize, scratch: &mut Scratch) {
    let shape = from.shape;
    assert_eq!(shape, to.shape);
    assert_eq!(kernel.len(), side * side, "a square kernel");
    if shape.bytes() == 0 || side == 0 {
        return;
    }
    let (before, after) = (side / 2, side - 1 - side / 2);
    let margin = Margin { top: before, bottom: after, left: before, right: after };
    let padded = Padded::new(from, margin, Border::Reflect, scratch);
    let (stride, channels) = (padded.stride(), shape.channels());
    let mut sums = scratch.take_f32(shape.stride());
    for y in 0..shape.height {
        sums.fill(0.0);
        for (row, weights) in kernel.chunks_exact(side).enumerate() {
            let values = &padded.from_row(y + row)[..stride];
            for (column, &weight) in weights.iter().enumerate().filter(|(_, weight)| **weight != 0.0) {
                for (sum, value) in sums.iter_mut().zip(&values[column * channels..]) {
                    *sum = fma(f32::from(*value), weight, *sum);
                }
            }
        }
        for (out, sum) in to.row_mut(y).iter_mut().zip(&sums) {
            *out = math::round_u8(*sum);
        }
    }
    scratch.give_f32(sums);
    padded.give(scratch);
}

/// Runs the symmetric kernel `weights`, of an odd number, along the rows and then down the columns.
///
/// Border reflected without repeating the edge. Sums along rows are taken from left to right and kept in single precision; those down the columns
/// begin in the middle.
///
/// # Panics
/// If the two images differ in shape, or the number of weights is even.
pub fn separable(from: Image<'_>, mut to: ImageMut<'_>, weights: &[f32], scratch: &mut Scratch) {
    let shape = from.shape;
    assert_eq!(shape, to.shape);
    assert!(weights.len() % 2 == 1, "a kernel with a middle");
    if shape.bytes() == 0 {
        return;
    }
    let radius = weights.len() / 2;
    let padded = Padded::new(from, Margin::all(radius), Border::Reflect, scratch);
    let (stride, channels) = (shape.stride(), shape.channels());
    let rows = shape.height + 2 * radius;
    let mut along = scratch.take_f32(rows * stride);
    along.fill(0.0);
    for (y, sums) in along.chunks_exact_mut(stride).enumerate() {
        let values = padded.from_row(y);
        for (column, &weight) in weights.iter().enumerate() {
            for (sum, value) in sums.iter_mut().zip(&values[column * channels..]) {
                *sum = fma(f32::from(*value), weight, *sum);
            }
        }
    }
    let mut sums = scratch.take_f32(stride);
    for y in 0..shape.height {
        let row = |offset: usize| &along[(y + offset) * stride..][..stride];
        for (sum, value) in sums.iter_mut().zip(row(radius)) {
            *sum = value * weights[radius];
        }
        for i in 1..=radius {
            for ((sum, below), above) in sums.iter_mut().zip(row(radius + i)).zip(row(radius - i)) {
                *sum = fma(below + above, weights[radius + i], *sum);
            }
        }
        for (out, sum) in to.row_mut(y).iter_mut().zip(&sums) {
            *out = math::round_u8(*sum);
        }
    }
    scratch.give_f32(sums);
    scratch.give_f32(along);
    padded.give(scratch);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::base::Shape;
    use crate::kernels::convolve;
    use crate::kernels::testing::pictures;

    #[test]
    fn even_kernels_reach_further_up_and_left() {
        let mut out = [0; 4];
        let image = Image::new(Shape::gray(1, 4), &[10, 20, 30, 40]);
        let mut scratch = Scratch::default();
        filter_2d(image, ImageMut::new(image.shape, &mut out), &[0.0, 0.0, 1.0, 0.0], 2, &mut scratch);
        // Row 1, column 0 of 2 x 2 is the left neighbor.
        assert_eq!(out, [20, 10, 20, 30]);
    }

    proptest! {
        #[test]
        fn kernels_whose_sums_are_exact_agree_with_the_other_filter(picture in pictures(), kernel: [[i8; 3]; 3]) {
            let kernel = kernel.map(|row| row.map(|weight| f32::from(weight) / 64.0));
            let (mut one, mut two) = (vec![0; picture.data.len()], vec![0; picture.data.len()]);
            let mut scratch = Scratch::default();
            filter_2d(
                picture.image(),
                ImageMut::new(picture.shape, &mut one),
                kernel.as_flattened(),
                3,
                &mut scratch,
            );
            let to = ImageMut::new(picture.shape, &mut two);
            convolve::convolve_3x3(picture.image(), to, &kernel, &mut scratch);
            prop_assert_eq!(&one, &two);
            let weights = [0.25_f32, 0.5, 0.25];
            let both: Vec<f32> = weights.iter().flat_map(|a| weights.map(|b| a * b)).collect();
            filter_2d(picture.image(), ImageMut::new(picture.shape, &mut one), &both, 3, &mut scratch);
            separable(picture.image(), ImageMut::new(picture.shape, &mut two), &weights, &mut scratch);
            prop_assert_eq!(one, two);
        }
    }
}
