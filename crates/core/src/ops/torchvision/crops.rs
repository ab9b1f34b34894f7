//! `torchvision.center_crop`, `torchvision.pad`, `torchvision.random_crop`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::common::{Fill, PaddingMode, check_size, sized};
use crate::base::{Canvas, Shape, Stream};
use crate::kernels::pil;
use crate::ops::counterpart::{Argument, Takes, Transform};
use crate::ops::{Doc, Op, Placement, Problem, ShapeOut};

/// The most pixels that a side may be padded by.
const MOST: usize = 4096;

/// Which part of the image, with what lies around it, is kept.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// First row, counted from the image's first one.
    pub top: i64,
    /// First column.
    pub left: i64,
    /// Height and width.
    pub size: [usize; 2],
    /// What lies around the image.
    pub padding_mode: PaddingMode,
    /// The value of what lies around it.
    pub fill: [u8; 3],
}

impl Part {
    fn paint(&self, canvas: &mut Canvas) {
        let to = sized(canvas.shape(), self.size);
        let margin = self.padding_mode.margin(self.fill);
        canvas.redraw(to, |src, dst, _| pil::padded(src, dst, self.top, self.left, margin));
    }

    fn place(&self, on: Shape) -> Placement {
        let forward = [[1.0, 0.0, -self.left as f64], [0.0, 1.0, -self.top as f64]];
        Placement::Affine { forward, to: sized(on, self.size) }
    }
}

macro_rules! parts {
    ($($op:ident),+) => {$(
        impl $op {
            fn to(&self, on: Shape) -> Shape {
                sized(on, self.size_on(on))
            }
        }
    )+};
}

parts! { CenterCrop, TvPad, TvRandomCrop }

/// Keeps the middle of the image, as torchvision's `CenterCrop` does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CenterCrop {
    /// Rows and columns that are kept, `[height, width]`.
    pub size: [usize; 2],
}

impl CenterCrop {
    fn size_on(&self, _: Shape) -> [usize; 2] {
        self.size
    }
}

impl Op for CenterCrop {
    type Drawn = Part;

    const TORCHVISION: Option<Transform> = Some(Transform {
        name: "CenterCrop",
        arguments: &[Argument::Plain("size", "size")],
        takes: Takes::Pictures,
    });

    const DOC: Doc = Doc {
        summary: "Keeps the middle of the image, as torchvision's CenterCrop does.",
        notes: "An image that is too small is padded with 0. Half a pixel is rounded to the even side: 28 to 21 leaves out 4 \
                rows above.",
        short: Some("size"),
        examples: &["torchvision.center_crop: [24, 20]", "torchvision.center_crop: { size: [32, 32] }"],
    };

    fn check(&self) -> Result<(), Problem> {
        check_size("size", self.size)
    }

    fn shape_out(&self, on: Shape) -> ShapeOut {
        ShapeOut::Fixed(self.to(on))
    }

    fn draw(&self, on: Shape, _: &mut Stream) -> Part {
        let first = |n: usize, size: usize| {
            // Too small: half of what is missing lies above; then nothing is left to cut.
            if size > n {
                -(((size - n) / 2) as i64)
            } else {
                ((n - size) as f64 / 2.0).round_ties_even() as i64
            }
        };
        Part {
            top: first(on.height, self.size[0]),
            left: first(on.width, self.size[1]),
            size: self.size,
            padding_mode: PaddingMode::Constant,
            fill: [0; 3],
        }
    }

    fn paint(drawn: &Part, canvas: &mut Canvas) {
        drawn.paint(canvas);
    }

    fn place(drawn: &Part, on: Shape) -> Placement {
        drawn.place(on)
    }
}

/// Adds pixels around the image, as torchvision's `Pad` does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TvPad {
    /// Pixels to add, `[left, top, right, bottom]`.
    pub padding: [usize; 4],
    /// What they are.
    #[serde(default = "constant")]
    pub padding_mode: PaddingMode,
    /// The value of constant ones.
    #[serde(default)]
    pub fill: Fill,
}

fn constant() -> PaddingMode {
    PaddingMode::Constant
}

fn check_padding(padding: [usize; 4]) -> Result<(), Problem> {
    padding.iter().try_for_each(|side| crate::ops::range::within("padding", side, &(0..=MOST)))
}

impl TvPad {
    fn size_on(&self, on: Shape) -> [usize; 2] {
        let [left, top, right, bottom] = self.padding;
        [on.height + top + bottom, on.width + left + right]
    }
}

impl Op for TvPad {
    type Drawn = Part;

    const TORCHVISION: Option<Transform> = Some(Transform {
        name: "Pad",
        arguments: &[
            Argument::Plain("padding", "padding"),
            Argument::Plain("fill", "fill"),
            Argument::Plain("padding_mode", "padding_mode"),
        ],
        takes: Takes::Pictures,
    });

