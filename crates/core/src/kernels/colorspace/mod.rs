//! Color spaces of 8 bits as OpenCV has them: RGB, BGR, gray, HSV, HLS, YCrCb, YUV, Lab and Luv, with the names and the
//! order of channels that imgaug gives them.
//!
//! Hue has 180 steps, all else 256. Formulas and constants are those of OpenCV's documentation and of the standards
//! (BT.601, sRGB, CIE 1976); where its code is whole-number arithmetic, so is this. HLS and Luv are single precision
//! and may differ from it by 1.

mod lab;
mod lanes;
mod luv;
#[cfg(test)]
mod plain;

use super::{color, rgb};
use crate::base::ImageMut;
use crate::base::math::{self, sat};

/// A color space.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Space {
    /// Red, green, blue.
    Rgb,
    /// Blue, green, red.
    Bgr,
    /// Three equal channels.
    Gray,
    /// Hue, saturation, value.
    Hsv,
    /// Hue, lightness, saturation.
    Hls,
    /// Luma and differences of red and blue.
    YCrCb,
    /// Luma and differences of blue and red.
    Yuv,
    /// CIE 1976 L*a*b*.
    Lab,
    /// CIE 1976 L*u*v*.
    Luv,
}

impl Space {
    /// The channel that says how bright a pixel is; none for RGB and its like.
    #[must_use]
    pub fn brightness(self) -> Option<usize> {
        match self {
            Self::Hsv => Some(2),
            Self::Hls => Some(1),
            Self::YCrCb | Self::Yuv | Self::Lab | Self::Luv => Some(0),
            Self::Rgb | Self::Bgr | Self::Gray => None,
        }
    }
}

/// Brings an image of three channels from one space to another, through RGB; an image of one channel stays.
pub fn convert(image: ImageMut<'_>, from: Space, to: Space) {
    let ImageMut { shape, data } = image;
    if shape.channels() != 3 || from == to {
        return;
    }
    match from {
        Space::Rgb | Space::Gray => {}
        Space::Bgr => exchange(data),
        Space::Hsv => rgb::map(data, lanes::rgb_of_hsv),
        Space::Hls => rgb::map(data, lanes::rgb_of_hls),
        Space::YCrCb => rgb::map(data, lanes::rgb_of_ycrcb),
        Space::Yuv => rgb::map(data, lanes::rgb_of_yuv),
        Space::Lab => lab::to_rgb(data),
        Space::Luv => luv::to_rgb(data),
    }
    match to {
        Space::Rgb => {}
        Space::Bgr => exchange(data),
        Space::Gray => rgb::map(data, lanes::gray_of_rgb),
        Space::Hsv => rgb::map(data, lanes::hsv_of_rgb),
        Space::Hls => rgb::map(data, lanes::hls_of_rgb),
        Space::YCrCb => rgb::map(data, lanes::ycrcb_of_rgb),
        Space::Yuv => rgb::map(data, lanes::yuv_of_rgb),
        Space::Lab => lab::of_rgb(data),
        Space::Luv => luv::of_rgb(data),
    }
}

/// The first channel for the last.
fn exchange(data: &mut [u8]) {
    data.as_chunks_mut::<3>().0.iter_mut().for_each(|pixel| pixel.swap(0, 2));
}

/// Multiplies hue (where 255 is once around) and saturation, each where there is a factor.
///
/// As in imgaug with 16-bit hues: hue * 255 / 180 is cut off, the product rounded half to even and taken modulo 255, and the way back
/// cut off again.
pub fn multiply_hue_and_saturation(image: ImageMut<'_>, hue: Option<f32>, saturation: Option<f32>) {
    let ImageMut { shape, data } = image;
    if shape.channels() != 3 {
        return;
    }
    let times = |v: i32, factor: Option<f32>| match factor {
        Some(factor) => math::rhe((v as f32 * factor).clamp(-32_768.0, 32_767.0)),
        None => v,
    };
    let hues: [u8; 256] = std::array::from_fn(|h| {
        // No hue reaches 180.
        let wide = (h.min(180) as i32 as f32 / 180.0 * 255.0) as i32;
        (times(wide, hue).rem_euclid(255) as f32 / 255.0 * 180.0) as u8
    });
    let saturations: [u8; 256] = std::array::from_fn(|s| sat(times(s as i32, saturation)));
    rgb::map_blocks(
        data,
        #[inline(always)]
        |_, pixels| {
            for pixel in pixels.iter_mut() {
                *pixel = lanes::hsv_of_rgb(*pixel);
            }
            for pixel in pixels.iter_mut() {
                let [h, s, v, _] = pixel.to_le_bytes();
                *pixel = u32::from_le_bytes([hues[usize::from(h)], saturations[usize::from(s)], v, 0]);
            }
            for pixel in pixels.iter_mut() {
                *pixel = lanes::rgb_of_hsv(*pixel);
            }
        },
    );
}

