//! Texts that people write, as trees of values with places, and what is said of them: complaints with carets, "did you mean".
//!
//! Pipeline files, recipes, catalogues and pasted Python go through here, so that errors look the same whatever finds them.

pub mod complaint;
pub mod document;
pub mod elsewhere;
pub mod read;
pub mod suggest;
pub mod tree;

pub use complaint::{At, Complaint, TextError};
pub use tree::{Key, Tree, Value};
