//! Files that hold whole splits: samples are rendered block by block by several threads, encoded by them, and appended in order.
//!
//! Memory is a few blocks, whatever the size of a split.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::ThreadPool;
use rayon::prelude::*;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use crate::base::Fault;
use crate::base::digest::ContentDigest;
use crate::base::sample::numbered_classes;
use crate::formats::arrays::{Arrays, Constants, Container, Keys, Moments, Scale};
use crate::formats::csv::{CsvLayout, gzip_member};
use crate::formats::npy::NpyHeader;
use crate::formats::{Batch, Layout, SpoolWriter, safetensors};

use super::atomic::Pending;
use super::build::Build;
use super::crew::{Crew, Lane};
use super::manifest::{Manifest, SideFile};
use super::render::{Renderer, lock};
use super::{Result, StoreError};

/// Pixels in one block: enough for the writer never to wait for a thread that draws, small enough that a few of them are
/// nothing.
const BLOCK_BYTES: usize = 2 << 20;

/// Who makes the blocks, and whom to tell.
pub(super) struct Workers<'a> {
    pub(super) pool: &'a ThreadPool,
    pub(super) threads: usize,
    pub(super) stop: &'a AtomicUsize,
    pub(super) progress: &'a (dyn Fn(u64) + Sync),
}

/// Names of the files that data sets with these splits have.
fn file_names(arrays: &Arrays, split: &str) -> (String, String) {
    let gz = if arrays.packed.is_some() { ".gz" } else { "" };
    match arrays.container {
        Container::Npz => ("data.npz".into(), "data.npz".into()),
        Container::Safetensors => ("data.safetensors".into(), "data.safetensors".into()),
        Container::Npy => {
            let (x, y) = keys(arrays.keys, split);
            (format!("{x}.npy"), format!("{y}.npy"))
        }
        Container::Csv(CsvLayout::Pandas) => (format!("X_{split}.csv{gz}"), format!("y_{split}.csv{gz}")),
        Container::Csv(_) => (format!("{split}.csv{gz}"), String::new()),
        Container::Idx => {
            let split = if split == "test" { "t10k" } else { split };
            let name = |what: &str| format!("{IDX_FOLDER}/{split}-{what}-ubyte{gz}");
            (name("images-idx3"), name("labels-idx1"))
        }
    }
}

/// Where `torchvision.datasets.MNIST(root)` looks, below its root.
const IDX_FOLDER: &str = "MNIST/raw";

/// Names of the arrays of a split.
fn keys(keys: Keys, split: &str) -> (String, String) {
    match keys {
        Keys::Keras => (format!("x_{split}"), format!("y_{split}")),
        Keys::SplitFirst => (format!("{split}_x"), format!("{split}_y")),
    }
}

