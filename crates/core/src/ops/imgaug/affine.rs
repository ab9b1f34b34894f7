//! `affine`: scales, rotates, shears and moves the image.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::base::{Canvas, Shape, Stream};
use crate::kernels::affine::{self, Order, Sampling};
use crate::kernels::border::Border;
use crate::ops::counterpart::{AUTO, Class, Form};
use crate::ops::{Choice, Doc, Op, Param, PerAxis, Placement, Problem, ShapeOut};

crate::named! {
    for Order {
        Nearest = "0",
        Linear = "1",
    }
}

crate::named! {
    for Sampling, all 2 {
        Nearest = "0",
        Linear = "1",
        Cubic = "3",
    }
}

crate::named! {
    for Border {
        Constant = "constant",
        Edge = "edge",
        Symmetric = "symmetric",
        Reflect = "reflect",
        Wrap = "wrap",
    }
}

/// Scales, rotates, shears and moves the image.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Affine {
    /// Factor about the center, above 1 enlarges; one value for both axes, or `{x: ..., y: ...}`.
    #[serde(default = "one")]
    pub scale: PerAxis,
    /// Shift as a fraction of width (x, to the right) and height (y, downwards). Excludes `translate_px`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub translate_percent: Option<PerAxis>,
    /// Shift in whole pixels, x to the right, y downwards; both ends of a range included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub translate_px: Option<PerAxis>,
    /// Degrees, clockwise.
    #[serde(default = "zero")]
    pub rotate: Param,
    /// Degrees. A number shears along x only, a range or choice draws one value for both axes, and
    /// `{x: ..., y: ...}` gives each axis its own.
    #[serde(default = "unsheared")]
    pub shear: PerAxis,
    /// Interpolation: 0 nearest, 1 bilinear, 3 bicubic; a list is a choice, and all are 0 and 1.
    #[serde(default = "linear")]
    pub order: Choice<Sampling>,
    /// Gray level 0..255 of mode constant, cut to an integer; each channel draws its own.
    #[serde(default = "zero")]
    pub cval: Param,
    /// What lies beyond the border; a list is a choice.
    #[serde(default = "constant")]
    pub mode: Choice<Border>,
    /// Whether the image becomes as large as what it is turned and scaled to; where it is moved to does not matter then.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub fit_output: bool,
}

pub(in crate::ops) fn one() -> PerAxis {
    PerAxis::Both(Param::Constant(1.0))
}

pub(in crate::ops) fn zero() -> Param {
    Param::Constant(0.0)
}

pub(in crate::ops) fn unsheared() -> PerAxis {
    PerAxis::Both(Param::Constant(0.0))
}

fn linear() -> Choice<Sampling> {
    Choice::One(Sampling::Linear)
}

pub(in crate::ops) fn constant() -> Choice<Border> {
    Choice::One(Border::Constant)
}

/// How one image is transformed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// Factors of x and y.
    pub scale: [f64; 2],
    /// Pixels to the right and downwards.
    pub translate: [f64; 2],
    /// Degrees, clockwise.
    pub rotate: f64,
    /// Degrees, of x and y.
    pub shear: [f64; 2],
    /// Interpolation.
    pub order: Sampling,
    /// The color beyond the border; gray images use the first value.
    pub cval: [u8; 3],
    /// What lies beyond the border.
    pub mode: Border,
    /// Whether the image becomes as large as its content.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub fit_output: bool,
}

/// The geometric parameters, which `smooth_elastic` has too.
#[derive(Clone, Copy)]
pub(in crate::ops) struct Request<'a> {
    pub(in crate::ops) scale: &'a PerAxis,
    pub(in crate::ops) translate_percent: Option<&'a PerAxis>,
    pub(in crate::ops) translate_px: Option<&'a PerAxis>,
    pub(in crate::ops) rotate: &'a Param,
    pub(in crate::ops) shear: &'a PerAxis,
}

/// No picture is so large that moving it further would show anything.
pub(in crate::ops) const FAR: f64 = 16384.0;

