//! NumPy arrays of others, as bytes: the members of an `.npz` file, or `.npy` files.
//!
//! Whatever integers or floats they hold, in whatever order, comes out as u8 in C order, streamed: packed or converted values go
//! to a [`Spool`], plain bytes that are not packed stay where they lie. Nothing is unpickled, nothing is unpacked to a name, and nothing is
//! allocated because a header says so.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use flate2::read::MultiGzDecoder;
use zip::{CompressionMethod, ZipArchive};

use crate::base::Shape;
use crate::recipe::FloatRange;

use super::element::{Element, Extent};
use super::idx_array;
use super::mat5::{self, MatFile};
use super::npy::{NpyError, NpyHeader};
use super::spool::{Spool, SpoolWriter};
use super::table::scaled;

mod error;

pub use error::ArrayError;

/// Bytes that are read at a time; a multiple of every element's size.
const CHUNK: usize = 1 << 16;

/// Images that are put in order at a time take about so many bytes.
const GATHER: usize = 32 << 20;

/// Packed arrays of more than this many bytes may not be more than [`MOST_RATIO`] times as large as what they are packed in.
/// Deflate gives up to 1032; images do not come near.
pub(super) const BOMB_BYTES: u64 = 64 << 20;
pub(super) const MOST_RATIO: u64 = 500;

/// No archive of arrays that is packed as a whole is unpacked to more bytes.
const MOST_UNPACKED: u64 = 4 << 30;

/// A file, or, where it is packed with gzip as a whole, what was in it, in a file without a name.
fn unpacked(mut file: File) -> io::Result<File> {
    let mut magic = [0; 2];
    let is_packed = file.read_exact(&mut magic).is_ok() && magic == [0x1f, 0x8b];
    file.seek(SeekFrom::Start(0))?;
    if !is_packed {
        return Ok(file);
    }
    let packed = file.metadata()?.len();
    let most = MOST_UNPACKED.min(packed.saturating_mul(MOST_RATIO).max(BOMB_BYTES));
    let mut out = tempfile::tempfile()?;
    let mut from = MultiGzDecoder::new(BufReader::with_capacity(CHUNK, file));
    if io::copy(&mut (&mut from).take(most + 1), &mut out)? > most {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "it unpacks to more than any images do"));
    }
    out.seek(SeekFrom::Start(0))?;
    Ok(out)
}

/// What an array's header says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Described {
    /// Type of the values.
    pub element: Element,
    /// As NumPy spells it.
    pub descr: String,
    /// Lengths of the axes.
    pub shape: Vec<u64>,
    /// Whether the first axis varies fastest.
    pub fortran: bool,
}

/// Where arrays lie.
#[derive(Debug)]
enum Store {
    Npz {
        path: PathBuf,
        file: Arc<File>,
        archive: Box<ZipArchive<File>>,
    },
    Npy(BTreeMap<String, PathBuf>),
    /// An IDX file, under a name.
    Idx(String, PathBuf),
    /// The arrays of a MATLAB file.
    Mat(PathBuf, MatFile),
    /// Arrays of others, and what they are called there.
    Several(BTreeMap<String, (Arrays, String)>),
}

/// Arrays by name.
#[derive(Debug)]
pub struct Arrays {
    store: Store,
}

/// An array's file, how long it should be, and whether it can be read in place from an offset on.
pub(super) struct Opened<'a> {
    pub(super) reader: Box<dyn Read + 'a>,
    pub(super) header: NpyHeader,
    pub(super) length: u64,
    pub(super) packed: Option<u64>,
    pub(super) in_place: Option<(Arc<File>, u64)>,
}

