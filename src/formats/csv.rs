//! `csv`: one row a sample, pixels in H, W, C order. Without `--layout` in shards, label first; with it, a file or two for each split.
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
use crate::base::{Explain, Fault, Kind, LabelKind, Pass};

use super::arrays::{Arrays, Constants};
use super::codec::table::{Columns as Run, Table};
use super::columns::Broken;
use super::ways::{Beside, Member, Part, ShardIn, Sharded, SplitOf, Whole, WholeFile};
use super::{
    About, Batch, Columns, Describe, Facts, Layout, Objects, Opt, Options, Pieces, Spool, SpoolWriter, Unfit,
    Want, Way,
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

    fn memory(&self) -> usize {
        // Up to four bytes for one.
        5
    }

    fn encode<'a>(&self, shard: ShardIn<'a>, room: &'a mut Vec<u8>) -> io::Result<Pieces<'a>> {
        encode(shard.batch, shard.layout, room)?;
        Ok(vec![Cow::Borrowed(&room[..])])
    }

    fn decode(&self, path: &Path, layout: &Layout, rows: u64, want: Want) -> Result<Columns, Fault> {
        let (mut labels, mut pixels) = (SpoolWriter::default(), SpoolWriter::default());
        match want {
            Want::All => decode(path, layout, rows, &mut labels, &mut pixels)?,
            Want::Labels => decode(path, layout, rows, &mut labels, &mut io::sink())?,
        }
        let broken = Broken::io(path);
        Ok(Columns {
            x: pixels.finish().map_err(&broken)?,
            y: labels.finish().map_err(&broken)?,
            objects: None,
        })
    }
}

/// The split that is blind.
const BLIND: &str = "test";

impl Csv {
    /// The layout of files of whole splits.
    fn whole(self) -> CsvLayout {
        self.layout.unwrap_or(CsvLayout::Kaggle)
    }

    /// Whether pixels of a split stand without their labels because that is what the split is for.
    fn is_blind(self, split: &str) -> bool {
        self.blind && split == BLIND
    }

    /// Whether labels of a split lie in a file of their own.
    fn labels_apart(self, split: &str) -> bool {
        self.whole().splits_labels() || self.is_blind(split)
    }

    /// Names of the files of a split, with pixels and with labels alone, if there is such a file.
    fn names(self, split: &str) -> (String, Option<String>) {
        let gz = if self.packed.is_some() { ".gz" } else { "" };
        if self.whole().splits_labels() {
            (format!("X_{split}.csv{gz}"), Some(format!("y_{split}.csv{gz}")))
        } else if self.is_blind(split) {
            (format!("{split}.csv{gz}"), Some(format!("{}{split}-labels.csv{gz}", Objects::FOLDER)))
        } else {
            (format!("{split}.csv{gz}"), None)
        }
    }
}

