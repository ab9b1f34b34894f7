//! Brightness, contrast, sharpness, and what changes colors, in single precision. All results but those of
//! [`saturation`] are within 0..=255.

use crate::base::{Scratch, Shape};
use crate::kernels::entry::for_channels;
use crate::kernels::tf_image::{gray, hsv, rgb_of, turned};

/// The highest value.
const TOP: f32 = 255.0;

fn clipped(v: f32) -> f32 {
    v.clamp(0.0, TOP)
}

/// Adds `delta` to all values.
pub fn brightness(values: &mut [f32], delta: f32) {
    for v in values {
        *v = clipped(*v + delta);
    }
}

/// Stretches the distance of values to the mean of their channel.
pub fn contrast(values: &mut [f32], on: Shape, factor: f32) {
    for_channels!(on, C => {
        let pixels = values.as_chunks_mut::<C>().0;
        let mut sums = [0.0; C];
        for pixel in &*pixels {
            for (sum, v) in sums.iter_mut().zip(pixel) {
                *sum += f64::from(*v);
            }
        }
        let means = sums.map(|sum| (sum / on.pixels().max(1) as f64) as f32);
        for pixel in pixels {
            for (v, mean) in pixel.iter_mut().zip(means) {
                *v = clipped((*v - mean) * factor + mean);
            }
        }
    });
}

/// Moves colors to their gray by `share`; negative ones away from it.
pub fn degenerate(values: &mut [f32], on: Shape, share: f32) {
    each_color(values, on, |color| {
        let gray = gray(color);
        color.map(|v| clipped(v + share * (gray - v)))
    });
}

/// Makes all channels gray: 0.2989 R + 0.5870 G + 0.1140 B.
pub fn grayscale(values: &mut [f32], on: Shape) {
    each_color(values, on, |color| [gray(color); 3]);
}

/// Turns hues by `turns` of a circle, -1..=1.
pub fn hue(values: &mut [f32], on: Shape, turns: f32) {
    each_color(values, on, |color| turned(color.map(|v| v / TOP), turns).map(|v| clipped(v * TOP)));
}

/// Multiplies saturations by `factor` and clips them to 0..=`limit`. Where that is above 1, values leave 0..=255.
pub fn saturation(values: &mut [f32], on: Shape, factor: f32, limit: f32) {
    each_color(values, on, |color| {
        let (hue, saturation, value) = hsv(color);
        rgb_of(hue, (saturation * factor).max(0.0).min(limit), value)
    });
}

fn each_color(values: &mut [f32], on: Shape, change: impl Fn([f32; 3]) -> [f32; 3]) {
    if on.channels() == 3 {
        values.as_chunks_mut::<3>().0.iter_mut().for_each(|color| *color = change(*color));
    }
}

/// From the smoothed image and beyond: v + (1 - 2 `share`) (smooth - v). Around the image lie zeros.
///
/// # Panics
/// If `values` are not as many as the shape says.
pub fn sharpness(values: &mut [f32], on: Shape, share: f32, scratch: &mut Scratch) {
    const SIDE: f32 = 1.0 / 13.0;
    const MIDDLE: f32 = 5.0 / 13.0;
    assert_eq!(values.len(), on.bytes(), "an image of {on}");
    let (stride, channels) = (on.stride(), on.channels());
    let mut source = scratch.take_f32(values.len());
    source.copy_from_slice(values);
    let factor = 1.0 - 2.0 * share;
    for y in 0..on.height {
        for i in 0..stride {
            let own = y * stride + i;
            let mut smooth = 0.0;
            for (row, at) in [(y > 0, -1), (true, 0), (y + 1 < on.height, 1)] {
                for (column, by) in [(i >= channels, -1), (true, 0), (i + channels < stride, 1)] {
                    if row && column {
                        let from = own as isize + at * stride as isize + by * channels as isize;
                        smooth += source[from as usize] * if (at, by) == (0, 0) { MIDDLE } else { SIDE };
                    }
                }
            }
            values[own] = clipped(source[own] + factor * (smooth - source[own]));
        }
    }
    scratch.give_f32(source);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contrast_is_about_each_channels_mean() {
        let mut values = [20.0, 0.0, 9.0, 180.0, 100.0, 9.0];
        contrast(&mut values, Shape::rgb(1, 2), 0.5);
        assert_eq!(values, [60.0, 25.0, 9.0, 140.0, 75.0, 9.0]);
        brightness(&mut values, 120.0);
        assert_eq!(values, [180.0, 145.0, 129.0, 255.0, 195.0, 129.0]);
    }

    #[test]
    fn gray_images_have_no_colors() {
        let saturated = |values: &mut [f32], on, factor| saturation(values, on, factor, 255.0);
        for change in [degenerate, hue, saturated] {
            let mut values = [20.0, 180.0];
            change(&mut values, Shape::gray(1, 2), 0.7);
            assert_eq!(values, [20.0, 180.0]);
        }
        let mut color = [200.0, 100.0, 0.0];
        degenerate(&mut color, Shape::rgb(1, 1), 1.0);
        assert!(color.iter().all(|v| (v - (200.0 * 0.2989 + 58.7)).abs() < 1e-4), "{color:?}");
    }

    #[test]
    fn saturation_is_held_at_its_limit() {
        for (limit, rest) in [(255.0, -100.0), (1.0, 0.0)] {
            let mut color = [200.0, 100.0, 100.0];
            saturation(&mut color, Shape::rgb(1, 1), 3.0, limit);
            assert!((color[0] - 200.0).abs() < 1e-3 && (color[1] - rest).abs() < 1e-3, "{color:?}");
        }
    }

    #[test]
    fn zeros_lie_around_what_is_smoothed() {
        let mut values = [13.0; 9];
        sharpness(&mut values, Shape::gray(3, 3), 0.0, &mut Scratch::default());
        // Corners have four of the nine taps, five of thirteen of which are their own.
        let near = |v: f32, expected: f32| (v - expected).abs() < 1e-4;
        assert!(near(values[4], 13.0) && near(values[0], 8.0) && near(values[1], 10.0), "{values:?}");
        sharpness(&mut values, Shape::gray(3, 3), 0.5, &mut Scratch::default());
        assert!(near(values[0], 8.0));
    }
}
