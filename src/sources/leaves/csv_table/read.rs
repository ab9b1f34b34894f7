//! One table, and the table of its labels where they are apart.

use std::path::{Path, PathBuf};

use crate::base::{Fault, Pass, Shape};
use crate::formats::Spool;
use crate::formats::codec::table::{Columns, Dialect, Pixels, Reading, Table, TableError, Values};
use crate::recipe::FloatRange;
use crate::sources::leaves::error::LeafError;
use crate::sources::{SourceError, refuse_foreign};

use super::super::arrays::{MOST_GUESSED, dim, float_range, shape_of};
use super::super::npz_arrays::Says;
use super::guess::Guess;
use super::header::First;
use super::labels::{Images, LabelFile, Raw};
use super::roles::{Roles, is_id, is_label, is_unnamed};

/// A table that was read.
pub(super) struct Ready {
    pub(super) split: &'static str,
    pub(super) path: PathBuf,
    pub(super) body: (Spool, String),
    pub(super) shape: Shape,
    pub(super) rows: u64,
    /// None where images have none.
    pub(super) labels: Option<Raw>,
    /// Whether images have none.
    pub(super) unlabeled: bool,
    /// File of labels and its digest, where they are apart.
    pub(super) label_file: Option<(PathBuf, String)>,
    /// What pixels meant, where they were no bytes.
    pub(super) range: Option<FloatRange>,
    /// The greatest pixel.
    pub(super) greatest: u8,
    pub(super) notes: Vec<String>,
}

/// Whether a run of columns holds labels, or ids.
pub(super) fn is_labels(run: &Columns) -> bool {
    matches!(run, Columns::Labels(_))
}

pub(super) fn is_ids(run: &Columns) -> bool {
    matches!(run, Columns::Ids(_))
}

