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
//! 5. If the side as a whole is short still, groups are taken from the class that lacks most, as long as each brings the side nearer to its size.
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
    /// Where each sample's origins end.
    ends: Vec<u64>,
}

impl Origins {
    /// The origins of the next sample.
    pub fn push(&mut self, origins: &[u64]) {
        self.all.extend(origins);
        self.ends.push(self.all.len() as u64);
    }

    /// Those of sample `sample`.
    fn of(&self, sample: usize) -> std::ops::Range<usize> {
        let start = sample.checked_sub(1).map_or(0, |before| self.ends[before]);
        start as usize..self.ends[sample] as usize
    }

    /// Replaces origins by numbers from 0 on; returns how many there are.
    fn compact(&mut self) -> usize {
        let mut distinct = self.all.clone();
        distinct.sort_unstable();
        distinct.dedup();
        // Where most of a collection is used, its numbers are as good as new ones.
        if distinct.last().is_some_and(|&last| last > 4 * distinct.len() as u64) {
            for origin in &mut self.all {
                *origin = distinct.partition_point(|known| *known < *origin) as u64;
            }
            return distinct.len();
        }
        distinct.last().map_or(0, |&last| last as usize + 1)
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
        fn root(parent: &mut [u32], mut at: u32) -> u32 {
            while parent[at as usize] != at {
                parent[at as usize] = parent[parent[at as usize] as usize];
                at = parent[at as usize];
            }
            at
        }
        for sample in 0..self.ends.len() {
            let own = self.of(sample);
            for pair in self.all[own].windows(2) {
                let (a, b) = (root(&mut parent, pair[0] as u32), root(&mut parent, pair[1] as u32));
                // The lower number is the root: no ranks are needed with halved paths.
                parent[a.max(b) as usize] = a.min(b);
            }
        }
        let mut number = vec![u32::MAX; parent.len()];
        let (mut of, mut sizes) = (Vec::with_capacity(self.ends.len()), Vec::new());
        for sample in 0..self.ends.len() {
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
    fn fill(&self, queues: Vec<Vec<u32>>, shares: &[u64], wanted: u64) -> Vec<u32> {
        let mut taken = Vec::new();
        let mut short = wanted as i64;
        let mut lacks: Vec<i64> = shares.iter().map(|&share| share as i64).collect();
        let mut left: Vec<std::collections::VecDeque<u32>> = Vec::new();
        for (class, queue) in queues.into_iter().enumerate() {
            let mut others = std::collections::VecDeque::new();
            for group in queue {
                let size = self.sizes[group as usize] as i64;
                if lacks[class] > 0 && 2 * lacks[class] >= size && short > 0 {
                    taken.push(group);
                    lacks[class] -= size;
                    short -= size;
                } else {
                    others.push_back(group);
                }
            }
            left.push(others);
        }
        let smallest =
            left.iter().flatten().map(|&group| self.sizes[group as usize]).min().unwrap_or(u64::MAX / 2);
        while short > 0 && 2 * short >= smallest as i64 {
            let class = (0..left.len())
                .filter(|&class| !left[class].is_empty())
                .max_by_key(|&class| (lacks[class], left.len() - class));
            let Some(class) = class else { break };
            let Some(group) = left[class].pop_front() else { break };
            let size = self.sizes[group as usize] as i64;
            if 2 * short >= size {
                taken.push(group);
                lacks[class] -= size;
                short -= size;
            }
        }
        taken
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
