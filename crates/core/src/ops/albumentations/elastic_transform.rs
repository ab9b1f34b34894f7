//! `albumentations.elastic_transform`: reads every pixel at a place moved by smoothed noise.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::common::{Compat, Fill, constant, field, linear, outside, two};
use crate::base::{Canvas, Image, ImageMut, Scratch, Shape, Stream};
use crate::kernels::affine::{self, Matrix};
use crate::kernels::border::Border;
use crate::kernels::cv::smooth;
use crate::kernels::cv::warp::{Interpolation, remap, warp_affine};
use crate::ops::range::within;
use crate::ops::{Doc, Op, Placement, Problem, ShapeOut};

crate::named! {
    /// The distribution of the noise before it is smoothed.
    pub enum Noise {
        /// Normal, divided by the greatest number.
        Gaussian = "gaussian",
        /// Uniform in -1..1.
        Uniform = "uniform",
    }
}

/// Moves pixels by smoothed noise, as Albumentations' `ElasticTransform` does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AlbElasticTransform {
    /// Factor of the noise.
    #[serde(default = "alpha")]
    pub alpha: f64,
    /// Standard deviation in pixels of the Gaussian that smooths the noise.
    #[serde(default = "sigma")]
    pub sigma: f64,
    /// Three points move by up to so many pixels first, and the image along; 0 for none.
    #[serde(default)]
    pub alpha_affine: f64,
    /// Whether the Gaussian is cut off 8 pixels from its center.
    #[serde(default)]
    pub approximate: bool,
    /// Whether both axes move alike.
    #[serde(default)]
    pub same_dxdy: bool,
    /// The distribution of the noise: `gaussian` or `uniform`. Version 1 has `uniform` only.
    #[serde(default = "normal")]
    pub noise_distribution: Noise,
    /// How pixels are found: `nearest`, `linear` or `cubic`.
    #[serde(default = "linear")]
    pub interpolation: Interpolation,
    /// What lies beyond the border.
    #[serde(default = "constant")]
    pub border: Border,
    /// Its color, where it is constant.
    #[serde(default)]
    pub fill: Fill,
    /// Version of Albumentations, 1 or 2: in 2 both axes are smoothed as one field, so that they leak into each other.
    #[serde(default = "two")]
    pub compat: Compat,
}

fn alpha() -> f64 {
    1.0
}

fn sigma() -> f64 {
    50.0
}

fn normal() -> Noise {
    Noise::Gaussian
}

/// How one image is transformed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// Factor of the noise.
    pub alpha: f64,
    /// Standard deviation of the Gaussian, in pixels.
    pub sigma: f64,
    /// By how much three points move, in pixels; all 0 for none.
    pub points: [[f32; 2]; 3],
    /// Whether the Gaussian is cut off 8 pixels from its center.
    pub approximate: bool,
    /// Whether both axes move alike.
    pub same_dxdy: bool,
    /// The distribution of the noise.
    pub noise_distribution: Noise,
    /// How pixels are found.
    pub interpolation: Interpolation,
    /// What lies beyond the border.
    pub border: Border,
    /// Its color.
    pub fill: Fill,
    /// The version's rule.
    pub compat: Compat,
    /// Gives the noise.
    pub key: u64,
}

impl Drawn {
    /// The displacements of an image of shape `on`: dx, then dy; give the buffer back.
    fn displacements(&self, on: Shape, scratch: &mut Scratch) -> Vec<f32> {
        let n = on.pixels();
        let mut noise = scratch.take_f32(2 * n);
        let drawn = if self.same_dxdy { n } else { 2 * n };
        let mut rng = Stream::of_key(self.key);
        match self.noise_distribution {
            Noise::Gaussian => {
                let mut most = 0.0_f32;
                for value in &mut noise[..drawn] {
                    *value = rng.normal() as f32;
                    most = most.max(value.abs());
                }
                if most > 1e-6 {
                    noise[..drawn].iter_mut().for_each(|value| *value /= most);
                }
            }
            Noise::Uniform => {
                noise[..drawn].iter_mut().for_each(|value| *value = (rng.unit() * 2.0 - 1.0) as f32);
            }
        }
        // How far the windows of both libraries reach, and what they see beyond the border.
        let (border, radius) = match self.compat {
            Compat::One if self.approximate => (Border::Reflect, 8),
            Compat::One => (Border::Symmetric, (4.0 * self.sigma + 0.5) as usize),
            Compat::Two if self.approximate => (Border::Edge, 8),
            Compat::Two => (Border::Edge, ((8.0 * self.sigma + 1.0).round_ties_even() as usize | 1) / 2),
        };
        let together = if self.compat == Compat::One { n } else { drawn };
        if n > 0 {
            for part in noise[..drawn].chunks_exact_mut(together) {
                smooth::gaussian(part, on.width, self.sigma, radius, border, scratch);
            }
        }
        let alpha = self.alpha as f32;
        noise[..drawn].iter_mut().for_each(|value| *value *= alpha);
        if self.same_dxdy {
            noise.copy_within(..n, n);
        }
        noise
    }

