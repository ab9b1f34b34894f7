//! Images of another source in gray, or of another size.

use std::sync::Arc;

use serde_json::json;

use crate::base::{
    Channels, DataSet, Fault, Grid, Label, Reader, Rect, Sample, Schema, Shape, Source, Told, Varied, Watch,
};
use crate::kernels::{color, fit, flip};
use crate::recipe;
use crate::recipe::convert::Options;

use super::NodeError;
use crate::sources::cache::{Cache, Kept};
use crate::sources::leaves::idx_folder::TRANSPOSED;
use crate::sources::open::{Open, each_split};

/// Images of fewer bytes are converted anew each time they are asked for.
const WORTH_KEEPING: usize = 64 << 10;

/// The shape that images of shape `from` get.
fn converted(from: Shape, to: Options) -> Shape {
    let from = if to.transpose { from.transposed() } else { from };
    let (height, width) = to.resize.map_or((from.height, from.width), |to| (to.height, to.width));
    Shape::new(height, width, if to.gray { Channels::Gray } else { from.kind })
}

impl Open for recipe::Convert {
    fn open_watched(&self, watch: &Watch) -> Result<DataSet, Fault> {
        let Self { of, to } = self;
        let mut data = of.open_watched(watch)?;
        if to.transpose {
            data.notes.retain(|note| !note.ends_with(TRANSPOSED));
        }
        each_split(data, |split| Ok(Arc::new(Convert::new(split.source, &split.name, *to)?)))
    }
}

/// The images of another source, converted.
pub struct Convert {
    of: Arc<dyn Source>,
    to: Options,
    schema: Schema,
    /// Whether converting is dear enough for results to be kept.
    keeps: bool,
    cache: Cache,
}

impl Convert {
    /// The images of `of`, which is the split named `split`.
    ///
    /// # Errors
    /// If nothing is known to be asked of it.
    pub fn new(of: Arc<dyn Source>, split: &str, to: Options) -> Result<Self, Fault> {
        if to == Options::default() {
            return Err(NodeError::NothingToConvert { split: split.to_owned() }.into());
        }
        let mut schema = of.schema().clone();
        if to.transpose || to.resize.is_some() {
            NodeError::refuse_frames("a new size", &schema)?;
        }
        let keeps = schema.shape.bytes() >= WORTH_KEEPING && schema.grid.is_none();
        schema.shape = converted(schema.shape, to);
        schema.grid = schema.grid.map(|grid| if to.transpose { grid.transposed() } else { grid });
        schema.varied &= to.resize.is_none();
        Ok(Self { of, to, schema, keeps, cache: Cache::default() })
    }
}

impl Source for Convert {
    fn len(&self) -> u64 {
        self.of.len()
    }

    fn schema(&self) -> &Schema {
        &self.schema
    }

    fn shapes(&self) -> Vec<Shape> {
        if self.schema.varied {
            self.of.shapes().into_iter().map(|shape| converted(shape, self.to)).collect()
        } else {
            vec![self.schema.shape]
        }
    }

    fn number(&self, index: u64) -> u64 {
        self.of.number(index)
    }

    fn shape_at(&self, index: u64) -> Option<Shape> {
        if self.schema.varied {
            self.of.shape_at(index).map(|shape| converted(shape, self.to))
        } else {
            Some(self.schema.shape)
        }
    }

    fn why_varied(&self) -> Option<Varied> {
        if self.schema.varied { self.of.why_varied() } else { None }
    }

    fn reader(&self) -> Box<dyn Reader + '_> {
        Box::new(ConvertReader { of: self, reader: self.of.reader(), held: None })
    }
}

struct ConvertReader<'a> {
    of: &'a Convert,
    reader: Box<dyn Reader + 'a>,
    /// The last image, where images are kept.
    held: Option<(u64, Arc<Kept>)>,
}

