//! `parquet`: Parquet files as Hugging Face's `datasets` writes them for images.
//!
//! Columns: `image`, a struct of `bytes` (a PNG file) and `path` (its name), and `label`, int64. For several labels an image there is
//! `labels` instead, a list of 0 and 1 for each class, or of the weight of each as a float. Composed images also have `objects`, a struct
//! of the lists `bbox` (each `[x, y, width, height]` in pixels) and `categories`. Where there are masks, `masks` is a gray picture as well,
//! whose pixels are 0 or the `id` of the object in `objects` whose ink they are. For each column of truth there is `truth_NAME`, int64.
//! The file's metadata say under the key `huggingface` what the columns mean;
//! without it `datasets` sees a plain struct.
//!
//! Names are `data/{split}-00000-of-00004.parquet`; beside `data` lies `README.md`, its card.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use parquet::basic::Encoding;
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::{ByteArray, ByteArrayType, DataType, FloatType, Int64Type};
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::{ColumnChunkMetaData, KeyValue};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::reader::{FileReader, RowGroupReader, SerializedFileReader};
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::parser::parse_message_type;
use parquet::schema::types::ColumnPath;
use serde_json::{Value, json};

use crate::base::sample::weights;
use crate::base::{Fault, Image, LabelKind, Shape};

use super::codec::caught::caught;
use super::codec::png::{Effort, PngEncoder};
use super::columns::{Broken, Collect, MASKS, TRUTH};
use super::ways::{Beside, ShardIn, Sharded, put_text};
use super::{About, Batch, Columns, Describe, Facts, Layout, Opt, Options, Pieces, Unfit, Want, Way};

mod card;

/// What the files say they were made by; no version, so that the same samples give the same bytes.
const CREATED_BY: &str = "mnistaug";

/// Bytes of pixels in a row group, about: what a reader that wants one row may have to read.
const GROUP: usize = 16 << 20;

/// Bytes of pixels that are made into PNG files before they are handed on.
const RUN: usize = 128 << 10;

/// Parquet shards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parquet;

impl Describe for Parquet {
    const NAMES: &'static [(&'static str, &'static str)] =
        &[("parquet", "Parquet shards and a dataset card, for Hugging Face `datasets`")];

    fn takes(_: &Options) -> &'static [Opt] {
        Opt::OF_SHARDS
    }

    fn of(_: &str, _: &Options, _: &Facts) -> std::result::Result<Self, Unfit> {
        Ok(Self)
    }

    fn name(&self) -> &'static str {
        "parquet"
    }

    fn to_manifest(&self) -> Value {
        "parquet".into()
    }

    fn of_manifest(said: &Value) -> Option<Self> {
        (said == "parquet").then_some(Self)
    }

    fn way(&self) -> Way<'_> {
        Way::Shards(self)
    }
}

impl Sharded for Parquet {
    fn shard_name(&self, split: &str, k: u64, shards: u64) -> String {
        format!("data/{split}-{k:05}-of-{shards:05}.parquet")
    }

    fn encode<'a>(&self, shard: ShardIn<'a>, room: &'a mut Vec<u8>) -> io::Result<Pieces<'a>> {
        let effort = Effort::of(shard.layout.shape);
        encode(shard.batch, shard.layout, shard.class_names, shard.first, effort, room)
            .map_err(io::Error::other)?;
        Ok(vec![Cow::Borrowed(&room[..])])
    }

    fn decode(
        &self,
        path: &Path,
        layout: &Layout,
        rows: u64,
        want: Want,
    ) -> std::result::Result<Columns, Fault> {
        let file = File::open(path).map_err(Broken::io(path))?;
        // The crate panics where pages contradict their column, as when they name a dictionary that is not there.
        caught(|| decode(file, path, layout, rows, want)).unwrap_or_else(|| {
            Err(Broken::form(path, "a Parquet file of images and labels", "pages of another kind").into())
        })
    }

    fn beside(&self, about: &About<'_>, beside: &mut dyn Beside) -> std::result::Result<(), Fault> {
        put_text(beside, "README.md".into(), &card::readme(about))
    }
}

