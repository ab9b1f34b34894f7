//! Progress on a terminal: one line, of the innermost pass that takes longer than a moment.

use std::io::{self, IsTerminal};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use console::Term;

use super::{Ui, bytes, grouped};
use crate::base::Unit;
use crate::base::watch::{Progress, Steps};

/// What ends sooner shows no line.
const DELAY: Duration = Duration::from_millis(500);

/// Between two drawings.
const FRAME: Duration = Duration::from_millis(100);

/// The total of a pass whose end is not known.
const UNKNOWN: u64 = u64::MAX;

/// Whether a line of progress stands on the terminal, which all other output removes first. There is one terminal, so there is one of these.
static LINE: Mutex<bool> = Mutex::new(false);

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Does `print` while no line of progress stands on the terminal.
pub(super) fn without_line<T>(print: impl FnOnce() -> T) -> T {
    let mut line = lock(&LINE);
    if std::mem::take(&mut *line) {
        // A terminal that cannot be written to is not worth failing for.
        let _ = Term::stderr().clear_line();
    }
    print()
}

/// The passes that are on their way, as a line on standard error.
pub(super) struct Bars {
    /// Outermost first.
    live: Arc<Mutex<Vec<Arc<Pass>>>>,
    draws: AtomicBool,
    hidden: bool,
    ui: Ui,
}

impl Bars {
    /// Shows itself if standard error is a terminal, and it is not to be quiet.
    pub(super) fn new(ui: Ui) -> Self {
        let hidden = ui.manner.quiet || !io::stderr().is_terminal();
        Self { live: Arc::default(), draws: AtomicBool::default(), hidden, ui }
    }

    /// Starts the thread that draws, once.
    fn draw(&self) {
        if self.hidden || self.draws.swap(true, Ordering::Relaxed) {
            return;
        }
        let live = Arc::clone(&self.live);
        // Without a thread there is no line, and all else goes on.
        let _ = thread::Builder::new().name("progress".into()).spawn(move || {
            for frame in 0.. {
                thread::sleep(FRAME);
                // Held from before the look at what is live: who ends a pass removes the line after that.
                let mut drawn = lock(&LINE);
                let pass = lock(&live).iter().rev().find(|pass| pass.begun.elapsed() >= DELAY).cloned();
                if let Some(pass) = pass {
                    let term = Term::stderr();
                    let width = term.size_checked().map_or(80, |(_, columns)| usize::from(columns));
                    // The last column stays free: some terminals wrap there.
                    let text = line(&pass.view(), width.saturating_sub(1), frame);
                    let _ = term.clear_line().and_then(|()| term.write_str(&text));
                    *drawn = true;
                }
            }
        });
    }
}

impl Progress for Bars {
    fn decided(&self, what: &str) {
        self.ui.decided(what);
    }

    fn begin(&self, what: &'static str, unit: Unit, total: Option<u64>) -> Box<dyn Steps> {
        self.draw();
        let pass = Arc::new(Pass {
            what,
            unit,
            total: AtomicU64::new(total.unwrap_or(UNKNOWN)),
            fresh: AtomicU64::new(0),
            skipped: AtomicU64::new(0),
            idle: AtomicU64::new(0),
            begun: Instant::now(),
        });
        lock(&self.live).push(Arc::clone(&pass));
        Box::new(Shown { pass, live: Arc::clone(&self.live) })
    }
}

/// A pass on its way.
struct Pass {
    what: &'static str,
    unit: Unit,
    total: AtomicU64,
    /// Steps that were done now.
    fresh: AtomicU64,
    /// Steps that needed no doing.
    skipped: AtomicU64,
    /// Milliseconds that went by before anything was done: finding things done is no work.
    idle: AtomicU64,
    begun: Instant,
}

impl Pass {
    fn view(&self) -> View {
        let of = |number: &AtomicU64| number.load(Ordering::Relaxed);
        let elapsed = self.begun.elapsed();
        View {
            what: self.what,
            unit: self.unit,
            total: Some(of(&self.total)).filter(|total| *total != UNKNOWN),
            fresh: of(&self.fresh),
            skipped: of(&self.skipped),
            working: elapsed.saturating_sub(Duration::from_millis(of(&self.idle))),
            elapsed,
        }
    }
}

