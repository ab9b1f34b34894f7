//! One labeled image, and what all samples of a data set have in common.

use serde::{Deserialize, Serialize};

use super::{Canvas, Shape};

/// A rectangle in pixels, half-open: columns `x0..x1`, rows `y0..y1`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rect {
    /// First column.
    pub x0: i32,
    /// First row.
    pub y0: i32,
    /// One past the last column.
    pub x1: i32,
    /// One past the last row.
    pub y1: i32,
}

impl Rect {
    /// What stands in arrays where there is no object.
    pub const NONE: Self = Self { x0: -1, y0: -1, x1: -1, y1: -1 };

    /// The rectangle as `[x0, y0, x1, y1]`, the order of the `boxes` arrays.
    #[must_use]
    pub const fn to_array(self) -> [i32; 4] {
        [self.x0, self.y0, self.x1, self.y1]
    }

    /// All of an image.
    #[must_use]
    pub const fn of(shape: Shape) -> Self {
        Self { x0: 0, y0: 0, x1: shape.width as i32, y1: shape.height as i32 }
    }

    /// The rectangle, so many rows further down and columns further right.
    #[must_use]
    pub const fn moved(self, y: i32, x: i32) -> Self {
        Self { x0: self.x0 + x, y0: self.y0 + y, x1: self.x1 + x, y1: self.y1 + y }
    }

    /// Whether it has no pixels.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.x0 >= self.x1 || self.y0 >= self.y1
    }

    /// How many pixels it has.
    #[must_use]
    pub fn area(self) -> i64 {
        i64::from((self.x1 - self.x0).max(0)) * i64::from((self.y1 - self.y0).max(0))
    }

    /// What it has in common with another one.
    #[must_use]
    pub fn common(self, other: Self) -> Self {
        Self {
            x0: self.x0.max(other.x0),
            y0: self.y0.max(other.y0),
            x1: self.x1.min(other.x1),
            y1: self.y1.min(other.y1),
        }
    }

    /// What of it is within an image of this shape; an empty one at the edge where nothing is.
    #[must_use]
    pub fn clipped(self, shape: Shape) -> Self {
        let (width, height) = (shape.width as i32, shape.height as i32);
        let (x0, y0) = (self.x0.clamp(0, width), self.y0.clamp(0, height));
        Self { x0, y0, x1: self.x1.clamp(x0, width), y1: self.y1.clamp(y0, height) }
    }

    /// Rows as columns.
    #[must_use]
    pub const fn transposed(self) -> Self {
        Self { x0: self.y0, y0: self.x0, x1: self.y1, y1: self.x1 }
    }
}

/// One object of a composed image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Object {
    /// Class id.
    pub class: u8,
    /// Cell of the grid, row-major.
    pub cell: usize,
    /// Index of the source image, as [`Sample::origin`].
    pub origin: u64,
    /// Tight box of the object's non-zero pixels; an empty image gives an empty box.
    pub tight: Rect,
    /// Box of the cell that it was put in.
    pub area: Rect,
}

/// The most cells of images with masks: a pixel's value is one byte, and 0 is no object.
pub const MOST_MASKED: usize = 255;

/// The box around the pixels of `mask`, which is `width` wide, that belong to the object in `cell`, and how many there are. An object
/// without pixels has an empty box.
#[must_use]
pub fn masked(mask: &[u8], width: usize, cell: usize) -> (Rect, u64) {
    let mut found = Rect { x0: i32::MAX, y0: i32::MAX, x1: 0, y1: 0 };
    let mut count = 0;
    for (y, row) in (0..).zip(mask.chunks_exact(width.max(1))) {
        for (x, _) in (0..).zip(row).filter(|(_, id)| usize::from(**id) == cell + 1) {
            count += 1;
            found = Rect {
                x0: found.x0.min(x),
                y0: found.y0.min(y),
                x1: found.x1.max(x + 1),
                y1: found.y1.max(y + 1),
            };
        }
    }
    (if count == 0 { Rect::default() } else { found }, count)
}

/// The name of the one class of images that have no labels.
pub const UNLABELED: &str = "unlabeled";

/// What an image is labeled with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Label {
    /// A class id.
    Class(u8),
    /// A set of classes, one bit each.
    MultiHot([u64; 4]),
}

impl Label {
    /// No class at all, to be filled by [`set`](Self::set).
    pub const NO_CLASS: Self = Self::MultiHot([0; 4]);

