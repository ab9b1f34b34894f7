//! Reading CSV tables of small numbers that others wrote.
//!
//! The csv crate is for text of all kinds and makes records of it; what is read here is rows of numbers from 0 to 255, gigabytes of
//! them, so they are parsed four bytes at a time, in blocks that end with a line, by all threads. Harmless differences are
//! accepted: a byte order mark, CRLF, quotes and spaces around numbers, empty lines, a last line without an end, gzip.

use std::fs::File;
use std::io::{self, BufReader, Read, Write};
use std::path::{Path, PathBuf};

use flate2::bufread::MultiGzDecoder;
use rayon::prelude::*;

use crate::base::fault::reading_kind;
use crate::base::{Explain, Kind, Pass};

use super::spool::SpoolWriter;

/// Bytes that are read and parsed at a time; more where a line is longer.
const BLOCK: usize = 4 << 20;
/// No line is as long as this.
const LONGEST_LINE: usize = 256 << 20;

/// Why a table cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// The file cannot be read.
    #[error("{path}: cannot be read")]
    Io {
        /// The file.
        path: PathBuf,
        /// The reason.
        source: io::Error,
    },
    /// It holds nothing.
    #[error("{path}: expected rows of numbers, found {found}")]
    Empty {
        /// The file.
        path: PathBuf,
        /// What is there.
        found: &'static str,
    },
    /// A row has more or fewer values than the first one.
    #[error("{path}: line {line}: expected {expected} values, found {found}")]
    Ragged {
        /// The file.
        path: PathBuf,
        /// The line's number, from 1.
        line: u64,
        /// Values in a row.
        expected: usize,
        /// Values in this one.
        found: usize,
    },
    /// A value is not from 0 to 255.
    #[error("{path}: line {line}, column {column}: expected a whole number from 0 to 255, found {found:?}")]
    Value {
        /// The file.
        path: PathBuf,
        /// The line's number, from 1.
        line: u64,
        /// The column's, from 1.
        column: usize,
        /// What is there.
        found: String,
    },
}

impl Explain for TableError {
    fn kind(&self) -> Kind {
        match self {
            Self::Io { source, .. } => reading_kind(source),
            _ => Kind::Data,
        }
    }

    fn help(&self) -> Option<String> {
        Some(match self {
            Self::Io { .. } | Self::Empty { .. } => "get the file again; it is empty, cut off or damaged".into(),
            Self::Ragged { .. } => "get the file again; rows of a table of images are of one length".into(),
            Self::Value { .. } => "write pixels and labels as integers, for instance with .astype(\"uint8\") before .to_csv(index=False)".into(),
        })
    }
}

/// What a run of columns holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Columns {
    /// Nothing that is wanted; any text.
    Skip(usize),
    /// Labels.
    Labels(usize),
    /// Pixels.
    Pixels(usize),
}

/// A table whose first line was looked at.
pub struct Table {
    path: PathBuf,
    from: Box<dyn Read + Send>,
    /// What was read and not yet parsed.
    held: Vec<u8>,
    ended: bool,
}

/// The values of a table's rows.
#[derive(Debug, Default)]
pub struct Values {
    /// Number of rows.
    pub rows: u64,
    /// Labels, row after row.
    pub labels: Vec<u8>,
    /// Pixels, row after row.
    pub pixels: SpoolWriter,
    /// BLAKE3 of the pixels and then the labels, in hexadecimal.
    pub digest: String,
}

impl Table {
    /// Opens a table, packed with gzip or not, and reads its beginning.
    ///
    /// # Errors
    /// If it cannot be read, or is empty.
    pub fn open(path: &Path) -> Result<Self, TableError> {
        let io = |source| TableError::Io { path: path.into(), source };
        let mut file = File::open(path).map_err(io)?;
        let mut magic = Vec::new();
        (&mut file).take(3).read_to_end(&mut magic).map_err(io)?;
        let start = io::Cursor::new(magic.clone());
        let from: Box<dyn Read + Send> = if magic.starts_with(&[0x1f, 0x8b]) {
            Box::new(MultiGzDecoder::new(BufReader::with_capacity(1 << 16, start.chain(file))))
        } else {
            Box::new(start.chain(file))
        };
        let mut table = Self { path: path.into(), from, held: Vec::new(), ended: false };
        table.fill()?;
        if table.held.starts_with(b"\xef\xbb\xbf") {
            table.held.drain(..3);
        }
        if table.held.iter().all(u8::is_ascii_whitespace) {
            let found = if table.held.is_empty() { "an empty file" } else { "empty lines" };
            return Err(TableError::Empty { path: path.into(), found });
        }
        Ok(table)
    }

