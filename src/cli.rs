//! What may be typed. No work is done here.

use std::path::PathBuf;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand};

use crate::base::Shape;
use crate::base::choice::Choice;
use crate::recipe::augment::{Copies, Samples};
use crate::recipe::colorize::{Fit, PerImage, Style};
use crate::recipe::input::{Classes, Pick, Sides};
use crate::recipe::quadrant::{Cells, Count, Objects};
use crate::recipe::select::{IndexRange, LabelSet};
use crate::recipe::{FloatRange, Size, Splits};

mod export;
mod fetch;
mod import;
mod keras;
mod output;
mod pipeline;
mod run;
mod split;

pub use export::ExportArgs;
pub use fetch::FetchArgs;
pub use import::ImportArgs;
pub use keras::KerasArgs;
pub(crate) use output::parse_scale;
pub use output::{ArrayArgs, OutputArgs};
pub use pipeline::{PipelineArgs, PipelineCommand};
pub use run::RunArgs;
pub use split::{Group, SplitArgs};

/// Turns small labeled images (MNIST and its family) into data sets: the same bytes on every machine and every run.
#[derive(Debug, Parser)]
#[command(name = "mnistaug", version, max_term_width = 100, after_help = EXAMPLES)]
pub struct Cli {
    /// What to do
    #[command(subcommand)]
    pub command: Command,

    /// Options of every command
    #[command(flatten)]
    pub common: Common,
}

const EXAMPLES: &str = "Examples:
  mnistaug colorize                                    built-in digits on built-in backgrounds
  mnistaug colorize --input data/mnist --backgrounds pictures --out out/color
  mnistaug fetch mnist                                 the real ones, into data/mnist
  mnistaug quadrant --input data/mnist --objects 0-4 --out out/quadrants
  mnistaug augment --input out/color --pipeline imgaug-heavy --keep-originals --out out/heavy
  mnistaug split --input out/heavy --test-size 0.3 --seed 42 --stratify --group origin
  mnistaug explain out/heavy 7 -o strip.png
  mnistaug preview out/color -o sheet.png
  mnistaug verify out/color --rebuild

Exit codes: 0 done; 1 failed; 2 usage; 65 corrupt or mismatching data; 66 input missing; 69 network;
73 cannot write; 75 try again; 130, 143 interrupted.";

/// Options of every command.
#[derive(Clone, Debug, Args)]
pub struct Common {
    /// Worker threads [default: one for each processor]
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,

    /// Say nothing but errors
    #[arg(long, short, global = true)]
    pub quiet: bool,

    /// End with one line of JSON on standard output
    #[arg(long, global = true)]
    pub json: bool,
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Get data sets: MNIST, Fashion-MNIST, KMNIST, EMNIST, QMNIST, MedMNIST and more
    Fetch(FetchArgs),
    /// Put gray digits on backgrounds, in random colors
    Colorize(ColorizeArgs),
    /// Put images into the cells of a larger canvas
    Quadrant(QuadrantArgs),
    /// Put images through a pipeline of augmenters
    Augment(Box<AugmentArgs>),
    /// Split samples into train, test and val, or into folds
    Split(Box<SplitArgs>),
    /// Write any source in another format: NPZ, CSV, IDX, PNG, Parquet, WebDataset, TFRecord, ...
    Export(Box<ExportArgs>),
    /// Make a data set of your own drawings
    Import(ImportArgs),
    /// Run a recipe: several commands in one pass, without files in between
    Run(RunArgs),
    /// Draw a contact sheet, into a PNG file or in the terminal
    Preview(PreviewArgs),
    /// Show shape, classes, and statistics of a source
    Info(InfoArgs),
    /// Show how one sample came about: everything drawn, and the image after each step
    Explain(ExplainArgs),
    /// Check and convert pipeline files, and list what may stand in them
    Pipeline(PipelineArgs),
    /// Check that a data set is what its manifest says
    Verify(VerifyArgs),
    /// Make one data set of the parts that were built with --part
    Merge(MergeArgs),
}

