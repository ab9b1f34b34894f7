//! `albumentations.random_snow`: bleaches dark parts.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::pixels::unmoved;
use crate::base::{Canvas, Shape, Stream};
use crate::kernels::cv::{self, hls};
use crate::ops::range::within;
use crate::ops::{Doc, Op, Param, Problem};

/// Bleaches dark parts, as Albumentations' `RandomSnow` does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RandomSnow {
    /// How bright a pixel may be that is bleached: 0..1 for a lightness of 85 to 212.
    #[serde(default = "points")]
    pub snow_point: Param,
    /// The factor of its lightness, at least 0.
    #[serde(default = "coefficient")]
    pub brightness_coeff: f64,
}

fn points() -> Param {
    Param::Range(0.1, 0.3)
}

fn coefficient() -> f64 {
    2.5
}

/// The snow of one image.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// How bright a pixel may be that is bleached.
    pub snow_point: f64,
    /// The factor of its lightness.
    pub brightness_coeff: f64,
}

impl Op for RandomSnow {
    type Drawn = Drawn;

    const DOC: Doc = Doc {
        summary: "Bleaches dark parts, as Albumentations' RandomSnow does.",
        notes: "8-bit HLS. Gray images, which are an error there, stay.",
        short: Some("snow_point"),
        examples: &[
            "albumentations.random_snow: {}",
            "albumentations.random_snow: { snow_point: 0.5, brightness_coeff: 1.5 }",
        ],
    };

    fn check(&self) -> Result<(), Problem> {
        self.snow_point.check("snow_point", 0.0..=1.0)?;
        within("brightness_coeff", &self.brightness_coeff, &(0.0..=1000.0))
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Drawn {
        Drawn { snow_point: self.snow_point.draw(rng), brightness_coeff: self.brightness_coeff }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        let point = drawn.snow_point * 127.5 + 85.0;
        let factor = drawn.brightness_coeff as f32;
        canvas.in_place(|image, _| {
            cv::map_rgb(image, |pixel| {
                let [h, l, s] = hls::hls8_of_rgb(pixel);
                let snowy = f64::from(l) < point;
                let l = if snowy { (f32::from(l) * factor).min(255.0) as u8 } else { l };
                hls::rgb_of_hls8([h, l, s])
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
    fn dark_grays_are_bleached() {
        let drawn = Drawn { snow_point: 0.2, brightness_coeff: 2.5 };
        let row = [50, 50, 50, 110, 110, 110, 111, 111, 111];
        assert_eq!(painted::<RandomSnow>(&drawn, &row), [125, 125, 125, 255, 255, 255, 111, 111, 111]);
    }
}
