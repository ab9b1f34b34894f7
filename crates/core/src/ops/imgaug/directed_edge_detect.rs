//! `directed_edge_detect`: shows the edges of images that face a direction.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::base::{Canvas, Shape, Stream};
use crate::kernels::convolve;
use crate::ops::counterpart::{Class, Form};
use crate::ops::{Doc, Op, Param, Placement, Problem, ShapeOut};

/// Shows the edges of images that face one direction.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DirectedEdgeDetect {
    /// Share of the image of edges, 0..1.
    pub alpha: Param,
    /// Direction in turns, clockwise from the top: 0.25 is right, 0.5 down; -100..100.
    pub direction: Param,
}

impl Default for DirectedEdgeDetect {
    fn default() -> Self {
        Self { alpha: Param::Range(0.0, 0.75), direction: Param::Range(0.0, 1.0) }
    }
}

/// Which edges of one image are shown, and how much.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// Share of the image of edges.
    pub alpha: f32,
    /// Direction in turns, clockwise from the top.
    pub direction: f32,
}

impl Op for DirectedEdgeDetect {
    type Drawn = Drawn;

    const IMGAUG: &'static [Class] = &[Class {
        name: "DirectedEdgeDetect",
        params: &[("alpha", "alpha", Form::Number), ("direction", "direction", Form::Number)],
    }];

    const DOC: Doc = Doc {
        summary: "Shows the edges of images that face one direction.",
        notes: "An edge faces a direction if the pixels there are darker. Whole degrees count.",
        short: Some("alpha"),
        examples: &[
            "directed_edge_detect: 1.0",
            "directed_edge_detect: { alpha: [0.5, 1], direction: [0, 1] }",
        ],
    };

    fn check(&self) -> Result<(), Problem> {
        self.alpha.check("alpha", 0.0..=1.0)?;
        self.direction.check("direction", -100.0..=100.0)
    }

    fn shape_out(&self, _: Shape) -> ShapeOut {
        ShapeOut::Same
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Drawn {
        Drawn { alpha: self.alpha.draw32(rng), direction: self.direction.draw32(rng) }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        let kernel = convolve::directed_edge_detect(drawn.alpha, drawn.direction);
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
    fn only_edges_that_face_the_direction_light_up() {
        let row = [100, 100, 200, 200, 200, 100, 100];
        let lit = |direction| {
            let painted = painted::<DirectedEdgeDetect>(&Drawn { alpha: 1.0, direction }, &row);
            (painted[2] > 20, painted[4] > 20)
        };
        assert_eq!((lit(0.25), lit(0.75)), ((false, true), (true, false)));
        assert_eq!((lit(-0.75), lit(1.25)), (lit(0.25), lit(0.25)));
    }
}
