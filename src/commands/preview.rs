//! `mnistaug preview`

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use crate::base::{Fault, Kind, Sample, Shape, Split, Stage, Stream};
use crate::cli::PreviewArgs;
use crate::look::sheet::{Cell, Picture, Sheet};
use crate::look::terminal::{self, Rows};
use crate::look::values::array;
use crate::ui::{self, Ui, counted};

use super::sheet::{Paper, label_text, read};
use super::{Context, PictureFile, open_source, reads};

/// Images that are shown, where neither the user nor the terminal says how many.
const USUAL: u64 = 50;

pub(super) fn run(args: &PreviewArgs, context: &Context) -> Result<(), Fault> {
    let ui = context.ui;
    let data = open_source(&args.source, &args.pick, context)?;
    data.notes.iter().for_each(|note| ui.warn(note));
    let Some(split) = data.splits.first() else {
        return Err(Fault::said(Kind::Missing, format!("{}: holds no samples", args.source.display()), None));
    };
    if data.splits.len() > 1 {
        ui.decided(&format!("shown is the split {}; --split names another one", split.name));
    }
    if args.values {
        return values(args, split, ui);
    }
    let shape = split.source.schema().shape;
    let named: Vec<&Path> =
        std::iter::once(&args.source).chain(&args.pick.label_file).map(PathBuf::as_path).collect();
    let scale = args.scale.map(usize::from);
    let shown = if let Some(path) = &args.out {
        let file = PictureFile::new(path, args.force, reads(&named, Some(&data)))?;
        let indexes = indexes(args, split, USUAL)?;
        let columns = args.columns.map_or(10, |columns| columns as usize).min(indexes.len());
        let usual = Sheet::of(columns);
        let sheet = Sheet { gap: args.gap.map_or(usual.gap, usize::from), labels: !args.no_labels, ..usual };
        let cell = scale.map_or_else(|| Cell::of(shape), |scale| Cell::enlarged(shape, scale));
        let paper = Paper::new(
            sheet,
            cell,
            indexes.len(),
            "ask for fewer images with --count, or for smaller ones with --scale",
        )?;
        let shown = read(split, &indexes, cell)?;
        let captioned: Vec<Picture<'_>> = shown.iter().map(|p| p.picture(p.label.clone())).collect();
        paper.write(&captioned, &file)?;
        ui.note(&format!(
            "preview: {} of {} to {}",
            counted(shown.len() as u64, "image"),
            split.name,
            path.display()
        ));
        shown
    } else {
        let screen = ui.screen();
        let cell = terminal::cell(shape, scale.unwrap_or(1), screen.width);
        let columns = args.columns.map_or(usize::MAX, |columns| columns as usize);
        let gap = args.gap.map_or(1, usize::from);
        let rows = Rows::of(cell, columns, gap, !args.no_labels, screen.width);
        // The last line is for whoever types next.
        let usual = screen.height.map_or(USUAL, |lines| rows.on_screen(lines.saturating_sub(1)) as u64);
        let shown = read(split, &indexes(args, split, usual)?, cell)?;
        let captioned: Vec<Picture<'_>> =
            shown.iter().map(|p| p.picture(format!("{} {}", p.number, ui::word(&p.label)))).collect();
        ui.picture(&rows.render(&captioned, ui.colors()))?;
        shown
    };
    let numbers: Vec<u64> = shown.iter().map(|shown| shown.number).collect();
    ui.summary(&serde_json::json!({
        "command": "preview", "source": args.source.to_string_lossy(), "split": split.name, "out": args.out.as_ref().map(|path| path.to_string_lossy()), "indexes": numbers,
    }))
}

/// Prints the numbers of images.
fn values(args: &PreviewArgs, split: &Split, ui: Ui) -> Result<(), Fault> {
    let indexes = indexes(args, split, 1)?;
    let (mut reader, mut sample) = (split.source.reader(), Sample::default());
    let (mut text, mut images) = (String::new(), Vec::new());
    for &index in &indexes {
        reader.read(index, &mut sample)?;
        let (number, label) = (split.source.number(index), label_text(&sample, split.source.schema()));
        let image = sample.canvas.image();
        if ui.wants_json() {
            let Shape { height, width, .. } = image.shape;
            images.push(serde_json::json!({
                "index": number, "label": label, "shape": [height, width, image.shape.channels()], "values": image.data,
            }));
        } else {
            let _ = writeln!(text, "{} {number}: {}\n{}", split.name, ui::word(&label), array(image));
        }
    }
    if !ui.wants_json() {
        return ui.data(&text);
    }
    ui.summary(&serde_json::json!({
        "command": "preview", "source": args.source.to_string_lossy(), "split": split.name, "images": images,
    }))
}

/// Which samples are shown; `usual` is how many, where nobody says.
fn indexes(args: &PreviewArgs, split: &Split, usual: u64) -> Result<Vec<u64>, Fault> {
    let len = split.source.len();
    if let Some(count) = args.random {
        return Ok(random(len, u64::from(count).min(len), args.seed, &split.name));
    }
    if args.index.is_empty() {
        return Ok((0..len.min(args.count.map_or(usual, u64::from))).collect());
    }
    if let Some(index) = args.index.iter().find(|index| **index >= len) {
        return Err(Fault::said(
            Kind::Usage,
            format!("--index {index}: the split {} has samples 0 to {}", split.name, len - 1),
            Some("name indexes that the split has; --split NAME chooses another one"),
        ));
    }
    Ok(args.index.clone())
}

/// `count` of `len` samples, each once, in their order.
fn random(len: u64, count: u64, seed: u64, split: &str) -> Vec<u64> {
    let mut stream = Stream::at(seed, Stage::new("preview", split), 0, 0);
    let mut chosen = BTreeSet::new();
    // Floyd's way: every set of that size is equally likely.
    for last in len - count..len {
        let drawn = stream.below(last + 1);
        if !chosen.insert(drawn) {
            chosen.insert(last);
        }
    }
    chosen.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_samples_are_distinct_and_the_same_for_a_seed() {
        let some = random(1000, 20, 3, "train");
        assert!(some.len() == 20 && some.is_sorted() && some.iter().all(|index| *index < 1000));
        assert_eq!(some, random(1000, 20, 3, "train"));
        assert_ne!(some, random(1000, 20, 4, "train"));
        assert_eq!(random(5, 5, 0, "train"), [0, 1, 2, 3, 4]);
        let mut seen = [0; 5];
        (0..500).for_each(|seed| random(5, 1, seed, "a").iter().for_each(|&index| seen[index as usize] += 1));
        assert!(seen.iter().all(|n| (60..140).contains(n)), "{seen:?}");
    }
}
