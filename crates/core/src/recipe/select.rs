//! Some of a source's samples: by class, by number of objects, shuffled, by index range, the first so many.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::stage::{Pipelines, Stage, StageError, said};
use super::{Node, Recipe, Within};

/// Some of the samples of each split.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Select {
    /// Of these.
    pub of: Box<Recipe>,
    /// Those with one of these classes,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub labels: Option<LabelSet>,
    /// of them those with so many objects,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub objects: Option<ObjectCount>,
    /// in an order drawn by this seed,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shuffle: Option<Shuffle>,
    /// of them this range,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub range: Option<IndexRange>,
    /// of them the first so many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
}

impl Select {
    /// Whether it changes anything.
    #[must_use]
    pub fn selects(&self) -> bool {
        let Self { of: _, labels, objects, shuffle, range, limit } = self;
        labels.is_some() || objects.is_some() || shuffle.is_some() || range.is_some() || limit.is_some()
    }
}

impl Node for Select {
    fn children(&self) -> &[Recipe] {
        std::slice::from_ref(&self.of)
    }

    fn children_mut(&mut self) -> &mut [Recipe] {
        std::slice::from_mut(&mut self.of)
    }

    fn makes_copies(&self) -> bool {
        false
    }

    // Two orders, one behind the other, are one more order, whatever their seeds.
    fn seed(&self) -> Option<u64> {
        None
    }
}

/// What the stage of a recipe file may say: what is said of inputs, of the samples that the stages before it make.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Keys {
    #[serde(deserialize_with = "said")]
    labels: Option<LabelSet>,
    #[serde(deserialize_with = "said")]
    objects_are: Option<ObjectCount>,
    #[serde(deserialize_with = "said")]
    shuffle_seed: Option<Shuffle>,
    #[serde(deserialize_with = "said")]
    range: Option<IndexRange>,
    limit: Option<Within<1, { u64::MAX }>>,
}

/// Reads the stage of a recipe file.
pub(super) fn stage(stage: &Stage, of: Recipe, _: &mut dyn Pipelines) -> Result<Recipe, StageError> {
    let Keys { labels, objects_are: objects, shuffle_seed: shuffle, range, limit } = stage.read()?;
    let select = Select { of: Box::new(of), labels, objects, shuffle, range, limit: limit.map(Within::get) };
    if !select.selects() {
        let message = "the stage says nothing of what to select";
        return Err(stage
            .complain(stage.at, message)
            .help("Add for instance `labels: 5-9` or `limit: 100`")
            .into());
    }
    Ok(select.into())
}

/// A random order: `3` by this program's own numbers, `numpy:3` that of `numpy.random.RandomState(3).permutation`, `python:3` that of
/// `random.Random(3).shuffle`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Written", try_from = "Written")]
pub struct Shuffle {
    /// Whose numbers.
    pub by: Numbers,
    /// The seed.
    pub seed: u64,
}

/// Whose random numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Numbers {
    /// This program's.
    Own,
    /// NumPy's legacy ones.
    NumPy,
    /// Those of Python's standard library.
    Python,
}

/// A number, or a text.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Written {
    Seed(u64),
    Text(String),
}

impl From<Shuffle> for Written {
    fn from(shuffle: Shuffle) -> Self {
        match shuffle.by {
            Numbers::Own => Self::Seed(shuffle.seed),
            Numbers::NumPy | Numbers::Python => Self::Text(shuffle.to_string()),
        }
    }
}

impl TryFrom<Written> for Shuffle {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        match written {
            Written::Seed(seed) => Ok(Self { by: Numbers::Own, seed }),
            Written::Text(text) => text.parse(),
        }
    }
}

impl std::str::FromStr for Shuffle {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (by, seed) = match text.split_once(':') {
            Some(("numpy", seed)) => (Numbers::NumPy, seed),
            Some(("python", seed)) => (Numbers::Python, seed),
            Some(_) | None => (Numbers::Own, text),
        };
        let seed = seed.trim().parse().map_err(|_| {
            format!("expected a seed of 0 or more, numpy:SEED or python:SEED; found {text:?}")
        })?;
        if by == Numbers::NumPy && u32::try_from(seed).is_err() {
            return Err(format!("NumPy's seeds go up to {}, and {seed} is beyond that", u32::MAX));
        }
        Ok(Self { by, seed })
    }
}

