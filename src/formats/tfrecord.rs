//! `tfrecord`: TFRecord files of `tf.train.Example`, in the folders of TensorFlow Datasets.
//!
//! A record is its length as u64, the masked CRC-32C of that, the data, and the masked CRC-32C of the data, all little-endian
//! (`tensorflow/core/lib/io/record_writer.h`). The data is a protocol buffer (`tensorflow/core/example/example.proto`); it is so
//! plain that it is written by hand here: maps and lists of one field each.
//!
//! Features: `image`, a PNG file, and `label`, or `labels` for several labels an image, as 0 and 1 for each class, or as floats where
//! classes have weights. Composed images also have `objects`, the sequence of boxes (`bbox`, as ymin, xmin, ymax, xmax from 0 to 1) and
//! classes (`label`). For each column of truth there is `truth_NAME`, an integer.
//!
//! What `tfds.builder_from_directory` and `tfds.load(name, data_dir=…)` look for lies beside the records: `features.json`,
//! `dataset_info.json`, files of labels, under `NAME/1.0.0/`.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use serde_json::{Value, json};

use crate::base::{Fault, Image, LabelKind};

use super::codec::png::{Effort, PngEncoder};
use super::columns::{Broken, Collect, TRUTH};
use super::ways::{Beside, Seam, ShardIn, Sharded, put_text};
use super::{About, Batch, Columns, Describe, Facts, Layout, Opt, Options, Pieces, Unfit, Want, Way};

/// TFRecord shards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tfrecord {
    /// What `tensorflow_datasets` calls the data set.
    pub dataset: String,
}

impl Describe for Tfrecord {
    const NAMES: &'static [(&'static str, &'static str)] =
        &[("tfrecord", "TFRecord shards, for `tensorflow_datasets`")];

    fn takes(_: &Options) -> &'static [Opt] {
        Opt::OF_SHARDS
    }

    fn of(_: &str, _: &Options, facts: &Facts) -> Result<Self, Unfit> {
        Ok(Self { dataset: dataset_name(&facts.folder) })
    }

    fn name(&self) -> &'static str {
        "tfrecord"
    }

    fn to_manifest(&self) -> Value {
        json!({ "tfrecord": { "name": self.dataset } })
    }

    fn of_manifest(said: &Value) -> Option<Self> {
        let dataset = said.get("tfrecord")?.get("name")?.as_str()?;
        // It becomes part of file names.
        (dataset == dataset_name(dataset)).then(|| Self { dataset: dataset.to_owned() })
    }

    fn check_split(&self, name: &str) -> Result<(), Unfit> {
        // What `tfds.load(split=…)` takes for a name; `all` is all of them there.
        let is_plain = name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-');
        if is_plain && name != "all" {
            return Ok(());
        }
        Err(Unfit::new(
            "tfrecord",
            format!(
                "tensorflow_datasets takes no split called {name:?}: letters, digits, _ and -, and not `all`"
            ),
            "name a single file's split with --split NAME, or choose another --format",
        ))
    }

    fn way(&self) -> Way<'_> {
        Way::Shards(self)
    }
}

/// What a data set is called by `tensorflow_datasets`: as its folder, in small letters, digits and underscores.
fn dataset_name(folder: &str) -> String {
    let name: String =
        folder.to_lowercase().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    if name.starts_with(|c: char| c.is_ascii_lowercase()) { name } else { format!("data_{name}") }
}

impl Sharded for Tfrecord {
    fn shard_name(&self, split: &str, k: u64, shards: u64) -> String {
        format!("{}/{}", folder(&self.dataset), shard_name(&self.dataset, split, k as usize, shards as usize))
    }

    fn seam(&self) -> Option<Seam> {
        Some(Seam::Plain)
    }

    fn encode<'a>(&self, shard: ShardIn<'a>, room: &'a mut Vec<u8>) -> io::Result<Pieces<'a>> {
        encode(shard.batch, shard.layout, Effort::of(shard.layout.shape), room);
        Ok(vec![Cow::Borrowed(&room[..])])
    }

