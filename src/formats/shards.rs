//! `shards`: this program's own form. NPZ files with the arrays `x`, `y` and `origin`, `cells`, `boxes` and `cell_boxes` of composed
//! images, and `truth_NAME` for each column of truth.
//!
//! Entries carry the time stamp 1980-01-01 and Unix permissions 0644, so that the same arrays always give the same
//! bytes.

use std::borrow::Cow;
use std::io::{self, Cursor};
use std::path::Path;

use ndarray::{ArrayView, IxDyn};
use ndarray_npy::{NpzWriter, WritableElement, WriteNpzError};
use serde_json::{Value, json};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime};

use crate::base::sample::weights;
use crate::base::{Fault, LabelKind};

use super::codec::npy::NpyHeader;
use super::codec::npz::Npz;
use super::codec::stored_zip::{self, StoredZip};
use super::columns::TRUTH;
use super::ways::{ShardIn, Sharded};
use super::{Batch, Columns, Describe, Facts, Layout, Objects, Opt, Options, Pieces, Unfit, Want, Way};

/// NPZ shards.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shards {
    /// How they are compressed.
    pub packing: Packing,
}

impl Describe for Shards {
    const NAMES: &'static [(&'static str, &'static str)] =
        &[("shards", "NPZ shards with the arrays x, y, origin, ...: the native format")];

    fn takes(_: &Options) -> &'static [Opt] {
        &[Opt::Compress, Opt::ShardSize, Opt::Part, Opt::Trace]
    }

    fn of(_: &str, options: &Options, facts: &Facts) -> Result<Self, Unfit> {
        // Colored pixels hardly shrink; sparse gray ones do.
        let level = options.level(facts.gray.then_some(1));
        Ok(Self { packing: level.map_or(Packing::Stored, Packing::Deflated) })
    }

    fn name(&self) -> &'static str {
        "shards"
    }

    fn to_manifest(&self) -> Value {
        match self.packing {
            Packing::Stored => "npz".into(),
            Packing::Deflated(level) => json!({ "npz_deflated": level }),
        }
    }

    fn of_manifest(said: &Value) -> Option<Self> {
        if said == "npz" {
            return Some(Self::default());
        }
        let level = said.get("npz_deflated")?.as_u64()?.try_into().ok()?;
        Some(Self { packing: Packing::Deflated(level) })
    }

    fn holds_frames(&self) -> bool {
        true
    }

    fn way(&self) -> Way<'_> {
        Way::Shards(self)
    }
}

impl Sharded for Shards {
    fn shard_name(&self, split: &str, k: u64, shards: u64) -> String {
        format!("{split}-{k:05}-of-{shards:05}.npz")
    }

    fn memory(&self) -> usize {
        match self.packing {
            // Arrays go to disk as they lie.
            Packing::Stored => 1,
            Packing::Deflated(_) => 3,
        }
    }

    fn keeps_objects(&self) -> bool {
        true
    }

    fn is_random_access(&self) -> bool {
        self.packing == Packing::Stored
    }

    fn encode<'a>(&self, shard: ShardIn<'a>, room: &'a mut Vec<u8>) -> io::Result<Pieces<'a>> {
        encode(shard.batch, shard.layout, self.packing, shard.x_crc, room).map_err(io::Error::other)
    }

    fn decode(&self, path: &Path, layout: &Layout, rows: u64, want: Want) -> Result<Columns, Fault> {
        let mut npz = Npz::open(path)?;
        let sides: Vec<u64> =
            std::iter::once(rows).chain(layout.x_axes().into_iter().map(|side| side as u64)).collect();
        let labels = [rows, layout.classes as u64];
        let (descr, size) = label_type(layout.labels);
        Ok(Columns {
            x: match want {
                Want::All => npz.array("x", "|u1", 1, &sides)?,
                Want::Labels => Columns::nothing(),
            },
            y: npz.array(
                "y",
                descr,
                size,
                if layout.labels == LabelKind::Class { &labels[..1] } else { &labels },
            )?,
            mask: None,
            truth: Vec::new(),
            objects: Some(Objects::of_npz(&mut npz, layout, rows)?),
        })
    }
}

/// The type of `y` as NumPy spells it, and the bytes of a value.
fn label_type(labels: LabelKind) -> (&'static str, u64) {
    match labels {
        LabelKind::Class | LabelKind::MultiHot => ("|u1", 1),
        LabelKind::Soft => ("<f4", 4),
    }
}

/// How zip entries are packed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Packing {
    /// As they are.
    #[default]
    Stored,
    /// Deflated at this level, 1 to 9.
    Deflated(u8),
}

