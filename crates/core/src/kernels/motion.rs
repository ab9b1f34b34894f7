//! Filters of any odd or even window: motion blur with imgaug's kernel, and the bilateral filter.

use super::affine::{self, Parts, Sampling};
use super::approx;
use super::border::Border;
use super::pad::{Margin, Padded};
use crate::base::math::{self, round_u8};
use crate::base::{Image, ImageMut, Scratch, Shape};

/// The weights of a motion blur, `k` x `k` (odd), by row: a line through the middle that runs from weight d' at
/// the top to 1 - d' at the bottom, d' = (`direction` + 1) / 2, turned clockwise by `angle` degrees, and its sum 1.
///
/// As in imgaug the line is turned as an image of 8 bits, which cuts weights off and blurs them.
///
/// # Panics
/// If `weights` has not `k * k` values.
pub fn motion_kernel(
    k: usize,
    angle: f64,
    direction: f64,
    order: Sampling,
    weights: &mut [f32],
    scratch: &mut Scratch,
) {
    assert_eq!(weights.len(), k * k, "a square kernel");
    let shape = Shape::gray(k, k);
    let start = 0.5 * (direction.clamp(-1.0, 1.0) + 1.0);
    let end = 1.0 - start;
    let mut line = scratch.take_u8(k * k);
    line.fill(0);
    let step = if k > 1 { (end - start) / (k - 1) as f64 } else { 0.0 };
    for (i, row) in line.chunks_exact_mut(k).enumerate() {
        let weight = if i + 1 == k && k > 1 { end } else { i as f64 * step + start };
        row[k / 2] = (weight as f32 * 255.0) as u8;
    }
    let parts = Parts { scale: [1.0; 2], translate: [0.0; 2], rotate: angle, shear: [0.0; 2] };
    let forward = affine::forward(&parts, shape);
    let mut turned = scratch.take_u8(k * k);
    if affine::is_identity(&forward) {
        turned.copy_from_slice(&line);
    } else {
        let (from, to) = (Image::new(shape, &line), ImageMut::new(shape, &mut turned));
        affine::warp_affine(from, to, &affine::invert(&forward), order, Border::Constant, [0; 3], scratch);
    }
    for (weight, value) in weights.iter_mut().zip(&turned) {
        *weight = f32::from(*value) / 255.0;
    }
    let sum = pairwise_sum(weights);
    if sum > 0.0 {
        for weight in weights.iter_mut() {
            *weight /= sum;
        }
    } else {
        weights[k / 2 * k + k / 2] = 1.0;
    }
    scratch.give_u8(line);
    scratch.give_u8(turned);
}

/// The sum in NumPy's order: eight running sums up to 128 values, halves above.
fn pairwise_sum(values: &[f32]) -> f32 {
    if values.len() < 8 {
        return values.iter().sum();
    }
    if values.len() > 128 {
        let half = values.len() / 2;
        let (left, right) = values.split_at(half - half % 8);
        return pairwise_sum(left) + pairwise_sum(right);
    }
    let (blocks, rest) = values.as_chunks::<8>();
    let mut sums = [0.0; 8];
    for block in blocks {
        for (sum, value) in sums.iter_mut().zip(block) {
            *sum += value;
        }
    }
    let [a, b, c, d, e, f, g, h] = sums;
    rest.iter().fold(((a + b) + (c + d)) + ((e + f) + (g + h)), |sum, value| sum + value)
}

