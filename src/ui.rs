//! The only place that prints. Data goes to standard output, everything else to standard error.

use std::io::{self, IsTerminal, Write};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::base::Kind;

/// What went wrong, for the user and for the exit code.
#[derive(Debug)]
pub struct Failure {
    /// Decides the exit code.
    pub kind: Kind,
    /// What went wrong; outermost first.
    pub error: anyhow::Error,
    /// What to do about it.
    pub help: Option<String>,
    /// Standard output was closed by its reader, which is no error.
    pub broken_pipe: bool,
}

impl Failure {
    /// A failure with nothing to add.
    #[must_use]
    pub fn new(kind: Kind, error: impl std::fmt::Display, help: Option<&str>) -> Self {
        Self { kind, error: anyhow::anyhow!("{error}"), help: help.map(str::to_owned), broken_pipe: false }
    }
}

impl From<crate::base::Fault> for Failure {
    fn from(fault: crate::base::Fault) -> Self {
        let help = fault.help();
        Self { help, ..Self::new(fault.kind(), fault, None) }
    }
}

impl<E: crate::base::Explain> From<E> for Failure {
    fn from(error: E) -> Self {
        crate::base::Fault::from(error).into()
    }
}

/// What was asked for of messages.
#[derive(Clone, Copy, Debug)]
pub struct Ui {
    quiet: bool,
    json: bool,
}

/// Whole numbers with thousands separated.
#[must_use]
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number of bytes for people.
#[must_use]
pub fn bytes(number: u64) -> String {
    indicatif::DecimalBytes(number).to_string()
}

/// `1 image`, `2 images`.
#[must_use]
pub fn counted(number: u64, what: &str) -> String {
    format!("{} {what}{}", grouped(number), if number == 1 { "" } else { "s" })
}

impl Ui {
    /// As the command line says.
    #[must_use]
    pub fn new(quiet: bool, json: bool) -> Self {
        Self { quiet, json }
    }

    /// Whether a JSON summary is wanted.
    #[must_use]
    pub fn wants_json(self) -> bool {
        self.json
    }

    /// Whether standard output wants colors: it is a terminal, or `CLICOLOR_FORCE` says so, and `NO_COLOR` says nothing.
    #[must_use]
    pub fn colors(self) -> bool {
        let forced = std::env::var_os("CLICOLOR_FORCE").is_some_and(|value| value != "0");
        (forced || io::stdout().is_terminal())
            && std::env::var_os("NO_COLOR").is_none()
            && std::env::var("TERM").is_ok_and(|term| term != "dumb")
    }

    /// Something worth knowing.
    pub fn note(self, text: &str) {
        if !self.quiet {
            stderr(&format!("{text}\n"));
        }
    }

    /// Something that looks odd.
    pub fn warn(self, text: &str) {
        if !self.quiet {
            stderr(&format!("warning: {text}\n"));
        }
    }

    /// A failure, as the last thing.
    pub fn fail(self, failure: &Failure) {
        let mut lines = vec![format!("error: {}", failure.error)];
        lines.extend(failure.error.chain().skip(1).map(|cause| format!("  cause: {cause}")));
        lines.extend(failure.help.iter().map(|help| format!("  help: {help}")));
        stderr(&(lines.join("\n") + "\n"));
    }

    /// Data, to standard output.
    ///
    /// # Errors
    /// If standard output cannot be written.
    pub fn data(self, text: &str) -> Result<(), Failure> {
        let mut out = io::stdout().lock();
        out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(|error| Failure {
            broken_pipe: error.kind() == io::ErrorKind::BrokenPipe,
            ..Failure::new(Kind::CannotWrite, format!("standard output: cannot be written: {error}"), None)
        })
    }

    /// The machine-readable summary: one line on standard output, if `--json` was given.
    ///
    /// # Errors
    /// If standard output cannot be written.
    pub fn summary(self, value: &serde_json::Value) -> Result<(), Failure> {
        if self.json { self.data(&format!("{value}\n")) } else { Ok(()) }
    }

    /// A progress bar over `total` of `what`, which shows on a terminal only.
    #[must_use]
    pub fn progress(self, total: u64, what: &str) -> Progress {
        let target = if self.quiet || !io::stderr().is_terminal() {
            ProgressDrawTarget::hidden()
        } else {
            ProgressDrawTarget::stderr_with_hz(10)
        };
        let bar = ProgressBar::with_draw_target(Some(total), target);
        let template = format!("{{wide_bar}} {{human_pos}}/{{human_len}} {what}  {{per_sec}}  ETA {{eta}}");
        if let Ok(style) = ProgressStyle::with_template(&template) {
            bar.set_style(style);
        }
        Progress { bar }
    }

    /// A progress bar over bytes, whose number is told as it becomes known; see [`Progress::set`].
    #[must_use]
    pub fn progress_of_bytes(self) -> Progress {
        let progress = self.progress(0, "");
        let template = "{wide_bar} {decimal_bytes}/{decimal_total_bytes}  {decimal_bytes_per_sec}  ETA {eta}";
        if let Ok(style) = ProgressStyle::with_template(template) {
            progress.bar.set_style(style);
        }
        progress
    }
}

/// A message that cannot be delivered is not worth failing for.
fn stderr(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

/// A running progress bar; it goes away when dropped.
#[derive(Debug)]
pub struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// So much more is done.
    pub fn add(&self, done: u64) {
        self.bar.inc(done);
    }

    /// So much of so much is done.
    pub fn set(&self, done: u64, total: u64) {
        self.bar.set_length(total.max(done));
        self.bar.set_position(done);
    }

    /// Time since the start.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.bar.elapsed()
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        for (number, text) in
            [(0, "0"), (999, "999"), (1000, "1,000"), (360_000, "360,000"), (1_234_567, "1,234,567")]
        {
            assert_eq!(grouped(number), text);
        }
        assert_eq!(counted(1, "shard"), "1 shard");
        assert_eq!(counted(36, "shard"), "36 shards");
    }
}
