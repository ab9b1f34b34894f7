//! Pillow's enhancers: brightness, contrast, color, sharpness, and hue by way of 8-bit HSV.

use crate::base::{Image, ImageMut};
use crate::kernels::approx::{floor, floor_u8};
use crate::kernels::rgb::{self, LANES, pack, unpack};

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
    floor_u8(f32::from(a) + factor * (f32::from(b) - f32::from(a)))
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
    rgb::map(
        data,
        #[inline(always)]
        |pixel| {
            let rgb = unpack(pixel);
            let own = gray32(rgb);
            pack(rgb.map(|v| floor((own + factor * (v - own)).clamp(0.0, 255.0))))
        },
    );
}

/// [`gray`] in single precision: sums below 2^24 are exact.
#[inline(always)]
fn gray32([r, g, b]: [f32; 3]) -> f32 {
    floor((19_595.0 * r + 38_470.0 * g + 7471.0 * b + 32_768.0) * (1.0 / 65_536.0)) as f32
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
    // What a hue becomes, by its number with its doubt.
    let turned: [Turned; 512] = std::array::from_fn(|i| {
        let hue = (i as u8).wrapping_sub(u8::from(i > 255 && HUE_BELOW[i - 256]));
        TURNED[usize::from(hue.wrapping_add(shift))]
    });
    rgb::map_blocks(
        data,
        #[inline(always)]
        |_, pixels| {
            let (mut hues, mut saturations, mut values) = ([0_i32; LANES], [0_i32; LANES], [0.0_f32; LANES]);
            for i in 0..LANES {
                (hues[i], saturations[i], values[i]) = hsv(unpack(pixels[i]));
            }
            let (mut sixths, mut parts, mut shares) = ([0_i32; LANES], [0.0_f32; LANES], [0.0_f32; LANES]);
            for i in 0..LANES {
                let turned = &turned[hues[i] as usize % 512];
                (sixths[i], parts[i]) = (turned.sixth, turned.part);
                shares[i] = SHARES[saturations[i] as usize % 512];
            }
            for i in 0..LANES {
                pixels[i] = rgb(sixths[i], parts[i], shares[i], values[i]);
            }
        },
    );
}

/// Hue and saturation of red, green and blue as indexes of tables, and the value; grays have hue 0.
///
/// Pillow has with the maximum V, the range D of the three and their distances c = (V - C) / D in single precision, b - g, 2 + r - b or
/// 4 + g - r sixths of a circle for a maximal R, else G, else B; that is turned into a byte by way of double and single precision, and
/// so is D / V. The byte is the whole part of 255 times the fraction, in whole numbers, except where that is a whole number itself:
/// then it is one less or not, which depends on nothing but the byte. Such have 256 added.
#[inline(always)]
fn hsv([r, g, b]: [f32; 3]) -> (i32, i32, f32) {
    let max = |a: f32, b: f32| if a > b { a } else { b };
    let min = |a: f32, b: f32| if a < b { a } else { b };
    let value = max(max(r, g), b);
    let range = value - min(min(r, g), b);
    // Of grays all distances are 0.
    let span = max(range, 1.0);
    let (start, apart) = if value == g { (2.0, b - r) } else { (4.0, r - g) };
    let (start, apart) = if value == r { (0.0, g - b) } else { (start, apart) };
    let sixths = start * span + apart;
    let sixths = sixths + if sixths < 0.0 { 6.0 * span } else { 0.0 };
    let byte = |part: f32, of: f32| {
        // Both are whole numbers below 2^18, so that the quotient is on the right side of a whole number.
        let quotient = part / of;
        let whole = floor(quotient);
        whole + if whole as f32 * of == part { 256 } else { 0 }
    };
    (byte(sixths * 85.0, 2.0 * span), byte(range * 255.0, max(value, 1.0)), value)
}

/// Where a turned hue lies.
#[derive(Clone, Copy)]
struct Turned {
    /// The sixth of the circle.
    sixth: i32,
    /// How far within.
    part: f32,
}

/// Of each hue, the sixth of the circle that it lies in and how far within.
static TURNED: [Turned; 256] = {
    let mut hues = [Turned { sixth: 0, part: 0.0 }; 256];
    let mut i = 0;
    while i < hues.len() {
        let sixths = (i as f64 * 6.0 / 255.0) as f32;
        let whole = sixths as i32;
        // 255 is a whole circle and begins anew.
        hues[i] = Turned { sixth: whole % 6, part: sixths - whole as f32 };
        i += 1;
    }
    hues
};

