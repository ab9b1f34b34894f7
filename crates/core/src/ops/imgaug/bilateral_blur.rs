//! `bilateral_blur`: a blur that spares edges.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::common::still;
use crate::base::{Canvas, Shape, Stream};
use crate::kernels::motion;
use crate::ops::counterpart::{Class, Form};
use crate::ops::{Doc, Int, Op, Param, Problem};

/// Blurs images but spares their edges.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct BilateralBlur {
    /// Diameter of the neighborhood, 1..63; an image stays as it is with 1.
    pub d: Int,
    /// How different colors may be that are mixed: a deviation in gray levels, above 0.
    pub sigma_color: Param,
    /// How far apart pixels may be that are mixed: a deviation in pixels, above 0.
    pub sigma_space: Param,
}

impl Default for BilateralBlur {
    fn default() -> Self {
        let sigma = || Param::Range(10.0, 250.0);
        Self { d: Int::Range(1, 9), sigma_color: sigma(), sigma_space: sigma() }
    }
}

/// How one image is blurred.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// Diameter of the neighborhood.
    pub d: u8,
    /// Deviation of colors, in gray levels.
    pub sigma_color: f64,
    /// Deviation of places, in pixels.
    pub sigma_space: f64,
}

impl Op for BilateralBlur {
    type Drawn = Drawn;

    const IMGAUG: &'static [Class] = &[Class {
        name: "BilateralBlur",
        params: &[
            ("d", "d", Form::Whole),
            ("sigma_color", "sigma_color", Form::Number),
            ("sigma_space", "sigma_space", Form::Number),
        ],
    }];

    const DOC: Doc = Doc {
        summary: "Blurs images but spares their edges.",
        notes: "A gray image stays as it is.",
        short: Some("d"),
        examples: &[
            "bilateral_blur: 5",
            "bilateral_blur: { d: [3, 9], sigma_color: [10, 100], sigma_space: 20 }",
        ],
    };

    still!();

    fn check(&self) -> Result<(), Problem> {
        self.d.check("d", 1..=63)?;
        self.sigma_color.check("sigma_color", 1e-3..=1e4)?;
        self.sigma_space.check("sigma_space", 1e-3..=1e4)
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Drawn {
        Drawn {
            d: self.d.draw(rng) as u8,
            sigma_color: self.sigma_color.draw(rng),
            sigma_space: self.sigma_space.draw(rng),
        }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        if canvas.shape().channels() == 3 && drawn.d > 1 {
            let sigmas = (drawn.sigma_color, drawn.sigma_space);
            canvas.redraw(canvas.shape(), |from, to, scratch| {
                motion::bilateral(from, to, usize::from(drawn.d), sigmas, scratch);
            });
        }
    }
}
