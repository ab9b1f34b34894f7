//! `parquet`: Parquet files as Hugging Face's `datasets` writes them for images.
//!
//! Columns: `image`, a struct of `bytes` (a PNG file) and `path` (its name), and `label`, int64. For several labels an image there is
//! `labels` instead, a list of 0 and 1 for each class. Composed images also have `objects`, a struct of the lists `bbox` (each
//! `[x, y, width, height]` in pixels) and `categories`. The file's metadata say under the key `huggingface` what the columns mean;
//! without it `datasets` sees a plain struct.
//!
//! Names are `data/{split}-00000-of-00004.parquet`; beside `data` lies `README.md`, the [`card`].

use std::borrow::Cow;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use parquet::basic::Encoding;
use parquet::column::reader::ColumnReader;
use parquet::data_type::{ByteArray, ByteArrayType, DataType, FloatType, Int64Type};
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::reader::{FileReader, RowGroupReader, SerializedFileReader};
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::parser::parse_message_type;
use parquet::schema::types::ColumnPath;
use serde_json::{Value, json};

use crate::base::{Fault, Image, LabelKind};

use super::codec::png::{Effort, PngEncoder};
use super::columns::{Broken, Collect};
use super::ways::{Beside, ShardIn, Sharded, put_text};
use super::{About, Batch, Columns, Describe, Facts, Layout, Opt, Options, Pieces, Unfit, Want, Way};

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
        decode(file, path, layout, rows, want)
    }

    fn beside(&self, about: &About<'_>, beside: &mut dyn Beside) -> std::result::Result<(), Fault> {
        put_text(beside, "README.md".into(), &readme(about))
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
    let reader = SerializedFileReader::new(file).map_err(broken)?;
    let found = reader.metadata().file_metadata().num_rows();
    if u64::try_from(found) != Ok(rows) {
        return Err(Broken::form(path, format!("{rows} rows"), found.to_string()).into());
    }
    let mut collect = Collect::new(want);
    for number in 0..reader.num_row_groups() {
        let group = reader.get_row_group(number).map_err(broken)?;
        read_group(&*group, path, layout, &mut collect)?;
    }
    Ok(collect.finish(path, layout, rows)?)
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
        LabelKind::MultiHot => "labels.list.element",
    };
    let unexpected = |name: &str| Broken::form(path, format!("a column {name} of its type"), "another type");
    match group.get_column_reader(place(labels)?).map_err(broken)? {
        ColumnReader::Int64ColumnReader(mut column) => {
            let (mut values, mut defined, mut repeated) = (Vec::new(), Vec::new(), Vec::new());
            loop {
                values.clear();
                defined.clear();
                repeated.clear();
                let (records, ..) = column
                    .read_records(AT_ONCE, Some(&mut defined), Some(&mut repeated), &mut values)
                    .map_err(broken)?;
                if records == 0 {
                    break;
                }
                let bytes: Option<Vec<u8>> = values.iter().map(|&value| u8::try_from(value).ok()).collect();
                match bytes {
                    Some(bytes) if bytes.len() == records * layout.y() => {
                        collect.label(&bytes).map_err(Broken::io(path))?
                    }
                    _ => {
                        return Err(Broken::form(
                            path,
                            format!("{} labels an image, from 0 to 255", layout.y()),
                            "others",
                        )
                        .into());
                    }
                }
            }
        }
        _ => return Err(unexpected(labels).into()),
    }
    if !collect.wants_pixels() {
        return Ok(());
    }
    match group.get_column_reader(place("image.bytes")?).map_err(broken)? {
        ColumnReader::ByteArrayColumnReader(mut column) => {
            let (mut values, mut defined) = (Vec::new(), Vec::new());
            loop {
                values.clear();
                defined.clear();
                let (records, ..) =
                    column.read_records(AT_ONCE, Some(&mut defined), None, &mut values).map_err(broken)?;
                if records == 0 {
                    return Ok(());
                }
                for value in &values {
                    collect.png(value.data(), path, layout)?;
                }
            }
        }
        _ => Err(unexpected("image.bytes").into()),
    }
}

