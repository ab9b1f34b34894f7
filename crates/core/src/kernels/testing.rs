//! Images for property tests.

use crate::base::{Channels, Image, ImageMut, Shape, Stream};
use proptest::prelude::*;

/// An image of random pixels.
#[derive(Clone, Debug)]
pub(crate) struct Picture {
    pub(crate) shape: Shape,
    pub(crate) data: Vec<u8>,
}

impl Picture {
    /// Random pixels from a seed; one seed in four gives flat colors and grays only.
    pub(crate) fn new(shape: Shape, seed: u64) -> Self {
        let mut data = vec![0; shape.bytes()];
        Stream::of_key(seed).fill(&mut data);
        if seed.is_multiple_of(4) {
            for v in &mut data {
                *v = if *v < 128 { 0 } else { 255 };
            }
        }
        Self { shape, data }
    }

    pub(crate) fn image(&self) -> Image<'_> {
        Image::new(self.shape, &self.data)
    }

    /// What `paint` makes of a copy.
    pub(crate) fn painted(&self, paint: impl FnOnce(ImageMut<'_>)) -> Vec<u8> {
        let mut data = self.data.clone();
        paint(ImageMut::new(self.shape, &mut data));
        data
    }
}

/// Rows and columns from one pixel to more than a MNIST digit, gray or color.
pub(crate) fn shapes() -> impl Strategy<Value = Shape> {
    let sizes = prop_oneof![
        Just((1, 1)),
        Just((5, 7)),
        Just((40, 56)),
        (Just(1), 1_usize..70),
        (1_usize..9, 1_usize..9)
    ];
    (sizes, any::<bool>()).prop_map(|((h, w), rgb)| Shape::new(h, w, Channels::colored(rgb)))
}

/// Images of these shapes.
pub(crate) fn pictures() -> impl Strategy<Value = Picture> {
    (shapes(), any::<u64>()).prop_map(|(shape, seed)| Picture::new(shape, seed))
}
