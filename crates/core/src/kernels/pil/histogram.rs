//! Pillow's `ImageOps.autocontrast` and `equalize`: a table for each channel.

use crate::base::ImageMut;

fn each_channel(image: ImageMut<'_>, table: impl Fn(&[u32; 256]) -> Option<[u8; 256]>) {
    let ImageMut { shape, data } = image;
    let channels = shape.channels();
    for c in 0..channels {
        let mut counts = [0_u32; 256];
        data.iter().skip(c).step_by(channels).for_each(|v| counts[usize::from(*v)] += 1);
        if let Some(table) = table(&counts) {
            data.iter_mut().skip(c).step_by(channels).for_each(|v| *v = table[usize::from(*v)]);
        }
    }
}

/// Stretches each channel to 0..=255.
pub fn autocontrast(image: ImageMut<'_>) {
    autocontrast_without(image, [0.0; 2]);
}

/// Stretches each channel to 0..=255 without the darkest and the brightest pixels, which become 0 and 255: `cutoff` has
/// their shares in percent.
pub fn autocontrast_without(image: ImageMut<'_>, cutoff: [f64; 2]) {
    let pixels = image.shape.pixels() as f64;
    let [dark, bright] = cutoff.map(|percent| (pixels * percent / 100.0) as u32);
    each_channel(image, |counts| {
        let mut counts = *counts;
        remove(counts.iter_mut(), dark);
        remove(counts.iter_mut().rev(), bright);
        let lo = counts.iter().position(|count| *count > 0)?;
        let hi = counts.iter().rposition(|count| *count > 0)?;
        if hi <= lo {
            return None;
        }
        let scale = 255.0 / (hi - lo) as f64;
        let offset = -(lo as f64) * scale;
        Some(std::array::from_fn(|i| (i as f64 * scale + offset).clamp(0.0, 255.0) as u8))
    });
}

/// Takes so many pixels off a histogram, from its first level on.
fn remove<'a>(counts: impl Iterator<Item = &'a mut u32>, mut pixels: u32) {
    for count in counts {
        let taken = pixels.min(*count);
        *count -= taken;
        pixels -= taken;
    }
}

/// Makes the values of each channel equally frequent, as far as whole steps allow.
pub fn equalize(image: ImageMut<'_>) {
    each_channel(image, |counts| {
        let highest = counts.iter().rposition(|count| *count > 0)?;
        let levels = counts.iter().filter(|count| **count > 0).count();
        let step = (counts.iter().sum::<u32>() - counts[highest]) / 255;
        if levels <= 1 || step == 0 {
            return None;
        }
        let mut n = step / 2;
        Some(std::array::from_fn(|i| {
            let level = (n / step).min(255) as u8;
            n += counts[i];
            level
        }))
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Shape;

    #[test]
    fn flat_channels_and_small_images_stay() {
        let shape = Shape::gray(1, 3);
        let mut data = [7; 3];
        autocontrast(ImageMut::new(shape, &mut data));
        equalize(ImageMut::new(shape, &mut data));
        assert_eq!(data, [7; 3]);
        let mut data = [10, 20, 30];
        autocontrast(ImageMut::new(shape, &mut data));
        assert_eq!(data, [0, 127, 255]);
        equalize(ImageMut::new(shape, &mut data));
        assert_eq!(data, [0, 127, 255]);
    }
}
