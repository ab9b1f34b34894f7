//! Which files of a folder are pictures, of which class folder and split.

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::base::Fault;
use crate::names::{self, SplitName, says_nothing, split_called, split_within};
use crate::sources::SourceError;
use crate::sources::leaves::error::LeafError;

use super::classes::class_number;
use super::tree::{Tree, name_of};

const LISTED: usize = 3;

/// Classes by name, each with its files.
type ByName = Vec<(String, Vec<PathBuf>)>;

/// The pictures of one split.
pub(super) struct Part {
    /// Its name, if it has one.
    pub(super) split: Option<String>,
    /// Its folder.
    pub(super) path: PathBuf,
    /// Its pictures by class.
    pub(super) by_name: ByName,
    /// Whether they lie in no class folder, so that nothing says of what class they are; the name is the folder's.
    pub(super) flat: bool,
}

/// Files in which labels may be listed, and the folder from which they count.
pub(super) struct Level {
    pub(super) root: PathBuf,
    pub(super) files: Vec<PathBuf>,
}

/// How the pictures of a folder are arranged.
pub(super) struct Arranged {
    /// The folder in which the splits, or the class folders, lie.
    pub(super) base: PathBuf,
    /// Splits that are named, or one that is not.
    pub(super) parts: Vec<Part>,
    /// Where lists of labels may lie, from the outermost folder on.
    pub(super) levels: Vec<Level>,
    /// What was passed over.
    passed: Passed,
}

#[derive(Default)]
struct Passed {
    /// Files that are no pictures by their names, and hidden ones.
    others: Vec<PathBuf>,
    /// Folders without pictures.
    empty: Vec<PathBuf>,
    /// Folders beside splits.
    beside: Vec<PathBuf>,
}

impl Arranged {
    /// The files that are no pictures by their names.
    pub(super) fn others(&self) -> &[PathBuf] {
        &self.passed.others
    }

    /// Notes of what was passed over, without what was `used`.
    pub(super) fn passed(&self, used: &[PathBuf]) -> Vec<String> {
        let others: Vec<&PathBuf> = self.passed.others.iter().filter(|path| !used.contains(path)).collect();
        let (empty, beside) = (self.passed.empty.iter().collect(), self.passed.beside.iter().collect());
        let mut notes = Vec::new();
        for (list, kind, what) in [
            (others, "file", ", hidden or no pictures by their names"),
            (empty, "folder", " without pictures"),
            (beside, "folder", " beside the splits"),
        ] {
            if !list.is_empty() {
                let names: Vec<String> = list.iter().take(LISTED).map(|path| name_of(path)).collect();
                let (n, s) = (list.len(), if list.len() == 1 { "" } else { "s" });
                let more = if list.len() > LISTED { ", ..." } else { "" };
                notes.push(format!(
                    "{}: passed over {n} {kind}{s}{what}: {}{more}",
                    self.base.display(),
                    names.join(", ")
                ));
            }
        }
        notes
    }

    /// How many pictures there are.
    pub(super) fn pictures(&self) -> usize {
        self.parts.iter().flat_map(|part| &part.by_name).map(|(_, files)| files.len()).sum()
    }
}

/// A split in a folder, and what it is called here.
struct Named<'a> {
    tree: &'a Tree,
    split: &'static SplitName,
    /// Whether its name says nothing else.
    plain: bool,
}

