//! torchvision's arithmetic on tensors of bytes (`transforms.v2`, on a CPU with AVX2): sampling of grids, colors, resizing.
//! It is another than Pillow's, which the same transforms run on pictures.

pub mod color;
pub mod elastic;
pub mod grid;
pub mod resize;

/// a b + c, rounded once but for a few cases in a thousand million: the product of two numbers of single precision is
/// exact in double precision.
fn fused(a: f32, b: f32, c: f32) -> f32 {
    (f64::from(a) * f64::from(b) + f64::from(c)) as f32
}
