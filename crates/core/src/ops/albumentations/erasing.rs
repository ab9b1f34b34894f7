//! `albumentations.erasing`: covers one rectangle of a random shape.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::pixels::{Fill, unmoved};
use crate::base::{Canvas, Shape, Stream};
use crate::kernels::albumentations::cover;
use crate::ops::range::{ordered, within};
use crate::ops::{Doc, Op, Problem};

/// Covers one rectangle of a random shape, as Albumentations' `Erasing` does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Erasing {
    /// The rectangle's share of the image's area, `[lo, hi]`, 0..1.
    #[serde(default = "scale")]
    pub scale: [f64; 2],
    /// The rectangle's width over its height, `[lo, hi]`.
    #[serde(default = "ratio")]
    pub ratio: [f64; 2],
    /// What covers it.
    #[serde(default)]
    pub fill: Fill,
}

fn scale() -> [f64; 2] {
    [0.02, 0.33]
}

fn ratio() -> [f64; 2] {
    [0.3, 3.3]
}

/// The rectangle of one image.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// Left, top, right, bottom; the last two not included.
    pub hole: [usize; 4],
    /// What covers it.
    pub fill: Fill,
    /// What random fills are expanded from.
    pub key: u64,
}

impl Erasing {
    /// A rectangle within an image of shape `on`, or an empty one where none fits.
    fn hole(&self, on: Shape, rng: &mut Stream) -> [usize; 4] {
        let (width, height) = (on.width as f64, on.height as f64);
        let fits = |ratio: f64| (ratio * height * height, width * width / ratio);
        let ((low_h, low_w), (high_h, high_w)) = (fits(self.ratio[0]), fits(self.ratio[1]));
        let least = width * height * self.scale[0];
        let most = (width * height * self.scale[1]).min(low_h.min(high_h)).min(low_w.min(high_w));
        if most < least || most <= 0.0 {
            return [0; 4];
        }
        let area = rng.uniform(least, most).max(f64::MIN_POSITIVE);
        let (low, high) =
            (self.ratio[0].max(area / (height * height)), self.ratio[1].min(width * width / area));
        if low > high {
            return [0; 4];
        }
        let ratio = rng.uniform(low, high);
        let rows = ((area / ratio).sqrt().round_ties_even() as usize).min(on.height);
        let columns = ((area * ratio).sqrt().round_ties_even() as usize).min(on.width);
        let (top, left) = (rng.index(on.height - rows + 1), rng.index(on.width - columns + 1));
        [left, top, left + columns, top + rows]
    }
}

impl Op for Erasing {
    type Drawn = Drawn;

    const DOC: Doc = Doc {
        summary: "Covers one rectangle of a random shape, as Albumentations' Erasing does.",
        notes: "Areas and ratios are uniform, as far as the rectangle fits.",
        short: Some("scale"),
        examples: &[
            "albumentations.erasing: {}",
            "albumentations.erasing: { scale: [0.1, 0.5], ratio: [1, 1], fill: random }",
        ],
    };

    fn check(&self) -> Result<(), Problem> {
        for end in self.scale {
            within("scale", &end, &(0.0..=1.0))?;
        }
        for end in self.ratio {
            within("ratio", &end, &(0.001..=1000.0))?;
        }
        ordered("scale", &self.scale[0], &self.scale[1])?;
        ordered("ratio", &self.ratio[0], &self.ratio[1])
    }

    fn draw(&self, on: Shape, rng: &mut Stream) -> Drawn {
        Drawn { hole: self.hole(on, rng), fill: self.fill, key: rng.u64() }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        let mut rng = Stream::of_key(drawn.key);
        canvas.in_place(|image, _| cover(image, drawn.hole, drawn.fill.colors(&mut rng)));
    }

    unmoved!();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::draws;

    #[test]
    fn rectangles_fit_and_have_the_asked_area() {
        let op = Erasing { scale: scale(), ratio: ratio(), fill: Fill::default() };
        for Drawn { hole: [left, top, right, bottom], .. } in draws(&op, 2000) {
            assert!(left < right && right <= 28 && top < bottom && bottom <= 28);
            let area = ((right - left) * (bottom - top)) as f64 / 784.0;
            assert!((0.01..0.36).contains(&area), "{area}");
        }
        assert_eq!(
            Erasing { ratio: [900.0, 1000.0], scale: [0.5, 0.6], ..op }
                .hole(Shape::gray(28, 28), &mut Stream::of_key(1)),
            [0; 4]
        );
    }
}
