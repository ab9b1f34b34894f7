//! Options of `mix`.

use clap::Args;

use crate::recipe::mix::{Alpha, Compat, Method};
use crate::recipe::noise::Share;

use super::common::whole;
use super::{InputArgs, OutputArgs, choice};

/// `mix`
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  mnistaug mix --input data/mnist                                    MixUp, weights from Beta(1, 1)
  mnistaug mix --input data/mnist --method cutmix --seed 1
  mnistaug mix --input data/mnist --method either --probability 0.5 --format parquet
  mnistaug mix --input data/mnist --split all --only train --compat keras

Labels become soft: a weight for each class. Each image is mixed with another one of its split, which is drawn, and has a weight of its \
own; the libraries draw within a batch, and torchvision one weight for all of it. The number of the other source image is kept as \
truth_mix_partner. Split first and mix then: an image that is in samples of two splits is seen by both.")]
pub struct MixArgs {
    /// How two images become one
    #[arg(long, value_parser = choice::<Method>(), default_value = "mixup")]
    pub method: Method,

    /// Weights come from Beta(ALPHA, ALPHA) [default: 1; 0.2 for Keras' mixup]
    #[arg(long, value_name = "ALPHA", allow_negative_numbers = true)]
    pub alpha: Option<Alpha>,

    /// Share of the samples that are mixed
    #[arg(long, value_name = "SHARE", default_value = "1", allow_negative_numbers = true)]
    pub probability: Share,

    /// Whose rules hold
    #[arg(long, value_parser = choice::<Compat>(), default_value = "own")]
    pub compat: Compat,

    /// The only split that is mixed [default: all that are read]
    #[arg(long, value_name = "SPLIT")]
    pub only: Option<String>,

    /// Random seed, an integer of 0 or more
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = whole::<u64>(0..=u64::MAX), allow_negative_numbers = true)]
    pub seed: u64,

    /// Where images come from
    #[command(flatten)]
    pub input: InputArgs,

    /// Where shards go
    #[command(flatten)]
    pub output: OutputArgs,
}
