//! The forms in which a pipeline file gives a parameter, and how a value is drawn from each.
//!
//! `3` is constant, `[1, 3]` a range, `{choice: [1, 2, 3]}` a choice. Ranges of continuous parameters are
//! half-open, those of integer parameters include both ends. Both take distributions by name, too ([`Law`]). Where imgaug reads a list as a choice
//! (interpolation orders, modes), [`Choice`] does too.

use std::fmt;
use std::ops::RangeInclusive;

use super::Problem;
use crate::base::Stream;

pub mod law;
pub mod named;
mod serial;
pub mod sides;

pub use law::Law;
pub use named::Named;
pub use sides::Sides;

/// A continuous parameter: `number`, `[lo, hi]` or `{choice: [...]}`.
#[derive(Clone, Debug, PartialEq)]
pub enum Param {
    /// Always this.
    Constant(f64),
    /// Uniform in [lo, hi).
    Range(f64, f64),
    /// One of these, all equally likely.
    Choice(Vec<f64>),
    /// As a distribution that has a name.
    Law(Box<Law>),
}

/// An integer parameter: `number`, `[lo, hi]` (both included) or `{choice: [...]}`.
#[derive(Clone, Debug, PartialEq)]
pub enum Int {
    /// Always this.
    Constant(i64),
    /// Uniform in lo..=hi.
    Range(i64, i64),
    /// One of these, all equally likely.
    Choice(Vec<i64>),
    /// As a distribution that has a name, rounded half to even.
    Law(Box<Law>),
}

/// A continuous parameter of both axes: a [`Param`] from which one value is drawn for both, or
/// `{x: ..., y: ...}` with a value for each. An axis that is left out keeps the operation's default.
#[derive(Clone, Debug, PartialEq)]
pub enum PerAxis {
    /// One value for both axes.
    Both(Param),
    /// Each axis by itself.
    Each {
        /// Along columns.
        x: Option<Param>,
        /// Along rows.
        y: Option<Param>,
    },
}

/// One value of a fixed set of named ones: a name, a list of names (a choice, as in imgaug),
/// `{choice: [...]}`, or `all`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice<T> {
    /// Always this.
    One(T),
    /// One of these, all equally likely.
    Of(Vec<T>),
    /// One of all that there are, all equally likely.
    All,
}

/// Whether there is one value per channel: `true`, `false`, or the probability of it, drawn for each image.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PerChannel(pub f64);

/// A probability: a number in 0..1, or `true` or `false`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Probability(pub f64);

impl Param {
    /// Draws a value.
    pub fn draw(&self, rng: &mut Stream) -> f64 {
        match self {
            Self::Constant(value) => *value,
            Self::Range(lo, hi) => rng.uniform(*lo, *hi),
            Self::Choice(values) => values[rng.index(values.len())],
            Self::Law(law) => law.draw(rng),
        }
    }

    /// Draws a value in single precision, which is what imgaug computes with.
    pub fn draw32(&self, rng: &mut Stream) -> f32 {
        self.draw(rng) as f32
    }

    /// Draws a value for each of three channels, or one for all of them.
    pub fn draw_channels(&self, per_channel: bool, rng: &mut Stream) -> [f32; 3] {
        if per_channel { std::array::from_fn(|_| self.draw32(rng)) } else { [self.draw32(rng); 3] }
    }

    /// Whether the parameter's values are numbers within `within`, and ranges the right way round.
    ///
    /// # Errors
    /// What is wrong with `field`.
    pub fn check(&self, field: &str, within: RangeInclusive<f64>) -> Result<(), Problem> {
        let one = |value: f64| match (*within.start(), *within.end()) {
            (lo, f64::INFINITY) if value < lo => Err(Problem::new(field, format!("{value} is below {lo}"))),
            _ => self::within(field, &value, &within),
        };
        let finite = |value: f64| {
            if value.is_finite() {
                one(value)
            } else {
                Err(Problem::new(field, format!("{value} is not a finite number")))
            }
        };
        match self {
            Self::Constant(value) => finite(*value),
            Self::Range(lo, hi) => {
                finite(*lo)?;
                finite(*hi)?;
                ordered(field, lo, hi)
            }
            Self::Choice(values) => {
                some(field, values)?;
                values.iter().try_for_each(|value| finite(*value))
            }
            Self::Law(law) => law.check(field, &within),
        }
    }
}

impl Int {
    /// Draws a value.
    pub fn draw(&self, rng: &mut Stream) -> i64 {
        match self {
            Self::Constant(value) => *value,
            Self::Range(lo, hi) => rng.integer(*lo, *hi),
            Self::Choice(values) => values[rng.index(values.len())],
            Self::Law(law) => law.draw(rng).round_ties_even() as i64,
        }
    }

