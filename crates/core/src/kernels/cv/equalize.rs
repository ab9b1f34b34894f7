//! `equalizeHist`: makes the values of a channel equally frequent.

use super::ycrcb::{rgb_of_ycrcb, ycrcb_of_rgb};
use crate::base::{ImageMut, math};

/// How often each value occurs in channel `channel` of interleaved `data`.
#[must_use]
pub fn histogram(data: &[u8], channels: usize, channel: usize) -> [u32; 256] {
    let mut counts = [0; 256];
    for v in data.iter().skip(channel).step_by(channels) {
        counts[usize::from(*v)] += 1;
    }
    counts
}

/// Whose table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// OpenCV's.
    Cv,
    /// Pillow's.
    Pil,
    /// Pillow's as version 2 of Albumentations has it, where a value counts itself.
    PilShifted,
}

impl Rule {
    /// The table that spreads values of these counts over 0..=255; none where they stay as they are.
    #[must_use]
    pub fn table(self, counts: &[u32; 256]) -> Option<[u8; 256]> {
        match self {
            Self::Cv => table(counts),
            Self::Pil => table_pil(counts, false),
            Self::PilShifted => table_pil(counts, true),
        }
    }
}

/// In single precision, rounded half to even: 255 / (n - n0) times the number of values that are not the darkest and not
/// above, n0 of n being the darkest; none where there is one value only.
#[must_use]
pub fn table(counts: &[u32; 256]) -> Option<[u8; 256]> {
    let darkest = counts.iter().position(|count| *count > 0)?;
    let others = counts.iter().sum::<u32>() - counts[darkest];
    if others == 0 {
        return None;
    }
    let scale = 255.0 / others as f32;
    let mut sum = 0;
    let mut table = [0; 256];
    for (value, count) in counts.iter().enumerate().skip(darkest + 1) {
        sum += count;
        table[value] = math::round_u8(sum as f32 * scale);
    }
    Some(table)
}

/// In whole steps of a 255th of the pixels that are not the brightest; none where that is nothing.
fn table_pil(counts: &[u32; 256], inclusive: bool) -> Option<[u8; 256]> {
    let brightest = counts.iter().rposition(|count| *count > 0)?;
    let step = (counts.iter().sum::<u32>() - counts[brightest]) / 255;
    if step == 0 {
        return None;
    }
    let mut n = step / 2;
    Some(counts.map(|count| {
        let before = n;
        n += count;
        (if inclusive { n } else { before } / step).min(255) as u8
    }))
}

/// Equalizes each channel by itself.
pub fn equalize(image: ImageMut<'_>, rule: Rule) {
    let ImageMut { shape, data } = image;
    let channels = shape.channels();
    for channel in 0..channels {
        if let Some(table) = rule.table(&histogram(data, channels, channel)) {
            data.iter_mut().skip(channel).step_by(channels).for_each(|v| *v = table[usize::from(*v)]);
        }
    }
}

/// Equalizes the luma (YCrCb) of a colored image, or a gray one.
pub fn equalize_luma(image: ImageMut<'_>, rule: Rule) {
    if image.shape.channels() == 1 {
        return equalize(image, rule);
    }
    let pixels = image.data.as_chunks_mut::<3>().0;
    for pixel in pixels.iter_mut() {
        *pixel = ycrcb_of_rgb(*pixel);
    }
    let table = rule.table(&histogram(pixels.as_flattened(), 3, 0));
    for pixel in pixels {
        let y = table.map_or(pixel[0], |table| table[usize::from(pixel[0])]);
        *pixel = rgb_of_ycrcb([y, pixel[1], pixel[2]]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Shape;

    #[test]
    fn the_darkest_becomes_black_and_the_brightest_white() {
        let mut data = [10, 10, 20, 30, 30, 30];
        equalize(ImageMut::new(Shape::gray(1, 6), &mut data), Rule::Cv);
        // One and four of the four that are not the darkest.
        assert_eq!(data, [0, 0, 64, 255, 255, 255]);
        let mut flat = [7; 4];
        equalize(ImageMut::new(Shape::gray(2, 2), &mut flat), Rule::Cv);
        assert_eq!(flat, [7; 4]);
    }

    #[test]
    fn pillow_counts_what_lies_below() {
        let mut counts = [0; 256];
        (counts[10], counts[20], counts[30]) = (300, 300, 7);
        let (below, with) = (Rule::Pil.table(&counts).unwrap(), Rule::PilShifted.table(&counts).unwrap());
        assert_eq!([below[10], below[20], below[30]], [0, 150, 255]);
        assert_eq!([with[9], with[10], with[20], with[30]], [0, 150, 255, 255]);
        counts[10] = 2;
        assert_eq!(Rule::Pil.table(&counts.map(|count| count / 10)), None);
    }
}
