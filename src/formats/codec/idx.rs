//! The IDX format of MNIST: big-endian header, then raw bytes; possibly gzipped.
//!
//! Nothing is allocated by what a header claims: raw files are checked against their length and read where
//! they lie, compressed ones are unpacked as far as they really go.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use flate2::bufread::GzDecoder;

use crate::base::fault::reading_kind;
use crate::base::{Channels, Explain, Kind, Pass, Shape};

use super::intake::{self, greatest_of};
use super::spool::Spool;

/// What an IDX header describes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// Magic `0x803` (N, H, W) or `0x804` (N, H, W, C).
    Images {
        /// Number of images.
        count: u64,
        /// Shape of each.
        shape: Shape,
    },
    /// Magic `0x801`: one byte a label.
    Labels {
        /// Number of labels.
        count: u64,
    },
    /// Magic `0x802` (N, K): for each image and class a byte, 1 where the image has the class and 0 where not.
    LabelSets {
        /// Number of images.
        count: u64,
        /// Number of classes.
        classes: u64,
    },
}

/// What one expects to find in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expect {
    /// Magic `0x803` or `0x804`.
    Images,
    /// Magic `0x801`, or `0x802` where an image can have several classes.
    Labels,
}

/// Why a file is not the IDX file it should be.
#[derive(Debug, thiserror::Error)]
pub enum IdxError {
    /// The file cannot be read.
    #[error("{path}: cannot be read")]
    Io {
        /// The file.
        path: PathBuf,
        /// The operating system's reason.
        source: io::Error,
    },
    /// The first four bytes are none of the known magic numbers, or that of the other kind of file.
    #[error("{path}: offset 0: expected the magic number {expected}, found {found:#010x}{what}")]
    Magic {
        /// The file.
        path: PathBuf,
        /// The acceptable ones.
        expected: &'static str,
        /// The one found.
        found: u32,
        /// What the found one would mean.
        what: &'static str,
    },
    /// The file ends within its header.
    #[error("{path}: offset {found}: the file ends within its header; expected {expected} bytes of it")]
    ShortHeader {
        /// The file.
        path: PathBuf,
        /// Bytes that the header has.
        expected: u64,
        /// Bytes that the file has.
        found: u64,
    },
    /// A dimension is zero or more than can be addressed.
    #[error("{path}: offset 4: dimensions {dims:?} {problem}")]
    Dimensions {
        /// The file.
        path: PathBuf,
        /// The dimensions.
        dims: Vec<u32>,
        /// What is wrong with them.
        problem: &'static str,
    },
    /// The body ends early.
    #[error("{path}: offset {found}: the data ends; the header promises {expected} bytes in all")]
    Truncated {
        /// The file.
        path: PathBuf,
        /// Bytes that there should be, header included.
        expected: u64,
        /// Bytes that there are.
        found: u64,
    },
    /// The body goes on after its end.
    #[error("{path}: offset {expected}: expected the end of the data, found {more}")]
    Trailing {
        /// The file.
        path: PathBuf,
        /// Bytes that there should be, header included.
        expected: u64,
        /// How much more there is.
        more: String,
    },
    /// The gzip stream is damaged.
    #[error("{path}: the gzip data is corrupt after {unpacked} unpacked bytes")]
    Gzip {
        /// The file.
        path: PathBuf,
        /// Bytes that came out before.
        unpacked: u64,
        /// What the decoder said.
        source: io::Error,
    },
}

impl Explain for IdxError {
    fn kind(&self) -> Kind {
        match self {
            Self::Io { source, .. } => reading_kind(source),
            Self::Magic { .. }
            | Self::ShortHeader { .. }
            | Self::Dimensions { .. }
            | Self::Truncated { .. }
            | Self::Trailing { .. }
            | Self::Gzip { .. } => Kind::Data,
        }
    }

