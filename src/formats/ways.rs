//! The three ways in which a data set can lie on the disk, and what a format says to each.
//!
//! The store asks through these traits and knows no format by name.

use std::borrow::Cow;
use std::fmt;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::base::{Fault, Image, Object, Sample, Schema, Shape};

use super::arrays::{Constants, Scale};
use super::collections::Collection;
use super::columns::{Columns, Want};
use super::{Batch, Layout, Opt, Options, Unfit};

/// An encoded file in pieces, which follow each other.
pub type Pieces<'a> = Vec<Cow<'a, [u8]>>;

/// What is known about a data set when its format is chosen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// Whether all images are gray.
    pub gray: bool,
    /// The collection that all of them come from, if it is one and known.
    pub collection: Option<&'static Collection>,
    /// Name of the folder that is written.
    pub folder: String,
}

/// What every format says of itself.
pub trait Describe: Sized + Clone + fmt::Debug + PartialEq + Send + Sync {
    /// Its names on the command line, each with a line of help.
    const NAMES: &'static [(&'static str, &'static str)];

    /// The options that apply, given the others.
    fn takes(options: &Options) -> &'static [Opt];

    /// The format of this name, as the options say. All of them are among those that apply.
    ///
    /// # Errors
    /// Options that make no sense together.
    fn of(name: &str, options: &Options, facts: &Facts) -> Result<Self, Unfit>;

    /// The name that [`of`](Self::of) knows it by.
    fn name(&self) -> &'static str;

    /// How the manifest says it.
    fn to_manifest(&self) -> serde_json::Value;

    /// What [`to_manifest`](Self::to_manifest) wrote; `None` for another format.
    fn of_manifest(said: &serde_json::Value) -> Option<Self>;

    /// Whether it has an axis for the frames of images that have any.
    fn holds_frames(&self) -> bool {
        false
    }

    /// Whether it can hold samples of this schema. Frames, and images of different sizes, are refused elsewhere.
    ///
    /// # Errors
    /// Why not, and what helps.
    fn check(&self, schema: &Schema) -> Result<(), Unfit> {
        let _ = schema;
        Ok(())
    }

    /// Whether what reads it knows a split by this name. Asked before something is written; what lies there is read whatever it is called.
    ///
    /// # Errors
    /// Why not, and what helps.
    fn check_split(&self, name: &str) -> Result<(), Unfit> {
        let _ = name;
        Ok(())
    }

    /// How it is written and read.
    fn way(&self) -> Way<'_>;
}

/// How a data set is written and read.
#[derive(Clone, Copy)]
pub enum Way<'a> {
    /// Splits are cut into shards, each a file.
    Shards(&'a dyn Sharded),
    /// Files hold a whole split, or all of them.
    Whole(&'a dyn Whole),
    /// A file for each picture. A shard is the list of its pictures.
    Pictures(&'a dyn Pictures),
}

/// A file that belongs to a data set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SideFile {
    /// Its name below the data set's folder, with `/` between folders.
    pub name: String,
    /// Its size.
    pub bytes: u64,
    /// Its BLAKE3, in hexadecimal.
    pub blake3: String,
}

/// A shard that is to be encoded.
#[derive(Clone, Copy)]
pub struct ShardIn<'a> {
    /// The samples.
    pub batch: &'a Batch,
    /// Their layout.
    pub layout: &'a Layout,
    /// Names of the classes.
    pub class_names: &'a [String],
    /// Index of the first sample in the split.
    pub first: u64,
    /// CRC-32 of the pixels.
    pub x_crc: &'a crc32fast::Hasher,
}

/// How the files of several runs of samples are joined to one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seam {
    /// One after the other.
    Plain,
    /// Of all but the last so many bytes at the end are left out.
    Tail(usize),
    /// Of all but the first the first line is left out.
    HeadLine,
}

impl Seam {
    /// What of an encoded file is part of the joined one.
    #[must_use]
    pub fn cut<'a>(self, pieces: &'a [Cow<'_, [u8]>], is_first: bool, is_last: bool) -> Vec<&'a [u8]> {
        let mut pieces: Vec<&[u8]> = pieces.iter().map(|piece| &piece[..]).collect();
        match self {
            Self::Tail(bytes) if !is_last => {
                if let Some(end) = pieces.last_mut() {
                    *end = &end[..end.len().saturating_sub(bytes)];
                }
            }
            Self::HeadLine if !is_first => {
                if let Some(start) = pieces.first_mut() {
                    let line =
                        start.iter().position(|byte| *byte == b'\n').map_or(start.len(), |end| end + 1);
                    *start = &start[line..];
                }
            }
            Self::Plain | Self::Tail(_) | Self::HeadLine => {}
        }
        pieces
    }
}

/// A format whose splits are cut into shards, each one file.
pub trait Sharded: Sync {
    /// File name of shard `k` of `shards`, with `/` between folders.
    fn shard_name(&self, split: &str, k: u64, shards: u64) -> String;

