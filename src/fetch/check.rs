//! Whether a file is what it should be: by its digest, by that of its content, and by how it begins.
//!
//! A file is right if it has the published digest, or if what is packed in it has: mirrors and proxies pack again, unpack on
//! the way, or pack a second time, and none of that changes the data.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;
use std::sync::mpsc;

use flate2::read::MultiGzDecoder;
use md5::Md5;
use sha2::{Digest, Sha256};

use super::errors::FetchError;
use crate::formats::codec::sniff::WEB_PAGE;

/// Bytes that are hashed before a second thread is worth its while.
const AHEAD: u64 = 1 << 20;

/// Bytes read at a time.
pub(super) const BLOCK: usize = 128 << 10;

/// What a file must be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expected {
    /// Its size.
    pub size: Option<u64>,
    /// Its SHA-256.
    pub sha256: Option<String>,
    /// Its MD5.
    pub md5: Option<String>,
    /// Size of its content after decompression.
    pub raw_size: Option<u64>,
    /// SHA-256 of its content after decompression.
    pub raw_sha256: Option<String>,
    /// Its first bytes after decompression, where it is an IDX file.
    pub header: Option<Header>,
}

/// An IDX header: magic number, and the dimensions that are known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// Its first four bytes.
    pub magic: u32,
    /// Its dimensions; `None` is any.
    pub dims: Vec<Option<u32>>,
}

/// Size and digests of some bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Digests {
    /// How many.
    pub size: u64,
    /// SHA-256 in hexadecimal.
    pub sha256: String,
    /// MD5 in hexadecimal, if it was asked for.
    pub md5: Option<String>,
}

/// Takes digests as bytes pass by.
#[derive(Clone)]
pub(super) struct Hasher {
    sha256: Sha256,
    md5: Option<Md5>,
    size: u64,
}

impl Hasher {
    /// MD5 only where nothing better is known of a file: it costs three times as much as SHA-256 does on current processors.
    pub(super) fn new(expected: &Expected) -> Self {
        let md5 = (expected.sha256.is_none() && expected.md5.is_some()).then(Md5::new);
        Self { sha256: Sha256::new(), md5, size: 0 }
    }

    pub(super) fn update(&mut self, bytes: &[u8]) {
        self.sha256.update(bytes);
        if let Some(md5) = &mut self.md5 {
            md5.update(bytes);
        }
        self.size += bytes.len() as u64;
    }

    pub(super) fn finish(self) -> Digests {
        Digests {
            size: self.size,
            sha256: hex(&self.sha256.finalize()),
            md5: self.md5.map(|md5| hex(&md5.finalize())),
        }
    }

    /// Takes in all of `from`, at most `most` bytes and one.
    fn drain(&mut self, from: &mut impl Read, most: u64) -> io::Result<()> {
        let mut buffer = vec![0; BLOCK];
        loop {
            match from.read(&mut buffer)? {
                0 => return Ok(()),
                got => self.update(&buffer[..got]),
            }
            if self.size > most {
                return Err(io::Error::other(format!("more than {most} bytes")));
            }
        }
    }
}

/// Bytes in hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from(b"0123456789abcdef"[usize::from(value)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// The digests of a file.
///
/// # Errors
/// If it cannot be read.
pub fn digests(path: &Path, expected: &Expected) -> Result<Digests, FetchError> {
    let mut hasher = Hasher::new(expected);
    let mut file = File::open(path).map_err(FetchError::read(path))?;
    hasher.drain(&mut file, u64::MAX).map_err(FetchError::read(path))?;
    Ok(hasher.finish())
}

/// What came of looking at a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is right.
    Right {
        /// SHA-256 of its content after decompression, where it is known.
        content: Option<String>,
    },
    /// It is the right file, in one more layer of gzip.
    Wrapped,
    /// It may be the beginning of the right file.
    Cut,
    /// It is something else, and this is what.
    Wrong(String),
}

