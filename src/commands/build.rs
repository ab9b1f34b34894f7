//! What the commands that write shards have in common.

use std::path::{Path, PathBuf};
use std::time::Instant;

use serde_json::json;

use crate::base::{DataSet, Fault, Kind};
use crate::cli::OutputArgs;
use crate::formats::{Facts, Format, Layout, collections};
use crate::recipe::Recipe;
use crate::sources::Open;
use crate::store::folder::foresee;
use crate::store::job::check;
use crate::store::output::elsewhere;
use crate::store::part::{PartChoice, detect};
use crate::store::parts::other_numbers;
use crate::store::stream::{Streamed, stream};
use crate::store::{Build, Outcome, Part, build};
use crate::ui::{bytes, counted, grouped};

use super::{Context, split_names, warn_of_repeats};

/// What only some commands can say about their output.
#[derive(Default)]
pub(super) struct Extra {
    /// Write what was drawn beside each shard.
    pub(super) trace: bool,
}

/// Opens what `recipe` describes and writes it, as the options say.
pub(super) fn run(
    command: &str,
    recipe: &Recipe,
    args: &OutputArgs,
    extra: &Extra,
    context: &Context,
) -> Result<(), Fault> {
    write(command, recipe, &recipe.open_watched(&context.watch)?, args, extra, context)
}

/// Writes what `recipe` describes, which is opened as `data`.
pub(super) fn write(
    command: &str,
    recipe: &Recipe,
    data: &DataSet,
    args: &OutputArgs,
    extra: &Extra,
    context: &Context,
) -> Result<(), Fault> {
    let ui = context.ui;
    for note in &data.notes {
        ui.warn(note);
    }
    warn_of_repeats(recipe, ui);
    let out = args.out.clone().unwrap_or_else(|| PathBuf::from("out").join(command));
    let streams = out == Path::new("-");
    if streams {
        ui.refuse_bytes()?;
    } else {
        expect_folder("--out", &out)?;
    }
    let part = args.part.map(|choice| resolve(choice, &out, context)).transpose()?;
    // A path that is no text cannot stand in a manifest.
    if let Some(path) = recipe.inputs().into_iter().find(|path| path.to_str().is_none()) {
        return Err(Fault::said(
            Kind::Usage,
            format!("{}: its name is no text in UTF-8, and the manifest keeps it as one", path.display()),
            Some("rename it, or give a link to it by another name"),
        ));
    }
    if let Err(error) = serde_json::to_value(recipe) {
        return Err(Fault::said(
            Kind::Usage,
            format!("the recipe cannot be written: {error}"),
            Some("rename the files whose names are no text in UTF-8"),
        ));
    }
    let job = Build {
        data,
        command,
        recipe: recipe.clone().into(),
        format: format(args, extra.trace, data, &out)?,
        out,
        shard_size: args.shard_size,
        trace: extra.trace,
        part,
        force: args.force,
        threads: context.threads,
    };
    check(&job)?;
    ui.decided(&decided(&job));
    if args.dry_run {
        return dry_run(&job, context);
    }
    if streams {
        return stream_out(&job, context);
    }
    let start = Instant::now();
    let outcome = build(&job, &context.watch)?;
    report(&job, &outcome, start.elapsed().as_secs_f64(), context)
}

/// Writes the data set to standard output.
fn stream_out(job: &Build<'_>, context: &Context) -> Result<(), Fault> {
    let ui = context.ui;
    let start = Instant::now();
    let Streamed { rows, bytes: written } = stream(job, &mut |piece| ui.bytes(piece), &context.watch)?;
    let seconds = start.elapsed().as_secs_f64();
    let split = &job.data.splits[0];
    ui.note(&format!(
        "{}: {} of {} ({}) to standard output, {} in {seconds:.2} s",
        job.command,
        counted(rows, "image"),
        split.source.schema().shape,
        split.name,
        bytes(written)
    ));
    Ok(())
}

/// Endings of files: a folder is hardly ever called so.
const FILES: [&str; 18] = [
    "npz",
    "npy",
    "csv",
    "tsv",
    "txt",
    "json",
    "jsonl",
    "gz",
    "zip",
    "tar",
    "parquet",
    "tfrecord",
    "safetensors",
    "mds",
    "png",
    "jpg",
    "jpeg",
    "idx",
];

/// Refuses what is no folder on this machine: data sets are folders, also those of one file.
pub(super) fn expect_folder(option: &str, out: &Path) -> Result<(), Fault> {
    let refuse = |found: &str, help: &str| {
        let text = format!("{option} {}: expected a folder to write to, found {found}", out.display());
        Err(Fault::said(Kind::Usage, text, Some(help)))
    };
    if let Some(found) = elsewhere(out) {
        return refuse(found, "write to a folder, and send it from there");
    }
    let ending = out.extension().map(|ending| ending.to_string_lossy().to_ascii_lowercase());
    if ending.is_some_and(|ending| FILES.contains(&ending.as_str())) && !out.is_dir() {
        let folder = out.with_extension("");
        let help = format!(
            "name a folder, as in {option} {}; the files in it have names of their own, data.npz for npz",
            folder.display()
        );
        return refuse("the name of a file", &help);
    }
    Ok(())
}

