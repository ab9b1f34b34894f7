//! Labels of pictures that lie in a list: `labels.csv` with `filename,label`, `metadata.csv` or `metadata.jsonl` as the Hugging Face Hub has
//! them, `labels.txt` with a name and a label a line or with labels alone.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::base::{Fault, Pass};
use crate::formats::codec::table::{Columns, Reading, Table};
use crate::names::{CLASS_LIST, has_word, split_called, split_within};
use crate::sources::SourceError;
use crate::sources::leaves::csv_table::roles::{is_file, is_id, is_label};
use crate::sources::leaves::error::LeafError;

use super::listing::Level;
use super::names::{Names, slashed};

/// A list of JSON lines of more bytes is none.
const MOST_BYTES: u64 = 256 << 20;
/// More columns than this are pixels.
const MOST_COLUMNS: usize = 32;
/// A folder with more tables or texts than this holds something else.
const MOST_LISTS: usize = 16;
/// Lines that are looked at to find out what a table holds.
const LOOKED_AT: usize = 32;
/// Words in names of columns and files that speak of labels.
const LABELS: [&str; 11] = [
    "label",
    "labels",
    "class",
    "classes",
    "target",
    "targets",
    "digit",
    "category",
    "annotations",
    "truth",
    "y",
];
/// Words in names of files that hold no labels: Kaggle has `sample_submission.csv`.
const NONE: [&str; 2] = ["submission", "submissions"];
/// Names of columns that say splits.
const SPLITS: [&str; 4] = ["split", "subset", "partition", "set"];

/// A row of a list.
pub(super) struct Row {
    /// The name of a picture; empty where labels stand in counting order.
    pub(super) name: String,
    pub(super) label: String,
    /// The split, where a column says it.
    pub(super) split: Option<&'static str>,
}

/// Names of pictures and their labels.
pub(super) struct List {
    pub(super) path: PathBuf,
    /// The folder from which its names count.
    pub(super) root: PathBuf,
    /// The split that its name says.
    pub(super) split: Option<&'static str>,
    /// What its column of labels is called, if it has a name.
    pub(super) column: Option<String>,
    /// Whether the columns are called as those of lists of labels are.
    pub(super) sure: bool,
    /// Whether pictures are called by names of files, and not by ids.
    pub(super) by_file: bool,
    /// Whether it has labels alone, in counting order.
    pub(super) bare: bool,
    pub(super) rows: Vec<Row>,
    pub(super) note: Option<String>,
}

/// Reads the lists in these files: of each level `metadata.jsonl`, `metadata.csv`, and what else names pictures, those below first.
///
/// # Errors
/// If a list is damaged.
pub(super) fn find(levels: &[Level], names: &Names<'_>) -> Result<Vec<List>, Fault> {
    let mut lists: Vec<List> = Vec::new();
    for Level { root, files } in levels {
        let ending = |path: &Path, known: &[&str]| {
            path.extension().is_some_and(|end| known.iter().any(|known| end.eq_ignore_ascii_case(known)))
        };
        let stem = |path: &Path| path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let is_list = |path: &&PathBuf| {
            let name = path.file_name().unwrap_or_default();
            !name.as_encoded_bytes().starts_with(b".") && name != CLASS_LIST && !has_word(&stem(path), &NONE)
        };
        let named = |name: &'static str| {
            files.iter().filter(move |path| path.file_name().is_some_and(|own| own == name))
        };
        let mut candidates: Vec<&PathBuf> = named("metadata.jsonl").chain(named("metadata.csv")).collect();
        for endings in [&["csv", "tsv"][..], &["txt"]] {
            let found: Vec<&PathBuf> =
                files.iter().filter(|path| ending(path, endings)).filter(is_list).collect();
            if found.len() <= MOST_LISTS {
                candidates.extend(found);
            }
        }
        for path in candidates {
            if lists.iter().any(|known| known.path == *path) {
                continue;
            }
            let found = if ending(path, &["jsonl"]) {
                lines(path, root, names)?
            } else {
                table(path, root, names, false)?
            };
            lists.extend(found);
        }
    }
    // What lies deeper is nearer to the pictures, and a list of a split nearer than one of all.
    let depth = |list: &List| list.root.components().count();
    lists.sort_by_key(|list| (usize::MAX - depth(list), list.split.is_none(), list.bare));
    Ok(lists)
}

/// Reads a file that is said to be the list for the pictures below `root`.
///
/// # Errors
/// If it is none.
pub(super) fn read(path: &Path, root: &Path, names: &Names<'_>) -> Result<List, Fault> {
    let is_lines = path.extension().is_some_and(|end| end.eq_ignore_ascii_case("jsonl"));
    let found = if is_lines { lines(path, root, names)? } else { table(path, root, names, true)? };
    found.ok_or_else(|| LeafError::NoList { path: path.into(), folder: root.into() }.into())
}

