//! `albumentations.solarize`: inverts bright values.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::pixels::unmoved;
use crate::base::{Canvas, Shape, Stream};
use crate::kernels::pil::color;
use crate::ops::{Doc, Op, Param, Problem};

/// Inverts values from a threshold on, as Albumentations' `Solarize` does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AlbumentationsSolarize {
    /// The smallest value that is inverted, in gray levels, 0..256.
    #[serde(default = "threshold")]
    pub threshold: Param,
}

fn threshold() -> Param {
    Param::Constant(128.0)
}

/// The threshold of one image.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// The smallest value that is inverted.
    pub threshold: f64,
}

impl Op for AlbumentationsSolarize {
    type Drawn = Drawn;

    const DOC: Doc = Doc {
        summary: "Inverts values from a threshold on, as Albumentations' Solarize does.",
        notes: "Gray levels, as in version 1; version 2 has fractions of 255.",
        short: Some("threshold"),
        examples: &["albumentations.solarize: {}", "albumentations.solarize: [64, 192]"],
    };

    fn check(&self) -> Result<(), Problem> {
        self.threshold.check("threshold", 0.0..=256.0)
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Drawn {
        Drawn { threshold: self.threshold.draw(rng) }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        canvas.in_place(|image, _| color::solarize(image, drawn.threshold));
    }

    unmoved!();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::painted;

    #[test]
    fn the_threshold_itself_is_inverted() {
        assert_eq!(
            painted::<AlbumentationsSolarize>(&Drawn { threshold: 128.0 }, &[0, 127, 128, 255]),
            [0, 127, 127, 0]
        );
    }
}
