//! The perspective transform: a quadrilateral of the image is stretched over the whole.

use super::border::{Border, Cval};
use super::entry::{drawable, for_channels};
use super::resize::{Interpolation, resize};
use super::sampling::{Coordinates, Extended};
use crate::base::math::rhe64;
use crate::base::{Image, ImageMut, Scratch, Shape};

/// A 3x3 matrix on homogeneous (x, y, 1).
pub type Homography = [[f64; 3]; 3];

/// Which quadrilateral is cut out, and how large the piece is before it is resized.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quad {
    /// Corners (x, y) in input pixels: top left, top right, bottom right, bottom left.
    pub corners: [[f32; 2]; 4],
    /// Rows of the piece.
    pub height: usize,
    /// Columns of the piece.
    pub width: usize,
}

impl Quad {
    /// The quadrilateral that `jitter` makes of an image of shape `on`.
    ///
    /// `jitter` holds (x, y) per corner (top left, top right, bottom right, bottom left) as fractions of
    /// width and height by which the corner moves inward; the sign does not matter, and whole parts are
    /// dropped. The corners are then sorted by their place, and pushed apart where a side is shorter than 2.
    #[must_use]
    pub fn from_jitter(jitter: [[f32; 2]; 4], on: Shape) -> Self {
        let inward = jitter.map(|corner| corner.map(|j| j.abs() % 1.0));
        let size = [on.width as f32, on.height as f32];
        let placed: [[f32; 2]; 4] = std::array::from_fn(|i| {
            let [x, y] = inward[i];
            let (x, y) = (if i == 1 || i == 2 { 1.0 - x } else { x }, if i >= 2 { 1.0 - y } else { y });
            [x * size[0], y * size[1]]
        });
        let extreme = |value: fn([f32; 2]) -> f32| {
            placed
                .into_iter()
                .reduce(|best, p| if value(p) < value(best) { p } else { best })
                .unwrap_or(placed[0])
        };
        let mut corners = [
            extreme(|p| p[0] + p[1]),
            extreme(|p| p[1] - p[0]),
            extreme(|p| -(p[0] + p[1])),
            extreme(|p| p[0] - p[1]),
        ];
        let width = push_apart(&mut corners, [(0, 1), (3, 2)], 0);
        let height = push_apart(&mut corners, [(1, 2), (0, 3)], 1);
        Self { corners, height, width }
    }

    /// From coordinates of the piece, 0..width by 0..height, to those of the input.
    ///
    /// Paul Heckbert, "Fundamentals of Texture Mapping and Image Warping" (1989), section 2.2.3.
    #[must_use]
    pub fn to_input(&self) -> Homography {
        let [[x0, y0], [x1, y1], [x2, y2], [x3, y3]] = self.corners.map(|p| p.map(f64::from));
        let (dx1, dx2, sx) = (x1 - x2, x3 - x2, x0 - x1 + x2 - x3);
        let (dy1, dy2, sy) = (y1 - y2, y3 - y2, y0 - y1 + y2 - y3);
        let determinant = dx1 * dy2 - dx2 * dy1;
        let (g, h) = if determinant == 0.0 {
            (0.0, 0.0)
        } else {
            ((sx * dy2 - dx2 * sy) / determinant, (dx1 * sy - sx * dy1) / determinant)
        };
        let (w, t) = (self.width as f64, self.height as f64);
        [
            [(x1 - x0 + g * x1) / w, (x3 - x0 + h * x3) / t, x0],
            [(y1 - y0 + g * y1) / w, (y3 - y0 + h * y3) / t, y0],
            [g / w, h / t, 1.0],
        ]
    }

    /// From input coordinates to those of the final image of `height` rows and `width` columns, whose
    /// pixels are centerd at whole numbers before and after the resize.
    #[must_use]
    pub fn to_output(&self, height: usize, width: usize) -> Homography {
        let mut m = adjugate(&self.to_input());
        let scales = [width as f64 / self.width as f64, height as f64 / self.height as f64];
        let last = m[2];
        for (row, scale) in m.iter_mut().zip(scales) {
            for (value, w) in row.iter_mut().zip(last) {
                *value = *value * scale + w * (scale - 1.0) / 2.0;
            }
        }
        m
    }
}

