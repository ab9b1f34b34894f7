//! Pictures as a source: a folder of class folders, a folder of pictures, or one picture.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;

use crate::base::{
    Channels, DataSet, Fault, Input, Label, LabelKind, Reader, Root, Sample, Schema, Shape, Source, Split,
    Unit, Varied, Watch,
};
use crate::formats::codec::picture::{self, PictureError};
use crate::formats::codec::table::Table;
use crate::names::CLASSES;
use crate::sources::cache::{Cache, Kept};
use crate::sources::folder::Children;
use crate::sources::leaves::csv_table::is_table_file;
use crate::sources::leaves::error::LeafError;

pub(super) mod classes;
mod labels;
mod listing;
mod lists;
mod names;
mod tree;

use labels::{Found, Listing, Wanted};

/// The most classes that there may be: a class id is a byte.
const MOST_CLASSES: usize = 256;
/// A table with fewer columns holds no images where pictures lie beside it.
const IMAGE_COLUMNS: usize = 17;

/// Whether this file is taken for a picture, from the ending of its name or the beginning of its content.
#[must_use]
pub fn is_picture(file: &Path) -> bool {
    tree::has_ending(file) || picture::begins_like_one(file)
}

/// Whether a folder holds pictures, or folders that do.
///
/// # Errors
/// If it cannot be listed.
pub fn is_picture_folder(folder: &Path) -> Result<bool, Fault> {
    tree::holds_pictures(folder)
}

/// Whether a folder holds pictures that are meant rather than the tables beside them: a list gives their labels, or none of the tables holds
/// images. Where folders say classes or splits, only a table that is called after a split counts.
///
/// # Errors
/// If it cannot be listed, or a list is damaged.
pub fn go_before_tables(folder: &Path) -> Result<bool, Fault> {
    if !tree::holds_pictures(folder)? {
        return Ok(false);
    }
    let (listed, by_folders) = labels::are_labeled(folder)?;
    let holds_images = |path: &PathBuf| {
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let meant = !by_folders || crate::names::split_within(&name).is_some();
        let columns = || Table::open(path).map_or(0, |table| table.first_line().len());
        is_table_file(path) && meant && columns() >= IMAGE_COLUMNS
    };
    Ok(listed || !Children::of(folder)?.files.iter().any(holds_images))
}

/// Opens one picture: one class, named after the file without its ending.
///
/// # Errors
/// [`PictureError`].
pub fn open_file(file: &Path) -> Result<DataSet, Fault> {
    let class = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let listing = Listing { name: class.clone(), files: vec![(file.to_owned(), 0)] };
    let mut data = DataSet::default();
    open_split("train", listing, vec![class], file, &mut data, &Watch::default())?;
    Ok(data)
}

/// Opens the splits of a folder for which `wanted` is true. Returns the names of all splits, too.
///
/// Class folders that are all numbers are these classes, of which there are `said` or as many as needed; others are classes in an order of
/// [their names](classes::numbered). Labels lie in lists as well, in the folder or in the file `labels`. A folder of pictures without either is one class
/// of its name. Folders whose names stand for splits are splits, whose classes are numbered together; where some have class folders, pictures of
/// others that lie in none have no label: such a split is refused if it is asked for, else passed over. A folder without splits is what is wanted,
/// whatever that is called.
///
/// # Errors
/// A folder that cannot be listed, lists that contradict themselves, and every picture that is none, before any work begins.
pub fn open_folder(
    folder: &Path,
    named: Option<&str>,
    said: Option<usize>,
    labels: Option<&Path>,
    wanted: &dyn Fn(&str) -> bool,
    watch: &Watch,
) -> Result<(DataSet, Vec<String>), Fault> {
    let found = labels::list(folder, &Wanted { split: wanted, classes: said, labels })?;
    let mut data = DataSet { inputs: found.inputs, notes: found.notes, ..DataSet::default() };
    if found.classes.len() > MOST_CLASSES {
        return Err(LeafError::ClassFolders {
            folder: folder.to_owned(),
            most: MOST_CLASSES,
            found: found.classes.len(),
        }
        .into());
    }
    let mut names = Vec::new();
    for (split, listing) in found.splits {
        let split = split.unwrap_or_else(|| named.unwrap_or("train").to_owned());
        names.push(split.clone());
        if wanted(&split) {
            open_split(&split, listing, found.classes.clone(), folder, &mut data, watch)?;
        }
    }
    Ok((data, names))
}

