//! What is read and which of it, as a user says it; a recipe of leaves, and of what is done to them before all else.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::base::{Channels, Shape};

use super::concat::SplitName;
use super::number::Within;
use super::relabel::{ClassMap, Numbers, Offsets, OffsetsError};
use super::stage::{Stage, said, several};
use super::{
    Concat, Convert, FloatRange, LabelColumn, Read, Recipe, Relabel, Select, Size, Splits, convert,
    select::{IndexRange, LabelSet, ObjectCount, Shuffle},
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
    /// What floats mean.
    pub float_range: Option<FloatRange>,
    /// Shape of images that lie in tables as rows of values.
    pub shape: Option<Sides>,
    /// Turn images over: rows become columns.
    pub transpose: bool,
    /// The column of a table that holds the labels.
    pub label_column: Option<LabelColumn>,
    /// What is added to the class ids of each input; one number is for all.
    pub offset_labels: Option<Offsets>,
    /// Classes that become other ones, after `labels`; no others are left.
    pub map: Option<ClassMap>,
    /// Make images gray.
    pub gray: bool,
    /// Bring images to this size.
    pub resize: Option<Size>,
    /// Put all splits together as one of this name.
    pub join_splits: Option<SplitName>,
    /// Only these classes,
    pub labels: Option<LabelSet>,
    /// of them those with so many objects,
    pub objects_are: Option<ObjectCount>,
    /// in an order drawn by this seed,
    pub shuffle_seed: Option<Shuffle>,
    /// of them this range,
    pub range: Option<IndexRange>,
    /// of them the first so many.
    pub limit: Option<u64>,
}

impl Pick {
    /// What lies at `path`, with gray and size applied: what is put together is to look alike.
    fn leaf(&self, path: &Path, default: &Splits) -> Recipe {
        self.converted(Recipe::Read(Read {
            path: path.to_owned(),
            splits: self.splits.clone().unwrap_or_else(|| default.clone()),
            label_file: self.label_file.clone(),
            classes: self.classes,
            float_range: self.float_range,
            shape: self.shape.map(|sides| sides.shape),
            channels_first: self.shape.is_some_and(|sides| sides.channels_first),
            label_column: self.label_column.clone(),
        }))
    }

    /// The recipe with gray and size applied.
    fn converted(&self, of: Recipe) -> Recipe {
        let to = convert::Options { transpose: self.transpose, gray: self.gray, resize: self.resize };
        if to == convert::Options::default() { of } else { Recipe::Convert(Convert { of: Box::new(of), to }) }
    }

    /// The recipe with classes and numbers of objects, their new numbers, order, range and limit applied.
    fn picked(&self, of: Recipe) -> Recipe {
        let select = |of: Recipe, kind: bool, place: bool| {
            let select = Select {
                of: Box::new(of),
                labels: self.labels.clone().filter(|_| kind),
                objects: self.objects_are.filter(|_| kind),
                shuffle: self.shuffle_seed.filter(|_| place),
                range: self.range.filter(|_| place),
                limit: self.limit.filter(|_| place),
            };
            if select.selects() { Recipe::Select(select) } else { *select.of }
        };
        let Some(map) = &self.map else { return select(of, true, true) };
        let of = Box::new(select(of, true, false));
        select(Recipe::Relabel(Relabel { of, to: Numbers::Map(map.clone()) }), false, true)
    }

    /// What lies at `paths`, one after the other.
    ///
    /// # Errors
    /// If there are several offsets of labels, and not one for each.
    pub fn all(&self, paths: &[PathBuf], default: &Splits) -> Result<Recipe, OffsetsError> {
        let offsets = match &self.offset_labels {
            Some(offsets) => offsets.of(paths.len())?,
            None => vec![0; paths.len()],
        };
        let read = paths.iter().zip(offsets).map(|(path, offset)| moved(self.leaf(path, default), offset));
        let mut read: Vec<Recipe> = read.collect();
        let join = self.join_splits.clone();
        Ok(self.picked(match read.len() {
            1 if join.is_none() => read.remove(0),
            _ => Recipe::Concat(Concat { of: read, join }),
        }))
    }
}

impl Pick {
    /// A recipe as one input, with all that is said of inputs and samples applied.
    ///
    /// # Errors
    /// If there are several offsets of labels.
    pub fn around(&self, of: Recipe) -> Result<Recipe, OffsetsError> {
        let offset = self.offset_labels.as_ref().map_or(Ok(0), |offsets| offsets.of(1).map(|all| all[0]))?;
        let of = moved(self.converted(of), offset);
        Ok(self.picked(match &self.join_splits {
            Some(name) => Recipe::Concat(Concat { of: vec![of], join: Some(name.clone()) }),
            None => of,
        }))
    }
}

/// The recipe with this added to its class ids.
fn moved(of: Recipe, offset: i16) -> Recipe {
    if offset == 0 { of } else { Relabel { of: Box::new(of), to: Numbers::Offset(offset) }.into() }
}

/// Height, width and, where there are three, channels, as `--shape 28x28x3` gives them; channels come first where only the first of the three
/// can be their number: `3x32x32`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sides {
    /// The shape.
    pub shape: Shape,
    /// Whether one channel comes after the other.
    pub channels_first: bool,
}

impl std::str::FromStr for Sides {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let side = |side: &str| side.parse().ok().filter(|n| (1..=65_536).contains(n));
        let sides: Option<Vec<usize>> = text.split(['x', 'X']).map(side).collect();
        let found = match sides.as_deref() {
            Some([height, width]) => Some((Shape::gray(*height, *width), false)),
            Some([a, b, c]) => {
                let last = Channels::of(*c).map(|kind| (Shape::new(*a, *b, kind), false));
                last.or_else(|| {
                    Channels::of(*a).map(|kind| (Shape::new(*b, *c, kind), kind == Channels::Rgb))
                })
            }
            Some(_) | None => None,
        };
        found.map(|(shape, channels_first)| Self { shape, channels_first }).ok_or_else(|| {
            format!(
                "expected height x width x channels (1 or 3), for instance 28x28x3, or 3x28x28 where one channel comes after the other; found {text:?}"
            )
        })
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
    #[serde(deserialize_with = "said")]
    label_column: Option<LabelColumn>,
    #[serde(deserialize_with = "said")]
    offset_labels: Option<Offsets>,
    #[serde(deserialize_with = "said")]
    map: Option<ClassMap>,
    gray: bool,
    #[serde(deserialize_with = "said")]
    resize: Option<Size>,
    #[serde(deserialize_with = "said")]
    join_splits: Option<SplitName>,
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
        transpose: keys.transpose,
        shape: keys.shape,
        label_column: keys.label_column,
        offset_labels: keys.offset_labels,
        map: keys.map,
        gray: keys.gray,
        resize: keys.resize,
        join_splits: keys.join_splits,
        labels: keys.labels,
        objects_are: keys.objects_are,
        shuffle_seed: keys.shuffle_seed,
        range: keys.range,
        limit: keys.limit.map(Within::get),
    };
    Ok((keys.input, pick))
}
