//! Fetched files, kept by what they hold: `objects/ab/abcd…` is the file with that SHA-256.
//!
//! Names decide nothing here, so one data set can never be served in place of another. What is on its way lies under `parts`
//! with a record of where it comes from; `aliases` says which object stands for a file whose SHA-256 is not known beforehand.

use std::fs::{self, File, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use etcetera::BaseStrategy;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::base::Stop;
use crate::base::files::{SMALL, read_record};
use crate::store::atomic::{self, TEMPORARY};

use super::check::hex;
use super::errors::FetchError;

/// Tag of temporary files.
const TAG: &str = "fetch";

/// How often a lock that another process holds is asked for.
const PATIENCE: Duration = Duration::from_millis(50);

/// The folder of fetched files.
#[derive(Clone, Debug)]
pub struct Cache {
    root: PathBuf,
}

/// Which object a file is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alias {
    /// SHA-256 of the object.
    pub sha256: String,
    /// SHA-256 of what is packed in it, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_sha256: Option<String>,
}

/// The right to fetch one file. The operating system takes it back when the process ends, however it ends.
#[derive(Debug)]
pub struct Claim {
    _file: File,
}

impl Cache {
    /// The cache in `root`, or in `MNISTAUG_CACHE`, or in the user's folder of caches.
    ///
    /// # Errors
    /// If there is no such folder to be found.
    pub fn open(root: Option<PathBuf>) -> Result<Self, FetchError> {
        let given =
            root.or_else(|| std::env::var_os("MNISTAUG_CACHE").filter(|v| !v.is_empty()).map(PathBuf::from));
        let root = match given {
            Some(root) => root,
            None => etcetera::choose_base_strategy()
                .map_err(|error| FetchError::NoCache { reason: error.to_string() })?
                .cache_dir()
                .join("mnistaug"),
        };
        Ok(Self { root })
    }

    /// Where it is.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Where the file with this SHA-256 is, or would be.
    #[must_use]
    pub fn object(&self, sha256: &str) -> PathBuf {
        self.root.join("objects").join(sha256.get(..2).unwrap_or("xx")).join(sha256)
    }

    /// Where a file that is known by `key` is collected.
    ///
    /// # Errors
    /// If its folder cannot be made.
    pub fn part(&self, key: &str) -> Result<PathBuf, FetchError> {
        Ok(self.folder("parts")?.join(format!("{}.part", short(key))))
    }

    fn folder(&self, name: &str) -> Result<PathBuf, FetchError> {
        let folder = self.root.join(name);
        fs::create_dir_all(&folder).map_err(FetchError::write(&folder))?;
        Ok(folder)
    }

    /// Waits until no other process works on `key`. `waiting` is called if that takes time.
    ///
    /// # Errors
    /// If no lock can be made, or a signal arrives.
    pub fn claim(&self, key: &str, stop: &Stop, waiting: &dyn Fn()) -> Result<Claim, FetchError> {
        let path = self.folder("locks")?.join(format!("{}.lock", short(key)));
        let file = atomic::open_own(&path).map_err(FetchError::write(&path))?;
        let mut said = false;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Claim { _file: file }),
                Err(TryLockError::Error(source)) => return Err(FetchError::Write { path, source }),
                Err(TryLockError::WouldBlock) => {
                    if !said {
                        waiting();
                        said = true;
                    }
                    stop.check()?;
                    std::thread::sleep(PATIENCE);
                }
            }
        }
    }

    /// Which object a file is.
    #[must_use]
    pub fn alias(&self, key: &str) -> Option<Alias> {
        let text = read_record(&self.root.join("aliases").join(short(key)), SMALL).ok()?;
        serde_json::from_str(&text).ok()
    }

    /// Records which object a file is.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn set_alias(&self, key: &str, alias: &Alias) -> Result<(), FetchError> {
        let folder = self.folder("aliases")?;
        let text = serde_json::to_vec(alias).unwrap_or_default();
        write(&folder, &short(key), &text)
    }

    /// Makes a finished part an object. From here on it has a name of its own.
    ///
    /// # Errors
    /// If it cannot be moved.
    pub fn adopt(&self, part: &Path, sha256: &str) -> Result<PathBuf, FetchError> {
        let object = self.object(sha256);
        let folder = object.parent().unwrap_or(&self.root);
        fs::create_dir_all(folder).map_err(FetchError::write(folder))?;
        let failed = |error| FetchError::Write { path: object.clone(), source: error };
        // Folders of data sets hold the very same file; nobody should edit it by accident.
        #[cfg(unix)]
        fs::set_permissions(part, std::os::unix::fs::PermissionsExt::from_mode(0o444)).map_err(failed)?;
        File::open(part).and_then(|file| file.sync_all()).map_err(failed)?;
        fs::rename(part, &object).map_err(failed)?;
        Ok(object)
    }
}

/// A name for any text.
fn short(key: &str) -> String {
    hex(&Sha256::digest(key.as_bytes())[..16])
}

