//! One file, from wherever it can be had: the cache, a folder, or a mirror; checked before it counts.

use std::fs::File;
use std::hash::{BuildHasher, Hasher as _, RandomState};
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use flate2::read::MultiGzDecoder;

use crate::base::files::open_regular;

use super::agent::host;
use super::cache::{Alias, Cache};
use super::check::{self, Digests, Expected, Verdict};
use super::download::{Broken, Line, Transfer};
use super::errors::FetchError;
use super::queue::Hosts;

/// The first pause before a mirror is asked again; each further one is twice as long.
const PAUSE: Duration = Duration::from_millis(400);

/// The longest pause that a server may ask for.
const LONGEST: Duration = Duration::from_mins(2);

/// A transfer that brought at least this much before it broke does not count as a try: a large file may take many.
const WORTHWHILE: u64 = 256 << 10;

/// Transfers of one file from one mirror, at most.
const MOST_TRIES: u32 = 200;

/// A file that is wanted.
#[derive(Clone, Debug)]
pub struct Want {
    /// The data set, for messages.
    pub dataset: String,
    /// Its name at its source.
    pub name: String,
    /// What it must be.
    pub expected: Expected,
    /// Addresses of the file, in order.
    pub urls: Vec<String>,
    /// Where it may lie already, in the folder of the data set.
    pub here: Vec<PathBuf>,
    /// What the catalogue says about where to get it.
    pub note: Option<String>,
}

/// Where a file came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The cache.
    Cache,
    /// The folder of the data set.
    Here,
    /// A folder that was named.
    Folder,
    /// This address.
    Mirror(String),
}

/// A file that is right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Got {
    /// Where it is.
    pub path: PathBuf,
    /// Its size and digests.
    pub digests: Digests,
    /// SHA-256 of its content after decompression, where it is known.
    pub content: Option<String>,
    /// Where it came from.
    pub origin: Origin,
}

/// Where to look.
#[derive(Clone, Debug, Default)]
pub struct Places {
    /// Look only here, besides the cache.
    pub from_dir: Option<PathBuf>,
    /// Use no network.
    pub offline: bool,
    /// Take files whose digest nobody knows.
    pub allow_unpinned: bool,
}

/// What all files are fetched with.
pub(super) struct Fetcher<'a> {
    pub(super) cache: &'a Cache,
    pub(super) places: &'a Places,
    pub(super) line: Line<'a>,
    pub(super) hosts: &'a Hosts,
    pub(super) retries: u32,
    /// The file of the catalogue that has a digest.
    pub(super) owner: &'a dyn Fn(&str) -> Option<String>,
    pub(super) say: &'a dyn Fn(String),
}

impl Want {
    /// What the file is known by before it is there.
    #[must_use]
    pub fn key(&self) -> String {
        match (&self.expected.sha256, &self.expected.md5, &self.expected.raw_sha256) {
            (Some(sha256), ..) => format!("sha256:{sha256}"),
            (None, Some(md5), _) => format!("md5:{md5}"),
            (None, None, Some(raw)) => format!("content:{raw}"),
            (None, None, None) => format!("unpinned:{}/{}", self.dataset, self.name),
        }
    }
}

/// One mirror, and how it has behaved.
struct Mirror<'a> {
    url: &'a str,
    tries: u32,
    broken: u32,
    ready: Instant,
    dead: bool,
    may_resume: bool,
    what: String,
}

