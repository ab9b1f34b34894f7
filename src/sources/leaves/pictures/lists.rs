//! Labels of pictures that lie in a list beside them: `labels.csv` with `filename,label`, and `metadata.csv` or `metadata.jsonl` as the
//! Hugging Face Hub has them.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Component, Path, PathBuf};

use serde_json::Value;

use crate::base::sample::numbered_classes;
use crate::base::{Fault, Input, Pass};
use crate::formats::codec::table::{Columns, Reading, Table};
use crate::names::CLASSES;
use crate::sources::SourceError;
use crate::sources::leaves::arrays::{class_list, input};
use crate::sources::leaves::csv_table::roles::{is_file, is_id, is_label};
use crate::sources::leaves::error::LeafError;

use super::listing::{Found, Listing};

/// A list of more bytes is none.
const MOST_BYTES: u64 = 256 << 20;
/// Folders below the first one that are looked into.
const MOST_FOLDERS: usize = 8;
/// More columns than this are pixels.
const MOST_COLUMNS: usize = 32;

/// Names of pictures and their labels.
struct List {
    path: PathBuf,
    /// Row by row.
    rows: Vec<(String, String)>,
}

/// The lists of a folder and of the folders in it.
pub(super) struct Lists(Vec<List>);

/// Looks for lists in a folder and in the folders in it.
///
/// # Errors
/// If a list is damaged.
pub(super) fn find(folder: &Path) -> Result<Lists, Fault> {
    let inside = entries(folder);
    let mut lists: Vec<List> = in_folder(folder, &inside)?.into_iter().collect();
    let below: Vec<&PathBuf> = inside.iter().filter(|path| path.is_dir()).collect();
    if below.len() <= MOST_FOLDERS {
        for folder in below {
            lists.extend(in_folder(folder, &entries(folder))?);
        }
    }
    Ok(Lists(lists))
}

/// What lies in a folder, by names; nothing where it cannot be listed.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let found = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = found.map(|entry| entry.path()).collect();
    paths.sort();
    paths
}

/// The list that lies in a folder: `metadata.jsonl`, `metadata.csv`, or another table.
fn in_folder(folder: &Path, inside: &[PathBuf]) -> Result<Option<List>, Fault> {
    let named = |name: &'static str| {
        inside.iter().filter(move |path| path.file_name().is_some_and(|own| own == name))
    };
    if let Some(path) = named("metadata.jsonl").next() {
        return lines(path);
    }
    let is_table = |path: &&PathBuf| {
        path.extension().is_some_and(|end| end.eq_ignore_ascii_case("csv") || end.eq_ignore_ascii_case("tsv"))
    };
    for path in named("metadata.csv").chain(inside.iter().filter(is_table)) {
        if path.is_file()
            && let Some(list) = table(path, folder)?
        {
            return Ok(Some(list));
        }
    }
    Ok(None)
}

/// The columns of names and labels in a table, and whether it has a header; `None` if it is none of names of pictures.
fn columns(lines: &[Vec<String>], folder: &Path) -> Option<(usize, usize, bool)> {
    let first = lines.first().filter(|first| (2..=MOST_COLUMNS).contains(&first.len()))?;
    let at = |is: fn(&str) -> bool| first.iter().position(|name| is(name));
    let other = |file: usize| if first.len() == 2 { Some(1 - file) } else { None };
    if let Some(file) = at(is_file) {
        return Some((file, at(is_label).or_else(|| other(file))?, true));
    }
    let is_here = |line: Option<&Vec<String>>, column: usize| {
        let name = line.and_then(|line| line.get(column)).filter(|name| !name.is_empty());
        name.is_some_and(|name| {
            inside(name)
                && ["", ".png", ".jpg", ".jpeg", ".bmp", ".webp"]
                    .iter()
                    .any(|ending| folder.join(format!("{name}{ending}")).is_file())
        })
    };
    if let Some(id) = at(|name| is_id(name) && !name.is_empty()).filter(|&id| is_here(lines.get(1), id)) {
        return Some((id, at(is_label).or_else(|| other(id))?, true));
    }
    (first.len() == 2 && is_here(Some(first), 0)).then_some((0, 1, false))
}

/// Whether a path leads to something below where it begins.
fn inside(name: &str) -> bool {
    Path::new(name).components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir))
}

