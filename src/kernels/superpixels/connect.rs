//! From clusters of pixels to connected segments.

use std::ops::Range;

use crate::base::{Scratch, Shape};

/// Numbers the connected pieces of `clusters` (four neighbours) from 0 into `labels`; returns how many there are.
///
/// A piece ends when it has reached `sizes.end` pixels. One of fewer than `sizes.start` joins a neighbour that was
/// numbered before it.
pub(super) fn connect(
    shape: Shape,
    clusters: &[i32],
    sizes: Range<usize>,
    labels: &mut [i32],
    scratch: &mut Scratch,
) -> usize {
    let (height, width) = (shape.height as i32, shape.width as i32);
    labels.fill(-1);
    let mut piece = scratch.take_i32(labels.len());
    let mut next = 0;
    for seed in 0..labels.len() {
        if labels[seed] >= 0 {
            continue;
        }
        let cluster = clusters[seed];
        // The label of the neighbour seen last; nothing but the first piece has none, and that one is 0.
        let mut neighbour = 0;
        labels[seed] = next;
        piece[0] = seed as i32;
        let (mut visited, mut size) = (0, 1);
        while visited < size && size < sizes.end {
            let place = piece[visited];
            let (y, x) = (place / width, place % width);
            let around = [(x + 1 < width, 1), (x > 0, -1), (y + 1 < height, width), (y > 0, -width)];
            for (_, step) in around.into_iter().filter(|(inside, _)| *inside) {
                let other = (place + step) as usize;
                let label = labels[other];
                if label < 0 {
                    if clusters[other] == cluster {
                        labels[other] = next;
                        piece[size] = other as i32;
                        size += 1;
                        if size >= sizes.end {
                            break;
                        }
                    }
                } else if label != next {
                    neighbour = label;
                }
            }
            visited += 1;
        }
        if size < sizes.start {
            for &place in &piece[..size] {
                labels[place as usize] = neighbour;
            }
        } else {
            next += 1;
        }
    }
    scratch.give_i32(piece);
    // A lone piece may be too small and yet is one.
    next.max(1) as usize
}
