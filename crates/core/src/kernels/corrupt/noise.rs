//! Noises, of numbers that were drawn for each value.

use super::{Finish, UNITS, unit};
use crate::base::ImageMut;

/// Counts of photons in place of values: `counts` have the mean `photons` times the value of 0..1.
///
/// # Panics
/// If there is not a count for each value.
pub fn shot(image: ImageMut<'_>, photons: f64, counts: &[i32], finish: Finish) {
    let ImageMut { data, .. } = image;
    assert_eq!(data.len(), counts.len(), "a count for each value");
    for (v, count) in data.iter_mut().zip(counts) {
        *v = finish.byte(f64::from(*count) / photons);
    }
}

/// Whitens or blackens values: 0 leaves a value, 1 makes it black and 2 white.
///
/// # Panics
/// If there is not a mark for each value.
pub fn impulse(image: ImageMut<'_>, marks: &[u8], finish: Finish) {
    let ImageMut { data, .. } = image;
    assert_eq!(data.len(), marks.len(), "a mark for each value");
    for (v, mark) in data.iter_mut().zip(marks) {
        *v = match mark {
            0 => finish.byte(unit(*v)),
            1 => 0,
            _ => 255,
        };
    }
}

/// Adds a number to each value of 0..1.
///
/// # Panics
/// If there is not a number for each value.
pub fn add(image: ImageMut<'_>, noise: &[f64], finish: Finish) {
    let ImageMut { data, .. } = image;
    assert_eq!(data.len(), noise.len(), "a number for each value");
    for (v, noise) in data.iter_mut().zip(noise) {
        *v = finish.byte(UNITS[usize::from(*v)] + noise);
    }
}

/// Adds to each value of 0..1 its product with a number.
///
/// # Panics
/// If there is not a number for each value.
pub fn speckle(image: ImageMut<'_>, noise: &[f64], finish: Finish) {
    let ImageMut { data, .. } = image;
    assert_eq!(data.len(), noise.len(), "a number for each value");
    for (v, noise) in data.iter_mut().zip(noise) {
        let value = UNITS[usize::from(*v)];
        *v = finish.byte(value + value * noise);
    }
}

/// Adds a square pattern of `side` numbers, normalized to a length of a quarter of `norm` and repeated over the image, as MNIST-C's pessimal
/// noise does with 14 by 14 numbers and 10.63.
///
/// # Panics
/// If the pattern is no square of `side` above 0.
pub fn pattern(image: ImageMut<'_>, pattern: &[f64], side: usize, norm: f64, finish: Finish) {
    assert!(side > 0 && pattern.len() == side * side, "a square pattern");
    let ImageMut { shape, data } = image;
    let length = pattern.iter().map(|v| v * v).sum::<f64>().sqrt();
    let by = if length > 0.0 { norm / 4.0 / length } else { 0.0 };
    for (at, pixel) in data.chunks_exact_mut(shape.channels()).enumerate() {
        let (y, x) = (at / shape.width % side, at % shape.width % side);
        for v in pixel {
            *v = finish.byte(unit(*v) + pattern[y * side + x] * by);
        }
    }
}
