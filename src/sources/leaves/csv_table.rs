//! Tables of others as a source, `.csv`, `.tsv` or `.txt`, packed with gzip or not: a row for each image.
//!
//! Tables may hold pixels and labels, as Kaggle's do, with or without a header, or pixels alone, as pandas' `X_train.csv` does, with the labels
//! in `y_train.csv`. What separates fields, and how bytes are text, is found by `codec::table`; what a column holds, by `roles`: names say it,
//! and where they say nothing, the label comes first. `read` puts both together.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::base::sample::UNLABELED;
use crate::base::{DataSet, Fault, Pass, Split};
use crate::formats::codec::sniff::{self, Rows};
use crate::names::{SPLITS, SplitName};
use crate::recipe::FloatRange;
use crate::sources::leaves::error::LeafError;

use super::SourceError;
use super::arrays::{ArraySplit, Labels, class_names, input, license, without_labels};
use super::idx_folder::{TRANSPOSED, is_emnist};
use super::npz_arrays::Says;
use super::pairing::{Part, Role, whole_pairs};

use labels::Raw;
use read::{Ready, read_split};

mod guess;
mod header;
pub(super) mod labels;
mod read;
pub(super) mod roles;

/// Endings of the names of tables.
const ENDINGS: [&str; 2] = [".csv", ".tsv"];
/// Endings of tables, and of much else.
const MAYBE: [&str; 3] = [".txt", ".tab", ".data"];

/// Whether a file is a table by its name.
#[must_use]
pub fn is_table_file(path: &Path) -> bool {
    stem_of(path, &MAYBE).or_else(|| stem_of(path, &ENDINGS)).is_some()
}

/// Whether a file without the name of a table is one by its content: text that is rows of numbers.
#[must_use]
pub fn holds_rows(path: &Path) -> bool {
    sniff::start(path).is_ok_and(|start| Rows::of(&start).is_some())
}

/// A file's name without `.csv` or `.csv.gz`. What may be something else than a table must begin as one.
fn stem(path: &Path) -> Option<String> {
    stem_of(path, &ENDINGS).or_else(|| {
        let stem = stem_of(path, &MAYBE)?;
        let start = sniff::start(path).ok()?;
        matches!(Rows::of(&start), Some(Rows::Numbers | Rows::Header)).then_some(stem)
    })
}

