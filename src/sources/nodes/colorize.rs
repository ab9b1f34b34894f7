//! Gray digits onto backgrounds in random colors.

use std::sync::Arc;

use serde_json::json;

use crate::base::sample::masked;
use crate::base::{
    Address, DataSet, Fault, Grid, Label, LabelKind, Object, Reader, Rect, Sample, Schema, Scratch, Shape,
    Source, Stage, Stream, Told, Watch,
};
use crate::kernels::colorize::{self, Span};

use super::NodeError;
use super::backgrounds::{Backgrounds, Fitted};
use crate::recipe;
use crate::recipe::colorize::{Options, Style};
use crate::sources::open::{Open, each_split};

impl Open for recipe::Colorize {
    fn open_watched(&self, watch: &Watch) -> Result<DataSet, Fault> {
        let backgrounds = Backgrounds::load(self.backgrounds.as_deref(), self.skip_unreadable)?;
        let mut notes = backgrounds.notes.clone();
        let mut data = each_split(self.of.open_watched(watch)?, |split| {
            let (source, more) = Colorize::new(split.source, &split.name, &backgrounds, self.options)?;
            notes.extend(more);
            Ok(Arc::new(source))
        })?;
        notes.dedup();
        data.notes.extend(notes);
        data.inputs.push(backgrounds.input);
        Ok(data)
    }
}

/// The images of another source on backgrounds: sample `i * per_image + k` shows image `i` for the k-th time.
pub struct Colorize {
    of: Arc<dyn Source>,
    options: Options,
    /// Outputs for each image.
    per_image: u64,
    backgrounds: Vec<Fitted>,
    /// Their file names.
    names: Vec<String>,
    /// Gray levels of the backgrounds that are the same for all images, for the `minmax` style.
    levels: Vec<Vec<f32>>,
    /// Whether each digit becomes an object with a mask.
    marks: bool,
    schema: Schema,
    stage: Stage,
    order_stage: Stage,
}

impl Colorize {
    /// The images of `of`, which is the split named `split`. Returns warnings, too.
    ///
    /// # Errors
    /// If the images are not gray, or there would be more samples than can be counted.
    pub fn new(
        of: Arc<dyn Source>,
        split: &str,
        backgrounds: &Backgrounds,
        options: Options,
    ) -> Result<(Self, Vec<String>), Fault> {
        let mut schema = of.schema().clone();
        if schema.shape.channels() != 1 {
            return Err(NodeError::NotGray { shape: schema.shape }.into());
        }
        NodeError::refuse_varied("colorize", of.as_ref())?;
        NodeError::refuse_frames("colorize", &schema)?;
        if options.masks && !schema.masks {
            let why = match (schema.grid, schema.labels) {
                (Some(_), _) => "these images have several objects, and no masks of them",
                (None, LabelKind::MultiHot | LabelKind::Soft) => {
                    "these images have no class each that an object could have"
                }
                (None, LabelKind::Class) => "",
            };
            if !why.is_empty() {
                return Err(NodeError::NoMasks { why }.into());
            }
            schema.grid = Some(Grid { rows: 1, columns: 1 });
            schema.masks = true;
        }
        let marks = schema.masks && of.schema().grid.is_none();
        let shape = schema.shape.as_rgb();
        schema.shape = shape;
        let per_image = options.per_image.unwrap_or(backgrounds.list.len() as u64);
        if of.len().checked_mul(per_image).is_none_or(|samples| samples > 1 << 48) {
            return Err(NodeError::Uncountable { images: of.len() }.into());
        }
        let mut scratch = Scratch::default();
        let mut notes = Vec::new();
        let mut fitted = Vec::new();
        let mut levels = Vec::new();
        for background in &backgrounds.list {
            let picture = Fitted::new(background, options.fit, shape, &mut scratch)?;
            if let (Style::Minmax, Fitted::Fixed(pixels)) = (options.style, &picture) {
                let mut own = vec![0.0; shape.bytes()];
                if !colorize::levels(pixels, &mut own) {
                    notes.push(format!(
                        "background {} is flat: every image on it has one color behind",
                        background.name
                    ));
                }
                levels.push(own);
            }
            fitted.push(picture);
        }
        let colorize = Self {
            of,
            options,
            per_image,
            backgrounds: fitted,
            names: backgrounds.list.iter().map(|background| background.name.clone()).collect(),
            levels,
            marks,
            schema,
            stage: Stage::new("colorize", split),
            order_stage: Stage::new("colorize backgrounds", split),
        };
        Ok((colorize, notes))
    }