/// Reads the images and labels of a file.
fn decode(
    file: File,
    path: &Path,
    layout: &Layout,
    rows: u64,
    want: Want,
) -> std::result::Result<Columns, Fault> {
    let broken =
        |error: ParquetError| Broken::form(path, "a Parquet file of images and labels", error.to_string());
    let length = file.metadata().map_err(Broken::io(path))?.len();
    let reader = SerializedFileReader::new(file).map_err(broken)?;
    let found = reader.metadata().file_metadata().num_rows();
    if u64::try_from(found) != Ok(rows) {
        return Err(Broken::form(path, format!("{rows} rows"), found.to_string()).into());
    }
    let mut collect = Collect::new(want, layout);
    for number in 0..reader.num_row_groups() {
        let group = reader.get_row_group(number).map_err(broken)?;
        if !group.metadata().columns().iter().all(|column| lies_within(column, length)) {
            return Err(Broken::form(path, "columns that lie within it", "others").into());
        }
        read_group(&*group, path, layout, &mut collect)?;
    }
    Ok(collect.finish(path, layout, rows)?)
}

/// Whether a column says that it lies within the file; its reader panics at numbers below 0.
fn lies_within(column: &ColumnChunkMetaData, length: u64) -> bool {
    let start = column.dictionary_page_offset().unwrap_or(column.data_page_offset());
    match (u64::try_from(start), u64::try_from(column.compressed_size())) {
        (Ok(start), Ok(bytes)) => start.checked_add(bytes).is_some_and(|end| end <= length),
        _ => false,
    }
}

/// Rows that are decoded in a go.
const AT_ONCE: usize = 512;

fn read_group(
    group: &dyn RowGroupReader,
    path: &Path,
    layout: &Layout,
    collect: &mut Collect,
) -> std::result::Result<(), Fault> {
    let broken =
        |error: ParquetError| Broken::form(path, "a Parquet file of images and labels", error.to_string());
    let place = |name: &str| {
        let columns = group.metadata().columns();
        columns.iter().position(|column| column.column_path().string() == name).ok_or_else(|| {
            let found: Vec<String> = columns.iter().map(|column| column.column_path().string()).collect();
            Broken::form(path, format!("a column {name}"), found.join(", "))
        })
    };
    let labels = match layout.labels {
        LabelKind::Class => "label",
        LabelKind::MultiHot | LabelKind::Soft => "labels.list.element",
    };
    let unexpected = |name: &str| Broken::form(path, format!("a column {name} of its type"), "another type");
    let others = || Broken::form(path, format!("{} labels an image, from 0 to 255", layout.y()), "others");
    match (group.get_column_reader(place(labels)?).map_err(broken)?, layout.labels) {
        (ColumnReader::Int64ColumnReader(column), LabelKind::Class | LabelKind::MultiHot) => {
            each_run(column, path, &mut |records, values| {
                let bytes: Option<Vec<u8>> = values.iter().map(|&value| u8::try_from(value).ok()).collect();
                let bytes = bytes.filter(|bytes| bytes.len() == records * layout.y()).ok_or_else(others)?;
                Ok(collect.label(&bytes).map_err(Broken::io(path))?)
            })?;
        }
        (ColumnReader::FloatColumnReader(column), LabelKind::Soft) => {
            each_run(column, path, &mut |records, values| {
                if values.len() != records * layout.classes {
                    let expected = format!("{} weights an image", layout.classes);
                    return Err(Broken::form(path, expected, "others").into());
                }
                let bytes: Vec<u8> = values.iter().flat_map(|weight| weight.to_le_bytes()).collect();
                Ok(collect.label(&bytes).map_err(Broken::io(path))?)
            })?;
        }
        _ => return Err(unexpected(labels).into()),
    }
    for (number, name) in layout.truth.iter().enumerate() {
        let name = format!("{TRUTH}{name}");
        let ColumnReader::Int64ColumnReader(column) =
            group.get_column_reader(place(&name)?).map_err(broken)?
        else {
            return Err(unexpected(&name).into());
        };
        each_run(column, path, &mut |records, values| {
            if values.len() != records {
                return Err(Broken::form(path, format!("{name} of each image"), "nulls").into());
            }
            let mut values = values.iter();
            Ok(values.try_for_each(|&value| collect.truth(number, value)).map_err(Broken::io(path))?)
        })?;
    }
    if !collect.wants_pixels() {
        return Ok(());
    }
    match group.get_column_reader(place("image.bytes")?).map_err(broken)? {
        ColumnReader::ByteArrayColumnReader(column) => each_run(column, path, &mut |_, values| {
            values.iter().try_for_each(|value| collect.png(value.data(), path, layout))
        }),
        _ => Err(unexpected("image.bytes").into()),
    }
}

