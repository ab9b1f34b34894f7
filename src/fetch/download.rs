//! One file from one address: what is asked, what the answer may be, and what is kept of a broken one.
//!
//! Bytes are collected in a part, which stays behind when a transfer breaks. It is continued by a Range request: from the same address
//! if the server vouches with a strong ETag or a date that nothing changed, from any address if the digest of the whole is known and would
//! tell. A part whose digest is wrong in the end is thrown away.

use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use ureq::http::{HeaderMap, Response, header};
use ureq::{Agent, Body};

use super::agent::{Agents, local_path};
use crate::base::Stop;
use crate::base::files::{SMALL, open_regular, read_record};
use crate::base::secret::masked;

use super::cache::{append, open_part};
use super::check::{BLOCK, Digests, Expected, Hasher, html};
use super::errors::FetchError;

/// Less than this many bytes a second, over the whole stall limit, counts as standing still.
const SLOWEST: u64 = 1 << 10;

/// How far along all transfers are, for whoever shows it.
#[derive(Debug, Default)]
pub struct Progress {
    /// Bytes that have arrived.
    pub done: AtomicU64,
    /// Bytes that are to arrive, as far as known.
    pub total: AtomicU64,
    /// Bytes that came over the network or from a mirror, whether or not they were of use.
    pub received: AtomicU64,
}

/// Why a transfer brought no whole file.
#[derive(Debug)]
pub(super) enum Broken {
    /// Nothing can go on.
    Stop(FetchError),
    /// The network or the server failed.
    Network {
        why: String,
        /// Whether asking again may help,
        again: bool,
        /// and not before this time has passed.
        after: Option<Duration>,
    },
    /// What came cannot be the file.
    Content(String),
}

impl From<FetchError> for Broken {
    fn from(error: FetchError) -> Self {
        Self::Stop(error)
    }
}

fn network(why: impl Into<String>) -> Broken {
    Broken::Network { why: why.into(), again: true, after: None }
}

fn hopeless(why: impl Into<String>) -> Broken {
    Broken::Network { why: why.into(), again: false, after: None }
}

/// Where a part comes from, in a file beside it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Origin {
    url: String,
    /// What the server names this state of the file by.
    validator: Option<String>,
    /// Bytes of the whole file.
    total: Option<u64>,
}

/// What all transfers share.
#[derive(Debug)]
pub(super) struct Line<'a> {
    pub(super) agents: &'a Agents,
    pub(super) stall: Duration,
    pub(super) stop: &'a Stop,
    pub(super) progress: &'a Progress,
}

/// A file on its way.
pub(super) struct Transfer<'a> {
    line: &'a Line<'a>,
    expected: &'a Expected,
    part: PathBuf,
    /// Bytes of this file that [`Progress::done`] counts.
    counted: u64,
    /// Whether [`Progress::total`] counts this file.
    sized: bool,
    /// The last transfer began with bytes of an earlier one.
    pub(super) resumed: bool,
}

impl<'a> Transfer<'a> {
    pub(super) fn new(line: &'a Line<'a>, expected: &'a Expected, part: PathBuf) -> Self {
        Self { line, expected, part, counted: 0, sized: expected.size.is_some(), resumed: false }
    }

    pub(super) fn part(&self) -> &Path {
        &self.part
    }

    /// Bytes that are there already.
    pub(super) fn held(&self) -> u64 {
        fs::metadata(&self.part).map_or(0, |found| found.len())
    }

    /// Throws away what is there.
    pub(super) fn reset(&mut self) {
        // What cannot be removed is overwritten.
        let _ = fs::remove_file(&self.part);
        let _ = fs::remove_file(self.origin_path());
        self.count(0);
    }

    /// The part has become something else.
    pub(super) fn finished(&mut self) {
        let _ = fs::remove_file(self.origin_path());
    }

    fn origin_path(&self) -> PathBuf {
        self.part.with_extension("json")
    }

    fn origin(&self) -> Option<Origin> {
        serde_json::from_str(&read_record(&self.origin_path(), SMALL).ok()?).ok()
    }

    /// Notes where the part comes from. It is not synced: what it says is checked in the end.
    fn set_origin(&self, origin: &Origin) -> Result<(), FetchError> {
        let path = self.origin_path();
        let write = || -> std::io::Result<()> {
            let folder = self.part.parent().unwrap_or(Path::new("."));
            let mut file = super::cache::temporary().tempfile_in(folder)?;
            file.as_file_mut().write_all(&serde_json::to_vec(origin)?)?;
            file.persist(&path)?;
            Ok(())
        };
        write().map_err(FetchError::write(&path))
    }

