//! The one sink: a data set becomes shards in a folder.
//!
//! A few drivers take shards in turn. Each renders its shard with all workers, encodes and hashes it, and writes it, so that while one
//! driver waits for the disk another keeps the workers busy. Memory is a few shards, whatever the data set's size.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::base::digest::ContentDigest;
use crate::base::{DataSet, Schema};
use crate::formats::arrays::Arrays;
use crate::formats::npz::Packing;
use crate::formats::png::Effort;
use crate::formats::webdataset::{self, Payload};
use crate::formats::{Layout, csv, npz, parquet, tfrecord};

use super::atomic::Written;
use super::crew::{Bench, Crew};
use super::lock::Lock;
use super::manifest::{
    ALGORITHM, FORMAT, Format, Journal, LICENSES, MANIFEST, MOST_SHARDS, Manifest, Shard, ShardPlan,
    SideFile, SplitRecord, Tree,
};
use super::pictures::{self, PictureFolder};
use super::render::{Renderer, lock};
use super::whole::{self, Workers};
use super::{Part, Result, StoreError, atomic, folder, index};

/// Shards being made at the same time hold at most about this many bytes together (one is always made).
const MEMORY: usize = 120 << 20;

/// The largest shard, as arrays.
const LARGEST: u64 = 2 << 30;

/// What to build, and where.
pub struct Build<'a> {
    /// The samples.
    pub data: &'a DataSet,
    /// The subcommand, for the manifest.
    pub command: &'a str,
    /// What decides the samples, for the manifest.
    pub recipe: serde_json::Value,
    /// The folder to write to.
    pub out: PathBuf,
    /// How shards are encoded.
    pub format: Format,
    /// Samples per shard; `None` chooses.
    pub shard_size: Option<u64>,
    /// Write what was drawn for each sample beside its shard, as JSON lines.
    pub trace: bool,
    /// Only this part.
    pub part: Option<Part>,
    /// Replace what is there.
    pub force: bool,
    /// Worker threads.
    pub threads: usize,
}

/// What became of it.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// The manifest; of a part, with that part's shards only.
    pub manifest: Manifest,
    /// Samples written now.
    pub rows_written: u64,
    /// Bytes of shards written now.
    pub bytes_written: u64,
    /// Samples in shards that were there already.
    pub rows_kept: u64,
    /// Shards written now.
    pub shards_written: u64,
    /// Shards that were there already.
    pub shards_kept: u64,
}

impl Build<'_> {
    /// The manifest as it will be, without shards.
    #[must_use]
    pub fn head(&self) -> Manifest {
        let splits: Vec<SplitRecord> = self
            .data
            .splits
            .iter()
            .map(|split| SplitRecord {
                name: split.name.clone(),
                rows: split.source.len(),
                schema: split.source.schema().clone(),
                content: None,
                shards: Vec::new(),
            })
            .collect();
        let bytes = splits.iter().map(|s| s.schema.shape.bytes()).max().unwrap_or(1).max(1);
        Manifest {
            manifest: FORMAT,
            algorithm: ALGORITHM,
            command: self.command.to_owned(),
            recipe: self.recipe.clone(),
            inputs: self.data.inputs.clone(),
            format: self.format.clone(),
            shard_size: self.shard_size.unwrap_or_else(|| default_shard_size(bytes)),
            trace: self.trace,
            licenses: self.data.licenses.clone(),
            constants: None,
            files: Vec::new(),
            splits,
        }
    }
}

/// Samples per shard where nobody says: 10,000, or as many as fill 24 MiB.
#[must_use]
pub fn default_shard_size(image_bytes: usize) -> u64 {
    ((24 << 20) / image_bytes.max(1)).clamp(1, 10_000) as u64
}

/// A pool of worker threads.
///
/// # Errors
/// If the system gives no threads.
pub fn pool(threads: usize) -> Result<rayon::ThreadPool> {
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .thread_name(|i| format!("worker-{i}"))
        .build()
        .map_err(|error| {
            StoreError::Write {
                path: "worker threads".into(),
                source: std::io::Error::other(error.to_string()),
            }
            .into()
        })
}

