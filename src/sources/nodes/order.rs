//! Numbers in another order, worked out one by one: no table is kept, however many there are.

use crate::base::{Address, Stage, Stream};

/// Rounds of the network; four are enough for every pair of numbers to be as likely in every pair of places (Luby and Rackoff 1988).
const ROUNDS: usize = 6;

/// The numbers below `len`, each once, in an order that is drawn: a Feistel network over the smallest domain of an even number of bits,
/// walked along until a number is below `len`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Order {
    len: u64,
    half: u32,
    keys: [u64; ROUNDS],
}

impl Order {
    /// The order of `epoch`, of `len` numbers.
    pub(super) fn new(len: u64, seed: u64, stage: Stage, epoch: u64) -> Self {
        // A node of its own: no sample draws there.
        let mut stream: Stream = Address { seed, stage, item: epoch }.stream(u64::MAX);
        let bits = u64::BITS - len.saturating_sub(1).leading_zeros();
        Self { len, half: bits.div_ceil(2).max(1), keys: std::array::from_fn(|_| stream.u64()) }
    }

    /// The number at `place`, which is below `len`.
    pub(super) fn at(&self, place: u64) -> u64 {
        let mask = (1 << self.half) - 1;
        let mut number = place;
        loop {
            let (mut left, mut right) = (number >> self.half, number & mask);
            for key in self.keys {
                (left, right) = (right, left ^ (mix(right ^ key) & mask));
            }
            number = left << self.half | right;
            if number < self.len {
                return number;
            }
        }
    }
}

/// The finalizer of SplitMix64 (Steele, Lea and Flood 2014): each bit of the result depends on all bits.
const fn mix(mut value: u64) -> u64 {
    value = (value ^ value >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    value = (value ^ value >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ value >> 31
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_is_there_once() {
        for len in [1, 2, 3, 4, 5, 16, 17, 100, 1000, 4096] {
            for epoch in 0..3 {
                let order = Order::new(len, 7, Stage::new("place", "train"), epoch);
                let mut seen: Vec<u64> = (0..len).map(|place| order.at(place)).collect();
                seen.sort_unstable();
                assert!(seen.into_iter().eq(0..len), "{len}");
            }
        }
    }

    /// Each of ten numbers is at each place as often as at others: chi-square with 81 degrees of freedom, whose deviation is 12.7.
    #[test]
    fn no_place_is_preferred() {
        let mut counts = [[0_u32; 10]; 10];
        for epoch in 0..5000 {
            let order = Order::new(10, 1, Stage::new("place", "train"), epoch);
            (0..10).for_each(|place| counts[place as usize][order.at(place) as usize] += 1);
        }
        let off = |n: u32| (f64::from(n) - 500.0) * (f64::from(n) - 500.0) / 500.0;
        let chi: f64 = counts.iter().flatten().map(|&n| off(n)).sum();
        assert!(chi < 81.0 + 5.0 * 12.7, "{chi}");
    }
}
