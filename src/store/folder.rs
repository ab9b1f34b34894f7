//! The output folder before anything is written: may we, and what is already there?

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use crate::formats::Way;

use super::inside::Inside;
use super::manifest::{Journal, LICENSES, MANIFEST, MERGED, Manifest, Shard};
use super::{Part, StoreError, atomic, pictures};

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

/// What an earlier run of the same command has left.
#[derive(Debug, Default)]
pub struct Earlier {
    /// Shards that it has finished, by name.
    pub shards: BTreeMap<String, Shard>,
    /// Its manifest, if it has come to the end.
    pub whole: Option<Manifest>,
}

/// What a run finds in its folder.
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
) -> Result<Earlier, StoreError> {
    let mut known = Vec::new();
    let mut foreign = None;
    for entry in fs::read_dir(folder).map_err(|source| StoreError::Read { path: folder.into(), source })? {
        let entry = entry.map_err(|source| StoreError::Read { path: folder.into(), source })?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name == MANIFEST || is_journal(&name) {
            known.push(name);
        } else if !name.starts_with('.')
            && name != LICENSES
            && foreign.as_ref().is_none_or(|first| name < *first)
        {
            foreign = Some(name);
        }
    }
    if folder.join(MERGED).is_file() {
        known.push(MERGED.to_owned());
    }
    known.sort();
    if force {
        return clear(folder, &known, part).map(|()| Earlier::default());
    }
    let mut earlier = Earlier::default();
    for name in &known {
        let path = folder.join(name);
        let (head, finished) = if name == MANIFEST {
            let manifest = Manifest::read(folder)?;
            let finished = manifest.splits.iter().flat_map(|split| split.shards.clone()).collect();
            (manifest, finished)
        } else {
            let Some(journal) = Journal::read(&path)? else { continue };
            (journal.head, journal.shards)
        };
        if let Some(difference) = wanted.difference(&head) {
            return Err(StoreError::Different { path: folder.into(), difference });
        }
        // A version that did not keep them has left no origins: its shards are made again.
        let complete =
            head.splits.iter().zip(&wanted.splits).all(|(a, b)| a.objects_beside == b.objects_beside);
        if complete {
            earlier.shards.extend(finished.into_iter().map(|shard: Shard| (shard.name.clone(), shard)));
            if name == MANIFEST {
                earlier.whole = Some(head);
            }
        }
    }
    match foreign {
        Some(found) if known.is_empty() => Err(StoreError::Foreign { path: folder.into(), found }),
        _ => Ok(earlier),
    }
}

/// As [`prepare`] and [`earlier`], without touching anything: what a run would find, for those who only ask.
///
/// # Errors
/// As those.
pub fn foresee(
    folder: &Path,
    wanted: &Manifest,
    part: Option<Part>,
    force: bool,
) -> Result<Earlier, StoreError> {
    // What is there of the way to it has to be a folder in which others can be made.
    let Some(there) = folder.ancestors().find(|above| above.as_os_str().is_empty() || above.exists()) else {
        return Ok(Earlier::default());
    };
    let there = if there.as_os_str().is_empty() { Path::new(".") } else { there };
    let found = fs::metadata(there).map_err(|source| StoreError::Write { path: there.into(), source })?;
    if !found.is_dir() && there == folder {
        return Err(StoreError::NotAFolder { path: folder.into() });
    }
    let refused = match fs::metadata(folder) {
        Err(source) if !found.is_dir() => Some(source),
        _ if found.permissions().readonly() => Some(ErrorKind::PermissionDenied.into()),
        Ok(_) | Err(_) => None,
    };
    if let Some(source) = refused {
        return Err(StoreError::Write { path: folder.into(), source });
    }
    if force || !folder.is_dir() { Ok(Earlier::default()) } else { earlier(folder, wanted, part, false) }
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
        atomic::remove(&folder.join(LICENSES))?;
    }
    for name in known {
        let path = folder.join(name);
        // What cannot be understood is only replaced, with --force.
        let (format, shards, files) = if name == MANIFEST {
            Manifest::read(folder)
                .map(|m| (m.format, m.splits.into_iter().flat_map(|s| s.shards).collect(), m.files))
                .unwrap_or_default()
        } else {
            Journal::read(&path)
                .ok()
                .flatten()
                .map(|journal| (journal.head.format, journal.shards, Vec::new()))
                .unwrap_or_default()
        };
        for shard in &shards {
            if matches!(format.way(), Way::Pictures(_)) {
                for file in pictures::listed(folder, shard).unwrap_or_default() {
                    remove(folder, &file.name)?;
                }
            }
            shard.files().try_for_each(|file| remove(folder, &file.name))?;
        }
        files.iter().try_for_each(|file| remove(folder, &file.name))?;
        atomic::remove(&path)?;
    }
    Ok(())
}

/// Removes a file of an older data set, and the folders below `folder` that it leaves empty.
fn remove(folder: &Path, name: &str) -> Result<(), StoreError> {
    // A name that leads out of the folder was not written by us.
    let Ok(inside) = Inside::file(name) else { return Ok(()) };
    inside.remove(folder).map_err(|source| StoreError::Write { path: folder.join(name), source })
}
