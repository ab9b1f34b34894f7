//! Resizing by imgaug's rules.
//!
//! The weights of an axis depend on its two lengths only. Values are weighted with 11 bits per axis.

use super::entry::{drawable, for_channels};
use super::sampling::{cubic_weights, pack};
use crate::base::math::{rhe, round_u8};
use crate::base::{Image, ImageMut, Scratch};

/// How the value between source pixels is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interpolation {
    /// What imgaug does to keep an image's size after it was cropped, padded or warped: where an axis grows, bilinear
    /// if an output pixel straddles two source pixels and else the pixel it lies in; without such an axis as `Linear`.
    Auto,
    /// The pixel at floor(d * n_in / n_out).
    Nearest,
    /// Bilinear about pixel centers.
    Linear,
    /// Cubic convolution with a = -0.75 about pixel centers; beyond the border the border pixel.
    Cubic,
}

/// Resizes `src` to the size of `dst`; equal sizes are copied.
///
/// # Panics
/// If the channels differ.
pub fn resize(src: Image<'_>, dst: ImageMut<'_>, interpolation: Interpolation, scratch: &mut Scratch) {
    if !drawable(src, &dst) {
        return;
    }
    if src.shape == dst.shape {
        dst.data.copy_from_slice(src.data);
        return;
    }
    let grows = dst.shape.height > src.shape.height || dst.shape.width > src.shape.width;
    for_channels!(src.shape, C => match interpolation {
        Interpolation::Nearest => nearest::<C>(src, dst),
        Interpolation::Cubic => cubic::<C>(src, dst, scratch),
        Interpolation::Auto if grows => linear::<C, true>(src, dst, scratch),
        Interpolation::Auto | Interpolation::Linear => linear::<C, false>(src, dst, scratch),
    });
}

fn nearest<const C: usize>(src: Image<'_>, mut dst: ImageMut<'_>) {
    let (height, width) = (dst.shape.height, dst.shape.width);
    let pick = |d: usize, n_in: usize, n_out: usize| {
        ((d as f64 * (1.0 / (n_out as f64 / n_in as f64))) as usize).min(n_in - 1)
    };
    for y in 0..height {
        let from = src.row(pick(y, src.shape.height, height)).as_chunks::<C>().0;
        for (x, pixel) in dst.row_mut(y).as_chunks_mut::<C>().0.iter_mut().enumerate() {
            *pixel = from[pick(x, src.shape.width, width)];
        }
    }
}

/// The first source index and the weights (of 2048) of it and of the next one, for output index `d`.
///
/// `inverse` is n_out / n_in and `step` is 1 / inverse, computed in this order: where d * step is whole in
/// theory, the rounding of `step` decides between two neighbors.
#[inline]
fn linear_tap<const AREA: bool>(d: usize, inverse: f64, step: f64) -> (i32, [i32; 2]) {
    let d = d as f64;
    let (index, fraction) = if AREA {
        let i = (d * step) as i32;
        let f = ((d + 1.0) - (f64::from(i) + 1.0) * inverse) as f32;
        (i, if f <= 0.0 { 0.0 } else { f - (f as i32) as f32 })
    } else {
        let p = ((d + 0.5) * step - 0.5) as f32;
        // Above -1, so that adding 1 makes truncation a floor.
        let i = (p + 1.0) as i32 - 1;
        (i, p - i as f32)
    };
    (index, [rhe((1.0 - fraction) * 2048.0), rhe(fraction * 2048.0)])
}

