//! NumPy's `RandomState`, as far as splits need it: the same numbers for the same seed.
//!
//! The generator is MT19937, seeded with the original `init_genrand` (which is what `RandomState(seed)` does with a whole number; the
//! newer `Generator` is something else). NumPy has frozen this stream: it is the same in all of its versions.

use rand_mt::Mt;

/// Shuffles and draws as `numpy.random.RandomState(seed)`.
#[derive(Clone, Debug)]
pub struct RandomState {
    mt: Mt,
}

impl RandomState {
    /// The generator of this seed.
    #[must_use]
    pub fn new(seed: u32) -> Self {
        Self { mt: Mt::new(seed) }
    }

    /// A number from 0 to `max`, both included: the lowest bits that can hold `max`, drawn again until they do not exceed it.
    pub fn interval(&mut self, max: u64) -> u64 {
        if max == 0 {
            return 0;
        }
        if let Ok(max) = u32::try_from(max) {
            let mask = u32::MAX >> max.leading_zeros();
            loop {
                let value = self.mt.next_u32() & mask;
                if value <= max {
                    return u64::from(value);
                }
            }
        }
        let mask = u64::MAX >> max.leading_zeros();
        loop {
            let high = u64::from(self.mt.next_u32());
            let value = (high << 32 | u64::from(self.mt.next_u32())) & mask;
            if value <= max {
                return value;
            }
        }
    }

    /// `shuffle(values)`: from the last place to the second, each value trades places with one at or before it.
    pub fn shuffle<T>(&mut self, values: &mut [T]) {
        for last in (1..values.len()).rev() {
            let other = self.interval(last as u64) as usize;
            values.swap(last, other);
        }
    }

    /// `permutation(n)`: the numbers below `n`, shuffled.
    pub fn permutation(&mut self, n: u32) -> Vec<u32> {
        let mut numbers: Vec<u32> = (0..n).collect();
        self.shuffle(&mut numbers);
        numbers
    }

    /// `choice(of, size=count, replace=False)`: the values at the first `count` places of a permutation.
    pub fn choice<T: Copy>(&mut self, of: &[T], count: usize) -> Vec<T> {
        let order = self.permutation(of.len() as u32);
        order.iter().take(count).map(|&place| of[place as usize]).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Printed by NumPy: `r = RandomState(s); r.permutation(10); r.choice([5, 6, 7, 8], 2, False)`.
    #[test]
    fn numbers_are_numpys() {
        for (seed, permutation, choice) in [
            (0, [2, 8, 4, 9, 1, 6, 7, 3, 0, 5], [6, 8]),
            (42, [8, 1, 5, 0, 7, 2, 9, 4, 3, 6], [6, 5]),
            (u32::MAX, [6, 9, 5, 1, 8, 0, 7, 4, 2, 3], [5, 6]),
        ] {
            let mut state = RandomState::new(seed);
            assert_eq!(state.permutation(10), permutation, "seed {seed}");
            assert_eq!(state.choice(&[5, 6, 7, 8], 2), choice, "seed {seed}");
        }
    }

    /// The generator's own words for seed 7 are 327741615, 976413892, 3349725721, ...: large bounds take two of them, the high one first.
    #[test]
    fn bounds_beyond_32_bits_take_two_words() {
        assert_eq!(RandomState::new(7).interval(u64::MAX), (327_741_615 << 32) + 976_413_892);
        // Masked to 33 bits the first pair is beyond the bound, so it is drawn again.
        assert!(RandomState::new(7).interval(1 << 32) <= 1 << 32);
        assert_ne!(RandomState::new(7).interval(1 << 32) & 0xffff_ffff, 976_413_892);
        assert_eq!(RandomState::new(7).interval(0), 0);
    }
}
