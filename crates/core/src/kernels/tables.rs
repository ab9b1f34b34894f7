//! Kernels that replace each value by its entry in a table of 256, and the tables.
//!
//! Formulas are imgaug's (contrast, quantization) and OpenCV's (equalization), in single precision where they are.

use std::sync::LazyLock;

use super::approx;
use crate::base::math;
use crate::base::{ImageMut, Shape};

/// What each of the 256 values becomes.
pub type Table = [u8; 256];

/// The value as a share of 255, by multiplication with 1/255 in single precision.
fn share(value: usize) -> f32 {
    value as f32 * (1.0 / 255.0)
}

/// Cuts the fraction off and clips to 0..=255; what is no number becomes 0.
fn cut(x: f32) -> u8 {
    x as u8
}

/// Logarithms of the shares to base 2.
static LOGARITHMS: LazyLock<[f32; 256]> = LazyLock::new(|| {
    std::array::from_fn(|i| (math::log(f64::from(share(i))) * std::f64::consts::LOG2_E) as f32)
});

/// `255 x^gamma` of the share x, cut off; the identity for a `gamma` of 1.
///
/// A polynomial tells which whole number it is, unless it is too near to the next.
#[must_use]
pub fn gamma(gamma: f32) -> Table {
    // 1.5 * 2^23: adding it rounds. And what single precision may be off by, here and in the formula; less than 2e-4.
    const MAGIC: f32 = 12_582_912.0;
    const OFF: f32 = 1.0 / 2048.0;
    if gamma == 1.0 {
        return std::array::from_fn(|i| i as u8);
    }
    let exactly = |i: usize| cut(math::pow(f64::from(share(i)), f64::from(gamma)) as f32 * 255.0);
    let logarithms = &*LOGARITHMS;
    let (mut table, mut unsure) = ([0; 256], [0_u8; 256]);
    for i in 0..256 {
        let value = approx::exp2(gamma * logarithms[i]) * 255.0;
        let near = (value + MAGIC) - MAGIC;
        let off = value - near;
        table[i] = ((near - if off < 0.0 { 1.0 } else { 0.0 }) + MAGIC).to_bits() as u8;
        // Nothing is below 0.
        unsure[i] = u8::from(off.abs() < OFF && near > 0.0);
        if near == 0.0 {
            table[i] = 0;
        }
    }
    for (i, unsure) in unsure.iter().enumerate().skip(1) {
        if *unsure != 0 {
            table[i] = exactly(i);
        }
    }
    table[0] = exactly(0);
    table
}

/// `255 / (1 + e^(gain (cutoff - x)))` of the share x, cut off.
#[must_use]
pub fn sigmoid(gain: f32, cutoff: f32) -> Table {
    let exponents: [f64; 256] = std::array::from_fn(|i| f64::from(gain * (cutoff - share(i))));
    let mut grown = [0.0; 256];
    approx::exps(&exponents, &mut grown);
    grown.map(|grown| cut(255.0 / (1.0 + grown)))
}

/// `255 gain log2(1 + x)` of the share x, cut off.
#[must_use]
pub fn logarithm(gain: f32) -> Table {
    std::array::from_fn(|i| {
        let log = (math::log(f64::from(1.0 + share(i))) * std::f64::consts::LOG2_E) as f32;
        cut(255.0 * (gain * log))
    })
}

/// Inverts values from `threshold` on.
#[must_use]
pub fn solarize(threshold: u8) -> Table {
    std::array::from_fn(|i| if i >= usize::from(threshold) { 255 - i as u8 } else { i as u8 })
}

/// Keeps the top `bits` (1..=8) of 8.
#[must_use]
pub fn posterize(bits: u8) -> Table {
    let mask = !(0xff_u32 >> bits.clamp(1, 8)) as u8;
    std::array::from_fn(|i| i as u8 & mask)
}

/// The middles of `colors` (2..=256) bins of one width, rounded half to even.
#[must_use]
pub fn quantize(colors: u16) -> Table {
    let bin = 256.0 / f32::from(colors.clamp(2, 256));
    std::array::from_fn(|i| math::round_u8((i as f32 / bin).floor() * bin + bin / 2.0))
}

