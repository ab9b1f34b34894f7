//! `albumentations.perspective`: a random quadrilateral becomes the image.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::common::{Compat, Fill, constant, linear, outside, side, sized, two};
use crate::base::{Canvas, Image, ImageMut, Shape, Stream};
use crate::kernels::border::Border;
use crate::kernels::cv::homography::{Homography, inverse, moved, of_square, product, scaled};
use crate::kernels::cv::warp::{Interpolation, warp_perspective};
use crate::kernels::resize::{self, Interpolation as Resizing};
use crate::ops::{Doc, Op, Param, Placement, Problem, ShapeOut};

/// A random quadrilateral becomes the image, as in Albumentations' `Perspective`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Perspective {
    /// Standard deviation by which corners move inward, as a fraction of each side; drawn for each image.
    #[serde(default = "scale")]
    pub scale: Param,
    /// Whether the image keeps its size.
    #[serde(default = "yes")]
    pub keep_size: bool,
    /// Whether all of the old image is seen.
    #[serde(default)]
    pub fit_output: bool,
    /// How pixels are found: `nearest`, `linear` or `cubic`.
    #[serde(default = "linear")]
    pub interpolation: Interpolation,
    /// What lies beyond the border.
    #[serde(default = "constant")]
    pub border: Border,
    /// Its color, where it is constant.
    #[serde(default)]
    pub fill: Fill,
    /// Version of Albumentations, 1 or 2: 2 moves corners by less than 0.32, and enlarges a second time.
    #[serde(default = "two")]
    pub compat: Compat,
}

fn scale() -> Param {
    Param::Range(0.05, 0.1)
}

fn yes() -> bool {
    true
}

/// What becomes of one image.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// Corners (x, y) in pixels: top left, top right, bottom right, bottom left.
    pub corners: [[f32; 2]; 4],
    /// Whether the image keeps its size.
    pub keep_size: bool,
    /// Whether all of the old image is seen.
    pub fit_output: bool,
    /// How pixels are found.
    pub interpolation: Interpolation,
    /// What lies beyond the border.
    pub border: Border,
    /// Its color.
    pub fill: Fill,
    /// The version's rule.
    pub compat: Compat,
}

/// How the image is drawn: from where, how large, and how large in the end.
struct Geometry {
    to_input: Homography,
    drawn: Shape,
    to: Shape,
}

/// Corners by their place: the two of the left first, then by height.
fn ordered(mut points: [[f32; 2]; 4]) -> [[f32; 2]; 4] {
    points.sort_by(|a, b| a[0].total_cmp(&b[0]));
    let [a, b, c, d] = points;
    let (top_left, bottom_left) = if a[1] < b[1] { (a, b) } else { (b, a) };
    let (top_right, bottom_right) = if c[1] < d[1] { (c, d) } else { (d, c) };
    [top_left, top_right, bottom_right, bottom_left]
}

fn distance(a: [f32; 2], b: [f32; 2]) -> f32 {
    ((a[0] - b[0]) * (a[0] - b[0]) + (a[1] - b[1]) * (a[1] - b[1])).sqrt()
}

/// Pushes corners apart until both sides of `pairs` are at least 2 long, as version 1 does; the second of each pair
/// lies further along `axis`.
fn push_apart(corners: &mut [[f32; 2]; 4], pairs: [[usize; 2]; 2], axis: usize) {
    // Each round adds at least one pixel to the shorter side, unless the corners are far out of order.
    for _ in 0..16 {
        let shorter = pairs
            .iter()
            .map(|[from, to]| distance(corners[*from], corners[*to]))
            .fold(f32::INFINITY, f32::min) as usize;
        if shorter >= 2 {
            return;
        }
        let step = (2 - shorter) as f32 / 2.0;
        for [from, to] in pairs {
            corners[from][axis] -= step;
            corners[to][axis] += step;
        }
    }
}

