//! NumPy files of others as a source: an `.npz` file with Keras' names or other usual ones, or a folder of `.npy` files.
//!
//! Images are (N, H, W), (N, H, W, 1 or 3), (N, 1 or 3, H, W), or (N, values) where the values make a square or `--shape` says otherwise.
//! Labels are (N,) or (N, 1), one-hot (N, classes), or (N, classes) of 0 and 1.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::base::sample::UNLABELED;
use crate::base::{Channels, DataSet, Fault, Shape, Split};
use crate::formats::Spool;
use crate::formats::codec::element::Extent;
use crate::formats::codec::numpy_arrays::{ArrayError, Arrays, Described, in_order};
use crate::formats::codec::{idx_array, sniff};
use crate::recipe::{FloatRange, LabelColumn};

use super::SourceError;

use super::arrays::{
    ArraySplit, Labels, class_names, dim, float_range, input, license, shape_of, without_labels,
};

use names::{Pair, file_pairs, label_of, pairs};

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
    let arrays = Arrays::npz(path)?;
    match &arrays.names()[..] {
        [one] => {
            let one = one.clone();
            Ok((arrays, one))
        }
        names => Err(SourceError::Mismatch(
            format!("{}: expected one array, found {}", path.display(), listed(names)),
            Some("name a file of one array with --label-file, or a file of images and labels alone".into()),
        )
        .into()),
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
    let mut data = open_pairs(&mut arrays, path, &[pair], says, &|_| true)?;
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

/// The names as messages list them.
fn listed(names: &[String]) -> String {
    let shown: Vec<String> = names.iter().take(12).map(|name| format!("{name:?}")).collect();
    match names.len() {
        0 => "no arrays at all".into(),
        n if n > shown.len() => format!("{} and {} more", shown.join(", "), n - shown.len()),
        _ => shown.join(", "),
    }
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
        return open_arrays(Arrays::npz(&path)?, &path, says, wanted);
    }
    let files = files_of(folder, "npz");
    let pairs = file_pairs(&files.keys().cloned().collect::<Vec<_>>());
    if pairs.is_empty() {
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
    let data = open_pairs(&mut Arrays::several(of), &folder.join("*.npz"), &pairs, says, wanted)?;
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
            let data = open_pairs(&mut arrays, path, &[pair], says, &|_| true)?;
            return Ok((data, vec![split.to_owned()], false));
        }
        if let Some(labels) = label_file {
            return Err(SourceError::Usage(
                format!(
                    "--label-file {}: it goes with a file of images alone; {} holds {}",
                    labels.display(),
                    path.display(),
                    listed(&own)
                ),
                Some("leave --label-file out; labels are looked for in the same file".into()),
            )
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
    let data = open_pairs(&mut arrays, path, &[pair], says, &|_| true)?;
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
        return Err(SourceError::Mismatch(
            format!(
                "{}: expected arrays named x_train and y_train, train_images and train_labels, x and y, or the like; found {}",
                path.display(),
                listed(&names)
            ),
            Some("save the arrays under these names: numpy.savez(file, x_train=..., y_train=..., x_test=..., y_test=...)".into()),
        )
        .into());
    }
    let data = open_pairs(&mut arrays, path, &pairs, says, wanted)?;
    Ok((data, pairs.iter().map(|pair| pair.split.to_owned()).collect()))
}

/// What is known of a split before its images are read.
struct Ready {
    split: &'static str,
    images: String,
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
            return Err(SourceError::Mismatch(
                format!(
                    "{}: expected an array with its labels, found {}",
                    arrays.place(&pair.images),
                    listed(&arrays.names())
                ),
                Some(format!("save the labels as {:?}", label_of(&pair.images))),
            )
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
        let form = Form::of(&described, says, &place)?;
        if described.element.kind == 'f' {
            floats = Some(floats.unwrap_or(Extent::NONE).with(arrays.extent(&pair.images)?));
        }
        let Some(label_name) = &pair.labels else {
            let labels = Labels::Classes(vec![0; described.shape[0] as usize]);
            unlabeled = true;
            data.notes.push(without_labels(arrays.path(&pair.images)));
            ready.push(Ready {
                split: pair.split,
                images: pair.images.clone(),
                described,
                form,
                labels,
                columns: None,
                of_labels: None,
                is_flags,
            });
            continue;
        };
        let (labels, columns, label_digest) = read_labels(arrays, label_name)?;
        if labels.count() as u64 != described.shape[0] {
            return Err(SourceError::Mismatch(
                format!(
                    "{place} holds {} images, but {} holds {} labels",
                    described.shape[0],
                    arrays.place(label_name),
                    labels.count()
                ),
                Some("the two arrays belong to different data sets or one is cut off".into()),
            )
            .into());
        }
        ready.push(Ready {
            split: pair.split,
            images: pair.images.clone(),
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
    } else {
        class_names(&folder, says.classes, columns, &all, &path.display().to_string(), &mut data.notes)?
    };
    for Ready { split, images, described, form, labels, of_labels, is_flags, .. } in ready {
        let range = match described.element.kind {
            'f' => range,
            _ if is_flags => Some(FloatRange::Unit),
            _ => says.float_range,
        };
        let (spool, digest, greatest) = arrays.bytes(&images, range)?;
        if described.element.kind != 'f' {
            data.notes.extend(dim(&arrays.place(&images), greatest, range));
        }
        let image_path = arrays.path(&images).to_owned();
        let read = |source| SourceError::Read { path: image_path.clone(), source };
        let body = form.ordered(spool, described.shape[0]).map_err(read)?;
        let known = license(&folder, &body, described.shape[0], form.shape).map_err(read)?;
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

/// Labels, how many columns one-hot ones have, and their digest.
fn read_labels(arrays: &mut Arrays, name: &str) -> Result<(Labels, Option<usize>, String), Fault> {
    let place = arrays.place(name);
    let Described { shape, fortran, descr, .. } = arrays.describe(name)?;
    let (rows, columns) = match shape[..] {
        [rows] => (rows, 1),
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

/// How the values of images lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Form {
    shape: Shape,
    /// Distances of images, rows, columns and channels.
    strides: [u64; 4],
}

impl Form {
    fn of(described: &Described, says: Says<'_>, place: &str) -> Result<Self, Fault> {
        let stated = says.shape;
        let axes = &described.shape[..];
        // Shape, and which axes are rows, columns and channels; an axis of its own where there is none.
        let flat = |values: u64| shape_of(usize::try_from(values).ok()?, stated);
        let side = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
        let found = match *axes {
            [_, values] => flat(values).map(|shape| (shape, None)),
            [_, h, w] => Some((Shape::gray(side(h), side(w)), Some([1, 2, usize::MAX]))),
            [_, a, b, c] => {
                let last = Channels::of(side(c)).map(|kind| (Shape::new(side(a), side(b), kind), [1, 2, 3]));
                let first =
                    || Channels::of(side(a)).map(|kind| (Shape::new(side(b), side(c), kind), [2, 3, 1]));
                last.or_else(first).map(|(shape, axis)| (shape, Some(axis)))
            }
            _ => None,
        };
        let fits = |shape: &Shape| {
            stated.is_none_or(|stated| stated == *shape)
                && [shape.height, shape.width].iter().all(|&side| u16::try_from(side).is_ok())
        };
        let Some((shape, axis)) = found.filter(|(shape, _)| fits(shape)) else {
            return Err(ArrayError::Form {
                place: place.to_owned(),
                expected: match stated {
                    Some(shape) => format!("images of {shape}, as --shape says"),
                    None => "images (N, H, W), (N, H, W, 1 or 3), (N, 1 or 3, H, W), or (N, values) of square images".into(),
                },
                found: format!("{} {axes:?}", described.descr),
                help: match axes {
                    [_, _] => "say --shape HxWxC (HxWx1 for gray images)".into(),
                    _ => "bring it into one of these shapes with numpy.reshape or numpy.transpose".into(),
                },
            }
            .into());
        };
        let mut distances: Vec<u64> = vec![1; axes.len()];
        if described.fortran {
            (1..axes.len()).for_each(|i| distances[i] = distances[i - 1] * axes[i - 1]);
        } else {
            (0..axes.len() - 1).rev().for_each(|i| distances[i] = distances[i + 1] * axes[i + 1]);
        }
        let strides = if let Some(axis) = axis {
            let at = |i: usize| distances.get(axis[i]).copied().unwrap_or(0);
            [distances[0], at(0), at(1), at(2)]
        } else {
            let (value, width) = (distances[1], shape.width as u64);
            if says.channels_first {
                [distances[0], value * width, value, value * width * shape.height as u64]
            } else {
                [distances[0], value * shape.stride() as u64, value * shape.channels() as u64, value]
            }
        };
        Ok(Self { shape, strides })
    }

    /// The images in C order.
    fn ordered(self, spool: Spool, count: u64) -> std::io::Result<Spool> {
        let (width, channels) = (self.shape.width, self.shape.channels());
        let plain = [self.shape.bytes(), width * channels, channels, 1].map(|n| n as u64);
        // How far apart things are does not matter where there is only one of them.
        let lengths = [count, self.shape.height as u64, width as u64, channels as u64];
        let same = self.strides.iter().zip(plain).zip(lengths).all(|((a, b), length)| *a == b || length == 1);
        if same { Ok(spool) } else { in_order(&spool, count, self.shape, self.strides) }
    }
}
