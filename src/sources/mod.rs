//! Where samples come from: leaves that read or draw them, and nodes that wrap other sources.

pub mod cache;
mod folder;
pub mod leaves;
pub mod nodes;
pub mod open;

use std::io;
use std::path::{Path, PathBuf};

use crate::base::fault::reading_kind;
use crate::base::{Explain, Kind};
use crate::formats::codec::sniff;
use crate::text::suggest::{nearest, nearest_path};

pub use open::Open;

/// Why a source cannot be opened or read.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// There is no such file or folder.
    #[error("{path}: no such file or folder")]
    NotFound {
        /// What was asked for.
        path: PathBuf,
        /// What it was to be.
        sought: Sought,
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
    /// A folder holds several data sets.
    #[error("{path}: expected the IDX files of one data set, found those of {sets}")]
    Several {
        /// The folder.
        path: PathBuf,
        /// What they are called.
        sets: String,
        /// What the first one would be named by.
        first: PathBuf,
    },
    /// A file is of a kind that is not read.
    #[error("{path}: expected {expected}, found {found}")]
    Foreign {
        /// The file.
        path: PathBuf,
        /// All that is understood.
        expected: String,
        /// What it is.
        found: String,
        /// What to do with it.
        instead: &'static str,
    },
    /// A folder holds files of a kind that is not read.
    #[error("{path}: expected {expected}; found {file}, {found}")]
    ForeignFolder {
        /// The folder.
        path: PathBuf,
        /// All that is understood.
        expected: String,
        /// The first of the files, as it lies in the folder.
        file: String,
        /// What it is.
        found: String,
        /// What to do with it.
        instead: String,
    },
    /// Images come without labels.
    #[error("{images}: expected its labels in {expected}, found no such file")]
    NoLabels {
        /// The images.
        images: PathBuf,
        /// Names of the file looked for.
        expected: String,
    },
    /// Pictures lie in no class folder, where those of other splits do.
    #[error(
        "{path}: its {pictures} pictures have no label, for they lie in no class folder as those of the other splits do"
    )]
    Unlabeled {
        /// The folder.
        path: PathBuf,
        /// How many there are.
        pictures: usize,
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
    /// A file of labels goes with a file of images.
    #[error("--label-file goes with a file of images or a folder of pictures; {path} is a folder of others")]
    LabelsOfFolder {
        /// The folder.
        path: PathBuf,
    },
    /// Folders say how many classes there are, and somebody else says otherwise.
    #[error("--classes {said}: {path} has {found} class folders")]
    ClassFolders {
        /// The folder.
        path: PathBuf,
        /// What `--classes` says.
        said: usize,
        /// What the folders say.
        found: usize,
    },
    /// `digits:N` without a number.
    #[error("--input {text}: expected a number of digits from 1 on, found {count:?}")]
    DigitCount {
        /// What was given.
        text: String,
        /// What stands where the number should.
        count: String,
    },
}

/// Refuses a file of a kind that is not read, whatever it is called: a Git LFS pointer, a web page, a pickle. The name decides only between
/// kinds that are. Every leaf asks before it reads a file of somebody else's.
///
/// # Errors
/// [`SourceError::Foreign`], or [`SourceError::Read`].
fn refuse_foreign(path: &Path, expected: &str) -> Result<(), SourceError> {
    let start = sniff::start(path).map_err(|source| SourceError::Read { path: path.to_owned(), source })?;
    let Some((kind, instead)) = sniff::kind(&start).and_then(|kind| Some((kind, kind.instead?))) else {
        return Ok(());
    };
    // NumPy's own archives are zip files.
    let archive = path.extension().is_some_and(|end| end.eq_ignore_ascii_case("npz"));
    if archive && start.starts_with(b"PK") {
        return Ok(());
    }
    let (expected, found) = (expected.to_owned(), kind.name.to_owned());
    Err(SourceError::Foreign { path: path.to_owned(), expected, found, instead })
}

/// Refuses a file that is not what was expected, and no kind of file that is known to be read: it is named for how it begins.
fn strange(path: &Path, expected: &str) -> SourceError {
    match sniff::start(path) {
        Ok(start) => SourceError::Foreign {
            path: path.to_owned(),
            expected: expected.to_owned(),
            found: sniff::looks_like(&start),
            instead: sniff::instead(&start),
        },
        Err(source) => SourceError::Read { path: path.to_owned(), source },
    }
}

