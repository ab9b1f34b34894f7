//! `with_brightness_channels`: its steps, on the brightness alone.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::with_channels::{keep, put_channel, show_channel};
use super::{Argument, Branches, Combinator, Counterpart, Doc, STEPS, Wrap};
use crate::base::{Canvas, Channels, Shape, Stream};
use crate::kernels::colorspace::{self, Space};
use crate::ops::counterpart::{Form, RGB};
use crate::ops::imgaug::brightness::{check_spaces, spaces};
use crate::ops::{Choice, Problem};
use crate::pipeline::compile::{self, Known};
use crate::pipeline::spec::Step;
use crate::text::Complaint;

/// Runs its steps on the brightness alone: `{steps: [...]}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct WithBrightnessChannels {
    /// The color space whose channel of brightness it is; a list is a choice.
    pub to_colorspace: Choice<Space>,
}

impl Default for WithBrightnessChannels {
    fn default() -> Self {
        Self { to_colorspace: spaces() }
    }
}

/// The color space of one image.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// Whose channel of brightness it is.
    pub to_colorspace: Space,
}

impl Combinator for WithBrightnessChannels {
    const DOC: Doc = Doc {
        summary: "Runs its steps on the brightness alone; a gray image stays as it is.",
        short: Some("steps"),
        branches: STEPS,
        examples: &[
            "with_brightness_channels: [add: [-50, 50]]",
            "with_brightness_channels: { to_colorspace: [Lab, HSV], steps: [linear_contrast: [0.5, 1.5]] }",
        ],
        imgaug: Some(Counterpart {
            names: &[("WithBrightnessChannels", ["children", ""])],
            positional: 0,
            arguments: &[
                Argument::Steps(0),
                Argument::Param("to_colorspace", "to_colorspace", Form::Names),
                Argument::Param("from_colorspace", "", RGB),
            ],
        }),
    };

    fn check(&self, _: &Branches) -> Result<(), Problem> {
        check_spaces(&self.to_colorspace, "to_colorspace")
    }
}

impl Wrap for WithBrightnessChannels {
    type Drawn = Drawn;

    fn after(&self, step: &Step, [steps, _]: &Branches, known: Known) -> Result<Known, Complaint> {
        compile::undisturbed(step, steps, known, Channels::Gray)
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Drawn {
        Drawn { to_colorspace: self.to_colorspace.draw(rng) }
    }

    fn inside(_: &Drawn, on: Shape) -> Shape {
        on.as_gray()
    }

    fn outside(_: &Drawn, before: Shape, _: Shape) -> Shape {
        before
    }

    fn enter(drawn: &Drawn, canvas: &mut Canvas) -> Vec<u8> {
        if canvas.shape().kind == Channels::Rgb {
            canvas.in_place(|image, _| colorspace::convert(image, Space::Rgb, drawn.to_colorspace));
        }
        let kind = canvas.shape().kind;
        let kept = keep(canvas);
        if kind == Channels::Rgb {
            show_channel(drawn.to_colorspace.brightness().unwrap_or(0), canvas);
        }
        kept
    }

    fn leave(drawn: &Drawn, before: Shape, kept: Vec<u8>, canvas: &mut Canvas) {
        if before.kind == Channels::Gray {
            canvas.redraw(before, |_, dst, scratch| {
                dst.data.copy_from_slice(&kept);
                scratch.give_u8(kept);
            });
            return;
        }
        put_channel(drawn.to_colorspace.brightness().unwrap_or(0), before, kept, canvas);
        canvas.in_place(|image, _| colorspace::convert(image, drawn.to_colorspace, Space::Rgb));
    }
}
