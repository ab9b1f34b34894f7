//! What may be typed. No work is done here.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::error::ErrorKind;
use clap::{Arg, Args, ColorChoice, CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::base::Shape;
use crate::base::choice::Choice;
use crate::recipe::augment::{Copies, Only, Samples};
use crate::recipe::colorize::{Fit, PerImage, Style};
use crate::recipe::concat::SplitName;
use crate::recipe::input::{Classes, Pick, Sides};
use crate::recipe::noise::Share;
use crate::recipe::relabel::{ClassMap, Offsets};
use crate::recipe::select::{ClassName, IndexRange, LabelSet, ObjectCount, Shuffle};
use crate::recipe::{FloatRange, LabelColumn, Size, Splits};

mod cat;
mod classes;
mod common;
mod export;
mod fetch;
mod import;
mod keras;
mod mix;
mod output;
mod parts;
mod pipeline;
mod place;
mod preview;
mod refused;
mod run;
mod shell;
mod split;

pub use cat::CatArgs;
pub use classes::{BalanceArgs, ByClassArgs, RelabelArgs};
use common::whole;
pub use common::{Common, When, asks_for_json};
pub use export::ExportArgs;
pub use fetch::FetchArgs;
pub use import::ImportArgs;
pub use keras::KerasArgs;
pub use mix::MixArgs;
pub(crate) use output::parse_scale;
pub use output::{ArrayArgs, OutputArgs};
pub use parts::{MergeArgs, PartsArgs};
pub use pipeline::{PipelineArgs, PipelineChoice, PipelineCommand, PipelineConvertArgs};
pub use place::{PlaceArgs, QuadrantArgs, SequenceArgs};
pub use preview::PreviewArgs;
pub use refused::{Refused, command_name, joined_line, quoted, retyped};
pub use run::RunArgs;
pub use shell::{CompletionsArgs, ManArgs, completions, pages};
pub use split::{Group, SplitArgs};

/// Turns small labeled images (MNIST and its family) into data sets, with the same bytes on every machine.
#[derive(Debug, Parser)]
#[command(
    name = "mnistaug",
    version,
    max_term_width = 100,
    disable_help_flag = true,
    after_long_help = EXAMPLES
)]
pub struct Cli {
    /// The command
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

/// What a command line comes to.
#[derive(Debug)]
pub enum Typed {
    /// A command.
    Command(Box<Cli>),
    /// Help or the version, which are to be shown.
    Shown(clap::Error),
    /// Nothing that is understood.
    Refused(Refused),
}

/// Reads a command line, whose first word is the program's own name.
#[must_use]
pub fn read(args: &[OsString]) -> Typed {
    let color = match When::of(args) {
        When::Auto => ColorChoice::Auto,
        When::Always => ColorChoice::Always,
        When::Never => ColorChoice::Never,
    };
    let typed = Cli::command().color(color).try_get_matches_from(args);
    match typed.and_then(|matches| Cli::from_arg_matches(&matches)) {
        Ok(cli) => Typed::Command(Box::new(cli)),
        Err(error) if is_help(error.kind()) => Typed::Shown(error),
        Err(error) => Typed::Refused(Refused::of(&error, args)),
    }
}

fn is_help(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::DisplayHelp
            | ErrorKind::DisplayVersion
            | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
    )
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Download data sets: MNIST, Fashion-MNIST, KMNIST, EMNIST, ...
    Fetch(FetchArgs),
    /// Put gray digits on backgrounds, in random colors
    Colorize(ColorizeArgs),
    /// Put images into the cells of a larger canvas
    Quadrant(QuadrantArgs),
    /// Put several images anywhere on a canvas: scenes, pairs, rows, clutter
    Place(Box<PlaceArgs>),
    /// Make sequences of frames in which images move
    Sequence(Box<SequenceArgs>),
    /// Augment images with a pipeline: imgaug, Keras or tf.image operations
    Augment(Box<AugmentArgs>),
    /// Put noise on labels, and keep the right ones beside them
    Relabel(Box<RelabelArgs>),
    /// Exact numbers of samples of each class: balanced, few-shot, long-tailed
    Balance(Box<BalanceArgs>),
    /// Mix pairs of images, with soft labels: MixUp, CutMix
    Mix(Box<MixArgs>),
    /// Split into train, val and test, or into folds, as scikit-learn does
    Split(Box<SplitArgs>),
    /// Convert any source to NPZ, CSV, IDX, PNG, Parquet, TFRecord, ...
    Export(Box<ExportArgs>),
    /// Make a data set from your own drawings
    Import(ImportArgs),
    /// Run a recipe: several commands in one pass
    Run(RunArgs),
    /// Write samples to standard output: of a recipe, or of any source
    Cat(Box<CatArgs>),
    /// Draw a contact sheet, as a PNG file or in the terminal
    Preview(PreviewArgs),
    /// Show shapes, class counts and statistics of a source
    Info(InfoArgs),
    /// Show how one sample was made, step by step
    Explain(ExplainArgs),
    /// Check, convert and look up pipeline files
    Pipeline(PipelineArgs),
    /// Check a data set against its manifest
    Verify(VerifyArgs),
    /// Join the parts that were built with --part
    Merge(MergeArgs),
    /// Show which parts of a data set are there, and which are missing
    Parts(PartsArgs),
    /// Print the completions of a shell
    Completions(CompletionsArgs),
    /// Print the manual page, or write those of all commands
    Man(ManArgs),
}

