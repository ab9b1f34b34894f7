//! Where and in what form data sets are written: options of every command that writes.

use std::path::PathBuf;

use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

use crate::formats::arrays::{Dtype, Keys, Scale};
use crate::formats::csv::CsvLayout;
use crate::formats::{Compress, Options, Segmentation, entries};
use crate::store::part::PartChoice;

use super::common::whole;

/// Where and how data sets are written.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Output")]
pub struct OutputArgs {
    /// Folder to write to [default: out/COMMAND]
    ///
    /// `-` is standard output. One split goes there, as --format webdataset, tfrecord, csv or npy (images alone).
    #[arg(long, short, value_name = "DIR")]
    pub out: Option<PathBuf>,

    /// Output format
    #[arg(long, value_name = "FORMAT", default_value = "shards", value_parser = PossibleValuesParser::new(
        entries().into_iter().map(|entry| PossibleValue::new(entry.name).help(entry.summary)),
    ))]
    pub format: String,

    /// Samples per shard [default: 10000, fewer if images are large]
    #[arg(long, value_name = "N", hide_short_help = true, value_parser = whole::<u64>(1..=1_000_000_000), allow_negative_numbers = true)]
    pub shard_size: Option<u64>,

    /// Compression: none, 1 (fast) to 9 (small), or auto
    ///
    /// NPZ uses deflate, whole CSV and IDX files use gzip. auto is level 1 for NPZ files of gray images and none for all else.
    #[arg(long, value_name = "LEVEL", default_value = "auto", hide_short_help = true)]
    pub compress: Compress,

    /// Build only part I of N, counted from 0
    ///
    /// `auto/N` takes the number of the array task as I, in tasks that are submitted again as well; `auto1/N` if tasks are numbered from 1. `auto` reads
    /// N from the variables of the job scheduler, too, where these tell it (whole arrays of Slurm, AWS Batch, ...).
    #[arg(long, value_name = "I/N", hide_short_help = true)]
    pub part: Option<PartChoice>,

    /// Masks of objects beside pictures: rle, polygons, none
    ///
    /// coco takes all three [default: rle], yolo polygons and none [default: polygons], voc files of numbers and none.
    #[arg(long, value_name = "HOW", hide_short_help = true, value_parser = named(&Segmentation::NAMES))]
    pub segmentation: Option<Segmentation>,

    /// Replace an existing data set
    #[arg(long)]
    pub force: bool,

    /// Print what would be written, and write nothing
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
    /// Type of x [default: u8]
    ///
    /// Floats are 0 to 255 unless --scale is given.
    #[arg(long, value_name = "TYPE", hide_short_help = true, value_parser = named(&Dtype::NAMES))]
    pub dtype: Option<Dtype>,

    /// Scaling of floats: 0-1, minmax, standardize, samplewise
    ///
    /// 0-1 is x/255. minmax and standardize take their constants from the first split. samplewise standardizes each image by itself.
    #[arg(long, value_name = "HOW", hide_short_help = true, value_parser = parse_scale)]
    pub scale: Option<Scale>,

    /// One-hot labels: (N, classes)
    #[arg(long, hide_short_help = true)]
    pub one_hot: bool,

    /// Flat images: (N, H*W*C)
    #[arg(long, hide_short_help = true)]
    pub flatten: bool,

    /// Gray images with a channel axis: (N, H, W, 1)
    #[arg(long, hide_short_help = true)]
    pub add_channel: bool,

    /// Channels first: (N, C, H, W), gray images too
    #[arg(long, hide_short_help = true)]
    pub channels_first: bool,

    /// Names of arrays: x_train or train_x [default: keras]
    #[arg(long, value_name = "HOW", hide_short_help = true, value_parser = named(&Keys::NAMES))]
    pub keys: Option<Keys>,

    /// Layout of CSV files
    ///
    /// pandas: X_SPLIT.csv and y_SPLIT.csv with the columns 0, 1, ...; kaggle: label, pixel0, ..., and a test.csv without labels; kaggle-fashion: label, pixel1, ...
    #[arg(long, value_name = "LAYOUT", hide_short_help = true, value_parser = named(&CsvLayout::NAMES))]
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
            segmentation: self.segmentation,
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
