//! Samples as the arrays of a whole split: what `x` and `y` look like in NPZ, NPY, IDX, CSV and safetensors files that other
//! programs open as they are.
//!
//! A split is encoded block by block; the blocks follow each other in the file.

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

use crate::base::{LabelKind, Shape};

use super::csv::CsvLayout;
use super::{Batch, Layout};

/// What kind of file the arrays go into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Container {
    /// One zip file, `data.npz`, with all splits.
    Npz,
    /// A `.npy` file for each array.
    Npy,
    /// Text, one line a sample.
    Csv(CsvLayout),
    /// Files of images and of labels, as MNIST has them.
    Idx,
    /// One file, `data.safetensors`, with all splits.
    Safetensors,
}

/// Type of the values of `x`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Dtype {
    /// Pixels as they are, 0 to 255.
    U8,
    /// 32-bit floats.
    F32,
    /// 64-bit floats.
    F64,
}

impl Dtype {
    /// The type as NumPy spells it.
    #[must_use]
    pub fn descr(self) -> &'static str {
        match self {
            Self::U8 => "|u1",
            Self::F32 => "<f4",
            Self::F64 => "<f8",
        }
    }

    /// The type as safetensors spells it.
    #[must_use]
    pub fn tensor(self) -> &'static str {
        match self {
            Self::U8 => "U8",
            Self::F32 => "F32",
            Self::F64 => "F64",
        }
    }

    /// Bytes of a value.
    #[must_use]
    pub fn size(self) -> usize {
        match self {
            Self::U8 => 1,
            Self::F32 => 4,
            Self::F64 => 8,
        }
    }

    fn append(self, value: f64, out: &mut Vec<u8>) {
        match self {
            Self::U8 => out.push(value as u8),
            Self::F32 => out.extend((value as f32).to_le_bytes()),
            Self::F64 => out.extend(value.to_le_bytes()),
        }
    }
}

/// How floats are made of pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Scale {
    /// x / 255.
    #[serde(rename = "0-1")]
    Unit,
    /// (x - min) / (max - min), over the first split.
    #[serde(rename = "minmax")]
    Minmax,
    /// (x - mean) / (std + 1e-6) for each channel, over the first split: Keras' featurewise center and deviation.
    #[serde(rename = "standardize")]
    Standardize,
    /// The same for each image by itself, over all of its values: Keras' samplewise center and deviation.
    #[serde(rename = "samplewise")]
    Samplewise,
}

impl Scale {
    /// Whether its constants come from the images.
    #[must_use]
    pub fn needs_a_pass(self) -> bool {
        matches!(self, Self::Minmax | Self::Standardize)
    }
}

/// Keras adds this to deviations before it divides by them.
const EPSILON: f64 = 1e-6;

/// How arrays are called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Keys {
    /// `x_train`, `y_train`, `x_test`, ... as in `keras.datasets`.
    Keras,
    /// `train_x`, `train_y`, `test_x`, ...
    SplitFirst,
}

/// Arrays of whole splits, in files.
#[expect(clippy::struct_excessive_bools, reason = "they are switches of the command line, each by itself")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arrays {
    /// The kind of file.
    pub container: Container,
    /// Deflate level of NPZ entries, or of gzip around CSV and IDX files; none: as they are.
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

/// What turns pixels into floats: (x - subtract\[c\]) / divide\[c\] for channel c.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Constants {
    /// One number for each channel.
    pub subtract: Vec<f64>,
    /// One number for each channel.
    pub divide: Vec<f64>,
}

/// Sums over many images, exact and independent of their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Moments {
    channels: [Moment; 3],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Moment {
    count: u64,
    sum: u64,
    squares: u64,
    least: u8,
    most: u8,
}

impl Default for Moment {
    fn default() -> Self {
        Self { count: 0, sum: 0, squares: 0, least: 255, most: 0 }
    }
}

impl Moment {
    fn take(&mut self, value: u8) {
        self.count += 1;
        self.sum += u64::from(value);
        self.squares += u64::from(value) * u64::from(value);
        self.least = self.least.min(value);
        self.most = self.most.max(value);
    }

    fn add(&mut self, other: &Self) {
        self.count += other.count;
        self.sum += other.sum;
        self.squares += other.squares;
        self.least = self.least.min(other.least);
        self.most = self.most.max(other.most);
    }

