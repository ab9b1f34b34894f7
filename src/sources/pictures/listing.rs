//! Which files of a folder are pictures, of which class and split.

use std::path::{Path, PathBuf};

use crate::base::Fault;
use crate::sources::SourceError;

/// Endings of picture names, in small letters.
const ENDINGS: [&str; 5] = ["png", "jpg", "jpeg", "bmp", "webp"];
/// Names of folders that are splits, in the order in which they come.
const SPLITS: [&str; 5] = ["train", "val", "valid", "validation", "test"];
/// Folders below a class folder are walked down to this depth.
const DEEPEST: usize = 16;
/// Names that a note lists.
const LISTED: usize = 3;

/// The pictures of one split.
pub(super) struct Listing {
    /// What the folder is called.
    pub(super) name: String,
    /// Files and their classes, class by class.
    pub(super) files: Vec<(PathBuf, u8)>,
    /// Whether classes are folders.
    pub(super) has_folders: bool,
}

/// What a folder holds.
pub(super) struct Found {
    /// Names of all classes.
    pub(super) classes: Vec<String>,
    /// Splits that are named, or one that is not.
    pub(super) splits: Vec<(Option<String>, Listing)>,
    /// What was passed over.
    pub(super) notes: Vec<String>,
}

/// Whether a file's name ends as those of pictures do.
pub(super) fn has_ending(file: &Path) -> bool {
    file.extension().is_some_and(|ending| ENDINGS.iter().any(|known| ending.eq_ignore_ascii_case(known)))
}

/// The visible contents of a folder, in the order of their names' bytes.
#[derive(Default)]
struct Contents {
    folders: Vec<PathBuf>,
    pictures: Vec<PathBuf>,
    /// Files that are no pictures by their names, and hidden ones.
    others: Vec<PathBuf>,
}

fn contents(folder: &Path) -> Result<Contents, Fault> {
    let read = |source| SourceError::Read { path: folder.into(), source };
    let mut contents = Contents::default();
    for entry in std::fs::read_dir(folder).map_err(read)? {
        let entry = entry.map_err(read)?;
        let (path, hidden) = (entry.path(), entry.file_name().as_encoded_bytes().starts_with(b"."));
        if path.is_dir() {
            if !hidden {
                contents.folders.push(path);
            }
        } else if has_ending(&path) && !hidden {
            contents.pictures.push(path);
        } else {
            contents.others.push(path);
        }
    }
    for list in [&mut contents.folders, &mut contents.pictures, &mut contents.others] {
        list.sort_by(|a, b| a.as_os_str().as_encoded_bytes().cmp(b.as_os_str().as_encoded_bytes()));
    }
    Ok(contents)
}

/// The pictures of a folder and of the folders below it, each folder's own first.
fn walk(
    folder: &Path,
    depth: usize,
    files: &mut Vec<PathBuf>,
    others: &mut Vec<PathBuf>,
) -> Result<(), Fault> {
    let mut inside = contents(folder)?;
    files.append(&mut inside.pictures);
    others.append(&mut inside.others);
    if depth < DEEPEST {
        for below in &inside.folders {
            walk(below, depth + 1, files, others)?;
        }
    }
    Ok(())
}

/// Whether a folder holds pictures, down to the class folders of splits.
pub(super) fn holds_pictures(folder: &Path) -> Result<bool, Fault> {
    fn look(folder: &Path, depth: usize) -> Result<bool, Fault> {
        let inside = contents(folder)?;
        if !inside.pictures.is_empty() {
            return Ok(true);
        }
        for below in inside.folders.iter().filter(|_| depth > 0) {
            if look(below, depth - 1)? {
                return Ok(true);
            }
        }
        Ok(false)
    }
    look(folder, 2)
}

