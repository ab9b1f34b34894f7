//! The pen: puts a stroke of varying width on a 20x20 page with soft edges.
//!
//! A stroke is a chain of capsules (two circles and what lies between them). For each pixel the page keeps
//! the distance from the pixel's center to the nearest edge of ink, negative inside; ink that overlaps is
//! thereby not counted twice. The distance becomes brightness by a ramp across the edge, as a scanned stroke
//! has when it has been scaled down.

use crate::base::math;

/// Side of the page in pixels.
pub(super) const PAGE: usize = 20;
/// Pixels that a capsule's row is computed for at a time.
const LANES: usize = 8;
/// Length of a stored row: rows are computed in whole lanes, which may reach past the page.
const STRIDE: usize = PAGE + LANES;
/// Brightness inside the ink, clipped at 255: all but the rim is fully bright.
const GAIN: f32 = 265.0;
/// A distance at which there is no ink.
const FAR: f32 = 1e3;

/// A place of the pen: page coordinates in pixels and the radius of the ink there.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Dot {
    pub(super) x: f32,
    pub(super) y: f32,
    pub(super) r: f32,
}

/// The page, as signed distances to the edge of the ink.
#[derive(Clone, Debug)]
pub(super) struct Page {
    edge: [f32; STRIDE * PAGE],
}

impl Page {
    pub(super) fn new() -> Self {
        Self { edge: [FAR; STRIDE * PAGE] }
    }

    pub(super) fn clear(&mut self) {
        self.edge.fill(FAR);
    }

    /// Inks the line from `a` to `b`; the radius changes linearly on the way. `soft` is how far (in pixels)
    /// beyond the edge there is still light.
    pub(super) fn line(&mut self, a: Dot, b: Dot, soft: f32) {
        let (dx, dy) = (b.x - a.x, b.y - a.y);
        let squared = dx * dx + dy * dy;
        let inverse = if squared > 1e-8 { 1.0 / squared } else { 0.0 };
        let dr = b.r - a.r;
        let reach = a.r.max(b.r) + soft;
        let first = |low: f32| (low - reach - 0.5).max(0.0) as usize;
        let last = |high: f32| ((high + reach + 0.5).max(0.0) as usize).min(PAGE);
        let (top, bottom) = (first(a.y.min(b.y)), last(a.y.max(b.y)));
        let (left, right) = (first(a.x.min(b.x)), last(a.x.max(b.x)));
        for row in top..bottom {
            let py = row as f32 + 0.5 - a.y;
            let along = py * dy;
            let mut column = left;
            while column < right {
                let start = row * STRIDE + column;
                let Some((lanes, _)) = self.edge[start..].split_first_chunk_mut::<LANES>() else { break };
                let base = column as f32 + 0.5 - a.x;
                for (lane, edge) in lanes.iter_mut().enumerate() {
                    let px = base + lane as f32;
                    let t = ((px * dx + along) * inverse).clamp(0.0, 1.0);
                    let (ex, ey) = (px - t * dx, py - t * dy);
                    let distance = (ex * ex + ey * ey).sqrt() - (a.r + t * dr);
                    *edge = if distance < *edge { distance } else { *edge };
                }
                column += LANES;
            }
        }
    }

    /// Writes the page as brightness 0..=255 over a ramp of 2 * `soft` pixels centerd on the edge of the ink.
    pub(super) fn develop(&self, soft: f32, out: &mut [u8; PAGE * PAGE]) {
        let slope = 0.5 / soft;
        for (row, line) in out.as_chunks_mut::<PAGE>().0.iter_mut().zip(self.edge.as_chunks::<STRIDE>().0) {
            for (pixel, &edge) in row.iter_mut().zip(line) {
                let light = (0.5 - edge * slope).clamp(0.0, 1.0);
                // The cubic has the ramp's middle and its ends, and bends into them.
                let light = light * light * (3.0 - 2.0 * light);
                *pixel = math::rhe((light * GAIN).min(255.0)) as u8;
            }
        }
    }
}
