//! Options of `preview`.

use std::path::PathBuf;

use clap::Args;

use super::PickArgs;
use super::common::whole;

/// `preview`
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  mnistaug preview digits
  mnistaug preview out/color -o sheet.png --count 60 --columns 12
  mnistaug preview data/mnist --labels 5 --random 20
  mnistaug preview data/mnist --no-labels --gap 0 --scale 2
  mnistaug preview data/fashion-mnist --index 7,2093
  mnistaug preview data/mnist --index 7 --values

In the terminal, no more images are drawn than a screen holds, unless --count, --random or --index says so. Below each image are its index in \
the source, which explain and --index take, and its label.")]
pub struct PreviewArgs {
    /// Source: a folder, a file, or `digits`
    #[arg(value_name = "SRC")]
    pub source: PathBuf,

    /// Picture to write (.png, .jpg, .bmp, .webp) [default: draw in the terminal]
    #[arg(long, short, value_name = "FILE")]
    pub out: Option<PathBuf>,

    /// Replace any file of that name
    #[arg(long, requires = "out")]
    pub force: bool,

    /// Number of images [default: 50; in the terminal, a screen]
    #[arg(long, value_name = "N", value_parser = whole::<u32>(1..=10_000), allow_negative_numbers = true)]
    pub count: Option<u32>,

    /// Images per row [default: 10, or as many as fit]
    #[arg(long, value_name = "N", value_parser = whole::<u32>(1..=1_000), allow_negative_numbers = true)]
    pub columns: Option<u32>,

    /// Indexes of samples, instead of the first ones
    #[arg(
        long,
        value_name = "LIST",
        value_delimiter = ',',
        value_parser = whole::<u64>(0..=u64::MAX),
        conflicts_with_all = ["labels", "range", "limit", "map", "count"],
        allow_negative_numbers = true
    )]
    pub index: Vec<u64>,

    /// N random samples instead
    #[arg(long, value_name = "N", value_parser = whole::<u32>(1..=10_000), conflicts_with_all = ["index", "count"], allow_negative_numbers = true)]
    pub random: Option<u32>,

    /// Random seed of --random
    #[arg(long, value_name = "N", default_value_t = 0, requires = "random", value_parser = whole::<u64>(0..=u64::MAX), allow_negative_numbers = true)]
    pub seed: u64,

    /// Print the numbers of the first image, or of those that are asked for, as an array
    #[arg(long, conflicts_with_all = ["out", "columns", "no_labels", "gap", "scale"])]
    pub values: bool,

    /// Nothing below the images
    #[arg(long)]
    pub no_labels: bool,

    /// Space between images: pixels, or characters in the terminal
    #[arg(long, value_name = "N", value_parser = whole::<u16>(0..=100), allow_negative_numbers = true)]
    pub gap: Option<u16>,

    /// Enlarge images N times [default: as much as is easy to see]
    #[arg(long, value_name = "N", value_parser = whole::<u16>(1..=64), allow_negative_numbers = true)]
    pub scale: Option<u16>,

    /// Which samples
    #[command(flatten)]
    pub pick: PickArgs,
}
