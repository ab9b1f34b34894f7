//! `keras.rand_augment`: random ones of eleven layers, as Keras' `RandAugment` does.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::colors::{KerasRandomColorDegeneration, KerasRandomSharpness};
use super::common::{Factor, bilinear, placed, recolored};
use super::random_contrast;
use super::tones::{Bits, KerasSolarization};
use crate::base::{Canvas, Scratch, Shape, Stream};
use crate::kernels::keras_layers::warp::{self, Fill, Interpolation, Matrix, Sampling};
use crate::kernels::keras_layers::{color, tables};
use crate::ops::range::within;
use crate::ops::{Doc, Op, Placement, Problem, ShapeOut};

/// What one layer does with one image, by the name of the layer.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Act {
    /// Columns for each row and rows for each column, about the upper left pixel.
    RandomShear {
        /// Columns for each row.
        x: f32,
        /// Rows for each column.
        y: f32,
    },
    /// Pixels.
    RandomTranslation {
        /// To the right.
        right: f32,
        /// Down.
        down: f32,
    },
    /// Degrees counter-clockwise.
    RandomRotation(f32),
    /// Added to all values.
    RandomBrightness(f32),
    /// Share of the way to gray.
    RandomColorDegeneration(f32),
    /// Factor about the mean of each channel.
    RandomContrast(f32),
    /// 0 smooths, 1 sharpens.
    RandomSharpness(f32),
    /// Bits that stay.
    RandomPosterization(u8),
    /// What is not below the threshold is inverted.
    Solarization {
        /// Added before.
        addition: f32,
        /// The threshold.
        threshold: f32,
    },
    /// Each channel to 0..255.
    AutoContrast,
    /// All values equally frequent.
    Equalization,
}

/// The layers, without what they draw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layer {
    Shear,
    Translation,
    Rotation,
    Posterization,
    Solarization,
    AutoContrast,
    Equalization,
    Brightness,
    ColorDegeneration,
    Contrast,
    Sharpness,
}

impl Layer {
    /// The last four are those that AugMix may leave out.
    pub(super) const ALL: [Self; 11] = [
        Self::Shear,
        Self::Translation,
        Self::Rotation,
        Self::Posterization,
        Self::Solarization,
        Self::AutoContrast,
        Self::Equalization,
        Self::Brightness,
        Self::ColorDegeneration,
        Self::Contrast,
        Self::Sharpness,
    ];

    /// Draws what the layer of this range of factors does with an image of shape `on`.
    pub(super) fn draw(self, [low, high]: [f64; 2], on: Shape, rng: &mut Stream) -> Act {
        let factor = Factor::Two([low, high]);
        let mut uniform = |times: f64| (rng.uniform(low, high) * times) as f32;
        match self {
            Self::Shear => {
                let (x, y) = (uniform(1.0), uniform(1.0));
                let sign = if rng.bernoulli(0.5) { 1.0 } else { -1.0 };
                Act::RandomShear { x: sign * x + 0.0, y: sign * y + 0.0 }
            }
            Self::Translation => {
                Act::RandomTranslation { right: uniform(on.width as f64), down: uniform(on.height as f64) }
            }
            Self::Rotation => Act::RandomRotation(uniform(360.0)),
            Self::Brightness => Act::RandomBrightness(uniform(255.0)),
            Self::ColorDegeneration => {
                Act::RandomColorDegeneration(KerasRandomColorDegeneration::drawn(factor, rng))
            }
            Self::Contrast => Act::RandomContrast(random_contrast::drawn(factor, rng)),
            Self::Sharpness => Act::RandomSharpness(KerasRandomSharpness::drawn(factor, rng)),
            Self::Posterization => Act::RandomPosterization(Bits::One(((8.0 * high) as u8).max(1)).draw(rng)),
            Self::Solarization => {
                let both = KerasSolarization { addition_factor: factor, threshold_factor: factor };
                let drawn = both.drawn(rng);
                Act::Solarization { addition: drawn.addition, threshold: drawn.threshold }
            }
            Self::AutoContrast => Act::AutoContrast,
            Self::Equalization => Act::Equalization,
        }
    }
}

impl Act {
    /// Where pixels come from, if they move.
    fn matrix(self, on: Shape) -> Option<Matrix> {
        match self {
            Self::RandomShear { x, y } => Some(warp::shear(x, y)),
            Self::RandomTranslation { right, down } => Some(warp::translation(right, down)),
            Self::RandomRotation(angle) => Some(warp::rotation(angle, on)),
            Self::RandomBrightness(_)
            | Self::RandomColorDegeneration(_)
            | Self::RandomContrast(_)
            | Self::RandomSharpness(_)
            | Self::RandomPosterization(_)
            | Self::Solarization { .. }
            | Self::AutoContrast
            | Self::Equalization => None,
        }
    }

