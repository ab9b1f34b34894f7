//! A part of an image, with what lies around it.

use crate::base::{Image, ImageMut};
use crate::kernels::border::Border;
use crate::kernels::cv::warp::Outside;
use crate::kernels::entry::{drawable, for_channels};

/// A part of an image: first row and column, rows and columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// First row.
    pub top: usize,
    /// First column.
    pub left: usize,
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
}

/// Draws `dst`: `part` of `src` with its first pixel at row `top` and column `left`, and around it what `outside` says
/// of an image that is only this part.
///
/// # Panics
/// If the channels of the two images differ, or the part does not lie in `src`.
pub fn frame(src: Image<'_>, dst: ImageMut<'_>, part: Part, [top, left]: [usize; 2], outside: Outside) {
    if !drawable(src, &dst) {
        return;
    }
    assert!(part.top + part.height <= src.shape.height && part.left + part.width <= src.shape.width);
    for_channels!(src.shape, C => draw::<C>(src, dst, part, [top, left], outside));
}

fn draw<const C: usize>(
    src: Image<'_>,
    mut dst: ImageMut<'_>,
    part: Part,
    [top, left]: [usize; 2],
    Outside { border, cval }: Outside,
) {
    let cval: [u8; C] = std::array::from_fn(|c| cval[c]);
    let index = |i: usize, first: usize, n: usize| {
        if n == 0 { None } else { border.index(i as i32 - first as i32, n) }
    };
    for y in 0..dst.shape.height {
        let row = index(y, top, part.height).map(|row| src.row(part.top + row).as_chunks::<C>().0);
        let out = dst.row_mut(y).as_chunks_mut::<C>().0;
        let Some(row) = row else {
            out.fill(cval);
            continue;
        };
        let row = &row[part.left..part.left + part.width];
        let end = (left + part.width).min(out.len());
        if left < end {
            out[left..end].copy_from_slice(&row[..end - left]);
        }
        for x in (0..left.min(out.len())).chain(end.max(left.min(out.len()))..out.len()) {
            out[x] = match index(x, left, part.width) {
                Some(from) => row[from],
                None => cval,
            };
        }
    }
    debug_assert!(border == Border::Constant || part.height * part.width > 0);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Shape;

    #[test]
    fn what_lies_around_is_that_of_the_part() {
        let data = [1, 2, 3, 4, 5, 6, 7, 8, 9];
        let part = Part { top: 0, left: 1, height: 2, width: 2 };
        let made = |border: Border| {
            let mut out = [0; 16];
            let src = Image::new(Shape::gray(3, 3), &data);
            let outside = Outside { border, cval: [7; 3] };
            frame(src, ImageMut::new(Shape::gray(4, 4), &mut out), part, [1, 1], outside);
            out
        };
        assert_eq!(made(Border::Constant), [7, 7, 7, 7, 7, 2, 3, 7, 7, 5, 6, 7, 7, 7, 7, 7]);
        assert_eq!(made(Border::Reflect), [6, 5, 6, 5, 3, 2, 3, 2, 6, 5, 6, 5, 3, 2, 3, 2]);
        assert_eq!(made(Border::Wrap), [6, 5, 6, 5, 3, 2, 3, 2, 6, 5, 6, 5, 3, 2, 3, 2]);
        assert_eq!(made(Border::Edge)[..4], [2, 2, 3, 3]);
    }
}
