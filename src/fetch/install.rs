//! From checked files to the folder of a data set, and back: whether a folder holds what it should.
//!
//! Every file appears under its name at once and whole; `fetched.json`, which lists them, comes last.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::store::inside::Inside;
use crate::store::manifest::LICENSES;

use crate::base::files::{SMALL, read_record};
use crate::base::{Channels, Stop};

use super::cache::{self, Cache, fingerprint};
use super::catalogue::{Dataset, Form, place};
use super::check::{self, Expected, Header, Verdict};
use super::convert::convert;
use super::errors::FetchError;
use super::lockfile::LockFile;
use super::obtain::{Got, Origin, Want};

/// The record of a folder.
const RECORD: &str = "fetched.json";

/// Names of the classes, one a line.
const CLASSES: &str = "classes.txt";

/// What lies in a folder, and what it was made of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Record {
    version: u32,
    name: String,
    as_stored: bool,
    /// The files as they came.
    sources: Vec<SourceRecord>,
    /// The files that lie here.
    files: Vec<FileRecord>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct SourceRecord {
    file: String,
    size: u64,
    sha256: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    md5: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    content_sha256: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct FileRecord {
    name: String,
    size: u64,
    blake3: String,
}

/// One data set and where it goes.
#[derive(Clone, Debug)]
pub struct Order<'a> {
    /// Which one.
    pub dataset: &'a Dataset,
    /// Its folder.
    pub dir: PathBuf,
    /// Leave images as they are stored, even if that is on their side.
    pub as_stored: bool,
}

/// What a file of a data set must be.
fn expected(dataset: &Dataset, file: &str, lock: Option<&LockFile>) -> Expected {
    let facts = dataset.files.iter().find(|known| known.name == file).cloned().unwrap_or_default();
    let mut expected = Expected {
        size: facts.size,
        sha256: facts.sha256,
        md5: facts.md5,
        raw_size: facts.raw_size,
        raw_sha256: facts.raw_sha256,
        header: header(dataset, file),
    };
    if let Some(lock) = lock {
        lock.pin(&dataset.name, file, &mut expected);
    }
    expected
}

/// The header of an IDX file that is no member of an archive.
fn header(dataset: &Dataset, file: &str) -> Option<Header> {
    if !matches!(dataset.form, Form::Idx | Form::IdxExtended) {
        return None;
    }
    let shape = dataset.shape();
    dataset.splits.iter().find_map(|split| {
        let count = split.count.and_then(|count| u32::try_from(count).ok());
        let sides = [shape.height, shape.width, shape.channels()].map(|side| Some(side as u32));
        if split.images == file {
            let (magic, sides) =
                if shape.channels() == 1 { (0x803, &sides[..2]) } else { (0x804, &sides[..]) };
            return Some(Header { magic, dims: [&[count], sides].concat() });
        }
        (split.labels.as_deref() == Some(file)).then(|| match dataset.form {
            Form::IdxExtended => Header { magic: 0xc02, dims: vec![count, None] },
            Form::Idx | Form::Npz | Form::Libsvm | Form::Csv => Header { magic: 0x801, dims: vec![count] },
        })
    })
}

