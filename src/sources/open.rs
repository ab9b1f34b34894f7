//! From recipes to data sets: every kind of node opens what it wraps and wraps it, and leaves are looked up in a table.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::base::files::Stamp;
use crate::base::{DataSet, Fault, Pass, Source, Split, Unit, Watch};
use crate::names;
use crate::recipe::{Read, Recipe, Splits};
use crate::sources::leaves::error::LeafError;

use super::folder::Children;
use super::leaves::npz_arrays::{Says, mat};
use super::leaves::{builtin, csv_table, idx_folder, npz_arrays, pictures, stored};
use super::{Sought, SourceError, refuse_foreign, strange};
use crate::formats::codec::sniff;

/// What a node of a recipe stands for.
pub trait Open {
    /// Opens all inputs and wires them up. Everything that can be wrong is found here, before any work begins.
    ///
    /// # Errors
    /// Whatever is wrong with inputs or options.
    fn open(&self) -> Result<DataSet, Fault> {
        self.open_watched(&Watch::default())
    }

    /// As [`open`](Self::open), but ends when `watch` says so, and tells it of all that takes long.
    ///
    /// # Errors
    /// As [`open`](Self::open), and [`Interrupted`](crate::base::Interrupted).
    fn open_watched(&self, watch: &Watch) -> Result<DataSet, Fault>;
}

impl Open for Recipe {
    fn open_watched(&self, watch: &Watch) -> Result<DataSet, Fault> {
        watch.check()?;
        let mut data = mnistaug_core::each_node!(self, node => node.open_watched(watch))?;
        // Splits have one order, whatever they were read from: what puts them together gives the same samples.
        data.splits.sort_by(|a, b| names::order(&a.name, &b.name));
        Ok(data)
    }
}

/// Wraps each split.
pub(super) fn each_split(
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

/// What a path turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    /// A word that stands for something built in.
    Word,
    /// A file.
    File,
    /// A folder.
    Folder,
}

/// What is to be opened.
struct Asked<'a> {
    /// What the user says of it.
    read: &'a Read,
    /// Where it lies.
    path: &'a Path,
    /// Whether to end, and who is told.
    watch: &'a Watch,
    /// The pass over its bytes.
    pass: &'a Pass,
}

impl Asked<'_> {
    fn says(&self) -> Says<'_> {
        let Read { classes, float_range, shape, channels_first, ref label_column, .. } = *self.read;
        Says { classes, float_range, shape, channels_first, label_column: label_column.as_ref() }
    }

    fn label_file(&self) -> Option<&Path> {
        self.read.label_file.as_deref()
    }

    /// Whether a split of this name is asked for.
    fn wants(&self, name: &str) -> bool {
        match &self.read.splits {
            Splits::All => true,
            Splits::Named(splits) => splits.iter().any(|split| names::is_meant(name, split)),
        }
    }

    /// The one split that is asked for.
    fn only(&self) -> Option<&str> {
        match &self.read.splits {
            Splits::Named(names) if names.len() == 1 => Some(&names[0]),
            Splits::Named(_) | Splits::All => None,
        }
    }
}

/// What was opened.
struct Opened {
    /// The splits that were asked for.
    data: DataSet,
    /// The names of all.
    names: Vec<String>,
}

impl From<(DataSet, Vec<String>)> for Opened {
    fn from((data, names): (DataSet, Vec<String>)) -> Self {
        Self { data, names }
    }
}

impl Opened {
    /// A file without splits. Given by hand it is what is wanted, whatever its name makes of it.
    fn whole(mut data: DataSet, asked: &Asked<'_>) -> Self {
        if let (Some(name), [split]) = (asked.only(), &mut data.splits[..]) {
            name.clone_into(&mut split.name);
        }
        let names = data.splits.iter().map(|split| split.name.clone()).collect();
        Self { data, names }
    }
}

