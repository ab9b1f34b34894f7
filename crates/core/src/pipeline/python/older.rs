//! Texts that are no Python 3 as it stands: commands of notebooks, tabs as CPython counts them, Python 2.
//!
//! Lines stay lines, so that places stay what they are but for columns behind tabs.

/// What a text may be read as, the nearest to itself first.
pub(super) fn readings(text: &str) -> impl Iterator<Item = String> {
    let plain = without_commands(text);
    let tabs = without_tabs(&plain);
    let older = without_statements(&tabs);
    [plain, tabs, older].into_iter()
}

fn by_lines(text: &str, change: impl FnMut(&str) -> String) -> String {
    text.split_inclusive('\n').map(change).collect()
}

/// Commands of notebooks and shells become comments of the same length.
fn without_commands(text: &str) -> String {
    by_lines(text, |line| {
        if line.starts_with(['%', '!']) {
            format!("#{}", line.get(1..).unwrap_or("\n"))
        } else {
            line.to_owned()
        }
    })
}

/// Tabs in front of lines go up to the next multiple of eight columns, as CPython counts them.
fn without_tabs(text: &str) -> String {
    by_lines(text, |line| {
        let rest = line.trim_start_matches([' ', '\t', '\u{c}']);
        let mut columns = 0_usize;
        for c in line[..line.len() - rest.len()].chars() {
            columns = match c {
                '\t' => (columns / 8 + 1) * 8,
                '\u{c}' => 0,
                _ => columns + 1,
            };
        }
        // A line of nothing but blanks may be of any length.
        let columns = if rest.trim().is_empty() { 0 } else { columns.min(1000) };
        format!("{}{rest}", " ".repeat(columns))
    })
}

/// Python 2's `print x` and `exec x` become nothing, `except A, b` becomes `except A`, `raise A, b` raises `A`.
fn without_statements(text: &str) -> String {
    let mut open = 0_i64;
    by_lines(text, |line| {
        let code = line.trim_end_matches(['\n', '\r']);
        let ending = &line[code.len()..];
        let indent = &code[..code.len() - code.trim_start().len()];
        let words = code.trim_start();
        // Only lines that begin a statement.
        let begins = open == 0;
        open = (open + balance(code)).max(0);
        if !begins {
            return line.to_owned();
        }
        // A statement behind `else:` or `if x:` on the same line.
        let (head, words) = match words.split_once(": ") {
            Some((head, rest))
                if is_statement(rest.trim_start(), "print") && !head.contains(['"', '\'', '#', '{']) =>
            {
                (format!("{head}: "), rest.trim_start())
            }
            _ => (String::new(), words),
        };
        let printed = is_statement(words, "print") || is_statement(words, "exec");
        // What follows on other lines would be left alone.
        if printed && open == 0 {
            return format!("{indent}{head}pass  # {words}{ending}");
        }
        if let Some((caught, _)) = words.strip_prefix("except ").and_then(|rest| rest.split_once(','))
            && words.trim_end().ends_with(':')
            && !caught.contains('(')
        {
            return format!("{indent}except {caught}:{ending}");
        }
        if let Some((raised, _)) = words.strip_prefix("raise ").and_then(|rest| rest.split_once(','))
            && !raised.contains('(')
        {
            return format!("{indent}raise {raised}{ending}");
        }
        line.to_owned()
    })
}

fn is_statement(words: &str, name: &str) -> bool {
    words.strip_prefix(name).is_some_and(|rest| {
        rest.trim().is_empty()
            || rest.starts_with([' ', '\t', '"', '\'']) && !rest.trim_start().starts_with(['=', '(', '.'])
            || rest.trim_start().starts_with('(') && rest.contains('%')
    })
}

/// How many brackets a line opens more than it closes, roughly: texts are left out.
fn balance(code: &str) -> i64 {
    let (mut depth, mut quote) = (0, None);
    let mut chars = code.chars();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some(_), '\\') => {
                chars.next();
            }
            (Some(own), c) if own == c => quote = None,
            (None, '#') => break,
            (None, '"' | '\'') => quote = Some(c),
            (None, '(' | '[' | '{') => depth += 1,
            (None, ')' | ']' | '}') => depth -= 1,
            (Some(_) | None, _) => {}
        }
    }
    depth
}

#[cfg(test)]
mod tests {
    use super::super::parser;
    use super::*;

    #[test]
    fn older_python_is_read() {
        for text in [
            "print 'a'\nx = 1\n",
            "if True:\n    print \"a %s\" % b\nx = 1\n",
            "try:\n    x = 1\nexcept ValueError, e:\n    print e\n",
            "if a: print 'x'\nelse: print 'y'\n",
            "def f():\n        x = 1\n\treturn x\n",
            "%matplotlib inline\nprint 'x'\n",
            "raise ValueError, 'x'\n",
        ] {
            assert!(parser::parse(text).is_err(), "{text}");
            assert!(readings(text).any(|plain| parser::parse(&plain).is_ok()), "{text}");
        }
    }
}
