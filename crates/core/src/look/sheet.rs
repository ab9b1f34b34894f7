//! Contact sheets: pictures in rows, each with a caption.

use font8x8::UnicodeFonts;

use crate::base::{Image, ImageMut, Scratch, Shape};

use crate::kernels::{fit, tile};

/// Pixels between pictures.
const GAP: usize = 4;
/// Height of a line of text, and width of a character.
const TEXT: usize = 8;
/// Small images are enlarged by a whole number so that they have at least about this many pixels across.
const WANTED: usize = 84;
/// Cells have no longer side than this.
const LARGEST: usize = 200;
/// Images of a strip have no longer side than this.
const LONGEST: usize = 600;

/// Columns of a strip have room for at least so many letters.
const LEAST_LETTERS: usize = 8;

const PAPER: [u8; 3] = [255, 255, 255];
const INK: [u8; 3] = [40, 40, 40];

/// One picture and what stands under it.
#[derive(Clone, Debug)]
pub struct Picture<'a> {
    /// One channel or three; no larger than the cell.
    pub image: Image<'a>,
    /// A few words.
    pub caption: String,
}

impl Picture<'_> {
    /// What stands where there is none: paper, without words.
    #[must_use]
    pub fn blank() -> Self {
        Self { image: Image::new(Shape::rgb(1, 1), &PAPER), caption: String::new() }
    }
}

/// The room for each picture of a sheet: height and width in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cell {
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
}

impl Cell {
    /// The cell for pictures of `shape`, or of no more than it: small ones are enlarged, large ones scaled down.
    #[must_use]
    pub fn of(shape: Shape) -> Self {
        let zoom = zoom(shape);
        let large = Shape::new(shape.height * zoom, shape.width * zoom, shape.kind);
        let whole = Self { height: LARGEST, width: LARGEST };
        let Shape { height, width, .. } = if large.height > LARGEST || large.width > LARGEST {
            if shape.height > LARGEST || shape.width > LARGEST { whole.fit(shape) } else { shape }
        } else {
            large
        };
        Self { height, width }
    }

    /// The cell for pictures of `shape`, or of no more than it, enlarged by `scale`.
    #[must_use]
    pub fn enlarged(shape: Shape, scale: usize) -> Self {
        Self { height: shape.height.max(1) * scale, width: shape.width.max(1) * scale }
    }

    /// The shape of a picture of `shape` in the cell, its proportions kept: enlarged by a whole number as long as it fits, or scaled down
    /// until it does.
    #[must_use]
    pub fn fit(self, shape: Shape) -> Shape {
        let Shape { height, width, kind } = shape;
        let (height, width) = (height.max(1), width.max(1));
        if height <= self.height && width <= self.width {
            let zoom = (self.height / height).min(self.width / width);
            return Shape::new(height * zoom, width * zoom, kind);
        }
        let part = |side: usize, to: usize, from: usize| ((2 * side * to + from) / (2 * from)).max(1);
        if self.height * width <= self.width * height {
            Shape::new(self.height, part(width, self.height, height), kind)
        } else {
            Shape::new(part(height, self.width, width), self.width, kind)
        }
    }

    /// Makes `image` as large as [`fit`](Self::fit) says: whole pixels where it grows, means where it shrinks.
    pub fn scale(self, image: Image<'_>, out: &mut Vec<u8>, scratch: &mut Scratch) -> Shape {
        let to = self.fit(image.shape);
        out.clear();
        out.resize(to.bytes(), 0);
        if to.height > image.shape.height {
            let zoom = to.height / image.shape.height;
            let channels = to.channels();
            for (y, row) in out.chunks_exact_mut(to.stride()).enumerate() {
                let from = image.row(y / zoom);
                for (x, pixel) in row.chunks_exact_mut(channels).enumerate() {
                    pixel.copy_from_slice(&from[x / zoom * channels..][..channels]);
                }
            }
        } else {
            fit::area(image, ImageMut::new(to, out), scratch);
        }
        to
    }
}

/// The factor by which pictures of `shape` are enlarged.
#[must_use]
fn zoom(shape: Shape) -> usize {
    ((WANTED + shape.width / 2) / shape.width.max(1)).max(1)
}

