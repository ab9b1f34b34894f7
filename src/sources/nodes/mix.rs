//! Samples of another source, each with another one of the same split in it: MixUp and CutMix, with soft labels.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::base::gamma::beta;
use crate::base::sample::{PARTNER, strongest};
use crate::base::{
    Address, DataSet, Fault, Label, LabelKind, Reader, Rect, Sample, Schema, Shape, Source, Stage, Stream,
    Told, Watch,
};
use crate::kernels::mix::{Finish, blend, paste};
use crate::recipe;
use crate::recipe::mix::{Compat, Method, Options};
use crate::sources::open::{Open, each_split};

use super::NodeError;

impl Open for recipe::Mix {
    fn open_watched(&self, watch: &Watch) -> Result<DataSet, Fault> {
        let data = self.of.open_watched(watch)?;
        if let Some(only) = &self.options.only
            && !data.splits.iter().any(|split| split.name == *only)
        {
            return Err(NodeError::no_split(only, &data).into());
        }
        each_split(data, |split| Ok(Arc::new(Mix::new(split.source, &split.name, &self.options)?)))
    }
}

/// Two images in one.
pub struct Mix {
    of: Arc<dyn Source>,
    schema: Schema,
    options: Options,
    /// Whether this split is mixed, and does not only have labels like those that are.
    mixed: bool,
    stage: Stage,
}

/// What was drawn for a sample.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Drawn {
    /// Index of the other sample.
    partner: u64,
    /// The weight of the sample itself in the label.
    share: f64,
    /// The part of the other image that is pasted; none where values of both are mixed.
    place: Option<Rect>,
}

impl Mix {
    /// The samples of split `split`, mixed.
    ///
    /// # Errors
    /// If images differ in size, have no single class each, or are composed or mixed already; if Keras has no such alpha.
    pub fn new(of: Arc<dyn Source>, split: &str, options: &Options) -> Result<Self, Fault> {
        let mut schema = of.schema().clone();
        NodeError::refuse_sets("mix", &schema)?;
        if schema.varied {
            return Err(NodeError::Unequal { reason: of.why_varied().map(|why| why.reason) }.into());
        }
        let (keras, cuts) = (options.compat == Compat::Keras, options.method != Method::Mixup);
        if keras && cuts && options.alpha(Method::Cutmix) > 1.0 {
            return Err(NodeError::Alpha { alpha: options.alpha(Method::Cutmix) }.into());
        }
        schema.labels = LabelKind::Soft;
        schema.truth.push(PARTNER.to_owned());
        let mixed = options.only.as_deref().is_none_or(|only| only == split);
        Ok(Self { of, schema, options: options.clone(), mixed, stage: Stage::new("mix", split) })
    }

    /// Draws what decides sample `index`; nothing where it stays as it is.
    fn draw(&self, index: u64) -> Option<Drawn> {
        let options = &self.options;
        let mut stream = Address { seed: options.seed, stage: self.stage, item: index }.stream(0);
        if !self.mixed || !stream.bernoulli(options.probability.get()) {
            return None;
        }
        let method = match options.method {
            Method::Either if stream.bernoulli(0.5) => Method::Mixup,
            Method::Either => Method::Cutmix,
            one @ (Method::Mixup | Method::Cutmix) => one,
        };
        // Any other sample of the split, all equally likely.
        let partner = match self.of.len() {
            1 => 0,
            len => {
                let other = stream.below(len - 1);
                other + u64::from(other >= index)
            }
        };
        let alpha = options.alpha(method);
        let (place, share) = match (method, options.compat) {
            (Method::Mixup, _) => (None, beta(alpha, alpha, &mut stream)),
            (Method::Cutmix | Method::Either, Compat::Own | Compat::Torchvision) => {
                let share = beta(alpha, alpha, &mut stream);
                let place = around(self.schema.shape, share, &mut stream);
                (Some(place), share_left(self.schema.shape, place))
            }
            (Method::Cutmix | Method::Either, Compat::Keras) => {
                let alpha = stream.uniform(0.0, alpha) + 1e-6;
                let share = beta(alpha, alpha, &mut stream);
                let (place, share) = within(self.schema.shape, share, &mut stream);
                (Some(place), share)
            }
        };
        Some(Drawn { partner, share, place })
    }

