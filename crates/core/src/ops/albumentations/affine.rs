//! `albumentations.affine` and `albumentations.shift_scale_rotate`: turn, enlarge, shear and move the image.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::common::{Compat, Fill, constant, linear, outside, paint_affine, side, sized, two};
use crate::base::{Canvas, Shape, Stream};
use crate::kernels::affine::{Matrix, Parts};
use crate::kernels::border::Border;
use crate::kernels::cv::matrix;
use crate::kernels::cv::warp::Interpolation;
use crate::ops::imgaug::affine::{FAR, one, zero};
use crate::ops::{Doc, Op, Param, PerAxis, Placement, Problem, ShapeOut};

/// Scales, turns, shears and moves the image, as Albumentations' `Affine` does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AlbAffine {
    /// Factor about the center, above 1 enlarges; one value for both axes, or `{x: ..., y: ...}`.
    #[serde(default = "one")]
    pub scale: PerAxis,
    /// Whether enlarging and shrinking are equally likely, where the factor can do both.
    #[serde(default)]
    pub balanced_scale: bool,
    /// Shift as a fraction of width (x, to the right) and height (y, downwards). Excludes `translate_px`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub translate_percent: Option<PerAxis>,
    /// Shift in whole pixels; both ends of a range included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub translate_px: Option<PerAxis>,
    /// Degrees, counter-clockwise.
    #[serde(default = "zero")]
    pub rotate: Param,
    /// Degrees; one value for both axes, or `{x: ..., y: ...}`.
    #[serde(default = "unsheared")]
    pub shear: PerAxis,
    /// Whether the image becomes as large as its content.
    #[serde(default)]
    pub fit_output: bool,
    /// How pixels are found: `nearest`, `linear` or `cubic`.
    #[serde(default = "linear")]
    pub interpolation: Interpolation,
    /// What lies beyond the border.
    #[serde(default = "constant")]
    pub border: Border,
    /// Its color, where it is constant.
    #[serde(default)]
    pub fill: Fill,
    /// Version of Albumentations, 1 or 2: each has another shear, and 2 shifts by whole pixels only.
    #[serde(default = "two")]
    pub compat: Compat,
}

fn unsheared() -> PerAxis {
    PerAxis::Both(Param::Constant(0.0))
}

/// How one image is transformed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// Factors of x and y.
    pub scale: [f64; 2],
    /// Pixels to the right and downwards.
    pub translate: [f64; 2],
    /// Degrees, counter-clockwise.
    pub rotate: f64,
    /// Degrees, of x and y.
    pub shear: [f64; 2],
    /// Whether the image becomes as large as its content.
    pub fit_output: bool,
    /// How pixels are found.
    pub interpolation: Interpolation,
    /// What lies beyond the border.
    pub border: Border,
    /// Its color.
    pub fill: Fill,
    /// The version's rule.
    pub compat: Compat,
}

impl Drawn {
    /// The matrix from the image to the result, and the result's shape.
    fn forward(&self, on: Shape) -> (Matrix, Shape) {
        let Self { scale, translate, rotate, shear, .. } = *self;
        let parts = Parts { scale, translate, rotate, shear };
        let m = match self.compat {
            Compat::One => matrix::older_chain(&parts, on),
            Compat::Two => matrix::chain(&parts, on),
        };
        if self.fit_output && on.pixels() > 0 { self.fitted(m, on) } else { (m, on) }
    }

