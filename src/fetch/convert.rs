//! What is not IDX becomes IDX: images in one file, labels in another, as the rest of the program reads them.
//!
//! Labels become classes counted from 0; where that changes them, the labels as they were are written beside them. Images are
//! turned upright. The files as they came stay in the cache.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use bzip2::read::MultiBzDecoder;
use flate2::read::MultiGzDecoder;
use tempfile::NamedTempFile;
use zip::ZipArchive;

use crate::base::{Shape, Stop};
use crate::formats::codec::npy::NpyHeader;

use super::cache::temporary;
use super::catalogue::{Dataset, Form, SplitSpec, place};
use super::errors::FetchError;

/// Values in a row of extended labels: class, series, writer, ...
const WRITER: usize = 2;

/// A file that has been made and has no name yet.
#[derive(Debug)]
pub(super) struct Made {
    pub(super) name: String,
    pub(super) file: NamedTempFile,
}

/// Makes the files of one split in `folder`, out of sources by name.
pub(super) fn convert(
    dataset: &Dataset,
    split: &SplitSpec,
    sources: &BTreeMap<&str, PathBuf>,
    folder: &Path,
    upright: bool,
    stop: &Stop,
) -> Result<Vec<Made>, FetchError> {
    let mut made = Vec::new();
    let shape = dataset.shape();
    let prefix = split.prefix();
    let mut labels = Labels::default();
    // Extended IDX comes with images as they should be.
    if dataset.form != Form::IdxExtended {
        let mut images = Images::new(folder, shape, dataset.transposed && upright, stop)?;
        let path = source(sources, &split.images)?;
        match dataset.form {
            Form::Idx | Form::IdxExtended => {
                with_member(dataset, path, &split.images, &mut |from, bad| {
                    idx_images(from, &mut images, bad)
                })?;
            }
            Form::Npz => with_array(dataset, path, &split.images, &mut |header, from, bad| {
                npy_images(header, from, &mut images, bad)
            })?,
            Form::Libsvm => libsvm(dataset, path, &split.images, &mut images, &mut labels)?,
            Form::Csv => csv(dataset, path, &split.images, &mut images, &mut labels)?,
        }
        let counted = images.count;
        if let Some(expected) = split.count.filter(|count| *count != counted) {
            return Err(bad(dataset, &split.images)(
                "the images".into(),
                expected.to_string(),
                counted.to_string(),
            ));
        }
        made.push(images.finish(prefix)?);
        labels.images = counted;
    }
    if let Some(at) = &split.labels {
        let path = source(sources, at)?;
        match dataset.form {
            Form::Npz => with_array(dataset, path, at, &mut |header, from, bad| {
                npy_labels(header, from, dataset, &mut labels, bad)
            })?,
            // Tables have their labels beside the pixels; a file of labels is IDX.
            Form::Idx | Form::IdxExtended | Form::Libsvm | Form::Csv => {
                with_member(dataset, path, at, &mut |from, bad| idx_labels(from, &mut labels, bad))?;
            }
        }
        let count = labels.rows(dataset);
        if labels.images != 0 && labels.images != count {
            let (expected, found) = (labels.images.to_string(), count.to_string());
            return Err(bad(dataset, at)("the labels".into(), expected, found));
        }
    }
    labels.finish(dataset, split, folder, &mut made)?;
    Ok(made)
}

fn source<'a>(sources: &'a BTreeMap<&str, PathBuf>, at: &str) -> Result<&'a Path, FetchError> {
    sources
        .get(place(at).0)
        .map(PathBuf::as_path)
        .ok_or_else(|| FetchError::Read { path: place(at).0.into(), source: io::ErrorKind::NotFound.into() })
}

/// Makes an error of a place, what was expected and what was found.
type Bad<'a> = &'a dyn Fn(String, String, String) -> FetchError;

fn bad(dataset: &Dataset, at: &str) -> impl Fn(String, String, String) -> FetchError {
    let (dataset, file) = (dataset.name.clone(), at.replace('#', "/"));
    move |place, expected, found| FetchError::Convert {
        dataset: dataset.clone(),
        file: file.clone(),
        place,
        expected: expected.into(),
        found: found.into(),
    }
}

fn broken(bad: Bad<'_>) -> impl Fn(io::Error) -> FetchError {
    move |error| bad("the data".into(), "readable data".into(), error.to_string())
}