    fn help(&self) -> Option<String> {
        Some(match self {
            Self::Io { .. } => return None,
            Self::Magic { what: "", .. } => "IDX files of images begin with 00 00 08 03, files of labels with 00 00 08 01; check that this is the right file".into(),
            Self::Magic { .. } => "the two files may have been swapped; name images first and labels second".into(),
            Self::Dimensions { .. } => "the header is damaged; get the file again".into(),
            Self::ShortHeader { .. } | Self::Truncated { .. } | Self::Trailing { .. } | Self::Gzip { .. } => {
                "the file is damaged or was not downloaded whole; get it again".into()
            }
        })
    }
}

/// An IDX file: its header, and its bytes at hand.
#[derive(Debug)]
pub struct Idx {
    /// What it holds.
    pub content: Content,
    /// The bytes after the header.
    pub body: Spool,
    /// BLAKE3 of the uncompressed file, header included, in hexadecimal.
    pub digest: String,
    /// The greatest of the bytes after the header.
    pub greatest: u8,
}

impl Idx {
    /// Opens an IDX file, raw or gzipped, and checks all of it: magic, dimensions and exact length. `pass` is told its bytes,
    /// unpacked.
    ///
    /// # Errors
    /// [`IdxError`] with the offset at which the file is not as it should be.
    pub fn open(path: &Path, expect: Expect, pass: &Pass) -> Result<Self, IdxError> {
        let io = |source| IdxError::Io { path: path.into(), source };
        let mut file = File::open(path).map_err(io)?;
        if file.metadata().map_err(io)?.is_dir() {
            return Err(io(io::ErrorKind::IsADirectory.into()));
        }
        let mut start = Vec::new();
        (&mut file).take(512).read_to_end(&mut start).map_err(io)?;
        file.seek(SeekFrom::Start(0)).map_err(io)?;
        if start.starts_with(&[0x1f, 0x8b]) {
            Self::open_gzip(path, file, expect, pass)
        } else {
            Self::open_raw(path, file, expect, pass)
        }
    }

    fn open_raw(path: &Path, file: File, expect: Expect, pass: &Pass) -> Result<Self, IdxError> {
        let io = |source| IdxError::Io { path: path.into(), source };
        let length = file.metadata().map_err(io)?.len();
        let mut hasher = blake3::Hasher::new();
        let mut reader = &file;
        let header = Header::read(&mut reader, &mut hasher, expect, path)?;
        let expected = header.total(path)?;
        if length < expected {
            return Err(IdxError::Truncated { path: path.into(), expected, found: length });
        }
        if length > expected {
            let more = format!("{} more bytes", length - expected);
            return Err(IdxError::Trailing { path: path.into(), expected, more });
        }
        let mut buffer = vec![0; 1 << 18];
        let mut greatest = 0;
        loop {
            match reader.read(&mut buffer) {
                Ok(0) => break,
                Ok(got) => {
                    hasher.update(&buffer[..got]);
                    greatest = greatest_of(greatest, &buffer[..got]);
                    pass.read(got).map_err(io)?;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(io(error)),
            }
        }
        let start = header.length;
        Ok(Self {
            content: header.content,
            body: Spool::File { file: Arc::new(file), start },
            digest: hasher.finalize().to_hex().to_string(),
            greatest,
        })
    }

    fn open_gzip(path: &Path, file: File, expect: Expect, pass: &Pass) -> Result<Self, IdxError> {
        let io = |source| IdxError::Io { path: path.into(), source };
        let mut hasher = blake3::Hasher::new();
        let mut members = GzMembers {
            decoder: Some(GzDecoder::new(BufReader::with_capacity(1 << 16, file))),
            unpacked: 0,
            path,
        };
        let header = Header::read(&mut members, &mut hasher, expect, path)?;
        let expected = header.total(path)?;
        let mut left = expected - header.length;
        let taken = intake::take(hasher, io, |out| {
            let want = usize::try_from(left).unwrap_or(usize::MAX).min(out.len());
            if want == 0 {
                return Ok(0);
            }
            let got = members.read_some(&mut out[..want])?;
            if got == 0 {
                return Err(IdxError::Truncated { path: path.into(), expected, found: expected - left });
            }
            pass.read(got).map_err(io)?;
            left -= got as u64;
            Ok(got)
        })?;
        if members.read_some(&mut [0])? > 0 {
            return Err(IdxError::Trailing { path: path.into(), expected, more: "more data".into() });
        }
        Ok(Self {
            content: header.content,
            body: taken.body,
            digest: taken.hasher.finalize().to_hex().to_string(),
            greatest: taken.greatest,
        })
    }
}

/// The unpacked bytes of all members of a gzip file, one after the other.
struct GzMembers<'a> {
    decoder: Option<GzDecoder<BufReader<File>>>,
    unpacked: u64,
    path: &'a Path,
}

