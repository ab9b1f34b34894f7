//! A folder to work in, small data sets to put there, the program to run, and shards to read back.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::GzEncoder;
use ndarray::{ArrayD, IxDyn, OwnedRepr};
use ndarray_npy::{NpzReader, ReadableElement};
use predicates::prelude::*;
use serde_json::Value;

/// The program under test.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_mnistaug");

/// No run in these tests takes nearly as long.
const PATIENCE: Duration = Duration::from_mins(2);

/// Variables that could change what the program does.
const VARIABLES: [&str; 15] = [
    "SLURM_CPUS_PER_TASK",
    "SLURM_ARRAY_TASK_ID",
    "AWS_BATCH_JOB_ARRAY_INDEX",
    "CLOUD_RUN_TASK_INDEX",
    "BATCH_TASK_INDEX",
    "JOB_COMPLETION_INDEX",
    "PBS_ARRAY_INDEX",
    "LSB_JOBINDEX",
    "SGE_TASK_ID",
    "HQ_TASK_ID",
    "PARALLEL_SEQ",
    "COLUMNS",
    "LINES",
    "CLICOLOR_FORCE",
    "NO_COLOR",
];

/// Small images with labels.
#[derive(Clone, Debug)]
pub(crate) struct Images {
    /// Rows, columns, channels.
    pub(crate) shape: [usize; 3],
    /// All pixels, image after image.
    pub(crate) pixels: Vec<u8>,
    pub(crate) labels: Vec<u8>,
}

impl Images {
    /// `n` images that differ from one another, about half of whose pixels are 0, the others of all values.
    pub(crate) fn new(n: usize, height: usize, width: usize) -> Self {
        Self::with_channels(n, height, width, 1)
    }

    pub(crate) fn with_channels(n: usize, height: usize, width: usize, channels: usize) -> Self {
        let mut state = 0x2545_f491_u32;
        let pixels = (0..n * height * width * channels)
            .map(|_| {
                state ^= state << 13;
                state ^= state >> 17;
                state ^= state << 5;
                if state & 0x100 == 0 { 0 } else { (state >> 16) as u8 }
            })
            .collect();
        let labels = (0..n).map(|i| ((i * 3 + 1) % 10) as u8).collect();
        Self { shape: [height, width, channels], pixels, labels }
    }

    pub(crate) fn len(&self) -> usize {
        self.labels.len()
    }

    /// Values of one image.
    pub(crate) fn size(&self) -> usize {
        self.shape.iter().product()
    }

    pub(crate) fn image(&self, i: usize) -> &[u8] {
        &self.pixels[i * self.size()..(i + 1) * self.size()]
    }

    /// The images as an IDX file: 0x803, or 0x804 if they are colored.
    pub(crate) fn idx(&self) -> Vec<u8> {
        let [height, width, channels] = self.shape;
        let dims = [self.len(), height, width, channels];
        idx(if channels == 1 { &dims[..3] } else { &dims }, &self.pixels)
    }

    /// The labels as an IDX file.
    pub(crate) fn label_idx(&self) -> Vec<u8> {
        idx(&[self.labels.len()], &self.labels)
    }
}

