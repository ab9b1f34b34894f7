//! Images and labels that lie behind each other, as a source: IDX files, and what files of others are read into.

use std::io;
use std::path::{Path, PathBuf};

use crate::base::files::{SMALL, read_record};
use crate::base::sample::{UNLABELED, numbered_classes};
use crate::base::{Fault, Input, Label, LabelKind, Reader, Root, Sample, Schema, Shape, Source};
use crate::formats::Spool;
use crate::formats::codec::element::Extent;
use crate::formats::codec::numpy_arrays::ArrayError;
use crate::formats::codec::spool::Ahead;
use crate::recipe::FloatRange;
use crate::sources::leaves::error::LeafError;

use crate::names::{CLASS_LIST, CLASSES};

use super::{SourceError, licenses};

/// Greater labels than this are not taken for such without being told.
pub(super) const MOST_GUESSED: u8 = 61;

/// Labels of a split, read as numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Labels {
    /// A class for each image.
    Classes(Vec<u8>),
    /// 0 or 1 for each image and class.
    Flags(Vec<u8>, usize),
}

impl Labels {
    /// From a table of `columns` numbers for each image: one column is the class; several are one-hot where each row has exactly one 1,
    /// else flags. On failure the row that is neither.
    pub(super) fn of_table(values: Vec<u8>, columns: usize) -> Result<Self, usize> {
        if columns == 1 {
            return Ok(Self::Classes(values));
        }
        if let Some(row) = values.chunks(columns).position(|row| row.iter().any(|&flag| flag > 1)) {
            return Err(row);
        }
        let one = |row: &[u8]| row.iter().map(|&flag| usize::from(flag)).sum::<usize>() == 1;
        if values.chunks(columns).all(one) {
            let class = |row: &[u8]| row.iter().position(|&flag| flag == 1).unwrap_or(0) as u8;
            return Ok(Self::Classes(values.chunks(columns).map(class).collect()));
        }
        Ok(Self::Flags(values, columns))
    }

    pub(super) fn count(&self) -> usize {
        match self {
            Self::Classes(classes) => classes.len(),
            Self::Flags(flags, columns) => flags.len() / columns,
        }
    }

    /// The same with a column for each of so many classes, where they are flags.
    pub(super) fn widened(self, classes: usize) -> Self {
        match self {
            Self::Flags(flags, columns) if columns < classes => {
                let row = |row: &[u8]| [row, &vec![0; classes - columns]].concat();
                Self::Flags(flags.chunks(columns).flat_map(row).collect(), classes)
            }
            labels => labels,
        }
    }

    /// Makes labels from 1 to 10 those of digits, of which 10 is 0. Whether they were such.
    pub(super) fn ten_is_zero(&mut self) -> bool {
        let Self::Classes(classes) = self else { return false };
        let range = (classes.iter().min(), classes.iter().max());
        let is = range == (Some(&1), Some(&10));
        classes.iter_mut().filter(|class| is && **class == 10).for_each(|class| *class = 0);
        is
    }

    /// The least class, where images have one each.
    fn first(&self) -> Option<u8> {
        match self {
            Self::Classes(classes) => classes.iter().min().copied(),
            Self::Flags(..) => None,
        }
    }

    /// How many classes there must be at least.
    pub(super) fn least(&self) -> usize {
        match self {
            Self::Classes(classes) => classes.iter().max().map_or(0, |class| usize::from(*class) + 1),
            Self::Flags(_, columns) => *columns,
        }
    }
}

/// What makes labels from 1 to 10 digits, of which 10 is 0.
const TEN_IS_ZERO: &str = "10=0,1=1,2=2,3=3,4=4,5=5,6=6,7=7,8=8,9=9";

/// Names of the classes: from `classes.txt` beside the data, or numbers: as many as `classes` says; else as many as there are `columns` of
/// one-hot labels; else ten, or more where labels go beyond, which is then noted.
pub(super) fn class_names(
    folder: &Path,
    classes: Option<usize>,
    columns: Option<usize>,
    labels: &[&Labels],
    place: &str,
    notes: &mut Vec<String>,
) -> Result<Vec<String>, Fault> {
    let least = labels.iter().map(|labels| labels.least()).max().unwrap_or(0);
    let listed = folder.join(CLASS_LIST).is_file();
    let number = match (classes, columns) {
        (Some(classes), _) => Some(classes),
        (None, _) if listed => None,
        (None, Some(columns)) => Some(columns),
        (None, None) if least > CLASSES => {
            let first = labels.iter().filter_map(|labels| labels.first()).min().unwrap_or(0);
            let more = match first {
                // Where counting begins with 1, the tenth class may be the digit 0.
                1 if least == CLASSES + 1 => format!(
                    "; no image is of class 0: if 10 stands for the digit 0, as in SVHN, say --map {TEN_IS_ZERO}; if classes are counted from 1, --offset-labels -1"
                ),
                1 => {
                    format!("; no image is of class 0, and --offset-labels -1 makes them 0 to {}", least - 2)
                }
                // None is missing, or these are some of the classes.
                _ => String::new(),
            };
            notes.push(format!("{place}: labels go up to {}, so there are {least} classes{more}", least - 1));
            Some(least)
        }
        (None, None) => None,
    };
    let names = listed_classes(folder, number)?;
    if names.len() < least {
        return Err(
            LeafError::Beyond { place: place.to_owned(), classes: names.len(), label: least - 1 }.into()
        );
    }
    Ok(names)
}

