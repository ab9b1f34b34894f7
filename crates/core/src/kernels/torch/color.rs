//! Colors of tensors of bytes: products and sums in single precision, whose fractions are cut off.

use super::fused;
use crate::base::{Image, ImageMut};
use crate::kernels::approx::{floor, floor_u8 as cut};
use crate::kernels::entry::for_channels;
use crate::kernels::rgb::{self, pack, unpack};
use crate::kernels::tables;

/// The gray of a color.
#[must_use]
pub fn gray(rgb: [u8; 3]) -> u8 {
    gray32(rgb.map(f32::from))
}

#[inline(always)]
fn gray32([r, g, b]: [f32; 3]) -> u8 {
    cut(fused(b, 0.114, fused(g, 0.587, r * 0.2989)))
}

/// Makes all three channels gray; gray images stay.
pub fn desaturate(image: ImageMut<'_>) {
    let ImageMut { shape, data } = image;
    if shape.channels() == 3 {
        data.as_chunks_mut::<3>().0.iter_mut().for_each(|pixel| *pixel = [gray(*pixel); 3]);
    }
}

/// One gray channel of a color image.
///
/// # Panics
/// If the channels are not 3 and 1, or the sizes differ.
pub fn to_gray(src: Image<'_>, dst: ImageMut<'_>) {
    assert_eq!((src.shape.channels(), dst.shape), (3, src.shape.as_gray()), "from RGB to gray");
    let ImageMut { data, .. } = dst;
    data.iter_mut().zip(src.data.as_chunks::<3>().0).for_each(|(v, pixel)| *v = gray(*pixel));
}

/// `v` times `factor` plus `other` times what is left of 1.
#[inline(always)]
fn blend(v: f32, other: f32, factor: f64) -> u8 {
    cut(fused(other, (1.0 - factor) as f32, v * factor as f32))
}

/// Multiplies all values.
pub fn brightness(image: ImageMut<'_>, factor: f64) {
    tables::apply(image, &std::array::from_fn(|v| cut(f32::from(v as u8) * factor as f32)));
}

/// Stretches the distance of all values to the mean of the gray image.
pub fn contrast(image: ImageMut<'_>, factor: f64) {
    let ImageMut { shape, ref data } = image;
    let sum: u64 = match shape.channels() {
        // What fills the last block up is black.
        3 => (0..shape.pixels())
            .step_by(rgb::LANES)
            .map(|first| rgb::block_at(data, first).map(|pixel| u32::from(gray32(unpack(pixel)))))
            .map(|grays| u64::from(grays.iter().sum::<u32>()))
            .sum(),
        _ => data.iter().map(|v| u64::from(*v)).sum(),
    };
    let mean = sum as f32 / shape.pixels().max(1) as f32;
    tables::apply(image, &std::array::from_fn(|v| blend(f32::from(v as u8), mean, factor)));
}

/// Stretches the distance of colors to their gray; gray images stay.
pub fn saturation(image: ImageMut<'_>, factor: f64) {
    let ImageMut { shape, data } = image;
    if shape.channels() == 3 {
        rgb::map(
            data,
            #[inline(always)]
            |pixel| {
                let rgb = unpack(pixel);
                let own = f32::from(gray32(rgb));
                pack(rgb.map(|v| i32::from(blend(v, own, factor))))
            },
        );
    }
}

/// From the smoothed image (0) to the image (1) and beyond. Border pixels, and images of fewer than three rows or columns,
/// stay as they are.
///
/// # Panics
/// If the shapes differ.
pub fn sharpness(src: Image<'_>, mut dst: ImageMut<'_>, factor: f64) {
    dst.data.copy_from_slice(src.data);
    let (height, width, channels) = (src.shape.height, src.shape.width, src.shape.channels());
    if height < 3 || width < 3 {
        return;
    }
    let share = (1.0 - factor) as f32;
    let inner = (width - 2) * channels;
    for y in 1..height - 1 {
        let rows = [src.row(y - 1), src.row(y), src.row(y + 1)];
        let taps: [&[u8]; 9] = std::array::from_fn(|tap| &rows[tap / 3][tap % 3 * channels..][..inner]);
        let out = &mut dst.row_mut(y)[channels..][..inner];
        for i in 0..inner {
            let sum = taps.iter().map(|tap| i32::from(tap[i])).sum::<i32>() + 4 * i32::from(taps[4][i]);
            // Of thirteenths none is a half, and none is so near to it that single precision would not tell.
            let smooth = f32::from(cut((sum as f32 + 6.5) * (1.0 / 13.0)));
            let own = f32::from(taps[4][i]);
            out[i] = cut(fused(smooth - own, share, own));
        }
    }
}

