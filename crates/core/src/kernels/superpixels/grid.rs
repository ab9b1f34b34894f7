//! The pattern that the centers start from.

use crate::base::{Shape, math};

/// Points at regular distances along one axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Axis {
    /// The first point.
    pub(super) start: usize,
    /// From one point to the next.
    pub(super) step: usize,
    /// Number of points.
    pub(super) points: usize,
}

impl Axis {
    fn new(len: usize, step: f64) -> Self {
        let start = (step * 0.5) as usize;
        let step = math::rhe64(step).max(1) as usize;
        Self { start, step, points: len.saturating_sub(start).div_ceil(step) }
    }

    /// Number of the point that is nearest to `place`, or nearly so.
    pub(super) fn near(self, place: usize) -> usize {
        ((place + self.step / 2).saturating_sub(self.start) / self.step).min(self.points - 1)
    }
}

/// About `n` points spread evenly over an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Grid {
    pub(super) rows: Axis,
    pub(super) columns: Axis,
}

impl Grid {
    /// Points at a step of sqrt(H W / n) both ways. Where that is longer than an axis, the axis has one point and the
    /// other one shares out the n. An image of at most n pixels has one point each.
    pub(super) fn new(shape: Shape, n: usize) -> Self {
        let Shape { height, width, .. } = shape;
        let (step_y, step_x) = if shape.pixels() <= n {
            (1.0, 1.0)
        } else {
            let even = (shape.pixels() as f64 / n as f64).sqrt();
            if height.min(width) as f64 >= even {
                (even, even)
            } else if height <= width {
                (height as f64, width as f64 / n as f64)
            } else {
                (height as f64 / n as f64, width as f64)
            }
        };
        Self { rows: Axis::new(height, step_y), columns: Axis::new(width, step_x) }
    }

    /// Number of points.
    pub(super) const fn points(self) -> usize {
        self.rows.points * self.columns.points
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grids_are_as_worked_out_by_hand() {
        let axis = |start, step, points| Axis { start, step, points };
        // sqrt(784 / 49) = 4.
        let square = Grid::new(Shape::gray(28, 28), 49);
        assert_eq!(square, Grid { rows: axis(2, 4, 7), columns: axis(2, 4, 7) });
        // sqrt(784 / 200) = 1.98: from 0 by 2.
        let fine = Grid::new(Shape::rgb(28, 28), 200);
        assert_eq!(fine, Grid { rows: axis(0, 2, 14), columns: axis(0, 2, 14) });
        // sqrt(40 / 5) = 2.8 is longer than the two rows: one row of points, 20 / 5 apart.
        let flat = Grid::new(Shape::gray(2, 20), 5);
        assert_eq!(flat, Grid { rows: axis(1, 2, 1), columns: axis(2, 4, 5) });
        let tall = Grid::new(Shape::gray(20, 2), 5);
        assert_eq!(tall, Grid { rows: axis(2, 4, 5), columns: axis(1, 2, 1) });
        let all = Grid::new(Shape::gray(3, 4), 12);
        assert_eq!(all, Grid { rows: axis(0, 1, 3), columns: axis(0, 1, 4) });
        assert_eq!(Grid::new(Shape::gray(1, 1), 1).points(), 1);
    }

    #[test]
    fn near_points_are_within_a_step() {
        for (height, width) in [(1, 1), (28, 28), (5, 7), (1, 40), (100, 31)] {
            for n in 1..200 {
                let grid = Grid::new(Shape::gray(height, width), n);
                for (axis, len) in [(grid.rows, height), (grid.columns, width)] {
                    assert!(axis.points > 0);
                    assert!(
                        (0..len).all(|i| (axis.start + axis.near(i) * axis.step).abs_diff(i) <= axis.step)
                    );
                }
            }
        }
    }
}
