//! `simplex_noise_alpha`: two branches, blended by a mask of simplex noise.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::noise::{self, Aggregation, Layers, Mask, Upscale};
use super::{Argument, Blend, Branches, Combinator, Counterpart, Doc, FIRST_AND_SECOND};
use crate::base::{Scratch, Shape, Stream};
use crate::ops::counterpart::{Fixed, Form, NO};
use crate::ops::{Choice, Int, Param, Problem};

/// How the mask is specified.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SimplexNoiseAlpha {
    /// Layers of noise, 1..3; the largest value of each pixel counts.
    pub iterations: Int,
    /// Cells of the noise along the longer side of the image, for each layer.
    pub size_px_max: Int,
    /// How the cells become as large as the image, for each layer. Left out: nearest 5 %, linear 60 %,
    /// cubic 35 %.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upscale: Option<Choice<Upscale>>,
    /// Threshold of the sigmoid that sharpens the mask. Left out: normal with mean 0 and deviation 5.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sigmoid_threshold: Option<Param>,
}

impl Default for SimplexNoiseAlpha {
    fn default() -> Self {
        Self {
            iterations: Int::Range(1, 3),
            size_px_max: Int::Range(2, 16),
            upscale: None,
            sigmoid_threshold: None,
        }
    }
}

impl SimplexNoiseAlpha {
    fn layers(&self) -> Layers<'_> {
        Layers {
            iterations: &self.iterations,
            size_px_max: &self.size_px_max,
            upscale: self.upscale.as_ref(),
            exponent: None,
        }
    }
}

impl Combinator for SimplexNoiseAlpha {
    const DOC: Doc = Doc {
        summary: "Blends two branches by a mask of simplex noise.",
        short: None,
        branches: FIRST_AND_SECOND,
        examples: &["simplex_noise_alpha: { first: [edge_detect: [0.5, 1]] }"],
        imgaug: Some(Counterpart {
            names: &[
                ("SimplexNoiseAlpha", ["first", "second"]),
                ("BlendAlphaSimplexNoise", ["foreground", "background"]),
            ],
            positional: 0,
            arguments: &[
                Argument::Steps(0),
                Argument::Steps(1),
                Argument::Param("per_channel", "", NO),
                Argument::Param("size_px_max", "size_px_max", Form::Whole),
                Argument::Param("upscale_method", "upscale", Form::Names),
                Argument::Param("iterations", "iterations", Form::Whole),
                Argument::Param("aggregation_method", "", Form::Fixed(Fixed::Text("max"))),
                Argument::Param("sigmoid", "", Form::Fixed(Fixed::Bool(true))),
                Argument::Param("sigmoid_thresh", "sigmoid_threshold", Form::Number),
            ],
        }),
    };

    fn check(&self, _: &Branches) -> Result<(), Problem> {
        self.layers().check()?;
        noise::check_threshold(self.sigmoid_threshold.as_ref())
    }
}

impl Blend for SimplexNoiseAlpha {
    type Mask = Mask;

    fn draw(&self, on: Shape, rng: &mut Stream) -> Mask {
        let layers = self.layers().draw(on, rng);
        let threshold = noise::threshold(self.sigmoid_threshold.as_ref(), rng);
        Mask { layers, aggregation: Aggregation::Max, sigmoid_threshold: Some(threshold) }
    }

    fn render(mask: &Mask, on: Shape, out: &mut [f32], scratch: &mut Scratch) {
        mask.render(on, out, scratch);
    }
}
