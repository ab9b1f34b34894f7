//! Options of `export`: what the arrays of whole splits look like.

use clap::Args;

use crate::formats::arrays::{Dtype, Keys, Scale};
use crate::formats::csv::CsvLayout;

use super::{InputArgs, OutputArgs};

/// `export`
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  mnistaug export --input digits --out out/digits
  mnistaug export --input data/mnist --format npz --out out/mnist         x_train, y_train, x_test, y_test in data.npz
  mnistaug export --input out/color --format npz --dtype f32 --scale 0-1 --one-hot --channels-first --out out/float
  mnistaug export --input out/split --format csv --layout pandas --out out/csv
  mnistaug export --input data/mnist --format idx --out out/root          for torchvision.datasets.MNIST('out/root')
  mnistaug export --input data/mnist --format png --splits test --out out/png

shards, csv without --layout, png, coco, yolo, parquet, webdataset and tfrecord are written shard by shard: they can be built in parts \
and resumed. npz, npy, idx, safetensors and csv with --layout are whole files: all or nothing.")]
pub struct ExportArgs {
    /// What arrays look like
    #[command(flatten)]
    pub arrays: ArrayArgs,

    /// Where samples come from
    #[command(flatten)]
    pub input: InputArgs,

    /// Where files go
    #[command(flatten)]
    pub output: OutputArgs,
}

/// What the arrays of whole splits look like.
#[expect(clippy::struct_excessive_bools, reason = "they are switches, each by itself")]
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Arrays (npz, npy, safetensors; --layout: csv)")]
pub struct ArrayArgs {
    /// Type of x [default: u8]
    ///
    /// Floats are 0 to 255 unless --scale is given.
    #[arg(long, value_enum)]
    pub dtype: Option<Dtype>,

    /// Scaling of floats: 0-1, minmax, standardize, samplewise
    ///
    /// 0-1 is x/255. minmax and standardize take their constants from the first split. samplewise standardizes each image by itself.
    #[arg(long, value_name = "HOW", value_parser = parse_scale)]
    pub scale: Option<Scale>,

    /// One-hot labels: (N, classes)
    #[arg(long)]
    pub one_hot: bool,

    /// Flat images: (N, H*W*C)
    #[arg(long)]
    pub flatten: bool,

    /// Gray images with a channel axis: (N, H, W, 1)
    #[arg(long)]
    pub add_channel: bool,

    /// Channels first: (N, C, H, W), gray images too
    #[arg(long)]
    pub channels_first: bool,

    /// Names of arrays: x_train or train_x [default: keras]
    #[arg(long, value_enum)]
    pub keys: Option<Keys>,

    /// Layout of CSV files
    #[arg(long, value_enum)]
    pub layout: Option<CsvLayout>,
}

impl ArrayArgs {
    /// The options that were given, as they are typed.
    #[must_use]
    pub fn given(&self) -> Vec<&'static str> {
        [
            ("--dtype", self.dtype.is_some()),
            ("--scale", self.scale.is_some()),
            ("--one-hot", self.one_hot),
            ("--flatten", self.flatten),
            ("--add-channel", self.add_channel),
            ("--channels-first", self.channels_first),
            ("--keys", self.keys.is_some()),
            ("--layout", self.layout.is_some()),
        ]
        .into_iter()
        .filter_map(|(name, given)| given.then_some(name))
        .collect()
    }
}

fn parse_scale(text: &str) -> Result<Scale, String> {
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