/// How pictures stand on a sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sheet {
    /// Pictures in a row.
    pub columns: usize,
    /// Pixels between pictures, and around them.
    pub gap: usize,
    /// Whether there are captions.
    pub labels: bool,
}

impl Sheet {
    /// Pictures in rows of `columns`, as they are usually shown.
    #[must_use]
    pub fn of(columns: usize) -> Self {
        Self { columns, gap: GAP, labels: true }
    }

    /// Rows of pixels below a picture.
    fn below(self) -> usize {
        if self.labels { TEXT + 3 } else { 0 }
    }

    /// Height and width of the sheet of so many pictures, in pixels; `None` if they are beyond counting.
    #[must_use]
    pub fn size(self, cell: Cell, pictures: usize) -> Option<(usize, usize)> {
        let rows = pictures.div_ceil(self.columns.max(1));
        let side = |cells: usize, cell: usize| cells.checked_mul(cell + self.gap)?.checked_add(self.gap);
        let (height, width) = (side(rows, cell.height + self.below())?, side(self.columns, cell.width)?);
        height.checked_mul(width)?.checked_mul(3)?;
        Some((height, width))
    }

    /// The contact sheet as RGB, as large as [`size`](Self::size) says; each picture in the middle of its cell.
    #[must_use]
    pub fn draw(self, pictures: &[Picture<'_>], cell: Cell) -> Vec<u8> {
        let (height, width) = self.size(cell, pictures.len()).unwrap_or_default();
        let whole = Shape::rgb(height, width);
        let mut sheet: Vec<u8> = PAPER.repeat(whole.pixels());
        let mut pixels = Vec::new();
        for (number, picture) in pictures.iter().enumerate() {
            let (row, column) = (number / self.columns, number % self.columns);
            let y = self.gap + row * (cell.height + self.below() + self.gap);
            let x = self.gap + column * (cell.width + self.gap);
            let shape = picture.image.shape.as_rgb();
            pixels.resize(shape.bytes(), 0);
            enlarge(picture.image.data, picture.image.shape, 1, &mut pixels);
            let (dy, dx) = ((cell.height - shape.height) / 2, (cell.width - shape.width) / 2);
            tile::paste(Image::new(shape, &pixels), &mut ImageMut::new(whole, &mut sheet), y + dy, x + dx);
            if self.labels {
                write(&mut sheet, width, y + cell.height + 2, x, cell.width, &picture.caption);
            }
        }
        sheet
    }
}

/// One image of a strip, whose shapes may differ.
#[derive(Clone, Copy, Debug)]
pub struct Framed<'a> {
    /// The image.
    pub image: Image<'a>,
    /// A word.
    pub caption: &'a str,
}

