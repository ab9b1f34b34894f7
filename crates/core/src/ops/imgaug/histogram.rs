//! `clahe`, `all_channels_clahe`, `histogram_equalization` and `all_channels_histogram_equalization`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::common::still;
use crate::base::{Canvas, Shape, Stream};
use crate::kernels::clahe::{self, Target};
use crate::ops::counterpart::{Class, Form, LAB, RGB};
use crate::ops::{Doc, Int, Op, Param, PerChannel, Problem};

/// How one image's tiles are equalized.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tiles {
    /// How often a value may count, in means of all values; one for each channel.
    pub clip_limit: [f32; 3],
    /// Tiles along each axis, for each channel.
    pub tiles: [u16; 3],
}

fn clip() -> Param {
    Param::Range(0.1, 8.0)
}

fn tiles() -> Int {
    Int::Range(3, 12)
}

fn check(clip: &Param, tiles: &Int, least: u16) -> Result<(), Problem> {
    clip.check("clip_limit", 0.0..=1e4)?;
    tiles.check("tile_grid_size_px", 1..=256)?;
    crate::ops::range::within("tile_grid_size_px_min", &i64::from(least), &(1..=256))
}

/// Equalizes the lightness of tiles.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Clahe {
    /// How often a value may count, in means of all values, at least 0; 0 is without a limit.
    pub clip_limit: Param,
    /// Tiles along each axis, 1..256.
    pub tile_grid_size_px: Int,
    /// The fewest tiles along an axis.
    pub tile_grid_size_px_min: u16,
}

impl Default for Clahe {
    fn default() -> Self {
        Self { clip_limit: clip(), tile_grid_size_px: tiles(), tile_grid_size_px_min: 3 }
    }
}

impl Op for Clahe {
    type Drawn = Tiles;

    const IMGAUG: &'static [Class] = &[Class {
        name: "CLAHE",
        params: &[
            ("clip_limit", "clip_limit", Form::Number),
            ("tile_grid_size_px", "tile_grid_size_px", Form::Whole),
            ("tile_grid_size_px_min", "tile_grid_size_px_min", Form::Count),
            ("from_colorspace", "", RGB),
            ("to_colorspace", "", LAB),
        ],
    }];

    const DOC: Doc = Doc {
        summary: "Equalizes the lightness of tiles (CLAHE).",
        notes: "The lightness is channel L of Lab; a gray image's is its only channel. tile_grid_size_px is the number of tiles, as \
                imgaug hands it on, and not their size.",
        short: Some("clip_limit"),
        examples: &["clahe: [1, 4]", "clahe: { clip_limit: 2, tile_grid_size_px: [3, 8] }"],
    };

    still!();

    fn check(&self) -> Result<(), Problem> {
        check(&self.clip_limit, &self.tile_grid_size_px, self.tile_grid_size_px_min)
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Tiles {
        let tiles = self.tile_grid_size_px.draw(rng) as u16;
        Tiles {
            clip_limit: [self.clip_limit.draw32(rng); 3],
            tiles: [tiles.max(self.tile_grid_size_px_min); 3],
        }
    }

    fn paint(drawn: &Tiles, canvas: &mut Canvas) {
        canvas.in_place(|image, scratch| {
            clahe::clahe(image, Target::Lightness, drawn.clip_limit, drawn.tiles, scratch);
        });
    }
}

/// Equalizes the tiles of each channel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AllChannelsClahe {
    /// How often a value may count, in means of all values, at least 0; 0 is without a limit.
    pub clip_limit: Param,
    /// Tiles along each axis, 1..256.
    pub tile_grid_size_px: Int,
    /// The fewest tiles along an axis.
    pub tile_grid_size_px_min: u16,
    /// Probability of values for each channel of its own instead of one for all.
    pub per_channel: PerChannel,
}

impl Default for AllChannelsClahe {
    fn default() -> Self {
        Self {
            clip_limit: clip(),
            tile_grid_size_px: tiles(),
            tile_grid_size_px_min: 3,
            per_channel: PerChannel::default(),
        }
    }
}

impl Op for AllChannelsClahe {
    type Drawn = Tiles;

    const IMGAUG: &'static [Class] = &[Class {
        name: "AllChannelsCLAHE",
        params: &[
            ("clip_limit", "clip_limit", Form::Number),
            ("tile_grid_size_px", "tile_grid_size_px", Form::Whole),
            ("tile_grid_size_px_min", "tile_grid_size_px_min", Form::Count),
            ("per_channel", "per_channel", Form::Chance),
        ],
    }];

    const DOC: Doc = Doc {
        summary: "Equalizes the tiles of each channel (CLAHE).",
        notes: "tile_grid_size_px is the number of tiles, as imgaug hands it on, and not their size.",
        short: Some("clip_limit"),
        examples: &[
            "all_channels_clahe: [1, 4]",
            "all_channels_clahe: { clip_limit: [1, 10], tile_grid_size_px: 3, per_channel: true }",
        ],
    };

    still!();

    fn check(&self) -> Result<(), Problem> {
        check(&self.clip_limit, &self.tile_grid_size_px, self.tile_grid_size_px_min)?;
        self.per_channel.check("per_channel")
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Tiles {
        let per_channel = self.per_channel.draw(rng);
        let clip_limit = self.clip_limit.draw_channels(per_channel, rng);
        let mut tiles = || (self.tile_grid_size_px.draw(rng) as u16).max(self.tile_grid_size_px_min);
        let first = tiles();
        Tiles { clip_limit, tiles: if per_channel { [first, tiles(), tiles()] } else { [first; 3] } }
    }

    fn paint(drawn: &Tiles, canvas: &mut Canvas) {
        canvas.in_place(|image, scratch| {
            clahe::clahe(image, Target::Channels, drawn.clip_limit, drawn.tiles, scratch);
        });
    }
}

/// Nothing is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

/// Makes the values of the lightness equally frequent.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HistogramEqualization {}

impl Op for HistogramEqualization {
    type Drawn = Nothing;

    const IMGAUG: &'static [Class] = &[Class {
        name: "HistogramEqualization",
        params: &[("from_colorspace", "", RGB), ("to_colorspace", "", LAB)],
    }];

    const DOC: Doc = Doc {
        summary: "Makes the values of the lightness equally frequent.",
        notes: "The lightness is channel L of Lab; a gray image's is its only channel.",
        short: None,
        examples: &["histogram_equalization: {}"],
    };

    still!();

    fn check(&self) -> Result<(), Problem> {
        Ok(())
    }

    fn draw(&self, _: Shape, _: &mut Stream) -> Nothing {
        Nothing {}
    }

    fn paint(_: &Nothing, canvas: &mut Canvas) {
        canvas.in_place(|image, _| clahe::equalize(image, Target::Lightness));
    }
}

/// Makes the values of each channel equally frequent.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AllChannelsHistogramEqualization {}

impl Op for AllChannelsHistogramEqualization {
    type Drawn = Nothing;

    const IMGAUG: &'static [Class] = &[Class { name: "AllChannelsHistogramEqualization", params: &[] }];

    const DOC: Doc = Doc {
        summary: "Makes the values of each channel equally frequent.",
        notes: "",
        short: None,
        examples: &["all_channels_histogram_equalization: {}"],
    };

    still!();

    fn check(&self) -> Result<(), Problem> {
        Ok(())
    }

    fn draw(&self, _: Shape, _: &mut Stream) -> Nothing {
        Nothing {}
    }

    fn paint(_: &Nothing, canvas: &mut Canvas) {
        canvas.in_place(|image, _| clahe::equalize(image, Target::Channels));
    }
}
