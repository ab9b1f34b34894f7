//! Samples of a source into a batch, by all workers.

use std::sync::Mutex;

use rayon::prelude::*;
use serde_json::json;

use crate::base::digest::ContentDigest;
use crate::base::{Fault, Pass, Reader, Sample, Source};
use crate::formats::batch::digest_sample;
use crate::formats::{Batch, Layout};

use super::Result;

/// A block of rows handed to one worker has about this many bytes: large enough that handing out costs nothing, small enough
/// to stay in the second-level cache until it is hashed.
const BLOCK_BYTES: usize = 256 << 10;

/// Samples that one worker takes in one go where they are handled one by one.
const EACH_ROWS: u64 = 64;

/// Samples traced in one go.
const TRACE_ROWS: u64 = 256;

/// What one worker keeps from block to block.
struct Worker<'a> {
    reader: Box<dyn Reader + 'a>,
    sample: Sample,
    buffer: Vec<u8>,
}

/// Renders ranges of one source.
pub struct Renderer<'a> {
    source: &'a dyn Source,
    layout: Layout,
    /// Workers that are not at work. Readers are made when there is none and never thrown away, so their caches last.
    idle: Mutex<Vec<Worker<'a>>>,
}

impl<'a> Renderer<'a> {
    /// A renderer of `source`.
    #[must_use]
    pub fn new(source: &'a dyn Source) -> Self {
        Self { source, layout: Layout::of(source.schema()), idle: Mutex::new(Vec::new()) }
    }

    /// The layout of its samples.
    #[must_use]
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Fills `batch` with samples `first..first + rows` and returns the digests of their content. Runs on the rayon pool
    /// that it is called from. `pass` is told the rows done.
    ///
    /// # Errors
    /// The error of the lowest index that failed, or [`Interrupted`](crate::base::Interrupted).
    pub fn render(&self, first: u64, rows: usize, batch: &mut Batch, pass: &Pass) -> Result<Rendered> {
        batch.reset(&self.layout, rows);
        let block_rows = (BLOCK_BYTES / self.layout.bytes().max(1)).clamp(1, 1024);
        let failed: Mutex<Option<(u64, Fault)>> = Mutex::new(None);
        let blocks = batch.blocks(&self.layout, first, block_rows);
        let done: Vec<Option<Rendered>> = blocks
            .into_par_iter()
            .map(|mut block| {
                if pass.stop().is_asked() || lock(&failed).is_some() {
                    return None;
                }
                let idle = lock(&self.idle).pop();
                let mut worker = idle.unwrap_or_else(|| self.worker());
                for row in 0..block.rows {
                    let index = block.first + row as u64;
                    if let Err(fault) = worker.reader.read(index, &mut worker.sample) {
                        let mut failed = lock(&failed);
                        if failed.as_ref().is_none_or(|(lowest, _)| index < *lowest) {
                            *failed = Some((index, fault));
                        }
                        return None;
                    }
                    block.put(row, &worker.sample);
                }
                // While the block is still in the cache.
                let mut rendered = Rendered { x_crc: block.crc(), ..Rendered::default() };
                block.digest(&mut rendered.content, &mut worker.buffer);
                lock(&self.idle).push(worker);
                pass.add(block.rows as u64);
                Some(rendered)
            })
            .collect();
        if let Some((_, fault)) = lock(&failed).take() {
            return Err(fault);
        }
        pass.check()?;
        let mut whole = Rendered::default();
        for block in done.iter().flatten() {
            whole.content.add(block.content);
            whole.x_crc.combine(&block.x_crc);
        }
        Ok(whole)
    }
}

