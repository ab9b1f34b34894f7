//! Images that move: each sample is a sequence of frames.

use std::f64::consts::TAU;
use std::sync::Arc;

use serde_json::json;

use crate::base::{
    Address, DataSet, Fault, Grid, ImageMut, Label, LabelKind, Object, Reader, Rect, Sample, Schema, Shape,
    Source, Stage, Told, Watch,
};
use crate::kernels::bounce::Bounce;
use crate::kernels::tile;
use crate::recipe;
use crate::recipe::place::Others;
use crate::recipe::sequence::Options;
use crate::sources::open::{Open, each_split};

use super::NodeError;
use super::picks::{Asked, Picks};
use super::place::{PlacingError, class_of, put};

/// Rows of all frames together: no manifest has more.
const MOST_ROWS: usize = 1 << 20;

const PICKS: u64 = 0;
const PATHS: u64 = 1;

impl Open for recipe::Sequence {
    fn open_watched(&self, watch: &Watch) -> Result<DataSet, Fault> {
        each_split(self.of.open_watched(watch)?, |split| {
            Ok(Arc::new(Sequence::new(split.source, &split.name, self.options, watch)?))
        })
    }
}

/// Sequences of images that move straight on and turn back at the sides.
pub struct Sequence {
    of: Arc<dyn Source>,
    options: Options,
    schema: Schema,
    stage: Stage,
    picks: Picks,
}

impl Sequence {
    /// Sequences with the images of `of`, which is the split named `split`.
    ///
    /// # Errors
    /// If images do not fit into frames, or are no single pictures of one class and size.
    pub fn new(of: Arc<dyn Source>, split: &str, options: Options, watch: &Watch) -> Result<Self, Fault> {
        let mut schema = of.schema().clone();
        NodeError::refuse_frames("sequence", &schema)?;
        NodeError::refuse_soft("sequence", &schema)?;
        if schema.labels != LabelKind::Class || schema.grid.is_some() {
            return Err(NodeError::Composed { node: "sequence" }.into());
        }
        NodeError::refuse_varied("sequence", &*of)?;
        let Shape { height, width, kind } = schema.shape;
        let (canvas, frames) = (options.canvas, options.frames as usize);
        if height > canvas.height || width > canvas.width {
            let room = [canvas.height, canvas.width];
            return Err(PlacingError::NoRoom { height, width, place: "a frame", room }.into());
        }
        if canvas.height.saturating_mul(frames) > MOST_ROWS {
            return Err(PlacingError::TooLong { frames, height: canvas.height, most: MOST_ROWS }.into());
        }
        schema.shape = Shape::new(canvas.height * frames, canvas.width, kind);
        schema.frames = Some(frames);
        schema.grid = Some(Grid { rows: 1, columns: options.objects as usize });
        schema.truth.clear();
        if options.objects > 1 {
            schema.labels = LabelKind::MultiHot;
        }
        let stage = Stage::new("sequence", split);
        let Options { count, pick, seed, .. } = options;
        let asked = Asked { objects: options.objects(), count, pick, others: Others::Any, seed };
        let picks = Picks::new(&of, (split, stage), asked, watch)?;
        Ok(Self { of, options, schema, stage, picks })
    }

    fn address(&self, index: u64) -> Address {
        Address { seed: self.options.seed, stage: self.stage, item: index }
    }

    /// The images that sample `index` shows.
    fn images(&self, index: u64) -> impl Iterator<Item = u64> {
        let mut stream = self.address(index).stream(PICKS);
        let objects = self.options.objects as usize;
        (0..objects).map(move |k| self.picks.image(index, (k, objects), None, &mut stream))
    }
}

impl Source for Sequence {
    fn len(&self) -> u64 {
        self.picks.count()
    }

    fn schema(&self) -> &Schema {
        &self.schema
    }

    fn reader(&self) -> Box<dyn Reader + '_> {
        Box::new(SequenceReader {
            of: self,
            reader: self.of.reader(),
            part: Sample::default(),
            paths: Vec::new(),
        })
    }
}

struct SequenceReader<'a> {
    of: &'a Sequence,
    reader: Box<dyn Reader + 'a>,
    part: Sample,
    /// Of the present sample: image, place and direction at the beginning.
    paths: Vec<(u64, [f64; 2], f64)>,
}

impl SequenceReader<'_> {
    fn empty_label(&self) -> Label {
        match self.of.schema.labels {
            LabelKind::Class => Label::Class(0),
            LabelKind::MultiHot | LabelKind::Soft => Label::NO_CLASS,
        }
    }
}

