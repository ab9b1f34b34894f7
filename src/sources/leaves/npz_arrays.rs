//! NumPy files of others as a source: an `.npz` file with Keras' names or other usual ones, or a folder of `.npy` files.
//!
//! Images are (N, H, W), (N, H, W, 1 or 3), (N, 1 or 3, H, W), or (N, values) where the values make a square or `--shape` says otherwise.
//! Labels are (N,) or (N, 1), one-hot (N, classes), or (N, classes) of 0 and 1.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::base::{DataSet, Fault, Shape, Split};
use crate::formats::Spool;
use crate::formats::codec::element::Extent;
use crate::formats::codec::numpy_arrays::{ArrayError, Arrays, Described, in_order};
use crate::recipe::FloatRange;

use super::SourceError;
use crate::names::SPLITS;

use super::arrays::{ArraySplit, Labels, class_names, input, license, shape_of};

/// What arrays of images are called, and those of labels that go with them.
const KINDS: [(&str, &[&str]); 5] = [
    ("x", &["y"]),
    ("images", &["labels"]),
    ("imgs", &["labels"]),
    ("data", &["labels", "targets", "target"]),
    ("image", &["label"]),
];

/// What the command line says about arrays.
#[derive(Clone, Copy, Debug, Default)]
pub struct Says {
    /// Number of classes.
    pub classes: Option<usize>,
    /// What floats mean.
    pub float_range: Option<FloatRange>,
    /// Shape of the images.
    pub shape: Option<Shape>,
}

/// The arrays of one split.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Pair {
    split: &'static str,
    /// Whether the arrays' names say so.
    named: bool,
    images: String,
    labels: Option<String>,
}

/// The pairs among these names. Case does not count; a name without a split belongs to `train`.
fn pairs(names: &[String]) -> Vec<Pair> {
    let find = |wanted: &str| names.iter().find(|name| name.eq_ignore_ascii_case(wanted)).cloned();
    let mut found: Vec<Pair> = Vec::new();
    let parts =
        SPLITS.iter().flat_map(|split| split.aliases.iter().map(move |part| (split.name, Some(*part))));
    for (split, part) in parts.chain([("train", None)]) {
        let spelled = |kind: &str| match part {
            Some(part) => vec![format!("{kind}_{part}"), format!("{part}_{kind}"), format!("{part}-{kind}")],
            None => vec![kind.to_owned()],
        };
        for (kind, partners) in KINDS {
            let Some((way, images)) =
                spelled(kind).iter().enumerate().find_map(|(i, name)| Some((i, find(name)?)))
            else {
                continue;
            };
            if found.iter().any(|pair| pair.split == split) {
                continue;
            }
            let labels = partners.iter().find_map(|partner| find(&spelled(partner)[way]));
            found.push(Pair { split, named: part.is_some(), images, labels });
        }
    }
    found
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
    only_npz(folder).is_some() || {
        let names: Vec<String> = files_of(folder, "npy").into_keys().collect();
        !pairs(&names).is_empty()
    }
}

/// Opens the splits of such a folder for which `wanted` is true, and names all of them.
///
/// # Errors
/// Anything that is wrong with the arrays.
pub fn open_folder(
    folder: &Path,
    says: Says,
    wanted: &dyn Fn(&str) -> bool,
) -> Result<(DataSet, Vec<String>), Fault> {
    match only_npz(folder) {
        Some(path) => open_arrays(Arrays::npz(&path)?, &path, says, wanted),
        None => open_arrays(Arrays::npy(files_of(folder, "npy")), &folder.join("*.npy"), says, wanted),
    }
}

/// Opens a file given by hand: an `.npz` file with all of its splits, or an `.npy` file of images, whose labels are in another file. Also says
/// whether its arrays are named for splits.
///
/// # Errors
/// Anything that is wrong with the arrays.
pub fn open_file(
    path: &Path,
    label_file: Option<&Path>,
    says: Says,
    wanted: &dyn Fn(&str) -> bool,
) -> Result<(DataSet, Vec<String>, bool), Fault> {
    if path.extension().is_some_and(|end| end.eq_ignore_ascii_case("npz")) {
        if label_file.is_some() {
            return Err(SourceError::Usage(
                format!(
                    "--label-file goes with a file of images alone; {} holds several arrays",
                    path.display()
                ),
                Some("leave --label-file out; labels are looked for in the same file".into()),
            )
            .into());
        }
        let arrays = Arrays::npz(path)?;
        let named = pairs(&arrays.names()).iter().any(|pair| pair.named);
        let (data, names) = open_arrays(arrays, path, says, if named { wanted } else { &|_| true })?;
        return Ok((data, names, named));
    }
    let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let beside =
        files_of(path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new(".")), "npy");
    let names: Vec<String> = beside.keys().cloned().collect();
    let known = pairs(&names).into_iter().find(|pair| pair.images == stem);
    let labels =
        label_file.map(Path::to_owned).or_else(|| beside.get(known.as_ref()?.labels.as_ref()?).cloned());
    let Some(labels) = labels else {
        return Err(SourceError::NoLabels {
            images: path.into(),
            expected: "y_train.npy for x_train.npy, or the like".into(),
        }
        .into());
    };
    let split = known.map_or("train", |pair| pair.split);
    let mut arrays = Arrays::npy(BTreeMap::from([("images".into(), path.into()), ("labels".into(), labels)]));
    let pair = Pair { split, named: false, images: "images".into(), labels: Some("labels".into()) };
    let data = open_pairs(&mut arrays, path, &[pair], says, &|_| true)?;
    Ok((data, vec![split.to_owned()], false))
}