    /// What a shard takes in memory while it is made, in units of its arrays: these, and their encoded form.
    fn memory(&self) -> usize {
        3
    }

    /// Whether files have room for origins and objects. All have room for truth.
    fn keeps_objects(&self) -> bool {
        false
    }

    /// How files become one stream, if they do.
    fn seam(&self) -> Option<Seam> {
        None
    }

    /// Whether any sample of a file can be read at any time without decoding the others.
    fn is_random_access(&self) -> bool {
        false
    }

    /// Encodes a shard. `room` may hold anything; its memory is used again.
    ///
    /// # Errors
    /// If the encoder fails; in memory that hardly happens.
    fn encode<'a>(&self, shard: ShardIn<'a>, room: &'a mut Vec<u8>) -> io::Result<Pieces<'a>>;

    /// Reads a file of `rows` samples that [`encode`](Self::encode) made.
    ///
    /// # Errors
    /// If it cannot be read or holds something else.
    fn decode(&self, path: &Path, layout: &Layout, rows: u64, want: Want) -> Result<Columns, Fault>;

    /// What stands beside the shards when all are there.
    ///
    /// # Errors
    /// Those of writing.
    fn beside(&self, about: &About<'_>, beside: &mut dyn Beside) -> Result<(), Fault> {
        let _ = (about, beside);
        Ok(())
    }
}

/// A split that goes into files of whole splits.
#[derive(Clone, Copy, Debug)]
pub struct SplitOf<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its samples.
    pub rows: u64,
    /// Their layout.
    pub layout: &'a Layout,
}

/// A file that holds arrays of whole splits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WholeFile {
    /// Its name, with `/` between folders.
    pub name: String,
    /// Whether it is a zip file, whose entries are its members.
    pub zip: bool,
    /// What it begins with, before all members.
    pub head: Vec<u8>,
    /// What follows, in order.
    pub members: Vec<Member>,
}

/// Pixels or labels of a split, in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Name of the zip entry; empty in other files.
    pub entry: String,
    /// What it begins with.
    pub head: Vec<u8>,
    /// Number of the split.
    pub split: usize,
    /// Which of its columns.
    pub part: Part,
    /// Its size, without `head`.
    pub bytes: u64,
}

/// A column of a split.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Images (with their labels, where these stand in the same rows).
    X,
    /// Labels.
    Y,
    /// Masks, a byte for each pixel.
    Masks,
    /// Truth: a column of it, or as the format cuts it into tables.
    Truth(usize),
}

/// A format whose files hold whole splits. Pixels of a split are appended block by block; its labels, masks and truth, where they
/// have a place of their own, after them.
pub trait Whole: Sync {
    /// The files. Members are written split by split, pixels before labels and these before truth, and must stand in their files in that
    /// order.
    fn files(&self, splits: &[SplitOf<'_>]) -> Vec<WholeFile>;

    /// How floats are made, where floats are made.
    fn scale(&self) -> Option<Scale> {
        None
    }

    /// The level that files are compressed at: entries of zip files with DEFLATE, other files with gzip.
    fn compression(&self) -> Option<u8> {
        None
    }

    /// The bytes of the pixels of a block of a split; `room` is used where they are not those of the batch.
    fn x<'a>(
        &self,
        batch: &'a Batch,
        split: &SplitOf<'_>,
        constants: &Constants,
        room: &'a mut Vec<u8>,
    ) -> &'a [u8];

    /// Appends the bytes of the labels of a block of a split.
    fn append_y(&self, batch: &Batch, split: &SplitOf<'_>, out: &mut Vec<u8>);

    /// Whether files have room for truth.
    fn keeps_truth(&self) -> bool {
        true
    }

    /// Whether the pixels of a split, behind what their file begins with, are of use as a stream.
    fn streams(&self, split: &SplitOf<'_>) -> bool {
        let _ = split;
        false
    }

    /// Whether files have room for masks.
    fn keeps_masks(&self) -> bool {
        false
    }

    /// Appends the bytes of [`Part::Truth`] number `part` of a block of a split: here a column as 64-bit integers, little-endian.
    fn append_truth(&self, batch: &Batch, split: &SplitOf<'_>, part: usize, out: &mut Vec<u8>) {
        out.extend(batch.truth_of(split.layout, part).flat_map(i64::to_le_bytes));
    }

    /// What stands beside the files when all are there.
    ///
    /// # Errors
    /// Those of writing.
    fn beside(&self, about: &About<'_>, beside: &mut dyn Beside) -> Result<(), Fault> {
        let _ = (about, beside);
        Ok(())
    }

    /// The folder that the list of class names lies in, with `/` at its end; empty for the data set's own.
    fn class_list_folder(&self) -> &'static str {
        ""
    }

    /// Reads a split of files that were written so. `constants` are what made floats of pixels.
    ///
    /// # Errors
    /// If files cannot be read or hold something else.
    fn open(
        &self,
        folder: &Path,
        split: &SplitOf<'_>,
        constants: Option<&Constants>,
    ) -> Result<Columns, Fault>;
}

/// What a picture is named by.
#[derive(Clone, Copy, Debug)]
pub struct PictureName<'a> {
    /// Its split.
    pub split: &'a str,
    /// The folder of its (first) class.
    pub class: &'a str,
    /// Its index, padded with zeros.
    pub id: &'a str,
}

