//! Images with a border around them, so that the inner loops of filters have no edges to look after.
//!
//! Filters work on flat rows of interleaved values: the neighbor one pixel to the right is `channels`
//! values further on, and the same code serves gray and color. They compute whole blocks of [`BLOCK`] values, so that
//! no vector is left half full, and may read past the end of a row, which is why a padded image ends with some room.

use super::border::Border;
use super::entry::for_channels;
use crate::base::{Image, Scratch};

/// A multiple of the values that a vector instruction works on.
pub const BLOCK: usize = 16;

/// Pixels added on each side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Margin {
    /// Rows above.
    pub top: usize,
    /// Rows below.
    pub bottom: usize,
    /// Columns on the left.
    pub left: usize,
    /// Columns on the right.
    pub right: usize,
}

impl Margin {
    /// The same number of pixels on all sides.
    #[must_use]
    pub const fn all(pixels: usize) -> Self {
        Self { top: pixels, bottom: pixels, left: pixels, right: pixels }
    }
}

/// An image with a margin, in a buffer of the pool.
#[derive(Debug)]
pub struct Padded {
    data: Vec<u8>,
    stride: usize,
}

impl Padded {
    /// Copies `image` and fills `margin` around it by `border`; a constant is black.
    ///
    /// # Panics
    /// If the image is empty.
    #[must_use]
    pub fn new(image: Image<'_>, margin: Margin, border: Border, scratch: &mut Scratch) -> Self {
        let shape = image.shape;
        assert!(shape.pixels() > 0, "an empty image has no border");
        let stride = (margin.left + shape.width + margin.right) * shape.channels();
        let rows = margin.top + shape.height + margin.bottom;
        let mut data = scratch.take_u8(stride * rows + BLOCK);
        let middle = &mut data[margin.top * stride..(margin.top + shape.height) * stride];
        for_channels!(shape, C => pad_rows::<C>(image, margin, border, middle, scratch));
        for row in (0..margin.top).chain(margin.top + shape.height..rows) {
            match border.index(row as i32 - margin.top as i32, shape.height) {
                Some(from) => {
                    let from = (from + margin.top) * stride;
                    data.copy_within(from..from + stride, row * stride);
                }
                None => data[row * stride..][..stride].fill(0),
            }
        }
        Self { data, stride }
    }

    /// Values from one row to the next.
    #[must_use]
    pub const fn stride(&self) -> usize {
        self.stride
    }

    /// Everything from the start of padded row `y` on.
    #[must_use]
    pub fn from_row(&self, y: usize) -> &[u8] {
        &self.data[y * self.stride..]
    }

    /// Gives the buffer back.
    pub fn give(self, scratch: &mut Scratch) {
        scratch.give_u8(self.data);
    }
}

/// Fills the rows of the image itself, with their margins left and right.
fn pad_rows<const C: usize>(
    image: Image<'_>,
    margin: Margin,
    border: Border,
    target: &mut [u8],
    scratch: &mut Scratch,
) {
    let Image { shape, data } = image;
    let mut places = scratch.take_i32(margin.left + margin.right);
    let outside = (0..margin.left).chain(margin.left + shape.width..margin.left + shape.width + margin.right);
    for (place, x) in places.iter_mut().zip(outside) {
        *place = border.index(x as i32 - margin.left as i32, shape.width).map_or(-1, |from| from as i32);
    }
    let (from_left, from_right) = places.split_at(margin.left);
    let at = |pixels: &[[u8; C]], place: i32| pixels.get(place as usize).copied().unwrap_or([0; C]);
    let (stride, padded) = (shape.stride(), (margin.left + shape.width + margin.right) * C);
    for (row, out) in data.chunks_exact(stride).zip(target.chunks_exact_mut(padded)) {
        let (pixels, _) = row.as_chunks::<C>();
        let (left, rest) = out.split_at_mut(margin.left * C);
        let (middle, right) = rest.split_at_mut(stride);
        middle.copy_from_slice(row);
        for (pixel, &from) in left.as_chunks_mut::<C>().0.iter_mut().zip(from_left) {
            *pixel = at(pixels, from);
        }
        for (pixel, &from) in right.as_chunks_mut::<C>().0.iter_mut().zip(from_right) {
            *pixel = at(pixels, from);
        }
    }
    scratch.give_i32(places);
}

/// `len` rounded up to whole blocks.
#[must_use]
pub const fn whole_blocks(len: usize) -> usize {
    len.next_multiple_of(BLOCK)
}

/// `N` blocks of `values`, from where `start` says.
///
/// # Panics
/// If there is not a whole block left.
#[inline(always)]
#[must_use]
pub fn blocks<T, const N: usize>(values: &[T], start: impl Fn(usize) -> usize) -> [&[T; BLOCK]; N] {
    std::array::from_fn(|index| {
        values[start(index)..].first_chunk().expect("padded rows have room for a whole block")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Channels, Shape};

    #[test]
    fn a_padded_image_holds_every_value_of_its_border() {
        let mut scratch = Scratch::default();
        for (height, width, channels) in [(1, 1, 1), (1, 5, 3), (5, 7, 1), (4, 3, 3)] {
            let shape = Shape::new(height, width, Channels::colored(channels == 3));
            let data: Vec<u8> = (0..shape.bytes()).map(|i| i as u8).collect();
            let margin = Margin { top: 3, bottom: 1, left: 2, right: 6 };
            for border in [Border::Constant, Border::Edge, Border::Symmetric, Border::Reflect, Border::Wrap] {
                let padded = Padded::new(Image::new(shape, &data), margin, border, &mut scratch);
                for y in 0..height + 4 {
                    for x in 0..width + 8 {
                        let from = border.index(y as i32 - 3, height).zip(border.index(x as i32 - 2, width));
                        for c in 0..channels {
                            let expected = from.map_or(0, |(y, x)| data[(y * width + x) * channels + c]);
                            assert_eq!(padded.from_row(y)[x * channels + c], expected);
                        }
                    }
                }
                padded.give(&mut scratch);
            }
        }
    }
}
