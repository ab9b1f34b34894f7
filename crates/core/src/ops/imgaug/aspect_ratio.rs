//! `pad_to_aspect_ratio` and `crop_to_aspect_ratio`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::common::{Anchor, Position};
use super::crop_and_pad::{self, Drawn, black, constant};
use super::fixed_size::amounts;
use crate::base::{Canvas, Shape, Stream};
use crate::kernels::crop_pad::PadMode;
use crate::ops::counterpart::{Class, Form};
use crate::ops::range::within;
use crate::ops::{Choice, Doc, Int, Op, Placement, Problem, ShapeOut};

fn anywhere() -> Position {
    Position::Named(Anchor::Uniform)
}

fn square() -> f64 {
    1.0
}

fn check(aspect_ratio: f64, position: &Position) -> Result<(), Problem> {
    within("aspect_ratio", &aspect_ratio, &(0.05..=20.0))?;
    position.check("position")
}

/// How many whole pixels an amount is: its halves, one rounded down and one up.
fn pixels(amount: f64) -> usize {
    (amount / 2.0).floor() as usize + (amount / 2.0).ceil() as usize
}

/// Adds rows or columns up to a ratio of width to height.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PadToAspectRatio {
    /// Width over height, 0.05..20.
    #[serde(default = "square")]
    pub aspect_ratio: f64,
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

impl PadToAspectRatio {
    fn to(&self, on: Shape) -> Shape {
        let (height, width) = (on.height as f64, on.width as f64);
        let ratio = width / height;
        if ratio < self.aspect_ratio {
            Shape::new(on.height, on.width + pixels(self.aspect_ratio * height - width), on.kind)
        } else if ratio > self.aspect_ratio {
            Shape::new(on.height + pixels((1.0 / self.aspect_ratio) * width - height), on.width, on.kind)
        } else {
            on
        }
    }
}

impl Op for PadToAspectRatio {
    type Drawn = Drawn;

    const IMGAUG: &'static [Class] = &[
        Class {
            name: "PadToAspectRatio",
            params: &[
                ("aspect_ratio", "aspect_ratio", Form::Number),
                ("pad_mode", "pad_mode", Form::Names),
                ("pad_cval", "pad_cval", Form::WholeGray),
                ("position", "position", Form::Place),
            ],
        },
        Class {
            name: "CenterPadToAspectRatio",
            params: &[
                ("aspect_ratio", "aspect_ratio", Form::Number),
                ("pad_mode", "pad_mode", Form::Names),
                ("pad_cval", "pad_cval", Form::WholeGray),
            ],
        },
        Class {
            name: "PadToSquare",
            params: &[
                ("pad_mode", "pad_mode", Form::Names),
                ("pad_cval", "pad_cval", Form::WholeGray),
                ("position", "position", Form::Place),
            ],
        },
        Class {
            name: "CenterPadToSquare",
            params: &[("pad_mode", "pad_mode", Form::Names), ("pad_cval", "pad_cval", Form::WholeGray)],
        },
    ];

    const DOC: Doc = Doc {
        summary: "Adds rows or columns up to a ratio of width to height.",
        notes: "With position uniform the last place of all is never drawn, as in imgaug.",
        short: Some("aspect_ratio"),
        examples: &[
            "pad_to_aspect_ratio: 1.5",
            "pad_to_aspect_ratio: { aspect_ratio: 0.5, position: center, pad_mode: edge }",
            "pad_to_aspect_ratio: { aspect_ratio: 1, pad_cval: [0, 255] }",
        ],
    };

    fn check(&self) -> Result<(), Problem> {
        check(self.aspect_ratio, &self.position)?;
        self.pad_mode.check("pad_mode")?;
        self.pad_cval.check("pad_cval", 0..=255)
    }

    fn shape_out(&self, on: Shape) -> ShapeOut {
        if on.pixels() == 0 { ShapeOut::Same } else { ShapeOut::Fixed(self.to(on)) }
    }

    fn draw(&self, on: Shape, rng: &mut Stream) -> Drawn {
        let position = self.position.draw(rng);
        let to = if on.pixels() == 0 { on } else { self.to(on) };
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

/// Removes rows or columns down to a ratio of width to height.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CropToAspectRatio {
    /// Width over height, 0.05..20.
    #[serde(default = "square")]
    pub aspect_ratio: f64,
    /// Where pixels are removed: left-top removes all of them at the left and the top.
    #[serde(default = "anywhere")]
    pub position: Position,
}

