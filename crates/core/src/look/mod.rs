//! What people look at: contact sheets, pictures in the terminal, and reports.

pub mod numbers;
pub mod overlap;
pub mod sheet;
pub mod shown;
pub mod story;
pub mod tally;
pub mod terminal;
pub mod values;
