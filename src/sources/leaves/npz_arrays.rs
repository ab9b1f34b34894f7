//! NumPy files of others as a source: an `.npz` file with Keras' names or other usual ones, or a folder of `.npy` files.
//!
//! Images are (N, H, W), (N, H, W, 1 or 3), (N, 1 or 3, H, W), or (N, values) where the values make a square or `--shape` says otherwise.
//! Labels are (N,) or (N, 1), one-hot (N, classes), or (N, classes) of 0 and 1.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::base::sample::UNLABELED;
use crate::base::{DataSet, Fault, Shape, Split};
use crate::formats::codec::element::Extent;
use crate::formats::codec::numpy_arrays::{ArrayError, Arrays, Described, in_order};
use crate::formats::codec::{idx_array, sniff};
use crate::names::CLASS_LIST;
use crate::recipe::{FloatRange, LabelColumn};
use crate::sources::leaves::error::{ArrayNames, LeafError};
use crate::sources::refuse_foreign;

use super::SourceError;

use super::arrays::{ArraySplit, Labels, class_names, dim, float_range, input, license, without_labels};

use form::Form;
use names::{Pair, file_pairs, label_of, pairs};

mod form;
pub mod mat;
mod names;

/// What the command line says about arrays and tables.
#[derive(Clone, Copy, Debug, Default)]
pub struct Says<'a> {
    /// Number of classes.
    pub classes: Option<usize>,
    /// What floats mean.
    pub float_range: Option<FloatRange>,
    /// Shape of the images.
    pub shape: Option<Shape>,
    /// Whether rows of values hold one channel after the other.
    pub channels_first: bool,
    /// The column of a table that holds the labels.
    pub label_column: Option<&'a LabelColumn>,
}

/// The only array of an `.npz` file.
fn only_array(path: &Path) -> Result<(Arrays, String), Fault> {
    refuse_foreign(path, "NumPy arrays")?;
    let arrays = Arrays::npz(path)?;
    match &arrays.names()[..] {
        [one] => {
            let one = one.clone();
            Ok((arrays, one))
        }
        names => Err(LeafError::OneArray { path: path.to_owned(), found: ArrayNames(names.to_vec()) }.into()),
    }
}

/// An array of a file given by hand: an `.npy` file, the only one of an `.npz` file, or an IDX file.
fn single(path: &Path) -> Result<(Arrays, String), Fault> {
    let start = sniff::start(path).map_err(|source| SourceError::Read { path: path.into(), source })?;
    if idx_array::header(&start).is_some() {
        return Ok((Arrays::idx("array", path), "array".into()));
    }
    if path.extension().is_some_and(|end| end.eq_ignore_ascii_case("npz")) {
        return only_array(path);
    }
    Ok((Arrays::npy(BTreeMap::from([("array".to_owned(), path.to_owned())])), "array".into()))
}

/// Images and labels of two files as one pair.
fn pair_of(
    split: &'static str,
    named: bool,
    images: (Arrays, String),
    labels: Option<&Path>,
) -> Result<(Arrays, Pair), Fault> {
    let mut of = BTreeMap::from([("images".to_owned(), images)]);
    if let Some(labels) = labels {
        of.insert("labels".into(), single(labels)?);
    }
    let labels = labels.map(|_| "labels".to_owned());
    Ok((Arrays::several(of), Pair { split, named, images: "images".into(), labels }))
}

/// Opens an IDX file of images that the reader of plain ones does not take, and its labels, if there are any.
///
/// # Errors
/// Anything that is wrong with the files.
pub fn open_idx(
    split: &'static str,
    path: &Path,
    labels: Option<&Path>,
    says: Says<'_>,
) -> Result<DataSet, Fault> {
    let (mut arrays, pair) = pair_of(split, false, single(path)?, labels)?;
    let mut data = open_pairs(&mut arrays, path, &[pair], says, None, &|_| true)?;
    if let Some(labels) = labels
        && sniff::start(labels)
            .is_ok_and(|start| idx_array::header(&start).is_some_and(|head| idx_array::is_extended(&head)))
    {
        data.notes.push(format!(
            "{}: rows of several integers for each image, as QMNIST has them; the first is the class",
            labels.display()
        ));
    }
    Ok(data)
}

/// Whether a file is an `.npz` or `.npy` file by its name.
#[must_use]
pub fn is_array_file(path: &Path) -> bool {
    path.extension().is_some_and(|end| end.eq_ignore_ascii_case("npz") || end.eq_ignore_ascii_case("npy"))
}

/// The only `.npz` file in a folder, or nothing.
fn only_npz(folder: &Path) -> Option<PathBuf> {
    let mut files = files_of(folder, "npz");
    if files.len() == 1 { files.pop_first().map(|(_, path)| path) } else { None }
}

