//! Where samples come from: leaves that read or draw them, and nodes that wrap other sources.

pub mod cache;
pub mod leaves;
pub mod nodes;
pub mod open;

use std::io;
use std::path::PathBuf;

use crate::base::fault::reading_kind;
use crate::base::{Explain, Kind, Source};
use crate::formats::codec::picture::PictureError;

pub use open::Open;

/// Why a source cannot be opened or read.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// There is no such file or folder.
    #[error("{path}: no such file or folder")]
    NotFound {
        /// What was asked for.
        path: PathBuf,
    },
    /// The folder of backgrounds is not there.
    #[error("{path}: no such file or folder")]
    NoBackgrounds {
        /// What was asked for.
        path: PathBuf,
    },
    /// A drawing to import is not there.
    #[error("{path}: no such file or folder")]
    NoDrawing {
        /// What was asked for.
        path: PathBuf,
    },
    /// A file or folder cannot be read.
    #[error("{path}: cannot be read")]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// The operating system's reason.
        source: io::Error,
    },
    /// A folder holds nothing that can be a source.
    #[error("{path}: expected {expected}, found {found}")]
    Unknown {
        /// The folder.
        path: PathBuf,
        /// All that is understood.
        expected: String,
        /// What is there.
        found: String,
    },
    /// Images come without labels.
    #[error("{images}: expected its labels in {expected}, found no such file")]
    NoLabels {
        /// The images.
        images: PathBuf,
        /// Names of the file looked for.
        expected: String,
    },
    /// Numbers of images and labels differ.
    #[error("{images} holds {image_count} images, but {labels} holds {label_count} labels")]
    Counts {
        /// File of images.
        images: PathBuf,
        /// Its count.
        image_count: u64,
        /// File of labels.
        labels: PathBuf,
        /// Its count.
        label_count: u64,
    },
    /// A label is no class.
    #[error("{path}: offset {offset}: expected a label from 0 to {}, found {found}", classes - 1)]
    Label {
        /// File of labels.
        path: PathBuf,
        /// Byte in the uncompressed file.
        offset: u64,
        /// Number of classes.
        classes: usize,
        /// The label.
        found: u8,
    },
    /// A split does not exist.
    #[error("{path}: there is no split {split:?}; there is {found}")]
    NoSplit {
        /// The data set.
        path: String,
        /// The split asked for.
        split: String,
        /// The splits that exist.
        found: String,
    },
    /// A file among the backgrounds is no picture.
    #[error(transparent)]
    Background(PictureError),
    /// Options do not fit the data.
    #[error("{0}")]
    Mismatch(String, Option<String>),
    /// The options themselves make no sense.
    #[error("{0}")]
    Usage(String, Option<String>),
}

impl SourceError {
    /// Refuses images of different sizes, for a node that takes one only.
    fn refuse_varied(what: &str, of: &dyn Source) -> Result<(), Self> {
        if !of.schema().varied {
            return Ok(());
        }
        let why = of.why_varied().map_or_else(String::new, |why| format!(": {}", why.reason));
        Err(Self::Mismatch(
            format!("{what} needs images of one size; these differ{why}"),
            Some("add --resize HxW".into()),
        ))
    }
}

impl Explain for SourceError {
    fn kind(&self) -> Kind {
        match self {
            Self::NotFound { .. }
            | Self::NoBackgrounds { .. }
            | Self::NoDrawing { .. }
            | Self::Unknown { .. }
            | Self::NoLabels { .. } => Kind::Missing,
            Self::Read { source, .. } => reading_kind(source),
            Self::Counts { .. } | Self::Label { .. } | Self::Background(_) | Self::Mismatch(..) => Kind::Data,
            Self::NoSplit { .. } | Self::Usage(..) => Kind::Usage,
        }
    }

    fn help(&self) -> Option<String> {
        match self {
            Self::NotFound { .. } => Some("check the spelling; `mnistaug fetch --list` shows what can be fetched, `--input digits` needs no files at all".into()),
            Self::NoBackgrounds { .. } => Some("check the spelling, or leave --backgrounds out to use the built-in ones".into()),
            Self::NoDrawing { .. } => Some("check the spelling".into()),
            Self::Unknown { .. } => {
                Some("name the folder that holds the files, or use `--input digits`, which needs none".into())
            }
            Self::NoLabels { .. } => Some("put the labels beside the images, or name them with --label-file".into()),
            Self::Counts { .. } => Some("the two files belong to different data sets or one is damaged; get both again".into()),
            Self::Label { .. } => Some(
                "if the data set has more classes, say --classes N or put their names, one a line, into classes.txt beside the files".into(),
            ),
            Self::NoSplit { .. } => Some("name one of these with --split, or say --split all".into()),
            Self::Background(_) => Some("remove the file, or add --skip-unreadable".into()),
            Self::Mismatch(_, help) | Self::Usage(_, help) => help.clone(),
            Self::Read { .. } => None,
        }
    }
}
