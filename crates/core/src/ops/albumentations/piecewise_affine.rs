//! `albumentations.piecewise_affine`: the points of a grid move, and every pixel follows all of them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::common::{Fill, constant, field, linear, outside};
use crate::base::{Canvas, Scratch, Shape, Stream};
use crate::kernels::border::Border;
use crate::kernels::cv::warp::{Interpolation, remap};
use crate::ops::{Doc, Int, Op, Param, Placement, Problem, ShapeOut};

/// The points of a grid move, and every pixel follows all of them, as in `PiecewiseAffine` of Albumentations 2.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AlbPiecewiseAffine {
    /// Three standard deviations by which points move, as a fraction of the shorter side.
    #[serde(default = "scale")]
    pub scale: Param,
    /// Whether `scale` is in pixels.
    #[serde(default)]
    pub absolute_scale: bool,
    /// Rows of points, 2..64; both ends of a range included.
    #[serde(default = "four")]
    pub nb_rows: Int,
    /// Columns of points, 2..64; both ends of a range included.
    #[serde(default = "four")]
    pub nb_cols: Int,
    /// How pixels are found: `nearest`, `linear` or `cubic`.
    #[serde(default = "linear")]
    pub interpolation: Interpolation,
    /// What lies beyond the border.
    #[serde(default = "constant")]
    pub border: Border,
    /// Its color, where it is constant.
    #[serde(default)]
    pub fill: Fill,
}

fn scale() -> Param {
    Param::Range(0.03, 0.05)
}

fn four() -> Int {
    Int::Constant(4)
}

/// How one image is transformed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// Three standard deviations by which points move.
    pub scale: f64,
    /// Whether they are in pixels.
    pub absolute_scale: bool,
    /// Rows of points.
    pub nb_rows: u8,
    /// Columns of points.
    pub nb_cols: u8,
    /// How pixels are found.
    pub interpolation: Interpolation,
    /// What lies beyond the border.
    pub border: Border,
    /// Its color.
    pub fill: Fill,
    /// Gives two normal numbers for each point, row by row, that for y first.
    pub key: u64,
}

impl Drawn {
    /// Each point: x and y, and where they move to. Give the buffer back.
    fn points(&self, on: Shape, scratch: &mut Scratch) -> Vec<f32> {
        let (rows, columns) = (usize::from(self.nb_rows), usize::from(self.nb_cols));
        let unit = if self.absolute_scale { 1.0 } else { on.height.min(on.width) as f64 };
        let deviation = self.scale * unit / 3.0;
        let mut rng = Stream::of_key(self.key);
        let mut points = scratch.take_f32(4 * rows * columns);
        let (right, bottom) = (on.width as f32 - 1.0, on.height as f32 - 1.0);
        for (i, point) in points.as_chunks_mut::<4>().0.iter_mut().enumerate() {
            let x = right * (i % columns) as f32 / (columns - 1) as f32;
            let y = bottom * (i / columns) as f32 / (rows - 1) as f32;
            let by_y = (rng.normal() * deviation) as f32;
            let by_x = (rng.normal() * deviation) as f32;
            *point = [x, y, (x + by_x).clamp(0.0, right), (y + by_y).clamp(0.0, bottom)];
        }
        points
    }
}

/// Where pixel (x, y) is read: the mean of where all points move to, weighted by the inverse square of their distance.
fn source(points: &[f32], x: f32, y: f32, on: Shape) -> [f32; 2] {
    let (mut total, mut sums) = (0.0, [0.0; 2]);
    for &[px, py, to_x, to_y] in points.as_chunks::<4>().0 {
        let (dx, dy) = (x - px, y - py);
        let weight = 1.0 / (dx * dx + dy * dy + 1e-8);
        total += weight;
        sums[0] += weight * to_x;
        sums[1] += weight * to_y;
    }
    let ends = [on.width as f32 - 1.0, on.height as f32 - 1.0];
    [0, 1].map(|axis| (sums[axis] / total).clamp(0.0, ends[axis]))
}

impl Op for AlbPiecewiseAffine {
    type Drawn = Drawn;

    const DOC: Doc = Doc {
        summary: "The points of a grid move, and every pixel follows all of them, as in PiecewiseAffine of Albumentations 2.",
        notes: "All pixels are drawn towards the points, even where nothing moves, as they are there. That of version 1 is piecewise_affine.",
        short: Some("scale"),
        examples: &[
            "albumentations.piecewise_affine: [0.03, 0.05]",
            "albumentations.piecewise_affine: { scale: 2, absolute_scale: true, nb_rows: [3, 5], nb_cols: 4, border: edge }",
        ],
    };

    fn check(&self) -> Result<(), Problem> {
        self.scale.check("scale", 0.0..=10_000.0)?;
        self.nb_rows.check("nb_rows", 2..=64)?;
        self.nb_cols.check("nb_cols", 2..=64)
    }

    fn shape_out(&self, _: Shape) -> ShapeOut {
        ShapeOut::Same
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Drawn {
        Drawn {
            nb_rows: self.nb_rows.draw(rng) as u8,
            nb_cols: self.nb_cols.draw(rng) as u8,
            scale: self.scale.draw(rng),
            absolute_scale: self.absolute_scale,
            interpolation: self.interpolation,
            border: self.border,
            fill: self.fill,
            key: rng.u64(),
        }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        let on = canvas.shape();
        if on.pixels() == 0 {
            return;
        }
        canvas.redraw(on, |src, dst, scratch| {
            let points = drawn.points(on, scratch);
            let mut map = scratch.take_f32(2 * on.pixels());
            let (xs, ys) = map.split_at_mut(on.pixels());
            for (i, (x, y)) in xs.iter_mut().zip(ys).enumerate() {
                [*x, *y] = source(&points, (i % on.width) as f32, (i / on.width) as f32, on);
            }
            remap(src, dst, &map, drawn.interpolation, outside(drawn.border, drawn.fill), scratch);
            scratch.give_f32(map);
            scratch.give_f32(points);
        });
    }

    fn place(drawn: &Drawn, on: Shape) -> Placement {
        let points = drawn.points(on, &mut Scratch::default());
        field(on, |x, y| source(&points, x as f32, y as f32, on).map(f64::from))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_are_read_where_they_move_to() {
        let on = Shape::gray(28, 28);
        let op = AlbPiecewiseAffine { scale: Param::Constant(0.1), ..serde_json::from_str("{}").unwrap() };
        let drawn = op.draw(on, &mut Stream::of_key(3));
        let points = drawn.points(on, &mut Scratch::default());
        for &[x, y, to_x, to_y] in points.as_chunks::<4>().0 {
            let got = source(&points, x, y, on);
            assert!((got[0] - to_x).abs() + (got[1] - to_y).abs() < 1e-3, "{got:?} {to_x} {to_y}");
        }
    }
}
