//! Alpha blending of two images.

use super::rgb::{self, LANES, pack_rounded, unpack};
use crate::base::math::{rhe, sat};
use crate::base::{Image, ImageMut};

/// imgaug's tolerance for blends by mask: masks that are all within this of 0 or 1 take one image as it is.
pub const EPS: f32 = 0.01;

/// How much foreground, 0..=1.
#[derive(Clone, Copy, Debug)]
pub enum Alpha<'a> {
    /// For each channel; images of one channel use the first.
    Channels([f32; 3]),
    /// For each pixel: height x width.
    Pixels(&'a [f32]),
    /// For each value: height x width x channels.
    Values(&'a [f32]),
}

/// Blends `foreground` over `image`: v + alpha (foreground - v) in single precision, rounded half to even.
///
/// Where every alpha is at least 1 - `eps` the result is the foreground; where every one is at most `eps`, the image.
///
/// # Panics
/// If the shapes differ, or a mask does not fit them.
pub fn blend(image: ImageMut<'_>, foreground: Image<'_>, alpha: Alpha<'_>, eps: f32) {
    let ImageMut { shape, data } = image;
    assert_eq!(shape, foreground.shape, "blended images have one shape");
    let (low, high) = match &alpha {
        Alpha::Channels(alphas) => range(&alphas[..shape.channels()]),
        Alpha::Pixels(mask) | Alpha::Values(mask) => range(mask),
    };
    if low >= 1.0 - eps {
        return data.copy_from_slice(foreground.data);
    }
    if high <= eps {
        return;
    }
    match alpha {
        Alpha::Channels(alphas) if shape.channels() == 3 => {
            rgb::map_blocks(
                data,
                #[inline(always)]
                |first, pixels| {
                    let over = rgb::block_at(foreground.data, first);
                    for i in 0..LANES {
                        pixels[i] = mix_rgb(pixels[i], over[i], alphas);
                    }
                },
            );
        }
        Alpha::Channels([alpha, ..]) => {
            for (v, over) in data.iter_mut().zip(foreground.data) {
                *v = sat(rhe(mix(f32::from(*v), f32::from(*over), alpha)));
            }
        }
        Alpha::Pixels(mask) if shape.channels() == 3 => {
            assert_eq!(mask.len(), shape.pixels(), "an alpha for each pixel");
            rgb::map_blocks(
                data,
                #[inline(always)]
                |first, pixels| {
                    let over = rgb::block_at(foreground.data, first);
                    let alphas = rgb::lanes_at(mask, first);
                    for i in 0..LANES {
                        pixels[i] = mix_rgb(pixels[i], over[i], [alphas[i]; 3]);
                    }
                },
            );
        }
        Alpha::Pixels(mask) | Alpha::Values(mask) => {
            assert_eq!(mask.len(), shape.bytes(), "an alpha for each value");
            for ((v, over), alpha) in data.iter_mut().zip(foreground.data).zip(mask) {
                *v = sat(rhe(mix(f32::from(*v), f32::from(*over), *alpha)));
            }
        }
    }
}

#[inline(always)]
fn mix(below: f32, over: f32, alpha: f32) -> f32 {
    below + alpha * (over - below)
}

#[inline(always)]
fn mix_rgb(below: u32, over: u32, alphas: [f32; 3]) -> u32 {
    let (below, over) = (unpack(below), unpack(over));
    pack_rounded([0, 1, 2].map(|c| mix(below[c], over[c], alphas[c])))
}

/// The smallest and the largest alpha.
pub(super) fn range(alphas: &[f32]) -> (f32, f32) {
    const WIDE: usize = 8;
    let (mut low, mut high) = ([f32::INFINITY; WIDE], [f32::NEG_INFINITY; WIDE]);
    let mut take = |i: usize, alpha: f32| {
        low[i] = if alpha < low[i] { alpha } else { low[i] };
        high[i] = if alpha > high[i] { alpha } else { high[i] };
    };
    let (runs, rest) = alphas.as_chunks::<WIDE>();
    for run in runs {
        for (i, alpha) in run.iter().enumerate() {
            take(i, *alpha);
        }
    }
    for (i, alpha) in rest.iter().enumerate() {
        take(i, *alpha);
    }
    (low.into_iter().fold(f32::INFINITY, f32::min), high.into_iter().fold(f32::NEG_INFINITY, f32::max))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Shape, Stream};
    use crate::kernels::testing::{Picture, pictures};
    use proptest::prelude::*;

    #[test]
    fn halves_go_to_even_and_near_masks_take_one_image() {
        let shape = Shape::gray(1, 4);
        let blended = |alpha: Alpha<'_>| {
            let (mut below, over) = ([0, 10, 200, 255], [1, 13, 100, 0]);
            blend(ImageMut::new(shape, &mut below), Image::new(shape, &over), alpha, EPS);
            below
        };
        assert_eq!(blended(Alpha::Channels([0.5, 9.0, 9.0])), [0, 12, 150, 128]);
        assert_eq!(blended(Alpha::Channels([0.01, 9.0, 9.0])), [0, 10, 200, 255]);
        assert_eq!(blended(Alpha::Channels([0.991, 0.0, 0.0])), [1, 13, 100, 0]);
        assert_eq!(blended(Alpha::Pixels(&[0.991, 0.999, 1.0, 0.995])), [1, 13, 100, 0]);
        // One value that is not near keeps the others from being snapped.
        assert_eq!(blended(Alpha::Values(&[0.009, 0.5, 0.009, 0.009])), [0, 12, 199, 253]);
    }

    proptest! {
        #[test]
        fn each_value_is_blended_by_itself(picture in pictures(), seed: u64, kind in 0..3, top in 0.0_f32..1.2) {
            let channels = picture.shape.channels();
            let over = Picture::new(picture.shape, seed);
            let mut rng = Stream::of_key(seed);
            let mut alphas = |n: usize| -> Vec<f32> { (0..n).map(|_| rng.unit() as f32 * top.min(1.0)).collect() };
            let mask = match kind {
                0 => alphas(3),
                1 => alphas(picture.shape.pixels()),
                _ => alphas(picture.shape.bytes()),
            };
            let (alpha, used) = match kind {
                0 => (Alpha::Channels([mask[0], mask[1], mask[2]]), &mask[..channels]),
                1 => (Alpha::Pixels(&mask), &mask[..]),
                _ => (Alpha::Values(&mask), &mask[..]),
            };
            let expected: Vec<u8> = (0..picture.data.len())
                .map(|i| {
                    let a = match kind {
                        0 => mask[i % channels],
                        1 => mask[i / channels],
                        _ => mask[i],
                    };
                    let (v, o) = (f32::from(picture.data[i]), f32::from(over.data[i]));
                    if used.iter().all(|a| *a >= 1.0 - EPS) {
                        o as u8
                    } else if used.iter().all(|a| *a <= EPS) {
                        v as u8
                    } else {
                        (v + a * (o - v)).round_ties_even() as u8
                    }
                })
                .collect();
            prop_assert_eq!(picture.painted(|i| blend(i, over.image(), alpha, EPS)), expected);
        }
    }
}
