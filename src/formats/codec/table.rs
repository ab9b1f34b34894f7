//! Reading tables of numbers that others wrote: CSV, and what is like it.
//!
//! The csv crate is for text of all kinds and makes records of it; what is read here is rows of numbers from 0 to 255, gigabytes of
//! them, so they are parsed four bytes at a time, in blocks that end with a line, by all threads. Harmless differences are
//! accepted: a byte order mark, UTF-16, CRLF, quotes and spaces around numbers, empty lines, a last line without an end, gzip; semicolons,
//! tabs, bars or blanks between fields; numbers as floats, with decimal commas where commas do not separate.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader, Read, Write};
use std::path::{Path, PathBuf};

use flate2::bufread::MultiGzDecoder;
use rayon::prelude::*;

use crate::base::Pass;
use crate::recipe::FloatRange;

use super::element::Extent;
use super::spool::SpoolWriter;

mod dialect;
mod error;
mod rows;

pub use dialect::Dialect;
pub use error::TableError;
pub use rows::scaled;

use rows::{Piece, Problem, cut};

/// Bytes that are read and parsed at a time; more where a line is longer.
const BLOCK: usize = 4 << 20;
/// No line is as long as this.
const LONGEST_LINE: usize = 32 << 20;
/// No line has more fields: an image of a thousand rows of a thousand pixels, or of nearly six hundred in color.
pub(crate) const MOST_COLUMNS: usize = (1 << 20) + (1 << 10);
/// No column of texts has more different ones: a class is a byte.
const MOST_TEXTS: usize = 256;

/// What a run of columns holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Columns {
    /// Nothing that is wanted; any text.
    Skip(usize),
    /// Texts that tell rows apart.
    Ids(usize),
    /// Labels.
    Labels(usize),
    /// Pixels.
    Pixels(usize),
    /// Weights of classes.
    Weights(usize),
    /// Truth: whole numbers of any size.
    Truth(usize),
}

impl Columns {
    /// How many they are.
    #[must_use]
    pub const fn len(&self) -> usize {
        match self {
            Self::Skip(n)
            | Self::Ids(n)
            | Self::Labels(n)
            | Self::Pixels(n)
            | Self::Weights(n)
            | Self::Truth(n) => *n,
        }
    }
}

/// What becomes of pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pixels {
    /// They are whole numbers from 0 to 255.
    #[default]
    Bytes,
    /// They are any numbers, of which the least and the greatest are wanted.
    Measured,
    /// They are numbers of this range, whose end becomes 255.
    Scaled(FloatRange),
}

/// How a table is read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// Whether the first line is none of the rows.
    pub header: bool,
    /// What the columns hold.
    pub columns: Vec<Columns>,
    /// For each pixel of a row its place in the image, where the two are not the same.
    pub order: Option<Vec<u32>>,
    /// What becomes of pixels.
    pub pixels: Pixels,
    /// Whether labels are texts.
    pub texts: bool,
}

/// A table whose first line was looked at.
pub struct Table {
    path: PathBuf,
    from: Box<dyn Read + Send>,
    /// What was read and not yet parsed.
    held: Vec<u8>,
    ended: bool,
    dialect: Dialect,
    /// Lines before those that are held.
    before: u64,
}

/// The text that bytes begin a file with, as UTF-8 without a mark.
#[must_use]
pub fn beginning(bytes: &[u8]) -> Vec<u8> {
    let mut text = Vec::new();
    // Bytes in memory are always read.
    let _ = dialect::utf8(Box::new(io::Cursor::new(bytes.to_vec())))
        .and_then(|mut from| from.read_to_end(&mut text));
    text
}

