//! Things that are read or drawn.

pub mod arrays;
pub mod builtin;
pub mod csv_table;
pub mod drawings;
pub mod error;
pub mod idx_folder;
pub mod licenses;
pub mod npz_arrays;
mod pairing;
pub mod pictures;
pub mod stored;

use super::SourceError;
