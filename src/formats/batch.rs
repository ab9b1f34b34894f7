//! Many samples as arrays: what a shard holds, before it is encoded and after it is decoded.

use std::ops::Range;
use std::sync::Arc;

use crate::base::digest::ContentDigest;
use crate::base::sample::frame;
use crate::base::{Grid, Label, LabelKind, Rect, Sample, Schema, Shape};

/// Added to a sample's index for the second half of its content hash, so that pixels and labels cannot trade places.
const LABEL_HALF: u64 = 0x9e37_79b9_7f4a_7c15;

/// Likewise for the size of samples that differ in size.
const SHAPE_PART: u64 = 0xd1b5_4a32_d192_ed03;

/// How many values of each array one sample has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Shape of an image; array `x`.
    pub shape: Shape,
    /// How images are labeled.
    pub labels: LabelKind,
    /// Number of classes.
    pub classes: usize,
    /// The grid of composed images; with it come `cells`, `boxes` and `cell_boxes`.
    pub grid: Option<Grid>,
    /// How many frames an image has, one above the other.
    pub frames: Option<usize>,
    /// Whether there is the array `masks`.
    pub masks: bool,
    /// Names of the columns of truth.
    pub truth: Arc<[String]>,
}

impl Layout {
    /// The layout of images with labels and nothing else.
    #[must_use]
    pub fn plain(shape: Shape, labels: LabelKind, classes: usize) -> Self {
        Self { shape, labels, classes, grid: None, frames: None, masks: false, truth: Arc::default() }
    }

    /// The layout of samples of this schema.
    #[must_use]
    pub fn of(schema: &Schema) -> Self {
        Self {
            shape: schema.shape,
            labels: schema.labels,
            classes: schema.classes(),
            grid: schema.grid,
            frames: schema.frames,
            masks: schema.masks,
            truth: schema.truth.as_slice().into(),
        }
    }

    /// Axes of `x` after the first: (H, W) or (H, W, 3), with one for frames in front of them where images have any.
    #[must_use]
    pub fn x_axes(&self) -> Vec<usize> {
        let Shape { height, width, kind } = frame(self.shape, self.frames);
        let colors = (kind.count() > 1).then_some(kind.count());
        self.frames.into_iter().chain([height, width]).chain(colors).collect()
    }

    /// Bytes of `y` per sample.
    #[must_use]
    pub fn y(&self) -> usize {
        match self.labels {
            LabelKind::Class => 1,
            LabelKind::MultiHot => self.classes,
            LabelKind::Soft => 4 * self.classes,
        }
    }

    /// Values of `y` per sample.
    #[must_use]
    pub fn labels_a_sample(&self) -> usize {
        match self.labels {
            LabelKind::Class => 1,
            LabelKind::MultiHot | LabelKind::Soft => self.classes,
        }
    }

    /// The same without masks, for what lies elsewhere.
    #[must_use]
    pub fn without_masks(self) -> Self {
        Self { masks: false, ..self }
    }

    /// The same without truth, for what lies elsewhere.
    #[must_use]
    pub fn without_truth(self) -> Self {
        Self { truth: Arc::default(), ..self }
    }

    /// Values of `origin` per sample: one, or one for each cell.
    #[must_use]
    pub fn origin(&self) -> usize {
        self.grid.map_or(1, Grid::cells)
    }

    /// Values of `cells` per sample.
    #[must_use]
    pub fn cells(&self) -> usize {
        self.grid.map_or(0, Grid::cells)
    }

    /// Values of `masks` per sample.
    #[must_use]
    pub fn mask(&self) -> usize {
        if self.masks { self.shape.pixels() } else { 0 }
    }

    /// Bytes of memory that one sample takes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.shape.bytes()
            + self.y()
            + 8 * self.origin()
            + (2 + 16 + 16) * self.cells()
            + self.mask()
            + 8 * self.truth.len()
    }
}

/// Samples `first..first + rows` of a split as arrays, row after row.
#[derive(Debug, Default)]
pub struct Batch {
    /// Number of samples.
    pub rows: usize,
    /// Pixels: (rows, H, W, C).
    pub x: Vec<u8>,
    /// Labels: (rows,) class ids, (rows, classes) of 0 and 1, or (rows, classes) of f32, little-endian.
    pub y: Vec<u8>,
    /// Source images: (rows,), or (rows, cells) with -1 for empty cells.
    pub origin: Vec<i64>,
    /// Class per cell: (rows, cells), -1 for empty cells. Empty without a grid.
    pub cells: Vec<i16>,
    /// Tight box per cell: (rows, cells, 4) as x0, y0, x1, y1, half-open; -1 for empty cells.
    pub boxes: Vec<i32>,
    /// Box of the cell itself, likewise.
    pub cell_boxes: Vec<i32>,
    /// Objects of pixels: (rows, H, W), 0 for none and else one more than the cell. Empty without masks.
    pub mask: Vec<u8>,
    /// Truth: (rows, columns).
    pub truth: Vec<i64>,
}

