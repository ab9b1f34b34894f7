//! What stands between the fields of a table, and how its bytes are text.

use std::borrow::Cow;
use std::io::{self, Read};

/// Lines at the beginning of a table that its separator is looked for in.
const LOOKED_AT: usize = 4;
/// Bytes of each of them.
const LOOKED_INTO: usize = 1 << 14;

/// Bytes in which an end of a line is looked for.
const LOOKED_FOR_ENDS: u64 = 1 << 16;

/// How a table's fields are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dialect {
    /// What stands between two fields. Blanks stand for any number of them.
    pub separator: u8,
}

impl Default for Dialect {
    fn default() -> Self {
        Self { separator: b',' }
    }
}

impl Dialect {
    /// The dialect of a table that begins with this text: the separator that the same number of each of the first lines has. Where lines
    /// differ, the one that the first line has.
    #[must_use]
    pub fn of(text: &[u8]) -> Self {
        let lines: Vec<&[u8]> = text
            .split(|&byte| byte == b'\n')
            .map(<[u8]>::trim_ascii_end)
            .filter(|line| !line.is_empty())
            .take(LOOKED_AT)
            .map(|line| &line[..line.len().min(LOOKED_INTO)])
            .collect();
        // Cut lines have as many separators as fit; that they have any is what counts.
        let whole = lines.iter().all(|line| line.len() < LOOKED_INTO);
        let count = |line: &[u8], separator| Self { separator }.fields(line).count() - 1;
        let first = lines.first().copied().unwrap_or_default();
        // A comma may stand in numbers, a blank anywhere: both come behind what can only separate.
        let same = |separator: u8| {
            let n = count(first, separator);
            n > 0
                && lines.iter().all(|line| {
                    let own = count(line, separator);
                    own == n || (!whole && own > 0)
                })
        };
        let found = b"\t;,|".iter().copied().find(|&separator| same(separator)).or_else(|| {
            b",;\t|"
                .iter()
                .copied()
                .max_by_key(|&separator| count(first, separator))
                .filter(|&s| count(first, s) > 0)
        });
        if let Some(separator) = found {
            return Self { separator };
        }
        let blanks = Self { separator: b' ' };
        let last = lines.last().copied().unwrap_or_default();
        let fields: Vec<Cow<'_, str>> = blanks.fields(last).map(bare).collect();
        let numbers = fields.iter().filter(|field| blanks.number(field).is_some()).count();
        // Names of classes have blanks in them as well.
        if fields.len() > 1 && numbers + 1 >= fields.len() && numbers > 0 { blanks } else { Self::default() }
    }

    /// The fields of a line, as they stand there. What stands between quotes separates nothing.
    pub fn fields(self, line: &[u8]) -> impl Iterator<Item = &[u8]> + use<'_> {
        let separator = self.separator;
        let mut rest = Some(if separator == b' ' { line.trim_ascii() } else { line });
        std::iter::from_fn(move || {
            let text = rest?;
            let end = field_end(text, separator);
            rest = (end < text.len()).then(|| &text[end + 1..]);
            if separator == b' ' {
                rest = rest.map(<[u8]>::trim_ascii_start);
            }
            Some(&text[..end])
        })
    }

    /// The fields of a line without quotes and blanks around them.
    pub fn texts(self, line: &[u8]) -> impl Iterator<Item = String> + use<'_> {
        self.fields(line).map(|field| bare(field).into_owned())
    }

    /// The number that a field is. Where commas do not separate, they are points.
    #[must_use]
    pub fn number(self, field: &str) -> Option<f64> {
        if self.separator != b',' && field.contains(',') && !field.contains('.') {
            return field.replacen(',', ".", 1).parse().ok();
        }
        field.parse().ok()
    }

    /// The separator in words.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self.separator {
            b'\t' => "tabs",
            b';' => "semicolons",
            b'|' => "bars",
            b' ' => "blanks",
            _ => "commas",
        }
    }
}

/// The end of the field that the text begins with: the place of the separator or the line end behind it.
pub(super) fn field_end(text: &[u8], separator: u8) -> usize {
    let ends = |byte: u8| byte == separator || byte == b'\n' || (separator == b' ' && byte == b'\t');
    let mut from = 0;
    // A quoted text may have separators in it, and quotes, which are written twice.
    if let [b'"', ..] = text {
        let mut at = 1;
        loop {
            match text[at..].iter().position(|&byte| matches!(byte, b'"' | b'\n')) {
                Some(end) if text[at + end] == b'"' => {
                    at += end + 1;
                    if text.get(at) != Some(&b'"') {
                        from = at;
                        break;
                    }
                    at += 1;
                }
                _ => break,
            }
        }
    }
    from + text[from..].iter().position(|&byte| ends(byte)).unwrap_or(text.len() - from)
}

