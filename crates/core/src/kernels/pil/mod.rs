//! Pillow's arithmetic on 8-bit images, which torchvision's transforms of PIL images run: warps, resampling in fixed
//! point, enhancers, histograms. Coordinates are continuous: pixel i covers i..i+1, its center is at i + 0.5.

pub mod color;
pub mod filter;
pub mod histogram;
pub mod resample;
pub mod warp;

use super::entry::for_channels;
use super::taps;
use crate::base::{Image, ImageMut, Scratch};

/// Copies the part of `src` whose first row and column are `top` and `left`; beyond the image lies 0.
pub fn crop(src: Image<'_>, mut dst: ImageMut<'_>, top: i64, left: i64) {
    let (shape, to) = (src.shape, dst.shape);
    dst.data.fill(0);
    let first = (-left).clamp(0, to.width as i64);
    let last = (shape.width as i64 - left).clamp(first, to.width as i64);
    for y in 0..to.height {
        let Ok(from) = usize::try_from(y as i64 + top) else { continue };
        if from >= shape.height || first == last {
            continue;
        }
        let channels = shape.channels();
        let row = &src.row(from)[(first + left) as usize * channels..(last + left) as usize * channels];
        dst.row_mut(y)[first as usize * channels..last as usize * channels].copy_from_slice(row);
    }
}

/// What lies around an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Margin {
    /// One color.
    Constant([u8; 3]),
    /// The border pixel.
    Edge,
    /// Mirrored about the border pixel, which is not repeated.
    Reflect,
    /// Mirrored, the border pixel repeated.
    Symmetric,
}

impl Margin {
    fn index(self, i: i64, n: usize) -> Option<usize> {
        let n = n as i64;
        if (0..n).contains(&i) {
            return Some(i as usize);
        }
        let inside = match self {
            Self::Constant(_) => return None,
            Self::Edge => i.clamp(0, n - 1),
            Self::Reflect if n == 1 => 0,
            Self::Reflect => {
                let i = i.rem_euclid(2 * n - 2);
                if i < n { i } else { 2 * n - 2 - i }
            }
            Self::Symmetric => {
                let i = i.rem_euclid(2 * n);
                if i < n { i } else { 2 * n - 1 - i }
            }
        };
        Some(inside as usize)
    }
}

/// Copies the part of the padded image whose first row and column are `top` and `left`, counted from the image's own.
pub fn padded(src: Image<'_>, dst: ImageMut<'_>, top: i64, left: i64, margin: Margin) {
    if src.shape.pixels() == 0 {
        return;
    }
    for_channels!(src.shape, C => padded_with::<C>(src, dst, top, left, margin));
}

fn padded_with<const C: usize>(src: Image<'_>, mut dst: ImageMut<'_>, top: i64, left: i64, margin: Margin) {
    let fill: [u8; C] = match margin {
        Margin::Constant(fill) => std::array::from_fn(|c| fill[c]),
        Margin::Edge | Margin::Reflect | Margin::Symmetric => [0; C],
    };
    // What lies in the image is one stretch of each row.
    let (width, side) = (dst.shape.width as i64, src.shape.width as i64);
    let first = (-left).clamp(0, width);
    let last = (side - left).clamp(first, width);
    let inside = first as usize..last as usize;
    for y in 0..dst.shape.height {
        let out = dst.row_mut(y).as_chunks_mut::<C>().0;
        let Some(y) = margin.index(y as i64 + top, src.shape.height) else {
            out.fill(fill);
            continue;
        };
        let row = src.row(y).as_chunks::<C>().0;
        if !inside.is_empty() {
            out[inside.clone()].copy_from_slice(&row[(first + left) as usize..(last + left) as usize]);
        }
        for x in (0..inside.start).chain(inside.end..out.len()) {
            out[x] = margin.index(x as i64 + left, src.shape.width).map_or(fill, |x| row[x]);
        }
    }
}

