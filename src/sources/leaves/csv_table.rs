//! CSV tables of others as a source, `.csv` or `.csv.gz`: a row for each image.
//!
//! Tables may hold pixels and labels, as Kaggle's do, with or without a header, or pixels alone, as pandas' `X_train.csv` does, with the labels
//! in `y_train.csv`. Which column is what follows from the header's names; where they say nothing, the label comes first.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::base::{DataSet, Fault, Pass, Shape, Split};
use crate::formats::codec::table::{Columns, Table, TableError};

use crate::names::{SPLITS, SplitName};

use super::SourceError;
use super::arrays::{ArraySplit, Labels, class_names, input, license, shape_of};
use super::npz_arrays::Says;

/// Names of columns that hold labels; `label0`, `label1`, ... are several.
const LABELS: [&str; 7] = ["label", "labels", "class", "target", "digit", "category", "y"];
/// Names of columns that hold nothing of use.
const IDS: [&str; 6] = ["id", "imageid", "image_id", "index", "unnamed: 0", ""];

/// Whether a file is a table by its name.
#[must_use]
pub fn is_table_file(path: &Path) -> bool {
    stem(path).is_some()
}

/// A file's name without `.csv` or `.csv.gz`.
fn stem(path: &Path) -> Option<String> {
    let name = path.file_name()?.to_str()?;
    let lower = name.to_ascii_lowercase();
    let bare = lower.strip_suffix(".gz").unwrap_or(&lower).strip_suffix(".csv")?;
    Some(name[..bare.len()].to_owned())
}

/// The split that a name speaks of.
fn split_in(stem: &str) -> Option<&'static str> {
    let lower = stem.to_ascii_lowercase();
    let words: Vec<&str> = lower.split(|c: char| !c.is_ascii_alphanumeric()).collect();
    SPLITS
        .iter()
        .find(|split| split.aliases.iter().any(|alias| words.contains(alias)))
        .map(|split| split.name)
}

/// A split's table, and the table of its labels where they are apart.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Found {
    split: &'static str,
    images: PathBuf,
    labels: Option<PathBuf>,
    /// Another table that could be meant as well.
    rival: Option<PathBuf>,
}

/// The tables of a folder.
fn tables(folder: &Path) -> Vec<Found> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut files: Vec<(String, PathBuf)> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.is_file())
        .filter_map(|path| Some((stem(&path)?, path)))
        .collect();
    files.sort();
    // Where a table is there packed and unpacked, the unpacked one is read.
    files.dedup_by(|(later, _), (earlier, _)| later == earlier);
    let lower = |stem: &str| stem.to_ascii_lowercase();
    let mut found = Vec::new();
    for SplitName { name: split, .. } in SPLITS {
        let of_split: Vec<&(String, PathBuf)> =
            files.iter().filter(|(stem, _)| split_in(stem) == Some(split)).collect();
        if let Some((stem, images)) = of_split.iter().find(|(stem, _)| lower(stem).starts_with("x_")) {
            let partner = format!("y_{}", &lower(stem)[2..]);
            let labels =
                of_split.iter().find(|(stem, _)| lower(stem) == partner).map(|(_, path)| path.clone());
            found.push(Found { split, images: images.clone(), labels, rival: None });
            continue;
        }
        let mut whole = of_split.iter().filter(|(stem, _)| !lower(stem).starts_with("y_"));
        if let Some((_, images)) = whole.next() {
            let rival = whole.next().map(|(_, path)| path.clone());
            found.push(Found { split, images: images.clone(), labels: None, rival });
        }
    }
    if let ([], [(_, only)]) = (&found[..], &files[..]) {
        found.push(Found { split: "train", images: only.clone(), labels: None, rival: None });
    }
    found
}

/// Whether a folder holds tables whose names speak of splits, or exactly one table.
#[must_use]
pub fn is_table_folder(folder: &Path) -> bool {
    !tables(folder).is_empty()
}

