//! Gray images in colors that go with the class.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::base::{
    Address, Channels, DataSet, Fault, Label, Sample, Schema, Shape, Source, Stage, Stream, Watch,
};
use crate::kernels::tint;
use crate::recipe;
use crate::recipe::tint::{Assign, On, Options};
use crate::sources::open::{Open, each_split};

use super::NodeError;
use super::changed::{Change, Changed};
use super::labels::classes_of;

/// The column of truth with the number of the color.
pub const COLOR: &str = "color";

/// The split with a share of its own.
const TEST: &str = "test";

impl Open for recipe::Tint {
    fn open_watched(&self, watch: &Watch) -> Result<DataSet, Fault> {
        each_split(self.of.open_watched(watch)?, |split| {
            Ok(Arc::new(Tint::new(split.source, &split.name, &self.options, watch)?))
        })
    }
}

/// Colors for gray images.
pub struct Tint {
    schema: Schema,
    colors: Vec<[f64; 3]>,
    share: f64,
    on: On,
    jitter: f64,
    seed: u64,
    stage: Stage,
    /// The colors of all images, where they are not drawn one by one.
    assigned: Option<Vec<u8>>,
}

impl Tint {
    /// Split `split`, in colors.
    ///
    /// # Errors
    /// If images are not gray or have no single class, if there is a column of colors already, or a label cannot be read.
    pub fn new(
        of: Arc<dyn Source>,
        split: &str,
        options: &Options,
        watch: &Watch,
    ) -> Result<Changed<Self>, Fault> {
        let mut schema = of.schema().clone();
        if schema.shape.channels() != 1 {
            return Err(NodeError::NotGray { shape: schema.shape }.into());
        }
        NodeError::refuse_sets("color by class", &schema)?;
        if schema.truth.iter().any(|name| name == COLOR) {
            return Err(NodeError::Tinted.into());
        }
        schema.shape = Shape { kind: Channels::colored(true), ..schema.shape };
        schema.truth.push(COLOR.to_owned());
        let share = options.test_share.filter(|_| split == TEST).unwrap_or(options.share).get();
        let colors: Vec<[f64; 3]> =
            options.palette.colors().iter().map(|color| color.map(|value| value / 255.0)).collect();
        let stage = Stage::new("tint", split);
        let assigned = match options.assign {
            Assign::Each => None,
            Assign::Counted => Some(counted(&classes_of(&*of, watch)?, colors.len(), share)),
            Assign::Shuffled => {
                Some(shuffled(&classes_of(&*of, watch)?, colors.len(), share, options.seed, stage))
            }
        };
        let (on, jitter, seed) = (options.on, options.jitter.get(), options.seed);
        Ok(Changed::new(of, Self { schema, colors, share, on, jitter, seed, stage, assigned }))
    }

    /// The number of the color of image `index` of class `class`.
    fn color(&self, index: u64, class: u8) -> usize {
        if let Some(assigned) = &self.assigned {
            return usize::from(assigned[index as usize]);
        }
        let mut stream: Stream = self.address(index).stream(0);
        let own = usize::from(class) % self.colors.len();
        if stream.bernoulli(self.share) {
            return own;
        }
        let other = stream.index(self.colors.len() - 1);
        other + usize::from(other >= own)
    }

    fn address(&self, index: u64) -> Address {
        Address { seed: self.seed, stage: self.stage, item: index }
    }

    /// The number of the color of a sample, and the color.
    fn drawn(&self, index: u64, label: Label) -> (usize, [f64; 3]) {
        let Label::Class(class) = label else { return (0, [1.0; 3]) };
        let number = self.color(index, class);
        let mut stream: Stream = self.address(index).stream(1);
        let shade = |value: f64, normal: f64| (value + self.jitter * normal).clamp(0.0, 1.0);
        let color = self.colors[number]
            .map(|value| if self.jitter > 0.0 { shade(value, stream.normal()) } else { value });
        (number, color)
    }
}

/// Colors by count: of the images of a class in their order, the first have the first color, up to the color's share.
fn counted(labels: &[u8], colors: usize, share: f64) -> Vec<u8> {
    let mut totals = [0_u64; 256];
    for &label in labels {
        totals[usize::from(label)] += 1;
    }
    let others = (1.0 - share) / (colors - 1) as f64;
    let upto: Vec<Vec<f64>> = (0..256)
        .map(|class: usize| {
            let mut sum = 0.0;
            let upto = |color: usize| {
                sum += if color == class % colors { share } else { others };
                (totals[class] as f64 * sum).round_ties_even()
            };
            (0..colors).map(upto).collect()
        })
        .collect();
    let mut seen = [0_u64; 256];
    let color = |&label: &u8| {
        let class = usize::from(label);
        let place = seen[class] as f64;
        seen[class] += 1;
        upto[class].iter().position(|most| *most > place).unwrap_or(colors - 1) as u8
    };
    labels.iter().map(color).collect()
}