/// Where samples come from.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Input")]
pub struct InputArgs {
    /// A folder of IDX files, of shards or of pictures, a file, `digits` or `digits:N` for the built-in ones; several are
    /// put one after the other [default: data/mnist if it is there, else digits]
    #[arg(long, short, value_name = "SRC")]
    pub input: Vec<PathBuf>,

    #[command(flatten)]
    /// Which of its samples
    pub pick: PickArgs,
}

/// Which samples of a source.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Input")]
pub struct PickArgs {
    /// The labels that belong to a file of images given by hand
    #[arg(long, value_name = "FILE")]
    pub label_file: Option<PathBuf>,

    /// Number of classes, where it is not ten and no classes.txt lies beside the files
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(Classes::RANGE))]
    pub classes: Option<u64>,

    /// What floats in NumPy files mean, where their values leave it open
    #[arg(long, value_name = "0-1|0-255")]
    pub float_range: Option<FloatRange>,

    /// Shape of images that lie in tables as rows of values, where it is not square
    #[arg(long, value_name = "HxWxC", value_parser = parse_shape)]
    pub shape: Option<Shape>,

    /// Which splits: train, test, ..., several with commas, or all
    #[arg(long, visible_alias = "splits", value_name = "LIST")]
    pub split: Option<String>,

    /// Make colored images gray, of one channel
    #[arg(long)]
    pub gray: bool,

    /// Bring all images to this height and width
    #[arg(long, value_name = "HxW")]
    pub resize: Option<Size>,

    /// Only these classes, for instance 5-9,0
    #[arg(long, value_name = "LIST")]
    pub labels: Option<LabelSet>,

    /// Only samples A to B-1 (of those left by --labels)
    #[arg(long, value_name = "A:B")]
    pub range: Option<IndexRange>,

    /// Only the first N samples of each split (of those left by --labels and --range)
    #[arg(long, value_name = "N", value_parser = at_least_one, allow_negative_numbers = true)]
    pub limit: Option<u64>,
}

/// `colorize`
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  mnistaug colorize
  mnistaug colorize --input data/mnist --backgrounds pictures --out out/color
  mnistaug colorize --style difference --fit crop --per-image 3 --backgrounds photos
  mnistaug colorize --input digits:600000 --part 3/8 --out /shared/color

Sample i*B + j shows image i on background j of B; with --per-image N, sample i*N + k shows image i for the k-th time.")]
pub struct ColorizeArgs {
    /// Where digits come from
    #[command(flatten)]
    pub input: InputArgs,

    /// Folder of pictures (PNG, JPEG, BMP, WebP), used in name order [default: six built-in ones]
    #[arg(long, short, value_name = "DIR", help_heading = "Colors")]
    pub backgrounds: Option<PathBuf>,

    /// How digit and background are put together
    #[arg(long, value_parser = choice::<Style>(), default_value = Style::default().name(), help_heading = "Colors")]
    pub style: Style,

    /// How a background of another size is fitted
    #[arg(long, value_parser = choice::<Fit>(), default_value = Fit::default().name(), help_heading = "Colors")]
    pub fit: Fit,

    /// Draw N backgrounds for each image instead of using all
    #[arg(long, value_name = "N", help_heading = "Colors", value_parser = clap::value_parser!(u64).range(PerImage::RANGE))]
    pub per_image: Option<u64>,

    /// Pass over files that are no pictures, with a warning
    #[arg(long, help_heading = "Colors")]
    pub skip_unreadable: bool,

    /// Seed of everything random, from 0 on
    #[arg(
        long,
        value_name = "N",
        default_value_t = 0,
        allow_negative_numbers = true,
        help_heading = "Colors"
    )]
    pub seed: u64,

    /// Where shards go
    #[command(flatten)]
    pub output: OutputArgs,
}

/// `quadrant`
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  mnistaug quadrant --input data/mnist
  mnistaug quadrant --objects 0-4 --count 100000 --out out/scenes
  mnistaug quadrant --grid 3x3 --objects 1-9

With --objects 1, sample i shows image i and keeps its class label. Otherwise objects are drawn from all images, and the \
label is the set of their classes (y is N x classes). Shards carry cells, boxes and cell_boxes.")]
pub struct QuadrantArgs {
    /// Where images come from
    #[command(flatten)]
    pub input: InputArgs,