/// Stretches each channel to 0..=255; a channel of one value stays.
pub fn autocontrast(image: ImageMut<'_>) {
    let ImageMut { shape, data } = image;
    let (mut lows, mut highs) = ([u8::MAX; 3], [u8::MIN; 3]);
    for_channels!(shape, C => for pixel in data.as_chunks::<C>().0 {
        for c in 0..C {
            (lows[c], highs[c]) = (lows[c].min(pixel[c]), highs[c].max(pixel[c]));
        }
    });
    for (c, (low, high)) in lows.into_iter().zip(highs).enumerate().take(shape.channels()) {
        if high > low {
            let scale = f32::from(high - low) * (1.0 / 255.0);
            let table = std::array::from_fn(|v| cut(f32::from((v as u8).saturating_sub(low)) / scale));
            tables::apply_to(ImageMut { shape, data }, c, &table);
        }
    }
}

/// Turns hues by `turn`, from -0.5 to 0.5 of a circle; gray images stay.
pub fn hue(image: ImageMut<'_>, turn: f64) {
    let ImageMut { shape, data } = image;
    if shape.channels() != 3 {
        return;
    }
    let turn = turn as f32;
    rgb::map(data, |pixel| {
        let [h, s, v] = hsv(unpack(pixel).map(|v| v / 255.0));
        let sum = h + turn;
        pack(rgb([fraction(sum), s, v]).map(|v| floor(v * 255.999)))
    });
}

/// What is left of a number without the whole number up to it.
#[inline(always)]
fn fraction(v: f32) -> f32 {
    v - floor(v) as f32
}

#[inline(always)]
fn hsv([r, g, b]: [f32; 3]) -> [f32; 3] {
    let max = |a: f32, b: f32| if a > b { a } else { b };
    let min = |a: f32, b: f32| if a < b { a } else { b };
    let value = max(max(r, g), b);
    let range = value - min(min(r, g), b);
    // Of grays all distances are 0, and so is the saturation.
    let colored = range != 0.0;
    let (span, whole) = (if colored { range } else { 1.0 }, if colored { value } else { 1.0 });
    let [rc, gc, bc] = [r, g, b].map(|v| (value - v) / span);
    let sixths = if value == g { rc + 2.0 - bc } else { gc + 4.0 - rc };
    let sixths = if value == r { bc - gc } else { sixths };
    [fraction(sixths * (1.0 / 6.0) + 1.0), range / whole, value]
}

