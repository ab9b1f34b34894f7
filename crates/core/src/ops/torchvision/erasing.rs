//! `torchvision.random_erasing`: a rectangle of one color.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::common::{Fill, between, check_range};
use crate::base::math::{exp, log, round_u8};
use crate::base::{Canvas, Shape, Stream};
use crate::kernels::pil;
use crate::ops::counterpart::{Argument, Takes, Transform};
use crate::ops::range::within;
use crate::ops::{Doc, Op, Placement, Probability, Problem, ShapeOut};

/// Covers a rectangle with one color, as torchvision's `RandomErasing` does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RandomErasing {
    /// Probability that an image is changed.
    #[serde(default = "super::filters::coin")]
    pub p: Probability,
    /// The rectangle's share of the image's area, `[lo, hi]`.
    #[serde(default = "scale")]
    pub scale: [f64; 2],
    /// The rectangle's height over its width, `[lo, hi]`.
    #[serde(default = "ratio")]
    pub ratio: [f64; 2],
    /// Its color.
    #[serde(default)]
    pub value: Fill,
    /// Noise instead of a color.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub noise: Option<Noise>,
}

/// Normal noise of each pixel and channel, in gray levels; what is below 0 or above 255 is cut off.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Noise {
    /// Its mean in each channel, 0..255.
    pub mean: [f64; 3],
    /// Its standard deviation in each channel, 0..2550.
    pub deviation: [f64; 3],
}

fn scale() -> [f64; 2] {
    [0.02, 0.33]
}

fn ratio() -> [f64; 2] {
    [0.3, 3.3]
}

/// What is covered of one image.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// First row.
    pub top: usize,
    /// First column.
    pub left: usize,
    /// Rows; none leave the image as it is.
    pub height: usize,
    /// Columns.
    pub width: usize,
    /// The color.
    pub value: [u8; 3],
    /// Noise instead of the color.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub noise: Option<Grain>,
}

/// The noise of one image.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grain {
    /// Its mean in each channel.
    pub mean: [f32; 3],
    /// Its standard deviation in each channel.
    pub deviation: [f32; 3],
    /// Where its numbers come from.
    pub key: u64,
}

impl Op for RandomErasing {
    type Drawn = Drawn;

    const TORCHVISION: Option<Transform> = Some(Transform {
        name: "RandomErasing",
        arguments: &[
            Argument::Plain("p", "p"),
            Argument::Plain("scale", "scale"),
            Argument::Plain("ratio", "ratio"),
            Argument::Plain("value", "value"),
            Argument::Zero("noise"),
        ],
        takes: Takes::Tensors,
    });

    const DOC: Doc = Doc {
        summary: "Covers a rectangle with one color, as torchvision's RandomErasing does.",
        notes: "If ten tries give no rectangle that fits, the image stays as it is. The value is one of bytes: torchvision's 0 \
                behind a Normalize is the mean.",
        short: Some("p"),
        examples: &[
            "torchvision.random_erasing: {}",
            "torchvision.random_erasing: { p: 1, scale: [0.1, 0.2], ratio: [1, 1], value: [9, 200, 77] }",
            "torchvision.random_erasing: { noise: { mean: [124, 116, 104], deviation: [58, 57, 57] } }",
        ],
    };

    fn check(&self) -> Result<(), Problem> {
        self.p.check("p")?;
        check_range("scale", self.scale, 0.0..=1.0)?;
        check_range("ratio", self.ratio, 0.001..=1000.0)?;
        let Some(Noise { mean, deviation }) = &self.noise else { return Ok(()) };
        mean.iter().try_for_each(|mean| within("noise", mean, &(0.0..=255.0)))?;
        deviation.iter().try_for_each(|deviation| within("noise", deviation, &(0.0..=2550.0)))
    }

    fn shape_out(&self, _: Shape) -> ShapeOut {
        ShapeOut::Same
    }

    fn draw(&self, on: Shape, rng: &mut Stream) -> Drawn {
        let value = self.value.channels();
        let mut drawn = Drawn { top: 0, left: 0, height: 0, width: 0, value, noise: None };
        if !self.p.draw(rng) {
            return drawn;
        }
        let (w, h) = (on.width as f64, on.height as f64);
        let logs = self.ratio.map(log);
        for _ in 0..10 {
            let area = w * h * between(self.scale, rng);
            let ratio = exp(between(logs, rng));
            let height = (area * ratio).sqrt().round_ties_even();
            let width = (area / ratio).sqrt().round_ties_even();
            if height < h && width < w {
                (drawn.height, drawn.width) = (height as usize, width as usize);
                drawn.top = rng.index(on.height - drawn.height + 1);
                drawn.left = rng.index(on.width - drawn.width + 1);
                drawn.noise = self.noise.map(|Noise { mean, deviation }| Grain {
                    mean: mean.map(|level| level as f32),
                    deviation: deviation.map(|level| level as f32),
                    key: rng.u64(),
                });
                break;
            }
        }
        drawn
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        let part = [drawn.top, drawn.left, drawn.height, drawn.width];
        canvas.in_place(|mut image, _| {
            let Some(Grain { mean, deviation, key }) = drawn.noise else {
                return pil::erase(image, part, drawn.value);
            };
            let (shape, channels) = (image.shape, image.shape.channels());
            let mut noise = Stream::of_key(key);
            let columns = drawn.left.min(shape.width)..(drawn.left + drawn.width).min(shape.width);
            for y in drawn.top.min(shape.height)..(drawn.top + drawn.height).min(shape.height) {
                let row = &mut image.row_mut(y)[columns.start * channels..columns.end * channels];
                for pixel in row.chunks_exact_mut(channels) {
                    for ((value, mean), deviation) in pixel.iter_mut().zip(mean).zip(deviation) {
                        *value = round_u8(mean + deviation * noise.normal() as f32);
                    }
                }
            }
        });
    }

    fn place(_: &Drawn, _: Shape) -> Placement {
        Placement::Unmoved
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::{draws, painted};

    /// The mean and the spread of noise in a rectangle, and that nothing else changes.
    #[test]
    fn noise_is_normal_about_its_mean() {
        let noise = Some(Grain { mean: [100.0, 150.0, 50.0], deviation: [10.0, 20.0, 0.0], key: 7 });
        let drawn = Drawn { top: 0, left: 0, height: 40, width: 1, value: [0; 3], noise };
        let values = painted::<RandomErasing>(&drawn, &[9; 3 * 40]);
        let erased: Vec<&[u8]> = values.chunks_exact(3).filter(|pixel| pixel[2] == 50).collect();
        assert!(!erased.is_empty() && values.chunks_exact(3).all(|pixel| pixel[2] == 50 || pixel == [9; 3]));
        assert!(erased.iter().all(|pixel| pixel[0].abs_diff(100) < 60 && pixel[1].abs_diff(150) < 105));
        let op = RandomErasing {
            p: Probability(1.0),
            scale: scale(),
            ratio: ratio(),
            value: Fill::default(),
            noise: Some(Noise { mean: [1.0; 3], deviation: [2.0; 3] }),
        };
        let keys: Vec<_> = draws(&op, 9).filter_map(|drawn| drawn.noise.map(|grain| grain.key)).collect();
        assert!(keys.len() > 3 && keys[0] != keys[1]);
        let wrong = RandomErasing { noise: Some(Noise { mean: [256.0; 3], deviation: [1.0; 3] }), ..op };
        assert_eq!(wrong.check().unwrap_err().field, "noise");
    }
}
