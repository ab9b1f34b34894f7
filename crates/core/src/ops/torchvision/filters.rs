//! `torchvision.gaussian_blur`, `torchvision.random_adjust_sharpness`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::common::{between, check_range};
use crate::base::{Canvas, Shape, Stream};
use crate::kernels::pil::{self, color};
use crate::ops::counterpart::{Argument, Takes, Transform};
use crate::ops::{Doc, Op, Placement, Probability, Problem, ShapeOut};

/// Blurs the image, as torchvision's `GaussianBlur` does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TvGaussianBlur {
    /// Columns and rows of the window, `[width, height]`, odd.
    pub kernel_size: [usize; 2],
    /// Standard deviation in pixels, `[lo, hi]`; one value for both axes.
    #[serde(default = "sigma")]
    pub sigma: [f64; 2],
}

fn sigma() -> [f64; 2] {
    [0.1, 2.0]
}

/// The window of one image.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Blurred {
    /// Columns and rows.
    pub kernel_size: [usize; 2],
    /// Standard deviation.
    pub sigma: f32,
}

impl Op for TvGaussianBlur {
    type Drawn = Blurred;

    const TORCHVISION: Option<Transform> = Some(Transform {
        name: "GaussianBlur",
        arguments: &[Argument::Plain("kernel_size", "kernel_size"), Argument::Plain("sigma", "sigma")],
        takes: Takes::Pictures,
    });

    const DOC: Doc = Doc {
        summary: "Blurs the image, as torchvision's GaussianBlur does.",
        notes: "Single precision, rounded half to even; one value in ten thousand may differ by 1 from torch's.",
        short: Some("kernel_size"),
        examples: &[
            "torchvision.gaussian_blur: [3, 3]",
            "torchvision.gaussian_blur: { kernel_size: [5, 9], sigma: [0.5, 0.5] }",
        ],
    };

    fn check(&self) -> Result<(), Problem> {
        for side in self.kernel_size {
            crate::ops::range::within("kernel_size", &side, &(1..=255))?;
            if side % 2 == 0 {
                return Err(Problem::new("kernel_size", format!("{side} is even; windows have a middle")));
            }
        }
        check_range("sigma", self.sigma, 0.001..=1000.0)
    }

    fn shape_out(&self, _: Shape) -> ShapeOut {
        ShapeOut::Same
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Blurred {
        Blurred { kernel_size: self.kernel_size, sigma: between(self.sigma, rng) as f32 }
    }

    fn paint(drawn: &Blurred, canvas: &mut Canvas) {
        let kernel = drawn.kernel_size.map(|side| side.clamp(1, 255));
        canvas.redraw(canvas.shape(), |src, dst, scratch| {
            pil::gaussian_blur(src, dst, kernel, drawn.sigma, scratch);
        });
    }

    fn place(_: &Blurred, _: Shape) -> Placement {
        Placement::Unmoved
    }
}

/// Sharpens or smooths the image, as torchvision's `RandomAdjustSharpness` does with PIL images.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RandomAdjustSharpness {
    /// 0 smooths, 1 changes nothing, above 1 sharpens.
    pub sharpness_factor: f64,
    /// Probability that an image is changed.
    #[serde(default = "coin")]
    pub p: Probability,
}

pub(super) fn coin() -> Probability {
    Probability(0.5)
}

/// The factor of one image.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sharpened {
    /// 1 changes nothing.
    pub factor: f32,
}

impl Op for RandomAdjustSharpness {
    type Drawn = Sharpened;

    const TORCHVISION: Option<Transform> = Some(Transform {
        name: "RandomAdjustSharpness",
        arguments: &[Argument::Plain("sharpness_factor", "sharpness_factor"), Argument::Plain("p", "p")],
        takes: Takes::Pictures,
    });

    const DOC: Doc = Doc {
        summary: "Sharpens or smooths the image, as torchvision's RandomAdjustSharpness does with PIL images.",
        notes: "Border pixels, and images of fewer than three rows or columns, stay as they are.",
        short: Some("sharpness_factor"),
        examples: &[
            "torchvision.random_adjust_sharpness: 2",
            "torchvision.random_adjust_sharpness: { sharpness_factor: 0, p: 1 }",
        ],
    };

    fn check(&self) -> Result<(), Problem> {
        self.p.check("p")?;
        crate::ops::range::within("sharpness_factor", &self.sharpness_factor, &(0.0..=1000.0))
    }

    fn shape_out(&self, _: Shape) -> ShapeOut {
        ShapeOut::Same
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Sharpened {
        Sharpened { factor: if self.p.draw(rng) { self.sharpness_factor as f32 } else { 1.0 } }
    }

    fn paint(drawn: &Sharpened, canvas: &mut Canvas) {
        if drawn.factor != 1.0 {
            canvas.redraw(canvas.shape(), |src, dst, _| color::sharpness(src, dst, drawn.factor));
        }
    }

    fn place(_: &Sharpened, _: Shape) -> Placement {
        Placement::Unmoved
    }
}
