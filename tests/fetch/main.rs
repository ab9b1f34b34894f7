//! `mnistaug fetch` against servers on the loopback that do everything wrong that servers do. No test asks a real host.

mod formats;
mod lies;
mod life;
mod safety;
mod server;
mod world;
