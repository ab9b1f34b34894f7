//! Superpixels: segments of similar color, and images painted with their mean colors.
//!
//! The segments are those of SLIC as scikit-image computes it: k-means over place and color from a regular grid,
//! each center looking two grid steps around itself, and then connected pieces of at least half the mean size.
//! (R. Achanta et al., "SLIC Superpixels Compared to State-of-the-Art Superpixel Methods", IEEE TPAMI 34, 2012.)

mod connect;
mod grid;
mod lab;
mod slic;
#[cfg(test)]
mod slow;

use super::entry::for_channels;
use crate::base::{Image, ImageMut, Scratch, math};

/// Finds about `n_segments` segments (at least 1) and numbers them from 0 into `labels`, one per pixel.
///
/// Compactness 10, 10 rounds; colors in CIELAB, gray values between 0 and 1. Returns the number of segments.
///
/// # Panics
/// If `labels` has not one entry per pixel.
pub fn slic(image: Image<'_>, n_segments: usize, labels: &mut [i32], scratch: &mut Scratch) -> usize {
    assert_eq!(labels.len(), image.shape.pixels());
    if labels.is_empty() {
        return 0;
    }
    let mut features = scratch.take_f64(image.shape.bytes());
    lab::features(image, &mut features, scratch);
    let mut clusters = scratch.take_i32(labels.len());
    let centers = slic::cluster(image.shape, &features, n_segments.max(1), &mut clusters, scratch);
    scratch.give_f64(features);
    let size = image.shape.pixels() as f64 / centers as f64;
    let sizes = (0.5 * size) as usize..(3.0 * size) as usize;
    let segments = connect::connect(image.shape, &clusters, sizes, labels, scratch);
    scratch.give_i32(clusters);
    segments
}

/// Paints segment l of `labels` with its mean color where flag l mod `flags.len()` is not 0; the rest stays.
///
/// `labels` has one number below `segments` per pixel. Means are rounded half to even.
///
/// # Panics
/// If there are no flags, or not one label per pixel.
pub fn paint_means(
    image: ImageMut<'_>,
    labels: &[i32],
    segments: usize,
    flags: &[u8],
    scratch: &mut Scratch,
) {
    let ImageMut { shape, data } = image;
    assert_eq!(labels.len(), shape.pixels());
    assert!(!flags.is_empty());
    for_channels!(shape, C => paint::<C>(data, labels, segments, flags, scratch));
}

fn paint<const C: usize>(
    data: &mut [u8],
    labels: &[i32],
    segments: usize,
    flags: &[u8],
    scratch: &mut Scratch,
) {
    let pixels = data.as_chunks_mut::<C>().0;
    // Of each segment: its pixels, and its sum or mean in each channel.
    let mut sums = scratch.take_i32(segments * (1 + C));
    sums.fill(0);
    for (pixel, &label) in pixels.iter().zip(labels) {
        let sums = &mut sums[label as usize * (1 + C)..][..=C];
        sums[0] += 1;
        for (sum, &value) in sums[1..].iter_mut().zip(pixel) {
            *sum += i32::from(value);
        }
    }
    for (segment, sums) in sums.chunks_exact_mut(1 + C).enumerate() {
        let size = f64::from(sums[0]);
        for sum in &mut sums[1..] {
            *sum = math::rhe64(f64::from(*sum) / size);
        }
        sums[0] = i32::from(flags[segment % flags.len()] != 0);
    }
    for (pixel, &label) in pixels.iter_mut().zip(labels) {
        let means = &sums[label as usize * (1 + C)..][..=C];
        if means[0] != 0 {
            for (value, &mean) in pixel.iter_mut().zip(&means[1..]) {
                *value = mean as u8;
            }
        }
    }
    scratch.give_i32(sums);
}
