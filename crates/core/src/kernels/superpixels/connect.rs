//! From clusters of pixels to connected segments.

use std::ops::Range;

use crate::base::{Scratch, Shape};

/// Numbers the connected pieces of `clusters` (four neighbors) from 0 into `labels`; returns how many there are.
///
/// A piece ends when it has reached `sizes.end` pixels. One of fewer than `sizes.start` joins a neighbor that was
/// numbered before it.
pub(super) fn connect(
    shape: Shape,
    clusters: &[i32],
    sizes: Range<usize>,
    labels: &mut [i32],
    scratch: &mut Scratch,
) -> usize {
    // A frame of pixels that belong to nothing saves looking where the image ends.
    let stride = shape.width + 2;
    let inner = |y: usize| (y + 1) * stride + 1..(y + 2) * stride - 1;
    let mut framed = scratch.take_i32((shape.height + 2) * stride);
    let mut numbers = scratch.take_i32(framed.len());
    framed.fill(-1);
    numbers.fill(-1);
    for (y, row) in clusters.chunks_exact(shape.width).enumerate() {
        framed[inner(y)].copy_from_slice(row);
    }
    let mut piece = scratch.take_i32(labels.len());
    let mut next = 0;
    for seed in (0..shape.height).flat_map(inner) {
        if numbers[seed] >= 0 {
            continue;
        }
        let cluster = framed[seed];
        // The number of the neighbor seen last; nothing but the first piece has none, and that one is 0.
        let mut neighbor = 0;
        numbers[seed] = next;
        piece[0] = seed as i32;
        let (mut visited, mut size) = (0, 1);
        while visited < size && size < sizes.end {
            let place = piece[visited] as usize;
            for other in [place + 1, place - 1, place + stride, place - stride] {
                let number = numbers[other];
                if number < 0 {
                    if framed[other] == cluster {
                        numbers[other] = next;
                        piece[size] = other as i32;
                        size += 1;
                        if size >= sizes.end {
                            break;
                        }
                    }
                } else if number != next {
                    neighbor = number;
                }
            }
            visited += 1;
        }
        if size < sizes.start {
            for &place in &piece[..size] {
                numbers[place as usize] = neighbor;
            }
        } else {
            next += 1;
        }
    }
    for (y, row) in labels.chunks_exact_mut(shape.width).enumerate() {
        row.copy_from_slice(&numbers[inner(y)]);
    }
    scratch.give_i32(piece);
    scratch.give_i32(numbers);
    scratch.give_i32(framed);
    // A lone piece may be too small and yet is one.
    next.max(1) as usize
}
