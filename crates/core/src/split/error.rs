//! Why a split cannot be made.

use crate::base::{Explain, Kind};

use super::Size;

/// Why a split cannot be made.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SplitError {
    /// A size that is nothing or everything.
    #[error("{option} {size}: expected a fraction between 0 and 1, or a number of samples from 1 to {}", n.saturating_sub(1))]
    BadSize {
        /// The option.
        option: &'static str,
        /// Its value.
        size: Size,
        /// Number of samples.
        n: usize,
    },
    /// Fractions that are more than everything.
    #[error("--test-size {test} and --train-size {train} are together {}, more than the whole", test + train)]
    BeyondWhole {
        /// Fraction for training.
        train: f64,
        /// Fraction for testing.
        test: f64,
    },
    /// More samples wanted than there are.
    #[error("{train} samples for training and {test} for testing are more than the {n} that there are")]
    TooMany {
        /// For training, and for validation where that is split off of it.
        train: usize,
        /// For testing.
        test: usize,
        /// Number of samples.
        n: usize,
    },
    /// Nothing left for the training side after test and validation.
    #[error("{test} samples for testing and {val} for validation leave none of {n} for training")]
    NothingLeft {
        /// For testing.
        test: usize,
        /// For validation.
        val: usize,
        /// Number of samples.
        n: usize,
    },
    /// A side without samples.
    #[error("the {side} side would be empty: with these sizes, it gets none of {n} samples")]
    EmptySide {
        /// The side.
        side: &'static str,
        /// Number of samples.
        n: usize,
    },
    /// Classes that cannot be on both sides.
    #[error("--stratify: {} only one sample, which cannot be on both sides", have(classes))]
    OneImage {
        /// Their names.
        classes: Vec<String>,
    },
    /// A side that cannot have all classes.
    #[error("--stratify: the {side} side of {size} samples cannot hold all of {classes} classes")]
    FewerThanClasses {
        /// The side.
        side: &'static str,
        /// Its samples.
        size: usize,
        /// Number of classes.
        classes: usize,
    },
    /// Stratifying means drawing.
    #[error("--stratify draws from every class, and --no-shuffle leaves nothing to draw")]
    StratifiedInOrder,
    /// One fold is no fold.
    #[error("--folds {0}: expected two folds or more")]
    FewFolds(u32),
    /// Folds without samples.
    #[error("--folds {folds}: there are only {n} {what}, and each fold needs one")]
    FoldsBeyondSamples {
        /// Number of folds.
        folds: u32,
        /// How many there are
        n: usize,
        /// of these.
        what: &'static str,
    },
    /// Folds that no class has enough samples for.
    #[error(
        "--folds {folds} with --stratify: {} fewer samples than there are folds (the most {most})",
        have(classes)
    )]
    FoldsBeyondClass {
        /// Number of folds.
        folds: u32,
        /// Names of the classes.
        classes: Vec<String>,
        /// Samples of the largest one.
        most: u64,
    },
    /// Folds are of classes, not of sets of them.
    #[error("--folds with --stratify needs one class per sample; these samples have sets of classes")]
    FoldsOfSets,
    /// There is no such fold.
    #[error("--fold {fold}: expected a fold from 0 to {}", folds.saturating_sub(1))]
    NoFold {
        /// The fold asked for.
        fold: u32,
        /// Number of folds.
        folds: u32,
    },
    /// Options that say nothing together.
    #[error("{0} does not go with --folds, whose sides are folds")]
    SizesOfFolds(&'static str),
    /// A fold of nothing.
    #[error("--fold {0} without --folds")]
    FoldWithoutFolds(u32),
    /// Too few groups.
    #[error(
        "--group origin: the {side} side would be empty: the {n} samples are {groups} groups, the smallest of {smallest}"
    )]
    EmptyGroupSide {
        /// The side.
        side: &'static str,
        /// Number of samples.
        n: usize,
        /// Number of groups.
        groups: usize,
        /// Samples of the smallest one.
        smallest: u64,
    },
    /// An index would not fit into 32 bits.
    #[error("{0} samples are more than a split can tell apart")]
    Uncountable(u64),
}

/// `class 3 has`, `classes 3, 5, ... have`.
pub(crate) fn have(classes: &[String]) -> String {
    if let [one] = classes {
        return format!("class {one} has");
    }
    let more = if classes.len() > 5 { ", ..." } else { "" };
    format!("classes {}{more} have", classes[..classes.len().min(5)].join(", "))
}

impl Explain for SplitError {
    fn kind(&self) -> Kind {
        Kind::Usage
    }

    fn help(&self) -> Option<String> {
        let text = match self {
            Self::BadSize { option, .. } => {
                return Some(format!("write for instance {option} 0.25, or a smaller number"));
            }
            Self::BeyondWhole { .. } | Self::TooMany { .. } | Self::NothingLeft { .. } => {
                "ask for less with --test-size, --val-size or --train-size"
            }
            Self::EmptySide { .. } => "ask for other sizes, or give more samples",
            Self::OneImage { .. } => {
                "leave these classes out with --labels, give more samples of them, or leave --stratify out"
            }
            Self::FewerThanClasses { .. } => {
                "ask for a side of at least as many samples as there are classes, or leave --stratify out"
            }
            Self::FewFolds(_) => "ask for two folds or more, or use --test-size",
            // Two folds are the fewest.
            Self::FoldsBeyondSamples { n: ..=1, .. } => "give more samples",
            Self::FoldsBeyondClass { most: ..=1, .. } => {
                "leave --stratify out, or give more samples of each class"
            }
            Self::FoldsBeyondSamples { n, .. } => {
                return Some(format!("ask for at most {n} with --folds, or give more samples"));
            }
            Self::FoldsBeyondClass { most, .. } => {
                return Some(format!("ask for at most {most} with --folds, or leave --stratify out"));
            }
            Self::FoldsOfSets => {
                "leave --stratify out, or use --test-size, which takes each set of classes as a class"
            }
            Self::NoFold { .. } => "folds are counted from 0",
            Self::StratifiedInOrder | Self::SizesOfFolds(_) => "leave one of the two out",
            Self::FoldWithoutFolds(_) => "say into how many with --folds",
            Self::EmptyGroupSide { .. } => {
                "ask for a larger side; all samples that are made from one image stay together"
            }
            Self::Uncountable(_) => "split the images before they are multiplied, or take fewer with --limit",
        };
        Some(text.into())
    }
}
