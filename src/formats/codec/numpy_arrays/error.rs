//! Why an array cannot be used.

use std::io;

use crate::base::fault::reading_kind;
use crate::base::{Explain, Kind};

/// Why an array cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ArrayError {
    /// It cannot be read.
    #[error("{place}: cannot be read")]
    Io {
        /// The file, and the array in it.
        place: String,
        /// The reason.
        source: io::Error,
    },
    /// It is something else than expected.
    #[error("{place}: expected {expected}, found {found}")]
    Form {
        /// The file, and the array in it.
        place: String,
        /// What it should be.
        expected: String,
        /// What it is.
        found: String,
        /// What to do about it.
        help: String,
    },
}

impl Explain for ArrayError {
    fn kind(&self) -> Kind {
        match self {
            Self::Io { source, .. } => reading_kind(source),
            Self::Form { .. } => Kind::Data,
        }
    }

    fn help(&self) -> Option<String> {
        match self {
            Self::Io { .. } => Some("get the file again; it is cut off or damaged".into()),
            Self::Form { help, .. } => Some(help.clone()),
        }
    }
}
