//! Samples of a source in another order, laid down in that order first.
//!
//! Packed shards can only be unpacked from their beginning. To fetch their samples one by one in an order drawn at random would unpack a
//! shard for every sample. This node reads its source once, stretch by stretch, and puts each sample into the bucket of its new place: a
//! bucket is a range of places of about the size of a shard. Later a bucket is loaded as a whole when its range is read. Both passes are
//! linear in the number of samples, and neither needs more memory than a few buckets and a buffer for each:
//!
//! * buckets share one temporary file without a name (in `TMPDIR`), as large as the samples are unpacked, which goes with the node;
//! * each has a buffer in memory, 48 MiB in all; a full one is appended to the file, and the bucket remembers where;
//! * a few loaded buckets are kept for all readers together.
//!
//! Nothing is laid down before the first sample is read, and nothing at all where only labels or origins are asked for.

use std::fs::File;
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::base::{
    Channels, Explain, Fault, Kind, Label, Object, Reader, Rect, Sample, Schema, Shape, Source, Told, Unit,
    Watch,
};
use crate::formats::{Layout, Spool};

/// Memory for samples that are not in the file yet, all buckets together.
const BUFFERS: u64 = 48 << 20;
/// Sizes of a bucket.
const BUCKET: std::ops::RangeInclusive<u64> = 1 << 20..=32 << 20;
/// About so many buckets are made, if their sizes allow.
const BUCKETS: u64 = 512;
/// Samples between two looks at whether to go on.
const STRIDE: u64 = 256;
/// A place that no sample has.
const NOWHERE: u32 = u32::MAX;

/// The samples of a source in the order of a list of indexes, none of which occurs twice.
pub struct Arranged {
    of: Arc<dyn Source>,
    order: Vec<u32>,
    /// Places in a bucket.
    bucket: usize,
    laid: Mutex<Laid>,
    watch: Watch,
}

#[derive(Clone)]
enum Laid {
    NotYet,
    Down(Arc<Buckets>),
    Failed(ArrangeError),
}

/// Why samples could not be laid down; said to every reader.
#[derive(Clone, Debug, thiserror::Error)]
enum ArrangeError {
    /// A sample could not be read.
    #[error(transparent)]
    Source(Arc<Fault>),
    /// There is no room, or the file is gone.
    #[error("a temporary file in {}: cannot be written or read", .folder.display())]
    File { folder: PathBuf, source: Arc<io::Error> },
}

impl Explain for ArrangeError {
    fn kind(&self) -> Kind {
        match self {
            Self::Source(fault) => fault.kind(),
            Self::File { .. } => Kind::CannotWrite,
        }
    }

    fn help(&self) -> Option<String> {
        match self {
            Self::Source(fault) => fault.help(),
            Self::File { .. } => Some(
                "shuffling packed shards takes as much room as they have unpacked; name a folder that has it with the variable TMPDIR".into(),
            ),
        }
    }
}

impl From<Fault> for ArrangeError {
    fn from(fault: Fault) -> Self {
        Self::Source(Arc::new(fault))
    }
}