impl Arrays {
    /// The members of an `.npz` file.
    ///
    /// # Errors
    /// If it is no zip file, or one of its names leads out of the folder that it would be unpacked in.
    pub fn npz(path: &Path) -> Result<Self, ArrayError> {
        let place = path.display().to_string();
        let io = |source| ArrayError::Io { place: place.clone(), source };
        let file = unpacked(File::open(path).map_err(io)?).map_err(io)?;
        let shared = Arc::new(file.try_clone().map_err(io)?);
        let form = |found: String, help: &str| ArrayError::Form {
            place: place.clone(),
            expected: "an NPZ file, a zip file of NumPy arrays".into(),
            found,
            help: help.into(),
        };
        let mut archive = ZipArchive::new(file).map_err(|error| {
            form(error.to_string(), "get the file again; it is cut off, damaged or no .npz file")
        })?;
        for number in 0..archive.len() {
            let entry = archive
                .by_index_raw(number)
                .map_err(|error| form(error.to_string(), "get the file again"))?;
            if entry.enclosed_name().is_none() {
                return Err(form(
                    format!("the member {:?}, whose name leads out of the folder", entry.name()),
                    "do not trust this file; NumPy writes no such names",
                ));
            }
        }
        Ok(Self { store: Store::Npz { path: path.into(), file: shared, archive: Box::new(archive) } })
    }

    /// `.npy` files under the names that they are to have here.
    #[must_use]
    pub fn npy(files: BTreeMap<String, PathBuf>) -> Self {
        Self { store: Store::Npy(files) }
    }

    /// An IDX file under the name that it is to have here.
    #[must_use]
    pub fn idx(name: &str, path: &Path) -> Self {
        Self { store: Store::Idx(name.to_owned(), path.to_owned()) }
    }

    /// The numeric arrays of a MATLAB file of version 5, those of structures as `structure.field`.
    ///
    /// # Errors
    /// If it cannot be read, or is no such file.
    pub fn mat(path: &Path) -> Result<Self, ArrayError> {
        Ok(Self { store: Store::Mat(path.to_owned(), mat5::scan(path)?) })
    }

    /// Single arrays of several files under the names that they are to have here.
    #[must_use]
    pub fn several(arrays: BTreeMap<String, (Self, String)>) -> Self {
        Self { store: Store::Several(arrays) }
    }

