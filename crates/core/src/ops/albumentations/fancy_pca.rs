//! `albumentations.fancy_pca`: changes colors along their principal components.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::pixels::{Compat, two, unmoved};
use crate::base::{Canvas, Shape, Stream};
use crate::kernels::albumentations;
use crate::ops::range::within;
use crate::ops::{Doc, Op, Problem};

/// Changes colors along their principal components, as Albumentations' `FancyPCA` does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FancyPca {
    /// Standard deviation of the amount, at least 0.
    #[serde(default = "tenth")]
    pub alpha: f64,
    /// The version of Albumentations, 1 or 2: 1 adds the same to all pixels, 2 stretches their distances to the mean.
    #[serde(default = "two")]
    pub compat: Compat,
}

fn tenth() -> f64 {
    0.1
}

/// The amounts of one image.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// By component; version 1 has the first for all.
    pub alpha: [f32; 3],
    /// The version.
    pub compat: Compat,
}

impl Op for FancyPca {
    type Drawn = Drawn;

    const DOC: Doc = Doc {
        summary: "Changes colors along their principal components, as Albumentations' FancyPCA does.",
        notes: "Variances are of values in 0..1, so that 0.1 changes values by about 1. Version 1 refuses gray images; here they stay. \
                Signs of the components are those of a positive sum.",
        short: Some("alpha"),
        examples: &["albumentations.fancy_pca: 0.1", "albumentations.fancy_pca: { alpha: 3, compat: 1 }"],
    };

    fn check(&self) -> Result<(), Problem> {
        within("alpha", &self.alpha, &(0.0..=1e6))
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Drawn {
        let mut one = || (self.alpha * rng.normal()) as f32;
        let alpha = match self.compat {
            Compat::One => [one(); 3],
            Compat::Two => [one(), one(), one()],
        };
        Drawn { alpha, compat: self.compat }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        canvas.in_place(|image, _| match drawn.compat {
            Compat::One => albumentations::shift_along_components(image, f64::from(drawn.alpha[0])),
            Compat::Two => albumentations::scale_along_components(image, drawn.alpha),
        });
    }

    unmoved!();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::painted;

    #[test]
    fn gray_colors_move_along_gray() {
        let row = [0, 0, 0, 100, 100, 100, 200, 200, 200];
        let drawn = Drawn { alpha: [1.0; 3], compat: Compat::One };
        // The variance of 0, 0.39 and 0.78 is 0.154 in each channel and 0.461 along (1, 1, 1) / sqrt 3.
        assert_eq!(painted::<FancyPca>(&drawn, &row), [67, 67, 67, 167, 167, 167, 255, 255, 255]);
        let drawn = Drawn { alpha: [0.0; 3], compat: Compat::Two };
        assert_eq!(painted::<FancyPca>(&drawn, &row), row);
        assert_eq!(painted::<FancyPca>(&Drawn { alpha: [0.5; 3], ..drawn }, &[100, 200]), [95, 205]);
    }
}