/// A kind of thing that can be read.
struct Leaf {
    /// What it is found at.
    at: At,
    /// What is expected at such a place, for messages.
    what: &'static str,
    /// Whether it is of numbers whose range and arrangement may be said; nothing else has `--float-range` and `--shape`.
    numbers: bool,
    /// Whether this is such a thing.
    recognize: fn(&Asked<'_>) -> Result<bool, Fault>,
    /// Opens it.
    open: fn(&Asked<'_>) -> Result<Opened, Fault>,
}

/// All kinds of things that can be read. The first that recognizes a path opens it.
const LEAVES: &[Leaf] = &[
    Leaf {
        at: At::Word,
        what: "digits or digits:N",
        numbers: false,
        recognize: |_| Ok(true),
        open: |asked| Ok(builtin::open(asked.path, &|name| asked.wants(name))?.into()),
    },
    Leaf {
        at: At::File,
        what: "a picture (PNG, JPEG, BMP, WebP)",
        numbers: false,
        recognize: |asked| Ok(asked.label_file().is_none() && pictures::is_picture(asked.path)),
        open: |asked| Ok(Opened::whole(pictures::open_file(asked.path)?, asked)),
    },
    Leaf {
        at: At::File,
        what: "an .npz or .npy file",
        numbers: true,
        recognize: |asked| Ok(npz_arrays::is_array_file(asked.path)),
        open: |asked| {
            let (data, names, named) =
                npz_arrays::open_file(asked.path, asked.label_file(), asked.says(), &|name| {
                    asked.wants(name)
                })?;
            Ok(if named { Opened { data, names } } else { Opened::whole(data, asked) })
        },
    },
    Leaf {
        at: At::File,
        what: "a MATLAB file of version 5",
        numbers: true,
        recognize: |asked| Ok(mat::is_mat_file(asked.path)),
        open: |asked| {
            let (data, names, named) =
                mat::open_file(asked.path, asked.label_file(), asked.says(), &|name| asked.wants(name))?;
            Ok(if named { Opened { data, names } } else { Opened::whole(data, asked) })
        },
    },
    Leaf {
        at: At::File,
        what: "a CSV table",
        numbers: true,
        recognize: |asked| {
            Ok(!idx_folder::is_idx_file(asked.path)
                && (csv_table::is_table_file(asked.path) || csv_table::holds_rows(asked.path)))
        },
        open: |asked| {
            Ok(Opened::whole(
                csv_table::open_file(asked.path, asked.label_file(), asked.says(), asked.pass)?,
                asked,
            ))
        },
    },
    Leaf {
        at: At::File,
        what: "an IDX file of images",
        numbers: true,
        recognize: |asked| Ok(idx_folder::is_idx_file(asked.path)),
        open: |asked| {
            let data = idx_folder::open_files(asked.path, asked.label_file(), asked.says(), asked.pass)?;
            Ok(Opened::whole(data, asked))
        },
    },
    Leaf {
        at: At::Folder,
        what: "a data set of this program (manifest.json)",
        numbers: false,
        recognize: |asked| Ok(stored::is_stored(asked.path)),
        open: |asked| Ok(stored::open_folder(asked.path, &|name| asked.wants(name), asked.watch)?.into()),
    },
    Leaf {
        at: At::Folder,
        what: "IDX files (train-images-idx3-ubyte.gz, ...)",
        numbers: true,
        recognize: |asked| Ok(idx_within(asked.path)?.is_some()),
        open: |asked| {
            let Some(files) = idx_within(asked.path)? else { return Err(unknown(asked.path).into()) };
            Ok(idx_folder::open_folder(&files, asked.says(), &|name| asked.wants(name), asked.pass)?.into())
        },
    },
    Leaf {
        at: At::Folder,
        what: "an .npz file",
        numbers: true,
        recognize: |asked| Ok(npz_arrays::is_array_folder(asked.path)),
        open: |asked| Ok(npz_arrays::open_folder(asked.path, asked.says(), &|name| asked.wants(name))?.into()),
    },
    Leaf {
        at: At::Folder,
        what: "MATLAB files of version 5",
        numbers: true,
        recognize: |asked| Ok(mat::is_mat_folder(asked.path)),
        open: |asked| Ok(mat::open_folder(asked.path, asked.says(), &|name| asked.wants(name))?.into()),
    },
    Leaf {
        at: At::Folder,
        what: "CSV tables (train.csv, X_train.csv, ...)",
        numbers: true,
        recognize: |asked| {
            Ok(csv_table::is_table_folder(asked.path) && !pictures::go_before_tables(asked.path)?)
        },
        open: |asked| {
            Ok(csv_table::open_folder(asked.path, asked.says(), &|name| asked.wants(name), asked.pass)?
                .into())
        },
    },
    Leaf {
        at: At::Folder,
        what: "pictures (PNG, JPEG, BMP, WebP, or folders of them)",
        numbers: false,
        recognize: |asked| pictures::is_picture_folder(asked.path),
        open: |asked| {
            let opened = pictures::open_folder(
                asked.path,
                asked.only(),
                asked.read.classes,
                asked.label_file(),
                &|name| asked.wants(name),
                asked.watch,
            )?;
            check_classes(asked.read, &opened.0)?;
            Ok(opened.into())
        },
    },
];

/// What is understood at such a place, for messages: `a, b or c`.
fn understood(at: At) -> String {
    let all: Vec<&str> = LEAVES.iter().filter(|leaf| leaf.at == at).map(|leaf| leaf.what).collect();
    match all.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
        None => String::new(),
    }
}

impl Open for Read {
    fn open_watched(&self, watch: &Watch) -> Result<DataSet, Fault> {
        let path = &locate(&self.path);
        let at = place(self, path)?;
        let pass = watch.pass("reading", Unit::Bytes, None);
        let asked = Asked { read: self, path, watch, pass: &pass };
        if at == At::File {
            refuse_foreign(path, &understood(At::File))?;
        }
        if let Some(labels) = &self.label_file {
            refuse_foreign(labels, "a file of labels")?;
        }
        if at == At::Folder && self.label_file.is_some() && !pictures::is_picture_folder(path)? {
            return Err(SourceError::LabelsOfFolder { path: path.clone() }.into());
        }
        let mut found = None;
        for leaf in LEAVES.iter().filter(|leaf| leaf.at == at) {
            if (leaf.recognize)(&asked)? {
                found = Some(leaf);
                break;
            }
        }
        if let Some(leaf) = found
            && at == At::Folder
            && self.label_file.is_some()
            && !leaf.what.starts_with("pictures")
        {
            return Err(SourceError::LabelsOfFolder { path: path.clone() }.into());
        }
        let Some(leaf) = found else {
            return Err(match at {
                At::File => strange(path, &understood(at)),
                At::Word | At::Folder => unknown(path),
            }
            .into());
        };
        watch.decided(|| {
            let named = if *path == self.path { String::new() } else { format!(" ({})", path.display()) };
            format!("{}{named}: read as {}", self.path.display(), leaf.what)
        });
        if let Some(column) = self.label_column.as_ref().filter(|_| !leaf.what.contains("CSV")) {
            return Err(LeafError::NoTable {
                column: column.text().to_string(),
                path: self.path.clone(),
                what: leaf.what,
            }
            .into());
        }
        let stamps = Stamps::of(path, self.label_file.as_deref());
        let Opened { mut data, names } =
            // What fails after somebody has asked for the end fails for that reason.
            (leaf.open)(&asked).map_err(|fault| watch.check().err().map_or(fault, Fault::from))?;
        stamps.watch(&data, watch);
        if !leaf.numbers {
            let said = [("--float-range", self.float_range.is_some()), ("--shape", self.shape.is_some())];
            data.notes.extend(said.iter().filter(|(_, said)| *said).map(|(option, _)| {
                format!(
                    "{}: {option} is passed over; it is for arrays and tables, and this is {}",
                    self.path.display(),
                    leaf.what
                )
            }));
        }
        let Splits::Named(wanted) = &self.splits else { return Ok(data) };
        match wanted.iter().find(|split| !names.iter().any(|name| names::is_meant(name, split))) {
            Some(split) => Err(SourceError::NoSplit {
                path: self.path.display().to_string(),
                split: split.clone(),
                found: names.join(", "),
            }
            .into()),
            None => Ok(data),
        }
    }
}

/// What files were before they were opened.
struct Stamps(BTreeMap<PathBuf, Stamp>);

impl Stamps {
    /// No folder has as many files of which one reads in place.
    const MOST: usize = 4096;

