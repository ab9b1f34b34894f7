//! `torchvision.grayscale`, and changes of single values that a coin decides: `torchvision.random_grayscale`,
//! `random_posterize`, `random_solarize`, `random_autocontrast`, `random_equalize`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::common::Arithmetic;
use super::filters::coin;
use crate::base::{Canvas, Channels, Shape, Stream};
use crate::kernels::pil::{color, histogram};
use crate::kernels::torch::color as torch;
use crate::ops::counterpart::{Argument, Takes, Transform};
use crate::ops::{Doc, Op, Placement, Probability, Problem, ShapeOut};

/// Makes colors gray, as torchvision's `Grayscale` does with PIL images.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TvGrayscale {
    /// Channels of the result: 1, or 3 equal ones.
    #[serde(default = "one")]
    pub num_output_channels: usize,
    /// `pil`, the arithmetic on pictures, or `tensor`, that behind ToImage and PILToTensor.
    #[serde(default, skip_serializing_if = "Arithmetic::is_pil")]
    pub compat: Arithmetic,
}

fn one() -> usize {
    1
}

/// What becomes of one image's channels.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gray {
    /// 1 or 3.
    pub channels: usize,
    /// Whose arithmetic it is.
    #[serde(default, skip_serializing_if = "Arithmetic::is_pil")]
    pub compat: Arithmetic,
}

impl Op for TvGrayscale {
    type Drawn = Gray;

    const TORCHVISION: Option<Transform> = Some(Transform {
        name: "Grayscale",
        arguments: &[Argument::Plain("num_output_channels", "num_output_channels")],
        takes: Takes::Pictures,
    });

    const DOC: Doc = Doc {
        summary: "Makes colors gray, as torchvision's Grayscale does with PIL images.",
        notes: "",
        short: Some("num_output_channels"),
        examples: &[
            "torchvision.grayscale: {}",
            "torchvision.grayscale: 3",
            "torchvision.grayscale: { num_output_channels: 3, compat: tensor }",
        ],
    };

    fn check(&self) -> Result<(), Problem> {
        match self.num_output_channels {
            1 | 3 => Ok(()),
            other => Err(Problem::new("num_output_channels", format!("{other} is neither 1 nor 3"))),
        }
    }

    fn shape_out(&self, on: Shape) -> ShapeOut {
        ShapeOut::Fixed(on.with_kind(Channels::colored(self.num_output_channels == 3)))
    }

    fn draw(&self, _: Shape, _: &mut Stream) -> Gray {
        Gray { channels: self.num_output_channels, compat: self.compat }
    }

    fn paint(drawn: &Gray, canvas: &mut Canvas) {
        let on = canvas.shape();
        let tensor = drawn.compat == Arithmetic::Tensor;
        match (on.kind, Channels::colored(drawn.channels == 3)) {
            (Channels::Rgb, Channels::Rgb) => canvas.in_place(|image, _| {
                if tensor {
                    torch::desaturate(image);
                } else {
                    color::desaturate(image);
                }
            }),
            (Channels::Rgb, Channels::Gray) => canvas.redraw(on.as_gray(), |src, dst, _| {
                if tensor {
                    torch::to_gray(src, dst);
                } else {
                    color::to_gray(src, dst);
                }
            }),
            (Channels::Gray, Channels::Rgb) => canvas.redraw(on.as_rgb(), |src, dst, _| {
                for (pixel, v) in dst.data.as_chunks_mut::<3>().0.iter_mut().zip(src.data) {
                    *pixel = [*v; 3];
                }
            }),
            (Channels::Gray, Channels::Gray) => {}
        }
    }

    fn place(drawn: &Gray, on: Shape) -> Placement {
        let to = on.with_kind(Channels::colored(drawn.channels == 3));
        if on == to {
            return Placement::Unmoved;
        }
        Placement::Affine { forward: [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]], to }
    }
}

/// What happens to one image.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decided {
    /// Whether it is changed.
    pub apply: bool,
    /// By how much, where that is a question: bits, or a threshold.
    pub amount: f64,
}

