//! Weather: fog, frost, snow, and mud.

use super::motion;
use super::zoom::{self, Keep, Part};
use super::{Finish, UNITS, gauss};
use crate::base::math::rhe;
use crate::base::{ImageMut, Scratch};

/// Adds `strength` times a height map to all channels and divides by what this adds to the brightest value.
///
/// # Panics
/// If there is not a height for each pixel.
pub fn fog(image: ImageMut<'_>, strength: f64, heights: &[f64], finish: Finish) {
    let ImageMut { shape, data } = image;
    assert_eq!(shape.pixels(), heights.len(), "a height for each pixel");
    let most = data.iter().max().map_or(0.0, |v| UNITS[usize::from(*v)]);
    let (above, below) = (most, most + strength);
    for (pixel, height) in data.chunks_exact_mut(shape.channels()).zip(heights) {
        for v in pixel {
            *v = finish.byte((UNITS[usize::from(*v)] + strength * height) * above / below);
        }
    }
}

/// Adds `share` of a texture to `own` of the image. A texture of one channel goes to all.
///
/// # Panics
/// If the texture has neither a value for each pixel nor one for each value.
pub fn frost(image: ImageMut<'_>, own: f64, share: f64, texture: &[u8], finish: Finish) {
    let ImageMut { data, .. } = image;
    let each = data.len() / texture.len().max(1);
    assert_eq!(texture.len() * each, data.len(), "a texture of the image's size");
    for (values, ice) in data.chunks_exact_mut(each.max(1)).zip(texture) {
        for v in values {
            let sum = (own * f64::from(*v) + share * f64::from(*ice)).clamp(0.0, 255.0);
            *v = match finish {
                Finish::Round => rhe(sum as f32) as u8,
                Finish::Cut => sum as i32 as u8,
            };
        }
    }
}

/// How snow falls.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Snow {
    /// By how much flakes are enlarged.
    pub zoom: f64,
    /// Below which value there is none.
    pub threshold: f64,
    /// Radius of the motion blur.
    pub radius: f64,
    /// Its standard deviation.
    pub sigma: f64,
    /// Its direction in degrees.
    pub angle: f64,
    /// The share of the image that is not whitened.
    pub mix: f64,
}

/// Whitens the image and adds a layer of snow, and the layer turned by 180 degrees. `layer` holds normal numbers.
///
/// # Panics
/// If there is not a number for each pixel.
pub fn snow(image: ImageMut<'_>, snow: &Snow, layer: &[f64], finish: Finish, scratch: &mut Scratch) {
    let ImageMut { shape, data } = image;
    let (height, width, pixels) = (shape.height, shape.width, shape.pixels());
    assert_eq!(layer.len(), pixels, "a number for each pixel");
    if pixels == 0 {
        return;
    }
    let mut flakes = scratch.take_f64(pixels);
    let mut bytes = scratch.take_u8(pixels);
    let fallen = |v: f64| if v < snow.threshold { 0.0 } else { v.clamp(0.0, 1.0) };
    match finish {
        // The blur is that of an image of bytes.
        Finish::Round => {
            let part = Part { height, width, factor: snow.zoom, keep: Keep::Middle, size: [height, width] };
            zoom::clipped(layer, part, scratch, |at, v| bytes[at] = (fallen(v) * 255.0) as i32 as u8);
            motion::magick(&mut bytes, width, snow.radius, snow.sigma, snow.angle, scratch);
        }
        // All of the enlarged layer is blurred, and its upper left kept.
        Finish::Cut => {
            let size = [height, width].map(|n| zoom::enlarged(n, snow.zoom));
            let part = Part { height, width, factor: snow.zoom, keep: Keep::Start, size };
            let mut all = scratch.take_f64(size[0] * size[1]);
            zoom::clipped(layer, part, scratch, |at, v| all[at] = fallen(v));
            motion::shifted(&mut all, size[1], snow.radius, snow.sigma, snow.angle, scratch);
            for (to, from) in bytes.chunks_exact_mut(width).zip(all.chunks_exact(size[1])) {
                for (to, v) in to.iter_mut().zip(from) {
                    *to = (v * 255.0).round_ties_even() as i32 as u8;
                }
            }
            scratch.give_f64(all);
        }
    }
    for (flake, v) in flakes.iter_mut().zip(&bytes) {
        *flake = UNITS[usize::from(*v)];
    }
    let mix = snow.mix as f32;
    for (at, pixel) in data.chunks_exact_mut(shape.channels()).enumerate() {
        let values = |v: u8| f32::from(v) / 255.0;
        let gray = match *pixel {
            [v] if finish == Finish::Round => values(v),
            [v] => luma([values(v); 3]),
            [r, g, b] => luma([r, g, b].map(values)),
            _ => 0.0,
        };
        for v in pixel {
            let own = values(*v);
            let gray = if finish == Finish::Round { own } else { gray };
            let white = gray * 1.5 + 0.5;
            let mixed = mix * own + (1.0 - snow.mix) as f32 * if own > white { own } else { white };
            *v = finish.byte(f64::from(mixed) + flakes[at] + flakes[pixels - 1 - at]);
        }
    }
    scratch.give_u8(bytes);
    scratch.give_f64(flakes);
}

fn luma([r, g, b]: [f32; 3]) -> f32 {
    r * 0.299 + g * 0.587 + b * 0.114
}

/// How mud splashes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mud {
    /// Blur of the drops before they are cut out.
    pub sigma: f64,
    /// Above which value they are.
    pub threshold: f64,
    /// Blur of the drops afterwards.
    pub blur: f64,
    /// Their color; gray images have the first value.
    pub color: [u8; 3],
}

/// Covers the image where the blurred layer is above the threshold. `layer` holds normal numbers, and is used up.
///
/// # Panics
/// If there is not a number for each pixel.
pub fn mud(image: ImageMut<'_>, mud: &Mud, layer: &mut [f64], finish: Finish, scratch: &mut Scratch) {
    let ImageMut { shape, data } = image;
    assert_eq!(layer.len(), shape.pixels(), "a number for each pixel");
    if layer.is_empty() {
        return;
    }
    gauss::blur(layer, shape.width, mud.sigma, scratch);
    for v in &mut *layer {
        *v = f64::from(u8::from(*v > mud.threshold));
    }
    gauss::blur(layer, shape.width, mud.blur, scratch);
    for (pixel, cover) in data.chunks_exact_mut(shape.channels()).zip(&*layer) {
        if *cover >= 0.8 {
            for (v, color) in pixel.iter_mut().zip(mud.color) {
                *v = finish.byte(UNITS[usize::from(*v)] * (1.0 - cover) + UNITS[usize::from(color)] * cover);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Canvas;
    use crate::base::{Image, Shape};

    /// The original's sums, by hand: 0.6 * 10 + 0.75 * 101 = 81.75, and 0.6 * 255 + 0.75 * 255 is too much.
    #[test]
    fn frost_adds_a_part_of_a_texture() {
        for (finish, expected) in [(Finish::Round, [82, 255]), (Finish::Cut, [81, 255])] {
            let mut canvas = Canvas::default();
            canvas.load(Image::new(Shape::gray(1, 2), &[10, 255]));
            canvas.in_place(|image, _| frost(image, 0.6, 0.75, &[101, 255], finish));
            assert_eq!(canvas.pixels(), expected);
            // One texture for all channels, and one for each.
            canvas.load(Image::new(Shape::rgb(1, 1), &[10, 10, 255]));
            canvas.in_place(|image, _| frost(image, 0.6, 0.75, &[101], finish));
            assert_eq!(canvas.pixels()[..2], [expected[0]; 2]);
        }
    }
}
