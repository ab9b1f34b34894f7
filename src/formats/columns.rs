//! Samples of a shard, or of a split, as columns that are read at any row; and where origins and objects lie for which a format has no
//! room.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::base::fault::reading_kind;
use crate::base::{Explain, Fault, Kind};

use super::codec::npy::NpyHeader;
use super::codec::npz::{Npz, NpzError};
use super::codec::picture;
use super::codec::stored_zip::StoredZip;
use super::{Batch, Layout, Pieces, Spool, SpoolWriter};

/// Which columns are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Want {
    /// All of them.
    All,
    /// Labels, origins and objects; pixels may be left out.
    Labels,
}

/// Some samples, row after row.
#[derive(Clone, Debug)]
pub struct Columns {
    /// Pixels, (rows, H, W, C) of u8. Empty where they were not asked for.
    pub x: Spool,
    /// Labels: (rows,) class ids, (rows, classes) of 0 and 1, or (rows, classes) of f32.
    pub y: Spool,
    /// Masks, (rows, H, W) of u8, where they do not lie with origins and objects.
    pub mask: Option<Spool>,
    /// Columns of truth, (rows,) of i64 each, where they do not lie with origins and objects.
    pub truth: Vec<Spool>,
    /// Origins and objects, where the format keeps them.
    pub objects: Option<Objects>,
}

/// Source images, and the objects of composed images, of some samples.
#[derive(Clone, Debug)]
pub struct Objects {
    /// (rows,) or (rows, cells) of i64; -1 for empty cells.
    pub origin: Spool,
    /// With a grid: `cells`, (rows, cells) of i16, and `boxes` and `cell_boxes`, (rows, cells, 4) of i32; all little-endian.
    pub grid: Option<[Spool; 3]>,
    /// With masks: `masks`, (rows, H, W) of u8.
    pub mask: Option<Spool>,
    /// Columns of truth, (rows,) of i64 each.
    pub truth: Vec<Spool>,
}

/// What arrays and columns of masks are called.
pub const MASKS: &str = "masks";

/// What names of arrays and columns of truth begin with.
pub const TRUTH: &str = "truth_";

impl Columns {
    /// No rows.
    #[must_use]
    pub fn empty() -> Self {
        Self { x: Self::nothing(), y: Self::nothing(), mask: None, truth: Vec::new(), objects: None }
    }

    /// No bytes at all.
    #[must_use]
    pub fn nothing() -> Spool {
        Spool::Memory(Arc::default())
    }
}

/// A weight from 0 to 1 as Python writes it: the shortest text that is read as the same number, which tells that it is no whole one. Readers that take
/// the type of a column from its first values would take 0 and 1 for whole numbers.
#[must_use]
pub fn weight_text(weight: f32) -> String {
    if weight == 0.0 || weight >= 1e-4 {
        return format!("{weight:?}");
    }
    let text = format!("{weight:e}");
    match text.split_once("e-") {
        Some((digits, power)) => format!("{digits}e-{power:0>2}"),
        None => text,
    }
}

/// Axes of `masks` of so many samples.
fn mask_axes(layout: &Layout, rows: u64) -> [u64; 3] {
    [rows, layout.shape.height as u64, layout.shape.width as u64]
}

impl Objects {
    /// The folder with what a format has no room for. Its name keeps it out of sight of programs that look for classes.
    pub const FOLDER: &str = ".mnistaug/";

    /// Where the origins and objects of a run of samples lie.
    #[must_use]
    pub fn file_name(split: &str, number: u64, of: u64) -> String {
        format!("{}{split}-{number:05}-of-{of:05}.npz", Self::FOLDER)
    }

    /// Rows of each such file beside files of whole splits, the last one excepted: what fills about 4 MiB.
    #[must_use]
    pub fn rows_a_file(layout: &Layout) -> u64 {
        let bytes = 8 * layout.origin() + 34 * layout.cells() + layout.mask() + 8 * layout.truth.len();
        ((4 << 20) / bytes.max(1)).max(1) as u64
    }

    /// Whether the origin of each sample of a batch is its own index and there are no objects and no truth, so that nothing need be written.
    #[must_use]
    pub fn go_without_saying(batch: &Batch, layout: &Layout, first: u64) -> bool {
        layout.grid.is_none()
            && layout.truth.is_empty()
            && batch.origin.iter().zip(first..).all(|(&origin, index)| origin as u64 == index)
    }

