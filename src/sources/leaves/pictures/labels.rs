//! The labels of a folder's pictures, by lists and by class folders.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};

use crate::base::sample::numbered_classes;
use crate::base::{Fault, Input};
use crate::names::{self, CLASSES, natural};
use crate::sources::SourceError;
use crate::sources::leaves::arrays::{class_list, input};
use crate::sources::leaves::error::LeafError;

use super::classes::{class_number, numbered};
use super::listing::{Arranged, arrange};
use super::lists::{self, List, class_id};
use super::names::{Known, Names, Scope};
use super::tree::{Tree, name_of};

/// What is wanted of a folder.
pub(super) struct Wanted<'a> {
    /// Whether a split is asked for.
    pub(super) split: &'a dyn Fn(&str) -> bool,
    /// How many classes there are to be.
    pub(super) classes: Option<usize>,
    /// A list of labels that lies elsewhere.
    pub(super) labels: Option<&'a Path>,
}

/// The pictures of one split.
pub(super) struct Listing {
    /// What the folder is called.
    pub(super) name: String,
    /// Files and their classes.
    pub(super) files: Vec<(PathBuf, u8)>,
}

/// What a folder holds.
pub(super) struct Found {
    /// Names of all classes.
    pub(super) classes: Vec<String>,
    /// Splits that are named, or one that is not.
    pub(super) splits: Vec<(Option<String>, Listing)>,
    /// Lists that were of use.
    pub(super) inputs: Vec<Input>,
    /// Whether folders or lists say the classes.
    pub(super) labeled: bool,
    /// What was passed over, and what else should be known.
    pub(super) notes: Vec<String>,
}

/// A picture.
struct Item<'a> {
    path: &'a Path,
    part: usize,
    /// The place of its class folder's name.
    folder: Option<usize>,
    /// The list that names it, and the row.
    listed: Option<(usize, usize)>,
}

/// Whether lists say labels of pictures of a folder, `sure` ones if that is asked.
///
/// # Errors
/// If a list is damaged.
fn are_listed(arranged: &Arranged, sure: bool) -> Result<bool, Fault> {
    let (items, _) = items(arranged);
    let names = known(arranged, &items);
    let found = lists::find(&arranged.levels, &names)?;
    let names_some = |list: &List| !list.bare && list.rows.iter().any(|row| names.could_be(&row.name));
    Ok(found.iter().any(|list| (list.sure || !sure) && names_some(list)))
}

/// Whether lists say labels of pictures of a folder, and whether folders say their classes or splits.
///
/// # Errors
/// If it cannot be listed, or a list is damaged.
pub(super) fn are_labeled(folder: &Path) -> Result<(bool, bool), Fault> {
    let arranged = arrange(&Tree::read(folder)?, true)?;
    let by_folders = arranged.parts.iter().any(|part| part.split.is_some() || !part.flat);
    Ok((are_listed(&arranged, false)?, by_folders))
}

/// The pictures in the order of their splits and class folders, and the names of all class folders.
fn items(arranged: &Arranged) -> (Vec<Item<'_>>, Vec<String>) {
    let mut items = Vec::new();
    let mut names = Vec::new();
    for (number, part) in arranged.parts.iter().enumerate() {
        for (name, files) in &part.by_name {
            let folder = (!part.flat).then_some(names.len());
            names.extend((!part.flat).then(|| name.clone()));
            items.extend(files.iter().map(|path| Item { path, part: number, folder, listed: None }));
        }
    }
    (items, names)
}

