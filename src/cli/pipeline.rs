//! Options of `pipeline`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::base::Shape;

use super::parse_shape;

/// `pipeline`
#[derive(Debug, Args)]
pub struct PipelineArgs {
    /// What to do with pipelines
    #[command(subcommand)]
    pub command: PipelineCommand,
}

/// What to do with pipelines.
#[derive(Debug, Subcommand)]
pub enum PipelineCommand {
    /// Check a pipeline file
    Check {
        /// A pipeline file, or the name of a preset
        #[arg(value_name = "FILE|PRESET")]
        pipeline: String,

        /// The variable of a Python file that has several pipelines
        #[arg(long, value_name = "VARIABLE")]
        name: Option<String>,

        /// Shape of the images that go in
        #[arg(long, value_name = "HxWxC", default_value = "28x28x3", value_parser = parse_shape)]
        shape: Shape,
    },
    /// Write a pipeline as YAML: translate imgaug, Keras or Albumentations code, without running it
    #[command(after_help = "Examples:
  mnistaug pipeline convert flow.py
  mnistaug pipeline convert flow.py --name seq -o flow.yaml")]
    Convert {
        /// A Python file, any other pipeline file, or the name of a preset
        #[arg(value_name = "FILE|PRESET")]
        pipeline: String,

        /// The variable of a Python file that has several pipelines
        #[arg(long, value_name = "VARIABLE")]
        name: Option<String>,

        /// File to write [default: standard output]
        #[arg(long, short, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// List operations, combinators and presets
    List,
    /// Show one operation with its parameters, or the text of a preset
    Show {
        /// Its name
        #[arg(value_name = "NAME")]
        name: String,
    },
    /// Print the JSON schema of pipeline files, for editors
    Schema,
}
