//! Drawings into images like MNIST's: what is ink, size and place.
//!
//! All images have one channel. Whole numbers throughout, but for the comparison of variances.

use crate::base::{Image, ImageMut, Rect, Scratch, Shape};

use crate::kernels::{fit, tile};

use super::blots::Piece;

/// Empty columns on each side of a piece of a strip.
pub const PADDING: usize = 3;

/// The part of an image's side that the drawing fills: 20 pixels of 28.
const FILLED: (usize, usize) = (20, 28);

/// Whether the background is light: the mean of all values is over 128.
#[must_use]
pub fn is_light(image: Image<'_>) -> bool {
    let sum: u64 = image.data.iter().map(|&v| u64::from(v)).sum();
    sum > 128 * image.data.len() as u64
}

/// Swaps dark and light: 255 - v.
pub fn invert(data: &mut [u8]) {
    for v in data {
        *v = 255 - *v;
    }
}

/// The level that parts paper and ink best: values above it are ink. By Otsu's criterion, the greatest variance between the
/// two sides (the lowest level where several are equal). In a flat image nothing is ink.
#[must_use]
pub fn ink_level(image: Image<'_>) -> u8 {
    let mut counts = [0_u64; 256];
    image.data.iter().for_each(|&v| counts[usize::from(v)] += 1);
    let whole: u64 = image.data.len() as u64;
    let total: u64 = (0..).zip(&counts).map(|(v, n)| v * n).sum();
    let (mut below, mut sum) = (0_u64, 0_u64);
    let mut best = (0.0_f64, image.data.iter().copied().max().unwrap_or(255));
    for (level, &n) in (0_u8..=255).zip(&counts) {
        below += n;
        sum += u64::from(level) * n;
        if n == 0 || below == whole {
            continue;
        }
        // Times the number of pixels squared: (total * below - sum * whole)^2 / (below * (whole - below)).
        let apart = (i128::from(total) * i128::from(below) - i128::from(sum) * i128::from(whole)) as f64;
        let variance = apart * apart / (below as f64 * (whole - below) as f64);
        if variance > best.0 {
            best = (variance, level);
        }
    }
    best.1
}

/// The smallest box around all values above `level`; `None` if there are none.
#[must_use]
pub fn ink_box(image: Image<'_>, level: u8) -> Option<Rect> {
    let mut found: Option<Rect> = None;
    for y in 0..image.shape.height {
        let row = image.row(y);
        let (Some(x0), Some(x1)) =
            (row.iter().position(|&v| v > level), row.iter().rposition(|&v| v > level))
        else {
            continue;
        };
        let (x0, x1, y) = (x0 as i32, x1 as i32 + 1, y as i32);
        found = Some(match found {
            None => Rect { x0, y0: y, x1, y1: y + 1 },
            Some(r) => Rect { x0: r.x0.min(x0), y0: r.y0, x1: r.x1.max(x1), y1: y + 1 },
        });
    }
    found
}

/// Runs of `true`, half-open.
fn runs(flags: &[bool]) -> Vec<(usize, usize)> {
    let mut runs = Vec::new();
    let mut at = 0;
    for run in flags.chunk_by(|a, b| a == b) {
        if run[0] {
            runs.push((at, at + run.len()));
        }
        at += run.len();
    }
    runs
}

/// The pieces of a strip in reading order: cut at rows without values above `level` into lines, each line at its columns without. Earlier
/// versions cut so; [`pieces`](super::pieces) gives the same where rows and columns part all digits.
#[must_use]
pub fn columns(image: Image<'_>, level: u8) -> Vec<Piece> {
    let Shape { height, width, .. } = image.shape;
    let inked: Vec<bool> = (0..height).map(|y| image.row(y).iter().any(|&v| v > level)).collect();
    let mut pieces = Vec::new();
    for (y0, y1) in runs(&inked) {
        let mut columns = vec![false; width];
        for y in y0..y1 {
            columns.iter_mut().zip(image.row(y)).for_each(|(inked, &v)| *inked |= v > level);
        }
        pieces.extend(runs(&columns).into_iter().map(|(x0, x1)| {
            let area = Rect { x0: x0 as i32, y0: y0 as i32, x1: x1 as i32, y1: y1 as i32 };
            Piece { area, data: part(image, area).1 }
        }));
    }
    pieces
}