    fn count(&mut self, now: u64) {
        let done = &self.line.progress.done;
        if now >= self.counted {
            done.fetch_add(now - self.counted, Ordering::Relaxed);
        } else {
            done.fetch_sub(self.counted - now, Ordering::Relaxed);
        }
        self.counted = now;
    }

    /// Gets the file from `url`, going on with what is there where that is safe. Returns the digests of the whole.
    pub(super) fn get(&mut self, url: &str, may_resume: bool) -> Result<Digests, Broken> {
        self.resumed = false;
        if let Some(path) = local_path(url) {
            let (file, length) = Patient::open(path, self.line.stall)
                .map_err(|error| hopeless(format!("cannot be read: {error}")))?;
            return self.receive(file, 0, Hasher::new(self.expected), Some(length));
        }
        let (held, origin) = if may_resume { self.resumable(url) } else { (0, Origin::default()) };
        if held > 0 && self.expected.size == Some(held) {
            // Killed between the last byte and the check.
            return Ok(self.prefix(held)?.finish());
        }
        let mut response = self.ask(url, held, &origin)?;
        let headers = response.headers().clone();
        match response.status().as_u16() {
            200 => {
                let total = length(&headers);
                self.set_origin(&Origin {
                    url: masked(url).into_owned(),
                    validator: validator(&headers),
                    total,
                })?;
                self.note_total(total);
                self.receive(response.body_mut().as_reader(), 0, Hasher::new(self.expected), total)
            }
            206 if held > 0 => {
                let sizes = [self.expected.size, origin.total];
                let fits = |whole| sizes == [None, None] || sizes.contains(&Some(whole));
                match content_range(&headers) {
                    Some((first, _, whole))
                        if first == held
                            && whole.is_none_or(fits)
                            && !headers.contains_key(header::CONTENT_ENCODING) =>
                    {
                        self.resumed = true;
                        let end = whole.or_else(|| length(&headers).map(|rest| held + rest));
                        let hasher = self.prefix(held)?;
                        self.receive(response.body_mut().as_reader(), held, hasher, end)
                    }
                    found => {
                        self.reset();
                        let found = found.map_or("no range at all".to_owned(), |(first, last, whole)| {
                            format!(
                                "bytes {first} to {last} of {}",
                                whole.map_or("?".into(), |n| n.to_string())
                            )
                        });
                        Err(network(format!("asked for bytes from {held} on, it sent {found}")))
                    }
                }
            }
            416 if held > 0 => {
                let whole = text(&headers, header::CONTENT_RANGE)
                    .and_then(|value| value.strip_prefix("bytes */"))
                    .and_then(|n| n.parse::<u64>().ok());
                if whole == Some(held) {
                    self.resumed = true;
                    return Ok(self.prefix(held)?.finish());
                }
                self.reset();
                Err(network(format!("it has no bytes from {held} on (HTTP 416)")))
            }
            206 => Err(hopeless("it sent a part of the file without being asked to (HTTP 206)")),
            _ => Err(refusal(&mut response)),
        }
    }

    /// How much of the part can be gone on with from `url`.
    fn resumable(&self, url: &str) -> (u64, Origin) {
        let held = self.held();
        let origin = self.origin().unwrap_or_default();
        let vouched = origin.url == masked(url) && origin.validator.is_some();
        // Another mirror may have packed the same content differently; then the digest tells, and the part begins anew.
        let told =
            self.expected.size.is_some() && (self.expected.sha256.is_some() || self.expected.md5.is_some());
        let most = self.expected.size.unwrap_or(u64::MAX).max(origin.total.unwrap_or(0));
        if held > 0 && held <= most && (vouched || told) { (held, origin) } else { (0, Origin::default()) }
    }

