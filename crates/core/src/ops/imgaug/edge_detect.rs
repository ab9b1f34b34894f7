//! `edge_detect`: shows the edges of images.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::base::{Canvas, Shape, Stream};
use crate::kernels::convolve;
use crate::ops::counterpart::{Class, Form};
use crate::ops::{Doc, Op, Param, Placement, Problem, ShapeOut};

/// Shows the edges of images.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct EdgeDetect {
    /// Share of the image of edges, 0..1.
    pub alpha: Param,
}

impl Default for EdgeDetect {
    fn default() -> Self {
        Self { alpha: Param::Range(0.0, 0.75) }
    }
}

/// How much of the edges one image shows.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// Share of the image of edges.
    pub alpha: f32,
}

impl Op for EdgeDetect {
    type Drawn = Drawn;

    const IMGAUG: &'static [Class] =
        &[Class { name: "EdgeDetect", params: &[("alpha", "alpha", Form::Number)] }];

    const DOC: Doc = Doc {
        summary: "Shows the edges of images.",
        notes: "The filter's center is negative: dark pixels beside bright ones light up, and negative results are cut off at 0.",
        short: Some("alpha"),
        examples: &["edge_detect: 1.0", "edge_detect: [0.5, 1]"],
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
        let kernel = convolve::edge_detect(drawn.alpha);
        canvas.redraw(canvas.shape(), |from, to, scratch| convolve::convolve_3x3(from, to, &kernel, scratch));
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
    fn the_dark_side_of_an_edge_lights_up() {
        let drawn = Drawn { alpha: 1.0 };
        assert_eq!(painted::<EdgeDetect>(&drawn, &[10, 10, 60, 60, 60]), [0, 50, 0, 0, 0]);
        assert_eq!(painted::<EdgeDetect>(&Drawn { alpha: 0.5 }, &[10, 10, 60, 60, 60]), [5, 30, 5, 30, 30]);
    }
}
