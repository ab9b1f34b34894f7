//! What several of imgaug's augmenters share: color spaces, positions, and numbers for each pixel.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};

use crate::base::{ImageMut, Scratch, Stream};
use crate::kernels::colorspace::Space;
use crate::kernels::elementwise::{self, Law, MOST_CHOICES};
use crate::ops::{Param, Problem};

/// The parts of an operation that leaves every pixel where it is.
macro_rules! still {
    () => {
        fn shape_out(&self, _: crate::base::Shape) -> crate::ops::ShapeOut {
            crate::ops::ShapeOut::Same
        }

        fn place(_: &Self::Drawn, _: crate::base::Shape) -> crate::ops::Placement {
            crate::ops::Placement::Unmoved
        }
    };
}
pub(in crate::ops) use still;

crate::named! {
    for Space {
        Rgb = "RGB",
        Bgr = "BGR",
        Gray = "GRAY",
        Hsv = "HSV",
        Hls = "HLS",
        YCrCb = "YCrCb",
        Yuv = "YUV",
        Lab = "Lab",
        Luv = "Luv",
    }
}

crate::named! {
    /// Where something lies in an image.
    pub enum Anchor {
        /// Anywhere.
        Uniform = "uniform",
        /// Mostly in the middle: normal about it, with a deviation of 0.175 of the side.
        Normal = "normal",
        /// In the middle.
        Center = "center",
        /// At the left and the top.
        LeftTop = "left-top",
        /// At the left, halfway down.
        LeftCenter = "left-center",
        /// At the left and the bottom.
        LeftBottom = "left-bottom",
        /// At the top, in the middle.
        CenterTop = "center-top",
        /// In the middle.
        CenterCenter = "center-center",
        /// At the bottom, in the middle.
        CenterBottom = "center-bottom",
        /// At the right and the top.
        RightTop = "right-top",
        /// At the right, halfway down.
        RightCenter = "right-center",
        /// At the right and the bottom.
        RightBottom = "right-bottom",
    }
}

/// A name of a place, or `{x: ..., y: ...}` as shares of what is free along each axis.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(
    untagged,
    expecting = "a position: uniform, normal, center, left-top, ... or {x: ..., y: ...} in 0..1"
)]
pub enum Position {
    /// By name.
    Named(Anchor),
    /// Shares of both axes, from the left and the top.
    At(At),
}

/// Shares of both axes, from the left and the top.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct At {
    /// Along the width, 0..1.
    pub x: Param,
    /// Along the height, 0..1.
    pub y: Param,
}

impl JsonSchema for Position {
    fn schema_name() -> Cow<'static, str> {
        "position".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let (name, at) = (generator.subschema_for::<Anchor>(), generator.subschema_for::<At>());
        schemars::json_schema!({ "anyOf": [name, at] })
    }
}

impl Position {
    pub(super) fn check(&self, field: &str) -> Result<(), Problem> {
        match self {
            Self::Named(_) => Ok(()),
            Self::At(At { x, y }) => {
                x.check("x", 0.0..=1.0).map_err(|problem| problem.inside(field))?;
                y.check("y", 0.0..=1.0).map_err(|problem| problem.inside(field))
            }
        }
    }

    /// Draws the shares of x and y.
    pub(super) fn draw(&self, rng: &mut Stream) -> [f64; 2] {
        let anchor = match self {
            Self::Named(anchor) => *anchor,
            Self::At(At { x, y }) => return [x.draw(rng), y.draw(rng)],
        };
        match anchor {
            Anchor::Uniform => [rng.unit(), rng.unit()],
            Anchor::Normal => [0; 2].map(|_| (0.5 + 0.175 * rng.normal()).clamp(0.0, 1.0)),
            Anchor::Center | Anchor::CenterCenter => [0.5, 0.5],
            Anchor::LeftTop => [0.0, 0.0],
            Anchor::LeftCenter => [0.0, 0.5],
            Anchor::LeftBottom => [0.0, 1.0],
            Anchor::CenterTop => [0.5, 0.0],
            Anchor::CenterBottom => [0.5, 1.0],
            Anchor::RightTop => [1.0, 0.0],
            Anchor::RightCenter => [1.0, 0.5],
            Anchor::RightBottom => [1.0, 1.0],
        }
    }
}

/// Of which each pixel gets a number: plain data, so that it can be part of what is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Each {
    /// The distribution.
    pub of: Numbers,
    /// Numbers outside become the nearest that is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clip: Option<[f32; 2]>,
}

