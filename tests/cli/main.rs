//! The command line as its users meet it: the program is run, and what it writes and says is looked at from outside.

mod harness;

mod bad_input;
mod colorize;
mod determinism;
mod export;
mod info;
mod parts;
mod preview;
mod quadrant;
mod resume;
mod usage;
mod verify;
