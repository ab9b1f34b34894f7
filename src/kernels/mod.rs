//! Pixel arithmetic: slices in, slices out; no randomness, no serde.

pub mod blend;
pub mod colour;
pub mod noise;
pub mod point;
pub mod rgb;
