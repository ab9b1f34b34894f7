//! Contact sheets: pictures in rows, each with a caption.

use font8x8::UnicodeFonts;

use crate::base::{Image, ImageMut, Shape};

use super::tile;

/// Pixels between pictures.
const GAP: usize = 4;
/// Height of a line of text, and width of a character.
const TEXT: usize = 8;
/// Small images are enlarged by a whole number so that they have at least about this many pixels across.
const WANTED: usize = 84;

const PAPER: [u8; 3] = [255, 255, 255];
const INK: [u8; 3] = [40, 40, 40];

/// One picture and what stands under it.
#[derive(Clone, Debug)]
pub struct Picture<'a> {
    /// Pixels of one channel or three.
    pub pixels: &'a [u8],
    /// A few words.
    pub caption: String,
}

/// The factor by which pictures of `shape` are enlarged.
#[must_use]
pub fn zoom(shape: Shape) -> usize {
    ((WANTED + shape.width / 2) / shape.width.max(1)).max(1)
}

/// Height and width of the sheet in pixels.
#[must_use]
pub fn size(shape: Shape, zoom: usize, rows: usize, columns: usize) -> (usize, usize) {
    (GAP + rows * (shape.height * zoom + TEXT + 3 + GAP), GAP + columns * (shape.width * zoom + GAP))
}

/// The contact sheet as RGB, as large as [`size`] says.
#[must_use]
pub fn draw(pictures: &[Picture<'_>], shape: Shape, zoom: usize, columns: usize) -> Vec<u8> {
    let (height, width) = size(shape, zoom, pictures.len().div_ceil(columns), columns);
    let whole = Shape::new(height, width, 3);
    let mut sheet: Vec<u8> = PAPER.repeat(whole.pixels());
    let large = Shape::new(shape.height * zoom, shape.width * zoom, 3);
    let mut pixels = vec![0; large.bytes()];
    for (number, picture) in pictures.iter().enumerate() {
        let (row, column) = (number / columns, number % columns);
        let y = GAP + row * (large.height + TEXT + 3 + GAP);
        let x = GAP + column * (large.width + GAP);
        enlarge(picture.pixels, shape, zoom, &mut pixels);
        tile::paste(Image::new(large, &pixels), &mut ImageMut::new(whole, &mut sheet), y, x);
        write(&mut sheet, width, y + large.height + 2, x, large.width, &picture.caption);
    }
    sheet
}

/// One image of a strip, whose shapes may differ.
#[derive(Clone, Copy, Debug)]
pub struct Framed<'a> {
    /// The image.
    pub image: Image<'a>,
    /// A word.
    pub caption: &'a str,
}

/// Images side by side, enlarged alike, each with its caption below: shape and RGB pixels.
#[must_use]
pub fn strip(frames: &[Framed<'_>]) -> (Shape, Vec<u8>) {
    let widest = frames.iter().map(|frame| frame.image.shape.width).max().unwrap_or(1);
    let zoom = zoom(Shape::new(widest, widest, 3));
    let room =
        |frame: &Framed<'_>| (frame.image.shape.width * zoom).max(frame.caption.chars().count() * TEXT);
    let height = frames.iter().map(|frame| frame.image.shape.height * zoom).max().unwrap_or(0);
    let whole = Shape::new(
        GAP + height + TEXT + 3 + GAP,
        GAP + frames.iter().map(|frame| room(frame) + GAP).sum::<usize>(),
        3,
    );
    let mut pixels: Vec<u8> = PAPER.repeat(whole.pixels());
    let mut x = GAP;
    for frame in frames {
        let Image { shape, data } = frame.image;
        let large = Shape::new(shape.height * zoom, shape.width * zoom, 3);
        let mut enlarged = vec![0; large.bytes()];
        enlarge(data, shape, zoom, &mut enlarged);
        tile::paste(Image::new(large, &enlarged), &mut ImageMut::new(whole, &mut pixels), GAP, x);
        write(&mut pixels, whole.width, GAP + height + 2, x, room(frame), frame.caption);
        x += room(frame) + GAP;
    }
    (whole, pixels)
}

/// Enlarges an image of one channel or three by a whole number, as RGB.
fn enlarge(pixels: &[u8], shape: Shape, zoom: usize, out: &mut [u8]) {
    let width = shape.width * zoom;
    for (i, out) in out.as_chunks_mut::<3>().0.iter_mut().enumerate() {
        let at = (i / width / zoom) * shape.width + i % width / zoom;
        *out = match shape.channels {
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
        let shape = Shape::new(2, 3, 1);
        let pixels = [10, 20, 30].map(|value: u8| vec![value; 6]);
        let pictures: Vec<Picture<'_>> =
            pixels.iter().map(|pixels| Picture { pixels, caption: "7".into() }).collect();
        let sheet = draw(&pictures, shape, 4, 2);
        let (height, width) = size(shape, 4, 2, 2);
        assert_eq!(sheet.len(), height * width * 3);
        let at = |y: usize, x: usize| sheet[3 * (y * width + x)];
        assert_eq!(at(GAP, GAP), 10);
        assert_eq!(at(GAP + 7, GAP + 11), 10);
        assert_eq!(at(GAP, GAP + 12 + GAP), 20);
        assert_eq!(at(GAP + 8 + TEXT + 3 + GAP, GAP), 30);
        assert_eq!(at(0, 0), 255);
        // Some ink of the caption.
        assert!((0..8).any(|y| (0..8).any(|x| at(GAP + 8 + 2 + y, GAP + x) == INK[0])));
    }
}
