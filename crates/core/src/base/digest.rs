//! The digest of content, which adds up.
//!
//! Each sample is hashed (XXH3, 128 bits) with its index as the seed, and the digest of a range of samples is the
//! sum of these numbers modulo 2^128. It therefore does not depend on how a data set is cut into shards or
//! parts, or on the order in which threads finish; a sample that changes or moves changes it.
//!
//! It is the promise that "this still comes out the same" and guards against accidents and drift, not against
//! somebody who crafts collisions; files on their way carry a BLAKE3 digest beside it. XXH3 was chosen
//! because samples are short: BLAKE3 on 2 KB messages costs as much as drawing the image.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_128_with_seed;

/// The digest of a set of indexed samples.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ContentDigest(u128);

impl ContentDigest {
    /// Adds one sample, or one part of one: `bytes` under the number `index`.
    pub fn add_bytes(&mut self, index: u64, bytes: &[u8]) {
        self.0 = self.0.wrapping_add(xxh3_128_with_seed(bytes, index));
    }

    /// Adds another range's digest.
    pub fn add(&mut self, other: Self) {
        self.0 = self.0.wrapping_add(other.0);
    }
}

impl fmt::Display for ContentDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

/// A text that is not 32 hexadecimal digits.
#[derive(Debug, thiserror::Error)]
#[error("a content digest is 32 hexadecimal digits, not {0:?}")]
pub struct NotADigest(String);

impl FromStr for ContentDigest {
    type Err = NotADigest;

    fn from_str(text: &str) -> Result<Self, NotADigest> {
        if text.len() == 32
            && let Ok(sum) = u128::from_str_radix(text, 16)
        {
            return Ok(Self(sum));
        }
        Err(NotADigest(text.to_owned()))
    }
}

impl Serialize for ContentDigest {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ContentDigest {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn ranges_add_up_in_any_order(texts in prop::collection::vec(".*", 0..20), cut: prop::sample::Index) {
            let of = |first: usize, part: &[String]| {
                let mut digest = ContentDigest::default();
                for (i, text) in part.iter().enumerate() {
                    digest.add_bytes((first + i) as u64, text.as_bytes());
                }
                digest
            };
            let whole = of(0, &texts);
            let cut = cut.index(texts.len() + 1);
            let (head, tail) = texts.split_at(cut);
            let mut sum = of(cut, tail);
            sum.add(of(0, head));
            prop_assert_eq!(sum, whole);
            prop_assert_eq!(whole.to_string().parse::<ContentDigest>().unwrap(), whole);
        }
    }

    #[test]
    fn two_samples_that_trade_places_are_noticed() {
        let of = |texts: [&str; 2]| {
            let mut digest = ContentDigest::default();
            digest.add_bytes(0, texts[0].as_bytes());
            digest.add_bytes(1, texts[1].as_bytes());
            digest
        };
        assert_ne!(of(["a", "b"]), of(["b", "a"]));
    }
}