/// Two source rows, weighted along x, wait for the output rows that lie between them.
fn linear<const C: usize, const AREA: bool>(src: Image<'_>, mut dst: ImageMut<'_>, scratch: &mut Scratch) {
    let (rows, columns) = (src.shape.height, src.shape.width);
    let (height, width) = (dst.shape.height, dst.shape.width);
    let mut taps = scratch.take_i32(3 * width);
    let inverse = width as f64 / columns as f64;
    let step = 1.0 / inverse;
    for (x, tap) in taps.as_chunks_mut::<3>().0.iter_mut().enumerate() {
        let (index, [a, b]) = linear_tap::<AREA>(x, inverse, step);
        *tap = if index < 0 {
            [0, 2048, 0]
        } else if index >= columns as i32 - 1 {
            [columns as i32 - 1, 2048, 0]
        } else {
            [index, a, b]
        };
    }
    // Lines are filled up so that vector code needs no remainder.
    let padded = (width * C).next_multiple_of(16);
    let mut lines = scratch.take_i16(4 * padded);
    let (two, shares) = lines.split_at_mut(2 * padded);
    let (mut upper, mut lower) = two.split_at_mut(padded);
    let (upper_share, lower_share) = shares.split_at_mut(padded);
    let (mut upper_is, mut lower_is) = (usize::MAX, usize::MAX);
    let mut finished = scratch.take_u8(padded);
    let mut words = scratch.take_u64(columns + 1);
    let mut weigh = |y: usize, line: &mut [i16]| {
        for (word, &pixel) in words.iter_mut().zip(src.row(y).as_chunks::<C>().0) {
            *word = pack(pixel);
        }
        words[columns] = 0;
        let (left, right) = (&words[..columns], &words[1..=columns]);
        for (out, &[index, a, b]) in line.as_chunks_mut::<C>().0.iter_mut().zip(taps.as_chunks::<3>().0) {
            let sum = left[index as usize] * a as u64 + right[index as usize] * b as u64;
            *out = std::array::from_fn(|c| ((sum >> (21 * c + 4)) & 0x7fff) as i16);
        }
    };
    let inverse = height as f64 / rows as f64;
    let step = 1.0 / inverse;
    for y in 0..height {
        // Beyond the first and last row both taps are that row, each with its own share and rounding.
        let (first, weights) = linear_tap::<AREA>(y, inverse, step);
        let [index, next] = [first, first + 1].map(|i| i.clamp(0, rows as i32 - 1) as usize);
        if lower_is == index {
            std::mem::swap(&mut upper, &mut lower);
            std::mem::swap(&mut upper_is, &mut lower_is);
        } else if upper_is != index {
            weigh(index, upper);
            upper_is = index;
        }
        if weights[1] != 0 && next != index && lower_is != next {
            weigh(next, lower);
            lower_is = next;
        }
        let second = if next == index || weights[1] == 0 { &*upper } else { &*lower };
        upper_share.fill(weights[0] as i16);
        lower_share.fill(weights[1] as i16);
        blend_lines(&mut finished, [upper, second], [upper_share, lower_share]);
        let out = dst.row_mut(y);
        out.copy_from_slice(&finished[..out.len()]);
    }
    scratch.give_u64(words);
    scratch.give_u8(finished);
    scratch.give_i32(taps);
    scratch.give_i16(lines);
}

/// Two lines of values times 128, each value with its share of 2048. Each product is cut on its own.
///
/// The shares of a line are all the same; as lines of 16 bits they make for one multiplication that yields
/// the upper half of a product.
fn blend_lines(out: &mut [u8], [upper, lower]: [&[i16]; 2], [a, b]: [&[i16]; 2]) {
    let high = |value: i16, share: i16| ((i32::from(value) * i32::from(share)) >> 16) as i16;
    let n = out.len();
    let (upper, lower, a, b) = (&upper[..n], &lower[..n], &a[..n], &b[..n]);
    for i in 0..n {
        out[i] = ((high(upper[i], a[i]) + high(lower[i], b[i]) + 2) >> 2) as u8;
    }
}

/// The index of the first of four taps and their weights for output index `d`.
fn cubic_tap(d: usize, step: f64, coarse: bool) -> (i32, [f32; 4]) {
    let p = ((d as f64 + 0.5) * step - 0.5) as f32;
    let index = (p + 1.0) as i32 - 1;
    let weights = cubic_weights(p - index as f32);
    (index - 1, if coarse { weights.map(|w| rhe(w * 2048.0) as f32 / 2048.0) } else { weights })
}

