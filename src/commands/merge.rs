//! `mnistaug merge`

use serde_json::json;

use crate::base::Fault;
use crate::cli::MergeArgs;
use crate::store::merge::{Merged, merge};
use crate::ui::counted;

use super::Context;

pub(super) fn run(args: &MergeArgs, context: &Context) -> Result<(), Fault> {
    let Merged { manifest, strays, copied } = merge(&args.folder, &args.more, &context.watch)?;
    if copied > 0 {
        context.ui.note(&format!("{} copied into {}", counted(copied, "file"), args.folder.display()));
    }
    if !strays.is_empty() {
        context.ui.note(&format!("not needed, and removed: {}", strays.join(", ")));
    }
    let rows: u64 = manifest.splits.iter().map(|split| split.rows).sum();
    let shards = manifest.splits.iter().map(|split| split.shards.len() as u64).sum();
    context.ui.note(&format!(
        "merge: {} in {} in {}",
        counted(rows, "image"),
        counted(shards, "shard"),
        args.folder.display()
    ));
    context.ui.summary(&json!({ "command": "merge", "folder": args.folder.to_string_lossy(), "rows": rows, "shards": shards }))
}
