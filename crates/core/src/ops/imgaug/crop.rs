//! `crop`: removes pixels at each side.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::crop_and_pad::{self, Drawn, Request, yes};
use crate::base::{Canvas, Shape, Stream};
use crate::kernels::crop_pad::PadMode;
use crate::ops::counterpart::{Class, Form};
use crate::ops::{Doc, Int, Op, Param, Placement, Problem, ShapeOut, Sides};

/// Removes pixels from the sides of the image.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Crop {
    /// Pixels per side to remove; whole numbers, both ends of a range included. Either this or `percent`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub px: Option<Sides<Int>>,
    /// Fractions of height (top, bottom) and width (right, left) to remove, 0..1. Either this or `px`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub percent: Option<Sides<Param>>,
    /// Whether the result is resized to the size the image had.
    #[serde(default = "yes")]
    pub keep_size: bool,
    /// Whether each side draws its own value where one form is given for all; else they share one.
    #[serde(default = "yes")]
    pub sample_independently: bool,
}

impl Crop {
    fn request(&self) -> Request<'_> {
        Request {
            px: self.px.as_ref(),
            percent: self.percent.as_ref(),
            sample_independently: self.sample_independently,
            sign: -1,
        }
    }
}

impl Op for Crop {
    type Drawn = Drawn;

    const IMGAUG: &'static [Class] = &[Class {
        name: "Crop",
        params: &[
            ("px", "px", Form::WholeSides),
            ("percent", "percent", Form::Sides),
            ("keep_size", "keep_size", Form::Flag),
            ("sample_independently", "sample_independently", Form::Flag),
        ],
    }];

    const DOC: Doc = Doc {
        summary: "Removes pixels from the sides of the image.",
        notes: "The result is resized to the old size unless keep_size is false. At least one row and one column \
                are left.",
        short: None,
        examples: &[
            "crop: { percent: [0, 0.2] }",
            "crop: { px: [1, 0, [0, 3], 2], keep_size: false }",
            "crop: { px: 2, keep_size: false }",
        ],
    };

    fn check(&self) -> Result<(), Problem> {
        self.request().check(false)
    }

    fn shape_out(&self, on: Shape) -> ShapeOut {
        self.request().shape_out(on, self.keep_size)
    }

    fn draw(&self, on: Shape, rng: &mut Stream) -> Drawn {
        Drawn {
            amounts: self.request().draw(on, rng),
            pad_mode: PadMode::Constant,
            pad_cval: 0,
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
