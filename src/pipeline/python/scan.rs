//! The text of a Python file: places in it, limits before it is parsed, and the parser itself.
//!
//! The parser needs no stack for deep nesting, but what walks its tree does. So the depth is bounded from the
//! tokens, before there is a tree.

use rustpython_parser::ast::Suite;
use rustpython_parser::lexer::lex;
use rustpython_parser::text_size::{TextRange, TextSize};
use rustpython_parser::{Mode, Parse, ParseError, Tok};

use crate::text::complaint::{At, Complaint};
use crate::text::tree::MAX_BYTES;

/// An upper bound of how deep a statement may be nested, counted in tokens without a comma between them.
const MAX_CHAIN: usize = 1000;

/// How deep blocks may be nested, and how many `elif` a file may have.
const MAX_BLOCKS: usize = 300;

/// Where the lines of a text begin.
pub(super) struct Lines<'a> {
    text: &'a str,
    /// Byte at which each line begins, and whether it is ASCII.
    starts: Vec<(usize, bool)>,
}

impl<'a> Lines<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let mut start = 0;
        let starts = text
            .split_inclusive('\n')
            .map(|line| {
                let entry = (start, line.is_ascii());
                start += line.len();
                entry
            })
            .collect();
        Self { text, starts }
    }

    /// Line and column, as far as the range lies on its first line.
    pub(super) fn at(&self, range: TextRange) -> At {
        let start = usize::from(range.start()).min(self.text.len());
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
        let stop = usize::from(range.end()).clamp(start, end.max(start));
        At { line, column: count(begin, start) + 1, len: count(start, stop).max(1) }
    }

    /// The place of one character.
    fn point(&self, offset: TextSize) -> At {
        // The end of the file is on its last line that says anything.
        let last = TextSize::try_from(self.text.trim_end().len()).unwrap_or_default();
        let offset = offset.min(last);
        Self::at(self, TextRange::new(offset, offset))
    }
}

/// The statements of a Python file. Lines that begin with `%` or `!`, which notebooks have, count as empty if
/// it is no Python otherwise.
pub(super) fn parse(text: &str, lines: &Lines<'_>) -> Result<Suite, Complaint> {
    if text.len() as u64 > MAX_BYTES {
        return Err(Complaint::new(None, "a pipeline file has at most 1 MiB"));
    }
    check_depth(text, lines)?;
    Suite::parse(text, "").or_else(|error| {
        if let Some(plain) = without_magic(text)
            && let Ok(suite) = Suite::parse(&plain, "")
        {
            return Ok(suite);
        }
        Err(no_python(&error, lines))
    })
}

fn no_python(error: &ParseError, lines: &Lines<'_>) -> Complaint {
    let message = error.error.to_string();
    let message = message.strip_prefix("invalid syntax. ").unwrap_or(&message);
    let message: String = message.chars().take(200).collect();
    Complaint::new(lines.point(error.offset), format!("this is no Python: {message}"))
        .help("A file whose name ends in .py is read as Python 3")
}

/// The text with a notebook's commands replaced by blanks, if it has any.
fn without_magic(text: &str) -> Option<String> {
    if !text.lines().any(|line| line.starts_with(['%', '!'])) {
        return None;
    }
    let blank = |line: &str| -> String {
        if line.starts_with(['%', '!']) {
            // Comments keep every offset.
            format!("#{}", line.get(1..).unwrap_or("\n"))
        } else {
            line.to_owned()
        }
    };
    Some(text.split_inclusive('\n').map(blank).collect())
}

/// One open bracket: the tokens of the present part between commas, and whether a `lambda` is in it, whose
/// parameters have commas, too.
#[derive(Clone, Copy, Default)]
struct Level {
    chain: usize,
    lambda: bool,
}

fn check_depth(text: &str, lines: &Lines<'_>) -> Result<(), Complaint> {
    let (mut levels, mut total) = (vec![Level::default()], 0_usize);
    let (mut blocks, mut branches) = (0_usize, 0_usize);
    // What is no token is the parser's to report.
    for (token, range) in lex(text, Mode::Module).map_while(Result::ok) {
        let mut extra = 1;
        match token {
            Tok::Newline => {
                levels.clear();
                levels.push(Level::default());
                total = 0;
                continue;
            }
            Tok::Indent => blocks += 1,
            Tok::Dedent => blocks = blocks.saturating_sub(1),
            Tok::Elif => branches += 1,
            Tok::Lambda => {
                if let Some(level) = levels.last_mut() {
                    level.lambda = true;
                }
            }
            Tok::Comma => {
                if let Some(level) = levels.last_mut()
                    && !level.lambda
                {
                    total -= level.chain;
                    level.chain = 0;
                    continue;
                }
            }
            Tok::Rpar | Tok::Rsqb | Tok::Rbrace => {
                if levels.len() > 1
                    && let Some(level) = levels.pop()
                {
                    total -= level.chain;
                }
                continue;
            }
            // Fields of formatted strings have expressions in them.
            Tok::String { ref value, kind, .. } if kind.is_any_fstring() => {
                extra += value.matches(['{', '(', '[', '.', '-', '+', '~', ' ']).count();
            }
            _ => {}
        }
        total += extra;
        if let Some(level) = levels.last_mut() {
            level.chain += extra;
        }
        if matches!(token, Tok::Lpar | Tok::Lsqb | Tok::Lbrace) {
            levels.push(Level::default());
        }
        if total > MAX_CHAIN || blocks > MAX_BLOCKS || branches > MAX_BLOCKS {
            return Err(Complaint::new(lines.at(range), "nested too deeply"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> (usize, usize, String) {
        let complaint = parse(text, &Lines::new(text)).expect_err(text);
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
        assert!(parse(&wide, &Lines::new(&wide)).is_ok());
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
        assert_eq!(parse(text, &Lines::new(text)).unwrap().len(), 1);
    }

    #[test]
    fn columns_count_characters() {
        let lines = Lines::new("é = 'ü'; x\nyy\n");
        let range = |a: u32, b: u32| TextRange::new(a.into(), b.into());
        assert_eq!(lines.at(range(11, 12)), At { line: 1, column: 10, len: 1 });
        assert_eq!(lines.at(range(13, 15)), At { line: 2, column: 1, len: 2 });
    }
}