    /// The label that a row of `y` says: a class id, 0 or 1 for each class, or a weight for each class, of which the strongest class is
    /// the label.
    ///
    /// # Panics
    /// If the row is empty where a class is expected.
    #[must_use]
    pub fn of_row(kind: LabelKind, row: &[u8]) -> Self {
        match kind {
            LabelKind::Class => Self::Class(row[0]),
            LabelKind::MultiHot => {
                let mut label = Self::NO_CLASS;
                (0..=255).zip(row).filter(|(_, flag)| **flag != 0).for_each(|(class, _)| label.set(class));
                label
            }
            LabelKind::Soft => Self::Class(strongest(weights(row))),
        }
    }

    /// Whether `class` is (among) what the image is labeled with.
    #[must_use]
    pub fn has(&self, class: u8) -> bool {
        match self {
            Self::Class(own) => *own == class,
            Self::MultiHot(bits) => bits[usize::from(class / 64)] >> (class % 64) & 1 == 1,
        }
    }

    /// Adds `class` to a multi-hot label, replaces a class label.
    pub fn set(&mut self, class: u8) {
        match self {
            Self::Class(own) => *own = class,
            Self::MultiHot(bits) => bits[usize::from(class / 64)] |= 1 << (class % 64),
        }
    }
}

/// How images are labeled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LabelKind {
    /// One class id per image; array `y` is (N,).
    Class,
    /// Any number of classes per image; array `y` is (N, classes) of 0 and 1.
    MultiHot,
    /// A weight for each class, which sum to 1; array `y` is (N, classes) of f32. [`Sample::label`] is the class with the greatest weight.
    Soft,
}

/// The weights in a row of `y` of soft labels.
pub fn weights(row: &[u8]) -> impl Iterator<Item = f32> {
    row.as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes))
}

/// The class with the greatest weight; the first one where several have it.
#[must_use]
pub fn strongest(weights: impl IntoIterator<Item = f32>) -> u8 {
    let mut best = (0, f32::NEG_INFINITY);
    for (class, weight) in (0..=255).zip(weights) {
        if weight > best.1 {
            best = (class, weight);
        }
    }
    best.0
}

/// The cells of a composed image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grid {
    /// Cells from top to bottom.
    pub rows: usize,
    /// Cells from left to right.
    pub columns: usize,
}

impl Grid {
    /// Cells in all.
    #[must_use]
    pub const fn cells(self) -> usize {
        self.rows * self.columns
    }

    /// Rows as columns.
    #[must_use]
    pub const fn transposed(self) -> Self {
        Self { rows: self.columns, columns: self.rows }
    }

    /// Where a cell of this grid lies in the transposed one.
    #[must_use]
    pub const fn transposed_cell(self, cell: usize) -> usize {
        cell % self.columns * self.rows + cell / self.columns
    }
}

/// One collection of source images that origins point into.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Root {
    /// Where it came from, for people.
    pub name: String,
    /// Digest of its content, which is what tells it from others.
    pub digest: String,
    /// Number of images.
    pub images: u64,
}

/// What all samples of a split have in common.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Schema {
    /// Shape of every image; where they differ, the greatest height and width.
    pub shape: Shape,
    /// Whether images differ in size. Then only formats that hold single pictures can take them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub varied: bool,
    /// How images are labeled.
    pub labels: LabelKind,
    /// Names of the classes; a class id is an index into it. At most 256.
    pub class_names: Vec<String>,
    /// The grid that objects sit in, for composed images; one row with a cell for each object where they sit in no grid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grid: Option<Grid>,
    /// Every image is so many pictures of one size, one above the other: the frames of a sequence, or channels apart. Arrays have an
    /// axis for them, in front of the rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frames: Option<usize>,
    /// Whether samples have masks.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub masks: bool,
    /// What [`Sample::origin`] counts through: the images of the first root, then of the second, ...
    pub roots: Vec<Root>,
    /// Names of the columns of [`Sample::truth`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub truth: Vec<String>,
}

/// The column of truth with the second source image of samples that were mixed of two; -1 where a sample is of one. It is an origin like
/// [`Sample::origin`]: splits that keep copies together go by both.
pub const PARTNER: &str = "mix_partner";

/// Truth has at most so many columns.
pub const MAX_TRUTH: usize = 64;

/// Whether `name` may be that of a column of truth: small letters, digits and `_`, a letter first, at most 32 of them.
#[must_use]
pub fn is_truth_name(name: &str) -> bool {
    name.len() <= 32
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'_')
}

impl Schema {
    /// Number of classes.
    #[must_use]
    pub fn classes(&self) -> usize {
        self.class_names.len()
    }

    /// Whether samples of both schemas look alike: same shape, same kind of labels, same classes, same grid.
    #[must_use]
    pub fn same_form(&self, other: &Self) -> bool {
        self.shape == other.shape
            && self.varied == other.varied
            && self.labels == other.labels
            && self.class_names == other.class_names
            && self.grid == other.grid
            && self.frames == other.frames
            && self.masks == other.masks
            && self.truth == other.truth
    }