/// Exact numbers: of the shuffled images of a class the first have its own color, the rest the others in a random order, as many of each.
fn shuffled(labels: &[u8], colors: usize, share: f64, seed: u64, stage: Stage) -> Vec<u8> {
    let mut assigned = vec![0; labels.len()];
    for class in 0..=255_u8 {
        let mut own: Vec<u32> =
            (0..).zip(labels).filter(|(_, label)| **label == class).map(|(index, _)| index).collect();
        if own.is_empty() {
            continue;
        }
        let color = usize::from(class) % colors;
        let mut stream: Stream = Address { seed, stage, item: u64::from(class) }.stream(2);
        stream.shuffle(&mut own);
        let mut others: Vec<usize> = (0..colors).filter(|&other| other != color).collect();
        stream.shuffle(&mut others);
        let (first, rest) = own.split_at(((own.len() as f64 * share + 1e-9) as usize).min(own.len()));
        for &index in first {
            assigned[index as usize] = color as u8;
        }
        let each = rest.len().div_ceil(others.len()).max(1);
        for (part, other) in rest.chunks(each).zip(others) {
            for &index in part {
                assigned[index as usize] = other as u8;
            }
        }
    }
    assigned
}

impl Change for Tint {
    fn schema(&self) -> &Schema {
        &self.schema
    }

    fn change(&self, index: u64, sample: &mut Sample) -> Result<(), Fault> {
        let (number, color) = self.drawn(index, sample.label);
        sample.truth.push(number as i64);
        let shape = Shape { kind: self.schema.shape.kind, ..sample.canvas.shape() };
        sample.canvas.redraw(shape, |from, to, _| match self.on {
            On::Digit => tint::digit(from.data, color, to.data),
            On::Background => tint::background(from.data, color, to.data),
        });
        Ok(())
    }

    fn truth(&self, index: u64, label: Label, truth: &mut Vec<i64>) {
        truth.push(self.drawn(index, label).0 as i64);
    }

    fn told(&self, index: u64, sample: &Sample) -> Option<(&'static str, Value)> {
        let (number, color) = self.drawn(index, sample.label);
        Some(("tint", json!({ "number": number, "color": color.map(|value| value * 255.0) })))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sources::leaves::builtin::BuiltinDigits;

    fn options(assign: Assign, share: &str) -> Options {
        Options {
            palette: "lff".parse().unwrap(),
            share: share.parse().unwrap(),
            test_share: Some("0.1".parse().unwrap()),
            on: On::Digit,
            jitter: "0.005".parse().unwrap(),
            assign,
            seed: 1,
        }
    }

    /// Classes and colors of a split of 2,000 digits.
    fn pairs(split: &str, options: &Options) -> Vec<(u8, i64)> {
        let digits: Arc<dyn Source> = Arc::new(BuiltinDigits::new(split, 2000));
        let tinted = Tint::new(digits, split, options, &Watch::default()).unwrap();
        let mut reader = tinted.reader();
        let (mut sample, mut truth) = (Sample::default(), Vec::new());
        (0..tinted.len())
            .map(|index| {
                reader.read(index, &mut sample).unwrap();
                reader.truth(index, &mut truth).unwrap();
                assert_eq!(truth, sample.truth);
                let Label::Class(class) = sample.label else { panic!("a class") };
                (class, truth[0])
            })
            .collect()
    }

    #[test]
    fn colors_go_with_the_class_as_often_as_asked() {
        for assign in [Assign::Each, Assign::Counted, Assign::Shuffled] {
            for (split, share) in [("train", 0.9), ("test", 0.1)] {
                let pairs = pairs(split, &options(assign, "0.9"));
                let aligned = pairs.iter().filter(|(class, color)| i64::from(*class) == *color).count();
                let expected = 2000.0 * share;
                let most = if assign == Assign::Each { 5.0 * (2000.0 * 0.09_f64).sqrt() } else { 10.0 };
                assert!((aligned as f64 - expected).abs() <= most, "{assign:?} {split}: {aligned}");
                // The other colors have the rest evenly.
                for color in 0..10 {
                    let found = pairs
                        .iter()
                        .filter(|(class, own)| *own == color && i64::from(*class) != color)
                        .count();
                    let expected = 200.0 * (1.0 - share);
                    assert!((found as f64 - expected).abs() < 60.0, "{assign:?} {split} {color}: {found}");
                }
            }
        }
    }

    /// Of five images of class 0 with a share of 0.6 and two others: 3, 1 and 1 of each color; half a number goes to the even one.
    #[test]
    fn counts_are_those_of_the_sums() {
        assert_eq!(counted(&[0; 5], 3, 0.6), [0, 0, 0, 1, 2]);
        assert_eq!(counted(&[1, 0, 1, 1, 0], 2, 1.0), [1, 0, 1, 1, 0]);
        assert_eq!(counted(&[1; 4], 2, 0.5), [0, 0, 1, 1]);
    }
}
