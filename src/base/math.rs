//! Arithmetic that gives the same bits on every machine.
//!
//! The platform's `sin`, `exp` and their kin differ between C libraries, and a fused multiply-add
//! rounds once where two operations round twice. Everything that can reach a byte of output goes
//! through this module, which is `libm`'s portable code; `clippy.toml` refuses the methods of the
//! standard library. (`sqrt`, `floor`, `round_ties_even` and the four operations are exact by
//! IEEE 754 and may be used as they are.)

macro_rules! portable {
    ($($name:ident, $name32:ident: $doc:literal;)*) => {$(
        #[doc = $doc]
        #[must_use]
        pub fn $name(x: f64) -> f64 {
            libm::$name(x)
        }

        #[doc = concat!($doc, " Single precision.")]
        #[must_use]
        pub fn $name32(x: f32) -> f32 {
            libm::$name32(x)
        }
    )*};
}

portable! {
    sin, sinf: "Sine of an angle in radians.";
    cos, cosf: "Cosine of an angle in radians.";
    exp, expf: "e to the power of x.";
    log, logf: "Natural logarithm.";
    cbrt, cbrtf: "Cube root.";
    acos, acosf: "Arc cosine in radians.";
    tan, tanf: "Tangent of an angle in radians.";
}

/// `x` to the power of `y`.
#[must_use]
pub fn pow(x: f64, y: f64) -> f64 {
    libm::pow(x, y)
}

/// `x` to the power of `y`. Single precision.
#[must_use]
pub fn powf(x: f32, y: f32) -> f32 {
    libm::powf(x, y)
}

/// Angle of the point (x, y) in radians, -pi..pi.
#[must_use]
pub fn atan2(y: f64, x: f64) -> f64 {
    libm::atan2(y, x)
}

/// Rounds half to even, for |x| < 2^22.
///
/// Adding 1.5 * 2^23 pushes the fraction out of the mantissa, so that the addition itself rounds;
/// it vectorizes on every target, which `round_ties_even` does not on baseline x86-64.
#[inline]
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
#[inline]
#[must_use]
pub fn sat(x: i32) -> u8 {
    x.clamp(0, 255) as u8
}

/// Rounds half to even and clips to 0..255.
#[inline]
#[must_use]
pub fn round_u8(x: f32) -> u8 {
    sat(rhe(x.clamp(-1.0, 256.0)))
}

/// Cuts the fraction off and clips to 0..255.
#[inline]
#[must_use]
pub fn trunc_u8(x: f32) -> u8 {
    x as u8
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
        assert_eq!(trunc_u8(-3.0), 0);
        assert_eq!(trunc_u8(254.99), 254);
    }
}
