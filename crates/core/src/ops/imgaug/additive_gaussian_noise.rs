//! `additive_gaussian_noise`: adds normal noise.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::base::{Canvas, Shape, Stream};
use crate::kernels::noise;
use crate::ops::counterpart::{Class, Form};
use crate::ops::{Doc, Op, Param, PerChannel, Placement, Problem, ShapeOut};

/// Adds normal noise to all pixels.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AdditiveGaussianNoise {
    /// Mean of the noise in gray levels, -255..255.
    pub loc: Param,
    /// Standard deviation of the noise in gray levels, at least 0.
    pub scale: Param,
    /// Probability that each channel has noise of its own instead of all the same.
    pub per_channel: PerChannel,
}

impl Default for AdditiveGaussianNoise {
    fn default() -> Self {
        Self { loc: Param::Constant(0.0), scale: Param::Range(0.0, 15.0), per_channel: PerChannel::default() }
    }
}

/// The noise of one image.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// Mean in gray levels.
    pub loc: f32,
    /// Standard deviation in gray levels.
    pub scale: f32,
    /// Whether each channel has noise of its own.
    pub per_channel: bool,
    /// What the random numbers are expanded from.
    pub key: u64,
}

impl Op for AdditiveGaussianNoise {
    type Drawn = Drawn;

    const IMGAUG: &'static [Class] = &[Class {
        name: "AdditiveGaussianNoise",
        params: &[
            ("loc", "loc", Form::Number),
            ("scale", "scale", Form::Number),
            ("per_channel", "per_channel", Form::Chance),
        ],
    }];

    const DOC: Doc = Doc {
        summary: "Adds normal noise to all pixels.",
        notes: "Noise is rounded to whole gray levels and ends at 4.3 standard deviations; results are clipped to 0..255.",
        short: Some("scale"),
        examples: &[
            "additive_gaussian_noise: 10",
            "additive_gaussian_noise: { loc: 0, scale: [0.0, 12.75], per_channel: 0.5 }",
        ],
    };

    fn check(&self) -> Result<(), Problem> {
        self.loc.check("loc", -255.0..=255.0)?;
        self.scale.check("scale", 0.0..=f64::INFINITY)?;
        self.per_channel.check("per_channel")
    }

    fn shape_out(&self, _: Shape) -> ShapeOut {
        ShapeOut::Same
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Drawn {
        Drawn {
            per_channel: self.per_channel.draw(rng),
            loc: self.loc.draw32(rng),
            scale: self.scale.draw32(rng),
            key: rng.u64(),
        }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        canvas.in_place(|image, scratch| {
            let mut random = scratch.take_u8(noise::random_bytes(image.shape, drawn.per_channel));
            Stream::of_key(drawn.key).fill(&mut random);
            noise::add_gaussian(image, drawn.loc, drawn.scale, drawn.per_channel, &random);
            scratch.give_u8(random);
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

    /// Spread and mean over images, as measured on imgaug with the same parameters.
    #[test]
    fn the_spread_of_images_is_uniform() {
        let op =
            AdditiveGaussianNoise { scale: Param::Range(0.0, 12.75), ..AdditiveGaussianNoise::default() };
        let mut spread = Vec::new();
        for drawn in draws(&op, 1000) {
            let values = painted::<AdditiveGaussianNoise>(&drawn, &[128; 3 * 784]);
            let channel = || values.iter().step_by(3).map(|v| f64::from(*v) - 128.0);
            let mean = channel().sum::<f64>() / 784.0;
            spread.push((channel().map(|v| (v - mean) * (v - mean)).sum::<f64>() / 784.0).sqrt());
            assert!(mean.abs() < 2.5, "{mean}");
        }
        let n = spread.len() as f64;
        let mean = spread.iter().sum::<f64>() / n;
        let deviation = (spread.iter().map(|s| (s - mean) * (s - mean)).sum::<f64>() / n).sqrt();
        assert!((mean - 6.36).abs() < 0.6 && (deviation - 3.63).abs() < 0.4, "{mean} {deviation}");
    }

    #[test]
    fn channels_share_noise_unless_told_otherwise() {
        let drawn = Drawn { loc: 0.0, scale: 9.0, per_channel: false, key: 3 };
        let alike = |drawn| {
            let values = painted::<AdditiveGaussianNoise>(&drawn, &[128; 300]);
            values.chunks_exact(3).all(|p| p == [p[0]; 3])
        };
        assert!(alike(drawn));
        assert!(!alike(Drawn { per_channel: true, ..drawn }));
    }
}
