//! Single files that people name: `-o sheet.png`, `--indices split.npz`.
//!
//! Such a name may be anything: a file that is dear to somebody, a link, a device, a pipe. A new file appears whole or not at all, and so does the
//! next one in its place; what is no regular file is written into and stays what it is.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use crate::base::files::is_same;
use crate::base::{Explain, Kind};

use super::atomic::TEMPORARY;

/// Bytes of an older file by which its kind is told.
const START: u64 = 512;

/// Links that are followed from one to the next.
const MOST_LINKS: usize = 40;

/// A single file to be written.
pub struct Output<'a> {
    /// Its name.
    pub path: &'a Path,
    /// Whether any older file of this name is replaced.
    pub force: bool,
    /// Files and folders that it is made of.
    pub reads: &'a [PathBuf],
    /// What it is, for messages: `a picture`.
    pub what: &'static str,
    /// Whether an older file that begins so is one of the same kind, which may be replaced.
    pub is_like: &'a dyn Fn(&[u8]) -> bool,
}

/// Why a file is not written.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    /// The name stands for something that is not written to.
    #[error("{path}: expected the name of a file, found {found}")]
    NoFile {
        /// The name.
        path: PathBuf,
        /// What it stands for.
        found: &'static str,
    },
    /// There is a file of this name that is being read.
    #[error("{path}: it is one of the files that are read")]
    IsRead {
        /// The file.
        path: PathBuf,
    },
    /// There is a file of this name that is something else.
    #[error("{path}: a file of this name is there already, and it is not {what}")]
    Other {
        /// The file.
        path: PathBuf,
        /// What it would become.
        what: &'static str,
    },
    /// It cannot be written.
    #[error("{path}: cannot be written")]
    Write {
        /// The file.
        path: PathBuf,
        /// The operating system's reason.
        source: io::Error,
    },
}

impl Explain for OutputError {
    fn kind(&self) -> Kind {
        match self {
            Self::NoFile { .. } => Kind::Usage,
            Self::IsRead { .. } | Self::Other { .. } | Self::Write { .. } => Kind::CannotWrite,
        }
    }

    fn help(&self) -> Option<String> {
        Some(
            match self {
                Self::NoFile { .. } => "name a file on this machine",
                Self::IsRead { .. } | Self::Other { .. } => {
                    "name another file, or add --force to replace the one that is there"
                }
                Self::Write { .. } => "check the folder and its permissions, or name another file",
            }
            .into(),
        )
    }
}

/// What stands where the file is to be.
enum Place {
    /// Nothing yet.
    New(PathBuf),
    /// A file, all links followed.
    File(PathBuf, Metadata),
    /// Something that is written into.
    Stream,
}

/// What a path stands for that is on no disk, if it does: standard output, or an address.
#[must_use]
pub fn elsewhere(path: &Path) -> Option<&'static str> {
    let text = path.to_string_lossy();
    if text == "-" {
        return Some("-, which stands for standard output");
    }
    let scheme = text.split_once("://").map(|(scheme, _)| scheme);
    scheme
        .is_some_and(|scheme| {
            scheme.starts_with(|c: char| c.is_ascii_alphabetic())
                && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
        })
        .then_some("the address of something on a network")
}

impl Output<'_> {
    /// Whether it may be written, before there is anything to write.
    ///
    /// # Errors
    /// [`OutputError`]
    pub fn check(&self) -> Result<(), OutputError> {
        self.place().map(|_| ())
    }

    /// Writes it: `pieces`, one after the other.
    ///
    /// # Errors
    /// [`OutputError`]
    pub fn write(&self, pieces: &[impl AsRef<[u8]>]) -> Result<(), OutputError> {
        let failed = |source| self.failed(source);
        match self.place()? {
            Place::Stream => {
                let mut stream = OpenOptions::new().write(true).open(self.path).map_err(failed)?;
                pieces.iter().try_for_each(|piece| stream.write_all(piece.as_ref())).map_err(failed)
            }
            Place::New(target) => replace(&target, None, pieces).map_err(failed),
            Place::File(target, found) => replace(&target, Some(&found), pieces).map_err(failed),
        }
    }

    fn failed(&self, source: io::Error) -> OutputError {
        OutputError::Write { path: self.path.into(), source }
    }

    fn place(&self) -> Result<Place, OutputError> {
        let path = self.path;
        let none = |found| OutputError::NoFile { path: path.into(), found };
        if let Some(found) = elsewhere(path) {
            return Err(none(found));
        }
        if path.file_name().is_none() || path.as_os_str().as_encoded_bytes().ends_with(b"/") {
            return Err(none("a folder"));
        }
        match fs::metadata(path) {
            Ok(found) if found.is_dir() => Err(none("a folder")),
            Ok(found) if found.is_file() => {
                let target = path.canonicalize().map_err(|source| self.failed(source))?;
                self.may_replace(&target)?;
                Ok(Place::File(target, found))
            }
            Ok(_) => Ok(Place::Stream),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                end_of_links(path).map(Place::New).map_err(|source| self.failed(source))
            }
            Err(source) => Err(self.failed(source)),
        }
    }

    fn may_replace(&self, target: &Path) -> Result<(), OutputError> {
        if self.force {
            return Ok(());
        }
        let is_read = |read: &PathBuf| {
            is_same(read, target)
                || read.is_dir() && read.canonicalize().is_ok_and(|folder| target.starts_with(folder))
        };
        if self.reads.iter().any(is_read) {
            return Err(OutputError::IsRead { path: self.path.into() });
        }
        let mut start = Vec::new();
        File::open(target)
            .and_then(|file| file.take(START).read_to_end(&mut start))
            .map_err(|source| self.failed(source))?;
        if start.is_empty() || (self.is_like)(&start) {
            return Ok(());
        }
        Err(OutputError::Other { path: self.path.into(), what: self.what })
    }
}