fn known<'a>(arranged: &'a Arranged, items: &[Item<'a>]) -> Names<'a> {
    let known = items.iter().map(|item| {
        let split = arranged.parts[item.part].split.as_deref();
        Known { path: item.path, split, classed: item.folder.is_some() }
    });
    Names::of(known.collect())
}

/// Lists the pictures of a folder with their labels.
///
/// # Errors
/// If it cannot be listed, if a list is damaged, contradicts itself or the pictures, and if there are more classes than there can be.
pub(super) fn list(folder: &Path, wanted: &Wanted<'_>) -> Result<Found, Fault> {
    let tree = Tree::read(folder)?;
    let mut arranged = arrange(&tree, false)?;
    // A lone folder `train` beside others is a split if lists say the labels.
    if arranged.parts.iter().all(|part| part.split.is_none() && !part.flat) {
        let other = arrange(&tree, true)?;
        if other.parts.iter().any(|part| part.split.is_some()) && are_listed(&other, true)? {
            arranged = other;
        }
    }
    drop(tree);
    let mut notes = Vec::new();
    let (mut items, folders) = items(&arranged);
    let names = known(&arranged, &items);
    let mut lists = lists::find(&arranged.levels, &names)?;
    if let Some(path) = wanted.labels {
        lists = vec![lists::read(path, folder, &names)?];
    }
    notes.extend(lists.iter().filter_map(|list| list.note.clone()));
    let used = join(&arranged, &lists, &names, &mut items, wanted.labels.is_some(), &mut notes)?;
    drop(names);

    let mut class_names = class_list(folder);
    if matches!(class_names, Ok(None)) && arranged.base != folder {
        class_names = class_list(&arranged.base);
    }
    // A file of this name beside class folders that names no classes is any other file.
    let class_names = if used.is_empty() { class_names.unwrap_or_default() } else { class_names? };
    let mut known: Vec<PathBuf> = lists.iter().map(|list| list.path.clone()).collect();
    known.retain(|path| {
        used.iter().any(|&used| lists[used].path == *path) || !arranged.others().contains(path)
    });
    let mut numbering = Vec::new();
    let (ids, mut classes) = numbered(&folders, wanted.classes, class_names.as_deref(), &mut numbering);
    if !folders.is_empty() && class_names.as_ref() == Some(&classes) {
        known.extend([folder, &arranged.base].map(|folder| folder.join(names::CLASS_LIST)));
    }
    // Class by class, each folder's own pictures in their order.
    items.sort_by_key(|item| (item.part, item.folder.map(|folder| ids[folder])));

    let by_folder = |item: &Item<'_>| item.listed.is_none() && item.folder.is_some();
    let text = |item: &Item<'_>| item.listed.map(|(list, row)| lists[list].rows[row].label.as_str());
    let of_label = if used.is_empty() {
        BTreeMap::new()
    } else if items.iter().any(by_folder) {
        notes.append(&mut numbering);
        mixed(&lists, &used, &folders, &ids, &mut classes)?
    } else {
        let (all, of) = of_lists(&lists, &used, class_names);
        classes = all;
        of
    };
    if used.is_empty() {
        notes.append(&mut numbering);
    }
    if classes.len() > super::MOST_CLASSES && !used.is_empty() {
        let path = lists[used[0]].path.clone();
        return Err(LeafError::ListClasses { path, most: super::MOST_CLASSES, found: classes.len() }.into());
    }
    let id = |item: &Item<'_>| match (text(item), item.folder) {
        (Some(text), _) => of_label.get(text).copied(),
        // More classes than a byte can say are refused before any is used.
        (None, Some(folder)) => Some(ids[folder] as u8),
        (None, None) => None,
    };
    let labeled = items.iter().any(|item| id(item).is_some());
    if !labeled {
        notes.push(without_labels(folder, &arranged, &lists));
        classes = arranged
            .parts
            .first()
            .and_then(|part| part.by_name.first())
            .map(|(name, _)| name.clone())
            .into_iter()
            .collect();
    } else if used.is_empty() {
        unlabeled_splits(&arranged, wanted, &mut notes)?;
        if let ([only], true) = (&classes[..], folders.len() == 1)
            && class_number(&folders[0]).is_none()
        {
            notes.push(format!(
                "{}: all pictures lie in one folder, {only}, and so are of one class",
                folder.display()
            ));
        }
    }
    let splits =
        splits_of(folder, &arranged, &lists, &items, |item| if labeled { id(item) } else { Some(0) });
    if !used.is_empty() {
        tell_missing(&lists, &used, &items, arranged.pictures(), &mut notes);
    }
    notes.extend(arranged.passed(&known));
    let inputs = used.iter().map(|&used| digest(&lists[used])).collect::<Result<_, Fault>>()?;
    Ok(Found { classes, splits, inputs, labeled, notes })
}

