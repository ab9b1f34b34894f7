//! MATLAB files of version 5 as a source: EMNIST's, SVHN's, and any whose arrays have the usual names.
//!
//! Names are those of NumPy files, where a structure may stand for a word of them: `dataset.train.images` is `train_images`. `mapping`, as EMNIST has
//! it, has a row for each class: the label, and the characters that it stands for.

use std::path::Path;

use crate::base::{DataSet, Fault};
use crate::formats::codec::mat5;
use crate::formats::codec::numpy_arrays::Arrays;
use crate::formats::codec::sniff;
use crate::sources::leaves::error::{ArrayNames, LeafError};

use super::super::idx_folder::TRANSPOSED;
use super::super::licenses;
use super::super::pairing::{Pair, Part, Role, pairs};
use super::{Known, Says, SourceError, files_of, open_pair, open_pairs, open_split_files};
use crate::sources::refuse_foreign;

/// Classes that a mapping may have: labels are bytes.
const MOST_CLASSES: usize = 256;

/// Whether a file is a MATLAB file of version 5, by its content.
#[must_use]
pub fn is_mat_file(path: &Path) -> bool {
    sniff::start(path).is_ok_and(|start| mat5::is_mat5(&start))
}

/// Opens a file given by hand. Also says whether its arrays are named for splits.
///
/// # Errors
/// Anything that is wrong with the file.
pub fn open_file(
    path: &Path,
    label_file: Option<&Path>,
    says: Says<'_>,
    wanted: &dyn Fn(&str) -> bool,
) -> Result<(DataSet, Vec<String>, bool), Fault> {
    let mut arrays = Arrays::mat(path)?;
    let names = arrays.names();
    let pairs = named_pairs(&names);
    if let Some(labels) = label_file {
        let images = match (&pairs[..], &names[..]) {
            ([pair], _) if pair.labels.is_none() => pair.images.clone(),
            ([], [only]) => only.clone(),
            _ => {
                let (labels, path) = (labels.to_owned(), path.to_owned());
                return Err(LeafError::LabelFile { labels, path, found: ArrayNames(names) }.into());
            }
        };
        let data = open_pair("train", (arrays, images), Some(labels), path, says)?;
        return Ok((data, vec!["train".to_owned()], false));
    }
    let others = arrays.others();
    // Labels that are there and cannot be read are none that are missing.
    let hidden = others.iter().find(|(name, _)| Part::of(name).role == Role::Labels);
    if let (Some((name, what)), true) = (hidden, pairs.iter().any(|pair| pair.labels.is_none())) {
        let (path, name) = (path.to_owned(), name.clone());
        return Err(LeafError::LabelsOfMat { path, name, what }.into());
    }
    if pairs.is_empty() {
        return Err(LeafError::NamesOfMat { path: path.to_owned(), found: ArrayNames(names), others }.into());
    }
    let named = pairs.iter().any(|pair| pair.named);
    let classes = mapping(&mut arrays)?;
    let known = Known { apart: None, classes };
    let mut data =
        open_pairs(&mut arrays, path, &pairs, says, known, if named { wanted } else { &|_| true })?;
    if data.licenses.is_empty() {
        data.licenses.extend(licenses::of_name(path));
    }
    // EMNIST's authors call their structure so.
    if names.iter().any(|name| name == "dataset.mapping") {
        data.notes.push(format!("{}: {TRANSPOSED}", path.display()));
    }
    Ok((data, pairs.iter().map(|pair| pair.split.to_owned()).collect(), named))
}

/// Whether a folder holds MATLAB files of version 5, by their names and content.
#[must_use]
pub fn is_mat_folder(folder: &Path) -> bool {
    files_of(folder, "mat").values().any(|path| is_mat_file(path))
}

