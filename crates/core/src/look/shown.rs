//! Texts as they may be shown on a terminal.

use std::borrow::Cow;

use crate::base::secret::masked;

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
#[must_use]
pub fn plain_json(value: &serde_json::Value) -> String {
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
}
