//! NumPy's `RandomState`, as far as splits need it: the same numbers for the same seed.
//!
//! The generator is MT19937, seeded with the original `init_genrand` (which is what `RandomState(seed)` does with a whole number; the
//! newer `Generator` is something else). NumPy has frozen this stream: it is the same in all of its versions.

use rand_mt::Mt;

use crate::base::math;

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

    /// `random_sample()`: from 0 up to 1, of 53 bits.
    pub fn random_sample(&mut self) -> f64 {
        let (high, low) = (self.mt.next_u32() >> 5, self.mt.next_u32() >> 6);
        (f64::from(high) * 67_108_864.0 + f64::from(low)) / 9_007_199_254_740_992.0
    }

    /// `binomial(1, p)`, by inversion; what cannot be draws nothing.
    fn binomial_once(&mut self, p: f64) -> bool {
        if p == 0.0 {
            return false;
        }
        let (p, turned) = if p <= 0.5 { (p, false) } else { (1.0 - p, true) };
        let q = 1.0 - p;
        let none = math::exp(math::log(q));
        let held = loop {
            let left = self.random_sample() - none;
            if left <= 0.0 {
                break false;
            }
            // Beyond the last number by rounding: drawn again.
            if left <= p * none / q {
                break true;
            }
        };
        held != turned
    }

    /// `multinomial(1, shares).argmax()`: one of so many, by their shares.
    pub fn multinomial_once(&mut self, shares: &[f64]) -> usize {
        let mut rest = 1.0;
        for (place, share) in shares.iter().enumerate() {
            if place + 1 == shares.len() || self.binomial_once(share / rest) {
                return place;
            }
            rest -= share;
        }
        0
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

    /// Printed by NumPy: `RandomState(s).multinomial(1, P[i % len(P)], 1).argmax()`, and the next `random_sample()`.
    #[test]
    fn one_of_several_is_numpys() {
        let seven = [
            0, 1, 1, 0, 1, 2, 0, 1, 2, 2, 2, 2, 2, 2, 2, 1, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 1, 0, 1, 2, 0, 1,
            2, 0, 2, 2, 0, 1, 0, 1,
        ];
        let rows = [[0.75, 0.125, 0.125], [0.125, 0.75, 0.125], [0.125, 0.125, 0.75]];
        let mut state = RandomState::new(7);
        let drawn: Vec<usize> = (0..40).map(|i| state.multinomial_once(&rows[i % 3])).collect();
        assert_eq!((drawn.as_slice(), state.random_sample()), (&seven[..], 0.472_323_996_288_402_27));
        let mut state = RandomState::new(7);
        let drawn: Vec<usize> = (0..40).map(|_| state.multinomial_once(&[0.05, 0.9, 0.05])).collect();
        let others: Vec<usize> = (0..40).filter(|i| drawn[*i] != 1).collect();
        assert_eq!(
            (others, drawn[34], state.random_sample()),
            (vec![2, 11, 31, 34], 2, 0.343_536_529_704_358_33)
        );
        // Shares of 0 and 1 take no more numbers than NumPy takes.
        let rows = [[0.55, 0.45, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0]];
        let mut state = RandomState::new(0);
        let drawn: Vec<usize> = (0..12).map(|i| state.multinomial_once(&rows[i % 4])).collect();
        assert_eq!((drawn, state.random_sample()), ([0, 1, 2, 3].repeat(3), 0.383_441_518_825_777_7));
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
