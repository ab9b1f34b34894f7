//! Pixel arithmetic: slices in, slices out; no randomness, no serde.

pub mod affine;
pub mod approx;
pub mod blend;
pub mod blur;
pub mod border;
pub mod color;
pub mod colorize;
pub mod convolve;
pub mod crop_pad;
pub mod drawing;
pub mod elastic;
pub mod elastic_smooth;
mod entry;
pub mod fit;
pub mod flip;
pub mod frequency;
pub mod jpeg;
pub mod keras;
pub mod keras_layers;
pub mod masks;
pub mod median;
pub mod noise;
pub mod pad;
pub mod perspective;
pub mod piecewise_affine;
pub mod pil;
pub mod point;
pub mod resize;
pub mod resize_pil;
pub mod resize_tf;
pub mod rgb;
pub mod sampling;
pub mod simplex;
pub mod superpixels;
pub mod tf_image;
pub mod tile;
pub mod torch;

#[cfg(test)]
mod testing;
