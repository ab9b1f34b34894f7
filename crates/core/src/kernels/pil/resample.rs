//! Pillow's `resize`: weights of each axis in fixed point with 22 bits, one axis after the other, bytes between them.

use crate::base::math::{cos, sat, sin};
use crate::base::{Image, ImageMut, Scratch, Shape};
use crate::kernels::entry::{drawable, for_channels};

/// How the value of a new pixel is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filter {
    /// The pixel at the new one's center.
    Nearest,
    /// A triangle, as wide as a new pixel where the image shrinks.
    Bilinear,
    /// Cubic convolution with a = -0.5.
    Bicubic,
    /// A windowed sine of three lobes.
    Lanczos,
    /// The mean of the area.
    Box,
    /// A windowed sine of one lobe.
    Hamming,
}

impl Filter {
    fn support(self) -> f64 {
        match self {
            Self::Nearest => 0.0,
            Self::Bilinear | Self::Hamming => 1.0,
            Self::Bicubic => 2.0,
            Self::Lanczos => 3.0,
            Self::Box => 0.5,
        }
    }

    fn weight(self, x: f64) -> f64 {
        let sinc =
            |x: f64| if x == 0.0 { 1.0 } else { sin(x * std::f64::consts::PI) / (x * std::f64::consts::PI) };
        let far = x.abs();
        match self {
            Self::Nearest => 1.0,
            Self::Bilinear if far < 1.0 => 1.0 - far,
            Self::Bicubic if far < 1.0 => ((1.5 * far - 2.5) * far) * far + 1.0,
            Self::Bicubic if far < 2.0 => (((far - 5.0) * far + 8.0) * far - 4.0) * -0.5,
            Self::Lanczos if far < 3.0 => sinc(x) * sinc(x / 3.0),
            Self::Box if x > -0.5 && x <= 0.5 => 1.0,
            Self::Hamming if far == 0.0 => 1.0,
            Self::Hamming if far < 1.0 => sinc(far) * (0.54 + 0.46 * cos(far * std::f64::consts::PI)),
            Self::Bilinear | Self::Bicubic | Self::Lanczos | Self::Box | Self::Hamming => 0.0,
        }
    }
}

/// Behind the point of weights.
const BITS: u32 = 22;

/// Resizes `src` to the size of `dst`; equal sizes are copied. Which axis comes first is Pillow 13's choice.
pub fn resize(src: Image<'_>, mut dst: ImageMut<'_>, filter: Filter, scratch: &mut Scratch) {
    if !drawable(src, &dst) {
        return;
    }
    let (from, to) = (src.shape, dst.shape);
    if from == to {
        dst.data.copy_from_slice(src.data);
        return;
    }
    if filter == Filter::Nearest {
        for_channels!(from, C => nearest::<C>(src, dst));
        return;
    }
    let vertical_first = to.height < from.height
        && from.height as i64 - to.height as i64 > 2 * (from.width as i64 - to.width as i64);
    let between = if vertical_first {
        Shape::new(to.height, from.width, from.kind)
    } else {
        Shape::new(from.height, to.width, from.kind)
    };
    if between == from || between == to {
        if to.width == from.width {
            rows(src, &mut dst, filter, scratch);
        } else {
            columns(src, &mut dst, filter, scratch);
        }
        return;
    }
    let mut room = scratch.take_u8(between.bytes());
    let mut middle = ImageMut::new(between, &mut room);
    if vertical_first {
        rows(src, &mut middle, filter, scratch);
        columns(middle.as_image(), &mut dst, filter, scratch);
    } else {
        columns(src, &mut middle, filter, scratch);
        rows(middle.as_image(), &mut dst, filter, scratch);
    }
    scratch.give_u8(room);
}

fn nearest<const C: usize>(src: Image<'_>, mut dst: ImageMut<'_>) {
    // Sums that run along, as in Pillow's scaling transform.
    let (sy, sx) =
        (src.shape.height as f64 / dst.shape.height as f64, src.shape.width as f64 / dst.shape.width as f64);
    let mut y0 = sy * 0.5;
    for y in 0..dst.shape.height {
        let from = src.row((y0 as usize).min(src.shape.height - 1)).as_chunks::<C>().0;
        let mut x0 = sx * 0.5;
        for pixel in dst.row_mut(y).as_chunks_mut::<C>().0 {
            *pixel = from[(x0 as usize).min(from.len() - 1)];
            x0 += sx;
        }
        y0 += sy;
    }
}

/// The weights of one axis: for each new index the first old one and how many weigh in, `stride` weights apart.
struct Axis {
    bounds: Vec<i32>,
    weights: Vec<i32>,
    stride: usize,
}

