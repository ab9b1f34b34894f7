//! Pixel arithmetic: slices in, slices out; no randomness, no serde.

pub mod blur;
pub mod convolve;
pub mod median;
pub mod pad;
pub mod superpixels;