/// An IDX file of bytes with these dimensions, true or not.
pub(crate) fn idx(dims: &[usize], body: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0, 0, 8, dims.len() as u8];
    for &dim in dims {
        bytes.extend((dim as u32).to_be_bytes());
    }
    bytes.extend(body);
    bytes
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A folder to work in, which goes away in the end. The program runs in it, so that paths are short and relative.
pub(crate) struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file, and the folders above it.
    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> &Self {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
        self
    }

    pub(crate) fn mkdir(&self, name: &str) -> &Self {
        fs::create_dir_all(self.path(name)).unwrap();
        self
    }

    /// Raw IDX files of the train split under the usual names.
    pub(crate) fn idx(&self, folder: &str, images: &Images) -> &Self {
        self.idx_named(folder, "train", images)
    }

    /// Raw IDX files whose names begin so.
    pub(crate) fn idx_named(&self, folder: &str, prefix: &str, images: &Images) -> &Self {
        self.write(&format!("{folder}/{prefix}-images-idx3-ubyte"), images.idx())
            .write(&format!("{folder}/{prefix}-labels-idx1-ubyte"), images.label_idx())
    }

    /// Gzipped IDX files of the test split under the usual names.
    pub(crate) fn idx_test_gz(&self, folder: &str, images: &Images) -> &Self {
        self.write(&format!("{folder}/t10k-images-idx3-ubyte.gz"), gzip(&images.idx()))
            .write(&format!("{folder}/t10k-labels-idx1-ubyte.gz"), gzip(&images.label_idx()))
    }

    /// An RGB picture: PNG, or whatever the name's ending says. `pixel` is given row and column.
    pub(crate) fn picture(
        &self,
        name: &str,
        height: usize,
        width: usize,
        pixel: impl Fn(usize, usize) -> [u8; 3],
    ) -> &Self {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        image::RgbImage::from_fn(width as u32, height as u32, |x, y| {
            image::Rgb(pixel(y as usize, x as usize))
        })
        .save(path)
        .unwrap();
        self
    }

    /// Runs the program with these words.
    pub(crate) fn run(&self, words: &str) -> Run {
        self.run_with(words, &[])
    }

    /// The same with variables set.
    pub(crate) fn run_with(&self, words: &str, variables: &[(&str, &str)]) -> Run {
        let mut command = assert_cmd::Command::new(PROGRAM);
        command.current_dir(self.folder.path()).args(words.split_whitespace()).timeout(PATIENCE);
        for name in VARIABLES {
            command.env_remove(name);
        }
        command.envs(variables.iter().copied());
        Run::of(words, command.output().unwrap())
    }

    /// The same with words that may hold blanks, or nothing.
    pub(crate) fn words(&self, words: &[&str]) -> Run {
        let mut command = assert_cmd::Command::new(PROGRAM);
        command.current_dir(self.folder.path()).args(words).timeout(PATIENCE);
        for name in VARIABLES {
            command.env_remove(name);
        }
        Run::of(&words.join(" "), command.output().unwrap())
    }

    /// Starts the program with these words and goes on.
    pub(crate) fn start(&self, words: &str) -> Child {
        std::process::Command::new(PROGRAM)
            .current_dir(self.folder.path())
            .args(words.split_whitespace())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }

    /// Runs a line of shell, in which `$PROGRAM` is the program.
    #[cfg(unix)]
    pub(crate) fn shell(&self, line: &str) -> Run {
        let output = assert_cmd::Command::new("sh")
            .current_dir(self.folder.path())
            .args(["-c", line])
            .env("PROGRAM", PROGRAM)
            .timeout(PATIENCE)
            .output()
            .unwrap();
        Run::of(line, output)
    }

    /// All files of a folder, hidden ones too.
    pub(crate) fn files(&self, folder: &str) -> BTreeMap<String, Vec<u8>> {
        files(&self.path(folder))
    }

    /// Names of a folder's files.
    pub(crate) fn names(&self, folder: &str) -> Vec<String> {
        self.files(folder).into_keys().collect()
    }

    /// A folder's samples of one split.
    pub(crate) fn shards(&self, folder: &str, split: &str) -> Shards {
        Shards::read(&self.path(folder), split)
    }

    pub(crate) fn manifest(&self, folder: &str) -> Value {
        serde_json::from_slice(&fs::read(self.path(folder).join("manifest.json")).unwrap()).unwrap()
    }

    /// Edits a manifest as somebody would who knows that older versions wrote no digest of it.
    pub(crate) fn forge(&self, folder: &str, edit: impl FnOnce(&mut Value)) -> &Self {
        let mut manifest = self.manifest(folder);
        manifest.as_object_mut().unwrap().remove("digest").expect("a digest");
        edit(&mut manifest);
        self.write(&format!("{folder}/manifest.json"), manifest.to_string())
    }

    /// That two folders hold the same names with the same bytes.
    #[track_caller]
    pub(crate) fn assert_same(&self, a: &str, b: &str) {
        // `merge` keeps what it has merged.
        let files = |folder: &str| {
            let mut files = self.files(folder);
            files.remove(".mnistaug/merged.jsonl");
            files
        };
        let (ours, theirs) = (files(a), files(b));
        for name in ours.keys().chain(theirs.keys()) {
            assert!(ours.contains_key(name), "{name} is in {b} and not in {a}");
            assert!(theirs.contains_key(name), "{name} is in {a} and not in {b}");
            assert!(ours[name] == theirs[name], "{name} differs between {a} and {b}");
        }
        assert!(ours.contains_key("manifest.json"), "{a} is no data set");
    }
}

