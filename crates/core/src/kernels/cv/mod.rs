//! OpenCV's arithmetic on 8-bit images, which imgaug and Albumentations run: filters of any kernel, histogram
//! equalization, lines, and the color spaces that they go through; warps, resizing by areas, frames.
//!
//! Constants and the order of the operations are OpenCV's, so that results are the same to the bit unless a function
//! says otherwise. Where OpenCV fuses a multiplication and an addition, [`fma`] does.

pub mod area;
pub mod clahe;
pub mod distortion;
pub mod draw;
pub mod equalize;
pub mod filter;
pub mod frame;
pub mod hls;
pub mod homography;
pub mod hsv;
pub mod lab;
pub mod line;
pub mod matrix;
pub mod rescale;
pub mod smooth;
pub mod warp;
pub mod ycrcb;

use crate::base::ImageMut;

/// `a` times `b` plus `c`, rounded once, as an instruction for it would.
///
/// The product of two singles is exact in double precision. The sum is rounded to 53 bits and then to 24, which gives
/// another number than one rounding only where the first ends up halfway between two singles: with pixels and weights
/// that takes addends whose exponents are 20 bits apart.
#[inline]
#[must_use]
pub fn fma(a: f32, b: f32, c: f32) -> f32 {
    (f64::from(a) * f64::from(b) + f64::from(c)) as f32
}

/// Replaces every value by that of `table`.
pub fn look_up(image: ImageMut<'_>, table: &[u8; 256]) {
    let ImageMut { data, .. } = image;
    for v in data {
        *v = table[usize::from(*v)];
    }
}

/// Replaces every value by that of its channel's table; an image of one channel has the first.
pub fn look_up_channels(image: ImageMut<'_>, tables: &[[u8; 256]; 3]) {
    let ImageMut { shape, data } = image;
    for pixel in data.chunks_exact_mut(shape.channels()) {
        for (v, table) in pixel.iter_mut().zip(tables) {
            *v = table[usize::from(*v)];
        }
    }
}

/// Replaces every pixel of an RGB image by `paint` of it; an image of one channel stays as it is.
pub fn map_rgb(image: ImageMut<'_>, paint: impl Fn([u8; 3]) -> [u8; 3]) {
    let ImageMut { shape, data } = image;
    if shape.channels() == 3 {
        for pixel in data.as_chunks_mut::<3>().0 {
            *pixel = paint(*pixel);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Shape;

    #[test]
    fn the_fused_sum_is_rounded_once() {
        // (1 + 2^-12)^2 = 1 + 2^-11 + 2^-24: the last part is lost if the product is rounded by itself.
        let x = 1.0 + 2.0_f32.recip() / 2048.0;
        assert_eq!(fma(x, x, -1.0), 2.0_f32.recip() / 1024.0 + 2.0_f32.recip() / 8_388_608.0);
        assert_eq!(x * x - 1.0, 2.0_f32.recip() / 1024.0);
    }

    #[test]
    fn each_channel_has_its_table() {
        let tables = [[1; 256], [2; 256], [3; 256]];
        let (mut rgb, mut gray) = ([9; 6], [9; 2]);
        look_up_channels(ImageMut::new(Shape::rgb(1, 2), &mut rgb), &tables);
        look_up_channels(ImageMut::new(Shape::gray(1, 2), &mut gray), &tables);
        assert_eq!((rgb, gray), ([1, 2, 3, 1, 2, 3], [1; 2]));
    }
}
