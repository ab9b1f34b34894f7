//! Images onto a larger canvas, wherever they lie on it.

use super::entry::{drawable, for_channels};
use crate::base::{Image, ImageMut};

/// Puts `image` on `canvas` with its top left corner at row `y`, column `x`, by `mix(there, own)` for each value. What lies beyond the
/// canvas is not seen.
///
/// # Panics
/// If channels differ.
pub fn put(image: Image<'_>, canvas: &mut ImageMut<'_>, y: i32, x: i32, mix: impl Fn(u8, u8) -> u8) {
    let channels = image.shape.channels();
    assert_eq!(channels, canvas.shape.channels());
    let (rows, above) = seen(y, image.shape.height, canvas.shape.height);
    let (columns, left) = seen(x, image.shape.width, canvas.shape.width);
    if columns.is_empty() {
        return;
    }
    for row in rows.clone() {
        let own = &image.row(row)[columns.start * channels..columns.end * channels];
        let to = &mut canvas.row_mut(above + row - rows.start)[left * channels..][..own.len()];
        for (there, &own) in to.iter_mut().zip(own) {
            *there = mix(*there, own);
        }
    }
}

/// Writes `id` into `mask`, one byte for each pixel of a canvas of `height` x `width`, wherever `image` has ink (a value that is not 0) if its top
/// left corner is at row `y`, column `x`.
///
/// # Panics
/// If the mask has another size.
pub fn mark(image: Image<'_>, mask: &mut [u8], [height, width]: [usize; 2], y: i32, x: i32, id: u8) {
    assert_eq!(mask.len(), height * width, "a mask of {height} x {width}");
    let channels = image.shape.channels();
    let (rows, above) = seen(y, image.shape.height, height);
    let (columns, left) = seen(x, image.shape.width, width);
    for row in rows.clone() {
        let own = &image.row(row)[columns.start * channels..columns.end * channels];
        let to = &mut mask[(above + row - rows.start) * width + left..][..columns.len()];
        for (there, pixel) in to.iter_mut().zip(own.chunks_exact(channels)) {
            if pixel.iter().any(|&value| value != 0) {
                *there = id;
            }
        }
    }
}

/// Which of `length` lines that begin at `at` lie on a canvas of `whole` ones, and where the first of them lies.
fn seen(at: i32, length: usize, whole: usize) -> (std::ops::Range<usize>, usize) {
    let cut = (at.min(0).unsigned_abs() as usize).min(length);
    let first = (at.max(0) as usize).min(whole);
    (cut..length.min(cut + (whole - first)).max(cut), first)
}

/// Resizes `src` to the size of `dst` as OpenCV does with floats, bilinear about pixel centers, and cuts off what is behind the point.
///
/// # Panics
/// If the channels differ.
pub fn scale(src: Image<'_>, dst: ImageMut<'_>) {
    if drawable(src, &dst) {
        for_channels!(src.shape, C => scaled::<C>(src, dst));
    }
}

/// The two lines that line `d` of `to` lies between, of `from`, and the share of the second one.
fn tap(d: usize, from: usize, to: usize) -> (usize, usize, f32) {
    let place = ((d as f64 + 0.5) * (from as f64 / to as f64) - 0.5) as f32;
    let first = place.floor();
    if first < 0.0 {
        return (0, 0, 0.0);
    }
    let (index, share) = (first as usize, place - first);
    if index + 1 >= from { (from - 1, from - 1, 0.0) } else { (index, index + 1, share) }
}

fn scaled<const C: usize>(src: Image<'_>, mut dst: ImageMut<'_>) {
    let (height, width) = (dst.shape.height, dst.shape.width);
    for y in 0..height {
        let (above, below, down) = tap(y, src.shape.height, height);
        let rows = [src.row(above).as_chunks::<C>().0, src.row(below).as_chunks::<C>().0];
        for (x, pixel) in dst.row_mut(y).as_chunks_mut::<C>().0.iter_mut().enumerate() {
            let (left, right, across) = tap(x, src.shape.width, width);
            *pixel = std::array::from_fn(|c| {
                let [upper, lower] = rows
                    .map(|row| f32::from(row[left][c]) * (1.0 - across) + f32::from(row[right][c]) * across);
                (upper * (1.0 - down) + lower * down) as u8
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::base::Shape;

    proptest! {
        #[test]
        fn what_lies_on_the_canvas_is_seen(h in 1_usize..5, w in 1_usize..5, y in -7_i32..9, x in -7_i32..9) {
            let data: Vec<u8> = (1..).take(h * w * 3).collect();
            let shape = Shape::rgb(4, 6);
            let mut canvas = vec![100; shape.bytes()];
            put(
                Image::new(Shape::rgb(h, w), &data),
                &mut ImageMut::new(shape, &mut canvas),
                y,
                x,
                |there, own| there + own,
            );
            for row in 0..4_i32 {
                for column in 0..6_i32 {
                    for c in 0..3_usize {
                        let inside = (y..y + h as i32).contains(&row) && (x..x + w as i32).contains(&column);
                        let own = || ((row - y) as usize * w + (column - x) as usize) * 3 + c;
                        let expected = 100 + if inside { data[own()] } else { 0 };
                        let found = canvas[(row * 6 + column) as usize * 3 + c];
                        prop_assert_eq!(found, expected);
                    }
                }
            }
        }
    }

    #[test]
    fn ink_is_marked_where_it_lies() {
        let image = Image::new(Shape::rgb(2, 2), &[0, 0, 9, 0, 0, 0, 0, 0, 0, 1, 0, 0]);
        let mut mask = vec![7; 12];
        mark(image, &mut mask, [3, 4], 2, -1, 5);
        assert_eq!(mask, [7; 12]);
        mark(image, &mut mask, [3, 4], 1, 2, 5);
        assert_eq!(mask, [7, 7, 7, 7, 7, 7, 5, 7, 7, 7, 7, 5]);
        mark(image, &mut mask, [3, 4], -1, -1, 3);
        assert_eq!(mask[0], 3);
    }

    #[test]
    fn scaling_keeps_ends_and_halves() {
        let mut out = [0; 4];
        scale(Image::new(Shape::gray(1, 2), &[0, 100]), ImageMut::new(Shape::gray(1, 4), &mut out));
        assert_eq!(out, [0, 25, 75, 100]);
        let mut out = [0; 6];
        scale(Image::new(Shape::gray(1, 1), &[7]), ImageMut::new(Shape::gray(2, 3), &mut out));
        assert_eq!(out, [7; 6]);
        let mut out = [0; 2];
        scale(Image::new(Shape::gray(1, 4), &[0, 10, 20, 31]), ImageMut::new(Shape::gray(1, 2), &mut out));
        assert_eq!(out, [5, 25]);
    }
}
