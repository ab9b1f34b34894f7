//! The image being worked on, double-buffered.

use super::{Scratch, Shape};

/// A borrowed image: interleaved `u8`, rows from the top.
#[derive(Clone, Copy, Debug)]
pub struct Image<'a> {
    /// Rows, columns, channels.
    pub shape: Shape,
    /// `shape.bytes()` values.
    pub data: &'a [u8],
}

/// A borrowed image that may be written.
#[derive(Debug)]
pub struct ImageMut<'a> {
    /// Rows, columns, channels.
    pub shape: Shape,
    /// `shape.bytes()` values.
    pub data: &'a mut [u8],
}

impl<'a> Image<'a> {
    /// A view of `data` as an image.
    ///
    /// # Panics
    /// If `data` is not exactly as long as `shape` says.
    #[must_use]
    pub fn new(shape: Shape, data: &'a [u8]) -> Self {
        assert_eq!(data.len(), shape.bytes(), "an image of {shape} has {} bytes", shape.bytes());
        Self { shape, data }
    }

    /// Row `y`, `shape.stride()` values.
    #[must_use]
    pub fn row(&self, y: usize) -> &'a [u8] {
        let stride = self.shape.stride();
        &self.data[y * stride..(y + 1) * stride]
    }
}

impl<'a> ImageMut<'a> {
    /// A writable view of `data` as an image.
    ///
    /// # Panics
    /// If `data` is not exactly as long as `shape` says.
    #[must_use]
    pub fn new(shape: Shape, data: &'a mut [u8]) -> Self {
        assert_eq!(data.len(), shape.bytes(), "an image of {shape} has {} bytes", shape.bytes());
        Self { shape, data }
    }

    /// Row `y`, `shape.stride()` values.
    pub fn row_mut(&mut self, y: usize) -> &mut [u8] {
        let stride = self.shape.stride();
        &mut self.data[y * stride..(y + 1) * stride]
    }

    /// The same image for a while, to be written.
    #[must_use]
    pub fn reborrow(&mut self) -> ImageMut<'_> {
        ImageMut { shape: self.shape, data: self.data }
    }

    /// The same image, read-only.
    #[must_use]
    pub fn as_image(&self) -> Image<'_> {
        Image { shape: self.shape, data: self.data }
    }
}

/// One worker's image: the current pixels, a second buffer for kernels that cannot work in place,
/// and the room they work in. Nothing is allocated once the buffers have grown to size.
#[derive(Debug)]
pub struct Canvas {
    shape: Shape,
    current: Vec<u8>,
    other: Vec<u8>,
    scratch: Scratch,
}

impl Default for Canvas {
    fn default() -> Self {
        Self { shape: Shape::gray(0, 0), current: Vec::new(), other: Vec::new(), scratch: Scratch::default() }
    }
}

impl Canvas {
    /// The shape of the current image.
    #[must_use]
    pub fn shape(&self) -> Shape {
        self.shape
    }

    /// The current pixels.
    #[must_use]
    pub fn pixels(&self) -> &[u8] {
        &self.current
    }

    /// The current image.
    #[must_use]
    pub fn image(&self) -> Image<'_> {
        Image { shape: self.shape, data: &self.current }
    }

    /// Makes the image `shape` and hands its bytes out to be overwritten; they hold anything.
    pub fn reset(&mut self, shape: Shape) -> &mut [u8] {
        self.shape = shape;
        self.current.resize(shape.bytes(), 0);
        &mut self.current
    }

    /// Replaces the image by a copy of `image`.
    pub fn load(&mut self, image: Image<'_>) {
        self.reset(image.shape).copy_from_slice(image.data);
    }

    /// Changes pixels where they are: lookup tables, noise, flips.
    pub fn in_place(&mut self, paint: impl FnOnce(ImageMut<'_>, &mut Scratch)) {
        paint(ImageMut { shape: self.shape, data: &mut self.current }, &mut self.scratch);
    }

    /// Draws a new image of shape `to` from the current one: warps, filters. The target holds anything
    /// at first; the kernel writes all of it.
    pub fn redraw(&mut self, to: Shape, paint: impl FnOnce(Image<'_>, ImageMut<'_>, &mut Scratch)) {
        self.other.resize(to.bytes(), 0);
        paint(
            Image { shape: self.shape, data: &self.current },
            ImageMut { shape: to, data: &mut self.other },
            &mut self.scratch,
        );
        std::mem::swap(&mut self.current, &mut self.other);
        self.shape = to;
    }
}
