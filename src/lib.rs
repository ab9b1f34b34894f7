//! mnistaug: from small labeled images to data sets.
//!
//! The program is what this package is for. As a library it offers what the program is made of: a [`Recipe`] says what a data set is made
//! of, [`Open`] makes a [`DataSet`] of it, a function from index to [`Sample`], [`build()`] writes it, and a [`Pipeline`] augments single
//! images. Whatever goes wrong is a [`Fault`].
//!
//! Samples of a recipe, without a file:
//!
//! ```
//! use mnistaug::{Open, Recipe, Sample};
//!
//! fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let recipe: Recipe = serde_json::from_str(r#"{ "read": { "path": "digits:20", "splits": "train" } }"#)?;
//!     let data = recipe.open()?;
//!     let (mut reader, mut sample) = (data.splits[0].source.reader(), Sample::default());
//!     reader.read(7, &mut sample)?;
//!     assert_eq!(sample.canvas.shape().to_string(), "28x28x1");
//!     Ok(())
//! }
//! ```
//!
//! One image through a pipeline. What is drawn depends on seed, command, split and index alone:
//!
//! ```
//! use mnistaug::{Address, Canvas, Image, Pipeline, Plan, Shape, Spec, Stage};
//!
//! fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let spec = Spec::parse("two steps", "version: 1\npipeline:\n  - fliplr: 1.0\n  - add: 10\n")?;
//!     let shape = Shape::gray(1, 3);
//!     let pipeline = Pipeline::new(spec, shape).map_err(|complaint| complaint.message)?;
//!     let (mut plan, mut canvas) = (Plan::default(), Canvas::default());
//!     canvas.load(Image::new(shape, &[1, 2, 3]));
//!     pipeline.draw(Address { seed: 0, stage: Stage::new("augment", "train"), item: 0 }, &mut plan);
//!     plan.paint(&mut canvas);
//!     assert_eq!(canvas.pixels(), [13, 12, 11]);
//!     Ok(())
//! }
//! ```
//!
//! A data set on the disk, as the program writes it:
//!
//! ```
//! use mnistaug::{Build, Format, Open, Recipe, Watch, build};
//!
//! fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let recipe: Recipe = serde_json::from_str(r#"{ "read": { "path": "digits:20", "splits": "train" } }"#)?;
//!     let folder = tempfile::tempdir()?;
//!     let job = Build {
//!         data: &recipe.open()?,
//!         command: "example",
//!         recipe: recipe.into(),
//!         out: folder.path().join("out"),
//!         format: Format::default(),
//!         shard_size: None,
//!         trace: false,
//!         part: None,
//!         force: false,
//!         threads: 1,
//!     };
//!     let outcome = build(&job, &Watch::default())?;
//!     assert_eq!(outcome.rows_written, 20);
//!     assert!(folder.path().join("out/train-00000-of-00001.npz").is_file());
//!     Ok(())
//! }
//! ```
//!
//! Pixels, pipelines and recipes are a crate of their own, `mnistaug-core`; what is not shown here of it promises nothing.
//!
//! Imports run one way:
//! commands -> {cli, look, fetch} -> sources -> {pipeline -> ops -> kernels, store -> formats, digits} -> recipe -> {text, split} -> base.

use std::ffi::OsString;
use std::process::ExitCode;

use mnistaug_core::{base, digits, kernels, look, pipeline, recipe, split, text};

mod cli;
mod commands;
#[cfg(feature = "fetch")]
mod fetch;
mod formats;
mod names;
mod sources;
mod store;
mod ui;

/// For the project's own tests, benchmarks and fuzz targets; promises nothing.
#[doc(hidden)]
pub mod internals {
    #[cfg(feature = "fetch")]
    pub use crate::fetch::{Catalogue, LockFile};
    pub use crate::formats::codec::idx::{Expect, Idx};
    pub use crate::formats::codec::npy::NpyHeader;
    pub use crate::formats::ways::SplitOf;
    pub use crate::formats::{Batch, Facts, Layout, Options, Want, Way, entries};
    pub use crate::sources::leaves::builtin::BuiltinDigits;
    pub use crate::sources::nodes::backgrounds::Backgrounds;
    pub use crate::sources::nodes::colorize::Colorize;
    pub use crate::store::job::pool;
    pub use crate::store::manifest::Journal;
    pub use crate::store::render::Renderer;
    pub use crate::store::{Manifest, StoreError, verify};
}

pub use base::{
    Address, Canvas, DataSet, Explain, Fault, Image, Kind, Label, Reader, Sample, Schema, Shape, Source,
    Split, Stage, Watch,
};
pub use formats::Format;
pub use pipeline::{Pipeline, Plan, Spec};
pub use recipe::Recipe;
pub use sources::Open;
pub use store::{Build, Outcome, build};
pub use text::TextError;

/// Runs the program with these arguments, the first of which is its own name.
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let args: Vec<OsString> = args.into_iter().collect();
    let command = cli::command_name(&args);
    let cli = match cli::read(&args) {
        cli::Typed::Command(cli) => *cli,
        cli::Typed::Shown(shown) => {
            // Help that nobody reads to its end is no error.
            let _ = shown.print();
            return ExitCode::from(if shown.use_stderr() { base::Kind::Usage.exit_code() } else { 0 });
        }
        cli::Typed::Refused(refused) => {
            let json = cli::asks_for_json(&args);
            let colors = cli::When::of(&args).decided();
            let ui = ui::Ui::new(ui::Manner { json, colors, command, ..ui::Manner::default() });
            ui.fail(&refused.into());
            return ExitCode::from(base::Kind::Usage.exit_code());
        }
    };
    let cli::Common { quiet, verbose, json, color, .. } = cli.common;
    let ui = ui::Ui::new(ui::Manner { quiet, verbose, json, colors: color.decided(), command });
    let result = commands::run(cli, &args, ui);
    commands::signals::the_end_is_ours();
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) if ui::is_broken_pipe(&fault) => ExitCode::SUCCESS,
        Err(fault) => {
            ui.fail(&fault);
            ExitCode::from(fault.kind().exit_code())
        }
    }
}
