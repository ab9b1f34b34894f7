//! `albumentations.sharpen`: sharpens images.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::pixels::unmoved;
use crate::base::{Canvas, Shape, Stream};
use crate::kernels::albumentations::{mixed, sharpened};
use crate::kernels::{blur, cv::filter};
use crate::ops::range::within;
use crate::ops::{Doc, Op, Param, Problem};

crate::named! {
    /// How it is done.
    pub enum Method {
        /// By a kernel of 3 x 3.
        Kernel = "kernel",
        /// By the difference to a blurred image.
        Gaussian = "gaussian",
    }
}

/// Sharpens images, as Albumentations' `Sharpen` does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AlbumentationsSharpen {
    /// Share of the sharpened image, 0..1.
    pub alpha: Param,
    /// Brightness of the sharpened image, 0..100; 1 keeps it. With the method `kernel`.
    pub lightness: Param,
    /// `kernel` or `gaussian`.
    pub method: Method,
    /// Taps of the blur, odd, 3..255. With the method `gaussian`.
    pub kernel_size: u8,
    /// Standard deviation of the blur in pixels, 0.01..100. With the method `gaussian`.
    pub sigma: f64,
}

impl Default for AlbumentationsSharpen {
    fn default() -> Self {
        Self {
            alpha: Param::Range(0.2, 0.5),
            lightness: Param::Range(0.5, 1.0),
            method: Method::Kernel,
            kernel_size: 5,
            sigma: 1.0,
        }
    }
}

/// How one image is sharpened.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// Share of the sharpened image.
    pub alpha: f64,
    /// Brightness of the sharpened image.
    pub lightness: f64,
    /// How it is done.
    pub method: Method,
    /// Taps of the blur.
    pub kernel_size: u8,
    /// Standard deviation of the blur.
    pub sigma: f64,
}

impl Op for AlbumentationsSharpen {
    type Drawn = Drawn;

    const DOC: Doc = Doc {
        summary: "Sharpens images, as Albumentations' Sharpen does.",
        notes: "As sharpen, with OpenCV's fused sums. The method gaussian takes differences of bytes, which wrap around there: dark edges \
                become bright.",
        short: Some("alpha"),
        examples: &[
            "albumentations.sharpen: {}",
            "albumentations.sharpen: { alpha: 0.5, lightness: [0.5, 1.5] }",
            "albumentations.sharpen: { method: gaussian, kernel_size: 3, sigma: 0.7 }",
        ],
    };

    fn check(&self) -> Result<(), Problem> {
        self.alpha.check("alpha", 0.0..=1.0)?;
        self.lightness.check("lightness", 0.0..=100.0)?;
        within("kernel_size", &self.kernel_size, &(3..=255))?;
        if self.kernel_size.is_multiple_of(2) {
            return Err(Problem::new(
                "kernel_size",
                format!("{} is even; kernels have a middle", self.kernel_size),
            ));
        }
        within("sigma", &self.sigma, &(0.01..=100.0))
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Drawn {
        let alpha = self.alpha.draw(rng);
        Drawn {
            alpha,
            lightness: self.lightness.draw(rng),
            method: self.method,
            kernel_size: self.kernel_size,
            sigma: self.sigma,
        }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        canvas.redraw(canvas.shape(), |from, to, scratch| match drawn.method {
            Method::Kernel => {
                let l = 8.0 + drawn.lightness;
                let kernel = mixed(drawn.alpha, [[-1.0, -1.0, -1.0], [-1.0, l, -1.0], [-1.0, -1.0, -1.0]]);
                filter::filter_2d(from, to, kernel.as_flattened(), 3, scratch);
            }
            Method::Gaussian => {
                let target = crate::base::ImageMut { shape: to.shape, data: to.data };
                blur::gaussian_blur_sized(
                    from,
                    target,
                    usize::from(drawn.kernel_size | 1),
                    drawn.sigma,
                    scratch,
                );
                for (v, own) in to.data.iter_mut().zip(from.data) {
                    *v = sharpened(*own, *v, drawn.alpha);
                }
            }
        });
    }

    unmoved!();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::painted;

    #[test]
    fn edges_overshoot_and_flat_parts_keep_their_value() {
        let drawn = Drawn { alpha: 0.5, lightness: 1.0, method: Method::Kernel, kernel_size: 3, sigma: 1.0 };
        assert_eq!(
            painted::<AlbumentationsSharpen>(&drawn, &[100, 100, 100, 120, 120]),
            [100, 100, 70, 150, 120]
        );
    }

    #[test]
    fn differences_of_bytes_wrap_around() {
        let drawn =
            Drawn { alpha: 0.5, lightness: 1.0, method: Method::Gaussian, kernel_size: 3, sigma: 1e9 };
        // The blurred row is 100, 107, 113, 120 to the byte.
        assert_eq!(painted::<AlbumentationsSharpen>(&drawn, &[100, 100, 120, 120]), [100, 224, 123, 120]);
    }
}
