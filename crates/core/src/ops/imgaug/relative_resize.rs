//! `imgaug.resize`: brings images to a drawn size.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};

use crate::base::{Canvas, Image, ImageMut, Scratch, Shape, Stream};
use crate::kernels::fit;
use crate::kernels::resize::{self, Interpolation};
use crate::ops::{Choice, Doc, Int, Op, Param, Placement, Problem, ShapeOut};

crate::named! {
    /// How pixels are found.
    pub enum Method {
        /// The nearest pixel.
        Nearest = "nearest",
        /// Bilinear.
        Linear = "linear",
        /// The mean over the area that a pixel covers; where an axis grows, as imgaug's keep_size does.
        Area = "area",
        /// Cubic convolution.
        Cubic = "cubic",
    }
}

impl Method {
    /// Resizes by OpenCV's rules.
    pub(crate) fn resize(self, src: Image<'_>, dst: ImageMut<'_>, scratch: &mut Scratch) {
        let (from, to) = (src.shape, dst.shape);
        let grows = to.height > from.height || to.width > from.width;
        let halves = from.height == 2 * to.height && from.width == 2 * to.width;
        match self {
            Self::Nearest => resize::resize(src, dst, Interpolation::Nearest, scratch),
            Self::Linear | Self::Area if halves => halve(src, dst),
            Self::Linear => resize::resize(src, dst, Interpolation::Linear, scratch),
            Self::Area if grows => resize::resize(src, dst, Interpolation::Auto, scratch),
            Self::Area => fit::area(src, dst, scratch),
            Self::Cubic => resize::resize(src, dst, Interpolation::Cubic, scratch),
        }
    }
}

/// Half of both sides: (a + b + c + d + 2) / 4, cut off.
fn halve(src: Image<'_>, mut dst: ImageMut<'_>) {
    let channels = src.shape.channels();
    for y in 0..dst.shape.height {
        let (upper, lower) = (src.row(2 * y), src.row(2 * y + 1));
        for (i, out) in dst.row_mut(y).iter_mut().enumerate() {
            let at = i / channels * 2 * channels + i % channels;
            let sum: u16 = [upper[at], upper[at + channels], lower[at], lower[at + channels]]
                .map(u16::from)
                .iter()
                .sum();
            *out = ((sum + 2) >> 2) as u8;
        }
    }
}

/// The length of a side: `{px: 28}`, `{factor: [0.5, 1.5]}`, `keep` or `keep-aspect-ratio`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged, expecting = "a side: {px: ...}, {factor: ...}, keep or keep-aspect-ratio")]
pub enum Side {
    /// By itself.
    Kept(Kept),
    /// Whole pixels.
    Pixels(Pixels),
    /// Times the length that it has.
    Factor(Factor),
}

crate::named! {
    /// A side that nothing is drawn for.
    pub enum Kept {
        /// As long as it is.
        Keep = "keep",
        /// As the other side changes.
        KeepAspectRatio = "keep-aspect-ratio",
    }
}

/// Whole pixels.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Pixels {
    /// Pixels, 1..4096.
    pub px: Int,
}

/// Times the length that it has.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Factor {
    /// The factor, above 0 and up to 64; the result is rounded half to even and at least 1.
    pub factor: Param,
}

impl JsonSchema for Side {
    fn schema_name() -> Cow<'static, str> {
        "side".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let kept = generator.subschema_for::<Kept>();
        let (px, factor) = (generator.subschema_for::<Pixels>(), generator.subschema_for::<Factor>());
        schemars::json_schema!({ "anyOf": [px, factor, kept] })
    }
}

impl Side {
    fn check(&self, field: &str) -> Result<(), Problem> {
        match self {
            Self::Kept(_) => Ok(()),
            Self::Pixels(Pixels { px }) => px.check("px", 1..=4096).map_err(|problem| problem.inside(field)),
            Self::Factor(Factor { factor }) => {
                factor.check("factor", 1e-3..=64.0).map_err(|problem| problem.inside(field))
            }
        }
    }

    fn is_constant(&self) -> bool {
        matches!(
            self,
            Self::Kept(_)
                | Self::Pixels(Pixels { px: Int::Constant(_) })
                | Self::Factor(Factor { factor: Param::Constant(_) })
        )
    }
}

/// A length as it was drawn, before it is known what it is of.
#[derive(Clone, Copy)]
enum Length {
    Keep,
    Ratio,
    Pixels(usize),
    Factor(f64),
}

/// Brings images to a size that is drawn, or relative to the size that they have.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RelativeResize {
    /// Both sides, of one draw; excludes the others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<Side>,
    /// Rows. Left out where `width` is given: as many as there are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<Side>,
    /// Columns. Left out where `height` is given: as many as there are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<Side>,
    /// The shorter side instead; of a square, its width.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shorter_side: Option<Side>,
    /// The longer side instead; of a square, its height.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub longer_side: Option<Side>,
    /// How the new pixels are found; a list is a choice.
    #[serde(default = "cubic")]
    pub interpolation: Choice<Method>,
}

fn cubic() -> Choice<Method> {
    Choice::One(Method::Cubic)
}

