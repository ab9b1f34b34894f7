//! Threads that take numbered pieces of work in turn.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex};

use crate::base::Fault;
use crate::formats::Batch;

use super::render::lock;
use super::{Result, StoreError};

/// What one thread keeps from piece to piece.
#[derive(Default)]
pub(super) struct Bench {
    /// The arrays of a piece.
    pub(super) batch: Batch,
    /// Their encoded form.
    pub(super) encoded: Vec<u8>,
}

/// Things that are done in the order of the pieces, each by one thread at a time; different ones at the same time.
#[derive(Clone, Copy)]
pub(super) enum Lane {
    /// Writing a file.
    Write,
    /// Taking its digest.
    Hash,
}

#[derive(Default)]
struct State {
    /// For each lane, the piece whose turn it is.
    turn: [usize; 2],
    /// The lowest piece that failed, and its error.
    failed: Option<(usize, Fault)>,
}

/// What the threads share.
#[derive(Default)]
pub(super) struct Crew {
    next: AtomicUsize,
    state: Mutex<State>,
    moved: Condvar,
}

impl Crew {
    /// Has `make` done for each number below `count`, by `drivers` threads, and returns the results in order. After an error
    /// no new piece is begun, and the error of the lowest number is returned.
    pub(super) fn work<T: Send>(
        drivers: usize,
        count: usize,
        make: impl Fn(usize, &mut Bench, &Self) -> Result<T> + Sync,
    ) -> Result<Vec<T>> {
        let crew = Self::default();
        let done: Mutex<Vec<(usize, T)>> = Mutex::new(Vec::with_capacity(count));
        std::thread::scope(|scope| {
            for driver in 0..drivers.min(count.max(1)) {
                let work = || {
                    let mut bench = Bench::default();
                    loop {
                        let number = crew.next.fetch_add(1, Ordering::Relaxed);
                        if number >= count || crew.has_failed() {
                            return;
                        }
                        match make(number, &mut bench, &crew) {
                            Ok(result) => lock(&done).push((number, result)),
                            Err(fault) => return crew.fail(number, fault),
                        }
                    }
                };
                // Fewer do the same work; only where there is nobody at all nothing is done.
                if let Err(source) = std::thread::Builder::new().spawn_scoped(scope, work) {
                    if driver == 0 {
                        crew.fail(0, StoreError::Threads { source }.into());
                    }
                    break;
                }
            }
        });
        if let Some((_, fault)) = lock(&crew.state).failed.take() {
            return Err(fault);
        }
        let mut done = std::mem::take(&mut *lock(&done));
        done.sort_by_key(|(number, _)| *number);
        Ok(done.into_iter().map(|(_, result)| result).collect())
    }

    /// Does `act` when all lower numbers have done theirs in this lane; not at all once anything has failed.
    pub(super) fn in_turn(&self, lane: Lane, number: usize, act: impl FnOnce() -> Result<()>) -> Result<()> {
        let lane = lane as usize;
        let mut state = lock(&self.state);
        while state.turn[lane] != number && state.failed.is_none() {
            state = self.moved.wait(state).unwrap_or_else(std::sync::PoisonError::into_inner);
        }
        if state.failed.is_some() {
            return Ok(());
        }
        drop(state);
        // Nobody else has this turn, so the lock need not be held.
        act()?;
        lock(&self.state).turn[lane] = number + 1;
        self.moved.notify_all();
        Ok(())
    }

    fn has_failed(&self) -> bool {
        lock(&self.state).failed.is_some()
    }

    fn fail(&self, number: usize, fault: Fault) {
        let mut state = lock(&self.state);
        if state.failed.as_ref().is_none_or(|(lowest, _)| number < *lowest) {
            state.failed = Some((number, fault));
        }
        self.moved.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Interrupted;

    #[test]
    fn pieces_are_written_in_order_whoever_makes_them() {
        let written = Mutex::new(Vec::new());
        let results = Crew::work(3, 40, |number, _, crew| {
            // The lower a number, the longer it takes.
            std::thread::sleep(std::time::Duration::from_micros(400 - 10 * number as u64));
            crew.in_turn(Lane::Write, number, || {
                lock(&written).push(number);
                Ok(())
            })?;
            Ok(number * 2)
        })
        .unwrap_or_else(|fault| panic!("{fault}"));
        assert_eq!(*lock(&written), (0..40).collect::<Vec<_>>());
        assert_eq!(results, (0..40).map(|n| n * 2).collect::<Vec<_>>());
    }

    #[test]
    fn one_failure_ends_the_work_and_wakes_those_who_wait() {
        let result = Crew::work(4, 100, |number, _, crew| {
            if number == 3 {
                return Err(Interrupted { signal: 2, kept: None }.into());
            }
            crew.in_turn(Lane::Write, number, || Ok(()))
        });
        assert!(result.is_err());
    }

    #[test]
    fn no_work_is_done_at_once() {
        assert_eq!(Crew::work(4, 0, |number, _, _| Ok(number)).map_err(|f| f.to_string()), Ok(vec![]));
    }
}
