//! What is known of data sets: where their files are and what they must be.

use std::collections::BTreeSet;
use std::path::Path;

use serde::Deserialize;

use crate::base::files::{SMALL, read_text};
use crate::base::{Channels, Shape};
use crate::text::Complaint;
use crate::text::suggest::nearest;

use super::errors::FetchError;
use super::toml_tree;

/// The built-in facts.
const EMBEDDED: &str = include_str!("catalogue.toml");

/// The form that is read.
const VERSION: u32 = 1;

/// All data sets that can be fetched.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalogue {
    version: u32,
    /// In the order in which they are listed.
    #[serde(rename = "dataset")]
    pub datasets: Vec<Dataset>,
}

/// One data set.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dataset {
    /// Its name, which is also that of its folder.
    pub name: String,
    /// Its name as its makers write it.
    pub title: String,
    /// A name for several data sets together.
    pub group: Option<String>,
    /// How its files are to be read.
    #[serde(default)]
    pub form: Form,
    /// Height, width and, where there are three, channels of its images.
    shape: Vec<usize>,
    /// Number of classes.
    pub classes: usize,
    /// Their names, or none where they are the numbers.
    #[serde(default)]
    pub class_names: Vec<String>,
    /// Images are stored column by column.
    #[serde(default)]
    pub transposed: bool,
    /// The label that the files use for each class, where it is not the number of the class.
    #[serde(default)]
    pub label_values: Vec<i64>,
    /// Each image has any number of classes.
    #[serde(default)]
    pub multi_label: bool,
    /// Its license.
    pub license: String,
    /// What the license asks for.
    pub terms: Terms,
    /// Who made it.
    pub attribution: Option<String>,
    /// What one should know.
    pub note: Option<String>,
    /// Where its files are: addresses that file names are appended to, the first to be tried first.
    #[serde(default)]
    pub mirrors: Vec<String>,
    /// Its files.
    #[serde(rename = "file")]
    pub files: Vec<RemoteFile>,
    /// What they hold.
    #[serde(rename = "split")]
    pub splits: Vec<SplitSpec>,
}

/// How files are to be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Form {
    /// IDX, raw, in gzip, or in a zip archive.
    #[default]
    Idx,
    /// IDX whose labels are rows of integers: class, series, writer, ...
    IdxExtended,
    /// NumPy arrays in a zip archive.
    Npz,
    /// Text in bzip2: a label and numbered values from -1 to 1 in each line.
    Libsvm,
    /// Text with a header, a column `label` and a column for each pixel.
    Csv,
}

/// What a license asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Terms {
    /// No more than to be named.
    Free,
    /// What is derived is to be shared under the same license.
    ShareAlike,
    /// No commercial use.
    NonCommercial,
    /// Nothing is known.
    Unstated,
}

/// One file at its source.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RemoteFile {
    /// Its name, which is appended to a mirror's address.
    pub name: String,
    /// Its size.
    pub size: Option<u64>,
    /// Its SHA-256, in hexadecimal.
    pub sha256: Option<String>,
    /// Its MD5, in hexadecimal.
    pub md5: Option<String>,
    /// Size of its content after decompression.
    pub raw_size: Option<u64>,
    /// SHA-256 of its content after decompression.
    pub raw_sha256: Option<String>,
    /// Who published its digests.
    pub digests_from: Option<String>,
    /// How the digest of its content is known.
    pub content_from: Option<String>,
}

/// The longest side of an image.
const MOST_SIDE: usize = 32_768;

/// The largest file.
const MOST_BYTES: u64 = 1 << 44;

/// One split: what holds its images and labels, as `FILE` or `FILE#MEMBER`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SplitSpec {
    /// `train`, `test`, ...
    pub name: String,
    /// Number of images, where it is known.
    pub count: Option<u64>,
    /// Where the images are.
    pub images: String,
    /// Where the labels are; nothing where they lie with the images.
    pub labels: Option<String>,
}

impl SplitSpec {
    /// What the names of this split's files begin with.
    #[must_use]
    pub fn prefix(&self) -> &str {
        // The usual names come from MNIST, whose test images are called after their number.
        if self.name == "test" { "t10k" } else { &self.name }
    }
}

/// The file and, where there is one, the member of `FILE#MEMBER`.
#[must_use]
pub fn place(text: &str) -> (&str, Option<&str>) {
    text.split_once('#').map_or((text, None), |(file, member)| (file, Some(member)))
}

impl RemoteFile {
    /// Whether anything could tell a right file from a wrong one.
    #[must_use]
    pub fn pinned(&self) -> bool {
        self.sha256.is_some() || self.md5.is_some() || self.raw_sha256.is_some()
    }
}

