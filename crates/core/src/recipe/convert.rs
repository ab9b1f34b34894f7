//! Images of another source turned over, in gray, or of another size.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Node, Recipe};

/// The longest side that images are brought to.
const LONGEST: usize = 32_768;
/// The most pixels that images are brought to.
const MOST_PIXELS: usize = 1 << 28;

/// Images in gray, or of another size.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Convert {
    /// The images.
    pub of: Box<Recipe>,
    /// What becomes of them.
    #[serde(flatten)]
    pub to: Options,
}

impl Node for Convert {
    fn children(&self) -> &[Recipe] {
        std::slice::from_ref(&self.of)
    }

    fn children_mut(&mut self) -> &mut [Recipe] {
        std::slice::from_mut(&mut self.of)
    }

    fn makes_copies(&self) -> bool {
        false
    }

    fn seed(&self) -> Option<u64> {
        None
    }
}

/// Height and width in pixels, as `--resize 400x500` gives them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Size {
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
}

impl std::str::FromStr for Size {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let side = |text: &str| text.parse().ok().filter(|n| (1..=LONGEST).contains(n));
        text.split_once(['x', 'X', ','])
            .or(Some((text, text)))
            .and_then(|(height, width)| Some(Self { height: side(height)?, width: side(width)? }))
            .filter(|size| size.height * size.width <= MOST_PIXELS)
            .ok_or_else(|| {
                format!(
                    "expected height x width from 1x1 to {LONGEST}x8192, for instance 28x28; found {text:?}"
                )
            })
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{}", self.height, self.width)
    }
}

super::said_as_text!(Size);

/// What becomes of images.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Options {
    /// Rows become columns, before all else: EMNIST's files, as they were published, hold images that lie on their side.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub transpose: bool,
    /// Colors become gray, in one channel: (9798 R + 19235 G + 3735 B + 16384) >> 15, the exact one of the gray kernels.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub gray: bool,
    /// All are brought to this size, each axis by itself: the mean over the area that a pixel covers where it shrinks, linear between
    /// pixel centers where it grows. Both go well with photos; neither rings nor aliases.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resize: Option<Size>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_understood_and_printed() {
        assert_eq!("400x500".parse::<Size>().unwrap(), Size { height: 400, width: 500 });
        assert_eq!("3X4".parse::<Size>().unwrap().to_string(), "3x4");
        assert_eq!(["28", "28,28"].map(|side| side.parse::<Size>().unwrap().to_string()), ["28x28", "28x28"]);
        for bad in ["", "0", "28,", "0x5", "5x0", "x", "28x28x3", "99999x1", "-1x4", "32768x32768"] {
            assert!(bad.parse::<Size>().is_err(), "{bad}");
        }
    }
}