/// Reads a split's table.
pub(super) fn read_split(
    split: &'static str,
    path: &Path,
    label_file: Option<&Path>,
    says: Says<'_>,
    pass: &Pass,
) -> Result<Ready, Fault> {
    refuse_foreign(path, "a table")?;
    let table = Table::open(path)?;
    let dialect = table.dialect();
    let mut lines = table.first_lines(2);
    let first = if let [first, second] = &mut lines[..] {
        let header = First::of(first, dialect) == First::Header;
        // R's write.table gives rows a name and their column none.
        if header && second.len() == first.len() + 1 && second.last().is_some_and(|last| !last.is_empty()) {
            first.insert(0, String::new());
        }
        std::mem::take(first)
    } else {
        table.first_line()
    };
    let kind = First::of(&first, dialect);
    let mut notes = Vec::new();
    if let Some(what) = lines.get(1).and_then(|row| pixels_as_text(row, dialect)) {
        return Err(LeafError::PixelsAsText { path: path.to_owned(), column: what.0, how: what.1 }.into());
    }
    let names = (kind == First::Header).then_some(&first[..]);
    let label = match (label_file, says.label_column) {
        (None, Some(_)) => Some(place_of_label(path, names, first.len(), says)?),
        (Some(_), _) | (None, None) => None,
    };
    let mut roles = match kind {
        First::Header => Roles::by_name(&first, label),
        // A text among numbers is the label.
        First::Row => Roles::by_place(
            &first,
            label.or_else(|| {
                first.iter().position(|field| !field.is_empty() && dialect.number(field).is_none())
            }),
            false,
        ),
        First::Swallowed => {
            let named = first.iter().position(|name| is_label(name));
            let index = first.first().is_some_and(|name| is_unnamed(name));
            Roles::by_place(&first, label.or(named).or_else(|| text_among_numbers(&first)), index)
        }
    };
    if kind == First::Swallowed {
        let some: Vec<&str> = first.iter().take(5).map(String::as_str).collect();
        notes.push(format!(
            "{}: the header ({}, ...) looks like a first row that was taken for names of columns, so its image is missing; read the original with header=None and write it again",
            path.display(),
            some.join(", ")
        ));
    }
    if !roles.passed.is_empty() {
        let some: Vec<&str> = roles.passed.iter().take(3).map(String::as_str).collect();
        let more = if roles.passed.len() > some.len() { ", ..." } else { "" };
        notes.push(format!("{}: passed over the columns {}{more}", path.display(), some.join(", ")));
    }
    let label_table = label_file.map(|file| LabelFile::look(file, says)).transpose()?;
    if label_file.is_some() {
        // Labels in the table itself are not those that were named.
        roles.skip(is_labels);
    }
    if !label_table.as_ref().is_some_and(LabelFile::has_ids) {
        roles.skip(is_ids);
    }
    let pixels = roles.pixels();
    let mut shape = shape_of(pixels, says.shape);
    let mut guessed: Option<Roles> = None;
    let mut unlabeled = false;
    if label_file.is_none() && roles.labels() == 0 {
        // Columns without a name for what they are: a label, and an image.
        let image = pixels.checked_sub(1).and_then(|rest| shape_of(rest, says.shape));
        // Names that make an image speak of no label.
        let named = kind == First::Header && first.iter().any(|name| name.contains(char::is_alphabetic));
        match (shape, image) {
            (Some(_), Some(_)) if !named => {
                return Err(LeafError::Ambiguous { path: path.to_owned(), columns: pixels }.into());
            }
            (None, Some(image)) => {
                shape = Some(image);
                guessed = Some(roles.clone());
                let last = Guess::of(&table, &roles, kind != First::Row).last(path, &roles, says, pass)?;
                roles.take_label(last.is_some());
                notes.extend(last.map(|why| taken_last(path, &why)));
            }
            (Some(_), _) => unlabeled = true,
            (None, None) => {}
        }
    }
    let Some(shape) = shape else { return Err(no_shape(path, &first, &roles, says)) };
    if says.channels_first && shape.channels() > 1 && !roles.by_channel {
        roles.order = Some(interleaved(shape, roles.order.take()));
    }
    let reading = Reading {
        header: kind != First::Row,
        columns: roles.columns.clone(),
        order: roles.order.clone(),
        ..Reading::default()
    };
    let is_whole = table.is_whole();
    let mut numbers = read_numbers(Some(table), path, reading, says, pass)?;
    let most = numbers.values.labels.iter().copied().max().unwrap_or(0);
    if let Some(mut before) = guessed.filter(|_| !is_whole && !numbers.reading.texts)
        && (most == 0 || most > MOST_GUESSED)
    {
        // What the beginning said of the label is not so further down.
        if let Some(why) = Guess::of_whole(path, &before, kind != First::Row, pass)?.why_last(says) {
            before.take_label(true);
            roles = before;
            let pixels = Pixels::default();
            let reading = Reading { columns: roles.columns.clone(), pixels, ..numbers.reading };
            numbers = read_numbers(None, path, reading, says, pass)?;
            notes.push(taken_last(path, &why));
        }
    }
    let Numbers { values, range, .. } = numbers;
    if range.is_none_or(|range| range == FloatRange::Bytes) {
        notes.extend(dim(&path.display().to_string(), values.greatest, says.float_range, range.is_some()));
    }
    let Values { rows, labels, texts, ids, pixels, greatest, digest, .. } = values;
    let body = pixels.finish().map_err(|source| SourceError::Read { path: path.into(), source })?;
    let (labels, label_file) = match label_table {
        _ if unlabeled => (None, None),
        None if !texts.is_empty() => (Some(Raw::Texts(labels, texts)), None),
        None => (Some(Raw::Numbers(labels, roles.labels().max(1))), None),
        Some(of) => {
            let unnamed = first.iter().all(|name| is_unnamed(name) || !is_id(name));
            let headless = kind == First::Swallowed;
            let images = Images { path, rows, or: None, ids: &ids, unnamed, headless };
            let (raw, digest, found) = of.read(&images, pass)?;
            notes.extend(found);
            (Some(raw), label_file.map(|file| (file.to_owned(), digest)))
        }
    };
    Ok(Ready {
        split,
        path: path.into(),
        body: (body, digest),
        shape,
        rows,
        labels,
        unlabeled,
        label_file,
        range,
        greatest,
        notes,
    })
}

/// The column that `--label-column` names.
pub(super) fn place_of_label(
    path: &Path,
    names: Option<&[String]>,
    columns: usize,
    says: Says<'_>,
) -> Result<usize, LeafError> {
    let Some(column) = says.label_column else { return Ok(0) };
    column.place(names, columns).ok_or_else(|| LeafError::LabelColumn {
        column: column.text().to_string(),
        path: path.to_owned(),
        columns,
        named: names.is_some(),
    })
}

/// Where pixels of rows that hold one channel after the other belong, behind an order that they are brought into first.
fn interleaved(shape: Shape, order: Option<Vec<u32>>) -> Vec<u32> {
    let (area, channels) = ((shape.height * shape.width) as u32, shape.channels() as u32);
    let place = |pixel: u32| pixel % area * channels + pixel / area;
    order.unwrap_or_else(|| (0..area * channels).collect()).into_iter().map(place).collect()
}

