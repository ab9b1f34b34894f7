//! Gray values become black and white.

/// White where the number is below the value's share of white, black elsewhere.
///
/// # Panics
/// If there is not a number for each value.
pub fn stochastic(data: &mut [u8], uniform: &[f64]) {
    assert_eq!(data.len(), uniform.len(), "a number for each value");
    for (v, u) in data.iter_mut().zip(uniform) {
        *v = if *u < f64::from(*v) / 255.0 { 255 } else { 0 };
    }
}

/// White where the value's share of white is above `above`, black elsewhere.
pub fn threshold(data: &mut [u8], above: f64) {
    for v in data {
        *v = if f64::from(*v) / 255.0 > above { 255 } else { 0 };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_is_what_is_above() {
        let mut values = [0, 1, 127, 128, 255];
        threshold(&mut values, 0.5);
        assert_eq!(values, [0, 0, 0, 255, 255]);
        let mut values = [0, 1, 255];
        threshold(&mut values, 0.0);
        assert_eq!(values, [0, 255, 255]);
        threshold(&mut values, 1.0);
        assert_eq!(values, [0; 3]);
    }

    #[test]
    fn black_stays_black_and_white_white() {
        let mut values = [0, 0, 255, 255, 51, 51];
        stochastic(&mut values, &[0.0, 0.999, 0.0, 0.999, 0.199, 0.2]);
        assert_eq!(values, [0, 0, 255, 255, 255, 0]);
    }
}
