//! What splits, and files and arrays for them, are called: one table, written from and read with.

use std::cmp::Ordering;

/// One split that everybody knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SplitName {
    /// Its name here.
    pub name: &'static str,
    /// All words for it that files, arrays and folders of others are called by, its own among them; small letters.
    pub aliases: &'static [&'static str],
    /// What names of IDX files begin with, as MNIST's authors, MedMNIST and Kannada-MNIST have them.
    pub idx: &'static str,
}

/// All splits with names of their own, in the order in which they come everywhere.
pub const SPLITS: [SplitName; 4] = [
    SplitName { name: "train", aliases: &["train", "training"], idx: "train" },
    SplitName { name: "val", aliases: &["val", "valid", "validation", "dev"], idx: "val" },
    SplitName { name: "test", aliases: &["test", "testing", "t10k"], idx: "t10k" },
    // Kannada-MNIST's second test set.
    SplitName { name: "dig", aliases: &["dig"], idx: "dig" },
];

/// Classes of the MNIST family where nothing else is said.
pub const CLASSES: usize = 10;

/// The file with the names of classes, one a line, beside IDX files and files of whole splits.
pub const CLASS_LIST: &str = "classes.txt";

/// Words beside that of a split that say nothing: `trainingSet`, `test_images`, `train-data`.
const NEUTRAL: [&str; 16] = [
    "set", "sets", "data", "dataset", "split", "image", "images", "img", "imgs", "picture", "pictures",
    "png", "jpg", "sample", "samples", "folder",
];

/// The split that a name stands for, if there is one: one word for it, and besides it only what says nothing. Case does not count,
/// nor whether words are written apart.
#[must_use]
pub fn split_called(name: &str) -> Option<&'static SplitName> {
    let neutral = |word: &str| NEUTRAL.iter().any(|known| known.eq_ignore_ascii_case(word));
    let mut found = None;
    for word in words(name) {
        if neutral(word) {
            continue;
        }
        if found.is_some() {
            return None;
        }
        found = Some(split_word(word)?);
    }
    found
}

/// The split that a word stands for, with one that says nothing right behind it or without.
fn split_word(word: &str) -> Option<&'static SplitName> {
    let alias = |word: &str| {
        SPLITS.iter().find(|split| split.aliases.iter().any(|alias| alias.eq_ignore_ascii_case(word)))
    };
    alias(word).or_else(|| {
        let lower = word.to_ascii_lowercase();
        NEUTRAL.iter().find_map(|known| alias(lower.strip_suffix(known)?))
    })
}

/// The split that exactly one word of a name stands for, whatever the others say, and these without their numbers: `mnist_train`, `1_test`,
/// `train-28x28`, `train60k`. A class may be called so as well: what stands beside it has to be looked at.
#[must_use]
pub fn split_within(name: &str) -> Option<(&'static SplitName, String)> {
    let (mut found, mut rest) = (None, String::new());
    for word in words(name) {
        let letters = word.split(|c: char| c.is_ascii_digit()).next().unwrap_or_default();
        match split_word(word).or_else(|| split_word(letters)) {
            // `dig0` to `dig9` are digits.
            Some(split) if split.name != "dig" => {
                if found.is_some() {
                    return None;
                }
                found = Some(split);
            }
            Some(_) | None => {
                rest.extend(word.chars().filter(|c| !c.is_ascii_digit()).flat_map(char::to_lowercase));
            }
        }
    }
    Some((found?, rest))
}

/// Whether one of the words of a name is one of these, which are small letters.
#[must_use]
pub fn has_word(name: &str, known: &[&str]) -> bool {
    words(name).iter().any(|word| known.iter().any(|known| known.eq_ignore_ascii_case(word)))
}

/// Whether a name says nothing of what is in a folder: `images`, `data`.
#[must_use]
pub fn says_nothing(name: &str) -> bool {
    let words = words(name);
    !words.is_empty() && words.iter().all(|word| NEUTRAL.iter().any(|known| known.eq_ignore_ascii_case(word)))
}

/// The words of a name: parted by what is neither letter nor digit, and where a capital follows a small letter.
fn words(name: &str) -> Vec<&str> {
    let mut words = Vec::new();
    for part in name.split(|c: char| !c.is_alphanumeric()) {
        let mut start = 0;
        let mut small = false;
        for (at, c) in part.char_indices() {
            if small && c.is_uppercase() {
                words.push(&part[start..at]);
                start = at;
            }
            small = c.is_lowercase();
        }
        if start < part.len() {
            words.push(&part[start..]);
        }
    }
    words
}

/// Whether a split is meant by a word: its own name, or another word for it.
#[must_use]
pub fn is_meant(split: &str, word: &str) -> bool {
    let fold = |name: &str| name.strip_prefix("fold").map(|rest| rest.replacen('-', "_", 1));
    split == word
        || split_called(word).is_some_and(|known| known.name == split)
        // Folds were called `fold-0` once, which the Hugging Face Hub does not take.
        || fold(split).is_some_and(|own| fold(word) == Some(own))
}