    fn mean(&self) -> f64 {
        self.sum as f64 / self.count.max(1) as f64
    }

    /// The deviation (of the whole, not of a sample). The difference of squares is taken in integers, where nothing cancels.
    fn deviation(&self) -> f64 {
        let n = u128::from(self.count.max(1));
        let spread = n * u128::from(self.squares) - u128::from(self.sum) * u128::from(self.sum);
        (spread as f64).sqrt() / n as f64
    }
}

impl Moments {
    /// Takes pixels of `channels` interleaved channels in.
    pub fn take(&mut self, pixels: &[u8], channels: usize) {
        if let [gray, ..] = &mut self.channels
            && channels == 1
        {
            for &value in pixels {
                gray.take(value);
            }
            return;
        }
        for pixel in pixels.as_chunks::<3>().0 {
            self.channels.iter_mut().zip(pixel).for_each(|(moment, &value)| moment.take(value));
        }
    }

    /// Adds another range's.
    pub fn add(&mut self, other: &Self) {
        self.channels.iter_mut().zip(&other.channels).for_each(|(own, other)| own.add(other));
    }

    /// The constants for a way of scaling images of so many channels.
    #[must_use]
    pub fn constants(&self, scale: Option<Scale>, channels: usize) -> Constants {
        let channels = &self.channels[..channels];
        let all = |value: f64| vec![value; channels.len()];
        match scale {
            None | Some(Scale::Samplewise) => Constants { subtract: all(0.0), divide: all(1.0) },
            Some(Scale::Unit) => Constants { subtract: all(0.0), divide: all(255.0) },
            Some(Scale::Minmax) => {
                let least = channels.iter().map(|m| m.least).min().unwrap_or(0);
                let most = channels.iter().map(|m| m.most).max().unwrap_or(255);
                Constants {
                    subtract: all(f64::from(least)),
                    divide: all(f64::from(most.saturating_sub(least).max(1))),
                }
            }
            Some(Scale::Standardize) => Constants {
                subtract: channels.iter().map(Moment::mean).collect(),
                divide: channels.iter().map(|m| m.deviation() + EPSILON).collect(),
            },
        }
    }
}

impl Arrays {
    /// Whether samples of this layout can be written so; says why not, and what helps.
    ///
    /// # Errors
    /// The reason and the remedy.
    pub fn check(&self, layout: &Layout) -> Result<(), (String, String)> {
        let no = |why: &str, help: &str| Err((why.to_owned(), help.to_owned()));
        let float = self.dtype != Dtype::U8;
        if self.scale.is_some() && !float {
            return no("--scale makes floats, and --dtype u8 has none", "add --dtype f32");
        }
        match self.container {
            Container::Idx if layout.shape.channels == 3 => no(
                "IDX readers, torchvision's among them, take gray images only (three dimensions)",
                "add --gray, or choose another --format",
            ),
            Container::Idx if layout.labels == LabelKind::MultiHot => no(
                "an IDX file of labels has one class for each image",
                "choose another --format, such as npz",
            ),
            Container::Idx | Container::Csv(_) if float => {
                no("floats go into npz, npy and safetensors", "leave --dtype out, or choose another --format")
            }
            Container::Idx | Container::Csv(_)
                if self.one_hot || self.flatten || self.add_channel || self.channels_first =>
            {
                no(
                    "--one-hot, --flatten, --add-channel and --channels-first are for npz, npy and safetensors",
                    "leave them out, or choose another --format",
                )
            }
            _ if self.flatten && (self.add_channel || self.channels_first) => no(
                "--flatten leaves no channels to place",
                "leave out --flatten, or --add-channel and --channels-first",
            ),
            _ => Ok(()),
        }
    }

    /// Whether samples are written as they lie in memory.
    fn is_plain(&self, shape: Shape) -> bool {
        self.dtype == Dtype::U8 && (!self.channels_first || shape.channels == 1)
    }

    /// Axes of `x` after the first.
    #[must_use]
    pub fn x_axes(&self, shape: Shape) -> Vec<usize> {
        let Shape { height, width, channels } = shape;
        if self.flatten {
            vec![shape.bytes()]
        } else if channels == 1 && !self.add_channel && !self.channels_first {
            vec![height, width]
        } else if self.channels_first {
            vec![channels, height, width]
        } else {
            vec![height, width, channels]
        }
    }

