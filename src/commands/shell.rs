//! `mnistaug completions` and `mnistaug man`

use crate::base::{Fault, Kind};
use crate::cli::{CompletionsArgs, ManArgs, completions as script, pages};
use crate::store::{StoreError, atomic, folder};
use crate::ui::counted;

use super::Context;

pub(super) fn completions(args: &CompletionsArgs, context: &Context) -> Result<(), Fault> {
    context.ui.bytes(&script(args.shell))
}

pub(super) fn man(args: &ManArgs, context: &Context) -> Result<(), Fault> {
    let pages = pages().map_err(|source| StoreError::Write { path: "the pages".into(), source })?;
    let Some(dir) = &args.dir else {
        return pages.first().map_or(Ok(()), |(_, page)| context.ui.bytes(page));
    };
    super::build::expect_folder("--dir", dir)?;
    if dir.is_file() {
        let text = format!("--dir {}: expected a folder to write to, found a file", dir.display());
        return Err(Fault::said(Kind::CannotWrite, text, Some("name another folder with --dir")));
    }
    folder::prepare(dir)?;
    for (name, page) in &pages {
        atomic::write(dir, name, "man", page)?;
    }
    context.ui.note(&format!("man: {} to {}", counted(pages.len() as u64, "page"), dir.display()));
    Ok(())
}
