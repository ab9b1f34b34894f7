//! A data set that this program has written, as a source.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::base::{
    DataSet, Fault, Input, Label, LabelKind, Object, Reader, Rect, Root, Sample, Schema, Source, Split,
};
use crate::formats::arrays::Constants;
use crate::formats::npz::Npz;
use crate::formats::{Layout, Spool, SpoolWriter, csv};
use crate::store::manifest::{Format, LICENSES, MANIFEST, Manifest, Shard, is_inside};

use super::SourceError;
use super::picture_shards::PictureSplit;

/// Shards that are kept open at the same time.
const OPEN: usize = 64;
/// Of shards that have to be unpacked at least this many are kept,
const UNPACKED: usize = 4;
/// and more while they are this many bytes together: an order drawn at random goes through all of a small data set again and again.
const UNPACKED_BYTES: u64 = 64 << 20;
/// Stored shards of so many bytes in all stay in the system's own cache, where any order is as good as another.
const CACHED_BY_SYSTEM: u64 = 1 << 30;
/// Bytes that a reader fetches ahead when it is read in order.
const AHEAD: u64 = 64 << 10;

/// Whether a folder holds a data set.
#[must_use]
pub fn is_shard_folder(folder: &Path) -> bool {
    folder.join(MANIFEST).is_file()
        // Files of whole splits are read as anybody's.
        && !Manifest::read(folder).is_ok_and(|manifest| !manifest.format.is_sharded())
}

/// Whether what this program wrote to a folder can be read back, if it wrote anything.
///
/// # Errors
/// If it cannot: the format is for other programs, or its pixels were scaled.
pub fn check_readable(folder: &Path) -> Result<(), Fault> {
    let Ok(manifest) = Manifest::read(folder) else { return Ok(()) };
    let help = "read what it was made from; its manifest.json names it, and `mnistaug verify --rebuild` makes it again";
    let no = |why: String| SourceError::Mismatch(format!("{}: {why}", folder.display()), Some(help.into()));
    if !manifest.format.is_readable() {
        return Err(no(format!("it holds {} files, which are not read", manifest.format.name())).into());
    }
    let is_unit =
        |c: &Constants| c.subtract.iter().all(|v| *v == 0.0) && c.divide.iter().all(|v| *v == 255.0);
    if manifest.constants.as_ref().is_some_and(|constants| !is_unit(constants)) {
        return Err(
            no("its values are no pixels any more: they were scaled by what the images hold".into()).into()
        );
    }
    Ok(())
}

/// A sentence that says that origins of what lies at `path` are not known, if this program wrote it in a format that has no room for
/// them, of images that have others in common.
#[must_use]
pub fn lost_origins(path: &Path) -> Option<String> {
    let manifest = Manifest::read(path).ok()?;
    let recipe = manifest.recipe.to_string();
    let copies = ["\"augment\":", "\"colorize\":", "\"quadrant\":", "\"concat\":"]
        .iter()
        .any(|node| recipe.contains(node))
        || manifest.splits.iter().any(|split| split.schema.origins() < split.rows);
    (!manifest.format.keeps_origins() && copies).then(|| {
        format!(
            "{}: it was written as {}, which does not keep the source image of each sample",
            path.display(),
            manifest.format.name()
        )
    })
}

/// Opens the splits of a folder for which `wanted` is true. Returns the names of all splits, too.
///
/// # Errors
/// If the manifest cannot be read, or names shards outside the folder.
pub fn open_folder(folder: &Path, wanted: &dyn Fn(&str) -> bool) -> Result<(DataSet, Vec<String>), Fault> {
    let manifest = Manifest::read(folder)?;
    let names = manifest.splits.iter().map(|split| split.name.clone()).collect();
    let mut data = DataSet { licenses: manifest.licenses, ..DataSet::default() };
    for record in manifest.splits {
        if !wanted(&record.name) {
            continue;
        }
        if let Some(shard) = record.shards.iter().find(|shard| !is_inside(&shard.name)) {
            return Err(SourceError::Mismatch(
                format!(
                    "{}: the shard {:?} lies outside the folder",
                    folder.join(MANIFEST).display(),
                    shard.name
                ),
                None,
            )
            .into());
        }
        let content = record.content.unwrap_or_default().to_string();
        data.inputs.push(Input {
            role: format!("{} shards", record.name),
            path: folder.to_string_lossy().into_owned(),
            digest: content.clone(),
        });
        if let Format::Pictures(_) = manifest.format {
            let name = record.name.clone();
            data.splits.push(Split { name, source: Arc::new(PictureSplit::open(folder, record)?) });
            continue;
        }
        let mut schema = record.schema;
        // CSV has no room for origins and boxes: its rows are origins of their own.
        if manifest.format == Format::Csv {
            schema.grid = None;
            schema.roots =
                vec![Root { name: format!("csv/{}", record.name), digest: content, images: record.rows }];
        }
        let source = ShardSplit::new(folder, manifest.format.clone(), schema, record.rows, record.shards);
        data.splits.push(Split { name: record.name, source: Arc::new(source) });
    }
    if folder.join(LICENSES).is_file() && data.licenses.is_empty() {
        let text = std::fs::read_to_string(folder.join(LICENSES))
            .map_err(|source| SourceError::Read { path: folder.join(LICENSES), source })?;
        data.licenses.push(text.trim_end().to_owned());
    }
    Ok((data, names))
}

