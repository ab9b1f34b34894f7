//! Alpha blending of two images.

use super::rgb::{self, LANES, pack, unpack};
use crate::base::math::rhe;
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
pub fn blend(image: &mut ImageMut<'_>, foreground: Image<'_>, alpha: Alpha<'_>, eps: f32) {
    assert_eq!(image.shape, foreground.shape, "blended images have one shape");
    let (low, high) = match &alpha {
        Alpha::Channels(alphas) => range(&alphas[..image.shape.channels]),
        Alpha::Pixels(mask) | Alpha::Values(mask) => range(mask),
    };
    if low >= 1.0 - eps {
        return image.data.copy_from_slice(foreground.data);
    }
    if high <= eps {
        return;
    }
    match alpha {
        Alpha::Channels(alphas) if image.shape.channels == 3 => {
            rgb::map_blocks(image.data, |first, pixels| {
                let over = rgb::block_at(foreground.data, first);
                for i in 0..LANES {
                    pixels[i] = mix_rgb(pixels[i], over[i], alphas);
                }
            });
        }
        Alpha::Channels([alpha, ..]) => {
            for (v, over) in image.data.iter_mut().zip(foreground.data) {
                *v = mix(f32::from(*v), f32::from(*over), alpha) as u8;
            }
        }
        Alpha::Pixels(mask) if image.shape.channels == 3 => {
            assert_eq!(mask.len(), image.shape.pixels(), "an alpha for each pixel");
            rgb::map_blocks(image.data, |first, pixels| {
                let over = rgb::block_at(foreground.data, first);
                let alphas = rgb::lanes_at(mask, first);
                for i in 0..LANES {
                    pixels[i] = mix_rgb(pixels[i], over[i], [alphas[i]; 3]);
                }
            });
        }
        Alpha::Pixels(mask) | Alpha::Values(mask) => {
            assert_eq!(mask.len(), image.shape.bytes(), "an alpha for each value");
            for ((v, over), alpha) in image.data.iter_mut().zip(foreground.data).zip(mask) {
                *v = mix(f32::from(*v), f32::from(*over), *alpha) as u8;
            }
        }
    }
}

#[inline(always)]
fn mix(below: f32, over: f32, alpha: f32) -> i32 {
    rhe(below + alpha * (over - below))
}

#[inline(always)]
fn mix_rgb(below: u32, over: u32, alphas: [f32; 3]) -> u32 {
    let (below, over) = (unpack(below), unpack(over));
    pack([0, 1, 2].map(|c| mix(below[c], over[c], alphas[c])))
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
        for i in 0..WIDE {
            take(i, run[i]);
        }
    }
    for (i, alpha) in rest.iter().enumerate() {
        take(i, *alpha);
    }
    (low.into_iter().fold(f32::INFINITY, f32::min), high.into_iter().fold(f32::NEG_INFINITY, f32::max))
}
