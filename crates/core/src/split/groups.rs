//! Splits that keep together what was made from the same images.
//!
//! Two samples belong together if they show a common source image, or each shows one with a third that does, and so on: groups are the
//! connected components over origins. A plain augmented copy has one origin; a composed image ties all of its own together.
//!
//! The assignment is this program's own, because scikit-learn has none that is stratified and takes a size:
//!
//! 1. Groups are numbered by their first sample and shuffled by the generator of the seed (not with `--no-shuffle`).
//! 2. Each group stands for the class that most of its samples have (the lower one of two). Without `--stratify` there is one class.
//! 3. The side's size, rounded as scikit-learn rounds it, is shared among the classes in proportion to the samples that stand for them.
//! 4. Class by class, in shuffled order, a group goes to the side if that brings the class nearer to its share.
//! 5. If the side as a whole is too small then, groups of the class that lacks most are added, and if it is too large, groups of the class that
//!    has most beyond its share are taken back, as long as each brings the side nearer to its size.
//! 6. The test side is filled first, then the validation side in the same way from what is left; training gets the rest.
//! 7. Each side is shuffled, training first, then test, then validation (not with `--no-shuffle`: there samples stay in order).
//!
//! For folds, groups go from the largest to the smallest (equal ones in shuffled order) to the fold with fewest samples of the group's class; among
//! equal ones to the fold with fewest samples, then to the first. Within a fold, samples are in order, as scikit-learn's are.

use super::numpy::RandomState;
use super::{SplitError, Strata, sklearn};

/// Which group each sample belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Groups {
    of: Vec<u32>,
    sizes: Vec<u64>,
}

/// Collects the origins of samples into [`Groups`].
#[derive(Debug, Default)]
pub struct Origins {
    /// All origins, sample after sample.
    all: Vec<u64>,
    samples: usize,
    /// Where each sample's origins end; kept only from the first sample on that has not exactly one, which has the number of these.
    ends: Option<(usize, Vec<u64>)>,
}

impl Origins {
    /// The origins of the next sample.
    pub fn push(&mut self, origins: &[u64]) {
        self.all.extend(origins);
        if self.ends.is_none() && origins.len() != 1 {
            self.ends = Some((self.samples, Vec::new()));
        }
        if let Some((_, ends)) = &mut self.ends {
            ends.push(self.all.len() as u64);
        }
        self.samples += 1;
    }

    /// Places of the origins of sample `sample`.
    fn of(&self, sample: usize) -> std::ops::Range<usize> {
        match &self.ends {
            Some((first, ends)) if sample >= *first => {
                let start = (sample - first).checked_sub(1).map_or(*first, |before| ends[before] as usize);
                start..ends[sample - first] as usize
            }
            _ => sample..sample + 1,
        }
    }

    /// Replaces origins by numbers from 0 on; returns how many there are.
    fn compact(&mut self) -> usize {
        let end = self.all.iter().max().map_or(0, |&last| last + 1);
        // Where most of a collection is used, its numbers are as good as new ones.
        if end <= 4 * self.all.len() as u64 + 4096 {
            return end as usize;
        }
        let mut distinct = self.all.clone();
        distinct.sort_unstable();
        distinct.dedup();
        for origin in &mut self.all {
            *origin = distinct.partition_point(|known| *known < *origin) as u64;
        }
        distinct.len()
    }

    /// Source images that samples on more than one side show; `side_of` gives the side of a sample, or none.
    #[must_use]
    pub fn shared(mut self, side_of: &[Option<u32>]) -> u64 {
        const NOWHERE: u32 = u32::MAX;
        const SHARED: u32 = u32::MAX - 1;
        let mut sides = vec![NOWHERE; self.compact()];
        for (sample, side) in side_of.iter().enumerate() {
            let Some(side) = side else { continue };
            for place in self.of(sample) {
                let known = &mut sides[self.all[place] as usize];
                if *known == NOWHERE {
                    *known = *side;
                } else if *known != *side {
                    *known = SHARED;
                }
            }
        }
        sides.iter().filter(|side| **side == SHARED).count() as u64
    }