/// A file's name without one of these endings and `.gz`.
fn stem_of(path: &Path, endings: &[&str]) -> Option<String> {
    let name = path.file_name()?.to_str()?;
    let lower = name.to_ascii_lowercase();
    let unpacked = lower.strip_suffix(".gz").unwrap_or(&lower);
    let bare = endings.iter().find_map(|ending| unpacked.strip_suffix(ending))?;
    Some(name[..bare.len()].to_owned())
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

/// The files of a folder that are tables, by their names without endings.
fn table_files(folder: &Path) -> BTreeMap<String, PathBuf> {
    let mut found: BTreeMap<String, PathBuf> = BTreeMap::new();
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths.into_iter().filter(|path| path.is_file()) {
        // Where a table is there packed and unpacked, the unpacked one is read.
        if let Some(stem) = stem(&path) {
            found.entry(stem).or_insert(path);
        }
    }
    found
}

/// The tables of a folder.
fn tables(folder: &Path) -> Vec<Found> {
    let files = table_files(folder);
    let names: Vec<String> = files.keys().cloned().collect();
    let pairs = whole_pairs(&names);
    let mut found = Vec::new();
    for SplitName { name: split, .. } in SPLITS {
        let pair = pairs.iter().find(|pair| pair.split == split && pair.named);
        let is_whole = |name: &&String| {
            let part = Part::of(name);
            part.split == Some(split) && part.role != Role::Labels
        };
        let mut whole: Vec<&String> = names.iter().filter(is_whole).collect();
        let is_x = |name: &str| name.to_ascii_lowercase().starts_with("x_");
        if let Some(x) = whole.iter().find(|name| is_x(name)).copied().filter(|_| pair.is_none()) {
            whole = vec![x];
        }
        let images = pair.map_or_else(|| whole.first().copied(), |pair| Some(&pair.images));
        let Some(images) = images else { continue };
        // A table that says by its name that it is images alone has no rivals where its labels are there.
        let sure = pair.is_some() && Part::of(images).role == Role::Images;
        let rival = whole.iter().find(|name| **name != images && !sure).and_then(|name| files.get(*name));
        found.push(Found {
            split,
            images: files[images].clone(),
            labels: pair.and_then(|pair| files.get(pair.labels.as_ref()?)).cloned(),
            rival: rival.cloned(),
        });
    }
    if found.is_empty()
        && let Some(pair) = pairs.iter().find(|pair| !pair.named)
    {
        let labels = pair.labels.as_ref().and_then(|labels| files.get(labels)).cloned();
        found.push(Found { split: "train", images: files[&pair.images].clone(), labels, rival: None });
    }
    if let ([], [only]) = (&found[..], &names[..])
        && stem_of(&files[only], &ENDINGS).is_some()
        && (Part::of(only).role != Role::Labels || Part::of(only).split.is_none())
    {
        found.push(Found { split: "train", images: files[only].clone(), labels: None, rival: None });
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
    says: Says<'_>,
    wanted: &dyn Fn(&str) -> bool,
    pass: &Pass,
) -> Result<(DataSet, Vec<String>), Fault> {
    let mut names = Vec::new();
    let mut read = Vec::new();
    let mut notes = Vec::new();
    let mut transposed = false;
    for found in tables(folder) {
        names.push(found.split.to_owned());
        if !wanted(found.split) {
            continue;
        }
        if let Some(rival) = found.rival {
            return Err(LeafError::Tables {
                folder: folder.to_owned(),
                split: found.split,
                one: found.images,
                other: rival,
            }
            .into());
        }
        read.push(read_split(found.split, &found.images, found.labels.as_deref(), says, pass)?);
        transposed |= is_emnist(&found.images.file_name().unwrap_or_default().to_string_lossy());
    }
    // One range for all: what is 0 and 1 in one of them is so in the others.
    if read.iter().any(|ready| ready.range == Some(FloatRange::Unit)) {
        let says = Says { float_range: Some(FloatRange::Unit), ..says };
        for ready in read.iter_mut().filter(|ready| ready.range.is_none() && ready.greatest <= 1) {
            let file = ready.label_file.as_ref().map(|(file, _)| file.clone());
            *ready = read_split(ready.split, &ready.path.clone(), file.as_deref(), says, pass)?;
        }
    }
    if read.iter().any(|ready| ready.labels.is_some()) {
        for ready in read.iter().filter(|ready| ready.labels.is_none()) {
            notes.push(format!(
                "{} has no labels and is passed over; --split {} reads it alone",
                ready.path.display(),
                ready.split
            ));
        }
        read.retain(|ready| ready.labels.is_some());
    }
    let mut data = finish(read, folder, says, notes)?;
    if transposed {
        data.notes.push(format!("{}: {TRANSPOSED}", folder.display()));
    }
    Ok((data, names))
}

/// Opens a table given by hand. Its labels are in it, in the named file, or beside it: `y_train.csv` for `X_train.csv`.
///
/// # Errors
/// Anything that is wrong with the table.
pub fn open_file(
    path: &Path,
    label_file: Option<&Path>,
    says: Says<'_>,
    pass: &Pass,
) -> Result<DataSet, Fault> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let name = stem_of(path, &ENDINGS).or_else(|| stem_of(path, &MAYBE)).unwrap_or(name);
    let beside = || {
        let part = Part::of(&name);
        if part.role != Role::Images {
            return None;
        }
        let files = table_files(folder);
        let names: Vec<String> = files.keys().cloned().collect();
        let pair = whole_pairs(&names).into_iter().find(|pair| pair.images == name)?;
        let labels = files.get(pair.labels.as_ref()?)?;
        // The folder as it was given, so that messages and manifests call both files alike.
        Some(path.with_file_name(labels.file_name()?))
    };
    let labels = label_file.map(Path::to_owned).or_else(beside);
    let split = Part::of(&name).split.unwrap_or("train");
    let read = read_split(split, path, labels.as_deref(), says, pass)?;
    let mut data = finish(vec![read], folder, says, Vec::new())?;
    if is_emnist(&name) {
        data.notes.push(format!("{}: {TRANSPOSED}", path.display()));
    }
    Ok(data)
}

/// Names of the classes of labels that are texts, which become their numbers; none where all are numbers. `place` is what messages call the
/// source, whose `folder` may have a list of classes.
pub(super) fn text_classes(
    raws: &mut [&mut Raw],
    place: String,
    folder: &Path,
    says: Says<'_>,
) -> Result<Option<Vec<String>>, Fault> {
    if !raws.iter().any(|raw| matches!(raw, Raw::Texts(..))) {
        return Ok(None);
    }
    let mut names: Vec<String> = Vec::new();
    for raw in &*raws {
        match raw {
            Raw::Texts(_, texts) => names.extend(texts.iter().cloned()),
            Raw::Numbers(ids, _) => names.extend(ids.iter().map(u8::to_string)),
        }
        names.sort_by(|a, b| a.as_bytes().cmp(b.as_bytes()));
        names.dedup();
    }
    // A list beside the table says in which order.
    if let Some(listed) = super::arrays::class_list(folder)?
        && names.iter().all(|name| listed.contains(name))
    {
        names = listed;
    }
    if let Some(said) = says.classes.filter(|said| *said != names.len()) {
        return Err(LeafError::Classes { said, place, found: names.len() }.into());
    }
    if names.len() > 256 {
        return Err(LeafError::TextClasses { place, found: names.len() }.into());
    }
    let id = |name: &str| names.iter().position(|known| known == name).unwrap_or(0) as u8;
    for raw in raws {
        match raw {
            Raw::Texts(ids, texts) => {
                let of: Vec<u8> = texts.iter().map(|text| id(text)).collect();
                for number in ids {
                    *number = of[usize::from(*number)];
                }
            }
            Raw::Numbers(ids, _) => ids.iter_mut().for_each(|number| *number = id(&number.to_string())),
        }
    }
    Ok(Some(names))
}

/// What there is to say of classes that are called so.
pub(super) fn of_texts(place: &str, names: &[String]) -> String {
    let some: Vec<&str> = names.iter().take(5).map(String::as_str).collect();
    let more = if names.len() > some.len() { ", ..." } else { "" };
    format!("{place}: labels are texts, so class names are numbered in text order: {}{more}", some.join(", "))
}

/// The data set of these splits.
fn finish(mut read: Vec<Ready>, folder: &Path, says: Says<'_>, notes: Vec<String>) -> Result<DataSet, Fault> {
    let mut data = DataSet { notes, ..DataSet::default() };
    let place = read.first().map_or_else(String::new, |ready| ready.path.display().to_string());
    let of_text = read.iter().find(|ready| matches!(ready.labels, Some(Raw::Texts(..))));
    let of_text = of_text.map_or_else(String::new, |ready| ready.path.display().to_string());
    let mut raws: Vec<&mut Raw> = read.iter_mut().filter_map(|ready| ready.labels.as_mut()).collect();
    let named = text_classes(&mut raws, of_text, folder, says)?;
    data.notes.extend(named.iter().map(|names| of_texts(&place, names)));
    let mut labels = Vec::with_capacity(read.len());
    let mut columns = None;
    for ready in &mut read {
        data.notes.append(&mut ready.notes);
        labels.push(match ready.labels.take() {
            None => {
                data.notes.push(without_labels(&ready.path));
                Labels::Classes(vec![0; ready.rows as usize])
            }
            Some(Raw::Texts(ids, _)) => Labels::Classes(ids),
            Some(Raw::Numbers(ids, n)) => {
                columns = columns.max(Some(n).filter(|n| *n > 1));
                let file = ready.label_file.as_ref().map_or(&ready.path, |(file, _)| file);
                Labels::of_table(ids, n).map_err(|row| LeafError::Flags {
                    path: file.clone(),
                    columns: n,
                    row: row + 1,
                })?
            }
        });
    }
    let unlabeled = read.iter().all(|ready| ready.unlabeled);
    let names = match named {
        Some(names) => names,
        None if unlabeled => vec![UNLABELED.to_owned()],
        None => {
            let all: Vec<&Labels> = labels.iter().collect();
            class_names(folder, says.classes, columns, &all, &place, &mut data.notes)?
        }
    };
    for (Ready { split, path, body: (spool, digest), shape, label_file, .. }, labels) in
        read.into_iter().zip(labels)
    {
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
#[allow(clippy::disallowed_methods, reason = "tables to be found")]
mod tests {
    use super::*;

    #[test]
    fn tables_are_told_by_their_names() {
        let of = |name: &str| stem(Path::new(name));
        assert_eq!(of("mnist_train.csv"), Some("mnist_train".into()));
        assert_eq!(of("Fashion-MNIST_test.CSV.gz"), Some("Fashion-MNIST_test".into()));
        assert_eq!((of("a.csvx"), of("train.gz"), of("classes.txt")), (None, None, None));
        assert!(is_table_file(Path::new("digits.txt")));
    }

    #[test]
    fn tables_of_a_folder_are_put_together() {
        let of = |names: &[&str]| {
            let folder = tempfile::tempdir().unwrap();
            for name in names {
                std::fs::write(folder.path().join(name), "1,2,3,4\n").unwrap();
            }
            let name = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_owned();
            tables(folder.path())
                .iter()
                .map(|found| {
                    let labels = found.labels.as_deref().map(name).unwrap_or_default();
                    let rival = found.rival.as_deref().map(name).unwrap_or_default();
                    [found.split.to_owned(), name(&found.images), labels, rival].join(" ")
                })
                .collect::<Vec<_>>()
        };
        assert_eq!(
            of(&["train.csv", "test.csv", "sample_submission.csv"]),
            ["train train.csv  ", "test test.csv  "]
        );
        assert_eq!(of(&["X_train.csv", "y_train.csv", "more_train.csv"]), ["train X_train.csv y_train.csv "]);
        assert_eq!(of(&["train.csv", "train_labels.csv"]), ["train train.csv train_labels.csv "]);
        assert_eq!(of(&["train.csv", "train_small.csv"]), ["train train.csv  train_small.csv"]);
        assert_eq!(of(&["x.csv", "y.csv"]), ["train x.csv y.csv "]);
        assert_eq!(of(&["train.txt", "test.txt", "notes.txt"]), ["train train.txt  ", "test test.txt  "]);
        assert_eq!(of(&["any.csv"]), ["train any.csv  "]);
        assert_eq!(of(&["trainLabels.csv"]), [""; 0]);
    }
}
