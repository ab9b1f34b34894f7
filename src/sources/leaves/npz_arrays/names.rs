//! Which arrays belong together, by their names and by the names of their files.

use crate::names::{SPLITS, split_called};

/// What arrays of images are called, and those of labels that go with them.
const KINDS: [(&str, &[&str]); 5] = [
    ("x", &["y"]),
    ("images", &["labels"]),
    ("imgs", &["labels"]),
    ("data", &["labels", "targets", "target"]),
    ("image", &["label"]),
];

/// The arrays of one split.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pair {
    pub(super) split: &'static str,
    /// Whether the arrays' names say so.
    pub(super) named: bool,
    pub(super) images: String,
    pub(super) labels: Option<String>,
}

/// The pairs among names of files, in which other words may stand: `kmnist-train-imgs` and `kmnist-train-labels`.
pub(super) fn file_pairs(names: &[String]) -> Vec<Pair> {
    let mut found: Vec<Pair> = Vec::new();
    for name in names {
        let lower = name.to_ascii_lowercase();
        let words: Vec<&str> = lower.split(|c: char| !c.is_ascii_alphanumeric()).collect();
        let split = words.iter().find_map(|word| split_called(word)).map(|split| split.name);
        let partner = KINDS.iter().find_map(|(kind, partners)| {
            let at = words.iter().position(|word| word == kind)?;
            // Words are of ASCII letters, and what stands between them is one byte or a character; both keep their places.
            let start: usize =
                lower.split_inclusive(|c: char| !c.is_ascii_alphanumeric()).take(at).map(str::len).sum();
            partners.iter().find_map(|partner| {
                let wanted = format!("{}{partner}{}", &lower[..start], &lower[start + kind.len()..]);
                names.iter().find(|name| name.to_ascii_lowercase() == wanted).cloned()
            })
        });
        let split_name = split.unwrap_or("train");
        if let Some(labels) = partner
            && !found.iter().any(|pair| pair.split == split_name)
        {
            let (images, labels) = (name.clone(), Some(labels));
            found.push(Pair { split: split_name, named: split.is_some(), images, labels });
        }
    }
    found
}

/// The pairs among these names. Case does not count; a name without a split belongs to `train`.
pub(super) fn pairs(names: &[String]) -> Vec<Pair> {
    let find = |wanted: &str| names.iter().find(|name| name.eq_ignore_ascii_case(wanted)).cloned();
    let mut found: Vec<Pair> = Vec::new();
    let parts =
        SPLITS.iter().flat_map(|split| split.aliases.iter().map(move |part| (split.name, Some(*part))));
    for (split, part) in parts.chain([("train", None)]) {
        let spelled = |kind: &str| match part {
            Some(part) => vec![format!("{kind}_{part}"), format!("{part}_{kind}"), format!("{part}-{kind}")],
            None => vec![kind.to_owned()],
        };
        for (kind, partners) in KINDS {
            let Some((way, images)) =
                spelled(kind).iter().enumerate().find_map(|(i, name)| Some((i, find(name)?)))
            else {
                continue;
            };
            if found.iter().any(|pair| pair.split == split) {
                continue;
            }
            let labels = partners.iter().find_map(|partner| find(&spelled(partner)[way]));
            found.push(Pair { split, named: part.is_some(), images, labels });
        }
    }
    found
}

/// What labels of these images would be called.
pub(super) fn label_of(images: &str) -> String {
    let lower = images.to_ascii_lowercase();
    for (kind, partners) in KINDS {
        if let Some(rest) = lower.strip_prefix(&format!("{kind}_")) {
            return format!("{}_{rest}", partners[0]);
        }
        if let Some(rest) = lower.strip_suffix(&format!("_{kind}")) {
            return format!("{rest}_{}", partners[0]);
        }
    }
    KINDS.iter().find(|(kind, _)| *kind == lower).map_or("labels", |(_, partners)| partners[0]).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(names: &[&str]) -> Vec<(&'static str, String, Option<String>)> {
        let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        pairs(&names).into_iter().map(|pair| (pair.split, pair.images, pair.labels)).collect()
    }

    #[test]
    fn names_of_files_make_pairs() {
        let of = |names: &[&str]| {
            let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
            let pairs = file_pairs(&names).into_iter();
            pairs.map(|pair| (pair.split, pair.images, pair.labels.unwrap())).collect::<Vec<_>>()
        };
        let pair = |split, x: &str, y: &str| (split, x.to_owned(), y.to_owned());
        assert_eq!(
            of(&["kmnist-test-imgs", "kmnist-test-labels", "kmnist-train-imgs", "kmnist-train-labels"]),
            [
                pair("test", "kmnist-test-imgs", "kmnist-test-labels"),
                pair("train", "kmnist-train-imgs", "kmnist-train-labels")
            ]
        );
        assert_eq!(of(&["é-images", "é-LABELS"]), [pair("train", "é-images", "é-LABELS")]);
        assert_eq!(of(&["images", "other"]), []);
    }

    #[test]
    fn names_make_pairs() {
        let pair = |split, x: &str, y: &str| (split, x.to_owned(), Some(y.to_owned()));
        assert_eq!(
            of(&["y_test", "x_test", "y_train", "x_train", "more"]),
            [pair("train", "x_train", "y_train"), pair("test", "x_test", "y_test")]
        );
        assert_eq!(
            of(&["val_images", "val_labels", "train_labels", "train_images"]),
            [pair("train", "train_images", "train_labels"), pair("val", "val_images", "val_labels")]
        );
        assert_eq!(of(&["X_valid", "y_valid"]), [pair("val", "X_valid", "y_valid")]);
        assert_eq!(of(&["x", "y", "origin"]), [pair("train", "x", "y")]);
        assert_eq!(of(&["x_train"]), [("train", "x_train".to_owned(), None)]);
        assert_eq!(of(&["arr_0", "arr_1"]), []);
        assert_eq!(
            (label_of("X_train"), label_of("val_images"), label_of("x")),
            ("y_train".into(), "val_labels".into(), "y".into())
        );
    }
}
