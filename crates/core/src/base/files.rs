//! Files of others: how much of one is read, and whether it stays what it was.

use std::collections::BTreeMap;
use std::fs::{File, Metadata};
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use super::{Explain, Kind};

/// No text that people write, and no record of a run's parts, is larger: lists of names, licenses, locks, pipelines.
pub const SMALL: u64 = 16 << 20;

/// The bytes of a file, or of what a pipe sends, which are at most `most`.
///
/// # Errors
/// If it cannot be read; [`ErrorKind::InvalidData`] if there is more.
pub fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    take(File::open(path)?, most)
}

/// The same as text.
///
/// # Errors
/// As [`read`], and [`ErrorKind::InvalidData`] if it is no UTF-8.
pub fn read_text(path: &Path, most: u64) -> io::Result<String> {
    text(read(path, most)?)
}

/// The text of a file that a program wrote, and that nothing else than a file may stand in for: a device would never end, and a pipe never
/// begin.
///
/// # Errors
/// As [`read_text`], and [`ErrorKind::InvalidData`] if it is no regular file.
pub fn read_record(path: &Path, most: u64) -> io::Result<String> {
    text(take(open_regular(path)?, most)?)
}

/// Opens a file for reading that must be a regular one.
///
/// # Errors
/// If it cannot be opened; [`ErrorKind::InvalidData`] if it is something else.
pub fn open_regular(path: &Path) -> io::Result<File> {
    // Asked before it is opened, which a pipe makes wait, and once more of what was opened.
    regular(&std::fs::metadata(path)?)?;
    let file = File::open(path)?;
    regular(&file.metadata()?)?;
    Ok(file)
}

fn regular(found: &Metadata) -> io::Result<()> {
    if found.is_file() {
        return Ok(());
    }
    if found.is_dir() {
        return Err(ErrorKind::IsADirectory.into());
    }
    Err(io::Error::new(ErrorKind::InvalidData, "it is no regular file"))
}

fn take(file: File, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        let what = format!("it has more than {most} bytes, which no such file has");
        return Err(io::Error::new(ErrorKind::InvalidData, what));
    }
    Ok(bytes)
}

fn text(bytes: Vec<u8>) -> io::Result<String> {
    String::from_utf8(bytes).map_err(|_| io::Error::new(ErrorKind::InvalidData, "it is no UTF-8 text"))
}

/// What tells one state of a file from another without reading it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamp {
    length: u64,
    modified: Option<SystemTime>,
    /// Device and number, where the system has them.
    number: (u64, u64),
}

impl Stamp {
    /// Of a file whose metadata is known.
    #[must_use]
    pub fn of(found: &Metadata) -> Self {
        Self { length: found.len(), modified: found.modified().ok(), number: number(found) }
    }

    /// Whether both are of one file, whatever state it is in.
    #[must_use]
    pub fn is_of(&self, other: &Self) -> bool {
        self.number == other.number
    }

    /// Of the file that a path leads to.
    ///
    /// # Errors
    /// If there is none.
    pub fn at(path: &Path) -> io::Result<Self> {
        Ok(Self::of(&std::fs::metadata(path)?))
    }
}

#[cfg(unix)]
fn number(found: &Metadata) -> (u64, u64) {
    use std::os::unix::fs::MetadataExt;
    (found.dev(), found.ino())
}

#[cfg(not(unix))]
fn number(_: &Metadata) -> (u64, u64) {
    (0, 0)
}

/// Whether both paths lead to one file.
#[must_use]
pub fn is_same(a: &Path, b: &Path) -> bool {
    matches!((a.canonicalize(), b.canonicalize()), (Ok(a), Ok(b)) if a == b)
        || cfg!(unix)
            && matches!((std::fs::metadata(a), std::fs::metadata(b)), (Ok(a), Ok(b)) if number(&a) == number(&b))
}

/// The files that a run reads from its beginning to its end, each with its state when its content was taken for what it is. Clones share the
/// list.
#[derive(Clone, Debug, Default)]
pub struct Steady(Arc<Mutex<BTreeMap<PathBuf, Stamp>>>);

impl Steady {
    /// Remembers a file. The first state of it that is remembered counts.
    pub fn add(&self, path: &Path, stamp: Stamp) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.entry(path.to_owned()).or_insert(stamp);
    }

    /// Whether all files are what they were.
    ///
    /// # Errors
    /// [`Changed`], naming the first that is not.
    pub fn check(&self) -> Result<(), Changed> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match known.iter().find(|(path, stamp)| Stamp::at(path).ok().as_ref() != Some(*stamp)) {
            None => Ok(()),
            Some((path, _)) => Err(Changed { path: path.clone() }),
        }
    }
}

/// A file is another one than when it was begun to be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path}: it was changed while it was read")]
pub struct Changed {
    /// The file.
    pub path: PathBuf,
}

impl Explain for Changed {
    fn kind(&self) -> Kind {
        Kind::Data
    }

    fn help(&self) -> Option<String> {
        Some(
            "wait until nobody writes to it, and run the same command again; it makes everything anew".into(),
        )
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "files that change under the reader")]
mod tests {
    use super::*;

    #[test]
    fn no_more_is_read_than_there_may_be() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        std::fs::write(&path, "four").unwrap();
        assert_eq!(read_text(&path, 4).unwrap(), "four");
        assert_eq!(read_record(&path, 4).unwrap(), "four");
        assert_eq!(read(&path, 3).unwrap_err().kind(), ErrorKind::InvalidData);
        std::fs::write(&path, [0xff]).unwrap();
        assert_eq!(read_text(&path, 4).unwrap_err().kind(), ErrorKind::InvalidData);
        assert_eq!(read_record(folder.path(), 4).unwrap_err().kind(), ErrorKind::IsADirectory);
        #[cfg(target_os = "linux")]
        {
            let endless = Path::new("/dev/zero");
            assert_eq!(read_text(endless, 1000).unwrap_err().kind(), ErrorKind::InvalidData);
            assert_eq!(read_record(endless, 1000).unwrap_err().kind(), ErrorKind::InvalidData);
        }
    }

    #[test]
    fn a_file_that_changes_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let (a, b) = (folder.path().join("a"), folder.path().join("b"));
        for path in [&a, &b] {
            std::fs::write(path, "one").unwrap();
        }
        let steady = Steady::default();
        for path in [&a, &b] {
            steady.add(path, Stamp::at(path).unwrap());
        }
        assert_eq!(steady.clone().check(), Ok(()));
        std::fs::write(&b, "longer").unwrap();
        assert_eq!(steady.check(), Err(Changed { path: b.clone() }));
        std::fs::remove_file(&a).unwrap();
        assert_eq!(steady.check(), Err(Changed { path: a }));
    }
}
