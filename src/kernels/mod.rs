//! Pixel arithmetic: slices in, slices out; no randomness, no serde.

pub mod affine;
pub mod crop_pad;
pub mod elastic;
pub mod elastic_smooth;
pub mod flip;
pub mod perspective;
pub mod piecewise_affine;
pub mod resize;
pub mod sampling;
