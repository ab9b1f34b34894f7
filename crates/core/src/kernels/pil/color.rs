//! Pillow's enhancers: brightness, contrast, color, sharpness, and hue by way of 8-bit HSV.

use crate::base::{Image, ImageMut};

/// Gray of red, green and blue.
#[must_use]
pub fn gray(r: u8, g: u8, b: u8) -> u8 {
    ((19595 * u32::from(r) + 38470 * u32::from(g) + 7471 * u32::from(b) + 32768) >> 16) as u8
}

/// From `a` to `b` by `factor`, single precision, the fraction cut off.
fn blend(a: u8, b: u8, factor: f32) -> u8 {
    if factor == 0.0 {
        return a;
    }
    if factor == 1.0 {
        return b;
    }
    let v = f32::from(a) + factor * (f32::from(b) - f32::from(a));
    if v <= 0.0 {
        0
    } else if v >= 255.0 {
        255
    } else {
        v as u8
    }
}

/// Multiplies all values.
pub fn brightness(image: ImageMut<'_>, factor: f32) {
    let ImageMut { data, .. } = image;
    for v in data.iter_mut() {
        *v = blend(0, *v, factor);
    }
}

/// Stretches the distance of all values to the mean of the gray image.
pub fn contrast(image: ImageMut<'_>, factor: f32) {
    let ImageMut { shape, data } = image;
    if data.is_empty() {
        return;
    }
    let pixels = shape.pixels();
    let sum: u64 = if shape.channels() == 3 {
        data.as_chunks::<3>().0.iter().map(|&[r, g, b]| u64::from(gray(r, g, b))).sum()
    } else {
        data.iter().map(|&v| u64::from(v)).sum()
    };
    let mean = (sum as f64 / pixels as f64 + 0.5) as u8;
    for v in data.iter_mut() {
        *v = blend(mean, *v, factor);
    }
}

/// Stretches the distance of colors to their gray; gray images stay.
pub fn saturation(image: ImageMut<'_>, factor: f32) {
    let ImageMut { shape, data } = image;
    if shape.channels() != 3 {
        return;
    }
    for pixel in data.as_chunks_mut::<3>().0 {
        let own = gray(pixel[0], pixel[1], pixel[2]);
        *pixel = pixel.map(|v| blend(own, v, factor));
    }
}

/// Makes all three channels gray.
pub fn desaturate(image: ImageMut<'_>) {
    let ImageMut { shape, data } = image;
    if shape.channels() == 3 {
        for pixel in data.as_chunks_mut::<3>().0 {
            *pixel = [gray(pixel[0], pixel[1], pixel[2]); 3];
        }
    }
}

/// One gray channel of a color image.
pub fn to_gray(src: Image<'_>, dst: ImageMut<'_>) {
    let ImageMut { data, .. } = dst;
    for (v, &[r, g, b]) in data.iter_mut().zip(src.data.as_chunks::<3>().0) {
        *v = gray(r, g, b);
    }
}

/// Turns hues by `turn`, from -0.5 to 0.5 of a circle; gray images stay.
pub fn hue(image: ImageMut<'_>, turn: f64) {
    let ImageMut { shape, data } = image;
    if shape.channels() != 3 {
        return;
    }
    let shift = ((turn * 255.0) as i32).rem_euclid(256) as u8;
    for pixel in data.as_chunks_mut::<3>().0 {
        let [h, s, v] = hsv(*pixel);
        *pixel = rgb([h.wrapping_add(shift), s, v]);
    }
}

