//! mnistaug: from small labeled images to data sets.
//!
//! The map of the house is `docs/architecture.md`. Imports run one way:
//! commands -> {cli, look, fetch} -> sources -> {pipeline -> ops -> kernels, store -> formats, digits} -> recipe -> {text, split} -> base.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;

pub mod base;
pub mod cli;
pub mod commands;
pub mod digits;
#[cfg(feature = "fetch")]
pub mod fetch;
pub mod formats;
pub mod kernels;
pub mod look;
pub mod names;
pub mod ops;
pub mod pipeline;
pub mod recipe;
pub mod sources;
pub mod split;
pub mod store;
pub mod text;
pub mod ui;

/// Runs the program with these arguments, the first of which is its own name.
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match cli::Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) => {
            // Help that nobody reads to its end is no error.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { base::Kind::Usage.exit_code() } else { 0 });
        }
    };
    let ui = ui::Ui::new(cli.common.quiet, cli.common.json);
    let result = commands::run(cli, ui);
    commands::signals::the_end_is_ours();
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) if failure.is_broken_pipe() => ExitCode::SUCCESS,
        Err(failure) => {
            ui.fail(&failure);
            ExitCode::from(failure.kind().exit_code())
        }
    }
}