struct ShardSplit {
    folder: PathBuf,
    format: Format,
    layout: Layout,
    shards: Vec<Shard>,
    rows: u64,
    schema: Schema,
    /// Shards with all of their arrays,
    whole: Cache<Arrays>,
    /// and with those only that labels and origins are in.
    heads: Cache<Head>,
}

/// Shards that were opened, and when each was last asked for.
struct Cache<T> {
    slots: Mutex<Slots<T>>,
    /// How often a shard was opened.
    opened: AtomicU64,
}

/// Time, and by shard when it was last asked for and its place, which is locked while it is opened.
type Slots<T> = (u64, BTreeMap<usize, (u64, Slot<T>)>);
type Slot<T> = Arc<Mutex<Option<Arc<T>>>>;

impl<T> Default for Cache<T> {
    fn default() -> Self {
        Self { slots: Mutex::new((0, BTreeMap::new())), opened: AtomicU64::new(0) }
    }
}

impl<T> Cache<T> {
    /// Shard `number`, opened by `open` if it is not among the `most` that are kept. Different shards are opened side by side.
    fn get(
        &self,
        number: usize,
        most: usize,
        open: impl FnOnce() -> Result<T, Fault>,
    ) -> Result<Arc<T>, Fault> {
        let slot = {
            let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
            let (clock, known) = &mut *slots;
            *clock += 1;
            if !known.contains_key(&number) && known.len() >= most {
                let oldest = known.iter().min_by_key(|(_, (last, _))| *last).map(|(number, _)| *number);
                oldest.and_then(|number| known.remove(&number));
            }
            let (last, slot) = known.entry(number).or_default();
            *last = *clock;
            Arc::clone(slot)
        };
        let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(arrays) = &*slot {
            return Ok(Arc::clone(arrays));
        }
        self.opened.fetch_add(1, Ordering::Relaxed);
        let arrays = Arc::new(open()?);
        *slot = Some(Arc::clone(&arrays));
        Ok(arrays)
    }
}

/// The arrays of one shard, each readable at any row.
struct Arrays {
    x: Spool,
    head: Head,
    /// `cells`, `boxes`, `cell_boxes`.
    grid: Option<[Spool; 3]>,
}

/// The small arrays of one shard.
struct Head {
    y: Spool,
    origin: Option<Spool>,
    /// `cells`, which says where there is an origin.
    cells: Option<Spool>,
}

impl ShardSplit {
    fn new(folder: &Path, format: Format, schema: Schema, rows: u64, shards: Vec<Shard>) -> Self {
        Self {
            folder: folder.into(),
            format,
            layout: Layout::of(&schema),
            shards,
            rows,
            schema,
            whole: Cache::default(),
            heads: Cache::default(),
        }
    }

    /// How many shards are kept open. Stored ones cost a file handle each, unpacked ones memory.
    fn kept(&self) -> usize {
        if self.format == Format::Npz {
            return OPEN;
        }
        let rows = self.shards.iter().map(|shard| shard.rows).max().unwrap_or(0);
        let bytes = (rows * self.layout.bytes() as u64).max(1);
        UNPACKED.max((UNPACKED_BYTES / bytes).min(OPEN as u64) as usize)
    }

    /// The arrays of shard `number`. Packed ones are unpacked to memory or a temporary file.
    fn arrays(&self, number: usize) -> Result<Arc<Arrays>, Fault> {
        self.whole.get(number, self.kept(), || self.open_shard(&self.shards[number]))
    }

    /// Labels and origins of shard `number`.
    fn head(&self, number: usize) -> Result<Arc<Head>, Fault> {
        self.heads.get(number, OPEN, || self.open_head(&self.shards[number]))
    }

