//! `albumentations.random_tone_curve`: bends the tone curve.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::pixels::unmoved;
use crate::base::{Canvas, Shape, Stream};
use crate::kernels::{albumentations::tone_curve, cv};
use crate::ops::range::within;
use crate::ops::{Doc, Op, Problem};

/// Bends the tone curve, as Albumentations' `RandomToneCurve` does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RandomToneCurve {
    /// Standard deviation of the two control points, whose means are 0.25 and 0.75, 0..1.
    #[serde(default = "tenth")]
    pub scale: f64,
    /// Each channel has a curve of its own.
    #[serde(default)]
    pub per_channel: bool,
}

fn tenth() -> f64 {
    0.1
}

/// The curves of one image.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// The lower control point, 0..1, by channel.
    pub low: [f64; 3],
    /// The upper one.
    pub high: [f64; 3],
}

impl Op for RandomToneCurve {
    type Drawn = Drawn;

    const DOC: Doc = Doc {
        summary: "Bends the tone curve, as Albumentations' RandomToneCurve does.",
        notes: "A Bezier curve from black to white.",
        short: Some("scale"),
        examples: &[
            "albumentations.random_tone_curve: 0.1",
            "albumentations.random_tone_curve: { per_channel: true }",
        ],
    };

    fn check(&self) -> Result<(), Problem> {
        within("scale", &self.scale, &(0.0..=1.0))
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Drawn {
        let mut about = |mean: f64| {
            let mut one = || (mean + self.scale * rng.normal()).clamp(0.0, 1.0);
            if self.per_channel { [one(), one(), one()] } else { [one(); 3] }
        };
        Drawn { low: about(0.25), high: about(0.75) }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        let tables = std::array::from_fn(|i| tone_curve(drawn.low[i], drawn.high[i]));
        canvas.in_place(|image, _| cv::look_up_channels(image, &tables));
    }

    unmoved!();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::draws;

    #[test]
    fn control_points_are_normal() {
        let op = RandomToneCurve { scale: 0.1, per_channel: true };
        let points: Vec<f64> = draws(&op, 1000).flat_map(|d| d.low).collect();
        let mean = points.iter().sum::<f64>() / 3000.0;
        let variance = points.iter().map(|p| (p - mean) * (p - mean)).sum::<f64>() / 3000.0;
        assert!((mean - 0.25).abs() < 0.01 && (variance.sqrt() - 0.099).abs() < 0.007, "{mean} {variance}");
        assert!(draws(&RandomToneCurve { per_channel: false, ..op }, 9).all(|d| d.low == [d.low[0]; 3]));
    }
}