/// Opens the splits of a folder for which `wanted` is true, and names all of them. A table without labels, such as the test set of a contest, is
/// passed over where there are others.
///
/// # Errors
/// Anything that is wrong with the tables.
pub fn open_folder(
    folder: &Path,
    says: Says,
    wanted: &dyn Fn(&str) -> bool,
    pass: &Pass,
) -> Result<(DataSet, Vec<String>), Fault> {
    let mut names = Vec::new();
    let mut read = Vec::new();
    let mut without = None;
    let mut notes = Vec::new();
    for found in tables(folder) {
        if !wanted(found.split) {
            names.push(found.split.to_owned());
            continue;
        }
        if let Some(rival) = found.rival {
            return Err(SourceError::Mismatch(
                format!(
                    "{}: expected one table for the split {}, found {} and {}",
                    folder.display(),
                    found.split,
                    found.images.display(),
                    rival.display()
                ),
                Some("name the one that is meant with --input".into()),
            )
            .into());
        }
        match read_split(found.split, &found.images, found.labels.as_deref(), says, pass)? {
            Some(split) => {
                names.push(found.split.to_owned());
                read.push(split);
            }
            None => without = Some(found.images),
        }
    }
    if let Some(images) = without {
        if read.is_empty() {
            return Err(no_labels(images));
        }
        notes.push(format!("{} has no labels and is passed over", images.display()));
    }
    Ok((finish(read, folder, says, notes)?, names))
}

/// Opens a table given by hand. Its labels are in it, in the named file, or beside it: `y_train.csv` for `X_train.csv`.
///
/// # Errors
/// Anything that is wrong with the table.
pub fn open_file(path: &Path, label_file: Option<&Path>, says: Says, pass: &Pass) -> Result<DataSet, Fault> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let name = stem(path).unwrap_or_default();
    let beside = || {
        let partner = format!("y_{}", name.to_ascii_lowercase().strip_prefix("x_")?);
        let entries = std::fs::read_dir(folder).ok()?;
        let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        files.sort();
        files.into_iter().find(|path| stem(path).is_some_and(|stem| stem.eq_ignore_ascii_case(&partner)))
    };
    let labels = label_file.map(Path::to_owned).or_else(beside);
    let split = split_in(&name).unwrap_or("train");
    let read =
        read_split(split, path, labels.as_deref(), says, pass)?.ok_or_else(|| no_labels(path.into()))?;
    finish(vec![read], folder, says, Vec::new())
}

fn no_labels(images: PathBuf) -> Fault {
    SourceError::NoLabels {
        images,
        expected: "a column named label, a first column before those of the pixels, or y_train.csv beside X_train.csv"
            .into(),
    }
    .into()
}

/// A table that was read.
struct Ready {
    split: &'static str,
    path: PathBuf,
    body: (crate::formats::Spool, String),
    shape: Shape,
    labels: Labels,
    columns: usize,
    /// File of labels and its digest, where they are apart.
    label_file: Option<(PathBuf, String)>,
}

