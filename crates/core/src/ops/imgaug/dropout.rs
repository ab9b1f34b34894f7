//! `dropout`: blackens single pixels.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::base::{Canvas, Shape, Stream};
use crate::kernels::noise;
use crate::ops::counterpart::{Class, Form};
use crate::ops::{Doc, Op, Param, PerChannel, Placement, Problem, ShapeOut};

/// Sets a share of the pixels to zero.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Dropout {
    /// Probability of each pixel to be dropped, drawn for each image, 0..1.
    pub p: Param,
    /// Probability that each channel of a pixel is dropped by itself instead of all together.
    pub per_channel: PerChannel,
}

impl Default for Dropout {
    fn default() -> Self {
        Self { p: Param::Range(0.0, 0.05), per_channel: PerChannel::default() }
    }
}

/// What is dropped from one image.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// Probability of each pixel, counted in steps of 2^-16.
    pub p: f32,
    /// Whether channels are dropped one by one.
    pub per_channel: bool,
    /// What the random numbers are expanded from.
    pub key: u64,
}

impl Op for Dropout {
    type Drawn = Drawn;

    const IMGAUG: &'static [Class] = &[Class {
        name: "Dropout",
        params: &[("p", "p", Form::Dropped), ("per_channel", "per_channel", Form::Chance)],
    }];

    const DOC: Doc = Doc {
        summary: "Sets a share of the pixels to zero.",
        notes: "",
        short: Some("p"),
        examples: &["dropout: 0.1", "dropout: { p: [0.01, 0.1], per_channel: 0.5 }"],
    };

    fn check(&self) -> Result<(), Problem> {
        self.p.check("p", 0.0..=1.0)?;
        self.per_channel.check("per_channel")
    }

    fn shape_out(&self, _: Shape) -> ShapeOut {
        ShapeOut::Same
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Drawn {
        Drawn { per_channel: self.per_channel.draw(rng), p: self.p.draw32(rng), key: rng.u64() }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        canvas.in_place(|image, scratch| {
            let mut random = scratch.take_u8(noise::random_bytes(image.shape, drawn.per_channel));
            Stream::of_key(drawn.key).fill(&mut random);
            noise::dropout(image, drawn.p, drawn.per_channel, &random);
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

    #[test]
    fn the_share_of_images_is_uniform() {
        let op = Dropout { p: Param::Range(0.01, 0.1), per_channel: PerChannel(0.5) };
        let (mut dropped, mut alike) = (Vec::new(), 0);
        for drawn in draws(&op, 1000) {
            let values = painted::<Dropout>(&drawn, &[255; 3 * 784]);
            dropped
                .push(values.iter().map(|v| f64::from(u8::from(*v == 0))).sum::<f64>() / values.len() as f64);
            alike += usize::from(values.chunks_exact(3).all(|p| p == [p[0]; 3]));
        }
        let mean = dropped.iter().sum::<f64>() / 1000.0;
        assert!((mean - 0.055).abs() < 0.0045, "{mean}");
        assert!(dropped.iter().all(|d| *d < 0.15));
        assert!(alike.abs_diff(500) < 80, "{alike}");
    }
}
