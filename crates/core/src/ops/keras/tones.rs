//! `keras.auto_contrast`, `keras.equalization`, `keras.random_invert`, `keras.random_posterization`, `keras.solarization`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::common::{Factor, recolored, unmoved};
use crate::base::{Canvas, Shape, Stream};
use crate::kernels::keras_layers::tables;
use crate::ops::range::within;
use crate::ops::{Doc, Op, Problem};

/// Stretches each channel to 0..255, as Keras' `AutoContrast` does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KerasAutoContrast {}

/// Nothing is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Still {}

impl Op for KerasAutoContrast {
    type Drawn = Still;

    const DOC: Doc = Doc {
        summary: "Stretches each channel to 0..255, as Keras' AutoContrast does.",
        notes: "A channel of one value stays. The float result is rounded half to even.",
        short: None,
        examples: &["keras.auto_contrast: {}"],
    };

    unmoved! {}

    fn check(&self) -> Result<(), Problem> {
        Ok(())
    }

    fn draw(&self, _: Shape, _: &mut Stream) -> Still {
        Still {}
    }

    fn paint(_: &Still, canvas: &mut Canvas) {
        recolored(canvas, |values, on, _| tables::auto_contrast(values, on));
    }
}

/// Makes the values of each channel equally frequent, as Keras' `Equalization` does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KerasEqualization {
    /// Steps of the histogram, 2..65536.
    #[serde(default = "bins")]
    pub bins: usize,
}

fn bins() -> usize {
    256
}

/// The histogram of one image.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Equalized {
    /// Its steps.
    pub bins: usize,
}

impl Op for KerasEqualization {
    type Drawn = Equalized;

    const DOC: Doc = Doc {
        summary: "Makes the values of each channel equally frequent, as Keras' Equalization does.",
        notes: "The table is not Pillow's. Keras counts over a batch, this over each image.",
        short: None,
        examples: &["keras.equalization: {}", "keras.equalization: { bins: 64 }"],
    };

    unmoved! {}

    fn check(&self) -> Result<(), Problem> {
        within("bins", &self.bins, &(2..=65536))
    }

    fn draw(&self, _: Shape, _: &mut Stream) -> Equalized {
        Equalized { bins: self.bins }
    }

    fn paint(drawn: &Equalized, canvas: &mut Canvas) {
        let bins = drawn.bins.clamp(2, 65536);
        recolored(canvas, |values, on, scratch| tables::equalize(values, on, bins, scratch));
    }
}

/// Inverts images, as Keras' `RandomInvert` does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KerasRandomInvert {
    /// Bounds of a probability that is drawn for each image; a number f is from 0 to f, so that 1 inverts half of the
    /// images.
    #[serde(default = "one")]
    pub factor: Factor,
}

fn one() -> Factor {
    Factor::One(1.0)
}

/// What happens to one image.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decided {
    /// Whether it is changed.
    pub apply: bool,
}

impl Op for KerasRandomInvert {
    type Drawn = Decided;

    const DOC: Doc = Doc {
        summary: "Inverts images, as Keras' RandomInvert does.",
        notes: "The default factor of 1 inverts half of the images, as in Keras; `[1, 1]` all.",
        short: Some("factor"),
        examples: &["keras.random_invert: {}", "keras.random_invert: { factor: [1, 1] }"],
    };

    unmoved! {}

    fn check(&self) -> Result<(), Problem> {
        self.factor.check("factor", 0.0..=1.0)
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Decided {
        let [low, high] = self.factor.upwards();
        let p = rng.uniform(low, high);
        Decided { apply: rng.bernoulli(p) }
    }

    fn paint(drawn: &Decided, canvas: &mut Canvas) {
        if drawn.apply {
            recolored(canvas, |values, _, _| tables::invert(values));
        }
    }
}

/// Keeps the upper bits of all values, as Keras' `RandomPosterization` does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KerasRandomPosterization {
    /// A number b, which stands for 1 to b - 1 bits (1 if it is 1), or two numbers in any order: the larger is excluded,
    /// unless they are equal. 1..8.
    pub factor: Bits,
}

/// Numbers of bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "a number or two numbers")]
pub enum Bits {
    /// From 1 to below it.
    One(u8),
    /// From the smaller to below the larger.
    Two([u8; 2]),
}

impl Bits {
    pub(super) fn draw(self, rng: &mut Stream) -> u8 {
        let (low, high) = match self {
            Self::One(b) => (1, b),
            Self::Two([a, b]) => (a.min(b), a.max(b)),
        };
        if low >= high { low } else { rng.integer(i64::from(low), i64::from(high) - 1) as u8 }
    }
}

/// The bits of one image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Posterized {
    /// How many stay.
    pub bits: u8,
}

impl Op for KerasRandomPosterization {
    type Drawn = Posterized;

    const DOC: Doc = Doc {
        summary: "Keeps the upper bits of all values, as Keras' RandomPosterization does.",
        notes: "",
        short: Some("factor"),
        examples: &["keras.random_posterization: 4", "keras.random_posterization: { factor: [3, 6] }"],
    };

    unmoved! {}

    fn check(&self) -> Result<(), Problem> {
        let ends = match self.factor {
            Bits::One(b) => [b; 2],
            Bits::Two(ends) => ends,
        };
        ends.iter().try_for_each(|end| within("factor", end, &(1..=8)))
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Posterized {
        Posterized { bits: self.factor.draw(rng) }
    }

    fn paint(drawn: &Posterized, canvas: &mut Canvas) {
        recolored(canvas, |values, _, _| tables::posterize(values, drawn.bits));
    }
}

/// Adds a number and inverts the bright part, as Keras' `Solarization` does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KerasSolarization {
    /// What is added: a number f is from 0 to 255 f. Of two numbers only the larger is multiplied by 255, as in Keras.
    #[serde(default = "none")]
    pub addition_factor: Factor,
    /// From which value on they are inverted; as `addition_factor`.
    #[serde(default = "none")]
    pub threshold_factor: Factor,
}

fn none() -> Factor {
    Factor::One(0.0)
}

/// How one image is solarized.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Solarized {
    /// Added to all values.
    pub addition: f32,
    /// Values that are not below it are inverted.
    pub threshold: f32,
}

impl KerasSolarization {
    pub(super) fn drawn(&self, rng: &mut Stream) -> Solarized {
        let mut one = |factor: Factor| {
            let [low, high] = factor.upwards();
            rng.uniform(low, high * 255.0) as f32
        };
        Solarized { addition: one(self.addition_factor), threshold: one(self.threshold_factor) }
    }
}

impl Op for KerasSolarization {
    type Drawn = Solarized;

    const DOC: Doc = Doc {
        summary: "Adds a number and inverts the bright part, as Keras' Solarization does.",
        notes: "Without values everything is inverted, as in Keras. The float result is rounded half to even.",
        short: None,
        examples: &[
            "keras.solarization: { addition_factor: 0.3, threshold_factor: 0.5 }",
            "keras.solarization: { threshold_factor: [0.7, 0.4] }",
        ],
    };

    unmoved! {}

    fn check(&self) -> Result<(), Problem> {
        self.addition_factor.check("addition_factor", 0.0..=1.0)?;
        self.threshold_factor.check("threshold_factor", 0.0..=1.0)
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Solarized {
        self.drawn(rng)
    }

    fn paint(drawn: &Solarized, canvas: &mut Canvas) {
        recolored(canvas, |values, _, _| tables::solarize(values, drawn.addition, drawn.threshold));
    }
}
