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

/// The cell of pictures of `shape`, or of no more than it, enlarged by `scale`, in a terminal that is `room` characters wide.
#[must_use]
pub fn cell(shape: Shape, scale: usize, room: usize) -> Cell {
    let widest = if scale > 1 { room } else { WIDEST.min(room) }.max(1);
    let highest = HIGHEST * scale;
    let cell = Cell::enlarged(shape, scale);
    if cell.width <= widest && cell.height <= highest {
        return cell;
    }
    let Shape { height, width, .. } = Cell { height: highest, width: widest }.fit(shape);
    Cell { height, width }
}

/// How pictures stand in the terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rows {
    /// The room of each picture.
    pub cell: Cell,
    /// Pictures in a row.
    pub columns: usize,
    /// Characters between pictures.
    pub gap: usize,
    /// Whether there are captions.
    pub labels: bool,
}

impl Rows {
    /// Pictures in rows of at most `columns`, as many as fit into `room` characters.
    #[must_use]
    pub fn of(cell: Cell, columns: usize, gap: usize, labels: bool, room: usize) -> Self {
        Self { cell, columns: columns.min((room + gap) / (cell.width + gap)).max(1), gap, labels }
    }

    /// Empty lines between rows: a line is as high as two characters are wide. Captions are room enough for the usual gap.
    fn between(self) -> usize {
        if self.labels { self.gap / 2 } else { self.gap.div_ceil(2) }
    }

    /// How many pictures fit into `lines`: a row at least.
    #[must_use]
    pub fn on_screen(self, lines: usize) -> usize {
        let row = self.cell.height.div_ceil(2) + usize::from(self.labels);
        let rows = (lines + self.between()) / (row + self.between());
        rows.max(1) * self.columns
    }

    /// Draws pictures that fit into the cell, in 24-bit color or in plain characters.
    #[must_use]
    pub fn render(self, pictures: &[Picture<'_>], color: bool) -> String {
        let Cell { height, width } = self.cell;
        let gap = " ".repeat(self.gap);
        let mut out = String::new();
        for (number, row) in pictures.chunks(self.columns).enumerate() {
            if number > 0 {
                (0..self.between()).for_each(|_| out.push('\n'));
            }
            for y in (0..height).step_by(2) {
                for (i, picture) in row.iter().enumerate() {
                    if i > 0 {
                        out.push_str(&gap);
                    }
                    for x in 0..width {
                        let (upper, lower) = (self.at(picture, y, x), self.at(picture, y + 1, x));
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
            if self.labels {
                let captions: Vec<String> = row
                    .iter()
                    .map(|picture| {
                        format!("{:<width$}", picture.caption.chars().take(width).collect::<String>())
                    })
                    .collect();
                out.push_str(captions.join(&gap).trim_end());
                out.push('\n');
            }
        }
        out
    }

    /// The color at a place of a cell; outside of its picture it is black.
    fn at(self, picture: &Picture<'_>, y: usize, x: usize) -> [u8; 3] {
        let Cell { height, width } = self.cell;
        let Image { shape, data } = picture.image;
        let (y, x) = (y.checked_sub((height - shape.height) / 2), x.checked_sub((width - shape.width) / 2));
        let (Some(y), Some(x)) = (y, x) else { return [0; 3] };
        if y >= shape.height || x >= shape.width {
            return [0; 3];
        }
        let at = (y * shape.width + x) * shape.channels();
        if shape.channels() == 1 { [data[at]; 3] } else { [data[at], data[at + 1], data[at + 2]] }
    }
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
        let rows = Rows::of(cell(shape, 1, 80), 2, 1, true, 80);
        assert_eq!(rows.render(&pictures, false), "   @@\n   ==\n7  7\n==\n::\n7\n");
        // Rows of three lines.
        assert_eq!([0, 3, 5, 6, 8, 9].map(|lines| rows.on_screen(lines)), [2, 2, 2, 4, 4, 6]);
        let bare = Rows { gap: 2, labels: false, ..rows };
        assert_eq!(bare.render(&pictures, false), "    @@\n    ==\n\n==\n::\n");
        assert_eq!(bare.on_screen(5), 4);
        let large = Rows::of(cell(shape, 2, 9), 10, 1, false, 9);
        assert_eq!((large.cell, large.columns), (Cell { height: 6, width: 4 }, 2));
        let narrow = [Picture { image: Image::new(Shape::rgb(2, 1), &[0; 6]), caption: "7".into() }];
        let color = Rows::of(Cell { height: 2, width: 1 }, 2, 1, true, 80).render(&narrow, true);
        assert_eq!(color, "\x1b[38;2;0;0;0;48;2;0;0;0m\u{2580}\x1b[0m\n7\n");
    }
}
