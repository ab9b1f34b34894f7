//! "Did you mean": the known name that a word is most probably a slip of.

/// Characters of a word that are looked at; a longer one is no slip.
const LONGEST: usize = 80;

/// The candidate that `word` is most probably a slip of, if there is one: at most a third of its letters (and one more) were added,
/// left out, changed or exchanged with their neighbors.
pub fn nearest<'a>(word: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let limit = (word.chars().count() / 3).max(1) + 1;
    let word: String = word.chars().take(LONGEST).collect();
    candidates
        .map(|candidate| (strsim::osa_distance(&word, candidate), candidate))
        .filter(|(edits, candidate)| *edits <= limit && *edits < candidate.chars().count())
        .min_by_key(|(edits, _)| *edits)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_understood_and_other_words_are_not() {
        let known = ["rotate", "fliplr", "flipud", "p"];
        for (word, near) in [
            ("rotat", Some("rotate")),
            ("rotaet", Some("rotate")),
            ("flipr", Some("fliplr")),
            ("x", None),
            ("completely_else", None),
        ] {
            assert_eq!(nearest(word, known.into_iter()), near, "{word}");
        }
        assert_eq!(nearest(&"rotate".repeat(1000), known.into_iter()), None);
    }
}
