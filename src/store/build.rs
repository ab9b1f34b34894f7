//! The one sink: a data set becomes shards in a folder.
//!
//! A few drivers take shards in turn. Each renders its shard with all workers, encodes and hashes it, and writes it, so that while one
//! driver waits for the disk another keeps the workers busy. Memory is a few shards, whatever the data set's size.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Mutex;

use crate::base::digest::ContentDigest;
use crate::base::{Pass, Stop, Unit, Watch};
use crate::formats::ways::{Pictures, ShardIn, Sharded, Whole};
use crate::formats::{Format, Objects, Way};

use super::atomic::Written;
use super::crew::{Bench, Crew};
use super::inside::Inside;
pub use super::job::{Build, Outcome};
use super::job::{Workers, check, pool};
use super::lock::Lock;
use super::manifest::{
    Journal, LICENSES, MANIFEST, Manifest, Shard, ShardPlan, SideFile, license_text, trace_name,
};
use super::pictures::{self, PictureFolder};
use super::render::{Renderer, lock};
use super::whole;
use super::{Part, Result, StoreError, atomic, folder, index};

/// Shards being made at the same time hold at most about this many bytes together (one is always made).
const MEMORY: usize = 120 << 20;

/// What an interrupted run leaves, once there is something.
const KEPT: &str = "finished shards are kept";

/// Builds. `watch` is told how many of the samples are done.
///
/// # Errors
/// Anything that goes wrong with the folder, the disk or the sources. Finished shards stay, and the same call goes on after them.
pub fn build(job: &Build<'_>, watch: &Watch) -> Result<Outcome> {
    check(job)?;
    folder::prepare(&job.out)?;
    let claim = Lock::claim(&job.out, job.part)?;
    let result = build_locked(job, watch);
    claim.release();
    result
}

