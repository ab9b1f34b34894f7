//! Data sets on disk: shards, manifest, digests, resume, parts, atomic files, locks.

pub mod atomic;
pub mod build;
mod crew;
pub mod folder;
mod index;
pub mod inside;
pub mod job;
pub mod lock;
pub mod manifest;
pub mod merge;
pub mod output;
pub mod part;
pub mod parts;
pub mod pictures;
pub mod render;
pub mod stream;
pub mod verify;
mod whole;

use std::io;
use std::path::PathBuf;

use crate::base::fault::reading_kind;
use crate::base::{Explain, Fault, Kind};

pub use build::{Build, Outcome, build};
use inside::BadName;
pub use manifest::Manifest;
use manifest::{Flaw, MOST_SHARDS};
pub use part::Part;

/// Why a data set cannot be written, continued or checked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A file cannot be written.
    #[error("{path}: cannot be written")]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// The operating system's reason.
        source: io::Error,
    },
    /// A file cannot be read.
    #[error("{path}: cannot be read")]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// The operating system's reason.
        source: io::Error,
    },
    /// The output folder is a file.
    #[error("{path}: expected a folder to write to, found a file")]
    NotAFolder {
        /// The file.
        path: PathBuf,
    },
    /// The output folder holds something else.
    #[error("{path}: the folder is not empty and holds no data set of mnistaug (it holds {found:?})")]
    Foreign {
        /// The folder.
        path: PathBuf,
        /// One of the files in it.
        found: String,
    },
    /// The output folder holds a data set that another command makes.
    #[error("{path}: the folder holds another data set: {difference}")]
    Different {
        /// The folder.
        path: PathBuf,
        /// What differs.
        difference: String,
    },
    /// What is read lies in the folder to write to.
    #[error("{path}: the folder to write to holds what is read: {input}")]
    OverInput {
        /// The folder.
        path: PathBuf,
        /// The input in it.
        input: String,
    },
    /// Another process is writing there.
    #[error("{path}: the folder is in use by another run{owner}")]
    Locked {
        /// The folder.
        path: PathBuf,
        /// Its process, where it is known.
        owner: String,
    },
    /// A manifest cannot be understood.
    #[error("{path}: line {line}: not a manifest that this version can read: {reason}")]
    BadManifest {
        /// The file.
        path: PathBuf,
        /// Line in it.
        line: usize,
        /// What is wrong.
        reason: String,
    },
    /// A manifest is of a version that does not exist yet.
    #[error("{path}: its {what} version is {found}; this program knows versions up to {known}")]
    Newer {
        /// The file.
        path: PathBuf,
        /// Which version: of the form, or of the algorithms.
        what: &'static str,
        /// The version.
        found: u64,
        /// Ours.
        known: u32,
    },
    /// A manifest says what cannot be.
    #[error("{path}: the manifest makes no sense: {flaw}")]
    Unsound {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        flaw: Flaw,
    },
    /// A file that was to be copied is not what its list says.
    #[error("{path}: it is not what the list of its part says")]
    Copied {
        /// The file.
        path: PathBuf,
    },
    /// Several splits for one stream.
    #[error("--out - takes one split, and these are {}", splits.join(", "))]
    SeveralStreams {
        /// Their names.
        splits: Vec<String>,
    },
    /// A data set that nobody could read.
    #[error("this cannot be written, because it could not be read again: {0}")]
    Unreadable(Flaw),
    /// A split is called in a way that no file can be called.
    #[error("a split cannot be written: {0}")]
    SplitName(BadName),
    /// Two splits have one name.
    #[error("two splits are called {name:?}")]
    SameSplit {
        /// The name.
        name: String,
    },
    /// Files were written, and are gone.
    #[error("{path}: files went away while others were made: {}", names.join(", "))]
    Gone {
        /// The folder.
        path: PathBuf,
        /// The first few of them.
        names: Vec<String>,
    },
    /// The system gives no more threads.
    #[error("no worker threads can be started")]
    Threads {
        /// The system's reason.
        source: io::Error,
    },
    /// There is no data set.
    #[error("{path}: there is no data set here: {reason}")]
    NoDataSet {
        /// The folder.
        path: PathBuf,
        /// What is missing.
        reason: String,
    },
    /// Parts or shards are missing.
    #[error("{path}: {what}")]
    Incomplete {
        /// The folder.
        path: PathBuf,
        /// What is missing.
        what: String,
    },
    /// A shard would not fit into memory.
    #[error("a shard of {rows} images of {shape} takes {} MB of memory", bytes / 1_000_000)]
    TooLarge {
        /// Samples per shard.
        rows: u64,
        /// Shape of an image.
        shape: crate::base::Shape,
        /// Bytes of the shard.
        bytes: u64,
        /// The largest number of samples that is allowed.
        most: u64,
    },
    /// There would be more shards than a folder should hold.
    #[error("the data set would have {shards} shards; at most {MOST_SHARDS} are made")]
    TooMany {
        /// Their number.
        shards: u64,
        /// Samples per shard with which there would be fewer.
        least: u64,
    },
    /// Images of different sizes do not make arrays.
    #[error("images of the split {split} differ in size, and this format holds images of one size: {reason}")]
    Varied {
        /// The split.
        split: String,
        /// Which images do, or which step makes them do so.
        reason: String,
        /// What would bring them to one size.
        help: String,
    },
    /// A batch cannot be encoded.
    #[error("shard {name} cannot be encoded: {reason}")]
    Encode {
        /// The shard.
        name: String,
        /// The reason.
        reason: String,
    },
}

