//! Things that wrap other sources.

pub mod arranged;
pub mod augment;
pub mod backgrounds;
pub mod colorize;
pub mod concat;
pub mod convert;
pub mod error;
pub mod permuted;
pub mod quadrant;
pub mod relabel;
pub mod select;
pub mod split;
#[cfg(test)]
mod split_tests;

pub use error::NodeError;

use super::SourceError;
