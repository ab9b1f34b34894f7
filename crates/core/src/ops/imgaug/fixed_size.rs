//! `pad_to_fixed_size` and `crop_to_fixed_size`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::common::{Anchor, Position};
use super::crop_and_pad::{self, Drawn, black, constant};
use crate::base::{Canvas, Shape, Stream};
use crate::kernels::crop_pad::PadMode;
use crate::ops::counterpart::{Class, Form};
use crate::ops::range::within;
use crate::ops::{Choice, Doc, Int, Op, Placement, Problem, ShapeOut};

fn anywhere() -> Position {
    Position::Named(Anchor::Uniform)
}

fn check(width: Option<usize>, height: Option<usize>, position: &Position) -> Result<(), Problem> {
    for (field, side) in [("width", width), ("height", height)] {
        if let Some(side) = side {
            within(field, &side, &(1..=4096))?;
        }
    }
    position.check("position")
}

/// What is added (or, below 0, removed) at the top, right, bottom and left from one size to another; `x` and `y` of the position say where the
/// image's own end is.
pub(super) fn amounts(on: Shape, to: Shape, [x, y]: [f64; 2]) -> [i32; 4] {
    let split = |on: usize, to: usize, share: f64| {
        let free = on.abs_diff(to);
        let before = ((1.0 - share) * free as f64).clamp(0.0, free as f64) as usize;
        [before, free - before].map(|amount| if to < on { -(amount as i32) } else { amount as i32 })
    };
    let [top, bottom] = split(on.height, to.height, y);
    let [left, right] = split(on.width, to.width, x);
    [top, right, bottom, left]
}

/// Adds rows and columns up to a size.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PadToFixedSize {
    /// Columns, 1..4096; an image that has more stays as wide. Left out: as many as there are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<usize>,
    /// Rows, 1..4096; an image that has more stays as high. Left out: as many as there are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<usize>,
    /// What padded pixels are made of; one mode per image.
    #[serde(default = "constant")]
    pub pad_mode: Choice<PadMode>,
    /// Gray level 0..255 of the modes constant and linear_ramp, the same in all channels.
    #[serde(default = "black")]
    pub pad_cval: Int,
    /// Where pixels are added: left-top adds all of them at the left and the top.
    #[serde(default = "anywhere")]
    pub position: Position,
}

impl PadToFixedSize {
    fn to(&self, on: Shape) -> Shape {
        let side = |wanted: Option<usize>, own: usize| wanted.unwrap_or(own).max(own);
        Shape::new(side(self.height, on.height), side(self.width, on.width), on.kind)
    }
}

impl Op for PadToFixedSize {
    type Drawn = Drawn;

    const IMGAUG: &'static [Class] = &[
        Class {
            name: "PadToFixedSize",
            params: &[
                ("width", "width", Form::Count),
                ("height", "height", Form::Count),
                ("pad_mode", "pad_mode", Form::Names),
                ("pad_cval", "pad_cval", Form::WholeGray),
                ("position", "position", Form::Place),
            ],
        },
        Class {
            name: "CenterPadToFixedSize",
            params: &[
                ("width", "width", Form::Count),
                ("height", "height", Form::Count),
                ("pad_mode", "pad_mode", Form::Names),
                ("pad_cval", "pad_cval", Form::WholeGray),
            ],
        },
    ];

    const DOC: Doc = Doc {
        summary: "Adds rows and columns up to a size.",
        notes: "What is larger already stays. With position uniform the last place of all is never drawn, as in imgaug.",
        short: None,
        examples: &[
            "pad_to_fixed_size: { width: 32, height: 36 }",
            "pad_to_fixed_size: { width: 64, height: 64, position: center, pad_mode: [edge, constant], pad_cval: [0, 255] }",
            "pad_to_fixed_size: { width: 40, position: { x: [0, 1], y: 0.5 } }",
        ],
    };

    fn check(&self) -> Result<(), Problem> {
        check(self.width, self.height, &self.position)?;
        self.pad_mode.check("pad_mode")?;
        self.pad_cval.check("pad_cval", 0..=255)
    }

    fn shape_out(&self, on: Shape) -> ShapeOut {
        if on.pixels() == 0 { ShapeOut::Same } else { ShapeOut::Fixed(self.to(on)) }
    }

    fn draw(&self, on: Shape, rng: &mut Stream) -> Drawn {
        let position = self.position.draw(rng);
        let to = self.to(on);
        Drawn {
            amounts: amounts(on, to, position),
            pad_mode: self.pad_mode.draw(rng),
            pad_cval: self.pad_cval.draw(rng) as u8,
            keep_size: false,
        }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        crop_and_pad::paint(drawn, canvas);
    }

    fn place(drawn: &Drawn, on: Shape) -> Placement {
        crop_and_pad::place(drawn, on)
    }
}

/// Removes rows and columns down to a size.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CropToFixedSize {
    /// Columns, 1..4096; an image that has fewer stays as wide. Left out: as many as there are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<usize>,
    /// Rows, 1..4096; an image that has fewer stays as high. Left out: as many as there are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<usize>,
    /// Where pixels are removed: left-top removes all of them at the left and the top.
    #[serde(default = "anywhere")]
    pub position: Position,
}

impl CropToFixedSize {
    fn to(&self, on: Shape) -> Shape {
        let side = |wanted: Option<usize>, own: usize| wanted.unwrap_or(own).min(own);
        Shape::new(side(self.height, on.height), side(self.width, on.width), on.kind)
    }
}

impl Op for CropToFixedSize {
    type Drawn = Drawn;

    const IMGAUG: &'static [Class] = &[
        Class {
            name: "CropToFixedSize",
            params: &[
                ("width", "width", Form::Count),
                ("height", "height", Form::Count),
                ("position", "position", Form::Place),
            ],
        },
        Class {
            name: "CenterCropToFixedSize",
            params: &[("width", "width", Form::Count), ("height", "height", Form::Count)],
        },
    ];

    const DOC: Doc = Doc {
        summary: "Removes rows and columns down to a size.",
        notes: "What is smaller already stays. With position uniform the last place of all is never drawn, as in imgaug.",
        short: None,
        examples: &[
            "crop_to_fixed_size: { width: 20, height: 24 }",
            "crop_to_fixed_size: { width: 20, height: 20, position: center }",
            "crop_to_fixed_size: { height: 24, position: { x: 0.5, y: [0, 1] } }",
        ],
    };

    fn check(&self) -> Result<(), Problem> {
        check(self.width, self.height, &self.position)
    }

    fn shape_out(&self, on: Shape) -> ShapeOut {
        if on.pixels() == 0 { ShapeOut::Same } else { ShapeOut::Fixed(self.to(on)) }
    }

    fn draw(&self, on: Shape, rng: &mut Stream) -> Drawn {
        let position = self.position.draw(rng);
        let to = self.to(on);
        Drawn {
            amounts: amounts(on, to, position),
            pad_mode: PadMode::Constant,
            pad_cval: 0,
            keep_size: false,
        }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        crop_and_pad::paint(drawn, canvas);
    }

    fn place(drawn: &Drawn, on: Shape) -> Placement {
        crop_and_pad::place(drawn, on)
    }
}
