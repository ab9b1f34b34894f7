//! `mnistaug pipeline convert`

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Value, json};

use crate::base::{Fault, Kind, Schema, Shape, Source, Split};
use crate::cli::{PickArgs, PipelineConvertArgs};
use crate::commands::sheet::{self, Shown};
use crate::commands::{Context, PictureFile, open_source, reads};
use crate::formats::codec::picture::PictureKind;
use crate::look::sheet::{Cell, Picture, Sheet};
use crate::pipeline::presets::Loaded;
use crate::pipeline::{describe, presets, write};
use crate::recipe::augment::{Options, Which};
use crate::recipe::noise::Share;
use crate::sources::nodes::augment::{Augment, kept};
use crate::store::output::Output;
use crate::ui::{Ui, counted};

/// How the first line of a converted pipeline begins.
const CONVERTED: &str = "Converted from";

/// Pairs of images in a row.
const COLUMNS: usize = 10;

/// Images that are shown, where nobody says how many.
const USUAL: u32 = 20;

/// Writes a pipeline as YAML, or as Python of a library, to a file or to standard output, and what there is to say of it; with
/// `--preview` the file is a sheet of images before and after it.
pub(super) fn run(args: &PipelineConvertArgs, context: &Context) -> Result<(), Fault> {
    let ui = context.ui;
    check_out(args)?;
    let loaded = presets::open(&args.pipeline, &args.choice.wanted())?;
    for (compat, count) in &loaded.compat {
        ui.note(&format!("compat {compat} applies to {}", counted(*count as u64, "step")));
    }
    let text = text(args, &loaded)?;
    let steps = describe::listed(&loaded.name, &loaded.spec);
    report(&loaded, &steps, ui);
    let mut summary = json!({
        "command": "pipeline convert", "out": args.out.as_ref().map(|path| path.to_string_lossy()), "steps": steps.len(),
        "listed": steps, "warnings": loaded.warnings, "skipped": loaded.passed,
    });
    let pipeline = |summary: &mut Value| {
        summary["pipeline"] = json!(loaded.spec);
        if args.library.is_some() {
            summary["python"] = json!(text);
        }
    };
    match (&args.out, &args.preview) {
        (Some(path), Some(source)) => {
            let file = before_and_after(args, source, path, &loaded, context)?;
            summary["preview"] = file;
            pipeline(&mut summary);
        }
        (Some(path), None) => {
            let file = Output {
                path,
                force: args.force,
                reads: &[PathBuf::from(&args.pipeline)],
                what: "a pipeline that was converted",
                is_like: &|start| start.starts_with(format!("# {CONVERTED} ").as_bytes()),
            };
            file.write(&[&text])?;
            ui.note(&format!("pipeline convert: to {}", path.display()));
            return ui.summary(&summary);
        }
        (None, _) => pipeline(&mut summary),
    }
    if ui.wants_json() { ui.summary(&summary) } else { ui.data(&text) }
}

/// The pipeline as it is written.
fn text(args: &PipelineConvertArgs, loaded: &Loaded) -> Result<String, Fault> {
    let from = Path::new(&loaded.name).file_name().unwrap_or_default().to_string_lossy();
    let title = format!("{CONVERTED} {from}.");
    Ok(match args.library {
        None => write::yaml(&loaded.spec, &title),
        Some(library) => library
            .print(&loaded.spec, &title)
            .map_err(|refused| refused.in_text(&loaded.name, &loaded.text))?,
    })
}

/// Refuses a name whose ending is that of something else than what is written.
fn check_out(args: &PipelineConvertArgs) -> Result<(), Fault> {
    let Some(path) = &args.out else { return Ok(()) };
    let ending = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
    let is_picture = PictureKind::of(path).is_some();
    // A name without an ending may be anything, a pipe for instance.
    let ends_so = is_picture && !ending.is_empty();
    let (what, help) = match (args.library, &args.preview) {
        (_, Some(_)) if is_picture => return Ok(()),
        (_, Some(_)) => (
            "with --preview, the file is a sheet, whose name ends as those of pictures do",
            "end it in .png; the pipeline itself goes to standard output, from where `> FILE` takes it",
        ),
        (_, None) if ends_so => {
            ("a pipeline is no picture", "add --preview SRC for a sheet of images before and after it")
        }
        (None, None) if ["py", "ipynb"].contains(&&*ending) => (
            "a pipeline file is no Python",
            "end it in .yaml, or add --library with the library to write it for",
        ),
        (Some(_), None) if ["yaml", "yml", "json", "ipynb"].contains(&&*ending) => {
            ("--library writes Python", "end the name in .py, or leave --library out")
        }
        (_, None) => return Ok(()),
    };
    Err(Fault::said(Kind::Usage, format!("{}: {what}", path.display()), Some(help)))
}

