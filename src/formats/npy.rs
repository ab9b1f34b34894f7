//! `npy`: a `.npy` file for each array, as `numpy.save` writes it.

use std::path::Path;

use serde_json::Value;

use crate::base::Fault;

use super::arrays::{Arrays, Constants, Scale};
use super::codec::npy::NpyHeader;
use super::codec::npz::npy_array;
use super::ways::{Member, Part, SplitOf, Whole, WholeFile};
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
        let file = |number: usize, split: &SplitOf<'_>, at: usize| {
            let (axes, dtype) = (&self.arrays.axes(split.rows, split.layout)[at], self.arrays.dtypes()[at]);
            WholeFile {
                name: format!("{}.npy", self.arrays.keys.of(split.name)[at]),
                zip: false,
                head: Vec::new(),
                members: vec![Member {
                    entry: String::new(),
                    head: NpyHeader::encode(dtype.descr(), axes),
                    split: number,
                    part: [Part::X, Part::Y][at],
                    bytes: axes.iter().fold(dtype.size() as u64, |bytes, &n| bytes.saturating_mul(n as u64)),
                }],
            }
        };
        splits
            .iter()
            .enumerate()
            .flat_map(|(number, split)| [0, 1].map(|at| file(number, split, at)))
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

    fn append_y(&self, batch: &Batch, split: &SplitOf<'_>, out: &mut Vec<u8>) {
        self.arrays.append_y(batch, split.layout, out);
    }

    fn open(
        &self,
        folder: &Path,
        split: &SplitOf<'_>,
        constants: Option<&Constants>,
    ) -> Result<Columns, Fault> {
        let names = self.arrays.keys.of(split.name);
        let array = |part: usize| {
            let (axes, dtype) =
                (&self.arrays.axes(split.rows, split.layout)[part], self.arrays.dtypes()[part]);
            let axes: Vec<u64> = axes.iter().map(|&n| n as u64).collect();
            npy_array(&folder.join(format!("{}.npy", names[part])), dtype.descr(), dtype.size() as u64, &axes)
        };
        self.arrays.columns(
            &folder.join("*.npy"),
            [array(0)?, array(1)?],
            split.layout,
            split.rows,
            constants,
        )
    }
}
