//! Why a table cannot be read.

use std::io;
use std::path::PathBuf;

use crate::base::fault::reading_kind;
use crate::base::{Explain, Kind};
use crate::recipe::FloatRange;

use super::MOST_COLUMNS;

/// Why a table cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// The file cannot be read.
    #[error("{path}: cannot be read")]
    Io {
        /// The file.
        path: PathBuf,
        /// The reason.
        source: io::Error,
    },
    /// It holds nothing.
    #[error("{path}: expected rows of numbers, found {found}")]
    Empty {
        /// The file.
        path: PathBuf,
        /// What is there.
        found: &'static str,
    },
    /// A line is longer than any row.
    #[error("{path}: expected rows of numbers, found a line of more than {most} MiB")]
    LongLine {
        /// The file.
        path: PathBuf,
        /// The most that a line may have.
        most: usize,
    },
    /// A line has more fields than any row.
    #[error("{path}: line {line}: expected at most {MOST_COLUMNS} columns, found more")]
    TooWide {
        /// The file.
        path: PathBuf,
        /// The line's number, from 1.
        line: u64,
    },
    /// A row has more or fewer values than the first one.
    #[error("{path}: line {line}: expected {expected} values between {separator}, found {found}")]
    Ragged {
        /// The file.
        path: PathBuf,
        /// The line's number, from 1.
        line: u64,
        /// Values in a row.
        expected: usize,
        /// Values in this one.
        found: usize,
        /// What stands between them.
        separator: &'static str,
    },
    /// A pixel is not from 0 to 255.
    #[error("{path}: line {line}, column {column}: expected a pixel from 0 to 255, found {found:?}")]
    Value {
        /// The file.
        path: PathBuf,
        /// The line's number, from 1.
        line: u64,
        /// The column's, from 1.
        column: usize,
        /// What is there.
        found: String,
    },
    /// A pixel is beyond the range that is said.
    #[error("{path}: line {line}, column {column}: expected a number from {} to {}, found {found:?}", range.black(), range.white())]
    Beyond {
        /// The file.
        path: PathBuf,
        /// The line's number, from 1.
        line: u64,
        /// The column's, from 1.
        column: usize,
        /// What is there.
        found: String,
        /// What is black and what is white.
        range: FloatRange,
    },
    /// A pixel is yes or no, where numbers are expected.
    #[error("{path}: line {line}, column {column}: expected a pixel from 0 to 255, found {found:?}")]
    Flag {
        /// The file.
        path: PathBuf,
        /// The line's number, from 1.
        line: u64,
        /// The column's, from 1.
        column: usize,
        /// What is there.
        found: String,
    },
    /// A pixel is no whole number, where whole ones are expected.
    #[error("{path}: line {line}, column {column}: expected a whole number from 0 to 255, found {found:?}")]
    Fraction {
        /// The file.
        path: PathBuf,
        /// The line's number, from 1.
        line: u64,
        /// The column's, from 1.
        column: usize,
        /// What is there.
        found: String,
    },
    /// A label is no class id.
    #[error(
        "{path}: line {line}, column {column}: expected a class id from 0 to 255 as label, found {found:?}"
    )]
    Label {
        /// The file.
        path: PathBuf,
        /// The line's number, from 1.
        line: u64,
        /// The column's, from 1.
        column: usize,
        /// What is there.
        found: String,
    },
    /// A label is no number, where numbers are expected.
    #[error(
        "{path}: line {line}, column {column}: expected 0 or 1 in several columns of labels, found {found:?}"
    )]
    Text {
        /// The file.
        path: PathBuf,
        /// The line's number, from 1.
        line: u64,
        /// The column's, from 1.
        column: usize,
        /// What is there.
        found: String,
    },
    /// What this program wrote beside pixels and class ids is something else.
    #[error("{path}: line {line}, column {column}: expected {expected}, found {found:?}")]
    Other {
        /// The file.
        path: PathBuf,
        /// The line's number, from 1.
        line: u64,
        /// The column's, from 1.
        column: usize,
        /// What should be there.
        expected: &'static str,
        /// What is there.
        found: String,
    },
    /// More names of classes than classes.
    #[error(
        "{path}: expected at most {most} different names of classes in the column of labels, found one more: {found:?}"
    )]
    Texts {
        /// The file.
        path: PathBuf,
        /// The most.
        most: usize,
        /// The next one.
        found: String,
    },
}

impl Explain for TableError {
    fn kind(&self) -> Kind {
        match self {
            Self::Io { source, .. } => reading_kind(source),
            Self::Empty { .. }
            | Self::LongLine { .. }
            | Self::TooWide { .. }
            | Self::Ragged { .. }
            | Self::Value { .. }
            | Self::Beyond { .. }
            | Self::Fraction { .. }
            | Self::Flag { .. }
            | Self::Label { .. }
            | Self::Text { .. }
            | Self::Other { .. }
            | Self::Texts { .. } => Kind::Data,
        }
    }

    fn help(&self) -> Option<String> {
        Some(match self {
            Self::Io { .. } | Self::Empty { .. } => "get the file again; it is empty, cut off or damaged".into(),
            Self::LongLine { .. } | Self::TooWide { .. } => {
                "name a table that has a line for each image".into()
            }
            Self::Ragged { .. } => "get the file again; rows of a table of images are of one length".into(),
            Self::Value { found, .. } if found.is_empty() => {
                "fill empty cells, for instance with .fillna(0), or leave these rows out".into()
            }
            Self::Value { found, .. } if found.parse().is_ok_and(|value: f64| value > 255.0) => {
                "say what is white: --float-range 0-65535 for numbers of 16 bits, or 0 to another whole number".into()
            }
            Self::Value { found, .. } if found.parse().is_ok_and(|value: f64| (-1.0..0.0).contains(&value)) => {
                "if black is -1 and white is 1, say --float-range -1-1; else bring the pixels to 0..1 or 0..255 before they are saved".into()
            }
            Self::Value { .. } | Self::Flag { .. } => {
                "write pixels as numbers from 0 to 255, or from 0 to 1; name a column of labels that lies elsewhere with --label-column".into()
            }
            Self::Beyond { .. } => "say another --float-range, for instance 0-255, or none".into(),
            Self::Fraction { .. } => "say what the numbers mean with --float-range 0-1 or 0-255".into(),
            Self::Label { found, .. } if found.is_empty() => "fill in the label, or leave the row out".into(),
            Self::Label { .. } => {
                "give the row a class id from 0 to 255, or leave it out; if this is not the label, name its column with --label-column".into()
            }
            Self::Text { .. } => "write names of classes in one column, or 0 and 1 in a column for each class".into(),
            Self::Other { .. } => {
                "run the command that made the data set again; it makes files that are damaged anew".into()
            }
            Self::Texts { .. } => {
                "name the column of labels with --label-column; this one may hold ids or names of files".into()
            }
        })
    }
}
