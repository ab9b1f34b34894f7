//! `sharpen`: sharpens images.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::base::{Canvas, Shape, Stream};
use crate::kernels::convolve;
use crate::ops::counterpart::{Class, Form};
use crate::ops::{Doc, Op, Param, Placement, Problem, ShapeOut};

/// Sharpens images.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Sharpen {
    /// Share of the sharpened image, 0..1.
    pub alpha: Param,
    /// Brightness of the sharpened image, 0..100; 1 keeps it.
    pub lightness: Param,
}

impl Default for Sharpen {
    fn default() -> Self {
        Self { alpha: Param::Range(0.0, 0.2), lightness: Param::Range(0.8, 1.2) }
    }
}

/// How one image is sharpened.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// Share of the sharpened image.
    pub alpha: f32,
    /// Brightness of the sharpened image.
    pub lightness: f32,
}

impl Op for Sharpen {
    type Drawn = Drawn;

    const IMGAUG: &'static [Class] = &[Class {
        name: "Sharpen",
        params: &[("alpha", "alpha", Form::Number), ("lightness", "lightness", Form::Number)],
    }];

    const DOC: Doc = Doc {
        summary: "Sharpens images.",
        notes: "The sharpened image is about lightness times as bright as the original.",
        short: Some("alpha"),
        examples: &["sharpen: 0.5", "sharpen: { alpha: [0, 1], lightness: [0.75, 1.5] }"],
    };

    fn check(&self) -> Result<(), Problem> {
        self.alpha.check("alpha", 0.0..=1.0)?;
        self.lightness.check("lightness", 0.0..=100.0)
    }

    fn shape_out(&self, _: Shape) -> ShapeOut {
        ShapeOut::Same
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Drawn {
        Drawn { alpha: self.alpha.draw32(rng), lightness: self.lightness.draw32(rng) }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        let kernel = convolve::sharpen(drawn.alpha, drawn.lightness);
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
    fn edges_overshoot_and_flat_parts_keep_their_value() {
        let drawn = Drawn { alpha: 0.5, lightness: 1.0 };
        // Rows above and below are the same by reflection: 0.5 (I + 9 I - 3 (left + I + right)).
        assert_eq!(painted::<Sharpen>(&drawn, &[100, 100, 100, 120, 120]), [100, 100, 70, 150, 120]);
        assert_eq!(painted::<Sharpen>(&Drawn { alpha: 0.0, ..drawn }, &[7, 70, 9, 1]), [7, 70, 9, 1]);
    }
}
