//! Parts that were made apart become one data set.
//!
//! Which shards there are follows from the data set alone, not from how many parts it was cut into. So whatever lists of finished shards lie in the
//! folder are put together, and what counts is whether all shards are there. The lists are kept as one record, from which the manifest can be
//! written again.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::base::{Unit, Watch};
use crate::formats::Way;

use super::inside::Inside;
use super::lock::Lock;
use super::manifest::{Journal, JournalContent, MANIFEST, MERGED, Manifest, SideFile};
use super::parts::{self, List};
use super::{Part, Result, StoreError, atomic, build, folder, pictures};

/// What came of merging.
#[derive(Debug)]
pub struct Merged {
    /// The data set.
    pub manifest: Manifest,
    /// Lists of parts of another number of parts, which were not needed and are removed.
    pub strays: Vec<String>,
    /// Files that were copied from other folders.
    pub copied: u64,
}

/// Checks that all shards are there, writes the manifest, and removes the parts' own records. Parts in `others` are copied into `folder` first.
/// A folder that is merged already stays what it is.
///
/// # Errors
/// [`StoreError::Incomplete`] with what is missing; [`StoreError::Different`] if parts are of different data sets;
/// [`StoreError::NoDataSet`] if there are no parts; [`StoreError::Copied`] if a file in another folder is not what its list says.
pub fn merge(folder: &Path, others: &[PathBuf], watch: &Watch) -> Result<Merged> {
    if others.is_empty() && !folder.is_dir() {
        return Err(StoreError::NoDataSet { path: folder.into(), reason: parts::why_none(folder) }.into());
    }
    folder::prepare(folder)?;
    let claim = Lock::claim(folder, None)?;
    let result = merge_locked(folder, others, watch);
    claim.release();
    result
}

fn merge_locked(folder: &Path, others: &[PathBuf], watch: &Watch) -> Result<Merged> {
    atomic::remove_leftovers(folder, None)?;
    let mut copied = 0;
    for other in others {
        copied += gather(folder, other, watch)?;
    }
    let lists = parts::lists(folder)?;
    let finished = folder.join(MANIFEST).exists().then(|| Manifest::read(folder)).transpose()?;
    if let Some(manifest) = finished {
        for list in &lists {
            if let Some(difference) = manifest.difference(&list.content.head) {
                return Err(StoreError::Different { path: folder.into(), difference }.into());
            }
        }
        let strays = remove(folder, &lists)?;
        return Ok(Merged { manifest, strays, copied });
    }
    let record = Journal::read(&folder.join(MERGED))?;
    let mut contents: Vec<&JournalContent> = lists.iter().map(|list| &list.content).collect();
    // Where somebody has removed the manifest, it is written again.
    contents.extend(&record);
    let Some(first) = contents.first() else {
        return Err(StoreError::NoDataSet { path: folder.into(), reason: parts::why_none(folder) }.into());
    };
    let mut manifest = first.head.clone();
    let mut shards = BTreeMap::new();
    for content in &contents {
        if let Some(difference) = manifest.difference(&content.head) {
            return Err(StoreError::Different { path: folder.into(), difference }.into());
        }
        shards.extend(content.shards.iter().map(|shard| (shard.name.clone(), shard.clone())));
    }
    let plan = manifest.plan();
    let mut found = Vec::with_capacity(plan.len());
    let (mut missing, mut unlisted) = (Vec::new(), Vec::new());
    for (number, planned) in (0_u64..).zip(plan) {
        match shards.remove(&planned.name) {
            Some(shard) if parts::is_there(folder, &shard) => found.push((planned.split, shard)),
            Some(_) => missing.push(planned.name),
            None => unlisted.push(number),
        }
    }
    let of = parts::usual(&lists);
    if let (Some(of), false) = (of, unlisted.is_empty()) {
        let count = manifest.shards();
        let lacking = |part: &Part| {
            let own = part.shards(count);
            unlisted.iter().any(|number| own.contains(number))
        };
        let lacking: Vec<u64> =
            (0..of).map(|index| Part { index, of }).filter(lacking).map(|part| part.index).collect();
        let (word, are) = if lacking.len() == 1 { ("part", "is") } else { ("parts", "are") };
        let what = format!("of {of} parts, {word} {} {are} missing", parts::ranges(&lacking));
        return Err(StoreError::Incomplete { path: folder.into(), what }.into());
    }
    if !missing.is_empty() || !unlisted.is_empty() {
        let what = format!(
            "{} shards are missing or cut short: {}",
            missing.len() + unlisted.len(),
            missing.join(", ")
        );
        return Err(StoreError::Incomplete { path: folder.into(), what }.into());
    }
    let text = Journal::text(&manifest, found.iter().map(|(_, shard)| shard));
    manifest.fill(found);
    build::all_there(folder, &manifest)?;
    build::write_licenses(folder, "merge", &manifest)?;
    atomic::write(folder, MERGED, "merge", text.as_bytes())?;
    build::finish(folder, "merge", &mut manifest)?;
    let strays = lists.iter().filter(|list| Some(list.part.of) != of).map(|list| list.name.clone()).collect();
    remove(folder, &lists)?;
    Ok(Merged { manifest, strays, copied })
}

