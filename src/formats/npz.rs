//! NPZ: a zip file of `.npy` arrays, as `numpy.savez` writes it.
//!
//! Entries carry the time stamp 1980-01-01 and Unix permissions 0644, so that the same arrays always give the same
//! bytes.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, Cursor, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ndarray::{ArrayView, IxDyn};
use ndarray_npy::{NpzWriter, WritableElement, WriteNpzError};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipArchive};

use crate::base::fault::reading_kind;
use crate::base::{Explain, Kind, LabelKind};

use super::npy::{NpyError, NpyHeader};
use super::stored_zip::{self, StoredZip};
use super::{Batch, Layout, Spool, SpoolWriter};

/// How zip entries are packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packing {
    /// As they are.
    Stored,
    /// Deflated at this level, 1 to 9.
    Deflated(u8),
}

/// An encoded file in pieces, which follow each other.
pub type Pieces<'a> = Vec<Cow<'a, [u8]>>;

/// Encodes a batch. `x_crc` is the CRC-32 of its pixels. Packed files are made in `buffer`, whose content is replaced and whose memory
/// is used again; stored ones stay where they lie.
///
/// Arrays: `x` (N, H, W) or (N, H, W, 3) u8, `y` (N,) or (N, classes) u8, `origin` (N,) or (N, cells) i64; with a
/// grid also `cells` (N, cells) i16, `boxes` and `cell_boxes` (N, cells, 4) i32.
///
/// # Errors
/// If an array cannot be encoded; in memory that does not happen.
pub fn encode<'a>(
    batch: &'a Batch,
    layout: &Layout,
    packing: Packing,
    x_crc: &crc32fast::Hasher,
    buffer: &'a mut Vec<u8>,
) -> Result<Pieces<'a>, WriteNpzError> {
    let (n, shape, cells) = (batch.rows, layout.shape, layout.cells());
    let images = [n, shape.height, shape.width, shape.channels];
    let images = if shape.channels == 1 { &images[..3] } else { &images };
    let labels = [n, layout.classes];
    let labels = if layout.labels == LabelKind::Class { &labels[..1] } else { &labels };
    let (per_image, per_cell, boxes) = ([n], [n, cells], [n, cells, 4]);
    let origins = if layout.grid.is_none() { &per_image[..] } else { &per_cell };

    if packing == Packing::Stored && (n as u64).saturating_mul(layout.bytes() as u64) < stored_zip::MOST_BYTES
    {
        let mut zip = StoredZip::default();
        let head = NpyHeader::encode("|u1", images);
        let mut crc = crc32fast::Hasher::new();
        crc.update(&head);
        crc.combine(x_crc);
        zip.add("x.npy", crc.finalize(), head, &batch.x[..]);
        let mut store = |name: &str, descr: &str, shape: &[usize], body: Cow<'a, [u8]>| {
            let head = NpyHeader::encode(descr, shape);
            let mut crc = crc32fast::Hasher::new();
            crc.update(&head);
            crc.update(&body);
            zip.add(name, crc.finalize(), head, body);
        };
        store("y.npy", "|u1", labels, Cow::Borrowed(&batch.y));
        store("origin.npy", "<i8", origins, little_endian(&batch.origin, i64::to_le_bytes));
        if layout.grid.is_some() {
            store("cells.npy", "<i2", &per_cell, little_endian(&batch.cells, i16::to_le_bytes));
            store("boxes.npy", "<i4", &boxes, little_endian(&batch.boxes, i32::to_le_bytes));
            store("cell_boxes.npy", "<i4", &boxes, little_endian(&batch.cell_boxes, i32::to_le_bytes));
        }
        return Ok(zip.finish());
    }
    let options = SimpleFileOptions::default()
        .last_modified_time(DateTime::default())
        .unix_permissions(0o644)
        .large_file(batch.x.len() >= u32::MAX as usize);
    let options = match packing {
        Packing::Stored => options.compression_method(CompressionMethod::Stored),
        Packing::Deflated(level) => {
            options.compression_method(CompressionMethod::Deflated).compression_level(Some(i64::from(level)))
        }
    };
    buffer.clear();
    let mut npz = NpzWriter::new_with_options(Cursor::new(std::mem::take(buffer)), options);
    add(&mut npz, "x", images, &batch.x)?;
    add(&mut npz, "y", labels, &batch.y)?;
    add(&mut npz, "origin", origins, &batch.origin)?;
    if layout.grid.is_some() {
        add(&mut npz, "cells", &per_cell, &batch.cells)?;
        add(&mut npz, "boxes", &boxes, &batch.boxes)?;
        add(&mut npz, "cell_boxes", &boxes, &batch.cell_boxes)?;
    }
    *buffer = npz.finish()?.into_inner();
    Ok(vec![Cow::Borrowed(&buffer[..])])
}

