//! `add_to_hue_and_saturation`: turns colors and makes them stronger or paler.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::base::{Canvas, Shape, Stream};
use crate::kernels::color;
use crate::ops::counterpart::{Class, Form, RGB};
use crate::ops::{Doc, Int, Op, PerChannel, Placement, Problem, ShapeOut};

/// Adds a value to the hue and the saturation of all pixels.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AddToHueAndSaturation {
    /// What to add to both, -255..255, where 255 is once around the color circle, and the whole of saturation.
    /// Left out together with the other two: [-40, 40].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<Int>,
    /// What to add to the hue alone, -255..255; instead of `value`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value_hue: Option<Int>,
    /// What to add to the saturation alone, -255..255; instead of `value`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value_saturation: Option<Int>,
    /// Probability that `value` is drawn for hue and saturation separately instead of once for both.
    pub per_channel: PerChannel,
}

/// What is added to one image.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// What is added to the hue; 255 is once around the color circle.
    pub hue: i32,
    /// What is added to the saturation of 0..255.
    pub saturation: i32,
}

impl Op for AddToHueAndSaturation {
    type Drawn = Drawn;

    const IMGAUG: &'static [Class] = &[Class {
        name: "AddToHueAndSaturation",
        params: &[
            ("value", "value", Form::Whole),
            ("value_hue", "value_hue", Form::Whole),
            ("value_saturation", "value_saturation", Form::Whole),
            ("per_channel", "per_channel", Form::Chance),
            ("from_colorspace", "", RGB),
        ],
    }];

    const DOC: Doc = Doc {
        summary: "Adds a value to the hue and the saturation of all pixels.",
        notes: "By default it is the same value for both. Hue moves in whole steps of 2 degrees, cut off: 1 is no step, \
                20 are 14. Pixels go through 8-bit HSV, whose rounding changes them slightly even where nothing \
                is added. A gray image stays as it is.",
        short: Some("value"),
        examples: &[
            "add_to_hue_and_saturation: [-20, 20]",
            "add_to_hue_and_saturation: { value: [-20, 20], per_channel: true }",
            "add_to_hue_and_saturation: { value_hue: [-90, 90] }",
        ],
    };

    fn check(&self) -> Result<(), Problem> {
        let parts = [
            ("value", &self.value),
            ("value_hue", &self.value_hue),
            ("value_saturation", &self.value_saturation),
        ];
        for (field, value) in parts {
            if let Some(value) = value {
                value.check(field, -255..=255)?;
            }
        }
        if self.value.is_some() && (self.value_hue.is_some() || self.value_saturation.is_some()) {
            let message = "value is for hue and saturation together; give it or the other two";
            return Err(Problem::new("value", message));
        }
        self.per_channel.check("per_channel")
    }

    fn shape_out(&self, _: Shape) -> ShapeOut {
        ShapeOut::Same
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Drawn {
        let mut number = |of: &Int| of.draw(rng) as i32;
        if self.value_hue.is_some() || self.value_saturation.is_some() {
            let hue = self.value_hue.as_ref().map_or(0, &mut number);
            let saturation = self.value_saturation.as_ref().map_or(0, &mut number);
            return Drawn { hue, saturation };
        }
        let value = self.value.as_ref().unwrap_or(&Int::Range(-40, 40));
        let hue = number(value);
        let saturation = if self.per_channel.draw(rng) { value.draw(rng) as i32 } else { hue };
        Drawn { hue, saturation }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        // Towards zero, as the division of integers is.
        let steps = drawn.hue * 180 / 255;
        canvas.in_place(|image, _| color::shift_hue_and_saturation(image, steps, drawn.saturation));
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
    fn one_value_is_for_both_unless_told_otherwise() {
        let value = Some(Int::Range(-20, 20));
        let together = AddToHueAndSaturation { value, ..AddToHueAndSaturation::default() };
        assert!(draws(&together, 300).all(|d| d.hue == d.saturation && d.hue.abs() <= 20));
        let apart = AddToHueAndSaturation { per_channel: PerChannel(1.0), ..together };
        assert!(draws(&apart, 300).filter(|d| d.hue != d.saturation).count() > 250);
        let hue = Some(Int::Constant(9));
        let hue_alone = AddToHueAndSaturation { value_hue: hue, ..AddToHueAndSaturation::default() };
        assert!(draws(&hue_alone, 9).all(|d| d == Drawn { hue: 9, saturation: 0 }));
        let both = AddToHueAndSaturation { value: Some(Int::Constant(1)), ..hue_alone };
        assert_eq!(both.check().unwrap_err().field, "value");
    }

    #[test]
    fn hue_steps_are_cut_off_towards_zero() {
        let red = |hue| painted::<AddToHueAndSaturation>(&Drawn { hue, saturation: 0 }, &[255, 0, 0]);
        assert_eq!([red(1), red(-1)], [[255, 0, 0], [255, 0, 0]]);
        assert_eq!(red(85), [0, 255, 0]);
        assert_eq!(red(-85), [0, 0, 255]);
        assert_eq!(red(20), red(21));
        assert_eq!(painted::<AddToHueAndSaturation>(&Drawn { hue: 85, saturation: 9 }, &[50]), [50]);
    }
}
