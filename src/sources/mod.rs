//! Where samples come from.

pub mod digits;
