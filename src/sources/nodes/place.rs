//! Several images, each somewhere on a canvas.

use std::sync::Arc;

use crate::base::sample::{MAX_TRUTH, MOST_MASKED, numbered_classes};
use crate::base::{
    Address, DataSet, Fault, Grid, Image, ImageMut, Label, LabelKind, Reader, Rect, Sample, Schema, Shape,
    Source, Stage, Stream, Watch,
};
use crate::kernels::place;
use crate::recipe;
use crate::recipe::Size;
use crate::recipe::place::{
    Arrange, Clutter, Combine, Full, Inside, LabelOf, Lengths, MOST_OBJECTS, Options, Pick,
};
use crate::recipe::quadrant::Objects;
use crate::sources::open::{Open, each_split};

use super::NodeError;
use super::picks::{Asked, Picks};

mod error;
mod reader;
#[cfg(test)]
mod tests;

pub use error::PlacingError;
use reader::PlaceReader;

/// What the numbers of a sample are drawn for; each has a stream of its own.
const PICKS: u64 = 0;
const PLACES: u64 = 1;
const CLUTTER: u64 = 2;

/// So many samples are looked at before work begins, to see whether objects find their places.
const PROBED: u64 = 16;

impl Open for recipe::Place {
    fn open_watched(&self, watch: &Watch) -> Result<DataSet, Fault> {
        let mut notes = Vec::new();
        let mut data = each_split(self.of.open_watched(watch)?, |split| {
            let placed = Place::new(split.source, &split.name, self.options.clone(), watch)?;
            notes.extend(placed.probe(&split.name)?);
            Ok(Arc::new(placed))
        })?;
        data.notes.extend(notes);
        Ok(data)
    }
}

/// Canvases with images of another source.
///
/// Which images a sample shows, where they stand and what lies behind them are drawn from three streams, so that labels are known
/// without pixels wherever every object finds its place.
pub struct Place {
    of: Arc<dyn Source>,
    options: Options,
    /// The command that it is.
    name: &'static str,
    /// Images of the other source.
    tile: Shape,
    schema: Schema,
    stage: Stage,
    picks: Picks,
}

impl Place {
    /// Canvases with the images of `of`, which is the split named `split`.
    ///
    /// # Errors
    /// If options contradict each other or the images, or labels cannot be read.
    pub fn new(of: Arc<dyn Source>, split: &str, options: Options, watch: &Watch) -> Result<Self, Fault> {
        Self::called("place", of, split, options, watch)
    }

    /// The same, as the command `name`, by which the numbers are drawn.
    pub(super) fn called(
        name: &'static str,
        of: Arc<dyn Source>,
        split: &str,
        options: Options,
        watch: &Watch,
    ) -> Result<Self, Fault> {
        let mut schema = of.schema().clone();
        let hi = options.objects.hi;
        if let Arrange::Grid(grid) = options.arrange
            && hi > grid.cells()
        {
            return Err(NodeError::Cells { objects: options.objects, grid }.into());
        }
        NodeError::refuse_frames(name, &schema)?;
        NodeError::refuse_soft(name, &schema)?;
        if schema.labels != LabelKind::Class || schema.grid.is_some() {
            return Err(NodeError::Composed { node: name }.into());
        }
        NodeError::refuse_varied(name, of.as_ref())?;
        let tile = schema.shape;
        check(&options, tile)?;
        let canvas = canvas(&options, tile);
        schema.shape = Shape::new(canvas.height, canvas.width, tile.kind);
        schema.grid = Some(match options.arrange {
            Arrange::Grid(grid) => grid,
            Arrange::Free | Arrange::Columns | Arrange::Row { .. } | Arrange::At(_) => {
                Grid { rows: 1, columns: hi }
            }
        });
        schema.masks = options.masks;
        if options.masks && schema.grid.is_some_and(|grid| grid.cells() > MOST_MASKED) {
            return Err(PlacingError::TooManyMasked(options.objects).into());
        }
        // It is that of the images, of which there are several.
        schema.truth.clear();
        let cells = schema.grid.map_or(0, Grid::cells);
        if options.class_truth && cells > MAX_TRUTH {
            return Err(PlacingError::TooManyKnown(cells).into());
        }
        if options.class_truth {
            schema.truth = (1..=cells).map(|k| format!("class_{k}")).collect();
        }
        (schema.labels, schema.class_names) = labels(&options, schema.class_names)?;
        let Options { objects, count, pick, others, seed, .. } = options;
        let stage = Stage::new(name, split);
        let picks = Picks::new(&of, (split, stage), Asked { objects, count, pick, others, seed }, watch)?;
        Ok(Self { of, options, name, tile, schema, stage, picks })
    }