    /// The shard that sample `index` is in.
    fn shard_of(&self, index: u64) -> usize {
        self.shards.partition_point(|shard| shard.first <= index).saturating_sub(1)
    }

    /// The label that a row of `y` says.
    fn label(&self, bytes: &[u8]) -> Label {
        match self.layout.labels {
            LabelKind::Class => Label::Class(bytes[0]),
            LabelKind::MultiHot => {
                let mut label = Label::NO_CLASS;
                (0..=255).zip(bytes).filter(|(_, flag)| **flag != 0).for_each(|(class, _)| label.set(class));
                label
            }
        }
    }

    fn open_shard(&self, shard: &Shard) -> Result<Arrays, Fault> {
        let path = self.folder.join(&shard.name);
        let (layout, rows) = (&self.layout, shard.rows);
        if self.format == Format::Csv {
            let (mut labels, mut pixels) = (SpoolWriter::default(), SpoolWriter::default());
            csv::decode(&path, layout, rows, &mut labels, &mut pixels)?;
            let head = Head { y: spooled(labels, &path)?, origin: None, cells: None };
            return Ok(Arrays { x: spooled(pixels, &path)?, head, grid: None });
        }
        let mut npz = Npz::open(&path)?;
        let shape = layout.shape;
        let sides = [shape.height, shape.width, shape.channels].map(|n| n as u64);
        let images: Vec<u64> = [rows]
            .into_iter()
            .chain(sides.into_iter().take(if shape.channels == 1 { 2 } else { 3 }))
            .collect();
        let boxes = [rows, layout.cells() as u64, 4];
        let head = self.npz_head(&mut npz, rows)?;
        Ok(Arrays {
            x: npz.array("x", "|u1", 1, &images)?,
            grid: match &head.cells {
                None => None,
                Some(cells) => Some([
                    cells.clone(),
                    npz.array("boxes", "<i4", 4, &boxes)?,
                    npz.array("cell_boxes", "<i4", 4, &boxes)?,
                ]),
            },
            head,
        })
    }

    fn open_head(&self, shard: &Shard) -> Result<Head, Fault> {
        let path = self.folder.join(&shard.name);
        if self.format == Format::Csv {
            let mut labels = SpoolWriter::default();
            csv::decode(&path, &self.layout, shard.rows, &mut labels, &mut io::sink())?;
            return Ok(Head { y: spooled(labels, &path)?, origin: None, cells: None });
        }
        self.npz_head(&mut Npz::open(&path)?, shard.rows)
    }

    fn npz_head(&self, npz: &mut Npz, rows: u64) -> Result<Head, Fault> {
        let layout = &self.layout;
        let per_cell = [rows, layout.cells() as u64];
        let per_image = if layout.grid.is_none() { &per_cell[..1] } else { &per_cell };
        Ok(Head {
            y: match layout.labels {
                LabelKind::Class => npz.array("y", "|u1", 1, &[rows])?,
                LabelKind::MultiHot => npz.array("y", "|u1", 1, &[rows, layout.classes as u64])?,
            },
            origin: Some(npz.array("origin", "<i8", 8, per_image)?),
            cells: layout.grid.map(|_| npz.array("cells", "<i2", 2, &per_cell)).transpose()?,
        })
    }
}

fn spooled(writer: SpoolWriter, path: &Path) -> Result<Spool, Fault> {
    writer.finish().map_err(|source| SourceError::Read { path: path.into(), source }.into())
}

impl Source for ShardSplit {
    fn len(&self) -> u64 {
        self.rows
    }

    fn schema(&self) -> &Schema {
        &self.schema
    }

    fn stretches(&self) -> Option<Vec<u64>> {
        // As many shards as are kept open are as good as one; and what the system keeps in memory can be read in any order.
        let cheap = match self.format {
            Format::Npz => {
                self.shards.len() <= OPEN && self.rows * self.layout.bytes() as u64 <= CACHED_BY_SYSTEM
            }
            _ => self.shards.len() <= self.kept(),
        };
        (!cheap).then(|| self.shards.iter().map(|shard| shard.first).collect())
    }

    fn reader(&self) -> Box<dyn Reader + '_> {
        Box::new(ShardReader {
            of: self,
            current: None,
            next: u64::MAX,
            columns: Default::default(),
            head: None,
            head_columns: Default::default(),
            head_next: u64::MAX,
        })
    }
}

