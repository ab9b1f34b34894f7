//! Samples from the files of a data set: chunks of pixels and labels, each opened when it is asked for, and where their origins are.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::base::sample::weights;
use crate::base::{Fault, Label, LabelKind, Object, Reader, Rect, Sample, Schema, Source};
use crate::formats::arrays::Constants;
use crate::formats::codec::spool::Ahead;
use crate::formats::ways::SplitOf;
use crate::formats::{Columns, Format, Layout, Objects, Spool, Want, Way};
use crate::sources::SourceError;
use crate::sources::leaves::error::LeafError;
use crate::store::manifest::SplitRecord;

use super::files::Files;
use super::opened::Opened;

/// Files that are kept open at the same time.
const OPEN: usize = 64;
/// Of chunks that have to be decoded at least this many are kept,
const DECODED: usize = 4;
/// and more while they are this many bytes together: an order drawn at random goes through all of a small data set again and again.
const DECODED_BYTES: u64 = 64 << 20;
/// Stored shards of so many bytes in all stay in the system's own cache, where any order is as good as another.
const CACHED_BY_SYSTEM: u64 = 1 << 30;

/// How far the weights of a sample may be from summing to 1.
const ROUNDING: f64 = 1e-3;

/// Boxes go no farther: images have no more than half as many pixels on a side, and nothing is placed farther outside.
pub(super) const FARTHEST: u32 = 1 << 24;

/// A run of samples, and the file that they are in; no name where there is none.
#[derive(Clone, Debug)]
pub(super) struct Chunk {
    pub(super) name: String,
    pub(super) first: u64,
    pub(super) rows: u64,
}

/// Where origins and objects are.
pub(super) enum Origins {
    /// In the same files.
    Within,
    /// The origin of a sample is its index.
    Index,
    /// In files of their own.
    Beside(Vec<Chunk>),
}

/// One split of a data set.
pub(super) struct StoredSplit {
    files: Arc<Files>,
    /// Those that hold the split as a whole, if any do.
    whole_files: Vec<String>,
    format: Format,
    name: String,
    /// What lies in the files,
    layout: Layout,
    /// and what lies beside them.
    layout_beside: Layout,
    schema: Schema,
    rows: u64,
    /// Source images that origins may name.
    origins_in_all: u64,
    constants: Option<Constants>,
    chunks: Vec<Chunk>,
    origins: Origins,
    /// Chunks with all of their columns,
    whole: Opened<Columns>,
    /// those with only what labels and origins are in,
    heads: Opened<Columns>,
    /// and files of origins.
    beside: Opened<Objects>,
}

impl StoredSplit {
    #[expect(clippy::too_many_arguments, reason = "it is made in one place")]
    pub(super) fn new(
        files: Arc<Files>,
        whole_files: Vec<String>,
        format: Format,
        schema: Schema,
        record: SplitRecord,
        constants: Option<Constants>,
        chunks: Vec<Chunk>,
        origins: Origins,
    ) -> Self {
        Self {
            // As it was written: an older version may have had objects of which nothing is kept.
            layout: record.within(&format),
            layout_beside: record.beside(),
            origins_in_all: record.schema.origins(),
            files,
            whole_files,
            format,
            name: record.name,
            schema,
            rows: record.rows,
            constants,
            chunks,
            origins,
            whole: Opened::default(),
            heads: Opened::default(),
            beside: Opened::default(),
        }
    }

    /// How often a chunk was opened with all of its columns.
    #[cfg(test)]
    pub(super) fn chunks_opened(&self) -> u64 {
        self.whole.opened.load(std::sync::atomic::Ordering::Relaxed)
    }

    fn is_random_access(&self) -> bool {
        match self.format.way() {
            Way::Shards(format) => format.is_random_access(),
            Way::Whole(_) | Way::Pictures(_) => false,
        }
    }

    /// How many chunks are kept open. Stored ones cost a file handle each, decoded ones memory.
    fn kept(&self) -> usize {
        if self.is_random_access() {
            return OPEN;
        }
        let rows = self.chunks.iter().map(|chunk| chunk.rows).max().unwrap_or(0);
        let bytes = (rows * self.layout.bytes() as u64).max(1);
        DECODED.max((DECODED_BYTES / bytes).min(OPEN as u64) as usize)
    }