/// Builds. `stop` holds the number of a signal that asks to stop, or 0; `progress` is told the rows done.
///
/// # Errors
/// Anything that goes wrong with the folder, the disk or the sources. Finished shards stay, and the same call goes on after them.
pub fn build(job: &Build<'_>, stop: &AtomicUsize, progress: &(dyn Fn(u64) + Sync)) -> Result<Outcome> {
    check(job)?;
    folder::prepare(&job.out)?;
    let claim = Lock::claim(&job.out, job.part)?;
    let result = build_locked(job, stop, progress);
    claim.release();
    result
}

/// The input that lies in the folder to write to, if one does: it would be read while it is replaced.
fn inside(out: &Path, data: &DataSet) -> Option<String> {
    let out = out.canonicalize().ok()?;
    let lies_there = |path: &str| Path::new(path).canonicalize().is_ok_and(|path| path.starts_with(&out));
    data.inputs.iter().find(|input| lies_there(&input.path)).map(|input| input.path.clone())
}

/// Refuses to write over what is read, images that are no arrays, shards that would not fit into memory, and too many of them, before anything is done.
///
/// # Errors
/// [`StoreError::OverInput`], [`StoreError::Varied`], [`StoreError::TooLarge`], [`StoreError::TooMany`].
pub fn check(job: &Build<'_>) -> std::result::Result<(), StoreError> {
    if let Some(input) = inside(&job.out, job.data) {
        return Err(StoreError::OverInput { path: job.out.clone(), input });
    }
    for split in &job.data.splits {
        if split.source.schema().varied && !job.format.takes_varied() {
            let (reason, help) = split.source.why_varied().map_or_else(
                || ("no two need be alike".into(), "add --resize HxW".into()),
                |why| (why.reason, why.help),
            );
            return Err(StoreError::Varied { split: split.name.clone(), reason, help });
        }
    }
    let head = job.head();
    let shards = head.shards();
    if shards > MOST_SHARDS {
        let rows = head.splits.iter().fold(0_u64, |sum, split| sum.saturating_add(split.rows));
        return Err(StoreError::TooMany { shards, least: rows / (MOST_SHARDS / 2) });
    }
    for split in &head.splits {
        fits(&head.format, &split.schema, job)?;
        if matches!(head.format, Format::Arrays(_) | Format::Pictures(_)) {
            continue;
        }
        let (rows, row) = (head.shard_size.min(split.rows), Layout::of(&split.schema).bytes().max(1) as u64);
        let bytes = rows.saturating_mul(row);
        if bytes > LARGEST && rows > 1 {
            let most = (LARGEST / row).max(1);
            return Err(StoreError::TooLarge { rows, shape: split.schema.shape, bytes, most });
        }
    }
    Ok(())
}

/// Whether samples of this schema, and the options of the job, go with a format.
fn fits(format: &Format, schema: &Schema, job: &Build<'_>) -> std::result::Result<(), StoreError> {
    let no =
        |(reason, help): (String, String)| StoreError::Unfit { format: format.name().into(), reason, help };
    match format {
        Format::Pictures(tree) => pictures::check(*tree, schema).map_err(no),
        Format::Arrays(arrays) => {
            let given = [
                ("--shard-size", job.shard_size.is_some()),
                ("--part", job.part.is_some()),
                ("--trace", job.trace),
            ];
            if let Some((option, _)) = given.iter().find(|(_, given)| *given) {
                return Err(no((
                    format!("{option} goes with shards, and this format has none"),
                    "leave it out, or choose --format shards".into(),
                )));
            }
            arrays.check(&Layout::of(schema)).map_err(no)
        }
        _ => Ok(()),
    }
}

