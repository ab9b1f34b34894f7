//! Small images into the cells of a larger one.

use crate::base::{Image, ImageMut, Rect};

/// Copies `image` into `canvas` with its top left corner at row `y`, column `x`.
///
/// # Panics
/// If it does not fit there, or channels differ.
pub fn paste(image: Image<'_>, canvas: &mut ImageMut<'_>, y: usize, x: usize) {
    assert_eq!(image.shape.channels(), canvas.shape.channels());
    let (from, stride) = (x * image.shape.channels(), image.shape.stride());
    for row in 0..image.shape.height {
        canvas.row_mut(y + row)[from..from + stride].copy_from_slice(image.row(row));
    }
}

/// The smallest box around all pixels of `image` that are not 0 in every channel, within the image. An image of zeros has the
/// empty box at its top left corner.
#[must_use]
pub fn tight_box(image: Image<'_>) -> Rect {
    let (height, channels) = (image.shape.height, image.shape.channels());
    let mut found: Option<Rect> = None;
    for y in 0..height {
        let Some((first, last)) = ends(image.row(y)) else { continue };
        let (x0, x1, y) = ((first / channels) as i32, (last / channels) as i32 + 1, y as i32);
        found = Some(match found {
            None => Rect { x0, y0: y, x1, y1: y + 1 },
            Some(r) => Rect { x0: r.x0.min(x0), y0: r.y0, x1: r.x1.max(x1), y1: y + 1 },
        });
    }
    found.unwrap_or(Rect { x0: 0, y0: 0, x1: 0, y1: 0 })
}

/// The first and the last place of a value that is not 0; eight bytes at a time, because most are 0.
fn ends(row: &[u8]) -> Option<(usize, usize)> {
    let (words, rest) = row.as_chunks::<8>();
    let (mut first, mut last) = (None, 0);
    for (at, word) in (0..).step_by(8).zip(words) {
        let word = u64::from_le_bytes(*word);
        if word != 0 {
            first.get_or_insert(at + word.trailing_zeros() as usize / 8);
            last = at + 7 - word.leading_zeros() as usize / 8;
        }
    }
    for (at, _) in (row.len() - rest.len()..).zip(rest).filter(|(_, value)| **value != 0) {
        first.get_or_insert(at);
        last = at;
    }
    first.map(|first| (first, last))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Channels;
    use crate::base::Shape;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_box_holds_every_bright_pixel_and_touches_some(
            (h, w, c, data) in (1_usize..7, 1_usize..30, prop::sample::select(vec![1_usize, 3]))
                .prop_flat_map(|(h, w, c)| {
                    let pixel = prop_oneof![4 => Just(0_u8), 1 => any::<u8>()];
                    (Just(h), Just(w), Just(c), prop::collection::vec(pixel, h * w * c))
                }),
        ) {
            let image = Image::new(Shape::new(h, w, Channels::colored(c == 3)), &data);
            let bright: Vec<(i32, i32)> = (0..h * w)
                .filter(|p| data[p * c..(p + 1) * c].iter().any(|&v| v != 0))
                .map(|p| ((p / w) as i32, (p % w) as i32))
                .collect();
            let expected = if bright.is_empty() {
                Rect { x0: 0, y0: 0, x1: 0, y1: 0 }
            } else {
                let of = |f: fn(&(i32, i32)) -> i32| {
                    let all = bright.iter().map(f);
                    (all.clone().min().unwrap(), all.max().unwrap() + 1)
                };
                let ((y0, y1), (x0, x1)) = (of(|p| p.0), of(|p| p.1));
                Rect { x0, y0, x1, y1 }
            };
            prop_assert_eq!(tight_box(image), expected);
        }

        #[test]
        fn what_is_pasted_is_there(h in 1_usize..4, w in 1_usize..4, y in 0_usize..3, x in 0_usize..3) {
            let data: Vec<u8> = (1..).take(h * w * 3).collect();
            let shape = Shape::rgb(h + 3, w + 3);
            let mut canvas = vec![0; shape.bytes()];
            paste(Image::new(Shape::rgb(h, w), &data), &mut ImageMut::new(shape, &mut canvas), y, x);
            for (i, value) in canvas.iter().enumerate() {
                let (row, column, c) = (i / shape.stride(), i % shape.stride() / 3, i % 3);
                let inside = (y..y + h).contains(&row) && (x..x + w).contains(&column);
                let expected = if inside { data[((row - y) * w + column - x) * 3 + c] } else { 0 };
                prop_assert_eq!(*value, expected);
            }
        }
    }
}
