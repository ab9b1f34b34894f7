//! Samples as the arrays of a whole split: what `x` and `y` look like in the formats that hold arrays of any type, and how these are
//! read back. A split is encoded block by block; the blocks follow each other in the file.

use std::io::Write;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::base::sample::frame;
use crate::base::{Fault, LabelKind, Shape};

use super::columns::{Broken, Columns, TRUTH};
use super::options::{Opt, Options, Unfit};
use super::scale::{EPSILON, Moment};
use super::ways::{Part, SplitOf};
use super::{Batch, Layout, Spool, SpoolWriter};

pub use super::scale::{Constants, Dtype, Moments, Scale};

/// How arrays are called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Keys {
    /// `x_train`, `y_train`, `x_test`, ... as in `keras.datasets`.
    Keras,
    /// `train_x`, `train_y`, `test_x`, ...
    SplitFirst,
    /// `train_images`, `train_labels`, `test_images`, ... as in MNIST-C.
    Images,
}

impl Keys {
    /// All of them, by the names that they have on the command line.
    pub const NAMES: [(&'static str, Self); 3] =
        [("keras", Self::Keras), ("split-first", Self::SplitFirst), ("images", Self::Images)];

    /// Names of the arrays of a split: images and labels.
    #[must_use]
    pub fn of(self, split: &str) -> [String; 2] {
        [("x", "images"), ("y", "labels")].map(|(array, word)| match self {
            Self::Keras => format!("{array}_{split}"),
            Self::SplitFirst => format!("{split}_{array}"),
            Self::Images => format!("{split}_{word}"),
        })
    }

    /// Name of the array of a split with a column of truth.
    #[must_use]
    pub fn truth(self, split: &str, column: &str) -> String {
        match self {
            Self::Keras => format!("{TRUTH}{column}_{split}"),
            Self::SplitFirst | Self::Images => format!("{split}_{TRUTH}{column}"),
        }
    }
}

/// One of the arrays of a split.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Array {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub part: Part,
    /// Its type.
    pub of: Of,
    /// Its axes, samples first.
    pub axes: Vec<usize>,
}

/// Type of the values of an array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// Pixels or labels.
    Values(Dtype),
    /// Truth: 64-bit integers.
    Integers,
}

impl Array {
    /// The type as NumPy spells it.
    #[must_use]
    pub fn descr(&self) -> &'static str {
        match self.of {
            Of::Values(dtype) => dtype.descr(),
            Of::Integers => "<i8",
        }
    }

    /// The type as safetensors spells it.
    #[must_use]
    pub fn tensor(&self) -> &'static str {
        match self.of {
            Of::Values(dtype) => dtype.tensor(),
            Of::Integers => "I64",
        }
    }

    /// Bytes of a value.
    #[must_use]
    pub fn size(&self) -> u64 {
        match self.of {
            Of::Values(dtype) => dtype.size() as u64,
            Of::Integers => 8,
        }
    }

    /// Bytes of all values.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.axes.iter().fold(self.size(), |bytes, &n| bytes.saturating_mul(n as u64))
    }

    /// Its axes as files have them.
    #[must_use]
    pub fn sides(&self) -> Vec<u64> {
        self.axes.iter().map(|&n| n as u64).collect()
    }
}

/// What the arrays of a split look like.
#[expect(clippy::struct_excessive_bools, reason = "they are switches of the command line, each by itself")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arrays {
    /// Level that files are compressed at; none: as they are.
    pub packed: Option<u8>,
    /// Type of `x`, and of one-hot `y`.
    pub dtype: Dtype,
    /// How floats are made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scale: Option<Scale>,
    /// `y` as rows of 0 and 1.
    #[serde(default)]
    pub one_hot: bool,
    /// `x` as (N, H*W*C).
    #[serde(default)]
    pub flatten: bool,
    /// Gray `x` as (N, H, W, 1).
    #[serde(default)]
    pub add_channel: bool,
    /// `x` as (N, C, H, W).
    #[serde(default)]
    pub channels_first: bool,
    /// Names of the arrays.
    pub keys: Keys,
}