impl Expected {
    /// Whether the digests are those of the file itself; `None` where none are known.
    #[must_use]
    pub fn is_file(&self, found: &Digests) -> Option<bool> {
        match (&self.sha256, &self.md5) {
            (Some(sha256), _) => Some(*sha256 == found.sha256),
            (None, Some(md5)) => found.md5.as_ref().map(|found| found == md5),
            (None, None) => None,
        }
    }

    /// Whether anything is known that could tell a wrong file.
    #[must_use]
    pub fn pinned(&self) -> bool {
        self.sha256.is_some() || self.md5.is_some() || self.raw_sha256.is_some()
    }

    /// The most bytes that a file of this content can have, if it is only packed differently.
    #[must_use]
    pub fn most(&self) -> u64 {
        let packed = |raw: u64| raw.saturating_add(raw / 500).saturating_add(64 << 10);
        match (self.size, self.raw_size.filter(|_| self.raw_sha256.is_some() || self.size.is_none())) {
            (Some(size), Some(raw)) => packed(raw).max(packed(size)),
            // One more layer of gzip does not make it much larger.
            (Some(size), None) => packed(size),
            (None, Some(raw)) => packed(raw),
            (None, None) => 4 << 30,
        }
    }

    /// Looks at the file at `path`, whose digests are `found`. `name` says by its ending how it should be packed, `owner` says
    /// what file of the catalogue has a digest.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn judge(
        &self,
        path: &Path,
        name: &str,
        found: &Digests,
        owner: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Verdict, FetchError> {
        if found.size == 0 {
            return Ok(Verdict::Wrong("it is empty".into()));
        }
        let wrong = |what: String| Ok(Verdict::Wrong(what));
        if self.is_file(found) == Some(true) {
            return Ok(self.right(path, self.raw_sha256.clone()));
        }
        let start = beginning(path)?;
        if let Some(page) = html(&start) {
            return wrong(page);
        }
        let packed = start.starts_with(&[0x1f, 0x8b]);
        if packed && (signature(name) == Some(b"\x1f\x8b") || self.pinned()) {
            let most = self.raw_size.unwrap_or(4 << 30).max(self.size.unwrap_or(0));
            let content = match self.content(path, most) {
                Ok(content) => content,
                Err(error)
                    if error.kind() == io::ErrorKind::UnexpectedEof
                        && self.size.is_none_or(|size| found.size < size) =>
                {
                    return Ok(Verdict::Cut);
                }
                Err(error) if self.is_file(found).is_none() || self.raw_sha256.is_some() => {
                    return wrong(format!("its gzip data is damaged ({error})"));
                }
                // It may not even be meant to be gzip.
                Err(_) => return wrong(self.difference(found, owner)),
            };
            if self.raw_sha256.as_ref() == Some(&content.sha256) {
                return Ok(self.right(path, Some(content.sha256)));
            }
            if self.is_file(&content) == Some(true) {
                return Ok(Verdict::Wrapped);
            }
            if let Some(page) = unpacked_beginning(path).ok().as_deref().and_then(html) {
                return wrong(page);
            }
            if self.pinned() {
                let known =
                    owner(&content.sha256).map(|file| format!("; it holds {file}")).unwrap_or_default();
                return wrong(self.difference(found, owner) + &known);
            }
            if let Some(raw) = self.raw_size
                && raw != content.size
            {
                return wrong(format!("expected {raw} bytes after decompression, found {}", content.size));
            }
            return Ok(self.right(path, Some(content.sha256)));
        }
        if !packed && self.raw_sha256.as_ref() == Some(&found.sha256) {
            return Ok(self.right(path, self.raw_sha256.clone()));
        }
        if let Some(signature) = signature(name).filter(|signature| !start.starts_with(signature)) {
            let begins = &start[..start.len().min(4)];
            return wrong(format!("expected a file that begins with {signature:02x?}, found {begins:02x?}"));
        }
        if !packed && self.size.is_some_and(|size| found.size < size) {
            return Ok(Verdict::Cut);
        }
        if self.pinned() || self.size.is_some_and(|size| size != found.size) {
            return wrong(self.difference(found, owner));
        }
        Ok(self.right(path, None))
    }

