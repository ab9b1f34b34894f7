//! Histogram equalization of the whole channel and of tiles (CLAHE), as OpenCV computes both.
//!
//! K. Zuiderveld, "Contrast Limited Adaptive Histogram Equalization", Graphics Gems IV (1994).

use super::colorspace::{self, Space};
use super::cv::clahe as tiles;
use super::tables;
use crate::base::{ImageMut, Scratch};

/// What is equalized.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// Lightness: channel L of Lab; of a gray image its only channel.
    Lightness,
    /// Each channel by itself.
    Channels,
}

/// Makes the values of each channel, or of the lightness, equally frequent.
pub fn equalize(image: ImageMut<'_>, target: Target) {
    each_target(image, target, |mut image, channel| {
        let counts = tables::histogram(image.shape, image.data, channel);
        if let Some(table) = tables::equalize(&counts) {
            tables::apply_to(image.reborrow(), channel, &table);
        }
    });
}

/// Equalizes tiles, `grid` along each axis, of which no value counts more than `clip[channel]` times the mean of all; the
/// pixels between the centers of tiles are interpolated.
pub fn clahe(image: ImageMut<'_>, target: Target, clip: [f32; 3], grid: [u16; 3], scratch: &mut Scratch) {
    each_target(image, target, |image, channel| {
        equalize_tiles(image, channel, clip[channel], usize::from(grid[channel].max(1)), scratch);
    });
}

/// Runs `paint` for each channel that is meant.
fn each_target(mut image: ImageMut<'_>, target: Target, mut paint: impl FnMut(ImageMut<'_>, usize)) {
    if image.shape.pixels() == 0 {
        return;
    }
    let channels = image.shape.channels();
    match target {
        Target::Lightness if channels == 3 => {
            colorspace::convert(image.reborrow(), Space::Rgb, Space::Lab);
            paint(image.reborrow(), 0);
            colorspace::convert(image, Space::Lab, Space::Rgb);
        }
        Target::Lightness | Target::Channels => {
            for channel in 0..channels {
                paint(image.reborrow(), channel);
            }
        }
    }
}

fn equalize_tiles(image: ImageMut<'_>, channel: usize, clip: f32, grid: usize, scratch: &mut Scratch) {
    let ImageMut { shape, data } = image;
    let mut plane = scratch.take_u8(shape.pixels());
    let pixels = || (channel..).step_by(shape.channels());
    for (value, i) in plane.iter_mut().zip(pixels()) {
        *value = data[i];
    }
    tiles::clahe(&mut plane, (shape.height, shape.width), f64::from(clip), (grid, grid), scratch);
    for (value, i) in plane.iter().zip(pixels()) {
        data[i] = *value;
    }
    scratch.give_u8(plane);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Shape;

    #[test]
    fn one_tile_without_a_limit_is_a_plain_equalization_by_sums() {
        let mut data = [10, 10, 20, 30];
        let image = ImageMut::new(Shape::gray(2, 2), &mut data);
        clahe(image, Target::Lightness, [0.0; 3], [1; 3], &mut Scratch::default());
        assert_eq!(data, [128, 128, 191, 255]);
    }

    #[test]
    fn flat_images_stay_flat() {
        let mut data = [77; 48];
        equalize(ImageMut::new(Shape::rgb(4, 4), &mut data), Target::Channels);
        assert_eq!(data, [77; 48]);
        let image = ImageMut::new(Shape::rgb(4, 4), &mut data);
        clahe(image, Target::Channels, [2.0; 3], [3; 3], &mut Scratch::default());
        assert_eq!(data, [data[0]; 48]);
    }
}