impl Dataset {
    /// Shape of one image.
    #[must_use]
    pub fn shape(&self) -> Shape {
        let side = |i: usize| self.shape.get(i).copied().unwrap_or(1);
        // What the catalogue says is checked when it is read.
        Shape::new(side(0), side(1), Channels::colored(side(2) == 3))
    }

    /// Number of images in all splits, where that is known.
    #[must_use]
    pub fn images(&self) -> Option<u64> {
        self.splits.iter().map(|split| split.count).sum()
    }

    /// Bytes to fetch, where all sizes are known.
    #[must_use]
    pub fn bytes(&self) -> Option<u64> {
        self.files.iter().map(|file| file.size).sum()
    }

    /// The text of `LICENSE-DATA.txt`, which goes into everything derived from it.
    #[must_use]
    pub fn license_text(&self) -> String {
        let mut text = self.title.clone();
        text += ".";
        if let Some(attribution) = &self.attribution {
            text = format!("{text} {attribution}.");
        }
        text = format!("{text}\nLicense: {}.", self.license);
        match self.terms {
            Terms::Free => {}
            Terms::ShareAlike => text += " What is derived from it is to be shared under the same license.",
            Terms::NonCommercial => {
                text += " It may not be used commercially; nor may what is derived from it.";
            }
            Terms::Unstated => {
                text += " Its makers state no terms that could be found; ask them before passing it on.";
            }
        }
        text
    }

    /// What must be known before using it, for terms that ask for more than a name.
    #[must_use]
    pub fn terms_note(&self) -> Option<String> {
        let what = match self.terms {
            Terms::Free => return None,
            Terms::ShareAlike => "what you derive from it is to be shared under the same license",
            Terms::NonCommercial => "it may not be used commercially",
            Terms::Unstated => "no terms of use are known; ask its makers before passing it on",
        };
        Some(format!("{}: {}: {what}", self.title, self.license))
    }

    fn problem(&self) -> Option<String> {
        let name = &self.name;
        let plain = |text: &str| {
            !text.is_empty()
                && !text.starts_with('.')
                && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
        };
        if !plain(name) || !self.splits.iter().all(|split| plain(&split.name)) {
            return Some(format!(
                "{name:?}: names consist of letters, digits, hyphens, underscores and points"
            ));
        }
        if let Some(file) = self.files.iter().find(|file| !plain(&file.name)) {
            return Some(format!("{name}: {:?} is not the name of a file", file.name));
        }
        let side = |side: usize| (1..=MOST_SIDE).contains(&side);
        if !matches!(self.shape[..], [h, w] | [h, w, 1 | 3] if side(h) && side(w)) {
            return Some(format!(
                "{name}: shape is [height, width] or [height, width, 3], with sides up to {MOST_SIDE}"
            ));
        }
        // Headers of files have 32 bits for it.
        if let Some(split) =
            self.splits.iter().find(|split| split.count.is_some_and(|n| u32::try_from(n).is_err()))
        {
            return Some(format!("{name}: split {}: count is at most {}", split.name, u32::MAX));
        }
        if let Some(file) =
            self.files.iter().find(|file| file.size.max(file.raw_size).is_some_and(|size| size > MOST_BYTES))
        {
            return Some(format!("{name}: {}: sizes are at most {MOST_BYTES}", file.name));
        }
        if !(1..=256).contains(&self.classes) {
            return Some(format!("{name}: 1 to 256 classes"));
        }
        for (what, number) in
            [("class_names", self.class_names.len()), ("label_values", self.label_values.len())]
        {
            if number != 0 && number != self.classes {
                return Some(format!("{name}: {} classes but {number} {what}", self.classes));
            }
        }
        let hex = |digest: &Option<String>, length: usize| {
            digest.as_ref().is_none_or(|d| {
                d.len() == length && d.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
            })
        };
        for file in &self.files {
            if !hex(&file.sha256, 64) || !hex(&file.md5, 32) || !hex(&file.raw_sha256, 64) {
                return Some(format!("{name}: {}: digests are lower-case hexadecimal", file.name));
            }
        }
        for split in &self.splits {
            for text in std::iter::once(&split.images).chain(&split.labels) {
                if !self.files.iter().any(|file| file.name == place(text).0) {
                    return Some(format!("{name}: there is no file {:?}", place(text).0));
                }
            }
            if split.labels.is_none() && !matches!(self.form, Form::Libsvm | Form::Csv) {
                return Some(format!("{name}: split {} has no labels", split.name));
            }
        }
        None
    }
}

impl Catalogue {
    /// The built-in facts, or those of a file.
    ///
    /// # Errors
    /// If the file cannot be read or understood.
    pub fn load(file: Option<&Path>) -> Result<Self, FetchError> {
        match file {
            None => Self::parse(EMBEDDED, Path::new("catalogue.toml")),
            Some(path) => {
                let text = read_text(path, SMALL).map_err(FetchError::read(path))?;
                Self::parse(&text, path)
            }
        }
    }