/// The files of a folder with this ending, by their names without it.
fn files_of(folder: &Path, ending: &str) -> BTreeMap<String, PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return BTreeMap::new() };
    entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.is_file() && path.extension().is_some_and(|end| end.eq_ignore_ascii_case(ending)))
        .filter_map(|path| Some((path.file_stem()?.to_str()?.to_owned(), path)))
        .collect()
}

/// Whether a folder holds exactly one `.npz` file, or `.npy` files of images under a usual name.
#[must_use]
pub fn is_array_folder(folder: &Path) -> bool {
    let names = |ending| files_of(folder, ending).into_keys().collect::<Vec<String>>();
    only_npz(folder).is_some() || !pairs(&names("npy")).is_empty() || !file_pairs(&names("npz")).is_empty()
}

/// Opens the splits of such a folder for which `wanted` is true, and names all of them.
///
/// # Errors
/// Anything that is wrong with the arrays.
pub fn open_folder(
    folder: &Path,
    says: Says<'_>,
    wanted: &dyn Fn(&str) -> bool,
) -> Result<(DataSet, Vec<String>), Fault> {
    if let Some(path) = only_npz(folder) {
        refuse_foreign(&path, "NumPy arrays")?;
        return open_arrays(Arrays::npz(&path)?, &path, says, wanted);
    }
    let files = files_of(folder, "npz");
    let pairs = file_pairs(&files.keys().cloned().collect::<Vec<_>>());
    if pairs.is_empty() {
        for path in files_of(folder, "npy").values() {
            refuse_foreign(path, "NumPy arrays")?;
        }
        return open_arrays(Arrays::npy(files_of(folder, "npy")), &folder.join("*.npy"), says, wanted);
    }
    let mut of = BTreeMap::new();
    for Pair { images, labels, .. } in pairs.iter().filter(|pair| wanted(pair.split)) {
        for name in [Some(images), labels.as_ref()].into_iter().flatten() {
            if let Some(path) = files.get(name) {
                of.insert(name.clone(), only_array(path)?);
            }
        }
    }
    let data = open_pairs(&mut Arrays::several(of), &folder.join("*.npz"), &pairs, says, None, wanted)?;
    Ok((data, pairs.iter().map(|pair| pair.split.to_owned()).collect()))
}

/// Opens a file given by hand: an `.npz` file with all of its splits, or an `.npy` file of images, whose labels are in another file. Also says
/// whether its arrays are named for splits.
///
/// # Errors
/// Anything that is wrong with the arrays.
pub fn open_file(
    path: &Path,
    label_file: Option<&Path>,
    says: Says<'_>,
    wanted: &dyn Fn(&str) -> bool,
) -> Result<(DataSet, Vec<String>, bool), Fault> {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let is_npz = path.extension().is_some_and(|end| end.eq_ignore_ascii_case("npz"));
    let beside = files_of(folder, if is_npz { "npz" } else { "npy" });
    let names: Vec<String> = beside.keys().cloned().collect();
    let of_stem = |pairs: Vec<Pair>| pairs.into_iter().find(|pair| pair.images == stem);
    if is_npz {
        let arrays = Arrays::npz(path)?;
        let own = arrays.names();
        if let ([image], true) = (&own[..], own.len() == 1) {
            let known = of_stem(file_pairs(&names));
            let labels =
                known.as_ref().and_then(|pair| beside.get(pair.labels.as_ref()?).map(PathBuf::as_path));
            let split = known.as_ref().map_or("train", |pair| pair.split);
            let (mut arrays, pair) = pair_of(split, false, (arrays, image.clone()), label_file.or(labels))?;
            let data = open_pairs(&mut arrays, path, &[pair], says, None, &|_| true)?;
            return Ok((data, vec![split.to_owned()], false));
        }
        if let Some(labels) = label_file {
            return Err(LeafError::LabelFile {
                labels: labels.to_owned(),
                path: path.to_owned(),
                found: ArrayNames(own),
            }
            .into());
        }
        let named = pairs(&own).iter().any(|pair| pair.named);
        let (data, names) = open_arrays(arrays, path, says, if named { wanted } else { &|_| true })?;
        return Ok((data, names, named));
    }
    let known = of_stem(pairs(&names)).or_else(|| of_stem(file_pairs(&names)));
    let labels = label_file.or_else(|| beside.get(known.as_ref()?.labels.as_ref()?).map(PathBuf::as_path));
    let split = known.as_ref().map_or("train", |pair| pair.split);
    let (mut arrays, pair) = pair_of(split, false, single(path)?, labels)?;
    let data = open_pairs(&mut arrays, path, &[pair], says, None, &|_| true)?;
    Ok((data, vec![split.to_owned()], false))
}