    /// The connected components. A sample without any origin is a group of its own.
    #[must_use]
    pub fn groups(mut self) -> Groups {
        let mut parent: Vec<u32> = (0..self.compact() as u32).collect();
        for sample in 0..self.samples {
            let own = self.of(sample);
            for pair in self.all[own].windows(2) {
                let (a, b) = (root(&mut parent, pair[0] as u32), root(&mut parent, pair[1] as u32));
                // The lower number is the root: no ranks are needed with halved paths.
                parent[a.max(b) as usize] = a.min(b);
            }
        }
        let mut number = vec![u32::MAX; parent.len()];
        let (mut of, mut sizes) = (Vec::with_capacity(self.samples), Vec::new());
        for sample in 0..self.samples {
            let mut alone = u32::MAX;
            let number = match self.all[self.of(sample)].first() {
                Some(&origin) => &mut number[root(&mut parent, origin as u32) as usize],
                None => &mut alone,
            };
            if *number == u32::MAX {
                *number = sizes.len() as u32;
                sizes.push(0);
            }
            sizes[*number as usize] += 1;
            of.push(*number);
        }
        Groups { of, sizes }
    }
}

/// The lowest number of the tree that `at` is in. Paths are halved on the way.
fn root(parent: &mut [u32], mut at: u32) -> u32 {
    while parent[at as usize] != at {
        parent[at as usize] = parent[parent[at as usize] as usize];
        at = parent[at as usize];
    }
    at
}

impl Groups {
    /// The group of each sample.
    #[must_use]
    pub fn groups(&self) -> &[u32] {
        &self.of
    }

    /// Samples of each group.
    #[must_use]
    pub fn sizes(&self) -> &[u64] {
        &self.sizes
    }

    /// The class that most samples of each group have.
    fn classes(&self, strata: &Strata) -> Vec<u32> {
        let mut pairs: Vec<(u32, u32)> =
            self.of.iter().copied().zip(strata.classes().iter().copied()).collect();
        pairs.sort_unstable();
        let mut best = vec![(0, 0); self.sizes.len()];
        for run in pairs.chunk_by(|a, b| a == b) {
            let (group, class) = run[0];
            let known: &mut (usize, u32) = &mut best[group as usize];
            if run.len() > known.0 {
                *known = (run.len(), class);
            }
        }
        best.into_iter().map(|(_, class)| class).collect()
    }

    fn order(&self, state: Option<&mut RandomState>) -> Vec<u32> {
        let groups = self.sizes.len() as u32;
        state.map_or_else(|| (0..groups).collect(), |state| state.permutation(groups))
    }

    /// Sides of `n_test`, `n_val` and the other samples, as nearly as whole groups allow: test, validation, training. Without a seed
    /// nothing is shuffled.
    ///
    /// # Errors
    /// If a side that is wanted gets no group.
    pub fn assign(
        &self,
        strata: &Strata,
        n_test: usize,
        n_val: usize,
        seed: Option<u32>,
    ) -> Result<[Vec<u32>; 3], SplitError> {
        const TRAIN: u8 = 2;
        let mut state = seed.map(RandomState::new);
        let order = self.order(state.as_mut());
        let class_of = self.classes(strata);
        let mut side_of = vec![TRAIN; self.sizes.len()];
        // Where no class is drawn for, ties between classes fall as for seed 0.
        let mut ties = state.clone().unwrap_or_else(|| RandomState::new(0));
        for (side, wanted) in [(0, n_test), (1, n_val)] {
            let mut queues: Vec<Vec<u32>> = vec![Vec::new(); strata.names().len()];
            let mut counts = vec![0; queues.len()];
            for &group in order.iter().filter(|group| side_of[**group as usize] == TRAIN) {
                let class = class_of[group as usize] as usize;
                queues[class].push(group);
                counts[class] += self.sizes[group as usize];
            }
            let shares = sklearn::shares(&counts, wanted, &mut ties);
            for group in self.fill(queues, &shares, wanted as u64) {
                side_of[group as usize] = side;
            }
        }
        let mut sides = [(); 3].map(|()| Vec::new());
        for (sample, &group) in (0_u32..).zip(&self.of) {
            sides[usize::from(side_of[group as usize])].push(sample);
        }
        for (side, name, wanted) in [(0, "test", true), (1, "validation", n_val > 0), (2, "training", true)] {
            if wanted && sides[side].is_empty() {
                return Err(SplitError::EmptyGroupSide {
                    side: name,
                    n: self.of.len(),
                    groups: self.sizes.len(),
                    smallest: self.sizes.iter().copied().min().unwrap_or(0),
                });
            }
        }
        if let Some(state) = &mut state {
            for side in [2, 0, 1] {
                state.shuffle(&mut sides[side]);
            }
        }
        Ok(sides)
    }