    fn parse(text: &str, path: &Path) -> Result<Self, FetchError> {
        let bad = |reason: String| FetchError::BadCatalogue { path: path.into(), reason };
        let complain = |complaint: Complaint| complaint.in_text(&path.display().to_string(), text);
        let tree = toml_tree::parse(text).map_err(complain)?;
        let catalogue = Self::deserialize(&tree).map_err(|error| complain(error.into()))?;
        if catalogue.version != VERSION {
            return Err(bad(format!("version {VERSION} is read; this is version {}", catalogue.version)));
        }
        let mut names = BTreeSet::new();
        for dataset in &catalogue.datasets {
            if let Some(problem) = dataset.problem() {
                return Err(bad(problem));
            }
            if !names.insert(&dataset.name) {
                return Err(bad(format!("{} is there twice", dataset.name)));
            }
        }
        Ok(catalogue)
    }

    /// The data sets that names, groups or `all` mean, each once.
    ///
    /// # Errors
    /// [`FetchError::Unknown`].
    pub fn select(&self, names: &[String]) -> Result<Vec<&Dataset>, FetchError> {
        let mut wanted: Vec<&Dataset> = Vec::new();
        for name in names {
            // MedMNIST's sets are also known as medmnist/NAME.
            let bare = name.rsplit('/').next().unwrap_or(name);
            let mut found = self
                .datasets
                .iter()
                .filter(|set| name == "all" || set.name == bare || set.group.as_ref() == Some(name))
                .peekable();
            if found.peek().is_none() {
                return Err(self.unknown(name));
            }
            for set in found {
                if !wanted.iter().any(|other| other.name == set.name) {
                    wanted.push(set);
                }
            }
        }
        Ok(wanted)
    }

    fn unknown(&self, name: &str) -> FetchError {
        let groups: BTreeSet<&str> = self.datasets.iter().filter_map(|set| set.group.as_deref()).collect();
        let known: Vec<&str> = self.datasets.iter().map(|set| set.name.as_str()).chain(groups).collect();
        let squeezed = |text: &str| text.to_ascii_lowercase().replace(['-', '_', ' '], "");
        let near = known
            .iter()
            .find(|other| squeezed(other) == squeezed(name))
            .or_else(|| {
                known
                    .iter()
                    .find(|other| squeezed(name).len() > 2 && squeezed(other).contains(&squeezed(name)))
            })
            .copied()
            .or_else(|| nearest(&name.to_ascii_lowercase(), known.iter().copied()));
        FetchError::Unknown { name: name.into(), known: known.join(", "), nearest: near.map(str::to_owned) }
    }

    /// The data set and file that a digest belongs to, if it is a known one.
    #[must_use]
    pub fn owner(&self, digest: &str) -> Option<(&Dataset, &RemoteFile)> {
        let is = |known: &Option<String>| known.as_deref() == Some(digest);
        self.datasets
            .iter()
            .flat_map(|set| set.files.iter().map(move |file| (set, file)))
            .find(|(_, file)| is(&file.sha256) || is(&file.md5) || is(&file.raw_sha256))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Explain, Kind};

    #[test]
    fn the_built_in_catalogue_is_sound() {
        let all = Catalogue::load(None).unwrap();
        for (name, images, classes) in [
            ("mnist", 70_000, 10),
            ("fashion-mnist", 70_000, 10),
            ("kmnist", 70_000, 10),
            ("k49", 270_912, 49),
            ("emnist-letters", 145_600, 26),
            ("emnist-byclass", 814_255, 62),
            ("emnist-balanced", 131_600, 47),
            ("qmnist", 120_000, 10),
            ("kannada-mnist", 80_240, 10),
            ("usps", 9_298, 10),
            ("notmnist", 70_000, 10),
            ("pathmnist", 107_180, 9),
        ] {
            let found = all.select(&[name.to_owned()]).unwrap();
            assert_eq!(
                (found.len(), found[0].images(), found[0].classes),
                (1, Some(images), classes),
                "{name}"
            );
        }
        assert_eq!(all.select(&["emnist".into()]).unwrap().len(), 6);
        assert_eq!(all.select(&["medmnist".into()]).unwrap().len(), 12);
        assert_eq!(all.select(&["medmnist/pathmnist".into()]).unwrap()[0].name, "pathmnist");
        assert_eq!(all.select(&["all".into(), "mnist".into()]).unwrap().len(), all.datasets.len());
        for set in &all.datasets {
            assert!(
                set.mirrors.iter().all(|url| url.starts_with("http") && url.ends_with('/')),
                "{}",
                set.name
            );
            // Nothing may pass for something else because a fact was copied to the wrong line.
            for file in &set.files {
                for digest in [&file.sha256, &file.md5, &file.raw_sha256].into_iter().flatten() {
                    let (owner, same) = all.owner(digest).unwrap();
                    assert!(same == file || owner.name == set.name, "{}: {}", set.name, file.name);
                }
            }
        }
    }

