//! Files that hold whole splits: samples are rendered block by block by several threads, encoded by them, and appended in order.
//!
//! Memory is a few blocks, whatever the size of a split.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::sync::Mutex;

use rayon::prelude::*;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use crate::base::Unit;
use crate::base::digest::ContentDigest;
use crate::base::sample::numbered_classes;
use crate::formats::arrays::{Constants, Moments, Scale};
use crate::formats::csv::gzip_member;
use crate::formats::ways::{Member, Part, SplitOf, Whole, WholeFile};
use crate::formats::{Batch, Layout, Objects, SpoolWriter};
use crate::names::{CLASS_LIST, CLASSES};

use super::atomic::{self, Pending};
use super::crew::{Crew, Lane};
use super::job::{Build, Workers};
use super::manifest::{Manifest, SideFile};
use super::render::{Renderer, lock};
use super::{Result, StoreError};

/// Pixels in one block: enough for the writer never to wait for a thread that draws, small enough that a few of them are
/// nothing.
const BLOCK_BYTES: usize = 2 << 20;

/// Writes the files of `job`; puts them, the digests of the splits, and the constants into `manifest`.
pub(super) fn write(
    job: &Build<'_>,
    format: &dyn Whole,
    manifest: &mut Manifest,
    renderers: &[Renderer<'_>],
    tag: &str,
    workers: &Workers<'_>,
) -> Result<()> {
    let channels = renderers.first().map_or(1, |renderer| renderer.layout().shape.channels());
    let constants = match renderers.first() {
        Some(first) if format.scale().is_some_and(Scale::needs_a_pass) => {
            let moments = moments(first, manifest.splits[0].rows, workers)?;
            moments.constants(format.scale(), channels)
        }
        _ => Moments::default().constants(format.scale(), channels),
    };
    let splits: Vec<SplitOf<'_>> = manifest
        .splits
        .iter()
        .zip(renderers)
        .map(|(split, renderer)| SplitOf { name: &split.name, rows: split.rows, layout: renderer.layout() })
        .collect();
    let mut out = Out::new(format, &splits, &job.out, tag);
    let (mut contents, mut objects) = (Vec::new(), Vec::new());
    for (number, (renderer, split)) in renderers.iter().zip(&splits).enumerate() {
        out.begin(number, Part::X)?;
        let mut beside = ObjectFiles::new(&job.out, tag, split, manifest.splits[number].beside());
        let parts = out.parts_apart(number);
        let (content, apart) =
            append_split(split, format, &constants, renderer, &mut out, &parts, &mut beside, workers)?;
        out.end();
        for (part, values) in parts.into_iter().zip(apart) {
            out.append_part(number, part, values)?;
        }
        objects.extend(beside.finish()?);
        contents.push(content);
    }
    let mut files = out.finish()?;
    files.extend(class_names(format, &job.out, tag, manifest)?);
    files.extend(objects);
    for (record, content) in manifest.splits.iter_mut().zip(contents) {
        record.content = Some(content);
    }
    manifest.files = files;
    manifest.constants = format.scale().map(|_| constants);
    Ok(())
}

/// Writes the names of the classes beside the files, one a line, unless they are the ten digits, which need none.
fn class_names(
    format: &dyn Whole,
    folder: &Path,
    tag: &str,
    manifest: &Manifest,
) -> Result<Option<SideFile>> {
    let names = manifest.splits.first().map_or(&[][..], |split| &split.schema.class_names);
    // A name of several lines would be several names.
    if names.is_empty() || *names == numbered_classes(CLASSES) || names.iter().any(|name| name.contains('\n'))
    {
        return Ok(None);
    }
    let name = format!("{}{CLASS_LIST}", format.class_list_folder());
    let mut file = Pending::begin(folder, &name, tag)?;
    file.append((names.join("\n") + "\n").as_bytes())?;
    let written = file.finish()?;
    Ok(Some(SideFile { name, bytes: written.bytes, blake3: written.blake3 }))
}

/// Rows of one block.
pub(super) fn block_rows(layout: &Layout) -> u64 {
    (BLOCK_BYTES / layout.bytes().max(1)).clamp(1, 1 << 16) as u64
}

/// Exact sums over all images of a split.
fn moments(renderer: &Renderer<'_>, rows: u64, workers: &Workers<'_>) -> Result<Moments> {
    let layout = renderer.layout();
    let block = block_rows(layout);
    let pass = workers.watch.pass("measuring", Unit::Images, Some(rows));
    let parts = Crew::work(workers.threads, rows.div_ceil(block) as usize, |number, bench, _| {
        let first = number as u64 * block;
        let count = block.min(rows - first) as usize;
        workers.pool.install(|| renderer.render(first, count, &mut bench.batch, &pass))?;
        let size = layout.shape.bytes() * 64;
        Ok(workers.pool.install(|| {
            let parts = bench.batch.x.par_chunks(size).map(|pixels| {
                let mut moments = Moments::default();
                moments.take(pixels, layout.shape.channels());
                moments
            });
            parts.reduce(Moments::default, |mut a, b| {
                a.add(&b);
                a
            })
        }))
    })?;
    let mut whole = Moments::default();
    for part in &parts {
        whole.add(part);
    }
    Ok(whole)
}

/// What the threads append to, in turn.
struct Ends<'a, 'b> {
    out: &'a mut Out<'b>,
    /// Labels, masks and truth, which come behind the pixels.
    apart: Vec<SpoolWriter>,
    objects: &'a mut ObjectFiles<'b>,
}

/// Appends all samples of a split to the file at hand; returns their digest, and the bytes of the `parts` that come behind pixels.
#[expect(clippy::too_many_arguments, reason = "one step of `write`, apart for its length")]
fn append_split<'b>(
    split: &SplitOf<'_>,
    format: &dyn Whole,
    constants: &Constants,
    renderer: &Renderer<'_>,
    out: &mut Out<'b>,
    parts: &[Part],
    objects: &mut ObjectFiles<'b>,
    workers: &Workers<'_>,
) -> Result<(ContentDigest, Vec<SpoolWriter>)> {
    let rows = split.rows;
    let block = block_rows(split.layout);
    let gzip = format.compression().filter(|_| !out.is_zip());
    let hasher = Mutex::new(out.hashed().map(Pending::take_hasher));
    let apart = parts.iter().map(|_| SpoolWriter::default()).collect();
    let ends = Mutex::new(Ends { out, apart, objects });
    // Two more than threads: while one waits for the disk, the others keep the workers busy.
    let drivers = workers.threads + 2;
    let digests = Crew::work(drivers, rows.div_ceil(block) as usize, |number, bench, crew| {
        let first = number as u64 * block;
        let count = block.min(rows - first) as usize;
        let rendered =
            workers.pool.install(|| renderer.render(first, count, &mut bench.batch, workers.pass))?;
        let mut apart = Vec::with_capacity(parts.len());
        for part in parts {
            let mut bytes = Vec::new();
            match *part {
                Part::X => {}
                Part::Y => format.append_y(&bench.batch, split, &mut bytes),
                Part::Masks => bytes.extend(&bench.batch.mask),
                Part::Truth(number) => format.append_truth(&bench.batch, split, number, &mut bytes),
            }
            apart.push(compressed(&bytes, gzip)?.into_owned());
        }
        let x = compressed(format.x(&bench.batch, split, constants, &mut bench.encoded), gzip)?;
        crew.in_turn(Lane::Write, number, || {
            workers.pass.check()?;
            let ends = &mut *lock(&ends);
            ends.out.append(&x)?;
            let mut pairs = ends.apart.iter_mut().zip(&apart);
            pairs.try_for_each(|(spool, bytes)| spool.write_all(bytes)).map_err(temporary)?;
            ends.objects.append(&bench.batch)
        })?;
        // Writing costs the same as hashing, and the next block is written meanwhile.
        crew.in_turn(Lane::Hash, number, || {
            if let Some(hasher) = &mut *lock(&hasher) {
                hasher.update(&x);
            }
            Ok(())
        })?;
        Ok(rendered.content)
    })?;
    let mut content = ContentDigest::default();
    for part in digests {
        content.add(part);
    }
    let ends = ends.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some((file, hasher)) = ends.out.hashed().zip(lock(&hasher).take()) {
        file.put_hasher(hasher);
    }
    Ok((content, ends.apart))
}

