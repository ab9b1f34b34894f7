//! Noises: what is drawn, and how a key becomes a number for each value.

use serde::{Deserialize, Serialize};

use super::normals;
use crate::base::math::{exp, log};
use crate::base::{ImageMut, Scratch, Stream};
use crate::kernels::corrupt::{Finish, noise};

/// The noise of one image.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Noise {
    /// Standard deviation, share of white.
    pub scale: f64,
    /// What the random numbers are expanded from.
    pub key: u64,
}

impl Noise {
    pub(in crate::ops) fn new(scale: f64, rng: &mut Stream) -> Self {
        Self { scale, key: rng.u64() }
    }

    fn numbers(&self, count: usize, scratch: &mut Scratch) -> Vec<f64> {
        let mut numbers = scratch.take_f64(count);
        normals(self.key, 0.0, self.scale, &mut numbers, scratch);
        numbers
    }

    /// Adds it.
    pub(in crate::ops) fn add(&self, image: ImageMut<'_>, finish: Finish, scratch: &mut Scratch) {
        let numbers = self.numbers(image.data.len(), scratch);
        noise::add(image, &numbers, finish);
        scratch.give_f64(numbers);
    }

    /// Adds its product with the image.
    pub(in crate::ops) fn speckle(&self, image: ImageMut<'_>, finish: Finish, scratch: &mut Scratch) {
        let numbers = self.numbers(image.data.len(), scratch);
        noise::speckle(image, &numbers, finish);
        scratch.give_f64(numbers);
    }
}

/// The light of one image.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shot {
    /// Photons that make white.
    pub photons: f64,
    /// What the random numbers are expanded from.
    pub key: u64,
}

/// Up to which mean Poisson numbers are looked for from 0 on.
const SMALL: f64 = 30.0;

impl Shot {
    pub(in crate::ops) fn new(photons: f64, rng: &mut Stream) -> Self {
        Self { photons, key: rng.u64() }
    }

    /// Counts photons.
    pub(in crate::ops) fn paint(&self, image: ImageMut<'_>, finish: Finish, scratch: &mut Scratch) {
        let mut counts = scratch.take_i32(image.data.len());
        // The probability of no photon for each value that occurs.
        let mut dark = scratch.take_f64(256);
        dark.fill(-1.0);
        let mut rng = Stream::of_key(self.key);
        let photons = self.photons.clamp(1e-3, 1e6);
        for (count, v) in counts.iter_mut().zip(&*image.data) {
            let mean = f64::from(*v) / 255.0 * photons;
            *count = if *v == 0 {
                0
            } else if mean < SMALL {
                let none = &mut dark[usize::from(*v)];
                if *none < 0.0 {
                    *none = exp(-mean);
                }
                small_poisson(mean, *none, &mut rng)
            } else {
                large_poisson(mean, &mut rng)
            };
        }
        noise::shot(image, photons, &counts, finish);
        scratch.give_f64(dark);
        scratch.give_i32(counts);
    }
}

/// A Poisson number of a small mean, of which `none` is the probability of 0: the first whose probability, with all below it, exceeds a
/// uniform number.
fn small_poisson(mean: f64, none: f64, rng: &mut Stream) -> i32 {
    let mut left = rng.unit();
    let (mut count, mut p) = (0, none);
    while left >= p && count < 1000 {
        left -= p;
        count += 1;
        p *= mean / f64::from(count);
    }
    count
}

/// A Poisson number of a mean of at least 10.
///
/// W. Hörmann, "The Transformed Rejection Method for Generating Poisson Random Variables", Insurance: Mathematics and Economics 12 (1993).
fn large_poisson(mean: f64, rng: &mut Stream) -> i32 {
    let b = 0.931 + 2.53 * mean.sqrt();
    let a = -0.059 + 0.024_83 * b;
    let inverse_alpha = 1.1239 + 1.1328 / (b - 3.4);
    let sure = 0.9277 - 3.6224 / (b - 2.0);
    let log_mean = log(mean);
    loop {
        let (u, v) = (rng.unit() - 0.5, rng.unit());
        let edge = 0.5 - u.abs();
        let k = ((2.0 * a / edge + b) * u + mean + 0.43).floor();
        if edge >= 0.07 && v <= sure {
            return k as i32;
        }
        if k < 0.0 || (edge < 0.013 && v > edge) {
            continue;
        }
        if log(v) + log(inverse_alpha) - log(a / (edge * edge) + b) <= -mean + k * log_mean - log_factorial(k)
        {
            return k as i32;
        }
    }
}

/// The logarithm of k!, by Stirling's series; k is whole and at least 0.
fn log_factorial(k: f64) -> f64 {
    // Below 10 the series is short of digits.
    let (mut x, mut product) = (k + 1.0, 1.0);
    while x < 10.0 {
        product *= x;
        x += 1.0;
    }
    let r = 1.0 / (x * x);
    let series = (1.0 / 12.0 - r * (1.0 / 360.0 - r * (1.0 / 1260.0))) / x;
    (x - 0.5) * log(x) - x + 0.5 * log(std::f64::consts::TAU) + series - log(product)
}

/// What hits one image.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Impulse {
    /// The share of values that are hit.
    pub share: f64,
    /// What the random numbers are expanded from.
    pub key: u64,
}

impl Impulse {
    pub(in crate::ops) fn new(share: f64, rng: &mut Stream) -> Self {
        Self { share, key: rng.u64() }
    }

    /// Makes them white or black.
    pub(in crate::ops) fn paint(&self, image: ImageMut<'_>, finish: Finish, scratch: &mut Scratch) {
        let mut random = scratch.take_u8(4 * image.data.len());
        Stream::of_key(self.key).fill(&mut random);
        // 31 bits decide, and one chooses.
        let limit = (self.share.clamp(0.0, 1.0) * f64::from(1_u32 << 31)) as u32;
        let mut marks = scratch.take_u8(image.data.len());
        for (mark, word) in marks.iter_mut().zip(random.as_chunks::<4>().0) {
            let word = u32::from_le_bytes(*word);
            *mark = if word >> 1 < limit { 1 + (word & 1) as u8 } else { 0 };
        }
        noise::impulse(image, &marks, finish);
        scratch.give_u8(marks);
        scratch.give_u8(random);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn factorials_are_products() {
        let mut product = 1.0;
        for k in 1..30 {
            product *= f64::from(k);
            assert!((log_factorial(f64::from(k)) - log(product)).abs() < 1e-10, "{k}");
        }
        assert!(log_factorial(0.0).abs() < 1e-10);
    }

    #[test]
    fn counts_have_their_mean_and_variance() {
        let mut rng = Stream::of_key(5);
        for mean in [0.3, 3.0, 29.0, 30.0, 75.0, 500.0] {
            let n = 20_000;
            let counts: Vec<f64> = (0..n)
                .map(|_| {
                    f64::from(if mean < SMALL {
                        small_poisson(mean, exp(-mean), &mut rng)
                    } else {
                        large_poisson(mean, &mut rng)
                    })
                })
                .collect();
            let n = f64::from(n);
            let found = counts.iter().sum::<f64>() / n;
            let variance = counts.iter().map(|v| (v - found) * (v - found)).sum::<f64>() / n;
            assert!((found - mean).abs() < 4.0 * (mean / n).sqrt(), "{mean}: {found}");
            assert!((variance / mean - 1.0).abs() < 0.05, "{mean}: {variance}");
        }
    }
}
