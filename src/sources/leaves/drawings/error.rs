//! Why drawings cannot be imported.

use std::path::PathBuf;

use crate::base::{Explain, Kind};

/// Why drawings cannot be imported.
#[derive(Debug, thiserror::Error)]
pub enum DrawingError {
    /// A strip without digits.
    #[error("{path}: expected digits to cut apart; found no ink")]
    NoInk {
        /// The picture.
        path: PathBuf,
    },
    /// Pieces that cannot all be digits.
    #[error("{path}: found {found} pieces, more than the {most} that are cut out of one picture")]
    Pieces {
        /// The picture.
        path: PathBuf,
        /// How many there are.
        found: usize,
        /// How many there may be.
        most: usize,
    },
    /// A label that is no class id.
    #[error("--label {text}: expected a class id from 0 to 255")]
    Label {
        /// What was given.
        text: String,
    },
    /// Labels that are not one for each drawing.
    #[error("--label {text}: {labels} labels for {drawings} drawings")]
    Labels {
        /// What was given.
        text: String,
        /// How many labels it is.
        labels: usize,
        /// How many drawings there are.
        drawings: usize,
        /// Whether the drawings are pieces of strips.
        segment: bool,
    },
    /// Some drawings are in class folders.
    #[error("{without} of {drawings} drawings are in no class folder, others are")]
    NoFolder {
        /// How many are not.
        without: usize,
        /// How many there are.
        drawings: usize,
    },
    /// More classes than a byte counts.
    #[error("expected at most 256 class folders, found {found}")]
    Classes {
        /// How many there are.
        found: usize,
    },
}

impl Explain for DrawingError {
    fn kind(&self) -> Kind {
        match self {
            Self::NoInk { .. } | Self::Pieces { .. } | Self::Classes { .. } => Kind::Data,
            Self::Label { .. } | Self::Labels { .. } | Self::NoFolder { .. } => Kind::Usage,
        }
    }

    fn help(&self) -> Option<String> {
        let help = match self {
            Self::NoInk { .. } => "check --invert, and ask for a lower --threshold",
            Self::Pieces { .. } => "ask for another --threshold, or cut the picture into several",
            Self::Label { .. } => {
                "write several labels with commas; digits in a row are labels with --segment only"
            }
            Self::Labels { segment: true, .. } => {
                "give one label for each piece in reading order, or check with --threshold what is a piece"
            }
            Self::Labels { segment: false, .. } => {
                "give one label for all drawings, or one for each in their order"
            }
            Self::NoFolder { .. } => "put them into class folders too, or give all labels with --label",
            Self::Classes { .. } => "import fewer of them at a time",
        };
        Some(help.into())
    }
}