impl CropToAspectRatio {
    fn to(&self, on: Shape) -> Shape {
        let (height, width) = (on.height as f64, on.width as f64);
        let ratio = width / height;
        if ratio < self.aspect_ratio {
            let less = (height - width / self.aspect_ratio).min(height - 1.0);
            Shape::new(on.height - pixels(less), on.width, on.kind)
        } else if ratio > self.aspect_ratio {
            let less = (width - height * self.aspect_ratio).min(width - 1.0);
            Shape::new(on.height, on.width - pixels(less), on.kind)
        } else {
            on
        }
    }
}

impl Op for CropToAspectRatio {
    type Drawn = Drawn;

    const IMGAUG: &'static [Class] = &[
        Class {
            name: "CropToAspectRatio",
            params: &[("aspect_ratio", "aspect_ratio", Form::Number), ("position", "position", Form::Place)],
        },
        Class { name: "CenterCropToAspectRatio", params: &[("aspect_ratio", "aspect_ratio", Form::Number)] },
        Class { name: "CropToSquare", params: &[("position", "position", Form::Place)] },
        Class { name: "CenterCropToSquare", params: &[] },
    ];

    const DOC: Doc = Doc {
        summary: "Removes rows or columns down to a ratio of width to height.",
        notes: "At least one row and column stay. With position uniform the last place of all is never drawn, as in imgaug.",
        short: Some("aspect_ratio"),
        examples: &[
            "crop_to_aspect_ratio: 1.5",
            "crop_to_aspect_ratio: { aspect_ratio: 0.5, position: center }",
        ],
    };

    fn check(&self) -> Result<(), Problem> {
        check(self.aspect_ratio, &self.position)
    }

    fn shape_out(&self, on: Shape) -> ShapeOut {
        if on.pixels() == 0 { ShapeOut::Same } else { ShapeOut::Fixed(self.to(on)) }
    }

    fn draw(&self, on: Shape, rng: &mut Stream) -> Drawn {
        let position = self.position.draw(rng);
        let to = if on.pixels() == 0 { on } else { self.to(on) };
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Channels;

    /// What imgaug 0.4's functions for these amounts give.
    #[test]
    fn sizes_are_those_of_imgaug() {
        for (height, width, aspect_ratio, padded, cropped) in [
            (28, 28, 1.0, [28, 28], [28, 28]),
            (28, 28, 1.5, [28, 42], [19, 28]),
            (20, 31, 1.0, [31, 31], [20, 20]),
            (31, 20, 1.0, [31, 31], [20, 20]),
            (10, 15, 0.7, [21, 15], [10, 7]),
            (9, 7, 1.3, [9, 12], [6, 7]),
            (1, 5, 0.05, [100, 5], [1, 1]),
        ] {
            let on = Shape::new(height, width, Channels::Gray);
            let pad = PadToAspectRatio {
                aspect_ratio,
                pad_mode: constant(),
                pad_cval: black(),
                position: anywhere(),
            };
            let to = pad.to(on);
            assert_eq!([to.height, to.width], padded, "{height}x{width} to {aspect_ratio}");
            let to = CropToAspectRatio { aspect_ratio, position: anywhere() }.to(on);
            assert_eq!([to.height, to.width], cropped, "{height}x{width} to {aspect_ratio}");
        }
    }
}
