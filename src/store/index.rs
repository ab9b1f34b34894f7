//! What stands beside the shards of a format, made of them when all are there.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::json;

use crate::formats::Layout;
use crate::formats::parquet::{self, CardSplit};
use crate::formats::tfrecord::{self, TfdsSplit};

use super::StoreError;
use super::atomic::Pending;
use super::manifest::{Format, Manifest, SideFile, SplitRecord, Tree};
use super::pictures::{Listed, read_list};

/// Writes the files that a finished data set has beside its shards.
///
/// # Errors
/// [`StoreError`] of reading lists and writing files.
pub(super) fn write(folder: &Path, tag: &str, manifest: &Manifest) -> Result<Vec<SideFile>, StoreError> {
    match manifest.format {
        Format::Pictures(Tree::Coco) => {
            manifest.splits.iter().map(|split| coco(folder, tag, split)).collect()
        }
        Format::Pictures(Tree::Yolo) => {
            let text = yolo(manifest);
            Ok(vec![put(folder, tag, "data.yaml".into(), text.as_bytes())?])
        }
        Format::Parquet => Ok(vec![put(folder, tag, "README.md".into(), card(folder, manifest).as_bytes())?]),
        Format::Tfrecord { ref name } => tfds(folder, tag, manifest, name),
        _ => Ok(Vec::new()),
    }
}

/// `README.md` of a data set on the Hugging Face Hub.
fn card(folder: &Path, manifest: &Manifest) -> String {
    let Some(first) = manifest.splits.first() else { return String::new() };
    let title =
        folder.file_name().map_or_else(|| manifest.command.clone(), |n| n.to_string_lossy().into_owned());
    let splits: Vec<CardSplit> = manifest
        .splits
        .iter()
        .map(|split| CardSplit {
            name: split.name.clone(),
            rows: split.rows,
            bytes: split.shards.iter().map(|shard| shard.bytes).sum(),
        })
        .collect();
    let mut body = format!(
        "Made by `mnistaug {}`. `manifest.json` says of what and how, with digests of all files; \
         `mnistaug verify --rebuild` makes it again.\n",
        manifest.command
    );
    for license in &manifest.licenses {
        let _ = writeln!(body, "\n{license}");
    }
    let layout = Layout::of(&first.schema);
    parquet::card(&title, &layout, &first.schema.class_names, &splits, None, &body)
}

/// What `tensorflow_datasets` wants beside the records.
fn tfds(folder: &Path, tag: &str, manifest: &Manifest, name: &str) -> Result<Vec<SideFile>, StoreError> {
    let Some(first) = manifest.splits.first() else { return Ok(Vec::new()) };
    let layout = Layout::of(&first.schema);
    let splits: Vec<TfdsSplit> = manifest
        .splits
        .iter()
        .map(|split| TfdsSplit {
            name: split.name.clone(),
            shard_lengths: split.shards.iter().map(|shard| shard.rows).collect(),
            bytes: split.shards.iter().map(|shard| shard.bytes).sum(),
        })
        .collect();
    let about = format!("Made by mnistaug {}.", manifest.command);
    let info = tfrecord::dataset_info_json(name, &about, &manifest.licenses.join("\n\n"), &layout, &splits);
    let mut files = vec![("features.json", tfrecord::features_json(&layout)), ("dataset_info.json", info)];
    files.extend(tfrecord::label_files(&layout, &first.schema.class_names));
    files
        .into_iter()
        .map(|(file, text)| put(folder, tag, format!("{}/{file}", tfrecord::folder(name)), text.as_bytes()))
        .collect()
}

fn put(folder: &Path, tag: &str, name: String, bytes: &[u8]) -> Result<SideFile, StoreError> {
    let mut file = Pending::begin(folder, &name, tag)?;
    file.append(bytes)?;
    let written = file.finish()?;
    Ok(SideFile { name, bytes: written.bytes, blake3: written.blake3 })
}

/// `data.yaml` of ultralytics: where pictures are, and the names of classes. Its validation split is `val`, or `test` where there is none.
fn yolo(manifest: &Manifest) -> String {
    let has = |name: &str| manifest.splits.iter().any(|split| split.name == name);
    let mut text = String::from("path: .\n");
    for split in &manifest.splits {
        let _ = writeln!(text, "{}: images/{}", split.name, split.name);
    }
    if !has("val") {
        let other = ["test", "train"].into_iter().find(|name| has(name));
        if let Some(split) = other.or(manifest.splits.first().map(|split| split.name.as_str())) {
            let _ = writeln!(text, "val: images/{split}");
        }
    }
    text += "names:\n";
    for (class, name) in
        manifest.splits.first().iter().flat_map(|split| split.schema.class_names.iter().enumerate())
    {
        let _ = writeln!(text, "  {class}: {}", json!(name));
    }
    text
}

/// `annotations/instances_SPLIT.json`: images, annotations, categories. Two passes over the lists, line by line.
fn coco(folder: &Path, tag: &str, split: &SplitRecord) -> Result<SideFile, StoreError> {
    let name = format!("annotations/instances_{}.json", split.name);
    let mut file = Pending::begin(folder, &name, tag)?;
    let mut first = true;
    file.append(b"{\"images\":[")?;
    each(folder, split, |id, listed| {
        let name = listed.files[0].name.rsplit('/').next().unwrap_or_default();
        let value = json!({ "id": id, "file_name": name, "width": listed.shape.width, "height": listed.shape.height });
        append_item(&mut file, &mut first, &value)
    })?;
    file.append(b"\n],\"annotations\":[")?;
    let mut first = true;
    let mut number = 0_u64;
    each(folder, split, |id, listed| {
        for object in listed.objects.iter().filter(|object| object.tight.x1 > object.tight.x0) {
            number += 1;
            let [x0, y0, x1, y1] = object.tight.to_array();
            let (width, height) = (x1 - x0, y1 - y0);
            let value = json!({
                "id": number, "image_id": id, "category_id": object.class, "bbox": [x0, y0, width, height],
                "area": i64::from(width) * i64::from(height), "iscrowd": 0,
            });
            append_item(&mut file, &mut first, &value)?;
        }
        Ok(())
    })?;
    let categories: Vec<_> = split
        .schema
        .class_names
        .iter()
        .enumerate()
        .map(|(id, name)| json!({ "id": id, "name": name, "supercategory": "digit" }))
        .collect();
    file.append(format!("\n],\"categories\":{}}}\n", json!(categories)).as_bytes())?;
    let written = file.finish()?;
    Ok(SideFile { name, bytes: written.bytes, blake3: written.blake3 })
}

/// Appends one item of a JSON list.
fn append_item(file: &mut Pending, first: &mut bool, value: &serde_json::Value) -> Result<(), StoreError> {
    let comma = if std::mem::take(first) { "\n" } else { ",\n" };
    file.append(format!("{comma}{value}").as_bytes())
}

/// All pictures of a split with their index.
fn each(
    folder: &Path,
    split: &SplitRecord,
    mut take: impl FnMut(u64, Listed) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    for shard in &split.shards {
        let mut id = shard.first;
        read_list(folder, &shard.name, |listed, _| {
            id += 1;
            take(id - 1, listed)
        })?;
    }
    Ok(())
}
