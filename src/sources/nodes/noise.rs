//! Samples of another source, some of whose labels are wrong. The right ones are kept as truth.

use std::sync::Arc;

use crate::base::{Address, DataSet, Fault, Label, Sample, Schema, Source, Stage, Stream, Watch};
use crate::recipe::noise::{Draw, Noise};
use crate::sources::open::each_split;
use crate::split::numpy::RandomState;

use super::NodeError;
use super::changed::{Change, Changed};
use super::labels::classes_of;

/// The column of truth with labels as they were.
pub const CLEAN: &str = "clean_label";

/// Each split of `data` with noise.
pub(super) fn noisy(data: DataSet, noise: &Noise, watch: &Watch) -> Result<DataSet, Fault> {
    if let Some(only) = &noise.only
        && !data.splits.iter().any(|split| split.name == *only)
    {
        return Err(NodeError::no_split(only, &data).into());
    }
    each_split(data, |split| Ok(Arc::new(Noisy::new(split.source, &split.name, noise, watch)?)))
}

/// Noise on labels.
pub struct Noisy {
    schema: Schema,
    /// Whether an earlier step has put down the right labels.
    known: bool,
    labels: Labels,
}

/// Where labels come from.
enum Labels {
    /// From what it wraps.
    Right,
    /// For each class the shares of the classes up to each one, by which each label is drawn.
    Drawn { upto: Vec<Vec<f64>>, seed: u64, stage: Stage },
    /// They were drawn together.
    List(Vec<u8>),
}

impl Noisy {
    /// Split `split`, with noise.
    ///
    /// # Errors
    /// If samples have no single class, the noise is not for their classes, or a label cannot be read.
    pub fn new(
        of: Arc<dyn Source>,
        split: &str,
        noise: &Noise,
        watch: &Watch,
    ) -> Result<Changed<Self>, Fault> {
        let mut schema = of.schema().clone();
        NodeError::refuse_sets("label noise", &schema)?;
        let wrong = |reason: String| NodeError::Noise { said: noise.law.to_string(), reason };
        let rows = noise.law.rows(schema.classes()).map_err(wrong)?;
        let known = schema.truth.iter().any(|name| name == CLEAN);
        if !known {
            schema.truth.push(CLEAN.to_owned());
        }
        let stage = Stage::new("relabel", split);
        let labels = match noise.draw {
            _ if noise.only.as_deref().is_some_and(|only| only != split) => Labels::Right,
            Draw::Each => {
                let upto = |row: Vec<f64>| {
                    row.iter()
                        .scan(0.0, |sum, share| {
                            *sum += share;
                            Some(*sum)
                        })
                        .collect()
                };
                Labels::Drawn { upto: rows.into_iter().map(upto).collect(), seed: noise.seed, stage }
            }
            Draw::Exact => Labels::List(exact(&classes_of(&*of, watch)?, &rows, noise.seed, stage)),
            Draw::Numpy => {
                let seed = NodeError::numpy_seed(noise.seed)?;
                let mut state = RandomState::new(seed);
                let labels = classes_of(&*of, watch)?;
                let drawn =
                    labels.iter().map(|&label| state.multinomial_once(&rows[usize::from(label)]) as u8);
                Labels::List(drawn.collect())
            }
        };
        Ok(Changed::new(of, Self { schema, known, labels }))
    }

    /// The label of sample `index`, whose right one is `class`.
    fn class(&self, index: u64, class: u8) -> u8 {
        match &self.labels {
            Labels::Right => class,
            Labels::List(labels) => labels[index as usize],
            Labels::Drawn { upto, seed, stage } => {
                let mut stream: Stream = Address { seed: *seed, stage: *stage, item: index }.stream(0);
                let (row, at) = (&upto[usize::from(class)], stream.unit());
                // By rounding the last sum may be below 1.
                let possible =
                    row.array_windows().rposition(|[before, own]| before < own).map_or(0, |place| place + 1);
                row.partition_point(|sum| *sum <= at).min(possible) as u8
            }
        }
    }
}

/// Labels of which as many become others as the rows say, to the next whole number: of each class, its samples are shuffled, and the
/// classes that take its place get their numbers from the front, those with the greatest parts left over first.
fn exact(labels: &[u8], rows: &[Vec<f64>], seed: u64, stage: Stage) -> Vec<u8> {
    let mut new = labels.to_vec();
    for (class, row) in rows.iter().enumerate() {
        let mut of_class: Vec<u32> = (0..)
            .zip(labels)
            .filter(|(_, label)| usize::from(**label) == class)
            .map(|(index, _)| index)
            .collect();
        let total = of_class.len();
        let mut counts: Vec<usize> = row.iter().map(|share| (share * total as f64 + 1e-9) as usize).collect();
        let left = |class: usize| row[class] * total as f64 - (row[class] * total as f64 + 1e-9).floor();
        let mut order: Vec<usize> = (0..row.len()).filter(|&class| row[class] > 0.0).collect();
        order.sort_by(|&a, &b| left(b).total_cmp(&left(a)));
        let missing = total.saturating_sub(counts.iter().sum());
        order
            .iter()
            .cycle()
            .take(if order.is_empty() { 0 } else { missing })
            .for_each(|&class| counts[class] += 1);
        Address { seed, stage, item: class as u64 }.stream(1).shuffle(&mut of_class);
        let mut rest = of_class.as_slice();
        for (other, count) in counts.into_iter().enumerate() {
            let (own, more) = rest.split_at(count.min(rest.len()));
            for &index in own {
                new[index as usize] = other as u8;
            }
            rest = more;
        }
    }
    new
}

