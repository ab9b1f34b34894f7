//! `mds`: MosaicML streaming's shards, which `streaming.StreamingDataset(local=DIR, split="train")` reads.
//!
//! `SPLIT/shard.00000.mds` is the number of samples and their offsets, as u32, the configuration as JSON, then the samples; all numbers
//! are little-endian. A sample begins with the sizes, as u32, of those of its values whose size is not fixed; the values follow.
//! `SPLIT/index.json` lists the shards.
//!
//! Columns, in the order of their names: `image`, a PNG file; `label`, a 64-bit integer, or `labels`, an array of 0 and 1 for each class, or
//! of the weight of each as a 32-bit float; composed images also have `objects`, JSON with `bbox`, each `[x, y, width, height]` in pixels, and
//! `categories`; and `truth_NAME`, a 64-bit integer for each column of truth.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use serde_json::{Value, json};

use crate::base::{Fault, LabelKind};

use super::codec::png::{Effort, PngEncoder};
use super::columns::{Broken, Collect, TRUTH};
use super::ways::{AboutSplit, Beside, ShardIn, Sharded, images, put_text};
use super::{About, Columns, Describe, Facts, Layout, Opt, Options, Pieces, Unfit, Want, Way};

/// Version of the form of `index.json`.
const VERSION: u32 = 2;

/// MDS shards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mds;

impl Describe for Mds {
    const NAMES: &'static [(&'static str, &'static str)] = &[("mds", "MDS shards, for MosaicML `streaming`")];

    fn takes(_: &Options) -> &'static [Opt] {
        Opt::OF_SHARDS
    }

    fn of(_: &str, _: &Options, _: &Facts) -> Result<Self, Unfit> {
        Ok(Self)
    }

    fn name(&self) -> &'static str {
        "mds"
    }

    fn to_manifest(&self) -> Value {
        "mds".into()
    }

    fn of_manifest(said: &Value) -> Option<Self> {
        (said == "mds").then_some(Self)
    }

    fn way(&self) -> Way<'_> {
        Way::Shards(self)
    }
}

/// A column.
struct Column {
    name: String,
    of: Of,
    encoding: String,
    /// Bytes of a value; none where they differ.
    size: Option<usize>,
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Of {
    Image,
    Labels,
    Objects,
    /// This column of truth.
    Truth(usize),
}

/// The columns of samples of this layout, in the order of their names.
fn columns(layout: &Layout) -> Vec<Column> {
    let column = |name: &str, of, encoding: &str, size| Column {
        name: name.into(),
        of,
        encoding: encoding.into(),
        size,
    };
    let classes = layout.classes;
    let mut columns = vec![column("image", Of::Image, "png", None)];
    columns.push(match layout.labels {
        LabelKind::Class => column("label", Of::Labels, "int", Some(8)),
        LabelKind::MultiHot => {
            column("labels", Of::Labels, &format!("ndarray:uint8:{classes}"), Some(classes))
        }
        LabelKind::Soft => {
            column("labels", Of::Labels, &format!("ndarray:float32:{classes}"), Some(4 * classes))
        }
    });
    if layout.grid.is_some() {
        columns.push(column("objects", Of::Objects, "json", None));
    }
    for (number, name) in layout.truth.iter().enumerate() {
        columns.push(column(&format!("{TRUTH}{name}"), Of::Truth(number), "int", Some(8)));
    }
    columns.sort_by(|a, b| a.name.cmp(&b.name));
    columns
}

/// What a shard and the index both say.
fn config(layout: &Layout) -> Value {
    let columns = columns(layout);
    json!({
        "column_encodings": columns.iter().map(|c| &c.encoding[..]).collect::<Vec<_>>(),
        "column_names": columns.iter().map(|c| &c.name[..]).collect::<Vec<_>>(),
        "column_sizes": columns.iter().map(|c| c.size).collect::<Vec<_>>(),
        "compression": null,
        "format": "mds",
        "hashes": [],
        "size_limit": null,
        "version": VERSION,
    })
}

impl Sharded for Mds {
    fn shard_name(&self, split: &str, k: u64, _: u64) -> String {
        format!("{split}/shard.{k:05}.mds")
    }

