//! The only place that prints. Data goes to standard output, everything else to standard error.

use std::io::{self, IsTerminal, Write};
use std::sync::Arc;

use crate::base::watch::Progress;
use crate::base::{Explain, Fault, Kind};

mod progress;

pub use crate::look::numbers::{bytes, counted, grouped};
use crate::look::shown::plain_json;
pub use crate::look::shown::{shown, word};

/// Standard output cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("standard output: cannot be written")]
struct Unwritable(#[source] io::Error);

impl Explain for Unwritable {
    fn kind(&self) -> Kind {
        Kind::CannotWrite
    }
}

/// Whether standard output was closed by its reader, which is no error.
#[must_use]
pub fn is_broken_pipe(fault: &Fault) -> bool {
    fault
        .downcast_ref::<Unwritable>()
        .is_some_and(|Unwritable(error)| error.kind() == io::ErrorKind::BrokenPipe)
}

/// What was asked for of messages.
#[derive(Clone, Copy, Debug)]
pub struct Ui {
    quiet: bool,
    json: bool,
}

#[allow(clippy::unused_self, reason = "who prints is asked, whether it matters what was asked of it or not")]
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
            stderr(&format!("{}\n", shown(text)));
        }
    }

    /// Something that looks odd.
    pub fn warn(self, text: &str) {
        if !self.quiet {
            stderr(&format!("warning: {}\n", shown(text)));
        }
    }

    /// A failure, as the last thing.
    pub fn fail(self, fault: &Fault) {
        stderr(&format!("error: {}\n", shown(&format!("{fault:?}"))));
    }

    /// Data, to standard output.
    ///
    /// # Errors
    /// If standard output cannot be written.
    pub fn data(self, text: &str) -> Result<(), Fault> {
        self.picture(&shown(text))
    }

    /// A picture made of characters, whose colors are control characters; what stands below it has gone through [`word`].
    ///
    /// # Errors
    /// If standard output cannot be written.
    pub fn picture(self, text: &str) -> Result<(), Fault> {
        // Not while it is written: whoever reads may take as long as they like.
        progress::without_line(|| ());
        let mut out = io::stdout().lock();
        out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(|error| Unwritable(error).into())
    }

    /// The machine-readable summary: one line on standard output, if `--json` was given.
    ///
    /// # Errors
    /// If standard output cannot be written.
    pub fn summary(self, value: &serde_json::Value) -> Result<(), Fault> {
        if self.json { self.picture(&format!("{}\n", plain_json(value))) } else { Ok(()) }
    }

    /// Who shows progress: a line on standard error, where that is a terminal.
    #[must_use]
    pub fn progress(self) -> Arc<dyn Progress> {
        Arc::new(progress::Bars::new(self.quiet))
    }
}

/// A message that cannot be delivered is not worth failing for.
fn stderr(text: &str) {
    progress::without_line(|| {
        let _ = io::stderr().lock().write_all(text.as_bytes());
    });
}
