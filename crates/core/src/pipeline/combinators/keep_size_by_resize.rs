//! `keep_size_by_resize`: its steps, and the size that the image had.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Argument, Branches, Combinator, Counterpart, Doc, STEPS, Wrap};
use crate::base::{Canvas, Shape, Stream};
use crate::ops::counterpart::{Form, PASSED};
use crate::ops::imgaug::relative_resize::Method;
use crate::ops::{Choice, Problem};
use crate::pipeline::compile::{self, Known};
use crate::pipeline::spec::Step;
use crate::text::Complaint;

/// Runs its steps and resizes the image to the size that it had: `{steps: [...]}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct KeepSizeByResize {
    /// How the new pixels are found; a list is a choice.
    pub interpolation: Choice<Method>,
}

impl Default for KeepSizeByResize {
    fn default() -> Self {
        Self { interpolation: Choice::One(Method::Cubic) }
    }
}

/// How one image is resized.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// How the new pixels are found.
    pub interpolation: Method,
}

impl Combinator for KeepSizeByResize {
    const DOC: Doc = Doc {
        summary: "Runs its steps and resizes the image to the size that it had.",
        short: Some("steps"),
        branches: STEPS,
        examples: &[
            "keep_size_by_resize: [crop: { px: [0, 5], keep_size: false }]",
            "keep_size_by_resize: { interpolation: [linear, cubic], steps: [pad: { px: [0, 5], keep_size: false }] }",
        ],
        imgaug: Some(Counterpart {
            names: &[("KeepSizeByResize", ["children", ""])],
            positional: 0,
            arguments: &[
                Argument::Steps(0),
                Argument::Param("interpolation", "interpolation", Form::Names),
                Argument::Param("interpolation_heatmaps", "", PASSED),
                Argument::Param("interpolation_segmaps", "", PASSED),
            ],
        }),
    };

    fn check(&self, _: &Branches) -> Result<(), Problem> {
        self.interpolation.check("interpolation")
    }
}

impl Wrap for KeepSizeByResize {
    type Drawn = Drawn;

    fn after(&self, _: &Step, [steps, _]: &Branches, known: Known) -> Result<Known, Complaint> {
        compile::sized_back(steps, known)
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Drawn {
        Drawn { interpolation: self.interpolation.draw(rng) }
    }

    fn inside(_: &Drawn, on: Shape) -> Shape {
        on
    }

    fn outside(_: &Drawn, before: Shape, inside: Shape) -> Shape {
        before.with_kind(inside.kind)
    }

    fn enter(_: &Drawn, _: &mut Canvas) -> Vec<u8> {
        Vec::new()
    }

    fn leave(drawn: &Drawn, before: Shape, _: Vec<u8>, canvas: &mut Canvas) {
        let to = before.with_kind(canvas.shape().kind);
        if to != canvas.shape() {
            canvas.redraw(to, |src, dst, scratch| drawn.interpolation.resize(src, dst, scratch));
        }
    }
}