    /// Number of objects, or a range to draw it from
    #[arg(long, value_name = "N|LO-HI", default_value = "1", help_heading = "Composition")]
    pub objects: Objects,

    /// Cells of the canvas, rows x columns
    #[arg(long, value_name = "RxC", default_value = "2x2", help_heading = "Composition")]
    pub grid: Cells,

    /// Number of samples to make [default: as many as there are images]
    #[arg(long, value_name = "N", help_heading = "Composition", value_parser = clap::value_parser!(u64).range(Count::RANGE))]
    pub count: Option<u64>,

    /// Seed of everything random, from 0 on
    #[arg(
        long,
        value_name = "N",
        default_value_t = 0,
        allow_negative_numbers = true,
        help_heading = "Composition"
    )]
    pub seed: u64,

    /// Where shards go
    #[command(flatten)]
    pub output: OutputArgs,
}

/// Reads one of the values that have names.
fn choice<T: Choice>() -> impl TypedValueParser<Value = T> {
    let values =
        T::ALL.iter().map(|(name, means, _)| PossibleValue::new(*name).help(means.trim_end_matches('.')));
    PossibleValuesParser::new(values).try_map(|word| {
        let found = T::ALL.iter().find(|(name, ..)| **name == word);
        found.map(|(.., value)| *value).ok_or_else(|| format!("{word:?} is none of them"))
    })
}

fn at_least_one(text: &str) -> Result<u64, String> {
    text.parse()
        .ok()
        .filter(|n| *n > 0)
        .ok_or_else(|| format!("expected a whole number from 1 on; found {text:?}"))
}

/// `preview`
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  mnistaug preview digits
  mnistaug preview out/color -o sheet.png --count 60 --columns 12
  mnistaug preview data/mnist --labels 5
  mnistaug preview data/fashion-mnist --index 7,2093")]
pub struct PreviewArgs {
    /// A folder of IDX files, of shards or of pictures, a file, or `digits`
    #[arg(value_name = "SRC")]
    pub source: PathBuf,

    /// Which of its samples
    #[command(flatten)]
    pub pick: PickArgs,

    /// PNG file to write; without it the sheet is drawn in the terminal
    #[arg(long, short, value_name = "FILE", help_heading = "Sheet")]
    pub out: Option<PathBuf>,

    /// Number of images
    #[arg(long, value_name = "N", default_value_t = 50, help_heading = "Sheet", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub count: u32,

    /// Images in a row
    #[arg(long, value_name = "N", default_value_t = 10, help_heading = "Sheet", value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub columns: u32,

    /// These samples instead of the first ones
    #[arg(long, value_name = "LIST", value_delimiter = ',', help_heading = "Sheet")]
    pub index: Vec<u64>,
}

/// `info`
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  mnistaug info digits
  mnistaug info data/fashion-mnist --json
  mnistaug info out/quadrant --split test")]
pub struct InfoArgs {
    /// A folder of IDX files, of shards or of pictures, a file, or `digits`
    #[arg(value_name = "SRC")]
    pub source: PathBuf,

    /// Which of its samples
    #[command(flatten)]
    pub pick: PickArgs,
}

/// `verify`
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  mnistaug verify out/color
  mnistaug verify out/color --rebuild
  mnistaug verify out/color --rebuild --input /elsewhere/mnist
  mnistaug verify out/split --no-overlap
  mnistaug verify --no-overlap out/train out/test:test

With --rebuild it answers whether the data set still comes out the same. Exit code 65 and a list on standard output if \
anything differs.")]
pub struct VerifyArgs {
    /// The data set's folder
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,

    /// With --no-overlap: data sets, or DIR:SPLIT, that are to have no image in common with it and each other
    #[arg(value_name = "OTHER", requires = "no_overlap")]
    pub others: Vec<PathBuf>,

    /// Check that no source image is on more than one side; of one data set, in more than one split
    #[arg(long, conflicts_with_all = ["rebuild", "input"])]
    pub no_overlap: bool,

