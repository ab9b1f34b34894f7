//! `imgaug.rot90`: turns the image by quarter turns clockwise.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::crop_and_pad::yes;
use crate::base::{Canvas, Image, ImageMut, Shape, Stream};
use crate::kernels::resize::{self, Interpolation};
use crate::kernels::tf_image;
use crate::ops::counterpart::{Class, Form};
use crate::ops::{Doc, Int, Op, Placement, Problem, ShapeOut};

/// Turns the image by quarter turns clockwise, as imgaug does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rot90Clockwise {
    /// Quarter turns clockwise, modulo 4.
    #[serde(default = "once")]
    pub k: Int,
    /// Whether the result is resized to the size the image had.
    #[serde(default = "yes")]
    pub keep_size: bool,
}

fn once() -> Int {
    Int::Constant(1)
}

/// How one image is turned.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// Quarter turns clockwise, 0..3.
    pub k: u8,
    /// Whether the result is resized to the size the image had.
    pub keep_size: bool,
}

impl Drawn {
    fn turned(self, on: Shape) -> Shape {
        if self.k % 2 == 1 { on.transposed() } else { on }
    }
}

impl Op for Rot90Clockwise {
    type Drawn = Drawn;

    const IMGAUG: &'static [Class] = &[Class {
        name: "Rot90",
        params: &[("k", "k", Form::Whole), ("keep_size", "keep_size", Form::Flag)],
    }];

    const DOC: Doc = Doc {
        summary: "Turns the image by quarter turns clockwise, as imgaug does.",
        notes: "An image that is not square is resized to its old size unless keep_size is false.",
        short: Some("k"),
        examples: &[
            "imgaug.rot90: 1",
            "imgaug.rot90: [0, 3]",
            "imgaug.rot90: { k: { choice: [1, 3] }, keep_size: false }",
        ],
    };

    fn check(&self) -> Result<(), Problem> {
        self.k.check("k", -1000..=1000)
    }

    fn shape_out(&self, on: Shape) -> ShapeOut {
        if self.keep_size || on.height == on.width {
            return ShapeOut::Same;
        }
        let odd = |k: &i64| k.rem_euclid(2) == 1;
        match &self.k {
            Int::Constant(k) if odd(k) => ShapeOut::Fixed(on.transposed()),
            Int::Choice(list) if list.iter().all(odd) => ShapeOut::Fixed(on.transposed()),
            Int::Constant(_) => ShapeOut::Same,
            Int::Choice(list) if !list.iter().any(odd) => ShapeOut::Same,
            Int::Choice(_) | Int::Range(..) | Int::Law(_) => ShapeOut::Varies,
        }
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Drawn {
        Drawn { k: self.k.draw(rng).rem_euclid(4) as u8, keep_size: self.keep_size }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        if drawn.k.is_multiple_of(4) {
            return;
        }
        let on = canvas.shape();
        let turned = drawn.turned(on);
        let quarters = 4 - drawn.k % 4;
        if turned == on || !drawn.keep_size {
            canvas.redraw(turned, |src, dst, _| tf_image::rot90(src, dst, quarters));
            return;
        }
        canvas.redraw(on, |src, dst, scratch| {
            let mut data = scratch.take_u8(turned.bytes());
            tf_image::rot90(src, ImageMut::new(turned, &mut data), quarters);
            resize::resize(Image::new(turned, &data), dst, Interpolation::Auto, scratch);
            scratch.give_u8(data);
        });
    }

    fn place(drawn: &Drawn, on: Shape) -> Placement {
        let (right, bottom) = (on.width as f64 - 1.0, on.height as f64 - 1.0);
        let mut forward = match drawn.k % 4 {
            0 => return Placement::Unmoved,
            1 => [[0.0, -1.0, bottom], [1.0, 0.0, 0.0]],
            2 => [[-1.0, 0.0, right], [0.0, -1.0, bottom]],
            _ => [[0.0, 1.0, 0.0], [-1.0, 0.0, right]],
        };
        let turned = drawn.turned(on);
        if !drawn.keep_size {
            return Placement::Affine { forward, to: turned };
        }
        let factors = [on.width as f64 / turned.width as f64, on.height as f64 / turned.height as f64];
        for (row, factor) in forward.iter_mut().zip(factors) {
            row[2] += 0.5;
            for entry in row.iter_mut() {
                *entry *= factor;
            }
            row[2] -= 0.5;
        }
        Placement::Affine { forward, to: on }
    }
}
