//! Arithmetic of Albumentations' own: noise that is cut off rather than rounded, ISO noise, principal components, curves.

use crate::base::math::{self, sat};
use crate::base::{Image, ImageMut, Scratch, Shape};
use crate::kernels::cv::hls;
use crate::kernels::entry::drawable;

/// How a fraction is cut off when a number is added to values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// That of the sum, as version 1 does.
    Sum,
    /// That of the number, towards 0, as version 2 does.
    Number,
}

/// `value` plus `number`, clipped to 0..=255.
#[inline]
#[must_use]
pub fn added(value: u8, number: f32, cut: Cut) -> u8 {
    match cut {
        Cut::Sum => (f32::from(value) + number).clamp(0.0, 255.0) as u8,
        Cut::Number => sat(i32::from(value) + number.clamp(-256.0, 256.0) as i32),
    }
}

/// Adds noise: a number for each pixel, shared by its channels, or one for each value.
///
/// # Panics
/// If `noise` has any other length.
pub fn add_noise(image: ImageMut<'_>, noise: &[f32], cut: Cut) {
    let ImageMut { shape, data } = image;
    if noise.len() == data.len() {
        for (v, n) in data.iter_mut().zip(noise) {
            *v = added(*v, *n, cut);
        }
    } else {
        assert_eq!(noise.len(), shape.pixels(), "noise for each pixel or for each value");
        for (pixel, n) in data.chunks_exact_mut(shape.channels()).zip(noise) {
            for v in pixel {
                *v = added(*v, *n, cut);
            }
        }
    }
}

/// Multiplies by factors, one for each pixel, shared by its channels, or one for each value; single precision, clipped, the fraction
/// cut off.
///
/// # Panics
/// If `factors` has any other length.
pub fn multiply_noise(image: ImageMut<'_>, factors: &[f32]) {
    let ImageMut { shape, data } = image;
    let product = |v: u8, factor: f32| (f32::from(v) * factor).clamp(0.0, 255.0) as u8;
    if factors.len() == data.len() {
        for (v, factor) in data.iter_mut().zip(factors) {
            *v = product(*v, *factor);
        }
    } else {
        assert_eq!(factors.len(), shape.pixels(), "a factor for each pixel or for each value");
        for (pixel, factor) in data.chunks_exact_mut(shape.channels()).zip(factors) {
            for v in pixel {
                *v = product(*v, *factor);
            }
        }
    }
}

/// The mean of all values.
#[must_use]
pub fn mean(image: Image<'_>) -> f64 {
    let sum: u64 = image.data.iter().map(|v| u64::from(*v)).sum();
    sum as f64 / image.data.len().max(1) as f64
}

/// The weights of OpenCV's gray, in 15 bits.
#[inline]
#[must_use]
pub fn gray([r, g, b]: [u8; 3]) -> u8 {
    ((9798 * u32::from(r) + 19_235 * u32::from(g) + 3735 * u32::from(b) + (1 << 14)) >> 15) as u8
}

/// How ISO noise is measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Iso {
    /// Standard deviation of the hue's noise in degrees.
    pub degrees: f32,
    /// The deviation of lightness is multiplied by this to give the expected count.
    pub rate: f64,
    /// What one count adds, as a share of what is missing to white.
    pub step: f32,
    /// Whether the fraction of values is cut off instead of rounded.
    pub cut: bool,
}