/// The part that is asked for. What was taken from a job engine is always said: it is nobody's own choice, and job logs are read later.
fn resolve(choice: PartChoice, out: &Path, context: &Context) -> Result<Part, Fault> {
    let auto = match choice {
        PartChoice::Given(part) => return Ok(part),
        PartChoice::Auto(auto) => auto,
    };
    let (part, said) = detect(auto, |name| std::env::var(name).ok())
        .map_err(|problem| Fault::said(Kind::Usage, problem, None))?;
    context.ui.say(&said);
    // An array of which only some tasks are submitted again looks like a smaller one.
    if auto.of.is_none()
        && let [other, ..] = other_numbers(out, part.of)?[..]
    {
        return Err(Fault::said(
            Kind::Usage,
            format!("{}: there are parts of {other} here, and this would be part {part}", out.display()),
            Some(&format!("say --part auto/{other}, or --part I/{other}")),
        ));
    }
    Ok(part)
}

/// The format that the options describe.
fn format(args: &OutputArgs, trace: bool, data: &DataSet, out: &Path) -> Result<Format, Fault> {
    let facts = Facts {
        collection: collections::only(&data.licenses),
        gray: data.splits.iter().all(|split| split.source.schema().shape.channels() == 1),
        folder: out.file_name().unwrap_or_default().to_string_lossy().into_owned(),
    };
    Ok(Format::of(&args.format, &args.options(trace), &facts)?)
}

/// Says what a run would write, and fails as it would.
fn dry_run(job: &Build<'_>, context: &Context) -> Result<(), Fault> {
    let head = job.head();
    let earlier = foresee(&job.out, &head, job.part, job.force)?;
    let plan = head.plan();
    let mine = own_shards(job, plan.len() as u64);
    let plan = &plan[mine.start as usize..mine.end as usize];
    let part = job.part.map_or_else(String::new, |part| format!(" (part {part})"));
    let mut splits = Vec::new();
    for (number, split) in head.splits.iter().enumerate() {
        let of_split = || plan.iter().filter(|shard| shard.split == number);
        let shards = of_split().count() as u64;
        // Files of whole splits have no parts.
        let rows =
            if head.format.is_sharded() { of_split().map(|shard| shard.rows).sum() } else { split.rows };
        if rows == 0 && job.part.is_some() {
            continue;
        }
        let raw = rows * Layout::of(&split.schema).bytes() as u64;
        let kept = of_split().filter(|shard| earlier.shards.contains_key(&shard.name)).count() as u64;
        let kept = if earlier.whole.is_some() && !head.format.is_sharded() {
            "; there already".to_owned()
        } else if kept > 0 {
            format!("; {} there already", counted(kept, "shard"))
        } else {
            String::new()
        };
        context.ui.note(&format!(
            "would write {}: {} of {} {} to {}{part} ({} of arrays){kept}",
            split.name,
            counted(rows, "image"),
            split.schema.shape,
            if head.format.is_sharded() {
                format!("in {}", counted(shards, "shard"))
            } else {
                format!("as {}", head.format.name())
            },
            job.out.display(),
            bytes(raw),
        ));
        splits.push(json!({ "name": split.name, "rows": rows, "shards": shards, "array_bytes": raw }));
    }
    if splits.is_empty() {
        context.ui.note(&format!("would write nothing{part}: there are fewer shards than parts"));
    }
    context.ui.summary(&json!({
        "command": job.command,
        "dry_run": true,
        "out": job.out.to_string_lossy(),
        "part": job.part.map(|part| part.to_string()),
        "splits": splits,
    }))
}

/// The shards that are made here, of so many.
fn own_shards(job: &Build<'_>, shards: u64) -> std::ops::Range<u64> {
    job.part.map_or(0..shards, |part| part.shards(shards))
}

/// What was decided about the output, for those who want to know.
fn decided(job: &Build<'_>) -> String {
    let head = job.head();
    let shards = head.plan().len() as u64;
    let form = if head.format.is_sharded() {
        format!("{} of up to {}", counted(shards, "shard"), counted(head.shard_size, "image"))
    } else {
        "whole files".into()
    };
    let part = job.part.map_or_else(String::new, |part| {
        let own = part.shards(shards);
        format!("; part {part}: {} from number {}", counted(own.end - own.start, "shard"), own.start)
    });
    format!("format {}: {form} in {}{part}", head.format.name(), job.out.display())
}

fn report(job: &Build<'_>, outcome: &Outcome, seconds: f64, context: &Context) -> Result<(), Fault> {
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
        "out": job.out.to_string_lossy(),
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
