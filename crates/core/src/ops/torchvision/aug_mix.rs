//! `torchvision.aug_mix`: blends the image with chains of random operations, as torchvision's `AugMix` does.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::common::Fill;
use super::policies::{Act, Kind, tensor};
use crate::base::gamma::gamma;
use crate::base::{Canvas, Shape, Stream};
use crate::kernels::pil::warp::Filter;
use crate::kernels::torch::grid::Around;
use crate::ops::counterpart::{Argument, Takes, Transform};
use crate::ops::range::within;
use crate::ops::{Doc, Op, Placement, Problem, ShapeOut};

/// The most chains, and the most operations in one.
const MOST: usize = 4;

/// Blends the image with chains of random operations, as torchvision's `AugMix` does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TvAugMix {
    /// How strong operations are, 1..10.
    #[serde(default = "three")]
    pub severity: usize,
    /// Chains, 1..4.
    #[serde(default = "three")]
    pub mixture_width: usize,
    /// Operations in a chain, 1..4; 0 or less draws from 1 to 3.
    #[serde(default = "random")]
    pub chain_depth: i64,
    /// Of the distributions of the weights.
    #[serde(default = "one")]
    pub alpha: f64,
    /// Also brightness, color, contrast and sharpness.
    #[serde(default = "yes")]
    pub all_ops: bool,
    /// How pixels are found: `nearest` or `bilinear`.
    #[serde(default = "bilinear")]
    pub interpolation: Filter,
    /// The value of what lies outside; without it zeros.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fill: Option<Fill>,
}

fn three() -> usize {
    3
}

fn random() -> i64 {
    -1
}

fn one() -> f64 {
    1.0
}

fn yes() -> bool {
    true
}

fn bilinear() -> Filter {
    Filter::Bilinear
}

/// What one image is blended with.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// Share of the image itself.
    pub m: f32,
    /// Shares of the chains; 0 are no chains.
    pub weights: [f32; MOST],
    /// The operations of each chain.
    pub chains: [[Option<Act>; MOST]; MOST],
    /// How pixels are found.
    pub interpolation: Filter,
    /// What lies outside; none is zeros.
    pub fill: Option<[u8; 3]>,
}

impl Op for TvAugMix {
    type Drawn = Drawn;

    const TORCHVISION: Option<Transform> = Some(Transform {
        name: "AugMix",
        arguments: &[
            Argument::Plain("severity", "severity"),
            Argument::Plain("mixture_width", "mixture_width"),
            Argument::Plain("chain_depth", "chain_depth"),
            Argument::Plain("alpha", "alpha"),
            Argument::Plain("all_ops", "all_ops"),
            Argument::Constant("interpolation", "InterpolationMode"),
            Argument::Plain("fill", "fill"),
        ],
        takes: Takes::Pictures,
    });

    const DOC: Doc = Doc {
        summary: "Blends the image with chains of random operations, as torchvision's AugMix does.",
        notes: "torchvision computes with tensors here, of PIL images as well, and so does this. Boxes stay where they are.",
        short: None,
        examples: &[
            "torchvision.aug_mix: {}",
            "torchvision.aug_mix: { severity: 10, mixture_width: 2, chain_depth: 4, alpha: 0.5, all_ops: false, fill: 9 }",
        ],
    };

    fn check(&self) -> Result<(), Problem> {
        within("severity", &self.severity, &(1..=10))?;
        within("mixture_width", &self.mixture_width, &(1..=MOST))?;
        within("chain_depth", &self.chain_depth, &(-1..=MOST as i64))?;
        within("alpha", &self.alpha, &(0.1..=1000.0))?;
        if self.interpolation == Filter::Bicubic {
            return Err(Problem::new("interpolation", "tensors are sampled nearest or bilinear"));
        }
        Ok(())
    }

    fn shape_out(&self, _: Shape) -> ShapeOut {
        ShapeOut::Same
    }

    fn draw(&self, on: Shape, rng: &mut Stream) -> Drawn {
        let width = self.mixture_width.min(MOST);
        let [own, rest] = [gamma(self.alpha, rng), gamma(self.alpha, rng)];
        let m = own / (own + rest);
        let mut shares = [0.0; MOST];
        shares[..width].iter_mut().for_each(|share| *share = gamma(self.alpha, rng));
        let sum: f64 = shares.iter().sum();
        let kinds = Kind::of_aug_mix(self.all_ops);
        let mut chains = [[None; MOST]; MOST];
        for chain in &mut chains[..width] {
            let depth = if self.chain_depth > 0 { self.chain_depth as usize } else { 1 + rng.index(3) };
            for act in &mut chain[..depth.min(MOST)] {
                let kind = kinds[rng.index(kinds.len())];
                *act = Some(kind.of_severity(rng.index(self.severity.clamp(1, 10)), on, rng));
            }
        }
        Drawn {
            m: m as f32,
            weights: shares.map(|share| (share / sum * (1.0 - m)) as f32),
            chains,
            interpolation: self.interpolation,
            fill: self.fill.map(Fill::channels),
        }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        let on = canvas.shape();
        let around = drawn.fill.map_or(Around::Zeros, Around::Fill);
        canvas.redraw(on, |src, dst, scratch| {
            let mut sum = scratch.take_f32(on.bytes());
            let (mut own, mut other) = (scratch.take_u8(on.bytes()), scratch.take_u8(on.bytes()));
            sum.iter_mut().zip(src.data).for_each(|(sum, v)| *sum = f32::from(*v) * drawn.m);
            for (chain, weight) in drawn.chains.iter().zip(drawn.weights) {
                if weight == 0.0 {
                    continue;
                }
                own.copy_from_slice(src.data);
                for act in chain.iter().flatten() {
                    tensor(*act, on, &mut own, &mut other, drawn.interpolation, around, scratch);
                }
                sum.iter_mut().zip(&own).for_each(|(sum, v)| *sum += f32::from(*v) * weight);
            }
            dst.data.iter_mut().zip(&sum).for_each(|(v, sum)| *v = *sum as u8);
            scratch.give_f32(sum);
            scratch.give_u8(own);
            scratch.give_u8(other);
        });
    }

    fn place(_: &Drawn, _: Shape) -> Placement {
        Placement::Unmoved
    }
}