fn build_locked(job: &Build<'_>, stop: &AtomicUsize, progress: &(dyn Fn(u64) + Sync)) -> Result<Outcome> {
    let mut manifest = job.head();
    let tag = job.part.map_or("all".to_owned(), Part::tag);
    let earlier = folder::earlier(&job.out, &manifest, job.part, job.force)?;
    // Whoever builds the whole is alone in the folder; a part has neighbors.
    atomic::remove_leftovers(&job.out, job.part.map(|_| tag.as_str()))?;
    write_licenses(&job.out, &tag, &manifest)?;

    let plan = manifest.plan();
    let mine = job.part.map_or(0..plan.len() as u64, |part| part.shards(plan.len() as u64));
    let plan = &plan[mine.start as usize..mine.end as usize];
    let kept_before: Vec<Shard> = plan.iter().filter_map(|p| earlier.shards.get(&p.name).cloned()).collect();
    let journal_path = Journal::path(&job.out, job.part);
    let journal = Journal::create(journal_path.clone(), &tag, &manifest, &kept_before)?;

    let renderers: Vec<_> =
        job.data.splits.iter().map(|split| Renderer::new(split.source.as_ref())).collect();
    let pool = pool(job.threads)?;
    if let Format::Arrays(arrays) = &job.format {
        let workers = Workers { pool: &pool, threads: job.threads, stop, progress };
        return build_whole(job, arrays, manifest, earlier.whole, &renderers, &tag, &workers, &journal_path);
    }
    let shop = Shop {
        job,
        tag: &tag,
        plan,
        earlier: &earlier.shards,
        renderers,
        pool,
        journal: Mutex::new(journal),
        stop,
        progress,
    };
    let done = Crew::work(drivers(&shop), plan.len(), |number, bench, _| {
        let plan = &plan[number];
        let (shard, kept, bytes) = shop.make(plan, bench)?;
        Ok(Finished { split: plan.split, shard, kept, bytes })
    })?;
    drop(shop);

    let mut outcome = Outcome::default();
    for finished in &done {
        if finished.kept {
            outcome.rows_kept += finished.shard.rows;
            outcome.shards_kept += 1;
        } else {
            outcome.rows_written += finished.shard.rows;
            outcome.bytes_written += finished.bytes;
            outcome.shards_written += 1;
        }
    }
    manifest.fill(done.into_iter().map(|f| (f.split, f.shard)).collect());
    match job.part {
        None => {
            finish(&job.out, &tag, &mut manifest)?;
            atomic::remove(&journal_path)?;
        }
        Some(part) => {
            let finished = Journal::finished_path(&job.out, part);
            std::fs::rename(&journal_path, &finished)
                .map_err(|source| StoreError::Write { path: finished, source })?;
        }
    }
    atomic::sync_folder(&job.out)?;
    outcome.manifest = manifest;
    Ok(outcome)
}

/// Writes what stands beside the shards, and the manifest.
pub(super) fn finish(
    folder: &Path,
    tag: &str,
    manifest: &mut Manifest,
) -> std::result::Result<(), StoreError> {
    manifest.files.extend(index::write(folder, tag, manifest)?);
    atomic::sync_folder(folder)?;
    atomic::write(folder, MANIFEST, tag, manifest.to_json().as_bytes())
}

