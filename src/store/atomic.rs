//! Files that are there whole or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::base::files::Stamp;

use super::StoreError;
use super::inside::Inside;

/// Temporary files begin with this, so that those of a run that was killed can be told and removed.
pub const TEMPORARY: &str = ".mnistaug-tmp-";

/// Bytes hashed and written at a time: they are still in the second-level cache when the system copies them, and the system
/// finds room for as much without tidying up its memory. (Linux 6.18, ext4: of 800 MB, writes of 128 KiB take 0.2 s of the processor, of 1 MiB 0.6 to 1.6 s.)
pub(super) const CHUNK: usize = 128 << 10;

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// Size of the file.
    pub bytes: u64,
    /// BLAKE3 of the file, in hexadecimal.
    pub blake3: String,
}

/// Writes `bytes` to `folder/name`; see [`write_pieces`].
///
/// # Errors
/// As there.
pub fn write(folder: &Path, name: &str, tag: &str, bytes: &[u8]) -> Result<(), StoreError> {
    write_pieces(folder, name, tag, &[bytes]).map(|_| ())
}

/// Writes `pieces`, one after the other, to `folder/name`; see [`Pending`].
///
/// # Errors
/// As there.
pub fn write_pieces(
    folder: &Path,
    name: &str,
    tag: &str,
    pieces: &[impl AsRef<[u8]>],
) -> Result<Written, StoreError> {
    let mut file = Pending::begin(folder, name, tag)?;
    pieces.iter().try_for_each(|piece| file.append(piece.as_ref()))?;
    file.finish()
}

/// Puts a small file in its place without syncing it: one of many, a list of which is synced after them. `tag` is this file's alone.
///
/// # Errors
/// [`StoreError::Write`].
#[expect(clippy::disallowed_methods, reason = "what is written has a temporary name")]
pub fn place(folder: &Path, name: &str, tag: &str, bytes: &[u8]) -> Result<(), StoreError> {
    let (temporary, target) = (folder.join(format!("{TEMPORARY}{tag}")), folder.join(name));
    let failed = |source| StoreError::Write { path: target.clone(), source };
    fs::write(&temporary, bytes).map_err(failed)?;
    let rename = || fs::rename(&temporary, &target);
    // Before each: a link in the place of a folder leads elsewhere.
    Inside::ours(name).make_room(folder).and_then(|_| rename()).map_err(failed)
}

/// A file that is being written: a temporary file in the data set's folder, which is synced and renamed when it is whole.
///
/// Dropped before that, it is gone, and an older file of its name is untouched.
#[derive(Debug)]
pub struct Pending {
    file: NamedTempFile,
    target: PathBuf,
    hasher: blake3::Hasher,
}

impl Pending {
    /// Begins `folder/name`; `name` may lead into folders below, which are made. `tag` tells the temporary files of concurrent parts apart.
    ///
    /// # Errors
    /// [`StoreError::Write`].
    pub fn begin(folder: &Path, name: &str, tag: &str) -> Result<Self, StoreError> {
        let target = folder.join(name);
        let failed = |source| StoreError::Write { path: target.clone(), source };
        let mut builder = tempfile::Builder::new();
        let prefix = format!("{TEMPORARY}{tag}-");
        builder.prefix(&prefix);
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666)); // less the user's umask
        let file = builder.tempfile_in(folder).map_err(failed)?;
        Inside::ours(name).make_room(folder).map_err(failed)?;
        Ok(Self { file, target, hasher: blake3::Hasher::new() })
    }

    /// Appends bytes.
    ///
    /// # Errors
    /// [`StoreError::Write`].
    pub fn append(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        for chunk in bytes.chunks(CHUNK) {
            self.hasher.update(chunk);
            // By way of the file itself, whose errors do not name the temporary path.
            self.file
                .as_file_mut()
                .write_all(chunk)
                .map_err(|source| StoreError::Write { path: self.target.clone(), source })?;
        }
        Ok(())
    }

    /// Appends bytes whose digest somebody else takes, between [`take_hasher`](Self::take_hasher) and [`put_hasher`](Self::put_hasher).
    ///
    /// # Errors
    /// [`StoreError::Write`].
    pub fn append_unhashed(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        bytes
            .chunks(CHUNK)
            .try_for_each(|chunk| self.file.as_file_mut().write_all(chunk))
            .map_err(|source| StoreError::Write { path: self.target.clone(), source })
    }

    /// The digest so far, for another thread to go on with.
    pub fn take_hasher(&mut self) -> blake3::Hasher {
        std::mem::take(&mut self.hasher)
    }

    /// The digest of everything that was appended.
    pub fn put_hasher(&mut self, hasher: blake3::Hasher) {
        self.hasher = hasher;
    }

    /// Whether everything that was appended has this digest, in hexadecimal.
    #[must_use]
    pub fn is_digest(&self, blake3: &str) -> bool {
        self.hasher.finalize().to_hex().as_str() == blake3
    }

    /// The file itself, for a writer that goes back in it; then [`finish_hashed`](Self::finish_hashed) ends it.
    ///
    /// # Errors
    /// [`StoreError::Write`] if the system gives no second handle.
    pub fn handle(&self) -> Result<File, StoreError> {
        self.file
            .as_file()
            .try_clone()
            .map_err(|source| StoreError::Write { path: self.target.clone(), source })
    }

    /// Where it is going to be.
    #[must_use]
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// Gives the file its name.
    ///
    /// # Errors
    /// [`StoreError::Write`].
    pub fn finish(self) -> Result<Written, StoreError> {
        let failed = |source| StoreError::Write { path: self.target.clone(), source };
        self.file.as_file().sync_all().map_err(failed)?;
        self.file.persist(&self.target).map_err(|error| failed(error.error))?;
        Ok(Written { bytes: self.hasher.count(), blake3: self.hasher.finalize().to_hex().to_string() })
    }

    /// As [`finish`](Self::finish), for a file that was not written from front to back: it is read to be hashed.
    ///
    /// # Errors
    /// [`StoreError::Write`].
    pub fn finish_hashed(mut self) -> Result<Written, StoreError> {
        let read = File::open(self.file.path()).and_then(|file| self.hasher.update_reader(file).map(|_| ()));
        read.map_err(|source| StoreError::Write { path: self.target.clone(), source })?;
        self.finish()
    }
}

