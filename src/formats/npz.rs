//! `npz`: one file, `data.npz`, with `x_train`, `y_train`, ... as `numpy.savez` writes it and `keras.datasets` has it.

use std::path::Path;

use serde_json::Value;

use crate::base::Fault;

use super::arrays::{Arrays, Constants, Scale};
use super::codec::npy::NpyHeader;
use super::codec::npz::Npz as NpzFile;
use super::ways::{Member, SplitOf, Whole, WholeFile};
use super::{Batch, Columns, Describe, Facts, Opt, Options, Unfit, Way};

const FILE: &str = "data.npz";

/// One NPZ file of whole splits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Npz {
    /// What its arrays look like.
    pub arrays: Arrays,
}

impl Describe for Npz {
    const NAMES: &'static [(&'static str, &'static str)] =
        &[("npz", "One file, data.npz, with x_train, y_train, x_test, ...")];

    fn takes(_: &Options) -> &'static [Opt] {
        &[
            Opt::Compress,
            Opt::Dtype,
            Opt::Scale,
            Opt::OneHot,
            Opt::Flatten,
            Opt::AddChannel,
            Opt::ChannelsFirst,
            Opt::Keys,
        ]
    }

    fn of(_: &str, options: &Options, facts: &Facts) -> Result<Self, Unfit> {
        Ok(Self { arrays: Arrays::of("npz", options, options.level(facts.gray.then_some(1)))? })
    }

    fn name(&self) -> &'static str {
        "npz"
    }

    fn to_manifest(&self) -> Value {
        self.arrays.to_manifest("npz".into())
    }

    fn of_manifest(said: &Value) -> Option<Self> {
        Arrays::of_manifest(said)
            .filter(|(_, container)| *container == "npz")
            .map(|(arrays, _)| Self { arrays })
    }

    fn holds_frames(&self) -> bool {
        true
    }

    fn way(&self) -> Way<'_> {
        Way::Whole(self)
    }
}

impl Whole for Npz {
    fn files(&self, splits: &[SplitOf<'_>]) -> Vec<WholeFile> {
        let members = splits.iter().enumerate().flat_map(|(number, split)| {
            self.arrays.arrays(split).into_iter().map(move |array| Member {
                entry: format!("{}.npy", array.name),
                head: NpyHeader::encode(array.descr(), &array.axes),
                split: number,
                part: array.part,
                bytes: array.bytes(),
            })
        });
        vec![WholeFile { name: FILE.into(), zip: true, head: Vec::new(), members: members.collect() }]
    }

    fn scale(&self) -> Option<Scale> {
        self.arrays.scale
    }

    fn compression(&self) -> Option<u8> {
        self.arrays.packed
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
        let path = folder.join(FILE);
        let mut npz = NpzFile::open(&path)?;
        self.arrays.columns(&path, split, constants, |array| {
            Ok(npz.array(&array.name, array.descr(), array.size(), &array.sides())?)
        })
    }
}
