//! Bringing an image of any size to a wanted size: backgrounds and pictures.
//!
//! All arithmetic is exact until the one rounding at the end. Along an axis every weight is a whole number
//! over a common denominator, so sums of weighted pixels are whole numbers that an `f64` holds without error,
//! in whatever order they are added.

use super::entry::for_channels;
use crate::base::math;
use crate::base::{Image, ImageMut, Scratch, Shape};

/// Resizes `src` to the shape of `dst`, each axis by itself: the mean over the area that an output pixel
/// covers where an axis shrinks, linear interpolation between pixel centers where it grows (the outermost
/// pixels extend to the border). Rounded half to even.
///
/// The result is the exact one while the product of both axes' denominators (the source's length where an
/// axis shrinks, twice the target's where it grows) stays below 2^43.
///
/// # Panics
/// If the channels differ, or if `src` is empty and `dst` is not.
pub fn area(src: Image<'_>, dst: ImageMut<'_>, scratch: &mut Scratch) {
    zoom(src, dst.shape, (0, 0), dst, scratch);
}

/// Scales `src`, aspect ratio kept, until it just covers `dst`, and writes the center.
///
/// # Panics
/// As [`area`].
pub fn cover(src: Image<'_>, dst: ImageMut<'_>, scratch: &mut Scratch) {
    let Shape { height, width, .. } = dst.shape;
    let scaled = cover_shape(src.shape, height, width);
    zoom(src, scaled, ((scaled.height - height) / 2, (scaled.width - width) / 2), dst, scratch);
}

/// Repeats `src` at its own size, downwards and to the right from the top left corner.
///
/// # Panics
/// If the channels differ, or if `src` is empty and `dst` is not.
pub fn tile(src: Image<'_>, mut dst: ImageMut<'_>) {
    check(src, &dst);
    if dst.data.is_empty() {
        return;
    }
    for y in 0..dst.shape.height {
        let from = src.row(y % src.shape.height);
        for to in dst.row_mut(y).chunks_mut(from.len()) {
            to.copy_from_slice(&from[..to.len()]);
        }
    }
}

/// Copies the window of `src` whose top left corner is at row `y`, column `x`.
///
/// # Panics
/// If the channels differ or the window leaves the image.
pub fn window(src: Image<'_>, y: usize, x: usize, mut dst: ImageMut<'_>) {
    let Shape { height, width, kind } = dst.shape;
    let channels = kind.count();
    assert_eq!(src.shape.channels(), channels, "channels of source and target");
    assert!(
        y + height <= src.shape.height && x + width <= src.shape.width,
        "a window of {} at ({y}, {x}) leaves an image of {}",
        dst.shape,
        src.shape
    );
    for row in 0..height {
        dst.row_mut(row).copy_from_slice(&src.row(y + row)[x * channels..(x + width) * channels]);
    }
}

/// The smallest shape with the aspect ratio of `src` that has at least `height` rows and `width` columns.
/// One axis is exactly the wanted one, the other is rounded.
///
/// # Panics
/// If `src` has no rows or no columns.
#[must_use]
pub fn cover_shape(src: Shape, height: usize, width: usize) -> Shape {
    assert!(src.pixels() > 0, "an image without pixels covers nothing");
    let scale = |length: usize, to: usize, from: usize| (2 * length * to + from) / (2 * from);
    if height * src.width >= width * src.height {
        Shape { height, width: scale(src.width, height, src.height), ..src }
    } else {
        Shape { height: scale(src.height, width, src.width), width, ..src }
    }
}

/// The shape at which windows of `height` x `width` are cut out of `src`: its own if it is large enough on
/// both axes, else [`cover_shape`].
///
/// # Panics
/// If `src` has no rows or no columns.
#[must_use]
pub fn crop_shape(src: Shape, height: usize, width: usize) -> Shape {
    if src.height >= height && src.width >= width { src } else { cover_shape(src, height, width) }
}

/// The image that windows of `height` x `width` are cut out of by [`window`]: `src` at [`crop_shape`].
/// It allocates; made once for an image that many windows are cut from.
///
/// # Panics
/// If `src` has no rows or no columns.
#[must_use]
pub fn crop_base(src: Image<'_>, height: usize, width: usize, scratch: &mut Scratch) -> (Shape, Vec<u8>) {
    let shape = crop_shape(src.shape, height, width);
    let mut data = vec![0; shape.bytes()];
    area(src, ImageMut::new(shape, &mut data), scratch);
    (shape, data)
}