    fn decode(&self, path: &Path, layout: &Layout, rows: u64, want: Want) -> Result<Columns, Fault> {
        let file = File::open(path).map_err(Broken::io(path))?;
        let length = file.metadata().map_err(Broken::io(path))?.len();
        let mut collect = Collect::new(want, layout);
        read(BufReader::with_capacity(1 << 16, file), length, path, layout, &mut collect)?;
        Ok(collect.finish(path, layout, rows)?)
    }

    fn beside(&self, about: &About<'_>, beside: &mut dyn Beside) -> Result<(), Fault> {
        let Some(first) = about.splits.first() else { return Ok(()) };
        let layout = Layout::of(first.schema);
        let splits: Vec<TfdsSplit> = about
            .splits
            .iter()
            .map(|split| TfdsSplit {
                name: split.name.to_owned(),
                shard_lengths: split.shards.iter().map(|shard| shard.rows).collect(),
                bytes: split.bytes(),
            })
            .collect();
        let said = format!("Made by mnistaug {}.", about.command);
        let info = dataset_info_json(&self.dataset, &said, &about.licenses.join("\n\n"), &layout, &splits);
        let mut files = vec![("features.json", features_json(&layout)), ("dataset_info.json", info)];
        files.extend(label_files(&layout, &first.schema.class_names));
        for (file, text) in files {
            put_text(beside, format!("{}/{file}", folder(&self.dataset)), &text)?;
        }
        Ok(())
    }
}

/// Reads all records of a file of `length` bytes.
fn read(
    mut from: impl Read,
    length: u64,
    path: &Path,
    layout: &Layout,
    collect: &mut Collect,
) -> Result<(), Fault> {
    let io = Broken::io(path);
    let mut at = 0;
    let mut data = Vec::new();
    while at < length {
        let bad = |expected: &str, found: &str| Broken::form(path, format!("offset {at}: {expected}"), found);
        let mut head = [0; 12];
        from.read_exact(&mut head).map_err(&io)?;
        let [size, crc] = [&head[..8], &head[8..]];
        if crc != masked_crc(size).to_le_bytes() {
            return Err(bad("the length of a record and its CRC-32C", "another CRC").into());
        }
        let size = size.iter().rev().fold(0, |number, &byte| number << 8 | u64::from(byte));
        if size > length - at - head.len() as u64 {
            return Err(bad("a record within the file", "one that goes beyond").into());
        }
        data.resize(size as usize, 0);
        from.read_exact(&mut data).map_err(&io)?;
        let mut crc = [0; 4];
        from.read_exact(&mut crc).map_err(&io)?;
        if crc != masked_crc(&data).to_le_bytes() {
            return Err(bad("a record and its CRC-32C", "another CRC").into());
        }
        match (feature(&data, label_key(layout)), feature(&data, "image")) {
            (Some(labels), Some(image)) => {
                let labels = match layout.labels {
                    LabelKind::Class | LabelKind::MultiHot => ints(labels),
                    // Floats of a list lie packed, little-endian.
                    LabelKind::Soft => Some(labels.to_vec()),
                };
                let labels = labels.filter(|labels| labels.len() == layout.y()).ok_or_else(|| {
                    bad("a label from 0 to 255, or one or a weight for each class", "others")
                })?;
                collect.label(&labels).map_err(&io)?;
                for (column, name) in layout.truth.iter().enumerate() {
                    let value = feature(&data, &format!("{TRUTH}{name}")).and_then(take_varint);
                    let (value, _) = value
                        .filter(|(_, rest)| rest.is_empty())
                        .ok_or_else(|| bad(&format!("the integer {TRUTH}{name}"), "none"))?;
                    collect.truth(column, value.cast_signed()).map_err(&io)?;
                }
                if collect.wants_pixels() {
                    collect.png(image, path, layout)?;
                }
            }
            _ => return Err(bad("an Example with an image and its label", "another record").into()),
        }
        at += size + 16;
    }
    Ok(())
}

/// The name of the feature with the label.
fn label_key(layout: &Layout) -> &'static str {
    match layout.labels {
        LabelKind::Class => "label",
        LabelKind::MultiHot | LabelKind::Soft => "labels",
    }
}