impl Batch {
    /// Makes room for `rows` samples, whose content is to be written.
    pub fn reset(&mut self, layout: &Layout, rows: usize) {
        self.rows = rows;
        self.x.resize(rows * layout.shape.bytes(), 0);
        self.y.resize(rows * layout.y(), 0);
        self.origin.resize(rows * layout.origin(), 0);
        self.cells.resize(rows * layout.cells(), 0);
        self.boxes.resize(rows * layout.cells() * 4, 0);
        self.cell_boxes.resize(rows * layout.cells() * 4, 0);
        self.mask.resize(rows * layout.mask(), 0);
        self.truth.resize(rows * layout.truth.len(), 0);
    }

    /// One column of truth, row after row.
    pub fn truth_of(&self, layout: &Layout, column: usize) -> impl Iterator<Item = i64> {
        self.truth.iter().skip(column).step_by(layout.truth.len().max(1)).copied()
    }

    /// Appends origins and objects of these rows of another batch, and nothing else of them.
    pub fn extend_objects(&mut self, other: &Self, layout: &Layout, rows: Range<usize>) {
        let part = |width: usize| rows.start * width..rows.end * width;
        self.rows += rows.len();
        self.origin.extend_from_slice(&other.origin[part(layout.origin())]);
        self.cells.extend_from_slice(&other.cells[part(layout.cells())]);
        self.boxes.extend_from_slice(&other.boxes[part(4 * layout.cells())]);
        self.cell_boxes.extend_from_slice(&other.cell_boxes[part(4 * layout.cells())]);
        self.mask.extend_from_slice(&other.mask[part(layout.mask())]);
        self.truth.extend_from_slice(&other.truth[part(layout.truth.len())]);
    }

    /// The batch cut into blocks of at most `rows` samples, which can be filled independently. `first` is the
    /// index of the batch's first sample.
    pub fn blocks<'a>(&'a mut self, layout: &'a Layout, first: u64, rows: usize) -> Vec<Block<'a>> {
        let mut blocks = Vec::with_capacity(self.rows.div_ceil(rows.max(1)));
        let (mut x, mut y, mut origin) = (&mut self.x[..], &mut self.y[..], &mut self.origin[..]);
        let (mut cells, mut boxes, mut cell_boxes) =
            (&mut self.cells[..], &mut self.boxes[..], &mut self.cell_boxes[..]);
        let (mut mask, mut truth) = (&mut self.mask[..], &mut self.truth[..]);
        let mut done = 0;
        while done < self.rows {
            let n = rows.max(1).min(self.rows - done);
            blocks.push(Block {
                layout,
                first: first + done as u64,
                rows: n,
                x: x.split_off_mut(..n * layout.shape.bytes()).unwrap_or_default(),
                y: y.split_off_mut(..n * layout.y()).unwrap_or_default(),
                origin: origin.split_off_mut(..n * layout.origin()).unwrap_or_default(),
                cells: cells.split_off_mut(..n * layout.cells()).unwrap_or_default(),
                boxes: boxes.split_off_mut(..n * layout.cells() * 4).unwrap_or_default(),
                cell_boxes: cell_boxes.split_off_mut(..n * layout.cells() * 4).unwrap_or_default(),
                mask: mask.split_off_mut(..n * layout.mask()).unwrap_or_default(),
                truth: truth.split_off_mut(..n * layout.truth.len()).unwrap_or_default(),
            });
            done += n;
        }
        blocks
    }
}

/// A run of samples of a [`Batch`], to be filled by one worker.
#[derive(Debug)]
pub struct Block<'a> {
    layout: &'a Layout,
    /// Index of the first sample.
    pub first: u64,
    /// Number of samples.
    pub rows: usize,
    x: &'a mut [u8],
    y: &'a mut [u8],
    origin: &'a mut [i64],
    cells: &'a mut [i16],
    boxes: &'a mut [i32],
    cell_boxes: &'a mut [i32],
    mask: &'a mut [u8],
    truth: &'a mut [i64],
}

