//! Options of `pipeline`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::base::Shape;

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

        /// Variable of a Python file with several pipelines
        #[arg(long, value_name = "VARIABLE")]
        name: Option<String>,

        /// Shape of the input images
        #[arg(long, value_name = "HxWxC", default_value = "28x28x3", value_parser = parse_shape)]
        shape: Shape,
    },
    /// Translate imgaug, Keras or Albumentations code to YAML
    #[command(after_long_help = "Examples:
  mnistaug pipeline convert flow.py
  mnistaug pipeline convert flow.py --name seq -o flow.yaml")]
    Convert {
        /// Python file, pipeline file, or a preset
        #[arg(value_name = "FILE|PRESET")]
        pipeline: String,

        /// Variable of a Python file with several pipelines
        #[arg(long, value_name = "VARIABLE")]
        name: Option<String>,

        /// File to write [default: standard output]
        #[arg(long, short, value_name = "FILE")]
        out: Option<PathBuf>,

        /// Replace any file of that name
        #[arg(long, requires = "out")]
        force: bool,
    },
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