    fn encode<'a>(&self, shard: ShardIn<'a>, room: &'a mut Vec<u8>) -> io::Result<Pieces<'a>> {
        let (batch, layout) = (shard.batch, shard.layout);
        let mut png = PngEncoder::new(Effort::of(layout.shape));
        room.clear();
        let mut ends = Vec::with_capacity(batch.rows);
        let labels = batch.y.chunks_exact(layout.y());
        let truth: Vec<usize> = columns(layout)
            .iter()
            .filter_map(|column| match column.of {
                Of::Truth(number) => Some(number),
                Of::Image | Of::Labels | Of::Objects => None,
            })
            .collect();
        for (row, (image, label)) in images(batch, layout).zip(labels).enumerate() {
            let objects = (layout.grid.is_some()).then(|| objects(shard, row).to_string());
            let start = room.len();
            room.extend([0; 4]);
            if let Some(objects) = &objects {
                room.extend((objects.len() as u32).to_le_bytes());
            }
            let body = room.len();
            png.encode(image, room);
            let size = (room.len() - body) as u32;
            room[start..start + 4].copy_from_slice(&size.to_le_bytes());
            match layout.labels {
                LabelKind::Class => room.extend(i64::from(label[0]).to_le_bytes()),
                LabelKind::MultiHot | LabelKind::Soft => room.extend(label),
            }
            room.extend(objects.as_deref().unwrap_or_default().as_bytes());
            for &number in &truth {
                room.extend(batch.truth[row * layout.truth.len() + number].to_le_bytes());
            }
            ends.push(room.len());
        }
        let config = config(layout).to_string();
        let start = 4 + 4 * (batch.rows + 1) + config.len();
        let too_large = |_| io::Error::other("a shard of MDS ends at 4 GiB");
        let mut head = u32::try_from(batch.rows).map_err(too_large)?.to_le_bytes().to_vec();
        for end in std::iter::once(0).chain(ends) {
            head.extend(u32::try_from(start + end).map_err(too_large)?.to_le_bytes());
        }
        head.extend(config.as_bytes());
        Ok(vec![Cow::Owned(head), Cow::Borrowed(&room[..])])
    }

    fn decode(&self, path: &Path, layout: &Layout, rows: u64, want: Want) -> Result<Columns, Fault> {
        let file = File::open(path).map_err(Broken::io(path))?;
        let length = file.metadata().map_err(Broken::io(path))?.len();
        let mut collect = Collect::new(want, layout);
        read(BufReader::with_capacity(1 << 16, file), length, path, layout, &mut collect)?;
        Ok(collect.finish(path, layout, rows)?)
    }

