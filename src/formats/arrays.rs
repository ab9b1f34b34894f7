//! Samples as the arrays of a whole split: what `x` and `y` look like in the formats that hold arrays of any type, and how these are
//! read back. A split is encoded block by block; the blocks follow each other in the file.

use std::io::Write;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::base::sample::frame;
use crate::base::{Fault, LabelKind, Shape};

use super::columns::{Broken, Columns, MASKS, TRUTH};
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

    /// Name of the array of a split with the masks.
    #[must_use]
    pub fn masks(self, split: &str) -> String {
        match self {
            Self::Keras => format!("{MASKS}_{split}"),
            Self::SplitFirst | Self::Images => format!("{split}_{MASKS}"),
        }
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

    /// The arrays of a split: images, labels, masks, and a column of truth each.
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
        if layout.masks {
            arrays.push(Array {
                name: self.keys.masks(split.name),
                part: Part::Masks,
                of: Of::Values(Dtype::U8),
                axes: axes(vec![layout.shape.height, layout.shape.width]),
            });
        }
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
        let mut columns = Columns::empty();
        for array in self.arrays(split) {
            let values = open(&array)?;
            match array.part {
                Part::X => columns.x = self.pixels(path, values, layout, rows, constants)?,
                Part::Y => columns.y = self.labels(path, values, layout, rows)?,
                Part::Masks => columns.mask = Some(values),
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
mod tests;