/// Takes values of some records, of which there are so many.
type TakeRun<'a, V> = &'a mut dyn FnMut(usize, &[V]) -> std::result::Result<(), Fault>;

/// Hands on all values of a column, some records at a time, with their number.
fn each_run<T: DataType>(
    mut column: ColumnReaderImpl<T>,
    path: &Path,
    take: TakeRun<'_, T::T>,
) -> std::result::Result<(), Fault> {
    let (mut values, mut defined, mut repeated) = (Vec::new(), Vec::new(), Vec::new());
    loop {
        values.clear();
        defined.clear();
        repeated.clear();
        let (records, ..) = column
            .read_records(AT_ONCE, Some(&mut defined), Some(&mut repeated), &mut values)
            .map_err(|error| Broken::form(path, "a Parquet file of images and labels", error.to_string()))?;
        if records == 0 {
            return Ok(());
        }
        take(records, &values)?;
    }
}

/// Encodes a batch whose first sample has index `first` as one file into `out`, whose content is replaced.
///
/// # Errors
/// If the parquet writer fails; in memory that does not happen.
fn encode(
    batch: &Batch,
    layout: &Layout,
    class_names: &[String],
    first: u64,
    effort: Effort,
    out: &mut Vec<u8>,
) -> Result<()> {
    out.clear();
    out.reserve(batch.rows * (layout.shape.bytes() + layout.shape.bytes() / 8 + 128));
    let schema = Arc::new(parse_message_type(&schema(layout))?);
    let mut properties = WriterProperties::builder()
        .set_created_by(CREATED_BY.into())
        .set_key_value_metadata(Some(vec![KeyValue::new(
            "huggingface".into(),
            json!({ "info": { "features": features(layout, class_names) } }).to_string(),
        )]))
        .set_statistics_enabled(EnabledStatistics::None)
        .set_write_batch_size(256);
    let pictures = ["image"].into_iter().chain(layout.masks.then_some(MASKS));
    for (picture, column) in pictures.flat_map(|picture| [(picture, "bytes"), (picture, "path")]) {
        let path = ColumnPath::new(vec![picture.into(), column.into()]);
        properties = properties
            .set_column_dictionary_enabled(path.clone(), false)
            .set_column_encoding(path, Encoding::PLAIN);
    }
    let mut file = SerializedFileWriter::new(&mut *out, schema, Arc::new(properties.build()))?;
    let rows = (GROUP / layout.shape.bytes().max(1)).max(1);
    let mut png = PngEncoder::new(effort);
    for start in (0..batch.rows).step_by(rows) {
        let mut group = file.next_row_group()?;
        write_group(&mut group, batch, layout, first, start..batch.rows.min(start + rows), &mut png)?;
        group.close()?;
    }
    file.close()?;
    Ok(())
}

/// The columns, all of which may be null as they may in files of other writers.
fn schema(layout: &Layout) -> String {
    const LIST: &str = "(LIST) { REPEATED group list { OPTIONAL INT64 element; } }";
    const FLOATS: &str = "(LIST) { REPEATED group list { OPTIONAL FLOAT element; } }";
    let mut text =
        "message schema { OPTIONAL group image { OPTIONAL BINARY bytes; OPTIONAL BINARY path (STRING); } "
            .to_owned();
    let _ = match layout.labels {
        LabelKind::Class => write!(text, "OPTIONAL INT64 label; "),
        LabelKind::MultiHot => write!(text, "OPTIONAL group labels {LIST} "),
        LabelKind::Soft => write!(text, "OPTIONAL group labels {FLOATS} "),
    };
    if layout.grid.is_some() {
        let ids = if layout.masks { format!("OPTIONAL group id {LIST} ") } else { String::new() };
        let _ = write!(
            text,
            "OPTIONAL group objects {{ OPTIONAL group bbox (LIST) {{ REPEATED group list {{ OPTIONAL group element \
             (LIST) {{ REPEATED group list {{ OPTIONAL FLOAT element; }} }} }} }} OPTIONAL group categories {LIST} {ids}}} "
        );
    }
    if layout.masks {
        let _ = write!(
            text,
            "OPTIONAL group {MASKS} {{ OPTIONAL BINARY bytes; OPTIONAL BINARY path (STRING); }} "
        );
    }
    for name in layout.truth.iter() {
        let _ = write!(text, "OPTIONAL INT64 {TRUTH}{name}; ");
    }
    text + "}"
}

