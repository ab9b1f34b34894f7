//! The splits of scikit-learn: `train_test_split`, `KFold` and `StratifiedKFold`, with the same samples in the same order.
//!
//! What is the same: how sizes are rounded, which numbers are drawn and in what order, and which sizes are refused. Written from the
//! definition of these functions; `tests/split.rs` compares with what scikit-learn gives.

use super::numpy::RandomState;
use super::{Size, SplitError, Strata};

/// Which samples go to which side, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sides {
    /// Indexes of the samples to learn from.
    pub train: Vec<u32>,
    /// Indexes of the others.
    pub test: Vec<u32>,
}

/// Numbers of samples for training and for testing out of `n`.
///
/// A fraction of the test side is rounded up, one of the training side down. If only one is given the other side has the rest; without
/// either a quarter is for testing. Both together may leave samples out.
///
/// # Errors
/// If a size is not between 0 and the whole, both do not fit, or nothing is left to learn from.
pub fn sizes(n: usize, test: Option<Size>, train: Option<Size>) -> Result<(usize, usize), SplitError> {
    let test = match (test, train) {
        (None, None) => Some(Size::Fraction(0.25)),
        (test, _) => test,
    };
    for (option, size) in [("--test-size", test), ("--train-size", train)] {
        size.map_or(Ok(()), |size| size.check(option, n))?;
    }
    if let (Some(Size::Fraction(test)), Some(Size::Fraction(train))) = (test, train)
        && train + test > 1.0
    {
        return Err(SplitError::BeyondWhole { train, test });
    }
    let count = |size: Size, round: fn(f64) -> f64| match size {
        Size::Fraction(fraction) => round(fraction * n as f64) as usize,
        Size::Count(count) => count as usize,
    };
    let (n_test, n_train) = match (test.map(|s| count(s, f64::ceil)), train.map(|s| count(s, f64::floor))) {
        (Some(test), Some(train)) => (test, train),
        (Some(test), None) => (test, n.saturating_sub(test)),
        (None, train) => (n - train.unwrap_or(0), train.unwrap_or(0)),
    };
    if n_train + n_test > n {
        return Err(SplitError::TooMany { train: n_train, test: n_test, n });
    }
    match (n_train, n_test) {
        (0, _) => Err(SplitError::EmptySide { side: "training", n }),
        (_, 0) => Err(SplitError::EmptySide { side: "test", n }),
        _ => Ok((n_train, n_test)),
    }
}

/// `train_test_split` without shuffling: the first samples, and those that follow.
#[must_use]
pub fn in_order(n_train: usize, n_test: usize) -> Sides {
    let (train, test) = (n_train as u32, n_test as u32);
    Sides { train: (0..train).collect(), test: (train..train + test).collect() }
}

/// `train_test_split(..., shuffle=True, random_state=seed)` of `n` samples: the first of a permutation are for testing.
#[must_use]
pub fn shuffled(n: usize, n_train: usize, n_test: usize, seed: u32) -> Sides {
    let mut order = RandomState::new(seed).permutation(n as u32);
    order.truncate(n_test + n_train);
    let train = order.split_off(n_test);
    Sides { train, test: order }
}

/// `train_test_split(..., stratify=y, random_state=seed)`: every class has its share on both sides.
///
/// `side` is what errors call the side that is split off.
///
/// # Errors
/// If a class has one sample only, or a side fewer samples than there are classes.
pub fn stratified(
    strata: &Strata,
    n_train: usize,
    n_test: usize,
    seed: u32,
    side: &'static str,
) -> Result<Sides, SplitError> {
    let counts = strata.counts();
    let lonely: Vec<String> = strata.those(|class| counts[class] < 2);
    if !lonely.is_empty() {
        return Err(SplitError::OneImage { classes: lonely });
    }
    for (side, size) in [("training", n_train), (side, n_test)] {
        if size < counts.len() {
            return Err(SplitError::FewerThanClasses { side, size, classes: counts.len() });
        }
    }
    let mut state = RandomState::new(seed);
    let for_training = shares(&counts, n_train, &mut state);
    let left: Vec<u64> = counts.iter().zip(&for_training).map(|(all, taken)| all - taken).collect();
    let for_testing = shares(&left, n_test, &mut state);
    let mut sides = Sides { train: Vec::with_capacity(n_train), test: Vec::with_capacity(n_test) };
    for (class, members) in strata.members().iter().enumerate() {
        let order = state.permutation(members.len() as u32);
        let (train, test) = (for_training[class] as usize, for_testing[class] as usize);
        let mut drawn = order.iter().map(|&place| members[place as usize]);
        sides.train.extend(drawn.by_ref().take(train));
        sides.test.extend(drawn.take(test));
    }
    state.shuffle(&mut sides.train);
    state.shuffle(&mut sides.test);
    Ok(sides)
}