impl Request<'_> {
    pub(in crate::ops) fn check(&self) -> Result<(), Problem> {
        self.scale.check("scale", 0.01..=100.0)?;
        if let Some(percent) = self.translate_percent {
            percent.check("translate_percent", -10.0..=10.0)?;
            if self.translate_px.is_some() {
                return Err(Problem::new(
                    "translate_px",
                    "translate_percent and translate_px exclude each other",
                ));
            }
        }
        if let Some(px) = self.translate_px {
            px.check("translate_px", -FAR..=FAR)?;
            whole(px)?;
        }
        self.rotate.check("rotate", -3600.0..=3600.0)?;
        self.shear.check("shear", -3600.0..=3600.0)
    }

    pub(in crate::ops) fn draw(&self, on: Shape, rng: &mut Stream) -> affine::Parts {
        let (sx, sy) = self.scale.draw(1.0, rng);
        let translate = if let Some(percent) = self.translate_percent {
            let (x, y) = percent.draw(0.0, rng);
            [x * on.width as f64, y * on.height as f64]
        } else {
            self.translate_px.map_or([0.0; 2], |px| draw_whole(px, rng))
        };
        let rotate = self.rotate.draw(rng);
        let shear = match self.shear {
            PerAxis::Both(Param::Constant(x)) => [*x, 0.0],
            shear => shear.draw(0.0, rng).into(),
        };
        affine::Parts { scale: [sx, sy], translate, rotate, shear }
    }
}

/// Whether all values are whole numbers.
fn whole(px: &PerAxis) -> Result<(), Problem> {
    let check = |param: &Param| {
        let values = match param {
            Param::Constant(value) => &[*value][..],
            Param::Range(lo, hi) => &[*lo, *hi][..],
            Param::Choice(values) => values,
            Param::Law(law) if law.round => &[],
            Param::Law(_) => {
                return Err(Problem::new("translate_px", "a distribution of pixels needs round: true"));
            }
        };
        match values.iter().find(|value| value.fract() != 0.0) {
            Some(value) => {
                Err(Problem::new("translate_px", format!("{value} is not a whole number of pixels")))
            }
            None => Ok(()),
        }
    };
    match px {
        PerAxis::Both(param) => check(param),
        PerAxis::Each { x, y } => x.iter().chain(y).try_for_each(check),
    }
}

/// Draws (x, y) as whole numbers, ranges with both ends.
fn draw_whole(px: &PerAxis, rng: &mut Stream) -> [f64; 2] {
    let mut draw = |param: &Param| match param {
        Param::Range(lo, hi) => rng.integer(*lo as i64, *hi as i64) as f64,
        other => other.draw(rng),
    };
    match px {
        PerAxis::Both(param) => [draw(param); 2],
        PerAxis::Each { x, y } => [x, y].map(|axis| axis.as_ref().map_or(0.0, &mut draw)),
    }
}

/// A color of which each channel draws its own value.
pub(in crate::ops) fn draw_cval(cval: &Param, rng: &mut Stream) -> [u8; 3] {
    std::array::from_fn(|_| cval.draw(rng) as u8)
}

impl Affine {
    fn request(&self) -> Request<'_> {
        Request {
            scale: &self.scale,
            translate_percent: self.translate_percent.as_ref(),
            translate_px: self.translate_px.as_ref(),
            rotate: &self.rotate,
            shear: &self.shear,
        }
    }
}

impl Drawn {
    /// The matrix, and the shape of what it makes of an image of shape `on`; none where nothing changes.
    fn forward(&self, on: Shape) -> Option<(affine::Matrix, Shape)> {
        let Self { scale, translate, rotate, shear, .. } = *self;
        let forward = affine::forward(&affine::Parts { scale, translate, rotate, shear }, on);
        if affine::is_identity(&forward) || on.pixels() == 0 {
            return None;
        }
        Some(if self.fit_output { affine::fitted(forward, on) } else { (forward, on) })
    }
}

impl Op for Affine {
    type Drawn = Drawn;

