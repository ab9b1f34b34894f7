//! Gaussian blurs of planes of numbers, as SciPy's `gaussian_filter` computes them.

use super::pairwise_sum;
use crate::base::Scratch;
use crate::base::math::exp;
use crate::kernels::border::Border;

/// The farthest tap; wider blurs are those of this width.
const MOST: f64 = 1000.0;

/// The weights of a Gaussian, normalized to a sum of 1.
#[derive(Debug)]
pub struct Taps {
    /// Those of -r..=r.
    weights: Vec<f64>,
}

impl Taps {
    /// The weights of standard deviation `sigma` up to `truncate` deviations; give them back. None where `sigma` is 0: nothing is blurred.
    #[must_use]
    pub fn new(sigma: f64, truncate: f64, scratch: &mut Scratch) -> Self {
        let radius = if sigma > 1e-15 { (truncate * sigma + 0.5).clamp(0.0, MOST) as usize } else { 0 };
        let mut weights = scratch.take_f64(2 * radius + 1);
        let by = -0.5 / (sigma * sigma);
        for k in 0..=radius {
            let weight = if k == 0 { 1.0 } else { exp(by * (k * k) as f64) };
            (weights[radius - k], weights[radius + k]) = (weight, weight);
        }
        let sum = pairwise_sum(&weights);
        for weight in &mut weights {
            *weight /= sum;
        }
        Self { weights }
    }

    /// The weight of the middle, and those of both sides from the farthest to the nearest, with their distances.
    fn parts(&self) -> (f64, impl Iterator<Item = (usize, f64)>) {
        let radius = self.weights.len() / 2;
        (self.weights[radius], (1..=radius).rev().map(move |k| (k, self.weights[radius + k])))
    }

    /// Gives the buffer back.
    pub fn give(self, scratch: &mut Scratch) {
        scratch.give_f64(self.weights);
    }
}

/// Blurs down the columns of a plane of rows of `width` numbers. Beyond a constant border there is 0.
///
/// # Panics
/// If the planes differ in size.
pub fn down(from: &[f64], to: &mut [f64], width: usize, taps: &Taps, border: Border) {
    assert_eq!(from.len(), to.len(), "planes of one size");
    if from.is_empty() {
        return;
    }
    let height = from.len() / width;
    let (middle, sides) = taps.parts();
    let row = |y: usize| &from[y * width..(y + 1) * width];
    for (to, from) in to.iter_mut().zip(from) {
        *to = from * middle;
    }
    for (k, weight) in sides {
        for (y, to) in to.chunks_exact_mut(width).enumerate() {
            let other = |at: i32| border.index(at, height).map(row);
            match (other(y as i32 - k as i32), other(y as i32 + k as i32)) {
                (Some(above), Some(below)) => {
                    for ((to, a), b) in to.iter_mut().zip(above).zip(below) {
                        *to += (a + b) * weight;
                    }
                }
                (Some(one), None) | (None, Some(one)) => {
                    for (to, v) in to.iter_mut().zip(one) {
                        *to += v * weight;
                    }
                }
                (None, None) => {}
            }
        }
    }
}

/// Blurs along the rows of a plane of rows of `width` numbers.
///
/// # Panics
/// If the planes differ in size.
pub fn along(from: &[f64], to: &mut [f64], width: usize, taps: &Taps, border: Border, scratch: &mut Scratch) {
    assert_eq!(from.len(), to.len(), "planes of one size");
    if from.is_empty() {
        return;
    }
    let radius = taps.weights.len() / 2;
    let mut line = scratch.take_f64(width + 2 * radius);
    for (from, to) in from.chunks_exact(width).zip(to.chunks_exact_mut(width)) {
        line[radius..radius + width].copy_from_slice(from);
        for k in 1..=radius {
            let other = |at: i32| border.index(at, width).map_or(0.0, |x| from[x]);
            line[radius - k] = other(-(k as i32));
            line[radius + width - 1 + k] = other((width - 1 + k) as i32);
        }
        let (middle, sides) = taps.parts();
        for (to, v) in to.iter_mut().zip(from) {
            *to = v * middle;
        }
        for (k, weight) in sides {
            let (left, right) = (&line[radius - k..][..width], &line[radius + k..][..width]);
            for ((to, a), b) in to.iter_mut().zip(left).zip(right) {
                *to += (a + b) * weight;
            }
        }
    }
    scratch.give_f64(line);
}

/// Blurs a plane along both axes, up to 4 deviations, the nearest border pixel beyond the border.
pub fn blur(plane: &mut [f64], width: usize, sigma: f64, scratch: &mut Scratch) {
    let taps = Taps::new(sigma, 4.0, scratch);
    if taps.weights.len() > 1 {
        let mut middle = scratch.take_f64(plane.len());
        down(plane, &mut middle, width, &taps, Border::Edge);
        along(&middle, plane, width, &taps, Border::Edge, scratch);
        scratch.give_f64(middle);
    }
    taps.give(scratch);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_peak_becomes_a_bell_and_what_is_flat_stays_so() {
        let mut scratch = Scratch::default();
        let taps = Taps::new(1.0, 4.0, &mut scratch);
        assert_eq!(taps.weights.len(), 9);
        let mut peak = [0.0; 63];
        peak[31] = 1.0;
        let (mut a, mut b) = ([0.0; 63], [0.0; 63]);
        down(&peak, &mut a, 9, &taps, Border::Edge);
        along(&peak, &mut b, 9, &taps, Border::Constant, &mut scratch);
        let bell = |d: i32| taps.weights[(4 + d) as usize];
        for d in -3..=3_i32 {
            assert_eq!((a[(31 + 9 * d) as usize], b[(31 + d) as usize]), (bell(d), bell(d)));
        }
        let mut flat = [0.25; 20];
        blur(&mut flat, 5, 3.0, &mut scratch);
        assert!(flat.iter().all(|v| (v - 0.25).abs() < 1e-15));
        let mut same = [1.0, 2.0, 3.0];
        blur(&mut same, 3, 0.0, &mut scratch);
        assert_eq!(same, [1.0, 2.0, 3.0]);
    }

    #[test]
    fn beyond_a_constant_border_there_is_nothing() {
        let mut scratch = Scratch::default();
        let taps = Taps::new(0.5, 4.0, &mut scratch);
        let (from, mut to) = ([1.0; 3], [0.0; 3]);
        along(&from, &mut to, 3, &taps, Border::Constant, &mut scratch);
        assert!(to[0] < to[1] && to[0] == to[2]);
        down(&from, &mut to, 1, &taps, Border::Constant);
        assert!(to[0] < to[1] && to[0] == to[2]);
    }
}
