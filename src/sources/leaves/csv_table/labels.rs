//! Labels that lie apart from their images: tables of them, and whatever else holds some.

use std::collections::BTreeMap;
use std::path::Path;

use crate::base::{Fault, Pass};
use crate::formats::codec::table::{Columns, Dialect, Reading, Table, TableError, Values};
use crate::formats::codec::{idx_array, mat5, sniff};
use crate::sources::leaves::error::LeafError;
use crate::sources::leaves::npz_arrays::{Says, label_values};
use crate::sources::{SourceError, refuse_foreign};

use super::read::{is_ids, is_labels, place_of_label};
use super::roles::{id_column, is_file, is_id, is_label, is_unnamed, runs};

/// Labels as they stand in a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::sources::leaves) enum Raw {
    /// Numbers, so many for each image.
    Numbers(Vec<u8>, usize),
    /// Numbers of texts, and these.
    Texts(Vec<u8>, Vec<String>),
}

/// Images that labels are looked for.
pub(in crate::sources::leaves) struct Images<'a> {
    pub(in crate::sources::leaves) path: &'a Path,
    pub(in crate::sources::leaves) rows: u64,
    /// How many they are if another axis of their array is that of the images.
    pub(in crate::sources::leaves) or: Option<u64>,
    /// What tells rows apart, where that is known.
    pub(in crate::sources::leaves) ids: &'a [String],
    /// Whether that is an index without a name.
    pub(in crate::sources::leaves) unnamed: bool,
    /// Whether a first one is missing, which was taken for names of columns.
    pub(in crate::sources::leaves) headless: bool,
}

/// Labels of images, the digest, and what there is to say.
pub(in crate::sources::leaves) type Found = (Raw, String, Vec<String>);