/// A distribution of numbers.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Numbers {
    /// Uniform between two numbers.
    Uniform([f32; 2]),
    /// Normal, of mean and deviation.
    Normal([f32; 2]),
    /// Laplace, of mean and scale.
    Laplace([f32; 2]),
    /// Poisson, of this mean.
    Poisson(f32),
    /// Poisson, of this mean, with a fair sign.
    SignedPoisson(f32),
    /// One of the first so many of these.
    Choice([f32; MOST_CHOICES], u8),
    /// Grains: 255 times Beta(1/2, 1/2).
    SaltAndPepper,
    /// Its upper half.
    Salt,
    /// Its lower half.
    Pepper,
}

impl Each {
    /// Numbers of a parameter.
    ///
    /// # Errors
    /// Forms from which not every pixel can draw.
    pub(crate) fn of(param: &Param, field: &str) -> Result<Self, Problem> {
        let plain = |of| Ok(Self { of, clip: None });
        let pair = |[a, b]: [f64; 2]| [a as f32, b as f32];
        let choice = |values: &[f64]| {
            if values.is_empty() || values.len() > MOST_CHOICES {
                let message =
                    format!("each pixel chooses from 1 to {MOST_CHOICES} values, not {}", values.len());
                return Err(Problem::new(field, message));
            }
            let mut list = [0.0; MOST_CHOICES];
            list.iter_mut().zip(values).for_each(|(to, from)| *to = *from as f32);
            Ok(Numbers::Choice(list, values.len() as u8))
        };
        let law = match param {
            Param::Constant(value) => return plain(Numbers::Uniform([*value as f32; 2])),
            Param::Range(lo, hi) => return plain(Numbers::Uniform([*lo as f32, *hi as f32])),
            Param::Choice(values) => return plain(choice(values)?),
            Param::Law(law) => law,
        };
        if law.weights.is_some() || law.truncate.is_some() || law.sign.is_some() || law.round {
            let message = "pixels draw from a range, a choice, or normal, laplace or poisson with a clip";
            return Err(Problem::new(field, message));
        }
        let of = if let Some(normal) = law.normal {
            Numbers::Normal(pair(normal))
        } else if let Some(laplace) = law.laplace {
            Numbers::Laplace(pair(laplace))
        } else if let Some(mean) = law.poisson {
            Numbers::Poisson(mean as f32)
        } else if let Some(uniform) = law.uniform {
            Numbers::Uniform(pair(uniform))
        } else {
            choice(law.choice.as_deref().unwrap_or_default())?
        };
        Ok(Self { of, clip: law.clip.map(pair) })
    }

    fn law(&self) -> Law {
        match self.of {
            Numbers::Uniform([lo, hi]) => Law::Uniform(lo, hi),
            Numbers::Normal([mean, deviation]) => Law::Normal(mean, deviation),
            Numbers::Laplace([mean, scale]) => Law::Laplace(mean, scale),
            Numbers::Poisson(mean) => Law::Poisson(mean, false),
            Numbers::SignedPoisson(mean) => Law::Poisson(mean, true),
            Numbers::Choice(values, count) => Law::Choice(values, count),
            Numbers::SaltAndPepper => Law::SaltAndPepper,
            Numbers::Salt => Law::Salt,
            Numbers::Pepper => Law::Pepper,
        }
    }

    /// Fills `numbers`, which [`Stream`]'s bytes decide.
    pub(crate) fn fill(&self, rng: &mut Stream, numbers: &mut [f32], scratch: &mut Scratch) {
        let mut random = scratch.take_u8(numbers.len() * elementwise::BYTES_PER_NUMBER);
        let mut sums = scratch.take_f64(0);
        rng.fill(&mut random);
        elementwise::fill(&self.law(), &random, numbers, &mut sums);
        if let Some([lo, hi]) = self.clip {
            for number in numbers.iter_mut() {
                *number = number.max(lo).min(hi);
            }
        }
        scratch.give_f64(sums);
        scratch.give_u8(random);
    }

    /// Paints with a number for each pixel, or for each value, of the image.
    pub(super) fn paint(
        &self,
        image: ImageMut<'_>,
        per_channel: bool,
        rng: &mut Stream,
        scratch: &mut Scratch,
        paint: impl FnOnce(ImageMut<'_>, &[f32]),
    ) {
        let count = if per_channel { image.shape.bytes() } else { image.shape.pixels() };
        let mut numbers = scratch.take_f32(count);
        self.fill(rng, &mut numbers, scratch);
        paint(image, &numbers);
        scratch.give_f32(numbers);
    }
}
