//! Options of `run`.

use std::path::PathBuf;

use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser};

use crate::formats::entries;

use crate::recipe::select::IndexRange;

use super::common::whole;

/// A parameter and its value.
#[derive(Clone, Debug)]
pub struct Setting {
    /// Its name.
    pub name: String,
    /// Its value, as a text.
    pub value: String,
}

impl std::str::FromStr for Setting {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once('=') {
            Some((name, value)) if !name.trim().is_empty() => {
                Ok(Self { name: name.trim().to_owned(), value: value.to_owned() })
            }
            _ => Err(format!("expected NAME=VALUE; found {text:?}")),
        }
    }
}

/// `run`
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  mnistaug run recipe.yaml
  mnistaug run notebook --input data/mnist --out out/notebook       the whole notebook: four CSV files of 720,000 images
  mnistaug run notebook-npz --limit 1000
  mnistaug run --show notebook >recipe.yaml
  mnistaug run noisy-mnist --input data/mnist --set noise=pair-flip:0.45
  mnistaug run mnist-lt --variant 100 --format npz --out out/lt

A recipe is a list of stages. Each has the name of a command and the options of that command as keys:

  version: 1
  recipe:
    - input: { input: data/mnist, labels: 0-4 }
    - colorize: { backgrounds: pictures, seed: 1 }
    - concat: [ [ input: out/old ] ]
    - augment: { pipeline: imgaug-heavy, copies: 2, keep_originals: true }
    - split: { test_size: 0.3, seed: 42, stratify: true }
    - export: { format: npz, out: out/all }

Nothing is written in between, and the result has the same bytes as the commands run one by one.

Values may have names. `parameters` has their defaults, `variants` other sets of them, and $NAME stands for one:

  parameters: { noise: symmetric:0.2, seed: 0 }
  variants: { half: { noise: symmetric:0.5 } }
  recipe:
    - relabel: { noise: $noise, seed: $seed }")]
pub struct RunArgs {
    /// Recipe file (YAML or JSON), or a preset
    #[arg(value_name = "FILE|PRESET", required_unless_present_any = ["list", "show"])]
    pub recipe: Option<String>,

    /// List the presets
    #[arg(long)]
    pub list: bool,

    /// Print the recipe file of a preset
    #[arg(long, value_name = "PRESET")]
    pub show: Option<String>,

    /// Give a parameter of the recipe another value
    ///
    /// Values are YAML. Repeat the option for more parameters.
    #[arg(long, value_name = "NAME=VALUE", help_heading = "Parameters")]
    pub set: Vec<Setting>,

    /// Build one of the recipe's variants, or all, each in a folder of its own
    ///
    /// With --json, each of them has a line.
    #[arg(long, visible_alias = "corruption", value_name = "NAME|all", help_heading = "Parameters")]
    pub variant: Option<String>,

    /// Give the parameter `severity` a value
    #[arg(long, value_name = "N", help_heading = "Parameters", value_parser = whole::<u64>(0..=u64::MAX), allow_negative_numbers = true)]
    pub severity: Option<u64>,

    /// Give the parameter `seed` a value
    #[arg(long, value_name = "N", help_heading = "Parameters", value_parser = whole::<u64>(0..=u64::MAX), allow_negative_numbers = true)]
    pub seed: Option<u64>,

    /// Give the parameter `backgrounds` a value: a folder of pictures
    #[arg(long, short, value_name = "DIR", help_heading = "Parameters")]
    pub backgrounds: Option<PathBuf>,

    /// Source to read instead of the one in the recipe
    ///
    /// Repeat the option to concatenate sources.
    #[arg(long, short, value_name = "SRC", help_heading = "Input")]
    pub input: Vec<PathBuf>,

    /// Splits: train, test, a list, or all [default: from the recipe]
    #[arg(long, visible_alias = "splits", value_name = "LIST", help_heading = "Input")]
    pub split: Option<String>,

    /// Only the first N images of each split
    #[arg(long, help_heading = "Input", value_name = "N", value_parser = whole::<u64>(1..=u64::MAX), allow_negative_numbers = true)]
    pub limit: Option<u64>,

    /// Only these of the samples that the recipe makes, of each split: A:B
    #[arg(long, value_name = "A:B", help_heading = "Output", allow_hyphen_values = true)]
    pub range: Option<IndexRange>,

    /// Folder to write to, or - for a stream [default: from the recipe, or out/run]
    #[arg(long, short, value_name = "DIR", help_heading = "Output")]
    pub out: Option<PathBuf>,

    /// Output format [default: from the recipe]
    #[arg(long, value_name = "FORMAT", help_heading = "Output", value_parser = PossibleValuesParser::new(
        entries().into_iter().map(|entry| PossibleValue::new(entry.name).help(entry.summary)),
    ), hide_possible_values = true)]
    pub format: Option<String>,

    /// Build only part I of N, counted from 0
    #[arg(long, value_name = "I/N", hide_short_help = true, help_heading = "Output")]
    pub part: Option<crate::store::part::PartChoice>,

    /// Replace an existing data set
    #[arg(long, help_heading = "Output")]
    pub force: bool,

    /// Print what would be written, and write nothing
    #[arg(long, help_heading = "Output")]
    pub dry_run: bool,
}