/// How many of `draws` samples each class gets: its share rounded down, and one more for those whose share was cut most; between equal ones the
/// generator decides.
///
/// This is close to the most likely outcome of drawing without looking, the mode of the multivariate hypergeometric distribution.
pub(super) fn shares(counts: &[u64], draws: usize, state: &mut RandomState) -> Vec<u64> {
    let whole: u64 = counts.iter().sum();
    let exact: Vec<f64> =
        counts.iter().map(|&count| count as f64 / whole.max(1) as f64 * draws as f64).collect();
    let mut shares: Vec<f64> = exact.iter().map(|share| share.floor()).collect();
    let mut missing = (draws as f64 - shares.iter().sum::<f64>()) as usize;
    let rest: Vec<f64> = exact.iter().zip(&shares).map(|(exact, share)| exact - share).collect();
    let mut steps = rest.clone();
    steps.sort_unstable_by(|a, b| b.total_cmp(a));
    steps.dedup();
    for step in steps {
        if missing == 0 {
            break;
        }
        let equal: Vec<usize> = (0..rest.len()).filter(|&class| rest[class] == step).collect();
        let more = missing.min(equal.len());
        for class in state.choice(&equal, more) {
            shares[class] += 1.0;
        }
        missing -= more;
    }
    shares.iter().zip(counts).map(|(&share, &count)| (share as u64).min(count)).collect()
}

/// `KFold(folds, shuffle, random_state)`: for each sample the fold that tests it. Without a seed nothing is shuffled.
///
/// # Errors
/// If there are fewer than two folds, or more than samples.
pub fn k_fold(n: usize, folds: u32, seed: Option<u32>) -> Result<Vec<u32>, SplitError> {
    check_folds(n, folds)?;
    let mut order: Vec<u32> = (0..n as u32).collect();
    if let Some(seed) = seed {
        RandomState::new(seed).shuffle(&mut order);
    }
    let (each, more) = (n / folds as usize, n % folds as usize);
    let mut fold_of = vec![0; n];
    let mut places = order.into_iter();
    for fold in 0..folds {
        let size = each + usize::from((fold as usize) < more);
        places.by_ref().take(size).for_each(|sample| fold_of[sample as usize] = fold);
    }
    Ok(fold_of)
}

/// `StratifiedKFold(folds, shuffle, random_state)`: for each sample the fold that tests it.
///
/// Where a class has fewer samples than there are folds, some fold is tested without it; [`rare`] tells which do.
///
/// # Errors
/// If there are fewer than two folds, or more than samples in every class.
pub fn stratified_k_fold(strata: &Strata, folds: u32, seed: Option<u32>) -> Result<Vec<u32>, SplitError> {
    let n = strata.len();
    check_folds(n, folds)?;
    // Classes count in the order in which they first occur.
    let counts = strata.counts();
    let mut number = vec![u32::MAX; counts.len()];
    let mut order = Vec::with_capacity(counts.len());
    for &class in strata.classes() {
        if number[class as usize] == u32::MAX {
            number[class as usize] = order.len() as u32;
            order.push(class as usize);
        }
    }
    if let Some(&most) = order.iter().max_by_key(|&&class| counts[class])
        && counts[most] < u64::from(folds)
    {
        return Err(SplitError::FoldsBeyondClass {
            folds,
            classes: strata.those(|class| counts[class] < u64::from(folds)),
            most: counts[most],
        });
    }
    // Samples dealt out to the folds in turn, class by class: how many of each class each fold gets.
    let mut state = seed.map(RandomState::new);
    let mut dealt = 0;
    let mut queues: Vec<std::vec::IntoIter<u32>> = Vec::with_capacity(order.len());
    for &class in &order {
        let folds = u64::from(folds);
        let mut own = Vec::with_capacity(counts[class] as usize);
        for fold in 0..folds {
            // Numbers k of dealt..dealt + count with k % folds == fold.
            let below = |end: u64| (end + folds - 1 - fold) / folds;
            let share = below(dealt + counts[class]) - below(dealt);
            own.extend(std::iter::repeat_n(fold as u32, share as usize));
        }
        dealt += counts[class];
        if let Some(state) = &mut state {
            state.shuffle(&mut own);
        }
        queues.push(own.into_iter());
    }
    Ok(strata
        .classes()
        .iter()
        .map(|&class| queues[number[class as usize] as usize].next().unwrap_or_default())
        .collect())
}

/// Classes with fewer samples than there are folds, and how many the smallest of them has.
#[must_use]
pub fn rare(strata: &Strata, folds: u32) -> Option<(Vec<String>, u64)> {
    let counts = strata.counts();
    let least = counts.iter().copied().min().filter(|least| *least < u64::from(folds))?;
    Some((strata.those(|class| counts[class] < u64::from(folds)), least))
}

pub(super) fn check_folds(n: usize, folds: u32) -> Result<(), SplitError> {
    match folds {
        0 | 1 => Err(SplitError::FewFolds(folds)),
        _ if folds as usize > n => Err(SplitError::FoldsBeyondSamples { folds, n, what: "samples" }),
        _ => Ok(()),
    }
}