    /// Of a file and its labels, or of the files in a folder.
    fn of(path: &Path, labels: Option<&Path>) -> Self {
        let within = std::fs::read_dir(path).into_iter().flatten().take(Self::MOST).flatten();
        let paths = [Some(path), labels].into_iter().flatten().map(Path::to_owned);
        let stamp = |path: PathBuf| {
            let found = std::fs::metadata(&path).ok().filter(std::fs::Metadata::is_file)?;
            Some((path, Stamp::of(&found)))
        };
        Self(paths.chain(within.map(|entry| entry.path())).filter_map(stamp).collect())
    }

    /// Has those watched that are inputs now.
    fn watch(self, data: &DataSet, watch: &Watch) {
        for input in &data.inputs {
            let path = Path::new(&input.path);
            let now =
                || std::fs::metadata(path).ok().filter(std::fs::Metadata::is_file).map(|f| Stamp::of(&f));
            if let Some(stamp) = self.0.get(path).cloned().or_else(now) {
                watch.files().add(path, stamp);
            }
        }
    }
}

/// What a path is.
fn place(read: &Read, path: &Path) -> Result<At, SourceError> {
    if builtin::is_meant(&read.path) {
        return Ok(At::Word);
    }
    let found = std::fs::metadata(path);
    // The beginning of names of IDX files.
    if found.as_ref().is_err_and(|error| error.kind() == std::io::ErrorKind::NotFound)
        && read.label_file.is_none()
        && idx_folder::Files::find(path)?.is_some()
    {
        return Ok(At::Folder);
    }
    let found = found.map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => {
            SourceError::NotFound { path: read.path.clone(), sought: Sought::Input }
        }
        _ => SourceError::Read { path: path.to_owned(), source: error },
    })?;
    if found.is_file() {
        return Ok(At::File);
    }
    Ok(At::Folder)
}