    /// Reads on until the held bytes end with a line, at least [`BLOCK`] of them, or the file does.
    fn fill(&mut self) -> Result<usize, TableError> {
        let io = |source| TableError::Io { path: self.path.clone(), source };
        let mut most = BLOCK;
        loop {
            let start = self.held.len();
            if !self.ended && start < most {
                self.held.resize(most, 0);
                let mut end = start;
                while end < most {
                    match self.from.read(&mut self.held[end..]) {
                        Ok(0) => {
                            self.ended = true;
                            break;
                        }
                        Ok(got) => end += got,
                        Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                        Err(error) => return Err(io(error)),
                    }
                }
                self.held.truncate(end);
                if self.ended && self.held.last().is_some_and(|&last| last != b'\n') {
                    self.held.push(b'\n');
                }
            }
            if let Some(last) = self.held.iter().rposition(|&byte| byte == b'\n') {
                return Ok(last + 1);
            }
            if self.ended {
                return Ok(0);
            }
            most *= 2;
            if most > LONGEST_LINE {
                let found = "a line of more than 256 MiB";
                return Err(TableError::Empty { path: self.path.clone(), found });
            }
        }
    }

    /// The fields of the first line, without quotes and spaces around them.
    #[must_use]
    pub fn first_line(&self) -> Vec<String> {
        let end = self.held.iter().position(|&byte| byte == b'\n').unwrap_or(self.held.len());
        let text = String::from_utf8_lossy(&self.held[..end]);
        text.split(',').map(|field| bare(field).to_owned()).collect()
    }

    /// Reads all rows, without the first line if it is a `header`. `pass` is told the bytes of text.
    ///
    /// # Errors
    /// With the line that is not as the columns say.
    pub fn read(mut self, header: bool, columns: &[Columns], pass: &Pass) -> Result<Values, TableError> {
        let path = self.path.clone();
        let io = |source| TableError::Io { path: path.clone(), source };
        let mut values = Values::default();
        let mut digest = blake3::Hasher::new();
        let mut line = 1;
        let mut skip = usize::from(header);
        let threads = rayon::current_num_threads();
        loop {
            let end = self.fill()?;
            if end == 0 {
                break;
            }
            pass.read(end).map_err(io)?;
            let mut text = &self.held[..end];
            if std::mem::take(&mut skip) > 0 {
                let first = text.iter().position(|&byte| byte == b'\n').map_or(end, |at| at + 1);
                text = &text[first..];
                line += 1;
            }
            let pieces: Vec<_> =
                cut(text, threads).into_par_iter().map(|piece| Piece::parse(piece, columns)).collect();
            for piece in pieces {
                if let Some(problem) = piece.problem {
                    let line = line + piece.lines;
                    return Err(match problem {
                        Problem::Ragged { expected, found } => {
                            TableError::Ragged { path, line, expected, found }
                        }
                        Problem::Value { column, found } => TableError::Value { path, line, column, found },
                    });
                }
                line += piece.lines;
                values.rows += piece.rows;
                values.labels.extend_from_slice(&piece.labels);
                digest.update(&piece.pixels);
                values.pixels.write_all(&piece.pixels).map_err(io)?;
            }
            self.held.copy_within(end.., 0);
            let left = self.held.len() - end;
            self.held.truncate(left);
        }
        if values.rows == 0 {
            return Err(TableError::Empty { path, found: "a header alone" });
        }
        digest.update(&values.labels);
        values.digest = digest.finalize().to_hex().to_string();
        Ok(values)
    }
}

/// A field without quotes and spaces.
fn bare(field: &str) -> &str {
    let field = field.trim();
    field.strip_prefix('"').and_then(|inner| inner.strip_suffix('"')).unwrap_or(field).trim()
}

