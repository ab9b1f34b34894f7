//! The files of a data set, each compared with its digest before anything is read from it.
//!
//! A data set's digests are of no use to what is made of it if nobody looks at them: a flipped bit would become other pixels, on record as what they
//! are. So a file is hashed when it is first opened, once for all who read it. BLAKE3 and not the CRC-32 that NPZ files have: it is known of every
//! file of every format, and it costs a pass over a file that is about to be read, in the threads that are going to read it.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::base::fault::reading_kind;
use crate::base::files::Stamp;
use crate::base::{Explain, Fault, Kind, Watch};
use crate::formats::SideFile;
use crate::store::Manifest;
use crate::store::build::hash_file;
use crate::store::inside::{BadName, Inside};
use crate::store::manifest::Shard;

/// Why a file of a data set is not read.
#[derive(Debug, thiserror::Error)]
pub(super) enum FileError {
    /// It cannot be opened or read.
    #[error("{path}: cannot be read")]
    Read {
        /// The file.
        path: PathBuf,
        /// The operating system's reason.
        source: io::Error,
    },
    /// Its name is none.
    #[error("{folder}: a file of the data set: {source}")]
    Name {
        /// The data set.
        folder: PathBuf,
        /// The name.
        source: BadName,
    },
    /// It is not on record.
    #[error("{path}: the manifest does not know it")]
    Unknown {
        /// The file.
        path: PathBuf,
    },
    /// It has another size.
    #[error("{path}: expected {expected} bytes, found {found}")]
    Size {
        /// The file.
        path: PathBuf,
        /// Its size on record.
        expected: u64,
        /// Its size.
        found: u64,
    },
    /// It has another content.
    #[error("{path}: expected BLAKE3 {expected}, found {found}")]
    Content {
        /// The file.
        path: PathBuf,
        /// Its digest on record.
        expected: String,
        /// Its digest.
        found: String,
    },
}

impl Explain for FileError {
    fn kind(&self) -> Kind {
        match self {
            Self::Read { source, .. } => reading_kind(source),
            Self::Name { .. } | Self::Unknown { .. } | Self::Size { .. } | Self::Content { .. } => Kind::Data,
        }
    }

    fn help(&self) -> Option<String> {
        Some("run the command that made the data set again; it makes files that are damaged anew".into())
    }
}

/// A file on record.
struct Known {
    file: SideFile,
    /// Whether it has been looked at. Held while it is, so that nobody else does the same.
    sound: Mutex<bool>,
}

/// All files of a data set.
pub(super) struct Files {
    folder: PathBuf,
    known: BTreeMap<String, Known>,
    watch: Watch,
}

impl Files {
    /// Those that a manifest lists.
    pub(super) fn of(folder: &Path, manifest: &Manifest, watch: &Watch) -> Self {
        let shards = manifest.splits.iter().flat_map(|split| &split.shards);
        let known = shards
            .flat_map(Shard::files)
            .chain(manifest.files.iter().cloned())
            .map(|file| (file.name.clone(), Known { file, sound: Mutex::new(false) }))
            .collect();
        Self { folder: folder.into(), known, watch: watch.clone() }
    }

    /// The folder that they lie in.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where a file lies. It is what the manifest says, and is looked at again when all is done.
    pub(super) fn sound(&self, name: &str) -> Result<PathBuf, Fault> {
        let path = self.folder.join(name);
        let Some(Known { file, sound }) = self.known.get(name) else {
            return Err(FileError::Unknown { path }.into());
        };
        let mut sound = sound.lock().unwrap_or_else(PoisonError::into_inner);
        if *sound {
            return Ok(path);
        }
        let read = |source| FileError::Read { path: path.clone(), source };
        let inside =
            Inside::file(name).map_err(|source| FileError::Name { folder: self.folder.clone(), source })?;
        let mut opened = inside.open(&self.folder).map_err(read)?;
        let metadata = opened.metadata().map_err(read)?;
        self.watch.files().add(&path, Stamp::of(&metadata));
        if metadata.len() != file.bytes {
            let (expected, found) = (file.bytes, metadata.len());
            return Err(FileError::Size { path, expected, found }.into());
        }
        let hashed = hash_file(&mut opened, self.watch.stop(), |_| ());
        // What fails after somebody has asked for the end fails for that reason.
        self.watch.check()?;
        let found = hashed.map_err(read)?;
        if found != file.blake3 {
            return Err(FileError::Content { path, expected: file.blake3.clone(), found }.into());
        }
        *sound = true;
        Ok(path)
    }
}

/// Refuses a picture's bytes that are not what its list says.
pub(super) fn check_bytes(path: &Path, bytes: &[u8], file: &SideFile) -> Result<(), FileError> {
    let found = blake3::hash(bytes).to_hex();
    if found.as_str() == file.blake3 {
        return Ok(());
    }
    Err(FileError::Content {
        path: path.into(),
        expected: file.blake3.clone(),
        found: found.as_str().to_owned(),
    })
}