type Member<'a> = &'a mut dyn FnMut(&mut dyn BufRead, Bad<'_>) -> Result<(), FetchError>;

/// Opens `FILE` or `FILE#MEMBER` of a zip archive, unpacked.
fn with_member(dataset: &Dataset, path: &Path, at: &str, read: Member<'_>) -> Result<(), FetchError> {
    let bad = bad(dataset, at);
    let file = File::open(path).map_err(FetchError::read(path))?;
    let mut unpacked = |from: &mut dyn BufRead| {
        let packed = from.fill_buf().map_err(broken(&bad))?.starts_with(&[0x1f, 0x8b]);
        if packed {
            read(&mut BufReader::with_capacity(1 << 16, MultiGzDecoder::new(from)), &bad)
        } else {
            read(from, &bad)
        }
    };
    match place(at).1 {
        None => unpacked(&mut BufReader::with_capacity(1 << 16, file)),
        Some(member) => {
            let zip =
                |error: zip::result::ZipError| bad("the archive".into(), member.into(), error.to_string());
            let mut archive = ZipArchive::new(BufReader::new(file)).map_err(zip)?;
            let entry = archive.by_name(member).map_err(zip)?;
            unpacked(&mut BufReader::with_capacity(1 << 16, entry))
        }
    }
}

type Array<'a> = &'a mut dyn FnMut(&NpyHeader, &mut dyn BufRead, Bad<'_>) -> Result<(), FetchError>;

/// Opens an array of an NPZ file.
fn with_array(dataset: &Dataset, path: &Path, at: &str, read: Array<'_>) -> Result<(), FetchError> {
    let (file, member) = place(at);
    let at = format!("{file}#{}.npy", member.unwrap_or("arr_0"));
    with_member(dataset, path, &at, &mut |mut from, bad| {
        let header = NpyHeader::read(&mut from)
            .map_err(|error| bad("its beginning".into(), "a NumPy array".into(), error.to_string()))?;
        if header.fortran_order {
            return Err(bad("its header".into(), "C order".into(), "Fortran order".into()));
        }
        read(&header, from, bad)
    })
}

/// An IDX file of images in the making.
struct Images<'a> {
    stop: &'a Stop,
    out: BufWriter<NamedTempFile>,
    folder: PathBuf,
    shape: Shape,
    transpose: bool,
    turned: Vec<u8>,
    count: u64,
}

impl<'a> Images<'a> {
    fn new(folder: &Path, shape: Shape, transpose: bool, stop: &'a Stop) -> Result<Self, FetchError> {
        let file = temporary().tempfile_in(folder).map_err(FetchError::write(folder))?;
        let mut images = Self {
            stop,
            out: BufWriter::with_capacity(1 << 18, file),
            folder: folder.into(),
            shape,
            transpose,
            turned: vec![0; shape.bytes()],
            count: 0,
        };
        images.header()?;
        Ok(images)
    }

    /// Writes the header for as many images as there are.
    fn header(&mut self) -> Result<(), FetchError> {
        let (h, w, c) = (self.shape.height as u32, self.shape.width as u32, self.shape.channels() as u32);
        let count = u32::try_from(self.count).unwrap_or(u32::MAX);
        let dims: &[u32] = if c == 1 { &[0x803, count, h, w] } else { &[0x804, count, h, w, c] };
        let bytes: Vec<u8> = dims.iter().flat_map(|n| n.to_be_bytes()).collect();
        self.out.write_all(&bytes).map_err(FetchError::write(&self.folder))
    }

    /// Adds one image.
    fn push(&mut self, pixels: &[u8]) -> Result<(), FetchError> {
        if self.count.is_multiple_of(4096) {
            self.stop.check()?;
        }
        self.count += 1;
        let written = if self.transpose {
            let Shape { height, width, kind } = self.shape;
            let channels = kind.count();
            for (to, pixel) in self.turned.chunks_exact_mut(channels).enumerate() {
                // What is stored column by column has the rows of the picture as its columns.
                let at = (to % width * height + to / width) * channels;
                pixel.copy_from_slice(&pixels[at..at + channels]);
            }
            self.out.write_all(&self.turned)
        } else {
            self.out.write_all(pixels)
        };
        written.map_err(FetchError::write(&self.folder))
    }

    fn finish(mut self, prefix: &str) -> Result<Made, FetchError> {
        let failed = |source| FetchError::Write { path: self.folder.clone(), source };
        self.out.flush().map_err(failed)?;
        self.out.seek(SeekFrom::Start(0)).map_err(failed)?;
        self.header()?;
        let failed = FetchError::write(&self.folder);
        let file = self.out.into_inner().map_err(|error| failed(error.into_error()))?;
        file.as_file().sync_all().map_err(FetchError::write(&self.folder))?;
        let kind = if self.shape.channels() == 1 { "idx3" } else { "idx4" };
        Ok(Made { name: format!("{prefix}-images-{kind}-ubyte"), file })
    }
}

/// Labels as they are in the files.
#[derive(Debug, Default)]
struct Labels {
    /// One for each image; or, where an image has any number of classes, one for each image and class.
    values: Vec<i64>,
    /// Who wrote each image, where it is known.
    writers: Vec<i64>,
    /// Number of images, if they were read.
    images: u64,
}

impl Labels {
    fn rows(&self, dataset: &Dataset) -> u64 {
        (self.values.len() / if dataset.multi_label { dataset.classes } else { 1 }) as u64
    }

    /// Writes classes, and labels as they were where they differ.
    fn finish(
        self,
        dataset: &Dataset,
        split: &SplitSpec,
        folder: &Path,
        made: &mut Vec<Made>,
    ) -> Result<(), FetchError> {
        let bad = bad(dataset, split.labels.as_ref().unwrap_or(&split.images));
        let rows = self.rows(dataset);
        if let Some(expected) = split.count.filter(|count| *count != rows) {
            return Err(bad("the labels".into(), expected.to_string(), rows.to_string()));
        }
        let mut classes = Vec::with_capacity(self.values.len());
        for (at, &value) in self.values.iter().enumerate() {
            let class = if dataset.multi_label {
                usize::try_from(value).ok().filter(|bit| *bit <= 1)
            } else if dataset.label_values.is_empty() {
                usize::try_from(value).ok().filter(|class| *class < dataset.classes)
            } else {
                dataset.label_values.iter().position(|known| *known == value)
            };
            let Some(class) = class else {
                let expected = if dataset.label_values.is_empty() {
                    format!("a label below {}", dataset.classes)
                } else {
                    format!("one of the labels {:?}", dataset.label_values)
                };
                return Err(bad(format!("label {at}"), expected, value.to_string()));
            };
            classes.push(class as u8);
        }
        let prefix = split.prefix();
        let count = rows as u32;
        if dataset.multi_label {
            let dims = [0x802, count, dataset.classes as u32];
            made.push(small(folder, format!("{prefix}-labels-idx2-ubyte"), &dims, &classes)?);
        } else {
            made.push(small(folder, format!("{prefix}-labels-idx1-ubyte"), &[0x801, count], &classes)?);
        }
        if !dataset.label_values.is_empty() {
            let name = format!("{prefix}-labels-original-idx1-ubyte");
            let values: Option<Vec<u8>> = self.values.iter().map(|&value| u8::try_from(value).ok()).collect();
            if let Some(values) = values {
                made.push(small(folder, name, &[0x801, count], &values)?);
            }
        }
        if !self.writers.is_empty() {
            let lines: String =
                self.writers.iter().fold(String::new(), |text, writer| text + &writer.to_string() + "\n");
            made.push(small(folder, format!("{prefix}-groups.txt"), &[], lines.as_bytes())?);
        }
        Ok(())
    }
}

/// A small file of numbers and bytes.
fn small(folder: &Path, name: String, numbers: &[u32], bytes: &[u8]) -> Result<Made, FetchError> {
    let write = || -> io::Result<NamedTempFile> {
        let mut file = temporary().tempfile_in(folder)?;
        let head: Vec<u8> = numbers.iter().flat_map(|n| n.to_be_bytes()).collect();
        file.as_file_mut().write_all(&head)?;
        file.as_file_mut().write_all(bytes)?;
        file.as_file().sync_all()?;
        Ok(file)
    };
    let file = write().map_err(FetchError::write(folder.join(&name)))?;
    Ok(Made { name, file })
}

fn number(from: &mut dyn BufRead, bad: Bad<'_>) -> Result<u32, FetchError> {
    let mut bytes = [0; 4];
    from.read_exact(&mut bytes).map_err(broken(bad))?;
    Ok(u32::from_be_bytes(bytes))
}

/// Reads images one by one, and that nothing follows.
fn each_image(
    from: &mut dyn BufRead,
    count: u64,
    images: &mut Images<'_>,
    bad: Bad<'_>,
) -> Result<(), FetchError> {
    let mut pixels = vec![0; images.shape.bytes()];
    for _ in 0..count {
        from.read_exact(&mut pixels).map_err(broken(bad))?;
        images.push(&pixels)?;
    }
    match from.read(&mut [0]).map_err(broken(bad))? {
        0 => Ok(()),
        _ => Err(bad("its end".into(), format!("{count} images"), "more data".into())),
    }
}

fn idx_images(from: &mut dyn BufRead, images: &mut Images<'_>, bad: Bad<'_>) -> Result<(), FetchError> {
    let magic = number(from, bad)?;
    let dims = match magic {
        0x803 => 3,
        0x804 => 4,
        _ => return Err(bad("offset 0".into(), "0x00000803 or 0x00000804".into(), format!("{magic:#010x}"))),
    };
    let mut sides = [1; 4];
    for side in &mut sides[..dims] {
        *side = number(from, bad)?;
    }
    let Shape { height, width, kind } = images.shape;
    let [_, found @ ..] = sides;
    if found.map(|side| side as usize) != [height, width, kind.count()] {
        let [height, width, channels] = found;
        let found = format!("{height}x{width}x{channels}");
        return Err(bad("its header".into(), format!("images of {}", images.shape), found));
    }
    each_image(from, u64::from(sides[0]), images, bad)
}

/// Labels of one byte, or rows of eight big-endian integers.
fn idx_labels(from: &mut dyn BufRead, labels: &mut Labels, bad: Bad<'_>) -> Result<(), FetchError> {
    let magic = number(from, bad)?;
    let count = u64::from(number(from, bad)?);
    let columns = match magic {
        0x801 => None,
        0xc02 => Some(number(from, bad)? as usize),
        _ => return Err(bad("offset 0".into(), "0x00000801 or 0x00000c02".into(), format!("{magic:#010x}"))),
    };
    let Some(columns) = columns else {
        let mut bytes = Vec::new();
        from.read_to_end(&mut bytes).map_err(broken(bad))?;
        if bytes.len() as u64 != count {
            return Err(bad("its end".into(), format!("{count} labels"), bytes.len().to_string()));
        }
        labels.values.extend(bytes.into_iter().map(i64::from));
        return Ok(());
    };
    if columns <= WRITER || columns > 64 {
        return Err(bad("its header".into(), "rows of 3 to 64 numbers".into(), columns.to_string()));
    }
    let mut row = vec![0; columns * 4];
    for _ in 0..count {
        from.read_exact(&mut row).map_err(broken(bad))?;
        let value = |i: usize| {
            i64::from(i32::from_be_bytes([row[4 * i], row[4 * i + 1], row[4 * i + 2], row[4 * i + 3]]))
        };
        labels.values.push(value(0));
        labels.writers.push(value(WRITER));
    }
    Ok(())
}

fn npy_images(
    header: &NpyHeader,
    from: &mut dyn BufRead,
    images: &mut Images<'_>,
    bad: Bad<'_>,
) -> Result<(), FetchError> {
    let shape = images.shape;
    let sides = [shape.height as u64, shape.width as u64, shape.channels() as u64];
    let same = header
        .shape
        .get(1..)
        .is_some_and(|found| found == sides || (shape.channels() == 1 && found == &sides[..2]));
    if header.descr != "|u1" || !same {
        let found = format!("{} {:?}", header.descr, header.shape);
        return Err(bad("its header".into(), format!("bytes, (N, {shape})"), found));
    }
    each_image(from, header.shape[0], images, bad)
}

fn npy_labels(
    header: &NpyHeader,
    from: &mut dyn BufRead,
    dataset: &Dataset,
    labels: &mut Labels,
    bad: Bad<'_>,
) -> Result<(), FetchError> {
    let columns = if dataset.multi_label { dataset.classes as u64 } else { 1 };
    let same = match header.shape[..] {
        [_] => columns == 1,
        [_, found] => columns == found,
        _ => false,
    };
    let size = match header.descr.as_str() {
        "|u1" | "|i1" | "|b1" => 1,
        "<u2" | "<i2" => 2,
        "<u4" | "<i4" => 4,
        "<u8" | "<i8" => 8,
        _ => 0,
    };
    if !same || size == 0 {
        let found = format!("{} {:?}", header.descr, header.shape);
        return Err(bad("its header".into(), format!("integers, (N, {columns})"), found));
    }
    let mut bytes = Vec::new();
    from.read_to_end(&mut bytes).map_err(broken(bad))?;
    let values = header.values().unwrap_or(u64::MAX);
    if bytes.len() as u64 != values.saturating_mul(size) {
        return Err(bad("its end".into(), format!("{values} values"), format!("{} bytes", bytes.len())));
    }
    let signed = header.descr.contains('i');
    labels.values.extend(bytes.chunks_exact(size as usize).map(|chunk| {
        let negative = signed && chunk.last().is_some_and(|top| top & 0x80 != 0);
        let mut wide = [if negative { 0xff } else { 0 }; 8];
        wide[..chunk.len()].copy_from_slice(chunk);
        i64::from_le_bytes(wide)
    }));
    Ok(())
}

/// `label number:value ...` in each line, in bzip2. Values from -1 to 1 become bytes as torchvision makes them: (x + 1) / 2 * 255 in single
/// precision, without rounding. A value that is not there is 0, as everywhere in this format.
fn libsvm(
    dataset: &Dataset,
    path: &Path,
    at: &str,
    images: &mut Images<'_>,
    labels: &mut Labels,
) -> Result<(), FetchError> {
    let bad = bad(dataset, at);
    let mut file = BufReader::new(File::open(path).map_err(FetchError::read(path))?);
    let packed = file.fill_buf().map_err(broken(&bad))?.starts_with(b"BZh");
    let from: Box<dyn Read> = if packed { Box::new(MultiBzDecoder::new(file)) } else { Box::new(file) };
    let mut from = BufReader::with_capacity(1 << 16, from);
    let (mut text, mut pixels, mut line) = (String::new(), vec![0; images.shape.bytes()], 0_u64);
    loop {
        text.clear();
        if from.read_line(&mut text).map_err(broken(&bad))? == 0 {
            return Ok(());
        }
        line += 1;
        let mut words = text.split_ascii_whitespace();
        let Some(label) = words.next() else { continue };
        let wrong = |what: &str, found: &str| bad(format!("line {line}"), what.into(), format!("{found:?}"));
        labels.values.push(label.trim_start_matches('+').parse().map_err(|_| wrong("a label", label))?);
        pixels.fill(byte(0.0));
        for word in words {
            let pair = word
                .split_once(':')
                .and_then(|(i, x)| Some((i.parse::<usize>().ok()?, x.parse::<f32>().ok()?)));
            let slot = pair.and_then(|(i, x)| Some((pixels.get_mut(i.checked_sub(1)?)?, x)));
            let Some((slot, value)) = slot.filter(|(_, x)| (-1.0..=1.0).contains(x)) else {
                return Err(wrong("number:value, a pixel's number from 1 and a value from -1 to 1", word));
            };
            *slot = byte(value);
        }
        images.push(&pixels)?;
    }
}

fn byte(value: f32) -> u8 {
    let half = (value + 1.0) * 0.5; // in single precision, each step rounded
    (half * 255.0) as u8
}

/// A header, and a row for each image: a column `label`, the others are pixels in order.
fn csv(
    dataset: &Dataset,
    path: &Path,
    at: &str,
    images: &mut Images<'_>,
    labels: &mut Labels,
) -> Result<(), FetchError> {
    let bad = bad(dataset, at);
    let file = File::open(path).map_err(FetchError::read(path))?;
    let mut reader = csv::ReaderBuilder::new().from_reader(BufReader::with_capacity(1 << 16, file));
    let wrong = |error: csv::Error| bad("the text".into(), "rows of equal length".into(), error.to_string());
    let header = reader.byte_headers().map_err(wrong)?;
    let count = images.shape.bytes();
    let label = header.iter().position(|name| name == b"label").filter(|_| header.len() == count + 1);
    let Some(label) = label else {
        let found = format!(
            "{} columns, the first of them {:?}",
            header.len(),
            String::from_utf8_lossy(header.get(0).unwrap_or_default())
        );
        return Err(bad("line 1".into(), format!("a column label and {count} pixels"), found));
    };
    let mut record = csv::ByteRecord::new();
    let mut pixels = Vec::with_capacity(count);
    while reader.read_byte_record(&mut record).map_err(wrong)? {
        let line = record.position().map_or(0, csv::Position::line);
        pixels.clear();
        for (column, text) in record.iter().enumerate() {
            let text = std::str::from_utf8(text).unwrap_or("").trim();
            let wrong = |what: &str| bad(format!("line {line}"), what.into(), format!("{text:?}"));
            if column == label {
                labels.values.push(text.parse().map_err(|_| wrong("a label"))?);
            } else {
                pixels.push(text.parse::<u8>().map_err(|_| wrong("a value from 0 to 255"))?);
            }
        }
        images.push(&pixels)?;
    }
    Ok(())
}
