//! Pillow's bicubic resize, to the bit.

use crate::base::{Image, ImageMut, Scratch, Shape};

/// Fractional bits of a weight.
const BITS: u32 = 22;

/// What the cubic reaches over on each side, in pixels of the coarser side.
const SUPPORT: f64 = 2.0;

/// Resizes as Pillow's `resize(size, Image.BICUBIC)` does, from version 13: along the rows and then along the columns, or the
/// other way round where the height loses more than twice what the width does; rounded to bytes after each; the cubic with
/// a = -0.5, which grows with the picture where an axis shrinks; weights in 22 bits. An axis that keeps its length is left alone.
/// (Earlier versions always begin with the rows, which may differ by 1 where the order does.)
///
/// # Panics
/// If the channels differ, or if `src` is empty and `dst` is not.
pub fn bicubic(src: Image<'_>, dst: ImageMut<'_>, scratch: &mut Scratch) {
    let (from, to) = (src.shape, dst.shape);
    assert_eq!(from.channels(), to.channels(), "channels of source and target");
    if dst.data.is_empty() {
        return;
    }
    assert!(!src.data.is_empty(), "an image without pixels fills nothing");
    let loss = |from: usize, to: usize| from as i64 - to as i64;
    let lost = loss(from.height, to.height);
    let down_first = lost > 0 && lost > 2 * loss(from.width, to.width);
    let middle =
        if down_first { Shape { height: to.height, ..from } } else { Shape { width: to.width, ..from } };
    let mut between = scratch.take_u8(middle.bytes());
    if down_first {
        down(src, ImageMut::new(middle, &mut between));
        across(Image::new(middle, &between), dst);
    } else {
        across(src, ImageMut::new(middle, &mut between));
        down(Image::new(middle, &between), dst);
    }
    scratch.give_u8(between);
}

/// Changes the width alone.
fn across(src: Image<'_>, mut dst: ImageMut<'_>) {
    if src.shape.width == dst.shape.width {
        return dst.data.copy_from_slice(src.data);
    }
    let taps = taps(src.shape.width, dst.shape.width);
    let channels = src.shape.channels();
    for y in 0..src.shape.height {
        let row = src.row(y);
        for (tap, out) in taps.iter().zip(dst.row_mut(y).chunks_exact_mut(channels)) {
            for (c, out) in out.iter_mut().enumerate() {
                let values = row[tap.first * channels + c..].iter().step_by(channels);
                *out = rounded(tap.weights.iter().zip(values).map(|(w, &v)| w * i64::from(v)).sum());
            }
        }
    }
}

/// Changes the height alone.
fn down(src: Image<'_>, mut dst: ImageMut<'_>) {
    if src.shape.height == dst.shape.height {
        return dst.data.copy_from_slice(src.data);
    }
    let mut sums = vec![0_i64; src.shape.stride()];
    for (y, tap) in taps(src.shape.height, dst.shape.height).iter().enumerate() {
        sums.fill(0);
        for (weight, row) in tap.weights.iter().zip(tap.first..) {
            sums.iter_mut().zip(src.row(row)).for_each(|(sum, &v)| *sum += weight * i64::from(v));
        }
        dst.row_mut(y).iter_mut().zip(&sums).for_each(|(out, &sum)| *out = rounded(sum));
    }
}

fn rounded(sum: i64) -> u8 {
    ((sum + (1 << (BITS - 1))) >> BITS).clamp(0, 255) as u8
}

/// What one output pixel takes along an axis.
struct Tap {
    first: usize,
    weights: Vec<i64>,
}

