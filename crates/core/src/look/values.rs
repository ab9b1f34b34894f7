//! The numbers of an image as text.

use std::fmt::Write;

use crate::base::Image;

/// The values of an image as a notebook prints an array of NumPy, nothing left out: a line for each row, in brackets, all as wide as the longest.
/// Of colored images there is a line for each pixel, and an empty one between rows.
#[must_use]
pub fn array(image: Image<'_>) -> String {
    let channels = image.shape.channels();
    let width = match image.data.iter().max() {
        Some(100..) => 3,
        Some(10..) => 2,
        Some(_) | None => 1,
    };
    let mut text = String::with_capacity(image.data.len() * (width + 1) + 8 * image.shape.height);
    let line = |text: &mut String, values: &[u8]| {
        text.push('[');
        for (i, value) in values.iter().enumerate() {
            let gap = if i > 0 { " " } else { "" };
            // Writing to a text does not fail.
            let _ = write!(text, "{gap}{value:width$}");
        }
        text.push(']');
    };
    text.push('[');
    for y in 0..image.shape.height {
        let row = image.row(y);
        if channels == 1 {
            text.push_str(if y > 0 { "\n " } else { "" });
            line(&mut text, row);
        } else {
            text.push_str(if y > 0 { "\n\n [" } else { "[" });
            for (x, pixel) in row.chunks_exact(channels).enumerate() {
                text.push_str(if x > 0 { "\n  " } else { "" });
                line(&mut text, pixel);
            }
            text.push(']');
        }
    }
    text.push(']');
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Shape;

    /// Printed by NumPy.
    #[test]
    fn arrays_are_printed_as_numpy_does() {
        let gray = |height, width, data: &[u8]| array(Image::new(Shape::gray(height, width), data));
        assert_eq!(gray(2, 3, &[0, 1, 255, 30, 4, 5]), "[[  0   1 255]\n [ 30   4   5]]");
        assert_eq!(gray(1, 1, &[7]), "[[7]]");
        assert_eq!(gray(3, 1, &[0, 10, 2]), "[[ 0]\n [10]\n [ 2]]");
        let color = array(Image::new(Shape::rgb(2, 2), &[1, 2, 3, 4, 5, 6, 7, 8, 9, 100, 11, 12]));
        assert_eq!(color, "[[[  1   2   3]\n  [  4   5   6]]\n\n [[  7   8   9]\n  [100  11  12]]]");
    }
}