impl Block<'_> {
    /// Puts `sample` at row `row` of the block.
    ///
    /// # Panics
    /// If the sample's shape is not the one that the schema promised.
    pub fn put(&mut self, row: usize, sample: &Sample) {
        let layout = self.layout;
        assert_eq!(sample.canvas.shape(), layout.shape, "a source keeps the shape of its schema");
        let bytes = layout.shape.bytes();
        self.x[row * bytes..(row + 1) * bytes].copy_from_slice(sample.canvas.pixels());
        match sample.label {
            Label::Class(_) if layout.labels == LabelKind::Soft => {
                assert_eq!(sample.soft.len(), layout.classes, "a soft label has a weight for each class");
                let own = &mut self.y[row * layout.y()..(row + 1) * layout.y()];
                for (bytes, weight) in own.as_chunks_mut::<4>().0.iter_mut().zip(&sample.soft) {
                    *bytes = weight.to_le_bytes();
                }
            }
            Label::Class(class) => self.y[row] = class,
            Label::MultiHot(_) => {
                let own = &mut self.y[row * layout.classes..(row + 1) * layout.classes];
                for (class, flag) in own.iter_mut().enumerate() {
                    *flag = u8::from(sample.label.has(class as u8));
                }
            }
        }
        let mask = layout.mask();
        assert_eq!(sample.mask.len(), mask, "a source has masks if its schema says so");
        self.mask[row * mask..(row + 1) * mask].copy_from_slice(&sample.mask);
        let columns = layout.truth.len();
        assert_eq!(sample.truth.len(), columns, "a source keeps the truth of its schema");
        self.truth[row * columns..(row + 1) * columns].copy_from_slice(&sample.truth);
        let cells = layout.cells();
        if cells == 0 {
            self.origin[row] = sample.origin as i64;
            return;
        }
        let at = row * cells..(row + 1) * cells;
        let at4 = row * cells * 4..(row + 1) * cells * 4;
        self.origin[at.clone()].fill(-1);
        self.cells[at.clone()].fill(-1);
        let (boxes, cell_boxes) = (&mut self.boxes[at4.clone()], &mut self.cell_boxes[at4]);
        for four in boxes.as_chunks_mut::<4>().0.iter_mut().chain(cell_boxes.as_chunks_mut::<4>().0) {
            *four = Rect::NONE.to_array();
        }
        for object in &sample.objects {
            self.origin[at.start + object.cell] = object.origin as i64;
            self.cells[at.start + object.cell] = i16::from(object.class);
            boxes.as_chunks_mut::<4>().0[object.cell] = object.tight.to_array();
            cell_boxes.as_chunks_mut::<4>().0[object.cell] = object.area.to_array();
        }
    }

    /// CRC-32 of the block's pixels, to be combined with those of its neighbors.
    #[must_use]
    pub fn crc(&self) -> crc32fast::Hasher {
        let mut hasher = crc32fast::Hasher::new();
        hasher.update(self.x);
        hasher
    }

    /// Adds the content of all rows to `digest`. `buffer` is room to work in.
    pub fn digest(&self, digest: &mut ContentDigest, buffer: &mut Vec<u8>) {
        let layout = self.layout;
        for row in 0..self.rows {
            let index = self.first + row as u64;
            let part = |width: usize| row * width..(row + 1) * width;
            digest.add_bytes(index, &self.x[part(layout.shape.bytes())]);
            buffer.clear();
            buffer.extend(&self.y[part(layout.y())]);
            self.origin[part(layout.origin())].iter().for_each(|v| buffer.extend(v.to_le_bytes()));
            self.cells[part(layout.cells())].iter().for_each(|v| buffer.extend(v.to_le_bytes()));
            for boxes in [&*self.boxes, &*self.cell_boxes] {
                boxes[part(layout.cells() * 4)].iter().for_each(|v| buffer.extend(v.to_le_bytes()));
            }
            buffer.extend(&self.mask[part(layout.mask())]);
            self.truth[part(layout.truth.len())].iter().for_each(|v| buffer.extend(v.to_le_bytes()));
            digest.add_bytes(index.wrapping_add(LABEL_HALF), buffer);
        }
    }
}

