//! Pixel arithmetic: slices in, slices out; no randomness, no serde.

pub mod colorize;
pub mod fit;
pub mod sheet;
pub mod terminal;
pub mod tile;
