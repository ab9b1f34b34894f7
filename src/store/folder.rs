//! The output folder before anything is written: may we, and what is already there?

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::manifest::{Journal, LICENCES, MANIFEST, Manifest, Shard};
use super::{Part, StoreError, atomic};

/// Checks that `folder` can be written to, and makes it if it is not there.
///
/// # Errors
/// [`StoreError::NotAFolder`], [`StoreError::Write`].
pub fn prepare(folder: &Path) -> Result<(), StoreError> {
    match fs::metadata(folder) {
        Ok(found) if !found.is_dir() => Err(StoreError::NotAFolder { path: folder.into() }),
        Ok(_) => Ok(()),
        Err(_) => {
            fs::create_dir_all(folder).map_err(|source| StoreError::Write { path: folder.into(), source })
        }
    }
}

/// What a run finds in its folder: the shards that an earlier run of the same command has finished, by name.
///
/// With `force`, whatever data set of ours is there is removed first.
///
/// # Errors
/// [`StoreError::Different`] or [`StoreError::Foreign`] if something else is there.
pub fn earlier(
    folder: &Path,
    wanted: &Manifest,
    part: Option<Part>,
    force: bool,
) -> Result<BTreeMap<String, Shard>, StoreError> {
    let mut known = Vec::new();
    let mut foreign = None;
    for entry in fs::read_dir(folder).map_err(|source| StoreError::Read { path: folder.into(), source })? {
        let entry = entry.map_err(|source| StoreError::Read { path: folder.into(), source })?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name == MANIFEST || is_journal(&name) {
            known.push(name);
        } else if !name.starts_with('.')
            && name != LICENCES
            && foreign.as_ref().is_none_or(|first| name < *first)
        {
            foreign = Some(name);
        }
    }
    known.sort();
    if force {
        return clear(folder, &known, part).map(|()| BTreeMap::new());
    }
    let mut shards = BTreeMap::new();
    for name in &known {
        let path = folder.join(name);
        let (head, finished) = if name == MANIFEST {
            let mut manifest = Manifest::read(folder)?;
            let finished = manifest.splits.iter_mut().flat_map(|s| std::mem::take(&mut s.shards)).collect();
            (manifest, finished)
        } else {
            let Some(journal) = Journal::read(&path)? else { continue };
            (journal.head, journal.shards)
        };
        if let Some(difference) = wanted.difference(&head) {
            return Err(StoreError::Different { path: folder.into(), difference });
        }
        shards.extend(finished.into_iter().map(|shard| (shard.name.clone(), shard)));
    }
    match foreign {
        Some(found) if known.is_empty() => Err(StoreError::Foreign { path: folder.into(), found }),
        _ => Ok(shards),
    }
}

fn is_journal(name: &str) -> bool {
    let rest = name.strip_prefix(".mnistaug-").unwrap_or(name);
    rest.strip_suffix(".jsonl").is_some_and(|rest| rest.starts_with("part-") || rest == "journal")
}

/// Removes the files of an older data set. A part removes only what it is going to write itself, because other parts may be at
/// work.
fn clear(folder: &Path, known: &[String], part: Option<Part>) -> Result<(), StoreError> {
    if let Some(part) = part {
        atomic::remove(&Journal::path(folder, Some(part)))?;
        return atomic::remove(&Journal::finished_path(folder, part));
    }
    if !known.is_empty() {
        atomic::remove(&folder.join(LICENCES))?;
    }
    for name in known {
        let path = folder.join(name);
        // What cannot be understood is only replaced, with --force.
        let shards = if name == MANIFEST {
            Manifest::read(folder)
                .map(|m| m.splits.into_iter().flat_map(|s| s.shards).collect())
                .unwrap_or_default()
        } else {
            Journal::read(&path).ok().flatten().map(|journal| journal.shards).unwrap_or_default()
        };
        for shard in shards {
            for (name, ..) in shard.files() {
                // A name that leads out of the folder was not written by us.
                if Path::new(name).components().count() == 1 {
                    atomic::remove(&folder.join(name))?;
                }
            }
        }
        atomic::remove(&path)?;
    }
    Ok(())
}
