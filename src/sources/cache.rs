//! Images that were costly to make, kept for whoever asks for them next.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::base::{Fault, Image, Label, Sample, Shape};

/// What is kept, in bytes of pixels.
const MOST: usize = 64 << 20;

/// A sample without objects.
#[derive(Clone, Debug)]
pub struct Kept {
    /// Its shape.
    pub shape: Shape,
    /// Its pixels.
    pub data: Vec<u8>,
    /// Its label.
    pub label: Label,
    /// Its source image.
    pub origin: u64,
    /// Its truth.
    pub truth: Vec<i64>,
    /// The weight of each class, of soft labels.
    pub soft: Vec<f32>,
}

impl Kept {
    /// A copy of `sample`, which has no objects.
    #[must_use]
    pub fn of(sample: &Sample) -> Self {
        Self {
            shape: sample.canvas.shape(),
            data: sample.canvas.pixels().to_vec(),
            label: sample.label,
            origin: sample.origin,
            truth: sample.truth.clone(),
            soft: sample.soft.clone(),
        }
    }

    /// Makes `sample` a copy of it.
    pub fn load(&self, sample: &mut Sample) {
        sample.canvas.load(Image::new(self.shape, &self.data));
        sample.begin(self.origin);
        sample.label = self.label;
        sample.truth.extend(&self.truth);
        sample.soft.extend(&self.soft);
    }
}

/// Images by index, shared by the readers of a source: those asked for last, in 64 MiB.
#[derive(Debug, Default)]
pub struct Cache {
    inside: Mutex<Inside>,
}

#[derive(Debug, Default)]
struct Inside {
    clock: u64,
    bytes: usize,
    /// Images by index, each with the time at which it was asked for.
    images: BTreeMap<u64, (u64, Arc<Kept>)>,
    /// Indexes by that time.
    order: BTreeMap<u64, u64>,
}

impl Inside {
    /// The time of now, at which `index` is asked for and not at `before`.
    fn stamp(&mut self, index: u64, before: Option<u64>) -> u64 {
        if let Some(before) = before {
            self.order.remove(&before);
        }
        self.clock += 1;
        self.order.insert(self.clock, index);
        self.clock
    }
}

impl Cache {
    /// The image of `index`: the one that is kept, or the one that `make` makes. It is made without a lock held; two readers
    /// may make the same one.
    ///
    /// # Errors
    /// Those of `make`.
    pub fn get(&self, index: u64, make: impl FnOnce() -> Result<Kept, Fault>) -> Result<Arc<Kept>, Fault> {
        if let Some(kept) = self.touch(index) {
            return Ok(kept);
        }
        let made = Arc::new(make()?);
        let mut inside = self.inside.lock().unwrap_or_else(PoisonError::into_inner);
        if cost(&made) > MOST {
            return Ok(made);
        }
        let before = inside.images.remove(&index);
        if let Some((_, old)) = &before {
            inside.bytes -= cost(old);
        }
        let now = inside.stamp(index, before.map(|(before, _)| before));
        inside.images.insert(index, (now, Arc::clone(&made)));
        inside.bytes += cost(&made);
        while inside.bytes > MOST {
            let Some((_, oldest)) = inside.order.pop_first() else { break };
            if let Some((_, old)) = inside.images.remove(&oldest) {
                inside.bytes -= cost(&old);
            }
        }
        Ok(made)
    }

    fn touch(&self, index: u64) -> Option<Arc<Kept>> {
        let mut inside = self.inside.lock().unwrap_or_else(PoisonError::into_inner);
        let before = inside.images.get(&index)?.0;
        let now = inside.stamp(index, Some(before));
        let (last, kept) = inside.images.get_mut(&index)?;
        *last = now;
        Some(Arc::clone(kept))
    }
}

/// Bytes that an image takes here, with what belongs to it.
fn cost(kept: &Kept) -> usize {
    kept.data.len() + 256
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_ones_are_kept_and_the_memory_is_bounded() {
        let cache = Cache::default();
        let made = std::cell::Cell::new(0);
        let get = |index: u64, bytes: usize| {
            let kept = cache
                .get(index, || {
                    made.set(made.get() + 1);
                    Ok(Kept {
                        shape: Shape::gray(1, bytes),
                        data: vec![index as u8; bytes],
                        label: Label::Class(0),
                        origin: 0,
                        truth: Vec::new(),
                        soft: Vec::new(),
                    })
                })
                .unwrap();
            assert_eq!(kept.data[0], index as u8);
        };
        for _ in 0..3 {
            get(0, 20 << 20);
            get(1, 20 << 20);
        }
        assert_eq!(made.get(), 2);
        get(2, 20 << 20);
        get(0, 20 << 20);
        // No room for a fourth: the one that nobody has asked for longest goes.
        get(3, 20 << 20);
        assert_eq!(made.get(), 4);
        get(0, 20 << 20);
        assert_eq!(made.get(), 4);
        get(1, 20 << 20);
        assert_eq!(made.get(), 5);
        // What is too large is made each time and drives nothing out.
        get(9, 70 << 20);
        get(9, 70 << 20);
        get(1, 20 << 20);
        assert_eq!(made.get(), 7);
    }
}