    fn stream(&self, index: u64, node: u64) -> Stream {
        Address { seed: self.options.seed, stage: self.stage, item: index }.stream(node)
    }

    /// Whether every object that is drawn is there for certain.
    fn is_certain(&self) -> bool {
        self.options.full == Full::Error
            || self.options.label == LabelOf::Number
            || match self.options.arrange {
                Arrange::At(_) => true,
                Arrange::Grid(_) => self.options.inside == Inside::Image,
                Arrange::Free | Arrange::Columns => {
                    self.options.overlap.get() >= 1.0 && self.options.inside == Inside::Image
                }
                Arrange::Row { .. } => false,
            }
    }

    /// Which images sample `index` shows, and of which slot each is: in the order in which they are drawn.
    fn picks(&self, index: u64, cells: &mut Vec<usize>, picked: &mut Vec<(usize, u64)>) {
        let mut stream = self.stream(index, PICKS);
        let objects = self.picks.number(&mut stream);
        picked.clear();
        cells.clear();
        if let Arrange::Grid(grid) = self.options.arrange {
            cells.extend(0..grid.cells());
        }
        for k in 0..objects {
            let first = picked.first().map(|&(_, image)| image);
            let image = self.picks.image(index, (k, objects), first, &mut stream);
            let slot = if cells.is_empty() {
                k
            } else {
                // The k-th step of a shuffle from the front.
                let other = k + stream.index(cells.len() - k);
                cells.swap(k, other);
                cells[k]
            };
            picked.push((slot, image));
        }
        // Cells are filled in their order, and what is first is decided by it.
        picked.sort_unstable_by_key(|&(slot, _)| slot);
    }

    /// The cell of a slot, as rows and columns of the canvas; without a grid what a slot may be placed in.
    fn room(&self, slot: usize, objects: usize) -> Rect {
        let Shape { height, width, .. } = self.schema.shape;
        let (rows, columns, row, column) = match self.options.arrange {
            Arrange::Grid(grid) => (grid.rows, grid.columns, slot / grid.columns, slot % grid.columns),
            Arrange::Columns => (1, objects.max(1), 0, slot),
            Arrange::Free | Arrange::Row { .. } | Arrange::At(_) => (1, 1, 0, 0),
        };
        let edge = |k: usize, of: usize, side: usize| (k * side / of) as i32;
        Rect {
            x0: edge(column, columns, width),
            y0: edge(row, rows, height),
            x1: edge(column + 1, columns, width),
            y1: edge(row + 1, rows, height),
        }
    }

    /// Looks at the first samples: notes that objects find no place, if that is how it is.
    fn probe(&self, split: &str) -> Result<Option<String>, Fault> {
        if self.is_certain() && self.options.full == Full::Fewer && self.options.label != LabelOf::Number {
            return Ok(None);
        }
        let (mut reader, mut sample) = (PlaceReader::of(self), Sample::default());
        let probed = PROBED.min(self.len());
        let mut lacking = 0;
        for index in 0..probed {
            reader.read(index, &mut sample)?;
            lacking += u64::from(sample.objects.len() < reader.picked.len());
        }
        Ok((lacking > 0).then(|| {
            format!(
                "{split}: {lacking} of the first {probed} canvases have fewer objects than were drawn for them, because no place was found"
            )
        }))
    }
}

/// The size of a canvas.
fn canvas(options: &Options, tile: Shape) -> Size {
    options.canvas.unwrap_or(match options.arrange {
        Arrange::Grid(grid) => {
            let [height, width] = sides(options.size.map(|size| size.hi), tile);
            Size { height: height * grid.rows, width: width * grid.columns }
        }
        Arrange::Free | Arrange::Columns | Arrange::Row { .. } | Arrange::At(_) => recipe::place::CANVAS,
    })
}

/// Height and width of an image whose longer side is to be `longer` pixels.
fn sides(longer: Option<usize>, tile: Shape) -> [usize; 2] {
    let most = tile.height.max(tile.width);
    let scaled = |side: usize, longer: usize| ((side * longer + most / 2) / most).max(1);
    [tile.height, tile.width].map(|side| longer.map_or(side, |longer| scaled(side, longer)))
}

