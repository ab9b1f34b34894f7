//! Polynomials in place of library functions, for values that are rounded to a few bits afterwards, and a
//! rounding that vectorizes.
//!
//! Plain single-precision arithmetic in a fixed order: the same bits on every machine, and loops over them vectorize.

use std::f32::consts::{LN_2, LOG2_E, TAU};

use crate::base::math::{self, sat};

/// 1.5 * 2^23: adding it rounds to a whole number, half to even.
const MAGIC: f32 = 12_582_912.0;

/// 2 to the power of `x`, to a relative error below 4e-7; powers beyond +-126 are those of +-126.
#[inline(always)]
#[must_use]
pub fn exp2(x: f32) -> f32 {
    let x = if x > -126.0 { x } else { -126.0 };
    let x = if x < 126.0 { x } else { 126.0 };
    let shifted = x + MAGIC;
    let t = (x - (shifted - MAGIC)) * LN_2;
    // The exponential series for |t| < 0.35; the first term left out is below 1.3e-7.
    let series = 1.0
        + t * (1.0
            + t * (1.0 / 2.0 + t * (1.0 / 6.0 + t * (1.0 / 24.0 + t * (1.0 / 120.0 + t * (1.0 / 720.0))))));
    let exponent = shifted.to_bits().wrapping_sub(MAGIC.to_bits()).wrapping_add(127);
    series * f32::from_bits(exponent << 23)
}

/// 1 / (1 + exp(-x)), to an absolute error below 3e-7.
#[inline(always)]
#[must_use]
pub fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + exp2(-x * LOG2_E))
}

/// Cosine of an angle in turns, |angle| < 2^20, to an absolute error below 3e-7.
#[inline(always)]
#[must_use]
pub fn cos_turns(angle: f32) -> f32 {
    let folded = angle - ((angle + MAGIC) - MAGIC);
    // cos(a) = sin(quarter turn - |a|), of an angle within a quarter turn.
    let t = (0.25 - folded.abs()) * TAU;
    let s = t * t;
    // The sine series; the first term left out is below 6e-8.
    let series = 1.0 / 120.0 + s * (-1.0 / 5_040.0 + s * (1.0 / 362_880.0 + s * (-1.0 / 39_916_800.0)));
    t + t * s * (-1.0 / 6.0 + s * series)
}

/// Sine of an angle in turns; as [`cos_turns`].
#[inline(always)]
#[must_use]
pub fn sin_turns(angle: f32) -> f32 {
    cos_turns(angle - 0.25)
}

/// The largest whole number up to `x`; |x| < 2^22.
#[inline(always)]
#[must_use]
pub fn floor(x: f32) -> i32 {
    // Adding 1.5 * 2^23 rounds to a whole number; where that rounded up, take one off. Unlike `as i32` this
    // stays within vector registers on baseline x86-64.
    let shifted = x + MAGIC;
    let over = i32::from(shifted - MAGIC > x);
    shifted.to_bits().cast_signed() - MAGIC.to_bits().cast_signed() - over
}

/// The largest whole number up to `x`, clipped to 0..=255; |x| < 2^22. (What is left of 0 is clipped, so that this
/// also cuts fractions off.)
#[inline(always)]
#[must_use]
pub fn floor_u8(x: f32) -> u8 {
    sat(floor(x))
}

/// How many powers are worked on together.
const RUN: usize = 16;

/// e to the power of each exponent: what [`math::exp`] gives, rounded to single precision.
///
/// The exponential series gives more than enough bits, unless a power lies that near to the middle between two numbers of single
/// precision; those, and all that are not normal numbers, are computed by `math::exp`.
///
/// # Panics
/// If there are not as many powers as exponents.
pub fn exps(exponents: &[f64], powers: &mut [f32]) {
    assert_eq!(exponents.len(), powers.len(), "a power for each exponent");
    let (runs, rest) = exponents.as_chunks::<RUN>();
    let (to, last) = powers.as_chunks_mut::<RUN>();
    for (run, powers) in runs.iter().zip(to) {
        exp_run(run, powers);
    }
    let (mut run, mut powers) = ([0.0; RUN], [0.0; RUN]);
    run[..rest.len()].copy_from_slice(rest);
    exp_run(&run, &mut powers);
    last.copy_from_slice(&powers[..last.len()]);
}