impl Reader for SequenceReader<'_> {
    fn read(&mut self, index: u64, sample: &mut Sample) -> Result<(), Fault> {
        let of = self.of;
        let frame = of.schema.frame();
        let mut stream = of.address(index).stream(PATHS);
        sample.begin(0);
        let pixels = sample.canvas.reset(of.schema.shape);
        pixels.fill(0);
        sample.label = self.empty_label();
        self.paths.clear();
        for (k, image) in of.images(index).enumerate() {
            self.reader.read(image, &mut self.part)?;
            let part = self.part.canvas.image();
            let (place, theta) = ([stream.unit(), stream.unit()], stream.uniform(0.0, TAU));
            self.paths.push((image, place, theta));
            let mut path = Bounce::new(place, theta, of.options.step.get());
            let room = [frame.height - part.shape.height, frame.width - part.shape.width];
            let mut first = None;
            for canvas in pixels.chunks_exact_mut(frame.bytes()) {
                let [y, x] = path.advance();
                let at = [(room[0] as f64 * y) as i32, (room[1] as f64 * x) as i32];
                put(part, &mut ImageMut::new(frame, canvas), at[0], at[1], of.options.combine);
                first.get_or_insert(at);
            }
            let ([y, x], class) = (first.unwrap_or_default(), class_of(self.part.label));
            sample.label.set(class);
            sample.objects.push(Object {
                class,
                cell: k,
                origin: self.part.origin,
                tight: tile::tight_box(part).moved(y, x),
                area: Rect::of(part.shape).moved(y, x),
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
        let paths: Vec<_> = (self.paths.iter())
            .map(|(image, [y, x], theta)| json!({ "image": image, "y": y, "x": x, "theta": theta }))
            .collect();
        tell(Told { step: "sequence", drawn: json!({ "objects": paths }), image: sample.canvas.image() });
        Ok(())
    }

    fn label(&mut self, index: u64) -> Result<Label, Fault> {
        let mut label = self.empty_label();
        for image in self.of.images(index) {
            label.set(class_of(self.reader.label(image)?));
        }
        Ok(label)
    }

    fn origins(&mut self, index: u64, origins: &mut Vec<u64>) -> Result<(), Fault> {
        self.of.images(index).try_for_each(|image| self.reader.origins(image, origins))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipe::Within;
    use crate::recipe::sequence::Said;
    use crate::sources::leaves::builtin::BuiltinDigits;

    fn sequence(said: Said) -> Result<Sequence, Fault> {
        Sequence::new(Arc::new(BuiltinDigits::new("train", 30)), "train", said.options(), &Watch::default())
    }

    #[test]
    fn digits_keep_their_ink_and_stay_within_the_frame() {
        let canvas = Some("40x50".parse().unwrap());
        let sequence = sequence(Said { canvas, ..Said::default() }).unwrap();
        assert_eq!((sequence.len(), sequence.schema().frames), (15, Some(20)));
        assert_eq!(sequence.schema().shape, Shape::gray(800, 50));
        let (mut reader, mut sample) = (sequence.reader(), Sample::default());
        let mut seen = [0; 30];
        for index in 0..15 {
            reader.read(index, &mut sample).unwrap();
            assert_eq!(reader.label(index).unwrap(), sample.label);
            let mut origins = Vec::new();
            reader.origins(index, &mut origins).unwrap();
            assert_eq!(origins, [0, 1].map(|k| sample.objects[k].origin));
            for &image in &origins {
                seen[image as usize] += 1;
            }
            let digits = BuiltinDigits::new("train", 30);
            let mut digit = Sample::default();
            digits.reader().read(origins[0], &mut digit).unwrap();
            let least = digit.canvas.pixels().iter().filter(|&&v| v > 0).count();
            for frame in sample.canvas.pixels().chunks_exact(40 * 50) {
                assert!(frame.iter().filter(|&&v| v > 0).count() >= least);
            }
        }
        // None twice before all were there.
        assert_eq!(seen, [1; 30]);
    }

    #[test]
    fn frames_that_are_too_small_are_refused() {
        let canvas = Some("27x40".parse().unwrap());
        let error = sequence(Said { canvas, ..Said::default() }).err().unwrap();
        assert!(error.to_string().contains("28x28 do not fit into a frame of 27x40"), "{error}");
        let long = Said {
            frames: Some("10000".parse().unwrap()),
            canvas: Some("300x300".parse().unwrap()),
            ..Said::default()
        };
        let error = sequence(long).err().unwrap();
        assert!(error.to_string().contains("3000000 rows"), "{error}");
        let one: Option<Within<1, 256>> = Some("1".parse().unwrap());
        assert_eq!(
            sequence(Said { objects: one, ..Said::default() }).unwrap().schema().labels,
            LabelKind::Class
        );
    }
}
