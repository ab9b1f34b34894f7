//! `webdataset`, `webdataset-npy`: tar files whose entries belong together where their names begin with the same key.
//!
//! Entries of a sample are adjacent: `000000012.cls`, the class as decimal text, then `000000012.png`. Samples with several
//! labels have `000000012.json` instead of the class, with the classes that are present, or with the weight of each; composed images have
//! their boxes in it, and all samples their truth.
//!
//! Headers are POSIX ustar with owner 0, mode 0644 and time 0, so that the same samples give the same bytes.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use serde::Deserialize;
use serde_json::{Value, json};
use tar::{EntryType, Header};

use crate::base::sample::weights;
use crate::base::{Fault, Image, LabelKind};

use super::codec::npy::NpyHeader;
use super::codec::png::{Effort, PngEncoder};
use super::columns::{Broken, Collect, TRUTH, weight_text};
use super::ways::{Seam, ShardIn, Sharded};
use super::{Batch, Columns, Describe, Facts, Layout, Opt, Options, Pieces, Unfit, Want, Way};

/// tar shards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Webdataset {
    /// Whether images are `.npy` arrays instead of PNG files.
    pub npy: bool,
}

impl Describe for Webdataset {
    const NAMES: &'static [(&'static str, &'static str)] = &[
        ("webdataset", "Tar shards of PNG files and labels, for `webdataset`"),
        ("webdataset-npy", "Tar shards with .npy arrays instead of PNG files"),
    ];

    fn takes(_: &Options) -> &'static [Opt] {
        Opt::OF_SHARDS
    }

    fn of(name: &str, _: &Options, _: &Facts) -> Result<Self, Unfit> {
        Ok(Self { npy: name == Self::NAMES[1].0 })
    }

    fn name(&self) -> &'static str {
        Self::NAMES[usize::from(self.npy)].0
    }

    fn to_manifest(&self) -> Value {
        json!({ "webdataset": { "npy": self.npy } })
    }

    fn of_manifest(said: &Value) -> Option<Self> {
        Some(Self { npy: said.get("webdataset")?.get("npy")?.as_bool()? })
    }

    fn check_split(&self, name: &str) -> Result<(), Unfit> {
        if !name.contains(['{', '}']) {
            return Ok(());
        }
        Err(Unfit::new(
            "webdataset",
            format!(
                "webdataset takes braces in names of files for several files, and the split is called {name:?}"
            ),
            "name a single file's split with --split NAME, or choose another --format",
        ))
    }

    fn holds_frames(&self) -> bool {
        self.npy
    }

    fn way(&self) -> Way<'_> {
        Way::Shards(self)
    }
}

impl Sharded for Webdataset {
    fn shard_name(&self, split: &str, k: u64, _: u64) -> String {
        format!("{split}-{k:06}.tar")
    }

    fn seam(&self) -> Option<Seam> {
        Some(Seam::Tail(2 * BLOCK))
    }

    fn encode<'a>(&self, shard: ShardIn<'a>, room: &'a mut Vec<u8>) -> io::Result<Pieces<'a>> {
        let payload = if self.npy { Payload::Npy } else { Payload::Png(Effort::of(shard.layout.shape)) };
        encode(shard.batch, shard.layout, shard.first, payload, room)?;
        Ok(vec![Cow::Borrowed(&room[..])])
    }

    fn decode(&self, path: &Path, layout: &Layout, rows: u64, want: Want) -> Result<Columns, Fault> {
        let file = File::open(path).map_err(Broken::io(path))?;
        let mut collect = Collect::new(want, layout);
        read(BufReader::with_capacity(1 << 16, file), path, layout, &mut collect)?;
        Ok(collect.finish(path, layout, rows)?)
    }
}

/// The weights of classes, which as floats of 32 bits are what they were.
#[derive(Deserialize)]
struct Weights {
    weights: Vec<f32>,
}

/// The largest entry that is read, in bytes: a picture of the largest sides would not fit into memory anyway.
const LARGEST_ENTRY: u64 = 1 << 30;

