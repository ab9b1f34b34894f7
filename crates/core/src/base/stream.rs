//! Random numbers that depend on where they are used, and on nothing else.
//!
//! A [`Stream`] is addressed by (seed, stage, item, node). The four numbers, little-endian, are the
//! 256-bit key of a ChaCha8 generator, so that two addresses never share a key and no mixing function
//! has to be trusted. A worker keeps no generator; it makes one for the item it is about to draw.
//!
//! Integers, floats, normals and shuffles are sampled by the code below, because `rand` changes its
//! sampling between releases and `rand_distr`'s normal calls the platform's `exp`. Values are pinned by
//! tests; changing one changes every data set, and raises the algorithm version of the manifest.

use rand::rngs::ChaCha8Rng;
use rand::{Rng, SeedableRng};
use rand_distr::Distribution;

use super::math;

/// What is being made: the command and the split it works on, as a number.
///
/// Two splits of one data set thereby draw differently for the same item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stage(u64);

impl Stage {
    /// The stage of `command` on `split`: FNV-1a (64 bit) of `command`, a zero byte, and `split`.
    #[must_use]
    pub fn new(command: &str, split: &str) -> Self {
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        for byte in command.bytes().chain([0]).chain(split.bytes()) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
        Self(hash)
    }
}

/// Where a draw happens, but for the node of the pipeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Address {
    /// The user's `--seed`.
    pub seed: u64,
    /// Command and split.
    pub stage: Stage,
    /// Index of the output sample within its split.
    pub item: u64,
}

impl Address {
    /// The stream of pipeline node `node` (its number in pre-order; 0 where there is no pipeline).
    #[must_use]
    pub fn stream(self, node: u64) -> Stream {
        Stream::at(self.seed, self.stage, self.item, node)
    }
}

/// A stream of random numbers.
#[derive(Debug)]
pub struct Stream {
    rng: ChaCha8Rng,
}

impl Stream {
    /// The stream at an address.
    #[must_use]
    pub fn at(seed: u64, stage: Stage, item: u64, node: u64) -> Self {
        let mut key = [0; 32];
        for (bytes, number) in key.chunks_exact_mut(8).zip([seed, stage.0, item, node]) {
            bytes.copy_from_slice(&number.to_le_bytes());
        }
        Self { rng: ChaCha8Rng::from_seed(key) }
    }

    /// The stream of a drawn `key`: kernels that need a number per pixel draw a key and expand it here.
    #[must_use]
    pub fn of_key(key: u64) -> Self {
        Self::at(key, Stage::new("key", ""), 0, 0)
    }

    /// A uniform 32-bit number.
    pub fn u32(&mut self) -> u32 {
        self.rng.next_u32()
    }

    /// A uniform 64-bit number.
    pub fn u64(&mut self) -> u64 {
        self.rng.next_u64()
    }

    /// Fills `bytes` with uniform bytes.
    pub fn fill(&mut self, bytes: &mut [u8]) {
        self.rng.fill_bytes(bytes);
    }

    /// Uniform in [0, 1), a multiple of 2^-53.
    pub fn unit(&mut self) -> f64 {
        (self.u64() >> 11) as f64 * (1.0 / (1_u64 << 53) as f64)
    }

    /// Uniform in [lo, hi); the order of the bounds does not matter.
    pub fn uniform(&mut self, a: f64, b: f64) -> f64 {
        let (lo, hi) = if a <= b { (a, b) } else { (b, a) };
        lo + self.unit() * (hi - lo)
    }

    /// True with probability `p`.
    pub fn bernoulli(&mut self, p: f64) -> bool {
        self.unit() < p
    }

    /// Uniform in 0..n.
    ///
    /// # Panics
    /// If `n` is 0.
    pub fn below(&mut self, n: u64) -> u64 {
        self.sample(Below::new(n))
    }

    /// Uniform integer in lo..=hi; the order of the bounds does not matter.
    pub fn integer(&mut self, a: i64, b: i64) -> i64 {
        let (lo, hi) = if a <= b { (a, b) } else { (b, a) };
        let span = hi.wrapping_sub(lo).cast_unsigned();
        let offset = if span == u64::MAX { self.u64() } else { self.below(span + 1) };
        lo.wrapping_add(offset.cast_signed())
    }

    /// An index into a slice of `len` entries, as [`below`](Self::below).
    pub fn index(&mut self, len: usize) -> usize {
        self.below(len as u64) as usize
    }

    /// A standard normal number (mean 0, standard deviation 1).
    pub fn normal(&mut self) -> f64 {
        self.sample(StandardNormal)
    }

    /// A uniform permutation of `items` in place (Fisher-Yates from the end).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            let other = self.index(last + 1);
            items.swap(last, other);
        }
    }

    /// One number of a distribution.
    pub fn sample<T>(&mut self, distribution: impl Distribution<T>) -> T {
        distribution.sample(&mut self.rng)
    }
}

/// Uniform integers in 0..n by multiplication and rejection.
///
/// Daniel Lemire, "Fast Random Integer Generation in an Interval", ACM TOMACS 29 (2019).
#[derive(Clone, Copy, Debug)]
pub struct Below {
    n: u64,
}

impl Below {
    /// Integers below `n`.
    ///
    /// # Panics
    /// If `n` is 0.
    #[must_use]
    pub fn new(n: u64) -> Self {
        assert!(n > 0, "there is no integer below 0");
        Self { n }
    }
}

