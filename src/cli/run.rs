//! Options of `run`.

use std::path::PathBuf;

use clap::Args;

use super::common::whole;

/// `run`
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  mnistaug run recipe.yaml
  mnistaug run notebook --input data/mnist --out out/notebook       the whole notebook: four CSV files of 720,000 images
  mnistaug run notebook-npz --limit 1000
  mnistaug run --show notebook >recipe.yaml

A recipe is a list of stages. Each has the name of a command and the options of that command as keys:

  version: 1
  recipe:
    - input: { input: data/mnist, labels: 0-4 }
    - colorize: { backgrounds: pictures, seed: 1 }
    - concat: [ [ input: out/old ] ]
    - augment: { pipeline: imgaug-heavy, copies: 2, keep_originals: true }
    - split: { test_size: 0.3, seed: 42, stratify: true }
    - export: { format: npz, out: out/all }

Nothing is written in between, and the result has the same bytes as the commands run one by one.")]
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

    /// Source to read instead of the one in the recipe
    ///
    /// Repeat the option to concatenate sources.
    #[arg(long, short, value_name = "SRC", help_heading = "Input")]
    pub input: Vec<PathBuf>,

    /// Only the first N images of each split
    #[arg(long, help_heading = "Input", value_name = "N", value_parser = whole::<u64>(1..=u64::MAX), allow_negative_numbers = true)]
    pub limit: Option<u64>,

    /// Folder to write to [default: from the recipe, or out/run]
    #[arg(long, short, value_name = "DIR", help_heading = "Output")]
    pub out: Option<PathBuf>,

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
