//! `idx`: files of images and of labels as MNIST has them, where torchvision looks for them: under `MNIST/raw/`, or, where all images come from
//! another collection that torchvision has a class for, where that class looks.

use std::path::Path;

use serde_json::{Value, json};

use crate::base::{Fault, LabelKind, Pass, Schema};
use crate::names;

use super::arrays::{Arrays, Constants};
use super::codec::idx::{Content, Expect, Idx as IdxFile};
use super::codec::numpy_arrays::Arrays as NumpyArrays;
use super::collections::{COLLECTIONS, Torchvision};
use super::columns::Broken;
use super::ways::{Member, Part, SplitOf, Whole, WholeFile};
use super::{Batch, Columns, Describe, Facts, Opt, Options, Spool, Unfit, Way};

/// Where `torchvision.datasets.MNIST(root)` looks, below its root.
const MNIST: Torchvision = Torchvision { folder: "MNIST/raw/", prefix: "", extended: false };

/// Integers of a row of extended labels.
const EXTENDED: usize = 8;

/// IDX files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Idx {
    /// Level of the gzip around the files; none: as they are.
    pub packed: Option<u8>,
    /// Where torchvision looks, and what for.
    pub place: Torchvision,
}

impl Idx {
    /// Names of the files of a split: images and labels.
    fn names(self, split: &str) -> [String; 2] {
        let Torchvision { folder, prefix, extended } = self.place;
        // MNIST's authors alone call it t10k.
        let split = if prefix.is_empty() { names::idx_prefix(split) } else { split };
        let gz = if self.packed.is_some() { ".gz" } else { "" };
        let labels = if extended { "labels-idx2-int" } else { "labels-idx1-ubyte" };
        ["images-idx3-ubyte", labels].map(|what| format!("{folder}{prefix}{split}-{what}{gz}"))
    }

    /// The classes of a split, as its file of labels has them.
    fn labels(self, path: &Path, rows: u64) -> Result<Spool, Fault> {
        if !self.place.extended {
            let y = IdxFile::open(path, Expect::Labels, &Pass::default())?;
            return match y.content {
                Content::Labels { count } if count == rows => Ok(y.body),
                other => Err(Broken::form(path, format!("{rows} labels"), format!("{other:?}")).into()),
            };
        }
        let mut array = NumpyArrays::idx("labels", path);
        let found = array.describe("labels")?.shape;
        if found != [rows] {
            return Err(Broken::form(path, format!("{rows} rows of labels"), format!("{found:?}")).into());
        }
        Ok(array.bytes("labels", None)?.0)
    }
}

impl Describe for Idx {
    const NAMES: &'static [(&'static str, &'static str)] =
        &[("idx", "IDX files as MNIST has them, where torchvision looks for them")];

    fn takes(_: &Options) -> &'static [Opt] {
        &[Opt::Compress]
    }

    fn of(_: &str, options: &Options, facts: &Facts) -> Result<Self, Unfit> {
        let place = facts.collection.and_then(|collection| collection.torchvision).unwrap_or(MNIST);
        Ok(Self { packed: options.level(None), place })
    }

    fn name(&self) -> &'static str {
        "idx"
    }

    fn to_manifest(&self) -> Value {
        let Torchvision { folder, prefix, .. } = self.place;
        let container =
            if self.place == MNIST { "idx".into() } else { json!({ "idx": format!("{folder}{prefix}") }) };
        Arrays { packed: self.packed, ..Arrays::PLAIN }.to_manifest(container)
    }

    fn of_manifest(said: &Value) -> Option<Self> {
        let (Arrays { packed, .. }, container) = Arrays::of_manifest(said)?;
        if container == "idx" {
            return Some(Self { packed, place: MNIST });
        }
        let name = container.get("idx")?.as_str()?;
        let mut places = COLLECTIONS.iter().filter_map(|collection| collection.torchvision);
        let place = places.find(|place| name.strip_prefix(place.folder) == Some(place.prefix))?;
        Some(Self { packed, place })
    }

    fn check(&self, schema: &Schema) -> Result<(), Unfit> {
        if schema.shape.channels() == 3 {
            return Err(Unfit::new(
                "idx",
                "IDX readers, torchvision's among them, take gray images only (three dimensions)",
                "add --gray, or choose another --format",
            ));
        }
        match schema.labels {
            LabelKind::Class => Ok(()),
            LabelKind::MultiHot => Err(Unfit::new(
                "idx",
                "an IDX file of labels has one class for each image",
                "choose another --format, such as npz",
            )),
            LabelKind::Soft => Err(Unfit::new(
                "idx",
                "an IDX file of labels has one class for each image, and these have a weight for each class",
                "choose another --format, such as npz",
            )),
        }
    }

    fn way(&self) -> Way<'_> {
        Way::Whole(self)
    }
}