impl ArrangeError {
    fn file(error: io::Error) -> Self {
        Self::File { folder: std::env::temp_dir(), source: Arc::new(error) }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Arranged {
    /// Sample `k` is sample `order[k]` of `of`.
    ///
    /// # Panics
    /// If `of` has no such sample.
    #[must_use]
    pub fn new(of: Arc<dyn Source>, order: Vec<u32>, watch: Watch) -> Self {
        assert!(order.iter().all(|&index| u64::from(index) < of.len()), "indexes are below the length");
        let bytes = record_bytes(of.schema());
        let size = (order.len() as u64 * bytes / BUCKETS).clamp(*BUCKET.start(), *BUCKET.end());
        Self { of, order, bucket: (size / bytes).max(1) as usize, laid: Mutex::new(Laid::NotYet), watch }
    }

    /// The buckets, filled by whoever asks first while the others wait.
    fn buckets(&self) -> Result<Arc<Buckets>, Fault> {
        let mut laid = lock(&self.laid);
        if matches!(*laid, Laid::NotYet) {
            *laid = match self.lay_down() {
                Ok(buckets) => Laid::Down(Arc::new(buckets)),
                Err(error) => Laid::Failed(error),
            };
        }
        match &*laid {
            Laid::Down(buckets) => Ok(Arc::clone(buckets)),
            Laid::Failed(error) => Err(error.clone().into()),
            Laid::NotYet => unreachable!("it was laid down or failed just now"),
        }
    }

    /// Reads every stretch of the source once and puts its samples where they belong.
    fn lay_down(&self) -> Result<Buckets, ArrangeError> {
        let mut place_of = vec![NOWHERE; self.of.len() as usize];
        for (place, &index) in (0..).zip(&self.order) {
            place_of[index as usize] = place;
        }
        let mut starts = self.of.stretches().unwrap_or_else(|| vec![0]);
        starts.push(self.of.len());
        let jobs: Vec<_> = starts.windows(2).map(|pair| pair[0]..pair[1]).collect();
        let threads = rayon::current_num_threads().clamp(1, jobs.len().max(1));
        let count = self.order.len().div_ceil(self.bucket);
        let pile = Pile {
            file: Mutex::new((tempfile::tempfile().map_err(ArrangeError::file)?, 0)),
            buckets: (0..count).map(|_| Mutex::default()).collect(),
            buffer: (BUFFERS / count.max(1) as u64).clamp(16 << 10, 1 << 20) as usize,
        };
        let pass = self.watch.pass("shuffling", Unit::Images, Some(self.order.len() as u64));
        let (next, failed) = (AtomicUsize::new(0), AtomicBool::new(false));
        // Threads of its own: a worker of the pool that waits for others to finish takes up other work, which would wait for this.
        let work = || -> Result<(), ArrangeError> {
            let mut reader = self.of.reader();
            let (mut sample, mut record) = (Sample::default(), Vec::new());
            let mut put = 0;
            while let Some(job) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
                for index in job.clone() {
                    let place = place_of[index as usize];
                    if place == NOWHERE {
                        continue;
                    }
                    if failed.load(Ordering::Relaxed) {
                        return Ok(());
                    }
                    put += 1;
                    if put % STRIDE == 0 {
                        pass.check().map_err(Fault::from)?;
                        pass.add(STRIDE);
                    }
                    reader.read(index, &mut sample)?;
                    encode((place as usize % self.bucket) as u32, &sample, &mut record);
                    pile.put(place as usize / self.bucket, &record).map_err(ArrangeError::file)?;
                }
            }
            Ok(())
        };
        let guarded = || work().inspect_err(|_| failed.store(true, Ordering::Relaxed));
        let done: Vec<Result<(), ArrangeError>> = std::thread::scope(|scope| {
            let workers: Vec<_> = (0..threads).map(|_| scope.spawn(guarded)).collect();
            workers
                .into_iter()
                .map(|worker| worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
                .collect()
        });
        done.into_iter().collect::<Result<(), _>>()?;
        pile.finish(self.bucket, 2 * threads.max(2)).map_err(ArrangeError::file)
    }
}

/// About what a sample takes in a bucket.
fn record_bytes(schema: &Schema) -> u64 {
    (Layout::of(schema).bytes() + 64) as u64
}

/// Buckets in the making.
struct Pile {
    /// The file, and its length.
    file: Mutex<(File, u64)>,
    buckets: Vec<Mutex<Filling>>,
    /// Bytes of a bucket that are kept in memory.
    buffer: usize,
}

#[derive(Default)]
struct Filling {
    /// Where in the file its pieces lie: offset and length.
    pieces: Vec<(u64, usize)>,
    buffer: Vec<u8>,
}

impl Pile {
    fn put(&self, bucket: usize, record: &[u8]) -> io::Result<()> {
        let mut filling = lock(&self.buckets[bucket]);
        if filling.buffer.len() + record.len() > self.buffer {
            self.append(&mut filling)?;
        }
        filling.buffer.extend_from_slice(record);
        Ok(())
    }

    fn append(&self, filling: &mut Filling) -> io::Result<()> {
        if filling.buffer.is_empty() {
            return Ok(());
        }
        let mut file = lock(&self.file);
        file.0.write_all(&filling.buffer)?;
        filling.pieces.push((file.1, filling.buffer.len()));
        file.1 += filling.buffer.len() as u64;
        filling.buffer.clear();
        Ok(())
    }

    fn finish(self, places: usize, kept: usize) -> io::Result<Buckets> {
        for bucket in &self.buckets {
            let mut filling = lock(bucket);
            self.append(&mut filling)?;
            filling.buffer = Vec::new();
        }
        let (file, _) = self.file.into_inner().unwrap_or_else(PoisonError::into_inner);
        let pieces = self
            .buckets
            .into_iter()
            .map(|bucket| bucket.into_inner().unwrap_or_else(PoisonError::into_inner).pieces)
            .collect();
        Ok(Buckets {
            file: Spool::File { file: Arc::new(file), start: 0 },
            pieces,
            places,
            kept,
            loaded: Mutex::default(),
        })
    }
}

/// Filled buckets.
struct Buckets {
    file: Spool,
    pieces: Vec<Vec<(u64, usize)>>,
    /// Places in a bucket.
    places: usize,
    /// Number of loaded buckets that are kept.
    kept: usize,
    /// Loaded ones, the one that was used last at the end.
    loaded: Mutex<Vec<(usize, Loading)>>,
}

/// A bucket, locked while it is loaded.
type Loading = Arc<Mutex<Option<Arc<Loaded>>>>;

/// One bucket in memory.
struct Loaded {
    bytes: Vec<u8>,
    /// Where in `bytes` the record of each place begins.
    records: Vec<usize>,
}

impl Buckets {
    fn bucket(&self, number: usize) -> io::Result<Arc<Loaded>> {
        let slot = {
            let mut loaded = lock(&self.loaded);
            let known = loaded.iter().position(|(own, _)| *own == number);
            let slot = known.map_or_else(|| (number, Loading::default()), |at| loaded.remove(at));
            while loaded.len() >= self.kept {
                loaded.remove(0);
            }
            loaded.push((number, Arc::clone(&slot.1)));
            slot.1
        };
        let mut slot = lock(&slot);
        if let Some(bucket) = &*slot {
            return Ok(Arc::clone(bucket));
        }
        let bucket = Arc::new(self.load(number)?);
        *slot = Some(Arc::clone(&bucket));
        Ok(bucket)
    }

    fn load(&self, number: usize) -> io::Result<Loaded> {
        let pieces = &self.pieces[number];
        let mut bytes = vec![0; pieces.iter().map(|(_, length)| length).sum()];
        let mut rest = &mut bytes[..];
        for (offset, length) in pieces {
            let (piece, others) = rest.split_at_mut(*length);
            self.file.read_at(*offset, piece)?;
            rest = others;
        }
        let mut records = vec![usize::MAX; self.places];
        let mut at = 0;
        while at < bytes.len() {
            let mut head = Fields(&bytes[at..]);
            let (place, length) = (head.u32()?, head.u32()?);
            *records.get_mut(place as usize).ok_or(io::ErrorKind::InvalidData)? = at;
            at += length as usize;
        }
        Ok(Loaded { bytes, records })
    }
}

/// A sample as bytes: place in the bucket, length of all, then what makes it up.
fn encode(place: u32, sample: &Sample, out: &mut Vec<u8>) {
    out.clear();
    out.extend(place.to_le_bytes());
    out.extend([0; 4]);
    let shape = sample.canvas.shape();
    for side in [shape.height, shape.width, shape.channels()] {
        out.extend((side as u32).to_le_bytes());
    }
    match sample.label {
        Label::Class(class) => out.extend([0, class]),
        Label::MultiHot(bits) => {
            out.push(1);
            out.extend(bits.iter().flat_map(|word| word.to_le_bytes()));
        }
    }
    out.extend(sample.origin.to_le_bytes());
    out.extend((sample.objects.len() as u32).to_le_bytes());
    for object in &sample.objects {
        out.extend(u32::from(object.class).to_le_bytes());
        out.extend((object.cell as u32).to_le_bytes());
        out.extend(object.origin.to_le_bytes());
        for side in object.tight.to_array().into_iter().chain(object.area.to_array()) {
            out.extend(side.to_le_bytes());
        }
    }
    out.extend((sample.truth.len() as u32).to_le_bytes());
    out.extend(sample.truth.iter().flat_map(|value| value.to_le_bytes()));
    out.extend((sample.soft.len() as u32).to_le_bytes());
    out.extend(sample.soft.iter().flat_map(|weight| weight.to_le_bytes()));
    out.extend((sample.mask.len() as u32).to_le_bytes());
    out.extend(&sample.mask);
    out.extend(sample.canvas.pixels());
    let length = out.len() as u32;
    out[4..8].copy_from_slice(&length.to_le_bytes());
}

/// The inverse of [`encode`].
fn decode(record: &[u8], sample: &mut Sample) -> io::Result<()> {
    let mut from = Fields(record);
    let _place = from.u32()?;
    let length = from.u32()? as usize;
    from.0 = record.get(8..length).ok_or(io::ErrorKind::UnexpectedEof)?;
    let mut side = || from.u32().map(|side| side as usize);
    let (height, width, channels) = (side()?, side()?, side()?);
    let kind = Channels::of(channels).ok_or(io::ErrorKind::InvalidData)?;
    let shape = Shape::new(height, width, kind);
    sample.label = match from.take::<1>()? {
        [0] => Label::Class(u8::from_le_bytes(from.take()?)),
        _ => Label::MultiHot([from.u64()?, from.u64()?, from.u64()?, from.u64()?]),
    };
    sample.begin(from.u64()?);
    let objects = from.u32()?;
    for _ in 0..objects {
        let (class, cell, origin) = (from.u32()? as u8, from.u32()? as usize, from.u64()?);
        let (tight, area) = (from.rect()?, from.rect()?);
        sample.objects.push(Object { class, cell, origin, tight, area });
    }
    for _ in 0..from.u32()? {
        sample.truth.push(i64::from_le_bytes(from.take()?));
    }
    for _ in 0..from.u32()? {
        sample.soft.push(f32::from_le_bytes(from.take()?));
    }
    let mask = from.u32()? as usize;
    let (mask, rest) = from.0.split_at_checked(mask).ok_or(io::ErrorKind::UnexpectedEof)?;
    sample.mask.extend_from_slice(mask);
    from.0 = rest;
    let pixels = sample.canvas.reset(shape);
    if pixels.len() != from.0.len() {
        return Err(io::ErrorKind::InvalidData.into());
    }
    pixels.copy_from_slice(from.0);
    Ok(())
}

/// Bytes from which numbers are taken.
struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    fn take<const N: usize>(&mut self) -> io::Result<[u8; N]> {
        let (head, rest) = self.0.split_first_chunk().ok_or(io::ErrorKind::UnexpectedEof)?;
        self.0 = rest;
        Ok(*head)
    }

    fn u32(&mut self) -> io::Result<u32> {
        self.take().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> io::Result<u64> {
        self.take().map(u64::from_le_bytes)
    }

    fn rect(&mut self) -> io::Result<Rect> {
        let mut side = || self.take().map(i32::from_le_bytes);
        Ok(Rect { x0: side()?, y0: side()?, x1: side()?, y1: side()? })
    }
}

impl Source for Arranged {
    fn len(&self) -> u64 {
        self.order.len() as u64
    }

    fn schema(&self) -> &Schema {
        self.of.schema()
    }

    fn shapes(&self) -> Vec<Shape> {
        self.of.shapes()
    }

    fn stretches(&self) -> Option<Vec<u64>> {
        Some((0..self.order.len()).step_by(self.bucket).map(|place| place as u64).collect())
    }

    fn reader(&self) -> Box<dyn Reader + '_> {
        Box::new(ArrangedReader { arranged: self, buckets: None, of: None })
    }
}

struct ArrangedReader<'a> {
    arranged: &'a Arranged,
    buckets: Option<Arc<Buckets>>,
    /// For everything but samples as such.
    of: Option<Box<dyn Reader + 'a>>,
}

