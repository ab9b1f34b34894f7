//! `solarize`, `posterize` and `uniform_color_quantization`: fewer, or other, levels.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::common::still;
use crate::base::{Canvas, Shape, Stream};
use crate::kernels::tables;
use crate::ops::counterpart::{Class, Fixed, Form, NO, NONE, RGB, YES};
use crate::ops::{Doc, Int, Op, Probability, Problem};

/// Inverts what is bright.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Solarize {
    /// Probability that an image is solarized.
    pub p: Probability,
    /// The gray level from which on values are inverted, 0..255.
    pub threshold: Int,
}

impl Default for Solarize {
    fn default() -> Self {
        Self { p: Probability(1.0), threshold: Int::Range(64, 192) }
    }
}

/// Whether and where one image is solarized.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// The gray level from which on values are inverted, if they are.
    pub threshold: Option<u8>,
}

impl Op for Solarize {
    type Drawn = Drawn;

    const IMGAUG: &'static [Class] = &[Class {
        name: "Solarize",
        params: &[
            ("p", "p", Form::Chance),
            ("per_channel", "", NO),
            ("min_value", "", NONE),
            ("max_value", "", NONE),
            ("threshold", "threshold", Form::Whole),
            ("invert_above_threshold", "", YES),
        ],
    }];

    const DOC: Doc = Doc {
        summary: "Inverts what is bright.",
        notes: "",
        short: Some("p"),
        examples: &["solarize: 0.5", "solarize: { p: 1.0, threshold: [32, 128] }"],
    };

    still!();

    fn check(&self) -> Result<(), Problem> {
        self.p.check("p")?;
        self.threshold.check("threshold", 0..=255)
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Drawn {
        let is = self.p.draw(rng);
        Drawn { threshold: is.then(|| self.threshold.draw(rng) as u8) }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        if let Some(threshold) = drawn.threshold {
            canvas.in_place(|image, _| tables::apply(image, &tables::solarize(threshold)));
        }
    }
}

/// Keeps the upper bits of all values.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Posterize {
    /// How many bits, 1..8.
    pub nb_bits: Int,
}

impl Default for Posterize {
    fn default() -> Self {
        Self { nb_bits: Int::Range(1, 8) }
    }
}

/// The bits of one image.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bits {
    /// How many are kept.
    pub nb_bits: u8,
}

/// imgaug's parameters.
const QUANTIZED: &[(&str, &str, Form)] = &[
    ("nb_bits", "nb_bits", Form::Whole),
    ("from_colorspace", "", RGB),
    ("to_colorspace", "", NONE),
    ("max_size", "", NONE),
    ("interpolation", "", Form::Fixed(Fixed::Text("linear"))),
];

impl Op for Posterize {
    type Drawn = Bits;

    const IMGAUG: &'static [Class] = &[
        Class { name: "Posterize", params: QUANTIZED },
        Class { name: "UniformColorQuantizationToNBits", params: QUANTIZED },
    ];

    const DOC: Doc = Doc {
        summary: "Keeps the upper bits of all values.",
        notes: "",
        short: Some("nb_bits"),
        examples: &["posterize: 3", "posterize: [2, 6]"],
    };

    still!();

    fn check(&self) -> Result<(), Problem> {
        self.nb_bits.check("nb_bits", 1..=8)
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Bits {
        Bits { nb_bits: self.nb_bits.draw(rng) as u8 }
    }

    fn paint(drawn: &Bits, canvas: &mut Canvas) {
        canvas.in_place(|image, _| tables::apply(image, &tables::posterize(drawn.nb_bits)));
    }
}

/// Leaves some evenly spaced values of each channel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct UniformColorQuantization {
    /// How many values each channel has, 2..256.
    pub n_colors: Int,
}

impl Default for UniformColorQuantization {
    fn default() -> Self {
        Self { n_colors: Int::Range(2, 16) }
    }
}

/// The values of one image.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Colors {
    /// How many each channel has.
    pub n_colors: u16,
}

impl Op for UniformColorQuantization {
    type Drawn = Colors;

    const IMGAUG: &'static [Class] = &[Class {
        name: "UniformColorQuantization",
        params: &[
            ("n_colors", "n_colors", Form::Whole),
            ("from_colorspace", "", RGB),
            ("to_colorspace", "", NONE),
            ("max_size", "", NONE),
            ("interpolation", "", Form::Fixed(Fixed::Text("linear"))),
        ],
    }];

    const DOC: Doc = Doc {
        summary: "Leaves some evenly spaced values of each channel.",
        notes: "They are the middles of bins of one width.",
        short: Some("n_colors"),
        examples: &["uniform_color_quantization: 8", "uniform_color_quantization: [4, 16]"],
    };

    still!();

    fn check(&self) -> Result<(), Problem> {
        self.n_colors.check("n_colors", 2..=256)
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Colors {
        Colors { n_colors: self.n_colors.draw(rng) as u16 }
    }

    fn paint(drawn: &Colors, canvas: &mut Canvas) {
        canvas.in_place(|image, _| tables::apply(image, &tables::quantize(drawn.n_colors)));
    }
}