/// Labels in a file by themselves, whatever kind of file it is: the content decides.
pub(in crate::sources::leaves) enum LabelFile<'a> {
    Table(LabelTable<'a>),
    /// An array: NumPy's, of MATLAB or IDX.
    Array(&'a Path),
}

impl<'a> LabelFile<'a> {
    /// Looks at the beginning.
    ///
    /// # Errors
    /// If it is a kind of file that is not read.
    pub(in crate::sources::leaves) fn look(path: &'a Path, says: Says<'_>) -> Result<Self, Fault> {
        refuse_foreign(path, "a file of labels")?;
        Ok(if is_array(path) { Self::Array(path) } else { Self::Table(LabelTable::look(path, says)?) })
    }

    /// Whether it has a column by which its rows are told apart.
    pub(super) fn has_ids(&self) -> bool {
        match self {
            Self::Table(table) => table.has_ids(),
            Self::Array(_) => false,
        }
    }

    /// The labels of these images.
    ///
    /// # Errors
    /// If they are not as many, or no labels.
    pub(in crate::sources::leaves) fn read(&self, images: &Images<'_>, pass: &Pass) -> Result<Found, Fault> {
        match self {
            Self::Table(table) => table.read(images, pass),
            Self::Array(path) => {
                let (values, columns, digest) = label_values(path, images.rows)?;
                let rows = (values.len() / columns) as u64;
                if rows != images.rows {
                    return Err(counts(images, path, rows).into());
                }
                Ok((Raw::Numbers(values, columns), digest, Vec::new()))
            }
        }
    }
}

/// Whether labels of this file are read as those of an array.
#[must_use]
pub(in crate::sources::leaves) fn is_array(path: &Path) -> bool {
    sniff::start(path).is_ok_and(|start| {
        [&b"\x93NUMPY"[..], b"PK"].iter().any(|magic| start.starts_with(magic))
            || idx_array::header(&start).is_some()
            || mat5::is_mat5(&start)
    })
}

fn counts(images: &Images<'_>, labels: &Path, found: u64) -> SourceError {
    SourceError::Counts {
        images: images.path.into(),
        image_count: images.rows,
        labels: labels.into(),
        label_count: found,
    }
}

/// A table of labels whose first lines were looked at.
pub(in crate::sources::leaves) struct LabelTable<'a> {
    path: &'a Path,
    is: LabelsFirst,
    columns: Vec<Columns>,
    /// Whether a name or an option says which columns are labels.
    said: bool,
    /// What the first line begins with.
    first: String,
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
        let unnamed = first.iter().all(|name| is_unnamed(name) || !is_id(name));
        let said = label.is_some() || first.iter().any(|name| is_label(name));
        let first = first.into_iter().next().unwrap_or_default();
        Ok(Self { path, is, columns, said, first, unnamed })
    }

    fn has_ids(&self) -> bool {
        self.columns.iter().any(is_ids)
    }

    /// The labels of these images. That the first line is a header may only show in the number of rows.
    fn read(&self, images: &Images<'_>, pass: &Pass) -> Result<Found, Fault> {
        let columns: usize = self.columns.iter().filter(|run| is_labels(run)).map(Columns::len).sum();
        let mut notes = Vec::new();
        let read = |header: bool, columns: &[Columns]| -> Result<Values, TableError> {
            let mut reading = Reading { header, columns: columns.to_vec(), ..Reading::default() };
            if images.ids.is_empty() {
                for run in reading.columns.iter_mut().filter(|run| is_ids(run)) {
                    *run = Columns::Skip(run.len());
                }
            }
            match Table::open(self.path)?.read_as(&reading, pass) {
                Err(TableError::Text { .. })
                    if reading
                        .columns
                        .iter()
                        .filter(|run| is_labels(run))
                        .map(Columns::len)
                        .sum::<usize>()
                        == 1 =>
                {
                    reading.texts = true;
                    Table::open(self.path)?.read_as(&reading, pass)
                }
                values => values,
            }
        };
        // Rows of several integers, as QMNIST has them: class, series, writer, and more.
        let several = !self.said
            && self.is != LabelsFirst::Either
            && (3..=64).contains(&columns)
            && self.columns.len() == 1;
        let first_only = [Columns::Labels(1), Columns::Skip(columns.saturating_sub(1))];
        let header = self.is == LabelsFirst::Header;
        let (mut values, columns) = match read(header, &self.columns) {
            Ok(values) if several && values.labels.iter().any(|&label| label > 1) => {
                (read(header, &first_only)?, 1)
            }
            Err(TableError::Label { .. }) if several => (read(header, &first_only)?, 1),
            values => (values?, columns),
        };
        if several && columns == 1 {
            notes.push(format!(
                "{}: rows of several integers for each image, as QMNIST has them; the first is the class",
                self.path.display()
            ));
        }
        let fits = |rows: u64| rows == images.rows || Some(rows) == images.or;
        let one_more = images.rows + 1 == values.rows;
        if self.is == LabelsFirst::Either && !fits(values.rows) && values.rows > images.rows {
            // Where there are more rows than images, the first one is the name of the column.
            values = read(true, &self.columns)?;
        } else if self.is == LabelsFirst::Row && one_more && images.headless && columns == 1 {
            notes.push(format!(
                "{}: its first row is that of the image that is missing in {}, and is passed over",
                self.path.display(),
                images.path.display()
            ));
            values = read(true, &self.columns)?;
        }
        if images.ids.is_empty() {
            if one_more && !fits(values.rows) && self.is == LabelsFirst::Row && columns == 1 {
                return Err(LeafError::OneMore {
                    images: images.path.to_owned(),
                    count: images.rows,
                    labels: self.path.to_owned(),
                    first: self.first.clone(),
                }
                .into());
            }
            if !fits(values.rows) {
                return Err(counts(images, self.path, values.rows).into());
            }
        } else {
            notes.extend(self.join(images, &mut values, columns)?);
        }
        let digest = values.digest;
        let raw = if values.texts.is_empty() {
            Raw::Numbers(values.labels, columns)
        } else {
            Raw::Texts(values.labels, values.texts)
        };
        Ok((raw, digest, notes))
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

/// The columns of a table of labels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum LabelsFirst {
    /// Names of columns.
    Header,
    /// A row.
    Row,
    /// A row, or a number that pandas wrote for the name of the column.
    Either,
}