    /// The columns of a chunk. What is compressed is decoded to memory or a temporary file.
    fn chunk(&self, number: usize) -> Result<Arc<Columns>, Fault> {
        self.whole.get(number, self.kept(), || self.open(&self.chunks[number], Want::All))
    }

    /// Labels, and origins where they are in the same file, of a chunk.
    fn head(&self, number: usize) -> Result<Arc<Columns>, Fault> {
        match self.format.way() {
            Way::Shards(_) => self.heads.get(number, OPEN, || self.open(&self.chunks[number], Want::Labels)),
            Way::Whole(_) | Way::Pictures(_) => self.chunk(number),
        }
    }

    fn open(&self, chunk: &Chunk, want: Want) -> Result<Columns, Fault> {
        let path = self.files.folder().join(&chunk.name);
        let columns = match self.format.way() {
            Way::Shards(format) => {
                format.decode(&self.files.sound(&chunk.name)?, &self.layout, chunk.rows, want)?
            }
            Way::Whole(format) => {
                for name in &self.whole_files {
                    self.files.sound(name)?;
                }
                let split = SplitOf { name: &self.name, rows: self.rows, layout: &self.layout };
                format.open(self.files.folder(), &split, self.constants.as_ref())?
            }
            Way::Pictures(_) => unreachable!("pictures are a source of their own"),
        };
        self.check_labels(&columns.y, chunk.rows, &path)?;
        Ok(columns)
    }

    /// Refuses labels that are no classes, before anything is counted by them.
    fn check_labels(&self, y: &Spool, rows: u64, path: &Path) -> Result<(), Fault> {
        let most = match self.layout.labels {
            LabelKind::Class => self.layout.classes,
            LabelKind::MultiHot => 2,
            LabelKind::Soft => return self.check_weights(y, rows, path),
        };
        let length = rows * self.layout.y() as u64;
        let mut piece = vec![0; length.min(1 << 16) as usize];
        let mut at = 0;
        while at < length {
            let piece = &mut piece[..(length - at).min(1 << 16) as usize];
            y.read_at(at, piece).map_err(|source| SourceError::Read { path: path.into(), source })?;
            if let Some(place) = piece.iter().position(|&label| usize::from(label) >= most) {
                let (row, found) = ((at + place as u64) / self.layout.y() as u64, piece[place]);
                return Err(LeafError::StoredLabel { path: path.into(), most: most - 1, found, row }.into());
            }
            at += piece.len() as u64;
        }
        Ok(())
    }

    /// Refuses weights that are no shares of a whole.
    fn check_weights(&self, y: &Spool, rows: u64, path: &Path) -> Result<(), Fault> {
        let width = self.layout.y();
        let at_once = (1 << 16) / width.max(1) as u64 + 1;
        let mut piece = Vec::new();
        for first in (0..rows).step_by(at_once as usize) {
            piece.resize(at_once.min(rows - first) as usize * width, 0);
            y.read_at(first * width as u64, &mut piece)
                .map_err(|source| SourceError::Read { path: path.into(), source })?;
            for (row, weights_of) in (first..).zip(piece.chunks_exact(width)) {
                let (mut sum, mut fit) = (0.0, true);
                for weight in weights(weights_of) {
                    fit &= (0.0..=1.0).contains(&weight);
                    sum += f64::from(weight);
                }
                if !fit || (sum - 1.0).abs() > ROUNDING {
                    let found = if fit { format!("a sum of {sum}") } else { "others".to_owned() };
                    let expected = "weights from 0 to 1 that sum to 1".to_owned();
                    return Err(LeafError::StoredValue { path: path.into(), expected, found, row }.into());
                }
            }
        }
        Ok(())
    }

    /// The label that a row of `y` says.
    fn label(&self, row: &[u8]) -> Label {
        Label::of_row(self.layout.labels, row)
    }
}

/// The run that sample `index` is in.
fn run_of(runs: &[Chunk], index: u64) -> usize {
    runs.partition_point(|run| run.first <= index).saturating_sub(1)
}

impl Source for StoredSplit {
    fn len(&self) -> u64 {
        self.rows
    }

    fn schema(&self) -> &Schema {
        &self.schema
    }

