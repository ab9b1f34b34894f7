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
#[derive(Clone, Copy, Debug, Default)]
pub struct Manner {
    /// Errors only.
    pub quiet: bool,
    /// What was decided as well.
    pub verbose: bool,
    /// A line of JSON at the end.
    pub json: bool,
    /// Colors, where it is said.
    pub colors: Option<bool>,
    /// The command that was typed, for JSON.
    pub command: Option<&'static str>,
}

/// The room that there is for pictures made of characters.
#[derive(Clone, Copy, Debug)]
pub struct Screen {
    /// Characters in a line.
    pub width: usize,
    /// Lines, where it is known.
    pub height: Option<usize>,
}

/// Who prints.
#[derive(Clone, Copy, Debug)]
pub struct Ui {
    manner: Manner,
}

/// A failure that a summary goes with: what was found, for programs.
#[derive(Debug)]
pub struct Reported {
    /// The failure.
    pub fault: Fault,
    /// What the command would have ended with.
    pub summary: serde_json::Value,
}

impl std::fmt::Display for Reported {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.fault.fmt(f)
    }
}

impl std::error::Error for Reported {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.fault.source()
    }
}

impl Explain for Reported {
    fn kind(&self) -> Kind {
        self.fault.kind()
    }

    fn help(&self) -> Option<String> {
        self.fault.help()
    }
}

/// The colors of words that begin a line.
#[derive(Clone, Copy)]
enum Ink {
    Error,
    Warning,
    Cause,
    Help,
}

impl Ink {
    /// The word, colored if it is to be.
    fn word(self, colors: bool) -> String {
        let (code, word) = match self {
            Self::Error => ("1;31", "error:"),
            Self::Warning => ("1;33", "warning:"),
            Self::Cause => ("1", "cause:"),
            Self::Help => ("1;36", "help:"),
        };
        if colors { format!("\x1b[{code}m{word}\x1b[0m") } else { word.to_owned() }
    }
}

/// A failure as JSON.
fn failure(fault: &Fault) -> serde_json::Value {
    serde_json::json!({
        "kind": fault.kind().name(),
        "message": fault.to_string(),
        "causes": fault.causes(),
        "help": fault.help(),
        "exit_code": fault.kind().exit_code(),
    })
}

#[allow(clippy::unused_self, reason = "who prints is asked, whether it matters what was asked of it or not")]
impl Ui {
    /// As the command line says.
    #[must_use]
    pub fn new(manner: Manner) -> Self {
        Self { manner }
    }

    /// Whether a JSON summary is wanted.
    #[must_use]
    pub fn wants_json(self) -> bool {
        self.manner.json
    }

    /// Whether standard output wants colors: as `--color` says, or as [`Ui::decide`] does.
    #[must_use]
    pub fn colors(self) -> bool {
        self.decide(io::stdout().is_terminal())
    }

    /// How large the terminal is. Where standard output is none, `COLUMNS` and `LINES` say it.
    #[must_use]
    pub fn screen(self) -> Screen {
        if io::stdout().is_terminal()
            && let Some((lines, columns)) = console::Term::stdout().size_checked()
            && lines > 0
            && columns > 0
        {
            return Screen { width: usize::from(columns), height: Some(usize::from(lines)) };
        }
        let said = |name: &str| std::env::var(name).ok()?.parse().ok().filter(|n: &usize| *n > 0);
        Screen { width: said("COLUMNS").unwrap_or(80).max(20), height: said("LINES") }
    }

    /// Whether colors are wanted: as `--color` says; else not with `NO_COLOR`, yes with `CLICOLOR_FORCE`, and on terminals that are not dumb.
    fn decide(self, is_terminal: bool) -> bool {
        let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        self.manner.colors.unwrap_or_else(|| {
            let able = || set("TERM").map_or(cfg!(windows), |term| term != "dumb");
            let forced = set("CLICOLOR_FORCE").is_some_and(|value| value != "0");
            set("NO_COLOR").is_none() && (forced || (is_terminal && able()))
        })
    }

    fn on_errors(self) -> bool {
        self.decide(io::stderr().is_terminal())
    }

    /// Something worth knowing.
    pub fn note(self, text: &str) {
        if !self.manner.quiet {
            stderr(&format!("{}\n", shown(text)));
        }
    }

    /// Something that nobody has asked to be told, and that has to be known nevertheless.
    pub fn say(self, text: &str) {
        stderr(&format!("{}\n", shown(text)));
    }

    /// Something that was decided, for those who want to know.
    pub fn decided(self, text: &str) {
        if self.manner.verbose {
            self.note(text);
        }
    }

    /// Something that looks odd.
    pub fn warn(self, text: &str) {
        if !self.manner.quiet {
            stderr(&format!("{} {}\n", Ink::Warning.word(self.on_errors()), shown(text)));
        }
    }

    /// A failure, as the last thing; with `--json` on standard output as well.
    pub fn fail(self, fault: &Fault) {
        let colors = self.on_errors();
        let line = |ink: Ink, text: &str| format!("{} {}\n", ink.word(colors), shown(text));
        let causes = fault.causes().into_iter().map(|cause| format!("  {}", line(Ink::Cause, &cause)));
        let help = fault.help().into_iter().map(|help| format!("  {}", line(Ink::Help, &help)));
        let text: String =
            std::iter::once(line(Ink::Error, &fault.to_string())).chain(causes).chain(help).collect();
        stderr(&text);
        if self.manner.json {
            let reported = fault.downcast_ref::<Reported>().map(|reported| reported.summary.clone());
            let mut value = reported.unwrap_or_else(|| serde_json::json!({ "command": self.manner.command }));
            value["error"] = failure(fault);
            // Who does not read it knows by the exit code.
            let _ = self.summary(&value);
        }
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

    /// Bytes for another program.
    ///
    /// # Errors
    /// If standard output cannot be written.
    pub fn bytes(self, bytes: &[u8]) -> Result<(), Fault> {
        let mut out = io::stdout().lock();
        out.write_all(bytes).and_then(|()| out.flush()).map_err(|error| Unwritable(error).into())
    }

    /// Refuses to write bytes where people would see them.
    ///
    /// # Errors
    /// If standard output is a terminal, or `--json` has a line of its own to write there.
    pub fn refuse_bytes(self) -> Result<(), Fault> {
        let refuse = |message: &str, help: &str| Err(Fault::said(Kind::Usage, message, Some(help)));
        if self.manner.json {
            return refuse("--out - and --json both write to standard output", "leave one of them out");
        }
        if io::stdout().is_terminal() {
            return refuse(
                "--out - writes bytes, and standard output is a terminal",
                "pipe it into a program or a file",
            );
        }
        Ok(())
    }

    /// The machine-readable summary: one line on standard output, if `--json` was given.
    ///
    /// # Errors
    /// If standard output cannot be written.
    pub fn summary(self, value: &serde_json::Value) -> Result<(), Fault> {
        if self.manner.json { self.picture(&format!("{}\n", plain_json(value))) } else { Ok(()) }
    }

    /// Who shows progress: a line on standard error, where that is a terminal.
    #[must_use]
    pub fn progress(self) -> Arc<dyn Progress> {
        Arc::new(progress::Bars::new(self))
    }
}

/// A message that cannot be delivered is not worth failing for.
fn stderr(text: &str) {
    progress::without_line(|| {
        let _ = io::stderr().lock().write_all(text.as_bytes());
    });
}