/// Reads a split's table; `None` if there are no labels.
fn read_split(
    split: &'static str,
    path: &Path,
    label_file: Option<&Path>,
    says: Says,
    pass: &Pass,
) -> Result<Option<Ready>, Fault> {
    let table = Table::open(path)?;
    let first = table.first_line();
    let header = is_header(&first);
    let mut columns = columns_of(&first, header);
    let count = |columns: &[Columns], labels: bool| -> usize {
        columns
            .iter()
            .map(|run| match run {
                Columns::Labels(n) if labels => *n,
                Columns::Pixels(n) if !labels => *n,
                _ => 0,
            })
            .sum()
    };
    let pixels = count(&columns, false);
    let mut shape = shape_of(pixels, says.shape);
    if label_file.is_some() {
        // Labels in the table itself are not those that were named.
        for run in &mut columns {
            if let Columns::Labels(n) = *run {
                *run = Columns::Skip(n);
            }
        }
    }
    if label_file.is_none() && count(&columns, true) == 0 {
        // Names that make an image speak of no label.
        if shape.is_some() && first.iter().any(|name| name.contains(char::is_alphabetic)) {
            return Ok(None);
        }
        // Columns without a name for what they are: a label, and an image.
        let image = pixels.checked_sub(1).and_then(|rest| shape_of(rest, says.shape));
        if shape.is_some() && image.is_some() {
            return Err(SourceError::Mismatch(
                format!(
                    "{}: {pixels} columns without names could be images without labels, or a label before an image",
                    path.display()
                ),
                Some("say --shape HxWxC, or write a header: label,pixel0,pixel1,...".into()),
            )
            .into());
        }
        let Some(image) = image else {
            return if shape.is_some() { Ok(None) } else { Err(no_shape(path, pixels, says)) };
        };
        shape = Some(image);
        label_first(&mut columns);
    }
    let Some(shape) = shape else { return Err(no_shape(path, pixels, says)) };
    let values = table.read(header, &columns, pass)?;
    let io = |source| SourceError::Read { path: path.into(), source };
    let body = (values.pixels.finish().map_err(io)?, values.digest);
    let (labels, columns, place, label_file) = match label_file {
        None => (values.labels, count(&columns, true), path, None),
        Some(file) => {
            let (labels, columns, digest) = read_labels(file, values.rows, pass)?;
            (labels, columns, file, Some((file.to_owned(), digest)))
        }
    };
    let labels = Labels::of_table(labels, columns).map_err(|row| {
        SourceError::Mismatch(
            format!(
                "{}: expected 0 and 1 in {columns} columns of labels, found another number in row {}",
                place.display(),
                row + 1
            ),
            Some("write one class id for each image, or 0 and 1 for each class".into()),
        )
    })?;
    if labels.count() as u64 != values.rows {
        return Err(SourceError::Counts {
            images: path.into(),
            image_count: values.rows,
            labels: place.into(),
            label_count: labels.count() as u64,
        }
        .into());
    }
    Ok(Some(Ready { split, path: path.into(), body, shape, labels, columns, label_file }))
}

fn no_shape(path: &Path, pixels: usize, says: Says) -> Fault {
    let expected = match says.shape {
        Some(shape) => format!("the {} values of {shape}, as --shape says", shape.bytes()),
        None => "as many values as a square image has, gray or RGB, and maybe a label".into(),
    };
    SourceError::Mismatch(
        format!("{}: line 1: expected {expected}; found {pixels} columns", path.display()),
        Some("say --shape HxWxC (HxWx1 for gray images)".into()),
    )
    .into()
}

/// Labels, their columns and digest. That the first line is a header may only show in the number of rows.
fn read_labels(path: &Path, rows: u64, pass: &Pass) -> Result<(Vec<u8>, usize, String), Fault> {
    let first = Table::open(path)?.first_line();
    let named = first.iter().any(|field| field.contains(char::is_alphabetic));
    let runs = |header: bool| -> Vec<Columns> {
        let skip = |name: &String| header && named && first.len() > 1 && is_id(name);
        first.iter().map(|name| if skip(name) { Columns::Skip(1) } else { Columns::Labels(1) }).collect()
    };
    let read = |header: bool| Table::open(path)?.read(header, &runs(header), pass);
    let mut header = named || is_header(&first);
    let mut values = match read(header) {
        // A single label is either.
        Err(TableError::Empty { .. }) if header && !named => {
            header = false;
            read(false)?
        }
        values => values?,
    };
    if values.rows + 1 == rows && header && !named {
        header = false;
        values = read(false)?;
    }
    let columns = runs(header).iter().filter(|run| matches!(run, Columns::Labels(_))).count();
    Ok((values.labels, columns, values.digest))
}

/// Whether the first line names columns: with letters, or as pandas numbers them.
fn is_header(first: &[String]) -> bool {
    first.iter().any(|field| field.contains(char::is_alphabetic))
        || first.iter().enumerate().all(|(i, field)| *field == i.to_string())
        || first[0].is_empty() && first[1..].iter().enumerate().all(|(i, field)| *field == i.to_string())
}

fn is_id(name: &str) -> bool {
    IDS.contains(&name.to_ascii_lowercase().as_str())
}

fn is_label(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let several =
        lower.strip_prefix("label").is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()));
    several || LABELS.contains(&lower.as_str())
}

