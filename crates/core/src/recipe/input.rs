//! What is read and which of it, as a user says it; a recipe of leaves, and of what is done to them before all else.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::base::Shape;

use super::number::Within;
use super::stage::{Stage, said, several};
use super::{
    Concat, Convert, FloatRange, Read, Recipe, Select, Size, Splits, convert,
    select::{IndexRange, LabelSet},
};
use crate::text::Complaint;

/// What is said of an input besides where it lies.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pick {
    /// Which splits; none: those that the command takes by default.
    pub splits: Option<Splits>,
    /// The labels of a file of images given by hand.
    pub label_file: Option<PathBuf>,
    /// Number of classes, where it is not ten.
    pub classes: Option<usize>,
    /// What floats in NumPy files mean.
    pub float_range: Option<FloatRange>,
    /// Shape of images that lie in tables as rows of values.
    pub shape: Option<Shape>,
    /// Turn images over: rows become columns.
    pub transpose: bool,
    /// Make images gray.
    pub gray: bool,
    /// Bring images to this size.
    pub resize: Option<Size>,
    /// Only these classes,
    pub labels: Option<LabelSet>,
    /// of them this range,
    pub range: Option<IndexRange>,
    /// of them the first so many.
    pub limit: Option<u64>,
}

impl Pick {
    /// What lies at `path`, with gray and size applied: what is put together is to look alike.
    #[must_use]
    pub fn leaf(&self, path: &Path, default: &Splits) -> Recipe {
        self.converted(Recipe::Read(Read {
            path: path.to_owned(),
            splits: self.splits.clone().unwrap_or_else(|| default.clone()),
            label_file: self.label_file.clone(),
            classes: self.classes,
            float_range: self.float_range,
            shape: self.shape,
        }))
    }

    /// The recipe with gray and size applied.
    #[must_use]
    pub fn converted(&self, of: Recipe) -> Recipe {
        let to = convert::Options { transpose: self.transpose, gray: self.gray, resize: self.resize };
        if to == convert::Options::default() { of } else { Recipe::Convert(Convert { of: Box::new(of), to }) }
    }

    /// The recipe with classes, range and limit applied.
    #[must_use]
    pub fn picked(&self, of: Recipe) -> Recipe {
        let Self { labels, range, limit, .. } = self;
        if labels.is_none() && range.is_none() && limit.is_none() {
            return of;
        }
        Recipe::Select(Select { of: Box::new(of), labels: labels.clone(), range: *range, limit: *limit })
    }

    /// What lies at `paths`, one after the other.
    #[must_use]
    pub fn all(&self, paths: &[PathBuf], default: &Splits) -> Recipe {
        let mut read: Vec<Recipe> = paths.iter().map(|path| self.leaf(path, default)).collect();
        self.picked(if read.len() == 1 { read.remove(0) } else { Recipe::Concat(Concat { of: read }) })
    }
}

/// Height, width and, where there are three, channels, as `--shape 28x28x3` gives them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sides(pub Shape);

impl std::str::FromStr for Sides {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let side = |side: &str| side.parse().ok().filter(|n| (1..=65_536).contains(n));
        let sides: Option<Vec<usize>> = text.split(['x', 'X']).map(side).collect();
        match sides.as_deref() {
            Some([height, width]) => Ok(Self(Shape::new(*height, *width, 1))),
            Some([height, width, channels @ (1 | 3)]) => Ok(Self(Shape::new(*height, *width, *channels))),
            _ => Err(format!(
                "expected height x width x channels (1 or 3), for instance 28x28x3; found {text:?}"
            )),
        }
    }
}

/// What the first stage of a recipe file may say.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Keys {
    #[serde(deserialize_with = "several")]
    input: Vec<PathBuf>,
    #[serde(alias = "splits", deserialize_with = "said")]
    split: Option<String>,
    label_file: Option<PathBuf>,
    classes: Option<Classes>,
    #[serde(deserialize_with = "said")]
    float_range: Option<FloatRange>,
    #[serde(deserialize_with = "said")]
    shape: Option<Sides>,
    transpose: bool,
    gray: bool,
    #[serde(deserialize_with = "said")]
    resize: Option<Size>,
    #[serde(deserialize_with = "said")]
    labels: Option<LabelSet>,
    #[serde(deserialize_with = "said")]
    range: Option<IndexRange>,
    limit: Option<Within<1, { u64::MAX }>>,
}

/// A number of classes.
pub type Classes = Within<1, 256>;

/// What the first stage reads, and what it says of it.
///
/// # Errors
/// Keys and values that are none.
pub fn stage(stage: &Stage) -> Result<(Vec<PathBuf>, Pick), Complaint> {
    let keys: Keys = stage.read()?;
    let pick = Pick {
        splits: keys.split.map(Splits::from),
        label_file: keys.label_file,
        classes: keys.classes.map(|n| n.get() as usize),
        float_range: keys.float_range,
        shape: keys.shape.map(|sides| sides.0),
        transpose: keys.transpose,
        gray: keys.gray,
        resize: keys.resize,
        labels: keys.labels,
        range: keys.range,
        limit: keys.limit.map(Within::get),
    };
    Ok((keys.input, pick))
}
