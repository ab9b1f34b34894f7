//! `albumentations.random_gamma`: values to a power.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::base::math::pow;
use crate::base::{Canvas, Shape, Stream};
use crate::ops::{Doc, Op, Param, Placement, Probability, Problem, ShapeOut};

/// Values to a random power, as Albumentations' `RandomGamma` does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RandomGamma {
    /// The power, in hundredths.
    #[serde(default = "limit")]
    pub gamma_limit: Param,
    /// Probability that an image is changed.
    #[serde(default = "half")]
    pub p: Probability,
}

fn limit() -> Param {
    Param::Range(80.0, 120.0)
}

fn half() -> Probability {
    Probability(0.5)
}

/// The power of one image.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// 1 changes nothing.
    pub gamma: f64,
}

impl Op for RandomGamma {
    type Drawn = Drawn;

    const DOC: Doc = Doc {
        summary: "Values to a random power, as Albumentations' RandomGamma does.",
        notes: "Above 100 darkens. The fraction is cut off.",
        short: Some("gamma_limit"),
        examples: &[
            "albumentations.random_gamma: {}",
            "albumentations.random_gamma: { gamma_limit: [50, 200], p: 1 }",
        ],
    };

    fn check(&self) -> Result<(), Problem> {
        self.gamma_limit.check("gamma_limit", 0.01..=10_000.0)?;
        self.p.check("p")
    }

    fn shape_out(&self, _: Shape) -> ShapeOut {
        ShapeOut::Same
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Drawn {
        Drawn { gamma: if self.p.draw(rng) { self.gamma_limit.draw(rng) / 100.0 } else { 1.0 } }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        if drawn.gamma == 1.0 {
            return;
        }
        let table: [u8; 256] = std::array::from_fn(|v| {
            (pow(v as f64 * (1.0 / 255.0), drawn.gamma) * 255.0).clamp(0.0, 255.0) as u8
        });
        canvas.in_place(|image, _| image.data.iter_mut().for_each(|v| *v = table[usize::from(*v)]));
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
    fn the_ends_stay() {
        assert_eq!(painted::<RandomGamma>(&Drawn { gamma: 2.0 }, &[0, 128, 255, 16]), [0, 64, 255, 1]);
    }
}
