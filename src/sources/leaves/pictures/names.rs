//! Pictures by the names that lists have for them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

use crate::names::split_called;

/// Endings that names in lists may have, whatever the picture's is.
const ENDINGS: [&str; 9] = ["png", "jpg", "jpeg", "bmp", "webp", "gif", "tif", "tiff", "pgm"];

/// A picture, and the split in which it lies, if that has a name.
pub(super) struct Known<'a> {
    pub(super) path: &'a Path,
    pub(super) split: Option<&'a str>,
    /// Whether a class folder says its label.
    pub(super) classed: bool,
}

/// Pictures by name.
pub(super) struct Names<'a> {
    pub(super) known: Vec<Known<'a>>,
    /// By names without endings, in small letters.
    by_stem: BTreeMap<String, Vec<usize>>,
    /// By names that are numbers, without zeros before them.
    by_number: BTreeMap<String, Vec<usize>>,
    /// What class folders are called.
    folders: BTreeSet<String>,
}

/// Where a list counts from, and of which split it is.
#[derive(Clone, Copy)]
pub(super) struct Scope<'a> {
    pub(super) root: &'a Path,
    pub(super) split: Option<&'a str>,
}

/// A name without the ending of a picture.
fn stem(name: &str) -> &str {
    match name.rsplit_once('.') {
        Some((stem, ending)) if ENDINGS.iter().any(|known| known.eq_ignore_ascii_case(ending)) => stem,
        _ => name,
    }
}

/// A number without zeros before it.
fn number(stem: &str) -> Option<&str> {
    let digits = !stem.is_empty() && stem.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| stem.trim_start_matches('0'))
}

/// The folders of a path and its last name.
fn parts(path: &Path) -> Option<(Vec<&str>, &str)> {
    let mut parts: Vec<&str> = path
        .components()
        .filter_map(|part| match part {
            Component::Normal(part) => Some(part.to_str()),
            Component::Prefix(_) | Component::RootDir | Component::CurDir | Component::ParentDir => None,
        })
        .collect::<Option<_>>()?;
    let last = parts.pop()?;
    Some((parts, last))
}

/// A name of a list with slashes only, and whether it leads upwards.
pub(super) fn slashed(name: &str) -> (String, bool) {
    let name = name.trim().replace('\\', "/");
    let up = name.split('/').any(|part| part == "..");
    (name, up)
}

impl<'a> Names<'a> {
    pub(super) fn of(known: Vec<Known<'a>>) -> Self {
        let mut by_stem: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        let mut by_number: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        let folders = known.iter().filter(|one| one.classed).filter_map(|one| one.path.parent()?.file_name());
        let folders = folders.map(|name| name.to_string_lossy().into_owned()).collect();
        for (i, one) in known.iter().enumerate() {
            let Some(name) = one.path.file_name().and_then(|name| name.to_str()) else { continue };
            let own = stem(name).to_lowercase();
            if let Some(number) = number(&own) {
                by_number.entry(number.to_owned()).or_default().push(i);
            }
            by_stem.entry(own).or_default().push(i);
        }
        Self { known, by_stem, by_number, folders }
    }

    /// Pictures whose names without endings are this one's, wherever they lie.
    fn alike(&self, name: &str) -> &[usize] {
        let own = stem(name).to_lowercase();
        let same = self.by_stem.get(&own);
        same.or_else(|| self.by_number.get(number(&own)?)).map_or(&[], Vec::as_slice)
    }

    /// Whether a class folder is called so.
    pub(super) fn is_class(&self, name: &str) -> bool {
        self.folders.contains(name)
    }

    /// Whether some picture could be meant by a name.
    pub(super) fn could_be(&self, name: &str) -> bool {
        let (name, _) = slashed(name);
        let last = name.rsplit('/').next().unwrap_or_default();
        !last.is_empty() && !self.alike(last).is_empty()
    }

    /// Whether a picture counts for a list.
    pub(super) fn is_in(&self, picture: usize, scope: Scope<'_>) -> bool {
        let one = &self.known[picture];
        one.path.starts_with(scope.root)
            && (one.split.is_none() || scope.split.is_none() || one.split == scope.split)
    }

    /// The picture that a list means by a name, or the several that it could mean. The folders in a name must be those of the picture, as far as
    /// both have them; of several, the one that agrees most in folders, ending and case is meant, and one without a label before one with.
    pub(super) fn meant(&self, name: &str, scope: Scope<'_>) -> Vec<usize> {
        let (name, _) = slashed(name);
        let path = PathBuf::from(&name);
        let Some((folders, last)) = parts(&path) else { return Vec::new() };
        let absolute = name.starts_with('/') || folders.first().is_some_and(|first| first.ends_with(':'));
        let mut best = Vec::new();
        let mut most = None;
        for &picture in self.alike(last) {
            if !self.is_in(picture, scope) {
                continue;
            }
            let one = &self.known[picture];
            let Some((own, own_last)) = parts(one.path) else { continue };
            let Some(below) = one.path.strip_prefix(scope.root).ok().and_then(parts) else { continue };
            let same = own.iter().rev().zip(folders.iter().rev()).take_while(|(a, b)| a == b).count();
            let says_split =
                folders.iter().filter_map(|folder| split_called(folder)).map(|split| split.name).next_back();
            let below = below.0.len();
            let fits = same == folders.len()
                || (below > 0 && same >= below)
                || (below == 0 && (absolute || says_split.is_none() || says_split == one.split));
            let other_split = says_split.is_some_and(|said| one.split.is_some_and(|own| own != said));
            if !fits || (other_split && same < folders.len()) {
                continue;
            }
            let agrees = (
                same,
                own_last == last,
                own_last.eq_ignore_ascii_case(last),
                stem(own_last) == stem(last),
                !one.classed,
            );
            if most.is_none_or(|most| agrees > most) {
                most = Some(agrees);
                best.clear();
            }
            if most == Some(agrees) {
                best.push(picture);
            }
        }
        best
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_lists_mean_pictures() {
        let paths =
            ["in/train/0.png", "in/test/0.png", "in/train/a.png", "in/train/007.png", "in/test/8.JPG"];
        let paths = paths.map(Path::new);
        let split = |path: &Path| if path.starts_with("in/train") { "train" } else { "test" };
        let known = paths.map(|path| Known { path, split: Some(split(path)), classed: false });
        let names = Names::of(known.into());
        let meant = |name: &str, root: &str, split: Option<&str>| {
            names.meant(name, Scope { root: Path::new(root), split })
        };
        for (name, root, split, expected) in [
            ("0.png", "in", None, &[0, 1][..]),
            ("0.png", "in", Some("test"), &[1]),
            ("0.png", "in/train", None, &[0]),
            ("train/0.png", "in", None, &[0]),
            ("train\\0.png", "in", None, &[0]),
            ("./test/0", "in", None, &[1]),
            ("test/0.png", "in/train", None, &[]),
            ("/content/in/train/0.png", "in", None, &[0]),
            ("C:\\in\\test\\0.png", "in", None, &[1]),
            ("mnist/a.png", "in/train", None, &[2]),
            ("A.jpg", "in", None, &[2]),
            ("7", "in", None, &[3]),
            ("08.jpg", "in", None, &[4]),
            ("b.png", "in", None, &[]),
            ("val/a.png", "in", None, &[]),
        ] {
            assert_eq!(meant(name, root, split), expected, "{name} in {root}");
        }
        assert!(
            names.could_be("x/0.png") && names.could_be("07") && !names.could_be("") && !names.could_be("1")
        );
        assert!(slashed("a\\..\\b").1);
    }
}
