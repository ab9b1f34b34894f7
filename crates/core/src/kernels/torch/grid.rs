//! `grid_sample` of bytes, with zeros around and corners not aligned, and the grids of turns, affine maps and perspectives.

use super::fused;
use crate::base::math::round_u8;
use crate::base::{Image, ImageMut};
use crate::kernels::entry::{drawable, for_channels};
use crate::kernels::pil::warp::{Filter, Matrix};

/// What lies around the image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Around {
    /// Zeros, with which bilinear values blend.
    Zeros,
    /// A color; values at the border blend with it twice, as in torchvision where a fill is given.
    Fill([u8; 3]),
}

/// Draws `src` where `place` says: for each pixel of the result its place in -1..1 of both axes, (x, y).
///
/// Bicubic sampling is none of torch's; it is taken for bilinear.
///
/// # Panics
/// If the channels differ.
pub fn sample(
    src: Image<'_>,
    mut dst: ImageMut<'_>,
    filter: Filter,
    around: Around,
    place: impl Fn(usize, usize) -> [f32; 2],
) {
    if !drawable(src, &dst) {
        return;
    }
    for_channels!(src.shape, C => {
        for y in 0..dst.shape.height {
            for (x, pixel) in dst.row_mut(y).as_chunks_mut::<C>().0.iter_mut().enumerate() {
                let place = place(x, y);
                *pixel = match filter {
                    Filter::Nearest => nearest::<C>(src, place, around),
                    Filter::Bilinear | Filter::Bicubic => bilinear::<C>(src, place, around),
                };
            }
        }
    });
}

/// From -1..1 to pixels along a side of `n`.
fn pixels(place: f32, n: usize) -> f32 {
    ((place + 1.0) * n as f32 - 1.0) / 2.0
}

/// The pixel at whole numbers, if there is one.
fn pixel<const C: usize>(src: Image<'_>, x: f32, y: f32) -> Option<[u8; C]> {
    let inside = x >= 0.0 && y >= 0.0 && x < src.shape.width as f32 && y < src.shape.height as f32;
    inside.then(|| src.row(y as usize).as_chunks::<C>().0[x as usize])
}

fn nearest<const C: usize>(src: Image<'_>, [gx, gy]: [f32; 2], around: Around) -> [u8; C] {
    let (x, y) = (pixels(gx, src.shape.width), pixels(gy, src.shape.height));
    pixel(src, x.round_ties_even(), y.round_ties_even()).unwrap_or_else(|| match around {
        Around::Zeros => [0; C],
        Around::Fill(fill) => std::array::from_fn(|c| fill[c]),
    })
}

fn bilinear<const C: usize>(src: Image<'_>, [gx, gy]: [f32; 2], around: Around) -> [u8; C] {
    let (x, y) = (pixels(gx, src.shape.width), pixels(gy, src.shape.height));
    let (left, top) = (x.floor(), y.floor());
    let (w, n) = (x - left, y - top);
    let (e, s) = (1.0 - w, 1.0 - n);
    let taps = [
        (left, top, e * s),
        (left + 1.0, top, w * s),
        (left, top + 1.0, e * n),
        (left + 1.0, top + 1.0, w * n),
    ];
    let (mut sums, mut mask) = ([0.0_f32; C], 0.0_f32);
    for (x, y, weight) in taps {
        if let Some(values) = pixel::<C>(src, x, y) {
            for (sum, v) in sums.iter_mut().zip(values) {
                *sum = fused(weight, f32::from(v), *sum);
            }
            mask += weight;
        }
    }
    std::array::from_fn(|c| {
        round_u8(match around {
            Around::Zeros => sums[c],
            Around::Fill(fill) => (sums[c] - f32::from(fill[c])) * mask + f32::from(fill[c]),
        })
    })
}

