//! The header of a safetensors file, for values that are streamed behind it.
//!
//! The safetensors crate writes whole tensors from memory; a data set is larger than that. Its reader checks this header in the
//! tests. Layout: eight bytes, little-endian, with the length of the JSON that follows, padded with spaces to a multiple of eight.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

/// One array of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Tensor {
    /// Its name, which is not part of its description.
    #[serde(skip)]
    pub name: String,
    /// The type of its values as safetensors spells it: `U8`, `I64`, `F32`, `F64`, ...
    pub dtype: &'static str,
    /// Lengths of its axes, the last of which varies fastest.
    pub shape: Vec<u64>,
    /// Its bytes, counted from the end of the header.
    #[serde(rename = "data_offsets", serialize_with = "ends")]
    pub bytes: Range<u64>,
}

fn ends<S: Serializer>(range: &Range<u64>, to: S) -> Result<S::Ok, S::Error> {
    [range.start, range.end].serialize(to)
}

struct Header<'a> {
    tensors: &'a [Tensor],
    metadata: &'a BTreeMap<String, String>,
}

impl Serialize for Header<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(None)?;
        if !self.metadata.is_empty() {
            map.serialize_entry("__metadata__", self.metadata)?;
        }
        for tensor in self.tensors {
            map.serialize_entry(&tensor.name, tensor)?;
        }
        map.end()
    }
}

/// The header of a file with these tensors, in this order, whose bytes follow each other without a gap from 0 on.
///
/// # Errors
/// If the JSON cannot be made; from these types that does not happen.
pub fn header(tensors: &[Tensor], metadata: &BTreeMap<String, String>) -> serde_json::Result<Vec<u8>> {
    let mut json = serde_json::to_vec(&Header { tensors, metadata })?;
    json.resize(json.len().next_multiple_of(8), b' ');
    Ok([&(json.len() as u64).to_le_bytes()[..], &json].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_safetensors_crate_reads_what_follows_the_header() {
        let tensors = [
            Tensor { name: "x_train".into(), dtype: "U8", shape: vec![2, 1, 3], bytes: 0..6 },
            Tensor { name: "scale".into(), dtype: "F32", shape: vec![1], bytes: 6..10 },
            Tensor { name: "none".into(), dtype: "I64", shape: vec![0, 4], bytes: 10..10 },
        ];
        let metadata = BTreeMap::from([("classes".to_owned(), "a \"b\"\nc".to_owned())]);
        let mut file = header(&tensors, &metadata).unwrap();
        assert_eq!(file.len() % 8, 0);
        file.extend([1, 2, 3, 4, 5, 6]);
        file.extend(0.5_f32.to_le_bytes());
        let (_, head) = safetensors::SafeTensors::read_metadata(&file).unwrap();
        assert_eq!(head.metadata().as_ref().unwrap()["classes"], metadata["classes"]);
        let read = safetensors::SafeTensors::deserialize(&file).unwrap();
        assert_eq!(read.len(), 3);
        let x = read.tensor("x_train").unwrap();
        assert_eq!((x.shape(), x.data()), (&[2, 1, 3][..], &[1, 2, 3, 4, 5, 6][..]));
        assert_eq!(x.dtype(), safetensors::Dtype::U8);
        assert_eq!(read.tensor("scale").unwrap().data(), 0.5_f32.to_le_bytes());
        assert_eq!(read.tensor("none").unwrap().shape(), [0, 4]);
        assert_eq!(header(&tensors, &metadata).unwrap(), header(&tensors, &metadata).unwrap());
    }
}
