//! The text of a Python file: places in it, and what is refused before it is parsed.

use super::parser::{self, Refusal};
use super::syntax::{Range, Stmt};
use super::{Line, older};
use crate::text::complaint::{At, Cell, Complaint};
use crate::text::tree::MAX_BYTES;

/// Where the lines of a text begin.
pub(super) struct Lines<'a> {
    text: &'a str,
    /// Byte at which each line begins, and whether it is ASCII.
    starts: Vec<(usize, bool)>,
    /// The cells of a notebook, and which lines are theirs, from 0.
    cells: &'a [(std::ops::Range<usize>, Cell)],
}

impl<'a> Lines<'a> {
    pub(super) fn new(text: &'a str, cells: &'a [(std::ops::Range<usize>, Cell)]) -> Self {
        let mut start = 0;
        let starts = text
            .split_inclusive('\n')
            .map(|line| {
                let entry = (start, line.is_ascii());
                start += line.len();
                entry
            })
            .collect();
        Self { text, starts, cells }
    }

    /// Line and column, as far as the range lies on its first line.
    pub(super) fn at(&self, range: Range) -> At {
        let start = range.start.min(self.text.len());
        let line = self.starts.partition_point(|(begin, _)| *begin <= start).max(1);
        let (begin, ascii) = self.starts.get(line - 1).copied().unwrap_or((0, true));
        let end = self.starts.get(line).map_or(self.text.len(), |(begin, _)| *begin);
        let count = |from: usize, to: usize| {
            if ascii {
                to.saturating_sub(from)
            } else {
                self.text.get(from..to).map_or(0, |part| part.trim_end_matches(['\n', '\r']).chars().count())
            }
        };
        let stop = range.end.clamp(start, end.max(start));
        At { line, column: count(begin, start) + 1, len: count(start, stop).max(1), cell: self.cell(line) }
    }

    fn cell(&self, line: usize) -> Option<Cell> {
        self.cells.iter().find(|(lines, _)| lines.contains(&(line - 1))).map(|(_, cell)| *cell)
    }

    /// The place in words: `line 3`, or `cell 2, line 3`.
    pub(super) fn place(&self, range: Range) -> String {
        let at = self.at(range);
        match at.cell {
            None => format!("line {}", at.line),
            Some(cell) => format!("cell {}, line {}", cell.number, at.line - cell.before),
        }
    }

    /// Whether `range` lies on a line, at least in part.
    pub(super) fn covers(&self, range: Range, line: &Line) -> bool {
        let (first, last) = (
            self.at(range),
            self.at(Range { start: range.end.saturating_sub(1).max(range.start), end: range.end }),
        );
        let before = match (line.cell, first.cell) {
            (Some(wanted), Some(cell)) if cell.number == wanted => cell.before,
            (None, None) => 0,
            (Some(_) | None, Some(_)) | (Some(_), None) => return false,
        };
        (first.line..=last.line).contains(&(line.line + before))
    }

    /// Whether the text has `name=` somewhere, as a keyword of a call.
    pub(super) fn has_keyword(&self, name: &str) -> bool {
        self.text.match_indices(name).any(|(at, _)| {
            let word = |c: char| c.is_alphanumeric() || c == '_';
            let after = self.text.get(at + name.len()..).unwrap_or_default().trim_start_matches(' ');
            !self.text.get(..at).is_some_and(|before| before.ends_with(word))
                && after.starts_with('=')
                && !after.starts_with("==")
        })
    }

    /// What stands there, if it is short and on one line.
    pub(super) fn written(&self, range: Range) -> Option<&'a str> {
        self.text.get(range.start..range.end).filter(|text| text.len() < 80 && !text.contains(['\n', ' ']))
    }

    /// What is written there.
    pub(super) fn source(&self, range: Range) -> Option<&'a str> {
        self.text.get(range.start..range.end)
    }

    /// The place of one character.
    fn point(&self, offset: usize) -> At {
        // The end of the file is on its last line that says anything.
        let offset = offset.min(self.text.trim_end().len());
        Self::at(self, Range { start: offset, end: offset })
    }
}

