//! MATLAB files of version 5, which MATLAB calls 5, 6 and 7: the numeric arrays in them, by name, wherever they lie.
//!
//! A file is 128 bytes of header and then elements, of which those of version 7 are packed by zlib, each by itself. An element has a type, a
//! length, and data that are padded to 8 bytes; a matrix is an element of elements. The fields of a structure are matrices again, and
//! their arrays are called `structure.field`. Values lie in columns: the first axis varies fastest.
//!
//! A file is passed once to find where its arrays lie. No length is believed: each must fit into what it is part of, and nothing is
//! allocated for values.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;

use flate2::read::ZlibDecoder;

use super::npy::NpyHeader;
use super::numpy_arrays::{ArrayError, BOMB_BYTES, MOST_RATIO, Opened};

/// Bytes of the header.
const HEADER: usize = 128;
/// Type of an element: a matrix.
const MATRIX: u32 = 14;
/// Type of an element: another element, packed.
const PACKED: u32 = 15;
/// Structures in structures.
const DEEPEST: usize = 8;
/// Axes of a matrix; images have four.
const MOST_AXES: usize = 8;
/// Bytes of a name. MATLAB's have 63 at most.
const LONGEST_NAME: usize = 256;
/// Bytes of the names of a structure's fields.
const FIELDS: usize = 64 << 10;
/// Arrays in a file.
const MOST_ARRAYS: usize = 4096;

/// Whether a file that begins with these bytes is a MATLAB file of version 5.
#[must_use]
pub fn is_mat5(start: &[u8]) -> bool {
    let mark = start.get(HEADER - 4..HEADER);
    mark == Some(b"\x00\x01IM") || mark == Some(b"\x01\x00MI") || start.starts_with(b"MATLAB 5.0")
}

/// What a file holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MatFile {
    /// Numeric arrays, by name.
    pub arrays: BTreeMap<String, MatArray>,
    /// What else there is: `a text`, `a cell array`.
    pub others: BTreeMap<String, &'static str>,
}

/// What a matrix of a class is that is no array of numbers.
fn other(class: u32, is_complex: bool) -> &'static str {
    match class {
        1 => "a cell array",
        2 => "an array of structures",
        4 => "a text",
        5 => "a sparse matrix",
        6..=15 if is_complex => "an array of complex numbers",
        _ => "an object",
    }
}

/// A numeric array in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MatArray {
    /// As NumPy spells the type of its values.
    descr: String,
    /// Lengths of its axes.
    shape: Vec<u64>,
    /// Where the data of its element of the file begin.
    element: u64,
    /// Bytes of that element, if it is packed.
    packed: Option<u64>,
    /// Where in the element, unpacked, the values begin.
    at: u64,
    /// Bytes of the values.
    bytes: u64,
}

impl MatArray {
    /// A reader of the values.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub(super) fn open(&self, path: &Path) -> io::Result<Opened<'static>> {
        let mut file = File::open(path)?;
        let (reader, in_place): (Box<dyn Read>, _) = if let Some(packed) = self.packed {
            file.seek(SeekFrom::Start(self.element))?;
            let unpacked = ZlibDecoder::new(BufReader::new(file).take(packed));
            (Box::new(Behind { reader: unpacked, skip: self.at }.take(self.bytes)), None)
        } else {
            let start = self.element + self.at;
            file.seek(SeekFrom::Start(start))?;
            let shared = Arc::new(file.try_clone()?);
            (Box::new(BufReader::new(file).take(self.bytes)), Some((shared, start)))
        };
        let header = NpyHeader {
            descr: self.descr.clone(),
            fortran_order: true,
            shape: self.shape.clone(),
            length: 0,
        };
        Ok(Opened { reader, header, length: self.bytes, packed: self.packed, in_place })
    }
}

/// What lies behind so many bytes, which are passed over when something is read.
struct Behind<R> {
    reader: R,
    skip: u64,
}

impl<R: Read> Read for Behind<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.skip > 0 {
            pass_over(&mut self.reader, self.skip)?;
            self.skip = 0;
        }
        self.reader.read(out)
    }
}

