//! Which files of a folder are pictures, of which class and split.

use std::path::{Path, PathBuf};

use crate::base::Fault;
use crate::base::sample::numbered_classes;
use crate::names::{self, split_called};
use crate::sources::SourceError;
use crate::sources::folder::Children;

/// Endings of picture names, in small letters.
const ENDINGS: [&str; 5] = ["png", "jpg", "jpeg", "bmp", "webp"];
/// Folders below a class folder are walked down to this depth.
const DEEPEST: usize = 16;
/// The most classes that there may be: a class id is a byte.
pub(super) const MOST_CLASSES: usize = 256;
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
    let Children { files, folders, hidden } = Children::of(folder)?;
    let (pictures, mut others): (Vec<_>, Vec<_>) = files.into_iter().partition(|path| has_ending(path));
    others.extend(hidden);
    Ok(Contents { folders, pictures, others })
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
        // What cannot be listed holds none that could be used.
        Ok(depth > 0 && inside.folders.iter().any(|below| look(below, depth - 1).unwrap_or(false)))
    }
    look(&within(folder)?, 3)
}

/// Classes by name, each with its files.
type ByName = Vec<(String, Vec<PathBuf>)>;

/// Pictures by class.
struct Classes {
    by_name: ByName,
    /// Whether the pictures lie in the folder itself, so that nothing says of what class they are.
    flat: bool,
}

/// What one folder would be.
fn classes_of(folder: &Path, others: &mut Vec<PathBuf>, empty: &mut Vec<PathBuf>) -> Result<Classes, Fault> {
    let mut inside = contents(folder)?;
    // `train/images/cat/1.png`: the folder between says nothing.
    for _ in 0..DEEPEST {
        let [only] = &inside.folders[..] else { break };
        let below = contents(only)?;
        if !inside.pictures.is_empty() || below.folders.is_empty() || !names::says_nothing(&name_of(only)) {
            break;
        }
        others.append(&mut inside.others);
        inside = below;
    }
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
    let flat = classes.is_empty();
    if flat {
        if !inside.pictures.is_empty() {
            classes.push((name_of(folder), inside.pictures));
        }
    } else {
        // Beside class folders a picture has no class.
        others.extend(inside.pictures);
    }
    Ok(Classes { by_name: classes, flat })
}

/// What a folder is called, also when it is given as `.`.
fn name_of(folder: &Path) -> String {
    let own = folder.file_name().map(ToOwned::to_owned);
    let own = own.or_else(|| folder.canonicalize().ok()?.file_name().map(ToOwned::to_owned));
    own.unwrap_or_default().to_string_lossy().into_owned()
}

/// The folder that holds the splits: archives often have a folder of their own in them, and another in that.
fn within(folder: &Path) -> Result<PathBuf, Fault> {
    let mut at = folder.to_owned();
    for _ in 0..DEEPEST {
        let mut inside = contents(&at)?;
        if inside.folders.iter().any(|path| split_of(path).is_some()) {
            return Ok(at);
        }
        if !inside.pictures.is_empty() || inside.folders.len() != 1 {
            break;
        }
        at = inside.folders.remove(0);
    }
    Ok(folder.to_owned())
}

/// Name of a split, its folder, its classes, and whether its pictures lie in no class folder.
type Splitted = (Option<String>, PathBuf, ByName, bool);

/// Splits within classes, `cat/train/1.png`: if every folder holds folders of splits and no pictures of its own.
fn splits_of_classes(inside: &Contents, others: &mut Vec<PathBuf>) -> Result<Vec<Splitted>, Fault> {
    let mut found: Vec<Splitted> = Vec::new();
    if inside.folders.len() < 2 || !inside.pictures.is_empty() {
        return Ok(found);
    }
    let mut passed = Vec::new();
    for class in &inside.folders {
        let within = contents(class)?;
        passed.extend(within.others);
        if within.folders.is_empty() || !within.pictures.is_empty() {
            return Ok(Vec::new());
        }
        for folder in within.folders {
            let Some(split) = split_of(&folder) else { return Ok(Vec::new()) };
            let mut files = Vec::new();
            walk(&folder, 0, &mut files, &mut passed)?;
            if files.is_empty() {
                continue;
            }
            let of_class = (name_of(class), files);
            match found.iter_mut().find(|(name, ..)| name.as_deref() == Some(split.name)) {
                Some((_, _, classes, _)) => classes.push(of_class),
                None => found.push((Some(split.name.to_owned()), folder, vec![of_class], false)),
            }
        }
    }
    found.sort_by(|(a, ..), (b, ..)| names::order(a.as_deref().unwrap_or(""), b.as_deref().unwrap_or("")));
    others.append(&mut passed);
    Ok(found)
}