    /// From the image to one whose three points have moved; none if they have not.
    fn affine(&self, on: Shape) -> Option<Matrix> {
        let size = (on.height.min(on.width) / 3) as f32;
        if self.points == [[0.0; 2]; 3] || size == 0.0 {
            return None;
        }
        // Height and width stand in this order there.
        let (x, y) = ((on.height / 2) as f32, (on.width / 2) as f32);
        let from = [[x + size, y + size], [x + size, y - size], [x - size, y - size]];
        let to: [[f64; 2]; 3] =
            std::array::from_fn(|i| [0, 1].map(|c| f64::from(from[i][c] + self.points[i][c])));
        let across = -2.0 * f64::from(size);
        Some([0, 1].map(|c| {
            let along_y = (to[1][c] - to[0][c]) / across;
            let along_x = (to[2][c] - to[1][c]) / across;
            let start = to[0][c] - along_x * f64::from(from[0][0]) - along_y * f64::from(from[0][1]);
            [along_x, along_y, start]
        }))
    }
}

/// Below this many pixels a field is noise: it scatters pixels and moves no object.
const SMOOTH: f64 = 2.0;

impl Op for AlbElasticTransform {
    type Drawn = Drawn;

    const DOC: Doc = Doc {
        summary: "Moves pixels by smoothed noise, as Albumentations' ElasticTransform does.",
        notes: "For boxes, a field with a sigma below 2 counts as unmoved.",
        short: None,
        examples: &[
            "albumentations.elastic_transform: { alpha: 30, sigma: 4 }",
            "albumentations.elastic_transform: { alpha: 20, sigma: 3, alpha_affine: 3, noise_distribution: uniform, \
             border: reflect, compat: 1 }",
            "albumentations.elastic_transform: { alpha: 20, sigma: 5, approximate: true, same_dxdy: true, interpolation: cubic }",
            "albumentations.elastic_transform: {}",
        ],
    };

    fn check(&self) -> Result<(), Problem> {
        within("alpha", &self.alpha, &(-100_000.0..=100_000.0))?;
        within("sigma", &self.sigma, &(0.01..=1000.0))?;
        within("alpha_affine", &self.alpha_affine, &(0.0..=10_000.0))
    }