/// An operation that a coin decides: its fields besides p, torchvision's name and parameter besides p, their check, the amount, and what is
/// painted.
macro_rules! decided {
    (
        $(#[$doc:meta])* $name:ident, $default:literal { $($(#[$field_doc:meta])* $field:ident: $type:ty)? },
        summary: $summary:literal, notes: $notes:literal, short: $short:literal, examples: [$($example:literal),+],
        torchvision: ($class:literal $($argument:literal)?),
        check: |$own:ident| $check:expr, amount: |$me:ident| $amount:expr, paint: |$image:ident, $value:ident| $paint:expr $(,)?
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            $($(#[$field_doc])* pub $field: $type,)?
            /// Probability that an image is changed.
            #[serde(default = $default)]
            pub p: Probability,
        }

        impl Op for $name {
            type Drawn = Decided;

            const TORCHVISION: Option<Transform> = Some(Transform {
                name: $class,
                arguments: &[$(Argument::Plain($argument, $argument),)? Argument::Plain("p", "p")],
                takes: Takes::Pictures,
            });

            const DOC: Doc = Doc { summary: $summary, notes: $notes, short: Some($short), examples: &[$($example),+] };

            fn check(&self) -> Result<(), Problem> {
                let $own = self;
                $check?;
                self.p.check("p")
            }

            fn shape_out(&self, _: Shape) -> ShapeOut {
                ShapeOut::Same
            }

            fn draw(&self, _: Shape, rng: &mut Stream) -> Decided {
                let $me = self;
                Decided { apply: self.p.draw(rng), amount: $amount }
            }

            fn paint(drawn: &Decided, canvas: &mut Canvas) {
                if drawn.apply {
                    let $value = drawn.amount;
                    canvas.in_place(|$image, _| $paint);
                }
            }

            fn place(_: &Decided, _: Shape) -> Placement {
                Placement::Unmoved
            }
        }
    };
}

fn tenth() -> Probability {
    Probability(0.1)
}

decided! {
    /// Makes colors gray in some images, as torchvision's `RandomGrayscale` does with PIL images.
    RandomGrayscale, "tenth" {
        /// `pil`, the arithmetic on pictures, or `tensor`, that behind ToImage and PILToTensor.
        #[serde(default, skip_serializing_if = "Arithmetic::is_pil")]
        compat: Arithmetic
    },
    summary: "Makes colors gray in some images, as torchvision's RandomGrayscale does with PIL images.",
    notes: "Images keep their channels.",
    short: "p",
    examples: ["torchvision.random_grayscale: {}", "torchvision.random_grayscale: { p: 0.5, compat: tensor }"],
    torchvision: ("RandomGrayscale"),
    check: |_own| Ok::<(), Problem>(()),
    // 1 is the gray of tensors.
    amount: |own| f64::from(u8::from(!own.compat.is_pil())),
    paint: |image, tensor| if tensor == 1.0 { torch::desaturate(image) } else { color::desaturate(image) },
}

decided! {
    /// Keeps the upper bits of all values, as torchvision's `RandomPosterize` does.
    RandomPosterize, "coin" {
        /// How many bits are kept, 1..8.
        bits: u8
    },
    summary: "Keeps the upper bits of all values, as torchvision's RandomPosterize does.",
    notes: "",
    short: "bits",
    examples: ["torchvision.random_posterize: 3", "torchvision.random_posterize: { bits: 1, p: 1 }"],
    torchvision: ("RandomPosterize" "bits"),
    check: |own| crate::ops::range::within("bits", &own.bits, &(1..=8)),
    amount: |own| f64::from(own.bits),
    paint: |image, bits| color::posterize(image, bits as u8),
}

decided! {
    /// Inverts values from a threshold on, as torchvision's `RandomSolarize` does.
    RandomSolarize, "coin" {
        /// The smallest value that is inverted.
        threshold: f64
    },
    summary: "Inverts values from a threshold on, as torchvision's RandomSolarize does.",
    notes: "",
    short: "threshold",
    examples: ["torchvision.random_solarize: 128", "torchvision.random_solarize: { threshold: 99.5, p: 1 }"],
    torchvision: ("RandomSolarize" "threshold"),
    check: |own| crate::ops::range::within("threshold", &own.threshold, &(0.0..=256.0)),
    amount: |own| own.threshold,
    paint: |image, threshold| color::solarize(image, threshold),
}

decided! {
    /// Stretches each channel to all values, as torchvision's `RandomAutocontrast` does with PIL images.
    RandomAutocontrast, "coin" {},
    summary: "Stretches each channel to all values, as torchvision's RandomAutocontrast does with PIL images.",
    notes: "",
    short: "p",
    examples: ["torchvision.random_autocontrast: {}", "torchvision.random_autocontrast: 1"],
    torchvision: ("RandomAutocontrast"),
    check: |_own| Ok::<(), Problem>(()),
    amount: |_own| 0.0,
    paint: |image, _value| histogram::autocontrast(image),
}

decided! {
    /// Makes the values of each channel equally frequent, as torchvision's `RandomEqualize` does with PIL images.
    RandomEqualize, "coin" {},
    summary: "Makes the values of each channel equally frequent, as torchvision's RandomEqualize does with PIL images.",
    notes: "Images with fewer than 255 pixels below their brightest value stay as they are.",
    short: "p",
    examples: ["torchvision.random_equalize: {}", "torchvision.random_equalize: 1"],
    torchvision: ("RandomEqualize"),
    check: |_own| Ok::<(), Problem>(()),
    amount: |_own| 0.0,
    paint: |image, _value| histogram::equalize(image),
}
