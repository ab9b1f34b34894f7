//! `change_color_temperature`: the light of another lamp.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::common::still;
use crate::base::{Canvas, Shape, Stream};
use crate::kernels::kelvin;
use crate::ops::counterpart::{Class, Form, RGB};
use crate::ops::{Doc, Op, Param, Problem};

/// Multiplies colors by that of a light of a temperature.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ChangeColorTemperature {
    /// Temperature in kelvin, 1000..40000: from red over white, at about 6600, to blue.
    pub kelvin: Param,
}

impl Default for ChangeColorTemperature {
    fn default() -> Self {
        Self { kelvin: Param::Range(1000.0, 11000.0) }
    }
}

/// The light of one image.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// Its temperature in kelvin.
    pub kelvin: f32,
}

impl Op for ChangeColorTemperature {
    type Drawn = Drawn;

    const IMGAUG: &'static [Class] = &[Class {
        name: "ChangeColorTemperature",
        params: &[("kelvin", "kelvin", Form::Number), ("from_colorspace", "", RGB)],
    }];

    const DOC: Doc = Doc {
        summary: "Multiplies colors by that of a light of a temperature.",
        notes: "Images become darker, because no factor is above 1. A gray image stays as it is.",
        short: Some("kelvin"),
        examples: &["change_color_temperature: [1100, 10000]", "change_color_temperature: 3200"],
    };

    still!();

    fn check(&self) -> Result<(), Problem> {
        self.kelvin.check("kelvin", f64::from(kelvin::LOWEST)..=f64::from(kelvin::HIGHEST))
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Drawn {
        Drawn { kelvin: self.kelvin.draw32(rng) }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        canvas.in_place(|image, _| kelvin::change(image, drawn.kelvin));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::{draws, painted};

    /// What imgaug 0.4.0 makes of the same pixels.
    #[test]
    fn colors_are_those_of_imgaug() {
        let at = |kelvin| painted::<ChangeColorTemperature>(&Drawn { kelvin }, &[255, 200, 99]);
        assert_eq!([at(1000.0), at(6600.0), at(40000.0)], [[255, 44, 0], [254, 195, 99], [155, 147, 99]]);
        assert_eq!(at(3249.5), [255, 148, 48]);
        assert_eq!(painted::<ChangeColorTemperature>(&Drawn { kelvin: 1000.0 }, &[50]), [50]);
    }

    #[test]
    fn temperatures_are_drawn_from_the_whole_range() {
        let all: Vec<f32> =
            draws(&ChangeColorTemperature::default(), 300).map(|drawn| drawn.kelvin).collect();
        assert!(all.iter().all(|kelvin| (1000.0..=11000.0).contains(kelvin)));
        assert!(all.iter().any(|kelvin| *kelvin < 2000.0) && all.iter().any(|kelvin| *kelvin > 10000.0));
    }
}
