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
}

impl Read {
    /// What lies at `path`, with no more said about it.
    pub fn plain(path: impl Into<PathBuf>, splits: Splits) -> Self {
        Self { path: path.into(), splits, label_file: None, classes: None, float_range: None, shape: None }
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

/// What floats mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FloatRange {
    /// Black is 0, white is 1.
    #[serde(rename = "0-1")]
    Unit,
    /// Black is 0, white is 255.
    #[serde(rename = "0-255")]
    Bytes,
}

impl std::str::FromStr for FloatRange {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "0-1" => Ok(Self::Unit),
            "0-255" => Ok(Self::Bytes),
            _ => Err(format!("expected 0-1 or 0-255; found {text:?}")),
        }
    }
}