/// Whether options make sense together, and objects have room.
fn check(options: &Options, tile: Shape) -> Result<(), PlacingError> {
    let Options { objects, label, .. } = options;
    if objects.hi > MOST_OBJECTS && !matches!(options.arrange, Arrange::Grid(_)) {
        return Err(PlacingError::TooMany(*objects));
    }
    let is_range = objects.lo != objects.hi;
    if let Arrange::At(places) = &options.arrange
        && places.len() != objects.hi
    {
        return Err(PlacingError::Places { places: places.len(), objects: *objects });
    }
    match label {
        LabelOf::Number if is_range => {
            return Err(PlacingError::Range { option: "--label number", objects: *objects });
        }
        LabelOf::First if objects.lo == 0 => return Err(PlacingError::NoFirst(*objects)),
        LabelOf::Classes | LabelOf::First | LabelOf::Number | LabelOf::Sum => {}
    }
    let canvas = canvas(options, tile);
    let [height, width] = sides(options.size.map(|Lengths { hi, .. }| hi), tile);
    let whole = [canvas.height, canvas.width];
    let (place, room) = match options.arrange {
        // What is beyond the canvas is not seen.
        Arrange::At(_) | Arrange::Row { .. } => ("a canvas", [usize::MAX; 2]),
        Arrange::Free => ("a canvas", whole),
        Arrange::Columns => ("a column", [canvas.height, canvas.width / objects.hi]),
        Arrange::Grid(grid) => ("a cell", [canvas.height / grid.rows, canvas.width / grid.columns]),
    };
    let fits = |[height, width]: [usize; 2], room: [usize; 2]| height <= room[0] && width <= room[1];
    if options.inside == Inside::Image && !fits([height, width], room) {
        return Err(PlacingError::NoRoom { height, width, place, room });
    }
    if let Some(Clutter { size: Size { height, width }, .. }) = options.clutter {
        for (place, room) in [("images", [tile.height, tile.width]), ("a canvas", whole)] {
            if !fits([height, width], room) {
                return Err(PlacingError::NoRoom { height, width, place, room });
            }
        }
    }
    Ok(())
}

/// How canvases are labeled, and names of the classes.
fn labels(options: &Options, names: Vec<String>) -> Result<(LabelKind, Vec<String>), PlacingError> {
    let (objects, classes) = (options.objects.hi, names.len());
    match options.label {
        LabelOf::Classes if options.objects == Objects::ONE => Ok((LabelKind::Class, names)),
        LabelOf::Classes => Ok((LabelKind::MultiHot, names)),
        LabelOf::First => Ok((LabelKind::Class, names)),
        LabelOf::Sum => {
            let most = (classes as u64).saturating_sub(1).saturating_mul(objects as u64);
            if most > 255 {
                return Err(PlacingError::Label { label: "sum", most });
            }
            Ok((LabelKind::Class, numbered_classes(most as usize + 1)))
        }
        LabelOf::Number => {
            let numbers = (classes as u64).checked_pow(objects as u32).unwrap_or(u64::MAX);
            if numbers > 256 {
                return Err(PlacingError::Label { label: "number", most: numbers - 1 });
            }
            let name = |number: usize| {
                let digit = |k: u32| names[number / classes.pow(k) % classes].as_str();
                let digits: Vec<&str> = (0..objects as u32).rev().map(digit).collect();
                digits.join(if names.iter().all(|name| name.len() == 1) { "" } else { "-" })
            };
            Ok((LabelKind::Class, (0..numbers as usize).map(name).collect()))
        }
    }
}

/// Puts an image on the canvas as options say.
pub(super) fn put(image: Image<'_>, canvas: &mut ImageMut<'_>, y: i32, x: i32, how: Combine) {
    match how {
        Combine::Lightest => place::put(image, canvas, y, x, u8::max),
        Combine::Add => place::put(image, canvas, y, x, u8::saturating_add),
        Combine::Over => place::put(image, canvas, y, x, |_, own| own),
    }
}

/// The class of a sample, of which there are no others here.
pub(super) fn class_of(label: Label) -> u8 {
    match label {
        Label::Class(class) => class,
        Label::MultiHot(_) => unreachable!("the constructor refuses other labels"),
    }
}

impl Source for Place {
    fn len(&self) -> u64 {
        self.picks.count()
    }

    fn schema(&self) -> &Schema {
        &self.schema
    }

    fn stretches(&self) -> Option<Vec<u64>> {
        // Objects that are drawn come from anywhere: no order is better than another.
        let is_in_turn = self.options.objects == Objects::ONE && self.options.pick == Pick::Each;
        if !is_in_turn || self.options.clutter.is_some() {
            return None;
        }
        let (starts, passes) = (self.of.stretches()?, self.len().div_ceil(self.of.len().max(1)));
        let all = (0..passes).flat_map(|pass| starts.iter().map(move |start| pass * self.of.len() + start));
        Some(all.take_while(|start| *start < self.len()).collect())
    }

    fn reader(&self) -> Box<dyn Reader + '_> {
        Box::new(PlaceReader::of(self))
    }
}
