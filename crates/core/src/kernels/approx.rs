//! Polynomials in place of library functions, for values that are rounded to a few bits afterwards, and a
//! rounding that vectorizes.
//!
//! Plain single-precision arithmetic in a fixed order: the same bits on every machine, and loops over them vectorize.

use std::f32::consts::{LN_2, LOG2_E, TAU};

use crate::base::math::sat;

/// 1.5 * 2^23: adding it rounds to a whole number, half to even.
const MAGIC: f32 = 12_582_912.0;

/// 2 to the power of `x`, to a relative error below 4e-7; powers beyond +-126 are those of +-126.
#[inline]
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
#[inline]
#[must_use]
pub fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + exp2(-x * LOG2_E))
}

/// Cosine of an angle in turns, |angle| < 2^20, to an absolute error below 3e-7.
#[inline]
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
#[inline]
#[must_use]
pub fn sin_turns(angle: f32) -> f32 {
    cos_turns(angle - 0.25)
}

/// The largest whole number up to `x`, clipped to 0..=255; |x| < 2^22. (What is left of 0 is clipped, so that this
/// also cuts fractions off.)
#[inline(always)]
#[must_use]
pub fn floor_u8(x: f32) -> u8 {
    // Adding 1.5 * 2^23 rounds to a whole number; where that rounded up, take one off. Unlike `as u8` this
    // stays within vector registers on baseline x86-64.
    let shifted = x + MAGIC;
    let over = i32::from(shifted - MAGIC > x);
    sat(shifted.to_bits().cast_signed() - MAGIC.to_bits().cast_signed() - over)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::math;

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
