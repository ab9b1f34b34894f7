//! Changes of single values: brightness, contrast, saturation, fewer bits; and fewer pixels.

use super::hsv::{hsv_of_rgb, rgb_of_hsv};
use super::{Finish, UNITS, pairwise_sum};
use crate::base::{Image, ImageMut, Scratch, Shape};
use crate::kernels::cv::look_up;
use crate::kernels::pil::resample::{self, Filter};

/// Replaces every value of 0..1 by another.
pub fn map(image: ImageMut<'_>, finish: Finish, of: impl Fn(f64) -> f64) {
    look_up(image, &std::array::from_fn(|v| finish.byte(of(UNITS[v]))));
}

/// The value of 0..1 in `bits` bits.
#[must_use]
pub fn quantized(value: f64, bits: u8) -> f64 {
    let most = f64::from((1_u32 << bits.clamp(1, 16)) - 1);
    (value * most).round_ties_even() / most
}

/// Moves values towards the mean of their channel (a factor below 1), or away from it.
pub fn contrast(image: ImageMut<'_>, factor: f64, finish: Finish, scratch: &mut Scratch) {
    let ImageMut { shape, data } = image;
    let channels = shape.channels();
    for channel in 0..channels {
        let values = || data.iter().skip(channel).step_by(channels).map(|v| UNITS[usize::from(*v)]);
        // NumPy adds what lies together in another order than what does not.
        let sum = if channels == 1 {
            let mut plane = scratch.take_f64(shape.pixels());
            plane.iter_mut().zip(values()).for_each(|(to, v)| *to = v);
            let sum = pairwise_sum(&plane);
            scratch.give_f64(plane);
            sum
        } else {
            values().sum()
        };
        let mean = sum / shape.pixels() as f64;
        let table: [u8; 256] = std::array::from_fn(|v| finish.byte((UNITS[v] - mean) * factor + mean));
        for v in data.iter_mut().skip(channel).step_by(channels) {
            *v = table[usize::from(*v)];
        }
    }
}

/// Replaces hue, saturation and value of every pixel by `of` of them. A gray image is one of three equal channels, of which the first
/// comes back.
pub fn map_hsv(image: ImageMut<'_>, finish: Finish, of: impl Fn([f64; 3]) -> [f64; 3]) {
    let ImageMut { shape, data } = image;
    let changed = |rgb: [f64; 3]| rgb_of_hsv(of(hsv_of_rgb(rgb)));
    if shape.channels() == 1 {
        return look_up(
            ImageMut { shape, data },
            &std::array::from_fn(|v| finish.byte(changed([UNITS[v]; 3])[0])),
        );
    }
    for pixel in data.as_chunks_mut::<3>().0 {
        *pixel = changed(pixel.map(|v| UNITS[usize::from(v)])).map(|v| finish.byte(v));
    }
}

/// The gray value that MNIST-C's saturation makes of one: hue, saturation and value all become `factor` times what they were and `offset`,
/// clipped, and the color that this is becomes gray again.
#[must_use]
pub fn saturated_gray(value: f64, factor: f64, offset: f64) -> f64 {
    let changed = |v: f64| (v * factor + offset).clamp(0.0, 1.0);
    let [r, g, b] = rgb_of_hsv([changed(0.0), changed(0.0), changed(value)]);
    0.2125 * r + 0.7154 * g + 0.0721 * b
}

/// How pixels come back after an image was made smaller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Back {
    /// As the mean of the area.
    Box,
    /// As the nearest pixel.
    Nearest,
}

/// Makes the image smaller by `factor`, sides cut to whole pixels, and enlarges it again, both as Pillow does.
pub fn pixelate(src: Image<'_>, dst: ImageMut<'_>, factor: f64, back: Back, scratch: &mut Scratch) {
    let side = |n: usize| ((n as f64 * factor) as usize).clamp(1, n.max(1));
    let shape = src.shape;
    let small = Shape::new(side(shape.height), side(shape.width), shape.kind);
    let mut data = scratch.take_u8(small.bytes());
    resample::resize(src, ImageMut::new(small, &mut data), Filter::Box, scratch);
    let filter = match back {
        Back::Box => Filter::Box,
        Back::Nearest => Filter::Nearest,
    };
    resample::resize(Image::new(small, &data), dst, filter, scratch);
    scratch.give_u8(data);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_bit_is_black_or_white() {
        assert_eq!([0.0, 0.49, 0.51, 1.0].map(|v| quantized(v, 1)), [0.0, 0.0, 1.0, 1.0]);
        assert_eq!(quantized(0.4, 2), 1.0 / 3.0);
    }

    #[test]
    fn contrast_is_about_the_mean_of_each_channel() {
        let mut data = [0, 10, 100, 200, 10, 100];
        contrast(ImageMut::new(Shape::rgb(2, 1), &mut data), 0.5, Finish::Round, &mut Scratch::default());
        assert_eq!(data, [50, 10, 100, 150, 10, 100]);
    }

    #[test]
    fn a_gray_image_is_one_of_three_equal_channels() {
        let more = |[h, s, v]: [f64; 3]| [h, (s * 5.0 + 0.1).clamp(0.0, 1.0), v];
        let (mut gray, mut rgb) = ([17, 200], [17, 17, 17, 200, 200, 200]);
        map_hsv(ImageMut::new(Shape::gray(1, 2), &mut gray), Finish::Round, more);
        map_hsv(ImageMut::new(Shape::rgb(1, 2), &mut rgb), Finish::Round, more);
        assert_eq!(gray, [rgb[0], rgb[3]]);
        assert!(rgb[1] < rgb[0]);
    }
}