impl GzMembers<'_> {
    /// Reads at least one byte, or none at the end of the file.
    fn read_some(&mut self, out: &mut [u8]) -> Result<usize, IdxError> {
        while let Some(decoder) = &mut self.decoder {
            let got = match decoder.read(out) {
                Ok(got) => got,
                Err(source) => return Err(self.broken(source)),
            };
            if got > 0 {
                self.unpacked += got as u64;
                return Ok(got);
            }
            let Some(decoder) = self.decoder.take() else { break };
            let mut file = decoder.into_inner();
            let rest = file.fill_buf().map_err(|source| IdxError::Io { path: self.path.into(), source })?;
            if rest.starts_with(&[0x1f, 0x8b]) {
                self.decoder = Some(GzDecoder::new(file));
            } else if !rest.is_empty() {
                return Err(IdxError::Trailing {
                    path: self.path.into(),
                    expected: self.unpacked,
                    more: "bytes behind the gzip data".into(),
                });
            }
        }
        Ok(0)
    }

    fn broken(&self, source: io::Error) -> IdxError {
        IdxError::Gzip { path: self.path.into(), unpacked: self.unpacked, source }
    }
}

/// Where a header's bytes come from.
trait Bytes {
    fn some(&mut self, out: &mut [u8], path: &Path) -> Result<usize, IdxError>;
}

impl Bytes for &File {
    fn some(&mut self, out: &mut [u8], path: &Path) -> Result<usize, IdxError> {
        self.read(out).map_err(|source| IdxError::Io { path: path.into(), source })
    }
}

impl Bytes for GzMembers<'_> {
    fn some(&mut self, out: &mut [u8], _: &Path) -> Result<usize, IdxError> {
        self.read_some(out)
    }
}

struct Header {
    content: Content,
    length: u64,
    dims: Vec<u32>,
}

