//! Options of `run`.

use std::path::PathBuf;

use clap::Args;

/// `run`
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  mnistaug run recipe.yaml
  mnistaug run notebook --input data/mnist --out out/notebook       the whole notebook: four CSV files of 720,000 images
  mnistaug run notebook-npz --limit 1000
  mnistaug run --show notebook >recipe.yaml

A recipe is a list of stages, each called as a command and with the options of that command:

  version: 1
  recipe:
    - input: { input: data/mnist, labels: 0-4 }
    - colorize: { backgrounds: pictures, seed: 1 }
    - concat: [ [ input: out/old ] ]
    - augment: { pipeline: imgaug-heavy, copies: 2, keep_originals: true }
    - split: { test_size: 0.3, seed: 42, stratify: true }
    - export: { format: npz, out: out/all }

Nothing is written in between, and the result holds the bytes that the commands give one by one.")]
pub struct RunArgs {
    /// A recipe file (YAML or JSON), or the name of a preset
    #[arg(value_name = "FILE|PRESET", required_unless_present_any = ["list", "show"])]
    pub recipe: Option<String>,

    /// List the presets
    #[arg(long)]
    pub list: bool,

    /// Print the recipe file of a preset
    #[arg(long, value_name = "PRESET")]
    pub show: Option<String>,

    /// Read this instead of what the recipe's first stage reads; several are put one after the other
    #[arg(long, short, value_name = "SRC")]
    pub input: Vec<PathBuf>,

    /// Only the first N images of each split of the input
    #[arg(long, value_name = "N", value_parser = super::at_least_one)]
    pub limit: Option<u64>,

    /// Folder to write to [default: what the recipe's last stage says, or out/run]
    #[arg(long, short, value_name = "DIR")]
    pub out: Option<PathBuf>,

    /// Build only part I of N, as in other commands
    #[arg(long, value_name = "I/N")]
    pub part: Option<crate::store::part::PartChoice>,

    /// Replace a data set that is there
    #[arg(long)]
    pub force: bool,

    /// Say what would be written, and write nothing
    #[arg(long)]
    pub dry_run: bool,
}