/// What the columns hold, by their names; all are pixels where they have none.
fn columns_of(first: &[String], header: bool) -> Vec<Columns> {
    let mut runs = Vec::new();
    for name in first {
        let one = if header && is_label(name) {
            Columns::Labels(1)
        } else if header && is_id(name) {
            Columns::Skip(1)
        } else {
            Columns::Pixels(1)
        };
        match (runs.last_mut(), one) {
            (Some(Columns::Labels(n)), Columns::Labels(_))
            | (Some(Columns::Skip(n)), Columns::Skip(_))
            | (Some(Columns::Pixels(n)), Columns::Pixels(_)) => *n += 1,
            _ => runs.push(one),
        }
    }
    runs
}

/// Makes the first column of pixels the label.
fn label_first(columns: &mut Vec<Columns>) {
    if let Some(at) = columns.iter().position(|run| matches!(run, Columns::Pixels(_)))
        && let Columns::Pixels(n) = columns[at]
    {
        columns[at] = Columns::Pixels(n - 1);
        columns.insert(at, Columns::Labels(1));
    }
}

/// The data set of these splits.
fn finish(read: Vec<Ready>, folder: &Path, says: Says, notes: Vec<String>) -> Result<DataSet, Fault> {
    let mut data = DataSet { notes, ..DataSet::default() };
    let labels: Vec<&Labels> = read.iter().map(|ready| &ready.labels).collect();
    let columns = read.iter().map(|ready| ready.columns).max().filter(|&columns| columns > 1);
    let place = read.first().map_or_else(String::new, |ready| ready.path.display().to_string());
    let names = class_names(folder, says.classes, columns, &labels, &place, &mut data.notes)?;
    for Ready { split, path, body: (spool, digest), shape, labels, label_file, .. } in read {
        data.inputs.push(input(format!("{split} table"), &path, &digest));
        let mut root = format!("{shape} {digest}");
        if let Some((file, digest)) = label_file {
            data.inputs.push(input(format!("{split} labels"), &file, &digest));
            root = format!("{root} {digest}");
        }
        let read = |source| SourceError::Read { path: path.clone(), source };
        let known = license(folder, &spool, labels.count() as u64, shape).map_err(read)?;
        data.licenses.extend(known.filter(|text| !data.licenses.contains(text)));
        let root = blake3::hash(root.as_bytes()).to_hex().to_string();
        let title = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let source =
            ArraySplit::new(&path, title, (spool, root), shape, labels.widened(names.len()), names.clone());
        data.splits.push(Split { name: split.to_owned(), source: Arc::new(source) });
    }
    Ok(data)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runs(line: &str) -> (bool, Vec<Columns>) {
        let first: Vec<String> = line.split(',').map(str::to_owned).collect();
        let header = is_header(&first);
        (header, columns_of(&first, header))
    }

    #[test]
    fn names_say_what_columns_hold() {
        use Columns::{Labels, Pixels, Skip};
        assert_eq!(runs("label,pixel0,pixel1"), (true, vec![Labels(1), Pixels(2)]));
        assert_eq!(runs("id,Label,1x1,1x2,CLASS"), (true, vec![Skip(1), Labels(1), Pixels(2), Labels(1)]));
        assert_eq!(runs("label0,label1,pixel0"), (true, vec![Labels(2), Pixels(1)]));
        assert_eq!(runs("0,1,2"), (true, vec![Pixels(3)]));
        assert_eq!(runs(",0,1,2"), (true, vec![Skip(1), Pixels(3)]));
        assert_eq!(runs("5,0,0"), (false, vec![Pixels(3)]));
        assert_eq!(runs("0,0,0"), (false, vec![Pixels(3)]));
    }

    #[test]
    fn file_names_speak_of_splits() {
        let of = |name: &str| stem(Path::new(name)).map(|stem| split_in(&stem));
        assert_eq!(of("mnist_train.csv"), Some(Some("train")));
        assert_eq!(of("Fashion-MNIST_test.CSV.gz"), Some(Some("test")));
        assert_eq!(of("X_val.csv"), Some(Some("val")));
        assert_eq!(of("latest.csv"), Some(None));
        assert_eq!((of("a.csvx"), of("train.gz")), (None, None));
    }
}