/// The peer weighs in single precision, but with 11 bits where an axis has fewer pixels than the four taps.
fn cubic<const C: usize>(src: Image<'_>, mut dst: ImageMut<'_>, scratch: &mut Scratch) {
    /// Values that are worked on together: those of a pixel, and what lies behind them.
    const WIDE: usize = 4;
    let (rows, columns) = (src.shape.height, src.shape.width);
    let (height, width) = (dst.shape.height, dst.shape.width);
    let coarse = rows.min(columns) < 4;
    let stride = width * C;
    let (mut taps, mut shares) = (scratch.take_i32(4 * width), scratch.take_f32(4 * width));
    let step = 1.0 / (width as f64 / columns as f64);
    let places = taps.as_chunks_mut::<4>().0.iter_mut().zip(shares.as_chunks_mut::<4>().0);
    for (x, (taps, shares)) in places.enumerate() {
        let (first, weights) = cubic_tap(x, step, coarse);
        *taps = [0, 1, 2, 3].map(|k| (first + k).clamp(0, columns as i32 - 1) * C as i32);
        *shares = weights;
    }
    let mut line = scratch.take_f32(columns * C + WIDE);
    let mut along = scratch.take_f32(rows * stride + WIDE);
    for y in 0..rows {
        for (value, &v) in line.iter_mut().zip(src.row(y)) {
            *value = f32::from(v);
        }
        let places = taps.as_chunks::<4>().0.iter().zip(shares.as_chunks::<4>().0);
        for (x, (taps, weights)) in places.enumerate() {
            // Not by the arrays' `map`, which the compiler may leave as a call.
            let tap = |k: usize| &line[taps[k] as usize..][..WIDE];
            let (p, q, r, s) = (tap(0), tap(1), tap(2), tap(3));
            let mut values = [0.0; WIDE];
            for c in 0..WIDE {
                values[c] = p[c] * weights[0] + q[c] * weights[1] + r[c] * weights[2] + s[c] * weights[3];
            }
            // What is written behind the pixel is overwritten by the next.
            along[y * stride + x * C..][..WIDE].copy_from_slice(&values);
        }
    }
    let step = 1.0 / (height as f64 / rows as f64);
    for y in 0..height {
        let (first, weights) = cubic_tap(y, step, coarse);
        let [p, q, r, s] = [0, 1, 2, 3].map(|k| {
            let row = (first + k).clamp(0, rows as i32 - 1) as usize;
            &along[row * stride..][..stride]
        });
        for (i, value) in dst.row_mut(y).iter_mut().enumerate() {
            *value = round_u8(p[i] * weights[0] + q[i] * weights[1] + r[i] * weights[2] + s[i] * weights[3]);
        }
    }
    scratch.give_f32(along);
    scratch.give_f32(line);
    scratch.give_f32(shares);
    scratch.give_i32(taps);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Channels, Shape};
    use proptest::prelude::*;

    fn resized(row: &[u8], width: usize, interpolation: Interpolation) -> Vec<u8> {
        let mut got = vec![0; width];
        let src = Image::new(Shape::gray(1, row.len()), row);
        let dst = ImageMut::new(Shape::gray(1, width), &mut got);
        resize(src, dst, interpolation, &mut Scratch::default());
        got
    }

    #[test]
    fn auto_differs_from_linear_if_any_axis_grows() {
        let data: Vec<u8> = (0..100).map(|i| (i * 37) as u8).collect();
        let made = |height: usize, width: usize, how: Interpolation| {
            let mut got = vec![0; height * width];
            let src = Image::new(Shape::gray(10, 10), &data);
            resize(src, ImageMut::new(Shape::gray(height, width), &mut got), how, &mut Scratch::default());
            got
        };
        assert_ne!(made(9, 11, Interpolation::Auto), made(9, 11, Interpolation::Linear));
        assert_eq!(made(9, 10, Interpolation::Auto), made(9, 10, Interpolation::Linear));
    }

    #[test]
    fn each_rule_has_its_own_picture() {
        let row = [0, 100, 200];
        assert_eq!(resized(&row, 6, Interpolation::Nearest), [0, 0, 100, 100, 200, 200]);
        assert_eq!(resized(&row, 6, Interpolation::Linear), [0, 25, 75, 125, 175, 200]);
        // Only the second and fourth of five pixels straddle two of three.
        assert_eq!(resized(&row, 5, Interpolation::Auto), [0, 33, 100, 167, 200]);
        assert_eq!(resized(&row, 2, Interpolation::Auto), resized(&row, 2, Interpolation::Linear));
        assert_eq!(resized(&[10, 20, 40, 80], 2, Interpolation::Cubic), [13, 62]);
    }

    /// A value at a time.
    fn plain_cubic(src: Image<'_>, to: Shape) -> Vec<u8> {
        let (channels, coarse) = (to.channels(), src.shape.height.min(src.shape.width) < 4);
        let tap = |d: usize, n: usize, m: usize| {
            let (first, weights) = cubic_tap(d, 1.0 / (m as f64 / n as f64), coarse);
            ([0, 1, 2, 3].map(|k| (first + k).clamp(0, n as i32 - 1) as usize), weights)
        };
        let sum = |[p, q, r, s]: [f32; 4], w: [f32; 4]| p * w[0] + q * w[1] + r * w[2] + s * w[3];
        let mut out = Vec::new();
        for (y, x) in (0..to.height).flat_map(|y| (0..to.width).map(move |x| (y, x))) {
            let (rows, down) = tap(y, src.shape.height, to.height);
            let (columns, across) = tap(x, src.shape.width, to.width);
            for c in 0..channels {
                let lines = rows.map(|row| {
                    sum(columns.map(|column| f32::from(src.row(row)[column * channels + c])), across)
                });
                out.push(round_u8(sum(lines, down)));
            }
        }
        out
    }

    const ALL: [Interpolation; 4] =
        [Interpolation::Auto, Interpolation::Nearest, Interpolation::Linear, Interpolation::Cubic];

    proptest! {
        #[test]
        fn a_flat_image_stays_flat(
            from in (1_usize..12, 1_usize..12), to in (1_usize..30, 1_usize..30), rgb: bool, which in 0_usize..4,
            color: [u8; 3],
        ) {
            let channels = if rgb { 3 } else { 1 };
            let data = color[..channels].repeat(from.0 * from.1);
            let mut got = vec![0; to.0 * to.1 * channels];
            let src = Image::new(Shape::new(from.0, from.1, Channels::colored(rgb)), &data);
            let dst = ImageMut::new(Shape::new(to.0, to.1, Channels::colored(rgb)), &mut got);
            resize(src, dst, ALL[which], &mut Scratch::default());
            for pixel in got.chunks_exact(channels) {
                for (a, b) in pixel.iter().zip(color) {
                    // Products are cut one by one, and cubic weights of 11 bits need not sum to 1.
                    prop_assert!(a.abs_diff(b) <= 1, "{pixel:?} {color:?}");
                }
            }
        }

        #[test]
        fn cubic_values_are_those_of_single_pixels(
            picture in crate::kernels::testing::pictures(), height in 1_usize..60, width in 1_usize..60,
        ) {
            let to = Shape::new(height, width, picture.shape.kind);
            prop_assume!(to != picture.shape);
            let mut got = vec![0; to.bytes()];
            let dst = ImageMut::new(to, &mut got);
            resize(picture.image(), dst, Interpolation::Cubic, &mut Scratch::default());
            prop_assert_eq!(got, plain_cubic(picture.image(), to));
        }

        #[test]
        fn channels_do_not_mix(
            from in (1_usize..9, 1_usize..9), to in (1_usize..20, 1_usize..20), which in 0_usize..4, seed: u64,
        ) {
            let mut data = vec![0; from.0 * from.1 * 3];
            crate::base::Stream::of_key(seed).fill(&mut data);
            let mut scratch = Scratch::default();
            let mut rgb = vec![0; to.0 * to.1 * 3];
            let src = Image::new(Shape::rgb(from.0, from.1), &data);
            let dst = ImageMut::new(Shape::rgb(to.0, to.1), &mut rgb);
            resize(src, dst, ALL[which], &mut scratch);
            for c in 0..3 {
                let plane: Vec<u8> = data.iter().skip(c).step_by(3).copied().collect();
                let mut gray = vec![0; to.0 * to.1];
                let src = Image::new(Shape::gray(from.0, from.1), &plane);
                let dst = ImageMut::new(Shape::gray(to.0, to.1), &mut gray);
                resize(src, dst, ALL[which], &mut scratch);
                prop_assert_eq!(gray, rgb.iter().skip(c).step_by(3).copied().collect::<Vec<u8>>());
            }
        }
    }
}
