//! `mnistaug info`

use std::fmt::Write;

use serde_json::{Value, json};

use crate::base::{DataSet, Fault, Kind, Label, Reader, Source, Split, Unit};
use crate::cli::{InfoArgs, PickArgs};
use crate::look::tally::{Tally, text};
use crate::recipe::select::ClassName;
use crate::sources::nodes::NodeError;
use crate::store::job::pool;

use super::{Context, open_source};

pub(super) fn run(args: &InfoArgs, context: &Context) -> Result<(), Fault> {
    if let Some(class) = &args.indices_of {
        if args.prints_labels() {
            let help = "say one of them; --labels with a list chooses samples";
            return Err(Fault::said(Kind::Usage, "--labels and --indices-of print two things", Some(help)));
        }
        let data = open_source(&args.source, &args.pick, context)?;
        return indices(args, class, &data, context);
    }
    if args.prints_labels() {
        let all = PickArgs { labels: None, ..args.pick.clone() };
        let data = open_source(&args.source, &all, context)?;
        return labels(args, &data, context);
    }
    let ui = context.ui;
    let data = open_source(&args.source, &args.pick, context)?;
    data.notes.iter().for_each(|note| ui.warn(note));
    let pool = pool(context.threads)?;
    let pass = context.watch.pass("counting", Unit::Images, Some(data.len()));
    let mut splits = Vec::new();
    for split in &data.splits {
        let tally = pool.install(|| Tally::of(split.source.as_ref(), &pass))?;
        splits.push(tally.report(split));
    }
    drop(pass);
    context.watch.files().check()?;
    let value = json!({
        "command": "info",
        "source": args.source.to_string_lossy(),
        "splits": splits,
        "inputs": data.inputs,
        "licences": data.licenses,
    });
    if ui.wants_json() { ui.summary(&value) } else { ui.data(&text(&value)) }
}

/// Samples between two looks at whether to go on.
const STRIDE: u64 = 256;

/// Prints the label of each sample.
fn labels(args: &InfoArgs, data: &DataSet, context: &Context) -> Result<(), Fault> {
    let list = |split: &Split| {
        let mut list = Vec::new();
        each_label(&*split.source, context, |_, label| {
            list.push(label);
            true
        })?;
        Ok(list)
    };
    let as_json = |labels: &[Label]| {
        let all = labels.iter().map(|label| match label {
            Label::Class(class) => json!(class),
            Label::MultiHot(_) => json!(ids(*label)),
        });
        Value::Array(all.collect())
    };
    let as_text = |label: &Label| {
        let ids: Vec<String> = ids(*label).iter().map(u8::to_string).collect();
        if ids.is_empty() { "-".to_owned() } else { ids.join(",") }
    };
    print(args, data, context, "labels", list, as_json, as_text)
}

/// Prints the index of each sample of a class.
fn indices(args: &InfoArgs, class: &ClassName, data: &DataSet, context: &Context) -> Result<(), Fault> {
    let list = |split: &Split| {
        let names = &split.source.schema().class_names;
        let id = class.id(names).ok_or_else(|| NodeError::NoClass {
            option: "--indices-of",
            said: class.to_string(),
            class: class.clone(),
            names: names.clone(),
        })?;
        let mut list = Vec::new();
        let most = args.first.unwrap_or(u64::MAX);
        each_label(&*split.source, context, |index, label| {
            if label.has(id) {
                list.push(split.source.number(index));
            }
            (list.len() as u64) < most
        })?;
        Ok(list)
    };
    print(args, data, context, "indices", list, |all| json!(all), u64::to_string)
}

/// Prints a list for each split: a line for each entry, or JSON.
fn print<T>(
    args: &InfoArgs,
    data: &DataSet,
    context: &Context,
    what: &str,
    list: impl Fn(&Split) -> Result<Vec<T>, Fault>,
    as_json: impl Fn(&[T]) -> Value,
    as_text: impl Fn(&T) -> String,
) -> Result<(), Fault> {
    let ui = context.ui;
    data.notes.iter().for_each(|note| ui.warn(note));
    let (mut lines, mut splits) = (String::new(), Vec::new());
    for split in &data.splits {
        let list = list(split)?;
        if ui.wants_json() {
            splits.push(json!({ "name": split.name, what: as_json(&list) }));
            continue;
        }
        for entry in &list {
            // Writing to a text does not fail.
            let _ = match data.splits.len() {
                1 => writeln!(lines, "{}", as_text(entry)),
                _ => writeln!(lines, "{}\t{}", split.name, as_text(entry)),
            };
        }
    }
    context.watch.files().check()?;
    if !ui.wants_json() {
        return ui.data(&lines);
    }
    ui.summary(&json!({ "command": "info", "source": args.source.to_string_lossy(), "splits": splits }))
}

/// Shows the label of each sample, in order, until `see` wants no more.
fn each_label(
    source: &dyn Source,
    context: &Context,
    mut see: impl FnMut(u64, Label) -> bool,
) -> Result<(), Fault> {
    let pass = context.watch.pass("reading labels", Unit::Images, Some(source.len()));
    let mut reader: Box<dyn Reader + '_> = source.reader();
    for index in 0..source.len() {
        if index % STRIDE == 0 {
            pass.check()?;
            pass.add(STRIDE.min(source.len() - index));
        }
        if !see(index, reader.label(index)?) {
            break;
        }
    }
    Ok(())
}

/// The ids of its classes.
fn ids(label: Label) -> Vec<u8> {
    match label {
        Label::Class(class) => vec![class],
        Label::MultiHot(_) => (0..=255).filter(|&class| label.has(class)).collect(),
    }
}