/// What the columns of a table are.
struct Roles {
    file: Option<usize>,
    label: usize,
    split: Option<usize>,
    header: bool,
    sure: bool,
    by_file: bool,
}

/// The columns of a table; `None` if it does not say labels of pictures. `labels` says that this is what it is for.
fn roles(lines: &[Vec<String>], names: &Names<'_>, labels: bool) -> Option<Roles> {
    let first = lines.first().filter(|first| (1..=MOST_COLUMNS).contains(&first.len()))?;
    let here = |line: &Vec<String>, column: usize| line.get(column).is_some_and(|name| names.could_be(name));
    if first.len() == 1 {
        let header = is_label(&first[0]) || has_word(&first[0], &LABELS);
        return labels.then_some(Roles {
            file: None,
            label: 0,
            split: None,
            header,
            sure: true,
            by_file: false,
        });
    }
    let at = |is: &dyn Fn(&str) -> bool| first.iter().position(|name| is(name));
    let below = &lines[1..];
    // Numbers that are names of pictures may be anything, unless the column is one of ids.
    let are_here = |column: usize| {
        let found = below.iter().filter(|line| here(line, column));
        let known = is_id(&first[column]) && !first[column].is_empty();
        let telling = |line: &&Vec<String>| known || line[column].contains(|c: char| !c.is_ascii_digit());
        found.filter(telling).count()
    };
    let by_content = || {
        let columns = (0..first.len()).filter(|&column| !is_label(&first[column]));
        let found = columns.map(|column| (are_here(column), column)).filter(|(count, _)| *count > 0);
        found.max_by_key(|(count, column)| (*count, usize::MAX - column)).map(|(_, column)| column)
    };
    let named = at(&is_file);
    let headless = (0..first.len()).find(|&column| {
        here(first, column)
            && (first.len() == 2 || first[column].contains(|c: char| !c.is_ascii_digit()))
            && !is_label(&first[column])
    });
    let header = named.is_some() || headless.is_none();
    let file = match headless {
        Some(column) if !header => column,
        _ => named.or_else(by_content)?,
    };
    if !header {
        let label = if file + 1 < first.len() { file + 1 } else { 0 };
        return Some(Roles {
            file: Some(file),
            label,
            split: None,
            header: false,
            sure: false,
            by_file: false,
        });
    }
    let split =
        at(&|name| SPLITS.iter().any(|known| known.eq_ignore_ascii_case(name))).filter(|&at| at != file);
    let other = |is: &dyn Fn(&str) -> bool| {
        (0..first.len()).find(|&column| column != file && Some(column) != split && is(&first[column]))
    };
    let known = other(&is_label).or_else(|| other(&|name| has_word(name, &LABELS)));
    let left: Vec<usize> = (0..first.len())
        .filter(|&column| column != file && Some(column) != split)
        .filter(|&column| first.len() == 2 || !(is_id(&first[column]) || is_file(&first[column])))
        .collect();
    let sure = known.is_some();
    let label = known.or_else(|| if let [one] = left[..] { Some(one) } else { None })?;
    let by_file = named.is_some();
    Some(Roles { file: Some(file), label, split, header: true, sure, by_file })
}

/// A table as a list. `said` is one that is said to be it.
fn table(path: &Path, root: &Path, names: &Names<'_>, said: bool) -> Result<Option<List>, Fault> {
    // What is no table at all is passed over as any other file.
    let opened = match Table::open(path) {
        Ok(opened) => opened,
        Err(error) if said => return Err(error.into()),
        Err(_) => return Ok(None),
    };
    let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let lines = opened.first_lines(LOOKED_AT);
    let Some(roles) = roles(&lines, names, said || has_word(&stem, &LABELS)) else { return Ok(None) };
    let wanted = |place: usize| [roles.file, Some(roles.label), roles.split].contains(&Some(place));
    let of = |place| if wanted(place) { Columns::Ids(1) } else { Columns::Skip(1) };
    let width = lines[0].len();
    let reading =
        Reading { header: roles.header, columns: (0..width).map(of).collect(), ..Reading::default() };
    let values = opened.read_as(&reading, &Pass::default())?;
    let places: Vec<usize> = (0..width).filter(|&place| wanted(place)).collect();
    let at = |role: usize| places.iter().position(|&place| place == role).unwrap_or(0);
    let (label, file, split) = (at(roles.label), roles.file.map(at), roles.split.map(at));
    let rows: Vec<&[String]> = values.ids.chunks_exact(places.len()).collect();
    let mut note = None;
    let split = split.filter(|&split| {
        let known = rows.iter().all(|row| split_called(&row[split]).is_some());
        if !known {
            note = Some(format!(
                "{}: its column {} does not say train, val and test, and is passed over",
                path.display(),
                lines[0][places[split]]
            ));
        }
        known
    });
    let rows = rows.into_iter().map(|row| Row {
        name: file.map_or_else(String::new, |file| row[file].clone()),
        label: row[label].clone(),
        split: split.and_then(|split| split_called(&row[split])).map(|split| split.name),
    });
    let column = roles.header.then(|| lines[0][roles.label].clone());
    let rows = rows.filter(|row| !row.label.is_empty() && (file.is_none() || !row.name.is_empty())).collect();
    let (sure, by_file, bare) = (roles.sure, roles.by_file, file.is_none());
    finish(List { column, sure, by_file, bare, note, ..empty(path, root, rows) }, names)
}