/// Gives pictures the rows of lists that name them, and returns the lists that were of use. `said` is that there is one list, and that it
/// is meant.
fn join(
    arranged: &Arranged,
    lists: &[List],
    names: &Names<'_>,
    items: &mut [Item<'_>],
    said: bool,
    notes: &mut Vec<String>,
) -> Result<Vec<usize>, Fault> {
    let splits: Vec<&str> = arranged.parts.iter().filter_map(|part| part.split.as_deref()).collect();
    let mut used: Vec<usize> = Vec::new();
    let mut unmatched: Option<&List> = None;
    for (number, list) in lists.iter().enumerate() {
        let split = list.split.filter(|_| !splits.is_empty());
        // The list of a split that is not here.
        let elsewhere = split.is_some_and(|split| !splits.contains(&split))
            && !arranged.parts.iter().any(|part| list.root.starts_with(&part.path));
        let beside = |other: &&usize| lists[**other].root == list.root && lists[**other].split == list.split;
        let doubled = used.iter().find(beside).is_some_and(|&other| lists[other].column != list.column);
        if list.rows.is_empty() || elsewhere || doubled {
            continue;
        }
        let split = split.filter(|split| splits.contains(split));
        let scope = Scope { root: &list.root, split };
        let here: Vec<usize> = (0..items.len()).filter(|&item| names.is_in(item, scope)).collect();
        let mut found = if list.bare {
            in_counting_order(list, names, &here, items, said, notes)?
        } else {
            by_name(list, names, scope, said)?
        };
        // Class folders go before a list that names few of the pictures in them.
        let classed = here.iter().filter(|&&item| items[item].folder.is_some()).count();
        let named = found.keys().filter(|&&item| items[item].folder.is_some()).count();
        let named_so = list.sure || list.column.is_none();
        if !said && (named * 2 < classed || !named_so) {
            found.retain(|item, _| items[*item].folder.is_none());
        }
        if found.is_empty() {
            if !list.bare && (list.sure || said) && !here.is_empty() {
                unmatched = Some(list);
            }
            continue;
        }
        let before = used.len();
        for (item, row) in found {
            if items[item].listed.is_none() {
                items[item].listed = Some((number, row));
                if used.len() == before {
                    used.push(number);
                }
            }
        }
    }
    match unmatched {
        Some(list) if used.is_empty() && (said || items.iter().all(|item| item.folder.is_none())) => {
            Err(LeafError::ListedElsewhere {
                path: list.path.clone(),
                name: list.rows[0].name.clone(),
                picture: items.first().map(|item| item.path.into()).unwrap_or_default(),
            }
            .into())
        }
        Some(list) if used.is_empty() => {
            notes.push(format!("{}: class folders say the labels, so it is not read", list.path.display()));
            Ok(used)
        }
        Some(_) | None => Ok(used),
    }
}

/// The row of each picture that a list names.
fn by_name(
    list: &List,
    names: &Names<'_>,
    scope: Scope<'_>,
    said: bool,
) -> Result<BTreeMap<usize, usize>, Fault> {
    let mut found: BTreeMap<usize, usize> = BTreeMap::new();
    for (row, Row { name, label, split }) in list.rows.iter().map(Row::of).enumerate() {
        let scope = Scope { split: split.or(scope.split), ..scope };
        let meant = names.meant(name, scope);
        let picture = match meant[..] {
            [] => continue,
            [one] => one,
            [one, other, ..] => {
                let classed = names.known[one].classed && names.known[other].classed;
                // Ids of something else are no list of these pictures.
                if !said && (!list.sure || classed && !list.by_file) {
                    return Ok(BTreeMap::new());
                }
                return Err(LeafError::ListAmbiguous {
                    path: list.path.clone(),
                    row: row + 1,
                    name: name.to_owned(),
                    one: names.known[one].path.into(),
                    other: names.known[other].path.into(),
                }
                .into());
            }
        };
        if let Some(before) = found.insert(picture, row)
            && list.rows[before].label != *label
        {
            return Err(LeafError::ListTwice {
                path: list.path.clone(),
                row: row + 1,
                name: name.to_owned(),
                label: label.to_owned(),
                before: list.rows[before].label.clone(),
            }
            .into());
        }
    }
    Ok(found)
}

/// A row without its owner.
struct Row<'a> {
    name: &'a str,
    label: &'a str,
    split: Option<&'static str>,
}

impl<'a> Row<'a> {
    fn of(row: &'a lists::Row) -> Self {
        Self { name: &row.name, label: &row.label, split: row.split }
    }
}

