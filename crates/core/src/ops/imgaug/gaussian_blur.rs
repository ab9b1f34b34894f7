//! `gaussian_blur`: blurs images by a Gaussian.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::base::{Canvas, Shape, Stream};
use crate::kernels::blur;
use crate::ops::counterpart::{Class, Form};
use crate::ops::{Doc, Op, Param, Placement, Problem, ShapeOut};

/// Blurs images by a Gaussian.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct GaussianBlur {
    /// Standard deviation in pixels, 0..100.
    pub sigma: Param,
}

impl Default for GaussianBlur {
    fn default() -> Self {
        Self { sigma: Param::Range(0.0, 3.0) }
    }
}

/// How far one image is blurred.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// Standard deviation in pixels.
    pub sigma: f32,
}

impl Op for GaussianBlur {
    type Drawn = Drawn;

    const IMGAUG: &'static [Class] =
        &[Class { name: "GaussianBlur", params: &[("sigma", "sigma", Form::Number)] }];

    const DOC: Doc = Doc {
        summary: "Blurs images by a Gaussian.",
        notes: "Up to a sigma of 0.001 an image stays as it is.",
        short: Some("sigma"),
        examples: &["gaussian_blur: 1.5", "gaussian_blur: [0, 3]"],
    };

    fn check(&self) -> Result<(), Problem> {
        self.sigma.check("sigma", 0.0..=100.0)
    }

    fn shape_out(&self, _: Shape) -> ShapeOut {
        ShapeOut::Same
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Drawn {
        Drawn { sigma: self.sigma.draw32(rng) }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        let sigma = f64::from(drawn.sigma);
        canvas.redraw(canvas.shape(), |from, to, scratch| blur::gaussian_blur(from, to, sigma, scratch));
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
    fn a_point_spreads_evenly_to_both_sides() {
        let mut row = [0; 11];
        row[5] = 200;
        let blurred = painted::<GaussianBlur>(&Drawn { sigma: 1.0 }, &row);
        assert_eq!(blurred[..3], [0; 3]);
        assert!(blurred[3] > 0 && blurred[4] > blurred[3] && blurred[5] > blurred[4], "{blurred:?}");
        assert!(blurred.iter().eq(blurred.iter().rev()), "{blurred:?}");
        assert_eq!(painted::<GaussianBlur>(&Drawn { sigma: 0.0 }, &row), row);
    }
}
