//! A file for each picture, and the lists of them, which are what a shard is here.
//!
//! Pictures are renamed into place but not synced one by one; the list is, after all of its pictures, and it knows their digests. So a
//! run that goes on finds a picture that a power cut has emptied.

use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::base::{LabelKind, Object, Sample, Schema, Shape, Source};
use crate::formats::picture::encode_png;
use crate::formats::png::{Effort, PngEncoder};

use super::manifest::{Shard, SideFile, Tree};
use super::{Result, StoreError, atomic};

/// Images of at most so many bytes are small.
const SMALL: usize = 12 << 10;

/// One picture in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// The picture, and files that belong to it.
    pub files: Vec<SideFile>,
    /// Its size.
    pub shape: Shape,
    /// Its classes.
    pub classes: Vec<u8>,
    /// Its source image.
    pub origin: u64,
    /// The objects in it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub objects: Vec<Object>,
}

/// The pictures of one split.
pub(super) struct PictureFolder<'a> {
    tree: Tree,
    folder: &'a Path,
    tag: &'a str,
    split: &'a str,
    classes: Vec<String>,
    /// Digits of the largest index.
    digits: usize,
}

impl<'a> PictureFolder<'a> {
    pub(super) fn new(
        tree: Tree,
        folder: &'a Path,
        tag: &'a str,
        split: &'a str,
        source: &dyn Source,
    ) -> Self {
        let schema = source.schema();
        Self {
            tree,
            folder,
            tag,
            split,
            classes: class_folders(&schema.class_names),
            digits: source.len().saturating_sub(1).to_string().len().max(5),
        }
    }

    /// Writes one sample; returns its line in the list, and the bytes written.
    pub(super) fn write(&self, index: u64, sample: &Sample) -> Result<(Vec<u8>, u64)> {
        let image = sample.canvas.image();
        let id = format!("{index:0width$}", width = self.digits);
        let classes: Vec<u8> =
            (0..=255).take(self.classes.len()).filter(|&class| sample.label.has(class)).collect();
        let name = match self.tree {
            Tree::ImageFolder => {
                let class = classes.first().copied().unwrap_or_default();
                format!("{}/{}/{id}.png", self.split, self.classes[usize::from(class)])
            }
            Tree::Coco => format!("{}/{id}.png", self.split),
            Tree::Yolo => format!("images/{}/{id}.png", self.split),
        };
        // Of small images the general encoder makes no smaller files, in ten times the time.
        let png = if image.shape.bytes() <= SMALL {
            let mut png = Vec::new();
            PngEncoder::new(Effort::Runs).encode(image, &mut png);
            png
        } else {
            encode_png(image)
                .map_err(|error| StoreError::Encode { name: name.clone(), reason: error.to_string() })?
        };
        let mut files = vec![self.put(name, &id, &png)?];
        if self.tree == Tree::Yolo {
            let text = yolo_lines(sample);
            files.push(self.put(format!("labels/{}/{id}.txt", self.split), &id, text.as_bytes())?);
        }
        let bytes = files.iter().map(|file| file.bytes).sum();
        let listed = Listed {
            files,
            shape: image.shape,
            classes,
            origin: sample.origin,
            objects: sample.objects.clone(),
        };
        let mut line = serde_json::to_vec(&listed)
            .map_err(|error| StoreError::Encode { name: id, reason: error.to_string() })?;
        line.push(b'\n');
        Ok((line, bytes))
    }

    /// Puts a file in its place.
    fn put(&self, name: String, id: &str, bytes: &[u8]) -> std::result::Result<SideFile, StoreError> {
        let tag = format!("{}-{}-{id}-{}", self.tag, self.split, name.len());
        atomic::place(self.folder, &name, &tag, bytes)?;
        Ok(SideFile { name, bytes: bytes.len() as u64, blake3: blake3::hash(bytes).to_hex().to_string() })
    }
}

/// Why samples of this schema cannot be written as such a tree, and what helps.
pub(super) fn check(tree: Tree, schema: &Schema) -> std::result::Result<(), (String, String)> {
    match tree {
        Tree::ImageFolder if schema.labels == LabelKind::MultiHot => Err((
            "a folder for each class has no place for images of several classes".into(),
            "choose --format coco or yolo, which say where each object is, or npz".into(),
        )),
        Tree::Coco | Tree::Yolo if schema.grid.is_none() => Err((
            "COCO and YOLO files say where objects are, and these images have no boxes".into(),
            "compose them with `mnistaug quadrant` first, or choose --format png".into(),
        )),
        _ => Ok(()),
    }
}

