//! The options of `split`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::split::Size;

use super::{InputArgs, OutputArgs};

/// `split`
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  mnistaug split --input out/color --test-size 0.3 --seed 42 --stratify
  mnistaug split --input data/mnist --split all --test-size 10000 --val-size 5000 --out out/mnist
  mnistaug split --input out/heavy --group origin --stratify
  mnistaug split --input data/mnist --folds 5 --stratify --indices folds.npz

Which samples go where, and in what order, is what scikit-learn gives: train_test_split(x, test_size=..., random_state=SEED, \
stratify=y), KFold, and StratifiedKFold with shuffle=True. A validation side is split off the training side by a second call with \
the same seed. With --folds K, split fold-I holds the test side of fold I.")]
pub struct SplitArgs {
    /// Where samples come from
    #[command(flatten)]
    pub input: InputArgs,

    /// Size of the test side: a fraction, or a number of samples [default: 0.25, or what --train-size leaves]
    #[arg(long, value_name = "SIZE", allow_negative_numbers = true, help_heading = "Sides")]
    pub test_size: Option<Size>,

    /// Size of a validation side; a fraction is one of all samples
    #[arg(long, value_name = "SIZE", allow_negative_numbers = true, help_heading = "Sides")]
    pub val_size: Option<Size>,

    /// Size of the training side [default: what is left]
    #[arg(long, value_name = "SIZE", allow_negative_numbers = true, help_heading = "Sides")]
    pub train_size: Option<Size>,

    /// Split into K folds instead
    #[arg(long, value_name = "K", help_heading = "Sides")]
    pub folds: Option<u32>,

    /// Make train and test of fold I alone, counted from 0
    #[arg(long, value_name = "I", help_heading = "Sides")]
    pub fold: Option<u32>,

    /// Give each class its share of every side
    #[arg(long, help_heading = "Sides")]
    pub stratify: bool,

    /// Keep on one side what was made from the same source image, or images
    #[arg(long, value_enum, value_name = "WHAT", help_heading = "Sides")]
    pub group: Option<Group>,

    /// Leave samples in order
    #[arg(long, help_heading = "Sides")]
    pub no_shuffle: bool,

    /// Seed of the shuffle, scikit-learn's random_state, from 0 to 4294967295
    #[arg(
        long,
        value_name = "N",
        default_value_t = 0,
        allow_negative_numbers = true,
        help_heading = "Sides"
    )]
    pub seed: u32,

    /// Write the index arrays alone, into this NPZ file, and no shards: train, test, val, or fold0_train, fold0_test, ...
    #[arg(
        long,
        value_name = "FILE",
        help_heading = "Output",
        conflicts_with_all = ["out", "format", "shard_size", "compress", "part", "force"]
    )]
    pub indices: Option<PathBuf>,

    /// Where shards go
    #[command(flatten)]
    pub output: OutputArgs,
}

/// What stays together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Group {
    /// Samples made from the same source image
    Origin,
}
