//! One data set into several: which samples go where, and in what order.
//!
//! Without groups the result is scikit-learn's, sample for sample and in its order (`sklearn`); groups are this program's own (`groups`).

pub mod error;
pub mod groups;
pub mod numpy;
pub mod python;
pub mod sklearn;
pub mod strata;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use error::SplitError;
pub use groups::{Groups, Origins};
pub use strata::{Strata, StrataBuilder};

/// The size of a side.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Size {
    /// So many samples.
    Count(u64),
    /// This part of all samples.
    Fraction(f64),
}

// Values that are not numbers are refused where sizes are read.
impl Eq for Size {}

impl Size {
    /// Refuses what is nothing or everything of `n` samples.
    ///
    /// # Errors
    /// [`SplitError::BadSize`].
    pub fn check(self, option: &'static str, n: usize) -> Result<(), SplitError> {
        let good = match self {
            Self::Count(count) => count > 0 && count < n as u64,
            Self::Fraction(fraction) => fraction > 0.0 && fraction < 1.0,
        };
        if good { Ok(()) } else { Err(SplitError::BadSize { option, size: self, n }) }
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count(count) => write!(f, "{count}"),
            Self::Fraction(fraction) => write!(f, "{fraction:?}"),
        }
    }
}

impl std::str::FromStr for Size {
    type Err = String;

    /// A whole number is a count, one with a point or an exponent a fraction, as in Python.
    fn from_str(text: &str) -> Result<Self, String> {
        let bad = || format!("expected a fraction such as 0.25, or a number of samples; found {text:?}");
        if let Ok(count) = text.parse::<u64>() {
            return Ok(Self::Count(count));
        }
        let fraction: f64 = text.parse().map_err(|_| bad())?;
        if fraction.is_finite() && fraction >= 0.0 { Ok(Self::Fraction(fraction)) } else { Err(bad()) }
    }
}

/// What decides the sides.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Options {
    /// Size of the test side; a quarter where nothing is said about it or the training side.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test: Option<Size>,
    /// Size of the training side; the rest where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub train: Option<Size>,
    /// Size of the validation side, if there is to be one; a fraction is one of the whole, and rounded up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub val: Option<Size>,
    /// Split into so many folds instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folds: Option<u32>,
    /// Make the two sides of this fold, instead of all folds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fold: Option<u32>,
    /// Leave samples in order.
    #[serde(default)]
    pub in_order: bool,
    /// Give each class its share of every side.
    #[serde(default)]
    pub stratify: bool,
    /// Keep together what was made from the same images.
    #[serde(default)]
    pub group_origin: bool,
    /// The seed, scikit-learn's `random_state`.
    pub seed: u32,
}

/// One side of a split.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Side {
    /// `train`, `val`, `test`, or `fold_0`, `fold_1`, ...
    pub name: String,
    /// Its samples, in order.
    pub indexes: Vec<u32>,
}

impl Options {
    /// Refuses options that say nothing together.
    ///
    /// # Errors
    /// [`SplitError`].
    pub fn check(&self) -> Result<(), SplitError> {
        if let Some(folds) = self.folds {
            let sizes = [("--test-size", self.test), ("--train-size", self.train), ("--val-size", self.val)];
            if let Some((option, _)) = sizes.iter().find(|(_, size)| size.is_some()) {
                return Err(SplitError::SizesOfFolds(option));
            }
            if let Some(fold) = self.fold
                && fold >= folds
            {
                return Err(SplitError::NoFold { fold, folds });
            }
        } else if let Some(fold) = self.fold {
            return Err(SplitError::FoldWithoutFolds(fold));
        } else if self.stratify && self.in_order && !self.group_origin {
            return Err(SplitError::StratifiedInOrder);
        }
        Ok(())
    }

