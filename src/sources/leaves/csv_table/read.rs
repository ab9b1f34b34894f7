//! One table, and the table of its labels where they are apart.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::base::{Fault, Pass, Shape};
use crate::formats::Spool;
use crate::formats::codec::table::{Columns, Pixels, Reading, Table, TableError, Values};
use crate::recipe::FloatRange;
use crate::sources::leaves::error::LeafError;
use crate::sources::{SourceError, refuse_foreign};

use super::super::arrays::{dim, float_range, shape_of};
use super::super::npz_arrays::Says;
use super::roles::{First, LabelsFirst, Roles, is_label, is_unnamed, label_columns};

/// More classes than this are no labels that would be taken for such without being told.
const MOST_GUESSED: u8 = 61;

/// Labels as they stand in a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Raw {
    /// Numbers, so many for each image.
    Numbers(Vec<u8>, usize),
    /// Numbers of texts, and these.
    Texts(Vec<u8>, Vec<String>),
}

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
fn is_labels(run: &Columns) -> bool {
    matches!(run, Columns::Labels(_))
}

fn is_ids(run: &Columns) -> bool {
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
    for path in [Some(path), label_file].into_iter().flatten() {
        refuse_foreign(path, "a table")?;
    }
    let table = Table::open(path)?;
    let dialect = table.dialect();
    let first = table.first_line();
    let kind = First::of(&first, dialect);
    let mut notes = Vec::new();
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
        ),
        First::Swallowed => {
            Roles::by_place(&first, label.or_else(|| first.iter().position(|name| is_label(name))))
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
    let label_table = label_file.map(|file| LabelTable::look(file, says)).transpose()?;
    if label_file.is_some() {
        // Labels in the table itself are not those that were named.
        roles.skip(is_labels);
    }
    if !label_table.as_ref().is_some_and(LabelTable::has_ids) {
        roles.skip(is_ids);
    }
    let pixels = roles.pixels();
    let mut shape = shape_of(pixels, says.shape);
    let mut guessed = false;
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
                guessed = true;
                roles.take_label(false);
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
    let mut numbers = read_numbers(Some(table), path, reading, says, pass)?;
    let most = numbers.values.labels.iter().copied().max().unwrap_or(0);
    if guessed && kind == First::Row && !numbers.reading.texts && (most == 0 || most > MOST_GUESSED) {
        // The label is first where nobody says otherwise; but if all first ones are 0, as the first pixels of digits are, or greater than labels
        // are, and the last ones could be labels, then the label is last.
        let spool = std::mem::take(&mut numbers.values.pixels).finish();
        let spool = spool.map_err(|source| SourceError::Read { path: path.into(), source })?;
        if is_label_last(&spool, numbers.values.rows, shape.bytes(), path)? {
            let mut roles = Roles::by_place(&first, None);
            roles.take_label(true);
            let mut reading = Reading { columns: roles.columns, ..numbers.reading };
            reading.pixels = Pixels::default();
            numbers = read_numbers(None, path, reading, says, pass)?;
            notes.push(format!(
                "{}: taken for labels: the last column, because the first one {}; say --label-column first if that is wrong",
                path.display(),
                if most == 0 { "is 0 throughout".to_owned() } else { format!("goes up to {most}") }
            ));
        } else {
            numbers = read_numbers(None, path, numbers.reading, says, pass)?;
        }
    }
    let Numbers { values, range, .. } = numbers;
    if range.is_none() {
        notes.extend(dim(&path.display().to_string(), values.greatest, says.float_range));
    }
    let Values { rows, labels, texts, ids, pixels, greatest, digest, .. } = values;
    let body = pixels.finish().map_err(|source| SourceError::Read { path: path.into(), source })?;
    let (labels, label_file) = match label_table {
        _ if unlabeled => (None, None),
        None if !texts.is_empty() => (Some(Raw::Texts(labels, texts)), None),
        None => (Some(Raw::Numbers(labels, roles.labels().max(1))), None),
        Some(of) => {
            let unnamed = first.iter().all(|name| is_unnamed(name) || !super::roles::is_id(name));
            let images = Images { path, rows, ids: &ids, unnamed };
            let (raw, digest, note) = of.read(&images, pass)?;
            notes.extend(note);
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
fn place_of_label(
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

/// Whether the last of each row's pixels is a label: some small numbers.
fn is_label_last(pixels: &Spool, rows: u64, row: usize, path: &Path) -> Result<bool, SourceError> {
    let (mut byte, mut seen) = ([0], [false; 256]);
    for number in 0..rows {
        let at = (number + 1) * row as u64 - 1;
        pixels.read_at(at, &mut byte).map_err(|source| SourceError::Read { path: path.into(), source })?;
        seen[usize::from(byte[0])] = true;
    }
    let most = seen.iter().rposition(|seen| *seen).unwrap_or(0);
    Ok(most <= usize::from(MOST_GUESSED) && seen.iter().filter(|seen| **seen).count() > 1)
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
        reading.pixels = Pixels::Scaled(range.white());
    }
    let labels: usize = reading.columns.iter().filter(|run| is_labels(run)).map(Columns::len).sum();
    loop {
        let table = table.take().map_or_else(|| Table::open(path), Ok)?;
        match table.read_as(&reading, pass) {
            Err(TableError::Fraction { .. }) if reading.pixels == Pixels::Bytes => {
                reading.pixels = Pixels::Measured;
            }
            Err(TableError::Text { .. }) if labels == 1 && !reading.texts => reading.texts = true,
            Ok(Values { extent: Some(extent), .. }) => {
                let found = float_range(extent, says.float_range, path)?;
                reading.pixels = Pixels::Scaled(found.white());
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

/// Images that labels are looked for.
struct Images<'a> {
    path: &'a Path,
    rows: u64,
    /// What tells rows apart, where that is known.
    ids: &'a [String],
    /// Whether that is an index without a name.
    unnamed: bool,
}

/// A table of labels whose first lines were looked at.
struct LabelTable<'a> {
    path: &'a Path,
    is: LabelsFirst,
    columns: Vec<Columns>,
    /// Whether the column of ids has no name.
    unnamed: bool,
}

impl<'a> LabelTable<'a> {
    fn look(path: &'a Path, says: Says<'_>) -> Result<Self, Fault> {
        let table = Table::open(path)?;
        let (lines, dialect) = (table.first_lines(4), table.dialect());
        let first = lines.first().cloned().unwrap_or_default();
        let label = match says.label_column {
            Some(_) => Some(place_of_label(path, Some(&first), first.len(), says)?),
            None => None,
        };
        let (is, columns) = label_columns(&lines, dialect, label);
        let unnamed = first.iter().all(|name| is_unnamed(name) || !super::roles::is_id(name));
        Ok(Self { path, is, columns, unnamed })
    }

    fn has_ids(&self) -> bool {
        self.columns.iter().any(is_ids)
    }

    /// The labels of these images, the digest, and what there is to say. That the first line is a header may only show in the number of rows.
    fn read(&self, images: &Images<'_>, pass: &Pass) -> Result<(Raw, String, Option<String>), Fault> {
        let columns: usize = self.columns.iter().filter(|run| is_labels(run)).map(Columns::len).sum();
        let read = |header: bool| -> Result<Values, Fault> {
            let mut reading = Reading { header, columns: self.columns.clone(), ..Reading::default() };
            if images.ids.is_empty() {
                for run in reading.columns.iter_mut().filter(|run| is_ids(run)) {
                    *run = Columns::Skip(run.len());
                }
            }
            match Table::open(self.path)?.read_as(&reading, pass) {
                Err(TableError::Text { .. }) if columns == 1 => {
                    reading.texts = true;
                    Ok(Table::open(self.path)?.read_as(&reading, pass)?)
                }
                values => Ok(values?),
            }
        };
        let mut values = match self.is {
            LabelsFirst::Header => read(true)?,
            LabelsFirst::Row => read(false)?,
            LabelsFirst::Either => {
                // Where there are more rows than images, the first one is the name of the column.
                let all = read(false)?;
                if all.rows > images.rows { read(true)? } else { all }
            }
        };
        let note = if images.ids.is_empty() {
            if values.rows != images.rows {
                return Err(SourceError::Counts {
                    images: images.path.into(),
                    image_count: images.rows,
                    labels: self.path.into(),
                    label_count: values.rows,
                }
                .into());
            }
            None
        } else {
            self.join(images, &mut values, columns)?
        };
        let digest = values.digest;
        let raw = if values.texts.is_empty() {
            Raw::Numbers(values.labels, columns)
        } else {
            Raw::Texts(values.labels, values.texts)
        };
        Ok((raw, digest, note))
    }

    /// Brings labels into the order of the images, by their ids.
    fn join(
        &self,
        images: &Images<'_>,
        values: &mut Values,
        columns: usize,
    ) -> Result<Option<String>, LeafError> {
        if values.ids == images.ids {
            return Ok(None);
        }
        let mut rows: BTreeMap<&str, usize> = BTreeMap::new();
        let mut twice = None;
        for (row, id) in values.ids.iter().enumerate() {
            if rows.insert(id, row).is_some() {
                twice = twice.or(Some(id));
            }
        }
        let missing = images.ids.iter().find(|id| !rows.contains_key(id.as_str()));
        // An index that was counted anew on one side says nothing.
        let counted = |ids: &[String]| ids.iter().enumerate().all(|(i, id)| *id == i.to_string());
        if self.unnamed && images.unnamed && (missing.is_some() || twice.is_some()) {
            let same = values.ids.len() == images.ids.len();
            if same && (counted(&values.ids) || counted(images.ids)) {
                return Ok(Some(format!(
                    "{} and {} have different indexes; their rows are taken in order",
                    images.path.display(),
                    self.path.display()
                )));
            }
        }
        if let Some(id) = twice {
            return Err(LeafError::IdTwice { path: self.path.to_owned(), id: id.clone() });
        }
        if let Some(id) = missing {
            let images = images.path.to_owned();
            return Err(LeafError::IdMissing { path: self.path.to_owned(), id: id.clone(), images });
        }
        let order = images.ids.iter().filter_map(|id| rows.get(id.as_str()));
        values.labels = order
            .flat_map(|&row| values.labels[row * columns..(row + 1) * columns].iter().copied())
            .collect();
        Ok(None)
    }
}
