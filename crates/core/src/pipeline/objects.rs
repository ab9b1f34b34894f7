//! Boxes that move with the pixels.

use std::ops::Range;

use super::plan::{Plan, Planned};
use crate::base::{Object, Rect, Shape};
use crate::ops::Placement;
use crate::ops::imgaug::relative_resize::resized;

impl Plan {
    /// Moves the boxes of `objects`, which lie on an image of the shape that the plan was drawn for.
    ///
    /// A box becomes the bounding box of what its corners become; what leaves the image at a step stays
    /// outside for good. Of a box that is gone an empty one remains.
    pub fn place(&mut self, objects: &mut [Object]) {
        let Some(shape) = self.shape else { return };
        let mut outlines = std::mem::take(&mut self.outlines);
        outlines.clear();
        outlines.extend(objects.iter().flat_map(|object| [object.tight, object.area]).map(Outline::of));
        let count = outlines.len();
        run(&self.steps, shape, &mut outlines, 0..count);
        for (object, [tight, area]) in objects.iter_mut().zip(outlines.as_chunks::<2>().0) {
            object.tight = tight.bounds();
            object.area = area.bounds();
        }
        self.outlines = outlines;
    }
}

/// Moves the outlines of `range` through `steps`; returns the shape at the end.
fn run(steps: &[Planned], mut shape: Shape, outlines: &mut Vec<Outline>, range: Range<usize>) -> Shape {
    let mut next = 0;
    while let Some(entry) = steps.get(next) {
        next += 1;
        match entry {
            Planned::Group { .. } => {}
            Planned::Op { drawn, .. } => {
                let placement = drawn.place(shape);
                shape = placement.shape(shape);
                for outline in &mut outlines[range.clone()] {
                    outline.apply(&placement, shape);
                }
            }
            Planned::Blend { first, second, .. } => {
                // Both branches are seen through each other: an object is wherever one of them has it.
                let mid = next + *first as usize;
                let end = mid + *second as usize;
                let copies = outlines.len();
                outlines.extend_from_within(range.clone());
                let copied = copies..outlines.len();
                run(&steps[next..mid], shape, outlines, range.clone());
                run(&steps[mid..end], shape, outlines, copied);
                for (i, copy) in range.clone().zip(copies..) {
                    if outlines[i] != outlines[copy] {
                        outlines[i] =
                            Outline::of_bounds(outlines[i].bounds_f64(), outlines[copy].bounds_f64());
                    }
                }
                outlines.truncate(copies);
                next = end;
            }
            Planned::Wrap { drawn, len, .. } => {
                let end = next + *len as usize;
                let inside = run(&steps[next..end], drawn.inside(shape), outlines, range.clone());
                shape = drawn.outside(shape, inside);
                if (shape.height, shape.width) != (inside.height, inside.width) {
                    let placement = resized(inside, shape);
                    for outline in &mut outlines[range.clone()] {
                        outline.apply(&placement, shape);
                    }
                }
                next = end;
            }
        }
    }
    shape
}

/// The most corners that an outline has; clipping adds at most four for each step, and an outline that
/// would become longer is replaced by its bounding box.
const MAX_CORNERS: usize = 32;

/// A convex polygon in the coordinates of [`Placement`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Outline {
    corners: [[f64; 2]; MAX_CORNERS],
    len: usize,
    /// Whether anything has moved it.
    moved: bool,
    rect: Rect,
}

/// x0, y0, x1, y1 of an outline, or nothing if it is empty.
type Bounds = Option<[f64; 4]>;

impl Outline {
    /// Around a box; an empty one has no corners and stays as it is.
    fn of(rect: Rect) -> Self {
        let [x0, y0, x1, y1] = rect.to_array().map(|edge| f64::from(edge) - 0.5);
        let mut corners = [[0.0; 2]; MAX_CORNERS];
        corners[..4].copy_from_slice(&[[x0, y0], [x1, y0], [x1, y1], [x0, y1]]);
        let len = if rect.x0 < rect.x1 && rect.y0 < rect.y1 { 4 } else { 0 };
        Self { corners, len, moved: false, rect }
    }

    /// The box around two others.
    fn of_bounds(a: Bounds, b: Bounds) -> Self {
        // Any box that is not empty will do: what is moved does not look at it.
        let rect = Rect { x0: 0, y0: 0, x1: 1, y1: 1 };
        let mut outline = Self { corners: [[0.0; 2]; MAX_CORNERS], len: 0, moved: true, rect };
        let both = match (a, b) {
            (Some(a), Some(b)) => Some([a[0].min(b[0]), a[1].min(b[1]), a[2].max(b[2]), a[3].max(b[3])]),
            (one, other) => one.or(other),
        };
        if let Some([x0, y0, x1, y1]) = both {
            outline.corners[..4].copy_from_slice(&[[x0, y0], [x1, y0], [x1, y1], [x0, y1]]);
            outline.len = 4;
        }
        outline
    }