fn pass_over(reader: &mut impl Read, bytes: u64) -> io::Result<()> {
    let passed = io::copy(&mut reader.take(bytes), &mut io::sink())?;
    if passed == bytes { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}

/// NumPy's spelling of a type of numbers, and the bytes of one.
fn descr(kind: u32, big_endian: bool) -> Option<(String, u64)> {
    let (letter, size) = match kind {
        1 => ('i', 1),
        2 => ('u', 1),
        3 => ('i', 2),
        4 => ('u', 2),
        5 => ('i', 4),
        6 => ('u', 4),
        7 => ('f', 4),
        9 => ('f', 8),
        12 => ('i', 8),
        13 => ('u', 8),
        _ => return None,
    };
    let order = match (size, big_endian) {
        (1, _) => '|',
        (_, true) => '>',
        (_, false) => '<',
    };
    Some((format!("{order}{letter}{size}"), size))
}

/// What is wrong with a file: what was expected, and what was found.
struct Wrong(String, String);

/// Why a file was left.
enum Failed {
    Io(io::Error),
    Form(Wrong),
}

impl From<io::Error> for Failed {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

type Found<T> = Result<T, Failed>;

fn wrong<T>(expected: impl Into<String>, found: impl Into<String>) -> Found<T> {
    Err(Failed::Form(Wrong(expected.into(), found.into())))
}

/// The numeric arrays of a file, by name, and what else it holds.
///
/// # Errors
/// If it cannot be read, is no such file, or a length in it is not that of what is there.
pub fn scan(path: &Path) -> Result<MatFile, ArrayError> {
    let place = path.display().to_string();
    scan_file(path).map_err(|failed| match failed {
        Failed::Io(source) => ArrayError::Io { place, source },
        Failed::Form(Wrong(expected, found)) => ArrayError::Form {
            place,
            expected,
            found,
            help: "get the file again; it is cut off or damaged".into(),
        },
    })
}

fn scan_file(path: &Path) -> Found<MatFile> {
    let mut file = File::open(path)?;
    let size = file.metadata()?.len();
    let mut header = [0; HEADER];
    if size < HEADER as u64 {
        return wrong("a MATLAB file of version 5, with 128 bytes of header", format!("{size} bytes"));
    }
    file.read_exact(&mut header)?;
    let big_endian = header[HEADER - 2..] == *b"MI";
    if !is_mat5(&header) || !(big_endian || header[HEADER - 2..] == *b"IM") {
        return wrong("a MATLAB file of version 5", "another header");
    }
    let mut found = MatFile::default();
    let mut at = HEADER as u64;
    while at + 8 <= size {
        file.seek(SeekFrom::Start(at))?;
        let mut tag = [0; 8];
        file.read_exact(&mut tag)?;
        let [kind, length] = [word(&tag[..4], big_endian), word(&tag[4..], big_endian)];
        let (data, length) = (at + 8, u64::from(length));
        if length > size - data {
            return wrong(format!("an element of {length} bytes at {at}"), format!("{} bytes", size - data));
        }
        let mut scan =
            Scan { big_endian, element: data, packed: None, at: 0, end: length, found: &mut found };
        match kind {
            MATRIX => scan.matrix(&mut Plain(BufReader::new(file.try_clone()?)), None, length, 0)?,
            PACKED => {
                scan.packed = Some(length);
                // Deflate packs nothing that is worth reading as tightly as what is made to be unpacked without end.
                scan.end = BOMB_BYTES.saturating_add(length.saturating_mul(MOST_RATIO));
                let mut unpacked = ZlibDecoder::new(BufReader::new(file.try_clone()?).take(length));
                scan.packed_matrix(&mut unpacked)?;
            }
            // Whatever else there may be is no array.
            _ => {}
        }
        // What is packed is not padded.
        at = data + if kind == PACKED { length } else { length.next_multiple_of(8) };
    }
    Ok(found)
}

fn word(bytes: &[u8], big_endian: bool) -> u32 {
    let bytes = [bytes[0], bytes[1], bytes[2], bytes[3]];
    if big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) }
}

/// Something to read in which bytes can be passed over.
trait Passable: Read {
    fn pass(&mut self, bytes: u64) -> io::Result<()>;
}