/// A format with a file for each picture.
pub trait Pictures: Sync {
    /// The picture's file, with `/` between folders.
    fn picture(&self, name: PictureName<'_>) -> String;

    /// Files that belong to the picture: their names and contents. `classes` are the names of the classes.
    fn files(&self, name: PictureName<'_>, sample: &Sample, classes: &[String]) -> Vec<(String, Vec<u8>)> {
        let _ = (name, sample, classes);
        Vec::new()
    }

    /// What stands beside the pictures when all are there.
    ///
    /// # Errors
    /// Those of reading the lists and of writing.
    fn beside(&self, about: &About<'_>, lists: &dyn Lists, beside: &mut dyn Beside) -> Result<(), Fault> {
        let _ = (about, lists, beside);
        Ok(())
    }
}

/// One picture in the list of a shard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listed {
    /// The picture, and files that belong to it.
    pub files: Vec<SideFile>,
    /// Its size.
    pub shape: Shape,
    /// Its classes.
    pub classes: Vec<u8>,
    /// Its source image.
    pub origin: u64,
    /// The objects in it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub objects: Vec<Object>,
    /// Their masks, where samples have any, as COCO's run-length texts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub masks: Vec<String>,
    /// Its truth, in the order of the schema's columns.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub truth: Vec<i64>,
}

/// The pictures of splits, as their lists have them.
pub trait Lists {
    /// All pictures of split number `split`, in order, with their index.
    ///
    /// # Errors
    /// If a list cannot be read, and the errors of `take`.
    fn each(
        &self,
        split: usize,
        take: &mut dyn FnMut(u64, &Listed) -> Result<(), Fault>,
    ) -> Result<(), Fault>;
}

/// Where files that stand beside shards and pictures are put.
pub trait Beside {
    /// Writes the file `name` (with `/` between folders) as `write` makes it.
    ///
    /// # Errors
    /// If it cannot be written, and the errors of `write`.
    fn put(
        &mut self,
        name: String,
        write: &mut dyn FnMut(&mut Append<'_>) -> Result<(), Fault>,
    ) -> Result<(), Fault>;
}

/// Appends bytes to a file that is being written.
pub type Append<'a> = dyn FnMut(&[u8]) -> Result<(), Fault> + 'a;

/// A finished data set, for what stands beside its files.
#[derive(Clone, Debug)]
pub struct About<'a> {
    /// What it is called: the name of its folder.
    pub title: String,
    /// The command that made it.
    pub command: &'a str,
    /// Licenses and attributions of its sources.
    pub licenses: &'a [String],
    /// Its splits.
    pub splits: Vec<AboutSplit<'a>>,
}

/// A split of a finished data set.
#[derive(Clone, Debug)]
pub struct AboutSplit<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its samples.
    pub rows: u64,
    /// What they have in common.
    pub schema: &'a Schema,
    /// Its shards, in order.
    pub shards: Vec<AboutShard<'a>>,
}

/// A shard of a finished data set.
#[derive(Clone, Copy, Debug)]
pub struct AboutShard<'a> {
    /// Its file.
    pub name: &'a str,
    /// Its samples.
    pub rows: u64,
    /// Size of the file.
    pub bytes: u64,
}

impl AboutSplit<'_> {
    /// Bytes of its shards together.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.shards.iter().map(|shard| shard.bytes).sum()
    }
}

/// Puts a small text beside the files of a data set.
///
/// # Errors
/// If it cannot be written.
pub fn put_text(beside: &mut dyn Beside, name: String, text: &str) -> Result<(), Fault> {
    beside.put(name, &mut |append| append(text.as_bytes()))
}

/// Images of a batch, row after row.
pub fn images<'a>(batch: &'a Batch, layout: &Layout) -> impl Iterator<Item = Image<'a>> {
    let shape = layout.shape;
    batch.x.chunks_exact(shape.bytes()).map(move |pixels| Image::new(shape, pixels))
}
