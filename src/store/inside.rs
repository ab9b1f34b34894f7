//! Names that come from others, and the folder that they must not lead out of.
//!
//! Splits are called by manifests, by arrays in files, by folders and by people; files by manifests and by lists of pictures. Whatever says it, a
//! name becomes a path here and nowhere else.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use crate::base::files::open_regular;

use super::manifest::{LICENSES, MANIFEST};

/// Bytes of a name on every file system.
const LONGEST: usize = 255;

/// Bytes of the name of a split, to which number, kind and a temporary file's mark are appended.
const LONGEST_SPLIT: usize = 180;

/// Names of devices, which no file may have on Windows, whatever its ending.
const DEVICES: [&str; 4] = ["con", "prn", "aux", "nul"];

/// A name that stays in the folder that it is joined to: the name of a split, or of a file with `/` between folders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Inside<'a>(&'a str);

/// Why a text is no such name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name:?} {problem}")]
pub struct BadName {
    /// The text.
    pub name: String,
    /// What is wrong with it.
    pub problem: Problem,
}

/// What is wrong with a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// It has no characters.
    #[error("is no name")]
    Empty,
    /// It is absolute, or goes up.
    #[error("leads out of the folder")]
    Outside,
    /// It has characters that names of files do not have everywhere.
    #[error("has characters that names of files cannot have")]
    Characters,
    /// It belongs to something else.
    #[error("is a name with another meaning")]
    Reserved,
    /// It has too many bytes.
    #[error("is longer than names can be")]
    Long,
}

impl<'a> Inside<'a> {
    /// The name of a split, with which names of files and folders begin.
    ///
    /// # Errors
    /// [`BadName`].
    pub fn split(name: &'a str) -> Result<Self, BadName> {
        let stem = name.split('.').next().unwrap_or_default().to_ascii_lowercase();
        let numbered = ["com", "lpt"].iter().any(|port| {
            stem.strip_prefix(port).is_some_and(|n| n.len() == 1 && n.bytes().all(|b| b.is_ascii_digit()))
        });
        let problem = if name.contains(['/', '\\']) {
            Some(Problem::Outside)
        } else if name.len() > LONGEST_SPLIT {
            Some(Problem::Long)
        } else if name.contains([':', '*', '?', '"', '<', '>', '|']) {
            Some(Problem::Characters)
        } else if DEVICES.contains(&stem.as_str())
            || numbered
            || name.starts_with('.')
            || name.ends_with(['.', ' '])
        {
            Some(Problem::Reserved)
        } else {
            None
        };
        let bad = |problem| BadName { name: name.to_owned(), problem };
        component(name).map_err(bad)?;
        problem.map_or(Ok(Self(name)), |problem| Err(bad(problem)))
    }

    /// The name of a file, with `/` between folders. The data set's own records are none.
    ///
    /// # Errors
    /// [`BadName`].
    pub fn file(name: &'a str) -> Result<Self, BadName> {
        if name == MANIFEST || name == LICENSES || name.starts_with(".mnistaug-") || name == ".mnistaug.lock"
        {
            return Err(BadName { name: name.to_owned(), problem: Problem::Reserved });
        }
        Self::below(name)
    }

    /// The name of any file, with `/` between folders.
    ///
    /// # Errors
    /// [`BadName`].
    pub fn below(name: &'a str) -> Result<Self, BadName> {
        let bad = |problem| BadName { name: name.to_owned(), problem };
        if name.is_empty() {
            return Err(bad(Problem::Empty));
        }
        for part in name.split('/') {
            component(part)
                .map_err(|problem| bad(if part.is_empty() { Problem::Outside } else { problem }))?;
        }
        Ok(Self(name))
    }

    /// A name of this program's own making.
    pub(super) const fn ours(name: &'a str) -> Self {
        Self(name)
    }

    /// Where the file is, if it is one, and no link on the way to it leads out of `folder`.
    ///
    /// # Errors
    /// If there is none; [`ErrorKind::InvalidData`] if it lies elsewhere or is no regular file.
    pub fn find(self, folder: &Path) -> io::Result<PathBuf> {
        let path = folder.join(self.0);
        let linked = self.parts().any(|part| {
            fs::symlink_metadata(folder.join(part)).is_ok_and(|found| found.file_type().is_symlink())
        });
        if linked && !path.canonicalize()?.starts_with(folder.canonicalize()?) {
            return Err(io::Error::new(ErrorKind::InvalidData, "it is a link that leads out of the folder"));
        }
        Ok(path)
    }

    /// Opens the file, where [`find`](Self::find) finds it.
    ///
    /// # Errors
    /// As there.
    pub fn open(self, folder: &Path) -> io::Result<fs::File> {
        open_regular(&self.find(folder)?)
    }

