//! Pillow's `ImageFilter`: kernels of 3 x 3, ranks, and the Gaussian blur made of boxes.

use crate::base::{Image, ImageMut, Scratch};

/// Nine weights, the number that they are divided by, and what is added.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Kernel {
    /// Row by row; the first row is that of the pixels below, as Pillow has it.
    pub weights: [f32; 9],
    /// What they are divided by.
    pub scale: f32,
    /// What is added.
    pub offset: f32,
}

/// Sums of neighbors in single precision, the fraction cut off. Border pixels, and images below 3 x 3, stay as they are.
///
/// # Panics
/// If the shapes differ.
pub fn convolve(src: Image<'_>, mut dst: ImageMut<'_>, kernel: &Kernel) {
    dst.data.copy_from_slice(src.data);
    let (height, width, channels) = (src.shape.height, src.shape.width, src.shape.channels());
    if height < 3 || width < 3 {
        return;
    }
    let weights = kernel.weights.map(|weight| weight / kernel.scale);
    for y in 1..height - 1 {
        let rows = [src.row(y + 1), src.row(y), src.row(y - 1)];
        let out = dst.row_mut(y);
        for i in channels..(width - 1) * channels {
            let mut sum = kernel.offset + 0.5;
            for (row, [a, b, c]) in rows.iter().zip(weights.as_chunks::<3>().0) {
                sum += f32::from(row[i - channels]) * a
                    + f32::from(row[i]) * b
                    + f32::from(row[i + channels]) * c;
            }
            out[i] = sum.clamp(0.0, 255.0) as u8;
        }
    }
}

/// Which of the sorted values of a window is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rank {
    /// The smallest.
    Min,
    /// The one in the middle.
    Median,
    /// The largest.
    Max,
}

/// Takes one of the values of a window of `size` (odd) rows and columns; border pixels go on beyond the image.
///
/// # Panics
/// If the shapes differ.
pub fn rank(src: Image<'_>, mut dst: ImageMut<'_>, size: usize, rank: Rank, scratch: &mut Scratch) {
    assert_eq!(src.shape, dst.shape, "a filter keeps the shape");
    let (height, width, channels) = (src.shape.height, src.shape.width, src.shape.channels());
    let half = size / 2;
    let mut window = scratch.take_u8(size * size);
    let near = |i: usize, j: usize, n: usize| (i + j).saturating_sub(half).min(n - 1);
    for y in 0..height {
        for x in 0..width {
            for c in 0..channels {
                for j in 0..size {
                    let row = src.row(near(y, j, height));
                    for i in 0..size {
                        window[j * size + i] = row[near(x, i, width) * channels + c];
                    }
                }
                let middle = window.len() / 2;
                dst.row_mut(y)[x * channels + c] = match rank {
                    Rank::Min => window.iter().copied().min().unwrap_or(0),
                    Rank::Max => window.iter().copied().max().unwrap_or(0),
                    Rank::Median => *window.select_nth_unstable(middle).1,
                };
            }
        }
    }
    scratch.give_u8(window);
}

/// How often the box runs along each axis.
const PASSES: usize = 3;

/// `ImageFilter.GaussianBlur`: three boxes along rows and three along columns, whose ends count in part; bytes between
/// them. Border pixels go on beyond the image.
///
/// # Panics
/// If the shapes differ.
pub fn gaussian_blur(src: Image<'_>, dst: ImageMut<'_>, radius: f64, scratch: &mut Scratch) {
    let ImageMut { shape, data } = dst;
    assert_eq!(src.shape, shape, "a filter keeps the shape");
    data.copy_from_slice(src.data);
    if radius <= 0.0 || data.is_empty() {
        return;
    }
    let shares = Shares::of(radius);
    let (height, width, channels) = (shape.height, shape.width, shape.channels());
    let (mut line, mut out) = (scratch.take_u8(height.max(width)), scratch.take_u8(height.max(width)));
    let lines = [(height, width, shape.stride(), channels), (width, height, channels, shape.stride())];
    for (count, length, apart, step) in lines {
        for own in 0..count {
            for c in 0..channels {
                let at = |i: usize| own * apart + i * step + c;
                for (i, v) in line[..length].iter_mut().enumerate() {
                    *v = data[at(i)];
                }
                for _ in 0..PASSES {
                    shares.pass(&line[..length], &mut out[..length]);
                    std::mem::swap(&mut line, &mut out);
                }
                for (i, v) in line[..length].iter().enumerate() {
                    data[at(i)] = *v;
                }
            }
        }
    }
    scratch.give_u8(line);
    scratch.give_u8(out);
}