/// What was looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sought {
    /// An input.
    Input,
    /// A picture, or a folder of them, to lie behind images.
    Backgrounds,
    /// A drawing to import.
    Drawing,
}

/// What a path that is not there is most probably a slip of: something that is there, a data set in `data`, or the built-in digits.
fn meant(path: &Path, sought: Sought) -> Option<String> {
    if let Some(near) = nearest_path(path) {
        return Some(near.display().to_string());
    }
    if sought != Sought::Input || path.components().count() != 1 {
        return None;
    }
    let word = path.to_str()?;
    let fetched = std::fs::read_dir("data").into_iter().flatten().flatten();
    let mut names: Vec<String> = fetched.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.push("digits".into());
    names.sort();
    nearest(word, names.iter().map(String::as_str)).map(str::to_owned)
}

impl Explain for SourceError {
    fn kind(&self) -> Kind {
        match self {
            Self::NotFound { .. } | Self::Unknown { .. } | Self::NoLabels { .. } => Kind::Missing,
            Self::Read { source, .. } => reading_kind(source),
            Self::Foreign { .. }
            | Self::ForeignFolder { .. }
            | Self::Unlabeled { .. }
            | Self::Counts { .. }
            | Self::Label { .. } => Kind::Data,
            Self::NoSplit { .. }
            | Self::LabelsOfFolder { .. }
            | Self::ClassFolders { .. }
            | Self::DigitCount { .. }
            | Self::Several { .. } => Kind::Usage,
        }
    }

    fn help(&self) -> Option<String> {
        match self {
            Self::NotFound { path, sought } => Some(match (sought, meant(path, *sought)) {
                (Sought::Input, Some(near)) => format!("did you mean {near}? `--input digits` needs no files at all"),
                (Sought::Input, None) => "check the spelling; `mnistaug fetch --list` shows what can be fetched, `--input digits` needs no files at all".into(),
                (Sought::Backgrounds, Some(near)) => format!("did you mean {near}? Without --backgrounds the built-in ones are used"),
                (Sought::Backgrounds, None) => "check the spelling, or leave --backgrounds out to use the built-in ones".into(),
                (Sought::Drawing, Some(near)) => format!("did you mean {near}?"),
                (Sought::Drawing, None) => "check the spelling".into(),
            }),
            Self::Unknown { found, .. } => Some(if found.contains('/') || !found.contains('.') {
                "name the folder that holds the files, or use `--input digits`, which needs none".into()
            } else {
                "name one of the files, with --label-file for its labels, or call them as the source is called above; `--input digits` needs none".into()
            }),
            Self::NoLabels { .. } => Some("put the labels beside the images, or name them with --label-file".into()),
            Self::Several { first, .. } => {
                Some(format!("name one of them by the beginning of its files: --input {}", first.display()))
            }
            Self::Foreign { instead, .. } => Some((*instead).into()),
            Self::ForeignFolder { instead, .. } => Some(instead.clone()),
            Self::Unlabeled { path, .. } => Some(format!(
                "leave them out with --split train, put them into class folders, or read them by themselves, all of one class: {}",
                path.display()
            )),
            Self::Counts { .. } => Some("the two files belong to different data sets or one is damaged; get both again".into()),
            Self::Label { .. } => Some(
                "if the data set has more classes, say --classes N or put their names, one a line, into classes.txt beside the files".into(),
            ),
            Self::NoSplit { split, found, .. } => Some(match nearest(split, found.split(", ")) {
                Some(near) => format!("did you mean --split {near}? `--split all` takes all"),
                None => "name one of these with --split, or say --split all".into(),
            }),
            Self::LabelsOfFolder { .. } => Some("name the file of images, or the folder of pictures, with --input".into()),
            Self::ClassFolders { .. } => Some("leave --classes out; the folders say it".into()),
            Self::DigitCount { .. } => Some("write for instance digits:1000000".into()),
            Self::Read { .. } => None,
        }
    }
}
