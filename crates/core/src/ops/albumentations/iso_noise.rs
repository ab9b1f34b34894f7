//! `albumentations.iso_noise`: noise as of a camera's sensor.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::pixels::{Compat, two, unmoved};
use crate::base::{Canvas, Shape, Stream};
use crate::kernels::albumentations::{self, Iso};
use crate::kernels::noise;
use crate::ops::{Doc, Op, Param, Problem};

/// Noise as of a camera's sensor, as Albumentations' `ISONoise` makes it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IsoNoise {
    /// Standard deviation of the hue's noise, before the intensity, as a fraction of the circle, 0..1.
    #[serde(default = "color_shift")]
    pub color_shift: Param,
    /// How strong the noise is, at least 0.
    #[serde(default = "intensity")]
    pub intensity: Param,
    /// The version of Albumentations, 1 or 2; 2 counts degrees as circles and gray levels as whole ranges, so that hues hardly
    /// change and few pixels become much brighter.
    #[serde(default = "two")]
    pub compat: Compat,
}

fn color_shift() -> Param {
    Param::Range(0.01, 0.05)
}

fn intensity() -> Param {
    Param::Range(0.1, 0.5)
}

/// The noise of one image.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// Deviation of the hue's noise, before the intensity.
    pub color_shift: f64,
    /// How strong the noise is.
    pub intensity: f64,
    /// The version.
    pub compat: Compat,
    /// What the random numbers are expanded from.
    pub key: u64,
}

impl Op for IsoNoise {
    type Drawn = Drawn;

    const DOC: Doc = Doc {
        summary: "Noise as of a camera's sensor, as Albumentations' ISONoise makes it.",
        notes: "Normal noise in the hue and Poisson noise in the lightness. Gray images, which are an error there, stay.",
        short: None,
        examples: &[
            "albumentations.iso_noise: {}",
            "albumentations.iso_noise: { color_shift: 0.1, intensity: [0.1, 1.0], compat: 1 }",
        ],
    };

    fn check(&self) -> Result<(), Problem> {
        self.color_shift.check("color_shift", 0.0..=1.0)?;
        self.intensity.check("intensity", 0.0..=1000.0)
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Drawn {
        Drawn {
            color_shift: self.color_shift.draw(rng),
            intensity: self.intensity.draw(rng),
            compat: self.compat,
            key: rng.u64(),
        }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        let Drawn { color_shift, intensity, .. } = *drawn;
        let iso = match drawn.compat {
            Compat::One => Iso {
                degrees: (360.0 * color_shift * intensity) as f32,
                rate: 255.0 * intensity,
                step: 1.0 / 255.0,
                cut: true,
            },
            Compat::Two => Iso {
                degrees: (color_shift * intensity) as f32,
                rate: intensity,
                step: intensity as f32,
                cut: false,
            },
        };
        canvas.in_place(|image, scratch| {
            let pixels = image.shape.pixels();
            let mut rng = Stream::of_key(drawn.key);
            let mut random = scratch.take_u8(noise::BYTES_PER_VALUE * pixels);
            rng.fill(&mut random);
            let mut normal = scratch.take_f32(pixels);
            noise::fill_normal(&random, &mut normal);
            let mut counts = scratch.take_u8(4 * pixels);
            rng.fill(&mut counts);
            albumentations::iso_noise(image, iso, &normal, &counts, scratch);
            scratch.give_u8(counts);
            scratch.give_f32(normal);
            scratch.give_u8(random);
        });
    }

    unmoved!();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::painted;

    #[test]
    fn flat_images_have_no_noise_in_their_lightness() {
        let drawn = Drawn { color_shift: 0.0, intensity: 0.5, compat: Compat::Two, key: 1 };
        assert_eq!(painted::<IsoNoise>(&drawn, &[60, 90, 120, 60, 90, 120]), [60, 90, 120, 60, 90, 120]);
        assert_eq!(painted::<IsoNoise>(&drawn, &[1, 200]), [1, 200]);
    }
}
