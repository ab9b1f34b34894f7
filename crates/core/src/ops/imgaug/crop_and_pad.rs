//! `crop_and_pad`: removes or adds pixels at each side; what `crop` and `pad` share with it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::base::{Canvas, Image, ImageMut, Shape, Stream};
use crate::kernels::crop_pad::{self, Amounts, PadMode, amounts_from_percent, keep_one, shape_after};
use crate::kernels::resize::{self, Interpolation};
use crate::ops::counterpart::{Class, Form};
use crate::ops::range::sides::{SideParam, Sides};
use crate::ops::{Choice, Doc, Int, Op, Param, Placement, Problem, ShapeOut};

crate::named! {
    for PadMode {
        Constant = "constant",
        Edge = "edge",
        LinearRamp = "linear_ramp",
        Maximum = "maximum",
        Mean = "mean",
        Median = "median",
        Minimum = "minimum",
        Reflect = "reflect",
        Symmetric = "symmetric",
        Wrap = "wrap",
    }
}

/// Removes pixels from the sides of the image (negative amounts) or adds some (positive amounts).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CropAndPad {
    /// Pixels per side, negative to crop; whole numbers, both ends of a range included. Either this or `percent`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub px: Option<Sides<Int>>,
    /// Fractions of height (top, bottom) and width (right, left), negative to crop. Either this or `px`.
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

pub(super) fn constant() -> Choice<PadMode> {
    Choice::One(PadMode::Constant)
}

pub(super) fn black() -> Int {
    Int::Constant(0)
}

pub(super) fn yes() -> bool {
    true
}

/// How one image is cropped and padded.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// Pixels at the top, right, bottom and left; negative ones are cropped.
    pub amounts: Amounts,
    /// What padded pixels are made of.
    pub pad_mode: PadMode,
    /// Gray level of the modes constant and linear_ramp.
    pub pad_cval: u8,
    /// Whether the result is resized to the size the image had.
    pub keep_size: bool,
}

/// The amounts as a pipeline file gives them.
#[derive(Clone, Copy)]
pub(super) struct Request<'a> {
    pub(super) px: Option<&'a Sides<Int>>,
    pub(super) percent: Option<&'a Sides<Param>>,
    pub(super) sample_independently: bool,
    /// -1 for `crop`, whose amounts are positive.
    pub(super) sign: i32,
}

/// More than this at one side is taken for a mistake.
const MOST_PIXELS: i64 = 4096;
const MOST_PERCENT: f64 = 16.0;

impl Request<'_> {
    /// Whether the amounts are legal; `negative` allows both signs.
    pub(super) fn check(&self, negative: bool) -> Result<(), Problem> {
        let most = if self.sign < 0 { 1.0 } else { MOST_PERCENT };
        match (self.px, self.percent) {
            (Some(px), None) => {
                let least = if negative { -MOST_PIXELS } else { 0 };
                px.check("px", |side, field| side.check(field, least..=MOST_PIXELS))
            }
            (None, Some(percent)) => {
                let least = if negative { -1.0 } else { 0.0 };
                percent.check("percent", |side, field| side.check(field, least..=most))
            }
            (Some(_), Some(_)) => Err(Problem::new("px", "px and percent exclude each other")),
            (None, None) => Err(Problem::new("", "either px or percent says how much")),
        }
    }

    /// Draws the amounts for an image of shape `on`: top, right, bottom, left.
    pub(super) fn draw(&self, on: Shape, rng: &mut Stream) -> Amounts {
        let amounts = if let Some(px) = self.px {
            self.four(px, |side| side.draw(rng) as i32).map(|n| n * self.sign)
        } else if let Some(percent) = self.percent {
            let sign = self.sign as f32;
            amounts_from_percent(self.four(percent, |side| side.draw32(rng)).map(|p| p * sign), on)
        } else {
            [0; 4]
        };
        if on.pixels() == 0 { [0; 4] } else { keep_one(amounts, on) }
    }

    fn four<P: SideParam, T: Copy>(&self, sides: &Sides<P>, mut draw: impl FnMut(&P) -> T) -> [T; 4] {
        match sides {
            Sides::All(param) if !self.sample_independently => [draw(param); 4],
            Sides::All(_) | Sides::Each(_) => sides.each().map(draw),
        }
    }

    /// What is known of the shape beforehand.
    pub(super) fn shape_out(&self, on: Shape, keep_size: bool) -> ShapeOut {
        if keep_size {
            return ShapeOut::Same;
        }
        let constant = self.px.is_none_or(Sides::is_constant) && self.percent.is_none_or(Sides::is_constant);
        if !constant || on.pixels() == 0 {
            return ShapeOut::Varies;
        }
        // Constants draw nothing, so that any stream will do.
        ShapeOut::Fixed(shape_after(self.draw(on, &mut Stream::of_key(0)), on))
    }
}