    /// Whether the parameter's values are within `within`, and ranges the right way round.
    ///
    /// # Errors
    /// What is wrong with `field`.
    pub fn check(&self, field: &str, within: RangeInclusive<i64>) -> Result<(), Problem> {
        let one = |value: i64| match (*within.start(), *within.end()) {
            (lo, i64::MAX) if value < lo => Err(Problem::new(field, format!("{value} is below {lo}"))),
            _ => self::within(field, &value, &within),
        };
        match self {
            Self::Constant(value) => one(*value),
            Self::Range(lo, hi) => {
                one(*lo)?;
                one(*hi)?;
                ordered(field, lo, hi)
            }
            Self::Choice(values) => {
                some(field, values)?;
                values.iter().try_for_each(|value| one(*value))
            }
            // A half beyond the ends is rounded to them.
            Self::Law(law) => law.check(field, &(*within.start() as f64 - 0.5..=*within.end() as f64 + 0.5)),
        }
    }

    /// The smallest value that can be drawn.
    #[must_use]
    pub fn min(&self) -> i64 {
        match self {
            Self::Constant(value) => *value,
            Self::Range(lo, _) => *lo,
            Self::Choice(values) => values.iter().copied().min().unwrap_or(i64::MAX),
            Self::Law(law) => law.bounds()[0].round_ties_even() as i64,
        }
    }

    /// The largest value that can be drawn.
    #[must_use]
    pub fn max(&self) -> i64 {
        match self {
            Self::Constant(value) => *value,
            Self::Range(_, hi) => *hi,
            Self::Choice(values) => values.iter().copied().max().unwrap_or(i64::MIN),
            Self::Law(law) => law.bounds()[1].round_ties_even() as i64,
        }
    }
}

impl PerAxis {
    /// Draws (x, y); an axis that is left out gets `default` and draws nothing.
    pub fn draw(&self, default: f64, rng: &mut Stream) -> (f64, f64) {
        match self {
            Self::Both(param) => {
                let value = param.draw(rng);
                (value, value)
            }
            Self::Each { x, y } => {
                let mut of = |axis: &Option<Param>| axis.as_ref().map_or(default, |param| param.draw(rng));
                (of(x), of(y))
            }
        }
    }

    /// As [`Param::check`], of both axes.
    ///
    /// # Errors
    /// What is wrong with `field`.
    pub fn check(&self, field: &str, within: RangeInclusive<f64>) -> Result<(), Problem> {
        match self {
            Self::Both(param) => param.check(field, within),
            Self::Each { x, y } => {
                for (param, axis) in [(x, "x"), (y, "y")] {
                    if let Some(param) = param {
                        param.check(axis, within.clone()).map_err(|problem| problem.inside(field))?;
                    }
                }
                Ok(())
            }
        }
    }
}

impl<T: Named> Choice<T> {
    /// Draws a value.
    pub fn draw(&self, rng: &mut Stream) -> T {
        match self {
            Self::One(value) => *value,
            Self::Of(values) => values[rng.index(values.len())],
            Self::All => T::NAMES[rng.index(T::ALL)].1,
        }
    }

    /// Whether there is anything to choose from.
    ///
    /// # Errors
    /// An empty list.
    pub fn check(&self, field: &str) -> Result<(), Problem> {
        if let Self::Of(values) = self { some(field, values) } else { Ok(()) }
    }
}

impl PerChannel {
    /// Decides for one image.
    pub fn draw(self, rng: &mut Stream) -> bool {
        rng.bernoulli(self.0)
    }

    /// Whether it is a probability.
    ///
    /// # Errors
    /// If not.
    pub fn check(self, field: &str) -> Result<(), Problem> {
        Probability(self.0).check(field)
    }
}

impl Probability {
    /// True with this probability.
    pub fn draw(self, rng: &mut Stream) -> bool {
        rng.bernoulli(self.0)
    }

    /// Whether it is in 0..1.
    ///
    /// # Errors
    /// If not.
    pub fn check(self, field: &str) -> Result<(), Problem> {
        if (0.0..=1.0).contains(&self.0) {
            Ok(())
        } else {
            Err(Problem::new(field, format!("{} is not a probability, which is a number in 0..1", self.0)))
        }
    }
}

/// Whether a single value is legal.
///
/// # Errors
/// If not, with `field`.
pub(crate) fn within<T: PartialOrd + fmt::Display>(
    field: &str,
    value: &T,
    legal: &RangeInclusive<T>,
) -> Result<(), Problem> {
    if legal.contains(value) {
        Ok(())
    } else {
        Err(Problem::new(field, format!("{value} is outside {}..{}", legal.start(), legal.end())))
    }
}

pub(super) fn ordered<T: PartialOrd + fmt::Display>(field: &str, lo: &T, hi: &T) -> Result<(), Problem> {
    if lo <= hi {
        Ok(())
    } else {
        Err(Problem::new(field, format!("the range [{lo}, {hi}] is reversed; write [{hi}, {lo}]")))
    }
}

fn some<T>(field: &str, values: &[T]) -> Result<(), Problem> {
    if values.is_empty() { Err(Problem::new(field, "there is nothing to choose from")) } else { Ok(()) }
}
