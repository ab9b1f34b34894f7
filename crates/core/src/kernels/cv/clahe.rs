//! `CLAHE`: histogram equalization by tiles, with a limit to the contrast.
//!
//! K. Zuiderveld, "Contrast Limited Adaptive Histogram Equalization", Graphics Gems IV (1994).

use crate::base::{ImageMut, Scratch, math};
use crate::kernels::border::Border;
use crate::kernels::cv::lab;

/// The most tiles of either axis.
pub const MOST_TILES: usize = 256;

/// Equalizes one plane of `height` x `width` values by `columns` x `rows` tiles.
///
/// If the tiles do not divide both sides, both are extended at the right and at the bottom, by a whole number of
/// tiles where a side is divided, by reflection. In a tile of T pixels, what a value has above `clip` T / 256 (at least 1) is shared
/// out among all values; `clip` 0 leaves counts as they are. A pixel's value is interpolated between the tables of the four tiles around it, in single precision,
/// rounded half to even.
///
/// # Panics
/// If the plane has another length, or there are no tiles.
pub fn clahe(
    plane: &mut [u8],
    (height, width): (usize, usize),
    clip: f64,
    (columns, rows): (usize, usize),
    scratch: &mut Scratch,
) {
    assert_eq!(plane.len(), height * width);
    assert!(columns > 0 && rows > 0, "there are tiles");
    if plane.is_empty() {
        return;
    }
    let (mut tile_width, mut tile_height) = (width / columns, height / rows);
    if !width.is_multiple_of(columns) || !height.is_multiple_of(rows) {
        (tile_width, tile_height) = (tile_width + 1, tile_height + 1);
    }
    let mut from_x = scratch.take_i32(tile_width * columns);
    for (x, from) in from_x.iter_mut().enumerate() {
        *from = Border::Reflect.index(x as i32, width).unwrap_or(0) as i32;
    }
    let mut tables = scratch.take_u8(columns * rows * 256);
    for (tile, table) in tables.as_chunks_mut::<256>().0.iter_mut().enumerate() {
        let (left, top) = (tile % columns * tile_width, tile / columns * tile_height);
        let mut counts = [0_u32; 256];
        for y in top..top + tile_height {
            let from_y = Border::Reflect.index(y as i32, height).unwrap_or(0);
            let row = &plane[from_y * width..][..width];
            for from in &from_x[left..left + tile_width] {
                counts[usize::from(row[*from as usize])] += 1;
            }
        }
        let area = (tile_width * tile_height) as u32;
        if clip > 0.0 {
            limit(&mut counts, ((clip * f64::from(area) / 256.0) as u32).max(1));
        }
        let scale = 255.0 / area as f32;
        let mut sum = 0;
        for (entry, count) in table.iter_mut().zip(counts) {
            sum += count;
            *entry = math::round_u8(sum as f32 * scale);
        }
    }
    let (per_width, per_height) = (1.0 / tile_width as f32, 1.0 / tile_height as f32);
    // The tiles before and after a pixel, and how near it is to the second.
    let between = |at: usize, per: f32, tiles: usize| {
        let place = at as f32 * per - 0.5;
        let first = place.floor();
        let (one, two) = (first as i32, first as i32 + 1);
        (one.max(0) as usize, (two as usize).min(tiles - 1), place - first)
    };
    for y in 0..height {
        let (above, below, down) = between(y, per_height, rows);
        for (x, value) in plane[y * width..][..width].iter_mut().enumerate() {
            let (left, right, across) = between(x, per_width, columns);
            let at = |row: usize, column: usize| {
                f32::from(tables[(row * columns + column) * 256 + usize::from(*value)])
            };
            let upper = at(above, left) * (1.0 - across) + at(above, right) * across;
            let lower = at(below, left) * (1.0 - across) + at(below, right) * across;
            *value = math::round_u8(upper * (1.0 - down) + lower * down);
        }
    }
    scratch.give_u8(tables);
    scratch.give_i32(from_x);
}

/// Cuts counts off at `most` and shares what was cut off out: the same to all, and what is left one each at equal steps.
fn limit(counts: &mut [u32; 256], most: u32) {
    let mut excess = 0;
    for count in counts.iter_mut() {
        excess += count.saturating_sub(most);
        *count = (*count).min(most);
    }
    let (each, rest) = (excess / 256, excess as usize % 256);
    for count in counts.iter_mut() {
        *count += each;
    }
    if let Some(step) = 256_usize.checked_div(rest) {
        counts.iter_mut().step_by(step.max(1)).take(rest).for_each(|count| *count += 1);
    }
}

/// [`clahe`] of a gray image, or of the lightness (Lab) of a colored one.
pub fn clahe_lightness(image: ImageMut<'_>, clip: f64, tiles: (usize, usize), scratch: &mut Scratch) {
    let ImageMut { shape, data } = image;
    let size = (shape.height, shape.width);
    if shape.channels() == 1 {
        return clahe(data, size, clip, tiles, scratch);
    }
    let mut lightness = scratch.take_u8(shape.pixels());
    let pixels = data.as_chunks_mut::<3>().0;
    for (pixel, lightness) in pixels.iter_mut().zip(&mut lightness) {
        *pixel = lab::lab_of_rgb(*pixel);
        *lightness = pixel[0];
    }
    clahe(&mut lightness, size, clip, tiles, scratch);
    for (pixel, lightness) in pixels.iter_mut().zip(&lightness) {
        *pixel = lab::rgb_of_lab([*lightness, pixel[1], pixel[2]]);
    }
    scratch.give_u8(lightness);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_cut_off_is_shared_out() {
        let mut counts = [0; 256];
        counts[3] = 600;
        limit(&mut counts, 10);
        // 590 are two for each, and 78 more at steps of 3.
        assert_eq!([counts[0], counts[1], counts[3], counts[231], counts[234]], [3, 2, 13, 3, 2]);
        assert_eq!(counts.iter().sum::<u32>(), 600);
    }

    #[test]
    fn one_tile_without_a_limit_is_the_cumulated_histogram() {
        let mut plane = [5, 5, 9, 200];
        clahe(&mut plane, (2, 2), 0.0, (1, 1), &mut Scratch::default());
        // Two, three and four of four.
        assert_eq!(plane, [128, 128, 191, 255]);
    }

    #[test]
    fn tiles_may_be_more_than_pixels() {
        let mut plane = [5, 50, 100];
        clahe(&mut plane, (1, 3), 2.0, (8, 8), &mut Scratch::default());
        assert!(plane.is_sorted());
    }
}
