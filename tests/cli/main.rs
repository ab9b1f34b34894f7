//! The command line as its users meet it: the program is run, and what it writes and says is looked at from outside.

#![allow(
    clippy::disallowed_methods,
    reason = "damaged and half-written files are what many of these tests are about"
)]

mod harness;

mod augment;
mod bad_input;
mod classes;
mod colorize;
mod derived;
mod determinism;
mod export;
mod formats;
mod formats_in;
mod help;
mod import;
mod info;
mod keras;
mod masks;
mod mix;
mod parts;
#[cfg(feature = "python")]
mod pasted;
mod peers;
mod pictures;
mod place;
mod preview;
mod quadrant;
mod registry;
mod resume;
mod run;
mod safety;
#[cfg(unix)]
mod signals;
mod split;
mod stream;
mod tables;
mod understood;
mod usage;
mod verify;
mod words;