/// The one value, or the packed values, of the feature of this name in an `Example`.
fn feature<'a>(record: &'a [u8], name: &str) -> Option<&'a [u8]> {
    // Example { features = 1 }, Features { repeated map entry = 1 }, entry { key = 1, value = 2 }, Feature { one list }, list { value = 1 }.
    let (_, mut map, _) = field(record)?;
    while !map.is_empty() {
        let (_, entry, rest) = field(map)?;
        map = rest;
        let (_, key, value) = field(entry)?;
        if key == name.as_bytes() {
            let (_, feature, _) = field(value)?;
            let (_, list, _) = field(feature)?;
            return Some(field(list)?.1);
        }
    }
    None
}

/// The field that bytes begin with, all of which are length-delimited: its tag, its content, and what follows.
fn field(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = bytes.split_first()?;
    let (length, rest) = take_varint(rest)?;
    let (content, rest) = rest.split_at_checked(usize::try_from(length).ok()?)?;
    (tag & 7 == 2).then_some((tag, content, rest))
}

/// A number that bytes begin with, and what follows.
fn take_varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut value = 0;
    for (place, &byte) in bytes.iter().enumerate().take(10) {
        value |= u64::from(byte & 0x7f).checked_shl(7 * place as u32)?;
        if byte & 0x80 == 0 {
            return Some((value, &bytes[place + 1..]));
        }
    }
    None
}

/// Numbers from 0 to 255, one after the other.
fn ints(mut bytes: &[u8]) -> Option<Vec<u8>> {
    let mut found = Vec::new();
    while !bytes.is_empty() {
        let (value, rest) = take_varint(bytes)?;
        found.push(u8::try_from(value).ok()?);
        bytes = rest;
    }
    Some(found)
}

/// The version that folders carry.
const VERSION: &str = "1.0.0";

/// Wire type 2 (length and bytes) of fields 1 to 3.
const FIELD_1: u8 = 0x0a;
const FIELD_2: u8 = 0x12;

/// The lists that a feature can be, by their field in `Feature`.
#[derive(Clone, Copy)]
enum List {
    Bytes = 0x0a,
    Floats = 0x12,
    Ints = 0x1a,
}

/// The folder of a data set below the one that `tfds.load(name, data_dir=...)` is told of.
fn folder(name: &str) -> String {
    format!("{name}/{VERSION}")
}

/// The name of a file of records, of which a split has `of`.
fn shard_name(name: &str, split: &str, shard: usize, of: usize) -> String {
    format!("{name}-{split}.tfrecord-{shard:05}-of-{of:05}")
}

/// Encodes a batch as a file of records into `out`, whose content is replaced.
fn encode(batch: &Batch, layout: &Layout, effort: Effort, out: &mut Vec<u8>) {
    out.clear();
    let (shape, bytes, cells) = (layout.shape, layout.shape.bytes(), layout.cells());
    out.reserve(batch.rows * (bytes + bytes / 8 + 192));
    let mut png = PngEncoder::new(effort);
    let (mut image, mut labels, mut classes, mut boxes) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut truth: Vec<(String, Vec<u8>)> =
        layout.truth.iter().map(|name| (format!("{TRUTH}{name}"), Vec::new())).collect();
    let label = label_key(layout);
    let kind = if layout.labels == LabelKind::Soft { List::Floats } else { List::Ints };
    for row in 0..batch.rows {
        image.clear();
        png.encode(Image::new(shape, &batch.x[row * bytes..(row + 1) * bytes]), &mut image);
        labels.clear();
        let y = &batch.y[row * layout.y()..(row + 1) * layout.y()];
        match layout.labels {
            LabelKind::Class | LabelKind::MultiHot => {
                for &v in y {
                    varint(u64::from(v), &mut labels);
                }
            }
            LabelKind::Soft => labels.extend_from_slice(y),
        }
        for (column, (_, value)) in truth.iter_mut().enumerate() {
            value.clear();
            varint(batch.truth[row * layout.truth.len() + column].cast_unsigned(), value);
        }
        let features: [(&str, List, &[u8]); 4] = if layout.grid.is_none() {
            [("image", List::Bytes, &image), (label, kind, &labels), NONE, NONE]
        } else {
            classes.clear();
            boxes.clear();
            let sides = [shape.height, shape.width, shape.height, shape.width].map(|n| n as f32);
            let tight = batch.boxes[row * cells * 4..(row + 1) * cells * 4].as_chunks::<4>().0;
            for (&class, &[x0, y0, x1, y1]) in batch.cells[row * cells..(row + 1) * cells].iter().zip(tight) {
                if class >= 0 {
                    varint(class as u64, &mut classes);
                    for (place, side) in [y0, x0, y1, x1].into_iter().zip(sides) {
                        boxes.extend_from_slice(&(place as f32 / side).to_le_bytes());
                    }
                }
            }
            [
                ("image", List::Bytes, &image),
                (label, kind, &labels),
                ("objects/bbox", List::Floats, &boxes),
                ("objects/label", List::Ints, &classes),
            ]
        };
        record(&features, &truth, out);
    }
}