/// What `info --json` says of the first split.
pub(crate) fn info(place: &Place, source: &str) -> Value {
    place.run(&format!("info {source} --json")).ok().json()["splits"][0].clone()
}

/// The content digest of the first split of a data set.
pub(crate) fn content(place: &Place, source: &str) -> String {
    place.manifest(source)["splits"][0]["content"].as_str().expect("a digest").to_owned()
}

/// Writes a data set in another format, and reads that again: its content is what it was.
pub(crate) fn there_and_back(place: &Place, source: &str, format: &str) {
    place.run(&format!("export --input {source} --format {format} --out {format} --force")).ok();
    place.run(&format!("export --input {format} --out back-{format} --force")).ok();
    for copy in [format, &format!("back-{format}")] {
        assert_eq!(content(place, copy), content(place, source), "{copy}");
    }
}

/// Files of a folder and of the folders below it, by their path from there.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        if entry.path().is_dir() {
            let below = files(&entry.path());
            found.extend(below.into_iter().map(|(file, bytes)| (format!("{name}/{file}"), bytes)));
        } else {
            found.insert(name, fs::read(entry.path()).unwrap());
        }
    }
    found
}

/// What came of one run.
#[derive(Debug)]
pub(crate) struct Run {
    words: String,
    pub(crate) code: Option<i32>,
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
        let crashed = predicate::str::contains("panicked").or(predicate::str::contains("RUST_BACKTRACE"));
        assert!(!crashed.eval(&run.err), "a panic: {run:?}");
        run
    }

    #[track_caller]
    pub(crate) fn ok(self) -> Self {
        self.exits(0)
    }

    /// The exit code.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(
            self.code,
            Some(code),
            "mnistaug {}\nstdout: {}\nstderr: {}",
            self.words,
            self.out,
            self.err
        );
        self
    }

    /// An error with this exit code, which says all of this and what to do, and puts nothing on standard output.
    #[track_caller]
    pub(crate) fn fails(self, code: i32, says: &[&str]) -> Self {
        let run = self.exits(code).says(says).says(&["error: ", "help: "]);
        assert_eq!(run.out, "", "mnistaug {}: errors go to standard error", run.words);
        run
    }

    /// Standard error holds each of these.
    #[track_caller]
    pub(crate) fn says(self, parts: &[&str]) -> Self {
        for part in parts {
            assert!(
                predicate::str::contains(*part).eval(&self.err),
                "mnistaug {}\nshould say {part:?}, says:\n{}",
                self.words,
                self.err
            );
        }
        self
    }

    /// The one line of JSON with which standard output ends.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        let line = self.out.lines().last().unwrap_or_default();
        assert!(self.out.ends_with('\n'), "{}: the line is not ended: {:?}", self.words, self.out);
        serde_json::from_str(line).unwrap_or_else(|error| panic!("{}: {error}: {line:?}", self.words))
    }
}

