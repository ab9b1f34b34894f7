//! Noise masks: coarse grids of noise are brought to the size of the image, combined and sharpened.

use super::approx::sigmoid;
use super::resize::{self, Interpolation};
use crate::base::{Image, ImageMut, Scratch, Shape};

/// How the grids of one mask are combined, cell by cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aggregation {
    /// The smallest.
    Min,
    /// The mean.
    Avg,
    /// The largest.
    Max,
}

/// Rows and columns of the grid of at most `pixels` on its longer side for an image of shape `on`:
/// trunc(side * pixels / longer side), at least 1.
#[must_use]
pub fn grid_size(on: Shape, pixels: usize) -> (usize, usize) {
    let longer = on.height.max(on.width).max(1);
    let pixels = pixels.min(longer);
    let side = |n: usize| (n * pixels / longer).max(1);
    (side(on.height), side(on.width))
}

/// Resizes a grid of `rows` x `columns` levels to the mask's `height` x `width` and combines it with what is in
/// `levels`; the `first` grid of a mask replaces it. The mean is a sum until [`finish`].
///
/// # Panics
/// If `grid` or `levels` does not have the size given.
pub fn combine(
    levels: &mut [i32],
    (height, width): (usize, usize),
    first: bool,
    grid: Image<'_>,
    interpolation: Interpolation,
    aggregation: Aggregation,
    scratch: &mut Scratch,
) {
    assert_eq!(levels.len(), height * width, "a level for each pixel");
    let mut fine = scratch.take_u8(levels.len());
    let to = ImageMut::new(Shape::new(height, width, 1), &mut fine);
    resize::resize(grid, to, interpolation, scratch);
    let pairs = levels.iter_mut().zip(&fine);
    match aggregation {
        _ if first => pairs.for_each(|(level, new)| *level = i32::from(*new)),
        Aggregation::Min => pairs.for_each(|(level, new)| *level = i32::from(*new).min(*level)),
        Aggregation::Max => pairs.for_each(|(level, new)| *level = i32::from(*new).max(*level)),
        Aggregation::Avg => pairs.for_each(|(level, new)| *level += i32::from(*new)),
    }
    scratch.give_u8(fine);
}

/// Turns the levels of `grids` grids into a mask r of 0..=1, and with a `threshold` into
/// 1 / (1 + exp(-(20 r - 10 - threshold))).
///
/// # Panics
/// If `mask` and `levels` differ in length, or there are no grids.
pub fn finish(
    levels: &[i32],
    grids: usize,
    aggregation: Aggregation,
    threshold: Option<f32>,
    mask: &mut [f32],
    scratch: &mut Scratch,
) {
    assert_eq!(levels.len(), mask.len(), "a level for each pixel");
    assert!(grids > 0, "a mask is made of grids");
    let top = if aggregation == Aggregation::Avg { 255 * grids } else { 255 };
    // There are few levels and the sigmoid is dear.
    let mut table = scratch.take_f32(top + 1);
    let unit = 1.0 / top as f32;
    for (level, value) in table.iter_mut().enumerate() {
        *value = level as i32 as f32 * unit;
    }
    if let Some(threshold) = threshold {
        for value in &mut table {
            *value = sigmoid(20.0 * *value - 10.0 - threshold);
        }
    }
    for (value, level) in mask.iter_mut().zip(levels) {
        *value = table[*level as usize];
    }
    scratch.give_f32(table);
}
