//! `idx`: files of images and of labels as MNIST has them, where torchvision looks for them.

use std::path::Path;

use serde_json::Value;

use crate::base::{Fault, LabelKind, Pass, Schema};
use crate::names;

use super::arrays::{Arrays, Constants};
use super::codec::idx::{Content, Expect, Idx as IdxFile};
use super::columns::Broken;
use super::ways::{Member, Part, SplitOf, Whole, WholeFile};
use super::{Batch, Columns, Describe, Facts, Layout, Opt, Options, Unfit, Way};

/// Where `torchvision.datasets.MNIST(root)` looks, below its root.
const FOLDER: &str = "MNIST/raw/";

/// IDX files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Idx {
    /// Level of the gzip around the files; none: as they are.
    pub packed: Option<u8>,
}

impl Idx {
    /// Names of the files of a split: images and labels.
    fn names(self, split: &str) -> [String; 2] {
        let (split, gz) = (names::idx_prefix(split), if self.packed.is_some() { ".gz" } else { "" });
        ["images-idx3", "labels-idx1"].map(|what| format!("{FOLDER}{split}-{what}-ubyte{gz}"))
    }
}

impl Describe for Idx {
    const NAMES: &'static [(&'static str, &'static str)] =
        &[("idx", "IDX files as MNIST has them, where torchvision looks for them")];

    fn takes(_: &Options) -> &'static [Opt] {
        &[Opt::Compress]
    }

    fn of(_: &str, options: &Options, _: &Facts) -> Result<Self, Unfit> {
        Ok(Self { packed: options.level(None) })
    }

    fn name(&self) -> &'static str {
        "idx"
    }

    fn to_manifest(&self) -> Value {
        Arrays { packed: self.packed, ..Arrays::PLAIN }.to_manifest("idx".into())
    }

    fn of_manifest(said: &Value) -> Option<Self> {
        Arrays::of_manifest(said)
            .filter(|(_, container)| *container == "idx")
            .map(|(arrays, _)| Self { packed: arrays.packed })
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
            let (axes, part) = if at == 0 {
                (vec![rows, shape.height as u64, shape.width as u64], Part::X)
            } else {
                (vec![rows], Part::Y)
            };
            let [images, labels] = self.names(split.name);
            WholeFile {
                name: if at == 0 { images } else { labels },
                zip: false,
                head: Vec::new(),
                members: vec![Member {
                    entry: String::new(),
                    head: head(&axes),
                    split: number,
                    part,
                    bytes: axes.iter().fold(1, |bytes, &n| bytes.saturating_mul(n)),
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

    fn x<'a>(&self, batch: &'a Batch, _: &Layout, _: &Constants, _: &'a mut Vec<u8>) -> &'a [u8] {
        &batch.x
    }

    fn append_y(&self, batch: &Batch, _: &Layout, out: &mut Vec<u8>) {
        out.extend(&batch.y);
    }

    fn class_list_folder(&self) -> &'static str {
        FOLDER
    }

    fn open(&self, folder: &Path, split: &SplitOf<'_>, _: Option<&Constants>) -> Result<Columns, Fault> {
        let [images, labels] = self.names(split.name).map(|name| folder.join(name));
        let x = IdxFile::open(&images, Expect::Images, &Pass::default())?;
        let y = IdxFile::open(&labels, Expect::Labels, &Pass::default())?;
        let (expected, shape) = (split.rows, split.layout.shape);
        if x.content != (Content::Images { count: expected, shape }) {
            let found = format!("{:?}", x.content);
            return Err(Broken::form(&images, format!("{expected} images of {shape}"), found).into());
        }
        if y.content != (Content::Labels { count: expected }) {
            let found = format!("{:?}", y.content);
            return Err(Broken::form(&labels, format!("{expected} labels"), found).into());
        }
        Ok(Columns { x: x.body, y: y.body, objects: None })
    }
}

/// Two zero bytes, type 8 (unsigned bytes), the number of axes, and their lengths, big-endian.
fn head(axes: &[u64]) -> Vec<u8> {
    let mut head = vec![0, 0, 8, axes.len() as u8];
    for &side in axes {
        head.extend((side as u32).to_be_bytes());
    }
    head
}