/// Makes the counted values equally frequent, as far as possible; `None` if all pixels have one value.
#[must_use]
pub fn equalize(counts: &[u32; 256]) -> Option<Table> {
    let total: u32 = counts.iter().sum();
    let first = counts.iter().position(|count| *count > 0)?;
    if counts[first] == total {
        return None;
    }
    let scale = 255.0_f32 / (total - counts[first]) as f32;
    let mut table = [0; 256];
    let mut sum = 0;
    for (entry, count) in table.iter_mut().zip(counts).skip(first + 1) {
        sum += count;
        *entry = math::round_u8(sum as f32 * scale);
    }
    Some(table)
}

/// How often each value of channel `channel` occurs.
#[must_use]
pub fn histogram(shape: Shape, data: &[u8], channel: usize) -> [u32; 256] {
    let mut counts = [0; 256];
    for value in data.iter().skip(channel).step_by(shape.channels()) {
        counts[usize::from(*value)] += 1;
    }
    counts
}

/// Replaces each value of channel `channel` by its entry.
pub fn apply_to(image: ImageMut<'_>, channel: usize, table: &Table) {
    let ImageMut { shape, data } = image;
    for value in data.iter_mut().skip(channel).step_by(shape.channels()) {
        *value = table[usize::from(*value)];
    }
}

/// Replaces each value by its entry, the same table for all channels.
pub fn apply(image: ImageMut<'_>, table: &Table) {
    for value in image.data {
        *value = table[usize::from(*value)];
    }
}

/// Replaces each value by its entry in its channel's table, which `make` gives; equal numbers share a table.
pub fn apply_each(mut image: ImageMut<'_>, numbers: [[f32; 2]; 3], make: impl Fn([f32; 2]) -> Table) {
    let channels = image.shape.channels();
    if numbers[..channels].iter().all(|own| *own == numbers[0]) {
        return apply(image, &make(numbers[0]));
    }
    for (channel, own) in numbers[..channels].iter().enumerate() {
        apply_to(image.reborrow(), channel, &make(*own));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_cut_off_not_rounded() {
        assert_eq!(gamma(1.0)[77], 77);
        // 255 (100 / 255)^2 = 39.2 and 255 (100 / 255)^0.5 = 159.7.
        assert_eq!((gamma(2.0)[100], gamma(0.5)[100]), (39, 159));
        assert_eq!((sigmoid(10.0, 0.5)[0], sigmoid(10.0, 0.5)[255]), (1, 253));
        assert_eq!((logarithm(1.0)[0], logarithm(2.0)[255]), (0, 255));
        assert_eq!((solarize(128)[127], solarize(128)[128]), (127, 127));
        assert_eq!((posterize(1)[127], posterize(1)[200], posterize(8)[77]), (0, 128, 77));
        assert_eq!((quantize(2)[127], quantize(2)[128], quantize(256)[3]), (64, 192, 4));
    }

    #[test]
    fn powers_are_those_of_the_formula() {
        let gammas =
            [0.0, 1e-30, 1e-6, 1e-4, 0.5, 0.999_999_9, 1.0, 1.000_000_1, 2.0, 3.0, 17.5, 99.0, 100.0];
        let many = (1..400).map(|i| i as f32 * 0.0107);
        for own in gammas.into_iter().chain(many) {
            let expected: Table = std::array::from_fn(|i| {
                let power = math::pow(f64::from(share(i)), f64::from(own)) as f32 * 255.0;
                if own == 1.0 { i as u8 } else { cut(power) }
            });
            assert_eq!(gamma(own), expected, "{own}");
            let expected: Table = std::array::from_fn(|i| {
                let grown = math::exp(f64::from(own * (0.45 - share(i)))) as f32;
                cut(255.0 / (1.0 + grown))
            });
            assert_eq!(sigmoid(own, 0.45), expected, "{own}");
        }
    }

    #[test]
    fn flat_images_are_not_equalized() {
        let mut counts = [0; 256];
        counts[9] = 5;
        assert_eq!(equalize(&counts), None);
        counts[20] = 5;
        counts[30] = 5;
        let table = equalize(&counts).unwrap();
        assert_eq!((table[9], table[20], table[30]), (0, 128, 255));
    }
}