    const IMGAUG: &'static [Class] = &[Class {
        name: "Affine",
        params: &[
            ("scale", "scale", Form::Axes),
            ("translate_percent", "translate_percent", Form::Axes),
            ("translate_px", "translate_px", Form::WholeAxes),
            ("rotate", "rotate", Form::Number),
            ("shear", "shear", Form::Axes),
            ("order", "order", Form::Names),
            ("cval", "cval", Form::Gray),
            ("mode", "mode", Form::Names),
            ("fit_output", "fit_output", Form::Flag),
            ("backend", "", AUTO),
        ],
    }];

    const DOC: Doc = Doc {
        summary: "Scales, rotates, shears and moves the image.",
        notes: "Everything is about the center; the size stays, unless fit_output is true. A shear turns an axis by its angle without \
                stretching it, so that the same shear of both axes, which a range means, is mostly a rotation. \
                translate_percent is not rounded to whole pixels.",
        short: None,
        examples: &[
            "affine: { rotate: [-25, 25] }",
            "affine: { scale: { x: [0.8, 1.2], y: [0.8, 1.2] }, translate_percent: { x: [-0.2, 0.2], y: [-0.2, \
             0.2] }, rotate: [-45, 45], shear: [-16, 16], order: [0, 1], cval: [0, 255], mode: all }",
            "affine: { translate_px: { x: [-2, 2], y: [-2, 2] }, shear: { y: { choice: [-5, 5] } }, mode: edge }",
            "affine: { scale: [0.5, 1.5], shear: 8, mode: [symmetric, reflect, wrap] }",
            "affine: { rotate: { normal: [0, 20] }, order: 3, fit_output: true }",
        ],
    };

    fn check(&self) -> Result<(), Problem> {
        self.request().check()?;
        self.order.check("order")?;
        self.cval.check("cval", 0.0..=255.0)?;
        self.mode.check("mode")
    }

    fn shape_out(&self, _: Shape) -> ShapeOut {
        if self.fit_output { ShapeOut::Varies } else { ShapeOut::Same }
    }

    fn draw(&self, on: Shape, rng: &mut Stream) -> Drawn {
        let affine::Parts { scale, translate, rotate, shear } = self.request().draw(on, rng);
        Drawn {
            scale,
            translate,
            rotate,
            shear,
            order: self.order.draw(rng),
            cval: draw_cval(&self.cval, rng),
            mode: self.mode.draw(rng),
            fit_output: self.fit_output,
        }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        let Some((forward, to)) = drawn.forward(canvas.shape()) else { return };
        let inverse = affine::invert(&forward);
        canvas.redraw(to, |src, dst, scratch| {
            affine::warp_affine(src, dst, &inverse, drawn.order, drawn.mode, drawn.cval, scratch);
        });
    }

    fn place(drawn: &Drawn, on: Shape) -> Placement {
        match drawn.forward(on) {
            Some((forward, to)) => Placement::Affine { forward, to },
            None => Placement::Unmoved,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(text: &str) -> Affine {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn the_form_of_shear_decides_which_axes_it_turns() {
        let on = Shape::gray(28, 28);
        let draw = |text: &str| spec(text).draw(on, &mut Stream::of_key(1)).shear;
        assert_eq!(draw("{\"shear\": 8}"), [8.0, 0.0]);
        let [x, y] = draw("{\"shear\": [-16, 16]}");
        assert!(x == y && x != 0.0, "{x} {y}");
        let [x, y] = draw("{\"shear\": {\"x\": [-16, 16], \"y\": [-16, 16]}}");
        assert_ne!(x, y);
    }

    #[test]
    fn pixels_are_whole_and_both_ends_occur() {
        let on = Shape::gray(28, 28);
        let op = spec("{\"translate_px\": {\"x\": [-1, 1]}}");
        let mut rng = Stream::of_key(2);
        let mut seen = [0; 3];
        for _ in 0..200 {
            let [x, y] = op.draw(on, &mut rng).translate;
            seen[(x + 1.0) as usize] += 1;
            assert_eq!((x.fract(), y), (0.0, 0.0));
        }
        assert!(seen.iter().all(|&n| n > 40), "{seen:?}");
        assert!(spec("{\"translate_px\": 0.5}").check().is_err());
        assert!(spec("{\"translate_px\": 1, \"translate_percent\": 0.1}").check().is_err());
    }
}
