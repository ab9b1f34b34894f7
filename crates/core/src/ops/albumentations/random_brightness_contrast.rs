//! `albumentations.random_brightness_contrast`: values are multiplied, and something is added.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::base::{Canvas, ImageMut, Shape, Stream};
use crate::ops::{Doc, Op, Param, Placement, Probability, Problem, ShapeOut};

/// Multiplies all values and adds to them, as Albumentations' `RandomBrightnessContrast` does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RandomBrightnessContrast {
    /// Added, as a fraction of 255.
    #[serde(default = "limit")]
    pub brightness_limit: Param,
    /// Added to the factor, which is 1.
    #[serde(default = "limit")]
    pub contrast_limit: Param,
    /// Probability that an image is changed.
    #[serde(default = "half")]
    pub p: Probability,
}

fn limit() -> Param {
    Param::Range(-0.2, 0.2)
}

fn half() -> Probability {
    Probability(0.5)
}

/// What becomes of the values of one image.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// The factor.
    pub alpha: f32,
    /// What is added, as a fraction of 255.
    pub beta: f32,
}

/// Multiplies by `alpha` and adds `beta` times 255, single precision, clipped, the fraction cut off.
fn adjust(image: ImageMut<'_>, alpha: f32, beta: f32) {
    let ImageMut { data, .. } = image;
    let table: [u8; 256] = std::array::from_fn(|v| (v as f32 * alpha + 255.0 * beta).clamp(0.0, 255.0) as u8);
    for v in data.iter_mut() {
        *v = table[usize::from(*v)];
    }
}

impl Op for RandomBrightnessContrast {
    type Drawn = Drawn;

    const DOC: Doc = Doc {
        summary: "Multiplies all values and adds to them, as Albumentations' RandomBrightnessContrast does.",
        notes: "Brightness is a fraction of 255 (brightness_by_max, the default there).",
        short: None,
        examples: &[
            "albumentations.random_brightness_contrast: {}",
            "albumentations.random_brightness_contrast: { brightness_limit: [-0.1, 0.3], contrast_limit: 0.5, p: 1 }",
        ],
    };

    fn check(&self) -> Result<(), Problem> {
        self.brightness_limit.check("brightness_limit", -1.0..=1.0)?;
        self.contrast_limit.check("contrast_limit", -1.0..=100.0)?;
        self.p.check("p")
    }

    fn shape_out(&self, _: Shape) -> ShapeOut {
        ShapeOut::Same
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Drawn {
        if !self.p.draw(rng) {
            return Drawn { alpha: 1.0, beta: 0.0 };
        }
        let beta = self.brightness_limit.draw32(rng);
        Drawn { alpha: (1.0 + self.contrast_limit.draw(rng)) as f32, beta }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        if *drawn != (Drawn { alpha: 1.0, beta: 0.0 }) {
            canvas.in_place(|image, _| adjust(image, drawn.alpha, drawn.beta));
        }
    }

    fn place(_: &Drawn, _: Shape) -> Placement {
        Placement::Unmoved
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::painted;

    #[test]
    fn fractions_are_cut_off_and_values_clipped() {
        let drawn = Drawn { alpha: 1.5, beta: 0.1 };
        assert_eq!(painted::<RandomBrightnessContrast>(&drawn, &[0, 1, 100, 200]), [25, 27, 175, 255]);
    }
}
