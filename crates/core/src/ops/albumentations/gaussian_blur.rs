//! `albumentations.gaussian_blur`: blurs by a Gaussian.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::pixels::{Compat, two, unmoved};
use crate::base::math::rhe64;
use crate::base::{Canvas, Shape, Stream};
use crate::kernels::albumentations::{gaussian_taps, gaussian_weights};
use crate::kernels::{blur, cv::filter};
use crate::ops::{Doc, Int, Op, Param, Problem};

/// Blurs by a Gaussian, as Albumentations' `GaussianBlur` does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AlbumentationsGaussianBlur {
    /// How many taps the kernel has, 0..255; even numbers above 0 count as one more, 0 is by `sigma_limit`.
    #[serde(default = "by_sigma")]
    pub blur_limit: Int,
    /// Standard deviation in pixels, 0..100; 0 is by the number of taps, which version 1 knows.
    #[serde(default = "sigma")]
    pub sigma_limit: Param,
    /// The version of Albumentations, 1 or 2: 1 has weights in 256ths, 2 in single precision, and more taps for a sigma.
    #[serde(default = "two")]
    pub compat: Compat,
}

fn by_sigma() -> Int {
    Int::Constant(0)
}

fn sigma() -> Param {
    Param::Range(0.5, 3.0)
}

/// The kernel of one image.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// Taps; 0 is by sigma.
    pub size: u8,
    /// Standard deviation; 0 is by the size.
    pub sigma: f64,
    /// The version.
    pub compat: Compat,
}

impl Op for AlbumentationsGaussianBlur {
    type Drawn = Drawn;

    const DOC: Doc = Doc {
        summary: "Blurs by a Gaussian, as Albumentations' GaussianBlur does.",
        notes: "Version 1's own defaults are blur_limit: [3, 7] and sigma_limit: 0: 3 taps with probability 1/5, 5 and 7 with 2/5 each.",
        short: Some("sigma_limit"),
        examples: &[
            "albumentations.gaussian_blur: {}",
            "albumentations.gaussian_blur: { blur_limit: [3, 9], sigma_limit: 1.5 }",
            "albumentations.gaussian_blur: { blur_limit: [3, 7], sigma_limit: 0, compat: 1 }",
            "albumentations.gaussian_blur: { sigma_limit: [0.2, 2.0], compat: 1 }",
        ],
    };

    fn check(&self) -> Result<(), Problem> {
        self.blur_limit.check("blur_limit", 0..=255)?;
        let least = match self.compat {
            Compat::One if self.blur_limit.min() > 0 => 0.0,
            Compat::One | Compat::Two => 0.01,
        };
        self.sigma_limit.check("sigma_limit", least..=100.0)
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Drawn {
        let size = match self.blur_limit.draw(rng) {
            0 => 0,
            size => size as u8 | 1,
        };
        Drawn { size, sigma: self.sigma_limit.draw(rng), compat: self.compat }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        let (size, sigma) = (usize::from(drawn.size), drawn.sigma.clamp(0.0, 100.0));
        canvas.redraw(canvas.shape(), |from, to, scratch| match drawn.compat {
            Compat::One => {
                let size = if size == 0 { rhe64(6.0 * sigma + 1.0) as usize } else { size };
                blur::gaussian_blur_sized(from, to, size | 1, sigma, scratch);
            }
            Compat::Two => {
                let mut weights = scratch.take_f32(gaussian_taps(size, sigma));
                gaussian_weights(sigma.max(1e-3), &mut weights, scratch);
                filter::separable(from, to, &weights, scratch);
                scratch.give_f32(weights);
            }
        });
    }

    unmoved!();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::{draws, painted};

    #[test]
    fn sizes_are_drawn_as_in_version_1() {
        let op = AlbumentationsGaussianBlur {
            blur_limit: Int::Range(3, 7),
            sigma_limit: Param::Constant(0.0),
            compat: Compat::One,
        };
        assert!(op.check().is_ok());
        assert!(AlbumentationsGaussianBlur { compat: Compat::Two, ..op.clone() }.check().is_err());
        let mut counts = [0_i32; 8];
        draws(&op, 5000).for_each(|d| counts[usize::from(d.size)] += 1);
        assert!((counts[3] - 1000).abs() < 150 && (counts[5] - 2000).abs() < 175, "{counts:?}");
        assert_eq!(counts[3] + counts[5] + counts[7], 5000);
    }

    #[test]
    fn three_taps_without_a_sigma_are_binomial() {
        let drawn = Drawn { size: 3, sigma: 0.0, compat: Compat::One };
        assert_eq!(painted::<AlbumentationsGaussianBlur>(&drawn, &[0, 100, 0, 0]), [50, 50, 25, 0]);
        let drawn = Drawn { size: 0, sigma: 0.5, compat: Compat::Two };
        // exp(-2) / (1 + 2 exp(-2)) of 100 is 10.65.
        assert_eq!(painted::<AlbumentationsGaussianBlur>(&drawn, &[0, 0, 100, 0]), [0, 11, 79, 21]);
    }
}
