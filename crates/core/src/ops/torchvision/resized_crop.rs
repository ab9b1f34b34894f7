//! `torchvision.random_resized_crop`: a part of random size and proportions, brought to one size.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::common::{Arithmetic, check_range, check_size, sized};
use super::sizes::bilinear;
use crate::base::math::{exp, log};
use crate::base::{Canvas, ImageMut, Shape, Stream};
use crate::kernels::pil::{self, resample};
use crate::kernels::torch;
use crate::ops::counterpart::{Argument, Takes, Transform};
use crate::ops::{Doc, Op, Placement, Problem, ShapeOut};

/// A part of random size and proportions, brought to one size, as torchvision's `RandomResizedCrop` does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RandomResizedCrop {
    /// Rows and columns of the result, `[height, width]`; those of the image if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<[usize; 2]>,
    /// The part's share of the image's area, `[lo, hi]`.
    #[serde(default = "scale")]
    pub scale: [f64; 2],
    /// The part's width over its height, `[lo, hi]`.
    #[serde(default = "ratio")]
    pub ratio: [f64; 2],
    /// How pixels are found.
    #[serde(default = "bilinear")]
    pub interpolation: resample::Filter,
    /// `pil`, the arithmetic on pictures, or `tensor`, that behind ToImage and PILToTensor.
    #[serde(default, skip_serializing_if = "Arithmetic::is_pil")]
    pub compat: Arithmetic,
}

fn scale() -> [f64; 2] {
    [0.08, 1.0]
}

fn ratio() -> [f64; 2] {
    [3.0 / 4.0, 4.0 / 3.0]
}

/// Which part of one image is kept, and how large it becomes.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// First row.
    pub top: usize,
    /// First column.
    pub left: usize,
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
    /// Height and width of the result.
    pub size: [usize; 2],
    /// How pixels are found.
    pub interpolation: resample::Filter,
    /// Whose arithmetic it is.
    #[serde(default, skip_serializing_if = "Arithmetic::is_pil")]
    pub compat: Arithmetic,
}

impl RandomResizedCrop {
    fn part(&self, on: Shape, rng: &mut Stream) -> [usize; 4] {
        let (w, h) = (on.width as f64, on.height as f64);
        let logs = self.ratio.map(log);
        for _ in 0..10 {
            let area = w * h * super::common::between(self.scale, rng);
            let ratio = exp(super::common::between(logs, rng));
            let width = (area * ratio).sqrt().round_ties_even();
            let height = (area / ratio).sqrt().round_ties_even();
            if 0.0 < width && width <= w && 0.0 < height && height <= h {
                let (width, height) = (width as usize, height as usize);
                let top = rng.index(on.height - height + 1);
                let left = rng.index(on.width - width + 1);
                return [top, left, height, width];
            }
        }
        // The middle, with proportions as near as they may be.
        let (width, height) = if w / h < self.ratio[0] {
            (w, (w / self.ratio[0]).round_ties_even())
        } else if w / h > self.ratio[1] {
            ((h * self.ratio[1]).round_ties_even(), h)
        } else {
            (w, h)
        };
        let (width, height) = ((width as usize).clamp(1, on.width), (height as usize).clamp(1, on.height));
        [(on.height - height) / 2, (on.width - width) / 2, height, width]
    }
}

impl Op for RandomResizedCrop {
    type Drawn = Drawn;

    const TORCHVISION: Option<Transform> = Some(Transform {
        name: "RandomResizedCrop",
        arguments: &[
            Argument::Needed("size", "size"),
            Argument::Plain("scale", "scale"),
            Argument::Plain("ratio", "ratio"),
            Argument::Constant("interpolation", "InterpolationMode"),
        ],
        takes: Takes::Pictures,
    });

    const DOC: Doc = Doc {
        summary: "A part of random size and proportions, brought to one size, as torchvision's RandomResizedCrop does.",
        notes: "If ten tries give no part that fits, it is the middle of the image. Pillow's resampling.",
        short: Some("size"),
        examples: &[
            "torchvision.random_resized_crop: [28, 28]",
            "torchvision.random_resized_crop: { size: [28, 20], compat: tensor }",
            "torchvision.random_resized_crop: { size: [20, 30], scale: [0.5, 1], ratio: [1, 1], interpolation: bicubic }",
            "torchvision.random_resized_crop: { scale: [0.8, 1] }",
        ],
    };

    fn check(&self) -> Result<(), Problem> {
        self.size.map_or(Ok(()), |size| check_size("size", size))?;
        check_range("scale", self.scale, 0.0001..=100.0)?;
        check_range("ratio", self.ratio, 0.001..=1000.0)
    }

    fn shape_out(&self, on: Shape) -> ShapeOut {
        ShapeOut::Fixed(self.size.map_or(on, |size| sized(on, size)))
    }

    fn draw(&self, on: Shape, rng: &mut Stream) -> Drawn {
        let [top, left, height, width] = self.part(on, rng);
        Drawn {
            top,
            left,
            height,
            width,
            size: self.size.unwrap_or([on.height, on.width]),
            interpolation: self.interpolation,
            compat: self.compat,
        }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        let on = canvas.shape();
        let part =
            sized(on, [drawn.height.clamp(1, on.height.max(1)), drawn.width.clamp(1, on.width.max(1))]);
        canvas.redraw(sized(on, drawn.size), |src, dst, scratch| {
            let mut room = scratch.take_u8(part.bytes());
            let mut cut = ImageMut::new(part, &mut room);
            pil::crop(src, ImageMut { shape: part, data: cut.data }, drawn.top as i64, drawn.left as i64);
            cut = ImageMut::new(part, &mut room);
            match drawn.compat {
                Arithmetic::Pil => resample::resize(cut.as_image(), dst, drawn.interpolation, scratch),
                Arithmetic::Tensor => {
                    torch::resize::resize(cut.as_image(), dst, drawn.interpolation, scratch);
                }
            }
            scratch.give_u8(room);
        });
    }

    fn place(drawn: &Drawn, on: Shape) -> Placement {
        let to = sized(on, drawn.size);
        let axis = |first: usize, n: usize, m: usize| {
            let factor = m as f64 / n.max(1) as f64;
            (factor, (factor - 1.0) / 2.0 - first as f64 * factor)
        };
        let (fx, ox) = axis(drawn.left, drawn.width, to.width);
        let (fy, oy) = axis(drawn.top, drawn.height, to.height);
        Placement::Affine { forward: [[fx, 0.0, ox], [0.0, fy, oy]], to }
    }
}