/// The names in `classes.txt`, if there is one.
pub(super) fn class_list(folder: &Path) -> Result<Option<Vec<String>>, Fault> {
    if folder.join(CLASS_LIST).is_file() { Ok(Some(listed_classes(folder, None)?)) } else { Ok(None) }
}

/// What there is to say of images without labels.
pub(super) fn without_labels(images: &Path) -> String {
    format!(
        "{} has no labels, so all of its images are of one class, {UNLABELED:?}; --label-file names a file of labels",
        images.display()
    )
}

/// What there is to say of pixels that go up to a small number only. Whole numbers may well be dark pictures; `floats` seldom are.
pub(super) fn dim(place: &str, greatest: u8, said: Option<FloatRange>, floats: bool) -> Option<String> {
    let known = match greatest {
        1 => "are 0 and 1 only",
        2..=16 => "are small",
        17..=127 if floats => "are dark",
        _ => return None,
    };
    let black = if greatest > 16 { "less than half of white" } else { "all but black" };
    said.is_none().then(|| {
        format!(
            "{place}: pixels {known}, from 0 to {greatest} of 255, which is {black}; if {greatest} is white, say --float-range 0-{greatest}"
        )
    })
}

/// What floats of this extent mean: what is stated, or what they leave no doubt about.
pub(super) fn float_range(
    extent: Extent,
    stated: Option<FloatRange>,
    path: &Path,
) -> Result<FloatRange, Fault> {
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
    let most = stated.map_or(255.0, |range| range.white().max(255.0));
    if stated == Some(FloatRange::Signed) {
        return Ok(FloatRange::Signed);
    }
    if (-1.0..-0.5).contains(&min) && max <= 1.0 {
        return form(
            format!("values from {min} to {max}"),
            "if black is -1 and white is 1, as x / 127.5 - 1 gives, say --float-range -1-1; or save (x + 1) / 2",
        );
    }
    if (-0.5..0.0).contains(&min) && max <= 0.5 {
        return form(
            format!("values from {min} to {max}"),
            "if they were made by x / 255 - 0.5, undo it before they are saved: x + 0.5",
        );
    }
    if min < 0.0 || max > most {
        return form(
            format!("values from {min} to {max}"),
            "undo the standardization (multiply by the deviation and add the mean), so that values go from 0 to 1 or from 0 to 255",
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

/// Class names of Fashion-MNIST, in the order of its labels.
const FASHION: [&str; 10] = [
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
];

/// Names of the classes: from `classes.txt`, or known, or the numbers below `classes`.
pub(super) fn listed_classes(folder: &Path, classes: Option<usize>) -> Result<Vec<String>, Fault> {
    let list = folder.join(CLASS_LIST);
    let names: Vec<String> = match read_record(&list, SMALL) {
        Ok(text) => text.lines().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()).collect(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            if classes.is_none_or(|n| n == FASHION.len()) && licenses::is_fashion(folder) {
                FASHION.map(str::to_owned).to_vec()
            } else {
                numbered_classes(classes.unwrap_or(CLASSES))
            }
        }
        Err(source) => return Err(SourceError::Read { path: list, source }.into()),
    };
    if let Some(classes) = classes
        && names.len() != classes
    {
        return Err(LeafError::ListedClasses { path: list, said: classes, found: names.len() }.into());
    }
    if names.is_empty() || names.len() > 256 {
        return Err(LeafError::ClassList { path: list, found: names.len() }.into());
    }
    Ok(names)
}

/// The license text of images in a folder: the one that lies there, or what is known of the data set, which is told by the digest of the IDX file
/// that it was published as.
pub(super) fn license(folder: &Path, body: &Spool, count: u64, shape: Shape) -> io::Result<Option<String>> {
    let mut digest = blake3::Hasher::new();
    if shape.channels() == 1 && u32::try_from(count * shape.bytes() as u64).is_ok() {
        digest.update(&0x803_u32.to_be_bytes());
        for side in [count as usize, shape.height, shape.width] {
            digest.update(&(side as u32).to_be_bytes());
        }
        let mut left = count * shape.bytes() as u64;
        let mut buffer = vec![0; 1 << 20];
        let mut at = 0;
        while left > 0 {
            let some = left.min(buffer.len() as u64) as usize;
            body.read_at(at, &mut buffer[..some])?;
            digest.update(&buffer[..some]);
            at += some as u64;
            left -= some as u64;
        }
    }
    Ok(licenses::of_images(folder, &digest.finalize().to_hex()))
}

/// Images in C order, and their labels.
#[derive(Debug)]
pub(super) struct ArraySplit {
    path: PathBuf,
    body: Spool,
    labels: Labels,
    schema: Schema,
}

impl ArraySplit {
    /// Images of `shape` from `body`, whose content has this digest. `title` is what origins call the collection. Multi-hot labels have a column for each class.
    pub(super) fn new(
        path: &Path,
        title: String,
        (body, digest): (Spool, String),
        shape: Shape,
        labels: Labels,
        class_names: Vec<String>,
    ) -> Self {
        let kind = if matches!(labels, Labels::Classes(_)) { LabelKind::Class } else { LabelKind::MultiHot };
        let roots = vec![Root { name: title, digest, images: labels.count() as u64 }];
        let schema = Schema {
            shape,
            varied: false,
            labels: kind,
            class_names,
            grid: None,
            frames: None,
            masks: false,
            roots,
            truth: Vec::new(),
        };
        Self { path: path.into(), body, labels, schema }
    }

    fn label(&self, index: u64) -> Label {
        match &self.labels {
            Labels::Classes(classes) => Label::Class(classes[index as usize]),
            Labels::Flags(flags, columns) => {
                let row = &flags[index as usize * columns..(index as usize + 1) * columns];
                Label::of_row(LabelKind::MultiHot, row)
            }
        }
    }
}

/// An input of this role for the manifest.
pub(super) fn input(role: String, path: &Path, digest: &str) -> Input {
    Input { role, path: path.to_string_lossy().into_owned(), digest: digest.to_owned() }
}

impl Source for ArraySplit {
    fn len(&self) -> u64 {
        self.labels.count() as u64
    }

    fn schema(&self) -> &Schema {
        &self.schema
    }

    fn reader(&self) -> Box<dyn Reader + '_> {
        Box::new(ArrayReader { split: self, ahead: Ahead::default(), next: u64::MAX })
    }
}

/// One worker's access to images that lie behind each other.
struct ArrayReader<'a> {
    split: &'a ArraySplit,
    ahead: Ahead,
    /// The index that would continue the last one.
    next: u64,
}

