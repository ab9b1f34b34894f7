//! `grayscale`: takes color out of images.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::base::{Canvas, Shape, Stream};
use crate::kernels::color;
use crate::ops::counterpart::{Class, Form, RGB};
use crate::ops::{Doc, Op, Param, Placement, Problem, ShapeOut};

/// Blends images with their gray version.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Grayscale {
    /// Share of the gray version, 0..1.
    pub alpha: Param,
}

impl Default for Grayscale {
    fn default() -> Self {
        Self { alpha: Param::Constant(1.0) }
    }
}

/// How gray one image becomes.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// Share of the gray version, 0..1.
    pub alpha: f32,
}

impl Op for Grayscale {
    type Drawn = Drawn;

    const IMGAUG: &'static [Class] = &[Class {
        name: "Grayscale",
        params: &[("alpha", "alpha", Form::Number), ("from_colorspace", "", RGB)],
    }];

    const DOC: Doc = Doc {
        summary: "Blends images with their gray version.",
        notes: "Images keep their three channels. A gray image stays as it is.",
        short: Some("alpha"),
        examples: &["grayscale: 1.0", "grayscale: [0.0, 1.0]"],
    };

    fn check(&self) -> Result<(), Problem> {
        self.alpha.check("alpha", 0.0..=1.0)
    }

    fn shape_out(&self, _: Shape) -> ShapeOut {
        ShapeOut::Same
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Drawn {
        Drawn { alpha: self.alpha.draw32(rng) }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        canvas.in_place(|image, _| color::grayscale(image, drawn.alpha));
    }

    fn place(_: &Drawn, _: Shape) -> Placement {
        Placement::Unmoved
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::{draws, painted};

    #[test]
    fn the_share_is_uniform() {
        let op = Grayscale { alpha: Param::Range(0.0, 1.0) };
        let mean = draws(&op, 4000).map(|d| f64::from(d.alpha)).sum::<f64>() / 4000.0;
        assert!((mean - 0.5).abs() < 0.025, "{mean}");
        assert_eq!(painted::<Grayscale>(&Drawn { alpha: 1.0 }, &[255, 0, 0]), [76; 3]);
    }
}
