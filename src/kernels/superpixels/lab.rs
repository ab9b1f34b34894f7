//! The colours that SLIC compares: CIELAB, or gray values.

use crate::base::{Image, Scratch, math};

/// One over the compactness of 10, by which colours are weighed against places.
const RATIO: f64 = 0.1;

/// Reference white, D65 and 2 degrees, as (X, Y, Z).
const WHITE: [f64; 3] = [0.95047, 1.0, 1.08883];

/// Linear sRGB to CIE XYZ.
const XYZ: [[f64; 3]; 3] =
    [[0.412_453, 0.357_580, 0.180_423], [0.212_671, 0.715_160, 0.072_169], [0.019_334, 0.119_193, 0.950_227]];

/// Fills `features` with one plane per channel: gray in 0..=1, or L, a, b; times [`RATIO`].
///
/// Pixels are first stretched to 0..=1 over the whole image.
pub(super) fn features(image: Image<'_>, features: &mut [f64], scratch: &mut Scratch) {
    let data = image.data;
    let unit = |value: u8| f64::from(value) * (1.0 / 255.0);
    let (low, high) = data.iter().fold((255, 0), |(low, high), &v| (v.min(low), v.max(high)));
    let span = unit(high) - unit(low);
    let stretched = |value: usize| {
        let above = unit(value as u8) - unit(low);
        if span > 0.0 { above / span } else { above }
    };
    let mut table = [0.0; 256];
    let used = usize::from(low)..=usize::from(high);
    if image.shape.channels == 1 {
        for value in used {
            table[value] = stretched(value) * RATIO;
        }
        for (feature, &value) in features.iter_mut().zip(data) {
            *feature = table[usize::from(value)];
        }
        return;
    }
    for value in used {
        table[value] = linear(stretched(value));
    }
    let pixels = image.shape.pixels();
    let mut xyz = scratch.take_f64(3 * pixels);
    for (index, pixel) in data.as_chunks::<3>().0.iter().enumerate() {
        let [r, g, b] = pixel.map(|value| table[usize::from(value)]);
        for (plane, (weights, white)) in XYZ.iter().zip(WHITE).enumerate() {
            xyz[plane * pixels + index] = (weights[0] * r + weights[1] * g + weights[2] * b) / white;
        }
    }
    for value in &mut xyz {
        *value = if *value > 0.008_856 { math::cbrt(*value) } else { 7.787 * *value + 16.0 / 116.0 };
    }
    for index in 0..pixels {
        let [x, y, z] = [xyz[index], xyz[pixels + index], xyz[2 * pixels + index]];
        features[index] = (116.0 * y - 16.0) * RATIO;
        features[pixels + index] = 500.0 * (x - y) * RATIO;
        features[2 * pixels + index] = 200.0 * (y - z) * RATIO;
    }
    scratch.give_f64(xyz);
}

/// sRGB to linear light, both in 0..=1.
fn linear(value: f64) -> f64 {
    if value > 0.04045 { math::pow((value + 0.055) / 1.055, 2.4) } else { value / 12.92 }
}