    /// The groups of a side: steps 4 and 5 above. `queues` are the groups of each class.
    fn fill(&self, mut queues: Vec<Vec<u32>>, shares: &[u64], wanted: u64) -> Vec<u32> {
        let size = |group: u32| self.sizes[group as usize] as i64;
        let mut short = wanted as i64;
        let mut lacks: Vec<i64> = shares.iter().map(|&share| share as i64).collect();
        let mut taken: Vec<Vec<u32>> = Vec::with_capacity(queues.len());
        for (queue, lack) in queues.iter_mut().zip(&mut lacks) {
            let mut own = Vec::new();
            queue.retain(|&group| {
                let nearer = 2 * *lack > size(group);
                if nearer {
                    own.push(group);
                    *lack -= size(group);
                    short -= size(group);
                }
                !nearer
            });
            taken.push(own);
        }
        // Of each class the group that was passed over first is the first to come in, and the one taken last the first to go.
        let coming_in = short > 0;
        let mut candidates = if coming_in { queues } else { taken.clone() };
        if coming_in {
            for own in &mut candidates {
                own.reverse();
            }
        }
        let smallest = candidates.iter().flatten().map(|&group| size(group)).min().unwrap_or(i64::MAX / 2);
        while 2 * short.abs() >= smallest && (short > 0) == coming_in {
            let rank = |class: usize| if coming_in { lacks[class] } else { -lacks[class] };
            let class = (0..candidates.len())
                .rev()
                .filter(|&class| !candidates[class].is_empty())
                .max_by_key(|&class| rank(class));
            let Some((class, group)) = class.and_then(|class| Some((class, candidates[class].pop()?))) else {
                break;
            };
            if 2 * short.abs() < size(group) {
                continue;
            }
            let change = if coming_in { size(group) } else { -size(group) };
            lacks[class] -= change;
            short -= change;
            if coming_in {
                taken[class].push(group);
            } else {
                taken[class].retain(|other| *other != group);
            }
        }
        taken.concat()
    }

