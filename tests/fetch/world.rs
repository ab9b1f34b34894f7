//! A folder to work in, a small data set with a catalogue of its own, and the program.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use crate::server::{Answer, Request};

const PROGRAM: &str = env!("CARGO_BIN_EXE_mnistaug");

/// Variables that change how the network is used.
const VARIABLES: [&str; 9] = [
    "HTTP_PROXY",
    "http_proxy",
    "HTTPS_PROXY",
    "https_proxy",
    "ALL_PROXY",
    "all_proxy",
    "NO_PROXY",
    "no_proxy",
    "SSL_CERT_FILE",
];

/// Names of the files of the small data set.
pub(crate) const FILES: [&str; 4] = [
    "train-images-idx3-ubyte.gz",
    "train-labels-idx1-ubyte.gz",
    "t10k-images-idx3-ubyte.gz",
    "t10k-labels-idx1-ubyte.gz",
];

/// The file that tests do evil to: some 300 KB.
pub(crate) const BIG: &str = FILES[0];

pub(crate) fn gzip(bytes: &[u8], level: u32) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::new(level));
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub(crate) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// An IDX file: type 8 is bytes, 12 is big-endian integers.
pub(crate) fn idx(kind: u8, dims: &[u32], body: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0, 0, kind, dims.len() as u8];
    bytes.extend(dims.iter().flat_map(|n| n.to_be_bytes()));
    bytes.extend(body);
    bytes
}

/// Bytes that do not shrink much.
pub(crate) fn noise(n: usize, seed: u32) -> Vec<u8> {
    let mut state = 0x9e37_79b9 ^ seed;
    (0..n)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            if state & 0x300 == 0 { 0 } else { (state >> 16) as u8 }
        })
        .collect()
}

/// The files of the small data set, as their publisher has them.
pub(crate) fn files() -> BTreeMap<String, Vec<u8>> {
    let set = |n: u32, seed| {
        let labels: Vec<u8> = (0..n).map(|i| (i * 7 % 10) as u8).collect();
        [idx(8, &[n, 20, 18], &noise(n as usize * 360, seed)), idx(8, &[n], &labels)]
    };
    let [images, labels] = set(900, 1);
    let [test_images, test_labels] = set(60, 2);
    FILES
        .iter()
        .zip([images, labels, test_images, test_labels])
        .map(|(name, raw)| ((*name).to_owned(), gzip(&raw, 9)))
        .collect()
}

pub(crate) fn gunzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    std::io::Read::read_to_end(&mut flate2::read::MultiGzDecoder::new(bytes), &mut out).unwrap();
    out
}

/// What a catalogue says of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Known {
    /// Size, SHA-256, and both of the content.
    All,
    /// Size and SHA-256.
    File,
    /// MD5 alone, as for many old data sets.
    Md5,
    /// Nothing.
    Nothing,
}

pub(crate) fn facts(name: &str, bytes: &[u8], known: Known) -> String {
    let md5 = || {
        md5::Md5::digest(bytes).iter().fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
    };
    match known {
        Known::Nothing => format!("{{ name = '{name}' }}"),
        Known::Md5 => format!("{{ name = '{name}', md5 = '{}' }}", md5()),
        Known::File => format!("{{ name = '{name}', size = {}, sha256 = '{}' }}", bytes.len(), sha256(bytes)),
        Known::All => {
            let raw = gunzip(bytes);
            format!(
                "{{ name = '{name}', size = {}, sha256 = '{}', raw_size = {}, raw_sha256 = '{}' }}",
                bytes.len(),
                sha256(bytes),
                raw.len(),
                sha256(&raw)
            )
        }
    }
}

/// A catalogue with the small data set and these mirrors.
pub(crate) fn catalogue(mirrors: &[String], known: Known) -> String {
    let files: Vec<String> = files().iter().map(|(name, bytes)| facts(name, bytes, known)).collect();
    let mut text = format!(
        "version = 1\n[[dataset]]\nname = 'tiny'\ntitle = 'Tiny'\nshape = [20, 18]\nclasses = 10\nlicense = 'CC-BY-SA-9'\n\
        terms = 'share-alike'\nattribution = 'Its makers'\nmirrors = {mirrors:?}\nfile = [\n{}\n]\nsplit = [\n",
        files.join(",\n")
    );
    for (split, prefix, count) in [("train", "train", 900), ("test", "t10k", 60)] {
        let _ = writeln!(
            text,
            "{{ name = '{split}', count = {count}, images = '{prefix}-images-idx3-ubyte.gz', labels = '{prefix}-labels-idx1-ubyte.gz' }},"
        );
    }
    text + "]\n"
}

/// A server's answer that gives the small data set as it should.
pub(crate) fn good(request: &Request, answer: &mut Answer<'_>) {
    match files().get(request.name()) {
        Some(bytes) => answer.file(request, bytes),
        None => answer.whole("404 Not Found", b"nothing here"),
    }
}

/// A folder to work in.
pub(crate) struct World {
    folder: TempDir,
}

impl World {
    /// With a catalogue that knows these mirrors.
    pub(crate) fn new(mirrors: &[String]) -> Self {
        Self::knowing(mirrors, Known::All)
    }