/// Fills the rectangle of `height` x `width` pixels at (`top`, `left`), as far as it lies in the image.
pub fn erase(image: ImageMut<'_>, [top, left, height, width]: [usize; 4], value: [u8; 3]) {
    let ImageMut { shape, data } = image;
    for_channels!(shape, C => {
        let color: [u8; C] = std::array::from_fn(|c| value[c]);
        let columns = left.min(shape.width)..(left.saturating_add(width)).min(shape.width);
        for row in data.chunks_exact_mut(shape.stride().max(1)).skip(top).take(height) {
            row.as_chunks_mut::<C>().0[columns.clone()].fill(color);
        }
    });
}

/// Blurs with weights of a normal distribution, `sigma` for both axes; `kernel` is width and height, both odd. The
/// image is mirrored about its border pixels. Sums are single precision, rounded half to even.
pub fn gaussian_blur(
    src: Image<'_>,
    mut dst: ImageMut<'_>,
    kernel: [usize; 2],
    sigma: f32,
    scratch: &mut Scratch,
) {
    let shape = src.shape;
    if shape.pixels() == 0 {
        return;
    }
    let [width, height] = kernel;
    let (mut row, mut column) = (scratch.take_f32(width), scratch.take_f32(height));
    weigh(&mut row, sigma);
    weigh(&mut column, sigma);
    let mut weights = scratch.take_f32(width * height);
    for (weights, wy) in weights.chunks_exact_mut(width).zip(&column) {
        weights.iter_mut().zip(&row).for_each(|(weight, wx)| *weight = wy * wx);
    }
    let channels = shape.channels();
    // The image with its mirrored margin, and room for the last sums.
    let stride = (shape.width + width - 1) * channels;
    let mut wide = scratch.take_f32((shape.height + height - 1) * stride + taps::room(1));
    let mirrored = |i: usize, half: usize, n: usize| {
        Margin::Reflect.index(i as i64 - half as i64, n).unwrap_or(0) * channels
    };
    for (y, line) in wide.chunks_exact_mut(stride).enumerate() {
        let from = &src.data[mirrored(y, height / 2, shape.height) * shape.width..][..shape.stride()];
        let inner = width / 2 * channels;
        for (value, &v) in line[inner..].iter_mut().zip(from) {
            *value = f32::from(v);
        }
        for x in (0..width / 2).chain(width / 2 + shape.width..shape.width + width - 1) {
            let pixel = &from[mirrored(x, width / 2, shape.width)..][..channels];
            line[x * channels..].iter_mut().zip(pixel).for_each(|(value, &v)| *value = f32::from(v));
        }
    }
    let mut sums = scratch.take_f32(taps::room(shape.stride()));
    for y in 0..shape.height {
        let rows = &wide[y * stride..];
        sums.fill(0.0);
        taps::add(&mut sums, &weights, |tap| &rows[tap / width * stride + tap % width * channels..]);
        for (out, sum) in dst.row_mut(y).iter_mut().zip(&sums) {
            *out = crate::base::math::round_u8(*sum);
        }
    }
    scratch.give_f32(sums);
    scratch.give_f32(wide);
    scratch.give_f32(weights);
    scratch.give_f32(column);
    scratch.give_f32(row);
}

