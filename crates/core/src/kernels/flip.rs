//! Mirroring in place, and rows as columns.

use crate::base::{Image, ImageMut};

/// Mirrors the columns: left becomes right.
pub fn fliplr(mut image: ImageMut<'_>) {
    for y in 0..image.shape.height {
        let channels = image.shape.channels();
        let row = image.row_mut(y);
        if channels == 3 {
            row.as_chunks_mut::<3>().0.reverse();
        } else {
            row.reverse();
        }
    }
}

/// Mirrors the rows: top becomes bottom.
pub fn flipud(image: ImageMut<'_>) {
    let ImageMut { shape, data } = image;
    let (stride, half) = (shape.stride(), shape.height / 2 * shape.stride());
    if half == 0 {
        return;
    }
    let (top, bottom) = data.split_at_mut(data.len() - half);
    for (a, b) in top.chunks_exact_mut(stride).zip(bottom.chunks_exact_mut(stride).rev()) {
        a.swap_with_slice(b);
    }
}

/// Rows become columns: `dst[x][y] = src[y][x]`.
///
/// # Panics
/// If the shapes are not each other's transposes.
pub fn transpose(src: Image<'_>, dst: ImageMut<'_>) {
    let ImageMut { shape, data } = dst;
    let channels = src.shape.channels();
    assert_eq!(shape, src.shape.transposed());
    let (height, width) = (src.shape.height, src.shape.width);
    for (x, column) in data.chunks_exact_mut(height * channels).enumerate() {
        for (y, pixel) in column.chunks_exact_mut(channels).enumerate() {
            pixel.copy_from_slice(&src.data[(y * width + x) * channels..][..channels]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Channels, Shape};
    use proptest::prelude::*;

    #[test]
    fn pixels_move_whole() {
        let shape = Shape::rgb(2, 3);
        let mut data: Vec<u8> = (0..18).collect();
        fliplr(ImageMut::new(shape, &mut data));
        assert_eq!(data[..9], [6, 7, 8, 3, 4, 5, 0, 1, 2]);
        flipud(ImageMut::new(shape, &mut data));
        assert_eq!(data[..9], [15, 16, 17, 12, 13, 14, 9, 10, 11]);
    }

    #[test]
    fn rows_become_columns() {
        let data: Vec<u8> = (0..18).collect();
        let mut out = [0; 18];
        transpose(Image::new(Shape::rgb(2, 3), &data), ImageMut::new(Shape::rgb(3, 2), &mut out));
        assert_eq!(out, [0, 1, 2, 9, 10, 11, 3, 4, 5, 12, 13, 14, 6, 7, 8, 15, 16, 17]);
    }

    proptest! {
        #[test]
        fn each_output_pixel_is_the_mirrored_one(h in 1_usize..8, w in 1_usize..8, rgb: bool, seed: u8) {
            let shape = Shape::new(h, w, Channels::colored(rgb));
            let c = shape.channels();
            let before: Vec<u8> = (0..shape.bytes()).map(|i| (i as u8).wrapping_mul(37) ^ seed).collect();
            let (mut lr, mut ud) = (before.clone(), before.clone());
            fliplr(ImageMut::new(shape, &mut lr));
            flipud(ImageMut::new(shape, &mut ud));
            for y in 0..h {
                for x in 0..w {
                    let at = |y: usize, x: usize| (y * w + x) * c;
                    prop_assert_eq!(&lr[at(y, x)..][..c], &before[at(y, w - 1 - x)..][..c]);
                    prop_assert_eq!(&ud[at(y, x)..][..c], &before[at(h - 1 - y, x)..][..c]);
                }
            }
            fliplr(ImageMut::new(shape, &mut lr));
            flipud(ImageMut::new(shape, &mut ud));
            prop_assert_eq!(&lr, &before);
            prop_assert_eq!(&ud, &before);
        }
    }
}
