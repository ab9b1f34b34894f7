//! Whether a manifest makes sense as a whole.
//!
//! A manifest is what somebody else may have written. Everything that is computed from it, and all that is allocated, opened or removed because of
//! it, relies on what is checked here, once, before anything else looks at it.

use std::collections::BTreeSet;

use crate::base::digest::ContentDigest;
use crate::base::sample::{MAX_TRUTH, MOST_MASKED, is_truth_name};
use crate::base::{Grid, Schema};
use crate::formats::ways::SplitOf;
use crate::formats::{Layout, Objects, Way};

use crate::store::inside::{BadName, Inside};
use crate::store::job::LARGEST;

use super::{FORMAT, MOST_SHARDS, Manifest, Shard, ShardPlan, SideFile, SplitRecord, trace_name};

/// More splits than this are refused.
const MOST_SPLITS: usize = 10_000;
/// Samples of all splits together, as arrays: far beyond any disk, and far from where sums overflow.
const MOST_BYTES: u64 = 1 << 50;
/// The longest side of an image.
const MOST_SIDE: usize = 1 << 20;
/// The largest number of class names: labels are bytes.
const MOST_CLASSES: usize = 256;
/// The largest number of cells in an image.
const MOST_CELLS: usize = 1 << 16;

/// What is wrong with a manifest.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    /// A version that never was.
    #[error("there is no {what} version {found}")]
    Version {
        /// Of what.
        what: &'static str,
        /// The number.
        found: u32,
    },
    /// Nothing at all.
    #[error("it has no splits")]
    Nothing,
    /// Columns of truth that cannot be.
    #[error("{split}: columns of truth have {MAX_TRUTH} plain names at most, each once")]
    Truth {
        /// The split.
        split: String,
    },
    /// No samples in a shard.
    #[error("a shard_size of 0")]
    ShardSize,
    /// Too much of something.
    #[error("it has {found} {what}; there can be {most}")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many there are.
        found: u64,
        /// How many there can be.
        most: u64,
    },
    /// Its samples together are more than fits anywhere.
    #[error("split {split:?}: {rows} samples of {shape} are more than can be addressed")]
    Rows {
        /// The split.
        split: String,
        /// Its samples.
        rows: u64,
        /// Their shape.
        shape: crate::base::Shape,
    },
    /// A shard does not fit into memory.
    #[error("split {split:?}: a shard of {rows} samples takes {bytes} bytes; there are at most {LARGEST}")]
    ShardBytes {
        /// The split.
        split: String,
        /// Samples of its largest shard.
        rows: u64,
        /// What they take.
        bytes: u64,
    },
    /// Something is called in a way that nothing can be called.
    #[error("{what}: {source}")]
    Name {
        /// What is.
        what: &'static str,
        /// How, and what is wrong with it.
        source: BadName,
    },
    /// Two things have one name.
    #[error("{name:?} is there twice")]
    Twice {
        /// The name.
        name: String,
    },
    /// Images that cannot be.
    #[error("split {split:?}: there are no images of {shape}")]
    Shape {
        /// The split.
        split: String,
        /// Their shape.
        shape: crate::base::Shape,
    },
    /// Images of different sizes in a format of arrays.
    #[error("split {split:?}: images of the format {format} do not differ in size")]
    Varied {
        /// The split.
        split: String,
        /// The format.
        format: &'static str,
    },
    /// No classes, or too many.
    #[error("split {split:?}: expected 1 to {MOST_CLASSES} class_names, found {found}")]
    Classes {
        /// The split.
        split: String,
        /// How many there are.
        found: usize,
    },
    /// A grid that cannot be.
    #[error("split {split:?}: there is no grid of {rows} x {columns} cells")]
    Grid {
        /// The split.
        split: String,
        /// Rows of cells.
        rows: usize,
        /// Columns of cells.
        columns: usize,
    },
    /// Masks that cannot be.
    #[error("split {split:?}: masks tell 1 to {MOST_MASKED} cells apart, not {cells}")]
    Masks {
        /// The split.
        split: String,
        /// How many cells there are.
        cells: usize,
    },
    /// Frames that cannot be.
    #[error("split {split:?}: images of {shape} are not made of {frames} frames")]
    Frames {
        /// The split.
        split: String,
        /// How many frames.
        frames: usize,
        /// Shape of all of them together.
        shape: crate::base::Shape,
    },
    /// Its source images are more than can be counted.
    #[error("split {split:?}: its roots have more images than can be counted")]
    Roots {
        /// The split.
        split: String,
    },
    /// The shards are not those that rows and shard size give.
    #[error("split {split:?}: expected {expected}, found {found}: rows, shard_size and shards do not agree")]
    Shards {
        /// The split.
        split: String,
        /// The shard that should be there.
        expected: String,
        /// What is.
        found: String,
    },
    /// A file beside a shard is not the one that should be there.
    #[error("shard {shard:?}: {what}: expected {expected}, found {found}")]
    Beside {
        /// The shard.
        shard: String,
        /// What the file is.
        what: &'static str,
        /// The name that it should have.
        expected: String,
        /// The name that it has.
        found: String,
    },
    /// A format without a file that it consists of.
    #[error("its list of files lacks {name:?}")]
    Lacks {
        /// The file.
        name: String,
    },
    /// A digest that none is.
    #[error("{name:?}: {found:?} is no BLAKE3 in hexadecimal")]
    Digest {
        /// What has it.
        name: String,
        /// What stands there.
        found: String,
    },
    /// Digests that do not add up.
    #[error("split {split:?}: its content digest is not the sum of its shards' or samples'")]
    Sum {
        /// The split.
        split: String,
    },
    /// Sizes that do not add up to anything.
    #[error("its files have more bytes than can be counted")]
    Bytes,
    /// Constants that make no numbers.
    #[error("its constants are not a pair of finite numbers for each channel")]
    Constants,
    /// It is another text than the one that was written.
    #[error("its content has the digest {found}, and it says {expected}: it was edited or damaged")]
    Sealed {
        /// What it says.
        expected: String,
        /// What it has.
        found: String,
    },
}

