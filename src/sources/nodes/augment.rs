//! Images of another source, augmented by a pipeline.

use std::sync::Arc;

use crate::base::choice::Choice;
use crate::base::sample::masked;
use crate::base::{
    Address, Channels, DataSet, Explain, Fault, Label, LabelKind, Object, Reader, Sample, Schema, Shape,
    Source, Stage, Stream, Told, Varied, Watch,
};
use crate::pipeline::python::Wanted;
use crate::pipeline::{Pipeline, Plan, Spec, presets};
use crate::recipe;
use crate::recipe::augment::{Only, Options, PipelineText, Which, Written};
use crate::sources::open::{Open, each_split};
use crate::text::{At, Complaint, TextError, Tree};

use super::NodeError;

mod only;

use only::Rest;

impl Open for recipe::Augment {
    fn open_watched(&self, watch: &Watch) -> Result<DataSet, Fault> {
        let Self { of, options } = self;
        each_split(of.open_watched(watch)?, |split| {
            Ok(Arc::new(Augment::new(split.source, &split.name, options)?))
        })
    }
}

/// A pipeline as recipes keep it: `spec`, which was read from `text`, the content of what the user calls `name`.
///
/// # Errors
/// If it cannot be written as JSON.
pub fn kept(name: &str, text: &str, spec: &Spec) -> Result<PipelineText, Fault> {
    let json = serde_json::to_value(spec)
        .map_err(|source| NodeError::NoJson { what: format!("{name}: the pipeline"), source })?;
    let mut places = Vec::new();
    spec.for_each(&mut |step| places.push(step.at));
    let written = Written { name: name.to_owned(), text: text.to_owned(), places };
    Ok(PipelineText { spec: json, written: Some(written) })
}

/// The pipeline in `text`, which is the content of what the user calls `name`, as recipes keep it.
///
/// # Errors
/// What is wrong with it, and where.
pub fn read(name: &str, text: &str) -> Result<PipelineText, Fault> {
    let loaded = presets::loaded(name, text.to_owned(), &Wanted::default())?;
    kept(name, &loaded.text, &loaded.spec)
}

/// A kept pipeline, read.
struct Restored<'a> {
    spec: Arc<Spec>,
    /// Places of the steps in the kept form, in pre-order; no two are equal.
    kept: Vec<Option<At>>,
    /// Their places in the text that it was read from,
    places: &'a [Option<At>],
    /// which is this, and its name.
    text: &'a str,
    name: &'a str,
}

impl<'a> Restored<'a> {
    fn of(pipeline: &'a PipelineText) -> Result<Self, Fault> {
        let (name, text, places) = match &pipeline.written {
            Some(Written { name, text, places }) => (name.as_str(), text.as_str(), places.as_slice()),
            None => ("the recipe's pipeline", "", &[][..]),
        };
        let spec = Spec::of_tree(&Tree::from(&pipeline.spec))
            .map_err(|complaint| Complaint { at: None, ..complaint }.in_text(name, text))?;
        let mut kept = Vec::new();
        spec.for_each(&mut |step| kept.push(step.at));
        Ok(Self { spec: Arc::new(spec), kept, places, text, name })
    }

    /// The error about a step, at its place in the text.
    fn complain(&self, complaint: Complaint) -> TextError {
        let step = self.kept.iter().position(|at| *at == complaint.at);
        let at = step.and_then(|step| *self.places.get(step)?);
        Complaint { at, ..complaint }.in_text(self.name, self.text)
    }
}

