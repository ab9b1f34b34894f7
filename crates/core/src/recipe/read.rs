//! A leaf: something that is read, or the built-in digits.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::base::Shape;

use super::{Node, Recipe};

/// A leaf: something that is read, or the built-in digits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Read {
    /// A folder, a file, or `digits`, `digits:N`.
    pub path: PathBuf,
    /// Which splits.
    pub splits: Splits,
    /// The labels of a file of images given by hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label_file: Option<PathBuf>,
    /// Number of classes of IDX data, where it is not ten.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub classes: Option<usize>,
    /// What floats in NumPy files mean, where their values leave it open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub float_range: Option<FloatRange>,
    /// Shape of images that lie in tables, or in arrays, as rows of values.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shape: Option<Shape>,
    /// Whether such rows hold one channel after the other.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub channels_first: bool,
    /// The column of a table that holds the labels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label_column: Option<LabelColumn>,
}

impl Read {
    /// What lies at `path`, with no more said about it.
    pub fn plain(path: impl Into<PathBuf>, splits: Splits) -> Self {
        Self {
            path: path.into(),
            splits,
            label_file: None,
            classes: None,
            float_range: None,
            shape: None,
            channels_first: false,
            label_column: None,
        }
    }
}

impl Node for Read {
    fn children(&self) -> &[Recipe] {
        &[]
    }

    fn children_mut(&mut self) -> &mut [Recipe] {
        &mut []
    }

    fn makes_copies(&self) -> bool {
        false
    }

    fn seed(&self) -> Option<u64> {
        None
    }

    fn inputs(&self) -> &[PathBuf] {
        std::slice::from_ref(&self.path)
    }

    fn read_from(&mut self, path: &Path) {
        path.clone_into(&mut self.path);
    }

    fn forget_paths(&mut self) {
        self.path = PathBuf::new();
        self.label_file = None;
    }
}

/// Which splits of an input are used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", from = "String")]
pub enum Splits {
    /// All there are.
    All,
    /// Those of these names.
    Named(Vec<String>),
}

impl Splits {
    /// The training split.
    #[must_use]
    pub fn train() -> Self {
        Self::Named(vec!["train".into()])
    }
}

impl From<String> for Splits {
    fn from(text: String) -> Self {
        if text == "all" {
            Self::All
        } else {
            Self::Named(text.split(',').map(|n| n.trim().to_owned()).collect())
        }
    }
}

impl From<Splits> for String {
    fn from(splits: Splits) -> Self {
        match splits {
            Splits::All => "all".into(),
            Splits::Named(names) => names.join(","),
        }
    }
}

/// What floats mean, and whole numbers that are no bytes: black is 0, and white is this.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum FloatRange {
    /// White is 1.
    Unit,
    /// White is 255.
    Bytes,
    /// White is this number, from 2 to 65535, and not 255.
    To(u16),
    /// Black is -1, white is 1.
    Signed,
}

impl FloatRange {
    /// What is white.
    #[must_use]
    pub fn white(self) -> f64 {
        match self {
            Self::Unit | Self::Signed => 1.0,
            Self::Bytes => 255.0,
            Self::To(white) => white.into(),
        }
    }

    /// What is black.
    #[must_use]
    pub fn black(self) -> f64 {
        match self {
            Self::Unit | Self::Bytes | Self::To(_) => 0.0,
            Self::Signed => -1.0,
        }
    }
}

impl std::fmt::Display for FloatRange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{}", self.black(), self.white())
    }
}

