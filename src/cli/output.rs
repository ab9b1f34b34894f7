//! Where and in what form data sets are written: options of every command that writes.

use std::path::PathBuf;

use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

use crate::formats::arrays::{Dtype, Keys, Scale};
use crate::formats::csv::CsvLayout;
use crate::formats::{Compress, Options, entries};
use crate::store::part::PartChoice;

/// Where and how data sets are written.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Output")]
pub struct OutputArgs {
    /// Folder to write to [default: out/COMMAND]
    #[arg(long, short, value_name = "DIR")]
    pub out: Option<PathBuf>,

    /// Format of the output
    #[arg(long, value_name = "FORMAT", default_value = "shards", value_parser = PossibleValuesParser::new(
        entries().into_iter().map(|entry| PossibleValue::new(entry.name).help(entry.summary)),
    ))]
    pub format: String,

    /// Samples per shard [default: 10000, or fewer of large images]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=1_000_000_000))]
    pub shard_size: Option<u64>,

    /// Compression of NPZ (deflate), and of CSV and IDX files of whole splits (gzip): none, 1 (fast) to 9 (small), or auto: NPZ of gray
    /// images 1, all else none
    #[arg(long, value_name = "LEVEL", default_value = "auto")]
    pub compress: Compress,

    /// Build only part I of N, counted from 0; `auto` asks the job engine (Slurm, Kubernetes, AWS Batch, ...), `auto/N` where
    /// it does not tell N
    #[arg(long, value_name = "I/N")]
    pub part: Option<PartChoice>,

    /// Replace a data set that is there
    #[arg(long)]
    pub force: bool,

    /// Say what would be written, and write nothing
    #[arg(long)]
    pub dry_run: bool,

    /// What arrays look like
    #[command(flatten)]
    pub arrays: ArrayArgs,
}

/// What the arrays of whole splits look like.
#[expect(clippy::struct_excessive_bools, reason = "they are switches, each by itself")]
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Arrays (npz, npy, safetensors; --layout: csv)")]
pub struct ArrayArgs {
    /// Type of x: u8, or floats, which are 0 to 255 without --scale [default: u8]
    #[arg(long, value_name = "u8|f32|f64", value_parser = named(&Dtype::NAMES))]
    pub dtype: Option<Dtype>,

    /// How floats are made of pixels: 0-1 (x/255), minmax and standardize (from the first split), samplewise (each image by itself)
    #[arg(long, value_name = "HOW", value_parser = parse_scale)]
    pub scale: Option<Scale>,

    /// Labels as rows of 0 and 1
    #[arg(long)]
    pub one_hot: bool,

    /// Images as rows: (N, H*W*C)
    #[arg(long)]
    pub flatten: bool,

    /// Gray images with a channel: (N, H, W, 1)
    #[arg(long)]
    pub add_channel: bool,

    /// Channels before rows and columns: (N, C, H, W), of gray images too
    #[arg(long)]
    pub channels_first: bool,

    /// Names of the arrays: keras is x_train, y_train, ...; split-first is train_x, train_y, ... [default: keras]
    #[arg(long, value_name = "HOW", value_parser = named(&Keys::NAMES))]
    pub keys: Option<Keys>,

    /// Columns of CSV files: pandas writes X_train.csv and y_train.csv with the columns 0, 1, ...; kaggle label, pixel0, ...;
    /// kaggle-fashion label, pixel1, ...
    #[arg(long, value_name = "LAYOUT", value_parser = named(&CsvLayout::NAMES))]
    pub layout: Option<CsvLayout>,
}

impl OutputArgs {
    /// What is said about the form of the output. `trace` is an option of some commands only.
    #[must_use]
    pub fn options(&self, trace: bool) -> Options {
        let ArrayArgs { dtype, scale, one_hot, flatten, add_channel, channels_first, keys, layout } =
            self.arrays;
        Options {
            compress: self.compress,
            dtype,
            scale,
            one_hot,
            flatten,
            add_channel,
            channels_first,
            keys,
            layout,
            shard_size: self.shard_size.is_some(),
            part: self.part.is_some(),
            trace,
        }
    }
}

/// Reads one of a few names.
fn named<T: Clone + Send + Sync + 'static, const N: usize>(
    names: &'static [(&'static str, T); N],
) -> impl TypedValueParser<Value = T> {
    PossibleValuesParser::new(names.iter().map(|(name, _)| *name)).map(|found: String| {
        let known = names.iter().find(|(name, _)| *name == found);
        known.map(|(_, value)| value.clone()).expect("clap has compared the names")
    })
}

/// What `--scale` says.
pub(crate) fn parse_scale(text: &str) -> Result<Scale, String> {
    match text {
        "0-1" => Ok(Scale::Unit),
        "minmax" => Ok(Scale::Minmax),
        "standardize" => Ok(Scale::Standardize),
        "samplewise" => Ok(Scale::Samplewise),
        "zca" => Err("ZCA whitening needs the covariance of all pixels with each other and is not offered; \
                      standardize first, and whiten with scikit-learn's PCA(whiten=True)"
            .into()),
        _ => Err(format!("expected 0-1, minmax, standardize or samplewise; found {text:?}")),
    }
}
