//! The field of `ElasticTransform`, and pixels through it.

use super::grid::{Around, identity, sample};
use crate::base::math::expf;
use crate::base::{Image, ImageMut, Scratch, Shape};
use crate::kernels::pil::warp::Filter;
use crate::kernels::taps;

/// How strong and how smooth a field is, (x, y).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Strength {
    /// Magnitudes; half of it times the smoothed noise is in pixels where the image is square.
    pub alpha: [f32; 2],
    /// Deviations in pixels of the smoothing along rows and columns; 0 of the first leaves the noise of x as it is, of the
    /// second that of y.
    pub sigma: [f32; 2],
}

/// Makes displacements in -1..1 of both axes, first all of x and then all of y, of uniform noise in 0..1. As in torchvision
/// those of x are divided by the height and those of y by the width.
///
/// # Panics
/// If there are not two numbers for each pixel.
pub fn displacements(noise: &[f32], field: &mut [f32], on: Shape, strength: Strength, scratch: &mut Scratch) {
    assert_eq!((noise.len(), field.len()), (2 * on.pixels(), 2 * on.pixels()), "two planes of {on}");
    if on.pixels() == 0 {
        return;
    }
    for (plane, sides) in [(0, on.height), (1, on.width)] {
        let own = &mut field[plane * on.pixels()..][..on.pixels()];
        for (v, noise) in own.iter_mut().zip(&noise[plane * on.pixels()..]) {
            *v = noise * 2.0 - 1.0;
        }
        if strength.sigma[plane] > 0.0 {
            // int(8 sigma + 1), made odd.
            let taps = (8.0 * strength.sigma[plane] + 1.0) as usize | 1;
            smooth(own, on, taps, strength.sigma, scratch);
        }
        for v in own.iter_mut() {
            *v = *v * strength.alpha[plane] / sides as f32;
        }
    }
}

/// Smooths a plane in place with `taps` weights of normal distributions, mirrored about its border pixels.
fn smooth(plane: &mut [f32], on: Shape, taps: usize, sigma: [f32; 2], scratch: &mut Scratch) {
    let Shape { height, width, .. } = on;
    let half = taps / 2;
    let mut weights = scratch.take_f32(taps);
    let mut along = scratch.take_f32(plane.len() + taps::room(1));
    let mut line = scratch.take_f32(width + 2 * half + taps::room(1));
    let mut sums = scratch.take_f32(taps::room(width));
    // What is read at each place of a row with its margins, and of a column.
    let (mut across, mut down) = (scratch.take_i32(width + 2 * half), scratch.take_i32(height + 2 * half));
    for (places, n) in [(&mut across, width), (&mut down, height)] {
        for (i, place) in places.iter_mut().enumerate() {
            *place = mirrored(i, half, n) as i32;
        }
    }
    weigh(&mut weights, sigma[0]);
    for (row, out) in plane.chunks_exact(width).zip(along.chunks_exact_mut(width)) {
        for (v, place) in line.iter_mut().zip(&across) {
            *v = row[*place as usize];
        }
        sums.fill(-0.0);
        taps::add(&mut sums, &weights, |tap| &line[tap..]);
        out.copy_from_slice(&sums[..width]);
    }
    weigh(&mut weights, sigma[1]);
    for (y, out) in plane.chunks_exact_mut(width).enumerate() {
        sums.fill(-0.0);
        taps::add(&mut sums, &weights, |tap| &along[down[y + tap] as usize * width..]);
        out.copy_from_slice(&sums[..width]);
    }
    scratch.give_i32(down);
    scratch.give_i32(across);
    scratch.give_f32(sums);
    scratch.give_f32(line);
    scratch.give_f32(along);
    scratch.give_f32(weights);
}

/// Which of `n` values is read at place `i` of a row that begins `half` places before the first. torch refuses margins as
/// wide as the image; here they go back and forth.
fn mirrored(i: usize, half: usize, n: usize) -> usize {
    let period = (2 * n).saturating_sub(2).max(1) as i64;
    let from = (i as i64 - half as i64).rem_euclid(period) as usize;
    if from < n { from } else { period as usize - from }
}