impl Fetcher<'_> {
    /// Gets a file.
    pub(super) fn obtain(&self, want: &Want) -> Result<Got, FetchError> {
        let key = want.key();
        let waiting =
            || (self.say)(format!("{} of {}: another process is at it; waiting", want.name, want.dataset));
        let _claim = self.cache.claim(&key, self.line.stop, &waiting)?;
        if let Some(got) = self.cached(want, &key)? {
            return Ok(got);
        }
        for path in &want.here {
            if let Some(Ok((digests, content))) = self.look(want, path)? {
                return Ok(Got { path: path.clone(), digests, content, origin: Origin::Here });
            }
        }
        if let Some(folder) = &self.places.from_dir {
            return self.out_of_folder(want, &key, folder);
        }
        if !want.expected.pinned() && !self.places.allow_unpinned {
            return Err(FetchError::Unpinned { dataset: want.dataset.clone(), file: want.name.clone() });
        }
        if want.urls.is_empty() {
            return Err(FetchError::NoMirror {
                dataset: want.dataset.clone(),
                file: want.name.clone(),
                note: want.note.clone(),
            });
        }
        self.by_mirrors(want, &key)
    }

    /// The object in the cache, if it is there and whole.
    fn cached(&self, want: &Want, key: &str) -> Result<Option<Got>, FetchError> {
        let known = want
            .expected
            .sha256
            .as_ref()
            .map(|sha256| Alias { sha256: sha256.clone(), content_sha256: want.expected.raw_sha256.clone() });
        for alias in known.into_iter().chain(self.cache.alias(key)) {
            let path = self.cache.object(&alias.sha256);
            // A link is none of ours, wherever it leads.
            if !std::fs::symlink_metadata(&path).is_ok_and(|found| found.is_file()) {
                continue;
            }
            let digests = check::digests(&path, &want.expected)?;
            if digests.sha256 == alias.sha256 {
                self.arrived(digests.size, want);
                return Ok(Some(Got { path, digests, content: alias.content_sha256, origin: Origin::Cache }));
            }
            (self.say)(format!("{}: damaged; it is fetched again", path.display()));
            std::fs::remove_file(&path).map_err(FetchError::write(&path))?;
        }
        Ok(None)
    }

    /// Looks at a file that may be the right one. Nothing where there is none.
    #[expect(clippy::type_complexity)]
    fn look(
        &self,
        want: &Want,
        path: &Path,
    ) -> Result<Option<Result<(Digests, Option<String>), String>>, FetchError> {
        if !path.is_file() {
            return Ok(None);
        }
        let digests = check::digests(path, &want.expected)?;
        Ok(Some(match want.expected.judge(path, &want.name, &digests, self.owner)? {
            Verdict::Right { content } => Ok((digests, content)),
            Verdict::Wrapped => Err("it is packed twice".into()),
            Verdict::Cut => Err(cut(&digests, &want.expected)),
            Verdict::Wrong(what) => Err(what),
        }))
    }

    /// The file from a folder that was named: under its own name, without `.gz`, or under the name that it has here.
    fn out_of_folder(&self, want: &Want, key: &str, folder: &Path) -> Result<Got, FetchError> {
        let (dataset, file) = (want.dataset.clone(), want.name.clone());
        if !want.expected.pinned() && !self.places.allow_unpinned {
            return Err(FetchError::Unpinned { dataset, file });
        }
        let mut names = vec![PathBuf::from(&want.name), PathBuf::from(want.name.trim_end_matches(".gz"))];
        for name in want.here.iter().filter_map(|path| path.file_name()).map(PathBuf::from) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        let folders = [folder.join(&want.dataset), folder.to_owned(), folder.join("raw")];
        let mut tried = Vec::new();
        for path in folders.iter().flat_map(|folder| names.iter().map(move |name| folder.join(name))) {
            match self.look(want, &path)? {
                None => {}
                Some(Ok((digests, content))) => {
                    let part = self.cache.part(key)?;
                    let mut from = open_regular(&path).map_err(FetchError::read(&path))?;
                    let mut to = super::cache::open_part(&part, 0)?;
                    io::copy(&mut from, &mut to).map_err(FetchError::write(&part))?;
                    self.arrived(digests.size, want);
                    return self.keep(want, key, &part, digests, content, Origin::Folder);
                }
                Some(Err(what)) => tried.push((path.display().to_string(), what)),
            }
        }
        if tried.is_empty() {
            return Err(FetchError::NotInFolder { dataset, file, folder: folder.to_owned() });
        }
        Err(FetchError::Content { dataset, file, tried })
    }

    /// The file from the first mirror that gives it.
    fn by_mirrors(&self, want: &Want, key: &str) -> Result<Got, FetchError> {
        let now = Instant::now();
        let mut mirrors: Vec<Mirror<'_>> = want
            .urls
            .iter()
            .filter(|url| !self.places.offline || url.starts_with("file://"))
            .map(|url| Mirror {
                url,
                tries: 0,
                broken: 0,
                ready: now,
                dead: false,
                may_resume: true,
                what: String::new(),
            })
            .collect();
        if mirrors.is_empty() {
            return Err(FetchError::Offline { dataset: want.dataset.clone(), file: want.name.clone() });
        }
        let mut transfer = Transfer::new(&self.line, &want.expected, self.cache.part(key)?);
        let mut content = false;
        while let Some(mirror) = self.next(&mut mirrors)? {
            let held = transfer.held();
            let outcome = {
                let _permit = self.hosts.enter(&host(mirror.url), self.line.stop)?;
                transfer.get(mirror.url, mirror.may_resume)
            };
            mirror.tries += 1;
            let outcome =
                outcome.and_then(|digests| self.settle(want, key, &mut transfer, digests, mirror.url));
            match outcome {
                Ok(got) => return Ok(got),
                Err(Broken::Stop(error)) => return Err(error),
                Err(Broken::Network { why, again, after }) => {
                    // A part that became shorter was of no use to this mirror.
                    mirror.may_resume &= transfer.held() >= held;
                    if transfer.held() < held + WORTHWHILE {
                        mirror.broken += 1;
                    }
                    mirror.dead = !again || mirror.broken > self.retries || mirror.tries >= MOST_TRIES;
                    let pause = after.unwrap_or_else(|| pause(mirror.broken));
                    if pause > LONGEST {
                        mirror.dead = true;
                    }
                    mirror.ready = Instant::now() + pause;
                    mirror.what = why;
                }
                Err(Broken::Content(what)) => {
                    // What was put together from two transfers may be the fault of neither.
                    mirror.dead = !(transfer.resumed && mirror.may_resume);
                    mirror.may_resume = false;
                    content |= mirror.dead;
                    transfer.reset();
                    mirror.what = what;
                }
            }
        }
        let tried = mirrors
            .into_iter()
            .map(|mirror| {
                let tries =
                    if mirror.tries > 1 { format!(" ({} tries)", mirror.tries) } else { String::new() };
                (mirror.url.to_owned(), mirror.what + &tries)
            })
            .collect();
        let (dataset, file) = (want.dataset.clone(), want.name.clone());
        Err(if content {
            FetchError::Content { dataset, file, tried }
        } else {
            FetchError::Unreachable { dataset, file, tried }
        })
    }

    /// The mirror to ask next: the first one that is not waiting, when its time has come; none where all have failed.
    fn next<'m, 'u>(&self, mirrors: &'m mut [Mirror<'u>]) -> Result<Option<&'m mut Mirror<'u>>, FetchError> {
        loop {
            self.line.stop.check()?;
            let now = Instant::now();
            let Some(soonest) = mirrors.iter().filter(|m| !m.dead).map(|m| m.ready).min() else {
                return Ok(None);
            };
            if let Some(at) = mirrors.iter().position(|m| !m.dead && m.ready <= now) {
                return Ok(mirrors.get_mut(at));
            }
            std::thread::sleep((soonest - now).min(Duration::from_millis(50)));
        }
    }

    /// Checks what arrived, and keeps it if it is right.
    fn settle(
        &self,
        want: &Want,
        key: &str,
        transfer: &mut Transfer<'_>,
        digests: Digests,
        url: &str,
    ) -> Result<Got, Broken> {
        let part = transfer.part().to_owned();
        let origin = Origin::Mirror(url.to_owned());
        match want.expected.judge(&part, &want.name, &digests, self.owner)? {
            Verdict::Right { content } => {
                transfer.finished();
                Ok(self.keep(want, key, &part, digests, content, origin)?)
            }
            Verdict::Wrapped => {
                transfer.finished();
                let digests = unwrap(&part, &want.expected)?;
                let content = want.expected.raw_sha256.clone();
                Ok(self.keep(want, key, &part, digests, content, origin)?)
            }
            Verdict::Cut => {
                Err(Broken::Network { why: cut(&digests, &want.expected), again: true, after: None })
            }
            Verdict::Wrong(what) => Err(Broken::Content(what)),
        }
    }

    /// Makes a checked part an object of the cache.
    fn keep(
        &self,
        want: &Want,
        key: &str,
        part: &Path,
        digests: Digests,
        content: Option<String>,
        origin: Origin,
    ) -> Result<Got, FetchError> {
        let path = self.cache.adopt(part, &digests.sha256)?;
        if want.expected.sha256.as_ref() != Some(&digests.sha256) {
            let alias = Alias { sha256: digests.sha256.clone(), content_sha256: content.clone() };
            self.cache.set_alias(key, &alias)?;
        }
        Ok(Got { path, digests, content, origin })
    }

    /// Counts a file that needed no transfer.
    fn arrived(&self, bytes: u64, want: &Want) {
        let progress = self.line.progress;
        progress.done.fetch_add(bytes, std::sync::atomic::Ordering::Relaxed);
        if want.expected.size.is_none() {
            progress.total.fetch_add(bytes, std::sync::atomic::Ordering::Relaxed);
        }
    }
}

