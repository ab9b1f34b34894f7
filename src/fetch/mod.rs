//! Fetching data sets: what is known of them, where they are had, whether they are what they should be, and how they are kept.
//!
//! Nothing is visible under its final name before it is checked. The order of things: [`catalogue`] says what a file must be,
//! [`obtain`] finds it (cache, folder, mirrors by way of [`download`]), [`check`] decides whether it is right, [`cache`] keeps it by what it
//! holds, [`install`] puts it into the folder of the data set, by way of `convert` where it is not IDX, and [`lockfile`] remembers it.

mod agent;
pub mod cache;
pub mod catalogue;
pub mod check;
mod convert;
pub mod download;
pub mod errors;
pub mod install;
pub mod lockfile;
pub mod obtain;
pub mod queue;
mod toml_tree;

pub use agent::Limits;
pub use cache::Cache;
pub use catalogue::Catalogue;
pub use errors::FetchError;
pub use install::Order;
pub use lockfile::LockFile;
pub use obtain::{Got, Origin, Places};
pub use queue::{Means, obtain_all};