/// What one folder would be: classes by name, each with its files.
fn classes_of(
    folder: &Path,
    others: &mut Vec<PathBuf>,
    empty: &mut Vec<PathBuf>,
) -> Result<Vec<(String, Vec<PathBuf>)>, Fault> {
    let inside = contents(folder)?;
    others.extend(inside.others);
    let mut classes = Vec::new();
    for below in &inside.folders {
        let mut files = Vec::new();
        walk(below, 0, &mut files, others)?;
        if files.is_empty() {
            empty.push(below.clone());
        } else {
            classes.push((name_of(below), files));
        }
    }
    if classes.is_empty() {
        if !inside.pictures.is_empty() {
            classes.push((name_of(folder), inside.pictures));
        }
    } else {
        // Beside class folders a picture has no class.
        others.extend(inside.pictures);
    }
    Ok(classes)
}

/// What a folder is called, also when it is given as `.`.
fn name_of(folder: &Path) -> String {
    let own = folder.file_name().map(ToOwned::to_owned);
    let own = own.or_else(|| folder.canonicalize().ok()?.file_name().map(ToOwned::to_owned));
    own.unwrap_or_default().to_string_lossy().into_owned()
}

/// Lists a folder.
pub(super) fn list(folder: &Path) -> Result<Found, Fault> {
    let inside = contents(folder)?;
    let is_split = |path: &&PathBuf| SPLITS.iter().any(|name| path.file_name() == Some(name.as_ref()));
    let mut others = Vec::new();
    let mut empty = Vec::new();
    let mut by_split = Vec::new();
    let mut splits: Vec<&PathBuf> = inside.folders.iter().filter(is_split).collect();
    splits.sort_by_key(|path| SPLITS.iter().position(|name| path.file_name() == Some(name.as_ref())));
    for split in splits {
        // Pictures that lie in the split itself are of one class, which has the name of the whole.
        let mut classes = classes_of(split, &mut others, &mut empty)?;
        if let [(class, _)] = &mut classes[..]
            && *class == name_of(split)
        {
            *class = name_of(folder);
        }
        if !classes.is_empty() {
            by_split.push((Some(name_of(split)), classes));
        }
    }
    if by_split.is_empty() {
        let classes = classes_of(folder, &mut others, &mut empty)?;
        if !classes.is_empty() {
            by_split.push((None, classes));
        }
    } else {
        others.extend(inside.others);
        others.extend(inside.pictures);
        others.extend(inside.folders.iter().filter(|path| !is_split(path)).cloned());
    }
    if by_split.is_empty() {
        return Err(SourceError::Unknown { path: folder.into(), found: "no pictures".into() }.into());
    }
    let mut classes: Vec<String> =
        by_split.iter().flat_map(|(_, classes)| classes.iter().map(|(name, _)| name.clone())).collect();
    classes.sort_by(|a, b| a.as_bytes().cmp(b.as_bytes()));
    classes.dedup();
    let id = |name: &String| classes.iter().position(|class| class == name).unwrap_or(0) as u8;
    let splits = by_split
        .into_iter()
        .map(|(split, own)| {
            let files = own.into_iter().flat_map(|(name, files)| {
                let class = id(&name);
                files.into_iter().map(move |file| (file, class))
            });
            let files: Vec<(PathBuf, u8)> = files.collect();
            let has_folders = files.iter().any(|(file, _)| file.parent() != Some(folder));
            (split, Listing { name: name_of(folder), files, has_folders })
        })
        .collect();
    let mut notes = Vec::new();
    for (list, what) in
        [(&others, "no pictures by their names, or hidden"), (&empty, "folders without pictures")]
    {
        if !list.is_empty() {
            let names: Vec<String> = list.iter().take(LISTED).map(|path| name_of(path)).collect();
            let more = if list.len() > LISTED { ", ..." } else { "" };
            notes.push(format!(
                "{}: passed over {}: {}{more} ({what})",
                folder.display(),
                list.len(),
                names.join(", ")
            ));
        }
    }
    Ok(Found { classes, splits, notes })
}
