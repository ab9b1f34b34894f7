//! Networks that sort and merge: K. Batcher, "Sorting Networks and Their Applications", AFIPS Spring Joint Computer Conference (1968).
//!
//! Two sorted rows are merged by merging their even and their odd members, and then exchanging each odd one with the even one behind it;
//! a row is sorted by merging its sorted halves. Of a merge from which only some ranks are wanted, exchanges that none of them
//! depends on are left out. The tests try all rows of zeros and ones, which is enough for all values.

/// Sorts 7 values.
#[inline]
#[rustfmt::skip]
pub(super) fn sort_7(mut v: [u8; 7]) -> [u8; 7] {
    exchange!(v:
        1 2, 0 1, 2 1, 3 4, 5 6, 3 5, 4 6, 4 5, 0 3, 1 5, 1 3, 2 4, 6 4, 2 1, 6 3, 4 5
    );
    [v[0], v[2], v[1], v[6], v[3], v[4], v[5]]
}

/// Merges 7 and 7 sorted values.
#[inline]
#[rustfmt::skip]
pub(super) fn merge_7_7(a: impl Fn(usize) -> u8, b: impl Fn(usize) -> u8) -> [u8; 14] {
    let mut v = [
        a(0), a(1), a(2), a(3), a(4), a(5), a(6), b(0), b(1), b(2), b(3), b(4), b(5), b(6),
    ];
    exchange!(v:
        0 7, 4 11, 4 7, 2 9, 6 13, 6 9, 2 4, 6 7, 9 11, 1 8, 5 12, 5 8, 3 10, 3 5, 10 8, 1 2, 3 4, 5 6,
        10 7, 8 9, 12 11
    );
    [
        v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[10], v[7], v[8], v[9], v[12], v[11], v[13],
    ]
}

/// Merges 14 and 14 sorted values; of the result, ranks 3 to 24.
#[inline]
#[rustfmt::skip]
pub(super) fn merge_14_14(a: impl Fn(usize) -> u8, b: impl Fn(usize) -> u8) -> [u8; 22] {
    let mut v = [
        a(0), a(1), a(2), a(3), a(4), a(5), a(6), a(7), a(8), a(9), a(10), a(11), a(12), a(13), b(0),
        b(1), b(2), b(3), b(4), b(5), b(6), b(7), b(8), b(9), b(10), b(11), b(12), b(13),
    ];
    exchange!(v:
        0 14, 8 22, 8 14, 4 18, 12 26, 12 18, 4 8, 12 14, 18 22, 2 16, 10 24, 10 16, 6 20, 6 10, 20 16,
        2 4, 6 8, 10 12, 20 14, 16 18, 24 22, 1 15, 9 23, 9 15, 5 19, 13 27, 13 19, 5 9, 13 15, 19 23,
        3 17, 11 25, 11 17, 7 21, 7 11, 21 17, 3 5, 7 9, 11 13, 21 15, 17 19, 25 23, 3 4, 5 6, 7 8,
        9 10, 11 12, 13 20, 21 14, 15 16, 17 18, 19 24, 25 22
    );
    [
        v[3], v[4], v[5], v[6], v[7], v[8], v[9], v[10], v[11], v[12], v[13], v[20], v[21], v[14],
        v[15], v[16], v[17], v[18], v[19], v[24], v[25], v[22],
    ]
}

/// Merges 14 and 7 sorted values.
#[inline]
#[rustfmt::skip]
pub(super) fn merge_14_7(a: impl Fn(usize) -> u8, b: impl Fn(usize) -> u8) -> [u8; 21] {
    let mut v = [
        a(0), a(1), a(2), a(3), a(4), a(5), a(6), a(7), a(8), a(9), a(10), a(11), a(12), a(13), b(0),
        b(1), b(2), b(3), b(4), b(5), b(6),
    ];
    exchange!(v:
        0 14, 8 14, 4 18, 12 18, 4 8, 12 14, 2 16, 10 16, 6 20, 6 10, 20 16, 2 4, 6 8, 10 12, 20 14,
        16 18, 1 15, 9 15, 5 19, 13 19, 5 9, 13 15, 3 17, 11 17, 7 11, 3 5, 7 9, 11 13, 17 15, 1 2,
        3 4, 5 6, 7 8, 9 10, 11 12, 13 20, 17 14, 15 16, 19 18
    );
    [
        v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7], v[8], v[9], v[10], v[11], v[12], v[13], v[20],
        v[17], v[14], v[15], v[16], v[19], v[18],
    ]
}

