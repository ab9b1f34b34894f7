//! `albumentations.pad`, `pad_if_needed` and `crop_and_pad`: something is put around the image.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::common::{Fill, MOST, constant, plain, sized};
use super::framed::{Framed, paints_frames};
use crate::base::{Shape, Stream};
use crate::kernels::border::Border;
use crate::kernels::cv::area::Interpolation;
use crate::ops::range::within;
use crate::ops::{Doc, Int, Op, Param, Problem, ShapeOut};

/// Puts pixels around the image, as Albumentations' `Pad` does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AlbPad {
    /// Columns on the left, rows above, columns on the right, rows below.
    pub padding: [usize; 4],
    /// What lies there.
    #[serde(default = "constant")]
    pub border: Border,
    /// Its color, where it is constant.
    #[serde(default)]
    pub fill: Fill,
}

impl AlbPad {
    fn framed(&self, on: Shape) -> Framed {
        let [left, top, right, bottom] = self.padding;
        Framed {
            pad: [top, bottom, left, right],
            border: self.border,
            fill: self.fill,
            ..Framed::part([0, 0, on.height, on.width])
        }
    }
}

impl Op for AlbPad {
    type Drawn = Framed;

    const DOC: Doc = Doc {
        summary: "Puts pixels around the image, as Albumentations' Pad does.",
        notes: "",
        short: Some("padding"),
        examples: &[
            "albumentations.pad: [1, 2, 3, 4]",
            "albumentations.pad: { padding: [5, 0, 40, 0], border: reflect }",
        ],
    };

    fn check(&self) -> Result<(), Problem> {
        self.padding.iter().try_for_each(|n| within("padding", n, &(0..=4096)))
    }

    fn shape_out(&self, on: Shape) -> ShapeOut {
        ShapeOut::Fixed(self.framed(on).to(on))
    }

    fn draw(&self, on: Shape, _: &mut Stream) -> Framed {
        self.framed(on)
    }

    paints_frames!();
}

crate::named! {
    /// Where the image lies.
    pub enum Position {
        /// In the middle.
        Center = "center",
        /// At the top left.
        TopLeft = "top_left",
        /// At the top right.
        TopRight = "top_right",
        /// At the bottom left.
        BottomLeft = "bottom_left",
        /// At the bottom right.
        BottomRight = "bottom_right",
        /// Anywhere, all places equally likely.
        Random = "random",
    }
}

/// Puts pixels around images that are too small, as Albumentations' `PadIfNeeded` does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PadIfNeeded {
    /// Rows at least.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_height: Option<usize>,
    /// Columns at least.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_width: Option<usize>,
    /// Instead, a number that the rows become a multiple of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pad_height_divisor: Option<usize>,
    /// Instead, a number that the columns become a multiple of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pad_width_divisor: Option<usize>,
    /// Where the image lies.
    #[serde(default = "center")]
    pub position: Position,
    /// What lies around it.
    #[serde(default = "constant")]
    pub border: Border,
    /// Its color, where it is constant.
    #[serde(default)]
    pub fill: Fill,
}

fn center() -> Position {
    Position::Center
}

impl PadIfNeeded {
    /// Rows and columns that are missing.
    fn missing(&self, on: Shape) -> [usize; 2] {
        let axis = |n: usize, least: Option<usize>, divisor: Option<usize>| match (least, divisor) {
            (Some(least), _) => least.saturating_sub(n),
            (None, Some(divisor)) => n.next_multiple_of(divisor) - n,
            (None, None) => 0,
        };
        [
            axis(on.height, self.min_height, self.pad_height_divisor),
            axis(on.width, self.min_width, self.pad_width_divisor),
        ]
    }
}

impl Op for PadIfNeeded {
    type Drawn = Framed;

    const DOC: Doc = Doc {
        summary: "Puts pixels around images that are too small, as Albumentations' PadIfNeeded does.",
        notes: "In the middle means half a pixel higher and further left.",
        short: None,
        examples: &[
            "albumentations.pad_if_needed: { min_height: 40, min_width: 33 }",
            "albumentations.pad_if_needed: { pad_height_divisor: 32, min_width: 40, position: random, border: reflect }",
            "albumentations.pad_if_needed: { min_height: 50, min_width: 40, position: bottom_right, fill: 128 }",
        ],
    };

