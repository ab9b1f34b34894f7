//! What a data set folder says about itself.
//!
//! `manifest.json` is written when everything is there. Until then a journal stands in for it: its first line is the
//! manifest without shards, each further line a finished shard. A part of a data set ends as such a journal too,
//! named after the part, and `merge` makes the manifest of all of them.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::base::digest::ContentDigest;
use crate::base::files::read_record;
use crate::base::{Input, Schema};
use crate::formats::arrays::Constants;
pub use crate::formats::{Format, SideFile};
use crate::formats::{Layout, Way};
use crate::recipe::Record;

use super::{Part, StoreError};

mod check;
mod sorted;

pub use check::Flaw;
use check::{Stage, check, shard_is_planned};
use sorted::Sorted;

/// The finished data set's description.
pub const MANIFEST: &str = "manifest.json";
/// What `merge` keeps of the lists of parts: a journal with all shards, from which the manifest is written again if somebody removes it.
pub const MERGED: &str = ".mnistaug/merged.jsonl";
/// Licenses and attributions of the source data.
pub const LICENSES: &str = "LICENSE-DATA.txt";
/// The journal of a data set that is being made whole.
const JOURNAL: &str = ".mnistaug-journal.jsonl";

/// The key of the manifest's own digest.
const DIGEST: &str = "digest";

/// Version of the manifest's own form.
pub const FORMAT: u32 = 1;
/// Goes up whenever the same command gives other bytes than before.
pub const ALGORITHM: u32 = 3;

/// More shards than this are refused: a folder of so many files is of no use, and their list alone fills the memory.
pub const MOST_SHARDS: u64 = 1_000_000;
/// A manifest of so many shards, with long names and all that may stand beside them.
const LARGEST: u64 = 1 << 30;

/// File name of shard `k` of `shards`, with `/` between folders. Of single pictures it is the list of them.
fn shard_name(format: &Format, split: &str, k: u64, shards: u64) -> String {
    match format.way() {
        Way::Shards(format) => format.shard_name(split, k, shards),
        Way::Pictures(_) | Way::Whole(_) => format!("{LISTS}/{split}-{k:05}-of-{shards:05}.jsonl"),
    }
}

/// What `LICENSE-DATA.txt` says.
pub(super) fn license_text(licenses: &[String]) -> String {
    licenses.join("\n\n") + "\n"
}

/// File name of what was drawn for the samples of a shard.
pub(super) fn trace_name(shard: &str) -> String {
    let stem = shard.rsplit_once('.').map_or(shard, |(stem, _)| stem);
    format!("{stem}.trace.jsonl")
}

/// The folder with the lists of pictures. Its name keeps it out of sight of programs that look for classes.
const LISTS: &str = ".mnistaug";

/// One finished shard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shard {
    /// File name.
    pub name: String,
    /// Index of its first sample within the split.
    pub first: u64,
    /// Number of samples.
    pub rows: u64,
    /// Size of the file.
    pub bytes: u64,
    /// Digest of the decoded samples; adds up over shards.
    pub content: ContentDigest,
    /// BLAKE3 of the file, in hexadecimal.
    pub blake3: String,
    /// What was drawn for its samples, where that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<SideFile>,
    /// Origins and objects of its samples, where the format has no room for them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub objects: Option<SideFile>,
}

impl Shard {
    /// The files of the shard.
    pub fn files(&self) -> impl Iterator<Item = SideFile> {
        let own = SideFile { name: self.name.clone(), bytes: self.bytes, blake3: self.blake3.clone() };
        std::iter::once(own).chain(self.trace.clone()).chain(self.objects.clone())
    }
}

/// One split.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SplitRecord {
    /// Its name.
    pub name: String,
    /// Number of samples.
    pub rows: u64,
    /// What they have in common.
    pub schema: Schema,
    /// Digest of all samples; independent of shard size, parts and threads. Set when all shards are there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<ContentDigest>,
    /// Whether origins and objects for which the format has no room lie beside it, in `.mnistaug/`. Where a run of samples has no file
    /// there, the origin of each is its own index.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub objects_beside: bool,
    /// Whether truth lies in columns of its own in the format's files. Otherwise it lies where origins and objects do.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub truth_within: bool,
    /// Whether masks are arrays of their own in the format's files. Otherwise they lie where origins and objects do.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub masks_within: bool,
    /// Its shards, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shards: Vec<Shard>,
}

impl SplitRecord {
    /// What lies in the files of this format, row by row.
    #[must_use]
    pub fn within(&self, format: &Format) -> Layout {
        let layout = Layout::of(&self.schema);
        if format.keeps_objects() {
            return layout;
        }
        let layout = if self.truth_within { layout } else { layout.without_truth() };
        if self.masks_within { layout } else { layout.without_masks() }
    }

