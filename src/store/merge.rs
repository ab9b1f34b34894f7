//! Parts that were made apart become one data set.

use std::collections::BTreeMap;
use std::path::Path;

use super::lock::Lock;
use super::manifest::{Journal, JournalContent, MANIFEST, Manifest};
use super::part::MOST_PARTS;
use super::{Result, StoreError, atomic, build};

/// Checks that all parts and all of their shards are there, writes the manifest, and removes the parts' own records.
///
/// # Errors
/// [`StoreError::Incomplete`] with what is missing; [`StoreError::Different`] if parts are of different data sets;
/// [`StoreError::NoDataSet`] if there are no parts.
pub fn merge(folder: &Path) -> Result<Manifest> {
    if !folder.is_dir() {
        return Err(StoreError::NoDataSet { path: folder.into(), reason: "no such folder".into() }.into());
    }
    let claim = Lock::claim(folder, None)?;
    let result = merge_locked(folder);
    claim.release();
    result
}

fn merge_locked(folder: &Path) -> Result<Manifest> {
    atomic::remove_leftovers(folder, None)?;
    let read = |source| StoreError::Read { path: folder.into(), source };
    let mut parts: BTreeMap<u64, JournalContent> = BTreeMap::new();
    let mut files = Vec::new();
    let mut count = None;
    for entry in std::fs::read_dir(folder).map_err(read)? {
        let name = entry.map_err(read)?.file_name().to_string_lossy().into_owned();
        let Some((index, of)) = part_of(&name) else { continue };
        if count.is_some_and(|count| count != of) {
            return Err(StoreError::Incomplete {
                path: folder.into(),
                what: format!("parts of {} and of {of} are mixed here", count.unwrap_or_default()),
            }
            .into());
        }
        count = Some(of);
        let path = folder.join(name);
        if let Some(journal) = Journal::read(&path)? {
            parts.insert(index, journal);
            files.push(path);
        }
    }
    let Some(of) = count else {
        if folder.join(MANIFEST).exists() {
            return Ok(Manifest::read(folder)?);
        }
        return Err(StoreError::NoDataSet { path: folder.into(), reason: "no parts to merge".into() }.into());
    };
    let missing: Vec<String> =
        (0..of).filter(|i| !parts.contains_key(i)).map(|i| format!("{i}/{of}")).collect();
    if !missing.is_empty() {
        return Err(StoreError::Incomplete {
            path: folder.into(),
            what: format!("parts {} are missing", missing.join(", ")),
        }
        .into());
    }
    let mut parts = parts.into_values();
    let Some(first) = parts.next() else {
        return Err(StoreError::NoDataSet { path: folder.into(), reason: "no parts to merge".into() }.into());
    };
    let mut manifest = first.head;
    let mut shards: BTreeMap<String, _> = first.shards.into_iter().map(|s| (s.name.clone(), s)).collect();
    for part in parts {
        if let Some(difference) = manifest.difference(&part.head) {
            return Err(StoreError::Different { path: folder.into(), difference }.into());
        }
        shards.extend(part.shards.into_iter().map(|s| (s.name.clone(), s)));
    }
    let plan = manifest.plan();
    let mut found = Vec::with_capacity(plan.len());
    let mut missing = Vec::new();
    for planned in plan {
        match shards.remove(&planned.name) {
            Some(shard)
                if std::fs::metadata(folder.join(&shard.name))
                    .is_ok_and(|file| file.len() == shard.bytes) =>
            {
                found.push((planned.split, shard));
            }
            _ => missing.push(planned.name),
        }
    }
    if !missing.is_empty() {
        return Err(StoreError::Incomplete {
            path: folder.into(),
            what: format!("{} shards are missing or cut short: {}", missing.len(), missing.join(", ")),
        }
        .into());
    }
    manifest.fill(found);
    build::all_there(folder, &manifest)?;
    build::write_licenses(folder, "merge", &manifest)?;
    build::finish(folder, "merge", &mut manifest)?;
    for file in files {
        atomic::remove(&file)?;
    }
    Ok(manifest)
}

/// Index and count of a finished part's record.
fn part_of(name: &str) -> Option<(u64, u64)> {
    let (index, of) = name.strip_prefix("part-")?.strip_suffix(".jsonl")?.split_once("-of-")?;
    let (index, of) = (index.parse().ok()?, of.parse().ok()?);
    // No run is given other numbers.
    (index < of && of <= MOST_PARTS).then_some((index, of))
}