/// Sorts 9 values.
#[inline]
#[rustfmt::skip]
pub(super) fn sort_9(mut v: [u8; 9]) -> [u8; 9] {
    exchange!(v:
        0 1, 2 3, 0 2, 1 3, 1 2, 4 5, 7 8, 6 7, 8 7, 4 6, 7 6, 5 8, 5 7, 8 6, 0 4, 6 4, 2 7, 2 6, 7 4,
        1 5, 3 8, 3 5, 1 2, 3 6, 5 7, 8 4
    );
    [v[0], v[1], v[2], v[3], v[6], v[5], v[7], v[8], v[4]]
}

/// Merges 9 and 9 sorted values.
#[inline]
#[rustfmt::skip]
pub(super) fn merge_9_9(a: impl Fn(usize) -> u8, b: impl Fn(usize) -> u8) -> [u8; 18] {
    let mut v = [
        a(0), a(1), a(2), a(3), a(4), a(5), a(6), a(7), a(8), b(0), b(1), b(2), b(3), b(4), b(5), b(6),
        b(7), b(8),
    ];
    exchange!(v:
        0 9, 8 17, 8 9, 4 13, 4 8, 13 9, 2 11, 6 15, 6 11, 2 4, 6 8, 11 13, 15 9, 1 10, 5 14, 5 10,
        3 12, 7 16, 7 12, 3 5, 7 10, 12 14, 1 2, 3 4, 5 6, 7 8, 10 11, 12 13, 14 15, 16 9
    );
    [
        v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7], v[8], v[10], v[11], v[12], v[13], v[14], v[15],
        v[16], v[9], v[17],
    ]
}

/// Merges 18 and 18 sorted values.
#[inline]
#[rustfmt::skip]
pub(super) fn merge_18_18(a: impl Fn(usize) -> u8, b: impl Fn(usize) -> u8) -> [u8; 36] {
    let mut v = [
        a(0), a(1), a(2), a(3), a(4), a(5), a(6), a(7), a(8), a(9), a(10), a(11), a(12), a(13), a(14),
        a(15), a(16), a(17), b(0), b(1), b(2), b(3), b(4), b(5), b(6), b(7), b(8), b(9), b(10), b(11),
        b(12), b(13), b(14), b(15), b(16), b(17),
    ];
    exchange!(v:
        0 18, 16 34, 16 18, 8 26, 8 16, 26 18, 4 22, 12 30, 12 22, 4 8, 12 16, 22 26, 30 18, 2 20,
        10 28, 10 20, 6 24, 14 32, 14 24, 6 10, 14 20, 24 28, 2 4, 6 8, 10 12, 14 16, 20 22, 24 26,
        28 30, 32 18, 1 19, 17 35, 17 19, 9 27, 9 17, 27 19, 5 23, 13 31, 13 23, 5 9, 13 17, 23 27,
        31 19, 3 21, 11 29, 11 21, 7 25, 15 33, 15 25, 7 11, 15 21, 25 29, 3 5, 7 9, 11 13, 15 17,
        21 23, 25 27, 29 31, 33 19, 1 2, 3 4, 5 6, 7 8, 9 10, 11 12, 13 14, 15 16, 17 20, 21 22, 23 24,
        25 26, 27 28, 29 30, 31 32, 33 18, 19 34
    );
    [
        v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7], v[8], v[9], v[10], v[11], v[12], v[13], v[14],
        v[15], v[16], v[17], v[20], v[21], v[22], v[23], v[24], v[25], v[26], v[27], v[28], v[29],
        v[30], v[31], v[32], v[33], v[18], v[19], v[34], v[35],
    ]
}

