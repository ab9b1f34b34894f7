//! Bytes that can be read at any place, wherever they live.

use std::fs::File;
use std::io::{self, Write};
use std::sync::Arc;

/// Up to this many bytes stay in memory; more go to an unnamed temporary file, so that memory stays flat
/// however large the input is.
const IN_MEMORY: usize = 96 << 20;

/// Immutable bytes in memory or in a file.
#[derive(Clone, Debug)]
pub enum Spool {
    /// In memory.
    Memory(Arc<Vec<u8>>),
    /// In a file, from `start` on.
    File {
        /// The file.
        file: Arc<File>,
        /// Offset of the first byte.
        start: u64,
    },
}

impl Spool {
    /// Fills `out` with the bytes from `offset` on.
    ///
    /// # Errors
    /// If there are fewer bytes, or the file cannot be read.
    pub fn read_at(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        match self {
            Self::Memory(bytes) => {
                let start = usize::try_from(offset).map_err(io::Error::other)?;
                let found = bytes.get(start..start + out.len()).ok_or(io::ErrorKind::UnexpectedEof)?;
                out.copy_from_slice(found);
                Ok(())
            }
            Self::File { file, start } => read_exact_at(file, start + offset, out),
        }
    }
}

/// Reads at a place without moving the file's own position, so that threads can share one file.
#[cfg(unix)]
fn read_exact_at(file: &File, offset: u64, out: &mut [u8]) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, out, offset)
}

/// Reads at a place; each call seeks by itself, so that threads can share one file.
#[cfg(windows)]
fn read_exact_at(file: &File, mut offset: u64, mut out: &mut [u8]) -> io::Result<()> {
    while !out.is_empty() {
        match std::os::windows::fs::FileExt::seek_read(file, out, offset)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            n => {
                out = &mut out[n..];
                offset += n as u64;
            }
        }
    }
    Ok(())
}

/// Collects bytes into a [`Spool`].
#[derive(Debug, Default)]
pub struct SpoolWriter {
    memory: Vec<u8>,
    file: Option<File>,
    /// Bytes in the file.
    spilled: u64,
}

impl SpoolWriter {
    /// Number of bytes collected so far.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.spilled + self.memory.len() as u64
    }

    /// The collected bytes.
    ///
    /// # Errors
    /// If the temporary file cannot be written to its end.
    pub fn finish(self) -> io::Result<Spool> {
        Ok(match self.file {
            None => Spool::Memory(Arc::new(self.memory)),
            Some(mut file) => {
                file.write_all(&self.memory)?;
                Spool::File { file: Arc::new(file), start: 0 }
            }
        })
    }
}

impl Write for SpoolWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.memory.len() + bytes.len() > IN_MEMORY {
            if self.file.is_none() {
                self.file = Some(tempfile::tempfile()?);
                // From here on memory is only a write buffer.
            }
            if let Some(file) = &mut self.file {
                file.write_all(&self.memory)?;
                self.spilled += self.memory.len() as u64;
                self.memory.clear();
                self.memory.shrink_to(1 << 20);
            }
        }
        self.memory.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Bytes that are fetched ahead.
const AHEAD: u64 = 64 << 10;

/// Rows of a column that were fetched ahead: single ones where they are asked for at random, runs of them where in order.
#[derive(Debug, Default)]
pub struct Ahead {
    first: u64,
    bytes: Vec<u8>,
}

impl Ahead {
    /// Row `row` of a column of `rows` rows, `width` bytes each.
    ///
    /// # Errors
    /// If the bytes cannot be read.
    pub fn row(
        &mut self,
        from: &Spool,
        row: u64,
        rows: u64,
        width: usize,
        in_order: bool,
    ) -> io::Result<&[u8]> {
        let held = (self.bytes.len() / width.max(1)) as u64;
        if !(self.first..self.first + held).contains(&row) {
            let run = if in_order { (AHEAD / width.max(1) as u64).max(1) } else { 1 };
            self.bytes.resize(run.min(rows - row) as usize * width, 0);
            self.first = row;
            if let Err(error) = from.read_at(row * width as u64, &mut self.bytes) {
                self.bytes.clear();
                return Err(error);
            }
        }
        let at = (row - self.first) as usize * width;
        Ok(&self.bytes[at..at + width])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_spools_go_to_a_file_and_read_the_same() {
        let block: Vec<u8> = (0..1 << 20).map(|i| (i % 251) as u8).collect();
        let mut writer = SpoolWriter::default();
        for _ in 0..100 {
            writer.write_all(&block).unwrap();
        }
        let spool = writer.finish().unwrap();
        assert!(matches!(spool, Spool::File { .. }));
        let mut out = [0; 600];
        for offset in [0, 5 << 20, (100 << 20) - 600] {
            spool.read_at(offset, &mut out).unwrap();
            let expected: Vec<u8> = (offset..offset + 600).map(|i| ((i % (1 << 20)) % 251) as u8).collect();
            assert_eq!(out, expected[..]);
        }
        assert!(spool.read_at((100 << 20) - 1, &mut out).is_err());
    }

    #[test]
    fn small_spools_stay_in_memory() {
        let mut writer = SpoolWriter::default();
        writer.write_all(b"hello").unwrap();
        let spool = writer.finish().unwrap();
        assert!(matches!(spool, Spool::Memory(_)));
        let mut out = [0; 3];
        spool.read_at(2, &mut out).unwrap();
        assert_eq!(&out, b"llo");
        assert!(spool.read_at(3, &mut out).is_err());
    }
}