impl ArrayReader<'_> {
    fn image(&mut self, index: u64) -> Result<&[u8], Fault> {
        let ArraySplit { body, schema, path, .. } = self.split;
        let in_order = index == self.next;
        self.next = index + 1;
        let image = self.ahead.row(body, index, self.split.len(), schema.shape.bytes(), in_order);
        Ok(image.map_err(|source| SourceError::Read { path: path.clone(), source })?)
    }
}

impl Reader for ArrayReader<'_> {
    fn read(&mut self, index: u64, sample: &mut Sample) -> Result<(), Fault> {
        sample.canvas.reset(self.split.schema.shape).copy_from_slice(self.image(index)?);
        sample.label = self.split.label(index);
        sample.begin(index);
        Ok(())
    }

    fn label(&mut self, index: u64) -> Result<Label, Fault> {
        Ok(self.split.label(index))
    }

    fn origins(&mut self, index: u64, origins: &mut Vec<u64>) -> Result<(), Fault> {
        origins.push(index);
        Ok(())
    }
}

/// The shape of images of so many values each: square, gray or RGB, unless `stated`. `None` if there is none.
pub(super) fn shape_of(values: usize, stated: Option<Shape>) -> Option<Shape> {
    if let Some(shape) = stated {
        return (shape.bytes() == values).then_some(shape);
    }
    let square = |pixels: usize| {
        let side = pixels.isqrt();
        (side > 0 && side * side == pixels).then_some(side)
    };
    square(values).map(|side| Shape::gray(side, side)).or_else(|| {
        Some(values).filter(|v| v % 3 == 0).and_then(|v| square(v / 3)).map(|side| Shape::rgb(side, side))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_of_labels_are_classes_one_hot_or_flags() {
        assert_eq!(Labels::of_table(vec![3, 250], 1), Ok(Labels::Classes(vec![3, 250])));
        assert_eq!(Labels::of_table(vec![0, 1, 0, 1, 0, 0], 3), Ok(Labels::Classes(vec![1, 0])));
        let flags = vec![0, 1, 1, 0, 0, 0];
        assert_eq!(Labels::of_table(flags.clone(), 3), Ok(Labels::Flags(flags, 3)));
        assert_eq!(Labels::of_table(vec![0, 1, 0, 2], 2), Err(1));
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

    #[test]
    fn shapes_are_square_unless_stated() {
        assert_eq!(shape_of(784, None), Some(Shape::gray(28, 28)));
        assert_eq!(shape_of(2352, None), Some(Shape::rgb(28, 28)));
        assert_eq!((shape_of(1, None), shape_of(3, None)), (Some(Shape::gray(1, 1)), Some(Shape::rgb(1, 1))));
        assert_eq!((shape_of(6, None), shape_of(0, None)), (None, None));
        assert_eq!(shape_of(6, Some(Shape::gray(2, 3))), Some(Shape::gray(2, 3)));
        assert_eq!(shape_of(784, Some(Shape::gray(2, 3))), None);
    }
}
