//! `add`: adds a value to all pixels.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::base::{Canvas, Shape, Stream};
use crate::kernels::point;
use crate::ops::counterpart::{Class, Form};
use crate::ops::{Doc, Op, Param, PerChannel, Placement, Problem, ShapeOut};

/// Adds a value to all pixels.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Add {
    /// What to add, in gray levels, -255..255; rounded half to even after drawing.
    pub value: Param,
    /// Probability of a value for each channel of its own instead of one for all.
    #[serde(default)]
    pub per_channel: PerChannel,
}

/// What is added to one image.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// Gray levels, one for each channel; a gray image uses the first.
    pub value: [f32; 3],
}

impl Op for Add {
    type Drawn = Drawn;

    const IMGAUG: &'static [Class] = &[Class {
        name: "Add",
        params: &[("value", "value", Form::Number), ("per_channel", "per_channel", Form::Chance)],
    }];

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
        canvas.in_place(|image, _| point::add(image, drawn.value));
    }

    fn place(_: &Drawn, _: Shape) -> Placement {
        Placement::Unmoved
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::{draws, painted};

    #[test]
    fn ends_of_a_range_are_half_as_likely() {
        let op = Add { value: Param::Range(-1.0, 1.0), per_channel: PerChannel(0.0) };
        let mut counts = [0_usize; 3];
        for drawn in draws(&op, 4000) {
            counts[usize::from(painted::<Add>(&drawn, &[64; 3])[0]) - 63] += 1;
        }
        // 1/4, 1/2, 1/4; five standard errors are 140 and 160.
        assert!(counts[0].abs_diff(1000) < 140 && counts[1].abs_diff(2000) < 160, "{counts:?}");
    }

    #[test]
    fn channels_share_a_value_unless_told_otherwise() {
        let op = Add { value: Param::Range(-9.0, 9.0), per_channel: PerChannel(0.5) };
        let alike = draws(&op, 4000).filter(|d| d.value[0] == d.value[1]).count();
        assert!(alike.abs_diff(2000) < 160, "{alike}");
        assert!(draws(&Add { per_channel: PerChannel(0.0), ..op }, 100).all(|d| d.value == [d.value[0]; 3]));
    }
}
