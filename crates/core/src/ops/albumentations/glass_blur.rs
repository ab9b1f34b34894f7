//! `albumentations.glass_blur`: exchanges pixels with neighbors, between two blurs.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::pixels::unmoved;
use crate::base::math::rhe64;
use crate::base::{Canvas, Channels, ImageMut, Scratch, Shape, Stream};
use crate::kernels::blur;
use crate::ops::range::within;
use crate::ops::{Doc, Op, Problem};

crate::named! {
    /// In which order pixels are exchanged.
    pub enum Mode {
        /// All at the same time.
        Fast = "fast",
        /// One after the other.
        Exact = "exact",
    }
}

/// Exchanges pixels with neighbors, between two blurs, as Albumentations' `GlassBlur` does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct GlassBlur {
    /// Standard deviation of both blurs in pixels, 0.01..100.
    pub sigma: f64,
    /// How far away a neighbor may lie, 1..255 pixels.
    pub max_delta: u8,
    /// How often each pixel is exchanged, 1..100.
    pub iterations: u8,
    /// `fast` or `exact`.
    pub mode: Mode,
}

impl Default for GlassBlur {
    fn default() -> Self {
        Self { sigma: 0.7, max_delta: 4, iterations: 2, mode: Mode::Fast }
    }
}

/// What happens to one image.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// Standard deviation of both blurs.
    pub sigma: f64,
    /// How far away a neighbor may lie.
    pub max_delta: u8,
    /// How often each pixel is exchanged.
    pub iterations: u8,
    /// In which way.
    pub mode: Mode,
    /// What the random numbers are expanded from.
    pub key: u64,
}

/// The rows and columns whose pixels are exchanged, from the last one on: nearer to the border, a neighbor might not exist.
fn inner(side: usize, delta: usize) -> impl Iterator<Item = usize> {
    (delta + 1..=side.saturating_sub(delta)).rev()
}

/// Exchanges all pixels at the same time with neighbors at -`delta`..`delta` - 1 rows and columns. Each gets its neighbor's value; then each
/// neighbor that of the last pixel that chose it.
fn at_once(image: ImageMut<'_>, delta: usize, rng: &mut Stream, scratch: &mut Scratch) {
    let ImageMut { shape, data } = image;
    let Shape { height, width, kind } = shape;
    let channels = kind.count();
    let mut before = scratch.take_u8(data.len());
    before.copy_from_slice(data);
    let pairs = inner(height, delta).count() * inner(width, delta).count();
    let mut others = scratch.take_i32(pairs);
    for other in &mut others {
        let mut by = || rng.integer(-(delta as i64), delta as i64 - 1);
        *other = (by() * width as i64 + by()) as i32;
    }
    let pixels = || inner(width, delta).flat_map(move |x| inner(height, delta).map(move |y| y * width + x));
    let values = |at: usize| at * channels..(at + 1) * channels;
    for (at, other) in pixels().zip(&others) {
        data[values(at)].copy_from_slice(&before[values(at.saturating_add_signed(*other as isize))]);
    }
    for (at, other) in pixels().zip(&others) {
        data[values(at.saturating_add_signed(*other as isize))].copy_from_slice(&before[values(at)]);
    }
    scratch.give_i32(others);
    scratch.give_u8(before);
}

/// The same one by one. In colored images, pixels get their neighbors' values and do not give their own.
fn one_by_one(image: ImageMut<'_>, delta: usize, rng: &mut Stream) {
    let ImageMut { shape, data } = image;
    let Shape { height, width, kind } = shape;
    let mut by = || rng.integer(-(delta as i64), delta as i64 - 1);
    for y in inner(height, delta) {
        for x in inner(width, delta) {
            let other = (y as i64 + by()) as usize * width + (x as i64 + by()) as usize;
            let at = y * width + x;
            match kind {
                Channels::Gray => data.swap(at, other),
                Channels::Rgb => data.copy_within(other * 3..other * 3 + 3, at * 3),
            }
        }
    }
}

impl Op for GlassBlur {
    type Drawn = Drawn;

    const DOC: Doc = Doc {
        summary: "Exchanges pixels with neighbors, between two blurs, as Albumentations' GlassBlur does.",
        notes: "Images of at most twice max_delta rows or columns are only blurred. In the mode exact, colored pixels take over their neighbors' values without giving their own, as there.",
        short: Some("sigma"),
        examples: &[
            "albumentations.glass_blur: {}",
            "albumentations.glass_blur: { sigma: 1.2, max_delta: 2, iterations: 1, mode: exact }",
        ],
    };

    fn check(&self) -> Result<(), Problem> {
        within("sigma", &self.sigma, &(0.01..=100.0))?;
        within("max_delta", &self.max_delta, &(1..=255))?;
        within("iterations", &self.iterations, &(1..=100))
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Drawn {
        Drawn {
            sigma: self.sigma,
            max_delta: self.max_delta,
            iterations: self.iterations,
            mode: self.mode,
            key: rng.u64(),
        }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        let sigma = drawn.sigma.clamp(0.0, 100.0);
        let size = rhe64(6.0 * sigma + 1.0) as usize | 1;
        let shape = canvas.shape();
        canvas.redraw(shape, |from, to, scratch| blur::gaussian_blur_sized(from, to, size, sigma, scratch));
        let (mut rng, delta) = (Stream::of_key(drawn.key), usize::from(drawn.max_delta.max(1)));
        for _ in 0..drawn.iterations {
            canvas.in_place(|image, scratch| match drawn.mode {
                Mode::Fast => at_once(image, delta, &mut rng, scratch),
                Mode::Exact => one_by_one(image, delta, &mut rng),
            });
        }
        canvas.redraw(shape, |from, to, scratch| blur::gaussian_blur_sized(from, to, size, sigma, scratch));
    }

    unmoved!();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pixels_are_exchanged_and_none_is_lost() {
        let before: Vec<u8> = (0..200).collect();
        let mut data = before.clone();
        one_by_one(ImageMut::new(Shape::gray(10, 20), &mut data), 3, &mut Stream::of_key(2));
        assert_ne!(data, before);
        // The border is as wide as the reach, and one more at the top and the left.
        assert_eq!(data[..20], before[..20]);
        data.sort_unstable();
        assert_eq!(data, before);
        let mut small = [1, 2, 3, 4];
        one_by_one(ImageMut::new(Shape::gray(2, 2), &mut small), 3, &mut Stream::of_key(2));
        assert_eq!(small, [1, 2, 3, 4]);
    }

    #[test]
    fn pixels_that_are_exchanged_at_once_come_from_nearby() {
        let shape = Shape::rgb(12, 15);
        let before: Vec<u8> = (0..shape.bytes()).map(|i| (i / 3) as u8).collect();
        let mut data = before.clone();
        let mut scratch = Scratch::default();
        at_once(ImageMut::new(shape, &mut data), 2, &mut Stream::of_key(2), &mut scratch);
        assert_ne!(data, before);
        for (at, pixel) in data.chunks_exact(3).enumerate() {
            assert_eq!(pixel, [pixel[0]; 3]);
            let (from, to) = (usize::from(pixel[0]), at);
            assert!((from / 15).abs_diff(to / 15) <= 2 && (from % 15).abs_diff(to % 15) <= 2);
        }
    }
}
