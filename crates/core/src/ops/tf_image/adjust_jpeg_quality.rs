//! `adjust_jpeg_quality`: stores the image as JPEG and reads it again.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::base::{Canvas, Shape, Stream};
use crate::kernels::jpeg;
use crate::ops::{Doc, Int, Op, Placement, Problem, ShapeOut};

/// Stores the image as JPEG and reads it again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AdjustJpegQuality {
    /// Quality, 0..100; 0 is taken for 1.
    pub jpeg_quality: Int,
}

/// What one image gets.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// Quality, 0..100.
    pub jpeg_quality: u8,
}

impl Op for AdjustJpegQuality {
    type Drawn = Drawn;

    const DOC: Doc = Doc {
        summary: "Stores the image as JPEG and reads it again.",
        notes: "As tf.image's, but with an encoder that is not libjpeg: for the same quality values may differ. Images of more \
                than 65,535 rows or columns stay as they are.",
        short: Some("jpeg_quality"),
        examples: &["adjust_jpeg_quality: 75", "adjust_jpeg_quality: [30, 90]"],
    };

    fn check(&self) -> Result<(), Problem> {
        self.jpeg_quality.check("jpeg_quality", 0..=100)
    }

    fn shape_out(&self, _: Shape) -> ShapeOut {
        ShapeOut::Same
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Drawn {
        Drawn { jpeg_quality: self.jpeg_quality.draw(rng) as u8 }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        canvas.in_place(|image, _| jpeg::recompress(image, drawn.jpeg_quality));
    }

    fn place(_: &Drawn, _: Shape) -> Placement {
        Placement::Unmoved
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::painted;

    #[test]
    fn a_flat_color_hardly_changes() {
        let painted = painted::<AdjustJpegQuality>(&Drawn { jpeg_quality: 90 }, &[100; 60]);
        assert!(painted.iter().all(|v| v.abs_diff(100) <= 2), "{painted:?}");
    }
}
