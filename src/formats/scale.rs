//! Pixels as floats: types, how they are scaled, and the constants that this takes.

use serde::{Deserialize, Serialize};

/// Type of the values of `x`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
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

    /// All of them, by the names that they have on the command line.
    pub const NAMES: [(&'static str, Self); 3] = [("u8", Self::U8), ("f32", Self::F32), ("f64", Self::F64)];

    /// Bytes of a value.
    #[must_use]
    pub fn size(self) -> usize {
        match self {
            Self::U8 => 1,
            Self::F32 => 4,
            Self::F64 => 8,
        }
    }

    /// The value that `append` made these bytes of.
    pub(super) fn value(self, bytes: &[u8]) -> f64 {
        match (self, bytes) {
            (Self::F32, &[a, b, c, d]) => f64::from(f32::from_le_bytes([a, b, c, d])),
            (Self::F64, &[a, b, c, d, e, f, g, h]) => f64::from_le_bytes([a, b, c, d, e, f, g, h]),
            (Self::U8 | Self::F32 | Self::F64, _) => f64::from(bytes[0]),
        }
    }

    pub(super) fn append(self, value: f64, out: &mut Vec<u8>) {
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
pub(super) const EPSILON: f64 = 1e-6;

/// What turns pixels into floats: (x - subtract\[c\]) / divide\[c\] for channel c.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Constants {
    /// One number for each channel.
    pub subtract: Vec<f64>,
    /// One number for each channel.
    pub divide: Vec<f64>,
}

impl Constants {
    /// Whether there are constants, and usable ones, for so many channels.
    #[must_use]
    pub fn fit(&self, channels: usize) -> bool {
        let good = |list: &[f64]| list.len() == channels && list.iter().all(|value| value.is_finite());
        good(&self.subtract) && good(&self.divide)
    }
}

/// Sums over many images, exact and independent of their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Moments {
    channels: [Moment; 3],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Moment {
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
    pub(super) fn take(&mut self, value: u8) {
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

    pub(super) fn mean(&self) -> f64 {
        self.sum as f64 / self.count.max(1) as f64
    }

    /// The deviation (of the whole, not of a sample). The difference of squares is taken in integers, where nothing cancels.
    pub(super) fn deviation(&self) -> f64 {
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