/// The window of `dst`'s size at `at` = (y, x) of `src` resized to `scaled` as [`area`] does; only the
/// window is computed.
///
/// # Panics
/// If the channels differ, if `src` is empty and `dst` is not, or if the window leaves `scaled`.
pub fn zoom(src: Image<'_>, scaled: Shape, at: (usize, usize), dst: ImageMut<'_>, scratch: &mut Scratch) {
    check(src, &dst);
    if src.shape == scaled.with_kind(src.shape.kind) {
        return window(src, at.0, at.1, dst);
    }
    assert!(
        at.0 + dst.shape.height <= scaled.height && at.1 + dst.shape.width <= scaled.width,
        "a window of {} at {at:?} leaves an image of {scaled}",
        dst.shape
    );
    if dst.data.is_empty() {
        return;
    }
    let down = Axis { src: src.shape.height, dst: scaled.height };
    let across = Axis { src: src.shape.width, dst: scaled.width };
    for_channels!(src.shape, C => resample::<C>(src, down, across, at, dst, scratch));
}

fn check(src: Image<'_>, dst: &ImageMut<'_>) {
    assert_eq!(src.shape.channels(), dst.shape.channels(), "channels of source and target");
    assert!(dst.data.is_empty() || !src.data.is_empty(), "an image without pixels fills nothing");
}

/// One axis of a resize, lengths in pixels.
#[derive(Clone, Copy)]
struct Axis {
    src: usize,
    dst: usize,
}

/// What one output pixel takes along an axis: source pixels `first..=last`, whose outer two have their own
/// weights and whose inner ones weigh [`Axis::inner`]. With `first == last`, `w_last` is 0.
#[derive(Clone, Copy)]
struct Span {
    first: usize,
    last: usize,
    w_first: f64,
    w_last: f64,
}

impl Axis {
    fn grows(self) -> bool {
        self.dst > self.src
    }

    /// What the weights of every span add up to.
    fn denominator(self) -> f64 {
        if self.grows() { 2.0 * self.dst as f64 } else { self.src as f64 }
    }

    /// The weight of a source pixel that lies wholly within an output pixel.
    fn inner(self) -> f64 {
        self.dst as f64
    }

    fn span(self, i: usize) -> Span {
        if self.grows() {
            // The center (i + 1/2) src / dst - 1/2 in units of 1 / (2 dst), held between the outermost centers.
            let unit = 2 * self.dst;
            let center = ((2 * i + 1) * self.src).saturating_sub(self.dst).min((self.src - 1) * unit);
            let (first, part) = (center / unit, center % unit);
            let last = (first + 1).min(self.src - 1);
            Span { first, last, w_first: (unit - part) as f64, w_last: part as f64 }
        } else {
            // In units of 1 / dst source pixels, where source pixel j covers j dst .. (j + 1) dst.
            let (start, end) = (i * self.src, (i + 1) * self.src);
            let (first, last) = (start / self.dst, (end - 1) / self.dst);
            let w_last = if last == first { 0 } else { end - last * self.dst };
            let w_first = end.min((first + 1) * self.dst) - start;
            Span { first, last, w_first: w_first as f64, w_last: w_last as f64 }
        }
    }
}

