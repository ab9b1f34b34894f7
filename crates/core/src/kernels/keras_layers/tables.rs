//! What happens to values by themselves: inversion, posterization, solarization, contrast and histograms of channels.

use crate::base::{Scratch, Shape};

const TOP: f32 = 255.0;

/// 255 minus each value.
pub fn invert(values: &mut [f32]) {
    for v in values {
        *v = TOP - *v;
    }
}

/// Keeps the upper `bits` bits, 1..=8, of the values, whose fractions are cut off.
pub fn posterize(values: &mut [f32], bits: u8) {
    let shift = 8 - bits.clamp(1, 8);
    for v in values {
        *v = f32::from((*v as u8) >> shift << shift);
    }
}

/// Adds `addition`, clips, and inverts what is not below `threshold`.
pub fn solarize(values: &mut [f32], addition: f32, threshold: f32) {
    for v in values {
        let sum = (*v + addition).clamp(0.0, TOP);
        *v = if sum < threshold { sum } else { TOP - sum };
    }
}

/// Stretches each channel to 0..=255; a channel of one value stays as it is.
pub fn auto_contrast(values: &mut [f32], on: Shape) {
    let channels = on.channels();
    for c in 0..channels {
        let own = || values.iter().skip(c).step_by(channels).copied();
        let (low, high) = (own().fold(f32::INFINITY, f32::min), own().fold(f32::NEG_INFINITY, f32::max));
        if high <= low {
            continue;
        }
        let scale = TOP / (high - low);
        let offset = -low * scale;
        for v in values.iter_mut().skip(c).step_by(channels) {
            *v = (*v * scale + offset).clamp(0.0, TOP);
        }
    }
}

/// Makes the values of each channel equally frequent in `bins` (at least 2) steps: round((cdf - min) 255 / (n - min)),
/// halves to even.
pub fn equalize(values: &mut [f32], on: Shape, bins: usize, scratch: &mut Scratch) {
    let channels = on.channels();
    let last = bins.max(2) - 1;
    let mut counts = scratch.take_i32(last + 1);
    let mut table = scratch.take_f32(last + 1);
    for c in 0..channels {
        counts.fill(0);
        for v in values.iter().skip(c).step_by(channels) {
            counts[((*v * last as f32 / TOP) as usize).min(last)] += 1;
        }
        if counts.iter().filter(|count| **count > 0).count() <= 1 {
            continue;
        }
        let least = counts.iter().copied().find(|count| *count > 0).unwrap_or(0);
        let rest = on.pixels() as i64 - i64::from(least);
        let mut sum = 0_i64;
        for (level, count) in table.iter_mut().zip(&counts) {
            sum += i64::from(*count);
            let share = ((sum - i64::from(least)) * 255) as f32 / rest as f32;
            *level = share.round_ties_even().clamp(0.0, TOP);
        }
        for v in values.iter_mut().skip(c).step_by(channels) {
            *v = table[((*v / TOP * last as f32) as usize).min(last)];
        }
    }
    scratch.give_i32(counts);
    scratch.give_f32(table);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_changed_one_by_one() {
        let mut values = [0.0, 100.0, 255.0];
        invert(&mut values);
        assert_eq!(values, [255.0, 155.0, 0.0]);
        posterize(&mut values, 2);
        assert_eq!(values, [192.0, 128.0, 0.0]);
        solarize(&mut values, 10.0, 138.0);
        assert_eq!(values, [53.0, 117.0, 10.0]);
    }

    #[test]
    fn flat_channels_stay_and_others_are_stretched() {
        let mut values = [7.0, 10.0, 7.0, 20.0, 7.0, 30.0];
        let mut color = [7.0, 10.0, 5.0, 7.0, 30.0, 10.0];
        auto_contrast(&mut color, Shape::rgb(1, 2));
        assert_eq!(color, [7.0, 0.0, 0.0, 7.0, 255.0, 255.0]);
        equalize(&mut values, Shape::gray(1, 6), 256, &mut Scratch::default());
        assert_eq!(values, [0.0, 85.0, 0.0, 170.0, 0.0, 255.0]);
        let mut flat = [9.0; 4];
        equalize(&mut flat, Shape::gray(2, 2), 256, &mut Scratch::default());
        assert_eq!(flat, [9.0; 4]);
    }
}
