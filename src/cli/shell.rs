//! `mnistaug completions` and `mnistaug man`: what a shell and `man` want to know.

use std::path::PathBuf;

use clap::{Args, CommandFactory};
pub use clap_complete::Shell;

use super::Cli;

/// `completions`
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  mnistaug completions bash >~/.local/share/bash-completion/completions/mnistaug
  mnistaug completions zsh >~/.zfunc/_mnistaug
  mnistaug completions fish >~/.config/fish/completions/mnistaug.fish")]
pub struct CompletionsArgs {
    /// Shell to complete in
    #[arg(value_name = "SHELL")]
    pub shell: Shell,
}

/// `man`
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  mnistaug man | man -l -
  mnistaug man --dir ~/.local/share/man/man1")]
pub struct ManArgs {
    /// Write a page for each command into this folder
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
}

/// The script that completes what is typed in a shell.
#[must_use]
pub fn completions(shell: Shell) -> Vec<u8> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "mnistaug", &mut script);
    script
}

/// A page for each command, by name of its file; that of the program is the first.
///
/// # Errors
/// None: it is written to memory.
pub fn pages() -> std::io::Result<Vec<(String, Vec<u8>)>> {
    let mut program = Cli::command().disable_help_subcommand(true);
    program.build();
    let mut pages = Vec::new();
    let mut rest = vec![program];
    while let Some(command) = rest.pop() {
        let mut page = Vec::new();
        clap_mangen::Man::new(command.clone()).render(&mut page)?;
        let name = command.get_display_name().unwrap_or(command.get_name()).to_owned();
        pages.push((format!("{name}.1"), page));
        rest.extend(command.get_subcommands().filter(|command| !command.is_hide_set()).cloned());
    }
    pages.sort();
    Ok(pages)
}
