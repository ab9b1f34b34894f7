//! Weighted sums of shifted rows, in single precision and in the order of the taps.

/// Sums come in whole numbers of these, so that no vector is left half full.
const LANES: usize = 8;

/// Room for `n` sums; as many values are read for each tap.
#[must_use]
pub const fn room(n: usize) -> usize {
    n.next_multiple_of(LANES)
}

/// Adds to each sum the values that the taps read, times their weights, one tap after the other: `from` gives the values of a tap.
///
/// # Panics
/// If the sums are not as many as [`room`] says, or a tap has fewer values.
pub fn add<'a>(sums: &mut [f32], weights: &[f32], from: impl Fn(usize) -> &'a [f32]) {
    assert!(sums.len().is_multiple_of(LANES), "{} sums leave a rest", sums.len());
    let mut first = 0;
    // Sums stay in registers for as many taps as are known when this is compiled.
    let (nines, rest) = weights.as_chunks::<9>();
    for weights in nines {
        add_some(sums, weights, |tap| from(first + tap));
        first += 9;
    }
    let (threes, rest) = rest.as_chunks::<3>();
    for weights in threes {
        add_some(sums, weights, |tap| from(first + tap));
        first += 3;
    }
    for weight in rest {
        add_some(sums, &[*weight], |_| from(first));
        first += 1;
    }
}

fn add_some<'a, const N: usize>(sums: &mut [f32], weights: &[f32; N], from: impl Fn(usize) -> &'a [f32]) {
    let n = sums.len() / LANES * LANES;
    let sums = &mut sums[..n];
    let taps: [&[f32]; N] = std::array::from_fn(|tap| &from(tap)[..n]);
    for i in 0..n {
        let mut sum = sums[i];
        for tap in 0..N {
            sum += taps[tap][i] * weights[tap];
        }
        sums[i] = sum;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_those_of_single_taps() {
        let values: Vec<f32> = (0..200).map(|i| ((i * i) as f32).sqrt() / 7.0 - 3.0).collect();
        for taps in 0..33 {
            let weights: Vec<f32> = (0..taps).map(|i| 1.0 / (i as f32 + 3.0)).collect();
            for n in [0, 1, 5, 28, 84].map(room) {
                let mut sums = vec![0.1; n];
                add(&mut sums, &weights, |tap| &values[3 * tap..]);
                for (i, sum) in sums.iter().enumerate() {
                    let expected =
                        weights.iter().enumerate().fold(0.1, |sum, (tap, w)| sum + values[3 * tap + i] * w);
                    assert_eq!(*sum, expected, "{taps} {i}");
                }
            }
        }
    }
}
