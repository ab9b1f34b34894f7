//! The values of NumPy arrays: their types, what they span, and what floats mean.

/// The type of an array's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Element {
    /// NumPy's letter: `u`, `i`, `f` or `b`.
    pub kind: char,
    /// Bytes of a value.
    pub size: usize,
    big_endian: bool,
}

impl Element {
    /// From NumPy's spelling, such as `<f4`; `None` for what holds no numbers.
    #[must_use]
    pub fn parse(descr: &str) -> Option<Self> {
        let mut letters = descr.chars();
        let (order, kind) = (letters.next()?, letters.next()?);
        let size = letters.as_str().parse().ok()?;
        let known = match kind {
            'u' | 'i' => matches!(size, 1 | 2 | 4 | 8),
            'f' => matches!(size, 2 | 4 | 8),
            'b' => size == 1,
            _ => false,
        };
        (known && matches!(order, '<' | '>' | '|' | '=')).then_some(Self {
            kind,
            size,
            big_endian: order == '>',
        })
    }

    /// Hands on each value of `bytes`. Integers beyond 2^53 lose digits; all that matters is that they are no pixels.
    pub fn each(self, bytes: &[u8], mut f: impl FnMut(f64)) {
        macro_rules! values {
            ($t:ty, $n:literal) => {
                for value in bytes.as_chunks::<$n>().0 {
                    #[allow(clippy::cast_lossless)]
                    f(
                        if self.big_endian {
                            <$t>::from_be_bytes(*value)
                        } else {
                            <$t>::from_le_bytes(*value)
                        } as f64,
                    );
                }
            };
        }
        match (self.kind, self.size) {
            ('i', 1) => values!(i8, 1),
            ('u', 2) => values!(u16, 2),
            ('i', 2) => values!(i16, 2),
            ('u', 4) => values!(u32, 4),
            ('i', 4) => values!(i32, 4),
            ('u', 8) => values!(u64, 8),
            ('i', 8) => values!(i64, 8),
            ('f', 2) => {
                for pair in bytes.as_chunks::<2>().0 {
                    let bits =
                        if self.big_endian { u16::from_be_bytes(*pair) } else { u16::from_le_bytes(*pair) };
                    f(half(bits));
                }
            }
            ('f', 4) => values!(f32, 4),
            ('f', 8) => values!(f64, 8),
            _ => values!(u8, 1),
        }
    }
}

/// The value of a half-precision float: a sign, 5 bits of exponent, 10 of fraction.
fn half(bits: u16) -> f64 {
    // Two to this power, from -24 to 5, by its bits, which are the same everywhere.
    let power = |exponent: i64| f64::from_bits(((1023 + exponent) as u64) << 52);
    let fraction = f64::from(bits & 0x3ff);
    let size = match bits >> 10 & 0x1f {
        0 => fraction * power(-24),
        0x1f if fraction == 0.0 => f64::INFINITY,
        0x1f => f64::NAN,
        exponent => (1024.0 + fraction) * power(i64::from(exponent) - 25),
    };
    if bits >> 15 == 0 { size } else { -size }
}

/// What values an array holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Extent {
    /// The least.
    pub min: f64,
    /// The greatest.
    pub max: f64,
    /// Whether all are whole numbers.
    pub whole: bool,
    /// Whether one is no number at all.
    pub nan: bool,
}

impl Extent {
    /// The extent of nothing.
    pub const NONE: Self = Self { min: f64::INFINITY, max: f64::NEG_INFINITY, whole: true, nan: false };

    /// The extent of these values and one more.
    #[must_use]
    pub fn and(self, value: f64) -> Self {
        Self {
            min: self.min.min(value),
            max: self.max.max(value),
            whole: self.whole && value % 1.0 == 0.0,
            nan: self.nan || value.is_nan(),
        }
    }

    /// The extent of both.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        Self {
            min: self.min.min(other.min),
            max: self.max.max(other.max),
            whole: self.whole && other.whole,
            nan: self.nan || other.nan,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_floats_are_read() {
        let of = |bytes: &[u8], descr: &str| {
            let mut out = Vec::new();
            Element::parse(descr).unwrap().each(bytes, |value| out.push(value));
            out
        };
        assert_eq!(of(&[0, 0x3c, 0, 0x38, 0, 0xc0, 1, 0], "<f2"), [1.0, 0.5, -2.0, 1.0 / 16_777_216.0]);
        assert_eq!(of(&[0x5b, 0xf8], ">f2"), [255.0]);
        assert!(of(&[0, 0x7c], "<f2")[0].is_infinite() && of(&[1, 0x7c], "<f2")[0].is_nan());
    }
}
