//! Tables of others as a source, `.csv`, `.tsv` or `.txt`, packed with gzip or not: a row for each image.
//!
//! Tables may hold pixels and labels, as Kaggle's do, with or without a header, or pixels alone, as pandas' `X_train.csv` does, with the labels
//! in `y_train.csv`. What separates fields, and how bytes are text, is found by `codec::table`; what a column holds, by `roles`: names say it,
//! and where they say nothing, the label comes first. `read` puts both together.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::base::sample::UNLABELED;
use crate::base::{DataSet, Fault, Pass, Split};
use crate::names::{SPLITS, SplitName};
use crate::recipe::FloatRange;
use crate::sources::leaves::error::LeafError;

use super::SourceError;
use super::arrays::{ArraySplit, Labels, class_names, input, license, without_labels};
use super::idx_folder::{TRANSPOSED, is_emnist};
use super::npz_arrays::Says;

use read::{Raw, Ready, read_split};

mod read;
pub(super) mod roles;

/// Endings of the names of tables, in folders and where one is named.
const ENDINGS: [&str; 2] = [".csv", ".tsv"];
const NAMED_ENDINGS: [&str; 3] = [".txt", ".tab", ".data"];

/// Whether a file is a table by its name.
#[must_use]
pub fn is_table_file(path: &Path) -> bool {
    stem_of(path, &NAMED_ENDINGS).or_else(|| stem(path)).is_some()
}

/// A file's name without `.csv` or `.csv.gz`.
fn stem(path: &Path) -> Option<String> {
    stem_of(path, &ENDINGS)
}

/// A file's name without one of these endings and `.gz`.
fn stem_of(path: &Path, endings: &[&str]) -> Option<String> {
    let name = path.file_name()?.to_str()?;
    let lower = name.to_ascii_lowercase();
    let unpacked = lower.strip_suffix(".gz").unwrap_or(&lower);
    let bare = endings.iter().find_map(|ending| unpacked.strip_suffix(ending))?;
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
    says: Says<'_>,
    wanted: &dyn Fn(&str) -> bool,
    pass: &Pass,
) -> Result<(DataSet, Vec<String>), Fault> {
    let mut names = Vec::new();
    let mut read = Vec::new();
    let mut notes = Vec::new();
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
    Ok((finish(read, folder, says, notes)?, names))
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
    let read = read_split(split, path, labels.as_deref(), says, pass)?;
    let mut data = finish(vec![read], folder, says, Vec::new())?;
    if is_emnist(&name) {
        data.notes.push(format!("{}: {TRANSPOSED}", path.display()));
    }
    Ok(data)
}

/// Labels as class ids, how many columns they have, and names of the classes where they were texts.
fn classes(read: &mut [Ready], folder: &Path, says: Says<'_>) -> Result<Option<Vec<String>>, Fault> {
    let is_text = |ready: &Ready| matches!(ready.labels, Some(Raw::Texts(..)));
    let Some(first) = read.iter().find(|ready| is_text(ready)) else { return Ok(None) };
    let place = first.path.display().to_string();
    let mut names: Vec<String> = Vec::new();
    for ready in &*read {
        match &ready.labels {
            Some(Raw::Texts(_, texts)) => names.extend(texts.iter().cloned()),
            Some(Raw::Numbers(ids, _)) => names.extend(ids.iter().map(u8::to_string)),
            None => {}
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
    for ready in read {
        match &mut ready.labels {
            Some(Raw::Texts(ids, texts)) => {
                let of: Vec<u8> = texts.iter().map(|text| id(text)).collect();
                for number in ids {
                    *number = of[usize::from(*number)];
                }
            }
            Some(Raw::Numbers(ids, _)) => ids.iter_mut().for_each(|number| *number = id(&number.to_string())),
            None => {}
        }
    }
    Ok(Some(names))
}

/// The data set of these splits.
fn finish(mut read: Vec<Ready>, folder: &Path, says: Says<'_>, notes: Vec<String>) -> Result<DataSet, Fault> {
    let mut data = DataSet { notes, ..DataSet::default() };
    let named = classes(&mut read, folder, says)?;
    let place = read.first().map_or_else(String::new, |ready| ready.path.display().to_string());
    if let Some(names) = &named {
        let some: Vec<&str> = names.iter().take(5).map(String::as_str).collect();
        let more = if names.len() > some.len() { ", ..." } else { "" };
        data.notes.push(format!(
            "{place}: labels are texts, so class names are numbered in text order: {}{more}",
            some.join(", ")
        ));
    }
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
mod tests {
    use super::*;

    #[test]
    fn file_names_speak_of_splits() {
        let of = |name: &str| stem(Path::new(name)).map(|stem| split_in(&stem));
        assert_eq!(of("mnist_train.csv"), Some(Some("train")));
        assert_eq!(of("Fashion-MNIST_test.CSV.gz"), Some(Some("test")));
        assert_eq!(of("X_val.csv"), Some(Some("val")));
        assert_eq!(of("latest.csv"), Some(None));
        assert_eq!(of("train.tsv"), Some(Some("train")));
        assert_eq!((of("a.csvx"), of("train.gz"), of("classes.txt")), (None, None, None));
        assert!(is_table_file(Path::new("digits.txt")));
    }
}
