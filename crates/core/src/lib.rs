//! What mnistaug is made of, apart from files, folders and the command line: images and random streams (`base`), augmenters (`ops`) over
//! pixel arithmetic (`kernels`), pipelines of them, recipes as plain data, arithmetic on labels, the generator of digits.
//!
//! The crate `mnistaug` is the facade; what is public here serves it, and promises nothing else.
//!
//! Imports run one way: {pipeline -> ops -> kernels, recipe, look} -> {text, split, digits} -> base.

pub mod base;
pub mod digits;
pub mod kernels;
pub mod look;
pub mod ops;
pub mod pipeline;
pub mod recipe;
pub mod split;
pub mod text;