/// A piece by itself, with `PADDING` columns of 0 on each side: shape and pixels.
#[must_use]
pub fn padded(piece: &Piece) -> (Shape, Vec<u8>) {
    let Rect { x0, y0, x1, y1 } = piece.area;
    let inner = Shape::gray((y1 - y0) as usize, (x1 - x0) as usize);
    let shape = Shape::gray(inner.height, inner.width + 2 * PADDING);
    let mut data = vec![0; shape.bytes()];
    tile::paste(Image::new(inner, &piece.data), &mut ImageMut::new(shape, &mut data), 0, PADDING);
    (shape, data)
}

fn part(image: Image<'_>, rect: Rect) -> (Shape, Vec<u8>) {
    let shape = Shape::gray((rect.y1 - rect.y0) as usize, (rect.x1 - rect.x0) as usize);
    let mut data = vec![0; shape.bytes()];
    fit::window(image, rect.y0 as usize, rect.x0 as usize, ImageMut::new(shape, &mut data));
    (shape, data)
}

/// Brings the drawing on `src` into the place that MNIST's digits have, on black: the box around its ink, scaled with its proportions
/// kept until it fits into 20/28 of each side, and put down so that its center of mass lies in the middle, as near as it can without
/// leaving the image. Returns whether there was any ink.
///
/// # Panics
/// If the images do not have one channel.
pub fn center(src: Image<'_>, level: u8, mut dst: ImageMut<'_>, scratch: &mut Scratch) -> bool {
    assert_eq!((src.shape.channels(), dst.shape.channels()), (1, 1), "drawings are gray");
    dst.data.fill(0);
    let Some(ink) = ink_box(src, level) else { return false };
    let (own, data) = part(src, ink);
    let room = |side: usize| ((2 * side * FILLED.0 + FILLED.1) / (2 * FILLED.1)).max(1);
    let (high, wide) = (room(dst.shape.height), room(dst.shape.width));
    let other = |side: usize, to: usize, from: usize| ((2 * side * to + from) / (2 * from)).max(1);
    let scaled = if high * own.width <= wide * own.height {
        Shape::gray(high, other(own.width, high, own.height))
    } else {
        Shape::gray(other(own.height, wide, own.width), wide)
    };
    let mut small = scratch.take_u8(scaled.bytes());
    fit::area(Image::new(own, &data), ImageMut::new(scaled, &mut small), scratch);
    // Mass, and its moments about the first row and column.
    let (mut mass, mut down, mut across) = (0_u64, 0_u64, 0_u64);
    for (y, row) in (0_u64..).zip(small.chunks_exact(scaled.width)) {
        for (x, &v) in (0_u64..).zip(row) {
            mass += u64::from(v);
            down += y * u64::from(v);
            across += x * u64::from(v);
        }
    }
    let at = |side: usize, own: usize, moment: u64| {
        // (side - 1) / 2 - moment / mass, rounded half up.
        let (side, mass, moment) = (side as i64, mass.max(1) as i64, moment as i64);
        let offset = (side * mass - 2 * moment).div_euclid(2 * mass);
        offset.clamp(0, side - own as i64) as usize
    };
    let (y, x) = (at(dst.shape.height, scaled.height, down), at(dst.shape.width, scaled.width, across));
    tile::paste(Image::new(scaled, &small), &mut dst, y, x);
    scratch.give_u8(small);
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::drawing::pieces;
    use proptest::prelude::*;

    fn image(shape: Shape, data: &[u8]) -> Image<'_> {
        Image::new(shape, data)
    }

    #[test]
    fn paper_and_ink_are_told_apart() {
        let shape = Shape::gray(1, 6);
        assert_eq!(ink_level(image(shape, &[10, 12, 11, 200, 220, 10])), 12);
        assert_eq!(ink_level(image(shape, &[0, 0, 0, 0, 0, 255])), 0);
        assert_eq!(ink_level(image(shape, &[7; 6])), 7, "nothing is above it");
        assert!(!is_light(image(shape, &[128; 6])));
        assert!(is_light(image(shape, &[129, 128, 128, 128, 128, 128])));
        let mut data = [0, 255, 10];
        invert(&mut data);
        assert_eq!(data, [255, 0, 245]);
    }

    #[test]
    fn strips_are_cut_in_reading_order() {
        #[rustfmt::skip]
        let data = [
            0, 0, 0, 0, 0, 0,
            0, 9, 9, 0, 9, 0,
            0, 9, 0, 0, 9, 0,
            1, 1, 1, 1, 1, 1,
            9, 0, 0, 0, 0, 9,
        ];
        let strip = image(Shape::gray(5, 6), &data);
        let found = pieces(strip, 1);
        let as_before = columns(strip, 1);
        assert!(
            as_before
                .iter()
                .map(|piece| (piece.area, &piece.data))
                .eq(found.iter().map(|piece| (piece.area, &piece.data)))
        );
        let expected = [(1, 1, 3, 3), (4, 1, 5, 3), (0, 4, 1, 5), (5, 4, 6, 5)];
        let areas: Vec<Rect> = found.iter().map(|piece| piece.area).collect();
        assert_eq!(areas, expected.map(|(x0, y0, x1, y1)| Rect { x0, y0, x1, y1 }));
        let (shape, piece) = padded(&found[0]);
        assert_eq!(shape, Shape::gray(2, 8));
        assert_eq!(piece, [0, 0, 0, 9, 9, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 0]);
        assert!(pieces(image(Shape::gray(2, 2), &[1; 4]), 1).is_empty());
    }

    #[test]
    fn a_digit_is_scaled_into_twenty_pixels_about_its_center_of_mass() {
        // A bar of 40 x 10 in a corner becomes 20 x 5.
        let (from, to) = (Shape::gray(60, 50), Shape::gray(28, 28));
        let mut data = vec![0; from.bytes()];
        for y in 0..40 {
            data[y * 50..y * 50 + 10].fill(200);
        }
        let mut out = vec![7; to.bytes()];
        let mut scratch = Scratch::default();
        assert!(center(image(from, &data), 100, ImageMut::new(to, &mut out), &mut scratch));
        let found = ink_box(image(to, &out), 0).unwrap();
        // (27 - 19) / 2 = 4 from the top; 13.5 - 2 = 11.5, rounded up.
        assert_eq!(found, Rect { x0: 12, y0: 4, x1: 17, y1: 24 });
        assert!(out.iter().all(|&v| v == 0 || v == 200));
        assert!(!center(image(from, &data), 200, ImageMut::new(to, &mut out), &mut scratch));
        assert!(out.iter().all(|&v| v == 0));
    }

    proptest! {
        #[test]
        fn the_mass_lies_in_the_middle(
            (h, w) in (1_usize..40, 1_usize..40), (th, tw) in (1_usize..40, 1_usize..40), seed: u64,
        ) {
            let (from, to) = (Shape::gray(h, w), Shape::gray(th, tw));
            let mut data = vec![0; from.bytes()];
            crate::base::Stream::of_key(seed).fill(&mut data);
            data[0] = 255;
            let mut out = vec![0; to.bytes()];
            prop_assert!(center(image(from, &data), 254, ImageMut::new(to, &mut out), &mut Scratch::default()));
            let ink = ink_box(image(to, &out), 0).unwrap();
            let most = |side: usize| ((2 * side * 20 + 28) / 56).max(1) as i32;
            prop_assert!(ink.x1 - ink.x0 <= most(tw) && ink.y1 - ink.y0 <= most(th));
        }
    }
}