/// Converts the image of `sample` and the boxes in it, which lie in the cells of `grid`.
fn convert(sample: &mut Sample, grid: Option<Grid>, options: Options) {
    let to = converted(sample.canvas.shape(), options);
    if options.transpose {
        let turned = sample.canvas.shape().transposed();
        sample.canvas.redraw(turned, |src, dst, _| flip::transpose(src, dst));
        for object in &mut sample.objects {
            (object.tight, object.area) = (object.tight.transposed(), object.area.transposed());
            object.cell = grid.map_or(object.cell, |grid| grid.transposed_cell(object.cell));
        }
        sample.objects.sort_by_key(|object| object.cell);
        turn_mask(&mut sample.mask, turned, grid);
    }
    let from = sample.canvas.shape();
    if to.channels() != from.channels() {
        sample.canvas.redraw(from.as_gray(), |src, dst, _| color::to_gray(src, dst));
    }
    if (to.height, to.width) != (from.height, from.width) {
        sample.canvas.redraw(to, fit::area);
        resize_mask(&mut sample.mask, from, to);
        for object in &mut sample.objects {
            object.tight = scaled(object.tight, from, to);
            object.area = scaled(object.area, from, to);
        }
    }
}

/// Rows of a mask as columns, and the cells that it names in the transposed grid.
fn turn_mask(mask: &mut Vec<u8>, to: Shape, grid: Option<Grid>) {
    if mask.is_empty() {
        return;
    }
    let id = |id: u8| match (id, grid) {
        (0, _) | (_, None) => id,
        (id, Some(grid)) => (grid.transposed_cell(usize::from(id) - 1) + 1) as u8,
    };
    let old = std::mem::take(mask);
    let place = |at: usize| at % to.width * to.height + at / to.width;
    mask.extend((0..old.len()).map(|at| id(old[place(at)])));
}

/// A mask in another size: each pixel is the one that its center lies in.
fn resize_mask(mask: &mut Vec<u8>, from: Shape, to: Shape) {
    if mask.is_empty() {
        return;
    }
    let old = std::mem::take(mask);
    let pick = |at: usize, from: usize, to: usize| (2 * at + 1) * from / (2 * to);
    for y in 0..to.height {
        let row = &old[pick(y, from.height, to.height) * from.width..][..from.width];
        mask.extend((0..to.width).map(|x| row[pick(x, from.width, to.width)]));
    }
}

/// A box scaled with its image and rounded outwards; what is empty stays empty.
fn scaled(rect: Rect, from: Shape, to: Shape) -> Rect {
    let low = |at: i32, from: usize, to: usize| (i64::from(at) * to as i64).div_euclid(from as i64) as i32;
    let high = |at: i32, from: usize, to: usize| -low(-at, from, to);
    if rect == Rect::NONE {
        return rect;
    }
    let (x0, y0) = (low(rect.x0, from.width, to.width), low(rect.y0, from.height, to.height));
    if rect.x0 >= rect.x1 || rect.y0 >= rect.y1 {
        return Rect { x0, y0, x1: x0, y1: y0 };
    }
    Rect { x0, y0, x1: high(rect.x1, from.width, to.width), y1: high(rect.y1, from.height, to.height) }
}

