//! OpenCV's arithmetic on bytes, as Albumentations calls it.

pub mod area;
pub mod distortion;
pub mod frame;
pub mod homography;
pub mod matrix;
pub mod smooth;
pub mod warp;
