//! Images in the cells of a canvas.

use serde::{Deserialize, Serialize};

use crate::base::Grid;

use super::stage::{Pipelines, Stage, StageError, said};
use super::{Node, Recipe, Within};

/// Images in the cells of a canvas.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
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
    /// Whether samples say which pixels are the ink of which object.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub masks: bool,
    /// The seed.
    pub seed: u64,
}

/// A number of compositions.
pub type Count = Within<1, { 1 << 40 }>;

/// Rows and columns of a canvas, as `--grid 2x2` gives them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cells(pub Grid);

impl Default for Cells {
    fn default() -> Self {
        Self(Grid { rows: 2, columns: 2 })
    }
}

impl std::str::FromStr for Cells {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let side = |text: &str| text.parse().ok().filter(|n| (1..=32).contains(n));
        text.split_once(['x', 'X'])
            .and_then(|(rows, columns)| Some(Self(Grid { rows: side(rows)?, columns: side(columns)? })))
            .ok_or_else(|| {
                format!("expected rows x columns from 1x1 to 32x32, for instance 2x2; found {text:?}")
            })
    }
}

/// What the stage of a recipe file may say.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Keys {
    #[serde(deserialize_with = "said")]
    objects: Option<Objects>,
    #[serde(deserialize_with = "said")]
    grid: Option<Cells>,
    count: Option<Count>,
    masks: bool,
    seed: u64,
}

/// Reads the stage of a recipe file.
pub(super) fn stage(stage: &Stage, of: Recipe, _: &mut dyn Pipelines) -> Result<Recipe, StageError> {
    let Keys { objects, grid, count, masks, seed } = stage.read()?;
    let options = Options {
        grid: grid.unwrap_or_default().0,
        objects: objects.unwrap_or(Objects::ONE),
        count: count.map(Within::get),
        masks,
        seed,
    };
    Ok(Quadrant { of: Box::new(of), options }.into())
}
