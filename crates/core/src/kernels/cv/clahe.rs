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
    let area = tile_width * tile_height;
    let most = (clip > 0.0).then(|| ((clip * area as f64 / 256.0) as u32).max(1));
    let mut from_x = scratch.take_i32(tile_width * columns);
    for (x, from) in from_x.iter_mut().enumerate() {
        *from = Border::Reflect.index(x as i32, width).unwrap_or(0) as i32;
    }
    let mut tables = scratch.take_u8(columns * rows * 256);
    // What a table's entries stand for: values, or in small tiles how many pixels are not brighter.
    let scale = 255.0 / area as f32;
    let small = area < 256;
    let levels: [f32; 256] = std::array::from_fn(|i| {
        f32::from(if small { math::round_u8(i as u32 as f32 * scale) } else { i as u8 })
    });
    for (tile, table) in tables.as_chunks_mut::<256>().0.iter_mut().enumerate() {
        let (left, top) = (tile % columns * tile_width, tile / columns * tile_height);
        let values = (top..top + tile_height).flat_map(|y| {
            let row = &plane[Border::Reflect.index(y as i32, height).unwrap_or(0) * width..][..width];
            from_x[left..left + tile_width].iter().map(|from| row[*from as usize])
        });
        if small {
            sums_of_few(table, values, most.map_or(255, |most| most.min(255) as u8));
            continue;
        }
        let mut counts = [0_u32; 256];
        values.for_each(|value| counts[usize::from(value)] += 1);
        if let Some(most) = most {
            limit(&mut counts, most);
        }
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
    let mut sides = scratch.take_i32(2 * width);
    let mut across = scratch.take_f32(width.next_multiple_of(RUN));
    for (x, (side, across)) in sides.as_chunks_mut::<2>().0.iter_mut().zip(&mut across).enumerate() {
        let (left, right, share) = between(x, per_width, columns);
        *side = [left, right].map(|column| (column * 256) as i32);
        *across = share;
    }
    let mut corners = [[0.0_f32; RUN]; 4];
    for y in 0..height {
        let (above, below, down) = between(y, per_height, rows);
        let [above, below] = [above, below].map(|row| &tables[row * columns * 256..][..columns * 256]);
        let row = plane[y * width..][..width].chunks_mut(RUN);
        let runs = row.zip(sides.as_chunks::<2>().0.chunks(RUN)).zip(across.as_chunks::<RUN>().0);
        for ((values, sides), across) in runs {
            for (i, (value, side)) in values.iter().zip(sides).enumerate() {
                let [left, right] = side.map(|start| start as usize + usize::from(*value));
                for (corner, entry) in
                    corners.iter_mut().zip([above[left], above[right], below[left], below[right]])
                {
                    corner[i] = levels[usize::from(entry)];
                }
            }
            let mut out = [0; RUN];
            for i in 0..RUN {
                let upper = corners[0][i] * (1.0 - across[i]) + corners[1][i] * across[i];
                let lower = corners[2][i] * (1.0 - across[i]) + corners[3][i] * across[i];
                out[i] = math::round_u8(upper * (1.0 - down) + lower * down);
            }
            values.copy_from_slice(&out[..values.len()]);
        }
    }
    scratch.give_i32(sides);
    scratch.give_f32(across);
    scratch.give_u8(tables);
    scratch.give_i32(from_x);
}

/// Pixels of a row that are worked on together.
const RUN: usize = 32;