    const DOC: Doc = Doc {
        summary: "Adds pixels around the image, as torchvision's Pad does.",
        notes: "",
        short: Some("padding"),
        examples: &[
            "torchvision.pad: [2, 2, 2, 2]",
            "torchvision.pad: { padding: [1, 0, 3, 2], padding_mode: reflect }",
            "torchvision.pad: { padding: [1, 0, 3, 2], fill: [9, 0, 200] }",
        ],
    };

    fn check(&self) -> Result<(), Problem> {
        check_padding(self.padding)
    }

    fn shape_out(&self, on: Shape) -> ShapeOut {
        ShapeOut::Fixed(self.to(on))
    }

    fn draw(&self, on: Shape, _: &mut Stream) -> Part {
        Part {
            top: -(self.padding[1] as i64),
            left: -(self.padding[0] as i64),
            size: self.size_on(on),
            padding_mode: self.padding_mode,
            fill: self.fill.channels(),
        }
    }

    fn paint(drawn: &Part, canvas: &mut Canvas) {
        drawn.paint(canvas);
    }

    fn place(drawn: &Part, on: Shape) -> Placement {
        drawn.place(on)
    }
}

/// Keeps a part from a random place of the padded image, as torchvision's `RandomCrop` does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TvRandomCrop {
    /// Rows and columns that are kept, `[height, width]`; as many as the image has if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<[usize; 2]>,
    /// Pixels to add first, `[left, top, right, bottom]`.
    #[serde(default)]
    pub padding: [usize; 4],
    /// Pad sides that are too short by what is missing, at both ends.
    #[serde(default)]
    pub pad_if_needed: bool,
    /// What is added.
    #[serde(default = "constant")]
    pub padding_mode: PaddingMode,
    /// The value of constant pixels.
    #[serde(default)]
    pub fill: Fill,
}

impl TvRandomCrop {
    fn size_on(&self, on: Shape) -> [usize; 2] {
        self.size.unwrap_or([on.height, on.width])
    }
}

impl Op for TvRandomCrop {
    type Drawn = Part;

    const TORCHVISION: Option<Transform> = Some(Transform {
        name: "RandomCrop",
        arguments: &[
            Argument::Needed("size", "size"),
            Argument::Plain("padding", "padding"),
            Argument::Plain("pad_if_needed", "pad_if_needed"),
            Argument::Plain("fill", "fill"),
            Argument::Plain("padding_mode", "padding_mode"),
        ],
        takes: Takes::Pictures,
    });

    const DOC: Doc = Doc {
        summary: "Keeps a part from a random place of the padded image, as torchvision's RandomCrop does.",
        notes: "All places are equally likely. A side that is still too short is padded at its ends as far as needed, where \
                torchvision stops with an error unless pad_if_needed is set.",
        short: Some("size"),
        examples: &[
            "torchvision.random_crop: [24, 24]",
            "torchvision.random_crop: { size: [28, 28], padding: [4, 4, 4, 4], padding_mode: reflect }",
            "torchvision.random_crop: { size: [32, 30], pad_if_needed: true, fill: 9 }",
            "torchvision.random_crop: { padding: [4, 4, 4, 4] }",
        ],
    };

    fn check(&self) -> Result<(), Problem> {
        self.size.map_or(Ok(()), |size| check_size("size", size))?;
        check_padding(self.padding)
    }

    fn shape_out(&self, on: Shape) -> ShapeOut {
        ShapeOut::Fixed(self.to(on))
    }

    fn draw(&self, on: Shape, rng: &mut Stream) -> Part {
        let [left, top, right, bottom] = self.padding.map(|side| side as i64);
        let size = self.size_on(on);
        let mut first = |n: usize, size: usize, before: i64, after: i64| {
            let (length, size) = (n as i64 + before + after, size as i64);
            let missing = (size - length).max(0);
            // Both ends get what is missing, so that there are as many places again.
            rng.integer(0, length + 2 * missing - size) - before - missing
        };
        let top = first(on.height, size[0], top, bottom);
        let left = first(on.width, size[1], left, right);
        Part { top, left, size, padding_mode: self.padding_mode, fill: self.fill.channels() }
    }

    fn paint(drawn: &Part, canvas: &mut Canvas) {
        drawn.paint(canvas);
    }

    fn place(drawn: &Part, on: Shape) -> Placement {
        drawn.place(on)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::draws;

    #[test]
    fn all_places_are_drawn_and_none_beyond() {
        let op: TvRandomCrop = serde_json::from_str(r#"{"size":[28,28],"padding":[4,2,4,2]}"#).unwrap();
        let (mut tops, mut lefts): (Vec<i64>, Vec<i64>) = draws(&op, 2000).map(|d| (d.top, d.left)).unzip();
        tops.sort_unstable();
        tops.dedup();
        lefts.sort_unstable();
        lefts.dedup();
        assert_eq!(tops, (-2..=2).collect::<Vec<_>>());
        assert_eq!(lefts, (-4..=4).collect::<Vec<_>>());
    }
}
