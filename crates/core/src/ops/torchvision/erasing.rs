//! `torchvision.random_erasing`: a rectangle of one color.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::common::{Fill, between, check_range};
use crate::base::math::{exp, log};
use crate::base::{Canvas, Shape, Stream};
use crate::kernels::pil;
use crate::ops::counterpart::{Argument, Takes, Transform};
use crate::ops::{Doc, Op, Placement, Probability, Problem, ShapeOut};

/// Covers a rectangle with one color, as torchvision's `RandomErasing` does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RandomErasing {
    /// Probability that an image is changed.
    #[serde(default = "super::filters::coin")]
    pub p: Probability,
    /// The rectangle's share of the image's area, `[lo, hi]`.
    #[serde(default = "scale")]
    pub scale: [f64; 2],
    /// The rectangle's height over its width, `[lo, hi]`.
    #[serde(default = "ratio")]
    pub ratio: [f64; 2],
    /// Its color.
    #[serde(default)]
    pub value: Fill,
}

fn scale() -> [f64; 2] {
    [0.02, 0.33]
}

fn ratio() -> [f64; 2] {
    [0.3, 3.3]
}

/// What is covered of one image.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// First row.
    pub top: usize,
    /// First column.
    pub left: usize,
    /// Rows; none leave the image as it is.
    pub height: usize,
    /// Columns.
    pub width: usize,
    /// The color.
    pub value: [u8; 3],
}

impl Op for RandomErasing {
    type Drawn = Drawn;

    const TORCHVISION: Option<Transform> = Some(Transform {
        name: "RandomErasing",
        arguments: &[
            Argument::Plain("p", "p"),
            Argument::Plain("scale", "scale"),
            Argument::Plain("ratio", "ratio"),
            Argument::Plain("value", "value"),
        ],
        takes: Takes::Tensors,
    });

    const DOC: Doc = Doc {
        summary: "Covers a rectangle with one color, as torchvision's RandomErasing does.",
        notes: "If ten tries give no rectangle that fits, the image stays as it is. The value is one of bytes: torchvision's 0 \
                behind a Normalize is the mean.",
        short: Some("p"),
        examples: &[
            "torchvision.random_erasing: {}",
            "torchvision.random_erasing: { p: 1, scale: [0.1, 0.2], ratio: [1, 1], value: [9, 200, 77] }",
        ],
    };

    fn check(&self) -> Result<(), Problem> {
        self.p.check("p")?;
        check_range("scale", self.scale, 0.0..=1.0)?;
        check_range("ratio", self.ratio, 0.001..=1000.0)
    }

    fn shape_out(&self, _: Shape) -> ShapeOut {
        ShapeOut::Same
    }

    fn draw(&self, on: Shape, rng: &mut Stream) -> Drawn {
        let mut drawn = Drawn { top: 0, left: 0, height: 0, width: 0, value: self.value.channels() };
        if !self.p.draw(rng) {
            return drawn;
        }
        let (w, h) = (on.width as f64, on.height as f64);
        let logs = self.ratio.map(log);
        for _ in 0..10 {
            let area = w * h * between(self.scale, rng);
            let ratio = exp(between(logs, rng));
            let height = (area * ratio).sqrt().round_ties_even();
            let width = (area / ratio).sqrt().round_ties_even();
            if height < h && width < w {
                (drawn.height, drawn.width) = (height as usize, width as usize);
                drawn.top = rng.index(on.height - drawn.height + 1);
                drawn.left = rng.index(on.width - drawn.width + 1);
                break;
            }
        }
        drawn
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        let part = [drawn.top, drawn.left, drawn.height, drawn.width];
        canvas.in_place(|image, _| pil::erase(image, part, drawn.value));
    }

    fn place(_: &Drawn, _: Shape) -> Placement {
        Placement::Unmoved
    }
}