    fn beside(&self, about: &About<'_>, beside: &mut dyn Beside) -> Result<(), Fault> {
        for split in &about.splits {
            put_text(beside, format!("{}/index.json", split.name), &index(split))?;
        }
        Ok(())
    }
}

/// The objects of a composed image.
fn objects(shard: ShardIn<'_>, row: usize) -> Value {
    let cells = shard.layout.cells();
    let classes = &shard.batch.cells[row * cells..(row + 1) * cells];
    let boxes = shard.batch.boxes[4 * row * cells..4 * (row + 1) * cells].as_chunks::<4>().0;
    let there = || classes.iter().zip(boxes).filter(|(class, _)| **class >= 0);
    json!({
        "bbox": there().map(|(_, [x0, y0, x1, y1])| [*x0, *y0, x1 - x0, y1 - y0]).collect::<Vec<_>>(),
        "categories": there().map(|(class, _)| class).collect::<Vec<_>>(),
    })
}

/// `index.json` of a split.
fn index(split: &AboutSplit<'_>) -> String {
    let shards = split.shards.iter().map(|shard| {
        let mut said = config(&Layout::of(split.schema));
        let basename = shard.name.rsplit('/').next().unwrap_or_default();
        said["raw_data"] = json!({ "basename": basename, "bytes": shard.bytes, "hashes": {} });
        said["samples"] = shard.rows.into();
        said["zip_data"] = Value::Null;
        said
    });
    format!("{}\n", json!({ "shards": shards.collect::<Vec<_>>(), "version": VERSION }))
}

/// Reads all samples of a file of `length` bytes.
fn read(
    mut from: impl Read,
    length: u64,
    path: &Path,
    layout: &Layout,
    collect: &mut Collect,
) -> Result<(), Fault> {
    let io = Broken::io(path);
    let number = |from: &mut dyn Read| {
        let mut bytes = [0; 4];
        from.read_exact(&mut bytes).map(|()| u32::from_le_bytes(bytes)).map_err(&io)
    };
    let rows = number(&mut from)?;
    if 8 + 4 * u64::from(rows) > length {
        return Err(Broken::form(
            path,
            "the offsets of its samples",
            format!("{rows} samples in {length} bytes"),
        )
        .into());
    }
    let mut offsets = Vec::with_capacity(rows as usize + 1);
    for _ in 0..=rows {
        offsets.push(number(&mut from)?);
    }
    let columns = columns(layout);
    let open = columns.iter().filter(|column| column.size.is_none()).count();
    let config = config(layout).to_string();
    let mut data = vec![0; config.len()];
    from.read_exact(&mut data).map_err(&io)?;
    if data != config.as_bytes() {
        let found: String = String::from_utf8_lossy(&data).chars().take(60).collect();
        return Err(Broken::form(path, format!("the configuration {config}"), found).into());
    }
    let first = 8 + 4 * u64::from(rows) + config.len() as u64;
    // So that no sample is longer than the file.
    if offsets.first().is_some_and(|&at| u64::from(at) != first)
        || offsets.last().is_some_and(|&at| u64::from(at) != length)
        || !offsets.is_sorted()
    {
        return Err(Broken::form(path, "offsets that rise from its first sample to its end", "others").into());
    }
    for (row, ends) in offsets.windows(2).enumerate() {
        let bad =
            |found: String| Broken::form(path, format!("an image and its label as sample {row}"), found);
        let size = ends[1] - ends[0];
        data.resize(size as usize, 0);
        from.read_exact(&mut data).map_err(&io)?;
        let (sizes, mut values) =
            data.split_at_checked(4 * open).ok_or_else(|| bad(format!("{size} bytes")))?;
        let mut sizes = sizes.as_chunks::<4>().0.iter().map(|bytes| u32::from_le_bytes(*bytes) as usize);
        for column in &columns {
            let size = column.size.or_else(|| sizes.next()).unwrap_or(0);
            let (value, rest) = values
                .split_at_checked(size)
                .ok_or_else(|| bad(format!("{} of {size} bytes", column.name)))?;
            values = rest;
            match (column.of, layout.labels) {
                (Of::Image, _) if collect.wants_pixels() => collect.png(value, path, layout)?,
                (Of::Labels, LabelKind::Class) => match *value {
                    [class, 0, 0, 0, 0, 0, 0, 0] => collect.label(&[class]).map_err(&io)?,
                    _ => return Err(bad("a label beyond 255".into()).into()),
                },
                (Of::Labels, LabelKind::MultiHot | LabelKind::Soft) => collect.label(value).map_err(&io)?,
                (Of::Truth(number), _) => {
                    let value = value.first_chunk().map_or(0, |bytes| i64::from_le_bytes(*bytes));
                    collect.truth(number, value).map_err(&io)?;
                }
                (Of::Image | Of::Objects, _) => {}
            }
        }
        if !values.is_empty() {
            return Err(bad(format!("{} bytes more", values.len())).into());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {

    use super::*;
    use crate::base::Shape;

    #[test]
    fn samples_lie_within_their_file() {
        let layout = Layout::plain(Shape::gray(1, 2), LabelKind::Class, 10);
        let said = config(&layout).to_string();
        let first = (4 + 3 * 4 + said.len()) as u32;
        for middle in [first - 1, first + 9, u32::MAX] {
            let mut shard = Vec::new();
            for number in [2, first, middle, first + 8] {
                shard.extend(number.to_le_bytes());
            }
            shard.extend(said.as_bytes());
            shard.extend([0; 8]);
            let read = |shard: &[u8]| {
                let mut collect = Collect::new(Want::Labels, &layout);
                read(shard, shard.len() as u64, Path::new("shard.mds"), &layout, &mut collect)
            };
            let said = read(&shard).expect_err("offsets that fall").to_string();
            assert!(said.contains("offsets that rise"), "{middle}: {said}");
        }
    }
}