/// Adds Poisson noise to the lightness of a colored image and normal noise to its hue (HLS, single precision); a gray
/// image stays as it is.
///
/// A pixel takes a normal number and four random bytes, `counts`. The expected count is `rate` times the deviation of
/// lightness over the image.
///
/// # Panics
/// If `normal` does not have a number for each pixel, or `counts` four bytes.
pub fn iso_noise(image: ImageMut<'_>, iso: Iso, normal: &[f32], counts: &[u8], scratch: &mut Scratch) {
    let ImageMut { shape, data } = image;
    if shape.channels() != 3 || data.is_empty() {
        return;
    }
    let pixels = data.as_chunks_mut::<3>().0;
    let counts = counts.as_chunks::<4>().0;
    assert!(normal.len() == pixels.len() && counts.len() == pixels.len(), "noise for each pixel");
    let mut all = scratch.take_f32(3 * pixels.len());
    let (mut sum, mut squares) = (0.0, 0.0);
    for (pixel, hls) in pixels.iter().zip(all.as_chunks_mut::<3>().0) {
        *hls = hls::hls_of_rgb(pixel.map(|v| f32::from(v) * (1.0 / 255.0)));
        let lightness = f64::from(hls[1]);
        sum += lightness;
        squares += lightness * lightness;
    }
    let n = pixels.len() as f64;
    let deviation = (squares / n - (sum / n) * (sum / n)).max(0.0).sqrt();
    let poisson = Poisson::new(deviation * iso.rate);
    let noise = normal.iter().zip(counts);
    for ((pixel, [h, l, s]), (z, bits)) in pixels.iter_mut().zip(all.as_chunks::<3>().0).zip(noise) {
        let hue = h + z * iso.degrees;
        let lightness = l + poisson.count(u32::from_le_bytes(*bits)) * iso.step * (1.0 - l);
        let lightness = if iso.cut { lightness } else { lightness.clamp(0.0, 1.0) };
        let rgb = hls::rgb_of_hls([hue * (6.0 / 360.0), lightness, *s]);
        *pixel = rgb.map(|v| {
            let v = v * 255.0;
            if iso.cut { v.clamp(0.0, 255.0) as u8 } else { math::round_u8(v) }
        });
    }
    scratch.give_f32(all);
}

/// Poisson numbers below 256 by a table of their cumulated probabilities, in units of 2^-32.
struct Poisson([u32; 256]);

impl Poisson {
    /// Of expectation `mean`, at least 0; what lies beyond 150 counts as 150, so that the table suffices.
    fn new(mean: f64) -> Self {
        let mean = mean.min(150.0);
        let (mut term, mut sum) = (math::exp(-mean), 0.0);
        Self(std::array::from_fn(|k| {
            sum += term;
            term *= mean / (k + 1) as f64;
            (sum * 4_294_967_296.0).min(4_294_967_295.0) as u32
        }))
    }

    /// The count of 32 random bits.
    fn count(&self, bits: u32) -> f32 {
        self.0.partition_point(|cumulated| *cumulated <= bits).min(255) as f32
    }
}

/// The covariance of red, green and blue in 0..=1 over the image, as of a sample.
fn covariance(pixels: &[[u8; 3]]) -> ([f64; 3], [[f64; 3]; 3]) {
    let n = pixels.len() as f64;
    let unit = |pixel: &[u8; 3]| pixel.map(|v| f64::from(v) / 255.0);
    let mut mean = [0.0; 3];
    for pixel in pixels {
        for (mean, v) in mean.iter_mut().zip(unit(pixel)) {
            *mean += v / n;
        }
    }
    let mut sums = [[0.0; 3]; 3];
    for pixel in pixels {
        let v = unit(pixel);
        for (row, sums) in sums.iter_mut().enumerate() {
            for (column, sum) in sums.iter_mut().enumerate() {
                *sum += (v[row] - mean[row]) * (v[column] - mean[column]);
            }
        }
    }
    (mean, sums.map(|row| row.map(|sum| sum / (n - 1.0).max(1.0))))
}