    /// The label of a sample of class `own` as weights, with that of `other`'s where it is mixed.
    fn weights(&self, own: Label, other: Option<(Label, f64)>, soft: &mut Vec<f32>) {
        soft.clear();
        soft.resize(self.schema.classes(), 0.0);
        let mut add = |label: Label, weight: f32| {
            if let Label::Class(class) = label {
                soft[usize::from(class)] += weight;
            }
        };
        match other {
            None => add(own, 1.0),
            Some((other, share)) => {
                add(other, (1.0 - share) as f32);
                add(own, share as f32);
            }
        }
    }
}

/// torchvision's rectangle, and that of the paper: its center is a pixel, its sides are those of the image times the root of what the
/// sample loses, and what is outside of the image is cut off.
fn around(shape: Shape, share: f64, stream: &mut Stream) -> Rect {
    let (center_x, center_y) = (stream.index(shape.width) as i32, stream.index(shape.height) as i32);
    let half = 0.5 * (1.0 - share).sqrt();
    let (half_width, half_height) = ((half * shape.width as f64) as i32, (half * shape.height as f64) as i32);
    Rect {
        x0: (center_x - half_width).max(0),
        y0: (center_y - half_height).max(0),
        x1: (center_x + half_width).min(shape.width as i32),
        y1: (center_y + half_height).min(shape.height as i32),
    }
}

/// The share of the image that is not in the rectangle.
fn share_left(shape: Shape, place: Rect) -> f64 {
    let area = f64::from(place.x1 - place.x0) * f64::from(place.y1 - place.y0);
    1.0 - area / shape.pixels() as f64
}

/// Keras' rectangle, which lies within the image: the pixels in it, and the share that its sides, which are no whole numbers, leave.
fn within(shape: Shape, share: f64, stream: &mut Stream) -> (Rect, f64) {
    let ratio = (1.0 - share).sqrt();
    let mut side = |length: usize| {
        let length = length as f64;
        let cut = ratio * length;
        let start = stream.unit() * (length - cut);
        (start, start + cut)
    };
    let ((x0, x1), (y0, y1)) = (side(shape.width), side(shape.height));
    let left = 1.0 - (x1 - x0) * (y1 - y0) / shape.pixels() as f64;
    // Pixels are numbers that are at least the start and below the end.
    let pixel = |at: f64, most: usize| (at.ceil() as i32).min(most as i32);
    let place = Rect {
        x0: pixel(x0, shape.width),
        y0: pixel(y0, shape.height),
        x1: pixel(x1, shape.width),
        y1: pixel(y1, shape.height),
    };
    (place, left.clamp(0.0, 1.0))
}

impl Drawn {
    /// As JSON.
    fn told(self) -> Value {
        let mut told = json!({ "partner": self.partner, "share": self.share });
        if let Some(place) = self.place {
            told["box"] = json!(place.to_array());
        }
        told
    }
}

impl Source for Mix {
    fn len(&self) -> u64 {
        self.of.len()
    }

    fn schema(&self) -> &Schema {
        &self.schema
    }

    fn number(&self, index: u64) -> u64 {
        self.of.number(index)
    }

    fn stretches(&self) -> Option<Vec<u64>> {
        self.of.stretches()
    }

    fn reader(&self) -> Box<dyn Reader + '_> {
        Box::new(MixReader {
            of: self,
            reader: self.of.reader(),
            others: self.of.reader(),
            other: Sample::default(),
            soft: Vec::new(),
            origins: Vec::new(),
        })
    }
}

struct MixReader<'a> {
    of: &'a Mix,
    reader: Box<dyn Reader + 'a>,
    /// The same for partners, so that samples in a row stay in a row.
    others: Box<dyn Reader + 'a>,
    other: Sample,
    soft: Vec<f32>,
    origins: Vec<u64>,
}

impl MixReader<'_> {
    /// Mixes `sample` with what was drawn.
    fn mix(&mut self, drawn: Option<Drawn>, sample: &mut Sample) -> Result<(), Fault> {
        let of = self.of;
        let own = sample.label;
        let Some(Drawn { partner, share, place }) = drawn else {
            of.weights(own, None, &mut sample.soft);
            sample.truth.push(-1);
            return Ok(());
        };
        self.others.read(partner, &mut self.other)?;
        let finish = match of.options.compat {
            Compat::Own | Compat::Keras => Finish::Rounded,
            Compat::Torchvision => Finish::Torchvision,
        };
        let other = self.other.canvas.image();
        sample.canvas.in_place(|image, _| match place {
            None => blend(image, other, share, finish),
            Some(place) => paste(image, other, place),
        });
        of.weights(own, Some((self.other.label, share)), &mut sample.soft);
        sample.label = Label::Class(strongest(sample.soft.iter().copied()));
        sample.truth.push(self.other.origin as i64);
        Ok(())
    }

    /// The source image of the partner, -1 where there is none.
    fn partner(&mut self, index: u64) -> Result<i64, Fault> {
        let Some(Drawn { partner, .. }) = self.of.draw(index) else { return Ok(-1) };
        self.origins.clear();
        self.others.origins(partner, &mut self.origins)?;
        Ok(self.origins.first().map_or(-1, |&origin| origin as i64))
    }
}

