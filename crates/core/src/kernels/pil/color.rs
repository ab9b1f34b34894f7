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
    cut(f32::from(a) + factor * (f32::from(b) - f32::from(a)))
}

/// Cuts the fraction off and clips to 0..=255.
#[inline]
fn cut(v: f32) -> u8 {
    // By way of whole numbers, of which the compiler makes vectors.
    v.clamp(0.0, 255.0) as i32 as u8
}

/// Replaces all values by what they are `from` one value `by` a factor.
fn blend_from(data: &mut [u8], from: u8, factor: f32) {
    let table: [u8; 256] = std::array::from_fn(|v| blend(from, v as u8, factor));
    for v in data {
        *v = table[usize::from(*v)];
    }
}

/// Multiplies all values.
pub fn brightness(image: ImageMut<'_>, factor: f32) {
    let ImageMut { data, .. } = image;
    blend_from(data, 0, factor);
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
    blend_from(data, mean, factor);
}

/// Pixels that are worked on together.
const RUN: usize = 16;

/// Changes the pixels of a color image by planes of red, green and blue, a run at a time.
fn by_planes(data: &mut [u8], change: impl Fn(&mut [[u8; RUN]; 3])) {
    let run = |pixels: &mut [[u8; 3]]| {
        let mut planes = [[0; RUN]; 3];
        for (i, &[r, g, b]) in pixels.iter().enumerate() {
            (planes[0][i], planes[1][i], planes[2][i]) = (r, g, b);
        }
        change(&mut planes);
        for (i, pixel) in pixels.iter_mut().enumerate() {
            *pixel = [planes[0][i], planes[1][i], planes[2][i]];
        }
    };
    let (runs, rest) = data.as_chunks_mut::<3>().0.as_chunks_mut::<RUN>();
    for pixels in runs {
        run(pixels);
    }
    run(rest);
}

/// Stretches the distance of colors to their gray; gray images stay.
pub fn saturation(image: ImageMut<'_>, factor: f32) {
    let ImageMut { shape, data } = image;
    if shape.channels() != 3 {
        return;
    }
    if factor == 0.0 {
        return desaturate(ImageMut { shape, data });
    }
    if factor == 1.0 {
        return;
    }
    by_planes(data, |[r, g, b]| {
        for i in 0..RUN {
            let own = f32::from(gray(r[i], g[i], b[i]));
            for plane in [&mut *r, &mut *g, &mut *b] {
                plane[i] = cut(own + factor * (f32::from(plane[i]) - own));
            }
        }
    });
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
    by_planes(data, |planes| {
        let [h, s, v] = hsv(planes);
        *planes = rgb(&h.map(|h| h.wrapping_add(shift)), &s, &v);
    });
}

/// Hue, saturation and value of red, green and blue; grays have hue 0.
///
/// With the maximum V, the range D of the three and their distances c = (V - C) / D in single precision, the hue is b - g, 2 + r - b or
/// 4 + g - r sixths of a circle for a maximal R, else G, else B.
fn hsv([r, g, b]: &[[u8; RUN]; 3]) -> [[u8; RUN]; 3] {
    let (mut h, mut s, mut v) = ([0; RUN], [0; RUN], [0; RUN]);
    for i in 0..RUN {
        let (r, g, b) = (i32::from(r[i]), i32::from(g[i]), i32::from(b[i]));
        let max = r.max(g).max(b);
        let range = max - r.min(g).min(b);
        // Of grays all distances are 0.
        let span = range.max(1) as f32;
        let [rc, gc, bc] = [r, g, b].map(|c| (max - c) as f32 / span);
        let (start, plus, minus) = if r == max {
            (0.0, bc, gc)
        } else if g == max {
            (2.0, rc, bc)
        } else {
            (4.0, gc, rc)
        };
        // One of the two is 0 or 1, so that their difference is exact in double precision.
        let sixths = (start + f64::from(plus) - f64::from(minus)) as f32;
        // From 5/6 to below 2.
        let turn = f64::from(sixths) / 6.0 + 1.0;
        let turn = (if turn >= 1.0 { turn - 1.0 } else { turn }) as f32;
        let byte = |share: f32| (f64::from(share) * 255.0) as i32 as u8;
        (h[i], s[i], v[i]) = (byte(turn), byte(range as f32 / max.max(1) as f32), max as u8);
    }
    [h, s, v]
}

/// Of each hue, the sixth of the circle that it lies in and how far within.
const HUES: [(u8, f32); 256] = {
    let mut hues = [(0, 0.0); 256];
    let mut i = 0;
    while i < hues.len() {
        let sixths = (i as f64 * 6.0 / 255.0) as f32;
        let whole = sixths as u8;
        // 255 is a whole circle and begins anew.
        hues[i] = (whole % 6, sixths - whole as f32);
        i += 1;
    }
    hues
};