/// The rows of a list of labels alone, for pictures in the order in which people count; none if there are not as many.
fn in_counting_order(
    list: &List,
    names: &Names<'_>,
    here: &[usize],
    items: &[Item<'_>],
    said: bool,
    notes: &mut Vec<String>,
) -> Result<BTreeMap<usize, usize>, Fault> {
    let mut flat: Vec<usize> =
        here.iter().copied().filter(|&item| items[item].folder.is_none() || said).collect();
    let parts = |flat: &[usize]| flat.iter().any(|&item| items[item].part != items[flat[0]].part);
    if flat.len() != list.rows.len() || parts(&flat) {
        let (images, labels) = (list.root.display().to_string(), list.path.display().to_string());
        let (image_count, label_count) = (flat.len() as u64, list.rows.len() as u64);
        return if said {
            Err(LeafError::Counts { images, image_count, labels, label_count }.into())
        } else {
            Ok(BTreeMap::new())
        };
    }
    flat.sort_by(|&a, &b| {
        natural(&names.known[a].path.to_string_lossy(), &names.known[b].path.to_string_lossy())
    });
    if let Some(&first) = flat.first() {
        notes.push(format!(
            "{}: its {} labels are taken for the pictures in counting order, {} first",
            list.path.display(),
            flat.len(),
            name_of(names.known[first].path)
        ));
    }
    Ok(flat.into_iter().zip(0..).collect())
}

/// The class of each label where lists alone say them. All that lists name are classes, whether their pictures are here or not.
fn of_lists(
    lists: &[List],
    used: &[usize],
    listed: Option<Vec<String>>,
) -> (Vec<String>, BTreeMap<String, u8>) {
    let names = labels_of(lists, used);
    let ids: Option<Vec<u8>> = names.iter().map(|name| class_id(name)).collect();
    if let Some(ids) = ids {
        let least = ids.iter().max().map_or(0, |most| usize::from(*most) + 1);
        let classes = listed.filter(|listed| listed.len() >= least);
        let classes = classes.unwrap_or_else(|| numbered_classes(least.max(CLASSES)));
        return (classes, names.into_iter().map(str::to_owned).zip(ids).collect());
    }
    let all = |listed: &Vec<String>| names.iter().all(|name| listed.iter().any(|known| known == name));
    let classes = listed.filter(all).unwrap_or_else(|| names.iter().map(|&name| name.to_owned()).collect());
    let id = |name: &str| classes.iter().position(|known| known == name).unwrap_or(0) as u8;
    let of = names.iter().map(|&name| (name.to_owned(), id(name))).collect();
    (classes, of)
}

/// The class of each label where class folders say others: the same names are the same classes.
fn mixed(
    lists: &[List],
    used: &[usize],
    folders: &[String],
    ids: &[usize],
    classes: &mut Vec<String>,
) -> Result<BTreeMap<String, u8>, Fault> {
    let labels = labels_of(lists, used);
    let numbers: Option<Vec<u8>> = labels.iter().map(|label| class_id(label)).collect();
    if let Some(numbers) = numbers.filter(|_| folders.iter().all(|name| class_number(name).is_some())) {
        let most = numbers.iter().max().map_or(0, |most| usize::from(*most) + 1);
        if most > classes.len() {
            *classes = numbered_classes(most);
        }
        return Ok(labels.into_iter().map(str::to_owned).zip(numbers).collect());
    }
    let id = |label: &str| folders.iter().position(|name| name == label).map(|at| ids[at] as u8);
    if let Some(label) = labels.iter().find(|label| id(label).is_none()) {
        return Err(LeafError::ListFolders {
            path: lists[used[0]].path.clone(),
            label: (*label).to_owned(),
            folder: folders[0].clone(),
        }
        .into());
    }
    Ok(labels.into_iter().filter_map(|label| Some((label.to_owned(), id(label)?))).collect())
}

/// The different labels of lists, in the order of their bytes.
fn labels_of<'a>(lists: &'a [List], used: &[usize]) -> Vec<&'a str> {
    let rows = used.iter().flat_map(|&used| &lists[used].rows);
    let mut labels: Vec<&str> = rows.map(|row| row.label.as_str()).collect();
    labels.sort_unstable();
    labels.dedup();
    labels
}

/// The splits with their pictures that have a label: those that are folders, or those that lists say.
fn splits_of(
    folder: &Path,
    arranged: &Arranged,
    lists: &[List],
    items: &[Item<'_>],
    id: impl Fn(&Item<'_>) -> Option<u8>,
) -> Vec<(Option<String>, Listing)> {
    let said = |item: &Item<'_>| {
        let (list, row) = item.listed?;
        lists[list].rows[row].split.or(lists[list].split)
    };
    let whole = arranged.parts.iter().all(|part| part.split.is_none());
    let mut several: Vec<&str> = items.iter().filter_map(said).collect();
    several.sort_by(|a, b| names::order(a, b));
    several.dedup();
    let name = |item: &Item<'_>| -> Option<String> {
        if whole && several.len() > 1 {
            return Some(said(item).unwrap_or("train").to_owned());
        }
        arranged.parts[item.part].split.clone()
    };
    let mut splits: Vec<(Option<String>, Listing)> = Vec::new();
    for item in items {
        let Some(id) = id(item) else { continue };
        let name = name(item);
        let file = (item.path.to_owned(), id);
        match splits.iter_mut().find(|(known, _)| *known == name) {
            Some((_, listing)) => listing.files.push(file),
            None => splits.push((name, Listing { name: name_of(folder), files: vec![file] })),
        }
    }
    if whole {
        splits.sort_by(|(a, _), (b, _)| names::order(a.as_deref().unwrap_or(""), b.as_deref().unwrap_or("")));
    }
    splits
}

