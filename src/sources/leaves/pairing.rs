//! Which images and labels belong together, by what they are called: one table of words for arrays, files of arrays and tables.

use crate::names::SPLITS;

/// What a name says it is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Role {
    Images,
    Labels,
    /// Neither, or both: `mnist_train`.
    Whole,
}

/// Words for images, the more telling ones first, and what labels that go with them are called by preference.
const IMAGES: [(&[&str], &[&str]); 9] = [
    (&["x"], &["y", "t"]),
    (&["images"], &["labels", "label"]),
    (&["imgs", "img"], &["labels", "label", "lbls", "lbl"]),
    (&["data"], &["labels", "targets", "target", "label"]),
    (&["image"], &["label", "labels"]),
    (&["features", "feature"], &["targets", "target", "labels", "label"]),
    (&["inputs", "input"], &["outputs", "output", "targets", "target"]),
    (&["pixels", "samples"], &["labels", "targets"]),
    (&["dataset", "set"], &["labels", "label"]),
];

/// Words for labels.
const LABELS: [&str; 9] = ["y", "labels", "label", "targets", "target", "lbls", "lbl", "outputs", "output"];

/// Words for splits that mean them only beside one for images or labels.
const SHORT: [(&str, &str); 3] = [("tr", "train"), ("te", "test"), ("ts", "test")];

/// A name taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) split: Option<&'static str>,
    pub(super) role: Role,
    /// The word for images or labels.
    word: String,
    /// What else it says; the same for what belongs together.
    key: Vec<String>,
}

fn split_of(word: &str) -> Option<&'static str> {
    SPLITS.iter().find(|split| split.aliases.contains(&word)).map(|split| split.name)
}

fn image_rank(word: &str) -> Option<usize> {
    IMAGES.iter().position(|(words, _)| words.contains(&word))
}

fn is_known(word: &str) -> bool {
    image_rank(word).is_some() || LABELS.contains(&word)
}

/// The words of a name in small letters: parted by what is neither letter nor digit, and where capitals say so (`trainX`, `XTrain`), and where a
/// word for a split stands beside one for images or labels (`xtrain`).
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for part in name.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty()) {
        let chars: Vec<char> = part.chars().collect();
        let mut word = String::new();
        for (i, c) in chars.iter().enumerate() {
            let before = i.checked_sub(1).map(|i| chars[i]);
            let begins = before.is_some_and(|before| {
                c.is_uppercase()
                    && (before.is_lowercase()
                        || (before.is_uppercase()
                            && chars.get(i + 1).is_some_and(|next| next.is_lowercase())))
            });
            if begins {
                words.push(std::mem::take(&mut word));
            }
            word.extend(c.to_lowercase());
        }
        words.push(word);
    }
    let parted = |word: String| {
        let aliases = || SPLITS.iter().flat_map(|split| split.aliases);
        let pair = aliases().find_map(|alias| {
            let behind = word.strip_prefix(alias).filter(|rest| is_known(rest)).map(|rest| [*alias, rest]);
            behind.or_else(|| Some([word.strip_suffix(alias).filter(|rest| is_known(rest))?, *alias]))
        });
        match pair {
            Some(pair) if split_of(&word).is_none() => pair.map(str::to_owned).to_vec(),
            _ => vec![word],
        }
    };
    words.into_iter().flat_map(parted).collect()
}

/// Whether a word says how large something is: `60000x784`.
fn is_size(word: &str) -> bool {
    let number = |text: &str| text.trim_end_matches('k').parse::<u32>().is_ok();
    word.split_once('x').is_some_and(|(a, b)| number(a) && number(b))
}

impl Part {
    /// Of a name of an array or of a file, without what it ends with.
    pub(super) fn of(name: &str) -> Self {
        let mut all = words(name);
        // `60k x 784` says how large something is as well.
        while let Some(at) = all.windows(3).position(|three| three[1] == "x" && is_size(&three.concat())) {
            all.drain(at..at + 3);
        }
        all.retain(|word| !is_size(word));
        let known = |word: &String| is_known(word) || (word == "t" && all.len() < 3);
        let labels = all.iter().find(|word| LABELS.contains(&word.as_str()) || (*word == "t" && known(word)));
        let images = all.iter().filter(|word| image_rank(word).is_some()).min_by_key(|word| image_rank(word));
        // `train_image_labels` are labels.
        let (role, word) = match (images, labels) {
            (_, Some(labels)) => (Role::Labels, labels.clone()),
            (Some(images), None) => (Role::Images, images.clone()),
            (None, None) => (Role::Whole, String::new()),
        };
        let short = |word: &str| {
            let short = SHORT.iter().find(|(short, _)| *short == word && role != Role::Whole)?;
            Some(short.1)
        };
        let of = |word: &str| split_of(word).or_else(|| short(word));
        let split = SPLITS
            .iter()
            .map(|split| split.name)
            .find(|split| all.iter().any(|word| of(word) == Some(split)));
        let key = all.iter().filter(|word| !known(word) && of(word).is_none()).cloned().collect();
        Self { split, role, word, key }
    }

    /// How good a name for images this is; less is better.
    fn rank(&self) -> (bool, usize) {
        (!self.key.is_empty(), image_rank(&self.word).unwrap_or(IMAGES.len()))
    }

