//! `add`: adds a value to all pixels.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Doc, Op, Param, PerChannel, Placement, Problem, ShapeOut};
use crate::base::{Canvas, Shape, Stream, math};

/// Adds a value to all pixels.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Add {
    /// What to add, in grey levels, -255..255; rounded half to even after drawing.
    pub value: Param,
    /// Probability of a value for each channel of its own instead of one for all.
    #[serde(default)]
    pub per_channel: PerChannel,
}

/// What is added to one image.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// Grey levels, one for each channel; a gray image uses the first.
    pub value: [f32; 3],
}

impl Op for Add {
    type Drawn = Drawn;

    const DOC: Doc = Doc {
        summary: "Adds a value to all pixels.",
        notes: "Results are clipped to 0..255. As values are rounded, the two ends of a range are half as likely \
                as the other integers.",
        short: Some("value"),
        examples: &["add: 40", "add: [-10, 10]", "add: { value: [-10, 10], per_channel: 0.5 }"],
    };

    fn check(&self) -> Result<(), Problem> {
        self.value.check("value", -255.0..=255.0)?;
        self.per_channel.check("per_channel")
    }

    fn shape_out(&self, _: Shape) -> ShapeOut {
        ShapeOut::Same
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Drawn {
        let per_channel = self.per_channel.draw(rng);
        Drawn { value: self.value.draw_channels(per_channel, rng) }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        canvas.in_place(|image, _| {
            let add = drawn.value.map(math::rhe);
            let channels = image.shape.channels;
            for pixel in image.data.chunks_exact_mut(channels) {
                for (value, add) in pixel.iter_mut().zip(add) {
                    *value = math::sat(i32::from(*value) + add);
                }
            }
        });
    }

    fn place(_: &Drawn, _: Shape) -> Placement {
        Placement::Unmoved
    }
}