impl Explain for StoreError {
    fn kind(&self) -> Kind {
        match self {
            Self::Write { .. }
            | Self::NotAFolder { .. }
            | Self::Foreign { .. }
            | Self::OverInput { .. }
            | Self::Different { .. } => Kind::CannotWrite,
            Self::Read { source, .. } => reading_kind(source),
            Self::Locked { .. } | Self::Threads { .. } => Kind::TryAgain,
            Self::BadManifest { .. }
            | Self::Newer { .. }
            | Self::Unsound { .. }
            | Self::Gone { .. }
            | Self::Copied { .. }
            | Self::Incomplete { .. } => Kind::Data,
            Self::NoDataSet { .. } => Kind::Missing,
            Self::TooLarge { .. }
            | Self::TooMany { .. }
            | Self::Varied { .. }
            | Self::Unreadable(_)
            | Self::SeveralStreams { .. }
            | Self::SplitName(_)
            | Self::SameSplit { .. } => Kind::Usage,
            Self::Encode { .. } => Kind::Failed,
        }
    }

    fn help(&self) -> Option<String> {
        Some(match self {
            Self::Write { source, .. } if is_full(source) => {
                "make room and run the same command again; it goes on after the shards that are finished"
                    .into()
            }
            Self::Write { .. } => "check the folder's permissions, or name another one with --out".into(),
            Self::NotAFolder { .. } | Self::OverInput { .. } => "name another folder with --out".into(),
            Self::Foreign { .. } => {
                "name another folder with --out, or add --force to write beside what is there".into()
            }
            Self::Different { .. } => {
                "name another folder with --out, or add --force to replace the data set that is there".into()
            }
            Self::Locked { .. } => "wait until it has finished, or name another folder with --out".into(),
            Self::BadManifest { .. } => {
                "run the command that made the data set again with --force, or use the version that wrote it"
                    .into()
            }
            Self::SeveralStreams { .. } => "choose one with --split, or write to a folder".into(),
            Self::Copied { .. } => "run the command of that part again; it makes files that are damaged anew".into(),
            Self::Unreadable(_) => "make images, classes, objects or truth smaller or fewer".into(),
            Self::Newer { .. } => "use a version of mnistaug that is as new as the one that made it".into(),
            Self::Unsound { .. } => {
                "get the data set again, or run the command that made it again with --force".into()
            }
            Self::SplitName(_) | Self::SameSplit { .. } => {
                "rename it where it comes from, or name it on reading: --split NAME for a single file".into()
            }
            Self::Gone { .. } => "run the same command again; it makes what is missing".into(),
            Self::Threads { .. } => "ask for fewer with --threads, or raise the limit of processes (ulimit -u)".into(),
            Self::NoDataSet { .. } => {
                "name the folder that a finished run wrote to; a run that was ended goes on by the same command, and parts become a data set by `mnistaug merge DIR`"
                    .into()
            }
            Self::Incomplete { .. } => {
                "run the commands of the missing parts again, with the same I/N; `mnistaug parts DIR --missing` lists them for job engines"
                    .into()
            }
            Self::TooLarge { most, .. } => format!("ask for at most {most} with --shard-size"),
            Self::TooMany { least, .. } => {
                format!("ask for at least {least} with --shard-size, or for fewer samples with --limit or --count")
            }
            Self::Varied { help, .. } => format!("{help}, or write single pictures with --format png"),
            Self::Read { .. } => "check the path, and that it may be read and is what it should be".into(),
            Self::Encode { .. } => return None,
        })
    }
}

/// Whether there is no room: on the disk, in the user's share of it, or within the limit of a file's size.
fn is_full(error: &io::Error) -> bool {
    use io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
    matches!(error.kind(), StorageFull | QuotaExceeded | FileTooLarge)
}

/// Anything that can go wrong while a data set is made.
pub type Result<T> = std::result::Result<T, Fault>;
