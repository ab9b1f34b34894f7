//! What a file is, told by how it begins.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use flate2::read::GzDecoder;

use super::mat5;

mod rows;

pub use rows::Rows;

/// Bytes from the beginning of a file by which it is told.
pub const START: usize = 1024;
/// Characters of a text that are quoted.
const QUOTED: usize = 24;

/// How a kind of file is told from its first bytes.
#[derive(Clone, Copy, Debug)]
enum Begins {
    /// One of these.
    With(&'static [&'static [u8]]),
    /// These, at an offset.
    At(usize, &'static [u8]),
    /// A text that begins with one of these; white space before it, a mark of its encoding and capitals do not count.
    Text(&'static [&'static str]),
    /// Something that is looked at more closely.
    If(fn(&[u8]) -> bool),
}

impl Begins {
    fn fits(self, bytes: &[u8]) -> bool {
        match self {
            Self::With(starts) => starts.iter().any(|start| bytes.starts_with(start)),
            Self::At(at, magic) => bytes.get(at..).is_some_and(|rest| rest.starts_with(magic)),
            Self::Text(starts) => {
                let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
                starts.iter().any(|start| {
                    text.get(..start.len()).is_some_and(|own| own.eq_ignore_ascii_case(start.as_bytes()))
                })
            }
            Self::If(test) => test(bytes),
        }
    }
}

/// A kind of file.
#[derive(Debug)]
pub struct KindOfFile {
    /// What it is, with its article: `a Parquet file`.
    pub name: &'static str,
    begins: Begins,
    /// What to do with such a file where data are asked for, as a sentence in the imperative; none for what can be an input as it is.
    pub instead: Option<&'static str>,
}

const ARRAYS: &str = "load it where it can be trusted and save images and labels as arrays: \
    numpy.savez(\"data.npz\", x_train=images, y_train=labels)";
const UNPACK: &str = "unpack it and name the folder";
const PICTURE: &str = "convert it to PNG";
const SHEET: &str = "save the sheet as CSV and name that file";
const SAVE_V7: &str = "save it again in MATLAB with save(file, names, \"-v7\"), which is read";

/// How web pages begin.
pub const WEB_PAGE: &[&str] = &["<!doctype html", "<html", "<head", "<body"];