/// The pictures of a folder without splits.
pub(super) struct Files {
    /// Each with the name of its class.
    pub(super) by_class: Vec<(PathBuf, String)>,
    /// Names of all classes by id, if folders or lists say the classes.
    pub(super) classes: Option<Vec<String>>,
    /// What should be known.
    pub(super) notes: Vec<String>,
}

/// The pictures of a folder with the names of their classes.
///
/// # Errors
/// If it cannot be listed, or holds splits or no pictures.
pub(super) fn files(folder: &Path) -> Result<Files, Fault> {
    // Drawings are of ten classes at least if these are numbers.
    let wanted = Wanted { split: &|_| false, classes: Some(CLASSES), labels: None };
    let Found { classes, splits, notes, labeled, .. } = labels::list(folder, &wanted)?;
    let [(None, listing)] = &splits[..] else {
        return Err(LeafError::Splits { folder: folder.to_owned() }.into());
    };
    if classes.len() > MOST_CLASSES {
        let (folder, found) = (folder.to_owned(), classes.len());
        return Err(LeafError::ClassFolders { folder, most: MOST_CLASSES, found }.into());
    }
    let files = listing.files.iter();
    let named = files.map(|(path, class)| (path.clone(), classes[usize::from(*class)].clone())).collect();
    let notes = if labeled { notes } else { Vec::new() };
    Ok(Files { by_class: named, classes: labeled.then_some(classes), notes })
}

/// What is known of one picture without its pixels.
#[derive(Debug)]
struct Entry {
    path: PathBuf,
    class: u8,
    /// As it is handed out.
    shape: Shape,
    blake3: blake3::Hash,
}

fn open_split(
    split: &str,
    listing: Listing,
    classes: Vec<String>,
    path: &Path,
    data: &mut DataSet,
    watch: &Watch,
) -> Result<(), Fault> {
    let pass = watch.pass("reading pictures", Unit::Files, Some(listing.files.len() as u64));
    let read: Vec<Result<Entry, PictureError>> = listing
        .files
        .into_par_iter()
        // The rest is left unread once the work is to end.
        .filter(|_| !pass.stop().is_asked())
        .map(|(path, class)| {
            let bytes = picture::load(&path)?;
            pass.add(1);
            let shape = picture::dimensions_of(&bytes, &path)?;
            Ok(Entry { path, class, shape, blake3: blake3::hash(&bytes) })
        })
        .collect();
    pass.check()?;
    let mut entries = Vec::with_capacity(read.len());
    let mut bad = Vec::new();
    for entry in read {
        match entry {
            Ok(entry) => entries.push(entry),
            Err(error) => bad.push(error),
        }
    }
    if !bad.is_empty() {
        return Err(several(bad));
    }
    let kind = entries.iter().map(|entry| entry.shape.kind).max().unwrap_or(Channels::Gray);
    let mut hasher = blake3::Hasher::new();
    let mut shapes = BTreeSet::new();
    for entry in &mut entries {
        entry.shape.kind = kind;
        shapes.insert((entry.shape.height, entry.shape.width));
        hasher.update(&[entry.class]).update(entry.blake3.as_bytes());
    }
    let digest = hasher.finalize().to_hex().to_string();
    let shapes: Vec<Shape> = shapes.into_iter().map(|(h, w)| Shape::new(h, w, kind)).collect();
    let most = |side: fn(&Shape) -> usize| shapes.iter().map(side).max().unwrap_or(0);
    data.inputs.push(Input {
        role: format!("{split} pictures"),
        path: path.to_string_lossy().into_owned(),
        digest: digest.clone(),
    });
    let schema = Schema {
        shape: Shape::new(most(|s| s.height), most(|s| s.width), kind),
        varied: shapes.len() > 1,
        labels: LabelKind::Class,
        class_names: classes,
        grid: None,
        frames: None,
        masks: false,
        roots: vec![Root { name: format!("{}/{split}", listing.name), digest, images: entries.len() as u64 }],
        truth: Vec::new(),
    };
    let source = Pictures { entries, shapes, schema, cache: Cache::default() };
    data.splits.push(Split { name: split.to_owned(), source: Arc::new(source) });
    Ok(())
}