/// No feature; its name is empty.
const NONE: (&str, List, &[u8]) = ("", List::Bytes, &[]);

/// Appends one record, of these features and of integers.
fn record(features: &[(&str, List, &[u8])], integers: &[(String, Vec<u8>)], out: &mut Vec<u8>) {
    let integers = || integers.iter().map(|(name, value)| (name.as_str(), List::Ints, value.as_slice()));
    let present = || features.iter().copied().filter(|(name, ..)| !name.is_empty()).chain(integers());
    // A list has one field; so have the feature around it and, beside the name, the entry of the map around that.
    let list = |value: &[u8]| framed(value.len());
    let entry = |name: &str, value: &[u8]| framed(name.len()) + framed(framed(list(value)));
    let all = present().map(|(name, _, value)| framed(entry(name, value))).sum::<usize>();

    let start = out.len();
    let length = (framed(all) as u64).to_le_bytes();
    out.extend_from_slice(&length);
    out.extend_from_slice(&masked_crc(&length).to_le_bytes());
    let data = out.len();
    open(FIELD_1, all, out);
    for (name, kind, value) in present() {
        open(FIELD_1, entry(name, value), out);
        open(FIELD_1, name.len(), out);
        out.extend_from_slice(name.as_bytes());
        open(FIELD_2, framed(list(value)), out);
        open(kind as u8, list(value), out);
        open(FIELD_1, value.len(), out);
        out.extend_from_slice(value);
    }
    debug_assert_eq!(out.len() - data, framed(all));
    let crc = masked_crc(&out[data..]);
    out.extend_from_slice(&crc.to_le_bytes());
    debug_assert_eq!(out.len() - start, framed(all) + 16);
}

/// Bytes of a field around so many bytes.
fn framed(length: usize) -> usize {
    let bits = usize::BITS - (length | 1).leading_zeros();
    1 + bits.div_ceil(7) as usize + length
}

/// The beginning of a field of `length` bytes.
fn open(tag: u8, length: usize, out: &mut Vec<u8>) {
    out.push(tag);
    varint(length as u64, out);
}

/// A number, seven bits a byte, lowest first.
fn varint(mut value: u64, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// The CRC-32C as TFRecord stores it, which is safe to be part of what another CRC covers.
fn masked_crc(bytes: &[u8]) -> u32 {
    crc32c::crc32c(bytes).rotate_right(15).wrapping_add(0xa282_ead8)
}

/// A split, as `dataset_info.json` describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct TfdsSplit {
    /// Its name.
    name: String,
    /// Records in each of its files.
    shard_lengths: Vec<u64>,
    /// Bytes of its files together.
    bytes: u64,
}

fn class_label(layout: &Layout) -> Value {
    json!({
        "classLabel": { "numClasses": layout.classes.to_string() },
        "pythonClassName": "tensorflow_datasets.core.features.class_label_feature.ClassLabel",
    })
}