    /// Does it with the values of an image.
    pub(super) fn apply(
        self,
        values: &mut [f32],
        on: Shape,
        interpolation: Interpolation,
        scratch: &mut Scratch,
    ) {
        match self {
            Self::RandomShear { .. } | Self::RandomTranslation { .. } | Self::RandomRotation(_) => {
                if let Some(matrix) = self.matrix(on) {
                    let mut source = scratch.take_f32(values.len());
                    source.copy_from_slice(values);
                    let how = Sampling { fill: Fill::Reflect, value: 0.0, interpolation };
                    warp::warp(&source, on, values, &matrix, how);
                    scratch.give_f32(source);
                }
            }
            Self::RandomBrightness(delta) => color::brightness(values, delta),
            Self::RandomColorDegeneration(share) => color::degenerate(values, on, share),
            Self::RandomContrast(factor) => color::contrast(values, on, factor),
            Self::RandomSharpness(share) => color::sharpness(values, on, share, scratch),
            Self::RandomPosterization(bits) => tables::posterize(values, bits),
            Self::Solarization { addition, threshold } => tables::solarize(values, addition, threshold),
            Self::AutoContrast => tables::auto_contrast(values, on),
            Self::Equalization => tables::equalize(values, on, 256, scratch),
        }
    }
}

/// The most layers for one image.
const MOST: usize = 8;

/// Random ones of eleven layers, as Keras' `RandAugment` does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KerasRandAugment {
    /// Layers for each image, 0..8.
    #[serde(default = "two")]
    pub num_ops: usize,
    /// The factor of all layers: a number f is from 0 to f, or two numbers; within 0..1.
    #[serde(default = "half")]
    pub factor: Factor,
    /// `bilinear` or `nearest`, of layers that move pixels.
    #[serde(default = "bilinear")]
    pub interpolation: Interpolation,
}

fn two() -> usize {
    2
}

fn half() -> Factor {
    Factor::One(0.5)
}

/// What is done to one image.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// In their order; the others are none.
    pub acts: [Option<Act>; MOST],
    /// Of layers that move pixels.
    pub interpolation: Interpolation,
}

impl Op for KerasRandAugment {
    type Drawn = Drawn;

    const DOC: Doc = Doc {
        summary: "Random ones of eleven layers, as Keras' RandAugment does.",
        notes: "Factors are from 0 on, so that translations go down and right and rotations counter-clockwise, as in Keras, which draws \
                the layers once for a batch; here each image has its own. A layer that comes twice does the same twice. Between \
                layers values are floats.",
        short: None,
        examples: &[
            "keras.rand_augment: {}",
            "keras.rand_augment: { num_ops: 3, factor: [0.05, 0.2], interpolation: nearest }",
        ],
    };

    fn check(&self) -> Result<(), Problem> {
        within("num_ops", &self.num_ops, &(0..=MOST))?;
        self.factor.check("factor", 0.0..=1.0)
    }

    fn shape_out(&self, _: Shape) -> ShapeOut {
        ShapeOut::Same
    }

    fn draw(&self, on: Shape, rng: &mut Stream) -> Drawn {
        let range = self.factor.upwards();
        let mut acts = [None; MOST];
        let mut layers = [None; MOST];
        for i in 0..self.num_ops.min(MOST) {
            let layer = Layer::ALL[rng.index(Layer::ALL.len())];
            let before = layers[..i].iter().position(|earlier| *earlier == Some(layer));
            layers[i] = Some(layer);
            acts[i] = match before {
                Some(earlier) => acts[earlier],
                None => Some(layer.draw(range, on, rng)),
            };
        }
        Drawn { acts, interpolation: self.interpolation }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        recolored(canvas, |values, on, scratch| {
            for act in drawn.acts.into_iter().flatten() {
                act.apply(values, on, drawn.interpolation, scratch);
            }
        });
    }

    fn place(drawn: &Drawn, on: Shape) -> Placement {
        let mut all: Option<[[f64; 3]; 2]> = None;
        for matrix in drawn.acts.into_iter().flatten().filter_map(|act| act.matrix(on)) {
            let Placement::Affine { forward: [p, q], .. } = placed(&matrix, on) else { continue };
            let [x, y] = all.unwrap_or([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]);
            let through = |row: [f64; 3]| {
                let mut sum: [f64; 3] = std::array::from_fn(|i| row[0] * x[i] + row[1] * y[i]);
                sum[2] += row[2];
                sum
            };
            all = Some([through(p), through(q)]);
        }
        all.map_or(Placement::Unmoved, |forward| Placement::Affine { forward, to: on })
    }
}