impl fmt::Display for Shuffle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.by {
            Numbers::Own => write!(f, "{}", self.seed),
            Numbers::NumPy => write!(f, "numpy:{}", self.seed),
            Numbers::Python => write!(f, "python:{}", self.seed),
        }
    }
}

/// Numbers of objects of an image, `lo..=hi`, as `--objects-are 1` or `--objects-are 0-2` gives them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct ObjectCount {
    /// Fewest.
    pub lo: u32,
    /// Most.
    pub hi: u32,
}

impl ObjectCount {
    /// Whether so many objects are meant.
    #[must_use]
    pub fn has(self, objects: usize) -> bool {
        u32::try_from(objects).is_ok_and(|objects| (self.lo..=self.hi).contains(&objects))
    }
}

impl std::str::FromStr for ObjectCount {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = |number: &str| {
            let bad = || format!("expected a number of objects or a range such as 0-2; found {text:?}");
            number.trim().parse().map_err(|_| bad())
        };
        let (lo, hi) = match text.split_once('-') {
            Some((lo, hi)) => (number(lo)?, number(hi)?),
            None => (number(text)?, number(text)?),
        };
        if lo > hi {
            return Err(format!("the range {text} is reversed; write {hi}-{lo}"));
        }
        Ok(Self { lo, hi })
    }
}

super::said_as_text!(ObjectCount);

impl fmt::Display for ObjectCount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { lo, hi } = self;
        if lo == hi { lo.fmt(f) } else { write!(f, "{lo}-{hi}") }
    }
}

/// A class, by its id or its name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ClassName {
    /// Its id.
    Id(u8),
    /// Its name, which is no number.
    Name(String),
}

impl ClassName {
    /// Its id among classes of these names, if it is one of them.
    #[must_use]
    pub fn id(&self, names: &[String]) -> Option<u8> {
        let at = |same: &dyn Fn(&String) -> bool| names.iter().position(same).map(|id| id as u8);
        match self {
            Self::Id(id) => Some(*id).filter(|id| usize::from(*id) < names.len()),
            Self::Name(name) => {
                at(&|known| known == name).or_else(|| at(&|known| known.eq_ignore_ascii_case(name)))
            }
        }
    }
}

impl std::str::FromStr for ClassName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if let Ok(id) = text.parse() {
            return Ok(Self::Id(id));
        }
        // What begins as a number does was meant as one.
        if text.is_empty() || text.trim_start_matches(['-', '+']).parse::<f64>().is_ok() {
            return Err(format!("expected a class id from 0 to 255, or the name of a class; found {text:?}"));
        }
        Ok(Self::Name(text.to_owned()))
    }
}

impl fmt::Display for ClassName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => id.fmt(f),
            Self::Name(name) => name.fmt(f),
        }
    }
}

/// A set of classes, as `--labels 5-9,0` or `--labels Trouser,Bag` gives it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct LabelSet {
    /// Ids, ascending, and then names; none twice.
    classes: Vec<ClassName>,
}

impl LabelSet {
    /// Of these classes.
    #[must_use]
    pub fn of(mut classes: Vec<ClassName>) -> Self {
        classes.sort_unstable();
        classes.dedup();
        Self { classes }
    }

    /// Ids, ascending, and then names; none twice.
    #[must_use]
    pub fn classes(&self) -> &[ClassName] {
        &self.classes
    }
}

impl std::str::FromStr for LabelSet {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut classes = Vec::new();
        // As Python prints lists.
        let bare = text.trim();
        let bare = bare.strip_prefix('[').and_then(|list| list.strip_suffix(']')).unwrap_or(text);
        for item in bare.split(',') {
            let bad =
                || format!("expected class ids, ranges such as 5-9, and names of classes; found {item:?}");
            let range =
                item.split_once('-').map(|(lo, hi)| (lo.trim().parse::<u8>(), hi.trim().parse::<u8>()));
            match range {
                Some((Ok(lo), Ok(hi))) if lo > hi => {
                    return Err(format!("the range {item} is reversed; write {hi}-{lo}"));
                }
                Some((Ok(lo), Ok(hi))) => classes.extend((lo..=hi).map(ClassName::Id)),
                Some(_) | None => classes.push(item.parse().map_err(|_| bad())?),
            }
        }
        Ok(Self::of(classes))
    }
}

