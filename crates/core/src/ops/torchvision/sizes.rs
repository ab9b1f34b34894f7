//! `torchvision.resize`: brings the image to a size.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::common::{Arithmetic, check_size, sized};
use crate::base::{Canvas, Shape, Stream};
use crate::kernels::pil::resample::{self, Filter};
use crate::kernels::torch;
use crate::ops::counterpart::{Argument, Takes, Transform};
use crate::ops::{Doc, Op, Placement, Problem, ShapeOut};

/// A size: one number for the shorter side, or both sides.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "the length of the shorter side, or [height, width]")]
pub enum Size {
    /// The shorter side; the other keeps the proportions.
    Short(usize),
    /// `[height, width]`.
    Both([usize; 2]),
}

/// Brings the image to a size, as torchvision's `Resize` does with PIL images.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TvResize {
    /// The length of the shorter side, or `[height, width]`.
    pub size: Size,
    /// The most that the longer side may have, where the shorter one is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_size: Option<usize>,
    /// How pixels are found.
    #[serde(default = "bilinear")]
    pub interpolation: Filter,
    /// `pil`, the arithmetic on pictures, or `tensor`, that behind ToImage and PILToTensor.
    #[serde(default, skip_serializing_if = "Arithmetic::is_pil")]
    pub compat: Arithmetic,
}

pub(super) fn bilinear() -> Filter {
    Filter::Bilinear
}

/// The new size.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Resized {
    /// Height and width.
    pub size: [usize; 2],
    /// How pixels are found.
    pub interpolation: Filter,
    /// Whose arithmetic it is.
    #[serde(default, skip_serializing_if = "Arithmetic::is_pil")]
    pub compat: Arithmetic,
}

impl TvResize {
    fn to(&self, on: Shape) -> Shape {
        let short = match self.size {
            Size::Both(size) => return sized(on, size),
            Size::Short(short) => short,
        };
        let (least, most) = (on.height.min(on.width).max(1), on.height.max(on.width).max(1));
        let mut sides = [short, short.saturating_mul(most) / least];
        if let Some(limit) = self.max_size
            && sides[1] > limit
        {
            sides = [limit.saturating_mul(sides[0]) / sides[1].max(1), limit];
        }
        let [short, long] = sides.map(|side| side.clamp(1, 4096));
        sized(on, if on.width <= on.height { [long, short] } else { [short, long] })
    }
}

impl Op for TvResize {
    type Drawn = Resized;

    const TORCHVISION: Option<Transform> = Some(Transform {
        name: "Resize",
        arguments: &[
            Argument::Plain("size", "size"),
            Argument::Constant("interpolation", "InterpolationMode"),
            Argument::Plain("max_size", "max_size"),
        ],
        takes: Takes::Pictures,
    });

    const DOC: Doc = Doc {
        summary: "Brings the image to a size, as torchvision's Resize does with PIL images.",
        notes: "Pillow's resampling: an image that shrinks is averaged over the area of the new pixels. No side has more than \
                4096 pixels.",
        short: Some("size"),
        examples: &[
            "torchvision.resize: [32, 20]",
            "torchvision.resize: { size: 20, max_size: 30, interpolation: bicubic }",
            "torchvision.resize: { size: [14, 40], interpolation: nearest }",
            "torchvision.resize: { size: [14, 40], compat: tensor }",
        ],
    };

    fn check(&self) -> Result<(), Problem> {
        match self.size {
            Size::Both(size) => check_size("size", size)?,
            Size::Short(short) => check_size("size", [short; 2])?,
        }
        match (self.size, self.max_size) {
            (_, None) => Ok(()),
            (Size::Both(_), Some(_)) => {
                Err(Problem::new("max_size", "max_size goes with the length of the shorter side"))
            }
            (Size::Short(short), Some(most)) if most <= short => {
                Err(Problem::new("max_size", format!("{most} is not above the shorter side's {short}")))
            }
            (Size::Short(_), Some(most)) => check_size("max_size", [most; 2]),
        }
    }

    fn shape_out(&self, on: Shape) -> ShapeOut {
        ShapeOut::Fixed(self.to(on))
    }

    fn draw(&self, on: Shape, _: &mut Stream) -> Resized {
        let to = self.to(on);
        Resized { size: [to.height, to.width], interpolation: self.interpolation, compat: self.compat }
    }

    fn paint(drawn: &Resized, canvas: &mut Canvas) {
        let to = sized(canvas.shape(), drawn.size);
        if to != canvas.shape() {
            canvas.redraw(to, |src, dst, scratch| match drawn.compat {
                Arithmetic::Pil => resample::resize(src, dst, drawn.interpolation, scratch),
                Arithmetic::Tensor => torch::resize::resize(src, dst, drawn.interpolation, scratch),
            });
        }
    }

    fn place(drawn: &Resized, on: Shape) -> Placement {
        let to = sized(on, drawn.size);
        let axis = |n: usize, m: usize| {
            let factor = m as f64 / n as f64;
            (factor, (factor - 1.0) / 2.0)
        };
        let ((fx, ox), (fy, oy)) = (axis(on.width, to.width), axis(on.height, to.height));
        Placement::Affine { forward: [[fx, 0.0, ox], [0.0, fy, oy]], to }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shorter_side_keeps_proportions() {
        let to = |text: &str, height, width| {
            let op: TvResize = serde_json::from_str(text).unwrap();
            let to = op.to(Shape::gray(height, width));
            (to.height, to.width)
        };
        assert_eq!(to(r#"{"size":20}"#, 40, 56), (20, 28));
        assert_eq!(to(r#"{"size":20}"#, 57, 40), (28, 20));
        assert_eq!(to(r#"{"size":20,"max_size":24}"#, 40, 56), (17, 24));
        assert_eq!(to(r#"{"size":[9,7]}"#, 40, 56), (9, 7));
    }
}