    /// The same matrix behind a shift that brings all of the content into the image.
    fn fitted(&self, m: Matrix, on: Shape) -> (Matrix, Shape) {
        let less = if self.compat == Compat::One { 1.0 } else { 0.0 };
        let (right, bottom) = (on.width as f64 - less, on.height as f64 - less);
        let corners = [[0.0, 0.0], [right, 0.0], [right, bottom], [0.0, bottom]];
        let spans = m.map(|row| {
            let ends = corners.map(|[x, y]| row[0] * x + row[1] * y + row[2]);
            let lo = ends.into_iter().fold(f64::INFINITY, f64::min);
            let hi = ends.into_iter().fold(f64::NEG_INFINITY, f64::max);
            match self.compat {
                Compat::One => (lo, (hi - lo + 1.0).ceil()),
                Compat::Two => (lo.floor(), hi.ceil() - lo.floor() + 1.0),
            }
        });
        let moved = [0, 1].map(|r| [m[r][0], m[r][1], m[r][2] - spans[r].0]);
        (moved, sized(on, [side(spans[1].1), side(spans[0].1)]))
    }
}

/// A factor for which enlarging and shrinking are equally likely.
fn balanced(param: &Param, rng: &mut Stream) -> f64 {
    let Param::Range(lo, hi) = *param else { return param.draw(rng) };
    match (lo < 1.0, hi > 1.0) {
        (true, true) => {
            if rng.bernoulli(0.5) {
                rng.uniform(lo, 1.0)
            } else {
                rng.uniform(1.0, hi)
            }
        }
        (true, false) => rng.uniform(lo, 1.0),
        (false, true) => rng.uniform(1.0, hi),
        (false, false) => 1.0,
    }
}

/// Draws (x, y) by `draw`; an axis that is left out gets `default`.
fn per_axis(axes: &PerAxis, default: f64, mut draw: impl FnMut(&Param) -> f64) -> [f64; 2] {
    match axes {
        PerAxis::Both(param) => [draw(param); 2],
        PerAxis::Each { x, y } => [x, y].map(|axis| axis.as_ref().map_or(default, &mut draw)),
    }
}

impl AlbAffine {
    fn shift(&self, on: Shape, rng: &mut Stream) -> [f64; 2] {
        if let Some(percent) = &self.translate_percent {
            let [x, y] = per_axis(percent, 0.0, |param| param.draw(rng));
            return shifted([x, y], on, self.compat);
        }
        self.translate_px.as_ref().map_or([0.0; 2], |px| {
            per_axis(px, 0.0, |param| match param {
                Param::Range(lo, hi) => rng.integer(*lo as i64, *hi as i64) as f64,
                other => other.draw(rng).trunc(),
            })
        })
    }
}

/// Fractions of an image in pixels.
fn shifted([x, y]: [f64; 2], on: Shape, compat: Compat) -> [f64; 2] {
    let pixels = [x * on.width as f64, y * on.height as f64];
    if compat == Compat::Two { pixels.map(f64::trunc) } else { pixels }
}

impl Op for AlbAffine {
    type Drawn = Drawn;

    const DOC: Doc = Doc {
        summary: "Scales, turns, shears and moves the image, as Albumentations' Affine does.",
        notes: "Everything is about the center. Positive angles are counter-clockwise, unlike those of affine.",
        short: None,
        examples: &[
            "albumentations.affine: { rotate: [-25, 25], shear: { x: [-8, 8], y: [-8, 8] } }",
            "albumentations.affine: { scale: [0.8, 1.2], translate_percent: { x: [-0.1, 0.1], y: 0 }, border: reflect, compat: 1 }",
            "albumentations.affine: { scale: { x: [0.5, 2], y: [0.5, 2] }, balanced_scale: true, translate_px: [-3, 3], \
             fit_output: true, interpolation: cubic, fill: [10, 20, 30] }",
            "albumentations.affine: { rotate: 30, fit_output: true, interpolation: nearest, compat: 1 }",
        ],
    };

    fn check(&self) -> Result<(), Problem> {
        self.scale.check("scale", 0.01..=100.0)?;
        if let Some(percent) = &self.translate_percent {
            percent.check("translate_percent", -10.0..=10.0)?;
            if self.translate_px.is_some() {
                let message = "translate_percent and translate_px exclude each other";
                return Err(Problem::new("translate_px", message));
            }
        }
        if let Some(px) = &self.translate_px {
            px.check("translate_px", -FAR..=FAR)?;
        }
        self.rotate.check("rotate", -3600.0..=3600.0)?;
        self.shear.check("shear", -85.0..=85.0)
    }