/// A pass that goes from the terminal when it is dropped.
struct Shown {
    pass: Arc<Pass>,
    live: Arc<Mutex<Vec<Arc<Pass>>>>,
}

impl Steps for Shown {
    fn add(&self, steps: u64) {
        self.pass.fresh.fetch_add(steps, Ordering::Relaxed);
    }

    fn skip(&self, steps: u64) {
        self.pass.skipped.fetch_add(steps, Ordering::Relaxed);
        if self.pass.fresh.load(Ordering::Relaxed) == 0 {
            self.pass.idle.store(self.pass.begun.elapsed().as_millis() as u64, Ordering::Relaxed);
        }
    }

    fn set(&self, done: u64, total: u64) {
        self.pass.fresh.store(done, Ordering::Relaxed);
        self.pass.total.store(total.max(done), Ordering::Relaxed);
    }
}

impl Drop for Shown {
    fn drop(&mut self) {
        let mut live = lock(&self.live);
        live.retain(|pass| !Arc::ptr_eq(pass, &self.pass));
        if live.is_empty() {
            drop(live);
            without_line(|| ());
        }
    }
}

/// What a line says.
#[derive(Clone, Copy)]
struct View {
    what: &'static str,
    unit: Unit,
    total: Option<u64>,
    fresh: u64,
    skipped: u64,
    /// Time in which the fresh steps were done.
    working: Duration,
    elapsed: Duration,
}

/// Columns that a bar has at least.
const SHORTEST: usize = 8;

/// The line: in full where there is room, less and less of it where there is none, never longer than `width`.
fn line(view: &View, width: usize, frame: u64) -> String {
    let number = |n: u64| match view.unit {
        Unit::Bytes => bytes(n),
        Unit::Images | Unit::Files => grouped(n),
    };
    let unit = match view.unit {
        Unit::Images => " images",
        Unit::Files => " files",
        Unit::Bytes => "",
    };
    let position = view.fresh.saturating_add(view.skipped);
    let total = view.total.map(|total| total.max(position));
    let speed = view.fresh as f64 / view.working.as_secs_f64().max(1e-3);
    let count = match total {
        Some(total) => format!("{}/{}", number(position), number(total)),
        None => number(position),
    };
    let count = count + unit;
    if count.chars().count() + 2 > width {
        let share =
            total.map(|total| format!("{} %", (position as f64 / total.max(1) as f64 * 100.0) as u64));
        return share.filter(|share| share.len() <= width).unwrap_or_default();
    }
    let left = total.filter(|_| view.fresh > 0).map(|total| (total - position) as f64 / speed);
    // In the order of their weight; the bar has its columns before those that come after it, and what is done before how long it took.
    let name = view.what.chars().count() + 2;
    let after = [
        (count, 0),
        (left.map_or_else(String::new, |left| format!("ETA {}", clock(left as u64))), SHORTEST + 2),
        (if view.fresh > 0 { number(speed as u64) + "/s" } else { String::new() }, SHORTEST + 2),
        (clock(view.elapsed.as_secs()), SHORTEST + 2 + name),
    ];
    let mut right = String::new();
    for (part, bar) in &after {
        let bar = if total.is_some() { *bar } else { 0 };
        if !part.is_empty() && right.chars().count() + 2 + part.chars().count() + bar <= width {
            right = if right.is_empty() { part.clone() } else { format!("{right}  {part}") };
        }
    }
    let mut left_part = String::new();
    let reserved = right.chars().count() + if total.is_some() { SHORTEST + 2 } else { 0 };
    if name + reserved <= width {
        left_part = format!("{}  ", view.what);
    }
    let room = width.saturating_sub(left_part.chars().count() + right.chars().count() + 2);
    let middle = match total {
        Some(total) if room >= SHORTEST => {
            let full = (position as f64 / total.max(1) as f64 * room as f64) as usize;
            format!("{}{}  ", "█".repeat(full), "░".repeat(room - full))
        }
        None if room >= 1 => format!("{} ", ['|', '/', '-', '\\'][(frame % 4) as usize]),
        Some(_) | None => String::new(),
    };
    let whole = left_part + &middle + &right;
    if whole.chars().count() <= width { whole } else { String::new() }
}