/// A distance, in single precision, that is `apart` of 255 below 1.
const fn other(apart: usize) -> f64 {
    ((255 - apart) as f64 / 255.0) as f32 as f64
}

/// Whether Pillow's way to a hue whose fraction of the circle is exactly a byte's ends below it.
static HUE_BELOW: [bool; 256] = {
    let mut below = [false; 256];
    let mut i = 1;
    while i < below.len() {
        // From 0, 2, 4 or again 0 sixths, which the maximal channel decides, by up to one to either side.
        let (place, middle) = (i * 6, (i * 6 + 255) / 510);
        let start = (middle % 3 * 2) as f64;
        // One of the two distances is 1.
        let sixths = if place >= middle * 510 {
            start + 1.0 - other(place - middle * 510)
        } else {
            start + other(middle * 510 - place) - 1.0
        };
        let turn = sixths as f32 as f64 / 6.0 + 1.0;
        let turn = (if turn >= 1.0 { turn - 1.0 } else { turn }) as f32;
        below[i] = ((turn as f64 * 255.0) as usize) < i;
        i += 1;
    }
    below
};

/// Saturations as shares of 255 by their bytes, and by those that are whole numbers.
static SHARES: [f32; 512] = {
    let mut shares = [0.0; 512];
    let mut i = 0;
    while i < 256 {
        let share = (i as f64 / 255.0) as f32;
        shares[i] = share;
        let byte = (share as f64 * 255.0) as usize;
        shares[256 + i] = (byte as f64 / 255.0) as f32;
        i += 1;
    }
    shares
};

/// The packed pixel of a hue, a saturation and a value.
///
/// With the fraction f of the hue's sixth: p = V (1 - S), q = V (1 - S f), u = V (1 - S (1 - f)), rounded half up; S f in single
/// precision.
#[inline(always)]
fn rgb(sixth: i32, part: f32, share: f32, value: f32) -> u32 {
    const MAGIC: f64 = 6_755_399_441_055_744.0;
    let (wide, saturation) = (f64::from(value), f64::from(share));
    let near = |rest: f64| {
        let v = wide * rest + 0.5;
        let shifted = v + MAGIC;
        let over = if shifted - MAGIC > v { 1.0 } else { 0.0 };
        (shifted - over).to_bits() as u32 & 255
    };
    let v = (value + 12_582_912.0).to_bits() & 255;
    let p = near(1.0 - saturation);
    let q = near(1.0 - f64::from(share * part));
    let u = near(1.0 - saturation * (1.0 - f64::from(part)));
    let is = |n: i32| sixth == n;
    let red = if is(0) | is(5) { v } else { p };
    let red = if is(1) { q } else { red };
    let red = if is(4) { u } else { red };
    let green = if is(1) | is(2) { v } else { p };
    let green = if is(3) { q } else { green };
    let green = if is(0) { u } else { green };
    let blue = if is(3) | is(4) { v } else { p };
    let blue = if is(5) { q } else { blue };
    let blue = if is(2) { u } else { blue };
    red | green << 8 | blue << 16
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
    // Of whole numbers those are at least the threshold that are at least the next whole number.
    let least = threshold.ceil().max(0.0);
    if least <= 255.0 {
        let least = least as u8;
        for v in data {
            *v = if *v >= least { 255 - *v } else { *v };
        }
    }
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
        for (threshold, first, last) in
            [(-1.0, 245, 0), (9.5, 245, 0), (10.0, 245, 0), (10.1, 10, 0), (255.0, 10, 0), (255.1, 10, 255)]
        {
            let mut data = [10, 255];
            solarize(ImageMut::new(Shape::gray(1, 2), &mut data), threshold);
            assert_eq!(data, [first, last], "{threshold}");
        }
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
        for &[r, g, b] in &colors {
            let (hue, saturation, value) = hsv([r, g, b].map(f32::from));
            let (hue, share) = (hue as usize, SHARES[saturation as usize]);
            let hue = (hue as u8).wrapping_sub(u8::from(hue > 255 && HUE_BELOW[hue % 256]));
            let expected = plain::hsv([r, g, b]);
            let whole = (f64::from(expected[1]) / 255.0) as f32;
            assert_eq!((hue, share, value as u8), (expected[0], whole, expected[2]), "{r} {g} {b}");
            // The same numbers as a hue, a saturation and a value.
            let Turned { sixth, part } = TURNED[usize::from(r)];
            let found = super::rgb(sixth, part, SHARES[usize::from(g)], f32::from(b)).to_le_bytes();
            assert_eq!(found[..3], plain::rgb([r, g, b]), "{r} {g} {b}");
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