/// Removes lists; returns their names.
fn remove(folder: &Path, lists: &[List]) -> Result<Vec<String>> {
    for list in lists {
        atomic::remove(&folder.join(&list.name))?;
    }
    Ok(lists.iter().map(|list| list.name.clone()).collect())
}

/// Copies finished parts of another folder, files before the lists that name them. Returns how many files were copied.
fn gather(folder: &Path, other: &Path, watch: &Watch) -> Result<u64> {
    let lists = parts::lists(other)?;
    if lists.is_empty() {
        return Err(StoreError::NoDataSet { path: other.into(), reason: parts::why_none(other) }.into());
    }
    if let (Ok(a), Ok(b)) = (folder.canonicalize(), other.canonicalize())
        && a == b
    {
        return Ok(0);
    }
    if let Some(known) = parts::lists(folder)?.first()
        && let Some(difference) = known.content.head.difference(&lists[0].content.head)
    {
        return Err(StoreError::Different { path: other.into(), difference }.into());
    }
    let rows = lists.iter().flat_map(|list| &list.content.shards).map(|shard| shard.rows).sum();
    let pass = watch.pass("copying", Unit::Images, Some(rows));
    let mut copied = 0;
    for list in &lists {
        for shard in &list.content.shards {
            pass.check()?;
            for file in shard.files() {
                copied += copy(folder, other, &file)?;
            }
            if let Way::Pictures(_) = list.content.head.format.way() {
                for file in pictures::listed(other, shard)? {
                    copied += copy(folder, other, &file)?;
                }
            }
            pass.add(shard.rows);
        }
        let text = Journal::text(&list.content.head, &list.content.shards);
        atomic::write(folder, &list.name, "merge", text.as_bytes())?;
    }
    Ok(copied)
}

/// Copies a file unless it is there; returns how many were copied.
fn copy(folder: &Path, other: &Path, file: &SideFile) -> Result<u64> {
    let inside = |source| StoreError::Unsound {
        path: other.into(),
        flaw: super::manifest::Flaw::Name { what: "a file", source },
    };
    let name = Inside::file(&file.name).map_err(inside)?;
    let there = name.find(folder).and_then(std::fs::metadata);
    if there.is_ok_and(|found| found.is_file() && found.len() == file.bytes) {
        return Ok(0);
    }
    let path = other.join(&file.name);
    let failed = |source| StoreError::Read { path: path.clone(), source };
    let mut from = Inside::file(&file.name).map_err(inside)?.open(other).map_err(failed)?;
    let mut to = atomic::Pending::begin(folder, &file.name, "merge")?;
    let mut piece = vec![0; 1 << 20];
    loop {
        let read = from.read(&mut piece).map_err(failed)?;
        if read == 0 {
            break;
        }
        to.append(&piece[..read])?;
    }
    if !to.is_digest(&file.blake3) {
        return Err(StoreError::Copied { path }.into());
    }
    to.finish()?;
    Ok(1)
}