/// Sums along the columns of each source row, then down the rows, then one division.
fn resample<const C: usize>(
    src: Image<'_>,
    down: Axis,
    across: Axis,
    at: (usize, usize),
    mut dst: ImageMut<'_>,
    scratch: &mut Scratch,
) {
    let Shape { height, width, .. } = dst.shape;
    let stride = width * C;
    let mut ends = scratch.take_i32(2 * width);
    let mut weights = scratch.take_f64(2 * width);
    for x in 0..width {
        let span = across.span(at.1 + x);
        (ends[2 * x], ends[2 * x + 1]) = (span.first as i32, span.last as i32);
        (weights[2 * x], weights[2 * x + 1]) = (span.w_first, span.w_last);
    }

    // Neighboring output rows share at most two source rows, whose sums are kept: row j in half j % 2.
    let mut sums = scratch.take_f64(2 * stride);
    let mut held = [usize::MAX; 2];
    let mut total = scratch.take_f64(stride);
    let divisor = down.denominator() * across.denominator();
    for y in 0..height {
        let span = down.span(at.0 + y);
        total.fill(0.0);
        for j in span.first..=span.last {
            let weight = match j {
                _ if j == span.first => span.w_first,
                _ if j == span.last => span.w_last,
                _ => down.inner(),
            };
            let sums = &mut sums[(j % 2) * stride..][..stride];
            if held[j % 2] != j {
                sum_across::<C>(src.row(j), &ends, &weights, across.inner(), sums);
                held[j % 2] = j;
            }
            for (total, sum) in total.iter_mut().zip(sums) {
                *total += weight * *sum;
            }
        }
        for (to, total) in dst.row_mut(y).iter_mut().zip(&total) {
            *to = math::sat(math::rhe64(total / divisor));
        }
    }

    scratch.give_f64(total);
    scratch.give_f64(sums);
    scratch.give_f64(weights);
    scratch.give_i32(ends);
}