    /// How well labels go with these images; less is better.
    fn fits(&self, labels: &Self) -> usize {
        let preferred = image_rank(&self.word).map_or(&[][..], |rank| IMAGES[rank].1);
        preferred.iter().position(|word| *word == labels.word).unwrap_or(preferred.len())
    }
}

/// Images, and the labels that go with them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pair {
    pub(super) split: &'static str,
    /// Whether names say so.
    pub(super) named: bool,
    pub(super) images: String,
    pub(super) labels: Option<String>,
}

/// The pairs among these names, of each split the best one, in the order of the splits. A name without a split belongs to `train`. Images
/// may be alone where their name says nothing else than that they are images.
pub(super) fn pairs(names: &[String]) -> Vec<Pair> {
    let parts: Vec<(&String, Part)> = names.iter().map(|name| (name, Part::of(name))).collect();
    let mut found: Vec<Pair> = Vec::new();
    let splits = SPLITS.iter().map(|split| Some(split.name)).chain([None]);
    for split in splits {
        let name = split.unwrap_or("train");
        if found.iter().any(|pair| pair.split == name) {
            continue;
        }
        let of_split = || parts.iter().filter(|(_, part)| part.split == split);
        let candidates =
            of_split().filter(|(_, part)| part.role != Role::Labels).filter_map(|(images, part)| {
                let labels = of_split()
                    .filter(|(_, labels)| labels.role == Role::Labels && labels.key == part.key)
                    .min_by_key(|(_, labels)| part.fits(labels))
                    .map(|(name, _)| (*name).clone());
                let alone = part.key.is_empty() && part.role == Role::Images && part.word != "set";
                // What says nothing of a split and nothing of images is nothing.
                let is_named = split.is_some() || part.role == Role::Images;
                (is_named && (labels.is_some() || alone))
                    .then(|| ((labels.is_none(), part.rank()), images, labels))
            });
        if let Some((_, images, labels)) = candidates.min_by(|(a, ..), (b, ..)| a.cmp(b)) {
            found.push(Pair { split: name, named: split.is_some(), images: (*images).clone(), labels });
        }
    }
    found
}

/// The pairs of which both are there.
pub(super) fn whole_pairs(names: &[String]) -> Vec<Pair> {
    pairs(names).into_iter().filter(|pair| pair.labels.is_some()).collect()
}

/// What labels of these images would be called.
pub(super) fn label_of(images: &str) -> String {
    let lower = images.to_ascii_lowercase();
    for (words, partners) in IMAGES {
        for word in words {
            if let Some(rest) = lower.strip_prefix(&format!("{word}_")) {
                return format!("{}_{rest}", partners[0]);
            }
            if let Some(rest) = lower.strip_suffix(&format!("_{word}")) {
                return format!("{rest}_{}", partners[0]);
            }
        }
    }
    image_rank(&lower).map_or("labels", |rank| IMAGES[rank].1[0]).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(names: &[&str]) -> Vec<(&'static str, String, Option<String>)> {
        let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        pairs(&names).into_iter().map(|pair| (pair.split, pair.images, pair.labels)).collect()
    }

    fn pair(split: &'static str, x: &str, y: &str) -> (&'static str, String, Option<String>) {
        (split, x.to_owned(), Some(y.to_owned()))
    }

    #[test]
    fn names_make_pairs() {
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

    #[test]
    fn words_may_be_written_in_many_ways() {
        for [x, y] in [
            ["trainX", "trainY"],
            ["XTrain", "YTrain"],
            ["xtrain", "ytrain"],
            ["Xtrain", "ytrain"],
            ["x_tr", "y_tr"],
            ["train_x", "train_y"],
            ["X_train", "labels_train"],
            ["train_dataset", "train_labels"],
            ["train_imgs", "train_lbls"],
            ["train_img", "train_label"],
            ["training_set", "training_labels"],
            ["train", "train_labels"],
            ["train_features", "train_target"],
            ["kannada_X_train", "kannada_y_train"],
            ["mnist_train_images", "mnist_train_labels"],
            ["csvTrainImages 60k x 784", "csvTrainLabel 60k x 1"],
            ["csvTrainImages 20x784", "csvTrainLabel 20x1"],
            ["kmnist-train-imgs", "kmnist-train-labels"],
            ["features", "targets"],
            ["inputs", "outputs"],
            ["x", "t"],
            ["data", "target"],
            ["mnist_images", "mnist_labels"],
            ["é-images", "é-LABELS"],
        ] {
            assert_eq!(of(&[x, y]), [pair("train", x, y)]);
        }
        assert_eq!(
            of(&["testX", "testY", "trainX", "trainY"]),
            [pair("train", "trainX", "trainY"), pair("test", "testX", "testY")]
        );
        for names in
            [&["images_a", "labels_b"][..], &["train", "test"], &["y"], &["labels", "classes"], &["a", "b"]]
        {
            assert_eq!(of(names), [], "{names:?}");
        }
    }

    #[test]
    fn names_of_tables_speak_of_splits() {
        let of = |name: &str| Part::of(name).split;
        assert_eq!(
            (of("mnist_train"), of("Fashion-MNIST_test"), of("X_val")),
            (Some("train"), Some("test"), Some("val"))
        );
        assert_eq!(
            (of("trainingData"), of("testData"), of("latest"), of("tr"), of("t10k")),
            (Some("train"), Some("test"), None, None, Some("test"))
        );
        assert_eq!(Part::of("train_labels").role, Role::Labels);
        assert_eq!(Part::of("mnist_train").role, Role::Whole);
    }
}