fn build_locked(job: &Build<'_>, watch: &Watch) -> Result<Outcome> {
    let mut manifest = job.head();
    let tag = job.part.map_or("all".to_owned(), Part::tag);
    let earlier = folder::earlier(&job.out, &manifest, job.part, job.force)?;
    // Whoever builds the whole is alone in the folder; a part has neighbors.
    atomic::remove_leftovers(&job.out, job.part.map(|_| tag.as_str()))?;
    write_licenses(&job.out, &tag, &manifest)?;

    let plan = manifest.plan();
    let mine = job.part.map_or(0..plan.len() as u64, |part| part.shards(plan.len() as u64));
    let plan = &plan[mine.start as usize..mine.end as usize];
    let was_finished = earlier.whole.is_some();
    let kept_before: Vec<Shard> = plan.iter().filter_map(|p| earlier.shards.get(&p.name).cloned()).collect();
    let journal_path = Journal::path(&job.out, job.part);
    let journal = Journal::create(journal_path.clone(), &tag, &manifest, &kept_before)?;

    let renderers: Vec<_> =
        job.data.splits.iter().map(|split| Renderer::new(split.source.as_ref())).collect();
    let pool = pool(job.threads)?;
    let rows = match job.format.way() {
        Way::Whole(_) => manifest.splits.iter().map(|split| split.rows).sum(),
        Way::Shards(_) | Way::Pictures(_) => plan.iter().map(|shard| shard.rows).sum(),
    };
    let pass = watch.pass("writing", Unit::Images, Some(rows));
    if let Way::Whole(format) = job.format.way() {
        let workers = Workers { pool: &pool, threads: job.threads, watch, pass: &pass };
        return build_whole(job, format, manifest, earlier.whole, &renderers, &tag, &workers, &journal_path);
    }
    let shop = Shop {
        job,
        tag: &tag,
        plan,
        earlier: &earlier.shards,
        renderers,
        pool,
        journal: Mutex::new(journal),
        pass,
    };
    let done = Crew::work(drivers(&shop), plan.len(), |number, bench, _| {
        let plan = &plan[number];
        let (shard, kept, bytes) = shop.make(plan, bench)?;
        Ok(Finished { split: plan.split, shard, kept, bytes })
    });
    drop(shop);
    // What was made of a file that is another one by now is on no record: the next run makes it anew.
    if let Err(changed) = watch.files().check() {
        Journal::create(journal_path, &tag, &manifest, &kept_before)?;
        return Err(changed.into());
    }
    let done = done?;

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
    all_there(&job.out, &manifest)?;
    match job.part {
        None => {
            finish(&job.out, &tag, &mut manifest)?;
            atomic::remove(&journal_path)?;
        }
        // Its shards are on record: a list of its own would say nothing more.
        Some(_) if was_finished => atomic::remove(&journal_path)?,
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

/// How many names an error lists.
const LISTED: usize = 5;

/// Whether all files on record are there: whoever removes one meanwhile makes the record untrue.
///
/// # Errors
/// [`StoreError::Gone`], or if a list of pictures cannot be read.
pub(super) fn all_there(folder: &Path, manifest: &Manifest) -> Result<()> {
    let mut names = Vec::new();
    let is_there = |file: &SideFile| {
        Inside::ours(&file.name)
            .find(folder)
            .and_then(std::fs::metadata)
            .is_ok_and(|found| found.is_file() && found.len() == file.bytes)
    };
    for shard in manifest.splits.iter().flat_map(|split| &split.shards) {
        let own = names.len();
        names.extend(shard.files().filter(|file| !is_there(file)).map(|file| file.name));
        match manifest.format.way() {
            Way::Pictures(_) if own == names.len() => {
                let listed = pictures::listed(folder, shard)?;
                names.extend(listed.into_iter().filter(|file| !is_there(file)).map(|file| file.name));
            }
            Way::Pictures(_) | Way::Shards(_) | Way::Whole(_) => {}
        }
        if names.len() >= LISTED {
            break;
        }
    }
    names.extend(manifest.files.iter().filter(|file| !is_there(file)).map(|file| file.name.clone()));
    names.truncate(LISTED);
    if names.is_empty() { Ok(()) } else { Err(StoreError::Gone { path: folder.into(), names }.into()) }
}

/// Writes what stands beside the shards, and the manifest.
pub(super) fn finish(folder: &Path, tag: &str, manifest: &mut Manifest) -> Result<()> {
    manifest.files.extend(index::write(folder, tag, manifest)?);
    atomic::sync_folder(folder)?;
    Ok(atomic::write(folder, MANIFEST, tag, manifest.to_json().as_bytes())?)
}

/// Builds the files of whole splits, unless they are there.
#[expect(clippy::too_many_arguments, reason = "the end of `build_locked` for one kind of format")]
fn build_whole(
    job: &Build<'_>,
    format: &dyn Whole,
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
        && earlier.files.iter().all(|file| is_file_intact(&job.out, file, workers.pass))
    {
        workers.pass.skip(rows);
        outcome.rows_kept = rows;
        outcome.shards_kept = shown(&earlier.files);
        manifest = earlier;
    } else {
        whole::write(job, format, &mut manifest, renderers, tag, workers)?;
        manifest.files.extend(index::write(&job.out, tag, &manifest)?);
        outcome.rows_written = rows;
        outcome.shards_written = shown(&manifest.files);
        outcome.bytes_written = manifest.files.iter().map(|file| file.bytes).sum();
        workers.watch.files().check()?;
        all_there(&job.out, &manifest)?;
        atomic::sync_folder(&job.out)?;
        atomic::write(&job.out, MANIFEST, tag, manifest.to_json().as_bytes())?;
    }
    atomic::remove(journal)?;
    atomic::sync_folder(&job.out)?;
    outcome.manifest = manifest;
    Ok(outcome)
}

/// How many of the files people see: origins lie out of sight.
fn shown(files: &[SideFile]) -> u64 {
    files.iter().filter(|file| !file.name.starts_with(Objects::FOLDER)).count() as u64
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
    atomic::write(folder, LICENSES, tag, license_text(&manifest.licenses).as_bytes())
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
    let forms = match shop.job.format.way() {
        Way::Shards(format) => format.memory(),
        // No batch at all, but every worker is busy with a shard.
        Way::Pictures(_) | Way::Whole(_) => return 1,
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

/// A shard that was written.
struct Made {
    content: ContentDigest,
    written: Written,
    /// Written now, all files together.
    bytes: u64,
    objects: Option<SideFile>,
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
    pass: Pass,
}

impl Shop<'_> {
    /// Makes one shard, or finds it made. Returns it, whether it was found, and the bytes that were written.
    fn make(&self, plan: &ShardPlan, bench: &mut Bench) -> Result<(Shard, bool, u64)> {
        if let Some(shard) = self.earlier.get(&plan.name)
            && is_intact(&self.job.out, &self.job.format, shard, &self.pass)
        {
            self.pass.skip(shard.rows);
            self.pass.stop().keeps(KEPT);
            return Ok((shard.clone(), true, 0));
        }
        let made = match self.job.format.way() {
            Way::Pictures(format) => self.pictures(format, plan)?,
            Way::Shards(format) => self.arrays(format, plan, bench)?,
            Way::Whole(_) => unreachable!("files of whole splits have no shards"),
        };
        // The trace is there before its shard is on record, so that a shard on record is complete.
        let trace = if self.job.trace { Some(self.trace(plan)?) } else { None };
        let beside = trace.iter().chain(&made.objects).map(|file| file.bytes).sum::<u64>();
        let bytes = made.bytes + beside;
        let shard = Shard {
            name: plan.name.clone(),
            first: plan.first,
            rows: plan.rows,
            bytes: made.written.bytes,
            content: made.content,
            blake3: made.written.blake3,
            trace,
            objects: made.objects,
        };
        lock(&self.journal).append(&shard)?;
        self.pass.stop().keeps(KEPT);
        Ok((shard, false, bytes))
    }

    /// Writes a shard that is one file.
    fn arrays(&self, format: &dyn Sharded, plan: &ShardPlan, bench: &mut Bench) -> Result<Made> {
        let renderer = &self.renderers[plan.split];
        let Bench { batch, encoded } = bench;
        let rendered =
            self.pool.install(|| renderer.render(plan.first, plan.rows as usize, batch, &self.pass))?;
        let split = &self.job.data.splits[plan.split];
        let shard = ShardIn {
            batch,
            layout: renderer.layout(),
            class_names: &split.source.schema().class_names,
            first: plan.first,
            x_crc: &rendered.x_crc,
        };
        let pieces = format.encode(shard, encoded).map_err(|error| encode_error(plan, &error.to_string()))?;
        self.pass.check()?;
        let written = atomic::write_pieces(&self.job.out, &plan.name, self.tag, &pieces)?;
        drop(pieces);
        // Truth has columns of its own wherever objects have none.
        let layout = renderer.layout().clone().without_truth();
        let unsaid = format.keeps_objects() || Objects::go_without_saying(batch, &layout, plan.first);
        let objects = if unsaid {
            None
        } else {
            let name = Objects::file_name(&split.name, plan.number, plan.of);
            let written =
                atomic::write_pieces(&self.job.out, &name, self.tag, &Objects::encode(batch, &layout))?;
            Some(SideFile { name, bytes: written.bytes, blake3: written.blake3 })
        };
        let bytes = written.bytes;
        Ok(Made { content: rendered.content, written, bytes, objects })
    }

    /// Writes a shard's pictures, then the list of them.
    fn pictures(&self, format: &dyn Pictures, plan: &ShardPlan) -> Result<Made> {
        let split = &self.job.data.splits[plan.split];
        let folder = PictureFolder::new(format, &self.job.out, self.tag, &split.name, split.source.as_ref());
        let (lines, content) = self.pool.install(|| {
            self.renderers[plan.split]
                .each(plan.first, plan.rows, &self.pass, |index, sample| folder.write(index, sample))
        })?;
        self.pass.check()?;
        let bytes: u64 = lines.iter().map(|(_, bytes)| bytes).sum();
        let lines: Vec<Vec<u8>> = lines.into_iter().map(|(line, _)| line).collect();
        let written = atomic::write_pieces(&self.job.out, &plan.name, self.tag, &[lines.concat()])?;
        Ok(Made { content, written, bytes, objects: None })
    }

    fn trace(&self, plan: &ShardPlan) -> Result<SideFile> {
        let renderer = &self.renderers[plan.split];
        let lines = self.pool.install(|| renderer.trace(plan.first, plan.rows, &self.pass))?;
        let name = trace_name(&plan.name);
        let written = atomic::write_pieces(&self.job.out, &name, self.tag, &lines)?;
        Ok(SideFile { name, bytes: written.bytes, blake3: written.blake3 })
    }
}

fn encode_error(plan: &ShardPlan, reason: &str) -> StoreError {
    StoreError::Encode { name: plan.name.clone(), reason: reason.to_owned() }
}

/// Whether the files of a shard are there and hold what they held when they were written. Of no use once `pass` is to end.
pub(super) fn is_intact(folder: &Path, format: &Format, shard: &Shard, pass: &Pass) -> bool {
    let listed = || {
        pictures::listed(folder, shard)
            .is_ok_and(|files| files.iter().all(|file| is_file_intact(folder, file, pass)))
    };
    shard.files().all(|file| is_file_intact(folder, &file, pass))
        && match format.way() {
            Way::Pictures(_) => listed(),
            Way::Shards(_) | Way::Whole(_) => true,
        }
}

/// Whether a file is there and holds what it held.
fn is_file_intact(folder: &Path, file: &SideFile, pass: &Pass) -> bool {
    let open = || Inside::file(&file.name).ok()?.open(folder).ok();
    open().is_some_and(|mut found| {
        found.metadata().is_ok_and(|found| found.len() == file.bytes)
            && hash_file(&mut found, pass.stop(), |_| ()).is_ok_and(|digest| digest == file.blake3)
    })
}

/// Bytes that are hashed in one go.
const HASHED: usize = 1 << 20;

/// BLAKE3 of the rest of a file, in hexadecimal; `read` is told the bytes as they go by.
///
/// # Errors
/// If it cannot be read. Once `stop` is asked, any error at all: who has asked does not look at it.
pub fn hash_file(file: &mut File, stop: &Stop, read: impl Fn(u64)) -> std::io::Result<String> {
    let mut hasher = blake3::Hasher::new();
    let mut buffer = vec![0; HASHED.min(usize::try_from(file.metadata()?.len()).unwrap_or(HASHED).max(1))];
    loop {
        stop.check().map_err(std::io::Error::other)?;
        match file.read(&mut buffer) {
            Ok(0) => return Ok(hasher.finalize().to_hex().to_string()),
            Ok(count) => {
                hasher.update(&buffer[..count]);
                read(count as u64);
            }
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}
