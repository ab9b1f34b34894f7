//! `csv`: one row a sample, pixels in H, W, C order. Without `--layout` in shards: label, pixels, truth; with it, files for each split.
//!
//! The csv crate writes headers and reads rows. Pixel rows are written from a table of the 256 texts, which is
//! some twenty times as fast as formatting numbers. [`encode`] and [`decode`] are the form of shards, label first; [`CsvLayout`] has the
//! forms that others read.

use std::borrow::Cow;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use flate2::{Compression, GzBuilder};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::base::fault::reading_kind;
use crate::base::sample::weights;
use crate::base::{Explain, Fault, Kind, LabelKind, Pass};

use super::arrays::{Arrays, Constants};
use super::codec::table::{Columns as Run, Table};
use super::columns::{Broken, Collect, TRUTH, weight_text};
use super::ways::{Beside, Member, Part, Seam, ShardIn, Sharded, SplitOf, Whole, WholeFile};
use super::{
    About, Batch, Columns, Describe, Facts, Layout, Objects, Opt, Options, Pieces, Spool, Unfit, Want, Way,
};

/// CSV files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Csv {
    /// The columns of files of whole splits; none: shards with the label first.
    pub layout: Option<CsvLayout>,
    /// Level of the gzip around files of whole splits; none: as they are.
    pub packed: Option<u8>,
    /// Whether the test split goes without labels, as in Kaggle's competitions; they lie out of sight then.
    pub blind: bool,
}

impl Describe for Csv {
    const NAMES: &'static [(&'static str, &'static str)] =
        &[("csv", "CSV, one line per sample: in shards, or with --layout one or two files per split")];

    fn takes(options: &Options) -> &'static [Opt] {
        match options.layout {
            None => Opt::OF_SHARDS,
            Some(_) => &[Opt::Layout, Opt::Compress],
        }
    }

    fn of(_: &str, options: &Options, _: &Facts) -> Result<Self, Unfit> {
        let blind = options.layout == Some(CsvLayout::Kaggle);
        Ok(Self { layout: options.layout, packed: options.level(None), blind })
    }

    fn name(&self) -> &'static str {
        "csv"
    }

    fn to_manifest(&self) -> Value {
        match self.layout {
            None => "csv".into(),
            Some(layout) => {
                let mut container = json!({ "csv": layout });
                if self.blind {
                    container["blind"] = true.into();
                }
                Arrays { packed: self.packed, ..Arrays::PLAIN }.to_manifest(container)
            }
        }
    }

    fn of_manifest(said: &Value) -> Option<Self> {
        if said == "csv" {
            return Some(Self::default());
        }
        let (arrays, container) = Arrays::of_manifest(said)?;
        let layout = CsvLayout::deserialize(container.get("csv")?).ok()?;
        // Earlier versions kept all labels where the pixels are.
        let blind = match container.get("blind") {
            None => false,
            Some(said) => said.as_bool().filter(|_| layout == CsvLayout::Kaggle)?,
        };
        Some(Self { layout: Some(layout), packed: arrays.packed, blind })
    }

    fn holds_frames(&self) -> bool {
        true
    }

    fn way(&self) -> Way<'_> {
        if self.layout.is_some() { Way::Whole(self) } else { Way::Shards(self) }
    }
}

impl Sharded for Csv {
    fn shard_name(&self, split: &str, k: u64, shards: u64) -> String {
        format!("{split}-{k:05}-of-{shards:05}.csv")
    }

    fn seam(&self) -> Option<Seam> {
        Some(Seam::HeadLine)
    }

    fn memory(&self) -> usize {
        // Up to four bytes for one.
        5
    }

    fn encode<'a>(&self, shard: ShardIn<'a>, room: &'a mut Vec<u8>) -> io::Result<Pieces<'a>> {
        encode(shard.batch, shard.layout, room)?;
        Ok(vec![Cow::Borrowed(&room[..])])
    }

    fn decode(&self, path: &Path, layout: &Layout, rows: u64, want: Want) -> Result<Columns, Fault> {
        let mut collect = Collect::new(want, layout);
        decode(path, layout, rows, &mut collect)?;
        Ok(collect.finish(path, layout, rows)?)
    }
}

/// The split that is blind.
const BLIND: &str = "test";

/// What stands in columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    Labels,
    Pixels,
    Truth,
}

/// A file of a split.
struct TableFile {
    name: String,
    part: Part,
    fields: Vec<Field>,
}

