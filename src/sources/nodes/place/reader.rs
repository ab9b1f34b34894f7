//! The samples of a [`Place`].

use serde_json::{Value, json};

use crate::base::sample::masked;
use crate::base::{
    Canvas, Fault, Image, ImageMut, Label, LabelKind, Object, Reader, Rect, Sample, Shape, Stream, Told,
};
use crate::kernels::{fit, place, tile};
use crate::recipe::Size;
use crate::recipe::place::{Arrange, Clutter, Full, Inside, LabelOf, Lengths};

use super::{CLUTTER, PLACES, Place, PlacingError, class_of, put, sides};

/// An object on its way to the canvas.
#[derive(Default)]
struct Part {
    sample: Sample,
    /// The image in another size, where it has one.
    scaled: Option<Canvas>,
    slot: usize,
    image: u64,
    /// Where its ink is, within the image.
    ink: Rect,
    /// Where its top left corner is.
    y: i32,
    x: i32,
}

impl Part {
    fn pixels(&self) -> Image<'_> {
        self.scaled.as_ref().unwrap_or(&self.sample.canvas).image()
    }

    /// What of it has to be on the canvas.
    fn extent(&self, inside: Inside) -> Rect {
        match inside {
            Inside::Ink if !self.ink.is_empty() => self.ink,
            Inside::Ink | Inside::Image => Rect::of(self.pixels().shape),
        }
    }

    /// Its ink, or all of it, on the canvas.
    fn on_canvas(&self, rect: Rect) -> Rect {
        rect.moved(self.y, self.x)
    }
}

pub(super) struct PlaceReader<'a> {
    of: &'a Place,
    reader: Box<dyn Reader + 'a>,
    /// Used again and again; those of the present sample come first.
    parts: Vec<Part>,
    /// Which of them are on the canvas.
    placed: Vec<usize>,
    cells: Vec<usize>,
    /// Slots and images of the present sample.
    pub(super) picked: Vec<(usize, u64)>,
    piece: Sample,
    window: Canvas,
    /// Pieces of clutter, for whoever wants to know: image, place in it, place on the canvas.
    pieces: Vec<(u64, [usize; 4])>,
    room: Option<Box<Sample>>,
}

impl<'a> PlaceReader<'a> {
    pub(super) fn of(of: &'a Place) -> Self {
        Self {
            of,
            reader: of.of.reader(),
            parts: Vec::new(),
            placed: Vec::new(),
            cells: Vec::new(),
            picked: Vec::new(),
            piece: Sample::default(),
            window: Canvas::default(),
            pieces: Vec::new(),
            room: None,
        }
    }

    /// Reads the images of sample `index`, in their own sizes, and finds their ink where they keep these.
    fn load(&mut self, index: u64) -> Result<(), Fault> {
        self.of.picks(index, &mut self.cells, &mut self.picked);
        if self.parts.len() < self.picked.len() {
            self.parts.resize_with(self.picked.len(), Part::default);
        }
        for (part, &(slot, image)) in self.parts.iter_mut().zip(&self.picked) {
            self.reader.read(image, &mut part.sample)?;
            (part.slot, part.image) = (slot, image);
            if self.of.options.size.is_none() {
                part.ink = tile::tight_box(part.sample.canvas.image());
            }
        }
        Ok(())
    }

    /// Finds a place for each of them.
    fn arrange(&mut self, index: u64) -> Result<(), Fault> {
        let of = self.of;
        let objects = self.picked.len();
        let mut stream = of.stream(index, PLACES);
        self.placed.clear();
        if let Arrange::Row { lo, hi } = of.options.arrange {
            self.line_up(&mut stream, [lo, hi]);
        } else {
            for k in 0..objects {
                if self.settle(k, &mut stream) {
                    self.placed.push(k);
                }
            }
        }
        let must = of.options.full == Full::Error || of.options.label == LabelOf::Number;
        if must && let Some(lost) = (0..objects).find(|k| !self.placed.contains(k)) {
            return Err(PlacingError::NoPlace { index, object: lost + 1, objects }.into());
        }
        Ok(())
    }

    /// Draws the size of a part and makes it so large.
    fn size(&mut self, k: usize, stream: &mut Stream) {
        let part = &mut self.parts[k];
        if let Some(Lengths { lo, hi }) = self.of.options.size {
            let longer = if lo == hi { lo } else { stream.integer(lo as i64, hi as i64) as usize };
            let [height, width] = sides(Some(longer), self.of.tile);
            let shape = Shape::new(height, width, self.of.tile.kind);
            let scaled = part.scaled.get_or_insert_with(Canvas::default);
            scaled.reset(shape);
            scaled.in_place(|to, _| place::scale(part.sample.canvas.image(), to));
            part.ink = tile::tight_box(part.pixels());
        }
    }

