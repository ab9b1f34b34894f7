//! What can go wrong while data is fetched, and which exit code that means: 69 for the network, 65 for what it brought.

use std::io;
use std::path::PathBuf;

use crate::base::fault::reading_kind;
use crate::base::{Explain, Interrupted, Kind};
use crate::text::TextError;

/// Why data cannot be fetched, or is not what it should be.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// No data set has this name.
    #[error("no data set is called {name:?}; there are {known}")]
    Unknown {
        /// What was asked for.
        name: String,
        /// All names and groups.
        known: String,
        /// The nearest one.
        nearest: Option<String>,
    },
    /// There is no place for the cache.
    #[error("no folder for the cache can be found: {reason}")]
    NoCache {
        /// What the system says.
        reason: String,
    },
    /// A variable should hold the address of a proxy.
    #[error("{variable}: {value:?} is not the address of a proxy")]
    Proxy {
        /// Its name.
        variable: &'static str,
        /// What it holds.
        value: String,
    },
    /// A file of certificates holds none.
    #[error("{path}: expected certificates in PEM form, found none")]
    NoCertificates {
        /// The file.
        path: PathBuf,
    },
    /// A thread that should have brought a file is gone.
    #[error("{file} of {dataset}: the transfer ended unexpectedly")]
    Lost {
        /// The data set.
        dataset: String,
        /// The file.
        file: String,
    },
    /// A catalogue cannot be understood.
    #[error("{path}: not a catalogue that this version can read: {reason}")]
    BadCatalogue {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// A catalogue is no TOML, or has other keys and values than a catalogue.
    #[error(transparent)]
    Text(#[from] TextError),
    /// A lock file cannot be understood.
    #[error("{path}: not a lock file that this version can read: {reason}")]
    BadLock {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// No mirror gave the file.
    #[error("{file} of {dataset}: no mirror gave it{}", list(tried))]
    Unreachable {
        /// The data set.
        dataset: String,
        /// The file.
        file: String,
        /// Each address, and what came of it.
        tried: Vec<(String, String)>,
    },
    /// A mirror gave something, and it is not the file.
    #[error("{file} of {dataset} is not what it should be{}", list(tried))]
    Content {
        /// The data set.
        dataset: String,
        /// The file.
        file: String,
        /// Each address or path, and what came of it.
        tried: Vec<(String, String)>,
    },
    /// The file is not in the cache, and the network was ruled out.
    #[error("{file} of {dataset}: not in the cache, and --offline rules the network out")]
    Offline {
        /// The data set.
        dataset: String,
        /// The file.
        file: String,
    },
    /// The folder named with `--from-dir` does not hold the file.
    #[error("{file} of {dataset}: not in {folder}")]
    NotInFolder {
        /// The data set.
        dataset: String,
        /// The file.
        file: String,
        /// The folder.
        folder: PathBuf,
    },
    /// There is nowhere to get the file from.
    #[error("{file} of {dataset}: there is no address to get it from{}", note.as_ref().map(|n| format!(" ({n})")).unwrap_or_default())]
    NoMirror {
        /// The data set.
        dataset: String,
        /// The file.
        file: String,
        /// What the catalogue says about it.
        note: Option<String>,
    },
    /// Nobody knows the digest of a file.
    #[error(
        "{file} of {dataset}: no digest of it is known, so nothing could tell whether it is the right file"
    )]
    Unpinned {
        /// The data set.
        dataset: String,
        /// The file.
        file: String,
    },
    /// The file is another one than at the time of the lock file.
    #[error("{file} of {dataset}: expected SHA-256 {expected}, as {lock} says; found {found}")]
    Locked {
        /// The data set.
        dataset: String,
        /// The file.
        file: String,
        /// The lock file.
        lock: PathBuf,
        /// The digest in it.
        expected: Box<str>,
        /// The digest that was found.
        found: Box<str>,
    },
    /// What is in the folder is not what should be there.
    #[error("{path}: {problem}")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// What should be in the folder is not there.
    #[error("{path}: {what} of {dataset} is not here")]
    NotHere {
        /// The folder.
        path: PathBuf,
        /// The missing file.
        what: String,
        /// The data set.
        dataset: String,
    },
    /// A file that has the right digest cannot be converted.
    #[error("{file} of {dataset}: {place}: expected {expected}, found {found}")]
    Convert {
        /// The data set.
        dataset: String,
        /// The file, and the member of it.
        file: String,
        /// Where in it.
        place: String,
        /// What should be there.
        expected: Box<str>,
        /// What is there.
        found: Box<str>,
    },
    /// A file cannot be read.
    #[error("{path}: cannot be read")]
    Read {
        /// The file.
        path: PathBuf,
        /// The operating system's reason.
        source: io::Error,
    },
    /// A file cannot be written.
    #[error("{path}: cannot be written")]
    Write {
        /// The file.
        path: PathBuf,
        /// The operating system's reason.
        source: io::Error,
    },
    /// A signal asked to stop.
    #[error(transparent)]
    Interrupted(#[from] Interrupted),
}

/// What was tried, one a line.
fn list(tried: &[(String, String)]) -> String {
    tried.iter().fold(String::new(), |text, (place, what)| text + "\n  " + place + ": " + what)
}

impl FetchError {
    /// An error of reading.
    pub(super) fn read(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Read { path, source }
    }

    /// An error of writing.
    pub(super) fn write(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Write { path, source }
    }
}

impl Explain for FetchError {
    fn kind(&self) -> Kind {
        match self {
            Self::Unknown { .. }
            | Self::NoCache { .. }
            | Self::Proxy { .. }
            | Self::NoCertificates { .. }
            | Self::Unpinned { .. } => Kind::Usage,
            Self::Lost { .. } => Kind::Failed,
            Self::BadCatalogue { .. }
            | Self::Text(_)
            | Self::BadLock { .. }
            | Self::Content { .. }
            | Self::Locked { .. }
            | Self::Damaged { .. }
            | Self::Convert { .. } => Kind::Data,
            Self::Unreachable { .. } => Kind::Network,
            Self::Offline { .. }
            | Self::NotInFolder { .. }
            | Self::NoMirror { .. }
            | Self::NotHere { .. } => Kind::Missing,
            Self::Read { source, .. } => reading_kind(source),
            Self::Write { .. } => Kind::CannotWrite,
            Self::Interrupted(interrupted) => interrupted.kind(),
        }
    }

    fn help(&self) -> Option<String> {
        Some(match self {
            Self::Unknown { nearest: Some(nearest), .. } => format!("did you mean {nearest}?"),
            Self::Unknown { .. } => "see `mnistaug fetch --list`".into(),
            Self::NoCache { .. } => "name one with MNISTAUG_CACHE".into(),
            Self::Proxy { .. } => "write for instance http://proxy.example:3128".into(),
            Self::NoCertificates { .. } => "name a file with -----BEGIN CERTIFICATE-----".into(),
            Self::BadCatalogue { .. } | Self::Text(_) => "compare it with src/fetch/catalogue.toml, which is the built-in one".into(),
            Self::BadLock { .. } => "restore the lock file, or name another one with --lock, which is written anew".into(),
            Self::Unreachable { .. } => {
                "try again later (what has arrived is kept), name another place with --mirror URL, or files that you have with --from-dir DIR".into()
            }
            Self::Content { .. } => {
                "nothing of it was kept; name another place with --mirror URL, or files that you have with --from-dir DIR".into()
            }
            Self::Offline { .. } => {
                "run the command once without --offline, or name files that you have with --from-dir DIR".into()
            }
            Self::NotInFolder { .. } => "put the file there under this name, or leave --from-dir out".into(),
            Self::NoMirror { .. } => "get the file by hand and name its folder with --from-dir DIR".into(),
            Self::Unpinned { .. } => {
                "add --allow-unpinned to take it as it comes; its digest is printed and written to the lock file".into()
            }
            Self::Locked { .. } => {
                "find out what changed; if the new file is right, take its entry out of the lock file".into()
            }
            Self::Damaged { .. } | Self::NotHere { .. } => {
                "run `mnistaug fetch` without --verify-only to put it right".into()
            }
            Self::Convert { .. } => "this version cannot read that file; get another version of the data set".into(),
            Self::Write { .. } => {
                "check room and permissions, or name other folders with --dir and MNISTAUG_CACHE".into()
            }
            Self::Interrupted(interrupted) => return interrupted.help(),
            Self::Lost { .. } | Self::Read { .. } => return None,
        })
    }
}
