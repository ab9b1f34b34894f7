//! The field of `ElasticTransform`, and pixels through it.

use super::grid::{Around, identity, sample};
use crate::base::math::expf;
use crate::base::{Image, ImageMut, Scratch, Shape};
use crate::kernels::pil::warp::Filter;

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
    let mut along = scratch.take_f32(plane.len());
    let mut line = scratch.take_f32(width.max(height) + 2 * half);
    weigh(&mut weights, sigma[0]);
    for (row, out) in plane.chunks_exact(width).zip(along.chunks_exact_mut(width)) {
        mirrored(&mut line[..width + 2 * half], half, |x| row[x], width);
        for (x, v) in out.iter_mut().enumerate() {
            *v = line[x..x + taps].iter().zip(&*weights).map(|(a, b)| a * b).sum();
        }
    }
    weigh(&mut weights, sigma[1]);
    for x in 0..width {
        mirrored(&mut line[..height + 2 * half], half, |y| along[y * width + x], height);
        for y in 0..height {
            plane[y * width + x] = line[y..y + taps].iter().zip(&*weights).map(|(a, b)| a * b).sum();
        }
    }
    scratch.give_f32(weights);
    scratch.give_f32(along);
    scratch.give_f32(line);
}

/// A row with `half` values more at both ends. torch refuses margins as wide as the image; here they go back and forth.
fn mirrored(line: &mut [f32], half: usize, at: impl Fn(usize) -> f32, n: usize) {
    let period = (2 * n).saturating_sub(2).max(1) as i64;
    for (i, v) in line.iter_mut().enumerate() {
        let from = (i as i64 - half as i64).rem_euclid(period) as usize;
        *v = at(if from < n { from } else { period as usize - from });
    }
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
pub fn warp(src: Image<'_>, dst: ImageMut<'_>, field: &[f32], filter: Filter, fill: [u8; 3]) {
    let on = src.shape;
    assert_eq!((field.len(), dst.shape), (2 * on.pixels(), on), "a field of two planes");
    let (dx, dy) = field.split_at(on.pixels());
    sample(src, dst, filter, Around::Fill(fill), |x, y| {
        let at = y * on.width + x;
        [identity(x, on.width) + dx[at], identity(y, on.height) + dy[at]]
    });
}

#[cfg(test)]
mod tests {
    use super::*;

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
            warp(Image::new(on, &src), ImageMut::new(on, &mut out), &[0.0; 24], filter, [77; 3]);
            assert_eq!(out, src);
        }
    }
}