/// Where samples come from.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Input")]
pub struct InputArgs {
    /// File, folder, or `digits` [default: data/mnist, or digits]
    ///
    /// A folder of IDX files, of shards or of pictures; a file; the name of a fetched data set in data/; `digits` or `digits:N`
    /// for built-in digits. Repeat the option to concatenate sources. The default is data/mnist if it exists, else digits.
    #[arg(long, short, value_name = "SRC")]
    pub input: Vec<PathBuf>,

    /// Sources, without --input
    #[arg(value_name = "SRC", hide_short_help = true, conflicts_with = "input")]
    pub sources: Vec<PathBuf>,

    #[command(flatten)]
    /// Which samples
    pub pick: PickArgs,
}

impl InputArgs {
    /// The sources that are named, one way or the other.
    #[must_use]
    pub fn named(&self) -> &[PathBuf] {
        if self.input.is_empty() { &self.sources } else { &self.input }
    }
}

/// Which samples of a source.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Input")]
pub struct PickArgs {
    /// Label file of an image file
    #[arg(long, value_name = "FILE", hide_short_help = true)]
    pub label_file: Option<PathBuf>,

    /// Number of classes, if it is not 10 and the source has no classes.txt
    #[arg(long, value_name = "N", hide_short_help = true, value_parser = whole::<u64>(Classes::RANGE), allow_negative_numbers = true)]
    pub classes: Option<u64>,

    /// Range of pixels in NumPy files and tables: 0-1, 0-255, 0-16, -1-1, ...
    ///
    /// For floats, if their values leave it open, and for whole numbers that are not 0 to 255.
    #[arg(long, value_name = "0-N", hide_short_help = true, allow_hyphen_values = true)]
    pub float_range: Option<FloatRange>,

    /// Shape of images that are stored as rows of values, if they are not square
    ///
    /// HxWxC, or CxHxW if each row holds one channel after the other: 3x32x32.
    #[arg(long, value_name = "HxWxC", hide_short_help = true)]
    pub shape: Option<Sides>,

    /// Column of a table with the labels: a name, first, last, or N from 1
    #[arg(long, value_name = "COLUMN", hide_short_help = true, allow_negative_numbers = true)]
    pub label_column: Option<LabelColumn>,

    /// Splits: train, test, a list, or all
    #[arg(long, visible_alias = "splits", value_name = "LIST")]
    pub split: Option<String>,

    /// Transpose all images: EMNIST's files are published transposed
    #[arg(long, hide_short_help = true)]
    pub transpose: bool,

    /// Convert color images to grayscale, with one channel
    #[arg(long, hide_short_help = true)]
    pub gray: bool,

    /// Resize all images to this height and width
    #[arg(long, value_name = "HxW", hide_short_help = true)]
    pub resize: Option<Size>,

