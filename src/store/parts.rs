//! Which parts of a data set are there, and which are missing.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::manifest::{Journal, JournalContent, MANIFEST, MERGED, Manifest, Shard};
use super::part::MOST_PARTS;
use super::{Part, Result, StoreError};

/// The list that a finished part has left.
#[derive(Debug)]
pub struct List {
    /// Its file.
    pub name: String,
    /// Whose it is.
    pub part: Part,
    /// What it says.
    pub content: JournalContent,
}

/// The lists of finished parts in a folder, by number of parts and part.
///
/// # Errors
/// If the folder or a list cannot be read or understood.
pub fn lists(folder: &Path) -> Result<Vec<List>> {
    let mut found = Vec::new();
    for (name, part, is_finished) in names(folder)? {
        if is_finished && let Some(content) = Journal::read(&folder.join(&name))? {
            found.push(List { name, part, content });
        }
    }
    found.sort_by_key(|list| (list.part.of, list.part.index));
    Ok(found)
}

/// Lists and journals of parts: their names, whose they are, and whether the part is finished.
fn names(folder: &Path) -> std::result::Result<Vec<(String, Part, bool)>, StoreError> {
    let read = |source| StoreError::Read { path: folder.into(), source };
    let mut found = Vec::new();
    let entries = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(found),
        entries => entries.map_err(read)?,
    };
    for entry in entries {
        let name = entry.map_err(read)?.file_name().to_string_lossy().into_owned();
        let finished = part_of(&name);
        let begun = name.strip_prefix(".mnistaug-").and_then(part_of);
        if let Some(part) = finished.or(begun) {
            found.push((name, part, finished.is_some()));
        }
    }
    Ok(found)
}

/// Whose list or journal a file is, by its name.
fn part_of(name: &str) -> Option<Part> {
    let (index, of) = name.strip_prefix("part-")?.strip_suffix(".jsonl")?.split_once("-of-")?;
    let (index, of) = (index.parse().ok()?, of.parse().ok()?);
    // No run is given other numbers.
    (index < of && of <= MOST_PARTS).then_some(Part { index, of })
}

/// The numbers of parts, other than `of`, that lists and journals in a folder are of.
///
/// # Errors
/// If the folder cannot be read.
pub fn other_numbers(folder: &Path, of: u64) -> std::result::Result<Vec<u64>, StoreError> {
    let numbers: BTreeSet<u64> = names(folder)?.into_iter().map(|(_, part, _)| part.of).collect();
    Ok(numbers.into_iter().filter(|number| *number != of).collect())
}

/// Whether a folder holds what a run or a part of one has begun, and no finished data set. Its shards are not to be taken for one.
#[must_use]
pub fn is_unfinished(folder: &Path) -> bool {
    let is_there = |path: &Path| path.is_file();
    !is_there(&folder.join(MANIFEST))
        && (is_there(&Journal::path(folder, None))
            || is_there(&folder.join(MERGED))
            || names(folder).is_ok_and(|names| !names.is_empty()))
}

/// Why there is no data set at a path that none was found at.
pub(super) fn why_none(path: &Path) -> String {
    let reason = if path.is_dir() {
        "no parts to merge"
    } else if path.exists() {
        "it is a file"
    } else {
        "no such folder"
    };
    reason.to_owned()
}

/// The number of parts that most lists are of; where several are, the largest.
#[must_use]
pub fn usual(lists: &[List]) -> Option<u64> {
    let mut counts = BTreeMap::new();
    for list in lists {
        *counts.entry(list.part.of).or_insert(0_u64) += 1;
    }
    counts.into_iter().max_by_key(|(of, count)| (*count, *of)).map(|(of, _)| of)
}

/// Whether all files of a shard are there in their sizes.
pub(super) fn is_there(folder: &Path, shard: &Shard) -> bool {
    shard
        .files()
        .all(|file| std::fs::metadata(folder.join(&file.name)).is_ok_and(|found| found.len() == file.bytes))
}