/// Replaces every value by the sum of its neighborhood of `rows` x `columns` times `kernel` (not flipped), in each channel.
///
/// Border reflected without repeating the edge; the window's middle is at half its size, rounded down. The terms that
/// are not 0 are added row by row in single precision, each product and sum rounded once (a fused multiply-add);
/// the sum is rounded half to even and clipped.
///
/// # Panics
/// If the two images differ in shape, or the kernel has another size.
pub fn filter(
    from: Image<'_>,
    mut to: ImageMut<'_>,
    kernel: &[f32],
    (rows, columns): (usize, usize),
    scratch: &mut Scratch,
) {
    let shape = from.shape;
    assert_eq!((shape, kernel.len()), (to.shape, rows * columns), "a filter keeps the shape");
    if shape.bytes() == 0 {
        return;
    }
    let margin = Margin {
        top: rows / 2,
        bottom: rows - 1 - rows / 2,
        left: columns / 2,
        right: columns - 1 - columns / 2,
    };
    let padded = Padded::new(from, margin, Border::Reflect, scratch);
    let stride = padded.stride();
    let mut sums = scratch.take_f32(shape.stride());
    for y in 0..shape.height {
        sums.fill(0.0);
        let around = padded.from_row(y);
        for (tap, &weight) in kernel.iter().enumerate() {
            if weight == 0.0 {
                continue;
            }
            let start = tap / columns * stride + tap % columns * shape.channels();
            // 24 bits times 8, added to 24 bits of at most 2^8: exact in double precision, so that it is rounded once.
            let wide = f64::from(weight);
            for (sum, value) in sums.iter_mut().zip(&around[start..]) {
                *sum = (f64::from(*value) * wide + f64::from(*sum)) as f32;
            }
        }
        for (out, sum) in to.row_mut(y).iter_mut().zip(&sums) {
            *out = round_u8(*sum);
        }
    }
    scratch.give_f32(sums);
    padded.give(scratch);
}

