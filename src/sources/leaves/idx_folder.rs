//! IDX files as a source: a folder with the usual names, or two files given by hand.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::base::sample::UNLABELED;
use crate::base::{DataSet, Fault, Input, Pass, Split};
use crate::formats::codec::idx::{Content, Expect, Idx};
use crate::formats::codec::{idx_array, sniff};
use crate::names::{CLASS_LIST, SPLITS, SplitName, split_called};
use crate::sources::leaves::error::LeafError;
use crate::sources::{refuse_foreign, strange};

use super::arrays::{
    ArraySplit, Labels, MOST_GUESSED, class_names, dim, input, listed_classes, without_labels,
};
use super::npz_arrays::{self, Says};
use super::{SourceError, licenses};

/// The name of an IDX file, taken apart: `emnist-digits-train-images-idx3-ubyte.gz`.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Name {
    /// What stands before the word for the split, without what parts them: the name of the data set, or nothing.
    set: String,
    split: &'static SplitName,
    is_images: bool,
    /// Of several files of one kind that with the least is read: the usual word before others, raw before `.gz`, ...
    rank: (bool, bool, bool, String),
}

/// What parts the words of such names.
const PARTS: [char; 3] = ['-', '.', '_'];

impl Name {
    fn parse(name: &str) -> Option<Self> {
        let bare = name.strip_suffix(".gz").unwrap_or(name);
        let Some(at) = bare.rfind("idx").filter(|&at| at > 0) else {
            return Self::parse_bare(bare, bare, name);
        };
        let (before, kind) = (&bare[..at], &bare[at + 3..]);
        let dims = kind.chars().next();
        let is_images = before.trim_end_matches(PARTS).ends_with("images");
        // `train-images.idx` says nothing of dimensions.
        if dims.is_some_and(|dims| !('1'..='4').contains(&dims) || is_images != (dims >= '3')) {
            return None;
        }
        Self::parse_bare(before, bare, name)
    }

    /// Of what stands before the kind of file. A name that says nothing of IDX is one as well; the content decides then.
    fn parse_bare(before: &str, bare: &str, name: &str) -> Option<Self> {
        let (before, parted) = (before.trim_end_matches(PARTS), before.ends_with('.'));
        let is_images = before.ends_with("images");
        let before = before.strip_suffix("images").or_else(|| before.strip_suffix("labels"))?;
        let before = before.strip_suffix(PARTS)?;
        let (set, word) = before.rsplit_once(PARTS).unwrap_or(("", before));
        let split = split_called(word)?;
        let rank = (word != split.idx, bare.len() < name.len(), parted, name.to_owned());
        Some(Self { set: set.to_owned(), split, is_images, rank })
    }

    /// Whether images of this data set were published with rows as columns.
    fn is_transposed(&self) -> bool {
        is_emnist(&self.set)
    }
}

/// The files of a folder whose names are those of IDX files. Some archives unpack into a folder for each file, of the same name.
fn named_files(folder: &Path) -> Vec<(Name, PathBuf)> {
    let named = |entry: std::fs::DirEntry| {
        let file = entry.file_name();
        let text = file.to_str()?;
        let (name, path) = (Name::parse(text)?, entry.path());
        if path.is_file() {
            // A name without `idx` is that of much else.
            return (text.contains("idx") || is_idx_file(&path)).then_some((name, path));
        }
        let inner = std::fs::read_dir(&path).ok()?.flatten().find_map(|inner| {
            let other = Name::parse(inner.file_name().to_str()?)?;
            let same = (&other.set, other.split, other.is_images) == (&name.set, name.split, name.is_images);
            (same && is_idx_file(&inner.path())).then(|| inner.path())
        })?;
        Some((name, inner))
    };
    std::fs::read_dir(folder).into_iter().flatten().flatten().filter_map(named).collect()
}

/// Whether a file begins as IDX files do: two zeros, and a type.
#[must_use]
pub fn is_idx_file(path: &Path) -> bool {
    sniff::start(path).is_ok_and(|start| matches!(start[..], [0, 0, 8 | 9 | 0x0b..=0x0e, ..]))
}

/// Whether a file is sure to be something else. What ends early, or does not unpack, is told by the reader of IDX files.
fn is_other(path: &Path) -> bool {
    sniff::start(path)
        .is_ok_and(|start| !matches!(start[..], [0, 0, ..] | [0x1f, 0x8b, ..]) && start.len() >= 4)
}

/// The IDX files of one data set in a folder.
#[derive(Debug)]
pub struct Files {
    folder: PathBuf,
    files: Vec<(Name, PathBuf)>,
}

