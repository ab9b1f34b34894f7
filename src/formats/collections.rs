//! What others call the published collections that samples come from: torchvision's folders, repositories on the Hugging Face Hub, kinds of
//! classes.
//!
//! A collection is known by its license text, which goes along with whatever is derived from it.

/// How torchvision's class of a collection lays out its files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Torchvision {
    /// The folder, with `/` at its end: `FashionMNIST/raw/`.
    pub folder: &'static str,
    /// What names of files begin with: `emnist-digits-`. Where there is something, `test` is called so, and not `t10k`.
    pub prefix: &'static str,
    /// Whether labels are rows of eight integers, of which the first is the class.
    pub extended: bool,
}

/// A published collection of images.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Collection {
    /// What its license text begins with, up to the first full stop.
    pub title: &'static str,
    /// Where torchvision looks for it, if that is elsewhere than for MNIST and it takes the labels as they are.
    pub torchvision: Option<Torchvision>,
    /// What a dataset card calls it as a source.
    pub hub: &'static str,
    /// What all of its classes are, in one word.
    pub kind: &'static str,
}

const fn emnist(title: &'static str, prefix: &'static str, kind: &'static str) -> Collection {
    let torchvision = Torchvision { folder: "EMNIST/raw/", prefix, extended: false };
    Collection { title, torchvision: Some(torchvision), hub: "extended|other-emnist", kind }
}

const fn plain(
    title: &'static str,
    folder: &'static str,
    hub: &'static str,
    kind: &'static str,
) -> Collection {
    let torchvision = Some(Torchvision { folder, prefix: "", extended: false });
    Collection { title, torchvision, hub, kind }
}

/// All that are known.
pub const COLLECTIONS: &[Collection] = &[
    Collection { title: "MNIST", torchvision: None, hub: "ylecun/mnist", kind: "digit" },
    Collection { title: "MNIST handwritten digits", torchvision: None, hub: "ylecun/mnist", kind: "digit" },
    Collection { title: "Built-in digits of mnistaug", torchvision: None, hub: "original", kind: "digit" },
    plain("Fashion-MNIST", "FashionMNIST/raw/", "zalando-datasets/fashion_mnist", "clothing"),
    plain("Kuzushiji-MNIST", "KMNIST/raw/", "extended|other-kmnist", "character"),
    Collection {
        title: "Kuzushiji-49",
        torchvision: None,
        hub: "extended|other-kuzushiji-49",
        kind: "character",
    },
    emnist("EMNIST balanced", "emnist-balanced-", "character"),
    emnist("EMNIST byclass", "emnist-byclass-", "character"),
    emnist("EMNIST bymerge", "emnist-bymerge-", "character"),
    emnist("EMNIST digits", "emnist-digits-", "digit"),
    emnist("EMNIST mnist", "emnist-mnist-", "digit"),
    // torchvision counts letters from 1, which samples here do not say of themselves.
    Collection {
        title: "EMNIST letters",
        torchvision: None,
        hub: "extended|other-emnist",
        kind: "character",
    },
    Collection {
        title: "QMNIST",
        torchvision: Some(Torchvision { folder: "QMNIST/raw/", prefix: "qmnist-", extended: true }),
        hub: "extended|other-qmnist",
        kind: "digit",
    },
    Collection {
        title: "Kannada-MNIST",
        torchvision: None,
        hub: "extended|other-kannada-mnist",
        kind: "digit",
    },
    Collection { title: "USPS", torchvision: None, hub: "extended|other-usps", kind: "digit" },
    Collection {
        title: "notMNIST (60,000 and 10,000 of it)",
        torchvision: None,
        hub: "extended|other-notmnist",
        kind: "character",
    },
];

/// The known collections that license texts are of, each once, and whether there are texts of others.
#[must_use]
pub fn of_licenses(licenses: &[String]) -> (Vec<&'static Collection>, bool) {
    let mut known: Vec<&Collection> = Vec::new();
    let mut others = false;
    // Texts that were put into one file are parted by an empty line.
    for text in licenses.iter().flat_map(|text| text.split("\n\n")) {
        let first = text.trim_start().lines().next().unwrap_or_default();
        let is_of = |of: &&Collection| {
            first.strip_prefix(of.title).is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '.']))
        };
        match COLLECTIONS.iter().find(is_of) {
            Some(found) if known.contains(&found) => {}
            Some(found) => known.push(found),
            None => others |= !first.is_empty(),
        }
    }
    (known, others)
}