/// The statements of a Python file, and the text that their places are counted in: the file's own, or, where that
/// is no Python 3, what `older` makes of it.
pub(super) fn parse(text: &str, lines: &Lines<'_>) -> Result<(Vec<Stmt>, String), Complaint> {
    if text.len() as u64 > MAX_BYTES {
        return Err(Complaint::new(None, "a pipeline file has at most 1 MiB"));
    }
    if let Some(offset) = text.find('\0') {
        return Err(no_python(text, offset, "a NUL byte", lines));
    }
    match parser::parse(text) {
        Ok(suite) => Ok((suite, text.to_owned())),
        Err(Refusal::Deep(offset)) => Err(Complaint::new(lines.point(offset), "nested too deeply")),
        Err(Refusal::Syntax(offset, message)) => {
            for plain in older::readings(text) {
                if let Ok(suite) = parser::parse(&plain) {
                    return Ok((suite, plain));
                }
            }
            Err(no_python(text, offset, &message, lines))
        }
    }
}

fn no_python(text: &str, offset: usize, message: &str, lines: &Lines<'_>) -> Complaint {
    let at = lines.point(offset);
    let line = text.split('\n').nth(at.line.saturating_sub(1)).unwrap_or("").trim_start();
    let message: String = message.chars().take(200).collect();
    Complaint::new(at, format!("this is no Python: {message}")).help(if line.starts_with("print ") {
        "A file whose name ends in .py is read as Python 3, where print is a function: print(...)"
    } else {
        "A file whose name ends in .py is read as Python 3"
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> (usize, usize, String) {
        let complaint = parse(text, &Lines::new(text, &[])).expect_err(text);
        let at = complaint.at.unwrap();
        (at.line, at.column, complaint.message)
    }

    #[test]
    fn deep_nesting_is_refused_before_it_is_parsed() {
        for text in [
            "(".repeat(100_000),
            "x = ".to_owned() + &"-".repeat(100_000) + "1",
            "x = 1".to_owned() + &"+1".repeat(100_000),
            "x = a".to_owned() + &".a".repeat(100_000),
            "x = a".to_owned() + &"()".repeat(100_000),
            "x = ".to_owned() + &"lambda a=1, b=".repeat(50_000) + "1",
            "x = f'{".to_owned() + &"-".repeat(100_000) + "1}'",
            "if a:\n pass\n".to_owned() + &"elif b:\n pass\n".repeat(10_000),
        ] {
            assert_eq!(error(&text).2, "nested too deeply", "{}", &text[..20]);
        }
        let wide = format!("x = [{}]", "[1, 2], ".repeat(20_000));
        assert!(parse(&wide, &Lines::new(&wide, &[])).is_ok());
    }

    #[test]
    fn syntax_errors_have_a_place() {
        assert_eq!(error("a = 1\nb = = 2\n").0, 2);
        let (line, _, message) = error("a = [1,\n  2\n\n\n");
        assert!(line == 2 && message.starts_with("this is no Python"), "{line} {message}");
    }

    #[test]
    fn a_notebooks_commands_are_passed_over() {
        let text = "%matplotlib inline\n!pip install x\na = 1\n";
        assert_eq!(parse(text, &Lines::new(text, &[])).unwrap().0.len(), 1);
    }

    #[test]
    fn columns_count_characters() {
        let lines = Lines::new("é = 'ü'; x\nyy\n", &[]);
        let range = |start, end| Range { start, end };
        assert_eq!(lines.at(range(11, 12)), At { line: 1, column: 10, len: 1, cell: None });
        assert_eq!(lines.at(range(13, 15)), At { line: 2, column: 1, len: 2, cell: None });
    }
}