/// The pair of two arrays without names, as `numpy.savez(file, x, y)` calls them, if that is what they look like.
fn unnamed_pair(arrays: &mut Arrays) -> Result<Option<Pair>, Fault> {
    let names = arrays.names();
    let [images, labels] = &names[..] else { return Ok(None) };
    if images != "arr_0" || labels != "arr_1" {
        return Ok(None);
    }
    let (x, y) = (arrays.describe(images)?.shape, arrays.describe(labels)?.shape);
    let fits = x.len() > 1 && y.len() <= 2 && x.len() > y.len() && x.first() == y.first();
    let (images, labels) = (images.clone(), Some(labels.clone()));
    Ok(fits.then_some(Pair { split: "train", named: false, images, labels }))
}

fn open_arrays(
    mut arrays: Arrays,
    path: &Path,
    says: Says<'_>,
    wanted: &dyn Fn(&str) -> bool,
) -> Result<(DataSet, Vec<String>), Fault> {
    let names = arrays.names();
    let mut pairs = pairs(&names);
    if pairs.is_empty() {
        pairs.extend(unnamed_pair(&mut arrays)?);
    }
    if pairs.is_empty() {
        return Err(LeafError::Names { path: path.to_owned(), found: ArrayNames(names) }.into());
    }
    let data = open_pairs(&mut arrays, path, &pairs, says, None, wanted)?;
    Ok((data, pairs.iter().map(|pair| pair.split.to_owned()).collect()))
}

/// What is known of a split before its images are read.
struct Ready {
    split: &'static str,
    images: String,
    count: u64,
    described: Described,
    form: Form,
    labels: Labels,
    columns: Option<usize>,
    /// The file of labels, and their digest.
    of_labels: Option<(PathBuf, String)>,
    /// Whether pixels are yes or no.
    is_flags: bool,
}

fn open_pairs(
    arrays: &mut Arrays,
    path: &Path,
    pairs: &[Pair],
    says: Says<'_>,
    known: Option<Vec<String>>,
    wanted: &dyn Fn(&str) -> bool,
) -> Result<DataSet, Fault> {
    let mut data = DataSet::default();
    let mut ready = Vec::new();
    let mut floats: Option<Extent> = None;
    let mut unlabeled = false;
    let names = arrays.names();
    for pair in pairs.iter().filter(|pair| wanted(pair.split)) {
        // Images alone are a source of images; where something lies beside them that could be the labels, it is told.
        let alone = names.len() == 1;
        if pair.labels.is_none() && !alone {
            return Err(LeafError::NoLabels {
                place: arrays.place(&pair.images),
                found: ArrayNames(arrays.names()),
                name: label_of(&pair.images),
            }
            .into());
        }
        let described = arrays.describe(&pair.images)?;
        let place = arrays.place(&pair.images);
        // White is 1 where there is nothing else than yes and no.
        let is_flags = described.element.kind == 'b';
        if (described.element.kind, described.element.size) == ('i', 1) && says.float_range.is_none() {
            return Err(ArrayError::Form {
                place,
                expected: "pixels as uint8, as wider integers from 0 to 255, or as floats".into(),
                found: described.descr,
                help: "int8 holds no more than 127: say what is white with --float-range 0-N, or save the images as uint8 from the start".into(),
            }
            .into());
        }
        if described.element.kind == 'f' {
            floats = Some(floats.unwrap_or(Extent::NONE).with(arrays.extent(&pair.images)?));
        }
        let Some(label_name) = &pair.labels else {
            let form = Form::of(&described, false, says, &place)?;
            let labels = Labels::Classes(vec![0; described.shape[0] as usize]);
            unlabeled = true;
            data.notes.push(without_labels(arrays.path(&pair.images)));
            ready.push(Ready {
                split: pair.split,
                images: pair.images.clone(),
                count: described.shape[0],
                described,
                form,
                labels,
                columns: None,
                of_labels: None,
                is_flags,
            });
            continue;
        };
        let (labels, columns, label_digest) = read_labels(arrays, label_name, described.shape[0])?;
        let count = labels.count() as u64;
        // MATLAB's images come one after the other along the last axis, which the number of labels tells.
        let is_last =
            described.fortran && described.shape[0] != count && described.shape.last() == Some(&count);
        let form = Form::of(&described, is_last, says, &place)?;
        if count != described.shape[0] && !is_last {
            return Err(LeafError::Counts {
                images: place,
                image_count: described.shape[0],
                labels: arrays.place(label_name),
                label_count: count,
            }
            .into());
        }
        ready.push(Ready {
            split: pair.split,
            images: pair.images.clone(),
            count,
            described,
            form,
            labels,
            columns,
            of_labels: Some((arrays.path(label_name).into(), label_digest)),
            is_flags,
        });
    }
    let range = floats.map(|extent| float_range(extent, says.float_range, path)).transpose()?;
    let folder = path.parent().unwrap_or(Path::new(".")).to_owned();
    let all: Vec<&Labels> = ready.iter().map(|ready| &ready.labels).collect();
    let columns = ready.iter().filter_map(|ready| ready.columns).max();
    let names = if unlabeled {
        vec![UNLABELED.to_owned()]
    } else if let Some(known) = known.filter(|known| {
        says.classes.is_none()
            && !folder.join(CLASS_LIST).is_file()
            && all.iter().all(|labels| labels.least() <= known.len())
    }) {
        known
    } else {
        class_names(&folder, says.classes, columns, &all, &path.display().to_string(), &mut data.notes)?
    };
    for Ready { split, images, count, described, form, labels, of_labels, is_flags, .. } in ready {
        let range = match described.element.kind {
            'f' => range,
            _ if is_flags => Some(FloatRange::Unit),
            _ => says.float_range,
        };
        let (spool, digest, greatest) = arrays.bytes(&images, range)?;
        // Floats as well: scikit-learn's digits are whole numbers from 0 to 16, as float64.
        let said = if is_flags { range } else { says.float_range };
        data.notes.extend(dim(&arrays.place(&images), greatest, said));
        let image_path = arrays.path(&images).to_owned();
        let read = |source| SourceError::Read { path: image_path.clone(), source };
        let body = form.ordered(spool, count).map_err(read)?;
        let known = license(&folder, &body, count, form.shape).map_err(read)?;
        data.licenses.extend(known.filter(|text| !data.licenses.contains(text)));
        // The same bytes in another shape are another content.
        let digest = blake3::hash(format!("{:?} {} {digest}", described.shape, described.fortran).as_bytes())
            .to_hex()
            .to_string();
        data.inputs.push(input(format!("{split} images"), &image_path, &digest));
        let root = match of_labels {
            Some((path, labels)) => {
                data.inputs.push(input(format!("{split} labels"), &path, &labels));
                blake3::hash(format!("{digest} {labels}").as_bytes()).to_hex().to_string()
            }
            None => digest,
        };
        let title = format!("{}/{split}", path.file_stem().unwrap_or_default().to_string_lossy());
        let source = ArraySplit::new(
            &image_path,
            title,
            (body, root),
            form.shape,
            labels.widened(names.len()),
            names.clone(),
        );
        data.splits.push(Split { name: split.to_owned(), source: Arc::new(source) });
    }
    Ok(data)
}

