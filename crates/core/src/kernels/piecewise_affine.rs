//! The piecewise affine transform: a grid of control points, each triangle moved by its own affine map.

use super::entry::{drawable, for_channels};
use crate::base::math::rhe;
use crate::base::{Image, ImageMut, Scratch, Shape};

/// Where control line `i` of `count` lies on an axis of `length` pixels: evenly from 0 to `length`.
#[inline]
#[must_use]
pub fn control_line(i: usize, count: usize, length: usize) -> f64 {
    i as f64 * (length as f64 / (count - 1) as f64)
}

/// The point (x, y) from which the content of control point (row, column) is taken.
///
/// `jitter` is (y, x) as fractions of height and width; the point stays inside the image, so that the
/// points on the right and lower border move by at least a pixel.
#[must_use]
pub fn displaced(grid: (usize, usize), point: (usize, usize), jitter: [f64; 2], on: Shape) -> [f64; 2] {
    let y = control_line(point.0, grid.0, on.height) + jitter[0] * on.height as f64;
    let x = control_line(point.1, grid.1, on.width) + jitter[1] * on.width as f64;
    [x.clamp(0.0, on.width as f64 - 1.0), y.clamp(0.0, on.height as f64 - 1.0)]
}

/// How a cell of the grid is cut into two triangles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Diagonal {
    /// From the upper left to the lower right corner.
    Falling,
    /// From the lower left to the upper right corner.
    Rising,
}

/// Draws `dst` from `src`: an output pixel within a triangle of the regular grid is read at the same
/// place of the triangle's displaced corners `points` ((x, y), row by row), bilinearly.
///
/// `diagonal` tells for each cell, row by row, how it is cut. The points lie within the image, and so
/// does all that is read: neither a border rule nor a background color is needed.
///
/// # Panics
/// If the shapes differ, the channels are neither 1 nor 3, or the points do not fill the grid.
pub fn piecewise_affine(
    src: Image<'_>,
    dst: ImageMut<'_>,
    grid: (usize, usize),
    points: &[[f64; 2]],
    diagonal: impl Fn(usize) -> Diagonal,
    scratch: &mut Scratch,
) {
    assert_eq!(src.shape, dst.shape, "a piecewise affine transform keeps the shape");
    assert!(grid.0 >= 2 && grid.1 >= 2, "a grid has at least 2 x 2 points");
    assert_eq!(points.len(), grid.0 * grid.1, "one point per crossing of the grid");
    if !drawable(src, &dst) {
        return;
    }
    for_channels!(src.shape, C => warp::<C>(src, dst, grid, points, diagonal, scratch));
}

/// The bilinear map of a triangle: `p = origin + u * du + v * dv` for u, v within the cell.
#[derive(Clone, Copy)]
struct Half {
    origin: [f64; 2],
    du: [f64; 2],
    dv: [f64; 2],
}

/// The halves of a cell with corners upper left, upper right, lower left, lower right: first the one
/// with the larger u (for a rising diagonal: with the smaller u).
fn halves(corners: [[f64; 2]; 4], diagonal: Diagonal) -> [Half; 2] {
    let [ul, ur, ll, lr] = corners;
    let minus = |a: [f64; 2], b: [f64; 2]| [a[0] - b[0], a[1] - b[1]];
    match diagonal {
        Diagonal::Falling => [
            Half { origin: ul, du: minus(ur, ul), dv: minus(lr, ur) },
            Half { origin: ul, du: minus(lr, ll), dv: minus(ll, ul) },
        ],
        Diagonal::Rising => {
            let (du, dv) = (minus(lr, ll), minus(lr, ur));
            let origin = [lr[0] - du[0] - dv[0], lr[1] - du[1] - dv[1]];
            [Half { origin: ul, du: minus(ur, ul), dv: minus(ll, ul) }, Half { origin, du, dv }]
        }
    }
}