/// Writes a small file, whole or not at all.
pub(super) fn write(folder: &Path, name: &str, bytes: &[u8]) -> Result<(), FetchError> {
    atomic::write(folder, name, TAG, bytes).map_err(|error| FetchError::Write {
        path: folder.join(name),
        source: match error {
            crate::store::StoreError::Write { source, .. } => source,
            other => io::Error::other(other.to_string()),
        },
    })
}

/// Removes what a killed run left in a folder. Only who has claimed the folder may do so.
pub(super) fn tidy(folder: &Path) {
    // What cannot be removed is hidden and does no harm.
    let _ = atomic::remove_leftovers(folder, Some(TAG));
}

/// A name for a file that is being made in `folder`.
pub(super) fn temporary() -> tempfile::Builder<'static, 'static> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(concat!(".mnistaug-tmp-", "fetch-"));
    debug_assert!(format!("{TEMPORARY}{TAG}-") == concat!(".mnistaug-tmp-", "fetch-"));
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666)); // less the user's umask
    builder
}

/// Puts an object into a folder under a name: the same file where the file system can, else a copy.
///
/// # Errors
/// If it cannot be written.
pub fn place(object: &Path, folder: &Path, name: &str) -> Result<(), FetchError> {
    let target = folder.join(name);
    let failed = FetchError::write(&target);
    if same_file(object, &target) {
        return Ok(()); // to rename a file onto itself would leave both names
    }
    if let Ok(link) = temporary().make_in(folder, |path| fs::hard_link(object, path)) {
        return link.persist(&target).map_err(|error| failed(error.error));
    }
    let copy = || -> io::Result<()> {
        let mut from = File::open(object)?;
        let mut file = temporary().tempfile_in(folder)?;
        io::copy(&mut from, file.as_file_mut())?;
        file.as_file().sync_all()?;
        file.persist(&target)?;
        Ok(())
    };
    copy().map_err(failed)
}

#[cfg(unix)]
fn same_file(a: &Path, b: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    match (fs::metadata(a), fs::symlink_metadata(b)) {
        (Ok(a), Ok(b)) => (a.dev(), a.ino()) == (b.dev(), b.ino()),
        _ => false,
    }
}

#[cfg(not(unix))]
fn same_file(_: &Path, _: &Path) -> bool {
    false
}

/// BLAKE3 of a file, and its size.
pub(super) fn fingerprint(path: &Path) -> Result<(u64, String), FetchError> {
    let mut file = File::open(path).map_err(FetchError::read(path))?;
    let mut hasher = blake3::Hasher::new();
    let mut buffer = vec![0; super::check::BLOCK];
    loop {
        match file.read(&mut buffer).map_err(FetchError::read(path))? {
            0 => break,
            got => hasher.update(&buffer[..got]),
        };
    }
    Ok((hasher.count(), hasher.finalize().to_hex().to_string()))
}

/// Appends to a part, or begins it anew.
pub(super) fn open_part(path: &Path, from: u64) -> Result<File, FetchError> {
    let file = atomic::open_own(path).map_err(FetchError::write(path))?;
    file.set_len(from).map_err(FetchError::write(path))?;
    Ok(file)
}

/// Writes all of `bytes` to a part.
pub(super) fn append(file: &mut File, path: &Path, bytes: &[u8]) -> Result<(), FetchError> {
    file.write_all(bytes).map_err(FetchError::write(path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Interrupted;

    #[test]
    fn objects_go_by_content_and_are_shared_with_folders() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::open(Some(folder.path().join("cache"))).unwrap();
        let part = cache.part("sha256:x").unwrap();
        let mut file = open_part(&part, 0).unwrap();
        append(&mut file, &part, b"data").unwrap();
        let object = cache.adopt(&part, "abcd").unwrap();
        assert!(!part.exists());
        assert_eq!(object, folder.path().join("cache/objects/ab/abcd"));
        for _ in 0..2 {
            place(&object, folder.path(), "name.gz").unwrap();
            assert_eq!(fs::read(folder.path().join("name.gz")).unwrap(), b"data");
        }
        let names: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
        assert_eq!(names.len(), 2, "nothing else is left behind: {names:?}");
        assert_eq!(fingerprint(&object).unwrap(), (4, blake3::hash(b"data").to_hex().to_string()));
        assert_eq!(cache.alias("x"), None);
        let alias = Alias { sha256: "abcd".into(), content_sha256: None };
        cache.set_alias("x", &alias).unwrap();
        assert_eq!(cache.alias("x"), Some(alias));
    }

    #[test]
    fn one_at_a_time_works_on_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::open(Some(folder.path().into())).unwrap();
        let stop = Stop::default();
        let first = cache.claim("a", &stop, &|| panic!("nobody else is there")).unwrap();
        let _other = cache.claim("b", &stop, &|| panic!("nobody else is there")).unwrap();
        let error = cache.claim("a", &stop, &|| stop.ask(2)).unwrap_err();
        assert!(matches!(error, FetchError::Interrupted(Interrupted { signal: 2, .. })));
        drop(first);
        cache.claim("a", &Stop::default(), &|| panic!("it was let go")).unwrap();
    }
}