impl<'a> Renderer<'a> {
    /// Hands each of the samples `first..first + rows` to `make`, on the rayon pool that it is called from, and returns the results in
    /// order and the digest of the samples. Samples may differ in size.
    ///
    /// # Errors
    /// As [`render`](Self::render), and those of `make`.
    pub fn each<T: Send>(
        &self,
        first: u64,
        rows: u64,
        pass: &Pass,
        make: impl Fn(u64, &Sample) -> Result<T> + Sync,
    ) -> Result<(Vec<T>, ContentDigest)> {
        let schema = self.source.schema();
        let starts: Vec<u64> = (first..first + rows).step_by(EACH_ROWS as usize).collect();
        let blocks: Vec<Result<(Vec<T>, ContentDigest)>> = starts
            .into_par_iter()
            .map(|start| {
                let idle = lock(&self.idle).pop();
                let mut worker = idle.unwrap_or_else(|| self.worker());
                let mut room = Batch::default();
                let mut digest = ContentDigest::default();
                let end = (start + EACH_ROWS).min(first + rows);
                let mut made = Vec::with_capacity(EACH_ROWS as usize);
                for index in start..end {
                    if pass.stop().is_asked() {
                        break;
                    }
                    worker.reader.read(index, &mut worker.sample)?;
                    let Worker { sample, buffer, .. } = &mut worker;
                    digest_sample(schema, index, sample, &mut digest, &mut room, buffer);
                    made.push(make(index, sample)?);
                }
                lock(&self.idle).push(worker);
                pass.add(end - start);
                Ok((made, digest))
            })
            .collect();
        pass.check()?;
        let mut all = Vec::with_capacity(rows as usize);
        let mut content = ContentDigest::default();
        for block in blocks {
            let (made, digest) = block?;
            all.extend(made);
            content.add(digest);
        }
        Ok((all, content))
    }

    fn worker(&self) -> Worker<'a> {
        Worker { reader: self.source.reader(), sample: Sample::default(), buffer: Vec::new() }
    }

    /// What was drawn for samples `first..first + rows`: for each block of rows, a JSON object a line with index, origin, label and
    /// steps. Runs on the rayon pool that it is called from.
    ///
    /// # Errors
    /// As [`render`](Self::render).
    pub fn trace(&self, first: u64, rows: u64, pass: &Pass) -> Result<Vec<Vec<u8>>> {
        let blocks: Vec<u64> = (first..first + rows).step_by(TRACE_ROWS as usize).collect();
        let lines: Vec<Result<Vec<u8>>> = blocks
            .into_par_iter()
            .map(|start| {
                let mut reader = self.source.reader();
                let mut sample = Sample::default();
                let mut lines = Vec::new();
                for index in start..(start + TRACE_ROWS).min(first + rows) {
                    if pass.stop().is_asked() {
                        break;
                    }
                    let mut steps = Vec::new();
                    reader.explain(index, &mut sample, &mut |told| {
                        if !told.drawn.is_null() {
                            steps.push(json!({ told.step: told.drawn }));
                        }
                    })?;
                    let classes: Vec<u8> =
                        (0..=255).take(self.layout.classes).filter(|&class| sample.label.has(class)).collect();
                    let mut line =
                        json!({ "index": index, "origin": sample.origin, "classes": classes, "steps": steps });
                    if !sample.soft.is_empty() {
                        line["weights"] = json!(sample.soft);
                    }
                    if !self.layout.truth.is_empty() {
                        let columns = self.layout.truth.iter().zip(&sample.truth);
                        line["truth"] = columns.map(|(name, value)| (name.clone(), json!(value))).collect();
                    }
                    lines.extend(line.to_string().bytes());
                    lines.push(b'\n');
                }
                Ok(lines)
            })
            .collect();
        pass.check()?;
        lines.into_iter().collect()
    }
}

/// Digests of what was rendered.
#[derive(Clone, Debug, Default)]
pub struct Rendered {
    /// Digest of the samples.
    pub content: ContentDigest,
    /// CRC-32 of their pixels, which zip files want.
    pub x_crc: crc32fast::Hasher,
}

/// A lock whose holder panicked is as good as any other here: the panic itself is passed on by rayon.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
