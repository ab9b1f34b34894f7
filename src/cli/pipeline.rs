//! Options of `pipeline`.

use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand};

use crate::base::Shape;
use crate::pipeline::python::print::{PRINTERS, Printer, printer};
use crate::pipeline::python::{Line, Wanted};

use super::common::whole;
use super::parse_shape;

/// `pipeline`
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  mnistaug pipeline list
  mnistaug pipeline show affine
  mnistaug pipeline check mine.yaml
  mnistaug pipeline convert flow.py -o flow.yaml
  mnistaug pipeline schema > pipeline.schema.json")]
pub struct PipelineArgs {
    /// What to do with pipelines
    #[command(subcommand)]
    pub command: PipelineCommand,
}

/// Which pipeline of a Python file or a notebook, and what is known of its names.
#[derive(Debug, Default, Args)]
pub struct PipelineChoice {
    /// Pipeline of a Python file with several: variable, function or Class.method
    #[arg(long, value_name = "NAME", requires = "pipeline", hide_short_help = true)]
    pub name: Option<String>,

    /// Line that the pipeline stands on; CELL:LINE in a notebook
    #[arg(long, value_name = "LINE", requires = "pipeline", conflicts_with = "name", hide_short_help = true)]
    pub line: Option<Line>,

    /// Value of a name that a Python file does not give one (several times)
    #[arg(long, value_name = "NAME=VALUE", requires = "pipeline", hide_short_help = true)]
    pub set: Vec<String>,

    /// Version or arithmetic of the library, as tensor (several times)
    ///
    /// `tensor` is torchvision's arithmetic on tensors of bytes, instead of that on pictures; `keras3.5` are the rules of Keras
    /// up to that version; `albumentations1` and `albumentations2` say which version a file was written for;
    /// `keras_preprocessing` draws as TensorFlow did up to 2.8. `pipeline show` says which ones an operation has.
    #[arg(long, value_name = "COMPAT", hide_short_help = true)]
    pub compat: Vec<String>,
}

impl PipelineChoice {
    /// What is wanted of a file.
    #[must_use]
    pub fn wanted(&self) -> Wanted<'_> {
        Wanted { name: self.name.as_deref(), line: self.line, set: &self.set, compat: &self.compat }
    }
}

/// What to do with pipelines.
#[derive(Debug, Subcommand)]
pub enum PipelineCommand {
    /// Check a pipeline file
    #[command(after_long_help = "Examples:
  mnistaug pipeline check mine.yaml
  mnistaug pipeline check imgaug-heavy --shape 28x28x1")]
    Check {
        /// Pipeline file, or a preset
        #[arg(value_name = "FILE|PRESET")]
        pipeline: String,

        #[command(flatten)]
        choice: PipelineChoice,

        /// Shape of the input images
        #[arg(long, value_name = "HxWxC", default_value = "28x28x3", value_parser = parse_shape)]
        shape: Shape,
    },
    /// Translate Python code or a notebook to YAML, or a pipeline to Python
    ///
    /// imgaug, torchvision, Keras, tf.image and Albumentations are read; no Python runs. --library writes Python of imgaug or
    /// torchvision. What became of each step is told on standard error.
    #[command(after_long_help = "Examples:
  mnistaug pipeline convert flow.py
  mnistaug pipeline convert train.ipynb --set image_size=28
  mnistaug pipeline convert flow.py --name seq -o flow.yaml
  mnistaug pipeline convert flow.py --preview data/mnist -o sheet.png > flow.yaml
  mnistaug pipeline convert flow.yaml --library imgaug -o flow.py")]
    Convert(PipelineConvertArgs),
    /// List operations, combinators and presets
    #[command(after_long_help = "Examples:
  mnistaug pipeline list
  mnistaug pipeline list --json")]
    List,
    /// Show the parameters of an operation, or the text of a preset
    #[command(after_long_help = "Examples:
  mnistaug pipeline show affine
  mnistaug pipeline show imgaug-light > mine.yaml")]
    Show {
        /// Name of an operation, combinator or preset
        #[arg(value_name = "NAME")]
        name: String,
    },
    /// Print the JSON schema of pipeline files, for editors
    #[command(after_long_help = "Examples:
  mnistaug pipeline schema > pipeline.schema.json")]
    Schema,
}

/// `pipeline convert`
#[derive(Debug, Args)]
pub struct PipelineConvertArgs {
    /// Python file, notebook, pipeline file, or a preset
    #[arg(value_name = "FILE|PRESET")]
    pub pipeline: String,

    #[command(flatten)]
    pub choice: PipelineChoice,

    /// Write Python of this library instead of YAML
    ///
    /// A step that the library does not have is an error. torchvision's transforms take and give PIL images.
    #[arg(long, value_name = "LIBRARY", value_parser = library())]
    pub library: Option<&'static Printer>,

    /// Draw the first images of this source before and after the pipeline, on the sheet that -o names
    ///
    /// The pipeline itself goes to standard output. The images are those that augment makes with the same seed.
    #[arg(long, value_name = "SRC", requires = "out")]
    pub preview: Option<PathBuf>,

    /// Number of images on the sheet [default: 20]
    #[arg(long, value_name = "N", requires = "preview", value_parser = whole::<u32>(1..=10_000), allow_negative_numbers = true)]
    pub count: Option<u32>,

    /// Random seed of the images on the sheet
    #[arg(long, value_name = "N", default_value_t = 0, requires = "preview", value_parser = whole::<u64>(0..=u64::MAX), allow_negative_numbers = true)]
    pub seed: u64,

    /// File to write [default: standard output]
    #[arg(long, short, value_name = "FILE")]
    pub out: Option<PathBuf>,

    /// Replace any file of that name
    #[arg(long, requires = "out")]
    pub force: bool,
}

/// The libraries whose Python is written.
fn library() -> impl TypedValueParser<Value = &'static Printer> {
    let names = PRINTERS.iter().map(|printer| printer.name);
    PossibleValuesParser::new(names).try_map(|name| printer(&name).ok_or("there is no such library"))
}