    fn check(&self) -> Result<(), Problem> {
        let axes = [
            ("min_height", self.min_height, "pad_height_divisor", self.pad_height_divisor),
            ("min_width", self.min_width, "pad_width_divisor", self.pad_width_divisor),
        ];
        for (first, least, second, divisor) in axes {
            least.map_or(Ok(()), |n| within(first, &n, &(1..=4096)))?;
            divisor.map_or(Ok(()), |n| within(second, &n, &(1..=4096)))?;
            if least.is_some() == divisor.is_some() {
                return Err(Problem::new(first, format!("either {first} or {second} must be given")));
            }
        }
        Ok(())
    }

    fn shape_out(&self, on: Shape) -> ShapeOut {
        let [rows, columns] = self.missing(on);
        ShapeOut::Fixed(sized(on, [on.height + rows, on.width + columns]))
    }

    fn draw(&self, on: Shape, rng: &mut Stream) -> Framed {
        let [rows, columns] = self.missing(on);
        let [top, left] = match self.position {
            Position::Center => [rows / 2, columns / 2],
            Position::TopLeft => [0, 0],
            Position::TopRight => [0, columns],
            Position::BottomLeft => [rows, 0],
            Position::BottomRight => [rows, columns],
            Position::Random => [rows, columns].map(|n| rng.index(n + 1)),
        };
        Framed {
            pad: [top, rows - top, left, columns - left],
            border: self.border,
            fill: self.fill,
            ..Framed::part([0, 0, on.height, on.width])
        }
    }

    paints_frames!();
}

/// Cuts off or puts on something at each side, as Albumentations' `CropAndPad` does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AlbCropAndPad {
    /// Pixels above, on the right, below and on the left; below 0 they are cut off. One value is that of all sides.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub px: Vec<Int>,
    /// Instead, fractions of height and width.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub percent: Vec<Param>,
    /// Whether the image keeps its size.
    #[serde(default = "yes")]
    pub keep_size: bool,
    /// Whether one value is drawn for each side, or one for all.
    #[serde(default = "yes")]
    pub sample_independently: bool,
    /// How pixels are found: `nearest`, `linear`, `cubic` or `area`.
    #[serde(default = "plain")]
    pub interpolation: Interpolation,
    /// What is put around it.
    #[serde(default = "constant")]
    pub border: Border,
    /// Its color, where it is constant: a number, or one that is drawn for each image.
    #[serde(default = "black")]
    pub fill: Param,
}

fn yes() -> bool {
    true
}

fn black() -> Param {
    Param::Constant(0.0)
}

/// What is cut off both ends of an axis of `n` pixels, so that one is left.
fn leave_one([before, after]: [usize; 2], n: usize) -> [usize; 2] {
    if before + after < n {
        return [before, after];
    }
    let regain = n + 1;
    let (mut first, mut second) = (regain / 2 + regain % 2, regain / 2);
    if first > before {
        second += first - before;
        first = before;
    } else if second > after {
        first += second - after;
        second = after;
    }
    // Where that leaves nothing, Albumentations stops with an error.
    let before = before.saturating_sub(first).min(n.saturating_sub(1));
    [before, after.saturating_sub(second).min(n.saturating_sub(before + 1))]
}

impl AlbCropAndPad {
    /// Pixels of the four sides.
    fn sides(&self, on: Shape, rng: &mut Stream) -> [i64; 4] {
        let one_for_all = self.px.len().max(self.percent.len()) == 1;
        let mut common = None;
        let mut draw = |side: usize| {
            if let Some(common) = common {
                return common;
            }
            let index = if one_for_all { 0 } else { side };
            let value = match self.px.get(index) {
                Some(px) => px.draw(rng) as f64,
                None => self.percent.get(index).map_or(0.0, |percent| percent.draw(rng)),
            };
            if one_for_all && !self.sample_independently {
                common = Some(value);
            }
            value
        };
        let values = [0, 1, 2, 3].map(&mut draw);
        let most = MOST as f64;
        if self.px.is_empty() {
            let size = [on.height, on.width, on.height, on.width];
            [0, 1, 2, 3].map(|side| (values[side] * size[side] as f64).clamp(-most, most) as i64)
        } else {
            values.map(|value| value.clamp(-most, most) as i64)
        }
    }
}