    /// Whether samples of both schemas look alike and come from the same images, whatever these are called.
    #[must_use]
    pub fn same_content(&self, other: &Self) -> bool {
        let roots =
            |schema: &Self| schema.roots.iter().map(|r| (r.digest.clone(), r.images)).collect::<Vec<_>>();
        self.same_form(other) && roots(self) == roots(other)
    }

    /// The shape of one frame; of images without frames their own.
    #[must_use]
    pub fn frame(&self) -> Shape {
        frame(self.shape, self.frames)
    }

    /// The column of truth that is an origin, if there is one.
    #[must_use]
    pub fn partner(&self) -> Option<usize> {
        self.truth.iter().position(|name| name == PARTNER)
    }

    /// Number of source images that an origin may name.
    #[must_use]
    pub fn origins(&self) -> u64 {
        self.roots.iter().map(|root| root.images).sum()
    }
}

/// The shape of one of so many frames that make an image of `shape`.
#[must_use]
pub fn frame(shape: Shape, frames: Option<usize>) -> Shape {
    Shape { height: shape.height / frames.unwrap_or(1).max(1), ..shape }
}

/// Class names for classes without names: their numbers.
#[must_use]
pub fn numbered_classes(classes: usize) -> Vec<String> {
    (0..classes).map(|class| class.to_string()).collect()
}

/// One labeled image on its way through the sources of a worker.
#[derive(Debug)]
pub struct Sample {
    /// The pixels.
    pub canvas: Canvas,
    /// The label.
    pub label: Label,
    /// Of soft labels the weight of each class; empty for others.
    pub soft: Vec<f32>,
    /// The objects of a composed image, in the order of their cells; empty for others.
    pub objects: Vec<Object>,
    /// Index of the source image, counted through the schema's roots. For composed images the origin
    /// of the first object; each object has its own.
    pub origin: u64,
    /// Where its objects are, if the schema says so: for each pixel 0, or one more than the cell of the object whose ink it is. Empty otherwise.
    pub mask: Vec<u8>,
    /// What its maker knows and the label does not say, such as the label before noise: an integer for each column of the schema.
    pub truth: Vec<i64>,
}

impl Default for Sample {
    fn default() -> Self {
        Self {
            canvas: Canvas::default(),
            label: Label::Class(0),
            soft: Vec::new(),
            objects: Vec::new(),
            origin: 0,
            mask: Vec::new(),
            truth: Vec::new(),
        }
    }
}

impl Sample {
    /// Makes it the sample of source image `origin`, of which no more is known yet.
    pub fn begin(&mut self, origin: u64) {
        self.origin = origin;
        self.soft.clear();
        self.objects.clear();
        self.mask.clear();
        self.truth.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_truth_are_plain() {
        for name in ["a", "clean_label", "severity2"] {
            assert!(is_truth_name(name), "{name}");
        }
        for name in ["", "2", "_a", "A", "a-b", "a b", "\u{e4}", "a".repeat(33).as_str()] {
            assert!(!is_truth_name(name), "{name}");
        }
    }

    #[test]
    fn boxes_are_found_in_masks() {
        let mask = [0, 2, 2, 0, 0, 0, 1, 2, 0];
        assert_eq!(masked(&mask, 3, 1), (Rect { x0: 1, y0: 0, x1: 3, y1: 3 }, 3));
        assert_eq!(masked(&mask, 3, 0), (Rect { x0: 0, y0: 2, x1: 1, y1: 3 }, 1));
        assert_eq!(masked(&mask, 3, 7), (Rect::default(), 0));
    }

    #[test]
    fn the_strongest_class_is_the_first_of_the_greatest() {
        assert_eq!(strongest([0.25, 0.5, 0.25]), 1);
        assert_eq!(strongest([0.25, 0.375, 0.375]), 1);
        assert_eq!(strongest(std::iter::repeat_n(0.0, 255).chain([1.0])), 255);
        let row = [0.0_f32, 0.25, 0.75].map(f32::to_le_bytes);
        assert_eq!(Label::of_row(LabelKind::Soft, row.as_flattened()), Label::Class(2));
        assert_eq!(weights(row.as_flattened()).collect::<Vec<_>>(), [0.0, 0.25, 0.75]);
    }

    #[test]
    fn multi_hot_labels_hold_all_256_classes() {
        let mut label = Label::NO_CLASS;
        for class in [0, 63, 64, 200, 255] {
            assert!(!label.has(class));
            label.set(class);
            assert!(label.has(class));
        }
        assert!(!label.has(1));
        let mut class = Label::Class(3);
        class.set(4);
        assert_eq!(class, Label::Class(4));
    }
}
