//! How kernels begin: what two images must have in common, and the number of channels as a constant.

use crate::base::{Image, ImageMut};

/// Whether there are pixels to read and pixels to write.
///
/// # Panics
/// If the channels of the two images differ.
pub(super) fn drawable(src: Image<'_>, dst: &ImageMut<'_>) -> bool {
    assert_eq!(src.shape.channels(), dst.shape.channels(), "channels of source and target");
    src.shape.pixels() > 0 && dst.shape.pixels() > 0
}

/// The value of an expression in which a constant is the number of channels of a shape:
/// `for_channels!(shape, C => paint::<C>(image))`. The compiler makes one kernel for gray and one for color.
macro_rules! for_channels {
    ($shape:expr, $channels:ident => $kernel:expr) => {
        match $shape.kind {
            crate::base::Channels::Gray => {
                const $channels: usize = 1;
                $kernel
            }
            crate::base::Channels::Rgb => {
                const $channels: usize = 3;
                $kernel
            }
        }
    };
}

pub(super) use for_channels;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Channels, Shape};

    #[test]
    fn the_constant_is_the_number_of_channels() {
        for channels in [1, 3] {
            let shape = Shape::new(2, 2, Channels::colored(channels == 3));
            assert_eq!(for_channels!(shape, C => [0_u8; C].len()), channels);
        }
    }

    #[test]
    fn images_without_pixels_are_not_drawn() {
        let (full, empty) = (Shape::rgb(1, 2), Shape::rgb(0, 2));
        let mut data = [0; 6];
        assert!(drawable(Image::new(full, &[0; 6]), &ImageMut::new(full, &mut data)));
        assert!(!drawable(Image::new(empty, &[]), &ImageMut::new(full, &mut data)));
        assert!(!drawable(Image::new(full, &[0; 6]), &ImageMut::new(empty, &mut [])));
    }

    #[test]
    #[should_panic(expected = "channels of source and target")]
    fn channels_that_differ_are_refused() {
        drawable(Image::new(Shape::gray(1, 3), &[0; 3]), &ImageMut::new(Shape::rgb(1, 1), &mut [0; 3]));
    }
}
