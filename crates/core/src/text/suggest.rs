//! "Did you mean": the known name that a word is most probably a slip of.

use std::path::{Component, Path, PathBuf};

/// Characters of a word that are looked at; a longer one is no slip.
const LONGEST: usize = 80;

/// The candidate that `word` is most probably a slip of, if there is one: at most a third of its letters (and one more) were added,
/// left out, changed or exchanged with their neighbors, and one of words so short that anything is near them.
pub fn nearest<'a>(word: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let limit = match word.chars().count() {
        0..=3 => 1,
        letters => letters / 3 + 1,
    };
    // Capitals are no slip.
    let word: String = word.chars().take(LONGEST).collect::<String>().to_lowercase();
    candidates
        .map(|candidate| (strsim::osa_distance(&word, &candidate.to_lowercase()), candidate))
        .filter(|(edits, candidate)| *edits <= limit && *edits < candidate.chars().count())
        .min_by_key(|(edits, _)| *edits)
        .map(|(_, candidate)| candidate)
}

/// Entries of a folder that are looked at.
const MOST_ENTRIES: usize = 4096;

/// The path that is there and that `path`, which is not, is most probably a slip of: names that are wrong are looked for in the folder that they
/// were to lie in.
#[must_use]
pub fn nearest_path(path: &Path) -> Option<PathBuf> {
    let mut found = PathBuf::new();
    for component in path.components() {
        let next = found.join(component);
        match component {
            Component::Normal(name) if !next.exists() => {
                let folder = if found.as_os_str().is_empty() { Path::new(".") } else { found.as_path() };
                let entries = std::fs::read_dir(folder).ok()?.flatten().take(MOST_ENTRIES);
                let mut names: Vec<String> =
                    entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
                names.sort();
                let near = nearest(name.to_str()?, names.iter().map(String::as_str))?;
                found.push(near);
            }
            _ => found = next,
        }
    }
    found.exists().then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_looked_for_where_they_were_to_lie() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("data/mnist")).unwrap();
        let near = |name: &str| {
            let found = nearest_path(&folder.path().join(name))?;
            Some(found.strip_prefix(folder.path()).unwrap().to_str().unwrap().to_owned())
        };
        assert_eq!(near("data/minst").as_deref(), Some("data/mnist"));
        assert_eq!(near("data/MNIST").as_deref(), Some("data/mnist"));
        assert_eq!(near("dta/minst").as_deref(), Some("data/mnist"));
        assert_eq!(near("data/mnist/a"), None);
        assert_eq!(near("elsewhere"), None);
    }

    #[test]
    fn slips_are_understood_and_other_words_are_not() {
        let known = ["rotate", "fliplr", "flipud", "p"];
        for (word, near) in [
            ("rotat", Some("rotate")),
            ("rotaet", Some("rotate")),
            ("flipr", Some("fliplr")),
            ("x", None),
            ("flap", None),
            ("completely_else", None),
        ] {
            assert_eq!(nearest(word, known.into_iter()), near, "{word}");
        }
        assert_eq!(nearest(&"rotate".repeat(1000), known.into_iter()), None);
    }
}
