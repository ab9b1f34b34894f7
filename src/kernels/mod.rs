//! Pixel arithmetic: slices in, slices out; no randomness, no serde.

pub mod approx;
pub mod blend;
pub mod colour;
pub mod frequency;
pub mod masks;
pub mod noise;
pub mod point;
pub mod resize;
pub mod rgb;
pub mod sampling;
pub mod simplex;
