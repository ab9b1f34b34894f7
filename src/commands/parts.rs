//! `mnistaug parts`

use std::fmt::Write as _;

use serde_json::json;

use crate::base::Fault;
use crate::cli::PartsArgs;
use crate::store::parts::{Parts, look, ranges};
use crate::ui::{counted, word};

use super::Context;

pub(super) fn run(args: &PartsArgs, context: &Context) -> Result<(), Fault> {
    let ui = context.ui;
    let found = look(&args.folder, args.of)?;
    let Parts { of, there, begun, missing, others, merged } = &found;
    if ui.wants_json() {
        return ui.summary(&json!({
            "command": "parts", "folder": args.folder.to_string_lossy(), "parts": of, "merged": merged,
            "there": there, "begun": begun, "missing": missing, "array": ranges(missing), "other_numbers": others,
        }));
    }
    if args.missing {
        return if missing.is_empty() { Ok(()) } else { ui.data(&format!("{}\n", ranges(missing))) };
    }
    let folder = args.folder.to_string_lossy();
    let folder = word(&folder);
    let Some(of) = of else {
        return ui.data(&format!("{folder}: merged, nothing is missing\n"));
    };
    let mut text = format!("{folder}: {} of {}\n", there.len(), counted(*of, "part"));
    for (title, numbers) in [("there:  ", there), ("begun:  ", begun), ("missing:", missing)] {
        if !numbers.is_empty() {
            let _ = writeln!(text, "  {title} {}", ranges(numbers));
        }
    }
    if !others.is_empty() {
        let _ = writeln!(text, "  there are parts of {} as well", ranges(others));
    }
    if missing.is_empty() {
        let _ = writeln!(text, "  `mnistaug merge {folder}` makes a data set of them");
    }
    ui.data(&text)
}
