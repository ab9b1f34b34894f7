//! `albumentations.random_brightness_contrast`: values are multiplied, and something is added.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::pixels::{Compat, two, unmoved};
use crate::base::{Canvas, Shape, Stream};
use crate::kernels::albumentations::{linear_table, mean};
use crate::kernels::cv;
use crate::ops::{Doc, Op, Param, Probability, Problem};

/// Multiplies all values and adds to them, as Albumentations' `RandomBrightnessContrast` does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RandomBrightnessContrast {
    /// Added, as a fraction of 255 or of the image's mean.
    #[serde(default = "limit")]
    pub brightness_limit: Param,
    /// Added to the factor, which is 1.
    #[serde(default = "limit")]
    pub contrast_limit: Param,
    /// Brightness is a fraction of 255, not of the image's mean.
    #[serde(default = "yes", skip_serializing_if = "Clone::clone")]
    pub brightness_by_max: bool,
    /// Factor and addend are changed so that nothing is clipped.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ensure_safe_range: bool,
    /// The version of Albumentations, 1 or 2: 1 multiplies what is added, a fraction of the mean, by the factor.
    #[serde(default = "two", skip_serializing_if = "newer")]
    pub compat: Compat,
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

fn yes() -> bool {
    true
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it")]
fn newer(version: &Compat) -> bool {
    *version == Compat::Two
}

/// What becomes of the values of one image.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// The factor.
    pub alpha: f32,
    /// What is added, as a fraction of 255 or of the mean.
    pub beta: f32,
    /// Whether it is of the mean, and by which version's rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by_mean: Option<Compat>,
    /// Whether nothing may be clipped.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub safe: bool,
}

impl Drawn {
    /// The factor and the addend for an image of mean `mean`.
    fn line(&self, mean: impl FnOnce() -> f64) -> (f32, f32) {
        let (alpha, beta) = match self.by_mean {
            None => (self.alpha, 255.0 * self.beta),
            Some(Compat::One) => (self.alpha, (f64::from(self.alpha) * f64::from(self.beta) * mean()) as f32),
            Some(Compat::Two) => (self.alpha, (f64::from(self.beta) * mean()) as f32),
        };
        if !self.safe {
            (alpha, beta)
        } else if alpha > 0.0 {
            let beta = beta.clamp(0.0, 255.0);
            (alpha.min((255.0 - beta) / 255.0), beta)
        } else {
            let beta = beta.min(255.0);
            (alpha.max(-beta / 255.0), beta)
        }
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
            "albumentations.random_brightness_contrast: { brightness_by_max: false, compat: 1, p: 1 }",
            "albumentations.random_brightness_contrast: { ensure_safe_range: true, p: 1 }",
        ],
    };

    fn check(&self) -> Result<(), Problem> {
        self.brightness_limit.check("brightness_limit", -1.0..=1.0)?;
        self.contrast_limit.check("contrast_limit", -1.0..=100.0)?;
        self.p.check("p")
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Drawn {
        if !self.p.draw(rng) {
            return Drawn { alpha: 1.0, beta: 0.0, by_mean: None, safe: false };
        }
        let beta = self.brightness_limit.draw32(rng);
        Drawn {
            alpha: (1.0 + self.contrast_limit.draw(rng)) as f32,
            beta,
            by_mean: (!self.brightness_by_max).then_some(self.compat),
            safe: self.ensure_safe_range,
        }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        if drawn.alpha != 1.0 || drawn.beta != 0.0 {
            let (alpha, beta) = drawn.line(|| mean(canvas.image()));
            canvas.in_place(|image, _| cv::look_up(image, &linear_table(alpha, beta)));
        }
    }

    unmoved!();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::painted;

    #[test]
    fn fractions_are_cut_off_and_values_clipped() {
        let drawn = Drawn { alpha: 1.5, beta: 0.1, by_mean: None, safe: false };
        assert_eq!(painted::<RandomBrightnessContrast>(&drawn, &[0, 1, 100, 200]), [25, 27, 175, 255]);
        let safe = Drawn { safe: true, ..drawn };
        assert_eq!(painted::<RandomBrightnessContrast>(&safe, &[0, 1, 100, 255]), [25, 26, 115, 255]);
    }

    #[test]
    fn fractions_of_the_mean_depend_on_the_version() {
        let drawn = Drawn { alpha: 0.5, beta: 0.2, by_mean: Some(Compat::One), safe: false };
        assert_eq!(painted::<RandomBrightnessContrast>(&drawn, &[50, 150]), [35, 85]);
        let drawn = Drawn { by_mean: Some(Compat::Two), ..drawn };
        assert_eq!(painted::<RandomBrightnessContrast>(&drawn, &[50, 150]), [45, 95]);
    }
}
