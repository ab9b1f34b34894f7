//! Reading NPZ files: zip files of `.npy` arrays, as `numpy.savez` writes them; and single `.npy` files.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use zip::{CompressionMethod, ZipArchive};

use crate::base::fault::reading_kind;
use crate::base::{Explain, Kind};

use super::npy::{NpyError, NpyHeader};
use super::spool::{Spool, SpoolWriter};

/// Why a file is not the NPZ file it should be.
#[derive(Debug, thiserror::Error)]
pub enum NpzError {
    /// The file cannot be read.
    #[error("{path}: cannot be read")]
    Io {
        /// The file.
        path: PathBuf,
        /// The operating system's reason.
        source: io::Error,
    },
    /// It is no zip file, or a damaged one.
    #[error("{path}: expected an NPZ (zip) file: {reason}")]
    Zip {
        /// The file.
        path: PathBuf,
        /// What the zip reader said.
        reason: String,
    },
    /// An array is not there.
    #[error("{path}: expected an array named {member:?}; found {found}")]
    Missing {
        /// The file.
        path: PathBuf,
        /// Its name.
        member: String,
        /// The names that are there.
        found: String,
    },
    /// An array cannot be understood.
    #[error("{path}: array {member:?} cannot be understood")]
    Npy {
        /// The file.
        path: PathBuf,
        /// Its name.
        member: String,
        /// The reason.
        source: NpyError,
    },
    /// An array is something else than expected.
    #[error("{path}: array {member:?}: expected {expected}, found {found}")]
    Array {
        /// The file.
        path: PathBuf,
        /// Its name.
        member: String,
        /// Type and shape as they should be.
        expected: String,
        /// Type and shape as they are.
        found: String,
    },
}

impl Explain for NpzError {
    fn kind(&self) -> Kind {
        match self {
            Self::Io { source, .. } => reading_kind(source),
            Self::Zip { .. } | Self::Missing { .. } | Self::Npy { .. } | Self::Array { .. } => Kind::Data,
        }
    }
}

/// An NPZ file, opened for reading rows of its arrays.
#[derive(Debug)]
pub struct Npz {
    path: PathBuf,
    file: Arc<File>,
    archive: ZipArchive<File>,
}

impl Npz {
    /// Opens a file and reads its directory.
    ///
    /// # Errors
    /// If it cannot be read or is no zip file.
    pub fn open(path: &Path) -> Result<Self, NpzError> {
        let io = |source| NpzError::Io { path: path.into(), source };
        let file = File::open(path).map_err(io)?;
        let shared = Arc::new(file.try_clone().map_err(io)?);
        let archive =
            ZipArchive::new(file).map_err(|e| NpzError::Zip { path: path.into(), reason: e.to_string() })?;
        Ok(Self { path: path.into(), file: shared, archive })
    }

    /// The array `member` of C order, `descr` type of `size` bytes and `shape`: its bytes, in memory only where they
    /// are packed.
    ///
    /// # Errors
    /// If it is not there or of another type or shape.
    pub fn array(&mut self, member: &str, descr: &str, size: u64, shape: &[u64]) -> Result<Spool, NpzError> {
        let path = &self.path;
        let io = |source| NpzError::Io { path: path.clone(), source };
        let zip = |e: zip::result::ZipError| NpzError::Zip { path: path.clone(), reason: e.to_string() };
        let name = format!("{member}.npy");
        let Some(number) = self.archive.index_for_name(&name) else {
            let found =
                self.archive.file_names().map(|n| n.trim_end_matches(".npy")).collect::<Vec<_>>().join(", ");
            return Err(NpzError::Missing { path: path.clone(), member: member.into(), found });
        };
        let mut entry = self.archive.by_index(number).map_err(zip)?;
        let header = NpyHeader::read(&mut entry).map_err(|source| NpzError::Npy {
            path: path.clone(),
            member: member.into(),
            source,
        })?;
        if header.descr != descr || header.fortran_order || header.shape != shape {
            return Err(NpzError::Array {
                path: path.clone(),
                member: member.into(),
                expected: format!("{descr} {shape:?}"),
                found: format!(
                    "{} {:?}{}",
                    header.descr,
                    header.shape,
                    if header.fortran_order { " in Fortran order" } else { "" }
                ),
            });
        }
        let bytes = header.values().and_then(|n| n.checked_mul(size));
        if bytes.and_then(|b| b.checked_add(header.length)) != Some(entry.size()) {
            return Err(NpzError::Zip {
                path: path.clone(),
                reason: format!("{name} has {} bytes, which is not what its header says", entry.size()),
            });
        }
        if entry.compression() == CompressionMethod::Stored {
            let start = entry.data_start() + header.length;
            return Ok(Spool::File { file: Arc::clone(&self.file), start });
        }
        let mut spool = SpoolWriter::default();
        let mut buffer = vec![0; 1 << 16];
        loop {
            match entry.read(&mut buffer).map_err(io)? {
                0 => break,
                got => spool.write_all(&buffer[..got]).map_err(io)?,
            }
        }
        spool.finish().map_err(io)
    }
}

/// The array in a `.npy` file, of C order, `descr` type of `size` bytes and `shape`: its bytes, where they lie.
///
/// # Errors
/// If it cannot be read, or is of another type, shape or size.
pub fn npy_array(path: &Path, descr: &str, size: u64, shape: &[u64]) -> Result<Spool, NpzError> {
    let io = |source| NpzError::Io { path: path.into(), source };
    let member = || path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let mut file = File::open(path).map_err(io)?;
    let length = file.metadata().map_err(io)?.len();
    let header = NpyHeader::read(&mut file).map_err(|source| NpzError::Npy {
        path: path.into(),
        member: member(),
        source,
    })?;
    let bytes = header.values().and_then(|n| n.checked_mul(size)).and_then(|n| n.checked_add(header.length));
    if header.descr != descr || header.fortran_order || header.shape != shape || bytes != Some(length) {
        return Err(NpzError::Array {
            path: path.into(),
            member: member(),
            expected: format!("{descr} {shape:?}"),
            found: format!("{} {:?} in {length} bytes", header.descr, header.shape),
        });
    }
    Ok(Spool::File { file: Arc::new(file), start: header.length })
}