impl<'a> ArrangedReader<'a> {
    /// A reader of the source, and the index there.
    fn direct(&mut self, index: u64) -> (&mut (dyn Reader + 'a), u64) {
        let arranged = self.arranged;
        let of = self.of.get_or_insert_with(|| arranged.of.reader());
        (of.as_mut(), u64::from(arranged.order[index as usize]))
    }
}

impl Reader for ArrangedReader<'_> {
    fn read(&mut self, index: u64, sample: &mut Sample) -> Result<(), Fault> {
        let places = self.arranged.bucket;
        let buckets = match &self.buckets {
            Some(buckets) => buckets,
            None => self.buckets.insert(self.arranged.buckets()?),
        };
        let (number, place) = (index as usize / places, index as usize % places);
        let mut fetch = || {
            // Not kept: how many buckets are in memory is to depend on their cache alone.
            let bucket = buckets.bucket(number)?;
            let record = bucket.bytes.get(bucket.records[place]..).ok_or(io::ErrorKind::InvalidData)?;
            decode(record, sample)
        };
        fetch().map_err(|error| ArrangeError::file(error).into())
    }

    fn label(&mut self, index: u64) -> Result<Label, Fault> {
        let (of, index) = self.direct(index);
        of.label(index)
    }

    fn origins(&mut self, index: u64, origins: &mut Vec<u64>) -> Result<(), Fault> {
        let (of, index) = self.direct(index);
        of.origins(index, origins)
    }

    fn explain(
        &mut self,
        index: u64,
        sample: &mut Sample,
        tell: &mut dyn FnMut(Told<'_>),
    ) -> Result<(), Fault> {
        let (of, index) = self.direct(index);
        of.explain(index, sample, tell)
    }
}
