//! Panics of crates that read damaged files, as values.

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

thread_local! {
    /// Whether this thread's panics are expected.
    static EXPECTED: Cell<bool> = const { Cell::new(false) };
}

/// What `work` gives, or `None` if it panics; nothing is printed then. What it has changed is not to be used afterwards.
pub fn caught<T>(work: impl FnOnce() -> T) -> Option<T> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !EXPECTED.get() {
                before(info);
            }
        }));
    });
    let outer = EXPECTED.replace(true);
    let done = panic::catch_unwind(AssertUnwindSafe(work));
    EXPECTED.set(outer);
    done.ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_none_and_the_next_one_is_told_again() {
        assert_eq!(caught(|| 3), Some(3));
        assert_eq!(caught(|| -> i32 { panic!("a page of another kind") }), None);
        assert!(!EXPECTED.get());
        caught(|| assert_eq!(caught(|| -> i32 { panic!("within another") }), None)).unwrap();
    }
}