/// All kinds that are known. The first that fits is it.
const KINDS: &[KindOfFile] = &[
    KindOfFile {
        name: "a Git LFS pointer, and not the file that it stands for",
        begins: Begins::Text(&["version https://git-lfs.github.com/spec/"]),
        instead: Some("run `git lfs pull` in the clone that it lies in"),
    },
    KindOfFile {
        name: "an HTML page",
        begins: Begins::Text(WEB_PAGE),
        instead: Some("get the file again; if it was downloaded, an error page was saved instead"),
    },
    KindOfFile {
        name: "a git-annex pointer, and not the file that it stands for",
        begins: Begins::Text(&["/annex/objects/", "../.git/annex/objects/", ".git/annex/objects/"]),
        instead: Some("run `git annex get` in the clone that it lies in"),
    },
    KindOfFile {
        name: "a DVC pointer, and not the file that it stands for",
        begins: Begins::If(|bytes| {
            [&b"outs:"[..], b"md5:"].iter().any(|word| bytes.starts_with(word)) && holds(bytes, b"path:")
        }),
        instead: Some("run `dvc pull` in the clone that it lies in, and name the file that appears"),
    },
    KindOfFile {
        name: "a Parquet file",
        begins: Begins::With(&[b"PAR1"]),
        instead: Some(
            "read it with pandas.read_parquet and save images and labels as arrays: numpy.savez(\"data.npz\", x_train=images, y_train=labels); folders that --format parquet wrote are read as they are",
        ),
    },
    KindOfFile {
        name: "a MATLAB file of version 7.3 (HDF5)",
        begins: Begins::With(&[b"MATLAB 7.3"]),
        instead: Some(
            "read it with h5py and save images and labels as arrays: numpy.savez(\"data.npz\", x_train=images, y_train=labels)",
        ),
    },
    KindOfFile { name: "a MATLAB file of version 5", begins: Begins::If(mat5::is_mat5), instead: None },
    KindOfFile {
        name: "a MATLAB file of another version than 5",
        begins: Begins::With(&[b"MATLAB"]),
        instead: Some(SAVE_V7),
    },
    KindOfFile { name: "a MATLAB file of version 4", begins: Begins::If(is_mat4), instead: Some(SAVE_V7) },
    KindOfFile {
        name: "an HDF5 file",
        begins: Begins::With(&[b"\x89HDF\r\n\x1a\n"]),
        instead: Some(
            "read it with h5py and save images and labels as arrays: numpy.savez(\"data.npz\", x_train=images, y_train=labels)",
        ),
    },
    KindOfFile {
        name: "a PyTorch file, which is pickled; pickles can run programs and are never read",
        begins: Begins::If(|bytes| bytes.starts_with(b"PK\x03\x04") && holds(bytes, b"/data.pkl")),
        instead: Some(ARRAYS),
    },
    KindOfFile {
        name: "a pickle, which can run programs and is never read",
        begins: Begins::If(|bytes| {
            matches!(bytes, [0x80, 2..=5, ..]) || bytes.starts_with(b"(dp0\n") || bytes.starts_with(b"(lp0\n")
        }),
        instead: Some(ARRAYS),
    },
    KindOfFile {
        name: "a Jupyter notebook",
        begins: Begins::If(|bytes| {
            bytes.trim_ascii_start().starts_with(b"{")
                && (holds(bytes, b"\"cells\"") || holds(bytes, b"\"nbformat\""))
        }),
        instead: Some(
            "have it save its images and labels as arrays: numpy.savez(\"data.npz\", x_train=images, y_train=labels)",
        ),
    },
    KindOfFile {
        name: "a rich text document",
        begins: Begins::With(&[b"{\\rtf"]),
        instead: Some("save it as plain text, with a row of numbers for each image"),
    },
    KindOfFile { name: "JSON", begins: Begins::If(is_json), instead: Some(ARRAYS) },
    KindOfFile {
        name: "an ARFF file, as Weka and OpenML have them",
        begins: Begins::Text(&["@relation", "@attribute"]),
        instead: Some(
            "write it as CSV: pandas.DataFrame(scipy.io.arff.loadarff(file)[0]).to_csv(\"data.csv\", index=False)",
        ),
    },
    KindOfFile {
        name: "a LIBSVM file, whose values have their places before them",
        begins: Begins::If(is_libsvm),
        instead: Some(
            "read it with sklearn.datasets.load_svmlight_file(file, n_features=784) and save arrays: numpy.savez(\"data.npz\", x_train=X.toarray(), y_train=y)",
        ),
    },
    KindOfFile {
        name: "an NPZ file",
        begins: Begins::If(|bytes| bytes.starts_with(b"PK\x03\x04") && holds(bytes, b".npy")),
        instead: None,
    },
    KindOfFile {
        name: "an Excel workbook",
        begins: Begins::If(|bytes| bytes.starts_with(b"PK\x03\x04") && holds(bytes, b"xl/")),
        instead: Some(SHEET),
    },
    KindOfFile {
        name: "a Word document",
        begins: Begins::If(|bytes| bytes.starts_with(b"PK\x03\x04") && holds(bytes, b"word/")),
        instead: Some("save what it holds as pictures, or a table in it as CSV"),
    },
    KindOfFile {
        name: "an Office document, such as an .xlsx workbook",
        begins: Begins::If(|bytes| bytes.starts_with(b"PK\x03\x04") && holds(bytes, b"[Content_Types].xml")),
        instead: Some(SHEET),
    },
    KindOfFile {
        name: "a Keras model, which holds weights and no images",
        begins: Begins::If(|bytes| bytes.starts_with(b"PK\x03\x04") && holds(bytes, b".weights.h5")),
        instead: Some("name the data that the model is trained with"),
    },
    KindOfFile {
        name: "a zip file",
        begins: Begins::With(&[b"PK\x03\x04", b"PK\x05\x06"]),
        instead: Some(UNPACK),
    },
    KindOfFile { name: "a tar archive", begins: Begins::At(257, b"ustar"), instead: Some(UNPACK) },
    KindOfFile {
        name: "a 7z archive",
        begins: Begins::With(&[b"7z\xbc\xaf\x27\x1c"]),
        instead: Some(UNPACK),
    },
    KindOfFile { name: "a RAR archive", begins: Begins::With(&[b"Rar!\x1a\x07"]), instead: Some(UNPACK) },
    KindOfFile {
        name: "a file packed by xz",
        begins: Begins::With(&[b"\xfd7zXZ\0"]),
        instead: Some("unpack it with xz -d, and name what comes out"),
    },
    KindOfFile {
        name: "a file packed by bzip2",
        begins: Begins::With(&[b"BZh"]),
        instead: Some("unpack it with bzip2 -d, and name what comes out"),
    },
    KindOfFile {
        name: "a file packed by Zstandard",
        begins: Begins::With(&[b"\x28\xb5\x2f\xfd"]),
        instead: Some("unpack it with zstd -d, and name what comes out"),
    },
    KindOfFile { name: "gzip data", begins: Begins::With(&[b"\x1f\x8b"]), instead: None },
    KindOfFile {
        name: "an SQLite database",
        begins: Begins::With(&[b"SQLite format 3\0"]),
        instead: Some(ARRAYS),
    },
    KindOfFile {
        name: "an Arrow or Feather file",
        begins: Begins::With(&[b"ARROW1", b"FEA1"]),
        instead: Some(
            "read it with pandas.read_feather and save images and labels as arrays: numpy.savez(\"data.npz\", x_train=images, y_train=labels)",
        ),
    },
    KindOfFile {
        name: "a stream of Arrow",
        begins: Begins::If(|bytes| matches!(bytes, [0xff, 0xff, 0xff, 0xff, _, _, 0, 0, ..])),
        instead: Some(
            "read it with pyarrow.ipc.open_stream and save images and labels as arrays: numpy.savez(\"data.npz\", x_train=images, y_train=labels)",
        ),
    },
    KindOfFile {
        name: "a safetensors file",
        begins: Begins::If(|bytes| matches!(bytes, [_, _, _, _, 0, 0, 0, 0, b'{', ..])),
        instead: Some(
            "read it with safetensors.numpy.load_file and save images and labels as arrays: numpy.savez(\"data.npz\", x_train=images, y_train=labels); folders that --format safetensors wrote are read as they are",
        ),
    },
    KindOfFile {
        name: "a TFRecord file",
        // A length, its checksum, and a message whose first field has a length as well.
        begins: Begins::If(
            |bytes| matches!(bytes, [a, b, _, _, 0, 0, 0, 0, _, _, _, _, 0x0a, ..] if (*a, *b) != (0, 0)),
        ),
        instead: Some(
            "read it with tensorflow and save images and labels as arrays: numpy.savez(\"data.npz\", x_train=images, y_train=labels); folders that --format tfrecord wrote are read as they are",
        ),
    },
    KindOfFile {
        name: "an ONNX model, which holds weights and no images",
        begins: Begins::If(
            |bytes| matches!(bytes, [0x08, 1..=32, 0x12, 1..=64, letter, ..] if letter.is_ascii_alphabetic()),
        ),
        instead: Some("name the data that the model is trained with"),
    },
    KindOfFile {
        name: "a file of R",
        begins: Begins::With(&[
            b"RDX2\n",
            b"RDX3\n",
            b"RDA2\n",
            b"RDA3\n",
            b"X\n\0\0\0\x02",
            b"X\n\0\0\0\x03",
        ]),
        instead: Some("write it as CSV in R: write.csv(data, \"data.csv\", row.names=FALSE)"),
    },
    KindOfFile {
        name: "an LMDB database",
        begins: Begins::At(16, b"\xde\xc0\xef\xbe"),
        instead: Some(ARRAYS),
    },
    KindOfFile { name: "an Avro file", begins: Begins::With(&[b"Obj\x01"]), instead: Some(ARRAYS) },
    KindOfFile {
        name: "an ORC file",
        begins: Begins::If(|bytes| bytes.starts_with(b"ORC") && bytes.iter().take(64).any(|byte| *byte < 9)),
        instead: Some(ARRAYS),
    },
    KindOfFile {
        name: "a program of Windows",
        begins: Begins::If(|bytes| bytes.starts_with(b"MZ") && bytes.iter().take(64).any(|byte| *byte == 0)),
        instead: Some("name the data themselves"),
    },
    KindOfFile {
        name: "an Office document, such as an .xls workbook",
        begins: Begins::With(&[b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"]),
        instead: Some("save the sheet as CSV"),
    },
    KindOfFile { name: "a NumPy array", begins: Begins::With(&[b"\x93NUMPY"]), instead: None },
    KindOfFile {
        name: "an IDX file",
        begins: Begins::If(|bytes| matches!(bytes, [0, 0, 8 | 9 | 0x0b..=0x0e, 1..=8, ..])),
        instead: None,
    },
    KindOfFile {
        name: "an IDX file with the bytes of its header reversed",
        begins: Begins::If(|bytes| matches!(bytes, [1..=4, 8 | 9 | 0x0b..=0x0e, 0, 0, ..])),
        instead: Some(
            "write the numbers of its header with the high bytes first, as the files of MNIST have them",
        ),
    },
    KindOfFile { name: "a PNG picture", begins: Begins::With(&[b"\x89PNG"]), instead: None },
    KindOfFile { name: "a JPEG picture", begins: Begins::With(&[b"\xff\xd8\xff"]), instead: None },
    KindOfFile { name: "a GIF picture", begins: Begins::With(&[b"GIF8"]), instead: Some(PICTURE) },
    KindOfFile {
        name: "a TIFF picture",
        begins: Begins::With(&[b"II*\0", b"MM\0*"]),
        instead: Some(PICTURE),
    },
    KindOfFile { name: "an AVIF, HEIC or MP4 file", begins: Begins::At(4, b"ftyp"), instead: Some(PICTURE) },
    KindOfFile {
        name: "a PGM, PPM or PBM picture",
        // Names of columns may be `P1 P2 P3` as well.
        begins: Begins::If(|bytes| {
            matches!(
                bytes,
                [b'P', b'1'..=b'7', b' ' | b'\n' | b'\r' | b'\t', b'0'..=b'9' | b'#' | b'\n' | b'W', ..]
            )
        }),
        instead: Some(PICTURE),
    },
    KindOfFile { name: "a Photoshop picture", begins: Begins::With(&[b"8BPS"]), instead: Some(PICTURE) },
    KindOfFile {
        name: "a JPEG 2000 picture",
        begins: Begins::With(&[b"\0\0\0\x0cjP  ", b"\xff\x4f\xff\x51"]),
        instead: Some(PICTURE),
    },
    KindOfFile {
        name: "a film in Matroska or WebM",
        begins: Begins::With(&[b"\x1a\x45\xdf\xa3"]),
        instead: Some("save its frames as PNG"),
    },
    KindOfFile { name: "a PDF file", begins: Begins::With(&[b"%PDF"]), instead: Some(PICTURE) },
    KindOfFile { name: "an SVG drawing", begins: Begins::Text(&["<svg"]), instead: Some(PICTURE) },
    KindOfFile {
        name: "XML",
        begins: Begins::Text(&["<?xml"]),
        instead: Some("a download went wrong if you expected data; get the file again"),
    },
    KindOfFile {
        name: "nothing but zeros",
        begins: Begins::If(|bytes| bytes.len() >= 16 && bytes.iter().all(|byte| *byte == 0)),
        instead: Some("get the file again; its content was never written"),
    },
];

/// Whether a text is JSON: an object, or a list of what is no bare text.
fn is_json(bytes: &[u8]) -> bool {
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    match text.split_first() {
        Some((b'{', rest)) => matches!(rest.trim_ascii_start(), [b'"' | b'}', ..]),
        Some((b'[', rest)) => {
            matches!(rest.trim_ascii_start(), [b'{' | b'[' | b'"' | b'0'..=b'9' | b'-', ..])
        }
        _ => false,
    }
}

/// Whether a text is what LIBSVM reads: a label, and values with their places: `5 153:0.0117 154:0.0703`.
fn is_libsvm(bytes: &[u8]) -> bool {
    let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let mut words = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    let number = |word: &[u8]| std::str::from_utf8(word).is_ok_and(|word| word.parse::<f64>().is_ok());
    let pair = |word: &[u8]| {
        let at = word.iter().position(|byte| *byte == b':');
        at.is_some_and(|at| number(&word[..at]) && (number(&word[at + 1..]) || word.len() == at + 1))
    };
    let label = words.next().is_some_and(number);
    // The last one may be cut off.
    let first: Vec<&[u8]> = words.take(3).collect();
    label && first.len() > 1 && first.iter().take(2).all(|word| pair(word))
}

/// Whether bytes begin as the matrices of MATLAB 4 do: a type MOPT in decimal digits, rows, columns, whether there is an imaginary part, and
/// the length of the name that follows, with the zero that ends it.
fn is_mat4(bytes: &[u8]) -> bool {
    let Some((header, rest)) = bytes.split_first_chunk::<20>() else { return false };
    [u32::from_le_bytes, u32::from_be_bytes].iter().enumerate().any(|(order, read)| {
        let [kind, rows, columns, imaginary, name] =
            std::array::from_fn(|i| read(std::array::from_fn(|byte| header[4 * i + byte])));
        let [m, o, p, t] = [kind / 1000, kind / 100 % 10, kind / 10 % 10, kind % 10];
        let name = rest.get(..name as usize).and_then(<[u8]>::split_last);
        m as usize == order
            && (o, p < 6, t < 3) == (0, true, true)
            && rows.min(columns) > 0
            && imaginary < 2
            && name.is_some_and(|(end, name)| {
                *end == 0
                    && name.first().is_some_and(u8::is_ascii_alphabetic)
                    && name.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
            })
    })
}

fn holds(bytes: &[u8], what: &[u8]) -> bool {
    bytes.windows(what.len()).any(|window| window == what)
}

/// The kind of a file that begins with these bytes, if it is known.
#[must_use]
pub fn kind(bytes: &[u8]) -> Option<&'static KindOfFile> {
    KINDS.iter().find(|kind| kind.begins.fits(bytes))
}

/// The first bytes of a regular file, unpacked where they are gzip data; at most [`START`].
///
/// # Errors
/// If it cannot be read.
pub fn start(path: &Path) -> io::Result<Vec<u8>> {
    let mut start = Vec::new();
    File::open(path)?.take(START as u64).read_to_end(&mut start)?;
    if start.starts_with(&[0x1f, 0x8b]) {
        let mut unpacked = Vec::new();
        // What there is of a stream that is cut off here.
        let _ = GzDecoder::new(&start[..]).take(START as u64).read_to_end(&mut unpacked);
        if !unpacked.is_empty() {
            return Ok(unpacked);
        }
    }
    Ok(start)
}

/// What the content of a file seems to be, for an error message.
#[must_use]
pub fn looks_like(bytes: &[u8]) -> String {
    let text = |bytes: &[u8]| {
        let quoted = String::from_utf8_lossy(&bytes[..bytes.len().min(4 * QUOTED)]).into_owned();
        quoted.chars().take(QUOTED).collect::<String>()
    };
    if bytes.is_empty() {
        "an empty file".into()
    } else if let Some(kind) = kind(bytes) {
        kind.name.into()
    } else if bytes.iter().take(256).all(|&b| b >= 0x20 || matches!(b, b'\n' | b'\r' | b'\t')) {
        format!("text that begins {:?}", text(bytes))
    } else {
        let hex: Vec<String> = bytes.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
        format!("bytes that begin {}", hex.join(" "))
    }
}

/// What to do with a file that is of no kind that can be an input.
#[must_use]
pub fn instead(bytes: &[u8]) -> &'static str {
    if bytes.is_empty() {
        return "get the file again; it is empty";
    }
    kind(bytes).and_then(|kind| kind.instead).unwrap_or(
        "name pictures, arrays (.npz, .npy, .mat), IDX files, or a table with a row of numbers for each image",
    )
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn kinds_are_told() {
        let tar = [&[b'a'; 257][..], b"ustar\x0000"].concat();
        for (bytes, name) in [
            (&b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n"[..], "a Git LFS pointer"),
            (b"\xef\xbb\xbf \n<!DOCTYPE HTML><title>404", "an HTML page"),
            (b"PAR1\x15", "a Parquet file"),
            (b"MATLAB 5.0 MAT-file, Platform: GLNXA64", "a MATLAB file of version 5"),
            (b"MATLAB 8", "a MATLAB file of another version"),
            (b"\0\0\0\0\x02\0\0\0\x03\0\0\0\0\0\0\0\x02\0\0\0x\0\0\0", "a MATLAB file of version 4"),
            (b"\0\0\x03\xf2\0\0\0\x02\0\0\0\x03\0\0\0\0\0\0\0\x02x\0\0\0", "a MATLAB file of version 4"),
            (b"\0\0\x08\x03\0\0\0\x02\0\0\0\x02\0\0\0\x02\x01\x02\x03\x04", "an IDX file"),
            (b"ARROW1\0\0", "an Arrow or Feather file"),
            (b"MATLAB 7.3 MAT-file", "a MATLAB file of version 7.3"),
            (b"\x89HDF\r\n\x1a\n\0", "an HDF5 file"),
            (b"PK\x03\x04\0\0archive/data.pkl", "a PyTorch file"),
            (b"PK\x03\x04\0\0x.npy", "an NPZ file"),
            (b"PK\x03\x04\0\0x.png", "a zip file"),
            (b"\x80\x03cnumpy", "a pickle"),
            (b"{\n \"cells\": [", "a Jupyter notebook"),
            (&tar, "a tar archive"),
            (b"\0\0\x0d\x03", "an IDX file"),
            (b"/annex/objects/SHA256E-s1--a.csv\n", "a git-annex pointer"),
            (b"outs:\n- md5: a\n  path: train.csv\n", "a DVC pointer"),
            (b"PK\x03\x04 [Content_Types].xml xl/workbook.xml", "an Excel workbook"),
            (b"PK\x03\x04 [Content_Types].xml", "an Office document"),
            (b"[{\"a\": 1}]", "JSON"),
            (b"@RELATION mnist\n", "an ARFF file"),
            (b"7 12:0.5 13:1 14:0.25\n", "a LIBSVM file"),
            (b"\x3c\0\0\0\0\0\0\0{\"x\":{}}", "a safetensors file"),
            (b"\x14\0\0\0\0\0\0\0abcd\x0a\x12", "a TFRecord file"),
            (b"\x08\x07\x12\x07pytorch", "an ONNX model"),
            (b"P5 28 28 255\n", "a PGM, PPM or PBM picture"),
            (&[0; 40], "nothing but zeros"),
            (b"\x03\x08\0\0\x02\0\0\0", "an IDX file with the bytes of its header reversed"),
            (b"1,2,3", "text that begins \"1,2,3\""),
            (b"\x01\x02", "bytes that begin 01 02"),
            (b"", "an empty file"),
        ] {
            assert!(looks_like(bytes).starts_with(name), "{name}: {}", looks_like(bytes));
        }
    }

    #[test]
    fn what_is_packed_is_told_by_what_is_in_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.pkl.gz");
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(b"\x80\x02}q\0").unwrap();
        File::create_new(&path).unwrap().write_all(&packed.finish().unwrap()).unwrap();
        assert!(looks_like(&start(&path).unwrap()).starts_with("a pickle"));
    }

    /// No kind stands behind another that takes everything that it would.
    #[test]
    fn every_row_can_be_found() {
        for kind in KINDS {
            let bytes = match kind.begins {
                Begins::With(starts) => starts[0].to_vec(),
                Begins::At(at, magic) => [&vec![0x7f; at], magic].concat(),
                Begins::Text(starts) => starts[0].as_bytes().to_vec(),
                Begins::If(_) => continue,
            };
            assert_eq!(super::kind(&bytes).map(|found| found.name), Some(kind.name));
        }
    }
}
