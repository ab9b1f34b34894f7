//! The smooth elastic deformation with an affine map in one pass.
//!
//! The classic deformation of handwritten digits smooths a random number per pixel with a wide Gaussian.
//! What comes out is smooth on the scale of sigma, so that a few numbers per sigma describe it: the field
//! here is a cubic B-spline surface over a lattice of random control values. The basis function of a
//! lattice with spacing s has the standard deviation s / sqrt(3); it stands for the Gaussian of
//! sigma = s / sqrt(3). The control values are independent, nearly normal, and scaled so that the
//! displacements have the variance that uniform noise in [-1, 1) would have after smoothing with the
//! Gaussian and multiplication by alpha: alpha^2 / 3 / (4 pi sigma^2), far from borders.
//!
//! I. Schoenberg, "Contributions to the problem of approximation of equidistant data by analytic
//! functions", Quarterly of Applied Mathematics 4 (1946), for the splines.

use super::affine::Matrix;
use super::border::{Border, Cval};
use super::entry::{drawable, for_channels};
use super::sampling::{Coordinates, Extended, clamp};
use crate::base::math::rhe;
use crate::base::{Image, ImageMut, Scratch, Shape};

/// Where the control values of a field lie.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lattice {
    /// Pixels from one control value to the next; the first lies one spacing before the first pixel.
    pub spacing: f32,
    /// Control values along y.
    pub rows: usize,
    /// Control values along x.
    pub columns: usize,
}

/// Random bytes that make one control value.
const BYTES: usize = 4;

impl Lattice {
    /// The lattice that stands for a Gaussian of `sigma` pixels (at least 0.5) on an image of shape `on`.
    #[must_use]
    pub fn new(sigma: f64, on: Shape) -> Self {
        let spacing = (sigma.max(0.5) * 3.0_f64.sqrt()) as f32;
        let lines = |pixels: usize| (pixels.saturating_sub(1) as f32 / spacing) as usize + 4;
        Self { spacing, rows: lines(on.height), columns: lines(on.width) }
    }

    /// Control values of one component.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows * self.columns
    }

    /// Whether there are none; there always are.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many random bytes [`control_values`](Self::control_values) needs.
    #[must_use]
    pub fn noise_bytes(&self) -> usize {
        2 * self.len() * BYTES
    }

    /// Makes the control values of both components, in pixels, from uniform random bytes.
    ///
    /// `control` receives for each lattice column the values of its rows, x displacements before y
    /// displacements. A value is a sum of four bytes: nearly normal, at most 3.45 standard deviations.
    ///
    /// # Panics
    /// If the lengths are not [`noise_bytes`](Self::noise_bytes) and two times [`len`](Self::len).
    pub fn control_values(&self, noise: &[u8], alpha: f64, sigma: f64, control: &mut [f32]) {
        assert_eq!(noise.len(), self.noise_bytes(), "four bytes per control value");
        assert_eq!(control.len(), 2 * self.len(), "two components");
        // The mean over a cell of the sum of squared B-spline weights, in one dimension.
        let gain = 151.0 / 315.0;
        let wanted = alpha / 3.0_f64.sqrt() / (2.0 * std::f64::consts::PI.sqrt() * sigma.max(0.5));
        let byte_sum_deviation = (BYTES as f64 * (256.0 * 256.0 - 1.0) / 12.0).sqrt();
        let factor = (wanted / gain / byte_sum_deviation) as f32;
        for (value, bytes) in control.iter_mut().zip(noise.as_chunks::<BYTES>().0) {
            let sum: i32 = bytes.iter().map(|&b| i32::from(b)).sum();
            *value = (sum - 510) as f32 * factor;
        }
    }

    /// The displacement at the pixel (x, y), for whoever needs a few points only.
    #[must_use]
    pub fn displacement(&self, control: &[f32], x: f32, y: f32) -> [f32; 2] {
        let ((left, along), (top, down)) = (self.weights(x, self.columns), self.weights(y, self.rows));
        let mut sums = [0.0; 2];
        for (i, u) in along.into_iter().enumerate() {
            for (j, v) in down.into_iter().enumerate() {
                for (axis, sum) in sums.iter_mut().enumerate() {
                    *sum += u * v * control[((left + i) * 2 + axis) * self.rows + top + j];
                }
            }
        }
        sums
    }

    /// The first of four lines that reach the pixel `at`, and their weights.
    fn weights(&self, at: f32, lines: usize) -> (usize, [f32; 4]) {
        let position = (at / self.spacing).max(0.0);
        let first = (position as usize).min(lines - 4);
        (first, bspline_weights(position - first as f32))
    }
}