#[inline(always)]
fn rgb([h, s, v]: [f32; 3]) -> [f32; 3] {
    let sixths = h * 6.0;
    let sector = floor(sixths);
    let part = (sixths - sector as f32) * s;
    let rest = 1.0 - s;
    let [p, q, t] = [rest, 1.0 - part, part + rest].map(|share| (share * v).clamp(0.0, 1.0));
    let is = |n: i32| sector == n;
    // A whole circle begins anew.
    let start = is(0) | is(6);
    let red = if start | is(5) { v } else { p };
    let red = if is(1) { q } else { red };
    let red = if is(4) { t } else { red };
    let green = if is(1) | is(2) { v } else { p };
    let green = if is(3) { q } else { green };
    let green = if start { t } else { green };
    let blue = if is(3) | is(4) { v } else { p };
    let blue = if is(5) { q } else { blue };
    let blue = if is(2) { t } else { blue };
    [red, green, blue]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::base::Shape;
    use crate::kernels::testing::pictures;

    #[test]
    fn factors_of_one_change_nothing() {
        let shape = Shape::rgb(1, 2);
        let start = [10, 200, 30, 0, 255, 90];
        for change in [brightness, contrast, saturation] {
            let mut data = start;
            change(ImageMut::new(shape, &mut data), 1.0);
            assert_eq!(data, start);
        }
        let mut data = start;
        hue(ImageMut::new(shape, &mut data), 0.0);
        assert_eq!(data, start);
        let (src, mut out) = ([5, 9, 200, 7, 80, 3, 4, 5, 6], [0; 9]);
        let shape = Shape::gray(3, 3);
        sharpness(Image::new(shape, &src), ImageMut::new(shape, &mut out), 1.0);
        assert_eq!(out, src);
        sharpness(Image::new(shape, &src), ImageMut::new(shape, &mut out), 0.0);
        // (5 + 9 + 200 + 7 + 400 + 3 + 4 + 5 + 6) / 13 = 49.15.
        assert_eq!(out, [5, 9, 200, 7, 49, 3, 4, 5, 6]);
    }

    /// A pixel at a time.
    mod plain {
        pub(super) fn hsv([r, g, b]: [f32; 3]) -> [f32; 3] {
            let (max, min) = (r.max(g).max(b), r.min(g).min(b));
            let range = max - min;
            if range == 0.0 {
                return [0.0, 0.0, max];
            }
            let [rc, gc, bc] = [r, g, b].map(|v| (max - v) / range);
            let sixths = if max == r {
                bc - gc
            } else if max == g {
                rc + 2.0 - bc
            } else {
                gc + 4.0 - rc
            };
            let turn = sixths * (1.0 / 6.0) + 1.0;
            [turn - turn.floor(), range / max, max]
        }

        pub(super) fn rgb([h, s, v]: [f32; 3]) -> [f32; 3] {
            let sixths = h * 6.0;
            let sector = sixths.floor();
            let part = (sixths - sector) * s;
            let rest = 1.0 - s;
            let [p, q, t] = [rest, 1.0 - part, part + rest].map(|share| (share * v).clamp(0.0, 1.0));
            match sector as u8 % 6 {
                0 => [v, t, p],
                1 => [q, v, p],
                2 => [p, v, t],
                3 => [p, q, v],
                4 => [t, p, v],
                _ => [v, p, q],
            }
        }
    }

    #[test]
    fn hues_are_turned_as_those_of_single_pixels() {
        let colors: Vec<u8> = (0..=255_u8)
            .step_by(5)
            .flat_map(|a| (0..=255_u8).flat_map(move |b| (0..=255).step_by(3).flat_map(move |c| [a, b, c])))
            .collect();
        for turn in [-0.5, -0.1, 0.0, 0.3, 0.5] {
            let mut found = colors.clone();
            hue(ImageMut::new(Shape::rgb(1, colors.len() / 3), &mut found), turn);
            for (pixel, found) in colors.as_chunks::<3>().0.iter().zip(found.as_chunks::<3>().0) {
                let [h, s, v] = plain::hsv(pixel.map(|v| f32::from(v) / 255.0));
                let sum = h + turn as f32;
                let expected = plain::rgb([sum - sum.floor(), s, v]).map(|v| (v * 255.999) as u8);
                assert_eq!(*found, expected, "{pixel:?} by {turn}");
            }
        }
    }

    #[test]
    fn smooth_values_are_rounded_thirteenths() {
        for sum in 0..=13 * 255_u32 {
            let smooth = cut((sum as f32 + 6.5) * (1.0 / 13.0));
            assert_eq!(u32::from(smooth), (2 * sum + 13) / 26, "{sum}");
        }
    }

    proptest! {
        #[test]
        fn images_are_changed_as_single_values(picture in pictures(), factor in 0.0..3.0_f64) {
            let single = |v: u8, other: f32| {
                fused(other, (1.0 - factor) as f32, f32::from(v) * factor as f32).clamp(0.0, 255.0) as u8
            };
            let (shape, data) = (picture.shape, &picture.data);
            let channels = shape.channels();
            let dull: Vec<u8> = match channels {
                3 => data.as_chunks::<3>().0.iter().map(|pixel| gray(*pixel)).collect(),
                _ => data.clone(),
            };
            let of_gray = |v: &u8, i: usize| single(*v, f32::from(dull[i / channels]));
            let found = picture.painted(|image| saturation(image, factor));
            let expected: Vec<u8> = data.iter().enumerate().map(|(i, v)| of_gray(v, i)).collect();
            prop_assert_eq!(found, if channels == 3 { expected } else { data.clone() });
            let mean = dull.iter().map(|v| u64::from(*v)).sum::<u64>() as f32 / shape.pixels() as f32;
            let expected: Vec<u8> = data.iter().map(|v| single(*v, mean)).collect();
            prop_assert_eq!(picture.painted(|image| contrast(image, factor)), expected);
            let expected: Vec<u8> =
                data.iter().map(|v| (f32::from(*v) * factor as f32).clamp(0.0, 255.0) as u8).collect();
            prop_assert_eq!(picture.painted(|image| brightness(image, factor)), expected);
            let mut expected = data.clone();
            for c in 0..channels {
                let own = || data.iter().skip(c).step_by(channels);
                let (low, high) = (*own().min().unwrap(), *own().max().unwrap());
                let scale = f32::from(high - low) * (1.0 / 255.0);
                for v in expected.iter_mut().skip(c).step_by(channels).filter(|_| high > low) {
                    *v = (f32::from(*v - low) / scale).clamp(0.0, 255.0) as u8;
                }
            }
            prop_assert_eq!(picture.painted(autocontrast), expected);
            let mut out = vec![0; data.len()];
            sharpness(picture.image(), ImageMut::new(shape, &mut out), factor);
            for (at, found) in out.into_iter().enumerate() {
                let (y, x, c) = (at / shape.stride(), at / channels % shape.width, at % channels);
                if y == 0 || x == 0 || y + 1 == shape.height || x + 1 == shape.width {
                    prop_assert_eq!(found, data[at]);
                    continue;
                }
                let value = |dy: usize, dx: usize| {
                    u32::from(data[((y + dy - 1) * shape.width + x + dx - 1) * channels + c])
                };
                let sum: u32 = (0..9).map(|i| value(i / 3, i % 3)).sum::<u32>() + 4 * value(1, 1);
                let (smooth, own) = (((2 * sum + 13) / 26) as f32, f32::from(data[at]));
                let expected = fused(smooth - own, (1.0 - factor) as f32, own).clamp(0.0, 255.0) as u8;
                prop_assert_eq!(found, expected);
            }
        }
    }

    #[test]
    fn fractions_are_cut_off() {
        let mut data = [100, 101, 3];
        brightness(ImageMut::new(Shape::gray(1, 3), &mut data), 0.75);
        assert_eq!(data, [75, 75, 2]);
        // (75 - 2) / (73 / 255) is a little below 255 in single precision, as it is there.
        autocontrast(ImageMut::new(Shape::gray(1, 3), &mut data));
        assert_eq!(data, [254, 254, 0]);
    }
}