impl Axis {
    fn new(n: usize, m: usize, filter: Filter, scratch: &mut Scratch) -> Self {
        let scale = n as f64 / m as f64;
        let wide = if scale > 1.0 { scale } else { 1.0 };
        let support = filter.support() * wide;
        let stride = support.ceil() as usize * 2 + 1;
        let mut own = Self { bounds: scratch.take_i32(2 * m), weights: scratch.take_i32(stride * m), stride };
        let mut parts = scratch.take_f64(stride);
        for j in 0..m {
            let center = (j as f64 + 0.5) * scale;
            let low = ((center - support + 0.5) as i64).max(0) as usize;
            let high = ((center + support + 0.5) as usize).min(n);
            let count = high.saturating_sub(low).min(stride);
            let mut total = 0.0;
            for (i, part) in parts.iter_mut().take(count).enumerate() {
                *part = filter.weight(((i + low) as f64 - center + 0.5) * (1.0 / wide));
                total += *part;
            }
            for (i, part) in parts.iter().take(count).enumerate() {
                let share = if total == 0.0 { *part } else { part / total };
                let fixed = share * f64::from(1_u32 << BITS);
                own.weights[j * stride + i] = (if share < 0.0 { fixed - 0.5 } else { fixed + 0.5 }) as i32;
            }
            own.bounds[2 * j] = low as i32;
            own.bounds[2 * j + 1] = count as i32;
        }
        scratch.give_f64(parts);
        own
    }

    fn of(&self, j: usize) -> (usize, &[i32]) {
        let (low, count) = (self.bounds[2 * j] as usize, self.bounds[2 * j + 1] as usize);
        (low, &self.weights[j * self.stride..j * self.stride + count])
    }

    fn give(self, scratch: &mut Scratch) {
        scratch.give_i32(self.bounds);
        scratch.give_i32(self.weights);
    }
}

/// Half of one, which rounds.
const HALF: i32 = 1 << (BITS - 1);

fn columns(src: Image<'_>, dst: &mut ImageMut<'_>, filter: Filter, scratch: &mut Scratch) {
    let axis = Axis::new(src.shape.width, dst.shape.width, filter, scratch);
    let channels = src.shape.channels();
    for y in 0..dst.shape.height {
        let from = src.row(y);
        for (j, pixel) in dst.row_mut(y).chunks_exact_mut(channels).enumerate() {
            let (low, weights) = axis.of(j);
            for (c, value) in pixel.iter_mut().enumerate() {
                let taps = weights.iter().enumerate();
                let sum = taps.fold(HALF, |sum, (i, w)| {
                    sum.wrapping_add(w.wrapping_mul(i32::from(from[(low + i) * channels + c])))
                });
                *value = sat(sum >> BITS);
            }
        }
    }
    axis.give(scratch);
}

fn rows(src: Image<'_>, dst: &mut ImageMut<'_>, filter: Filter, scratch: &mut Scratch) {
    let axis = Axis::new(src.shape.height, dst.shape.height, filter, scratch);
    let mut sums = scratch.take_i32(src.shape.stride());
    for j in 0..dst.shape.height {
        let (low, weights) = axis.of(j);
        sums.fill(HALF);
        for (i, w) in weights.iter().enumerate() {
            for (sum, v) in sums.iter_mut().zip(src.row(low + i)) {
                *sum = sum.wrapping_add(w.wrapping_mul(i32::from(*v)));
            }
        }
        for (value, sum) in dst.row_mut(j).iter_mut().zip(&sums) {
            *value = sat(sum >> BITS);
        }
    }
    scratch.give_i32(sums);
    axis.give(scratch);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_constant_stays_one_and_one_pixel_fills_all() {
        for filter in [
            Filter::Nearest,
            Filter::Bilinear,
            Filter::Bicubic,
            Filter::Lanczos,
            Filter::Box,
            Filter::Hamming,
        ] {
            for (from, to) in [((1, 1), (3, 2)), ((5, 7), (1, 1)), ((5, 7), (9, 4)), ((9, 2), (3, 5))] {
                let (from, to) = (Shape::rgb(from.0, from.1), Shape::rgb(to.0, to.1));
                let data = vec![77; from.bytes()];
                let mut out = vec![0; to.bytes()];
                resize(Image::new(from, &data), ImageMut::new(to, &mut out), filter, &mut Scratch::default());
                assert_eq!(out, vec![77; to.bytes()], "{filter:?} {from} {to}");
            }
        }
    }
}
