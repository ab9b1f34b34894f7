//! `pillow.filter`, `pillow.rank_filter`, `pillow.gaussian_blur`, `pillow.autocontrast`: what Pillow's `ImageFilter` and
//! `ImageOps` do.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::base::{Canvas, Shape, Stream};
use crate::kernels::pil::filter::{self, Kernel, Rank};
use crate::kernels::pil::histogram;
use crate::ops::range::within;
use crate::ops::{Doc, Op, Param, Placement, Problem, ShapeOut};

crate::named! {
    for Rank {
        Min = "min",
        Median = "median",
        Max = "max",
    }
}

crate::named! {
    /// The filters of `ImageFilter` that are kernels of 3 x 3.
    pub enum Name {
        /// The mean with a heavier middle.
        Smooth = "smooth",
        /// Sharper.
        Sharpen = "sharpen",
        /// A little sharper.
        Detail = "detail",
        /// Stronger edges.
        EdgeEnhance = "edge_enhance",
        /// Still stronger ones.
        EdgeEnhanceMore = "edge_enhance_more",
        /// A relief.
        Emboss = "emboss",
        /// Edges, bright.
        FindEdges = "find_edges",
        /// Edges, dark.
        Contour = "contour",
    }
}

impl Name {
    fn kernel(self) -> Kernel {
        let around = |all: f32, middle: f32, scale: f32, offset: f32| {
            let mut weights = [all; 9];
            weights[4] = middle;
            Kernel { weights, scale, offset }
        };
        match self {
            Self::Smooth => around(1.0, 5.0, 13.0, 0.0),
            Self::Sharpen => around(-2.0, 32.0, 16.0, 0.0),
            Self::Detail => Kernel {
                weights: [0.0, -1.0, 0.0, -1.0, 10.0, -1.0, 0.0, -1.0, 0.0],
                scale: 6.0,
                offset: 0.0,
            },
            Self::EdgeEnhance => around(-1.0, 10.0, 2.0, 0.0),
            Self::EdgeEnhanceMore => around(-1.0, 9.0, 1.0, 0.0),
            Self::Emboss => {
                Kernel { weights: [-1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0], scale: 1.0, offset: 128.0 }
            }
            Self::FindEdges => around(-1.0, 8.0, 1.0, 0.0),
            Self::Contour => around(-1.0, 8.0, 1.0, 255.0),
        }
    }
}

/// The methods of an operation that moves nothing.
macro_rules! unmoved {
    () => {
        fn shape_out(&self, _: Shape) -> ShapeOut {
            ShapeOut::Same
        }

        fn place(_: &Self::Drawn, _: Shape) -> Placement {
            Placement::Unmoved
        }
    };
}

/// Filters the image with one of Pillow's kernels of 3 x 3.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PilFilter {
    /// smooth, sharpen, detail, edge_enhance, edge_enhance_more, emboss, find_edges or contour.
    pub name: Name,
}

impl Op for PilFilter {
    type Drawn = Self;

    const DOC: Doc = Doc {
        summary: "Filters the image with one of Pillow's kernels of 3 x 3.",
        notes: "Border pixels, and images of fewer than three rows or columns, stay as they are.",
        short: Some("name"),
        examples: &["pillow.filter: smooth", "pillow.filter: emboss", "pillow.filter: { name: contour }"],
    };

    unmoved! {}

    fn check(&self) -> Result<(), Problem> {
        Ok(())
    }

    fn draw(&self, _: Shape, _: &mut Stream) -> Self {
        *self
    }

    fn paint(drawn: &Self, canvas: &mut Canvas) {
        let kernel = drawn.name.kernel();
        canvas.redraw(canvas.shape(), |src, dst, _| filter::convolve(src, dst, &kernel));
    }
}

/// Takes the smallest, middle or largest value of a window, as Pillow's rank filters do.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PilRankFilter {
    /// min, median or max.
    pub rank: Rank,
    /// Rows and columns of the window, odd.
    #[serde(default = "three")]
    pub size: usize,
}

fn three() -> usize {
    3
}

impl Op for PilRankFilter {
    type Drawn = Self;

    const DOC: Doc = Doc {
        summary: "Takes the smallest, middle or largest value of a window, as Pillow's rank filters do.",
        notes: "",
        short: Some("rank"),
        examples: &["pillow.rank_filter: min", "pillow.rank_filter: { rank: median, size: 5 }"],
    };

    unmoved! {}

    fn check(&self) -> Result<(), Problem> {
        within("size", &self.size, &(1..=99))?;
        if self.size.is_multiple_of(2) {
            return Err(Problem::new("size", format!("{} is even; windows have a middle", self.size)));
        }
        Ok(())
    }

    fn draw(&self, _: Shape, _: &mut Stream) -> Self {
        *self
    }

    fn paint(drawn: &Self, canvas: &mut Canvas) {
        let size = drawn.size.clamp(1, 99);
        canvas.redraw(canvas.shape(), |src, dst, scratch| filter::rank(src, dst, size, drawn.rank, scratch));
    }
}

/// Blurs the image, as Pillow's `GaussianBlur` does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PilGaussianBlur {
    /// Standard deviation in pixels.
    #[serde(default = "two")]
    pub radius: Param,
}

fn two() -> Param {
    Param::Constant(2.0)
}

/// The blur of one image.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Blurred {
    /// Standard deviation in pixels.
    pub radius: f64,
}

impl Op for PilGaussianBlur {
    type Drawn = Blurred;

    const DOC: Doc = Doc {
        summary: "Blurs the image, as Pillow's GaussianBlur does.",
        notes: "Three boxes along each axis, as Pillow has it; that of torchvision is torchvision.gaussian_blur.",
        short: Some("radius"),
        examples: &["pillow.gaussian_blur: 1.5", "pillow.gaussian_blur: { radius: [0.1, 3] }"],
    };

    unmoved! {}

    fn check(&self) -> Result<(), Problem> {
        self.radius.check("radius", 0.0..=1000.0)
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Blurred {
        Blurred { radius: self.radius.draw(rng) }
    }

    fn paint(drawn: &Blurred, canvas: &mut Canvas) {
        canvas.redraw(canvas.shape(), |src, dst, scratch| {
            filter::gaussian_blur(src, dst, drawn.radius, scratch);
        });
    }
}

/// Stretches each channel to 0..255, as Pillow's `autocontrast` does.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PilAutocontrast {
    /// Percent of the darkest and of the brightest pixels that are left out, `[dark, bright]`.
    #[serde(default)]
    pub cutoff: [f64; 2],
}

impl Op for PilAutocontrast {
    type Drawn = Self;

    const DOC: Doc = Doc {
        summary: "Stretches each channel to 0..255, as Pillow's autocontrast does.",
        notes: "",
        short: None,
        examples: &["pillow.autocontrast: {}", "pillow.autocontrast: { cutoff: [2, 5] }"],
    };

    unmoved! {}

    fn check(&self) -> Result<(), Problem> {
        self.cutoff.iter().try_for_each(|percent| within("cutoff", percent, &(0.0..=100.0)))
    }

    fn draw(&self, _: Shape, _: &mut Stream) -> Self {
        *self
    }

    fn paint(drawn: &Self, canvas: &mut Canvas) {
        canvas.in_place(|image, _| histogram::autocontrast_without(image, drawn.cutoff));
    }
}