/// Reads all samples of a tar file. Keys are not compared: entries of a sample are adjacent and in the order in which they were written.
fn read(from: impl Read, path: &Path, layout: &Layout, collect: &mut Collect) -> Result<(), Fault> {
    let io = Broken::io(path);
    let shape = layout.shape;
    let mut archive = tar::Archive::new(from);
    let mut content = Vec::new();
    for entry in archive.entries().map_err(&io)? {
        let mut entry = entry.map_err(&io)?;
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let bad = |expected: &str, found: String| Broken::form(path, format!("{expected} in {name}"), found);
        let ending = name.rsplit('.').next().unwrap_or_default();
        let wanted = match ending {
            "cls" => layout.labels == LabelKind::Class,
            "json" => layout.labels != LabelKind::Class || !layout.truth.is_empty(),
            "png" | "npy" => collect.wants_pixels(),
            other => return Err(bad("a label or an image", format!("{other:?}")).into()),
        };
        if !wanted {
            continue;
        }
        if entry.size() > LARGEST_ENTRY {
            return Err(bad("a label or an image", format!("{} bytes", entry.size())).into());
        }
        content.clear();
        entry.read_to_end(&mut content).map_err(&io)?;
        match ending {
            "cls" => {
                let class =
                    std::str::from_utf8(&content).ok().and_then(|text| text.trim().parse::<u8>().ok());
                let class = class.ok_or_else(|| bad("a class id", format!("{} bytes", content.len())))?;
                collect.label(&[class]).map_err(&io)?;
            }
            "json" => {
                let json = |error: serde_json::Error| bad("JSON", error.to_string());
                let said: Value = serde_json::from_slice(&content).map_err(json)?;
                match layout.labels {
                    LabelKind::Class => {}
                    LabelKind::MultiHot => {
                        let mut flags = vec![0; layout.classes];
                        for class in
                            said["labels"].as_array().ok_or_else(|| bad("labels", said.to_string()))?
                        {
                            let flag =
                                class.as_u64().and_then(|class| flags.get_mut(usize::try_from(class).ok()?));
                            *flag.ok_or_else(|| bad("classes", class.to_string()))? = 1;
                        }
                        collect.label(&flags).map_err(&io)?;
                    }
                    LabelKind::Soft => {
                        let Weights { weights } = serde_json::from_slice(&content).map_err(json)?;
                        let bytes: Vec<u8> = weights.iter().flat_map(|weight| weight.to_le_bytes()).collect();
                        if bytes.len() != layout.y() {
                            let found = weights.len().to_string();
                            return Err(bad(&format!("{} weights", layout.classes), found).into());
                        }
                        collect.label(&bytes).map_err(&io)?;
                    }
                }
                for (column, name) in layout.truth.iter().enumerate() {
                    let value = &said[format!("{TRUTH}{name}")];
                    let value =
                        value.as_i64().ok_or_else(|| bad(&format!("{TRUTH}{name}"), value.to_string()))?;
                    collect.truth(column, value).map_err(&io)?;
                }
            }
            "png" => collect.png(&content, path, layout)?,
            _ => {
                let mut rest = &content[..];
                let header =
                    NpyHeader::read(&mut rest).map_err(|error| bad("a NumPy array", error.to_string()))?;
                let axes: Vec<u64> = layout.x_axes().iter().map(|&side| side as u64).collect();
                if header.descr != "|u1"
                    || header.fortran_order
                    || header.shape != axes
                    || rest.len() != shape.bytes()
                {
                    return Err(bad("an image", format!("{} {:?}", header.descr, header.shape)).into());
                }
                collect.pixels(rest).map_err(&io)?;
            }
        }
    }
    Ok(())
}

/// Tar files are made of blocks of so many bytes; two empty ones end the file.
const BLOCK: usize = 512;

/// What holds the pixels of a sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Payload {
    /// A PNG file.
    Png(Effort),
    /// A NumPy array (H, W) or (H, W, 3) of u8.
    Npy,
}

