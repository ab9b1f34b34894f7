//! The shape of one image.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What the values of a pixel are. In files it is their number, 1 or 3.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "usize", try_from = "usize")]
pub enum Channels {
    /// One gray level.
    Gray,
    /// Red, green and blue.
    Rgb,
}

impl Channels {
    /// Values in a pixel.
    #[must_use]
    pub const fn count(self) -> usize {
        match self {
            Self::Gray => 1,
            Self::Rgb => 3,
        }
    }

    /// The channels of which there are so many; none but 1 and 3.
    #[must_use]
    pub const fn of(count: usize) -> Option<Self> {
        match count {
            1 => Some(Self::Gray),
            3 => Some(Self::Rgb),
            _ => None,
        }
    }

    /// RGB, or gray.
    #[must_use]
    pub const fn colored(is: bool) -> Self {
        if is { Self::Rgb } else { Self::Gray }
    }
}

impl From<Channels> for usize {
    fn from(channels: Channels) -> Self {
        channels.count()
    }
}

impl TryFrom<usize> for Channels {
    type Error = String;

    fn try_from(count: usize) -> Result<Self, String> {
        Self::of(count).ok_or_else(|| format!("expected 1 (gray) or 3 (RGB) channels, found {count}"))
    }
}

/// Height x width x channels of an image, in pixels; pixels are interleaved `u8`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Shape {
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
    /// What a pixel's values are.
    #[serde(rename = "channels")]
    #[schemars(with = "usize")]
    pub kind: Channels,
}

impl Shape {
    /// A shape from rows, columns and channels.
    #[must_use]
    pub const fn new(height: usize, width: usize, kind: Channels) -> Self {
        Self { height, width, kind }
    }

    /// A gray image.
    #[must_use]
    pub const fn gray(height: usize, width: usize) -> Self {
        Self::new(height, width, Channels::Gray)
    }

    /// An RGB image.
    #[must_use]
    pub const fn rgb(height: usize, width: usize) -> Self {
        Self::new(height, width, Channels::Rgb)
    }

    /// Values in a pixel: 1 or 3.
    #[must_use]
    pub const fn channels(self) -> usize {
        self.kind.count()
    }

    /// Rows times columns.
    #[must_use]
    pub const fn pixels(self) -> usize {
        self.height * self.width
    }

    /// Bytes of one image of this shape.
    #[must_use]
    pub const fn bytes(self) -> usize {
        self.height * self.width * self.channels()
    }

    /// Values in one row.
    #[must_use]
    pub const fn stride(self) -> usize {
        self.width * self.channels()
    }

    /// Rows as columns.
    #[must_use]
    pub const fn transposed(self) -> Self {
        Self { height: self.width, width: self.height, ..self }
    }

    /// The same rows and columns with these channels.
    #[must_use]
    pub const fn with_kind(self, kind: Channels) -> Self {
        Self { kind, ..self }
    }

    /// The same rows and columns in gray.
    #[must_use]
    pub const fn as_gray(self) -> Self {
        self.with_kind(Channels::Gray)
    }

    /// The same rows and columns in RGB.
    #[must_use]
    pub const fn as_rgb(self) -> Self {
        self.with_kind(Channels::Rgb)
    }

    /// Bytes of one image, or `None` where the product does not fit; for shapes read from files.
    #[must_use]
    pub fn checked_bytes(self) -> Option<usize> {
        self.height.checked_mul(self.width)?.checked_mul(self.channels())
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{}x{}", self.height, self.width, self.channels())
    }
}