fn cut(digests: &Digests, expected: &Expected) -> String {
    match expected.size {
        Some(size) => format!("it ends after {} of {size} bytes", digests.size),
        None => format!("it ends too early, after {} bytes", digests.size),
    }
}

/// Takes one layer of gzip off a file.
fn unwrap(part: &Path, expected: &Expected) -> Result<Digests, FetchError> {
    let folder = part.parent().unwrap_or(Path::new("."));
    let peel = || -> io::Result<()> {
        let mut from = MultiGzDecoder::new(BufReader::new(File::open(part)?));
        let mut file = super::cache::temporary().tempfile_in(folder)?;
        io::copy(&mut from, file.as_file_mut())?;
        file.persist(part)?;
        Ok(())
    };
    peel().map_err(FetchError::write(part))?;
    check::digests(part, expected)
}

/// The pause after so many failures, half of it by chance, so that many who failed together do not come back together.
fn pause(failures: u32) -> Duration {
    let whole = PAUSE * 2_u32.pow(failures.saturating_sub(1).min(6));
    let chance = RandomState::new().build_hasher().finish() % 1024;
    whole / 2 + whole / 2 * chance as u32 / 1024
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_differ() {
        for failures in 1..5 {
            let whole = PAUSE * (1 << (failures - 1));
            let pauses: Vec<_> = (0..50).map(|_| pause(failures)).collect();
            assert!(pauses.iter().all(|p| (whole / 2..=whole).contains(p)));
            assert!(pauses.iter().any(|p| *p != pauses[0]));
        }
        assert!(pause(1000) <= LONGEST);
    }
}
