//! `mnistaug preview`

use std::path::{Path, PathBuf};

use crate::base::{Fault, Image, Kind, Label, LabelKind, Sample, Schema, Scratch, Shape, Split};
use crate::cli::PreviewArgs;
use crate::look::sheet::{self, Cell, Picture};
use crate::look::terminal;
use crate::ui::{self, counted};

use super::{Context, PictureFile, open_source, reads};

/// A sheet with more pixels than this is refused.
const MOST_PIXELS: usize = 200_000_000;

pub(super) fn run(args: &PreviewArgs, context: &Context) -> Result<(), Fault> {
    let ui = context.ui;
    let data = open_source(&args.source, &args.pick, context)?;
    data.notes.iter().for_each(|note| ui.warn(note));
    let Some(split) = data.splits.first() else {
        return Err(Fault::said(Kind::Missing, format!("{}: holds no samples", args.source.display()), None));
    };
    let shape = split.source.schema().shape;
    let indexes = indexes(args, split)?;
    let named: Vec<&Path> =
        std::iter::once(&args.source).chain(&args.pick.label_file).map(PathBuf::as_path).collect();
    if let Some(path) = &args.out {
        let file = PictureFile::new(path, args.force, reads(&named, Some(&data)))?;
        let columns = (args.columns as usize).min(indexes.len());
        let cell = Cell::of(shape);
        let rows = indexes.len().div_ceil(columns);
        let (height, width) = sheet::size(cell, rows, columns);
        if height * width > MOST_PIXELS {
            return Err(Fault::said(
                Kind::Usage,
                format!("a sheet of {height}x{width} pixels is too large"),
                Some("ask for fewer images with --count"),
            ));
        }
        let shown = read(split, &indexes, cell)?;
        let captioned: Vec<Picture<'_>> = shown.iter().map(|p| p.picture(p.label.clone())).collect();
        let sheet = sheet::draw(&captioned, cell, columns);
        file.write(Image::new(Shape::rgb(height, width), &sheet))?;
        ui.note(&format!(
            "preview: {} of {} to {}",
            counted(shown.len() as u64, "image"),
            split.name,
            path.display()
        ));
    } else {
        let room = std::env::var("COLUMNS").ok().and_then(|n| n.parse().ok()).unwrap_or(80).max(20);
        let cell = terminal::cell(shape, room);
        let shown = read(split, &indexes, cell)?;
        let captioned: Vec<Picture<'_>> =
            shown.iter().map(|p| p.picture(format!("{} {}", p.index, ui::word(&p.label)))).collect();
        ui.picture(&terminal::render(&captioned, cell, args.columns as usize, room, ui.colors()))?;
    }
    ui.summary(&serde_json::json!({
        "command": "preview", "source": args.source.to_string_lossy(), "split": split.name, "out": args.out.as_ref().map(|path| path.to_string_lossy()), "indexes": indexes,
    }))
}

fn indexes(args: &PreviewArgs, split: &Split) -> Result<Vec<u64>, Fault> {
    let len = split.source.len();
    if args.index.is_empty() {
        return Ok((0..len.min(u64::from(args.count))).collect());
    }
    if let Some(index) = args.index.iter().find(|index| **index >= len) {
        return Err(Fault::said(
            Kind::Usage,
            format!("--index {index}: the split {} has samples 0 to {}", split.name, len - 1),
            None,
        ));
    }
    Ok(args.index.clone())
}

/// One sample at the size in which it is shown, and what it is called.
struct Shown {
    index: u64,
    label: String,
    shape: Shape,
    pixels: Vec<u8>,
}

impl Shown {
    fn picture(&self, caption: String) -> Picture<'_> {
        Picture { image: Image::new(self.shape, &self.pixels), caption }
    }
}

fn read(split: &Split, indexes: &[u64], cell: Cell) -> Result<Vec<Shown>, Fault> {
    let mut reader = split.source.reader();
    let (mut sample, mut scratch) = (Sample::default(), Scratch::default());
    indexes
        .iter()
        .map(|&index| {
            reader.read(index, &mut sample)?;
            let label = label_text(sample.label, split.source.schema());
            let mut pixels = Vec::new();
            let shape = cell.scale(sample.canvas.image(), &mut pixels, &mut scratch);
            Ok(Shown { index, label, shape, pixels })
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
