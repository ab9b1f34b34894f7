//! Whether a text is rows of numbers.

use super::super::table::{self, Dialect};
use super::{START, kind};

/// What rows of numbers a text begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rows {
    /// Numbers alone.
    Numbers,
    /// Names of columns above them.
    Header,
    /// Numbers, and one text among them.
    Text,
}

impl Rows {
    /// Of a text that begins so; none if it is no text, or another one.
    #[must_use]
    pub fn of(start: &[u8]) -> Option<Self> {
        if kind(start).is_some() || start.starts_with(b"PK") {
            return None;
        }
        let text = table::beginning(start);
        if text.iter().any(|&byte| byte < b' ' && !matches!(byte, b'\n' | b'\r' | b'\t')) {
            return None;
        }
        let dialect = Dialect::of(&text);
        let ends = text.contains(&b'\n');
        let mut lines = text.split(|&byte| byte == b'\n').filter(|line| !line.trim_ascii().is_empty());
        let mut next = || {
            let line = lines.next()?;
            let cut = line.as_ptr_range().end == text.as_ptr_range().end && start.len() >= START;
            let mut fields: Vec<String> = dialect.texts(line).collect();
            // What ends here may go on.
            fields.truncate(fields.len() - usize::from(cut && fields.len() > 1));
            Some(fields)
        };
        let numbers =
            |fields: &[String]| fields.iter().filter(|field| dialect.number(field).is_some()).count();
        let first = next()?;
        if numbers(&first) == first.len() {
            return Some(Self::Numbers);
        }
        if let Some(second) = next()
            // A name and a number are a list of files.
            && numbers(&second) + usize::from(second.len() > 2) >= second.len()
            && numbers(&first) < 2.max(first.len() / 2)
        {
            return Some(Self::Header);
        }
        if first.len() > 2 && numbers(&first) + 1 == first.len() {
            return Some(Self::Text);
        }
        // A header that is longer than what was looked at: its columns are numbered.
        let numbered =
            first.iter().filter(|name| name.len() < 24 && name.contains(|c: char| c.is_ascii_digit()));
        (!ends && first.len() > 16 && 2 * numbered.count() > first.len()).then_some(Self::Header)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_numbers_are_known() {
        let of = |text: &str| Rows::of(text.as_bytes());
        for text in ["0,1,2\n3,4,5", "7\n5\n", " 1.0000 -1.0 0.5\n", "1;0,5;1,0\n", &"12,".repeat(400)] {
            assert_eq!(of(text), Some(Rows::Numbers), "{text}");
        }
        let header = (0..300).map(|i| format!("pixel{i}")).collect::<Vec<_>>().join(",");
        for text in ["label\n1\n", "label,pixel0\n1,2\n", "a,b,c\nE,1,2\n", &header[..START]] {
            assert_eq!(of(text), Some(Rows::Header), "{text}");
        }
        assert_eq!(of("E,1,2\nF,3,4\n"), Some(Rows::Text));
        for text in [
            "path: .\ntrain: images\n",
            "import numpy as np\nx=1\n",
            "[1, 2]",
            "a.png 5\nb.png 6\n",
            "x\ny\n",
            "",
        ] {
            assert_eq!(of(text), None, "{text}");
        }
    }
}
