//! `multiply_hue_and_saturation`, `multiply_hue` and `multiply_saturation`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::common::still;
use crate::base::{Canvas, Shape, Stream};
use crate::kernels::colorspace;
use crate::ops::counterpart::{Class, Form, RGB};
use crate::ops::{Doc, Op, Param, PerChannel, Problem};

/// The factors of one image.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// Of the hue, if it has one.
    pub hue: Option<f32>,
    /// Of the saturation, if it has one.
    pub saturation: Option<f32>,
}

fn paint(drawn: &Drawn, canvas: &mut Canvas) {
    canvas.in_place(|image, _| {
        colorspace::multiply_hue_and_saturation(image, drawn.hue, drawn.saturation);
    });
}

/// Multiplies the hue and the saturation of all pixels.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct MultiplyHueAndSaturation {
    /// Factor of both, -10..10.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mul: Option<Param>,
    /// Factor of the hue alone, -10..10; instead of `mul`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mul_hue: Option<Param>,
    /// Factor of the saturation alone, 0..10; instead of `mul`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mul_saturation: Option<Param>,
    /// Probability that `mul` is drawn for hue and saturation separately instead of once for both.
    pub per_channel: PerChannel,
}

const NOTES: &str = "A hue is an angle from red, so that a factor turns colors the farther the farther they are from red. Pixels go \
                     through 8-bit HSV, whose rounding changes them slightly even with a factor of 1. A gray image stays as it is.";

impl Op for MultiplyHueAndSaturation {
    type Drawn = Drawn;

    const IMGAUG: &'static [Class] = &[Class {
        name: "MultiplyHueAndSaturation",
        params: &[
            ("mul", "mul", Form::Number),
            ("mul_hue", "mul_hue", Form::Number),
            ("mul_saturation", "mul_saturation", Form::Number),
            ("per_channel", "per_channel", Form::Chance),
            ("from_colorspace", "", RGB),
        ],
    }];

    const DOC: Doc = Doc {
        summary: "Multiplies the hue and the saturation of all pixels.",
        notes: NOTES,
        short: Some("mul"),
        examples: &[
            "multiply_hue_and_saturation: [0.5, 1.5]",
            "multiply_hue_and_saturation: { mul: [0.5, 1.5], per_channel: true }",
            "multiply_hue_and_saturation: { mul_hue: [-1, 1], mul_saturation: [0.5, 1.5] }",
        ],
    };

    still!();

    fn check(&self) -> Result<(), Problem> {
        if let Some(mul) = &self.mul {
            mul.check("mul", -10.0..=10.0)?;
            if self.mul_hue.is_some() || self.mul_saturation.is_some() {
                let message = "mul is for hue and saturation together; give it or the other two";
                return Err(Problem::new("mul", message));
            }
        } else if self.mul_hue.is_none() && self.mul_saturation.is_none() {
            return Err(Problem::new("", "one of mul, mul_hue and mul_saturation says how much"));
        }
        if let Some(mul) = &self.mul_hue {
            mul.check("mul_hue", -10.0..=10.0)?;
        }
        if let Some(mul) = &self.mul_saturation {
            mul.check("mul_saturation", 0.0..=10.0)?;
        }
        self.per_channel.check("per_channel")
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Drawn {
        let Some(mul) = &self.mul else {
            let mut of = |param: &Option<Param>| param.as_ref().map(|param| param.draw32(rng));
            return Drawn { hue: of(&self.mul_hue), saturation: of(&self.mul_saturation) };
        };
        let hue = mul.draw32(rng);
        let saturation = if self.per_channel.draw(rng) { mul.draw32(rng) } else { hue };
        Drawn { hue: Some(hue), saturation: Some(saturation) }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        paint(drawn, canvas);
    }
}

/// Multiplies the hue of all pixels.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct MultiplyHue {
    /// Factor, -10..10.
    pub mul: Param,
}

impl Default for MultiplyHue {
    fn default() -> Self {
        Self { mul: Param::Range(-3.0, 3.0) }
    }
}

impl Op for MultiplyHue {
    type Drawn = Drawn;

    const IMGAUG: &'static [Class] = &[Class {
        name: "MultiplyHue",
        params: &[("mul", "mul", Form::Number), ("from_colorspace", "", RGB)],
    }];

    const DOC: Doc = Doc {
        summary: "Multiplies the hue of all pixels.",
        notes: NOTES,
        short: Some("mul"),
        examples: &["multiply_hue: [0.5, 1.5]"],
    };

    still!();

    fn check(&self) -> Result<(), Problem> {
        self.mul.check("mul", -10.0..=10.0)
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Drawn {
        Drawn { hue: Some(self.mul.draw32(rng)), saturation: None }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        paint(drawn, canvas);
    }
}

/// Multiplies the saturation of all pixels.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct MultiplySaturation {
    /// Factor, 0..10.
    pub mul: Param,
}

impl Default for MultiplySaturation {
    fn default() -> Self {
        Self { mul: Param::Range(0.0, 3.0) }
    }
}

impl Op for MultiplySaturation {
    type Drawn = Drawn;

    const IMGAUG: &'static [Class] = &[Class {
        name: "MultiplySaturation",
        params: &[("mul", "mul", Form::Number), ("from_colorspace", "", RGB)],
    }];

    const DOC: Doc = Doc {
        summary: "Multiplies the saturation of all pixels.",
        notes: NOTES,
        short: Some("mul"),
        examples: &["multiply_saturation: [0.5, 1.5]"],
    };

    still!();

    fn check(&self) -> Result<(), Problem> {
        self.mul.check("mul", 0.0..=10.0)
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Drawn {
        Drawn { hue: None, saturation: Some(self.mul.draw32(rng)) }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        paint(drawn, canvas);
    }
}
