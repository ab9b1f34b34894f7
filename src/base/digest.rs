//! Digests of content and of files.
//!
//! A file's digest is plain BLAKE3. The *content* digest of a range of samples is made so that ranges add
//! up: each sample is hashed with BLAKE3 together with its index, and the range's digest is the sum of these
//! 256-bit numbers modulo 2^256. It therefore does not depend on how a data set is cut into shards or parts,
//! or on the order in which threads finish; a sample that changes or moves changes it.
//! (It guards against accidents and drift. It is not meant to withstand somebody who crafts collisions.)

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The digest of a set of indexed samples.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ContentDigest([u64; 4]);

impl ContentDigest {
    /// Adds the hash of one sample, or of one part of a sample.
    pub fn add_hash(&mut self, hash: &blake3::Hash) {
        let mut words = [0; 4];
        for (word, bytes) in words.iter_mut().zip(hash.as_bytes().as_chunks::<8>().0) {
            *word = u64::from_le_bytes(*bytes);
        }
        self.add(Self(words));
    }

    /// Adds another range's digest.
    pub fn add(&mut self, other: Self) {
        let mut carry = false;
        for (own, add) in self.0.iter_mut().zip(other.0) {
            let (sum, over) = own.overflowing_add(add);
            let (sum, over2) = sum.overflowing_add(u64::from(carry));
            *own = sum;
            carry = over | over2;
        }
    }
}

impl fmt::Display for ContentDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d] = self.0;
        write!(f, "{d:016x}{c:016x}{b:016x}{a:016x}")
    }
}

/// A text that is not 64 hexadecimal digits.
#[derive(Debug, thiserror::Error)]
#[error("a digest is 64 hexadecimal digits, not {0:?}")]
pub struct NotADigest(String);

impl FromStr for ContentDigest {
    type Err = NotADigest;

    fn from_str(text: &str) -> Result<Self, NotADigest> {
        let bad = || NotADigest(text.to_owned());
        if text.len() != 64 || !text.is_ascii() {
            return Err(bad());
        }
        let mut words = [0; 4];
        for (i, word) in words.iter_mut().rev().enumerate() {
            *word = u64::from_str_radix(&text[i * 16..(i + 1) * 16], 16).map_err(|_| bad())?;
        }
        Ok(Self(words))
    }
}

impl Serialize for ContentDigest {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ContentDigest {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(from)?;
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
                let hashes: Vec<_> = texts.iter().map(|t| blake3::hash(t.as_bytes())).collect();
                let of = |part: &[blake3::Hash]| {
                    let mut digest = ContentDigest::default();
                    for hash in part {
     digest.add_hash(hash);
    }
                    digest
                };
                let whole = of(&hashes);
                let (head, tail) = hashes.split_at(cut.index(hashes.len() + 1));
                let mut sum = of(tail);
                sum.add(of(head));
                prop_assert_eq!(sum, whole);
                prop_assert_eq!(whole.to_string().parse::<ContentDigest>().unwrap(), whole);
            }
        }

    #[test]
    fn carries_run_through() {
        let mut digest = ContentDigest([u64::MAX, u64::MAX, u64::MAX, 0]);
        digest.add(ContentDigest([1, 0, 0, 0]));
        assert_eq!(digest, ContentDigest([0, 0, 0, 1]));
    }
}