    /// Which background the k-th output of image `image` has.
    fn background(&self, image: u64, k: u64, order: &mut Vec<usize>) -> usize {
        let count = self.backgrounds.len();
        if self.options.per_image.is_none() {
            return k as usize;
        }
        // Each full round through the backgrounds is a permutation of its own, so that few repeat.
        let round = k / count as u64;
        order.clear();
        order.extend(0..count);
        Stream::at(self.options.seed, self.order_stage, image, round).shuffle(order);
        order[(k % count as u64) as usize]
    }
}

impl Source for Colorize {
    fn len(&self) -> u64 {
        self.of.len() * self.per_image
    }

    fn schema(&self) -> &Schema {
        &self.schema
    }

    fn stretches(&self) -> Option<Vec<u64>> {
        let starts = self.of.stretches()?;
        Some(starts.into_iter().map(|start| start * self.per_image).collect())
    }

    fn reader(&self) -> Box<dyn Reader + '_> {
        Box::new(ColorizeReader {
            of: self,
            reader: self.of.reader(),
            digit: Sample::default(),
            held: None,
            ink: Vec::new(),
            window: Vec::new(),
            levels: Vec::new(),
            order: Vec::new(),
        })
    }
}

struct ColorizeReader<'a> {
    of: &'a Colorize,
    reader: Box<dyn Reader + 'a>,
    digit: Sample,
    /// Index of the image that `digit` and `ink` hold; neighboring samples show the same one.
    held: Option<u64>,
    ink: Vec<(u32, u8)>,
    window: Vec<u8>,
    levels: Vec<f32>,
    order: Vec<usize>,
}

/// What is drawn for one output.
#[derive(Clone, Copy, Debug)]
struct Drawn {
    /// Number of the background.
    background: usize,
    /// Top left corner of the window, for backgrounds that are larger.
    place: (usize, usize),
    colors: Colors,
}

#[derive(Clone, Copy, Debug)]
enum Colors {
    /// Per channel: ends of the digit's values, and of the background's.
    Spans {
        digit: [Span; 3],
        back: [Span; 3],
    },
    /// The digit's color.
    Opaque([u8; 3]),
    None,
}

impl Drawn {
    /// For people and their scripts; `low` and `range` are exact, so that the pixels can be computed again.
    fn to_json(self, backgrounds: &[String]) -> serde_json::Value {
        let spans = |spans: [Span; 3]| spans.map(|span| json!({ "low": span.low, "range": span.range }));
        let mut value = json!({ "background": backgrounds[self.background], "place": self.place });
        match self.colors {
            Colors::Spans { digit, back } => {
                value["digit"] = json!(spans(digit));
                value["back"] = json!(spans(back));
            }
            Colors::Opaque(color) => value["color"] = json!(color),
            Colors::None => {}
        }
        value
    }
}