/// IDX files: some keep them further down, as torchvision does.
fn idx_within(path: &Path) -> Result<Option<idx_folder::Files>, SourceError> {
    for below in ["", "raw", "MNIST/raw", "FashionMNIST/raw", "KMNIST/raw", "EMNIST/raw", "QMNIST/raw"] {
        let folder = if below.is_empty() { path.to_owned() } else { path.join(below) };
        if (below.is_empty() || folder.is_dir())
            && let Some(files) = idx_folder::Files::find(&folder)?
        {
            return Ok(Some(files));
        }
    }
    Ok(None)
}

/// Nothing that is understood lies there: a file of another kind is named for what it is, and what to do with it.
fn unknown(path: &Path) -> SourceError {
    let expected = understood(At::Folder);
    let mut files = Vec::new();
    gather(path, 0, &mut files);
    let foreign = files.iter().find_map(|file| {
        let start = sniff::start(file).ok()?;
        let kind = sniff::kind(&start)?;
        let inner = file.strip_prefix(path).unwrap_or(file).display().to_string();
        let inside = file.parent().filter(|folder| *folder != path);
        // Arrays that are a source by themselves are not those of a class.
        let is_array =
            kind.name == "a NumPy array" && inside.is_some_and(|folder| !npz_arrays::is_array_folder(folder));
        let instead = match kind.instead {
            Some(instead) => instead.to_owned(),
            None if pictures::is_picture(file) => "give the pictures the endings of their kinds: .png, .jpg".to_owned(),
            None if is_array => {
                "put the arrays of all classes into one and save it with their labels: numpy.savez(\"data.npz\", x_train=images, y_train=labels)".to_owned()
            }
            None => return None,
        };
        Some((inner, kind.name.to_owned(), instead))
    });
    match foreign {
        Some((file, found, instead)) => {
            SourceError::ForeignFolder { path: path.to_owned(), expected, file, found, instead }
        }
        None => SourceError::Unknown { path: path.to_owned(), expected, found: contents(path) },
    }
}

/// Files that are looked into to tell what a folder holds, and folders in folders.
const LOOKED_INTO: usize = 64;
const DEEPEST: usize = 3;

/// The first files in a folder and those in it, in the order of their names; those of the folder itself come first.
fn gather(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) {
    let Ok(children) = Children::of(folder) else { return };
    files.extend(children.files.into_iter().take(LOOKED_INTO.saturating_sub(files.len())));
    for folder in children.folders {
        if files.len() >= LOOKED_INTO || depth >= DEEPEST {
            return;
        }
        gather(&folder, depth + 1, files);
    }
}

/// Pictures know their classes; `--classes` may not say otherwise.
fn check_classes(read: &Read, data: &DataSet) -> Result<(), Fault> {
    let found = data.splits.first().map(|split| split.source.schema().classes());
    match (read.classes, found) {
        (Some(said), Some(found)) if said != found => {
            Err(SourceError::ClassFolders { path: read.path.clone(), said, found }.into())
        }
        _ => Ok(()),
    }
}

/// A path as it is, or, where there is nothing, the data set of that name in the folder `data`.
#[must_use]
pub fn locate(path: &Path) -> PathBuf {
    let named = Path::new("data").join(path);
    if path.components().count() == 1 && !path.exists() && named.is_dir() { named } else { path.to_owned() }
}

/// The first few names in a folder.
fn contents(folder: &Path) -> String {
    let Ok(entries) = std::fs::read_dir(folder) else { return "nothing that can be listed".into() };
    let name = |entry: std::fs::DirEntry| {
        let end = if entry.path().is_dir() { "/" } else { "" };
        format!("{}{end}", entry.file_name().to_string_lossy())
    };
    let mut names: Vec<String> = entries.flatten().map(name).collect();
    names.sort();
    match names.len() {
        0 => "an empty folder".into(),
        1..=4 => names.join(", "),
        n => format!("{} and {} more", names[..4].join(", "), n - 4),
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "files to be recognized")]
mod tests;