/// Eigenvalues of a symmetric matrix, the largest first, and their eigenvectors as columns, each of length 1 and with a positive sum.
///
/// C. G. J. Jacobi's rotations, "Über ein leichtes Verfahren...", Crelle's Journal 30 (1846).
fn eigen(mut m: [[f64; 3]; 3]) -> ([f64; 3], [[f64; 3]; 3]) {
    let mut vectors = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
    for _ in 0..12 {
        for (p, q) in [(0, 1), (0, 2), (1, 2)] {
            if m[p][q].abs() < 1e-300 {
                continue;
            }
            let theta = (m[q][q] - m[p][p]) / (2.0 * m[p][q]);
            let t = theta.signum() / (theta.abs() + (theta * theta + 1.0).sqrt());
            let c = 1.0 / (t * t + 1.0).sqrt();
            let s = t * c;
            for row in &mut m {
                (row[p], row[q]) = (c * row[p] - s * row[q], s * row[p] + c * row[q]);
            }
            let (a, b) = (m[p], m[q]);
            m[p] = std::array::from_fn(|i| c * a[i] - s * b[i]);
            m[q] = std::array::from_fn(|i| s * a[i] + c * b[i]);
            for row in &mut vectors {
                (row[p], row[q]) = (c * row[p] - s * row[q], s * row[p] + c * row[q]);
            }
        }
    }
    let mut order = [0, 1, 2];
    order.sort_by(|a, b| m[*b][*b].total_cmp(&m[*a][*a]));
    let sign = order.map(|i| if vectors.iter().map(|row| row[i]).sum::<f64>() < 0.0 { -1.0 } else { 1.0 });
    let sorted = vectors.map(|row| std::array::from_fn(|i| row[order[i]] * sign[i]));
    (order.map(|i| m[i][i]), sorted)
}

/// Adds to all pixels of a colored image the sum of its principal components, each times its variance and `alpha`; fractions are
/// cut off. A gray image stays as it is.
///
/// A. Krizhevsky, I. Sutskever, G. E. Hinton, "ImageNet Classification with Deep Convolutional Neural Networks" (2012).
pub fn shift_along_components(image: ImageMut<'_>, alpha: f64) {
    let ImageMut { shape, data } = image;
    let pixels = data.as_chunks_mut::<3>().0;
    if shape.channels() != 3 || pixels.is_empty() {
        return;
    }
    let (values, vectors) = eigen(covariance(pixels).1);
    let shift =
        vectors.map(|row| row.iter().zip(values).map(|(v, value)| v * value * alpha).sum::<f64>() * 255.0);
    for pixel in pixels {
        for (v, shift) in pixel.iter_mut().zip(shift) {
            *v = (f64::from(*v) + shift).clamp(0.0, 255.0) as u8;
        }
    }
}

/// Adds to each pixel of a colored image its distance to the mean color, taken as coordinates along the principal components,
/// each times its variance and its number of `alpha`; rounded half to even. A gray image's distances are multiplied by the first
/// number and the deviation.
///
/// This is what version 2 of Albumentations calls `FancyPCA`.
pub fn scale_along_components(image: ImageMut<'_>, alpha: [f32; 3]) {
    let ImageMut { shape, data } = image;
    if data.is_empty() {
        return;
    }
    if shape.channels() == 1 {
        let n = data.len() as f64;
        let mean = data.iter().map(|v| f64::from(*v)).sum::<f64>() / n / 255.0;
        let off = |v: u8| f64::from(v) / 255.0 - mean;
        let deviation = (data.iter().map(|v| off(*v) * off(*v)).sum::<f64>() / n).sqrt();
        let factor = f64::from(alpha[0]) * deviation;
        for v in data.iter_mut() {
            *v = math::round_u8(((f64::from(*v) / 255.0 + factor * off(*v)) * 255.0) as f32);
        }
        return;
    }
    let pixels = data.as_chunks_mut::<3>().0;
    let (mean, covariance) = covariance(pixels);
    let (values, vectors) = eigen(covariance);
    let factors: [f64; 3] = std::array::from_fn(|i| f64::from(alpha[i]) * values[i]);
    for pixel in pixels {
        let unit = pixel.map(|v| f64::from(v) / 255.0);
        for (channel, v) in pixel.iter_mut().enumerate() {
            let noise: f64 = (0..3).map(|i| vectors[channel][i] * factors[i] * (unit[i] - mean[i])).sum();
            *v = math::round_u8(((unit[channel] + noise) * 255.0) as f32);
        }
    }
}