/// One worker's place: a shard, and rows of its arrays that were fetched ahead.
struct ShardReader<'a> {
    of: &'a ShardSplit,
    current: Option<(usize, Arc<Arrays>)>,
    /// The index that would continue the last one.
    next: u64,
    /// `x`, `y`, `origin`, `cells`, `boxes`, `cell_boxes`.
    columns: [Ahead; 6],
    /// The shard whose labels or origins were asked for last, and rows of `y`, `origin` and `cells`.
    head: Option<(usize, Arc<Head>)>,
    head_columns: [Ahead; 3],
    /// The index that would continue the last one that was asked for.
    head_next: u64,
}

/// Rows `first..` of one array.
#[derive(Default)]
struct Ahead {
    first: u64,
    bytes: Vec<u8>,
}

impl Ahead {
    /// Row `row` of an array of `rows` rows, `width` bytes each.
    fn row(&mut self, from: &Spool, row: u64, rows: u64, width: usize, in_order: bool) -> io::Result<&[u8]> {
        let held = (self.bytes.len() / width.max(1)) as u64;
        if !(self.first..self.first + held).contains(&row) {
            let run = if in_order { (AHEAD / width.max(1) as u64).max(1) } else { 1 };
            self.bytes.resize(run.min(rows - row) as usize * width, 0);
            self.first = row;
            if let Err(error) = from.read_at(row * width as u64, &mut self.bytes) {
                self.bytes.clear();
                return Err(error);
            }
        }
        let at = (row - self.first) as usize * width;
        Ok(&self.bytes[at..at + width])
    }
}

impl ShardReader<'_> {
    /// Moves to the shard of `index`; returns its number and the row in it.
    fn seek(&mut self, index: u64) -> Result<(Arc<Arrays>, usize, u64), Fault> {
        let number = self.of.shard_of(index);
        let arrays = match &self.current {
            Some((current, arrays)) if *current == number => Arc::clone(arrays),
            _ => {
                self.columns = Default::default();
                let arrays = self.of.arrays(number)?;
                self.current = Some((number, Arc::clone(&arrays)));
                arrays
            }
        };
        Ok((arrays, number, index - self.of.shards[number].first))
    }

    /// The same for labels and origins.
    fn seek_head(&mut self, index: u64) -> Result<(Arc<Head>, usize, u64), Fault> {
        let number = self.of.shard_of(index);
        let head = match &self.head {
            Some((current, head)) if *current == number => Arc::clone(head),
            _ => {
                self.head_columns = Default::default();
                let head = self.of.head(number)?;
                self.head = Some((number, Arc::clone(&head)));
                head
            }
        };
        Ok((head, number, index - self.of.shards[number].first))
    }
}

impl Reader for ShardReader<'_> {
    fn read(&mut self, index: u64, sample: &mut Sample) -> Result<(), Fault> {
        let of = self.of;
        let (arrays, number, row) = self.seek(index)?;
        let (rows, in_order) = (of.shards[number].rows, index == self.next);
        self.next = index + 1;
        let layout = &of.layout;
        let broken = |source| SourceError::Read { path: of.folder.join(&of.shards[number].name), source };
        let [x, y, origin, cells, boxes, cell_boxes] = &mut self.columns;

        let pixels = sample.canvas.reset(layout.shape);
        pixels.copy_from_slice(x.row(&arrays.x, row, rows, pixels.len(), in_order).map_err(broken)?);
        sample.objects.clear();
        sample.origin = index;
        if let Some(spool) = &arrays.head.origin {
            let origins = origin.row(spool, row, rows, 8 * layout.origin(), in_order).map_err(broken)?;
            let origins = origins.as_chunks::<8>().0;
            if let Some([classes, tight, area]) = &arrays.grid {
                let n = layout.cells();
                let classes =
                    cells.row(classes, row, rows, 2 * n, in_order).map_err(broken)?.as_chunks::<2>().0;
                let tight =
                    boxes.row(tight, row, rows, 16 * n, in_order).map_err(broken)?.as_chunks::<16>().0;
                let area =
                    cell_boxes.row(area, row, rows, 16 * n, in_order).map_err(broken)?.as_chunks::<16>().0;
                for cell in 0..n {
                    let class = i16::from_le_bytes(classes[cell]);
                    if class >= 0 {
                        sample.objects.push(Object {
                            class: class as u8,
                            cell,
                            origin: i64::from_le_bytes(origins[cell]) as u64,
                            tight: rect(&tight[cell]),
                            area: rect(&area[cell]),
                        });
                    }
                }
                sample.origin = sample.objects.first().map_or(0, |object| object.origin);
            } else {
                sample.origin = i64::from_le_bytes(origins[0]) as u64;
            }
        }
        sample.label = of.label(y.row(&arrays.head.y, row, rows, layout.y(), in_order).map_err(broken)?);
        Ok(())
    }

    fn label(&mut self, index: u64) -> Result<Label, Fault> {
        let (head, number, row) = self.seek_head(index)?;
        let of = self.of;
        let in_order = index == self.head_next;
        self.head_next = index + 1;
        let label =
            self.head_columns[0].row(&head.y, row, of.shards[number].rows, of.layout.y(), in_order).map_err(
                |source| SourceError::Read { path: of.folder.join(&of.shards[number].name), source },
            )?;
        Ok(of.label(label))
    }

    fn origins(&mut self, index: u64, origins: &mut Vec<u64>) -> Result<(), Fault> {
        let of = self.of;
        // Rows of CSV files are origins of their own.
        if of.format == Format::Csv {
            origins.push(index);
            return Ok(());
        }
        let (head, number, row) = self.seek_head(index)?;
        let (rows, in_order) = (of.shards[number].rows, index == self.head_next);
        self.head_next = index + 1;
        let broken = |source| SourceError::Read { path: of.folder.join(&of.shards[number].name), source };
        let [_, origin, cells] = &mut self.head_columns;
        let Some(spool) = &head.origin else { return Ok(()) };
        let found = origin.row(spool, row, rows, 8 * of.layout.origin(), in_order).map_err(broken)?;
        let found = found.as_chunks::<8>().0.iter().map(|bytes| i64::from_le_bytes(*bytes) as u64);
        match &head.cells {
            None => origins.extend(found),
            Some(spool) => {
                let classes = cells.row(spool, row, rows, 2 * of.layout.cells(), in_order).map_err(broken)?;
                let shown = classes.as_chunks::<2>().0.iter().map(|bytes| i16::from_le_bytes(*bytes) >= 0);
                origins.extend(found.zip(shown).filter(|(_, shown)| *shown).map(|(origin, _)| origin));
            }
        }
        Ok(())
    }
}