/// `0:07`, `12:34`, `1:02:03`.
fn clock(seconds: u64) -> String {
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(fresh: u64, skipped: u64, total: Option<u64>, seconds: u64) -> View {
        let elapsed = Duration::from_secs(seconds);
        View { what: "writing", unit: Unit::Images, total, fresh, skipped, working: elapsed, elapsed }
    }

    #[test]
    fn a_line_says_less_where_there_is_less_room_and_never_wraps() {
        let view = view(15_000, 0, Some(60_000), 5);
        let full = format!(
            "writing  {}{}  15,000/60,000 images  ETA 0:15  3,000/s  0:05",
            "█".repeat(5),
            "░".repeat(18)
        );
        assert_eq!(line(&view, 79, 0), full);
        assert_eq!(line(&view, 39, 0), "██░░░░░░  15,000/60,000 images  3,000/s");
        assert_eq!(line(&view, 22, 0), "15,000/60,000 images");
        assert_eq!(line(&view, 19, 0), "25 %");
        for width in 0..200 {
            assert!(line(&view, width, 0).chars().count() <= width, "{width}");
        }
    }

    #[test]
    fn what_is_done_is_said_before_how_long_it_took() {
        let view = View { what: "reading labels", ..view(11_187_696, 0, Some(50_000_000), 9) };
        let said = line(&view, 79, 0);
        assert!(said.starts_with("reading labels  ") && said.ends_with("1,243,077/s"), "{said}");
    }

    #[test]
    fn what_was_there_is_position_and_not_speed() {
        let text = line(&view(1_000, 50_000, Some(60_000), 10), 100, 0);
        assert!(text.contains("51,000/60,000 images  ETA 1:30  100/s  0:10"), "{text}");
        let text = line(&view(0, 50_000, Some(60_000), 10), 100, 0);
        assert!(text.ends_with("50,000/60,000 images  0:10"), "{text}");
    }

    #[test]
    fn bytes_and_unknown_totals_have_lines_of_their_own() {
        let bytes = View { unit: Unit::Bytes, ..view(1_500_000, 0, Some(12_000_000), 3) };
        assert!(
            line(&bytes, 100, 0).contains("1.50 MB/12.00 MB  ETA 0:21  500.00 kB/s"),
            "{}",
            line(&bytes, 100, 0)
        );
        let open = view(1_234, 0, None, 2);
        assert_eq!(line(&open, 60, 1), "writing  / 1,234 images  617/s  0:02");
        assert_eq!(line(&open, 12, 0), "");
    }

    #[test]
    fn more_than_was_expected_is_no_more_than_all() {
        let text = line(&view(70, 0, Some(60), 1), 60, 0);
        assert!(text.contains("70/70 images") && !text.contains('░'), "{text}");
    }

    #[test]
    fn passes_come_and_go_and_skipping_is_idle() {
        let bars = Bars { hidden: true, ..Bars::new(Ui::new(super::super::Manner::default())) };
        let outer = bars.begin("writing", Unit::Images, Some(10));
        let inner = bars.begin("shuffling", Unit::Images, None);
        outer.skip(4);
        outer.add(2);
        inner.set(3, 9);
        let live = lock(&bars.live).clone();
        assert_eq!((live[0].view().fresh, live[0].view().skipped), (2, 4));
        assert_eq!((live[1].view().fresh, live[1].view().total), (3, Some(9)));
        drop(outer);
        assert_eq!(lock(&bars.live).len(), 1);
        assert_eq!(lock(&bars.live)[0].what, "shuffling");
    }

    #[test]
    fn times_are_clocks() {
        assert_eq!([0, 59, 60, 3_599, 3_723].map(clock), ["0:00", "0:59", "1:00", "59:59", "1:02:03"]);
    }
}