    /// For each sample the fold that tests it. Without a seed nothing is shuffled.
    ///
    /// # Errors
    /// If there are fewer groups than folds.
    pub fn folds(&self, strata: &Strata, folds: u32, seed: Option<u32>) -> Result<Vec<u32>, SplitError> {
        sklearn::check_folds(self.of.len(), folds)?;
        if folds as usize > self.sizes.len() {
            return Err(SplitError::FoldsBeyondSamples {
                folds,
                n: self.sizes.len(),
                what: "groups of samples",
            });
        }
        let mut state = seed.map(RandomState::new);
        let mut order = self.order(state.as_mut());
        order.sort_by_key(|&group| std::cmp::Reverse(self.sizes[group as usize]));
        let class_of = self.classes(strata);
        let mut totals = vec![0; folds as usize];
        let mut of_class = vec![vec![0; folds as usize]; strata.names().len()];
        let mut fold_of = vec![0; self.sizes.len()];
        for group in order {
            let (class, size) = (class_of[group as usize] as usize, self.sizes[group as usize]);
            let fold = (0..folds as usize)
                .min_by_key(|&fold| (of_class[class][fold], totals[fold], fold))
                .unwrap_or(0);
            of_class[class][fold] += size;
            totals[fold] += size;
            fold_of[group as usize] = fold as u32;
        }
        Ok(self.of.iter().map(|&group| fold_of[group as usize]).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn groups(origins: &[Vec<u64>]) -> Groups {
        let mut all = Origins::default();
        for own in origins {
            all.push(own);
        }
        all.groups()
    }

    #[test]
    fn what_hangs_together_is_a_group() {
        // 0-1 and 1-5 hang together by way of 1; 9 and the empty one are alone; 40 is far beyond the others.
        let origins = [vec![0, 1], vec![9], vec![5, 1], vec![], vec![3, 40], vec![40], vec![0], vec![]];
        let groups = groups(&origins);
        assert_eq!(groups.groups(), [0, 1, 0, 2, 3, 3, 0, 4]);
        assert_eq!(groups.sizes(), [3, 1, 1, 2, 1]);
    }

    #[test]
    fn images_on_several_sides_are_counted() {
        let mut origins = Origins::default();
        for own in [vec![0], vec![0], vec![7, 8], vec![8], vec![1 << 40], vec![1 << 40], vec![3]] {
            origins.push(&own);
        }
        let sides = [Some(0), Some(0), Some(0), Some(1), Some(2), Some(0), None];
        assert_eq!(origins.shared(&sides), 2);
    }

    #[test]
    fn equal_groups_are_split_exactly() {
        // 100 images of ten classes, seven copies of each.
        let origins: Vec<Vec<u64>> = (0..700).map(|i| vec![i % 100]).collect();
        let strata = Strata::of_classes((0..700).map(|i| (i % 10) as u8));
        let groups = groups(&origins);
        let [test, val, train] = groups.assign(&strata, 210, 140, Some(42)).unwrap();
        for (side, each) in [(&test, 21), (&val, 14), (&train, 35)] {
            assert!(strata.select(side).counts().iter().all(|&count| count == each));
        }
        // Three and a half groups of each class: half of the classes have three, half have four.
        let [test, ..] = groups.assign(&strata, 245, 0, Some(42)).unwrap();
        let counts = strata.select(&test).counts();
        assert_eq!(counts.iter().filter(|&&count| count == 21).count(), 5, "{counts:?}");
        assert_eq!(counts.iter().filter(|&&count| count == 28).count(), 5, "{counts:?}");
        let other = groups.assign(&strata, 210, 140, Some(43)).unwrap();
        assert_ne!(other[0], test);
        let folds = groups.folds(&strata, 5, Some(42)).unwrap();
        for fold in 0..5 {
            let own: Vec<u32> = (0..700).filter(|&i| folds[i as usize] == fold).collect();
            assert!(strata.select(&own).counts().iter().all(|&count| count == 14));
        }
    }

    /// Pinned: a change here changes the bytes of data sets, and raises the algorithm version.
    #[test]
    fn sides_are_the_recorded_ones() {
        let origins: Vec<Vec<u64>> = (0..26).map(|i| vec![i / 2]).collect();
        let classes = [7, 5, 3, 9, 0, 4, 1, 8, 2, 6, 6, 4, 5];
        let strata = Strata::of_classes((0..26).map(|i| classes[i / 2]));
        let groups = groups(&origins);
        let sides = groups.assign(&strata, 8, 5, Some(7)).unwrap();
        assert_eq!(sides[0], [4, 13, 3, 11, 2, 12, 10, 5]);
        assert_eq!(sides[1], [21, 9, 20, 16, 8, 17]);
        assert_eq!(sides[2], [1, 15, 6, 7, 25, 23, 0, 14, 18, 19, 22, 24]);
        let folds = groups.folds(&Strata::single(26), 4, Some(7)).unwrap();
        assert_eq!(folds, [0, 0, 1, 1, 2, 2, 1, 1, 0, 0, 3, 3, 2, 2, 3, 3, 0, 0, 3, 3, 1, 1, 0, 0, 2, 2]);
    }

    #[test]
    fn a_side_without_groups_is_refused() {
        let groups = groups(&[vec![0], vec![0], vec![1], vec![1], vec![0, 1]]);
        let error = groups.assign(&Strata::single(5), 2, 0, Some(1)).unwrap_err();
        assert!(matches!(error, SplitError::EmptyGroupSide { groups: 1, smallest: 5, .. }), "{error}");
        assert!(matches!(
            groups.folds(&Strata::single(5), 2, None),
            Err(SplitError::FoldsBeyondSamples { n: 1, .. })
        ));
    }

    proptest! {
        #[test]
        fn groups_stay_whole_and_sides_are_near_their_sizes(
            owners in prop::collection::vec((0_u64..60, 0_u8..4), 20..200),
            part in 0.1_f64..0.5,
            seed: Option<u32>,
        ) {
            let origins: Vec<Vec<u64>> = owners.iter().map(|(origin, _)| vec![*origin]).collect();
            let strata = Strata::of_classes(owners.iter().map(|(_, class)| *class));
            let groups = groups(&origins);
            let largest = *groups.sizes().iter().max().unwrap() as i64;
            let wanted = (part * owners.len() as f64).ceil() as usize;
            if let Ok([test, val, train]) = groups.assign(&strata, wanted, 0, seed) {
                prop_assert!(val.is_empty());
                let mut all = [&test[..], &train[..]].concat();
                let mut side_of = [None; 60];
                for (side, samples) in [(0, &test), (1, &train)] {
                    for &sample in samples {
                        let known = side_of[owners[sample as usize].0 as usize].get_or_insert(side);
                        prop_assert_eq!(*known, side);
                    }
                }
                all.sort_unstable();
                prop_assert_eq!(all, (0..owners.len() as u32).collect::<Vec<_>>());
                prop_assert!((test.len() as i64 - wanted as i64).abs() <= largest);
                if seed.is_none() {
                    prop_assert!(test.is_sorted() && train.is_sorted());
                }
            }
            if let Ok(folds) = groups.folds(&strata, 4, seed) {
                let mut fold_of = [None; 60];
                for (sample, fold) in folds.iter().enumerate() {
                    prop_assert_eq!(fold_of[owners[sample].0 as usize].get_or_insert(fold), &fold);
                }
                prop_assert!((0..4).all(|fold| folds.contains(&fold)));
            }
        }
    }
}