/// A field without quotes and blanks around it.
pub(super) fn bare(field: &[u8]) -> Cow<'_, str> {
    let field = field.trim_ascii();
    let inner = match field {
        [b'"', inner @ .., b'"'] => inner.trim_ascii(),
        _ => field,
    };
    match String::from_utf8_lossy(inner) {
        text if text.contains("\"\"") => Cow::Owned(text.replace("\"\"", "\"")),
        text => text,
    }
}

/// Lines of fields between blanks as lines of fields between tabs.
pub(super) fn squeezed(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for line in text.split_inclusive(|&byte| byte == b'\n') {
        for (i, field) in (Dialect { separator: b' ' }).fields(line).enumerate() {
            if i > 0 {
                out.push(b'\t');
            }
            out.extend_from_slice(field);
        }
        out.push(b'\n');
    }
    out
}

/// How the bytes of a file are text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Encoding {
    Utf8,
    /// UTF-16, low bytes first or not.
    Utf16 {
        little: bool,
    },
}

/// Text as UTF-8 without a byte order mark. What is no text becomes U+FFFD.
pub(super) fn utf8(mut from: Box<dyn Read + Send>) -> io::Result<Box<dyn Read + Send>> {
    let mut start = Vec::new();
    (&mut from).take(4).read_to_end(&mut start)?;
    // What spreadsheets call Unicode has a mark; without it every other byte of a table is 0.
    let (encoding, mark) = match start[..] {
        [0xef, 0xbb, 0xbf, ..] => (Encoding::Utf8, 3),
        [0xff, 0xfe, ..] => (Encoding::Utf16 { little: true }, 2),
        [0xfe, 0xff, ..] => (Encoding::Utf16 { little: false }, 2),
        [1..=255, 0, 1..=255, 0] => (Encoding::Utf16 { little: true }, 0),
        [0, 1..=255, 0, 1..=255] => (Encoding::Utf16 { little: false }, 0),
        _ => (Encoding::Utf8, 0),
    };
    let whole = io::Cursor::new(start.split_off(mark)).chain(from);
    let text: Box<dyn Read + Send> = match encoding {
        Encoding::Utf8 => Box::new(whole),
        Encoding::Utf16 { little } => {
            Box::new(Narrow { from: whole, little, rest: Vec::new(), ready: Vec::new(), at: 0 })
        }
    };
    line_ends(text)
}

/// Text whose lines end with a line feed, of text whose lines may end with a carriage return alone, as old Macintoshes and Excel's "CSV
/// (Macintosh)" have it.
fn line_ends(mut from: Box<dyn Read + Send>) -> io::Result<Box<dyn Read + Send>> {
    let mut start = Vec::new();
    (&mut from).take(LOOKED_FOR_ENDS).read_to_end(&mut start)?;
    let has = |byte: u8| start.contains(&byte);
    let only_returns = has(b'\r') && !has(b'\n');
    let whole = io::Cursor::new(start).chain(from);
    Ok(if only_returns { Box::new(Returns(whole)) } else { Box::new(whole) })
}

/// Carriage returns as line feeds.
struct Returns<R>(R);

impl<R: Read> Read for Returns<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let got = self.0.read(out)?;
        out[..got].iter_mut().filter(|byte| **byte == b'\r').for_each(|byte| *byte = b'\n');
        Ok(got)
    }
}

/// UTF-16 that is read as UTF-8.
struct Narrow<R> {
    from: R,
    little: bool,
    /// Bytes that are no whole character yet.
    rest: Vec<u8>,
    ready: Vec<u8>,
    at: usize,
}