/// What names of IDX files of a split begin with.
#[must_use]
pub fn idx_prefix(split: &str) -> &str {
    SPLITS.iter().find(|known| known.name == split).map_or(split, |known| known.idx)
}

/// The order of splits: those of the table as they stand in it, then the others by name, in which numbers count as numbers.
#[must_use]
pub fn order(a: &str, b: &str) -> Ordering {
    let place = |name: &str| SPLITS.iter().position(|known| known.name == name).unwrap_or(SPLITS.len());
    place(a).cmp(&place(b)).then_with(|| natural(a, b))
}

/// Texts in order, where runs of digits count as numbers: `fold_2` comes before `fold_10`.
#[must_use]
pub fn natural(a: &str, b: &str) -> Ordering {
    let (mut left, mut right) = (a, b);
    loop {
        let (x, y) = match (run(left), run(right)) {
            (None, None) => return a.cmp(b),
            (None, Some(_)) => return Ordering::Less,
            (Some(_), None) => return Ordering::Greater,
            (Some(x), Some(y)) => (x, y),
        };
        let number = |text: &str| text.starts_with(|c: char| c.is_ascii_digit());
        let same = if number(x) && number(y) {
            let (x, y) = (x.trim_start_matches('0'), y.trim_start_matches('0'));
            x.len().cmp(&y.len()).then_with(|| x.cmp(y))
        } else {
            x.cmp(y)
        };
        if same != Ordering::Equal {
            return same;
        }
        (left, right) = (&left[x.len()..], &right[y.len()..]);
    }
}

/// The run of digits, or of other characters, that a text begins with.
fn run(text: &str) -> Option<&str> {
    let digits = text.chars().next()?.is_ascii_digit();
    let end = text.find(|c: char| c.is_ascii_digit() != digits).unwrap_or(text.len());
    Some(&text[..end])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn splits_have_one_order() {
        let mut names = ["fold_10", "dig", "x", "test", "fold_2", "val", "train"];
        names.sort_by(|a, b| order(a, b));
        assert_eq!(names, ["train", "val", "test", "dig", "fold_2", "fold_10", "x"]);
    }

    #[test]
    fn no_word_stands_for_two_splits() {
        for split in &SPLITS {
            assert_eq!(split.aliases.iter().filter(|alias| **alias == split.name).count(), 1);
            for alias in split.aliases {
                assert_eq!(*alias, alias.to_ascii_lowercase());
                assert_eq!(split_called(alias), Some(split));
            }
        }
        for (name, split) in [
            ("Training", Some("train")),
            ("trainingSet", Some("train")),
            ("testSet", Some("test")),
            ("TRAIN", Some("train")),
            ("test_images", Some("test")),
            ("traindata", Some("train")),
            ("train-data-set", Some("train")),
            ("testing", Some("test")),
            ("Validation_Set", Some("val")),
            ("dev", Some("val")),
            // A train is also a vehicle: what stands beside a class is none of ours.
            ("trains", None),
            ("train test", None),
            ("freight-train", None),
            ("testimony", None),
            ("images", None),
            ("set", None),
            ("", None),
            ("é", None),
        ] {
            assert_eq!(split_called(name).map(|split| split.name), split, "{name:?}");
        }
        assert!(
            says_nothing("Images")
                && says_nothing("data_set")
                && !says_nothing("train")
                && !says_nothing("-")
        );
        for (name, split, rest) in [
            ("mnist_train", "train", "mnist"),
            ("MNIST_test", "test", "mnist"),
            ("1_train", "train", ""),
            ("train60k", "train", ""),
            ("t10k", "test", ""),
            ("train-28x28", "train", "x"),
            ("trainLabels", "train", "labels"),
            ("my_train_data", "train", "mydata"),
        ] {
            let found = split_within(name).map(|(split, rest)| (split.name, rest));
            assert_eq!(found, Some((split, rest.to_owned())), "{name}");
        }
        for name in ["train_test", "trains", "dig3", "cat", "3"] {
            assert!(split_within(name).is_none(), "{name}");
        }
        assert!(has_word("train_labels", &["labels"]) && !has_word("labelled", &["labels"]));
        assert_eq!((idx_prefix("test"), idx_prefix("fold_0")), ("t10k", "fold_0"));
        assert!(is_meant("val", "validation") && is_meant("fold_0", "fold-0") && !is_meant("val", "test"));
    }

    proptest! {
        #[test]
        fn the_order_is_one(mut names in prop::collection::vec("[a-b0-2]{0,4}", 0..6)) {
            names.sort_by(|a, b| order(a, b));
            for pair in names.windows(2) {
                prop_assert!(order(&pair[0], &pair[1]) != Ordering::Greater);
                prop_assert_eq!(order(&pair[0], &pair[1]), order(&pair[1], &pair[0]).reverse());
                prop_assert_eq!(order(&pair[0], &pair[1]) == Ordering::Equal, pair[0] == pair[1]);
            }
        }
    }
}