/// Builds the files of whole splits, unless they are there.
#[expect(clippy::too_many_arguments, reason = "the end of `build_locked` for one kind of format")]
fn build_whole(
    job: &Build<'_>,
    arrays: &Arrays,
    mut manifest: Manifest,
    earlier: Option<Manifest>,
    renderers: &[Renderer<'_>],
    tag: &str,
    workers: &Workers<'_>,
    journal: &Path,
) -> Result<Outcome> {
    let mut outcome = Outcome::default();
    let rows = manifest.splits.iter().map(|split| split.rows).sum();
    if let Some(earlier) = earlier
        && earlier.files.iter().all(|file| is_file_intact(&job.out, file))
    {
        (workers.progress)(rows);
        outcome.rows_kept = rows;
        outcome.shards_kept = earlier.files.len() as u64;
        manifest = earlier;
    } else {
        whole::write(job, arrays, &mut manifest, renderers, tag, workers)?;
        outcome.rows_written = rows;
        outcome.shards_written = manifest.files.len() as u64;
        outcome.bytes_written = manifest.files.iter().map(|file| file.bytes).sum();
        atomic::sync_folder(&job.out)?;
        atomic::write(&job.out, MANIFEST, tag, manifest.to_json().as_bytes())?;
    }
    atomic::remove(journal)?;
    atomic::sync_folder(&job.out)?;
    outcome.manifest = manifest;
    Ok(outcome)
}

/// Writes the license text, where there is something to say.
///
/// # Errors
/// [`StoreError::Write`].
pub(super) fn write_licenses(
    folder: &Path,
    tag: &str,
    manifest: &Manifest,
) -> std::result::Result<(), StoreError> {
    if manifest.licenses.is_empty() {
        return Ok(());
    }
    let mut text = manifest.licenses.join("\n\n");
    text.push('\n');
    atomic::write(folder, LICENSES, tag, text.as_bytes())
}

/// How many shards are made at the same time.
fn drivers(shop: &Shop<'_>) -> usize {
    let largest = shop
        .plan
        .iter()
        .map(|p| p.rows as usize * shop.renderers[p.split].layout().bytes())
        .max()
        .unwrap_or(1);
    // A batch and its encoded form: none for stored files, up to four bytes for one for CSV.
    let forms = match shop.job.format {
        Format::Npz | Format::Arrays(_) => 1,
        Format::NpzDeflated(_) | Format::Parquet | Format::Tfrecord { .. } | Format::Webdataset { .. } => 3,
        Format::Csv => 5,
        // No batch at all, but every worker is busy with a shard.
        Format::Pictures(_) => return 1,
    };
    let held = largest.max(1).saturating_mul(forms);
    let room = MEMORY * shop.job.threads.max(2) / 2 / held;
    // Two more than threads: while some wait for the disk, the others keep the workers busy.
    room.clamp(1, shop.job.threads + 2).min(shop.plan.len().max(1))
}

struct Finished {
    split: usize,
    shard: Shard,
    kept: bool,
    /// Written now, all files together.
    bytes: u64,
}

/// What the drivers share.
struct Shop<'a> {
    job: &'a Build<'a>,
    tag: &'a str,
    plan: &'a [ShardPlan],
    earlier: &'a BTreeMap<String, Shard>,
    renderers: Vec<Renderer<'a>>,
    pool: rayon::ThreadPool,
    journal: Mutex<Journal>,
    stop: &'a AtomicUsize,
    progress: &'a (dyn Fn(u64) + Sync),
}