fn taps(from: usize, to: usize) -> Vec<Tap> {
    let scale = from as f64 / to as f64;
    let stretch = scale.max(1.0);
    let reach = SUPPORT * stretch;
    (0..to)
        .map(|i| {
            let center = (i as f64 + 0.5) * scale;
            // Casts cut off, and what is below 0 becomes 0.
            let first = (center - reach + 0.5) as usize;
            let end = ((center + reach + 0.5) as usize).min(from);
            let weights: Vec<f64> =
                (first..end).map(|j| cubic((j as f64 - center + 0.5) * (1.0 / stretch))).collect();
            let total: f64 = weights.iter().sum();
            let one = f64::from(1_u32 << BITS);
            let whole = |w: &f64| {
                let w = w * (1.0 / total) * one;
                (w + 0.5_f64.copysign(w)) as i64
            };
            Tap { first, weights: weights.iter().map(whole).collect() }
        })
        .collect()
}

fn cubic(x: f64) -> f64 {
    const A: f64 = -0.5;
    let x = x.abs();
    if x < 1.0 {
        ((A + 2.0) * x - (A + 3.0)) * x * x + 1.0
    } else if x < SUPPORT {
        (((x - 5.0) * x + 8.0) * x - 4.0) * A
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// (source height, width; target height, width), and what Pillow makes of the picture whose value at row y, column x is
    /// (x * 37 + y * 91 + x * y * 11) % 256.
    type Case = ((usize, usize), (usize, usize), &'static [u8]);

    #[rustfmt::skip]
    const CASES: &[Case] = &[
        ((1, 1), (2, 3), &[0, 0, 0, 0, 0, 0]),
        ((5, 3), (5, 3), &[0, 37, 74, 91, 139, 187, 182, 241, 44, 17, 87, 157, 108, 189, 14]),
        ((5, 7), (3, 2), &[95, 143, 146, 125, 108, 103]),
        ((2, 3), (5, 4), &[0, 11, 42, 65, 6, 27, 60, 83, 44, 70, 107, 133, 82, 112, 153, 183, 97, 128, 171, 201]),
        ((9, 4), (4, 7), &[70, 86, 115, 118, 121, 150, 168, 92, 119, 161, 124, 89, 138, 170, 120, 115, 109, 119, 135, 149, 157, 142, 148, 160, 170, 171, 148, 134]),
        ((4, 9), (4, 5), &[16, 80, 153, 179, 25, 112, 202, 84, 108, 198, 206, 90, 168, 97, 106, 47, 175, 98, 172, 155]),
        ((9, 4), (5, 4), &[50, 92, 122, 163, 114, 182, 106, 167, 108, 120, 71, 158, 102, 123, 178, 152, 166, 161, 162, 135]),
        ((31, 17), (6, 5), &[120, 127, 122, 127, 124, 137, 134, 132, 127, 117, 132, 136, 135, 125, 126, 118, 119, 126, 115, 58, 115, 122, 132, 141, 87, 135, 132, 105, 136, 130]),
        ((1, 40), (2, 6), &[98, 115, 117, 119, 123, 117, 98, 115, 117, 119, 123, 117]),
    ];

    #[test]
    fn it_is_what_pillow_makes() {
        for &((h, w), (th, tw), expected) in CASES {
            let data: Vec<u8> = (0..h * w)
                .map(|i| (i / w, i % w))
                .map(|(y, x)| (x * 37 + y * 91 + x * y * 11) as u8)
                .collect();
            let to = Shape::gray(th, tw);
            let mut out = vec![7; to.bytes()];
            let from = Image::new(Shape::gray(h, w), &data);
            bicubic(from, ImageMut::new(to, &mut out), &mut Scratch::default());
            assert_eq!(out, expected, "{h}x{w} to {th}x{tw}");
            // Channels do not mix.
            let three: Vec<u8> = data.iter().flat_map(|&v| [v, 255 - v, 9]).collect();
            let mut colored = vec![7; 3 * to.bytes()];
            let from = Image::new(Shape::rgb(h, w), &three);
            bicubic(from, ImageMut::new(to.as_rgb(), &mut colored), &mut Scratch::default());
            assert!(colored.chunks(3).zip(expected).all(|(pixel, &v)| pixel[0] == v && pixel[2] == 9));
        }
    }
}
