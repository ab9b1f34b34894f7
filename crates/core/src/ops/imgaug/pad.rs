//! `pad`: adds pixels at each side.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::crop_and_pad::{self, Drawn, Request, black, constant, yes};
use crate::base::{Canvas, Shape, Stream};
use crate::kernels::crop_pad::PadMode;
use crate::ops::counterpart::{Class, Form};
use crate::ops::{Choice, Doc, Int, Op, Param, Placement, Problem, ShapeOut, Sides};

/// Adds pixels at the sides of the image.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Pad {
    /// Pixels per side to add; whole numbers, both ends of a range included. Either this or `percent`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub px: Option<Sides<Int>>,
    /// Fractions of height (top, bottom) and width (right, left) to add. Either this or `px`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub percent: Option<Sides<Param>>,
    /// What padded pixels are made of; one mode per image.
    #[serde(default = "constant")]
    pub pad_mode: Choice<PadMode>,
    /// Gray level 0..255 of the modes constant and linear_ramp, the same in all channels.
    #[serde(default = "black")]
    pub pad_cval: Int,
    /// Whether the result is resized to the size the image had.
    #[serde(default = "yes")]
    pub keep_size: bool,
    /// Whether each side draws its own value where one form is given for all; else they share one.
    #[serde(default = "yes")]
    pub sample_independently: bool,
}

impl Pad {
    fn request(&self) -> Request<'_> {
        Request {
            px: self.px.as_ref(),
            percent: self.percent.as_ref(),
            sample_independently: self.sample_independently,
            sign: 1,
        }
    }
}

impl Op for Pad {
    type Drawn = Drawn;

    const IMGAUG: &'static [Class] = &[Class {
        name: "Pad",
        params: &[
            ("px", "px", Form::WholeSides),
            ("percent", "percent", Form::Sides),
            ("pad_mode", "pad_mode", Form::Names),
            ("pad_cval", "pad_cval", Form::WholeGray),
            ("keep_size", "keep_size", Form::Flag),
            ("sample_independently", "sample_independently", Form::Flag),
        ],
    }];

    const DOC: Doc = Doc {
        summary: "Adds pixels at the sides of the image.",
        notes: "The result is resized to the old size unless keep_size is false.",
        short: None,
        examples: &[
            "pad: { percent: [0, 0.2], pad_mode: all, pad_cval: [0, 255] }",
            "pad: { px: 2, keep_size: false }",
            "pad: { px: { left: [0, 4], bottom: 1 }, pad_mode: reflect, keep_size: false }",
        ],
    };

    fn check(&self) -> Result<(), Problem> {
        self.request().check(false)?;
        self.pad_mode.check("pad_mode")?;
        self.pad_cval.check("pad_cval", 0..=255)
    }

    fn shape_out(&self, on: Shape) -> ShapeOut {
        self.request().shape_out(on, self.keep_size)
    }

    fn draw(&self, on: Shape, rng: &mut Stream) -> Drawn {
        Drawn {
            amounts: self.request().draw(on, rng),
            pad_mode: self.pad_mode.draw(rng),
            pad_cval: self.pad_cval.draw(rng) as u8,
            keep_size: self.keep_size,
        }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        crop_and_pad::paint(drawn, canvas);
    }

    fn place(drawn: &Drawn, on: Shape) -> Placement {
        crop_and_pad::place(drawn, on)
    }
}