/// How far a data set is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// Its shards stand elsewhere, or are yet to be made.
    Begun,
    /// All is there.
    Finished,
}

/// Checks all that a manifest says, and that it agrees with itself.
pub(super) fn check(manifest: &Manifest, stage: Stage) -> Result<(), Flaw> {
    for (what, found, known) in
        [("manifest", manifest.manifest, FORMAT), ("algorithm", manifest.algorithm, super::ALGORITHM)]
    {
        if !(1..=known).contains(&found) {
            return Err(Flaw::Version { what, found });
        }
    }
    if manifest.shard_size == 0 {
        return Err(Flaw::ShardSize);
    }
    if manifest.splits.len() > MOST_SPLITS {
        let found = manifest.splits.len() as u64;
        return Err(Flaw::TooMany { what: "splits", found, most: MOST_SPLITS as u64 });
    }
    let mut names = BTreeSet::new();
    let mut bytes: u64 = 0;
    for split in &manifest.splits {
        Inside::split(&split.name).map_err(|source| Flaw::Name { what: "a split", source })?;
        if !names.insert(split.name.as_str()) {
            return Err(Flaw::Twice { name: split.name.clone() });
        }
        bytes = bytes.saturating_add(size(manifest, split)?);
        if bytes > MOST_BYTES {
            let (split, rows, shape) = (split.name.clone(), split.rows, split.schema.shape);
            return Err(Flaw::Rows { split, rows, shape });
        }
    }
    let shards = manifest.shards();
    if shards > MOST_SHARDS {
        return Err(Flaw::TooMany { what: "shards", found: shards, most: MOST_SHARDS });
    }
    if let Some(constants) = &manifest.constants
        && !manifest.splits.iter().all(|split| constants.fit(split.schema.shape.channels()))
    {
        return Err(Flaw::Constants);
    }
    match stage {
        Stage::Begun => Ok(()),
        Stage::Finished => finished(manifest),
    }
}

/// Checks what a split says of its samples. Returns the bytes that they take as arrays.
fn size(manifest: &Manifest, record: &SplitRecord) -> Result<u64, Flaw> {
    let Schema { shape, varied, labels: _, class_names, grid, frames, masks, roots, truth } = &record.schema;
    let split = || record.name.clone();
    let side = |side: usize| (1..=MOST_SIDE).contains(&side);
    let most = LARGEST as usize;
    if !side(shape.height) || !side(shape.width) || shape.checked_bytes().is_none_or(|bytes| bytes > most) {
        return Err(Flaw::Shape { split: split(), shape: *shape });
    }
    if *varied && !manifest.format.takes_varied() {
        return Err(Flaw::Varied { split: split(), format: manifest.format.name() });
    }
    if !(1..=MOST_CLASSES).contains(&class_names.len()) {
        return Err(Flaw::Classes { split: split(), found: class_names.len() });
    }
    if let Some(grid) = grid
        && grid.rows.checked_mul(grid.columns).is_none_or(|cells| !(1..=MOST_CELLS).contains(&cells))
    {
        return Err(Flaw::Grid { split: split(), rows: grid.rows, columns: grid.columns });
    }
    let cells = grid.map_or(0, Grid::cells);
    if *masks && !(1..=MOST_MASKED).contains(&cells) {
        return Err(Flaw::Masks { split: split(), cells });
    }
    if let Some(frames) = *frames
        && (frames < 1 || *varied || !shape.height.is_multiple_of(frames))
    {
        return Err(Flaw::Frames { split: split(), frames, shape: *shape });
    }
    let known = |name: &String| truth.iter().filter(|own| *own == name).count() == 1;
    if truth.len() > MAX_TRUTH || !truth.iter().all(|name| is_truth_name(name) && known(name)) {
        return Err(Flaw::Truth { split: split() });
    }
    let images = roots.iter().try_fold(0_u64, |sum, root| sum.checked_add(root.images));
    if images.is_none_or(|images| i64::try_from(images).is_err()) {
        return Err(Flaw::Roots { split: split() });
    }
    // What one sample takes is known to be a number from here on.
    let row = Layout::of(&record.schema).bytes().max(1) as u64;
    let rows = manifest.shard_size.min(record.rows);
    let bytes = rows.saturating_mul(row);
    let in_memory = match manifest.format.way() {
        Way::Shards(_) => true,
        Way::Whole(_) | Way::Pictures(_) => false,
    };
    if in_memory && rows > 1 && bytes > LARGEST {
        return Err(Flaw::ShardBytes { split: split(), rows, bytes });
    }
    Ok(record.rows.saturating_mul(row))
}

