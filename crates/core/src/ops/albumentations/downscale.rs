//! `albumentations.downscale`: makes the image smaller and large again.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::pixels::unmoved;
use crate::base::math::rhe64;
use crate::base::{Canvas, Shape, Stream};
use crate::kernels::albumentations;
use crate::kernels::cv::rescale;
use crate::kernels::resize::{Interpolation as Kernel, resize};
use crate::ops::{Doc, Op, Param, Problem};

crate::named! {
    /// How values between pixels are found.
    pub enum Interpolation {
        /// The nearest pixel up and left.
        Nearest = "nearest",
        /// Of the four pixels around.
        Linear = "linear",
        /// Of sixteen.
        Cubic = "cubic",
        /// The mean over what a pixel covers; linear where it covers less than one.
        Area = "area",
    }
}

/// Makes the image smaller and large again, as Albumentations' `Downscale` does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Downscale {
    /// The smaller image's sides as a fraction of the image's, above 0 and at most 1.
    #[serde(default = "quarter")]
    pub scale: Param,
    /// How values are found on the way down.
    #[serde(default = "nearest")]
    pub downscale: Interpolation,
    /// How values are found on the way up.
    #[serde(default = "nearest")]
    pub upscale: Interpolation,
}

fn quarter() -> Param {
    Param::Constant(0.25)
}

fn nearest() -> Interpolation {
    Interpolation::Nearest
}

/// What happens to one image.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// The smaller image's sides as a fraction of the image's.
    pub scale: f64,
    /// How values are found on the way down.
    pub downscale: Interpolation,
    /// How values are found on the way up.
    pub upscale: Interpolation,
}

impl Op for Downscale {
    type Drawn = Drawn;

    const DOC: Doc = Doc {
        summary: "Makes the image smaller and large again, as Albumentations' Downscale does.",
        notes: "Sides are rounded half to even, and at least 1. Where they were not whole, cubic goes by the sizes instead of the scale.",
        short: Some("scale"),
        examples: &[
            "albumentations.downscale: 0.25",
            "albumentations.downscale: { scale: [0.3, 0.9], downscale: area, upscale: linear }",
            "albumentations.downscale: { scale: 0.5, downscale: linear, upscale: cubic }",
        ],
    };

    fn check(&self) -> Result<(), Problem> {
        self.scale.check("scale", 0.001..=1.0)
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Drawn {
        Drawn { scale: self.scale.draw(rng), downscale: self.downscale, upscale: self.upscale }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        let on = canvas.shape();
        let scale = drawn.scale.clamp(0.001, 1.0);
        let side = |n: usize| (rhe64(n as f64 * scale).max(1) as usize).min(n.max(1));
        let small = Shape::new(side(on.height), side(on.width), on.kind);
        if on.pixels() == 0 {
            return;
        }
        let halved = small.height * 2 == on.height && small.width * 2 == on.width;
        canvas.redraw(small, |from, to, scratch| match drawn.downscale {
            Interpolation::Nearest => albumentations::pick(from, to, scale),
            // Exactly half, both are the mean of four, rounded alike.
            Interpolation::Linear | Interpolation::Area if halved => {
                resize(from, to, Kernel::Linear, scratch);
            }
            Interpolation::Linear => rescale::linear(from, to, scale),
            Interpolation::Cubic => resize(from, to, Kernel::Cubic, scratch),
            Interpolation::Area => rescale::area(from, to, scale, scratch),
        });
        canvas.redraw(on, |from, to, scratch| match drawn.upscale {
            Interpolation::Nearest => resize(from, to, Kernel::Nearest, scratch),
            Interpolation::Linear => resize(from, to, Kernel::Linear, scratch),
            Interpolation::Cubic => resize(from, to, Kernel::Cubic, scratch),
            // Where the target is larger, OpenCV's area is linear about other centers.
            Interpolation::Area => resize(from, to, Kernel::Auto, scratch),
        });
    }

    unmoved!();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::painted;

    #[test]
    fn pixels_are_repeated() {
        let drawn = Drawn { scale: 0.5, downscale: Interpolation::Nearest, upscale: Interpolation::Nearest };
        assert_eq!(painted::<Downscale>(&drawn, &[1, 2, 3, 4]), [1, 1, 3, 3]);
        let drawn = Drawn { scale: 0.01, ..drawn };
        assert_eq!(painted::<Downscale>(&drawn, &[1, 2, 3, 4]), [1; 4]);
    }
}