/// The pipeline, ready for images of each of these shapes, and, where what it makes of images of one shape
/// differs in size, why.
fn compile(
    pipeline: &PipelineText,
    mut shapes: Vec<Shape>,
) -> Result<(Vec<Pipeline>, Option<Varied>), Fault> {
    let restored = Restored::of(pipeline)?;
    shapes.sort_by_key(|shape| key(*shape));
    shapes.dedup();
    let mut why = None;
    let mut compiled = Vec::with_capacity(shapes.len());
    for shape in shapes {
        let pipeline = Pipeline::new(Arc::clone(&restored.spec), shape)
            .map_err(|complaint| restored.complain(complaint))?;
        if let (Err(complaint), None) = (pipeline.shape_out(), &why) {
            let error = restored.complain(complaint.clone());
            why = Some(Varied { help: error.help().unwrap_or_default(), reason: error.to_string() });
        }
        compiled.push(pipeline);
    }
    Ok((compiled, why))
}

/// What shapes are ordered by.
fn key(shape: Shape) -> (usize, usize, usize) {
    (shape.height, shape.width, shape.channels())
}

/// The smallest shape that all of these fit into.
fn hull(shapes: &[Shape]) -> Shape {
    let most = |side: fn(&Shape) -> usize| shapes.iter().map(side).max().unwrap_or(1);
    let kind = shapes.iter().map(|shape| shape.kind).max().unwrap_or(Channels::Gray);
    Shape::new(most(|s| s.height), most(|s| s.width), kind)
}

/// Augmented images; behind the originals, if these are kept.
pub struct Augment {
    of: Arc<dyn Source>,
    /// One for each shape of the images, by shape.
    pipelines: Vec<Pipeline>,
    /// Distinct shapes of the results, as far as they are known.
    shapes: Vec<Shape>,
    why_varied: Option<Varied>,
    which: Which,
    /// Originals in front.
    originals: u64,
    /// What share of an object has to be left.
    min_visible: f64,
    /// What the steps are for, if not for all of an image.
    only: Option<Only>,
    seed: u64,
    schema: Schema,
    stage: Stage,
    pick_stage: Stage,
}

impl Augment {
    /// The images of `of`, which is the split named `split`.
    ///
    /// # Errors
    /// If the pipeline does not fit the images.
    pub fn new(of: Arc<dyn Source>, split: &str, options: &Options) -> Result<Self, Fault> {
        let mut schema = of.schema().clone();
        NodeError::refuse_frames("augment", &schema)?;
        if options.min_visible.get() > 0.0 && schema.grid.is_none() {
            return Err(NodeError::NoObjects { option: "--min-visible" }.into());
        }
        let (pipelines, why) = compile(&options.pipeline, of.shapes())?;
        if options.only.is_some() {
            if !schema.masks && (schema.grid.is_some() || schema.shape.channels() > 1) {
                return Err(NodeError::NoInk.into());
            }
            let other = |pipeline: &&Pipeline| pipeline.shape_out().ok() != Some(pipeline.shape_in());
            if let Some(pipeline) = pipelines.iter().find(other) {
                return Err(NodeError::OnlyResized { shape: pipeline.shape_in() }.into());
            }
        }
        let known = |pipeline: &Pipeline| pipeline.shape_out().unwrap_or(pipeline.shape_in());
        let mut shapes: Vec<Shape> = pipelines.iter().map(known).collect();
        if options.keep_originals {
            let made = hull(&shapes);
            let sizes_may_differ = schema.varied || why.is_some();
            if made.kind != schema.shape.kind || (!sizes_may_differ && made != schema.shape) {
                return Err(NodeError::Originals { made, originals: schema.shape }.into());
            }
            shapes.extend(of.shapes());
        }
        shapes.sort_by_key(|shape| key(*shape));
        shapes.dedup();
        schema.shape = hull(&shapes);
        schema.varied = why.is_some() || shapes.len() > 1;
        let why_varied = schema.varied.then(|| why.or_else(|| of.why_varied())).flatten();
        let originals = if options.keep_originals { of.len() } else { 0 };
        let made = match options.which {
            Which::Copies(copies) => of.len().checked_mul(copies),
            Which::Sample(samples) => Some(samples),
        };
        if made.and_then(|made| made.checked_add(originals)).is_none_or(|samples| samples > 1 << 48) {
            return Err(NodeError::Uncountable { images: of.len() }.into());
        }
        Ok(Self {
            of,
            pipelines,
            shapes,
            why_varied,
            which: options.which,
            originals,
            min_visible: options.min_visible.get(),
            only: options.only,
            seed: options.seed,
            schema,
            stage: Stage::new("augment", split),
            pick_stage: Stage::new("augment sample", split),
        })
    }

