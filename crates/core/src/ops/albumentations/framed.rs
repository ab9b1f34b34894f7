//! What crops and pads have in common: a part of the image, what is put around it, and a size in the end.

use serde::{Deserialize, Serialize};

use super::common::{Fill, outside, sized};
use crate::base::{Canvas, Image, ImageMut, Shape};
use crate::kernels::border::Border;
use crate::kernels::cv::area::{self, Interpolation};
use crate::kernels::cv::frame::{Part, frame};
use crate::ops::Placement;

/// What becomes of one image.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Framed {
    /// The part that is kept: first row, first column, rows, columns.
    pub part: [usize; 4],
    /// Rows above, rows below, columns on the left, columns on the right.
    pub pad: [usize; 4],
    /// What lies around it.
    pub border: Border,
    /// Its color.
    pub fill: Fill,
    /// Height and width in the end, if they are others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<[usize; 2]>,
    /// How pixels of that size are found.
    pub interpolation: Interpolation,
}

impl Framed {
    /// The part with nothing around it.
    pub(super) fn part(part: [usize; 4]) -> Self {
        Self {
            part,
            pad: [0; 4],
            border: Border::Constant,
            fill: Fill::default(),
            size: None,
            interpolation: Interpolation::Linear,
        }
    }

    /// The part of an image of shape `on`, which lies in it.
    fn inside(&self, on: Shape) -> Part {
        let [top, left, height, width] = self.part;
        let (top, left) = (top.min(on.height.saturating_sub(1)), left.min(on.width.saturating_sub(1)));
        Part { top, left, height: height.min(on.height - top), width: width.min(on.width - left) }
    }

    /// The shape with what is around it.
    fn around(&self, on: Shape) -> Shape {
        let part = self.inside(on);
        let [above, below, left, right] = self.pad;
        sized(on, [part.height + above + below, part.width + left + right])
    }

    pub(super) fn to(&self, on: Shape) -> Shape {
        self.size.map_or_else(|| self.around(on), |size| sized(on, size))
    }

    pub(super) fn paint(&self, canvas: &mut Canvas) {
        let on = canvas.shape();
        let (part, around, to) = (self.inside(on), self.around(on), self.to(on));
        let (offset, outside) = ([self.pad[0], self.pad[2]], outside(self.border, self.fill));
        if around == on && to == on && self.pad == [0; 4] {
            return;
        }
        canvas.redraw(to, |src, dst, scratch| {
            if around == to {
                frame(src, dst, part, offset, outside);
                return;
            }
            let mut room = scratch.take_u8(around.bytes());
            frame(src, ImageMut::new(around, &mut room), part, offset, outside);
            area::resize(Image::new(around, &room), dst, self.interpolation, scratch);
            scratch.give_u8(room);
        });
    }

    pub(super) fn place(&self, on: Shape) -> Placement {
        let (part, around, to) = (self.inside(on), self.around(on), self.to(on));
        let axis = |first: usize, before: usize, n: usize, m: usize| {
            let factor = m as f64 / n.max(1) as f64;
            (factor, (factor - 1.0) / 2.0 + (before as f64 - first as f64) * factor)
        };
        let (fx, ox) = axis(part.left, self.pad[2], around.width, to.width);
        let (fy, oy) = axis(part.top, self.pad[0], around.height, to.height);
        Placement::Affine { forward: [[fx, 0.0, ox], [0.0, fy, oy]], to }
    }
}

/// The methods of an operation that draws a frame.
macro_rules! paints_frames {
    () => {
        fn paint(drawn: &Framed, canvas: &mut crate::base::Canvas) {
            drawn.paint(canvas);
        }

        fn place(drawn: &Framed, on: crate::base::Shape) -> crate::ops::Placement {
            drawn.place(on)
        }
    };
}

pub(super) use paints_frames;