/// Pushes two corners apart that are nearer than 2, as version 2 does.
fn spread(corners: &mut [[f32; 2]; 4], [first, second]: [usize; 2]) {
    let (mut a, mut b) = (corners[first], corners[second]);
    let size = distance(a, b);
    if size < 2.0 {
        let step = (2.0 - size) / 2.0;
        // In this order, each on what the one before left.
        for (change_first, behind, sign) in
            [(true, true, 1.0), (false, true, -1.0), (true, false, -1.0), (false, false, 1.0)]
        {
            let (old_a, old_b) = (a, b);
            for axis in 0..2 {
                if (old_a[axis] > old_b[axis]) == behind {
                    let value = if change_first { &mut a[axis] } else { &mut b[axis] };
                    *value += sign * step;
                }
            }
        }
        (corners[first], corners[second]) = (a, b);
    }
}

impl Drawn {
    /// Rows and columns of the piece, in the arithmetic of both versions.
    fn piece(&self) -> [f32; 2] {
        let [tl, tr, br, bl] = self.corners;
        let width = distance(tr, tl).max(distance(br, bl));
        let height = distance(br, tr).max(distance(bl, tl));
        [height.max(2.0).trunc(), width.max(2.0).trunc()]
    }

    fn geometry(&self, on: Shape) -> Geometry {
        let square = of_square(self.corners.map(|corner| corner.map(f64::from)));
        let [height, width] = self.piece().map(f64::from);
        let (on_height, on_width) = (on.height as f64, on.width as f64);
        // The corners become those of the piece, in version 2 those of the image.
        let mut to_input = match self.compat {
            Compat::One => scaled(&square, width, height),
            Compat::Two => scaled(&square, on_width, on_height),
        };
        let (mut height, mut width) = (height, width);
        if self.fit_output {
            let rect = [[0.0, 0.0], [on_width, 0.0], [on_width, on_height], [0.0, on_height]];
            let forward = inverse(&to_input);
            let ends = rect.map(|corner| moved(&forward, corner).map(|v| v as f32));
            let least = [0, 1].map(|axis| ends.iter().map(|end| end[axis]).fold(f32::INFINITY, f32::min));
            let ends =
                ends.map(|end| [0, 1].map(|axis| f64::from((end[axis] - least[axis]).round_ties_even())));
            let most = [0, 1].map(|axis| ends.iter().map(|end| end[axis]).fold(1.0, f64::max));
            to_input = product(&of_square(rect), &inverse(&of_square(ends)));
            [width, height] = most;
        }
        let piece = sized(on, [side(height), side(width)]);
        match (self.keep_size, self.compat) {
            (false, _) => Geometry { to_input, drawn: piece, to: piece },
            (true, Compat::One) => Geometry { to_input, drawn: piece, to: on },
            (true, Compat::Two) => Geometry {
                to_input: scaled(&to_input, on_width / width, on_height / height),
                drawn: on,
                to: on,
            },
        }
    }
}

impl Op for Perspective {
    type Drawn = Drawn;

    const DOC: Doc = Doc {
        summary: "A random quadrilateral becomes the image, as in Albumentations' Perspective.",
        notes: "In version 2 the piece is enlarged a second time, which cuts it on the right and below.",
        short: Some("scale"),
        examples: &[
            "albumentations.perspective: [0.05, 0.1]",
            "albumentations.perspective: { scale: 0.1, keep_size: false, border: edge, compat: 1 }",
            "albumentations.perspective: { scale: 0.05, fit_output: true, interpolation: cubic }",
            "albumentations.perspective: { scale: 0.05, fit_output: true, interpolation: nearest, compat: 1 }",
        ],
    };

    fn check(&self) -> Result<(), Problem> {
        self.scale.check("scale", 0.0..=1.0)
    }

    fn shape_out(&self, _: Shape) -> ShapeOut {
        if self.keep_size { ShapeOut::Same } else { ShapeOut::Varies }
    }