    /// The names, in order.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        match &self.store {
            Store::Npz { archive, .. } => {
                let mut names: Vec<String> = archive
                    .file_names()
                    .filter_map(|name| name.strip_suffix(".npy"))
                    .map(str::to_owned)
                    .collect();
                names.sort();
                names
            }
            Store::Npy(files) => files.keys().cloned().collect(),
            Store::Idx(name, _) => vec![name.clone()],
            Store::Mat(_, file) => file.arrays.keys().cloned().collect(),
            Store::Several(arrays) => arrays.keys().cloned().collect(),
        }
    }

    /// What else a MATLAB file holds that is no numbers, by name: `a text`, `a cell array`.
    #[must_use]
    pub fn others(&self) -> BTreeMap<String, &'static str> {
        match &self.store {
            Store::Mat(_, file) => file.others.clone(),
            Store::Npz { .. } | Store::Npy(_) | Store::Idx(..) | Store::Several(_) => BTreeMap::new(),
        }
    }

    /// The file that holds an array.
    #[must_use]
    pub fn path(&self, name: &str) -> &Path {
        match &self.store {
            Store::Npz { path, .. } | Store::Idx(_, path) | Store::Mat(path, _) => path,
            Store::Npy(files) => files.get(name).map_or(Path::new(""), PathBuf::as_path),
            Store::Several(arrays) => arrays.get(name).map_or(Path::new(""), |(of, name)| of.path(name)),
        }
    }

    /// What an array is called in messages.
    #[must_use]
    pub fn place(&self, name: &str) -> String {
        match &self.store {
            Store::Npz { path, .. } | Store::Mat(path, _) => format!("{}: array {name:?}", path.display()),
            Store::Npy(_) | Store::Idx(..) => self.path(name).display().to_string(),
            Store::Several(arrays) => arrays.get(name).map_or_else(String::new, |(of, name)| of.place(name)),
        }
    }

    fn open(&mut self, name: &str) -> Result<Opened<'_>, ArrayError> {
        let place = self.place(name);
        let io = |source| ArrayError::Io { place: place.clone(), source };
        let bad = |error| match error {
            NpyError::Io(source) => io(source),
            other => ArrayError::Form {
                place: place.clone(),
                expected: "a NumPy array of numbers".into(),
                found: other.found(),
                help: other.help().into(),
            },
        };
        match &mut self.store {
            Store::Npz { file, archive, .. } => {
                let broken =
                    |error: zip::result::ZipError| io(io::Error::new(io::ErrorKind::InvalidData, error));
                let number = archive
                    .index_for_name(&format!("{name}.npy"))
                    .ok_or_else(|| io(io::ErrorKind::NotFound.into()))?;
                let mut entry = archive.by_index(number).map_err(broken)?;
                let header = NpyHeader::read(&mut entry).map_err(bad)?;
                let stored = entry.compression() == CompressionMethod::Stored;
                Ok(Opened {
                    length: entry.size(),
                    packed: (!stored).then_some(entry.compressed_size()),
                    in_place: stored.then(|| (Arc::clone(file), entry.data_start() + header.length)),
                    header,
                    reader: Box::new(entry),
                })
            }
            Store::Npy(files) => {
                let path = files.get(name).ok_or_else(|| io(io::ErrorKind::NotFound.into()))?;
                let file = unpacked(File::open(path).map_err(io)?).map_err(io)?;
                let length = file.metadata().map_err(io)?.len();
                let shared = Arc::new(file.try_clone().map_err(io)?);
                let mut reader = BufReader::with_capacity(CHUNK, file);
                let header = NpyHeader::read(&mut reader).map_err(bad)?;
                let in_place = Some((shared, header.length));
                Ok(Opened { length, packed: None, in_place, header, reader: Box::new(reader) })
            }
            Store::Idx(_, path) => {
                let opened = idx_array::open(path).map_err(io)?.ok_or_else(|| ArrayError::Form {
                    place: place.clone(),
                    expected: "an IDX file of at most 4 dimensions".into(),
                    found: "another header".into(),
                    help: "check that this is the right file".into(),
                })?;
                let start = opened.header.length;
                Ok(Opened {
                    reader: opened.reader,
                    in_place: opened.file.map(|file| (Arc::new(file), start)),
                    header: opened.header,
                    length: opened.length,
                    packed: opened.packed,
                })
            }
            Store::Mat(path, file) => file
                .arrays
                .get(name)
                .ok_or_else(|| io(io::ErrorKind::NotFound.into()))?
                .open(path)
                .map_err(io),
            Store::Several(arrays) => {
                let (of, name) = arrays.get_mut(name).ok_or_else(|| io(io::ErrorKind::NotFound.into()))?;
                of.open(name)
            }
        }
    }

    /// What an array's header says, which is checked against the file's size.
    ///
    /// # Errors
    /// If it holds no numbers, has no values, or its size is not what the header says or beyond belief.
    pub fn describe(&mut self, name: &str) -> Result<Described, ArrayError> {
        let place = self.place(name);
        let form = |expected: &str, found: String, help: &str| ArrayError::Form {
            place: place.clone(),
            expected: expected.into(),
            found,
            help: help.into(),
        };
        let opened = self.open(name)?;
        let NpyHeader { descr, fortran_order, shape, length } = opened.header;
        let Some(element) = Element::parse(&descr) else {
            return Err(if descr.contains('O') {
                form(
                    "numbers",
                    "an array of Python objects, which are never unpickled".into(),
                    "write it again as numbers, for instance numpy.array(list, dtype=numpy.uint8)",
                )
            } else {
                let help = match descr.trim_start_matches(['<', '>', '=', '|']).chars().next() {
                    Some('U' | 'S') => "number the texts: numpy.unique(array, return_inverse=True)[1]",
                    Some('c') => "choose the part that is meant: array.real or abs(array)",
                    Some('V') => "choose one of its fields: array[\"name\"]",
                    // Floats of 16 bytes, dates and times.
                    Some(_) | None => "write it again as array.astype(numpy.float64)",
                };
                form("integers or floats", descr, help)
            });
        };
        let bytes = shape
            .iter()
            .try_fold(element.size as u64, |product, &axis| product.checked_mul(axis))
            .and_then(|bytes| bytes.checked_add(length));
        if bytes != Some(opened.length) {
            return Err(form(
                &format!("as many bytes as its header {descr} {shape:?} says"),
                format!("{}", opened.length),
                "get the file again; it is cut off or damaged",
            ));
        }
        if let Some(packed) = opened.packed
            && opened.length > BOMB_BYTES
            && opened.length / packed.max(1) > MOST_RATIO
        {
            return Err(form(
                &format!("images, which are packed to no less than 1/{MOST_RATIO} of their size"),
                format!("{} bytes packed in {packed}", opened.length),
                "do not trust this file; if it is yours, write it with numpy.savez, which does not pack",
            ));
        }
        if shape.contains(&0) {
            return Err(form(
                "values",
                format!("none: its shape is {shape:?}"),
                "name a file that holds samples",
            ));
        }
        Ok(Described { element, descr, shape, fortran: fortran_order })
    }

    /// Hands on the bytes of the values, a chunk at a time, each of whole values. All of the file is read, so that a wrong checksum is found.
    fn chunks(
        &mut self,
        name: &str,
        mut f: impl FnMut(&[u8]) -> Result<(), ArrayError>,
    ) -> Result<Option<(Arc<File>, u64)>, ArrayError> {
        let place = self.place(name);
        let io = |source| ArrayError::Io { place: place.clone(), source };
        let mut opened = self.open(name)?;
        let mut left = opened.length - opened.header.length;
        let mut buffer = vec![0; CHUNK];
        while left > 0 {
            let want = CHUNK.min(usize::try_from(left).unwrap_or(CHUNK));
            opened.reader.read_exact(&mut buffer[..want]).map_err(io)?;
            f(&buffer[..want])?;
            left -= want as u64;
        }
        if opened.reader.read(&mut buffer[..1]).map_err(io)? != 0 {
            return Err(io(io::Error::new(io::ErrorKind::InvalidData, "it goes on after its end")));
        }
        Ok(opened.in_place)
    }

    /// The least and greatest of an array's values.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn extent(&mut self, name: &str) -> Result<Extent, ArrayError> {
        let element = self.describe(name)?.element;
        let mut extent = Extent::NONE;
        self.chunks(name, |bytes| {
            element.each(bytes, |value| extent = extent.and(value));
            Ok(())
        })?;
        Ok(extent)
    }

    /// An array's values as u8, in the order in which they lie there, the BLAKE3 of these bytes, and the greatest of them. Values are scaled as
    /// `range` says and rounded; without it they are whole numbers.
    ///
    /// # Errors
    /// If it cannot be read, or a value is none from 0 to 255 then.
    pub fn bytes(
        &mut self,
        name: &str,
        range: Option<FloatRange>,
    ) -> Result<(Spool, blake3::Hash, u8), ArrayError> {
        let Described { element, descr, .. } = self.describe(name)?;
        let place = self.place(name);
        let io = |source| ArrayError::Io { place: place.clone(), source };
        let mut digest = blake3::Hasher::new();
        let mut greatest = 0;
        let is_plain = (element.kind, element.size) == ('u', 1) || element.kind == 'b';
        if is_plain && range.is_none_or(|range| range == FloatRange::Bytes) {
            let mut spool = None;
            if !self.stays(name)? {
                spool = Some(SpoolWriter::default());
            }
            let in_place = self.chunks(name, |bytes| {
                digest.update(bytes);
                greatest = bytes.iter().fold(greatest, |most, &value| most.max(value));
                spool.as_mut().map_or(Ok(()), |spool| spool.write_all(bytes)).map_err(io)
            })?;
            let spool = match (spool, in_place) {
                (None, Some((file, start))) => Spool::File { file, start },
                (spool, _) => spool.unwrap_or_default().finish().map_err(io)?,
            };
            return Ok((spool, digest.finalize(), greatest));
        }
        let scale = range.unwrap_or(FloatRange::Bytes);
        let (black, white) = (scale.black(), scale.white());
        let rounds = range.is_some_and(|range| range != FloatRange::Bytes || element.kind == 'f');
        let mut spool = SpoolWriter::default();
        let mut out = Vec::with_capacity(CHUNK);
        let mut index = 0_u64;
        self.chunks(name, |bytes| {
            let mut wrong = None;
            out.clear();
            element.each(bytes, |value| {
                let byte = scaled(value, scale).filter(|byte| rounds || f64::from(*byte) == value);
                if byte.is_none() && wrong.is_none() {
                    wrong = Some((index + out.len() as u64, value));
                }
                greatest = greatest.max(byte.unwrap_or(0));
                out.push(byte.unwrap_or(0));
            });
            if let Some((at, value)) = wrong {
                return Err(ArrayError::Form {
                    place: place.clone(),
                    expected: if rounds {
                        let kind = if element.kind == 'f' { "floats" } else { "numbers" };
                        format!("{kind} from {black} to {white}")
                    } else {
                        format!("whole numbers from 0 to 255 in {descr}")
                    },
                    found: format!("{value} at position {at}"),
                    help: match range {
                        Some(range) if rounds => format!("say another --float-range than {range}"),
                        _ if value < 0.0 => "bring the values to 0..255 before they are saved: add what the least of them lacks to 0".into(),
                        _ => "say what is white with --float-range 0-N (0-65535 for numbers of 16 bits), or bring the values to 0..255 before they are saved".into(),
                    },
                });
            }
            index += out.len() as u64;
            digest.update(&out);
            spool.write_all(&out).map_err(io)
        })?;
        Ok((spool.finish().map_err(io)?, digest.finalize(), greatest))
    }

    /// Whether an array's bytes can be read where they are.
    fn stays(&mut self, name: &str) -> Result<bool, ArrayError> {
        Ok(self.open(name)?.in_place.is_some())
    }
}

