//! `albumentations.resize`, `random_scale`, `longest_max_size` and `smallest_max_size`: bring images to a size.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::common::{check_size, plain, side, sized};
use crate::base::{Canvas, Shape, Stream};
use crate::kernels::cv::area::{self, Interpolation};
use crate::ops::range::within;
use crate::ops::{Doc, Int, Op, Param, Placement, Problem, ShapeOut};

/// The new size of one image.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Size {
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
    /// How the new pixels are found.
    pub interpolation: Interpolation,
}

impl Size {
    fn to(self, on: Shape) -> Shape {
        sized(on, [self.height, self.width])
    }

    fn paint(self, canvas: &mut Canvas) {
        let to = self.to(canvas.shape());
        if to != canvas.shape() {
            canvas.redraw(to, |src, dst, scratch| area::resize(src, dst, self.interpolation, scratch));
        }
    }

    fn place(self, on: Shape) -> Placement {
        let to = self.to(on);
        let axis = |new: usize, old: usize| {
            let scale = new as f64 / old.max(1) as f64;
            (scale, 0.5 * scale - 0.5)
        };
        let ((sx, tx), (sy, ty)) = (axis(to.width, on.width), axis(to.height, on.height));
        Placement::Affine { forward: [[sx, 0.0, tx], [0.0, sy, ty]], to }
    }
}

/// How pixels are found where an image shrinks.
fn for_shrinking(interpolation: Interpolation, area_for_downscale: bool, shrinks: bool) -> Interpolation {
    if area_for_downscale && shrinks { Interpolation::Area } else { interpolation }
}

/// Brings images to one size, as Albumentations' `Resize` does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AlbResize {
    /// Rows and columns, `[height, width]`.
    pub size: [usize; 2],
    /// How pixels are found: `nearest`, `linear`, `cubic` or `area`.
    #[serde(default = "plain")]
    pub interpolation: Interpolation,
    /// Whether it is `area` where a side shrinks.
    #[serde(default)]
    pub area_for_downscale: bool,
}

impl Op for AlbResize {
    type Drawn = Size;

    const DOC: Doc = Doc {
        summary: "Brings images to one size, as Albumentations' Resize does.",
        notes: "",
        short: Some("size"),
        examples: &[
            "albumentations.resize: [20, 31]",
            "albumentations.resize: { size: [14, 40], interpolation: area }",
            "albumentations.resize: { size: [14, 14], interpolation: cubic, area_for_downscale: true }",
        ],
    };

    fn check(&self) -> Result<(), Problem> {
        check_size("size", self.size)
    }

    fn shape_out(&self, on: Shape) -> ShapeOut {
        ShapeOut::Fixed(sized(on, self.size))
    }

    fn draw(&self, on: Shape, _: &mut Stream) -> Size {
        let [height, width] = self.size;
        let shrinks = height < on.height || width < on.width;
        let interpolation = for_shrinking(self.interpolation, self.area_for_downscale, shrinks);
        Size { height, width, interpolation }
    }

    fn paint(drawn: &Size, canvas: &mut Canvas) {
        drawn.paint(canvas);
    }

    fn place(drawn: &Size, on: Shape) -> Placement {
        drawn.place(on)
    }
}

/// Enlarges or shrinks the image, as Albumentations' `RandomScale` does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RandomScale {
    /// What is added to the factor, which is 1.
    #[serde(default = "tenth")]
    pub scale_limit: Param,
    /// How pixels are found: `nearest`, `linear`, `cubic` or `area`.
    #[serde(default = "plain")]
    pub interpolation: Interpolation,
    /// Whether it is `area` where the image shrinks.
    #[serde(default)]
    pub area_for_downscale: bool,
}

fn tenth() -> Param {
    Param::Range(-0.1, 0.1)
}

impl Op for RandomScale {
    type Drawn = Size;

    const DOC: Doc = Doc {
        summary: "Enlarges or shrinks the image, as Albumentations' RandomScale does.",
        notes: "Fractions of pixels are cut off. Sizes differ from image to image.",
        short: Some("scale_limit"),
        examples: &[
            "albumentations.random_scale: [-0.1, 0.3]",
            "albumentations.random_scale: { scale_limit: -0.5, area_for_downscale: true }",
        ],
    };

    fn check(&self) -> Result<(), Problem> {
        self.scale_limit.check("scale_limit", -0.99..=100.0)
    }

    fn shape_out(&self, _: Shape) -> ShapeOut {
        ShapeOut::Varies
    }

    fn draw(&self, on: Shape, rng: &mut Stream) -> Size {
        let scale = self.scale_limit.draw(rng) + 1.0;
        Size {
            height: side(on.height as f64 * scale),
            width: side(on.width as f64 * scale),
            interpolation: for_shrinking(self.interpolation, self.area_for_downscale, scale < 1.0),
        }
    }

    fn paint(drawn: &Size, canvas: &mut Canvas) {
        drawn.paint(canvas);
    }

    fn place(drawn: &Size, on: Shape) -> Placement {
        drawn.place(on)
    }
}