    fn draw(&self, on: Shape, rng: &mut Stream) -> Drawn {
        let scale = self.scale.draw(rng);
        let most = if self.compat == Compat::One { 1.0 } else { 0.32 };
        let size = [on.width as f64, on.height as f64];
        let placed = [[false, false], [true, false], [true, true], [false, true]].map(|far| {
            std::array::from_fn(|axis| {
                let inward = (rng.normal() * scale).abs() % most;
                ((if far[axis] { 1.0 - inward } else { inward }) * size[axis]) as f32
            })
        });
        let mut corners = ordered(placed);
        match self.compat {
            Compat::One => {
                push_apart(&mut corners, [[0, 1], [3, 2]], 0);
                push_apart(&mut corners, [[1, 2], [0, 3]], 1);
            }
            Compat::Two => {
                for pair in [[1, 0], [2, 3], [2, 1], [3, 0]] {
                    spread(&mut corners, pair);
                }
            }
        }
        Drawn {
            corners,
            keep_size: self.keep_size,
            fit_output: self.fit_output,
            interpolation: self.interpolation,
            border: self.border,
            fill: self.fill,
            compat: self.compat,
        }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        let Geometry { to_input, drawn: piece, to } = drawn.geometry(canvas.shape());
        let outside = outside(drawn.border, drawn.fill);
        canvas.redraw(to, |src, dst, scratch| {
            if piece == to {
                warp_perspective(src, dst, &to_input, drawn.interpolation, outside, scratch);
                return;
            }
            let mut room = scratch.take_u8(piece.bytes());
            let target = ImageMut::new(piece, &mut room);
            warp_perspective(src, target, &to_input, drawn.interpolation, outside, scratch);
            let how = match drawn.interpolation {
                Interpolation::Nearest => Resizing::Nearest,
                Interpolation::Linear => Resizing::Linear,
                Interpolation::Cubic => Resizing::Cubic,
            };
            resize::resize(Image::new(piece, &room), dst, how, scratch);
            scratch.give_u8(room);
        });
    }

    fn place(drawn: &Drawn, on: Shape) -> Placement {
        let Geometry { to_input, drawn: piece, to } = drawn.geometry(on);
        // Pixel centers are at whole numbers before and after a resize.
        let axis = |new: usize, old: usize| {
            let scale = new as f64 / old.max(1) as f64;
            (scale, (scale - 1.0) / 2.0)
        };
        let ((sx, tx), (sy, ty)) = (axis(to.width, piece.width), axis(to.height, piece.height));
        let resized = [[sx, 0.0, tx], [0.0, sy, ty], [0.0, 0.0, 1.0]];
        Placement::Projective { forward: product(&resized, &inverse(&to_input)), to }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::draws;

    #[test]
    fn corners_are_ordered_and_move_inward() {
        let corners = ordered([[27.0, 26.0], [1.0, 25.0], [2.0, 1.0], [26.0, 0.5]]);
        assert_eq!(corners, [[2.0, 1.0], [26.0, 0.5], [27.0, 26.0], [1.0, 25.0]]);
        for compat in [1, 2] {
            let op: Perspective = serde_json::from_str(&format!("{{\"compat\": {compat}}}")).unwrap();
            // The mean piece is about 2 * 0.075 * sqrt(2 / pi) smaller, less what the longer side wins.
            let mean = draws(&op, 2000).map(|drawn| drawn.piece()[1]).sum::<f32>() / 2000.0;
            assert!((24.5..26.0).contains(&mean), "{mean}");
        }
    }

    #[test]
    fn corners_that_meet_are_pushed_apart() {
        let mut corners = [[5.0, 5.0]; 4];
        push_apart(&mut corners, [[0, 1], [3, 2]], 0);
        push_apart(&mut corners, [[1, 2], [0, 3]], 1);
        assert_eq!(corners, [[4.0, 4.0], [6.0, 4.0], [6.0, 6.0], [4.0, 6.0]]);
    }
}