    /// Add N to all class ids; a list is one N for each input: 0,10
    #[arg(long, value_name = "N", hide_short_help = true, allow_hyphen_values = true)]
    pub offset_labels: Option<Offsets>,

    /// Renumber classes: 3=0,7=1; no others are kept
    ///
    /// Classes are ids or names. --labels applies first.
    #[arg(long, value_name = "OLD=NEW,...", hide_short_help = true)]
    pub map: Option<ClassMap>,

    /// Put all splits together as one split of this name
    ///
    /// They are concatenated, before anything is chosen.
    #[arg(long, value_name = "NAME", hide_short_help = true)]
    pub join_splits: Option<SplitName>,

    /// Only these classes, for example 5-9,0 or Trouser
    #[arg(long, value_name = "LIST")]
    pub labels: Option<LabelSet>,

    /// Only images with so many objects, for example 1 or 0-2
    #[arg(long, value_name = "N|LO-HI", hide_short_help = true, allow_hyphen_values = true)]
    pub objects_are: Option<ObjectCount>,

    /// Put the samples of each split in a random order, by this seed
    ///
    /// --labels and --objects-are apply first. numpy:N is the order of `RandomState(N).permutation`, python:N that of `Random(N).shuffle`.
    #[arg(long, value_name = "N", hide_short_help = true, allow_hyphen_values = true)]
    pub shuffle_seed: Option<Shuffle>,

    /// Only samples A to B-1, or every STEP-th of them: 1::6
    ///
    /// --labels, --objects-are and --shuffle-seed apply first.
    #[arg(long, value_name = "A:B[:STEP]", hide_short_help = true)]
    pub range: Option<IndexRange>,

    /// Only the first N samples of each split
    ///
    /// --labels, --objects-are, --shuffle-seed and --range apply first.
    #[arg(long, value_name = "N", value_parser = whole::<u64>(1..=u64::MAX), allow_negative_numbers = true)]
    pub limit: Option<u64>,
}

/// `colorize`
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  mnistaug colorize
  mnistaug colorize --input data/mnist --backgrounds pictures --out out/color
  mnistaug colorize --style difference --fit crop --per-image 3 --backgrounds photos
  mnistaug colorize --input digits:600000 --part 3/8 --out /shared/color
  mnistaug colorize --color-by-class lff --share 0.995 --assign counted --jitter 0.005

Sample i*B + j shows image i on background j of B; with --per-image N, sample i*N + k shows image i for the k-th time.")]
pub struct ColorizeArgs {
    /// Folder of backgrounds [default: six built-in ones]
    ///
    /// PNG, JPEG, BMP and WebP files are used, in name order.
    #[arg(long, short, value_name = "DIR")]
    pub backgrounds: Option<PathBuf>,

    /// How digit and background are combined
    #[arg(long, value_parser = choice::<Style>(), default_value = Style::default().name())]
    pub style: Style,

    /// How backgrounds are resized
    #[arg(long, value_parser = choice::<Fit>(), default_value = Fit::default().name())]
    pub fit: Fit,

    /// Draw N backgrounds per image instead of using all
    #[arg(long, value_name = "N", value_parser = whole::<u64>(PerImage::RANGE), allow_negative_numbers = true)]
    pub per_image: Option<u64>,

    /// Keep the ink of each digit as an instance mask, and its box
    ///
    /// For formats of boxes and masks, and for `augment --only`.
    #[arg(long, hide_short_help = true, conflicts_with = "color_by_class")]
    pub masks: bool,

    /// Skip files that are not pictures, with a warning
    #[arg(long, hide_short_help = true)]
    pub skip_unreadable: bool,

    /// Random seed, an integer of 0 or more
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = whole::<u64>(0..=u64::MAX), allow_negative_numbers = true)]
    pub seed: u64,

    /// Colors that go with the class
    #[command(flatten)]
    pub by_class: ByClassArgs,

    /// Where digits come from
    #[command(flatten)]
    pub input: InputArgs,

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

