//! Gray digits become colored pictures: the arithmetic of `colorize`.
//!
//! Levels are single-precision numbers in 0..1, kept once per output value (three equal ones a pixel), so that the loops
//! run straight over the output.

use fearless_simd::Simd;

use super::vectors::dispatch;

/// The two ends between which one channel's levels are stretched.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Span {
    /// Value of level 0.
    pub low: f32,
    /// Value of level 1 less that of level 0; not negative.
    pub range: f32,
}

impl Span {
    /// From two draws, in whichever order.
    #[must_use]
    pub fn between(a: f32, b: f32) -> Self {
        let (low, high) = if a <= b { (a, b) } else { (b, a) };
        Self { low, range: high - low }
    }

    /// `level * range + low`, its fraction cut off.
    #[inline(always)]
    #[must_use]
    pub fn at(self, level: f32) -> u8 {
        floor(level * self.range + self.low)
    }
}

/// Cuts the fraction off, for 0 <= x < 256.
///
/// Adding 2^23 rounds to a whole number, which is one too large where it is above `x`. Unlike `as u8`, which the compiler
/// converts one value at a time, this is done for whole vectors.
#[inline(always)]
fn floor(x: f32) -> u8 {
    const MAGIC: f32 = 8_388_608.0;
    let rounded = x + MAGIC;
    (rounded.to_bits().wrapping_sub(u32::from(rounded - MAGIC > x))) as u8
}

/// The level of each value of a digit's pixel.
const LEVELS: [f32; 256] = {
    let mut levels = [0.0; 256];
    let mut value = 0;
    while value < 256 {
        levels[value] = value as f32 / 255.0;
        value += 1;
    }
    levels
};

/// Values painted at a time: sixteen pixels, three vectors of bytes; the pattern of channels repeats from there.
const N: usize = 48;

/// Paints all pixels with their levels: `out[i] = spans[i % 3].at(levels[i])`.
///
/// # Panics
/// If the lengths differ.
pub fn stretch(levels: &[f32], spans: [Span; 3], out: &mut [u8]) {
    assert_eq!(levels.len(), out.len());
    dispatch!(simd => stretch_with(simd, levels, spans, out));
}

#[inline(always)]
fn stretch_with<S: Simd>(_: S, levels: &[f32], spans: [Span; 3], out: &mut [u8]) {
    let low: [f32; N] = std::array::from_fn(|i| spans[i % 3].low);
    let range: [f32; N] = std::array::from_fn(|i| spans[i % 3].range);
    let (blocks, rest) = levels.as_chunks::<N>();
    let (out_blocks, out_rest) = out.as_chunks_mut::<N>();
    for (levels, out) in blocks.iter().zip(out_blocks) {
        for i in 0..N {
            out[i] = floor(levels[i] * range[i] + low[i]);
        }
    }
    for ((level, out), i) in rest.iter().zip(out_rest).zip(0..) {
        *out = spans[i % 3].at(*level);
    }
}

/// Paints the pixels of the digit that are not 0, over whatever is there. `ink` lists them: pixel number and value.
///
/// # Panics
/// If a pixel number is beyond the image.
pub fn ink_over(ink: &[(u32, u8)], spans: [Span; 3], out: &mut [u8]) {
    let mut table = [[0; 256]; 3];
    dispatch!(simd => tables_with(simd, spans, &mut table));
    let pixels = out.as_chunks_mut::<3>().0;
    for &(pixel, value) in ink {
        let value = usize::from(value);
        pixels[pixel as usize] = [table[0][value], table[1][value], table[2][value]];
    }
}

#[inline(always)]
fn tables_with<S: Simd>(_: S, spans: [Span; 3], tables: &mut [[u8; 256]; 3]) {
    for (span, table) in spans.into_iter().zip(tables) {
        for (out, level) in table.iter_mut().zip(&LEVELS) {
            *out = span.at(*level);
        }
    }
}

/// `|background - digit|` per channel, as MNIST-M is made.
///
/// # Panics
/// If `digit` has not one value for each pixel of `background` and `out`.
pub fn difference(background: &[u8], digit: &[u8], out: &mut [u8]) {
    assert_eq!(background.len(), 3 * digit.len());
    assert_eq!(out.len(), background.len());
    let pixels = background.as_chunks::<3>().0.iter().zip(digit).zip(out.as_chunks_mut::<3>().0);
    for ((background, &value), out) in pixels {
        *out = background.map(|v| v.abs_diff(value));
    }
}