fn little_endian<'a, T: Copy, const N: usize>(values: &[T], bytes: fn(T) -> [u8; N]) -> Cow<'a, [u8]> {
    values.iter().flat_map(|&value| bytes(value)).collect()
}

fn add<T: WritableElement>(
    npz: &mut NpzWriter<Cursor<Vec<u8>>>,
    name: &str,
    shape: &[usize],
    values: &[T],
) -> Result<(), WriteNpzError> {
    let array =
        ArrayView::from_shape(IxDyn(shape), values).expect("a batch's arrays are as long as its layout says");
    npz.add_array(name, &array)
}

/// Why a file is not the NPZ file it should be.
#[derive(Debug, thiserror::Error)]
pub enum NpzError {
    /// The file cannot be read.
    #[error("{path}: cannot be read: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// The operating system's reason.
        source: io::Error,
    },
    /// It is no zip file, or a damaged one.
    #[error("{path}: expected an NPZ (zip) file: {reason}")]
    Zip {
        /// The file.
        path: PathBuf,
        /// What the zip reader said.
        reason: String,
    },
    /// An array is not there.
    #[error("{path}: expected an array named {member:?}; found {found}")]
    Missing {
        /// The file.
        path: PathBuf,
        /// Its name.
        member: String,
        /// The names that are there.
        found: String,
    },
    /// An array cannot be understood.
    #[error("{path}: array {member:?}: {source}")]
    Npy {
        /// The file.
        path: PathBuf,
        /// Its name.
        member: String,
        /// The reason.
        source: NpyError,
    },
    /// An array is something else than expected.
    #[error("{path}: array {member:?}: expected {expected}, found {found}")]
    Array {
        /// The file.
        path: PathBuf,
        /// Its name.
        member: String,
        /// Type and shape as they should be.
        expected: String,
        /// Type and shape as they are.
        found: String,
    },
}

impl Explain for NpzError {
    fn kind(&self) -> Kind {
        match self {
            Self::Io { source, .. } => reading_kind(source),
            _ => Kind::Data,
        }
    }
}

/// An NPZ file, opened for reading rows of its arrays.
#[derive(Debug)]
pub struct Npz {
    path: PathBuf,
    file: Arc<File>,
    archive: ZipArchive<File>,
}

impl Npz {
    /// Opens a file and reads its directory.
    ///
    /// # Errors
    /// If it cannot be read or is no zip file.
    pub fn open(path: &Path) -> Result<Self, NpzError> {
        let io = |source| NpzError::Io { path: path.into(), source };
        let file = File::open(path).map_err(io)?;
        let shared = Arc::new(file.try_clone().map_err(io)?);
        let archive =
            ZipArchive::new(file).map_err(|e| NpzError::Zip { path: path.into(), reason: e.to_string() })?;
        Ok(Self { path: path.into(), file: shared, archive })
    }