/// `README.md` of a data set on the Hub.
fn readme(about: &About<'_>) -> String {
    let Some(first) = about.splits.first() else { return String::new() };
    let splits: Vec<CardSplit> = about
        .splits
        .iter()
        .map(|split| CardSplit { name: split.name.to_owned(), rows: split.rows, bytes: split.bytes() })
        .collect();
    let mut body = format!(
        "Made by `mnistaug {}`. `manifest.json` says of what and how, with digests of all files; \
         `mnistaug verify --rebuild` makes it again.\n",
        about.command
    );
    for license in about.licenses {
        let _ = writeln!(body, "\n{license}");
    }
    card(&about.title, &Layout::of(first.schema), &first.schema.class_names, &splits, None, &body)
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
    for column in ["bytes", "path"] {
        let path = ColumnPath::new(vec!["image".into(), column.into()]);
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
    let mut text =
        "message schema { OPTIONAL group image { OPTIONAL BINARY bytes; OPTIONAL BINARY path (STRING); } "
            .to_owned();
    let _ = match layout.labels {
        LabelKind::Class => write!(text, "OPTIONAL INT64 label; "),
        LabelKind::MultiHot => write!(text, "OPTIONAL group labels {LIST} "),
    };
    if layout.grid.is_some() {
        let _ = write!(
            text,
            "OPTIONAL group objects {{ OPTIONAL group bbox (LIST) {{ REPEATED group list {{ OPTIONAL group element \
             (LIST) {{ REPEATED group list {{ OPTIONAL FLOAT element; }} }} }} }} OPTIONAL group categories {LIST} }} "
        );
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
    }
    if layout.grid.is_some() {
        let bbox =
            json!({ "feature": { "dtype": "float32", "_type": "Value" }, "length": 4, "_type": "List" });
        features["objects"] = json!({
            "bbox": { "feature": bbox, "_type": "List" },
            "categories": { "feature": class, "_type": "List" },
        });
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
    const SMALL: usize = 4096;
    let bytes = layout.shape.bytes();
    let mut ends = Vec::new();
    column::<ByteArrayType, W>(group, rows.clone(), (RUN / bytes.max(1)).max(1), false, |run, column| {
        let mut files = Vec::with_capacity(run.len() * (bytes + bytes / 8 + 128));
        ends.clear();
        for row in run {
            png.encode(Image::new(layout.shape, &batch.x[row * bytes..(row + 1) * bytes]), &mut files);
            ends.push(files.len());
        }
        let files = ByteArray::from(files);
        let mut start = 0;
        for &end in &ends {
            column.push(files.slice(start, end - start), 2, 0);
            start = end;
        }
    })?;
    column::<ByteArrayType, W>(group, rows.clone(), SMALL, false, |run, column| {
        for row in run {
            column.push(ByteArray::from(format!("{:09}.png", first + row as u64).into_bytes()), 2, 0);
        }
    })?;
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
    }
    if layout.grid.is_none() {
        return Ok(());
    }
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
    column::<Int64Type, W>(group, rows, SMALL, true, |run, column| {
        for row in run {
            let mut repetition = 0;
            for (&class, _) in objects(row) {
                column.push(i64::from(class), 4, repetition);
                repetition = 1;
            }
            if repetition == 0 {
                column.push_empty(2);
            }
        }
    })
}

/// A split, as the card describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct CardSplit {
    /// Its name.
    name: String,
    /// Its samples.
    rows: u64,
    /// Bytes of its files together.
    bytes: u64,
}