pub(super) fn paint(drawn: &Drawn, canvas: &mut Canvas) {
    let on = canvas.shape();
    if drawn.amounts == [0; 4] || on.pixels() == 0 {
        return;
    }
    // Another image than it was drawn for may be smaller.
    let amounts = keep_one(drawn.amounts, on);
    let (mode, cval) = (drawn.pad_mode, drawn.pad_cval);
    let changed = shape_after(amounts, on);
    if changed == on || !drawn.keep_size {
        canvas.redraw(changed, |src, dst, scratch| {
            crop_pad::crop_and_pad(src, dst, amounts, mode, cval, scratch);
        });
        return;
    }
    canvas.redraw(on, |src, dst, scratch| {
        let mut data = scratch.take_u8(changed.bytes());
        crop_pad::crop_and_pad(src, ImageMut::new(changed, &mut data), amounts, mode, cval, scratch);
        resize::resize(Image::new(changed, &data), dst, Interpolation::Auto, scratch);
        scratch.give_u8(data);
    });
}

pub(super) fn place(drawn: &Drawn, on: Shape) -> Placement {
    if drawn.amounts == [0; 4] || on.pixels() == 0 {
        return Placement::Unmoved;
    }
    let amounts = keep_one(drawn.amounts, on);
    let changed = shape_after(amounts, on);
    let (left, top) = (f64::from(amounts[3]), f64::from(amounts[0]));
    if !drawn.keep_size {
        return Placement::Affine { forward: [[1.0, 0.0, left], [0.0, 1.0, top]], to: changed };
    }
    let sx = on.width as f64 / changed.width as f64;
    let sy = on.height as f64 / changed.height as f64;
    let forward = [[sx, 0.0, (left + 0.5) * sx - 0.5], [0.0, sy, (top + 0.5) * sy - 0.5]];
    Placement::Affine { forward, to: on }
}

impl CropAndPad {
    fn request(&self) -> Request<'_> {
        Request {
            px: self.px.as_ref(),
            percent: self.percent.as_ref(),
            sample_independently: self.sample_independently,
            sign: 1,
        }
    }
}

impl Op for CropAndPad {
    type Drawn = Drawn;

    const IMGAUG: &'static [Class] = &[Class {
        name: "CropAndPad",
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
        summary: "Removes pixels from the sides of the image or adds some.",
        notes: "The image is cropped first, then padded, then resized to its old size unless keep_size is false. \
                A crop leaves at least one row and one column.",
        short: None,
        examples: &[
            "crop_and_pad: { percent: [-0.05, 0.1], pad_mode: all, pad_cval: [0, 255] }",
            "crop_and_pad: { px: [[0, 3], -2, 1, {choice: [-3, 3]}], pad_mode: [edge, linear_ramp], keep_size: false }",
            "crop_and_pad: { px: { left: 3, top: -1 }, keep_size: false }",
            "crop_and_pad: { percent: [-0.2, 0.2], sample_independently: false }",
        ],
    };

    fn check(&self) -> Result<(), Problem> {
        self.request().check(true)?;
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
        paint(drawn, canvas);
    }

    fn place(drawn: &Drawn, on: Shape) -> Placement {
        place(drawn, on)
    }
}
