//! Ctrl-C and SIGTERM.
//!
//! The first signal asks all work to end ([`Stop`]), and most work does within milliseconds: workers look between blocks. What does not look, because
//! it waits for a pipe, for a disk or in somebody else's code, is not waited for: after [`GRACE`] the process ends from here. That is sound for every
//! command for the reason that a kill is: files get their names when they are whole, the next run removes temporary ones, and locks go with the process. A
//! second signal ends the process at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

use crate::base::{Fault, Kind, Stop};
use crate::store::StoreError;
use crate::ui::Ui;

/// For work to end by itself. Together with [`LOOK`] less than the half second that people are promised.
const GRACE: Duration = Duration::from_millis(300);

/// Between two looks at whether a signal has come.
const LOOK: Duration = Duration::from_millis(25);

/// For the last message to be taken.
const LAST_WORD: Duration = Duration::from_millis(100);

/// Whether somebody is ending the process: the thread that watches signals, or `main`.
static ENDING: AtomicBool = AtomicBool::new(false);

/// Listens for Ctrl-C and SIGTERM; ends the process itself if the work does not.
pub(super) fn listen(ui: Ui) -> Result<Stop, Fault> {
    let stop = Stop::default();
    let asked = Arc::new(AtomicBool::new(false));
    let cannot = |error| Fault::said(Kind::Failed, format!("cannot listen for signals: {error}"), None);
    for signal in [SIGINT, SIGTERM] {
        flag::register_conditional_shutdown(signal, 128 + signal, Arc::clone(&asked))
            .and_then(|_| flag::register(signal, Arc::clone(&asked)))
            .and_then(|_| flag::register_usize(signal, stop.cell(), signal as usize))
            .map_err(cannot)?;
    }
    let watched = stop.clone();
    thread::Builder::new()
        .name("signals".into())
        .spawn(move || end(&watched, ui))
        .map_err(|source| StoreError::Threads { source })?;
    Ok(stop)
}

/// Waits for a signal, then for the work, then no longer.
#[expect(clippy::exit, reason = "work that does not look at the token would go on for as long as it likes")]
fn end(stop: &Stop, ui: Ui) {
    while !stop.is_asked() {
        thread::sleep(LOOK);
    }
    thread::sleep(GRACE);
    if let Err(interrupted) = stop.check()
        && !ENDING.swap(true, Ordering::SeqCst)
    {
        let failure = Fault::from(interrupted);
        let code = i32::from(failure.kind().exit_code());
        // Nobody may be reading what is said.
        let (said, heard) = std::sync::mpsc::channel();
        thread::spawn(move || {
            ui.fail(&failure);
            let _ = said.send(());
        });
        let _ = heard.recv_timeout(LAST_WORD);
        std::process::exit(code);
    }
}

/// Called by `main` when the work has ended: from here on its result is what the process ends with. Does not return if the process is being ended
/// because of a signal, so that nothing is said twice.
pub(crate) fn the_end_is_ours() {
    if ENDING.swap(true, Ordering::SeqCst) {
        loop {
            thread::park();
        }
    }
}