/// `README.md` of a data set on the Hub: YAML between two lines of dashes, by which `datasets` knows features and splits, then `body` in
/// Markdown. `license` is an identifier of the Hub, such as `mit` or `cc-by-sa-3.0`.
fn card(
    title: &str,
    layout: &Layout,
    class_names: &[String],
    splits: &[CardSplit],
    license: Option<&str>,
    body: &str,
) -> String {
    let mut text = "---\n".to_owned();
    if let Some(license) = license {
        let _ = writeln!(text, "license: {}", quoted(license));
    }
    let rows: u64 = splits.iter().map(|split| split.rows).sum();
    let task = if layout.grid.is_some() { "object-detection" } else { "image-classification" };
    let _ = writeln!(text, "task_categories:\n- {task}");
    let _ = writeln!(text, "size_categories:\n- {}", size_category(rows));
    text += "dataset_info:\n  features:\n  - name: image\n    dtype: image\n";
    let names = |text: &mut String, indent: &str| {
        let _ = writeln!(text, "{indent}class_label:\n{indent}  names:");
        for (class, name) in class_names.iter().enumerate() {
            let _ = writeln!(text, "{indent}    '{class}': {}", quoted(name));
        }
    };
    match layout.labels {
        LabelKind::Class => {
            text += "  - name: label\n    dtype:\n";
            names(&mut text, "      ");
        }
        LabelKind::MultiHot => text += "  - name: labels\n    list: int64\n",
    }
    if layout.grid.is_some() {
        text += "  - name: objects\n    struct:\n    - name: bbox\n      list:\n        list: float32\n        length: 4\n";
        text += "    - name: categories\n      list:\n";
        names(&mut text, "        ");
    }
    text += "  splits:\n";
    for split in splits {
        let _ = writeln!(
            text,
            "  - name: {}\n    num_bytes: {}\n    num_examples: {}",
            quoted(&split.name),
            split.bytes,
            split.rows
        );
    }
    let bytes: u64 = splits.iter().map(|split| split.bytes).sum();
    let _ = writeln!(text, "  download_size: {bytes}\n  dataset_size: {bytes}");
    text += "configs:\n- config_name: default\n  data_files:\n";
    for split in splits {
        let path = format!("data/{}-*", split.name);
        let _ = writeln!(text, "  - split: {}\n    path: {}", quoted(&split.name), quoted(&path));
    }
    let _ = write!(text, "---\n\n# {title}\n\n{}\n", body.trim());
    text
}

/// A YAML scalar that is a string whatever it holds: JSON's strings are YAML's.
fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

