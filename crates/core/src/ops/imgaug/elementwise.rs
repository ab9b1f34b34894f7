//! `add_elementwise`, `multiply_elementwise`, `additive_laplace_noise`, `additive_poisson_noise` and `replace_elementwise`:
//! a number for each pixel.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::common::still;
pub(crate) use super::common::{Each, Numbers};
use crate::base::{Canvas, Shape, Stream};
use crate::kernels::{elementwise, noise};
use crate::ops::counterpart::{Class, Form};
use crate::ops::{Doc, Op, Param, PerChannel, Problem};

/// The numbers of one image.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// What each pixel draws from.
    pub each: Each,
    /// Whether each channel has numbers of its own.
    pub per_channel: bool,
    /// What the random numbers are expanded from.
    pub key: u64,
}

impl Drawn {
    fn of(each: Each, per_channel: PerChannel, rng: &mut Stream) -> Self {
        Self { each, per_channel: per_channel.draw(rng), key: rng.u64() }
    }

    /// From a parameter that was found legal; one that is not gives zeros.
    fn of_param(param: &Param, per_channel: PerChannel, rng: &mut Stream) -> Self {
        let each = Each::of(param, "").unwrap_or(Each { of: Numbers::Uniform([0.0; 2]), clip: None });
        Self::of(each, per_channel, rng)
    }

    fn add(&self, canvas: &mut Canvas) {
        canvas.in_place(|image, scratch| {
            let mut rng = Stream::of_key(self.key);
            self.each.paint(image, self.per_channel, &mut rng, scratch, |image, numbers| {
                noise::add(image, numbers);
            });
        });
    }
}

/// Adds a value of its own to each pixel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AddElementwise {
    /// What to add, in gray levels, -255..255; drawn for each pixel, then rounded half to even.
    pub value: Param,
    /// Probability that each channel has values of its own instead of all the same.
    pub per_channel: PerChannel,
}

impl Default for AddElementwise {
    fn default() -> Self {
        Self { value: Param::Range(-20.0, 20.0), per_channel: PerChannel::default() }
    }
}

impl Op for AddElementwise {
    type Drawn = Drawn;

    const IMGAUG: &'static [Class] = &[Class {
        name: "AddElementwise",
        params: &[("value", "value", Form::Number), ("per_channel", "per_channel", Form::Chance)],
    }];

    const DOC: Doc = Doc {
        summary: "Adds a value of its own to each pixel.",
        notes: "Results are clipped to 0..255.",
        short: Some("value"),
        examples: &[
            "add_elementwise: [-20, 20]",
            "add_elementwise: { value: { choice: [-10, 0, 10] }, per_channel: 0.5 }",
            "add_elementwise: { value: { normal: [0, 8], clip: [-16, 16] }, per_channel: true }",
        ],
    };

    still!();

    fn check(&self) -> Result<(), Problem> {
        self.value.check("value", -255.0..=255.0)?;
        Each::of(&self.value, "value")?;
        self.per_channel.check("per_channel")
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Drawn {
        Drawn::of_param(&self.value, self.per_channel, rng)
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        drawn.add(canvas);
    }
}

/// Multiplies each pixel by a factor of its own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct MultiplyElementwise {
    /// The factor, 0..1000, drawn for each pixel.
    pub mul: Param,
    /// Probability that each channel has factors of its own instead of all the same.
    pub per_channel: PerChannel,
}

impl Default for MultiplyElementwise {
    fn default() -> Self {
        Self { mul: Param::Range(0.8, 1.2), per_channel: PerChannel::default() }
    }
}

impl Op for MultiplyElementwise {
    type Drawn = Drawn;