/// The one collection that all images come from, if it is one, and known. Of several with the same folder it is the first.
#[must_use]
pub fn only(licenses: &[String]) -> Option<&'static Collection> {
    match of_licenses(licenses) {
        (known, false) if known.len() == 1 => known.first().copied(),
        _ => None,
    }
}

/// Identifiers of licenses on the Hub, those that data are under.
#[cfg(any(feature = "parquet", test))]
const LICENSES: &[&str] = &[
    "mit",
    "apache-2.0",
    "bsd-2-clause",
    "bsd-3-clause",
    "cc0-1.0",
    "cc-by-2.0",
    "cc-by-2.5",
    "cc-by-3.0",
    "cc-by-4.0",
    "cc-by-sa-3.0",
    "cc-by-sa-4.0",
    "cc-by-nc-2.0",
    "cc-by-nc-3.0",
    "cc-by-nc-4.0",
    "cc-by-nd-4.0",
    "cc-by-nc-nd-3.0",
    "cc-by-nc-nd-4.0",
    "cc-by-nc-sa-2.0",
    "cc-by-nc-sa-3.0",
    "cc-by-nc-sa-4.0",
    "gpl-3.0",
    "odbl",
    "odc-by",
    "pddl",
    "unlicense",
];

/// The Hub's identifiers of the licenses that these texts name, in order, each once; `unknown` for a text that names none.
#[must_use]
#[cfg(any(feature = "parquet", test))]
pub fn hub_licenses(licenses: &[String]) -> Vec<&'static str> {
    let mut found = Vec::new();
    for text in licenses.iter().flat_map(|text| text.split("\n\n")).filter(|text| !text.trim().is_empty()) {
        let said = text.lines().filter_map(|line| line.trim_start().strip_prefix("License:"));
        let words =
            said.flat_map(|line| line.split(|c: char| !c.is_ascii_alphanumeric() && !"-.".contains(c)));
        let id = |word: &str| {
            let word = word.trim_matches('.');
            LICENSES.iter().find(|id| id.eq_ignore_ascii_case(word)).copied()
        };
        let own: Vec<&str> = words.filter_map(id).collect();
        for id in if own.is_empty() { vec!["unknown"] } else { own } {
            if !found.contains(&id) {
                found.push(id);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_say_what_they_are_of() {
        let of = |texts: &[&str]| -> Option<&'static str> {
            let texts: Vec<String> = texts.iter().map(|&text| text.to_owned()).collect();
            only(&texts).map(|found| found.title)
        };
        let fashion = "Fashion-MNIST. Copyright (c) 2017 Zalando SE.\nLicense: MIT.";
        assert_eq!(of(&[fashion]), Some("Fashion-MNIST"));
        assert_eq!(of(&[fashion, fashion]), Some("Fashion-MNIST"));
        assert_eq!(
            of(&["MNIST handwritten digits. Yann LeCun.\nLicense: x"]),
            Some("MNIST handwritten digits")
        );
        assert_eq!(of(&["MNISTed. x"]), None);
        assert_eq!(of(&[fashion, "Somebody's own.\nLicense: MIT."]), None);
        assert_eq!(of(&[&format!("{fashion}\n\nQMNIST. x.\nLicense: BSD-3-Clause.")]), None);
        assert_eq!(of(&[]), None);
    }

    #[test]
    fn licenses_are_told_by_their_identifiers() {
        let texts = |texts: &[&str]| -> Vec<String> { texts.iter().map(|&text| text.to_owned()).collect() };
        let found = hub_licenses(&texts(&[
            "A.\nLicense: Creative Commons Attribution-ShareAlike 3.0 (CC-BY-SA-3.0). What is derived",
            "B.\nLicense: MIT.\n\nC.\nLicense: MIT, as mnistaug itself.",
            "D. mit.\nLicense: unstated",
        ]));
        assert_eq!(found, ["cc-by-sa-3.0", "mit", "unknown"]);
        assert!(hub_licenses(&[]).is_empty());
    }
}