/// The values of a table's rows.
#[derive(Debug, Default)]
pub struct Values {
    /// Number of rows.
    pub rows: u64,
    /// Labels, row after row: class ids, or numbers of texts.
    pub labels: Vec<u8>,
    /// Different texts of labels, by their numbers.
    pub texts: Vec<String>,
    /// Ids, row after row.
    pub ids: Vec<String>,
    /// Weights of classes, row after row, as f32, little-endian.
    pub weights: Vec<u8>,
    /// Truth, row after row.
    pub truth: Vec<i64>,
    /// Pixels, row after row.
    pub pixels: SpoolWriter,
    /// The greatest pixel.
    pub greatest: u8,
    /// What pixels span, where that was asked.
    pub extent: Option<Extent>,
    /// BLAKE3 of the pixels and then the labels, in hexadecimal.
    pub digest: String,
}

impl Table {
    /// Opens a table, packed with gzip or not, and reads its beginning.
    ///
    /// # Errors
    /// If it cannot be read, is empty, or begins with a line that no table of images has.
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
        let from = dialect::utf8(from).map_err(io)?;
        let mut table = Self {
            path: path.into(),
            from,
            held: Vec::new(),
            ended: false,
            dialect: Dialect::default(),
            before: 0,
        };
        table.fill()?;
        if table.held.iter().all(u8::is_ascii_whitespace) {
            let found = if table.held.is_empty() { "an empty file" } else { "empty lines" };
            return Err(TableError::Empty { path: path.into(), found });
        }
        table.begin()?;
        Ok(table)
    }

    /// Passes over empty lines and what spreadsheets write of their separator, finds the separator, and looks at the first line's length.
    fn begin(&mut self) -> Result<(), TableError> {
        let mut start = 0;
        let mut said = None;
        while let Some(end) = self.held[start..].iter().position(|&byte| byte == b'\n') {
            let line = self.held[start..start + end].trim_ascii();
            match *line {
                [] => {}
                [b's' | b'S', b'e' | b'E', b'p' | b'P', b'=', separator] if said.is_none() => {
                    said = Some(separator);
                }
                _ => break,
            }
            start += end + 1;
            self.before += 1;
        }
        self.held.drain(..start);
        self.dialect = said.map_or_else(|| Dialect::of(&self.held), |separator| Dialect { separator });
        let end = self.held.iter().position(|&byte| byte == b'\n').unwrap_or(self.held.len());
        if self.dialect.fields(&self.held[..end]).nth(MOST_COLUMNS).is_some() {
            return Err(TableError::TooWide { path: self.path.clone(), line: self.before + 1 });
        }
        Ok(())
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
                return Err(TableError::LongLine { path: self.path.clone(), most: LONGEST_LINE >> 20 });
            }
        }
    }

    /// What stands between its fields.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// The fields of the first line, without quotes and spaces around them.
    #[must_use]
    pub fn first_line(&self) -> Vec<String> {
        self.first_lines(1).pop().unwrap_or_default()
    }

    /// The fields of the first few lines that hold something, as far as they were read.
    #[must_use]
    pub fn first_lines(&self, most: usize) -> Vec<Vec<String>> {
        self.held
            .split(|&byte| byte == b'\n')
            .filter(|line| !line.trim_ascii().is_empty())
            .take(most)
            .map(|line| self.dialect.texts(line).take(MOST_COLUMNS).collect())
            .collect()
    }

    /// Whether all of it was read already, since it is small.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.ended
    }

    /// Hands on the place and the number of each field of the rows that were read already; none where it is no number.
    pub fn each_number(&self, header: bool, mut f: impl FnMut(usize, Option<f64>)) {
        let end = self.held.iter().rposition(|&byte| byte == b'\n').unwrap_or(0);
        let lines =
            self.held[..end].split(|&byte| byte == b'\n').filter(|line| !line.trim_ascii().is_empty());
        for line in lines.skip(usize::from(header)) {
            for (place, field) in self.dialect.fields(line).enumerate() {
                f(place, self.dialect.number(&dialect::bare(field)));
            }
        }
    }

    /// Reads all rows, without the first line if it is a `header`. `pass` is told the bytes of text.
    ///
    /// # Errors
    /// With the line that is not as the columns say.
    pub fn read(self, header: bool, columns: &[Columns], pass: &Pass) -> Result<Values, TableError> {
        self.read_as(&Reading { header, columns: columns.to_vec(), ..Reading::default() }, pass)
    }

    /// Reads all rows. `pass` is told the bytes of text.
    ///
    /// # Errors
    /// With the line that is not as `reading` says.
    pub fn read_as(mut self, reading: &Reading, pass: &Pass) -> Result<Values, TableError> {
        let path = self.path.clone();
        let io = |source| TableError::Io { path: path.clone(), source };
        let mut values = Values::default();
        let mut digest = blake3::Hasher::new();
        let mut numbers: BTreeMap<String, u8> = BTreeMap::new();
        let mut extent = Extent::NONE;
        let mut line = self.before + 1;
        let mut skip = usize::from(reading.header);
        // Where tables were put behind each other it stands in the middle again.
        let mut header = Vec::new();
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
                header = text[..first].to_vec();
                text = &text[first..];
                line += 1;
            }
            let (dialect, header) = (self.dialect, &header[..]);
            let pieces: Vec<_> = cut(text, threads)
                .into_par_iter()
                .map(|piece| Piece::parse(piece, dialect, reading, header))
                .collect();
            for piece in pieces {
                if let Some(problem) = piece.problem {
                    let line = line + piece.lines;
                    return Err(match problem {
                        Problem::Ragged { expected, found } => {
                            TableError::Ragged { path, line, expected, found, separator: dialect.word() }
                        }
                        Problem::Value { column, found } => match reading.pixels {
                            Pixels::Scaled(range) => TableError::Beyond { path, line, column, found, range },
                            Pixels::Bytes | Pixels::Measured => {
                                TableError::Value { path, line, column, found }
                            }
                        },
                        Problem::Flag { column, found } => TableError::Flag { path, line, column, found },
                        Problem::Fraction { column, found } => {
                            TableError::Fraction { path, line, column, found }
                        }
                        Problem::Label { column, found } => TableError::Label { path, line, column, found },
                        Problem::Text { column, found } => TableError::Text { path, line, column, found },
                        Problem::Other { column, expected, found } => {
                            TableError::Other { path, line, column, expected, found }
                        }
                    });
                }
                line += piece.lines;
                values.rows += piece.rows;
                values.labels.extend_from_slice(&piece.labels);
                values.weights.extend_from_slice(&piece.weights);
                values.truth.extend_from_slice(&piece.truth);
                values.ids.extend(piece.ids);
                for text in piece.texts {
                    let number = match numbers.get(&text) {
                        Some(&number) => number,
                        None if numbers.len() == MOST_TEXTS => {
                            return Err(TableError::Texts { path, most: MOST_TEXTS, found: text });
                        }
                        None => {
                            let number = numbers.len() as u8;
                            values.texts.push(text.clone());
                            numbers.insert(text, number);
                            number
                        }
                    };
                    values.labels.push(number);
                }
                extent = extent.with(piece.extent);
                values.greatest = piece.pixels.iter().fold(values.greatest, |most, &value| most.max(value));
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
        values.extent = (reading.pixels == Pixels::Measured).then_some(extent);
        digest.update(&values.labels);
        for text in &values.texts {
            digest.update(text.as_bytes()).update(&[0]);
        }
        values.digest = digest.finalize().to_hex().to_string();
        Ok(values)
    }
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
            "5;0;255\n7;10,0;3\n",
            "5\t0\t255\n7\t1,0e1\t3\n",
            "  5   0 255\n7 10  3  \n",
            "5|0|255\n7|10|3\n",
            "sep=;\n5;0;255\n7;10;3\n",
            "5.0,0.000e+00,2.55e+02\n7.0,10.,3.0\n",
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
            ("5,0,255\n7,10\n", "line 2: expected 3 values between commas, found 2"),
            ("5,0,255\n7,10,3,4\n", "line 2: expected 3 values between commas, found 4"),
            ("5,0,255\n7,10,256\n", "line 2, column 3: expected a pixel from 0 to 255, found \"256\""),
            ("5,0,255\n\n7,-1,3\n", "line 3, column 2: expected a pixel from 0 to 255, found \"-1\""),
            ("5,0.5,255\n", "line 1, column 2: expected a whole number from 0 to 255, found \"0.5\""),
            ("5,,255\n", "line 1, column 2: expected a pixel from 0 to 255, found \"\""),
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
    fn pixels_are_measured_scaled_and_put_in_order() {
        let path = file(b"E,0.5,1,0\nB,0.25,0,1\nE,1,1,1\n");
        let columns = vec![Columns::Labels(1), Columns::Pixels(3)];
        let reading = Reading { columns, texts: true, ..Reading::default() };
        let read = |reading: &Reading| Table::open(path.path()).unwrap().read_as(reading, &Pass::default());
        let error = read(&reading).unwrap_err().to_string();
        assert!(error.contains("line 1, column 2: expected a whole number"), "{error}");
        let measured = read(&Reading { pixels: Pixels::Measured, ..reading.clone() }).unwrap();
        assert_eq!(measured.extent, Some(Extent { min: 0.0, max: 1.0, whole: false, nan: false }));
        let order = Some(vec![2, 0, 1]);
        let values =
            read(&Reading { pixels: Pixels::Scaled(FloatRange::Unit), order, ..reading.clone() }).unwrap();
        let mut out = vec![0; 9];
        values.pixels.finish().unwrap().read_at(0, &mut out).unwrap();
        assert_eq!(out, [255, 0, 128, 0, 255, 64, 255, 255, 255]);
        assert_eq!(
            (values.labels, values.texts, values.greatest),
            (vec![0, 1, 0], vec!["E".into(), "B".into()], 255)
        );
        let large = file(b"E,0.5,1,0\nB,0.25,2,1\n");
        let reading = Reading { pixels: Pixels::Scaled(FloatRange::Unit), ..reading };
        let error =
            Table::open(large.path()).unwrap().read_as(&reading, &Pass::default()).unwrap_err().to_string();
        assert!(error.contains("line 2, column 3: expected a number from 0 to 1, found \"2\""), "{error}");
    }

    #[test]
    fn headers_in_the_middle_and_old_line_ends_are_passed_over() {
        for text in [
            "label,a,b\n5,0,255\nlabel,a,b\n7,10,3\n",
            "label,a,b\r5,0,255\r7,10,3\r",
            "label a b\n5 0 255\nlabel a b\n7 10 3\n",
        ] {
            let found = read(text.as_bytes(), true, &LABEL_FIRST).unwrap();
            assert_eq!(found, (2, vec![5, 7], vec![0, 255, 10, 3]), "{text:?}");
        }
        let flags = read(b"True,False\nfalse,TRUE\n", false, &[Columns::Labels(2)]).unwrap();
        assert_eq!(flags, (2, vec![1, 0, 0, 1], vec![]));
        let error = read(b"5,True,False\n", false, &LABEL_FIRST).unwrap_err();
        assert!(matches!(error, TableError::Flag { column: 2, .. }), "{error}");
    }

    #[test]
    fn lines_are_bounded_before_they_are_cut() {
        let wide = "1,".repeat(MOST_COLUMNS + 1) + "1\n";
        let error = Table::open(file(wide.as_bytes()).path()).err().unwrap().to_string();
        assert!(error.contains("line 1: expected at most"), "{error}");
        let long = vec![b'1'; LONGEST_LINE + 1];
        let error = Table::open(file(&long).path()).err().unwrap().to_string();
        assert!(error.contains("a line of more than 32 MiB"), "{error}");
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
        fn any_text_is_read_or_refused(text in "[0-9,;\\t|\\n\\r\" .ae-]{0,60}", header: bool, n in 1_usize..4) {
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
