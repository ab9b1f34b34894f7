//! One writer at a time per folder.

use std::fs::{File, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::{Part, StoreError, atomic};

/// The lock of a whole folder. A part of a data set holds it shared, and its own one alone.
const WHOLE: &str = ".mnistaug.lock";

/// How long a part waits for a neighbor to let go of the folder.
const PATIENCE: Duration = Duration::from_millis(300);

/// A folder that is being written to. The operating system lets go of it when the process ends, however it ends.
#[derive(Debug)]
pub struct Lock {
    files: Vec<(File, PathBuf)>,
}

impl Lock {
    /// Claims `folder`, or one part of what is made in it.
    ///
    /// # Errors
    /// [`StoreError::Locked`] if another process is at it, [`StoreError::Write`] if no lock file can be made.
    pub fn claim(folder: &Path, part: Option<Part>) -> Result<Self, StoreError> {
        let whole = folder.join(WHOLE);
        let mut files = vec![(lock(folder, &whole, part.is_some())?, whole)];
        if let Some(part) = part {
            let own = folder.join(format!(".mnistaug-{}.lock", part.tag()));
            files.push((lock(folder, &own, false)?, own));
        }
        Ok(Self { files })
    }

    /// Lets go of the folder and takes the lock files away where nobody else holds them.
    pub fn release(self) {
        for (file, path) in self.files.into_iter().rev() {
            // Only who holds a lock alone may remove its file; a failure leaves a hidden empty file, no more.
            if file.unlock().is_ok() && file.try_lock().is_ok() {
                let _ = std::fs::remove_file(path);
            }
        }
    }
}

fn lock(folder: &Path, path: &Path, shared: bool) -> Result<File, StoreError> {
    let failed = |source| StoreError::Write { path: path.into(), source };
    // A run that has just finished may remove the file between our opening and locking it; then a lock on
    // it is worth nothing, and we try again.
    let started = Instant::now();
    for _ in 0..1000 {
        let mut file = atomic::open_own(path).map_err(failed)?;
        let locked = if shared { file.try_lock_shared() } else { file.try_lock() };
        match locked {
            Ok(()) if still_there(&file, path) => {
                if !shared {
                    file.set_len(0).map_err(failed)?;
                    file.write_all(std::process::id().to_string().as_bytes()).map_err(failed)?;
                    file.rewind().map_err(failed)?;
                }
                return Ok(file);
            }
            Ok(()) => {}
            // A part that has just finished holds the folder alone for a moment, to take the lock file away.
            Err(TryLockError::WouldBlock) if shared && started.elapsed() < PATIENCE => {
                std::thread::sleep(Duration::from_millis(2));
            }
            Err(TryLockError::WouldBlock) => {
                let mut owner = String::new();
                let _ = (&mut file).take(20).read_to_string(&mut owner);
                // It is somebody else's text.
                owner.retain(|c| c.is_ascii_digit());
                let owner = if owner.is_empty() { owner } else { format!(" (process {owner})") };
                return Err(StoreError::Locked { path: folder.into(), owner });
            }
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        }
    }
    Err(StoreError::Locked { path: folder.into(), owner: String::new() })
}

#[cfg(unix)]
fn still_there(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    match (file.metadata(), std::fs::symlink_metadata(path)) {
        (Ok(ours), Ok(there)) => ours.ino() == there.ino() && ours.dev() == there.dev(),
        _ => false,
    }
}

#[cfg(not(unix))]
fn still_there(_: &File, _: &Path) -> bool {
    true // an open file cannot be removed here
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_has_one_writer() {
        let folder = tempfile::tempdir().unwrap();
        let part = |index| Some(Part { index, of: 2 });
        let first = Lock::claim(folder.path(), None).unwrap();
        let error = Lock::claim(folder.path(), None).unwrap_err().to_string();
        assert!(error.contains(&std::process::id().to_string()), "{error}");
        assert!(Lock::claim(folder.path(), part(0)).is_err());
        first.release();
        let zero = Lock::claim(folder.path(), part(0)).unwrap();
        let one = Lock::claim(folder.path(), part(1)).unwrap();
        assert!(Lock::claim(folder.path(), part(1)).is_err());
        assert!(Lock::claim(folder.path(), None).is_err());
        zero.release();
        one.release();
        // Parts that come and go at the same time do not get into each other's way.
        std::thread::scope(|scope| {
            for index in 0..4 {
                let folder = folder.path();
                scope.spawn(move || {
                    for _ in 0..200 {
                        Lock::claim(folder, Some(Part { index, of: 4 })).unwrap().release();
                    }
                });
            }
        });
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        Lock::claim(folder.path(), None).unwrap().release();
    }
}
