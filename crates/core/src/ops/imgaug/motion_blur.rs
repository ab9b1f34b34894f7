//! `motion_blur`: as if the camera moved.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::common::still;
use crate::base::{Canvas, Shape, Stream};
use crate::kernels::affine::Sampling;
use crate::kernels::motion;
use crate::ops::counterpart::{Class, Form};
use crate::ops::{Choice, Doc, Int, Op, Param, Problem};

/// Blurs images along a line, as if the camera moved.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct MotionBlur {
    /// Rows and columns of the window, 3..99; even numbers are raised by one.
    pub k: Int,
    /// Degrees that the line is turned clockwise from upright.
    pub angle: Param,
    /// Where along the line the weight lies: 0 everywhere alike, -1 at its end, 1 at its beginning.
    pub direction: Param,
    /// Interpolation of the turned line: 0 nearest, 1 bilinear; a list is a choice.
    pub order: Choice<Sampling>,
}

impl Default for MotionBlur {
    fn default() -> Self {
        Self {
            k: Int::Range(3, 7),
            angle: Param::Range(0.0, 360.0),
            direction: Param::Range(-1.0, 1.0),
            order: Choice::One(Sampling::Linear),
        }
    }
}

/// How one image is blurred.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// Rows and columns of the window, odd.
    pub k: u8,
    /// Degrees clockwise from upright.
    pub angle: f32,
    /// Where the weight lies, -1..1.
    pub direction: f32,
    /// Interpolation of the turned line.
    pub order: Sampling,
}

impl Op for MotionBlur {
    type Drawn = Drawn;

    const IMGAUG: &'static [Class] = &[Class {
        name: "MotionBlur",
        params: &[
            ("k", "k", Form::Whole),
            ("angle", "angle", Form::Number),
            ("direction", "direction", Form::Number),
            ("order", "order", Form::Names),
        ],
    }];

    const DOC: Doc = Doc {
        summary: "Blurs images along a line, as if the camera moved.",
        notes: "All channels share the line, whose weights have 8 bits.",
        short: Some("k"),
        examples: &[
            "motion_blur: 5",
            "motion_blur: { k: [3, 7], angle: [-45, 45] }",
            "motion_blur: { k: 9, direction: 1, order: [0, 1] }",
        ],
    };

    still!();

    fn check(&self) -> Result<(), Problem> {
        self.k.check("k", 3..=99)?;
        self.angle.check("angle", -36_000.0..=36_000.0)?;
        self.direction.check("direction", -1.0..=1.0)?;
        self.order.check("order")
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Drawn {
        let k = self.k.draw(rng);
        Drawn {
            k: (k + i64::from(k % 2 == 0)) as u8,
            angle: self.angle.draw32(rng),
            direction: self.direction.draw32(rng),
            order: self.order.draw(rng),
        }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        let k = usize::from(drawn.k.max(1));
        canvas.redraw(canvas.shape(), |from, to, scratch| {
            let mut weights = scratch.take_f32(k * k);
            let (angle, direction) = (f64::from(drawn.angle), f64::from(drawn.direction));
            motion::motion_kernel(k, angle, direction, drawn.order, &mut weights, scratch);
            motion::filter(from, to, &weights, (k, k), scratch);
            scratch.give_f32(weights);
        });
    }
}