impl Order<'_> {
    /// Whether the files can be used as they come.
    fn plain(&self) -> bool {
        let set = self.dataset;
        set.form == Form::Idx
            && !set.multi_label
            && set.label_values.is_empty()
            && (self.as_stored || !set.transposed)
            && set.splits.iter().all(|split| place(&split.images).1.is_none())
    }

    /// Files that lie in the folder as they come, and the names that they have there, without `.gz`.
    fn kept(&self) -> Vec<(&str, String)> {
        let set = self.dataset;
        let mut kept = Vec::new();
        for split in &set.splits {
            let prefix = split.prefix();
            let kind = if set.shape().kind == Channels::Gray { "idx3" } else { "idx4" };
            if self.plain() || set.form == Form::IdxExtended {
                kept.push((split.images.as_str(), format!("{prefix}-images-{kind}-ubyte")));
            }
            if let Some(labels) = &split.labels {
                match set.form {
                    Form::Idx if self.plain() => kept.push((labels, format!("{prefix}-labels-idx1-ubyte"))),
                    Form::IdxExtended => kept.push((labels, format!("{prefix}-labels-idx2-int"))),
                    Form::Idx | Form::Npz | Form::Libsvm | Form::Csv => {}
                }
            }
        }
        kept
    }

    /// The files to get.
    #[must_use]
    pub fn wants(&self, extra_mirrors: &[String], lock: Option<&LockFile>) -> Vec<Want> {
        let set = self.dataset;
        let kept = self.kept();
        set.files
            .iter()
            .map(|file| Want {
                dataset: set.name.clone(),
                name: file.name.clone(),
                expected: expected(set, &file.name, lock),
                urls: extra_mirrors
                    .iter()
                    .chain(&set.mirrors)
                    .map(|base| address(base, &set.name, &file.name))
                    .collect(),
                here: kept
                    .iter()
                    .filter(|(source, _)| *source == file.name)
                    .flat_map(|(_, name)| [self.dir.join(format!("{name}.gz")), self.dir.join(name)])
                    .collect(),
                note: set.note.clone(),
            })
            .collect()
    }

    fn record(&self) -> Option<Record> {
        let text = read_record(&self.dir.join(RECORD), SMALL).ok()?;
        let record: Record = serde_json::from_str(&text).ok()?;
        // A record that names files elsewhere is none of ours.
        let inside = record.files.iter().all(|file| Inside::below(&file.name).is_ok());
        (record.version == 1 && record.name == self.dataset.name && inside).then_some(record)
    }

    /// The files that the folder was made of, if this program has filled it.
    #[must_use]
    pub fn recorded(&self) -> Option<Vec<(String, Got)>> {
        let sources = self.record()?.sources.into_iter();
        Some(
            sources
                .map(|source| {
                    let SourceRecord { file, size, sha256, md5, content_sha256 } = source;
                    let digests = check::Digests { size, sha256, md5 };
                    let path = self.dir.clone();
                    (file, Got { path, digests, content: content_sha256, origin: Origin::Here })
                })
                .collect(),
        )
    }

    /// Whether this program has filled the folder.
    #[must_use]
    pub fn is_recorded(&self) -> bool {
        self.record().is_some()
    }

    /// Whether files of the data set lie here, without looking into them.
    #[must_use]
    pub fn is_here(&self) -> bool {
        self.dataset.splits.iter().all(|split| {
            ["idx3-ubyte", "idx4-ubyte", "idx3-ubyte.gz", "idx4-ubyte.gz"]
                .iter()
                .any(|kind| self.dir.join(format!("{}-images-{kind}", split.prefix())).is_file())
        })
    }

    /// Whether the folder holds all that it should, byte for byte, made of the files that the catalogue and the lock file know.
    ///
    /// # Errors
    /// What is missing, damaged, or another file than it was.
    pub fn verify(&self, lock: Option<(&Path, &LockFile)>) -> Result<(), FetchError> {
        let set = self.dataset;
        let not_here = |what: &str| FetchError::NotHere {
            path: self.dir.clone(),
            what: what.into(),
            dataset: set.name.clone(),
        };
        let Some(record) = self.record() else { return self.verify_plain(lock) };
        if record.as_stored != self.as_stored && set.transposed {
            return Err(FetchError::Damaged {
                path: self.dir.clone(),
                problem: format!("the images are {}", if record.as_stored { "as stored" } else { "upright" }),
            });
        }
        for file in &set.files {
            let source = record
                .sources
                .iter()
                .find(|source| source.file == file.name)
                .ok_or_else(|| not_here(&file.name))?;
            let wanted = expected(set, &file.name, lock.map(|(_, lock)| lock));
            let found =
                check::Digests { size: source.size, sha256: source.sha256.clone(), md5: source.md5.clone() };
            let same_content = wanted.raw_sha256.is_some() && wanted.raw_sha256 == source.content_sha256;
            if wanted.pinned() && wanted.is_file(&found) != Some(true) && !same_content {
                return Err(FetchError::Damaged {
                    path: self.dir.clone(),
                    problem: format!(
                        "it was made of another {} than the catalogue or the lock file knows",
                        file.name
                    ),
                });
            }
            if let Some((path, lock)) = lock {
                let content = source.content_sha256.as_deref();
                lock.check(path, &set.name, &file.name, &found, content)?;
            }
        }
        for file in &record.files {
            let path = self.dir.join(&file.name);
            let size = fs::metadata(&path).map_err(|_| not_here(&file.name))?.len();
            Inside::below(&file.name)
                .map_err(std::io::Error::other)
                .and_then(|inside| inside.open(&self.dir))
                .map_err(FetchError::read(&path))?;
            let damaged = |problem| FetchError::Damaged { path: path.clone(), problem };
            if size != file.size {
                return Err(damaged(format!("expected {} bytes, found {size}", file.size)));
            }
            let (_, found) = fingerprint(&path)?;
            if found != file.blake3 {
                return Err(damaged(format!("expected BLAKE3 {}, found {found}", file.blake3)));
            }
        }
        Ok(())
    }

    /// The same for a folder that this program has not filled.
    fn verify_plain(&self, lock: Option<(&Path, &LockFile)>) -> Result<(), FetchError> {
        let set = self.dataset;
        let not_here = |what: &str| FetchError::NotHere {
            path: self.dir.clone(),
            what: what.into(),
            dataset: set.name.clone(),
        };
        if !self.plain() {
            return Err(not_here(RECORD));
        }
        for (source, name) in self.kept() {
            let found = [self.dir.join(&name), self.dir.join(format!("{name}.gz"))];
            let path = found.iter().find(|path| path.is_file()).ok_or_else(|| not_here(&name))?;
            let wanted = expected(set, source, lock.map(|(_, lock)| lock));
            let digests = check::digests(path, &wanted)?;
            let damaged = |problem| FetchError::Damaged { path: path.clone(), problem };
            let content = match wanted.judge(path, source, &digests, &|_| None)? {
                Verdict::Right { content } => content,
                Verdict::Wrapped => return Err(damaged("it is packed twice".into())),
                Verdict::Cut => return Err(damaged("it ends too early".into())),
                Verdict::Wrong(what) => return Err(damaged(what)),
            };
            if let Some((path, lock)) = lock {
                lock.check(path, &set.name, source, &digests, content.as_deref())?;
            }
        }
        Ok(())
    }

    /// Fills the folder. Returns the names of its files.
    ///
    /// # Errors
    /// If a file cannot be converted or written.
    pub fn install(
        &self,
        got: &BTreeMap<String, Got>,
        cache: &Cache,
        stop: &Stop,
    ) -> Result<Vec<String>, FetchError> {
        self.fill(got, cache, stop).inspect_err(|_| {
            // A folder that stayed empty would look like a data set; one that is not empty stays.
            let _ = fs::remove_dir(&self.dir);
        })
    }

    fn fill(
        &self,
        got: &BTreeMap<String, Got>,
        cache: &Cache,
        stop: &Stop,
    ) -> Result<Vec<String>, FetchError> {
        let set = self.dataset;
        let dir = &self.dir;
        fs::create_dir_all(dir).map_err(FetchError::write(dir))?;
        let whole = std::path::absolute(dir).unwrap_or_else(|_| dir.clone());
        let _claim = cache.claim(&format!("dir:{}", whole.display()), stop, &|| ())?;
        cache::tidy(dir);
        let before = self.record();
        let mut names = Vec::new();
        if !self.plain() {
            let sources: BTreeMap<&str, PathBuf> =
                got.iter().map(|(name, got)| (name.as_str(), got.path.clone())).collect();
            let mut made = Vec::new();
            for split in &set.splits {
                made.extend(convert(set, split, &sources, dir, !self.as_stored, stop)?);
            }
            for made in made {
                let path = dir.join(&made.name);
                made.file.persist(&path).map_err(|error| FetchError::Write { path, source: error.error })?;
                names.push(made.name);
            }
        }
        for (source, name) in self.kept() {
            let Some(got) = got.get(source) else { continue };
            let name = if is_gzip(&got.path) { format!("{name}.gz") } else { name };
            cache::place(&got.path, dir, &name)?;
            names.push(name);
        }
        if !set.class_names.is_empty() || set.classes != 10 {
            let mut text: String =
                set.class_names.iter().fold(String::new(), |text, name| text + name + "\n");
            if set.class_names.is_empty() {
                text = (0..set.classes).fold(text, |text, class| text + &class.to_string() + "\n");
            }
            cache::write(dir, CLASSES, text.as_bytes())?;
            names.push(CLASSES.into());
        }
        cache::write(dir, LICENSES, format!("{}\n", set.license_text()).as_bytes())?;
        names.push(LICENSES.into());
        let mut files = Vec::new();
        for name in &names {
            let (size, blake3) = fingerprint(&dir.join(name))?;
            files.push(FileRecord { name: name.clone(), size, blake3 });
        }
        let sources = got
            .iter()
            .map(|(file, got)| SourceRecord {
                file: file.clone(),
                size: got.digests.size,
                sha256: got.digests.sha256.clone(),
                md5: got.digests.md5.clone(),
                content_sha256: got.content.clone(),
            })
            .collect();
        let record = Record { version: 1, name: set.name.clone(), as_stored: self.as_stored, sources, files };
        let text = serde_json::to_string_pretty(&record).unwrap_or_default() + "\n";
        cache::write(dir, RECORD, text.as_bytes())?;
        for old in before.iter().flat_map(|record| &record.files) {
            if !names.contains(&old.name)
                && let Ok(inside) = Inside::below(&old.name)
            {
                let _ = inside.remove(dir);
            }
        }
        Ok(names)
    }

    /// Files of the folder that a reader would take in place of those that were put there.
    #[must_use]
    pub fn shadows(&self, names: &[String]) -> Vec<String> {
        names
            .iter()
            .filter_map(|name| name.strip_suffix(".gz"))
            .filter(|raw| self.dir.join(raw).is_file())
            .map(str::to_owned)
            .collect()
    }
}

fn is_gzip(path: &Path) -> bool {
    let mut start = [0; 2];
    fs::File::open(path).and_then(|mut file| file.read_exact(&mut start)).is_ok() && start == [0x1f, 0x8b]
}

/// The address of a file: the mirror's, with `{name}` replaced by the data set's name, and the file's name.
fn address(base: &str, dataset: &str, file: &str) -> String {
    let base = base.replace("{name}", dataset);
    format!("{}/{file}", base.trim_end_matches('/'))
}
