//! `torchvision.color_jitter`: brightness, contrast, saturation and hue in random order.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::common::{Arithmetic, between, check_range};
use crate::base::{Canvas, Shape, Stream};
use crate::kernels::pil::color;
use crate::kernels::torch::color as torch;
use crate::ops::counterpart::{Argument, Takes, Transform};
use crate::ops::{Doc, Op, Placement, Problem, ShapeOut};

/// Brightness, contrast, saturation and hue in random order, as torchvision's `ColorJitter` does with PIL images.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ColorJitter {
    /// Factor of the brightness, `[lo, hi]`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub brightness: Option<[f64; 2]>,
    /// Factor of the contrast, about the mean of the gray image, `[lo, hi]`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contrast: Option<[f64; 2]>,
    /// Factor of the colors' distance to gray, `[lo, hi]`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub saturation: Option<[f64; 2]>,
    /// Turn of the hue in circles, within -0.5..0.5, `[lo, hi]`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hue: Option<[f64; 2]>,
    /// `pil`, the arithmetic on pictures, or `tensor`, that behind ToImage and PILToTensor.
    #[serde(default, skip_serializing_if = "Arithmetic::is_pil")]
    pub compat: Arithmetic,
}

/// One change.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// Factor of the brightness.
    Brightness(f64),
    /// Factor of the contrast.
    Contrast(f64),
    /// Factor of the saturation.
    Saturation(f64),
    /// Turn of the hue.
    Hue(f64),
}

/// The changes of one image in their order.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// Up to four; the others are none.
    pub changes: [Option<Change>; 4],
    /// Whose arithmetic it is.
    #[serde(default, skip_serializing_if = "Arithmetic::is_pil")]
    pub compat: Arithmetic,
}

impl Op for ColorJitter {
    type Drawn = Drawn;

    const TORCHVISION: Option<Transform> = Some(Transform {
        name: "ColorJitter",
        arguments: &[
            Argument::Plain("brightness", "brightness"),
            Argument::Plain("contrast", "contrast"),
            Argument::Plain("saturation", "saturation"),
            Argument::Plain("hue", "hue"),
        ],
        takes: Takes::Pictures,
    });

    const DOC: Doc = Doc {
        summary: "Brightness, contrast, saturation and hue in random order, as torchvision's ColorJitter does with PIL images.",
        notes: "Each change makes bytes again. On gray images saturation and hue change nothing.",
        short: None,
        examples: &[
            "torchvision.color_jitter: { brightness: [0.6, 1.4], contrast: [0.6, 1.4], saturation: [0.6, 1.4], hue: [-0.1, 0.1] }",
            "torchvision.color_jitter: { contrast: [0.5, 1.5] }",
            "torchvision.color_jitter: { brightness: [0.6, 1.4], saturation: [0.6, 1.4], hue: [-0.1, 0.1], compat: tensor }",
        ],
    };

    fn check(&self) -> Result<(), Problem> {
        for (field, range) in
            [("brightness", self.brightness), ("contrast", self.contrast), ("saturation", self.saturation)]
        {
            if let Some(range) = range {
                check_range(field, range, 0.0..=1000.0)?;
            }
        }
        self.hue.map_or(Ok(()), |range| check_range("hue", range, -0.5..=0.5))
    }

    fn shape_out(&self, _: Shape) -> ShapeOut {
        ShapeOut::Same
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Drawn {
        let mut changes = [
            self.brightness.map(|range| Change::Brightness(between(range, rng))),
            self.contrast.map(|range| Change::Contrast(between(range, rng))),
            self.saturation.map(|range| Change::Saturation(between(range, rng))),
            self.hue.map(|range| Change::Hue(between(range, rng))),
        ];
        rng.shuffle(&mut changes);
        Drawn { changes, compat: self.compat }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        for change in drawn.changes.into_iter().flatten() {
            let tensor = drawn.compat == Arithmetic::Tensor;
            canvas.in_place(|image, _| match change {
                Change::Brightness(factor) if tensor => torch::brightness(image, factor),
                Change::Contrast(factor) if tensor => torch::contrast(image, factor),
                Change::Saturation(factor) if tensor => torch::saturation(image, factor),
                Change::Hue(turn) if tensor => torch::hue(image, turn),
                Change::Brightness(factor) => color::brightness(image, factor as f32),
                Change::Contrast(factor) => color::contrast(image, factor as f32),
                Change::Saturation(factor) => color::saturation(image, factor as f32),
                Change::Hue(turn) => color::hue(image, turn),
            });
        }
    }

    fn place(_: &Drawn, _: Shape) -> Placement {
        Placement::Unmoved
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::ops::testing::draws;

    #[test]
    fn all_orders_are_drawn() {
        let op = ColorJitter {
            brightness: Some([1.0; 2]),
            contrast: Some([2.0; 2]),
            saturation: Some([3.0; 2]),
            hue: Some([0.25; 2]),
            compat: Arithmetic::Pil,
        };
        let orders: BTreeSet<String> = draws(&op, 2000).map(|drawn| format!("{:?}", drawn.changes)).collect();
        assert_eq!(orders.len(), 24);
    }
}