super::said_as_text!(LabelSet);

impl fmt::Display for LabelSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let follows = |a: &ClassName, b: &ClassName| matches!((a, b), (ClassName::Id(a), ClassName::Id(b)) if a.checked_add(1) == Some(*b));
        for (i, run) in self.classes.chunk_by(follows).enumerate() {
            let comma = if i > 0 { "," } else { "" };
            match run {
                [one] => write!(f, "{comma}{one}")?,
                _ => write!(f, "{comma}{}-{}", run[0], run[run.len() - 1])?,
            }
        }
        Ok(())
    }
}

/// A half-open range of indexes, as `--range 100:200` gives it; either side may be left out. `--range 1::6` is every sixth, from 1 on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct IndexRange {
    /// First index.
    pub start: u64,
    /// One past the last index, or the end.
    pub end: Option<u64>,
    /// From one index to the next, 1 or more.
    pub step: u64,
}

impl std::str::FromStr for IndexRange {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let bad = || format!("expected A:B, A:, :B or A:B:STEP; found {text:?}");
        let (start, end) = text.split_once(':').ok_or_else(bad)?;
        let (end, step) = match end.split_once(':') {
            Some((end, step)) => (end, step.parse().ok().filter(|step| *step > 0).ok_or_else(bad)?),
            None => (end, 1),
        };
        let start = if start.is_empty() { 0 } else { start.parse().map_err(|_| bad())? };
        let end = if end.is_empty() { None } else { Some(end.parse().map_err(|_| bad())?) };
        if end.is_some_and(|end| end <= start) {
            return Err(format!("the range {text} is empty; its end is not part of it"));
        }
        Ok(Self { start, end, step })
    }
}

super::said_as_text!(IndexRange);

impl fmt::Display for IndexRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.start)?;
        self.end.map_or(Ok(()), |end| write!(f, "{end}"))?;
        if self.step == 1 { Ok(()) } else { write!(f, ":{}", self.step) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn label_sets_are_understood_and_printed() {
        let set: LabelSet = "5-9,0, 7".parse().unwrap();
        assert_eq!(set.classes, [0, 5, 6, 7, 8, 9].map(ClassName::Id));
        assert_eq!(set.to_string(), "0,5-9");
        let set: LabelSet = "T-shirt/top, 3,Bag,255".parse().unwrap();
        assert_eq!(set.to_string(), "3,255,Bag,T-shirt/top");
        for bad in ["", "9-5", "1,,2", "300", "-3", "1.5"] {
            assert!(bad.parse::<LabelSet>().is_err(), "{bad}");
        }
        let names = ["Bag", "bag", "Coat"].map(str::to_owned);
        let id = |text: &str| text.parse::<ClassName>().unwrap().id(&names);
        assert_eq!(
            [id("bag"), id("COAT"), id("2"), id("3"), id("hat")],
            [Some(1), Some(2), Some(2), None, None]
        );
    }

    #[test]
    fn numbers_of_objects_are_understood_and_printed() {
        for text in ["0", "1", "0-2", "4-16"] {
            assert_eq!(text.parse::<ObjectCount>().unwrap().to_string(), text);
        }
        let some: ObjectCount = " 1 - 2".parse().unwrap();
        assert_eq!([0, 1, 2, 3].map(|objects| some.has(objects)), [false, true, true, false]);
        for bad in ["", "-1", "2-1", "a", "1-", "1.5"] {
            assert!(bad.parse::<ObjectCount>().is_err(), "{bad}");
        }
    }

    #[test]
    fn ranges_are_understood_and_printed() {
        for text in ["3:5", "3:", "0:7", "0::6", "3:9:2"] {
            assert_eq!(text.parse::<IndexRange>().unwrap().to_string(), text);
        }
        assert_eq!(":5".parse::<IndexRange>().unwrap().start, 0);
        assert_eq!("2:9:1".parse::<IndexRange>().unwrap().to_string(), "2:9");
        for bad in ["", "5", "5:5", "6:5", "a:b", "-1:3", "1:2:", "0::0", "0::-1", "1:2:3:4"] {
            assert!(bad.parse::<IndexRange>().is_err(), "{bad}");
        }
    }
}