fn warp<const C: usize>(
    src: Image<'_>,
    mut dst: ImageMut<'_>,
    grid: (usize, usize),
    points: &[[f64; 2]],
    diagonal: impl Fn(usize) -> Diagonal,
    scratch: &mut Scratch,
) {
    let Shape { height, width, .. } = src.shape;
    let (last_x, last_y) = (width - 1, height - 1);
    // Pixels as four floats, the unused ones zero; one more row and column, so that the taps at the last
    // ones (whose weight is zero there) exist.
    let stride = width + 1;
    let mut texels = scratch.take_f32(4 * stride * (height + 1));
    {
        let lines = texels.as_chunks_mut::<4>().0;
        for (y, line) in lines.chunks_exact_mut(stride).enumerate() {
            let row = src.row(y.min(last_y)).as_chunks::<C>().0;
            for (texel, pixel) in line.iter_mut().zip(row) {
                *texel = std::array::from_fn(|c| if c < C { f32::from(pixel[c.min(C - 1)]) } else { 0.0 });
            }
            line[width] = line[last_x];
        }
    }
    let texels_in = texels.as_chunks::<4>().0;

    let cell_width = width as f64 / (grid.1 - 1) as f64;
    let cell_height = height as f64 / (grid.0 - 1) as f64;
    for y in 0..height {
        let cell_row = ((y as f64 / cell_height) as usize).min(grid.0 - 2);
        let v = (y as f64 - control_line(cell_row, grid.0, height)) / cell_height;
        let out = dst.row_mut(y).as_chunks_mut::<C>().0;
        let mut x = 0;
        for cell_column in 0..grid.1 - 1 {
            let corner = cell_row * grid.1 + cell_column;
            let corners =
                [points[corner], points[corner + 1], points[corner + grid.1], points[corner + grid.1 + 1]];
            let way = diagonal(cell_row * (grid.1 - 1) + cell_column);
            let halves = halves(corners, way);
            let x_start = control_line(cell_column, grid.1, width);
            let end = if cell_column + 2 == grid.1 {
                width
            } else {
                (control_line(cell_column + 1, grid.1, width).ceil() as usize).min(width)
            };
            // Where this row crosses the diagonal: before it one half, behind it the other.
            let cross = x_start + cell_width * if way == Diagonal::Falling { v } else { 1.0 - v };
            let middle = (cross.ceil().max(0.0) as usize).clamp(x.min(end), end);
            let runs = if way == Diagonal::Falling {
                [(middle, halves[1]), (end, halves[0])]
            } else {
                [(middle, halves[0]), (end, halves[1])]
            };
            for (stop, half) in runs {
                let [du_x, du_y] = half.du.map(|d| d / cell_width);
                let start_x = half.origin[0] + v * half.dv[0];
                let start_y = half.origin[1] + v * half.dv[1];
                for (pixel, i) in out[x..stop.max(x)].iter_mut().zip(x..) {
                    let along = i as f64 - x_start;
                    let px = (start_x + along * du_x).clamp(0.0, last_x as f64);
                    let py = (start_y + along * du_y).clamp(0.0, last_y as f64);
                    let (ix, iy) = (px as i32, py as i32);
                    let (fx, fy) = ((px - f64::from(ix)) as f32, (py - f64::from(iy)) as f32);
                    let taps = &texels_in[iy as usize * stride + ix as usize..][..stride + 2];
                    let (a, b, c, d) = (taps[0], taps[1], taps[stride], taps[stride + 1]);
                    let value: [f32; 4] = std::array::from_fn(|k| {
                        let top = a[k] + (b[k] - a[k]) * fx;
                        let bottom = c[k] + (d[k] - c[k]) * fx;
                        top + (bottom - top) * fy
                    });
                    *pixel = std::array::from_fn(|k| rhe(value[k]) as u8);
                }
                x = stop.max(x);
            }
        }
    }
    scratch.give_f32(texels);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Channels, Stream};
    use proptest::prelude::*;

    #[test]
    fn points_stay_inside() {
        let on = Shape::gray(10, 20);
        assert_eq!(displaced((3, 3), (1, 1), [0.1, -0.1], on), [8.0, 6.0]);
        assert_eq!(displaced((3, 3), (2, 2), [0.0, 0.0], on), [19.0, 9.0]);
        assert_eq!(displaced((3, 3), (0, 0), [-0.5, -0.5], on), [0.0, 0.0]);
    }

    /// The map written down directly: the barycentric coordinates of a pixel in its triangle.
    fn reference(
        grid: (usize, usize),
        points: &[[f64; 2]],
        way: Diagonal,
        on: Shape,
        x: f64,
        y: f64,
    ) -> [f64; 2] {
        let line = |at: f64, count: usize, length: usize| {
            ((at / (length as f64 / (count - 1) as f64)) as usize).min(count - 2)
        };
        let (r, c) = (line(y, grid.0, on.height), line(x, grid.1, on.width));
        let ul = r * grid.1 + c;
        let (ur, ll, lr) = (ul + 1, ul + grid.1, ul + grid.1 + 1);
        let place = |i: usize| {
            let p = control_line(i % grid.1, grid.1, on.width);
            [p, control_line(i / grid.1, grid.0, on.height)]
        };
        let triangles = match way {
            Diagonal::Falling => [[ul, ur, lr], [ul, ll, lr]],
            Diagonal::Rising => [[ul, ur, ll], [ur, ll, lr]],
        };
        for triangle in triangles {
            let [p, q, s] = triangle.map(place);
            let area = (q[0] - p[0]) * (s[1] - p[1]) - (s[0] - p[0]) * (q[1] - p[1]);
            let u = ((x - p[0]) * (s[1] - p[1]) - (s[0] - p[0]) * (y - p[1])) / area;
            let v = ((q[0] - p[0]) * (y - p[1]) - (x - p[0]) * (q[1] - p[1])) / area;
            if u >= -1e-9 && v >= -1e-9 && u + v <= 1.0 + 1e-9 {
                let [p, q, s] = triangle.map(|i| points[i]);
                return [0, 1].map(|k| p[k] + u * (q[k] - p[k]) + v * (s[k] - p[k]));
            }
        }
        unreachable!("every pixel lies in one of the two triangles of its cell")
    }

    proptest! {
        /// A ramp along x (or y) shows where each pixel came from.
        #[test]
        fn pixels_come_from_where_their_triangle_says(
            h in 2_usize..40, w in 2_usize..40, grid in (2_usize..6, 2_usize..6), rising: bool, rgb: bool, seed: u64,
        ) {
            let on = Shape::new(h, w, Channels::colored(rgb));
            let way = if rising { Diagonal::Rising } else { Diagonal::Falling };
            let mut rng = Stream::of_key(seed);
            let points: Vec<[f64; 2]> = (0..grid.0 * grid.1)
                .map(|i| {
                    let jitter = [rng.normal() * 0.05, rng.normal() * 0.05];
                    displaced(grid, (i / grid.1, i % grid.1), jitter, on)
                })
                .collect();
            for axis in 0..2 {
                let data: Vec<u8> =
                    (0..on.bytes()).map(|i| (i / on.channels() % w * 6 * (1 - axis) + i / on.stride() * 6 * axis) as u8).collect();
                let mut got = vec![0; on.bytes()];
                let (src, dst) = (Image::new(on, &data), ImageMut::new(on, &mut got));
                piecewise_affine(src, dst, grid, &points, |_| way, &mut Scratch::default());
                for (i, &value) in got.iter().enumerate() {
                    let (x, y) = (i / on.channels() % w, i / on.stride());
                    let from = reference(grid, &points, way, on, x as f64, y as f64)[axis];
                    prop_assert!((f64::from(value) - 6.0 * from).abs() <= 0.501, "{x} {y}: {value} {from}");
                }
            }
        }

        #[test]
        fn a_single_pixel_survives(seed: u64, rgb: bool) {
            let on = Shape::new(1, 1, Channels::colored(rgb));
            let data = seed.to_le_bytes();
            let mut got = [0; 3];
            let points = [[0.0; 2]; 9];
            let src = Image::new(on, &data[..on.bytes()]);
            let dst = ImageMut::new(on, &mut got[..on.bytes()]);
            piecewise_affine(src, dst, (3, 3), &points, |_| Diagonal::Falling, &mut Scratch::default());
            prop_assert_eq!(&got[..on.bytes()], &data[..on.bytes()]);
        }
    }
}