    fn stretches(&self) -> Option<Vec<u64>> {
        // As many chunks as are kept open are as good as one; and what the system keeps in memory can be read in any order.
        let cheap = if self.is_random_access() {
            self.chunks.len() <= OPEN && self.rows * self.layout.bytes() as u64 <= CACHED_BY_SYSTEM
        } else {
            self.chunks.len() <= self.kept()
        };
        (!cheap).then(|| self.chunks.iter().map(|chunk| chunk.first).collect())
    }

    fn reader(&self) -> Box<dyn Reader + '_> {
        Box::new(StoredReader {
            of: self,
            whole: Cursor::default(),
            head: Cursor::default(),
            beside: Cursor::default(),
            room: Vec::new(),
        })
    }
}

/// One worker's place in runs of samples: what is open there, and rows of its columns that were fetched ahead.
struct Cursor<T> {
    current: Option<(usize, Arc<T>)>,
    /// The index that would continue the last one.
    next: u64,
    ahead: Columnwise,
}

/// Rows of the columns of a run.
#[derive(Default)]
struct Columnwise {
    x: Ahead,
    y: Ahead,
    origin: Ahead,
    cells: Ahead,
    boxes: Ahead,
    cell_boxes: Ahead,
    mask: Ahead,
    truth: Vec<Ahead>,
}

impl<T> Default for Cursor<T> {
    fn default() -> Self {
        Self { current: None, next: u64::MAX, ahead: Columnwise::default() }
    }
}

/// Which row of which run.
#[derive(Clone, Copy)]
struct Place<'a> {
    of: &'a StoredSplit,
    run: &'a Chunk,
    row: u64,
    in_order: bool,
}

impl<T> Cursor<T> {
    /// Moves to sample `index`, which is in one of the `runs`.
    fn seek<'a>(
        &mut self,
        of: &'a StoredSplit,
        runs: &'a [Chunk],
        index: u64,
        open: impl FnOnce(usize) -> Result<Arc<T>, Fault>,
    ) -> Result<(Place<'a>, Arc<T>, &mut Columnwise), Fault> {
        let number = run_of(runs, index);
        let opened = match &self.current {
            Some((current, opened)) if *current == number => Arc::clone(opened),
            _ => {
                self.ahead = Columnwise::default();
                let opened = open(number)?;
                self.current = Some((number, Arc::clone(&opened)));
                opened
            }
        };
        let in_order = index == self.next;
        self.next = index + 1;
        let run = &runs[number];
        Ok((Place { of, run, row: index - run.first, in_order }, opened, &mut self.ahead))
    }
}