/// sRGB (D65) to XYZ.
const XYZ: [[f64; 3]; 3] =
    [[0.412_453, 0.357_58, 0.180_423], [0.212_671, 0.715_16, 0.072_169], [0.019_334, 0.119_193, 0.950_227]];

/// XYZ to sRGB (D65).
const RGB: [[f64; 3]; 3] = [
    [3.240_479, -1.537_15, -0.498_535],
    [-0.969_256, 1.875_991, 0.041_556],
    [0.055_648, -0.204_043, 1.057_311],
];

/// X, Y and Z of white.
const WHITE: [f64; 3] = [0.950_456, 1.0, 1.088_754];

#[cfg(test)]
mod tests {
    use super::plain::{of_rgb, to_rgb};
    use super::*;

    const ALL: [Space; 9] = [
        Space::Rgb,
        Space::Bgr,
        Space::Gray,
        Space::Hsv,
        Space::Hls,
        Space::YCrCb,
        Space::Yuv,
        Space::Lab,
        Space::Luv,
    ];

    #[test]
    fn runs_of_pixels_are_converted_as_single_ones() {
        // The colors of a grid, and every brightness of it; 3 x 86 x 86 pixels are no whole number of runs.
        for offset in 0..3_u8 {
            for a in (0..=255_u8).step_by(15) {
                let colors: Vec<u8> = (offset..=255)
                    .step_by(3)
                    .flat_map(|b| (0..=255).step_by(3).flat_map(move |c| [a, b, c]))
                    .collect();
                let shape = crate::base::Shape::rgb(1, colors.len() / 3);
                for space in ALL {
                    for (from, to) in [(Space::Rgb, space), (space, Space::Rgb)] {
                        let mut found = colors.clone();
                        convert(ImageMut::new(shape, &mut found), from, to);
                        for (color, found) in colors.as_chunks::<3>().0.iter().zip(found.as_chunks::<3>().0) {
                            let expected = of_rgb(to_rgb(*color, from), to);
                            assert_eq!(*found, expected, "{from:?} to {to:?}: {color:?}");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn known_colors() {
        assert_eq!(of_rgb([255, 0, 0], Space::Hsv), [0, 255, 255]);
        assert_eq!(of_rgb([0, 255, 0], Space::Hls), [60, 128, 255]);
        assert_eq!(of_rgb([255; 3], Space::Lab), [255, 128, 128]);
        assert_eq!(of_rgb([0; 3], Space::Luv), [0, 97, 136]);
        assert_eq!(of_rgb([255, 0, 0], Space::Luv), [136, 223, 173]);
        assert_eq!(of_rgb([255, 255, 255], Space::YCrCb), [255, 128, 128]);
        assert_eq!(of_rgb([1, 2, 3], Space::Bgr), [3, 2, 1]);
    }

    #[test]
    fn there_and_back_is_near() {
        for space in ALL.into_iter().filter(|space| *space != Space::Gray) {
            let mut total = 0;
            for i in 0..1000_u32 {
                let rgb = [i * 7 % 256, i * 31 % 256, i * 57 % 256].map(|v| v as u8);
                let again = to_rgb(of_rgb(rgb, space), space);
                let off = rgb.iter().zip(again).map(|(a, b)| a.abs_diff(b)).max().unwrap();
                assert!(off <= 20, "{space:?}: {rgb:?} {again:?}");
                total += u32::from(off);
            }
            assert!(total <= 3000, "{space:?}: {total}");
        }
    }
}
