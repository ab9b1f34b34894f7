//! Options of `cat`.

use std::path::PathBuf;

use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser};

use super::run::Setting;
use crate::formats::entries;
use crate::recipe::select::IndexRange;
use crate::store::part::PartChoice;

/// `cat`
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  mnistaug cat recipe.yaml 0:1000 | tar -t | head
  mnistaug cat out/color 500:600 --format csv
  mnistaug cat mnist-c --input data/mnist --variant fog --split test --format npy >fog.npy

In Python, with webdataset: WebDataset(\"pipe:mnistaug cat recipe.yaml --part {0..3}/4 --quiet\"). Any sample can be had by its index; nothing is written to the disk.")]
pub struct CatArgs {
    /// Recipe file or preset, or any source: a data set, a folder, a file, `digits`
    #[arg(value_name = "SRC")]
    pub source: PathBuf,

    /// Only these samples: A:B, B not included
    #[arg(value_name = "A:B", allow_hyphen_values = true)]
    pub range: Option<IndexRange>,

    /// Output format: webdataset, tfrecord, csv, npy (images alone)
    #[arg(long, value_name = "FORMAT", default_value = "webdataset", hide_possible_values = true, value_parser = PossibleValuesParser::new(
        entries().into_iter().map(|entry| PossibleValue::new(entry.name).help(entry.summary)),
    ))]
    pub format: String,

    /// Only part I of N, counted from 0
    #[arg(long, value_name = "I/N")]
    pub part: Option<PartChoice>,

    /// Splits: train, test, or a list that makes one [default: from the recipe, or train]
    #[arg(long, visible_alias = "splits", value_name = "LIST")]
    pub split: Option<String>,

    /// Source to read instead of the one in the recipe
    #[arg(long, short, value_name = "SRC")]
    pub input: Vec<PathBuf>,

    /// Give a parameter of the recipe another value
    #[arg(long, value_name = "NAME=VALUE")]
    pub set: Vec<Setting>,

    /// The variant of the recipe
    #[arg(long, value_name = "NAME")]
    pub variant: Option<String>,
}
