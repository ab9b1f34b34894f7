//! `keras.resizing`, `keras.random_height`, `keras.random_width`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::common::{Factor, bilinear, check_fill};
use super::crops::{Cropped, check_size};
use crate::base::{Canvas, Shape, Stream};
use crate::kernels::keras_layers::resize::Part;
use crate::kernels::keras_layers::warp::Interpolation;
use crate::ops::{Doc, Op, Placement, Problem, ShapeOut};

/// Brings the image to a size, as Keras' `Resizing` does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KerasResizing {
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
    /// `bilinear` or `nearest`, with pixel centers at halves and without antialiasing.
    #[serde(default = "bilinear")]
    pub interpolation: Interpolation,
    /// Cut the image to the ratio of the sides first.
    #[serde(default)]
    pub crop_to_aspect_ratio: bool,
    /// Fill the image up to the ratio of the sides first.
    #[serde(default)]
    pub pad_to_aspect_ratio: bool,
    /// What it is filled with, 0..255.
    #[serde(default)]
    pub fill_value: f64,
}

/// How one image is resized.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Resized {
    /// The part, which may go beyond the image, and the size.
    pub of: Cropped,
    /// How values between pixels are found.
    pub interpolation: Interpolation,
    /// What lies beyond the image.
    pub fill_value: f32,
}

impl Resized {
    fn paint(&self, canvas: &mut Canvas) {
        self.of.paint(canvas, self.interpolation, self.fill_value);
    }
}

impl Op for KerasResizing {
    type Drawn = Resized;

    const DOC: Doc = Doc {
        summary: "Brings the image to a size, as Keras' Resizing does.",
        notes: "The float result is rounded half to even and clipped.",
        short: None,
        examples: &[
            "keras.resizing: { height: 20, width: 24 }",
            "keras.resizing: { height: 32, width: 32, interpolation: nearest, crop_to_aspect_ratio: true }",
            "keras.resizing: { height: 32, width: 40, pad_to_aspect_ratio: true, fill_value: 9 }",
        ],
    };

    fn check(&self) -> Result<(), Problem> {
        check_size(self.height, self.width)?;
        if self.crop_to_aspect_ratio && self.pad_to_aspect_ratio {
            return Err(Problem::new("pad_to_aspect_ratio", "only one of cropping and padding can be"));
        }
        check_fill(self.fill_value)
    }

    fn shape_out(&self, on: Shape) -> ShapeOut {
        ShapeOut::Fixed(Shape::new(self.height, self.width, on.kind))
    }

    fn draw(&self, on: Shape, _: &mut Stream) -> Resized {
        let size = [self.height, self.width];
        let part = if self.crop_to_aspect_ratio {
            Part::cropped(on, size)
        } else if self.pad_to_aspect_ratio {
            Part::padded(on, size)
        } else {
            Part::whole(on)
        };
        Resized {
            of: Cropped::new(part, size),
            interpolation: self.interpolation,
            fill_value: self.fill_value as f32,
        }
    }

    fn paint(drawn: &Resized, canvas: &mut Canvas) {
        drawn.paint(canvas);
    }

    fn place(drawn: &Resized, on: Shape) -> Placement {
        drawn.of.place(on)
    }
}

/// Stretches or squeezes the image along one side, as layers of Keras 2 do: the factor, and which side.
macro_rules! along {
    ($name:ident, $summary:literal, $layer:literal, $([$example:literal])+, |$on:ident, $times:ident| $size:expr) => {
        #[doc = $summary]
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            /// How much longer the side gets, to either side, or from the smaller of two to the larger; -0.2 is four
            /// fifths.
            pub factor: Factor,
            /// `bilinear` or `nearest`.
            #[serde(default = "bilinear")]
            pub interpolation: Interpolation,
        }

        impl Op for $name {
            type Drawn = Resized;

            const DOC: Doc = Doc {
                summary: $summary,
                notes: concat!("The layer ", $layer, " is one of Keras 2, which draws one size for a batch; here each image has its own."),
                short: Some("factor"),
                examples: &[$($example),+],
            };

            fn check(&self) -> Result<(), Problem> {
                self.factor.check("factor", -1.0..=10.0)
            }

            fn shape_out(&self, _: Shape) -> ShapeOut {
                ShapeOut::Varies
            }

            fn draw(&self, $on: Shape, rng: &mut Stream) -> Resized {
                let [low, high] = self.factor.around();
                let factor = rng.uniform(1.0 + low, 1.0 + high).max(0.0);
                let $times = |n: usize| ((factor * n as f64) as usize).max(1);
                Resized {
                    of: Cropped::new(Part::whole($on), $size),
                    interpolation: self.interpolation,
                    fill_value: 0.0,
                }
            }

            fn paint(drawn: &Resized, canvas: &mut Canvas) {
                drawn.paint(canvas);
            }

            fn place(drawn: &Resized, on: Shape) -> Placement {
                drawn.of.place(on)
            }
        }
    };
}

along! {
    KerasRandomHeight, "Makes the image higher or lower, as Keras' RandomHeight does.", "RandomHeight",
    ["keras.random_height: 0.2"] ["keras.random_height: { factor: [-0.3, 0.1], interpolation: nearest }"],
    |on, times| [times(on.height), on.width]
}

along! {
    KerasRandomWidth, "Makes the image wider or narrower, as Keras' RandomWidth does.", "RandomWidth",
    ["keras.random_width: 0.2"] ["keras.random_width: { factor: [0.1, 0.3] }"],
    |on, times| [on.height, times(on.width)]
}
