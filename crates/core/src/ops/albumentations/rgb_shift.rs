//! `albumentations.rgb_shift`: adds a number to each channel.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::pixels::{Compat, two, unmoved};
use crate::base::{Canvas, Shape, Stream};
use crate::kernels::{albumentations, cv};
use crate::ops::{Doc, Op, Param, Problem};

/// Adds a number to each channel, as Albumentations' `RGBShift` does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RgbShift {
    /// Added to red, in gray levels, -255..255; to the values of a gray image as well.
    #[serde(default = "twenty")]
    pub r_shift_limit: Param,
    /// Added to green.
    #[serde(default = "twenty")]
    pub g_shift_limit: Param,
    /// Added to blue.
    #[serde(default = "twenty")]
    pub b_shift_limit: Param,
    /// The version of Albumentations, 1 or 2: 1 cuts the fraction of the sum off, 2 that of the number.
    #[serde(default = "two")]
    pub compat: Compat,
}

fn twenty() -> Param {
    Param::Range(-20.0, 20.0)
}

/// What is added to one image.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// By channel.
    pub shift: [f32; 3],
    /// The version.
    pub compat: Compat,
}

impl Op for RgbShift {
    type Drawn = Drawn;

    const DOC: Doc = Doc {
        summary: "Adds a number to each channel, as Albumentations' RGBShift does.",
        notes: "",
        short: None,
        examples: &[
            "albumentations.rgb_shift: {}",
            "albumentations.rgb_shift: { r_shift_limit: [-50, 10], g_shift_limit: 3, compat: 1 }",
        ],
    };

    fn check(&self) -> Result<(), Problem> {
        self.r_shift_limit.check("r_shift_limit", -255.0..=255.0)?;
        self.g_shift_limit.check("g_shift_limit", -255.0..=255.0)?;
        self.b_shift_limit.check("b_shift_limit", -255.0..=255.0)
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Drawn {
        let shift = [&self.r_shift_limit, &self.g_shift_limit, &self.b_shift_limit].map(|p| p.draw32(rng));
        Drawn { shift, compat: self.compat }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        let cut = drawn.compat.cut();
        let tables = drawn.shift.map(|n| std::array::from_fn(|v| albumentations::added(v as u8, n, cut)));
        canvas.in_place(|image, _| cv::look_up_channels(image, &tables));
    }

    unmoved!();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::painted;

    #[test]
    fn versions_differ_where_numbers_are_negative() {
        let drawn = Drawn { shift: [-1.5, 1.5, 300.0], compat: Compat::One };
        assert_eq!(painted::<RgbShift>(&drawn, &[10, 10, 10]), [8, 11, 255]);
        let drawn = Drawn { compat: Compat::Two, ..drawn };
        assert_eq!(painted::<RgbShift>(&drawn, &[10, 10, 10]), [9, 11, 255]);
    }
}