fn open_arrays(
    mut arrays: Arrays,
    path: &Path,
    says: Says,
    wanted: &dyn Fn(&str) -> bool,
) -> Result<(DataSet, Vec<String>), Fault> {
    let names = arrays.names();
    let pairs = pairs(&names);
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
    label_digest: String,
    label_path: PathBuf,
}

fn open_pairs(
    arrays: &mut Arrays,
    path: &Path,
    pairs: &[Pair],
    says: Says,
    wanted: &dyn Fn(&str) -> bool,
) -> Result<DataSet, Fault> {
    let mut data = DataSet::default();
    let mut ready = Vec::new();
    let mut floats: Option<Extent> = None;
    for pair in pairs.iter().filter(|pair| wanted(pair.split)) {
        let Some(label_name) = &pair.labels else {
            return Err(SourceError::Mismatch(
                format!(
                    "{}: expected an array with its labels, found {}",
                    arrays.place(&pair.images),
                    listed(&arrays.names())
                ),
                Some(format!("save the labels as {:?}", label_of(&pair.images))),
            )
            .into());
        };
        let described = arrays.describe(&pair.images)?;
        let place = arrays.place(&pair.images);
        if (described.element.kind, described.element.size) == ('i', 1) || described.element.kind == 'b' {
            return Err(ArrayError::Form {
                place,
                expected: "pixels as uint8, as wider integers from 0 to 255, or as floats".into(),
                found: described.descr,
                help: "scale it to 0..255 and convert it with .astype(numpy.uint8)".into(),
            }
            .into());
        }
        let form = Form::of(&described, says.shape, &place)?;
        if described.element.kind == 'f' {
            floats = Some(floats.unwrap_or(Extent::NONE).with(arrays.extent(&pair.images)?));
        }
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
            label_digest,
            label_path: arrays.path(label_name).into(),
        });
    }
    let range = floats.map(|extent| float_range(extent, says.float_range, path)).transpose()?;
    let folder = path.parent().unwrap_or(Path::new(".")).to_owned();
    let all: Vec<&Labels> = ready.iter().map(|ready| &ready.labels).collect();
    let columns = ready.iter().filter_map(|ready| ready.columns).max();
    let names =
        class_names(&folder, says.classes, columns, &all, &path.display().to_string(), &mut data.notes)?;
    for Ready { split, images, described, form, labels, label_digest, label_path, .. } in ready {
        let (spool, digest) = arrays.bytes(&images, range)?;
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
        data.inputs.push(input(format!("{split} labels"), &label_path, &label_digest));
        let root = blake3::hash(format!("{digest} {label_digest}").as_bytes()).to_hex().to_string();
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

/// What labels of these images would be called.
fn label_of(images: &str) -> String {
    let lower = images.to_ascii_lowercase();
    for (kind, partners) in KINDS {
        if let Some(rest) = lower.strip_prefix(&format!("{kind}_")) {
            return format!("{}_{rest}", partners[0]);
        }
        if let Some(rest) = lower.strip_suffix(&format!("_{kind}")) {
            return format!("{rest}_{}", partners[0]);
        }
    }
    KINDS.iter().find(|(kind, _)| *kind == lower).map_or("labels", |(_, partners)| partners[0]).to_owned()
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
    let (spool, digest) = arrays.bytes(name, None)?;
    let read = |source| SourceError::Read { path: arrays.path(name).into(), source };
    // Rows and columns as one image each row, which puts them in order.
    let spool = if fortran && columns > 1 {
        in_order(&spool, rows, Shape::new(1, columns, 1), [1, 0, rows, 0]).map_err(read)?
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
    fn of(described: &Described, stated: Option<Shape>, place: &str) -> Result<Self, Fault> {
        let axes = &described.shape[..];
        // Shape, and which axes are rows, columns and channels; an axis of its own where there is none.
        let flat = |values: u64| shape_of(usize::try_from(values).ok()?, stated);
        let side = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
        let found = match *axes {
            [_, values] => flat(values).map(|shape| (shape, None)),
            [_, h, w] => Some((Shape::new(side(h), side(w), 1), Some([1, 2, usize::MAX]))),
            [_, h, w, c @ (1 | 3)] => Some((Shape::new(side(h), side(w), side(c)), Some([1, 2, 3]))),
            [_, c @ (1 | 3), h, w] => Some((Shape::new(side(h), side(w), side(c)), Some([2, 3, 1]))),
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
            let value = distances[1];
            [distances[0], value * shape.stride() as u64, value * shape.channels as u64, value]
        };
        Ok(Self { shape, strides })
    }

    /// The images in C order.
    fn ordered(self, spool: Spool, count: u64) -> std::io::Result<Spool> {
        let Shape { width, channels, .. } = self.shape;
        let plain = [self.shape.bytes(), width * channels, channels, 1].map(|n| n as u64);
        // How far apart things are does not matter where there is only one of them.
        let lengths = [count, self.shape.height as u64, width as u64, channels as u64];
        let same = self.strides.iter().zip(plain).zip(lengths).all(|((a, b), length)| *a == b || length == 1);
        if same { Ok(spool) } else { in_order(&spool, count, self.shape, self.strides) }
    }
}

/// What floats of this extent mean: what is stated, or what they leave no doubt about.
fn float_range(extent: Extent, stated: Option<FloatRange>, path: &Path) -> Result<FloatRange, Fault> {
    let Extent { min, max, whole, nan } = extent;
    let form = |found: String, help: &str| {
        Err(ArrayError::Form {
            place: path.display().to_string(),
            expected: "images of floats from 0 to 1 or from 0 to 255".into(),
            found,
            help: help.into(),
        }
        .into())
    };
    if nan {
        return form(
            "values that are no numbers (NaN)".into(),
            "replace them, for instance with numpy.nan_to_num",
        );
    }
    if min < 0.0 || max > 255.0 {
        return form(
            format!("values from {min} to {max}"),
            "undo the standardization: scale the images to 0..255 and convert them with .astype(numpy.uint8)",
        );
    }
    if let Some(range) = stated {
        // Values beyond the stated range are found, and named, when they are read.
        return Ok(range);
    }
    match (max, whole) {
        (max, false) if max <= 1.0 => Ok(FloatRange::Unit),
        (max, _) if max > 2.0 => Ok(FloatRange::Bytes),
        _ => form(
            format!("values from {min} to {max}, which could be either"),
            "say which it is: --float-range 0-1 or --float-range 0-255",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(names: &[&str]) -> Vec<(&'static str, String, Option<String>)> {
        let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        pairs(&names).into_iter().map(|pair| (pair.split, pair.images, pair.labels)).collect()
    }

    #[test]
    fn names_make_pairs() {
        let pair = |split, x: &str, y: &str| (split, x.to_owned(), Some(y.to_owned()));
        assert_eq!(
            of(&["y_test", "x_test", "y_train", "x_train", "more"]),
            [pair("train", "x_train", "y_train"), pair("test", "x_test", "y_test")]
        );
        assert_eq!(
            of(&["val_images", "val_labels", "train_labels", "train_images"]),
            [pair("train", "train_images", "train_labels"), pair("val", "val_images", "val_labels")]
        );
        assert_eq!(of(&["X_valid", "y_valid"]), [pair("val", "X_valid", "y_valid")]);
        assert_eq!(of(&["x", "y", "origin"]), [pair("train", "x", "y")]);
        assert_eq!(of(&["x_train"]), [("train", "x_train".to_owned(), None)]);
        assert_eq!(of(&["arr_0", "arr_1"]), []);
        assert_eq!(
            (label_of("X_train"), label_of("val_images"), label_of("x")),
            ("y_train".into(), "val_labels".into(), "y".into())
        );
    }

    #[test]
    fn floats_that_leave_a_doubt_are_asked_for() {
        let of = |min, max, whole| {
            float_range(Extent { min, max, whole, nan: false }, None, Path::new("a.npz")).ok()
        };
        assert_eq!(of(0.0, 1.0, false), Some(FloatRange::Unit));
        assert_eq!(of(0.0, 0.25, false), Some(FloatRange::Unit));
        assert_eq!(of(0.0, 255.0, true), Some(FloatRange::Bytes));
        assert_eq!(of(0.5, 2.5, false), Some(FloatRange::Bytes));
        for (min, max, whole) in
            [(0.0, 1.0, true), (0.0, 0.0, true), (0.0, 1.5, false), (-1.0, 1.0, false), (0.0, 256.0, true)]
        {
            assert_eq!(of(min, max, whole), None, "{min} {max} {whole}");
        }
    }
}