    /// A file with the right digest, if it also begins as it should.
    fn right(&self, path: &Path, content: Option<String>) -> Verdict {
        let Some(header) = &self.header else { return Verdict::Right { content } };
        match unpacked_beginning(path) {
            Err(error) => Verdict::Wrong(format!("its gzip data is damaged ({error})")),
            Ok(start) => match header.difference(&start) {
                None => Verdict::Right { content },
                Some(difference) => Verdict::Wrong(difference),
            },
        }
    }

    /// Digests of what is in a gzip file.
    fn content(&self, path: &Path, most: u64) -> io::Result<Digests> {
        let mut hasher = Hasher::new(self);
        let mut from = MultiGzDecoder::new(BufReader::with_capacity(BLOCK, File::open(path)?));
        let mut buffer = vec![0; BLOCK];
        // Labels are done before a second thread has begun.
        while hasher.size < AHEAD {
            match from.read(&mut buffer)? {
                0 => return Ok(hasher.finish()),
                got => hasher.update(&buffer[..got]),
            }
        }
        // To unpack takes as long as to hash; here both go on at the same time.
        std::thread::scope(|scope| {
            let (send, blocks) = mpsc::sync_channel::<Vec<u8>>(4);
            let (back, used) = mpsc::channel();
            let hashed = scope.spawn(move || {
                for block in blocks {
                    hasher.update(&block);
                    let _ = back.send(block);
                }
                hasher.finish()
            });
            let mut size = AHEAD;
            while size <= most {
                let mut block = used.try_recv().unwrap_or_default();
                block.resize(BLOCK, 0);
                let got = from.read(&mut block)?;
                if got == 0 {
                    break;
                }
                block.truncate(got);
                size += got as u64;
                if send.send(block).is_err() {
                    break;
                }
            }
            drop(send);
            let found = hashed.join().map_err(|_| io::Error::other("the digest was not finished"))?;
            if found.size > most {
                Err(io::Error::other(format!("more than {most} bytes")))
            } else {
                Ok(found)
            }
        })
    }

    /// How a file differs from what was expected, in one line.
    fn difference(&self, found: &Digests, owner: &dyn Fn(&str) -> Option<String>) -> String {
        let mut text = match (&self.sha256, &self.md5) {
            (Some(sha256), _) => format!("expected SHA-256 {sha256}, found {}", found.sha256),
            (None, Some(md5)) => {
                format!("expected MD5 {md5}, found {}", found.md5.as_deref().unwrap_or("another"))
            }
            (None, None) => format!(
                "expected content of SHA-256 {}, found {}",
                self.raw_sha256.as_deref().unwrap_or("any"),
                found.sha256
            ),
        };
        if let Some(size) = self.size.filter(|size| *size != found.size) {
            text = format!("expected {size} bytes, found {}; {text}", found.size);
        }
        let known = owner(&found.sha256).or_else(|| found.md5.as_deref().and_then(owner));
        if let Some(known) = known {
            text += "; it is ";
            text += &known;
        }
        text
    }
}

impl Header {
    /// How the beginning of a file differs, if it does.
    fn difference(&self, start: &[u8]) -> Option<String> {
        let mut numbers =
            start.chunks_exact(4).map(|bytes| u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]));
        let magic = numbers.next();
        if magic != Some(self.magic) {
            let found = magic.map_or("less than that".to_owned(), |magic| format!("{magic:#010x}"));
            return Some(format!(
                "expected an IDX file with the magic number {:#010x}, found {found}",
                self.magic
            ));
        }
        let dims: Vec<u32> = numbers.take(self.dims.len()).collect();
        let same = dims.len() == self.dims.len()
            && dims.iter().zip(&self.dims).all(|(found, expected)| expected.is_none_or(|e| e == *found));
        let texts: Vec<String> =
            self.dims.iter().map(|dim| dim.map_or("any".into(), |dim| dim.to_string())).collect();
        (!same).then(|| format!("expected an IDX file of {}, found {dims:?}", texts.join(" x ")))
    }
}

