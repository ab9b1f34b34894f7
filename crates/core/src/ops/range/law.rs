//! Distributions that have a name: `{normal: [0, 2]}`, `{choice: [1, 2, 5], weights: [0.2, 0.5, 0.3]}`, and what is done
//! to their numbers.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use crate::base::{Stream, math};
use crate::ops::Problem;

/// A distribution: one of the first five, and what happens to its numbers, in the order of the fields.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Law {
    /// Normal: mean and deviation. Beyond six deviations nothing is drawn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub normal: Option<[f64; 2]>,
    /// Laplace: mean and scale. Beyond 21 scales nothing is drawn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub laplace: Option<[f64; 2]>,
    /// Poisson: mean, up to 500.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub poisson: Option<f64>,
    /// Uniform between two numbers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uniform: Option<[f64; 2]>,
    /// One of these.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub choice: Option<Vec<f64>>,
    /// How likely each of `choice` is, compared with the others. Left out: all alike.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weights: Option<Vec<f64>>,
    /// Numbers outside are drawn again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub truncate: Option<[f64; 2]>,
    /// The sign that numbers get.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sign: Option<Sign>,
    /// Numbers outside become the nearest that is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clip: Option<[f64; 2]>,
    /// Whether numbers are rounded, half to even.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub round: bool,
}

crate::named! {
    /// What becomes of the sign of a number.
    pub enum Sign {
        /// It is taken off.
        Positive = "positive",
        /// All numbers are negative.
        Negative = "negative",
        /// A coin decides.
        Random = "random",
    }
}

/// The keys of [`Law`] in pipeline files, without `choice`, which has a meaning of its own.
pub(super) const KEYS: [&str; 9] =
    ["normal", "laplace", "poisson", "uniform", "weights", "truncate", "sign", "clip", "round"];

/// Whether `key` is one of those of a choice or a distribution.
#[must_use]
pub fn is_key(key: &str) -> bool {
    key == "choice" || KEYS.contains(&key)
}

/// How often a number is drawn again that was truncated; after that it is clipped.
const MOST_TRIES: usize = 1000;

impl Law {
    /// Draws a number.
    pub fn draw(&self, rng: &mut Stream) -> f64 {
        let mut x = self.draw_plain(rng);
        if let Some([lo, hi]) = self.truncate {
            for _ in 0..MOST_TRIES {
                if (lo..=hi).contains(&x) {
                    break;
                }
                x = self.draw_plain(rng);
            }
            x = x.clamp(lo, hi);
        }
        match self.sign {
            Some(Sign::Positive) => x = x.abs(),
            Some(Sign::Negative) => x = -x.abs(),
            Some(Sign::Random) => x = if rng.bernoulli(0.5) { x.abs() } else { -x.abs() },
            None => {}
        }
        if let Some([lo, hi]) = self.clip {
            x = x.clamp(lo, hi);
        }
        if self.round { x.round_ties_even() } else { x }
    }

    fn draw_plain(&self, rng: &mut Stream) -> f64 {
        if let Some([mean, deviation]) = self.normal {
            mean + deviation * rng.normal().clamp(-FARTHEST_NORMAL, FARTHEST_NORMAL)
        } else if let Some([mean, scale]) = self.laplace {
            let size = (-math::log(1.0 - rng.unit())).min(FARTHEST_LAPLACE);
            mean + scale * if rng.bernoulli(0.5) { size } else { -size }
        } else if let Some(mean) = self.poisson {
            draw_poisson(mean, rng)
        } else if let Some([lo, hi]) = self.uniform {
            rng.uniform(lo, hi)
        } else {
            let values = self.choice.as_deref().unwrap_or_default();
            let Some(weights) = &self.weights else { return values[rng.index(values.len())] };
            let mut left = rng.unit() * weights.iter().sum::<f64>();
            let found = values.iter().zip(weights).find(|(_, weight)| {
                left -= **weight;
                left < 0.0
            });
            // The last with a weight, where sums were rounded.
            let last = values.iter().zip(weights).rfind(|(_, weight)| **weight > 0.0);
            found.or(last).map_or(0.0, |(value, _)| *value)
        }
    }

    /// The least and the greatest number that can be drawn.
    #[must_use]
    pub fn bounds(&self) -> [f64; 2] {
        let about = |[mean, unit]: [f64; 2], most: f64| [mean - unit * most, mean + unit * most];
        let mut bounds = if let Some(normal) = self.normal {
            about(normal, FARTHEST_NORMAL)
        } else if let Some(laplace) = self.laplace {
            about(laplace, FARTHEST_LAPLACE)
        } else if let Some(mean) = self.poisson {
            [0.0, most_events(mean)]
        } else if let Some([a, b]) = self.uniform {
            [a.min(b), a.max(b)]
        } else {
            let values = self.choice.iter().flatten();
            values
                .fold([f64::INFINITY, f64::NEG_INFINITY], |[lo, hi], value| [lo.min(*value), hi.max(*value)])
        };
        if let Some([lo, hi]) = self.truncate {
            bounds = bounds.map(|end| end.clamp(lo, hi));
        }
        let most = bounds[0].abs().max(bounds[1].abs());
        let least =
            if bounds[0] <= 0.0 && bounds[1] >= 0.0 { 0.0 } else { bounds[0].abs().min(bounds[1].abs()) };
        match self.sign {
            Some(Sign::Positive) => bounds = [least, most],
            Some(Sign::Negative) => bounds = [-most, -least],
            Some(Sign::Random) => bounds = [-most, most],
            None => {}
        }
        if let Some([lo, hi]) = self.clip {
            bounds = bounds.map(|end| end.clamp(lo, hi));
        }
        if self.round { bounds.map(f64::round_ties_even) } else { bounds }
    }

