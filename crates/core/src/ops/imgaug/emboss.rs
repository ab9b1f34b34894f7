//! `emboss`: embosses images.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::base::{Canvas, Shape, Stream};
use crate::kernels::convolve;
use crate::ops::counterpart::{Class, Form};
use crate::ops::{Doc, Op, Param, Placement, Problem, ShapeOut};

/// Embosses images, with highlights at the lower right.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Emboss {
    /// Share of the embossed image, 0..1.
    pub alpha: Param,
    /// Strength of the effect, 0..100; 1 is the usual.
    pub strength: Param,
}

impl Default for Emboss {
    fn default() -> Self {
        Self { alpha: Param::Range(0.0, 1.0), strength: Param::Range(0.25, 1.0) }
    }
}

/// How one image is embossed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// Share of the embossed image.
    pub alpha: f32,
    /// Strength of the effect.
    pub strength: f32,
}

impl Op for Emboss {
    type Drawn = Drawn;

    const IMGAUG: &'static [Class] = &[Class {
        name: "Emboss",
        params: &[("alpha", "alpha", Form::Number), ("strength", "strength", Form::Number)],
    }];

    const DOC: Doc = Doc {
        summary: "Embosses images, with highlights at the lower right.",
        notes: "",
        short: Some("alpha"),
        examples: &["emboss: 1.0", "emboss: { alpha: [0, 1], strength: [0, 2] }"],
    };

    fn check(&self) -> Result<(), Problem> {
        self.alpha.check("alpha", 0.0..=1.0)?;
        self.strength.check("strength", 0.0..=100.0)
    }

    fn shape_out(&self, _: Shape) -> ShapeOut {
        ShapeOut::Same
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Drawn {
        Drawn { alpha: self.alpha.draw32(rng), strength: self.strength.draw32(rng) }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        let kernel = convolve::emboss(drawn.alpha, drawn.strength);
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
    fn rising_edges_are_bright_and_falling_ones_dark() {
        // One row is its own neighbor by reflection: what remains is I + right - left.
        let drawn = Drawn { alpha: 1.0, strength: 0.0 };
        assert_eq!(
            painted::<Emboss>(&drawn, &[100, 100, 110, 110, 100, 100, 100]),
            [100, 110, 120, 100, 90, 100, 100]
        );
    }
}