/// The four cubic B-spline weights at `t` in 0..1 of a cell.
#[inline]
fn bspline_weights(t: f32) -> [f32; 4] {
    const SIXTH: f32 = 1.0 / 6.0;
    let s = 1.0 - t;
    let (t2, t3) = (t * t, t * t * t);
    [s * s * s * SIXTH, (3.0 * t3 - 6.0 * t2 + 4.0) * SIXTH, (3.0 * (t + t2 - t3) + 1.0) * SIXTH, t3 * SIXTH]
}

/// Draws `dst` by reading `src`, bilinearly at 1/32 pixel, at `inverse` of each output pixel less the
/// displacement of the output pixel.
///
/// `control` is what [`Lattice::control_values`] made.
///
/// # Panics
/// If the shapes differ, the channels are neither 1 nor 3, or the lattice is not that of the shape.
#[expect(clippy::too_many_arguments, reason = "what, where to, how it moves, what lies beyond, room to work")]
pub fn warp_smooth(
    src: Image<'_>,
    dst: ImageMut<'_>,
    inverse: &Matrix,
    lattice: &Lattice,
    control: &[f32],
    border: Border,
    cval: Cval,
    scratch: &mut Scratch,
) {
    assert_eq!(src.shape, dst.shape, "an elastic deformation keeps the shape");
    assert_eq!(control.len(), 2 * lattice.len(), "two control values per lattice point");
    if !drawable(src, &dst) {
        return;
    }
    for_channels!(src.shape, C => warp::<C>(src, dst, inverse, lattice, control, border, cval, scratch));
}

