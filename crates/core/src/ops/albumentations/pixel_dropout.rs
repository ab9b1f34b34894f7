//! `albumentations.pixel_dropout`: replaces single pixels.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::pixels::{Fill, RandomFill, unmoved};
use crate::base::{Canvas, Shape, Stream};
use crate::kernels::noise;
use crate::ops::range::within;
use crate::ops::{Doc, Op, Problem};

/// Replaces single pixels, as Albumentations' `PixelDropout` does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PixelDropout {
    /// Probability of each pixel, 0..1.
    pub dropout_prob: f64,
    /// Each channel has pixels of its own.
    pub per_channel: bool,
    /// What replaces them: a value, `[red, green, blue]`, or `random_uniform`, one color for the image.
    pub drop_value: Fill,
}

impl Default for PixelDropout {
    fn default() -> Self {
        Self { dropout_prob: 0.01, per_channel: false, drop_value: Fill::default() }
    }
}

/// What happens to one image.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// Probability of each pixel, in steps of 2^-16.
    pub dropout_prob: f32,
    /// Each channel has pixels of its own.
    pub per_channel: bool,
    /// What replaces them.
    pub color: [u8; 3],
    /// What the random numbers are expanded from.
    pub key: u64,
}

impl Op for PixelDropout {
    type Drawn = Drawn;

    const DOC: Doc = Doc {
        summary: "Replaces single pixels, as Albumentations' PixelDropout does.",
        notes: "",
        short: Some("dropout_prob"),
        examples: &[
            "albumentations.pixel_dropout: 0.1",
            "albumentations.pixel_dropout: { dropout_prob: 0.2, per_channel: true, drop_value: random_uniform }",
        ],
    };

    fn check(&self) -> Result<(), Problem> {
        if self.drop_value == Fill::Random(RandomFill::Pixels) {
            return Err(Problem::new("drop_value", "a value, a color or random_uniform"));
        }
        within("dropout_prob", &self.dropout_prob, &(0.0..=1.0))
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Drawn {
        let color = self.drop_value.colors(rng)();
        Drawn { dropout_prob: self.dropout_prob as f32, per_channel: self.per_channel, color, key: rng.u64() }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        canvas.in_place(|image, scratch| {
            let channels = image.shape.channels();
            let mut random = scratch.take_u8(noise::random_bytes(image.shape, drawn.per_channel));
            Stream::of_key(drawn.key).fill(&mut random);
            let mut keep = scratch.take_u8(random.len() / noise::BYTES_PER_VALUE);
            noise::keep_mask(drawn.dropout_prob, &random, &mut keep);
            for (i, v) in image.data.iter_mut().enumerate() {
                let kept = keep[if drawn.per_channel { i } else { i / channels }];
                *v = if kept == 0 { drawn.color[i % channels] } else { *v };
            }
            scratch.give_u8(keep);
            scratch.give_u8(random);
        });
    }

    unmoved!();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::painted;

    #[test]
    fn as_many_pixels_as_asked_are_replaced() {
        let drawn = Drawn { dropout_prob: 0.25, per_channel: false, color: [1, 2, 3], key: 4 };
        let row = painted::<PixelDropout>(&drawn, &[9; 6000]);
        let dropped = row.chunks_exact(3).filter(|p| *p == [1, 2, 3]).count();
        assert!(dropped.abs_diff(500) < 100, "{dropped}");
        assert_eq!(row.iter().filter(|v| **v != 9).count(), 3 * dropped);
    }
}
