//! `safetensors`: one file, `data.safetensors`: a header in JSON, then all tensors, one after the other.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use crate::base::Fault;

use super::arrays::{Array, Arrays, Constants, Scale};
use super::columns::Broken;
use super::ways::{Member, SplitOf, Whole, WholeFile};
use super::{Batch, Columns, Describe, Facts, Opt, Options, Spool, Unfit, Way};

const FILE: &str = "data.safetensors";

/// The largest header that is read, in bytes.
const LONGEST_HEADER: u64 = 16 << 20;

/// One safetensors file of whole splits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Safetensors {
    /// What its tensors look like.
    pub arrays: Arrays,
}

impl Describe for Safetensors {
    const NAMES: &'static [(&'static str, &'static str)] = &[("safetensors", "One file, data.safetensors")];

    fn takes(_: &Options) -> &'static [Opt] {
        Arrays::TAKES
    }

    fn of(_: &str, options: &Options, _: &Facts) -> Result<Self, Unfit> {
        Ok(Self { arrays: Arrays::of("safetensors", options, None)? })
    }

    fn name(&self) -> &'static str {
        "safetensors"
    }

    fn to_manifest(&self) -> Value {
        self.arrays.to_manifest("safetensors".into())
    }

    fn of_manifest(said: &Value) -> Option<Self> {
        Arrays::of_manifest(said)
            .filter(|(_, container)| *container == "safetensors")
            .map(|(arrays, _)| Self { arrays })
    }

    fn holds_frames(&self) -> bool {
        true
    }

    fn way(&self) -> Way<'_> {
        Way::Whole(self)
    }
}

impl Whole for Safetensors {
    fn files(&self, splits: &[SplitOf<'_>]) -> Vec<WholeFile> {
        let tensors: Vec<Vec<Array>> = splits.iter().map(|split| self.arrays.arrays(split)).collect();
        let member = |split: usize, tensor: &Array| Member {
            entry: String::new(),
            head: Vec::new(),
            split,
            part: tensor.part,
            bytes: tensor.bytes(),
        };
        let of_split = |(k, tensors): (usize, &Vec<Array>)| {
            tensors.iter().map(|tensor| member(k, tensor)).collect::<Vec<_>>()
        };
        let members = tensors.iter().enumerate().flat_map(of_split).collect();
        vec![WholeFile { name: FILE.into(), zip: false, head: header(&tensors.concat()), members }]
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
        let file = Arc::new(File::open(&path).map_err(Broken::io(&path))?);
        let (entries, start, length) = read_header(&path, &file)?;
        self.arrays.columns(&path, split, constants, |tensor| {
            let expected = json!({ "dtype": tensor.tensor(), "shape": tensor.axes });
            let found = entries.get(&tensor.name);
            let number = |i: usize| found?["data_offsets"].get(i)?.as_u64();
            let ends = number(0).zip(number(1)).filter(|(from, to)| {
                to.checked_sub(*from) == Some(tensor.bytes())
                    && start.checked_add(*to).is_some_and(|end| end <= length)
            });
            match (found, ends) {
                (Some(found), Some((from, _)))
                    if found["dtype"] == expected["dtype"] && found["shape"] == expected["shape"] =>
                {
                    Ok(Spool::File { file: Arc::clone(&file), start: start + from })
                }
                _ => Err(Broken::form(
                    &path,
                    format!("the tensor {} {expected}", tensor.name),
                    found.map_or_else(|| "no such tensor".to_owned(), Value::to_string),
                )
                .into()),
            }
        })
    }
}

/// What the header says, where the tensors begin, and the length of the file.
fn read_header(path: &Path, mut file: &File) -> Result<(Map<String, Value>, u64, u64), Broken> {
    let io = Broken::io(path);
    let length = file.metadata().map_err(&io)?.len();
    let mut size = [0; 8];
    file.read_exact(&mut size).map_err(&io)?;
    let size = u64::from_le_bytes(size);
    if size > LONGEST_HEADER || size + 8 > length {
        return Err(Broken::form(
            path,
            "a safetensors header",
            format!("one of {size} bytes in a file of {length}"),
        ));
    }
    let mut text = vec![0; size as usize];
    file.read_exact(&mut text).map_err(&io)?;
    match serde_json::from_slice(&text) {
        Ok(entries) => Ok((entries, size + 8, length)),
        Err(error) => Err(Broken::form(path, "a safetensors header, which is JSON", error.to_string())),
    }
}

/// The header of a file with these tensors in this order: its length (8 bytes, little-endian), then JSON, padded with spaces for the
/// tensors to begin at a multiple of 8.
fn header(tensors: &[Array]) -> Vec<u8> {
    let mut entries = Map::new();
    entries.insert("__metadata__".into(), json!({ "format": "np" }));
    let mut at = 0;
    for tensor in tensors {
        let end = at + tensor.bytes();
        entries.insert(
            tensor.name.clone(),
            json!({ "dtype": tensor.tensor(), "shape": tensor.axes, "data_offsets": [at, end] }),
        );
        at = end;
    }
    let mut text = Value::Object(entries).to_string().into_bytes();
    text.resize(text.len().next_multiple_of(8), b' ');
    let mut head = (text.len() as u64).to_le_bytes().to_vec();
    head.append(&mut text);
    head
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::arrays::{Dtype, Of};
    use crate::formats::ways::Part;
    use ::safetensors::SafeTensors;

    fn array(name: &str, part: Part, of: Of, axes: &[usize]) -> Array {
        Array { name: name.into(), part, of, axes: axes.into() }
    }

    #[test]
    fn the_reference_implementation_reads_it() {
        let tensors = [
            array("x_train", Part::X, Of::Values(Dtype::U8), &[2, 1, 3]),
            array("y_train", Part::Y, Of::Values(Dtype::F32), &[2]),
            array("truth_a_train", Part::Truth(0), Of::Integers, &[2]),
        ];
        let mut file = header(&tensors);
        file.extend([1, 2, 3, 4, 5, 6]);
        file.extend([1.5_f32, -2.0].map(f32::to_le_bytes).as_flattened());
        file.extend([7_i64, -1].map(i64::to_le_bytes).as_flattened());
        let read = SafeTensors::deserialize(&file).unwrap();
        let x = read.tensor("x_train").unwrap();
        assert_eq!((x.shape(), x.data()), (&[2, 1, 3][..], &[1, 2, 3, 4, 5, 6][..]));
        assert_eq!(read.tensor("y_train").unwrap().shape(), [2]);
        let truth = read.tensor("truth_a_train").unwrap();
        assert_eq!(
            (truth.dtype(), truth.data()[..8].as_chunks().0),
            (::safetensors::Dtype::I64, &[7_i64.to_le_bytes()][..])
        );
    }
}