impl Arrays {
    /// Images (N, H, W) or (N, H, W, C) of u8, class ids or flags, as Keras names them.
    pub const PLAIN: Self = Self {
        packed: None,
        dtype: Dtype::U8,
        scale: None,
        one_hot: false,
        flatten: false,
        add_channel: false,
        channels_first: false,
        keys: Keys::Keras,
    };

    /// The options that arrays of any type take.
    pub const TAKES: &'static [Opt] =
        &[Opt::Dtype, Opt::Scale, Opt::OneHot, Opt::Flatten, Opt::AddChannel, Opt::ChannelsFirst, Opt::Keys];

    /// Arrays as the options say, in files of this format.
    ///
    /// # Errors
    /// Options that make no sense together.
    pub fn of(format: &'static str, options: &Options, packed: Option<u8>) -> Result<Self, Unfit> {
        let no = |why: &str, help: &str| Err(Unfit::new(format, why, help));
        let dtype = options.dtype.unwrap_or(Dtype::U8);
        if options.scale.is_some() && dtype == Dtype::U8 {
            return no("--scale makes floats, and --dtype u8 has none", "add --dtype f32");
        }
        if options.flatten && (options.add_channel || options.channels_first) {
            return no(
                "--flatten leaves no channels to place",
                "leave out --flatten, or --add-channel and --channels-first",
            );
        }
        Ok(Self {
            packed,
            dtype,
            scale: options.scale,
            one_hot: options.one_hot,
            flatten: options.flatten,
            add_channel: options.add_channel,
            channels_first: options.channels_first,
            keys: options.keys.unwrap_or(Keys::Keras),
        })
    }

    /// How manifests say it, for files of this kind.
    ///
    /// # Panics
    /// Never: the fields are plain data.
    #[must_use]
    pub fn to_manifest(self, container: Value) -> Value {
        let mut said = serde_json::to_value(self).expect("plain data");
        said["container"] = container;
        json!({ "arrays": said })
    }

    /// What [`to_manifest`](Self::to_manifest) said, and of which kind of file.
    #[must_use]
    pub fn of_manifest(said: &Value) -> Option<(Self, &Value)> {
        let said = said.get("arrays")?;
        Some((Self::deserialize(said).ok()?, said.get("container")?))
    }

    /// Whether samples are written as they lie in memory.
    fn is_plain(&self, shape: Shape) -> bool {
        self.dtype == Dtype::U8 && (!self.channels_first || shape.channels() == 1)
    }

    /// Axes of `x` after the first; those of frames come before all others.
    #[must_use]
    pub fn x_axes(&self, layout: &Layout) -> Vec<usize> {
        let Shape { height, width, kind } = frame(layout.shape, layout.frames);
        let channels = kind.count();
        let axes = if self.flatten {
            return vec![layout.shape.bytes()];
        } else if channels == 1 && !self.add_channel && !self.channels_first {
            vec![height, width]
        } else if self.channels_first {
            vec![channels, height, width]
        } else {
            vec![height, width, channels]
        };
        layout.frames.into_iter().chain(axes).collect()
    }

    /// Axes of `y` after the first.
    #[must_use]
    pub fn y_axes(&self, layout: &Layout) -> Vec<usize> {
        match layout.labels {
            LabelKind::Class if !self.one_hot => vec![],
            LabelKind::Class | LabelKind::MultiHot | LabelKind::Soft => vec![layout.classes],
        }
    }

    /// Type of `y`: class ids are bytes, rows of 0 and 1 what `x` is when one-hot rows were asked for, weights 32-bit floats.
    #[must_use]
    pub fn y_dtype(&self, labels: LabelKind) -> Dtype {
        match labels {
            LabelKind::Soft => Dtype::F32,
            LabelKind::Class | LabelKind::MultiHot if self.one_hot => self.dtype,
            LabelKind::Class | LabelKind::MultiHot => Dtype::U8,
        }
    }