/// The one text among numbers: the name of a class.
fn text_among_numbers(first: &[String]) -> Option<usize> {
    let is_text = |name: &String| {
        let bare = name.trim_start_matches('X');
        bare.starts_with(char::is_alphabetic) || (bare.is_empty() && !name.is_empty())
    };
    let mut texts =
        (0..).zip(first).filter(|(place, name)| is_text(name) && !(*place == 0 && is_unnamed(name)));
    texts.next().map(|(place, _)| place).filter(|_| texts.next().is_none())
}

/// Fewer numbers in one text are a box, a point or a date.
const FEWEST: usize = 16;

/// The column of a row that holds all pixels as one text, and how they stand in it.
fn pixels_as_text(row: &[String], dialect: Dialect) -> Option<(usize, &'static str)> {
    let several = |field: &String| {
        let inner = field.trim_start_matches(['[', '(']).trim_end_matches([']', ')']);
        let numbers = inner.split([' ', ',', ';']).filter(|part| !part.is_empty());
        let mut count = 0;
        for number in numbers {
            let of_pair = number.split_once(':').filter(|(index, _)| index.parse::<u32>().is_ok());
            dialect.number(of_pair.map_or(number, |(_, value)| value))?;
            count += 1;
        }
        (count >= FEWEST).then_some(if inner.contains(':') {
            "numbers with their places before them, as LIBSVM writes them"
        } else {
            "numbers in one text"
        })
    };
    let pairs = row.iter().skip(1).filter(|field| {
        field
            .split_once(':')
            .is_some_and(|(place, value)| place.parse::<u32>().is_ok() && dialect.number(value).is_some())
    });
    if row.len() > FEWEST && pairs.count() == row.len() - 1 {
        return Some((2, "numbers with their places before them, as LIBSVM writes them"));
    }
    row.iter().enumerate().find_map(|(place, field)| Some((place + 1, several(field)?)))
}

/// What there is to say of labels in the last column that nothing names.
fn taken_last(path: &Path, why: &str) -> String {
    format!(
        "{}: taken for labels: the last column, because {why}; say --label-column first if that is wrong",
        path.display()
    )
}

/// A table's values, how they were read, and what pixels meant, where they were no bytes.
struct Numbers {
    values: Values,
    reading: Reading,
    range: Option<FloatRange>,
}

/// Reads a table, again if what it holds turns out to be something else than bytes.
fn read_numbers(
    mut table: Option<Table>,
    path: &Path,
    mut reading: Reading,
    says: Says<'_>,
    pass: &Pass,
) -> Result<Numbers, Fault> {
    let mut range = says.float_range.filter(|range| *range != FloatRange::Bytes);
    if let Some(range) = range {
        reading.pixels = Pixels::Scaled(range);
    }
    let labels: usize = reading.columns.iter().filter(|run| is_labels(run)).map(Columns::len).sum();
    loop {
        let table = table.take().map_or_else(|| Table::open(path), Ok)?;
        match table.read_as(&reading, pass) {
            Err(TableError::Fraction { .. }) if reading.pixels == Pixels::Bytes => {
                reading.pixels = Pixels::Measured;
            }
            // White is 1 where there is nothing else than yes and no.
            Err(TableError::Flag { .. }) if !matches!(reading.pixels, Pixels::Scaled(_)) => {
                reading.pixels = Pixels::Scaled(FloatRange::Unit);
                range = Some(FloatRange::Unit);
            }
            Err(TableError::Text { .. }) if labels == 1 && !reading.texts => reading.texts = true,
            Ok(Values { extent: Some(extent), .. }) => {
                let found = float_range(extent, says.float_range, path)?;
                reading.pixels = Pixels::Scaled(found);
                range = Some(found);
            }
            Ok(values) => return Ok(Numbers { values, reading, range }),
            Err(error) => return Err(error.into()),
        }
    }
}

fn no_shape(path: &Path, first: &[String], roles: &Roles, says: Says<'_>) -> Fault {
    if let [name, ..] = &roles.files[..] {
        return LeafError::NamesOfPictures { path: path.to_owned(), column: name.clone() }.into();
    }
    LeafError::Columns {
        path: path.to_owned(),
        shape: says.shape,
        pixels: roles.pixels(),
        labels: roles.labels(),
        columns: first.len(),
    }
    .into()
}