/// Encodes a batch whose first sample has index `first` as one tar file into `out`, whose content is replaced.
///
/// # Errors
/// If an index does not fit into a name; with less than 10^90 samples that does not happen.
fn encode(batch: &Batch, layout: &Layout, first: u64, payload: Payload, out: &mut Vec<u8>) -> io::Result<()> {
    let (pixels, cells) = (layout.shape.bytes(), layout.cells());
    out.clear();
    out.reserve(batch.rows * (4 * BLOCK + pixels + pixels / 8) + 2 * BLOCK);
    let mut png = PngEncoder::new(match payload {
        Payload::Png(effort) => effort,
        Payload::Npy => Effort::Stored,
    });
    let npy = NpyHeader::encode("|u1", &layout.x_axes());
    let mut tar = Tar { out, header: template(), name: String::new() };
    let mut text = String::new();
    for row in 0..batch.rows {
        let index = first + row as u64;
        let y = &batch.y[row * layout.y()..(row + 1) * layout.y()];
        if layout.labels == LabelKind::Class {
            text.clear();
            let _ = write!(text, "{}", y[0]);
            tar.entry(index, "cls", |out| out.extend_from_slice(text.as_bytes()))?;
        }
        if layout.labels != LabelKind::Class || layout.grid.is_some() || !layout.truth.is_empty() {
            text.clear();
            let at = row * cells..(row + 1) * cells;
            let boxes = batch.boxes[4 * at.start..4 * at.end].as_chunks::<4>().0;
            let truth = &batch.truth[row * layout.truth.len()..(row + 1) * layout.truth.len()];
            write_json(&mut text, layout, y, &batch.cells[at], boxes, truth);
            tar.entry(index, "json", |out| out.extend_from_slice(text.as_bytes()))?;
        }
        let image = Image::new(layout.shape, &batch.x[row * pixels..(row + 1) * pixels]);
        match payload {
            Payload::Png(_) => tar.entry(index, "png", |out| png.encode(image, out))?,
            Payload::Npy => tar.entry(index, "npy", |out| {
                out.extend_from_slice(&npy);
                out.extend_from_slice(image.data);
            })?,
        }
    }
    let end = tar.out.len() + 2 * BLOCK;
    tar.out.resize(end, 0);
    Ok(())
}

/// What a class alone does not say: `labels`, the classes that are present, or `weights`, that of each class; for composed images `bbox`,
/// each `[x, y, width, height]` in pixels, and `categories`, the class of each box; and `truth_NAME`.
fn write_json(
    text: &mut String,
    layout: &Layout,
    y: &[u8],
    cells: &[i16],
    boxes: &[[i32; 4]],
    truth: &[i64],
) {
    let mut list = |name: &str, items: &mut dyn Iterator<Item = String>| {
        let _ = write!(text, "{}\"{name}\": [", if text.is_empty() { "{" } else { ", " });
        for (i, item) in items.enumerate() {
            text.push_str(if i > 0 { ", " } else { "" });
            text.push_str(&item);
        }
        text.push(']');
    };
    let objects = || cells.iter().zip(boxes).filter(|(class, _)| **class >= 0);
    if layout.grid.is_some() {
        list(
            "bbox",
            &mut objects().map(|(_, &[x0, y0, x1, y1])| format!("[{x0}, {y0}, {}, {}]", x1 - x0, y1 - y0)),
        );
        list("categories", &mut objects().map(|(class, _)| class.to_string()));
    }
    if layout.labels == LabelKind::MultiHot {
        let present = y.iter().enumerate().filter(|(_, flag)| **flag != 0);
        list("labels", &mut present.map(|(class, _)| class.to_string()));
    }
    if layout.labels == LabelKind::Soft {
        list("weights", &mut weights(y).map(weight_text));
    }
    for (name, value) in layout.truth.iter().zip(truth) {
        let _ = write!(text, "{}\"{TRUTH}{name}\": {value}", if text.is_empty() { "{" } else { ", " });
    }
    text.push('}');
}

/// A header with everything but name, size and checksum.
fn template() -> Header {
    let mut header = Header::new_ustar();
    header.set_entry_type(EntryType::Regular);
    header.set_mode(0o644);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(0);
    header
}

/// A tar file in the making.
struct Tar<'a> {
    out: &'a mut Vec<u8>,
    header: Header,
    name: String,
}

