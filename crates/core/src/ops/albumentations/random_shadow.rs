//! `albumentations.random_shadow`: darkens polygons.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::pixels::{Compat, two, unmoved};
use crate::base::{Canvas, ImageMut, Scratch, Shape, Stream};
use crate::kernels::cv::{draw, hls};
use crate::ops::range::{ordered, within};
use crate::ops::{Doc, Int, Op, Param, Problem};

/// Darkens polygons, as Albumentations' `RandomShadow` does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RandomShadow {
    /// Where corners lie, `[left, top, right, bottom]` as fractions of the image.
    #[serde(default = "below")]
    pub shadow_roi: [f64; 4],
    /// How many polygons, 0..100.
    #[serde(default = "one_or_two")]
    pub num_shadows: Int,
    /// How many corners each has, 3..32.
    #[serde(default = "five")]
    pub shadow_dimension: u8,
    /// How much is taken off the values, 0..1. Version 2 only; 1 halves the lightness.
    #[serde(default = "half")]
    pub shadow_intensity: Param,
    /// The version of Albumentations, 1 or 2.
    #[serde(default = "two")]
    pub compat: Compat,
}

fn below() -> [f64; 4] {
    [0.0, 0.5, 1.0, 1.0]
}

fn one_or_two() -> Int {
    Int::Range(1, 2)
}

fn five() -> u8 {
    5
}

fn half() -> Param {
    Param::Constant(0.5)
}

/// Most corners of a polygon.
const MOST_CORNERS: u8 = 32;

/// The shadows of one image.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// Where corners lie.
    pub shadow_roi: [f64; 4],
    /// How many polygons.
    pub shadows: u8,
    /// How many corners each has.
    pub corners: u8,
    /// How much is taken off, from and to; a number of its own for each polygon.
    pub intensity: [f64; 2],
    /// The version.
    pub compat: Compat,
    /// What the random numbers are expanded from.
    pub key: u64,
}

impl Drawn {
    fn cast(&self, image: ImageMut<'_>, rng: &mut Stream, scratch: &mut Scratch) {
        let ImageMut { shape, data } = image;
        let size = (shape.height, shape.width);
        let mut mask = scratch.take_u8(shape.pixels());
        mask.fill(0);
        let [left, top, right, bottom] = self.shadow_roi;
        let ends = |lo: f64, hi: f64, side: usize| {
            let (lo, hi) = ((lo * side as f64) as i64, (hi * side as f64) as i64);
            // Version 2 leaves the end out.
            (lo, if self.compat == Compat::Two { (hi - 1).max(lo) } else { hi })
        };
        let (xs, ys) = (ends(left, right, shape.width), ends(top, bottom, shape.height));
        let mut corners = [[0; 2]; MOST_CORNERS as usize];
        let corners = &mut corners[..usize::from(self.corners.min(MOST_CORNERS))];
        for _ in 0..self.shadows {
            for corner in corners.iter_mut() {
                *corner = [rng.integer(xs.0, xs.1) as i32, rng.integer(ys.0, ys.1) as i32];
            }
            let rest = 1.0 - rng.uniform(self.intensity[0], self.intensity[1]);
            draw::fill_polygon(&mut mask, size, corners, scratch);
            if self.compat == Compat::Two {
                for (pixel, marked) in data.chunks_exact_mut(shape.channels()).zip(&mut mask) {
                    if std::mem::take(marked) == 255 {
                        for v in pixel {
                            *v = (f64::from(*v) * rest) as u8;
                        }
                    }
                }
            }
        }
        if self.compat == Compat::One && shape.channels() == 3 {
            for (pixel, marked) in data.as_chunks_mut::<3>().0.iter_mut().zip(&mask) {
                let [h, l, s] = hls::hls8_of_rgb(*pixel);
                *pixel = hls::rgb_of_hls8([h, if *marked == 255 { l / 2 } else { l }, s]);
            }
        }
        scratch.give_u8(mask);
    }
}

impl Op for RandomShadow {
    type Drawn = Drawn;

    const DOC: Doc = Doc {
        summary: "Darkens polygons, as Albumentations' RandomShadow does.",
        notes: "Version 1 takes the whole image through 8-bit HLS, and refuses gray images, which stay here.",
        short: Some("num_shadows"),
        examples: &[
            "albumentations.random_shadow: {}",
            "albumentations.random_shadow: { num_shadows: [1, 3], shadow_dimension: 3, shadow_intensity: [0.2, 0.9] }",
            "albumentations.random_shadow: { shadow_roi: [0, 0, 1, 1], compat: 1 }",
        ],
    };

    fn check(&self) -> Result<(), Problem> {
        for edge in self.shadow_roi {
            within("shadow_roi", &edge, &(0.0..=1.0))?;
        }
        ordered("shadow_roi", &self.shadow_roi[0], &self.shadow_roi[2])?;
        ordered("shadow_roi", &self.shadow_roi[1], &self.shadow_roi[3])?;
        self.num_shadows.check("num_shadows", 0..=100)?;
        within("shadow_dimension", &self.shadow_dimension, &(3..=MOST_CORNERS))?;
        if let Param::Choice(_) = self.shadow_intensity {
            return Err(Problem::new("shadow_intensity", "a number or a range"));
        }
        self.shadow_intensity.check("shadow_intensity", 0.0..=1.0)
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Drawn {
        let intensity = match self.shadow_intensity {
            Param::Range(lo, hi) => [lo, hi],
            ref other => [other.draw(rng); 2],
        };
        Drawn {
            shadow_roi: self.shadow_roi,
            shadows: self.num_shadows.draw(rng) as u8,
            corners: self.shadow_dimension,
            intensity,
            compat: self.compat,
            key: rng.u64(),
        }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        let mut rng = Stream::of_key(drawn.key);
        canvas.in_place(|image, scratch| drawn.cast(image, &mut rng, scratch));
    }

    unmoved!();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::draws;

    #[test]
    fn shadows_lie_below_and_halve_values() {
        let op = RandomShadow {
            shadow_roi: below(),
            num_shadows: Int::Constant(1),
            shadow_dimension: 5,
            shadow_intensity: half(),
            compat: Compat::Two,
        };
        let mut canvas = Canvas::default();
        let mut dark = 0;
        for drawn in draws(&op, 200) {
            canvas.reset(Shape::gray(28, 28)).fill(100);
            RandomShadow::paint(&drawn, &mut canvas);
            assert!(canvas.pixels()[..14 * 28].iter().all(|v| *v == 100));
            assert!(canvas.pixels().iter().all(|v| [50, 100].contains(v)));
            dark += canvas.pixels().iter().map(|v| usize::from(*v == 50)).sum::<usize>();
        }
        assert!((50..200).contains(&(dark / 200)), "{dark}");
    }
}
