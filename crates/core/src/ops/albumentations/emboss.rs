//! `albumentations.emboss`: embosses images.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::pixels::unmoved;
use crate::base::{Canvas, Shape, Stream};
use crate::kernels::{albumentations::mixed, cv::filter};
use crate::ops::{Doc, Op, Param, Problem};

/// Embosses images, with highlights at the lower right, as Albumentations' `Emboss` does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AlbumentationsEmboss {
    /// Share of the embossed image, 0..1.
    pub alpha: Param,
    /// Strength of the effect, 0..100; 1 is the usual.
    pub strength: Param,
}

impl Default for AlbumentationsEmboss {
    fn default() -> Self {
        Self { alpha: Param::Range(0.2, 0.5), strength: Param::Range(0.2, 0.7) }
    }
}

/// How one image is embossed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// Share of the embossed image.
    pub alpha: f64,
    /// Strength of the effect.
    pub strength: f64,
}

impl Op for AlbumentationsEmboss {
    type Drawn = Drawn;

    const DOC: Doc = Doc {
        summary: "Embosses images, with highlights at the lower right, as Albumentations' Emboss does.",
        notes: "As emboss, with OpenCV's fused sums.",
        short: Some("alpha"),
        examples: &["albumentations.emboss: {}", "albumentations.emboss: { alpha: [0, 1], strength: 0.5 }"],
    };

    fn check(&self) -> Result<(), Problem> {
        self.alpha.check("alpha", 0.0..=1.0)?;
        self.strength.check("strength", 0.0..=100.0)
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Drawn {
        let alpha = self.alpha.draw(rng);
        Drawn { alpha, strength: self.strength.draw(rng) }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        let s = drawn.strength;
        let kernel = mixed(drawn.alpha, [[-1.0 - s, -s, 0.0], [-s, 1.0, s], [0.0, s, 1.0 + s]]);
        canvas.redraw(canvas.shape(), |from, to, scratch| {
            filter::filter_2d(from, to, kernel.as_flattened(), 3, scratch);
        });
    }

    unmoved!();
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
            painted::<AlbumentationsEmboss>(&drawn, &[100, 100, 110, 110, 100, 100, 100]),
            [100, 110, 120, 100, 90, 100, 100]
        );
    }
}