    /// The array `member` of C order, `descr` type of `size` bytes and `shape`: its bytes, in memory only where they
    /// are packed.
    ///
    /// # Errors
    /// If it is not there or of another type or shape.
    pub fn array(&mut self, member: &str, descr: &str, size: u64, shape: &[u64]) -> Result<Spool, NpzError> {
        let path = &self.path;
        let io = |source| NpzError::Io { path: path.clone(), source };
        let zip = |e: zip::result::ZipError| NpzError::Zip { path: path.clone(), reason: e.to_string() };
        let name = format!("{member}.npy");
        let Some(number) = self.archive.index_for_name(&name) else {
            let found =
                self.archive.file_names().map(|n| n.trim_end_matches(".npy")).collect::<Vec<_>>().join(", ");
            return Err(NpzError::Missing { path: path.clone(), member: member.into(), found });
        };
        let mut entry = self.archive.by_index(number).map_err(zip)?;
        let header = NpyHeader::read(&mut entry).map_err(|source| NpzError::Npy {
            path: path.clone(),
            member: member.into(),
            source,
        })?;
        if header.descr != descr || header.fortran_order || header.shape != shape {
            return Err(NpzError::Array {
                path: path.clone(),
                member: member.into(),
                expected: format!("{descr} {shape:?}"),
                found: format!(
                    "{} {:?}{}",
                    header.descr,
                    header.shape,
                    if header.fortran_order { " in Fortran order" } else { "" }
                ),
            });
        }
        let bytes = header.values().and_then(|n| n.checked_mul(size));
        if bytes.and_then(|b| b.checked_add(header.length)) != Some(entry.size()) {
            return Err(NpzError::Zip {
                path: path.clone(),
                reason: format!("{name} has {} bytes, which is not what its header says", entry.size()),
            });
        }
        if entry.compression() == CompressionMethod::Stored {
            let start = entry.data_start() + header.length;
            return Ok(Spool::File { file: Arc::clone(&self.file), start });
        }
        let mut spool = SpoolWriter::default();
        let mut buffer = vec![0; 1 << 16];
        loop {
            match entry.read(&mut buffer).map_err(io)? {
                0 => break,
                got => spool.write_all(&buffer[..got]).map_err(io)?,
            }
        }
        spool.finish().map_err(io)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Grid, Shape};

    #[test]
    fn what_is_written_is_read() {
        let layout = Layout {
            shape: Shape::new(2, 3, 3),
            labels: LabelKind::MultiHot,
            classes: 4,
            grid: Some(Grid { rows: 2, columns: 1 }),
        };
        let mut batch = Batch::default();
        batch.reset(&layout, 5);
        batch.x.iter_mut().enumerate().for_each(|(i, v)| *v = i as u8);
        batch.boxes[39] = -7;
        for packing in [Packing::Stored, Packing::Deflated(1)] {
            let mut crc = crc32fast::Hasher::new();
            crc.update(&batch.x);
            let mut buffer = vec![1, 2, 3];
            let bytes = encode(&batch, &layout, packing, &crc, &mut buffer).unwrap().concat();
            assert_eq!(encode(&batch, &layout, packing, &crc, &mut Vec::new()).unwrap().concat(), bytes);
            let mut file = tempfile::NamedTempFile::new().unwrap();
            file.write_all(&bytes).unwrap();
            let mut npz = Npz::open(file.path()).unwrap();
            let x = npz.array("x", "|u1", 1, &[5, 2, 3, 3]).unwrap();
            let mut row = [0; 18];
            x.read_at(18, &mut row).unwrap();
            assert_eq!(row, batch.x[18..36]);
            let boxes = npz.array("boxes", "<i4", 4, &[5, 2, 4]).unwrap();
            let mut last = [0; 4];
            boxes.read_at(39 * 4, &mut last).unwrap();
            assert_eq!(i32::from_le_bytes(last), -7);
            assert!(matches!(npz.array("z", "|u1", 1, &[5]), Err(NpzError::Missing { .. })));
            assert!(matches!(npz.array("y", "<i8", 8, &[5, 4]), Err(NpzError::Array { .. })));
        }
    }
}
