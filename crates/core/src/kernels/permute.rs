//! Pixels in another order.

use crate::base::{Image, ImageMut};

/// Pixel `k` of `to` is pixel `order[k]` of `from`, all channels together.
///
/// # Panics
/// If a place is beyond the image.
pub fn pixels(from: Image<'_>, to: ImageMut<'_>, order: &[u32]) {
    let channels = from.shape.channels();
    let ImageMut { data, .. } = to;
    for (pixel, &place) in data.chunks_exact_mut(channels).zip(order) {
        let start = place as usize * channels;
        pixel.copy_from_slice(&from.data[start..start + channels]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Shape;

    #[test]
    fn channels_stay_together() {
        let shape = Shape::rgb(1, 3);
        let mut out = [0; 9];
        pixels(Image::new(shape, &[1, 2, 3, 4, 5, 6, 7, 8, 9]), ImageMut::new(shape, &mut out), &[2, 0, 1]);
        assert_eq!(out, [7, 8, 9, 1, 2, 3, 4, 5, 6]);
    }
}
