//! Some of a source's samples: by class, by index range, the first so many.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Node, Recipe};

/// Some of the samples of each split.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Select {
    /// Of these.
    pub of: Box<Recipe>,
    /// Those with one of these classes,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub labels: Option<LabelSet>,
    /// of them this range,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub range: Option<IndexRange>,
    /// of them the first so many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
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

    fn seed(&self) -> Option<u64> {
        None
    }
}

/// A set of class ids, as `--labels 5-9,0` gives it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct LabelSet {
    /// The ids, ascending, none twice.
    classes: Vec<u8>,
}

impl LabelSet {
    /// The ids, ascending.
    #[must_use]
    pub fn classes(&self) -> &[u8] {
        &self.classes
    }
}

impl std::str::FromStr for LabelSet {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = |text: &str| {
            text.trim()
                .parse::<u8>()
                .map_err(|_| format!("expected class ids and ranges such as 5-9,0; found {text:?}"))
        };
        let mut classes = Vec::new();
        for item in text.split(',') {
            let (lo, hi) = match item.split_once('-') {
                Some((lo, hi)) => (number(lo)?, number(hi)?),
                None => (number(item)?, number(item)?),
            };
            if lo > hi {
                return Err(format!("the range {item} is reversed; write {hi}-{lo}"));
            }
            classes.extend(lo..=hi);
        }
        classes.sort_unstable();
        classes.dedup();
        Ok(Self { classes })
    }
}

impl TryFrom<String> for LabelSet {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<LabelSet> for String {
    fn from(set: LabelSet) -> Self {
        set.to_string()
    }
}

impl fmt::Display for LabelSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, run) in self.classes.chunk_by(|a, b| a + 1 == *b).enumerate() {
            let comma = if i > 0 { "," } else { "" };
            match run {
                [one] => write!(f, "{comma}{one}")?,
                _ => write!(f, "{comma}{}-{}", run[0], run[run.len() - 1])?,
            }
        }
        Ok(())
    }
}

/// A half-open range of indexes, as `--range 100:200` gives it; either side may be left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct IndexRange {
    /// First index.
    pub start: u64,
    /// One past the last index, or the end.
    pub end: Option<u64>,
}

impl std::str::FromStr for IndexRange {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let bad = || format!("expected A:B, A: or :B; found {text:?}");
        let (start, end) = text.split_once(':').ok_or_else(bad)?;
        let start = if start.is_empty() { 0 } else { start.parse().map_err(|_| bad())? };
        let end = if end.is_empty() { None } else { Some(end.parse().map_err(|_| bad())?) };
        if end.is_some_and(|end| end <= start) {
            return Err(format!("the range {text} is empty; its end is not part of it"));
        }
        Ok(Self { start, end })
    }
}

impl TryFrom<String> for IndexRange {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<IndexRange> for String {
    fn from(range: IndexRange) -> Self {
        range.to_string()
    }
}

impl fmt::Display for IndexRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.start)?;
        self.end.map_or(Ok(()), |end| write!(f, "{end}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn label_sets_are_understood_and_printed() {
        let set: LabelSet = "5-9,0, 7".parse().unwrap();
        assert_eq!(set.classes, [0, 5, 6, 7, 8, 9]);
        assert_eq!(set.to_string(), "0,5-9");
        for bad in ["", "a", "9-5", "1,,2", "300", "-3"] {
            assert!(bad.parse::<LabelSet>().is_err(), "{bad}");
        }
    }

    #[test]
    fn ranges_are_understood_and_printed() {
        for text in ["3:5", "3:", "0:7"] {
            assert_eq!(text.parse::<IndexRange>().unwrap().to_string(), text);
        }
        assert_eq!(":5".parse::<IndexRange>().unwrap().start, 0);
        for bad in ["", "5", "5:5", "6:5", "a:b", "-1:3"] {
            assert!(bad.parse::<IndexRange>().is_err(), "{bad}");
        }
    }
}