impl Reader for MixReader<'_> {
    fn read(&mut self, index: u64, sample: &mut Sample) -> Result<(), Fault> {
        self.reader.read(index, sample)?;
        self.mix(self.of.draw(index), sample)
    }

    fn label(&mut self, index: u64) -> Result<Label, Fault> {
        let own = self.reader.label(index)?;
        let Some(Drawn { partner, share, .. }) = self.of.draw(index) else { return Ok(own) };
        let other = self.others.label(partner)?;
        self.of.weights(own, Some((other, share)), &mut self.soft);
        Ok(Label::Class(strongest(self.soft.iter().copied())))
    }

    fn origins(&mut self, index: u64, origins: &mut Vec<u64>) -> Result<(), Fault> {
        self.reader.origins(index, origins)?;
        origins.extend(u64::try_from(self.partner(index)?));
        Ok(())
    }

    fn truth(&mut self, index: u64, truth: &mut Vec<i64>) -> Result<(), Fault> {
        self.reader.truth(index, truth)?;
        truth.push(self.partner(index)?);
        Ok(())
    }

    fn explain(
        &mut self,
        index: u64,
        sample: &mut Sample,
        tell: &mut dyn FnMut(Told<'_>),
    ) -> Result<(), Fault> {
        self.reader.explain(index, sample, tell)?;
        let drawn = self.of.draw(index);
        self.mix(drawn, sample)?;
        if let Some(drawn) = drawn {
            tell(Told { step: "mix", drawn: drawn.told(), image: sample.canvas.image() });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipe::noise::Share;
    use crate::sources::leaves::builtin::BuiltinDigits;

    fn options(method: Method, compat: Compat) -> Options {
        Options { method, compat, alpha: None, probability: Share::ALL, only: None, seed: 5 }
    }

    fn mixed(count: u64, options: &Options) -> Mix {
        Mix::new(Arc::new(BuiltinDigits::new("train", count)), "train", options).unwrap()
    }

    #[test]
    fn labels_truth_and_origins_are_told_without_pixels() {
        let half = Options { probability: "0.5".parse().unwrap(), ..options(Method::Either, Compat::Own) };
        let of = mixed(90, &half);
        let (mut reader, mut sample) = (of.reader(), Sample::default());
        let (mut truth, mut seen) = (Vec::new(), 0);
        for index in 0..of.len() {
            reader.read(index, &mut sample).unwrap();
            assert_eq!(reader.label(index).unwrap(), sample.label);
            reader.truth(index, &mut truth).unwrap();
            assert_eq!(truth, sample.truth);
            let mut origins = Vec::new();
            reader.origins(index, &mut origins).unwrap();
            assert_eq!(origins[0], index);
            assert_eq!(origins.get(1).map_or(-1, |&partner| partner as i64), truth[0]);
            assert_ne!(truth[0], index as i64, "another image");
            assert!((sample.soft.iter().sum::<f32>() - 1.0).abs() < 1e-6);
            seen += usize::from(truth[0] >= 0);
        }
        assert!((25..65).contains(&seen), "{seen} of 90");
        // The one image of a split has no other than itself.
        let mut one = mixed(1, &options(Method::Cutmix, Compat::Own));
        one.options.alpha = Some("0.001".parse().unwrap());
        assert_eq!(one.draw(0).unwrap().partner, 0);
    }

    #[test]
    fn weights_have_the_distribution_that_is_asked_for() {
        for (alpha, variance) in [("1", 1.0 / 12.0), ("0.2", 0.25 / 1.4), ("8", 0.25 / 17.0)] {
            let own = Options { alpha: Some(alpha.parse().unwrap()), ..options(Method::Mixup, Compat::Own) };
            let of = mixed(20_000, &own);
            let all: Vec<f64> = (0..of.len()).map(|index| of.draw(index).unwrap().share).collect();
            let mean = all.iter().sum::<f64>() / all.len() as f64;
            let found = all.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / all.len() as f64;
            assert!(
                (mean - 0.5).abs() < 0.012 && (found - variance).abs() < 0.006,
                "{alpha}: {mean} {found}"
            );
        }
        // All other samples are drawn equally often.
        let of = mixed(10, &options(Method::Mixup, Compat::Own));
        let mut counts = [0_u32; 10];
        for seed in 0..9000 {
            let of = Mix {
                options: Options { seed, ..of.options.clone() },
                of: Arc::clone(&of.of),
                schema: of.schema.clone(),
                ..of
            };
            counts[of.draw(3).unwrap().partner as usize] += 1;
        }
        assert_eq!(counts[3], 0);
        assert!(counts.iter().enumerate().all(|(i, &n)| i == 3 || (850..1150).contains(&n)), "{counts:?}");
    }

    /// What torch gives for these numbers: `r = 0.5 * sqrt(1 - lam)`, sides cut off to whole numbers, corners clamped.
    #[test]
    fn rectangles_are_those_of_torchvision() {
        let mut stream = Stream::at(1, Stage::new("test", ""), 0, 0);
        for shape in [Shape::gray(28, 28), Shape::rgb(5, 9), Shape::gray(1, 1)] {
            for share in [0.0, 0.3, 0.75, 1.0] {
                for _ in 0..200 {
                    let place = around(shape, share, &mut stream);
                    let half = |side: usize| (0.5 * f64::sqrt(1.0 - share) * side as f64).floor() as i32;
                    let (half_width, half_height) = (half(shape.width), half(shape.height));
                    let (width, height) = (place.x1 - place.x0, place.y1 - place.y0);
                    assert!((0..=2 * half_width).contains(&width) && (0..=2 * half_height).contains(&height));
                    assert!(width >= half_width.min(1) && height >= half_height.min(1), "{place:?}");
                    assert!(place.x0 >= 0 && place.y0 >= 0);
                    assert!(place.x1 <= shape.width as i32 && place.y1 <= shape.height as i32);
                    let left = share_left(shape, place);
                    assert!((left - (1.0 - f64::from(width * height) / shape.pixels() as f64)).abs() < 1e-12);
                }
            }
        }
        assert_eq!(share_left(Shape::gray(4, 6), Rect { x0: 1, y0: 0, x1: 4, y1: 2 }), 0.75);
    }

    #[test]
    fn rectangles_of_keras_lie_within_and_keep_their_weight() {
        let mut stream = Stream::at(1, Stage::new("test", ""), 0, 0);
        for shape in [Shape::gray(28, 28), Shape::rgb(5, 9), Shape::gray(1, 1)] {
            for share in [0.0, 0.3, 0.75, 1.0] {
                for _ in 0..200 {
                    let (place, left) = within(shape, share, &mut stream);
                    assert!((left - share).abs() < 1e-9, "{left} {share}");
                    let cut = f64::sqrt(1.0 - share);
                    for (from, to, side) in
                        [(place.x0, place.x1, shape.width), (place.y0, place.y1, shape.height)]
                    {
                        assert!(from >= 0 && from <= to && to <= side as i32, "{place:?}");
                        assert!((f64::from(to - from) - cut * side as f64).abs() <= 1.0, "{place:?} {share}");
                    }
                }
            }
        }
    }

    #[test]
    fn what_it_is_not_for_is_refused() {
        let refused = |of: Arc<dyn Source>, options: &Options| {
            Mix::new(of, "train", options).err().unwrap().to_string()
        };
        let digits: Arc<dyn Source> = Arc::new(BuiltinDigits::new("train", 5));
        let far = Options { alpha: Some("1.5".parse().unwrap()), ..options(Method::Cutmix, Compat::Keras) };
        assert_eq!(refused(Arc::clone(&digits), &far), "--alpha 1.5: Keras' CutMix takes numbers up to 1");
        assert!(Mix::new(Arc::clone(&digits), "train", &Options { method: Method::Mixup, ..far }).is_ok());
        let once = Arc::new(mixed(5, &options(Method::Mixup, Compat::Own)));
        let told = refused(once, &options(Method::Mixup, Compat::Own));
        assert_eq!(told, "mix needs images of one class each; these have a weight for each class");
    }
}
