//! `albumentations.crop`, `random_crop_from_borders`, `random_sized_crop` and `random_resized_crop`: parts of images.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::common::{check_range, check_size, plain, sized};
use super::framed::{Framed, paints_frames};
use crate::base::math::{exp, log};
use crate::base::{Shape, Stream};
use crate::kernels::cv::area::Interpolation;
use crate::ops::range::within;
use crate::ops::{Doc, Op, Problem, ShapeOut};

/// Keeps a given part, as Albumentations' `Crop` does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AlbCrop {
    /// First column.
    #[serde(default)]
    pub x_min: usize,
    /// First row.
    #[serde(default)]
    pub y_min: usize,
    /// The column behind the last one.
    #[serde(default = "far")]
    pub x_max: usize,
    /// The row behind the last one.
    #[serde(default = "far")]
    pub y_max: usize,
}

fn far() -> usize {
    1024
}

impl AlbCrop {
    fn framed(&self) -> Framed {
        Framed::part([self.y_min, self.x_min, self.y_max - self.y_min, self.x_max - self.x_min])
    }
}

impl Op for AlbCrop {
    type Drawn = Framed;

    const DOC: Doc = Doc {
        summary: "Keeps a given part, as Albumentations' Crop does.",
        notes: "What lies outside of the image is left out, where Albumentations stops with an error.",
        short: None,
        examples: &["albumentations.crop: { x_min: 2, y_min: 3, x_max: 20, y_max: 22 }"],
    };

    fn check(&self) -> Result<(), Problem> {
        for (field, lo, hi) in [("x_max", self.x_min, self.x_max), ("y_max", self.y_min, self.y_max)] {
            within(field, &hi, &(lo + 1..=100_000))?;
        }
        Ok(())
    }

    fn shape_out(&self, on: Shape) -> ShapeOut {
        ShapeOut::Fixed(self.framed().to(on))
    }

    fn draw(&self, _: Shape, _: &mut Stream) -> Framed {
        self.framed()
    }

    paints_frames!();
}

/// Cuts a random share off each side, as Albumentations' `RandomCropFromBorders` does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RandomCropFromBorders {
    /// Greatest share of the width, on the left.
    #[serde(default = "tenth")]
    pub crop_left: f64,
    /// The same on the right.
    #[serde(default = "tenth")]
    pub crop_right: f64,
    /// Greatest share of the height, above.
    #[serde(default = "tenth")]
    pub crop_top: f64,
    /// The same below.
    #[serde(default = "tenth")]
    pub crop_bottom: f64,
}

fn tenth() -> f64 {
    0.1
}

/// First and length of what is left of an axis of `n` pixels.
fn between(n: usize, before: f64, after: f64, rng: &mut Stream) -> [usize; 2] {
    let size = n as f64;
    let first = rng.integer(0, (before * size) as i64) as usize;
    let least = (first + 1).max(((1.0 - after) * size) as usize);
    let end = rng.integer(least.min(n) as i64, n as i64) as usize;
    [first, end.saturating_sub(first)]
}

impl Op for RandomCropFromBorders {
    type Drawn = Framed;

    const DOC: Doc = Doc {
        summary: "Cuts a random share off each side, as Albumentations' RandomCropFromBorders does.",
        notes: "Sizes differ from image to image.",
        short: None,
        examples: &[
            "albumentations.random_crop_from_borders: {}",
            "albumentations.random_crop_from_borders: { crop_left: 0.3, crop_top: 0, crop_bottom: 0.6 }",
        ],
    };

    fn check(&self) -> Result<(), Problem> {
        let pairs = [
            [("crop_left", self.crop_left), ("crop_right", self.crop_right)],
            [("crop_top", self.crop_top), ("crop_bottom", self.crop_bottom)],
        ];
        for [(first, before), (second, after)] in pairs {
            within(first, &before, &(0.0..=1.0))?;
            within(second, &after, &(0.0..=1.0))?;
            if before + after > 1.0 {
                return Err(Problem::new(second, format!("{first} and {second} are more than the image")));
            }
        }
        Ok(())
    }

    fn shape_out(&self, _: Shape) -> ShapeOut {
        ShapeOut::Varies
    }

    fn draw(&self, on: Shape, rng: &mut Stream) -> Framed {
        let [left, width] = between(on.width, self.crop_left, self.crop_right, rng);
        let [top, height] = between(on.height, self.crop_top, self.crop_bottom, rng);
        Framed::part([top, left, height, width])
    }

    paints_frames!();
}

/// The place of a part of `height` x `width`, all equally likely.
fn placed(on: Shape, height: usize, width: usize, rng: &mut Stream) -> [usize; 4] {
    let (height, width) = (height.clamp(1, on.height.max(1)), width.clamp(1, on.width.max(1)));
    let top = rng.index((on.height + 1).saturating_sub(height).max(1));
    [top, rng.index((on.width + 1).saturating_sub(width).max(1)), height, width]
}

/// A part brought to a size.
fn resized(part: [usize; 4], size: [usize; 2], interpolation: Interpolation, area: bool) -> Framed {
    let shrinks = part[2] > size[0] || part[3] > size[1];
    let interpolation = if area && shrinks { Interpolation::Area } else { interpolation };
    Framed { size: Some(size), interpolation, ..Framed::part(part) }
}

