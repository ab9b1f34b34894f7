//! The corruptions of MNIST-C and ImageNet-C: noises, blurs, weather, tones, warps and strokes on values of 0..1.
//!
//! The two sets share their arithmetic and end in different ways ([`Finish`]). What the original programs drew comes in as slices,
//! so that the same draws give the same bytes. Sums are made in the order of the libraries that the programs call, because results
//! that are cut to whole numbers show the last bit.
//!
//! N. Mu, J. Gilmer, "MNIST-C: A Robustness Benchmark for Computer Vision" (2019); D. Hendrycks, T. Dietterich, "Benchmarking Neural
//! Network Robustness to Common Corruptions and Perturbations", ICLR (2019).

pub mod blurs;
pub mod canny;
pub mod elastic;
pub mod frost;
pub mod gauss;
pub mod hsv;
pub mod line_blur;
pub mod motion;
pub mod noise;
pub mod plasma;
pub mod strokes;
pub mod tones;
pub mod warp;
pub mod water;
pub mod weather;
pub mod zoom;

use crate::base::math::rhe;

/// How a value of 0..1 becomes a byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finish {
    /// 255 times the value in single precision, rounded half to even: MNIST-C.
    Round,
    /// 255 times the value, its fraction cut off: ImageNet-C.
    Cut,
}

impl Finish {
    /// The byte of `value`, which is clipped to 0..1.
    #[inline(always)]
    #[must_use]
    pub fn byte(self, value: f64) -> u8 {
        let value = (if value > 0.0 { value } else { 0.0 }).min(1.0) * 255.0;
        match self {
            Self::Round => rhe(value as f32) as u8,
            Self::Cut => value as i32 as u8,
        }
    }

    /// The byte of `value`, which is clipped to 0..1, in single precision.
    #[inline(always)]
    #[must_use]
    pub fn byte32(self, value: f32) -> u8 {
        let value = (if value > 0.0 { value } else { 0.0 }).min(1.0) * 255.0;
        match self {
            Self::Round => rhe(value) as u8,
            Self::Cut => value as i32 as u8,
        }
    }
}

/// A byte as a value of 0..1.
#[inline(always)]
#[must_use]
pub fn unit(v: u8) -> f64 {
    f64::from(v) / 255.0
}

/// The values 0..1 of the bytes 0..=255.
pub(crate) static UNITS: [f64; 256] = {
    let mut units = [0.0; 256];
    let mut v = 0;
    while v < 256 {
        units[v] = v as f64 / 255.0;
        v += 1;
    }
    units
};

/// Writes one channel of interleaved bytes as values of 0..1.
pub(crate) fn load(data: &[u8], channels: usize, channel: usize, plane: &mut [f64]) {
    for (to, from) in plane.iter_mut().zip(data.iter().skip(channel).step_by(channels)) {
        *to = UNITS[usize::from(*from)];
    }
}

/// Writes values of 0..1 as one channel of interleaved bytes.
pub(crate) fn store(plane: &[f64], data: &mut [u8], channels: usize, channel: usize, finish: Finish) {
    for (to, from) in data.iter_mut().skip(channel).step_by(channels).zip(plane) {
        *to = finish.byte(*from);
    }
}

/// The sum of numbers as NumPy adds what lies in a row: in eight sums of up to 128 numbers, and halves of longer rows.
#[must_use]
pub fn pairwise_sum(numbers: &[f64]) -> f64 {
    if numbers.len() > 128 {
        let half = numbers.len() / 2;
        let (left, right) = numbers.split_at(half - half % 8);
        return pairwise_sum(left) + pairwise_sum(right);
    }
    let (eights, rest) = numbers.as_chunks::<8>();
    let Some((first, more)) = eights.split_first() else { return rest.iter().sum() };
    let mut sums = *first;
    for eight in more {
        for (sum, v) in sums.iter_mut().zip(eight) {
            *sum += v;
        }
    }
    let [a, b, c, d, e, f, g, h] = sums;
    rest.iter().fold(((a + b) + (c + d)) + ((e + f) + (g + h)), |sum, v| sum + v)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_clipped_and_rounded_or_cut() {
        for (value, round, cut) in
            [(-1.0, 0, 0), (0.5, 128, 127), (0.999, 255, 254), (7.0, 255, 255), (f64::NAN, 0, 0)]
        {
            assert_eq!((Finish::Round.byte(value), Finish::Cut.byte(value)), (round, cut), "{value}");
            assert_eq!(Finish::Cut.byte32(value as f32), cut, "{value}");
        }
        for v in 0..=255 {
            assert_eq!(Finish::Round.byte(unit(v)), v);
        }
    }

    #[test]
    fn sums_of_any_length_are_sums() {
        for n in [0, 1, 7, 8, 9, 128, 129, 1000] {
            let numbers: Vec<f64> = (0..n).map(f64::from).collect();
            assert_eq!(pairwise_sum(&numbers), f64::from(n * (n - 1).max(0) / 2));
        }
    }
}