/// The digit as the opacity of `color` over the background: `(v * color + (255 - v) * background) / 255`, rounded.
///
/// # Panics
/// If `digit` has not one value for each pixel of `background` and `out`.
pub fn alpha(background: &[u8], digit: &[u8], color: [u8; 3], out: &mut [u8]) {
    assert_eq!(background.len(), 3 * digit.len());
    assert_eq!(out.len(), background.len());
    let pixels = background.as_chunks::<3>().0.iter().zip(digit).zip(out.as_chunks_mut::<3>().0);
    for ((background, &value), out) in pixels {
        let v = u32::from(value);
        for c in 0..3 {
            out[c] = ((v * u32::from(color[c]) + (255 - v) * u32::from(background[c]) + 127) / 255) as u8;
        }
    }
}

/// The gray levels of an RGB image, three times each: with s the sum of a pixel's channels, `1 - (s - min) / (max - min)`
/// over the image. Returns false for a flat image, whose levels are 0.
///
/// # Panics
/// If the lengths differ.
pub fn levels(rgb: &[u8], out: &mut [f32]) -> bool {
    assert_eq!(rgb.len(), out.len());
    let sum = |pixel: &[u8; 3]| pixel.iter().map(|&v| u32::from(v)).sum::<u32>();
    let pixels = rgb.as_chunks::<3>().0;
    let (mut min, mut max) = (u32::MAX, 0);
    for pixel in pixels {
        min = min.min(sum(pixel));
        max = max.max(sum(pixel));
    }
    if min >= max {
        out.fill(0.0);
        return false;
    }
    let range = (max - min) as f32;
    for (pixel, out) in pixels.iter().zip(out.as_chunks_mut::<3>().0) {
        *out = [1.0 - (sum(pixel) - min) as f32 / range; 3];
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn levels_are_dark_up() {
        let mut out = [0.0; 9];
        assert!(levels(&[0, 0, 0, 100, 100, 100, 200, 200, 200], &mut out));
        assert_eq!(out, [1.0, 1.0, 1.0, 0.5, 0.5, 0.5, 0.0, 0.0, 0.0]);
        assert!(!levels(&[7; 9], &mut out));
        assert_eq!(out, [0.0; 9]);
    }

    #[test]
    fn opacity_goes_from_background_to_color() {
        let mut out = [0; 9];
        alpha(&[10, 20, 30, 10, 20, 30, 10, 20, 30], &[0, 255, 128], [200, 0, 255], &mut out);
        assert_eq!(out, [10, 20, 30, 200, 0, 255, 105, 10, 143]);
        difference(&[10, 20, 30, 10, 20, 30, 10, 20, 30], &[0, 255, 25], &mut out);
        assert_eq!(out, [10, 20, 30, 245, 235, 225, 15, 5, 5]);
    }

    proptest! {
        #[test]
        fn stretching_is_the_formula(
            pixels in prop::collection::vec(0.0_f32..=1.0, 1..40),
            ends in prop::array::uniform3((0.0_f32..255.0, 0.0_f32..255.0)),
        ) {
            let spans = ends.map(|(a, b)| Span::between(a, b));
            let levels: Vec<f32> = pixels.iter().flat_map(|&level| [level; 3]).collect();
            let mut out = vec![0; levels.len()];
            stretch(&levels, spans, &mut out);
            for (i, &value) in out.iter().enumerate() {
                let (a, b) = ends[i % 3];
                prop_assert_eq!(value, (levels[i] * (a.max(b) - a.min(b)) + a.min(b)).floor() as u8);
            }
            let ink: Vec<(u32, u8)> = (0..pixels.len() as u32).step_by(2).map(|p| (p, (p * 7) as u8)).collect();
            let before = out.clone();
            ink_over(&ink, spans, &mut out);
            for (i, &value) in out.iter().enumerate() {
                let expected = match ink.iter().find(|(pixel, _)| *pixel as usize == i / 3) {
                    Some((_, v)) => spans[i % 3].at(f32::from(*v) / 255.0),
                    None => before[i],
                };
                prop_assert_eq!(value, expected);
            }
        }
    }
}
