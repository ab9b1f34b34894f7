//! Masks of layers of noise, which the blends by noise share.

use serde::{Deserialize, Serialize};

use crate::base::{Image, Scratch, Shape, Stream};
use crate::kernels::resize::Interpolation;
use crate::kernels::{frequency, masks, simplex};
use crate::named;
use crate::ops::Problem;
use crate::ops::range::{Choice, Int, Param};

named! {
    /// How a coarse grid of noise becomes as large as the image.
    pub enum Upscale {
        /// Blocks.
        Nearest = "nearest",
        /// Bilinear.
        Linear = "linear",
        /// Cubic convolution.
        Cubic = "cubic",
    }
}

named! {
    /// How several layers of noise become one.
    pub enum Aggregation {
        /// Their mean.
        Avg = "avg",
        /// The largest of each pixel.
        Max = "max",
    }
}

/// The most layers that a mask has.
pub const MAX_LAYERS: usize = 3;

/// One layer of noise.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Layer {
    /// What the random numbers of its cells are expanded from.
    pub key: u64,
    /// Rows of cells.
    pub rows: u16,
    /// Columns of cells.
    pub columns: u16,
    /// How the cells become as large as the image.
    pub upscale: Upscale,
    /// Exponent of the spectrum; none for simplex noise.
    pub exponent: Option<f32>,
}

/// A drawn mask of noise.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mask {
    /// The layers; the rest is `None`.
    pub layers: [Option<Layer>; MAX_LAYERS],
    /// How they become one.
    pub aggregation: Aggregation,
    /// Threshold of the sigmoid, if there is one.
    pub sigmoid_threshold: Option<f32>,
}

/// What is drawn for each layer.
pub(super) struct Layers<'a> {
    pub(super) iterations: &'a Int,
    pub(super) size_px_max: &'a Int,
    pub(super) upscale: Option<&'a Choice<Upscale>>,
    pub(super) exponent: Option<&'a Param>,
}

impl Layers<'_> {
    pub(super) fn check(&self) -> Result<(), Problem> {
        self.iterations.check("iterations", 1..=MAX_LAYERS as i64)?;
        self.size_px_max.check("size_px_max", 1..=4096)?;
        if let Some(exponent) = self.exponent {
            exponent.check("exponent", -16.0..=16.0)?;
        }
        self.upscale.map_or(Ok(()), |upscale| upscale.check("upscale"))
    }

    pub(super) fn draw(&self, on: Shape, rng: &mut Stream) -> [Option<Layer>; MAX_LAYERS] {
        let count = self.iterations.draw(rng) as usize;
        let longest = on.height.max(on.width).max(1);
        std::array::from_fn(|i| {
            (i < count).then(|| {
                let size = (self.size_px_max.draw(rng) as usize).min(longest);
                let cells = |side: usize| (side * size / longest).max(1) as u16;
                Layer {
                    rows: cells(on.height),
                    columns: cells(on.width),
                    upscale: match self.upscale {
                        Some(choice) => choice.draw(rng),
                        None => match rng.below(100) {
                            0..5 => Upscale::Nearest,
                            5..65 => Upscale::Linear,
                            _ => Upscale::Cubic,
                        },
                    },
                    exponent: self.exponent.map(|exponent| exponent.draw32(rng)),
                    key: rng.u64(),
                }
            })
        })
    }
}

/// The threshold of a sigmoid.
pub(super) fn threshold(param: Option<&Param>, rng: &mut Stream) -> f32 {
    match param {
        Some(param) => param.draw32(rng),
        None => (5.0 * rng.normal()) as f32,
    }
}

pub(super) fn check_threshold(param: Option<&Param>) -> Result<(), Problem> {
    param.map_or(Ok(()), |param| param.check("sigmoid_threshold", -1000.0..=1000.0))
}

impl Mask {
    /// Renders the mask for an image of shape `on`: height x width values in 0..=1.
    ///
    /// # Panics
    /// If `out` has another length.
    pub fn render(&self, on: Shape, out: &mut [f32], scratch: &mut Scratch) {
        let aggregation = match self.aggregation {
            Aggregation::Avg => masks::Aggregation::Avg,
            Aggregation::Max => masks::Aggregation::Max,
        };
        let mut levels = scratch.take_i32(on.pixels());
        let mut count = 0;
        for layer in self.layers.iter().flatten() {
            let (rows, columns) = (usize::from(layer.rows), usize::from(layer.columns));
            let mut grid = scratch.take_u8(rows * columns);
            layer.fill(&mut grid, scratch);
            let grid_image = Image::new(Shape::gray(rows, columns), &grid);
            let interpolation = match layer.upscale {
                Upscale::Nearest => Interpolation::Nearest,
                Upscale::Linear => Interpolation::Linear,
                Upscale::Cubic => Interpolation::Cubic,
            };
            let size = (on.height, on.width);
            masks::combine(&mut levels, size, count == 0, grid_image, interpolation, aggregation, scratch);
            scratch.give_u8(grid);
            count += 1;
        }
        if count == 0 {
            out.fill(0.0);
        } else {
            masks::finish(&levels, count, aggregation, self.sigmoid_threshold, out, scratch);
        }
        scratch.give_i32(levels);
    }
}

impl Layer {
    /// The layer's grid of noise.
    fn fill(&self, grid: &mut [u8], scratch: &mut Scratch) {
        let (rows, columns) = (usize::from(self.rows), usize::from(self.columns));
        let mut rng = Stream::of_key(self.key);
        match self.exponent {
            None => {
                let mut random = scratch.take_u8(simplex::random_bytes(rows, columns));
                rng.fill(&mut random);
                simplex::simplex(grid, rows, columns, &random);
                scratch.give_u8(random);
            }
            Some(exponent) => {
                let mut random = scratch.take_u8(grid.len() * frequency::BYTES_PER_CELL);
                let (mut radii, mut angles) = (scratch.take_f32(grid.len()), scratch.take_f32(grid.len()));
                rng.fill(&mut random);
                frequency::spectrum_of(&random, &mut radii, &mut angles);
                frequency::frequency(grid, rows, columns, exponent, (&radii, &angles), scratch);
                scratch.give_u8(random);
                scratch.give_f32(radii);
                scratch.give_f32(angles);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Blend;
    use super::super::frequency_noise_alpha::FrequencyNoiseAlpha;
    use super::super::simplex_noise_alpha::SimplexNoiseAlpha;
    use super::*;
    use crate::base::Stage;

    #[test]
    fn masks_are_within_0_and_1_and_the_key_decides() {
        for (item, shape) in [Shape::rgb(28, 28), Shape::gray(1, 1), Shape::gray(1, 40), Shape::rgb(70, 9)]
            .into_iter()
            .cycle()
            .take(60)
            .enumerate()
        {
            let mut rng = Stream::at(1, Stage::new("mask", ""), item as u64, 0);
            let simplex = SimplexNoiseAlpha::default().draw(shape, &mut rng);
            let frequency = FrequencyNoiseAlpha::default().draw(shape, &mut rng);
            let mut scratch = Scratch::default();
            for mask in [simplex, frequency] {
                let (mut out, mut again) = (vec![-1.0; shape.pixels()], vec![-2.0; shape.pixels()]);
                mask.render(shape, &mut out, &mut scratch);
                mask.render(shape, &mut again, &mut scratch);
                assert_eq!(out, again);
                assert!(out.iter().all(|alpha| (0.0..=1.0).contains(alpha)), "{mask:?}");
                let json = serde_json::to_string(&mask).unwrap();
                assert_eq!(serde_json::from_str::<Mask>(&json).unwrap(), mask);
            }
        }
    }
}