fn exp_run(exponents: &[f64; RUN], powers: &mut [f32; RUN]) {
    // 1.5 * 2^52, and the logarithm of 2 in two parts, of which the first has 21 bits less.
    const MAGIC: f64 = 6_755_399_441_055_744.0;
    const HIGH: f64 = 0.693_147_180_369_123_8;
    const LOW: f64 = 1.908_214_929_270_587_7e-10;
    // Of the bits that single precision drops, how near to a half is too near. The error is below 2^7 of them.
    const HALF: u32 = 1 << 28;
    const NEAR: u32 = 1 << 12;
    let mut unsure = 0;
    for (power, &x) in powers.iter_mut().zip(exponents) {
        let shifted = x * std::f64::consts::LOG2_E + MAGIC;
        let whole = shifted - MAGIC;
        let t = (x - whole * HIGH) - whole * LOW;
        // |t| < 0.35; the first term left out is below 1e-14.
        let mut series = 1.0 / 39_916_800.0;
        for factorial in
            [3_628_800.0, 362_880.0, 40_320.0, 5_040.0, 720.0, 120.0, 24.0, 6.0, 2.0, 1.0, 1.0_f64]
        {
            series = series * t + 1.0 / factorial;
        }
        let power_of_two = f64::from_bits(shifted.to_bits().wrapping_add(1023) << 52);
        let wide = series * power_of_two;
        let dropped = wide.to_bits() as u32 & (2 * HALF - 1);
        unsure |= u32::from(dropped.wrapping_sub(HALF - NEAR) < 2 * NEAR);
        // Within these the power of two is a normal number of single precision, and so is the result.
        unsure |= u32::from(!(x > -87.0 && x < 88.0));
        *power = wide as f32;
    }
    if unsure != 0 {
        for (power, &x) in powers.iter_mut().zip(exponents) {
            // Below half the smallest number of single precision.
            *power = if x < -104.5 { 0.0 } else { math::exp(x) as f32 };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_as_documented() {
        for i in -40_000..=40_000 {
            let x = i as f32 / 1000.0;
            let exact = math::pow(2.0, f64::from(x));
            assert!((f64::from(exp2(x)) / exact - 1.0).abs() < 4e-7, "{x}");
            let exact = 1.0 / (1.0 + math::exp(-f64::from(x)));
            assert!((f64::from(sigmoid(x)) - exact).abs() < 3e-7, "{x}");
            let turns = i as f32 / 32_768.0;
            let angle = f64::from(turns) * std::f64::consts::TAU;
            assert!((f64::from(cos_turns(turns)) - math::cos(angle)).abs() < 3e-7, "{turns}");
            assert!((f64::from(sin_turns(turns)) - math::sin(angle)).abs() < 3e-7, "{turns}");
        }
    }

    #[test]
    fn powers_are_those_of_the_library() {
        let exponents: Vec<f64> =
            (-120_000..100_000).map(|i| f64::from(i) * 1e-3 + f64::from(i % 97) * 1e-7).collect();
        // Every way to end within a run.
        for cut in 0..=RUN {
            let mut powers = vec![0.0; exponents.len() - cut];
            exps(&exponents[cut..], &mut powers);
            for (x, power) in exponents[cut..].iter().zip(powers) {
                assert_eq!(power, math::exp(*x) as f32, "{x}");
            }
        }
        // Between 1 and the next number of single precision, and the ends.
        for x in [1.0 / 16_777_216.0, f64::NEG_INFINITY, f64::INFINITY, -104.2, -103.0, 0.0] {
            let mut power = [0.0];
            exps(&[x], &mut power);
            assert_eq!(power[0], math::exp(x) as f32, "{x}");
        }
    }

    #[test]
    fn the_ends_are_finite() {
        assert_eq!(sigmoid(1e9), 1.0);
        assert!(sigmoid(-1e9) < 1e-30);
        assert_eq!([exp2(0.0), exp2(-3.0), exp2(10.0)], [1.0, 0.125, 1024.0]);
    }

    #[test]
    fn the_floor_is_clipped() {
        for i in -4_000..4_000 {
            let x = i as f32 / 8.0;
            assert_eq!(floor_u8(x), x.floor().clamp(0.0, 255.0) as u8, "{x}");
        }
        assert_eq!([floor_u8(4e6), floor_u8(-4e6), floor_u8(254.999_98)], [255, 0, 254]);
    }
}