    /// The arrays `origin`, with a grid `cells`, `boxes` and `cell_boxes`, with masks `masks`, and `truth_NAME` for each column of truth, as a stored NPZ file.
    #[must_use]
    pub fn encode(batch: &Batch, layout: &Layout) -> Pieces<'static> {
        let mut zip = StoredZip::default();
        let mut add = |name: &str, descr: &str, shape: &[usize], body: Vec<u8>| {
            let head = NpyHeader::encode(descr, shape);
            let mut crc = crc32fast::Hasher::new();
            crc.update(&head);
            crc.update(&body);
            zip.add(name, crc.finalize(), head, body);
        };
        let (rows, cells) = (batch.rows, layout.cells());
        let per_cell = [rows, layout.origin()];
        let origins = if layout.grid.is_some() { &per_cell[..] } else { &per_cell[..1] };
        add("origin.npy", "<i8", origins, batch.origin.iter().flat_map(|v| v.to_le_bytes()).collect());
        if layout.grid.is_some() {
            let boxes = [rows, cells, 4];
            add("cells.npy", "<i2", &per_cell, batch.cells.iter().flat_map(|v| v.to_le_bytes()).collect());
            add("boxes.npy", "<i4", &boxes, batch.boxes.iter().flat_map(|v| v.to_le_bytes()).collect());
            add(
                "cell_boxes.npy",
                "<i4",
                &boxes,
                batch.cell_boxes.iter().flat_map(|v| v.to_le_bytes()).collect(),
            );
        }
        if layout.masks {
            add(
                &format!("{MASKS}.npy"),
                "|u1",
                &[rows, layout.shape.height, layout.shape.width],
                batch.mask.clone(),
            );
        }
        for (column, name) in layout.truth.iter().enumerate() {
            let body = batch.truth_of(layout, column).flat_map(i64::to_le_bytes).collect();
            add(&format!("{TRUTH}{name}.npy"), "<i8", &[rows], body);
        }
        zip.finish()
    }

    /// Reads what [`encode`](Self::encode) or [`super::shards`] wrote of `rows` samples.
    ///
    /// # Errors
    /// If an array is missing or of another form.
    pub fn of_npz(npz: &mut Npz, layout: &Layout, rows: u64) -> Result<Self, NpzError> {
        let per_cell = [rows, layout.cells() as u64];
        let boxes = [rows, layout.cells() as u64, 4];
        let origins = if layout.grid.is_some() { &per_cell[..] } else { &per_cell[..1] };
        Ok(Self {
            origin: npz.array("origin", "<i8", 8, origins)?,
            grid: match layout.grid {
                None => None,
                Some(_) => Some([
                    npz.array("cells", "<i2", 2, &per_cell)?,
                    npz.array("boxes", "<i4", 4, &boxes)?,
                    npz.array("cell_boxes", "<i4", 4, &boxes)?,
                ]),
            },
            mask: if layout.masks {
                Some(npz.array(MASKS, "|u1", 1, &mask_axes(layout, rows))?)
            } else {
                None
            },
            truth: layout
                .truth
                .iter()
                .map(|name| npz.array(&format!("{TRUTH}{name}"), "<i8", 8, &[rows]))
                .collect::<Result<_, _>>()?,
        })
    }

    /// Reads a file that [`encode`](Self::encode) made.
    ///
    /// # Errors
    /// If it cannot be read or is something else.
    pub fn open(path: &Path, layout: &Layout, rows: u64) -> Result<Self, NpzError> {
        Self::of_npz(&mut Npz::open(path)?, layout, rows)
    }
}

/// Why a file is not the file of samples that it should be.
#[derive(Debug, thiserror::Error)]
pub enum Broken {
    /// It cannot be read.
    #[error("{path}: cannot be read")]
    Io {
        /// The file.
        path: PathBuf,
        /// The operating system's reason.
        source: io::Error,
    },
    /// It holds something else.
    #[error("{path}: expected {expected}, found {found}")]
    Form {
        /// The file.
        path: PathBuf,
        /// What should be there.
        expected: String,
        /// What is there.
        found: String,
    },
    /// Its values are no pixels any more.
    #[error("{path}: its values were scaled by each image's own mean and deviation, which are not kept")]
    Scaled {
        /// The file.
        path: PathBuf,
    },
}

impl Broken {
    /// What happens while the file at `path` is read.
    pub fn io(path: &Path) -> impl Fn(io::Error) -> Self {
        move |source| Self::Io { path: path.into(), source }
    }

    /// Something else than expected.
    #[must_use]
    pub fn form(path: &Path, expected: impl Into<String>, found: impl Into<String>) -> Self {
        Self::Form { path: path.into(), expected: expected.into(), found: found.into() }
    }
}

