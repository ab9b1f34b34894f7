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
use crate::formats::codec::numpy_arrays::{ArrayError, Arrays, Described};
use crate::formats::codec::{idx_array, mat5, sniff};
use crate::names::{self, CLASS_LIST};
use crate::recipe::{FloatRange, LabelColumn};
use crate::sources::leaves::error::{ArrayNames, LeafError};
use crate::sources::refuse_foreign;

use super::SourceError;

use super::arrays::{ArraySplit, Labels, class_names, dim, float_range, input, license, without_labels};

use super::csv_table::labels as label_table;
use super::pairing::{Pair, Part, Role, label_of, pairs, whole_pairs};

use form::Form;
pub(super) use labels::values_of as label_values;

mod form;
mod labels;
pub mod mat;

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

/// The one array of a MATLAB file that has labels by its name, or the only one.
fn only_of_mat(path: &Path) -> Result<(Arrays, String), Fault> {
    let arrays = Arrays::mat(path)?;
    let names = arrays.names();
    let of_labels = || names.iter().find(|name| Part::of(name).role == Role::Labels);
    match names.first().filter(|_| names.len() == 1).or_else(of_labels).cloned() {
        Some(name) => Ok((arrays, name)),
        None => Err(LeafError::OneArray { path: path.to_owned(), found: ArrayNames(names) }.into()),
    }
}

/// What a file of arrays is, by its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Npy,
    Npz,
    Mat,
    Idx,
}

impl Kind {
    /// Where the content says nothing, the name does; what is wrong with it is best said by its own reader.
    fn of(path: &Path) -> Result<Self, SourceError> {
        let start = sniff::start(path).map_err(|source| SourceError::Read { path: path.into(), source })?;
        Ok(if start.starts_with(b"\x93NUMPY") {
            Self::Npy
        } else if start.starts_with(b"PK") {
            Self::Npz
        } else if idx_array::header(&start).is_some() {
            Self::Idx
        } else if mat5::is_mat5(&start) {
            Self::Mat
        } else if path.extension().is_some_and(|end| end.eq_ignore_ascii_case("npz")) {
            Self::Npz
        } else {
            Self::Npy
        })
    }
}

/// An array of a file given by hand: an `.npy` file, the only one of an `.npz` or MATLAB file, or an IDX file.
fn single(path: &Path) -> Result<(Arrays, String), Fault> {
    match Kind::of(path)? {
        Kind::Idx => Ok((Arrays::idx("array", path), "array".into())),
        Kind::Npz => only_array(path),
        Kind::Mat => only_of_mat(path),
        Kind::Npy => {
            Ok((Arrays::npy(BTreeMap::from([("array".to_owned(), path.to_owned())])), "array".into()))
        }
    }
}

/// Images and labels of two files as one pair, opened. Labels may lie in a file of any kind.
fn open_pair(
    split: &'static str,
    images: (Arrays, String),
    labels: Option<&Path>,
    path: &Path,
    says: Says<'_>,
) -> Result<DataSet, Fault> {
    let mut of = BTreeMap::from([("images".to_owned(), images)]);
    let as_array = labels.filter(|labels| label_table::is_array(labels));
    if let Some(labels) = as_array {
        of.insert("labels".into(), single(labels)?);
    }
    let pair =
        Pair { split, named: false, images: "images".into(), labels: as_array.map(|_| "labels".to_owned()) };
    let apart = labels.filter(|_| as_array.is_none());
    open_pairs(&mut Arrays::several(of), path, &[pair], says, Known { apart, classes: None }, &|_| true)
}

/// What is known beside the arrays.
#[derive(Clone, Debug, Default)]
struct Known<'a> {
    /// A table of labels of the only images.
    apart: Option<&'a Path>,
    /// The names of the classes.
    classes: Option<Vec<String>>,
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
    let mut data = open_pair(split, single(path)?, labels, path, says)?;
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

