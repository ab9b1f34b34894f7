//! `resize`: brings the image to a given size.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::base::{Canvas, Shape, Stream};
use crate::kernels::resize::{self, Interpolation};
use crate::kernels::resize_tf::{self, Method};
use crate::ops::range::within;
use crate::ops::{Doc, Op, Placement, Problem, ShapeOut};

crate::named! {
    for Interpolation {
        Auto = "auto",
        Nearest = "nearest",
        Linear = "linear",
        Cubic = "cubic",
    }
}

crate::named! {
    for Method {
        Nearest = "nearest",
        Bilinear = "bilinear",
        Area = "area",
    }
}

/// Brings the image to a given size.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Resize {
    /// Rows, 1..4096.
    pub height: usize,
    /// Columns, 1..4096.
    pub width: usize,
    /// How the new pixels are found. `auto` is what imgaug's keep_size does.
    #[serde(default = "auto")]
    pub interpolation: Interpolation,
    /// A method of tf.image.resize instead, by its rules.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<Method>,
}

fn auto() -> Interpolation {
    Interpolation::Auto
}

/// The new size.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
    /// How the new pixels are found,
    pub interpolation: Interpolation,
    /// or by which of tf.image's methods.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<Method>,
}

impl Drawn {
    fn to(self, on: Shape) -> Shape {
        Shape::new(self.height, self.width, on.kind)
    }
}

impl Op for Resize {
    type Drawn = Drawn;

    const DOC: Doc = Doc {
        summary: "Brings the image to a given size.",
        notes: "Put it after a step that makes images of different sizes. A method is that of tf.image.resize, \
                with pixel centers at halves, without antialiasing, and results rounded half to even.",
        short: None,
        examples: &[
            "resize: { height: 32, width: 32 }",
            "resize: { height: 9, width: 40, interpolation: cubic }",
            "resize: { height: 14, width: 20, method: area }",
        ],
    };

    fn check(&self) -> Result<(), Problem> {
        for (field, side) in [("height", self.height), ("width", self.width)] {
            within(field, &side, &(1..=4096))?;
        }
        if self.method.is_some() && self.interpolation != Interpolation::Auto {
            return Err(Problem::new("method", "method and interpolation exclude each other"));
        }
        Ok(())
    }

    fn shape_out(&self, on: Shape) -> ShapeOut {
        ShapeOut::Fixed(Shape::new(self.height, self.width, on.kind))
    }

    fn draw(&self, _: Shape, _: &mut Stream) -> Drawn {
        Drawn {
            height: self.height,
            width: self.width,
            interpolation: self.interpolation,
            method: self.method,
        }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        let to = drawn.to(canvas.shape());
        if to == canvas.shape() {
            return;
        }
        canvas.redraw(to, |src, dst, scratch| match drawn.method {
            Some(method) => resize_tf::resize(src, dst, method, scratch),
            None => resize::resize(src, dst, drawn.interpolation, scratch),
        });
    }

    fn place(drawn: &Drawn, on: Shape) -> Placement {
        let to = drawn.to(on);
        let axis = |new: usize, old: usize| {
            let scale = new as f64 / old.max(1) as f64;
            (scale, 0.5 * scale - 0.5)
        };
        let ((sx, tx), (sy, ty)) = (axis(to.width, on.width), axis(to.height, on.height));
        Placement::Affine { forward: [[sx, 0.0, tx], [0.0, sy, ty]], to }
    }
}