/// Labels, how many columns one-hot ones have, and their digest. `first` is the length of the images' first axis.
fn read_labels(
    arrays: &mut Arrays,
    name: &str,
    first: u64,
) -> Result<(Labels, Option<usize>, String), Fault> {
    let place = arrays.place(name);
    let Described { shape, fortran, descr, .. } = arrays.describe(name)?;
    let (rows, columns) = match shape[..] {
        [rows] => (rows, 1),
        // A row of labels, as MATLAB has vectors, and not those of one image.
        [1, rows] if first != 1 => (rows, 1),
        [rows, columns @ 1..=256] => (rows, columns as usize),
        _ => {
            return Err(ArrayError::Form {
                place,
                expected: "labels (N,), (N, 1) or (N, classes) of at most 256 classes".into(),
                found: format!("{descr} {shape:?}"),
                help: "save one class id for each image, as uint8".into(),
            }
            .into());
        }
    };
    // What is said of pixels is no use for labels.
    let of_labels = |error| {
        match error {
        ArrayError::Form { place, found, .. } => ArrayError::Form {
            place,
            expected: "labels that are class ids from 0 to 255".into(),
            found,
            help: "give every image the id of its class, or leave those without one out, before the labels are saved: y[y >= 0] and x[y >= 0]".into(),
        },
        error @ ArrayError::Io { .. } => error,
    }
    };
    let (spool, digest, _) = arrays.bytes(name, None).map_err(of_labels)?;
    let read = |source| SourceError::Read { path: arrays.path(name).into(), source };
    // Rows and columns as one image each row, which puts them in order.
    let spool = if fortran && columns > 1 {
        in_order(&spool, rows, Shape::gray(1, columns), [1, 0, rows, 0]).map_err(read)?
    } else {
        spool
    };
    let mut values = vec![0; (rows * columns as u64) as usize];
    spool.read_at(0, &mut values).map_err(read)?;
    let labels = Labels::of_table(values, columns).map_err(|row| ArrayError::Form {
        place,
        expected: format!("0 and 1 in labels of {columns} columns"),
        found: format!("another number in row {row}"),
        help: "save one class id for each image, or 0 and 1 for each class".into(),
    })?;
    Ok((labels, (columns > 1).then_some(columns), digest.to_hex().to_string()))
}
