//! Images placed in the cells of a larger canvas.

use std::sync::Arc;

use serde_json::json;

use crate::base::{
    Address, DataSet, Fault, Grid, Image, ImageMut, Label, LabelKind, Object, Reader, Rect, Sample, Schema,
    Shape, Source, Stage, Stream, Told, Watch,
};
use crate::kernels::tile;
use crate::recipe;
use crate::recipe::quadrant::{Objects, Options};
use crate::sources::open::{Open, each_split};

use super::NodeError;

impl Open for recipe::Quadrant {
    fn open_watched(&self, watch: &Watch) -> Result<DataSet, Fault> {
        let Self { of, options } = self;
        each_split(of.open_watched(watch)?, |split| {
            Ok(Arc::new(Quadrant::new(split.source, &split.name, *options)?))
        })
    }
}

/// Compositions of another source's images.
///
/// With exactly one object, output `i` shows image `i` (counted round, where more are wanted) in a random cell, and keeps its class
/// label. Otherwise each output draws a number of objects, draws them from all images with replacement, and puts them into
/// distinct random cells; its label is the set of their classes.
pub struct Quadrant {
    of: Arc<dyn Source>,
    options: Options,
    count: u64,
    cell: Shape,
    schema: Schema,
    stage: Stage,
}

impl Quadrant {
    /// Compositions of the images of `of`, which is the split named `split`.
    ///
    /// # Errors
    /// If the grid is too small or too large, or the images have several labels each.
    pub fn new(of: Arc<dyn Source>, split: &str, options: Options) -> Result<Self, Fault> {
        let mut schema = of.schema().clone();
        let Grid { rows, columns } = options.grid;
        if options.objects.hi > options.grid.cells() {
            return Err(NodeError::Cells { objects: options.objects, grid: options.grid }.into());
        }
        NodeError::refuse_soft("quadrant", &schema)?;
        if schema.labels != LabelKind::Class || schema.grid.is_some() {
            return Err(NodeError::Composed.into());
        }
        NodeError::refuse_varied("quadrant", of.as_ref())?;
        let cell = schema.shape;
        schema.shape = Shape::new(cell.height * rows, cell.width * columns, cell.kind);
        schema.grid = Some(options.grid);
        // It is that of the images, of which there are several.
        schema.truth.clear();
        if options.objects != Objects::ONE {
            schema.labels = LabelKind::MultiHot;
        }
        let count = options.count.unwrap_or_else(|| of.len());
        Ok(Self { of, options, count, cell, schema, stage: Stage::new("quadrant", split) })
    }

    /// What output `index` shows: images and their cells, by cell.
    fn compose(&self, index: u64, cells: &mut Vec<usize>, shown: &mut Vec<(usize, u64)>) {
        let address = Address { seed: self.options.seed, stage: self.stage, item: index };
        let mut stream: Stream = address.stream(0);
        let Objects { lo, hi } = self.options.objects;
        let objects = if lo == hi { lo } else { stream.integer(lo as i64, hi as i64) as usize };
        cells.clear();
        cells.extend(0..self.options.grid.cells());
        shown.clear();
        for k in 0..objects {
            let image = if self.options.objects == Objects::ONE {
                index % self.of.len()
            } else {
                stream.below(self.of.len())
            };
            // The k-th step of a shuffle from the front.
            let other = k + stream.index(cells.len() - k);
            cells.swap(k, other);
            shown.push((cells[k], image));
        }
        shown.sort_unstable();
    }
}

impl Source for Quadrant {
    fn len(&self) -> u64 {
        self.count
    }

    fn schema(&self) -> &Schema {
        &self.schema
    }

    fn stretches(&self) -> Option<Vec<u64>> {
        // Objects that are drawn come from anywhere: no order is better than another.
        if self.options.objects != Objects::ONE {
            return None;
        }
        let (starts, passes) = (self.of.stretches()?, self.count.div_ceil(self.of.len().max(1)));
        let all = (0..passes).flat_map(|pass| starts.iter().map(move |start| pass * self.of.len() + start));
        Some(all.take_while(|start| *start < self.count).collect())
    }

    fn reader(&self) -> Box<dyn Reader + '_> {
        Box::new(QuadrantReader {
            of: self,
            reader: self.of.reader(),
            part: Sample::default(),
            cells: Vec::new(),
            shown: Vec::new(),
        })
    }
}

struct QuadrantReader<'a> {
    of: &'a Quadrant,
    reader: Box<dyn Reader + 'a>,
    part: Sample,
    cells: Vec<usize>,
    shown: Vec<(usize, u64)>,
}

impl QuadrantReader<'_> {
    fn empty_label(&self) -> Label {
        match self.of.schema.labels {
            LabelKind::Class => Label::Class(0),
            LabelKind::MultiHot | LabelKind::Soft => Label::NO_CLASS,
        }
    }
}

