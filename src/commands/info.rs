//! `mnistaug info`

use serde_json::json;

use crate::base::{Fault, Unit};
use crate::cli::InfoArgs;
use crate::look::tally::{Tally, text};
use crate::store::job::pool;

use super::{Context, open_source};

pub(super) fn run(args: &InfoArgs, context: &Context) -> Result<(), Fault> {
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
