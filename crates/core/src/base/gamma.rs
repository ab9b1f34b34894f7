//! Gamma and beta numbers.

use super::Stream;
use super::math::{log, pow};

/// A gamma number of shape `alpha` (above 0) and scale 1.
///
/// G. Marsaglia, W. W. Tsang, "A Simple Method for Generating Gamma Variables", ACM TOMS 26 (2000); below 1 a number of
/// shape `alpha` + 1 times a power of a uniform one.
pub fn gamma(alpha: f64, rng: &mut Stream) -> f64 {
    // In (0, 1], so that the logarithm and the power are numbers.
    let unit = |rng: &mut Stream| 1.0 - rng.unit();
    if alpha < 1.0 {
        let shrink = pow(unit(rng), 1.0 / alpha);
        return gamma(alpha + 1.0, rng) * shrink;
    }
    let d = alpha - 1.0 / 3.0;
    let c = 1.0 / (9.0 * d).sqrt();
    loop {
        let x = rng.normal();
        let v = 1.0 + c * x;
        if v <= 0.0 {
            continue;
        }
        let v = v * v * v;
        if log(unit(rng)) < 0.5 * x * x + d - d * v + d * log(v) {
            return d * v;
        }
    }
}

/// A beta number: the share of the first of two gamma numbers.
pub fn beta(a: f64, b: f64, rng: &mut Stream) -> f64 {
    let (x, y) = (gamma(a, rng), gamma(b, rng));
    if x + y > 0.0 {
        return x / (x + y);
    }
    // Both are too small for a float, which happens where all of the distribution is near 0 and 1.
    f64::from(u8::from(rng.bernoulli(a / (a + b))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Stage;

    #[test]
    fn means_and_variances_are_those_of_the_distributions() {
        let mut rng = Stream::at(3, Stage::new("gamma", ""), 0, 0);
        let mut moments = |draw: &mut dyn FnMut(&mut Stream) -> f64| {
            let n = 40_000;
            let all: Vec<f64> = (0..n).map(|_| draw(&mut rng)).collect();
            let mean = all.iter().sum::<f64>() / f64::from(n);
            (mean, all.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / f64::from(n))
        };
        for alpha in [0.2, 1.0, 2.5, 30.0] {
            let (mean, variance) = moments(&mut |rng| gamma(alpha, rng));
            assert!((mean - alpha).abs() < 0.03 * (alpha + 1.0), "{alpha}: mean {mean}");
            assert!((variance - alpha).abs() < 0.08 * (alpha + 1.0), "{alpha}: variance {variance}");
        }
        for alpha in [1e-6, 0.001, 0.2, 1.0, 4.0, 1000.0] {
            let (mean, variance) = moments(&mut |rng| beta(alpha, alpha, rng));
            assert!(
                (mean - 0.5).abs() < 0.01 && (variance - 0.25 / (2.0 * alpha + 1.0)).abs() < 0.01,
                "{alpha}"
            );
        }
    }
}