/// The new size.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
    /// How the new pixels are found.
    pub interpolation: Method,
}

/// Images do not become larger than this.
const MOST: f64 = 65_535.0;

impl RelativeResize {
    fn sides(&self) -> [&Option<Side>; 5] {
        [&self.size, &self.height, &self.width, &self.shorter_side, &self.longer_side]
    }

    fn draw_size(&self, on: Shape, rng: &mut Stream) -> (usize, usize) {
        let mut draw = |side: &Option<Side>| match side {
            None | Some(Side::Kept(Kept::Keep)) => Length::Keep,
            Some(Side::Kept(Kept::KeepAspectRatio)) => Length::Ratio,
            Some(Side::Pixels(Pixels { px })) => Length::Pixels(px.draw(rng) as usize),
            Some(Side::Factor(Factor { factor })) => Length::Factor(factor.draw(rng)),
        };
        let (height, width) = if self.size.is_some() {
            let both = draw(&self.size);
            (both, both)
        } else if self.shorter_side.is_some() || self.longer_side.is_some() {
            let (shorter, longer) = (draw(&self.shorter_side), draw(&self.longer_side));
            if on.height < on.width { (shorter, longer) } else { (longer, shorter) }
        } else {
            (draw(&self.height), draw(&self.width))
        };
        let rounded = |length: f64| length.round_ties_even().clamp(1.0, MOST) as usize;
        let plain = |length: Length, own: usize| match length {
            Length::Keep | Length::Ratio => own,
            Length::Pixels(px) => px,
            Length::Factor(factor) => rounded(own as f64 * factor),
        };
        let (rows, columns) = (plain(height, on.height), plain(width, on.width));
        let ratio =
            |own: usize, other: usize, new: usize| rounded(new as f64 * own as f64 / other.max(1) as f64);
        match (height, width) {
            (Length::Ratio, Length::Ratio) => (on.height, on.width),
            (Length::Ratio, _) => (ratio(on.height, on.width, columns), columns),
            (_, Length::Ratio) => (rows, ratio(on.width, on.height, rows)),
            _ => (rows, columns),
        }
    }
}

impl Op for RelativeResize {
    type Drawn = Drawn;

    const DOC: Doc = Doc {
        summary: "Brings images to a size that is drawn, or relative to the size that they have.",
        notes: "`resize` is for a fixed size. There is no antialiasing but with area.",
        short: None,
        examples: &[
            "imgaug.resize: { size: { factor: 0.5 } }",
            "imgaug.resize: { size: { px: [20, 36] }, interpolation: [linear, cubic, area] }",
            "imgaug.resize: { height: { factor: [0.5, 1.5] }, width: { factor: [0.5, 1.5] }, interpolation: nearest }",
            "imgaug.resize: { shorter_side: { px: 24 }, longer_side: keep-aspect-ratio, interpolation: linear }",
        ],
    };

    fn check(&self) -> Result<(), Problem> {
        for (side, field) in
            self.sides().into_iter().zip(["size", "height", "width", "shorter_side", "longer_side"])
        {
            if let Some(side) = side {
                side.check(field)?;
            }
        }
        let given = [
            self.size.is_some(),
            self.height.is_some() || self.width.is_some(),
            self.shorter_side.is_some() || self.longer_side.is_some(),
        ];
        if given.into_iter().filter(|given| *given).count() != 1 {
            let message = "either size, or height and width, or shorter_side and longer_side say how large";
            return Err(Problem::new("", message));
        }
        self.interpolation.check("interpolation")
    }

    fn shape_out(&self, on: Shape) -> ShapeOut {
        if on.pixels() > 0 && self.sides().into_iter().flatten().all(Side::is_constant) {
            // Constants draw nothing, so that any stream will do.
            let (height, width) = self.draw_size(on, &mut Stream::of_key(0));
            return ShapeOut::Fixed(Shape::new(height, width, on.kind));
        }
        ShapeOut::Varies
    }

    fn draw(&self, on: Shape, rng: &mut Stream) -> Drawn {
        let (height, width) = self.draw_size(on, rng);
        Drawn { height, width, interpolation: self.interpolation.draw(rng) }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        let to = Shape::new(drawn.height, drawn.width, canvas.shape().kind);
        if to != canvas.shape() {
            canvas.redraw(to, |src, dst, scratch| drawn.interpolation.resize(src, dst, scratch));
        }
    }

    fn place(drawn: &Drawn, on: Shape) -> Placement {
        resized(on, Shape::new(drawn.height, drawn.width, on.kind))
    }
}

/// How points move when an image of shape `on` becomes one of shape `to`.
pub(crate) fn resized(on: Shape, to: Shape) -> Placement {
    let axis = |new: usize, old: usize| {
        let scale = new as f64 / old.max(1) as f64;
        (scale, 0.5 * scale - 0.5)
    };
    let ((sx, tx), (sy, ty)) = (axis(to.width, on.width), axis(to.height, on.height));
    Placement::Affine { forward: [[sx, 0.0, tx], [0.0, sy, ty]], to }
}