    pub(crate) fn knowing(mirrors: &[String], known: Known) -> Self {
        let world = Self { folder: tempfile::tempdir().unwrap() };
        world.write("catalogue.toml", catalogue(mirrors, known).as_bytes());
        world
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    #[expect(clippy::disallowed_methods, reason = "a fixture")]
    pub(crate) fn write(&self, name: &str, bytes: &[u8]) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    pub(crate) fn remove(&self, name: &str) {
        let path = self.path(name);
        if path.is_dir() { fs::remove_dir_all(path).unwrap() } else { fs::remove_file(path).unwrap() }
    }

    fn command(&self, words: &str) -> Command {
        let mut command = Command::new(PROGRAM);
        command
            .current_dir(self.folder.path())
            .args(words.split_whitespace())
            .env("MNISTAUG_CACHE", self.path("cache"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        for variable in VARIABLES {
            command.env_remove(variable);
        }
        command
    }

    /// Runs the program.
    pub(crate) fn run(&self, words: &str) -> Run {
        self.run_with(words, &[])
    }

    /// Runs the program with variables.
    pub(crate) fn run_with(&self, words: &str, variables: &[(&str, &str)]) -> Run {
        let output = self.command(words).envs(variables.iter().copied()).output().unwrap();
        Run::of(words, output)
    }

    /// `fetch tiny`, quick to give up.
    pub(crate) fn fetch(&self, options: &str) -> Run {
        self.run(&format!("fetch tiny --catalogue catalogue.toml --timeout 3 --stall-timeout 1 {options}"))
    }

    /// The same, without waiting for it.
    pub(crate) fn spawn(&self, options: &str) -> Child {
        self.command(&format!("fetch tiny --catalogue catalogue.toml {options}")).spawn().unwrap()
    }

    /// Names in a folder, hidden ones too.
    pub(crate) fn names(&self, folder: &str) -> Vec<String> {
        let Ok(entries) = fs::read_dir(self.path(folder)) else { return Vec::new() };
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// Sizes of the parts in the cache.
    pub(crate) fn parts(&self) -> Vec<u64> {
        let names = self.names("cache/parts");
        names
            .iter()
            .filter(|name| Path::new(name).extension().is_some_and(|x| x == "part"))
            .map(|name| fs::metadata(self.path(&format!("cache/parts/{name}"))).map_or(0, |m| m.len()))
            .collect()
    }

    /// That all files of the small data set are there, right, and nothing but them.
    #[track_caller]
    pub(crate) fn assert_right(&self) {
        self.assert_right_in("data/tiny");
    }

    #[track_caller]
    pub(crate) fn assert_right_in(&self, folder: &str) {
        let mut expected: Vec<String> = files().into_keys().collect();
        expected.extend(["LICENSE-DATA.txt".into(), "fetched.json".into()]);
        expected.sort();
        assert_eq!(self.names(folder), expected);
        for (name, bytes) in files() {
            assert!(gunzip(&self.read(&format!("{folder}/{name}"))) == gunzip(&bytes), "{name} is wrong");
        }
        assert_eq!(self.parts(), [] as [u64; 0], "nothing is left on its way");
    }

    /// That no file is there under its final name, whole or in part, neither in the folder nor in the cache, but those of `others`.
    #[track_caller]
    pub(crate) fn assert_absent(&self, name: &str) {
        assert!(!self.names("data/tiny").contains(&name.to_owned()), "{name} is there");
        let right: Vec<Vec<u8>> =
            files().iter().filter(|(other, _)| *other != name).map(|(_, bytes)| gunzip(bytes)).collect();
        for folder in self.names("cache/objects") {
            for object in self.names(&format!("cache/objects/{folder}")) {
                let bytes = self.read(&format!("cache/objects/{folder}/{object}"));
                assert_eq!(sha256(&bytes), object);
                assert!(right.contains(&gunzip(&bytes)), "{object} is in the cache");
            }
        }
    }
}

/// What came of one run.
#[derive(Debug)]
pub(crate) struct Run {
    words: String,
    code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Run {
    pub(crate) fn of(words: &str, output: std::process::Output) -> Self {
        let run = Self {
            words: words.to_owned(),
            code: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        };
        assert!(!run.err.contains("panicked"), "a panic: {run:?}");
        run
    }

    #[track_caller]
    pub(crate) fn ok(self) -> Self {
        self.exits(0)
    }

    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        let Self { words, out, err, .. } = &self;
        assert_eq!(self.code, Some(code), "mnistaug {words}\nstdout: {out}\nstderr: {err}");
        self
    }

    /// An error with this exit code, which says all of this and what to do.
    #[track_caller]
    pub(crate) fn fails(self, code: i32, says: &[&str]) -> Self {
        self.exits(code).says(says).says(&["error: ", "help: "])
    }

    #[track_caller]
    pub(crate) fn says(self, parts: &[&str]) -> Self {
        for part in parts {
            assert!(self.err.contains(part), "{}\nshould say {part:?}, says:\n{}", self.words, self.err);
        }
        self
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(self.out.lines().last().unwrap_or_default()).expect("a line of JSON")
    }
}
