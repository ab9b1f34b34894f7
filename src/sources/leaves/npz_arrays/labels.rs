//! Labels of images in arrays: other arrays, or tables.

use std::path::{Path, PathBuf};

use crate::base::{Fault, Pass, Shape};
use crate::formats::codec::numpy_arrays::{ArrayError, Arrays, Described, in_order};
use crate::sources::SourceError;
use crate::sources::leaves::arrays::Labels;
use crate::sources::leaves::csv_table::labels::{Images, LabelFile, Raw};
use crate::sources::leaves::csv_table::{of_texts, text_classes};
use crate::sources::leaves::error::LeafError;

use super::{Says, single};

/// Labels that were found.
pub(super) struct Found {
    pub(super) labels: Labels,
    /// How many columns one-hot ones have.
    pub(super) columns: Option<usize>,
    pub(super) digest: String,
    /// Names of the classes, where they were texts.
    pub(super) classes: Option<Vec<String>>,
    pub(super) notes: Vec<String>,
}

/// Labels that are an array. `first` is the length of the images' first axis.
pub(super) fn of_array(arrays: &mut Arrays, name: &str, first: u64) -> Result<Found, Fault> {
    let (values, columns, digest) = values(arrays, name, first)?;
    let labels = Labels::of_table(values, columns).map_err(|row| ArrayError::Form {
        place: arrays.place(name),
        expected: format!("0 and 1 in labels of {columns} columns"),
        found: format!("another number in row {row}"),
        help: "save one class id for each image, or 0 and 1 for each class".into(),
    })?;
    Ok(Found { labels, columns: (columns > 1).then_some(columns), digest, classes: None, notes: Vec::new() })
}

/// Labels that are a table, of the images in an array of this path.
pub(super) fn of_table(
    table: &Path,
    images: &Path,
    described: &Described,
    says: Says<'_>,
) -> Result<Found, Fault> {
    let or = described.shape.last().copied().filter(|_| described.fortran);
    let rows = described.shape[0];
    let wanted = Images { path: images, rows, or, ids: &[], unnamed: true, headless: false };
    let (mut raw, digest, mut notes) = LabelFile::look(table, says)?.read(&wanted, &Pass::default())?;
    let folder = table.parent().map_or_else(PathBuf::new, Path::to_owned);
    let place = table.display().to_string();
    let classes = text_classes(&mut [&mut raw], place.clone(), &folder, says)?;
    notes.extend(classes.iter().map(|names| of_texts(&place, names)));
    let (labels, columns) = match raw {
        Raw::Texts(ids, _) => (Labels::Classes(ids), 1),
        Raw::Numbers(values, columns) => {
            let flags = |row| LeafError::Flags { path: table.to_owned(), columns, row: row + 1 };
            (Labels::of_table(values, columns).map_err(flags)?, columns)
        }
    };
    Ok(Found { labels, columns: (columns > 1).then_some(columns), digest, classes, notes })
}

/// The values of an array of labels, how many there are for each image, and their digest. `first` is the length of the images' first axis.
fn values(arrays: &mut Arrays, name: &str, first: u64) -> Result<(Vec<u8>, usize, String), Fault> {
    let place = arrays.place(name);
    let Described { shape, fortran, descr, .. } = arrays.describe(name)?;
    let (rows, columns) = match shape[..] {
        [rows] => (rows, 1),
        // A row of labels, as MATLAB has vectors, and not those of one image.
        [1, rows] if first != 1 => (rows, 1),
        [rows, columns @ 1..=256] => (rows, columns as usize),
        _ => {
            return Err(ArrayError::Form {
                place,
                expected: "labels (N,), (N, 1) or (N, classes) of at most 256 classes".into(),
                found: format!("{descr} {shape:?}"),
                help: "save one class id for each image, as uint8".into(),
            }
            .into());
        }
    };
    // What is said of pixels is no use for labels.
    let of_labels = |error| {
        match error {
        ArrayError::Form { place, found, .. } => ArrayError::Form {
            place,
            expected: "labels that are class ids from 0 to 255".into(),
            found,
            help: "give every image the id of its class, or leave those without one out, before the labels are saved: y[y >= 0] and x[y >= 0]".into(),
        },
        error @ ArrayError::Io { .. } => error,
    }
    };
    let (spool, digest, _) = arrays.bytes(name, None).map_err(of_labels)?;
    let read = |source| SourceError::Read { path: arrays.path(name).into(), source };
    // Rows and columns as one image each row, which puts them in order.
    let spool = if fortran && columns > 1 {
        in_order(&spool, rows, Shape::gray(1, columns), [1, 0, rows, 0]).map_err(read)?
    } else {
        spool
    };
    let mut values = vec![0; (rows * columns as u64) as usize];
    spool.read_at(0, &mut values).map_err(read)?;
    Ok((values, columns, digest.to_hex().to_string()))
}

/// The values of the one array of labels in a file, as [`values`] has them.
///
/// # Errors
/// If there are several, or they are no labels.
pub(in crate::sources::leaves) fn values_of(
    path: &Path,
    first: u64,
) -> Result<(Vec<u8>, usize, String), Fault> {
    let (mut arrays, name) = single(path)?;
    values(&mut arrays, &name, first)
}