/// The mean over a disk of diameter `d` in which near pixels (deviation `space`, in pixels) of similar color
/// (deviation `color`, of the sum of the channels' differences) weigh more. For three channels; others, and `d` up to 1, stay.
///
/// C. Tomasi, R. Manduchi, "Bilateral Filtering for Gray and Color Images", ICCV (1998).
///
/// # Panics
/// If the two images differ in shape.
pub fn bilateral(
    from: Image<'_>,
    mut to: ImageMut<'_>,
    d: usize,
    (color, space): (f64, f64),
    scratch: &mut Scratch,
) {
    let shape = from.shape;
    assert_eq!(shape, to.shape, "a filter keeps the shape");
    if shape.channels() != 3 || d <= 1 || shape.pixels() == 0 {
        to.data.copy_from_slice(from.data);
        return;
    }
    let radius = d / 2;
    let factor =
        |sigma: f64| -0.5 / (if sigma > 0.0 { sigma } else { 1.0 } * if sigma > 0.0 { sigma } else { 1.0 });
    let side = 2 * radius + 1;
    let mut near = scratch.take_f32(side * side);
    for (i, weight) in near.iter_mut().enumerate() {
        let (dy, dx) = ((i / side) as f64 - radius as f64, (i % side) as f64 - radius as f64);
        let distance = dy * dy + dx * dx;
        let inside = distance <= (radius * radius) as f64;
        *weight = if inside { math::exp(distance * factor(space)) as f32 } else { 0.0 };
    }
    let mut table = scratch.take_f32(ENTRIES);
    let mut exponents = scratch.take_f64(3 * 255 + 1);
    for (i, exponent) in exponents.iter_mut().enumerate() {
        *exponent = (i * i) as f64 * factor(color);
    }
    approx::exps(&exponents, &mut table[..exponents.len()]);
    scratch.give_f64(exponents);
    let padded = Padded::new(from, Margin::all(radius), Border::Reflect, scratch);
    // Each channel by itself, as whole and as floating point numbers. What the pixels of the image are to each other is found in one row of
    // all rows with their margins, a run at a time; runs may begin at its end.
    let (pitch, rows) = (shape.width + 2 * radius, shape.height + 2 * radius);
    let plane = pitch * rows + WIDE;
    let (mut whole, mut values) = (scratch.take_i16(3 * plane), scratch.take_f32(3 * plane));
    for y in 0..rows {
        let row = &padded.from_row(y).as_chunks::<3>().0[..pitch];
        for c in 0..3 {
            let start = c * plane + y * pitch;
            for (to, pixel) in whole[start..][..pitch].iter_mut().zip(row) {
                *to = i16::from(pixel[c]);
            }
            for (to, pixel) in values[start..][..pitch].iter_mut().zip(row) {
                *to = f32::from(pixel[c]);
            }
        }
    }
    let similar = &table.as_chunks::<ENTRIES>().0[0];
    let weigh = |near: f32, at: usize, other: usize| {
        let (own, other) = (run_of(&whole, plane, at), run_of(&whole, plane, other));
        let mut far = [0_i16; WIDE];
        for x in 0..WIDE {
            let off = |c: usize| (own[c][x] - other[c][x]).max(other[c][x] - own[c][x]);
            far[x] = off(0) + off(1) + off(2);
        }
        far.map(|far| similar[usize::from(far as u16) % ENTRIES] * near)
    };
    // A pixel weighs for another what that one weighs for it: the weights of half of the neighborhood are all, if there is room for them.
    let (first, count) = (radius * pitch + radius, (shape.height - 1) * pitch + shape.width);
    let (middle, half) =
        (side * side / 2, near[side * side / 2 + 1..].iter().filter(|near| **near > 0.0).count());
    let apart = |i: usize| (i / side * pitch + i % side).wrapping_sub(first);
    let stored = half * plane <= MOST_STORED;
    let mut weights = scratch.take_f32(if stored { half * plane } else { 0 });
    if stored {
        let after = (middle + 1..side * side).filter(|i| near[*i] > 0.0);
        for (i, weights) in after.zip(weights.chunks_exact_mut(plane)) {
            for at in (first - apart(i)..first + count).step_by(WIDE) {
                let run = weigh(near[i], at, at + apart(i));
                weights[at..][..WIDE].copy_from_slice(&run);
            }
        }
    }
    let mut bytes = scratch.take_u8(3 * plane);
    for at in (first..first + count).step_by(WIDE) {
        let (mut sums, mut total) = ([[0.0_f32; WIDE]; 3], [0.0_f32; WIDE]);
        let mut number = 0;
        for (i, &own) in near.iter().enumerate().filter(|(_, near)| **near > 0.0) {
            let other = at.wrapping_add(apart(i));
            let found;
            let run = if !stored || i == middle {
                found = weigh(own, at, other);
                &found
            } else if i < middle {
                number += 1;
                run_at(&weights, (half - number) * plane + other)
            } else {
                number += 1;
                run_at(&weights, (number - 1 - half) * plane + at)
            };
            let values = run_of(&values, plane, other);
            for x in 0..WIDE {
                total[x] += run[x];
                for c in 0..3 {
                    sums[c][x] += values[c][x] * run[x];
                }
            }
        }
        for (c, sums) in sums.iter().enumerate() {
            let out = &mut bytes[c * plane + at - first..][..WIDE];
            for x in 0..WIDE {
                out[x] = round_u8(sums[x] / total[x]);
            }
        }
    }
    for y in 0..shape.height {
        for (x, pixel) in to.row_mut(y).as_chunks_mut::<3>().0.iter_mut().enumerate() {
            *pixel = [0, 1, 2].map(|c: usize| bytes[c * plane + y * pitch + x]);
        }
    }
    scratch.give_u8(bytes);
    scratch.give_f32(weights);
    scratch.give_f32(values);
    scratch.give_i16(whole);
    padded.give(scratch);
    scratch.give_f32(table);
    scratch.give_f32(near);
}

/// Pixels whose neighbors are weighed together.
const WIDE: usize = 64;

/// The most weights that are kept for the second of two pixels: half a megabyte of them.
const MOST_STORED: usize = 1 << 17;

/// Entries of a table by differences of colors, a power of two above 3 x 255.
const ENTRIES: usize = 1024;

/// [`WIDE`] values from `start` on.
#[inline]
fn run_at<T>(values: &[T], start: usize) -> &[T; WIDE] {
    values[start..].first_chunk().expect("planes have room for a run behind them")
}

