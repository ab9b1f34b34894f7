//! Things that are costly to open, kept for whoever asks for them next.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::base::Fault;

/// Shards that were opened, and when each was last asked for.
pub(super) struct Opened<T> {
    slots: Mutex<Slots<T>>,
    /// How often a shard was opened.
    pub(super) opened: AtomicU64,
}

/// Time, and by shard when it was last asked for and its place, which is locked while it is opened.
type Slots<T> = (u64, BTreeMap<usize, (u64, Slot<T>)>);
type Slot<T> = Arc<Mutex<Option<Arc<T>>>>;

impl<T> Default for Opened<T> {
    fn default() -> Self {
        Self { slots: Mutex::new((0, BTreeMap::new())), opened: AtomicU64::new(0) }
    }
}

impl<T> Opened<T> {
    /// Shard `number`, opened by `open` if it is not among the `most` that are kept. Different shards are opened side by side.
    pub(super) fn get(
        &self,
        number: usize,
        most: usize,
        open: impl Fn() -> Result<T, Fault>,
    ) -> Result<Arc<T>, Fault> {
        let slot = {
            let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
            let (clock, known) = &mut *slots;
            *clock += 1;
            if !known.contains_key(&number) && known.len() >= most {
                let oldest = known.iter().min_by_key(|(_, (last, _))| *last).map(|(number, _)| *number);
                oldest.and_then(|number| known.remove(&number));
            }
            let (last, slot) = known.entry(number).or_default();
            *last = *clock;
            Arc::clone(slot)
        };
        let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(arrays) = &*slot {
            return Ok(Arc::clone(arrays));
        }
        self.opened.fetch_add(1, Ordering::Relaxed);
        let arrays = Arc::new(match open() {
            // What is kept open is kept for speed only.
            Err(fault) if fault.is_out_of_handles() => {
                self.forget(number);
                open()?
            }
            opened => opened?,
        });
        *slot = Some(Arc::clone(&arrays));
        Ok(arrays)
    }
    /// Keeps no shard but `number`.
    fn forget(&self, number: usize) {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        slots.1.retain(|other, _| *other == number);
    }
}