impl Csv {
    /// The layout of files of whole splits.
    fn whole(self) -> CsvLayout {
        self.layout.unwrap_or(CsvLayout::Kaggle)
    }

    /// Whether pixels of a split stand without their labels because that is what the split is for.
    fn is_blind(self, split: &str) -> bool {
        self.blind && split == BLIND
    }

    /// The files of a split, and what stands in the columns of each.
    fn tables(self, split: &SplitOf<'_>) -> Vec<TableFile> {
        use Field::{Labels, Pixels, Truth};
        let gz = if self.packed.is_some() { ".gz" } else { "" };
        let name = split.name;
        let table = |name: String, part, fields: &[Field]| {
            let fields =
                fields.iter().copied().filter(|field| *field != Truth || !split.layout.truth.is_empty());
            TableFile { name, part, fields: fields.collect() }
        };
        let mut tables = if self.whole().splits_labels() {
            vec![
                table(format!("X_{name}.csv{gz}"), Part::X, &[Pixels]),
                table(format!("y_{name}.csv{gz}"), Part::Y, &[Labels]),
                // A column more beside labels would be one more label to whoever reads the file.
                table(format!("truth_{name}.csv{gz}"), Part::Truth(0), &[Truth]),
            ]
        } else if self.is_blind(name) {
            let hidden = format!("{}{name}-labels.csv{gz}", Objects::FOLDER);
            // Truth may tell the label.
            vec![
                table(format!("{name}.csv{gz}"), Part::X, &[Pixels]),
                table(hidden, Part::Y, &[Labels, Truth]),
            ]
        } else {
            vec![table(format!("{name}.csv{gz}"), Part::X, &[Labels, Pixels, Truth])]
        };
        tables.retain(|table| !table.fields.is_empty());
        tables
    }

    /// The columns of the table that holds a part, if there is one.
    fn fields(self, split: &SplitOf<'_>, part: Part) -> Vec<Field> {
        let table = self.tables(split).into_iter().find(|table| table.part == part);
        table.map_or_else(Vec::new, |table| table.fields)
    }
}

impl Whole for Csv {
    fn files(&self, splits: &[SplitOf<'_>]) -> Vec<WholeFile> {
        let layout = self.whole();
        let splits = splits.iter().enumerate();
        let file = |number: usize, split: &SplitOf<'_>, table: TableFile| {
            let mut head = Vec::new();
            append_names(&layout.header(split.layout, &table.fields), &mut head);
            // How long a text becomes is not known before.
            let member = Member { entry: String::new(), head, split: number, part: table.part, bytes: 0 };
            WholeFile { name: table.name, zip: false, head: Vec::new(), members: vec![member] }
        };
        splits
            .flat_map(|(number, split)| {
                self.tables(split).into_iter().map(move |table| file(number, split, table))
            })
            .collect()
    }

    fn compression(&self) -> Option<u8> {
        self.packed
    }

    fn streams(&self, split: &SplitOf<'_>) -> bool {
        self.tables(split).len() == 1
    }