/// An image whose sides keep their proportions.
fn by_factor(on: Shape, scale: f64, interpolation: Interpolation, area_for_downscale: bool) -> Size {
    Size {
        height: side((on.height as f64 * scale).round_ties_even()),
        width: side((on.width as f64 * scale).round_ties_even()),
        interpolation: for_shrinking(interpolation, area_for_downscale, scale < 1.0),
    }
}

/// The factors that bring height and width to these sizes.
fn factors([height, width]: [Option<usize>; 2], on: Shape) -> impl Iterator<Item = f64> {
    let of = |wanted: Option<usize>, n: usize| wanted.map(|wanted| wanted as f64 / n.max(1) as f64);
    of(height, on.height).into_iter().chain(of(width, on.width))
}

fn check_max(max_size: Option<&Int>, [height, width]: [Option<usize>; 2]) -> Result<(), Problem> {
    if let Some(max_size) = max_size {
        max_size.check("max_size", 1..=4096)?;
        if height.is_some() || width.is_some() {
            return Err(Problem::new("max_size", "max_size excludes max_height and max_width"));
        }
    } else if height.is_none() && width.is_none() {
        return Err(Problem::new("max_size", "max_size, max_height or max_width must be given"));
    }
    for (field, side) in [("max_height", height), ("max_width", width)] {
        side.map_or(Ok(()), |side| within(field, &side, &(1..=4096)))?;
    }
    Ok(())
}

/// Declares one of the two operations that bring one side to a size and keep the proportions.
macro_rules! max_size {
    ($name:ident, $key:literal, $which:literal, $theirs:literal, $side:ident, $factor:ident, $start:expr) => {
        #[doc = concat!("Brings the ", $which, " side to a size and keeps the proportions, as Albumentations' `", $theirs, "` does.")]
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            #[doc = concat!("Pixels of the ", $which, " side; a choice is drawn for each image.")]
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub max_size: Option<Int>,
            /// Instead of it, rows.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub max_height: Option<usize>,
            /// Instead of it, columns.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub max_width: Option<usize>,
            /// How pixels are found: `nearest`, `linear`, `cubic` or `area`.
            #[serde(default = "plain")]
            pub interpolation: Interpolation,
            /// Whether it is `area` where the image shrinks.
            #[serde(default)]
            pub area_for_downscale: bool,
        }

        impl $name {
            fn scale(&self, on: Shape, rng: &mut Stream) -> f64 {
                match &self.max_size {
                    Some(size) => size.draw(rng) as f64 / on.height.$side(on.width).max(1) as f64,
                    None => factors([self.max_height, self.max_width], on).fold($start, f64::$factor),
                }
            }
        }

        impl Op for $name {
            type Drawn = Size;

            const DOC: Doc = Doc {
                summary: concat!(
                    "Brings the ", $which, " side to a size and keeps the proportions, as Albumentations' ", $theirs, " does."
                ),
                notes: "",
                short: Some("max_size"),
                examples: &[
                    concat!($key, ": 40"),
                    concat!($key, ": { max_size: { choice: [20, 30] }, interpolation: cubic }"),
                    concat!($key, ": { max_height: 20, max_width: 36, area_for_downscale: true }"),
                ],
            };

            fn check(&self) -> Result<(), Problem> {
                check_max(self.max_size.as_ref(), [self.max_height, self.max_width])
            }

            fn shape_out(&self, on: Shape) -> ShapeOut {
                match self.max_size {
                    Some(Int::Range(..) | Int::Choice(_) | Int::Law(_)) => ShapeOut::Varies,
                    Some(Int::Constant(_)) | None => {
                        ShapeOut::Fixed(self.draw(on, &mut Stream::of_key(0)).to(on))
                    }
                }
            }

            fn draw(&self, on: Shape, rng: &mut Stream) -> Size {
                by_factor(on, self.scale(on, rng), self.interpolation, self.area_for_downscale)
            }

            fn paint(drawn: &Size, canvas: &mut Canvas) {
                drawn.paint(canvas);
            }

            fn place(drawn: &Size, on: Shape) -> Placement {
                drawn.place(on)
            }
        }
    };
}

max_size!(
    LongestMaxSize,
    "albumentations.longest_max_size",
    "longer",
    "LongestMaxSize",
    max,
    min,
    f64::INFINITY
);
max_size!(SmallestMaxSize, "albumentations.smallest_max_size", "shorter", "SmallestMaxSize", min, max, 0.0);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proportions_stay() {
        let on = Shape::rgb(40, 56);
        let longest: LongestMaxSize = serde_json::from_str("{\"max_size\": 36}").unwrap();
        assert_eq!(longest.shape_out(on), ShapeOut::Fixed(Shape::rgb(26, 36)));
        let smallest: SmallestMaxSize = serde_json::from_str("{\"max_size\": 36}").unwrap();
        assert_eq!(smallest.shape_out(on), ShapeOut::Fixed(Shape::rgb(36, 50)));
        let both: SmallestMaxSize = serde_json::from_str("{\"max_height\": 20, \"max_width\": 56}").unwrap();
        assert_eq!(both.shape_out(on), ShapeOut::Fixed(on));
        let none: SmallestMaxSize = serde_json::from_str("{}").unwrap();
        assert!(none.check().is_err());
    }
}
