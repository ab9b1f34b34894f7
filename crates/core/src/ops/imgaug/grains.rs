//! `replace_elementwise`, and the grains that it makes: `salt_and_pepper`, `salt`, `pepper`, `impulse_noise`, and the same in
//! cells of a coarse grid: `coarse_salt_and_pepper`, `coarse_salt`, `coarse_pepper`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::common::{Each, Numbers, still};
use crate::base::{Canvas, Channels, Shape, Stream};
use crate::kernels::{elementwise, noise};
use crate::ops::counterpart::{Class, Form};
use crate::ops::range::within;
use crate::ops::{Doc, Int, Op, Param, PerChannel, Problem};

/// Which pixels of one image become what.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// Probability of each pixel or cell, counted in steps of 2^-16.
    pub p: f32,
    /// What each replaced pixel draws from.
    pub each: Each,
    /// Whether each channel has grains of its own.
    pub per_channel: bool,
    /// Rows and columns of cells that are replaced together, each pixel by a value of its own; none for single pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cells: Option<[u32; 2]>,
    /// What the random numbers are expanded from.
    pub key: u64,
}

fn paint(drawn: &Drawn, canvas: &mut Canvas) {
    canvas.in_place(|image, scratch| {
        let shape = image.shape;
        let mut rng = Stream::of_key(drawn.key);
        let full = Shape { kind: if drawn.per_channel { shape.kind } else { Channels::Gray }, ..shape };
        let grid = drawn.cells.map_or(full, |[rows, columns]| Shape {
            height: rows.max(1) as usize,
            width: columns.max(1) as usize,
            ..full
        });
        let mut random = scratch.take_u8(noise::random_bytes(grid, true));
        let mut keep = scratch.take_u8(grid.bytes());
        rng.fill(&mut random);
        noise::keep_mask(drawn.p, &random, &mut keep);
        let mut mask = scratch.take_u8(full.bytes());
        let channels = full.channels();
        for (y, row) in mask.chunks_exact_mut(full.stride().max(1)).enumerate() {
            let cells = &keep[y * grid.height / full.height * grid.stride()..][..grid.stride()];
            for (x, pixel) in row.chunks_exact_mut(channels).enumerate() {
                let cell = x * grid.width / full.width * channels;
                for (mark, keep) in pixel.iter_mut().zip(&cells[cell..]) {
                    *mark = 1 - keep;
                }
            }
        }
        drawn.each.paint(image, drawn.per_channel, &mut rng, scratch, |image, numbers| {
            elementwise::replace(image, &mask, numbers);
        });
        scratch.give_u8(mask);
        scratch.give_u8(keep);
        scratch.give_u8(random);
    });
}

/// Replaces some pixels by values of their own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplaceElementwise {
    /// Probability of each pixel to be replaced, drawn for each image, 0..1.
    pub mask: Param,
    /// What pixels become, 0..255, drawn for each of them and rounded half to even.
    pub replacement: Param,
    /// Probability that each channel is replaced by itself instead of all alike.
    #[serde(default)]
    pub per_channel: PerChannel,
}

impl Op for ReplaceElementwise {
    type Drawn = Drawn;

    const IMGAUG: &'static [Class] = &[Class {
        name: "ReplaceElementwise",
        params: &[
            ("mask", "mask", Form::Share),
            ("replacement", "replacement", Form::Number),
            ("per_channel", "per_channel", Form::Chance),
        ],
    }];

    const DOC: Doc = Doc {
        summary: "Replaces some pixels by values of their own.",
        notes: "",
        short: None,
        examples: &[
            "replace_elementwise: { mask: 0.1, replacement: [0, 255] }",
            "replace_elementwise: { mask: [0, 0.05], replacement: { normal: [128, 51], clip: [0, 255] }, per_channel: 0.5 }",
        ],
    };

    still!();

    fn check(&self) -> Result<(), Problem> {
        self.mask.check("mask", 0.0..=1.0)?;
        self.replacement.check("replacement", 0.0..=255.0)?;
        Each::of(&self.replacement, "replacement")?;
        self.per_channel.check("per_channel")
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Drawn {
        let each =
            Each::of(&self.replacement, "").unwrap_or(Each { of: Numbers::Uniform([0.0; 2]), clip: None });
        Drawn {
            per_channel: self.per_channel.draw(rng),
            p: self.mask.draw32(rng),
            each,
            cells: None,
            key: rng.u64(),
        }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        paint(drawn, canvas);
    }
}

/// The parameters of grains in imgaug; there is no `per_channel` where each channel always has grains of its own.
const GRAINS: &[(&str, &str, Form)] =
    &[("p", "p", Form::Share), ("per_channel", "per_channel", Form::Chance)];

/// Declares an operation that replaces single pixels by grains.
macro_rules! grains {
    ($key:literal, $name:ident, $of:ident, $p:literal, $alone:literal, $summary:literal) => {
        #[doc = $summary]
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
        #[serde(deny_unknown_fields, default)]
        pub struct $name {
            /// Probability of each pixel to be replaced, drawn for each image, 0..1.
            pub p: Param,
            /// Probability that each channel has grains of its own instead of all the same.
            pub per_channel: PerChannel,
        }

        impl Default for $name {
            fn default() -> Self {
                let per_channel = PerChannel(if $alone { 1.0 } else { 0.0 });
                Self { p: Param::Range(0.0, $p), per_channel }
            }
        }

        impl Op for $name {
            type Drawn = Drawn;

            const IMGAUG: &'static [Class] = &[Class {
                name: stringify!($name),
                params: if $alone { &[("p", "p", Form::Share)] } else { GRAINS },
            }];

            const DOC: Doc = Doc {
                summary: $summary,
                notes: "Grains are 255 times a Beta(1/2, 1/2) number, or the half of it that is light or dark: mostly near the \
                        extremes, not always.",
                short: Some("p"),
                examples: &[concat!($key, ": 0.05"), concat!($key, ": { p: [0, 0.1], per_channel: 0.5 }")],
            };

            still!();

            fn check(&self) -> Result<(), Problem> {
                self.p.check("p", 0.0..=1.0)?;
                self.per_channel.check("per_channel")
            }

            fn draw(&self, _: Shape, rng: &mut Stream) -> Drawn {
                Drawn {
                    per_channel: self.per_channel.draw(rng),
                    p: self.p.draw32(rng),
                    each: Each { of: Numbers::$of, clip: None },
                    cells: None,
                    key: rng.u64(),
                }
            }

            fn paint(drawn: &Drawn, canvas: &mut Canvas) {
                paint(drawn, canvas);
            }
        }
    };
}