/// Images (count, H, W, C) in C order from bytes in another order: `strides` says how far apart the images, rows, columns and channels are.
///
/// # Errors
/// If the bytes cannot be read.
pub fn in_order(from: &Spool, count: u64, shape: Shape, strides: [u64; 4]) -> io::Result<Spool> {
    let size = shape.bytes() as u64;
    let block = (GATHER as u64 / size).clamp(1, count.max(1));
    let mut spool = SpoolWriter::default();
    let (mut read, mut out) = (Vec::new(), Vec::new());
    let places = || {
        (0..shape.height as u64).flat_map(move |h| {
            (0..shape.width as u64).flat_map(move |w| {
                (0..shape.channels() as u64).map(move |c| h * strides[1] + w * strides[2] + c * strides[3])
            })
        })
    };
    let mut first = 0;
    while first < count {
        let images = block.min(count - first);
        out.resize((images * size) as usize, 0);
        if strides[0] == size {
            // Each image lies in one piece.
            read.resize(out.len(), 0);
            from.read_at(first * size, &mut read)?;
            for (out, image) in out.chunks_mut(size as usize).zip(read.chunks(size as usize)) {
                out.iter_mut().zip(places()).for_each(|(value, place)| *value = image[place as usize]);
            }
        } else {
            // The same place of all images lies in one piece.
            read.resize(images as usize, 0);
            for (i, place) in places().enumerate() {
                from.read_at(place + first * strides[0], &mut read)?;
                out[i..]
                    .iter_mut()
                    .step_by(size as usize)
                    .zip(&read)
                    .for_each(|(value, byte)| *value = *byte);
            }
        }
        spool.write_all(&out)?;
        first += images;
    }
    spool.finish()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::base::Channels;

    fn arrays(file: &tempfile::NamedTempFile) -> Arrays {
        Arrays::npy(BTreeMap::from([("a".to_owned(), file.path().to_owned())]))
    }

    fn file(descr: &str, shape: &[usize], body: &[u8]) -> tempfile::NamedTempFile {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(&NpyHeader::encode(descr, shape)).unwrap();
        file.write_all(body).unwrap();
        file
    }

    fn bytes(descr: &str, body: &[u8], range: Option<FloatRange>) -> Result<Vec<u8>, ArrayError> {
        let size: usize = descr[2..].parse().unwrap();
        let file = file(descr, &[body.len() / size], body);
        let spool = arrays(&file).bytes("a", range)?.0;
        let mut out = vec![0; body.len() / size];
        spool.read_at(0, &mut out).unwrap();
        Ok(out)
    }

    #[test]
    fn numbers_of_every_type_become_bytes() {
        let values = [0_u8, 1, 127, 128, 255];
        macro_rules! wide {
            ($($t:ty, $descr:literal, $bytes:ident);*) => {$(
                let body: Vec<u8> = values.iter().flat_map(|&v| <$t>::from(v).$bytes()).collect();
                assert_eq!(bytes($descr, &body, Some(FloatRange::Bytes)).unwrap(), values, $descr);
            )*};
        }
        wide!(u16, "<u2", to_le_bytes; i16, ">i2", to_be_bytes; u32, ">u4", to_be_bytes; i32, "<i4", to_le_bytes;
              u64, "<u8", to_le_bytes; i64, ">i8", to_be_bytes; f32, ">f4", to_be_bytes; f64, "<f8", to_le_bytes);
        assert_eq!(bytes("|u1", &values, None).unwrap(), values);
        let unit: Vec<u8> = values.iter().flat_map(|&v| (f32::from(v) / 255.0).to_le_bytes()).collect();
        assert_eq!(bytes("<f4", &unit, Some(FloatRange::Unit)).unwrap(), values);
        for (descr, body) in [
            ("<i2", (-1_i16).to_le_bytes().to_vec()),
            ("<i8", i64::MAX.to_le_bytes().to_vec()),
            ("<f4", 255.1_f32.to_le_bytes().to_vec()),
            ("<f8", f64::NAN.to_le_bytes().to_vec()),
        ] {
            assert!(bytes(descr, &body, Some(FloatRange::Bytes)).is_err(), "{descr}");
        }
        assert!(bytes("<f4", &0.5_f32.to_le_bytes(), None).is_err());
    }

    #[test]
    fn extents_are_of_all_values() {
        let body: Vec<u8> = [0.5_f32, -2.0, 7.0].iter().flat_map(|v| v.to_le_bytes()).collect();
        let file = file("<f4", &[3], &body);
        let extent = arrays(&file).extent("a").unwrap();
        assert_eq!(extent, Extent { min: -2.0, max: 7.0, whole: false, nan: false });
    }

    proptest! {
        #[test]
        fn any_order_of_axes_is_put_in_order(n in 1_usize..5, h in 1_usize..5, w in 1_usize..5, color: bool, order in 0_usize..3) {
            let c = if color { 3 } else { 1 };
            let value = |i: usize, y: usize, x: usize, z: usize| (((i * 7 + y) * 11 + x) * 13 + z) as u8;
            let strides = match order {
                0 => [h * w * c, w * c, c, 1],
                1 => [c * h * w, w, 1, h * w],
                _ => [1, n, n * h, n * h * w],
            };
            let mut from = vec![0; n * h * w * c];
            let mut expected = Vec::new();
            for i in 0..n {
                for y in 0..h {
                    for x in 0..w {
                        for z in 0..c {
                            from[i * strides[0] + y * strides[1] + x * strides[2] + z * strides[3]] = value(i, y, x, z);
                            expected.push(value(i, y, x, z));
                        }
                    }
                }
            }
            let spool = Spool::Memory(from.into());
            let shape = Shape::new(h, w, Channels::colored(c == 3));
            let ordered = in_order(&spool, n as u64, shape, strides.map(|s| s as u64)).unwrap();
            let mut out = vec![0; expected.len()];
            ordered.read_at(0, &mut out).unwrap();
            prop_assert_eq!(out, expected);
        }
    }
}