/// The weights of one axis.
fn weigh(weights: &mut [f32], sigma: f32) {
    let half = (weights.len() as f32 - 1.0) * 0.5;
    for (i, weight) in weights.iter_mut().enumerate() {
        // A deviation of nothing has its weight in the middle.
        let x = (i as f32 - half) / sigma.max(1e-6);
        *weight = expf(-0.5 * x * x);
    }
    let total: f32 = weights.iter().sum();
    for weight in weights {
        *weight /= total;
    }
}

/// Draws `src` where it lies plus `field`.
///
/// # Panics
/// If the field has not two numbers for each pixel, or the shapes differ.
pub fn warp(
    src: Image<'_>,
    dst: ImageMut<'_>,
    field: &[f32],
    filter: Filter,
    fill: [u8; 3],
    scratch: &mut Scratch,
) {
    let on = src.shape;
    assert_eq!((field.len(), dst.shape), (2 * on.pixels(), on), "a field of two planes");
    let (dx, dy) = field.split_at(on.pixels());
    let mut columns = scratch.take_f32(on.width);
    for (x, column) in columns.iter_mut().enumerate() {
        *column = identity(x, on.width);
    }
    sample(src, dst, filter, Around::Fill(fill), scratch, |first, y, [xs, ys]| {
        let (row, own) = (y * on.width..(y + 1) * on.width, identity(y, on.height));
        let (dx, dy) = (&dx[row.clone()][first..], &dy[row][first..]);
        for ((x, column), d) in xs.iter_mut().zip(&columns[first..]).zip(dx) {
            *x = column + d;
        }
        for (y, d) in ys.iter_mut().zip(dy) {
            *y = own + d;
        }
    });
    scratch.give_f32(columns);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Stream;

    #[test]
    fn sums_are_those_of_single_values() {
        for (height, width, taps) in [(1, 1, 5), (3, 28, 41), (28, 3, 9), (31, 61, 41)] {
            let (on, half) = (Shape::gray(height, width), taps / 2);
            let mut stream = Stream::of_key(7);
            let start: Vec<f32> = (0..on.pixels()).map(|_| (stream.u32() >> 8) as f32 / 1e7 - 0.8).collect();
            let (mut weights, mut found) = (vec![0.0; taps], start.clone());
            smooth(&mut found, on, taps, [2.0, 5.0], &mut Scratch::default());
            weigh(&mut weights, 2.0);
            let sum = |at: &dyn Fn(usize) -> f32, weights: &[f32]| -> f32 {
                weights.iter().enumerate().map(|(tap, weight)| at(tap) * weight).sum()
            };
            let along: Vec<f32> = (0..on.pixels())
                .map(|i| {
                    sum(&|tap| start[i / width * width + mirrored(i % width + tap, half, width)], &weights)
                })
                .collect();
            weigh(&mut weights, 5.0);
            for (i, found) in found.iter().enumerate() {
                let at = |tap: usize| along[mirrored(i / width + tap, half, height) * width + i % width];
                assert_eq!(*found, sum(&at, &weights), "{height} x {width}, {i}");
            }
        }
    }

    #[test]
    fn even_noise_is_an_even_field_and_no_field_changes_nothing() {
        let on = Shape::gray(3, 4);
        let mut field = [0.0; 24];
        let strength = Strength { alpha: [6.0, 8.0], sigma: [2.0, 1.0] };
        displacements(&[0.75; 24], &mut field, on, strength, &mut Scratch::default());
        // 0.5 * 6 / 3, and 0.5 * 8 / 4.
        assert!(field.iter().all(|v| (v - 1.0).abs() < 1e-5), "{field:?}");
        let (src, mut out) = ([9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 200, 100], [0; 12]);
        for filter in [Filter::Nearest, Filter::Bilinear] {
            let (from, to) = (Image::new(on, &src), ImageMut::new(on, &mut out));
            warp(from, to, &[0.0; 24], filter, [77; 3], &mut Scratch::default());
            assert_eq!(out, src);
        }
    }
}