impl Files {
    /// Those under the usual names: in a folder, or, where `path` is nothing, in the folder above it those whose names begin with its last part.
    ///
    /// # Errors
    /// If there are several data sets.
    pub fn find(path: &Path) -> Result<Option<Self>, SourceError> {
        let (folder, set) = if path.is_dir() {
            (path, None)
        } else {
            let parent =
                path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
            let Some(set) = path.file_name().and_then(|name| name.to_str()) else { return Ok(None) };
            (parent, Some(set.trim_end_matches(PARTS)))
        };
        let mut files: Vec<(Name, PathBuf)> = named_files(folder)
            .into_iter()
            .filter(|(name, _)| set.is_none_or(|set| name.set == set))
            .collect();
        let mut sets: Vec<&str> =
            files.iter().filter(|(name, _)| name.is_images).map(|(name, _)| name.set.as_str()).collect();
        sets.sort_unstable();
        sets.dedup();
        let set = match sets[..] {
            [] => return Ok(None),
            // Files without the name of a data set are what a folder is for.
            ["", ..] => String::new(),
            [one] => one.to_owned(),
            [first, ..] => {
                return Err(SourceError::Several {
                    path: folder.to_owned(),
                    sets: sets.join(", "),
                    first: folder.join(first),
                });
            }
        };
        files.retain(|(name, _)| name.set == set);
        files.sort_by(|(a, _), (b, _)| a.rank.cmp(&b.rank));
        Ok(Some(Self { folder: folder.to_owned(), files }))
    }

    fn get(&self, split: &str, is_images: bool) -> Option<&(Name, PathBuf)> {
        self.files.iter().find(|(name, _)| name.split.name == split && name.is_images == is_images)
    }
}

/// Opens the splits of a data set for which `wanted` is true.
///
/// # Errors
/// Anything that is wrong with the files.
pub fn open_folder(
    files: &Files,
    says: Says<'_>,
    wanted: &dyn Fn(&str) -> bool,
    pass: &Pass,
) -> Result<(DataSet, Vec<String>), Fault> {
    let mut data = DataSet::default();
    let mut names = Vec::new();
    let mut transposed = false;
    for SplitName { name: split, idx: prefix, .. } in &SPLITS {
        let Some((name, images)) = files.get(split, true) else { continue };
        names.push((*split).to_owned());
        if !wanted(split) {
            continue;
        }
        let (_, labels) = files.get(split, false).ok_or_else(|| SourceError::NoLabels {
            images: images.clone(),
            expected: format!("{prefix}-labels-idx1-ubyte or {prefix}-labels-idx1-ubyte.gz"),
        })?;
        transposed |= name.is_transposed();
        open_pair(split, images, Some(labels), says, &mut data, pass)?;
    }
    if transposed {
        data.notes.push(format!("{}: {TRANSPOSED}", files.folder.display()));
    }
    Ok((data, names))
}

/// What there is to say of EMNIST's images; not to those who have them transposed.
pub const TRANSPOSED: &str = "EMNIST's images are published transposed; add --transpose to read them upright";

/// Opens a file of images given by hand. Its labels lie beside it under the matching name, unless they are named.
///
/// # Errors
/// Anything that is wrong with the files.
pub fn open_files(
    images: &Path,
    labels: Option<&Path>,
    says: Says<'_>,
    pass: &Pass,
) -> Result<DataSet, Fault> {
    let name = images.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let own = Name::parse(&name);
    let beside = || -> Option<PathBuf> {
        let own = own.as_ref()?;
        let folder =
            images.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut labels: Vec<(Name, PathBuf)> = named_files(folder)
            .into_iter()
            .filter(|(other, path)| {
                !other.is_images
                    && other.set == own.set
                    && other.split == own.split
                    && path.parent() == Some(folder)
            })
            .collect();
        labels.sort_by(|(a, _), (b, _)| a.rank.cmp(&b.rank));
        // The folder as it was given, so that messages and manifests call both files alike.
        labels.into_iter().next().map(|(_, path)| images.with_file_name(path.file_name().unwrap_or_default()))
    };
    // Of any other name, the word for images becomes that for labels.
    let renamed = || -> Option<PathBuf> {
        let labels = name.replace("images", "labels").replace("idx3", "idx1").replace("idx4", "idx1");
        let bare = labels.trim_end_matches(".gz");
        [labels.clone(), bare.to_owned(), format!("{bare}.gz")]
            .into_iter()
            .filter(|candidate| *candidate != name)
            .map(|candidate| images.with_file_name(candidate))
            .find(|path| path.is_file())
    };
    let labels = labels.map(Path::to_owned).or_else(beside).or_else(renamed);
    let split = own.as_ref().map_or_else(|| split_of(&name), |own| own.split.name);
    let mut data = DataSet::default();
    open_pair(split, images, labels.as_deref(), says, &mut data, pass)?;
    if is_emnist(&name) {
        data.notes.push(format!("{}: {TRANSPOSED}", images.display()));
    }
    Ok(data)
}

