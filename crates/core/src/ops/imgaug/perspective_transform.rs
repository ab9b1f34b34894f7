//! `perspective_transform`: stretches a randomly chosen quadrilateral over the image.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::crop_and_pad::yes;
use crate::base::{Canvas, Shape, Stream};
use crate::kernels::border::Border;
use crate::kernels::perspective::{self, Quad};
use crate::ops::counterpart::{AUTO, Class, Form, NO};
use crate::ops::{Choice, Doc, Int, Op, Param, Placement, Problem, ShapeOut};

crate::named! {
    /// What lies beyond the border.
    pub enum Mode {
        /// A constant gray level.
        Constant = "constant",
        /// The nearest border pixel.
        Replicate = "replicate",
    }
}

/// Stretches a randomly chosen quadrilateral of the image over the whole.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PerspectiveTransform {
    /// Standard deviation of the normal numbers by which corners move inward, as fractions of width and height.
    #[serde(default = "scale")]
    pub scale: Param,
    /// Whether the result is resized to the size the image had.
    #[serde(default = "yes")]
    pub keep_size: bool,
    /// Gray level 0..255 beyond the border.
    #[serde(default = "black")]
    pub cval: Int,
    /// What lies beyond the border.
    #[serde(default = "constant")]
    pub mode: Choice<Mode>,
}

fn scale() -> Param {
    Param::Range(0.0, 0.06)
}

fn black() -> Int {
    Int::Constant(0)
}

fn constant() -> Choice<Mode> {
    Choice::One(Mode::Constant)
}

/// How one image is transformed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// By how much (x, y) the corners top left, top right, bottom right and bottom left move inward, as
    /// fractions of width and height; the sign does not matter.
    pub jitter: [[f32; 2]; 4],
    /// Whether the result is resized to the size the image had.
    pub keep_size: bool,
    /// Gray level beyond the border.
    pub cval: u8,
    /// What lies beyond the border.
    pub mode: Mode,
}

impl Drawn {
    fn quad(&self, on: Shape) -> (Quad, Shape) {
        let quad = Quad::from_jitter(self.jitter, on);
        let to = if self.keep_size { on } else { Shape { height: quad.height, width: quad.width, ..on } };
        (quad, to)
    }
}

impl Op for PerspectiveTransform {
    type Drawn = Drawn;

    const IMGAUG: &'static [Class] = &[Class {
        name: "PerspectiveTransform",
        params: &[
            ("scale", "scale", Form::Number),
            ("cval", "cval", Form::WholeGray),
            ("mode", "mode", Form::Names),
            ("keep_size", "keep_size", Form::Flag),
            ("fit_output", "", NO),
            ("polygon_recoverer", "", AUTO),
        ],
    }];

    const DOC: Doc = Doc {
        summary: "Stretches a randomly chosen quadrilateral of the image over the whole.",
        notes: "Corners only move inward, so that the effect is a slanted zoom. Without keep_size the result has \
                about the size of the quadrilateral.",
        short: Some("scale"),
        examples: &[
            "perspective_transform: { scale: [0.01, 0.1] }",
            "perspective_transform: 0.05",
            "perspective_transform: { scale: 0.08, keep_size: false, mode: replicate }",
            "perspective_transform: { cval: [0, 255], mode: all }",
        ],
    };

    fn check(&self) -> Result<(), Problem> {
        self.scale.check("scale", 0.0..=1.0)?;
        self.cval.check("cval", 0..=255)?;
        self.mode.check("mode")
    }

    fn shape_out(&self, _: Shape) -> ShapeOut {
        if self.keep_size { ShapeOut::Same } else { ShapeOut::Varies }
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Drawn {
        let scale = self.scale.draw(rng);
        Drawn {
            jitter: std::array::from_fn(|_| std::array::from_fn(|_| (rng.normal() * scale) as f32)),
            keep_size: self.keep_size,
            cval: self.cval.draw(rng) as u8,
            mode: self.mode.draw(rng),
        }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        let (quad, to) = drawn.quad(canvas.shape());
        let border = match drawn.mode {
            Mode::Constant => Border::Constant,
            Mode::Replicate => Border::Edge,
        };
        canvas.redraw(to, |src, dst, scratch| {
            perspective::perspective(src, dst, &quad, border, [drawn.cval; 3], scratch);
        });
    }

    fn place(drawn: &Drawn, on: Shape) -> Placement {
        let (quad, to) = drawn.quad(on);
        Placement::Projective { forward: quad.to_output(to.height, to.width), to }
    }
}