/// Encodes a batch. `x_crc` is the CRC-32 of its pixels. Packed files are made in `buffer`, whose content is replaced and whose memory
/// is used again; stored ones stay where they lie.
///
/// Arrays: `x` (N, H, W) or (N, H, W, 3) u8, (N, T, H, W) and so on for images of T frames, `y` (N,) or (N, classes) u8, or (N, classes) f32 for
/// soft labels, `origin` (N,) or (N, cells) i64; with a grid also `cells` (N, cells) i16, `boxes` and `cell_boxes` (N, cells, 4) i32; with masks
/// `masks` (N, H, W) u8; and `truth_NAME` (N,) i64 for each column of truth.
///
/// # Errors
/// If an array cannot be encoded; in memory that does not happen.
fn encode<'a>(
    batch: &'a Batch,
    layout: &Layout,
    packing: Packing,
    x_crc: &crc32fast::Hasher,
    buffer: &'a mut Vec<u8>,
) -> Result<Pieces<'a>, WriteNpzError> {
    let (n, cells) = (batch.rows, layout.cells());
    let images: Vec<usize> = std::iter::once(n).chain(layout.x_axes()).collect();
    let images = &images[..];
    let labels = [n, layout.classes];
    let labels = if layout.labels == LabelKind::Class { &labels[..1] } else { &labels };
    let (per_image, per_cell, boxes) = ([n], [n, cells], [n, cells, 4]);
    let origins = if layout.grid.is_none() { &per_image[..] } else { &per_cell };
    let masks = [n, layout.shape.height, layout.shape.width];

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
        store("y.npy", label_type(layout.labels).0, labels, Cow::Borrowed(&batch.y));
        store("origin.npy", "<i8", origins, little_endian(&batch.origin, i64::to_le_bytes));
        if layout.grid.is_some() {
            store("cells.npy", "<i2", &per_cell, little_endian(&batch.cells, i16::to_le_bytes));
            store("boxes.npy", "<i4", &boxes, little_endian(&batch.boxes, i32::to_le_bytes));
            store("cell_boxes.npy", "<i4", &boxes, little_endian(&batch.cell_boxes, i32::to_le_bytes));
        }
        if layout.masks {
            store("masks.npy", "|u1", &masks, Cow::Borrowed(&batch.mask));
        }
        for (column, name) in layout.truth.iter().enumerate() {
            let values = batch.truth_of(layout, column).flat_map(i64::to_le_bytes).collect();
            store(&format!("{TRUTH}{name}.npy"), "<i8", &per_image, values);
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
    match layout.labels {
        LabelKind::Class | LabelKind::MultiHot => add(&mut npz, "y", labels, &batch.y)?,
        LabelKind::Soft => add(&mut npz, "y", labels, &weights(&batch.y).collect::<Vec<f32>>())?,
    }
    add(&mut npz, "origin", origins, &batch.origin)?;
    if layout.grid.is_some() {
        add(&mut npz, "cells", &per_cell, &batch.cells)?;
        add(&mut npz, "boxes", &boxes, &batch.boxes)?;
        add(&mut npz, "cell_boxes", &boxes, &batch.cell_boxes)?;
    }
    if layout.masks {
        add(&mut npz, "masks", &masks, &batch.mask)?;
    }
    for (column, name) in layout.truth.iter().enumerate() {
        let values: Vec<i64> = batch.truth_of(layout, column).collect();
        add(&mut npz, &format!("{TRUTH}{name}"), &per_image, &values)?;
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

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;
    use crate::base::{Grid, Shape};
    use crate::formats::codec::npz::NpzError;

    #[test]
    fn what_is_written_is_read() {
        let layout = Layout {
            grid: Some(Grid { rows: 2, columns: 1 }),
            truth: ["a", "b"].map(str::to_owned).into(),
            ..Layout::plain(Shape::rgb(2, 3), LabelKind::MultiHot, 4)
        };
        let mut batch = Batch::default();
        batch.reset(&layout, 5);
        batch.x.iter_mut().enumerate().for_each(|(i, v)| *v = i as u8);
        batch.boxes[39] = -7;
        batch.truth[9] = -8;
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
            let mut last = [0; 8];
            npz.array("truth_b", "<i8", 8, &[5]).unwrap().read_at(4 * 8, &mut last).unwrap();
            assert_eq!(i64::from_le_bytes(last), -8);
            assert!(matches!(npz.array("z", "|u1", 1, &[5]), Err(NpzError::Missing { .. })));
            assert!(matches!(npz.array("y", "<i8", 8, &[5, 4]), Err(NpzError::Array { .. })));
        }
    }
}
