//! What the commands that write shards have in common.

use std::path::{Path, PathBuf};

use clap::ValueEnum;
use serde_json::json;

use crate::base::{DataSet, Kind};
use crate::cli::{ArrayArgs, Compress, Format, OutputArgs};
use crate::formats::Layout;
use crate::formats::arrays::{Arrays, Container, Dtype, Keys};
use crate::sources::Recipe;
use crate::store::build::check;
use crate::store::manifest::Tree;
use crate::store::part::{PartChoice, detect};
use crate::store::{self, Build, Outcome, Part, build};
use crate::ui::{Failure, bytes, counted, grouped};

use super::{Context, split_names};

/// What only some commands can say about their output.
#[derive(Default)]
pub(super) struct Extra<'a> {
    /// Write what was drawn beside each shard.
    pub(super) trace: bool,
    /// What arrays of whole splits look like.
    pub(super) arrays: Option<&'a ArrayArgs>,
}

/// Opens what `recipe` describes and writes it, as the options say.
pub(super) fn run(
    command: &str,
    recipe: &Recipe,
    args: &OutputArgs,
    extra: &Extra<'_>,
    context: &Context,
) -> Result<(), Failure> {
    write(command, recipe, &recipe.open()?, args, extra, context)
}

/// Writes what `recipe` describes, which is opened as `data`.
pub(super) fn write(
    command: &str,
    recipe: &Recipe,
    data: &DataSet,
    args: &OutputArgs,
    extra: &Extra<'_>,
    context: &Context,
) -> Result<(), Failure> {
    let ui = context.ui;
    let part = args.part.map(|choice| resolve(choice, context)).transpose()?;
    for note in &data.notes {
        ui.warn(note);
    }
    let out = args.out.clone().unwrap_or_else(|| PathBuf::from("out").join(command));
    let job = Build {
        data,
        command,
        recipe: serde_json::to_value(recipe).map_err(|error| {
            Failure::new(Kind::Failed, format!("the recipe cannot be written: {error}"), None)
        })?,
        format: format(args, extra.arrays, data, &out)?,
        out,
        shard_size: args.shard_size,
        trace: extra.trace,
        part,
        force: args.force,
        threads: context.threads,
    };
    check(&job)?;
    if args.dry_run {
        return dry_run(&job, context);
    }
    let rows = rows_of(&job);
    let bar = ui.progress(rows, "images");
    let outcome = build(&job, &context.stop, &|done| bar.add(done))?;
    let elapsed = bar.elapsed().as_secs_f64();
    drop(bar);
    report(&job, &outcome, elapsed, context)
}

/// The samples of all shards that this run is to make.
fn rows_of(job: &Build<'_>) -> u64 {
    let plan = job.head().plan();
    let mine = job.part.map_or(0..plan.len() as u64, |part| part.shards(plan.len() as u64));
    plan[mine.start as usize..mine.end as usize].iter().map(|shard| shard.rows).sum()
}

fn resolve(choice: PartChoice, context: &Context) -> Result<Part, Failure> {
    match choice {
        PartChoice::Given(part) => Ok(part),
        PartChoice::Auto(count) => {
            let (part, said) = detect(count, |name| std::env::var(name).ok())
                .map_err(|problem| Failure::new(Kind::Usage, problem, None))?;
            context.ui.note(&said);
            Ok(part)
        }
    }
}

/// The format that the options describe.
fn format(
    args: &OutputArgs,
    arrays: Option<&ArrayArgs>,
    data: &DataSet,
    out: &Path,
) -> Result<store::Format, Failure> {
    let default = ArrayArgs::default();
    let arrays = arrays.unwrap_or(&default);
    let given = arrays.given();
    let container = match (args.format, arrays.layout) {
        (Format::Npz, _) => Some(Container::Npz),
        (Format::Npy, _) => Some(Container::Npy),
        (Format::Idx, _) => Some(Container::Idx),
        (Format::Safetensors, _) => Some(Container::Safetensors),
        (Format::Csv, Some(layout)) => Some(Container::Csv(layout)),
        _ => None,
    };
    let name = args.format.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned());
    let usage = |message: String, help: &str| Failure::new(Kind::Usage, message, Some(help));
    if arrays.layout.is_some() && args.format != Format::Csv {
        return Err(usage(
            format!("--layout says which columns CSV files have; the format is {name}"),
            "add --format csv",
        ));
    }
    // Colored pixels hardly shrink; sparse gray ones do.
    let gray = data.splits.iter().all(|split| split.source.schema().shape.channels == 1);
    let level = match args.compress {
        Compress::Level(level) => Some(level),
        Compress::None => None,
        Compress::Auto => (gray && matches!(args.format, Format::Npz | Format::Shards)).then_some(1),
    };
    if let Some(container) = container {
        if matches!(container, Container::Npy | Container::Safetensors) && level.is_some() {
            return Err(usage(
                format!("--format {name} has no packing"),
                "leave --compress out, or choose --format npz",
            ));
        }
        return Ok(store::Format::Arrays(Arrays {
            container,
            packed: level,
            dtype: arrays.dtype.unwrap_or(Dtype::U8),
            scale: arrays.scale,
            one_hot: arrays.one_hot,
            flatten: arrays.flatten,
            add_channel: arrays.add_channel,
            channels_first: arrays.channels_first,
            keys: arrays.keys.unwrap_or(Keys::Keras),
        }));
    }
    if let Some(option) = given.first() {
        return Err(usage(
            format!("{option} goes with arrays of whole splits; the format is {name}"),
            "add --format npz, npy or safetensors",
        ));
    }
    if args.format != Format::Shards && matches!(args.compress, Compress::Level(_)) {
        return Err(usage(
            format!("--format {name} has no packing"),
            "leave --compress out; --format csv is packed with --layout",
        ));
    }
    Ok(match args.format {
        Format::Csv => store::Format::Csv,
        Format::Parquet => store::Format::Parquet,
        Format::Webdataset => store::Format::Webdataset { npy: false },
        Format::WebdatasetNpy => store::Format::Webdataset { npy: true },
        Format::Tfrecord => store::Format::Tfrecord { name: tfds_name(out) },
        Format::Png => store::Format::Pictures(Tree::ImageFolder),
        Format::Coco => store::Format::Pictures(Tree::Coco),
        Format::Yolo => store::Format::Pictures(Tree::Yolo),
        _ => level.map_or(store::Format::Npz, store::Format::NpzDeflated),
    })
}

