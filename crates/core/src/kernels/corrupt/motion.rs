//! Motion blurs with ImageMagick's taps, which lie on one side of the pixel: as ImageMagick computes them, and as shifted images.

use super::pairwise_sum;
use crate::base::Scratch;
use crate::base::math::{cos, exp, sin};
use crate::kernels::border::edge;

/// The most taps.
const MOST: usize = 257;

/// Weights and places of the pixels that are summed.
struct Trace {
    weights: Vec<f64>,
    /// Columns and rows, one pair for each weight.
    places: Vec<i32>,
}

impl Trace {
    /// As many taps as twice the radius, rounded up, and one; the i-th of them i pixels away in the direction of `angle` in degrees.
    fn new(radius: f64, sigma: f64, angle: f64, scratch: &mut Scratch) -> Self {
        let n = (2 * radius.clamp(0.0, 128.0).ceil() as usize + 1).min(MOST);
        let (mut weights, mut places) = (scratch.take_f64(n), scratch.take_i32(2 * n));
        let turn = angle * (std::f64::consts::PI / 180.0);
        let (along, down) = (cos(turn), sin(turn));
        for (i, weight) in weights.iter_mut().enumerate() {
            *weight =
                exp(-((i * i) as f64) / (2.0 * sigma * sigma)) / ((std::f64::consts::TAU).sqrt() * sigma);
            places[2 * i] = (i as f64 * along - 0.5).ceil() as i32;
            places[2 * i + 1] = (i as f64 * down - 0.5).ceil() as i32;
        }
        let sum = pairwise_sum(&weights);
        for weight in &mut weights {
            *weight /= sum;
        }
        Self { weights, places }
    }

    fn taps(&self) -> impl Iterator<Item = (f64, [i32; 2])> {
        self.weights.iter().copied().zip(self.places.as_chunks::<2>().0.iter().copied())
    }

    fn give(self, scratch: &mut Scratch) {
        scratch.give_i32(self.places);
        scratch.give_f64(self.weights);
    }
}

/// A plane with as many pixels around it as a trace reaches, so that every tap is a shifted copy.
struct Wide {
    data: Vec<f64>,
    width: usize,
    left: i32,
    top: i32,
}

impl Wide {
    fn new(plane: &[f64], width: usize, trace: &Trace, scratch: &mut Scratch) -> Self {
        let height = plane.len() / width;
        let reach = |axis: usize| {
            let places = || trace.taps().map(|(_, place)| place[axis]);
            (places().min().unwrap_or(0).min(0), places().max().unwrap_or(0).max(0))
        };
        let ((left, right), (top, bottom)) = (reach(0), reach(1));
        let wide = (width as i32 + right - left) as usize;
        let mut data = scratch.take_f64(wide * (height as i32 + bottom - top) as usize);
        for (y, to) in data.chunks_exact_mut(wide).enumerate() {
            let from = &plane[edge(y as i32 + top, height) * width..][..width];
            let (before, rest) = to.split_at_mut(-left as usize);
            let (middle, after) = rest.split_at_mut(width);
            before.fill(from[0]);
            middle.copy_from_slice(from);
            after.fill(from[width - 1]);
        }
        Self { data, width: wide, left, top }
    }

    /// The row of pixels that lie `place` from those of row `y`.
    fn row(&self, y: usize, [dx, dy]: [i32; 2], width: usize) -> &[f64] {
        let at = (y as i32 + dy - self.top) as usize * self.width + (dx - self.left) as usize;
        &self.data[at..at + width]
    }
}

/// Blurs a gray plane as ImageMagick 6 with 16 bits does: sums of 257 times the bytes are rounded, and divided by 257 without
/// rounding. Beyond the border is the nearest pixel.
///
/// # Panics
/// If the rows are not whole.
pub fn magick(plane: &mut [u8], width: usize, radius: f64, sigma: f64, angle: f64, scratch: &mut Scratch) {
    if plane.is_empty() {
        return;
    }
    assert!(plane.len().is_multiple_of(width), "rows of {width} pixels");
    let mut values = scratch.take_f64(plane.len());
    for (to, from) in values.iter_mut().zip(&*plane) {
        *to = f64::from(u16::from(*from) * 257);
    }
    let trace = Trace::new(radius, sigma, angle, scratch);
    let wide = Wide::new(&values, width, &trace, scratch);
    let mut sums = scratch.take_f64(width);
    for (y, to) in plane.chunks_exact_mut(width).enumerate() {
        sums.fill(0.0);
        for (weight, place) in trace.taps() {
            for (sum, v) in sums.iter_mut().zip(wide.row(y, place, width)) {
                *sum += weight * v;
            }
        }
        for (to, sum) in to.iter_mut().zip(&sums) {
            *to = ((sum + 0.5) as u32 / 257).min(255) as u8;
        }
    }
    scratch.give_f64(sums);
    scratch.give_f64(wide.data);
    trace.give(scratch);
    scratch.give_f64(values);
}

/// Blurs a plane by adding shifted copies. The first copy that is shifted by the whole height or
/// width ends the sum, however much of the weight is left.
///
/// # Panics
/// If the rows are not whole.
pub fn shifted(plane: &mut [f64], width: usize, radius: f64, sigma: f64, angle: f64, scratch: &mut Scratch) {
    if plane.is_empty() {
        return;
    }
    assert!(plane.len().is_multiple_of(width), "rows of {width} numbers");
    let height = plane.len() / width;
    let trace = Trace::new(radius, sigma, angle, scratch);
    let mut before = scratch.take_f64(plane.len());
    before.copy_from_slice(plane);
    plane.fill(0.0);
    for (weight, [dx, dy]) in trace.taps() {
        if dy.unsigned_abs() as usize >= height || dx.unsigned_abs() as usize >= width {
            break;
        }
        for (y, to) in plane.chunks_exact_mut(width).enumerate() {
            let from = &before[edge(y as i32 + dy, height) * width..][..width];
            for (x, to) in to.iter_mut().enumerate() {
                *to += weight * from[edge(x as i32 + dx, width)];
            }
        }
    }
    scratch.give_f64(before);
    trace.give(scratch);
}
