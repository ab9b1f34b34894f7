//! Exact numbers of samples of each class.

use std::sync::Arc;

use crate::base::{Address, DataSet, Fault, LabelKind, Split, Stage, Watch};
use crate::recipe;
use crate::recipe::balance::{Draw, Options, Order};
use crate::sources::open::Open;
use crate::split::numpy::RandomState;

use super::NodeError;
use super::labels::classes_of;
use super::permuted::Permuted;

impl Open for recipe::Balance {
    fn open_watched(&self, watch: &Watch) -> Result<DataSet, Fault> {
        let mut data = self.of.open_watched(watch)?;
        if let Some(only) = &self.options.only
            && !data.splits.iter().any(|split| split.name == *only)
        {
            return Err(NodeError::no_split(only, &data).into());
        }
        for split in &mut data.splits {
            if self.options.only.as_ref().is_none_or(|only| *only == split.name) {
                *split = balanced(split, &self.options, watch)?;
            }
        }
        Ok(data)
    }
}

/// Samples of a split, as many of each class as the options say.
fn balanced(split: &Split, options: &Options, watch: &Watch) -> Result<Split, Fault> {
    let schema = split.source.schema();
    if schema.labels == LabelKind::MultiHot {
        return Err(NodeError::Sets { node: "balance" }.into());
    }
    if u32::try_from(split.source.len()).is_err() {
        return Err(NodeError::Uncountable { images: split.source.len() }.into());
    }
    let labels = classes_of(&*split.source, watch)?;
    let indexes = chosen(&labels, &schema.class_names, &split.name, options)?;
    let source = Arc::new(Permuted::new(Arc::clone(&split.source), indexes));
    Ok(Split { name: split.name.clone(), source })
}

/// The indexes of the samples that are taken, in their order.
fn chosen(labels: &[u8], names: &[String], split: &str, options: &Options) -> Result<Vec<u32>, Fault> {
    let mut classes: Vec<Vec<u32>> = vec![Vec::new(); names.len()];
    for (index, &label) in (0..).zip(labels) {
        classes[usize::from(label)].push(index);
    }
    let there: Vec<u64> = classes.iter().map(|class| class.len() as u64).collect();
    let counts = options.to.counts(&there, options.head);
    for (class, (&count, &there)) in counts.iter().zip(&there).enumerate() {
        if count > there && (there == 0 || !options.repeat) {
            let name = names[class].clone();
            return Err(NodeError::TooFew { split: split.to_owned(), class: name, count, there }.into());
        }
    }
    let stage = Stage::new("balance", split);
    let mut numpy = match options.draw {
        Draw::Own => None,
        Draw::Numpy => Some(RandomState::new(NodeError::numpy_seed(options.seed)?)),
    };
    let mut all: Vec<u32> = Vec::new();
    for (class, mut own) in classes.into_iter().enumerate() {
        match &mut numpy {
            Some(state) => state.shuffle(&mut own),
            None => Address { seed: options.seed, stage, item: class as u64 }.stream(0).shuffle(&mut own),
        }
        let count = usize::try_from(counts[class]).unwrap_or(usize::MAX);
        if all.len().saturating_add(count) > u32::MAX as usize {
            return Err(NodeError::Uncountable { images: labels.len() as u64 }.into());
        }
        all.extend(own.iter().cycle().take(count));
    }
    if all.is_empty() {
        return Err(NodeError::NothingLeft { of: labels.len() as u64 }.into());
    }
    match options.order {
        Order::Class => {}
        Order::File => all.sort_unstable(),
        Order::Shuffled => {
            Address { seed: options.seed, stage, item: names.len() as u64 }.stream(0).shuffle(&mut all);
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(to: &str) -> Options {
        Options {
            to: to.parse().unwrap(),
            head: None,
            repeat: false,
            order: Order::File,
            draw: Draw::Own,
            only: None,
            seed: 0,
        }
    }

    fn names(classes: usize) -> Vec<String> {
        (0..classes).map(|class| class.to_string()).collect()
    }

    /// Classes 0, 1, 2 with 5, 3 and 2 samples.
    const LABELS: [u8; 10] = [0, 1, 0, 2, 0, 1, 0, 1, 2, 0];

    fn counts(indexes: &[u32]) -> [usize; 3] {
        [0, 1, 2].map(|class| indexes.iter().filter(|&&index| LABELS[index as usize] == class).count())
    }

    #[test]
    fn numbers_are_exact() {
        let of = |options: &Options| chosen(&LABELS, &names(3), "train", options).unwrap();
        for (to, repeat, expected) in [
            ("least", false, [2, 2, 2]),
            ("most", true, [5, 5, 5]),
            ("1", false, [1, 1, 1]),
            ("7", true, [7, 7, 7]),
            ("step:0.5", false, [2, 1, 1]),
        ] {
            for order in [Order::File, Order::Class, Order::Shuffled] {
                for draw in [Draw::Own, Draw::Numpy] {
                    let options = Options { repeat, order, draw, ..options(to) };
                    let indexes = of(&options);
                    assert_eq!(counts(&indexes), expected, "{to}");
                    assert_eq!(indexes, of(&options));
                    assert!(order != Order::File || indexes.is_sorted());
                    // None is repeated before all of its class are there.
                    for class in 0..3 {
                        let own = |index: u32| indexes.iter().filter(|&&own| own == index).count();
                        let times: Vec<usize> =
                            (0..10).filter(|&index| LABELS[index as usize] == class).map(own).collect();
                        let (least, most) = (times.iter().min().unwrap(), times.iter().max().unwrap());
                        assert!(most - least <= 1, "{to}: {times:?}");
                    }
                }
            }
        }
        let other = Options { seed: 5, order: Order::Class, ..options("least") };
        assert_ne!(of(&other), of(&Options { seed: 6, ..other.clone() }));
    }

    #[test]
    fn what_is_not_there_is_told() {
        let error = chosen(&LABELS, &names(3), "train", &options("4")).unwrap_err();
        assert_eq!(error.to_string(), "split train: 4 samples of class 1 are asked for, and there are 3");
        let empty = Options { repeat: true, ..options("4") };
        assert!(chosen(&LABELS, &names(4), "train", &empty).is_err());
        let far = Options { draw: Draw::Numpy, seed: 1 << 40, ..options("1") };
        assert!(chosen(&LABELS, &names(3), "train", &far).is_err());
    }
}
