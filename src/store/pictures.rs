//! A file for each picture, and the lists of them, which are what a shard is here.
//!
//! Pictures are renamed into place but not synced one by one; the list is, after all of its pictures, and it knows their digests. So a
//! run that goes on finds a picture that a power cut has emptied.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use crate::base::{Fault, Object, Sample, Source};
use crate::formats::codec::picture::encode_png;
use crate::formats::codec::png::{Effort, PngEncoder};
use crate::formats::codec::rle;
pub use crate::formats::ways::Listed;
use crate::formats::ways::{Lists, PictureName, Pictures};

use super::inside::Inside;
use super::manifest::{Flaw, Manifest, Shard, SideFile};
use super::{Result, StoreError, atomic};

/// Images of at most so many bytes are small.
const SMALL: usize = 12 << 10;

/// No line of a list is longer: a picture has as many objects as it has cells.
const LONGEST_LINE: u64 = 16 << 20;

/// The pictures of one split.
pub(super) struct PictureFolder<'a> {
    format: &'a dyn Pictures,
    folder: &'a Path,
    tag: &'a str,
    split: &'a str,
    classes: Vec<String>,
    class_names: &'a [String],
    /// Digits of the largest index.
    digits: usize,
}

impl<'a> PictureFolder<'a> {
    pub(super) fn new(
        format: &'a dyn Pictures,
        folder: &'a Path,
        tag: &'a str,
        split: &'a str,
        source: &'a dyn Source,
    ) -> Self {
        let schema = source.schema();
        Self {
            format,
            folder,
            tag,
            split,
            classes: class_folders(&schema.class_names),
            class_names: &schema.class_names,
            digits: source.len().saturating_sub(1).to_string().len().max(5),
        }
    }

    /// Writes one sample; returns its line in the list, and the bytes written.
    pub(super) fn write(&self, index: u64, sample: &Sample) -> Result<(Vec<u8>, u64)> {
        let image = sample.canvas.image();
        let id = format!("{index:0width$}", width = self.digits);
        let classes: Vec<u8> =
            (0..=255).take(self.classes.len()).filter(|&class| sample.label.has(class)).collect();
        let class = classes.first().copied().unwrap_or_default();
        let place = PictureName { split: self.split, class: &self.classes[usize::from(class)], id: &id };
        let name = self.format.picture(place);
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
        for (name, bytes) in self.format.files(place, sample, self.class_names) {
            files.push(self.put(name, &id, &bytes)?);
        }
        let bytes = files.iter().map(|file| file.bytes).sum();
        let listed = Listed {
            files,
            shape: image.shape,
            classes,
            origin: sample.origin,
            objects: sample.objects.clone(),
            masks: masks(sample),
            truth: sample.truth.clone(),
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

/// The masks of the objects of a sample, as COCO's run-length texts.
fn masks(sample: &Sample) -> Vec<String> {
    if sample.mask.is_empty() {
        return Vec::new();
    }
    let shape = sample.canvas.shape();
    let text = |object: &Object| {
        let mut text = String::new();
        rle::encode(&sample.mask, [shape.height, shape.width], (object.cell + 1) as u8, &mut text);
        text
    };
    sample.objects.iter().map(text).collect()
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

/// Reads the list of a shard, line by line; `take` gets what a line says, and its length in bytes.
///
/// # Errors
/// If it cannot be read or understood, from `take`, or if it names a file outside the folder.
pub fn read_list(
    folder: &Path,
    shard: &str,
    mut take: impl FnMut(Listed, usize) -> std::result::Result<(), Fault>,
) -> std::result::Result<(), Fault> {
    let path = folder.join(shard);
    let failed = |source| StoreError::Read { path: path.clone(), source };
    let unsound = |source| {
        let flaw = Flaw::Name { what: "a picture", source };
        StoreError::Unsound { path: path.clone(), flaw }
    };
    let file = Inside::file(shard).map_err(unsound)?.open(folder).map_err(failed)?;
    let mut reader = BufReader::new(file);
    let mut line = Vec::new();
    for number in 0.. {
        line.clear();
        if (&mut reader).take(LONGEST_LINE).read_until(b'\n', &mut line).map_err(failed)? == 0 {
            break;
        }
        let bad = |reason: String| StoreError::BadManifest { path: path.clone(), line: number + 1, reason };
        if line.len() as u64 == LONGEST_LINE {
            return Err(bad(format!("a line of {LONGEST_LINE} bytes or more")).into());
        }
        let listed: Listed = serde_json::from_slice(&line).map_err(|error| bad(error.to_string()))?;
        if listed.files.is_empty() {
            return Err(bad("a line without a picture".into()).into());
        }
        for file in &listed.files {
            Inside::file(&file.name).map_err(unsound)?;
        }
        take(listed, line.len())?;
    }
    Ok(())
}

/// All files that the list of a shard names.
pub(super) fn listed(folder: &Path, shard: &Shard) -> std::result::Result<Vec<SideFile>, Fault> {
    let mut files = Vec::new();
    read_list(folder, &shard.name, |line, _| {
        files.extend(line.files);
        Ok(())
    })?;
    Ok(files)
}

/// The lists of a finished data set.
pub(super) struct ListsOf<'a> {
    pub(super) folder: &'a Path,
    pub(super) manifest: &'a Manifest,
}

impl Lists for ListsOf<'_> {
    fn each(
        &self,
        split: usize,
        take: &mut dyn FnMut(u64, &Listed) -> std::result::Result<(), Fault>,
    ) -> std::result::Result<(), Fault> {
        for shard in &self.manifest.splits[split].shards {
            let mut index = shard.first;
            read_list(self.folder, &shard.name, |listed, _| {
                index += 1;
                take(index - 1, &listed)
            })?;
        }
        Ok(())
    }
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
}