/// Whether a file is an `.npz` or `.npy` file, by its content or its name.
#[must_use]
pub fn is_array_file(path: &Path) -> bool {
    let named = path
        .extension()
        .is_some_and(|end| end.eq_ignore_ascii_case("npz") || end.eq_ignore_ascii_case("npy"));
    let begins = |start: Vec<u8>| {
        sniff::kind(&start).is_some_and(|kind| matches!(kind.name, "a NumPy array" | "an NPZ file"))
    };
    named || sniff::start(path).is_ok_and(begins)
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

/// Whether a folder holds exactly one `.npz` file, `.npy` files of images under a usual name, or `.npz` files for images and labels or for splits.
#[must_use]
pub fn is_array_folder(folder: &Path) -> bool {
    let names = |ending| files_of(folder, ending).into_keys().collect::<Vec<String>>();
    let npz = names("npz");
    only_npz(folder).is_some()
        || !pairs(&names("npy")).is_empty()
        || !whole_pairs(&npz).is_empty()
        || npz.iter().any(|name| Part::of(name).split.is_some())
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
    let npy = files_of(folder, "npy");
    let npy_pairs = pairs(&npy.keys().cloned().collect::<Vec<_>>());
    let files = files_of(folder, "npz");
    let pairs = whole_pairs(&files.keys().cloned().collect::<Vec<_>>());
    if pairs.is_empty() && !npy_pairs.is_empty() {
        for path in npy.values() {
            refuse_foreign(path, "NumPy arrays")?;
        }
        return open_arrays(Arrays::npy(npy), &folder.join("*.npy"), says, wanted);
    }
    if pairs.is_empty() {
        let pairs_of = |path: &Path| {
            refuse_foreign(path, "NumPy arrays")?;
            let mut arrays = Arrays::npz(path)?;
            let pairs = pairs_in(&mut arrays)?;
            Ok((arrays, pairs))
        };
        return open_split_files(folder, "npz", says, wanted, &pairs_of);
    }
    let mut of = BTreeMap::new();
    for Pair { images, labels, .. } in pairs.iter().filter(|pair| wanted(pair.split)) {
        for name in [Some(images), labels.as_ref()].into_iter().flatten() {
            if let Some(path) = files.get(name) {
                of.insert(name.clone(), only_array(path)?);
            }
        }
    }
    let place = folder.join("*.npz");
    let data = open_pairs(&mut Arrays::several(of), &place, &pairs, says, Known::default(), wanted)?;
    Ok((data, pairs.iter().map(|pair| pair.split.to_owned()).collect()))
}

/// The arrays of a file, and their pairs.
type PairsOf<'a> = &'a dyn Fn(&Path) -> Result<(Arrays, Vec<Pair>), Fault>;

/// Opens files with this ending, each of which is a split, as its name says: `train_32x32.mat`, `mnist_train.npz`.
fn open_split_files(
    folder: &Path,
    ending: &str,
    says: Says<'_>,
    wanted: &dyn Fn(&str) -> bool,
    pairs_of: PairsOf<'_>,
) -> Result<(DataSet, Vec<String>), Fault> {
    let (mut of, mut pairs, mut passed) = (BTreeMap::new(), Vec::<Pair>::new(), Vec::new());
    for (stem, path) in &files_of(folder, ending) {
        let Some(split) = Part::of(stem).split.filter(|name| pairs.iter().all(|pair| pair.split != *name))
        else {
            passed.push(path.file_name().unwrap_or_default().to_string_lossy().into_owned());
            continue;
        };
        let (arrays, found) = pairs_of(path)?;
        let [pair] = &found[..] else {
            let (path, found) = (path.to_owned(), ArrayNames(arrays.names()));
            return Err(if ending == "mat" {
                LeafError::NamesOfMat { path, found, others: arrays.others() }
            } else {
                LeafError::Names { path, found }
            }
            .into());
        };
        let mut add = |role: &str, name: &str| {
            let key = format!("{split} {role}");
            of.insert(key.clone(), (pairs_of(path)?.0, name.to_owned()));
            Ok::<_, Fault>(key)
        };
        let images = add("images", &pair.images)?;
        let labels = pair.labels.as_ref().map(|labels| add("labels", labels)).transpose()?;
        pairs.push(Pair { split, named: true, images, labels });
    }
    pairs.sort_by(|a, b| names::order(a.split, b.split));
    if pairs.is_empty() {
        return Err(LeafError::SplitsOfMat { folder: folder.to_owned() }.into());
    }
    let place = folder.join(format!("*.{ending}"));
    let mut data = open_pairs(&mut Arrays::several(of), &place, &pairs, says, Known::default(), wanted)?;
    if !passed.is_empty() {
        data.notes.push(format!(
            "{}: passed over: {}, whose names say no split that there is not yet",
            folder.display(),
            passed.join(", ")
        ));
    }
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
    let is_npz = Kind::of(path)? == Kind::Npz;
    let beside = files_of(folder, if is_npz { "npz" } else { "npy" });
    let names: Vec<String> = beside.keys().cloned().collect();
    let known = pairs(&names).into_iter().find(|pair| pair.images == stem);
    let split = known.as_ref().map_or("train", |pair| pair.split);
    let labels = label_file.or_else(|| beside.get(known.as_ref()?.labels.as_ref()?).map(PathBuf::as_path));
    if !is_npz {
        let data = open_pair(split, single(path)?, labels, path, says)?;
        return Ok((data, vec![split.to_owned()], false));
    }
    let arrays = Arrays::npz(path)?;
    let own = arrays.names();
    if let [image] = &own[..] {
        let image = image.clone();
        let data = open_pair(split, (arrays, image), labels, path, says)?;
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
    Ok((data, names, named))
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

/// The pairs of a file's arrays, by their names or by how they look.
fn pairs_in(arrays: &mut Arrays) -> Result<Vec<Pair>, Fault> {
    let mut pairs = pairs(&arrays.names());
    if pairs.is_empty() {
        pairs.extend(unnamed_pair(arrays)?);
    }
    Ok(pairs)
}

fn open_arrays(
    mut arrays: Arrays,
    path: &Path,
    says: Says<'_>,
    wanted: &dyn Fn(&str) -> bool,
) -> Result<(DataSet, Vec<String>), Fault> {
    let pairs = pairs_in(&mut arrays)?;
    if pairs.is_empty() {
        return Err(LeafError::Names { path: path.to_owned(), found: ArrayNames(arrays.names()) }.into());
    }
    let data = open_pairs(&mut arrays, path, &pairs, says, Known::default(), wanted)?;
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

/// Refuses arrays whose last axis is most probably that of the classes: USPS' `data` of 256 pixels, 1100 images and 10 classes.
fn refuse_classes(described: &Described, place: &str, says: Says<'_>) -> Result<(), ArrayError> {
    match described.shape[..] {
        [pixels, images, classes @ 2..=62]
            if described.fortran
                && says.shape.is_none()
                && pixels >= 64
                && pixels.isqrt().pow(2) == pixels
                && images != classes =>
        {
            Err(ArrayError::Form {
                place: place.to_owned(),
                expected: "images, the first axis of which counts them".into(),
                found: format!(
                    "{pixels} values by {images} by {classes}, which may be {images} images of each of {classes} classes"
                ),
                help: format!(
                    "put the classes behind each other in MATLAB: X = reshape(data, {pixels}, [])'; y = repelem((0:{})', {images}); save('data.mat', 'X', 'y', '-v7')",
                    classes - 1
                ),
            })
        }
        _ => Ok(()),
    }
}

fn open_pairs(
    arrays: &mut Arrays,
    path: &Path,
    pairs: &[Pair],
    says: Says<'_>,
    known: Known<'_>,
    wanted: &dyn Fn(&str) -> bool,
) -> Result<DataSet, Fault> {
    let Known { apart, classes: mut known } = known;
    let mut of_texts = false;
    let mut data = DataSet::default();
    let mut ready = Vec::new();
    let mut floats: Option<Extent> = None;
    let mut unlabeled = false;
    let names = arrays.names();
    for pair in pairs.iter().filter(|pair| wanted(pair.split)) {
        // Images alone are a source of images; where something lies beside them that could be the labels, it is told.
        let alone = names.len() == 1;
        if pair.labels.is_none() && !alone && apart.is_none() {
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
            let Extent { min, max, .. } = arrays.extent(&pair.images)?;
            if min < 0.0 {
                return Err(ArrayError::Form {
                    place,
                    expected: "pixels as uint8, as wider integers from 0 to 255, or as floats".into(),
                    found: format!("{} from {min} to {max}", described.descr),
                    help: "int8 holds no more than 127: save array.view(numpy.uint8) if bytes were taken for it, or (array.astype(int) + 128).astype(numpy.uint8) if -128 is black".into(),
                }
                .into());
            }
            if max > 16.0 {
                data.notes.push(format!(
                    "{place}: pixels are int8, from 0 to {max}; if {max} is white, say --float-range 0-{max}"
                ));
            }
        }
        if described.element.kind == 'f' {
            floats = Some(floats.unwrap_or(Extent::NONE).with(arrays.extent(&pair.images)?));
        }
        if pair.labels.is_none() && apart.is_none() {
            refuse_classes(&described, &place, says)?;
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
        }
        let found = match (&pair.labels, apart) {
            (Some(name), _) => labels::of_array(arrays, name, described.shape[0])?,
            (None, Some(table)) => labels::of_table(table, arrays.path(&pair.images), &described, says)?,
            (None, None) => continue,
        };
        data.notes.extend(found.notes);
        of_texts |= found.classes.is_some();
        known = found.classes.or(known);
        let labels::Found { mut labels, columns, digest: label_digest, .. } = found;
        let label_path = pair.labels.as_ref().map_or_else(|| apart.unwrap_or(path), |name| arrays.path(name));
        let label_path = label_path.to_owned();
        let label_place = pair.labels.as_ref().map(|name| arrays.place(name));
        let count = labels.count() as u64;
        // MATLAB's images come one after the other along the last axis, which the number of labels tells.
        let is_last =
            described.fortran && described.shape[0] != count && described.shape.last() == Some(&count);
        if is_last && described.shape.len() == 4 && labels.ten_is_zero() {
            data.notes.push(format!(
                "{}: labels go from 1 to 10, and 10 is read as the digit 0, as in SVHN",
                label_path.display()
            ));
        }
        let form = Form::of(&described, is_last, says, &place)?;
        if count != described.shape[0] && !is_last {
            return Err(LeafError::Counts {
                images: place,
                image_count: described.shape[0],
                labels: label_place.unwrap_or_else(|| label_path.display().to_string()),
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
            of_labels: Some((label_path, label_digest)),
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
        of_texts
            || says.classes.is_none()
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
        let is_float = described.element.kind == 'f' && range == Some(FloatRange::Bytes);
        if range.is_none_or(|range| range == FloatRange::Bytes) || !is_float {
            data.notes.extend(dim(&arrays.place(&images), greatest, said, is_float));
        }
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