impl Op for AlbCropAndPad {
    type Drawn = Framed;

    const DOC: Doc = Doc {
        summary: "Cuts off or puts on something at each side, as Albumentations' CropAndPad does.",
        notes: "Fractions of pixels are cut off.",
        short: Some("px"),
        examples: &[
            "albumentations.crop_and_pad: { px: [[-3, 4]] }",
            "albumentations.crop_and_pad: { percent: [0.1, -0.1, [0, 0.2], { choice: [-0.2, 0.3] }], border: reflect, interpolation: area }",
            "albumentations.crop_and_pad: { px: [2, 0, -4, 3], keep_size: false, fill: [0, 255] }",
            "albumentations.crop_and_pad: { percent: [[-0.2, 0.2]], sample_independently: false, fill: { choice: [0, 128] } }",
        ],
    };

    fn check(&self) -> Result<(), Problem> {
        let field = match (self.px.len(), self.percent.len()) {
            (1 | 4, 0) => "px",
            (0, 1 | 4) => "percent",
            _ => return Err(Problem::new("px", "either px or percent has a value, or four of them")),
        };
        for px in &self.px {
            px.check(field, -4096..=4096)?;
        }
        for percent in &self.percent {
            percent.check(field, -1.0..=10.0)?;
        }
        self.fill.check("fill", 0.0..=255.0)
    }

    fn shape_out(&self, on: Shape) -> ShapeOut {
        let drawn = self.px.iter().any(|px| !matches!(px, Int::Constant(_)))
            || self.percent.iter().any(|percent| !matches!(percent, Param::Constant(_)));
        match (self.keep_size, drawn) {
            (true, _) => ShapeOut::Same,
            (false, true) => ShapeOut::Varies,
            (false, false) => ShapeOut::Fixed(self.draw(on, &mut Stream::of_key(0)).to(on)),
        }
    }

    fn draw(&self, on: Shape, rng: &mut Stream) -> Framed {
        let sides = self.sides(on, rng);
        let [top, right, bottom, left] = sides.map(|n| (-n).max(0) as usize);
        let [top, bottom] = leave_one([top, bottom], on.height);
        let [left, right] = leave_one([left, right], on.width);
        let [above, after, below, before] = sides.map(|n| n.max(0) as usize);
        let fill = Fill::One(self.fill.draw(rng).round_ties_even() as u8);
        Framed {
            pad: [above, below, before, after],
            border: self.border,
            fill,
            size: self.keep_size.then_some([on.height, on.width]),
            interpolation: self.interpolation,
            ..Framed::part([
                top,
                left,
                on.height.saturating_sub(top + bottom),
                on.width.saturating_sub(left + right),
            ])
        }
    }

    paints_frames!();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn something_is_left_of_every_axis() {
        for (cut, n) in
            [([20, 20], 28), ([28, 0], 28), ([0, 40], 28), ([1, 2], 28), ([100, 100], 5), ([0, 3], 1)]
        {
            let [before, after] = leave_one(cut, n);
            assert!(before + after < n && before <= cut[0] && after <= cut[1], "{before} {after}");
        }
    }

    #[test]
    fn sides_are_drawn_together_or_apart() {
        let draw = |apart: bool| {
            let text = format!("{{\"px\": [[-5, 9]], \"sample_independently\": {apart}}}");
            let op: AlbCropAndPad = serde_json::from_str(&text).unwrap();
            op.sides(Shape::gray(28, 28), &mut Stream::of_key(3))
        };
        let together = draw(false);
        assert!(together.iter().all(|side| *side == together[0]), "{together:?}");
        assert!(draw(true).windows(2).any(|pair| pair[0] != pair[1]));
    }
}