/// The split that a folder's name stands for.
fn split_of(folder: &Path) -> Option<&'static names::SplitName> {
    split_called(&folder.file_name()?.to_string_lossy())
}

/// Class ids by name, and the names of all classes. Names that are numbers are these classes; others count in the order of their bytes.
fn numbered(names: &[String], said: Option<usize>, notes: &mut Vec<String>) -> (Vec<usize>, Vec<String>) {
    let number = |name: &String| -> Option<usize> {
        let digits = name.bytes().all(|b| b.is_ascii_digit());
        name.parse().ok().filter(|&n| digits && n < MOST_CLASSES)
    };
    let numbers: Option<Vec<usize>> = names.iter().map(number).collect();
    if let Some(ids) = numbers.filter(|ids| !ids.is_empty()) {
        let most = ids.iter().max().map_or(0, |most| most + 1);
        let mut distinct = ids.clone();
        distinct.sort_unstable();
        distinct.dedup();
        if distinct.len() < most && said.is_none() {
            notes.push(format!(
                "class folders are numbers, and so the classes that they say: folder {0} is class {0} of {most}",
                most - 1
            ));
        }
        let classes = said.filter(|&said| (most..=MOST_CLASSES).contains(&said)).unwrap_or(most);
        return (ids, numbered_classes(classes));
    }
    let mut classes = names.to_vec();
    classes.sort_by(|a, b| a.as_bytes().cmp(b.as_bytes()));
    classes.dedup();
    let id = |name| classes.iter().position(|class| class == name).unwrap_or(0);
    (names.iter().map(id).collect(), classes)
}