/// The weights of one axis.
fn weigh(weights: &mut [f32], sigma: f32) {
    let half = (weights.len() as f32 - 1.0) * 0.5;
    let mut total = 0.0_f32;
    for (i, weight) in weights.iter_mut().enumerate() {
        let x = (i as f32 - half) / sigma;
        *weight = crate::base::math::expf(-0.5 * x * x);
        total += *weight;
    }
    for weight in weights {
        *weight /= total;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::base::Shape;
    use crate::kernels::testing::pictures;

    proptest! {
        #[test]
        fn parts_of_padded_images_are_those_of_single_pixels(
            picture in pictures(), height in 1_usize..20, width in 1_usize..90, top in -60_i64..60, left in -90_i64..90,
            which in 0_usize..4, fill: [u8; 3],
        ) {
            let margin = [Margin::Constant(fill), Margin::Edge, Margin::Reflect, Margin::Symmetric][which];
            let (from, to) = (picture.shape, Shape::new(height, width, picture.shape.kind));
            let channels = from.channels();
            let mut found = vec![0; to.bytes()];
            padded(picture.image(), ImageMut::new(to, &mut found), top, left, margin);
            for (at, found) in found.into_iter().enumerate() {
                let (y, x, c) = (at / to.stride(), at / channels % width, at % channels);
                let place = margin
                    .index(y as i64 + top, from.height)
                    .zip(margin.index(x as i64 + left, from.width));
                let expected = place.map_or(fill[c], |(y, x)| picture.image().row(y)[x * channels + c]);
                prop_assert_eq!(found, expected, "{}", at);
            }
        }

        #[test]
        fn runs_of_values_are_blurred_as_single_ones(
            picture in pictures(), across in 0_usize..5, down in 0_usize..5, sigma in 0.05_f32..5.0,
        ) {
            let (width, height) = (2 * across + 1, 2 * down + 1);
            let (shape, mut scratch) = (picture.shape, Scratch::default());
            let mut found = vec![0; shape.bytes()];
            let dst = ImageMut::new(shape, &mut found);
            gaussian_blur(picture.image(), dst, [width, height], sigma, &mut scratch);
            let (mut row, mut column) = (vec![0.0; width], vec![0.0; height]);
            weigh(&mut row, sigma);
            weigh(&mut column, sigma);
            let near = |i: usize, half: usize, n: usize| Margin::Reflect.index(i as i64 - half as i64, n).unwrap();
            let channels = shape.channels();
            for (at, found) in found.iter().enumerate() {
                let (y, x, c) = (at / shape.stride(), at / channels % shape.width, at % channels);
                let mut sum = 0.0;
                for (j, wy) in column.iter().enumerate() {
                    let from = picture.image().row(near(y + j, down, shape.height));
                    for (i, wx) in row.iter().enumerate() {
                        sum += f32::from(from[near(x + i, across, shape.width) * channels + c]) * (wy * wx);
                    }
                }
                prop_assert_eq!(*found, crate::base::math::round_u8(sum), "{}", at);
            }
        }
    }

    #[test]
    fn margins_continue_an_image() {
        let src = Image::new(Shape::gray(1, 3), &[1, 2, 3]);
        let mut out = [0; 9];
        for (margin, expected) in [
            (Margin::Constant([9; 3]), [9, 9, 9, 1, 2, 3, 9, 9, 9]),
            (Margin::Edge, [1, 1, 1, 1, 2, 3, 3, 3, 3]),
            (Margin::Reflect, [2, 3, 2, 1, 2, 3, 2, 1, 2]),
            (Margin::Symmetric, [3, 2, 1, 1, 2, 3, 3, 2, 1]),
        ] {
            padded(src, ImageMut::new(Shape::gray(1, 9), &mut out), 0, -3, margin);
            assert_eq!(out, expected, "{margin:?}");
        }
        let mut one = [0; 3];
        padded(
            Image::new(Shape::gray(1, 1), &[7]),
            ImageMut::new(Shape::gray(3, 1), &mut one),
            -1,
            0,
            Margin::Reflect,
        );
        assert_eq!(one, [7; 3]);
    }

    #[test]
    fn crops_beyond_the_image_are_black() {
        let src = Image::new(Shape::gray(2, 2), &[1, 2, 3, 4]);
        let mut out = [5; 9];
        crop(src, ImageMut::new(Shape::gray(3, 3), &mut out), -1, 1);
        assert_eq!(out, [0, 0, 0, 2, 0, 0, 4, 0, 0]);
        let mut far = [5; 1];
        crop(src, ImageMut::new(Shape::gray(1, 1), &mut far), 9, -9);
        assert_eq!(far, [0]);
    }
}