fn rect(bytes: &[u8; 16]) -> Rect {
    let number = |i: usize| i32::from_le_bytes([bytes[i], bytes[i + 1], bytes[i + 2], bytes[i + 3]]);
    Rect { x0: number(0), y0: number(4), x1: number(8), y1: number(12) }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use super::*;
    use crate::sources::leaves::builtin::BuiltinDigits;
    use crate::sources::nodes::split::plan;
    use crate::split::Options;
    use crate::store::{Build, build};

    /// A split of 80 digits in packed shards of one, more than are kept open.
    fn packed(folder: &Path) -> Arc<ShardSplit> {
        let digits = Split { name: "train".into(), source: Arc::new(BuiltinDigits::new("train", 80)) };
        let data = DataSet { splits: vec![digits], ..DataSet::default() };
        let job = Build {
            data: &data,
            command: "test",
            recipe: serde_json::Value::Null,
            out: folder.into(),
            format: Format::NpzDeflated(1),
            shard_size: Some(1),
            trace: false,
            part: None,
            force: false,
            threads: 2,
        };
        let mut manifest = build(&job, &AtomicUsize::new(0), &|_| ()).unwrap().manifest;
        let record = manifest.splits.remove(0);
        Arc::new(ShardSplit::new(folder, manifest.format, record.schema, record.rows, record.shards))
    }

    #[test]
    fn a_shuffled_split_unpacks_each_shard_once() {
        let folder = tempfile::tempdir().unwrap();
        let shards = packed(folder.path());
        let source: Arc<dyn Source> = Arc::clone(&shards) as _;
        let data = DataSet { splits: vec![Split { name: "train".into(), source }], ..DataSet::default() };
        let data = plan(&data, "", &Options { seed: 5, ..Options::default() }, true).unwrap().apply(data);
        // Labels and origins of what is packed are had without its pixels.
        assert_eq!(shards.whole.opened.load(Ordering::Relaxed), 0);
        let mut sample = Sample::default();
        for split in &data.splits {
            let mut reader = split.source.reader();
            (0..split.source.len()).for_each(|index| reader.read(index, &mut sample).unwrap());
        }
        assert_eq!(shards.whole.opened.load(Ordering::Relaxed), 80);
    }

    #[test]
    fn small_packed_shards_are_kept_open() {
        let folder = tempfile::tempdir().unwrap();
        let shards = packed(folder.path());
        let (mut reader, mut sample) = (shards.reader(), Sample::default());
        for index in (0..60).cycle().take(300) {
            reader.read(index * 7 % 60, &mut sample).unwrap();
        }
        assert_eq!(shards.whole.opened.load(Ordering::Relaxed), 60);
    }
}
