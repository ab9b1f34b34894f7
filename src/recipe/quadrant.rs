//! Images in the cells of a canvas.

use serde::{Deserialize, Serialize};

use crate::base::Grid;

use super::{Node, Recipe};

/// Images in the cells of a canvas.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quadrant {
    /// The images.
    pub of: Box<Recipe>,
    /// The rest.
    pub options: Options,
}

impl Node for Quadrant {
    fn children(&self) -> &[Recipe] {
        std::slice::from_ref(&self.of)
    }

    fn children_mut(&mut self) -> &mut [Recipe] {
        std::slice::from_mut(&mut self.of)
    }

    fn makes_copies(&self) -> bool {
        true
    }

    fn seed(&self) -> Option<u64> {
        Some(self.options.seed)
    }
}

/// Numbers of objects, `lo..=hi`, as `--objects 0-4` gives them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Objects {
    /// Fewest.
    pub lo: usize,
    /// Most.
    pub hi: usize,
}

impl Objects {
    /// One object for each image: output `i` shows image `i`, and keeps its class label.
    pub const ONE: Self = Self { lo: 1, hi: 1 };
}

impl std::str::FromStr for Objects {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = |text: &str| {
            text.trim()
                .parse()
                .map_err(|_| format!("expected a number or a range such as 0-4; found {text:?}"))
        };
        let (lo, hi) = match text.split_once('-') {
            Some((lo, hi)) => (number(lo)?, number(hi)?),
            None => (number(text)?, number(text)?),
        };
        if lo > hi {
            return Err(format!("the range {text} is reversed; write {hi}-{lo}"));
        }
        if hi == 0 {
            return Err("expected room for at least one object; found 0".into());
        }
        Ok(Self { lo, hi })
    }
}

impl TryFrom<String> for Objects {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Objects> for String {
    fn from(objects: Objects) -> Self {
        if objects.lo == objects.hi {
            objects.lo.to_string()
        } else {
            format!("{}-{}", objects.lo, objects.hi)
        }
    }
}

/// What decides the compositions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Options {
    /// Cells of the canvas.
    pub grid: Grid,
    /// How many objects.
    pub objects: Objects,
    /// How many outputs; as many as there are images where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// The seed.
    pub seed: u64,
}
