//! Sheets of images in files, for the commands that draw them.

use crate::base::{Fault, Image, Kind, LabelKind, Sample, Schema, Scratch, Shape, Split};
use crate::look::numbers::{share, shares};
use crate::look::sheet::{Cell, Picture, Sheet};

use super::PictureFile;

/// A sheet with more pixels than this is refused.
const MOST_PIXELS: usize = 200_000_000;

/// A sheet that is not too large to be drawn.
pub(super) struct Paper {
    sheet: Sheet,
    cell: Cell,
    shape: Shape,
}

impl Paper {
    /// For so many pictures; refused with `help`, before any is read, if that is too much.
    pub(super) fn new(sheet: Sheet, cell: Cell, pictures: usize, help: &'static str) -> Result<Self, Fault> {
        match sheet.size(cell, pictures) {
            Some((height, width)) if height * width <= MOST_PIXELS => {
                Ok(Self { sheet, cell, shape: Shape::rgb(height, width) })
            }
            Some(_) | None => Err(Fault::said(
                Kind::Usage,
                format!("a sheet of {pictures} images of {}x{} pixels is too large", cell.height, cell.width),
                Some(help),
            )),
        }
    }

    /// Draws them into the file.
    pub(super) fn write(&self, pictures: &[Picture<'_>], file: &PictureFile<'_>) -> Result<(), Fault> {
        file.write(Image::new(self.shape, &self.sheet.draw(pictures, self.cell)))
    }
}

/// One sample at the size in which it is shown, and what it is called.
pub(super) struct Shown {
    /// Its index in the source, before samples were chosen.
    pub(super) number: u64,
    /// The names of its classes.
    pub(super) label: String,
    shape: Shape,
    pixels: Vec<u8>,
}

impl Shown {
    /// The picture with a few words below it.
    pub(super) fn picture(&self, caption: String) -> Picture<'_> {
        Picture { image: Image::new(self.shape, &self.pixels), caption }
    }
}

/// Samples of a split, as large as they are shown.
pub(super) fn read(split: &Split, indexes: &[u64], cell: Cell) -> Result<Vec<Shown>, Fault> {
    let mut reader = split.source.reader();
    let (mut sample, mut scratch) = (Sample::default(), Scratch::default());
    indexes
        .iter()
        .map(|&index| {
            reader.read(index, &mut sample)?;
            let label = label_text(&sample, split.source.schema());
            let mut pixels = Vec::new();
            let shape = cell.scale(sample.canvas.image(), &mut pixels, &mut scratch);
            Ok(Shown { number: split.source.number(index), label, shape, pixels })
        })
        .collect()
}

/// A label for people: names of the classes, and their weights where they have any.
pub(super) fn label_text(sample: &Sample, schema: &Schema) -> String {
    if !sample.soft.is_empty() {
        let one = |(class, weight): (usize, f32)| share(&schema.class_names[class], weight);
        return shares(&sample.soft).into_iter().map(one).collect::<Vec<_>>().join(", ");
    }
    let label = sample.label;
    let names: Vec<&str> = (0..=255_u8)
        .zip(&schema.class_names)
        .filter(|(class, _)| label.has(*class))
        .map(|(_, name)| name.as_str())
        .collect();
    if names.is_empty() && schema.labels == LabelKind::MultiHot { "-".to_owned() } else { names.join(" ") }
}