    /// Which image sample `index` shows, and its number among the augmented ones (none for originals).
    fn image(&self, index: u64) -> (u64, Option<u64>) {
        let Some(item) = index.checked_sub(self.originals) else { return (index, None) };
        let image = match self.which {
            Which::Copies(_) => item % self.of.len(),
            Which::Sample(_) => Stream::at(self.seed, self.pick_stage, item, 0).below(self.of.len()),
        };
        (image, Some(item))
    }

    /// The pipeline for images of this shape.
    fn pipeline(&self, shape: Shape) -> Result<&Pipeline, Fault> {
        if let [one] = &self.pipelines[..]
            && one.shape_in() == shape
        {
            return Ok(one);
        }
        let found = self.pipelines.binary_search_by_key(&key(shape), |pipeline| key(pipeline.shape_in()));
        found.map(|at| &self.pipelines[at]).map_err(|_| NodeError::UnknownShape { shape }.into())
    }
}

impl Source for Augment {
    fn len(&self) -> u64 {
        self.originals
            + match self.which {
                Which::Copies(copies) => copies * self.of.len(),
                Which::Sample(samples) => samples,
            }
    }

    fn schema(&self) -> &Schema {
        &self.schema
    }

    fn shapes(&self) -> Vec<Shape> {
        self.shapes.clone()
    }

    fn shape_at(&self, index: u64) -> Option<Shape> {
        if !self.schema.varied {
            return Some(self.schema.shape);
        }
        let (image, item) = self.image(index);
        let shape = self.of.shape_at(image)?;
        if item.is_none() { Some(shape) } else { self.pipeline(shape).ok()?.shape_out().ok() }
    }

    fn why_varied(&self) -> Option<Varied> {
        self.why_varied.clone()
    }

    fn stretches(&self) -> Option<Vec<u64>> {
        let Which::Copies(copies) = self.which else { return None };
        let starts = self.of.stretches()?;
        let passes = copies + u64::from(self.originals > 0);
        Some(
            (0..passes)
                .flat_map(|pass| starts.iter().map(move |start| pass * self.of.len() + start))
                .collect(),
        )
    }

    fn reader(&self) -> Box<dyn Reader + '_> {
        Box::new(AugmentReader {
            of: self,
            reader: self.of.reader(),
            plan: Plan::default(),
            before: Vec::new(),
            rest: Rest::default(),
            room: Sample::default(),
        })
    }
}

struct AugmentReader<'a> {
    of: &'a Augment,
    reader: Box<dyn Reader + 'a>,
    plan: Plan,
    /// How much of each object was seen before the steps.
    before: Vec<u64>,
    /// What the steps are not for.
    rest: Rest,
    /// For labels that depend on what is drawn.
    room: Sample,
}