/// Lists a folder. `wanted` are the splits that are asked for, `said` how many classes there are to be. What lies at `known` is no picture,
/// and nobody need be told: lists, which may say the classes of pictures in no class folder.
pub(super) fn list(
    folder: &Path,
    wanted: &dyn Fn(&str) -> bool,
    said: Option<usize>,
    known: &[PathBuf],
) -> Result<Found, Fault> {
    let whole = folder;
    let folder = &within(whole)?;
    let inside = contents(folder)?;
    let is_split = |path: &&PathBuf| split_of(path).is_some();
    let mut others = Vec::new();
    let (mut empty, mut beside) = (Vec::new(), Vec::new());
    let mut by_split: Vec<Splitted> = Vec::new();
    let mut splits: Vec<&PathBuf> = inside.folders.iter().filter(is_split).collect();
    splits.sort_by(|a, b| {
        let name = |path| split_of(path).map_or("", |split| split.name);
        names::order(name(a), name(b)).then_with(|| a.cmp(b))
    });
    for split in splits {
        // Pictures that lie in the split itself are of one class, which has the name of the whole.
        let Classes { mut by_name, flat } = classes_of(split, &mut others, &mut empty)?;
        if flat && let Some((class, _)) = by_name.first_mut() {
            *class = name_of(whole);
        }
        if !by_name.is_empty() {
            // `valid` is `val`, unless there is one already.
            let own = split_of(split).map_or_else(|| name_of(split), |split| split.name.to_owned());
            let taken = by_split.iter().any(|(name, ..)| *name == Some(own.clone()));
            by_split.push((Some(if taken { name_of(split) } else { own }), split.clone(), by_name, flat));
        }
    }
    let mut notes = Vec::new();
    if by_split.is_empty() {
        by_split = splits_of_classes(&inside, &mut others)?;
        if !by_split.is_empty() {
            others.extend(inside.others.iter().cloned());
        }
    }
    if by_split.is_empty() {
        let Classes { by_name, flat } = classes_of(folder, &mut others, &mut empty)?;
        if !by_name.is_empty() {
            by_split.push((None, folder.clone(), by_name, flat));
        }
    } else if inside.folders.iter().any(|path| is_split(&path)) {
        others.extend(inside.others);
        others.extend(inside.pictures);
        beside.extend(inside.folders.iter().filter(|path| !is_split(path)).cloned());
        // Beside splits whose folders say the classes, pictures without a class folder have no label.
        if known.is_empty() && by_split.iter().any(|(.., flat)| !flat) {
            for (name, path, by_name, _) in by_split.extract_if(.., |(.., flat)| *flat) {
                let pictures = by_name.iter().map(|(_, files)| files.len()).sum();
                if name.as_deref().is_some_and(wanted) {
                    return Err(SourceError::Unlabeled { path, pictures }.into());
                }
                let s = if pictures == 1 { "" } else { "s" };
                notes.push(format!(
                    "{}: passed over {pictures} picture{s} that have no label, for they lie in no class folder",
                    path.display()
                ));
            }
        }
    }
    if by_split.is_empty() {
        return Err(SourceError::Unknown {
            path: folder.into(),
            expected: "pictures (PNG, JPEG, BMP, WebP), or folders of them".into(),
            found: "no pictures".into(),
        }
        .into());
    }
    let names: Vec<String> =
        by_split.iter().flat_map(|(_, _, by_name, _)| by_name.iter().map(|(name, _)| name.clone())).collect();
    let (ids, classes) = numbered(&names, said, &mut notes);
    let mut ids = ids.into_iter();
    let splits = by_split
        .into_iter()
        .map(|(split, path, own, _)| {
            let mut own: Vec<_> =
                own.into_iter().map(|(_, files)| (ids.next().unwrap_or(0), files)).collect();
            own.sort_by_key(|(class, _)| *class);
            let files = own.into_iter().flat_map(|(class, files)| {
                // More classes than a byte can say are refused before any is used.
                files.into_iter().map(move |file| (file, class as u8))
            });
            let files: Vec<(PathBuf, u8)> = files.collect();
            let has_folders = files.iter().any(|(file, _)| file.parent() != Some(&path));
            (split, Listing { name: name_of(whole), files, has_folders })
        })
        .collect();
    others.retain(|path| !known.contains(path));
    for (list, kind, what) in [
        (&others, "file", ", hidden or no pictures by their names"),
        (&empty, "folder", " without pictures"),
        (&beside, "folder", " beside the splits"),
    ] {
        if !list.is_empty() {
            let names: Vec<String> = list.iter().take(LISTED).map(|path| name_of(path)).collect();
            let (n, s) = (list.len(), if list.len() == 1 { "" } else { "s" });
            let more = if list.len() > LISTED { ", ..." } else { "" };
            notes.push(format!(
                "{}: passed over {n} {kind}{s}{what}: {}{more}",
                folder.display(),
                names.join(", ")
            ));
        }
    }
    Ok(Found { classes, splits, notes })
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "empty files to be listed")]
mod tests {
    use super::*;