/// Writes the files of `job`; puts them, the digests of the splits, and the constants into `manifest`.
pub(super) fn write(
    job: &Build<'_>,
    arrays: &Arrays,
    manifest: &mut Manifest,
    renderers: &[Renderer<'_>],
    tag: &str,
    workers: &Workers<'_>,
) -> Result<()> {
    let channels = renderers.first().map_or(1, |renderer| renderer.layout().shape.channels);
    let constants = match renderers.first() {
        Some(first) if arrays.scale.is_some_and(Scale::needs_a_pass) => {
            let moments = moments(first, manifest.splits[0].rows, workers)?;
            moments.constants(arrays.scale, channels)
        }
        _ => Moments::default().constants(arrays.scale, channels),
    };
    let names: Vec<(String, u64)> = manifest.splits.iter().map(|s| (s.name.clone(), s.rows)).collect();
    let mut sink = Sink::begin(arrays, &job.out, tag, &names, renderers)?;
    for ((record, renderer), (split, rows)) in manifest.splits.iter_mut().zip(renderers).zip(&names) {
        let layout = renderer.layout();
        sink.begin_x(split, *rows, layout)?;
        let (content, labels) = append_split(*rows, arrays, &constants, renderer, &mut sink, workers)?;
        sink.end_x();
        sink.write_y(split, *rows, layout, labels)?;
        record.content = Some(content);
    }
    manifest.files = sink.finish()?;
    manifest.files.extend(class_names(arrays, &job.out, tag, manifest)?);
    manifest.constants = arrays.scale.map(|_| constants);
    Ok(())
}

/// Writes the names of the classes beside the files, one a line, unless they are the ten digits, which need none.
fn class_names(arrays: &Arrays, folder: &Path, tag: &str, manifest: &Manifest) -> Result<Option<SideFile>> {
    let names = manifest.splits.first().map_or(&[][..], |split| &split.schema.class_names);
    // A name of several lines would be several names.
    if names.is_empty() || *names == numbered_classes(10) || names.iter().any(|name| name.contains('\n')) {
        return Ok(None);
    }
    let place = if arrays.container == Container::Idx { format!("{IDX_FOLDER}/") } else { String::new() };
    let name = format!("{place}classes.txt");
    let mut file = Pending::begin(folder, &name, tag)?;
    file.append((names.join("\n") + "\n").as_bytes())?;
    let written = file.finish()?;
    Ok(Some(SideFile { name, bytes: written.bytes, blake3: written.blake3 }))
}

/// Rows of one block.
fn block_rows(layout: &Layout) -> u64 {
    (BLOCK_BYTES / layout.bytes().max(1)).clamp(1, 1 << 16) as u64
}

/// Exact sums over all images of a split.
fn moments(renderer: &Renderer<'_>, rows: u64, workers: &Workers<'_>) -> Result<Moments> {
    let layout = renderer.layout();
    let block = block_rows(layout);
    let parts = Crew::work(workers.threads, rows.div_ceil(block) as usize, |number, bench, _| {
        let first = number as u64 * block;
        let count = block.min(rows - first) as usize;
        workers.pool.install(|| renderer.render(first, count, &mut bench.batch, workers.stop, &|_| {}))?;
        let size = layout.shape.bytes() * 64;
        Ok(workers.pool.install(|| {
            let parts = bench.batch.x.par_chunks(size).map(|pixels| {
                let mut moments = Moments::default();
                moments.take(pixels, layout.shape.channels);
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

/// Appends all samples of a split to `sink`; returns their digest, and the bytes of their labels.
fn append_split(
    rows: u64,
    arrays: &Arrays,
    constants: &Constants,
    renderer: &Renderer<'_>,
    sink: &mut Sink,
    workers: &Workers<'_>,
) -> Result<(ContentDigest, SpoolWriter)> {
    let layout = renderer.layout();
    let block = block_rows(layout);
    let gzip = arrays.packed.filter(|_| arrays.container != Container::Npz);
    let hasher = Mutex::new(sink.hasher().map(Pending::take_hasher));
    let ends = Mutex::new((sink, SpoolWriter::default()));
    // Two more than threads: while one waits for the disk, the others keep the workers busy.
    let drivers = workers.threads + 2;
    let digests = Crew::work(drivers, rows.div_ceil(block) as usize, |number, bench, crew| {
        let first = number as u64 * block;
        let count = block.min(rows - first) as usize;
        let rendered = workers
            .pool
            .install(|| renderer.render(first, count, &mut bench.batch, workers.stop, workers.progress))?;
        let mut y = Vec::new();
        arrays.append_y(&bench.batch, layout, &mut y);
        let x = arrays.x(&bench.batch, layout, constants, &mut bench.encoded);
        let (x, y) = (packed(x, gzip)?, packed(&y, gzip)?);
        crew.in_turn(Lane::Write, number, || {
            match workers.stop.load(Ordering::Relaxed) {
                0 => {}
                signal => return Err(StoreError::Interrupted { signal }.into()),
            }
            let mut ends = lock(&ends);
            ends.0.append_x(&x)?;
            ends.1.write_all(&y).map_err(|source| temporary(source).into())
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
    let (sink, labels) = ends.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some((file, hasher)) = sink.hasher().zip(lock(&hasher).take()) {
        file.put_hasher(hasher);
    }
    Ok((content, labels))
}

fn temporary(source: io::Error) -> StoreError {
    StoreError::Write { path: "a temporary file".into(), source }
}

/// `bytes` as a gzip member, or as they are.
fn packed(bytes: &[u8], level: Option<u8>) -> Result<Cow<'_, [u8]>> {
    let Some(level) = level else { return Ok(Cow::Borrowed(bytes)) };
    let mut member = Vec::with_capacity(bytes.len() / 2);
    gzip_member(bytes, level, &mut member).map_err(temporary)?;
    Ok(Cow::Owned(member))
}

/// The files that are being written.
enum Sink {
    /// One zip file of arrays.
    Zip { arrays: Arrays, file: Pending, zip: Box<ZipWriter<File>>, name: String },
    /// One safetensors file: all headers are at its front.
    Tensors { file: Pending, name: String },
    /// A file for each array.
    Files(Files),
}

struct Files {
    arrays: Arrays,
    folder: std::path::PathBuf,
    tag: String,
    current: Option<(String, Pending)>,
    done: Vec<(String, Pending)>,
}

impl Sink {
    fn begin(
        arrays: &Arrays,
        folder: &Path,
        tag: &str,
        splits: &[(String, u64)],
        renderers: &[Renderer<'_>],
    ) -> Result<Self> {
        let (name, _) = file_names(arrays, "");
        match arrays.container {
            Container::Npz => {
                let file = Pending::begin(folder, &name, tag)?;
                let zip = Box::new(ZipWriter::new(file.handle()?));
                Ok(Self::Zip { arrays: *arrays, file, zip, name })
            }
            Container::Safetensors => {
                let mut file = Pending::begin(folder, &name, tag)?;
                let tensors: Vec<safetensors::Tensor> = splits
                    .iter()
                    .zip(renderers)
                    .flat_map(|((split, rows), renderer)| {
                        let layout = renderer.layout();
                        let (x, y) = keys(arrays.keys, split);
                        [
                            safetensors::Tensor {
                                name: x,
                                dtype: arrays.dtype.tensor(),
                                size: arrays.dtype.size(),
                                shape: axes(*rows, arrays.x_axes(layout.shape)),
                            },
                            safetensors::Tensor {
                                name: y,
                                dtype: arrays.y_dtype().tensor(),
                                size: arrays.y_dtype().size(),
                                shape: axes(*rows, arrays.y_axes(layout)),
                            },
                        ]
                    })
                    .collect();
                file.append(&safetensors::header(&tensors))?;
                Ok(Self::Tensors { file, name })
            }
            _ => Ok(Self::Files(Files {
                arrays: *arrays,
                folder: folder.into(),
                tag: tag.into(),
                current: None,
                done: Vec::new(),
            })),
        }
    }

    fn begin_x(&mut self, split: &str, rows: u64, layout: &Layout) -> Result<()> {
        match self {
            Self::Zip { arrays, file, zip, .. } => {
                let header =
                    NpyHeader::encode(arrays.dtype.descr(), &axes(rows, arrays.x_axes(layout.shape)));
                let bytes = rows.saturating_mul((layout.shape.bytes() * arrays.dtype.size()) as u64);
                zip_entry(zip, file, &keys(arrays.keys, split).0, arrays.packed, bytes, &header)
            }
            Self::Tensors { .. } => Ok(()),
            Self::Files(files) => {
                let head = x_head(&files.arrays, rows, layout);
                files.open(file_names(&files.arrays, split).0, &head)
            }
        }
    }

    /// Appends to the array at hand, without hashing.
    fn append_x(&mut self, bytes: &[u8]) -> Result<()> {
        match self {
            Self::Zip { file, zip, .. } => zip.write_all(bytes).map_err(|source| failed(file, source)),
            _ => match self.hasher() {
                Some(file) => Ok(file.append_unhashed(bytes)?),
                None => Ok(()),
            },
        }
    }

    /// The file at hand, if it is hashed as it is written: zip files are not, because the writer goes back in them.
    fn hasher(&mut self) -> Option<&mut Pending> {
        match self {
            Self::Zip { .. } => None,
            Self::Tensors { file, .. } => Some(file),
            Self::Files(files) => files.current.as_mut().map(|(_, file)| file),
        }
    }

    fn end_x(&mut self) {
        if let Self::Files(files) = self {
            files.done.extend(files.current.take());
        }
    }

    fn write_y(&mut self, split: &str, rows: u64, layout: &Layout, labels: SpoolWriter) -> Result<()> {
        match self {
            Self::Zip { arrays, file, zip, .. } => {
                let descr = arrays.y_dtype().descr();
                let header = NpyHeader::encode(descr, &axes(rows, arrays.y_axes(layout)));
                zip_entry(zip, file, &keys(arrays.keys, split).1, arrays.packed, 0, &header)?;
            }
            Self::Tensors { .. } => {}
            Self::Files(files) => {
                let (_, name) = file_names(&files.arrays, split);
                // A layout with the labels in the rows has no file for them.
                if name.is_empty() {
                    return Ok(());
                }
                let head = y_head(&files.arrays, rows, layout);
                files.open(name, &head)?;
            }
        }
        let bytes = labels.len();
        let spool = labels.finish().map_err(temporary)?;
        let mut buffer = vec![0; bytes.min(1 << 20) as usize];
        let mut at = 0;
        while at < bytes {
            let piece = &mut buffer[..(bytes - at).min(1 << 20) as usize];
            spool.read_at(at, piece).map_err(temporary)?;
            match self.hasher() {
                Some(file) => file.append(piece)?,
                None => self.append_x(piece)?,
            }
            at += piece.len() as u64;
        }
        self.end_x();
        Ok(())
    }

    fn finish(self) -> Result<Vec<SideFile>> {
        let side = |name: String, written: super::atomic::Written| SideFile {
            name,
            bytes: written.bytes,
            blake3: written.blake3,
        };
        Ok(match self {
            Self::Zip { file, zip, name, .. } => {
                zip.finish().map_err(|error| failed(&file, error.into()))?;
                vec![side(name, file.finish_hashed()?)]
            }
            Self::Tensors { file, name } => vec![side(name, file.finish()?)],
            Self::Files(files) => {
                let mut done = Vec::new();
                for (name, file) in files.done {
                    done.push(side(name, file.finish()?));
                }
                done
            }
        })
    }
}

impl Files {
    /// Begins the next file with `head`, which is packed as the rest is.
    fn open(&mut self, name: String, head: &[u8]) -> Result<()> {
        let mut file = Pending::begin(&self.folder, &name, &self.tag)?;
        file.append(&packed(head, self.arrays.packed)?)?;
        self.current = Some((name, file));
        Ok(())
    }
}

fn failed(file: &Pending, source: io::Error) -> Fault {
    StoreError::Write { path: file.target().into(), source }.into()
}

fn axes(rows: u64, rest: Vec<usize>) -> Vec<usize> {
    std::iter::once(rows as usize).chain(rest).collect()
}

/// What a file with pixels begins with.
fn x_head(arrays: &Arrays, rows: u64, layout: &Layout) -> Vec<u8> {
    match arrays.container {
        Container::Csv(csv) => {
            let mut head = Vec::new();
            csv.header_x(layout, &mut head);
            head
        }
        Container::Idx => {
            let sides = [rows, layout.shape.height as u64, layout.shape.width as u64];
            idx_head(3, &sides)
        }
        _ => NpyHeader::encode(arrays.dtype.descr(), &axes(rows, arrays.x_axes(layout.shape))),
    }
}

/// What a file with labels begins with.
fn y_head(arrays: &Arrays, rows: u64, layout: &Layout) -> Vec<u8> {
    match arrays.container {
        Container::Csv(csv) => {
            let mut head = Vec::new();
            csv.header_y(layout, &mut head);
            head
        }
        Container::Idx => idx_head(1, &[rows]),
        _ => NpyHeader::encode(arrays.y_dtype().descr(), &axes(rows, arrays.y_axes(layout))),
    }
}

/// Two zero bytes, type 8 (unsigned bytes), the number of axes, and their lengths, big-endian.
fn idx_head(axes: u8, sides: &[u64]) -> Vec<u8> {
    let mut head = vec![0, 0, 8, axes];
    for &side in sides {
        head.extend((side as u32).to_be_bytes());
    }
    head
}

fn zip_entry(
    zip: &mut ZipWriter<File>,
    file: &Pending,
    name: &str,
    packed: Option<u8>,
    bytes: u64,
    header: &[u8],
) -> Result<()> {
    let options = SimpleFileOptions::default()
        .last_modified_time(DateTime::default())
        .unix_permissions(0o644)
        .large_file(bytes >= u64::from(u32::MAX) - (1 << 20));
    let options = match packed {
        None => options.compression_method(CompressionMethod::Stored),
        Some(level) => {
            options.compression_method(CompressionMethod::Deflated).compression_level(Some(i64::from(level)))
        }
    };
    zip.start_file(format!("{name}.npy"), options).map_err(|error| failed(file, error.into()))?;
    zip.write_all(header).map_err(|source| failed(file, source))
}

/// Renders whole splits without a disk and returns their digests, for comparing.
pub(super) fn digest(renderer: &Renderer<'_>, rows: u64, workers: &Workers<'_>) -> Result<ContentDigest> {
    let mut batch = Batch::default();
    let mut content = ContentDigest::default();
    let block = block_rows(renderer.layout()) * 8;
    for first in (0..rows).step_by(block as usize) {
        let count = block.min(rows - first) as usize;
        let rendered = workers
            .pool
            .install(|| renderer.render(first, count, &mut batch, workers.stop, workers.progress))?;
        content.add(rendered.content);
    }
    Ok(content)
}