impl Place<'_> {
    /// The file that the run is in.
    fn path(self) -> PathBuf {
        self.of.files.folder().join(&self.run.name)
    }

    /// A source image's number, which must be one of those that there are.
    fn origin(self, bytes: [u8; 8]) -> Result<u64, Fault> {
        let (found, images) = (i64::from_le_bytes(bytes), self.of.origins_in_all);
        match u64::try_from(found) {
            Ok(origin) if origin < images => Ok(origin),
            _ => Err(self.wrong(&format!("an origin from 0 to {}", images.saturating_sub(1)), found)),
        }
    }

    /// The error about a value that cannot be.
    fn wrong(self, expected: &str, found: impl std::fmt::Display) -> Fault {
        LeafError::StoredValue {
            path: self.path(),
            expected: expected.to_owned(),
            found: found.to_string(),
            row: self.row,
        }
        .into()
    }

    /// A box, which must be one of numbers that can be computed with.
    fn rect(self, bytes: &[u8; 16]) -> Result<Rect, Fault> {
        let rect = rect(bytes);
        match rect.to_array().into_iter().find(|value| value.unsigned_abs() > FARTHEST) {
            None => Ok(rect),
            Some(found) => Err(self.wrong(&format!("boxes from -{FARTHEST} to {FARTHEST}"), found)),
        }
    }

    /// The row of a column, `width` bytes wide.
    fn row<'a>(self, ahead: &'a mut Ahead, from: &Spool, width: usize) -> Result<&'a [u8], Fault> {
        let row = ahead.row(from, self.row, self.run.rows, width, self.in_order);
        Ok(row.map_err(|source| SourceError::Read { path: self.path(), source })?)
    }

    /// The origin of the sample, or those of the objects in its cells.
    fn origins(
        self,
        ahead: &mut Columnwise,
        objects: &Objects,
        take: &mut dyn FnMut(u64),
    ) -> Result<(), Fault> {
        let layout = &self.of.layout;
        let origins = self.row(&mut ahead.origin, &objects.origin, 8 * layout.origin())?.as_chunks::<8>().0;
        let Some([classes, ..]) = &objects.grid else {
            for &bytes in origins {
                take(self.origin(bytes)?);
            }
            return Ok(());
        };
        let classes = self.row(&mut ahead.cells, classes, 2 * layout.cells())?.as_chunks::<2>().0;
        let shown = origins.iter().zip(classes).filter(|(_, class)| i16::from_le_bytes(**class) >= 0);
        for (&bytes, _) in shown {
            take(self.origin(bytes)?);
        }
        Ok(())
    }

    /// Reads truth, in place of what is in `truth`.
    fn truth(self, ahead: &mut Columnwise, columns: &[Spool], truth: &mut Vec<i64>) -> Result<(), Fault> {
        truth.clear();
        ahead.truth.resize_with(columns.len(), Ahead::default);
        for (column, ahead) in columns.iter().zip(&mut ahead.truth) {
            let value = self.row(ahead, column, 8)?;
            truth.extend(value.as_chunks::<8>().0.iter().map(|bytes| i64::from_le_bytes(*bytes)));
        }
        Ok(())
    }

    /// Reads the mask into a sample that has none.
    fn mask(self, ahead: &mut Columnwise, masks: &Spool, sample: &mut Sample) -> Result<(), Fault> {
        let layout = &self.of.layout;
        let mask = self.row(&mut ahead.mask, masks, layout.shape.pixels())?;
        if let Some(found) = mask.iter().find(|id| usize::from(**id) > layout.cells()) {
            return Err(self.wrong(&format!("masks of up to {} cells", layout.cells()), found));
        }
        sample.mask.extend_from_slice(mask);
        Ok(())
    }

    /// Reads origin, objects, and truth that lies with them, into a sample that has none of these.
    fn objects(self, ahead: &mut Columnwise, objects: &Objects, sample: &mut Sample) -> Result<(), Fault> {
        let layout = &self.of.layout;
        if !objects.truth.is_empty() {
            self.truth(ahead, &objects.truth, &mut sample.truth)?;
        }
        let origins = self.row(&mut ahead.origin, &objects.origin, 8 * layout.origin())?.as_chunks::<8>().0;
        let Some([classes, tight, area]) = &objects.grid else {
            sample.origin = self.origin(origins[0])?;
            return Ok(());
        };
        let cells = layout.cells();
        let classes = self.row(&mut ahead.cells, classes, 2 * cells)?.as_chunks::<2>().0;
        let tight = self.row(&mut ahead.boxes, tight, 16 * cells)?.as_chunks::<16>().0;
        let area = self.row(&mut ahead.cell_boxes, area, 16 * cells)?.as_chunks::<16>().0;
        for cell in 0..cells {
            let found = i16::from_le_bytes(classes[cell]);
            if found < 0 {
                continue;
            }
            let Some(class) = u8::try_from(found).ok().filter(|class| usize::from(*class) < layout.classes)
            else {
                return Err(self.wrong(&format!("classes below {}", layout.classes), found));
            };
            let (tight, area) = (self.rect(&tight[cell])?, self.rect(&area[cell])?);
            let origin = self.origin(origins[cell])?;
            sample.objects.push(Object { class, cell, origin, tight, area });
        }
        if let Some(mask) = &objects.mask {
            self.mask(ahead, mask, sample)?;
        }
        sample.origin = sample.objects.first().map_or(0, |object| object.origin);
        Ok(())
    }
}

/// One worker's access to a split.
struct StoredReader<'a> {
    of: &'a StoredSplit,
    whole: Cursor<Columns>,
    /// The same without pixels, for those who ask for labels and origins only.
    head: Cursor<Columns>,
    /// Origins and objects in files of their own.
    beside: Cursor<Objects>,
    /// Room for the truth of a sample.
    room: Vec<i64>,
}

