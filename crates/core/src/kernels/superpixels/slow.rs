//! Tests of superpixels against the plainest form of the same computation.

use proptest::prelude::*;

use super::*;
use crate::base::Shape;
use crate::kernels::testing::{Picture, pictures};

fn labels(picture: &Picture, n: usize) -> (usize, Vec<i32>) {
    let mut labels = vec![-1; picture.shape.pixels()];
    let count = slic(picture.image(), n, &mut labels, &mut Scratch::default());
    (count, labels)
}

/// Ten rounds in which every center is tried on everything that it reaches.
fn cluster_slowly(shape: Shape, features: &[f64], n: usize) -> Vec<i32> {
    let Shape { height, width, kind } = shape;
    let channels = kind.count();
    let pixels = shape.pixels();
    let grid = grid::Grid::new(shape, n);
    let reach = grid::Grid::new(shape, grid.points());
    let (reach_y, reach_x) = ((2 * reach.rows.step) as f64, (2 * reach.columns.step) as f64);
    let step = grid.rows.step.max(grid.columns.step) as f64;
    let weight = 1.0 / (step * step);
    let mut centers = Vec::new();
    for row in 0..grid.rows.points {
        for column in 0..grid.columns.points {
            let mut center = vec![0.0; 2 + channels];
            center[0] = (grid.rows.start + row * grid.rows.step) as f64;
            center[1] = (grid.columns.start + column * grid.columns.step) as f64;
            centers.push(center);
        }
    }
    let mut nearest = vec![0; pixels];
    for _ in 0..10 {
        let mut distances = vec![f64::MAX; pixels];
        for (k, center) in centers.iter().enumerate().filter(|(_, center)| !center[0].is_nan()) {
            let window = |middle: f64, reach: f64, len: usize| {
                (middle - reach).max(0.0) as usize..(middle + reach + 1.0).min(len as f64) as usize
            };
            for y in window(center[0], reach_y, height) {
                for x in window(center[1], reach_x, width) {
                    let i = y * width + x;
                    let (dy, dx) = (center[0] - y as f64, center[1] - x as f64);
                    let mut color = 0.0;
                    for channel in 0..channels {
                        let difference = features[channel * pixels + i] - center[2 + channel];
                        color += difference * difference;
                    }
                    let distance = (dy * dy + dx * dx) * weight + color;
                    if distance < distances[i] {
                        (distances[i], nearest[i]) = (distance, k as i32);
                    }
                }
            }
        }
        let mut sums = vec![vec![0.0; 2 + channels]; centers.len()];
        let mut sizes = vec![0.0; centers.len()];
        for (i, &k) in nearest.iter().enumerate() {
            let sum = &mut sums[k as usize];
            sizes[k as usize] += 1.0;
            sum[0] += (i / width) as f64;
            sum[1] += (i % width) as f64;
            for channel in 0..channels {
                sum[2 + channel] += features[channel * pixels + i];
            }
        }
        for ((center, sum), size) in centers.iter_mut().zip(sums).zip(sizes) {
            *center = sum.into_iter().map(|sum| sum / size).collect();
        }
    }
    nearest
}

/// Values that are smooth but for a few jumps, as pictures are and noise is not.
fn smooth(shape: Shape, seed: u64) -> Picture {
    let noise = Picture::new(Shape::rgb(4, 4), seed).data;
    let mut data = Vec::new();
    for i in 0..shape.bytes() {
        let (y, x) = (i / shape.channels() / shape.width, i / shape.channels() % shape.width);
        let patch = (y * 4 / shape.height * 4 + x * 4 / shape.width) * 3 + i % shape.channels();
        data.push((usize::from(noise[patch]) / 2 + 3 * y + 2 * x).min(255) as u8);
    }
    Picture { shape, data }
}

#[test]
fn two_halves_become_two_kinds_of_segments() {
    let shape = Shape::rgb(12, 16);
    let data = (0..shape.pixels()).flat_map(|i| if i % 16 < 8 { [200, 30, 30] } else { [30, 30, 200] });
    let picture = Picture { shape, data: data.collect() };
    let (count, labels) = labels(&picture, 6);
    for label in 0..count as i32 {
        let mut sides = labels.iter().enumerate().filter(|(_, own)| **own == label).map(|(i, _)| i % 16 < 8);
        let first = sides.next().expect("labels are numbered without gaps");
        assert!(sides.all(|side| side == first), "segment {label} crosses the edge: {labels:?}");
    }
    let painted = picture.painted(|image| paint_means(image, &labels, count, &[1], &mut Scratch::default()));
    assert_eq!(painted, picture.data);
}

#[test]
fn means_are_painted_where_flags_say() {
    let labels = [0, 0, 1, 2, 2, 2];
    let picture = Picture { shape: Shape::gray(2, 3), data: vec![1, 2, 77, 10, 11, 13] };
    let paint = |flags: &[u8]| {
        picture.painted(|image| paint_means(image, &labels, 3, flags, &mut Scratch::default()))
    };
    // 1.5 is rounded to the even 2, and 34 / 3 to 11; the third segment counts through the flags again.
    assert_eq!(paint(&[1]), [2, 2, 77, 11, 11, 11]);
    assert_eq!(paint(&[0, 1]), picture.data);
    assert_eq!(paint(&[1, 0]), [2, 2, 77, 11, 11, 11]);
    assert_eq!(paint(&[0, 0, 1]), [1, 2, 77, 11, 11, 11]);
}

#[test]
fn pieces_are_numbered_in_the_order_in_which_they_are_met() {
    let shape = Shape::gray(3, 4);
    let connected = |clusters: [i32; 12], sizes| {
        let mut labels = [9; 12];
        let count = connect::connect(shape, &clusters, sizes, &mut labels, &mut Scratch::default());
        (count, labels)
    };
    // Cluster 5 is in two pieces; the lone 7 joins the neighbor that was numbered and seen last, above it.
    let clusters = [5, 5, 3, 5, 5, 3, 3, 5, 5, 7, 3, 5];
    assert_eq!(connected(clusters, 2..12), (3, [0, 0, 1, 2, 0, 1, 1, 2, 0, 1, 1, 2]));
    // A piece that has reached 4 pixels ends.
    assert_eq!(connected([0; 12], 1..4), (3, [0, 0, 0, 1, 0, 2, 1, 1, 2, 2, 2, 1]));
    // Too small, and alone.
    assert_eq!(connected([0; 12], 20..40), (1, [0; 12]));
}

proptest! {
    #[test]
    fn tiles_and_shortcuts_change_nothing(
        noise in pictures(),
        n in 1_usize..250,
        seed: u64,
        is_smooth: bool,
    ) {
        let picture = if is_smooth { smooth(noise.shape, seed) } else { noise };
        let shape = picture.shape;
        let mut scratch = Scratch::default();
        let mut features = vec![0.0; shape.bytes()];
        lab::features(picture.image(), &mut features, &mut scratch);
        let mut clusters = vec![0; shape.pixels()];
        slic::cluster(shape, &features, n, &mut clusters, &mut scratch);
        prop_assert_eq!(clusters, cluster_slowly(shape, &features, n));
    }

    #[test]
    fn segments_are_numbered_without_gaps(picture in pictures(), n in 1_usize..100) {
        let (count, labels) = labels(&picture, n);
        let mut found = vec![false; count];
        for label in labels {
            found[label as usize] = true;
        }
        prop_assert!(found.into_iter().all(|found| found));
    }
}