/// Waits until a started run has finished `count` shards in `folder`.
#[track_caller]
pub(crate) fn wait_for_shards(child: &mut Child, folder: &Path, count: usize) {
    let start = Instant::now();
    loop {
        let shards = fs::read_dir(folder).map_or(0, |entries| {
            entries
                .flatten()
                .filter(|e| e.path().extension().is_some_and(|x| x == "npz" || x == "csv"))
                .count()
        });
        if shards >= count {
            return;
        }
        assert!(child.try_wait().unwrap().is_none(), "the run ended before {count} shards were there");
        assert!(start.elapsed() < PATIENCE, "{count} shards do not come");
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Sends a signal to a process.
#[cfg(unix)]
pub(crate) fn signal(child: &Child, name: &str) {
    let status = std::process::Command::new("kill").args([name, &child.id().to_string()]).status().unwrap();
    assert!(status.success());
}

/// A split's arrays, shard after shard.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Shards {
    pub(crate) rows: usize,
    /// Dimensions of `x` without the first.
    pub(crate) shape: Vec<usize>,
    pub(crate) x: Vec<u8>,
    /// Values of `y` in one row.
    pub(crate) labels: usize,
    pub(crate) y: Vec<u8>,
    /// `y` where it has weights.
    pub(crate) soft: Vec<f32>,
    pub(crate) origin: Vec<i64>,
    /// Columns of truth, whose names are sorted, one behind the other in each shard.
    pub(crate) truth: Vec<i64>,
    pub(crate) cells: Vec<i16>,
    pub(crate) boxes: Vec<i32>,
    pub(crate) cell_boxes: Vec<i32>,
}

impl Shards {
    fn read(folder: &Path, split: &str) -> Self {
        let manifest: Value =
            serde_json::from_slice(&fs::read(folder.join("manifest.json")).unwrap()).unwrap();
        let splits = manifest["splits"].as_array().unwrap();
        let record = splits.iter().find(|record| record["name"] == split).expect("the split");
        let mut all = Self::default();
        for shard in record["shards"].as_array().unwrap() {
            let path = folder.join(shard["name"].as_str().unwrap());
            let mut npz = NpzReader::new(fs::File::open(&path).unwrap()).unwrap();
            let x: ArrayD<u8> = array(&mut npz, "x").expect("x");
            let rows = shard["rows"].as_u64().unwrap() as usize;
            let mut take = |shape: &[usize]| {
                assert_eq!((x.shape()[0], shape[0]), (rows, rows), "{}", path.display());
                all.labels = shape[1..].iter().product();
            };
            if record["schema"]["labels"] == "soft" {
                let y: ArrayD<f32> = array(&mut npz, "y").expect("y");
                take(y.shape());
                all.soft.extend(y.iter());
            } else {
                let y: ArrayD<u8> = array(&mut npz, "y").expect("y");
                take(y.shape());
                all.y.extend(y.iter());
            }
            let mut names = npz.names().unwrap();
            names.retain(|name| name.starts_with("truth_"));
            names.sort();
            for name in names {
                all.truth.extend(array::<i64>(&mut npz, &name).iter().flatten());
            }
            all.rows += rows;
            all.shape = x.shape()[1..].to_vec();
            all.x.extend(x.iter());
            all.origin.extend(array::<i64>(&mut npz, "origin").expect("origin").iter());
            all.cells.extend(array::<i16>(&mut npz, "cells").iter().flatten());
            all.boxes.extend(array::<i32>(&mut npz, "boxes").iter().flatten());
            all.cell_boxes.extend(array::<i32>(&mut npz, "cell_boxes").iter().flatten());
        }
        assert_eq!(all.rows as u64, record["rows"].as_u64().unwrap());
        all
    }

    /// Values of one image.
    pub(crate) fn size(&self) -> usize {
        self.shape.iter().product()
    }

    pub(crate) fn image(&self, i: usize) -> &[u8] {
        &self.x[i * self.size()..(i + 1) * self.size()]
    }
}

fn array<T: ReadableElement>(npz: &mut NpzReader<fs::File>, name: &str) -> Option<ArrayD<T>> {
    npz.names()
        .unwrap()
        .iter()
        .any(|found| found == name)
        .then(|| npz.by_name::<OwnedRepr<T>, IxDyn>(name).unwrap())
}
