//! Gray images in one color.

/// The digit in a color, on black: each value is the color (0 to 1) times the gray value, cut off to a whole number.
///
/// # Panics
/// If `out` has not three values for each of `gray`.
pub fn digit(gray: &[u8], color: [f64; 3], out: &mut [u8]) {
    assert_eq!(out.len(), 3 * gray.len(), "three channels");
    for (pixel, &value) in out.as_chunks_mut::<3>().0.iter_mut().zip(gray) {
        for (channel, own) in pixel.iter_mut().zip(color) {
            *channel = (own * f64::from(value)) as u8;
        }
    }
}

/// A color (0 to 1) where the gray image is 0, and white elsewhere.
///
/// # Panics
/// If `out` has not three values for each of `gray`.
pub fn background(gray: &[u8], color: [f64; 3], out: &mut [u8]) {
    assert_eq!(out.len(), 3 * gray.len(), "three channels");
    let color = color.map(|own| (own * 255.0 + 1e-9) as u8);
    for (pixel, &value) in out.as_chunks_mut::<3>().0.iter_mut().zip(gray) {
        *pixel = if value == 0 { color } else { [255; 3] };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colors_are_cut_off_and_backgrounds_exact() {
        let mut out = [9; 9];
        digit(&[0, 255, 100], [1.0, 0.783_251_941_204_071, 0.0], &mut out);
        assert_eq!(out, [0, 0, 0, 255, 199, 0, 100, 78, 0]);
        background(&[0, 1, 255], [1.0, 128.0 / 255.0, 225.0 / 255.0], &mut out);
        assert_eq!(out, [255, 128, 225, 255, 255, 255, 255, 255, 255]);
    }
}
