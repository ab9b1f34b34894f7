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
    let to = ImageMut::new(Shape::gray(height, width), &mut fine);
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
    for (level, value) in table.iter_mut().enumerate() {
        *value = level as i32 as f32 / top as f32;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::math;

    fn mask_of(grids: &[[u8; 2]], aggregation: Aggregation, threshold: Option<f32>) -> [f32; 4] {
        let mut scratch = Scratch::default();
        let mut levels = [0; 4];
        for (i, grid) in grids.iter().enumerate() {
            let grid = Image::new(Shape::gray(1, 2), grid);
            combine(&mut levels, (1, 4), i == 0, grid, Interpolation::Nearest, aggregation, &mut scratch);
        }
        let mut mask = [0.0; 4];
        finish(&levels, grids.len(), aggregation, threshold, &mut mask, &mut scratch);
        mask
    }

    #[test]
    fn grids_are_combined_cell_by_cell() {
        let grids = [[0, 255], [255, 51], [51, 102]];
        assert_eq!(mask_of(&grids, Aggregation::Min, None), [0.0, 0.0, 0.2, 0.2]);
        assert_eq!(mask_of(&grids, Aggregation::Max, None), [1.0; 4]);
        assert_eq!(mask_of(&grids, Aggregation::Avg, None), [0.4, 0.4, 408.0 / 765.0, 408.0 / 765.0]);
        assert_eq!(mask_of(&grids[..1], Aggregation::Avg, None), [0.0, 0.0, 1.0, 1.0]);
    }

    #[test]
    fn the_sigmoid_is_steep_about_a_half() {
        let mask = mask_of(&[[100, 140]], Aggregation::Max, Some(1.5));
        for (value, level) in mask.iter().zip([100, 100, 140, 140]) {
            let exact = 1.0 / (1.0 + math::exp(-(20.0 * f64::from(level) / 255.0 - 10.0 - 1.5)));
            assert!((f64::from(*value) - exact).abs() < 1e-6, "{value} {exact}");
        }
    }
}
