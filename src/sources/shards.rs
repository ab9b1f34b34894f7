//! A data set that this program has written, as a source.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::base::{
    DataSet, Fault, Input, Label, LabelKind, Object, Reader, Rect, Root, Sample, Schema, Source, Split,
};
use crate::formats::npz::Npz;
use crate::formats::{Layout, Spool, SpoolWriter, csv};
use crate::store::manifest::{Format, LICENCES, MANIFEST, Manifest, Shard, is_inside};

use super::SourceError;
use super::picture_shards::PictureSplit;

/// Shards that are kept open at the same time.
const OPEN: usize = 64;
/// Bytes that a reader fetches ahead when it is read in order.
const AHEAD: u64 = 64 << 10;

/// Whether a folder holds a data set.
#[must_use]
pub fn is_shard_folder(folder: &Path) -> bool {
    folder.join(MANIFEST).is_file()
        // Files of whole splits are read as anybody's.
        && !Manifest::read(folder).is_ok_and(|manifest| !manifest.format.is_sharded())
}

/// Opens the splits of a folder for which `wanted` is true. Returns the names of all splits, too.
///
/// # Errors
/// If the manifest cannot be read, or names shards outside the folder.
pub fn open_folder(folder: &Path, wanted: &dyn Fn(&str) -> bool) -> Result<(DataSet, Vec<String>), Fault> {
    let manifest = Manifest::read(folder)?;
    if let Format::Parquet | Format::Webdataset { .. } | Format::Tfrecord { .. } = manifest.format {
        return Err(SourceError::Mismatch(
            format!("{}: its shards are {} files, which are not read", folder.display(), manifest.format.name()),
            Some("read what it was made from; its manifest.json names it, and `mnistaug verify --rebuild` makes it again".into()),
        )
        .into());
    }
    let names = manifest.splits.iter().map(|split| split.name.clone()).collect();
    let mut data = DataSet { licences: manifest.licences, ..DataSet::default() };
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
        let source = ShardSplit {
            folder: folder.into(),
            format: manifest.format.clone(),
            layout: Layout::of(&schema),
            shards: record.shards,
            rows: record.rows,
            schema,
            open: Mutex::default(),
        };
        data.splits.push(Split { name: record.name, source: Arc::new(source) });
    }
    if folder.join(LICENCES).is_file() && data.licences.is_empty() {
        let text = std::fs::read_to_string(folder.join(LICENCES))
            .map_err(|source| SourceError::Read { path: folder.join(LICENCES), source })?;
        data.licences.push(text.trim_end().to_owned());
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
    open: Mutex<OpenShards>,
}

/// Shards that were opened, and when each was last asked for.
#[derive(Default)]
struct OpenShards {
    clock: u64,
    shards: BTreeMap<usize, (u64, Arc<Arrays>)>,
}

/// The arrays of one shard, each readable at any row.
struct Arrays {
    x: Spool,
    y: Spool,
    origin: Option<Spool>,
    /// `cells`, `boxes`, `cell_boxes`.
    grid: Option<[Spool; 3]>,
}

impl ShardSplit {
    /// The arrays of shard `number`. Packed ones are unpacked to memory or a temporary file.
    fn arrays(&self, number: usize) -> Result<Arc<Arrays>, Fault> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.clock += 1;
        let now = open.clock;
        if let Some((last, arrays)) = open.shards.get_mut(&number) {
            *last = now;
            return Ok(Arc::clone(arrays));
        }
        let arrays = Arc::new(self.open_shard(&self.shards[number])?);
        // Stored shards cost a file handle each, unpacked ones memory.
        let most = if self.format == Format::Npz { OPEN } else { 4 };
        while open.shards.len() >= most {
            let oldest = open.shards.iter().min_by_key(|(_, (last, _))| *last).map(|(number, _)| *number);
            oldest.and_then(|number| open.shards.remove(&number));
        }
        open.shards.insert(number, (now, Arc::clone(&arrays)));
        Ok(arrays)
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
            let spooled = |writer: SpoolWriter| {
                writer.finish().map_err(|source| SourceError::Read { path: path.clone(), source })
            };
            return Ok(Arrays { x: spooled(pixels)?, y: spooled(labels)?, origin: None, grid: None });
        }
        let mut npz = Npz::open(&path)?;
        let shape = layout.shape;
        let sides = [shape.height, shape.width, shape.channels].map(|n| n as u64);
        let images: Vec<u64> = [rows]
            .into_iter()
            .chain(sides.into_iter().take(if shape.channels == 1 { 2 } else { 3 }))
            .collect();
        let cells = layout.cells() as u64;
        let per_cell = [rows, cells];
        let boxes = [rows, cells, 4];
        let y = match layout.labels {
            LabelKind::Class => npz.array("y", "|u1", 1, &[rows])?,
            LabelKind::MultiHot => npz.array("y", "|u1", 1, &[rows, layout.classes as u64])?,
        };
        Ok(Arrays {
            x: npz.array("x", "|u1", 1, &images)?,
            y,
            origin: Some(npz.array(
                "origin",
                "<i8",
                8,
                if cells == 0 { &per_cell[..1] } else { &per_cell },
            )?),
            grid: match layout.grid {
                None => None,
                Some(_) => Some([
                    npz.array("cells", "<i2", 2, &per_cell)?,
                    npz.array("boxes", "<i4", 4, &boxes)?,
                    npz.array("cell_boxes", "<i4", 4, &boxes)?,
                ]),
            },
        })
    }
}

impl Source for ShardSplit {
    fn len(&self) -> u64 {
        self.rows
    }

    fn schema(&self) -> &Schema {
        &self.schema
    }

    fn reader(&self) -> Box<dyn Reader + '_> {
        Box::new(ShardReader { of: self, current: None, next: u64::MAX, columns: Default::default() })
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
        let shards = &self.of.shards;
        let number = shards.partition_point(|shard| shard.first <= index).saturating_sub(1);
        let arrays = match &self.current {
            Some((current, arrays)) if *current == number => Arc::clone(arrays),
            _ => {
                self.columns = Default::default();
                let arrays = self.of.arrays(number)?;
                self.current = Some((number, Arc::clone(&arrays)));
                arrays
            }
        };
        Ok((arrays, number, index - shards[number].first))
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
        if let Some(spool) = &arrays.origin {
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
        sample.label = of.label(y.row(&arrays.y, row, rows, layout.y(), in_order).map_err(broken)?);
        Ok(())
    }

    fn label(&mut self, index: u64) -> Result<Label, Fault> {
        let (arrays, number, row) = self.seek(index)?;
        let of = self.of;
        let label = self.columns[1]
            .row(&arrays.y, row, of.shards[number].rows, of.layout.y(), true)
            .map_err(|source| SourceError::Read { path: of.folder.join(&of.shards[number].name), source })?;
        Ok(of.label(label))
    }
}

fn rect(bytes: &[u8; 16]) -> Rect {
    let number = |i: usize| i32::from_le_bytes([bytes[i], bytes[i + 1], bytes[i + 2], bytes[i + 3]]);
    Rect { x0: number(0), y0: number(4), x1: number(8), y1: number(12) }
}