/// Whether a file of this name is one of EMNIST's.
pub fn is_emnist(name: &str) -> bool {
    name.to_ascii_lowercase().starts_with("emnist")
}

/// What the name of a file says of the split.
fn split_of(name: &str) -> &'static str {
    // `test-images-idx3-ubyte` says it, `testimony.idx` does not.
    let first = name.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
    split_called(first).map_or("train", |split| split.name)
}

/// Whether a file is plain IDX, or none at all, which its own reader says best: of images with at least two dimensions, or of labels.
fn is_plain(path: &Path, is_images: bool) -> Result<bool, Fault> {
    let start = sniff::start(path).map_err(|source| SourceError::Read { path: path.into(), source })?;
    let Some(header) = idx_array::header(&start) else { return Ok(true) };
    let bytes = header.descr == "|u1";
    // What may be swapped, damaged or of the wrong kind is told by the reader of plain files.
    Ok(match (is_images, &header.shape[..]) {
        (true, [_]) => true,
        (true, [_, values]) => bytes && *values <= 256,
        (true, [_, 1 | 3, _, channels]) => bytes && matches!(channels, 1 | 3),
        (true, _) => bytes,
        (false, dims) => bytes || dims.len() > 2,
    })
}

/// Opens the images of a split and their labels, whatever their type.
fn open_pair(
    split: &'static str,
    images: &Path,
    labels: Option<&Path>,
    says: Says<'_>,
    data: &mut DataSet,
    pass: &Pass,
) -> Result<(), Fault> {
    for path in [Some(images), labels].into_iter().flatten() {
        refuse_foreign(path, "an IDX file")?;
    }
    if is_other(images) {
        return Err(strange(images, "an IDX file of images").into());
    }
    let plain = is_plain(images, true)? && labels.map_or(Ok(true), |labels| is_plain(labels, false))?;
    // Labels may be of any kind.
    let plain = plain && !labels.is_some_and(is_other);
    if plain && says.float_range.is_none() {
        let Some(labels) = labels else { return open_unlabeled(images, data, pass) };
        return open_split(split, images, labels, says.classes, data, pass);
    }
    let mut found = npz_arrays::open_idx(split, images, labels, says)?;
    if found.licenses.is_empty() {
        found.licenses.extend(licenses::of_name(images));
    }
    data.splits.extend(found.splits);
    data.inputs.extend(found.inputs);
    data.notes.extend(found.notes);
    data.licenses
        .extend(found.licenses.into_iter().filter(|text| !data.licenses.contains(text)).collect::<Vec<_>>());
    Ok(())
}

/// Images that no labels belong to: all are of one class.
fn open_unlabeled(path: &Path, data: &mut DataSet, pass: &Pass) -> Result<(), Fault> {
    let images = Idx::open(path, Expect::Images, pass)?;
    let Content::Images { count, shape } = images.content else {
        unreachable!("the reader returns what was expected or an error");
    };
    let (name, folder) = (path.file_name().unwrap_or_default(), path.parent().unwrap_or(Path::new(".")));
    let split = split_of(&name.to_string_lossy());
    let title = format!("{}/{split}", folder.file_name().unwrap_or_default().to_string_lossy());
    data.notes.push(without_labels(path));
    data.notes.extend(dim(&path.display().to_string(), images.greatest, None, false));
    data.licenses.extend(licenses::of_images(folder, &images.digest).or_else(|| licenses::of_name(path)));
    data.inputs.push(input(format!("{split} images"), path, &images.digest));
    let labels = Labels::Classes(vec![0; count as usize]);
    let body = (images.body, images.digest);
    let source = ArraySplit::new(path, title, body, shape, labels, vec![UNLABELED.to_owned()]);
    data.splits.push(Split { name: split.to_owned(), source: Arc::new(source) });
    Ok(())
}