    /// What lies beside them.
    #[must_use]
    pub fn beside(&self) -> Layout {
        let layout = Layout::of(&self.schema);
        let layout = if self.truth_within { layout.without_truth() } else { layout };
        if self.masks_within { layout.without_masks() } else { layout }
    }
}

/// What was built, from what, and how.
#[allow(
    clippy::struct_field_names,
    reason = "the key of the version is the word by which such files are known"
)]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// [`FORMAT`].
    pub manifest: u32,
    /// [`ALGORITHM`].
    pub algorithm: u32,
    /// The subcommand.
    pub command: String,
    /// Everything that decides what the samples are; `verify --rebuild` renders it again.
    pub recipe: Record,
    /// What was read.
    pub inputs: Vec<Input>,
    /// How shards are encoded.
    pub format: Format,
    /// Samples per shard; the last one of a split has fewer.
    pub shard_size: u64,
    /// Whether what was drawn is written beside each shard.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub trace: bool,
    /// Licenses and attributions, the content of `LICENSE-DATA.txt`.
    #[serde(rename = "licences")]
    pub licenses: Vec<String>,
    /// What turned pixels into floats, where it was computed from the images.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub constants: Option<Constants>,
    /// Files that belong to the data set as a whole.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<SideFile>,
    /// The splits.
    pub splits: Vec<SplitRecord>,
    /// BLAKE3 of all the rest, as [`seal`] takes it. It stands in the file and nowhere else: what is in memory may still change. Older
    /// versions wrote none.
    #[serde(default, skip_serializing)]
    pub digest: Option<String>,
}

/// The versions alone, whatever else there is.
#[derive(Deserialize)]
struct Versions {
    manifest: u64,
    algorithm: u64,
}

