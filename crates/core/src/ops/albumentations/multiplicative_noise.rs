//! `albumentations.multiplicative_noise`: multiplies images, channels or pixels by random factors.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::pixels::unmoved;
use crate::base::{Canvas, Shape, Stream};
use crate::kernels::albumentations::{self, linear_table};
use crate::kernels::cv;
use crate::ops::{Doc, Op, Param, Problem};

/// Multiplies images, channels or pixels by random factors, as Albumentations' `MultiplicativeNoise` does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MultiplicativeNoise {
    /// The factors, at least 0: a number or a range.
    #[serde(default = "about_one")]
    pub multiplier: Param,
    /// Each channel has factors of its own.
    #[serde(default)]
    pub per_channel: bool,
    /// Each pixel has a factor of its own.
    #[serde(default)]
    pub elementwise: bool,
}

fn about_one() -> Param {
    Param::Range(0.9, 1.1)
}

/// The factors of one image.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// By channel; for factors of pixels, the smallest, the greatest and 0.
    pub factors: [f32; 3],
    /// What factors of pixels are expanded from.
    pub key: Option<u64>,
    /// Whether each value has a factor of its own, with a key.
    pub per_channel: bool,
}

impl Op for MultiplicativeNoise {
    type Drawn = Drawn;

    const DOC: Doc = Doc {
        summary: "Multiplies images, channels or pixels by random factors, as Albumentations' MultiplicativeNoise does.",
        notes: "Fractions are cut off.",
        short: Some("multiplier"),
        examples: &[
            "albumentations.multiplicative_noise: {}",
            "albumentations.multiplicative_noise: { multiplier: [0.5, 1.5], per_channel: true }",
            "albumentations.multiplicative_noise: { multiplier: [0.8, 1.2], elementwise: true }",
        ],
    };

    fn check(&self) -> Result<(), Problem> {
        if let Param::Choice(_) = self.multiplier {
            return Err(Problem::new("multiplier", "a number or a range"));
        }
        self.multiplier.check("multiplier", 0.0..=1e6)
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Drawn {
        if let (Param::Range(lo, hi), true) = (&self.multiplier, self.elementwise) {
            let factors = [*lo as f32, *hi as f32, 0.0];
            return Drawn { factors, key: Some(rng.u64()), per_channel: self.per_channel };
        }
        let factors = self.multiplier.draw_channels(self.per_channel, rng);
        Drawn { factors, key: None, per_channel: self.per_channel }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        let Some(key) = drawn.key else {
            let tables = drawn.factors.map(|factor| linear_table(factor, 0.0));
            canvas.in_place(|image, _| cv::look_up_channels(image, &tables));
            return;
        };
        let [lo, hi, _] = drawn.factors;
        canvas.in_place(|image, scratch| {
            let count = if drawn.per_channel { image.shape.bytes() } else { image.shape.pixels() };
            let mut rng = Stream::of_key(key);
            let mut factors = scratch.take_f32(count);
            for factor in &mut factors {
                *factor = lo + rng.unit() as f32 * (hi - lo);
            }
            albumentations::multiply_noise(image, &factors);
            scratch.give_f32(factors);
        });
    }

    unmoved!();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::painted;

    #[test]
    fn products_are_cut_off() {
        let drawn = Drawn { factors: [0.5, 1.5, 9.0], key: None, per_channel: true };
        assert_eq!(painted::<MultiplicativeNoise>(&drawn, &[7, 7, 100]), [3, 10, 255]);
    }

    #[test]
    fn pixels_have_factors_of_their_own() {
        let drawn = Drawn { factors: [0.5, 1.5, 0.0], key: Some(3), per_channel: false };
        let values = painted::<MultiplicativeNoise>(&drawn, &[100; 3000]);
        assert!(values.chunks_exact(3).all(|p| p == [p[0]; 3] && (50..150).contains(&p[0])));
        let mean = values.iter().map(|v| f64::from(*v)).sum::<f64>() / 3000.0;
        assert!((mean - 99.5).abs() < 4.0, "{mean}");
    }
}
