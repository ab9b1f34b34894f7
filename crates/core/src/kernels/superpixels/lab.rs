//! The colors that SLIC compares: CIELAB, or gray values.

use crate::base::{Image, Scratch, math};

/// One over the compactness of 10, by which colors are weighed against places.
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
    if image.shape.channels() == 1 {
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
        *value = response(*value);
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

/// The cube root, or a straight line near black; both are computed, so that many values go through at once.
#[inline]
fn response(value: f64) -> f64 {
    let root = cbrt(value);
    if value > 0.008_856 { root } else { 7.787 * value + 16.0 / 116.0 }
}

/// The cube root of a number in 0.001..=2, within one unit in the last place.
///
/// Dividing the exponent by three gives a first guess within a few percent. Halley's iteration cubes the error, and its
/// last step is added as a small correction, which leaves little more than the rounding of the sum.
/// Made of the four operations only, it can be made into vectors, which `libm`'s cannot.
#[inline]
fn cbrt(value: f64) -> f64 {
    // Two thirds of the exponent's bias, and an offset that balances the error.
    const BIAS: u64 = 0x2a9f_7800_0000_0000;
    // The upper half divided by three: times 2^32 / 3.
    let third = ((value.to_bits() >> 32) * 0x5555_5556) & 0xffff_ffff_0000_0000;
    let mut root = f64::from_bits(third + BIAS);
    for _ in 0..3 {
        let cube = root * root * root;
        root += root * (value - cube) / (cube + cube + value);
    }
    root
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Shape;

    #[test]
    fn cube_roots_are_right_within_one_unit_in_the_last_place() {
        for i in 1..200_000 {
            let value = f64::from(i) * 1e-5;
            let exact = libm::cbrt(value);
            let off = cbrt(value).to_bits().abs_diff(exact.to_bits());
            assert!(off <= 1 || value < 0.001, "cube root of {value} is off by {off}");
        }
    }

    #[test]
    fn colors_are_those_of_the_tables() {
        // sRGB red, white, black and a gray that is stretched like the others; L, a, b as published for D65.
        let pixels = [255, 0, 0, 255, 255, 255, 0, 0, 0, 119, 119, 119];
        let expected = [[53.24, 80.09, 67.20], [100.0, 0.0, 0.0], [0.0, 0.0, 0.0], [50.03, 0.0, 0.0]];
        let mut lab = [0.0; 12];
        features(Image::new(Shape::rgb(1, 4), &pixels), &mut lab, &mut Scratch::default());
        for (pixel, expected) in expected.iter().enumerate() {
            for (plane, value) in expected.iter().enumerate() {
                let found = lab[plane * 4 + pixel] / RATIO;
                assert!((found - value).abs() < 0.02, "pixel {pixel}: {found}, expected {value}");
            }
        }
    }

    #[test]
    fn gray_values_are_stretched() {
        let mut gray = [0.0; 3];
        features(Image::new(Shape::gray(1, 3), &[50, 150, 75]), &mut gray, &mut Scratch::default());
        assert!(gray.iter().zip([0.0, 0.1, 0.025]).all(|(a, b)| (a - b).abs() < 1e-12), "{gray:?}");
        features(Image::new(Shape::gray(1, 3), &[9; 3]), &mut gray, &mut Scratch::default());
        assert_eq!(gray, [0.0; 3]);
    }
}
