//! What a data set is made of, as data: a tree of sources.
//!
//! Commands write it, manifests keep it, and [`Recipe::open`] turns it into a data set, for building, for looking at
//! single samples, and for rendering everything again.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::base::{DataSet, Fault, Shape, Source, Split};
pub use crate::formats::codec::element::FloatRange;

use super::SourceError;
use super::leaves::builtin::BuiltinDigits;
use super::leaves::npz_arrays::Says;
use super::leaves::{csv_table, drawings, idx_folder, npz_arrays, pictures, stored};
use crate::names;

use super::nodes::augment::{self, Augment};
use super::nodes::backgrounds::Backgrounds;
use super::nodes::colorize::{self, Colorize};
use super::nodes::concat::Concat;
use super::nodes::convert::{self, Convert};
use super::nodes::quadrant::{self, Quadrant};
use super::nodes::select::{IndexRange, LabelSet, Select};
use super::nodes::split;

/// Images of the built-in digits where nobody says how many, as in MNIST.
const DIGITS: (u64, u64) = (60_000, 10_000);

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

/// A tree of sources.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Recipe {
    /// A leaf.
    Read(Read),
    /// A leaf: the user's own drawings.
    Import(drawings::Options),
    /// Inputs one after the other, split by split.
    Concat {
        /// The inputs.
        of: Vec<Recipe>,
    },
    /// Some of the samples of each split.
    Select {
        /// Of these.
        of: Box<Recipe>,
        /// Those with one of these classes,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        labels: Option<LabelSet>,
        /// of them this range,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        range: Option<IndexRange>,
        /// of them the first so many.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        limit: Option<u64>,
    },
    /// Images in gray, or of another size.
    Convert {
        /// The images.
        of: Box<Recipe>,
        /// What becomes of them.
        #[serde(flatten)]
        to: convert::Options,
    },
    /// Digits on backgrounds.
    Colorize {
        /// The digits.
        of: Box<Recipe>,
        /// Folder of backgrounds; the built-in ones where there is none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        backgrounds: Option<PathBuf>,
        /// Pass over files that are no pictures.
        #[serde(default)]
        skip_unreadable: bool,
        /// The rest.
        options: colorize::Options,
    },
    /// Images through a pipeline.
    Augment {
        /// The images.
        of: Box<Recipe>,
        /// The rest.
        options: augment::Options,
    },
    /// All samples, split anew.
    Split {
        /// The samples: the splits of this, one after the other.
        of: Box<Recipe>,
        /// The rest.
        options: crate::split::Options,
    },
    /// Images in the cells of a canvas.
    Quadrant {
        /// The images.
        of: Box<Recipe>,
        /// The rest.
        options: quadrant::Options,
    },
}

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

impl Recipe {
    /// Opens all inputs and wires them up. Everything that can be wrong is found here, before any work begins.
    ///
    /// # Errors
    /// Whatever is wrong with inputs or options.
    pub fn open(&self) -> Result<DataSet, Fault> {
        let mut data = self.opened()?;
        // Splits have one order, whatever they were read from: what puts them together gives the same samples.
        data.splits.sort_by(|a, b| names::order(&a.name, &b.name));
        Ok(data)
    }

    fn opened(&self) -> Result<DataSet, Fault> {
        match self {
            Self::Read(read) => read.open(),
            Self::Import(options) => drawings::open(options),
            Self::Concat { of } => concat(of),
            Self::Select { of, labels, range, limit } => map(of.open()?, |split| {
                Ok(Arc::new(Select::new(split.source, labels.as_ref(), *range, *limit)?))
            }),
            Self::Convert { of, to } => {
                map(of.open()?, |split| Ok(Arc::new(Convert::new(split.source, &split.name, *to)?)))
            }
            Self::Colorize { of, backgrounds, skip_unreadable, options } => {
                let backgrounds = Backgrounds::load(backgrounds.as_deref(), *skip_unreadable)?;
                let mut notes = backgrounds.notes.clone();
                let mut data = map(of.open()?, |split| {
                    let (source, more) = Colorize::new(split.source, &split.name, &backgrounds, *options)?;
                    notes.extend(more);
                    Ok(Arc::new(source))
                })?;
                notes.dedup();
                data.notes.extend(notes);
                data.inputs.push(backgrounds.input);
                Ok(data)
            }
            Self::Augment { of, options } => {
                map(of.open()?, |split| Ok(Arc::new(Augment::new(split.source, &split.name, options)?)))
            }
            Self::Split { of, options } => {
                let data = of.open()?;
                Ok(split::plan(&data, &of.title(), options, false)?.apply(data))
            }
            Self::Quadrant { of, options } => {
                map(of.open()?, |split| Ok(Arc::new(Quadrant::new(split.source, &split.name, *options)?)))
            }
        }
    }

