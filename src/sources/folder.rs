//! What lies in a folder of somebody else's, in an order that is the same everywhere.

use std::path::{Path, PathBuf};

use super::SourceError;

/// What file managers and archives leave behind beside the pictures.
const LITTER: [&str; 4] = ["thumbs.db", "desktop.ini", "icon\r", "__macosx"];

/// What lies in a folder, without what file managers leave behind. All lists are in the order of their names' bytes.
#[derive(Debug, Default)]
pub(super) struct Children {
    /// Files.
    pub files: Vec<PathBuf>,
    /// Folders.
    pub folders: Vec<PathBuf>,
    /// Files whose names begin with a dot.
    pub hidden: Vec<PathBuf>,
}

impl Children {
    /// Lists `folder`.
    ///
    /// # Errors
    /// If it cannot be listed.
    pub fn of(folder: &Path) -> Result<Self, SourceError> {
        let read = |source| SourceError::Read { path: folder.into(), source };
        let mut found = Self::default();
        for entry in std::fs::read_dir(folder).map_err(read)? {
            let entry = entry.map_err(read)?;
            let (path, name) = (entry.path(), entry.file_name());
            if LITTER.iter().any(|litter| name.eq_ignore_ascii_case(litter)) {
                continue;
            }
            match (name.as_encoded_bytes().starts_with(b"."), path.is_dir()) {
                (true, true) => {}
                (true, false) => found.hidden.push(path),
                (false, true) => found.folders.push(path),
                (false, false) => found.files.push(path),
            }
        }
        for list in [&mut found.files, &mut found.folders, &mut found.hidden] {
            list.sort_by(|a, b| a.as_os_str().as_encoded_bytes().cmp(b.as_os_str().as_encoded_bytes()));
        }
        Ok(found)
    }
}
