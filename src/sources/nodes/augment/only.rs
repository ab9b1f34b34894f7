//! Steps that are for the ink of an image alone, or for all but its ink.

use crate::base::{Canvas, Sample, Shape};
use crate::pipeline::Plan;
use crate::recipe::augment::Only;

/// What an image was before its steps, and where its ink was and is.
///
/// Where ink has left, or is not to come, there is nothing to be seen: what stands there instead is the nearest pixel of the background, counted in
/// steps to the four neighbors; of several, the first in the order of rows.
#[derive(Default)]
pub(super) struct Rest {
    before: Vec<u8>,
    /// For each pixel, whether it was ink, as 0 and more.
    was: Vec<u8>,
    /// The same when all steps are done.
    is: Vec<u8>,
    nearest: Vec<u32>,
    queue: Vec<u32>,
}

/// No pixel.
const NONE: u32 = u32::MAX;

impl Rest {
    /// Keeps an image before it is painted. Ink is what its mask says, or what is not black in an image that has none.
    pub(super) fn take(&mut self, sample: &Sample, plan: &Plan) {
        self.before.clear();
        self.before.extend_from_slice(sample.canvas.pixels());
        self.was.clear();
        if sample.mask.is_empty() {
            let channels = sample.canvas.shape().channels();
            let pixels = self.before.chunks_exact(channels);
            self.was.extend(pixels.map(|pixel| u8::from(pixel.iter().any(|&value| value != 0))));
        } else {
            self.was.extend_from_slice(&sample.mask);
        }
        self.is.clone_from(&self.was);
        plan.carry(&mut self.is);
    }

    /// Puts back what was not to be changed.
    ///
    /// # Panics
    /// If the image has another shape than before.
    pub(super) fn put_back(&mut self, only: Only, canvas: &mut Canvas) {
        let Self { before, was, is, nearest, queue } = self;
        canvas.in_place(|image, _| {
            let (shape, pixels) = (image.shape, image.data);
            assert_eq!(pixels.len(), before.len(), "steps that change sizes are refused");
            let size = shape.channels();
            let place = |at: usize| at * size..(at + 1) * size;
            match only {
                Only::Ink => {
                    find_nearest(was, shape, nearest, queue);
                    for at in (0..is.len()).filter(|&at| is[at] == 0) {
                        let from = if nearest[at] == NONE { at } else { nearest[at] as usize };
                        pixels[place(at)].copy_from_slice(&before[place(from)]);
                    }
                }
                Only::Background => {
                    find_nearest(is, shape, nearest, queue);
                    for at in (0..is.len()).filter(|&at| is[at] != 0) {
                        match nearest[at] {
                            NONE => pixels[place(at)].copy_from_slice(&before[place(at)]),
                            from => pixels.copy_within(place(from as usize), at * size),
                        }
                    }
                    for at in (0..was.len()).filter(|&at| was[at] != 0) {
                        pixels[place(at)].copy_from_slice(&before[place(at)]);
                    }
                }
            }
        });
    }
}

/// Finds the nearest pixel that is no ink, for each pixel of an image of this shape: itself where it is none, [`NONE`] where all is ink.
fn find_nearest(
    ink: &[u8],
    Shape { height, width, .. }: Shape,
    nearest: &mut Vec<u32>,
    queue: &mut Vec<u32>,
) {
    nearest.clear();
    nearest.extend((0..).zip(ink).map(|(at, id)| if *id == 0 { at } else { NONE }));
    queue.clear();
    queue.extend(nearest.iter().filter(|at| **at != NONE));
    if queue.len() == ink.len() {
        return;
    }
    let mut next = 0;
    while let Some(&at) = queue.get(next) {
        next += 1;
        let at = at as usize;
        let (y, x) = (at / width, at % width);
        let neighbors = [
            (y > 0).then(|| at - width),
            (x > 0).then(|| at - 1),
            (x + 1 < width).then(|| at + 1),
            (y + 1 < height).then(|| at + width),
        ];
        for neighbor in neighbors.into_iter().flatten() {
            if nearest[neighbor] == NONE {
                nearest[neighbor] = nearest[at];
                queue.push(neighbor as u32);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_pixel_of_the_background_is_found() {
        let ink = [0, 1, 1, 1, 1, 0, 1, 0, 1];
        let (mut nearest, mut queue) = (Vec::new(), Vec::new());
        find_nearest(&ink, Shape::gray(3, 3), &mut nearest, &mut queue);
        assert_eq!(nearest, [0, 0, 5, 0, 5, 5, 7, 7, 5]);
        find_nearest(&[1, 2], Shape::gray(1, 2), &mut nearest, &mut queue);
        assert_eq!(nearest, [NONE, NONE]);
        find_nearest(&[0, 0], Shape::gray(2, 1), &mut nearest, &mut queue);
        assert_eq!(nearest, [0, 1]);
    }

    /// A row whose second pixel is ink, which moves one to the right and becomes 90, while all else becomes ten more.
    fn moved(only: Only) -> Vec<u8> {
        let mut rest = Rest {
            before: vec![1, 50, 3, 4],
            was: vec![0, 1, 0, 0],
            is: vec![0, 0, 1, 0],
            ..Rest::default()
        };
        let mut canvas = Canvas::default();
        canvas.reset(Shape::gray(1, 4)).copy_from_slice(&[11, 13, 90, 14]);
        rest.put_back(only, &mut canvas);
        canvas.pixels().to_vec()
    }

    #[test]
    fn one_part_moves_and_the_other_stays() {
        assert_eq!(moved(Only::Ink), [1, 1, 90, 4]);
        assert_eq!(moved(Only::Background), [11, 50, 13, 14]);
    }
}
