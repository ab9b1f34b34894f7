//! `mnistaug verify --no-overlap`

use std::path::{Path, PathBuf};

use serde_json::json;

use crate::base::{Fault, Kind};
use crate::cli::VerifyArgs;
use crate::look::overlap::{Side, between};
use crate::recipe::{Read, Splits};
use crate::sources::Open;
use crate::sources::leaves::stored::lost_origins;
use crate::store::job::pool;
use crate::ui::{Reported, counted};

use super::Context;

pub(super) fn run(args: &VerifyArgs, context: &Context) -> Result<(), Fault> {
    let ui = context.ui;
    let paths: Vec<&PathBuf> = std::iter::once(&args.folder).chain(&args.others).collect();
    let mut sides = Vec::new();
    let mut known = true;
    for path in &paths {
        let (path, splits) = side_of(path);
        let named = path.display().to_string();
        if let Some(lost) = lost_origins(&path) {
            known = false;
            ui.warn(&format!("{lost}: only equal images are found"));
        }
        let data = Read::plain(path, splits).open_watched(&context.watch)?;
        if paths.len() == 1 {
            // Its splits against each other.
            for split in data.splits {
                sides.push(Side { name: split.name, sources: vec![split.source] });
            }
        } else {
            let names: Vec<&str> = data.splits.iter().map(|split| split.name.as_str()).collect();
            sides.push(Side {
                name: format!("{named} ({})", names.join(", ")),
                sources: data.splits.into_iter().map(|split| split.source).collect(),
            });
        }
    }
    if sides.len() < 2 {
        return Err(Fault::said(
            Kind::Usage,
            format!(
                "--no-overlap: {} has one split only, and nothing to compare it with",
                args.folder.display()
            ),
            Some("name a second data set, as in `mnistaug verify --no-overlap A B`"),
        ));
    }
    let found = pool(context.threads)?.install(|| between(&sides, &context.watch))?;
    let names: Vec<&str> = sides.iter().map(|side| side.name.as_str()).collect();
    let summary = json!({ "command": "verify", "no_overlap": names, "overlaps": found });
    if found.is_empty() {
        let what = if known { "source image" } else { "image" };
        ui.note(&format!("verify: no {what} is on more than one side of {}", names.join(", ")));
        return ui.summary(&summary);
    }
    if !ui.wants_json() {
        let list: Vec<String> = found
            .iter()
            .map(|overlap| {
                let what = if overlap.by == "origin" { "source image" } else { "equal image" };
                let more = if overlap.images > overlap.examples.len() as u64 { ", ..." } else { "" };
                format!(
                    "{} and {}: {} on both sides: {}{more}\n",
                    overlap.first,
                    overlap.second,
                    counted(overlap.images, what),
                    overlap.examples.join(", "),
                )
            })
            .collect();
        ui.data(&list.concat())?;
    }
    let images: u64 = found.iter().map(|overlap| overlap.images).sum();
    let fault = Fault::said(
        Kind::Data,
        format!(
            "{} on more than one side",
            if images == 1 { "1 image is".into() } else { format!("{images} images are") }
        ),
        Some("split with --group origin, or split first and augment each side by itself"),
    );
    Err(Reported { fault, summary }.into())
}

/// `DIR`, or `DIR:SPLIT`.
fn side_of(path: &Path) -> (PathBuf, Splits) {
    let text = path.to_string_lossy();
    if !path.exists()
        && let Some((folder, split)) = text.rsplit_once(':')
        && Path::new(folder).exists()
    {
        return (folder.into(), Splits::from(split.to_owned()));
    }
    (path.to_owned(), Splits::All)
}
