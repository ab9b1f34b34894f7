//! Filled disks and polygons, as OpenCV draws them.

use super::line::line;
use crate::base::{ImageMut, Scratch, Shape};

/// Half the width of a disk of `radius`, without its middle column, in rows 0..=`radius` from its middle: `halves` has `radius` + 1
/// entries.
///
/// The midpoint circle: J. Bresenham, "A Linear Algorithm for Incremental Digital Display of Circular Arcs", CACM 20 (1977).
fn disk(halves: &mut [i32]) {
    halves.fill(-1);
    let (mut x, mut y) = (halves.len() as i32 - 1, 0);
    let (mut error, mut plus, mut minus) = (0, 1, 2 * x - 1);
    while x >= y {
        halves[y as usize] = halves[y as usize].max(x);
        halves[x as usize] = halves[x as usize].max(y);
        y += 1;
        error += plus;
        plus += 2;
        if error > 0 {
            error -= minus;
            x -= 1;
            minus -= 2;
        }
    }
}

/// Replaces the pixels within a disk by `paint` of them, each once.
pub fn map_disk(
    mut image: ImageMut<'_>,
    [x, y]: [i64; 2],
    radius: usize,
    scratch: &mut Scratch,
    mut paint: impl FnMut(&mut [u8]),
) {
    let Shape { height, width, kind } = image.shape;
    let channels = kind.count();
    let mut halves = scratch.take_i32(radius + 1);
    disk(&mut halves);
    let radius = radius as i64;
    for row in (y - radius).max(0)..=(y + radius).min(height as i64 - 1) {
        let half = i64::from(halves[row.abs_diff(y) as usize]);
        let (from, to) = ((x - half).max(0), (x + half + 1).min(width as i64));
        if from < to {
            let pixels = &mut image.row_mut(row as usize)[from as usize * channels..to as usize * channels];
            pixels.chunks_exact_mut(channels).for_each(&mut paint);
        }
    }
    scratch.give_i32(halves);
}

/// Marks with 255 what lies in a polygon, by the even-odd rule, and its outline. `mask` has `height` x `width` values.
///
/// # Panics
/// If the mask has another length.
pub fn fill_polygon(
    mask: &mut [u8],
    (height, width): (usize, usize),
    corners: &[[i32; 2]],
    scratch: &mut Scratch,
) {
    assert_eq!(mask.len(), height * width);
    let mut crossings = scratch.take_f64(corners.len());
    let edges = || corners.iter().zip(corners.iter().cycle().skip(1));
    for (y, row) in mask.chunks_exact_mut(width.max(1)).enumerate() {
        let y = y as f64;
        let mut count = 0;
        for (a, b) in edges() {
            let ([ax, ay], [bx, by]) = (a.map(f64::from), b.map(f64::from));
            if (ay <= y) != (by <= y) {
                crossings[count] = ax + (y - ay) * (bx - ax) / (by - ay);
                count += 1;
            }
        }
        crossings[..count].sort_by(f64::total_cmp);
        for pair in crossings[..count].chunks_exact(2) {
            let (from, to) = (pair[0].ceil().max(0.0), (pair[1].floor() + 1.0).min(width as f64));
            if from < to {
                row[from as usize..to as usize].fill(255);
            }
        }
    }
    scratch.give_f64(crossings);
    for (a, b) in edges() {
        for [x, y] in line(*a, *b) {
            if (0..width as i32).contains(&x) && (0..height as i32).contains(&y) {
                mask[y as usize * width + x as usize] = 255;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn disks_are_round() {
        let rows = |radius: usize| {
            let mut halves = vec![0; radius + 1];
            disk(&mut halves);
            halves
        };
        assert_eq!(rows(0), [0]);
        assert_eq!(rows(1), [1, 0]);
        // As OpenCV has them.
        assert_eq!(rows(2), [2, 1, 0]);
        assert_eq!(rows(3), [3, 2, 2, 0]);
        assert_eq!(rows(5), [5, 4, 4, 4, 3, 0]);
        let mut data = [0; 25];
        let image = ImageMut::new(Shape::gray(5, 5), &mut data);
        map_disk(image, [4, 0], 1, &mut Scratch::default(), |pixel| pixel[0] += 1);
        assert_eq!(data.iter().map(|v| usize::from(*v)).sum::<usize>(), 3);
    }

    #[test]
    fn polygons_have_their_outline_and_their_inside() {
        let mut mask = [0; 30];
        fill_polygon(&mut mask, (5, 6), &[[1, 1], [4, 1], [4, 3], [1, 3]], &mut Scratch::default());
        for (i, v) in mask.iter().enumerate() {
            let inside = (1..=4).contains(&(i % 6)) && (1..=3).contains(&(i / 6));
            assert_eq!(*v, if inside { 255 } else { 0 }, "{i}");
        }
        let mut mask = [0; 4];
        fill_polygon(&mut mask, (2, 2), &[[-9, -9], [9, -9], [9, 9], [-9, 9]], &mut Scratch::default());
        assert_eq!(mask, [255; 4]);
    }
}
