//! `mnistaug verify`

use serde_json::json;

use crate::base::{Fault, Kind};
use crate::cli::{VerifyArgs, quoted};
use crate::sources::{Open, Sought, SourceError};
use crate::store::{Manifest, verify};
use crate::ui::{Reported, counted};

use super::advice::Advised;
use super::{Context, recipe_on_record};

pub(super) fn run(args: &VerifyArgs, context: &Context) -> Result<(), Fault> {
    let ui = context.ui;
    let manifest = Manifest::read(&args.folder)?;
    let rows: u64 = manifest.splits.iter().map(|split| split.rows).sum();
    let mut bad = verify::files(&args.folder, &manifest, context.threads, &context.watch)?;
    if args.rebuild {
        let mut recipe = recipe_on_record(&args.folder, &manifest)?;
        let named: Vec<String> = recipe.inputs().iter().map(|path| path.display().to_string()).collect();
        if !args.input.is_empty() {
            recipe = recipe.with_inputs(&args.input).ok_or_else(|| {
                Fault::said(
                    Kind::Usage,
                    format!(
                        "--input is given {} times, and the inputs are {}",
                        args.input.len(),
                        named.join(", ")
                    ),
                    Some("name each of them, in this order, or one that is for all"),
                )
            })?;
        }
        let data = recipe.open_watched(&context.watch).map_err(|fault| moved(args, &named, fault))?;
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
    if !ui.wants_json() {
        let list: Vec<String> = bad.iter().map(|bad| format!("{}: {}", bad.name, bad.problem)).collect();
        ui.data(&(list.join("\n") + "\n"))?;
    }
    let fault = Fault::said(
        Kind::Data,
        format!("{}: {} found", args.folder.display(), counted(bad.len() as u64, "difference")),
        Some(
            "run the command that made the data set again; it makes shards that are missing or damaged anew",
        ),
    );
    Err(Reported { fault, summary }.into())
}

/// An input that is not where it was: where it is now can be said.
fn moved(args: &VerifyArgs, named: &[String], fault: Fault) -> Fault {
    let sought = match fault.downcast_ref() {
        Some(SourceError::NotFound { sought, .. }) => *sought,
        _ => return fault,
    };
    let folder = quoted(&args.folder.to_string_lossy());
    let help = match sought {
        Sought::Input | Sought::Drawing if named.len() > 1 => {
            let each: Vec<&str> = named.iter().map(|_| "--input SRC").collect();
            format!(
                "if the inputs have moved, say where they are: `mnistaug verify {folder} --rebuild {}`, in the order {}",
                each.join(" "),
                named.join(", ")
            )
        }
        Sought::Input | Sought::Drawing => {
            format!(
                "if the input has moved, say where it is: `mnistaug verify {folder} --rebuild --input SRC`"
            )
        }
        Sought::Backgrounds => "put the backgrounds back to where they were".into(),
    };
    Advised { fault, help }.into()
}
