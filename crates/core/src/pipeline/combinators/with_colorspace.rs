//! `with_colorspace`: its steps, in another color space.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::with_channels::keep;
use super::{Argument, Branches, Combinator, Counterpart, Doc, STEPS, Wrap};
use crate::base::{Canvas, Channels, Shape, Stream};
use crate::kernels::colorspace::{self, Space};
use crate::ops::counterpart::Form;
use crate::ops::{Choice, Problem};
use crate::pipeline::compile::{self, Known};
use crate::pipeline::spec::Step;
use crate::text::Complaint;

/// Runs its steps in another color space: `{to_colorspace: HSV, steps: [...]}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WithColorspace {
    /// The color space that the steps see; a list is a choice.
    pub to_colorspace: Choice<Space>,
    /// The color space of the image.
    #[serde(default = "rgb")]
    pub from_colorspace: Space,
}

fn rgb() -> Space {
    Space::Rgb
}

/// The color spaces of one image.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// That of the image.
    pub from_colorspace: Space,
    /// The one that the steps see.
    pub to_colorspace: Space,
}

impl Combinator for WithColorspace {
    const DOC: Doc = Doc {
        summary: "Runs its steps in another color space; a gray image stays as it is.",
        short: None,
        branches: STEPS,
        examples: &[
            "with_colorspace: { to_colorspace: HSV, steps: [with_channels: { channels: [0], steps: [add: [0, 50]] }] }",
            "with_colorspace: { to_colorspace: [Lab, YCrCb], steps: [gaussian_blur: [0, 2]] }",
        ],
        imgaug: Some(Counterpart {
            names: &[("WithColorspace", ["children", ""])],
            positional: 0,
            arguments: &[
                Argument::Param("to_colorspace", "to_colorspace", Form::Names),
                Argument::Param("from_colorspace", "from_colorspace", Form::Names),
                Argument::Steps(0),
            ],
        }),
    };

    fn check(&self, _: &Branches) -> Result<(), Problem> {
        self.to_colorspace.check("to_colorspace")
    }
}

impl Wrap for WithColorspace {
    type Drawn = Drawn;

    fn after(&self, step: &Step, [steps, _]: &Branches, known: Known) -> Result<Known, Complaint> {
        let kind = known.kind();
        compile::undisturbed(step, steps, known, kind)
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Drawn {
        Drawn { from_colorspace: self.from_colorspace, to_colorspace: self.to_colorspace.draw(rng) }
    }

    fn inside(_: &Drawn, on: Shape) -> Shape {
        on
    }

    fn outside(_: &Drawn, before: Shape, _: Shape) -> Shape {
        before
    }

    fn enter(drawn: &Drawn, canvas: &mut Canvas) -> Vec<u8> {
        if canvas.shape().kind == Channels::Gray {
            return keep(canvas);
        }
        canvas.in_place(|image, _| colorspace::convert(image, drawn.from_colorspace, drawn.to_colorspace));
        Vec::new()
    }

    fn leave(drawn: &Drawn, before: Shape, kept: Vec<u8>, canvas: &mut Canvas) {
        if before.kind == Channels::Gray {
            canvas.redraw(before, |_, dst, scratch| {
                dst.data.copy_from_slice(&kept);
                scratch.give_u8(kept);
            });
            return;
        }
        canvas.in_place(|image, _| colorspace::convert(image, drawn.to_colorspace, drawn.from_colorspace));
    }
}