    /// Sends the request. Where several sets of certificates are trusted, the next one is asked if one does not accept the host.
    fn ask(&self, url: &str, held: u64, origin: &Origin) -> Result<Response<Body>, Broken> {
        let agents: &[Agent] = self.line.agents.for_url(url);
        let mut last = None;
        for agent in agents {
            let mut request = agent.get(url);
            if held > 0 {
                request = request.header(header::RANGE, format!("bytes={held}-"));
                if let Some(validator) = origin.validator.as_ref().filter(|_| origin.url == masked(url)) {
                    request = request.header(header::IF_RANGE, validator);
                }
            }
            match request.call() {
                Ok(response) => return Ok(response),
                Err(error) => {
                    let (broken, certificate) = explain(error);
                    last = Some(broken);
                    if !certificate {
                        break;
                    }
                }
            }
        }
        Err(last.unwrap_or_else(|| hopeless("no client for this address")))
    }

    fn note_total(&mut self, total: Option<u64>) {
        if let Some(total) = total.filter(|_| !self.sized) {
            self.line.progress.total.fetch_add(total, Ordering::Relaxed);
            self.sized = true;
        }
    }

    /// Digests of the part's first bytes, to go on from.
    fn prefix(&mut self, held: u64) -> Result<Hasher, FetchError> {
        let mut hasher = Hasher::new(self.expected);
        let mut file = fs::File::open(&self.part).map_err(FetchError::read(&self.part))?.take(held);
        let mut buffer = vec![0; BLOCK];
        loop {
            match file.read(&mut buffer).map_err(FetchError::read(&self.part))? {
                0 => break,
                got => hasher.update(&buffer[..got]),
            }
        }
        self.count(held);
        Ok(hasher)
    }

    /// Takes in a body that begins at `from`, up to its end, which should be at `end`.
    fn receive(
        &mut self,
        mut body: impl Read,
        from: u64,
        mut hasher: Hasher,
        end: Option<u64>,
    ) -> Result<Digests, Broken> {
        let mut file = open_part(&self.part, from)?;
        std::io::Seek::seek(&mut file, std::io::SeekFrom::Start(from))
            .map_err(FetchError::write(&self.part))?;
        let most = self.expected.most();
        let mut held = from;
        let mut buffer = vec![0; BLOCK];
        let (mut since, mut mark) = (Instant::now(), from);
        let failed = loop {
            self.line.stop.check().map_err(FetchError::from)?;
            match body.read(&mut buffer) {
                Ok(0) => break None,
                Ok(got) => {
                    self.line.progress.received.fetch_add(got as u64, Ordering::Relaxed);
                    hasher.update(&buffer[..got]);
                    append(&mut file, &self.part, &buffer[..got])?;
                    held += got as u64;
                    self.count(held);
                }
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => break Some(error),
            }
            if held > most {
                return Err(Broken::Content(format!(
                    "it sends more than the {most} bytes that it could have"
                )));
            }
            let elapsed = since.elapsed();
            if elapsed >= self.line.stall {
                if ((held - mark) as f64) < SLOWEST as f64 * elapsed.as_secs_f64() {
                    return Err(network(format!(
                        "it stalled after {held} bytes ({} bytes in {:.0} s)",
                        held - mark,
                        elapsed.as_secs_f64()
                    )));
                }
                (since, mark) = (Instant::now(), held);
            }
        };
        // A wrong length is forgiven if all bytes that are wanted are there.
        if held != self.expected.size.unwrap_or(u64::MAX) {
            if let Some(error) = failed {
                return Err(match explain(ureq::Error::from(error)).0 {
                    Broken::Network { why, again, after } => {
                        Broken::Network { why: format!("{why}, after {held} bytes"), again, after }
                    }
                    other => other,
                });
            }
            if let Some(end) = end.filter(|end| held < *end) {
                return Err(network(format!("the connection was closed after {held} of {end} bytes")));
            }
        }
        Ok(hasher.finish())
    }
}

/// A file of another machine's, or of a drive that may have gone to sleep: read by a thread of its own, for which nobody waits longer than for a
/// server.
struct Patient {
    blocks: Receiver<std::io::Result<Vec<u8>>>,
    patience: Duration,
    block: Vec<u8>,
    at: usize,
}

impl Patient {
    /// Opens a regular file; tells its length.
    fn open(path: PathBuf, patience: Duration) -> std::io::Result<(Self, u64)> {
        let (told, length) = sync_channel(1);
        let (send, blocks) = sync_channel(4);
        let read = move || {
            let opened = open_regular(&path).and_then(|file| Ok((file.metadata()?.len(), file)));
            let mut file = match opened {
                Ok((length, file)) => told.send(Ok(length)).ok().map(|()| file),
                Err(error) => {
                    let _ = told.send(Err(error));
                    None
                }
            };
            while let Some(open) = &mut file {
                let mut block = vec![0; BLOCK];
                let read = open.read(&mut block).map(|got| {
                    block.truncate(got);
                    block
                });
                let done = !read.as_ref().is_ok_and(|block| !block.is_empty());
                if send.send(read).is_err() || done {
                    file = None;
                }
            }
        };
        std::thread::Builder::new().name("mirror".into()).spawn(read)?;
        let length = length.recv_timeout(patience).map_err(|_| late())??;
        Ok((Self { blocks, patience, block: Vec::new(), at: 0 }, length))
    }
}