impl Tar<'_> {
    /// Appends an entry of sample `index`, whose content `write` appends.
    fn entry(&mut self, index: u64, extension: &str, write: impl FnOnce(&mut Vec<u8>)) -> io::Result<()> {
        let start = self.out.len();
        self.out.resize(start + BLOCK, 0);
        write(self.out);
        let size = self.out.len() - start - BLOCK;
        self.name.clear();
        let _ = write!(self.name, "{index:09}.{extension}");
        self.header.set_path(&self.name)?;
        self.header.set_size(size as u64);
        self.header.set_cksum();
        self.out[start..start + BLOCK].copy_from_slice(self.header.as_bytes());
        self.out.resize(start + BLOCK + size.next_multiple_of(BLOCK), 0);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;
    use std::path::Path;

    use super::*;
    use crate::base::{Grid, Shape};
    use crate::formats::codec::picture;

    fn entries(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
        let mut archive = tar::Archive::new(bytes);
        archive
            .entries()
            .unwrap()
            .map(|entry| {
                let mut entry = entry.unwrap();
                let header = entry.header();
                assert!(header.as_ustar().is_some());
                assert_eq!(
                    (header.mtime().unwrap(), header.uid().unwrap(), header.gid().unwrap()),
                    (0, 0, 0)
                );
                assert_eq!(header.mode().unwrap(), 0o644);
                let name = entry.path().unwrap().display().to_string();
                let mut content = Vec::new();
                entry.read_to_end(&mut content).unwrap();
                (name, content)
            })
            .collect()
    }

    #[test]
    fn a_class_and_an_image_for_each_key() {
        let layout = Layout::plain(Shape::rgb(3, 5), LabelKind::Class, 256);
        let mut batch = Batch::default();
        batch.reset(&layout, 2);
        batch.x.iter_mut().enumerate().for_each(|(i, v)| *v = (i * 3 % 256) as u8);
        batch.y.copy_from_slice(&[7, 255]);
        let mut out = b"old".to_vec();
        encode(&batch, &layout, 41, Payload::Png(Effort::Stored), &mut out).unwrap();
        assert_eq!(out.len() % BLOCK, 0);
        assert_eq!(out[out.len() - 2 * BLOCK..], [0; 2 * BLOCK]);
        let found = entries(&out);
        let names: Vec<_> = found.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["000000041.cls", "000000041.png", "000000042.cls", "000000042.png"]);
        assert_eq!((&found[0].1[..], &found[2].1[..]), (&b"7"[..], &b"255"[..]));
        assert_eq!(picture::read_bytes(&found[3].1, Path::new("x")).unwrap().data, batch.x[45..]);

        encode(&batch, &layout, 0, Payload::Npy, &mut out).unwrap();
        let found = entries(&out);
        assert_eq!(found[1].0, "000000000.npy");
        let header = NpyHeader::read(&mut &found[1].1[..]).unwrap();
        assert_eq!((header.shape, &found[1].1[header.length as usize..]), (vec![3, 5, 3], &batch.x[..45]));
    }

    #[test]
    fn composed_images_have_their_boxes_and_classes() {
        let grid = Some(Grid { rows: 1, columns: 2 });
        let layout = Layout { grid, ..Layout::plain(Shape::gray(1, 1), LabelKind::MultiHot, 3) };
        let mut batch = Batch::default();
        batch.reset(&layout, 2);
        batch.y.copy_from_slice(&[0, 0, 0, 0, 1, 1]);
        batch.cells.copy_from_slice(&[-1, -1, 2, 1]);
        batch.boxes.copy_from_slice(&[-1, -1, -1, -1, -1, -1, -1, -1, 0, 1, 4, 6, 7, 8, 9, 10]);
        let mut out = Vec::new();
        encode(&batch, &layout, 0, Payload::Png(Effort::Runs), &mut out).unwrap();
        let json: Vec<serde_json::Value> = entries(&out)
            .iter()
            .filter(|(name, _)| name.contains(".json"))
            .map(|(_, content)| serde_json::from_slice(content).unwrap())
            .collect();
        assert_eq!(json[0], serde_json::json!({ "bbox": [], "categories": [], "labels": [] }));
        assert_eq!(
            json[1],
            serde_json::json!({ "bbox": [[0, 1, 4, 5], [7, 8, 2, 2]], "categories": [2, 1], "labels": [1, 2] })
        );
    }
}