/// A table as a list.
fn table(path: &Path, folder: &Path) -> Result<Option<List>, Fault> {
    // What is no table at all is passed over as any other file.
    let Ok(opened) = Table::open(path) else { return Ok(None) };
    let lines = opened.first_lines(2);
    let Some((file, label, header)) = columns(&lines, folder) else { return Ok(None) };
    let of = |place| {
        if place == file {
            Columns::Ids(1)
        } else if place == label {
            Columns::Labels(1)
        } else {
            Columns::Skip(1)
        }
    };
    let columns = (0..lines[0].len()).map(of).collect();
    let reading = Reading { header, columns, texts: true, ..Reading::default() };
    let values = opened.read_as(&reading, &Pass::default())?;
    let labels = values.labels.iter().map(|&number| values.texts[usize::from(number)].clone());
    let rows: Vec<(String, String)> = values.ids.iter().cloned().zip(labels).collect();
    Ok(Some(List { path: path.into(), rows: checked(path, rows)? }))
}

/// A file of JSON lines as a list.
fn lines(path: &Path) -> Result<Option<List>, Fault> {
    let read = |source| SourceError::Read { path: path.into(), source };
    let bytes = std::fs::metadata(path).map_err(read)?.len();
    let wrong =
        |line: usize, expected: &'static str| LeafError::ListLine { path: path.into(), line, expected };
    if bytes > MOST_BYTES {
        return Err(LeafError::ListSize { path: path.into(), most: MOST_BYTES, bytes }.into());
    }
    let text = std::fs::read_to_string(path).map_err(read)?;
    let mut rows = Vec::new();
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let Ok(Value::Object(object)) = serde_json::from_str(line) else {
            return Err(wrong(number + 1, "a JSON object").into());
        };
        let said = |is: fn(&str) -> bool| object.iter().find(|(key, _)| is(key)).map(|(_, value)| value);
        let (Some(Value::String(file)), label) = (said(is_file), said(is_label)) else {
            return Err(wrong(number + 1, "a file_name").into());
        };
        match label {
            Some(Value::String(label)) => rows.push((file.clone(), label.clone())),
            Some(Value::Number(label)) => rows.push((file.clone(), label.to_string())),
            // Lists of captions and boxes give no classes.
            Some(_) | None => return Ok(None),
        }
    }
    Ok(Some(List { path: path.into(), rows: checked(path, rows)? }))
}

/// The rows, if every name is below the list's folder.
fn checked(path: &Path, rows: Vec<(String, String)>) -> Result<Vec<(String, String)>, Fault> {
    match rows.iter().position(|(name, _)| !inside(name)) {
        Some(row) => {
            Err(LeafError::ListOutside { path: path.into(), row: row + 1, name: rows[row].0.clone() }.into())
        }
        None => Ok(rows),
    }
}

impl List {
    /// The label of each picture by the name that the list has for it.
    fn labels(&self) -> Result<BTreeMap<String, &str>, Fault> {
        let mut of = BTreeMap::new();
        for (row, (name, label)) in self.rows.iter().enumerate() {
            let name = name.trim_start_matches("./").to_owned();
            if let Some(other) = of.insert(name, label.as_str())
                && other != label
            {
                return Err(LeafError::ListTwice {
                    path: self.path.clone(),
                    row: row + 1,
                    name: self.rows[row].0.clone(),
                    label: label.clone(),
                    before: other.to_owned(),
                }
                .into());
            }
        }
        Ok(of)
    }
}

/// The label of a picture, which lists call by its path from where they lie, by its name, or by either without its ending.
fn label_of<'a>(labels: &BTreeMap<String, &'a str>, list: &Path, picture: &Path) -> Option<&'a str> {
    let below = picture.strip_prefix(list.parent()?).ok()?;
    let (whole, bare) = (below.to_str()?, below.with_extension(""));
    let name = below.file_name()?.to_str()?;
    let stem = below.file_stem()?.to_str()?;
    [whole, bare.to_str()?, name, stem].into_iter().find_map(|known| labels.get(known).copied())
}

impl Lists {
    /// Where they lie.
    pub(super) fn paths(&self) -> Vec<PathBuf> {
        self.0.iter().map(|list| list.path.clone()).collect()
    }