impl Manifest {
    /// Reads the manifest of a finished data set, and checks all that it says.
    ///
    /// # Errors
    /// [`StoreError::NoDataSet`] if there is none, [`StoreError::Newer`], [`StoreError::BadManifest`] or [`StoreError::Unsound`] if it cannot be
    /// understood or makes no sense.
    pub fn read(folder: &Path) -> Result<Self, StoreError> {
        let path = folder.join(MANIFEST);
        let text = match read_record(&path, LARGEST) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(StoreError::NoDataSet { path: folder.into(), reason: "no manifest.json".into() });
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotADirectory => {
                return Err(StoreError::NoDataSet { path: folder.into(), reason: "it is a file".into() });
            }
            Err(source) => return Err(StoreError::Read { path, source }),
        };
        Self::of_text(&text, &path, Stage::Finished)
    }

    /// What a text says, if it makes sense; `path` is where it stands.
    fn of_text(text: &str, path: &Path, stage: Stage) -> Result<Self, StoreError> {
        // A newer version's keys are not known here, so that its number is looked at first.
        if let Ok(found) = serde_json::from_str::<Versions>(text) {
            for (what, found, known) in
                [("manifest", found.manifest, FORMAT), ("algorithm", found.algorithm, ALGORITHM)]
            {
                if found > u64::from(known) {
                    return Err(StoreError::Newer { path: path.into(), what, found, known });
                }
            }
        }
        let mut manifest = parse::<Self>(text, path, 1)?;
        let unsound = |flaw| StoreError::Unsound { path: path.into(), flaw };
        if let Some(expected) = manifest.digest.take() {
            // What an older version wrote in other words than this one would is looked at as it stands.
            if manifest.seal() != expected {
                let found = seal(parse::<serde_json::Value>(text, path, 1)?);
                if found != expected {
                    return Err(unsound(Flaw::Sealed { expected, found }));
                }
            }
        }
        check(&manifest, stage).map_err(unsound)?;
        Ok(manifest)
    }

    /// Whether it would be taken for one, if it were read, as far as that does not depend on shards.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn check_head(&self) -> Result<(), Flaw> {
        check(self, Stage::Begun)
    }

    /// Number of shards that there are to be.
    #[must_use]
    pub fn shards(&self) -> u64 {
        if !self.format.is_sharded() {
            return 0;
        }
        self.splits.iter().fold(0, |sum, split| split.rows.div_ceil(self.shard_size).saturating_add(sum))
    }

    /// Why the other data set is not this one, or `None` where both are made of the same things in the same way. Paths do
    /// not count, what was found at them does.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Option<String> {
        let say = |what: &str, ours: String, theirs: String| {
            (ours != theirs).then(|| format!("{what} is {theirs} there and {ours} here"))
        };
        let inputs =
            |m: &Self| m.inputs.iter().map(|i| format!("{} {}", i.role, i.digest)).collect::<Vec<_>>();
        say("the command", self.command.clone(), other.command.clone())
            .or_else(|| say("the algorithm version", self.algorithm.to_string(), other.algorithm.to_string()))
            .or_else(|| say("the format", self.format.name().to_owned(), other.format.name().to_owned()))
            .or_else(|| {
                let said = |manifest: &Self| serde_json::to_string(&manifest.format).unwrap_or_default();
                say("the format", said(self), said(other))
            })
            .or_else(|| say("--trace", self.trace.to_string(), other.trace.to_string()))
            .or_else(|| say("--shard-size", self.shard_size.to_string(), other.shard_size.to_string()))
            .or_else(|| {
                let (ours, theirs) = (self.recipe.identity(), other.recipe.identity());
                first_difference(&ours, &theirs, "").map(|(place, here, there)| {
                    format!("{} is {there} there and {here} here", place.trim_start_matches('.'))
                })
            })
            .or_else(|| {
                (inputs(self) != inputs(other)).then(|| "it was made from inputs with another content".into())
            })
            .or_else(|| {
                let alike = |(a, b): (&SplitRecord, &SplitRecord)| {
                    a.name == b.name && a.rows == b.rows && a.schema.same_content(&b.schema)
                };
                (self.splits.len() != other.splits.len() || !self.splits.iter().zip(&other.splits).all(alike))
                    .then(|| "its splits have other sizes, shapes or class names".into())
            })
            .or_else(|| {
                let within = |m: &Self| {
                    m.splits.iter().map(|split| (split.truth_within, split.masks_within)).collect::<Vec<_>>()
                };
                (within(self) != within(other))
                    .then(|| "an older version put its truth or masks beside the files".into())
            })
    }

    /// All shards that the data set has, as (split, first sample, rows, name), in order.
    #[must_use]
    pub fn plan(&self) -> Vec<ShardPlan> {
        let mut plan = Vec::new();
        if !self.format.is_sharded() {
            return plan;
        }
        for (split, record) in self.splits.iter().enumerate() {
            let shards = record.rows.div_ceil(self.shard_size);
            for k in 0..shards {
                let first = k * self.shard_size;
                plan.push(ShardPlan {
                    split,
                    number: k,
                    of: shards,
                    first,
                    rows: self.shard_size.min(record.rows - first),
                    name: shard_name(&self.format, &record.name, k, shards),
                });
            }
        }
        plan
    }

    /// Puts finished shards where they belong and adds up their digests.
    pub fn fill(&mut self, shards: Vec<(usize, Shard)>) {
        for split in &mut self.splits {
            split.shards.clear();
            split.content = Some(ContentDigest::default());
        }
        for (split, shard) in shards {
            let record = &mut self.splits[split];
            if let Some(content) = &mut record.content {
                content.add(shard.content);
            }
            record.shards.push(shard);
        }
    }

    /// The manifest as it is written: with its digest, sorted keys, two spaces of indentation, a newline at the end.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut text = sealed(self, &self.seal());
        text.push('\n');
        text
    }

    /// As [`seal`].
    fn seal(&self) -> String {
        let mut out = BufWriter::new(blake3::Hasher::new());
        serde_json::to_writer(&mut out, &Sorted(self, None)).expect(PLAIN);
        out.into_inner().expect("hashing does not fail").finalize().to_hex().to_string()
    }
}

/// The JSON of a manifest with its digest.
fn sealed(manifest: &Manifest, digest: &str) -> String {
    serde_json::to_string_pretty(&Sorted(manifest, Some(digest))).expect(PLAIN)
}

/// Why a manifest can be written as JSON.
const PLAIN: &str = "manifests are plain data with text keys";

/// The manifest's own digest: BLAKE3 of its JSON without it, keys sorted, without blanks, in hexadecimal.
fn seal(mut manifest: serde_json::Value) -> String {
    if let Some(keys) = manifest.as_object_mut() {
        keys.remove(DIGEST);
    }
    blake3::hash(manifest.to_string().as_bytes()).to_hex().to_string()
}

/// A value as JSON, whose keys are sorted.
fn tree<T: Serialize>(value: &T) -> serde_json::Value {
    serde_json::to_value(value).expect(PLAIN)
}

fn parse<T: serde::de::DeserializeOwned>(
    text: &str,
    path: &Path,
    first_line: usize,
) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::BadManifest {
        path: path.into(),
        line: first_line + error.line().saturating_sub(1),
        reason: error.to_string(),
    })
}