#[expect(clippy::too_many_arguments, reason = "as its caller")]
fn warp<const C: usize>(
    src: Image<'_>,
    mut dst: ImageMut<'_>,
    inverse: &Matrix,
    lattice: &Lattice,
    control: &[f32],
    border: Border,
    cval: Cval,
    scratch: &mut Scratch,
) {
    const UNIT: f32 = 32.0;
    let (height, width) = (src.shape.height, src.shape.width);
    let extended = Extended::new::<C>(src, border, cval, scratch);
    let bounds = extended.fold.bounds.map(|axis| axis.map(|v| v * UNIT));

    let padded = Coordinates::padded(width);

    // Along x first: one line per component and lattice row.
    let rows = lattice.rows;
    let lines_per_column = 2 * rows;
    let mut lines = scratch.take_f32(lines_per_column * padded);
    lines.fill(0.0);
    for x in 0..width {
        let (left, weights) = lattice.weights(x as f32, lattice.columns);
        let weights = weights.map(|w| w * UNIT);
        let four = &control[left * lines_per_column..][..4 * lines_per_column];
        let ((p, q), (r, s)) = (
            four[..2 * lines_per_column].split_at(lines_per_column),
            four[2 * lines_per_column..].split_at(lines_per_column),
        );
        for (((line, p), q), (r, s)) in lines.chunks_exact_mut(padded).zip(p).zip(q).zip(r.iter().zip(s)) {
            line[x] = p * weights[0] + q * weights[1] + r * weights[2] + s * weights[3];
        }
    }

    let m = inverse.map(|row| row.map(|v| v as f32 * UNIT));
    let mut along = scratch.take_f32(2 * padded);
    for (line, row) in along.chunks_exact_mut(padded).zip(m) {
        for (x, value) in line.iter_mut().enumerate() {
            *value = row[0] * x as i32 as f32;
        }
    }
    let mut coordinates = Coordinates::new(width, scratch);
    for y in 0..height {
        let (top, weights) = lattice.weights(y as f32, rows);
        for (axis, out) in coordinates.axes().into_iter().enumerate() {
            let start = m[axis][1] * y as f32 + m[axis][2];
            let along = &along[axis * padded..][..padded];
            let four = &lines[(axis * rows + top) * padded..][..4 * padded];
            let ((p, q), (r, s)) = (four[..2 * padded].split_at(padded), four[2 * padded..].split_at(padded));
            let out = &mut out[..padded];
            for x in 0..padded {
                let upper = p[x] * weights[0] + q[x] * weights[1];
                let lower = r[x] * weights[2] + s[x] * weights[3];
                out[x] = rhe(clamp(along[x] + start - (upper + lower), bounds[axis]));
            }
        }
        extended.fold.apply(&mut coordinates, UNIT as i32);
        extended.linear_row::<C>(&mut coordinates, dst.row_mut(y));
    }
    coordinates.recycle(scratch);
    scratch.give_f32(along);
    scratch.give_f32(lines);
    extended.recycle(scratch);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Channels, Stream};
    use proptest::prelude::*;

    const IDENTITY: Matrix = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]];

    #[test]
    fn a_digit_needs_a_lattice_of_seven() {
        let lattice = Lattice::new(4.5, Shape::gray(28, 28));
        assert_eq!((lattice.rows, lattice.columns, lattice.noise_bytes()), (7, 7, 392));
    }

    /// Displacements have the spread of smoothed uniform noise, and neighbors move together.
    #[test]
    fn the_field_has_the_variance_of_smoothed_noise() {
        let (alpha, sigma) = (34.0, 4.0);
        let on = Shape::gray(60, 60);
        let lattice = Lattice::new(sigma, on);
        let mut rng = Stream::of_key(3);
        let (mut squares, mut products, mut n) = (0.0, 0.0, 0.0);
        for _ in 0..60 {
            let mut noise = vec![0; lattice.noise_bytes()];
            rng.fill(&mut noise);
            let mut control = vec![0.0; 2 * lattice.len()];
            lattice.control_values(&noise, alpha, sigma, &mut control);
            for i in 0..30 {
                let at = |x: usize| lattice.displacement(&control, x as f32, (i * 2) as f32);
                for (a, b) in at(i * 2).into_iter().zip(at(i * 2 + 4)) {
                    squares += f64::from(a * a);
                    products += f64::from(a * b);
                    n += 1.0;
                }
            }
        }
        let wanted = alpha * alpha / (12.0 * std::f64::consts::PI * sigma * sigma);
        assert!((squares / n / wanted - 1.0).abs() < 0.12, "{} for {wanted}", squares / n);
        // Two points at a distance d correlate as exp(-d^2 / 4 sigma^2) = 0.78.
        assert!((products / squares - 0.78).abs() < 0.07, "{}", products / squares);
    }

    proptest! {
        #[test]
        fn no_amplitude_is_the_affine_map_alone(h in 1_usize..12, w in 1_usize..12, rgb: bool, seed: u64) {
            let shape = Shape::new(h, w, Channels::colored(rgb));
            let mut rng = Stream::of_key(seed);
            let mut data = vec![0; shape.bytes()];
            rng.fill(&mut data);
            let lattice = Lattice::new(4.0, shape);
            let control = vec![0.0; 2 * lattice.len()];
            let mut got = vec![0; shape.bytes()];
            let mut scratch = Scratch::default();
            let src = Image::new(shape, &data);
            let dst = ImageMut::new(shape, &mut got);
            warp_smooth(src, dst, &IDENTITY, &lattice, &control, Border::Constant, [0; 3], &mut scratch);
            prop_assert_eq!(&got, &data);
        }

        #[test]
        fn a_constant_field_is_a_translation(h in 2_usize..12, w in 2_usize..12, seed: u64) {
            let shape = Shape::gray(h, w);
            let mut rng = Stream::of_key(seed);
            let mut data = vec![0; shape.bytes()];
            rng.fill(&mut data);
            let lattice = Lattice::new(4.0, shape);
            // Content moves right by one pixel: B-spline weights sum to 1.
            let mut control = vec![0.0; 2 * lattice.len()];
            for column in control.chunks_exact_mut(2 * lattice.rows) {
                column[..lattice.rows].fill(1.0);
            }
            let mut got = vec![0; shape.bytes()];
            let (src, dst) = (Image::new(shape, &data), ImageMut::new(shape, &mut got));
            let mut scratch = Scratch::default();
            warp_smooth(src, dst, &IDENTITY, &lattice, &control, Border::Edge, [0; 3], &mut scratch);
            for y in 0..h {
                for x in 0..w {
                    prop_assert_eq!(got[y * w + x], data[y * w + x.saturating_sub(1)]);
                }
            }
        }
    }
}