/// `info`
#[derive(Debug, Args)]
#[command(
    mut_arg("labels", print_labels),
    after_long_help = "Examples:
  mnistaug info digits
  mnistaug info data/fashion-mnist --json
  mnistaug info out/quadrant --split test
  mnistaug info data/mnist --split test --labels | sort | uniq -c
  mnistaug info data/mnist --split train --indices-of 9 --first 5

With --labels alone, and with --indices-of, there is a line for each sample and nothing else: its class id, or its index, as explain and \
preview take it. Several class ids have commas between them, and `-` is none. Where there are several splits, each line begins with the \
split's name and a tab."
)]
pub struct InfoArgs {
    /// Source: a folder, a file, or `digits`
    #[arg(value_name = "SRC")]
    pub source: PathBuf,

    /// Print the index of each sample of this class
    #[arg(long, value_name = "CLASS", allow_negative_numbers = true)]
    pub indices_of: Option<ClassName>,

    /// Only the first N of them in each split
    #[arg(long, value_name = "N", requires = "indices_of", value_parser = whole::<u64>(1..=u64::MAX), allow_negative_numbers = true)]
    pub first: Option<u64>,

    /// Which samples
    #[command(flatten)]
    pub pick: PickArgs,
}

impl InfoArgs {
    /// Whether labels are to be printed: `--labels` stands there alone.
    #[must_use]
    pub fn prints_labels(&self) -> bool {
        self.pick.labels.as_ref().is_some_and(|labels| labels.classes().is_empty())
    }
}

/// Lets `--labels` stand alone: no classes, which prints labels.
fn print_labels(labels: Arg) -> Arg {
    let none = |text: &str| if text.is_empty() { Ok(LabelSet::of(Vec::new())) } else { text.parse() };
    labels
        .num_args(0..=1)
        .default_missing_value("")
        .value_parser(move |text: &str| -> Result<LabelSet, String> { none(text) })
        .help("Only these classes, for example 5-9,0 or Trouser; alone: print the label of each sample")
}

/// `verify`
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  mnistaug verify out/color
  mnistaug verify out/color --rebuild
  mnistaug verify out/color --rebuild --input /elsewhere/mnist
  mnistaug verify out/split --no-overlap
  mnistaug verify --no-overlap out/train out/test:test

Without options, every file is hashed and compared with the manifest. With --rebuild, every sample is rendered again as well. If \
anything differs, the exit code is 65 and standard output lists it.")]
pub struct VerifyArgs {
    /// The data set's folder
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,

    /// More data sets, or DIR:SPLIT, for --no-overlap
    #[arg(value_name = "OTHER", requires = "no_overlap")]
    pub others: Vec<PathBuf>,

    /// Check that splits, or data sets, share no source image
    #[arg(long, conflicts_with_all = ["rebuild", "input"])]
    pub no_overlap: bool,

    /// Render all samples again in memory and compare
    #[arg(long)]
    pub rebuild: bool,

    /// Where the input is now, if it has moved
    ///
    /// Repeat the option if the data set was made of several inputs, in their order; one alone is for all.
    #[arg(long, value_name = "SRC", requires = "rebuild")]
    pub input: Vec<PathBuf>,
}

/// `augment`
#[derive(Debug, Args)]
#[command(
    after_help = "Instead of --pipeline, --help lists the parameters of Keras' ImageDataGenerator.",
    after_long_help = "Examples:
  mnistaug augment --pipeline elastic --copies 5
  mnistaug augment --input out/color --pipeline imgaug-heavy --keep-originals --out out/heavy
  mnistaug augment --input data/mnist --pipeline my.yaml --sample 30000 --trace
  mnistaug augment --rotation-range 10 --zoom-range 0.1 --shear-range 0.5 --width-shift-range 0.1 --height-shift-range 0.1 \
    --horizontal-flip --sample 30000 --keep-originals

Copy c of image i of N is sample c*N + i, after the originals if these are kept. `mnistaug pipeline list` shows presets and operations."
)]
pub struct AugmentArgs {
    /// Pipeline file (YAML, JSON, Python, notebook), or a preset
    ///
    /// Python files are translated, not run. `mnistaug pipeline list` shows the presets.
    #[arg(long, short, value_name = "FILE|PRESET")]
    pub pipeline: Option<String>,