/// What the columns mean, in the words of `datasets`.
fn features(layout: &Layout, class_names: &[String]) -> Value {
    let class = json!({ "names": class_names, "_type": "ClassLabel" });
    let mut features = json!({ "image": { "_type": "Image" } });
    match layout.labels {
        LabelKind::Class => features["label"] = class.clone(),
        LabelKind::MultiHot => {
            features["labels"] =
                json!({ "feature": { "dtype": "int64", "_type": "Value" }, "_type": "List" });
        }
        LabelKind::Soft => {
            let weight = json!({ "dtype": "float32", "_type": "Value" });
            features["labels"] = json!({ "feature": weight, "length": layout.classes, "_type": "List" });
        }
    }
    if layout.grid.is_some() {
        let bbox =
            json!({ "feature": { "dtype": "float32", "_type": "Value" }, "length": 4, "_type": "List" });
        features["objects"] = json!({
            "bbox": { "feature": bbox, "_type": "List" },
            "categories": { "feature": class, "_type": "List" },
        });
    }
    if layout.masks {
        let id = json!({ "dtype": "int64", "_type": "Value" });
        features["objects"]["id"] = json!({ "feature": id, "_type": "List" });
        features[MASKS] = json!({ "_type": "Image" });
    }
    for name in layout.truth.iter() {
        features[format!("{TRUTH}{name}")] = json!({ "dtype": "int64", "_type": "Value" });
    }
    features
}

/// Values of one column, and the levels that say which of them are there and which lists they belong to.
struct Column<T> {
    values: Vec<T>,
    definition: Vec<i16>,
    repetition: Vec<i16>,
}

impl<T> Default for Column<T> {
    fn default() -> Self {
        Self { values: Vec::new(), definition: Vec::new(), repetition: Vec::new() }
    }
}

impl<T> Column<T> {
    fn push(&mut self, value: T, definition: i16, repetition: i16) {
        self.values.push(value);
        self.definition.push(definition);
        self.repetition.push(repetition);
    }

    /// A list without elements.
    fn push_empty(&mut self, definition: i16) {
        self.definition.push(definition);
        self.repetition.push(0);
    }

    fn clear(&mut self) {
        self.values.clear();
        self.definition.clear();
        self.repetition.clear();
    }
}

/// Writes the next column of a group as `fill` makes it, a run of rows at a time.
fn column<T: DataType, W: Write + Send>(
    group: &mut SerializedRowGroupWriter<'_, W>,
    rows: std::ops::Range<usize>,
    run: usize,
    nested: bool,
    mut fill: impl FnMut(std::ops::Range<usize>, &mut Column<T::T>),
) -> Result<()> {
    let mut writer = group.next_column()?.ok_or_else(|| ParquetError::General("no such column".into()))?;
    let mut column = Column::default();
    for start in rows.clone().step_by(run) {
        column.clear();
        fill(start..rows.end.min(start + run), &mut column);
        let repetition = nested.then_some(&column.repetition[..]);
        writer.typed::<T>().write_batch(&column.values, Some(&column.definition), repetition)?;
    }
    writer.close()
}