/// How many of less than 256 values are not above each value, where what a value has above `most` is shared out as by [`limit`].
fn sums_of_few(sums: &mut [u8; 256], values: impl Iterator<Item = u8>, most: u8) {
    // In a product with ones, byte n is the sum of the bytes up to n.
    const ONES: u64 = 0x0101_0101_0101_0101;
    sums.fill(0);
    let mut excess = 0;
    for value in values {
        let count = &mut sums[usize::from(value)];
        let full = *count >= most;
        *count += u8::from(!full);
        excess += usize::from(full);
    }
    if let Some(step) = 256_usize.checked_div(excess) {
        sums.iter_mut().step_by(step).take(excess).for_each(|count| *count += 1);
    }
    let mut before = 0;
    for eight in sums.as_chunks_mut::<8>().0 {
        let sum = u64::from_le_bytes(*eight).wrapping_mul(ONES).wrapping_add(before);
        before = (sum >> 56) * ONES;
        *eight = sum.to_le_bytes();
    }
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
    use proptest::prelude::*;

    use super::*;
    use crate::kernels::testing::pictures;

    #[test]
    fn what_is_cut_off_is_shared_out() {
        let mut counts = [0; 256];
        counts[3] = 600;
        limit(&mut counts, 10);
        // 590 are two for each, and 78 more at steps of 3.
        assert_eq!([counts[0], counts[1], counts[3], counts[231], counts[234]], [3, 2, 13, 3, 2]);
        assert_eq!(counts.iter().sum::<u32>(), 600);
    }

    /// As [`clahe`], a pixel at a time.
    fn plain(
        plane: &[u8],
        (height, width): (usize, usize),
        clip: f64,
        columns: usize,
        rows: usize,
    ) -> Vec<u8> {
        let whole = height.is_multiple_of(rows) && width.is_multiple_of(columns);
        let (tall, wide) = (height / rows + usize::from(!whole), width / columns + usize::from(!whole));
        let at = |y: usize, x: usize| {
            let y = Border::Reflect.index(y as i32, height).unwrap();
            plane[y * width + Border::Reflect.index(x as i32, width).unwrap()]
        };
        let table = |row: usize, column: usize| {
            let mut counts = [0; 256];
            for (y, x) in (0..tall).flat_map(|y| (0..wide).map(move |x| (y, x))) {
                counts[usize::from(at(row * tall + y, column * wide + x))] += 1;
            }
            if clip > 0.0 {
                limit(&mut counts, ((clip * (tall * wide) as f64 / 256.0) as u32).max(1));
            }
            let sums: Vec<u32> = (0..256).map(|v| counts[..=v].iter().sum()).collect();
            sums.into_iter().map(|sum| math::round_u8(sum as f32 * (255.0 / (tall * wide) as f32))).collect()
        };
        let tables: Vec<Vec<u8>> = (0..rows * columns).map(|i| table(i / columns, i % columns)).collect();
        let place = |i: usize, size: usize, n: usize| {
            let place = i as f32 * (1.0 / size as f32) - 0.5;
            let clamped = |tile: f32| tile.clamp(0.0, n as f32 - 1.0) as usize;
            (clamped(place.floor()), clamped(place.floor() + 1.0), place - place.floor())
        };
        let value = |i: usize| {
            let (above, below, down) = place(i / width, tall, rows);
            let (left, right, across) = place(i % width, wide, columns);
            let of =
                |row: usize, column: usize| f32::from(tables[row * columns + column][usize::from(plane[i])]);
            let upper = of(above, left) * (1.0 - across) + of(above, right) * across;
            let lower = of(below, left) * (1.0 - across) + of(below, right) * across;
            math::round_u8(upper * (1.0 - down) + lower * down)
        };
        (0..height * width).map(value).collect()
    }

    proptest! {
        #[test]
        fn tiles_of_any_size_are_equalized_as_pixel_by_pixel(
            picture in pictures(), clip in 0.0_f64..12.0, columns in 1_usize..9, rows in 1_usize..9,
        ) {
            let (height, width) = (picture.shape.height, picture.shape.width);
            let mut plane = picture.data[..height * width].to_vec();
            // Half of them with few values, of which tiles have many.
            if picture.shape.channels() == 3 {
                for v in &mut plane {
                    *v &= 0xe1;
                }
            }
            let clip = if clip < 1.0 { 0.0 } else { clip };
            let expected = plain(&plane, (height, width), clip, columns, rows);
            clahe(&mut plane, (height, width), clip, (columns, rows), &mut Scratch::default());
            prop_assert_eq!(plane, expected);
        }
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