/// A file, whose length is known to be enough.
struct Plain(BufReader<File>);

impl Read for Plain {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        self.0.read(out)
    }
}

impl Passable for Plain {
    fn pass(&mut self, bytes: u64) -> io::Result<()> {
        self.0.seek_relative(i64::try_from(bytes).map_err(io::Error::other)?)
    }
}

impl<R: Read> Passable for ZlibDecoder<R> {
    fn pass(&mut self, bytes: u64) -> io::Result<()> {
        pass_over(self, bytes)
    }
}

/// The type of an element and the bytes of its data; short data stand in the tag itself.
struct Tag {
    kind: u32,
    bytes: u64,
    /// Bytes behind the data, up to the next element.
    padding: u64,
}

/// The pass over one element of a file.
struct Scan<'a> {
    big_endian: bool,
    /// Where its data begin in the file, and their bytes if they are packed.
    element: u64,
    packed: Option<u64>,
    /// Where in its data, unpacked, the next byte lies, and where they end at last.
    at: u64,
    end: u64,
    found: &'a mut MatFile,
}

impl Scan<'_> {
    fn fill(&mut self, from: &mut dyn Passable, out: &mut [u8], end: u64) -> Found<()> {
        self.room(out.len() as u64, end)?;
        from.read_exact(out)?;
        self.at += out.len() as u64;
        Ok(())
    }

    fn pass(&mut self, from: &mut dyn Passable, bytes: u64, end: u64) -> Found<()> {
        self.room(bytes, end)?;
        from.pass(bytes)?;
        self.at += bytes;
        Ok(())
    }

    /// Whether so many bytes fit before `end`.
    fn room(&self, bytes: u64, end: u64) -> Found<()> {
        let end = end.min(self.end);
        match self.at.checked_add(bytes) {
            Some(last) if last <= end => Ok(()),
            _ => wrong(
                format!("{bytes} bytes at {} of the element at {}", self.at, self.element),
                format!("{} bytes", end.saturating_sub(self.at)),
            ),
        }
    }

    fn tag(&mut self, from: &mut dyn Passable, end: u64) -> Found<Tag> {
        let mut first = [0; 4];
        self.fill(from, &mut first, end)?;
        let first = word(&first, self.big_endian);
        if first >> 16 != 0 {
            let bytes = u64::from(first >> 16);
            if bytes > 4 {
                return wrong("a short element of at most 4 bytes", format!("{bytes} bytes"));
            }
            return Ok(Tag { kind: first & 0xffff, bytes, padding: 4 - bytes });
        }
        let mut length = [0; 4];
        self.fill(from, &mut length, end)?;
        let bytes = u64::from(word(&length, self.big_endian));
        self.room(bytes, end)?;
        // Some leave out what pads the last element.
        let padding = (bytes.next_multiple_of(8) - bytes).min(end - self.at - bytes);
        Ok(Tag { kind: first, bytes, padding })
    }

    /// The data of an element that has few.
    fn few(&mut self, from: &mut dyn Passable, what: &str, most: usize, end: u64) -> Found<Vec<u8>> {
        let Tag { bytes, padding, .. } = self.tag(from, end)?;
        let length = usize::try_from(bytes).ok().filter(|length| *length <= most);
        let Some(length) = length else {
            return wrong(format!("{what} of at most {most} bytes"), format!("{bytes} bytes"));
        };
        let mut data = vec![0; length];
        self.fill(from, &mut data, end)?;
        self.pass(from, padding, end)?;
        Ok(data)
    }

    fn packed_matrix<R: Read>(&mut self, from: &mut ZlibDecoder<R>) -> Found<()> {
        let tag = self.tag(from, self.end)?;
        if tag.kind == MATRIX {
            self.matrix(from, None, tag.bytes, 0)?;
        } else {
            self.pass(from, tag.bytes, self.end)?;
        }
        // To the very end, where the checksum is.
        let left = self.end - self.at;
        let more = io::copy(&mut from.take(left.saturating_add(1)), &mut io::sink())?;
        if more > left {
            return wrong(format!("at most {} bytes in what is packed", self.end), "more");
        }
        Ok(())
    }

    /// A matrix of `bytes` bytes: the array of numbers that it is, or those in the structure that it is. `name` is that of a field.
    fn matrix(
        &mut self,
        from: &mut dyn Passable,
        name: Option<String>,
        bytes: u64,
        depth: usize,
    ) -> Found<()> {
        self.room(bytes, self.end)?;
        let end = self.at + bytes;
        if bytes == 0 || depth > DEEPEST {
            return self.pass(from, bytes, end);
        }
        let flags = self.few(from, "flags of a matrix", 16, end)?;
        let flags = flags.get(..4).map_or(0, |flags| word(flags, self.big_endian));
        let axes = self.few(from, "the lengths of axes", 4 * MOST_AXES, end)?;
        let sides = axes.as_chunks::<4>().0.iter().map(|side| word(side, self.big_endian));
        let Some(shape) =
            sides.map(|side| i32::try_from(side).ok()?.try_into().ok()).collect::<Option<Vec<u64>>>()
        else {
            return wrong("lengths of axes", "numbers below 0");
        };
        let own = self.few(from, "a name", LONGEST_NAME, end)?;
        let name = name.unwrap_or_else(|| String::from_utf8_lossy(&own).into_owned());
        let (class, is_complex, is_logical) = (flags & 0xff, flags >> 8 & 8 != 0, flags >> 8 & 2 != 0);
        match class {
            2 if shape.iter().all(|side| *side == 1) => self.fields(from, &name, end, depth)?,
            6..=15 if !is_complex => self.numbers(from, name, shape, is_logical, end)?,
            // Texts, cells, objects, sparse matrices, structures of several.
            _ => {
                if self.found.others.len() < MOST_ARRAYS && !name.is_empty() {
                    self.found.others.entry(name).or_insert(other(class, is_complex));
                }
            }
        }
        self.pass(from, end - self.at, end)
    }

    /// The fields of a structure.
    fn fields(&mut self, from: &mut dyn Passable, name: &str, end: u64, depth: usize) -> Found<()> {
        let length = self.few(from, "the length of names", 4, end)?;
        let length = length.get(..4).map_or(0, |length| word(length, self.big_endian)) as usize;
        let names = self.few(from, "the names of fields", FIELDS, end)?;
        if length == 0 || length > LONGEST_NAME {
            return wrong(format!("names of 1 to {LONGEST_NAME} bytes"), length.to_string());
        }
        for field in names.chunks_exact(length) {
            let field = field.split(|byte| *byte == 0).next().unwrap_or_default();
            let field = format!("{name}.{}", String::from_utf8_lossy(field));
            let Tag { kind, bytes, padding } = self.tag(from, end)?;
            if kind != MATRIX {
                return wrong(
                    format!("a matrix as the field {field:?}"),
                    format!("an element of type {kind}"),
                );
            }
            self.matrix(from, Some(field), bytes, depth + 1)?;
            self.pass(from, padding, end)?;
        }
        Ok(())
    }

    fn numbers(
        &mut self,
        from: &mut dyn Passable,
        name: String,
        shape: Vec<u64>,
        is_logical: bool,
        end: u64,
    ) -> Found<()> {
        let Tag { kind, bytes, .. } = self.tag(from, end)?;
        let Some((mut descr, size)) = descr(kind, self.big_endian) else {
            return wrong(format!("numbers in {name:?}"), format!("an element of type {kind}"));
        };
        let expected = shape.iter().try_fold(size, |product, side| product.checked_mul(*side));
        if expected != Some(bytes) {
            return wrong(
                format!("as many values as the axes {shape:?} of {name:?} say"),
                format!("{bytes} bytes"),
            );
        }
        if is_logical && size == 1 {
            descr = "|b1".into();
        }
        if self.found.arrays.len() >= MOST_ARRAYS {
            return wrong(format!("at most {MOST_ARRAYS} arrays"), "more");
        }
        let Self { element, packed, at, .. } = *self;
        self.found.arrays.entry(name).or_insert(MatArray { descr, shape, element, packed, at, bytes });
        Ok(())
    }
}

#[cfg(test)]
pub(crate) mod tests;