    /// The bytes of `x` of a batch; `room` is used where they are not those of the batch.
    #[must_use]
    pub fn x<'a>(
        &self,
        batch: &'a Batch,
        layout: &Layout,
        constants: &Constants,
        room: &'a mut Vec<u8>,
    ) -> &'a [u8] {
        if self.is_plain(layout.shape) {
            return &batch.x;
        }
        room.clear();
        room.reserve(batch.x.len() * self.dtype.size());
        let tables: Vec<[f64; 256]> = (0..layout.shape.channels())
            .map(|c| std::array::from_fn(|v| (v as f64 - constants.subtract[c]) / constants.divide[c]))
            .collect();
        for image in batch.x.chunks_exact(layout.shape.bytes()) {
            if self.scale == Some(Scale::Samplewise) {
                let mut moment = Moment::default();
                for &value in image {
                    moment.take(value);
                }
                let (mean, divide) = (moment.mean(), moment.deviation() + EPSILON);
                let table = std::array::from_fn(|v| (v as f64 - mean) / divide);
                self.append_image(image, layout, &vec![table; layout.shape.channels()], room);
            } else {
                self.append_image(image, layout, &tables, room);
            }
        }
        room
    }

    fn append_image(&self, image: &[u8], layout: &Layout, tables: &[[f64; 256]], out: &mut Vec<u8>) {
        let channels = layout.shape.channels();
        if self.channels_first && channels > 1 {
            for frame in image.chunks_exact(frame(layout.shape, layout.frames).bytes()) {
                for (c, table) in tables.iter().enumerate() {
                    for &value in frame[c..].iter().step_by(channels) {
                        self.dtype.append(table[usize::from(value)], out);
                    }
                }
            }
            return;
        }
        for pixel in image.chunks_exact(channels) {
            for (&value, table) in pixel.iter().zip(tables) {
                self.dtype.append(table[usize::from(value)], out);
            }
        }
    }

    /// Appends the bytes of `y` of a batch to `out`.
    pub fn append_y(&self, batch: &Batch, layout: &Layout, out: &mut Vec<u8>) {
        let dtype = self.y_dtype(layout.labels);
        match layout.labels {
            LabelKind::Soft => out.extend(&batch.y),
            LabelKind::Class if self.one_hot => {
                for &class in &batch.y {
                    for k in 0..layout.classes {
                        dtype.append(f64::from(u8::from(k == usize::from(class))), out);
                    }
                }
            }
            LabelKind::Class | LabelKind::MultiHot if dtype == Dtype::U8 => out.extend(&batch.y),
            LabelKind::Class | LabelKind::MultiHot => {
                batch.y.iter().for_each(|&flag| dtype.append(f64::from(flag), out));
            }
        }
    }

    /// The arrays of a split: images, labels, and a column of truth each.
    #[must_use]
    pub fn arrays(&self, split: &SplitOf<'_>) -> Vec<Array> {
        let layout = split.layout;
        let axes = |rest: Vec<usize>| std::iter::once(split.rows as usize).chain(rest).collect();
        let [x, y] = self.keys.of(split.name);
        let dtype = self.y_dtype(layout.labels);
        let mut arrays = vec![
            Array { name: x, part: Part::X, of: Of::Values(self.dtype), axes: axes(self.x_axes(layout)) },
            Array { name: y, part: Part::Y, of: Of::Values(dtype), axes: axes(self.y_axes(layout)) },
        ];
        arrays.extend(layout.truth.iter().enumerate().map(|(column, name)| Array {
            name: self.keys.truth(split.name, name),
            part: Part::Truth(column),
            of: Of::Integers,
            axes: axes(vec![]),
        }));
        arrays
    }

    /// The samples of a split whose [`arrays`](Self::arrays) `open` gives as they lie in files; `path` is what errors name.
    ///
    /// # Errors
    /// Those of `open`; if bytes cannot be read, or values are none that this form gives.
    pub fn columns(
        &self,
        path: &Path,
        split: &SplitOf<'_>,
        constants: Option<&Constants>,
        mut open: impl FnMut(&Array) -> Result<Spool, Fault>,
    ) -> Result<Columns, Fault> {
        let (layout, rows) = (split.layout, split.rows);
        let mut columns =
            Columns { x: Columns::nothing(), y: Columns::nothing(), truth: Vec::new(), objects: None };
        for array in self.arrays(split) {
            let values = open(&array)?;
            match array.part {
                Part::X => columns.x = self.pixels(path, values, layout, rows, constants)?,
                Part::Y => columns.y = self.labels(path, values, layout, rows)?,
                Part::Truth(_) => columns.truth.push(values),
            }
        }
        Ok(columns)
    }

    fn pixels(
        &self,
        path: &Path,
        x: Spool,
        layout: &Layout,
        rows: u64,
        constants: Option<&Constants>,
    ) -> Result<Spool, Fault> {
        let shape = layout.shape;
        if self.is_plain(shape) {
            return Ok(x);
        }
        let channels = shape.channels();
        let constants = match (self.scale, constants) {
            (Some(Scale::Samplewise), _) => return Err(Broken::Scaled { path: path.into() }.into()),
            (Some(Scale::Unit) | None, _) => Moments::default().constants(self.scale, channels),
            (Some(_), Some(constants)) if constants.fit(channels) => constants.clone(),
            (Some(_), _) => {
                return Err(Broken::form(path, "the constants of its scaling", "none in the manifest").into());
            }
        };
        let planes = self.channels_first && channels > 1;
        let (pixels, size) = (frame(shape, layout.frames).pixels(), self.dtype.size());
        let mut from = vec![0; shape.bytes() * size];
        let mut image = vec![0; shape.bytes()];
        let mut out = SpoolWriter::default();
        for row in 0..rows {
            x.read_at(row * from.len() as u64, &mut from).map_err(Broken::io(path))?;
            for (at, value) in from.chunks_exact(size).enumerate() {
                let (pixel, channel) = if planes {
                    (at / (pixels * channels) * pixels + at % pixels, at / pixels % channels)
                } else {
                    (at / channels, at % channels)
                };
                let value = self.dtype.value(value) * constants.divide[channel] + constants.subtract[channel];
                let byte = value.round();
                // Of 32-bit floats the last digits are lost, which is far less than this.
                if !(0.0..=255.0).contains(&byte) || (value - byte).abs() > 0.01 {
                    return Err(Broken::form(path, "scaled pixels", format!("{value} in image {row}")).into());
                }
                image[pixel * channels + channel] = byte as u8;
            }
            out.write_all(&image).map_err(Broken::io(path))?;
        }
        Ok(out.finish().map_err(Broken::io(path))?)
    }

    fn labels(&self, path: &Path, y: Spool, layout: &Layout, rows: u64) -> Result<Spool, Fault> {
        let dtype = self.y_dtype(layout.labels);
        if layout.labels == LabelKind::Soft || (!self.one_hot && dtype == Dtype::U8) {
            return Ok(y);
        }
        let classes = layout.classes;
        let mut from = vec![0; classes * dtype.size()];
        let mut out = SpoolWriter::default();
        for row in 0..rows {
            y.read_at(row * from.len() as u64, &mut from).map_err(Broken::io(path))?;
            let flags: Vec<u8> =
                from.chunks_exact(dtype.size()).map(|v| u8::from(dtype.value(v) != 0.0)).collect();
            let written = match layout.labels {
                LabelKind::MultiHot | LabelKind::Soft => out.write_all(&flags),
                LabelKind::Class => {
                    match (flags.iter().sum::<u8>(), flags.iter().position(|&flag| flag == 1)) {
                        (1, Some(class)) => out.write_all(&[class as u8]),
                        (found, _) => {
                            let found = format!("{found} in row {row}");
                            return Err(Broken::form(path, "one class in each row of labels", found).into());
                        }
                    }
                }
            };
            written.map_err(Broken::io(path))?;
        }
        Ok(out.finish().map_err(Broken::io(path))?)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    /// Two images of 1x2x3 and the classes 2 and 0.
    fn batch() -> (Batch, Layout) {
        let layout = Layout {
            shape: Shape::rgb(1, 2),
            labels: LabelKind::Class,
            classes: 3,
            grid: None,
            frames: None,
            masks: false,
            truth: Arc::default(),
        };
        let mut batch = Batch::default();
        batch.reset(&layout, 2);
        batch.x = vec![0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 255];
        batch.y = vec![2, 0];
        (batch, layout)
    }

    fn floats(bytes: &[u8]) -> Vec<f32> {
        bytes.as_chunks::<4>().0.iter().map(|four| f32::from_le_bytes(*four)).collect()
    }

    #[test]
    fn axes_follow_the_options() {
        let color = Shape::rgb(2, 5);
        let gray = Shape::gray(2, 5);
        let of = |change: fn(&mut Arrays), shape| {
            let mut arrays = Arrays::PLAIN;
            change(&mut arrays);
            arrays.x_axes(&Layout { shape, ..batch().1 })
        };
        assert_eq!(of(|_| {}, gray), [2, 5]);
        assert_eq!(of(|_| {}, color), [2, 5, 3]);
        assert_eq!(of(|a| a.add_channel = true, gray), [2, 5, 1]);
        assert_eq!(of(|a| a.channels_first = true, color), [3, 2, 5]);
        assert_eq!(of(|a| a.channels_first = true, gray), [1, 2, 5]);
        assert_eq!(of(|a| (a.channels_first, a.add_channel) = (true, true), gray), [1, 2, 5]);
        assert_eq!(of(|a| a.flatten = true, color), [30]);
    }

    #[test]
    fn frames_stand_in_front_of_rows() {
        let (batch, layout) = batch();
        // Two frames of 1x1x3 in each image.
        let layout = Layout { shape: Shape::rgb(2, 1), frames: Some(2), ..layout };
        let arrays = Arrays { channels_first: true, ..Arrays::PLAIN };
        assert_eq!(arrays.x_axes(&layout), [2, 3, 1, 1]);
        assert_eq!(Arrays::PLAIN.x_axes(&layout), [2, 1, 1, 3]);
        assert_eq!(layout.x_axes(), [2, 1, 1, 3]);
        let (constants, mut room) = (Moments::default().constants(None, 3), Vec::new());
        let x = arrays.x(&batch, &layout, &constants, &mut room).to_vec();
        // Of one pixel each, planes are what pixels are.
        assert_eq!(x, batch.x);
        let layout = Layout { shape: Shape::rgb(2, 2), frames: Some(2), ..layout };
        let x = arrays.x(&batch, &layout, &constants, &mut room).to_vec();
        assert_eq!(x, [0, 30, 10, 40, 20, 50, 60, 90, 70, 100, 80, 255]);
        let split = SplitOf { name: "train", rows: 1, layout: &layout };
        let columns = arrays.columns(Path::new("x"), &split, None, |array| {
            Ok(Spool::Memory(if array.part == Part::X { x.clone() } else { vec![2] }.into()))
        });
        let columns = columns.unwrap();
        let mut back = vec![0; 12];
        columns.x.read_at(0, &mut back).unwrap();
        assert_eq!(back, batch.x);
    }

    #[test]
    fn channels_first_puts_planes_one_after_the_other() {
        let (batch, layout) = batch();
        let arrays = Arrays { channels_first: true, ..Arrays::PLAIN };
        let constants = Moments::default().constants(None, 3);
        let mut room = Vec::new();
        let x = arrays.x(&batch, &layout, &constants, &mut room);
        assert_eq!(x, [0, 30, 10, 40, 20, 50, 60, 90, 70, 100, 80, 255]);
    }

    #[test]
    fn scales_are_what_numpy_computes() {
        let (batch, layout) = batch();
        let mut moments = Moments::default();
        moments.take(&batch.x[..6], 3);
        let mut rest = Moments::default();
        rest.take(&batch.x[6..], 3);
        moments.add(&rest);
        let scaled = |scale| {
            let arrays = Arrays { dtype: Dtype::F32, scale, ..Arrays::PLAIN };
            let constants = moments.constants(scale, 3);
            let mut room = Vec::new();
            floats(arrays.x(&batch, &layout, &constants, &mut room))
        };
        let of = |f: fn(f64) -> f64| batch.x.iter().map(|&v| f(f64::from(v)) as f32).collect::<Vec<_>>();
        assert_eq!(scaled(None), of(|v| v));
        assert_eq!(scaled(Some(Scale::Unit)), of(|v| v / 255.0));
        assert_eq!(scaled(Some(Scale::Minmax)), of(|v| v / 255.0));
        // numpy: x.reshape(-1, 3).mean(0) == [45, 55, 101.25], .std(0) == [33.54102, 33.54102, 91.16...]
        let constants = moments.constants(Some(Scale::Standardize), 3);
        assert_eq!(constants.subtract, [45.0, 55.0, 101.25]);
        let variance =
            [20.0_f64, 50.0, 80.0, 255.0].map(|v| (v - 101.25) * (v - 101.25)).iter().sum::<f64>() / 4.0;
        assert!((constants.divide[2] - variance.sqrt() - 1e-6).abs() < 1e-9);
        assert!((scaled(Some(Scale::Standardize))[0] + 45.0 / 33.541_02).abs() < 1e-5);
        let own = scaled(Some(Scale::Samplewise));
        for image in own.chunks(6) {
            assert!(image.iter().sum::<f32>().abs() < 1e-5);
            assert!((image.iter().map(|v| v * v).sum::<f32>() / 6.0 - 1.0).abs() < 1e-5);
        }
    }

    #[test]
    fn labels_become_rows() {
        let (batch, layout) = batch();
        let y = |arrays: Arrays| {
            let mut out = Vec::new();
            arrays.append_y(&batch, &layout, &mut out);
            out
        };
        assert_eq!(y(Arrays::PLAIN), [2, 0]);
        assert_eq!(y(Arrays { one_hot: true, ..Arrays::PLAIN }), [0, 0, 1, 1, 0, 0]);
        let float = y(Arrays { one_hot: true, dtype: Dtype::F32, ..Arrays::PLAIN });
        assert_eq!(floats(&float), [0.0, 0.0, 1.0, 1.0, 0.0, 0.0]);
    }

    #[test]
    fn what_cannot_be_said_is_refused() {
        let of = |options: Options| Arrays::of("npz", &options, None);
        assert_eq!(of(Options::default()), Ok(Arrays::PLAIN));
        let scaled = Options { scale: Some(Scale::Unit), ..Options::default() };
        assert!(of(scaled.clone()).unwrap_err().help.contains("--dtype f32"));
        assert!(of(Options { dtype: Some(Dtype::F32), ..scaled }).is_ok());
        assert!(of(Options { flatten: true, channels_first: true, ..Options::default() }).is_err());
    }

    /// Whatever arrays look like, they are read back as they were.
    #[test]
    fn all_forms_are_read_back() {
        let (batch, layout) = batch();
        let mut moments = Moments::default();
        moments.take(&batch.x, 3);
        let spool = |bytes: &[u8]| Spool::Memory(bytes.to_vec().into());
        for dtype in [Dtype::U8, Dtype::F32, Dtype::F64] {
            for scale in [None, Some(Scale::Unit), Some(Scale::Minmax), Some(Scale::Standardize)] {
                for (one_hot, channels_first) in [(false, false), (true, true)] {
                    if dtype == Dtype::U8 && scale.is_some() {
                        continue;
                    }
                    let arrays = Arrays { dtype, scale, one_hot, channels_first, ..Arrays::PLAIN };
                    let constants = moments.constants(scale, 3);
                    let (mut room, mut y) = (Vec::new(), Vec::new());
                    let x = spool(arrays.x(&batch, &layout, &constants, &mut room));
                    arrays.append_y(&batch, &layout, &mut y);
                    let split = SplitOf { name: "train", rows: 2, layout: &layout };
                    let columns = arrays.columns(Path::new("x"), &split, Some(&constants), |array| {
                        Ok(if array.part == Part::X { x.clone() } else { spool(&y) })
                    });
                    let columns = columns.unwrap();
                    let (mut x, mut y) = (vec![0; batch.x.len()], vec![0; 2]);
                    columns.x.read_at(0, &mut x).unwrap();
                    columns.y.read_at(0, &mut y).unwrap();
                    assert_eq!((&x, &y), (&batch.x, &batch.y), "{arrays:?}");
                }
            }
        }
    }
}