    /// What it reads.
    #[must_use]
    pub fn paths(&self) -> Vec<PathBuf> {
        match self {
            Self::Read(read) => vec![locate(&read.path)],
            Self::Import(options) => options.files.clone(),
            Self::Concat { of } => of.iter().flat_map(Self::paths).collect(),
            Self::Select { of, .. }
            | Self::Convert { of, .. }
            | Self::Augment { of, .. }
            | Self::Colorize { of, .. }
            | Self::Split { of, .. }
            | Self::Quadrant { of, .. } => of.paths(),
        }
    }

    /// The same recipe with the paths of all leaves replaced by `path`, for data that has moved.
    #[must_use]
    pub fn with_input(mut self, path: &Path) -> Self {
        fn visit(recipe: &mut Recipe, to: &Path) {
            match recipe {
                Recipe::Read(read) => to.clone_into(&mut read.path),
                Recipe::Import(options) => options.files = vec![to.to_owned()],
                Recipe::Concat { of } => of.iter_mut().for_each(|recipe| visit(recipe, to)),
                Recipe::Select { of, .. }
                | Recipe::Convert { of, .. }
                | Recipe::Augment { of, .. }
                | Recipe::Colorize { of, .. }
                | Recipe::Split { of, .. }
                | Recipe::Quadrant { of, .. } => {
                    visit(of, to);
                }
            }
        }
        visit(&mut self, path);
        self
    }
}

/// Wraps each split.
fn map(
    data: DataSet,
    mut wrap: impl FnMut(Split) -> Result<Arc<dyn Source>, Fault>,
) -> Result<DataSet, Fault> {
    let mut splits = Vec::with_capacity(data.splits.len());
    for split in data.splits {
        let name = split.name.clone();
        splits.push(Split { name, source: wrap(split)? });
    }
    Ok(DataSet { splits, ..data })
}

/// Name of a split, its sources, and what they are called.
type Part = (String, Vec<Arc<dyn Source>>, Vec<String>);

/// Puts inputs together, split by split; a split that only some of them have consists of those.
fn concat(of: &[Recipe]) -> Result<DataSet, Fault> {
    let mut whole = DataSet::default();
    let mut parts: Vec<Part> = Vec::new();
    for recipe in of {
        let data = recipe.open()?;
        whole.absorb_provenance(&data);
        for split in data.splits {
            let title = format!("{} ({})", recipe.title(), split.name);
            match parts.iter_mut().find(|(name, ..)| *name == split.name) {
                Some((_, sources, titles)) => {
                    sources.push(split.source);
                    titles.push(title);
                }
                None => parts.push((split.name, vec![split.source], vec![title])),
            }
        }
    }
    for (name, sources, titles) in parts {
        whole.splits.push(Split { name, source: Arc::new(Concat::new(sources, &titles)?) });
    }
    Ok(whole)
}

impl Recipe {
    /// What it reads first, for error messages.
    pub(crate) fn title(&self) -> String {
        match self {
            Self::Read(read) => read.path.display().to_string(),
            Self::Import(options) => {
                options.files.first().map_or_else(String::new, |path| path.display().to_string())
            }
            Self::Concat { of } => of.first().map_or_else(String::new, Self::title),
            Self::Select { of, .. }
            | Self::Convert { of, .. }
            | Self::Augment { of, .. }
            | Self::Colorize { of, .. }
            | Self::Split { of, .. }
            | Self::Quadrant { of, .. } => of.title(),
        }
    }
}

impl Read {
    fn open(&self) -> Result<DataSet, Fault> {
        let wanted = |name: &str| match &self.splits {
            Splits::All => true,
            Splits::Named(splits) => splits.iter().any(|split| split == name),
        };
        let (data, names) = if let Some(count) = builtin(&self.path)? {
            builtin_digits(count, &wanted)
        } else {
            self.open_files(&wanted)?
        };
        let Splits::Named(wanted) = &self.splits else { return Ok(data) };
        match wanted.iter().find(|split| !names.contains(split)) {
            Some(split) => Err(SourceError::NoSplit {
                path: self.path.display().to_string(),
                split: split.clone(),
                found: names.join(", "),
            }
            .into()),
            None => Ok(data),
        }
    }

