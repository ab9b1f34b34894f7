//! `frequency_noise_alpha`: two branches, blended by a mask of noise that has a spectrum.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::noise::{self, Aggregation, Layers, Mask, Upscale};
use super::{Argument, Blend, Branches, Combinator, Counterpart, Doc, FIRST_AND_SECOND};
use crate::base::{Scratch, Shape, Stream};
use crate::ops::counterpart::{Form, NO};
use crate::ops::{Choice, Int, Param, Probability, Problem};

/// How the mask is specified.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct FrequencyNoiseAlpha {
    /// Exponent of the spectrum, for each layer: -4 gives large blobs, 0 white noise, 4 small patterns.
    pub exponent: Param,
    /// Layers of noise, 1..3.
    pub iterations: Int,
    /// Cells of the noise along the longer side of the image, for each layer.
    pub size_px_max: Int,
    /// How the cells become as large as the image, for each layer. Left out: nearest 5 %, linear 60 %,
    /// cubic 35 %.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upscale: Option<Choice<Upscale>>,
    /// How the layers become one mask.
    pub aggregation: Choice<Aggregation>,
    /// Probability that the mask is sharpened by a sigmoid.
    pub sigmoid: Probability,
    /// Threshold of the sigmoid. Left out: normal with mean 0 and deviation 5.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sigmoid_threshold: Option<Param>,
}

impl Default for FrequencyNoiseAlpha {
    fn default() -> Self {
        Self {
            exponent: Param::Range(-4.0, 4.0),
            iterations: Int::Range(1, 3),
            size_px_max: Int::Range(4, 16),
            upscale: None,
            aggregation: Choice::All,
            sigmoid: Probability(0.5),
            sigmoid_threshold: None,
        }
    }
}

impl FrequencyNoiseAlpha {
    fn layers(&self) -> Layers<'_> {
        Layers {
            iterations: &self.iterations,
            size_px_max: &self.size_px_max,
            upscale: self.upscale.as_ref(),
            exponent: Some(&self.exponent),
        }
    }
}

impl Combinator for FrequencyNoiseAlpha {
    const DOC: Doc = Doc {
        summary: "Blends two branches by a mask of noise that has a spectrum drawn for each image.",
        short: None,
        branches: FIRST_AND_SECOND,
        examples: &[
            "frequency_noise_alpha: { exponent: [-4, 0], first: [multiply: [0.5, 1.5]], second: [add: 10] }",
        ],
        imgaug: Some(Counterpart {
            names: &[
                ("FrequencyNoiseAlpha", ["first", "second"]),
                ("BlendAlphaFrequencyNoise", ["foreground", "background"]),
            ],
            positional: 0,
            arguments: &[
                Argument::Param("exponent", "exponent", Form::Number),
                Argument::Steps(0),
                Argument::Steps(1),
                Argument::Param("per_channel", "", NO),
                Argument::Param("size_px_max", "size_px_max", Form::Whole),
                Argument::Param("upscale_method", "upscale", Form::Names),
                Argument::Param("iterations", "iterations", Form::Whole),
                Argument::Param("aggregation_method", "aggregation", Form::Names),
                Argument::Param("sigmoid", "sigmoid", Form::Chance),
                Argument::Param("sigmoid_thresh", "sigmoid_threshold", Form::Number),
            ],
        }),
    };

    fn check(&self, _: &Branches) -> Result<(), Problem> {
        self.layers().check()?;
        self.aggregation.check("aggregation")?;
        self.sigmoid.check("sigmoid")?;
        noise::check_threshold(self.sigmoid_threshold.as_ref())
    }
}

impl Blend for FrequencyNoiseAlpha {
    type Mask = Mask;

    fn draw(&self, on: Shape, rng: &mut Stream) -> Mask {
        let layers = self.layers().draw(on, rng);
        let aggregation = self.aggregation.draw(rng);
        let sigmoid = self.sigmoid.draw(rng);
        let threshold = sigmoid.then(|| noise::threshold(self.sigmoid_threshold.as_ref(), rng));
        Mask { layers, aggregation, sigmoid_threshold: threshold }
    }

    fn render(mask: &Mask, on: Shape, out: &mut [f32], scratch: &mut Scratch) {
        mask.render(on, out, scratch);
    }
}