impl Reader for ConvertReader<'_> {
    fn read(&mut self, index: u64, sample: &mut Sample) -> Result<(), Fault> {
        if !self.of.keeps {
            self.reader.read(index, sample)?;
            convert(sample, self.of.of.schema().grid, self.of.to);
            return Ok(());
        }
        let kept = match self.held.take() {
            Some((held, kept)) if held == index => kept,
            _ => self.of.cache.get(index, || {
                self.reader.read(index, sample)?;
                convert(sample, self.of.of.schema().grid, self.of.to);
                Ok(Kept::of(sample))
            })?,
        };
        kept.load(sample);
        self.held = Some((index, kept));
        Ok(())
    }

    fn label(&mut self, index: u64) -> Result<Label, Fault> {
        self.reader.label(index)
    }

    fn origins(&mut self, index: u64, origins: &mut Vec<u64>) -> Result<(), Fault> {
        self.reader.origins(index, origins)
    }

    fn explain(
        &mut self,
        index: u64,
        sample: &mut Sample,
        tell: &mut dyn FnMut(Told<'_>),
    ) -> Result<(), Fault> {
        self.reader.explain(index, sample, tell)?;
        convert(sample, self.of.of.schema().grid, self.of.to);
        tell(Told { step: "convert", drawn: json!(self.of.to), image: sample.canvas.image() });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipe::quadrant::{self, Objects};
    use crate::sources::leaves::builtin::BuiltinDigits;
    use crate::sources::nodes::quadrant::quadrant as composed;

    fn to(gray: bool, size: &str) -> Options {
        Options { gray, resize: Some(size.parse().unwrap()), transpose: false }
    }

    #[test]
    fn boxes_go_with_the_image_and_grow_to_whole_pixels() {
        let digits = Arc::new(BuiltinDigits::new("train", 8));
        let options = quadrant::Options {
            grid: Grid { rows: 2, columns: 3 },
            objects: Objects { lo: 0, hi: 4 },
            count: None,
            masks: false,
            seed: 3,
        };
        let plain = Arc::new(composed(digits, "train", options, &Watch::default()).unwrap());
        let small = Convert::new(plain.clone(), "train", to(false, "31x47")).unwrap();
        assert_eq!((small.schema().shape, small.schema().grid), (Shape::gray(31, 47), plain.schema().grid));
        let (mut a, mut b) = (plain.reader(), small.reader());
        let (mut large, mut sample) = (Sample::default(), Sample::default());
        for index in 0..8 {
            a.read(index, &mut large).unwrap();
            b.read(index, &mut sample).unwrap();
            assert_eq!(sample.canvas.shape(), small.schema().shape);
            assert_eq!((sample.label, sample.origin), (large.label, large.origin));
            assert_eq!(b.label(index).unwrap(), sample.label);
            for (object, old) in sample.objects.iter().zip(&large.objects) {
                let (new, old) = (object.tight, old.tight);
                // 56x84 becomes 31x47.
                let x = |at: i32| f64::from(at) * 47.0 / 84.0;
                let y = |at: i32| f64::from(at) * 31.0 / 56.0;
                assert_eq!(f64::from(new.x0), x(old.x0).floor());
                assert_eq!(f64::from(new.x1), x(old.x1).ceil());
                assert_eq!(f64::from(new.y0), y(old.y0).floor());
                assert_eq!(f64::from(new.y1), y(old.y1).ceil());
            }
        }
    }

    #[test]
    fn what_is_turned_over_twice_is_as_it_was() {
        let digits = Arc::new(BuiltinDigits::new("train", 8));
        let options = quadrant::Options {
            grid: Grid { rows: 2, columns: 3 },
            objects: Objects { lo: 1, hi: 4 },
            count: None,
            masks: false,
            seed: 3,
        };
        let turn = Options { transpose: true, ..Options::default() };
        let plain: Arc<dyn Source> = Arc::new(composed(digits, "train", options, &Watch::default()).unwrap());
        let once: Arc<dyn Source> = Arc::new(Convert::new(plain.clone(), "train", turn).unwrap());
        assert_eq!(once.schema().shape, Shape::gray(84, 56));
        assert_eq!(once.schema().grid, Some(Grid { rows: 3, columns: 2 }));
        let twice = Convert::new(once.clone(), "train", turn).unwrap();
        assert_eq!(twice.schema().grid, plain.schema().grid);
        let (mut a, mut b, mut c) = (Sample::default(), Sample::default(), Sample::default());
        for index in 0..8 {
            plain.reader().read(index, &mut a).unwrap();
            once.reader().read(index, &mut b).unwrap();
            twice.reader().read(index, &mut c).unwrap();
            assert_eq!((a.canvas.pixels(), &a.objects), (c.canvas.pixels(), &c.objects));
            assert_eq!(a.canvas.pixels()[3 * 84 + 50], b.canvas.pixels()[50 * 56 + 3]);
            for object in &a.objects {
                let turned = b.objects.iter().find(|b| b.tight == object.tight.transposed()).unwrap();
                assert_eq!((turned.cell % 2, turned.cell / 2), (object.cell / 3, object.cell % 3));
            }
        }
    }

    #[test]
    fn large_images_are_kept_and_the_same() {
        let digits = Arc::new(BuiltinDigits::new("train", 3));
        let large: Arc<dyn Source> = Arc::new(Convert::new(digits, "train", to(false, "300x280")).unwrap());
        let small = Convert::new(large, "train", to(true, "7x9")).unwrap();
        assert!(small.keeps);
        let (mut first, mut second) = (Sample::default(), Sample::default());
        small.reader().read(2, &mut first).unwrap();
        let mut reader = small.reader();
        for index in [2, 1, 2, 2] {
            reader.read(index, &mut second).unwrap();
        }
        assert_eq!(first.canvas.pixels(), second.canvas.pixels());
        assert_eq!((first.label, first.origin), (second.label, 2));
    }
}
