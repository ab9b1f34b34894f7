//! Zip files whose entries are stored as they are, put together without copying them.
//!
//! A zip entry's header holds the CRC of its content. Whoever makes the content can compute the CRC while it is still in the
//! cache; then the file is a list of pieces that go to disk as they lie in memory. (The zip crate copies the content behind a
//! placeholder and goes back; for shards of colored images that is a tenth of all work.)
//!
//! Layout: PKWARE's APPNOTE 6.3, without zip64, data descriptors or extra fields. Time stamps are 1980-01-01 00:00.

use std::borrow::Cow;

/// The largest content of an entry, and of the whole file.
pub const MOST_BYTES: u64 = u32::MAX as u64 - (1 << 20);

const DATE_1980: u16 = 1 << 5 | 1;
const VERSION: u16 = 20;
const MADE_BY_UNIX: u16 = 3 << 8 | VERSION;
const REGULAR_0644: u32 = 0o100_644 << 16;

/// A zip file in the making.
#[derive(Debug, Default)]
pub struct StoredZip<'a> {
    pieces: Vec<Cow<'a, [u8]>>,
    bytes: u64,
    directory: Vec<u8>,
    entries: u16,
}

impl<'a> StoredZip<'a> {
    /// Adds an entry: `head` and then `body`, whose joint CRC-32 is `crc`.
    ///
    /// # Panics
    /// If the file grows beyond [`MOST_BYTES`].
    pub fn add(&mut self, name: &str, crc: u32, head: Vec<u8>, body: impl Into<Cow<'a, [u8]>>) {
        let body = body.into();
        let offset = self.bytes;
        let size = (head.len() + body.len()) as u64;
        assert!(offset + size <= MOST_BYTES, "a zip file without zip64 ends at 4 GiB");
        let mut common = Vec::with_capacity(26);
        common.extend(VERSION.to_le_bytes());
        common.extend([0; 4]); // flags, method 0 (stored)
        common.extend([0; 2]); // midnight
        common.extend(DATE_1980.to_le_bytes());
        common.extend(crc.to_le_bytes());
        common.extend((size as u32).to_le_bytes());
        common.extend((size as u32).to_le_bytes());
        common.extend((name.len() as u16).to_le_bytes());
        common.extend([0; 2]); // no extra field
        let mut local = b"PK\x03\x04".to_vec();
        local.extend(&common);
        local.extend(name.as_bytes());
        local.extend(head);
        self.directory.extend(b"PK\x01\x02");
        self.directory.extend(MADE_BY_UNIX.to_le_bytes());
        self.directory.extend(&common);
        self.directory.extend([0; 6]); // no comment, first disk, binary
        self.directory.extend(REGULAR_0644.to_le_bytes());
        self.directory.extend((offset as u32).to_le_bytes());
        self.directory.extend(name.as_bytes());
        self.entries += 1;
        for piece in [Cow::Owned(local), body] {
            self.bytes += piece.len() as u64;
            self.pieces.push(piece);
        }
    }

    /// The file, in pieces.
    #[must_use]
    pub fn finish(mut self) -> Vec<Cow<'a, [u8]>> {
        let size = self.directory.len() as u32;
        let mut end = std::mem::take(&mut self.directory);
        end.extend(b"PK\x05\x06");
        end.extend([0; 4]); // one disk
        end.extend(self.entries.to_le_bytes());
        end.extend(self.entries.to_le_bytes());
        end.extend(size.to_le_bytes());
        end.extend((self.bytes as u32).to_le_bytes());
        end.extend([0; 2]); // no comment
        self.pieces.push(Cow::Owned(end));
        self.pieces
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Cursor, Read};

    #[test]
    fn the_zip_crate_reads_what_is_put_together() {
        let body = vec![7; 3000];
        let mut zip = StoredZip::default();
        zip.add("a.npy", crc32fast::hash(&[&b"head"[..], &body].concat()), b"head".to_vec(), &body[..]);
        zip.add("b.npy", crc32fast::hash(b"xy"), Vec::new(), b"xy".to_vec());
        let bytes = zip.finish().concat();
        let mut archive = zip::ZipArchive::new(Cursor::new(&bytes)).unwrap();
        let names: Vec<_> = archive.file_names().map(str::to_owned).collect();
        assert_eq!(names, ["a.npy", "b.npy"]);
        for (name, content) in [("a.npy", [&b"head"[..], &body].concat()), ("b.npy", b"xy".to_vec())] {
            let mut entry = archive.by_name(name).unwrap();
            assert_eq!(entry.unix_mode(), Some(0o100_644));
            assert_eq!(entry.last_modified().map(|t| (t.year(), t.month(), t.day())), Some((1980, 1, 1)));
            let mut read = Vec::new();
            entry.read_to_end(&mut read).unwrap(); // checks the CRC
            assert_eq!(read, content);
        }
    }
}