/// What a data set is called by `tensorflow_datasets`: as its folder, in small letters, digits and underscores.
fn tfds_name(out: &Path) -> String {
    let folder = out.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    let name: String = folder.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    if name.starts_with(|c: char| c.is_ascii_lowercase()) { name } else { format!("data_{name}") }
}

fn dry_run(job: &Build<'_>, context: &Context) -> Result<(), Failure> {
    let head = job.head();
    let plan = head.plan();
    let mut splits = Vec::new();
    for (number, split) in head.splits.iter().enumerate() {
        let shards = plan.iter().filter(|shard| shard.split == number).count() as u64;
        let raw = split.rows * Layout::of(&split.schema).bytes() as u64;
        context.ui.note(&format!(
            "would write {}: {} of {} {} to {} ({} of arrays)",
            split.name,
            counted(split.rows, "image"),
            split.schema.shape,
            if head.format.is_sharded() {
                format!("in {}", counted(shards, "shard"))
            } else {
                format!("as {}", head.format.name())
            },
            job.out.display(),
            bytes(raw),
        ));
        splits.push(json!({ "name": split.name, "rows": split.rows, "shards": shards, "array_bytes": raw }));
    }
    context.ui.summary(&json!({ "command": job.command, "dry_run": true, "out": job.out, "splits": splits }))
}

fn report(job: &Build<'_>, outcome: &Outcome, seconds: f64, context: &Context) -> Result<(), Failure> {
    let ui = context.ui;
    let manifest = &outcome.manifest;
    let unit = if manifest.format.is_sharded() { "shard" } else { "file" };
    let shape = manifest.splits.first().map_or_else(String::new, |split| {
        let upto = if split.schema.varied { "up to " } else { "" };
        format!("{upto}{}", split.schema.shape)
    });
    let part = job.part.map_or_else(String::new, |part| format!(" (part {part})"));
    let kept = match outcome.shards_kept {
        0 => String::new(),
        n => format!("; {} there already", counted(n, unit)),
    };
    if outcome.shards_written == 0 && outcome.shards_kept > 0 {
        ui.note(&format!(
            "{}: nothing to do; {} of {shape} ({}) in {} in {}{part} are there already, and intact",
            job.command,
            counted(outcome.rows_kept, "image"),
            split_names(job.data),
            counted(outcome.shards_kept, unit),
            job.out.display(),
        ));
    } else {
        ui.note(&format!(
            "{}: {} of {shape} ({}) in {} to {}{part}, {} in {seconds:.2} s ({} images/s){kept}",
            job.command,
            counted(outcome.rows_written, "image"),
            split_names(job.data),
            counted(outcome.shards_written, unit),
            job.out.display(),
            bytes(outcome.bytes_written),
            grouped((outcome.rows_written as f64 / seconds.max(1e-3)) as u64),
        ));
    }
    ui.summary(&json!({
        "command": job.command,
        "out": job.out,
        "part": job.part.map(|part| part.to_string()),
        "rows_written": outcome.rows_written,
        "rows_kept": outcome.rows_kept,
        "shards_written": outcome.shards_written,
        "shards_kept": outcome.shards_kept,
        "bytes_written": outcome.bytes_written,
        "splits": manifest.splits.iter().map(|split| json!({
            "name": split.name,
            "rows": split.rows,
            "shape": split.schema.shape,
            "content": split.content,
        })).collect::<Vec<_>>(),
    }))
}