/// Opens the splits of a folder for which `wanted` is true, and names all of them: one file with all of them, or a file for each, as SVHN has them
/// (`train_32x32.mat`).
///
/// # Errors
/// Anything that is wrong with the files.
pub fn open_folder(
    folder: &Path,
    says: Says<'_>,
    wanted: &dyn Fn(&str) -> bool,
) -> Result<(DataSet, Vec<String>), Fault> {
    let files = files_of(folder, "mat");
    if let [path] = files.values().collect::<Vec<_>>()[..] {
        let (data, names, _) = open_file(path, None, says, wanted)?;
        return Ok((data, names));
    }
    let pairs_of = |path: &Path| {
        refuse_foreign(path, "MATLAB files of version 5")?;
        let arrays = Arrays::mat(path)?;
        let pairs = named_pairs(&arrays.names());
        Ok((arrays, pairs))
    };
    open_split_files(folder, "mat", says, wanted, &pairs_of)
}

/// The pairs among names in which structures stand before what they hold: the last two words say the most, then the last.
fn named_pairs(names: &[String]) -> Vec<Pair> {
    for words in [2, 1] {
        let short = |name: &String| {
            let parts: Vec<&str> = name.split('.').collect();
            parts[parts.len().saturating_sub(words)..].join("_")
        };
        let shorts: Vec<String> = names.iter().map(short).collect();
        let own = |short: &String| {
            shorts
                .iter()
                .position(|other| other == short)
                .map_or_else(|| short.clone(), |at| names[at].clone())
        };
        let found = pairs(&shorts);
        if !found.is_empty() {
            let full = |pair: Pair| Pair {
                images: own(&pair.images),
                labels: pair.labels.as_ref().map(own),
                ..pair
            };
            return found.into_iter().map(full).collect();
        }
    }
    Vec::new()
}

/// The names of the classes that an array `mapping` gives: of a label and the codes of its characters, the last one (a small letter, where EMNIST has both).
/// Labels that it leaves out are called by their numbers.
fn mapping(arrays: &mut Arrays) -> Result<Option<Vec<String>>, Fault> {
    let names = arrays.names();
    let Some(name) = names.iter().find(|name| name.rsplit('.').next() == Some("mapping")) else {
        return Ok(None);
    };
    let described = arrays.describe(name)?;
    let [rows, columns @ 2..=8] = described.shape[..] else { return Ok(None) };
    let (Ok(rows), Ok(columns)) = (usize::try_from(rows), usize::try_from(columns)) else { return Ok(None) };
    if rows > MOST_CLASSES {
        return Ok(None);
    }
    let (spool, ..) = arrays.bytes(name, None)?;
    let mut values = vec![0; rows * columns];
    spool
        .read_at(0, &mut values)
        .map_err(|source| SourceError::Read { path: arrays.path(name).into(), source })?;
    // In columns.
    let at = |row: usize, column: usize| values[column * rows + row];
    let most = (0..rows).map(|row| usize::from(at(row, 0))).max().unwrap_or(0);
    let mut classes: Vec<String> = (0..=most).map(|class| class.to_string()).collect();
    for row in 0..rows {
        let code = (1..columns).rev().map(|column| at(row, column)).find(u8::is_ascii_graphic);
        if let Some(code) = code {
            classes[usize::from(at(row, 0))] = char::from(code).to_string();
        }
    }
    Ok(Some(classes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn structures_stand_for_words() {
        let of = |names: &[&str]| {
            let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
            let found = named_pairs(&names).into_iter();
            found.map(|pair| (pair.split, pair.images, pair.labels.unwrap_or_default())).collect::<Vec<_>>()
        };
        let pair = |split, x: &str, y: &str| (split, x.to_owned(), y.to_owned());
        let emnist =
            ["dataset.test.images", "dataset.test.labels", "dataset.train.images", "dataset.train.labels"];
        assert_eq!(
            of(&emnist),
            [
                pair("train", "dataset.train.images", "dataset.train.labels"),
                pair("test", "dataset.test.images", "dataset.test.labels")
            ]
        );
        assert_eq!(of(&["X", "y"]), [pair("train", "X", "y")]);
        assert_eq!(of(&["s.images", "s.labels"]), [pair("train", "s.images", "s.labels")]);
        assert_eq!(of(&["a", "b"]), []);
    }
}