    /// Draws sizes and places of a part until it has one that will do.
    fn settle(&mut self, k: usize, stream: &mut Stream) -> bool {
        let of = self.of;
        let options = &of.options;
        let overlap = options.overlap.get();
        for _ in 0..=options.retries {
            self.size(k, stream);
            let part = &self.parts[k];
            if let Arrange::At(places) = &options.arrange {
                let [y, x] = places[part.slot];
                (self.parts[k].y, self.parts[k].x) = (y, x);
                return true;
            }
            let (room, extent) = (of.room(part.slot, self.picked.len()), part.extent(options.inside));
            let Some(y) = draw(stream, [room.y0, room.y1], [extent.y0, extent.y1], options.exclusive) else {
                continue;
            };
            let Some(x) = draw(stream, [room.x0, room.x1], [extent.x0, extent.x1], options.exclusive) else {
                continue;
            };
            (self.parts[k].y, self.parts[k].x) = (y, x);
            let part = &self.parts[k];
            let own = part.on_canvas(part.ink);
            let is_free = |other: &usize| {
                let there = self.parts[*other].on_canvas(self.parts[*other].ink);
                let both = own.common(there).area();
                both == 0 || (both as f64) < overlap * (own.area() + there.area() - both) as f64
            };
            if overlap >= 1.0 || self.placed.iter().all(is_free) {
                return true;
            }
        }
        false
    }

    /// Puts parts one beside the other, as many as fit.
    fn line_up(&mut self, stream: &mut Stream, [lo, hi]: [i32; 2]) {
        let of = self.of;
        let (width, height) = (of.schema.shape.width as i32, of.schema.shape.height as i32);
        let mut end = 0;
        for k in 0..self.picked.len() {
            self.size(k, stream);
            let gap = if lo == hi { lo } else { stream.integer(lo.into(), hi.into()) as i32 };
            let part = &mut self.parts[k];
            let ink = part.extent(Inside::Ink);
            let start = if k == 0 { 0 } else { (end + gap).max(0) };
            if start + (ink.x1 - ink.x0) > width || ink.y1 - ink.y0 > height {
                break;
            }
            part.x = start - ink.x0;
            end = end.max(start + (ink.x1 - ink.x0));
            self.placed.push(k);
        }
        let shift = draw(stream, [0, width], [0, end], of.options.exclusive).unwrap_or(0);
        for &k in &self.placed {
            let part = &mut self.parts[k];
            let ink = part.extent(Inside::Ink);
            part.x += shift;
            part.y = draw(stream, [0, height], [ink.y0, ink.y1], of.options.exclusive).unwrap_or(0);
        }
    }

    /// Paints pieces of other images.
    fn clutter(&mut self, index: u64, canvas: &mut ImageMut<'_>, clutter: Clutter) -> Result<(), Fault> {
        let of = self.of;
        let mut stream = of.stream(index, CLUTTER);
        let Size { height, width } = clutter.size;
        let shape = Shape::new(height, width, of.tile.kind);
        self.pieces.clear();
        for _ in 0..clutter.pieces {
            let image = stream.below(of.of.len());
            self.reader.read(image, &mut self.piece)?;
            let mut within = |whole: usize, part: usize| stream.index(whole - part + 1);
            let at = [
                within(of.tile.height, height),
                within(of.tile.width, width),
                within(canvas.shape.height, height),
                within(canvas.shape.width, width),
            ];
            self.window.reset(shape);
            let piece = self.piece.canvas.image();
            self.window.in_place(|to, _| fit::window(piece, at[0], at[1], to));
            put(self.window.image(), canvas, at[2] as i32, at[3] as i32, of.options.combine);
            self.pieces.push((image, at));
        }
        Ok(())
    }

    /// The label of objects of these classes, in their order.
    fn label_of(&self, classes: impl Iterator<Item = u8>) -> Label {
        let of = self.of;
        match of.options.label {
            LabelOf::Classes | LabelOf::First => {
                let mut label = match of.schema.labels {
                    LabelKind::Class => Label::Class(0),
                    LabelKind::MultiHot | LabelKind::Soft => Label::NO_CLASS,
                };
                let most = if of.options.label == LabelOf::First { 1 } else { usize::MAX };
                classes.take(most).for_each(|class| label.set(class));
                label
            }
            LabelOf::Sum => Label::Class(classes.fold(0, u8::saturating_add)),
            LabelOf::Number => {
                let own = of.of.schema().classes();
                let number = classes.fold(0, |number, class| number * own + usize::from(class));
                Label::Class(u8::try_from(number).unwrap_or(u8::MAX))
            }
        }
    }
}