impl<R: Read> Narrow<R> {
    /// Reads on. Whether the text has ended.
    fn refill(&mut self) -> io::Result<bool> {
        self.ready.clear();
        self.at = 0;
        let known = self.rest.len();
        (&mut self.from).take(1 << 16).read_to_end(&mut self.rest)?;
        let ended = self.rest.len() == known;
        let unit = |pair: &[u8; 2]| {
            if self.little { u16::from_le_bytes(*pair) } else { u16::from_be_bytes(*pair) }
        };
        let (pairs, odd) = self.rest.as_chunks::<2>();
        let mut units: Vec<u16> = pairs.iter().map(unit).collect();
        let mut left = odd.to_vec();
        // The first half of a pair waits for the second one.
        if let (false, Some(0xd800..0xdc00), Some(last)) = (ended, units.last().copied(), pairs.last()) {
            units.pop();
            left.splice(0..0, *last);
        }
        let mut room = [0; 4];
        for found in char::decode_utf16(units) {
            let char = found.unwrap_or(char::REPLACEMENT_CHARACTER);
            self.ready.extend_from_slice(char.encode_utf8(&mut room).as_bytes());
        }
        if ended && !left.is_empty() {
            self.ready.extend_from_slice("\u{fffd}".as_bytes());
            left.clear();
        }
        self.rest = left;
        Ok(ended)
    }
}

impl<R: Read> Read for Narrow<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.at == self.ready.len() {
            if self.refill()? {
                break;
            }
        }
        let n = out.len().min(self.ready.len() - self.at);
        out[..n].copy_from_slice(&self.ready[self.at..self.at + n]);
        self.at += n;
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separators_are_found() {
        for (text, separator) in [
            ("label,pixel0\n1,2\n", b','),
            ("label;pixel0;pixel1\n1;0,5;1,0\n", b';'),
            ("label\tpixel0\n1\t2\n", b'\t'),
            ("label pixel0 pixel1\n1 2 3\n", b' '),
            ("  1   2  3\n", b' '),
            ("1|2|3\n4|5|6\n", b'|'),
            (" 5, 0, 255\n7 ,10 ,3 \n", b','),
            ("label\n3\n4\n", b','),
            ("Ankle boot\nAnkle boot\n", b','),
            ("label,name\n1,\"a;b\"\n2,\"c;d\"\n", b','),
            ("1,2,3\n1,2\n", b','),
            ("", b','),
        ] {
            assert_eq!(Dialect::of(text.as_bytes()).separator, separator, "{text:?}");
        }
    }

    #[test]
    fn fields_are_cut_and_read() {
        let of = |separator: u8, line: &str| -> Vec<String> {
            Dialect { separator }.fields(line.as_bytes()).map(|field| bare(field).into_owned()).collect()
        };
        assert_eq!(of(b',', "a,\"b,\"\"c\"\"\", d ,"), ["a", "b,\"c\"", "d", ""]);
        assert_eq!(of(b' ', "  1  2\t3 "), ["1", "2", "3"]);
        assert_eq!(of(b';', ""), [""]);
        let number = |separator: u8, text: &str| Dialect { separator }.number(text);
        assert_eq!((number(b';', "0,5"), number(b',', "0,5")), (Some(0.5), None));
        assert_eq!((number(b',', "5.000e+00"), number(b'\t', "1e-1")), (Some(5.0), Some(0.1)));
    }

    #[test]
    fn utf16_becomes_utf8() {
        let text = "label,π,😀\n1,2,3\n".repeat(9000);
        let read = |bytes: Vec<u8>| {
            let mut out = String::new();
            utf8(Box::new(io::Cursor::new(bytes))).unwrap().read_to_string(&mut out).unwrap();
            out
        };
        let wide = |mark: &[u8], bytes: fn(u16) -> [u8; 2]| {
            [mark, &text.encode_utf16().flat_map(bytes).collect::<Vec<_>>()].concat()
        };
        assert_eq!(read(wide(b"\xff\xfe", u16::to_le_bytes)), text);
        assert_eq!(read(wide(b"\xfe\xff", u16::to_be_bytes)), text);
        assert_eq!(read(wide(b"", u16::to_le_bytes)), text);
        assert_eq!(read(wide(b"", u16::to_be_bytes)), text);
        assert_eq!(read([b"\xef\xbb\xbf", text.as_bytes()].concat()), text);
        assert_eq!(read(text.clone().into_bytes()), text);
        assert_eq!(read(b"\xff\xfea\0\x01".to_vec()), "a\u{fffd}");
        assert_eq!(read(b"\xff\xfe\x3d\xd8".to_vec()), "\u{fffd}");
        assert_eq!((read(Vec::new()), read(b"5".to_vec())), (String::new(), "5".to_owned()));
    }
}