    const IMGAUG: &'static [Class] = &[Class {
        name: "MultiplyElementwise",
        params: &[("mul", "mul", Form::Number), ("per_channel", "per_channel", Form::Chance)],
    }];

    const DOC: Doc = Doc {
        summary: "Multiplies each pixel by a factor of its own.",
        notes: "Products are cut off, not rounded, and clipped to 0..255.",
        short: Some("mul"),
        examples: &[
            "multiply_elementwise: [0.5, 1.5]",
            "multiply_elementwise: { mul: { choice: [0.5, 1] }, per_channel: true }",
        ],
    };

    still!();

    fn check(&self) -> Result<(), Problem> {
        self.mul.check("mul", 0.0..=1000.0)?;
        Each::of(&self.mul, "mul")?;
        self.per_channel.check("per_channel")
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Drawn {
        Drawn::of_param(&self.mul, self.per_channel, rng)
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        canvas.in_place(|image, scratch| {
            let mut rng = Stream::of_key(drawn.key);
            drawn.each.paint(image, drawn.per_channel, &mut rng, scratch, |image, numbers| {
                elementwise::multiply(image, numbers);
            });
        });
    }
}

/// Adds Laplace noise to all pixels.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AdditiveLaplaceNoise {
    /// Mean of the noise in gray levels, -255..255.
    pub loc: Param,
    /// Scale of the noise in gray levels, at least 0; its deviation is 1.41 times as large.
    pub scale: Param,
    /// Probability that each channel has noise of its own instead of all the same.
    pub per_channel: PerChannel,
}

impl Default for AdditiveLaplaceNoise {
    fn default() -> Self {
        Self { loc: Param::Constant(0.0), scale: Param::Range(0.0, 15.0), per_channel: PerChannel::default() }
    }
}

impl Op for AdditiveLaplaceNoise {
    type Drawn = Drawn;

    const IMGAUG: &'static [Class] = &[Class {
        name: "AdditiveLaplaceNoise",
        params: &[
            ("loc", "loc", Form::Number),
            ("scale", "scale", Form::Number),
            ("per_channel", "per_channel", Form::Chance),
        ],
    }];

    const DOC: Doc = Doc {
        summary: "Adds Laplace noise to all pixels.",
        notes: "Large values are likelier than with normal noise. Noise is rounded to whole gray levels; results are clipped to \
                0..255.",
        short: Some("scale"),
        examples: &[
            "additive_laplace_noise: 10",
            "additive_laplace_noise: { scale: [0.0, 12.75], per_channel: 0.5 }",
        ],
    };

    still!();

    fn check(&self) -> Result<(), Problem> {
        self.loc.check("loc", -255.0..=255.0)?;
        self.scale.check("scale", 0.0..=f64::INFINITY)?;
        self.per_channel.check("per_channel")
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Drawn {
        let of = Numbers::Laplace([self.loc.draw32(rng), self.scale.draw32(rng)]);
        Drawn::of(Each { of, clip: None }, self.per_channel, rng)
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        drawn.add(canvas);
    }
}

/// Adds Poisson noise to all pixels.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AdditivePoissonNoise {
    /// Mean of the noise before it gets its sign, in gray levels, 0..255.
    pub lam: Param,
    /// Probability that each channel has noise of its own instead of all the same.
    pub per_channel: PerChannel,
}

impl Default for AdditivePoissonNoise {
    fn default() -> Self {
        Self { lam: Param::Range(0.0, 15.0), per_channel: PerChannel::default() }
    }
}

impl Op for AdditivePoissonNoise {
    type Drawn = Drawn;

    const IMGAUG: &'static [Class] = &[Class {
        name: "AdditivePoissonNoise",
        params: &[("lam", "lam", Form::Number), ("per_channel", "per_channel", Form::Chance)],
    }];

    const DOC: Doc = Doc {
        summary: "Adds Poisson noise to all pixels.",
        notes: "A coin decides whether it is added or subtracted; results are clipped to 0..255.",
        short: Some("lam"),
        examples: &[
            "additive_poisson_noise: 8",
            "additive_poisson_noise: { lam: [0, 30], per_channel: true }",
        ],
    };

    still!();

    fn check(&self) -> Result<(), Problem> {
        self.lam.check("lam", 0.0..=255.0)?;
        self.per_channel.check("per_channel")
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Drawn {
        let of = Numbers::SignedPoisson(self.lam.draw32(rng));
        Drawn::of(Each { of, clip: None }, self.per_channel, rng)
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        drawn.add(canvas);
    }
}