/// `features.json`: what a record holds.
fn features_json(layout: &Layout) -> String {
    const DICT: &str = "tensorflow_datasets.core.features.features_dict.FeaturesDict";
    let shape = [layout.shape.height, layout.shape.width, layout.shape.channels()].map(|n| n.to_string());
    let mut features = serde_json::Map::new();
    features.insert(
        "image".into(),
        json!({
            "image": { "dtype": "uint8", "encodingFormat": "png", "shape": { "dimensions": shape } },
            "pythonClassName": "tensorflow_datasets.core.features.image_feature.Image",
        }),
    );
    match layout.labels {
        LabelKind::Class => features.insert("label".into(), class_label(layout)),
        LabelKind::MultiHot => features.insert(
            "labels".into(),
            json!({
                "tensor": { "dtype": "int64", "encoding": "none", "shape": { "dimensions": [layout.classes.to_string()] } },
                "pythonClassName": "tensorflow_datasets.core.features.tensor_feature.Tensor",
            }),
        ),
        LabelKind::Soft => features.insert(
            "labels".into(),
            json!({
                "tensor": { "dtype": "float32", "encoding": "none", "shape": { "dimensions": [layout.classes.to_string()] } },
                "pythonClassName": "tensorflow_datasets.core.features.tensor_feature.Tensor",
            }),
        ),
    };
    if layout.grid.is_some() {
        let bbox = json!({
            "boundingBox": { "bboxFormat": "REL_YXYX", "dtype": "float32", "shape": { "dimensions": ["4"] } },
            "pythonClassName": "tensorflow_datasets.core.features.bounding_boxes.BBoxFeature",
        });
        let each = json!({
            "featuresDict": { "features": { "bbox": bbox, "label": class_label(layout) } },
            "pythonClassName": DICT,
        });
        features.insert(
            "objects".into(),
            json!({
                "sequence": { "feature": each, "length": "-1" },
                "pythonClassName": "tensorflow_datasets.core.features.sequence_feature.Sequence",
            }),
        );
    }
    for name in layout.truth.iter() {
        features.insert(
            format!("{TRUTH}{name}"),
            json!({
                "tensor": { "dtype": "int64", "encoding": "none", "shape": {} },
                "pythonClassName": "tensorflow_datasets.core.features.scalar.Scalar",
            }),
        );
    }
    pretty(&json!({ "featuresDict": { "features": features }, "pythonClassName": DICT }))
}

/// `dataset_info.json`: name, license, and the splits with their files.
fn dataset_info_json(
    name: &str,
    description: &str,
    license: &str,
    layout: &Layout,
    splits: &[TfdsSplit],
) -> String {
    let splits: Vec<Value> = splits
        .iter()
        .map(|split| {
            json!({
                "name": split.name,
                "shardLengths": split.shard_lengths.iter().map(u64::to_string).collect::<Vec<_>>(),
                "numBytes": split.bytes.to_string(),
                "filepathTemplate": "{DATASET}-{SPLIT}.{FILEFORMAT}-{SHARD_X_OF_Y}",
            })
        })
        .collect();
    let label = label_key(layout);
    pretty(&json!({
        "name": name,
        "version": VERSION,
        "fileFormat": "tfrecord",
        "description": description,
        "redistributionInfo": { "license": license },
        "supervisedKeys": { "tuple": { "items": [{ "featureKey": "image" }, { "featureKey": label }] } },
        "splits": splits,
    }))
}

/// The files with the names of classes, one a line: name and content of each.
fn label_files(layout: &Layout, class_names: &[String]) -> Vec<(&'static str, String)> {
    let names: String = class_names.iter().map(|name| name.replace('\n', " ") + "\n").collect();
    let mut files = Vec::new();
    if layout.labels == LabelKind::Class {
        files.push(("label.labels.txt", names.clone()));
    }
    if layout.grid.is_some() {
        files.push(("objects-label.labels.txt", names));
    }
    files
}

fn pretty(value: &Value) -> String {
    format!("{value:#}\n")
}

#[cfg(test)]
mod tests;
