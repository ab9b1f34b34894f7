//! Arithmetic that gives the same bits on every machine.
//!
//! The platform's `sin`, `exp` and their kin differ between C libraries, and a fused multiply-add
//! rounds once where two operations round twice. Everything that can reach a byte of output goes
//! through this module, which is `libm`'s portable code; `clippy.toml` refuses the methods of the
//! standard library. (`sqrt`, `floor`, `round_ties_even` and the four operations are exact by
//! IEEE 754 and may be used as they are.)

macro_rules! portable {
    ($($name:ident($type:ty): $doc:literal;)*) => {$(
        #[doc = $doc]
        #[must_use]
        pub fn $name(x: $type) -> $type {
            libm::$name(x)
        }
    )*};
}

portable! {
    sin(f64): "Sine of an angle in radians.";
    sinf(f32): "Sine of an angle in radians. Single precision.";
    cos(f64): "Cosine of an angle in radians.";
    cosf(f32): "Cosine of an angle in radians. Single precision.";
    exp(f64): "e to the power of x.";
    expf(f32): "e to the power of x. Single precision.";
    log(f64): "Natural logarithm.";
    acos(f64): "Arc cosine in radians.";
    cbrt(f64): "Cube root.";
}

/// `x` to the power of `y`.
#[must_use]
pub fn pow(x: f64, y: f64) -> f64 {
    libm::pow(x, y)
}

/// Rounds half to even, for |x| < 2^22.
///
/// Adding 1.5 * 2^23 pushes the fraction out of the mantissa, so that the addition itself rounds;
/// it vectorizes on every target, which `round_ties_even` does not on baseline x86-64.
#[inline(always)]
#[must_use]
pub fn rhe(x: f32) -> i32 {
    const MAGIC: f32 = 12_582_912.0;
    (x + MAGIC).to_bits().cast_signed() - MAGIC.to_bits().cast_signed()
}

/// Rounds half to even, for |x| < 2^31; as [`rhe`], in double precision.
#[inline]
#[must_use]
pub fn rhe64(x: f64) -> i32 {
    const MAGIC: f64 = 6_755_399_441_055_744.0;
    ((x + MAGIC).to_bits() as u32).cast_signed()
}

/// Clips to 0..255.
#[inline(always)]
#[must_use]
pub fn sat(x: i32) -> u8 {
    x.clamp(0, 255) as u8
}

/// Rounds half to even and clips to 0..255.
#[inline(always)]
#[must_use]
pub fn round_u8(x: f32) -> u8 {
    sat(rhe(x.clamp(-1.0, 256.0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_is_half_to_even() {
        for i in -4000..4000 {
            let x = i as f32 / 8.0;
            assert_eq!(rhe(x), x.round_ties_even() as i32, "{x}");
            assert_eq!(rhe64(f64::from(x)), x.round_ties_even() as i32, "{x}");
        }
        assert_eq!(rhe64(-2_000_000_000.5), -2_000_000_000);
        assert_eq!(round_u8(254.5), 254);
        assert_eq!(round_u8(1e30), 255);
        assert_eq!(round_u8(-1e30), 0);
    }
}
