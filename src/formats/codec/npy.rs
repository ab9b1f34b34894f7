//! The header of NumPy's `.npy` arrays, for reading them where they lie.
//!
//! `ndarray-npy` reads and writes whole arrays; this parses only the header, so that single rows of a large
//! array can be read from its place in the file.

use std::io::Read;

/// What a `.npy` header says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NpyHeader {
    /// Type of the values, as NumPy spells it: `|u1`, `<i8`, ...
    pub descr: String,
    /// Whether the first axis varies fastest.
    pub fortran_order: bool,
    /// Lengths of the axes.
    pub shape: Vec<u64>,
    /// Bytes of the header itself.
    pub length: u64,
}

/// Why a header cannot be understood.
#[derive(Debug, thiserror::Error)]
pub enum NpyError {
    /// It cannot be read.
    #[error("the header cannot be read")]
    Io(#[from] std::io::Error),
    /// It does not begin with `\x93NUMPY` and a known version.
    #[error("expected a NumPy array, which begins with \\x93NUMPY and version 1 to 3; found {0:02x?}")]
    Magic([u8; 8]),
    /// The dictionary is not as NumPy writes it.
    #[error("expected a header with 'descr', 'fortran_order' and 'shape'; found {0:?}")]
    Dictionary(String),
}

impl NpyError {
    /// What is there instead of an array of numbers.
    #[must_use]
    pub fn found(&self) -> String {
        match self {
            Self::Io(error) => error.to_string(),
            Self::Magic(start) => super::sniff::looks_like(start),
            Self::Dictionary(text) => match fields(text) {
                Some(fields) => format!("a structured array with the fields {}", fields.join(", ")),
                None => "a header that NumPy does not write".into(),
            },
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn help(&self) -> &'static str {
        match self {
            Self::Dictionary(text) if fields(text).is_some() => {
                "save each field as an array: numpy.savez(\"data.npz\", x_train=array[\"image\"], y_train=array[\"label\"])"
            }
            Self::Io(_) | Self::Magic(_) | Self::Dictionary(_) => {
                "write it with numpy.save or numpy.savez, as an array of plain numbers"
            }
        }
    }
}

/// The names of the fields of a structured array.
fn fields(header: &str) -> Option<Vec<&str>> {
    let (_, list) = header.split_once("'descr':")?;
    let list = list.trim_start().strip_prefix('[')?;
    let names = list.split("('").skip(1).filter_map(|field| Some(field.split_once('\'')?.0));
    Some(names.take(8).collect())
}

/// NumPy refuses headers of more than 10,000 bytes.
const LONGEST_HEADER: u64 = 1 << 20;

impl NpyHeader {
    /// Reads the header from the start of an array.
    ///
    /// # Errors
    /// [`NpyError`] if this is no array that NumPy wrote.
    pub fn read(from: &mut impl Read) -> Result<Self, NpyError> {
        let mut start = [0; 8];
        from.read_exact(&mut start)?;
        let length_bytes = match (&start[..6], start[6]) {
            (b"\x93NUMPY", 1) => 2,
            (b"\x93NUMPY", 2 | 3) => 4,
            _ => return Err(NpyError::Magic(start)),
        };
        let mut length = [0; 4];
        from.read_exact(&mut length[..length_bytes])?;
        let length = u64::from(u32::from_le_bytes(length));
        if length > LONGEST_HEADER {
            return Err(NpyError::Dictionary(format!("a header of {length} bytes")));
        }
        let mut text = Vec::new();
        from.take(length).read_to_end(&mut text)?;
        let text = String::from_utf8_lossy(&text).into_owned();
        if (text.len() as u64) < length {
            return Err(NpyError::Dictionary(text));
        }
        Self::parse(&text, 8 + length_bytes as u64 + length).ok_or(NpyError::Dictionary(text))
    }

    /// Understands the dictionary, which is a Python literal with three keys in any order.
    fn parse(text: &str, length: u64) -> Option<Self> {
        let value_of = |key: &str| {
            let after = &text[text.find(&format!("'{key}'"))? + key.len() + 2..];
            Some(after.trim_start().strip_prefix(':')?.trim_start())
        };
        let descr = value_of("descr")?.strip_prefix('\'')?.split_once('\'')?.0.to_owned();
        let order = value_of("fortran_order")?;
        let fortran_order = order.starts_with("True");
        if !fortran_order && !order.starts_with("False") {
            return None;
        }
        let inside = value_of("shape")?.strip_prefix('(')?.split_once(')')?.0;
        let shape = inside
            .split(',')
            .map(str::trim)
            .filter(|axis| !axis.is_empty())
            .map(|axis| axis.trim_end_matches('L').parse().ok())
            .collect::<Option<Vec<u64>>>()?;
        Some(Self { descr, fortran_order, shape, length })
    }

    /// The header of an array in C order, as NumPy writes it: version 1, padded so that the values begin at a multiple of 64.
    #[must_use]
    pub fn encode(descr: &str, shape: &[usize]) -> Vec<u8> {
        let axes: Vec<String> = shape.iter().map(usize::to_string).collect();
        let comma = if shape.len() == 1 { "," } else { "" };
        let mut text = format!(
            "{{'descr': '{descr}', 'fortran_order': False, 'shape': ({}{comma}), }}",
            axes.join(", ")
        );
        while (10 + text.len() + 1) % 64 != 0 {
            text.push(' ');
        }
        text.push('\n');
        [b"\x93NUMPY\x01\x00", &(text.len() as u16).to_le_bytes()[..], text.as_bytes()].concat()
    }

    /// Number of values, or `None` where that does not fit.
    #[must_use]
    pub fn values(&self) -> Option<u64> {
        self.shape.iter().try_fold(1_u64, |product, &axis| product.checked_mul(axis))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{ArrayD, IxDyn};
    use ndarray_npy::WriteNpyExt;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_ndarray_npy_writes_is_understood(shape in prop::collection::vec(0_usize..5, 0..5)) {
            let mut bytes = Vec::new();
            ArrayD::<i16>::zeros(IxDyn(&shape)).write_npy(&mut bytes).unwrap();
            let header = NpyHeader::read(&mut &bytes[..]).unwrap();
            let ours = NpyHeader::encode("<i2", &shape);
            prop_assert_eq!(ours.len() % 64, 0);
            prop_assert_eq!(&NpyHeader::read(&mut &ours[..]).unwrap().shape, &header.shape);
            prop_assert_eq!(&header.descr, "<i2");
            prop_assert!(!header.fortran_order);
            prop_assert_eq!(&header.shape, &shape.iter().map(|&n| n as u64).collect::<Vec<_>>());
            prop_assert_eq!(header.length + 2 * header.values().unwrap(), bytes.len() as u64);
        }

        #[test]
        fn any_bytes_are_understood_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..100), real: bool) {
            let mut bytes = bytes;
            if real {
                bytes.splice(0..0, *b"\x93NUMPY\x01\x00\x40\x00");
            }
            let _ = NpyHeader::read(&mut &bytes[..]);
        }
    }
}