/// A box: whole pixels to either side, and the weights of those and of the two beyond, of 2^24.
#[derive(Clone, Copy, Debug)]
struct Shares {
    reach: usize,
    whole: u64,
    part: u64,
}

impl Shares {
    /// P. Gwosdek et al., "Theoretical Foundations of Gaussian Convolution by Extended Box Filtering" (2011), in single
    /// precision as Pillow has it.
    fn of(radius: f64) -> Self {
        let single = |v: f64| f64::from(v as f32);
        let radius = single(radius);
        let variance = single(single(radius * radius) / PASSES as f64);
        let length = single((12.0 * variance + 1.0).sqrt());
        let l = ((length - 1.0) / 2.0).floor();
        let part = single((2.0 * l + 1.0) * (l * (l + 1.0) - 3.0 * variance));
        let part = single(part / (6.0 * (variance - (l + 1.0) * (l + 1.0))));
        let full = (l + part) as f32;
        // Numbers of this size are whole in single precision, so that this is rounded.
        let whole = ((1 << 24) as f32 / (full * 2.0 + 1.0)) as u64;
        let reach = full as usize;
        Self { reach, whole, part: (1_u64 << 24).saturating_sub((2 * reach as u64 + 1) * whole) / 2 }
    }

    fn pass(self, from: &[u8], to: &mut [u8]) {
        let n = from.len();
        let at = |i: usize, by: isize| u64::from(from[i.saturating_add_signed(by).min(n - 1)]);
        let reach = self.reach as isize;
        let mut sum: u64 = (-reach..=reach).map(|by| at(0, by)).sum();
        for (i, v) in to.iter_mut().enumerate() {
            if i > 0 {
                sum = sum + at(i, reach) - at(i - 1, -reach);
            }
            let ends = at(i, -reach - 1) + at(i, reach + 1);
            *v = ((self.whole * sum + self.part * ends + (1 << 23)) >> 24) as u8;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Shape;

    #[test]
    fn even_images_stay_even() {
        let shape = Shape::rgb(4, 5);
        let src = [100; 60];
        let mut scratch = Scratch::default();
        for radius in [0.0, 0.4, 1.0, 7.5] {
            let mut out = [0; 60];
            gaussian_blur(Image::new(shape, &src), ImageMut::new(shape, &mut out), radius, &mut scratch);
            assert_eq!(out, src, "{radius}");
        }
        for which in [Rank::Min, Rank::Median, Rank::Max] {
            let mut out = [0; 60];
            rank(Image::new(shape, &src), ImageMut::new(shape, &mut out), 5, which, &mut scratch);
            assert_eq!(out, src);
        }
    }

    #[test]
    fn a_dot_spreads_and_ranks_take_its_neighbors() {
        let shape = Shape::gray(1, 5);
        let (src, mut out) = ([0, 0, 90, 0, 30], [0; 5]);
        let mut scratch = Scratch::default();
        for (which, expected) in [
            (Rank::Min, [0, 0, 0, 0, 0]),
            (Rank::Median, [0, 0, 0, 30, 30]),
            (Rank::Max, [0, 90, 90, 90, 30]),
        ] {
            rank(Image::new(shape, &src), ImageMut::new(shape, &mut out), 3, which, &mut scratch);
            assert_eq!(out, expected, "{which:?}");
        }
        gaussian_blur(Image::new(shape, &src), ImageMut::new(shape, &mut out), 0.5, &mut scratch);
        assert!(out[2] < 90 && out[1] > 0 && out[3] > out[1], "{out:?}");
    }
}