/// Folder names of classes which, sorted as texts, stand in the order of the classes: the names themselves where these do, numbers
/// padded with zeros where names are numbers, otherwise number and name.
#[must_use]
pub fn class_folders(names: &[String]) -> Vec<String> {
    let clean: Vec<String> = names
        .iter()
        .map(|name| {
            let name: String = name
                .chars()
                .map(|c| if c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | ' ') { c } else { '-' })
                .collect();
            name.trim_matches(['.', ' ']).to_owned()
        })
        .collect();
    let digits = names.len().saturating_sub(1).to_string().len();
    let is_numbered = names.iter().enumerate().all(|(class, name)| *name == class.to_string());
    let number = |class: usize| format!("{class:0digits$}");
    if is_numbered {
        return (0..names.len()).map(number).collect();
    }
    if clean.iter().all(|name| !name.is_empty()) && clean.windows(2).all(|pair| pair[0] < pair[1]) {
        return clean;
    }
    clean.iter().enumerate().map(|(class, name)| format!("{}-{name}", number(class))).collect()
}

/// A line for each object: class, then center and size of its tight box in parts of the image.
fn yolo_lines(sample: &Sample) -> String {
    let shape = sample.canvas.shape();
    let (height, width) = (shape.height as f64, shape.width as f64);
    let mut text = String::new();
    for object in sample.objects.iter().filter(|object| object.tight.x1 > object.tight.x0) {
        let [x0, y0, x1, y1] = object.tight.to_array().map(f64::from);
        let _ = writeln!(
            text,
            "{} {:.6} {:.6} {:.6} {:.6}",
            object.class,
            f64::midpoint(x0, x1) / width,
            f64::midpoint(y0, y1) / height,
            (x1 - x0) / width,
            (y1 - y0) / height,
        );
    }
    text
}

/// Reads the list of a shard, line by line; `take` gets what a line says, and its length in bytes.
///
/// # Errors
/// If it cannot be read or understood, from `take`, or if it names a file outside the folder.
pub fn read_list(
    folder: &Path,
    shard: &str,
    mut take: impl FnMut(Listed, usize) -> std::result::Result<(), StoreError>,
) -> std::result::Result<(), StoreError> {
    let path = folder.join(shard);
    let failed = |source| StoreError::Read { path: path.clone(), source };
    let mut reader = BufReader::new(fs::File::open(&path).map_err(failed)?);
    let mut line = Vec::new();
    for number in 0.. {
        line.clear();
        if reader.read_until(b'\n', &mut line).map_err(failed)? == 0 {
            break;
        }
        let bad = |reason: String| StoreError::BadManifest { path: path.clone(), line: number + 1, reason };
        let listed: Listed = serde_json::from_slice(&line).map_err(|error| bad(error.to_string()))?;
        if listed.files.is_empty() {
            return Err(bad("a line without a picture".into()));
        }
        if let Some(file) = listed.files.iter().find(|file| !super::manifest::is_inside(&file.name)) {
            return Err(bad(format!("{:?} lies outside the folder", file.name)));
        }
        take(listed, line.len())?;
    }
    Ok(())
}

/// All files that the list of a shard names.
pub(super) fn listed(folder: &Path, shard: &Shard) -> std::result::Result<Vec<SideFile>, StoreError> {
    let mut files = Vec::new();
    read_list(folder, &shard.name, |line, _| {
        files.extend(line.files);
        Ok(())
    })?;
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(list: &[&str]) -> Vec<String> {
        list.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn folders_sort_as_their_classes_do() {
        let twelve: Vec<String> = (0..12).map(|n: usize| n.to_string()).collect();
        let folders = class_folders(&twelve);
        assert_eq!((folders[2].as_str(), folders[11].as_str()), ("02", "11"));
        assert_eq!(class_folders(&names(&["0", "1"])), ["0", "1"]);
        assert_eq!(class_folders(&names(&["cat", "dog"])), ["cat", "dog"]);
        assert_eq!(class_folders(&names(&["T-shirt/top", "Bag"])), ["0-T-shirt-top", "1-Bag"]);
        assert_eq!(class_folders(&names(&["..", "a/../b"])), ["0-", "1-a-..-b"]);
        for list in [vec!["b", "a", "c"], vec!["..", "../x", "y"], vec!["same", "same"]] {
            let folders = class_folders(&names(&list));
            assert!(
                folders.is_sorted() && folders.iter().all(|f| !f.contains('/') && f != ".."),
                "{folders:?}"
            );
        }
    }

    #[test]
    fn boxes_become_parts_of_the_image() {
        let mut sample = Sample::default();
        sample.canvas.reset(Shape::new(10, 20, 1));
        let tight = crate::base::Rect { x0: 5, y0: 2, x1: 15, y1: 4 };
        sample.objects.push(Object { class: 3, cell: 0, origin: 0, tight, area: tight });
        let empty = crate::base::Rect { x0: 5, y0: 2, x1: 5, y1: 2 };
        sample.objects.push(Object { class: 4, cell: 1, origin: 0, tight: empty, area: tight });
        assert_eq!(yolo_lines(&sample), "3 0.500000 0.300000 0.500000 0.200000\n");
    }
}
