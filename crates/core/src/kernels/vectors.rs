//! Vector instructions: what this machine has, and the way into loops that are compiled for each kind of it.
//!
//! A kernel that gains by it has an `#[inline(always)]` function over `S: Simd` and calls it by [`dispatch!`]; whatever that function
//! calls must be inlined as well, or it is compiled for the least machine. Every level gives the same bytes: nothing is fused or
//! reordered, which the compiler may not do by itself and kernels do not ask for. `tests/vectors.rs` holds it.

use std::sync::atomic::{AtomicUsize, Ordering};

use fearless_simd::Level;

/// The number of the level to use, counted from 1 in [`levels`]; 0 is the best one.
static CHOSEN: AtomicUsize = AtomicUsize::new(0);

/// The levels that this machine has, from the least to the best.
#[must_use]
pub fn levels() -> Vec<Level> {
    let best = Level::new();
    #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
    {
        let below = [
            best.as_sse2().map(Level::Sse2),
            best.as_sse4_2().map(Level::Sse4_2),
            best.as_avx2().map(Level::Avx2),
            best.as_avx512().map(Level::Avx512),
        ];
        if below[0].is_some() {
            return below.into_iter().flatten().collect();
        }
    }
    vec![best]
}

/// Has the whole process use the level of this number in [`levels`], counted from 0; `None` is the best one. For tests and benchmarks.
pub fn choose(number: Option<usize>) {
    CHOSEN.store(number.map_or(0, |number| number + 1), Ordering::Relaxed);
}

/// The level to use.
#[inline]
pub(crate) fn level() -> Level {
    match CHOSEN.load(Ordering::Relaxed) {
        0 => Level::new(),
        number => levels().get(number - 1).copied().unwrap_or_else(Level::new),
    }
}

/// Evaluates `$call`, with `$simd` in it, compiled for the best vector instructions that there are.
macro_rules! dispatch {
    ($simd:ident => $call:expr) => {
        fearless_simd::dispatch!(crate::kernels::vectors::level(), $simd => $call)
    };
}

pub(crate) use dispatch;