    fn x<'a>(&self, batch: &'a Batch, split: &SplitOf<'_>, _: &Constants, room: &'a mut Vec<u8>) -> &'a [u8] {
        room.clear();
        append_rows(batch, split.layout, &self.fields(split, Part::X), room);
        room
    }

    fn append_y(&self, batch: &Batch, split: &SplitOf<'_>, out: &mut Vec<u8>) {
        append_rows(batch, split.layout, &self.fields(split, Part::Y), out);
    }

    fn append_truth(&self, batch: &Batch, split: &SplitOf<'_>, part: usize, out: &mut Vec<u8>) {
        append_rows(batch, split.layout, &self.fields(split, Part::Truth(part)), out);
    }

    /// `sample_submission.csv`: what Kaggle wants to be told of the images of a blind split, counted from 1.
    fn beside(&self, about: &About<'_>, beside: &mut dyn Beside) -> Result<(), Fault> {
        let Some(split) = about.splits.iter().find(|split| self.is_blind(split.name)) else { return Ok(()) };
        if split.schema.labels != LabelKind::Class {
            return Ok(());
        }
        beside.put("sample_submission.csv".into(), &mut |append| {
            append(b"ImageId,Label\n")?;
            let mut text = Vec::new();
            for first in (1..=split.rows).step_by(LINES) {
                text.clear();
                for id in (first..=split.rows).take(LINES) {
                    let _ = writeln!(text, "{id},0");
                }
                append(&text)?;
            }
            Ok(())
        })
    }

    fn open(&self, folder: &Path, split: &SplitOf<'_>, _: Option<&Constants>) -> Result<Columns, Fault> {
        let (layout, form) = (self.whole(), split.layout);
        let mut columns = Columns::empty();
        for file in self.tables(split) {
            let path = folder.join(&file.name);
            let table = Table::open(&path)?;
            let expected = layout.header(form, &file.fields);
            if table.first_line() != expected {
                let found = format!("{} others", table.first_line().len());
                let expected = format!("{} columns as they were written", expected.len());
                return Err(Broken::form(&path, expected, found).into());
            }
            let runs: Vec<Run> = file.fields.iter().map(|field| field.run(form)).collect();
            let values = table.read(true, &runs, &Pass::default())?;
            if values.rows != split.rows {
                let (expected, found) = (format!("{} rows", split.rows), values.rows.to_string());
                return Err(Broken::form(&path, expected, found).into());
            }
            if file.fields.contains(&Field::Truth) {
                let of_column = |column| values.truth.iter().skip(column).step_by(form.truth.len());
                let bytes =
                    |column| of_column(column).flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>();
                columns.truth =
                    (0..form.truth.len()).map(|column| Spool::Memory(bytes(column).into())).collect();
            }
            if file.fields.contains(&Field::Labels) {
                columns.y = Spool::Memory(match form.labels {
                    LabelKind::Class | LabelKind::MultiHot => values.labels.into(),
                    LabelKind::Soft => values.weights.into(),
                });
            }
            if file.fields.contains(&Field::Pixels) {
                columns.x = values.pixels.finish().map_err(Broken::io(&path))?;
            }
        }
        Ok(columns)
    }
}

impl Field {
    /// How it is read.
    fn run(self, layout: &Layout) -> Run {
        match (self, layout.labels) {
            (Self::Labels, LabelKind::Soft) => Run::Weights(layout.classes),
            (Self::Labels, LabelKind::Class | LabelKind::MultiHot) => Run::Labels(layout.labels_a_sample()),
            (Self::Pixels, _) => Run::Pixels(layout.shape.bytes()),
            (Self::Truth, _) => Run::Truth(layout.truth.len()),
        }
    }
}

/// Lines that are appended at a time.
const LINES: usize = 1 << 12;

/// `"0," .. "255,"`, each padded to four bytes, and the length of the text.
static TEXTS: LazyLock<[([u8; 4], u8); 256]> = LazyLock::new(|| {
    std::array::from_fn(|value| {
        let text = format!("{value},");
        let mut padded = [b' '; 4];
        padded[..text.len()].copy_from_slice(text.as_bytes());
        (padded, text.len() as u8)
    })
});

/// The columns of shards.
const SHARD: [Field; 3] = [Field::Labels, Field::Pixels, Field::Truth];

/// The columns' names: `label` or `label0`, `label1`, ..., then `pixel0`, `pixel1`, ..., then `truth_NAME` for each column of truth.
#[must_use]
pub fn header(layout: &Layout) -> Vec<String> {
    CsvLayout::Kaggle.header(layout, &SHARD)
}

/// Encodes a batch into `out`, whose content is replaced and whose memory is used again.
///
/// # Errors
/// If the header cannot be encoded; in memory that does not happen.
pub fn encode(batch: &Batch, layout: &Layout, out: &mut Vec<u8>) -> io::Result<()> {
    out.clear();
    let mut names = csv::WriterBuilder::new().from_writer(&mut *out);
    names.write_record(header(layout))?;
    names.flush()?;
    drop(names);
    append_rows(batch, layout, &SHARD, out);
    Ok(())
}

/// Appends a line for each sample of the batch, with these columns.
fn append_rows(batch: &Batch, layout: &Layout, fields: &[Field], out: &mut Vec<u8>) {
    let (labels, pixels, truth) = (layout.y(), layout.shape.bytes(), layout.truth.len());
    if fields.is_empty() {
        return;
    }
    out.reserve(batch.rows * (labels + pixels + 2 * truth) * 4);
    for row in 0..batch.rows {
        let y = &batch.y[row * labels..(row + 1) * labels];
        for field in fields {
            match (field, layout.labels) {
                (Field::Labels, LabelKind::Class | LabelKind::MultiHot) => append_bytes(out, y),
                (Field::Labels, LabelKind::Soft) => append_numbers(out, weights(y).map(weight_text)),
                (Field::Pixels, _) => append_bytes(out, &batch.x[row * pixels..(row + 1) * pixels]),
                (Field::Truth, _) => append_numbers(out, &batch.truth[row * truth..(row + 1) * truth]),
            }
        }
        if let Some(end) = out.last_mut() {
            *end = b'\n';
        }
    }
}