/// The longer of two opposite sides, cut to whole pixels, once the shorter is at least 2.
fn push_apart(corners: &mut [[f32; 2]; 4], sides: [(usize, usize); 2], axis: usize) -> usize {
    // Each round adds at least one pixel to the shorter side, unless the corners are far out of order.
    for _ in 0..16 {
        let [a, b] = sides.map(|(from, to)| {
            let (dx, dy) = (corners[to][0] - corners[from][0], corners[to][1] - corners[from][1]);
            (dx * dx + dy * dy).sqrt()
        });
        let shorter = a.min(b) as usize;
        if shorter >= 2 {
            return a.max(b) as usize;
        }
        let step = (2 - shorter) as f32 / 2.0;
        for (from, to) in sides {
            corners[from][axis] -= step;
            corners[to][axis] += step;
        }
    }
    2
}

/// The inverse of a homography, up to a factor, which homogeneous coordinates do not see.
fn adjugate(m: &Homography) -> Homography {
    let minor = |r: usize, c: usize| {
        let ((r1, r2), (c1, c2)) = (((r + 1) % 3, (r + 2) % 3), ((c + 1) % 3, (c + 2) % 3));
        m[r1][c1] * m[r2][c2] - m[r1][c2] * m[r2][c1]
    };
    std::array::from_fn(|r| std::array::from_fn(|c| minor(c, r)))
}

/// Cuts `quad` out of `src` and stretches it over `dst`: bilinear at 1/32 pixel, then a resize if the
/// piece has not the size of `dst`.
///
/// # Panics
/// If the channels of the two images differ or are neither 1 nor 3.
pub fn perspective(
    src: Image<'_>,
    dst: ImageMut<'_>,
    quad: &Quad,
    border: Border,
    cval: Cval,
    scratch: &mut Scratch,
) {
    let piece = Shape { height: quad.height, width: quad.width, ..src.shape };
    if piece == dst.shape {
        warp_homography(src, dst, &quad.to_input(), border, cval, scratch);
        return;
    }
    let mut data = scratch.take_u8(piece.bytes());
    warp_homography(src, ImageMut::new(piece, &mut data), &quad.to_input(), border, cval, scratch);
    resize(Image::new(piece, &data), dst, Interpolation::Auto, scratch);
    scratch.give_u8(data);
}

/// Draws `dst` by reading `src` at `m` of each output pixel, bilinear at 1/32 pixel.
///
/// # Panics
/// If the channels of the two images differ or are neither 1 nor 3.
pub fn warp_homography(
    src: Image<'_>,
    dst: ImageMut<'_>,
    m: &Homography,
    border: Border,
    cval: Cval,
    scratch: &mut Scratch,
) {
    if !drawable(src, &dst) {
        return;
    }
    for_channels!(src.shape, C => warp::<C>(src, dst, m, border, cval, scratch));
}

