//! What lies in a folder and in all below.

use std::path::{Path, PathBuf};

use crate::base::Fault;
use crate::sources::SourceError;
use crate::sources::folder::Children;

/// Endings of picture names, in small letters.
const ENDINGS: [&str; 5] = ["png", "jpg", "jpeg", "bmp", "webp"];
/// Folders are walked down to this depth.
const DEEPEST: usize = 18;

/// Whether a file's name ends as those of pictures do.
pub(super) fn has_ending(file: &Path) -> bool {
    file.extension().is_some_and(|ending| ENDINGS.iter().any(|known| ending.eq_ignore_ascii_case(known)))
}

/// What a folder is called, also when it is given as `.`.
pub(super) fn name_of(folder: &Path) -> String {
    let own = folder.file_name().map(ToOwned::to_owned);
    let own = own.or_else(|| folder.canonicalize().ok()?.file_name().map(ToOwned::to_owned));
    own.unwrap_or_default().to_string_lossy().into_owned()
}

/// Whether a folder holds pictures, a few folders below at most; lone folders do not count.
pub(super) fn holds_pictures(folder: &Path) -> Result<bool, Fault> {
    fn look(inside: &Children, depth: usize, wrapped: usize) -> bool {
        if inside.files.iter().any(|file| has_ending(file)) {
            return true;
        }
        let lone = inside.folders.len() == 1 && wrapped < DEEPEST;
        let depth = if lone { depth } else { depth.saturating_sub(1) };
        // What cannot be listed holds none that could be used.
        depth > 0
            && inside.folders.iter().any(|below| {
                Children::of(below).is_ok_and(|inside| look(&inside, depth, wrapped + usize::from(lone)))
            })
    }
    Ok(look(&Children::of(folder)?, 4, 0))
}

/// A folder, in the order of names' bytes.
#[derive(Debug, Default)]
pub(super) struct Tree {
    pub(super) path: PathBuf,
    pub(super) folders: Vec<Tree>,
    pub(super) pictures: Vec<PathBuf>,
    /// Files that are no pictures by their names, and hidden ones.
    pub(super) others: Vec<PathBuf>,
    /// Pictures in it and in all folders below.
    pub(super) total: usize,
    /// Whether it cannot be listed.
    unread: bool,
}

impl Tree {
    /// Reads a folder.
    ///
    /// # Errors
    /// If it cannot be listed. That is no error of a folder below until it is [used](Self::usable).
    pub(super) fn read(folder: &Path) -> Result<Self, SourceError> {
        Self::read_down(folder, 0)
    }

    fn read_down(folder: &Path, depth: usize) -> Result<Self, SourceError> {
        let Children { files, folders, hidden } = Children::of(folder)?;
        let (pictures, mut others): (Vec<_>, Vec<_>) = files.into_iter().partition(|path| has_ending(path));
        others.extend(hidden);
        others.sort_by(|a, b| a.as_os_str().as_encoded_bytes().cmp(b.as_os_str().as_encoded_bytes()));
        let below = if depth < DEEPEST { folders } else { Vec::new() };
        let below: Vec<Self> = below
            .into_iter()
            .map(|path| {
                Self::read_down(&path, depth + 1).unwrap_or_else(|_| Self {
                    path,
                    unread: true,
                    ..Self::default()
                })
            })
            .collect();
        let total = pictures.len() + below.iter().map(|below| below.total).sum::<usize>();
        Ok(Self { path: folder.to_owned(), folders: below, pictures, others, total, unread: false })
    }

    pub(super) fn name(&self) -> String {
        name_of(&self.path)
    }

    /// The folders in it that hold pictures, or folders that do, and those that cannot be listed.
    pub(super) fn filled(&self) -> Vec<&Self> {
        self.folders.iter().filter(|below| below.total > 0 || below.unread).collect()
    }

    /// Whether it and all below could be listed.
    ///
    /// # Errors
    /// Of the first that could not.
    pub(super) fn usable(&self) -> Result<(), Fault> {
        if self.unread {
            Children::of(&self.path)?;
        }
        self.folders.iter().try_for_each(Self::usable)
    }

    /// All pictures, each folder's own first, and what else lies there.
    pub(super) fn gather(&self, files: &mut Vec<PathBuf>, others: &mut Vec<PathBuf>) {
        files.extend(self.pictures.iter().cloned());
        others.extend(self.others.iter().cloned());
        self.folders.iter().for_each(|below| below.gather(files, others));
    }
}
