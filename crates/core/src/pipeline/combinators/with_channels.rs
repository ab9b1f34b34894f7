//! `with_channels`: its steps, on some of the channels.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Argument, Branches, Combinator, Counterpart, Doc, STEPS, Wrap};
use crate::base::{Canvas, Channels, Shape, Stream};
use crate::ops::Problem;
use crate::ops::counterpart::Form;
use crate::ops::range::within;
use crate::pipeline::compile::{self, Known};
use crate::pipeline::spec::Step;
use crate::text::Complaint;

/// Runs its steps on some of the channels: `{channels: [0], steps: [...]}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WithChannels {
    /// The channels, of 0, 1 and 2; a gray image has channel 0 only.
    #[serde(default = "all")]
    pub channels: Vec<u8>,
}

fn all() -> Vec<u8> {
    vec![0, 1, 2]
}

/// The channels.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// Which are meant.
    pub channels: [bool; 3],
}

impl Drawn {
    /// The only one of a color image that is meant.
    fn only(self, on: Shape) -> Option<usize> {
        let mut chosen = (0..3).filter(|channel| self.channels[*channel]);
        match (on.kind, chosen.next(), chosen.next()) {
            (Channels::Rgb, Some(only), None) => Some(only),
            (Channels::Rgb | Channels::Gray, ..) => None,
        }
    }
}

impl Combinator for WithChannels {
    const DOC: Doc = Doc {
        summary: "Runs its steps on some of the channels, and leaves the others as they are.",
        short: None,
        branches: STEPS,
        examples: &[
            "with_channels: { channels: [0], steps: [add: [10, 60]] }",
            "with_channels: { channels: [1, 2], steps: [multiply: 0.5, gaussian_blur: [0, 2]] }",
        ],
        imgaug: Some(Counterpart {
            names: &[("WithChannels", ["children", ""])],
            positional: 0,
            arguments: &[Argument::Param("channels", "channels", Form::Wholes), Argument::Steps(0)],
        }),
    };

    fn check(&self, _: &Branches) -> Result<(), Problem> {
        if self.channels.is_empty() {
            return Err(Problem::new("channels", "there is no channel"));
        }
        self.channels.iter().try_for_each(|channel| within("channels", &i64::from(*channel), &(0..=2)))
    }
}

impl Wrap for WithChannels {
    type Drawn = Drawn;

    fn after(&self, step: &Step, [steps, _]: &Branches, known: Known) -> Result<Known, Complaint> {
        let mut own = self.channels.clone();
        own.sort_unstable();
        own.dedup();
        let kind = if own.len() == 1 { Channels::Gray } else { known.kind() };
        compile::undisturbed(step, steps, known, kind)
    }

    fn draw(&self, _: Shape, _: &mut Stream) -> Drawn {
        Drawn { channels: [0, 1, 2].map(|channel| self.channels.contains(&channel)) }
    }

    fn inside(drawn: &Drawn, on: Shape) -> Shape {
        if drawn.only(on).is_some() { on.as_gray() } else { on }
    }

    fn outside(_: &Drawn, before: Shape, _: Shape) -> Shape {
        before
    }

    fn enter(drawn: &Drawn, canvas: &mut Canvas) -> Vec<u8> {
        let on = canvas.shape();
        let kept = keep(canvas);
        if let Some(only) = drawn.only(on) {
            show_channel(only, canvas);
        }
        kept
    }

    fn leave(drawn: &Drawn, before: Shape, kept: Vec<u8>, canvas: &mut Canvas) {
        if let Some(only) = drawn.only(before) {
            put_channel(only, before, kept, canvas);
            return;
        }
        let changed = drawn.channels;
        canvas.in_place(|image, scratch| {
            let channels = before.channels();
            let pixels = image.data.chunks_exact_mut(channels).zip(kept.chunks_exact(channels));
            for (pixel, old) in pixels {
                for ((value, old), changed) in pixel.iter_mut().zip(old).zip(changed) {
                    *value = if changed { *value } else { *old };
                }
            }
            scratch.give_u8(kept);
        });
    }
}

/// A copy of the image.
pub(super) fn keep(canvas: &mut Canvas) -> Vec<u8> {
    let mut kept = Vec::new();
    canvas.in_place(|image, scratch| {
        kept = scratch.take_u8(image.data.len());
        kept.copy_from_slice(image.data);
    });
    kept
}

/// Makes one channel of a color image the whole image.
pub(super) fn show_channel(channel: usize, canvas: &mut Canvas) {
    canvas.redraw(canvas.shape().as_gray(), |src, dst, _| {
        for (to, from) in dst.data.iter_mut().zip(src.data.as_chunks::<3>().0) {
            *to = from[channel];
        }
    });
}

/// Puts a gray image in the place of one channel of `kept`, which was a color image of shape `before`.
pub(super) fn put_channel(channel: usize, before: Shape, kept: Vec<u8>, canvas: &mut Canvas) {
    canvas.redraw(before, |src, dst, scratch| {
        dst.data.copy_from_slice(&kept);
        for (to, from) in dst.data.as_chunks_mut::<3>().0.iter_mut().zip(src.data) {
            to[channel] = *from;
        }
        scratch.give_u8(kept);
    });
}