/// Appends numbers, each with a comma behind it.
fn append_numbers(out: &mut Vec<u8>, numbers: impl IntoIterator<Item = impl std::fmt::Display>) {
    for number in numbers {
        // Writing to memory does not fail.
        let _ = write!(out, "{number},");
    }
}

/// Appends bytes as numbers, each with a comma behind it. Each value is copied as four bytes, of which the next one overwrites what was
/// too much.
fn append_bytes(out: &mut Vec<u8>, values: &[u8]) {
    let start = out.len();
    out.resize(start + 4 * values.len(), 0);
    let line = &mut out[start..];
    let mut at = 0;
    let texts = &*TEXTS;
    for &value in values {
        let (text, length) = texts[usize::from(value)];
        line[at..at + 4].copy_from_slice(&text);
        at += usize::from(length);
    }
    out.truncate(start + at);
}

/// How a whole data set is laid out in CSV files. Lines end in `\n` and values are integers without quotes, as pandas writes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CsvLayout {
    /// A file of `label,pixel0,pixel1,...`, as in Kaggle's digit recognizer; that of the test split has no labels.
    Kaggle,
    /// A file of `label,pixel1,pixel2,...`, as Kaggle has Fashion-MNIST.
    KaggleFashion,
    /// A file of pixels and one of labels, each with the header `0,1,2,...`: what `DataFrame(array).to_csv(index=False)` writes.
    Pandas,
}

