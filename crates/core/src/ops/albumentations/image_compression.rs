//! `albumentations.image_compression`: stores the image as JPEG and reads it again.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::pixels::unmoved;
use crate::base::{Canvas, Shape, Stream};
use crate::kernels::{cv, jfif};
use crate::ops::{Doc, Int, Op, Problem};

/// Stores the image as JPEG and reads it again, as Albumentations' `ImageCompression` does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ImageCompression {
    /// The quality, 0..100.
    #[serde(default = "best")]
    pub quality: Int,
}

fn best() -> Int {
    Int::Range(99, 100)
}

/// The quality of one image.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// 0..100.
    pub quality: u8,
}

impl Op for ImageCompression {
    type Drawn = Drawn;

    const DOC: Doc = Doc {
        summary: "Stores the image as JPEG and reads it again, as Albumentations' ImageCompression does.",
        notes: "Red is taken for blue and blue for red, as there.",
        short: Some("quality"),
        examples: &["albumentations.image_compression: {}", "albumentations.image_compression: [30, 90]"],
    };

    fn check(&self) -> Result<(), Problem> {
        self.quality.check("quality", 0..=100)
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Drawn {
        Drawn { quality: self.quality.draw(rng) as u8 }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        let swap = |[r, g, b]: [u8; 3]| [b, g, r];
        canvas.in_place(|image, _| cv::map_rgb(image, swap));
        canvas.in_place(|image, scratch| jfif::recompress(image, drawn.quality, scratch));
        canvas.in_place(|image, _| cv::map_rgb(image, swap));
    }

    unmoved!();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::{draws, painted};

    #[test]
    fn flat_images_stay_almost_and_qualities_include_both_ends() {
        let row = painted::<ImageCompression>(&Drawn { quality: 95 }, &[10, 120, 200].repeat(16));
        assert!(row.chunks_exact(3).all(|p| p.iter().zip([10, 120, 200]).all(|(a, b)| a.abs_diff(b) < 5)));
        let op = ImageCompression { quality: Int::Range(5, 6) };
        let low = draws(&op, 1000).filter(|d| d.quality == 5).count();
        assert!(low.abs_diff(500) < 80, "{low}");
    }
}
