//! Things that wrap other sources.

pub mod arranged;
pub mod augment;
pub mod backgrounds;
pub mod balance;
pub mod changed;
pub mod colorize;
pub mod concat;
pub mod convert;
pub mod error;
mod labels;
pub mod mix;
pub mod noise;
mod order;
pub mod permute;
pub mod permuted;
mod picks;
pub mod place;
pub mod planes;
pub mod quadrant;
pub mod relabel;
pub mod select;
pub mod sequence;
pub mod split;
#[cfg(test)]
mod split_tests;
pub mod tint;

pub use error::NodeError;

use super::SourceError;
