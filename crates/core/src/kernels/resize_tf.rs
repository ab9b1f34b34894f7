//! Resizing by the rules of `tf.image.resize`, pixel centers at halves; float results are rounded half to even.

use super::entry::{drawable, for_channels};
use crate::base::math::round_u8;
use crate::base::{Image, ImageMut, Scratch};

/// How the new pixels are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// The pixel that the center lies in.
    Nearest,
    /// Bilinear between pixel centers, without antialiasing.
    Bilinear,
    /// The mean of what the new pixel covers.
    Area,
}

/// Resizes `src` to the size of `dst`; equal sizes are copied.
///
/// # Panics
/// If the channels differ or are neither 1 nor 3.
pub fn resize(src: Image<'_>, dst: ImageMut<'_>, method: Method, scratch: &mut Scratch) {
    if !drawable(src, &dst) {
        return;
    }
    if src.shape == dst.shape {
        dst.data.copy_from_slice(src.data);
        return;
    }
    match method {
        Method::Nearest => for_channels!(src.shape, C => nearest::<C>(src, dst)),
        Method::Bilinear => weighted(src, dst, bilinear, scratch),
        Method::Area => weighted(src, dst, area, scratch),
    }
}

fn nearest<const C: usize>(src: Image<'_>, mut dst: ImageMut<'_>) {
    let (height, width) = (dst.shape.height, dst.shape.width);
    let pick = |d: usize, from: usize, to: usize| {
        ((d as f32 + 0.5) * (from as f32 / to as f32)).min(from as f32 - 1.0) as usize
    };
    for y in 0..height {
        let row = src.row(pick(y, src.shape.height, height)).as_chunks::<C>().0;
        for (x, pixel) in dst.row_mut(y).as_chunks_mut::<C>().0.iter_mut().enumerate() {
            *pixel = row[pick(x, src.shape.width, width)];
        }
    }
}

/// The source pixels that output index `d` is made of, and how much of each.
type Weigh = fn(d: usize, from: usize, to: usize, add: &mut dyn FnMut(usize, f32));

fn bilinear(d: usize, from: usize, to: usize, add: &mut dyn FnMut(usize, f32)) {
    let at = (d as f32 + 0.5) * (from as f32 / to as f32) - 0.5;
    let whole = at.floor();
    let fraction = at - whole;
    let last = from as f32 - 1.0;
    add(whole.clamp(0.0, last) as usize, 1.0 - fraction);
    add((whole + 1.0).clamp(0.0, last) as usize, fraction);
}

fn area(d: usize, from: usize, to: usize, add: &mut dyn FnMut(usize, f32)) {
    let scale = from as f64 / to as f64;
    let (start, end) = (d as f64 * scale, ((d + 1) as f64 * scale).min(from as f64));
    let mut pixel = start as usize;
    while pixel < from && (pixel as f64) < end {
        let share = (pixel as f64 + 1.0).min(end) - (pixel as f64).max(start);
        add(pixel, (share / scale) as f32);
        pixel += 1;
    }
}

/// Columns first, into rows of floats; then rows.
fn weighted(src: Image<'_>, mut dst: ImageMut<'_>, weigh: Weigh, scratch: &mut Scratch) {
    let channels = src.shape.channels();
    let (rows, stride) = (src.shape.height, dst.shape.stride());
    let (height, width) = (dst.shape.height, dst.shape.width);
    let mut along = scratch.take_f32(rows * stride);
    along.fill(0.0);
    for x in 0..width {
        weigh(x, src.shape.width, width, &mut |from, share| {
            for (y, line) in along.chunks_exact_mut(stride).enumerate() {
                let pixel = &src.row(y)[from * channels..][..channels];
                for (sum, &v) in line[x * channels..][..channels].iter_mut().zip(pixel) {
                    *sum += f32::from(v) * share;
                }
            }
        });
    }
    let mut line = scratch.take_f32(stride);
    for y in 0..height {
        line.fill(0.0);
        weigh(y, rows, height, &mut |from, share| {
            for (sum, v) in line.iter_mut().zip(&along[from * stride..][..stride]) {
                *sum += v * share;
            }
        });
        for (byte, &v) in dst.row_mut(y).iter_mut().zip(&line) {
            *byte = round_u8(v);
        }
    }
    scratch.give_f32(along);
    scratch.give_f32(line);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Shape;
    use crate::kernels::testing::{Picture, pictures};
    use proptest::prelude::*;

    fn row(values: &[u8], to: usize, method: Method) -> Vec<u8> {
        let mut data = vec![0; to];
        let src = Image::new(Shape::gray(1, values.len()), values);
        resize(src, ImageMut::new(Shape::gray(1, to), &mut data), method, &mut Scratch::default());
        data
    }

    #[test]
    fn rows_are_those_of_the_formulas() {
        let values = [0, 100, 200, 40];
        assert_eq!(row(&values, 2, Method::Nearest), [100, 40]);
        assert_eq!(row(&values, 2, Method::Bilinear), [50, 120]);
        assert_eq!(row(&values, 2, Method::Area), [50, 120]);
        // Centers at -0.25, 0.25, 0.75, ...
        assert_eq!(row(&[0, 100], 4, Method::Bilinear), [0, 25, 75, 100]);
        assert_eq!(row(&[0, 100], 3, Method::Area), [0, 50, 100]);
        assert_eq!(row(&[0, 100], 3, Method::Nearest), [0, 100, 100]);
        // A third of each end of 4/3 pixels.
        assert_eq!(row(&values, 3, Method::Area), [25, 150, 80]);
    }

    proptest! {
        #[test]
        fn a_flat_image_stays_flat(picture in pictures(), h in 1_usize..40, w in 1_usize..40, value: u8) {
            let to = Shape::new(h, w, picture.shape.kind);
            let flat = Picture { shape: picture.shape, data: vec![value; picture.shape.bytes()] };
            for method in [Method::Nearest, Method::Bilinear, Method::Area] {
                let mut data = vec![0; to.bytes()];
                resize(flat.image(), ImageMut::new(to, &mut data), method, &mut Scratch::default());
                prop_assert!(data.iter().all(|v| *v == value), "{method:?}: {data:?}");
            }
        }
    }
}