/// Which parts are there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parts {
    /// How many there are to be. None in a folder that was merged.
    pub of: Option<u64>,
    /// Those that are finished, with all of their shards.
    pub there: Vec<u64>,
    /// Those that have been begun and not finished.
    pub begun: Vec<u64>,
    /// Those that are missing: all that are not finished.
    pub missing: Vec<u64>,
    /// Numbers of parts that other lists in the folder are of.
    pub others: Vec<u64>,
    /// Whether the data set is whole.
    pub merged: bool,
}

/// Looks which of `of` parts are there; of as many as most lists in the folder are of where nobody says.
///
/// # Errors
/// [`StoreError::NoDataSet`] if nothing tells how many there are; if the folder or a list cannot be read or understood.
pub fn look(folder: &Path, of: Option<u64>) -> Result<Parts> {
    let lists = lists(folder)?;
    let merged = folder.join(MANIFEST).exists();
    if merged {
        Manifest::read(folder)?;
    }
    let begun: Vec<Part> = names(folder)?
        .into_iter()
        .filter(|(.., is_finished)| !is_finished)
        .map(|(_, part, _)| part)
        .collect();
    let of = of.or_else(|| usual(&lists)).or_else(|| begun.iter().map(|part| part.of).max());
    let Some(number) = of.filter(|_| !merged) else {
        if merged {
            let (there, begun, missing, others) = Default::default();
            return Ok(Parts { of: None, there, begun, missing, others, merged });
        }
        let reason = if folder.is_dir() { "no part has been begun" } else { "no such folder" };
        return Err(StoreError::NoDataSet { path: folder.into(), reason: reason.into() }.into());
    };
    // Shards may be on the list of any part, and what is gone is missing.
    let mut shards: BTreeSet<&str> = BTreeSet::new();
    for list in &lists {
        shards.extend(
            list.content.shards.iter().filter(|shard| is_there(folder, shard)).map(|shard| &shard.name[..]),
        );
    }
    let plan = lists.first().map(|list| list.content.head.plan());
    let is_whole = |part: Part| {
        plan.as_ref().is_some_and(|plan| {
            let own = part.shards(plan.len() as u64);
            plan[own.start as usize..own.end as usize]
                .iter()
                .all(|planned| shards.contains(&planned.name[..]))
        })
    };
    let (there, missing): (Vec<u64>, Vec<u64>) =
        (0..number).partition(|&index| is_whole(Part { index, of: number }));
    let begun = begun.into_iter().filter(|part| part.of == number && !there.contains(&part.index));
    let mut begun: Vec<u64> = begun.map(|part| part.index).collect();
    begun.sort_unstable();
    Ok(Parts { of, there, begun, missing, others: other_numbers(folder, number)?, merged })
}

/// Numbers as job engines take them: `3,7,12-15`. They ascend.
#[must_use]
pub fn ranges(numbers: &[u64]) -> String {
    let runs = numbers.chunk_by(|a, b| a + 1 == *b);
    let run = |run: &[u64]| match run {
        [first, .., last] => format!("{first}-{last}"),
        _ => run.iter().map(u64::to_string).collect(),
    };
    runs.map(run).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_listed_as_arrays_take_them() {
        assert_eq!(ranges(&[]), "");
        assert_eq!(ranges(&[3]), "3");
        assert_eq!(ranges(&[0, 1]), "0-1");
        assert_eq!(ranges(&[3, 7, 12, 13, 14, 15]), "3,7,12-15");
    }

    #[test]
    fn names_tell_parts() {
        assert_eq!(part_of("part-00003-of-00008.jsonl"), Some(Part { index: 3, of: 8 }));
        for name in
            ["part-00008-of-00008.jsonl", "part-1-of-100000.jsonl", "part-x-of-3.jsonl", "part-0-of-1"]
        {
            assert_eq!(part_of(name), None, "{name}");
        }
    }
}