    /// The sides of `n` samples. `strata` are their classes, which must be there if the options ask for shares; `groups` what
    /// belongs together, if the options ask for that.
    ///
    /// # Validation
    /// The test side is split off first, as without validation. Then the validation side is split off the training side as a second
    /// `train_test_split` of the same seed would do it, whose `test_size` is the *number* of validation samples:
    ///
    /// ```python
    /// rest, test = train_test_split(samples, test_size=0.3, random_state=seed, stratify=y)
    /// train, val = train_test_split(rest, test_size=math.ceil(0.1 * len(samples)), random_state=seed, stratify=y[rest])
    /// ```
    ///
    /// With a training size, the first call's `train_size` is the number of training and validation samples together.
    ///
    /// # Errors
    /// [`SplitError`].
    pub fn sides(
        &self,
        n: usize,
        strata: Option<&Strata>,
        groups: Option<&Groups>,
    ) -> Result<Vec<Side>, SplitError> {
        self.check()?;
        if u32::try_from(n).is_err() {
            return Err(SplitError::Uncountable(n as u64));
        }
        let seed = (!self.in_order).then_some(self.seed);
        if let Some(folds) = self.folds {
            let fold_of = match (groups, strata) {
                (Some(groups), Some(strata)) => groups.folds(strata, folds, seed)?,
                (Some(groups), None) => groups.folds(&Strata::single(n), folds, seed)?,
                (None, Some(strata)) => sklearn::stratified_k_fold(strata, folds, seed)?,
                (None, None) => sklearn::k_fold(n, folds, seed)?,
            };
            return Ok(self.fold_sides(folds, &fold_of));
        }
        let (n_train, n_test, n_val) = self.sizes(n)?;
        if let Some(groups) = groups {
            let single;
            let strata = if let Some(strata) = strata {
                strata
            } else {
                single = Strata::single(n);
                &single
            };
            let [test, val, train] = groups.assign(strata, n_test, n_val, seed)?;
            return Ok(named(train, test, self.val.map(|_| val)));
        }
        let split = |n, n_train, n_test, strata: Option<&Strata>, side| match (seed, strata) {
            (None, _) => Ok(sklearn::in_order(n_train, n_test)),
            (Some(seed), None) => Ok(sklearn::shuffled(n, n_train, n_test, seed)),
            (Some(seed), Some(strata)) => sklearn::stratified(strata, n_train, n_test, seed, side),
        };
        let sklearn::Sides { train: rest, test } = split(n, n_train + n_val, n_test, strata, "test")?;
        if self.val.is_none() {
            return Ok(named(rest, test, None));
        }
        let strata = strata.map(|strata| strata.select(&rest));
        let inner = split(rest.len(), n_train, n_val, strata.as_ref(), "validation")?;
        let at = |places: Vec<u32>| places.into_iter().map(|place| rest[place as usize]).collect();
        Ok(named(at(inner.train), test, Some(at(inner.test))))
    }

    /// What the user should know of folds of these classes.
    #[must_use]
    pub fn doubts(&self, strata: Option<&Strata>) -> Option<String> {
        let (folds, strata) = (self.folds?, strata.filter(|_| self.stratify && !self.group_origin)?);
        let (classes, least) = sklearn::rare(strata, folds)?;
        Some(format!(
            "--folds {folds} with --stratify: {} fewer samples than there are folds (the least {least}), so some folds are without",
            error::have(&classes)
        ))
    }

    /// Numbers of samples for training, testing and validation.
    fn sizes(&self, n: usize) -> Result<(usize, usize, usize), SplitError> {
        let Some(val) = self.val else {
            let (train, test) = sklearn::sizes(n, self.test, self.train)?;
            return Ok((train, test, 0));
        };
        val.check("--val-size", n)?;
        let n_val = match val {
            Size::Fraction(fraction) => (fraction * n as f64).ceil() as usize,
            Size::Count(count) => count as usize,
        };
        let (n_train, n_test) = sklearn::sizes(n, self.test, self.train)?;
        match (self.test, self.train) {
            // Training has what is left.
            (_, None) if n_val < n_train => Ok((n_train - n_val, n_test, n_val)),
            (_, None) => Err(SplitError::NothingLeft { test: n_test, val: n_val, n }),
            // Testing has what is left.
            (None, Some(_)) if n_val < n_test => Ok((n_train, n_test - n_val, n_val)),
            (None, Some(_)) => Err(SplitError::EmptySide { side: "test", n }),
            (Some(_), Some(_)) if n_train + n_test + n_val <= n => Ok((n_train, n_test, n_val)),
            (Some(_), Some(_)) => Err(SplitError::TooMany { train: n_train + n_val, test: n_test, n }),
        }
    }

    /// All folds, each sample in the one that tests it, or the two sides of one fold.
    fn fold_sides(&self, folds: u32, fold_of: &[u32]) -> Vec<Side> {
        let these = |wanted: &dyn Fn(u32) -> bool| {
            (0..).zip(fold_of).filter(|(_, fold)| wanted(**fold)).map(|(sample, _)| sample).collect()
        };
        if let Some(fold) = self.fold {
            return named(these(&|other| other != fold), these(&|other| other == fold), None);
        }
        let mut indexes = vec![Vec::new(); folds as usize];
        for (sample, &fold) in (0..).zip(fold_of) {
            indexes[fold as usize].push(sample);
        }
        let name = |fold| format!("fold_{fold}");
        (0..).zip(indexes).map(|(fold, indexes): (u32, _)| Side { name: name(fold), indexes }).collect()
    }
}

fn named(train: Vec<u32>, test: Vec<u32>, val: Option<Vec<u32>>) -> Vec<Side> {
    [("train", Some(train)), ("val", val), ("test", Some(test))]
        .into_iter()
        .filter_map(|(name, indexes)| Some(Side { name: name.to_owned(), indexes: indexes? }))
        .collect()
}