    fn shape_out(&self, _: Shape) -> ShapeOut {
        ShapeOut::Same
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Drawn {
        let far = self.alpha_affine;
        let points = if far == 0.0 {
            [[0.0; 2]; 3]
        } else {
            std::array::from_fn(|_| std::array::from_fn(|_| rng.uniform(-far, far) as f32))
        };
        Drawn {
            alpha: self.alpha,
            sigma: self.sigma,
            points,
            approximate: self.approximate,
            same_dxdy: self.same_dxdy,
            noise_distribution: self.noise_distribution,
            interpolation: self.interpolation,
            border: self.border,
            fill: self.fill,
            compat: self.compat,
            key: rng.u64(),
        }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        let on = canvas.shape();
        let outside = outside(drawn.border, drawn.fill);
        canvas.redraw(on, |src, dst, scratch| {
            let mut map = drawn.displacements(on, scratch);
            let (xs, ys) = map.split_at_mut(on.pixels());
            for (i, (x, y)) in xs.iter_mut().zip(ys).enumerate() {
                *x += (i % on.width) as f32;
                *y += (i / on.width) as f32;
            }
            match drawn.affine(on) {
                None => remap(src, dst, &map, drawn.interpolation, outside, scratch),
                Some(forward) => {
                    let mut room = scratch.take_u8(on.bytes());
                    let inverse = affine::invert(&forward);
                    let first = ImageMut::new(on, &mut room);
                    warp_affine(src, first, &inverse, drawn.interpolation, outside, scratch);
                    remap(Image::new(on, &room), dst, &map, drawn.interpolation, outside, scratch);
                    scratch.give_u8(room);
                }
            }
            scratch.give_f32(map);
        });
    }

    fn place(drawn: &Drawn, on: Shape) -> Placement {
        let forward = drawn.affine(on);
        if drawn.sigma < SMOOTH || on.pixels() == 0 {
            return forward.map_or(Placement::Unmoved, |forward| Placement::Affine { forward, to: on });
        }
        let moved = drawn.displacements(on, &mut Scratch::default());
        let (dx, dy) = moved.split_at(on.pixels());
        let inverse = forward.map(|forward| affine::invert(&forward));
        field(on, |x, y| {
            let at = y * on.width + x;
            let (x, y) = (x as f64 + f64::from(dx[at]), y as f64 + f64::from(dy[at]));
            inverse.map_or([x, y], |m| m.map(|row| row[0] * x + row[1] * y + row[2]))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(text: &str) -> Drawn {
        let op: AlbElasticTransform = serde_json::from_str(text).unwrap();
        op.draw(Shape::gray(20, 30), &mut Stream::of_key(5))
    }

    #[test]
    fn three_points_move_as_drawn() {
        let on = Shape::gray(20, 30);
        let drawn = drawn("{\"alpha_affine\": 3.0}");
        let m = drawn.affine(on).unwrap();
        for (from, by) in [[16.0, 21.0], [16.0, 9.0], [4.0, 9.0]].into_iter().zip(drawn.points) {
            let got = m.map(|row| row[0] * from[0] + row[1] * from[1] + row[2]);
            for c in 0..2 {
                assert!((got[c] - from[c] - f64::from(by[c])).abs() < 1e-5, "{got:?} {from:?} {by:?}");
            }
        }
    }

    #[test]
    fn wide_windows_leave_only_the_mean_of_what_is_mirrored() {
        let drawn = drawn("{\"alpha\": 100.0, \"sigma\": 50.0, \"compat\": 1}");
        let field = drawn.displacements(Shape::gray(20, 30), &mut Scratch::default());
        let (least, most) =
            field[..600].iter().fold((f32::MAX, f32::MIN), |(least, most), d| (least.min(*d), most.max(*d)));
        assert!(most - least < 0.01, "{least} {most}");
    }

    /// Means over 3,000 fields that SciPy and OpenCV made as each version does.
    #[test]
    fn fields_are_as_large_as_those_of_the_library() {
        let on = Shape::gray(28, 28);
        for (compat, sigma, all, corner) in [
            (1, 2.0, 2.7593, 4.776),
            (1, 8.0, 0.9179, 1.1915),
            (2, 2.0, 1.3938, 3.4874),
            (2, 8.0, 0.7881, 2.4353),
        ] {
            let noise = if compat == 1 { "uniform" } else { "gaussian" };
            let text = format!(
                "{{\"alpha\": 30.0, \"sigma\": {sigma}, \"noise_distribution\": \"{noise}\", \"compat\": {compat}}}"
            );
            let op: AlbElasticTransform = serde_json::from_str(&text).unwrap();
            let (mut sums, mut scratch) = ([0.0; 2], Scratch::default());
            for key in 0..400 {
                let field = op.draw(on, &mut Stream::of_key(key)).displacements(on, &mut scratch);
                sums[0] += field.iter().map(|d| f64::from(*d) * f64::from(*d)).sum::<f64>() / 1568.0;
                sums[1] += f64::from(field[0]) * f64::from(field[0]);
                scratch.give_f32(field);
            }
            let [ours, ours_corner] = sums.map(|sum| (sum / 400.0).sqrt());
            assert!((ours / all - 1.0).abs() < 0.06, "{text}: {ours}, theirs {all}");
            assert!((ours_corner / corner - 1.0).abs() < 0.14, "{text}: {ours_corner}, theirs {corner}");
        }
    }
}