/// What the first line of a table of labels is, and its columns.
pub(super) fn label_columns(
    lines: &[Vec<String>],
    dialect: Dialect,
    label: Option<usize>,
) -> (LabelsFirst, Vec<Columns>) {
    let first = lines.first().map_or(&[][..], Vec::as_slice);
    let known =
        first.iter().any(|field| is_label(field) || (is_id(field) && first.len() > 1) || is_file(field));
    let is_number = |field: &String| dialect.number(field).is_some();
    let counting = first.iter().enumerate().all(|(i, field)| *field == i.to_string());
    // Names of classes are words as well: a word above other words names the column if it is known.
    let words_below =
        lines.get(1).is_some_and(|line| line.iter().zip(first).any(|(b, a)| !is_number(b) && !is_number(a)));
    let words = first.iter().filter(|field| !is_number(field)).count();
    let is = if known || (words > 0 && !words_below) {
        LabelsFirst::Header
    } else if counting {
        LabelsFirst::Either
    } else {
        LabelsFirst::Row
    };
    let whole = |line: &[String], at: usize| line.get(at).and_then(|field| field.parse::<u64>().ok());
    // An index counts up beside one column of labels.
    let index = |rows: &[Vec<String>]| {
        first.len() == 2
            && rows.len() > 2
            && rows.windows(2).all(|pair| match (whole(&pair[0], 0), whole(&pair[1], 0)) {
                (Some(a), Some(b)) => a + 1 == b,
                _ => false,
            })
    };
    let named = is == LabelsFirst::Header;
    let id = id_column(first).filter(|_| named && first.len() > 1);
    let unnamed_index = !named && index(lines);
    let several = first.iter().filter(|name| is_label(name)).count();
    let columns = first.iter().enumerate().map(|(place, name)| match label {
        Some(label) if label == place => Columns::Labels(1),
        _ if id == Some(place) => Columns::Ids(1),
        Some(_) => Columns::Skip(1),
        None if id.is_some() && is_id(name) => Columns::Skip(1),
        None if unnamed_index && place == 0 => Columns::Skip(1),
        // What is neither id nor label where there is a label.
        None if named && several > 0 && !is_label(name) => Columns::Skip(1),
        None => Columns::Labels(1),
    });
    (is, runs(&columns.collect::<Vec<_>>()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> Vec<String> {
        text.split(',').map(str::to_owned).collect()
    }

    #[test]
    fn tables_of_labels_have_labels_and_maybe_an_index() {
        use Columns::{Ids, Labels, Skip};
        let of = |text: &str| {
            let lines: Vec<Vec<String>> = text.split('\n').map(line).collect();
            label_columns(&lines, Dialect::default(), None)
        };
        assert_eq!(of("label\n3"), (LabelsFirst::Header, vec![Labels(1)]));
        assert_eq!(of("0\n3\n4"), (LabelsFirst::Either, vec![Labels(1)]));
        assert_eq!(of("3\n4"), (LabelsFirst::Row, vec![Labels(1)]));
        assert_eq!(of(",0\n0,4\n1,1"), (LabelsFirst::Header, vec![Ids(1), Labels(1)]));
        assert_eq!(of("Id,Label\n7,4"), (LabelsFirst::Header, vec![Ids(1), Labels(1)]));
        assert_eq!(of("0,7\n1,3\n2,9"), (LabelsFirst::Row, vec![Skip(1), Labels(1)]));
        assert_eq!(of("0,1\n1,0\n0,1"), (LabelsFirst::Either, vec![Labels(2)]));
        assert_eq!(of("boot\nshirt"), (LabelsFirst::Row, vec![Labels(1)]));
        assert_eq!(of("class\nshirt"), (LabelsFirst::Header, vec![Labels(1)]));
    }
}
