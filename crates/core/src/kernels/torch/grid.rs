//! `grid_sample` of bytes, with zeros around and corners not aligned, and the grids of turns, affine maps and perspectives.

use super::fused;
use crate::base::math::{rhe, round_u8};
use crate::base::{Image, ImageMut, Scratch};
use crate::kernels::entry::{drawable, for_channels};
use crate::kernels::pil::warp::{Filter, Matrix};
use crate::kernels::texels::{Beyond, LANES, MARGIN, RUN, Run, Texels};

/// What lies around the image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Around {
    /// Zeros, with which bilinear values blend.
    Zeros,
    /// A color; values at the border blend with it twice, as in torchvision where a fill is given.
    Fill([u8; 3]),
}

/// Places of the pixels of a run, x and y, each in -1..1 of its axis.
pub type Places = [[f32; RUN]; 2];

/// Draws `src` where `places` says, which is told the first column of a run, and its row; places beyond the row may hold anything.
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
    scratch: &mut Scratch,
    places: impl Fn(usize, usize, &mut Places),
) {
    if !drawable(src, &dst) {
        return;
    }
    for_channels!(src.shape, C => match filter {
        Filter::Nearest => {
            let mut at = [[0.0; RUN]; 2];
            for y in 0..dst.shape.height {
                for (number, out) in dst.row_mut(y).chunks_mut(RUN * C).enumerate() {
                    places(number * RUN, y, &mut at);
                    for (i, pixel) in out.as_chunks_mut::<C>().0.iter_mut().enumerate() {
                        *pixel = nearest::<C>(src, [at[0][i], at[1][i]], around);
                    }
                }
            }
        }
        Filter::Bilinear | Filter::Bicubic => linear::<C>(src, dst, around, scratch, places),
    });
}

