//! `albumentations.random_fog`: many faint white disks.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::pixels::{Compat, two, unmoved};
use crate::base::{Canvas, Shape, Stream};
use crate::kernels::albumentations::weighted;
use crate::kernels::blur;
use crate::kernels::cv::draw::map_disk;
use crate::ops::range::within;
use crate::ops::{Doc, Op, Param, Problem};

/// Many faint white disks, as Albumentations' `RandomFog` draws them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RandomFog {
    /// How dense the fog is, 0..1.
    #[serde(default = "density")]
    pub fog_coef: Param,
    /// How much a disk covers, 0..1, before the density.
    #[serde(default = "alpha")]
    pub alpha_coef: f64,
    /// The version of Albumentations, 1 or 2; 1 has no disks on images of fewer than 30 columns or so.
    #[serde(default = "two")]
    pub compat: Compat,
}

fn density() -> Param {
    Param::Range(0.3, 1.0)
}

fn alpha() -> f64 {
    0.08
}

/// The fog of one image.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// How dense it is.
    pub fog_coef: f64,
    /// How much a disk covers, before the density.
    pub alpha_coef: f64,
    /// The version.
    pub compat: Compat,
    /// What places and sizes are expanded from.
    pub key: u64,
}

/// Rounds of disks, each further out or further in; more are never needed on images of up to 4096 pixels a side.
const MOST_ROUNDS: i64 = 4096;

impl Drawn {
    /// Version 1: from the middle outwards. Calls `disk` with middle and radius of each.
    fn outwards(&self, on: Shape, rng: &mut Stream, mut disk: impl FnMut([i64; 2], i64)) {
        let (width, height) = (on.width as i64, on.height as i64);
        let third = (width / 3) as f64 * self.fog_coef;
        let (step, size) = ((third as i64).max(1), (third as i64).max(10));
        let (mut x, mut y) = (width / 2 - 2 * step, height / 2 - step);
        for round in 1..=MOST_ROUNDS {
            if x <= -step && y <= -step {
                break;
            }
            for _ in 0..step / 10 * round {
                let left = rng.integer(x, width - x - step);
                let top = rng.integer(y, height - y - step);
                disk([left + size / 2, top + size / 2], size / 2);
            }
            x -= 3 * step * width / (width + height);
            y -= 3 * step * height / (width + height);
        }
    }

    /// Version 2: over the whole image, then further in, ten times.
    fn inwards(&self, on: Shape, rng: &mut Stream, mut disk: impl FnMut([i64; 2], i64)) {
        let (width, height) = (on.width as i64, on.height as i64);
        let region = (((width / 3) as f64 * self.fog_coef) as i64).max(1);
        let middle = [((width - 1) as f64 / 2.0) as i64, ((height - 1) as f64 / 2.0) as i64];
        let most = ((width.min(height) as f64 * 0.1 * self.fog_coef) as i64).max(2);
        let least = (most / 2).max(1);
        let (mut columns, mut rows) = (width, height);
        for _ in 0..10 {
            if columns <= region || rows <= region {
                break;
            }
            let area = (columns * rows) as f64 / (region * region) as f64;
            for _ in 0..(area * self.fog_coef * 10.0) as i64 {
                let x = rng.integer(middle[0] - columns / 2, middle[0] + columns / 2);
                let y = rng.integer(middle[1] - rows / 2, middle[1] + rows / 2);
                disk([x, y], rng.integer(least, (most - 1).max(least)));
            }
            (columns, rows) = ((columns as f64 * 0.9) as i64, (rows as f64 * 0.9) as i64);
        }
    }
}

impl Op for RandomFog {
    type Drawn = Drawn;

    const DOC: Doc = Doc {
        summary: "Many faint white disks, as Albumentations' RandomFog draws them.",
        notes: "Each disk makes bytes again; a blur follows. Gray images, which are an error there, are fogged alike.",
        short: Some("fog_coef"),
        examples: &[
            "albumentations.random_fog: {}",
            "albumentations.random_fog: { fog_coef: [0.1, 0.2], alpha_coef: 0.1 }",
            "albumentations.random_fog: { fog_coef: 1, compat: 1 }",
        ],
    };

    fn check(&self) -> Result<(), Problem> {
        self.fog_coef.check("fog_coef", 0.0..=1.0)?;
        within("alpha_coef", &self.alpha_coef, &(0.0..=1.0))
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Drawn {
        Drawn {
            fog_coef: self.fog_coef.draw(rng),
            alpha_coef: self.alpha_coef,
            compat: self.compat,
            key: rng.u64(),
        }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        let on = canvas.shape();
        let alpha = drawn.alpha_coef * drawn.fog_coef;
        let (fog, rest) = (alpha as f32, (1.0 - alpha) as f32);
        let table: [u8; 256] = std::array::from_fn(|v| weighted(255, fog, v as u8, rest));
        let mut rng = Stream::of_key(drawn.key);
        let disk = |at: [i64; 2], radius: i64| {
            canvas.in_place(|image, scratch| {
                map_disk(image, at, radius as usize, scratch, |pixel| {
                    for v in pixel {
                        *v = table[usize::from(*v)];
                    }
                });
            });
        };
        match drawn.compat {
            Compat::One => {
                drawn.outwards(on, &mut rng, disk);
                let side = (((on.width / 3) as f64 * drawn.fog_coef) as usize).max(10) / 10;
                canvas.redraw(on, |from, to, scratch| blur::average_blur(from, to, (side, side), scratch));
            }
            Compat::Two => {
                drawn.inwards(on, &mut rng, disk);
                let side = (on.width.min(on.height) / 30).max(3) | 1;
                canvas
                    .redraw(on, |from, to, scratch| blur::gaussian_blur_sized(from, to, side, 0.0, scratch));
            }
        }
    }

    unmoved!();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fog_brightens() {
        let mut canvas = Canvas::default();
        canvas.reset(Shape::rgb(28, 28)).fill(10);
        let drawn = Drawn { fog_coef: 0.7, alpha_coef: 0.08, compat: Compat::Two, key: 3 };
        RandomFog::paint(&drawn, &mut canvas);
        let mean = canvas.pixels().iter().map(|v| f64::from(*v)).sum::<f64>() / 2352.0;
        assert!((15.0..220.0).contains(&mean), "{mean}");
        // There is no disk on so small an image, and no blur.
        canvas.reset(Shape::rgb(28, 28)).fill(10);
        RandomFog::paint(&Drawn { compat: Compat::One, ..drawn }, &mut canvas);
        assert!(canvas.pixels().iter().all(|v| *v == 10));
        canvas.reset(Shape::rgb(100, 120)).fill(10);
        RandomFog::paint(&Drawn { compat: Compat::One, ..drawn }, &mut canvas);
        assert!(canvas.pixels().iter().any(|v| *v > 20));
    }
}
