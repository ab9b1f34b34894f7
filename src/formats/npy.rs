//! `npy`: a `.npy` file for each array, as `numpy.save` writes it.

use std::path::Path;

use serde_json::Value;

use crate::base::Fault;

use super::arrays::{Array, Arrays, Constants, Scale};
use super::codec::npy::NpyHeader;
use super::codec::npz::npy_array;
use super::ways::{Member, SplitOf, Whole, WholeFile};
use super::{Batch, Columns, Describe, Facts, Opt, Options, Unfit, Way};

/// `.npy` files of whole splits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Npy {
    /// What the arrays look like.
    pub arrays: Arrays,
}

impl Describe for Npy {
    const NAMES: &'static [(&'static str, &'static str)] = &[("npy", "One .npy file per array")];

    fn takes(_: &Options) -> &'static [Opt] {
        Arrays::TAKES
    }

    fn of(_: &str, options: &Options, _: &Facts) -> Result<Self, Unfit> {
        Ok(Self { arrays: Arrays::of("npy", options, None)? })
    }

    fn name(&self) -> &'static str {
        "npy"
    }

    fn to_manifest(&self) -> Value {
        self.arrays.to_manifest("npy".into())
    }

    fn of_manifest(said: &Value) -> Option<Self> {
        Arrays::of_manifest(said)
            .filter(|(_, container)| *container == "npy")
            .map(|(arrays, _)| Self { arrays })
    }

    fn holds_frames(&self) -> bool {
        true
    }

    fn way(&self) -> Way<'_> {
        Way::Whole(self)
    }
}

impl Whole for Npy {
    fn files(&self, splits: &[SplitOf<'_>]) -> Vec<WholeFile> {
        let file = |number: usize, array: Array| WholeFile {
            name: format!("{}.npy", array.name),
            zip: false,
            head: Vec::new(),
            members: vec![Member {
                entry: String::new(),
                head: NpyHeader::encode(array.descr(), &array.axes),
                split: number,
                part: array.part,
                bytes: array.bytes(),
            }],
        };
        let splits = splits.iter().enumerate();
        splits
            .flat_map(|(number, split)| {
                self.arrays.arrays(split).into_iter().map(move |array| file(number, array))
            })
            .collect()
    }

    fn scale(&self) -> Option<Scale> {
        self.arrays.scale
    }

    fn x<'a>(
        &self,
        batch: &'a Batch,
        split: &SplitOf<'_>,
        constants: &Constants,
        room: &'a mut Vec<u8>,
    ) -> &'a [u8] {
        self.arrays.x(batch, split.layout, constants, room)
    }

    fn streams(&self, _: &SplitOf<'_>) -> bool {
        true
    }

    fn keeps_masks(&self) -> bool {
        true
    }

    fn append_y(&self, batch: &Batch, split: &SplitOf<'_>, out: &mut Vec<u8>) {
        self.arrays.append_y(batch, split.layout, out);
    }

    fn open(
        &self,
        folder: &Path,
        split: &SplitOf<'_>,
        constants: Option<&Constants>,
    ) -> Result<Columns, Fault> {
        self.arrays.columns(&folder.join("*.npy"), split, constants, |array| {
            let path = folder.join(format!("{}.npy", array.name));
            Ok(npy_array(&path, array.descr(), array.size(), &array.sides())?)
        })
    }
}