/// Red, green and blue of hue, saturation and value.
///
/// With the fraction f of the hue's sixth: p = V (1 - S), q = V (1 - S f), u = V (1 - S (1 - f)), rounded half up; S f in single
/// precision.
fn rgb(h: &[u8; RUN], s: &[u8; RUN], v: &[u8; RUN]) -> [[u8; RUN]; 3] {
    // Which of V, p, q and u the channels are in each sixth.
    const CHANNELS: [[usize; 3]; 6] = [[0, 3, 1], [2, 0, 1], [1, 0, 3], [1, 2, 0], [3, 1, 0], [0, 1, 2]];
    let (mut sixths, mut parts) = ([0; RUN], [0.0; RUN]);
    for i in 0..RUN {
        (sixths[i], parts[i]) = HUES[usize::from(h[i])];
    }
    let mut levels = [*v, [0; RUN], [0; RUN], [0; RUN]];
    for i in 0..RUN {
        let share = (f64::from(s[i]) / 255.0) as f32;
        let (value, saturation) = (f64::from(v[i]), f64::from(share));
        let near = |x: f64| (x + 0.5) as i32 as u8;
        levels[1][i] = near(value * (1.0 - saturation));
        levels[2][i] = near(value * (1.0 - f64::from(share * parts[i])));
        levels[3][i] = near(value * (1.0 - saturation * (1.0 - f64::from(parts[i]))));
    }
    let mut planes = [[0; RUN]; 3];
    for i in 0..RUN {
        let channels = CHANNELS[usize::from(sixths[i])];
        for (plane, level) in planes.iter_mut().zip(channels) {
            plane[i] = levels[level][i];
        }
    }
    planes
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

    /// The plain form of Pillow's conversions, a pixel at a time.
    mod plain {
        pub(super) fn hsv([r, g, b]: [u8; 3]) -> [u8; 3] {
            let (max, min) = (r.max(g).max(b), r.min(g).min(b));
            if max == min {
                return [0, 0, max];
            }
            let span = f32::from(max - min);
            let [rc, gc, bc] = [r, g, b].map(|v| f32::from(max - v) / span);
            let sixths = if r == max {
                bc - gc
            } else if g == max {
                (2.0 + f64::from(rc) - f64::from(bc)) as f32
            } else {
                (4.0 + f64::from(gc) - f64::from(rc)) as f32
            };
            let turn = (f64::from(sixths) / 6.0 + 1.0).rem_euclid(1.0) as f32;
            let byte = |x: f32| (f64::from(x) * 255.0).clamp(0.0, 255.0) as u8;
            [byte(turn), byte(span / f32::from(max)), max]
        }

        pub(super) fn rgb([h, s, v]: [u8; 3]) -> [u8; 3] {
            if s == 0 {
                return [v; 3];
            }
            let sixths = (f64::from(h) * 6.0 / 255.0) as f32;
            let part = sixths - sixths.floor();
            let s = (f64::from(s) / 255.0) as f32;
            let near = |x: f64| (f64::from(v) * x + 0.5).floor().clamp(0.0, 255.0) as u8;
            let p = near(1.0 - f64::from(s));
            let q = near(1.0 - f64::from(s * part));
            let u = near(1.0 - f64::from(s) * (1.0 - f64::from(part)));
            match sixths as u8 % 6 {
                0 => [v, u, p],
                1 => [q, v, p],
                2 => [p, v, u],
                3 => [p, q, v],
                4 => [u, p, v],
                _ => [v, p, q],
            }
        }
    }

    #[test]
    fn runs_of_pixels_are_converted_as_single_ones() {
        // All hues and saturations, every seventh value, and images that end within a run.
        let colors: Vec<[u8; 3]> = (0..=255_u8)
            .flat_map(|a| (0..=255_u8).flat_map(move |b| (0..=255).step_by(7).map(move |c| [a, b, c])))
            .collect();
        let (mut planes, mut back) = ([[0; RUN]; 3], [[0; RUN]; 3]);
        for run in colors.chunks(RUN) {
            for (i, color) in run.iter().enumerate() {
                for c in 0..3 {
                    planes[c][i] = color[c];
                }
            }
            let found = hsv(&planes);
            back.copy_from_slice(&rgb(&planes[0], &planes[1], &planes[2]));
            for (i, &color) in run.iter().enumerate() {
                assert_eq!(found.map(|plane| plane[i]), plain::hsv(color), "{color:?}");
                assert_eq!(back.map(|plane| plane[i]), plain::rgb(color), "{color:?}");
            }
        }
    }

    #[test]
    fn images_of_any_length_are_changed_to_their_end() {
        for pixels in [1, 15, 16, 17, 40] {
            let start: Vec<u8> = (0..pixels * 3).map(|i| (i * 37 % 251) as u8).collect();
            let (mut turned, mut colored) = (start.clone(), start.clone());
            hue(ImageMut::new(Shape::rgb(1, pixels), &mut turned), 0.25);
            saturation(ImageMut::new(Shape::rgb(1, pixels), &mut colored), 1.5);
            for (i, &pixel) in start.as_chunks::<3>().0.iter().enumerate() {
                let [h, s, v] = plain::hsv(pixel);
                assert_eq!(turned[3 * i..][..3], plain::rgb([h.wrapping_add(63), s, v]));
                let own = gray(pixel[0], pixel[1], pixel[2]);
                assert_eq!(colored[3 * i..][..3], pixel.map(|v| blend(own, v, 1.5)));
            }
        }
    }
}