    fn tree(files: &[&str]) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for file in files {
            let path = root.path().join("data").join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::File::create(path).unwrap();
        }
        root
    }

    /// Splits, and in each the files with their classes.
    fn listed(files: &[&str]) -> (Vec<String>, Vec<String>) {
        let root = tree(files);
        let folder = root.path().join("data");
        let found = list(&folder, &|_| false, None, &[]).unwrap();
        let mut lines = Vec::new();
        for (split, listing) in &found.splits {
            assert_eq!(listing.name, "data");
            let split = split.as_deref().unwrap_or("-");
            for (file, class) in &listing.files {
                let file = file.strip_prefix(&folder).unwrap().display();
                lines.push(format!("{split} {file} {}", found.classes[usize::from(*class)]));
            }
        }
        (lines, found.notes.into_iter().map(|note| note.split_once(": ").unwrap().1.to_owned()).collect())
    }

    #[test]
    fn folders_are_understood() {
        let (lines, notes) = listed(&["b/2.png", "b/1.jpeg", "a/x/3.BMP", "a/0.webp", "B/9.jpg"]);
        let expected = ["- B/9.jpg B", "- a/0.webp a", "- a/x/3.BMP a", "- b/1.jpeg b", "- b/2.png b"];
        assert_eq!(lines, expected);
        assert!(notes.is_empty());

        let (lines, notes) = listed(&["2.png", "10.png", "x.txt"]);
        assert_eq!(lines, ["- 10.png data", "- 2.png data"]);
        assert_eq!(notes, ["passed over 1 file, hidden or no pictures by their names: x.txt"]);

        let (lines, notes) =
            listed(&["test/1.png", "train/2.png", "valid/3.png", "extra/4.png", "5.png", "val/readme"]);
        assert_eq!(lines, ["train train/2.png data", "val valid/3.png data", "test test/1.png data"]);
        assert!(
            notes.iter().any(|note| note == "passed over 1 folder beside the splits: extra"),
            "{notes:?}"
        );

        let (lines, _) =
            listed(&["data/testSet/1/a.png", "data/trainingSet/0/b.png", "data/trainingSet/1/c.png"]);
        let expected = [
            "train data/trainingSet/0/b.png 0",
            "train data/trainingSet/1/c.png 1",
            "test data/testSet/1/a.png 1",
        ];
        assert_eq!(lines, expected);

        let (lines, _) = listed(&["train/images/a/1.png", "train/images/b/2.png", "test/images/b/3.png"]);
        let expected =
            ["train train/images/a/1.png a", "train train/images/b/2.png b", "test test/images/b/3.png b"];
        assert_eq!(lines, expected);

        // Splits within classes.
        let (lines, _) = listed(&["dog/train/1.png", "cat/train/2.png", "dog/test/3.png", "notes.txt"]);
        let expected = ["train cat/train/2.png cat", "train dog/train/1.png dog", "test dog/test/3.png dog"];
        assert_eq!(lines, expected);
        let (lines, _) = listed(&["dog/train/1.png", "cat/old/2.png"]);
        assert_eq!(lines, ["- cat/old/2.png cat", "- dog/train/1.png dog"]);

        // A class may be called as a split is, if no split holds classes.
        let (lines, _) = listed(&["train/car/1.png", "train/bus/2.png"]);
        assert_eq!(lines, ["train train/bus/2.png bus", "train train/car/1.png car"]);
    }

    #[test]
    fn folders_that_are_numbers_are_these_classes() {
        let (lines, notes) = listed(&["2/a.png", "10/b.png", "03/c.png"]);
        assert_eq!(lines, ["- 2/a.png 2", "- 03/c.png 3", "- 10/b.png 10"]);
        assert!(notes[0].contains("folder 10 is class 10 of 11"), "{notes:?}");
        let (lines, notes) = listed(&["0/a.png", "1/b.png"]);
        assert_eq!(lines, ["- 0/a.png 0", "- 1/b.png 1"]);
        assert!(notes.is_empty(), "{notes:?}");
        // Numbers that are no classes are names.
        let (lines, _) = listed(&["1998/a.png", "2026/b.png"]);
        assert_eq!(lines, ["- 1998/a.png 1998", "- 2026/b.png 2026"]);
        let mut notes = Vec::new();
        let named = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
        assert_eq!(numbered(&named(&["3", "7"]), Some(10), &mut notes), (vec![3, 7], numbered_classes(10)));
        assert_eq!(numbered(&named(&["3", "+7"]), None, &mut notes), (vec![1, 0], named(&["+7", "3"])));
        assert!(notes.is_empty());
    }

    #[test]
    fn pictures_in_no_class_folder_have_no_label() {
        let root = tree(&["train/a/1.png", "train/b/2.png", "test/3.png", "test/4.png"]);
        let folder = root.path().join("data");
        let found = list(&folder, &|_| false, None, &[]).unwrap();
        assert_eq!((found.classes.len(), found.splits.len()), (2, 1));
        assert!(found.notes[0].contains("passed over 2 pictures that have no label"), "{:?}", found.notes);
        let error = list(&folder, &|name| name == "test", None, &[]).err().unwrap();
        assert!(error.to_string().contains("no label"), "{error}");
    }

    #[test]
    fn what_holds_pictures() {
        for (files, holds) in [
            (&["a.png"][..], true),
            (&["train/a/x.png"], true),
            (&["train/images/a/x.png"], true),
            (&["a/b/c/d/x.png"], false),
            (&["x.txt", ".x.png", ".git/x.png"], false),
        ] {
            let root = tree(files);
            assert_eq!(holds_pictures(&root.path().join("data")).unwrap(), holds, "{files:?}");
        }
    }
}
