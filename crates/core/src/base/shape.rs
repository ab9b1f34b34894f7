//! The shape of one image.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What the values of a pixel are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channels {
    /// One gray level.
    Gray,
    /// Red, green and blue.
    Rgb,
}

/// Height x width x channels of an image, in pixels; pixels are interleaved `u8`.
///
/// Channels are 1 (gray) or 3 (RGB).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Shape {
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
    /// Values per pixel: 1 or 3.
    pub channels: usize,
}

impl Shape {
    /// A shape from rows, columns and channels.
    #[must_use]
    pub const fn new(height: usize, width: usize, channels: usize) -> Self {
        Self { height, width, channels }
    }

    /// Rows times columns.
    #[must_use]
    pub const fn pixels(self) -> usize {
        self.height * self.width
    }

    /// Bytes of one image of this shape.
    #[must_use]
    pub const fn bytes(self) -> usize {
        self.height * self.width * self.channels
    }

    /// Values in one row.
    #[must_use]
    pub const fn stride(self) -> usize {
        self.width * self.channels
    }

    /// Gray or color.
    ///
    /// # Panics
    /// If the number of channels is neither 1 nor 3.
    #[must_use]
    pub const fn kind(self) -> Channels {
        match self.channels {
            1 => Channels::Gray,
            3 => Channels::Rgb,
            _ => panic!("an image has 1 or 3 channels"),
        }
    }

    /// Rows as columns.
    #[must_use]
    pub const fn transposed(self) -> Self {
        Self { height: self.width, width: self.height, ..self }
    }

    /// The same rows and columns with another number of channels.
    #[must_use]
    pub const fn with_channels(self, channels: usize) -> Self {
        Self { channels, ..self }
    }

    /// Bytes of one image, or `None` where the product does not fit; for shapes read from files.
    #[must_use]
    pub fn checked_bytes(self) -> Option<usize> {
        self.height.checked_mul(self.width)?.checked_mul(self.channels)
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{}x{}", self.height, self.width, self.channels)
    }
}
