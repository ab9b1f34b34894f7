//! `add_to_saturation`: makes colors stronger or paler.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::base::{Canvas, Shape, Stream};
use crate::kernels::color;
use crate::ops::counterpart::{Class, Form, RGB};
use crate::ops::{Doc, Int, Op, Placement, Problem, ShapeOut};

/// Adds a value to the saturation of all pixels.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AddToSaturation {
    /// What to add to the saturation of 0..255, -255..255.
    pub value: Int,
}

impl Default for AddToSaturation {
    fn default() -> Self {
        Self { value: Int::Range(-75, 75) }
    }
}

/// What is added to one image.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// What is added to the saturation of 0..255.
    pub value: i32,
}

impl Op for AddToSaturation {
    type Drawn = Drawn;

    const IMGAUG: &'static [Class] = &[Class {
        name: "AddToSaturation",
        params: &[("value", "value", Form::Whole), ("from_colorspace", "", RGB)],
    }];

    const DOC: Doc = Doc {
        summary: "Adds a value to the saturation of all pixels.",
        notes: "Pixels go through 8-bit HSV, whose rounding changes them slightly even where nothing is added. \
                A gray image stays as it is.",
        short: Some("value"),
        examples: &["add_to_saturation: 30", "add_to_saturation: [-50, 50]"],
    };

    fn check(&self) -> Result<(), Problem> {
        self.value.check("value", -255..=255)
    }

    fn shape_out(&self, _: Shape) -> ShapeOut {
        ShapeOut::Same
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Drawn {
        Drawn { value: self.value.draw(rng) as i32 }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        canvas.in_place(|image, _| color::shift_hue_and_saturation(image, 0, drawn.value));
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
    fn both_ends_are_drawn_and_pale_colors_turn_gray() {
        let op = AddToSaturation { value: Int::Range(-2, 2) };
        let mut seen = [0; 5];
        for drawn in draws(&op, 1000) {
            seen[(drawn.value + 2) as usize] += 1;
        }
        assert!(seen.iter().all(|n| (136..265).contains(n)), "{seen:?}");
        assert_eq!(painted::<AddToSaturation>(&Drawn { value: -255 }, &[200, 100, 0]), [200; 3]);
        assert_eq!(painted::<AddToSaturation>(&Drawn { value: 255 }, &[200, 100, 50]), [200, 67, 0]);
    }
}
