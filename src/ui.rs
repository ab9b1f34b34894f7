//! The only place that prints. Data goes to standard output, everything else to standard error.

use std::borrow::Cow;
use std::io::{self, IsTerminal, Write};
use std::sync::Arc;

use crate::base::secret::masked;
use crate::base::watch::Progress;
use crate::base::{Explain, Fault, Kind};

mod progress;

/// What went wrong, for the user and for the exit code.
#[derive(Debug)]
pub struct Failure {
    fault: Fault,
    broken_pipe: bool,
}

impl Failure {
    /// What a command has to say about its own arguments.
    #[must_use]
    pub fn new(kind: Kind, message: impl std::fmt::Display, help: Option<&str>) -> Self {
        Fault::from(Said { kind, message: message.to_string(), help: help.map(str::to_owned) }).into()
    }

    /// Decides the exit code.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.fault.kind()
    }

    /// Standard output was closed by its reader, which is no error.
    #[must_use]
    pub fn is_broken_pipe(&self) -> bool {
        self.broken_pipe
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self { fault, broken_pipe: false }
    }
}

impl<E: Explain> From<E> for Failure {
    fn from(error: E) -> Self {
        Fault::from(error).into()
    }
}

/// A message that a command wrote.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
struct Said {
    kind: Kind,
    message: String,
    help: Option<String>,
}

impl Explain for Said {
    fn kind(&self) -> Kind {
        self.kind
    }

    fn help(&self) -> Option<String> {
        self.help.clone()
    }
}

/// Standard output cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("standard output: cannot be written")]
struct Unwritable(#[source] io::Error);

impl Explain for Unwritable {
    fn kind(&self) -> Kind {
        Kind::CannotWrite
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
    let (mut value, mut prefixes) = (number as f64, ["", "k", "M", "G", "T", "P", "E"].into_iter());
    let mut prefix = prefixes.next().unwrap_or_default();
    while value >= 1000.0 {
        let Some(next) = prefixes.next() else { break };
        (value, prefix) = (value / 1000.0, next);
    }
    if prefix.is_empty() { format!("{number} B") } else { format!("{value:.2} {prefix}B") }
}

/// `1 image`, `2 images`.
#[must_use]
pub fn counted(number: u64, what: &str) -> String {
    format!("{} {what}{}", grouped(number), if number == 1 { "" } else { "s" })
}

/// Whether a character moves the cursor, changes colors, or reverses what is read, and so could make a terminal show what was never said.
fn acts(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// A text as it may be shown: lines and tabs stay, all else that would act on a terminal is written out, as in `\u{1b}`. Passwords in addresses
/// are starred. Everything that is printed goes through here, so that nobody else need think of what names and servers say.
#[must_use]
pub fn shown(text: &str) -> Cow<'_, str> {
    escaped(text, |c| acts(c) && !matches!(c, '\n' | '\t'))
}

/// The same for a name among others on a line.
#[must_use]
pub fn word(text: &str) -> Cow<'_, str> {
    escaped(text, acts)
}

fn escaped(text: &str, is_escaped: impl Fn(char) -> bool) -> Cow<'_, str> {
    let masked = masked(text);
    if !masked.contains(&is_escaped) {
        return masked;
    }
    let mut out = String::with_capacity(masked.len() + 16);
    for c in masked.chars() {
        if is_escaped(c) { out.extend(c.escape_default()) } else { out.push(c) }
    }
    Cow::Owned(out)
}

/// A line of JSON in which no character acts on a terminal; the values are the same.
fn plain_json(value: &serde_json::Value) -> String {
    let text = value.to_string();
    let text = masked(&text);
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if acts(c) {
            let _ = std::fmt::Write::write_fmt(&mut out, format_args!("\\u{:04x}", u32::from(c)));
        } else {
            out.push(c);
        }
    }
    out
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
    pub fn fail(self, failure: &Failure) {
        stderr(&format!("error: {}\n", shown(&format!("{:?}", failure.fault))));
    }

    /// Data, to standard output.
    ///
    /// # Errors
    /// If standard output cannot be written.
    pub fn data(self, text: &str) -> Result<(), Failure> {
        self.picture(&shown(text))
    }

    /// A picture made of characters, whose colors are control characters; what stands below it has gone through [`word`].
    ///
    /// # Errors
    /// If standard output cannot be written.
    pub fn picture(self, text: &str) -> Result<(), Failure> {
        // Not while it is written: whoever reads may take as long as they like.
        progress::without_line(|| ());
        let mut out = io::stdout().lock();
        out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(|error| Failure {
            broken_pipe: error.kind() == io::ErrorKind::BrokenPipe,
            fault: Unwritable(error).into(),
        })
    }

    /// The machine-readable summary: one line on standard output, if `--json` was given.
    ///
    /// # Errors
    /// If standard output cannot be written.
    pub fn summary(self, value: &serde_json::Value) -> Result<(), Failure> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_is_said_acts_on_a_terminal() {
        assert_eq!(shown("a\tb\nc\u{e9}"), "a\tb\nc\u{e9}");
        assert!(matches!(shown("plain"), Cow::Borrowed(_)));
        assert_eq!(shown("\u{1b}[31mred\u{7}\r\u{9b}0m\u{7f}"), "\\u{1b}[31mred\\u{7}\\r\\u{9b}0m\\u{7f}");
        assert_eq!(word("a\tb\n\u{202e}c"), "a\\tb\\n\\u{202e}c");
        let value = serde_json::json!({ "name": "\u{1b}x\u{9b}\u{202e}\u{e9}" });
        let text = plain_json(&value);
        assert!(!text.contains(acts), "{text}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), value);
    }

    #[test]
    fn numbers_are_grouped() {
        for (number, text) in
            [(0, "0"), (999, "999"), (1000, "1,000"), (360_000, "360,000"), (1_234_567, "1,234,567")]
        {
            assert_eq!(grouped(number), text);
        }
        for (number, text) in
            [(0, "0 B"), (999, "999 B"), (1_000, "1.00 kB"), (2_345_678, "2.35 MB"), (7 << 40, "7.70 TB")]
        {
            assert_eq!(bytes(number), text);
        }
        assert_eq!(counted(1, "shard"), "1 shard");
        assert_eq!(counted(36, "shard"), "36 shards");
    }
}