impl Whole for Idx {
    fn files(&self, splits: &[SplitOf<'_>]) -> Vec<WholeFile> {
        let file = |number: usize, split: &SplitOf<'_>, at: usize| {
            let (shape, rows) = (split.layout.shape, split.rows);
            let (kind, axes, part) = match (at, self.place.extended) {
                (0, _) => (BYTES, vec![rows, shape.height as u64, shape.width as u64], Part::X),
                (_, false) => (BYTES, vec![rows], Part::Y),
                (_, true) => (INTEGERS, vec![rows, EXTENDED as u64], Part::Y),
            };
            let size = if kind == INTEGERS { 4 } else { 1 };
            let [images, labels] = self.names(split.name);
            WholeFile {
                name: if at == 0 { images } else { labels },
                zip: false,
                head: Vec::new(),
                members: vec![Member {
                    entry: String::new(),
                    head: head(kind, &axes),
                    split: number,
                    part,
                    bytes: axes.iter().fold(size, |bytes, &n| bytes.saturating_mul(n)),
                }],
            }
        };
        splits
            .iter()
            .enumerate()
            .flat_map(|(number, split)| [0, 1].map(|at| file(number, split, at)))
            .collect()
    }

    fn compression(&self) -> Option<u8> {
        self.packed
    }

    fn x<'a>(&self, batch: &'a Batch, _: &SplitOf<'_>, _: &Constants, _: &'a mut Vec<u8>) -> &'a [u8] {
        &batch.x
    }

    fn append_y(&self, batch: &Batch, _: &SplitOf<'_>, out: &mut Vec<u8>) {
        if self.place.extended {
            batch.y.iter().for_each(|&class| extended_row(class, out));
        } else {
            out.extend(&batch.y);
        }
    }

    fn keeps_truth(&self) -> bool {
        false
    }

    fn class_list_folder(&self) -> &'static str {
        self.place.folder
    }

    fn open(&self, folder: &Path, split: &SplitOf<'_>, _: Option<&Constants>) -> Result<Columns, Fault> {
        let [images, labels] = self.names(split.name).map(|name| folder.join(name));
        let x = IdxFile::open(&images, Expect::Images, &Pass::default())?;
        let (expected, shape) = (split.rows, split.layout.shape);
        if x.content != (Content::Images { count: expected, shape }) {
            let found = format!("{:?}", x.content);
            return Err(Broken::form(&images, format!("{expected} images of {shape}"), found).into());
        }
        let y = self.labels(&labels, expected)?;
        Ok(Columns { x: x.body, y, mask: None, truth: Vec::new(), objects: None })
    }
}

/// Appends a row as QMNIST has it: class, series, writer, number of the digit, NIST's class (its ASCII code), number of the image,
/// whether it is a duplicate, and a zero. What follows from the class is said; of what is not known there is -1.
fn extended_row(class: u8, out: &mut Vec<u8>) {
    let class = i32::from(class);
    let code = if class < 10 { i32::from(b'0') + class } else { -1 };
    let row: [i32; EXTENDED] = [class, -1, -1, -1, code, -1, 0, 0];
    for value in row {
        out.extend(value.to_be_bytes());
    }
}

/// Codes of types in such files.
const BYTES: u8 = 0x08;
const INTEGERS: u8 = 0x0c;

/// Two zero bytes, the type, the number of axes, and their lengths, big-endian.
fn head(kind: u8, axes: &[u64]) -> Vec<u8> {
    let mut head = vec![0, 0, kind, axes.len() as u8];
    for &side in axes {
        head.extend((side as u32).to_be_bytes());
    }
    head
}
