//! Pictures as text: two pixels a character, in color.

use std::fmt::Write;

use crate::base::{Image, Shape};

use super::sheet::{Cell, Picture};

/// Images wider than this many pixels are scaled down,
const WIDEST: usize = 76;
/// and so are images higher than this; two pixels are a line.
const HIGHEST: usize = 152;
/// From dark to bright, for terminals without color.
const RAMP: &[u8] = b" .:-=+*#%@";

/// The cell of pictures of `shape`, or of no more than it, in a terminal that is `room` characters wide.
#[must_use]
pub fn cell(shape: Shape, room: usize) -> Cell {
    let widest = WIDEST.min(room).max(1);
    let cell = Cell { height: shape.height.max(1), width: shape.width.max(1) };
    if cell.width <= widest && cell.height <= HIGHEST {
        return cell;
    }
    let Shape { height, width, .. } = Cell { height: HIGHEST, width: widest }.fit(shape);
    Cell { height, width }
}

/// Draws pictures that fit into `cell` in rows of at most `columns`, as many as fit into `room` characters; in 24-bit color or in
/// plain characters.
#[must_use]
pub fn render(pictures: &[Picture<'_>], cell: Cell, columns: usize, room: usize, color: bool) -> String {
    let Cell { height, width } = cell;
    let columns = columns.min((room + 1) / (width + 1)).max(1);
    let at = |picture: &Picture<'_>, y: usize, x: usize| -> [u8; 3] {
        let Image { shape, data } = picture.image;
        let (y, x) = (y.checked_sub((height - shape.height) / 2), x.checked_sub((width - shape.width) / 2));
        let (Some(y), Some(x)) = (y, x) else { return [0; 3] };
        if y >= shape.height || x >= shape.width {
            return [0; 3];
        }
        let at = (y * shape.width + x) * shape.channels();
        if shape.channels() == 1 { [data[at]; 3] } else { [data[at], data[at + 1], data[at + 2]] }
    };
    let mut out = String::new();
    for row in pictures.chunks(columns) {
        for y in (0..height).step_by(2) {
            for (i, picture) in row.iter().enumerate() {
                if i > 0 {
                    out.push(' ');
                }
                for x in 0..width {
                    let (upper, lower) = (at(picture, y, x), at(picture, y + 1, x));
                    if color {
                        let ([r, g, b], [s, h, c]) = (upper, lower);
                        let _ = write!(out, "\x1b[38;2;{r};{g};{b};48;2;{s};{h};{c}m\u{2580}");
                    } else {
                        let sum: usize = upper.iter().chain(&lower).map(|&v| usize::from(v)).sum();
                        out.push(char::from(RAMP[sum * (RAMP.len() - 1) / (6 * 255)]));
                    }
                }
                if color {
                    out.push_str("\x1b[0m");
                }
            }
            out.push('\n');
        }
        let captions: Vec<String> = row
            .iter()
            .map(|picture| format!("{:<width$}", picture.caption.chars().take(width).collect::<String>()))
            .collect();
        out.push_str(captions.join(" ").trim_end());
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_stand_side_by_side() {
        let shape = Shape::gray(3, 2);
        let pictures = [0, 255, 128].map(|value: u8| vec![value; 6]);
        let pictures: Vec<Picture<'_>> = pictures
            .iter()
            .map(|pixels| Picture { image: Image::new(shape, pixels), caption: "7".into() })
            .collect();
        let text = render(&pictures, cell(shape, 80), 2, 80, false);
        assert_eq!(text, "   @@\n   ==\n7  7\n==\n::\n7\n");
        let narrow = [Picture { image: Image::new(Shape::rgb(2, 1), &[0; 6]), caption: "7".into() }];
        let color = render(&narrow, Cell { height: 2, width: 1 }, 2, 80, true);
        assert_eq!(color, "\x1b[38;2;0;0;0;48;2;0;0;0m\u{2580}\x1b[0m\n7\n");
    }
}