fn hsv([r, g, b]: [u8; 3]) -> [u8; 3] {
    let (max, min) = (r.max(g).max(b), r.min(g).min(b));
    if max == min {
        return [0, 0, max];
    }
    let span = f32::from(max - min);
    let s = span / f32::from(max);
    let [rc, gc, bc] = [r, g, b].map(|v| f32::from(max - v) / span);
    let six = if r == max {
        bc - gc
    } else if g == max {
        (2.0 + f64::from(rc) - f64::from(bc)) as f32
    } else {
        (4.0 + f64::from(gc) - f64::from(rc)) as f32
    };
    let turn = (f64::from(six) / 6.0 + 1.0).rem_euclid(1.0) as f32;
    let byte = |x: f32| (f64::from(x) * 255.0).clamp(0.0, 255.0) as u8;
    [byte(turn), byte(s), max]
}

fn rgb([h, s, v]: [u8; 3]) -> [u8; 3] {
    if s == 0 {
        return [v; 3];
    }
    let t = (f64::from(h) * 6.0 / 255.0) as f32;
    let i = t.floor();
    let part = t - i;
    let s = (f64::from(s) / 255.0) as f32;
    let whole = f64::from(v);
    let near = |x: f64| (x + 0.5).floor().clamp(0.0, 255.0) as u8;
    let p = near(whole * (1.0 - f64::from(s)));
    let q = near(whole * (1.0 - f64::from(s * part)));
    let u = near(whole * (1.0 - f64::from(s) * (1.0 - f64::from(part))));
    match i as u8 % 6 {
        0 => [v, u, p],
        1 => [q, v, p],
        2 => [p, v, u],
        3 => [p, q, v],
        4 => [u, p, v],
        _ => [v, p, q],
    }
}

/// From the smoothed image (0) to the image (1) and beyond; border pixels, and images below 3 x 3, stay as they are.
pub fn sharpness(src: Image<'_>, mut dst: ImageMut<'_>, factor: f32) {
    dst.data.copy_from_slice(src.data);
    let (height, width, channels) = (src.shape.height, src.shape.width, src.shape.channels());
    if height < 3 || width < 3 {
        return;
    }
    let (one, five) = (1.0_f32 / 13.0, 5.0_f32 / 13.0);
    for y in 1..height - 1 {
        let (above, own, below) = (src.row(y - 1), src.row(y), src.row(y + 1));
        let out = dst.row_mut(y);
        for i in channels..(width - 1) * channels {
            let triple = |row: &[u8], middle: f32| {
                f32::from(row[i - channels]) * one
                    + f32::from(row[i]) * middle
                    + f32::from(row[i + channels]) * one
            };
            let mut sum = 0.5_f32;
            sum += triple(below, one);
            sum += triple(own, five);
            sum += triple(above, one);
            out[i] = blend(sum as u8, own[i], factor);
        }
    }
}

/// Keeps the upper `bits` bits, 1 to 8.
pub fn posterize(image: ImageMut<'_>, bits: u8) {
    let ImageMut { data, .. } = image;
    let mask = if bits >= 8 { 0xff } else { !(0xff_u8 >> bits) };
    for v in data.iter_mut() {
        *v &= mask;
    }
}

/// Inverts values of at least `threshold`.
pub fn solarize(image: ImageMut<'_>, threshold: f64) {
    let ImageMut { data, .. } = image;
    data.iter_mut().filter(|v| f64::from(**v) >= threshold).for_each(|v| *v = 255 - *v);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Shape;

    #[test]
    fn factors_of_one_change_nothing_and_of_nothing_all() {
        let shape = Shape::rgb(1, 2);
        let start = [10, 200, 30, 0, 255, 90];
        for change in [brightness, contrast, saturation] {
            let mut data = start;
            change(ImageMut::new(shape, &mut data), 1.0);
            assert_eq!(data, start);
        }
        let mut data = start;
        brightness(ImageMut::new(shape, &mut data), 0.0);
        assert_eq!(data, [0; 6]);
        let mut data = start;
        posterize(ImageMut::new(shape, &mut data), 1);
        assert_eq!(data, [0, 128, 0, 0, 128, 0]);
        let mut data = start;
        solarize(ImageMut::new(shape, &mut data), 128.0);
        assert_eq!(data, [10, 55, 30, 0, 0, 90]);
    }
}