/// How files of this name begin.
fn signature(name: &str) -> Option<&'static [u8]> {
    let ends = |ending: &str| name.to_ascii_lowercase().ends_with(ending);
    if ends(".gz") {
        Some(b"\x1f\x8b")
    } else if ends(".zip") || ends(".npz") {
        Some(b"PK")
    } else if ends(".bz2") {
        Some(b"BZh")
    } else {
        None
    }
}

/// The first bytes of a file.
fn beginning(path: &Path) -> Result<Vec<u8>, FetchError> {
    let mut start = Vec::new();
    File::open(path)
        .and_then(|file| file.take(1024).read_to_end(&mut start))
        .map_err(FetchError::read(path))?;
    Ok(start)
}

/// The first bytes of a file after decompression.
fn unpacked_beginning(path: &Path) -> io::Result<Vec<u8>> {
    let mut start = Vec::new();
    File::open(path)?.take(1024).read_to_end(&mut start)?;
    if start.starts_with(&[0x1f, 0x8b]) {
        start.clear();
        MultiGzDecoder::new(BufReader::new(File::open(path)?)).take(1024).read_to_end(&mut start)?;
    }
    Ok(start)
}

/// What to say of bytes that begin like a web page, or like an error message in XML.
#[must_use]
pub fn html(start: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(start);
    let text = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    let lower = text.to_ascii_lowercase();
    if !WEB_PAGE.iter().chain(&["<!doctype", "<?xml", "<!--", "<error"]).any(|tag| lower.starts_with(tag)) {
        return None;
    }
    let title =
        lower.find("<title>").and_then(|at| text.get(at + 7..)).and_then(|rest| rest.split('<').next());
    let title = title.map(|title| title.split_whitespace().collect::<Vec<_>>().join(" "));
    Some(match title.filter(|title| !title.is_empty()) {
        Some(title) => format!("it is an HTML page, titled {title:?}"),
        None => "it is an HTML page".into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use std::io::Write;

    fn gz(bytes: &[u8], level: u32) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::new(level));
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn sha256(bytes: &[u8]) -> String {
        hex(&Sha256::digest(bytes))
    }

    fn labels(n: u32) -> Vec<u8> {
        let mut bytes = vec![0, 0, 8, 1];
        bytes.extend(n.to_be_bytes());
        bytes.extend((0..n).map(|i| (i * i % 10) as u8));
        bytes
    }

    fn judge(expected: &Expected, name: &str, bytes: &[u8]) -> Verdict {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(bytes).unwrap();
        let found = digests(file.path(), expected).unwrap();
        let mnist = sha256(b"another");
        expected
            .judge(file.path(), name, &found, &|digest| (digest == mnist).then(|| "x.gz of mnist".into()))
            .unwrap()
    }

    fn expected(file: &[u8], raw: &[u8]) -> Expected {
        Expected {
            size: Some(file.len() as u64),
            sha256: Some(sha256(file)),
            md5: None,
            raw_size: Some(raw.len() as u64),
            raw_sha256: Some(sha256(raw)),
            header: Some(Header { magic: 0x801, dims: vec![Some(500)] }),
        }
    }

    #[test]
    fn the_same_data_is_right_however_it_is_packed() {
        let raw = labels(500);
        let file = gz(&raw, 9);
        let wanted = expected(&file, &raw);
        let right = Verdict::Right { content: wanted.raw_sha256.clone() };
        let two_members = [gz(&raw[..100], 6), gz(&raw[100..], 6)].concat();
        for bytes in [&file, &gz(&raw, 1), &gz(&raw, 0), &raw, &two_members] {
            assert_eq!(judge(&wanted, "l.gz", bytes), right);
            assert!(bytes.len() as u64 <= wanted.most());
        }
        assert_eq!(judge(&wanted, "l.gz", &gz(&file, 6)), Verdict::Wrapped);
        // Where the content's digest is not known, only the file itself will do.
        let strict = Expected { raw_sha256: None, ..wanted.clone() };
        assert_eq!(judge(&strict, "l.gz", &file), Verdict::Right { content: None });
        assert!(matches!(judge(&strict, "l.gz", &gz(&raw, 1)), Verdict::Wrong(_)));
        let md5 = Expected { sha256: None, md5: Some(hex(&Md5::digest(&file))), ..strict };
        assert_eq!(judge(&md5, "l.gz", &file), Verdict::Right { content: None });
        assert_eq!(judge(&md5, "l.gz", &gz(&file, 6)), Verdict::Wrapped);
    }

    #[test]
    fn each_wrong_file_is_told_by_what_it_is() {
        let raw = labels(500);
        let file = gz(&raw, 9);
        let wanted = expected(&file, &raw);
        let page = b"\n<!DOCTYPE html><html><head><title>403\n Forbidden</title>".to_vec();
        let mut flipped = file.clone();
        let middle = flipped.len() / 2;
        flipped[middle] ^= 4;
        for (bytes, says) in [
            (Vec::new(), "empty"),
            (page.clone(), "HTML page, titled \"403 Forbidden\""),
            (gz(&page, 6), "HTML page"),
            (gz(&labels(501), 6), "expected SHA-256"),
            (flipped, ""),
            (b"PK\x03\x04".to_vec(), "begins with [1f, 8b], found [50, 4b, 03, 04]"),
            (gz(b"another", 6), "it holds x.gz of mnist"),
        ] {
            let Verdict::Wrong(what) = judge(&wanted, "l.gz", &bytes) else {
                panic!("taken for right: {says}")
            };
            assert!(what.contains(says), "{what:?} does not say {says:?}");
        }
        assert_eq!(judge(&wanted, "l.gz", &file[..40]), Verdict::Cut);
        let sized = Expected { size: Some(9), ..Expected::default() };
        assert_eq!(judge(&sized, "a.zip", b"PK\x03\x04"), Verdict::Cut);
        // A header that is not as the catalogue has it is wrong even under the right digest.
        for dims in [vec![Some(499)], vec![Some(500), Some(3)]] {
            let other = Expected { header: Some(Header { magic: 0x801, dims }), ..wanted.clone() };
            assert!(matches!(judge(&other, "l.gz", &file), Verdict::Wrong(_)));
        }
        let images = Expected { header: Some(Header { magic: 0x803, dims: vec![None; 3] }), ..wanted };
        let Verdict::Wrong(what) = judge(&images, "l.gz", &file) else { panic!("labels taken for images") };
        assert!(what.contains("0x00000803, found 0x00000801"), "{what}");
    }

    #[test]
    fn without_digests_form_and_header_decide() {
        let raw = labels(500);
        let header = Some(Header { magic: 0x801, dims: vec![None] });
        let any = Expected { header, raw_size: Some(508), ..Expected::default() };
        assert_eq!(judge(&any, "l.gz", &gz(&raw, 3)), Verdict::Right { content: Some(sha256(&raw)) });
        for bytes in [&raw, &gz(&labels(499), 3), &gz(b"something", 3), &b"\x1f\x8bxx".to_vec()] {
            assert!(!matches!(judge(&any, "l.gz", bytes), Verdict::Right { .. }));
        }
        assert_eq!(judge(&Expected::default(), "a.bz2", b"BZh9x"), Verdict::Right { content: None });
        assert!(matches!(judge(&Expected::default(), "a.npz", b"BZh9x"), Verdict::Wrong(_)));
    }
}