impl Header {
    fn read(
        from: &mut impl Bytes,
        hasher: &mut blake3::Hasher,
        expect: Expect,
        path: &Path,
    ) -> Result<Self, IdxError> {
        let mut read = 0;
        let mut number = |needed: u64| -> Result<u32, IdxError> {
            let mut bytes = [0; 4];
            let mut have = 0;
            while have < 4 {
                let got = from.some(&mut bytes[have..], path)?;
                if got == 0 {
                    return Err(IdxError::ShortHeader { path: path.into(), expected: needed, found: read });
                }
                have += got;
                read += got as u64;
            }
            hasher.update(&bytes);
            Ok(u32::from_be_bytes(bytes))
        };
        let magic = number(if expect == Expect::Images { 16 } else { 8 })?;
        let ndim = match (expect, magic) {
            (Expect::Images, 0x803) => 3,
            (Expect::Images, 0x804) => 4,
            (Expect::Labels, 0x801) => 1,
            (Expect::Labels, 0x802) => 2,
            _ => {
                let what = match magic {
                    0x801 => ", which is a file of labels",
                    0x803 | 0x804 => ", which is a file of images",
                    _ => "",
                };
                let expected = match expect {
                    Expect::Images => "0x00000803 or 0x00000804",
                    Expect::Labels => "0x00000801",
                };
                return Err(IdxError::Magic { path: path.into(), expected, found: magic, what });
            }
        };
        let mut dims = Vec::with_capacity(4);
        for _ in 0..ndim {
            dims.push(number(4 + 4 * ndim)?);
        }
        let bad = |problem| IdxError::Dimensions { path: path.into(), dims: dims.clone(), problem };
        let count = u64::from(dims[0]);
        let content = if expect == Expect::Labels {
            match dims.get(1) {
                None => Content::Labels { count },
                Some(&classes) => Content::LabelSets { count, classes: u64::from(classes) },
            }
        } else {
            let size = |i: usize| dims.get(i).map_or(1, |&n| n as usize);
            let (height, width) = (size(1), size(2));
            if count == 0 {
                return Err(bad("describe no images"));
            }
            if height == 0 || width == 0 {
                return Err(bad("describe images without pixels"));
            }
            let Some(kind) = Channels::of(size(3)) else {
                return Err(bad("have a last one that is neither 1 (gray) nor 3 (RGB) channels"));
            };
            Content::Images { count, shape: Shape::new(height, width, kind) }
        };
        Ok(Self { content, length: 4 + 4 * ndim, dims })
    }

    /// Bytes of the whole file.
    fn total(&self, path: &Path) -> Result<u64, IdxError> {
        self.dims
            .iter()
            .try_fold(1_u64, |product, &dim| product.checked_mul(u64::from(dim)))
            .and_then(|body| body.checked_add(self.length))
            .filter(|total| usize::try_from(*total).is_ok() && i64::try_from(*total).is_ok())
            .ok_or_else(|| IdxError::Dimensions {
                path: path.into(),
                dims: self.dims.clone(),
                problem: "multiply to more bytes than can be addressed",
            })
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use proptest::prelude::*;

    fn images(dims: &[u32], body: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0, 0, 8, dims.len() as u8];
        for dim in dims {
            bytes.extend(dim.to_be_bytes());
        }
        bytes.extend(body);
        bytes
    }

    fn gz(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn open(bytes: &[u8], expect: Expect) -> Result<Idx, IdxError> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(bytes).unwrap();
        Idx::open(file.path(), expect, &Pass::default())
    }

    #[test]
    fn raw_and_gzipped_files_read_the_same() {
        let body: Vec<u8> = (0..2 * 3 * 5).collect();
        let bytes = images(&[2, 3, 5], &body);
        let (head, tail) = bytes.split_at(20);
        let two_members = [gz(head), gz(tail)].concat();
        let raw = open(&bytes, Expect::Images).unwrap();
        for packed in [gz(&bytes), two_members] {
            let packed = open(&packed, Expect::Images).unwrap();
            assert_eq!(packed.content, Content::Images { count: 2, shape: Shape::gray(3, 5) });
            assert_eq!(packed.content, raw.content);
            assert_eq!(packed.digest, raw.digest);
            let mut second = [0; 15];
            packed.body.read_at(15, &mut second).unwrap();
            assert_eq!(second, body[15..]);
            raw.body.read_at(15, &mut second).unwrap();
            assert_eq!(second, body[15..]);
        }
    }

    #[test]
    fn color_images_have_four_dimensions() {
        let idx = open(&images(&[1, 2, 2, 3], &[7; 12]), Expect::Images).unwrap();
        assert_eq!(idx.content, Content::Images { count: 1, shape: Shape::rgb(2, 2) });
    }

    #[test]
    fn labels_may_be_sets() {
        let idx = open(&images(&[2, 3], &[1, 0, 1, 0, 0, 0]), Expect::Labels).unwrap();
        assert_eq!(idx.content, Content::LabelSets { count: 2, classes: 3 });
        assert!(matches!(open(&images(&[2, 3], &[1; 5]), Expect::Labels), Err(IdxError::Truncated { .. })));
        assert!(matches!(open(&images(&[2, 3], &[1; 6]), Expect::Images), Err(IdxError::Magic { .. })));
    }