grains!(
    "salt_and_pepper",
    SaltAndPepper,
    SaltAndPepper,
    0.03,
    false,
    "Replaces some pixels by light and dark grains."
);
grains!("salt", Salt, Salt, 0.03, false, "Replaces some pixels by light grains.");
grains!("pepper", Pepper, Pepper, 0.05, false, "Replaces some pixels by dark grains.");
grains!(
    "impulse_noise",
    ImpulseNoise,
    SaltAndPepper,
    0.03,
    true,
    "Replaces some values by light and dark grains, each channel by itself."
);

/// The most rows or columns of cells that may be asked for.
const MOST_CELLS: i64 = 1024;

/// The parameters of grains in cells in imgaug.
const COARSE: &[(&str, &str, Form)] = &[
    ("p", "p", Form::Share),
    ("size_px", "size_px", Form::Whole),
    ("size_percent", "size_percent", Form::Number),
    ("per_channel", "per_channel", Form::Chance),
    ("min_size", "min_size", Form::Count),
];

/// Declares an operation that replaces cells of a coarse grid by grains.
macro_rules! coarse {
    ($key:literal, $name:ident, $of:ident, $summary:literal) => {
        #[doc = $summary]
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
        #[serde(deny_unknown_fields, default)]
        pub struct $name {
            /// Probability of each cell to be replaced, drawn for each image, 0..1.
            pub p: Param,
            /// Rows and columns of cells, drawn separately, 1..1024. Left out together with `size_percent`: [3, 8].
            #[serde(skip_serializing_if = "Option::is_none")]
            pub size_px: Option<Int>,
            /// Rows and columns of cells as a share of the image's, drawn separately, 0..1; instead of `size_px`.
            #[serde(skip_serializing_if = "Option::is_none")]
            pub size_percent: Option<Param>,
            /// Probability that each channel has grains of its own instead of all the same.
            pub per_channel: PerChannel,
            /// The fewest rows and columns of cells, 1..1024.
            pub min_size: u16,
        }

        impl Default for $name {
            fn default() -> Self {
                Self {
                    p: Param::Range(0.02, 0.1),
                    size_px: None,
                    size_percent: None,
                    per_channel: PerChannel::default(),
                    min_size: 3,
                }
            }
        }

        impl Op for $name {
            type Drawn = Drawn;

            const IMGAUG: &'static [Class] = &[Class { name: stringify!($name), params: COARSE }];

            const DOC: Doc = Doc {
                summary: $summary,
                notes: "Each pixel of a cell draws its own grain. On small images min_size decides how many cells there are.",
                short: Some("p"),
                examples: &[
                    concat!($key, ": 0.1"),
                    concat!($key, ": { p: [0.02, 0.1], size_percent: [0.02, 0.25], per_channel: 0.5 }"),
                    concat!($key, ": { p: 0.2, size_px: [4, 9], min_size: 1 }"),
                ],
            };

            still!();

            fn check(&self) -> Result<(), Problem> {
                self.p.check("p", 0.0..=1.0)?;
                if let Some(size) = &self.size_px {
                    size.check("size_px", 1..=MOST_CELLS)?;
                    if self.size_percent.is_some() {
                        return Err(Problem::new("size_px", "give size_px or size_percent, not both"));
                    }
                }
                if let Some(size) = &self.size_percent {
                    size.check("size_percent", 0.0..=1.0)?;
                }
                within("min_size", &i64::from(self.min_size), &(1..=MOST_CELLS))?;
                self.per_channel.check("per_channel")
            }

            fn draw(&self, on: Shape, rng: &mut Stream) -> Drawn {
                let cells = [on.height, on.width].map(|side| {
                    let cells = match (&self.size_percent, &self.size_px) {
                        (Some(share), _) => (share.draw32(rng) * side as f32) as u32,
                        (None, Some(size)) => size.draw(rng) as u32,
                        (None, None) => rng.integer(3, 8) as u32,
                    };
                    cells.max(u32::from(self.min_size))
                });
                Drawn {
                    per_channel: self.per_channel.draw(rng),
                    p: self.p.draw32(rng),
                    each: Each { of: Numbers::$of, clip: None },
                    cells: Some(cells),
                    key: rng.u64(),
                }
            }

            fn paint(drawn: &Drawn, canvas: &mut Canvas) {
                paint(drawn, canvas);
            }
        }
    };
}

coarse!(
    "coarse_salt_and_pepper",
    CoarseSaltAndPepper,
    SaltAndPepper,
    "Replaces some cells of a coarse grid by light and dark grains."
);
coarse!("coarse_salt", CoarseSalt, Salt, "Replaces some cells of a coarse grid by light grains.");
coarse!("coarse_pepper", CoarsePepper, Pepper, "Replaces some cells of a coarse grid by dark grains.");