/// The folders in one that are splits. What is called `train` may also be a class of vehicles: a folder of that name is a split if it holds class
/// folders, if all beside it are splits as well, or if there is another one; and what has other words in its name only if that goes for all.
fn splits_in<'a>(tree: &'a Tree, lists: bool) -> Vec<Named<'a>> {
    let filled = tree.filled();
    let plain: Vec<Named<'a>> = filled
        .iter()
        .filter_map(|tree| Some(Named { tree, split: split_called(&tree.name())?, plain: true }))
        .collect();
    let distinct = |named: &[Named<'_>]| {
        named.iter().any(|one| named.first().is_some_and(|first| first.split.name != one.split.name))
    };
    let has_folders = |named: &[Named<'_>]| named.iter().any(|one| !one.tree.filled().is_empty());
    let alone = filled.len() == plain.len();
    if plain.is_empty() || !(alone || lists || has_folders(&plain) || distinct(&plain)) {
        let loose: Option<Vec<(Named<'a>, String)>> = filled
            .iter()
            .map(|tree| {
                let (split, rest) = split_within(&tree.name())?;
                Some((Named { tree, split, plain: split_called(&tree.name()).is_some() }, rest))
            })
            .collect();
        let Some(loose) = loose else { return Vec::new() };
        let alike = loose.windows(2).all(|pair| pair[0].1 == pair[1].1);
        let named: Vec<Named<'a>> = loose.into_iter().map(|(named, _)| named).collect();
        let once =
            |one: &Named<'_>| named.iter().filter(|other| other.split.name == one.split.name).count() == 1;
        let are = distinct(&named) && named.iter().all(once) && (alike || has_folders(&named));
        return if are { named } else { Vec::new() };
    }
    // Of the others, those that are a split of which there is none.
    let mut all = plain;
    for tree in filled {
        let name = tree.name();
        if let Some(split) = split_within(&name).map(|(split, _)| split).or_else(|| beside_train(&name))
            && split_called(&name).is_none()
            && !tree.filled().is_empty()
            && !all.iter().any(|known| known.split.name == split.name)
        {
            all.push(Named { tree, split, plain: false });
        }
    }
    all
}

/// The split that a word stands for only where another is called by its name.
fn beside_train(name: &str) -> Option<&'static SplitName> {
    let split = match name.to_ascii_lowercase().as_str() {
        "eval" | "evaluation" => "val",
        "holdout" | "hold_out" | "unseen" => "test",
        _ => return None,
    };
    split_called(split)
}

/// Splits within classes, `cat/train/1.png`: if every folder holds folders of splits and no pictures of its own.
fn splits_of_classes(tree: &Tree, others: &mut Vec<PathBuf>) -> Vec<Part> {
    let mut found: Vec<Part> = Vec::new();
    let filled = tree.filled();
    if filled.len() < 2 || !tree.pictures.is_empty() {
        return found;
    }
    let mut passed = Vec::new();
    for class in filled {
        passed.extend(class.others.iter().cloned());
        if !class.pictures.is_empty() {
            return Vec::new();
        }
        for folder in class.filled() {
            let Some(split) = split_called(&folder.name()) else { return Vec::new() };
            let mut files = Vec::new();
            folder.gather(&mut files, &mut passed);
            let of_class = (class.name(), files);
            match found.iter_mut().find(|part| part.split.as_deref() == Some(split.name)) {
                Some(part) => part.by_name.push(of_class),
                None => found.push(Part {
                    split: Some(split.name.to_owned()),
                    path: folder.path.clone(),
                    by_name: vec![of_class],
                    flat: false,
                }),
            }
        }
    }
    let name = |part: &Part| part.split.clone().unwrap_or_default();
    found.sort_by(|a, b| names::order(&name(a), &name(b)));
    others.append(&mut passed);
    found
}

/// A folder as a level.
fn level(tree: &Tree) -> Vec<Level> {
    let own = Level { root: tree.path.clone(), files: tree.others.clone() };
    // `annotations/train.csv` beside the folders of the pictures.
    let beside = tree.folders.iter().filter(|below| below.total == 0 && !below.others.is_empty());
    let beside = beside.map(|below| Level { root: tree.path.clone(), files: below.others.clone() });
    [own].into_iter().chain(beside).collect()
}

/// The folder below a lone one that only wraps it: archives often have a folder of their own in them, and another in that. The folders between
/// become levels. `is_class` knows names of classes.
fn unwrapped<'a>(tree: &'a Tree, levels: &mut Vec<Level>, is_class: &dyn Fn(&str) -> bool) -> &'a Tree {
    let (mut base, mut at) = (tree, tree);
    let mut between = Vec::new();
    loop {
        let filled = at.filled();
        let [only] = filled[..] else { break };
        let name = only.name();
        let below = only.filled();
        if !at.pictures.is_empty() || class_number(&name).is_some() || is_class(&name) {
            break;
        }
        let bare = says_nothing(&name) || split_within(&name).is_some();
        // A folder with pictures of its own is a class, unless its name is of nothing but the split.
        let is_wrapper = only.pictures.is_empty() || (below.is_empty() && bare);
        if !is_wrapper {
            break;
        }
        between.extend(level(only));
        at = only;
        if (bare && !below.is_empty()) || below.len() > 1 || below.is_empty() {
            base = at;
            levels.append(&mut between);
        }
    }
    base
}

