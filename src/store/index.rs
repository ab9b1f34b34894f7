//! What stands beside the shards of a format, made of them when all are there.

use std::path::Path;

use crate::base::Fault;
use crate::formats::ways::{About, AboutShard, AboutSplit, Append, Beside, Way};

use super::atomic::Pending;
use super::manifest::{Manifest, SideFile};
use super::pictures::ListsOf;

/// Writes the files that a finished data set has beside its shards.
///
/// # Errors
/// Those of reading lists and writing files.
pub(super) fn write(folder: &Path, tag: &str, manifest: &Manifest) -> Result<Vec<SideFile>, Fault> {
    let title =
        folder.file_name().map_or_else(|| manifest.command.clone(), |n| n.to_string_lossy().into_owned());
    let about = About {
        title,
        command: &manifest.command,
        licenses: &manifest.licenses,
        splits: manifest
            .splits
            .iter()
            .map(|split| AboutSplit {
                name: &split.name,
                rows: split.rows,
                schema: &split.schema,
                shards: split
                    .shards
                    .iter()
                    .map(|shard| AboutShard { name: &shard.name, rows: shard.rows, bytes: shard.bytes })
                    .collect(),
            })
            .collect(),
    };
    let mut files = Files { folder, tag, done: Vec::new() };
    match manifest.format.way() {
        Way::Shards(format) => format.beside(&about, &mut files)?,
        Way::Pictures(format) => format.beside(&about, &ListsOf { folder, manifest }, &mut files)?,
        Way::Whole(format) => format.beside(&about, &mut files)?,
    }
    Ok(files.done)
}

/// Files that appear under their names when they are whole.
struct Files<'a> {
    folder: &'a Path,
    tag: &'a str,
    done: Vec<SideFile>,
}

impl Beside for Files<'_> {
    fn put(
        &mut self,
        name: String,
        write: &mut dyn FnMut(&mut Append<'_>) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let mut file = Pending::begin(self.folder, &name, self.tag)?;
        write(&mut |bytes| Ok(file.append(bytes)?))?;
        let written = file.finish()?;
        self.done.push(SideFile { name, bytes: written.bytes, blake3: written.blake3 });
        Ok(())
    }
}