    fn apply(&mut self, placement: &Placement, to: Shape) {
        if *placement == Placement::Unmoved || self.rect.x0 >= self.rect.x1 || self.rect.y0 >= self.rect.y1 {
            return;
        }
        self.moved = true;
        for corner in &mut self.corners[..self.len] {
            *corner = placement.apply(corner[0], corner[1]);
        }
        let (right, bottom) = (to.width as f64 - 0.5, to.height as f64 - 0.5);
        self.clip(|p| p[0] + 0.5);
        self.clip(|p| p[1] + 0.5);
        self.clip(|p| right - p[0]);
        self.clip(|p| bottom - p[1]);
    }

    /// Cuts off what has a negative distance (Sutherland and Hodgman's clipping by one edge).
    fn clip(&mut self, distance: impl Fn([f64; 2]) -> f64) {
        let old = *self;
        self.len = 0;
        for i in 0..old.len {
            let (p, q) = (old.corners[i], old.corners[(i + 1) % old.len]);
            let (dp, dq) = (distance(p), distance(q));
            if dp >= 0.0 {
                self.push(p);
            }
            if (dp >= 0.0) != (dq >= 0.0) {
                let t = dp / (dp - dq);
                self.push([p[0] + t * (q[0] - p[0]), p[1] + t * (q[1] - p[1])]);
            }
        }
        if self.len > MAX_CORNERS - 8 {
            *self = Self::of_bounds(self.bounds_f64(), None);
        }
    }

    fn push(&mut self, corner: [f64; 2]) {
        if self.len < MAX_CORNERS {
            self.corners[self.len] = corner;
            self.len += 1;
        }
    }

    fn bounds_f64(&self) -> Bounds {
        let first = *self.corners[..self.len].first()?;
        let mut bounds = [first[0], first[1], first[0], first[1]];
        for [x, y] in &self.corners[..self.len] {
            bounds = [bounds[0].min(*x), bounds[1].min(*y), bounds[2].max(*x), bounds[3].max(*y)];
        }
        Some(bounds)
    }

    /// The smallest box of whole pixels around the outline; a millionth of a pixel counts for nothing.
    fn bounds(&self) -> Rect {
        const SLACK: f64 = 1e-6;
        if !self.moved {
            return self.rect;
        }
        let Some([x0, y0, x1, y1]) = self.bounds_f64() else {
            return Rect { x0: 0, y0: 0, x1: 0, y1: 0 };
        };
        if x1 - x0 < SLACK || y1 - y0 < SLACK {
            return Rect { x0: 0, y0: 0, x1: 0, y1: 0 };
        }
        let low = |edge: f64| (edge + 0.5 + SLACK).floor() as i32;
        let high = |edge: f64| (edge + 0.5 - SLACK).ceil() as i32;
        Rect { x0: low(x0), y0: low(y0), x1: high(x1), y1: high(y1) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn affine(forward: [[f64; 3]; 2], to: Shape) -> Placement {
        Placement::Affine { forward, to }
    }

    const SHAPE: Shape = Shape::gray(28, 28);

    #[test]
    fn a_box_that_is_mirrored_lies_on_the_other_side() {
        let mut outline = Outline::of(Rect { x0: 2, y0: 3, x1: 10, y1: 20 });
        outline.apply(&affine([[-1.0, 0.0, 27.0], [0.0, 1.0, 0.0]], SHAPE), SHAPE);
        assert_eq!(outline.bounds(), Rect { x0: 18, y0: 3, x1: 26, y1: 20 });
    }

    #[test]
    fn what_has_left_the_image_does_not_come_back() {
        let mut outline = Outline::of(Rect { x0: 0, y0: 0, x1: 10, y1: 10 });
        outline.apply(&affine([[1.0, 0.0, -6.0], [0.0, 1.0, 0.0]], SHAPE), SHAPE);
        assert_eq!(outline.bounds(), Rect { x0: 0, y0: 0, x1: 4, y1: 10 });
        outline.apply(&affine([[1.0, 0.0, 6.0], [0.0, 1.0, 0.0]], SHAPE), SHAPE);
        assert_eq!(outline.bounds(), Rect { x0: 6, y0: 0, x1: 10, y1: 10 });
        outline.apply(&affine([[1.0, 0.0, 60.0], [0.0, 1.0, 0.0]], SHAPE), SHAPE);
        assert_eq!(outline.bounds(), Rect { x0: 0, y0: 0, x1: 0, y1: 0 });
    }

    #[test]
    fn a_turned_box_is_bounded_by_its_corners() {
        let h = std::f64::consts::FRAC_1_SQRT_2;
        let c = 13.5;
        let turn = affine([[h, -h, c - h * c + h * c], [h, h, c - h * c - h * c]], SHAPE);
        let mut outline = Outline::of(Rect { x0: 9, y0: 9, x1: 19, y1: 19 });
        outline.apply(&turn, SHAPE);
        // Half the diagonal of 10 x 10 is 7.07.
        assert_eq!(outline.bounds(), Rect { x0: 6, y0: 6, x1: 22, y1: 22 });
    }

    #[test]
    fn the_outline_never_overflows() {
        let mut outline = Outline::of(Rect { x0: 0, y0: 0, x1: 28, y1: 28 });
        for i in 0..200 {
            let (s, k) = if i % 2 == 0 { (0.3, 0.95) } else { (-0.3, 1.1) };
            outline.apply(&affine([[k, s, -2.0], [-s, k, 2.5]], SHAPE), SHAPE);
            assert!(outline.len <= MAX_CORNERS);
        }
    }
}
