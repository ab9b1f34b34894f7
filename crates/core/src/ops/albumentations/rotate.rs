//! `albumentations.rotate` and `albumentations.safe_rotate`: turn the image.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::common::{Compat, Fill, constant, linear, outside, paint_affine, sized, two};
use crate::base::{Canvas, Image, ImageMut, Shape, Stream};
use crate::kernels::affine::{self, Matrix};
use crate::kernels::border::Border;
use crate::kernels::cv::frame::{Part, frame};
use crate::kernels::cv::matrix;
use crate::kernels::cv::warp::{self, Interpolation};
use crate::ops::{Doc, Op, Param, Placement, Problem, ShapeOut};

/// Turns the image about its center, as Albumentations' `Rotate` does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AlbRotate {
    /// Degrees, counter-clockwise.
    #[serde(default = "limit")]
    pub limit: Param,
    /// Whether only the largest part is kept that shows nothing from beyond the border.
    #[serde(default)]
    pub crop_border: bool,
    /// How pixels are found: `nearest`, `linear` or `cubic`.
    #[serde(default = "linear")]
    pub interpolation: Interpolation,
    /// What lies beyond the border.
    #[serde(default = "constant")]
    pub border: Border,
    /// Its color, where it is constant.
    #[serde(default)]
    pub fill: Fill,
}

fn limit() -> Param {
    Param::Range(-90.0, 90.0)
}

/// How one image is turned.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// Degrees, counter-clockwise.
    pub angle: f64,
    /// Whether only the largest part is kept that shows nothing from beyond the border.
    pub crop_border: bool,
    /// How pixels are found.
    pub interpolation: Interpolation,
    /// What lies beyond the border.
    pub border: Border,
    /// Its color.
    pub fill: Fill,
}

impl Drawn {
    fn forward(&self, on: Shape) -> Matrix {
        matrix::rotation(matrix::center(on), self.angle, 1.0)
    }

    /// What is kept.
    fn part(&self, on: Shape) -> Part {
        let [x0, x1, y0, y1] =
            if self.crop_border { matrix::largest_box(on, self.angle) } else { [0, on.width, 0, on.height] };
        Part { top: y0, left: x0, height: y1 - y0, width: x1 - x0 }
    }
}

impl Op for AlbRotate {
    type Drawn = Drawn;

    const DOC: Doc = Doc {
        summary: "Turns the image about its center, as Albumentations' Rotate does.",
        notes: "Positive angles are counter-clockwise. With crop_border, sizes differ from image to image.",
        short: Some("limit"),
        examples: &[
            "albumentations.rotate: [-20, 20]",
            "albumentations.rotate: { limit: 45, crop_border: true, border: reflect, interpolation: cubic }",
        ],
    };

    fn check(&self) -> Result<(), Problem> {
        self.limit.check("limit", -3600.0..=3600.0)
    }

    fn shape_out(&self, _: Shape) -> ShapeOut {
        if self.crop_border { ShapeOut::Varies } else { ShapeOut::Same }
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Drawn {
        Drawn {
            angle: self.limit.draw(rng),
            crop_border: self.crop_border,
            interpolation: self.interpolation,
            border: self.border,
            fill: self.fill,
        }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        let on = canvas.shape();
        let outside = outside(drawn.border, drawn.fill);
        if !drawn.crop_border {
            paint_affine(canvas, &drawn.forward(on), on, drawn.interpolation, outside);
            return;
        }
        // The whole image is turned first, because rounding depends on where a pixel lies.
        let part = drawn.part(on);
        let inverse = affine::invert(&drawn.forward(on));
        canvas.redraw(sized(on, [part.height, part.width]), |src, dst, scratch| {
            let mut room = scratch.take_u8(on.bytes());
            let whole = ImageMut::new(on, &mut room);
            warp::warp_affine(src, whole, &inverse, drawn.interpolation, outside, scratch);
            frame(Image::new(on, &room), dst, part, [0, 0], outside);
            scratch.give_u8(room);
        });
    }

    fn place(drawn: &Drawn, on: Shape) -> Placement {
        let part = drawn.part(on);
        let mut forward = drawn.forward(on);
        forward[0][2] -= part.left as f64;
        forward[1][2] -= part.top as f64;
        Placement::Affine { forward, to: sized(on, [part.height, part.width]) }
    }
}

/// Turns the image and shrinks it so that all of it is seen, as Albumentations' `SafeRotate` does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SafeRotate {
    /// Degrees, counter-clockwise.
    #[serde(default = "limit")]
    pub limit: Param,
    /// How pixels are found: `nearest`, `linear` or `cubic`.
    #[serde(default = "linear")]
    pub interpolation: Interpolation,
    /// What lies beyond the border.
    #[serde(default = "constant")]
    pub border: Border,
    /// Its color, where it is constant.
    #[serde(default)]
    pub fill: Fill,
    /// Version of Albumentations, 1 or 2: 1 turns about a point half a pixel from the center.
    #[serde(default = "two")]
    pub compat: Compat,
}

/// How one image is turned and shrunk.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Safe {
    /// Degrees, counter-clockwise.
    pub angle: f64,
    /// How pixels are found.
    pub interpolation: Interpolation,
    /// What lies beyond the border.
    pub border: Border,
    /// Its color.
    pub fill: Fill,
    /// The version's rule.
    pub compat: Compat,
}

impl Safe {
    fn forward(&self, on: Shape) -> Matrix {
        let size = [on.width as f64, on.height as f64];
        let center = match self.compat {
            Compat::One => size.map(|n| n / 2.0),
            Compat::Two => matrix::center(on),
        };
        let mut m = matrix::rotation(center, self.angle, 1.0);
        let (cos, sin) = (m[0][0].abs(), m[0][1].abs());
        let spans = [size[1] * sin + size[0] * cos, size[1] * cos + size[0] * sin];
        for (axis, row) in m.iter_mut().enumerate() {
            let span = if self.compat == Compat::One { spans[axis].ceil() } else { spans[axis].trunc() };
            row[2] += span / 2.0 - center[axis];
            *row = row.map(|v| v * (size[axis] / span.max(1.0)));
        }
        m
    }
}

impl Op for SafeRotate {
    type Drawn = Safe;

    const DOC: Doc = Doc {
        summary: "Turns the image and shrinks it so that all of it is seen, as Albumentations' SafeRotate does.",
        notes: "The size stays; each axis is shrunk by itself.",
        short: Some("limit"),
        examples: &[
            "albumentations.safe_rotate: [-20, 20]",
            "albumentations.safe_rotate: { limit: 45, border: wrap, interpolation: nearest, compat: 1 }",
        ],
    };

    fn check(&self) -> Result<(), Problem> {
        self.limit.check("limit", -3600.0..=3600.0)
    }

    fn shape_out(&self, _: Shape) -> ShapeOut {
        ShapeOut::Same
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Safe {
        Safe {
            angle: self.limit.draw(rng),
            interpolation: self.interpolation,
            border: self.border,
            fill: self.fill,
            compat: self.compat,
        }
    }

    fn paint(drawn: &Safe, canvas: &mut Canvas) {
        let on = canvas.shape();
        let outside = outside(drawn.border, drawn.fill);
        paint_affine(canvas, &drawn.forward(on), on, drawn.interpolation, outside);
    }

    fn place(drawn: &Safe, on: Shape) -> Placement {
        Placement::Affine { forward: drawn.forward(on), to: on }
    }
}
