//! Arrays of indexes in an NPZ file, as `split --indices` writes them.

use super::npy::NpyHeader;
use super::stored_zip::{self, StoredZip};

/// Whether so many indexes fit into one file.
#[must_use]
pub fn fit(indexes: u64) -> bool {
    indexes.saturating_mul(8) <= stored_zip::MOST_BYTES - (1 << 20)
}

/// Indexes as 64-bit integers, little-endian.
#[must_use]
pub fn bytes(indexes: impl Iterator<Item = u32>) -> Vec<u8> {
    indexes.flat_map(|index| i64::from(index).to_le_bytes()).collect()
}

/// Arrays of [`bytes`] by name as an NPZ file, in pieces that follow one another.
#[must_use]
pub fn npz(arrays: &[(String, Vec<u8>)]) -> Vec<std::borrow::Cow<'_, [u8]>> {
    let mut zip = StoredZip::default();
    for (name, body) in arrays {
        let head = NpyHeader::encode("<i8", &[body.len() / 8]);
        let mut crc = crc32fast::Hasher::new();
        crc.update(&head);
        crc.update(body);
        zip.add(&format!("{name}.npy"), crc.finalize(), head, &body[..]);
    }
    zip.finish()
}

/// Whether a file begins as those of index arrays do: a zip file whose first array is of 64-bit integers.
#[must_use]
pub fn begin(start: &[u8]) -> bool {
    let first = &start[..start.len().min(256)];
    let begins = |name: &[u8]| first.get(30..).is_some_and(|rest| rest.starts_with(name));
    first.starts_with(b"PK\x03\x04")
        && !begins(b"x")
        && !begins(b"y")
        && first.windows(5).any(|window| window == b"'<i8'")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_indexes_are_known_by_their_beginning() {
        let arrays =
            [("train".to_owned(), bytes([3, 1].into_iter())), ("test".to_owned(), bytes([2].into_iter()))];
        assert_eq!(arrays[0].1, [3, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]);
        let file = npz(&arrays).concat();
        assert!(begin(&file) && !begin(&file[1..]) && !begin(b"PK\x03\x04"));
        let images = npz(&[("x".to_owned(), bytes([1].into_iter()))]).concat();
        assert!(!begin(&images), "images and labels are not replaced");
        assert!(fit(1 << 28) && !fit(u64::MAX));
    }
}
