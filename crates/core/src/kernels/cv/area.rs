//! Resizing by the mean over areas.

use crate::base::math::round_u8;
use crate::base::{Image, ImageMut, Scratch};
use crate::kernels::entry::{drawable, for_channels};
use crate::kernels::resize::{self, Interpolation as Plain};

/// How new pixels are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interpolation {
    /// The pixel at floor(d * n_in / n_out).
    Nearest,
    /// Bilinear about pixel centers.
    Linear,
    /// Cubic convolution with a = -0.75 about pixel centers.
    Cubic,
    /// The mean over the area that a new pixel covers; where an axis grows, bilinear between pixels that it straddles.
    Area,
}

/// Resizes `src` to the size of `dst`; equal sizes are copied.
///
/// # Panics
/// If the channels differ.
pub fn resize(src: Image<'_>, dst: ImageMut<'_>, how: Interpolation, scratch: &mut Scratch) {
    let grows = dst.shape.height > src.shape.height || dst.shape.width > src.shape.width;
    let plain = match how {
        Interpolation::Nearest => Plain::Nearest,
        Interpolation::Linear => Plain::Linear,
        Interpolation::Cubic => Plain::Cubic,
        Interpolation::Area if grows || src.shape == dst.shape => Plain::Auto,
        Interpolation::Area => {
            if drawable(src, &dst) {
                for_channels!(src.shape, C => area::<C>(src, dst, scratch));
            }
            return;
        }
    };
    resize::resize(src, dst, plain, scratch);
}

/// What covers one new pixel of an axis: calls `tap(source, weight)` for each pixel in turn.
fn cover(d: usize, from: usize, step: f64, mut tap: impl FnMut(usize, f32)) {
    let (first, last) = (d as f64 * step, d as f64 * step + step);
    let cell = step.min(from as f64 - first);
    let whole_end = (last.floor() as usize).min(from - 1);
    let whole = (first.ceil() as usize).min(whole_end);
    if whole as f64 - first > 1e-3 {
        tap(whole - 1, ((whole as f64 - first) / cell) as f32);
    }
    for i in whole..whole_end {
        tap(i, (1.0 / cell) as f32);
    }
    if last - whole_end as f64 > 1e-3 {
        tap(whole_end, ((last - whole_end as f64).min(1.0).min(cell) / cell) as f32);
    }
}

fn area<const C: usize>(src: Image<'_>, mut dst: ImageMut<'_>, scratch: &mut Scratch) {
    let (rows, columns) = (src.shape.height, src.shape.width);
    let (height, width) = (dst.shape.height, dst.shape.width);
    if rows.is_multiple_of(height) && columns.is_multiple_of(width) {
        whole_cells::<C>(src, dst);
        return;
    }
    let (step_x, step_y) = (1.0 / (width as f64 / columns as f64), 1.0 / (height as f64 / rows as f64));
    let mut along = scratch.take_f32(width * C);
    let mut sums = scratch.take_f32(width * C);
    for y in 0..height {
        sums.fill(0.0);
        cover(y, rows, step_y, |row, share| {
            let pixels = src.row(row).as_chunks::<C>().0;
            for (x, out) in along.as_chunks_mut::<C>().0.iter_mut().enumerate() {
                *out = [0.0; C];
                cover(x, columns, step_x, |column, weight| {
                    for c in 0..C {
                        out[c] += f32::from(pixels[column][c]) * weight;
                    }
                });
            }
            for (sum, &value) in sums.iter_mut().zip(&along) {
                *sum += share * value;
            }
        });
        for (out, &sum) in dst.row_mut(y).iter_mut().zip(&sums) {
            *out = round_u8(sum);
        }
    }
    scratch.give_f32(sums);
    scratch.give_f32(along);
}

/// Every new pixel covers the same number of whole ones.
fn whole_cells<const C: usize>(src: Image<'_>, mut dst: ImageMut<'_>) {
    let (tall, wide) = (src.shape.height / dst.shape.height, src.shape.width / dst.shape.width);
    let scale = 1.0 / (tall * wide) as f32;
    for y in 0..dst.shape.height {
        for (x, out) in dst.row_mut(y).as_chunks_mut::<C>().0.iter_mut().enumerate() {
            let mut sum = [0_u32; C];
            for row in y * tall..(y + 1) * tall {
                for pixel in &src.row(row).as_chunks::<C>().0[x * wide..(x + 1) * wide] {
                    for c in 0..C {
                        sum[c] += u32::from(pixel[c]);
                    }
                }
            }
            *out = sum.map(|sum| {
                // Four pixels are rounded half up, all others half to even.
                if tall == 2 && wide == 2 { ((sum + 2) >> 2) as u8 } else { round_u8(sum as f32 * scale) }
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Shape;

    fn resized(row: &[u8], width: usize) -> Vec<u8> {
        let mut out = vec![0; width];
        let (src, dst) = (Shape::gray(1, row.len()), Shape::gray(1, width));
        let (src, dst) = (Image::new(src, row), ImageMut::new(dst, &mut out));
        resize(src, dst, Interpolation::Area, &mut Scratch::default());
        out
    }

    #[test]
    fn new_pixels_are_means() {
        assert_eq!(resized(&[0, 30, 60, 90], 2), [15, 75]);
        assert_eq!(resized(&[0, 30, 60], 2), [10, 50]);
        assert_eq!(resized(&[7; 29], 11), [7; 11]);
        assert_eq!(resized(&[0, 100, 200], 5), [0, 33, 100, 167, 200]);
    }
}