impl Reader for QuadrantReader<'_> {
    fn read(&mut self, index: u64, sample: &mut Sample) -> Result<(), Fault> {
        let of = self.of;
        of.compose(index, &mut self.cells, &mut self.shown);
        sample.begin(0);
        let canvas = sample.canvas.reset(of.schema.shape);
        canvas.fill(0);
        let mut canvas = ImageMut::new(of.schema.shape, canvas);
        sample.label = self.empty_label();
        for &(cell, image) in &self.shown {
            self.reader.read(image, &mut self.part)?;
            let Label::Class(class) = self.part.label else {
                unreachable!("the constructor refuses other labels");
            };
            let (row, column) = (cell / of.options.grid.columns, cell % of.options.grid.columns);
            let (y, x) = (row * of.cell.height, column * of.cell.width);
            let part: Image<'_> = self.part.canvas.image();
            tile::paste(part, &mut canvas, y, x);
            let own = tile::tight_box(part);
            let (dy, dx) = (y as i32, x as i32);
            sample.label.set(class);
            sample.objects.push(Object {
                class,
                cell,
                origin: self.part.origin,
                tight: Rect { x0: own.x0 + dx, y0: own.y0 + dy, x1: own.x1 + dx, y1: own.y1 + dy },
                area: Rect { x0: dx, y0: dy, x1: dx + of.cell.width as i32, y1: dy + of.cell.height as i32 },
            });
        }
        sample.origin = sample.objects.first().map_or(0, |object| object.origin);
        Ok(())
    }

    fn explain(
        &mut self,
        index: u64,
        sample: &mut Sample,
        tell: &mut dyn FnMut(Told<'_>),
    ) -> Result<(), Fault> {
        self.read(index, sample)?;
        let shown: Vec<_> =
            self.shown.iter().map(|(cell, image)| json!({ "cell": cell, "image": image })).collect();
        tell(Told { step: "quadrant", drawn: json!({ "objects": shown }), image: sample.canvas.image() });
        Ok(())
    }

    fn label(&mut self, index: u64) -> Result<Label, Fault> {
        self.of.compose(index, &mut self.cells, &mut self.shown);
        let mut label = self.empty_label();
        for &(_, image) in &self.shown {
            if let Label::Class(class) = self.reader.label(image)? {
                label.set(class);
            }
        }
        Ok(label)
    }

    fn origins(&mut self, index: u64, origins: &mut Vec<u64>) -> Result<(), Fault> {
        self.of.compose(index, &mut self.cells, &mut self.shown);
        self.shown.iter().try_for_each(|&(_, image)| self.reader.origins(image, origins))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sources::leaves::builtin::BuiltinDigits;

    fn quadrant(grid: (usize, usize), objects: &str, count: Option<u64>) -> Result<Quadrant, Fault> {
        let options = Options {
            grid: Grid { rows: grid.0, columns: grid.1 },
            objects: objects.parse().unwrap(),
            count,
            seed: 1,
        };
        Quadrant::new(Arc::new(BuiltinDigits::new("train", 30)), "train", options)
    }

    #[test]
    fn one_object_keeps_its_image_and_class() {
        let quadrant = quadrant((2, 2), "1", None).unwrap();
        assert_eq!((quadrant.len(), quadrant.schema().labels), (30, LabelKind::Class));
        let digits = BuiltinDigits::new("train", 30);
        let (mut reader, mut plain) = (quadrant.reader(), digits.reader());
        let (mut sample, mut digit) = (Sample::default(), Sample::default());
        let mut cells = [0; 4];
        for index in 0..30 {
            reader.read(index, &mut sample).unwrap();
            plain.read(index, &mut digit).unwrap();
            assert_eq!(sample.label, digit.label);
            assert_eq!(reader.label(index).unwrap(), digit.label);
            assert_eq!(sample.origin, index);
            let [object] = sample.objects[..] else { panic!("one object") };
            cells[object.cell] += 1;
            let ink = |s: &Sample| s.canvas.pixels().iter().map(|&v| u32::from(v)).sum::<u32>();
            assert_eq!(ink(&sample), ink(&digit));
            let (r, a) = (object.tight, object.area);
            assert!(r.x0 >= a.x0 && r.x1 <= a.x1 && r.y0 >= a.y0 && r.y1 <= a.y1 && r.x0 < r.x1);
        }
        assert!(cells.iter().all(|&n| n > 1), "{cells:?}");
    }

    #[test]
    fn many_objects_sit_in_cells_of_their_own() {
        let quadrant = quadrant((2, 3), "0-4", Some(400)).unwrap();
        let mut reader = quadrant.reader();
        let mut sample = Sample::default();
        let mut counts = [0; 5];
        for index in 0..400 {
            reader.read(index, &mut sample).unwrap();
            counts[sample.objects.len()] += 1;
            let cells: Vec<_> = sample.objects.iter().map(|o| o.cell).collect();
            assert!(cells.is_sorted_by(|a, b| a < b) && cells.iter().all(|c| *c < 6));
            for class in 0..10 {
                assert_eq!(sample.label.has(class), sample.objects.iter().any(|o| o.class == class));
            }
            assert_eq!(reader.label(index).unwrap(), sample.label);
        }
        assert!(counts.iter().all(|&n| (50..110).contains(&n)), "{counts:?}");
    }

    #[test]
    fn more_objects_than_cells_are_refused() {
        let error = quadrant((2, 2), "0-5", None).err().unwrap();
        assert!(error.to_string().contains("5 objects do not fit into the 4 cells"), "{error}");
        for bad in ["", "x", "4-0", "0", "1-", "-1"] {
            assert!(bad.parse::<Objects>().is_err(), "{bad}");
        }
    }
}
