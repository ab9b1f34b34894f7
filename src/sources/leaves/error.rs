//! What is wrong with what is read, where no format's own reader says it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::base::Shape;
use crate::base::fault::in_one_line;
use crate::formats::codec::picture::PictureError;

mod explain;

/// Names that a list in a message shows.
const SHOWN: usize = 12;

/// Names of arrays as messages list them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArrayNames(pub Vec<String>);

impl std::fmt::Display for ArrayNames {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let shown: Vec<String> = self.0.iter().take(SHOWN).map(|name| format!("{name:?}")).collect();
        match self.0.len() {
            0 => f.write_str("no arrays at all"),
            n if n > shown.len() => write!(f, "{} and {} more", shown.join(", "), n - shown.len()),
            _ => f.write_str(&shown.join(", ")),
        }
    }
}

/// Why files of others, or of ours, cannot be a source.
#[derive(Debug, thiserror::Error)]
pub enum LeafError {
    /// More class folders than a label can say.
    #[error("{folder}: expected at most {most} class folders, found {found}")]
    ClassFolders {
        /// The folder.
        folder: PathBuf,
        /// As many as there may be.
        most: usize,
        /// As many as there are.
        found: usize,
    },
    /// A folder of drawings is a folder of splits.
    #[error("{folder}: the folder holds splits")]
    Splits {
        /// The folder.
        folder: PathBuf,
    },
    /// Several pictures cannot be read.
    #[error("{}; and {more} more that cannot be read: {}{}", in_one_line(first), names.join(", "), if *more > names.len() { ", ..." } else { "" })]
    Pictures {
        /// The first of them.
        first: Box<PictureError>,
        /// How many more there are.
        more: usize,
        /// Some of these.
        names: Vec<String>,
    },
    /// A picture is no longer what it was.
    #[error("{path}: the file has changed since it was opened")]
    Changed {
        /// The picture.
        path: PathBuf,
    },
    /// A list of labels is too large to be one.
    #[error("{path}: expected at most {} MiB, found {bytes} bytes", most >> 20)]
    ListSize {
        /// The list.
        path: PathBuf,
        /// As many bytes as it may have.
        most: u64,
        /// As many as it has.
        bytes: u64,
    },
    /// A line of a list of labels is none.
    #[error("{path}: line {line}: expected {expected}")]
    ListLine {
        /// The list.
        path: PathBuf,
        /// Its line, from 1 on.
        line: usize,
        /// What should be there.
        expected: &'static str,
    },
    /// A list names a picture that lies somewhere else.
    #[error("{path}: row {row}: the name {name:?} leads out of the folder")]
    ListOutside {
        /// The list.
        path: PathBuf,
        /// Its row, from 1 on.
        row: usize,
        /// The name.
        name: String,
    },
    /// A list says two things of a picture.
    #[error("{path}: row {row}: {name:?} has the label {label:?}, and {before:?} before")]
    ListTwice {
        /// The list.
        path: PathBuf,
        /// Its row, from 1 on.
        row: usize,
        /// The picture.
        name: String,
        /// What it says there.
        label: String,
        /// What it said before.
        before: String,
    },
    /// A file that is said to be a list is none.
    #[error(
        "--label-file {path}: it has no names of the pictures in {folder} with a label beside each, and no labels alone"
    )]
    NoList {
        /// The file.
        path: PathBuf,
        /// The folder of the pictures.
        folder: PathBuf,
    },
    /// A list is of other pictures.
    #[error("{path}: none of the pictures that it lists is here; it has {name:?}, and here is {picture}")]
    ListedElsewhere {
        /// The list.
        path: PathBuf,
        /// Its first name.
        name: String,
        /// A picture.
        picture: PathBuf,
    },
    /// A name in a list is that of two pictures.
    #[error("{path}: row {row}: {name:?} may be {one} or {other}")]
    ListAmbiguous {
        /// The list.
        path: PathBuf,
        /// Its row, from 1 on.
        row: usize,
        /// The name.
        name: String,
        /// A picture.
        one: PathBuf,
        /// Another one.
        other: PathBuf,
    },
    /// A list says other classes than class folders.
    #[error(
        "{path}: the label {label:?} is none of the class folders, such as {folder:?}, of the other pictures"
    )]
    ListFolders {
        /// The list.
        path: PathBuf,
        /// Its label.
        label: String,
        /// A class folder.
        folder: String,
    },
    /// What would be class folders are data sets.
    #[error(
        "{folder}: it has no class folders, but {found} folders that each hold such folders, {classes} of them and the like, such as {first} and {second}"
    )]
    Sets {
        /// The folder.
        folder: PathBuf,
        /// One in it.
        first: PathBuf,
        /// Another one.
        second: PathBuf,
        /// How many there are.
        found: usize,
        /// How many class folders each has.
        classes: usize,
    },
    /// A list has more labels than there can be classes.
    #[error("{path}: expected at most {most} classes, found {found} labels")]
    ListClasses {
        /// The list.
        path: PathBuf,
        /// As many as there may be.
        most: usize,
        /// As many as there are.
        found: usize,
    },
    /// A table without names could be two things.
    #[error(
        "{path}: {columns} columns without names could be images without labels, or a label before an image"
    )]
    Ambiguous {
        /// The table.
        path: PathBuf,
        /// Its columns.
        columns: usize,
    },
    /// A table has no such column.
    #[error("--label-column {column}: {path} has {columns} columns{}", if *named { ", and none of this name" } else { " without names" })]
    LabelColumn {
        /// What the option says.
        column: String,
        /// The table.
        path: PathBuf,
        /// Its columns.
        columns: usize,
        /// Whether they have names.
        named: bool,
    },
    /// The option goes with tables.
    #[error("--label-column {column}: it goes with CSV tables; {path} is {what}")]
    NoTable {
        /// What the option says.
        column: String,
        /// The source.
        path: PathBuf,
        /// What it is.
        what: &'static str,
    },
    /// A table names pictures where pixels should be.
    #[error("{path}: expected pixels, found names of pictures in the column {column}")]
    NamesOfPictures {
        /// The table.
        path: PathBuf,
        /// The column.
        column: String,
    },
    /// The columns of a table make no image.
    #[error("{path}: line 1: expected {}; found {pixels} columns{}", of_shape(*shape), of_labels(*labels, *columns))]
    Columns {
        /// The table.
        path: PathBuf,
        /// The shape that `--shape` says.
        shape: Option<Shape>,
        /// Columns of pixels.
        pixels: usize,
        /// Columns of labels.
        labels: usize,
        /// Columns in all.
        columns: usize,
    },
    /// Labels that are joined by ids have one twice.
    #[error("{path}: the id {id:?} stands in it twice")]
    IdTwice {
        /// The table of labels.
        path: PathBuf,
        /// The id.
        id: String,
    },
    /// Labels that are joined by ids lack one.
    #[error("{path}: the id {id:?} of {images} is not in it")]
    IdMissing {
        /// The table of labels.
        path: PathBuf,
        /// The id.
        id: String,
        /// The table of images.
        images: PathBuf,
    },
    /// Two tables could be a split.
    #[error("{folder}: expected one table for the split {split}, found {one} and {other}")]
    Tables {
        /// The folder.
        folder: PathBuf,
        /// The split.
        split: &'static str,
        /// A table.
        one: PathBuf,
        /// The other one.
        other: PathBuf,
    },
    /// Labels that are texts are of other classes than is said.
    #[error("--classes {said}: {place} has {found} names of classes")]
    Classes {
        /// What the option says.
        said: usize,
        /// The table.
        place: String,
        /// Names that there are.
        found: usize,
    },
    /// Labels that are texts are of too many classes.
    #[error("{place}: expected at most 256 classes, found {found} names")]
    TextClasses {
        /// The table.
        place: String,
        /// Names that there are.
        found: usize,
    },
    /// Several columns of labels are neither one-hot nor flags.
    #[error("{path}: expected 0 and 1 in {columns} columns of labels, found another number in row {row}")]
    Flags {
        /// The table.
        path: PathBuf,
        /// Columns of labels.
        columns: usize,
        /// The row, from 1 on.
        row: usize,
    },
    /// A label beyond the classes.
    #[error("{place}: expected labels of {classes} classes, found the label {label}")]
    Beyond {
        /// The file.
        place: String,
        /// As many as there are.
        classes: usize,
        /// The label.
        label: usize,
    },
    /// A list of classes that is not as long as is said.
    #[error("{path}: expected {said} names, as --classes says; found {found}")]
    ListedClasses {
        /// The list.
        path: PathBuf,
        /// What the option says.
        said: usize,
        /// Names that there are.
        found: usize,
    },
    /// A list of classes that is empty, or longer than there can be classes.
    #[error("{path}: expected 1 to 256 names, one a line; found {found}")]
    ClassList {
        /// The list.
        path: PathBuf,
        /// Names that there are.
        found: usize,
    },
    /// Sets of labels of another number of classes.
    #[error("{path}: expected {classes} classes, found {found}")]
    LabelSets {
        /// The file of labels.
        path: PathBuf,
        /// As many as there are.
        classes: usize,
        /// As many as it has.
        found: usize,
    },
    /// A file of one array has others.
    #[error("{path}: expected one array, found {found}")]
    OneArray {
        /// The file.
        path: PathBuf,
        /// Its arrays.
        found: ArrayNames,
    },
    /// A file of labels for a file that has its own.
    #[error("--label-file {labels}: it goes with a file of images alone; {path} holds {found}")]
    LabelFile {
        /// The file of labels.
        labels: PathBuf,
        /// The file of images.
        path: PathBuf,
        /// Its arrays.
        found: ArrayNames,
    },
    /// Labels of a MATLAB file are no numbers.
    #[error("{path}: expected labels that are numbers, found {name:?}, {what}")]
    LabelsOfMat {
        /// The file.
        path: PathBuf,
        /// Their name.
        name: String,
        /// What they are.
        what: &'static str,
    },
    /// There is one label more than images, and no header.
    #[error("{images} holds {count} images, but {labels} holds {} labels, the first of which is {first}", count + 1)]
    OneMore {
        /// The table of images.
        images: PathBuf,
        /// Its images.
        count: u64,
        /// The table of labels.
        labels: PathBuf,
        /// What its first line says.
        first: String,
    },
    /// The pixels of an image stand in one field.
    #[error("{path}: column {column}: expected a column for each pixel, found {how}")]
    PixelsAsText {
        /// The table.
        path: PathBuf,
        /// The column, from 1 on.
        column: usize,
        /// How they stand there.
        how: &'static str,
    },
    /// Several files of which none is known to be a split.
    #[error("{folder}: none of its files says by its name which split it is")]
    SplitsOfMat {
        /// The folder.
        folder: PathBuf,
    },
    /// No arrays under names that are known.
    #[error(
        "{path}: expected arrays named x_train and y_train, train_images and train_labels, x and y, or the like; found {found}"
    )]
    Names {
        /// The file.
        path: PathBuf,
        /// Its arrays.
        found: ArrayNames,
    },
    /// The same for a MATLAB file.
    #[error(
        "{path}: expected arrays of numbers named x_train and y_train, images and labels, X and y, or the like, or structures of them as EMNIST has them; found {found}{}",
        of_others(others)
    )]
    NamesOfMat {
        /// The file.
        path: PathBuf,
        /// Its arrays.
        found: ArrayNames,
        /// What else it holds.
        others: BTreeMap<String, &'static str>,
    },
    /// No array of labels beside one of images.
    #[error("{place}: expected an array with its labels, found {found}")]
    NoLabels {
        /// The file, and the array in it.
        place: String,
        /// The arrays that are there.
        found: ArrayNames,
        /// What the labels should be called.
        name: String,
    },
    /// Arrays of different lengths.
    #[error("{images} holds {image_count} images, but {labels} holds {label_count} labels")]
    Counts {
        /// The array of images.
        images: String,
        /// Its length.
        image_count: u64,
        /// The array of labels.
        labels: String,
        /// Its length.
        label_count: u64,
    },
    /// A file of ours holds a label that is none.
    #[error("{path}: expected labels from 0 to {most}, found {found} in row {row}")]
    StoredLabel {
        /// The file.
        path: PathBuf,
        /// The greatest.
        most: usize,
        /// The label.
        found: u8,
        /// Its row.
        row: u64,
    },
    /// A file of ours holds a value that cannot be.
    #[error("{path}: expected {expected}, found {found} in row {row}")]
    StoredValue {
        /// The file.
        path: PathBuf,
        /// What it should be.
        expected: String,
        /// What it is.
        found: String,
        /// Its row.
        row: u64,
    },
    /// A list of ours is of other pictures.
    #[error("{path}: expected a list of {rows} pictures, found {found}")]
    StoredList {
        /// The list.
        path: PathBuf,
        /// As many as there should be.
        rows: u64,
        /// As many as there are.
        found: u64,
    },
    /// A picture of ours has another shape.
    #[error("{path}: expected a picture of {expected}, found {found}")]
    StoredPicture {
        /// The picture.
        path: PathBuf,
        /// As its list says.
        expected: Shape,
        /// As it is.
        found: Shape,
    },
}

fn of_others(others: &BTreeMap<String, &'static str>) -> String {
    let list: Vec<String> =
        others.iter().take(SHOWN).map(|(name, what)| format!("{name:?}, {what}")).collect();
    if list.is_empty() { String::new() } else { format!("; and what is not read: {}", list.join("; ")) }
}

fn of_shape(shape: Option<Shape>) -> String {
    match shape {
        Some(shape) => format!("the {} values of {shape}, as --shape says", shape.bytes()),
        None => "as many values as a square image has, gray or RGB, and maybe a label".into(),
    }
}

fn of_labels(labels: usize, columns: usize) -> String {
    if labels == 0 { String::new() } else { format!(" of {columns} beside {labels} of labels") }
}