    /// Gives pictures the labels that lists have for them. Lists of a split go before those of the whole; what is in none of them is passed over
    /// where others are. Returns the lists that were of use.
    ///
    /// # Errors
    /// If a list contradicts itself, or has more classes than there can be.
    pub(super) fn apply(&self, folder: &Path, found: &mut Found) -> Result<Vec<Input>, Fault> {
        let mut used: Vec<&List> = Vec::new();
        let mut labeled: Vec<Vec<(PathBuf, &str)>> = Vec::new();
        let tables: Vec<(&List, BTreeMap<String, &str>)> =
            self.0.iter().map(|list| Ok((list, list.labels()?))).collect::<Result<_, Fault>>()?;
        for (_, listing) in &found.splits {
            let mut own = Vec::new();
            for (picture, _) in &listing.files {
                // The list that lies nearest.
                let near = tables.iter().rev().find_map(|(list, labels)| {
                    label_of(labels, &list.path, picture).map(|label| (*list, label))
                });
                if let Some((list, label)) = near {
                    if !used.iter().any(|known| known.path == list.path) {
                        used.push(list);
                    }
                    own.push((picture.clone(), label));
                }
            }
            labeled.push(own);
        }
        if used.is_empty() {
            for list in &self.0 {
                found.notes.push(format!(
                    "{}: none of the pictures that it lists is here, so its labels are not read",
                    list.path.display()
                ));
            }
            return Ok(Vec::new());
        }
        // All that lists name are classes, whether their pictures are here or not.
        let mut names: Vec<&str> =
            used.iter().flat_map(|list| &list.rows).map(|(_, label)| label.as_str()).collect();
        names.sort_by(|a, b| a.as_bytes().cmp(b.as_bytes()));
        names.dedup();
        let ids: Option<Vec<u8>> = names.iter().map(|name| id(name)).collect();
        let listed = class_list(folder)?;
        let (classes, of_name): (Vec<String>, BTreeMap<&str, u8>) = if let Some(ids) = ids {
            let least = ids.iter().max().map_or(0, |most| usize::from(*most) + 1);
            let classes = listed.filter(|listed| listed.len() >= least);
            let classes = classes.unwrap_or_else(|| numbered_classes(least.max(CLASSES)));
            (classes, names.iter().copied().zip(ids).collect())
        } else {
            let all =
                |listed: &Vec<String>| names.iter().all(|name| listed.iter().any(|known| known == name));
            let classes =
                listed.filter(all).unwrap_or_else(|| names.iter().map(|&name| name.to_owned()).collect());
            let id = |name: &str| classes.iter().position(|known| known == name).unwrap_or(0) as u8;
            let of = names.iter().map(|&name| (name, id(name))).collect();
            (classes, of)
        };
        if classes.len() > super::MOST_CLASSES {
            return Err(LeafError::ListClasses {
                path: used[0].path.clone(),
                most: super::MOST_CLASSES,
                found: classes.len(),
            }
            .into());
        }
        let before: usize = found.splits.iter().map(|(_, listing)| listing.files.len()).sum();
        for ((_, listing), own) in found.splits.iter_mut().zip(&labeled) {
            listing.files = own.iter().map(|(picture, label)| (picture.clone(), of_name[label])).collect();
        }
        found.splits.retain(|(_, Listing { files, .. })| !files.is_empty());
        found.classes = classes;
        let lists: Vec<String> = used.iter().map(|list| list.path.display().to_string()).collect();
        let (kept, rows) = (
            labeled.iter().map(Vec::len).sum::<usize>(),
            used.iter().map(|list| list.rows.len()).sum::<usize>(),
        );
        if kept < before {
            found.notes.push(format!(
                "passed over {} of {before} pictures, which have no label in {}",
                before - kept,
                lists.join(", ")
            ));
        }
        if kept < rows {
            found.notes.push(format!(
                "{}: {} of {rows} pictures that it lists are not here",
                lists.join(", "),
                rows - kept
            ));
        }
        used.into_iter()
            .map(|list| {
                let read = |source| SourceError::Read { path: list.path.clone(), source };
                let mut digest = blake3::Hasher::new();
                digest.update_reader(File::open(&list.path).map_err(read)?).map_err(read)?;
                Ok(input("labels of pictures".into(), &list.path, &digest.finalize().to_hex()))
            })
            .collect()
    }
}

/// The class id that a label is, if it is one; `5.0` is one as well.
fn id(label: &str) -> Option<u8> {
    label.parse().ok().or_else(|| {
        let number: f64 = label.parse().ok()?;
        (number.fract() == 0.0 && (0.0..=255.0).contains(&number)).then_some(number as u8)
    })
}