    /// Whether it is a distribution whose numbers are within `within`.
    ///
    /// # Errors
    /// What is wrong with `field`.
    pub fn check(&self, field: &str, within: &RangeInclusive<f64>) -> Result<(), Problem> {
        let wrong = |message: String| Err(Problem::new(field, message));
        let kinds = [
            self.normal.is_some(),
            self.laplace.is_some(),
            self.poisson.is_some(),
            self.uniform.is_some(),
            self.choice.is_some(),
        ];
        if kinds.into_iter().filter(|kind| *kind).count() != 1 {
            return wrong("a distribution is one of normal, laplace, poisson, uniform and choice".to_owned());
        }
        let pairs = [self.normal, self.laplace, self.uniform, self.truncate, self.clip];
        let numbers = pairs.iter().flatten().flatten().chain(self.choice.iter().flatten());
        if let Some(value) = numbers.chain(&self.poisson).find(|value| !value.is_finite()) {
            return wrong(format!("{value} is not a finite number"));
        }
        if let Some([_, unit]) = self.normal.or(self.laplace)
            && unit < 0.0
        {
            return wrong(format!("the spread {unit} is below 0"));
        }
        if let Some(mean) = self.poisson
            && !(0.0..=500.0).contains(&mean)
        {
            return wrong(format!("the mean {mean} of a Poisson distribution is outside 0..500"));
        }
        for [lo, hi] in self.truncate.iter().chain(&self.clip) {
            super::ordered(field, lo, hi)?;
        }
        let values = self.choice.as_deref().unwrap_or_default();
        if self.choice.is_some() {
            super::some(field, values)?;
        }
        match &self.weights {
            Some(_) if self.choice.is_none() => return wrong("weights belong to a choice".to_owned()),
            Some(weights) => {
                let positive = weights.iter().all(|weight| *weight >= 0.0 && weight.is_finite());
                if weights.len() != values.len() || !positive || weights.iter().sum::<f64>() <= 0.0 {
                    return wrong(format!(
                        "{} weights for {} values; each is at least 0, and not all are 0",
                        weights.len(),
                        values.len()
                    ));
                }
            }
            None => {}
        }
        let [lo, hi] = self.bounds();
        match [lo, hi].iter().find(|end| !within.contains(end)) {
            Some(end) => wrong(format!(
                "numbers may be {end}, which is outside {}..{}; add clip: [lo, hi]",
                within.start(),
                within.end()
            )),
            None => Ok(()),
        }
    }
}

/// How many deviations, and scales, numbers are from the mean at most: 2 of a billion would be farther.
const FARTHEST_NORMAL: f64 = 6.0;
const FARTHEST_LAPLACE: f64 = 21.0;

/// A number of events that is hardly ever exceeded.
fn most_events(mean: f64) -> f64 {
    (mean + 7.0 * mean.sqrt() + 20.0).ceil()
}

/// The first count whose cumulative probability is above a uniform number.
fn draw_poisson(mean: f64, rng: &mut Stream) -> f64 {
    let u = rng.unit();
    let (mut p, mut sum, mut events) = (math::exp(-mean), 0.0, 0.0);
    loop {
        sum += p;
        if u < sum || events >= most_events(mean) {
            return events;
        }
        events += 1.0;
        p *= mean / events;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn law(text: &str) -> Law {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn numbers_are_within_their_bounds_and_as_likely_as_said() {
        let mut rng = Stream::of_key(9);
        for text in [
            r#"{"normal": [1, 2], "truncate": [0, 3]}"#,
            r#"{"normal": [0, 2], "clip": [-1, 3], "round": true}"#,
            r#"{"laplace": [0, 4], "sign": "negative"}"#,
            r#"{"poisson": 3, "sign": "random"}"#,
            r#"{"uniform": [3, -1]}"#,
            r#"{"choice": [1, 2, 5], "weights": [0.2, 0.5, 0.3]}"#,
        ] {
            let law = law(text);
            law.check("x", &(-100.0..=100.0)).unwrap();
            let [lo, hi] = law.bounds();
            assert!((0..2000).all(|_| (lo..=hi).contains(&law.draw(&mut rng))), "{text}");
        }
        let weighted = law(r#"{"choice": [1, 2, 5], "weights": [1, 0, 3]}"#);
        let fives = (0..4000).filter(|_| weighted.draw(&mut rng) == 5.0).count();
        assert!(fives.abs_diff(3000) < 140, "{fives}");
        let ones = (0..4000).filter(|_| weighted.draw(&mut rng) == 2.0).count();
        assert_eq!(ones, 0);
    }

    #[test]
    fn what_is_no_distribution_is_refused() {
        for (text, hint) in [
            (r#"{"normal": [0, 1], "poisson": 2}"#, "is one of"),
            (r#"{"clip": [0, 1]}"#, "is one of"),
            (r#"{"normal": [0, -1]}"#, "below 0"),
            (r#"{"normal": [0, 50]}"#, "clip"),
            (r#"{"choice": [1, 2], "weights": [1]}"#, "1 weights for 2"),
            (r#"{"choice": []}"#, "nothing to choose"),
            (r#"{"uniform": [0, 1], "clip": [1, 0]}"#, "reversed"),
        ] {
            let problem = law(text).check("x", &(-255.0..=255.0)).unwrap_err();
            assert!(problem.message.contains(hint), "{text}: {problem}");
        }
    }
}