fn late() -> std::io::Error {
    std::io::Error::new(std::io::ErrorKind::TimedOut, "nothing arrived any more (stalled)")
}

impl Read for Patient {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        if self.at == self.block.len() {
            self.block = match self.blocks.recv_timeout(self.patience) {
                Ok(block) => block?,
                Err(RecvTimeoutError::Disconnected) => Vec::new(),
                Err(RecvTimeoutError::Timeout) => return Err(late()),
            };
            self.at = 0;
        }
        let count = out.len().min(self.block.len() - self.at);
        out[..count].copy_from_slice(&self.block[self.at..self.at + count]);
        self.at += count;
        Ok(count)
    }
}

/// What a client's error means, and whether certificates are to blame.
fn explain(error: ureq::Error) -> (Broken, bool) {
    use ureq::Error;
    let text = error.to_string();
    match error {
        Error::Timeout(ureq::Timeout::PerRead | ureq::Timeout::RecvBody) => {
            (network("nothing arrived any more (stalled)"), false)
        }
        Error::Timeout(what) => (network(format!("it took too long ({what})")), false),
        Error::TooManyRedirects => (hopeless("it redirects too often"), false),
        Error::RequireHttpsOnly(to) => (hopeless(format!("it redirects from https to {to}")), false),
        Error::BadUri(what) => (hopeless(format!("not an address: {what}")), false),
        Error::Rustls(_) | Error::Tls(_) => {
            (hopeless(format!("its certificate is not accepted: {text}")), true)
        }
        Error::Io(source)
            if source.kind() == std::io::ErrorKind::InvalidData
                || source.get_ref().is_some_and(|inner| inner.to_string().contains("certificate")) =>
        {
            (hopeless(format!("its certificate is not accepted: {source}")), true)
        }
        Error::Io(source) => (network(format!("the connection failed: {source}")), false),
        Error::HostNotFound => (network("the host is not found"), false),
        _ => (network(text), false),
    }
}

/// Why a server gave something else than a file.
fn refusal(response: &mut Response<Body>) -> Broken {
    let status = response.status();
    let mut why = format!("HTTP {}", status.as_u16());
    if let Some(reason) = status.canonical_reason() {
        why.push(' ');
        why.push_str(reason);
    }
    let after = retry_after(response.headers());
    let mut start = Vec::new();
    // Only for the message; if the body breaks off, so be it.
    let _ = response.body_mut().as_reader().take(1024).read_to_end(&mut start);
    if let Some(page) = html(&start) {
        why = format!("{why} ({page})");
    }
    let again = status.is_server_error() || matches!(status.as_u16(), 408 | 425 | 429);
    Broken::Network { why, again, after }
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

/// How long a server asks to wait: seconds, or a date, which counts from the server's own.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let value = text(headers, header::RETRY_AFTER)?.trim();
    let seconds = value.parse().ok().or_else(|| {
        let now = seconds_of(text(headers, header::DATE)?)?;
        u64::try_from(seconds_of(value)? - now).ok()
    });
    seconds.map(Duration::from_secs)
}

/// Seconds of a date like `Sun, 06 Nov 1994 08:49:37 GMT`, from some day on.
fn seconds_of(date: &str) -> Option<i64> {
    const MONTHS: &str = "JanFebMarAprMayJunJulAugSepOctNovDec";
    let words: Vec<&str> = date.split([' ', ':']).collect();
    let [_, day, month, year, hour, minute, second, "GMT"] = words[..] else { return None };
    let number = |text: &str| text.parse::<i64>().ok().filter(|n| (0..10_000).contains(n));
    let month = MONTHS.find(month).filter(|_| month.len() == 3)? as i64 / 3;
    // The year begins in March, so that a leap day is its last.
    let year = number(year)? - i64::from(month < 2);
    let month = (month + 10) % 12;
    let days = year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5 + number(day)?;
    Some(((days * 24 + number(hour)?) * 60 + number(minute)?) * 60 + number(second)?)
}

