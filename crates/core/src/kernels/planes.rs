//! Channels as pictures of their own.

use crate::base::{Image, ImageMut};

/// Puts these channels of `src` one above the other into `dst`, which is gray and as many times as high.
///
/// # Panics
/// If `dst` has another shape.
pub fn planes(src: Image<'_>, channels: &[usize], dst: ImageMut<'_>) {
    let (pixels, step) = (src.shape.pixels(), src.shape.channels());
    let ImageMut { data, .. } = dst;
    assert_eq!(data.len(), pixels * channels.len(), "a plane for each of {} channels", channels.len());
    for (plane, &channel) in data.chunks_exact_mut(pixels.max(1)).zip(channels) {
        for (to, &from) in plane.iter_mut().zip(src.data[channel..].iter().step_by(step)) {
            *to = from;
        }
    }
}