/// The Hub's words for a number of samples.
fn size_category(rows: u64) -> String {
    const STEPS: [(u64, &str); 9] = [
        (1_000, "1K"),
        (10_000, "10K"),
        (100_000, "100K"),
        (1_000_000, "1M"),
        (10_000_000, "10M"),
        (100_000_000, "100M"),
        (1_000_000_000, "1B"),
        (10_000_000_000, "10B"),
        (100_000_000_000, "100B"),
    ];
    let above = STEPS.iter().position(|(limit, _)| rows < *limit);
    match above {
        Some(0) => format!("n<{}", STEPS[0].1),
        Some(i) => format!("{}<n<{}", STEPS[i - 1].1, STEPS[i].1),
        None => "100B<n<1T".into(),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use parquet::file::reader::{FileReader, SerializedFileReader};
    use parquet::record::RowAccessor;

    use super::*;
    use crate::base::{Grid, Shape, sample::numbered_classes};
    use crate::formats::codec::picture;

    fn reader(bytes: &[u8]) -> SerializedFileReader<std::fs::File> {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        SerializedFileReader::new(file).unwrap()
    }

    #[test]
    fn images_paths_and_labels_come_back() {
        let layout =
            Layout { shape: Shape::new(5, 7, 3), labels: LabelKind::Class, classes: 256, grid: None };
        let mut batch = Batch::default();
        batch.reset(&layout, 5000);
        batch.x.iter_mut().enumerate().for_each(|(i, v)| *v = (i * 31 % 251) as u8);
        batch.y.iter_mut().enumerate().for_each(|(i, v)| *v = (i % 256) as u8);
        let names = numbered_classes(256);
        let mut out = b"old".to_vec();
        encode(&batch, &layout, &names, 70, Effort::Stored, &mut out).unwrap();
        let file = reader(&out);
        let head = file.metadata().file_metadata();
        assert_eq!((head.num_rows(), head.created_by()), (5000, Some("mnistaug")));
        let said = &head.key_value_metadata().unwrap()[0];
        let said: Value = serde_json::from_str(said.value.as_ref().unwrap()).unwrap();
        assert_eq!(said["info"]["features"]["image"], json!({ "_type": "Image" }));
        assert_eq!(said["info"]["features"]["label"]["names"][255], "255");
        for (i, row) in file.get_row_iter(None).unwrap().enumerate() {
            let row = row.unwrap();
            let image = row.get_group(0).unwrap();
            assert_eq!(row.get_long(1).unwrap(), (i % 256) as i64);
            assert_eq!(image.get_string(1).unwrap(), &format!("{:09}.png", i + 70));
            if i % 997 == 0 {
                let picture =
                    picture::read_bytes(image.get_bytes(0).unwrap().data(), Path::new("x")).unwrap();
                assert_eq!(picture.data, batch.x[i * 105..(i + 1) * 105]);
            }
        }
        let mut again = Vec::new();
        encode(&batch, &layout, &names, 70, Effort::Stored, &mut again).unwrap();
        assert_eq!(out, again);
    }

    #[test]
    fn composed_images_keep_their_lists() {
        let grid = Some(Grid { rows: 1, columns: 2 });
        let layout = Layout { shape: Shape::new(1, 1, 1), labels: LabelKind::MultiHot, classes: 3, grid };
        let mut batch = Batch::default();
        batch.reset(&layout, 3);
        batch.y.copy_from_slice(&[0, 1, 1, 0, 0, 0, 1, 0, 0]);
        batch.cells.copy_from_slice(&[2, 1, -1, -1, -1, 0]);
        batch.boxes.fill(-1);
        batch.boxes[..8].copy_from_slice(&[1, 2, 5, 4, 3, 3, 9, 10]);
        batch.boxes[20..].copy_from_slice(&[6, 6, 7, 8]);
        let mut out = Vec::new();
        encode(&batch, &layout, &numbered_classes(3), 0, Effort::Runs, &mut out).unwrap();
        let file = reader(&out);
        let rows: Vec<_> = file.get_row_iter(None).unwrap().map(|row| format!("{}", row.unwrap())).collect();
        for (row, labels, boxes, classes) in [
            (0, "[0, 1, 1]", "[[1.0, 2.0, 4.0, 2.0], [3.0, 3.0, 6.0, 7.0]]", "[2, 1]"),
            (1, "[0, 0, 0]", "[]", "[]"),
            (2, "[1, 0, 0]", "[[6.0, 6.0, 1.0, 2.0]]", "[0]"),
        ] {
            let lists = format!("labels: {labels}, objects: {{bbox: {boxes}, categories: {classes}}}}}");
            assert!(rows[row].ends_with(&lists), "{} does not end with {lists}", rows[row]);
        }
    }

    #[test]
    fn the_card_is_yaml_whatever_classes_are_called() {
        let layout = Layout { shape: Shape::new(1, 1, 1), labels: LabelKind::Class, classes: 2, grid: None };
        let names = ["T-shirt/top: \"no\"".to_owned(), "no".to_owned()];
        let splits = [CardSplit { name: "train".into(), rows: 1000, bytes: 5 }];
        let text = card("digits", &layout, &names, &splits, Some("mit"), "Words.");
        let yaml = text.strip_prefix("---\n").unwrap().split_once("\n---\n").unwrap().0;
        let yaml: Value = serde_saphyr::from_str(yaml).unwrap();
        let info = &yaml["dataset_info"];
        assert_eq!(
            info["features"][1]["dtype"]["class_label"]["names"],
            json!({ "0": names[0], "1": names[1] })
        );
        assert_eq!(info["splits"][0], json!({ "name": "train", "num_bytes": 5, "num_examples": 1000 }));
        assert_eq!(yaml["configs"][0]["data_files"][0]["path"], "data/train-*");
        assert_eq!(yaml["size_categories"][0], "1K<n<10K");
        assert_eq!(size_category(999), "n<1K");
    }
}