impl Change for Noisy {
    fn schema(&self) -> &Schema {
        &self.schema
    }

    fn change(&self, index: u64, sample: &mut Sample) -> Result<(), Fault> {
        self.truth(index, sample.label, &mut sample.truth);
        sample.label = self.label(index, sample.label);
        Ok(())
    }

    fn label(&self, index: u64, label: Label) -> Label {
        match label {
            Label::Class(class) => Label::Class(self.class(index, class)),
            Label::MultiHot(_) => label,
        }
    }

    fn truth(&self, _: u64, label: Label, truth: &mut Vec<i64>) {
        if let (Label::Class(class), false) = (label, self.known) {
            truth.push(i64::from(class));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sources::leaves::builtin::BuiltinDigits;

    fn noise(law: &str, draw: Draw) -> Noise {
        Noise { law: law.parse().unwrap(), draw, only: None, seed: 3 }
    }

    fn digits(count: u64) -> Arc<dyn Source> {
        Arc::new(BuiltinDigits::new("train", count))
    }

    /// Right labels, and those with noise.
    fn both(of: &Changed<Noisy>) -> Vec<(u8, u8)> {
        let mut reader = of.reader();
        let (mut sample, mut truth) = (Sample::default(), Vec::new());
        (0..of.len())
            .map(|index| {
                reader.read(index, &mut sample).unwrap();
                assert_eq!(reader.label(index).unwrap(), sample.label);
                reader.truth(index, &mut truth).unwrap();
                assert_eq!(truth, sample.truth);
                let (Label::Class(label), [clean]) = (sample.label, truth.as_slice()) else {
                    panic!("{truth:?}")
                };
                (*clean as u8, label)
            })
            .collect()
    }

    #[test]
    fn shares_are_those_of_the_matrix() {
        for draw in [Draw::Each, Draw::Exact, Draw::Numpy] {
            for law in ["symmetric:0.2", "pair-flip:0.45", "asymmetric:0.4", "symmetric:0", "pair-flip:1"] {
                let noise = noise(law, draw);
                let of = Noisy::new(digits(6000), "train", &noise, &Watch::default()).unwrap();
                let (labels, rows) = (both(&of), noise.law.rows(10).unwrap());
                assert_eq!(of.schema().truth, [CLEAN]);
                for class in 0..10_u8 {
                    let own: Vec<u8> =
                        labels.iter().filter(|(clean, _)| *clean == class).map(|(_, label)| *label).collect();
                    for other in 0..10_u8 {
                        let share = rows[usize::from(class)][usize::from(other)];
                        let expected = share * own.len() as f64;
                        let found =
                            f64::from(own.iter().map(|label| u32::from(*label == other)).sum::<u32>());
                        let spread = (expected * (1.0 - share)).sqrt();
                        let most = if draw == Draw::Exact { 1.0 } else { 5.0 * spread };
                        assert!(
                            (found - expected).abs() <= most,
                            "{law} {draw:?}: {class} to {other}: {found}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn only_some_splits_are_noisy_and_the_first_truth_stays() {
        let one = Noise { only: Some("train".into()), ..noise("pair-flip:1", Draw::Each) };
        let test = Noisy::new(digits(50), "test", &one, &Watch::default()).unwrap();
        assert!(both(&test).iter().all(|(clean, label)| clean == label));
        let once = Noisy::new(digits(50), "train", &one, &Watch::default()).unwrap();
        let twice = Noisy::new(Arc::new(once), "train", &one, &Watch::default()).unwrap();
        assert!(both(&twice).iter().all(|(clean, label)| (clean + 2) % 10 == *label));
    }

    #[test]
    fn what_it_is_not_for_is_refused() {
        let two = Noisy::new(digits(5), "train", &noise("matrix:1,0;0,1", Draw::Each), &Watch::default());
        let told = two.err().unwrap().to_string();
        assert_eq!(told, "noise matrix:1,0;0,1: a matrix of 2 classes, and there are 10");
        let far = Noise { seed: 1 << 32, ..noise("symmetric:0.1", Draw::Numpy) };
        assert!(Noisy::new(digits(5), "train", &far, &Watch::default()).is_err());
    }
}
