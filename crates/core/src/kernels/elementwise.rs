//! What is drawn for each pixel or each value: replacements, factors, and noise of other shapes than the normal one.
//!
//! Kernels make no random numbers; they are given uniform random bytes.

use std::sync::LazyLock;

use crate::base::math::{self, round_u8};
use crate::base::{ImageMut, Shape};

/// Multiplies each value by its factor in single precision, cuts the fraction off, clips to 0..=255. `factors` has a
/// number for each pixel, shared by its channels, or one for each value.
///
/// # Panics
/// If `factors` has any other length.
pub fn multiply(image: ImageMut<'_>, factors: &[f32]) {
    each(image, factors, |v, factor| (f32::from(v) * factor) as u8);
}

/// Replaces what `mask` marks by `values`, one after the other for each pixel or each value as `mask` has it; the
/// values are rounded half to even.
///
/// # Panics
/// If `mask` has neither a byte for each pixel nor one for each value, or `values` is not as long.
pub fn replace(image: ImageMut<'_>, mask: &[u8], values: &[f32]) {
    assert_eq!(mask.len(), values.len(), "a value for each byte of the mask");
    let ImageMut { shape, data } = image;
    let shared = channels_sharing(shape, mask.len());
    for ((pixel, mask), value) in data.chunks_exact_mut(shared).zip(mask).zip(values) {
        if *mask > 0 {
            pixel.fill(round_u8(*value));
        }
    }
}

/// How many channels share a number of `len`: all, or each has its own.
fn channels_sharing(shape: Shape, len: usize) -> usize {
    if len == shape.bytes() {
        return 1;
    }
    assert_eq!(len, shape.pixels(), "a number for each pixel or for each value");
    shape.channels()
}

fn each(image: ImageMut<'_>, numbers: &[f32], paint: impl Fn(u8, f32) -> u8) {
    let ImageMut { shape, data } = image;
    let shared = channels_sharing(shape, numbers.len());
    for (pixel, number) in data.chunks_exact_mut(shared).zip(numbers) {
        for v in pixel {
            *v = paint(*v, *number);
        }
    }
}

/// The most entries that a list of values to choose from has.
pub const MOST_CHOICES: usize = 16;

/// A distribution of which each pixel or value gets a number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Law {
    /// Uniform in lo..hi.
    Uniform(f32, f32),
    /// Whole numbers lo..=hi.
    Whole(i32, i32),
    /// Normal, of mean and deviation.
    Normal(f32, f32),
    /// Laplace, of mean and scale.
    Laplace(f32, f32),
    /// Poisson, of this mean, times a fair sign if asked for.
    Poisson(f32, bool),
    /// The first so many of these, all equally likely.
    Choice([f32; MOST_CHOICES], u8),
    /// 255 times a Beta distribution of 1/2 and 1/2: extremes are likelier than what lies between.
    SaltAndPepper,
    /// The same, its lower half turned up.
    Salt,
    /// The same, its upper half turned down.
    Pepper,
}

/// Random bytes for each number that [`fill`] makes.
pub const BYTES_PER_NUMBER: usize = 4;

/// Quantiles of a table.
const QUANTILES: usize = 4096;

/// 255 times the quantiles of Beta(1/2, 1/2), the arcsine distribution: sin^2 of half a turn's quarter.
static GRAINS: LazyLock<Box<[f32; QUANTILES]>> = LazyLock::new(|| {
    let mut table = Box::new([0.0; QUANTILES]);
    for (i, value) in table.iter_mut().enumerate() {
        let sine = math::sin((i as f64 + 0.5) / QUANTILES as f64 * std::f64::consts::FRAC_PI_2);
        *value = (255.0 * sine * sine) as f32;
    }
    table
});

/// The most that a Poisson number is here; more would be white anyway.
const MOST_EVENTS: usize = 1024;

