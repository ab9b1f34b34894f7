//! What is wrong with a text that somebody wrote, and where.

use std::{fmt, io};

use crate::base::{Explain, Kind};

/// A place in a text: line and column count characters from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct At {
    /// Line.
    pub line: usize,
    /// Column.
    pub column: usize,
    /// Characters that the error is about, as far as they are on this line; at least 1.
    pub len: usize,
    /// The cell of a notebook that the place is in.
    pub cell: Option<Cell>,
}

/// A cell of a notebook, whose code stands in a text with that of the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cell {
    /// Its number among all cells, from 1.
    pub number: usize,
    /// How many lines of the text stand before it.
    pub before: usize,
}

/// The place as messages have it behind a file's name: `:3:5` or `: cell 2, line 3, column 5`.
impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.cell {
            None => write!(f, ":{}:{}", self.line, self.column),
            Some(Cell { number, before }) => {
                let line = self.line.saturating_sub(before);
                write!(f, ": cell {number}, line {line}, column {}", self.column)
            }
        }
    }
}

/// A text that cannot be used: the file, the place, what was found there, and what to do.
#[derive(Debug)]
pub struct TextError(Box<Parts>);

/// What a [`TextError`] is made of.
#[derive(Debug)]
struct Parts {
    name: String,
    at: Option<At>,
    line: String,
    message: String,
    help: Option<String>,
    kind: Kind,
    source: Option<io::Error>,
}

/// What is wrong, before it is known which file it stands in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    /// The place, if there is one.
    pub at: Option<At>,
    /// What was found and what was expected.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

impl Complaint {
    /// A complaint about the place `at`.
    #[must_use]
    pub fn new(at: impl Into<Option<At>>, message: impl Into<String>) -> Self {
        Self { at: at.into(), message: message.into(), help: None }
    }

    /// The same with advice.
    #[must_use]
    pub fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }

    /// The error about `text`, which is the content of the file called `name`.
    #[must_use]
    pub fn in_text(self, name: &str, text: &str) -> TextError {
        let line = self.at.and_then(|at| text.lines().nth(at.line.saturating_sub(1))).unwrap_or("");
        TextError(Box::new(Parts {
            name: name.to_owned(),
            at: self.at,
            line: line.trim_start_matches('\u{feff}').to_owned(),
            message: self.message,
            help: self.help,
            kind: Kind::Usage,
            source: None,
        }))
    }
}

impl TextError {
    /// An error about the file as a whole.
    pub fn of_file(name: &str, kind: Kind, message: impl Into<String>) -> Self {
        Self(Box::new(Parts {
            name: name.to_owned(),
            at: None,
            line: String::new(),
            message: message.into(),
            help: None,
            kind,
            source: None,
        }))
    }

    /// The same with advice.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.0.help = Some(help.into());
        self
    }

    /// The same with the operating system's reason.
    #[must_use]
    pub fn with_source(mut self, source: io::Error) -> Self {
        self.0.source = Some(source);
        self
    }

    /// Where in the file.
    #[must_use]
    pub fn at(&self) -> Option<At> {
        self.0.at
    }

    /// What is wrong, without the place.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }
}

/// Columns of a long line that are shown around the place.
const SHOWN: usize = 48;

impl fmt::Display for TextError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.name)?;
        let Some(at) = self.0.at else { return write!(f, ": {}", self.0.message) };
        write!(f, "{at}: {}", self.0.message)?;
        let first = at.column.saturating_sub(1 + SHOWN);
        let printable = |c: char| if c.is_control() { ' ' } else { c };
        let shown: String = self.0.line.chars().skip(first).take(2 * SHOWN).map(printable).collect();
        if shown.is_empty() {
            return Ok(());
        }
        let number = at.line.saturating_sub(at.cell.map_or(0, |cell| cell.before)).to_string();
        let margin = " ".repeat(number.len());
        let indent = " ".repeat(at.column.saturating_sub(1 + first));
        let room = shown.chars().count().saturating_sub(indent.len()).max(1);
        let carets = "^".repeat(at.len.clamp(1, room));
        write!(f, "\n {margin} |\n {number} | {}\n {margin} | {indent}{carets}", shown.trim_end())
    }
}

impl std::error::Error for TextError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_ref().map(|source| source as _)
    }
}

impl Explain for TextError {
    fn kind(&self) -> Kind {
        self.0.kind
    }

    fn help(&self) -> Option<String> {
        self.0.help.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_caret_stands_under_the_place() {
        let at = At { line: 2, column: 5, len: 3, cell: None };
        let error = Complaint::new(at, "no").in_text("a.yaml", "x\nabc def ghi\n");
        assert_eq!(error.to_string(), "a.yaml:2:5: no\n   |\n 2 | abc def ghi\n   |     ^^^");
    }

    #[test]
    fn long_lines_are_cut_around_the_place() {
        let text = format!("{}here{}", "ä".repeat(5000), "b".repeat(5000));
        let at = At { line: 1, column: 5001, len: 4, cell: None };
        let error = Complaint::new(at, "no").in_text("a.yaml", &text).to_string();
        let lines: Vec<&str> = error.lines().collect();
        assert_eq!(lines[2].chars().count(), 5 + 2 * SHOWN);
        assert_eq!(lines[3].chars().count(), 5 + SHOWN + 4);
        assert_eq!(lines[2].chars().skip(5 + SHOWN).take(4).collect::<String>(), "here");
    }
}