/// The text in about so many pieces, each of which ends with a line.
fn cut(mut text: &[u8], pieces: usize) -> Vec<&[u8]> {
    let size = text.len().div_ceil(pieces.max(1)).max(1 << 16);
    let mut cuts = Vec::with_capacity(pieces);
    while text.len() > size {
        let end = text[size..].iter().position(|&byte| byte == b'\n').map_or(text.len(), |at| size + at + 1);
        let (piece, rest) = text.split_at(end);
        cuts.push(piece);
        text = rest;
    }
    if !text.is_empty() {
        cuts.push(text);
    }
    cuts
}

/// What is wrong with a row.
#[derive(Debug, PartialEq, Eq)]
enum Problem {
    Ragged { expected: usize, found: usize },
    Value { column: usize, found: String },
}

/// Some lines, parsed until the first problem.
#[derive(Debug, Default)]
struct Piece {
    labels: Vec<u8>,
    pixels: Vec<u8>,
    rows: u64,
    /// Lines before the problem.
    lines: u64,
    problem: Option<Problem>,
}

impl Piece {
    /// Parses lines, the last of which is ended.
    fn parse(text: &[u8], columns: &[Columns]) -> Self {
        let mut piece = Self::default();
        let count = |wanted: fn(&Columns) -> usize| columns.iter().map(wanted).sum::<usize>();
        let total = count(|columns| match columns {
            Columns::Skip(n) | Columns::Labels(n) | Columns::Pixels(n) => *n,
        });
        let (labels, pixels) = (
            count(|columns| if let Columns::Labels(n) = columns { *n } else { 0 }),
            count(|columns| if let Columns::Pixels(n) = columns { *n } else { 0 }),
        );
        // Two bytes a value are the least; most lines are longer.
        piece.pixels.reserve(text.len() / (2 * total.max(1)) * pixels);
        let mut at = 0;
        while at < text.len() {
            if matches!(text[at..], [b'\n', ..] | [b'\r', b'\n', ..]) {
                at += if text[at] == b'\n' { 1 } else { 2 };
                piece.lines += 1;
                continue;
            }
            let start = at;
            let (label_start, pixel_start) = (piece.labels.len(), piece.pixels.len());
            piece.labels.resize(label_start + labels, 0);
            piece.pixels.resize(pixel_start + pixels, 0);
            let (mut own_labels, mut own_pixels) =
                (&mut piece.labels[label_start..], &mut piece.pixels[pixel_start..]);
            let mut column = 0;
            for run in columns {
                let done = match *run {
                    Columns::Skip(n) => skipped(text, &mut at, n, column, total),
                    Columns::Labels(n) => {
                        let own = own_labels.split_off_mut(..n).unwrap_or_default();
                        numbers(text, &mut at, own, column, total)
                    }
                    Columns::Pixels(n) => {
                        let own = own_pixels.split_off_mut(..n).unwrap_or_default();
                        numbers(text, &mut at, own, column, total)
                    }
                };
                if let Err(problem) = done {
                    piece.problem = Some(problem.unwrap_or_else(|| Problem::Ragged {
                        expected: total,
                        found: fields(&text[start..]),
                    }));
                    return piece;
                }
                column += match run {
                    Columns::Skip(n) | Columns::Labels(n) | Columns::Pixels(n) => n,
                };
            }
            piece.rows += 1;
            piece.lines += 1;
        }
        piece
    }
}

/// How many fields the first line has.
fn fields(text: &[u8]) -> usize {
    1 + text.iter().take_while(|&&byte| byte != b'\n').filter(|&&byte| byte == b',').count()
}

/// The end of the field at `at`: the place of the comma or line end behind it.
fn field_end(text: &[u8], at: usize) -> usize {
    let rest = &text[at..];
    // A quoted text may have commas in it.
    let from = match rest {
        [b'"', inner @ ..] => {
            inner.iter().position(|&byte| matches!(byte, b'"' | b'\n')).map_or(0, |end| end + 1)
        }
        _ => 0,
    };
    at + from
        + rest[from..].iter().position(|&byte| matches!(byte, b',' | b'\n')).unwrap_or(rest.len() - from)
}

