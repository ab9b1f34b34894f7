//! mnistaug: from small labelled images to data sets.
//!
//! The map of the house is `docs/architecture.md`.

pub mod base;
pub mod kernels;
pub mod ops;
pub mod pipeline;