/// Makes the renames in `folder` last through a power cut, where the system can. Once at the end is enough: a shard whose name
/// was lost is made again by the next run.
///
/// # Errors
/// [`StoreError::Write`].
pub fn sync_folder(folder: &Path) -> Result<(), StoreError> {
    let sync = || if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) };
    sync().map_err(|source| StoreError::Write { path: folder.into(), source })
}

/// Opens a file of this program's own for reading and writing, or makes it: a lock, a part of a download. A link that somebody has put in its place
/// is not followed, and nothing but a regular file is taken for one.
///
/// # Errors
/// If it cannot be opened; [`ErrorKind::AlreadyExists`] if something else stands there.
pub fn open_own(path: &Path) -> io::Result<File> {
    let foreign = || {
        let what = "something else than this program's own file stands there: a link, a device or a folder";
        io::Error::new(ErrorKind::AlreadyExists, what)
    };
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    for _ in 0..100 {
        match fs::symlink_metadata(path) {
            Ok(found) if !found.is_file() => return Err(foreign()),
            Ok(found) => match options.open(path) {
                // What was looked at is what was opened, so that no link was followed.
                Ok(file) if Stamp::of(&file.metadata()?).is_of(&Stamp::of(&found)) => return Ok(file),
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            },
            Err(error) if error.kind() == ErrorKind::NotFound => {
                match OpenOptions::new().read(true).write(true).create_new(true).open(path) {
                    Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                    made => return made,
                }
            }
            Err(error) => return Err(error),
        }
    }
    Err(foreign())
}

/// Removes what killed runs with this tag left behind. Whoever gives none has the folder alone, and what runs with any tag, and the locks of
/// parts, left behind is removed.
///
/// # Errors
/// If the folder cannot be read or a file not removed.
pub fn remove_leftovers(folder: &Path, tag: Option<&str>) -> Result<(), StoreError> {
    let failed = |source| StoreError::Write { path: folder.into(), source };
    let prefix = tag.map_or(TEMPORARY.to_owned(), |tag| format!("{TEMPORARY}{tag}-"));
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let is_lock = name.starts_with(".mnistaug-part-") && name.ends_with(".lock");
        if name.starts_with(&prefix) || (tag.is_none() && is_lock) {
            fs::remove_file(entry.path()).map_err(failed)?;
        }
    }
    Ok(())
}

/// Removes a file if it is there.
///
/// # Errors
/// If it is there and cannot be removed.
pub fn remove(path: &Path) -> Result<(), StoreError> {
    match fs::remove_file(path) {
        Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
            Err(StoreError::Write { path: path.into(), source })
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_appear_whole_with_ordinary_permissions() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), "a.bin", "all", b"one").unwrap();
        write(folder.path(), "a.bin", "all", b"two").unwrap();
        assert_eq!(fs::read(folder.path().join("a.bin")).unwrap(), b"two");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(folder.path().join("a.bin")).unwrap().permissions().mode();
            assert_eq!(mode & 0o400, 0o400);
            assert_ne!(mode & 0o044, 0, "readable by others unless the umask says otherwise");
        }
    }

    #[test]
    fn leftovers_of_one_tag_are_removed() {
        let folder = tempfile::tempdir().unwrap();
        for tag in ["all", "part-1-of-2"] {
            File::create_new(folder.path().join(format!("{TEMPORARY}{tag}-x"))).unwrap();
        }
        remove_leftovers(folder.path(), Some("all")).unwrap();
        let left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
        assert_eq!(left, [".mnistaug-tmp-part-1-of-2-x"]);
        remove_leftovers(folder.path(), None).unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