/// What one folder would be.
fn classes_of(base: &Tree, passed: &mut Passed) -> Result<(ByName, bool), Fault> {
    base.usable()?;
    passed.others.extend(base.others.iter().cloned());
    let mut classes = Vec::new();
    for below in &base.folders {
        let mut files = Vec::new();
        below.gather(&mut files, &mut passed.others);
        if files.is_empty() {
            passed.empty.push(below.path.clone());
        } else {
            classes.push((below.name(), files));
        }
    }
    if classes.is_empty() {
        return Ok((vec![(base.name(), base.pictures.clone())], true));
    }
    check_sets(base)?;
    // Beside class folders a picture has no class.
    passed.others.extend(base.pictures.iter().cloned());
    Ok((classes, false))
}

/// Whether what would be class folders are data sets of their own: all hold folders 0, 1, ... and nothing else, mostly the same ones.
///
/// # Errors
/// If so.
fn check_sets(base: &Tree) -> Result<(), Fault> {
    let filled = base.filled();
    let [first, rest @ ..] = &filled[..] else { return Ok(()) };
    let numbers = |tree: &Tree| -> Option<BTreeSet<usize>> {
        let number = |below: &&Tree| class_number(&below.name()).filter(|n| n.to_string() == below.name());
        let own: Option<BTreeSet<usize>> = tree.filled().iter().map(number).collect();
        own.filter(|own| own.len() > 2 && tree.pictures.is_empty() && class_number(&tree.name()).is_none())
    };
    let Some(sets) = filled.iter().map(|tree| numbers(tree)).collect::<Option<Vec<_>>>() else {
        return Ok(());
    };
    let own = &sets[0];
    let alike = sets.iter().all(|set| set.intersection(own).count() * 2 > set.len().min(own.len()));
    if rest.is_empty() || !alike || !sets.iter().any(|set| set.contains(&0)) {
        return Ok(());
    }
    Err(LeafError::Sets {
        folder: base.path.clone(),
        first: first.path.clone(),
        second: rest[0].path.clone(),
        found: filled.len(),
        classes: own.len(),
    }
    .into())
}

/// Arranges what lies in a folder. Lists of labels in it, if there may be `lists`, make a lone folder `train` a split.
///
/// # Errors
/// If a folder in it cannot be listed, and if it holds no pictures, or several data sets.
pub(super) fn arrange(whole: &Tree, lists: bool) -> Result<Arranged, Fault> {
    let mut passed = Passed::default();
    // Down through lone folders to where splits are.
    let mut levels = level(whole);
    let mut at = whole;
    let mut above = Vec::new();
    let splits = loop {
        let splits = splits_in(at, lists);
        let filled = at.filled();
        if !splits.is_empty() {
            levels.append(&mut above);
            break splits;
        }
        let [only] = filled[..] else { break Vec::new() };
        if !at.pictures.is_empty() || class_number(&only.name()).is_some() {
            break Vec::new();
        }
        at = only;
        above.extend(level(at));
    };
    let base = if splits.is_empty() { unwrapped(whole, &mut levels, &|_| false) } else { at };
    let mut parts = if splits.is_empty() {
        let parts = splits_of_classes(base, &mut passed.others);
        if !parts.is_empty() {
            passed.others.extend(base.others.iter().cloned());
        }
        parts
    } else {
        let parts = of_splits(whole, splits, &mut levels, &mut passed)?;
        passed.others.extend(base.others.iter().cloned());
        passed.others.extend(base.pictures.iter().cloned());
        let taken = |tree: &Tree| parts.iter().any(|part| part.path.starts_with(&tree.path));
        for below in &base.folders {
            if !taken(below) && split_called(&below.name()).is_none_or(|_| below.total > 0) {
                passed.beside.push(below.path.clone());
            } else if below.total == 0 {
                passed.others.extend(below.others.iter().cloned());
            }
        }
        parts
    };
    if parts.is_empty() {
        let (by_name, flat) = classes_of(base, &mut passed)?;
        if by_name.iter().all(|(_, files)| files.is_empty()) {
            return Err(SourceError::Unknown {
                path: whole.path.clone(),
                expected: "pictures (PNG, JPEG, BMP, WebP), or folders of them".into(),
                found: "no pictures".into(),
            }
            .into());
        }
        parts.push(Part { split: None, path: base.path.clone(), by_name, flat });
    }
    Ok(Arranged { base: base.path.clone(), parts, levels, passed })
}

