//! Which ids the names of class folders stand for.

use crate::base::sample::numbered_classes;
use crate::names::natural;

use super::MOST_CLASSES;

/// Words whose order as texts is another one than as numbers.
const DIGITS: [&str; 10] = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
/// Names that a note shows.
const SHOWN: usize = 3;

/// The class that a name says by being its number.
pub(in crate::sources::leaves) fn class_number(name: &str) -> Option<usize> {
    let digits = name.bytes().all(|b| b.is_ascii_digit());
    name.parse().ok().filter(|&n| digits && n < MOST_CLASSES)
}

/// A name as what comes before its first number, and this number.
fn parted(name: &str) -> Option<(&str, u64)> {
    let start = name.find(|c: char| c.is_ascii_digit())?;
    let digits = name[start..].find(|c: char| !c.is_ascii_digit()).map_or(name.len(), |end| start + end);
    Some((&name[..start], name[start..digits].parse().ok()?))
}

/// `a is class 0, b is class 1, ...`, where these are not the same.
fn say(pairs: impl Iterator<Item = (String, usize)>) -> String {
    let pairs: Vec<_> = pairs.collect();
    let shown: Vec<String> =
        pairs.iter().take(SHOWN).map(|(name, id)| format!("{name} is class {id}")).collect();
    format!("{}{}", shown.join(", "), if pairs.len() > SHOWN { ", ..." } else { "" })
}