/// What became of the pipeline: steps, what differs, and what was skipped.
fn report(loaded: &Loaded, steps: &[describe::Listed], ui: Ui) {
    loaded.warnings.iter().for_each(|warning| ui.warn(warning));
    ui.note(&format!("pipeline convert: {}", counted(steps.len() as u64, "step")));
    for step in steps {
        ui.note(&format!("  {step}"));
    }
    loaded.passed.iter().for_each(|passed| ui.note(&format!("skipped: {passed}")));
}

/// Draws the first images of a source before and after the pipeline, as `augment` makes them: each row of images, and below it
/// the row of what became of them.
fn before_and_after(
    args: &PipelineConvertArgs,
    source: &Path,
    path: &Path,
    loaded: &Loaded,
    context: &Context,
) -> Result<Value, Fault> {
    let data = open_source(source, &PickArgs::default(), context)?;
    data.notes.iter().for_each(|note| context.ui.warn(note));
    let train = data.splits.iter().find(|split| split.name == "train");
    let Some(split) = train.or(data.splits.first()) else {
        return Err(Fault::said(Kind::Missing, format!("{}: holds no samples", source.display()), None));
    };
    let file = PictureFile::new(path, args.force, reads(&[source, Path::new(&args.pipeline)], Some(&data)))?;
    let pipeline = kept(&loaded.name, &loaded.text, &loaded.spec)?;
    let options = Options {
        pipeline,
        which: Which::Copies(1),
        keep_originals: false,
        min_visible: Share::default(),
        only: None,
        seed: args.seed,
    };
    let after: Arc<dyn Source> = Arc::new(Augment::new(Arc::clone(&split.source), &split.name, &options)?);
    let after = Split { source: after, ..split.clone() };
    let indexes: Vec<u64> = (0..split.source.len().min(u64::from(args.count.unwrap_or(USUAL)))).collect();
    let columns = indexes.len().min(COLUMNS);
    let cell = Cell::of(hull(split.source.schema(), after.source.schema()));
    // Both rows of the last images are whole.
    let pictures = 2 * indexes.len().next_multiple_of(columns.max(1));
    let paper = sheet::Paper::new(Sheet::of(columns), cell, pictures, "ask for fewer images with --count")?;
    let before = sheet::read(split, &indexes, cell)?;
    let after = sheet::read(&after, &indexes, cell)?;
    let row =
        |shown: &mut Vec<Picture<'_>>| shown.resize(shown.len().next_multiple_of(columns), Picture::blank());
    let mut drawn = Vec::new();
    for (before, after) in before.chunks(columns.max(1)).zip(after.chunks(columns.max(1))) {
        drawn.extend(before.iter().map(|own: &Shown| own.picture(own.label.clone())));
        row(&mut drawn);
        drawn.extend(after.iter().map(|own: &Shown| own.picture("after".to_owned())));
        row(&mut drawn);
    }
    paper.write(&drawn, &file)?;
    context.ui.note(&format!(
        "pipeline convert: {} of {}, before and after, to {}",
        counted(indexes.len() as u64, "image"),
        split.name,
        path.display()
    ));
    Ok(
        json!({ "source": source.to_string_lossy(), "split": split.name, "seed": args.seed, "indexes": indexes }),
    )
}

/// The shape that images of both kinds fit into.
fn hull(before: &Schema, after: &Schema) -> Shape {
    let (a, b) = (before.shape, after.shape);
    Shape::new(a.height.max(b.height), a.width.max(b.width), a.kind.max(b.kind))
}
