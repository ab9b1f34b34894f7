//! A token that asks work to end.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use super::{Explain, Kind};

/// The number of SIGTERM, which is the same on every Unix and is stored by the signal handler on other systems.
const SIGTERM: usize = 15;

/// A token that says whether work is to end. Clones are one token; [`Stop::default`] is one that nobody has yet asked.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<State>);

#[derive(Debug, Default)]
struct State {
    /// Number of the signal that asked, or 0.
    signal: Arc<AtomicUsize>,
    /// What an end now does not take away.
    kept: OnceLock<&'static str>,
}

impl Stop {
    /// Goes on, or ends the work.
    ///
    /// # Errors
    /// [`Interrupted`] once somebody has asked.
    pub fn check(&self) -> Result<(), Interrupted> {
        match self.0.signal.load(Ordering::Relaxed) {
            0 => Ok(()),
            signal => Err(Interrupted { signal, kept: self.0.kept.get().copied() }),
        }
    }

    /// Whether somebody has asked, for loops that end without an error of their own.
    #[must_use]
    pub fn is_asked(&self) -> bool {
        self.0.signal.load(Ordering::Relaxed) != 0
    }

    /// Asks all work with this token to end, as the signal with this number does.
    pub fn ask(&self, signal: usize) {
        self.0.signal.store(signal, Ordering::Relaxed);
    }

    /// From here on an end is told with what it leaves: `finished shards are kept`. The first one to say so is believed.
    pub fn keeps(&self, what: &'static str) {
        let _ = self.0.kept.set(what);
    }

    /// Where a signal handler stores the number of its signal.
    #[must_use]
    pub fn cell(&self) -> Arc<AtomicUsize> {
        Arc::clone(&self.0.signal)
    }
}

/// Work has ended because a signal asked for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("interrupted{}", .kept.map(|kept| format!("; {kept}")).unwrap_or_default())]
pub struct Interrupted {
    /// Number of the signal.
    pub signal: usize,
    /// What is left of the work.
    pub kept: Option<&'static str>,
}

impl Explain for Interrupted {
    fn kind(&self) -> Kind {
        if self.signal == SIGTERM { Kind::Terminated } else { Kind::Interrupted }
    }

    fn help(&self) -> Option<String> {
        self.kept.map(|_| "run the same command again to go on".into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_clones_hear_of_a_signal_and_its_number_decides_the_exit_code() {
        let stop = Stop::default();
        let other = stop.clone();
        assert_eq!(other.check(), Ok(()));
        stop.ask(2);
        assert!(other.is_asked());
        assert_eq!(other.check(), Err(Interrupted { signal: 2, kept: None }));
        assert_eq!(Interrupted { signal: 2, kept: None }.kind(), Kind::Interrupted);
        assert_eq!(Interrupted { signal: 15, kept: None }.kind(), Kind::Terminated);
        assert_eq!(Stop::default().check(), Ok(()), "another token has nothing to do with it");
    }

    #[test]
    fn the_sentence_says_what_is_kept_and_only_then_to_go_on() {
        let stop = Stop::default();
        stop.ask(15);
        let error = stop.check().unwrap_err();
        assert_eq!((error.to_string().as_str(), error.help()), ("interrupted", None));
        stop.keeps("finished shards are kept");
        let error = stop.check().unwrap_err();
        assert_eq!(error.to_string(), "interrupted; finished shards are kept");
        assert!(error.help().is_some());
    }
}
