//! Python's `random.Random`, as far as orders need it: the same numbers for the same seed.
//!
//! The generator is MT19937, seeded by the array of the seed's 32-bit words. Numbers below n are as many of the highest bits as n has, drawn again
//! until they are below it (`Random._randbelow_with_getrandbits`). `shuffle` is the same in all versions from 3.2 on.

use rand_mt::Mt;

/// Shuffles as `random.Random(seed)`.
#[derive(Clone, Debug)]
pub struct Random {
    mt: Mt,
}

impl Random {
    /// The generator of this seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let words = [seed as u32, (seed >> 32) as u32];
        let count = if words[1] == 0 { 1 } else { 2 };
        Self { mt: Mt::new_with_key(words.into_iter().take(count)) }
    }

    /// `shuffle(values)`, of fewer than 2^32 values: from the last place to the second, each value trades places with one at or before it.
    ///
    /// # Panics
    /// If there are more.
    pub fn shuffle<T>(&mut self, values: &mut [T]) {
        assert!(u32::try_from(values.len()).is_ok(), "an order of fewer than 2^32");
        for last in (1..values.len()).rev() {
            let other = self.below(last as u32 + 1) as usize;
            values.swap(last, other);
        }
    }

    fn below(&mut self, n: u32) -> u32 {
        loop {
            let value = self.mt.next_u32() >> n.leading_zeros();
            if value < n {
                return value;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Printed by Python.
    #[test]
    fn orders_are_those_of_python() {
        for (seed, order) in [
            (0, [1, 9, 8, 5, 10, 2, 3, 7, 4, 0, 11, 6]),
            (42, [7, 5, 2, 8, 9, 6, 11, 3, 4, 0, 1, 10]),
            ((1 << 40) + 5, [3, 5, 2, 9, 6, 7, 1, 10, 0, 4, 11, 8]),
        ] {
            let mut values: Vec<u32> = (0..12).collect();
            Random::new(seed).shuffle(&mut values);
            assert_eq!(values, order, "{seed}");
        }
    }
}