/// The table of a tone curve: a Bezier curve from black to white with control points at `low` and `high` (0..=1), rounded half to
/// even.
#[must_use]
pub fn tone_curve(low: f64, high: f64) -> [u8; 256] {
    std::array::from_fn(|i| {
        let t = i as f64 * (1.0 / 255.0);
        let rest = 1.0 - t;
        let curve = 3.0 * (rest * rest) * t * low + 3.0 * rest * (t * t) * high + t * t * t;
        sat(math::rhe64(curve * 255.0))
    })
}

/// `first` times `factor` plus `second` times `other`, single precision, rounded half to even: OpenCV's `addWeighted`.
#[inline]
#[must_use]
pub fn weighted(first: u8, factor: f32, second: u8, other: f32) -> u8 {
    math::round_u8(f32::from(first) * factor + f32::from(second) * other)
}

/// Fills `weights` with a Gaussian of standard deviation `sigma` (above 0) that sums to 1, its middle in the middle.
pub fn gaussian_weights(sigma: f64, weights: &mut [f32], scratch: &mut Scratch) {
    let middle = (weights.len() / 2) as f64;
    let mut exact = scratch.take_f64(weights.len());
    for (i, weight) in exact.iter_mut().enumerate() {
        let x = (i as f64 - middle) / sigma;
        *weight = math::exp(-0.5 * (x * x));
    }
    let sum: f64 = exact.iter().sum();
    for (weight, exact) in weights.iter_mut().zip(&exact) {
        *weight = (exact / sum) as f32;
    }
    scratch.give_f64(exact);
}

/// How many taps a Gaussian has that was asked to have `size`, or by `sigma` if that is 0.
#[must_use]
pub fn gaussian_taps(size: usize, sigma: f64) -> usize {
    if size == 0 { 2 * (sigma * 3.5) as usize + 1 } else { size | 1 }
}

/// Covers `[left, top, right, bottom]` (the last two not included) with `fill`.
pub fn cover(
    mut image: ImageMut<'_>,
    [left, top, right, bottom]: [usize; 4],
    mut fill: impl FnMut() -> [u8; 3],
) {
    let Shape { height, width, kind } = image.shape;
    let channels = kind.count();
    let (left, right) = (left.min(width), right.min(width));
    for y in top..bottom.min(height) {
        for pixel in image.row_mut(y)[left * channels..right.max(left) * channels].chunks_exact_mut(channels)
        {
            for (v, fill) in pixel.iter_mut().zip(fill()) {
                *v = fill;
            }
        }
    }
}

/// Makes a smaller image of the pixels whose places, those of the smaller one over `scale`, are cut off to whole ones.
///
/// # Panics
/// If the channels differ.
pub fn pick(from: Image<'_>, mut to: ImageMut<'_>, scale: f64) {
    if !drawable(from, &to) {
        return;
    }
    let step = 1.0 / scale;
    let place = |at: usize, side: usize| ((at as f64 * step).floor() as usize).min(side - 1);
    let channels = from.shape.channels();
    for y in 0..to.shape.height {
        let row = from.row(place(y, from.shape.height));
        for (x, pixel) in to.row_mut(y).chunks_exact_mut(channels).enumerate() {
            pixel.copy_from_slice(&row[place(x, from.shape.width) * channels..][..channels]);
        }
    }
}

/// Mixes a value and its blurred neighbor: v + alpha times the difference taken modulo 256, clipped, the fraction cut off. (Bytes wrap
/// around there.)
#[inline]
#[must_use]
pub fn sharpened(value: u8, blurred: u8, alpha: f64) -> u8 {
    (f64::from(value) + alpha * f64::from(value.wrapping_sub(blurred))).clamp(0.0, 255.0) as u8
}

