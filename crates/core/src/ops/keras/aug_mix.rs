//! `keras.aug_mix`: blends the image with chains of random layers, as Keras' `AugMix` does.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::common::{Factor, bilinear, recolored, unmoved};
use super::rand_augment::{Act, Layer};
use crate::base::gamma::{beta, gamma};
use crate::base::{Canvas, Shape, Stream};
use crate::kernels::keras_layers::warp::Interpolation;
use crate::ops::range::within;
use crate::ops::{Doc, Op, Problem};

/// The most chains, and the most layers in one.
const MOST: usize = 4;

/// Blends the image with chains of random layers, as Keras' `AugMix` does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KerasAugMix {
    /// Chains, 1..4.
    #[serde(default = "three")]
    pub num_chains: usize,
    /// Layers in a chain, 1..4; each is none with a share of one more than there are.
    #[serde(default = "three")]
    pub chain_depth: usize,
    /// The factor of all layers: a number f is from 0 to f, or two numbers; within 0..1.
    #[serde(default = "factor")]
    pub factor: Factor,
    /// Of the Dirichlet and beta distributions of the weights.
    #[serde(default = "alpha")]
    pub alpha: f64,
    /// Also brightness, color, contrast and sharpness.
    #[serde(default = "yes")]
    pub all_ops: bool,
    /// `bilinear` or `nearest`, of layers that move pixels.
    #[serde(default = "bilinear")]
    pub interpolation: Interpolation,
}

fn three() -> usize {
    3
}

fn factor() -> Factor {
    Factor::One(0.3)
}

fn alpha() -> f64 {
    1.0
}

fn yes() -> bool {
    true
}

/// What one image is blended with.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// Share of the image itself.
    pub weight: f32,
    /// Shares of the chains in the rest; 0 are no chains.
    pub weights: [f32; MOST],
    /// The layers of each chain.
    pub chains: [[Option<Act>; MOST]; MOST],
    /// Of layers that move pixels.
    pub interpolation: Interpolation,
}

impl Op for KerasAugMix {
    type Drawn = Drawn;

    const DOC: Doc = Doc {
        summary: "Blends the image with chains of random layers, as Keras' AugMix does.",
        notes: "Keras draws weights and layers once for a batch, in tf.data even once for all; here each image has its own. Boxes stay \
                where they are.",
        short: None,
        examples: &[
            "keras.aug_mix: {}",
            "keras.aug_mix: { num_chains: 2, chain_depth: 1, factor: [0.1, 0.5], alpha: 0.5, all_ops: false }",
        ],
    };

    unmoved! {}

    fn check(&self) -> Result<(), Problem> {
        within("num_chains", &self.num_chains, &(1..=MOST))?;
        within("chain_depth", &self.chain_depth, &(1..=MOST))?;
        within("alpha", &self.alpha, &(0.1..=1000.0))?;
        self.factor.check("factor", 0.0..=1.0)
    }

    fn draw(&self, on: Shape, rng: &mut Stream) -> Drawn {
        let chains_drawn = self.num_chains.min(MOST);
        let mut shares = [0.0; MOST];
        shares[..chains_drawn].iter_mut().for_each(|share| *share = gamma(self.alpha, rng));
        let sum: f64 = shares.iter().sum();
        let weights = shares.map(|share| (share / sum) as f32);
        let weight = beta(self.alpha, self.alpha, rng) as f32;
        let layers = &Layer::ALL[..if self.all_ops { 11 } else { 7 }];
        let range = self.factor.upwards();
        let mut chains = [[None; MOST]; MOST];
        for chain in &mut chains[..chains_drawn] {
            for act in &mut chain[..self.chain_depth.min(MOST)] {
                // One more than there are is no layer.
                *act = layers.get(rng.index(layers.len() + 1)).map(|layer| layer.draw(range, on, rng));
            }
        }
        Drawn { weight, weights, chains, interpolation: self.interpolation }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        recolored(canvas, |values, on, scratch| {
            let mut sum = scratch.take_f32(values.len());
            let mut copy = scratch.take_f32(values.len());
            sum.fill(0.0);
            for (chain, weight) in drawn.chains.iter().zip(drawn.weights) {
                if weight == 0.0 {
                    continue;
                }
                copy.copy_from_slice(values);
                for act in chain.iter().flatten() {
                    act.apply(&mut copy, on, drawn.interpolation, scratch);
                }
                sum.iter_mut().zip(&copy).for_each(|(sum, v)| *sum += v * weight);
            }
            for (v, sum) in values.iter_mut().zip(&sum) {
                *v = drawn.weight * *v + (1.0 - drawn.weight) * sum;
            }
            scratch.give_f32(sum);
            scratch.give_f32(copy);
        });
    }
}