/// The first place in which two JSON values differ, with both values.
fn first_difference(
    ours: &serde_json::Value,
    theirs: &serde_json::Value,
    place: &str,
) -> Option<(String, String, String)> {
    use serde_json::Value;
    let missing = Value::String("absent".into());
    match (ours, theirs) {
        (Value::Object(a), Value::Object(b)) => a.keys().chain(b.keys()).find_map(|key| {
            first_difference(
                a.get(key).unwrap_or(&missing),
                b.get(key).unwrap_or(&missing),
                &format!("{place}.{key}"),
            )
        }),
        (a, b) if a == b => None,
        (a, b) => Some((place.to_owned(), short(a), short(b))),
    }
}

fn short(value: &serde_json::Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(60) {
        Some((cut, _)) => format!("{}...", &text[..cut]),
        None => text,
    }
}

/// One shard to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShardPlan {
    /// Which split.
    pub split: usize,
    /// Its number in the split.
    pub number: u64,
    /// Shards of the split.
    pub of: u64,
    /// Index of the first sample within the split.
    pub first: u64,
    /// Number of samples.
    pub rows: u64,
    /// File name.
    pub name: String,
}

/// A journal: the manifest without shards, and the shards that are finished.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: File,
}

/// What stands in a journal.
#[derive(Debug)]
pub struct JournalContent {
    /// The manifest without shards.
    pub head: Manifest,
    /// Finished shards, in any order.
    pub shards: Vec<Shard>,
}

impl Journal {
    /// The journal's place while the work goes on.
    #[must_use]
    pub fn path(folder: &Path, part: Option<Part>) -> PathBuf {
        folder.join(part.map_or(JOURNAL.to_owned(), |part| format!(".mnistaug-{}.jsonl", part.tag())))
    }

    /// Where the journal of a finished part lies.
    #[must_use]
    pub fn finished_path(folder: &Path, part: Part) -> PathBuf {
        folder.join(format!("{}.jsonl", part.tag()))
    }

    /// What a journal with these shards says.
    #[must_use]
    pub fn text<'a>(head: &Manifest, shards: impl IntoIterator<Item = &'a Shard>) -> String {
        let mut text = format!("{}\n", tree(head));
        shards.into_iter().for_each(|shard| text.push_str(&line(shard)));
        text
    }

    /// Begins a journal, or begins it anew with the shards that are already finished. `tag` names its temporary file, as in
    /// [`super::atomic::write`].
    ///
    /// # Errors
    /// [`StoreError::Write`].
    pub fn create(path: PathBuf, tag: &str, head: &Manifest, shards: &[Shard]) -> Result<Self, StoreError> {
        let text = Self::text(head, shards);
        let folder = path.parent().unwrap_or(Path::new("."));
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        super::atomic::write(folder, &name, tag, text.as_bytes())?;
        let file = OpenOptions::new()
            .append(true)
            .open(&path)
            .map_err(|source| StoreError::Write { path: path.clone(), source })?;
        Ok(Self { path, file })
    }

    /// Notes a finished shard. (Not synced: a line that a power cut takes away costs making its shard again.)
    ///
    /// # Errors
    /// [`StoreError::Write`].
    pub fn append(&mut self, shard: &Shard) -> Result<(), StoreError> {
        self.file
            .write_all(line(shard).as_bytes())
            .map_err(|source| StoreError::Write { path: self.path.clone(), source })
    }

    /// Reads a journal; a last line that was cut off by a kill is passed over.
    ///
    /// # Errors
    /// As [`Manifest::read`], if the head or a shard cannot be understood or makes no sense; `Ok(None)` if there is no such file.
    pub fn read(path: &Path) -> Result<Option<JournalContent>, StoreError> {
        let text = match read_record(path, LARGEST) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(StoreError::Read { path: path.into(), source }),
        };
        let mut lines = text.split_inclusive('\n').filter(|line| line.ends_with('\n'));
        let head = Manifest::of_text(lines.next().unwrap_or_default(), path, Stage::Begun)?;
        let shards: Vec<Shard> =
            lines.enumerate().map(|(i, line)| parse(line, path, i + 2)).collect::<Result<_, _>>()?;
        if !shards.is_empty() {
            let planned: BTreeMap<String, ShardPlan> =
                head.plan().into_iter().map(|plan| (plan.name.clone(), plan)).collect();
            for shard in &shards {
                let known = planned.get(&shard.name).ok_or_else(|| Flaw::Lacks { name: shard.name.clone() });
                known
                    .and_then(|plan| shard_is_planned(&head, plan, shard))
                    .map_err(|flaw| StoreError::Unsound { path: path.into(), flaw })?;
            }
        }
        Ok(Some(JournalContent { head, shards }))
    }
}

fn line(shard: &Shard) -> String {
    format!("{}\n", tree(shard))
}