/// The kernel `(1 - alpha)` times the identity plus `alpha` times `effect`, as NumPy mixes them.
#[must_use]
pub fn mixed(alpha: f64, effect: [[f64; 3]; 3]) -> [[f32; 3]; 3] {
    let (own, other) = ((1.0 - alpha) as f32, alpha as f32);
    std::array::from_fn(|row| {
        std::array::from_fn(|column| {
            let identity = if (row, column) == (1, 1) { own } else { 0.0 };
            identity + other * effect[row][column] as f32
        })
    })
}

/// A table: values times `alpha` plus `beta`, single precision, clipped, the fraction cut off.
#[must_use]
pub fn linear_table(alpha: f32, beta: f32) -> [u8; 256] {
    std::array::from_fn(|v| (v as f32 * alpha + beta).clamp(0.0, 255.0) as u8)
}

/// The same in double precision.
#[must_use]
pub fn linear_table64(alpha: f64, beta: f64) -> [u8; 256] {
    std::array::from_fn(|v| (v as f64 * alpha + beta).clamp(0.0, 255.0) as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_are_cut_off_in_two_ways() {
        assert_eq!([added(10, -3.5, Cut::Sum), added(10, -3.5, Cut::Number)], [6, 7]);
        assert_eq!([added(10, 3.5, Cut::Sum), added(10, 3.5, Cut::Number)], [13, 13]);
        assert_eq!([added(10, -1e9, Cut::Sum), added(10, 1e9, Cut::Number)], [0, 255]);
    }

    #[test]
    fn eigenvectors_take_the_matrix_apart() {
        let m = [[2.0, 0.5, 0.25], [0.5, 1.0, -0.3], [0.25, -0.3, 3.0]];
        let (values, vectors) = eigen(m);
        assert!(values[0] > values[1] && values[1] > values[2]);
        for i in 0..3 {
            for row in 0..3 {
                let product: f64 = (0..3).map(|k| m[row][k] * vectors[k][i]).sum();
                assert!((product - values[i] * vectors[row][i]).abs() < 1e-12);
            }
        }
        assert_eq!(eigen([[0.0; 3]; 3]).0, [0.0; 3]);
    }

    #[test]
    fn poisson_numbers_have_their_mean_and_variance() {
        for mean in [0.0, 0.06, 3.0, 38.0] {
            let poisson = Poisson::new(mean);
            let counts: Vec<f64> =
                (0..4096_u32).map(|i| f64::from(poisson.count((i << 20) + (1 << 19)))).collect();
            let n = counts.len() as f64;
            let average = counts.iter().sum::<f64>() / n;
            let variance = counts.iter().map(|c| (c - average) * (c - average)).sum::<f64>() / n;
            assert!((average - mean).abs() < 0.01 * mean + 0.001, "{mean}: {average}");
            assert!((variance - mean).abs() < 0.03 * mean + 0.002, "{mean}: {variance}");
        }
    }

    #[test]
    fn curves_without_a_bend_are_straight() {
        assert!(tone_curve(1.0 / 3.0, 2.0 / 3.0).iter().enumerate().all(|(i, v)| i == usize::from(*v)));
        assert_eq!(tone_curve(0.0, 1.0)[128], 128);
        assert!(tone_curve(0.0, 0.5)[128] < 100);
    }

    #[test]
    fn holes_end_at_the_border() {
        let mut data = [9; 6];
        cover(ImageMut::new(Shape::gray(2, 3), &mut data), [1, 0, 7, 1], || [1; 3]);
        assert_eq!(data, [9, 1, 1, 9, 9, 9]);
    }

    #[test]
    fn gaussians_sum_to_one() {
        assert_eq!([gaussian_taps(0, 0.5), gaussian_taps(0, 3.0), gaussian_taps(4, 9.0)], [3, 21, 5]);
        let mut weights = [0.0; 21];
        gaussian_weights(3.0, &mut weights, &mut Scratch::default());
        assert!((weights.iter().sum::<f32>() - 1.0).abs() < 1e-6);
        assert_eq!(weights[2], weights[18]);
    }
}