    fn shape_out(&self, _: Shape) -> ShapeOut {
        if self.fit_output { ShapeOut::Varies } else { ShapeOut::Same }
    }

    fn draw(&self, on: Shape, rng: &mut Stream) -> Drawn {
        let scale = per_axis(&self.scale, 1.0, |param| {
            if self.balanced_scale { balanced(param, rng) } else { param.draw(rng) }
        });
        Drawn {
            scale,
            translate: self.shift(on, rng),
            rotate: self.rotate.draw(rng),
            shear: per_axis(&self.shear, 0.0, |param| param.draw(rng)),
            fit_output: self.fit_output,
            interpolation: self.interpolation,
            border: self.border,
            fill: self.fill,
            compat: self.compat,
        }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        let (forward, to) = drawn.forward(canvas.shape());
        paint_affine(canvas, &forward, to, drawn.interpolation, outside(drawn.border, drawn.fill));
    }

    fn place(drawn: &Drawn, on: Shape) -> Placement {
        let (forward, to) = drawn.forward(on);
        Placement::Affine { forward, to }
    }
}

/// Moves, scales and turns the image, as Albumentations' `ShiftScaleRotate` does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ShiftScaleRotate {
    /// Shift to the right as a fraction of the width.
    #[serde(default = "shift_limit")]
    pub shift_limit_x: Param,
    /// Shift downwards as a fraction of the height.
    #[serde(default = "shift_limit")]
    pub shift_limit_y: Param,
    /// What is added to the factor, which is 1.
    #[serde(default = "scale_limit")]
    pub scale_limit: Param,
    /// Degrees, counter-clockwise.
    #[serde(default = "rotate_limit")]
    pub rotate_limit: Param,
    /// How pixels are found: `nearest`, `linear` or `cubic`.
    #[serde(default = "linear")]
    pub interpolation: Interpolation,
    /// What lies beyond the border.
    #[serde(default = "constant")]
    pub border: Border,
    /// Its color, where it is constant.
    #[serde(default)]
    pub fill: Fill,
    /// Version of Albumentations, 1 or 2: 2 shifts by whole pixels only, and scales each axis by itself.
    #[serde(default = "two")]
    pub compat: Compat,
}

fn shift_limit() -> Param {
    Param::Range(-0.0625, 0.0625)
}

fn scale_limit() -> Param {
    Param::Range(-0.1, 0.1)
}

fn rotate_limit() -> Param {
    Param::Range(-45.0, 45.0)
}

/// How one image is moved, scaled and turned.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Moved {
    /// Degrees, counter-clockwise.
    pub angle: f64,
    /// Factors of x and y; version 1 has one.
    pub scale: [f64; 2],
    /// Pixels to the right and downwards.
    pub shift: [f64; 2],
    /// How pixels are found.
    pub interpolation: Interpolation,
    /// What lies beyond the border.
    pub border: Border,
    /// Its color.
    pub fill: Fill,
    /// The version's rule.
    pub compat: Compat,
}

impl Moved {
    fn forward(&self, on: Shape) -> Matrix {
        match self.compat {
            Compat::One => {
                let mut m = matrix::rotation(matrix::center(on), self.angle, self.scale[0]);
                m[0][2] += self.shift[0];
                m[1][2] += self.shift[1];
                m
            }
            Compat::Two => {
                let (scale, translate, rotate) = (self.scale, self.shift, self.angle);
                matrix::chain(&Parts { scale, translate, rotate, shear: [0.0; 2] }, on)
            }
        }
    }
}

impl Op for ShiftScaleRotate {
    type Drawn = Moved;

