//! What people look at: contact sheets, pictures in the terminal, and reports.

pub mod overlap;
pub mod sheet;
pub mod terminal;
