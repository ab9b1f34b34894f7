//! `keras.random_color_jitter`: brightness, contrast, saturation and hue, as Keras' `RandomColorJitter` does.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::colors::KerasRandomHue;
use super::common::{Factor, recolored, unmoved};
use super::random_contrast;
use super::random_saturation::{self, bytes, check_range};
use crate::base::{Canvas, Shape, Stream};
use crate::kernels::keras_layers::color;
use crate::ops::{Doc, Op, Problem};

/// Brightness, contrast, saturation and hue, as Keras' `RandomColorJitter` does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KerasRandomColorJitter {
    /// As that of `keras.random_brightness`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub brightness_factor: Option<Factor>,
    /// As that of `keras.random_contrast`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contrast_factor: Option<Factor>,
    /// As that of `keras.random_saturation`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub saturation_factor: Option<Factor>,
    /// As that of `keras.random_hue`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hue_factor: Option<Factor>,
    /// As that of `keras.random_saturation`.
    #[serde(default = "bytes")]
    pub value_range: [u8; 2],
}

/// What happens to one image, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// Added to all values, in gray levels.
    pub brightness: Option<f32>,
    /// Factor of the contrast.
    pub contrast: Option<f32>,
    /// Factor of the saturation.
    pub saturation: Option<random_saturation::Drawn>,
    /// Turns of the hue.
    pub hue: Option<f32>,
}

impl Op for KerasRandomColorJitter {
    type Drawn = Drawn;

    const DOC: Doc = Doc {
        summary: "Brightness, contrast, saturation and hue, as Keras' RandomColorJitter does.",
        notes: "In this order, with floats between them. On gray images saturation and hue change nothing.",
        short: None,
        examples: &[
            "keras.random_color_jitter: { brightness_factor: 0.2, contrast_factor: 0.3, saturation_factor: [0.4, 0.6], hue_factor: 0.1 }",
            "keras.random_color_jitter: { contrast_factor: [0.5, 0.5] }",
        ],
    };

    unmoved! {}

    fn check(&self) -> Result<(), Problem> {
        check_range(self.value_range)?;
        for (field, factor, low) in [
            ("brightness_factor", self.brightness_factor, -1.0),
            ("contrast_factor", self.contrast_factor, 0.0),
            ("saturation_factor", self.saturation_factor, -1.0),
            ("hue_factor", self.hue_factor, 0.0),
        ] {
            if let Some(factor) = factor {
                factor.check(field, low..=1.0)?;
            }
        }
        Ok(())
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Drawn {
        Drawn {
            brightness: self.brightness_factor.map(|factor| {
                let [low, high] = factor.around();
                (255.0 * rng.uniform(low, high)) as f32
            }),
            contrast: self.contrast_factor.map(|factor| random_contrast::drawn(factor, rng)),
            saturation: self
                .saturation_factor
                .map(|factor| random_saturation::Drawn::of(factor, self.value_range, rng)),
            hue: self.hue_factor.map(|factor| KerasRandomHue::drawn(factor, rng)),
        }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        recolored(canvas, |values, on, _| {
            if let Some(delta) = drawn.brightness {
                color::brightness(values, delta);
            }
            if let Some(factor) = drawn.contrast {
                color::contrast(values, on, factor);
            }
            if let Some(random_saturation::Drawn { factor, limit }) = drawn.saturation {
                color::saturation(values, on, factor, limit);
            }
            if let Some(turns) = drawn.hue {
                color::hue(values, on, turns);
            }
        });
    }
}
