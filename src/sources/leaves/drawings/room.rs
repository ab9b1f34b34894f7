//! How many pictures are in memory at a time: as many as have room, and at least one.

use std::sync::{Condvar, Mutex, PoisonError};

/// Pixels at a time; each takes up to a dozen bytes while it is worked on.
const PIXELS: u64 = 48 << 20;

/// Room for pictures.
#[derive(Debug, Default)]
pub(super) struct Room {
    taken: Mutex<u64>,
    left: Condvar,
}

/// Room that was taken, until it is dropped.
#[derive(Debug)]
pub(super) struct Taken<'a> {
    room: &'a Room,
    pixels: u64,
}

impl Room {
    /// Waits until there is room for so many pixels. A picture larger than all room waits until it is alone.
    pub(super) fn wait_for(&self, pixels: u64) -> Taken<'_> {
        let pixels = pixels.min(PIXELS);
        let taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let full = |taken: &mut u64| *taken + pixels > PIXELS;
        let mut taken = self.left.wait_while(taken, full).unwrap_or_else(PoisonError::into_inner);
        *taken += pixels;
        Taken { room: self, pixels }
    }
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        *self.room.taken.lock().unwrap_or_else(PoisonError::into_inner) -= self.pixels;
        self.room.left.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_pictures_wait_for_one_another() {
        let room = Room::default();
        let most = std::sync::atomic::AtomicU64::new(0);
        std::thread::scope(|scope| {
            for pixels in [1, PIXELS / 2, PIXELS / 2, PIXELS, 3 * PIXELS, 7] {
                let (room, most) = (&room, &most);
                scope.spawn(move || {
                    let taken = room.wait_for(pixels);
                    let all = *room.taken.lock().unwrap();
                    most.fetch_max(all, std::sync::atomic::Ordering::Relaxed);
                    drop(taken);
                });
            }
        });
        assert!(most.into_inner() <= PIXELS);
        assert_eq!(room.taken.into_inner().unwrap(), 0);
    }
}
