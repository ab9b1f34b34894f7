//! Pipelines: from a YAML file to drawn parameters to painted images.
//!
//! `text` turns text into values with places, `spec` these into steps, `compile` follows the
//! shapes, `plan` draws and paints, `objects` moves boxes, `trace` writes drawn plans as JSON, and
//! `describe` is what `mnistaug pipeline` prints. `python` reads pipelines pasted from Python programs, `write`
//! writes pipeline files.

mod carry;
pub mod combinators;
pub mod compat;
pub mod compile;
#[cfg(test)]
mod compile_tests;
#[cfg(test)]
mod contract_tests;
pub mod describe;
mod objects;
pub mod plan;
#[cfg(test)]
mod plan_tests;
pub mod presets;
pub mod python;
pub mod spec;
#[cfg(test)]
mod spec_tests;
mod trace;
mod warp;
pub mod write;

pub use compile::Pipeline;
pub use plan::{Painted, Plan};
pub use spec::{Spec, Step, parse_step};