/// The promised length of a body, unless something is wrapped around it.
fn length(headers: &HeaderMap) -> Option<u64> {
    if headers.contains_key(header::TRANSFER_ENCODING) {
        return None;
    }
    text(headers, header::CONTENT_LENGTH)?.trim().parse().ok()
}

/// What a server vouches with: a strong ETag, or else a date. Something encoded on the way cannot be gone on with.
fn validator(headers: &HeaderMap) -> Option<String> {
    if headers.contains_key(header::CONTENT_ENCODING) {
        return None;
    }
    text(headers, header::ETAG)
        .filter(|tag| !tag.starts_with("W/"))
        .or_else(|| text(headers, header::LAST_MODIFIED))
        .map(str::to_owned)
}

/// First and last byte, and size of the whole, of `Content-Range`.
fn content_range(headers: &HeaderMap) -> Option<(u64, u64, Option<u64>)> {
    let (range, whole) = text(headers, header::CONTENT_RANGE)?.strip_prefix("bytes ")?.split_once('/')?;
    let (first, last) = range.split_once('-')?;
    Some((first.trim().parse().ok()?, last.trim().parse().ok()?, whole.trim().parse().ok()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(header::HeaderName, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.clone(), value.parse().unwrap())).collect()
    }

    #[test]
    fn ranges_are_understood_or_refused() {
        let range = |value: &str| content_range(&headers(&[(header::CONTENT_RANGE, value)]));
        assert_eq!(range("bytes 5-9/10"), Some((5, 9, Some(10))));
        assert_eq!(range("bytes 5-9/*"), Some((5, 9, None)));
        for value in
            ["bytes */10", "items 5-9/10", "bytes 5/10", "bytes -5-9/10", "bytes 5-x/10", "bytes 5-9", ""]
        {
            assert_eq!(range(value), None, "{value}");
        }
        assert_eq!(content_range(&HeaderMap::new()), None);
    }

    #[test]
    fn only_strong_validators_of_plain_bytes_count() {
        let etag = (header::ETAG, "\"x\"");
        let weak = (header::ETAG, "W/\"x\"");
        let date = (header::LAST_MODIFIED, "Sat, 21 Nov 2020 00:00:00 GMT");
        let packed = (header::CONTENT_ENCODING, "gzip");
        assert_eq!(validator(&headers(&[etag.clone(), date.clone()])).as_deref(), Some("\"x\""));
        assert_eq!(validator(&headers(&[weak.clone(), date.clone()])).as_deref(), Some(date.1));
        assert_eq!(validator(&headers(&[weak])), None);
        assert_eq!(validator(&headers(&[etag, packed])), None);
    }

    #[test]
    fn servers_ask_to_wait_in_seconds_or_by_their_own_clock() {
        let wait = |after, now| retry_after(&headers(&[(header::RETRY_AFTER, after), (header::DATE, now)]));
        let now = "Sun, 28 Feb 2027 23:59:50 GMT";
        for (after, seconds) in [
            ("7", Some(7)),
            ("Mon, 01 Mar 2027 00:00:20 GMT", Some(30)),
            ("Sun, 28 Feb 2027 23:59:50 GMT", Some(0)),
            ("Sun, 28 Feb 2027 23:00:00 GMT", None),
            ("Tue, 01 Mar 2028 00:00:00 GMT", Some(366 * 86_400 + 10)),
            ("Sat, 01 Jan 2028 00:00:00 GMT", Some(306 * 86_400 + 10)),
            ("soon", None),
            ("Mon, 01 Foo 2027 00:00:20 GMT", None),
        ] {
            assert_eq!(wait(after, now), seconds.map(Duration::from_secs), "{after}");
        }
        assert_eq!(retry_after(&headers(&[(header::RETRY_AFTER, now)])), None);
    }

    #[test]
    fn lengths_are_believed_only_of_plain_bodies() {
        let seven = (header::CONTENT_LENGTH, "7");
        assert_eq!(length(&headers(std::slice::from_ref(&seven))), Some(7));
        assert_eq!(length(&headers(&[seven, (header::TRANSFER_ENCODING, "chunked")])), None);
        assert_eq!(length(&headers(&[(header::CONTENT_LENGTH, "-7")])), None);
    }
}