fn temporary(source: io::Error) -> StoreError {
    StoreError::Write { path: "a temporary file".into(), source }
}

/// `bytes` as a gzip member, or as they are.
fn compressed(bytes: &[u8], level: Option<u8>) -> Result<Cow<'_, [u8]>> {
    let Some(level) = level else { return Ok(Cow::Borrowed(bytes)) };
    let mut member = Vec::with_capacity(bytes.len() / 2);
    gzip_member(bytes, level, &mut member).map_err(temporary)?;
    Ok(Cow::Owned(member))
}

/// The files of a data set, of which one is written at a time.
struct Out<'a> {
    folder: &'a Path,
    tag: &'a str,
    compression: Option<u8>,
    planned: Vec<WholeFile>,
    /// The files that were begun, by their numbers.
    begun: Vec<(usize, Pending)>,
    /// The zip file among them that is written, for its members.
    zip: Option<ZipWriter<File>>,
    /// Whether there is a member that takes bytes, in the file that was begun last.
    open: bool,
}

impl<'a> Out<'a> {
    fn new(format: &dyn Whole, splits: &[SplitOf<'_>], folder: &'a Path, tag: &'a str) -> Self {
        Self {
            folder,
            tag,
            compression: format.compression(),
            planned: format.files(splits),
            begun: Vec::new(),
            zip: None,
            open: false,
        }
    }

    /// The parts of a split that come behind its pixels, in order.
    fn parts_apart(&self, split: usize) -> Vec<Part> {
        let members = self.planned.iter().flat_map(|file| &file.members);
        members
            .filter(|member| member.split == split && member.part != Part::X)
            .map(|member| member.part)
            .collect()
    }

    /// Begins the part of a split, if it has a place of its own.
    fn begin(&mut self, split: usize, part: Part) -> Result<()> {
        let place =
            |file: &WholeFile| file.members.iter().find(|m| m.split == split && m.part == part).cloned();
        let found = self.planned.iter().enumerate().find_map(|(number, file)| Some((number, place(file)?)));
        let Some((number, member)) = found else { return Ok(()) };
        if self.begun.last().is_none_or(|(last, _)| *last != number) {
            self.close_zip()?;
            let planned = &self.planned[number];
            let mut file = Pending::begin(self.folder, &planned.name, self.tag)?;
            if planned.zip {
                self.zip = Some(ZipWriter::new(file.handle()?));
            } else if !planned.head.is_empty() {
                file.append(&compressed(&planned.head, self.compression)?)?;
            }
            self.begun.push((number, file));
        }
        let Some((_, file)) = self.begun.last_mut() else { return Ok(()) };
        match &mut self.zip {
            Some(zip) => zip_entry(zip, file, &member, self.compression)?,
            None if member.head.is_empty() => {}
            None => file.append(&compressed(&member.head, self.compression)?)?,
        }
        self.open = true;
        Ok(())
    }

    fn end(&mut self) {
        self.open = false;
    }

    /// Whether the file at hand is a zip file, which compresses by itself.
    fn is_zip(&self) -> bool {
        self.zip.is_some()
    }

    /// Appends to the part at hand. What is no zip file is not hashed here.
    fn append(&mut self, bytes: &[u8]) -> Result<()> {
        let Some((_, file)) = self.begun.last_mut().filter(|_| self.open) else { return Ok(()) };
        match &mut self.zip {
            Some(zip) => {
                let mut chunks = bytes.chunks(atomic::CHUNK);
                chunks.try_for_each(|chunk| zip.write_all(chunk)).map_err(|source| failed(file, source))
            }
            None => Ok(file.append_unhashed(bytes)?),
        }
    }

    /// The file at hand, if it is hashed as it is written: zip files are not, because the writer goes back in them.
    fn hashed(&mut self) -> Option<&mut Pending> {
        let takes = self.open && self.zip.is_none();
        self.begun.last_mut().filter(|_| takes).map(|(_, file)| file)
    }

    /// Appends a part of a split that has a place of its own.
    fn append_part(&mut self, split: usize, part: Part, values: SpoolWriter) -> Result<()> {
        self.begin(split, part)?;
        if !self.open {
            return Ok(());
        }
        let bytes = values.len();
        let spool = values.finish().map_err(temporary)?;
        let mut buffer = vec![0; bytes.min(1 << 20) as usize];
        let mut at = 0;
        while at < bytes {
            let piece = &mut buffer[..(bytes - at).min(1 << 20) as usize];
            spool.read_at(at, piece).map_err(temporary)?;
            match self.hashed() {
                Some(file) => file.append(piece)?,
                None => self.append(piece)?,
            }
            at += piece.len() as u64;
        }
        self.end();
        Ok(())
    }

    fn close_zip(&mut self) -> Result<()> {
        if let (Some(zip), Some((_, file))) = (self.zip.take(), self.begun.last()) {
            zip.finish().map_err(|error| failed(file, error.into()))?;
        }
        Ok(())
    }

    /// Gives all files their names, when all of them are whole.
    fn finish(mut self) -> Result<Vec<SideFile>> {
        self.close_zip()?;
        let mut done = Vec::new();
        for (number, file) in self.begun {
            let planned = &self.planned[number];
            let written = if planned.zip { file.finish_hashed()? } else { file.finish()? };
            done.push(SideFile { name: planned.name.clone(), bytes: written.bytes, blake3: written.blake3 });
        }
        Ok(done)
    }
}

fn failed(file: &Pending, source: io::Error) -> crate::base::Fault {
    StoreError::Write { path: file.target().into(), source }.into()
}

fn zip_entry(zip: &mut ZipWriter<File>, file: &Pending, member: &Member, level: Option<u8>) -> Result<()> {
    let options = SimpleFileOptions::default()
        .last_modified_time(DateTime::default())
        .unix_permissions(0o644)
        .large_file(member.bytes >= u64::from(u32::MAX) - (1 << 20));
    let options = match level {
        None => options.compression_method(CompressionMethod::Stored),
        Some(level) => {
            options.compression_method(CompressionMethod::Deflated).compression_level(Some(i64::from(level)))
        }
    };
    zip.start_file(&member.entry, options).map_err(|error| failed(file, error.into()))?;
    zip.write_all(&member.head).map_err(|source| failed(file, source))
}

/// Origins and objects of a split, in files of so many rows.
struct ObjectFiles<'a> {
    folder: &'a Path,
    tag: &'a str,
    split: String,
    rows: u64,
    layout: Layout,
    /// Rows that wait for their file to be full.
    waiting: Batch,
    written: u64,
    done: Vec<SideFile>,
}