/// Images side by side in columns of one width, enlarged or scaled down alike, each with its caption below, in as many lines as it takes: shape
/// and RGB pixels.
#[must_use]
pub fn strip(frames: &[Framed<'_>]) -> (Shape, Vec<u8>) {
    let longest = |frame: &Framed<'_>| frame.image.shape.height.max(frame.image.shape.width);
    let longest = frames.iter().map(longest).max().unwrap_or(1);
    if longest > LONGEST {
        let mut scratch = Scratch::default();
        let side = |side: usize| ((2 * side * LONGEST + longest) / (2 * longest)).max(1);
        let small: Vec<(Shape, Vec<u8>)> = frames
            .iter()
            .map(|frame| {
                let Shape { height, width, kind } = frame.image.shape;
                let to = Shape::new(side(height), side(width), kind);
                let mut data = vec![0; to.bytes()];
                fit::area(frame.image, ImageMut::new(to, &mut data), &mut scratch);
                (to, data)
            })
            .collect();
        let framed = frames
            .iter()
            .zip(&small)
            .map(|(frame, (shape, data))| Framed { image: Image::new(*shape, data), caption: frame.caption });
        return strip(&framed.collect::<Vec<_>>());
    }
    let widest = frames.iter().map(|frame| frame.image.shape.width).max().unwrap_or(1);
    let zoom = zoom(Shape::rgb(widest, widest));
    let column = (widest * zoom).max(LEAST_LETTERS * TEXT);
    let captions: Vec<Vec<String>> =
        frames.iter().map(|frame| wrapped(frame.caption, column / TEXT)).collect();
    let lines = captions.iter().map(Vec::len).max().unwrap_or(1);
    let height = frames.iter().map(|frame| frame.image.shape.height * zoom).max().unwrap_or(0);
    let whole = Shape::rgb(GAP + height + lines * (TEXT + 1) + 2 + GAP, GAP + frames.len() * (column + GAP));
    let mut pixels: Vec<u8> = PAPER.repeat(whole.pixels());
    for (number, (frame, caption)) in frames.iter().zip(&captions).enumerate() {
        let Image { shape, data } = frame.image;
        let x = GAP + number * (column + GAP);
        let large = Shape::rgb(shape.height * zoom, shape.width * zoom);
        let mut enlarged = vec![0; large.bytes()];
        enlarge(data, shape, zoom, &mut enlarged);
        tile::paste(Image::new(large, &enlarged), &mut ImageMut::new(whole, &mut pixels), GAP, x);
        for (line, text) in caption.iter().enumerate() {
            write(&mut pixels, whole.width, GAP + height + 2 + line * (TEXT + 1), x, column, text);
        }
    }
    (whole, pixels)
}

/// A name in lines of at most `room` letters, broken behind underscores where that can be.
fn wrapped(name: &str, room: usize) -> Vec<String> {
    let room = room.max(1);
    let mut lines = vec![String::new()];
    let mut length = 0;
    for piece in name.split_inclusive('_') {
        let letters: Vec<char> = piece.chars().collect();
        let fits = length + letters.len() <= room;
        if !fits && length > 0 {
            lines.push(String::new());
            length = 0;
        }
        for character in letters {
            // What is too long for any line is broken where the line ends.
            if length == room {
                lines.push(String::new());
                length = 0;
            }
            if let Some(line) = lines.last_mut() {
                line.push(character);
            }
            length += 1;
        }
    }
    lines
}

/// Enlarges an image of one channel or three by a whole number, as RGB.
fn enlarge(pixels: &[u8], shape: Shape, zoom: usize, out: &mut [u8]) {
    let width = shape.width * zoom;
    for (i, out) in out.as_chunks_mut::<3>().0.iter_mut().enumerate() {
        let at = (i / width / zoom) * shape.width + i % width / zoom;
        *out = match shape.channels() {
            1 => [pixels[at]; 3],
            _ => [0, 1, 2].map(|c| pixels[at * 3 + c]),
        };
    }
}

/// Writes `text` at row `y`, column `x`, in at most `room` pixels.
fn write(sheet: &mut [u8], width: usize, y: usize, x: usize, room: usize, text: &str) {
    for (i, character) in text.chars().take(room / TEXT).enumerate() {
        let glyph = font8x8::BASIC_FONTS.get(character).unwrap_or([0, 0x7e, 0x42, 0x42, 0x42, 0x42, 0x7e, 0]);
        for (dy, bits) in glyph.iter().enumerate() {
            for dx in (0..TEXT).filter(|dx| bits >> dx & 1 == 1) {
                let at = 3 * ((y + dy) * width + x + i * TEXT + dx);
                sheet[at..at + 3].copy_from_slice(&INK);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_stand_where_they_should() {
        let (small, shape) = (Shape::gray(2, 3), Shape::gray(8, 12));
        let cell = Cell { height: 8, width: 12 };
        let mut scratch = Scratch::default();
        let pixels = [10, 20, 30].map(|value: u8| {
            let mut large = Vec::new();
            assert_eq!(cell.scale(Image::new(small, &[value; 6]), &mut large, &mut scratch), shape);
            large
        });
        let pictures: Vec<Picture<'_>> = pixels
            .iter()
            .map(|pixels| Picture { image: Image::new(shape, pixels), caption: "7".into() })
            .collect();
        let sheet = Sheet::of(2).draw(&pictures, cell);
        let (height, width) = Sheet::of(2).size(cell, 3).unwrap();
        assert_eq!(sheet.len(), height * width * 3);
        let at = |y: usize, x: usize| sheet[3 * (y * width + x)];
        assert_eq!(at(GAP, GAP), 10);
        assert_eq!(at(GAP + 7, GAP + 11), 10);
        assert_eq!(at(GAP, GAP + 12 + GAP), 20);
        assert_eq!(at(GAP + 8 + TEXT + 3 + GAP, GAP), 30);
        assert_eq!(at(0, 0), 255);
        // Some ink of the caption.
        assert!((0..8).any(|y| (0..8).any(|x| at(GAP + 8 + 2 + y, GAP + x) == INK[0])));
        // Nothing but pictures.
        let bare = Sheet { columns: 3, gap: 0, labels: false };
        assert_eq!(bare.size(cell, 3), Some((8, 36)));
        let sheet = bare.draw(&pictures, cell);
        assert!((0..8 * 36).all(|at| sheet[3 * at] == [10, 20, 30][at % 36 / 12]));
        assert_eq!(bare.size(Cell { height: usize::MAX / 2, width: 2 }, 9), None);
    }

    #[test]
    fn cells_are_of_a_sensible_size() {
        let cell = |height, width| {
            let cell = Cell::of(Shape::rgb(height, width));
            (cell.height, cell.width)
        };
        assert_eq!(cell(28, 28), (84, 84));
        assert_eq!(cell(5, 7), (60, 84));
        assert_eq!(cell(1, 1), (84, 84));
        assert_eq!(cell(100, 120), (100, 120));
        assert_eq!(cell(400, 500), (160, 200));
        assert_eq!(cell(1, 30_000), (1, 200));
        assert_eq!(cell(30_000, 1), (200, 1));
    }

    #[test]
    fn proportions_are_kept() {
        let cell = Cell { height: 100, width: 200 };
        let fit = |height, width| {
            let shape = cell.fit(Shape::gray(height, width));
            (shape.height, shape.width)
        };
        assert_eq!(fit(100, 200), (100, 200));
        assert_eq!(fit(30, 50), (90, 150));
        assert_eq!(fit(400, 400), (100, 100));
        assert_eq!(fit(10, 4000), (1, 200));
        assert_eq!(fit(150, 80), (100, 53));
    }
    #[test]
    fn large_images_make_no_huge_strips() {
        let large = Shape::gray(3000, 1500);
        let small = Shape::rgb(300, 10);
        let (a, b) = (vec![200; large.bytes()], vec![100; small.bytes()]);
        let framed = |shape, data| Framed { image: Image::new(shape, data), caption: "a" };
        let (shape, pixels) = strip(&[framed(large, &a), framed(small, &b)]);
        assert_eq!(shape, Shape::rgb(GAP + 600 + TEXT + 3 + GAP, GAP + 2 * (300 + GAP)));
        assert_eq!(pixels[3 * (GAP * shape.width + GAP)], 200);
        assert_eq!(pixels[3 * (GAP * shape.width + GAP + 300 + GAP)], 100);
    }

    #[test]
    fn columns_of_strips_are_even_and_names_are_wrapped() {
        let (small, pixels) = (Shape::gray(3, 2), [100; 6]);
        let names = ["fliplr", "additive_gaussian_noise", "x"];
        let frames = names.map(|caption| Framed { image: Image::new(small, &pixels), caption });
        let (shape, drawn) = strip(&frames);
        // 84 pixels are ten letters: "additive_", "gaussian_", "noise".
        assert_eq!(shape, Shape::rgb(GAP + 126 + 3 * (TEXT + 1) + 2 + GAP, GAP + 3 * (84 + GAP)));
        let ink = |line: usize, column: usize| {
            let (y, x) = (GAP + 126 + 2 + line * (TEXT + 1), GAP + column * (84 + GAP));
            (0..TEXT).any(|dy| (0..84).any(|dx| drawn[3 * ((y + dy) * shape.width + x + dx)] == INK[0]))
        };
        assert_eq!([ink(0, 0), ink(1, 0), ink(2, 1), ink(0, 2), ink(1, 2)], [true, false, true, true, false]);
        assert_eq!(wrapped("perspective_transform", 10), ["perspectiv", "e_", "transform"]);
        assert_eq!(wrapped("crop_and_pad", 10), ["crop_and_", "pad"]);
        assert_eq!(wrapped("", 10), [""]);
    }
}