/// Passes over `n` fields. The error is that there are fewer, or more in the line.
fn skipped(
    text: &[u8],
    at: &mut usize,
    n: usize,
    column: usize,
    total: usize,
) -> Result<(), Option<Problem>> {
    for i in 0..n {
        let end = field_end(text, *at);
        let separator = if column + i + 1 == total { b'\n' } else { b',' };
        if text.get(end) != Some(&separator) {
            return Err(None);
        }
        *at = end + 1;
    }
    Ok(())
}

/// Reads as many numbers as `out` has room for, which is filled with zeros. Without a problem in the error the row has too many or too
/// few fields.
#[inline]
fn numbers(
    text: &[u8],
    at: &mut usize,
    out: &mut [u8],
    column: usize,
    total: usize,
) -> Result<(), Option<Problem>> {
    const ZEROS: [u8; 8] = *b"0,0,0,0,";
    let n = out.len();
    // The number before the end of the line is the last one that a comma follows.
    let commas = n - usize::from(column + n == total);
    let mut place = *at;
    let mut i = 0;
    while i < n {
        if i + 4 <= commas && text.get(place..place + 8) == Some(&ZEROS[..]) {
            i += 4;
            place += 8;
            continue;
        }
        let separator = if i < commas { b',' } else { b'\n' };
        if let Some(&[a, b, c, d]) = text.get(place..).and_then(|rest| rest.first_chunk::<4>()) {
            // Digits become 0 to 9; a byte above that sets its high bit in `other`.
            let digits = u32::from_le_bytes([a, b, c, d]) ^ 0x3030_3030;
            let other = (((digits & 0x7f7f_7f7f) + 0x7676_7676) | digits) & 0x8080_8080;
            let length = other.trailing_zeros() / 8;
            if (1..4).contains(&length) {
                // The last digit goes to the highest byte.
                let digits = digits << (8 * (4 - length));
                let value = (digits >> 24) + 10 * (digits >> 16 & 0xff) + 100 * (digits >> 8 & 0xff);
                let length = length as usize;
                if value <= 255 && text[place + length] == separator {
                    out[i] = value as u8;
                    i += 1;
                    place += length + 1;
                    continue;
                }
            }
        }
        let end = field_end(text, place);
        let field = String::from_utf8_lossy(&text[place..end]);
        let Ok(value) = bare(&field).parse::<u8>() else {
            // A line that ends early has an empty field at its end; its length is what is wrong.
            let found: String = field.trim_end().chars().take(40).collect();
            return Err(Some(Problem::Value { column: column + i + 1, found }));
        };
        if text.get(end) != Some(&separator) {
            return Err(None);
        }
        out[i] = value;
        i += 1;
        place = end + 1;
    }
    *at = place;
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn file(bytes: &[u8]) -> tempfile::NamedTempFile {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(bytes).unwrap();
        file
    }

    fn read(bytes: &[u8], header: bool, columns: &[Columns]) -> Result<(u64, Vec<u8>, Vec<u8>), TableError> {
        let values = Table::open(file(bytes).path())?.read(header, columns, &Pass::default())?;
        let pixels: usize =
            columns.iter().map(|columns| if let Columns::Pixels(n) = columns { *n } else { 0 }).sum();
        let mut out = vec![0; pixels * values.rows as usize];
        values.pixels.finish().unwrap().read_at(0, &mut out).unwrap();
        Ok((values.rows, values.labels, out))
    }

    const LABEL_FIRST: [Columns; 2] = [Columns::Labels(1), Columns::Pixels(2)];

    #[test]
    fn harmless_differences_are_read() {
        for text in [
            "5,0,255\n7,10,3\n",
            "5,0,255\n7,10,3",
            "5,0,255\r\n7,10,3\r\n",
            "\u{feff}5,0,255\n7,10,3\n",
            "\"5\",\"0\",\"255\"\n\"7\",10,3\n",
            " 5, 0, 255\n7 ,10 ,3 \n",
            "\n5,0,255\n\n7,10,3\n\r\n\n",
            "5,000,0255\n07,010,3\n",
        ] {
            let found = read(text.as_bytes(), false, &LABEL_FIRST).unwrap();
            assert_eq!(found, (2, vec![5, 7], vec![0, 255, 10, 3]), "{text:?}");
        }
        let mut packed = Vec::new();
        for line in ["label,a,b\n5,0,", "255\n7,10,3"] {
            crate::formats::csv::gzip_member(line.as_bytes(), 6, &mut packed).unwrap();
        }
        assert_eq!(read(&packed, true, &LABEL_FIRST).unwrap().2, [0, 255, 10, 3]);
    }

    #[test]
    fn columns_may_be_anywhere() {
        let columns = [Columns::Pixels(1), Columns::Skip(2), Columns::Labels(2), Columns::Skip(1)];
        let text = b"1,\"a,b\",70000,3,4,x\n2,,-1,5,6,\n";
        assert_eq!(read(text, false, &columns).unwrap(), (2, vec![3, 4, 5, 6], vec![1, 2]));
    }

    #[test]
    fn what_is_wrong_is_named_by_line_and_column() {
        for (text, says) in [
            ("5,0,255\n7,10\n", "line 2: expected 3 values, found 2"),
            ("5,0,255\n7,10,3,4\n", "line 2: expected 3 values, found 4"),
            ("5,0,255\n7,10,256\n", "line 2, column 3: expected a whole number from 0 to 255, found \"256\""),
            ("5,0,255\n\n7,-1,3\n", "line 3, column 2: expected a whole number from 0 to 255, found \"-1\""),
            ("5,0.5,255\n", "line 1, column 2: expected a whole number from 0 to 255, found \"0.5\""),
            ("5,,255\n", "line 1, column 2: expected a whole number from 0 to 255, found \"\""),
            ("5,a\"b,255\n", "line 1, column 2"),
            ("5,\"0,255\n", "line 1, column 2"),
            ("5,1000,255\n", "line 1, column 2"),
            ("5,1,9999999999", "line 1, column 3"),
            ("", "found an empty file"),
            ("\n\r\n", "found empty lines"),
        ] {
            let error = read(text.as_bytes(), false, &LABEL_FIRST).unwrap_err().to_string();
            assert!(error.contains(says), "{text:?}: {error} does not say {says:?}");
        }
        let error = read(b"label,a,b\n", true, &LABEL_FIRST).unwrap_err().to_string();
        assert!(error.contains("found a header alone"), "{error}");
    }

    #[test]
    fn tables_of_many_blocks_keep_their_order() {
        let (rows, width) = (60_000_u32, 101);
        let value = |row: u32, column: u32| {
            if (row / 7 + column).is_multiple_of(3) { 0 } else { (row * 31 + column * 7) as u8 }
        };
        let mut text = "h\n".to_owned();
        let mut expected = Vec::new();
        for row in 0..rows {
            let values: Vec<u8> = (0..width).map(|column| value(row, column)).collect();
            text += &values.iter().map(u8::to_string).collect::<Vec<_>>().join(",");
            text.push('\n');
            expected.extend(values);
        }
        assert!(text.len() > 2 * BLOCK);
        let found = read(text.as_bytes(), true, &[Columns::Pixels(width as usize)]).unwrap();
        assert!(found.0 == u64::from(rows) && found.2 == expected);
        let broken = text.trim_end().to_owned() + "0\n";
        let broken = broken + &text[2..text[2..].find('\n').unwrap() + 2] + ",1\n";
        let error =
            read(broken.as_bytes(), true, &[Columns::Pixels(width as usize)]).unwrap_err().to_string();
        assert!(
            error.contains(&format!("line {}", rows + 1)) || error.contains(&format!("line {}:", rows + 2)),
            "{error}"
        );
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "[0-9,\\n\\r\" .a-]{0,60}", header: bool, n in 1_usize..4) {
            let _ = read(text.as_bytes(), header, &[Columns::Labels(1), Columns::Pixels(n)]);
            let _ = read(text.as_bytes(), header, &[Columns::Skip(1), Columns::Pixels(n), Columns::Labels(1)]);
        }

        #[test]
        fn rows_are_what_the_csv_crate_reads(rows in prop::collection::vec(prop::array::uniform5(0_u8..), 1..20)) {
            let mut writer = ::csv::Writer::from_writer(Vec::new());
            for row in &rows {
                writer.write_record(row.map(|v| v.to_string())).unwrap();
            }
            let text = writer.into_inner().unwrap();
            let found = read(&text, false, &[Columns::Pixels(5)]).unwrap();
            prop_assert_eq!(found.2, rows.concat());
        }
    }
}
