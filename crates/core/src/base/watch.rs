//! Who watches work: whether it is to end, and who is told how far it is.

use std::io;
use std::sync::Arc;

use super::files::Steady;
use super::stop::{Interrupted, Stop};

/// What the steps of a pass are counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Images, labels of images, rows of a table.
    Images,
    /// Files.
    Files,
    /// Bytes.
    Bytes,
}

/// Somebody who shows how far work is. Library code knows no terminal; it is told who listens.
pub trait Progress: Send + Sync {
    /// A pass begins. `total` is the number of its steps, where it is known. It ends when what is returned is dropped; passes may lie
    /// within one another.
    fn begin(&self, what: &'static str, unit: Unit, total: Option<u64>) -> Box<dyn Steps>;

    /// Something was decided that nobody had said: what a path was found to be, for instance.
    fn decided(&self, _what: &str) {}
}

/// A pass that is on its way, as whoever shows it sees it. Called by many threads, for each block of work.
pub trait Steps: Send + Sync {
    /// So many more steps are done.
    fn add(&self, steps: u64);

    /// So many steps need not be done, because their results are there: they count as position, not as speed.
    fn skip(&self, steps: u64);

    /// So many of so many steps are done, where the total becomes known on the way.
    fn set(&self, done: u64, total: u64);
}

/// The token that work looks at and the listener that it tells. Cheap to clone; [`Watch::default`] never ends anything and tells nobody.
#[derive(Clone, Default)]
pub struct Watch {
    stop: Stop,
    progress: Option<Arc<dyn Progress>>,
    files: Steady,
}

impl Watch {
    /// Looks at `stop` and tells `progress`.
    #[must_use]
    pub fn new(stop: Stop, progress: Arc<dyn Progress>) -> Self {
        Self { stop, progress: Some(progress), files: Steady::default() }
    }

    /// The token.
    #[must_use]
    pub fn stop(&self) -> &Stop {
        &self.stop
    }

    /// The files that are read until the end, which looks at them again.
    #[must_use]
    pub fn files(&self) -> &Steady {
        &self.files
    }

    /// Goes on, or ends the work.
    ///
    /// # Errors
    /// [`Interrupted`] once somebody has asked.
    pub fn check(&self) -> Result<(), Interrupted> {
        self.stop.check()
    }

    /// Tells what was decided; see [`Progress::decided`].
    pub fn decided(&self, what: impl FnOnce() -> String) {
        if let Some(progress) = &self.progress {
            progress.decided(&what());
        }
    }

    /// Begins a pass; see [`Progress::begin`].
    #[must_use]
    pub fn pass(&self, what: &'static str, unit: Unit, total: Option<u64>) -> Pass {
        let steps = self.progress.as_ref().map(|progress| progress.begin(what, unit, total));
        Pass { stop: self.stop.clone(), steps }
    }
}

/// A pass over many things: what its workers look at and tell.
#[derive(Default)]
pub struct Pass {
    stop: Stop,
    steps: Option<Box<dyn Steps>>,
}

impl Pass {
    /// Goes on, or ends the work.
    ///
    /// # Errors
    /// [`Interrupted`] once somebody has asked.
    pub fn check(&self) -> Result<(), Interrupted> {
        self.stop.check()
    }

    /// The token.
    #[must_use]
    pub fn stop(&self) -> &Stop {
        &self.stop
    }

    /// So many more bytes were read. For loops over the bytes of a file.
    ///
    /// # Errors
    /// An error of [`Interrupted`] once somebody has asked. What such a loop makes of it is not looked at: whoever began the pass knows better why.
    pub fn read(&self, bytes: usize) -> io::Result<()> {
        self.add(bytes as u64);
        self.check().map_err(io::Error::other)
    }

    /// So many more steps are done.
    pub fn add(&self, steps: u64) {
        if let Some(told) = &self.steps {
            told.add(steps);
        }
    }

    /// So many of so many steps are done; see [`Steps::set`].
    pub fn set(&self, done: u64, total: u64) {
        if let Some(told) = &self.steps {
            told.set(done, total);
        }
    }

    /// So many steps need not be done; see [`Steps::skip`].
    pub fn skip(&self, steps: u64) {
        if let Some(told) = &self.steps {
            told.skip(steps);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    #[derive(Default)]
    struct Log(Mutex<Vec<String>>);

    struct Line(Arc<Log>);

    impl Log {
        fn say(&self, text: String) {
            self.0.lock().unwrap().push(text);
        }
    }

    struct Listener(Arc<Log>);

    impl Progress for Listener {
        fn begin(&self, what: &'static str, unit: Unit, total: Option<u64>) -> Box<dyn Steps> {
            self.0.say(format!("{what} {unit:?} {total:?}"));
            Box::new(Line(Arc::clone(&self.0)))
        }
    }

    impl Steps for Line {
        fn add(&self, steps: u64) {
            self.0.say(format!("+{steps}"));
        }

        fn skip(&self, steps: u64) {
            self.0.say(format!("skip {steps}"));
        }

        fn set(&self, done: u64, total: u64) {
            self.0.say(format!("{done} of {total}"));
        }
    }

    impl Drop for Line {
        fn drop(&mut self) {
            self.0.say("end".into());
        }
    }

    #[test]
    fn a_pass_tells_its_listener_and_hears_the_token() {
        let (stop, log) = (Stop::default(), Arc::new(Log::default()));
        let watch = Watch::new(stop.clone(), Arc::new(Listener(Arc::clone(&log))));
        let pass = watch.clone().pass("reading", Unit::Images, Some(9));
        pass.skip(4);
        pass.add(5);
        pass.set(9, 12);
        assert_eq!(pass.check(), Ok(()));
        stop.ask(2);
        assert!(pass.check().is_err() && watch.check().is_err());
        drop(pass);
        assert_eq!(*log.0.lock().unwrap(), ["reading Images Some(9)", "skip 4", "+5", "9 of 12", "end"]);
        let nobody = Watch::default().pass("reading", Unit::Images, None);
        nobody.add(1);
        assert_eq!(nobody.check(), Ok(()));
    }
}