impl AugmentReader<'_> {
    /// Draws the plan of augmented image number `item`, made of an image of this shape.
    fn draw(&mut self, item: u64, shape: Shape) -> Result<(), Fault> {
        let address = Address { seed: self.of.seed, stage: self.of.stage, item };
        self.of.pipeline(shape)?.draw(address, &mut self.plan);
        Ok(())
    }

    /// Moves boxes and the mask of a sample that is not painted yet, and keeps how much of each object was there.
    fn place(&mut self, sample: &mut Sample) {
        let width = sample.canvas.shape().width;
        self.before.clear();
        if self.of.only.is_some() {
            self.rest.take(sample, &self.plan);
        }
        if self.of.only == Some(Only::Background) {
            return;
        }
        if self.of.min_visible > 0.0 {
            self.before.extend(sample.objects.iter().map(|object| visible(object, &sample.mask, width)));
        }
        self.plan.place(&mut sample.objects);
        if !sample.mask.is_empty() {
            self.plan.carry(&mut sample.mask);
        }
    }

    /// Makes boxes of the mask that has moved, and drops objects of which too little is left.
    fn see(&self, sample: &mut Sample) {
        let shape = sample.canvas.shape();
        if !sample.mask.is_empty() {
            for object in &mut sample.objects {
                object.tight = masked(&sample.mask, shape.width, object.cell).0;
            }
        }
        if self.of.min_visible == 0.0 || self.of.only == Some(Only::Background) {
            return;
        }
        let mut before = self.before.iter();
        let (mask, objects) = (&mut sample.mask, &mut sample.objects);
        let had = objects.len();
        objects.retain(|object| {
            let (now, before) = (visible(object, mask, shape.width), before.next().copied().unwrap_or(0));
            let stays = now as f64 >= self.of.min_visible * before as f64 && now > 0;
            if !stays {
                mask.iter_mut().filter(|id| usize::from(**id) == object.cell + 1).for_each(|id| *id = 0);
            }
            stays
        });
        if objects.len() < had && self.of.schema.labels == LabelKind::MultiHot {
            sample.label = Label::NO_CLASS;
            for object in objects.iter() {
                sample.label.set(object.class);
            }
        }
    }
}

/// How many pixels of an object are seen: those of its ink, or of its box where there is no mask.
fn visible(object: &Object, mask: &[u8], width: usize) -> u64 {
    if mask.is_empty() {
        u64::try_from(object.tight.area()).unwrap_or(0)
    } else {
        masked(mask, width, object.cell).1
    }
}

impl Reader for AugmentReader<'_> {
    fn read(&mut self, index: u64, sample: &mut Sample) -> Result<(), Fault> {
        let (image, item) = self.of.image(index);
        self.reader.read(image, sample)?;
        if let Some(item) = item {
            self.draw(item, sample.canvas.shape())?;
            self.place(sample);
            self.plan.paint(&mut sample.canvas);
            if let Some(only) = self.of.only {
                self.rest.put_back(only, &mut sample.canvas);
            }
            self.see(sample);
        }
        Ok(())
    }

    fn label(&mut self, index: u64) -> Result<Label, Fault> {
        // Classes go with objects that are dropped.
        if self.of.min_visible > 0.0 && self.of.schema.labels == LabelKind::MultiHot {
            let mut room = std::mem::take(&mut self.room);
            let read = self.read(index, &mut room);
            self.room = room;
            return read.map(|()| self.room.label);
        }
        self.reader.label(self.of.image(index).0)
    }

    fn origins(&mut self, index: u64, origins: &mut Vec<u64>) -> Result<(), Fault> {
        self.reader.origins(self.of.image(index).0, origins)
    }

    fn explain(
        &mut self,
        index: u64,
        sample: &mut Sample,
        tell: &mut dyn FnMut(Told<'_>),
    ) -> Result<(), Fault> {
        let (image, item) = self.of.image(index);
        self.reader.explain(image, sample, tell)?;
        if let Some(item) = item {
            self.draw(item, sample.canvas.shape())?;
            self.place(sample);
            let mut broken = None;
            self.plan.paint_with(&mut sample.canvas, |step, canvas| {
                match step.write_bare(serde_json::value::Serializer) {
                    Ok(drawn) => tell(Told { step: step.key, drawn, image: canvas.image() }),
                    Err(error) => broken = Some(error),
                }
            });
            if let Some(source) = broken {
                return Err(NodeError::NoJson { what: "a drawn value".into(), source }.into());
            }
            if let Some(only) = self.of.only {
                self.rest.put_back(only, &mut sample.canvas);
                tell(Told { step: "only", drawn: only.name().into(), image: sample.canvas.image() });
            }
            self.see(sample);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