/// Fills `numbers` with numbers of a distribution, from `random`; `sums` is room for the probabilities of a Poisson distribution.
///
/// # Panics
/// If `random` is shorter than [`BYTES_PER_NUMBER`] for each.
pub fn fill(law: &Law, random: &[u8], numbers: &mut [f32], sums: &mut Vec<f64>) {
    let words = &random.as_chunks::<BYTES_PER_NUMBER>().0[..numbers.len()];
    let draw = |numbers: &mut [f32], number: &dyn Fn(u32) -> f32| {
        for (out, word) in numbers.iter_mut().zip(words) {
            *out = number(u32::from_le_bytes(*word));
        }
    };
    // Uniform in 0..1, 24 bits from the top.
    let unit = |word: u32| (word >> 8) as f32 * (1.0 / 16_777_216.0);
    let grain = |word: u32| GRAINS[word as usize % QUANTILES];
    match *law {
        Law::Uniform(lo, hi) => draw(numbers, &|word| lo + unit(word) * (hi - lo)),
        Law::Whole(lo, hi) => {
            let count = u64::from(hi.abs_diff(lo)) + 1;
            draw(numbers, &|word| (lo.min(hi) + ((u64::from(word) * count) >> 32) as i32) as f32);
        }
        Law::Normal(loc, scale) => draw(numbers, &|word| {
            // 24 bits of the middle half and a sign.
            let p = 0.5 + (f64::from(word >> 8) + 0.5) / f64::from(1 << 25);
            let z = super::noise::normal_quantile(p) as f32;
            loc + scale * if word & 1 == 0 { z } else { -z }
        }),
        Law::Laplace(loc, scale) => draw(numbers, &|word| {
            let x = -math::log((f64::from(word >> 8) + 0.5) / f64::from(1 << 24)) as f32;
            loc + scale * if word & 1 == 0 { x } else { -x }
        }),
        Law::Poisson(mean, signed) => {
            poisson_sums(f64::from(mean), sums);
            draw(numbers, &|word| {
                let events = sums.partition_point(|sum| *sum <= f64::from(unit(word))) as f32;
                if signed && word & 1 == 1 { -events } else { events }
            });
        }
        Law::Choice(values, count) => {
            let count = u64::from(count.clamp(1, MOST_CHOICES as u8));
            draw(numbers, &|word| values[((u64::from(word) * count) >> 32) as usize]);
        }
        Law::SaltAndPepper => draw(numbers, &grain),
        Law::Salt => draw(numbers, &|word| 127.5 + (grain(word) - 127.5).abs()),
        Law::Pepper => draw(numbers, &|word| 127.5 - (grain(word) - 127.5).abs()),
    }
}

/// The probabilities of up to 0, 1, 2, ... events.
fn poisson_sums(mean: f64, sums: &mut Vec<f64>) {
    sums.clear();
    let mean = mean.clamp(0.0, 500.0);
    let (mut p, mut sum) = (math::exp(-mean), 0.0);
    for k in 1..=MOST_EVENTS {
        sum += p;
        sums.push(sum);
        if 1.0 - sum < 1e-9 {
            break;
        }
        p *= mean / k as f64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Stream;

    fn numbers(law: &Law) -> Vec<f32> {
        let mut random = vec![0; 4 * 40_000];
        Stream::of_key(3).fill(&mut random);
        let mut out = vec![0.0; 40_000];
        fill(law, &random, &mut out, &mut Vec::new());
        out
    }

    fn moments(law: &Law) -> (f32, f32) {
        let numbers = numbers(law);
        let n = numbers.len() as f64;
        let mean = numbers.iter().map(|x| f64::from(*x)).sum::<f64>() / n;
        let variance =
            numbers.iter().map(|x| (f64::from(*x) - mean) * (f64::from(*x) - mean)).sum::<f64>() / n;
        (mean as f32, variance.sqrt() as f32)
    }

    #[test]
    fn laws_have_their_mean_and_deviation() {
        for (law, mean, deviation) in [
            (Law::Uniform(-3.0, 5.0), 1.0, 2.309),
            (Law::Whole(1, 4), 2.5, 1.118),
            (Law::Normal(2.0, 3.0), 2.0, 3.0),
            (Law::Laplace(0.0, 4.0), 0.0, 5.657),
            (Law::Poisson(9.0, false), 9.0, 3.0),
            (Law::Poisson(9.0, true), 0.0, 9.487),
            (Law::SaltAndPepper, 127.5, 90.156),
            (Law::Salt, 208.7, 39.24),
            (Law::Pepper, 46.33, 39.24),
        ] {
            let (own_mean, own_deviation) = moments(&law);
            assert!((own_mean - mean).abs() < deviation * 0.03, "{law:?}: {own_mean}");
            assert!((own_deviation / deviation - 1.0).abs() < 0.03, "{law:?}: {own_deviation}");
        }
        assert!(numbers(&Law::Choice([7.0; MOST_CHOICES], 3)).iter().all(|x| *x == 7.0));
    }

    #[test]
    fn channels_share_what_pixels_draw() {
        let mut data = [1, 2, 3, 4, 5, 6];
        let shape = Shape::rgb(1, 2);
        replace(ImageMut::new(shape, &mut data), &[0, 1], &[9.0, 8.5]);
        assert_eq!(data, [1, 2, 3, 8, 8, 8]);
        replace(ImageMut::new(shape, &mut data), &[1, 0, 0, 0, 0, 1], &[300.0, 0.0, 0.0, 0.0, 0.0, 7.0]);
        assert_eq!(data, [255, 2, 3, 8, 8, 7]);
        multiply(ImageMut::new(shape, &mut data), &[0.5, 1.99]);
        assert_eq!(data, [127, 1, 1, 15, 15, 13]);
    }
}