    fn open_files(&self, wanted: &dyn Fn(&str) -> bool) -> Result<(DataSet, Vec<String>), Fault> {
        let path = &locate(&self.path);
        let found = std::fs::metadata(path).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => SourceError::NotFound { path: self.path.clone() },
            _ => SourceError::Read { path: path.clone(), source: error },
        })?;
        let says = Says { classes: self.classes, float_range: self.float_range, shape: self.shape };
        if found.is_file() {
            let labels = self.label_file.as_deref();
            let picture = labels.is_none() && pictures::is_picture(path);
            let mut data = if picture {
                pictures::open_file(path)?
            } else if npz_arrays::is_array_file(path) {
                let (data, names, named) = npz_arrays::open_file(path, labels, says, wanted)?;
                if named {
                    return Ok((data, names));
                }
                data
            } else if csv_table::is_table_file(path) {
                csv_table::open_file(path, labels, says)?
            } else {
                idx_folder::open_files(path, labels, self.classes)?
            };
            // A file given by hand is what is wanted, whatever its name makes of it.
            if let (Splits::Named(names), [split]) = (&self.splits, &mut data.splits[..])
                && let [name] = &names[..]
            {
                name.clone_into(&mut split.name);
            }
            let names = data.splits.iter().map(|split| split.name.clone()).collect();
            return Ok((data, names));
        }
        if self.label_file.is_some() {
            return Err(SourceError::Usage(
                format!("--label-file goes with a file of images; {} is a folder", path.display()),
                Some("name the file of images with --input".into()),
            )
            .into());
        }
        if stored::is_stored(path) {
            return stored::open_folder(path, wanted);
        }
        // Some keep IDX files one folder down, as torchvision does.
        for folder in [path.clone(), path.join("raw"), path.join("MNIST/raw"), path.join("FashionMNIST/raw")]
        {
            if idx_folder::is_idx_folder(&folder) {
                return idx_folder::open_folder(&folder, self.classes, wanted);
            }
        }
        if npz_arrays::is_array_folder(path) {
            return npz_arrays::open_folder(path, says, wanted);
        }
        if csv_table::is_table_folder(path) {
            return csv_table::open_folder(path, says, wanted);
        }
        if pictures::is_picture_folder(path)? {
            let named = match &self.splits {
                Splits::Named(names) if names.len() == 1 => Some(names[0].as_str()),
                _ => None,
            };
            let (data, names) = pictures::open_folder(path, named, wanted)?;
            self.check_classes(&data)?;
            return Ok((data, names));
        }
        Err(SourceError::Unknown { path: path.clone(), found: contents(path) }.into())
    }
}

impl Read {
    /// Pictures know their classes; `--classes` may not say otherwise.
    fn check_classes(&self, data: &DataSet) -> Result<(), Fault> {
        let found = data.splits.first().map(|split| split.source.schema().classes());
        match (self.classes, found) {
            (Some(said), Some(found)) if said != found => Err(SourceError::Usage(
                format!("--classes {said}: {} has {found} class folders", self.path.display()),
                Some("leave --classes out; the folders say it".into()),
            )
            .into()),
            _ => Ok(()),
        }
    }
}

/// A path as it is, or, where there is nothing, the data set of that name in the folder `data`.
fn locate(path: &Path) -> PathBuf {
    let named = Path::new("data").join(path);
    if path.components().count() == 1 && !path.exists() && named.is_dir() { named } else { path.to_owned() }
}

/// The first few names in a folder.
fn contents(folder: &Path) -> String {
    let Ok(entries) = std::fs::read_dir(folder) else { return "nothing that can be listed".into() };
    let mut names: Vec<String> =
        entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    match names.len() {
        0 => "an empty folder".into(),
        1..=4 => names.join(", "),
        n => format!("{} and {} more", names[..4].join(", "), n - 4),
    }
}

/// Whether a path means the built-in digits, and how many of them.
fn builtin(path: &Path) -> Result<Option<(u64, u64)>, Fault> {
    let text = path.to_string_lossy();
    let Some(rest) = text.strip_prefix("digits") else { return Ok(None) };
    if rest.is_empty() {
        return Ok(Some(DIGITS));
    }
    let Some(count) = rest.strip_prefix(':') else { return Ok(None) };
    match count.parse::<u64>() {
        Ok(train) if (1..=1 << 40).contains(&train) => Ok(Some((train, train.div_ceil(6)))),
        _ => Err(SourceError::Usage(
            format!("--input {text}: expected a number of digits from 1 on, found {count:?}"),
            Some("write for instance digits:1000000".into()),
        )
        .into()),
    }
}

fn builtin_digits((train, test): (u64, u64), wanted: &dyn Fn(&str) -> bool) -> (DataSet, Vec<String>) {
    let mut data = DataSet::default();
    for (name, count) in [("train", train), ("test", test)] {
        if wanted(name) {
            let source = Arc::new(BuiltinDigits::new(name, count));
            data.splits.push(Split { name: name.to_owned(), source });
        }
    }
    data.licenses.push(
        "Built-in digits of mnistaug: drawn by a program from stroke skeletons, not scanned from anybody's handwriting.\nLicense: MIT, as mnistaug itself."
            .into(),
    );
    (data, vec!["train".to_owned(), "test".to_owned()])
}
