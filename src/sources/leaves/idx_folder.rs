//! IDX files as a source: a folder with the usual names, or two files given by hand.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::base::sample::UNLABELED;
use crate::base::{DataSet, Fault, Input, Pass, Split};
use crate::formats::codec::idx::{Content, Expect, Idx};
use crate::names::{SPLITS, SplitName, split_called};

use super::arrays::{ArraySplit, Labels, input, listed_classes, without_labels};
use super::{SourceError, licenses};

/// The split's files in a folder: `train-images-idx3-ubyte` and its kin, raw before `.gz`.
fn find(folder: &Path, prefix: &str, role: &str) -> Option<PathBuf> {
    let kinds: &[&str] = if role == "images" { &["idx3", "idx4"] } else { &["idx1", "idx2"] };
    kinds
        .iter()
        .flat_map(|kind| [format!("{prefix}-{role}-{kind}-ubyte"), format!("{prefix}-{role}.{kind}-ubyte")])
        .flat_map(|name| [folder.join(&name), folder.join(format!("{name}.gz"))])
        .find(|path| path.is_file())
}

/// Whether a folder holds IDX files under one of the usual names.
#[must_use]
pub fn is_idx_folder(folder: &Path) -> bool {
    SPLITS.iter().any(|split| find(folder, split.idx, "images").is_some())
}

/// Opens the splits of a folder for which `wanted` is true.
///
/// # Errors
/// Anything that is wrong with the files.
pub fn open_folder(
    folder: &Path,
    classes: Option<usize>,
    wanted: &dyn Fn(&str) -> bool,
    pass: &Pass,
) -> Result<(DataSet, Vec<String>), Fault> {
    let mut data = DataSet::default();
    let mut names = Vec::new();
    for SplitName { name: split, idx: prefix, .. } in SPLITS {
        let Some(images) = find(folder, prefix, "images") else { continue };
        names.push(split.to_owned());
        if !wanted(split) {
            continue;
        }
        let labels = find(folder, prefix, "labels").ok_or_else(|| SourceError::NoLabels {
            images: images.clone(),
            expected: format!("{prefix}-labels-idx1-ubyte or {prefix}-labels-idx1-ubyte.gz"),
        })?;
        open_split(split, &images, &labels, classes, &mut data, pass)?;
    }
    Ok((data, names))
}

/// Opens a file of images given by hand. Its labels lie beside it under the matching name, unless they are named.
///
/// # Errors
/// Anything that is wrong with the files.
pub fn open_files(
    images: &Path,
    labels: Option<&Path>,
    classes: Option<usize>,
    pass: &Pass,
) -> Result<DataSet, Fault> {
    let name = images.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let beside = || -> Option<PathBuf> {
        let labels = name.replace("images", "labels").replace("idx3", "idx1").replace("idx4", "idx1");
        let bare = labels.trim_end_matches(".gz");
        [labels.clone(), bare.to_owned(), format!("{bare}.gz")]
            .into_iter()
            .filter(|candidate| *candidate != name)
            .map(|candidate| images.with_file_name(candidate))
            .find(|path| path.is_file())
    };
    let labels = match labels {
        Some(path) => path.to_owned(),
        None => {
            if let Some(path) = beside() {
                path
            } else {
                return open_unlabeled(images, pass);
            }
        }
    };
    let split = split_of(&name);
    let mut data = DataSet::default();
    open_split(split, images, &labels, classes, &mut data, pass)?;
    Ok(data)
}

/// What the name of a file says of the split.
fn split_of(name: &str) -> &'static str {
    // `test-images-idx3-ubyte` says it, `testimony.idx` does not.
    let first = name.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
    split_called(first).map_or("train", |split| split.name)
}

/// Images that no labels belong to: all are of one class.
fn open_unlabeled(path: &Path, pass: &Pass) -> Result<DataSet, Fault> {
    let images = Idx::open(path, Expect::Images, pass)?;
    let Content::Images { count, shape } = images.content else {
        unreachable!("the reader returns what was expected or an error");
    };
    let (name, folder) = (path.file_name().unwrap_or_default(), path.parent().unwrap_or(Path::new(".")));
    let split = split_of(&name.to_string_lossy());
    let title = format!("{}/{split}", folder.file_name().unwrap_or_default().to_string_lossy());
    let mut data = DataSet { notes: vec![without_labels(path)], ..DataSet::default() };
    data.licenses.extend(licenses::of_images(folder, &images.digest));
    data.inputs.push(input(format!("{split} images"), path, &images.digest));
    let labels = Labels::Classes(vec![0; count as usize]);
    let body = (images.body, images.digest);
    let source = ArraySplit::new(path, title, body, shape, labels, vec![UNLABELED.to_owned()]);
    data.splits.push(Split { name: split.to_owned(), source: Arc::new(source) });
    Ok(data)
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
        Content::LabelSets { count, classes } => (count, Some(classes as usize)),
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
    let class_names = listed_classes(folder, classes.or(sets))?;
    if let Some(found) = sets.filter(|sets| *sets != class_names.len()) {
        let text =
            format!("{}: expected {} classes, found {found}", labels_path.display(), class_names.len());
        return Err(SourceError::Mismatch(text, None).into());
    }
    let mut label_bytes = vec![0; label_count as usize * sets.unwrap_or(1)];
    labels
        .body
        .read_at(0, &mut label_bytes)
        .map_err(|source| SourceError::Read { path: labels_path.into(), source })?;
    let most = if sets.is_some() { 2 } else { class_names.len() };
    if let Some(bad) = label_bytes.iter().position(|&label| usize::from(label) >= most) {
        return Err(SourceError::Label {
            path: labels_path.into(),
            offset: bad as u64 + if sets.is_some() { 12 } else { 8 },
            classes: most,
            found: label_bytes[bad],
        }
        .into());
    }
    let digest = blake3::hash(format!("{} {}", images.digest, labels.digest).as_bytes()).to_hex().to_string();
    if let Some(text) = licenses::of_images(folder, &images.digest)
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
    let title = format!("{}/{split}", folder.file_name().unwrap_or_default().to_string_lossy());
    let labels = match sets {
        Some(classes) => Labels::Flags(label_bytes, classes),
        None => Labels::Classes(label_bytes),
    };
    let source = ArraySplit::new(images_path, title, (images.body, digest), shape, labels, class_names);
    data.splits.push(Split { name: split.to_owned(), source: Arc::new(source) });
    Ok(())
}