impl Explain for Broken {
    fn kind(&self) -> Kind {
        match self {
            Self::Io { source, .. } => reading_kind(source),
            Self::Form { .. } | Self::Scaled { .. } => Kind::Data,
        }
    }

    fn help(&self) -> Option<String> {
        match self {
            Self::Io { .. } => None,
            Self::Form { .. } => Some(
                "run the command that made the data set again; it makes files that are damaged anew".into(),
            ),
            Self::Scaled { .. } => Some("read what it was made from; its manifest.json names it".into()),
        }
    }
}

/// Labels, truth and pixels that are collected row by row by a decoder.
#[derive(Debug)]
pub struct Collect {
    want: Want,
    x: SpoolWriter,
    y: SpoolWriter,
    truth: Vec<SpoolWriter>,
}

impl Collect {
    /// Nothing yet.
    #[must_use]
    pub fn new(want: Want, layout: &Layout) -> Self {
        let truth = layout.truth.iter().map(|_| SpoolWriter::default()).collect();
        Self { want, x: SpoolWriter::default(), y: SpoolWriter::default(), truth }
    }

    /// Whether pixels are asked for.
    #[must_use]
    pub fn wants_pixels(&self) -> bool {
        self.want == Want::All
    }

    /// The pixels of the next sample.
    ///
    /// # Errors
    /// If the temporary file cannot be written.
    pub fn pixels(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.x.write_all(bytes)
    }

    /// The pixels of the next sample, from the PNG file that holds them.
    ///
    /// # Errors
    /// If it is no picture, or one of another shape.
    pub fn png(&mut self, file: &[u8], path: &Path, layout: &Layout) -> Result<(), Fault> {
        let picture = picture::decode(file, path)?;
        if picture.shape != layout.shape {
            return Err(Broken::form(
                path,
                format!("pictures of {}", layout.shape),
                picture.shape.to_string(),
            )
            .into());
        }
        Ok(self.pixels(&picture.data).map_err(Broken::io(path))?)
    }

    /// The label of the next samples: a class id, 0 or 1 for each class, or the weight of each as f32.
    ///
    /// # Errors
    /// If the temporary file cannot be written.
    pub fn label(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.y.write_all(bytes)
    }

    /// Column `column` of the truth of the next sample.
    ///
    /// # Errors
    /// If the temporary file cannot be written.
    pub fn truth(&mut self, column: usize, value: i64) -> io::Result<()> {
        self.truth[column].write_all(&value.to_le_bytes())
    }

    /// All of it, which must be so many rows of this layout, from the file at `path`.
    ///
    /// # Errors
    /// If there are fewer or more, or the temporary file cannot be written to its end.
    pub fn finish(self, path: &Path, layout: &Layout, rows: u64) -> Result<Columns, Broken> {
        let expected = |width: usize| rows * width as u64;
        let pixels = self.x.len();
        let images = pixels / layout.shape.bytes().max(1) as u64;
        if self.want == Want::All && pixels != expected(layout.shape.bytes()) {
            return Err(Broken::form(path, format!("{rows} images"), images.to_string()));
        }
        if self.y.len() != expected(layout.y()) {
            let found = self.y.len() / layout.y().max(1) as u64;
            return Err(Broken::form(path, format!("labels of {rows} samples"), format!("those of {found}")));
        }
        if let Some(column) = self.truth.iter().find(|column| column.len() != rows * 8) {
            let found = column.len() / 8;
            return Err(Broken::form(path, format!("truth of {rows} samples"), format!("that of {found}")));
        }
        let broken = Broken::io(path);
        let truth = self.truth.into_iter().map(SpoolWriter::finish);
        Ok(Columns {
            x: self.x.finish().map_err(&broken)?,
            y: self.y.finish().map_err(&broken)?,
            mask: None,
            truth: truth.collect::<io::Result<_>>().map_err(&broken)?,
            objects: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As `repr(numpy.float32(...))` has them, and pandas and `json`.
    #[test]
    fn weights_are_written_as_python_writes_them() {
        for (weight, text) in [
            (0.0, "0.0"),
            (1.0, "1.0"),
            (0.3, "0.3"),
            (0.000_123_4, "0.0001234"),
            (2e-5, "2e-05"),
            (1.5e-10, "1.5e-10"),
        ] {
            assert_eq!(weight_text(weight), text);
            assert_eq!(text.parse(), Ok(weight));
        }
    }
}
