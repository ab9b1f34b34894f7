//! The options of `split`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::split::Size;

use super::common::whole;
use super::{InputArgs, OutputArgs};

/// `split`
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  mnistaug split --input out/color --test-size 0.3 --seed 42 --stratify
  mnistaug split --input data/mnist --split all --test-size 10000 --val-size 5000 --out out/mnist
  mnistaug split --input out/heavy --group origin --stratify
  mnistaug split --input data/mnist --folds 5 --stratify --indices folds.npz

Samples and their order are those of scikit-learn: train_test_split(x, test_size=..., random_state=SEED, \
stratify=y), KFold, and StratifiedKFold with shuffle=True. The validation split is taken from the training split by a second call \
with the same seed. With --folds K, split fold_I holds the test samples of fold I.")]
pub struct SplitArgs {
    /// Test split: a fraction or a count [default: 0.25]
    ///
    /// With --train-size, the default is the rest.
    #[arg(long, value_name = "SIZE", allow_negative_numbers = true)]
    pub test_size: Option<Size>,

    /// Validation split: a fraction of all, or a count
    #[arg(long, value_name = "SIZE", allow_negative_numbers = true)]
    pub val_size: Option<Size>,

    /// Training split [default: the rest]
    #[arg(long, value_name = "SIZE", allow_negative_numbers = true)]
    pub train_size: Option<Size>,

    /// Make K folds instead
    #[arg(long, value_name = "K", value_parser = whole::<u32>(0..=u64::from(u32::MAX)), allow_negative_numbers = true)]
    pub folds: Option<u32>,

    /// Make train and test of fold I only, counted from 0
    #[arg(long, value_name = "I", value_parser = whole::<u32>(0..=u64::from(u32::MAX)), allow_negative_numbers = true)]
    pub fold: Option<u32>,

    /// Keep the class proportions in every split
    #[arg(long)]
    pub stratify: bool,

    /// Keep samples of the same source image in one split
    #[arg(long, value_enum, value_name = "WHAT")]
    pub group: Option<Group>,

    /// Do not shuffle
    #[arg(long)]
    pub no_shuffle: bool,

    /// Seed of the shuffle (random_state)
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = whole::<u32>(0..=u64::from(u32::MAX)), allow_negative_numbers = true)]
    pub seed: u32,

    /// Write index arrays only, to this NPZ file
    ///
    /// The arrays are train, test and val, or fold0_train, fold0_test, ...
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with_all = ["out", "format", "shard_size", "compress", "part"]
    )]
    pub indices: Option<PathBuf>,

    /// Where samples come from
    #[command(flatten)]
    pub input: InputArgs,

    /// Where shards go
    #[command(flatten)]
    pub output: OutputArgs,
}

/// What stays in one split.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Group {
    /// Samples made from the same source image
    Origin,
}
