//! Histogram equalization of the whole channel and of tiles (CLAHE), as OpenCV computes both.
//!
//! K. Zuiderveld, "Contrast Limited Adaptive Histogram Equalization", Graphics Gems IV (1994).

use super::border::Border;
use super::colorspace::{self, Space};
use super::tables::{self, Table};
use crate::base::math;
use crate::base::{ImageMut, Scratch};

/// What is equalized.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// Lightness: channel L of Lab; of a gray image its only channel.
    Lightness,
    /// Each channel by itself.
    Channels,
}

/// Makes the values of each channel, or of the lightness, equally frequent.
pub fn equalize(image: ImageMut<'_>, target: Target) {
    each_target(image, target, |mut image, channel| {
        let counts = tables::histogram(image.shape, image.data, channel);
        if let Some(table) = tables::equalize(&counts) {
            tables::apply_to(image.reborrow(), channel, &table);
        }
    });
}

/// Equalizes tiles, `grid` along each axis, of which no value counts more than `clip[channel]` times the mean of all; the
/// pixels between the centers of tiles are interpolated.
pub fn clahe(image: ImageMut<'_>, target: Target, clip: [f32; 3], grid: [u16; 3], scratch: &mut Scratch) {
    each_target(image, target, |image, channel| {
        equalize_tiles(image, channel, clip[channel], usize::from(grid[channel].max(1)), scratch);
    });
}

/// Runs `paint` for each channel that is meant.
fn each_target(mut image: ImageMut<'_>, target: Target, mut paint: impl FnMut(ImageMut<'_>, usize)) {
    if image.shape.pixels() == 0 {
        return;
    }
    let channels = image.shape.channels();
    match target {
        Target::Lightness if channels == 3 => {
            colorspace::convert(image.reborrow(), Space::Rgb, Space::Lab);
            paint(image.reborrow(), 0);
            colorspace::convert(image, Space::Lab, Space::Rgb);
        }
        Target::Lightness | Target::Channels => {
            for channel in 0..channels {
                paint(image.reborrow(), channel);
            }
        }
    }
}

fn equalize_tiles(image: ImageMut<'_>, channel: usize, clip: f32, grid: usize, scratch: &mut Scratch) {
    let ImageMut { shape, data } = image;
    let (height, width, channels) = (shape.height, shape.width, shape.channels());
    // An axis that does not divide extends both; one that does by a whole grid.
    let whole = height % grid == 0 && width % grid == 0;
    let extended = |side: usize| if whole { side } else { side + grid - side % grid };
    let (tile_height, tile_width) = (extended(height) / grid, extended(width) / grid);
    let area = tile_height * tile_width;
    let limit = ((f64::from(clip) * area as f64 / 256.0) as u32).max(1);
    let limit = (clip > 0.0).then_some(limit);
    let mut luts = scratch.take_u8(grid * grid * 256);
    for (tile, table) in luts.as_chunks_mut::<256>().0.iter_mut().enumerate() {
        let (top, left) = (tile / grid * tile_height, tile % grid * tile_width);
        let mut counts = [0_u32; 256];
        for y in top..top + tile_height {
            let y = Border::Reflect.index(y as i32, height).unwrap_or(0);
            for x in left..left + tile_width {
                let x = Border::Reflect.index(x as i32, width).unwrap_or(0);
                counts[usize::from(data[(y * width + x) * channels + channel])] += 1;
            }
        }
        *table = tile_table(&mut counts, limit, area);
    }
    let luts_of = luts.as_chunks::<256>().0;
    let tile_at = |at: usize, size: usize| {
        let place = at as f32 * (1.0 / size as f32) - 0.5;
        let first = place.floor();
        let clamped = |i: f32| i.clamp(0.0, (grid - 1) as f32) as usize;
        (clamped(first), clamped(first + 1.0), place - first)
    };
    for y in 0..height {
        let (above, below, fy) = tile_at(y, tile_height);
        for x in 0..width {
            let (before, after, fx) = tile_at(x, tile_width);
            let value = &mut data[(y * width + x) * channels + channel];
            let of = |row: usize, column: usize| f32::from(luts_of[row * grid + column][usize::from(*value)]);
            let upper = of(above, before) * (1.0 - fx) + of(above, after) * fx;
            let lower = of(below, before) * (1.0 - fx) + of(below, after) * fx;
            *value = math::round_u8(upper * (1.0 - fy) + lower * fy);
        }
    }
    scratch.give_u8(luts);
}

/// The table of one tile: what counts more than `limit` is spread over all values first.
fn tile_table(counts: &mut [u32; 256], limit: Option<u32>, area: usize) -> Table {
    if let Some(limit) = limit {
        let mut excess = 0;
        for count in counts.iter_mut() {
            excess += count.saturating_sub(limit);
            *count = (*count).min(limit);
        }
        let rest = excess % 256;
        for count in counts.iter_mut() {
            *count += excess / 256;
        }
        if rest > 0 {
            let step = (256 / rest as usize).max(1);
            for count in counts.iter_mut().step_by(step).take(rest as usize) {
                *count += 1;
            }
        }
    }
    let scale = 255.0_f32 / area as f32;
    let mut sum = 0;
    std::array::from_fn(|i| {
        sum += counts[i];
        math::round_u8(sum as f32 * scale)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Shape;

    #[test]
    fn one_tile_without_a_limit_is_a_plain_equalization_by_sums() {
        let mut data = [10, 10, 20, 30];
        let image = ImageMut::new(Shape::gray(2, 2), &mut data);
        clahe(image, Target::Lightness, [0.0; 3], [1; 3], &mut Scratch::default());
        assert_eq!(data, [128, 128, 191, 255]);
    }

    #[test]
    fn flat_images_stay_flat() {
        let mut data = [77; 48];
        equalize(ImageMut::new(Shape::rgb(4, 4), &mut data), Target::Channels);
        assert_eq!(data, [77; 48]);
        let image = ImageMut::new(Shape::rgb(4, 4), &mut data);
        clahe(image, Target::Channels, [2.0; 3], [3; 3], &mut Scratch::default());
        assert_eq!(data, [data[0]; 48]);
    }
}