    /// Render everything again, in memory, and compare the content
    #[arg(long)]
    pub rebuild: bool,

    /// Where the input lies now, if it has moved
    #[arg(long, value_name = "SRC", requires = "rebuild")]
    pub input: Option<PathBuf>,
}

/// `merge`
#[derive(Debug, Args)]
#[command(after_help = "Example:
  mnistaug merge out/color")]
pub struct MergeArgs {
    /// The folder that all parts were written to
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
}

/// `augment`
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  mnistaug augment --pipeline elastic --copies 5
  mnistaug augment --input out/color --pipeline imgaug-heavy --keep-originals --out out/heavy
  mnistaug augment --input data/mnist --pipeline my.yaml --sample 30000 --trace
  mnistaug augment --rotation-range 10 --zoom-range 0.1 --shear-range 0.5 --width-shift-range 0.1 --height-shift-range 0.1 \
    --horizontal-flip --sample 30000 --keep-originals

Copy c of image i of N is sample c*N + i, behind the originals if these are kept. `mnistaug pipeline list` shows presets and operations.")]
pub struct AugmentArgs {
    /// Where images come from
    #[command(flatten)]
    pub input: InputArgs,

    /// A pipeline file (YAML or JSON; or Python, which is translated), or the name of a preset
    #[arg(long, short, value_name = "FILE|PRESET")]
    pub pipeline: Option<String>,

    /// The variable of a Python file that has several pipelines
    #[arg(long, value_name = "VARIABLE", requires = "pipeline")]
    pub name: Option<String>,

    /// Or the parameters of Keras' ImageDataGenerator
    #[command(flatten)]
    pub keras: KerasArgs,

    /// Whole passes over the images
    #[arg(long, value_name = "K", default_value_t = 1, value_parser = clap::value_parser!(u64).range(Copies::RANGE))]
    pub copies: u64,

    /// Instead of whole passes: N images, drawn with replacement
    #[arg(long, value_name = "N", conflicts_with = "copies", value_parser = clap::value_parser!(u64).range(Samples::RANGE))]
    pub sample: Option<u64>,

    /// The images themselves come first
    #[arg(long)]
    pub keep_originals: bool,

    /// Write what was drawn for each sample beside its shard, as JSON lines
    #[arg(long)]
    pub trace: bool,

    /// Seed of everything random
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub seed: u64,

    /// Where shards go
    #[command(flatten)]
    pub output: OutputArgs,
}

/// `explain`
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  mnistaug explain out/heavy 7                         its manifest says how it was made
  mnistaug explain out/heavy 7 -o strip.png
  mnistaug explain data/mnist 3 --pipeline imgaug-light --seed 5 --json")]
pub struct ExplainArgs {
    /// A data set of this program, or anything a command can read
    #[arg(value_name = "SRC")]
    pub source: PathBuf,

    /// Index of the sample within its split
    #[arg(value_name = "INDEX")]
    pub index: u64,

    /// Which of its samples
    #[command(flatten)]
    pub pick: PickArgs,

    /// Put the sample of SRC through this pipeline, instead of explaining how SRC was made
    #[arg(long, short, value_name = "FILE|PRESET")]
    pub pipeline: Option<String>,

    /// The variable of a Python file that has several pipelines
    #[arg(long, value_name = "VARIABLE", requires = "pipeline")]
    pub name: Option<String>,

    /// Seed of the pipeline
    #[arg(long, value_name = "N", default_value_t = 0, requires = "pipeline")]
    pub seed: u64,

    /// PNG file for the strip of images
    #[arg(long, short, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

fn parse_shape(text: &str) -> Result<Shape, String> {
    text.parse::<Sides>().map(|sides| sides.0)
}

impl From<&PickArgs> for Pick {
    fn from(args: &PickArgs) -> Self {
        Self {
            splits: args.split.clone().map(Splits::from),
            label_file: args.label_file.clone(),
            classes: args.classes.map(|classes| classes as usize),
            float_range: args.float_range,
            shape: args.shape,
            gray: args.gray,
            resize: args.resize,
            labels: args.labels.clone(),
            range: args.range,
            limit: args.limit,
        }
    }
}
