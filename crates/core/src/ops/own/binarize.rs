//! `binarize`: makes every value black or white.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::base::{Canvas, Shape, Stream};
use crate::kernels::binarize;
use crate::ops::{Doc, Op, Param, Placement, Problem, ShapeOut};

crate::named! {
    /// How values become black or white.
    #[derive(Default)]
    pub enum Method {
        /// White with the value's share of white as the probability.
        #[default]
        Stochastic = "stochastic",
        /// White above a share of white.
        Threshold = "threshold",
    }
}

/// Makes every value black or white.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Binarize {
    /// `stochastic`: white with the value's share of white as the probability; `threshold`: white above `above`.
    pub method: Method,
    /// The share of white, 0..1, above which `threshold` makes white.
    pub above: Param,
}

impl Default for Binarize {
    fn default() -> Self {
        Self { method: Method::Stochastic, above: Param::Constant(0.5) }
    }
}

/// What decides about one image.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// How values become black or white.
    pub method: Method,
    /// Above which share of white `threshold` makes white.
    pub above: f64,
    /// What the random numbers of `stochastic` are expanded from.
    pub key: u64,
}

impl Op for Binarize {
    type Drawn = Drawn;

    const DOC: Doc = Doc {
        summary: "Makes every value black or white.",
        notes: "Values are 0 and 255. Each channel of a colored image has numbers of its own.",
        short: Some("method"),
        examples: &[
            "binarize: {}",
            "binarize: threshold",
            "binarize: { method: threshold, above: 0 }",
            "binarize: { method: threshold, above: [0.3, 0.7] }",
        ],
    };

    fn check(&self) -> Result<(), Problem> {
        self.above.check("above", 0.0..=1.0)
    }

    fn shape_out(&self, _: Shape) -> ShapeOut {
        ShapeOut::Same
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Drawn {
        match self.method {
            Method::Stochastic => Drawn { method: self.method, above: 0.0, key: rng.u64() },
            Method::Threshold => Drawn { method: self.method, above: self.above.draw(rng), key: 0 },
        }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        canvas.in_place(|image, scratch| match drawn.method {
            Method::Threshold => binarize::threshold(image.data, drawn.above),
            Method::Stochastic => {
                let mut random = scratch.take_u8(4 * image.data.len());
                Stream::of_key(drawn.key).fill(&mut random);
                let mut uniform = scratch.take_f64(image.data.len());
                for (u, word) in uniform.iter_mut().zip(random.as_chunks::<4>().0) {
                    *u = f64::from(u32::from_le_bytes(*word)) / 4_294_967_296.0;
                }
                binarize::stochastic(image.data, &uniform);
                scratch.give_f64(uniform);
                scratch.give_u8(random);
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
    use crate::base::Image;

    #[test]
    fn values_are_probabilities() {
        let shape = Shape::gray(100, 200);
        let gray = vec![64; shape.bytes()];
        let mut canvas = Canvas::default();
        canvas.load(Image::new(shape, &gray));
        let drawn = Binarize::default().draw(shape, &mut Stream::of_key(3));
        Binarize::paint(&drawn, &mut canvas);
        assert!(canvas.pixels().iter().all(|v| matches!(v, 0 | 255)));
        let white = canvas.pixels().iter().map(|v| u32::from(*v / 255)).sum::<u32>();
        // Four standard deviations.
        let expected = 20_000.0 * 64.0 / 255.0;
        assert!((f64::from(white) - expected).abs() < 4.0 * (expected * 191.0 / 255.0).sqrt(), "{white}");
    }
}
