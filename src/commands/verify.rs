//! `mnistaug verify`

use serde_json::json;

use crate::base::{Fault, Kind};
use crate::cli::VerifyArgs;
use crate::sources::Open;
use crate::store::{Manifest, verify};
use crate::ui::counted;

use super::{Context, recipe_on_record};

pub(super) fn run(args: &VerifyArgs, context: &Context) -> Result<(), Fault> {
    let ui = context.ui;
    let manifest = Manifest::read(&args.folder)?;
    let rows: u64 = manifest.splits.iter().map(|split| split.rows).sum();
    let mut bad = verify::files(&args.folder, &manifest, context.threads, &context.watch)?;
    if args.rebuild {
        let mut recipe = recipe_on_record(&args.folder, &manifest)?;
        if let Some(input) = &args.input {
            recipe = recipe.with_input(input);
        }
        let data = recipe.open_watched(&context.watch)?;
        for input in &manifest.inputs {
            match data.inputs.iter().find(|now| now.role == input.role && now.digest == input.digest) {
                Some(_) => {}
                None => bad.push(verify::Bad {
                    name: input.path.clone(),
                    problem: format!("the {} read from it are not what they were", input.role),
                }),
            }
        }
        bad.extend(verify::rebuild(&manifest, &data, context.threads, &context.watch)?);
    }
    let shards: u64 = manifest.splits.iter().map(|split| split.shards.len() as u64).sum();
    let (files, unit) =
        if manifest.format.is_sharded() { (shards, "shard") } else { (manifest.files.len() as u64, "file") };
    let summary = json!({
        "command": "verify",
        "folder": args.folder.to_string_lossy(),
        "rows": rows,
        "shards": shards,
        "rebuilt": args.rebuild,
        "bad": bad,
    });
    if bad.is_empty() {
        let rebuilt = if args.rebuild { ", and comes out the same" } else { "" };
        ui.note(&format!(
            "verify: {} in {}: all as the manifest says{rebuilt}",
            counted(rows, "image"),
            counted(files, unit)
        ));
        return ui.summary(&summary);
    }
    if ui.wants_json() {
        ui.summary(&summary)?;
    } else {
        let list: Vec<String> = bad.iter().map(|bad| format!("{}: {}", bad.name, bad.problem)).collect();
        ui.data(&(list.join("\n") + "\n"))?;
    }
    Err(Fault::said(
        Kind::Data,
        format!("{}: {} found", args.folder.display(), counted(bad.len() as u64, "difference")),
        Some(
            "run the command that made the data set again; it makes shards that are missing or damaged anew",
        ),
    ))
}