    /// A digest that was taken of a copy that lay around would refuse the true file, and lock the wrong one.
    #[test]
    fn every_digest_has_been_published() {
        let publishers = ["torchvision 0.29.2 (MD5)", "publisher at ", "mnists 0.4.1 (MD5)"];
        let mut measured = Vec::new();
        for set in &Catalogue::load(None).unwrap().datasets {
            for file in &set.files {
                let said = file.digests_from.as_deref();
                let known = said.is_some_and(|said| publishers.iter().any(|known| said.starts_with(known)));
                assert_eq!(known, file.sha256.is_some() || file.md5.is_some(), "{}: {}", set.name, file.name);
                assert_eq!(
                    file.raw_sha256.is_some(),
                    file.content_from.is_some(),
                    "{}: {}",
                    set.name,
                    file.name
                );
                if file.content_from.as_ref().is_some_and(|said| said != "the published file, unpacked") {
                    measured.push((set.name.clone(), file.name.clone()));
                }
            }
        }
        // The one content whose packed form was not at hand is known by what is published of its pixels.
        assert_eq!(measured, [("mnist".to_owned(), "train-images-idx3-ubyte.gz".to_owned())]);
        // A copy of Fashion-MNIST in another order is about.
        let all = Catalogue::load(None).unwrap();
        for other in [
            "a8adc57f677927963cb0586145c4a453f381f1ef90c933cb3043e3196ba65bcc",
            "4be2ed5e8b4d8ec15414037406eaff205ff050ccabefbf78cca097a19238fda9",
        ] {
            assert!(all.owner(other).is_none());
        }
    }

    #[test]
    fn an_unknown_name_is_answered_with_the_nearest() {
        let all = Catalogue::load(None).unwrap();
        for (name, nearest) in [
            ("FashionMNIST", Some("fashion-mnist")),
            ("letters", Some("emnist-letters")),
            ("Fasion-MNIST", Some("fashion-mnist")),
            ("x", None),
        ] {
            let Err(FetchError::Unknown { nearest: found, .. }) = all.select(&[name.to_owned()]) else {
                panic!("{name} is known");
            };
            assert_eq!(found.as_deref(), nearest);
        }
    }

    #[test]
    fn what_is_wrong_with_a_catalogue_is_told_at_its_place() {
        for (text, says) in [
            (
                "version = 1\n[[dataset]]\ntitel = 'A'\n",
                "c.toml:3:1: unknown key \"titel\"; did you mean \"title\"?",
            ),
            ("version = 1\n[[dataset]]\nname = 3\n", "c.toml:3:8: expected a string, not 3"),
            ("version = 1\ndataset = [\n", "c.toml:"),
        ] {
            let error = Catalogue::parse(text, Path::new("c.toml")).unwrap_err();
            assert!(error.to_string().starts_with(says), "{error}");
            assert_eq!(error.kind(), Kind::Data);
        }
    }

    #[test]
    fn catalogues_with_holes_are_refused() {
        let good = "version = 1\n[[dataset]]\nname = 'a'\ntitle = 'A'\nshape = [2, 2]\nclasses = 2\nlicense = 'x'\nterms = 'free'\n\
            file = [{ name = 'i.gz' }, { name = 'l.gz' }]\nsplit = [{ name = 'train', images = 'i.gz', labels = 'l.gz' }]\n";
        let parse = |text: &str| Catalogue::parse(text, Path::new("c.toml"));
        assert!(parse(good).is_ok());
        for (from, to, says) in [
            ("version = 1", "version = 2", "version 1 is read"),
            ("name = 'a'", "name = '../a'", "names consist of"),
            ("'i.gz' }", "'../i.gz' }", "is not the name of a file"),
            ("[2, 2]", "[2]", "shape is"),
            ("classes = 2", "classes = 0", "1 to 256"),
            ("classes = 2", "classes = 2\nclass_names = ['x']", "2 classes but 1 class_names"),
            ("'i.gz' }", "'i.gz', md5 = 'xyz' }", "hexadecimal"),
            ("images = 'i.gz'", "images = 'j.gz'", "no file \"j.gz\""),
            (", labels = 'l.gz'", "", "no labels"),
            ("title", "titel", "unknown key"),
        ] {
            let error = parse(&good.replacen(from, to, 1)).unwrap_err().to_string();
            assert!(error.contains(says), "{to}: {error}");
        }
        let twice = good.to_owned() + good.split_once('\n').unwrap().1;
        assert!(parse(&twice).unwrap_err().to_string().contains("twice"));
    }
}
