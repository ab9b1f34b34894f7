//! `mnistaug split`

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::base::{Fault, Kind, LabelKind};
use crate::cli::{Group, SplitArgs};
use crate::formats::codec::indexes;
use crate::recipe::{self, Recipe, Splits};
use crate::sources::Open;
use crate::sources::leaves::stored::lost_origins;
use crate::sources::nodes::split::{Plan, plan};
use crate::sources::open::locate;
use crate::split::{Options, Side, Strata};
use crate::store::output::Output;
use crate::ui::{bytes, counted, grouped};

use super::{Context, build, reads, recipe_of};

/// More classes than this are summed up.
const LISTED: usize = 12;

pub(super) fn run(args: &SplitArgs, context: &Context) -> Result<(), Fault> {
    let options = options(args)?;
    let of = recipe_of(&args.input, &Splits::train(), context)?;
    if let Some(lost) = of.inputs().into_iter().find_map(|path| lost_origins(&locate(path))) {
        if options.group_origin {
            return Err(Fault::said(
                Kind::Usage,
                format!("--group origin: {lost}"),
                Some("split what it was made from, or write that with --format shards or png"),
            ));
        }
        context.ui.warn(&format!("{lost}; whether copies of one image are on both sides is not known"));
    }
    let data = of.open_watched(&context.watch)?;
    let title = args.input.named().first().map_or_else(|| "digits".into(), |path| path.display().to_string());
    let plan = plan(&data, &title, &options, true, &context.watch)?;
    let sets = plan.whole.schema().labels == LabelKind::MultiHot;
    let strata = plan.strata.as_ref();
    for side in &plan.sides {
        let share = 100.0 * side.indexes.len() as f64 / plan.whole.len() as f64;
        let classes = strata.map_or_else(String::new, |strata| balance(strata, side, sets));
        context.ui.note(&format!(
            "{}: {} ({share:.1} %){classes}",
            side.name,
            counted(side.indexes.len() as u64, "image")
        ));
    }
    if let Some(file) = &args.indices {
        for note in data.notes.iter().chain(&plan.notes) {
            context.ui.warn(note);
        }
        let named: Vec<&Path> =
            args.input.named().iter().chain(&args.input.pick.label_file).map(PathBuf::as_path).collect();
        let output = Output {
            path: file,
            force: args.output.force,
            reads: &reads(&named, Some(&data)),
            what: "a file of index arrays",
            is_like: &indexes::begin,
        };
        return indices(&output, &plan, &options, args.output.dry_run, context);
    }
    let data = plan.apply(data, &context.watch);
    let recipe = Recipe::Split(recipe::Split { of: Box::new(of), options });
    build::write("split", &recipe, &data, &args.output, &build::Extra::default(), context)
}

/// What the options say.
pub(super) fn options(args: &SplitArgs) -> Result<Options, Fault> {
    let options = Options {
        test: args.test_size,
        train: args.train_size,
        val: args.val_size,
        folds: args.folds,
        fold: args.fold,
        in_order: args.no_shuffle,
        stratify: args.stratify,
        group_origin: args.group == Some(Group::Origin),
        seed: args.seed,
    };
    options.check()?;
    Ok(options)
}

/// How many samples of each class a side has.
fn balance(strata: &Strata, side: &Side, sets: bool) -> String {
    let counts = counts(strata, side);
    if counts.len() > LISTED {
        let what = if sets { "sets of classes" } else { "classes" };
        let (least, most) = (counts.iter().min().unwrap_or(&0), counts.iter().max().unwrap_or(&0));
        return format!(", {} {what} of {} to {}", counts.len(), grouped(*least), grouped(*most));
    }
    let list: Vec<String> = strata
        .names()
        .iter()
        .zip(counts)
        .map(|(name, count)| format!("{name}: {}", grouped(count)))
        .collect();
    format!("; {}", list.join(", "))
}

fn counts(strata: &Strata, side: &Side) -> Vec<u64> {
    let mut counts = vec![0; strata.names().len()];
    side.indexes.iter().for_each(|&index| counts[strata.classes()[index as usize] as usize] += 1);
    counts
}

/// Writes index arrays and nothing else.
fn indices(
    output: &Output<'_>,
    plan: &Plan,
    options: &Options,
    dry_run: bool,
    context: &Context,
) -> Result<(), Fault> {
    let file = output.path;
    let whole_folds = options.folds.is_some() && options.fold.is_none();
    let total = plan.whole.len() * if whole_folds { plan.sides.len() as u64 } else { 1 };
    if !indexes::fit(total) {
        return Err(Fault::said(
            Kind::Usage,
            format!("--indices: {} do not fit into one file", counted(total, "index")),
            Some("write one fold at a time with --fold"),
        ));
    }
    let mut arrays = Vec::new();
    for (number, side) in plan.sides.iter().enumerate() {
        let own = indexes::bytes(side.indexes.iter().copied());
        if whole_folds {
            let mut tested = vec![false; plan.whole.len() as usize];
            side.indexes.iter().for_each(|&index| tested[index as usize] = true);
            let train = (0..).zip(&tested).filter(|(_, tested)| !**tested).map(|(index, _)| index);
            arrays.push((format!("fold{number}_train"), indexes::bytes(train)));
            arrays.push((format!("fold{number}_test"), own));
        } else {
            arrays.push((side.name.clone(), own));
        }
    }
    let pieces = indexes::npz(&arrays);
    let size: u64 = pieces.iter().map(|piece| piece.len() as u64).sum();
    let names: Vec<&str> = arrays.iter().map(|(name, _)| name.as_str()).collect();
    let done = if dry_run { "would write" } else { "wrote" };
    if dry_run {
        output.check()?;
    } else {
        context.watch.files().check()?;
        output.write(&pieces)?;
    }
    context.ui.note(&format!("split: {done} {} ({}), {}", file.display(), names.join(", "), bytes(size)));
    let sides: Vec<Value> = plan
        .sides
        .iter()
        .map(|side| {
            let classes: serde_json::Map<String, Value> =
                plan.strata.as_ref().map_or_else(Default::default, |strata| {
                    strata
                        .names()
                        .iter()
                        .cloned()
                        .zip(counts(strata, side).into_iter().map(Value::from))
                        .collect()
                });
            json!({ "name": side.name, "rows": side.indexes.len(), "classes": classes })
        })
        .collect();
    context.ui.summary(&json!({ "command": "split", "indices": file.to_string_lossy(), "dry_run": dry_run, "splits": sides }))
}