/// The weighted sum of every span of one source row.
fn sum_across<const C: usize>(row: &[u8], ends: &[i32], weights: &[f64], inner: f64, sums: &mut [f64]) {
    let row = row.as_chunks::<C>().0;
    let sums = sums.as_chunks_mut::<C>().0;
    let spans = ends.as_chunks::<2>().0.iter().zip(weights.as_chunks::<2>().0);
    for (sum, (&[first, last], &[w_first, w_last])) in sums.iter_mut().zip(spans) {
        let (first, last) = (first as usize, last as usize);
        for c in 0..C {
            sum[c] = w_first * f64::from(row[first][c]) + w_last * f64::from(row[last][c]);
        }
        if last > first + 1 {
            let mut between = [0_u32; C];
            for pixel in &row[first + 1..last] {
                for c in 0..C {
                    between[c] += u32::from(pixel[c]);
                }
            }
            for c in 0..C {
                sum[c] += inner * f64::from(between[c]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Channels;
    use proptest::prelude::*;

    fn resized(src: &[u8], from: Shape, to: (usize, usize)) -> Vec<u8> {
        let to = Shape::new(to.0, to.1, from.kind);
        let mut out = vec![77; to.bytes()];
        area(Image::new(from, src), ImageMut::new(to, &mut out), &mut Scratch::default());
        out
    }

    #[derive(Clone, Copy, Debug)]
    enum Fit {
        Cover,
        Stretch,
        Tile,
        Crop,
    }

    fn fitted(fit: Fit, src: &[u8], from: Shape, at: (usize, usize), to: (usize, usize)) -> Vec<u8> {
        let to = Shape::new(to.0, to.1, from.kind);
        let mut out = vec![77; to.bytes()];
        let (src, dst) = (Image::new(from, src), ImageMut::new(to, &mut out));
        let scratch = &mut Scratch::default();
        match fit {
            Fit::Cover => cover(src, dst, scratch),
            Fit::Stretch => area(src, dst, scratch),
            Fit::Tile => tile(src, dst),
            Fit::Crop => zoom(src, crop_shape(from, to.height, to.width), at, dst, scratch),
        }
        out
    }

    /// The weight of source pixel `j` in output pixel `i` from the definition, over a common denominator.
    fn weight(j: usize, i: usize, src: usize, dst: usize) -> (i128, i128) {
        let [j, i, s, d] = [j, i, src, dst].map(|n| n as i128);
        if d > s {
            let center = ((2 * i + 1) * s - d).clamp(0, (s - 1) * 2 * d);
            ((2 * d - (center - j * 2 * d).abs()).max(0), 2 * d)
        } else {
            ((((i + 1) * s).min((j + 1) * d) - (i * s).max(j * d)).max(0), s)
        }
    }

    /// The slow way in whole numbers.
    fn oracle(src: &[u8], from: Shape, (height, width): (usize, usize)) -> Vec<u8> {
        let c = from.channels();
        let mut out = Vec::new();
        for y in 0..height {
            for x in 0..width {
                for channel in 0..c {
                    let (mut sum, mut den) = (0, 1);
                    for j in 0..from.height {
                        for i in 0..from.width {
                            let (wy, dy) = weight(j, y, from.height, height);
                            let (wx, dx) = weight(i, x, from.width, width);
                            sum += wy * wx * i128::from(src[(j * from.width + i) * c + channel]);
                            den = dy * dx;
                        }
                    }
                    let (whole, rest) = (sum / den, 2 * (sum % den));
                    let up = rest > den || (rest == den && whole % 2 == 1);
                    out.push((whole + i128::from(up)) as u8);
                }
            }
        }
        out
    }

    fn transposed(src: &[u8], shape: Shape) -> Vec<u8> {
        let pixels = src.chunks(shape.channels()).collect::<Vec<_>>();
        (0..shape.pixels())
            .flat_map(|i| pixels[(i % shape.height) * shape.width + i / shape.height].to_vec())
            .collect()
    }

    fn mean(values: &[u8]) -> f64 {
        values.iter().map(|&v| f64::from(v)).sum::<f64>() / values.len() as f64
    }

    fn picture(side: usize) -> impl Strategy<Value = (Shape, Vec<u8>)> {
        (1..=side, 1..=side, prop::sample::select(vec![1_usize, 3])).prop_flat_map(|(h, w, c)| {
            let shape = Shape::new(h, w, Channels::colored(c == 3));
            (Just(shape), prop::collection::vec(any::<u8>(), shape.bytes()))
        })
    }

    #[test]
    fn small_cases_by_hand() {
        let row = |src: &[u8], width| resized(src, Shape::gray(1, src.len()), (1, width));
        assert_eq!(row(&[0, 1], 1), [0], "one half to even");
        assert_eq!(row(&[1, 2], 1), [2], "three halves to even");
        assert_eq!(row(&[0, 90, 180], 2), [30, 150], "(0 + 90/2) / 1.5");
        assert_eq!(row(&[0, 100], 4), [0, 25, 75, 100]);
        assert_eq!(row(&[9], 3), [9, 9, 9]);
        assert_eq!(resized(&[0, 10, 20, 50], Shape::gray(2, 2), (1, 1)), [20]);
        assert_eq!(resized(&[10, 0, 200, 30, 100, 100], Shape::rgb(1, 2), (1, 1)), [20, 50, 150]);
        assert_eq!(
            resized(&[0, 100, 40, 80], Shape::gray(2, 2), (4, 1)),
            [50, 52, 58, 60],
            "one axis each way"
        );
    }

    #[test]
    fn cover_keeps_the_center() {
        let wide: Vec<u8> = (0..6).flat_map(|_| 0..10_u8).collect();
        let shape = Shape::gray(6, 10);
        assert_eq!(cover_shape(shape, 6, 6), shape);
        assert_eq!(fitted(Fit::Cover, &wide, shape, (0, 0), (6, 6))[..6], [2, 3, 4, 5, 6, 7]);
        assert_eq!(cover_shape(shape, 3, 3), Shape::gray(3, 5));
        let half = resized(&wide, shape, (3, 5));
        assert_eq!(fitted(Fit::Cover, &wide, shape, (0, 0), (3, 3))[..3], half[1..4]);
        assert_eq!(cover_shape(Shape::rgb(1, 4000), 28, 28), Shape::rgb(28, 112_000));
    }

    #[test]
    fn tile_repeats_from_the_corner() {
        let out = fitted(Fit::Tile, &[1, 2, 3, 4], Shape::gray(2, 2), (0, 0), (3, 5));
        assert_eq!(out, [1, 2, 1, 2, 1, 3, 4, 3, 4, 3, 1, 2, 1, 2, 1]);
    }

    #[test]
    fn crop_cuts_at_the_own_size() {
        let src: Vec<u8> = (0..20).collect();
        let shape = Shape::gray(4, 5);
        assert_eq!(fitted(Fit::Crop, &src, shape, (1, 2), (2, 3)), [7, 8, 9, 12, 13, 14]);
        assert_eq!(crop_shape(shape, 8, 2), Shape::gray(8, 10), "too low, so both axes grow");
        assert_eq!(crop_shape(shape, 2, 8), Shape::gray(6, 8), "6.4 rows are rounded");
    }

    #[test]
    fn large_images_lose_nothing() {
        let src: Vec<u8> = (0..4000 * 3000_usize).map(|i| (i * i % 251) as u8).collect();
        let out = resized(&src, Shape::gray(3000, 4000), (28, 28));
        assert!((mean(&src) - mean(&out)).abs() < 0.5);
        assert_eq!(
            resized(&vec![255; 4000 * 3000], Shape::rgb(4000, 1000), (7, 4001)),
            vec![255; 7 * 4001 * 3]
        );
        // The scaled image would be 16 million columns wide; only the window is made.
        let line: Vec<u8> = (0..4000_usize).map(|i| (i / 16) as u8).collect();
        let out = fitted(Fit::Cover, &line, Shape::gray(1, 4000), (0, 0), (4000, 40));
        assert!(out.iter().all(|&v| v == 124 || v == 125), "the middle of the ramp");
    }

    #[test]
    #[should_panic(expected = "leaves an image")]
    fn a_window_outside_is_refused() {
        fitted(Fit::Crop, &[0; 16], Shape::gray(4, 4), (3, 0), (2, 2));
    }

    proptest! {
        #[test]
        fn agrees_with_whole_numbers((shape, src) in picture(9), h in 1_usize..14, w in 1_usize..14) {
            prop_assert_eq!(resized(&src, shape, (h, w)), oracle(&src, shape, (h, w)));
        }

        #[test]
        fn a_constant_stays((shape, _) in picture(40), h in 1_usize..60, w in 1_usize..60, v: u8) {
            for fit in [Fit::Cover, Fit::Stretch, Fit::Tile, Fit::Crop] {
                let out = fitted(fit, &vec![v; shape.bytes()], shape, (0, 0), (h, w));
                prop_assert!(out.iter().all(|&o| o == v));
            }
        }

        #[test]
        fn its_own_size_is_a_copy((shape, src) in picture(20)) {
            for fit in [Fit::Cover, Fit::Stretch, Fit::Tile, Fit::Crop] {
                prop_assert_eq!(&fitted(fit, &src, shape, (0, 0), (shape.height, shape.width)), &src);
            }
        }

        #[test]
        fn shrinking_keeps_the_mean((shape, src) in picture(40), h in 1_usize..41, w in 1_usize..41) {
            let out = resized(&src, shape, (h.min(shape.height), w.min(shape.width)));
            prop_assert!((mean(&src) - mean(&out)).abs() <= 0.5 + 1e-9);
        }

        #[test]
        fn axes_and_directions_are_alike((shape, src) in picture(20), h in 1_usize..40, w in 1_usize..40) {
            let out = resized(&src, shape, (h, w));
            let turned = Shape::new(shape.width, shape.height, shape.kind);
            let other = resized(&transposed(&src, shape), turned, (w, h));
            prop_assert_eq!(transposed(&out, Shape::new(h, w, shape.kind)), other);

            let reversed = |pixels: &[u8]| pixels.chunks(shape.channels()).rev().flatten().copied().collect::<Vec<u8>>();
            prop_assert_eq!(reversed(&out), resized(&reversed(&src), shape, (h, w)));
        }

        #[test]
        fn a_window_is_cut_from_the_base(
            (shape, src) in picture(20), h in 1_usize..30, w in 1_usize..30, y: prop::sample::Index, x: prop::sample::Index,
        ) {
            let (base, data) = crop_base(Image::new(shape, &src), h, w, &mut Scratch::default());
            prop_assert_eq!(base, crop_shape(shape, h, w));
            let at = (y.index(base.height - h + 1), x.index(base.width - w + 1));
            let to = Shape::new(h, w, shape.kind);
            let mut cut = vec![0; to.bytes()];
            window(Image::new(base, &data), at.0, at.1, ImageMut::new(to, &mut cut));
            prop_assert_eq!(cut, fitted(Fit::Crop, &src, shape, at, (h, w)));
        }

        #[test]
        fn cover_is_large_enough_and_no_larger(sh in 1_usize..5000, sw in 1_usize..5000, h in 1_usize..5000, w in 1_usize..5000) {
            let shape = cover_shape(Shape::gray(sh, sw), h, w);
            prop_assert!(shape.height >= h && shape.width >= w);
            prop_assert!(shape.height == h || shape.width == w);
            let skew = shape.height as f64 * sw as f64 - shape.width as f64 * sh as f64;
            prop_assert!(skew.abs() <= 0.5 * sh.max(sw) as f64);
        }
    }
}