impl Whole for Csv {
    fn files(&self, splits: &[SplitOf<'_>]) -> Vec<WholeFile> {
        let layout = self.whole();
        let file = |name, split, part, head| WholeFile {
            name,
            zip: false,
            head: Vec::new(),
            // How long a text becomes is not known before.
            members: vec![Member { entry: String::new(), head, split, part, bytes: 0 }],
        };
        let mut files = Vec::new();
        for (number, split) in splits.iter().enumerate() {
            let (x, y) = self.names(split.name);
            let mut head = Vec::new();
            layout.header_x(split.layout, !self.labels_apart(split.name), &mut head);
            files.push(file(x, number, Part::X, head));
            if let Some(y) = y {
                let mut head = Vec::new();
                layout.header_y(split.layout, &mut head);
                files.push(file(y, number, Part::Y, head));
            }
        }
        files
    }

    fn compression(&self) -> Option<u8> {
        self.packed
    }

    fn x<'a>(&self, batch: &'a Batch, split: &SplitOf<'_>, _: &Constants, room: &'a mut Vec<u8>) -> &'a [u8] {
        room.clear();
        append_rows_x(batch, split.layout, !self.labels_apart(split.name), room);
        room
    }

    fn append_y(&self, batch: &Batch, split: &SplitOf<'_>, out: &mut Vec<u8>) {
        if self.labels_apart(split.name) {
            append_rows_y(batch, split.layout, out);
        }
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
        let read = |name: &str, header: &[u8], runs: &[Run]| {
            let path = folder.join(name);
            let table = Table::open(&path)?;
            let expected = String::from_utf8_lossy(header);
            if table.first_line() != expected.trim_end().split(',').collect::<Vec<_>>() {
                let found = format!("{} others", table.first_line().len());
                let expected = format!("{} columns as they were written", expected.split(',').count());
                return Err(Broken::form(&path, expected, found).into());
            }
            let values = table.read(true, runs, &Pass::default())?;
            if values.rows != split.rows {
                let (expected, found) = (format!("{} rows", split.rows), values.rows.to_string());
                return Err(Broken::form(&path, expected, found).into());
            }
            Ok::<_, Fault>((path, values))
        };
        let (x, y) = self.names(split.name);
        let (pixels, labels) = (Run::Pixels(form.shape.bytes()), Run::Labels(form.y()));
        let mut header = Vec::new();
        layout.header_x(form, y.is_none(), &mut header);
        let runs = if y.is_some() { vec![pixels] } else { vec![labels, pixels] };
        let (path, mut values) = read(&x, &header, &runs)?;
        if let Some(y) = y {
            let mut header = Vec::new();
            layout.header_y(form, &mut header);
            values.labels = read(&y, &header, &[labels])?.1.labels;
        }
        let x = values.pixels.finish().map_err(Broken::io(&path))?;
        Ok(Columns { x, y: Spool::Memory(values.labels.into()), objects: None })
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

/// The columns' names: `label` or `label0`, `label1`, ..., then `pixel0`, `pixel1`, ...
#[must_use]
pub fn header(layout: &Layout) -> Vec<String> {
    let labels = match layout.labels {
        LabelKind::Class => vec!["label".to_owned()],
        LabelKind::MultiHot => (0..layout.classes).map(|class| format!("label{class}")).collect(),
    };
    labels.into_iter().chain((0..layout.shape.bytes()).map(|i| format!("pixel{i}"))).collect()
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
    let (labels, pixels) = (layout.y(), layout.shape.bytes());
    out.reserve(batch.rows * (labels + pixels) * 4);
    for row in 0..batch.rows {
        append_row(
            out,
            &batch.y[row * labels..(row + 1) * labels],
            &batch.x[row * pixels..(row + 1) * pixels],
        );
    }
    Ok(())
}

/// Appends one line. Each value is copied as four bytes, of which the next one overwrites what was too much.
fn append_row(out: &mut Vec<u8>, labels: &[u8], pixels: &[u8]) {
    let start = out.len();
    out.resize(start + 4 * (labels.len() + pixels.len()), 0);
    let line = &mut out[start..];
    let mut at = 0;
    let texts = &*TEXTS;
    for &value in labels.iter().chain(pixels) {
        let (text, length) = texts[usize::from(value)];
        line[at..at + 4].copy_from_slice(&text);
        at += usize::from(length);
    }
    line[at - 1] = b'\n';
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

    /// Appends the header of the file with the pixels, and with the labels or without.
    pub fn header_x(self, layout: &Layout, with_labels: bool, out: &mut Vec<u8>) {
        let pixels = layout.shape.bytes();
        let names: Vec<String> = match self {
            Self::Kaggle if with_labels => header(layout),
            Self::Kaggle => header(layout).split_off(layout.y()),
            Self::KaggleFashion => {
                let mut names = header(layout);
                names.truncate(layout.y());
                names.extend((1..=pixels).map(|i| format!("pixel{i}")));
                names
            }
            Self::Pandas => (0..pixels).map(|i| i.to_string()).collect(),
        };
        append_names(&names, out);
    }

    /// Appends the header of the file with the labels alone: one column, or one for each class.
    pub fn header_y(self, layout: &Layout, out: &mut Vec<u8>) {
        let names: Vec<String> = match self {
            Self::Kaggle | Self::KaggleFashion => header(layout)[..layout.y()].to_vec(),
            Self::Pandas => (0..layout.y()).map(|i| i.to_string()).collect(),
        };
        append_names(&names, out);
    }
}

/// Appends the rows of the batch to the file with the pixels, labels first where they are in the same file.
fn append_rows_x(batch: &Batch, layout: &Layout, with_labels: bool, out: &mut Vec<u8>) {
    let pixels = layout.shape.bytes();
    out.reserve(batch.rows * (layout.y() + pixels) * 4);
    let labels = batch.y.chunks_exact(layout.y()).take(batch.rows);
    for (labels, pixels) in labels.zip(batch.x.chunks_exact(pixels)) {
        append_row(out, if with_labels { labels } else { &[] }, pixels);
    }
}

/// Appends the labels of the batch to the file with the labels.
fn append_rows_y(batch: &Batch, layout: &Layout, out: &mut Vec<u8>) {
    out.reserve(batch.rows * layout.y() * 4);
    batch.y.chunks_exact(layout.y()).take(batch.rows).for_each(|labels| append_row(out, labels, &[]));
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

/// Reads a file that [`encode`] wrote: the labels and the pixels of all rows, to `labels` and `pixels`.
///
/// # Errors
/// [`CsvError`] with the line that is not as the layout says.
pub fn decode(
    path: &Path,
    layout: &Layout,
    rows: u64,
    labels: &mut impl Write,
    pixels: &mut impl Write,
) -> Result<(), CsvError> {
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
    let mut values = vec![0; names.len()];
    for row in 0..rows {
        let line = row + 2;
        if !read(&mut reader, &mut record)? {
            return Err(bad(line, format!("{rows} rows"), format!("{row} rows")));
        }
        if record.len() != names.len() {
            return Err(bad(line, format!("{} values", names.len()), record.len().to_string()));
        }
        for (value, text) in values.iter_mut().zip(&record) {
            *value = std::str::from_utf8(text).ok().and_then(|text| text.parse().ok()).ok_or_else(|| {
                bad(line, "integers from 0 to 255".into(), format!("{:?}", String::from_utf8_lossy(text)))
            })?;
        }
        labels.write_all(&values[..layout.y()]).map_err(io)?;
        pixels.write_all(&values[layout.y()..]).map_err(io)?;
    }
    if read(&mut reader, &mut record)? {
        return Err(bad(rows + 2, format!("{rows} rows"), "more".into()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::base::Shape;

    fn batch(labels: LabelKind) -> (Batch, Layout) {
        let layout = Layout {
            shape: Shape::gray(16, 16),
            labels,
            classes: 3,
            grid: None,
            frames: None,
            truth: Arc::default(),
        };
        let mut batch = Batch::default();
        batch.reset(&layout, 2);
        batch.x.iter_mut().enumerate().for_each(|(i, v)| *v = (i * 7) as u8);
        batch.y.iter_mut().enumerate().for_each(|(i, v)| *v = (i % 2) as u8);
        (batch, layout)
    }

    #[test]
    fn rows_are_what_the_csv_crate_would_write() {
        for labels in [LabelKind::Class, LabelKind::MultiHot] {
            let (batch, layout) = batch(labels);
            let mut ours = b"old".to_vec();
            encode(&batch, &layout, &mut ours).unwrap();
            let mut theirs = csv::Writer::from_writer(Vec::new());
            theirs.write_record(header(&layout)).unwrap();
            for (y, x) in batch.y.chunks(layout.y()).zip(batch.x.chunks(256)) {
                theirs.write_record(y.iter().chain(x).map(u8::to_string)).unwrap();
            }
            assert_eq!(
                String::from_utf8(ours).unwrap(),
                String::from_utf8(theirs.into_inner().unwrap()).unwrap()
            );
        }
    }

    #[test]
    fn layouts_are_those_of_pandas_and_kaggle() {
        let text = |layout: CsvLayout, kind| {
            let (batch, mut form) = batch(kind);
            form.shape = Shape::gray(1, 2);
            let (mut x, mut y) = (Vec::new(), Vec::new());
            let apart = layout.splits_labels();
            layout.header_x(&form, !apart, &mut x);
            append_rows_x(&batch, &form, !apart, &mut x);
            layout.header_y(&form, &mut y);
            append_rows_y(&batch, &form, &mut y);
            [x, y].map(|bytes| String::from_utf8(bytes).unwrap())
        };
        let class = LabelKind::Class;
        assert_eq!(text(CsvLayout::Pandas, class), ["0,1\n0,7\n14,21\n", "0\n0\n1\n"]);
        assert_eq!(text(CsvLayout::Kaggle, class)[0], "label,pixel0,pixel1\n0,0,7\n1,14,21\n");
        assert_eq!(text(CsvLayout::KaggleFashion, class)[0], "label,pixel1,pixel2\n0,0,7\n1,14,21\n");
        let several = LabelKind::MultiHot;
        assert_eq!(text(CsvLayout::Pandas, several)[1], "0,1,2\n0,1,0\n1,0,1\n");
        assert_eq!(
            text(CsvLayout::Kaggle, several)[0].lines().next(),
            Some("label0,label1,label2,pixel0,pixel1")
        );
        assert!(
            text(CsvLayout::KaggleFashion, several)[0]
                .starts_with("label0,label1,label2,pixel1,pixel2\n0,1,0,0,7\n")
        );
    }

    #[test]
    fn gzip_members_follow_each_other() {
        use std::io::Read;
        let mut packed = Vec::new();
        gzip_member(b"0,1\n", 1, &mut packed).unwrap();
        let first = packed.len();
        gzip_member(b"2,3\n", 6, &mut packed).unwrap();
        for head in [&packed[..], &packed[first..]] {
            assert_eq!(head[..4], [0x1f, 0x8b, 8, 0]);
            assert_eq!((&head[4..8], head[9]), (&[0; 4][..], 255));
        }
        let mut text = String::new();
        flate2::read::MultiGzDecoder::new(&packed[..]).read_to_string(&mut text).unwrap();
        assert_eq!(text, "0,1\n2,3\n");
    }

    #[test]
    fn what_is_written_is_read() {
        let (batch, layout) = batch(LabelKind::MultiHot);
        let mut bytes = Vec::new();
        encode(&batch, &layout, &mut bytes).unwrap();
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(&bytes).unwrap();
        let (mut y, mut x) = (Vec::new(), Vec::new());
        decode(file.path(), &layout, 2, &mut y, &mut x).unwrap();
        assert_eq!((y, x), (batch.y, batch.x));
    }

    #[test]
    fn damage_is_named_by_its_line() {
        let (batch, layout) = batch(LabelKind::Class);
        let mut bytes = Vec::new();
        encode(&batch, &layout, &mut bytes).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        let last = text.trim_end();
        for (text, part) in [
            (last.rsplit_once(',').unwrap().0.to_owned(), "line 3: expected 257 values, found 256"),
            (format!("{last}0\n"), "line 3: expected integers from 0 to 255"),
            (format!("{last}\n{}", last.lines().next_back().unwrap()), "line 4: expected 2 rows, found more"),
            (text.lines().take(2).collect::<Vec<_>>().join("\n"), "line 3: expected 2 rows, found 1"),
            (text.replacen("label", "target", 1), "line 1: expected the 257 columns label, pixel0"),
        ] {
            let mut file = tempfile::NamedTempFile::new().unwrap();
            file.write_all(text.as_bytes()).unwrap();
            let error = decode(file.path(), &layout, 2, &mut Vec::new(), &mut Vec::new()).unwrap_err();
            assert!(error.to_string().contains(part), "{error} does not say {part:?}");
        }
    }
}