/// The grid of a matrix about the middle of the image, from pixels of the result (`to`, height and width) to those of the
/// source (`from`), both counted from their middles.
pub fn affine(matrix: &Matrix, from: [usize; 2], to: [usize; 2]) -> impl Fn(usize, usize) -> [f32; 2] {
    let halves = [from[1] as f32 * 0.5, from[0] as f32 * 0.5];
    let row = |i: usize| {
        let [a, b, c]: [f64; 3] = [matrix[3 * i], matrix[3 * i + 1], matrix[3 * i + 2]];
        [a, b, c].map(|v| v as f32 / halves[i])
    };
    let rows = [row(0), row(1)];
    let middle = [(to[1] as f32 - 1.0) / 2.0, (to[0] as f32 - 1.0) / 2.0];
    move |x, y| {
        let (x, y) = (x as f32 - middle[0], y as f32 - middle[1]);
        rows.map(|[a, b, c]| fused(y, b, x * a) + c)
    }
}

/// The grid of a perspective's eight coefficients, for an image of `height` x `width`.
pub fn perspective(k: &[f64; 8], [height, width]: [usize; 2]) -> impl Fn(usize, usize) -> [f32; 2] {
    let k = k.map(|v| v as f32);
    let halves = [width as f32 * 0.5, height as f32 * 0.5];
    let rows = [[k[0], k[1], k[2]].map(|v| v / halves[0]), [k[3], k[4], k[5]].map(|v| v / halves[1])];
    move |x, y| {
        let (x, y) = (x as f32 + 0.5, y as f32 + 0.5);
        let along = |[a, b, c]: [f32; 3]| fused(y, b, x * a) + c;
        let below = along([k[6], k[7], 1.0]);
        rows.map(|row| along(row) / below - 1.0)
    }
}

/// Coordinate `i` of `n` pixels in -1..1, as torch's `linspace` from 1/n - 1 to 1 - 1/n has it.
#[must_use]
pub fn identity(i: usize, n: usize) -> f32 {
    let end = ((n as f64 - 1.0) / n as f64) as f32;
    if n < 2 {
        return -end;
    }
    let step = (end - -end) / (n as f32 - 1.0);
    if i < n / 2 { fused(step, i as f32, -end) } else { fused(-step, (n - i - 1) as f32, end) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Shape;

    #[test]
    fn borders_blend_once_with_zeros_and_twice_with_a_fill() {
        let src = Image::new(Shape::gray(1, 2), &[100, 200]);
        let shifted = |around, filter| {
            let mut out = [0; 2];
            // Half a pixel to the left: 1 of 2 in -1..1 is a pixel.
            let place = |x, y| [identity(x, 2) - 0.5, identity(y, 1)];
            sample(src, ImageMut::new(Shape::gray(1, 2), &mut out), filter, around, place);
            out
        };
        assert_eq!(shifted(Around::Zeros, Filter::Bilinear), [50, 150]);
        // (50 - 80) / 2 + 80.
        assert_eq!(shifted(Around::Fill([80; 3]), Filter::Bilinear), [65, 150]);
        // -0.5 and 0.5 go to the even pixel, 0.
        assert_eq!(shifted(Around::Fill([80; 3]), Filter::Nearest), [100, 100]);
    }

    #[test]
    fn matrices_are_about_the_middle() {
        let grid = affine(&[1.0, 0.0, 2.0, 0.0, 1.0, 0.0], [4, 8], [4, 8]);
        for x in 0..8 {
            assert!((pixels(grid(x, 1)[0], 8) - (x as f32 + 2.0)).abs() < 1e-5);
            assert!((pixels(grid(x, 1)[1], 4) - 1.0).abs() < 1e-5);
            assert!((pixels(identity(x, 8), 8) - x as f32).abs() < 1e-5);
        }
        let grid = perspective(&[1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0], [4, 8]);
        assert!(
            (pixels(grid(5, 2)[0], 8) - 5.0).abs() < 1e-5 && (pixels(grid(5, 2)[1], 4) - 2.0).abs() < 1e-5
        );
    }
}