impl Reader for StoredReader<'_> {
    fn read(&mut self, index: u64, sample: &mut Sample) -> Result<(), Fault> {
        let of = self.of;
        let layout = &of.layout;
        sample.begin(index);
        let (place, columns, ahead) = self.whole.seek(of, &of.chunks, index, |number| of.chunk(number))?;
        let pixels = sample.canvas.reset(layout.shape);
        pixels.copy_from_slice(place.row(&mut ahead.x, &columns.x, layout.shape.bytes())?);
        let label = place.row(&mut ahead.y, &columns.y, layout.y())?;
        sample.label = of.label(label);
        if layout.labels == LabelKind::Soft {
            sample.soft.extend(weights(label));
        }
        if !columns.truth.is_empty() {
            place.truth(ahead, &columns.truth, &mut sample.truth)?;
        }
        if let Some(masks) = &columns.mask {
            place.mask(ahead, masks, sample)?;
        }
        match (&of.origins, &columns.objects) {
            (Origins::Within, Some(objects)) => place.objects(ahead, objects, sample),
            (Origins::Beside(runs), _) if !runs[run_of(runs, index)].name.is_empty() => {
                let (place, objects, ahead) =
                    self.beside.seek(of, runs, index, |number| of.objects(runs, number))?;
                place.objects(ahead, &objects, sample)
            }
            (Origins::Beside(_), _) if !of.layout_beside.truth.is_empty() => {
                Err(place.wrong("truth beside the file", "none"))
            }
            (Origins::Within | Origins::Index | Origins::Beside(_), _) => Ok(()),
        }
    }

    fn truth(&mut self, index: u64, truth: &mut Vec<i64>) -> Result<(), Fault> {
        let of = self.of;
        truth.clear();
        if of.schema.truth.is_empty() {
            return Ok(());
        }
        if !of.layout.truth.is_empty() {
            let (place, columns, ahead) = self.head.seek(of, &of.chunks, index, |number| of.head(number))?;
            // In columns of its own, or with origins and objects.
            return match &columns.objects {
                Some(objects) if columns.truth.is_empty() => place.truth(ahead, &objects.truth, truth),
                Some(_) | None => place.truth(ahead, &columns.truth, truth),
            };
        }
        match &of.origins {
            Origins::Beside(runs) if !runs[run_of(runs, index)].name.is_empty() => {
                let (place, objects, ahead) =
                    self.beside.seek(of, runs, index, |number| of.objects(runs, number))?;
                place.truth(ahead, &objects.truth, truth)
            }
            Origins::Within | Origins::Index | Origins::Beside(_) => Ok(()),
        }
    }

    fn label(&mut self, index: u64) -> Result<Label, Fault> {
        let of = self.of;
        let (place, columns, ahead) = self.head.seek(of, &of.chunks, index, |number| of.head(number))?;
        Ok(of.label(place.row(&mut ahead.y, &columns.y, of.layout.y())?))
    }

    fn origins(&mut self, index: u64, origins: &mut Vec<u64>) -> Result<(), Fault> {
        let of = self.of;
        let mut take = |origin| origins.push(origin);
        match &of.origins {
            Origins::Within => {
                let (place, columns, ahead) =
                    self.head.seek(of, &of.chunks, index, |number| of.head(number))?;
                match &columns.objects {
                    Some(objects) => place.origins(ahead, objects, &mut take)?,
                    None => take(index),
                }
            }
            Origins::Beside(runs) if !runs[run_of(runs, index)].name.is_empty() => {
                let (place, objects, ahead) =
                    self.beside.seek(of, runs, index, |number| of.objects(runs, number))?;
                place.origins(ahead, &objects, &mut take)?;
            }
            Origins::Index | Origins::Beside(_) => take(index),
        }
        if let Some(column) = of.schema.partner() {
            let mut truth = std::mem::take(&mut self.room);
            self.truth(index, &mut truth)?;
            origins.extend(u64::try_from(truth[column]));
            self.room = truth;
        }
        Ok(())
    }
}

impl StoredSplit {
    fn objects(&self, runs: &[Chunk], number: usize) -> Result<Arc<Objects>, Fault> {
        let Chunk { name, rows, .. } = &runs[number];
        self.beside
            .get(number, OPEN, || Ok(Objects::open(&self.files.sound(name)?, &self.layout_beside, *rows)?))
    }
}

fn rect(bytes: &[u8; 16]) -> Rect {
    let number = |i: usize| i32::from_le_bytes([bytes[i], bytes[i + 1], bytes[i + 2], bytes[i + 3]]);
    Rect { x0: number(0), y0: number(4), x1: number(8), y1: number(12) }
}
