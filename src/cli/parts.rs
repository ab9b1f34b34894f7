//! `mnistaug merge` and `mnistaug parts`: data sets that were built in parts.

use std::path::PathBuf;

use clap::Args;

use crate::store::part::MOST_PARTS;

use super::common::whole;

/// `merge`
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  mnistaug colorize --part 0/2 --out out/color
  mnistaug colorize --part 1/2 --out out/color
  mnistaug merge out/color
  mnistaug merge out/color node1/color node2/color

Merging again changes nothing, and writes a manifest that is gone again.")]
pub struct MergeArgs {
    /// Folder that parts were written to
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,

    /// Folders with more parts, whose files are copied into the first
    #[arg(value_name = "MORE")]
    pub more: Vec<PathBuf>,
}

/// `parts`
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  mnistaug parts out/color
  mnistaug parts out/color --of 8 --missing
  sbatch --array=\"$(mnistaug parts out/color --of 8 --missing)\" job.sh

A part is there if it is finished and all of its shards are there in their sizes. With --missing, nothing is printed if no part is missing.")]
pub struct PartsArgs {
    /// Folder that parts are written to
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,

    /// Print the missing parts alone, as job arrays take them: 3,7,12-15
    #[arg(long)]
    pub missing: bool,

    /// Number of parts [default: that of most parts in the folder]
    #[arg(long, value_name = "N", value_parser = whole::<u64>(1..=MOST_PARTS), allow_negative_numbers = true)]
    pub of: Option<u64>,
}
