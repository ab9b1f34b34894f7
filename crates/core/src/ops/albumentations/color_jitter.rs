//! `albumentations.color_jitter`: brightness, contrast, saturation and hue in random order.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::pixels::{Compat, two, unmoved};
use crate::base::{Canvas, ImageMut, Shape, Stream};
use crate::kernels::albumentations::{gray, linear_table, linear_table64, mean, weighted};
use crate::kernels::cv::{self, hsv};
use crate::ops::{Doc, Op, Param, Problem};

/// Brightness, contrast, saturation and hue in random order, as Albumentations' `ColorJitter` does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AlbumentationsColorJitter {
    /// Factor of all values, at least 0.
    #[serde(default = "fifth")]
    pub brightness: Param,
    /// Factor of the distance to the mean of the gray image, at least 0.
    #[serde(default = "fifth")]
    pub contrast: Param,
    /// Factor of the distance to the gray image, at least 0.
    #[serde(default = "fifth")]
    pub saturation: Param,
    /// Turn of the hue in circles, -0.5..0.5.
    #[serde(default = "half_circle")]
    pub hue: Param,
    /// The version of Albumentations, 1 or 2, which compute in double and single precision. (Version 1's own default of hue is [-0.2, 0.2].)
    #[serde(default = "two")]
    pub compat: Compat,
}

fn fifth() -> Param {
    Param::Range(0.8, 1.2)
}

fn half_circle() -> Param {
    Param::Range(-0.5, 0.5)
}

/// The changes of one image.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// Factors of brightness, contrast and saturation, and turn of the hue.
    pub amounts: [f64; 4],
    /// In which order they are made, by their number in `amounts`.
    pub order: [u8; 4],
    /// The version.
    pub compat: Compat,
}

/// Replaces values by their product with `alpha` plus `beta`.
fn line(image: ImageMut<'_>, alpha: f64, beta: f64, version: Compat) {
    let table = match version {
        Compat::One => linear_table64(alpha, beta),
        Compat::Two => linear_table(alpha as f32, beta as f32),
    };
    cv::look_up(image, &table);
}

fn contrast(image: ImageMut<'_>, factor: f64, version: Compat) {
    let average = if image.shape.channels() == 1 {
        mean(image.as_image())
    } else {
        let pixels = image.data.as_chunks::<3>().0;
        let sum: u64 = pixels.iter().map(|pixel| u64::from(gray(*pixel))).sum();
        sum as f64 / pixels.len().max(1) as f64
    };
    if factor == 0.0 {
        image.data.fill((average + 0.5) as u8);
    } else {
        line(image, factor, average * (1.0 - factor), version);
    }
}

fn turn(image: ImageMut<'_>, circles: f64) {
    let table: [u8; 256] = std::array::from_fn(|h| (h as f64 + 180.0 * circles).rem_euclid(180.0) as u8);
    hsv::map_hsv(image, |[h, s, v]| [table[usize::from(h)], s, v]);
}

impl Op for AlbumentationsColorJitter {
    type Drawn = Drawn;

    const DOC: Doc = Doc {
        summary: "Brightness, contrast, saturation and hue in random order, as Albumentations' ColorJitter does.",
        notes: "Each change makes bytes again. On gray images saturation and hue change nothing.",
        short: None,
        examples: &[
            "albumentations.color_jitter: {}",
            "albumentations.color_jitter: { brightness: [0.5, 1.5], contrast: 1, saturation: 0, hue: 0.1, compat: 1 }",
        ],
    };

    fn check(&self) -> Result<(), Problem> {
        self.brightness.check("brightness", 0.0..=1000.0)?;
        self.contrast.check("contrast", 0.0..=1000.0)?;
        self.saturation.check("saturation", 0.0..=1000.0)?;
        self.hue.check("hue", -0.5..=0.5)
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Drawn {
        let amounts =
            [&self.brightness, &self.contrast, &self.saturation, &self.hue].map(|param| param.draw(rng));
        let mut order = [0, 1, 2, 3];
        rng.shuffle(&mut order);
        Drawn { amounts, order, compat: self.compat }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        let [brightness, by_contrast, saturation, hue] = drawn.amounts;
        for change in drawn.order {
            canvas.in_place(|image, _| match change {
                0 if brightness != 1.0 => line(image, brightness, 0.0, drawn.compat),
                1 if by_contrast != 1.0 => contrast(image, by_contrast, drawn.compat),
                2 if saturation != 1.0 => {
                    let (own, other) = (saturation as f32, (1.0 - saturation) as f32);
                    cv::map_rgb(image, |pixel| {
                        let gray = gray(pixel);
                        pixel.map(|v| weighted(v, own, gray, other))
                    });
                }
                3 if hue != 0.0 => turn(image, hue),
                _ => {}
            });
        }
    }

    unmoved!();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::{draws, painted};

    #[test]
    fn all_orders_are_drawn() {
        let op = AlbumentationsColorJitter {
            brightness: fifth(),
            contrast: fifth(),
            saturation: fifth(),
            hue: half_circle(),
            compat: Compat::Two,
        };
        let orders: std::collections::BTreeSet<_> = draws(&op, 2000).map(|drawn| drawn.order).collect();
        assert_eq!(orders.len(), 24);
    }

    #[test]
    fn changes_are_made_in_their_order() {
        let drawn = |amounts, order| Drawn { amounts, order, compat: Compat::One };
        assert_eq!(
            painted::<AlbumentationsColorJitter>(&drawn([0.5, 1.0, 1.0, 0.0], [0, 1, 2, 3]), &[100, 51]),
            [50, 25]
        );
        assert_eq!(
            painted::<AlbumentationsColorJitter>(&drawn([1.0, 0.0, 1.0, 0.0], [0, 1, 2, 3]), &[100, 51]),
            [76, 76]
        );
        assert_eq!(
            painted::<AlbumentationsColorJitter>(&drawn([1.0, 1.0, 0.0, 0.0], [3, 2, 1, 0]), &[255, 0, 0]),
            [76; 3]
        );
        let turned = drawn([1.0, 1.0, 1.0, 0.5], [0, 1, 2, 3]);
        assert_eq!(painted::<AlbumentationsColorJitter>(&turned, &[255, 0, 0]), [0, 255, 255]);
        let both = [4.0, 0.5, 1.0, 0.0];
        assert_eq!(painted::<AlbumentationsColorJitter>(&drawn(both, [0, 1, 2, 3]), &[100, 0]), [191, 63]);
        assert_eq!(painted::<AlbumentationsColorJitter>(&drawn(both, [1, 0, 2, 3]), &[100, 0]), [255, 100]);
    }
}
