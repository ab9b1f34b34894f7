//! `rot90`: turns the image by quarter turns.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::base::{Canvas, Shape, Stream};
use crate::kernels::tf_image;
use crate::ops::{Doc, Int, Op, Placement, Problem, ShapeOut};

/// Turns the image by quarter turns counter-clockwise, as tf.image does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rot90 {
    /// Quarter turns counter-clockwise, modulo 4.
    #[serde(default = "once")]
    pub k: Int,
}

fn once() -> Int {
    Int::Constant(1)
}

/// How one image is turned.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// Quarter turns counter-clockwise, 0..3.
    pub k: u8,
}

fn swapped(on: Shape) -> Shape {
    Shape::new(on.width, on.height, on.kind)
}

impl Drawn {
    fn to(self, on: Shape) -> Shape {
        if self.k % 2 == 1 { swapped(on) } else { on }
    }
}

impl Op for Rot90 {
    type Drawn = Drawn;

    const DOC: Doc = Doc {
        summary: "Turns the image by quarter turns counter-clockwise, as tf.image does.",
        notes: "Odd numbers of quarter turns exchange height and width.",
        short: Some("k"),
        examples: &["rot90: 1", "rot90: [0, 3]", "rot90: { k: { choice: [1, -1] } }"],
    };

    fn check(&self) -> Result<(), Problem> {
        self.k.check("k", -1000..=1000)
    }

    fn shape_out(&self, on: Shape) -> ShapeOut {
        if on.height == on.width {
            return ShapeOut::Same;
        }
        let (mut even, mut odd) = (false, false);
        let mut see = |k: i64| if k.rem_euclid(2) == 0 { even = true } else { odd = true };
        match &self.k {
            Int::Constant(k) => see(*k),
            Int::Range(lo, hi) => {
                see(*lo);
                see((*lo + 1).min(*hi));
            }
            Int::Choice(values) => values.iter().for_each(|k| see(*k)),
            Int::Law(_) => (0..2).for_each(see),
        }
        match (even, odd) {
            (true, true) => ShapeOut::Varies,
            (_, false) => ShapeOut::Same,
            (false, true) => ShapeOut::Fixed(swapped(on)),
        }
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Drawn {
        Drawn { k: self.k.draw(rng).rem_euclid(4) as u8 }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        if !drawn.k.is_multiple_of(4) {
            let to = drawn.to(canvas.shape());
            canvas.redraw(to, |src, dst, _| tf_image::rot90(src, dst, drawn.k));
        }
    }

    fn place(drawn: &Drawn, on: Shape) -> Placement {
        let (right, bottom) = (on.width as f64 - 1.0, on.height as f64 - 1.0);
        let forward = match drawn.k % 4 {
            0 => return Placement::Unmoved,
            1 => [[0.0, 1.0, 0.0], [-1.0, 0.0, right]],
            2 => [[-1.0, 0.0, right], [0.0, -1.0, bottom]],
            _ => [[0.0, -1.0, bottom], [1.0, 0.0, 0.0]],
        };
        Placement::Affine { forward, to: drawn.to(on) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shape_is_known_where_all_turns_have_the_same_parity() {
        let on = Shape::gray(3, 5);
        let out = |text: &str| serde_json::from_str::<Rot90>(text).unwrap().shape_out(on);
        assert_eq!(out("{}"), ShapeOut::Fixed(Shape::gray(5, 3)));
        assert_eq!(out("{\"k\": [0, 1]}"), ShapeOut::Varies);
        assert_eq!(out("{\"k\": {\"choice\": [-1, 3]}}"), ShapeOut::Fixed(Shape::gray(5, 3)));
        assert_eq!(out("{\"k\": 2}"), ShapeOut::Same);
    }
}
