//! `keras.random_grayscale`, `keras.random_color_degeneration`, `keras.random_hue`, `keras.random_sharpness`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::common::{Factor, recolored, unmoved};
use super::tones::Decided;
use crate::base::{Canvas, Shape, Stream};
use crate::kernels::keras_layers::color;
use crate::ops::{Doc, Op, Probability, Problem};

/// Makes images gray in all channels, as Keras' `RandomGrayscale` does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KerasRandomGrayscale {
    /// Probability that an image is made gray.
    #[serde(default = "half")]
    pub factor: Probability,
}

fn half() -> Probability {
    Probability(0.5)
}

impl Op for KerasRandomGrayscale {
    type Drawn = Decided;

    const DOC: Doc = Doc {
        summary: "Makes images gray in all channels, as Keras' RandomGrayscale does.",
        notes: "",
        short: Some("factor"),
        examples: &["keras.random_grayscale: {}", "keras.random_grayscale: 1"],
    };

    unmoved! {}

    fn check(&self) -> Result<(), Problem> {
        self.factor.check("factor")
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Decided {
        Decided { apply: self.factor.draw(rng) }
    }

    fn paint(drawn: &Decided, canvas: &mut Canvas) {
        if drawn.apply {
            recolored(canvas, |values, on, _| color::grayscale(values, on));
        }
    }
}

/// How one image is changed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct By {
    /// In the operation's unit.
    pub factor: f32,
}

/// A factor that is drawn uniformly: the fields' comment, what is legal, its range, what is drawn, and what is painted.
macro_rules! by_factor {
    (
        $name:ident, $summary:literal, $notes:literal, $field:literal, $legal:expr, [$($example:literal),+],
        draw: |$factor:ident, $rng:ident| $draw:expr, paint: |$values:ident, $on:ident, $scratch:ident, $by:ident| $paint:expr $(,)?
    ) => {
        #[doc = $summary]
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            #[doc = $field]
            pub factor: Factor,
        }

        impl $name {
            /// What is drawn of a factor.
            pub(super) fn drawn($factor: Factor, $rng: &mut Stream) -> f32 {
                $draw
            }
        }

        impl Op for $name {
            type Drawn = By;

            const DOC: Doc =
                Doc { summary: $summary, notes: $notes, short: Some("factor"), examples: &[$($example),+] };

            unmoved! {}

            fn check(&self) -> Result<(), Problem> {
                self.factor.check("factor", $legal)
            }

            fn draw(&self, _: Shape, rng: &mut Stream) -> By {
                By { factor: Self::drawn(self.factor, rng) }
            }

            fn paint(drawn: &By, canvas: &mut Canvas) {
                let $by = drawn.factor;
                recolored(canvas, |$values, $on, $scratch| $paint);
            }
        }
    };
}

fn between([low, high]: [f64; 2], rng: &mut Stream) -> f64 {
    rng.uniform(low, high)
}

by_factor! {
    KerasRandomColorDegeneration,
    "Moves colors to their gray, as Keras' RandomColorDegeneration does.",
    "Gray images stay as they are. The float result is rounded half to even and clipped.",
    "Share of the way to gray: a number f is from -f to f, and negative ones have more color; or two numbers.",
    -1.0..=1.0,
    ["keras.random_color_degeneration: 0.5", "keras.random_color_degeneration: { factor: [0.2, 1] }"],
    draw: |factor, rng| between(factor.around(), rng) as f32,
    paint: |values, on, _scratch, by| color::degenerate(values, on, by),
}

by_factor! {
    KerasRandomHue,
    "Turns hues, as Keras' RandomHue does.",
    "Gray images stay as they are. The float result is rounded half to even and clipped.",
    "Half circles: a number f is from 0 to f, or two numbers; the sign is random.",
    0.0..=1.0,
    ["keras.random_hue: 0.2", "keras.random_hue: { factor: [0.5, 0.1] }"],
    draw: |factor, rng| {
        let half = between(factor.upwards(), rng) * 0.5;
        if rng.bernoulli(0.5) { half as f32 } else { 0.0 - half as f32 }
    },
    paint: |values, on, _scratch, by| color::hue(values, on, by),
}

by_factor! {
    KerasRandomSharpness,
    "Smooths or sharpens the image, as Keras' RandomSharpness does.",
    "0 smooths, 0.5 changes nothing, 1 sharpens. Zeros lie around the image, so that smoothing darkens its border.",
    "A number f is from 0 to f, or two numbers; within 0..1.",
    0.0..=1.0,
    ["keras.random_sharpness: 0.5", "keras.random_sharpness: { factor: [0.4, 1] }"],
    draw: |factor, rng| between(factor.upwards(), rng) as f32,
    paint: |values, on, scratch, by| color::sharpness(values, on, by, scratch),
}