/// [`WIDE`] values of each of three planes.
#[inline]
fn run_of<T>(planes: &[T], plane: usize, start: usize) -> [&[T; WIDE]; 3] {
    [0, 1, 2].map(|c| run_at(planes, c * plane + start))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::kernels::testing::{Picture, pictures};

    #[test]
    fn kernels_sum_to_1_and_lie_along_the_line() {
        let mut scratch = Scratch::default();
        let mut weights = [0.0; 9];
        motion_kernel(3, 0.0, 0.0, Sampling::Linear, &mut weights, &mut scratch);
        assert_eq!([weights[1], weights[4], weights[7]], [1.0 / 3.0; 3]);
        motion_kernel(3, 90.0, 1.0, Sampling::Nearest, &mut weights, &mut scratch);
        assert!(weights[5] > weights[4] && weights[3] == 0.0 && weights[1] == 0.0, "{weights:?}");
    }

    #[test]
    fn a_kernel_of_one_pixel_moves_the_image() {
        let row = [10, 20, 30, 40];
        let shape = Shape::gray(1, 4);
        let mut out = [0; 4];
        filter(
            Image::new(shape, &row),
            ImageMut::new(shape, &mut out),
            &[0.0, 0.0, 1.0],
            (1, 3),
            &mut Scratch::default(),
        );
        assert_eq!(out, [20, 30, 40, 30]);
    }

    /// A pixel at a time.
    fn plain_bilateral(from: Image<'_>, d: usize, (color, space): (f64, f64)) -> Vec<u8> {
        let (height, width, radius) = (from.shape.height, from.shape.width, (d / 2) as i32);
        let weight = |off: f64, sigma: f64| math::exp(off * (-0.5 / (sigma * sigma))) as f32;
        let pixels = from.data.as_chunks::<3>().0;
        let at = |y: i32, x: i32| {
            let y = Border::Reflect.index(y, height).unwrap();
            pixels[y * width + Border::Reflect.index(x, width).unwrap()]
        };
        let mut out = Vec::new();
        for (i, own) in pixels.iter().enumerate() {
            let (y, x) = ((i / width) as i32, (i % width) as i32);
            let (mut sums, mut total) = ([0.0_f32; 3], 0.0_f32);
            for (dy, dx) in (-radius..=radius).flat_map(|dy| (-radius..=radius).map(move |dx| (dy, dx))) {
                let near = weight(f64::from(dy * dy + dx * dx), space);
                if dy * dy + dx * dx <= radius * radius && near > 0.0 {
                    let other = at(y + dy, x + dx);
                    let off: i32 = own.iter().zip(other).map(|(a, b)| i32::from(a.abs_diff(b))).sum();
                    let weight = near * weight(f64::from(off * off), color);
                    total += weight;
                    for (sum, value) in sums.iter_mut().zip(other) {
                        *sum += f32::from(value) * weight;
                    }
                }
            }
            out.extend(sums.map(|sum| round_u8(sum / total)));
        }
        out
    }

    proptest! {
        #[test]
        fn runs_of_pixels_are_weighed_as_single_ones(
            picture in pictures(), d in 2_usize..10, color in 0.01_f64..300.0, space in 0.01_f64..300.0,
        ) {
            let shape = Shape::rgb(picture.shape.height.min(20), picture.shape.width);
            let picture = Picture::new(shape, picture.data.len() as u64);
            let mut out = vec![0; shape.bytes()];
            let to = ImageMut::new(shape, &mut out);
            bilateral(picture.image(), to, d, (color, space), &mut Scratch::default());
            prop_assert_eq!(out, plain_bilateral(picture.image(), d, (color, space)));
        }
    }

    #[test]
    fn weights_that_are_not_kept_are_the_same() {
        let (shape, d) = (Shape::rgb(70, 90), 9);
        assert!(shape.pixels() * 24 > MOST_STORED);
        let picture = Picture::new(shape, 3);
        let mut out = vec![0; shape.bytes()];
        let to = ImageMut::new(shape, &mut out);
        bilateral(picture.image(), to, d, (60.0, 3.0), &mut Scratch::default());
        assert_eq!(out, plain_bilateral(picture.image(), d, (60.0, 3.0)));
    }

    #[test]
    fn edges_survive_a_bilateral_filter() {
        let shape = Shape::rgb(1, 6);
        let row = [10, 10, 10, 12, 12, 12, 10, 10, 10, 200, 200, 200, 201, 201, 201, 200, 200, 200];
        let mut out = [0; 18];
        let (from, to) = (Image::new(shape, &row), ImageMut::new(shape, &mut out));
        bilateral(from, to, 5, (10.0, 10.0), &mut Scratch::default());
        assert!(out[6] < 13 && out[9] > 198, "{out:?}");
    }
}
