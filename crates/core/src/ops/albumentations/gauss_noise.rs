//! `albumentations.gauss_noise`: adds normal noise.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::pixels::{Compat, unmoved};
use crate::base::{Canvas, Shape, Stream};
use crate::kernels::{albumentations, noise};
use crate::ops::{Doc, Op, Param, Problem};

/// Adds normal noise, as Albumentations' `GaussNoise` does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GaussNoise {
    /// Standard deviation as a fraction of 255, 0..1, as version 2 has it. Left out together with `var_limit`: [0.2, 0.44].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub std_range: Option<Param>,
    /// Mean as a fraction of 255, -1..1, with `std_range`.
    #[serde(default = "zero")]
    pub mean_range: Param,
    /// Variance in squared gray levels, at least 0, as version 1 has it; instead of `std_range`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub var_limit: Option<Param>,
    /// Mean in gray levels, -255..255, with `var_limit`.
    #[serde(default)]
    pub mean: f64,
    /// Each channel has noise of its own.
    #[serde(default = "yes")]
    pub per_channel: bool,
}

fn zero() -> Param {
    Param::Constant(0.0)
}

fn yes() -> bool {
    true
}

/// The noise of one image.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// Mean in gray levels.
    pub mean: f32,
    /// Standard deviation in gray levels.
    pub deviation: f32,
    /// Whether each channel has noise of its own.
    pub per_channel: bool,
    /// The version: 1 cuts the fraction of the sum off, 2 that of the noise.
    pub compat: Compat,
    /// What the random numbers are expanded from.
    pub key: u64,
}

impl Op for GaussNoise {
    type Drawn = Drawn;

    const DOC: Doc = Doc {
        summary: "Adds normal noise, as Albumentations' GaussNoise does.",
        notes: "Version 2 has noise of 51 to 112 gray levels by default; version 1 (var_limit) had 3 to 7. It ends at 4.3 \
                standard deviations.",
        short: Some("std_range"),
        examples: &[
            "albumentations.gauss_noise: {}",
            "albumentations.gauss_noise: { std_range: 0.1, mean_range: [-0.1, 0.1], per_channel: false }",
            "albumentations.gauss_noise: { var_limit: [10, 50], mean: 3 }",
        ],
    };

    fn check(&self) -> Result<(), Problem> {
        if let Some(std) = &self.std_range {
            std.check("std_range", 0.0..=1.0)?;
            if self.var_limit.is_some() {
                return Err(Problem::new("var_limit", "give std_range or var_limit, not both"));
            }
        }
        if let Some(var) = &self.var_limit {
            var.check("var_limit", 0.0..=1e6)?;
        }
        self.mean_range.check("mean_range", -1.0..=1.0)?;
        Param::Constant(self.mean).check("mean", -255.0..=255.0)
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Drawn {
        let (mean, deviation, version) = if let Some(var) = &self.var_limit {
            (self.mean, var.draw(rng).sqrt(), Compat::One)
        } else {
            let std = self.std_range.as_ref().unwrap_or(&Param::Range(0.2, 0.44)).draw(rng);
            (255.0 * self.mean_range.draw(rng), 255.0 * std, Compat::Two)
        };
        Drawn {
            mean: mean as f32,
            deviation: deviation as f32,
            per_channel: self.per_channel,
            compat: version,
            key: rng.u64(),
        }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        canvas.in_place(|image, scratch| {
            let mut random = scratch.take_u8(noise::random_bytes(image.shape, drawn.per_channel));
            Stream::of_key(drawn.key).fill(&mut random);
            let mut numbers = scratch.take_f32(random.len() / noise::BYTES_PER_VALUE);
            noise::fill_normal(&random, &mut numbers);
            for number in &mut numbers {
                *number = *number * drawn.deviation + drawn.mean;
            }
            albumentations::add_noise(image, &numbers, drawn.compat.cut());
            scratch.give_f32(numbers);
            scratch.give_u8(random);
        });
    }

    unmoved!();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::{draws, painted};

    /// Means over images of the noise's deviation, as measured on the library.
    #[test]
    fn deviations_are_those_of_the_versions() {
        let two =
            GaussNoise { std_range: None, mean_range: zero(), var_limit: None, mean: 0.0, per_channel: true };
        let one = GaussNoise { var_limit: Some(Param::Range(10.0, 50.0)), ..two.clone() };
        for (op, mean, spread) in [(two, 82.5, 18.2), (one, 5.33, 1.08)] {
            let all: Vec<f64> = draws(&op, 2000).map(|d| f64::from(d.deviation)).collect();
            let found = all.iter().sum::<f64>() / 2000.0;
            let variance = all.iter().map(|x| (x - found) * (x - found)).sum::<f64>() / 2000.0;
            assert!((found / mean - 1.0).abs() < 0.03, "{found}");
            assert!((variance.sqrt() / spread - 1.0).abs() < 0.12, "{variance}");
        }
    }

    #[test]
    fn noise_is_where_it_is_said_to_be() {
        let drawn = Drawn { mean: 9.0, deviation: 5.0, per_channel: false, compat: Compat::One, key: 5 };
        let values = painted::<GaussNoise>(&drawn, &[100; 3000]);
        assert!(values.chunks_exact(3).all(|p| p == [p[0]; 3]));
        let mean = values.iter().map(|v| f64::from(*v)).sum::<f64>() / 3000.0;
        // Cutting off takes half a level.
        assert!((mean - 108.5).abs() < 0.6, "{mean}");
    }
}
