//! IDX files of any type and any number of dimensions, as arrays: floats, wider integers, N x C x H x W, rows of labels.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use flate2::read::MultiGzDecoder;

use super::npy::NpyHeader;

/// Dimensions that such a file may have here: images, channels, rows, columns.
const MOST_DIMS: usize = 4;

/// NumPy's spelling of an IDX type code.
fn descr(code: u8) -> Option<&'static str> {
    Some(match code {
        0x08 => "|u1",
        0x09 => "|i1",
        0x0b => ">i2",
        0x0c => ">i4",
        0x0d => ">f4",
        0x0e => ">f8",
        _ => return None,
    })
}

/// The header of an IDX file in NumPy's terms; none if these are not the first bytes of one.
#[must_use]
pub fn header(start: &[u8]) -> Option<NpyHeader> {
    let [0, 0, code, dims, rest @ ..] = start else { return None };
    let (descr, dims) = (descr(*code)?, usize::from(*dims));
    if !(1..=MOST_DIMS).contains(&dims) || rest.len() < 4 * dims {
        return None;
    }
    let shape =
        rest.as_chunks::<4>().0[..dims].iter().map(|side| u64::from(u32::from_be_bytes(*side))).collect();
    Some(NpyHeader { descr: descr.into(), fortran_order: false, shape, length: 4 + 4 * dims as u64 })
}

/// Whether these are labels as QMNIST has them: rows of integers, the class, the series and the writer of each image among them.
#[must_use]
pub fn is_extended(header: &NpyHeader) -> bool {
    header.descr == ">i4" && matches!(header.shape[..], [_, 3..=64])
}

/// The first of several values of each row.
struct FirstOfRow {
    reader: Box<dyn Read>,
    /// Bytes of a value, and of those behind it in a row.
    value: usize,
    rest: usize,
    /// Where in its row the next byte lies.
    at: usize,
}

impl Read for FirstOfRow {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.at == self.value {
            let mut behind = [0; 256];
            self.reader.read_exact(&mut behind[..self.rest])?;
            self.at = 0;
        }
        let want = out.len().min(self.value - self.at);
        let got = self.reader.read(&mut out[..want])?;
        self.at += got;
        Ok(got)
    }
}

/// An IDX file that is read as an array.
pub(super) struct Opened {
    /// The values.
    pub(super) reader: Box<dyn Read>,
    pub(super) header: NpyHeader,
    /// Bytes that the unpacked file has: counted where it is not packed, else as the header says, which is found out when it is read.
    pub(super) length: u64,
    /// Bytes of a packed file.
    pub(super) packed: Option<u64>,
    /// The file, if its values can be read where they lie.
    pub(super) file: Option<File>,
}

/// Opens an IDX file, raw or gzipped; `None` if it is none. Of labels as QMNIST has them the classes alone are read.
pub(super) fn open(path: &Path) -> io::Result<Option<Opened>> {
    let mut file = File::open(path)?;
    let size_of_file = file.metadata()?.len();
    let mut magic = [0; 2];
    let packed = file.read_exact(&mut magic).is_ok() && magic == [0x1f, 0x8b];
    file.seek(SeekFrom::Start(0))?;
    let shared = file.try_clone()?;
    let mut reader: Box<dyn Read> = if packed {
        Box::new(MultiGzDecoder::new(BufReader::with_capacity(1 << 16, file)))
    } else {
        Box::new(BufReader::with_capacity(1 << 16, file))
    };
    let mut start = vec![0; 4];
    reader.read_exact(&mut start)?;
    start.resize(4 + 4 * usize::from(start[3]).min(MOST_DIMS), 0);
    reader.read_exact(&mut start[4..])?;
    let Some(mut header) = header(&start) else { return Ok(None) };
    let said = header.shape.iter().try_fold(size(&header.descr), |bytes, &side| bytes.checked_mul(side));
    let said = said.and_then(|bytes| bytes.checked_add(header.length)).unwrap_or(u64::MAX);
    let mut length = if packed { said } else { size_of_file };
    if is_extended(&header) {
        let (rows, columns) = (header.shape[0], header.shape[1]);
        let rest = 4 * (columns - 1);
        reader = Box::new(FirstOfRow { reader, value: 4, rest: rest as usize, at: 0 });
        header.shape.pop();
        // As long as the file is wrong, so is what is left of it.
        length = length.wrapping_sub(rows * rest);
        let packed = packed.then_some(size_of_file);
        return Ok(Some(Opened { reader, header, length, packed, file: None }));
    }
    Ok(Some(Opened {
        reader,
        header,
        length,
        packed: packed.then_some(size_of_file),
        file: (!packed).then_some(shared),
    }))
}

/// Bytes of a value, the last character of NumPy's spelling.
fn size(descr: &str) -> u64 {
    descr.bytes().last().map_or(1, |digit| u64::from(digit - b'0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_numpys() {
        let found = header(&[0, 0, 0x0d, 2, 0, 0, 0, 3, 0, 0, 1, 0, 9]).unwrap();
        assert_eq!((found.descr.as_str(), &found.shape[..], found.length), (">f4", &[3, 256][..], 12));
        assert_eq!(size(&found.descr), 4);
        for bad in [
            &[0, 0, 0x0a, 1, 0, 0, 0, 3][..],
            &[0, 0, 8, 0],
            &[0, 0, 8, 5],
            &[0, 0, 8, 2, 0, 0, 0, 3],
            &[1, 0, 8, 1],
        ] {
            assert!(header(bad).is_none(), "{bad:?}");
        }
    }
}