impl Shop<'_> {
    /// Makes one shard, or finds it made. Returns it, whether it was found, and the bytes that were written.
    fn make(&self, plan: &ShardPlan, bench: &mut Bench) -> Result<(Shard, bool, u64)> {
        if let Some(shard) = self.earlier.get(&plan.name)
            && is_intact(&self.job.out, &self.job.format, shard)
        {
            (self.progress)(shard.rows);
            return Ok((shard.clone(), true, 0));
        }
        let (content, written, bytes) = match &self.job.format {
            Format::Pictures(tree) => self.pictures(*tree, plan)?,
            _ => self.arrays(plan, bench)?,
        };
        // The trace is there before its shard is on record, so that a shard on record is complete.
        let trace = if self.job.trace { Some(self.trace(plan)?) } else { None };
        let bytes = bytes + trace.as_ref().map_or(0, |file| file.bytes);
        let shard = Shard {
            name: plan.name.clone(),
            first: plan.first,
            rows: plan.rows,
            bytes: written.bytes,
            content,
            blake3: written.blake3,
            trace,
        };
        lock(&self.journal).append(&shard)?;
        Ok((shard, false, bytes))
    }

    /// Writes a shard that is one file of arrays.
    fn arrays(&self, plan: &ShardPlan, bench: &mut Bench) -> Result<(ContentDigest, Written, u64)> {
        let renderer = &self.renderers[plan.split];
        let Bench { batch, encoded } = bench;
        let rendered = self
            .pool
            .install(|| renderer.render(plan.first, plan.rows as usize, batch, self.stop, self.progress))?;
        let layout = renderer.layout();
        let failed = |error: &dyn std::fmt::Display| encode_error(plan, &error.to_string());
        let effort = Effort::of(layout.shape);
        let pieces = match &self.job.format {
            Format::Npz | Format::NpzDeflated(_) => {
                let packing = self.job.format.packing().unwrap_or(Packing::Stored);
                npz::encode(batch, layout, packing, &rendered.x_crc, encoded).map_err(|e| failed(&e))?
            }
            format => {
                match format {
                    Format::Parquet => {
                        let names = &self.job.data.splits[plan.split].source.schema().class_names;
                        parquet::encode(batch, layout, names, plan.first, effort, encoded)
                            .map_err(|e| failed(&e))?;
                    }
                    Format::Webdataset { npy } => {
                        let payload = if *npy { Payload::Npy } else { Payload::Png(effort) };
                        webdataset::encode(batch, layout, plan.first, payload, encoded)
                            .map_err(|e| failed(&e))?;
                    }
                    Format::Tfrecord { .. } => tfrecord::encode(batch, layout, effort, encoded),
                    _ => csv::encode(batch, layout, encoded).map_err(|e| failed(&e))?,
                }
                vec![Cow::Borrowed(&encoded[..])]
            }
        };
        self.go_on()?;
        let written = atomic::write_pieces(&self.job.out, &plan.name, self.tag, &pieces)?;
        let bytes = written.bytes;
        Ok((rendered.content, written, bytes))
    }

    /// Writes a shard's pictures, then the list of them.
    fn pictures(&self, tree: Tree, plan: &ShardPlan) -> Result<(ContentDigest, Written, u64)> {
        let split = &self.job.data.splits[plan.split];
        let folder = PictureFolder::new(tree, &self.job.out, self.tag, &split.name, split.source.as_ref());
        let (lines, content) = self.pool.install(|| {
            self.renderers[plan.split].each(
                plan.first,
                plan.rows,
                self.stop,
                self.progress,
                |index, sample| folder.write(index, sample),
            )
        })?;
        self.go_on()?;
        let bytes: u64 = lines.iter().map(|(_, bytes)| bytes).sum();
        let lines: Vec<Vec<u8>> = lines.into_iter().map(|(line, _)| line).collect();
        let written = atomic::write_pieces(&self.job.out, &plan.name, self.tag, &[lines.concat()])?;
        Ok((content, written, bytes))
    }

    fn trace(&self, plan: &ShardPlan) -> Result<SideFile> {
        let renderer = &self.renderers[plan.split];
        let lines = self.pool.install(|| renderer.trace(plan.first, plan.rows, self.stop))?;
        let stem = plan.name.rsplit_once('.').map_or(plan.name.as_str(), |(stem, _)| stem);
        let name = format!("{stem}.trace.jsonl");
        let written = atomic::write_pieces(&self.job.out, &name, self.tag, &lines)?;
        Ok(SideFile { name, bytes: written.bytes, blake3: written.blake3 })
    }

    fn go_on(&self) -> Result<()> {
        match self.stop.load(Ordering::Relaxed) {
            0 => Ok(()),
            signal => Err(StoreError::Interrupted { signal }.into()),
        }
    }
}

fn encode_error(plan: &ShardPlan, reason: &str) -> StoreError {
    StoreError::Encode { name: plan.name.clone(), reason: reason.to_owned() }
}

/// Whether the files of a shard are there and hold what they held when they were written.
pub(super) fn is_intact(folder: &Path, format: &Format, shard: &Shard) -> bool {
    shard.files().all(|file| is_file_intact(folder, &file))
        && (!matches!(format, Format::Pictures(_))
            || pictures::listed(folder, shard)
                .is_ok_and(|files| files.iter().all(|file| is_file_intact(folder, file))))
}

/// Whether a file is there and holds what it held.
pub(super) fn is_file_intact(folder: &Path, file: &SideFile) -> bool {
    let path = folder.join(&file.name);
    std::fs::metadata(&path).is_ok_and(|found| found.len() == file.bytes)
        && hash_file(&path).is_ok_and(|found| found == file.blake3)
}

/// BLAKE3 of a file, in hexadecimal.
pub(super) fn hash_file(path: &Path) -> std::io::Result<String> {
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(File::open(path)?)?;
    Ok(hasher.finalize().to_hex().to_string())
}
