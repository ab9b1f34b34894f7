//! `multiply_and_add_to_brightness`, `multiply_brightness` and `add_to_brightness`: in a color space with a channel for it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::common::still;
use crate::base::{Canvas, Shape, Stream};
use crate::kernels::colorspace::{self, Space};
use crate::kernels::tables;
use crate::ops::counterpart::{Class, Form, RGB};
use crate::ops::{Choice, Doc, Op, Param, Problem};

/// The spaces that have a channel of brightness, as imgaug lists them.
pub(crate) fn spaces() -> Choice<Space> {
    Choice::Of(vec![Space::YCrCb, Space::Hsv, Space::Hls, Space::Lab, Space::Luv, Space::Yuv])
}

/// Whether all spaces of a choice have a channel of brightness.
pub(crate) fn check_spaces(spaces: &Choice<Space>, field: &str) -> Result<(), Problem> {
    spaces.check(field)?;
    let dull = |space: &Space| space.brightness().is_none();
    let without = match spaces {
        Choice::One(space) => dull(space),
        Choice::Of(list) => list.iter().any(dull),
        Choice::All => true,
    };
    if without {
        let message = "only YCrCb, HSV, HLS, Lab, Luv and YUV have a channel of brightness";
        return Err(Problem::new(field, message));
    }
    Ok(())
}

fn factor() -> Param {
    Param::Range(0.7, 1.3)
}

fn levels() -> Param {
    Param::Range(-30.0, 30.0)
}

fn check_factor(mul: &Param) -> Result<(), Problem> {
    mul.check("mul", 0.0..=1000.0)
}

fn check_levels(add: &Param) -> Result<(), Problem> {
    add.check("add", -255.0..=255.0)
}

/// What becomes of the brightness of one image.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// The factor.
    pub mul: f32,
    /// What is added, in steps of 255.
    pub add: f32,
    /// Whether it is added before it is multiplied.
    pub add_first: bool,
    /// The color space.
    pub to_colorspace: Space,
}

fn paint(drawn: &Drawn, canvas: &mut Canvas) {
    let Some(channel) = drawn.to_colorspace.brightness() else { return };
    if canvas.shape().channels() != 3 {
        return;
    }
    let add = drawn.add.round_ties_even();
    let multiplied = |v: u8| (f32::from(v) * drawn.mul) as u8;
    let added = |v: u8| (f32::from(v) + add) as u8;
    let table = std::array::from_fn(|i| {
        if drawn.add_first { multiplied(added(i as u8)) } else { added(multiplied(i as u8)) }
    });
    canvas.in_place(|mut image, _| {
        colorspace::convert(image.reborrow(), Space::Rgb, drawn.to_colorspace);
        tables::apply_to(image.reborrow(), channel, &table);
        colorspace::convert(image, drawn.to_colorspace, Space::Rgb);
    });
}

/// Multiplies the brightness and adds to it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct MultiplyAndAddToBrightness {
    /// Factor, 0..1000.
    pub mul: Param,
    /// What to add, -255..255; rounded half to even after drawing.
    pub add: Param,
    /// The color space in which it happens; a list is a choice.
    pub to_colorspace: Choice<Space>,
    /// Whether a coin decides which of the two comes first; else the factor does.
    pub random_order: bool,
}

impl Default for MultiplyAndAddToBrightness {
    fn default() -> Self {
        Self { mul: factor(), add: levels(), to_colorspace: spaces(), random_order: true }
    }
}

const NOTES: &str = "The factor's result is cut off. Pixels go through 8 bits of the color space, whose rounding changes them \
                     slightly even where nothing else does. A gray image stays as it is.";

impl Op for MultiplyAndAddToBrightness {
    type Drawn = Drawn;