/// What there is to say of pictures of which nothing says the label.
fn without_labels(folder: &Path, arranged: &Arranged, lists: &[List]) -> String {
    let files = arranged.parts.iter().flat_map(|part| &part.by_name).flat_map(|(_, files)| files);
    let names: Vec<String> = files.map(|file| name_of(file)).collect();
    let mut note = format!(
        "{} has no labels, so all of its images are of one class; labels may lie in class folders, in a list beside the pictures (labels.csv with filename,label), or in a list that --label-file names",
        folder.display()
    );
    let holds = arranged.levels.iter().flat_map(|level| &level.files);
    let mut holds =
        holds.filter(|path| lists::may_hold_labels(path) && lists.iter().all(|list| list.path != **path));
    if let Some(path) = holds.next() {
        note = format!("{note}; {} may hold them, and is not read", path.display());
    }
    if let Some(name) = labels_in_names(&names) {
        note = format!("{note}; if names such as {name} say them, write them into such a list");
    }
    note
}

/// A name that looks as if it says a label: all have a number below 10 in the same place, with a few different ones, and count somewhere else.
fn labels_in_names(names: &[String]) -> Option<&String> {
    let parts = |name: &str| -> Vec<String> {
        let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
        let mut parts = Vec::new();
        for part in stem.split(|c: char| !c.is_alphanumeric()) {
            let digits = part.trim_start_matches(|c: char| c.is_alphabetic());
            parts.push(digits.to_owned());
        }
        parts
    };
    let first = names.first()?;
    let width = parts(first).len();
    let all: Vec<Vec<String>> = names.iter().map(|name| parts(name)).collect();
    if names.len() < 4 || width < 2 || all.iter().any(|parts| parts.len() != width) {
        return None;
    }
    let different = |at: usize| {
        let mut values: Vec<&str> = all.iter().map(|parts| parts[at].as_str()).collect();
        values.sort_unstable();
        values.dedup();
        values
    };
    let is_label = |at: usize| {
        let values = different(at);
        values.len() > 1
            && values.len() < names.len()
            && values.iter().all(|value| value.len() == 1 && value.as_bytes()[0].is_ascii_digit())
    };
    (0..width).any(is_label).then_some(first)
}

/// Beside splits whose folders say the classes, pictures without a class folder have no label.
///
/// # Errors
/// If such a split is wanted.
fn unlabeled_splits(arranged: &Arranged, wanted: &Wanted<'_>, notes: &mut Vec<String>) -> Result<(), Fault> {
    let mut told = Vec::new();
    for part in arranged.parts.iter().filter(|part| part.flat) {
        let pictures = part.by_name.iter().map(|(_, files)| files.len()).sum();
        if part.split.as_deref().is_some_and(wanted.split) {
            return Err(SourceError::Unlabeled { path: part.path.clone(), pictures }.into());
        }
        let s = if pictures == 1 { "" } else { "s" };
        told.push(format!(
            "{}: passed over {pictures} picture{s} that have no label, for they lie in no class folder",
            part.path.display()
        ));
    }
    told.append(notes);
    *notes = told;
    Ok(())
}

/// Says how many pictures have no label, and how many labels no picture.
fn tell_missing(
    lists: &[List],
    used: &[usize],
    items: &[Item<'_>],
    pictures: usize,
    notes: &mut Vec<String>,
) {
    let paths: Vec<String> = used.iter().map(|&used| lists[used].path.display().to_string()).collect();
    let paths = paths.join(", ");
    let labeled = items.iter().filter(|item| item.listed.is_some() || item.folder.is_some()).count();
    if labeled < pictures {
        notes.push(format!(
            "passed over {} of {pictures} pictures, which have no label in {paths}",
            pictures - labeled
        ));
    }
    let mut rows: Vec<(usize, usize)> = items.iter().filter_map(|item| item.listed).collect();
    rows.sort_unstable();
    rows.dedup();
    let all: usize = used.iter().map(|&used| lists[used].rows.len()).sum();
    if rows.len() < all {
        notes.push(format!("{paths}: {} of {all} pictures that it lists are not here", all - rows.len()));
    }
}

/// A list as an input.
fn digest(list: &List) -> Result<Input, Fault> {
    let read = |source| SourceError::Read { path: list.path.clone(), source };
    let mut digest = blake3::Hasher::new();
    digest.update_reader(File::open(&list.path).map_err(read)?).map_err(read)?;
    Ok(input("labels of pictures".into(), &list.path, &digest.finalize().to_hex()))
}
