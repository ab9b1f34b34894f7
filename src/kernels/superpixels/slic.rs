//! The clustering of SLIC: k-means over place and colour.

use crate::base::{Scratch, Shape, math};

/// Rounds of assignment.
const ROUNDS: usize = 10;

/// Points in a regular pattern, along one axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Axis {
    start: usize,
    step: usize,
}

impl Axis {
    /// Points on an axis of `len` pixels.
    fn points(self, len: usize) -> usize {
        len.saturating_sub(self.start).div_ceil(self.step)
    }
}

/// Rows and columns of about `n` points spread evenly over an image.
///
/// Both axes have the step sqrt(H W / n), unless that is longer than one of them.
fn grid(shape: Shape, n: usize) -> (Axis, Axis) {
    let (height, width) = (shape.height as f64, shape.width as f64);
    if shape.pixels() <= n {
        let all = Axis { start: 0, step: 1 };
        return (all, all);
    }
    let even = (height * width / n as f64).sqrt();
    let axis = |len: f64, other: f64| {
        // The shorter axis is the first that a step may be too long for; the other one shares out all points.
        let step = if len.min(other) >= even {
            even
        } else if len <= other {
            len
        } else {
            len / n as f64
        };
        Axis { start: (step * 0.5) as usize, step: math::rhe64(step).max(1) as usize }
    };
    (axis(height, width), axis(width, height))
}

/// A centre: place, colour.
type Centre = [f64; 5];

/// Puts every pixel into one of the clusters, numbered into `clusters`; returns the number of clusters, some of which may
/// have run empty. `features` are planes of colours.
pub(super) fn cluster(
    shape: Shape,
    features: &[f64],
    n: usize,
    clusters: &mut [i32],
    scratch: &mut Scratch,
) -> usize {
    match shape.channels {
        1 => rounds::<1>(shape, features, n, clusters, scratch),
        _ => rounds::<3>(shape, features, n, clusters, scratch),
    }
}

fn rounds<const C: usize>(
    shape: Shape,
    features: &[f64],
    n: usize,
    clusters: &mut [i32],
    scratch: &mut Scratch,
) -> usize {
    let (rows, columns) = grid(shape, n);
    let (across, down) = (columns.points(shape.width), rows.points(shape.height));
    let count = across * down;
    let (reach_y, reach_x) = {
        let (rows, columns) = grid(shape, count);
        (2 * rows.step, 2 * columns.step)
    };
    let step = rows.step.max(columns.step) as f64;
    let weight = 1.0 / (step * step);
    let pixels = shape.pixels();
    let planes: [&[f64]; C] = std::array::from_fn(|c| &features[c * pixels..][..pixels]);
    let mut centre_memory = scratch.take_f64(count * 5);
    let centres = centre_memory.as_chunks_mut::<5>().0;
    for (k, centre) in centres.iter_mut().enumerate() {
        let y = rows.start + k / across * rows.step;
        let x = columns.start + k % across * columns.step;
        *centre = [y as f64, x as f64, 0.0, 0.0, 0.0];
    }
    let mut sizes = scratch.take_i32(count);
    let mut nearest = scratch.take_f64(pixels);
    let mut distances = scratch.take_f64(pixels);
    nearest.fill(0.0);
    for _ in 0..ROUNDS {
        distances.fill(f64::MAX);
        for (k, centre) in centres.iter().enumerate() {
            let [cy, cx, ..] = *centre;
            if cy.is_nan() {
                continue;
            }
            let y0 = (cy - reach_y as f64).max(0.0) as usize;
            let y1 = (cy + reach_y as f64 + 1.0).min(shape.height as f64) as usize;
            let x0 = (cx - reach_x as f64).max(0.0) as usize;
            let x1 = (cx + reach_x as f64 + 1.0).min(shape.width as f64) as usize;
            for y in y0..y1 {
                let dy = cy - y as f64;
                let dy2 = dy * dy;
                for x in x0..x1 {
                    let dx = cx - x as f64;
                    let i = y * shape.width + x;
                    let mut color = 0.0;
                    for c in 0..C {
                        let t = planes[c][i] - centre[2 + c];
                        color += t * t;
                    }
                    let d = (dy2 + dx * dx) * weight + color;
                    if d < distances[i] {
                        distances[i] = d;
                        nearest[i] = k as f64;
                    }
                }
            }
        }
        sizes.fill(0);
        for centre in centres.iter_mut() {
            *centre = [0.0; 5];
        }
        for y in 0..shape.height {
            for x in 0..shape.width {
                let i = y * shape.width + x;
                let k = nearest[i] as usize;
                sizes[k] += 1;
                let centre = &mut centres[k];
                centre[0] += y as f64;
                centre[1] += x as f64;
                for c in 0..C {
                    centre[2 + c] += planes[c][i];
                }
            }
        }
        for (centre, &size) in centres.iter_mut().zip(&sizes) {
            for v in centre.iter_mut() {
                *v /= f64::from(size);
            }
        }
    }
    for (cluster, &nearest) in clusters.iter_mut().zip(&nearest) {
        *cluster = nearest as i32;
    }
    scratch.give_f64(centre_memory);
    scratch.give_i32(sizes);
    scratch.give_f64(nearest);
    scratch.give_f64(distances);
    count
}