impl std::str::FromStr for FloatRange {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let bare: String = text.chars().filter(|c| !matches!(c, ' ' | '[' | ']' | '(' | ')')).collect();
        let parts = |separator| bare.split_once(separator);
        // What stands between the two numbers: `-1..1` and `-1,1` are as good as `-1-1`.
        let (black, white) = parts("..")
            .or_else(|| parts(","))
            .or_else(|| parts(":"))
            .or_else(|| ["-1-", "-1.0-"].iter().find_map(|black| Some(("-1", bare.strip_prefix(black)?))))
            .or_else(|| parts("-"))
            .unwrap_or(("", &bare));
        if matches!((black, white), ("-1" | "-1.0", "1" | "1.0" | "+1")) {
            return Ok(Self::Signed);
        }
        match Some(white)
            .filter(|_| matches!(black, "0" | "0.0"))
            .and_then(|white| white.trim_end_matches(".0").parse().ok())
        {
            Some(1) => Ok(Self::Unit),
            Some(255) => Ok(Self::Bytes),
            Some(white @ 2..) => Ok(Self::To(white)),
            Some(0) | None => Err(format!(
                "expected 0-1, 0-255, -1-1, or 0 to another whole number, such as 0-16; found {text:?}"
            )),
        }
    }
}

impl TryFrom<String> for FloatRange {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<FloatRange> for String {
    fn from(range: FloatRange) -> Self {
        range.to_string()
    }
}

/// A column of a table, as `--label-column` names it: `first`, `last`, its number from 1, or what its header says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct LabelColumn(String);

impl LabelColumn {
    /// As it was given.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0
    }

    /// Its place among columns of these names, if there are any, or among so many. What a header says goes before what a word means.
    #[must_use]
    pub fn place(&self, names: Option<&[String]>, columns: usize) -> Option<usize> {
        let named = |same: &dyn Fn(&String) -> bool| names.and_then(|names| names.iter().position(same));
        named(&|name| *name == self.0).or_else(|| named(&|name| name.eq_ignore_ascii_case(&self.0))).or_else(
            || {
                match self.0.as_str() {
                    "first" => Some(0),
                    // As Python counts from the end.
                    "last" | "-1" => columns.checked_sub(1),
                    number => number.parse::<usize>().ok()?.checked_sub(1),
                }
                .filter(|place| *place < columns)
            },
        )
    }
}

impl std::str::FromStr for LabelColumn {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.trim() {
            "" => {
                Err("expected first, last, the number of a column from 1 on, or its name; found nothing"
                    .into())
            }
            // As NumPy counts from the end.
            "-1" => Ok(Self("last".into())),
            text => Ok(Self(text.to_owned())),
        }
    }
}

impl TryFrom<String> for LabelColumn {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<LabelColumn> for String {
    fn from(column: LabelColumn) -> Self {
        column.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_understood_and_printed() {
        for (text, white) in [("0-1", 1.0), ("0-255", 255.0), ("0-16", 16.0)] {
            let range: FloatRange = text.parse().unwrap();
            assert_eq!((range.white(), range.to_string()), (white, text.to_owned()));
        }
        for text in ["-1-1", "-1..1", "-1,1", "[-1, 1]", "-1.0-1.0", "-1:1"] {
            let range: FloatRange = text.parse().unwrap();
            assert_eq!(
                (range.black(), range.white(), range.to_string()),
                (-1.0, 1.0, "-1-1".to_owned()),
                "{text}"
            );
        }
        assert_eq!(("0..1".parse(), "0,255".parse()), (Ok(FloatRange::Unit), Ok(FloatRange::Bytes)));
        for bad in ["", "1", "0-0", "0-", "-1-2", "-2-2", "0-70000", "0-0.5", "16"] {
            assert!(bad.parse::<FloatRange>().is_err(), "{bad}");
        }
    }

    #[test]
    fn columns_are_named_or_counted() {
        let names: Vec<String> = ["id", "Digit", "3", "last"].map(str::to_owned).to_vec();
        let place = |text: &str, named: bool| {
            text.parse::<LabelColumn>().unwrap().place(named.then_some(&names[..]), names.len())
        };
        assert_eq!(
            [place("digit", true), place("3", true), place("last", true)],
            [Some(1), Some(2), Some(3)]
        );
        assert_eq!([place("first", true), place("1", true), place("5", true)], [Some(0), Some(0), None]);
        assert_eq!(
            [place("last", false), place("3", false), place("digit", false)],
            [Some(3), Some(2), None]
        );
        assert!(" ".parse::<LabelColumn>().is_err());
    }
}
