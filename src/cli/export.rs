//! Options of `export`.

use clap::Args;

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

shards, csv without --layout, png, coco, yolo, parquet, webdataset, tfrecord and mds are written shard by shard: they can be built in parts \
and resumed. npz, npy, idx, safetensors and csv with --layout are whole files: all or nothing.")]
pub struct ExportArgs {
    /// Where samples come from
    #[command(flatten)]
    pub input: InputArgs,

    /// Where files go
    #[command(flatten)]
    pub output: OutputArgs,
}
