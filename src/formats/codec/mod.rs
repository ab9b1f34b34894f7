//! Bytes <-> values, below the formats: NumPy arrays, zip, IDX and MATLAB files, tables, pictures, masks, and bytes on disk that are read at any place.

#[cfg(feature = "parquet")]
pub mod caught;
pub mod element;
pub mod idx;
pub mod idx_array;
pub mod indexes;
mod intake;
pub mod mat5;
pub mod npy;
pub mod npz;
pub mod numpy_arrays;
pub mod outline;
pub mod picture;
pub mod png;
pub mod rle;
pub mod sniff;
pub mod spool;
pub mod stored_zip;
pub mod table;
