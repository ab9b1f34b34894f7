//! `keras.random_erasing`: covers a rectangle, as Keras' `RandomErasing` does.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::common::{Factor, unmoved};
use crate::base::math::round_u8;
use crate::base::{Canvas, Shape, Stream};
use crate::ops::range::within;
use crate::ops::{Doc, Op, Problem};

/// Covers a rectangle with noise or one color, as Keras' `RandomErasing` does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KerasRandomErasing {
    /// Bounds of a probability that is drawn for each image; a number f is from 0 to f, so that 1 covers half of the
    /// images.
    #[serde(default = "one")]
    pub factor: Factor,
    /// Bounds of the square of each side, as a fraction of the image's; a number is from 0 to it.
    #[serde(default = "scale")]
    pub scale: Factor,
    /// A value, or one for each of three channels; without it noise: normal numbers times 255, clipped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fill_value: Option<Color>,
}

/// A value of all channels, or one for each of three.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "a number or three")]
pub enum Color {
    /// All channels.
    One(f64),
    /// Red, green, blue.
    Three([f64; 3]),
}

impl Color {
    fn channels(self) -> [f64; 3] {
        match self {
            Self::One(value) => [value; 3],
            Self::Three(values) => values,
        }
    }
}

fn one() -> Factor {
    Factor::One(1.0)
}

fn scale() -> Factor {
    Factor::Two([0.02, 0.33])
}

/// What is covered of one image: pixels whose centers, at whole numbers, are at x0 or behind it and in front of x1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// Whether anything is.
    pub apply: bool,
    /// Left end.
    pub x0: f32,
    /// Right end.
    pub x1: f32,
    /// Upper end.
    pub y0: f32,
    /// Lower end.
    pub y1: f32,
    /// The color; none is noise.
    pub fill_value: Option<[u8; 3]>,
    /// Of the noise.
    pub key: u64,
}

impl Op for KerasRandomErasing {
    type Drawn = Drawn;

    const DOC: Doc = Doc {
        summary: "Covers a rectangle with noise or one color, as Keras' RandomErasing does.",
        notes: "Height and width are drawn by themselves, and the rectangle lies within the image. The default factor of 1 covers \
                half of the images, as in Keras. A probability that is certain is `factor: [1, 1]`.",
        short: Some("factor"),
        examples: &[
            "keras.random_erasing: {}",
            "keras.random_erasing: { factor: [1, 1], scale: [0.3, 0.1], fill_value: [9, 200, 77] }",
        ],
    };

    unmoved! {}

    fn check(&self) -> Result<(), Problem> {
        self.factor.check("factor", 0.0..=1.0)?;
        self.scale.check("scale", 0.0..=1.0)?;
        let values = self.fill_value.map(Color::channels).unwrap_or_default();
        values.iter().try_for_each(|value| within("fill_value", value, &(0.0..=255.0)))
    }

    fn draw(&self, on: Shape, rng: &mut Stream) -> Drawn {
        let [low, high] = self.scale.upwards();
        let mut side = |n: usize| {
            let length = rng.uniform(low, high).sqrt() * n as f64;
            let start = rng.unit() * (n as f64 - length);
            (start as f32, (start + length) as f32)
        };
        let ((x0, x1), (y0, y1)) = (side(on.width), side(on.height));
        let [low, high] = self.factor.upwards();
        let apply = rng.uniform(low, high);
        Drawn {
            apply: rng.bernoulli(apply),
            x0,
            x1,
            y0,
            y1,
            fill_value: self.fill_value.map(|color| color.channels().map(|value| round_u8(value as f32))),
            key: rng.u64(),
        }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        if !drawn.apply {
            return;
        }
        let covered = |from: f32, to: f32, n: usize| {
            let end = (to.ceil().max(0.0) as usize).min(n);
            (from.ceil().max(0.0) as usize).min(end)..end
        };
        canvas.in_place(|mut image, _| {
            let channels = image.shape.channels();
            let columns = covered(drawn.x0, drawn.x1, image.shape.width);
            let mut noise = Stream::of_key(drawn.key);
            for y in covered(drawn.y0, drawn.y1, image.shape.height) {
                let row = &mut image.row_mut(y)[columns.start * channels..columns.end * channels];
                for pixel in row.chunks_exact_mut(channels) {
                    for (c, value) in pixel.iter_mut().enumerate() {
                        *value = match drawn.fill_value {
                            Some(color) => color[c],
                            None => round_u8(255.0 * noise.normal() as f32),
                        };
                    }
                }
            }
        });
    }
}