    const DOC: Doc = Doc {
        summary: "Moves, scales and turns the image, as Albumentations' ShiftScaleRotate does.",
        notes: "Turns about the center, counter-clockwise.",
        short: None,
        examples: &[
            "albumentations.shift_scale_rotate: {}",
            "albumentations.shift_scale_rotate: { shift_limit_x: [-0.1, 0.1], scale_limit: [-0.2, 0.3], rotate_limit: 15, \
             border: reflect, interpolation: cubic, compat: 1 }",
        ],
    };

    fn check(&self) -> Result<(), Problem> {
        self.shift_limit_x.check("shift_limit_x", -10.0..=10.0)?;
        self.shift_limit_y.check("shift_limit_y", -10.0..=10.0)?;
        self.scale_limit.check("scale_limit", -0.99..=100.0)?;
        self.rotate_limit.check("rotate_limit", -3600.0..=3600.0)
    }

    fn shape_out(&self, _: Shape) -> ShapeOut {
        ShapeOut::Same
    }

    fn draw(&self, on: Shape, rng: &mut Stream) -> Moved {
        let angle = self.rotate_limit.draw(rng);
        let first = 1.0 + self.scale_limit.draw(rng);
        let second = if self.compat == Compat::One { first } else { 1.0 + self.scale_limit.draw(rng) };
        let fractions = [self.shift_limit_x.draw(rng), self.shift_limit_y.draw(rng)];
        Moved {
            angle,
            scale: [first, second],
            shift: shifted(fractions, on, self.compat),
            interpolation: self.interpolation,
            border: self.border,
            fill: self.fill,
            compat: self.compat,
        }
    }

    fn paint(drawn: &Moved, canvas: &mut Canvas) {
        let on = canvas.shape();
        let outside = outside(drawn.border, drawn.fill);
        paint_affine(canvas, &drawn.forward(on), on, drawn.interpolation, outside);
    }

    fn place(drawn: &Moved, on: Shape) -> Placement {
        Placement::Affine { forward: drawn.forward(on), to: on }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::draws;

    fn spec<T: Op>(text: &str) -> T {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn versions_shift_and_scale_in_their_own_way() {
        let shares = |compat: u8| {
            let op: ShiftScaleRotate = spec(&format!("{{\"compat\": {compat}}}"));
            let drawn: Vec<Moved> = draws(&op, 2000).collect();
            let count = |yes: fn(&Moved) -> bool| drawn.iter().filter(|one| yes(one)).count() as f64 / 2000.0;
            (count(|one| one.shift[0] == 0.0), count(|one| one.scale[0] == one.scale[1]))
        };
        assert_eq!(shares(1), (0.0, 1.0));
        // 28 * 0.0625 = 1.75 pixels, of which less than 1 is cut to 0.
        let (still, uniform) = shares(2);
        assert!((still - 1.0 / 1.75).abs() < 0.04 && uniform == 0.0, "{still} {uniform}");
    }

    #[test]
    fn balanced_factors_shrink_as_often_as_they_enlarge() {
        let op: AlbAffine = spec("{\"scale\": [0.9, 3.0], \"balanced_scale\": true}");
        let small = draws(&op, 2000).filter(|drawn| drawn.scale[0] < 1.0).count();
        assert!((900..1100).contains(&small), "{small}");
    }

    #[test]
    fn a_fitted_image_holds_all_corners() {
        for compat in [1, 2] {
            let op: AlbAffine =
                spec(&format!("{{\"rotate\": 45, \"fit_output\": true, \"compat\": {compat}}}"));
            let on = Shape::gray(20, 30);
            let Placement::Affine { forward, to } =
                AlbAffine::place(&op.draw(on, &mut Stream::of_key(1)), on)
            else {
                panic!("it is affine");
            };
            for (x, y) in [(0.0, 0.0), (29.0, 0.0), (29.0, 19.0), (0.0, 19.0)] {
                let [u, v] = forward.map(|row| row[0] * x + row[1] * y + row[2]);
                assert!(u > -1e-6 && v > -1e-6 && u < to.width as f64 && v < to.height as f64, "{u} {v}");
            }
        }
    }
}
