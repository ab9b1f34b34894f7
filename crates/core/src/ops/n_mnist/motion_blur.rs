//! `n_mnist.motion_blur`: blurs along a line.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::base::{Canvas, Shape, Stream};
use crate::kernels::corrupt::line_blur;
use crate::ops::{Doc, Op, Param, Placement, Problem, ShapeOut};

/// Blurs along a line, as the motion blur of n-MNIST does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct NMnistMotionBlur {
    /// Length of the line in pixels, 1..99.
    pub length: Param,
    /// Its direction in degrees, counter-clockwise.
    pub angle: Param,
}

impl Default for NMnistMotionBlur {
    fn default() -> Self {
        Self { length: Param::Constant(5.0), angle: Param::Constant(15.0) }
    }
}

/// The line of one image.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// Its length in pixels.
    pub length: f64,
    /// Its direction in degrees, counter-clockwise.
    pub angle: f64,
}

impl Op for NMnistMotionBlur {
    type Drawn = Drawn;

    const DOC: Doc = Doc {
        summary: "Blurs along a line, as the motion blur of n-MNIST does.",
        notes: "With the weights of MATLAB's fspecial('motion', 5, 15); beyond the border is black.",
        short: Some("length"),
        examples: &["n_mnist.motion_blur: {}", "n_mnist.motion_blur: { length: [3, 9], angle: [0, 180] }"],
    };

    fn check(&self) -> Result<(), Problem> {
        self.length.check("length", 1.0..=line_blur::LONGEST)?;
        self.angle.check("angle", -360.0..=360.0)
    }

    fn shape_out(&self, _: Shape) -> ShapeOut {
        ShapeOut::Same
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Drawn {
        Drawn { length: self.length.draw(rng), angle: self.angle.draw(rng) }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        canvas.in_place(|image, scratch| line_blur::motion(image, drawn.length, drawn.angle, scratch));
    }

    fn place(_: &Drawn, _: Shape) -> Placement {
        Placement::Unmoved
    }
}