/// Where links lead that end at nothing.
fn end_of_links(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_owned();
    for _ in 0..MOST_LINKS {
        match fs::read_link(&path) {
            Ok(next) => path = path.parent().unwrap_or(Path::new(".")).join(next),
            Err(_) => return Ok(path),
        }
    }
    Err(io::Error::new(ErrorKind::InvalidInput, "links lead in a circle"))
}

/// Puts a file in its place when it is whole, with the permissions of the one that is there.
fn replace(target: &Path, found: Option<&Metadata>, pieces: &[impl AsRef<[u8]>]) -> io::Result<()> {
    if found.is_some() {
        // What may not be written to may not be replaced.
        OpenOptions::new().write(true).open(target)?;
    }
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    let prefix = format!("{TEMPORARY}output-");
    builder.prefix(&prefix);
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666)); // less the user's umask
    let mut file = builder.tempfile_in(folder)?;
    // By way of the file itself, whose errors do not name the temporary path.
    pieces.iter().try_for_each(|piece| file.as_file_mut().write_all(piece.as_ref()))?;
    if let Some(found) = found {
        file.as_file().set_permissions(found.permissions())?;
    }
    file.as_file().sync_all()?;
    file.persist(target).map_err(|error| error.error)?;
    Ok(())
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "files that are in the way")]
mod tests {
    use super::*;

    fn output<'a>(path: &'a Path, reads: &'a [PathBuf]) -> Output<'a> {
        Output { path, force: false, reads, what: "a tale", is_like: &|start| start.starts_with(b"once") }
    }

    #[test]
    fn only_files_of_the_same_kind_are_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let write = |name: &str| output(&at(name), &[]).write(&["once ", "more"]);
        write("new").unwrap();
        write("new").unwrap();
        assert_eq!(fs::read(at("new")).unwrap(), b"once more");
        fs::write(at("other"), "dear").unwrap();
        fs::write(at("empty"), "").unwrap();
        write("empty").unwrap();
        assert!(matches!(write("other"), Err(OutputError::Other { .. })));
        assert_eq!(fs::read(at("other")).unwrap(), b"dear");
        Output { force: true, ..output(&at("other"), &[]) }.write(&["once"]).unwrap();
        // What is read stays, by whatever name it goes.
        let reads = [at("new")];
        assert!(matches!(output(&at("./new"), &reads).check(), Err(OutputError::IsRead { .. })));
        let reads = [folder.path().to_owned()];
        assert!(matches!(output(&at("new"), &reads).check(), Err(OutputError::IsRead { .. })));
        assert!(output(&at("newer"), &reads).check().is_ok());
        for name in ["-", "s3://bucket/x.png", "file:///x", "..", "/", "x/"] {
            assert!(
                matches!(output(Path::new(name), &[]).check(), Err(OutputError::NoFile { .. })),
                "{name}"
            );
        }
        assert!(output(Path::new("a:b.png"), &[]).check().is_ok());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3);
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_and_permissions_stay() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("file"), "once").unwrap();
        fs::set_permissions(at("file"), PermissionsExt::from_mode(0o640)).unwrap();
        symlink("file", at("link")).unwrap();
        symlink("nothing", at("loose")).unwrap();
        for name in ["link", "loose"] {
            output(&at(name), &[]).write(&["once upon"]).unwrap();
            assert!(fs::symlink_metadata(at(name)).unwrap().file_type().is_symlink());
        }
        for name in ["file", "nothing"] {
            assert_eq!(fs::read(at(name)).unwrap(), b"once upon");
        }
        assert_eq!(fs::metadata(at("file")).unwrap().permissions().mode() & 0o777, 0o640);
        let null = Path::new("/dev/null");
        output(null, &[]).write(&["once"]).unwrap();
        assert!(!null.metadata().unwrap().is_file());
        symlink("round", at("round")).unwrap();
        assert!(output(&at("round"), &[]).check().is_err());
    }
}