/// The first of several bad pictures, and how many more there are.
pub(super) fn several(mut bad: Vec<PictureError>) -> Fault {
    let first = bad.remove(0);
    if bad.is_empty() {
        return first.into();
    }
    let names: Vec<String> = bad.iter().take(3).map(|error| error.path().display().to_string()).collect();
    LeafError::Pictures { first: Box::new(first), more: bad.len(), names }.into()
}

/// The pictures of one split, class by class.
struct Pictures {
    entries: Vec<Entry>,
    /// Distinct shapes.
    shapes: Vec<Shape>,
    schema: Schema,
    cache: Cache,
}

impl Pictures {
    fn decode(&self, index: u64) -> Result<Kept, Fault> {
        let entry = &self.entries[index as usize];
        let bytes = picture::load(&entry.path)?;
        if blake3::hash(&bytes) != entry.blake3 {
            return Err(LeafError::Changed { path: entry.path.clone() }.into());
        }
        let mut decoded = picture::decode(&bytes, &entry.path)?;
        if self.schema.shape.channels() == 3 {
            decoded = decoded.into_rgb();
        }
        let label = Label::Class(entry.class);
        Ok(Kept {
            shape: decoded.shape,
            data: decoded.data,
            label,
            origin: index,
            truth: Vec::new(),
            soft: Vec::new(),
        })
    }
}

impl Source for Pictures {
    fn len(&self) -> u64 {
        self.entries.len() as u64
    }

    fn schema(&self) -> &Schema {
        &self.schema
    }

    fn shapes(&self) -> Vec<Shape> {
        self.shapes.clone()
    }

    fn shape_at(&self, index: u64) -> Option<Shape> {
        Some(self.entries[index as usize].shape)
    }

    fn why_varied(&self) -> Option<Varied> {
        let first = self.entries.first()?;
        let other = self.entries.iter().find(|entry| entry.shape != first.shape)?;
        let size = |entry: &Entry| {
            format!("{} has {}x{} pixels", entry.path.display(), entry.shape.height, entry.shape.width)
        };
        Some(Varied {
            reason: format!("{} and {}", size(first), size(other)),
            help: "add --resize HxW".into(),
        })
    }

    fn reader(&self) -> Box<dyn Reader + '_> {
        Box::new(PicturesReader { of: self, held: None })
    }
}

struct PicturesReader<'a> {
    of: &'a Pictures,
    /// The last picture that was read.
    held: Option<(u64, Arc<Kept>)>,
}

impl Reader for PicturesReader<'_> {
    fn read(&mut self, index: u64, sample: &mut Sample) -> Result<(), Fault> {
        let kept = match self.held.take() {
            Some((held, kept)) if held == index => kept,
            _ => self.of.cache.get(index, || self.of.decode(index))?,
        };
        kept.load(sample);
        self.held = Some((index, kept));
        Ok(())
    }

    fn label(&mut self, index: u64) -> Result<Label, Fault> {
        Ok(Label::Class(self.of.entries[index as usize].class))
    }

    fn origins(&mut self, index: u64, origins: &mut Vec<u64>) -> Result<(), Fault> {
        origins.push(index);
        Ok(())
    }
}
