//! Whole numbers within bounds.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, Unexpected, Visitor};

/// A whole number from `LO` to `HI`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Within<const LO: u64, const HI: u64>(u64);

impl<const LO: u64, const HI: u64> Within<LO, HI> {
    /// All such numbers.
    pub const RANGE: std::ops::RangeInclusive<u64> = LO..=HI;

    /// The number.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }

    /// What is expected, in words.
    fn expected() -> String {
        if HI == u64::MAX {
            format!("a whole number from {LO} on")
        } else {
            format!("a whole number from {LO} to {HI}")
        }
    }
}

impl<const LO: u64, const HI: u64> std::str::FromStr for Within<LO, HI> {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        text.parse()
            .ok()
            .filter(|n| Self::RANGE.contains(n))
            .map(Self)
            .ok_or_else(|| format!("expected {}; found {text:?}", Self::expected()))
    }
}

impl<'de, const LO: u64, const HI: u64> Deserialize<'de> for Within<LO, HI> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Number<const LO: u64, const HI: u64>;
        impl<const LO: u64, const HI: u64> Visitor<'_> for Number<LO, HI> {
            type Value = Within<LO, HI>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&Within::<LO, HI>::expected())
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<Self::Value, E> {
                if Within::<LO, HI>::RANGE.contains(&number) {
                    Ok(Within(number))
                } else {
                    Err(E::invalid_type(Unexpected::Unsigned(number), &self))
                }
            }
        }
        from.deserialize_u64(Number)
    }
}