/// A list of these rows, of which nothing else is known.
fn empty(path: &Path, root: &Path, rows: Vec<Row>) -> List {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    List {
        path: path.into(),
        root: root.into(),
        split: split_within(&stem).map(|(split, _)| split.name),
        column: None,
        sure: false,
        by_file: false,
        bare: false,
        rows,
        note: None,
    }
}

/// A list whose names lead nowhere else, and whose texts are labels: texts that are all different, in a column that is not called so, are none.
fn finish(list: List, names: &Names<'_>) -> Result<Option<List>, Fault> {
    let mut list = list;
    let path = list.path.clone();
    let path = path.as_path();
    if let Some(row) = list.rows.iter().position(|row| slashed(&row.name).1) {
        let name = list.rows[row].name.clone();
        return Err(LeafError::ListOutside { path: path.into(), row: row + 1, name }.into());
    }
    let mut texts: Vec<&str> = list.rows.iter().map(|row| row.label.as_str()).collect();
    texts.sort_unstable();
    texts.dedup();
    let numbers = texts.iter().all(|text| class_id(text).is_some());
    let known = texts.iter().all(|text| names.is_class(text));
    if list.bare && !numbers && texts.len() == list.rows.len() {
        return Ok(None);
    }
    if !list.bare && !list.sure && !numbers && !known && texts.len() > 2 && texts.len() * 2 > list.rows.len()
    {
        let column =
            list.column.clone().map_or_else(|| "second column".to_owned(), |name| format!("column {name}"));
        list.note = Some(format!(
            "{}: its {column} is not taken for labels, for it holds {} texts in {} rows",
            path.display(),
            texts.len(),
            list.rows.len()
        ));
        list.rows.clear();
    }
    Ok(Some(list))
}

/// A file of JSON lines as a list.
fn lines(path: &Path, root: &Path, names: &Names<'_>) -> Result<Option<List>, Fault> {
    let read = |source| SourceError::Read { path: path.into(), source };
    let bytes = std::fs::metadata(path).map_err(read)?.len();
    let wrong =
        |line: usize, expected: &'static str| LeafError::ListLine { path: path.into(), line, expected };
    if bytes > MOST_BYTES {
        return Err(LeafError::ListSize { path: path.into(), most: MOST_BYTES, bytes }.into());
    }
    let text = std::fs::read_to_string(path).map_err(read)?;
    let mut rows = Vec::new();
    let mut column = None;
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let Ok(Value::Object(object)) = serde_json::from_str(line) else {
            return Err(wrong(number + 1, "a JSON object").into());
        };
        let said = |is: &dyn Fn(&str) -> bool| object.iter().find(|(key, _)| is(key));
        let Some((_, Value::String(name))) = said(&is_file) else {
            return Err(wrong(number + 1, "a file_name").into());
        };
        let split = said(&|key| SPLITS.contains(&key)).and_then(|(_, value)| split_called(value.as_str()?));
        let label = said(&is_label).or_else(|| said(&|key| has_word(key, &LABELS)));
        let label = match label {
            Some((key, Value::String(label))) => {
                column = Some(key.clone());
                label.clone()
            }
            Some((key, Value::Number(label))) => {
                column = Some(key.clone());
                label.to_string()
            }
            // Lists of captions and boxes give no classes.
            Some(_) | None => {
                let note =
                    format!("{}: it has no label for each picture, and is passed over", path.display());
                return Ok(Some(List { note: Some(note), ..empty(path, root, Vec::new()) }));
            }
        };
        rows.push(Row { name: name.clone(), label, split: split.map(|split| split.name) });
    }
    finish(List { column, sure: true, by_file: true, ..empty(path, root, rows) }, names)
}

/// The class id that a label is, if it is one; `5.0` is one as well.
pub(super) fn class_id(label: &str) -> Option<u8> {
    label.parse().ok().or_else(|| {
        let number: f64 = label.parse().ok()?;
        (number.fract() == 0.0 && (0.0..=255.0).contains(&number)).then_some(number as u8)
    })
}

/// Whether a file may hold labels, by its name.
pub(super) fn may_hold_labels(path: &Path) -> bool {
    let ending = path.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    let known = [
        "csv", "tsv", "txt", "json", "jsonl", "npy", "npz", "mat", "xml", "xls", "xlsx", "parquet", "pkl",
        "pickle",
    ];
    let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let said =
        has_word(&stem, &LABELS) || has_word(&stem, &["metadata", "annotation", "trainlabels", "testlabels"]);
    known.contains(&ending.as_str()) && said
}