/// The splits of a folder.
fn of_splits(
    whole: &Tree,
    mut splits: Vec<Named<'_>>,
    levels: &mut Vec<Level>,
    passed: &mut Passed,
) -> Result<Vec<Part>, Fault> {
    // What is called sample is a part of another, where there is one.
    let sample = |named: &Named<'_>| names::has_word(&named.tree.name(), &["sample", "samples"]);
    splits.sort_by(|a, b| {
        names::order(a.split.name, b.split.name)
            .then_with(|| sample(a).cmp(&sample(b)))
            .then_with(|| b.plain.cmp(&a.plain))
            .then_with(|| a.tree.path.cmp(&b.tree.path))
    });
    let mut parts: Vec<Part> = Vec::new();
    for named in &splits {
        let taken = |parts: &[Part]| parts.iter().any(|part| part.split.as_deref() == Some(named.split.name));
        if taken(&parts) && sample(named) {
            continue;
        }
        levels.extend(level(named.tree));
        // A lone folder in a split is a class if there is one of its name in another.
        let is_class = |name: &str| {
            splits.iter().any(|other| {
                let filled = other.tree.filled();
                filled.len() > 1 && filled.iter().any(|below| below.name() == name)
            })
        };
        let inner = unwrapped(named.tree, levels, &is_class);
        if inner.path != named.tree.path {
            passed.others.extend(named.tree.others.iter().cloned());
        }
        let (mut by_name, flat) = classes_of(inner, passed)?;
        // Pictures that lie in the split itself are of one class, which has the name of the whole.
        if flat && let Some((class, _)) = by_name.first_mut() {
            *class = whole.name();
        }
        // `valid` is `val`, unless there is one already.
        let own = if taken(&parts) { named.tree.name() } else { named.split.name.to_owned() };
        parts.push(Part { split: Some(own), path: inner.path.clone(), by_name, flat });
    }
    Ok(parts)
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "empty files to be listed")]
pub(super) mod tests {
    use super::super::labels::{Wanted, list};
    use super::super::tree::holds_pictures;
    use super::*;

    pub(in super::super) fn tree(files: &[&str]) -> tempfile::TempDir {
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
        let found = list(&folder, &Wanted { split: &|_| false, classes: None, labels: None }).unwrap();
        let mut lines = Vec::new();
        for (split, listing) in &found.splits {
            assert_eq!(listing.name, "data");
            let split = split.as_deref().unwrap_or("-");
            for (file, class) in &listing.files {
                let file = file.strip_prefix(&folder).unwrap().display();
                lines.push(format!("{split} {file} {}", found.classes[usize::from(*class)]));
            }
        }
        (lines, found.notes)
    }

