//! `mnistaug preview`

use font8x8::UnicodeFonts;

use crate::base::{Image, ImageMut, Kind, Label, LabelKind, Sample, Schema, Shape, Split};
use crate::cli::PreviewArgs;
use crate::formats::picture::encode_png;
use crate::kernels::tile;
use crate::store::atomic;
use crate::ui::{Failure, counted};

use super::{Context, open_source, terminal};

/// Pixels between pictures.
const GAP: usize = 4;
/// Height of a line of text, and width of a character.
const TEXT: usize = 8;
/// Small images are enlarged by a whole number so that they have at least about this many pixels across.
const WANTED: usize = 84;
/// A sheet with more pixels than this is refused.
const MOST_PIXELS: usize = 200_000_000;

const PAPER: [u8; 3] = [255, 255, 255];
const INK: [u8; 3] = [40, 40, 40];

/// One picture of the sheet.
struct Picture {
    index: u64,
    label: String,
    pixels: Vec<u8>,
}

pub(super) fn run(args: &PreviewArgs, context: &Context) -> Result<(), Failure> {
    let ui = context.ui;
    let data = open_source(&args.source, &args.pick)?;
    data.notes.iter().for_each(|note| ui.warn(note));
    let Some(split) = data.splits.first() else {
        return Err(Failure::new(Kind::Missing, format!("{}: holds no samples", args.source.display()), None));
    };
    let schema = split.source.schema();
    let indexes = indexes(args, split)?;
    if let Some(path) = &args.out {
        let columns = (args.columns as usize).min(indexes.len());
        let zoom = WANTED.div_ceil(schema.shape.width).max(1);
        let zoom = if schema.shape.width * 2 > WANTED { 1.max(zoom / 2) } else { zoom };
        let rows = indexes.len().div_ceil(columns);
        let (height, width) = sheet_size(schema.shape, zoom, rows, columns);
        if height * width > MOST_PIXELS {
            return Err(Failure::new(
                Kind::Usage,
                format!("a sheet of {height}x{width} pixels is too large"),
                Some("ask for fewer images with --count"),
            ));
        }
        let pictures = read(split, &indexes)?;
        let sheet = draw(&pictures, schema.shape, zoom, columns);
        let png = encode_png(Image::new(Shape::new(height, width, 3), &sheet))
            .map_err(|error| Failure::new(Kind::Failed, format!("the sheet cannot be encoded: {error}"), None))?;
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        atomic::write(folder.unwrap_or(std::path::Path::new(".")), &name, "preview", &png)?;
        ui.note(&format!(
            "preview: {} of {} to {}",
            counted(pictures.len() as u64, "image"),
            split.name,
            path.display()
        ));
    } else {
        let pictures = read(split, &indexes)?;
        let images: Vec<terminal::Picture<'_>> = pictures
            .iter()
            .map(|p| terminal::Picture { pixels: &p.pixels, caption: format!("{} {}", p.index, p.label) })
            .collect();
        ui.data(&terminal::draw(&images, schema.shape, args.columns as usize))?;
    }
    ui.summary(&serde_json::json!({
        "command": "preview", "source": args.source, "split": split.name, "out": args.out, "indexes": indexes,
    }))
}

fn indexes(args: &PreviewArgs, split: &Split) -> Result<Vec<u64>, Failure> {
    let len = split.source.len();
    if args.index.is_empty() {
        return Ok((0..len.min(u64::from(args.count))).collect());
    }
    if let Some(index) = args.index.iter().find(|index| **index >= len) {
        return Err(Failure::new(
            Kind::Usage,
            format!("--index {index}: the split {} has samples 0 to {}", split.name, len - 1),
            None,
        ));
    }
    Ok(args.index.clone())
}

fn read(split: &Split, indexes: &[u64]) -> Result<Vec<Picture>, Failure> {
    let mut reader = split.source.reader();
    let mut sample = Sample::default();
    indexes
        .iter()
        .map(|&index| {
            reader.read(index, &mut sample)?;
            let label = label_text(sample.label, split.source.schema());
            Ok(Picture { index, label, pixels: sample.canvas.pixels().to_vec() })
        })
        .collect()
}

/// A label for people: names of the classes.
fn label_text(label: Label, schema: &Schema) -> String {
    let names: Vec<&str> = (0..=255_u8)
        .zip(&schema.class_names)
        .filter(|(class, _)| label.has(*class))
        .map(|(_, name)| name.as_str())
        .collect();
    if names.is_empty() && schema.labels == LabelKind::MultiHot { "-".to_owned() } else { names.join(" ") }
}

/// Height and width of the sheet in pixels.
fn sheet_size(shape: Shape, zoom: usize, rows: usize, columns: usize) -> (usize, usize) {
    (
        GAP + rows * (shape.height * zoom + TEXT + 3 + GAP),
        GAP + columns * (shape.width * zoom + GAP),
    )
}

/// The contact sheet as RGB.
fn draw(pictures: &[Picture], shape: Shape, zoom: usize, columns: usize) -> Vec<u8> {
    let (height, width) = sheet_size(shape, zoom, pictures.len().div_ceil(columns), columns);
    let whole = Shape::new(height, width, 3);
    let mut sheet: Vec<u8> = PAPER.repeat(whole.pixels());
    let large = Shape::new(shape.height * zoom, shape.width * zoom, 3);
    let mut pixels = vec![0; large.bytes()];
    for (number, picture) in pictures.iter().enumerate() {
        let (row, column) = (number / columns, number % columns);
        let y = GAP + row * (large.height + TEXT + 3 + GAP);
        let x = GAP + column * (large.width + GAP);
        for (i, out) in pixels.as_chunks_mut::<3>().0.iter_mut().enumerate() {
            let at = (i / large.width / zoom) * shape.width + i % large.width / zoom;
            *out = match shape.channels {
                1 => [picture.pixels[at]; 3],
                _ => [0, 1, 2].map(|c| picture.pixels[at * 3 + c]),
            };
        }
        tile::paste(Image::new(large, &pixels), &mut ImageMut::new(whole, &mut sheet), y, x);
        write(&mut sheet, width, y + large.height + 2, x, large.width, &picture.label);
    }
    sheet
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
        let picture = |value: u8| Picture { index: 0, label: "7".into(), pixels: vec![value; 6] };
        let pictures = [picture(10), picture(20), picture(30)];
        let sheet = draw(&pictures, shape, 4, 2);
        let (height, width) = sheet_size(shape, 4, 2, 2);
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