impl<'a> ObjectFiles<'a> {
    fn new(folder: &'a Path, tag: &'a str, split: &SplitOf<'_>, layout: Layout) -> Self {
        Self {
            folder,
            tag,
            split: split.name.to_owned(),
            rows: split.rows,
            layout,
            waiting: Batch::default(),
            written: 0,
            done: Vec::new(),
        }
    }

    /// Takes the rows of a block.
    fn append(&mut self, block: &Batch) -> Result<()> {
        let most = Objects::rows_a_file(&self.layout) as usize;
        let mut taken = 0;
        while taken < block.rows {
            let some = (most - self.waiting.rows).min(block.rows - taken);
            self.waiting.extend_objects(block, &self.layout, taken..taken + some);
            taken += some;
            if self.waiting.rows == most {
                self.put()?;
            }
        }
        Ok(())
    }

    fn put(&mut self) -> Result<()> {
        let first = self.written;
        self.written += self.waiting.rows as u64;
        let batch = std::mem::take(&mut self.waiting);
        if batch.rows == 0 || Objects::go_without_saying(&batch, &self.layout, first) {
            return Ok(());
        }
        let most = Objects::rows_a_file(&self.layout);
        let name = Objects::file_name(&self.split, first / most, self.rows.div_ceil(most));
        let written =
            atomic::write_pieces(self.folder, &name, self.tag, &Objects::encode(&batch, &self.layout))?;
        self.done.push(SideFile { name, bytes: written.bytes, blake3: written.blake3 });
        Ok(())
    }

    fn finish(mut self) -> Result<Vec<SideFile>> {
        self.put()?;
        Ok(self.done)
    }
}

/// Renders whole splits without a disk and returns their digests, for comparing.
pub(super) fn digest(renderer: &Renderer<'_>, rows: u64, workers: &Workers<'_>) -> Result<ContentDigest> {
    let mut batch = Batch::default();
    let mut content = ContentDigest::default();
    let block = block_rows(renderer.layout()) * 8;
    for first in (0..rows).step_by(block as usize) {
        let count = block.min(rows - first) as usize;
        let rendered = workers.pool.install(|| renderer.render(first, count, &mut batch, workers.pass))?;
        content.add(rendered.content);
    }
    Ok(content)
}