/// Merges 36 and 36 sorted values; of the result, ranks 31 to 40.
#[inline]
#[rustfmt::skip]
pub(super) fn merge_36_36(a: impl Fn(usize) -> u8, b: impl Fn(usize) -> u8) -> [u8; 10] {
    let mut v = [
        a(0), a(1), a(2), a(3), a(4), a(5), a(6), a(7), a(8), a(9), a(10), a(11), a(12), a(13), a(14),
        a(15), a(16), a(17), a(18), a(19), a(20), a(21), a(22), a(23), a(24), a(25), a(26), a(27),
        a(28), a(29), a(30), a(31), a(32), a(33), a(34), a(35), b(0), b(1), b(2), b(3), b(4), b(5),
        b(6), b(7), b(8), b(9), b(10), b(11), b(12), b(13), b(14), b(15), b(16), b(17), b(18), b(19),
        b(20), b(21), b(22), b(23), b(24), b(25), b(26), b(27), b(28), b(29), b(30), b(31), b(32),
        b(33), b(34), b(35),
    ];
    exchange!(v:
        0 36, 32 68, 32 36, 16 52, 16 32, 52 36, 8 44, 24 60, 24 44, 24 32, 44 52, 4 40, 20 56, 20 40,
        12 48, 28 64, 28 48, 28 40, 28 32, 40 44, 2 38, 34 70, 34 38, 18 54, 18 34, 54 38, 10 46,
        26 62, 26 46, 26 34, 46 54, 6 42, 22 58, 22 42, 14 50, 30 66, 30 50, 30 42, 30 34, 42 46,
        30 32, 34 40, 42 44, 1 37, 33 69, 33 37, 17 53, 17 33, 53 37, 9 45, 25 61, 25 45, 25 33, 45 53,
        5 41, 21 57, 21 41, 13 49, 29 65, 29 49, 29 41, 29 33, 41 45, 3 39, 35 71, 35 39, 19 55, 19 35,
        55 39, 11 47, 27 63, 27 47, 27 35, 47 55, 7 43, 23 59, 23 43, 15 51, 31 67, 31 51, 31 43,
        31 35, 43 47, 31 33, 35 41, 43 45, 31 32, 33 34, 35 40, 41 42, 43 44
    );
    [
        v[31], v[32], v[33], v[34], v[35], v[40], v[41], v[42], v[43], v[44],
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether a network merges: for all ways in which two sorted rows of zeros and ones may begin with ones (a network that does is one
    /// that merges whatever the values), of the ranks from `first` on.
    fn merges<const N: usize, const M: usize, const R: usize>(
        network: impl Fn(&dyn Fn(usize) -> u8, &dyn Fn(usize) -> u8) -> [u8; R],
        first: usize,
    ) {
        for (ones, more) in (0..=N).flat_map(|ones| (0..=M).map(move |more| (ones, more))) {
            let a = |i: usize| u8::from(i + ones >= N);
            let b = |i: usize| u8::from(i + more >= M);
            let expected: [u8; R] = std::array::from_fn(|i| u8::from(first + i + ones + more >= N + M));
            assert_eq!(network(&a, &b), expected, "{ones} and {more} of {N} and {M}");
        }
    }

    fn sorts<const N: usize>(network: impl Fn([u8; N]) -> [u8; N]) {
        for bits in 0..1_u32 << N {
            let expected = std::array::from_fn(|i| u8::from(i + bits.count_ones() as usize >= N));
            assert_eq!(network(std::array::from_fn(|i| (bits >> i & 1) as u8)), expected, "{bits:b}");
        }
    }

    #[test]
    fn zeros_and_ones_are_sorted_and_merged() {
        sorts(sort_7);
        sorts(sort_9);
        merges::<7, 7, _>(|a, b| merge_7_7(a, b), 0);
        merges::<14, 14, _>(|a, b| merge_14_14(a, b), 3);
        merges::<14, 7, _>(|a, b| merge_14_7(a, b), 0);
        merges::<9, 9, _>(|a, b| merge_9_9(a, b), 0);
        merges::<18, 18, _>(|a, b| merge_18_18(a, b), 0);
        merges::<36, 36, _>(|a, b| merge_36_36(a, b), 31);
    }
}