fn warp<const C: usize>(
    src: Image<'_>,
    mut dst: ImageMut<'_>,
    m: &Homography,
    border: Border,
    cval: Cval,
    scratch: &mut Scratch,
) {
    let extended = Extended::new::<C>(src, border, cval, scratch);
    let bounds = extended.fold.bounds.map(|axis| axis.map(|v| f64::from(v) * 32.0));
    let width = dst.shape.width;
    let mut coordinates = Coordinates::new(width, scratch);
    for y in 0..dst.shape.height {
        let v = y as f64;
        let base = m.map(|row| row[1] * v + row[2]);
        let [xs, ys] = coordinates.axes();
        for (i, (x, y)) in xs.iter_mut().zip(ys).enumerate() {
            let u = f64::from(i as i32);
            let w = base[2] + m[2][0] * u;
            let scale = if w == 0.0 { 0.0 } else { 32.0 / w };
            let limit = |v: f64, [low, high]: [f64; 2]| {
                let v = if v > low { v } else { low };
                if high < v { high } else { v }
            };
            *x = rhe64(limit((base[0] + m[0][0] * u) * scale, bounds[0]));
            *y = rhe64(limit((base[1] + m[1][0] * u) * scale, bounds[1]));
        }
        extended.fold.apply(&mut coordinates, 32);
        extended.linear_row::<C>(&mut coordinates, dst.row_mut(y));
    }
    coordinates.recycle(scratch);
    extended.recycle(scratch);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Channels;
    use proptest::prelude::*;

    /// Where a homography takes the point (x, y).
    fn apply(m: &Homography, x: f64, y: f64) -> [f64; 2] {
        let at = |row: [f64; 3]| row[0] * x + row[1] * y + row[2];
        [at(m[0]) / at(m[2]), at(m[1]) / at(m[2])]
    }

    fn image(shape: Shape) -> Vec<u8> {
        (0..shape.bytes()).map(|i| (i as u8).wrapping_mul(83) ^ (i >> 3) as u8).collect()
    }

    #[test]
    fn corners_move_inward_and_keep_their_order() {
        let on = Shape::gray(20, 10);
        let quad = Quad::from_jitter([[0.1, -0.1], [0.2, 0.0], [0.0, 1.25], [0.0, 0.0]], on);
        assert_eq!(quad.corners, [[1.0, 2.0], [8.0, 0.0], [10.0, 15.0], [0.0, 20.0]]);
        assert_eq!((quad.height, quad.width), (18, 11));
    }

    #[test]
    fn sides_shorter_than_two_are_pushed_apart() {
        let quad = Quad::from_jitter([[0.5; 2]; 4], Shape::gray(28, 28));
        assert_eq!((quad.height, quad.width), (2, 2));
        assert_eq!(quad.corners[0], [13.0, 13.0]);
    }

    proptest! {
        #[test]
        fn no_jitter_is_the_identity(h in 2_usize..50, w in 2_usize..60, rgb: bool) {
            let shape = Shape::new(h, w, Channels::colored(rgb));
            let data = image(shape);
            let mut got = vec![0; shape.bytes()];
            let quad = Quad::from_jitter([[0.0; 2]; 4], shape);
            let (src, dst) = (Image::new(shape, &data), ImageMut::new(shape, &mut got));
            perspective(src, dst, &quad, Border::Constant, [0; 3], &mut Scratch::default());
            prop_assert_eq!(&got, &data);
        }

        #[test]
        fn corners_land_where_they_should(jitter: [[f32; 2]; 4], h in 6_usize..50, w in 6_usize..60) {
            let jitter = jitter.map(|p| p.map(|v| if v.is_finite() { v % 1.0 * 0.4 } else { 0.0 }));
            let quad = Quad::from_jitter(jitter, Shape::gray(h, w));
            let (width, height) = (quad.width as f64, quad.height as f64);
            let targets = [[0.0, 0.0], [width, 0.0], [width, height], [0.0, height]];
            for (corner, [x, y]) in quad.corners.into_iter().zip(targets) {
                let there = apply(&quad.to_input(), x, y);
                let [back_x, back_y] = apply(&quad.to_output(quad.height, quad.width), there[0], there[1]);
                prop_assert!((there[0] - f64::from(corner[0])).abs() < 1e-6);
                prop_assert!((there[1] - f64::from(corner[1])).abs() < 1e-6);
                prop_assert!((back_x - x).abs() < 1e-6 && (back_y - y).abs() < 1e-6);
            }
        }

        #[test]
        fn any_shape_and_jitter_is_drawn(
            jitter: [[f32; 2]; 4], h in 1_usize..9, w in 1_usize..9, rgb: bool, edge: bool, cval: u8,
        ) {
            let shape = Shape::new(h, w, Channels::colored(rgb));
            let jitter = jitter.map(|p| p.map(|v| if v.is_finite() { v } else { 0.5 }));
            let data = vec![cval; shape.bytes()];
            let mut got = vec![!cval; shape.bytes()];
            let border = if edge { Border::Edge } else { Border::Constant };
            let quad = Quad::from_jitter(jitter, shape);
            let (src, dst) = (Image::new(shape, &data), ImageMut::new(shape, &mut got));
            perspective(src, dst, &quad, border, [cval; 3], &mut Scratch::default());
            // The two stages of a resize may each cut a fraction off.
            prop_assert!(got.iter().all(|v| v.abs_diff(cval) <= 1), "{got:?}");
        }
    }
}
