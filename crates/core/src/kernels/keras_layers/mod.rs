//! What Keras 3's preprocessing layers compute, on TensorFlow: single precision, nothing is rounded. Images are slices of
//! interleaved values 0..=255 with a shape; [`load`] makes them of bytes, and [`kernels::keras::quantize`] bytes of them.
//!
//! Formulas: Keras 3.15 (`layers/preprocessing/image_preprocessing`), and TensorFlow's `ImageProjectiveTransformV3`,
//! `resize_bilinear_op` and `colorspace_op`.
//!
//! [`kernels::keras::quantize`]: crate::kernels::keras::quantize

pub mod color;
pub mod resize;
pub mod tables;
pub mod warp;

use crate::base::Image;

/// The values of an image.
///
/// # Panics
/// If there is not one for each of the image's.
pub fn load(src: Image<'_>, values: &mut [f32]) {
    assert_eq!(src.data.len(), values.len(), "one value for each of the image's");
    for (value, byte) in values.iter_mut().zip(src.data) {
        *value = f32::from(*byte);
    }
}