/// Bilinear values by way of plain single precision; those that are too near to a half are computed as torch does.
fn linear<const C: usize>(
    src: Image<'_>,
    mut dst: ImageMut<'_>,
    around: Around,
    scratch: &mut Scratch,
    places: impl Fn(usize, usize, &mut Places),
) {
    let texels = Texels::new::<C>(src, Beyond::Zeros, scratch);
    let [p, q, r, s] = texels.quads();
    let (stride, origin) = (texels.stride as i32, (MARGIN * texels.stride + MARGIN) as i32);
    let [height, width] = [src.shape.height, src.shape.width];
    let fill: [f32; LANES] = match around {
        Around::Fill(fill) => std::array::from_fn(|c| if c < C { f32::from(fill[c]) } else { 0.0 }),
        Around::Zeros => [0.0; LANES],
    };
    let filled = around != Around::Zeros;
    // The whole number up to a coordinate and the distance from it. One pixel beyond the image all is nothing.
    let split = |v: f32, n: usize| {
        const MAGIC: f32 = 12_582_912.0;
        let (low, high) = (-2.0, n as f32);
        let v = if v > low { v } else { low };
        let v = if v < high { v } else { high };
        let near = (v + MAGIC) - MAGIC;
        let whole = near - if near > v { 1.0 } else { 0.0 };
        (rhe(whole), v - whole)
    };
    let mut run = Run::default();
    let (mut starts, mut right, mut down) = ([0_i32; RUN], [0.0_f32; RUN], [0.0_f32; RUN]);
    let mut at = [[0.0; RUN]; 2];
    for y in 0..dst.shape.height {
        for (number, out) in dst.row_mut(y).chunks_mut(RUN * C).enumerate() {
            let out = out.as_chunks_mut::<C>().0;
            places(number * RUN, y, &mut at);
            for i in 0..RUN {
                let (ix, w) = split(pixels(at[0][i], width), width);
                let (iy, n) = split(pixels(at[1][i], height), height);
                starts[i] = iy * stride + ix + origin;
                (right[i], down[i]) = (w, n);
            }
            for (i, value) in run.values[..out.len()].iter_mut().enumerate() {
                let start = starts[i] as u32 as usize;
                let (p, q, r, s) = (&p[start], &q[start], &r[start], &s[start]);
                let (w, n) = (right[i], down[i]);
                let (e, above) = (1.0 - w, 1.0 - n);
                let (pw, qw, rw, sw) = (e * above, w * above, e * n, w * n);
                for c in 0..LANES {
                    value[c] = p[c] * pw + q[c] * qw + r[c] * rw + s[c] * sw;
                }
            }
            // By itself, so that the four numbers above stay one vector. Where all weights lie in the image nothing is added.
            if filled {
                for value in &mut run.values[..out.len()] {
                    let mask = value[LANES - 1];
                    if (mask - 1.0).abs() > 4.0 * f32::EPSILON {
                        for c in 0..LANES {
                            value[c] = (value[c] - fill[c]) * mask + fill[c];
                        }
                    }
                }
            }
            let unsure = run.round();
            for (pixel, bytes) in out.iter_mut().zip(&run.bytes) {
                *pixel = std::array::from_fn(|c| bytes[c]);
            }
            if unsure {
                for (i, pixel) in out.iter_mut().enumerate() {
                    if run.is_unsure(i) {
                        *pixel = bilinear::<C>(src, [at[0][i], at[1][i]], around);
                    }
                }
            }
        }
    }
    texels.give(scratch);
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
pub fn affine(
    matrix: &Matrix,
    from: [usize; 2],
    to: [usize; 2],
) -> impl Fn(usize, usize, &mut Places) + use<> {
    let halves = [from[1] as f32 * 0.5, from[0] as f32 * 0.5];
    let row = |i: usize| {
        let [a, b, c]: [f64; 3] = [matrix[3 * i], matrix[3 * i + 1], matrix[3 * i + 2]];
        [a, b, c].map(|v| v as f32 / halves[i])
    };
    let rows = [row(0), row(1)];
    let middle = [(to[1] as f32 - 1.0) / 2.0, (to[0] as f32 - 1.0) / 2.0];
    move |first, y, [xs, ys]| {
        let y = y as f32 - middle[1];
        for (i, place) in xs.iter_mut().zip(ys).enumerate() {
            let x = (first + i) as i32 as f32 - middle[0];
            [*place.0, *place.1] = rows.map(|[a, b, c]| fused(y, b, x * a) + c);
        }
    }
}

/// The grid of a perspective's eight coefficients, for an image of `height` x `width`.
pub fn perspective(k: &[f64; 8], [height, width]: [usize; 2]) -> impl Fn(usize, usize, &mut Places) + use<> {
    let k = k.map(|v| v as f32);
    let halves = [width as f32 * 0.5, height as f32 * 0.5];
    let rows = [[k[0], k[1], k[2]].map(|v| v / halves[0]), [k[3], k[4], k[5]].map(|v| v / halves[1])];
    move |first, y, [xs, ys]| {
        let y = y as f32 + 0.5;
        for (i, place) in xs.iter_mut().zip(ys).enumerate() {
            let x = (first + i) as i32 as f32 + 0.5;
            let along = |[a, b, c]: [f32; 3]| fused(y, b, x * a) + c;
            let below = along([k[6], k[7], 1.0]);
            [*place.0, *place.1] = rows.map(|row| along(row) / below - 1.0);
        }
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
    use proptest::prelude::*;

    use super::*;
    use crate::base::Shape;
    use crate::kernels::testing::pictures;

    proptest! {
        #[test]
        fn runs_are_sampled_as_single_pixels(
            picture in pictures(), angle in -180_i32..180, scale in 1_u32..9, shift in -9.0..9.0,
            height in 1_usize..40, width in 1_usize..70, fill: [u8; 3], zeros: bool,
        ) {
            let (angle, scale) = (f64::from(angle / 45 * 45) + f64::from(angle % 3), f64::from(scale) / 4.0);
            let to = Shape::new(height, width, picture.shape.kind);
            let from = [picture.shape.height, picture.shape.width];
            let matrix = crate::kernels::pil::warp::affine(angle, [shift, -shift], scale, [0.0; 2], [0.0; 2]);
            let around = if zeros { Around::Zeros } else { Around::Fill(fill) };
            let grid = affine(&matrix, from, [height, width]);
            let mut found = vec![0; to.bytes()];
            let dst = ImageMut::new(to, &mut found);
            sample(picture.image(), dst, Filter::Bilinear, around, &mut Scratch::default(), &grid);
            for (i, found) in found.chunks_exact(to.channels()).enumerate() {
                let mut places = [[0.0; RUN]; 2];
                grid(i % width, i / width, &mut places);
                let place = places.map(|axis| axis[0]);
                let expected = match to.channels() {
                    1 => bilinear::<1>(picture.image(), place, around).to_vec(),
                    _ => bilinear::<3>(picture.image(), place, around).to_vec(),
                };
                prop_assert_eq!(found, expected, "{}", i);
            }
        }
    }

    #[test]
    fn places_that_are_none_are_outside() {
        let src = Image::new(Shape::gray(1, 1), &[200]);
        for place in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 1e30, -1e30] {
            let mut out = [9];
            let dst = ImageMut::new(Shape::gray(1, 1), &mut out);
            let around = Around::Fill([80; 3]);
            let everywhere = |_, _, places: &mut Places| *places = [[place; RUN], [0.0; RUN]];
            sample(src, dst, Filter::Bilinear, around, &mut Scratch::default(), everywhere);
            assert_eq!(out, [80]);
        }
    }

    #[test]
    fn borders_blend_once_with_zeros_and_twice_with_a_fill() {
        let src = Image::new(Shape::gray(1, 2), &[100, 200]);
        let shifted = |around, filter| {
            let mut out = [0; 2];
            // Half a pixel to the left: 1 of 2 in -1..1 is a pixel.
            let places = |_, y, [xs, ys]: &mut Places| {
                for (i, place) in xs.iter_mut().zip(ys).enumerate().take(2) {
                    [*place.0, *place.1] = [identity(i, 2) - 0.5, identity(y, 1)];
                }
            };
            let dst = ImageMut::new(Shape::gray(1, 2), &mut out);
            sample(src, dst, filter, around, &mut Scratch::default(), places);
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
        let mut places = [[0.0; RUN]; 2];
        affine(&[1.0, 0.0, 2.0, 0.0, 1.0, 0.0], [4, 8], [4, 8])(0, 1, &mut places);
        for (x, (across, down)) in places[0].iter().zip(places[1]).enumerate().take(8) {
            assert!((pixels(*across, 8) - (x as f32 + 2.0)).abs() < 1e-5);
            assert!((pixels(down, 4) - 1.0).abs() < 1e-5);
            assert!((pixels(identity(x, 8), 8) - x as f32).abs() < 1e-5);
        }
        perspective(&[1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0], [4, 8])(5, 2, &mut places);
        assert!((pixels(places[0][0], 8) - 5.0).abs() < 1e-5 && (pixels(places[1][0], 4) - 2.0).abs() < 1e-5);
    }
}