    #[test]
    fn folders_are_understood() {
        let (lines, notes) = listed(&["b/2.png", "b/1.jpeg", "a/x/3.BMP", "a/0.webp", "B/9.jpg"]);
        let expected = ["- B/9.jpg B", "- a/0.webp a", "- a/x/3.BMP a", "- b/1.jpeg b", "- b/2.png b"];
        assert_eq!(lines, expected);
        assert!(notes.is_empty());

        let (lines, notes) = listed(&["2.png", "10.png", "x.txt"]);
        assert_eq!(lines, ["- 10.png data", "- 2.png data"]);
        assert!(notes.iter().any(|note| note.ends_with("passed over 1 file, hidden or no pictures by their names: x.txt")));
        assert!(notes.iter().any(|note| note.contains("has no labels")), "{notes:?}");

        let (lines, notes) =
            listed(&["test/1.png", "train/2.png", "valid/3.png", "extra/4.png", "5.png", "val/readme"]);
        assert_eq!(lines, ["train train/2.png data", "val valid/3.png data", "test test/1.png data"]);
        assert!(
            notes.iter().any(|note| note.ends_with("passed over 1 folder beside the splits: extra")),
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

        let (lines, _) = listed(&["train/car/1.png", "train/bus/2.png"]);
        assert_eq!(lines, ["train train/bus/2.png bus", "train train/car/1.png car"]);
    }

    #[test]
    fn a_train_may_be_a_vehicle() {
        let (lines, _) = listed(&["train/1.png", "car/2.png", "plane/3.png"]);
        assert_eq!(lines, ["- car/2.png car", "- plane/3.png plane", "- train/1.png train"]);
        let (lines, _) = listed(&["train_station/1.png", "bridge/2.png", "test_tube/3.png"]);
        assert_eq!(lines.len(), 3);
        assert_eq!(lines[0], "- bridge/2.png bridge");
        // In splits of their own, it is as any other class.
        let (lines, _) = listed(&["train/car/1.png", "train/train/2.png", "test/train/3.png"]);
        assert_eq!(
            lines,
            ["train train/car/1.png car", "train train/train/2.png train", "test test/train/3.png train"]
        );
    }

    #[test]
    fn splits_have_other_words_in_their_names() {
        for [train, test] in [
            ["mnist_train", "mnist_test"],
            ["1_train", "2_test"],
            ["train2", "test2"],
            ["train-28x28", "test-28x28"],
            ["train60k", "t10k"],
            ["my_train_data", "my_test_data"],
            ["seg_train/seg_train", "seg_test/seg_test"],
            ["trainingSet/trainingSet", "testSet/testSet"],
            ["train/mnist", "test/mnist"],
            ["train", "holdout"],
        ] {
            let files = [
                format!("{train}/0/a.png"),
                format!("{train}/1/b.png"),
                format!("{test}/0/c.png"),
                format!("{test}/1/d.png"),
            ];
            let (lines, _) = listed(&files.each_ref().map(String::as_str));
            let expected = [
                format!("train {} 0", files[0]),
                format!("train {} 1", files[1]),
                format!("test {} 0", files[2]),
                format!("test {} 1", files[3]),
            ];
            assert_eq!(lines, expected);
        }
        let (lines, notes) = listed(&[
            "trainingSet/trainingSet/0/a.png",
            "trainingSet/trainingSet/1/b.png",
            "trainingSample/trainingSample/0/a.png",
            "trainingSample/trainingSample/1/b.png",
            "testSet/testSet/c.png",
        ]);
        assert_eq!(
            lines,
            ["train trainingSet/trainingSet/0/a.png 0", "train trainingSet/trainingSet/1/b.png 1"]
        );
        assert!(notes.iter().any(|note| note.contains("trainingSample")), "{notes:?}");
        // Two folders of one split are none.
        let (lines, _) = listed(&["train_1/a.png", "train_2/b.png"]);
        assert_eq!(lines, ["- train_1/a.png train_1", "- train_2/b.png train_2"]);
    }

    #[test]
    fn lone_folders_are_looked_into() {
        for folder in ["mnist", "dataset/digits", "by_class", "a/b/c"] {
            let files = [format!("{folder}/0/a.png"), format!("{folder}/1/x/b.png")];
            let (lines, _) = listed(&files.each_ref().map(String::as_str));
            assert_eq!(lines, [format!("- {} 0", files[0]), format!("- {} 1", files[1])]);
        }
        // A number is a class, and so is a name above pictures.
        let (lines, _) = listed(&["7/a/1.png", "7/b/2.png"]);
        assert_eq!(lines, ["- 7/a/1.png 7", "- 7/b/2.png 7"]);
        let (lines, _) = listed(&["cats/1.png"]);
        assert_eq!(lines, ["- cats/1.png cats"]);
    }

    #[test]
    fn several_sets_are_no_classes() {
        let root = tree(&[
            "mnist/0/a.png",
            "mnist/1/b.png",
            "mnist/2/b.png",
            "mnist/3/c.png",
            "usps/1/a.png",
            "usps/2/b.png",
            "usps/3/c.png",
        ]);
        let error =
            arrange(&Tree::read(&root.path().join("data")).unwrap(), false).err().unwrap().to_string();
        assert!(error.contains("mnist") && error.contains("usps"), "{error}");
        let (lines, _) = listed(&["run/1/a.png", "run/2/b.png", "sit/1/a.png", "sit/2/b.png"]);
        assert_eq!(lines.len(), 4);
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
    }

    #[test]
    fn pictures_in_no_class_folder_have_no_label() {
        let root = tree(&["train/a/1.png", "train/b/2.png", "test/3.png", "test/4.png"]);
        let folder = root.path().join("data");
        let list = |wanted: &dyn Fn(&str) -> bool| {
            list(&folder, &Wanted { split: wanted, classes: None, labels: None })
        };
        let found = list(&|_| false).unwrap();
        assert_eq!((found.classes.len(), found.splits.len()), (2, 1));
        assert!(found.notes[0].contains("passed over 2 pictures that have no label"), "{:?}", found.notes);
        let error = list(&|name| name == "test").err().unwrap();
        assert!(error.to_string().contains("no label"), "{error}");
    }

    #[test]
    fn what_holds_pictures() {
        for (files, holds) in [
            (&["a.png"][..], true),
            (&["train/a/x.png"], true),
            (&["train/images/a/x.png"], true),
            (&["a/b/c/d/x.png"], true),
            (&["x.txt", ".x.png", ".git/x.png"], false),
        ] {
            let root = tree(files);
            assert_eq!(holds_pictures(&root.path().join("data")).unwrap(), holds, "{files:?}");
        }
    }
}