    /// Axes of `y` after the first.
    #[must_use]
    pub fn y_axes(&self, layout: &Layout) -> Vec<usize> {
        match layout.labels {
            LabelKind::Class if !self.one_hot => vec![],
            _ => vec![layout.classes],
        }
    }

    /// Type of `y`: class ids are bytes, rows of 0 and 1 what `x` is when one-hot rows were asked for.
    #[must_use]
    pub fn y_dtype(&self) -> Dtype {
        if self.one_hot { self.dtype } else { Dtype::U8 }
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
        if let Container::Csv(csv) = self.container {
            room.clear();
            csv.rows_x(batch, layout, 0..batch.rows, room);
            return room;
        }
        if self.is_plain(layout.shape) {
            return &batch.x;
        }
        room.clear();
        room.reserve(batch.x.len() * self.dtype.size());
        let tables: Vec<[f64; 256]> = (0..layout.shape.channels)
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
                self.append_image(image, layout.shape, &vec![table; layout.shape.channels], room);
            } else {
                self.append_image(image, layout.shape, &tables, room);
            }
        }
        room
    }

    fn append_image(&self, image: &[u8], shape: Shape, tables: &[[f64; 256]], out: &mut Vec<u8>) {
        let channels = shape.channels;
        if self.channels_first && channels > 1 {
            for (c, table) in tables.iter().enumerate() {
                for &value in image[c..].iter().step_by(channels) {
                    self.dtype.append(table[usize::from(value)], out);
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
        if let Container::Csv(csv) = self.container {
            if csv.splits_labels() {
                csv.rows_y(batch, layout, 0..batch.rows, out);
            }
            return;
        }
        let dtype = self.y_dtype();
        match layout.labels {
            LabelKind::Class if self.one_hot => {
                for &class in &batch.y {
                    for k in 0..layout.classes {
                        dtype.append(f64::from(u8::from(k == usize::from(class))), out);
                    }
                }
            }
            _ if dtype == Dtype::U8 => out.extend(&batch.y),
            _ => batch.y.iter().for_each(|&flag| dtype.append(f64::from(flag), out)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(container: Container) -> Arrays {
        Arrays {
            container,
            packed: None,
            dtype: Dtype::U8,
            scale: None,
            one_hot: false,
            flatten: false,
            add_channel: false,
            channels_first: false,
            keys: Keys::Keras,
        }
    }

    /// Two images of 1x2x3 and the classes 2 and 0.
    fn batch() -> (Batch, Layout) {
        let layout = Layout { shape: Shape::new(1, 2, 3), labels: LabelKind::Class, classes: 3, grid: None };
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
        let color = Shape::new(2, 5, 3);
        let gray = Shape::new(2, 5, 1);
        let of = |change: fn(&mut Arrays), shape| {
            let mut arrays = plain(Container::Npz);
            change(&mut arrays);
            arrays.x_axes(shape)
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
    fn channels_first_puts_planes_one_after_the_other() {
        let (batch, layout) = batch();
        let arrays = Arrays { channels_first: true, ..plain(Container::Npy) };
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
            let arrays = Arrays { dtype: Dtype::F32, scale, ..plain(Container::Npz) };
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
        assert_eq!(y(plain(Container::Npz)), [2, 0]);
        assert_eq!(y(Arrays { one_hot: true, ..plain(Container::Npz) }), [0, 0, 1, 1, 0, 0]);
        let float = y(Arrays { one_hot: true, dtype: Dtype::F32, ..plain(Container::Npz) });
        assert_eq!(floats(&float), [0.0, 0.0, 1.0, 1.0, 0.0, 0.0]);
    }

    #[test]
    fn what_cannot_be_said_is_refused() {
        let (_, layout) = batch();
        assert!(plain(Container::Idx).check(&layout).is_err());
        assert!(plain(Container::Npz).check(&layout).is_ok());
        let scaled = Arrays { scale: Some(Scale::Unit), ..plain(Container::Npz) };
        assert!(scaled.check(&layout).unwrap_err().1.contains("--dtype f32"));
        let csv = Arrays { dtype: Dtype::F32, ..plain(Container::Csv(CsvLayout::Pandas)) };
        assert!(csv.check(&layout).is_err());
        let both = Arrays { flatten: true, channels_first: true, ..plain(Container::Npz) };
        assert!(both.check(&layout).is_err());
    }
}