fn write_group<W: Write + Send>(
    group: &mut SerializedRowGroupWriter<'_, W>,
    batch: &Batch,
    layout: &Layout,
    first: u64,
    rows: std::ops::Range<usize>,
    png: &mut PngEncoder,
) -> Result<()> {
    write_pictures(group, layout.shape, &batch.x, first, rows.clone(), png)?;
    match layout.labels {
        LabelKind::Class => column::<Int64Type, W>(group, rows.clone(), SMALL, false, |run, column| {
            batch.y[run].iter().for_each(|&class| column.push(i64::from(class), 1, 0));
        })?,
        LabelKind::MultiHot => column::<Int64Type, W>(group, rows.clone(), SMALL, true, |run, column| {
            for flags in batch.y[run.start * layout.classes..run.end * layout.classes].chunks(layout.classes)
            {
                for (class, &flag) in flags.iter().enumerate() {
                    column.push(i64::from(flag), 3, i16::from(class > 0));
                }
            }
        })?,
        LabelKind::Soft => column::<FloatType, W>(group, rows.clone(), SMALL, true, |run, column| {
            for row in run {
                let own = weights(&batch.y[row * layout.y()..(row + 1) * layout.y()]);
                own.enumerate().for_each(|(class, weight)| column.push(weight, 3, i16::from(class > 0)));
            }
        })?,
    }
    if layout.grid.is_some() {
        write_objects(group, batch, layout, rows.clone())?;
    }
    if layout.masks {
        let shape = Shape::gray(layout.shape.height, layout.shape.width);
        write_pictures(group, shape, &batch.mask, first, rows.clone(), png)?;
    }
    for number in 0..layout.truth.len() {
        column::<Int64Type, W>(group, rows.clone(), SMALL, false, |run, column| {
            let values = batch.truth_of(layout, number).skip(run.start).take(run.len());
            values.for_each(|value| column.push(value, 1, 0));
        })?;
    }
    Ok(())
}

/// Rows of a column of numbers that are handed on at a time.
const SMALL: usize = 4096;

/// Writes pictures, and what they are called.
fn write_pictures<W: Write + Send>(
    group: &mut SerializedRowGroupWriter<'_, W>,
    shape: Shape,
    pixels: &[u8],
    first: u64,
    rows: std::ops::Range<usize>,
    png: &mut PngEncoder,
) -> Result<()> {
    let bytes = shape.bytes();
    let mut ends = Vec::new();
    column::<ByteArrayType, W>(group, rows.clone(), (RUN / bytes.max(1)).max(1), false, |run, column| {
        let mut files = Vec::with_capacity(run.len() * (bytes + bytes / 8 + 128));
        ends.clear();
        for row in run {
            png.encode(Image::new(shape, &pixels[row * bytes..(row + 1) * bytes]), &mut files);
            ends.push(files.len());
        }
        let files = ByteArray::from(files);
        let mut start = 0;
        for &end in &ends {
            column.push(files.slice(start, end - start), 2, 0);
            start = end;
        }
    })?;
    column::<ByteArrayType, W>(group, rows, SMALL, false, |run, column| {
        for row in run {
            column.push(ByteArray::from(format!("{:09}.png", first + row as u64).into_bytes()), 2, 0);
        }
    })
}

/// Writes the lists of boxes, of their classes and, where there are masks, of what they are called there.
fn write_objects<W: Write + Send>(
    group: &mut SerializedRowGroupWriter<'_, W>,
    batch: &Batch,
    layout: &Layout,
    rows: std::ops::Range<usize>,
) -> Result<()> {
    let cells = layout.cells();
    let objects = |row: usize| {
        let boxes = batch.boxes[row * cells * 4..(row + 1) * cells * 4].as_chunks::<4>().0;
        batch.cells[row * cells..(row + 1) * cells].iter().zip(boxes).filter(|(class, _)| **class >= 0)
    };
    column::<FloatType, W>(group, rows.clone(), SMALL, true, |run, column| {
        for row in run {
            let mut repetition = 0;
            for (_, &[x0, y0, x1, y1]) in objects(row) {
                for place in [x0, y0, x1 - x0, y1 - y0] {
                    column.push(place as f32, 6, repetition);
                    repetition = 2;
                }
                repetition = 1;
            }
            if repetition == 0 {
                column.push_empty(2);
            }
        }
    })?;
    let mut numbers = |number: fn((usize, i16)) -> i64| {
        column::<Int64Type, W>(group, rows.clone(), SMALL, true, |run, column| {
            for row in run {
                let mut repetition = 0;
                let shown = (0..).zip(&batch.cells[row * cells..(row + 1) * cells]);
                for (cell, &class) in shown.filter(|(_, class)| **class >= 0) {
                    column.push(number((cell, class)), 4, repetition);
                    repetition = 1;
                }
                if repetition == 0 {
                    column.push_empty(2);
                }
            }
        })
    };
    numbers(|(_, class)| i64::from(class))?;
    if layout.masks {
        numbers(|(cell, _)| cell as i64 + 1)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