    #[command(flatten)]
    pub choice: PipelineChoice,

    /// Augmented copies of each image
    #[arg(long, value_name = "K", default_value_t = 1, value_parser = whole::<u64>(Copies::RANGE), allow_negative_numbers = true)]
    pub copies: u64,

    /// Draw N images with replacement instead
    #[arg(long, value_name = "N", conflicts_with = "copies", value_parser = whole::<u64>(Samples::RANGE), allow_negative_numbers = true)]
    pub sample: Option<u64>,

    /// Put the original images first
    #[arg(long)]
    pub keep_originals: bool,

    /// Drop objects of which less than this share of their ink is left
    ///
    /// Of composed images. Where they have no masks, the areas of boxes are compared. Labels follow.
    #[arg(long, value_name = "SHARE", default_value_t, hide_short_help = true)]
    pub min_visible: Share,

    /// Change nothing but the ink, or the background
    ///
    /// Ink is what masks say, or what is not black in gray images. Where ink has left, the nearest pixel of the background is shown.
    #[arg(long, value_parser = choice::<Only>(), hide_short_help = true)]
    pub only: Option<Only>,

    /// Write drawn parameters of each sample as JSON
    ///
    /// One file of JSON lines beside each shard.
    #[arg(long)]
    pub trace: bool,

    /// Random seed
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = whole::<u64>(0..=u64::MAX), allow_negative_numbers = true)]
    pub seed: u64,

    /// Or the parameters of Keras' ImageDataGenerator
    #[command(flatten)]
    pub keras: KerasArgs,

    /// Where images come from
    #[command(flatten)]
    pub input: InputArgs,

    /// Where shards go
    #[command(flatten)]
    pub output: OutputArgs,
}

/// `explain`
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  mnistaug explain out/heavy 7                         its manifest says how it was made
  mnistaug explain out/heavy 7 -o strip.png
  mnistaug explain data/mnist 3 --pipeline imgaug-light --seed 5 --json")]
pub struct ExplainArgs {
    /// Source: a data set of mnistaug, or anything that a command reads
    #[arg(value_name = "SRC")]
    pub source: PathBuf,

    /// Index of the sample within its split
    #[arg(value_name = "INDEX", value_parser = whole::<u64>(0..=u64::MAX), allow_negative_numbers = true)]
    pub index: u64,

    /// Picture for the strip of images (.png, .jpg, .bmp, .webp)
    #[arg(long, short, value_name = "FILE")]
    pub out: Option<PathBuf>,

    /// Replace any file of that name
    #[arg(long, requires = "out")]
    pub force: bool,

    /// Apply this pipeline to the sample instead
    #[arg(long, short, value_name = "FILE|PRESET")]
    pub pipeline: Option<String>,

    #[command(flatten)]
    pub choice: PipelineChoice,

    /// Random seed of the pipeline
    #[arg(long, value_name = "N", default_value_t = 0, requires = "pipeline", value_parser = whole::<u64>(0..=u64::MAX), allow_negative_numbers = true)]
    pub seed: u64,

    /// Which samples
    #[command(flatten)]
    pub pick: PickArgs,
}

fn parse_shape(text: &str) -> Result<Shape, String> {
    text.parse::<Sides>().map(|sides| sides.shape)
}

impl From<&PickArgs> for Pick {
    fn from(args: &PickArgs) -> Self {
        Self {
            splits: args.split.clone().map(Splits::from),
            label_file: args.label_file.clone(),
            classes: args.classes.map(|classes| classes as usize),
            float_range: args.float_range,
            shape: args.shape,
            transpose: args.transpose,
            label_column: args.label_column.clone(),
            offset_labels: args.offset_labels.clone(),
            map: args.map.clone(),
            gray: args.gray,
            resize: args.resize,
            join_splits: args.join_splits.clone(),
            labels: args.labels.clone(),
            objects_are: args.objects_are,
            shuffle_seed: args.shuffle_seed,
            range: args.range,
            limit: args.limit,
        }
    }
}
