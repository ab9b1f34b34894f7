//! `jpeg_compression`: what a file of less quality leaves.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::common::still;
use crate::base::{Canvas, Shape, Stream};
use crate::kernels::jfif;
use crate::ops::counterpart::{Class, Form};
use crate::ops::{Doc, Op, Param, Problem};

/// Stores images as JPEG and reads them again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct JpegCompression {
    /// Strength of the compression, 0..100.
    pub compression: Param,
}

impl Default for JpegCompression {
    fn default() -> Self {
        Self { compression: Param::Range(0.0, 100.0) }
    }
}

/// The file of one image.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// Quality as libjpeg counts it, 1..100.
    pub quality: u8,
}

impl Op for JpegCompression {
    type Drawn = Drawn;

    const IMGAUG: &'static [Class] =
        &[Class { name: "JpegCompression", params: &[("compression", "compression", Form::Number)] }];

    const DOC: Doc = Doc {
        summary: "Stores images as JPEG and reads them again.",
        notes: "The quality is 1 + 99 (1 - compression / 101), rounded; colors have half the resolution, as Pillow writes \
                them.",
        short: Some("compression"),
        examples: &["jpeg_compression: 50", "jpeg_compression: [70, 99]"],
    };

    still!();

    fn check(&self) -> Result<(), Problem> {
        self.compression.check("compression", 0.0..=100.0)
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Drawn {
        let quality = 1.0 + 99.0 * (1.0 - self.compression.draw(rng) / 101.0);
        Drawn { quality: quality.round_ties_even().clamp(1.0, 100.0) as u8 }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        canvas.in_place(|image, scratch| jfif::recompress(image, drawn.quality, scratch));
    }
}
