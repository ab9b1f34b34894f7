//! The ground floor: what an image, a sample and a random stream are.
//!
//! Nothing here imports another folder of ours.

pub mod canvas;
pub mod choice;
pub mod digest;
pub mod fault;
pub mod files;
pub mod gamma;
pub mod math;
pub mod sample;
pub mod scratch;
pub mod secret;
pub mod shape;
pub mod source;
pub mod stop;
pub mod stream;
pub mod watch;

pub use canvas::{Canvas, Image, ImageMut};
pub use fault::{Explain, Fault, Kind};
pub use sample::{Grid, Label, LabelKind, Object, Rect, Root, Sample, Schema};
pub use scratch::Scratch;
pub use shape::{Channels, Shape};
pub use source::{DataSet, Input, Reader, Source, Split, Told, Varied};
pub use stop::{Interrupted, Stop};
pub use stream::{Address, Stage, Stream};
pub use watch::{Pass, Unit, Watch};
