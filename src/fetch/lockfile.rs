//! `mnistaug.lock`: what was fetched, so that it can be told when it is something else.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::base::Stop;
use crate::base::files::{SMALL, read_record};

use super::cache::{self, Cache};
use super::check::{Digests, Expected};
use super::errors::FetchError;
use super::obtain::Got;

/// The form that is read and written.
const VERSION: u32 = 1;

/// What stands at its head.
const HEAD: &str = "# What `mnistaug fetch` has fetched. Keep it with your work: a file that is another one from then on is refused.\n";

/// One file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The data set.
    pub name: String,
    /// Its file.
    pub file: String,
    /// Size of the file.
    pub size: u64,
    /// SHA-256 of the file.
    pub sha256: String,
    /// SHA-256 of its content after decompression, by which it is also known when it is packed differently.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_sha256: Option<String>,
}

fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

/// All of them, sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LockFile {
    version: u32,
    #[serde(default, rename = "file")]
    entries: Vec<Entry>,
}

impl LockFile {
    /// Reads a lock file; one that is not there holds nothing.
    ///
    /// # Errors
    /// If it cannot be read or understood.
    pub fn read(path: &Path) -> Result<Self, FetchError> {
        let text = match read_record(path, SMALL) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Self { version: VERSION, entries: Vec::new() });
            }
            Err(source) => return Err(FetchError::Read { path: path.into(), source }),
        };
        let bad = |reason| FetchError::BadLock { path: path.into(), reason };
        let lock: Self = toml::from_str(&text).map_err(|error| bad(error.to_string()))?;
        if lock.version != VERSION {
            return Err(bad(format!("version {VERSION} is read; this is version {}", lock.version)));
        }
        for Entry { name, file, sha256, content_sha256, .. } in &lock.entries {
            if let Some(found) =
                std::iter::once(sha256).chain(content_sha256).find(|digest| !is_sha256(digest))
            {
                return Err(bad(format!("{file} of {name}: {found:?} is no SHA-256 in hexadecimal")));
            }
        }
        Ok(lock)
    }

    /// What is known of a file.
    #[must_use]
    pub fn entry(&self, name: &str, file: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.name == name && entry.file == file)
    }

    /// Makes the digests of the lock file those that a file of unknown digest must have.
    pub fn pin(&self, name: &str, file: &str, expected: &mut Expected) {
        if let Some(entry) = self.entry(name, file)
            && !expected.pinned()
        {
            expected.sha256 = Some(entry.sha256.clone());
            expected.size = Some(entry.size);
            expected.raw_sha256.clone_from(&entry.content_sha256);
        }
    }

    /// Refuses a file that is another one than before.
    ///
    /// # Errors
    /// [`FetchError::Locked`].
    pub fn check(
        &self,
        path: &Path,
        name: &str,
        file: &str,
        digests: &Digests,
        content: Option<&str>,
    ) -> Result<(), FetchError> {
        let Some(entry) = self.entry(name, file) else { return Ok(()) };
        let sha256 = &digests.sha256;
        if entry.sha256 == *sha256 && entry.size != digests.size {
            let reason = format!(
                "{file} of {name}: it says {} bytes, and the file of this SHA-256 has {}",
                entry.size, digests.size
            );
            return Err(FetchError::BadLock { path: path.into(), reason });
        }
        if entry.sha256 == *sha256 || (content.is_some() && entry.content_sha256.as_deref() == content) {
            return Ok(());
        }
        Err(FetchError::Locked {
            dataset: name.into(),
            file: file.into(),
            lock: path.into(),
            expected: entry.sha256.as_str().into(),
            found: sha256.as_str().into(),
        })
    }

    /// Adds a file, if it is not there yet. Returns whether that changed anything.
    pub fn add(&mut self, name: &str, file: &str, got: &Got) -> bool {
        if self.entry(name, file).is_some() {
            return false;
        }
        self.entries.push(Entry {
            name: name.into(),
            file: file.into(),
            size: got.digests.size,
            sha256: got.digests.sha256.clone(),
            content_sha256: got.content.clone(),
        });
        self.entries.sort_by(|a, b| (&a.name, &a.file).cmp(&(&b.name, &b.file)));
        true
    }

    /// Adds files to the lock file at `path`, which another process may be writing to as well.
    ///
    /// # Errors
    /// If it cannot be read or written.
    pub fn extend(
        path: &Path,
        cache: &Cache,
        stop: &Stop,
        files: &[(String, String, Got)],
    ) -> Result<bool, FetchError> {
        let whole = std::path::absolute(path).unwrap_or_else(|_| PathBuf::from(path));
        let _claim = cache.claim(&format!("lock:{}", whole.display()), stop, &|| ())?;
        let mut lock = Self::read(path)?;
        let mut changed = false;
        for (name, file, got) in files {
            changed |= lock.add(name, file, got);
        }
        if changed {
            let text = toml::to_string(&lock)
                .map_err(|error| FetchError::BadLock { path: path.into(), reason: error.to_string() })?;
            let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            cache::write(folder, &name, format!("{HEAD}{text}").as_bytes())?;
        }
        Ok(changed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fetch::obtain::Origin;

    /// A digest that begins so.
    fn of(start: &str) -> String {
        format!("{start}{}", "0".repeat(64 - start.len()))
    }

    fn digests(sha256: &str) -> Digests {
        Digests { size: 5, sha256: of(sha256), md5: None }
    }

    fn got(sha256: &str, content: Option<&str>) -> Got {
        Got {
            path: PathBuf::new(),
            digests: digests(sha256),
            content: content.map(of),
            origin: Origin::Cache,
        }
    }

    #[test]
    fn what_is_locked_stays_what_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::open(Some(folder.path().join("cache"))).unwrap();
        let path = folder.path().join("mnistaug.lock");
        let stop = Stop::default();
        let files = [
            ("b".to_owned(), "x.gz".to_owned(), got("11", Some("99"))),
            ("a".to_owned(), "y.gz".to_owned(), got("22", None)),
        ];
        assert!(LockFile::extend(&path, &cache, &stop, &files).unwrap());
        assert!(!LockFile::extend(&path, &cache, &stop, &files).unwrap());
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("# What") && text.find("\"a\"") < text.find("\"b\""), "{text}");
        let lock = LockFile::read(&path).unwrap();
        let check = |name, file, sha256, content: Option<&str>| {
            let content = content.map(of);
            lock.check(&path, name, file, &digests(sha256), content.as_deref()).is_ok()
        };
        assert!(check("b", "x.gz", "11", None));
        assert!(check("b", "x.gz", "12", Some("99")), "packed again");
        assert!(!check("b", "x.gz", "12", Some("98")));
        assert!(!check("a", "y.gz", "23", None));
        assert!(check("c", "y.gz", "23", None), "not locked yet");
        let mut expected = Expected::default();
        lock.pin("b", "x.gz", &mut expected);
        assert_eq!((expected.sha256, expected.raw_sha256), (Some(of("11")), Some(of("99"))));
        let other = Digests { size: 6, ..digests("11") };
        let error = lock.check(&path, "b", "x.gz", &other, None).unwrap_err().to_string();
        assert!(error.contains("5 bytes") && error.contains("has 6"), "{error}");
        let published = Expected { md5: Some("m".into()), ..Expected::default() };
        let mut same = published.clone();
        lock.pin("b", "x.gz", &mut same);
        assert_eq!(same, published);
    }

    #[test]
    fn damaged_lock_files_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mnistaug.lock");
        let short = "version = 1\n[[file]]\nname = \"a\"\nfile = \"b\"\nsize = 4294967296\nsha256 = \"12\"\n";
        for text in [short, "version = 2\n", "version = 1\nfoo = 1\n", "<<<<<<< HEAD\n"] {
            cache::write(folder.path(), "mnistaug.lock", text.as_bytes()).unwrap();
            assert!(matches!(LockFile::read(&path), Err(FetchError::BadLock { .. })), "{text}");
        }
    }
}
