//! Resizing by the rules of `tf.image.resize` with centers at halves and without antialiasing, and parts of images.

use super::warp::Interpolation;
use crate::base::Shape;

/// A part of an image: first row, first column, rows, columns. It may go beyond the image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// First row.
    pub top: i64,
    /// First column.
    pub left: i64,
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
}

impl Part {
    /// All of an image.
    #[must_use]
    pub fn whole(on: Shape) -> Self {
        Self { top: 0, left: 0, height: on.height, width: on.width }
    }

    /// The largest part in the middle whose sides are to one another as those of `size` (height, width).
    #[must_use]
    pub fn cropped(on: Shape, size: [usize; 2]) -> Self {
        let [height, width] = aspect(on, size);
        let (height, width) = (height.clamp(1, on.height.max(1)), width.clamp(1, on.width.max(1)));
        let offset = |n: usize, part: usize| ((n - part.min(n)) / 2) as i64;
        Self { top: offset(on.height, height), left: offset(on.width, width), height, width }
    }

    /// The smallest part around the image whose sides are to one another as those of `size`. As much is added at one end
    /// as at the other, so that it may lack a row or a column.
    #[must_use]
    pub fn padded(on: Shape, size: [usize; 2]) -> Self {
        let [height, width] = aspect(on, size);
        let margin = |n: usize, around: usize| around.saturating_sub(n) / 2;
        let (y, x) = (margin(on.height, height), margin(on.width, width));
        Self { top: -(y as i64), left: -(x as i64), height: on.height + 2 * y, width: on.width + 2 * x }
    }

    /// The shape of the part.
    #[must_use]
    pub fn shape(self, on: Shape) -> Shape {
        Shape::new(self.height, self.width, on.kind)
    }
}

/// The height that goes with the width of `on`, and the width that goes with its height, cut to whole pixels.
fn aspect(on: Shape, [height, width]: [usize; 2]) -> [usize; 2] {
    let along = |other: usize, own: usize, with: usize| ((other * own) as f32 / with as f32) as usize;
    [along(on.width, height, width), along(on.height, width, height)]
}

/// Resizes `part` of `src`, an image of shape `on`, to shape `to`; beyond the image lies `beyond`.
///
/// # Panics
/// If a slice is not as long as its shape says, or the channels differ.
pub fn resize(
    src: &[f32],
    on: Shape,
    part: Part,
    out: &mut [f32],
    to: Shape,
    how: Interpolation,
    beyond: f32,
) {
    assert_eq!((src.len(), out.len()), (on.bytes(), to.bytes()), "slices of {on} and {to}");
    assert_eq!(on.kind, to.kind, "channels of source and target");
    if part.height == 0 || part.width == 0 {
        out.fill(beyond);
        return;
    }
    let channels = on.channels();
    let read = |y: usize, x: usize, c: usize| {
        let (y, x) = (part.top + y as i64, part.left + x as i64);
        let inside = y >= 0 && x >= 0 && y < on.height as i64 && x < on.width as i64;
        if inside { src[(y as usize * on.width + x as usize) * channels + c] } else { beyond }
    };
    for y in 0..to.height {
        let row = place(y, part.height, to.height, how);
        for x in 0..to.width {
            let column = place(x, part.width, to.width, how);
            for (c, v) in out[(y * to.width + x) * channels..][..channels].iter_mut().enumerate() {
                let along = |y: usize| {
                    let near = read(y, column.near, c);
                    if column.part == 0.0 {
                        near
                    } else {
                        near + (read(y, column.far, c) - near) * column.part
                    }
                };
                let near = along(row.near);
                *v = if row.part == 0.0 { near } else { near + (along(row.far) - near) * row.part };
            }
        }
    }
}

/// Two pixels, and how far from the first to the second.
struct Place {
    near: usize,
    far: usize,
    part: f32,
}

/// Where index `i` of `to` lies among `from` pixels.
fn place(i: usize, from: usize, to: usize, how: Interpolation) -> Place {
    let center = (i as f32 + 0.5) * (from as f32 / to as f32);
    match how {
        Interpolation::Nearest => {
            let near = (center as usize).min(from - 1);
            Place { near, far: near, part: 0.0 }
        }
        Interpolation::Bilinear => {
            let at = center - 0.5;
            let whole = at.floor();
            let near = whole.max(0.0) as usize;
            Place { near, far: (at.ceil().max(0.0) as usize).min(from - 1), part: at - whole }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_keep_the_ratio_of_sides() {
        let on = Shape::gray(40, 56);
        assert_eq!(Part::cropped(on, [20, 20]), Part { top: 0, left: 8, height: 40, width: 40 });
        assert_eq!(Part::cropped(on, [10, 30]), Part { top: 11, left: 0, height: 18, width: 56 });
        assert_eq!(Part::padded(on, [20, 20]), Part { top: -8, left: 0, height: 56, width: 56 });
        // 15.5 rows and a half at each end are none.
        assert_eq!(Part::padded(Shape::gray(3, 4), [1, 1]), Part { top: 0, left: 0, height: 3, width: 4 });
    }

    #[test]
    fn centers_are_at_halves() {
        let on = Shape::gray(1, 4);
        let src = [0.0, 10.0, 20.0, 30.0];
        let to = |width: usize, how| {
            let mut out = vec![0.0; width];
            resize(&src, on, Part::whole(on), &mut out, Shape::gray(1, width), how, 0.0);
            out
        };
        assert_eq!(to(2, Interpolation::Bilinear), [5.0, 25.0]);
        assert_eq!(to(2, Interpolation::Nearest), [10.0, 30.0]);
        assert_eq!(to(8, Interpolation::Bilinear), [0.0, 2.5, 7.5, 12.5, 17.5, 22.5, 27.5, 30.0]);
    }

    #[test]
    fn beyond_the_image_lies_the_value() {
        let on = Shape::gray(1, 2);
        let mut out = [0.0; 4];
        let part = Part { top: 0, left: -1, height: 1, width: 4 };
        resize(&[10.0, 20.0], on, part, &mut out, Shape::gray(1, 4), Interpolation::Nearest, 7.0);
        assert_eq!(out, [7.0, 10.0, 20.0, 7.0]);
    }
}
