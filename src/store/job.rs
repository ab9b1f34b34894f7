//! What is to be built: the samples, the folder, the form.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::base::{DataSet, Fault, Pass, Watch};
use crate::formats::{Format, Layout, Opt, Unfit, Way};
use crate::recipe::Record;

use super::inside::Inside;
use super::manifest::{ALGORITHM, FORMAT, MOST_SHARDS, Manifest, SplitRecord};
use super::{Part, Result, StoreError};

/// The largest shard, as arrays.
pub(super) const LARGEST: u64 = 2 << 30;

/// Who makes samples, and whom to tell.
#[derive(Clone, Copy)]
pub(super) struct Workers<'a> {
    pub(super) pool: &'a rayon::ThreadPool,
    pub(super) threads: usize,
    pub(super) watch: &'a Watch,
    /// The pass over all samples.
    pub(super) pass: &'a Pass,
}

/// What to build, and where.
pub struct Build<'a> {
    /// The samples.
    pub data: &'a DataSet,
    /// The subcommand, for the manifest.
    pub command: &'a str,
    /// What decides the samples, for the manifest.
    pub recipe: Record,
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
                objects_beside: !self.format.keeps_objects(),
                truth_within: self.format.keeps_truth() && !split.source.schema().truth.is_empty(),
                masks_within: self.format.keeps_masks() && split.source.schema().masks,
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
            digest: None,
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
        .map_err(|error| StoreError::Threads { source: std::io::Error::other(error.to_string()) }.into())
}

/// Sets up the threads of all work that has no pool of its own, once: later, where they are first needed, nobody could say that there are none.
///
/// # Errors
/// [`StoreError::Threads`]
pub fn global_pool(threads: usize) -> Result<()> {
    static DONE: OnceLock<Option<String>> = OnceLock::new();
    let failed = DONE.get_or_init(|| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build_global();
        pool.err().map(|error| error.to_string())
    });
    match failed {
        None => Ok(()),
        Some(reason) => Err(StoreError::Threads { source: std::io::Error::other(reason.clone()) }.into()),
    }
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
/// [`StoreError::OverInput`], [`StoreError::Varied`], [`StoreError::SplitName`], [`StoreError::SameSplit`], [`StoreError::TooLarge`],
/// [`StoreError::TooMany`]; [`Unfit`] of the format.
pub fn check(job: &Build<'_>) -> std::result::Result<(), Fault> {
    if let Some(input) = inside(&job.out, job.data) {
        return Err(StoreError::OverInput { path: job.out.clone(), input }.into());
    }
    for split in &job.data.splits {
        if split.source.schema().varied && !job.format.takes_varied() {
            let (reason, help) = split.source.why_varied().map_or_else(
                || ("no two need be alike".into(), "add --resize HxW".into()),
                |why| (why.reason, why.help),
            );
            return Err(StoreError::Varied { split: split.name.clone(), reason, help }.into());
        }
    }
    for (number, split) in job.data.splits.iter().enumerate() {
        Inside::split(&split.name).map_err(StoreError::SplitName)?;
        if job.data.splits[..number].iter().any(|other| other.name == split.name) {
            return Err(StoreError::SameSplit { name: split.name.clone() }.into());
        }
    }
    refuse_options_of_shards(job)?;
    let head = job.head();
    let shards = head.shards();
    if shards > MOST_SHARDS {
        let rows = head.splits.iter().fold(0_u64, |sum, split| sum.saturating_add(split.rows));
        return Err(StoreError::TooMany { shards, least: rows / (MOST_SHARDS / 2) }.into());
    }
    for split in &head.splits {
        head.format.check(&split.schema)?;
        head.format.check_split(&split.name)?;
        match head.format.way() {
            Way::Shards(_) => {}
            Way::Whole(_) | Way::Pictures(_) => continue,
        }
        let (rows, row) = (head.shard_size.min(split.rows), Layout::of(&split.schema).bytes().max(1) as u64);
        let bytes = rows.saturating_mul(row);
        if bytes > LARGEST && rows > 1 {
            let most = (LARGEST / row).max(1);
            return Err(StoreError::TooLarge { rows, shape: split.schema.shape, bytes, most }.into());
        }
    }
    // What is refused above has words of its own.
    head.check_head().map_err(StoreError::Unreadable)?;
    Ok(())
}

/// Refuses options of shards where there are none.
fn refuse_options_of_shards(job: &Build<'_>) -> std::result::Result<(), Unfit> {
    if job.format.is_sharded() {
        return Ok(());
    }
    let given = [job.shard_size.is_some(), job.part.is_some(), job.trace];
    match Opt::OF_SHARDS.iter().zip(given).find(|(_, given)| *given) {
        None => Ok(()),
        Some((option, _)) => Err(Unfit::new(
            job.format.name(),
            format!("{} goes with shards, and this format has none", option.flag()),
            "leave it out, or choose --format shards",
        )),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::base::{Kind, LabelKind, Reader, Schema, Shape, Source, Split};

    /// One sample, which nobody reads.
    struct Odd(Schema);

    impl Source for Odd {
        fn len(&self) -> u64 {
            1
        }

        fn schema(&self) -> &Schema {
            &self.0
        }

        fn reader(&self) -> Box<dyn Reader + '_> {
            unreachable!("it is refused, or not built")
        }
    }

    type Change = fn(&mut Schema);

    fn checked(change: Change) -> std::result::Result<(), Fault> {
        let mut schema = Schema {
            shape: Shape::gray(2, 3),
            varied: false,
            labels: LabelKind::Class,
            class_names: vec!["0".into()],
            grid: None,
            frames: None,
            masks: false,
            roots: Vec::new(),
            truth: Vec::new(),
        };
        change(&mut schema);
        let split = Split { name: "train".into(), source: Arc::new(Odd(schema)) };
        let data = DataSet { splits: vec![split], ..DataSet::default() };
        check(&Build {
            data: &data,
            command: "test",
            recipe: Record::None,
            out: PathBuf::from("out"),
            format: Format::default(),
            shard_size: None,
            trace: false,
            part: None,
            force: false,
            threads: 1,
        })
    }

    /// Whatever a source may come to, nothing is written that nobody reads.
    #[test]
    fn what_could_not_be_read_is_not_written() {
        assert!(checked(|_| {}).is_ok());
        let wrong: [(&str, Change); 5] = [
            ("truth", |schema| schema.truth = (0..65).map(|k| format!("t{k}")).collect()),
            ("truth", |schema| schema.truth = vec!["same".into(), "same".into()]),
            ("images of", |schema| schema.shape.height = (1 << 20) + 1),
            ("class_names", |schema| schema.class_names = vec![String::new(); 257]),
            ("frames", |schema| schema.frames = Some(3)),
        ];
        for (says, change) in wrong {
            let error = checked(change).unwrap_err();
            assert!(error.to_string().contains(says), "{error}");
            assert_eq!(error.kind(), Kind::Usage);
        }
    }
}