/// Adds the content of one sample to `digest`, as [`Block::digest`] does for samples of one size. Of a sample among others that
/// differ in size, its size is content, too. `room` is a batch to work in.
pub fn digest_sample(
    schema: &Schema,
    index: u64,
    sample: &Sample,
    digest: &mut ContentDigest,
    room: &mut Batch,
    buffer: &mut Vec<u8>,
) {
    let layout = Layout { shape: sample.canvas.shape(), ..Layout::of(schema) };
    room.reset(&layout, 1);
    for mut block in room.blocks(&layout, index, 1) {
        block.put(0, sample);
        block.digest(digest, buffer);
    }
    if schema.varied {
        let Shape { height, width, kind } = layout.shape;
        let channels = kind.count();
        let sides = [height, width, channels].map(|side| (side as u64).to_le_bytes());
        digest.add_bytes(index.wrapping_add(SHAPE_PART), sides.as_flattened());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Image, Object};

    fn grid_layout() -> Layout {
        Layout {
            shape: Shape::gray(2, 3),
            labels: LabelKind::MultiHot,
            classes: 3,
            grid: Some(Grid { rows: 1, columns: 2 }),
            frames: None,
            masks: false,
            truth: ["clean_label".to_owned()].into(),
        }
    }

    fn sample() -> Sample {
        let mut sample = Sample { label: Label::NO_CLASS, ..Sample::default() };
        sample.canvas.load(Image::new(Shape::gray(2, 3), &[1, 2, 3, 4, 5, 6]));
        sample.label.set(2);
        sample.truth.push(-3);
        let tight = Rect { x0: 1, y0: 0, x1: 2, y1: 1 };
        let area = Rect { x0: 1, y0: 0, x1: 3, y1: 2 };
        sample.objects.push(Object { class: 2, cell: 1, origin: 9, tight, area });
        sample
    }

    #[test]
    fn composed_samples_fill_every_array() {
        let layout = grid_layout();
        let mut batch = Batch::default();
        batch.reset(&layout, 3);
        for (i, block) in batch.blocks(&layout, 10, 2).iter_mut().enumerate() {
            assert_eq!(block.first, 10 + 2 * i as u64);
            (0..block.rows).for_each(|row| block.put(row, &sample()));
        }
        assert_eq!(batch.x, [1, 2, 3, 4, 5, 6].repeat(3));
        assert_eq!(batch.y, [0, 0, 1].repeat(3));
        assert_eq!(batch.origin, [-1, 9].repeat(3));
        assert_eq!(batch.cells, [-1, 2].repeat(3));
        assert_eq!(batch.boxes, [-1, -1, -1, -1, 1, 0, 2, 1].repeat(3));
        assert_eq!(batch.cell_boxes, [-1, -1, -1, -1, 1, 0, 3, 2].repeat(3));
        assert_eq!(batch.truth_of(&layout, 0).collect::<Vec<_>>(), [-3; 3]);
    }

    #[test]
    fn weights_are_content() {
        let layout = Layout { labels: LabelKind::Soft, grid: None, ..grid_layout() };
        let mut batch = Batch::default();
        let mut digest_of = |soft: [f32; 3]| {
            batch.reset(&layout, 2);
            let mut digest = ContentDigest::default();
            for mut block in batch.blocks(&layout, 0, 1) {
                block.put(0, &Sample { label: Label::Class(1), soft: soft.to_vec(), ..sample() });
                block.digest(&mut digest, &mut Vec::new());
            }
            assert_eq!(batch.y, soft.map(f32::to_le_bytes).as_flattened().repeat(2));
            digest
        };
        assert_ne!(digest_of([0.25, 0.75, 0.0]), digest_of([0.0, 0.75, 0.25]));
    }

    #[test]
    fn the_digest_sees_pixels_labels_and_places_but_not_blocks() {
        let layout = grid_layout();
        let digest_of = |block_rows: usize, change: fn(usize, &mut Sample)| {
            let mut batch = Batch::default();
            batch.reset(&layout, 5);
            let mut digest = ContentDigest::default();
            for mut block in batch.blocks(&layout, 0, block_rows) {
                for row in 0..block.rows {
                    let mut sample = sample();
                    change(block.first as usize + row, &mut sample);
                    block.put(row, &sample);
                }
                block.digest(&mut digest, &mut Vec::new());
            }
            digest
        };
        let plain = digest_of(5, |_, _| {});
        assert_eq!(plain, digest_of(2, |_, _| {}));
        assert_ne!(plain, digest_of(5, |_, s| s.canvas.in_place(|image, _| image.data[0] = 7)));
        assert_ne!(plain, digest_of(5, |_, s| s.label.set(0)));
        assert_ne!(plain, digest_of(5, |_, s| s.objects[0].tight.x1 = 3));
        assert_ne!(plain, digest_of(5, |_, s| s.objects[0].origin = 8));
        assert_ne!(plain, digest_of(5, |_, s| s.truth[0] = 3));
        let first = digest_of(5, |i, s| s.objects[0].origin = u64::from(i == 0));
        let last = digest_of(5, |i, s| s.objects[0].origin = u64::from(i == 4));
        assert_ne!(first, last);
    }
}