impl CsvLayout {
    /// All of them, by the names that they have on the command line.
    pub const NAMES: [(&'static str, Self); 3] =
        [("kaggle", Self::Kaggle), ("kaggle-fashion", Self::KaggleFashion), ("pandas", Self::Pandas)];

    /// Whether labels are in a file of their own.
    #[must_use]
    pub const fn splits_labels(self) -> bool {
        matches!(self, Self::Pandas)
    }

    /// The names of columns with these fields.
    fn header(self, layout: &Layout, fields: &[Field]) -> Vec<String> {
        let (several, pixels) = (layout.labels_a_sample(), layout.shape.bytes());
        let numbered = |name: &str, numbers: std::ops::Range<usize>| {
            numbers.map(|number| format!("{name}{number}")).collect::<Vec<_>>()
        };
        let names = |field: &Field| match (field, self) {
            (Field::Truth, _) => layout.truth.iter().map(|name| format!("{TRUTH}{name}")).collect(),
            (Field::Labels, Self::Pandas) => numbered("", 0..several),
            (Field::Labels, Self::Kaggle | Self::KaggleFashion) => match layout.labels {
                LabelKind::Class => vec!["label".to_owned()],
                LabelKind::MultiHot | LabelKind::Soft => numbered("label", 0..several),
            },
            (Field::Pixels, Self::Pandas) => numbered("", 0..pixels),
            (Field::Pixels, Self::Kaggle) => numbered("pixel", 0..pixels),
            (Field::Pixels, Self::KaggleFashion) => numbered("pixel", 1..pixels + 1),
        };
        fields.iter().flat_map(names).collect()
    }
}

/// Appends a line of names, none of which needs quotes.
fn append_names(names: &[String], out: &mut Vec<u8>) {
    out.extend_from_slice(names.join(",").as_bytes());
    out.push(b'\n');
}

/// Appends `bytes` as one gzip member at this level, 1 to 9, without a time. Members one after the other are a gzip file, whose
/// content is that of all of them.
///
/// # Errors
/// If the bytes cannot be packed; in memory that does not happen.
pub fn gzip_member(bytes: &[u8], level: u8, out: &mut Vec<u8>) -> io::Result<()> {
    // 255 is RFC 1952's unknown operating system, so that all systems write the same.
    let level = Compression::new(u32::from(level.clamp(1, 9)));
    let mut member = GzBuilder::new().mtime(0).operating_system(255).write(out, level);
    member.write_all(bytes)?;
    member.finish()?;
    Ok(())
}

/// Why a file is not the CSV file it should be.
#[derive(Debug, thiserror::Error)]
pub enum CsvError {
    /// The file cannot be read.
    #[error("{path}: cannot be read")]
    Io {
        /// The file.
        path: PathBuf,
        /// The operating system's reason.
        source: io::Error,
    },
    /// A line is not as it should be.
    #[error("{path}: line {line}: expected {expected}, found {found}")]
    Line {
        /// The file.
        path: PathBuf,
        /// Its number, from 1.
        line: u64,
        /// What should be there.
        expected: String,
        /// What is there.
        found: String,
    },
}

impl Explain for CsvError {
    fn kind(&self) -> Kind {
        match self {
            Self::Io { source, .. } => reading_kind(source),
            Self::Line { .. } => Kind::Data,
        }
    }
}

/// Reads a file that [`encode`] wrote.
///
/// # Errors
/// [`CsvError`] with the line that is not as the layout says.
fn decode(path: &Path, layout: &Layout, rows: u64, collect: &mut Collect) -> Result<(), CsvError> {
    let io = |source| CsvError::Io { path: path.into(), source };
    let bad =
        |line, expected: String, found: String| CsvError::Line { path: path.into(), line, expected, found };
    let file = std::fs::File::open(path).map_err(io)?;
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(file);
    let mut record = csv::ByteRecord::new();
    let read = |reader: &mut csv::Reader<_>, record: &mut _| {
        reader.read_byte_record(record).map_err(|error| match error.into_kind() {
            csv::ErrorKind::Io(source) => io(source),
            other => io(io::Error::new(io::ErrorKind::InvalidData, format!("{other:?}"))),
        })
    };
    let names = header(layout);
    let found = read(&mut reader, &mut record)?;
    if !found || record.len() != names.len() || record.iter().zip(&names).any(|(a, b)| a != b.as_bytes()) {
        return Err(bad(
            1,
            format!("the {} columns {}, {}, ...", names.len(), names[0], names[1]),
            format!("{} columns", record.len()),
        ));
    }
    let (several, pixels) = (layout.labels_a_sample(), layout.shape.bytes());
    let mut values = vec![0; several.max(pixels)];
    let mut label = Vec::with_capacity(layout.y());
    for row in 0..rows {
        let line = row + 2;
        if !read(&mut reader, &mut record)? {
            return Err(bad(line, format!("{rows} rows"), format!("{row} rows")));
        }
        if record.len() != names.len() {
            return Err(bad(line, format!("{} values", names.len()), record.len().to_string()));
        }
        let mut fields = record.iter();
        label.clear();
        match layout.labels {
            LabelKind::Class | LabelKind::MultiHot => {
                each(&mut fields, &mut values[..several], "integers from 0 to 255")
                    .map_err(|(expected, found)| bad(line, expected, found))?;
                label.extend(&values[..several]);
            }
            LabelKind::Soft => {
                for _ in 0..several {
                    let mut weight = [0.0_f32];
                    each(&mut fields, &mut weight, "weights of classes")
                        .map_err(|(expected, found)| bad(line, expected, found))?;
                    label.extend(weight[0].to_le_bytes());
                }
            }
        }
        collect.label(&label).map_err(io)?;
        each(&mut fields, &mut values[..pixels], "integers from 0 to 255")
            .map_err(|(expected, found)| bad(line, expected, found))?;
        if collect.wants_pixels() {
            collect.pixels(&values[..pixels]).map_err(io)?;
        }
        for column in 0..layout.truth.len() {
            let mut value = [0_i64];
            each(&mut fields, &mut value, "whole numbers as truth")
                .map_err(|(expected, found)| bad(line, expected, found))?;
            collect.truth(column, value[0]).map_err(io)?;
        }
    }
    if read(&mut reader, &mut record)? {
        return Err(bad(rows + 2, format!("{rows} rows"), "more".into()));
    }
    Ok(())
}

/// Reads the next fields of a line, one for each value; of one that cannot be read what was expected and what is there.
fn each<'a, T: std::str::FromStr>(
    fields: &mut impl Iterator<Item = &'a [u8]>,
    values: &mut [T],
    expected: &str,
) -> Result<(), (String, String)> {
    for (value, text) in values.iter_mut().zip(fields) {
        *value = std::str::from_utf8(text)
            .ok()
            .and_then(|text| text.parse().ok())
            .ok_or_else(|| (expected.to_owned(), format!("{:?}", String::from_utf8_lossy(text))))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