/// Class ids by name, and the names of all classes.
///
/// Names that are numbers are these classes, of which there are `said` or as many as needed; words beside them follow. Names that are `listed` have the
/// ids of their places there. Names with a number behind the same beginning, or none, come in the order of their numbers; others in the order of
/// their bytes. What somebody could expect otherwise is put into `notes`.
pub(in crate::sources::leaves) fn numbered(
    names: &[String],
    said: Option<usize>,
    listed: Option<&[String]>,
    notes: &mut Vec<String>,
) -> (Vec<usize>, Vec<String>) {
    if names.is_empty() {
        return (Vec::new(), Vec::new());
    }
    let mut classes = names.to_vec();
    classes.sort_by(|a, b| a.as_bytes().cmp(b.as_bytes()));
    classes.dedup();
    let numbers: Vec<usize> = classes.iter().filter_map(|name| class_number(name)).collect();
    let most = numbers.iter().max().map_or(0, |most| most + 1);
    if !numbers.is_empty() && numbers.len() == classes.len() {
        let mut distinct = numbers;
        distinct.sort_unstable();
        distinct.dedup();
        if distinct.len() < most && said.is_none() {
            notes.push(format!(
                "class folders are numbers, and so the classes that they say: folder {0} is class {0} of {most}",
                most - 1
            ));
        }
        let ids = names.iter().map(|name| class_number(name).unwrap_or(0)).collect();
        if let Some(listed) = listed.filter(|listed| (most..=MOST_CLASSES).contains(&listed.len())) {
            return (ids, listed.to_vec());
        }
        let classes = said.filter(|&said| (most..=MOST_CLASSES).contains(&said)).unwrap_or(most);
        return (ids, numbered_classes(classes));
    }
    let by_place = |classes: Vec<String>| {
        let id = |name| classes.iter().position(|class| class == name).unwrap_or(0);
        (names.iter().map(id).collect(), classes)
    };
    if let Some(listed) = listed.filter(|listed| classes.iter().all(|name| listed.contains(name))) {
        return by_place(listed.to_vec());
    }
    if let Some(mut values) =
        classes.iter().map(|name| Some((name.parse().ok()?, name.clone()))).collect::<Option<Vec<(i64, _)>>>()
    {
        values.sort();
        classes = values.into_iter().map(|(_, name)| name).collect();
        let told = say(classes.iter().cloned().zip(0..));
        notes.push(format!(
            "class folders are numbers, but not all of them from 0 to {}, so they are numbered in their order: {told}",
            MOST_CLASSES - 1
        ));
        return by_place(classes);
    }
    let words = classes.len() - numbers.len();
    if numbers.len() >= words && most + words <= MOST_CLASSES {
        let words: Vec<String> = classes.into_iter().filter(|name| class_number(name).is_none()).collect();
        let told = say(words.iter().cloned().zip(most..));
        notes.push(format!(
            "class folders that are numbers are the classes that they say, and others follow: {told}"
        ));
        let id = |name: &String| {
            let place = || most + words.iter().position(|word| word == name).unwrap_or(0);
            class_number(name).unwrap_or_else(place)
        };
        let ids = names.iter().map(id).collect();
        return (ids, [numbered_classes(most), words].concat());
    }
    let parts: Option<Vec<(&str, u64)>> = classes.iter().map(|name| parted(name)).collect();
    if let Some(parts) = parts.filter(|parts| parts.windows(2).all(|pair| pair[0].0 == pair[1].0)) {
        let mut sorted: Vec<u64> = parts.iter().map(|(_, number)| *number).collect();
        sorted.sort_unstable();
        let first = sorted.first().copied().unwrap_or(0);
        let consecutive = sorted.iter().zip(first..).all(|(number, at)| *number == at);
        let before = classes.clone();
        classes.sort_by(|a, b| natural(a, b));
        if first != 0 && consecutive || before != classes {
            let told = say(classes.iter().cloned().zip(0..));
            notes.push(format!(
                "class folders are numbered in the order of the numbers in their names: {told}"
            ));
        }
        return by_place(classes);
    }
    if classes.len() > 1 && classes.iter().all(|name| DIGITS.contains(&name.to_ascii_lowercase().as_str())) {
        let told = say(classes.iter().cloned().zip(0..));
        notes.push(format!(
            "class folders are words, so they are numbered in text order: {told}; a classes.txt with their names, one a line, gives another order"
        ));
    }
    by_place(classes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The ids of names, and the notes.
    fn ids(names: &[&str]) -> (Vec<usize>, usize, String) {
        let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        let mut notes = Vec::new();
        let (ids, classes) = numbered(&names, None, None, &mut notes);
        (ids, classes.len(), notes.join("; "))
    }

    #[test]
    fn numbers_are_their_classes_and_words_follow() {
        assert_eq!(ids(&["10", "2", "03"]).0, [10, 2, 3]);
        let (found, classes, note) = ids(&["0", "10", "2", "unknown"]);
        assert_eq!((found, classes), (vec![0, 10, 2, 11], 12));
        assert!(note.contains("unknown is class 11"), "{note}");
        let (found, classes, _) = ids(&["0", "9", "A", "Z"]);
        assert_eq!((found, classes), (vec![0, 9, 10, 11], 12));
        // One number among words is a word.
        assert_eq!(ids(&["9", "cat", "dog"]), (vec![0, 1, 2], 3, String::new()));
        let mut notes = Vec::new();
        let named = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
        let found = numbered(&named(&["3", "7"]), Some(10), None, &mut notes);
        assert_eq!(found, (vec![3, 7], numbered_classes(10)));
        assert!(notes.is_empty());
    }

    #[test]
    fn numbers_in_names_give_the_order() {
        let (found, _, note) = ids(&["class_0", "class_1", "class_10", "class_2"]);
        assert_eq!(found, [0, 1, 3, 2]);
        assert!(note.contains("class_0 is class 0"), "{note}");
        let (found, _, note) = ids(&["class_1", "class_10", "class_2"]);
        assert_eq!(found, [0, 2, 1]);
        assert!(note.contains("class_1 is class 0"), "{note}");
        assert_eq!(ids(&["0_zero", "10_ten", "9_nine"]).0, [0, 2, 1]);
        assert_eq!(ids(&["class_0", "class_1"]), (vec![0, 1], 2, String::new()));
        assert_eq!(ids(&["n01440764", "n01443537"]).2, "");
        let (found, _, note) = ids(&["-1", "0", "10", "2"]);
        assert_eq!(found, [0, 1, 3, 2]);
        assert!(note.contains("-1 is class 0"), "{note}");
        assert_eq!(ids(&["300", "1998"]).0, [0, 1]);
        assert_eq!(ids(&["cat10", "dog2"]).0, [0, 1]);
    }

    #[test]
    fn digits_in_words_are_told_and_lists_give_their_order() {
        let (found, _, note) = ids(&["one", "zero"]);
        assert_eq!(found, [0, 1]);
        assert!(note.contains("classes.txt"), "{note}");
        let named = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
        let listed = named(&["zero", "one", "two"]);
        let mut notes = Vec::new();
        let found = numbered(&named(&["one", "zero"]), None, Some(&listed), &mut notes);
        assert_eq!(found, (vec![1, 0], listed.clone()));
        assert_eq!(numbered(&named(&["1", "0"]), None, Some(&listed), &mut notes), (vec![1, 0], listed));
        let other = named(&["x", "y"]);
        assert_eq!(numbered(&named(&["b", "a"]), None, Some(&other), &mut notes).1, named(&["a", "b"]));
        assert!(notes.is_empty());
    }
}