    /// Makes the folders that the file is to lie in. A link in the place of one is an error, wherever it leads.
    ///
    /// # Errors
    /// If one cannot be made.
    pub fn make_room(self, folder: &Path) -> io::Result<PathBuf> {
        for part in self.above() {
            let path = folder.join(part);
            match fs::symlink_metadata(&path) {
                Ok(found) if found.is_dir() => {}
                Ok(found) if found.file_type().is_symlink() => {
                    let what = format!("a link stands in the place of the folder {part}");
                    return Err(io::Error::new(ErrorKind::AlreadyExists, what));
                }
                Ok(_) => return Err(ErrorKind::NotADirectory.into()),
                Err(error) if error.kind() == ErrorKind::NotFound => match fs::create_dir(&path) {
                    // Somebody else has been faster.
                    Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                    made => made?,
                },
                Err(error) => return Err(error),
            }
        }
        Ok(folder.join(self.0))
    }

    /// Removes the file, and the folders below `folder` that it leaves empty. What lies behind a link is not touched.
    ///
    /// # Errors
    /// If it is there and cannot be removed.
    pub fn remove(self, folder: &Path) -> io::Result<()> {
        let real = |part| fs::symlink_metadata(folder.join(part)).is_ok_and(|found| found.is_dir());
        if !self.above().all(real) {
            return Ok(());
        }
        match fs::remove_file(folder.join(self.0)) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
        let mut above: Vec<&str> = self.above().collect();
        while let Some(part) = above.pop() {
            if fs::remove_dir(folder.join(part)).is_err() {
                break;
            }
        }
        Ok(())
    }

    /// `a`, `a/b`, `a/b/c`.
    fn parts(self) -> impl Iterator<Item = &'a str> {
        let name = self.0;
        name.match_indices('/').map(|(end, _)| end).chain([name.len()]).map(move |end| &name[..end])
    }

    /// The folders in it.
    fn above(self) -> impl Iterator<Item = &'a str> {
        let name = self.0;
        name.match_indices('/').map(move |(end, _)| &name[..end])
    }
}

/// One name between slashes.
fn component(name: &str) -> Result<(), Problem> {
    match name {
        "" => Err(Problem::Empty),
        "." | ".." => Err(Problem::Outside),
        _ if name.contains('\\') => Err(Problem::Outside),
        // `C:x` is relative to another drive.
        _ if name.contains(':') || name.chars().any(char::is_control) => Err(Problem::Characters),
        _ if name.len() > LONGEST => Err(Problem::Long),
        _ => Ok(()),
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "files behind links")]
mod tests {
    use super::*;

    #[test]
    fn names_stay_in_the_folder_or_are_none() {
        for name in ["train", "fold-0", "zwei\u{e4}", "a b", "x.y", "console", "val_2"] {
            assert!(Inside::split(name).is_ok(), "{name}");
        }
        for name in [
            "",
            ".",
            "..",
            "../x",
            "/x",
            "a/b",
            "a\\b",
            "c:",
            "x\u{1b}[7m",
            "a\nb",
            ".hidden",
            "nul",
            "COM1.x",
            "a.",
            "a ",
            "a*",
            "\u{9b}1m",
        ] {
            assert!(Inside::split(name).is_err(), "{name:?}");
        }
        assert!(Inside::split(&"x".repeat(201)).is_err());
        for name in ["a.npz", ".mnistaug/train-00000-of-00001.npz", "train/0 zero/00001.png", "a/nul/b"] {
            assert!(Inside::file(name).is_ok(), "{name}");
        }
        for name in [
            "",
            "/etc/passwd",
            "../x",
            "a/../b",
            "a//b",
            "a/",
            "./a",
            "a\\b",
            "C:/x",
            "a\u{7}",
            "manifest.json",
            "LICENSE-DATA.txt",
            ".mnistaug-journal.jsonl",
            ".mnistaug.lock",
        ] {
            assert!(Inside::file(name).is_err(), "{name:?}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn links_lead_nowhere() {
        use std::os::unix::fs::symlink;
        let place = tempfile::tempdir().unwrap();
        let (folder, other) = (place.path().join("in"), place.path().join("out"));
        for folder in [&folder, &other] {
            fs::create_dir(folder).unwrap();
            fs::write(folder.join("file"), "x").unwrap();
        }
        symlink(&other, folder.join("way")).unwrap();
        symlink("../out/file", folder.join("link")).unwrap();
        symlink("file", folder.join("alias")).unwrap();
        let file = |name| Inside::file(name).unwrap();
        assert!(file("file").open(&folder).is_ok() && file("alias").open(&folder).is_ok());
        for name in ["way/file", "link"] {
            assert_eq!(file(name).open(&folder).unwrap_err().kind(), ErrorKind::InvalidData, "{name}");
        }
        assert!(file("way/new/file").make_room(&folder).is_err() && !other.join("new").exists());
        assert!(file("a/b/c").make_room(&folder).is_ok() && folder.join("a/b").is_dir());
        for name in ["way/file", "a/b/c", "link"] {
            file(name).remove(&folder).unwrap();
        }
        assert!(other.join("file").exists() && !folder.join("a").exists() && !folder.join("link").exists());
        // A folder that is itself a link is the user's own.
        symlink(&folder, place.path().join("door")).unwrap();
        assert!(file("file").open(&place.path().join("door")).is_ok());
    }
}