    #[test]
    fn each_damage_has_its_own_message() {
        let good = images(&[2, 2, 2], &[9; 8]);
        let message = |bytes: &[u8], expect| open(bytes, expect).unwrap_err().to_string();
        let cases: Vec<(Vec<u8>, Expect, &str)> = vec![
            (b"PK\x03\x04 something".to_vec(), Expect::Images, "found 0x504b0304"),
            (good.clone(), Expect::Labels, "found 0x00000803, which is a file of images"),
            (images(&[3], &[0; 3]), Expect::Images, "which is a file of labels"),
            (
                images(&[u32::MAX, u32::MAX, u32::MAX], &[]),
                Expect::Images,
                "more bytes than can be addressed",
            ),
            (images(&[2, 2, 2, 4], &[0; 32]), Expect::Images, "neither 1 (gray) nor 3"),
            (images(&[2, 0, 2], &[]), Expect::Images, "without pixels"),
            (good[..10].to_vec(), Expect::Images, "offset 10: the file ends within its header"),
            (Vec::new(), Expect::Images, "offset 0: the file ends within its header"),
            (good[..20].to_vec(), Expect::Images, "offset 20: the data ends; the header promises 24"),
            (
                [&good[..], b"xy"].concat(),
                Expect::Images,
                "offset 24: expected the end of the data, found 2 more",
            ),
            (gz(&good[..20]), Expect::Images, "offset 20: the data ends"),
            ([gz(&good), b"junk".to_vec()].concat(), Expect::Images, "behind the gzip data"),
            (gz(&[&good[..], b"xy"].concat()), Expect::Images, "expected the end of the data"),
            (gz(&good)[..20].to_vec(), Expect::Images, "gzip data is corrupt"),
        ];
        for (bytes, expect, part) in cases {
            let text = message(&bytes, expect);
            assert!(text.contains(part), "{text:?} does not say {part:?}");
        }
        let mut flipped = gz(&good);
        let last = flipped.len() - 6;
        flipped[last] ^= 1;
        let error = open(&flipped, Expect::Images).unwrap_err();
        assert_eq!(error.kind(), Kind::Data, "{error}");
    }

    #[test]
    fn a_header_that_lies_allocates_nothing() {
        // 4 billion images of 4 TB each would not fit anywhere; the error comes from the length alone.
        for bytes in
            [images(&[u32::MAX, 4000, 4000], &[1; 64]), gz(&images(&[60000, 65535, 65535], &[1; 64]))]
        {
            assert!(matches!(
                open(&bytes, Expect::Images),
                Err(IdxError::Truncated { .. } | IdxError::Dimensions { .. })
            ));
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(mut bytes in prop::collection::vec(any::<u8>(), 0..200), magic in 0..4) {
            if bytes.len() >= 4 && magic > 0 {
                bytes[..4].copy_from_slice(&[0, 0, 8, magic as u8 + 1]);
            }
            for expect in [Expect::Images, Expect::Labels] {
                let _ = open(&bytes, expect);
                let _ = open(&gz(&bytes), expect);
            }
        }

        #[test]
        fn what_is_written_is_read(count in 1_u32..5, h in 1_u32..7, w in 1_u32..7, seed: u8) {
            let len = (count * h * w) as usize;
            let body: Vec<u8> = (0..len).map(|i| (i as u8).wrapping_mul(31).wrapping_add(seed)).collect();
            let idx = open(&gz(&images(&[count, h, w], &body)), Expect::Images).unwrap();
            let mut read = vec![0; len];
            idx.body.read_at(0, &mut read).unwrap();
            prop_assert_eq!(read, body);
        }
    }
}
