//! What samples are stratified by: their class, or their set of classes.

use std::collections::BTreeMap;

use crate::base::Label;

/// The class of each sample, as a number among those that occur.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Strata {
    of: Vec<u32>,
    names: Vec<String>,
}

/// Collects labels into [`Strata`].
#[derive(Debug, Default)]
pub struct StrataBuilder {
    of: Vec<u32>,
    /// Labels that occurred, by the order in which they are sorted in the end, and the numbers they were given.
    seen: BTreeMap<[u64; 4], u32>,
    /// Numbers of class labels, which need no search.
    classes: Vec<u32>,
}

/// Sorts as scikit-learn does: classes by number; sets of classes by the row of zeros and ones, the first class first.
fn key(label: Label) -> [u64; 4] {
    match label {
        Label::Class(class) => [u64::from(class), 0, 0, 0],
        Label::MultiHot(bits) => bits.map(u64::reverse_bits),
    }
}

impl StrataBuilder {
    /// The label of the next sample.
    pub fn push(&mut self, label: Label) {
        let number = if let Label::Class(class) = label {
            let class = usize::from(class);
            if self.classes.len() <= class {
                self.classes.resize(class + 1, u32::MAX);
            }
            if self.classes[class] == u32::MAX {
                self.classes[class] = self.seen.len() as u32;
                self.seen.insert(key(label), self.classes[class]);
            }
            self.classes[class]
        } else {
            let next = self.seen.len() as u32;
            *self.seen.entry(key(label)).or_insert(next)
        };
        self.of.push(number);
    }

    /// The strata, sorted; `names` are those of the classes.
    #[must_use]
    pub fn finish(self, names: &[String], sets: bool) -> Strata {
        let mut sorted = vec![0; self.seen.len()];
        let mut found = Vec::with_capacity(sorted.len());
        for (place, (key, number)) in self.seen.iter().enumerate() {
            sorted[*number as usize] = place as u32;
            found.push(if sets {
                let label = Label::MultiHot(key.map(u64::reverse_bits));
                let own: Vec<&str> = (0..=255)
                    .zip(names)
                    .filter(|(class, _)| label.has(*class))
                    .map(|(_, name)| name.as_str())
                    .collect();
                format!("{{{}}}", own.join(", "))
            } else {
                names.get(key[0] as usize).cloned().unwrap_or_else(|| key[0].to_string())
            });
        }
        let mut of = self.of;
        for class in &mut of {
            *class = sorted[*class as usize];
        }
        Strata { of, names: found }
    }
}

impl Strata {
    /// Strata of class numbers, named by them.
    #[must_use]
    pub fn of_classes(classes: impl IntoIterator<Item = u8>) -> Self {
        let mut builder = StrataBuilder::default();
        classes.into_iter().for_each(|class| builder.push(Label::Class(class)));
        builder.finish(&[], false)
    }

    /// The same class for `n` samples.
    #[must_use]
    pub fn single(n: usize) -> Self {
        Self { of: vec![0; n], names: vec![String::new()] }
    }

    /// The class of each sample, below [`names`](Self::names)' length.
    #[must_use]
    pub fn classes(&self) -> &[u32] {
        &self.of
    }

    /// Names of the classes that occur.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Number of samples.
    #[must_use]
    pub fn len(&self) -> usize {
        self.of.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.of.is_empty()
    }

    /// Samples of each class.
    #[must_use]
    pub fn counts(&self) -> Vec<u64> {
        let mut counts = vec![0; self.names.len()];
        self.of.iter().for_each(|&class| counts[class as usize] += 1);
        counts
    }

    /// The samples of each class, ascending.
    #[must_use]
    pub fn members(&self) -> Vec<Vec<u32>> {
        let mut members: Vec<Vec<u32>> =
            self.counts().iter().map(|&count| Vec::with_capacity(count as usize)).collect();
        for (sample, &class) in (0..).zip(&self.of) {
            members[class as usize].push(sample);
        }
        members
    }

    /// The strata of these samples. Classes that do not occur among them are gone.
    #[must_use]
    pub fn select(&self, samples: &[u32]) -> Self {
        let mut number = vec![u32::MAX; self.names.len()];
        for &sample in samples {
            number[self.of[sample as usize] as usize] = 0;
        }
        let mut names = Vec::new();
        for (class, number) in number.iter_mut().enumerate().filter(|(_, number)| **number == 0) {
            *number = names.len() as u32;
            names.push(self.names[class].clone());
        }
        Self { of: samples.iter().map(|&s| number[self.of[s as usize] as usize]).collect(), names }
    }

    /// Names of the classes with this property.
    pub(super) fn those(&self, has: impl Fn(usize) -> bool) -> Vec<String> {
        self.names.iter().enumerate().filter(|(class, _)| has(*class)).map(|(_, name)| name.clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_numbered_in_order_whatever_comes_first() {
        let strata = Strata::of_classes([7, 3, 7, 9]);
        assert_eq!(strata.classes(), [1, 0, 1, 2]);
        assert_eq!(strata.names(), ["3", "7", "9"]);
        assert_eq!(strata.counts(), [1, 2, 1]);
        assert_eq!(strata.members(), [vec![1], vec![0, 2], vec![3]]);
        let some = strata.select(&[3, 0]);
        assert_eq!((some.classes(), some.names()), (&[1, 0][..], &["7".to_owned(), "9".to_owned()][..]));
    }

    #[test]
    fn sets_are_sorted_as_rows_of_zeros_and_ones() {
        let set = |classes: &[u8]| {
            let mut label = Label::NO_CLASS;
            for &class in classes {
                label.set(class);
            }
            label
        };
        let names: Vec<String> = ["a", "b", "c"].map(str::to_owned).to_vec();
        let mut builder = StrataBuilder::default();
        // 100, 011, 000, 001, 100
        for label in [set(&[0]), set(&[1, 2]), set(&[]), set(&[2]), set(&[0])] {
            builder.push(label);
        }
        let strata = builder.finish(&names, true);
        assert_eq!(strata.classes(), [3, 2, 0, 1, 3]);
        assert_eq!(strata.names(), ["{}", "{c}", "{b, c}", "{a}"]);
    }
}