fn open_split(
    split: &str,
    images_path: &Path,
    labels_path: &Path,
    classes: Option<usize>,
    data: &mut DataSet,
    pass: &Pass,
) -> Result<(), Fault> {
    // Both files are unpacked at the same time: labels are small, but a missing one is known at once.
    let (images, labels) = rayon::join(
        || Idx::open(images_path, Expect::Images, pass),
        || Idx::open(labels_path, Expect::Labels, pass),
    );
    let (labels, images) = (labels?, images?);
    let (label_count, sets) = match labels.content {
        // A column of classes is no set of them.
        Content::LabelSets { count, classes } => {
            (count, Some(classes as usize).filter(|classes| *classes > 1))
        }
        Content::Labels { count } | Content::Images { count, .. } => (count, None),
    };
    let Content::Images { count, shape } = images.content else {
        unreachable!("the reader returns what was expected or an error");
    };
    if count != label_count {
        return Err(SourceError::Counts {
            images: images_path.into(),
            image_count: count,
            labels: labels_path.into(),
            label_count,
        }
        .into());
    }
    let folder = images_path.parent().unwrap_or(Path::new("."));
    let offset = if matches!(labels.content, Content::LabelSets { .. }) { 12 } else { 8 };
    let mut label_bytes = vec![0; label_count as usize * sets.unwrap_or(1)];
    labels
        .body
        .read_at(0, &mut label_bytes)
        .map_err(|source| SourceError::Read { path: labels_path.into(), source })?;
    let most = label_bytes.iter().copied().max().unwrap_or(0);
    // More classes than ten are read as they are elsewhere; far more are no labels.
    let listed = folder.join(CLASS_LIST).is_file();
    let class_names = if sets.is_none() && classes.is_none() && !listed && most <= MOST_GUESSED {
        let place = labels_path.display().to_string();
        class_names(folder, None, None, &[&Labels::Classes(label_bytes.clone())], &place, &mut data.notes)?
    } else {
        listed_classes(folder, classes.or(sets))?
    };
    if let Some(found) = sets.filter(|sets| *sets != class_names.len()) {
        return Err(
            LeafError::LabelSets { path: labels_path.into(), classes: class_names.len(), found }.into()
        );
    }
    let most = if sets.is_some() { 2 } else { class_names.len() };
    if let Some(bad) = label_bytes.iter().position(|&label| usize::from(label) >= most) {
        return Err(SourceError::Label {
            path: labels_path.into(),
            offset: bad as u64 + offset,
            classes: most,
            found: label_bytes[bad],
        }
        .into());
    }
    let digest = blake3::hash(format!("{} {}", images.digest, labels.digest).as_bytes()).to_hex().to_string();
    if let Some(text) = licenses::of_images(folder, &images.digest).or_else(|| licenses::of_name(images_path))
        && !data.licenses.contains(&text)
    {
        data.licenses.push(text);
    }
    for (role, path, digest) in
        [("images", images_path, &images.digest), ("labels", labels_path, &labels.digest)]
    {
        data.inputs.push(Input {
            role: format!("{split} {role}"),
            path: path.to_string_lossy().into_owned(),
            digest: digest.clone(),
        });
    }
    data.notes.extend(dim(&images_path.display().to_string(), images.greatest, None, false));
    let title = format!("{}/{split}", folder.file_name().unwrap_or_default().to_string_lossy());
    let labels = match sets {
        Some(classes) => Labels::Flags(label_bytes, classes),
        None => Labels::Classes(label_bytes),
    };
    let source = ArraySplit::new(images_path, title, (images.body, digest), shape, labels, class_names);
    data.splits.push(Split { name: split.to_owned(), source: Arc::new(source) });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_taken_apart() {
        let parsed = |name: &str| Name::parse(name).map(|name| (name.set, name.split.name, name.is_images));
        for (name, set, split, is_images) in [
            ("train-images-idx3-ubyte", "", "train", true),
            ("t10k-labels-idx1-ubyte.gz", "", "test", false),
            ("train-images.idx3-ubyte", "", "train", true),
            ("test_images_idx4_ubyte", "", "test", true),
            ("emnist-digits-train-images-idx3-ubyte.gz", "emnist-digits", "train", true),
            ("qmnist-test-labels-idx2-int", "qmnist", "test", false),
            ("val-labels-idx2-ubyte", "", "val", false),
        ] {
            assert_eq!(parsed(name), Some((set.to_owned(), split, is_images)), "{name}");
        }
        for name in [
            "images.idx",
            "train-images-idx1-ubyte",
            "idx3",
            "train-idx3-ubyte",
            "x-images-idx3-ubyte",
            "train-images-idx3-ubyte.bz2.gz.part",
            "é-idx3",
        ] {
            let found = parsed(name);
            assert!(found.is_none() || name.contains(".part"), "{name}: {found:?}");
        }
    }
}