impl Distribution<u64> for Below {
    fn sample<R: Rng + ?Sized>(&self, rng: &mut R) -> u64 {
        let mut wide = u128::from(rng.next_u64()) * u128::from(self.n);
        if (wide as u64) < self.n {
            let reject = self.n.wrapping_neg() % self.n;
            while (wide as u64) < reject {
                wide = u128::from(rng.next_u64()) * u128::from(self.n);
            }
        }
        (wide >> 64) as u64
    }
}

/// Normal numbers of mean 0 and standard deviation 1 by the polar method.
///
/// G. Marsaglia, T. A. Bray, "A Convenient Method for Generating Normal Variables", SIAM Review 6 (1964).
/// The second number of each pair is thrown away, so that the sampler has no state.
#[derive(Clone, Copy, Debug)]
pub struct StandardNormal;

impl Distribution<f64> for StandardNormal {
    fn sample<R: Rng + ?Sized>(&self, rng: &mut R) -> f64 {
        let mut signed_unit = || {
            // 54 random bits as an integer in -2^53..2^53, exact in f64.
            let bits = (rng.next_u64() >> 10) as i64 - (1 << 53);
            bits as f64 * (1.0 / (1_u64 << 53) as f64)
        };
        loop {
            let (u, v) = (signed_unit(), signed_unit());
            let s = u * u + v * v;
            if s > 0.0 && s < 1.0 {
                return u * (-2.0 * math::log(s) / s).sqrt();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn stream() -> Stream {
        Stream::at(1, Stage::new("test", "train"), 2, 3)
    }

    /// These numbers are the determinism contract: if one changes, every data set changes.
    #[test]
    fn values_are_pinned() {
        let mut s = stream();
        let mut below = stream();
        let mut items: Vec<u32> = (0..8).collect();
        stream().shuffle(&mut items);
        assert_eq!(
            [s.u64(), s.u64(), s.u64()],
            [9_541_971_599_498_791_137, 15_647_807_906_615_286_183, 6_340_992_419_479_343_188]
        );
        assert_eq!([0; 6].map(|_| below.below(10)), [5, 8, 3, 1, 4, 9]);
        assert_eq!(
            [s.unit(), s.uniform(-3.0, 5.0), s.normal(), s.normal()],
            [
                0.149_021_911_057_648_17,
                0.256_359_059_330_976_36,
                0.193_488_409_723_001_71,
                -1.047_219_828_798_726
            ]
        );
        assert_eq!(items, [3, 7, 6, 1, 0, 2, 5, 4]);
    }

    #[test]
    fn neighboring_addresses_are_unrelated() {
        let mut seen = std::collections::BTreeSet::new();
        for (seed, split, item, node) in [
            (1, "train", 2, 3),
            (2, "train", 2, 3),
            (1, "test", 2, 3),
            (1, "train", 3, 3),
            (1, "train", 2, 4),
        ] {
            seen.insert(Stream::at(seed, Stage::new("test", split), item, node).u64());
        }
        assert_eq!(seen.len(), 5);
    }

    /// `rand_distr`'s own normal is the oracle: both samples must look alike in mean, variance and tails.
    #[test]
    fn normals_agree_with_rand_distr() {
        let mut s = stream();
        let n = 40_000;
        let tally = |draw: &mut dyn FnMut() -> f64| {
            let (mut sum, mut squares, mut beyond) = (0.0, 0.0, 0.0);
            for _ in 0..n {
                let x = draw();
                sum += x;
                squares += x * x;
                beyond += f64::from(u8::from(x > 1.5));
            }
            let n = f64::from(n);
            (sum / n, squares / n, beyond / n)
        };
        let ours = tally(&mut || s.normal());
        let mut other = ChaCha8Rng::from_seed([7; 32]);
        let theirs = tally(&mut || rand_distr::StandardNormal.sample(&mut other));
        assert!((ours.0 - theirs.0).abs() < 0.035, "{ours:?} {theirs:?}");
        assert!((ours.1 - theirs.1).abs() < 0.05, "{ours:?} {theirs:?}");
        assert!((ours.2 - theirs.2).abs() < 0.012, "{ours:?} {theirs:?}");
    }

    proptest! {
        #[test]
        fn integers_stay_within_their_bounds(seed: u64, a: i64, b: i64, n in 1_u64..) {
            let mut s = Stream::at(seed, Stage::new("test", ""), 0, 0);
            let i = s.integer(a, b);
            prop_assert!(i >= a.min(b) && i <= a.max(b));
            prop_assert!(s.below(n) < n);
        }

        #[test]
        fn a_shuffle_is_a_permutation(seed: u64, len in 0_usize..50) {
            let mut items: Vec<usize> = (0..len).collect();
            Stream::at(seed, Stage::new("test", ""), 0, 0).shuffle(&mut items);
            items.sort_unstable();
            prop_assert_eq!(items, (0..len).collect::<Vec<_>>());
        }

        #[test]
        fn an_address_always_gives_the_same_numbers(seed: u64, item: u64, node: u64) {
            let stage = Stage::new("colorize", "train");
            let (mut a, mut b) = (Stream::at(seed, stage, item, node), Stream::at(seed, stage, item, node));
            for _ in 0..20 {
                prop_assert_eq!(a.u64(), b.u64());
            }
            prop_assert!((0.0..1.0).contains(&a.unit()));
        }
    }
}