/// A place for what extends over `extent` within `room`, drawn evenly; none if it does not fit.
fn draw(stream: &mut Stream, room: [i32; 2], extent: [i32; 2], exclusive: bool) -> Option<i32> {
    let (lo, hi) = (room[0] - extent[0], room[1] - extent[1]);
    if lo > hi {
        return None;
    }
    let hi = if exclusive { (hi - 1).max(lo) } else { hi };
    Some(if lo == hi { lo } else { stream.integer(lo.into(), hi.into()) as i32 })
}

impl Reader for PlaceReader<'_> {
    fn read(&mut self, index: u64, sample: &mut Sample) -> Result<(), Fault> {
        let of = self.of;
        self.load(index)?;
        self.arrange(index)?;
        sample.begin(0);
        let shape = of.schema.shape;
        let pixels = sample.canvas.reset(shape);
        pixels.fill(0);
        let mut canvas = ImageMut::new(shape, pixels);
        if of.options.masks {
            sample.mask.resize(shape.pixels(), 0);
        }
        if let Some(clutter) = of.options.clutter {
            self.clutter(index, &mut canvas, clutter)?;
        }
        for &k in &self.placed {
            let part = &self.parts[k];
            put(part.pixels(), &mut canvas, part.y, part.x, of.options.combine);
            if of.options.masks {
                // The constructor has seen to it that cells are fewer than values.
                let id = (part.slot + 1) as u8;
                place::mark(part.pixels(), &mut sample.mask, [shape.height, shape.width], part.y, part.x, id);
            }
            let whole = part.extent(Inside::Image);
            let (tight, area) = (part.on_canvas(part.ink), part.on_canvas(whole));
            sample.objects.push(Object {
                class: class_of(part.sample.label),
                cell: part.slot,
                origin: part.sample.origin,
                tight: tight.clipped(shape),
                area: match of.options.arrange {
                    Arrange::Grid(_) => of.room(part.slot, self.picked.len()),
                    Arrange::Free | Arrange::Columns | Arrange::Row { .. } | Arrange::At(_) => {
                        area.clipped(shape)
                    }
                },
            });
        }
        if of.options.masks {
            // What is painted over is not seen.
            for object in &mut sample.objects {
                object.tight = masked(&sample.mask, shape.width, object.cell).0;
            }
        }
        sample.label = self.label_of(sample.objects.iter().map(|object| object.class));
        sample.origin = sample.objects.first().map_or(0, |object| object.origin);
        if of.options.class_truth {
            sample.truth.resize(of.schema.truth.len(), -1);
            for object in &sample.objects {
                sample.truth[object.cell] = object.class.into();
            }
        }
        Ok(())
    }

    fn explain(
        &mut self,
        index: u64,
        sample: &mut Sample,
        tell: &mut dyn FnMut(Told<'_>),
    ) -> Result<(), Fault> {
        self.read(index, sample)?;
        let shown = self.placed.iter().map(|&k| {
            let part = &self.parts[k];
            match self.of.options.arrange {
                Arrange::Grid(_) => json!({ "cell": part.slot, "image": part.image }),
                Arrange::Free | Arrange::Columns | Arrange::Row { .. } | Arrange::At(_) => {
                    let Shape { height, width, .. } = part.pixels().shape;
                    json!({ "image": part.image, "y": part.y, "x": part.x, "height": height, "width": width })
                }
            }
        });
        let mut drawn = json!({ "objects": shown.collect::<Vec<Value>>() });
        if self.of.options.clutter.is_some() {
            let piece = |(image, [top, left, y, x]): &(u64, [usize; 4])| json!({ "image": image, "from": [top, left], "y": y, "x": x });
            drawn["clutter"] = self.pieces.iter().map(piece).collect();
        }
        tell(Told { step: self.of.name, drawn, image: sample.canvas.image() });
        Ok(())
    }

    fn label(&mut self, index: u64) -> Result<Label, Fault> {
        if !self.of.is_certain() {
            let mut room = self.room.take().unwrap_or_default();
            self.read(index, &mut room)?;
            let label = room.label;
            self.room = Some(room);
            return Ok(label);
        }
        self.of.picks(index, &mut self.cells, &mut self.picked);
        let mut classes = Vec::with_capacity(self.picked.len());
        for &(_, image) in &self.picked {
            classes.push(class_of(self.reader.label(image)?));
        }
        Ok(self.label_of(classes.into_iter()))
    }

    fn origins(&mut self, index: u64, origins: &mut Vec<u64>) -> Result<(), Fault> {
        // An object that finds no place is counted, too: who leaves out what it might show is on the safe side.
        self.of.picks(index, &mut self.cells, &mut self.picked);
        self.picked.iter().try_for_each(|&(_, image)| self.reader.origins(image, origins))
    }
}
