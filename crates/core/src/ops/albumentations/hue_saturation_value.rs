//! `albumentations.hue_saturation_value`: adds to hue, saturation and value.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::pixels::{Compat, two, unmoved};
use crate::base::{Canvas, Shape, Stream};
use crate::kernels::albumentations::added;
use crate::kernels::cv::{self, hsv};
use crate::ops::{Doc, Op, Param, Problem};

/// Adds to hue, saturation and value, as Albumentations' `HueSaturationValue` does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HueSaturationValue {
    /// Added to the hue, in steps of 2 degrees, -360..360.
    #[serde(default = "twenty")]
    pub hue_shift_limit: Param,
    /// Added to the saturation of 0..255, -255..255.
    #[serde(default = "thirty")]
    pub sat_shift_limit: Param,
    /// Added to the value of 0..255, -255..255.
    #[serde(default = "twenty")]
    pub val_shift_limit: Param,
    /// The version of Albumentations, 1 or 2: 1 cuts the fraction of the sum off, 2 that of the number, and leaves grays
    /// gray.
    #[serde(default = "two")]
    pub compat: Compat,
}

fn twenty() -> Param {
    Param::Range(-20.0, 20.0)
}

fn thirty() -> Param {
    Param::Range(-30.0, 30.0)
}

/// What is added to one image.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// Added to the hue.
    pub hue: f64,
    /// Added to the saturation.
    pub saturation: f64,
    /// Added to the value.
    pub value: f64,
    /// The version.
    pub compat: Compat,
}

impl Op for HueSaturationValue {
    type Drawn = Drawn;

    const DOC: Doc = Doc {
        summary: "Adds to hue, saturation and value, as Albumentations' HueSaturationValue does.",
        notes: "8-bit HSV; an image to which nothing is added does not go through it. A gray image has a value only.",
        short: None,
        examples: &[
            "albumentations.hue_saturation_value: {}",
            "albumentations.hue_saturation_value: { hue_shift_limit: 10, sat_shift_limit: [0, 40], val_shift_limit: 0, compat: 1 }",
        ],
    };

    fn check(&self) -> Result<(), Problem> {
        self.hue_shift_limit.check("hue_shift_limit", -360.0..=360.0)?;
        self.sat_shift_limit.check("sat_shift_limit", -255.0..=255.0)?;
        self.val_shift_limit.check("val_shift_limit", -255.0..=255.0)
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Drawn {
        Drawn {
            hue: self.hue_shift_limit.draw(rng),
            saturation: self.sat_shift_limit.draw(rng),
            value: self.val_shift_limit.draw(rng),
            compat: self.compat,
        }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        if drawn.hue == 0.0 && drawn.saturation == 0.0 && drawn.value == 0.0 {
            return;
        }
        let cut = drawn.compat.cut();
        let sums = |n: f64| -> [u8; 256] { std::array::from_fn(|v| added(v as u8, n as f32, cut)) };
        let values = sums(drawn.value);
        if canvas.shape().channels() == 1 {
            // By way of three equal channels, whose gray is their value.
            canvas.in_place(|image, _| cv::look_up(image, &values));
            return;
        }
        let saturations = sums(drawn.saturation);
        let hues: [u8; 256] = std::array::from_fn(|v| {
            if drawn.hue == 0.0 { v as u8 } else { (v as f64 + drawn.hue).rem_euclid(180.0) as u8 }
        });
        let keeps_gray = drawn.compat == Compat::Two;
        canvas.in_place(|image, _| {
            hsv::map_hsv(image, |[h, s, v]| {
                let s = if keeps_gray && s == 0 { 0 } else { saturations[usize::from(s)] };
                [hues[usize::from(h)], s, values[usize::from(v)]]
            });
        });
    }

    unmoved!();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::painted;

    #[test]
    fn grays_stay_gray_in_version_2() {
        let drawn = Drawn { hue: 0.0, saturation: 40.0, value: 0.0, compat: Compat::Two };
        assert_eq!(painted::<HueSaturationValue>(&drawn, &[90, 90, 90]), [90; 3]);
        let drawn = Drawn { compat: Compat::One, ..drawn };
        assert_eq!(painted::<HueSaturationValue>(&drawn, &[90, 90, 90]), [90, 76, 76]);
        let drawn = Drawn { hue: 60.0, saturation: 0.0, value: -55.0, ..drawn };
        assert_eq!(painted::<HueSaturationValue>(&drawn, &[255, 0, 0]), [0, 200, 0]);
        assert_eq!(painted::<HueSaturationValue>(&drawn, &[255, 0]), [200, 0]);
    }
}
