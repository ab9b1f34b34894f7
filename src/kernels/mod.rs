//! Pixel arithmetic: slices in, slices out; no randomness, no serde.

pub mod fit;
