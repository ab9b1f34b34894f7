//! A data set as a stream: what its files would hold, one after the other, to whoever takes it.

use std::borrow::Cow;
use std::sync::Mutex;

use crate::base::{Unit, Watch};
use crate::formats::arrays::{Moments, Scale};
use crate::formats::ways::{Seam, ShardIn, SplitOf};
use crate::formats::{Unfit, Way};

use super::crew::{Bench, Crew, Lane};
use super::job::{Build, check, pool};
use super::render::{Renderer, lock};
use super::whole::block_rows;
use super::{Part, Result, StoreError};

/// What was streamed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Streamed {
    /// Samples.
    pub rows: u64,
    /// Bytes.
    pub bytes: u64,
}

/// Hands the one split of `job` to `take` in its format, block by block and in order. Parts are those of a folder.
///
/// # Errors
/// [`StoreError::SeveralStreams`] for several splits, [`Unfit`] for formats whose files cannot be joined; those of the sources and of `take`.
pub fn stream(
    job: &Build<'_>,
    take: &mut (dyn FnMut(&[u8]) -> Result<()> + Send),
    watch: &Watch,
) -> Result<Streamed> {
    check(job)?;
    let [split] = &job.data.splits[..] else {
        let splits = job.data.splits.iter().map(|split| split.name.clone()).collect();
        return Err(StoreError::SeveralStreams { splits }.into());
    };
    let manifest = job.head();
    let renderer = Renderer::new(split.source.as_ref());
    let layout = renderer.layout();
    let of_split = SplitOf { name: &split.name, rows: split.source.len(), layout };
    let seam = seam(job, &of_split)?;
    let plan = manifest.plan();
    let whole = 0..plan.len() as u64;
    let mine = job.part.map_or(whole, |part: Part| part.shards(plan.len() as u64));
    let rows: std::ops::Range<u64> = match (job.format.way(), &plan[mine.start as usize..mine.end as usize]) {
        (Way::Whole(_), _) => 0..split.source.len(),
        (Way::Shards(_) | Way::Pictures(_), [first, .., last]) => first.first..last.first + last.rows,
        (Way::Shards(_) | Way::Pictures(_), [one]) => one.first..one.first + one.rows,
        (Way::Shards(_) | Way::Pictures(_), []) => 0..0,
    };
    let block = block_rows(layout);
    let count = rows.end - rows.start;
    // An empty one has a beginning and an end as well.
    let blocks = count.div_ceil(block).max(1);
    let pass = watch.pass("writing", Unit::Images, Some(count));
    let pool = pool(job.threads)?;
    let scale = match job.format.way() {
        Way::Whole(format) => format.scale(),
        Way::Shards(_) | Way::Pictures(_) => None,
    };
    let constants = Moments::default().constants(scale, layout.shape.channels());
    let (take, written) = (Mutex::new(take), Mutex::new(0_u64));
    Crew::work(job.threads + 2, blocks as usize, |number, bench, crew| {
        let first = rows.start + number as u64 * block;
        let count = block.min(rows.end - first) as usize;
        let Bench { batch, encoded } = bench;
        let crc = if count == 0 {
            batch.reset(layout, 0);
            crc32fast::Hasher::new()
        } else {
            pool.install(|| renderer.render(first, count, batch, &pass))?.x_crc
        };
        let is_last = number as u64 + 1 == blocks;
        let pieces: Vec<Cow<'_, [u8]>> = match job.format.way() {
            Way::Shards(format) => {
                let names = &split.source.schema().class_names;
                let shard = ShardIn { batch, layout, class_names: names, first, x_crc: &crc };
                let encode = |error: std::io::Error| StoreError::Encode {
                    name: split.name.clone(),
                    reason: error.to_string(),
                };
                format.encode(shard, encoded).map_err(encode)?
            }
            Way::Whole(format) => {
                let head = match format.files(&[of_split]).into_iter().next() {
                    Some(file) if number == 0 => [
                        file.head,
                        file.members.into_iter().next().map_or_else(Vec::new, |member| member.head),
                    ]
                    .concat(),
                    Some(_) | None => Vec::new(),
                };
                vec![Cow::Owned(head), Cow::Borrowed(format.x(batch, &of_split, &constants, encoded))]
            }
            Way::Pictures(_) => Vec::new(),
        };
        let pieces = seam.cut(&pieces, number == 0, is_last);
        crew.in_turn(Lane::Write, number, || {
            pass.check()?;
            for piece in pieces {
                (lock(&take))(piece)?;
                *lock(&written) += piece.len() as u64;
            }
            Ok(())
        })
    })?;
    let bytes = *lock(&written);
    Ok(Streamed { rows: count, bytes })
}

/// How blocks of the format become one stream.
fn seam(job: &Build<'_>, split: &SplitOf<'_>) -> std::result::Result<Seam, Unfit> {
    let no = |why: &str, help: &str| Err(Unfit::new(job.format.name(), why, help));
    let found = match job.format.way() {
        Way::Shards(format) => format.seam(),
        Way::Whole(format) if format.streams(split) => {
            if format.scale().is_some_and(Scale::needs_a_pass) {
                return no(
                    "--out - takes what is written in one pass, and its constants are measured before",
                    "choose --scale 0-1 or samplewise, or write to a folder",
                );
            }
            if format.compression().is_some() {
                return no(
                    "--out - takes what is not compressed",
                    "leave out --compress, and pipe it through gzip",
                );
            }
            Some(Seam::Plain)
        }
        Way::Whole(_) | Way::Pictures(_) => None,
    };
    found.map_or_else(
        || {
            no(
                "--out - takes files that are one stream, and it has none",
                "choose --format webdataset, tfrecord, csv or npy, or write to a folder",
            )
        },
        Ok,
    )
}
