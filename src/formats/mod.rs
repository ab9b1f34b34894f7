//! Bytes <-> arrays: one file a format.

pub mod arrays;
pub mod batch;
pub mod csv;
pub mod element;
pub mod idx;
pub mod npy;
pub mod npz;
pub mod numpy_arrays;
pub mod parquet;
pub mod picture;
pub mod png;
pub mod safetensors;
pub mod spool;
pub mod stored_zip;
pub mod table;
pub mod tfrecord;
pub mod webdataset;

pub use batch::{Batch, Layout};
pub use spool::{Spool, SpoolWriter};