    const IMGAUG: &'static [Class] = &[Class {
        name: "MultiplyAndAddToBrightness",
        params: &[
            ("mul", "mul", Form::Number),
            ("add", "add", Form::Number),
            ("to_colorspace", "to_colorspace", Form::Names),
            ("from_colorspace", "", RGB),
            ("random_order", "random_order", Form::Flag),
        ],
    }];

    const DOC: Doc = Doc {
        summary: "Multiplies the brightness and adds to it.",
        notes: NOTES,
        short: None,
        examples: &[
            "multiply_and_add_to_brightness: {}",
            "multiply_and_add_to_brightness: { mul: [0.5, 1.5], add: [-30, 30], to_colorspace: [HSV, Lab] }",
        ],
    };

    still!();

    fn check(&self) -> Result<(), Problem> {
        check_factor(&self.mul)?;
        check_levels(&self.add)?;
        check_spaces(&self.to_colorspace, "to_colorspace")
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Drawn {
        Drawn {
            mul: self.mul.draw32(rng),
            add: self.add.draw32(rng),
            add_first: self.random_order && rng.bernoulli(0.5),
            to_colorspace: self.to_colorspace.draw(rng),
        }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        paint(drawn, canvas);
    }
}

/// Multiplies the brightness.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct MultiplyBrightness {
    /// Factor, 0..1000.
    pub mul: Param,
    /// The color space in which it happens; a list is a choice.
    pub to_colorspace: Choice<Space>,
}

impl Default for MultiplyBrightness {
    fn default() -> Self {
        Self { mul: factor(), to_colorspace: spaces() }
    }
}

impl Op for MultiplyBrightness {
    type Drawn = Drawn;

    const IMGAUG: &'static [Class] = &[Class {
        name: "MultiplyBrightness",
        params: &[
            ("mul", "mul", Form::Number),
            ("to_colorspace", "to_colorspace", Form::Names),
            ("from_colorspace", "", RGB),
        ],
    }];

    const DOC: Doc = Doc {
        summary: "Multiplies the brightness.",
        notes: NOTES,
        short: Some("mul"),
        examples: &[
            "multiply_brightness: [0.5, 1.5]",
            "multiply_brightness: { mul: 1.3, to_colorspace: YCrCb }",
        ],
    };

    still!();

    fn check(&self) -> Result<(), Problem> {
        check_factor(&self.mul)?;
        check_spaces(&self.to_colorspace, "to_colorspace")
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Drawn {
        let mul = self.mul.draw32(rng);
        Drawn { mul, add: 0.0, add_first: false, to_colorspace: self.to_colorspace.draw(rng) }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        paint(drawn, canvas);
    }
}

/// Adds to the brightness.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AddToBrightness {
    /// What to add, -255..255; rounded half to even after drawing.
    pub add: Param,
    /// The color space in which it happens; a list is a choice.
    pub to_colorspace: Choice<Space>,
}

impl Default for AddToBrightness {
    fn default() -> Self {
        Self { add: levels(), to_colorspace: spaces() }
    }
}

impl Op for AddToBrightness {
    type Drawn = Drawn;

    const IMGAUG: &'static [Class] = &[Class {
        name: "AddToBrightness",
        params: &[
            ("add", "add", Form::Number),
            ("to_colorspace", "to_colorspace", Form::Names),
            ("from_colorspace", "", RGB),
        ],
    }];

    const DOC: Doc = Doc {
        summary: "Adds to the brightness.",
        notes: NOTES,
        short: Some("add"),
        examples: &[
            "add_to_brightness: [-30, 30]",
            "add_to_brightness: { add: 25, to_colorspace: [HLS, YUV] }",
        ],
    };

    still!();

    fn check(&self) -> Result<(), Problem> {
        check_levels(&self.add)?;
        check_spaces(&self.to_colorspace, "to_colorspace")
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Drawn {
        let add = self.add.draw32(rng);
        Drawn { mul: 1.0, add, add_first: false, to_colorspace: self.to_colorspace.draw(rng) }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        paint(drawn, canvas);
    }
}