/// Checks the list of shards and files.
fn finished(manifest: &Manifest) -> Result<(), Flaw> {
    if manifest.splits.is_empty() {
        return Err(Flaw::Nothing);
    }
    for split in &manifest.splits {
        let wanted = if manifest.format.is_sharded() { split.rows.div_ceil(manifest.shard_size) } else { 0 };
        if split.shards.len() as u64 != wanted {
            return Err(Flaw::Shards {
                split: split.name.clone(),
                expected: format!("{wanted} shards"),
                found: split.shards.len().to_string(),
            });
        }
    }
    let shards = manifest.splits.iter().flat_map(|split| &split.shards);
    for (plan, shard) in manifest.plan().iter().zip(shards) {
        shard_is_planned(manifest, plan, shard)?;
    }
    for split in manifest.splits.iter().filter(|_| manifest.format.is_sharded()) {
        let mut sum = ContentDigest::default();
        split.shards.iter().for_each(|shard| sum.add(shard.content));
        if split.content != Some(sum) {
            return Err(Flaw::Sum { split: split.name.clone() });
        }
    }
    // No samples have no digest, and some have one.
    let untold = |split: &&SplitRecord| match split.content {
        None => true,
        Some(content) => split.rows == 0 && content != ContentDigest::default(),
    };
    if let Some(split) = manifest.splits.iter().find(untold) {
        return Err(Flaw::Sum { split: split.name.clone() });
    }
    let mut names = BTreeSet::new();
    let mut bytes = 0_u64;
    let of_shards = manifest.splits.iter().flat_map(|split| &split.shards).flat_map(Shard::files);
    for file in of_shards.chain(manifest.files.iter().cloned()) {
        Inside::file(&file.name).map_err(|source| Flaw::Name { what: "a file", source })?;
        hexadecimal(&file)?;
        bytes =
            bytes.checked_add(file.bytes).filter(|bytes| i64::try_from(*bytes).is_ok()).ok_or(Flaw::Bytes)?;
        if let Some(file) = names.replace(file.name) {
            return Err(Flaw::Twice { name: file });
        }
    }
    let Way::Whole(format) = manifest.format.way() else { return Ok(()) };
    let layouts: Vec<Layout> = manifest.splits.iter().map(|split| split.within(&manifest.format)).collect();
    let splits: Vec<SplitOf<'_>> = manifest
        .splits
        .iter()
        .zip(&layouts)
        .map(|(split, layout)| SplitOf { name: &split.name, rows: split.rows, layout })
        .collect();
    match format.files(&splits).into_iter().find(|file| !names.contains(&file.name)) {
        None => Ok(()),
        Some(file) => Err(Flaw::Lacks { name: file.name }),
    }
}

/// Whether a shard on record is the one that is to be there.
pub(super) fn shard_is_planned(manifest: &Manifest, plan: &ShardPlan, shard: &Shard) -> Result<(), Flaw> {
    let split = &manifest.splits[plan.split];
    let say = |name: &str, first: u64, rows: u64| format!("{name:?} with {rows} samples from {first} on");
    if (shard.name.as_str(), shard.first, shard.rows) != (plan.name.as_str(), plan.first, plan.rows) {
        return Err(Flaw::Shards {
            split: split.name.clone(),
            expected: say(&plan.name, plan.first, plan.rows),
            found: say(&shard.name, shard.first, shard.rows),
        });
    }
    let objects = split.objects_beside.then(|| Objects::file_name(&split.name, plan.number, plan.of));
    let trace = manifest.trace.then(|| trace_name(&plan.name));
    // Where origins go without saying there is no file of them.
    let objects = objects.filter(|_| shard.objects.is_some());
    for (what, expected, found) in [("trace", trace, &shard.trace), ("objects", objects, &shard.objects)] {
        let found = found.as_ref().map(|file| &file.name);
        if expected.as_ref() != found {
            let say = |name: Option<&String>| name.map_or("no file".to_owned(), |name| format!("{name:?}"));
            return Err(Flaw::Beside {
                shard: plan.name.clone(),
                what,
                expected: say(expected.as_ref()),
                found: say(found),
            });
        }
    }
    shard.files().try_for_each(|file| hexadecimal(&file))
}

fn hexadecimal(file: &SideFile) -> Result<(), Flaw> {
    let digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    if file.blake3.len() == 64 && file.blake3.bytes().all(digit) {
        return Ok(());
    }
    Err(Flaw::Digest { name: file.name.clone(), found: file.blake3.clone() })
}
