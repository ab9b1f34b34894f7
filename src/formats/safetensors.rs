//! safetensors: a header in JSON, then all tensors, one after the other.

use serde_json::{Map, Value, json};

/// What the header says about one tensor.
#[derive(Clone, Debug)]
pub struct Tensor {
    /// Its name.
    pub name: String,
    /// Its type, as the format spells it: `U8`, `F32`, ...
    pub dtype: &'static str,
    /// Bytes of a value.
    pub size: usize,
    /// Its axes.
    pub shape: Vec<usize>,
}

/// The header of a file with these tensors in this order: its length (8 bytes, little-endian), then JSON, padded with spaces for the
/// tensors to begin at a multiple of 8.
#[must_use]
pub fn header(tensors: &[Tensor]) -> Vec<u8> {
    let mut entries = Map::new();
    entries.insert("__metadata__".into(), json!({ "format": "np" }));
    let mut at = 0;
    for tensor in tensors {
        let end = at + tensor.shape.iter().product::<usize>() * tensor.size;
        entries.insert(
            tensor.name.clone(),
            json!({ "dtype": tensor.dtype, "shape": tensor.shape, "data_offsets": [at, end] }),
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
    use safetensors::SafeTensors;

    #[test]
    fn the_reference_implementation_reads_it() {
        let tensors = [
            Tensor { name: "x_train".into(), dtype: "U8", size: 1, shape: vec![2, 1, 3] },
            Tensor { name: "y_train".into(), dtype: "F32", size: 4, shape: vec![2] },
        ];
        let mut file = header(&tensors);
        file.extend([1, 2, 3, 4, 5, 6]);
        file.extend([1.5_f32, -2.0].map(f32::to_le_bytes).as_flattened());
        let read = SafeTensors::deserialize(&file).unwrap();
        let x = read.tensor("x_train").unwrap();
        assert_eq!((x.shape(), x.data()), (&[2, 1, 3][..], &[1, 2, 3, 4, 5, 6][..]));
        assert_eq!(read.tensor("y_train").unwrap().shape(), [2]);
    }
}