impl ColorizeReader<'_> {
    /// Draws what decides output `index`.
    fn draw(&mut self, index: u64) -> Drawn {
        let of = self.of;
        let background = of.background(index / of.per_image, index % of.per_image, &mut self.order);
        let address = Address { seed: of.options.seed, stage: of.stage, item: index };
        let mut stream = address.stream(0);
        let place = match of.backgrounds[background].places(of.schema.shape) {
            (1, 1) => (0, 0),
            (down, across) => (stream.index(down), stream.index(across)),
        };
        let colors = match of.options.style {
            Style::Minmax => {
                let mut span = || {
                    // 24 random bits, so that the largest value is the last float below 255.
                    let mut end = || (stream.u32() >> 8) as f32 * (255.0 / 16_777_216.0);
                    Span::between(end(), end())
                };
                // Per channel: a, b for the digit, then c, d for the background.
                let spans: [(Span, Span); 3] = std::array::from_fn(|_| (span(), span()));
                Colors::Spans { digit: spans.map(|(digit, _)| digit), back: spans.map(|(_, back)| back) }
            }
            Style::Difference => Colors::None,
            Style::Alpha => Colors::Opaque(std::array::from_fn(|_| stream.below(256) as u8)),
        };
        Drawn { background, place, colors }
    }

    /// Makes an object of the digit, where that is asked for: its ink is what is not 0.
    fn mark(&mut self) {
        let Self { digit, of, .. } = self;
        let Label::Class(class) = digit.label else { return };
        if !of.marks {
            return;
        }
        digit.mask.clear();
        digit.mask.extend(digit.canvas.pixels().iter().map(|value| u8::from(*value != 0)));
        let Shape { height, width, .. } = of.schema.shape;
        let area = Rect { x0: 0, y0: 0, x1: width as i32, y1: height as i32 };
        let tight = masked(&digit.mask, width, 0).0;
        digit.objects.clear();
        digit.objects.push(Object { class, cell: 0, origin: digit.origin, tight, area });
    }

    /// Lists the digit's pixels that are not 0.
    fn take_ink(&mut self) {
        self.ink.clear();
        let pixels = (0..).zip(self.digit.canvas.pixels());
        self.ink.extend(pixels.filter(|(_, value)| **value != 0).map(|(pixel, value)| (pixel, *value)));
    }

    /// Paints the digit at hand.
    fn paint(&mut self, drawn: &Drawn, sample: &mut Sample) {
        let of = self.of;
        sample.label = self.digit.label;
        sample.origin = self.digit.origin;
        sample.objects.clone_from(&self.digit.objects);
        sample.mask.clone_from(&self.digit.mask);
        sample.truth.clone_from(&self.digit.truth);
        sample.soft.clone_from(&self.digit.soft);
        let background = &of.backgrounds[drawn.background];
        let shape: Shape = of.schema.shape;
        let digit = self.digit.canvas.pixels();
        let out = sample.canvas.reset(shape);
        match drawn.colors {
            Colors::Spans { digit: ink, back } => {
                let levels = match background {
                    Fitted::Fixed(_) => &of.levels[drawn.background],
                    Fitted::Windows { .. } => {
                        self.levels.resize(shape.bytes(), 0.0);
                        let pixels = background.at(drawn.place, shape, &mut self.window);
                        colorize::levels(pixels, &mut self.levels);
                        &self.levels
                    }
                };
                colorize::stretch(levels, back, out);
                colorize::ink_over(&self.ink, ink, out);
            }
            Colors::None => {
                colorize::difference(background.at(drawn.place, shape, &mut self.window), digit, out);
            }
            Colors::Opaque(color) => {
                colorize::alpha(background.at(drawn.place, shape, &mut self.window), digit, color, out);
            }
        }
    }
}

impl Reader for ColorizeReader<'_> {
    fn read(&mut self, index: u64, sample: &mut Sample) -> Result<(), Fault> {
        let image = index / self.of.per_image;
        if self.held != Some(image) {
            self.held = None;
            self.reader.read(image, &mut self.digit)?;
            self.mark();
            self.take_ink();
            self.held = Some(image);
        }
        let drawn = self.draw(index);
        self.paint(&drawn, sample);
        Ok(())
    }

    fn label(&mut self, index: u64) -> Result<Label, Fault> {
        self.reader.label(index / self.of.per_image)
    }

    fn origins(&mut self, index: u64, origins: &mut Vec<u64>) -> Result<(), Fault> {
        self.reader.origins(index / self.of.per_image, origins)
    }

    fn explain(
        &mut self,
        index: u64,
        sample: &mut Sample,
        tell: &mut dyn FnMut(Told<'_>),
    ) -> Result<(), Fault> {
        self.held = None;
        self.reader.explain(index / self.of.per_image, &mut self.digit, tell)?;
        self.mark();
        self.take_ink();
        let drawn = self.draw(index);
        self.paint(&drawn, sample);
        tell(Told { step: "colorize", drawn: drawn.to_json(&self.of.names), image: sample.canvas.image() });
        Ok(())
    }
}