/// A part of random height, brought to one size, as Albumentations' `RandomSizedCrop` does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RandomSizedCrop {
    /// Rows of the part, `[lo, hi]`, both included.
    pub min_max_height: [usize; 2],
    /// Rows and columns of the result, `[height, width]`; those of the image if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<[usize; 2]>,
    /// The part's width over its height.
    #[serde(default = "square")]
    pub w2h_ratio: f64,
    /// How pixels are found: `nearest`, `linear`, `cubic` or `area`.
    #[serde(default = "plain")]
    pub interpolation: Interpolation,
    /// Whether it is `area` where the part shrinks.
    #[serde(default)]
    pub area_for_downscale: bool,
}

fn square() -> f64 {
    1.0
}

impl Op for RandomSizedCrop {
    type Drawn = Framed;

    const DOC: Doc = Doc {
        summary: "A part of random height, brought to one size, as Albumentations' RandomSizedCrop does.",
        notes: "A part is never larger than the image.",
        short: None,
        examples: &[
            "albumentations.random_sized_crop: { min_max_height: [14, 26], size: [28, 28] }",
            "albumentations.random_sized_crop: { min_max_height: [9, 9], size: [8, 20], w2h_ratio: 1.5, interpolation: cubic, area_for_downscale: true }",
            "albumentations.random_sized_crop: { min_max_height: [14, 26] }",
        ],
    };

    fn check(&self) -> Result<(), Problem> {
        let [lo, hi] = self.min_max_height;
        check_size("min_max_height", [lo, hi])?;
        crate::ops::range::ordered("min_max_height", &lo, &hi)?;
        within("w2h_ratio", &self.w2h_ratio, &(0.001..=1000.0))?;
        self.size.map_or(Ok(()), |size| check_size("size", size))
    }

    fn shape_out(&self, on: Shape) -> ShapeOut {
        ShapeOut::Fixed(self.size.map_or(on, |size| sized(on, size)))
    }

    fn draw(&self, on: Shape, rng: &mut Stream) -> Framed {
        let height = rng.integer(self.min_max_height[0] as i64, self.min_max_height[1] as i64) as usize;
        let part = placed(on, height, (height as f64 * self.w2h_ratio) as usize, rng);
        let size = self.size.unwrap_or([on.height, on.width]);
        resized(part, size, self.interpolation, self.area_for_downscale)
    }

    paints_frames!();
}

/// A part of random size and proportions, brought to one size, as Albumentations' `RandomResizedCrop` does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AlbRandomResizedCrop {
    /// Rows and columns of the result, `[height, width]`; those of the image if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<[usize; 2]>,
    /// The part's share of the image's area, `[lo, hi]`.
    #[serde(default = "scale")]
    pub scale: [f64; 2],
    /// The part's width over its height, `[lo, hi]`.
    #[serde(default = "ratio")]
    pub ratio: [f64; 2],
    /// How pixels are found: `nearest`, `linear`, `cubic` or `area`.
    #[serde(default = "plain")]
    pub interpolation: Interpolation,
    /// Whether it is `area` where the part shrinks.
    #[serde(default)]
    pub area_for_downscale: bool,
}

fn scale() -> [f64; 2] {
    [0.08, 1.0]
}

fn ratio() -> [f64; 2] {
    [0.75, 4.0 / 3.0]
}

impl AlbRandomResizedCrop {
    fn part(&self, on: Shape, rng: &mut Stream) -> [usize; 4] {
        let (w, h) = (on.width as f64, on.height as f64);
        let logs = self.ratio.map(log);
        for _ in 0..10 {
            let area = w * h * rng.uniform(self.scale[0], self.scale[1]);
            let ratio = exp(rng.uniform(logs[0], logs[1]));
            let width = (area * ratio).sqrt().round_ties_even();
            let height = (area / ratio).sqrt().round_ties_even();
            if 0.0 < width && width <= w && 0.0 < height && height <= h {
                return placed(on, height as usize, width as usize, rng);
            }
        }
        // The middle, with proportions as near as they may be.
        let (width, height) = if w / h < self.ratio[0] {
            (w, (w / self.ratio[0]).round_ties_even())
        } else if w / h > self.ratio[1] {
            ((h * self.ratio[1]).round_ties_even(), h)
        } else {
            (w, h)
        };
        let (width, height) = ((width as usize).clamp(1, on.width), (height as usize).clamp(1, on.height));
        [(on.height - height) / 2, (on.width - width) / 2, height, width]
    }
}

impl Op for AlbRandomResizedCrop {
    type Drawn = Framed;

    const DOC: Doc = Doc {
        summary: "A part of random size and proportions, brought to one size, as Albumentations' RandomResizedCrop does.",
        notes: "If ten tries give no part that fits, it is the middle of the image. Plain interpolation, without antialiasing.",
        short: Some("size"),
        examples: &[
            "albumentations.random_resized_crop: [28, 28]",
            "albumentations.random_resized_crop: { size: [20, 30], scale: [0.5, 1], ratio: [1, 1], interpolation: cubic, area_for_downscale: true }",
            "albumentations.random_resized_crop: { scale: [0.8, 1] }",
        ],
    };

    fn check(&self) -> Result<(), Problem> {
        self.size.map_or(Ok(()), |size| check_size("size", size))?;
        check_range("scale", self.scale, 0.0..=100.0)?;
        check_range("ratio", self.ratio, 0.001..=1000.0)
    }

    fn shape_out(&self, on: Shape) -> ShapeOut {
        ShapeOut::Fixed(self.size.map_or(on, |size| sized(on, size)))
    }

    fn draw(&self, on: Shape, rng: &mut Stream) -> Framed {
        let part = self.part(on, rng);
        let size = self.size.unwrap_or([on.height, on.width]);
        resized(part, size, self.interpolation, self.area_for_downscale)
    }

    paints_frames!();
}
