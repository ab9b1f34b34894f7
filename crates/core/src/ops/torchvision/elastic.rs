//! `torchvision.elastic_transform`: bends the image, as torchvision's `ElasticTransform` does.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::common::Fill;
use crate::base::{Canvas, Scratch, Shape, Stream};
use crate::kernels::pil::warp::Filter;
use crate::kernels::torch::elastic::{self, Strength};
use crate::ops::counterpart::{Argument, Takes, Transform};
use crate::ops::range::within;
use crate::ops::{Doc, Mesh, Op, Placement, Problem, ShapeOut};

/// Bends the image, as torchvision's `ElasticTransform` does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ElasticTransform {
    /// Magnitudes along rows and columns, `[x, y]`; half of them times smoothed noise are pixels.
    #[serde(default = "alpha")]
    pub alpha: [f64; 2],
    /// Smoothness in pixels along rows and columns, `[x, y]`.
    #[serde(default = "sigma")]
    pub sigma: [f64; 2],
    /// How pixels are found: `nearest` or `bilinear`.
    #[serde(default = "bilinear")]
    pub interpolation: Filter,
    /// The value of what lies outside.
    #[serde(default)]
    pub fill: Fill,
}

fn alpha() -> [f64; 2] {
    [50.0; 2]
}

fn sigma() -> [f64; 2] {
    [5.0; 2]
}

fn bilinear() -> Filter {
    Filter::Bilinear
}

/// How one image is bent.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// Magnitudes, `[x, y]`.
    pub alpha: [f32; 2],
    /// Smoothness in pixels, `[x, y]`.
    pub sigma: [f32; 2],
    /// Gives the noise.
    pub key: u64,
    /// How pixels are found.
    pub interpolation: Filter,
    /// What lies outside.
    pub fill: [u8; 3],
}

/// Lines of nodes that tell how points move.
const NODES: usize = 8;

impl Drawn {
    /// The field; give the buffer back.
    fn field(&self, on: Shape, scratch: &mut Scratch) -> Vec<f32> {
        let mut noise = scratch.take_f32(2 * on.pixels());
        let mut rng = Stream::of_key(self.key);
        // In single precision a number below 1 may become 1.
        for v in &mut noise {
            *v = (rng.u32() >> 8) as f32 / (1 << 24) as f32;
        }
        let mut field = scratch.take_f32(2 * on.pixels());
        let strength = Strength { alpha: self.alpha, sigma: self.sigma };
        elastic::displacements(&noise, &mut field, on, strength, scratch);
        scratch.give_f32(noise);
        field
    }
}

impl Op for ElasticTransform {
    type Drawn = Drawn;

    const TORCHVISION: Option<Transform> = Some(Transform {
        name: "ElasticTransform",
        arguments: &[
            Argument::Plain("alpha", "alpha"),
            Argument::Plain("sigma", "sigma"),
            Argument::Constant("interpolation", "InterpolationMode"),
            Argument::Plain("fill", "fill"),
        ],
        takes: Takes::Pictures,
    });

    const DOC: Doc = Doc {
        summary: "Bends the image, as torchvision's ElasticTransform does.",
        notes: "torchvision computes with tensors here, of PIL images as well, and so does this; one value in a thousand may differ by 1. \
                As there, x is divided by the height and y by the width, which shows on images that are not square. torchvision \
                refuses images whose sides are not above 4 sigma; here the mirror goes on.",
        short: None,
        examples: &[
            "torchvision.elastic_transform: {}",
            "torchvision.elastic_transform: { alpha: [20, 30], sigma: [5, 4], interpolation: nearest, fill: [9, 200, 77] }",
        ],
    };

    fn check(&self) -> Result<(), Problem> {
        self.alpha.iter().try_for_each(|alpha| within("alpha", alpha, &(0.0..=10_000.0)))?;
        self.sigma.iter().try_for_each(|sigma| within("sigma", sigma, &(0.0..=100.0)))?;
        if self.interpolation == Filter::Bicubic {
            return Err(Problem::new("interpolation", "tensors are sampled nearest or bilinear"));
        }
        Ok(())
    }

    fn shape_out(&self, _: Shape) -> ShapeOut {
        ShapeOut::Same
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Drawn {
        Drawn {
            alpha: self.alpha.map(|v| v as f32),
            sigma: self.sigma.map(|v| v as f32),
            key: rng.u64(),
            interpolation: self.interpolation,
            fill: self.fill.channels(),
        }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        let on = canvas.shape();
        canvas.redraw(on, |src, dst, scratch| {
            let field = drawn.field(on, scratch);
            elastic::warp(src, dst, &field, drawn.interpolation, drawn.fill, scratch);
            scratch.give_f32(field);
        });
    }

    fn place(drawn: &Drawn, on: Shape) -> Placement {
        if on.pixels() == 0 {
            return Placement::Unmoved;
        }
        let field = drawn.field(on, &mut Scratch::default());
        let step = [on.width, on.height].map(|n| (n as f64 - 1.0) / (NODES - 1) as f64);
        let half = [on.width, on.height].map(|n| n as f64 / 2.0);
        Placement::Field(Mesh::new(NODES, NODES, |row, column| {
            let to = [column as f64 * step[0], row as f64 * step[1]];
            let at = to[1].round() as usize * on.width + to[0].round() as usize;
            let moved = |axis: usize| f64::from(field[axis * on.pixels() + at]) * half[axis];
            ([to[0] + moved(0), to[1] + moved(1)], to)
        }))
    }
}
