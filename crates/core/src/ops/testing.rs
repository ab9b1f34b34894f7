//! Drawing and painting in tests of operations.

use super::Op;
use crate::base::{Canvas, Channels, Shape, Stage, Stream};

/// What `op` draws for that many color images of 28 x 28.
pub(crate) fn draws<O: Op>(op: &O, count: u64) -> impl Iterator<Item = O::Drawn> {
    (0..count).map(|item| op.draw(Shape::rgb(28, 28), &mut Stream::at(1, Stage::new("test", ""), item, 0)))
}

/// What becomes of one row of pixels, which is in color if it can be.
pub(crate) fn painted<O: Op>(drawn: &O::Drawn, values: &[u8]) -> Vec<u8> {
    let channels = if values.len().is_multiple_of(3) { 3 } else { 1 };
    let mut canvas = Canvas::default();
    canvas
        .reset(Shape::new(1, values.len() / channels, Channels::colored(channels == 3)))
        .copy_from_slice(values);
    O::paint(drawn, &mut canvas);
    canvas.pixels().to_vec()
}
